"""Times counted into buckets that grow by a constant factor, and what can be read from them.

Bucket b holds the spans from ``2^(b/8) − 1`` to ``2^((b+1)/8) − 1`` microseconds; a bucket is 9 % wide, so a
quantile read from it is never more than 9 % off, and usually less than 5 %.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "above_of_cumulated",
    "bucket_edge",
    "bucket_position",
    "bucket_quantile",
    "quantile_of_cumulated",
    "share_above",
]

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
    below = np.cumsum(np.asarray(counts, dtype=np.float64), axis=0)
    return quantile_of_cumulated(below, share, first=first)


def quantile_of_cumulated(below: ArrayLike, share: ArrayLike, *, first: int = 0) -> Floats:
    """At which place do a given share of the spans lie below, of counts that are cumulated already?

    Parameters
    ----------
    below : array_like
        Counts up to each bucket, itself included, with the buckets along the first axis; further axes hold
        separate histograms.
    share : array_like
        The share below, 0 to 1; one for all histograms or one each.
    first : int
        The number of the first bucket.

    Returns
    -------
    ndarray
        As of `bucket_quantile`.
    """
    known = np.asarray(below, dtype=np.float64)
    wanted = np.asarray(share, dtype=np.float64) * known[-1]
    # the first bucket whose cumulated count reaches what is wanted
    place = np.count_nonzero(known < wanted - 1e-9, axis=0).clip(max=known.shape[0] - 1)
    before, here = _around(known, place)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(here > 0, (wanted - before) / here, 0.0)
    return np.asarray(np.where(known[-1] > 0, first + place + inside, np.nan))


def _around(below: Floats, place: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Read how many lie before a bucket and in it."""
    upto = np.take_along_axis(below, place[np.newaxis], axis=0)[0]
    earlier = np.take_along_axis(below, np.maximum(place - 1, 0)[np.newaxis], axis=0)[0]
    before = np.where(place > 0, earlier, 0.0)
    return before, upto - before


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
    return above_of_cumulated(np.cumsum(np.asarray(counts, dtype=np.float64), axis=0), position, first=first)


def above_of_cumulated(below: ArrayLike, position: ArrayLike, *, first: int = 0) -> Floats:
    """How many of the spans lie above a place, of counts that are cumulated already?

    Parameters
    ----------
    below : array_like
        Counts up to each bucket, itself included, with the buckets along the first axis; further axes hold
        separate histograms.
    position : array_like
        The place, one for all histograms or one each.
    first : int
        The number of the first bucket.

    Returns
    -------
    ndarray
        As of `share_above`; nan where the place is.
    """
    known = np.asarray(below, dtype=np.float64)
    place = np.broadcast_to(np.asarray(position, dtype=np.float64) - first, known.shape[1:])
    last = known.shape[0] - 1
    bucket = np.nan_to_num(np.floor(place), posinf=last).clip(0, last).astype(np.intp)
    before, here = _around(known, bucket)
    return np.asarray(known[-1] - before - here * np.clip(place - bucket, 0.0, 1.0))
