"""Many tests at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["benjamini_hochberg", "benjamini_yekutieli", "holm"]


def benjamini_hochberg(p_values: ArrayLike) -> NDArray[np.float64]:
    """At which false discovery rate would each test still be a finding?

    Of the m sorted p-values the i-th becomes ``min over j ≥ i of p_j · m / j``.

    Parameters
    ----------
    p_values : array_like
        One p-value a test.

    Returns
    -------
    ndarray
        Adjusted p-values in the same order, at most 1; empty for no tests. Those up to q are findings of
        which at most the share q is expected to be false.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289–300.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.5, 0.02]).round(3).tolist()
    [0.03, 0.5, 0.03]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    running = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(running, 1.0)
    return adjusted


def benjamini_yekutieli(p_values: ArrayLike) -> NDArray[np.float64]:
    """At which false discovery rate would each test be a finding, however the tests depend on each other?

    The adjusted p-values of Benjamini and Hochberg times ``1 + 1/2 + … + 1/m``.

    Parameters
    ----------
    p_values : array_like
        One p-value a test.

    Returns
    -------
    ndarray
        Adjusted p-values in the same order, at most 1; empty for no tests.

    References
    ----------
    Benjamini, Y., Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under
    dependency. Annals of Statistics 29, 1165–1188.

    Examples
    --------
    >>> benjamini_yekutieli([0.01, 0.5, 0.02]).round(3).tolist()
    [0.055, 0.917, 0.055]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    ranks = np.arange(1, p.size + 1)
    scaled = p[order] * p.size * float((1 / ranks).sum()) / ranks
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """At which probability of any false finding would each test be one?

    Of the m sorted p-values the i-th becomes ``max over j ≤ i of p_j · (m − j + 1)``. For a few tests that
    were declared before looking.

    Parameters
    ----------
    p_values : array_like
        One p-value a test.

    Returns
    -------
    ndarray
        Adjusted p-values in the same order, at most 1; empty for no tests.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
    Statistics 6, 65–70.

    Examples
    --------
    >>> holm([0.01, 0.5, 0.02]).round(3).tolist()
    [0.03, 0.5, 0.04]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)
    scaled = p[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted
