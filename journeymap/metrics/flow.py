"""How customers move: where they leave, turn in circles, go back and wait."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.counts import (
    counts_by_group,
    evidence_table,
    goal_touchpoints,
    group_count,
    touchpoint_counts,
)
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.clusters import design_effect
from journeymap.stats.log_histogram import bucket_edge, bucket_quantile, share_above
from journeymap.stats.quantiles import woodruff_shares
from journeymap.stats.shares import share_interval

__all__ = [
    "WILSON_METHOD",
    "drop_off",
    "exit_probability",
    "histograms",
    "median_time",
    "regression",
    "repetition",
    "rework",
    "self_loop",
    "share_estimate",
    "wait_histograms",
    "waiting",
]

Counts = NDArray[np.float64]
WILSON_METHOD = "Wilson at the effective sample size"
WOODRUFF_METHOD = "Woodruff at the effective sample size"
MICROSECONDS = 1e6


def drop_off(journey: Journey, *, level: float = 0.95) -> dict[str, Estimate]:
    """How many of the journeys that come to a touchpoint end there without the goal?

    ``d_v = lost journeys whose last event is on v / journeys that visit v before winning``.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every touchpoint but the goal, in the order of the journey, to a share 0 to 1; without value where
        nobody came. `n` counts journeys, `censored` those that end here and are not decided yet.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.

    Notes
    -----
    Not the exit probability, which counts visits: somebody who comes three times and leaves once counts
    once here and three times there. A journey without goal has no drop-off: everybody leaves somewhere.
    """
    open_ends = touchpoint_counts(journey, "open")
    found = _shares(
        journey,
        "lost",
        "journeys_before",
        "lost journeys that end here / journeys that come here before the goal",
        level=level,
    )
    return {
        name: estimate.model_copy(update={"censored": int(open_ends[name].sum())})
        for name, estimate in found.items()
    }


def exit_probability(journey: Journey, *, level: float = 0.95) -> dict[str, Estimate]:
    """How probable is it that a visit to a touchpoint is the last one of a lost journey?

    ``a_v = lost exits from v / visits to v before winning``, journeys not decided yet left out of both.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every touchpoint but the goal to a share 0 to 1; `n` counts visits.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    """
    definition = "lost exits / visits before the goal, in decided journeys"
    before, closed = (touchpoint_counts(journey, name) for name in ("visits_before", "visits_closed"))
    found = _shares(journey, "lost", "visits_closed", definition, level=level)
    return {
        name: estimate.model_copy(update={"censored": int((before[name] - closed[name]).sum())})
        for name, estimate in found.items()
    }


def self_loop(journey: Journey, *, level: float = 0.95) -> dict[str, Estimate]:
    """How often is a visit directly followed by another one to the same touchpoint?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every touchpoint but the goal to a share of its visits, 0 to 1. Three visits in a row are two.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    """
    return _shares(
        journey, "self_loops", "visits", "visits directly followed by the same / visits", level=level
    )


def repetition(journey: Journey, *, level: float = 0.95) -> dict[str, Estimate]:
    """How often do customers come back to a touchpoint after having been elsewhere?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every touchpoint but the goal to a share of its visits, 0 to 1.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    """
    definition = "visits after an earlier one with another touchpoint in between / visits"
    return _shares(journey, "repetitions", "visits", definition, level=level)


def regression(journey: Journey, *, level: float = 0.95) -> dict[str, Estimate]:
    """How often do customers go from a touchpoint back to an earlier stage?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every touchpoint but the goal to a share of the moves on from it, 0 to 1. Floating touchpoints
        are passed over: they have no moves of their own and no value.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    """
    definition = "moves to an earlier stage / moves to the next touchpoint of a fixed stage"
    return _shares(journey, "regressions", "moves", definition, level=level)


def rework(journey: Journey, *, level: float = 0.95) -> Estimate:
    """How many journeys come to any touchpoint more than once?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        A share of all journeys, 0 to 1.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    """
    again, every = (counts_by_group(journey, "journeys", name).sum(axis=0) for name in ("rework", "journeys"))
    customers = int(counts_by_group(journey, "journeys", "customers").sum())
    return share_estimate(
        again,
        every,
        customers=customers,
        definition="journeys with a touchpoint visited more than once / journeys",
        level=level,
    )


def waiting(journey: Journey, *, level: float = 0.95) -> dict[str, Estimate]:
    """How long does it take, in the median, from a touchpoint to the next one?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every touchpoint but the goal to seconds from the end of a visit to the start of the next event;
        without value where nothing followed. `n` counts waits.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.

    Notes
    -----
    Read from a histogram with buckets 9 % wide: usually less than 5 % off, never more than 9 %. Where the log
    has no end of events the time spent at the touchpoint is part of the wait. Visits that are the last of
    their journey have no wait.
    """
    goals = goal_touchpoints(journey)
    customers = touchpoint_counts(journey, "customers")
    tables, first = wait_histograms(journey)
    df = max(group_count(journey) - 1, 1)
    return {
        name: median_time(
            table,
            first,
            df=df,
            customers=int(customers[name].sum()),
            definition="median seconds from the end of a visit to the start of the next event",
            level=level,
        )
        for name, table in tables.items()
        if name not in goals
    }


def median_time(
    table: Counts, first: int, *, df: int, customers: int, definition: str, level: float = 0.95
) -> Estimate:
    """How long is the median of times counted into buckets, as an Estimate?

    Parameters
    ----------
    table : ndarray
        Consecutive buckets by customer groups, see `journeymap.stats.log_histogram`.
    first : int
        The number of the first bucket.
    df : int
        Degrees of freedom: customer groups − 1.
    customers : int
        Distinct customers behind the times.
    definition : str
        What was counted, in words.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        Seconds; without value where nothing was counted.
    """
    total = float(table.sum())
    if total == 0:
        return Estimate(value=None, customers=customers, level=level, definition=definition)
    pooled = table.sum(axis=1)
    middle = float(bucket_quantile(pooled, 0.5, first=first))
    waits = table.sum(axis=0)
    effect = float(design_effect(share_above(table, middle, first=first), waits))
    effective = total / effect
    if np.count_nonzero(waits) == 1:
        effective = min(effective, float(max(customers, 1)))
    shares = woodruff_shares(0.5, effective, level=level, df=df)
    places = (middle, *(float(bucket_quantile(pooled, share, first=first)) for share in shares))
    value, low, high = (float(bucket_edge(place)) / MICROSECONDS for place in places)
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=int(total),
        customers=customers,
        level=level,
        method=WOODRUFF_METHOD,
        definition=definition,
    )


def wait_histograms(journey: Journey) -> tuple[dict[str, Counts], int]:
    """How are the waits after each touchpoint spread, by customer group?

    Parameters
    ----------
    journey : Journey
        An observed journey.

    Returns
    -------
    tuple
        Every touchpoint to an array of consecutive buckets by groups, and the number of the first
        bucket; see `journeymap.stats.log_histogram`.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    """
    tables, first = histograms(journey, "waits", "count")
    nobody = np.zeros(next(iter(tables.values())).shape if tables else (1, group_count(journey)))
    return {t.id: tables.get(t.id, nobody) for t in journey.touchpoints}, first


def histograms(journey: Journey, table: str, measure: str) -> tuple[dict[str, Counts], int]:
    """How are times spread that were counted into buckets, by customer group?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    table, measure : str
        A table whose keys are something and a bucket, and the measure in it.

    Returns
    -------
    tuple
        Everything that was counted to an array of consecutive buckets by groups, and the number of the first
        bucket; see `journeymap.stats.log_histogram`.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such table.
    """
    evidence = evidence_table(journey, table)
    counts = counts_by_group(journey, table, measure)
    buckets = [int(key[1]) for key in evidence.keys]
    first, last = min(buckets, default=0), max(buckets, default=0)
    found = {key[0]: np.zeros((last - first + 1, evidence.groups)) for key in evidence.keys}
    for key, bucket, row in zip(evidence.keys, buckets, counts, strict=True):
        found[key[0]][bucket - first] += row
    return found, first


def share_estimate(
    successes: Counts,
    trials: Counts,
    *,
    customers: int,
    definition: str,
    level: float = 0.95,
    method: str = WILSON_METHOD,
) -> Estimate:
    """How large is a share counted by customer group, as an Estimate?

    Parameters
    ----------
    successes, trials : ndarray
        One count a group.
    customers : int
        Distinct customers behind the trials.
    definition : str
        What was counted, in words.
    level : float
        The confidence level.
    method : str
        How the interval is named.

    Returns
    -------
    Estimate
        Without value where there are no trials.
    """
    found = share_interval(successes, trials, level=level, customers=customers)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        customers=customers,
        level=level,
        method=method if found.n else "",
        definition=definition,
    )


def _shares(
    journey: Journey, successes: str, trials: str, definition: str, *, level: float
) -> dict[str, Estimate]:
    y, n = touchpoint_counts(journey, successes), touchpoint_counts(journey, trials)
    customers = touchpoint_counts(journey, "customers")
    goals = goal_touchpoints(journey)
    return {
        name: share_estimate(
            y[name], n[name], customers=int(customers[name].sum()), definition=definition, level=level
        )
        for name in y
        if name not in goals
    }
