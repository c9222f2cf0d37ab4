"""How does each service touchpoint sit in the journey: who comes from where, and how do they feel then?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.service_parts import JourneyPoint, ServiceBefore, ServiceTouchpoint
from journeymap.metrics.counts import counts_by_group, evidence_table, touchpoint_counts
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.service_contacts import has_proactive, sought_service
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.stages import UNASSIGNED
from journeymap.model.touchpoints import Touchpoint

__all__ = ["Reached", "all_service", "before_service", "journey_points", "service_touchpoints"]

Counts = NDArray[np.float64]
Moves = Mapping[tuple[str, str], Counts]
_ANY_STAGE = "At any stage"
_START = "start"
_HALF = 0.5
_PARTS = ("before", "during", "after")
_RETURNS = "contacts directly followed by another service contact / contacts"


class Reached(NamedTuple):
    """Journeys that come to a stage, by customer group, and how many customers make them."""

    journeys: Counts
    customers: int


class _Felt(NamedTuple):
    """A mean feeling, and whether any part of it is assumed."""

    value: float | None
    assumed: bool


def journey_points(journey: Journey) -> tuple[JourneyPoint, ...]:
    """Which touchpoints does the journey pass, in the order of its stages?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    tuple of JourneyPoint
        Stage by stage in the order of the design, without a design by mean place in the journeys; those
        that belong to no stage at the end.
    """
    ranks: dict[str | None, int] = {stage.id: rank for rank, stage in enumerate(journey.stages)}
    ranks[None] = len(ranks)

    def place(touchpoint: Touchpoint) -> tuple[int, float]:
        drawn_from_log = touchpoint.stage == UNASSIGNED.id and touchpoint.visits is not None
        position = touchpoint.visits.position if drawn_from_log and touchpoint.visits else 0.0
        return ranks[touchpoint.stage], position

    return tuple(_point(journey, touchpoint) for touchpoint in sorted(journey.touchpoints, key=place))


def _point(journey: Journey, touchpoint: Touchpoint) -> JourneyPoint:
    felt, measured = _felt(touchpoint), touchpoint.measured_feeling
    stage = touchpoint.stage
    return JourneyPoint(
        touchpoint=touchpoint.id,
        name=touchpoint.name,
        stage=stage or "",
        stage_name=journey.stage(stage).name if stage else _ANY_STAGE,
        is_service=touchpoint.is_service,
        floats=stage is None or touchpoint.floats_as is not None,
        feeling=felt.value,
        low=measured.low if measured else None,
        high=measured.high if measured else None,
        assumed=felt.assumed,
        visits=touchpoint.visits.count if touchpoint.visits else 0,
    )


def _felt(touchpoint: Touchpoint) -> _Felt:
    measured = touchpoint.measured_feeling
    if measured is not None and measured.value is not None:
        return _Felt(measured.value, assumed=False)
    unknown = touchpoint.feeling is None
    return _Felt(touchpoint.feeling, assumed=not unknown and touchpoint.feeling_source == "assumed")


def service_touchpoints(journey: Journey, reached: Mapping[str, Reached]) -> tuple[ServiceTouchpoint, ...]:
    """How many contacts has each service touchpoint, and how do customers feel before, in and after them?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    reached : mapping of str to Reached
        For every stage the journeys that come to it.

    Returns
    -------
    tuple of ServiceTouchpoint
        In the order of the journey.
    """
    moves, visits = _moves(journey), touchpoint_counts(journey, "visits")
    customers, journeys = touchpoint_counts(journey, "customers"), touchpoint_counts(journey, "journeys")
    points = [point for point in journey_points(journey) if point.is_service]
    return tuple(
        _service_touchpoint(
            journey,
            [point.touchpoint],
            moves,
            name=point.name,
            stage=point.stage,
            stage_name=point.stage_name,
            contacts=visits[point.touchpoint],
            customers=int(customers[point.touchpoint].sum()),
            share=_share_of(reached.get(point.stage), journeys[point.touchpoint]),
        )
        for point in points
    )


def all_service(journey: Journey, contacts: Counts, customers: int, share: Estimate) -> ServiceTouchpoint:
    """How do customers feel before, in and after service as a whole, and how often does it go on?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    contacts : ndarray
        Service contacts by customer group.
    customers : int
        Customers with any contact.
    share : Estimate
        The share of journeys with a contact.

    Returns
    -------
    ServiceTouchpoint
        Before and after lie outside service: moves between two service touchpoints count for neither.
    """
    service = [touchpoint.id for touchpoint in journey.touchpoints if touchpoint.is_service]
    return _service_touchpoint(
        journey,
        service,
        _moves(journey),
        name="All service",
        stage="",
        stage_name="",
        contacts=contacts,
        customers=customers,
        share=share,
    )


def _share_of(reached: Reached | None, journeys: Counts) -> Estimate:
    if reached is None:
        return Estimate(value=None)
    definition = "journeys with a contact at the touchpoint / journeys that come to its stage"
    return share_estimate(journeys, reached.journeys, customers=reached.customers, definition=definition)


def _service_touchpoint(  # noqa: PLR0913 - one result with many fields
    journey: Journey,
    inside: Sequence[str],
    moves: Moves,
    *,
    name: str,
    stage: str,
    stage_name: str,
    contacts: Counts,
    customers: int,
    share: Estimate,
) -> ServiceTouchpoint:
    """Judge one service touchpoint, or all of them as one: what leads from inside to inside is not around."""
    touchpoints = {touchpoint.id: touchpoint for touchpoint in journey.touchpoints}
    visits = touchpoint_counts(journey, "visits")
    weights: dict[str, dict[str, float]] = {part: {} for part in _PARTS}
    weights["during"] = {service: float(visits[service].sum()) for service in inside}
    again = np.zeros_like(contacts)
    for (source, target), counts in moves.items():
        if target in inside and source not in inside:
            weights["before"][source] = weights["before"].get(source, 0.0) + float(counts.sum())
        if source in inside and target not in inside:
            weights["after"][target] = weights["after"].get(target, 0.0) + float(counts.sum())
        if source in inside and touchpoints[target].is_service:
            again = again + counts
    felt = {part: _mean(weights[part], touchpoints) for part in _PARTS}
    before, after = felt["before"].value, felt["after"].value
    return ServiceTouchpoint(
        touchpoint=inside[0] if stage and len(inside) == 1 else "",
        name=name,
        stage=stage,
        stage_name=stage_name,
        contacts=int(contacts.sum()),
        customers=customers,
        share=share,
        feeling_before=before,
        feeling=felt["during"].value,
        feeling_after=after,
        recovery=None if before is None or after is None else after - before,
        assumed=tuple(part for part in _PARTS if felt[part].assumed),
        returns=share_estimate(again, contacts, customers=customers, definition=_RETURNS),
    )


def _mean(weights: Mapping[str, float], touchpoints: Mapping[str, Touchpoint]) -> _Felt:
    """Mean feeling by how often; not known where the feelings of more than half of the visits are not."""
    known = [(weight, _felt(touchpoints[name])) for name, weight in weights.items() if weight]
    felt = [(weight, of.value, of.assumed) for weight, of in known if of.value is not None]
    total = sum(weight for weight, _, _ in felt)
    if not total or total < _HALF * sum(weights.values()):
        return _Felt(None, assumed=False)
    value = sum(weight * feeling for weight, feeling, _ in felt) / total
    return _Felt(value, assumed=any(assumed for _, _, assumed in felt))


def _moves(journey: Journey) -> Moves:
    counts = counts_by_group(journey, "transitions", "count")
    return {
        (source, target): counts[row]
        for row, (source, target) in enumerate(evidence_table(journey, "transitions").keys)
    }


def before_service(journey: Journey, contacts: Counts, customers: int) -> tuple[ServiceBefore, ...]:
    """Where do customers come from when they turn to service?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    contacts : ndarray
        Service contacts by customer group.
    customers : int
        Customers with any contact.

    Returns
    -------
    tuple of ServiceBefore
        The most frequent first; with the journeys that begin with service they make up all contacts that
        customers began. One that the company began may come before, but leads to none itself.
    """
    touchpoints = {touchpoint.id: touchpoint for touchpoint in journey.touchpoints}
    sought = sought_service(journey)
    definition = "service contacts preceded by it / service contacts"
    if has_proactive(journey):
        visits, who = touchpoint_counts(journey, "visits"), touchpoint_counts(journey, "customers")
        contacts = np.sum([np.zeros_like(contacts), *(visits[name] for name in sought)], axis=0)
        customers = min(customers, int(sum(who[name].sum() for name in sought)))
        definition = "service contacts that customers began, preceded by it / those that customers began"
    if not contacts.sum():
        return ()
    leading: dict[str, Counts] = {}
    for (source, target), counts in _moves(journey).items():
        if target in sought:
            leading[source] = leading.get(source, 0.0) + counts
    entries = touchpoint_counts(journey, "entries")
    leading[_START] = np.asarray(sum(entries[name] for name in sought))
    found = [
        _before(
            touchpoints.get(source),
            journey,
            int(counts.sum()),
            share_estimate(counts, contacts, customers=customers, definition=definition),
        )
        for source, counts in leading.items()
        if counts.sum()
    ]
    return tuple(sorted(found, key=lambda before: -before.count))


def _before(source: Touchpoint | None, journey: Journey, count: int, share: Estimate) -> ServiceBefore:
    if source is None:
        return ServiceBefore(
            source=_START, name="The journey begins with service", starts=True, count=count, share=share
        )
    return ServiceBefore(
        source=source.id,
        name=source.name,
        stage_name=journey.stage(source.stage).name if source.stage else "",
        is_service=source.is_service,
        count=count,
        share=share,
    )
