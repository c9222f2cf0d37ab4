"""The time of the chain is the mean time of decided journeys, however long the others wait."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.analysis.fix_rows import observed_rows
from journeymap.analysis.friction import find_friction
from journeymap.analysis.what_if import what_if
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.metrics.chain import chain, chain_counts
from journeymap.metrics.chain_waits import closed_waits, from_each, waits_before_goal
from journeymap.metrics.chain_weights import chain_times
from tests.oracle import HOUR, TOY_STAGES, Row, journey_from_events, toy_journey, walks

DAY = 24 * HOUR
STAGES = tuple(dict.fromkeys(stage for stage in TOY_STAGES.values() if stage))
WALKS = st.lists(
    st.lists(st.tuples(st.sampled_from(sorted(TOY_STAGES)), st.integers(0, 5 * DAY)), min_size=1, max_size=7),
    min_size=2,
    max_size=12,
)


def observed(ways, *, groups, lost_after=2 * DAY):
    """Random journeys, of which some are open, and how long each decided one took, by customer."""
    rows = []
    for number, way in enumerate(ways):
        time = 0
        for name, wait in way:
            time += wait
            who = f"c{number}"
            service = name in {"chat", "phone", "bot"}
            rows.append(Row(who, who, name, TOY_STAGES[name], service, name == "renew", time))
    journey = journey_from_events(
        rows, name="Any", goal=("renew",), service={name: {} for name in ("chat", "phone", "bot")},
        groups=groups, group_of=lambda customer: int(customer[1:]) % groups, lost_after_us=lost_after,
    )  # fmt: skip
    spans = {
        walk.customer: (walk.events[min(walk.before, len(walk.events) - 1)].start - walk.events[0].start)
        / 1e6
        for walk in walks(rows, stages=[stage.id for stage in journey.stages], lost_after_us=lost_after)
        if walk.outcome != "open"
    }
    return journey, spans


def time_to_mend(journey):
    """The expected seconds that `what_if` starts from."""
    rows = observed_rows(journey, chain_counts(journey))
    return np.linalg.solve(np.eye(rows.inner.shape[-1]) - rows.inner[0], rows.held[0])[0]


def without_closed_waits(journey):
    """The journey as it was written before these waits were counted apart."""
    tables = []
    for table in journey.evidence:
        kept = {name: counts for name, counts in table.measures.items() if name != "closed_wait_us"}
        tables.append(table.model_copy(update={"measures": kept}))
    return journey.model_copy(update={"evidence": tuple(tables)})


@settings(max_examples=40, deadline=None)
@given(WALKS)
def test_the_time_is_the_mean_of_decided_journeys(ways):
    # two that are decided for certain, so that there is a chain; the last event is that of others or day 9
    ways = [[("ad", 0), ("renew", 7 * HOUR)], [("ad", 0), ("cart", 0)], [("ad", 9 * DAY)], *ways]
    journey, spans = observed(ways, groups=5)
    mean = sum(spans.values()) / len(spans)
    counts = chain_counts(journey)
    times = chain_times(journey, counts, counts.solve_replicates())
    assert times.whole[0] == pytest.approx(mean, abs=1e-3)
    assert chain(journey).duration.value == pytest.approx(mean, abs=1e-3)
    for group, whole in enumerate(times.whole[1:]):
        left = [span for who, span in spans.items() if int(who[1:]) % 5 != group]
        assert whole == pytest.approx(sum(left) / len(left) if left else 0, abs=1e-3)
    assert time_to_mend(journey) == pytest.approx(mean, abs=1e-3)


def test_the_time_of_the_toy():
    # 67 events an hour apart, all before the goal or at it, 12 first ones
    assert chain(toy_journey()).duration.value == pytest.approx(55 / 12 * 3600)


@pytest.fixture(scope="module")
def waiting():
    """Won an hour after the ad or lost there; open ones came to the shop after ten days, or wait for help."""
    decided = [[("ad", 0), ("compare", HOUR), ("renew", 3 * HOUR)], [("ad", 0), ("compare", 2 * HOUR)]]
    young = [[("ad", 10 * DAY), ("compare", 10 * DAY)], [("ad", 0), ("compare", 20 * DAY)]]
    return observed([*decided, *young] * 10, groups=10)


def test_open_journeys_do_not_count(waiting):
    journey, spans = waiting
    assert len(spans) == 20  # half of them are open
    found = chain(journey)
    assert found.duration.value == pytest.approx(3 * 3600)  # (4 + 2) / 2 hours
    first, second = found.touchpoints
    assert first.holding_seconds == pytest.approx(1.5 * 3600)  # (1 + 2) / 2 hours
    assert second.holding_seconds == pytest.approx(1.5 * 3600)  # 3 hours, and half go on
    assert found.given_goal.duration.value == pytest.approx((1.5 + 3) * 3600)  # times do not know the end
    spans, times = waits_before_goal(journey)
    assert (spans["ad"].sum(), times["ad"].sum()) == (30 * HOUR, 20)


def test_waits_are_cut_to_those_of_decided_journeys():
    decided = [
        [("pay", 0), ("cart", 4 * HOUR), ("renew", HOUR)],
        [("pay", 0), ("cart", 2 * HOUR), ("renew", HOUR)],
    ]
    journey, _ = observed([*decided, [("pay", 0), ("cart", 20 * DAY)]] * 10, groups=10)
    cut = what_if(journey, "pay: wait to baseline")
    # 3 hours to the cart, 1 hour after it: both are touchpoints of the purchase
    assert (cut.time_before.value, cut.time_gain.value) == pytest.approx((4 * 3600, 2 * 3600))
    points = {point.touchpoint: point for point in find_friction(journey).points}
    assert points["pay"].time_gain.value == pytest.approx(2 * 3600)


def test_journeys_written_earlier_take_the_waits_of_all(waiting):
    journey = without_closed_waits(waiting[0])
    hours = chain(journey).duration.value / 3600
    # 20 who went from the ad to the shop in 1.5 hours, 20 in 15 days; from there one way in 3 hours
    assert hours == pytest.approx((1.5 + 15 * 24) / 2 + 1.5)
    assert time_to_mend(journey) == pytest.approx(hours * 3600)
    spans, times = waits_before_goal(journey)
    assert (times["ad"].sum(), times["compare"].sum()) == (40, 10)
    assert spans["compare"].sum() == 30 * HOUR
    assert find_friction(journey).points is not None


def test_without_open_journeys_nothing_changes():
    journey = toy_journey()
    assert closed_waits(without_closed_waits(journey)) == pytest.approx(closed_waits(journey))


def test_sums_by_touchpoint():
    keys = (("b", "c"), ("x", "c"), ("b", "b"))
    found = from_each(["a", "b"], keys, np.array([[1.0, 2.0], [4.0, 4.0], [0.0, 3.0]]))
    assert {name: counts.tolist() for name, counts in found.items()} == {"a": [0, 0], "b": [1, 5]}
    assert from_each(["a"], (), np.zeros((0, 2)))["a"].tolist() == [0, 0]


def test_time_to_the_fourth_purchase(shared_data):
    bought = defaultdict(list)
    for line in (shared_data / "cdnow" / "CDNOW_sample.txt").read_text().splitlines():
        _, who, day, *_ = line.split()
        bought[who].append(datetime.strptime(day, "%Y%m%d"))  # noqa: DTZ007 - days, taken as given
    rows = [(who, f"purchase {min(n, 4)}", day) for who, days in bought.items()
            for n, day in enumerate(sorted(days), start=1)]  # fmt: skip
    until, lost_after = max(day for _, _, day in rows), timedelta(days=180)
    spans = []
    for days in map(sorted, bought.values()):
        if len(days) >= 4:
            spans.append(days[3] - days[0])
        elif until - days[-1] >= lost_after:
            spans.append(days[-1] - days[0])
    table = pa.table(dict(zip(("who", "what", "when"), map(list, zip(*rows, strict=True)), strict=True)))
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    found = chain(discover_journey(log, goal="purchase 4", lost_after=lost_after)).duration
    assert (found.n, found.censored) == (len(spans), 156)
    assert found.value == pytest.approx(sum(spans, timedelta()).total_seconds() / len(spans))
    assert found.value / 86_400 == pytest.approx(74.4, abs=0.05)
