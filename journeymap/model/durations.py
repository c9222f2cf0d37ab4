"""Time spans as people write them: ``90 minutes``, ``14 days``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

__all__ = ["Duration", "duration_text", "parse_duration"]

_MICROSECONDS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_SHORT = {
    "us": "microsecond", "ms": "millisecond", "s": "second", "sec": "second", "m": "minute", "min": "minute",
    "h": "hour", "hr": "hour", "d": "day", "w": "week",
}  # fmt: skip
_WRITTEN = ("day", "hour", "minute", "second")
_NUMBER_AND_UNIT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.IGNORECASE)


def parse_duration(value: Any) -> Any:
    """Read ``14 days``, ``90 min`` or ``1.5 h`` as a timedelta.

    Parameters
    ----------
    value : Any
        The text; anything that is no text of this form is handed back untouched, so that
        pydantic reads timedeltas and ISO 8601 spans (``P14D``) by itself.

    Returns
    -------
    Any
        A timedelta, or the value as it came.

    Raises
    ------
    ValueError
        A number with a unit that is none.

    Examples
    --------
    >>> parse_duration("90 min")
    datetime.timedelta(seconds=5400)
    """
    if not isinstance(value, str):
        return value
    match = _NUMBER_AND_UNIT.fullmatch(value)
    if match is None:
        return value
    number, unit = match.groups()
    word = unit.lower()
    word = _SHORT.get(word, word.removesuffix("s"))
    if word not in _MICROSECONDS:
        raise ValueError(f"no unit of time {unit!r}; use seconds, minutes, hours, days or weeks")
    return timedelta(microseconds=round(float(number) * _MICROSECONDS[word]))


def duration_text(span: timedelta) -> str:
    """Write a timedelta with the largest unit that holds it as a whole number.

    Parameters
    ----------
    span : timedelta
        The time span.

    Returns
    -------
    str
        Text that `parse_duration` reads back to the same span.

    Examples
    --------
    >>> duration_text(timedelta(days=14))
    '14 days'
    """
    micro = span // timedelta(microseconds=1)
    if micro < 0:
        return f"-P{-micro // 86_400_000_000}DT{(-micro % 86_400_000_000) / 1e6:.6f}S"
    for unit in _WRITTEN:
        count, rest = divmod(micro, _MICROSECONDS[unit])
        if rest == 0 and (count or unit == "second"):
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{micro} microseconds"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(duration_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["14 days", "90 minutes"]}),
]
