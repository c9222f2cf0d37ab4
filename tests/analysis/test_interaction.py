"""Good service and a good experience, two by two."""

from __future__ import annotations

import pytest

from journeymap.analysis.interaction import check_interaction
from tests.analysis.test_bad_moment import by_hand

ONE = {
    ("purchase", "good", "good", "good"): [(10, 9)] * 10,
    ("purchase", "bad", "good", "poor"): [(10, 5)] * 5,
    ("discovery", "bad", "good", "good"): [(10, 5)] * 5,
    ("purchase", "good", "poor", "good"): [(10, 4)] * 10,
    ("purchase", "bad", "poor", "poor"): [(10, 3)] * 10,
    ("purchase", "unknown", "poor", "poor"): [(10, 0)] * 10,
}


def _found(contacts):
    return check_interaction(by_hand(None, contacts))


def test_four_rates_and_what_both_do_together():
    found = _found(ONE)
    rates = found.both_good, found.only_service_good, found.only_experience_good, found.neither_good
    assert [rate.value for rate in rates] == [0.9, 0.5, 0.4, 0.3]
    assert found.contrast.value == pytest.approx(0.3)
    assert found.excess.value == pytest.approx((0.9 - 0.5 - 0.4 + 0.3) / 0.3)
    assert found.attributable.value == pytest.approx(found.excess.value / 3)
    assert found.synergy.value == pytest.approx((3 - 1) / ((0.5 + 0.4) / 0.3 - 2))
    assert found.contrast.low > 0
    assert found.excess.low == pytest.approx(found.excess.value)  # all groups alike
    assert found.is_supported
    assert "Both good: 90 % won" in str(found)
    assert "do more together" in str(found)
    assert "Together they differ from the sum of both by +30 points (+" in str(found)
    assert list(found.to_frame()["what"])[:4] == [
        "both good", "only service good", "only experience good", "neither good",
    ]  # fmt: skip
    assert found._repr_html_().count("<tr>") == 9


def test_nothing_is_made_of_two_that_add_up():
    parts = ONE | {("purchase", "good", "good", "good"): [(10, 6)] * 10}
    found = _found(parts)
    assert found.contrast.value == pytest.approx(0)
    assert not found.is_supported
    assert "not supported" in str(found)


def test_without_one_of_the_four():
    parts = {key: part for key, part in ONE.items() if key[1:3] != ("bad", "poor")}
    found = _found(parts)
    assert (found.contrast.value, found.excess.value, found.synergy.value) == (None, None, None)
    assert "No journeys to judge by: neither." in str(found)
    none_won = _found(ONE | {("purchase", "bad", "poor", "poor"): [(10, 0)] * 10})
    assert (none_won.contrast.value, none_won.excess.value) == (pytest.approx(0), None)


def test_few_journeys_have_no_relative_interval():
    parts = ONE | {("purchase", "bad", "poor", "poor"): [(1, 1)] * 2 + [(1, 0)] * 2}
    found = _found(parts)
    assert found.excess.value is not None
    assert found.excess.low is None
    assert found.contrast.low is not None
