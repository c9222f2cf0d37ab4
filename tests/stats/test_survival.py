"""Survival curves against the leukaemia trial and binomial shares."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from journeymap.stats.survival import (
    at_distinct_times,
    cloglog_band,
    kaplan_meier,
    ordered_quantile,
    restricted_mean,
    survival_at,
    survival_band,
    survival_quantile,
)

# Weeks of remission under 6-MP and placebo: Freireich et al. (1963), as in Gehan (1965), Biometrika 52
WEEKS = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35])
RELAPSE = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
PLACEBO = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])
TREATED = kaplan_meier(WEEKS, RELAPSE, 1 - RELAPSE)
UNTREATED = kaplan_meier(PLACEBO, np.ones(21))

spans = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40)


def curve_of(pairs, groups=None):
    times, observed = np.array([t for t, _ in pairs]), np.array([o for _, o in pairs], dtype=float)
    if groups is None:
        return kaplan_meier(times, observed, 1 - observed)
    belongs = (np.arange(len(pairs)) % groups)[:, np.newaxis] == np.arange(groups)
    return kaplan_meier(times, belongs * observed[:, np.newaxis], belongs * (1 - observed)[:, np.newaxis])


@pytest.mark.parametrize(
    ("week", "survival", "se"),
    [
        (6, 0.8571, 0.0764),
        (7, 0.8067, None),
        (10, 0.7529, 0.0963),
        (13, 0.6902, None),
        (16, 0.6275, None),
        (22, 0.5378, None),
        (23, 0.4482, 0.1346),
    ],
)
def test_remission_under_6mp(week, survival, se):
    found = survival_at(TREATED, week)
    assert found.value == pytest.approx(survival, abs=5e-5)
    assert se is None or found.se == pytest.approx(se, abs=5.1e-5)


def test_median_remission():
    assert survival_quantile(TREATED)[:3] == (23, 13, math.inf)
    assert survival_quantile(UNTREATED).value == 8
    assert survival_quantile(TREATED, 0.9)[0] == math.inf


def test_mean_remission_within_35_weeks():
    treated, untreated = restricted_mean(TREATED, 35), restricted_mean(UNTREATED, 35)
    assert treated.value == pytest.approx(23.2874, abs=5e-5)
    assert untreated.value == pytest.approx(8.6667, abs=5e-5)
    # nobody is censored under placebo: it is the mean with its t interval
    assert untreated.se == pytest.approx(stats.sem(PLACEBO))
    assert untreated[1:3] == pytest.approx(stats.t.interval(0.95, 20, PLACEBO.mean(), stats.sem(PLACEBO)))
    assert restricted_mean(TREATED, 35) == restricted_mean(TREATED)
    assert restricted_mean(TREATED, 36).value is None


def test_curve_is_statsmodels():
    oracle = SurvfuncRight(WEEKS, RELAPSE)
    here = np.searchsorted(TREATED.times, oracle.surv_times)
    assert TREATED.survival[here] == pytest.approx(oracle.surv_prob)
    assert TREATED.se[here] == pytest.approx(oracle.surv_prob_se)
    assert survival_quantile(TREATED, 0.25)[1:3] == oracle.quantile_ci(0.25, method="cloglog")


def test_order_and_ties_do_not_matter():
    order = np.random.default_rng(1).permutation(21)
    again = kaplan_meier(WEEKS[order], RELAPSE[order], 1 - RELAPSE[order])
    assert again.times.tolist() == TREATED.times.tolist()
    assert again.survival.tolist() == TREATED.survival.tolist()


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(0, 30))
def test_without_censoring_it_is_the_share_above(times, at):
    curve, share = kaplan_meier(times, np.ones(len(times))), np.mean(np.array(times) > at)
    found = survival_at(curve, at)
    assert found.value == pytest.approx(share)
    assert found.se == pytest.approx(math.sqrt(share * (1 - share) / len(times)), abs=1e-9)
    assert survival_quantile(curve).value == np.quantile(times, 0.5, method="inverted_cdf")
    assert restricted_mean(curve).value == pytest.approx(np.mean(times))


@given(spans, st.floats(0.5, 0.98), st.sampled_from([None, 2, 5]))
def test_interval_holds_the_curve(pairs, level, groups):
    curve = curve_of(pairs, groups)
    low, high = survival_band(curve, level=level)
    wide_low, wide_high = survival_band(curve, level=level + 0.01)
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low <= curve.survival + 1e-12).all()
    assert (high >= curve.survival - 1e-12).all()
    assert (wide_low <= low + 1e-12).all()
    assert (wide_high >= high - 1e-12).all()
    median, mean = survival_quantile(curve, level=level), restricted_mean(curve, level=level)
    assert median.low <= median.value <= median.high
    assert 0 <= mean.low <= mean.value <= mean.high <= curve.times[-1]


def test_what_nobody_was_watched_for_is_not_known():
    assert survival_at(TREATED, 36) == (None, None, None, None)
    assert survival_at(UNTREATED, 36).value == 0
    assert 0.1 < survival_at(UNTREATED, 36).high < 0.3
    for empty in (kaplan_meier([], []), kaplan_meier([1, 2], [0, 0]), kaplan_meier([1], [[0, 0]])):
        assert survival_at(empty, 1) == survival_quantile(empty) == restricted_mean(empty) == (None,) * 4


def test_before_anything_happened_few_customers_are_not_certain():
    quiet = kaplan_meier([1, 5], [0, 0], [97, 3])
    assert survival_at(quiet, 1)[:3] == pytest.approx((1, 100 / (100 + 1.959966**2), 1))
    assert survival_at(quiet, 2).low == pytest.approx(3 / (3 + 1.959966**2))
    assert restricted_mean(quiet).low < 4
    assert restricted_mean(quiet)[0::2] == (5, 5)


def test_one_customer_a_group_is_close_to_greenwood():
    each = kaplan_meier(WEEKS, np.diag(RELAPSE), np.diag(1 - RELAPSE))
    assert each.survival == pytest.approx(TREATED.survival)
    assert each.df == 20
    assert (each.se >= TREATED.se).all()
    assert each.se == pytest.approx(TREATED.se, rel=0.1)
    assert restricted_mean(each, 35).se == pytest.approx(restricted_mean(TREATED, 35).se, rel=0.1)


def test_curves_without_a_group_are_those_of_the_others():
    groups = np.arange(21) % 4
    belongs = groups[:, np.newaxis] == np.arange(4)
    curve = kaplan_meier(WEEKS, belongs * RELAPSE[:, np.newaxis], belongs * (1 - RELAPSE)[:, np.newaxis])
    for g in range(4):
        others = kaplan_meier(WEEKS, RELAPSE * (groups != g), (1 - RELAPSE) * (groups != g))
        at = np.searchsorted(others.times, curve.times, side="right") - 1
        expected = np.where(at >= 0, others.survival[at], 1)
        assert curve.without[:, g] == pytest.approx(expected)


def test_customers_counted_tenfold_say_no_more():
    once = kaplan_meier(WEEKS, np.diag(RELAPSE), np.diag(1 - RELAPSE))
    tenfold = kaplan_meier(WEEKS, 10 * np.diag(RELAPSE), 10 * np.diag(1 - RELAPSE))
    assert tenfold.survival == pytest.approx(once.survival)
    assert tenfold.se == pytest.approx(once.se, rel=0.02)
    assert survival_at(tenfold, 3)[:3] == pytest.approx(survival_at(once, 3)[:3])


def test_one_group_tells_nothing_about_the_spread():
    curve = kaplan_meier([1, 2, 3], [[5], [5], [5]])
    assert survival_at(curve, 1)[:3] == (pytest.approx(2 / 3), 0, 1)
    assert survival_quantile(curve)[1:3] == (1, math.inf)
    assert restricted_mean(curve)[:3] == (2, 0, 3)


def test_empty_groups_change_nothing():
    some, more = ([[1, 0], [1, 1], [0, 2]], [[1, 0, 0], [1, 0, 1], [0, 0, 2]])
    assert kaplan_meier([1, 2, 3], some).se.tolist() == kaplan_meier([1, 2, 3], more).se.tolist()


def test_customers_known_by_number():
    curve = kaplan_meier([1], [[0, 0]], [[500, 500]], customers=300)
    t = stats.t.ppf(0.975, 1)
    assert survival_at(curve, 1).low == pytest.approx(300 / (300 + t * t))


def test_counts_need_a_row_a_time():
    with pytest.raises(ValueError, match="one row for each of 3 times"):
        kaplan_meier([1, 2, 3], [1, 1])
    with pytest.raises(ValueError, match="the same groups"):
        kaplan_meier([1, 2], [[1, 1], [1, 1]], [1, 1])
    assert at_distinct_times([3, 1, 3], [[1, 2], [3, 4], [5, 6]])[1][0].tolist() == [[3, 4], [6, 8]]


def test_band_at_the_ends():
    low, high = cloglog_band([1, 0.5], [0, 1e6], [20, 9])
    assert low[1] == 0
    assert high[1] == 1
    assert cloglog_band([0.5], [0.1], [9], df=0) == ([0], [1])


def test_ranks_around_the_median_of_20():
    # methods.md 1.5: ranks 6 and 15, coverage 95.86 %
    found = ordered_quantile(np.arange(100, 2100, 100))
    assert (found.ranks, found.low, found.high) == ((6, 15), 600, 1500)
    assert found.coverage == pytest.approx(0.9586, abs=5e-5)


@given(st.integers(1, 80), st.integers(5, 95), st.sampled_from([0.8, 0.95]))
def test_ranks_cover(n, percent, level):
    share = percent / 100
    found = ordered_quantile(np.arange(1, n + 1), share, level=level)
    assert found.coverage >= level
    assert found.low <= found.value <= found.high
    assert found.value == np.quantile(np.arange(1, n + 1), share, method="inverted_cdf")
    # one rank closer on either side would leave too much outside
    low, high = found.ranks
    assert stats.binom.cdf(low, n, share) > (1 - level) / 2 - 1e-12
    assert stats.binom.sf(high - 2, n, share) > (1 - level) / 2 - 1e-12


def test_quantile_of_nothing():
    assert ordered_quantile([])[:3] == (None, None, None)
    assert ordered_quantile([4])[:3] == (4, -math.inf, math.inf)


def waits(rng, customers, tickets, unlike):
    """Tickets of customers who wait unlike times; true times are exponential given the customer."""
    n = 1 + rng.poisson(tickets - 1, customers) if tickets > 1 else np.ones(customers, dtype=int)
    who = np.repeat(np.arange(customers), n)
    pace = rng.gamma(unlike, 1 / unlike, customers) if unlike else np.ones(customers)
    wait, watched = rng.exponential(1 / pace[who]), rng.uniform(0.3, 4.0, who.size)
    return who, np.minimum(wait, watched), wait <= watched


def covering(customers, tickets, unlike, replications):
    """How often the intervals hold the true survival at 0.4 and 1, the median, and the mean up to 1.5."""
    rng, held = np.random.default_rng(20240501), np.zeros(4)
    groups = min(64, customers)
    # Laplace transform of the pace: tickets are weighted equally in expectation
    alive = (lambda t: (1 + t / unlike) ** -unlike) if unlike else (lambda t: math.exp(-t))
    median = unlike * (2 ** (1 / unlike) - 1) if unlike else math.log(2)
    grid = np.linspace(0, 1.5, 30001)
    mean = np.trapezoid([alive(t) for t in grid], grid)
    truth = (alive(0.4), alive(1.0), median, mean)
    for _ in range(replications):
        who, times, observed = waits(rng, customers, tickets, unlike)
        if tickets == 1 and groups == customers:
            curve = kaplan_meier(times, observed, ~observed)
        else:
            belongs = (who % groups)[:, np.newaxis] == np.arange(groups)
            curve = kaplan_meier(times, belongs & observed[:, np.newaxis], belongs & ~observed[:, np.newaxis])
        found = (
            survival_at(curve, 0.4),
            survival_at(curve, 1.0),
            survival_quantile(curve),
            restricted_mean(curve, 1.5),
        )
        held += [f.value is None or f.low <= true <= f.high for f, true in zip(found, truth, strict=True)]
    return 100 * held / replications


@pytest.mark.slow
@pytest.mark.parametrize(
    ("customers", "tickets", "unlike", "most"),
    [(15, 1, 0, 100), (40, 1, 0, 97.3), (400, 1, 0, 97), (60, 4, 1.0, 97), (300, 3, 1.0, 97)],
)
def test_survival_median_and_mean_cover(customers, tickets, unlike, most):
    held = covering(customers, tickets, unlike, 1500)
    assert (held >= 93).all(), held
    assert (held <= most).all(), held
