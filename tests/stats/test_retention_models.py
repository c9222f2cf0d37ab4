"""Models of retention and repeat purchase against published numbers."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.stats import beta as beta_distribution

from journeymap.stats.retention_models import (
    BetaGeometricPurchases,
    beta_geometric_purchases,
    expected_purchases,
    purchase_log_likelihood,
    sbg_churn,
    sbg_retention,
    sbg_survival,
    shifted_beta_geometric,
)

# Fader & Hardie (2007), Journal of Interactive Marketing 21
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]

CALIBRATION = dt.date(1997, 1, 1), dt.date(1997, 9, 30)  # 39 weeks


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [(REGULAR, 0.7041, 1.1820, -1680.265), (HIGH_END, 0.6681, 3.8061, -1611.158)],
)
def test_sbg_reproduces_fader_and_hardie(survivors, alpha, beta, log_likelihood):
    found = shifted_beta_geometric(survivors)
    assert found.alpha == pytest.approx(alpha, abs=1e-4)
    assert found.beta == pytest.approx(beta, abs=1e-4)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=5e-4)
    assert (found.customers, found.periods) == (1000, 7)


def test_sbg_follows_its_formulas():
    model = shifted_beta_geometric(HIGH_END)
    a, b = model.alpha, model.beta
    times = np.arange(13)
    assert sbg_survival(model, 12) == pytest.approx(beta_function(a, b + times) / beta_function(a, b))
    assert sbg_retention(model, 12) == pytest.approx((b + times[1:] - 1) / (a + b + times[1:] - 1))
    share = [a / (a + b)]
    for t in range(2, 13):
        share.append(share[-1] * (b + t - 2) / (a + b + t - 1))
    assert sbg_churn(model, 12) == pytest.approx(share)
    lost = -np.diff(HIGH_END)
    by_hand = (lost * np.log(share[:7])).sum() + 491 * math.log(sbg_survival(model, 7)[7])
    assert model.log_likelihood == pytest.approx(by_hand)


def test_sbg_looks_ahead_from_an_age():
    model = shifted_beta_geometric(REGULAR)
    ahead = sbg_survival(model, 5, since=7)
    assert ahead == pytest.approx(sbg_survival(model, 12)[7:] / sbg_survival(model, 7)[7])
    assert sbg_survival(model, 0).tolist() == [1]


cohorts = st.lists(st.integers(0, 400), min_size=3, max_size=10).map(
    lambda numbers: sorted(numbers, reverse=True)
)


@settings(deadline=None, max_examples=60)
@given(cohorts)
def test_sbg_retention_rises_with_age(survivors):
    assume(survivors[0] > 0)
    model = shifted_beta_geometric(survivors)
    rates, survival = sbg_retention(model, 20), sbg_survival(model, 20)
    assert (np.diff(rates) >= -1e-12).all()
    assert ((rates >= 0) & (rates <= 1)).all()
    assert (np.diff(survival) <= 0).all()
    assert sbg_churn(model, 20).sum() + survival[-1] == pytest.approx(1)
    # never worse than one churn rate for all
    lost, kept = survivors[0] - survivors[-1], sum(survivors[1:])
    churn = lost / (lost + kept)
    constant = sum(count * math.log(rate) for count, rate in ((lost, churn), (kept, 1 - churn)) if count)
    assert model.log_likelihood >= constant - 1e-6 * survivors[0]


def test_sbg_finds_what_made_the_cohort():
    truth = shifted_beta_geometric(REGULAR)
    found = shifted_beta_geometric(1e6 * sbg_survival(truth, 10))
    assert (found.alpha, found.beta) == pytest.approx((truth.alpha, truth.beta), rel=1e-4)


def test_customers_who_are_alike_have_one_churn_rate():
    found = shifted_beta_geometric([1000, 900, 800, 600, 300])  # more leave with age
    assert (found.alpha, found.beta, found.spread) == (math.inf, math.inf, 0)
    assert found.churn == pytest.approx(700 / (700 + 2600))
    assert sbg_retention(found, 3) == pytest.approx(np.full(3, 1 - found.churn))


def test_cohorts_at_the_edge():
    nobody_left = shifted_beta_geometric([50, 50, 50])
    assert (nobody_left.alpha, nobody_left.churn, nobody_left.log_likelihood) == (0, 0, 0)
    assert sbg_survival(nobody_left, 3).tolist() == [1, 1, 1, 1]
    all_left = shifted_beta_geometric([50, 0, 0])
    assert (all_left.beta, all_left.churn) == (0, 1)
    assert sbg_survival(all_left, 2).tolist() == [1, 0, 0]
    once = shifted_beta_geometric([1000, 600, 600, 600])
    assert sbg_survival(once, 3) == pytest.approx([1, 0.6, 0.6, 0.6], abs=1e-4)


@pytest.mark.parametrize(
    ("survivors", "words"),
    [
        ([100, 90, 95], "cannot grow: 90 and then 95 in period 2"),
        ([100, 90], "at least two periods"),
        ([], "at least two periods"),
        ([0, 0, 0], "more than 0"),
        ([10, 5, -1], "at least 0"),
        ([10, math.nan, 1], "finite"),
    ],
)
def test_impossible_cohorts_are_refused(survivors, words):
    with pytest.raises(ValueError, match=words):
        shifted_beta_geometric(survivors)


@pytest.fixture
def cdnow(shared_data):
    """Repeat purchases, recency and age in weeks of the 2,357 customers, first 39 weeks."""
    days = {}
    for line in (shared_data / "cdnow" / "CDNOW_sample.txt").read_text().splitlines():
        customer, _, day, *_ = line.split()
        days.setdefault(customer, set()).add(dt.date.fromisoformat(day))
    start, end = CALIBRATION
    rows = []
    for seen in days.values():
        inside = sorted(day for day in seen if start <= day <= end)
        first = inside[0]
        rows.append((len(inside) - 1, (inside[-1] - first).days / 7, (end - first).days / 7))
    return np.array(rows).T


def test_bg_nbd_reproduces_cdnow(cdnow):
    # Fader, Hardie & Lee (2005), Marketing Science 24, table 2
    frequency, recency, age = cdnow
    assert frequency.size == 2357
    found = beta_geometric_purchases(frequency, recency, age)
    assert found[:4] == pytest.approx((0.2426, 4.4135, 0.7929, 2.4258), rel=1e-3)
    assert found.log_likelihood == pytest.approx(-9582.43, abs=0.01)


def test_bg_nbd_does_not_care_how_rows_are_grouped(cdnow):
    one_each = beta_geometric_purchases(*cdnow)
    rows, customers = np.unique(cdnow, axis=1, return_counts=True)
    assert rows.shape[1] < 2357
    grouped = beta_geometric_purchases(*rows, customers=customers)
    assert grouped == pytest.approx(one_each, rel=1e-4)
    in_days = beta_geometric_purchases(cdnow[0], cdnow[1] * 7, cdnow[2] * 7)
    assert in_days.alpha == pytest.approx(7 * one_each.alpha, rel=1e-3)
    assert (in_days.a, in_days.b) == pytest.approx((one_each.a, one_each.b), rel=1e-3)


CDNOW_MODEL = BetaGeometricPurchases(0.2426, 4.4135, 0.7929, 2.4258, -9582.43, 2357)


@pytest.mark.parametrize("t", [1.0, 39.0])
def test_expected_purchases_are_the_mean_over_customers(t):
    r, alpha, a, b = 1.3, 4.4, 1.8, 2.4
    # a customer with rate λ who stops with chance p after each purchase makes (1 − e^{−λpt})/p of them, on
    # the average over λ (1 − (α/(α + pt))^r)/p
    direct, _ = quad(
        lambda p: (1 - (alpha / (alpha + p * t)) ** r) / p * beta_distribution.pdf(p, a, b), 0, 1
    )
    model = BetaGeometricPurchases(r, alpha, a, b, 0.0, 1)
    assert float(expected_purchases(model, t)) == pytest.approx(direct, rel=1e-8)


def test_expected_purchases_grow_and_are_smooth():
    times = np.linspace(0, 200, 50)
    found = expected_purchases(CDNOW_MODEL, times)
    assert found[0] == 0
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.4), (0.6, 0.4), (1 + 1e-9, 2.4), (0.7, 0.3 - 1e-12)])
def test_expected_purchases_where_the_formula_is_not_defined(a, b):
    r, alpha, t = 0.24, 4.4, 39.0
    direct, _ = quad(
        lambda p: (1 - (alpha / (alpha + p * t)) ** r) / p * beta_distribution.pdf(p, a, b),
        0,
        1,
        points=[0.01, 0.99],
        limit=200,
    )
    found = expected_purchases(BetaGeometricPurchases(r, alpha, a, b, 0.0, 1), t)
    assert float(found) == pytest.approx(direct, rel=1e-5)


def test_likelihood_of_no_repeat_is_that_of_no_purchase():
    r, alpha, a, b = CDNOW_MODEL[:4]
    found = purchase_log_likelihood([0], [0], [20], r=r, alpha=alpha, a=a, b=b)
    assert found[0] == pytest.approx(r * math.log(alpha / (alpha + 20)))


def test_likelihoods_of_all_futures_sum_to_one():
    # one purchase at any time within T and then either stopped or none again; none; more than one
    r, alpha, a, b = 1.3, 4.4, 1.8, 2.4
    times = np.linspace(0, 10, 4001)[1:]
    one = np.exp(purchase_log_likelihood(np.ones(4000), times, np.full(4000, 10), r=r, alpha=alpha, a=a, b=b))
    rng = np.random.default_rng(5)
    rates, stops = rng.gamma(r, 1 / alpha, 400_000), rng.beta(a, b, 400_000)
    first, second = rng.exponential(1 / rates), rng.exponential(1 / rates)
    stopped = rng.random(400_000) < stops
    exactly_one = (first <= 10) & (stopped | (first + second > 10))
    assert one.sum() * 10 / 4000 == pytest.approx(exactly_one.mean(), abs=0.005)


@pytest.mark.slow
def test_bg_nbd_finds_what_made_the_purchases():
    rng = np.random.default_rng(20240501)
    rows = []
    for _ in range(8000):
        rate, stop, age = rng.gamma(0.9, 1 / 6.0), rng.beta(1.2, 3.0), rng.uniform(40, 60)
        time, bought = 0.0, []
        while (time := time + rng.exponential(1 / rate)) <= age:
            bought.append(time)
            if rng.random() < stop:
                break
        rows.append((len(bought), bought[-1] if bought else 0.0, age))
    found = beta_geometric_purchases(*np.array(rows).T)
    assert found.r / found.alpha == pytest.approx(0.15, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(1.2 / 4.2, rel=0.1)


@pytest.mark.parametrize(
    ("frequency", "recency", "age", "words"),
    [
        ([], [], [], "nothing to fit"),
        ([0, 0], [0, 0], [5, 5], "nothing to fit"),
        ([1, 0], [6, 0], [5, 5], "1 rows are impossible"),
        ([1, 0], [2, 1], [5, 5], "1 rows are impossible"),
        ([1.5, 1], [2, 1], [5, 0], "2 rows are impossible"),
        ([1, 2], [2], [5, 5], "one entry a row"),
    ],
)
def test_impossible_purchases_are_refused(frequency, recency, age, words):
    with pytest.raises(ValueError, match=words):
        beta_geometric_purchases(frequency, recency, age)
