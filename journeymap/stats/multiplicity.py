"""Many tests at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["benjamini_hochberg"]


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
