"""The log-rank test against the leukaemia trial and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.duration.survfunc import survdiff

from journeymap.stats.log_rank import log_rank


def counted(times, observed, sets):
    belongs = np.asarray(sets)[:, np.newaxis] == np.unique(sets)
    observed = np.asarray(observed, dtype=bool)[:, np.newaxis]
    return times, belongs & observed, belongs & ~observed


def test_remission_under_6mp_and_placebo():
    # Freireich et al. (1963), as in Gehan (1965), Biometrika 52
    treated = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    found = log_rank(*counted(treated + placebo, relapse + [1] * 21, [0] * 21 + [1] * 21))
    assert found.statistic == pytest.approx(16.7929, abs=5e-5)
    assert found.p == pytest.approx(4.169e-5, abs=5e-9)
    assert found.df == 1


def test_three_sets_are_statsmodels():
    rng = np.random.default_rng(8)
    sets = rng.integers(0, 3, 90)
    times, observed = np.ceil(5 * rng.exponential(1 + 0.3 * sets)), rng.random(90) < 0.7
    found = log_rank(*counted(times, observed, sets))
    assert (found.statistic, found.p) == pytest.approx(survdiff(times, observed, sets))
    assert found.df == 2


def test_nothing_to_compare():
    assert log_rank([1, 2], [[1], [1]], [[0], [0]]) == (None, 0, None)
    assert log_rank([1, 2], [[0, 0], [0, 0]], [[1, 1], [1, 0]]) == (None, 1, None)
    assert log_rank([1, 2], [[1, 0], [1, 0]], [[0, 0], [0, 0]]) == (None, 0, None)
