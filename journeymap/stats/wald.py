"""Do means differ that the same customers have a hand in?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from journeymap.stats.jackknife import leave_one_out

__all__ = ["WaldF", "grouped_means_test"]

FEWEST_GROUPS = 5


class WaldF(NamedTuple):
    """A test of equal means that knows which of them share customers.

    Parameters
    ----------
    f : float or None
        Wald's statistic as an F; None where it cannot be made.
    p : float or None
        How probable differences this large are where there are none.
    df_between, df_within : float
        Degrees of freedom.
    compared : int
        How many means took part.
    """

    f: float | None
    p: float | None
    df_between: float
    df_within: float
    compared: int


def grouped_means_test(totals: ArrayLike, counts: ArrayLike) -> WaldF:
    """Do several means differ at all, where a customer may have a hand in more than one of them?

    ``W = d' (C V C')⁻¹ d`` with the differences d = Cx of the k means x and V, the covariance of the means by
    leaving out one group of customers at a time; ``F = W (G − k + 1) / ((G − 1)(k − 1))`` with k − 1 and
    G − k + 1 degrees of freedom for G groups.

    Parameters
    ----------
    totals, counts : array_like
        Σx and n (with weights Σwx and Σw): a row a mean, a column a customer group.

    Returns
    -------
    WaldF
        Means with answers of fewer than five groups are left out, for their spread is hardly known. Without
        F where fewer than two are left, groups are not more than means, or the spread of a difference is
        nought.

    Notes
    -----
    It knows that means vary because customers do, and that those of the same customers vary together. It
    does not know why customers answered where they did: customers who are hard to please at one place, and
    others at another, look like different places.

    Examples
    --------
    >>> customers = [[4, 3, 5, 2, 4, 5], [3, 2, 4, 2, 3, 3]]  # two owners, six customers
    >>> found = grouped_means_test(customers, [[1] * 6, [1] * 6])
    >>> f"{found.f:.2f} {found.p:.4f}"
    '15.00 0.0117'
    """
    total, n = np.asarray(totals, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    seen = (n > 0).sum(axis=1) >= FEWEST_GROUPS
    total, n = total[seen], n[seen]
    taken = n.sum(axis=0) > 0
    total, n = total[:, taken], n[:, taken]
    means, groups = n.shape
    between, within = means - 1, groups - means + 1
    if between < 1 or within < 1:
        return WaldF(None, None, max(between, 0), max(within, 0), means)
    x = total.sum(axis=1) / n.sum(axis=1)
    off = leave_one_out(total) / leave_one_out(n) - x[:, np.newaxis]
    apart = off[:-1] - off[-1]
    spread = (groups - 1) / groups * apart @ apart.T
    difference = x[:-1] - x[-1]
    if np.linalg.matrix_rank(spread) < between:
        return WaldF(None, None, between, within, means)
    w = float(difference @ np.linalg.solve(spread, difference))
    f = w * within / ((groups - 1) * between)
    return WaldF(f, float(fdtrc(between, within, f)), between, within, means)
