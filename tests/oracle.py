"""An independent oracle: the evidence tables of a log, counted in plain Python, one journey at a time.

Nothing here shares code with the library's queries; the definitions are those of the documentation.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey, Observation
from journeymap.model.names import shown_name
from journeymap.model.stages import STANDARD_STAGES, Stage
from journeymap.model.touchpoints import Touchpoint, Visits
from journeymap.model.transitions import Transition, Wait

HOUR = 3_600_000_000
EPOCH = datetime(2024, 1, 1)  # noqa: DTZ001 - naive times, taken as given

TOY_PATHS: tuple[str, ...] = (
    "ad compare cart pay onboard renew",
    "ad compare cart pay onboard renew",
    "ad compare compare cart pay onboard chat renew",
    "ad compare cart compare cart pay onboard",
    "ad compare",
    "ad",
    "ad compare cart chat cart pay onboard renew",
    "ad compare cart chat phone",
    "ad compare cart pay onboard bot chat phone renew",
    "ad compare cart",
    "ad compare cart pay onboard phone phone",
    "ad cart pay onboard renew",
)
TOY_STAGES: dict[str, str | None] = {
    "ad": "discovery",
    "compare": "evaluation",
    "cart": "purchase",
    "pay": "purchase",
    "onboard": "post_purchase",
    "renew": "loyalty",
    "chat": None,
    "phone": None,
    "bot": None,
}
TOY_SERVICE: dict[str, dict] = {
    "chat": {"handler": "human", "need": "advice"},
    "phone": {"handler": "human", "need": "complaint"},
    "bot": {"handler": "bot", "need": "information"},
}


class Row(NamedTuple):
    """One event as it comes from a log, already put on its touchpoint."""

    customer: str
    journey: str
    touchpoint: str
    stage: str | None
    is_service: bool
    is_goal: bool
    time_us: int
    end_us: int | None = None
    agent: str | None = None
    repeated: bool | None = None
    failure: bool | None = None
    completed: bool | None = None
    channel: str | None = None
    number: int = 0


class Event(NamedTuple):
    """One event in its journey: the node with its stage, and what lies around it."""

    node: str
    stage: str
    floats: bool
    is_service: bool
    is_goal: bool
    start: int
    end: int
    row: Row


class Walk(NamedTuple):
    """One journey: its customer, its events in order, how it ended, how many events precede the goal."""

    customer: str
    events: list[Event]
    outcome: str
    before: int


def walks(
    rows: Iterable[Row],
    *,
    stages: Sequence[str],
    lost_after_us: int = 0,
    observed_until_us: int | None = None,
) -> list[Walk]:
    """Put the rows into journeys; equal times keep their order."""
    rows = [Row(*row) for row in rows]
    until = max(row.time_us for row in rows) if observed_until_us is None else observed_until_us
    by_journey: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_journey[row.journey].append(row)
    found = []
    for members in by_journey.values():
        reached = 0
        events = []
        for row in sorted(members, key=lambda row: row.time_us):
            end = row.time_us if row.end_us is None else row.end_us
            floats = row.stage is None
            stage = stages[reached] if floats else row.stage
            node = f"{row.touchpoint}@{stage}" if floats else row.touchpoint
            if not floats:
                reached = max(reached, stages.index(row.stage))
            events.append(Event(node, stage, floats, row.is_service, row.is_goal, row.time_us, end, row))
        goals = [place for place, event in enumerate(events) if event.is_goal]
        outcome = "lost" if until - events[-1].start >= lost_after_us else "open"
        if goals:
            outcome = "goal"
        found.append(Walk(members[0].customer, events, outcome, goals[0] if goals else len(events)))
    return found


class Counts:
    """Counts by key and group; distinct customers are counted once."""

    def __init__(self, group_of: Callable[[str], int]):
        self.group_of = group_of
        self.sums: Counter = Counter()
        self.seen: set = set()

    def add(self, key: tuple[str, ...], customer: str, **measures: int) -> None:
        group = self.group_of(customer)
        for measure, count in measures.items():
            self.sums[key, group, measure] += count

    def once(self, key: tuple[str, ...], customer: str, measure: str) -> None:
        if (key, customer, measure) not in self.seen:
            self.seen.add((key, customer, measure))
            self.add(key, customer, **{measure: 1})

    def table(
        self, name: str, columns: tuple[str, ...], measures: Sequence[str], groups: int
    ) -> EvidenceTable:
        keys = sorted({key for (key, _, _), count in self.sums.items()})
        cells = sorted({(keys.index(key), group) for (key, group, _), count in self.sums.items() if count})
        return EvidenceTable(
            name=name,
            groups=groups,
            key_columns=columns,
            keys=tuple(keys),
            row=tuple(row for row, _ in cells),
            group=tuple(group for _, group in cells),
            measures={
                measure: tuple(self.sums[keys[row], group, measure] for row, group in cells)
                for measure in measures
            },
        )


TOUCHPOINT_MEASURES = (
    "visits", "customers", "journeys", "entries", "entries_closed", "lost", "open", "goal", "visits_before",
    "journeys_before", "visits_closed", "self_loops", "self_loop_customers", "repetitions",
    "repetition_customers", "moves", "regressions", "regression_customers", "waits", "wait_us", "sojourn_us",
    "rework_journeys",
)  # fmt: skip
AGENT_MEASURES = ("handoff_pairs", "handoffs", "handoff_customers", "redo", "redo_customers")
FLAG_MEASURES = {
    "repeated": ("repeats_known", "repeated", "repeated_customers"),
    "failure": ("failures_known", "failures", "failure_customers"),
    "completed": ("completions", "not_completed", "not_completed_customers"),
}
TRANSITION_MEASURES = ("count", "customers", "closed", "wait_us", "closed_wait_us", "below_median")
JOURNEY_MEASURES = (
    "journeys", "customers", "events", "won", "lost", "open", "rework", "service_journeys", "service_customers",
    "cycle_us",
)  # fmt: skip


def _wait(event: Event, after: Event) -> int:
    return max(0, after.start - event.end)


def _count_touchpoints(found: list[Walk], counts: Counts) -> None:
    for customer, events, outcome, before in found:
        closed = outcome != "open"
        first, last = (events[0].node,), (events[-1].node,)
        counts.add(first, customer, entries=1, entries_closed=int(closed))
        counts.add(last, customer, **{outcome: 1})
        for node in {event.node for event in events}:
            counts.add((node,), customer, journeys=1)
            counts.once((node,), customer, "customers")
        for node in {event.node for event in events[:before]}:
            counts.add((node,), customer, journeys_before=1)
        for place, event in enumerate(events):
            key = (event.node,)
            counts.add(key, customer, visits=1, sojourn_us=event.end - event.start)
            if place < before:
                counts.add(key, customer, visits_before=1, visits_closed=int(closed))
            if place + 1 < len(events):
                after = events[place + 1]
                counts.add(key, customer, waits=1, wait_us=_wait(event, after))
                if after.node == event.node:
                    counts.add(key, customer, self_loops=1)
                    counts.once(key, customer, "self_loop_customers")
            earlier = [other.node for other in events[:place]]
            if event.node in earlier and earlier[-1] != event.node:
                counts.add(key, customer, repetitions=1)
                counts.once(key, customer, "repetition_customers")


def _count_moves(found: list[Walk], counts: Counts, stages: Sequence[str]) -> None:
    for customer, events, _, _ in found:
        fixed = [event for event in events if not event.floats]
        for event, after in pairwise(fixed):
            key = (event.node,)
            counts.add(key, customer, moves=1)
            if stages.index(after.stage) < stages.index(event.stage):
                counts.add(key, customer, regressions=1)
                counts.once(key, customer, "regression_customers")


def _count_declared(found: list[Walk], counts: Counts) -> None:
    """Rework, hand-offs and what columns of yes and no say."""
    for customer, events, _, _ in found:
        for node, visits in Counter(event.node for event in events).items():
            counts.add((node,), customer, rework_journeys=int(visits > 1))
        for event, after in pairwise(events):
            _count_hands(customer, event, after, counts)
        for event in events:
            for flag, names in FLAG_MEASURES.items():
                said = getattr(event.row, flag)
                if said is not None and (flag != "failure" or event.is_service):
                    _count_said(customer, event.node, names, counts, bad=said != (flag == "completed"))


def _count_hands(customer: str, event: Event, after: Event, counts: Counts) -> None:
    key, hands = (event.node,), (event.row.agent, after.row.agent)
    if None in hands:
        return
    other = int(hands[0] != hands[1])
    if event.stage == after.stage:
        counts.add(key, customer, handoff_pairs=1, handoffs=other)
        if other:
            counts.once(key, customer, "handoff_customers")
    if event.node == after.node and other:
        counts.add(key, customer, redo=1)
        counts.once(key, customer, "redo_customers")


def _count_said(customer: str, node: str, names: Sequence[str], counts: Counts, *, bad: bool) -> None:
    known, happened, customers = names
    counts.add((node,), customer, **{known: 1, happened: int(bad)})
    if bad:
        counts.once((node,), customer, customers)


def _count_cycles(found: list[Walk], journeys: Counts, sojourns: Counts) -> None:
    for customer, events, _, _ in found:
        last = max(event.end for event in events)
        journeys.add((), customer, cycle_us=last - events[0].start)
        covered = 0
        reached = events[0].start
        for event in events:
            if event.end > reached:
                covered += event.end - max(event.start, reached)
                reached = event.end
            if event.row.end_us is not None:
                sojourns.add((event.node, _bucket(event.end - event.start)), customer, count=1)
        journeys.add((), customer, processing_us=covered)


def _median(values: list[int]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _edge_waits(found: list[Walk]) -> dict[tuple[str, str], list[int]]:
    waits = defaultdict(list)
    for walk in found:
        for event, after in pairwise(walk.events):
            waits[event.node, after.node].append(_wait(event, after))
    return waits


def _bucket(span: int) -> str:
    return str(math.floor(8 * math.log2(span + 1)))


def _count_edges(found: list[Walk], edges: Counts, waits: Counts) -> None:
    medians = {edge: _median(spans) for edge, spans in _edge_waits(found).items()}
    for customer, events, outcome, before in found:
        for place, (event, after) in enumerate(pairwise(events)):
            edge = (event.node, after.node)
            wait = _wait(event, after)
            closed = int(place < before and outcome != "open")
            below = int(wait <= medians[edge])
            edges.add(edge, customer, count=1, closed=closed, wait_us=wait, below_median=below)
            edges.add(edge, customer, closed_wait_us=wait * closed)
            edges.once(edge, customer, "customers")
            waits.add((event.node, _bucket(wait)), customer, count=1)


def _count_journeys(found: list[Walk], journeys: Counts, service: Counts) -> None:
    for customer, events, outcome, _ in found:
        nodes = [event.node for event in events]
        journeys.add(
            (), customer, journeys=1, events=len(events), **{{"goal": "won"}.get(outcome, outcome): 1}
        )
        journeys.once((), customer, "customers")
        journeys.add((), customer, rework=int(len(set(nodes)) < len(nodes)))
        if any(event.is_service for event in events):
            journeys.add((), customer, service_journeys=1)
            journeys.once((), customer, "service_customers")
        cells = [(event.stage, "service" if event.is_service else "other") for event in events]
        cells += [(event.stage, "any") for event in events]
        for cell in cells:
            service.add(cell, customer, events=1)
            service.once(cell, customer, "customers")
        for cell in set(cells):
            service.add(cell, customer, journeys=1)


def _count_ways(
    found: list[Walk], routes: Counts, places: Counts, times: Counts, stages: Sequence[str]
) -> None:
    for customer, events, outcome, _ in found:
        touched = {event.stage for event in events}
        bits = "".join("1" if stage in touched else "0" for stage in stages)
        routes.add((bits, outcome), customer, journeys=1)
        stays: Counter = Counter()
        for place, event in enumerate(events[:12], start=1):
            onward = (events[place].node, "") if place < len(events) else ("", outcome)
            places.add((str(place), event.node, *onward), customer, journeys=1)
        for event, after in pairwise(events):
            stays[event.stage] += after.start - event.start
        for stage, span in stays.items():
            times.add((stage, _bucket(span)), customer, journeys=1)


def evidence_from_events(
    rows: Iterable[Row],
    *,
    stages: Sequence[str],
    groups: int,
    group_of: Callable[[str], int],
    lost_after_us: int = 0,
    observed_until_us: int | None = None,
    declared: Sequence[str] = (),
) -> tuple[EvidenceTable, ...]:
    """All evidence tables of a log, counted one journey at a time.

    rows: (customer, journey, touchpoint, stage or None, is_service, is_goal, time_us, end_us or None)
    stages: the stage ids in order.
    declared: of end, agent, repeated, failure, completed the columns that the log has.
    """
    found = walks(rows, stages=stages, lost_after_us=lost_after_us, observed_until_us=observed_until_us)
    touchpoints, edges, waits, journeys, service, routes, times, sojourns = (
        Counts(group_of) for _ in range(8)
    )
    places = Counts(lambda _: 0)
    _count_touchpoints(found, touchpoints)
    _count_moves(found, touchpoints, stages)
    _count_edges(found, edges, waits)
    _count_journeys(found, journeys, service)
    _count_ways(found, routes, places, times, stages)
    _count_declared(found, touchpoints)
    _count_cycles(found, journeys, sojourns)
    measures = [*TOUCHPOINT_MEASURES, *(AGENT_MEASURES if "agent" in declared else ())]
    for flag, names in FLAG_MEASURES.items():
        measures += names if flag in declared else ()
    of_journeys = [*JOURNEY_MEASURES, *(["processing_us"] if "end" in declared else [])]
    lasting = [sojourns.table("sojourns", ("touchpoint", "bucket"), ("count",), groups)]
    return (
        touchpoints.table("touchpoints", ("touchpoint",), measures, groups),
        edges.table("transitions", ("source", "target"), TRANSITION_MEASURES, groups),
        waits.table("waits", ("touchpoint", "bucket"), ("count",), groups),
        journeys.table("journeys", (), of_journeys, groups),
        service.table("service", ("stage", "family"), ("events", "journeys", "customers"), groups),
        routes.table("routes", ("stages", "end"), ("journeys",), groups),
        places.table("places", ("place", "source", "target", "end"), ("journeys",), 1),
        times.table("stage_times", ("stage", "bucket"), ("journeys",), groups),
        *(lasting if "end" in declared else ()),
    )


def totals(table: EvidenceTable) -> dict[tuple[str, ...], dict[str, int]]:
    """The counts of a table by key, summed over the groups; zeros are left out."""
    sums: dict[tuple[str, ...], Counter] = defaultdict(Counter)
    for entry, row in enumerate(table.row):
        for measure, counts in table.measures.items():
            if counts[entry]:
                sums[table.keys[row]][measure] += counts[entry]
    return {key: dict(counter) for key, counter in sums.items()}


def journey_from_events(  # noqa: PLR0913 - everything a log and a design say
    rows: Iterable[Row],
    *,
    name: str,
    goal: Sequence[str],
    service: dict[str, dict],
    groups: int,
    group_of: Callable[[str], int],
    stages: tuple[Stage, ...] = STANDARD_STAGES,
    lost_after_us: int = 0,
    observed_until_us: int | None = None,
) -> Journey:
    """An observed journey with its evidence, built by hand."""
    rows = [Row(*row) for row in rows]
    ranks = [stage.id for stage in stages]
    tables = evidence_from_events(
        rows,
        stages=ranks,
        groups=groups,
        group_of=group_of,
        lost_after_us=lost_after_us,
        observed_until_us=observed_until_us,
    )
    found = walks(rows, stages=ranks, lost_after_us=lost_after_us, observed_until_us=observed_until_us)
    by_name = {table.name: totals(table) for table in tables}
    total = by_name["journeys"][()]
    until = max(row.time_us for row in rows) if observed_until_us is None else observed_until_us
    return Journey(
        name=name,
        origin="observed",
        goal=tuple(goal),
        stages=stages,
        touchpoints=_observed_touchpoints(found, by_name["touchpoints"], total, service, ranks),
        transitions=_observed_transitions(found, by_name),
        observation=Observation(
            customers=total["customers"],
            journeys=total["journeys"],
            events=total["events"],
            won=total.get("won", 0),
            lost=total.get("lost", 0),
            open=total.get("open", 0),
            rework=total.get("rework", 0),
            groups=groups,
            start=EPOCH + timedelta(microseconds=min(row.time_us for row in rows)),
            end=EPOCH + timedelta(microseconds=max(row.time_us for row in rows)),
            observed_until=EPOCH + timedelta(microseconds=until),
            lost_after=timedelta(microseconds=lost_after_us),
            lost_after_source="call",
        ),
        evidence=tables,
    )


def _observed_touchpoints(
    found: list[Walk], counts: dict, total: dict, service: dict[str, dict], ranks: list[str]
) -> list[Touchpoint]:
    places = {event.node: event for walk in found for event in walk.events}
    ordered = sorted(places.values(), key=lambda event: (ranks.index(event.stage), event.floats, event.node))
    touchpoints = []
    for event in ordered:
        number = counts[event.node,]
        whole = event.node.split("@")[0]
        touchpoints.append(
            Touchpoint(
                id=event.node,
                name=shown_name(whole),
                stage=event.stage,
                floats_as=whole if event.floats else None,
                service=service.get(whole),
                visits=Visits(
                    count=number["visits"],
                    customers=number["customers"],
                    journeys=number["journeys"],
                    share=number["journeys"] / total["journeys"],
                    **{key: number.get(key, 0) for key in ("entries", "lost", "open", "goal")},
                ),
            )
        )
    return touchpoints


def _observed_transitions(found: list[Walk], by_name: dict) -> list[Transition]:
    waits = _edge_waits(found)
    transitions = []
    for (source, target), number in sorted(by_name["transitions"].items()):
        spans = waits[source, target]
        transitions.append(
            Transition(
                source=source,
                target=target,
                count=number["count"],
                customers=number["customers"],
                share=number["count"] / by_name["touchpoints"][source,]["visits"],
                wait=Wait(
                    median=timedelta(microseconds=_median(spans)),
                    mean=timedelta(microseconds=sum(spans) / len(spans)),
                ),
            )
        )
    return transitions


def path_rows(
    paths: Iterable[str],
    stage_of: dict[str, str | None],
    service: Iterable[str],
    goal: Iterable[str],
    *,
    step_us: int = HOUR,
) -> list[Row]:
    """One customer and one journey for every path, an event every `step_us`."""
    return [
        Row(f"c{number}", f"j{number}", name, stage_of[name], name in service, name in goal, place * step_us)
        for number, path in enumerate(paths)
        for place, name in enumerate(path.split())
    ]


def toy_rows() -> list[Row]:
    """The toy log's 67 events, an hour apart."""
    return path_rows(TOY_PATHS, TOY_STAGES, TOY_SERVICE, ("renew",))


def toy_journey(groups: int = 12) -> Journey:
    """The toy log as an observed journey; every journey without renew is lost."""
    return journey_from_events(
        toy_rows(),
        name="Toy",
        goal=("renew",),
        service=TOY_SERVICE,
        groups=groups,
        group_of=lambda customer: int(customer[1:]) % groups,
    )
