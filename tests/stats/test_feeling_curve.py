"""How a journey felt as a whole, on numbers one can count on fingers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.feeling_curve import feeling_scores

NAN = float("nan")
TOY, TIMES = [2, 3, -4, 1, 3], [0, 1, 2, 4, 5]  # methods.md 4.1

feelings = st.lists(st.integers(-2, 2), min_size=1, max_size=10)


def test_the_toy_journey():
    found = feeling_scores(TOY, TIMES)
    assert found.mean == 1
    assert found.peak_end == -0.5
    assert found.negative_peak_end == -0.5
    assert found.area == 1
    assert found.duration_weighted == pytest.approx(0.2)
    assert (found.peak, found.end, found.fall, found.n) == (-4, 3, 7, 5)


def test_of_two_peaks_the_negative_one_counts():
    assert feeling_scores([2, -2, 1]).peak == -2
    assert feeling_scores([-2, 2, 1]).peak == -2
    assert feeling_scores([5, 1, 3], neutral=3).peak_end == 2


def test_neutral_moves_the_peak_alone():
    about_zero, about_three = feeling_scores([5, 2, 1]), feeling_scores([5, 2, 1], neutral=4)
    assert (about_zero.peak, about_three.peak) == (5, 1)
    assert about_zero.mean == about_three.mean
    assert about_zero.negative_peak_end == about_three.negative_peak_end


def test_peak_and_worst_are_not_the_same():
    found = feeling_scores([2, -1, 1])
    assert (found.peak_end, found.negative_peak_end) == (1.5, 0)


def test_without_times_nothing_is_weighted_by_them():
    found = feeling_scores(TOY)
    assert (found.duration_weighted, found.area) == (None, None)
    assert found.peak_end == -0.5


def test_no_duration_gives_the_mean():
    assert feeling_scores([1, -2, 2], [7, 7, 7]).duration_weighted == pytest.approx(1 / 3)
    one = feeling_scores([-1], [3])
    assert (one.mean, one.peak_end, one.duration_weighted, one.area, one.fall) == (-1, -1, -1, 0, None)


@pytest.mark.parametrize("nothing", [[], [NAN, NAN]])
def test_nothing_felt(nothing):
    assert feeling_scores(nothing) == (None,) * 8 + (0,)
    assert feeling_scores(nothing, list(range(len(nothing)))).n == 0


def test_moments_without_feeling_are_left_out_with_their_time():
    assert feeling_scores([2, NAN, 3, -4, 1, 3, NAN], [0, 0.5, 1, 2, 4, 5, 9]) == feeling_scores(TOY, TIMES)
    assert feeling_scores([1, NAN], [0, NAN]).mean == 1


def test_a_curve_that_never_falls():
    assert feeling_scores([-1, 0, 0, 2]).fall == 0


def test_impossible_times_are_refused():
    with pytest.raises(ValueError, match="2 feelings, 1 times"):
        feeling_scores([1, 2], [0])
    with pytest.raises(ValueError, match="must not fall"):
        feeling_scores([1, 2], [1, 0])
    with pytest.raises(ValueError, match="needs a time"):
        feeling_scores([1, 2], [0, NAN])


@given(feelings, st.data())
def test_every_score_lies_within_what_was_felt(values, data):
    gaps = data.draw(st.lists(st.integers(0, 5), min_size=len(values), max_size=len(values)))
    found = feeling_scores(values, np.cumsum(gaps))
    low, high = min(values), max(values)
    for score in (found.mean, found.peak_end, found.negative_peak_end, found.duration_weighted):
        assert low - 1e-9 <= score <= high + 1e-9
    assert found.negative_peak_end <= found.peak_end
    assert found.fall is None or 0 <= found.fall <= high - low


@given(feelings, st.integers(-3, 3), st.integers(1, 4))
def test_scores_follow_shift_and_scale(values, shift, scale):
    times = range(len(values))
    before = feeling_scores(values, times)
    after = feeling_scores([shift + scale * value for value in values], times, neutral=shift)
    for name in ("mean", "peak_end", "negative_peak_end", "duration_weighted", "peak", "end"):
        assert getattr(after, name) == pytest.approx(shift + scale * getattr(before, name))
    if before.fall is not None:
        assert after.fall == scale * before.fall


@given(feelings, st.integers(1, 9), st.integers(-9, 9))
def test_the_unit_and_start_of_time_do_not_matter(values, unit, start):
    times = np.arange(len(values))
    moved = feeling_scores(values, start + unit * times)
    assert moved.duration_weighted == pytest.approx(feeling_scores(values, times).duration_weighted)
