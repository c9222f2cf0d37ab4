"""Shares and their intervals against published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.errors import JourneyMapError
from journeymap.stats.clusters import cluster_ratio, design_effect
from journeymap.stats.jackknife import group_jackknife, leave_one_out, t_quantile
from journeymap.stats.shares import effective_size, excess_test, katz_ratio, share_interval, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17:857-872, table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (6, 12, 0.2538, 0.7462),
    ],
)
def test_wilson_reproduces_newcombe(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_wilson_without_trials_knows_nothing():
    assert wilson(0, 0) == (0, 1)


@given(st.integers(1, 500), st.data())
def test_wilson_holds_the_share(trials, data):
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1


def test_cluster_ratio_counts_customers_not_events():
    found = cluster_ratio([3, 0, 6, 1, 2], [5, 4, 6, 7, 3])
    assert found == pytest.approx((0.48, 0.198313, 0.099920, 3.939103), abs=5e-7)


@pytest.mark.parametrize(("successes", "trials"), [([], []), ([0], [0]), ([3], [4])])
def test_one_cluster_has_no_spread(successes, trials):
    assert math.isnan(cluster_ratio(successes, trials).se)


def test_design_effect_of_separate_shares_at_once():
    y, n = np.array([[3, 0, 6, 1, 2], [1, 1, 1, 1, 1]]), np.array([[5, 4, 6, 7, 3], [2, 2, 2, 2, 2]])
    together = design_effect(y, n)
    assert together == pytest.approx([float(design_effect(y[0], n[0])), float(design_effect(y[1], n[1]))])
    # the delete-a-group jackknife and the linearised ratio agree up to the unequal sizes of clusters
    assert together[0] == pytest.approx(3.939103, rel=0.2)
    assert together[1] == 1


def test_jackknife_of_a_mean_is_its_textbook_standard_error():
    values = np.array([3.0, 5.0, 1.0, 8.0, 3.0, 4.0])
    found = group_jackknife(values.mean(), leave_one_out(values) / 5)
    assert found.se == pytest.approx(values.std(ddof=1) / math.sqrt(6))
    assert found.high - found.value == pytest.approx(t_quantile(0.95, 5) * found.se)
    assert t_quantile(0.95, 5) == pytest.approx(2.570582, abs=1e-6)


def test_jackknife_of_one_group_has_no_interval():
    assert group_jackknife(0.5, [float("nan")])[1:] == (None, None, None, 0)


def test_groups_left_empty_count_as_no_change():
    assert group_jackknife(0.5, [0.4, 0.6, float("nan")]).se == pytest.approx(math.sqrt(2 / 3 * 0.02))


def test_events_of_one_customer_do_not_pass_for_many():
    assert effective_size([25, 0], [50, 0], customers=1) == 1
    assert effective_size([0, 0], [500, 500], customers=40) == 40
    low, high = share_interval([25, 0], [50, 0], customers=1)[1:3]
    assert high - low > 0.8


def test_share_without_trials_is_not_known():
    assert share_interval([0, 0], [0, 0]) == (None, None, None, 0, 0.0)


def test_katz_reproduces_the_aspirin_trial():
    # Physicians' Health Study, as in Agresti, Categorical Data Analysis, section 2.2
    assert katz_ratio(189, 11034, 104, 11037) == pytest.approx((1.8178, 1.4330, 2.3059), abs=5e-5)


def test_katz_with_zero_counts_stays_finite():
    ratio, low, high = katz_ratio(0, 10, 5, 10)
    assert ratio == 0
    assert 0 < low < high < 2
    assert katz_ratio(3, 10, 0, 10)[0] == math.inf
    assert math.isnan(katz_ratio(0, 10, 0, 10)[0])


def test_excess_test_is_the_two_share_score_test_where_counts_are_large():
    # 56/70 against 48/80: pooled z = (0.8 - 0.6) / sqrt(104/150 * 46/150 * (1/70 + 1/80))
    z = 0.2 / math.sqrt(104 / 150 * 46 / 150 * (1 / 70 + 1 / 80))
    assert excess_test(56, 70, 48, 80, df=math.inf) == pytest.approx(
        math.erfc(z / math.sqrt(2)) / 2, rel=1e-4
    )


def test_a_rare_event_that_happened_once_is_no_finding():
    assert excess_test(1, 20, 1, 1000, df=63) > 0.02
    assert excess_test(1, 1, 1, 10, df=63) > 0.1
    assert excess_test(3, 3, 0, 0, df=63) == 1
    assert excess_test(0, 50, 10, 50, df=63) == 1


@pytest.mark.parametrize("level", [95, 0, 1, -1, 1.5])
def test_a_level_that_is_no_share_is_refused(level):
    with pytest.raises(JourneyMapError, match="no confidence level"):
        wilson(3, 10, level=level)
