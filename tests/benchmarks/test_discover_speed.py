"""How long discovery takes beside one hand-written query with the same window.

Run it by itself, with what it prints: ``uv run pytest tests/benchmarks -m benchmark -s``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import duckdb
import pytest

from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog

EVENTS = 1_000_000
RUNS = 3
MOST = 3.0

HAND_WRITTEN = """
with steps as (
    select user_id, event, lead(event) over w as following,
           (epoch_us(lead(ts) over w)) - epoch_us(ts) as wait
    from read_parquet('{path}', file_row_number = true)
    window w as (partition by user_id order by ts, file_row_number)
)
select event, following, count(*) as count, count(distinct user_id) as customers, avg(wait) as mean,
       quantile_cont(wait, [0.5, 0.9]) as quantiles
from steps where following is not null group by event, following
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """A million unsorted events of 100,000 customers with text ids, in Parquet."""
    path = tmp_path_factory.mktemp("events") / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute("select setseed(0.4)").fetchall()
        connection.execute(f"""
            copy (select 'user_' || lpad(cast(floor(random() * {EVENTS // 10}) as integer)::varchar, 8, '0') as user_id,
                         'touchpoint_' || cast(floor(24 * random() * random()) as integer) as event,
                         timestamp '2024-01-01' + to_microseconds(cast(floor(random() * 7776e9) as bigint)) as ts
                  from range({EVENTS})) to '{path}' (format parquet)""").fetchall()
    return path


def hand_written(path):
    with duckdb.connect() as connection:
        return connection.sql(HAND_WRITTEN.format(path=path)).to_arrow_table()


def ours(path):
    return discover_journey(EventLog(path, customer_col="user_id", event_col="event", time_col="ts"))


def seconds(job, path):
    begun = time.perf_counter()
    job(path)
    return time.perf_counter() - begun


def ratios(path):
    """Time both in turn, so that a slower moment of the machine meets both."""
    ours(path), hand_written(path)  # warm
    found = []
    for _ in range(RUNS):
        beside = seconds(hand_written, path)
        found.append(seconds(ours, path) / beside)
    return found


def test_discovery_counts_what_the_hand_written_query_counts(events):
    journey, table = ours(events), hand_written(events)
    counted = {(r["event"], r["following"]): (r["count"], r["customers"]) for r in table.to_pylist()}
    assert {(t.source, t.target): (t.count, t.customers) for t in journey.transitions} == counted


@pytest.mark.benchmark
@pytest.mark.slow
def test_discovery_beside_a_hand_written_query(events, capsys):
    # in a process of its own: the objects of a whole test run would make the garbage collector part of it
    done = subprocess.run([sys.executable, __file__, str(events)], capture_output=True, text=True, check=True)
    found = [float(word) for word in done.stdout.split()]
    with capsys.disabled():
        print(
            f"\ndiscover_journey / hand-written query, {EVENTS:,} events: median {statistics.median(found):.2f}, "
            f"{min(found):.2f} to {max(found):.2f}"
        )
    assert statistics.median(found) <= MOST


if __name__ == "__main__":
    print(*ratios(sys.argv[1]))
