"""How large is a mean, and do means or shares differ?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc, stdtr

from journeymap.stats.jackknife import jackknife_variance, leave_one_out, t_quantile
from journeymap.stats.shares import Interval, wilson

__all__ = [
    "Difference",
    "EqualityTest",
    "GroupedMean",
    "equal_means",
    "equal_shares",
    "grouped_mean",
    "mean_interval",
    "newcombe_difference",
    "paired_difference",
    "welch_difference",
]


class Difference(NamedTuple):
    """By how much two numbers differ.

    Parameters
    ----------
    value : float or None
        First − second; None where either is not known.
    low, high : float or None
        The ends of the interval; None where the spread is not known.
    p : float or None
        How probable a difference this large, either way, is where there is none.
    df : float
        Degrees of freedom of t.
    """

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    df: float


class GroupedMean(NamedTuple):
    """A mean of answers counted by group of customers.

    Parameters
    ----------
    value : float or None
        Σx / n; None without answers.
    low, high : float or None
        The ends of the interval; None where the spread is not known and no ends of the scale are given.
    sd : float or None
        Standard deviation of one answer; None with fewer than two.
    n : float
        Answers, or the sum of their weights.
    n_effective : float
        As many independent answers say as much; ``sd² / n_effective`` is the variance of the mean.
    df : float
        Degrees of freedom.
    """

    value: float | None
    low: float | None
    high: float | None
    sd: float | None
    n: float
    n_effective: float
    df: float


class EqualityTest(NamedTuple):
    """Whether several numbers may be the same.

    Parameters
    ----------
    statistic : float or None
        χ² where the degrees of freedom are infinite, else F; None where fewer than two can be compared.
    between, within : float
        Degrees of freedom: compared − 1, and those of the spread.
    p : float or None
        How probable differences this large are where there are none.
    compared : int
        How many numbers took part; those without a spread cannot.
    """

    statistic: float | None
    between: float
    within: float
    p: float | None
    compared: int


def newcombe_difference(
    successes: float,
    trials: float,
    other_successes: float,
    other_trials: float,
    *,
    level: float = 0.95,
    df: float = math.inf,
) -> Difference:
    """By how much do two shares differ?

    Newcombe's hybrid score interval: from ``p₁ − p₂ − √((p₁ − l₁)² + (u₂ − p₂)²)`` to
    ``p₁ − p₂ + √((u₁ − p₁)² + (p₂ − l₂)²)``, with l and u the ends of Wilson's interval of either share.
    p by the score test, ``t = (p₁ − p₂) / √(p (1 − p)(1/n₁ + 1/n₂))`` with p pooled.

    Parameters
    ----------
    successes, trials : float
        The first share; need not be whole when they are effective sizes.
    other_successes, other_trials : float
        The second share, of other customers.
    level : float
        The confidence level.
    df : float
        Degrees of freedom of t; infinity, the default, is the classical interval.

    Returns
    -------
    Difference
        −1 to 1; None throughout where either share has no trials.

    Notes
    -----
    Interval and test are made in different ways: at the very edge one may see a difference and the other not.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions.
    Statistics in Medicine 17, 873–890.

    Examples
    --------
    >>> found = newcombe_difference(56, 70, 48, 80)
    >>> f"{found.value:.1f} {found.low:.4f} {found.high:.4f} {found.p:.4f}"
    '0.2 0.0524 0.3339 0.0080'
    """
    if trials <= 0 or other_trials <= 0:
        return Difference(None, None, None, None, df)
    first, second = successes / trials, other_successes / other_trials
    (low, high), (other_low, other_high) = (
        wilson(y, n, level=level, df=df) for y, n in ((successes, trials), (other_successes, other_trials))
    )
    value = first - second
    down, up = math.hypot(first - low, other_high - second), math.hypot(high - first, second - other_low)
    pooled = (successes + other_successes) / (trials + other_trials)
    se = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / trials + 1 / other_trials))
    p = _two_sided(value / se, df) if se > 0 else 1.0
    return Difference(value, max(-1.0, value - down), min(1.0, value + up), p, df)


def welch_difference(
    first: tuple[float, float, float], second: tuple[float, float, float], *, level: float = 0.95
) -> Difference:
    """By how much do two means differ?

    ``x₁ − x₂ ± t √(v₁ + v₂)`` with ``(v₁ + v₂)² / (v₁²/f₁ + v₂²/f₂)`` degrees of freedom.

    Parameters
    ----------
    first, second : tuple of float
        Mean x, variance v *of the mean* (s²/n for independent answers) and its degrees of freedom f (n − 1,
        or customer groups − 1), of customers that do not overlap.
    level : float
        The confidence level.

    Returns
    -------
    Difference
        In the unit of the means. Without interval and p where neither has a spread or one has no degrees of
        freedom.

    Notes
    -----
    A mean of a few equal answers has the variance 0 and seems certain; it is not.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem. Biometrika 34, 28–35.

    Examples
    --------
    >>> found = welch_difference((20.8, 4.1 / 6, 5), (18.6, 2.3 / 6, 5))
    >>> f"{found.value:.1f} {found.low:.2f} {found.high:.2f} {found.p:.3f} {found.df:.2f}"
    '2.2 -0.13 4.53 0.061 9.27'
    """
    (x, v, f), (other_x, other_v, other_f) = first, second
    value, variance = x - other_x, v + other_v
    if not math.isfinite(value):
        return Difference(None, None, None, None, math.inf)
    if not 0 < variance < math.inf or min(f, other_f) <= 0:
        return Difference(value, None, None, None, min(f, other_f))
    spread = v * v / f + other_v * other_v / other_f
    df = variance * variance / spread if spread > 0 else math.inf
    return _t_difference(value, math.sqrt(variance), df, level)


def paired_difference(
    total: float,
    squares: float,
    n: float,
    *,
    level: float = 0.95,
    n_effective: float | None = None,
    df: float | None = None,
) -> Difference:
    """By how much do two answers of the same customers differ?

    ``d ± t s/√n`` with ``d = Σdᵢ/n`` and ``s² = (Σdᵢ² − n d²)/(n − 1)`` over the pairs i.

    Parameters
    ----------
    total, squares : float
        Σdᵢ and Σdᵢ² of the differences within pairs, first − second.
    n : float
        Pairs.
    level : float
        The confidence level.
    n_effective : float, optional
        As many pairs of different customers say as much; n by default.
    df : float, optional
        Degrees of freedom; pairs − 1 by default.

    Returns
    -------
    Difference
        In the unit of the answers; None throughout without pairs, without interval and p where there is
        one pair or all differences are the same.

    Examples
    --------
    >>> found = paired_difference(10, 36, 5)  # of the differences 4, 4, 2, 0, 0
    >>> f"{found.value} {found.low:.3f} {found.high:.3f} {found.p:.3f}"
    '2.0 -0.483 4.483 0.089'
    """
    if n <= 0:
        return Difference(None, None, None, None, 0.0)
    worth = n if n_effective is None else n_effective
    freedom = worth - 1 if df is None else df
    value, sd = total / n, _sd(total, squares, n)
    if not sd or worth <= 1 or freedom <= 0:
        return Difference(value, None, None, None, max(freedom, 0.0))
    return _t_difference(value, sd / math.sqrt(worth), freedom, level)


def mean_interval(
    mean: float,
    sd: float,
    n_effective: float,
    *,
    level: float = 0.95,
    df: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> Interval:
    """Between which ends does a mean lie?

    ``x ± t s/√n``.

    Parameters
    ----------
    mean, sd : float
        x and s, the standard deviation of one answer.
    n_effective : float
        n, as many independent answers as the given ones are worth.
    level : float
        The confidence level.
    df : float, optional
        Degrees of freedom of t, never more than n − 1, the default.
    bounds : tuple of float, optional
        The ends of the scale.

    Returns
    -------
    Interval
        Within the bounds; the whole of them (without bounds from −∞ to ∞) for one answer or none.

    Notes
    -----
    Where all answers are the same s is 0 and the formula gives no width. With `bounds`, the interval then
    goes as far as the mean would move if the largest share of other answers that n equal ones do not
    contradict (Wilson's upper end at 0 of n) were to lie at the ends of the scale.

    Examples
    --------
    >>> low, high = mean_interval(3.6, 1.35, 10, bounds=(1, 5))
    >>> round(low, 3), round(high, 3)
    (2.634, 4.566)
    """
    least, most = bounds if bounds is not None else (-math.inf, math.inf)
    if n_effective <= 1:
        return Interval(least, most)
    freedom = n_effective - 1 if df is None else min(df, n_effective - 1)
    if sd <= 0 and bounds is not None:
        other = wilson(0, n_effective, level=level, df=freedom).high
        return Interval(mean - other * (mean - least), mean + other * (most - mean))
    reach = t_quantile(level, freedom) * sd / math.sqrt(n_effective)
    return Interval(max(least, mean - reach), min(most, mean + reach))


def grouped_mean(
    totals: ArrayLike,
    squares: ArrayLike,
    counts: ArrayLike,
    *,
    level: float = 0.95,
    bounds: tuple[float, float] | None = None,
    customers: int | None = None,
) -> GroupedMean:
    """How large is a mean, where a customer may answer more than once?

    ``x = Σx/n`` with `mean_interval` at ``n_eff = s² / v_J`` and at most n: s² the variance of one answer,
    v_J that of the mean by leaving out one group of customers at a time; G − 1 degrees of freedom for G
    groups that answered.

    Parameters
    ----------
    totals, squares, counts : array_like
        Σx, Σx² and n (with weights Σwx, Σwx² and Σw, weights 1 on average), one for each group of customers.
    level : float
        The confidence level.
    bounds : tuple of float, optional
        The ends of the scale.
    customers : int, optional
        Distinct customers who answered. Where all answers are the same or come from one group no customer
        counts for more than one (no group, where the number of customers is not known).

    Returns
    -------
    GroupedMean
        In the unit of the answers; None throughout without answers.

    Examples
    --------
    >>> found = grouped_mean([9, 4, 2], [41, 16, 4], [2, 1, 1], bounds=(1, 5))
    >>> found.value, round(found.n_effective, 2), found.low
    (3.75, 2.61, 1)
    """
    table = np.stack([np.asarray(column, dtype=np.float64) for column in (totals, squares, counts)])
    table = table[:, table[2] > 0]
    groups, (total, square, n) = table.shape[1], (float(column) for column in table.sum(axis=1))
    if n <= 0:
        return GroupedMean(None, None, None, None, 0.0, 0.0, 0.0)
    value, sd, effective = total / n, _sd(total, square, n), n
    if groups > 1:
        left = leave_one_out(table)
        varied = float(jackknife_variance(value, left[0] / left[2]))
        effective = min(n, sd * sd / varied) if sd and varied > 0 else n
    if groups == 1 or not sd:
        effective = min(effective, float(customers or groups))
    df = float(max(groups - 1, 1))
    low, high = mean_interval(value, sd or 0.0, effective, level=level, df=df, bounds=bounds)
    known = math.isfinite(low) and (sd or bounds is not None)
    return GroupedMean(value, low if known else None, high if known else None, sd, n, effective, df)


def equal_means(means: ArrayLike, variances: ArrayLike, *, df: ArrayLike = math.inf) -> EqualityTest:
    """Do several means differ at all?

    ``Q = Σ wᵢ (xᵢ − x)²`` with ``wᵢ = 1/vᵢ`` and x the mean weighted by them: χ² with k − 1 degrees of
    freedom for k means, where the spreads are known well. Else Welch's
    ``F = Q/(k − 1) / (1 + 2 (k − 2)/(k² − 1) Λ)`` with k − 1 and ``(k² − 1)/(3Λ)`` degrees of freedom,
    ``Λ = Σ (1 − wᵢ/Σw)² / fᵢ``.

    Parameters
    ----------
    means : array_like
        xᵢ: means, shares or scores.
    variances : array_like
        vᵢ, the variance *of each mean* (its standard error squared). Means without a positive variance are
        left out: what has shown no spread cannot be compared; for shares use `equal_shares`.
    df : array_like
        fᵢ, the degrees of freedom of the variances, one for all or one each.

    Returns
    -------
    EqualityTest
        Without statistic and p where fewer than two means are left.

    Notes
    -----
    The means are taken as independent. Where the same customers stand behind several of them the test is
    cautious, for such means vary together. A large p says that no difference was seen, not that there is
    none: see `detectable_mean`.

    References
    ----------
    Welch, B. L. (1951). On the comparison of several mean values: an alternative approach. Biometrika 38,
    330–336.

    Examples
    --------
    >>> found = equal_means([3.1, 3.4, 2.9], [0.04, 0.05, 0.03])
    >>> f"{found.statistic:.3f} {found.p:.3f}"
    '3.128 0.209'
    """
    x, v = np.asarray(means, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    freedom = np.broadcast_to(np.asarray(df, dtype=np.float64), x.shape)
    seen = np.isfinite(x) & np.isfinite(v) & (v > 0) & (freedom > 0)
    x, w, freedom, k = x[seen], 1 / v[seen], freedom[seen], int(seen.sum())
    if k < 2:  # noqa: PLR2004 - there is nothing to compare
        return EqualityTest(None, 0.0, math.inf, None, k)
    statistic = float((w * np.square(x - (w * x).sum() / w.sum())).sum())
    lost = float((np.square(1 - w / w.sum()) / freedom).sum())
    if lost <= 0:
        return EqualityTest(statistic, k - 1.0, math.inf, float(chdtrc(k - 1, statistic)), k)
    within = (k * k - 1) / (3 * lost)
    f = statistic / (k - 1) / (1 + 2 * (k - 2) / (k * k - 1) * lost)
    return EqualityTest(f, k - 1.0, within, float(fdtrc(k - 1, min(within, 1e6), f)), k)


def equal_shares(successes: ArrayLike, trials: ArrayLike, *, df: float = math.inf) -> EqualityTest:
    """Do several shares differ at all?

    Pearson's ``X² = Σ nᵢ (pᵢ − p)² / (p (1 − p))`` with p pooled: χ² with k − 1 degrees of freedom for k
    shares, or ``F = X²/(k − 1)`` where the effective sizes rest on few customer groups.

    Parameters
    ----------
    successes, trials : array_like
        One for each share, at its effective size. Shares without trials are left out.
    df : float
        Degrees of freedom of the effective sizes: customer groups − 1; infinity where every customer counts
        once.

    Returns
    -------
    EqualityTest
        Without statistic and p where fewer than two shares have trials; p is 1 where all trials succeeded or
        none did.

    Notes
    -----
    The shares are taken as independent, see `equal_means`. With fewer than about five expected successes or
    failures in a share the χ² distribution is a rough guide.

    Examples
    --------
    >>> found = equal_shares([56, 48], [70, 80])
    >>> f"{found.statistic:.3f} {found.p:.4f}"
    '7.023 0.0080'
    """
    y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    y, n = y[n > 0], n[n > 0]
    k = n.size
    if k < 2:  # noqa: PLR2004 - there is nothing to compare
        return EqualityTest(None, 0.0, df, None, k)
    pooled = float(y.sum() / n.sum())
    spread = pooled * (1 - pooled)
    statistic = float((n * np.square(y / n - pooled)).sum() / spread) if spread > 0 else 0.0
    if math.isinf(df):
        return EqualityTest(statistic, k - 1.0, df, float(chdtrc(k - 1, statistic)), k)
    f = statistic / (k - 1)
    return EqualityTest(f, k - 1.0, df, float(fdtrc(k - 1, df, f)), k)


def _two_sided(t: float, df: float) -> float:
    return 2 * float(stdtr(min(df, 1e6), -abs(t)))


def _t_difference(value: float, se: float, df: float, level: float) -> Difference:
    reach = t_quantile(level, df) * se
    return Difference(value, value - reach, value + reach, _two_sided(value / se, df), df)


def _sd(total: float, squares: float, n: float) -> float | None:
    if n <= 1:
        return None
    spread = squares - total * total / n
    # what is left of equal answers after rounding is no spread
    return math.sqrt(spread / (n - 1)) if spread > 1e-12 * squares else 0.0
