"""The ratio of two uncertain numbers, with an interval that knows when it has no end."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from journeymap.stats.jackknife import t_quantile

__all__ = ["Ratio", "ratio_by_groups"]


class Ratio(NamedTuple):
    """A ratio with its interval.

    Parameters
    ----------
    value : float or None
        The ratio; None where the number below is not positive.
    low, high : float or None
        The ends; None for both where the number below cannot be told from 0: then no ratio can be excluded.
    """

    value: float | None
    low: float | None
    high: float | None


def ratio_by_groups(
    above: float,
    below: float,
    above_without: ArrayLike,
    below_without: ArrayLike,
    *,
    level: float = 0.95,
) -> Ratio:
    """How many times larger is one number than another, if both were recomputed without each group?

    All r with ``(a − r b)² ≤ t² (V_aa − 2 r V_ab + r² V_bb)``, the variances by the delete-a-group jackknife.

    Parameters
    ----------
    above, below : float
        a and b, from all customers.
    above_without, below_without : array_like
        The same without each of the groups.
    level : float
        The confidence level.

    Returns
    -------
    Ratio
        a / b with Fieller's interval.

    Notes
    -----
    It holds 1 exactly where ``a − b`` with its jackknife interval holds 0.

    References
    ----------
    Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B
    16, 175–185.

    Examples
    --------
    >>> found = ratio_by_groups(4.0, 2.0, [4.1, 3.9, 4.0], [2.0, 2.1, 1.9])
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (2.0, 1.466, 2.863)
    """
    left = np.stack([np.asarray(one, dtype=np.float64) for one in (above_without, below_without)])
    groups = left.shape[1]
    if not (math.isfinite(above) and math.isfinite(below)) or below <= 0:
        return Ratio(None, None, None)
    value = above / below
    usable = np.isfinite(left).all(axis=0)
    if groups < 2 or usable.sum() < 2:  # noqa: PLR2004 - one group cannot vary
        return Ratio(value, None, None)
    off = np.where(usable, left - np.array([[above], [below]]), 0.0)
    covariance = (groups - 1) / groups * off @ off.T
    reach = t_quantile(level, groups - 1) ** 2
    square = below**2 - reach * covariance[1, 1]
    if square <= 0:
        return Ratio(value, None, None)
    middle = above * below - reach * covariance[0, 1]
    constant = above**2 - reach * covariance[0, 0]
    # never negative where `square` is positive, but for rounding
    root = math.sqrt(max(middle**2 - square * constant, 0.0))
    return Ratio(value, float((middle - root) / square), float((middle + root) / square))
