"""YAML, the format people write."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from journeymap.errors import FileFormatError, InvalidJourneyError
from journeymap.formats.document import Document, Place
from journeymap.formats.plain import is_flat, plain_journey
from journeymap.model.journey import Journey

__all__ = ["parse_yaml", "yaml_text"]

_MOST_VALUES = 200_000
_ENDLESS = 1_000_000
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_TAG + kind for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}


def parse_yaml(text: str, file: str) -> Document:
    """Read YAML into plain values; no tag ever constructs an object.

    Parameters
    ----------
    text : str
        The YAML text.
    file : str
        The file's name, for messages.

    Returns
    -------
    Document
        The values with their lines.

    Raises
    ------
    FileFormatError
        The text is no YAML, or uses tags, merge keys, repeated keys, or aliases that multiply without end.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except YAMLError as error:
        raise _bad_syntax(error, text, file) from error
    except RecursionError as error:
        raise FileFormatError.because("the values are nested too deeply.", where=file) from error
    if root is None:
        raise FileFormatError.because(
            "the file holds only comments.",
            expected="Expected a journey.",
            hint="journeymap new writes a commented template",
            where=file,
        )
    _refuse_explosion(root, file)
    return Document(file, _plain(root, yaml, file), lambda place: _line(root, place))


def _bad_syntax(error: YAMLError, text: str, file: str) -> FileFormatError:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    start = error.context_mark if isinstance(error, MarkedYAMLError) else None
    where = f"{file}:{mark.line + 1}" if mark else file
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", "") or "no YAML")
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    hint = None
    if "\\t" in problem or "\t" in line[: mark.column + 1 if mark else 0]:
        problem, hint = "a tab stands where YAML wants spaces", "indent with spaces"
    elif "mapping values are not allowed" in problem:
        problem = "a second colon, or a line indented differently from the one before"
        hint = "put text that contains ': ' in quotes, and indent the keys of one value alike"
    elif "another document" in problem:
        problem, hint = "a second document begins here", "keep one journey in one file"
    elif "undefined alias" in problem:
        hint = "put text that begins with '*' in quotes"
    elif "cannot start any token" in problem:
        hint = "put text that begins with a special character in quotes"
    elif start and ("end of stream" in problem or "stream end" in problem):
        where = f"{file}:{start.line + 1}"
        problem, hint = "a quote or a bracket is opened here and never closed", "close it"
    return FileFormatError.because(
        f"this is no valid YAML: {problem}.", expected="Expected a journey.", hint=hint, where=where
    )


def _refuse_explosion(root: Node, file: str) -> None:
    """Aliases of aliases multiply: count what they stand for before building it."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: Node) -> int:
        if id(node) in open_nodes:
            raise FileFormatError.because(
                f"the alias '*{node.anchor}' stands inside its own anchor.",
                hint="write the value out",
                where=f"{file}:{node.start_mark.line + 1}",
            )
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(size(child) for child in _children(node))
            open_nodes.discard(id(node))
        return sizes[id(node)]

    if size(root) > _MOST_VALUES:
        raise FileFormatError.because(
            f"with its aliases the file stands for {size(root):.3g} values.",
            expected=f"Expected at most {_MOST_VALUES:,}.",
            hint="write large journeys as JSON",
            where=file,
        )


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _plain(node: Node, yaml: YAML, file: str) -> Any:
    where = f"{file}:{node.start_mark.line + 1}"
    if node.tag not in _PLAIN_TAGS:
        raise FileFormatError.because(
            f"the tag {str(node.tag).replace(_TAG, '!!')!r} has no meaning here.",
            expected="Expected plain text, numbers, lists and mappings.",
            hint="leave it out",
            where=where,
        )
    if isinstance(node, SequenceNode):
        return [_plain(child, yaml, file) for child in node.value]
    if isinstance(node, MappingNode):
        return _plain_mapping(node, yaml, file)
    # a date is a word here: touchpoints may well be called after one
    return str(node.value) if node.tag == _TAG + "timestamp" else yaml.constructor.construct_object(node)


def _plain_mapping(node: MappingNode, yaml: YAML, file: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode) or key.tag == _TAG + "merge":
            raise FileFormatError.because(
                "a key that is no text." if not isinstance(key, ScalarNode) else "the merge key '<<'.",
                expected="Expected a word followed by a colon.",
                hint="write the keys out" if isinstance(key, ScalarNode) else None,
                where=f"{file}:{line}",
            )
        if key.value in lines:
            raise FileFormatError.because(
                f"the key {key.value!r} stands twice; it is also on line {lines[key.value]}.",
                hint="keep one of the two",
                where=f"{file}:{line}",
            )
        lines[key.value] = line
        found[str(key.value)] = _plain(value, yaml, file)
    return found


def _line(root: Node, place: Place) -> int:
    node = root
    line = int(root.start_mark.line)
    for item in place:
        if isinstance(node, MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == item]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line, pairs[0][1]
        elif isinstance(node, SequenceNode) and isinstance(item, int) and item < len(node.value):
            node = node.value[item]
            line = node.start_mark.line
        else:
            break
    return line + 1


def yaml_text(journey: Journey, file: str) -> str:
    """Write a designed journey as YAML, in stable order and with a blank line between its parts.

    Parameters
    ----------
    journey : Journey
        A designed journey.
    file : str
        The file's name, for messages.

    Returns
    -------
    str
        The YAML text.

    Raises
    ------
    InvalidJourneyError
        The journey is observed, or carries answers or contacts: their counts would fill thousands of lines.
    """
    if journey.origin == "observed" or journey.observation or journey.evidence:
        raise InvalidJourneyError.because(
            f"the journey {journey.name!r} was observed, and its counts do not belong in YAML.",
            expected="Expected a designed journey.",
            hint="use a file name that ends in .json",
            where=file,
        )
    for what in ("answers", "contacts"):
        if getattr(journey, what) is not None:
            raise InvalidJourneyError.because(
                f"the journey {journey.name!r} carries {what}, and their counts do not belong in YAML.",
                expected=f"Expected a designed journey without {what}.",
                hint="use a file name that ends in .json",
                where=file,
            )
    parts: list[str] = []
    for key, value in plain_journey(journey).items():
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            items = [_dumped([item], on_one_line=key == "transitions") for item in value]
            roomy = key in {"touchpoints", "personas"}
            parts.append(f"{key}:\n" + ("\n" if roomy else "").join(items))
        else:
            text = _dumped({key: value})
            # the short facts at the top stay together, everything else gets room
            parts[-1:] = [parts[-1] + text] if parts and key in _HEAD else [*parts[-1:], text]
    return "\n".join(parts)


_MARKS = ("---", "...", "?", ":")
_HEAD = {"format", "name", "description", "state", "origin", "goal", "lost_after"}


def _dumped(value: Any, *, on_one_line: bool = False) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = _ENDLESS  # folded lines make restless diffs
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_styled(value, on_one_line=on_one_line), stream)
    return stream.getvalue()


def _styled(value: Any, *, on_one_line: bool = False) -> Any:
    if isinstance(value, dict):
        keys = CommentedMap({key: _styled(part) for key, part in value.items()})
        if on_one_line or set(value) == {"event", "channel"}:
            keys.fa.set_flow_style()
        return keys
    if isinstance(value, list):
        items = CommentedSeq([_styled(part, on_one_line=on_one_line) for part in value])
        if is_flat(value):
            items.fa.set_flow_style()
        return items
    return _styled_text(value) if isinstance(value, str) else value


def _styled_text(text: str) -> Any:
    """Leave ordinary words alone; keep paragraphs as blocks; quote whatever a YAML reader could misread."""
    lines = text.removesuffix("\n").split("\n")
    if any(not line.isprintable() or line != line.strip() for line in lines):
        return DoubleQuotedScalarString(text)
    if len(lines) > 1 and all(lines):
        return LiteralScalarString(text)
    # within brackets "? " begins a key and ": " a value
    return DoubleQuotedScalarString(text) if "\n" in text or text.startswith(_MARKS) else text
