"""Two groups compared stratum by stratum, and two causes that act together."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from journeymap.stats.differences import Difference, newcombe_difference
from journeymap.stats.jackknife import jackknife_variance, leave_one_out
from journeymap.stats.shares import share_interval

__all__ = [
    "JointEffect",
    "StratumTest",
    "breslow_day",
    "joint_contrast",
    "joint_effect",
    "mantel_haenszel_difference",
    "mantel_haenszel_odds",
    "mantel_haenszel_ratio",
    "mantel_haenszel_test",
    "relative_excess",
    "standardised_risks",
    "stratified_difference",
]

Floats = NDArray[np.float64]


class StratumTest(NamedTuple):
    """A test over several strata.

    Parameters
    ----------
    statistic : float
        Chi-squared.
    df : int
        Its degrees of freedom.
    p : float
        How probable one at least as large is by chance.
    """

    statistic: float
    df: int
    p: float


class JointEffect(NamedTuple):
    """How far two causes together do more than each by itself.

    Parameters
    ----------
    contrast : ndarray
        IC = p₁₁ − p₁₀ − p₀₁ + p₀₀, in units of the rates.
    excess : ndarray
        RERI, the relative excess risk due to interaction.
    attributable : ndarray
        AP, the part of the joint risk that is due to interaction.
    synergy : ndarray
        S; above 1 more than the sum of both.
    """

    contrast: Floats
    excess: Floats
    attributable: Floats
    synergy: Floats


def mantel_haenszel_difference(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike
) -> Floats:
    """How much larger is a share than another one, compared within strata only?

    ``RD = Σ w_k (a_k/n₁ₖ − c_k/n₀ₖ) / Σ w_k`` with ``w_k = n₁ₖ n₀ₖ / (n₁ₖ + n₀ₖ)`` for stratum k.

    Parameters
    ----------
    successes, trials : array_like
        a and n₁, strata along the last axis; axes before it are replicates.
    other_successes, other_trials : array_like
        c and n₀.

    Returns
    -------
    ndarray
        −1 to 1, one for each replicate; nan where no stratum holds both.

    Notes
    -----
    It takes out only what the strata tell apart.

    References
    ----------
    Greenland, S., Robins, J. M. (1985). Estimation of a common effect parameter from sparse follow-up
    data. Biometrics 41, 55–68.

    Examples
    --------
    >>> float(mantel_haenszel_difference([10, 30], [50, 50], [5, 60], [50, 150]).round(9))
    0.16
    """
    a, n1, c, n0 = _arrays(successes, trials, other_successes, other_trials)
    return _over((_part(a * n0, n1 + n0) - _part(c * n1, n1 + n0)), _part(n1 * n0, n1 + n0))


def stratified_difference(
    successes: ArrayLike,
    trials: ArrayLike,
    other_successes: ArrayLike,
    other_trials: ArrayLike,
    *,
    level: float = 0.95,
) -> Difference:
    """By how much do two shares differ within strata, and how sure is it?

    The difference of `mantel_haenszel_difference` as ``P₁ − P₀`` with ``P₁ = Σ w_k a_k/n₁ₖ / Σ w_k`` and P₀
    alike. Newcombe's interval of both at their effective sizes: ``P (1 − P) / V`` with V the variance of P
    without each group of customers in turn, at most ``1 / Σ (w_k / Σw)² / n_k``.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        a, n₁, c and n₀: a row a stratum, a column a customer group.
    level : float
        The confidence level.

    Returns
    -------
    Difference
        −1 to 1; None throughout where no stratum holds both.

    Notes
    -----
    It keeps its coverage where one side is small; the plain jackknife would then be far too narrow.

    Examples
    --------
    >>> one = [[1, 1, 0, 1], [0, 1, 1, 1]], [[1, 1, 1, 1], [1, 1, 1, 1]]
    >>> other = [[0, 1, 0, 0], [1, 0, 0, 0]], [[1, 1, 1, 1], [1, 1, 1, 1]]
    >>> found = stratified_difference(*one, *other)
    >>> round(found.value, 6), round(found.low, 3), round(found.high, 3)
    (0.5, -0.196, 0.801)
    """
    a, n1, c, n0 = _arrays(successes, trials, other_successes, other_trials)
    groups = a.shape[-1]
    first, first_size = _weighted_share(a, n1, n0)
    other, other_size = _weighted_share(c, n0, n1)
    if first is None or other is None:
        return Difference(None, None, None, None, groups - 1)
    df = max(groups - 1, 1)
    return newcombe_difference(
        first * first_size, first_size, other * other_size, other_size, level=level, df=df
    )


def _weighted_share(successes: Floats, trials: Floats, others: Floats) -> tuple[float | None, float]:
    """Weigh the shares of the strata by Mantel and Haenszel; and how many customers is that worth?"""
    y, n, m = (counts.sum(axis=-1) for counts in (successes, trials, others))
    weight = _part(n * m, n + m)
    if weight.sum() <= 0:
        return None, 0.0
    weight = weight / weight.sum()
    value = float((weight * _part(y, n)).sum())
    size = 1 / float(_part(weight**2, n).sum())
    left_y, left_n, left_m = (leave_one_out(counts).T for counts in (successes, trials, others))
    left_weight = _part(left_n * left_m, left_n + left_m)
    without = _over(left_weight * _part(left_y, left_n), left_weight)
    variance = float(jackknife_variance(value, without))
    if 0 < value < 1 and variance > 0:
        return value, min(size, value * (1 - value) / variance)
    return value, min(size, float(np.count_nonzero(trials.sum(axis=0))))


def mantel_haenszel_odds(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike
) -> Floats:
    """How many times larger are the odds, compared within strata only?

    ``OR = Σ (a_k d_k / n_k) / Σ (b_k c_k / n_k)`` with b, d the failures of both and n_k all of stratum k.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        As in `mantel_haenszel_difference`.

    Returns
    -------
    ndarray
        One for each replicate; infinite where only the first succeed, nan where nothing can be compared.

    References
    ----------
    Mantel, N., Haenszel, W. (1959). Statistical aspects of the analysis of data from retrospective studies
    of disease. Journal of the National Cancer Institute 22, 719–748.

    Examples
    --------
    >>> float(mantel_haenszel_odds([10, 30], [50, 50], [5, 60], [50, 150]).round(6))
    2.25
    """
    a, n1, c, n0 = _arrays(successes, trials, other_successes, other_trials)
    total = n1 + n0
    return _over(_part(a * (n0 - c), total), _part((n1 - a) * c, total))


def mantel_haenszel_ratio(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike
) -> Floats:
    """How many times larger is a share, compared within strata only?

    ``RR = Σ (a_k n₀ₖ / n_k) / Σ (c_k n₁ₖ / n_k)``.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        As in `mantel_haenszel_difference`.

    Returns
    -------
    ndarray
        One for each replicate; infinite where the others never succeed, nan where nothing can be compared.

    References
    ----------
    Greenland, S., Robins, J. M. (1985). Biometrics 41, 55–68.

    Examples
    --------
    >>> float(mantel_haenszel_ratio([10, 30], [50, 50], [10, 30], [50, 50]))
    1.0
    """
    a, n1, c, n0 = _arrays(successes, trials, other_successes, other_trials)
    return _over(_part(a * n0, n1 + n0), _part(c * n1, n1 + n0))


def mantel_haenszel_test(
    successes: ArrayLike,
    trials: ArrayLike,
    other_successes: ArrayLike,
    other_trials: ArrayLike,
    *,
    corrected: bool = False,
) -> StratumTest:
    """How probable are differences like these if within each stratum both succeed alike?

    ``χ² = (|Σ (a_k − E a_k)| − ½)² / Σ Var a_k`` under the hypergeometric distribution; the half only
    where `corrected`.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        a, n₁, c and n₀, one a stratum; every trial counts for one independent customer.
    corrected : bool
        Whether to correct for continuity.

    Returns
    -------
    StratumTest
        With one degree of freedom; p 1 where nothing can vary.

    References
    ----------
    Mantel, N., Haenszel, W. (1959). Journal of the National Cancer Institute 22, 719–748.

    Examples
    --------
    >>> round(mantel_haenszel_test([10, 30], [50, 50], [5, 60], [50, 150]).statistic, 4)
    7.9697
    """
    a, n1, c, n0 = _arrays(successes, trials, other_successes, other_trials)
    total, hits = n1 + n0, a + c
    held = total > 1
    expected = _part(n1 * hits, total)
    variance = float(
        _part(n1 * n0 * hits * (total - hits), total**2 * np.where(held, total - 1, 1))[held].sum()
    )
    if variance <= 0:
        return StratumTest(0.0, 1, 1.0)
    off = abs(float((a - expected)[held].sum()))
    statistic = max(off - (0.5 if corrected else 0.0), 0.0) ** 2 / variance
    return StratumTest(statistic, 1, float(chdtrc(1, statistic)))


def breslow_day(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike
) -> StratumTest:
    """Is the odds ratio the same in all strata?

    ``χ² = Σ (a_k − A_k)² / V_k``, with A_k the successes expected at the common odds ratio of Mantel and
    Haenszel and ``1/V = 1/A + 1/B + 1/C + 1/D`` from the table expected with it; without Tarone's correction.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        As in `mantel_haenszel_test`.

    Returns
    -------
    StratumTest
        With one degree of freedom less than strata that can be compared; p 1 where there are fewer than two.

    Notes
    -----
    A small p says that one number does not tell the whole story: look at the strata one by one.

    References
    ----------
    Breslow, N. E., Day, N. E. (1980). Statistical Methods in Cancer Research 1, IARC, section 4.4.

    Examples
    --------
    >>> breslow_day([10, 10], [50, 50], [5, 5], [50, 50]).p
    1.0
    """
    a, n1, c, n0 = _arrays(successes, trials, other_successes, other_trials)
    odds = float(mantel_haenszel_odds(a, n1, c, n0))
    hits = a + c
    held = (n1 > 0) & (n0 > 0) & (hits > 0) & (hits < n1 + n0)
    df = int(held.sum()) - 1
    if df < 1 or not math.isfinite(odds) or odds <= 0:
        return StratumTest(0.0, max(df, 0), 1.0)
    a, n1, n0, hits = a[held], n1[held], n0[held], hits[held]
    fitted = _fitted(odds, n1, n0, hits)
    variance = 1 / (1 / fitted + 1 / (n1 - fitted) + 1 / (hits - fitted) + 1 / (n0 - hits + fitted))
    statistic = float(((a - fitted) ** 2 / variance).sum())
    return StratumTest(statistic, df, float(chdtrc(df, statistic)))


def _fitted(odds: float, n1: Floats, n0: Floats, hits: Floats) -> Floats:
    """Solve A (n₀ − m + A) = ψ (n₁ − A)(m − A) for the successes A, m successes in all."""
    if odds == 1:
        return np.asarray(n1 * hits / (n1 + n0))
    square = 1 - odds
    linear = n0 - hits + odds * (n1 + hits)
    root = np.sqrt(linear**2 + 4 * square * odds * n1 * hits)
    return np.asarray((-linear + root) / (2 * square))


def standardised_risks(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike
) -> tuple[float, float]:
    """How large would both shares be if both had the strata of all together?

    ``Σ (n_k / n) a_k / n₁ₖ`` and ``Σ (n_k / n) c_k / n₀ₖ`` over the strata that hold both.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        As in `mantel_haenszel_test`.

    Returns
    -------
    (float, float)
        0 to 1; nan where no stratum holds both.

    Examples
    --------
    >>> first, other = standardised_risks([10, 30], [50, 50], [5, 60], [50, 150])
    >>> round(first, 6), round(other, 6)
    (0.466667, 0.3)
    """
    a, n1, c, n0 = _arrays(successes, trials, other_successes, other_trials)
    held = (n1 > 0) & (n0 > 0)
    if not held.any():
        return math.nan, math.nan
    weight = (n1 + n0)[held] / (n1 + n0)[held].sum()
    first, other = (weight * a[held] / n1[held]).sum(), (weight * c[held] / n0[held]).sum()
    return float(first), float(other)


def joint_effect(both: ArrayLike, first: ArrayLike, second: ArrayLike, neither: ArrayLike) -> JointEffect:
    """Do two causes together do more than the sum of both?

    ``IC = p₁₁ − p₁₀ − p₀₁ + p₀₀``, and with ``RR_ij = p_ij / p₀₀`` what `relative_excess` gives.

    Parameters
    ----------
    both, first, second, neither : array_like
        p₁₁, p₁₀, p₀₁ and p₀₀: the rates with both causes, one alone, the other alone, and none.

    Returns
    -------
    JointEffect
        Nothing relative (nan) where the rate without any cause is 0.

    Examples
    --------
    >>> found = joint_effect(0.9, 0.5, 0.4, 0.3)
    >>> round(float(found.contrast), 9), round(float(found.excess), 9)
    (0.3, 1.0)
    """
    p11, p10, p01, p00 = (np.asarray(rate, dtype=np.float64) for rate in (both, first, second, neither))
    contrast = p11 - p10 - p01 + p00
    base = np.where(p00 > 0, p00, np.nan)
    excess, attributable, synergy = relative_excess(p10 / base, p01 / base, p11 / base)
    return JointEffect(np.asarray(contrast), excess, attributable, synergy)


def joint_contrast(
    successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95
) -> tuple[float | None, float | None, float | None]:
    """How much more do two causes do together than the sum of both, and how sure is it?

    ``IC = p₁₁ − p₁₀ − p₀₁ + p₀₀``; from IC by ``√(Σ (p − l)²)`` over the four rates, l the end of Wilson's
    interval at the effective size that lies on the side in question.

    Parameters
    ----------
    successes, trials : array_like
        Four rows, in the order 11, 10, 01, 00; a column a customer group.
    level : float
        The confidence level.

    Returns
    -------
    tuple of float or None
        IC, −2 to 2, and the ends of its interval; None throughout where one of the four has no trials.

    References
    ----------
    Zou, G. Y., Donner, A. (2008). Construction of confidence limits about effect measures. Statistics in
    Medicine 27, 1693–1702.

    Examples
    --------
    >>> found = joint_contrast([[9] * 10, [5] * 10, [4] * 10, [3] * 10], [[10] * 10] * 4)
    >>> [round(part, 3) for part in found]
    [0.3, 0.097, 0.494]
    """
    y, n = _arrays(successes, trials)
    found = [share_interval(row, of, level=level) for row, of in zip(y, n, strict=True)]
    value, down, up = 0.0, 0.0, 0.0
    for share, sign in zip(found, (1, -1, -1, 1), strict=True):
        if share.value is None or share.low is None or share.high is None:
            return None, None, None
        below, above = share.value - share.low, share.high - share.value
        value += sign * share.value
        down += (below if sign > 0 else above) ** 2
        up += (above if sign > 0 else below) ** 2
    return value, value - math.sqrt(down), value + math.sqrt(up)


def relative_excess(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """How much of a joint risk is more than the sum of two, told by risk ratios?

    ``RERI = RR₁₁ − RR₁₀ − RR₀₁ + 1``, ``AP = RERI / RR₁₁``, ``S = (RR₁₁ − 1) / ((RR₁₀ − 1) + (RR₀₁ − 1))``.

    Parameters
    ----------
    first, second, both : array_like
        RR₁₀, RR₀₁ and RR₁₁: against those without either cause.

    Returns
    -------
    tuple of ndarray
        RERI, AP and S; nan where it cannot be given (S where neither alone does anything).

    Examples
    --------
    >>> [round(float(part), 2) for part in relative_excess(2.96, 3.33, 9.04)]
    [3.75, 0.41, 1.87]
    """
    rr10, rr01, rr11 = (np.asarray(ratio, dtype=np.float64) for ratio in (first, second, both))
    excess = rr11 - rr10 - rr01 + 1
    alone = rr10 + rr01 - 2
    attributable = _divided(excess, rr11)
    return np.asarray(excess), attributable, _divided(rr11 - 1, alone)


def _arrays(*given: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(one, dtype=np.float64) for one in given)


def _divided(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(above, below)
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0))


def _part(above: Floats, below: Floats) -> Floats:
    """Divide; an empty stratum adds nothing."""
    above, below = np.broadcast_arrays(above, below)
    return np.asarray(np.divide(above, below, out=np.zeros(above.shape), where=below > 0))


def _over(above: Floats, below: Floats) -> Floats:
    """Divide two sums over the strata."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(above.sum(axis=-1) / below.sum(axis=-1))
