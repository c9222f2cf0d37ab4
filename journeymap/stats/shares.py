"""Shares with their intervals, and tests between two of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, stdtr

from journeymap.stats.clusters import design_effect
from journeymap.stats.jackknife import t_quantile

__all__ = ["Interval", "Share", "effective_size", "excess_test", "katz_ratio", "share_interval", "wilson"]


class Interval(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


class Share(NamedTuple):
    """A share with its interval and the sample size it is worth.

    Parameters
    ----------
    value : float or None
        Successes / trials; None without trials.
    low, high : float or None
        The ends of the interval.
    n : int
        Trials.
    n_effective : float
        Trials divided by the design effect: as many independent customers say as much.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    n_effective: float


def wilson(successes: float, trials: float, *, level: float = 0.95, df: float = math.inf) -> Interval:
    """Between which ends does a share lie?

    ``(p + t²/2n ± t √(p(1 − p)/n + t²/4n²)) / (1 + t²/n)``.

    Parameters
    ----------
    successes, trials : float
        Counts; need not be whole when they are effective sizes.
    level : float
        The confidence level.
    df : float
        Degrees of freedom of t; infinity, the default, is the classical interval.

    Returns
    -------
    Interval
        Within 0 to 1; the whole of it without trials.

    References
    ----------
    Wilson, E. B. (1927). Probable inference. Journal of the American Statistical Association 22.

    Examples
    --------
    >>> low, high = wilson(15, 148)
    >>> round(low, 4), round(high, 4)
    (0.0624, 0.1605)
    """
    if trials <= 0:
        return Interval(0.0, 1.0)
    p, t = successes / trials, t_quantile(level, df)
    spread = t * math.sqrt(p * (1 - p) / trials + t * t / (4 * trials * trials))
    centre, scale = p + t * t / (2 * trials), 1 + t * t / trials
    # rounding must not push an end past the estimate at p = 0 and p = 1
    return Interval(max(0.0, min(p, (centre - spread) / scale)), min(1.0, max(p, (centre + spread) / scale)))


def effective_size(successes: ArrayLike, trials: ArrayLike, *, customers: int | None = None) -> float:
    """How many independent trials are these worth?

    ``n / deff``, with the design effect from the customer groups.

    Parameters
    ----------
    successes, trials : array_like
        Counts, one for each group.
    customers : int, optional
        Distinct customers behind the trials. Where nothing or everything is a success, or all trials
        come from one group, the design effect cannot be seen; then no customer counts for more than one
        (no group, where the number of customers is not known).

    Returns
    -------
    float
        At most the number of trials.

    Examples
    --------
    >>> effective_size([5, 0], [5, 5]), effective_size([0, 0], [5, 5], customers=3)
    (1.0, 3.0)
    """
    y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total, seen = float(n.sum()), int(np.count_nonzero(n))
    effective = total / float(design_effect(y, n))
    if y.sum() in {0.0, total} or seen == 1:
        return min(effective, float(customers or seen))
    return effective


def share_interval(
    successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95, customers: int | None = None
) -> Share:
    """How large is a share, counted by group of customers, and how sure is it?

    Wilson's interval at the effective sample size: ``n / deff``, with t at G − 1 degrees of freedom for G
    groups. It keeps its coverage where counts are small and where customers are unlike.

    Parameters
    ----------
    successes, trials : array_like
        Counts, one for each group.
    level : float
        The confidence level.
    customers : int, optional
        Distinct customers behind the trials, see `effective_size`.

    Returns
    -------
    Share
        The share; all None where there are no trials.

    Examples
    --------
    >>> found = share_interval([1, 0, 1, 0, 1, 0], [1, 1, 1, 1, 1, 1])
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.5, 0.123, 0.877)
    """
    y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total, hits = float(n.sum()), float(y.sum())
    if total == 0:
        return Share(None, None, None, 0, 0.0)
    effective = effective_size(y, n, customers=customers)
    share = hits / total
    low, high = wilson(share * effective, effective, level=level, df=max(n.size - 1, 1))
    return Share(share, low, high, int(total), effective)


def katz_ratio(
    successes: float, trials: float, other_successes: float, other_trials: float, *, level: float = 0.95
) -> tuple[float, float, float]:
    """How many times larger is one share than another, and between which ends?

    ``exp(ln RR ± z √(1/a − 1/n₁ + 1/c − 1/n₀))``.

    Parameters
    ----------
    successes, trials : float
        a and n₁.
    other_successes, other_trials : float
        c and n₀.
    level : float
        The confidence level.

    Returns
    -------
    tuple of float
        The ratio, its lower and its upper end. Where a count is zero, half a success is added to both
        shares for the interval, and the ratio itself is 0, or infinite, or nan for 0/0.

    References
    ----------
    Katz, D., Baptista, J., Azen, S. P., Pike, M. C. (1978). Biometrics 34, 469–474.

    Examples
    --------
    >>> [round(x, 4) for x in katz_ratio(189, 11034, 104, 11037)]
    [1.8178, 1.433, 2.3059]
    """
    a, n1, c, n0 = float(successes), float(trials), float(other_successes), float(other_trials)
    ratio = math.nan if not n1 or not n0 or (not a and not c) else math.inf if not c else (a / n1) / (c / n0)
    if not a or not c:
        a, c, n1, n0 = a + 0.5, c + 0.5, n1 + 0.5, n0 + 0.5
    centre = math.log((a / n1) / (c / n0))
    reach = t_quantile(level, math.inf) * math.sqrt(max(1 / a - 1 / n1 + 1 / c - 1 / n0, 0.0))
    return ratio, math.exp(centre - reach), math.exp(centre + reach)


def excess_test(
    successes: float, trials: float, other_successes: float, other_trials: float, *, df: float
) -> float:
    """How probable is a share this large if it were no larger than the other one?

    The larger of two one-sided p-values: the score test of two shares,
    ``t = (p₁ − p₀) / √(p (1 − p)(1/n₁ + 1/n₀))`` with p pooled, and the exact binomial tail
    ``P(Y ≥ y₁)`` at p₀. The first knows that p₀ is itself an estimate; the second keeps a rare
    event that happened once from passing for a finding.

    Parameters
    ----------
    successes, trials : float
        The share in question, at its effective size.
    other_successes, other_trials : float
        What it is compared with, at its effective size.
    df : float
        Degrees of freedom: customer groups − 1.

    Returns
    -------
    float
        p, 0 to 1; 1 where either share has no trials or there is no success.

    Examples
    --------
    >>> round(excess_test(38, 100, 9, 100, df=63), 6)
    4e-06
    >>> round(excess_test(1, 20, 1, 1000, df=63), 3)  # the exact tail speaks
    0.03
    """
    if trials <= 0 or other_trials <= 0 or successes <= 0:
        return 1.0
    pooled = (successes + other_successes) / (trials + other_trials)
    variance = pooled * (1 - pooled) * (1 / trials + 1 / other_trials)
    if variance <= 0:
        return 1.0
    score = (successes / trials - other_successes / other_trials) / math.sqrt(variance)
    # half a success keeps a baseline of zero from making anything certain
    usual = (other_successes + 0.5) / (other_trials + 1)
    tail = float(betainc(successes, trials - successes + 1, usual))
    return max(float(stdtr(min(df, 1e6), -score)), tail)
