"""Take the census of a log and refuse what cannot be counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from journeymap.engines.protocol import Engine
from journeymap.errors import InvalidLogError
from journeymap.events.log import FLAGS, OpenLog, moment
from journeymap.events.queries.census import (
    census_sql,
    customer_count_sql,
    dropped_sql,
    first_customers_sql,
    period_sql,
)
from journeymap.events.queries.source import events_sql, is_read_once
from journeymap.events.queries.steps import GROUPS
from journeymap.events.raw_events import RawEvents

__all__ = ["Census", "take_census"]

GLANCE = 100_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - only written out


@dataclass(frozen=True)
class Census:
    """What is in the log.

    Parameters
    ----------
    table : str
        The table, or the bracketed query, that holds the events; it is there until the log is closed.
    raw : sequence of RawEvent
        Every raw event, in order of the name.
    events : int
        How many events.
    dropped : int
        Incomplete events that were left out.
    first, last : int
        The first and the last time, in microseconds.
    aware : bool
        Whether times are instants.
    in_order : bool
        Whether the rows of the source have an order of their own.
    customers : int or None
        The exact number of customers where there are fewer than groups, None where there are more, or where
        nobody asked.
    """

    table: str
    raw: RawEvents
    events: int
    dropped: int
    first: int
    last: int
    aware: bool
    in_order: bool
    customers: int | None


def take_census(
    opened: OpenLog, *, by_channel: bool, value: str | None = None, by_group: bool = True
) -> Census:
    """Count every raw event and report the first thing that is wrong with the log.

    Parameters
    ----------
    opened : OpenLog
        The log.
    by_channel : bool
        Whether raw events are told apart by channel.
    value : str, optional
        A further column that the table of events shall have, as ``value``.
    by_group : bool
        Whether something will be counted by customer group; else nobody asks how many customers there are.

    Returns
    -------
    Census
        The counts.

    Raises
    ------
    InvalidLogError
        There are no events, or some lack a customer, a name, a time, an order or a journey, or mix times
        with and without zone.

    Notes
    -----
    There may be as many names as events: they are added up as columns, and none is looked at one by one.
    """
    log, engine, relation = opened.log, opened.engine, opened.relation
    selection = events_sql(log, relation, engine.snippets, value=value)
    kept = is_read_once(log, relation)
    table = opened.keep(engine.materialise(selection, "events")) if kept else f"({selection})"
    sound = table  # what is asked of the events once the census has found them sound
    if not kept and log.on_missing == "error":
        sound = f"({events_sql(log, relation, engine.snippets, value=value, complete=True)})"
    texts = _are_texts(opened, log.time_col)
    asked = census_sql(
        log, table, by_channel=by_channel, aware_texts=texts, aware_ends=_are_texts(opened, log.end_col)
    )
    found = engine.run(asked, "census")
    left_out = _left_out(opened) if log.on_missing == "drop" else None
    if not isinstance(found, pa.Table):  # others will answer: they are asked for all at once
        for name, sql in _customer_counts(sound) if by_group else ():
            engine.run(sql, name)
    dropped = 0 if left_out is None else int(left_out.column(0)[0].as_py())
    total = _total(found)
    if not total("events"):
        raise _nothing(opened, dropped)
    _refuse_incomplete(opened, found, total)
    aware = _is_aware(opened, total, texts=texts)
    _refuse_other_ends(opened, total, aware=aware)
    return Census(
        table=sound,
        raw=RawEvents(found.select([n for n in ("event", "channel", "events") if n in found.column_names])),
        events=total("events"),
        dropped=dropped,
        first=pc.min(found["first_time"]).as_py(),
        last=pc.max(found["last_time"]).as_py(),
        aware=aware,
        in_order=relation.order is not None,
        customers=_few_customers(engine, sound) if by_group else None,
    )


def _few_customers(engine: Engine, table: str) -> int | None:
    """Count the customers where there are fewer than groups; the first events often tell."""
    for name, sql in _customer_counts(table):
        customers = int(engine.run(sql, name).column(0)[0].as_py())
        if customers >= GROUPS:
            return None
    return customers


def _customer_counts(table: str) -> list[tuple[str, str]]:
    return [
        ("first_customers", first_customers_sql(table, GLANCE)),
        ("customer_count", customer_count_sql(table)),
    ]


def _total(found: pa.Table) -> Callable[[str], int]:
    """Add a column up; 0 where it was not asked for."""
    return lambda name: (pc.sum(found[name]).as_py() or 0) if name in found.column_names else 0


def _left_out(opened: OpenLog) -> pa.Table:
    """Count what the rule for missing values left out: all events less the complete ones."""
    log, engine = opened.log, opened.engine
    every = events_sql(replace(log, on_missing="error"), opened.relation, engine.snippets)
    return engine.run(dropped_sql(every), "dropped")


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
    (row,) = opened.engine.run(period_sql(every), "period").to_pylist()
    if row["first"] is None:
        return "the log is empty without them, too"
    first, last = (_EPOCH + timedelta(microseconds=row[end]) for end in ("first", "last"))
    return f"the log runs from {first:%Y-%m-%d} to {last:%Y-%m-%d}; check period and spelling"


def _refuse_incomplete(opened: OpenLog, found: pa.Table, total: Callable[[str], int]) -> None:
    log, events = opened.log, total("events")
    no_name = pc.sum(found["events"].filter(pc.is_null(found["event"]))).as_py() or 0
    texts = opened.relation.times[log.time_col] == "text"
    written = f"{log.time_format!r}" if log.time_format else "ISO 8601" if texts else "timestamps"
    format_hint = (
        "compare it, down to blanks and separators, with the times in the column"
        if log.time_format
        else "say how times are written, for example time_format='%d/%m/%Y %H:%M'"
    )
    drop = "fill it, or leave such events out with on_missing='drop'"
    checks: list[tuple[str | None, int, str, str]] = [
        (log.customer_col, total("no_customer"), "have no customer", drop),
        (log.event_col, no_name, "have no event name", drop),
        (log.time_col, total("no_time"), "have no time", drop),
        (log.time_col, total("unreadable"),
         f"have a time that cannot be read; expected {written}, in the years 1 to 9999",
         format_hint if texts else "correct them, or leave such events out with on_missing='drop'"),
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
    if log.period is not None and moment(log.period[0], "between").aware != aware:
        how = "name a time zone" if aware else "name no time zone"
        raise InvalidLogError.because(
            f"between: the times of the log {how}, the period is given the other way.",
            where=opened.label,
            hint="write the offset, such as 2024-05-01T00:00:00+00:00" if aware else "leave the offset out",
        )
    return aware


def _are_texts(opened: OpenLog, column: str | None) -> bool:
    """Whether times are written as texts of any form, each with or without a zone."""
    return opened.log.time_format is None and opened.relation.times.get(column or "") == "text"


def _refuse_other_ends(opened: OpenLog, total: Callable[[str], int], *, aware: bool) -> None:
    """Refuse ends that name a zone where times do not, or the other way round; no end at all is right."""
    log = opened.log
    if log.end_col is None:
        return
    told, aware_ends = total("ends_told"), total("ends_aware")
    kind = opened.relation.times[log.end_col]
    if kind != "text":
        aware_ends = told * (kind == "aware")
    elif log.time_format is not None:
        aware_ends = told * ("%z" in log.time_format)
    if aware_ends != told * aware:
        raise InvalidLogError.because(
            f"columns {log.time_col!r} and {log.end_col!r}: only one of the two names a time zone.",
            where=opened.label,
            expected="Expected both with, or both without a zone.",
            hint="convert one of them",
        )
