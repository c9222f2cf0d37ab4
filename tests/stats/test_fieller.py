"""The ratio of two uncertain numbers."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.stats.fieller import ratio_by_groups
from journeymap.stats.jackknife import group_jackknife


def test_it_holds_one_exactly_where_the_difference_holds_zero():
    rng = np.random.default_rng(2)
    both = 0
    for _ in range(300):
        above, below = rng.uniform(1, 3), rng.uniform(1, 3)
        left = above + rng.normal(0, 0.03, 32), below + rng.normal(0, 0.03, 32)
        found = ratio_by_groups(above, below, *left)
        gap = group_jackknife(above - below, left[0] - left[1])
        assert found.low is not None
        assert (found.low <= 1 <= found.high) == (gap.low <= 0 <= gap.high)
        both += found.low <= 1 <= found.high
    assert 0 < both < 300


def test_no_end_where_the_number_below_may_be_nothing():
    noise = np.random.default_rng(1).normal(0, 1, 20)
    assert ratio_by_groups(2.0, 0.5, 2 + noise, 0.5 + noise[::-1]) == (4.0, None, None)
    assert ratio_by_groups(2.0, -0.5, 2 + noise, noise) == (None, None, None)
    assert ratio_by_groups(2.0, float("nan"), [2.0, 2.0], [1.0, 1.0]) == (None, None, None)


def test_a_certain_number_below_only_scales():
    left = [3.9, 4.0, 4.1]
    plain, found = group_jackknife(4.0, left), ratio_by_groups(4.0, 2.0, left, [2.0, 2.0, 2.0])
    assert (found.low, found.high) == (pytest.approx(plain.low / 2), pytest.approx(plain.high / 2))


def test_coverage():
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(1000):
        x = rng.normal([4, 2], 6, (400, 2)).reshape(40, 10, 2).sum(axis=1)
        total = x.sum(axis=0)
        found = ratio_by_groups(*(total / 400), *((total - x) / 390).T)
        inside += found.low is None or found.low <= 2 <= found.high
    assert 0.93 <= inside / 1000 <= 0.97
