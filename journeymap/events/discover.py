"""Discover the journey that customers really live from a log of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import pyarrow as pa

from journeymap.engines.progress import progress
from journeymap.engines.protocol import Engine
from journeymap.errors import InvalidLogError, require
from journeymap.events.assemble import Counts, assembled
from journeymap.events.catalogue import Catalogue, catalogue_of, uses_channels
from journeymap.events.census import Census, take_census
from journeymap.events.log import FLAGS, EventLog, OpenLog, moment
from journeymap.events.queries import counts as queries
from journeymap.events.queries import routes
from journeymap.events.queries.steps import (
    StepsPlan,
    customers_sql,
    gap_quantile_sql,
    sessions_sql,
    steps_sql,
)
from journeymap.model.durations import parse_duration
from journeymap.model.journey import Journey

__all__ = ["discover_journey"]

GROUPS = 64
LOST_QUANTILE = 0.99
_UNMAPPED = ("error", "ignore", "keep")
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class _Rules:
    """What the call, else the design, says."""

    goal: tuple[str, ...]
    lost_after: timedelta | None
    lost_after_source: Literal["call", "design", "data"]
    observed_until: int | None
    new_journey_after: timedelta | None
    unmapped: Literal["error", "ignore", "keep"]


def discover_journey(
    log: EventLog,
    design: Journey | None = None,
    *,
    goal: str | Sequence[str] | None = None,
    lost_after: timedelta | str | None = None,
    observed_until: datetime | date | str | None = None,
    new_journey_after: timedelta | str | None = None,
    unmapped: Literal["error", "ignore", "keep"] = "error",
) -> Journey:
    """Which journey do customers really live?

    Every visit, transition, wait and exit is counted in the engine, per group of customers; only counts
    come back.

    Parameters
    ----------
    log : EventLog
        The events.
    design : Journey, optional
        A designed journey that says which raw event belongs to which touchpoint and stage, what is
        service and what is the goal. Without one every raw event is its own touchpoint in the stage
        ``unassigned``.
    goal : str or sequence of str, optional
        Touchpoint ids, or one stage id: the first event there wins the journey; the design's when left out.
    lost_after : timedelta or str, optional
        A journey without goal is lost when its last event is at least this old at the end of the
        observation, else open; the design's when left out, else the 99th percentile of the gaps within
        journeys.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else its latest event.
    new_journey_after : timedelta or str, optional
        A longer gap between two events of a customer starts a new journey (a gap equal to it does not).
    unmapped : {"error", "ignore", "keep"}
        What to do with raw events that no touchpoint names: refuse, leave out, or keep as touchpoints of
        their own in the stage ``unassigned``. They are reported with their counts in any case.

    Returns
    -------
    Journey
        Observed: touchpoints with visits, transitions with counts, shares and waits, what was counted
        (``observation``), and the counts by customer group (``evidence``). A floating touchpoint becomes
        one touchpoint for each stage that journeys had reached when they came to it, ``phone@purchase``.

    Raises
    ------
    InvalidLogError
        The log cannot be counted: a column is missing, times are mixed, no event belongs to the design.

    Notes
    -----
    A wait runs from the end of one event (its time, where the log has no ends) to the start of the next;
    overlaps count as no wait. Shares have Wilson intervals at the effective sample size, medians have
    Woodruff intervals; both take the customer as the unit of independence.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a", "b"], "what": ["ad", "pay", "ad"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-01"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = discover_journey(log, goal="pay")
    >>> journey.graph.edges["ad", "pay"]["transition"].share
    0.5
    """
    require(log, EventLog, "discover_journey", hint="put the events into an EventLog first")
    if design is not None:
        require(
            design, Journey, "discover_journey", hint="read the design first: read_journey('design.yaml')"
        )
    rules = _rules(design, goal, lost_after, observed_until, new_journey_after, unmapped)
    with progress("discovering the journey", 5) as step, log.open() as opened:
        step("reading the events")
        census = take_census(opened, by_channel=uses_channels(design))
        catalogue = catalogue_of(census.raw, design, rules.goal, unmapped=rules.unmapped, label=opened.label)
        plan = _plan(opened, census, catalogue, rules)
        step("putting them in order")
        steps = opened.engine.materialise(steps_sql(plan, opened.engine.snippets))
        until = _observed_until(opened, census, rules)
        rules = _with_lost_after(rules, opened.engine, steps)
        step("counting visits")
        counts = _count(opened.engine, plan, catalogue, steps, until, rules, step)
        step("putting the journey together")
        journey = assembled(design, catalogue, census, counts, plan, log)
        for name in (steps, plan.codes, plan.customers, plan.sessions, census.table if census.kept else ""):
            if name:
                opened.engine.drop(name)
        return journey


def _rules(
    design: Journey | None,
    goal: str | Sequence[str] | None,
    lost_after: timedelta | str | None,
    observed_until: datetime | date | str | None,
    new_journey_after: timedelta | str | None,
    unmapped: Literal["error", "ignore", "keep"],
) -> _Rules:
    if unmapped not in _UNMAPPED:
        raise InvalidLogError.because(
            f"unmapped: {unmapped!r} is no rule.", expected=f"Expected one of: {', '.join(_UNMAPPED)}."
        )
    goals = (goal,) if isinstance(goal, str) else tuple(goal or ())
    called = _span(lost_after, "lost_after")
    designed = design.lost_after if design else None
    source: Literal["call", "design", "data"] = (
        "call" if called is not None else "data" if designed is None else "design"
    )
    until = None if observed_until is None else moment(observed_until, "observed_until").microseconds
    return _Rules(
        goal=goals or (design.goal if design else ()),
        lost_after=called if called is not None else designed,
        lost_after_source=source,
        observed_until=until,
        new_journey_after=_span(new_journey_after, "new_journey_after"),
        unmapped=unmapped,
    )


def _span(value: timedelta | str | None, what: str) -> timedelta | None:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"{what}: {error}.", hint="write 14 days or 90 minutes") from error
    if span is not None and (not isinstance(span, timedelta) or span < timedelta(0)):
        raise InvalidLogError.because(
            f"{what}: {value!r} is no span of time.", hint="write 14 days or 90 minutes"
        )
    return span


def _plan(opened: OpenLog, census: Census, catalogue: Catalogue, rules: _Rules) -> StepsPlan:
    engine, log = opened.engine, opened.log
    few = census.customers if census.customers is not None and census.customers < GROUPS else None
    customers = customers_sql(census.table, groups=None if few else GROUPS, words=engine.snippets)
    time_type = opened.relation.columns[log.time_col]
    return StepsPlan(
        events=census.table,
        codes=engine.add_rows(catalogue.code_types, catalogue.codes),
        customers=engine.materialise(customers),
        sessions=engine.materialise(sessions_sql(census.table)) if log.journey_col is not None else "",
        groups=few or GROUPS,
        by_channel=catalogue.by_channel,
        has_goal=catalogue.has_goal,
        has_floating=catalogue.has_floating,
        has_ranks=any(state.rank is not None for state in catalogue.states),
        has_end=log.end_col is not None,
        has_fine=engine.snippets.fine_order("t", time_type) is not None,
        has_journey=log.journey_col is not None,
        has_feeling=log.feeling_col is not None,
        has_agent=log.agent_col is not None,
        flags=tuple(role for role in FLAGS if getattr(log, f"{role}_col") is not None),
        split_after=None if rules.new_journey_after is None else rules.new_journey_after // _MICROSECOND,
    )


def _observed_until(opened: OpenLog, census: Census, rules: _Rules) -> int:
    if rules.observed_until is not None:
        if rules.observed_until < census.last:
            raise InvalidLogError.because(
                "observed_until lies before the latest event.",
                where=opened.label,
                hint="leave later events out with between(start, end)",
            )
        return rules.observed_until
    period = opened.log.period
    return moment(period[1], "between").microseconds if period else census.last


def _with_lost_after(rules: _Rules, engine: Engine, steps: str) -> _Rules:
    if rules.lost_after is not None:
        return rules
    found = engine.run(gap_quantile_sql(steps, LOST_QUANTILE, engine.snippets)).column(0)[0].as_py()
    gap = round(found[0]) if found else 0
    return _Rules(
        rules.goal,
        timedelta(microseconds=gap),
        "data",
        rules.observed_until,
        rules.new_journey_after,
        rules.unmapped,
    )


def _count(
    engine: Engine,
    plan: StepsPlan,
    catalogue: Catalogue,
    steps: str,
    until: int,
    rules: _Rules,
    step: Callable[[str], None],
) -> Counts:
    """Run every count on the steps."""
    words = engine.snippets
    lost_after = rules.lost_after or timedelta(0)
    cut = until - lost_after // _MICROSECOND
    cells = _cells(catalogue)
    states = engine.add_rows(cells.types, cells.rows)
    visits = engine.materialise(queries.visits_sql(plan, steps, routes.end_code(cut)))
    sums = engine.run(queries.sums_sql(plan, steps, cut))
    visitors = engine.run(queries.visitors_sql(plan, visits))
    journeys = engine.run(queries.journeys_sql(plan, steps, cut))
    if plan.has_end:
        journeys = _beside(journeys, engine.run(queries.cycles_sql(steps)), ("g",))
    each = engine.materialise(
        routes.each_journey_sql(plan, visits, states, range(len(cells.stage_bits)), cells.stages)
    )
    met = engine.run(queries.met_sql(plan, each, cells.where))
    taken = engine.run(routes.routes_sql(each, cells.stage_bits))
    stage_times = engine.run(routes.stage_times_sql(each, cells.stages))
    for table in (visits, states, each):
        engine.drop(table)
    step("counting transitions and waits")
    edge_waits = engine.materialise(queries.edge_waits_sql(steps, words))
    counts = Counts(
        touchpoints=_beside(sums, visitors, ("state", "g")),
        journeys=_beside(journeys, met, ("g",)),
        cells=cells.names,
        edge_waits=engine.run(f"select * from {edge_waits} order by state, next_state"),
        transitions=engine.run(queries.transitions_sql(steps, edge_waits, cut, words)),
        waits=engine.run(queries.waits_sql(steps)),
        routes=taken,
        places=engine.run(routes.places_sql(steps, cut)),
        sojourns=engine.run(queries.sojourns_sql(steps)) if plan.has_end else None,
        stage_times=stage_times,
        observed_until=until,
        lost_after=lost_after,
        lost_after_source=rules.lost_after_source,
        unmapped_policy=rules.unmapped,
        goal=rules.goal,
        new_journey_after=rules.new_journey_after,
    )
    engine.drop(edge_waits)
    return counts


class _Cells(NamedTuple):
    """Every stage, in service, outside and in all: its name, and the mask and bit that stand for it."""

    names: list[tuple[str, str]]
    where: list[tuple[int, int]]
    types: dict[str, str]
    rows: list[tuple[int, ...]]
    stages: list[int]
    stage_bits: list[int]


def _cells(catalogue: Catalogue) -> _Cells:
    of_state = [
        {(s.stage, "service" if s.touchpoint.is_service else "other"), (s.stage, "any")}
        for s in catalogue.states
    ]
    stages = [stage.id for stage in catalogue.stages]
    names = sorted(set().union(*of_state), key=lambda cell: (stages.index(cell[0]), cell[1]))
    where = [divmod(number, queries.CELLS_PER_MASK) for number in range(len(names))]
    masks = range(where[-1][0] + 1)
    types = {"state": "integer", "stage": "integer", "service": "integer"}
    types |= {f"mask_{mask}": "bigint" for mask in masks}
    rows = []
    for number, (state, cells) in enumerate(zip(catalogue.states, of_state, strict=True)):
        bits = [where[names.index(cell)] for cell in cells]
        sums = (sum(1 << bit for at, bit in bits if at == mask) for mask in masks)
        rows.append((number, stages.index(state.stage), int(state.touchpoint.is_service), *sums))
    whole = [at for name, at in zip(names, where, strict=True) if name[1] == "any"]
    stage_bits = [sum(1 << bit for at, bit in whole if at == mask) for mask in masks]
    return _Cells(names, where, types, rows, sorted({row[1] for row in rows}), stage_bits)


def _beside(left: pa.Table, right: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    """Put two tables side by side that have the same rows in the same order."""
    for name in right.column_names:
        if name not in keys:
            left = left.append_column(name, right[name])
    return left
