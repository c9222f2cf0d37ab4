"""Segments that share a chain, and segments that do not."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.errors import JourneyMapError, WrongKindError
from journeymap.metrics.chain_differences import chain_differences
from tests.metrics.chain_samples import known_journey, walked
from tests.oracle import toy_journey


def segment(seed, **changes):
    return known_journey(walked(seed, **changes))


def test_a_planted_difference_is_found_where_it_is():
    found = chain_differences({"old": segment(1), "new": segment(2, losing=0.4)}, permutations=199)
    assert found.differs
    assert found.p == pytest.approx(1 / 200)
    first = found.touchpoints[0]
    assert first.touchpoint == "cart"
    assert first.target in {"@lost", "buy", "@goal"}
    assert first.p_adjusted < 0.05
    assert abs(first.shares["new"] - first.shares["old"]) == pytest.approx(0.3, abs=0.08)
    assert [one.touchpoint for one in found.touchpoints if (one.p_adjusted or 1) < 0.05] == ["cart"]
    assert "old and new move differently" in str(found)
    assert "From cart to" in str(found)
    assert found.g2 == pytest.approx(sum(one.g2 for one in found.touchpoints))
    assert found.conversion["new"].value < found.conversion["old"].value


def test_segments_of_one_chain_do_not_differ():
    p = []
    for seed in range(12):
        pair = {"a": segment(seed, customers=150), "b": segment(seed + 100, customers=80)}
        found = chain_differences(pair, permutations=99)
        p.append(found.p)
        assert 0 < found.df < 20
    assert np.mean(np.array(p) < 0.05) <= 0.25
    assert np.median(p) > 0.15
    assert "No difference is seen between a and b" in str(found) or found.differs


def test_the_same_segment_twice_is_one_chain():
    journey = segment(4, customers=100)
    found = chain_differences({"a": journey, "b": journey}, permutations=99)
    assert found.g2 == pytest.approx(0, abs=1e-9)
    assert (found.p, found.p_independent) == (1, 1)


def test_too_few_groups_to_shuffle():
    toy = toy_journey(groups=1)
    found = chain_differences({"a": toy, "b": toy})
    assert (found.p, found.differs) == (None, None)
    assert "cannot be told" in str(found)
    assert found.touchpoints[0].p is None


def test_a_touchpoint_of_one_segment_only():
    found = chain_differences({"toy": toy_journey(), "other": segment(1, customers=60)}, permutations=49)
    onboard = next(one for one in found.touchpoints if one.touchpoint == "onboard")
    assert list(onboard.shares) == ["toy"]
    assert (onboard.df, onboard.g2, onboard.p) == (0, 0, None)


def test_results_can_be_read():
    found = chain_differences(
        {"a": segment(1, customers=60), "<b>": segment(2, customers=60)}, permutations=49
    )
    assert list(found.to_frame()["g2"]) == sorted(found.to_frame()["g2"], reverse=True)
    assert "share_<b>" in found.to_frame()
    assert "&lt;b&gt;" in found._repr_html_()
    assert found == chain_differences(
        {"a": segment(1, customers=60), "<b>": segment(2, customers=60)}, permutations=49
    )


def test_what_cannot_be_compared():
    with pytest.raises(JourneyMapError, match="1 segments cannot"):
        chain_differences({"a": toy_journey()})
    with pytest.raises(JourneyMapError, match="no number of shuffles"):
        chain_differences({"a": toy_journey(), "b": toy_journey()}, permutations=0)
    with pytest.raises(WrongKindError, match="chain_differences"):
        chain_differences({"a": toy_journey(), "b": 3})
