"""Intervals that scale: leave out one group of customers at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.errors import JourneyMapError

__all__ = [
    "Jackknifed",
    "all_and_without",
    "group_jackknife",
    "jackknife_variance",
    "leave_one_out",
    "t_quantile",
]

Floats = NDArray[np.float64]


class Jackknifed(NamedTuple):
    """A number with its standard error and interval.

    Parameters
    ----------
    value : float
        The number, computed from all customers.
    se : float or None
        Its standard error; None where it cannot be given.
    low, high : float or None
        The ends of the interval.
    df : int
        Degrees of freedom: groups − 1.
    """

    value: float
    se: float | None
    low: float | None
    high: float | None
    df: int


def t_quantile(level: float, df: float) -> float:
    """How many standard errors does a two-sided interval reach at this level?

    Parameters
    ----------
    level : float
        The confidence level, for example 0.95.
    df : float
        Degrees of freedom; infinity gives the normal quantile.

    Returns
    -------
    float
        The quantile of Student's t at (1 + level) / 2.

    Raises
    ------
    JourneyMapError
        The level does not lie between 0 and 1.

    Examples
    --------
    >>> round(t_quantile(0.95, float("inf")), 4), round(t_quantile(0.95, 63), 4)
    (1.96, 1.9983)
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - takes 0.2 s to load; counts alone need no quantile

    if not 0 < level < 1:
        raise JourneyMapError.because(
            f"level: {level!r} is no confidence level.",
            expected="Expected a share between 0 and 1.",
            hint="write 0.95 for an interval of 95 %",
        )
    # beyond a million degrees of freedom t and the normal distribution agree to seven digits
    return float(stdtrit(min(df, 1e6), (1 + level) / 2))


def leave_one_out(counts: ArrayLike) -> Floats:
    """How large are the sums without each of the groups?

    Parameters
    ----------
    counts : array_like
        Counts with the groups along the last axis.

    Returns
    -------
    ndarray
        The same shape: at g the sum over all groups but g.

    Examples
    --------
    >>> leave_one_out([1, 2, 3]).tolist()
    [5.0, 4.0, 3.0]
    """
    table = np.asarray(counts, dtype=np.float64)
    return np.asarray(table.sum(axis=-1, keepdims=True) - table)


def all_and_without(counts: ArrayLike) -> Floats:
    """How many are there in all, and how many without each group?

    Parameters
    ----------
    counts : array_like
        Counts with the groups along the last axis.

    Returns
    -------
    ndarray
        The last axis is one longer: first the sum over all groups, then the sums without each of them.

    Examples
    --------
    >>> all_and_without([1, 2, 4]).tolist()
    [7.0, 6.0, 5.0, 3.0]
    """
    each = np.asarray(counts, dtype=np.float64)
    return np.concatenate((each.sum(axis=-1, keepdims=True), leave_one_out(each)), axis=-1)


def jackknife_variance(value: ArrayLike, without: ArrayLike) -> Floats:
    """How much does a number vary, judged by leaving out one group at a time?

    ``v = (G − 1)/G · Σ_g (θ_(g) − θ)²`` with θ from all groups and θ_(g) from all but g.

    Parameters
    ----------
    value : array_like
        θ; one number or an array of numbers.
    without : array_like
        θ_(g), groups along the last axis. A value that is not finite (nothing is left without the
        group) counts as θ.

    Returns
    -------
    ndarray
        The variance, of the shape of `value`.

    References
    ----------
    Kott, P. S. (2001). The delete-a-group jackknife. Journal of Official Statistics 17, 521–526.
    """
    full = np.asarray(value, dtype=np.float64)[..., np.newaxis]
    left = np.asarray(without, dtype=np.float64)
    groups = left.shape[-1]
    off = np.where(np.isfinite(left), left - full, 0.0)
    return np.asarray((groups - 1) / groups * np.square(off).sum(axis=-1))


def group_jackknife(value: float, without: ArrayLike, *, level: float = 0.95) -> Jackknifed:
    """How sure is a number that was recomputed without each group of customers?

    Parameters
    ----------
    value : float
        θ, computed from all customers.
    without : array_like
        θ_(g), one for each group left out.
    level : float
        The confidence level.

    Returns
    -------
    Jackknifed
        θ ± t · √v with G − 1 degrees of freedom; without se and interval where there is one group only
        or θ_(g) is finite for fewer than two groups.

    Notes
    -----
    For shares of small counts use `share_interval`: there the plain jackknife is too narrow.

    Examples
    --------
    >>> found = group_jackknife(0.5, [0.4, 0.5, 0.6])
    >>> round(found.se, 4), found.df
    (0.1155, 2)
    """
    left = np.asarray(without, dtype=np.float64)
    df = left.size - 1
    if df < 1 or np.isfinite(left).sum() <= 1 or not np.isfinite(value):
        return Jackknifed(value, None, None, None, max(df, 0))
    se = float(np.sqrt(jackknife_variance(value, left)))
    reach = t_quantile(level, df) * se
    return Jackknifed(value, se, value - reach, value + reach, df)
