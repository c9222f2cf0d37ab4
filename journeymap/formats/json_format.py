"""JSON, the format programs write: also observed journeys with their evidence."""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError
from typing import Any, NoReturn

from pydantic_core import from_json

from journeymap.errors import FileFormatError
from journeymap.formats.document import Document, Place
from journeymap.formats.plain import plain_journey
from journeymap.model.journey import Journey

__all__ = ["json_text", "parse_json"]

_SPACE = re.compile(r"[ \t\n\r]*")
_SPACED_KEY = re.compile(r'"[ \t\n\r]+:')
_DECODER = json.JSONDecoder()


def parse_json(text: str, file: str) -> Document:
    """Read JSON into plain values.

    Parameters
    ----------
    text : str
        The JSON text.
    file : str
        The file's name, for messages.

    Returns
    -------
    Document
        The values; lines are looked up only when asked for.

    Raises
    ------
    FileFormatError
        The text is no JSON, has a key twice, or holds NaN or Infinity.
    """
    try:
        data = _loaded(text)
    except JSONDecodeError as error:
        raise FileFormatError.because(
            f"this is no valid JSON: {_reason(error, text)}.",
            expected="Expected a journey.",
            hint="was the file cut off?" if error.pos >= len(text.rstrip()) else None,
            where=f"{file}:{error.lineno}",
        ) from error
    except _RepeatedKeyError as error:
        raise FileFormatError.because(
            f"the key {error.key!r} stands twice in one object.",
            hint="keep one of the two",
            where=f"{file}:{_repeated_line(text, error.key)}",
        ) from error
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, ValueError) else "the values are nested too deeply"
        raise FileFormatError.because(f"this is no valid JSON: {problem}.", where=file) from error
    return Document(file, data, lambda place: _line(text, place))


def _loaded(text: str) -> Any:
    """Parse fast where nothing is wrong; why something is wrong the slower parser knows better."""
    try:
        data = from_json(text, allow_inf_nan=False)
    except ValueError:
        data = None
    # from_json keeps the last of two equal keys, so as many keys have to be there as colons say at most
    if data is None or _SPACED_KEY.search(text) or _keys(data) != text.count('":'):
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    return data


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_keys(part) for part in value.values())
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        return sum(_keys(part) for part in value)
    return 0


class _RepeatedKeyError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _RepeatedKeyError(key)
            seen.add(key)
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _reason(error: JSONDecodeError, text: str) -> str:
    found = text[error.pos : error.pos + 1]
    reason = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    return f"{reason}, found {found!r}" if found.strip() else reason


def _repeated_line(text: str, key: str) -> int:
    """Find the second of two equal keys of one object: a walk that is only taken to say where."""
    open_objects: list[set[str]] = []
    position = 0
    while position < len(text):
        sign = text[position]
        if sign == '"':
            word, position = _DECODER.raw_decode(text, position)
            after = _skip(text, position)
            if text[after : after + 1] == ":" and open_objects:
                if word == key and word in open_objects[-1]:
                    return _line_at(text, position)
                open_objects[-1].add(word)
            continue
        if sign == "{":
            open_objects.append(set())
        elif sign == "}":
            open_objects.pop()
        position += 1
    return 1


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _line(text: str, place: Place) -> int:
    """Walk down to a place; what lies beside the way is skipped at the speed of the C decoder."""
    position = _skip(text, 0)
    named = position
    for item in place:
        found = _member(text, position, item) if isinstance(item, str) else _element(text, position, item)
        if found is None:
            break
        named, position = found
    return _line_at(text, named)


def _member(text: str, position: int, key: str) -> tuple[int, int] | None:
    if text[position] != "{":
        return None
    position = _skip(text, position + 1)
    while text[position] == '"':
        start = position
        word, position = _DECODER.raw_decode(text, position)
        position = _skip(text, _skip(text, position) + 1)
        if word == key:
            return start, position
        position = _skip(text, _DECODER.raw_decode(text, position)[1])
        if text[position] != ",":
            break
        position = _skip(text, position + 1)
    return None


def _element(text: str, position: int, number: int) -> tuple[int, int] | None:
    if text[position] != "[":
        return None
    position = _skip(text, position + 1)
    for _ in range(number):
        if text[position] == "]":
            return None
        position = _skip(text, _DECODER.raw_decode(text, position)[1])
        if text[position] != ",":
            return None
        position = _skip(text, position + 1)
    return position, position


def json_text(journey: Journey) -> str:
    """Write a journey as JSON: stable order, two spaces, one line for every list of plain values.

    Parameters
    ----------
    journey : Journey
        A designed or observed journey.

    Returns
    -------
    str
        The JSON text, ending in a line break.
    """
    return _indented(plain_journey(journey), "") + "\n"


def _indented(value: Any, margin: str) -> str:
    inner = margin + "  "
    if isinstance(value, dict) and value:
        rows = [f"{inner}{_one_line(key)}: {_indented(part, inner)}" for key, part in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{margin}}}"
    if isinstance(value, list) and any(isinstance(part, list | dict) for part in value):
        rows = [inner + _indented(part, inner) for part in value]
        return "[\n" + ",\n".join(rows) + f"\n{margin}]"
    if isinstance(value, list) and value and isinstance(value[0], int):
        return json.dumps(value, separators=(",", ":"))
    return _one_line(value)


def _one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
