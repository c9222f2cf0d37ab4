"""How many journeys reach each stage, how many are lost there, and how long do they stay?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.counts import counts_by_group, evidence_table
from journeymap.metrics.flow import histograms, median_time, share_estimate
from journeymap.metrics.routes import stage_routes
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.stages import UNASSIGNED
from journeymap.stats.log_histogram import bucket_edge, bucket_quantile

__all__ = ["StageStep", "stage_funnel"]

Counts = NDArray[np.float64]
MICROSECONDS = 1e6
_REACHED = "journeys that come to this stage or a later one / journeys"
_LOST_HERE = "lost journeys that come no further than this stage / journeys that reach it"
_TIME = (
    "median seconds that a journey stays at this stage: its visits there, each from its start to the start "
    "of the next event"
)


class StageStep(Frozen):
    """What becomes of the journeys at one stage.

    Parameters
    ----------
    stage, name : str
        The stage's id and name.
    reached : Estimate
        The share of all journeys that come to this stage or to a later one, 0 to 1.
    reached_count : int, optional
        How many journeys these are; None in a designed journey.
    touched : int, optional
        How many journeys come to this stage itself; None in a designed journey.
    touched_share : float
        The same as a share of all journeys. Smaller than `reached` where journeys skip the stage.
    lost_here : Estimate
        The share of the journeys that reach the stage which are lost without coming to a later one; without
        value where the journey names no goal or nobody reaches the stage. `censored` counts journeys that
        come no further either and are not decided yet.
    time : Estimate, optional
        The median time that a journey stays at the stage, in seconds; None where no time was measured.
    time_quartiles, time_deciles : tuple of float, optional
        The times that 25 % and 75 %, and that 10 % and 90 % of the journeys do not exceed, in seconds.
    """

    stage: str
    name: str
    reached: Estimate
    reached_count: int | None = None
    touched: int | None = None
    touched_share: float
    lost_here: Estimate
    time: Estimate | None = None
    time_quartiles: tuple[float, float] | None = None
    time_deciles: tuple[float, float] | None = None


def stage_funnel(journey: Journey, *, level: float = 0.95) -> tuple[StageStep, ...]:
    """How far do journeys come, stage by stage?

    ``reached_s = journeys that come to s or a later stage / journeys``;
    ``lost_s = lost journeys whose furthest stage is s / journeys that come to s or a later stage``.

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    level : float
        The confidence level.

    Returns
    -------
    tuple of StageStep
        One for every stage in order, the stage ``unassigned`` left out; empty without stages. In a designed
        journey there are no intervals, counts and times.

    Raises
    ------
    MissingEvidenceError
        The observed journey was counted before routes were; the designed one lacks shares.
    UnreachableEndError
        By the shares of the design some journeys never end.

    Notes
    -----
    A journey that skips a stage has still reached it, so the shares only fall from stage to stage. The
    furthest stage need not be where the journey ends: who goes back before being lost is lost at the furthest
    one. The time is that of one journey, all its visits to the stage together; the last event of a journey
    has no known length, so journeys that have no other event at the stage are not in it. It is read from
    buckets 9 % wide.

    Examples
    --------
    >>> journey = Journey(name="Shop", goal="pay", stages=("discovery", "purchase"), touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "entry_share": 1}, {"id": "pay", "stage": "purchase"}],
    ...     transitions=[{"source": "ad", "target": "pay", "share": 0.2}])
    >>> [(step.name, step.reached.value, step.lost_here.value) for step in stage_funnel(journey)]
    [('Discovery', 1.0, 0.8), ('Purchase', 0.2, 0.0)]
    """
    ranks = [rank for rank, stage in enumerate(journey.stages) if stage.id != UNASSIGNED.id]
    return _observed(journey, ranks, level) if journey.origin == "observed" else _designed(journey, ranks)


def _observed(journey: Journey, ranks: list[int], level: float) -> tuple[StageStep, ...]:
    counts = counts_by_group(journey, "routes", "journeys")
    keys = evidence_table(journey, "routes").keys
    touches = np.array([[bits[rank] == "1" for rank in ranks] for bits, _ in keys], bool)
    ends = np.array([end for _, end in keys])
    furthest = _furthest(touches)
    customers = int(counts_by_group(journey, "journeys", "customers").sum())
    every = counts.sum(axis=0)
    times, first = histograms(journey, "stage_times", "journeys")
    steps = []
    for place, rank in enumerate(ranks):
        stage = journey.stages[rank]
        reach, here = counts[furthest >= place].sum(axis=0), furthest == place
        here_lost = counts[here & (ends == "lost")].sum(axis=0)
        some = min(customers, int(reach.sum()))
        lost = share_estimate(here_lost, reach, customers=some, definition=_LOST_HERE, level=level)
        touched = int(counts[touches[:, place]].sum())
        here_open = int(counts[here & (ends == "open")].sum())
        steps.append(
            StageStep(
                stage=stage.id,
                name=stage.name,
                reached=share_estimate(reach, every, customers=customers, definition=_REACHED, level=level),
                reached_count=int(reach.sum()),
                touched=touched,
                touched_share=touched / every.sum(),
                lost_here=lost.model_copy(update={"censored": here_open}) if journey.goal else _no_goal(lost),
                **_times(times.get(stage.id), first, customers=customers, level=level),
            )
        )
    return tuple(steps)


def _designed(journey: Journey, ranks: list[int]) -> tuple[StageStep, ...]:
    routes = stage_routes(journey)
    names = [journey.stages[rank].id for rank in ranks]
    touches = np.array([[name in route.stages for name in names] for route in routes], bool)
    weights = np.array([route.weight for route in routes])
    furthest = _furthest(touches)
    lost = np.array([route.end == "lost" for route in routes])
    steps = []
    for place, rank in enumerate(ranks):
        reach = min(float(weights[furthest >= place].sum()), 1.0)
        here = float(weights[(furthest == place) & lost].sum())
        share = here / reach if reach and journey.goal else None
        steps.append(
            StageStep(
                stage=journey.stages[rank].id,
                name=journey.stages[rank].name,
                reached=Estimate(value=reach, definition=_REACHED),
                touched_share=float(weights[touches[:, place]].sum()),
                lost_here=Estimate(value=share, definition=_LOST_HERE),
            )
        )
    return tuple(steps)


def _furthest(touches: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For every route the place of its last stage, −1 where it comes to none."""
    if not touches.size:
        return np.full(len(touches), -1)
    last = touches.shape[1] - 1 - np.argmax(touches[:, ::-1], axis=1)
    return np.where(touches.any(axis=1), last, -1)


def _no_goal(lost: Estimate) -> Estimate:
    """Without a goal nobody can miss it."""
    return Estimate(value=None, customers=lost.customers, level=lost.level, definition=_LOST_HERE)


def _times(
    table: Counts | None, first: int, *, customers: int, level: float
) -> dict[str, Estimate | tuple[float, float]]:
    if table is None or not table.sum():
        return {}
    some = min(customers, int(table.sum()))
    pooled = table.sum(axis=1)

    def between(low: float, high: float) -> tuple[float, float]:
        ends = (float(bucket_edge(bucket_quantile(pooled, share, first=first))) for share in (low, high))
        shorter, longer = (end / MICROSECONDS for end in ends)
        return shorter, longer

    df = max(table.shape[1] - 1, 1)
    return {
        "time": median_time(table, first, df=df, customers=some, definition=_TIME, level=level),
        "time_quartiles": between(0.25, 0.75),
        "time_deciles": between(0.1, 0.9),
    }
