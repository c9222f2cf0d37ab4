"""Put an observed journey together from the counts of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from journeymap.events.catalogue import Catalogue, State
from journeymap.events.census import Census
from journeymap.events.count_columns import column, numbers, whole
from journeymap.events.counting_rules import CountingRules
from journeymap.events.log import EventLog
from journeymap.events.observed_transitions import counted_transitions, observed_transitions
from journeymap.events.queries.counts import CELLS_PER_MASK, FLAG_COUNTS
from journeymap.events.queries.routes import ENDS
from journeymap.events.queries.steps import StepsPlan
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey, Observation
from journeymap.model.measures import Estimate
from journeymap.model.touchpoints import Touchpoint, Visits
from journeymap.stats.jackknife import group_jackknife, leave_one_out

__all__ = ["Counts", "EvidenceCounts", "assembled"]

_TOUCHPOINT_MEASURES = (
    "visits", "customers", "journeys", "entries", "entries_closed", "lost", "open", "goal", "visits_before",
    "journeys_before", "visits_closed", "self_loops", "self_loop_customers", "repetitions",
    "repetition_customers", "moves", "regressions", "regression_customers", "waits", "wait_us", "sojourn_us",
    "rework_journeys",
)  # fmt: skip
_AGENT_MEASURES = ("handoff_pairs", "handoffs", "handoff_customers", "redo", "redo_customers")
_JOURNEY_COLUMNS = [
    "journeys", "customers", "events", "won", "lost", "open", "rework", "service_journeys",
    "service_customers",
]  # fmt: skip
_MICRO = 1_000_000


@dataclass(frozen=True)
class EvidenceCounts:
    """What the engine counted besides, by customer group: nothing of it is seen in the graph."""

    waits: pa.Table
    routes: pa.Table
    places: pa.Table
    stage_times: pa.Table
    sojourns: pa.Table | None
    cells: list[tuple[str, str]]
    edge_waits: pa.Table


@dataclass(frozen=True)
class Counts:
    """What the engine counted, and the rules it was counted by; by customer group if with evidence."""

    touchpoints: pa.Table
    transitions: pa.Table
    journeys: pa.Table
    rules: CountingRules
    wait_error: float
    evidence: EvidenceCounts | None = None


def assembled(
    design: Journey | None,
    catalogue: Catalogue,
    census: Census,
    counts: Counts,
    plan: StepsPlan,
    log: EventLog,
) -> Journey:
    """Make the journey.

    Parameters
    ----------
    design : Journey, optional
        What the touchpoints are taken from.
    catalogue : Catalogue
        The states.
    census : Census
        What is in the log.
    counts : Counts
        What the engine counted.
    plan : StepsPlan
        What was asked of it.
    log : EventLog
        The log, for its filters.

    Returns
    -------
    Journey
        The observed journey.
    """
    total = _sums(counts.journeys)
    by_state = _by_state(counts.touchpoints, plan.groups)
    seen = [number for number, state in enumerate(catalogue.states) if number in by_state]
    touchpoints = [_touchpoint(catalogue.states[n], by_state[n], total, plan) for n in seen]
    order = _map_order(design, catalogue, [(n, by_state[n]) for n in seen])
    taken = (
        {}
        if design is None
        else {
            field: getattr(design, field)
            for field in ("description", "state", "personas", "channels", "owners")
        }
    )
    present = {t.floats_as or t.id for t in touchpoints}
    goal = _present_goal(counts.rules.goal, present, catalogue)
    nodes = [state.node for state in catalogue.states]
    return Journey(
        name=design.name if design else "Observed journey",
        origin="observed",
        goal=goal,
        lost_after=counts.rules.silence,
        stages=catalogue.stages,
        touchpoints=tuple(touchpoints[position] for position in order),
        transitions=counted_transitions(nodes, counts.touchpoints, counts.transitions)
        if counts.evidence is None
        else observed_transitions(
            nodes, counts.touchpoints, counts.transitions, counts.evidence.edge_waits, plan.groups
        ),
        observation=_observation(design, catalogue, census, counts, plan, log, total, present),
        evidence=() if counts.evidence is None else _evidence(catalogue, counts, counts.evidence, plan, seen),
        **taken,
    )


def _sums(table: pa.Table) -> dict[str, int]:
    return {name: int(np.sum(numbers(table, name))) for name in table.column_names if name != "g"}


class _Grouped:
    """The counts of one state: totals, and arrays over the customer groups on demand."""

    def __init__(self, columns: dict[str, np.ndarray[Any, Any]], rows: slice, groups: int) -> None:
        self._columns = columns
        self._rows = rows
        self._groups = groups

    def total(self, name: str) -> Any:
        return self._columns[name][self._rows].sum()

    def by_group(self, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        found = np.zeros(self._groups)
        found[self._columns["g"][self._rows]] = self._columns[name][self._rows]
        return found


def _by_state(table: pa.Table, groups: int) -> dict[int, _Grouped]:
    """Cut a table that is sorted by state into its states."""
    columns = {name: numbers(table, name) for name in table.column_names}
    states, starts = np.unique(columns["state"], return_index=True)
    ends = [*starts[1:], table.num_rows]
    return {
        int(n): _Grouped(columns, slice(a, b), groups) for n, a, b in zip(states, starts, ends, strict=True)
    }


def _map_order(
    design: Journey | None, catalogue: Catalogue, found: Sequence[tuple[int, _Grouped]]
) -> list[int]:
    """By stage; inside a stage as in the design, else by mean place in the journeys."""
    stages = {stage.id: n for n, stage in enumerate(catalogue.stages)}
    places = {t.id: n for n, t in enumerate(design.touchpoints)} if design else {}

    def key(position: int) -> tuple[float, ...]:
        number, grouped = found[position]
        state = catalogue.states[number]
        mean = _position(grouped)
        return (stages[state.stage], places.get(state.touchpoint.id, len(places)), mean, number)

    return sorted(range(len(found)), key=key)


def _position(grouped: _Grouped) -> float:
    """The mean place of the visits in their journeys, 0 (first) to 1 (last)."""
    return float(grouped.total("position_sum") / grouped.total("visits") / _MICRO)


def _touchpoint(state: State, grouped: _Grouped, total: dict[str, int], plan: StepsPlan) -> Touchpoint:
    number = {
        name: int(grouped.total(name))
        for name in ("visits", "customers", "journeys", "entries", "lost", "open", "goal")
    }
    visits = Visits(
        count=number["visits"],
        customers=number["customers"],
        journeys=number["journeys"],
        share=number["journeys"] / total["journeys"],
        entries=number["entries"],
        lost=number["lost"],
        open=number["open"],
        goal=number["goal"],
        position=_position(grouped),
    )
    updates: dict[str, Any] = {
        "id": state.node,
        "stage": state.stage,
        "floats_as": state.touchpoint.id if state.touchpoint.stage is None else None,
        "entry_share": number["entries"] / total["journeys"] if number["entries"] else None,
        "visits": visits,
    }
    if plan.has_feeling and grouped.total("feelings"):
        estimate = _mean_feeling(grouped, number["customers"])
        updates |= {"feeling": estimate.value, "feeling_source": "measured", "measured_feeling": estimate}
    return state.touchpoint.model_copy(update=updates)


def _mean_feeling(grouped: _Grouped, customers: int) -> Estimate:
    sums, counts = grouped.by_group("feeling_sum") / _MICRO, grouped.by_group("feelings")
    mean = float(sums.sum() / counts.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        without = leave_one_out(sums) / leave_one_out(counts)
    found = group_jackknife(mean, without)
    low, high = found.low, found.high
    return Estimate(
        value=mean,
        low=None if low is None else max(low, -2.0),
        high=None if high is None else min(high, 2.0),
        n=int(counts.sum()),
        customers=min(customers, int(counts.sum())),
        method="delete-a-group jackknife",
        definition="mean feeling recorded with the events",
    )


def _present_goal(goal: tuple[str, ...], present: set[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Only goals that the observed journey can name: those visited, or a stage."""
    stages = {stage.id for stage in catalogue.stages}
    return tuple(name for name in goal if name in present or name in stages)


def _observation(
    design: Journey | None,
    catalogue: Catalogue,
    census: Census,
    counts: Counts,
    plan: StepsPlan,
    log: EventLog,
    total: dict[str, int],
    present: set[str],
) -> Observation:
    def time(microseconds: int) -> datetime:
        zone = UTC if census.aware else None
        return datetime(1970, 1, 1, tzinfo=zone) + timedelta(microseconds=microseconds)

    names, rules = [t.id for t in design.touchpoints] if design else [], counts.rules
    return Observation(
        **{
            name: total[name] for name in ("customers", "journeys", "events", "won", "lost", "open", "rework")
        },
        groups=0 if counts.evidence is None else plan.groups,
        start=time(census.first),
        end=time(census.last),
        observed_until=time(rules.observed_until or 0),
        lost_after=rules.silence,
        lost_after_source=rules.lost_after_source,
        journey_unit="gap" if plan.split_after is not None else "column" if plan.has_journey else "customer",
        new_journey_after=rules.new_journey_after,
        time_zone="UTC" if census.aware else "none",
        wait_error=counts.wait_error,
        tie_order="column" if log.order_col else "input" if census.in_order else "event name",
        unmapped=catalogue.unmapped,
        unmapped_more=catalogue.unmapped_more,
        unmapped_more_events=catalogue.unmapped_more_events,
        unmapped_policy=rules.unmapped,
        unvisited=tuple(name for name in names if name not in present),
        dropped=census.dropped,
        filters=log.filters_in_words(),
    )


def _evidence(
    catalogue: Catalogue, counts: Counts, besides: EvidenceCounts, plan: StepsPlan, seen: Sequence[int]
) -> tuple[EvidenceTable, ...]:
    nodes = [state.node for state in catalogue.states]
    stages = [stage.id for stage in catalogue.stages]
    row_of = {state: row for row, state in enumerate(seen)}
    measures = [*_TOUCHPOINT_MEASURES, *(["feelings", "feeling_sum"] if plan.has_feeling else [])]
    measures += _AGENT_MEASURES if plan.has_agent else []
    for flag in plan.flags:
        counted = FLAG_COUNTS[flag]
        measures += [counted.known, counted.happened, counted.customers]
    touched = _only_contacts(counts.touchpoints, catalogue) if "failure" in plan.flags else counts.touchpoints
    by_state = {"touchpoint": ("state", nodes.__getitem__), "bucket": ("bucket", str)}
    sojourns = (
        [] if besides.sojourns is None else [_keyed("sojourns", besides.sojourns, plan.groups, by_state)]
    )
    return (
        EvidenceTable(
            name="touchpoints",
            groups=plan.groups,
            key_columns=("touchpoint",),
            keys=tuple((nodes[state],) for state in seen),
            row=tuple(row_of[state] for state in numbers(counts.touchpoints, "state").tolist()),
            group=whole(counts.touchpoints, "g"),
            measures={name: whole(touched, name) for name in measures},
        ),
        _keyed("transitions", counts.transitions, plan.groups, {
            "source": ("state", nodes.__getitem__), "target": ("next_state", nodes.__getitem__)}),
        _keyed("waits", besides.waits, plan.groups, by_state),
        *sojourns,
        _journeys(counts, plan.groups),
        _service(catalogue, counts, besides.cells, plan.groups),
        _routes(catalogue, besides, plan.groups),
        _keyed("places", besides.places, 1, {
            "place": ("place", str), "source": ("state", nodes.__getitem__),
            "target": ("next_number", ["", *nodes].__getitem__), "end": ("ended", [*ENDS, ""].__getitem__)}),
        _keyed("stage_times", besides.stage_times, plan.groups, {
            "stage": ("stage", stages.__getitem__), "bucket": ("bucket", str)}),
    )  # fmt: skip


def _journeys(counts: Counts, groups: int) -> EvidenceTable:
    """Put the time that journeys take beside their counts; where events have no ends it is all waiting."""
    table, in_group = counts.journeys, whole(counts.journeys, "g")
    measures = {name: whole(table, name) for name in _JOURNEY_COLUMNS}
    if "cycle_us" in table.column_names:
        measures |= {name: whole(table, name) for name in ("cycle_us", "processing_us")}
    else:
        cycle = dict.fromkeys(in_group, 0)
        waits = (whole(counts.touchpoints, name) for name in ("g", "wait_us"))
        for group, wait in zip(*waits, strict=True):
            cycle[group] += wait
        measures["cycle_us"] = tuple(cycle[group] for group in in_group)
    return EvidenceTable(
        name="journeys",
        groups=groups,
        key_columns=(),
        keys=((),),
        row=(0,) * len(in_group),
        group=in_group,
        measures=measures,
    )


def _only_contacts(table: pa.Table, catalogue: Catalogue) -> pa.Table:
    """Count what came of a failure at service touchpoints only: elsewhere nobody asked for help."""
    service = np.array([state.touchpoint.is_service for state in catalogue.states], dtype=np.int64)
    at_service = service[numbers(table, "state")]
    counted = FLAG_COUNTS["failure"]
    for name in (counted.known, counted.happened, counted.customers):
        place = table.column_names.index(name)
        table = table.set_column(place, name, column(numbers(table, name) * at_service))
    return table


def _service(
    catalogue: Catalogue, counts: Counts, names: list[tuple[str, str]], groups: int
) -> EvidenceTable:
    """Count events, journeys and customers by stage: in service, outside it, and in all."""
    events = np.zeros((len(names), groups), dtype=np.int64)
    touched = counts.touchpoints
    states, in_groups, visits = (numbers(touched, name) for name in ("state", "g", "visits"))
    for family in ("service", "other", "any"):
        wanted = [
            family in {"any", "service" if s.touchpoint.is_service else "other"} for s in catalogue.states
        ]
        cell_of = [
            names.index((state.stage, family)) if take else -1
            for state, take in zip(catalogue.states, wanted, strict=True)
        ]
        cell = np.asarray(cell_of)[states]
        np.add.at(events, (cell[cell >= 0], in_groups[cell >= 0]), visits[cell >= 0])
    cells, in_group = np.nonzero(events)
    place = {g: n for n, g in enumerate(counts.journeys["g"].to_pylist())}
    met = {name: counts.journeys[name].to_pylist() for name in counts.journeys.column_names}
    entries = list(zip(cells.tolist(), in_group.tolist(), strict=True))
    return EvidenceTable(
        name="service",
        groups=groups,
        key_columns=("stage", "family"),
        keys=tuple(names),
        row=tuple(c for c, _ in entries),
        group=tuple(g for _, g in entries),
        measures={
            "events": tuple(events[cells, in_group].tolist()),
            "journeys": tuple(met[f"journeys_{c}"][place[g]] for c, g in entries),
            "customers": tuple(met[f"customers_{c}"][place[g]] for c, g in entries),
        },
    )


def _routes(catalogue: Catalogue, counts: EvidenceCounts, groups: int) -> EvidenceTable:
    """Read which stages journeys met off the bits that stand for them."""
    table = counts.routes
    bits: list[tuple[int, int] | None] = [
        divmod(counts.cells.index((stage.id, "any")), CELLS_PER_MASK)
        if (stage.id, "any") in counts.cells
        else None
        for stage in catalogue.stages
    ]
    masks = [whole(table, name) for name in table.column_names if name.startswith("met_")]
    rows: dict[tuple[str, str], int] = {}
    row_of: dict[tuple[int, ...], int] = {}
    codes = list(zip(*masks, whole(table, "ended"), strict=True))
    for *met, ended in dict.fromkeys(codes):
        stages = "".join("1" if at and met[at[0]] >> at[1] & 1 else "0" for at in bits)
        row_of[*met, ended] = rows.setdefault((stages, ENDS[ended]), len(rows))
    return EvidenceTable(
        name="routes",
        groups=groups,
        key_columns=("stages", "end"),
        keys=tuple(rows),
        row=tuple(row_of[code] for code in codes),
        group=whole(table, "g"),
        measures={"journeys": whole(table, "journeys")},
    )


def _keyed(name: str, table: pa.Table, groups: int, keys: dict[str, tuple[str, Any]]) -> EvidenceTable:
    """Turn a table of the engine into evidence; `keys` says which columns name a row, and how."""
    taken = [source for source, _ in keys.values()]
    words = [word for _, word in keys.values()]
    named: list[tuple[str, ...]] = [()]
    row = [0] * table.num_rows
    if taken:
        codes = [numbers(table, source).astype(np.int64) for source in taken]
        widths = [int(code.max(initial=0)) + 1 for code in codes]
        found, places = np.unique(np.ravel_multi_index(codes, widths), return_inverse=True)
        parts = zip(words, np.unravel_index(found, widths), strict=True)
        named = list(zip(*([word(code) for code in part.tolist()] for word, part in parts), strict=True))
        row = places.tolist()
    return EvidenceTable(
        name=name,
        groups=groups,
        key_columns=tuple(keys),
        keys=tuple(named),
        row=tuple(row),
        group=whole(table, "g"),
        measures={c: whole(table, c) for c in table.column_names if c not in {*taken, "g"}},
    )
