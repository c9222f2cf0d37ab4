"""Count the contacts with the service desk, in the engine, by group of customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.engines.protocol import Engine, Relation
from journeymap.errors import InvalidLogError, require
from journeymap.events.contact_exposure import exposure_tables
from journeymap.events.contact_tables import contact_tables
from journeymap.events.log import Moment, moment
from journeymap.events.mistakes import refused
from journeymap.events.queries import contacts as queries
from journeymap.events.queries import tickets as rows_of
from journeymap.events.queries.contacts import ContactsPlan
from journeymap.events.queries.steps import customers_sql
from journeymap.events.ticket_census import (
    check_values,
    link_touchpoints,
    other_zone,
    take_ticket_census,
)
from journeymap.events.ticket_linking import Laid, place_tickets
from journeymap.events.tickets import Tickets
from journeymap.model.business_hours import BusinessHours
from journeymap.model.contacts import ALL, KEYS, Contacts
from journeymap.model.durations import parse_duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.set_aside import SetAside

__all__ = ["ContactRules", "contact_rules", "contacts", "counted_contacts"]

GROUPS = 64
_MICROSECOND = timedelta(microseconds=1)


def contacts(
    tickets: Tickets,
    *,
    by: str | None = None,
    repeat_within: timedelta | str = "7 days",
    contained_within: timedelta | str | None = None,
    business_hours: BusinessHours | Mapping[str, Any] | None = None,
    observed_until: datetime | date | str | None = None,
    touchpoints: Mapping[str, str] | None = None,
) -> Contacts:
    """How many contacts were there, how did they end, and how long did each part take?

    Everything is counted in the engine, per group of customers; only counts come back. The numbers are read
    from them by `first_response_time`, `resolution_time`, `first_contact_resolution` and the others of
    `journeymap.metrics`.

    Parameters
    ----------
    tickets : Tickets
        The table.
    by : str, optional
        A column whose values are the segments.
    repeat_within : timedelta or str
        Another contact of the same customer (about the same reason, where `reason_col` is declared) at most
        so much later is a repeat. Contacts closer than this to the end are not judged.
    contained_within : timedelta or str, optional
        The same for self-service: whoever contacts again by then was not helped. Usually 24 to 48 hours; has
        to be given before containment can be told.
    business_hours : BusinessHours or dict, optional
        When somebody is there; local times only. A dict holds the fields of `BusinessHours`:
        ``{"weekdays": {"mon-fri": "09:00-17:00"}}``.
    observed_until : datetime, date or str, optional
        The end of the observation; the latest time in the table when left out.
    touchpoints : mapping of str to str, optional
        What the values of `touchpoint_col`, `channel_col` or `handler_col` (the first that has them) are
        called as touchpoints, such as ``{"Phone": "phone"}``. Tickets of other values belong to no
        touchpoint.

    Returns
    -------
    Contacts
        Counts and times by touchpoint, channel, handler and segment, and what was left out because it cannot
        be true.

    Raises
    ------
    InvalidLogError
        A column is missing or cannot be what it is declared to be, a span is none, `business_hours` are none,
        or `impossible` is "error" and there are such tickets.
    UnknownNameError
        `touchpoints` names a value that no ticket has.

    Notes
    -----
    Times are exact up to 2,000 different ones a clock, else put into buckets, 1 % wide, so at most half a
    percent off; only where more than 250,000 entries would remain, up to 10 % wide. `Contacts.rounded` tells
    which, and `Contacts.bucket_width` how wide. A contact that the company started is counted apart and is
    in nothing else. The first contacts of the table may follow earlier ones that nobody sees.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a", "b"], "when": ["2024-05-01", "2024-05-03", "2024-05-01"],
    ...                   "answered": ["2024-05-02", None, "2024-04-30"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", first_response_col="answered")
    >>> print(contacts(tickets))
    2 contacts of 1 customer from the Arrow table
      from 2024-05-01 00:00 to 2024-05-03 00:00
      a repeat is another contact within 7 days
      1 left out: answered before it was opened (column answered, when)
    """
    rules = contact_rules(
        tickets,
        "contacts",
        by=by,
        repeat_within=repeat_within,
        contained_within=contained_within,
        business_hours=business_hours,
        observed_until=observed_until,
        touchpoints=touchpoints,
    )
    return counted_contacts(tickets, rules)


@dataclass(frozen=True)
class ContactRules:
    """What the call says.

    Parameters
    ----------
    by : str or None
        The column with the segment.
    repeat : timedelta
        Another contact by then is a repeat.
    contained : timedelta or None
        The same for what shows that self-service did not contain.
    hours : BusinessHours or None
        When somebody is there.
    until : Moment or None
        The end of the observation.
    touchpoints : mapping or None
        What values are called as touchpoints.
    """

    by: str | None
    repeat: timedelta
    contained: timedelta | None
    hours: BusinessHours | None
    until: Moment | None
    touchpoints: Mapping[str, str] | None


def contact_rules(
    tickets: Tickets,
    function: str,
    *,
    by: str | None,
    repeat_within: timedelta | str,
    contained_within: timedelta | str | None,
    business_hours: BusinessHours | Mapping[str, Any] | None,
    observed_until: datetime | date | str | None,
    touchpoints: Mapping[str, str] | None,
) -> ContactRules:
    """Check what a call says about counting contacts; see `contacts`.

    Returns
    -------
    ContactRules
        The same, read.

    Raises
    ------
    InvalidLogError
        A value is no span or no time, or are no business hours.
    WrongKindError
        These are no tickets, or no business hours.
    """
    require(tickets, Tickets, function, hint="put the table into Tickets first")
    return ContactRules(
        by=by,
        repeat=_span(repeat_within, "repeat_within") or timedelta(0),
        contained=_span(contained_within, "contained_within"),
        hours=None if business_hours is None else _hours(business_hours, function),
        until=None if observed_until is None else moment(observed_until, "observed_until"),
        touchpoints=touchpoints,
    )


def counted_contacts(tickets: Tickets, rules: ContactRules, laid: Laid | None = None) -> Contacts:
    """Count contacts, and find their touchpoints where they are laid on a journey.

    Parameters
    ----------
    tickets : Tickets
        The table.
    rules : ContactRules
        What is counted how.
    laid : Laid, optional
        The journey; its log holds the engine.

    Returns
    -------
    Contacts
        As `contacts` gives them, with `linking` where there is a journey.

    Raises
    ------
    InvalidLogError
        The table cannot be counted, or only one of tickets and log names time zones.
    UnknownNameError
        A ticket names what is no service touchpoint.
    """
    reading = laid.reading if laid is not None else None
    given = reading.engine if reading is not None else tickets.engine
    engine: Engine = given or DuckDBEngine()
    with ExitStack() as kept:
        if given is None:
            kept.callback(engine.close)

        def keep(table: str) -> str:
            if given is not None:  # else all goes with the engine
                kept.callback(engine.drop, table)
            return table

        return _counted(_Opened(tickets, rules, laid, engine, engine.register(tickets.source), keep))


@dataclass(frozen=True)
class _Opened:
    """Tickets in their engine; `keep` remembers a table to be dropped at the end."""

    tickets: Tickets
    rules: ContactRules
    laid: Laid | None
    engine: Engine
    relation: Relation
    keep: Callable[[str], str]

    def kept(self, sql: str) -> str:
        """Run a query and keep its rows until the end."""
        return self.keep(self.engine.materialise(sql))


def _counted(opened: _Opened) -> Contacts:
    tickets, rules, engine, relation = opened.tickets, opened.rules, opened.engine, opened.relation
    tickets.check_columns(relation, rules.by)
    rows = opened.kept(rows_of.tickets_sql(tickets, relation, engine.snippets, rules.by))
    census, aware = take_ticket_census(tickets, relation, engine, rows)
    _check_zones(opened, aware=aware)
    check_values(tickets, relation, engine, rows)
    plan, groups = _plan(opened, rows, census["customers"])
    kinds = rows_of.impossible_kinds(tickets, queries.resolved_by_status(tickets, engine.snippets))
    marked = opened.kept(queries.marked_sql(plan, kinds, engine.snippets))
    set_aside = _set_aside(tickets, relation, engine, marked, kinds)
    first, last = _ends(tickets, engine, marked)
    plan = _with_ends(plan, relation, last, None if rules.until is None else rules.until.microseconds)
    linking = None
    if opened.laid is not None:
        marked, linking = place_tickets(plan, engine, marked, opened.laid)
        opened.keep(marked)
    cells = opened.kept(queries.cells_sql(marked))
    listed = opened.kept(queries.contacts_sql(plan, marked, cells))
    spans_sql = queries.clock_spans_sql(plan, listed)
    spans = opened.kept(spans_sql) if spans_sql else ""
    found = contact_tables(plan, engine, cells=cells, listed=listed, spans=spans, groups=groups)
    history: tuple[EvidenceTable, ...] = ()
    if opened.laid is not None and opened.laid.reading is not None:
        history = exposure_tables(plan, engine, opened.laid.reading, listed=listed, cells=cells)
    seen = _totals(found.tables)
    known = bool(tickets.times) and first is not None
    return Contacts(
        source=relation.label,
        rows=census["rows"],
        contacts=seen["contacts"],
        proactive=seen["proactive"],
        customers=seen["customers"],
        columns=tickets.columns,
        signals=_signals(plan),
        by=rules.by or "",
        groups=groups,
        repeat_within=rules.repeat,
        contained_within=rules.contained,
        business_hours=rules.hours,
        start=_time(first, aware=aware) if known else None,
        observed_until=_time(plan.until, aware=aware) if known else None,
        contacts_until=_time(plan.contacts_until, aware=aware) if known else None,
        dropped=census["missing"],
        set_aside=set_aside,
        rounded=found.rounded,
        bucket_width=found.width,
        filters=tickets.filters_in_words(),
        tables=(*found.tables, *history),
        linking=linking,
    )


def _plan(opened: _Opened, rows: str, customers: int) -> tuple[ContactsPlan, int]:
    """Number the customers and say what is counted, in how many groups."""
    rules, engine = opened.rules, opened.engine
    few = customers < GROUPS
    complete = f"(select * from {rows} where not missing)"
    numbered = customers_sql(complete, groups=None if few else GROUPS, words=engine.snippets)
    plan = ContactsPlan(
        tickets=opened.tickets,
        rows=rows,
        customers=opened.kept(numbered),
        linked=link_touchpoints(opened.tickets, engine, rows, rules.touchpoints),
        has_segment=rules.by is not None,
        by_time=opened.laid is not None and opened.laid.window is not None,
        repeat=_micro(rules.repeat),
        contained=None if rules.contained is None else _micro(rules.contained),
        hours=rules.hours,
    )
    return plan, max(customers, 1) if few else GROUPS


def _check_zones(opened: _Opened, *, aware: bool) -> None:
    rules, label = opened.rules, opened.relation.label
    if rules.hours is not None and aware:
        raise InvalidLogError.because(
            "business_hours: the times name a time zone, opening hours are local.",
            where=label,
            expected="Expected local times without zone.",
            hint="convert the times to the local time of the desk and drop the zone",
        )
    if rules.until is not None and rules.until.aware != aware and opened.tickets.times:
        raise other_zone("observed_until", opened.relation, aware=aware)
    reading = opened.laid.reading if opened.laid is not None else None
    if reading is not None and reading.aware != aware:
        with_zone, without = ("log", "tickets") if reading.aware else ("tickets", "log")
        raise InvalidLogError.because(
            f"the times of the {with_zone} name a time zone, those of the {without} do not.",
            where=label,
            expected="Expected both with, or both without a zone.",
            hint="add the offset to the others, such as +00:00",
        )


def _hours(given: BusinessHours | Mapping[str, Any], function: str) -> BusinessHours:
    if isinstance(given, Mapping):
        try:
            return BusinessHours(**given)
        except ValidationError as error:
            raise refused(error, "business_hours", ("contacts", "business_hours"), where=function) from error
    require(given, BusinessHours, function, hint='BusinessHours(weekdays={"mon-fri": "09:00-17:00"})')
    return given


def _span(value: timedelta | str | None, what: str) -> timedelta | None:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"{what}: {error}.", hint="write 7 days or 48 hours") from error
    if span is not None and (not isinstance(span, timedelta) or span < timedelta(0)):
        raise InvalidLogError.because(
            f"{what}: {value!r} is no span of time.", hint="write 7 days or 48 hours"
        )
    return span


def _micro(span: timedelta) -> int:
    return span // _MICROSECOND


def _time(microseconds: int | None, *, aware: bool) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC if aware else None) + timedelta(microseconds=microseconds or 0)


def _set_aside(
    tickets: Tickets, relation: Relation, engine: Engine, marked: str, kinds: tuple[rows_of.Impossible, ...]
) -> tuple[SetAside, ...]:
    found = tuple(
        SetAside(kind=kinds[row["wrong"] - 1].kind, column=kinds[row["wrong"] - 1].column, count=row["n"])
        for row in engine.run(rows_of.set_aside_sql(marked), "set_aside").to_pylist()
    )
    if found and tickets.impossible == "error":
        told = "; ".join(f"{one.count:,} {one.kind} (column {one.column})" for one in found)
        raise InvalidLogError.because(
            f"tickets that cannot be true: {told}.",
            where=relation.label,
            hint="check which columns are declared as what, or leave such tickets out, counted, with "
            "impossible='drop'",
        )
    return found


def _ends(tickets: Tickets, engine: Engine, marked: str) -> tuple[int | None, int | None]:
    """When do the times begin and end, over all columns?"""
    if not tickets.times:
        return None, None
    (row,) = engine.run(rows_of.last_time_sql(tickets, marked), "last_time").to_pylist()
    firsts, lasts = (
        [v for name, v in row.items() if name.startswith(e) and v is not None] for e in ("min", "max")
    )
    return min(firsts, default=None), max(lasts, default=None)


def _with_ends(plan: ContactsPlan, relation: Relation, last: int | None, until: int | None) -> ContactsPlan:
    if until is not None and last is not None and until < last:
        raise InvalidLogError.because(
            "observed_until lies before the latest time of the tickets.",
            where=relation.label,
            expected="Expected the time at which the table was written, or a later one.",
            hint="leave it out, or choose tickets with between(start, end)",
        )
    end = until if until is not None else (last or 0)
    period = plan.tickets.period
    seen = end if period is None else min(end, moment(period[1], "between").microseconds)
    return replace(plan, until=end, contacts_until=seen)


def _totals(tables: tuple[EvidenceTable, ...]) -> dict[str, int]:
    counts, customers = tables[0].measures, tables[1]
    everybody = tuple(ALL for _ in KEYS)
    place = customers.keys.index(everybody) if everybody in customers.keys else None
    return {
        "contacts": sum(counts["contacts"]),
        "proactive": sum(counts["proactive"]),
        "customers": 0 if place is None else customers.measures["contacts"][customers.row.index(place)],
    }


def _signals(plan: ContactsPlan) -> tuple[str, ...]:
    told = {"resolved": plan.tells_resolved, "repeats": plan.windows}
    return tuple(name for name, known in told.items() if known)
