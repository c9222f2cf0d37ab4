"""Empirical Bayes and many tests against the tables of the books."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from journeymap.stats.multiplicity import benjamini_hochberg
from journeymap.stats.shrinkage import BetaPrior, fit_beta_prior, james_stein, moment_prior, shrink

# Tumours among rats in 70 historical groups and the new one: Tarone (1982), as in Gelman et al.,
# Bayesian Data Analysis, table 5.1
TUMOURS = [0] * 14 + [1] * 8 + [2] * 9 + [
    1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10, 4, 4, 4, 4, 4, 4, 4, 10, 4, 4, 4, 5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16,
    15, 15, 9, 4,
]  # fmt: skip
RATS = [
    20, 20, 20, 20, 20, 20, 20, 19, 19, 19, 19, 18, 18, 17, 20, 20, 20, 20, 19, 19, 18, 18, 25, 24, 23, 20, 20, 20,
    20, 20, 20, 10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50, 20, 20, 20, 20, 20, 20, 20, 48, 19, 19, 19, 22,
    46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24, 14,
]  # fmt: skip
# Hits in the first 45 at bats of 1970 and the rest of the season: Efron & Morris (1977)
HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
SEASON = [
    0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269, 0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.286,
    0.316, 0.200,
]  # fmt: skip


def test_rat_tumours_by_moments():
    rates = np.array(TUMOURS[:70]) / np.array(RATS[:70])
    assert (rates.mean(), rates.std(ddof=1)) == pytest.approx((0.136007, 0.103492), abs=5e-7)
    prior = moment_prior(rates.mean(), rates.std(ddof=1))
    assert prior[:2] == pytest.approx((1.3561, 8.6151), abs=1e-4)
    assert shrink(4, 14, prior).mean == pytest.approx(0.2234, abs=5e-5)


def test_rat_tumours_by_maximum_likelihood():
    prior = fit_beta_prior(TUMOURS, RATS)
    assert prior.method == "maximum likelihood"
    assert prior[:2] == pytest.approx((2.3416, 14.1148), abs=1e-3)


def test_posterior_lies_between_the_rate_and_its_peers():
    near = shrink(4, 14, BetaPrior(1.4, 8.6, "moments"))
    assert near.mean == pytest.approx(0.225)
    assert near.low < near.mean < near.high
    assert 0.14 < near.mean < 4 / 14


def test_no_peers_no_prior():
    assert fit_beta_prior([3], [10]) is None
    assert fit_beta_prior([], []) is None
    assert fit_beta_prior([3, 0], [10, 0]) is None


@pytest.mark.parametrize("successes", [[0, 0, 0], [10, 20, 30], [5, 10, 15]])
def test_alike_peers_are_pooled_and_weigh_no_more_than_they_are(successes):
    prior = fit_beta_prior(successes, [10, 20, 30])
    assert prior.alpha + prior.beta == pytest.approx(60, rel=0.01)
    assert prior.mean == pytest.approx(sum(successes) / 60, abs=0.02)


def test_moments_refuse_what_no_beta_can_be():
    with pytest.raises(ValueError, match="no Beta"):
        moment_prior(0.5, 0.6)


def test_baseball():
    observed, truth = np.array(HITS) / 45, np.array(SEASON)
    mean = observed.mean()
    shrunk = james_stein(observed, mean * (1 - mean) / 45)
    assert mean == pytest.approx(0.26543, abs=5e-6)
    assert (shrunk[0] - mean) / (observed[0] - mean) == pytest.approx(0.21165, abs=5e-6)
    assert (shrunk[0], shrunk[-1]) == pytest.approx((0.2939, 0.2422), abs=5e-5)
    errors = np.square(observed - truth).sum(), np.square(shrunk - truth).sum()
    assert errors == pytest.approx((0.0755, 0.0214), abs=5e-5)


def test_benjamini_and_hochberg_on_their_own_example():
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    adjusted = benjamini_hochberg(p)
    assert (adjusted <= 0.05).sum() == 4
    assert (np.array(p) * 15 <= 0.05).sum() == 3
    assert adjusted[:5] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_agrees_with_scipy(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values))


def test_no_tests_nothing_to_correct():
    assert benjamini_hochberg([]).size == 0


def test_a_peer_without_failures_does_not_break_the_fit():
    # three of the peers always succeed; at a nearly certain mean the sum beta + n − y must not round to zero
    prior = fit_beta_prior(
        [278, 221, 76.2, 278, 84, 90, 110, 120], [333, 336, 126.03, 515, 106, 90, 110, 120]
    )
    assert prior.method == "maximum likelihood"
    assert 0.6 < prior.alpha / (prior.alpha + prior.beta) < 0.95


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.5, 1e6)), min_size=1, max_size=12))
@example([(0.0, 1.0), (5e-324, 1.0)])
def test_any_counts_give_a_prior_and_a_posterior(peers):
    y, n = [share * size for share, size in peers], [size for _, size in peers]
    prior = fit_beta_prior(y, n)
    assert (prior is None) == (len(peers) < 2)
    if prior is not None:
        found = shrink(y[0], n[0], prior)
        assert 0 <= found.low <= found.high <= 1
        assert 0 <= found.mean <= 1
