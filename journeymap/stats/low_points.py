"""Where does a curve sink below what is around it, and how far?"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["LowPoint", "low_points"]


class LowPoint(NamedTuple):
    """A local minimum of a curve.

    Parameters
    ----------
    place : int
        Its position, from 0; the middle of a flat bottom, the earlier one of two.
    depth : float
        Its prominence: how far the curve has to rise to get out, on the side where that is easier.
    """

    place: int
    depth: float


def low_points(values: ArrayLike, *, least: float = 0.0) -> list[LowPoint]:
    """Where does a curve sink below what is around it, and how far?

    A place or a flat run lower than both its neighbours. With lᵢ and rᵢ the highest values on the way to the
    next lower value, or to the end, on the left and on the right: ``depthᵢ = min(lᵢ, rᵢ) − xᵢ``.

    Parameters
    ----------
    values : array_like
        The curve, without gaps.
    least : float
        Low points less deep are left out.

    Returns
    -------
    list of LowPoint
        In the order of the curve; empty with fewer than three values.

    Notes
    -----
    The ends of a curve are no low points, however low they are: nothing is known of what is beyond. The
    results are those of ``scipy.signal.find_peaks(-values, prominence=least)``, which takes longer to load
    than everything else that a list of friction needs.

    Examples
    --------
    >>> low_points([2.0, -1.0, 1.0, 0.5, 3.0])
    [LowPoint(place=1, depth=3.0), LowPoint(place=3, depth=0.5)]
    """
    curve = np.asarray(values, dtype=np.float64).ravel().tolist()
    found = []
    for start, end in _bottoms(curve):
        bottom = curve[start]
        rims = _highest_before_lower(curve[start::-1], bottom), _highest_before_lower(curve[end:], bottom)
        if (depth := min(rims) - bottom) >= least:
            found.append(LowPoint((start + end) // 2, depth))
    return found


def _bottoms(curve: list[float]) -> list[tuple[int, int]]:
    """Find the runs of equal values that are lower than the values on both their sides."""
    starts = [place for place in range(1, len(curve)) if curve[place] != curve[place - 1]]
    runs = [(start, after - 1) for start, after in itertools.pairwise(starts)]
    return [(start, end) for start, end in runs if curve[start - 1] > curve[start] < curve[end + 1]]


def _highest_before_lower(way: list[float], bottom: float) -> float:
    highest = bottom
    for value in way:
        if value < bottom:
            break
        highest = max(highest, value)
    return highest
