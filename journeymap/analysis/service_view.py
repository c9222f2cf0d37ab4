"""What `locate_service` answers: where service sits inside the wider experience."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from journeymap.analysis.wording import between, joined, number, percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = [
    "JourneyPoint",
    "ServiceAfter",
    "ServiceBefore",
    "ServiceTouchpoint",
    "ServiceTrigger",
    "ServiceView",
    "StageService",
]

_SHOWN = ("stage", "events", "service events", "journeys", "journeys with service", "share")
_MOST = 2
_NARROW = 0.5
_COLUMNS = (
    "stage", "name", "family", "touchpoints", "events", "journeys", "customers", "seconds", "feeling",
    "service_share", "service_share_low", "service_share_high",
)  # fmt: skip


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
        Visits, and those whose next event is a service contact.
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
    """Where customers come from when they turn to service.

    Parameters
    ----------
    source, name : str
        The touchpoint before (its node and name); ``start`` where the journey begins with service.
    stage_name : str
        The name of its stage; empty where the journey begins.
    starts : bool
        Whether the journey begins with the contact.
    is_service : bool
        Whether the touchpoint before is service, too.
    count : int
        How often.
    share : Estimate
        count / service contacts.
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
        Touchpoints that service follows: the significant ones first, then by the shrunk share.
    after : tuple of ServiceAfter
        The most frequent first.
    event_share : Estimate
        Service events / all events.
    journey_share : Estimate
        Journeys with any service contact / all journeys.
    customer_share : Estimate
        Customers with any service contact / all customers.
    touchpoints, service_touchpoints : int
        Touchpoints in all, and those that are service; a floating one counts once.
    floating : tuple of str
        Names of the service touchpoints that belong to no stage alone.
    filters : tuple of str
        The filters of the log behind it, in words.
    period : (datetime, datetime), optional
        The first and the last event behind it.
    by_handler, by_need, by_initiator : tuple of (str, int)
        Service events (observed) or touchpoints (designed) by kind, the most frequent first.
    points : tuple of JourneyPoint
        All touchpoints in the order of the stages, with their feelings.
    before : tuple of ServiceBefore
        Where customers come from, the most frequent first.
    by_touchpoint : tuple of ServiceTouchpoint
        The service touchpoints of an observed journey, in the order of the stages.
    whole : ServiceTouchpoint, optional
        All service together.
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
    floating: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None
    by_handler: tuple[tuple[str, int], ...] = ()
    by_need: tuple[tuple[str, int], ...] = ()
    by_initiator: tuple[tuple[str, int], ...] = ()
    points: tuple[JourneyPoint, ...] = ()
    before: tuple[ServiceBefore, ...] = ()
    by_touchpoint: tuple[ServiceTouchpoint, ...] = ()
    whole: ServiceTouchpoint | None = None

    def story(self) -> str:
        """Say in two to four sentences where service sits, what leads there and what comes of it.

        Returns
        -------
        str
            Sentences that say "cannot tell" where the intervals do.
        """
        if not self.service_touchpoints:
            return f"{self.journey} has no service touchpoint: mark the touchpoints that are service."
        sentences = self._lived() if self.observed else self._designed()
        return " ".join(sentence for sentence in sentences if sentence)

    def _designed(self) -> tuple[str, ...]:
        of_all = f"{self.service_touchpoints} of {plural(self.touchpoints, 'touchpoint')}"
        verb = "is" if self.service_touchpoints == 1 else "are"
        served = [stage.name for stage in self.stages if stage.service_touchpoints]
        bare = [stage.name for stage in self.stages if not stage.service_touchpoints and stage.touchpoints]
        where = f"Service is placed in {joined(served)}." if served else ""
        floats = f"{joined(self.floating)} may serve customers at any stage." if self.floating else ""
        without = f"No service stands in {joined(bare)}." if bare and not self.floating else ""
        return (
            f"In this map {of_all} {verb} service.",
            where,
            floats or without,
            "How much customers use it, a designed map cannot tell: discover the journey from events.",
        )

    def _lived(self) -> tuple[str, ...]:
        contacts = sum(stage.service_events for stage in self.stages)
        if not contacts:
            return ("No customer had a service contact.",)
        events, customers = self.event_share, self.customer_share
        reach = f" ({between(customers)})" if customers.low is not None else ""
        part = f"Service is {contacts:,} of {plural(events.n, 'event')} ({percent(events.value or 0.0)})"
        return (
            f"{part}; {percent(customers.value or 0.0)} of customers{reach} had a service contact.",
            self._where(contacts),
            self._what_leads(),
            self._what_follows(),
        )

    def _where(self, contacts: int) -> str:
        busiest = max(self.stages, key=lambda stage: stage.service_events)
        share = percent(busiest.service_events / contacts)
        text = f"{share} of the contacts fall into {busiest.name}"
        reached = busiest.share
        if reached.value is None or reached.low is None or reached.high is None:
            return f"{text}."
        if reached.high - reached.low > _NARROW:
            return f"{text}; how many of its journeys need service, these few cannot tell."
        return f"{text}, where {percent(reached.value)} of journeys have one ({between(reached)})."

    def _what_leads(self) -> str:
        found = [trigger for trigger in self.triggers if trigger.significant]
        if found:
            more = [f"“{trigger.name}”" for trigger in found[1:]]
            also = f" {joined(more[:_MOST])} also lead{'' if len(more) > 1 else 's'} there." if more else ""
            return found[0].why() + also
        if not self.triggers:
            return "Service follows none of the other touchpoints: it is where these journeys begin."
        first = self.triggers[0]
        return (
            "Which touchpoint sends customers to service, these counts cannot tell:"
            f" most likely “{first.name}” ({first.followed} of {plural(first.visits, 'visit')}),"
            " which may be chance."
        )

    def _what_follows(self) -> str:
        contacts = self.after[0].share.n if self.after else 0
        if not contacts:
            return ""
        again = sum(after.count for after in self.after if after.is_service)
        onward = [after for after in self.after if not after.ends and not after.is_service]
        lost = next((after for after in self.after if after.ends and after.target in {"lost", "ended"}), None)
        parts = [f"{percent(again / contacts)} lead to another service contact"] if again else []
        if onward:
            back = percent(sum(after.count for after in onward) / contacts)
            verb = "" if again else "lead "
            parts.append(f"{back} {verb}back into the journey (most often to “{onward[0].name}”)")
        if lost is not None and lost.share.value is not None:
            ends = f" ({between(lost.share)})" if lost.share.low is not None else ""
            which = "a lost journey" if lost.target == "lost" else "their journey"
            parts.append(f"{percent(lost.share.value)}{ends} are the last event of {which}")
        return f"Of all service contacts {joined(parts)}." if parts else ""

    def __str__(self) -> str:
        """Write the story under the name of the journey."""
        return f"{self.journey}: {self.story()}"

    def _repr_html_(self) -> str:
        """Show the stages as a table in a notebook, with the story below."""
        columns: tuple[str, ...] = _SHOWN
        rows: list[tuple[Any, ...]] = [
            (
                stage.name,
                f"{stage.events:,}",
                f"{stage.service_events:,}",
                f"{stage.journeys:,}",
                f"{stage.service_journeys:,}",
                None
                if stage.share.value is None
                else f"{percent(stage.share.value)} ({between(stage.share)})",
            )
            for stage in self.stages
        ]
        if not self.observed:
            columns = ("stage", "touchpoints", "service touchpoints")
            rows = [(s.name, str(s.touchpoints), str(s.service_touchpoints)) for s in self.stages]
        return html_table(f"Service in {self.journey}", columns, rows, notes=[self.story()])

    def to_frame(self) -> Any:
        """Put stage by {service, other}, one row each, into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Counts, seconds and mean feeling of each stage inside and outside service; `journeys` and
            `customers` of the family "all" count each once. `service_share` stands in the row of service.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, [row for stage in self.stages for row in _rows(stage)])


def _rows(stage: StageService) -> tuple[tuple[Any, ...], ...]:
    service = (
        stage.service_touchpoints,
        stage.service_events,
        stage.service_journeys,
        stage.service_customers,
        stage.service_seconds,
        stage.service_feeling,
        stage.share.value,
        stage.share.low,
        stage.share.high,
    )
    other = (
        stage.touchpoints - stage.service_touchpoints,
        stage.events - stage.service_events,
        stage.journeys,
        stage.customers,
        stage.seconds - stage.service_seconds,
        stage.feeling,
        None,
        None,
        None,
    )
    return (stage.stage, stage.name, "service", *service), (stage.stage, stage.name, "other", *other)
