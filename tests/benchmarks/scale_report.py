"""The table of the benchmark, in words, with the machine it was made on."""

from __future__ import annotations

import os
import platform
import re
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from tests.benchmarks.scale_plan import Job

BEGIN, END = "<!-- scale: begin -->", "<!-- scale: end -->"
PACKAGES = ("journeymap", "duckdb", "pyarrow", "numpy")
TITLES = {
    "graph": "`discover_journey(log, evidence=False)`",
    "ours": "`discover_journey(log)`",
    "sql": "hand-written SQL: counts, customers, mean, median",
    "pm4py": "pm4py: directly-follows graph, performance",
    "retentioneering": "retentioneering: transition graph, counts and median",
    "pl4pm": "pl4pm: directly-follows graph, median performance",
    "ours_designed": "`discover_journey(log, design)`",
    "graph_designed": "`discover_journey(log, design, evidence=False)`",
    "sql_designed_all": "hand-written SQL: all of the same quantities",
    "sql_designed": "hand-written SQL: the fewer quantities named below",
    "limit": "one compiled pass, coded and in order of time",
    "sequence": "one compiled pass, coded and customer by customer",
    "paths": "`discover_journey`, then `with_paths`",
    "service": "`discover_journey`, then `with_service`",
    "friction": "`discover_journey`, then `find_friction`",
    "survey": "`with_feedback`, answers a tenth of the events",
    "tickets": "`with_tickets`, tickets a tenth of the events",
    "step_discover_graph": "`discover_journey(log, evidence=False)`",
    "step_discover": "`discover_journey(log)`",
    "step_discover_designed": "`discover_journey(log, design)`",
    "spark": "`discover_journey(log)` on Spark, this machine",
}
# what a table is about, and the jobs beside which its rows are set, with what to call them
HEADINGS = {
    "plain": (
        "Without a design, {events:,} events",
        {"graph": "the graph alone", "ours": "with evidence"},
    ),
    "designed": (
        "With a design, {events:,} events",
        {"sql_designed_all": "SQL of the same", "sql_designed": "SQL of fewer"},
    ),
    "limit": ("The limit: only the pass itself is timed", {}),
    "more": ("Other jobs, {events:,} events", {}),
    "spark": ("Spark", {}),
}


def machine() -> str:
    """Name the processor, the cores that may be used, the memory and the system."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text(encoding="utf-8")) if info.exists() else None
    model = found.group(1) if found else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {cores} cores, {memory:.0f} GB of memory, {platform.system()}"


def versions(jobs: Sequence[Job]) -> list[str]:
    """Say which releases ran: ours from here, the peers' as they told them."""
    said = {run.said for job in jobs if job.part == "plain" and job.done for run in job.runs if run.said}
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return [*found, *sorted(said)]


def left_out(jobs: Sequence[Job]) -> list[str]:
    """Say which jobs could not be run, and why."""
    return [f"{job.key}, {job.events:,} events: {job.runs[-1].said}" for job in jobs if not job.done]


def as_markdown(jobs: Sequence[Job], options: Namespace) -> str:
    """Write the tables."""
    runs = max(len(job.runs) for job in jobs)
    made = f"Made on {machine()}; {', '.join(versions(jobs))}."
    read = f"{'One run' if runs == 1 else f'Median (least) of {runs} runs'}; whole processes, with the start of Python."
    parts = [f"{made} {read}"]
    for part, (heading, beside) in HEADINGS.items():
        rows = [job for job in jobs if job.part == part and job.done]
        if rows:
            parts.append(f"**{heading.format(events=rows[0].events)}**")
            parts.append(_limit_table(rows) if part == "limit" else _table(rows, beside))
    parts += _steps(jobs, options)
    missing = left_out(jobs)
    parts.append(f"Not run: {'; '.join(missing)}." if missing else "All that the command knows of was run.")
    return "\n\n".join(parts) + "\n"


def _median(job: Job, what: str) -> float:
    return median(getattr(run, what) for run in job.runs)


def _time(job: Job, what: str = "whole") -> str:
    least = f" ({min(getattr(run, what) for run in job.runs):.2f})" if len(job.runs) > 1 else ""
    return f"{_median(job, what):.2f}{least}"


def _gigabytes(job: Job) -> str:
    return f"{_median(job, 'peak') / 1e9:.2f}"


def ratio(job: Job, base: Job, what: str) -> float:
    """Compare runs that took turns: the median of their ratios."""
    return median(getattr(a, what) / getattr(b, what) for a, b in zip(job.runs, base.runs, strict=False))


def agreement(job: Job) -> str:
    """Say whether a job counted what ours did."""
    if not job.differs:
        return ""
    unlike = [f"{part}: {count} differ" for part, count in job.differs.items() if count]
    return "; ".join(unlike) if unlike else f"equal: {', '.join(job.differs)}"


def _lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    aligned = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, aligned, *rows])


def _table(jobs: Sequence[Job], beside: dict[str, str]) -> str:
    bases = [(job, beside[job.key]) for job in jobs if job.key in beside]
    header = ["", "seconds", "of that the job", "CPU seconds", "peak GB"]
    header += [f"{what} / {name}" for _, name in bases for what in ("time", "memory")]
    header += ["the same numbers as ours"] if bases else []
    sized = len({job.events for job in jobs}) > 1
    rows = []
    for job in jobs:
        title = TITLES[job.key] + (f", {job.events:,} events" if sized else "")
        row = [title, _time(job), _time(job, "job"), f"{_median(job, 'cpu'):.1f}", _gigabytes(job)]
        row += [f"{ratio(job, base, what):.2f}" for base, _ in bases for what in ("whole", "peak")]
        rows.append([*row, agreement(job)] if bases else row)
    return _lines(header, rows)


def _limit_table(jobs: Sequence[Job]) -> str:
    rows = [[TITLES[job.key], f"{_median(job, 'job'):.3f}", agreement(job)] for job in jobs]
    return _lines(["", "seconds of the pass", "the same numbers"], rows)


def per_event(jobs: Sequence[Job]) -> dict[tuple[str, int], float]:
    """Divide the time of each step by its events, in microseconds."""
    steps = [job for job in jobs if job.part == "steps" and job.done]
    return {(job.key, job.events): _median(job, "whole") / job.events * 1e6 for job in steps}


def _steps(jobs: Sequence[Job], options: Namespace) -> list[str]:
    each = per_event(jobs)
    steps = sorted(
        (job for job in jobs if (job.key, job.events) in each), key=lambda job: (job.key, job.events)
    )
    rows = []
    for job in steps:
        now, before = each[job.key, job.events], each.get((job.key, job.events // 10))
        times = f"{now / before:.2f}" if before else ""
        rows.append(
            [
                TITLES[job.key],
                f"{job.events:,}",
                _time(job),
                _gigabytes(job),
                f"{now:.2f}",
                times,
                agreement(job),
            ]
        )
    header = [
        "",
        "events",
        "seconds",
        "peak GB",
        "µs an event",
        "× a tenth of the events",
        "the same numbers",
    ]
    title = f'**From size to size, `DuckDBEngine(memory_limit="{options.memory_limit}")`**'
    return [title, _lines(header, rows)] if rows else []


def as_data(jobs: Sequence[Job], options: Namespace) -> dict:
    """Give all that was measured."""
    return {
        "machine": machine(),
        "versions": versions(jobs),
        "memory_limit": options.memory_limit,
        "left_out": left_out(jobs),
        "jobs": [
            {
                "key": job.key,
                "part": job.part,
                "events": job.events,
                "differs": job.differs,
                "runs": [asdict(run) for run in job.runs],
            }
            for job in jobs
        ],
    }


def put_between(page: Path, text: str) -> None:
    """Put the tables between the two markers of a page, or make a page of them."""
    old = page.read_text(encoding="utf-8") if page.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = old.partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise SystemExit(f"{page} lacks the markers {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
