"""In which period does an event fall: calendar months, weeks, days, or spans of any length?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from journeymap.errors import InvalidLogError, nearest
from journeymap.model.durations import duration_text, parse_duration
from journeymap.model.periods import Period, Timeline

__all__ = ["DAY", "Calendar", "PeriodKind", "calendar_of", "timeline_of"]

PeriodKind: TypeAlias = str | timedelta
DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive times are taken as given
_MICROSECOND = timedelta(microseconds=1)
_MONTHS = 12
_TO_MONDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True)
class Calendar:
    """How periods are numbered.

    Parameters
    ----------
    unit : str
        ``month``, ``week``, ``day``, or a span in words.
    length : int
        Microseconds of a span; of a month at most.
    origin : int
        Where a span begins, in microseconds.
    """

    unit: str
    length: int
    origin: int = 0

    def number_sql(self, time: str) -> str:
        """Write the number of the period of a time in microseconds, the same text for every engine."""
        if self.unit == "month":
            day = f"date '1970-01-01' + {day_sql(time)}"
            return f"cast(year({day}) * {_MONTHS} + month({day}) - 1 as integer)"
        return f"cast(floor(({time} - {self.origin}) / cast({self.length} as double)) as integer)"

    def number(self, time: int) -> int:
        """In which period does a time in microseconds fall?"""
        if self.unit == "month":
            at = _time(time)
            return at.year * _MONTHS + at.month - 1
        return (time - self.origin) // self.length

    def start(self, number: int) -> int:
        """When does a period begin, in microseconds?"""
        if self.unit == "month":
            year, month = divmod(number, _MONTHS)
            return (datetime(year, month + 1, 1) - _EPOCH) // _MICROSECOND  # noqa: DTZ001 - as given
        return self.origin + number * self.length

    def period(self, number: int, *, aware: bool) -> Period:
        """Give a period its name."""
        start, end = (_time(self.start(n)) for n in (number, number + 1))
        name = f"{start:%Y-%m}" if self.unit == "month" else f"{start:%Y-%m-%d %H:%M:%S}"
        if aware:
            start, end = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
        return Period(name=name.removesuffix(":00").removesuffix(" 00:00"), start=start, end=end)


def day_sql(time: str) -> str:
    """Write the number of the day since 1970 of a time in microseconds."""
    return f"cast(floor({time} / cast({DAY} as double)) as integer)"


def calendar_of(period: PeriodKind, *, first: int) -> Calendar:
    """How are periods of this kind numbered?

    Parameters
    ----------
    period : {"month", "week", "day"}, str or timedelta
        Calendar months, weeks from Monday, days, or a span such as ``"14 days"``; spans are counted from
        midnight before the first event.
    first : int
        The first event, in microseconds.

    Returns
    -------
    Calendar
        The numbering.

    Raises
    ------
    InvalidLogError
        It is no span of time.
    """
    if period == "month":
        return Calendar("month", 31 * DAY)
    if period == "week":
        return Calendar("week", 7 * DAY, -_TO_MONDAY * DAY)
    if period == "day":
        return Calendar("day", DAY)
    try:
        span = parse_duration(period)
    except ValueError:
        span = None
    if not isinstance(span, timedelta) or span <= timedelta(0):
        close = nearest(str(period), ("month", "week", "day"))
        raise InvalidLogError.because(
            f"period: {period!r} is no span of time.",
            expected="Expected 'month', 'week', 'day', or a span such as '14 days'.",
            hint=f"did you mean {close!r}?" if close else "write 14 days or 6 hours",
        )
    return Calendar(duration_text(span), span // _MICROSECOND, first // DAY * DAY)


def timeline_of(
    calendar: Calendar, *, first: int, observed_from: int, observed_until: int, aware: bool, most: int
) -> tuple[Timeline, int]:
    """Which periods were observed as a whole?

    Parameters
    ----------
    calendar : Calendar
        How periods are numbered.
    first : int
        The first event, in microseconds.
    observed_from, observed_until : int
        The observation, in microseconds.
    aware : bool
        Whether times are instants.
    most : int
        More periods than these are refused.

    Returns
    -------
    Timeline
        Its periods begin with that of the first event.
    int
        The number of that period.

    Raises
    ------
    InvalidLogError
        The periods are so short that there are too many.
    """
    begin, after = calendar.number(first), calendar.number(observed_until)
    if after - begin > most:
        raise InvalidLogError.because(
            f"period: {calendar.unit} cuts the log into {after - begin:,} periods.",
            expected=f"Expected at most {most}.",
            hint="choose a longer period, or a part of the log with between(start, end)",
        )
    ends_inside = calendar.start(after) < observed_until
    zone = UTC if aware else None
    return Timeline(
        unit=calendar.unit,
        periods=tuple(calendar.period(n, aware=aware) for n in range(begin, after)),
        unfinished=calendar.period(after, aware=aware) if ends_inside else None,
        observed_from=_time(observed_from).replace(tzinfo=zone),
        observed_until=_time(observed_until).replace(tzinfo=zone),
        time_zone="UTC" if aware else "none",
    ), begin


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
