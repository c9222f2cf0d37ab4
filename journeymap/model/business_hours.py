"""When is somebody there to answer?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from journeymap.errors import nearest
from journeymap.model.frozen import Frozen, misfit

__all__ = ["WEEKDAYS", "BusinessHours", "Weekday"]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_DAY = 24 * 60
_MINUTE = 60_000_000


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _by_day(value: Any) -> Any:
    """Take ``"mon-fri": "09:00-12:00, 13:00-17:00"`` for five days with two pairs of times each."""
    if not isinstance(value, dict):
        return value
    found: dict[Weekday, Any] = {}
    for key, spans in value.items():
        for day in _days(str(key)):
            if day in found:
                raise misfit(
                    f"business hours: {day} stands twice.",
                    str(key),
                    expected="Expected every day of the week at most once.",
                    hint='a day with two spans is written "09:00-12:00, 13:00-17:00"',
                )
            found[day] = _spans(spans, day, str(key))
    return found


def _days(key: str) -> Iterator[Weekday]:
    """List the days of ``mon``, ``Monday``, ``mon-fri`` (round the end of the week, too) or ``mon, wed``."""
    for part in key.split(","):
        ends = [WEEKDAYS.index(_day(word, key)) for word in re.split("[-–]", part)]
        if len(ends) > 2:  # noqa: PLR2004 - a first and a last day
            raise _no_days(key, part.strip())
        for number in range((ends[-1] - ends[0]) % len(WEEKDAYS) + 1):
            yield WEEKDAYS[(ends[0] + number) % len(WEEKDAYS)]


def _day(word: str, key: str) -> Weekday:
    written = word.strip().lower()
    for day, name in zip(WEEKDAYS, _NAMES, strict=True):
        if len(written) >= len(day) and name.startswith(written):
            return day
    raise _no_days(key, word.strip())


def _no_days(key: str, word: str) -> PydanticCustomError:
    close = nearest(word, (*WEEKDAYS, *_NAMES))
    return misfit(
        f"business hours: {word!r} is no day of the week.",
        key,
        expected=f"Expected {', '.join(WEEKDAYS)}, a span such as 'mon-fri' or a list such as 'mon, wed'.",
        hint=f"did you mean {close!r}?" if close else "holidays are dates and stand in holidays",
    )


def _spans(value: Any, day: Weekday, key: str) -> Any:
    if isinstance(value, str):
        return tuple(_span(span, day, key) for span in value.split(","))
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        if all(_CLOCK.fullmatch(part) for part in value):
            return (tuple(value),)
        return tuple(_span(part, day, key) for part in value)
    return value


def _span(text: str, day: Weekday, key: str) -> tuple[str, ...]:
    ends = tuple(part.strip() for part in re.split("[-–]", text))
    if len(ends) != 2:  # noqa: PLR2004 - opening and closing
        raise misfit(
            f"business hours on {day}: {text.strip()!r} is no span of the day.",
            key,
            expected="Expected an opening and a closing time, such as '09:00-17:30'.",
            hint="leave out a day that is closed",
        )
    return ends


def _dates(value: Any) -> Any:
    return (value,) if isinstance(value, str | date) else value


class BusinessHours(Frozen):
    """The hours of the week in which contacts are answered, in local time.

    Parameters
    ----------
    weekdays : dict of str to tuple of (str, str)
        For every day on which somebody is there (``mon``, ``tue`` … ``sun``; also ``"mon-fri"`` and
        ``"mon, wed"``) the opening and closing times, such as ``"09:00-17:30"`` or
        ``"09:00-12:00, 13:00-17:30"``; ``"24:00"`` is the end of the day. A day that is not named is closed.
    holidays : tuple of date
        Dates on which nobody is there, whatever the weekday.

    Examples
    --------
    >>> hours = BusinessHours(weekdays={"fri": "09:00-17:00", "mon": "09:00-17:00"}, holidays="2024-05-20")
    >>> friday, monday = datetime(2024, 5, 17, 16), datetime(2024, 5, 20, 10)
    >>> hours.between(friday, monday), hours.between(friday, datetime(2024, 5, 27, 10))
    (datetime.timedelta(seconds=3600), datetime.timedelta(seconds=36000))
    """

    weekdays: Annotated[dict[Weekday, tuple[tuple[str, str], ...]], BeforeValidator(_by_day)] = Field(
        min_length=1
    )
    holidays: Annotated[tuple[date, ...], BeforeValidator(_dates)] = ()

    @model_validator(mode="after")
    def _open_before_closing(self) -> BusinessHours:
        for day, spans in self.weekdays.items():
            before = 0
            for opens, closes in spans:
                for text in (opens, closes):
                    if _CLOCK.fullmatch(text) is None or _minutes(text) > _DAY:
                        raise misfit(
                            f"business hours on {day}: {text!r} is no time of the day.",
                            "weekdays",
                            day,
                            expected="Expected hours and minutes from 00:00 to 24:00.",
                            hint='write "09:00-17:30"',
                        )
                if not before <= _minutes(opens) < _minutes(closes):
                    raise misfit(
                        f"business hours on {day}: {opens} to {closes} is no span, or overlaps another.",
                        "weekdays",
                        day,
                        expected="Expected the opening before the closing, and spans in their order.",
                        hint="a shift past midnight belongs to two days: until 24:00, and from 00:00",
                    )
                before = _minutes(closes)
        return self

    def spans_of(self, day: Weekday) -> tuple[tuple[int, int], ...]:
        """When are they there on this day of the week, in microseconds since midnight; empty where closed?"""
        return tuple(
            (_minutes(opens) * _MINUTE, _minutes(closes) * _MINUTE)
            for opens, closes in self.weekdays.get(day, ())
        )

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much business time lies between two local times?

        Parameters
        ----------
        start, end : datetime
            Local times without zone.

        Returns
        -------
        timedelta
            The time between them in which somebody is there, day by day; none where the end lies before the
            start.

        Raises
        ------
        ValueError
            A time names a zone: opening hours are local.
        """
        if start.tzinfo is not None or end.tzinfo is not None:
            raise ValueError("business hours are local times; drop the zone of both times first")
        total, day = timedelta(0), start.date()
        while day <= end.date():
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local by definition
            spans = () if day in self.holidays else self.spans_of(WEEKDAYS[day.weekday()])
            for span in spans:
                opens, closes = (midnight + timedelta(microseconds=edge) for edge in span)
                total += max(timedelta(0), min(end, closes) - max(start, opens))
            day += timedelta(days=1)
        return total

    def __str__(self) -> str:
        """Say the hours in a line."""
        days = ", ".join(
            f"{day} {' and '.join('–'.join(span) for span in self.weekdays[day])}"
            for day in WEEKDAYS
            if day in self.weekdays
        )
        count = len(self.holidays)
        return f"{days}; {count} holiday{'' if count == 1 else 's'}" if count else days
