"""Means and differences against published numbers, scipy and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.oneway import anova_generic
from statsmodels.stats.proportion import confint_proportions_2indep

from journeymap.stats.differences import (
    equal_means,
    equal_shares,
    grouped_mean,
    mean_interval,
    newcombe_difference,
    paired_difference,
    welch_difference,
)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_newcombe_reproduces_his_table(first, second, low, high):
    found = newcombe_difference(*first, *second)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    oracle = confint_proportions_2indep(*first, *second, method="newcomb")
    assert (found.low, found.high) == pytest.approx(oracle, abs=1e-6)


@given(st.integers(1, 300), st.integers(1, 300), st.data(), st.floats(0.5, 0.98))
def test_newcombe_holds_the_difference(n1, n2, data, level):
    y1, y2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    found, wider = (newcombe_difference(y1, n1, y2, n2, level=at) for at in (level, level + 0.01))
    assert -1 <= wider.low <= found.low + 1e-12
    assert found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= wider.high + 1e-12 <= 1 + 1e-12
    turned = newcombe_difference(y2, n2, y1, n1, level=level)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-12)
    assert 0 <= found.p <= 1


def test_newcombe_p_is_the_score_test():
    table = [[56, 14], [48, 32]]
    assert newcombe_difference(56, 70, 48, 80).p == pytest.approx(
        stats.chi2_contingency(table, correction=False).pvalue, rel=1e-4
    )
    assert newcombe_difference(0, 10, 0, 20).p == 1
    few = newcombe_difference(56, 70, 48, 80, df=4)
    assert few.p > 0.03
    assert few.low < 0.05


def test_newcombe_without_trials_knows_nothing():
    assert newcombe_difference(0, 0, 3, 5)[:4] == (None, None, None, None)


def test_welch_is_scipys():
    a, b = (
        np.array([27.5, 21.0, 19.0, 23.6, 17.0, 17.9]),
        np.array([27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8]),
    )
    found = welch_difference(*((x.mean(), x.var(ddof=1) / x.size, x.size - 1) for x in (a, b)))
    oracle = stats.ttest_ind(a, b, equal_var=False)
    ends = oracle.confidence_interval()
    assert found == pytest.approx((a.mean() - b.mean(), ends.low, ends.high, oracle.pvalue, oracle.df))


def test_welch_without_spread():
    assert welch_difference((3, 0, 5), (2, 0, 5)) == (1, None, None, None, 5)
    assert welch_difference((3, 0.1, 0), (2, 0.1, 5))[1:4] == (None, None, None)
    assert welch_difference((math.nan, 0.1, 4), (2, 0.1, 5)).value is None
    large = welch_difference((3, 0.01, math.inf), (2.8, 0.01, math.inf))
    assert large.df == math.inf
    assert large.p == pytest.approx(2 * stats.norm.sf(0.2 / math.sqrt(0.02)), rel=1e-4)


def test_paired_difference_is_scipys():
    before, after = np.array([3, 5, 4, 2, 5, 4, 1.0]), np.array([4, 5, 5, 4, 5, 3, 3.0])
    d = after - before
    found, oracle = paired_difference(d.sum(), (d * d).sum(), d.size), stats.ttest_rel(after, before)
    ends = oracle.confidence_interval()
    assert found[:4] == pytest.approx((d.mean(), ends.low, ends.high, oracle.pvalue))
    wide = paired_difference(d.sum(), (d * d).sum(), d.size, n_effective=4, df=2)
    assert wide.low < found.low < found.high < wide.high


def test_pairs_without_spread():
    assert paired_difference(0, 0, 0)[:4] == (None, None, None, None)
    assert paired_difference(2, 4, 1)[:4] == (2, None, None, None)
    assert paired_difference(6, 12, 3)[:4] == (2, None, None, None)


def test_mean_of_the_toy_answers():
    answers = np.array([5, 4, 4, 3, 5, 2, 1, 4, 5, 3])
    found = grouped_mean(answers, answers**2, np.ones(10))
    assert found.value == 3.6
    assert found.sd == pytest.approx(answers.std(ddof=1))
    oracle = stats.t.interval(0.95, 9, 3.6, stats.sem(answers))
    assert mean_interval(3.6, answers.std(ddof=1), 10) == pytest.approx(oracle, abs=1e-6)
    assert (found.low, found.high) == pytest.approx(oracle, abs=1e-6)
    assert found.n_effective == pytest.approx(10)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=50), st.floats(0.5, 0.98))
def test_mean_interval_stays_on_the_scale(answers, level):
    x = np.array(answers, dtype=float)
    found, wider = (
        grouped_mean(x, x * x, np.ones_like(x), level=at, bounds=(1, 5)) for at in (level, level + 0.01)
    )
    assert 1 <= wider.low <= found.low + 1e-9
    assert found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= wider.high + 1e-9 <= 5 + 1e-9


def test_equal_answers_on_a_scale_are_not_certain():
    low, high = mean_interval(5, 0, 10, bounds=(1, 5))
    assert 3.5 < low < 4.5
    assert high == 5
    assert mean_interval(5, 0, 10) == (5, 5)
    assert mean_interval(4, 1, 1, bounds=(1, 5)) == (1, 5)
    assert mean_interval(4, 1, 1) == (-math.inf, math.inf)


def test_mean_of_few_customers():
    one = grouped_mean([900], [4000], [210], bounds=(1, 5))
    assert (one.n_effective, one.low, one.high) == (1, 1, 5)
    assert grouped_mean([900], [4000], [210]).low is None
    assert grouped_mean([500, 500], [2500, 2500], [100, 100], bounds=(1, 5), customers=12).n_effective == 12
    assert grouped_mean([500, 500], [2500, 2500], [100, 100]).low is None
    assert grouped_mean([0], [0], [0]).value is None
    assert grouped_mean([], [], []).value is None


def test_equal_means_is_welchs_anova():
    rng = np.random.default_rng(3)
    samples = [rng.normal(m, s, n) for m, s, n in ((0, 1, 8), (0.5, 2, 15), (1, 0.5, 6), (0, 1, 30))]
    means, n = np.array([x.mean() for x in samples]), np.array([x.size for x in samples])
    variances = np.array([x.var(ddof=1) for x in samples])
    found = equal_means(means, variances / n, df=n - 1)
    oracle = anova_generic(means, variances, n, use_var="unequal", welch_correction=True)
    assert (found.statistic, found.p) == pytest.approx((oracle.statistic, oracle.pvalue))
    assert (found.between, found.within) == pytest.approx(tuple(oracle.df))
    two = equal_means(means[:2], variances[:2] / n[:2], df=n[:2] - 1)
    pair = welch_difference(*((means[i], variances[i] / n[i], n[i] - 1) for i in (0, 1)))
    assert two.p == pytest.approx(pair.p)


def test_equal_means_with_known_spreads_is_chi_square():
    found = equal_means([3.1, 3.4, 2.9], [0.04, 0.05, 0.03])
    assert found.within == math.inf
    assert found.p == pytest.approx(stats.chi2.sf(found.statistic, 2))
    assert equal_means([3.1, 3.4, 2.9], [0.04, 0.05, 0.03], df=1e7).p == pytest.approx(found.p, abs=1e-5)


def test_means_without_spread_are_left_out():
    assert equal_means([3.1, 5.0, 2.9], [0.04, 0, math.nan]) == (None, 0, math.inf, None, 1)
    assert equal_means([3.1, 5.0, 2.9], [0.04, 0, 0.04]) == equal_means([3.1, 2.9], [0.04, 0.04])


def test_equal_shares_is_pearsons():
    y, n = np.array([30, 22, 41]), np.array([80, 75, 90])
    found, oracle = equal_shares(y, n), stats.chi2_contingency([y, n - y], correction=False)
    assert (found.statistic, found.p) == pytest.approx((oracle.statistic, oracle.pvalue))
    few = equal_shares(y, n, df=10)
    assert few.p == pytest.approx(stats.f.sf(found.statistic / 2, 2, 10))
    assert equal_shares([0, 0], [5, 9]).p == 1
    assert equal_shares([3, 0], [5, 0])[::3] == (None, None)
    assert equal_shares([3, 4, 0], [5, 9, 0]).compared == 2


def test_equal_shares_of_equal_customers_is_rarely_significant():
    rng = np.random.default_rng(20240501)
    n = np.array([60, 120, 45, 80])
    rejected = [equal_shares(rng.binomial(n, 0.3), n).p < 0.05 for _ in range(2000)]
    assert 3.5 <= 100 * np.mean(rejected) <= 6.5


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "visits", "most"), [(12, 2, 100), (60, 3, 97), (400, 2, 97)])
def test_mean_interval_covers_unlike_customers(customers, visits, most):
    rng = np.random.default_rng(20240501)
    groups, held, reps = min(64, customers), 0, 2000
    for _ in range(reps):
        n = rng.poisson(visits, customers)
        own = rng.beta(3, 1.5, customers)
        total, squares = np.zeros(groups), np.zeros(groups)
        who = np.repeat(np.arange(customers), n)
        answers = 1.0 + rng.binomial(4, own[who])
        np.add.at(total, who % groups, answers)
        np.add.at(squares, who % groups, answers**2)
        counts = np.bincount(who % groups, minlength=groups)
        found = grouped_mean(total, squares, counts, bounds=(1, 5), customers=int((n > 0).sum()))
        held += found.low <= 1 + 4 * 3 / 4.5 <= found.high
    assert 93 <= 100 * held / reps <= most
