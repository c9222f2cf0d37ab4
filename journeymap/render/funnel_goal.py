"""How many journeys reach the goal, wherever else they come?"""

from __future__ import annotations

from journeymap.metrics.counts import counts_by_group, evidence_table
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.routes import stage_routes
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate

__all__ = ["goal_count", "goal_estimate", "goal_name"]

_DEFINITION = "journeys that reach the goal / journeys"


def goal_name(journey: Journey) -> str:
    """How is the goal called?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    str
        The names of the touchpoints or stages that win the journey; empty without a goal.

    Examples
    --------
    >>> goal_name(Journey(name="Shop", goal="pay", touchpoints=[{"id": "pay", "name": "Pay the bill"}]))
    'Pay the bill'
    """
    names = {t.id: t.name for t in journey.touchpoints} | {s.id: s.name for s in journey.stages}
    floats = {t.floats_as: t.name for t in journey.touchpoints if t.floats_as}
    return ", ".join((names | floats)[name] for name in journey.goal)


def goal_estimate(journey: Journey, *, level: float = 0.95) -> Estimate | None:
    """Which share of all journeys reaches the goal?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    level : float
        The confidence level.

    Returns
    -------
    Estimate or None
        Of a design the expected share, without interval; None without a goal.

    Raises
    ------
    MissingEvidenceError
        Nothing says how many journeys come how far.

    Examples
    --------
    >>> journey = Journey(name="Shop", goal="pay", stages=("discovery", "purchase"), touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "entry_share": 1}, {"id": "pay", "stage": "purchase"}],
    ...     transitions=[{"source": "ad", "target": "pay", "share": 0.2}])
    >>> goal_estimate(journey).value
    0.2
    """
    if not journey.goal:
        return None
    if journey.origin == "designed":
        won = sum(route.weight for route in stage_routes(journey) if route.end == "goal")
        return Estimate(value=min(won, 1.0), definition=_DEFINITION)
    counts = counts_by_group(journey, "routes", "journeys")
    wins = [end == "goal" for _, end in evidence_table(journey, "routes").keys]
    customers = int(counts_by_group(journey, "journeys", "customers").sum())
    return share_estimate(
        counts[wins].sum(axis=0), counts.sum(axis=0), customers=customers, definition=_DEFINITION, level=level
    )


def goal_count(goal: Estimate) -> int:
    """How many counted journeys does the share stand for?

    Parameters
    ----------
    goal : Estimate
        Of an observed journey.

    Returns
    -------
    int
        The journeys that reach the goal.
    """
    return round((goal.value or 0.0) * goal.n)
