"""What `locate_service` answers: service inside the wider experience, composed of small results."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from journeymap.analysis.bad_moment import Overshadow
from journeymap.analysis.interaction import Interaction
from journeymap.analysis.owners_report import OwnerMap
from journeymap.analysis.service_causes_report import ServiceCauses
from journeymap.analysis.service_desk import ServiceDesk
from journeymap.analysis.service_effect_result import ServiceEffect
from journeymap.analysis.service_gap_report import ServiceGap
from journeymap.analysis.service_parts import (
    JourneyPoint,
    ServiceAfter,
    ServiceBefore,
    ServiceTouchpoint,
    ServiceTrigger,
    StageService,
)
from journeymap.analysis.service_place import ServicePlace
from journeymap.analysis.service_segments import ServiceBySegment
from journeymap.analysis.wording import between, joined, percent, plural
from journeymap.metrics.episode_results import ServiceEpisodes
from journeymap.metrics.recovery import Recovery
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["ServiceView"]

_SHOWN = ("stage", "events", "service events", "journeys", "journeys with service", "share")
_MOST = 2
_NARROW = 0.5
_SHOWN_POINTS = 3
_COLUMNS = (
    "stage", "name", "family", "touchpoints", "events", "journeys", "customers", "seconds", "feeling",
    "service_share", "service_share_low", "service_share_high", "friction", "decisiveness",
    "decisiveness_low", "decisiveness_high",
)  # fmt: skip


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
    place : ServicePlace, optional
        How much of events, time, friction and decisions lies inside and outside service, before, during and
        after the purchase, by channel and by who starts it. Of an observed journey.
    owners : OwnerMap, optional
        Which team answers for what, inside and outside service.
    causes : ServiceCauses, optional
        What came before service contacts, which team answers for it and which carries the contacts.
    episodes : ServiceEpisodes, optional
        Contacts that belong together: how long, through whose hands, and with what outcome.
    effects : tuple of ServiceEffect
        How journeys go on with and without a contact, compared fairly: the goal first, then whether customers
        come back, then their feeling, as far as they are known; and last, with ``of``, the goal after
        contacts that the company began.
    recovery : Recovery, optional
        How journeys end that recovered, that did not, and that had no contact.
    overshadow : Overshadow, optional
        Whether one poor contact overshadows an otherwise good experience.
    interaction : Interaction, optional
        Whether good service and good experience do more together than apart.
    self_service : ServiceDesk, optional
        What tickets say of handing on, and of self-service.
    gap : ServiceGap, optional
        How the same customers feel in service and outside it.
    segments : ServiceBySegment, optional
        Whether customers of every segment seek help alike.
    not_measured : tuple of (str, str)
        What this journey does not tell, and the call or column that would.
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
    place: ServicePlace | None = None
    owners: OwnerMap | None = None
    causes: ServiceCauses | None = None
    episodes: ServiceEpisodes | None = None
    effects: tuple[ServiceEffect, ...] = ()
    recovery: Recovery | None = None
    overshadow: Overshadow | None = None
    interaction: Interaction | None = None
    self_service: ServiceDesk | None = None
    gap: ServiceGap | None = None
    segments: ServiceBySegment | None = None
    not_measured: tuple[tuple[str, str], ...] = ()

    def story(self) -> str:
        """Say where service sits, what leads there, what comes of it and what it cannot mend.

        Returns
        -------
        str
            One line a topic, as far as it is known, of a sentence or two that say "cannot tell" where the
            intervals do.
        """
        if not self.service_touchpoints:
            return f"{self.journey} has no service touchpoint: mark the touchpoints that are service."
        sentences = self._lived() if self.observed else self._designed()
        return "\n".join(sentence for sentence in sentences if sentence)

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
            "" if self.causes is None else self.causes.headline(),
            " ".join(self.segments.story()) if self.segments is not None and self.segments.differ else "",
            self._what_follows(),
            "" if self.episodes is None else self.episodes.headline(),
            "" if self.episodes is None else " ".join(self.episodes.standing_out()),
            self.effects[0].headline() if self.effects else "",
            self.gap.headline() if self.gap is not None and self.gap.gap.value is not None else "",
            self._elsewhere(),
        )

    def _elsewhere(self) -> str:
        """Say where the friction is, and what better service cannot mend, as far as the counts say so."""
        if self.place is None or not self.place.families:
            return ""
        inside, outside = (self.place.of(family) for family in ("service", "other"))
        whole = inside.friction + outside.friction
        if not whole:
            return ""
        shown = [str(one) for one in self.place.outside[:_SHOWN_POINTS]]
        more = len(self.place.outside) - len(shown)
        named = joined([*shown, *([f"{more} more"] if more > 0 else [])])
        if inside.friction > outside.friction:
            part = f"{inside.friction} of {plural(whole, 'point')} of friction"
            told = (
                f"{part} {'is a service touchpoint' if inside.friction == 1 else 'are service touchpoints'}"
            )
            return f"{told}{f'; outside service {named}' if named else ''}."
        part = f"{outside.friction} of {plural(whole, 'point')} of friction"
        part += f" {'lies' if outside.friction == 1 else 'lie'} outside service"
        told = f"{part}{f': {named}' if named else ''}; better service alone does not mend that."
        if "expected gain" in named:
            told += " Gains are model-implied, if the association is causal."
        decided = outside.decisiveness
        if decided.value is not None and decided.low is not None and decided.low > _NARROW:
            share = f"{percent(decided.value)} ({between(decided)})"
            told += f" {share} of what decides between won and lost lies outside service too."
        return told

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
            `customers` of the family "other" are those of the whole stage. `service_share` stands in the row
            of service. Points of friction and what is decided here are empty for a design.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [row for stage in self.stages for row in _rows(stage)]
        return data_frame(_COLUMNS, [(*row, *self._decided(row[0], row[2])) for row in rows])

    def _decided(self, stage: str, family: Literal["service", "other"]) -> tuple[Any, ...]:
        if self.place is None:
            return (None,) * 4
        found = self.place.of(family, stage)
        share = found.decisiveness
        return found.friction, share.value, share.low, share.high


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
