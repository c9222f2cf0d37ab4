"""How long do decided journeys wait on each of their ways?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.counts import counts_by_group, evidence_table, touchpoint_counts
from journeymap.model.journey import Journey
from journeymap.stats.jackknife import all_and_without

__all__ = ["CLOSED_WAITS", "closed_waits", "from_each", "waits_before_goal"]

Floats = NDArray[np.float64]

CLOSED_WAITS = "closed_wait_us"
_MICROSECONDS = 1e6


def closed_waits(journey: Journey) -> Floats:
    """How many seconds did decided journeys wait on each way before the goal, all of them together?

    Parameters
    ----------
    journey : Journey
        An observed journey.

    Returns
    -------
    ndarray
        One row a transition in the order of the evidence; the first column all customers, then without
        each group of them.

    Raises
    ------
    MissingEvidenceError
        The journey was designed.

    Notes
    -----
    Journeys not decided yet do not count: they are open because they wait. A journey written before these
    waits were counted apart takes the mean wait of all who went a way, as often as decided journeys went it.
    """
    if CLOSED_WAITS in evidence_table(journey, "transitions").measures:
        return all_and_without(counts_by_group(journey, "transitions", CLOSED_WAITS)) / _MICROSECONDS
    taken, waited, went = (
        all_and_without(counts_by_group(journey, "transitions", measure))
        for measure in ("closed", "wait_us", "count")
    )
    mean = np.divide(waited, went, out=np.zeros_like(went), where=went > 0)
    return np.asarray(taken * mean / _MICROSECONDS)


def waits_before_goal(journey: Journey) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """How long did decided journeys wait after each touchpoint before the goal, and how often?

    Parameters
    ----------
    journey : Journey
        An observed journey.

    Returns
    -------
    spans, times : dict of str to ndarray
        Microseconds and moves, one count a group. Of all journeys where those of decided ones were not
        counted apart.

    Raises
    ------
    MissingEvidenceError
        The journey was designed.
    """
    evidence = evidence_table(journey, "transitions")
    if CLOSED_WAITS not in evidence.measures:
        return touchpoint_counts(journey, "wait_us"), touchpoint_counts(journey, "waits")
    names = [touchpoint.id for touchpoint in journey.touchpoints]
    spans, times = (
        from_each(names, evidence.keys, counts_by_group(journey, "transitions", measure))
        for measure in (CLOSED_WAITS, "closed")
    )
    return spans, times


def from_each(
    touchpoints: Sequence[str], keys: Sequence[tuple[str, ...]], counts: Floats
) -> dict[str, Floats]:
    """How often was something counted on all ways out of each touchpoint?

    Parameters
    ----------
    touchpoints : sequence of str
        Touchpoints to count for.
    keys : sequence of tuple of str
        The ways: where from, where to.
    counts : ndarray
        Ways by groups.

    Returns
    -------
    dict of str to ndarray
        Every one of these touchpoints to one count a group.
    """
    place = {name: number for number, name in enumerate(touchpoints)}
    source = np.array([place.get(key[0], len(place)) for key in keys], dtype=np.intp)
    order = np.argsort(source, kind="stable")
    left, starts = np.unique(source[order], return_index=True)
    sums = np.zeros((len(place) + 1, counts.shape[1]))
    if left.size:
        sums[left] = np.add.reduceat(counts[order], starts, axis=0)
    return dict(zip(touchpoints, sums, strict=False))
