"""The funnel by stage: the toy log on fingers, random logs one journey at a time, designs by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.datasets import example_journey
from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.metrics.funnel import stage_funnel
from journeymap.model.journey import Journey
from journeymap.model.stages import UNASSIGNED
from journeymap.stats.shares import share_interval
from tests.oracle import HOUR, TOY_SERVICE, TOY_STAGES, journey_from_events, path_rows, toy_journey, walks

STAGES = ("discovery", "evaluation", "purchase", "post_purchase", "loyalty")
WIDE = 2 ** (1 / 8) - 1  # a bucket


@pytest.fixture(scope="module")
def toy():
    return toy_journey()


def test_toy_log(toy):
    found = stage_funnel(toy)
    assert [step.stage for step in found] == list(STAGES)
    assert [step.name for step in found][3] == "Post-purchase"
    assert [step.reached_count for step in found] == [12, 11, 10, 8, 6]
    assert [step.touched for step in found] == [12, 10, 10, 8, 6]
    assert [step.touched_share for step in found] == pytest.approx([1, 10 / 12, 10 / 12, 8 / 12, 6 / 12])
    assert [step.reached.value for step in found] == pytest.approx([1, 11 / 12, 10 / 12, 8 / 12, 6 / 12])
    assert [step.lost_here.value for step in found] == pytest.approx([1 / 12, 1 / 11, 2 / 10, 2 / 8, 0])
    assert [step.lost_here.n for step in found] == [12, 11, 10, 8, 6]


def test_intervals_are_those_of_shares_by_group(toy):
    purchase = stage_funnel(toy, level=0.9)[2]
    reach = [0 if number in {4, 5} else 1 for number in range(12)]  # the journeys that leave before the cart
    expected = share_interval(reach, np.ones(12), level=0.9, customers=12)
    assert (purchase.reached.low, purchase.reached.high) == pytest.approx((expected.low, expected.high))
    assert purchase.reached.level == 0.9
    assert purchase.reached.customers == 12
    assert purchase.reached.small_sample


def test_times_of_the_toy_log(toy):
    hours = {
        step.stage: step.time.value and step.time.value / 3600 for step in stage_funnel(toy) if step.time
    }
    assert hours == {
        "discovery": pytest.approx(1, rel=WIDE),
        "evaluation": pytest.approx(1, rel=WIDE),
        "purchase": pytest.approx(2, rel=WIDE),
        "post_purchase": pytest.approx(1, rel=WIDE),
    }
    found = {step.stage: step for step in stage_funnel(toy)}
    assert found["loyalty"].time is None
    assert found["loyalty"].time_quartiles is None
    assert found["purchase"].time.n == 9
    assert found["purchase"].time_deciles[1] == pytest.approx(4 * 3600, rel=WIDE)
    assert found["post_purchase"].time_quartiles == pytest.approx((3600, 2 * 3600), rel=WIDE)
    for step in found.values():
        if step.time:
            assert step.time_deciles[0] <= step.time_quartiles[0] <= step.time.value
            assert step.time.value <= step.time_quartiles[1] <= step.time_deciles[1]
            assert step.time.low <= step.time.value <= step.time.high


PATHS = st.lists(
    st.lists(st.sampled_from(sorted(TOY_STAGES)), min_size=1, max_size=8).map(" ".join),
    min_size=1,
    max_size=15,
)


@settings(max_examples=40)
@given(PATHS, st.sampled_from([0, 3 * HOUR]))
def test_random_logs_one_journey_at_a_time(paths, lost_after):
    rows = path_rows(paths, TOY_STAGES, TOY_SERVICE, ("renew",))
    journey = journey_from_events(
        rows, name="Any", goal=("renew",) if "renew" in " ".join(paths) else (), service=TOY_SERVICE,
        groups=4, group_of=lambda customer: int(customer[1:]) % 4, lost_after_us=lost_after,
    )  # fmt: skip
    lived = walks(rows, stages=STAGES, lost_after_us=lost_after)
    furthest = [max(STAGES.index(event.stage) for event in walk.events) for walk in lived]
    steps = stage_funnel(journey)
    assert all(a.reached.value >= b.reached.value for a, b in pairwise(steps))
    for place, step in enumerate(steps):
        assert step.reached_count == sum(far >= place for far in furthest)
        assert step.touched == sum(any(e.stage == step.stage for e in walk.events) for walk in lived)
        ended = [walk.outcome for walk, far in zip(lived, furthest, strict=True) if far == place]
        if journey.goal and step.reached_count:
            assert step.lost_here.value == pytest.approx(ended.count("lost") / step.reached_count)
            assert step.lost_here.censored == ended.count("open")
        else:
            assert step.lost_here.value is None
        stays = [
            sum(b.start - a.start for a, b in pairwise(walk.events) if a.stage == step.stage) / 1e6
            for walk in lived
            if any(event.stage == step.stage for event in walk.events[:-1])
        ]
        assert (step.time.n if step.time else 0) == len(stays)
        if stays:
            assert min(stays) * (1 - WIDE) <= step.time.value <= max(stays) * (1 + WIDE)


def test_a_journey_that_skips_a_stage_has_reached_it_and_who_goes_back_is_lost_at_the_furthest():
    rows = path_rows(["ad cart ad", "ad renew"], TOY_STAGES, (), ("renew",))
    journey = journey_from_events(
        rows, name="Two", goal=("renew",), service={}, groups=2, group_of=["c0", "c1"].index
    )
    found = stage_funnel(journey)
    assert [step.reached_count for step in found] == [2, 2, 2, 1, 1]
    assert [step.touched for step in found] == [2, 0, 1, 0, 1]
    assert [step.lost_here.value for step in found] == [0, 0, 0.5, 0, 0]


def test_what_no_design_has_placed_is_no_stage(toy_log):
    assert stage_funnel(discover_journey(toy_log, goal="renew")) == ()
    design = Journey(
        name="Part",
        goal="pay",
        touchpoints=[{"id": "ad", "stage": "discovery"}, {"id": "pay", "stage": "purchase"}],
    )
    journey = discover_journey(toy_log, design, unmapped="keep", lost_after="0 s")
    assert UNASSIGNED.id in {stage.id for stage in journey.stages}
    assert [step.reached_count for step in stage_funnel(journey)] == [12, 8, 8, 0, 0]


def test_a_stage_that_nobody_reaches_has_no_losses():
    rows = path_rows(["ad pay", "ad"], TOY_STAGES, (), ("pay",))
    journey = journey_from_events(
        rows, name="Two", goal=("pay",), service={}, groups=2, group_of=["c0", "c1"].index
    )
    found = stage_funnel(journey)
    assert [step.reached.value for step in found] == [1, 0.5, 0.5, 0, 0]
    assert [step.lost_here.value for step in found] == [0.5, 0, 0, None, None]


def test_expected_by_hand():
    journey = Journey(
        name="Shop",
        goal="buy",
        touchpoints=[
            {"id": "ad", "stage": "discovery", "entry_share": 0.6},
            {"id": "web", "stage": "evaluation", "entry_share": 0.2},
            {"id": "buy", "stage": "purchase"},
            {"id": "chat", "entry_share": 0.2, "service": True},
        ],
        transitions=[
            {"source": "ad", "target": "web", "share": 0.5},
            {"source": "ad", "target": "buy", "share": 0.1},
            {"source": "web", "target": "buy", "share": 0.4},
            {"source": "web", "target": "ad", "share": 0.0},
        ],
    )
    found = {step.stage: step for step in stage_funnel(journey)}
    assert found["discovery"].reached.value == pytest.approx(0.8)  # the chat belongs to no stage
    assert found["evaluation"].reached.value == pytest.approx(0.6 * 0.6 + 0.2)
    assert found["evaluation"].touched_share == pytest.approx(0.5)
    assert found["purchase"].reached.value == pytest.approx(0.06 + 0.5 * 0.4)
    assert found["discovery"].lost_here.value == pytest.approx(0.24 / 0.8)
    assert found["evaluation"].lost_here.value == pytest.approx(0.3 / 0.56)
    assert found["purchase"].lost_here.value == 0
    assert found["loyalty"].lost_here.value is None
    assert found["purchase"].touched is None
    assert found["purchase"].reached_count is None
    assert found["purchase"].reached.low is None
    assert found["purchase"].time is None


def test_without_a_goal_nobody_is_lost():
    found = stage_funnel(example_journey().model_copy(update={"goal": ()}))
    assert [step.lost_here.value for step in found] == [None] * 5
    assert found[0].reached.value == pytest.approx(1)


def test_losses_explain_the_fall_from_stage_to_stage():
    found = stage_funnel(example_journey())
    for here, after in pairwise(found):
        assert after.reached.value == pytest.approx(here.reached.value * (1 - here.lost_here.value))


def test_what_is_missing_is_said(toy):
    old = toy.model_copy(update={"evidence": toy.evidence[:5]})
    with pytest.raises(MissingEvidenceError, match="no counts of routes"):
        stage_funnel(old)
    with pytest.raises(MissingEvidenceError, match="names no entry shares"):
        stage_funnel(
            Journey(
                name="Map",
                touchpoints=[{"id": "a"}, {"id": "b"}],
                transitions=[{"source": "a", "target": "b", "share": 1}],
            )
        )
