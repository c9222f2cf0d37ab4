"""Cox regression: the heart-transplant data, other programs, and what must hold."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, minimize
from statsmodels.duration.hazard_regression import PHReg

from journeymap.stats import cox

HEART = Path(__file__).parents[2] / "docs" / "explanation" / "stanford_heart.csv"


@pytest.fixture(scope="module")
def heart():
    # Crowley, J., Hu, M. (1977). Covariance analysis of heart transplant survival data. JASA 72, 27–36
    with HEART.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


def _fixed(heart):
    return np.column_stack([heart[name] for name in ("age", "year", "surgery")])


def test_transplant_as_something_that_begins_on_the_way(heart):
    # `heart` of the R package survival, coxph with Efron's ties: the same four coefficients and both likelihoods
    rows = cox.split_at(heart["days"], heart["died"], heart["wait"])
    assert (rows.row.size, int(rows.event.sum()), int(rows.after.sum())) == (172, 75, 69)
    x = np.column_stack([_fixed(heart)[rows.row], rows.after])
    fit = cox.cox_regression(rows.start, rows.stop, rows.event, x)
    assert fit.coefficients.round(4).tolist() == [0.0272, -0.1463, -0.6372, -0.0103]
    assert (round(fit.log_likelihood, 4), round(fit.null_log_likelihood, 4)) == (-290.5656, -298.1214)
    # lifelines 0.30, CoxTimeVaryingFitter
    assert fit.se == pytest.approx([0.01371412, 0.07046798, 0.36722598, 0.3137548], rel=1e-5)
    assert fit.p_of_all == pytest.approx(0.0045, abs=5e-4)
    assert fit.ratio_ends[0][3] < 1 < fit.ratio_ends[1][3]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_ever_transplanted_as_if_it_were_known_from_the_start(heart, ties):
    x = np.column_stack([_fixed(heart), ~np.isnan(heart["wait"])])
    fit = cox.cox_regression(np.zeros(103), heart["days"], heart["died"], x, ties=ties)
    other = PHReg(heart["days"], x, status=heart["died"], ties=ties).fit()
    assert fit.coefficients == pytest.approx(other.params, rel=1e-4)
    assert fit.se == pytest.approx(other.bse, rel=1e-4)
    assert fit.log_likelihood == pytest.approx(other.llf)
    if ties == "efron":
        # the naive number: it looks as if the transplant divided the hazard by more than five
        assert round(float(fit.coefficients[3]), 4) == -1.7045


def test_robust_errors_are_those_of_another_program(heart):
    x = np.column_stack([_fixed(heart), ~np.isnan(heart["wait"])])
    pairs = np.arange(103) // 2
    fit = cox.cox_regression(np.zeros(103), heart["days"], heart["died"], x, ties="breslow", customers=pairs)
    other = PHReg(heart["days"], x, status=heart["died"], ties="breslow").fit(groups=pairs)
    assert fit.customers == 52
    assert fit.se * math.sqrt(51 / 52) == pytest.approx(other.bse, rel=1e-4)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_likelihood_is_the_one_that_is_written_down(ties):
    rng = np.random.default_rng(5)
    start, length = rng.integers(0, 4, 40), rng.integers(1, 5, 40)
    stop, event, x = start + length, rng.random(40) < 0.7, rng.normal(size=(40, 2))

    def minus(beta):
        total = 0.0
        for time in np.unique(stop[event]):
            dying = event & (stop == time)
            risk, ended = (np.exp(x[held] @ beta).sum() for held in ((start < time) & (time <= stop), dying))
            total += (x[dying] @ beta).sum()
            for place in range(dying.sum()):
                total -= math.log(risk - (place / dying.sum() * ended if ties == "efron" else 0))
        return -total

    best = minimize(minus, np.zeros(2), tol=1e-10)
    fit = cox.cox_regression(start, stop, event, x, ties=ties)
    assert fit.coefficients == pytest.approx(best.x, abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-best.fun)
    assert fit.null_log_likelihood == pytest.approx(-minus(np.zeros(2)))
    # the scores of the rows add up to the slope, at the maximum and elsewhere
    table = cox._table(start.astype(float), stop.astype(float), event, x, ties)
    for beta in (np.array([0.3, -0.2]), fit.coefficients):
        slope = -approx_fprime(beta, minus, 1e-7)
        assert cox._score_by_row(table, beta).sum(axis=0) == pytest.approx(slope, abs=1e-4)


def test_three_customers_on_the_fingers():
    # three leave after 1, 2 and 3 weeks, the second without a contract: β maximises b − ln(2 + eᵇ) − ln(1 + eᵇ)
    fit = cox.cox_regression([0, 0, 0], [1, 2, 3], [1, 1, 1], [0, 1, 0])
    assert float(fit.ratios[0]) == pytest.approx(math.sqrt(2))


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from(["efron", "breslow"]))
def test_cutting_shuffling_and_units_change_nothing(seed, ties):
    rng = np.random.default_rng(seed)
    stop, event = rng.integers(1, 9, 30).astype(float), rng.random(30) < 0.7
    x, who = np.column_stack([np.arange(30) % 2, rng.normal(size=30)]), np.arange(30) // 2
    event[:4] = True
    try:
        whole = cox.cox_regression(np.zeros(30), stop, event, x, ties=ties, customers=who)
    except ValueError:
        return
    cut = cox.split_at(stop, event, rng.uniform(-1, 10, 30))
    order = rng.permutation(cut.row.size)
    again = cox.cox_regression(
        cut.start[order] * 7, cut.stop[order] * 7, cut.event[order], 100 - 50 * x[cut.row[order]],
        ties=ties, customers=who[cut.row[order]],
    )  # fmt: skip
    assert again.coefficients * -50 == pytest.approx(whole.coefficients, abs=1e-6)
    assert again.se * 50 == pytest.approx(whole.se, rel=1e-5)
    assert again.log_likelihood == pytest.approx(whole.log_likelihood)


def _calls_that_do_nothing(rng, customers=150):
    """Customers leave at random; calls come at random; neither knows of the other."""
    leaves, calls = rng.exponential(6, customers), rng.exponential(4, customers)
    return np.minimum(leaves, 12), leaves <= 12, calls


def test_a_call_that_does_nothing_looks_like_a_saviour_unless_time_is_kept():
    rng = np.random.default_rng(2)
    naive, held = 0, 0
    for _ in range(100):
        stop, event, calls = _calls_that_do_nothing(rng)
        ever = cox.cox_regression(np.zeros(stop.size), stop, event, calls < stop)
        rows = cox.split_at(stop, event, calls)
        fit = cox.cox_regression(rows.start, rows.stop, rows.event, rows.after)
        naive += float(ever.high[0]) < 0
        held += float(fit.low[0]) <= 0 <= float(fit.high[0])
    assert naive >= 95
    assert held >= 90


def test_customers_who_come_back_are_not_new_ones():
    # each customer is watched five times and has a temper; half of them have the covariate
    rng = np.random.default_rng(4)
    plain = robust = 0
    who = np.repeat(np.arange(60), 5)
    for _ in range(100):
        temper = np.exp(rng.normal(0, 1.2, 60))
        stop = rng.exponential(1 / temper[who])
        x, event = (who % 2).astype(float), stop < 3
        rows = np.zeros(300), np.minimum(stop, 3), event, x
        fits = cox.cox_regression(*rows), cox.cox_regression(*rows, customers=who)
        inside = [float(fit.low[0]) <= 0 <= float(fit.high[0]) for fit in fits]
        plain, robust = plain + inside[0], robust + inside[1]
    assert plain / 100 < 0.85
    assert 0.91 <= robust / 100 <= 0.99


def test_what_begins_at_once_or_too_late():
    rows = cox.split_at([5, 5, 5, 5], [1, 1, 0, 1], [0, 5, -2, math.nan])
    assert rows.row.tolist() == [1, 3, 0, 2]
    assert rows.after.tolist() == [False, False, True, True]
    assert rows.event.tolist() == [True, True, True, False]
    assert rows.start.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(("arguments", "message"), [
    (([0, 0], [1, 2], [1], [0, 1]), "one entry a row"),
    (([0, 2], [1, 2], [1, 1], [0, 1]), "1 rows end no later"),
    (([0, 0], [1, math.nan], [1, 1], [0, 1]), "finite"),
    (([0, 0], [1, 2], [0, 0], [0, 1]), "nothing to explain"),
    (([0, 0], [1, 2], [1, 1], [1, 1]), "covariate 0 is the same"),
    (([0] * 4, [1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0]), "not determined"),
    (([0] * 4, [1, 2, 3, 4], [1] * 4, [[0, 0], [1, 2], [2, 4], [0, 0]]), "not determined"),
])  # fmt: skip
def test_what_cannot_be_fitted_says_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        cox.cox_regression(*arguments)


def test_customers_must_fit_and_be_several():
    rows = [0] * 4, [1, 2, 3, 4], [1] * 4, [0, 1, 1, 0]
    with pytest.raises(ValueError, match="one is needed for each"):
        cox.cox_regression(*rows, customers=[1, 2])
    with pytest.raises(ValueError, match="one customer cannot"):
        cox.cox_regression(*rows, customers=[1] * 4)
