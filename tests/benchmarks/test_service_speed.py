"""How long counting all of service takes, beside discovering the journey from the same log.

Run it by itself, with what it prints: ``uv run pytest tests/benchmarks/test_service_speed.py -m benchmark -s``.
"""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest

from journeymap.datasets import example_journey
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.service import with_service

EVENTS, CUSTOMERS, DAY, RUNS = 500_000, 60_000, 86_400_000_000, 2
MOST = 6.0  # it reads the log once more and follows every contact, in six tables


@pytest.fixture(scope="module")
def log():
    """Visits in no order that means anything, a tenth of them service contacts."""
    draws = np.random.default_rng(7)
    touchpoints = example_journey().touchpoints
    weights = np.array([0.3 if touchpoint.is_service else 1.0 for touchpoint in touchpoints])
    which = draws.choice(len(touchpoints), EVENTS, p=weights / weights.sum()).astype(np.int32)
    names = pa.array([touchpoint.raw_events[0].event for touchpoint in touchpoints])
    table = pa.table(
        {
            "customer": draws.integers(0, CUSTOMERS, EVENTS),
            "event": pa.DictionaryArray.from_arrays(pa.array(which), names).dictionary_decode(),
            "time": pa.array(draws.integers(0, 300 * DAY, EVENTS)).cast(pa.timestamp("us")),
        }
    )
    return EventLog(table, customer_col="customer", event_col="event", time_col="time")


def seconds(job):
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun


@pytest.mark.benchmark
@pytest.mark.slow
def test_service_beside_discovery(log, capsys):
    journey = discover_journey(log, example_journey())
    # the least disturbed of several runs, taken in turn; other work on the machine slows either down
    pairs = [
        (
            seconds(lambda: with_service(journey, log)),
            seconds(lambda: discover_journey(log, example_journey())),
        )
        for _ in range(RUNS)
    ]
    spent, beside = (min(times) for times in zip(*pairs, strict=True))
    with capsys.disabled():
        print(
            f"\nwith_service, {EVENTS:,} events: {spent:.2f} s; discover_journey: {beside:.2f} s; "
            f"ratio {spent / beside:.1f} (at most {MOST:g})"
        )
    assert spent / beside < MOST
