"""Times counted into buckets that grow by a constant factor, and what can be read from them.

Bucket b holds the spans from ``2^(b/8) − 1`` to ``2^((b+1)/8) − 1`` microseconds; a bucket is 9 % wide, so a
quantile read from it is at most 5 % off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["bucket_edge", "bucket_position", "bucket_quantile", "share_above"]

Floats = NDArray[np.float64]
PER_DOUBLING = 8


def bucket_edge(position: ArrayLike) -> Floats:
    """How many microseconds lie at a place on the scale of buckets?

    Parameters
    ----------
    position : array_like
        A bucket's number for its lower edge; a fraction on the way to the next one.

    Returns
    -------
    ndarray
        ``2^(position/8) − 1``: the way through a bucket is geometric.

    Examples
    --------
    >>> bucket_edge([0, 8, 16]).tolist()
    [0.0, 1.0, 3.0]
    """
    return np.asarray(np.exp2(np.asarray(position, dtype=np.float64) / PER_DOUBLING) - 1)


def bucket_position(microseconds: ArrayLike) -> Floats:
    """Where on the scale of buckets does a span lie?

    Parameters
    ----------
    microseconds : array_like
        The span, not negative.

    Returns
    -------
    ndarray
        ``8 log₂(span + 1)``; its whole part is the number of the bucket.

    Examples
    --------
    >>> bucket_position([0, 1, 3]).tolist()
    [0.0, 8.0, 16.0]
    """
    return np.asarray(PER_DOUBLING * np.log2(np.asarray(microseconds, dtype=np.float64) + 1))


def bucket_quantile(counts: ArrayLike, share: ArrayLike, *, first: int = 0) -> Floats:
    """At which place on the scale of buckets do a given share of the spans lie below?

    Parameters
    ----------
    counts : array_like
        Counts with the buckets along the first axis, consecutive from `first`; a second axis holds separate
        histograms.
    share : array_like
        The share below, 0 to 1; one for all histograms or one each.
    first : int
        The number of the first bucket.

    Returns
    -------
    ndarray
        Places on the scale, to be given to `bucket_edge`; nan for an empty histogram.

    Examples
    --------
    >>> float(bucket_quantile([10, 10, 0, 20], 0.5))
    2.0
    >>> float(bucket_quantile([10, 10, 0, 20], 0.75))
    3.5
    """
    table = np.asarray(counts, dtype=np.float64)
    below = np.cumsum(table, axis=0)
    wanted = np.asarray(share, dtype=np.float64) * below[-1]
    # the first bucket whose cumulated count reaches what is wanted
    place = (below < wanted - 1e-9).sum(axis=0).clip(max=table.shape[0] - 1)
    here = np.take_along_axis(table, place[np.newaxis], axis=0)[0]
    before = np.take_along_axis(below, place[np.newaxis], axis=0)[0] - here
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(here > 0, (wanted - before) / here, 0.0)
    return np.asarray(np.where(below[-1] > 0, first + place + inside, np.nan))


def share_above(counts: ArrayLike, position: ArrayLike, *, first: int = 0) -> Floats:
    """How many of the spans lie above a place on the scale of buckets?

    Parameters
    ----------
    counts : array_like
        Counts with the buckets along the first axis, consecutive from `first`; a second axis holds separate
        histograms.
    position : array_like
        The place, one for all histograms or one each; a bucket that holds it is divided in proportion.
    first : int
        The number of the first bucket.

    Returns
    -------
    ndarray
        Counts above the place, not whole ones where it divides a bucket.

    Examples
    --------
    >>> float(share_above([10, 10, 0, 20], 3.5))
    10.0
    """
    table = np.asarray(counts, dtype=np.float64)
    numbers = first + np.arange(table.shape[0], dtype=np.float64)
    numbers = numbers.reshape((-1,) + (1,) * (table.ndim - 1))
    part = np.clip(numbers + 1 - np.asarray(position, dtype=np.float64), 0.0, 1.0)
    return np.asarray((part * table).sum(axis=0))
