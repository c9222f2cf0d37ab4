"""Large logs are counted in parts of the customers: the journey must be the same."""

from __future__ import annotations

import pytest

from journeymap.datasets import example_journey, example_log
from journeymap.events import counting, discover
from journeymap.events.discover import discover_journey
from journeymap.events.queries.wait_quantiles import ERROR


@pytest.mark.parametrize("customers", [40, 150])  # a group a customer, and hash groups
@pytest.mark.parametrize("designed", [False, True])
@pytest.mark.parametrize("split", [None, "2 days"])
def test_parts_of_the_customers_add_up(monkeypatch, customers, designed, split):
    log, design = example_log(customers=customers), example_journey() if designed else None
    whole = discover_journey(log, design, new_journey_after=split)
    monkeypatch.setattr(counting, "PART", whole.observation.events // 3)
    assert counting._parts(whole.observation.events) == 4
    assert discover_journey(log, design, new_journey_after=split) == whole


def test_parts_double_until_none_is_much_too_large(monkeypatch):
    monkeypatch.setattr(counting, "PART", 10)
    assert [counting._parts(n) for n in (0, 1, 10, 11, 20, 21, 40, 41, 10_000)] == [
        1,
        1,
        1,
        2,
        2,
        4,
        4,
        8,
        16,
    ]


def test_very_many_waits_come_from_bins_and_the_journey_says_so(monkeypatch):
    log, design = example_log(customers=300), example_journey()
    exact = discover_journey(log, design, lost_after="14 days")
    for module in (counting, discover):
        monkeypatch.setattr(module, "EXACT", 10)
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
    for module in (counting, discover):
        monkeypatch.setattr(module, "EXACT", 10)
    assert discover_journey(log).observation.lost_after / exact == pytest.approx(1, abs=ERROR)
