"""How long do journeys take from end to end, and where does that time go?"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, evidence_table
from journeymap.metrics.signals_counts import Counted
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import group_jackknife, leave_one_out

__all__ = ["bottleneck_share", "cycle_efficiency", "cycle_time", "journeys_under_way", "largest_waits"]

Counts = NDArray[np.float64]
_METHOD = "delete-a-group jackknife"
_MICRO = 1e6


def cycle_time(journey: Journey, *, level: float = 0.95) -> Estimate:
    """How long does a journey take on average, from its first event to the end of its last?

    ``W = Σ_j (last end − first start) / J`` over the J journeys.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        Seconds; `n` counts journeys, `censored` those of them that are still open.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, or counted before times were.

    Notes
    -----
    A journey of one event takes no time. Open journeys count with the time so far, so the mean is too short
    where many are open. A mean is ruled by few long journeys: see `waiting` for medians.

    Examples
    --------
    >>> from datetime import timedelta
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> table = pa.table({"who": ["a", "a", "b"], "what": ["ad", "pay", "ad"],
    ...                   "when": ["2024-05-01", "2024-05-03", "2024-05-01"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> str(timedelta(seconds=cycle_time(discover_journey(log)).value))
    '1 day, 0:00:00'
    """
    cycle, journeys = _of_journeys(journey, "cycle_us"), _of_journeys(journey, "journeys")
    found = _ratio(
        journey, cycle / _MICRO, journeys, "mean seconds from the first event to the last", level=level
    )
    return found.model_copy(update={"censored": int(_of_journeys(journey, "open").sum())})


def cycle_efficiency(journey: Journey, *, level: float = 0.95) -> Estimate:
    """How much of the time that journeys take is spent at touchpoints, rather than waiting between them?

    ``processing time / cycle time``, both summed over journeys: the time that events of the journey cover,
    overlaps counted once, over the time from its first start to its last end.

    Parameters
    ----------
    journey : Journey
        An observed journey, from a log with ends of events.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0 to 1; without value where no journey takes any time.

    Raises
    ------
    MissingEvidenceError
        The log had no ends of events: `end_col`.

    Notes
    -----
    Events without end cover no time. Long journeys weigh more than short ones.
    """
    if "processing_us" not in evidence_table(journey, "journeys").measures:
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} does not know how long its events lasted.",
            hint="give the log the end of events, end_col, and discover the journey again",
        )
    busy, cycle = _of_journeys(journey, "processing_us"), _of_journeys(journey, "cycle_us")
    return _ratio(
        journey,
        busy,
        cycle,
        "time covered by events / time from first start to last end",
        share=True,
        level=level,
    )


def bottleneck_share(journey: Journey, *, level: float = 0.95) -> dict[tuple[str, str], Estimate]:
    """How much of the time that journeys take goes into waiting between two touchpoints?

    ``B_uv = Σ wait on u → v / Σ cycle time of journeys``.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    dict of (str, str) to Estimate
        Every transition, the largest share first, to 0 to 1; `n` counts its moves, `customers` those who
        made it. Empty where journeys take no time.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, or counted before times were.

    Notes
    -----
    A large share may come of many moves or of long waits; and waiting may be the customer's own choice.
    Without ends of events the time at the touchpoint is part of the wait, and the shares add up to 1; with
    overlapping events a wait may fall into the time of an earlier one.
    """
    return largest_waits(Counted(journey), _of_journeys(journey, "cycle_us"), level=level)


def largest_waits(
    counted: Counted, cycle: Counts, *, most: int | None = None, level: float = 0.95
) -> dict[tuple[str, str], Estimate]:
    """On which transitions does most of the time go, and how much of it?

    What `bottleneck_share` and the bottlenecks of a report on friction have in common.

    Parameters
    ----------
    counted : Counted
        The counts of a journey.
    cycle : ndarray
        The time of all journeys in microseconds, by customer group.
    most : int, optional
        How many transitions at most; all without it.
    level : float
        The confidence level.

    Returns
    -------
    dict of (str, str) to Estimate
        The largest share first, 0 to 1; `n` counts the moves on the transition, `customers` those who made
        it. Empty where journeys take no time.
    """
    if not cycle.sum():
        return {}
    keys = counted.keys("transitions")
    waits, moves, customers = (
        counted.table("transitions", name) for name in ("wait_us", "count", "customers")
    )
    definition = "time waited on this transition / time from first start to last end of journeys"
    found = {}
    for row in np.argsort(-waits.sum(axis=1), kind="stable")[:most].tolist():
        estimate = _ratio(counted.journey, waits[row], cycle, definition, share=True, level=level)
        about = {"n": int(moves[row].sum()), "customers": int(customers[row].sum())}
        source, target = keys[row]
        found[source, target] = estimate.model_copy(update=about)
    return found


def journeys_under_way(journey: Journey, *, level: float = 0.95) -> Estimate:
    """How many journeys are under way at a time, on average?

    Little's law: ``L = λ W`` with λ = J / T journeys that begin per second of the T seconds observed, and W
    the mean time that a journey takes.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        A number of journeys; `n` counts all of them. Without value where nothing was observed for any time.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, or counted before times were.

    Notes
    -----
    A journey is under way from its first event to its last, not while nobody knows whether another follows.
    Journeys that had begun before the log, or were not over at its end, make it too small.

    References
    ----------
    Little, J. D. C. (1961). A proof for the queuing formula L = λW. Operations Research 9, 383–387.
    """
    cycle = _of_journeys(journey, "cycle_us")
    seen = journey.observation
    span = (seen.observed_until - seen.start) / timedelta(microseconds=1) if seen else 0.0
    definition = "journeys under way at a time: journeys begun per second × mean seconds that they take"
    if not span:
        return Estimate(value=None, level=level, definition=definition)
    value = float(cycle.sum()) / span
    # without one group of customers the others stand for all
    groups = cycle.size
    found = group_jackknife(value, leave_one_out(cycle) / span * groups / max(groups - 1, 1), level=level)
    return Estimate(
        value=value,
        low=None if found.low is None else max(found.low, 0.0),
        high=found.high,
        n=int(_of_journeys(journey, "journeys").sum()),
        customers=int(_of_journeys(journey, "customers").sum()),
        level=level,
        method=_METHOD,
        definition=definition,
    )


def _of_journeys(journey: Journey, measure: str) -> Counts:
    return np.asarray(counts_by_group(journey, "journeys", measure).sum(axis=0))


def _ratio(
    journey: Journey, top: Counts, bottom: Counts, definition: str, *, level: float, share: bool = False
) -> Estimate:
    journeys = int(_of_journeys(journey, "journeys").sum())
    if not bottom.sum():
        return Estimate(value=None, level=level, definition=definition)
    value = float(top.sum() / bottom.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        found = group_jackknife(value, leave_one_out(top) / leave_one_out(bottom), level=level)
    high = found.high
    return Estimate(
        value=value,
        low=None if found.low is None else max(found.low, 0.0),
        high=min(high, 1.0) if share and high is not None else high,
        n=journeys,
        customers=int(_of_journeys(journey, "customers").sum()),
        level=level,
        method=_METHOD,
        definition=definition,
    )
