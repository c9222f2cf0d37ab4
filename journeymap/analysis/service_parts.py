"""The small results that say where service sits: by stage, by touchpoint, before it and after it."""

from __future__ import annotations

from journeymap.analysis.wording import between, number, percent
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate

__all__ = [
    "JourneyPoint",
    "ServiceAfter",
    "ServiceBefore",
    "ServiceTouchpoint",
    "ServiceTrigger",
    "StageService",
]


class StageService(Frozen):
    """One stage, split into service and everything else.

    Parameters
    ----------
    stage, name : str
        The stage's id and name.
    touchpoints, service_touchpoints : int
        Touchpoints of the stage, and those of them that are service interactions.
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
    touchpoints: int = 0
    service_touchpoints: int = 0
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
        Visits, and those whose next event is a service contact that the customer began.
    share : Estimate
        followed / visits.
    base : float
        The same over all non-service visits, the goal's included.
    lift : Estimate
        share / base, with its interval by the group jackknife on the log scale.
    shrunk : Estimate, optional
        The share shrunk towards its peers, 90 % interval.
    p, p_adjusted : float, optional
        One-sided p-value against the other touchpoints, and after Benjamini–Hochberg; None with too
        few visits to judge.
    significant : bool
        Service follows more often than elsewhere, after correction, and by enough to matter.
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

    def why(self) -> str:
        """Say in a sentence how much this touchpoint leads to service.

        Returns
        -------
        str
            The share, the lift and its interval.
        """
        text = f"After “{self.name}” customers turn to service {percent(self.share.value or 0.0)} of the time"
        if self.lift.value is None:
            return f"{text}."
        times = f"{number(self.lift.value)} times as often as after a touchpoint on average"
        ends = f" ({between(self.lift, 'number')})" if self.lift.low is not None else ""
        return f"{text}, {times}{ends}."


class ServiceAfter(Frozen):
    """Where customers go after a service contact.

    Parameters
    ----------
    target, name : str
        The next touchpoint (its node and name); or ``lost``, ``open``, ``goal`` where the journey ends;
        ``ended`` in place of ``lost`` where no goal is named.
    stage_name : str
        The name of its stage; empty where the journey ends.
    ends : bool
        Whether the journey ends with the contact.
    is_service : bool
        Whether the next touchpoint is service again.
    count : int
        How often.
    share : Estimate
        count / service contacts.
    """

    target: str
    name: str
    stage_name: str = ""
    ends: bool = False
    is_service: bool = False
    count: int
    share: Estimate


class ServiceBefore(Frozen):
    """Where customers come from when they turn to service, in contacts that they began.

    Parameters
    ----------
    source, name : str
        The touchpoint before (its node and name); ``start`` where the journey begins with service.
    stage_name : str
        The name of its stage; empty where the journey begins.
    starts : bool
        Whether the journey begins with the contact.
    is_service : bool
        Whether the touchpoint before is service, too, whoever began that contact.
    count : int
        How often.
    share : Estimate
        count / service contacts that customers began.
    """

    source: str
    name: str
    stage_name: str = ""
    starts: bool = False
    is_service: bool = False
    count: int
    share: Estimate


class JourneyPoint(Frozen):
    """A touchpoint on the way of the customer, whether it is service or not.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph, and its name.
    stage, stage_name : str
        Its stage; the id is empty where it belongs to none.
    is_service : bool
        Whether it is a service interaction.
    floats : bool
        Whether customers come here at any stage.
    feeling : float, optional
        The feeling there, −2 to +2: measured, or as the design says.
    low, high : float, optional
        The interval of a measured feeling.
    assumed : bool
        Whether nobody has measured or researched the feeling.
    visits : int
        How often customers came; 0 in a design.
    """

    touchpoint: str
    name: str
    stage: str = ""
    stage_name: str = ""
    is_service: bool = False
    floats: bool = False
    feeling: float | None = None
    low: float | None = None
    high: float | None = None
    assumed: bool = False
    visits: int = 0


class ServiceTouchpoint(Frozen):
    """A service touchpoint, and how customers feel around it.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph (empty for all service together), and its name.
    stage, stage_name : str
        Its stage.
    contacts, customers : int
        Visits, and the customers who made them.
    share : Estimate
        Journeys with a contact here / journeys that come to its stage.
    feeling_before, feeling_after : float, optional
        Mean feeling of the touchpoints that customers come from and go on to, weighted by how often they
        do; None where the feelings behind more than half of these moves are not known.
    feeling : float, optional
        The feeling in the contact itself.
    recovery : float, optional
        feeling_after − feeling_before. It compares touchpoints, not the same customers.
    assumed : tuple of str
        Which of ``before``, ``during`` and ``after`` rest on a feeling that nobody measured or researched.
    returns : Estimate
        Contacts directly followed by another service contact / contacts.
    """

    touchpoint: str
    name: str
    stage: str = ""
    stage_name: str = ""
    contacts: int = 0
    customers: int = 0
    share: Estimate
    feeling_before: float | None = None
    feeling: float | None = None
    feeling_after: float | None = None
    recovery: float | None = None
    assumed: tuple[str, ...] = ()
    returns: Estimate
