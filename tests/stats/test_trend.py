"""Slopes and tests of trend against published numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from journeymap.stats.trend import mann_kendall, theil_sen, trend

NAN = float("nan")
# Sen (1968), the example of section 7; scipy tests its own theilslopes on it
SEN_X, SEN_Y = [1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78]

series = st.lists(st.integers(-50, 50), min_size=4, max_size=12)


def test_theil_sen_reproduces_sen():
    assert theil_sen(SEN_Y, SEN_X, level=0.93) == pytest.approx((4, 26 / 7, 35 / 8, 7))


def test_mann_kendall_of_sen_is_exact():
    found = mann_kendall(SEN_Y)
    assert found.tau == 1
    assert found.p == pytest.approx(3.968e-4, abs=5e-8)
    assert found.p == pytest.approx(2 / math.factorial(7))


def test_mann_kendall_on_fingers():
    # methods.md 1.13
    found = mann_kendall([5, 6, 4, 7, 9, 8])
    assert found.s == 9
    assert found.variance == pytest.approx(28.333, abs=5e-4)
    assert found.tau == pytest.approx(9 / 15)


@given(series)
def test_mann_kendall_agrees_with_kendalls_tau(values):
    found = mann_kendall(values)
    ties = len(set(values)) < len(values)
    expected = kendalltau(range(len(values)), values, method="auto" if ties else "exact")
    if len(set(values)) == 1:
        assert (found.s, found.tau, found.p, found.variance) == (0, None, 1, 0)
        return
    assert found.tau == pytest.approx(expected.statistic)
    if not ties:
        assert found.p == pytest.approx(expected.pvalue)
    else:  # scipy has no correction for continuity
        z = (abs(found.s) - (found.s != 0)) / math.sqrt(found.variance)
        assert found.p == pytest.approx(min(math.erfc(z / math.sqrt(2)), 1))


def test_variance_of_s_with_ties_is_that_of_all_orders():
    values = [1, 1, 2, 3, 3]
    all_s = [mann_kendall(order).s for order in itertools.permutations(values)]
    assert np.var(all_s) == pytest.approx(mann_kendall(values).variance)


@given(st.lists(st.integers(-50, 50), min_size=6, max_size=20))
def test_theil_sen_agrees_with_scipy(values):
    ours, theirs = theil_sen(values, level=0.9), theilslopes(values, alpha=0.9)
    assert ours.value == pytest.approx(theirs.slope)
    # where ties leave little variance scipy's ends may cross the slope itself
    assert ours.low <= ours.value <= ours.high
    if len(set(values)) == len(values):
        assert (ours.low, ours.high) == pytest.approx((theirs.low_slope, theirs.high_slope))


def test_repeated_times_give_no_slope_of_their_own():
    y, x = [1, 5, 2, 7, 4, 9, 8, 12], [0, 0, 1, 1, 2, 2, 3, 3]
    ours, theirs = theil_sen(y, x), theilslopes(y, x)
    assert ours[:3] == pytest.approx((theirs.slope, theirs.low_slope, theirs.high_slope))
    assert theil_sen([1, 2], [3, 3]) == (None, None, None, 2)


@given(series, st.integers(-20, 20), st.integers(-9, 9))
def test_theil_sen_follows_shift_and_scale(values, shift, scale):
    before = theil_sen(values, level=0.8)
    after = theil_sen([shift + scale * value for value in values], level=0.8)
    ends = (before.low, before.high) if scale >= 0 else (before.high, before.low)
    if scale == 0:  # all tied: every slope is zero
        assert after[:3] == (0, 0, 0)
        return
    assert after.value == pytest.approx(scale * before.value)
    assert (after.low, after.high) == pytest.approx(tuple(scale * end for end in ends))


@given(series)
def test_mann_kendall_sees_order_alone(values):
    assert mann_kendall([value**3 + 2 * value - 7 for value in values]) == mann_kendall(values)
    backwards = mann_kendall(values[::-1])
    assert backwards.s == -mann_kendall(values).s
    assert backwards.p == mann_kendall(values).p


@given(series, st.randoms(use_true_random=False))
def test_order_of_the_periods_does_not_matter(values, random):
    times = list(range(len(values)))
    together = list(zip(times, values, strict=True))
    random.shuffle(together)
    shuffled = trend([value for _, value in together], [time for time, _ in together])
    assert shuffled == trend(values, times)


def test_a_missing_period_keeps_its_place():
    assert theil_sen([0, NAN, NAN, 3, 4, 5]).value == 1
    assert theil_sen([0, 3, 4, 5]).value == pytest.approx(theil_sen([0, 3, 4, 5], [0, 1, 2, 3]).value)
    assert trend([0, NAN, NAN, 3, 4, 5]).n == 4


@pytest.mark.parametrize("values", [[], [3.0], [1, 2, 3], [1, NAN, 2, 3]])
def test_fewer_than_four_periods_test_nothing(values):
    found = trend(values)
    assert (found.low, found.high, found.p, found.direction) == (None, None, None, "no trend shown")
    assert (found.slope is None) == (found.n < 2)


def test_four_periods_in_order_are_not_enough_at_95_percent():
    found = trend([1, 2, 3, 4])
    assert found.p == pytest.approx(2 / 24)
    assert (found.slope, found.low, found.direction) == (1, None, "no trend shown")


def test_direction_in_words():
    assert trend([1, 2, 3, 4, 6]).direction == "rising"
    assert trend([6, 4, 3, 2, 1]).direction == "falling"
    assert trend([1, 6, 2, 5, 3, 4]).direction == "no trend shown"
    assert trend([2, 2, 2, 2, 2]) == (0, 0, 0, 1, "no trend shown", 5)


def test_a_direction_never_contradicts_its_interval():
    rng = np.random.default_rng(4)
    for _ in range(300):
        found = trend(rng.normal(size=19) + 0.05 * np.arange(19))
        if found.direction != "no trend shown":
            assert found.low > 0 or found.high < 0
        elif found.low > 0 or found.high < 0:
            assert found.p > 0.05


def test_long_series_take_the_normal_test():
    rng = np.random.default_rng(1)
    values = rng.normal(size=80)
    found = mann_kendall(values)
    assert found.p == pytest.approx(kendalltau(range(80), values, method="asymptotic").pvalue, abs=0.01)


def test_unequal_lengths_and_repeated_periods_are_refused():
    with pytest.raises(ValueError, match="3 times, 2 values"):
        theil_sen([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="each period once"):
        trend([1, 2, 3, 4], [1, 2, 2, 3])
    with pytest.raises(ValueError, match="finite"):
        mann_kendall([1, 2, math.inf])


@pytest.mark.parametrize(("periods", "most"), [(8, 99), (12, 98), (40, 97)])
def test_intervals_of_the_slope_cover(periods, most):
    rng = np.random.default_rng(20240501)
    x = np.arange(periods)
    hits = 0
    for _ in range(1000):
        found = theil_sen(0.3 * x + rng.standard_t(3, periods))
        hits += found.low <= 0.3 <= found.high
    assert 93 <= hits / 10 <= most
