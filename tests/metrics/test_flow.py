"""Flow metrics on the toy log, whose numbers can be counted on fingers."""

from __future__ import annotations

import pytest

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, goal_touchpoints, touchpoint_counts
from journeymap.metrics.flow import (
    drop_off,
    exit_probability,
    regression,
    repetition,
    rework,
    self_loop,
    waiting,
)
from journeymap.model.journey import Journey
from tests.oracle import HOUR, journey_from_events, path_rows, toy_journey


@pytest.fixture(scope="module")
def toy():
    return toy_journey()


def shares(estimates):
    return {name: estimate.value for name, estimate in estimates.items() if estimate.value}


def test_drop_off(toy):
    assert shares(drop_off(toy)) == pytest.approx({
        "ad": 1 / 12, "compare": 1 / 10, "cart": 1 / 10, "onboard": 1 / 8, "phone@purchase": 1, "phone@post_purchase": 1 / 2,
    })  # fmt: skip
    assert drop_off(toy)["cart"].n == 10
    assert drop_off(toy)["cart"].customers == 10


def test_exit_probability(toy):
    assert shares(exit_probability(toy)) == pytest.approx({
        "ad": 1 / 12, "compare": 1 / 12, "cart": 1 / 12, "onboard": 1 / 8, "phone@purchase": 1, "phone@post_purchase": 1 / 3,
    })  # fmt: skip


def test_circles(toy):
    assert shares(self_loop(toy)) == pytest.approx({"compare": 1 / 12, "phone@post_purchase": 1 / 3})
    assert shares(repetition(toy)) == pytest.approx({"compare": 1 / 12, "cart": 2 / 12})
    assert shares(regression(toy)) == pytest.approx({"cart": 1 / 10})
    assert rework(toy).value == pytest.approx(4 / 12)


def test_floating_touchpoints_have_no_moves_of_their_own(toy):
    assert regression(toy)["chat@purchase"].value is None
    assert "renew" not in drop_off(toy)


def test_waits_are_an_hour_within_a_bucket(toy):
    waits = waiting(toy)
    assert waits["ad"].n == 11
    assert waits["ad"].value == pytest.approx(3600, rel=0.05)
    assert waits["phone@purchase"].value is None
    assert all(w.low <= w.value <= w.high for w in waits.values() if w.value is not None)


def test_groups_change_intervals_not_estimates(toy):
    coarse = toy_journey(groups=4)
    for metric in (drop_off, self_loop, repetition, regression):
        assert shares(metric(coarse)) == pytest.approx(shares(metric(toy)))


def test_counts_come_as_arrays(toy):
    assert counts_by_group(toy, "journeys", "won").shape == (1, 12)
    assert touchpoint_counts(toy, "visits")["cart"].tolist() == [1, 1, 1, 2, 0, 0, 2, 1, 1, 1, 1, 1]


def test_a_designed_journey_has_no_counts():
    with pytest.raises(MissingEvidenceError, match=r"designed.*(?s:.)*discover") as caught:
        drop_off(Journey(name="Map"))
    assert "discover_journey" in caught.value.hint


def test_a_missing_measure_is_named(toy):
    with pytest.raises(MissingEvidenceError, match="no 'smiles'"):
        counts_by_group(toy, "journeys", "smiles")
    with pytest.raises(MissingEvidenceError, match="only of touchpoints"):
        counts_by_group(toy, "episodes", "count")


def test_the_goal_may_be_a_stage_or_float(toy):
    assert goal_touchpoints(toy) == {"renew"}
    assert goal_touchpoints(toy.model_copy(update={"goal": ("discovery",)})) == {"ad"}
    assert goal_touchpoints(toy.model_copy(update={"goal": ("phone",)})) == {
        "phone@purchase",
        "phone@post_purchase",
    }
    assert goal_touchpoints(toy.model_copy(update={"goal": ()})) == frozenset()


def test_open_journeys_are_censored():
    first, second = path_rows(["home", "home"], {"home": "discovery"}, (), ())
    rows = [first, second._replace(time_us=100 * HOUR)]
    journey = journey_from_events(
        rows, name="Two", goal=(), service={}, groups=2, group_of=["c0", "c1"].index, lost_after_us=HOUR
    )
    found = drop_off(journey)["home"]
    assert (found.value, found.n, found.censored) == (0.5, 2, 1)
    found = exit_probability(journey)["home"]
    assert (found.value, found.n, found.censored) == (1, 1, 1)
