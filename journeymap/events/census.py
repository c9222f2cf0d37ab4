"""Take the census of a log and refuse what cannot be counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from journeymap.errors import InvalidLogError
from journeymap.events.log import FLAGS, OpenLog, moment
from journeymap.events.queries.census import census_sql, customer_count_sql, period_sql
from journeymap.events.queries.source import events_sql, is_read_once

__all__ = ["Census", "RawEvent", "take_census"]

FEW = 256
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - only written out


@dataclass(frozen=True)
class RawEvent:
    """A raw event name with what was counted of it."""

    event: str
    channel: str | None
    count: int


@dataclass(frozen=True)
class Census:
    """What is in the log.

    Parameters
    ----------
    table : str
        The table, or the bracketed query, that holds the events.
    kept : bool
        Whether it is a table of the engine that has to be dropped.
    raw : tuple of RawEvent
        Every raw event, in order of the name.
    events : int
        How many events.
    dropped : int
        Incomplete events that were left out.
    first, last : int
        The first and the last time, in microseconds.
    aware : bool
        Whether times are instants.
    customers : int or None
        The exact number of customers where there are few, None where there are many.
    """

    table: str
    kept: bool
    raw: tuple[RawEvent, ...]
    events: int
    dropped: int
    first: int
    last: int
    aware: bool
    customers: int | None


def take_census(opened: OpenLog, *, by_channel: bool, value: str | None = None) -> Census:
    """Count every raw event and report the first thing that is wrong with the log.

    Parameters
    ----------
    opened : OpenLog
        The log.
    by_channel : bool
        Whether raw events are told apart by channel.
    value : str, optional
        A further column that the table of events shall have, as ``value``.

    Returns
    -------
    Census
        The counts.

    Raises
    ------
    InvalidLogError
        There are no events, or some lack a customer, a name, a time, an order or a journey, or mix times
        with and without zone.
    """
    log, engine, relation = opened.log, opened.engine, opened.relation
    selection = events_sql(log, relation, engine.snippets, value=value)
    kept = is_read_once(log, relation)
    table = engine.materialise(selection) if kept else f"({selection})"
    texts = relation.times[log.time_col] == "text" and log.time_format is None
    rows = engine.run(census_sql(log, table, by_channel=by_channel, aware_texts=texts)).to_pylist()
    dropped = _dropped(opened) if log.on_missing == "drop" else 0
    total = _total(rows)
    if not total("events"):
        raise _nothing(opened, dropped)
    _refuse_incomplete(opened, rows, total)
    aware = _is_aware(opened, total, texts=texts)
    few = max(row["customers"] for row in rows) < FEW
    customers = engine.run(customer_count_sql(table)).column(0)[0].as_py() if few else None
    return Census(
        table=table,
        kept=kept,
        raw=tuple(RawEvent(row["event"], row.get("channel"), row["events"]) for row in rows),
        events=total("events"),
        dropped=dropped,
        first=min(row["first_time"] for row in rows),
        last=max(row["last_time"] for row in rows),
        aware=aware,
        customers=customers,
    )


def _total(rows: list[dict[str, Any]]) -> Callable[[str], int]:
    return lambda name: sum(row.get(name) or 0 for row in rows)


def _dropped(opened: OpenLog) -> int:
    """Count what the rule for missing values left out: all events less the complete ones."""
    log, engine = opened.log, opened.engine
    every = events_sql(replace(log, on_missing="error"), opened.relation, engine.snippets)
    missing = "customer is null or event is null or t is null"
    return int(engine.run(f"select count(*) from ({every}) where {missing}").column(0)[0].as_py())


def _nothing(opened: OpenLog, dropped: int) -> InvalidLogError:
    filters = opened.log.filters_in_words()
    if dropped:
        return InvalidLogError.because(
            f"all {dropped:,} events lack a customer, a name or a time.",
            where=opened.label,
            hint="check the names of the columns",
        )
    if filters:
        return InvalidLogError.because(
            "no event is left by the filters: " + "; ".join(filters) + ".",
            where=opened.label,
            hint=_what_there_is(opened),
        )
    return InvalidLogError.because(
        "there are no events.",
        expected="Expected a header and at least one event.",
        where=opened.label,
        hint="check how it was exported",
    )


def _what_there_is(opened: OpenLog) -> str:
    """Say which period the log covers without its filters."""
    every = events_sql(
        replace(opened.log, period=None, conditions=()), opened.relation, opened.engine.snippets
    )
    (row,) = opened.engine.run(period_sql(every)).to_pylist()
    if row["first"] is None:
        return "the log is empty without them, too"
    first, last = (_EPOCH + timedelta(microseconds=row[end]) for end in ("first", "last"))
    return f"the log runs from {first:%Y-%m-%d} to {last:%Y-%m-%d}; check period and spelling"


def _refuse_incomplete(opened: OpenLog, rows: list[dict[str, Any]], total: Callable[[str], int]) -> None:
    log, events = opened.log, total("events")
    no_name = sum(row["events"] for row in rows if row["event"] is None)
    drop = "fill it, or leave such events out with on_missing='drop'"
    checks: list[tuple[str | None, int, str, str]] = [
        (log.customer_col, total("no_customer"), "have no customer", drop),
        (log.event_col, no_name, "have no event name", drop),
        (log.time_col, total("no_time"), "have no time", drop),
        (log.time_col, total("unreadable"), "have a time that cannot be read; expected ISO 8601",
         "say how times are written, for example time_format='%d/%m/%Y %H:%M'"),
        (log.order_col, total("no_order"), "have no whole number to order them by",
         "fill the column, or leave order_col out"),
        (log.journey_col, total("no_journey"), "belong to no journey",
         "fill it, or leave such events out beforehand"),
        (log.end_col, total("ends_early"), "end before they start", "correct them, or leave end_col out"),
        (log.feeling_col, total("feeling_unreadable"), "have a feeling that is no number",
         "write −2 to +2, or nothing"),
        (log.feeling_col, total("feeling_off_scale"), "have a feeling off the scale from −2 to +2",
         "convert the scale first, declaring how"),
        *((getattr(log, f"{role}_col"), total(f"{role}_unreadable"), "say neither yes nor no",
           "write true or false, yes or no, 1 or 0; leave it empty where it is not known") for role in FLAGS),
    ]  # fmt: skip
    for column, count, problem, hint in checks:
        if count:
            raise InvalidLogError.because(
                f"column {column!r}: {count:,} of {events:,} events {problem}.", where=opened.label, hint=hint
            )


def _is_aware(opened: OpenLog, total: Callable[[str], int], *, texts: bool) -> bool:
    log, relation = opened.log, opened.relation
    aware_events = total("aware") if texts else 0
    if aware_events not in {0, total("events")}:
        raise InvalidLogError.because(
            f"column {log.time_col!r}: {aware_events:,} of {total('events'):,} times name a time zone, "
            "the others do not.",
            where=opened.label,
            expected="Expected all times with, or all without a zone.",
            hint="add the offset to the others, such as +00:00",
        )
    aware = bool(aware_events) or relation.times[log.time_col] == "aware" or "%z" in (log.time_format or "")
    if log.end_col is not None and not texts and (relation.times[log.end_col] == "aware") != aware:
        raise InvalidLogError.because(
            f"columns {log.time_col!r} and {log.end_col!r}: only one of the two names a time zone.",
            where=opened.label,
            expected="Expected both with, or both without a zone.",
            hint="convert one of them",
        )
    if log.period is not None and moment(log.period[0], "between").aware != aware:
        how = "name a time zone" if aware else "name no time zone"
        raise InvalidLogError.because(
            f"between: the times of the log {how}, the period is given the other way.",
            where=opened.label,
            hint="write the offset, such as 2024-05-01T00:00:00+00:00" if aware else "leave the offset out",
        )
    return aware
