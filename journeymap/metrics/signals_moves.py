"""How do customers move on from each touchpoint: signals that every log tells?"""

from __future__ import annotations

import numpy as np

from journeymap.metrics.service_contacts import has_proactive, sought_service
from journeymap.metrics.signals_counts import Counted, Counts, Measured, Tally

__all__ = [
    "customers_before",
    "drop_offs",
    "regressions",
    "repetitions",
    "reworks",
    "self_loops",
    "service_triggers",
]

AGAIN = "discover the journey again with this version of journeymap"


def drop_offs(counted: Counted) -> Measured:
    """How many of the journeys that come to a touchpoint are lost there?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Lost journeys whose last event is here / journeys that come here before the goal.
    """
    if not counted.goals:
        return Measured(
            {}, missing="the journey has no goal: name one or more touchpoints, or a stage, as its goal"
        )
    if not sum(counted.table("journeys", name).sum() for name in ("won", "lost")):
        return Measured(
            {}, missing="no journey is decided yet: observe for longer, or give a shorter lost_after"
        )
    lost, came, customers = counted.at("lost"), counted.at("journeys_before"), customers_before(counted)
    open_ends = counted.at("open")
    return Measured(
        {
            name: Tally(lost[name], came[name], customers[name], lost[name], int(open_ends[name].sum()))
            for name in counted.touchpoints
        },
        "lost journeys that end here / journeys that come here before the goal",
    )


def customers_before(counted: Counted) -> dict[str, Counts]:
    """How many customers come to each touchpoint before the goal, by customer group?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    dict of str to ndarray
        Customers who come there, at most one for each journey that comes there before the goal: exact where
        a customer has one journey, else an upper bound.
    """
    came, customers = counted.at("journeys_before"), counted.at("customers")
    return {name: np.minimum(customers[name], came[name]) for name in counted.touchpoints}


def self_loops(counted: Counted) -> Measured:
    """How often is a visit directly followed by another one to the same touchpoint?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Visits directly followed by the same / visits; k in a row are k − 1.
    """
    definition = "visits directly followed by the same / visits"
    return _plain(counted, "self_loops", "visits", "self_loop_customers", definition)


def repetitions(counted: Counted) -> Measured:
    """How often do customers come back to a touchpoint after having been elsewhere?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Visits after an earlier one with another touchpoint in between / visits.
    """
    definition = "visits after an earlier one with another touchpoint in between / visits"
    return _plain(counted, "repetitions", "visits", "repetition_customers", definition)


def reworks(counted: Counted) -> Measured:
    """How many of the journeys that come to a touchpoint come there more than once?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Journeys that visit it more than once / journeys that visit it.
    """
    definition = "journeys that come here more than once / journeys that come here"
    if not counted.has("touchpoints", "rework_journeys"):
        return Measured({}, missing=AGAIN)
    return _plain(counted, "rework_journeys", "journeys", "rework_journeys", definition)


def regressions(counted: Counted) -> Measured:
    """How often do customers go from a touchpoint back to an earlier stage?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Moves to an earlier stage / moves to the next touchpoint of a fixed stage; floating touchpoints are
        passed over.
    """
    if len({t.stage for t in counted.journey.touchpoints}) < 2:  # noqa: PLR2004 - one stage has no earlier one
        return Measured({}, missing="there is one stage only: discover with a design that orders the stages")
    definition = "moves to an earlier stage / moves to the next touchpoint of a fixed stage"
    return _plain(counted, "regressions", "moves", "regression_customers", definition)


def service_triggers(counted: Counted) -> Measured:
    """After which touchpoints do customers turn to service?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    Measured
        Visits whose next event is a service contact that the customer began / visits, for touchpoints outside
        service.
    """
    service = {t.id for t in counted.journey.touchpoints if t.is_service}
    if not service:
        return Measured({}, missing="no touchpoint is a service interaction: mark those in the design")
    sought = sought_service(counted.journey)
    if not sought:
        return Measured({}, missing="the company begins all service contacts: customers turn to none")
    visits, customers = counted.at("visits"), counted.at("customers")
    inside = [name for name in visits if name not in service]
    edges = counted.keys("transitions")
    place = {name: row for row, name in enumerate(inside)}
    kept = [row for row, (source, target) in enumerate(edges) if source in place and target in sought]
    sources = [place[edges[row][0]] for row in kept]
    followed, who = (
        _by_place(counted.table("transitions", m)[kept], sources, len(inside)) for m in ("count", "customers")
    )
    return Measured(
        {name: Tally(followed[row], visits[name], customers[name], who[row]) for name, row in place.items()},
        "visits directly followed by a service contact that the customer began / visits"
        if has_proactive(counted.journey)
        else "visits directly followed by a service contact / visits",
    )


def _by_place(counts: Counts, places: list[int], size: int) -> Counts:
    found = np.zeros((size, counts.shape[1]))
    np.add.at(found, places, counts)
    return found


def _plain(counted: Counted, successes: str, trials: str, affected: str, definition: str) -> Measured:
    y, n, customers, who = (counted.at(name) for name in (successes, trials, "customers", affected))
    return Measured(
        {name: Tally(y[name], n[name], customers[name], who[name]) for name in counted.touchpoints},
        definition,
    )
