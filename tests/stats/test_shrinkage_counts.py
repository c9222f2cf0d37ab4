"""Counts and times pulled towards their peers, and the other corrections for many tests, against their sources."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm
from journeymap.stats.shrinkage import fit_beta_prior, fit_beta_priors, james_stein
from journeymap.stats.shrinkage_counts import (
    GammaPrior,
    fit_gamma_prior,
    shrink_count,
    shrink_means,
    shrink_times,
)
from tests.stats.test_shrinkage import HITS, RATS, TUMOURS

# Failures of ten pumps of a power plant and thousands of hours of running: Gaver & O'Muircheartaigh (1987)
FAILURES = [5, 1, 5, 14, 3, 19, 1, 1, 4, 22]
HOURS = [94.32, 15.72, 62.88, 125.76, 5.24, 31.44, 1.048, 1.048, 2.096, 10.48]
# Benjamini & Hochberg (1995), section 4
P = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1]  # fmt: skip


def test_pumps():
    prior = fit_gamma_prior(FAILURES, HOURS)
    assert prior == pytest.approx((0.8223, 1.2590), abs=5e-5)
    means = [shrink_count(y, t, prior).mean for y, t in zip(FAILURES, HOURS, strict=True)]
    assert (means[0], means[-1]) == pytest.approx((0.0609, 1.9441), abs=5e-5)
    last = shrink_count(22, 10.48, prior)
    assert last.low < last.mean < last.high
    assert prior.mean < last.mean < 22 / 10.48


def test_pumps_that_are_alike_are_pooled():
    prior = fit_gamma_prior([10, 20, 30], [1, 2, 3])
    assert prior.mean == pytest.approx(10, rel=1e-3)
    assert shrink_count(30, 3, prior).mean == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize(("counts", "times"), [([], []), ([3], [2]), ([0, 0], [1, 1]), ([3, 2], [2, 0])])
def test_without_peers_or_events_there_is_no_prior(counts, times):
    assert fit_gamma_prior(counts, times) is None


def test_gamma_prior_mean():
    assert GammaPrior(2, 4).mean == 0.5


def test_baseball_on_the_scale_of_arcsines():
    # Efron & Morris (1975): y = √45 arcsin(2p − 1) has variance 1
    values = math.sqrt(45) * np.arcsin(2 * np.array(HITS) / 45 - 1)
    shrunk = james_stein(values, 1.0)
    centre = values.mean()
    assert np.square(values - centre).sum() == pytest.approx(18.96, abs=0.005)
    assert (shrunk[0] - centre) / (values[0] - centre) == pytest.approx(0.20897, abs=5e-5)


def test_means_between_their_own_and_the_common_one():
    found = shrink_means([1.0, 5.0, 9.0], [0.1, 0.1, 100.0])
    assert found[0].mean == pytest.approx(1, abs=0.1)  # a sure mean stays
    assert found[2].mean < 5  # an unsure one moves to the others
    assert found[2].high - found[2].low > found[0].high - found[0].low


def test_alike_means_become_one():
    assert [one.mean for one in shrink_means([1.0, 1.1, 0.9], [1, 1, 1])] == pytest.approx([1, 1, 1])


def test_a_single_mean_and_none():
    (alone,) = shrink_means([3.0], [4.0])
    assert alone == pytest.approx((3.0, 3 - 1.6449 * 2, 3 + 1.6449 * 2), abs=1e-3)
    assert shrink_means([], []) == []
    assert shrink_times([], []) == []


def test_times_are_never_below_zero():
    assert all(one.low > 0 for one in shrink_times([1.0, 100.0, 0.01], [4.0, 4.0, 4.0]))


def test_yekutieli_and_holm_on_the_example_of_benjamini_and_hochberg():
    assert (benjamini_hochberg(P) <= 0.05).sum() == 4
    assert (benjamini_yekutieli(P) <= 0.05).sum() == 3
    assert (holm(P) <= 0.05).sum() == 3
    assert holm(P)[:3] == pytest.approx([0.0015, 0.0056, 0.0247])


@given(st.lists(st.floats(0, 1), max_size=30))
def test_corrections_stand_in_their_order(p_values):
    hochberg, yekutieli, strict = (
        correct(p_values) for correct in (benjamini_hochberg, benjamini_yekutieli, holm)
    )
    assert (hochberg <= yekutieli + 1e-12).all()
    assert (hochberg <= strict + 1e-12).all()
    assert (np.array(p_values) <= strict + 1e-12).all()


def test_many_families_at_once_are_what_each_is_alone():
    families = [
        (TUMOURS, RATS),
        ([3, 9, 40], [30, 60, 90]),
        ([1], [9]),
        ([0, 0], [5, 6]),
        ([50, 5], [60, 500]),
    ]
    assert [prior and prior[:2] for prior in fit_beta_priors(families)] == [
        None if alone is None else pytest.approx(alone[:2], rel=1e-6)
        for alone in (fit_beta_prior(*family) for family in families)
    ]
    assert fit_beta_priors([]) == []
