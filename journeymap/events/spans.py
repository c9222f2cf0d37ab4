"""How long until customers fall silent, and until they do the same again: counted in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from journeymap.engines.progress import progress
from journeymap.errors import InvalidLogError, require
from journeymap.events.activity import end_of_observation, known_events
from journeymap.events.census import Census, take_census
from journeymap.events.log import EventLog, OpenLog
from journeymap.events.queries.activity import SpanPlan, second_event_sql, silence_sql, spans_sql
from journeymap.model.durations import parse_duration

__all__ = ["Spans", "span_of", "spans_until_second", "spans_until_silence"]

_MICROSECOND = timedelta(microseconds=1)
_SECOND, _HOUR, _DAY = 1_000_000, 3_600_000_000, 86_400_000_000
_UNITS = (_SECOND, 60 * _SECOND, _HOUR, _DAY)
_MOST_LENGTHS = 20_000  # distinct lengths that an answer may have


@dataclass(frozen=True)
class Spans:
    """How many spans of which length ended, and how many were cut off by the end of the observation.

    Parameters
    ----------
    unit : timedelta
        What lengths are counted in.
    length : tuple of int
        The lengths that occur, in units, in order.
    ended, cut : tuple of int
        Customers whose span ended at this length (rounded up), and those of whom no more was seen (rounded
        down).
    back : int
        Customers who came back after their span had ended.
    unseen : int
        Customers who came too late for any of it to be seen; they are in none of the counts.
    """

    unit: timedelta
    length: tuple[int, ...]
    ended: tuple[int, ...]
    cut: tuple[int, ...]
    back: int
    unseen: int

    @property
    def customers(self) -> int:
        """Customers with a span."""
        return sum(self.ended) + sum(self.cut)


def spans_until_silence(
    log: EventLog,
    *,
    gone_after: timedelta | str,
    active: str | Sequence[str] | None = None,
    observed_until: datetime | date | str | None = None,
) -> Spans:
    """How long was each customer active before the first long silence?

    Parameters
    ----------
    log : EventLog
        The events.
    gone_after : timedelta or str
        A customer silent for so long has left.
    active : str or sequence of str, optional
        The raw events that count as activity; all when left out.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else the latest event.

    Returns
    -------
    Spans
        From the first event to the last one before the silence. Leaving can be seen only until `gone_after`
        before the end of the observation: who has not left by then is cut off there.

    Raises
    ------
    InvalidLogError
        The log cannot be counted, or `gone_after` is no span of time.
    UnknownNameError
        A named event does not occur.
    """
    require(log, EventLog, "lifetime", hint="put the events into an EventLog first")
    gone = span_of(gone_after, "gone_after")
    with progress("counting lifetimes", 1) as step, log.open() as opened:
        step("reading the events")
        census = take_census(opened, by_channel=False)
        plan = _plan(opened, census, active, observed_until, what="active", multiple_of=_DAY)
        return _spans(opened, plan, silence_sql(plan, gone_after=gone // _MICROSECOND))


def spans_until_second(
    log: EventLog,
    *,
    event: str | Sequence[str],
    within: timedelta | None = None,
    apart: timedelta | str | None = None,
    observed_until: datetime | date | str | None = None,
) -> Spans:
    """How long did each customer take to do the same a second time?

    Parameters
    ----------
    log : EventLog
        The events.
    event : str or sequence of str
        The raw events that count.
    within : timedelta, optional
        A length that has to be told exactly.
    apart : timedelta or str, optional
        What follows the first within less than this is part of it; every further event is a second one when
        left out.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else the latest event.

    Returns
    -------
    Spans
        From the first to the second; customers without any such event are not in it.

    Raises
    ------
    InvalidLogError
        The log cannot be counted, or `apart` is no span of time.
    UnknownNameError
        A named event does not occur.
    """
    require(log, EventLog, "repeat_purchase", hint="put the events into an EventLog first")
    gap = span_of(apart, "apart") if apart is not None else timedelta(0)
    with progress("counting purchases", 1) as step, log.open() as opened:
        step("reading the events")
        census = take_census(opened, by_channel=False)
        exact = _DAY if within is None else within // _MICROSECOND
        plan = _plan(opened, census, event, observed_until, what="event", multiple_of=exact)
        return _spans(opened, plan, second_event_sql(plan, apart=gap // _MICROSECOND))


def span_of(value: timedelta | str, what: str) -> timedelta:
    """Read a span of time that somebody asks about.

    Parameters
    ----------
    value : timedelta or str
        Such as ``"30 days"``.
    what : str
        The parameter.

    Returns
    -------
    timedelta
        The span.

    Raises
    ------
    InvalidLogError
        It is none, or not positive.
    """
    try:
        span = parse_duration(value)
    except ValueError:
        span = None
    if not isinstance(span, timedelta) or span <= timedelta(0):
        raise InvalidLogError.because(
            f"{what}: {value!r} is no span of time.",
            expected="Expected a positive one.",
            hint="write 30 days or 90 minutes",
        )
    return span


def _plan(
    opened: OpenLog,
    census: Census,
    events: str | Sequence[str] | None,
    observed_until: datetime | date | str | None,
    *,
    what: str,
    multiple_of: int,
) -> SpanPlan:
    engine, log = opened.engine, opened.log
    until = end_of_observation(opened, census, observed_until, whole_day=False)
    chosen = (events,) if isinstance(events, str) else tuple(events or ())
    there = dict.fromkeys(raw.event for raw in census.raw)
    counted = known_events(census, chosen, what, opened.label) or tuple(there)
    fine = engine.snippets.fine_order("t", opened.relation.columns[log.time_col]) is not None
    return SpanPlan(
        events=census.table,
        names=opened.keep(engine.add_rows({"event": "string"}, [(name,) for name in dict.fromkeys(counted)])),
        time_order="t, fine, ord" if fine else "t, ord",
        until=until,
        unit=_unit(until - census.first, multiple_of),
    )


def _unit(whole: int, multiple_of: int) -> int:
    """The finest unit with not too many lengths; finer where a length has to be a multiple of it."""
    few = next((place for place, unit in enumerate(_UNITS) if whole <= unit * _MOST_LENGTHS), len(_UNITS) - 1)
    while few and multiple_of % _UNITS[few]:
        few -= 1
    return _UNITS[few]


def _spans(opened: OpenLog, plan: SpanPlan, each: str) -> Spans:
    rows = opened.engine.run(spans_sql(each, plan.unit), "spans").to_pylist()
    seen = [row for row in rows if row["span"] >= 0]
    return Spans(
        unit=timedelta(microseconds=plan.unit),
        length=tuple(row["span"] for row in seen),
        ended=tuple(row["ended"] for row in seen),
        cut=tuple(row["cut"] for row in seen),
        back=sum(row["back"] for row in rows),
        unseen=sum(row["cut"] for row in rows if row["span"] < 0),
    )
