"""How long discovery takes beside one hand-written query with the same window.

Run it by itself, with what it prints: ``uv run pytest tests/benchmarks -m benchmark -s``.
"""

from __future__ import annotations

import statistics
import time

import duckdb
import pytest

from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog

EVENTS = 1_000_000
RUNS = 5
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
    result = job(path)
    return time.perf_counter() - begun, result


@pytest.mark.benchmark
@pytest.mark.slow
def test_discovery_beside_a_hand_written_query(events, capsys):
    journey, table = ours(events), hand_written(events)  # warm both, and compare what they say
    counted = {(r["event"], r["following"]): (r["count"], r["customers"]) for r in table.to_pylist()}
    assert {(t.source, t.target): (t.count, t.customers) for t in journey.transitions} == counted
    ratios = []
    for _ in range(RUNS):  # in turn, so that a slower moment of the machine meets both
        beside, _ = seconds(hand_written, events)
        own, _ = seconds(ours, events)
        ratios.append(own / beside)
    with capsys.disabled():
        print(
            f"\ndiscover_journey / hand-written query, {EVENTS:,} events: median {statistics.median(ratios):.2f}, "
            f"{min(ratios):.2f} to {max(ratios):.2f}"
        )
    assert statistics.median(ratios) <= MOST
