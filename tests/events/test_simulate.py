"""Simulated logs, whose truth is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journeymap.errors import InvalidJourneyError, UnreachableEndError
from journeymap.events.discover import discover_journey
from journeymap.events.simulate import simulate_events
from journeymap.model.journey import Journey

SHOP = Journey(
    name="Shop",
    goal="buy",
    touchpoints=[
        {"id": "ad", "stage": "discovery", "entry_share": 0.7, "channels": "web"},
        {"id": "web", "stage": "evaluation", "entry_share": 0.3, "events": "page_view"},
        {"id": "buy", "stage": "purchase"},
        {"id": "phone", "service": True},
    ],
    transitions=[
        {"source": "ad", "target": "web", "share": 0.5, "wait": {"mean": "3 hours"}},
        {"source": "web", "target": "web", "share": 0.1},
        {"source": "web", "target": "buy", "share": 0.4, "wait": {"median": "2 days", "p90": "5 days"}},
        {"source": "web", "target": "phone@evaluation", "share": 0.2},
        {"source": "phone@evaluation", "target": "buy", "share": 0.5, "wait": {"median": "10 minutes"}},
        {"source": "buy", "target": "phone@purchase", "share": 0.1},
    ],
)


def test_discovery_recovers_the_truth_within_the_intervals():
    inside, medians = [], []
    for seed in range(4):
        journey = discover_journey(
            simulate_events(SHOP, customers=4_000, seed=seed), SHOP, lost_after="1 day"
        )
        for planned in SHOP.transitions:
            found = journey.graph.edges[planned.source, planned.target]["transition"]
            inside.append(found.share_low <= planned.share <= found.share_high)
            if planned.wait and planned.wait.median:
                medians.append(found.wait.median_low <= planned.wait.median <= found.wait.median_high)
        entry = journey.touchpoint("ad").entry_share
        assert entry == pytest.approx(0.7, abs=0.03)
    # 24 intervals at 95 %: fewer than 20 inside has a chance below 1 in 100; the seeds are fixed
    assert sum(inside) >= 20
    assert sum(medians) >= 6


def test_the_same_seed_gives_the_same_log():
    again = simulate_events(SHOP, customers=50, seed=3).source
    assert simulate_events(SHOP, customers=50, seed=3).source.equals(again)
    assert not simulate_events(SHOP, customers=50, seed=4).source.equals(again)


def test_raw_events_channels_and_order():
    table = simulate_events(SHOP, customers=200, seed=1).source
    rows = table.to_pylist()
    assert {row["event"] for row in rows} == {"ad", "page_view", "buy", "phone"}
    assert {row["channel"] for row in rows if row["event"] == "ad"} == {"web"}
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)
    assert len({row["customer_id"] for row in rows}) == 200


def test_an_observed_journey_can_be_simulated_again():
    observed = discover_journey(simulate_events(SHOP, customers=2_000, seed=1), SHOP)
    again = discover_journey(simulate_events(observed, customers=2_000, seed=2), SHOP)
    share = observed.graph.edges["ad", "web"]["transition"].share
    assert again.graph.edges["ad", "web"]["transition"].share == pytest.approx(share, abs=0.05)


def test_waits_follow_their_quantiles():
    journey = discover_journey(simulate_events(SHOP, customers=20_000, seed=5), SHOP)
    wait = journey.graph.edges["web", "buy"]["transition"].wait
    assert wait.median / timedelta(days=2) == pytest.approx(1, abs=0.05)
    assert wait.p90 / timedelta(days=5) == pytest.approx(1, abs=0.07)


def test_without_shares_customers_go_anywhere_alike():
    plain = Journey(
        name="Plain",
        touchpoints=[{"id": "a"}, {"id": "b"}, {"id": "c"}],
        transitions=[{"source": "a", "target": "b"}, {"source": "a", "target": "c"}],
    )
    journey = discover_journey(simulate_events(plain, customers=3_000, seed=1), plain)
    nodes = {t.floats_as: t.visits.count for t in journey.touchpoints}
    assert nodes["a"] == 3_000
    assert nodes["b"] / 3_000 == pytest.approx(0.5, abs=0.04)


def test_what_cannot_be_simulated_is_refused():
    touchpoints = [{"id": "a"}, {"id": "b"}]
    endless = [{"source": "a", "target": "b", "share": 1}, {"source": "b", "target": "a", "share": 1}]
    with pytest.raises(UnreachableEndError, match="a journey that comes to 'a' in 'Round' never ends"):
        simulate_events(Journey(name="Round", touchpoints=touchpoints, transitions=endless))
    half = [{"source": "a", "target": "b", "share": 0.5}, {"source": "a", "target": "a"}]
    with pytest.raises(InvalidJourneyError, match="from 'a' to 'a' has no share"):
        simulate_events(Journey(name="Half", touchpoints=touchpoints, transitions=half))
    with pytest.raises(InvalidJourneyError, match="has no touchpoints"):
        simulate_events(Journey(name="Empty"))
    with pytest.raises(InvalidJourneyError, match="0 is too few"):
        simulate_events(SHOP, customers=0)
