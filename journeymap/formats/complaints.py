"""What pydantic found, in sentences with file, line, path and hint."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from journeymap.errors import InvalidJourneyError, nearest
from journeymap.formats.document import Document, Place
from journeymap.formats.schema import schema_at

__all__ = ["invalid_journey", "mistake_in"]

_WORDS = {
    "string": "text", "boolean": "true or false", "array": "a list", "object": "a mapping",
    "number": "a number", "integer": "a whole number",
}  # fmt: skip
_LONGEST = 60


def invalid_journey(error: ValidationError, document: Document) -> InvalidJourneyError:
    """Turn what pydantic found into one error about the first place in the file.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    document : Document
        The values that were read, with their lines.

    Returns
    -------
    InvalidJourneyError
        The first mistake in the order of the file, and how many more there are.
    """
    found = [mistake_in(details) for details in error.errors(include_url=False)]
    lines = [document.find_line(place) for place, *_ in found]
    place, problem, expected, hint = found[lines.index(min(lines))]
    more = len(found) - 1
    if more:
        expected = f"{expected} ({more} more {'mistake' if more == 1 else 'mistakes'} in this file.)".lstrip()
    return InvalidJourneyError.because(
        problem, expected=expected, hint=hint or None, where=document.where(place)
    )


def mistake_in(details: ErrorDetails, above: Place = ()) -> tuple[Place, str, str, str]:
    """Say one thing that pydantic found.

    Parameters
    ----------
    details : dict
        One of pydantic's errors.
    above : tuple of str and int
        Where the value would stand in a journey file, when it stands in another one.

    Returns
    -------
    tuple
        The place below the value, what is wrong, what was expected, and a hint; empty texts where there is
        nothing to say.
    """
    place = tuple(details["loc"])
    context: dict[str, Any] = details.get("ctx", {})
    kind = details["type"]
    if kind == "misfit":
        at = tuple(context["at"])
        return place + at, context["problem"], context["expected"], context["hint"]
    if kind == "missing":
        wanted = _wanted(schema_at(above + place))
        return place[:-1], f"the key {place[-1]!r} is missing.", f"Expected {wanted} there.", ""
    value = details["input"]
    schema = schema_at(above + place)
    if kind == "literal_error":
        return place, *_no_such_word(value, place, schema)
    if kind == "value_error":
        return place, f"{_shown(value)} does not fit: {context['error']}.", "", ""
    problem, hint = _problem(kind, value, schema)
    expected = _wanted(schema)
    if expected == "a mapping":
        expected = f"a mapping with {_listed(schema.get('properties', {}))}"
    return place, problem, f"Expected {expected}.", hint


def _no_such_word(value: Any, place: Place, schema: dict[str, Any]) -> tuple[str, str, str]:
    words = [str(word) for word in schema.get("enum", [schema.get("const", "")])]
    field = next((str(item) for item in reversed(place) if isinstance(item, str)), "value")
    hint = f"put it in quotes: '{value}'" if str(value) in words else ""
    if isinstance(value, str) and value:
        close = nearest(value, words) or next((word for word in words if word.startswith(value)), None)
        hint = f"did you mean {close!r}?" if close else ""
    return f"no {field.replace('_', ' ')} {_shown(value)}.", f"Expected one of: {', '.join(words)}.", hint


def _problem(kind: str, value: Any, schema: dict[str, Any]) -> tuple[str, str]:
    if value is None:
        return "nothing stands here.", "leave the key out, or give it a value"
    if kind == "string_too_short":
        return "nothing stands here.", ""
    for start, fault in (("less_than", "too large"), ("greater_than", "too small")):
        if kind.startswith(start):
            return f"{_shown(value)} is {fault}.", ""
    if schema.get("type") == "string" and isinstance(value, int | float):
        return f"{_shown(value)} is {_called(value)}.", f"put it in quotes: '{str(value).lower()}'"
    if schema.get("type") in {"array", "object"} or isinstance(value, dict | list):
        return f"{_shown(value)} is {_called(value)}.", ""
    word = _wanted({"type": schema.get("type", ""), "format": schema.get("format")} | _examples(schema))
    hint = "write true or false" if value in {"yes", "no"} else ""
    return f"{_shown(value)} is not {word}.", hint


def _examples(schema: dict[str, Any]) -> dict[str, Any]:
    return {"examples": ["14 days"]} if "examples" in schema else {}


def _called(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "text"


def _wanted(schema: dict[str, Any]) -> str:
    if "examples" in schema:
        return f"a time span such as {schema['examples'][0]!r}"
    if schema.get("format") == "date-time":
        return "a date and time such as '2024-05-01T12:00:00'"
    if "enum" in schema:
        return f"one of: {_listed(schema['enum'])}"
    word = _WORDS.get(schema.get("type", ""), "another value")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{word} from {_number(low, signed=low < 0)} to {_number(high, signed=low < 0)}"
    return f"{word} of at least {_number(low)}" if low is not None else word


def _number(value: float, *, signed: bool = False) -> str:
    text = f"{value:+g}" if signed and value else f"{value:g}"
    return text.replace("-", "−")


def _listed(words: Any) -> str:
    return ", ".join(str(word) for word in words)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "this"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…'"
