"""The intervals of very many shares and medians at once, to the last bit as if taken one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.stats.clusters import design_effect
from journeymap.stats.jackknife import t_quantile

__all__ = ["ManyIntervals", "ManyShares", "median_intervals", "share_intervals"]

Floats = NDArray[np.float64]


class ManyIntervals(NamedTuple):
    """The two ends of each interval."""

    low: Floats
    high: Floats


class ManyShares(NamedTuple):
    """Shares with the ends of their intervals.

    Parameters
    ----------
    value : ndarray
        Successes / trials; nan without trials.
    low, high : ndarray
        The ends of the intervals; nan without trials.
    """

    value: Floats
    low: Floats
    high: Floats


def share_intervals(
    successes: ArrayLike, trials: ArrayLike, customers: ArrayLike, *, level: float = 0.95
) -> ManyShares:
    """How large are many shares, counted by group of customers, and how sure is each?

    What `share_interval` says of each row.

    Parameters
    ----------
    successes, trials : array_like
        Counts: one row a share, one column a group.
    customers : array_like
        Distinct customers behind the trials of each share; 0 where they are not known.
    level : float
        The confidence level.

    Returns
    -------
    ManyShares
        One a row.

    Examples
    --------
    >>> found = share_intervals([[1, 0, 1, 0, 1, 0], [1, 1, 1, 1, 1, 1]], [[1] * 6, [2] * 6], [6, 6])
    >>> found.value.tolist(), found.low.round(3).tolist(), found.high.round(3).tolist()
    ([0.5, 0.5], [0.123, 0.202], [0.877, 0.798])
    """
    y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total, hits, seen = n.sum(axis=-1), y.sum(axis=-1), np.count_nonzero(n, axis=-1)
    known = np.asarray(customers)
    effective = total / design_effect(y, n)
    unseen = (hits == 0) | (hits == total) | (seen == 1)
    effective = np.where(unseen, np.minimum(effective, np.where(known > 0, known, seen)), effective)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = hits / total
        low, high = _wilson(value * effective, effective, t_quantile(level, max(n.shape[-1] - 1, 1)))
    return ManyShares(value, low, high)


def _wilson(successes: Floats, trials: Floats, t: float) -> tuple[Floats, Floats]:
    """Do as `wilson` does; operations stand in the same order, so that rounding is the same."""
    p = successes / trials
    spread = t * np.sqrt(p * (1 - p) / trials + t * t / (4 * trials * trials))
    centre, scale = p + t * t / (2 * trials), 1 + t * t / trials
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return np.maximum(0.0, np.minimum(p, low)), np.minimum(1.0, np.maximum(p, high))


def median_intervals(
    shares: ArrayLike, quantiles: ArrayLike, trials: ArrayLike, *, level: float = 0.95, df: float
) -> ManyIntervals:
    """Between which values does each of many medians lie, read from a grid of quantiles?

    What `woodruff_interval` says of each row.

    Parameters
    ----------
    shares : array_like
        The shares of the grid in rising order, for example 0.05, 0.10 … 0.95.
    quantiles : array_like
        One row a median: the value below which each share lies.
    trials : array_like
        The effective sample size behind each median, above 0.
    level : float
        The confidence level.
    df : float
        Degrees of freedom of t.

    Returns
    -------
    ManyIntervals
        One a row.

    Examples
    --------
    >>> low, high = median_intervals([0.05, 0.5, 0.95], [[5, 50, 95], [10, 100, 190]], [100, 100], df=1e6)
    >>> low.round(1).tolist(), high.round(1).tolist()
    ([40.2, 80.4], [59.8, 119.6])
    """
    grid, values = np.asarray(shares, dtype=np.float64), np.asarray(quantiles, dtype=np.float64)
    reach = t_quantile(level, df) * np.sqrt(0.25 / np.asarray(trials, dtype=np.float64))
    low, high = np.maximum(0.0, 0.5 - reach), np.minimum(1.0, 0.5 + reach)
    return ManyIntervals(_read_off(grid, values, low), _read_off(grid, values, high))


def _read_off(grid: Floats, values: Floats, at: Floats) -> Floats:
    """Interpolate in each row at a place of its own, as `numpy.interp` does in one."""
    left = np.clip(np.searchsorted(grid, at, side="right") - 1, 0, grid.size - 2)
    rows = np.arange(at.size)
    below, above = values[rows, left], values[rows, left + 1]
    between = (above - below) / (grid[left + 1] - grid[left]) * (at - grid[left]) + below
    return np.where(at <= grid[0], values[:, 0], np.where(at >= grid[-1], values[:, -1], between))
