"""Detectable differences against R and statsmodels."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower, TTestPower

from journeymap.stats.detectable import detectable_mean, detectable_net_promoter, detectable_share
from journeymap.stats.net_promoter import answers_needed


@pytest.mark.parametrize(
    ("share", "n", "power", "above"),
    [  # the examples of R's power.prop.test: n = 50, power = 0.740; power 0.90, n = 76.7
        (0.5, 50, 0.740, 0.25),
        (0.5, 76.7, 0.90, 0.25),
        # Fleiss, Levin & Paik (2003), section 4.3: without continuity correction 0.10 against 0.20 takes 199 each
        (0.10, 199, 0.80, 0.10),
    ],
)
def test_share_inverts_the_textbook(share, n, power, above):
    found = detectable_share(share, n, power=power)
    assert found.above == pytest.approx(above, abs=2e-4)
    mirrored = detectable_share(1 - share, n, power=power)
    assert mirrored.below == pytest.approx(found.above)


@pytest.mark.parametrize(("n", "power", "delta"), [(22.02110, 0.90, 1.0), (20, 0.8689528, 1.0)])
def test_mean_inverts_r(n, power, delta):
    # the examples of R's power.t.test
    assert detectable_mean(1, n, power=power) == pytest.approx(delta, abs=2e-6)


@pytest.mark.parametrize(("n", "other"), [(5, 5), (12, 40), (300, 20), (5000, 9000)])
def test_mean_is_statsmodels(n, other):
    effect = TTestIndPower().solve_power(nobs1=n, ratio=other / n, alpha=0.05, power=0.8)
    assert detectable_mean(1.3, n, other_n=other) == pytest.approx(1.3 * effect, rel=1e-5)


def test_mean_against_a_known_one():
    effect = TTestPower().solve_power(nobs=25, alpha=0.05, power=0.8)
    assert detectable_mean(1, 25, other_n=math.inf) == pytest.approx(effect, rel=1e-6)
    assert detectable_mean(1, 10**7, other_n=math.inf) == pytest.approx(2.801585 / math.sqrt(10**7), rel=1e-5)


def test_net_promoter():
    # with an even chance to see it, the margin of the interval itself: Var 0.6, 5 points, 922 answers
    assert detectable_net_promoter(0.6, 921.95, other_n=math.inf, power=0.5) == pytest.approx(0.05, abs=1e-6)
    assert answers_needed(0.05, 0.6) == 922
    assert detectable_net_promoter(0.6, 500) == pytest.approx(2.801585 * math.sqrt(0.6 * 2 / 500), rel=1e-6)
    assert detectable_net_promoter(1, 2) is None


def test_too_few_answers_see_nothing():
    assert detectable_share(0.9, 20).above is None
    assert detectable_share(0.5, 0) == (None, None)
    assert detectable_mean(1, 0) is None
    assert detectable_mean(1, 1) is None
    assert detectable_net_promoter(0.6, 0) is None


def test_nothing_lies_below_0():
    found = detectable_share(0, 200)
    assert found.below is None
    assert 0.02 < found.above < 0.06


@given(st.floats(0.02, 0.98), st.integers(5, 5000), st.floats(0.5, 0.95))
def test_more_trials_see_more(share, n, power):
    few, many = detectable_share(share, n, power=power), detectable_share(share, 2 * n, power=power)
    known = detectable_share(share, n, other_n=math.inf, power=power)
    for one, other, sure in zip(few, many, known, strict=True):
        if one is not None:
            assert 0 < other < one
            assert sure < one
    assert detectable_mean(1, 2 * n) < detectable_mean(1, n)
