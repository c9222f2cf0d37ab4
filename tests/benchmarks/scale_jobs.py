"""What the library does in the benchmark, each job in a process of its own.

``python -m tests.benchmarks.scale_jobs JOB EVENTS.parquet ANSWER.json [MEMORY_LIMIT]``
"""

from __future__ import annotations

import sys

import journeymap as jm
from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from tests.benchmarks.scale_checks import as_peers_count
from tests.benchmarks.scale_data import CUSTOMER, EVENT, TIME, answers_of, design, timed, write_answer


def counted(journey: Journey) -> dict:
    """Say what a journey counted, in the same words as the hand-written query."""
    before = dict.fromkeys((one.id for one in journey.touchpoints), 0)
    for table in journey.evidence:
        if table.name == "touchpoints":
            for row, count in zip(table.row, table.measures["visits_before"], strict=True):
                before[table.keys[row][0]] += count
    edges = {
        (t.source, t.target): [
            t.count,
            t.customers,
            *(s.total_seconds() for s in (t.wait.mean, t.wait.median, t.wait.p90)),
        ]
        for t in journey.transitions
    }
    states = {
        t.id: [v.count, v.customers, v.entries, v.goal, v.lost, v.open, before[t.id]]
        for t in journey.touchpoints
        for v in [t.visits]
    }
    return {"edges": edges, "states": states}


# the counts of each table, in the order of the longer hand-written query; all but `SAME`, which follow from others
COMPARED = {
    "touchpoints": (
        "visits", "visits_before", "visits_closed", "entries", "entries_closed", "moves", "regressions",
        "wait_us", "goal", "lost", "open", "waits", "self_loops", "customers", "journeys_before",
        "self_loop_customers", "repetitions", "repetition_customers", "regression_customers", "rework_journeys",
    ),
    "transitions": ("count", "customers", "closed", "wait_us", "closed_wait_us", "below_median"),
    "waits": ("count",),
    "journeys": ("journeys", "events", "won", "lost", "open", "rework", "service_journeys", "cycle_us"),
    "service": ("journeys", "events"),
    "routes": ("journeys",),
    "places": ("journeys",),
    "stage_times": ("journeys",),
}  # fmt: skip
# every customer of these events has one journey, and events have no ends
SAME = {
    ("touchpoints", "journeys"), ("touchpoints", "sojourn_us"), ("journeys", "customers"),
    ("journeys", "service_customers"), ("service", "customers"),
}  # fmt: skip


def all_counted(journey: Journey) -> dict:
    """Say all that a journey counted, by group of customers."""
    found = counted(journey)
    for at, name in ((3, "medians"), (4, "ninth_deciles")):
        found[name] = {pair: edge[at] for pair, edge in found["edges"].items()}
    found["positions"] = {t.id: t.visits.position for t in journey.touchpoints}
    for table in journey.evidence:
        left = {(table.name, name) for name in table.measures.keys() - set(COMPARED[table.name])}
        if left - SAME:
            sys.exit(f"nobody compares {sorted(left - SAME)}")
        columns = [table.measures[name] for name in COMPARED[table.name]]
        rows = zip(table.row, table.group, *columns, strict=True)
        found[table.name] = {(*table.keys[row], group): counts for row, group, *counts in rows}
    return found


def discover(log: EventLog) -> Journey:
    return jm.discover_journey(log)


def discover_graph(log: EventLog) -> Journey:
    """Discover no more than other packages do, and touchpoints with their customers and endings."""
    return jm.discover_journey(log, evidence=False)


def discover_graph_designed(log: EventLog) -> Journey:
    """The same with the design."""
    return jm.discover_journey(log, Journey(**design()), evidence=False)


def discover_designed(log: EventLog) -> Journey:
    return jm.discover_journey(log, Journey(**design()))


def paths(log: EventLog) -> Journey:
    """Discover with the design and count whole paths."""
    return jm.with_paths(discover_designed(log), log)


def service(log: EventLog) -> Journey:
    """Discover with the design and count all of service."""
    return jm.with_service(discover_designed(log), log)


def friction(log: EventLog) -> Journey:
    """Discover with the design and judge."""
    journey = discover_designed(log)
    jm.find_friction(journey)
    return journey


def survey(log: EventLog) -> Journey:
    """Lay a tenth as many survey answers as events onto the touchpoints of the design."""
    answers = jm.Feedback(
        answers_of(log.source),
        questions={"column": "recommend", "measure": "nps"},
        customer_col=CUSTOMER,
        time_col="at",
    )
    return jm.with_feedback(Journey(**design()), answers, log=log, window="7 days")


def tickets(log: EventLog) -> Journey:
    """Lay as many tickets onto its service touchpoints."""
    desk = jm.Tickets(answers_of(log.source), customer_col=CUSTOMER, opened_col="at")
    return jm.with_tickets(Journey(**design()), desk, log=log, window="7 days")


GRAPHS = (discover_graph, discover_graph_designed)
JOBS = {
    job.__name__: job
    for job in (discover, discover_designed, *GRAPHS, paths, service, friction, survey, tickets)
}


def told(name: str, journey: Journey, *, limited: bool) -> dict:
    """Say as much of a journey as it shall be compared by."""
    if journey.origin != "observed":
        return {}
    if JOBS[name] in GRAPHS:
        return as_peers_count(counted(journey))
    return all_counted(journey) if name == "discover_designed" and not limited else counted(journey)


def main(name: str, path: str, answer: str, memory_limit: str = "") -> None:
    with jm.DuckDBEngine(memory_limit=memory_limit or None) as engine:
        log = jm.EventLog(path, customer_col=CUSTOMER, event_col=EVENT, time_col=TIME, engine=engine)
        with timed():
            journey = JOBS[name](log)
    write_answer(answer, told(name, journey, limited=bool(memory_limit)))


if __name__ == "__main__":
    main(*sys.argv[1:])
