"""How much less many events of few customers say than as many events of different customers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.stats.jackknife import jackknife_variance, leave_one_out

__all__ = ["ClusterRatio", "cluster_ratio", "design_effect"]


class ClusterRatio(NamedTuple):
    """A share estimated from clusters.

    Parameters
    ----------
    value : float
        Σy / Σn.
    se : float
        Its standard error, the clusters being independent.
    naive_se : float
        The standard error if all trials were independent.
    design_effect : float
        (se / naive_se)².
    """

    value: float
    se: float
    naive_se: float
    design_effect: float


def cluster_ratio(successes: ArrayLike, trials: ArrayLike) -> ClusterRatio:
    """How sure is a share when trials come in clusters, such as the visits of one customer?

    ``v = K/(K − 1) · Σ_k (y_k − p n_k)² / (Σ n_k)²`` for K clusters with y_k successes in n_k trials.

    Parameters
    ----------
    successes, trials : array_like
        y_k and n_k, one for each cluster.

    Returns
    -------
    ClusterRatio
        The share with both standard errors; nan where there are no trials or only one cluster.

    Examples
    --------
    >>> found = cluster_ratio([3, 0, 6, 1, 2], [5, 4, 6, 7, 3])
    >>> f"{found.value:.2f} {found.se:.6f} {found.naive_se:.6f} {found.design_effect:.6f}"
    '0.48 0.198313 0.099920 3.939103'
    """
    y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total, clusters = n.sum(), n.size
    if total == 0 or clusters < 2:  # noqa: PLR2004 - one cluster has no spread
        return ClusterRatio(np.nan, np.nan, np.nan, np.nan)
    share = y.sum() / total
    variance = clusters / (clusters - 1) * np.square(y - share * n).sum() / total**2
    naive = share * (1 - share) / total
    effect = variance / naive if naive else np.nan
    return ClusterRatio(float(share), float(np.sqrt(variance)), float(np.sqrt(naive)), float(effect))


def design_effect(successes: ArrayLike, trials: ArrayLike) -> NDArray[np.float64]:
    """By what factor do clusters widen the variance of a share, counted by group of customers?

    ``deff = max(1, v / (p (1 − p) / n))`` with v the variance by the delete-a-group jackknife.

    Parameters
    ----------
    successes, trials : array_like
        Counts with the groups along the last axis; earlier axes are separate shares.

    Returns
    -------
    ndarray
        One design effect a share; 1 where it cannot be told (no trials, p = 0 or p = 1).

    Examples
    --------
    >>> float(design_effect([1, 0, 1, 0], [1, 1, 1, 1])).__round__(4)
    1.3333
    """
    y, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total = n.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = y.sum(axis=-1) / total
        variance = jackknife_variance(share, leave_one_out(y) / leave_one_out(n))
        effect = variance / (share * (1 - share) / total)
    return np.asarray(np.where(np.isfinite(effect), np.maximum(effect, 1.0), 1.0))
