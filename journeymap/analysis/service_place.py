"""How much of the journey is service: by time of purchase, channel and initiator, friction and decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_point import FrictionPoint
from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.friction_words import said_points
from journeymap.analysis.owners import added_gain
from journeymap.analysis.wording import between, percent
from journeymap.metrics.chain_weights import Certainty
from journeymap.metrics.counts import counts_by_group, touchpoint_counts
from journeymap.metrics.decided import DECIDED_AT, decided
from journeymap.metrics.flow import share_estimate
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.stages import Period
from journeymap.model.tables import data_frame, html_table
from journeymap.model.touchpoints import Touchpoint
from journeymap.stats.jackknife import all_and_without

__all__ = [
    "FamilyPlace",
    "FrictionElsewhere",
    "PeriodService",
    "ProactiveShare",
    "ServicePlace",
    "place_service",
]

Counts = NDArray[np.float64]
Family = Literal["service", "other"]
_FAMILIES: tuple[Family, ...] = ("service", "other")
_PERIODS: tuple[Period, ...] = ("before", "during", "after")
_COLUMNS = (
    "stage", "family", "friction", "gain_journeys", "decisiveness", "decisiveness_low", "decisiveness_high",
)  # fmt: skip
_NOT_STATED = "not stated"
_SEVERAL = "several"
_NARROW = 0.5
_BARE = {"low": None, "high": None}


class FamilyPlace(Frozen):
    """What one stage holds, inside service or outside.

    Parameters
    ----------
    stage : str
        The id of the stage; empty for all stages together.
    family : {"service", "other"}
        Service touchpoints, or all others.
    friction : int
        Its points of friction; for all stages together a floating touchpoint counts once, so that there may
        be fewer than the stages have.
    gain_journeys : float
        Journeys that would be won if their exits fell to the baseline, summed over its points of friction;
        gains of several fixes are not quite a sum.
    decisiveness : Estimate
        The share of the uncertainty about the goal that is resolved at its touchpoints, 0 to 1; without value
        where the journey has no goal. With what the first touchpoint resolves, all of them sum to 1.
    """

    stage: str
    family: Family
    friction: int = 0
    gain_journeys: float = 0.0
    decisiveness: Estimate


class FrictionElsewhere(Frozen):
    """A point of friction that is no service, so that better service does not mend it.

    Parameters
    ----------
    touchpoint, name : str
        The touchpoint; a floating one stands once.
    owner : str
        The name of its owner; empty where nobody is named.
    gain : Estimate, optional
        What mending it would add to the conversion, a share of journeys, model-implied; None where that is
        not known.
    """

    touchpoint: str
    name: str
    owner: str = ""
    gain: Estimate | None = None

    def __str__(self) -> str:
        """Name it, its owner, and the gain where that is no chance."""
        gain = self.gain
        sure = gain is not None and gain.value is not None and (gain.low or 0.0) > 0
        known = [self.owner] if self.owner else []
        if gain is not None and sure:
            known.append(f"expected gain {said_points(gain.model_copy(update=_BARE))}")
        return f"“{self.name}” ({', '.join(known)})" if known else f"“{self.name}”"


class PeriodService(Frozen):
    """Service before, during or after the purchase.

    Parameters
    ----------
    period : {"before", "during", "after"}
        Relative to the purchase.
    events, contacts : int
        Visits, and those of them that are service contacts.
    share : Estimate
        contacts / events.
    share_of_contacts : Estimate
        contacts / all contacts.
    """

    period: Period
    events: int
    contacts: int
    share: Estimate
    share_of_contacts: Estimate


class ProactiveShare(Frozen):
    """How much of the service at one stage the company starts itself.

    Parameters
    ----------
    stage, name : str
        The stage; empty id for all of them.
    contacts, proactive : int
        Contacts, and those that the company starts.
    share : Estimate
        proactive / contacts.
    """

    stage: str
    name: str
    contacts: int
    proactive: int
    share: Estimate


class ServicePlace(Frozen):
    """How much of the journey is service, and how much of what goes wrong or is decided lies there.

    Parameters
    ----------
    outside_events, outside_time : Estimate
        The share of events, and of the time from each event to the next, that is not service.
    periods : tuple of PeriodService
        Before, during and after the purchase.
    families : tuple of FamilyPlace
        Every stage inside and outside service, then all stages together.
    by_channel : tuple of (str, int)
        Contacts by the channel that the design names, the most frequent first.
    proactive : tuple of ProactiveShare
        Every stage with a contact, then all of them.
    outside : tuple of FrictionElsewhere
        The points of friction outside service, in the order of the friction report.
    """

    outside_events: Estimate
    outside_time: Estimate
    periods: tuple[PeriodService, ...] = ()
    families: tuple[FamilyPlace, ...] = ()
    by_channel: tuple[tuple[str, int], ...] = ()
    proactive: tuple[ProactiveShare, ...] = ()
    outside: tuple[FrictionElsewhere, ...] = ()

    def of(self, family: Family, stage: str = "") -> FamilyPlace:
        """Look up one stage inside or outside service; all of them without one.

        Parameters
        ----------
        family : {"service", "other"}
            Service touchpoints, or all others.
        stage : str
            The id of a stage.

        Returns
        -------
        FamilyPlace
            Its friction and decisiveness.

        Raises
        ------
        KeyError
            There is no such stage.
        """
        for place in self.families:
            if (place.family, place.stage) == (family, stage):
                return place
        raise KeyError(stage)

    def story(self) -> tuple[str, ...]:
        """Say how much of the journey lies outside service, in sentences.

        Returns
        -------
        tuple of str
            One sentence a finding; none where nothing was counted.
        """
        if self.outside_events.value is None:
            return ()
        told = f"{percent(self.outside_events.value)} of all events"
        if self.outside_time.value is not None:
            told += f" and {percent(self.outside_time.value)} of the time"
        return (f"{told} lie outside service.", *self._friction(), *self._decided())

    def _friction(self) -> tuple[str, ...]:
        if not self.families:
            return ()
        inside, outside = self.of("service").friction, self.of("other").friction
        if not inside + outside:
            return ("No point of friction is proven, in service or outside.",)
        if not inside:
            none = f"None of the {outside} points" if outside > 1 else "The one point"
            verb = "is a service touchpoint" if outside > 1 else "is no service touchpoint"
            return (f"{none} of friction {verb}.",)
        of_all = f"{inside} of {inside + outside} points of friction"
        return (f"{of_all} {'is a service touchpoint' if inside == 1 else 'are service touchpoints'}.",)

    def _decided(self) -> tuple[str, ...]:
        if not self.families:
            return ()
        inside, outside = self.of("service").decisiveness, self.of("other").decisiveness
        if inside.value is None or outside.value is None:
            return ()
        if inside.low is None or inside.high is None or inside.high - inside.low > _NARROW:
            return ("How much of what decides between won and lost lies in service, these few cannot tell.",)
        told = f"{percent(inside.value)} ({between(inside)}) is decided in service"
        return (f"Of what decides between won and lost, {told} and {percent(outside.value)} outside.",)

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                one.stage or "all", one.family, one.friction, one.gain_journeys, one.decisiveness.value,
                one.decisiveness.low, one.decisiveness.high,
            )
            for one in self.families
        ]  # fmt: skip

    def __str__(self) -> str:
        """Write the sentences."""
        return "\n".join(self.story())

    def to_frame(self) -> Any:
        """Put every stage inside and outside service, one row each, into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Points of friction, journeys to be gained and decisiveness with its interval.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        rows = [
            (
                one.stage or "all",
                one.family,
                f"{one.friction:,}",
                None
                if one.decisiveness.value is None
                else f"{percent(one.decisiveness.value)} ({between(one.decisiveness)})",
            )
            for one in self.families
        ]
        columns = ("stage", "family", "points of friction", "decided here")
        return html_table("Inside and outside service", columns, rows, notes=self.story())


class _Counted(NamedTuple):
    """Visits and time by touchpoint, and who stands behind."""

    visits: dict[str, Counts]
    spent: dict[str, Counts]
    customers: int

    def summed(self, touchpoints: Iterable[Touchpoint]) -> Counts:
        none = np.zeros_like(next(iter(self.visits.values()))) if self.visits else np.zeros(1)
        return np.asarray(sum((self.visits[touchpoint.id] for touchpoint in touchpoints), none))


def place_service(journey: Journey, friction: FrictionReport | None) -> ServicePlace:
    """How much of the journey, of its friction and of its decisions is service?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    friction : FrictionReport or None
        The friction of this journey.

    Returns
    -------
    ServicePlace
        Shares with intervals; decisiveness without value where the journey has no goal.
    """
    waits, sojourns = touchpoint_counts(journey, "wait_us"), touchpoint_counts(journey, "sojourn_us")
    counted = _Counted(
        touchpoint_counts(journey, "visits"),
        {name: waits[name] + sojourns[name] for name in waits},
        int(counts_by_group(journey, "journeys", "customers").sum()),
    )
    events = counted.summed(journey.touchpoints)
    outside = [touchpoint for touchpoint in journey.touchpoints if not touchpoint.is_service]
    return ServicePlace(
        outside_events=share_estimate(
            counted.summed(outside),
            events,
            customers=counted.customers,
            definition="events outside service / events",
        ),
        outside_time=_time_share(counted, outside, int(events.sum())),
        periods=_periods(journey, counted),
        families=_families(journey, friction),
        by_channel=channel_mix(journey, counted.visits),
        proactive=_proactive(journey, counted),
        outside=_outside(journey, friction),
    )


def _time_share(counted: _Counted, outside: list[Touchpoint], n: int) -> Estimate:
    definition = "time from events outside service to the next one / the same over all events"
    names = {touchpoint.id for touchpoint in outside}
    if not names:
        return Estimate(value=None, definition=definition)
    parts = all_and_without(sum(spent for name, spent in counted.spent.items() if name in names))
    whole = all_and_without(sum(counted.spent.values()))
    if not whole[0]:
        return Estimate(value=None, definition=definition)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.asarray(parts / whole)
    sure = Certainty(n=n, customers=counted.customers, level=0.95, censored=0)
    return sure.share(shares, definition)


def _periods(journey: Journey, counted: _Counted) -> tuple[PeriodService, ...]:
    contacts = counted.summed(touchpoint for touchpoint in journey.touchpoints if touchpoint.is_service)
    met = int(counts_by_group(journey, "journeys", "service_customers").sum())
    found = []
    for period in _PERIODS:
        stages = {stage.id for stage in journey.stages if stage.period == period}
        own = [touchpoint for touchpoint in journey.touchpoints if touchpoint.stage in stages]
        events = counted.summed(own)
        inside = counted.summed(touchpoint for touchpoint in own if touchpoint.is_service)
        found.append(
            PeriodService(
                period=period,
                events=int(events.sum()),
                contacts=int(inside.sum()),
                share=share_estimate(
                    inside,
                    events,
                    customers=counted.customers,
                    definition=f"service contacts / events, {period} purchase",
                ),
                share_of_contacts=share_estimate(
                    inside, contacts, customers=met, definition=f"contacts {period} purchase / contacts"
                ),
            )
        )
    return tuple(found)


def channel_mix(journey: Journey, visits: Mapping[str, Counts]) -> tuple[tuple[str, int], ...]:
    """How many service contacts came in each channel?

    Parameters
    ----------
    journey : Journey
        Its touchpoints name their channels.
    visits : mapping of str to ndarray
        Visits by touchpoint; empty for a design, whose touchpoints are counted instead.

    Returns
    -------
    tuple of (str, int)
        The most frequent first; ``several`` where a touchpoint names more than one channel.
    """
    found: Counter[str] = Counter()
    for touchpoint in journey.touchpoints:
        if touchpoint.is_service:
            channels = touchpoint.channels
            name = channels[0] if len(channels) == 1 else _SEVERAL if channels else _NOT_STATED
            found[name] += int(visits[touchpoint.id].sum()) if visits else 1
    return tuple(found.most_common())


def _proactive(journey: Journey, counted: _Counted) -> tuple[ProactiveShare, ...]:
    service = [touchpoint for touchpoint in journey.touchpoints if touchpoint.service is not None]
    named = [(stage.id, stage.name, [t for t in service if t.stage == stage.id]) for stage in journey.stages]
    rows = [row for row in named if counted.summed(row[2]).sum()]
    customers = touchpoint_counts(journey, "customers")
    met = int(counts_by_group(journey, "journeys", "service_customers").sum())
    found = []
    for stage, name, own in (*rows, ("", "All stages", service)):
        started = [t for t in own if t.service is not None and t.service.initiator == "company"]
        contacts, proactive = counted.summed(own), counted.summed(started)
        # a customer of two touchpoints is in both rows: never more than all who had a contact
        who = min(met, int(sum(customers[t.id].sum() for t in own)))
        found.append(
            ProactiveShare(
                stage=stage,
                name=name,
                contacts=int(contacts.sum()),
                proactive=int(proactive.sum()),
                share=share_estimate(
                    proactive,
                    contacts,
                    customers=who,
                    definition="contacts that the company starts / contacts",
                ),
            )
        )
    return tuple(found)


def _outside(journey: Journey, friction: FrictionReport | None) -> tuple[FrictionElsewhere, ...]:
    """List the points of friction outside service, those of a floating touchpoint as one."""
    if friction is None:
        return ()
    names = {owner.id: owner.name for owner in journey.owners}
    known = {touchpoint.id: touchpoint for touchpoint in journey.touchpoints}
    found: dict[str, list[FrictionPoint]] = {}
    for point in friction.friction:
        if not point.is_service:
            found.setdefault(_whole(known, point), []).append(point)
    parts = []
    for touchpoint, points in found.items():
        owner = known[points[0].touchpoint].owner if points[0].touchpoint in known else None
        gain = added_gain(points, friction)
        parts.append(
            FrictionElsewhere(
                touchpoint=touchpoint,
                name=points[0].name,
                owner=names.get(owner, owner) if owner else "",
                gain=None if gain.value is None else gain,
            )
        )
    return tuple(parts)


def _whole(known: Mapping[str, Touchpoint], point: FrictionPoint) -> str:
    """Which touchpoint stands behind a point, at whatever stage it is?"""
    touchpoint = known.get(point.touchpoint)
    return point.touchpoint if touchpoint is None else touchpoint.floats_as or touchpoint.id


def _families(journey: Journey, friction: FrictionReport | None) -> tuple[FamilyPlace, ...]:
    decisions = decided(journey)
    points = () if friction is None else friction.friction
    known = {touchpoint.id: touchpoint for touchpoint in journey.touchpoints}
    found = []
    for stage in (*(stage.id for stage in journey.stages), ""):
        for family in _FAMILIES:
            inside = family == "service"
            own = [p for p in points if stage in {"", p.stage} and p.is_service == inside]
            here = {t.id for t in journey.touchpoints if stage in {"", t.stage} and t.is_service == inside}
            found.append(
                FamilyPlace(
                    stage=stage,
                    family=family,
                    friction=len({_whole(known, point) for point in own}),
                    gain_journeys=float(sum(max(point.gain_journeys or 0.0, 0.0) for point in own)),
                    decisiveness=Estimate(value=None, definition=DECIDED_AT)
                    if decisions is None
                    else decisions.at(here),
                )
            )
    return tuple(found)
