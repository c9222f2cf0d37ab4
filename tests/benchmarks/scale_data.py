"""The events and the design that the benchmark of scale works on."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CUSTOMER, EVENT, TIME = "user_id", "event", "ts"
TOUCHPOINTS, EVENTS_PER_CUSTOMER, DAYS = 24, 10, 90
STAGES = ("discovery", "evaluation", "purchase", "post_purchase", "loyalty")
FLOATING = (5, 11, 17)  # of no stage of their own, as a phone call is
GOAL, LOST_AFTER_DAYS = 14, 14
ANSWERS_PER_EVENT = 0.1

_SOMEBODY = "'user_' || lpad(cast(floor(random() * {customers}) as integer)::varchar, 8, '0') as user_id"
_SOME_TIME = (
    f"timestamp '2024-01-01' + to_seconds(cast(floor(random() * {DAYS * 86_400}) as integer)) as {{name}}"
)
_SOME_EVENT = f"'touchpoint_' || lpad(cast(floor({TOUCHPOINTS} * random() * random()) as integer)::varchar, 2, '0') as event"


def event_name(number: int) -> str:
    return f"touchpoint_{number:02d}"


def stage_number(number: int) -> int | None:
    return None if number in FLOATING else number * len(STAGES) // TOUCHPOINTS


def events_path(folder: Path, events: int) -> Path:
    return folder / f"events_{events}.parquet"


def answers_path(folder: Path, events: int) -> Path:
    return folder / f"answers_{events}.parquet"


def answers_of(events: str) -> str:
    """Say where the survey answers to a log lie."""
    return str(Path(events).with_name(Path(events).name.replace("events_", "answers_")))


def make_tables(folder: Path, events: int, *, answers: bool) -> None:
    """Write unsorted events of a tenth as many customers, where they are not there yet."""
    import duckdb  # noqa: PLC0415 - the process that measures stays small

    wanted = {events_path(folder, events): (events, _SOME_EVENT, "ts")}
    if answers:
        rows = int(events * ANSWERS_PER_EVENT)
        recommend = "cast(floor(11 * random()) as integer) as recommend"
        wanted[answers_path(folder, events)] = (rows, recommend, "at")
    somebody = _SOMEBODY.format(customers=max(events // EVENTS_PER_CUSTOMER, 1))
    for path, (rows, what, moment) in wanted.items():
        if path.exists():
            continue
        with duckdb.connect() as connection:
            connection.execute("set threads = 1")  # with one thread the seed makes the same rows anywhere
            connection.execute("select setseed(0.4)").fetchall()
            half = path.with_suffix(".half")
            connection.execute(
                f"copy (select {somebody}, {what}, {_SOME_TIME.format(name=moment)} from range({rows})) "
                f"to '{half}' (format parquet)"
            ).fetchall()
        half.replace(path)


def design() -> dict:
    """Say what the design is made of, as keywords of `Journey`."""
    numbers = range(TOUCHPOINTS)
    return {
        "name": "Scale",
        "touchpoints": [
            {
                "id": f"t{number:02d}",
                "stage": None if number in FLOATING else STAGES[stage_number(number)],
                "events": [event_name(number)],
                "service": True if number in FLOATING else None,
            }
            for number in numbers
        ],
        "goal": f"t{GOAL:02d}",
        "lost_after": f"{LOST_AFTER_DAYS} days",
    }


def state_name(number: int, reached: int) -> str:
    """Name a touchpoint as an observed journey does: a floating one by the stage it happened at."""
    return f"t{number:02d}@{STAGES[reached]}" if number in FLOATING else f"t{number:02d}"


@contextmanager
def timed() -> Iterator[None]:
    """Tell the measuring process how long the work took, and that it is done: what follows is checking."""
    begun, cpu = time.perf_counter(), time.process_time()
    yield
    print(json.dumps({"job": time.perf_counter() - begun, "cpu": time.process_time() - cpu}), flush=True)


def write_answer(path: str, answer: dict[str, dict]) -> None:
    """Keep what a job found; pairs of touchpoints become texts."""
    named = {
        part: {
            "|".join(map(str, key)) if isinstance(key, tuple) else key: value for key, value in rows.items()
        }
        for part, rows in answer.items()
    }
    Path(path).write_text(json.dumps(named), encoding="utf-8")


if __name__ == "__main__":
    with timed():
        make_tables(Path(sys.argv[1]), int(sys.argv[2]), answers=sys.argv[3] == "1")
