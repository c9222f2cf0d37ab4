"""What can be said of the journey as a whole, and by examples: rework, time lost in between, ways taken?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_point import PathExample
from journeymap.analysis.friction_report import Bottleneck
from journeymap.metrics.cycle_time import largest_waits
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.signals_counts import Counted
from journeymap.model.answers import ALL
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import group_jackknife, leave_one_out

__all__ = ["bottlenecks", "overall", "path_examples"]

Counts = NDArray[np.float64]
_SHOWN = 5
_EXAMPLES = 3


def overall(counted: Counted) -> dict[str, Estimate]:
    """How much rework, moving back and idle time is there in the journey as a whole?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    dict of str to Estimate
        ``rework``, ``degradation`` and ``cycle_time_efficiency``, as far as they can be measured.
    """
    customers = int(counted.table("journeys", "customers").sum())
    again, every = (counted.table("journeys", name).sum(axis=0) for name in ("rework", "journeys"))
    found = {
        "rework": share_estimate(
            again,
            every,
            customers=customers,
            definition="journeys with a touchpoint visited more than once / journeys",
        )
    }
    down, up = _direct_moves(counted)
    if (down + up).sum():
        definition = "(moves to an earlier − to a later stage) / both, between touchpoints of fixed stages"
        moves = int((down + up).sum())
        found["degradation"] = _ratio(down - up, down + up, moves, customers, definition)
    spent = counted.table("touchpoints", "sojourn_us").sum(axis=0)
    if spent.sum():
        definition = "time spent at touchpoints / time from the first to the last event"
        journeys = int(every.sum())
        found["cycle_time_efficiency"] = _ratio(spent, _cycle(counted), journeys, customers, definition)
    return found


def _direct_moves(counted: Counted) -> tuple[Counts, Counts]:
    ranks = {stage.id: rank for rank, stage in enumerate(counted.journey.stages)}
    fixed = {
        t.id: ranks[t.stage] for t in counted.journey.touchpoints if t.stage in ranks and not t.floats_as
    }
    moves = counted.table("transitions", "count")
    steps = np.array(
        [
            fixed[target] - fixed[source] if source in fixed and target in fixed else 0
            for source, target in counted.keys("transitions")
        ]
    )
    return moves[steps < 0].sum(axis=0), moves[steps > 0].sum(axis=0)


def _cycle(counted: Counted) -> Counts:
    """Give the time of all journeys from first event to the end of the last, by group."""
    if counted.has("journeys", "cycle_us"):
        return np.asarray(counted.table("journeys", "cycle_us").sum(axis=0))
    waits, spent = (counted.table("touchpoints", name).sum(axis=0) for name in ("wait_us", "sojourn_us"))
    return np.asarray(waits + spent)


def _ratio(top: Counts, bottom: Counts, n: int, customers: int, definition: str) -> Estimate:
    """Divide sums, which may be times; `n` says how many moves or journeys they were summed over."""
    with np.errstate(divide="ignore", invalid="ignore"):
        without = leave_one_out(top) / leave_one_out(bottom)
    found = group_jackknife(float(top.sum() / bottom.sum()), without)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=n,
        customers=customers,
        method="group jackknife",
        definition=definition,
    )


def bottlenecks(counted: Counted) -> tuple[Bottleneck, ...]:
    """On which transitions do journeys spend most of their time waiting?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    tuple of Bottleneck
        The five largest shares of all cycle time, largest first; empty where no time passes.
    """
    names = {t.id: t.name for t in counted.journey.touchpoints}
    return tuple(
        Bottleneck(
            source=source,
            target=target,
            share=share,
            source_name=names.get(source, source),
            target_name=names.get(target, target),
        )
        for (source, target), share in largest_waits(counted, _cycle(counted), most=_SHOWN).items()
        if share.value
    )


def path_examples(counted: Counted) -> dict[str, tuple[PathExample, ...]]:
    """Which ways through each touchpoint are the most frequent?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    dict of str to tuple of PathExample
        Up to three for each touchpoint; empty where variants were not counted. Ways of few customers were put
        together when they were counted and are no example.
    """
    if not counted.has("variants", "journeys"):
        return {}
    states = [key[0] for key in counted.keys("touchpoints")]
    names = {t.id: t.name for t in counted.journey.touchpoints}
    journeys = counted.table("variants", "journeys").sum(axis=1)
    found: dict[str, list[PathExample]] = {}
    for row in np.argsort(-journeys, kind="stable").tolist():
        path, end = counted.keys("variants")[row]
        if path == ALL:
            continue
        passed = [states[int(place)] for place in path.split()]
        example = PathExample.model_validate(
            {"path": tuple(names.get(at, at) for at in passed), "end": end, "journeys": int(journeys[row])}
        )
        for touchpoint in dict.fromkeys(passed):
            if len(found.setdefault(touchpoint, [])) < _EXAMPLES:
                found[touchpoint].append(example)
    return {touchpoint: tuple(examples) for touchpoint, examples in found.items()}
