"""How many customers will stay, and how often will they buy again?

Two models of customers who differ: the shifted beta-geometric one for those who have to say that they leave
(a contract), and the BG/NBD one for those who just stop buying.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, expit, gammaln, hyp2f1, logit, xlogy

__all__ = [
    "BetaGeometricPurchases",
    "ShiftedBetaGeometric",
    "beta_geometric_purchases",
    "expected_purchases",
    "purchase_log_likelihood",
    "sbg_churn",
    "sbg_retention",
    "sbg_survival",
    "shifted_beta_geometric",
]

Floats = NDArray[np.float64]

# no cohort tells heterogeneity beyond these apart from none at all and from a coin thrown once for ever
WIDEST = 15.0
# how near to 0/0 the expected purchases are taken from both sides instead
NUDGE = 1e-5


class ShiftedBetaGeometric(NamedTuple):
    """Customers who leave at the end of a period, each with an own chance that never changes.

    Parameters
    ----------
    alpha, beta : float
        The chances follow a beta distribution with these two shapes. Both infinite where customers do not
        differ, which is then the geometric model with one churn rate.
    churn : float
        α / (α + β), the mean chance to leave, which is the share lost in the first period.
    spread : float
        1 / (α + β): 0 where customers are alike, the larger the more they differ.
    log_likelihood : float
        At its highest.
    customers : float
        Customers at the start.
    periods : int
        Periods observed.
    """

    alpha: float
    beta: float
    churn: float
    spread: float
    log_likelihood: float
    customers: float
    periods: int


class BetaGeometricPurchases(NamedTuple):
    """Customers who buy at an own rate and may stop for good after any purchase: BG/NBD.

    Parameters
    ----------
    r, alpha : float
        Rates of purchase follow a gamma distribution with shape r and rate α; r / α is the mean number of
        purchases per unit of time.
    a, b : float
        Chances to stop after a purchase follow a beta distribution; a / (a + b) is their mean.
    log_likelihood : float
        At its highest.
    customers : float
        Customers it was fitted to.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: float


def shifted_beta_geometric(survivors: ArrayLike) -> ShiftedBetaGeometric:
    """Which mixture of customers would leave as this cohort did?

    Maximum likelihood of ``P(T = 1) = α/(α + β)``, ``P(T = t) = P(T = t − 1)(β + t − 2)/(α + β + t − 1)``
    for those who left in period t, and of S for those still there.

    Parameters
    ----------
    survivors : array_like
        Customers at the start of the cohort and after each period, for example 1000, 869, 743. At least
        two periods; with one nothing tells customers who differ from customers who are alike.

    Returns
    -------
    ShiftedBetaGeometric
        α and β. Where the share leaving does not fall with age they are infinite and the model is one
        constant churn rate; where nobody left, churn is 0 and α is 0.

    Raises
    ------
    ValueError
        When there are fewer than two periods or no customers at the start, or a number is negative, not
        finite, or larger than the one before it.

    Notes
    -----
    Retention rises with age because those likely to leave have left, though no customer becomes more
    loyal. The cohort must be one: customers of several starts summed are no cohort.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. (2007). How to project customer retention. Journal of Interactive
    Marketing 21, 76–90.

    Examples
    --------
    >>> found = shifted_beta_geometric([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> round(found.alpha, 3), round(found.beta, 3), round(found.log_likelihood, 2)
    (0.668, 3.806, -1611.16)
    """
    cohort = _cohort(survivors)
    kept, lost = cohort[1:], -np.diff(cohort)
    constant = float(lost.sum() / (lost.sum() + kept.sum()))
    fits = [(constant, 0.0)]
    if 0 < constant < 1:
        fits += [_sbg_fit(kept, lost, churn=constant, spread=start) for start in (0.1, 3.0)]
    # a spread has to earn its place beside one rate for all, by more than rounding
    lead = [0.0] + [1e-9 * float(cohort[0])] * (len(fits) - 1)
    likelihoods = [_sbg_log_likelihood(kept, lost, *fit) for fit in fits]
    best = int(np.argmax(np.subtract(likelihoods, lead)))
    churn, spread = fits[best]
    if spread:
        alpha, beta = churn / spread, (1 - churn) / spread
    else:
        alpha, beta = math.inf if churn else 0.0, math.inf if churn < 1 else 0.0
    return ShiftedBetaGeometric(alpha, beta, churn, spread, likelihoods[best], float(cohort[0]), kept.size)


def sbg_retention(model: ShiftedBetaGeometric, periods: int) -> Floats:
    """Which share of the customers still there stays for one period more?

    ``r_t = (β + t − 1) / (α + β + t − 1)``.

    Parameters
    ----------
    model : ShiftedBetaGeometric
        The fitted model.
    periods : int
        How many periods, from the start of the cohort; more than were observed is a projection.

    Returns
    -------
    ndarray
        r₁ … r_periods, 0 to 1, rising with age.

    Examples
    --------
    >>> model = shifted_beta_geometric([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> sbg_retention(model, 3).round(3).tolist()
    [0.851, 0.878, 0.897]
    """
    ages = np.arange(periods, dtype=np.float64)
    return np.asarray((1 - model.churn + ages * model.spread) / (1 + ages * model.spread))


def sbg_survival(model: ShiftedBetaGeometric, periods: int, *, since: int = 0) -> Floats:
    """Which share of the customers is still there after each period?

    ``S(t) = B(α, β + t) / B(α, β)``, the product of the retention rates up to t.

    Parameters
    ----------
    model : ShiftedBetaGeometric
        The fitted model.
    periods : int
        How many periods ahead.
    since : int
        Look ahead from this age, for customers who have stayed so long: ``S(since + t) / S(since)``.

    Returns
    -------
    ndarray
        At 0, 1, … periods ahead: 1 and then falling, never below 0.

    Notes
    -----
    The number still there later is their number now times this, with `since` the cohort's age now. A
    projection holds only while what makes customers leave stays as it was.

    Examples
    --------
    >>> model = shifted_beta_geometric([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> (491 * sbg_survival(model, 3, since=7)).round().tolist()
    [491.0, 462.0, 438.0, 416.0]
    """
    return np.concatenate([np.ones(1), np.cumprod(sbg_retention(model, since + periods)[since:])])


def sbg_churn(model: ShiftedBetaGeometric, periods: int) -> Floats:
    """Which share of the cohort leaves in each period?

    ``P(T = t) = S(t − 1) − S(t)``.

    Parameters
    ----------
    model : ShiftedBetaGeometric
        The fitted model.
    periods : int
        How many periods, from the start of the cohort.

    Returns
    -------
    ndarray
        P(T = 1) … P(T = periods), shares of those at the start; with the survivors they sum to 1.

    Examples
    --------
    >>> model = shifted_beta_geometric([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> sbg_churn(model, 3).round(3).tolist()
    [0.149, 0.104, 0.077]
    """
    return np.asarray(-np.diff(sbg_survival(model, periods)))


def purchase_log_likelihood(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, *, r: float, alpha: float, a: float, b: float
) -> Floats:
    """How probable are the purchases of each customer under BG/NBD?

    ``L = B(a, b + x)/B(a, b) · Γ(r + x)α^r / (Γ(r)(α + T)^{r+x})
    + [x > 0] · B(a + 1, b + x − 1)/B(a, b) · Γ(r + x)α^r / (Γ(r)(α + t_x)^{r+x})``.

    Parameters
    ----------
    frequency : array_like
        x, repeat purchases: all but the first one.
    recency : array_like
        t_x, time from the first purchase to the last, 0 without a repeat.
    age : array_like
        T, time from the first purchase to the end of the observation.
    r, alpha, a, b : float
        Shape and rate of the rates of purchase; shapes of the chances to stop.

    Returns
    -------
    ndarray
        ln L for each customer.

    References
    ----------
    Fader, P. S., Hardie, B. G. S., Lee, K. L. (2005). "Counting your customers" the easy way: an
    alternative to the Pareto/NBD model. Marketing Science 24, 275–284.

    Examples
    --------
    >>> purchase_log_likelihood([2], [30.43], [38.86], r=0.243, alpha=4.414, a=0.793, b=2.426).round(3)
    array([-9.459])
    """
    x, last, age_ = (np.asarray(given, dtype=np.float64) for given in (frequency, recency, age))
    shared = gammaln(r + x) - gammaln(r) + r * math.log(alpha) - betaln(a, b)
    alive = betaln(a, b + x) - (r + x) * np.log(alpha + age_)
    # the second term belongs to those who bought again; one purchase stands in where it is not used
    again = np.maximum(x, 1.0)
    gone = betaln(a + 1, b + again - 1) - (r + x) * np.log(alpha + last)
    return np.asarray(shared + np.logaddexp(alive, np.where(x > 0, gone, -np.inf)))


def beta_geometric_purchases(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, *, customers: ArrayLike | None = None
) -> BetaGeometricPurchases:
    """How often do customers buy, and how soon do they stop for good, when nobody says so?

    Maximum likelihood of BG/NBD, see `purchase_log_likelihood`.

    Parameters
    ----------
    frequency, recency, age : array_like
        Repeat purchases x, time t_x from the first purchase to the last, and time T from the first
        purchase to the end of the observation.
    customers : array_like, optional
        How many customers share each row of the three, so that no row a customer is needed; 1 each when
        not given.

    Returns
    -------
    BetaGeometricPurchases
        r and α (in the unit of time of T), a and b.

    Raises
    ------
    ValueError
        When lengths differ, no customer bought again, or a row is impossible: x not a whole number of at
        least 0, t_x not within 0 to T, t_x above 0 without a repeat or 0 with one, T not above 0.

    Notes
    -----
    Count several purchases on one day as one, or bundles look like loyalty. Where a or b runs off to very
    large values, customers hardly differ in when they stop, and their single values mean nothing.

    References
    ----------
    Fader, P. S., Hardie, B. G. S., Lee, K. L. (2005). "Counting your customers" the easy way: an
    alternative to the Pareto/NBD model. Marketing Science 24, 275–284.

    Examples
    --------
    >>> found = beta_geometric_purchases([0, 1, 2, 5, 0, 3], [0, 9, 30, 36, 0, 12], [39, 38, 36, 39, 30, 34])
    >>> found.r > 0, found.customers
    (True, 6.0)
    """
    x, last, ages, weights = _purchases(frequency, recency, age, customers)
    # in units of the longest age the four parameters are of like size and one start serves all
    unit, total = float(ages.max()), float(weights.sum())

    def cost(at: Floats) -> float:
        r, alpha, a, b = (float(value) for value in np.exp(at))
        one = purchase_log_likelihood(x, last / unit, ages / unit, r=r, alpha=alpha, a=a, b=b)
        return -float((weights * one).sum()) / total

    from scipy.optimize import minimize  # noqa: PLC0415 - it takes long to load

    fits = [
        minimize(
            cost,
            x0=np.log(start),
            method="L-BFGS-B",
            bounds=[(-WIDEST, WIDEST)] * 4,
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 1000},
        )
        for start in ([1.0, 1.0, 1.0, 1.0], [0.3, 0.1, 1.0, 3.0])
    ]
    r, alpha, a, b = (float(value) for value in np.exp(min(fits, key=lambda fit: float(fit.fun)).x))
    alpha *= unit
    log_likelihood = float(
        (weights * purchase_log_likelihood(x, last, ages, r=r, alpha=alpha, a=a, b=b)).sum()
    )
    return BetaGeometricPurchases(r, alpha, a, b, log_likelihood, total)


def expected_purchases(model: BetaGeometricPurchases, times: ArrayLike) -> Floats:
    """How many repeat purchases is a new customer expected to make?

    ``E[X(t)] = (a + b − 1)/(a − 1) · [1 − (α/(α + t))^r · ₂F₁(r, b; a + b − 1; t/(α + t))]``.

    Parameters
    ----------
    model : BetaGeometricPurchases
        The fitted model.
    times : array_like
        Lengths t of the period after the first purchase, in the unit of time of the fit.

    Returns
    -------
    ndarray
        Purchases for each t, from 0 upwards, never falling with t.

    References
    ----------
    Fader, P. S., Hardie, B. G. S., Lee, K. L. (2005). "Counting your customers" the easy way: an
    alternative to the Pareto/NBD model. Marketing Science 24, 275–284.

    Examples
    --------
    >>> model = BetaGeometricPurchases(0.243, 4.414, 0.793, 2.426, -9582.43, 2357)
    >>> expected_purchases(model, [0, 39, 78]).round(3).tolist()
    [0.0, 1.197, 1.861]
    """
    t = np.asarray(times, dtype=np.float64)
    r, alpha, a, b = model[:4]
    # at a = 1 and at a + b = 1 the formula is 0/0, and smooth around it
    for name, value in (("a", a), ("b", b)):
        if abs((a if name == "a" else a + b) - 1) < NUDGE:
            beside = [model._replace(**{name: value + NUDGE * side}) for side in (-2, 2)]
            return np.asarray(sum(expected_purchases(near, t) for near in beside) / 2)
    still = (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t))
    # adding zero turns the -0 of an empty period into 0
    return np.asarray((a + b - 1) / (a - 1) * (1 - still) + 0.0)


def _sbg_log_likelihood(kept: Floats, lost: Floats, churn: float, spread: float) -> float:
    """In churn and spread, where one rate for all customers is an ordinary value: spread 0."""
    ages = np.arange(kept.size, dtype=np.float64)
    leave, stay = churn / (1 + ages * spread), (1 - churn + ages * spread) / (1 + ages * spread)
    return float(xlogy(lost, leave).sum() + xlogy(kept, stay).sum())


def _sbg_fit(kept: Floats, lost: Floats, *, churn: float, spread: float) -> tuple[float, float]:
    """Churn and spread of the highest likelihood, searched from a start, as logit and logarithm."""
    ages, total = np.arange(kept.size, dtype=np.float64), float(lost.sum() + kept.sum())

    def cost(at: Floats) -> tuple[float, Floats]:
        c, d = float(expit(at[0])), math.exp(at[1])
        stay = 1 - c + ages * d
        by_churn = float((lost / c - kept / stay).sum()) * c * (1 - c)
        by_spread = float((ages * (kept / stay - (lost + kept) / (1 + ages * d))).sum()) * d
        return -_sbg_log_likelihood(kept, lost, c, d) / total, -np.array([by_churn, by_spread]) / total

    from scipy.optimize import minimize  # noqa: PLC0415 - it takes long to load

    result = minimize(
        cost,
        np.array([logit(churn), math.log(spread)]),
        method="L-BFGS-B",
        jac=True,
        bounds=[(-WIDEST, WIDEST), (-WIDEST, WIDEST)],
        options={"ftol": 1e-13, "gtol": 1e-8},
    )
    return float(expit(result.x[0])), math.exp(result.x[1])


def _cohort(survivors: ArrayLike) -> Floats:
    cohort = np.asarray(survivors, dtype=np.float64).ravel()
    if cohort.size <= 2:  # noqa: PLR2004
        raise ValueError(f"a cohort needs its start and at least two periods, not {cohort.size} numbers")
    if not np.isfinite(cohort).all() or cohort.min() < 0 or cohort[0] == 0:
        raise ValueError("survivors must be finite, at least 0, and more than 0 at the start")
    if (np.diff(cohort) > 0).any():
        period = int(np.argmax(np.diff(cohort) > 0)) + 1
        raise ValueError(
            f"survivors of one cohort cannot grow: {cohort[period - 1]:g} and then {cohort[period]:g} "
            f"in period {period}"
        )
    return cohort


def _purchases(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, customers: ArrayLike | None
) -> tuple[Floats, Floats, Floats, Floats]:
    x, last, ages = (np.asarray(given, dtype=np.float64).ravel() for given in (frequency, recency, age))
    weights = np.ones(x.size) if customers is None else np.asarray(customers, dtype=np.float64).ravel()
    if not x.size == last.size == ages.size == weights.size:
        raise ValueError("frequency, recency, age and customers need one entry a row")
    seen = weights > 0
    x, last, ages, weights = x[seen], last[seen], ages[seen], weights[seen]
    if not (x > 0).any():
        raise ValueError("no customer bought again: there is nothing to fit")
    possible = (
        (x >= 0) & (x == np.floor(x)) & (ages > 0) & (last <= ages) & ((x > 0) == (last > 0)) & (last >= 0)
    )
    if not possible.all():
        raise ValueError(
            f"{int((~possible).sum())} rows are impossible: repeat purchases are whole numbers from 0, the "
            "last lies within the age, and its time is 0 exactly where there is none"
        )
    return x, last, ages, weights
