"""Count who is active in which period, in the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from journeymap.engines.progress import progress
from journeymap.engines.protocol import Engine
from journeymap.errors import InvalidLogError, UnknownNameError, nearest, require
from journeymap.events.catalogue import uses_channels
from journeymap.events.census import Census, take_census
from journeymap.events.log import EventLog, OpenLog, moment
from journeymap.events.periods import DAY, PeriodKind, calendar_of, timeline_of
from journeymap.events.queries.activity import activity_sql, cohorts_sql, panel_sql, periods_sql
from journeymap.events.queries.steps import customers_sql
from journeymap.model.activity import Activity
from journeymap.model.cohorts import Cohorts
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.periods import Timeline

__all__ = ["activity", "cohorts", "end_of_observation", "known_events"]

GROUPS = 64
MOST_COHORTS = 160
MOST_PERIODS = 400
_PANEL = (
    "active", "new", "kept", "days", "events", "contacts", "in_contact", "purchases", "buyers", "again",
)  # fmt: skip


def cohorts(
    log: EventLog,
    *,
    period: PeriodKind = "month",
    active: str | Sequence[str] | None = None,
    observed_until: datetime | date | str | None = None,
) -> Cohorts:
    """How many customers of each cohort came back after one, two, three periods?

    A customer's cohort is the period of the first activity, the age the number of periods since then. Only
    periods that were observed to their end are counted; the last one is left out where it was not, and
    the result says so.

    Parameters
    ----------
    log : EventLog
        The events.
    period : {"month", "week", "day"}, str or timedelta
        Calendar months, weeks from Monday, days, or a span such as ``"14 days"`` counted from the day of the
        first event.
    active : str or sequence of str, optional
        The raw events that count as activity, such as the purchase; all when left out.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else the latest event, whose day counts
        as a whole where periods are longer than a day.

    Returns
    -------
    Cohorts
        Counts by cohort, age and customer group; without periods where none was observed as a whole.

    Raises
    ------
    InvalidLogError
        The log cannot be counted, or the period is none, or so short that there are more than 160.
    UnknownNameError
        An event in `active` does not occur.

    Notes
    -----
    Who was a customer before the log begins looks new in its first periods: the oldest cohorts are then
    larger and more faithful than truly new ones. Ages are whole calendar periods: a customer who comes first
    on the 31st and again on the 1st is active at age 1.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a", "b", "a"], "what": ["buy"] * 4,
    ...                   "when": ["2024-01-05", "2024-02-01", "2024-02-03", "2024-03-31"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> for cell in cohorts(log, observed_until="2024-04-01").cells():
    ...     print(cell.cohort, cell.age, cell.active, "of", cell.size)
    2024-01 0 1 of 1
    2024-01 1 1 of 1
    2024-01 2 1 of 1
    2024-02 0 1 of 1
    2024-02 1 0 of 1
    """
    require(log, EventLog, "cohorts", hint="put the events into an EventLog first")
    names = _names(active)
    with _counted(
        log, "counting cohorts", period, observed_until, _Kinds(active=names), most=MOST_COHORTS
    ) as at:
        reach = {"first": at.begin, "last": at.begin + len(at.timeline.periods) - 1}
        by_cohort = at.engine.run(cohorts_sql(at.kept, **reach), "cohorts")
        by_period = at.engine.run(periods_sql(at.kept, **reach), "periods")
    return Cohorts(
        timeline=at.timeline,
        active=names,
        customers=sum(by_period["new"].to_pylist()),
        groups=at.groups,
        tables=(
            _evidence("cohorts", by_cohort, ("cohort", "age"), ("active", "unbroken"), at.groups),
            _evidence("periods", by_period, ("period",), ("active", "new", "kept"), at.groups),
        ),
        dropped=at.census.dropped,
        filters=log.filters_in_words(),
    )


def activity(
    log: EventLog,
    *,
    period: PeriodKind = "month",
    active: str | Sequence[str] | None = None,
    purchase: str | Sequence[str] | None = None,
    service: Journey | str | Sequence[str] | None = None,
    look_back: int | None = 3,
    observed_until: datetime | date | str | None = None,
) -> Activity:
    """What did customers do in each period, counted by group of customers?

    Parameters
    ----------
    log, period, observed_until
        As for `cohorts`; up to 400 periods.
    active : str or sequence of str, optional
        The raw events that count as activity; all when left out.
    purchase : str or sequence of str, optional
        The raw events that are a purchase.
    service : Journey, str or sequence of str, optional
        The raw events that are a contact with service, or a journey whose service touchpoints tell.
    look_back : int, optional
        Who bought in one of so many periods before buys again. None: at any time before, for a log that
        holds the whole past of its customers.

    Returns
    -------
    Activity
        Counts by period and customer group.

    Raises
    ------
    InvalidLogError
        The log cannot be counted, or the period is none, or there are too many.
    UnknownNameError
        A named event does not occur, or none of the events of the service touchpoints does.
    """
    require(log, EventLog, "activity", hint="put the events into an EventLog first")
    if look_back is not None and look_back < 1:
        raise InvalidLogError.because(
            f"look_back: {look_back} periods are none.", expected="Expected 1 or more, or None."
        )
    kinds = _Kinds(active=_names(active), purchase=_names(purchase), service=service, with_days=True)
    with _counted(log, "counting activity", period, observed_until, kinds, most=MOST_PERIODS) as at:
        last = at.begin + len(at.timeline.periods) - 1
        found = at.engine.run(panel_sql(at.kept, first=at.begin, last=last, look_back=look_back), "panel")
    return Activity(
        timeline=at.timeline,
        active=kinds.active,
        purchase=kinds.purchase,
        service=at.contacts,
        look_back=look_back,
        customers=sum(found["new"].to_pylist()),
        table=_evidence("activity", found, ("period",), _PANEL, at.groups),
        dropped=at.census.dropped,
        filters=log.filters_in_words(),
    )


@dataclass(frozen=True)
class _Kinds:
    """What raw events count as."""

    active: tuple[str, ...] = ()
    purchase: tuple[str, ...] = ()
    service: Journey | str | Sequence[str] | None = None
    with_days: bool = False

    @property
    def design(self) -> Journey | None:
        return self.service if isinstance(self.service, Journey) else None


@dataclass(frozen=True)
class _Counted:
    """The table of who was active when, in the engine."""

    engine: Engine
    census: Census
    timeline: Timeline
    begin: int
    groups: int
    kept: str
    contacts: tuple[str, ...]


@contextmanager
def _counted(
    log: EventLog,
    doing: str,
    period: PeriodKind,
    observed_until: datetime | date | str | None,
    kinds: _Kinds,
    *,
    most: int,
) -> Iterator[_Counted]:
    with progress(doing, 2) as step, log.open() as opened:
        step("reading the events")
        engine, by_channel = opened.engine, uses_channels(kinds.design)
        census = take_census(opened, by_channel=by_channel)
        calendar = calendar_of(period, first=census.first)
        until = end_of_observation(opened, census, observed_until, whole_day=calendar.length > DAY)
        timeline, begin = timeline_of(
            calendar,
            first=census.first,
            observed_from=_begin(opened, census),
            observed_until=until,
            aware=census.aware,
            most=most,
        )
        contacts = _contacts(census, kinds.service, opened.label)
        few = census.customers if census.customers is not None and census.customers < GROUPS else None
        names = opened.keep(_name_table(engine, census, kinds, contacts, opened.label))
        numbered = customers_sql(census.table, groups=None if few else GROUPS, words=engine.snippets)
        customers = opened.keep(engine.materialise(numbered))
        step("sorting customers into periods")
        placed = activity_sql(
            census.table, names, customers, calendar, by_channel=by_channel, with_days=kinds.with_days
        )
        kept = opened.keep(engine.materialise(placed))
        told = tuple(sorted({event for event, _ in contacts}))
        yield _Counted(engine, census, timeline, begin, few or GROUPS, kept, told)


def end_of_observation(
    opened: OpenLog, census: Census, observed_until: datetime | date | str | None, *, whole_day: bool
) -> int:
    """When does the observation end, in microseconds?

    Parameters
    ----------
    opened : OpenLog
        The log, for its period.
    census : Census
        What is in it.
    observed_until : datetime, date or str, optional
        What the call says.
    whole_day : bool
        Whether the day of the latest event counts as a whole where nothing else is said.

    Returns
    -------
    int
        The end given by the call, else by `between`, else the latest event or the end of its day.

    Raises
    ------
    InvalidLogError
        It lies before the latest event, or names a time zone where the log does not.
    """
    if observed_until is None:
        if opened.log.period is not None:
            return moment(opened.log.period[1], "between").microseconds
        return (census.last // DAY + 1) * DAY if whole_day else census.last
    until = moment(observed_until, "observed_until")
    if until.aware != census.aware and not _is_day(observed_until):
        raise InvalidLogError.because(
            "observed_until: the times of the log name "
            + ("a time zone, it does not." if census.aware else "no time zone, it does."),
            where=opened.label,
            hint="write the offset, such as 2024-05-01T00:00:00+00:00"
            if census.aware
            else "leave the offset out",
        )
    if until.microseconds < census.last:
        raise InvalidLogError.because(
            "observed_until lies before the latest event.",
            where=opened.label,
            hint="leave later events out with between(start, end)",
        )
    return until.microseconds


def _is_day(value: datetime | date | str) -> bool:
    """A day alone needs no zone: it is one of UTC, as the periods are."""
    return len(value) <= len("2024-05-01") if isinstance(value, str) else not isinstance(value, datetime)


def _begin(opened: OpenLog, census: Census) -> int:
    """The start given by `between`, else the beginning of the day of the first event."""
    if opened.log.period is not None:
        return moment(opened.log.period[0], "between").microseconds
    return census.first // DAY * DAY


def _names(events: str | Sequence[str] | None) -> tuple[str, ...]:
    return (events,) if isinstance(events, str) else tuple(events or ())


def known_events(census: Census, events: Iterable[str], what: str, label: str) -> tuple[str, ...]:
    """Refuse raw events that do not occur.

    Parameters
    ----------
    census : Census
        What is in the log.
    events : iterable of str
        Their names.
    what : str
        The parameter that names them.
    label : str
        What messages call the log.

    Returns
    -------
    tuple of str
        The same names.

    Raises
    ------
    UnknownNameError
        One of them does not occur.
    """
    there = list(dict.fromkeys(raw.event for raw in census.raw))
    for name in events:
        if name not in there:
            close = nearest(name, there)
            shown = ", ".join(there[:8]) + (f" and {len(there) - 8:,} more" if len(there) > 8 else "")  # noqa: PLR2004
            raise UnknownNameError.because(
                f"{what}: no event {name!r} occurs.",
                where=label,
                expected=f"Expected one of: {shown}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
    return tuple(events)


def _contacts(
    census: Census, service: Journey | str | Sequence[str] | None, label: str
) -> set[tuple[str, str | None]]:
    """Which raw events, with their channel where the design tells them apart, are contacts with service?"""
    if not isinstance(service, Journey):
        named = set(known_events(census, _names(service), "service", label))
        return {(raw.event, raw.channel) for raw in census.raw if raw.event in named}
    owners = {(e.event, e.channel): t for t in service.touchpoints for e in t.raw_events}
    found = {
        (raw.event, raw.channel)
        for raw in census.raw
        if (owner := owners.get((raw.event, raw.channel)) or owners.get((raw.event, None))) is not None
        and owner.is_service
    }
    if not found:
        raise UnknownNameError.because(
            f"service: no event of a service touchpoint of {service.name!r} occurs.",
            where=label,
            hint="mark touchpoints as 'service' and name their raw events under 'events', "
            "or give the names of the events: service=['chat', 'call']",
        )
    return found


def _name_table(
    engine: Engine, census: Census, kinds: _Kinds, contacts: set[tuple[str, str | None]], label: str
) -> str:
    active = set(known_events(census, kinds.active, "active", label))
    bought = set(known_events(census, kinds.purchase, "purchase", label))
    rows = [
        (
            raw.event,
            raw.channel or "",
            int(not active or raw.event in active),
            int((raw.event, raw.channel) in contacts),
            int(raw.event in bought),
        )
        for raw in census.raw
    ]
    types = {"event": "string", "channel": "string"}
    return engine.add_rows(types | dict.fromkeys(("active", "contact", "purchase"), "integer"), rows)


def _evidence(
    name: str, table: pa.Table, keys: tuple[str, ...], measures: tuple[str, ...], groups: int
) -> EvidenceTable:
    columns = {column: table[column].to_pylist() for column in table.column_names}
    rows: dict[tuple[str, ...], int] = {}
    row = tuple(
        rows.setdefault(tuple(map(str, key)), len(rows))
        for key in zip(*(columns[part] for part in keys), strict=True)
    )
    return EvidenceTable(
        name=name,
        groups=groups,
        key_columns=keys,
        keys=tuple(rows),
        row=row,
        group=tuple(columns["g"]),
        measures={measure: tuple(columns[measure]) for measure in measures},
    )
