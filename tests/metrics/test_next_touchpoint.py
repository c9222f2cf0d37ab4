"""Guesses of where customers go next, on chains that are known."""

from __future__ import annotations

import pytest

from journeymap.errors import JourneyMapError, UnknownNameError
from journeymap.metrics.next_touchpoint import LikelyNext, next_touchpoint
from tests.metrics.chain_samples import known_journey, walked


@pytest.fixture(scope="module")
def journey():
    return known_journey(walked(3, remembers=0.3))


@pytest.fixture(scope="module")
def found(journey):
    return next_touchpoint(journey)


def test_the_most_probable_ways_on(found):
    asked = found.after("shop", before="help")
    assert [one.rank for one in asked] == [1, 2, 3]
    assert (asked[0].target, asked[0].before) == ("cart", "help")
    assert asked[0].probability == pytest.approx(0.75, abs=0.06)
    others = found.after("shop", before="ad")
    assert others[0].target == "help"
    assert others[0].probability == pytest.approx(0.75, abs=0.06)
    anyone = found.after("shop")
    assert anyone[0].before is None
    assert anyone[0].n == sum(
        one.n for one in found.likely if one.source == "shop" and one.rank == 1 and one.before is not None
    )


def test_nobody_came_this_way(found):
    assert found.after("cart", before="ad") == found.after("cart")
    with pytest.raises(UnknownNameError, match="did you mean 'shop'") as caught:
        found.after("shp")
    assert "@start" in str(caught.value)


def test_better_than_the_shares_of_all(found):
    model, base, later, later_base = found.scores.scores
    assert (model.held_out, later.held_out) == ("customers", "later journeys")
    assert (model.order, base.order) == (2, 0)
    for ours, theirs in ((model, base), (later, later_base)):
        assert ours.log_loss.high < theirs.log_loss.low
        assert ours.brier.value < theirs.brier.value
        assert ours.top_1.low > theirs.top_1.high
        assert ours.top_3.value >= ours.top_1.value


def test_guesses_are_calibrated(found):
    for point in found.scores.scores[0].calibration:
        if point.n > 200:
            assert point.came == pytest.approx(point.foretold, abs=0.07)


def test_results_can_be_read(found):
    assert "On customers held out the best guess is right in" in str(found)
    assert len(found.scores.to_frame()) == 16
    assert set(found.to_frame()["rank"]) == {1, 2, 3}
    for result in (found, found.scores):
        assert "<table>" in result._repr_html_()


def test_order_1_and_one_way_on(journey):
    found = next_touchpoint(journey, order=1, top=1)
    assert {one.rank for one in found.likely} == {1}
    assert {one.before for one in found.likely} == {None}


def test_nothing_to_hold_out():
    rows = [row._replace(time_us=at) for at, row in enumerate(walked(2, customers=2))]
    found = next_touchpoint(known_journey(rows, groups=1))
    assert found.scores.scores[0].top_1.value is None
    assert "Nothing could be held out" in str(found)


@pytest.mark.parametrize("wrong", [{"order": 3}, {"order": 0}, {"top": 0}])
def test_what_cannot_be_asked(journey, wrong):
    with pytest.raises(JourneyMapError, match="cannot be given"):
        next_touchpoint(journey, **wrong)


def test_ends_and_touchpoints_have_names(found):
    ends = [
        LikelyNext(before=None, source=source, target=target, rank=1, probability=0.9, n=9)
        for source, target in (("credit", "@lost"), ("pay", "@goal"))
    ]
    told = found.model_copy(update={"likely": tuple(ends), "names": {"credit": "Pass the check"}})
    assert str(told).endswith("After “Pass the check”: lost, 90 %.\nAfter “pay”: the goal, 90 %.")
    assert "@" not in told._repr_html_()
    without = told.model_copy(update={"has_goal": False})
    assert "After “Pass the check”: the journey ends, 90 %." in str(without)
    assert str(without).splitlines()[-1].startswith("No goal is declared")
    assert set(found.names) >= {one.source for one in found.likely} - {"@start"}
