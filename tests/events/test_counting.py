"""Large logs are counted in parts of the customers: the journey must be the same."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from journeymap.analysis.friction import find_friction
from journeymap.datasets import example_journey, example_log
from journeymap.engines.answered_engine import AnsweredEngine
from journeymap.events import by_customer, counting_rules
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.parts import group_parts
from journeymap.events.paths import with_paths
from journeymap.events.queries import counts as queries
from journeymap.events.queries import routes
from journeymap.events.queries.steps import GROUPS
from journeymap.events.queries.wait_quantiles import ERROR
from journeymap.metrics.cycle_time import cycle_time
from journeymap.model.journey import Journey

DUCKDB, SPARK = AnsweredEngine(), AnsweredEngine(dialect="spark")


@pytest.mark.parametrize("designed", [False, True])
@pytest.mark.parametrize("split", [None, "2 days"])
def test_parts_of_the_customers_add_up(monkeypatch, designed, split):
    log, design = example_log(customers=150), example_journey() if designed else None
    whole = discover_journey(log, design, new_journey_after=split)
    monkeypatch.setattr(by_customer, "PART", whole.observation.events // 3)
    assert len(group_parts(DUCKDB, GROUPS, whole.observation.events, many=by_customer.PART)) == 4
    assert discover_journey(log, design, new_journey_after=split) == whole


def test_parts_double_until_none_is_much_too_large():
    rows = (0, 1, 10, 11, 20, 21, 40, 41, 10_000)
    assert [len(group_parts(DUCKDB, GROUPS, n, many=10)) for n in rows] == [1, 1, 1, 2, 2, 4, 4, 8, 8]
    assert group_parts(DUCKDB, GROUPS, 15, many=10) == ["g between 0 and 31", "g between 32 and 63"]
    assert group_parts(DUCKDB, GROUPS - 1, 10_000, many=10) == ["g >= 0"]  # each group is one customer
    assert group_parts(SPARK, GROUPS, 10_000, many=10) == ["g >= 0"]  # its tasks are parts enough


@pytest.mark.parametrize("designed", [False, True])
def test_many_touchpoints_are_counted_pair_by_pair_and_come_to_the_same(monkeypatch, designed):
    log, design = example_log(customers=150), example_journey() if designed else None
    sets, asked = discover_journey(log, design), []
    monkeypatch.setattr(queries, "_in_one_number", lambda *given: bool(asked.append(given)))
    assert discover_journey(log, design) == sets
    assert asked


def test_touchpoints_of_one_stage_are_not_looked_up_and_come_to_the_same(monkeypatch):
    log = example_log(customers=150)
    short, seen = discover_journey(log), []
    each = routes.each_journey_sql

    def looked_up(*given, alike):
        seen.append(alike)
        return each(*given)

    monkeypatch.setattr(routes, "each_journey_sql", looked_up)
    assert discover_journey(log) == short
    assert seen[0]["service"] == 0
    discover_journey(log, example_journey())
    assert seen[-1] is None


def test_very_many_waits_come_from_bins_and_the_journey_says_so(monkeypatch):
    log, design = example_log(customers=300), example_journey()
    exact = discover_journey(log, design, lost_after="14 days")
    monkeypatch.setattr(counting_rules, "EXACT", 10)
    binned = discover_journey(log, design, lost_after="14 days")
    assert (exact.observation.wait_error, binned.observation.wait_error) == (0.0, ERROR)
    for one, other in zip(exact.transitions, binned.transitions, strict=True):
        assert (one.source, one.target, one.count, one.wait.mean) == (
            other.source, other.target, other.count, other.wait.mean,
        )  # fmt: skip
        for name in ("median", "p90"):
            true, told = (getattr(t.wait, name).total_seconds() for t in (one, other))
            assert told == pytest.approx(true, rel=ERROR, abs=1e-6)


def test_a_binned_gap_decides_what_is_lost(monkeypatch):
    log = example_log(customers=300)
    exact = discover_journey(log).observation.lost_after
    monkeypatch.setattr(counting_rules, "EXACT", 10)
    assert discover_journey(log).observation.lost_after / exact == pytest.approx(1, abs=ERROR)


@pytest.mark.parametrize("customers", [100, 3_000])
@pytest.mark.parametrize("ends", [False, True])
def test_waits_whose_sum_has_more_than_64_bits(customers, ends):
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001 - naive times, taken as given
    times = [first] * customers + [last] * customers
    table = pa.table({
        "who": [f"c{n}" for n in range(customers)] * 2,
        "what": ["ad"] * customers + ["pay"] * customers,
        "at": pa.array(times, pa.timestamp("us")),
        "until": pa.array(times, pa.timestamp("us")),
    })  # fmt: skip
    log = EventLog(
        table, customer_col="who", event_col="what", time_col="at", end_col="until" if ends else None
    )
    journey = discover_journey(log, lost_after="1 day")
    graph = discover_journey(log, lost_after="1 day", evidence=False)
    for counted in (journey, graph):  # floating point has a step of 64 microseconds there
        assert abs(counted.transitions[0].wait.mean - (last - first)) < timedelta(milliseconds=1)
    found = next(table for table in journey.evidence if table.name == "journeys")
    assert sum(found.measures["cycle_us"]) == customers * ((last - first) // timedelta(microseconds=1))
    assert sum(found.measures["cycle_us"]) > 2**63
    assert cycle_time(journey).value == pytest.approx((last - first).total_seconds())
    assert find_friction(journey).overall
    again = Journey.model_validate_json(journey.model_dump_json())
    assert again == journey
    assert with_paths(journey, log).evidence[-1].measures
