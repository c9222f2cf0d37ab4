"""Rates against exact tables, statsmodels and simulated truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.rates import confint_poisson_2indep
from statsmodels.stats.rates import test_poisson_2indep as score_test

from journeymap.stats.rates import (
    grouped_rate,
    mean_cumulative,
    mean_cumulative_at,
    poisson_count,
    poisson_rate,
    rate_ratio,
)


@pytest.mark.parametrize(
    ("count", "low", "high"), [(10, 4.7954, 18.3904), (3, 0.6187, 8.7673), (0, 0, 3.6889)]
)
def test_garwood_reproduces_his_table(count, low, high):
    # Garwood (1936), Biometrika 28
    assert poisson_count(count) == pytest.approx((low, high), abs=5e-5)
    assert poisson_rate(count, 50)[:3] == pytest.approx((count / 50, low / 50, high / 50), abs=1e-6)


@given(st.integers(1, 2000), st.floats(0.5, 0.98))
def test_garwood_is_the_quantiles_of_chi_square(count, level):
    tail = (1 - level) / 2
    found, wider = poisson_count(count, level=level), poisson_count(count, level=level + 0.01)
    assert found == pytest.approx(
        (stats.chi2.ppf(tail, 2 * count) / 2, stats.chi2.isf(tail, 2 * count + 2) / 2)
    )
    assert 0 < wider.low < found.low < count < found.high < wider.high


def test_without_exposure_nothing_is_known():
    assert poisson_rate(0, 0)[:3] == (None, None, None)
    assert grouped_rate([0], [0])[:3] == (None, None, None)
    assert grouped_rate([], [])[:3] == (None, None, None)


def test_contacts_of_the_same_customers_say_less():
    alike, unlike = grouped_rate([2] * 30, [10] * 30), grouped_rate([20] * 3 + [0] * 27, [10] * 30)
    assert alike.value == unlike.value == 0.2
    assert alike.n_effective == 60
    assert unlike.n_effective < 5
    assert unlike.low < alike.low < alike.high < unlike.high
    # as many as there are customers with contacts, roughly
    assert unlike.n_effective == pytest.approx(3, rel=0.2)


def test_rate_of_few_groups():
    one = grouped_rate([12], [100])
    assert one.n_effective == 1
    assert one[1:3] == pytest.approx(tuple(x * 0.12 for x in poisson_count(1)), rel=1e-5)
    none = grouped_rate([0, 0, 0], [50, 50, 0])
    assert none.value == none.low == 0
    assert none.high > poisson_rate(0, 100).high


def test_rate_of_two_groups_has_an_upper_end():
    # t with one degree of freedom reaches 12.7 standard errors: so small a tail is lost in 1 − tail
    two = grouped_rate([3, 4], [50, 50])
    assert math.isfinite(two.high)
    assert grouped_rate([3, 4, 3], [50, 50, 50]).high < two.high < 2
    assert 0 < two.low < 0.01
    assert poisson_count(5, df=1).high < poisson_count(5, df=1, level=0.99).high < math.inf
    assert poisson_count(0, df=1, level=0.99).high == pytest.approx(
        63.6567**2 / 2, rel=0.01
    )  # −ln of the tail
    for count in (3, 400):  # where both ways can be gone, they meet
        near, far = (poisson_count(count, df=1, level=level).high for level in (0.982, 0.9835))
        assert near < far < 1.2 * near < math.inf
    assert poisson_count(5, df=1e7) == pytest.approx(poisson_count(5), rel=1e-4)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=20), st.floats(0.5, 0.98)
)
def test_interval_holds_the_rate(pairs, level):
    k, t = zip(*pairs, strict=True)
    found, wider = (grouped_rate(np.where(np.array(t) > 0, k, 0), t, level=x) for x in (level, level + 0.01))
    if found.value is not None:
        assert 0 <= wider.low <= found.low <= found.value <= found.high <= wider.high


def test_ratio_of_two_rates():
    found = rate_ratio(60, 51477.5, 30, 54308.7)
    assert found[:3] == pytest.approx((2.1100, 1.3660, 3.2593), abs=5e-5)
    # statsmodels seeks the ends numerically
    assert found[1:3] == pytest.approx(
        confint_poisson_2indep(60, 51477.5, 30, 54308.7, method="score"), abs=5e-6
    )
    assert found.p == pytest.approx(score_test(60, 51477.5, 30, 54308.7, method="score").pvalue, rel=1e-4)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.1, 50), st.floats(0.1, 50))
def test_ratio_turns_round(count, other, exposure, other_exposure):
    here, there = (
        rate_ratio(count, exposure, other, other_exposure),
        rate_ratio(other, other_exposure, count, exposure),
    )
    if count + other == 0:
        assert here == (None, None, None, None)
        return
    assert here.low <= here.value <= here.high
    assert here.p == pytest.approx(there.p)
    if count and other:
        assert here[:3] == pytest.approx((1 / there.value, 1 / there.high, 1 / there.low))
    else:
        assert (here.low, here.high) == pytest.approx(
            (0, 1 / there.low) if not count else (1 / there.high, math.inf)
        )


def test_ratio_without_exposure():
    assert rate_ratio(0, 0, 3, 1) == (None, None, None, None)


# methods.md 1.7: units (events; end) ({2, 5}; 6), ({3}; 8), (none; 4)
TIMES = [2, 3, 4, 5, 6, 8]
EVENTS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]])
ENDS = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize(("time", "value"), [(2, 1 / 3), (3, 2 / 3), (5, 7 / 6)])
def test_mean_cumulative_function(time, value):
    for curve in (
        mean_cumulative(TIMES, EVENTS, ENDS),
        mean_cumulative(TIMES, EVENTS.sum(axis=1), ENDS.sum(axis=1)),
    ):
        found = mean_cumulative_at(curve, time)
        assert found.value == pytest.approx(value)
        assert 0 < found.low < found.value < found.high


def test_mean_cumulative_before_and_after():
    curve = mean_cumulative(TIMES, EVENTS.sum(axis=1), ENDS.sum(axis=1))
    assert mean_cumulative_at(curve, 1)[:3] == pytest.approx((0, 0, 3.6889 / 3), abs=1e-4)
    assert mean_cumulative_at(curve, 9) == (None, None, None, None)
    assert mean_cumulative_at(mean_cumulative([], [], []), 1) == (None, None, None, None)
    one = mean_cumulative_at(mean_cumulative([1, 2], [[3], [0]], [[0], [1]]), 1)
    assert one == (3, None, None, None)


def test_mean_cumulative_without_censoring_is_a_mean():
    rng = np.random.default_rng(6)
    contacts = rng.negative_binomial(0.5, 0.2, 50)
    events = np.zeros((2, 50))
    events[0] = contacts
    ends = np.zeros((2, 50))
    ends[1] = 1
    found = mean_cumulative_at(mean_cumulative([1, 2], events, ends), 1)
    assert found.value == pytest.approx(contacts.mean())
    assert found.se == pytest.approx(stats.sem(contacts))


@pytest.mark.slow
@pytest.mark.parametrize("expected", [0.5, 2, 5, 10, 40])
def test_garwood_covers(expected):
    # exact: never less than it says
    k = np.arange(200)
    held = [low <= expected <= high for low, high in (poisson_count(x) for x in k)]
    assert stats.poisson.pmf(k, expected)[held].sum() >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize(
    ("customers", "rate", "unlike", "most"),
    [
        (12, 2.0, 2.0, 100),
        (60, 1.0, 1.0, 97.5),
        (200, 2.0, 1.0, 97),
        (1000, 0.5, 0.5, 97),
        (1000, 0.02, 0.5, 99),
    ],
)
def test_rate_covers_unlike_customers(customers, rate, unlike, most):
    rng, groups, held, reps = np.random.default_rng(20240501), min(64, customers), 0, 3000
    for _ in range(reps):
        exposure = rng.uniform(0.2, 1.8, customers)
        counts = rng.poisson(rate * rng.gamma(unlike, 1 / unlike, customers) * exposure)
        group = np.arange(customers) % groups
        found = grouped_rate(np.bincount(group, counts, groups), np.bincount(group, exposure, groups))
        held += found.low <= rate <= found.high
    assert 93 <= 100 * held / reps <= most


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "unlike", "most"), [(15, 2.0, 100), (60, 1.0, 97), (300, 1.0, 97)])
def test_mean_cumulative_covers_unlike_customers(customers, unlike, most):
    rng, groups, held, reps = np.random.default_rng(20240501), min(64, customers), 0, 1000
    for _ in range(reps):
        end = rng.uniform(0.5, 3, customers)
        contacts = rng.poisson(1.5 * rng.gamma(unlike, 1 / unlike, customers) * end)
        who = np.repeat(np.arange(customers), contacts)
        times = np.concatenate([rng.uniform(0, end[who]), end])
        group = np.concatenate([who, np.arange(customers)]) % groups
        belongs = group[:, np.newaxis] == np.arange(groups)
        event = (np.arange(times.size) < who.size)[:, np.newaxis]
        found = mean_cumulative_at(mean_cumulative(times, belongs & event, belongs & ~event), 1.2)
        held += found.value is None or found.low <= 1.8 <= found.high
    assert 93 <= 100 * held / reps <= most
