"""Which jobs the benchmark runs, how often, and in which order."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.scale_checks import answer, as_peers_count, compared
from tests.benchmarks.scale_data import events_path
from tests.benchmarks.scale_measure import Run, measured

LARGE = 20_000_000  # from here on one run has to do
COMPARED_AT = 10_000_000
PEERS = ("pm4py", "retentioneering", "pl4pm")
MORE = ("paths", "service", "friction", "survey", "tickets")
PACKAGE = "tests.benchmarks"


@dataclass
class Job:
    """A process to run and what came of it."""

    key: str
    part: str
    events: int
    command: list[str]
    answer: Path
    runs: list[Run] = field(default_factory=list)
    differs: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return bool(self.runs) and all(run.whole is not None for run in self.runs)


def planned(options: Namespace, folder: Path) -> list[Job]:
    """List the jobs: all kinds at one size, and the library alone at every size under the memory limit."""
    here, size = sys.executable, compared_at(options.events)
    jobs = []

    def add(key: str, part: str, events: int, python: str, module: str, *words: str, limit: str = "") -> None:
        # a file of its own for every job, so that answers can be compared afterwards
        found = folder / f"answer_{key}_{events}.json"
        events_file = str(events_path(folder, events))
        command = [python, "-m", f"{PACKAGE}.{module}", *words, events_file, str(found)]
        jobs.append(Job(key, part, events, [*command, limit] if limit else command, found))

    add("graph", "plain", size, here, "scale_jobs", "discover_graph")
    add("ours", "plain", size, here, "scale_jobs", "discover")
    add("sql", "plain", size, here, "scale_sql", "plain")
    for peer in PEERS if options.peers != "none" else ():
        add(peer, "plain", size, options.peer_python, "scale_peers", peer)
    add("ours_designed", "designed", size, here, "scale_jobs", "discover_designed")
    add("graph_designed", "designed", size, here, "scale_jobs", "discover_graph_designed")
    add("sql_designed_all", "designed", size, here, "scale_sql_all")
    add("sql_designed", "designed", size, here, "scale_sql", "designed")
    add("limit", "limit", size, here, "scale_limit", "time")
    add("sequence", "limit", size, here, "scale_limit", "customers")
    for name in MORE if options.all_jobs else ():
        add(name, "more", size, here, "scale_jobs", name)
    for events in options.events:
        for name in ("discover_graph", "discover", "discover_designed"):
            add(f"step_{name}", "steps", events, here, "scale_jobs", name, limit=options.memory_limit)
    for events in options.events if options.spark else ():
        if events <= COMPARED_AT:
            add("spark", "spark", events, here, "scale_spark", "discover")
    return jobs


def compared_at(sizes: list[int]) -> int:
    return max((size for size in sizes if size <= COMPARED_AT), default=min(sizes))


def run_all(jobs: list[Job], runs: int) -> None:
    """Run the jobs in turn, round after round, so that a slower moment of the machine meets all of them."""
    for number in range(runs):
        for job in jobs:
            if (number and job.events >= LARGE) or (job.runs and not job.done):
                continue
            run = measured(job.command)
            job.runs.append(run)
            took = f"{run.whole:.2f} s" if run.whole is not None else run.said
            print(
                f"{number + 1}/{runs} {job.key}, {job.events:,} events: {took}", file=sys.stderr, flush=True
            )


def check_all(jobs: list[Job]) -> None:
    """Compare what the jobs of the same work counted with what the library counted."""
    ours = {job.key: answer(job.answer) for job in jobs if job.done and job.key.startswith("ours")}
    size = next(job.events for job in jobs if job.key == "ours")
    for job in jobs:
        whose = "ours_designed" if "designed" in job.key else "ours"
        checked = job.done and job.events == size and job.part != "more" and job.key not in ours
        if checked and whose in ours:
            other = answer(job.answer)
            job.differs = compared(as_peers_count(ours[whose]) if "counts" in other else ours[whose], other)
