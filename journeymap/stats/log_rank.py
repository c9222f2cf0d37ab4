"""Do survival curves differ at all?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from journeymap.stats.survival import at_distinct_times, remaining

__all__ = ["LogRank", "log_rank"]


class LogRank(NamedTuple):
    """Whether several survival curves may be the same.

    Parameters
    ----------
    statistic : float or None
        χ²; None where there is nothing to compare.
    df : int
        Curves − 1.
    p : float or None
        How probable curves this different are where they are the same.
    """

    statistic: float | None
    df: int
    p: float | None


def log_rank(times: ArrayLike, events: ArrayLike, censored: ArrayLike) -> LogRank:
    """Does it take equally long in several sets of customers?

    ``χ² = uᵀ V⁻¹ u`` with ``u_j = Σᵢ (d_ij − dᵢ n_ij/nᵢ)`` and the hypergeometric covariance
    ``V_jl = Σᵢ dᵢ (nᵢ − dᵢ)/(nᵢ − 1) · n_ij/nᵢ (δ_jl − n_il/nᵢ)``, one set left out.

    Parameters
    ----------
    times : array_like
        Times, in any order; equal ones are added up.
    events, censored : array_like
        Counts ``(times × sets)``; the sets are to be compared, they are not the customer groups of
        `kaplan_meier`.

    Returns
    -------
    LogRank
        Without statistic and p where fewer than two sets were watched or nothing happened.

    Notes
    -----
    For customers who stand behind one count each. Of several counts a customer the test is too sure: compare
    the readings of curves by groups with `equal_means` instead. It sees poorly curves that cross.

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics. Cancer Chemotherapy
    Reports 50, 163–170.

    Examples
    --------
    >>> found = log_rank([1, 2, 3, 4], [[1, 0], [1, 0], [0, 1], [0, 1]], [[0, 0]] * 4)
    >>> f"{found.statistic:.3f} {found.p:.3f}"
    '2.882 0.090'
    """
    _, (d, c) = at_distinct_times(times, events, censored)
    seen = (d + c).sum(axis=0) > 0
    d, c = d[:, seen], c[:, seen]
    sets = d.shape[1]
    if sets < 2 or d.sum() <= 0:  # noqa: PLR2004 - there is nothing to compare
        return LogRank(None, max(sets - 1, 0), None)
    _, at_risk = remaining(d, d + c)
    n, total = at_risk.sum(axis=1), d.sum(axis=1)
    part = np.divide(at_risk, n[:, np.newaxis], out=np.zeros_like(at_risk), where=n[:, np.newaxis] > 0)
    over = (d - total[:, np.newaxis] * part).sum(axis=0)[:-1]
    spread = np.divide(total * (n - total), n - 1, out=np.zeros_like(n), where=n > 1)
    covariance = (np.diag(spread @ part) - (part * spread[:, np.newaxis]).T @ part)[:-1, :-1]
    statistic = float(over @ np.linalg.pinv(covariance) @ over)
    return LogRank(statistic, sets - 1, float(chdtrc(sets - 1, statistic)))
