"""How sure a median is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from journeymap.stats.jackknife import t_quantile
from journeymap.stats.shares import Interval

__all__ = ["woodruff_interval", "woodruff_shares"]


def woodruff_shares(
    share: float, trials: float, *, level: float = 0.95, df: float = math.inf
) -> tuple[float, float]:
    """Between which quantiles does a quantile lie?

    ``p ± t √(p (1 − p) / n)``.

    Parameters
    ----------
    share : float
        p; 0.5 for the median.
    trials : float
        n, the effective sample size.
    level : float
        The confidence level.
    df : float
        Degrees of freedom of t.

    Returns
    -------
    tuple of float
        The two shares, within 0 to 1; 0 and 1 without trials.

    References
    ----------
    Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. Journal of the
    American Statistical Association 47, 635–646.

    Examples
    --------
    >>> [round(x, 3) for x in woodruff_shares(0.5, 100)]
    [0.402, 0.598]
    """
    if trials <= 0:
        return 0.0, 1.0
    reach = t_quantile(level, df) * math.sqrt(share * (1 - share) / trials)
    return max(0.0, share - reach), min(1.0, share + reach)


def woodruff_interval(
    shares: ArrayLike,
    quantiles: ArrayLike,
    trials: float,
    *,
    level: float = 0.95,
    df: float = math.inf,
) -> Interval:
    """Between which values does the median lie, read from a grid of quantiles?

    Parameters
    ----------
    shares : array_like
        The shares of the grid in rising order, for example 0.05, 0.10 … 0.95.
    quantiles : array_like
        The value below which each share lies.
    trials : float
        The effective sample size.
    level : float
        The confidence level.
    df : float
        Degrees of freedom of t.

    Returns
    -------
    Interval
        Interpolated between the points of the grid; the ends of the grid where the sample is too small to
        see further.

    Examples
    --------
    >>> low, high = woodruff_interval([0.05, 0.5, 0.95], [5, 50, 95], 100)
    >>> round(low, 1), round(high, 1)
    (40.2, 59.8)
    """
    low, high = woodruff_shares(0.5, trials, level=level, df=df)
    grid, values = np.asarray(shares, dtype=np.float64), np.asarray(quantiles, dtype=np.float64)
    return Interval(float(np.interp(low, grid, values)), float(np.interp(high, grid, values)))
