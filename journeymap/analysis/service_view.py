"""What `locate_service` answers: where service sits inside the wider experience."""

from __future__ import annotations

from typing import Any, Literal

from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate

__all__ = ["ServiceAfter", "ServiceTrigger", "ServiceView", "StageService"]

Ending = Literal["goal", "lost", "open"]


class StageService(Frozen):
    """One stage, split into service and everything else.

    Parameters
    ----------
    stage, name : str
        The stage's id and name.
    events, service_events : int
        Visits to its touchpoints, and those of them that are service interactions.
    journeys, service_journeys : int
        Journeys that reach the stage's touchpoints, and those with a service contact there.
    customers, service_customers : int
        The same in customers.
    seconds, service_seconds : float
        Time from the start of each visit to the start of the next.
    share : Estimate
        Share of journeys at this stage that have a service contact there, with its interval.
    feeling, service_feeling : float, optional
        Visit-weighted mean feeling outside and inside service.
    """

    stage: str
    name: str
    events: int = 0
    service_events: int = 0
    journeys: int = 0
    service_journeys: int = 0
    customers: int = 0
    service_customers: int = 0
    seconds: float = 0.0
    service_seconds: float = 0.0
    share: Estimate
    feeling: float | None = None
    service_feeling: float | None = None


class ServiceTrigger(Frozen):
    """A touchpoint after which customers turn to service.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph, and its name.
    stage : str, optional
        Its stage.
    visits, followed : int
        Visits, and those whose next event is a service contact.
    share : Estimate
        followed / visits.
    base : float
        The same over all non-service visits.
    lift : Estimate
        share / base, with its interval by the group jackknife on the log scale.
    shrunk : Estimate, optional
        The share shrunk towards its peers, 90 % interval.
    p, p_adjusted : float, optional
        One-sided p-value against the other touchpoints, and after Benjamini–Hochberg.
    significant : bool
        Worse than the others after correction.
    targets : tuple of (str, int)
        The service touchpoints that follow, with counts, the most frequent first.
    """

    touchpoint: str
    name: str
    stage: str | None = None
    visits: int
    followed: int
    share: Estimate
    base: float
    lift: Estimate
    shrunk: Estimate | None = None
    p: float | None = None
    p_adjusted: float | None = None
    significant: bool = False
    targets: tuple[tuple[str, int], ...] = ()


class ServiceAfter(Frozen):
    """Where customers go after a service contact.

    Parameters
    ----------
    target, name : str
        The next touchpoint (its node and name); or ``lost``, ``open``, ``goal`` where the journey ends.
    ends : bool
        Whether the journey ends with the contact.
    count : int
        How often.
    share : Estimate
        count / service contacts.
    """

    target: str
    name: str
    ends: bool = False
    count: int
    share: Estimate


class ServiceView(Frozen):
    """Where service sits, what leads there, and where customers go after.

    Parameters
    ----------
    journey : str
        The name of the journey.
    observed : bool
        False for a designed map alone: then only structure is known.
    stages : tuple of StageService
        In the order of the journey.
    triggers : tuple of ServiceTrigger
        The largest lift first.
    after : tuple of ServiceAfter
        The most frequent first.
    event_share : Estimate
        Service events / all events.
    journey_share : Estimate
        Journeys with any service contact / all journeys.
    customer_share : Estimate
        Customers with any service contact / all customers.
    touchpoints, service_touchpoints : int
        Touchpoints in all, and those that are service.
    by_handler, by_need, by_initiator : tuple of (str, int)
        Service events (observed) or touchpoints (designed) by kind, the most frequent first.
    """

    journey: str
    observed: bool
    stages: tuple[StageService, ...] = ()
    triggers: tuple[ServiceTrigger, ...] = ()
    after: tuple[ServiceAfter, ...] = ()
    event_share: Estimate
    journey_share: Estimate
    customer_share: Estimate
    touchpoints: int = 0
    service_touchpoints: int = 0
    by_handler: tuple[tuple[str, int], ...] = ()
    by_need: tuple[tuple[str, int], ...] = ()
    by_initiator: tuple[tuple[str, int], ...] = ()

    def story(self) -> str:
        """Say it in sentences."""
        raise NotImplementedError

    def to_frame(self) -> Any:
        """Stage by {service, other}, one row each, as a pandas DataFrame."""
        raise NotImplementedError
