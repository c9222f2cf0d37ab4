"""Two sides compared stratum by stratum where the same customers stand on both."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.stats.differences import Difference
from journeymap.stats.jackknife import all_and_without, jackknife_variance
from journeymap.stats.shares import wilson

__all__ = ["shared_difference", "spread_share"]

Floats = NDArray[np.float64]


class _Weighted(NamedTuple):
    """A weighted mean of the shares of strata, of all and without each group, and what it is worth."""

    means: Floats
    size: float


def shared_difference(
    successes: ArrayLike,
    trials: ArrayLike,
    other_successes: ArrayLike,
    other_trials: ArrayLike,
    *,
    level: float = 0.95,
) -> Difference:
    """By how much do two shares differ within strata, if the same customers have a hand in both?

    ``P₁ − P₀`` with ``P₁ = Σ w_k a_k/n₁ₖ / Σ w_k``, P₀ alike and ``w_k = n₁ₖ n₀ₖ / (n₁ₖ + n₀ₖ)``: the
    difference of Mantel and Haenszel. The interval reaches down by ``√(d₁² + u₀² − 2 r d₁ u₀)``, with d₁ from
    P₁ to the lower end of Wilson's interval at its effective size and u₀ from P₀ to the upper end of its own,
    and up alike; r is the correlation of P₁ and P₀ over leaving out one group of customers at a time, at
    least 0.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        a, n₁, c and n₀: a row a stratum, a column a customer group.
    level : float
        The confidence level.

    Returns
    -------
    Difference
        −1 to 1, without p; None throughout where no stratum holds both.

    Notes
    -----
    Both sides are drawn from the same strata and customers, so that they rise and fall together; taking them
    for independent, as `journeymap.stats.strata.stratified_difference` does, makes the interval a quarter too
    wide where one journey counts at several points.

    References
    ----------
    Zou, G. Y., Donner, A. (2008). Construction of confidence limits about effect measures. Statistics in
    Medicine 27, 1693–1702.

    Examples
    --------
    >>> one = [[1, 1, 0, 1], [0, 1, 1, 1]], [[1, 1, 1, 1], [1, 1, 1, 1]]
    >>> other = [[0, 1, 0, 0], [1, 0, 0, 0]], [[1, 1, 1, 1], [1, 1, 1, 1]]
    >>> found = shared_difference(*one, *other)
    >>> round(found.value, 6), round(found.low, 3), round(found.high, 3)
    (0.5, -0.196, 0.801)
    """
    a, n1, c, n0 = (
        np.asarray(counts, dtype=np.float64) for counts in (successes, trials, other_successes, other_trials)
    )
    df = max(a.shape[-1] - 1, 1)
    first, other = _weighted(a, n1, n1, n0), _weighted(c, n0, n1, n0)
    if first is None or other is None:
        return Difference(None, None, None, None, df)
    p1, p0 = float(first.means[0]), float(other.means[0])
    (low1, high1), (low0, high0) = (
        wilson(p * side.size, side.size, level=level, df=df) for p, side in ((p1, first), (p0, other))
    )
    together = 2 * max(_correlation(first.means, other.means), 0.0)
    value = p1 - p0

    def reach(own: float, others: float) -> float:
        return math.sqrt(max(own * own + others * others - together * own * others, 0.0))

    low, high = value - reach(p1 - low1, high0 - p0), value + reach(high1 - p1, p0 - low0)
    return Difference(value, max(-1.0, low), min(1.0, high), None, df)


def spread_share(
    successes: ArrayLike, trials: ArrayLike, weights: ArrayLike, *, level: float = 0.95
) -> tuple[float | None, float | None, float | None]:
    """How large were a share if its strata were as large as other counts?

    ``Σ m_k y_k / n_k / Σ m_k`` over the strata with trials, with Wilson's interval at the effective size.

    Parameters
    ----------
    successes, trials : array_like
        y and n: a row a stratum, a column a customer group.
    weights : array_like
        m, counted alike.
    level : float
        The confidence level.

    Returns
    -------
    tuple of float or None
        The share, 0 to 1, and the ends of its interval; None throughout without weights.

    Notes
    -----
    Weighed by those on one side it stays steady where that side is small: a stratum of a thousand with one
    contact in it counts once. `journeymap.stats.strata.standardised_risks` weighs by all together.

    Examples
    --------
    >>> share, low, high = spread_share([[30, 30], [5, 5]], [[40, 40], [50, 50]], [[1, 0], [1, 2]])
    >>> round(share, 4)
    0.2625
    """
    y, n, m = (np.asarray(counts, dtype=np.float64) for counts in (successes, trials, weights))
    found = _weighted(y, n, m, None)
    if found is None:
        return None, None, None
    share = float(found.means[0])
    low, high = wilson(share * found.size, found.size, level=level, df=max(y.shape[-1] - 1, 1))
    return share, low, high


def _weighted(y: Floats, n: Floats, m: Floats, others: Floats | None) -> _Weighted | None:
    """Weigh shares by m, or by Mantel and Haenszel's weights of m and of the others."""
    ys, ns, ms = (all_and_without(counts).T for counts in (y, n, m))
    weight = np.where(ns > 0, ms, 0.0)
    if others is not None:
        ks = all_and_without(others).T
        weight = _part(ms * ks, ms + ks)
    total = weight.sum(axis=1)
    if not total.size or total[0] <= 0:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        means = (weight * _part(ys, ns)).sum(axis=1) / total
    value, part = float(means[0]), weight[0] / total[0]
    size = 1 / float(_part(part**2, ns[0]).sum())
    variance = float(jackknife_variance(value, means[1:]))
    if 0 < value < 1 and variance > 0:
        return _Weighted(means, min(size, value * (1 - value) / variance))
    return _Weighted(means, min(size, float(np.count_nonzero(n.sum(axis=0)))))


def _part(above: Floats, below: Floats) -> Floats:
    """Divide; an empty stratum adds nothing."""
    return np.asarray(np.divide(above, below, out=np.zeros(above.shape), where=below > 0))


def _correlation(first: Floats, other: Floats) -> float:
    """How far do both move together when a group is left out?"""
    one, two = (np.where(np.isfinite(means[1:]), means[1:] - means[0], 0.0) for means in (first, other))
    spread = math.sqrt(float((one * one).sum() * (two * two).sum()))
    return float((one * two).sum()) / spread if spread > 0 else 0.0
