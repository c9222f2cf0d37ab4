"""Differences within strata between sides that share customers: published numbers, coverage."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.stats.shared_strata import shared_difference, spread_share
from journeymap.stats.strata import mantel_haenszel_difference, stratified_difference


def spread(counts, groups=10):
    """Share whole counts out over customer groups."""
    return [[n // groups + (g < n % groups) for g in range(groups)] for n in counts]


def test_two_strata():
    """Greenland and Robins' weights: strata 10/50 vs 5/50 and 30/50 vs 60/150 differ by .1 and .2 → .16."""
    found = shared_difference(spread([10, 30]), spread([50, 50]), spread([5, 60]), spread([50, 150]))
    assert found.value == pytest.approx(0.16)
    assert found.low < 0.16 < found.high


def test_sides_that_rise_and_fall_together():
    """Groups of customers differ much, but in every group the one side has ten points more."""
    one, other = np.array([[30, 50, 70, 90] * 10]), np.array([[20, 40, 60, 80] * 10])
    trials = np.full((1, 40), 100)
    shared = shared_difference(one, trials, other, trials)
    apart = stratified_difference(one, trials, other, trials)
    assert shared.value == pytest.approx(apart.value) == pytest.approx(0.1)
    assert 0 < shared.low < 0.1 < shared.high
    assert apart.low < 0


def test_nothing_to_compare():
    assert shared_difference([[1, 0]], [[1, 1]], [[0, 0]], [[0, 0]]).value is None
    assert spread_share([[0, 0]], [[0, 0]], [[1, 1]]) == (None, None, None)


def test_strata_of_one_side_count_for_nothing():
    found = shared_difference([[1, 0], [9, 9]], [[1, 1], [9, 9]], [[0, 1], [0, 0]], [[2, 2], [0, 0]])
    assert found.value == pytest.approx(mantel_haenszel_difference([1], [2], [1], [4]))


def test_a_share_spread_as_other_counts():
    share, low, high = spread_share(spread([60, 10]), spread([80, 100]), spread([1, 3]))
    assert share == pytest.approx((60 / 80 + 3 * 10 / 100) / 4)
    assert low < share < high


def test_without_spread_customers_bound_the_size():
    share, low, _ = spread_share([[1] * 10], [[1] * 10], [[1] * 10])
    assert (share, 0.6 < low < 0.8) == (1.0, True)


@pytest.mark.parametrize("size", [6, 40])
def test_coverage_with_shared_customers(size):
    """Customers like things more or less on both sides alike; 600 logs each."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(600):
        liking = rng.uniform(-0.2, 0.2, 40)
        n1, n0 = rng.binomial(size, 0.1, (2, 40)), rng.binomial(size, 0.6, (2, 40))
        base = np.array([[0.3], [0.6]]) + liking
        found = shared_difference(rng.binomial(n1, base + 0.1), n1, rng.binomial(n0, base), n0)
        covered += found.low <= 0.1 <= found.high
    assert 0.93 * 600 <= covered <= 0.985 * 600
