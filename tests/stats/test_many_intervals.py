"""Many intervals at once are, to the last bit, those that the functions for one give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.events.queries.wait_quantiles import GRID
from journeymap.stats.clusters import design_effect
from journeymap.stats.many_intervals import median_intervals, share_intervals
from journeymap.stats.quantiles import woodruff_interval
from journeymap.stats.shares import share_interval


def _table(groups: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Successes and trials of many kinds: rare, sure, in one group only, none at all in a group."""
    rng = np.random.default_rng(seed)
    trials = rng.integers(0, rng.choice([2, 5, 1000], (200, 1)), (200, groups)) * 1.0
    trials[:20, 1:] = 0
    trials[:, 0] += trials.sum(axis=1) == 0
    successes = rng.binomial(trials.astype(int), rng.choice([0.0, 0.01, 0.5, 1.0], (200, 1))) * 1.0
    return successes, trials


@pytest.mark.parametrize("groups", [1, 2, 3, 7, 8, 9, 17, 63, 64])
@pytest.mark.parametrize("level", [0.95, 0.5])
def test_shares_equal_those_taken_one_by_one(groups, level):
    successes, trials = _table(groups, seed=groups)
    customers = np.random.default_rng(1).integers(0, 5, len(trials))
    found = share_intervals(successes, trials, customers, level=level)
    for row, known in enumerate(customers.tolist()):
        one = share_interval(successes[row], trials[row], level=level, customers=known or None)
        assert (found.value[row], found.low[row], found.high[row]) == (one.value, one.low, one.high)


def test_shares_without_trials_are_not_known():
    found = share_intervals([[0, 0], [1, 0]], [[0, 0], [1, 1]], [0, 2])
    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()
    assert found.value[1] == 0.5


@pytest.mark.parametrize("groups", [2, 9, 64])
def test_medians_equal_those_taken_one_by_one(groups):
    below, counts = _table(groups, seed=groups)
    trials = counts.sum(axis=1) / design_effect(below, counts)
    rng = np.random.default_rng(3)
    grids = np.sort(rng.integers(0, 10**12, (len(trials), len(GRID))) * 1.0, axis=1)
    grids[:30] = grids[:30, :1]  # all waits alike
    found = median_intervals(GRID, grids, trials, df=groups - 1)
    for row, effective in enumerate(trials.tolist()):
        one = woodruff_interval(GRID, grids[row], effective, df=groups - 1)
        assert (found.low[row], found.high[row]) == tuple(one)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.001, 1e9), min_size=1, max_size=20),
    st.lists(st.floats(-1e15, 1e15), min_size=4, max_size=4),
    st.sampled_from([(0.0, 0.25, 0.5, 1.0), (0.1, 0.3, 0.6, 0.9)]),
)
def test_medians_are_read_off_any_grid_as_numpy_reads_one(trials, values, grid):
    rows = np.tile(np.sort(values), (len(trials), 1))
    found = median_intervals(grid, rows, trials, df=5)
    assert [tuple(ends) for ends in zip(*found, strict=True)] == [
        tuple(woodruff_interval(grid, rows[0], effective, df=5)) for effective in trials
    ]
