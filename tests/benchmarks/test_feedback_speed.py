"""How much memory it takes to find the touchpoint of two million answers among four million events."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.events.with_feedback import with_feedback
from journeymap.model.journey import Journey

EVENTS, ANSWERS = 4_000_000, 2_000_000
MOST_BYTES = 1.3e9
WINDOW = timedelta(days=7)
TOUCHPOINTS = 24
STAGES = ("discovery", "evaluation", "purchase", "post_purchase")
UNIT = 1 if sys.platform == "darwin" else 1024  # in which peaks are told

SOMEBODY = "'user_' || lpad(cast(floor(random() * {customers}) as integer)::varchar, 8, '0') as user_id"
SOME_TIME = "timestamp '2024-01-01' + to_microseconds(cast(floor(random() * 7776e9) as bigint)) as {name}"


def write_tables(folder, events, answers):
    """Unsorted events and answers of as many customers as a tenth of the events, with text ids, in Parquet."""
    somebody = SOMEBODY.format(customers=events // 10)
    with duckdb.connect() as connection:
        connection.execute("select setseed(0.4)").fetchall()
        for name, rows, what in (
            (
                "events",
                events,
                f"'touchpoint_' || cast(floor({TOUCHPOINTS} * random() * random()) as integer) as event",
            ),
            ("answers", answers, "cast(floor(11 * random()) as integer) as recommend"),
        ):
            connection.execute(f"""
                copy (select {somebody}, {what}, {SOME_TIME.format(name="at")} from range({rows}))
                to '{folder / name}.parquet' (format parquet)""").fetchall()


def laid_on(folder):
    design = Journey(
        name="Many",
        touchpoints=[{"id": f"touchpoint_{n}", "stage": STAGES[n % len(STAGES)]} for n in range(TOUCHPOINTS)],
    )
    survey = Feedback(
        f"{folder}/answers.parquet",
        questions={"column": "recommend", "measure": "nps"},
        customer_col="user_id",
        time_col="at",
    )
    log = EventLog(f"{folder}/events.parquet", customer_col="user_id", event_col="event", time_col="at")
    return with_feedback(design, survey, log=log, window=WINDOW)


def hand_written(folder):
    """How many answers belong to each touchpoint, by a range join and the latest of its pairs."""
    query = f"""
        with visits as (select *, file_row_number as place
                        from read_parquet('{folder}/events.parquet', file_row_number = true)),
        latest as (
            select a.file_row_number as answer, arg_max(v.event, struct_pack(at := v.at, place := v.place)) as event
            from read_parquet('{folder}/answers.parquet', file_row_number = true) a
            join visits v on v.user_id = a.user_id and v.at <= a.at
                and v.at >= a.at - to_days({WINDOW.days})
            group by a.file_row_number)
        select event, count(*) from latest group by event"""
    with duckdb.connect() as connection:
        return dict(connection.execute(query).fetchall())


def test_answers_lie_where_the_hand_written_query_puts_them(tmp_path):
    write_tables(tmp_path, 20_000, 201_000)
    table = laid_on(tmp_path).answers.table("answers")
    counted = dict.fromkeys((key[1] for key in table.keys if key[1]), 0)
    for row, count in zip(table.row, table.measures["answers"], strict=True):
        if table.keys[row][1]:
            counted[table.keys[row][1]] += count
    assert counted == hand_written(tmp_path)


@pytest.mark.slow  # memory does not depend on what else the machine does
def test_memory_of_two_million_answers(tmp_path, capsys):
    pytest.importorskip("resource", reason="only Unix tells the peak of a process")
    write_tables(tmp_path, EVENTS, ANSWERS)
    # in a process of its own: the peak is that of a whole process
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path)], capture_output=True, text=True, check=True
    )
    peak, seconds, by_time = (float(word) for word in done.stdout.split())
    with capsys.disabled():
        print(
            f"\nwith_feedback, {ANSWERS:,} answers onto {EVENTS:,} events: {peak / 1e9:.2f} GB at most, "
            f"{seconds:.0f} s, {by_time:,.0f} answers found a touchpoint"
        )
    assert peak < MOST_BYTES


def peak():
    """The most memory that this process had, in bytes."""
    told = Path("/proc/self/status")
    if (
        told.exists()
    ):  # the other figure begins, on Linux, with the memory of the process that started this one
        (line,) = (line for line in told.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource  # noqa: PLC0415 - only Unix has it

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


if __name__ == "__main__":
    begun = time.perf_counter()
    found = laid_on(sys.argv[1]).answers.linking.by_time
    spent = time.perf_counter() - begun
    print(peak(), spent, found)
