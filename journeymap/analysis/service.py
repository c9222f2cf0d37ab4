"""Where service sits inside the wider experience, what leads there, and what comes after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction import find_friction
from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.owners import locate_owners
from journeymap.analysis.service_details import service_details
from journeymap.analysis.service_parts import ServiceAfter, StageService
from journeymap.analysis.service_place import place_service
from journeymap.analysis.service_touchpoints import (
    Reached,
    all_service,
    before_service,
    journey_points,
    service_touchpoints,
)
from journeymap.analysis.service_trigger import find_triggers
from journeymap.analysis.service_view import ServiceView
from journeymap.errors import require
from journeymap.metrics.counts import (
    counts_by_group,
    evidence_table,
    goal_touchpoints,
    touchpoint_counts,
)
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.stages import Stage
from journeymap.model.touchpoints import Touchpoint

__all__ = ["locate_service"]

Counts = NDArray[np.float64]
Kinds = tuple[tuple[str, int], ...]
_ENDINGS: dict[Literal["goal", "lost", "open"], tuple[str, str]] = {
    "lost": ("lost", "Journey ends, lost"),
    "goal": ("goal", "Journey ends, won before"),
    "open": ("open", "Not decided yet"),
}
# without a goal nothing can be lost
_ENDINGS_WITHOUT_GOAL = _ENDINGS | {"lost": ("ended", "Journey ends")}
_NOT_OBSERVED = Estimate(value=None, definition="not known: the map was designed, not counted from events")
_MICROSECONDS = 1e6


def locate_service(
    journey: Journey,
    *,
    friction: FrictionReport | None = None,
    level: float = 0.05,
    min_excess: float = 0.02,
    min_visits: int = 20,
) -> ServiceView:
    """Where does service sit inside the experience, what leads there, and what comes of it?

    Parameters
    ----------
    journey : Journey
        An observed journey; of a designed one only the structure is told. What `with_service` counted adds
        episodes, causes and comparisons; feelings add the gap, tickets what the desk wrote down.
    friction : FrictionReport, optional
        What `find_friction` found on this journey; found anew when left out.
    level : float
        The false discovery rate for touchpoints that lead to service.
    min_excess : float
        How much more often than after the others service must follow a touchpoint to matter, as a share.
    min_visits : int
        With fewer visits, of its own or of the others, a touchpoint is not tested.

    Returns
    -------
    ServiceView
        By stage, in service and outside; the touchpoints that service follows, with lift
        ``T_v = (followed by service / visits of v) / (the same over all non-service visits)``;
        what follows service; the mix of handlers, needs and initiators; and as far as it was counted what
        `find_service_causes`, `service_episodes`, `check_service_effect`, `compare_service_gap`,
        `locate_owners` and others found. `not_measured` says what would tell more.

    Raises
    ------
    MissingEvidenceError
        An observed journey that does not carry its counts.

    Notes
    -----
    That customers turn to service after a touchpoint does not say that it is at fault. Customers with and
    without service are compared at the same point of the journey only (`check_service_effect`): those who
    need it differ from those who do not, and have to stay long enough to need it.
    """
    require(journey, Journey, "locate_service", hint="discover it from the log first: discover_journey(log)")
    if journey.origin == "designed":
        return _designed(journey)
    events = counts_by_group(journey, "journeys", "events").sum(axis=0)
    journeys = counts_by_group(journey, "journeys", "journeys").sum(axis=0)
    customers = counts_by_group(journey, "journeys", "customers").sum(axis=0)
    with_contact = counts_by_group(journey, "journeys", "service_journeys").sum(axis=0)
    met = counts_by_group(journey, "journeys", "service_customers").sum(axis=0)
    everybody, contacts = int(customers.sum()), _contacts(journey)
    if friction is None:
        friction = find_friction(journey)
    journey_share = _share(with_contact, journeys, everybody, "journeys with a service contact / journeys")
    return ServiceView(
        journey=journey.name,
        observed=True,
        stages=tuple(_stage(journey, stage) for stage in journey.stages),
        triggers=find_triggers(journey, level=level, min_excess=min_excess, min_visits=min_visits),
        after=_after(journey),
        filters=journey.observation.filters if journey.observation else (),
        period=(journey.observation.start, journey.observation.end) if journey.observation else None,
        event_share=_share(contacts, events, everybody, "service events / events"),
        journey_share=journey_share,
        customer_share=_share(met, customers, everybody, "customers with a service contact / customers"),
        points=journey_points(journey),
        before=before_service(journey, contacts, _met(journey)),
        by_touchpoint=service_touchpoints(journey, _reached(journey)),
        whole=all_service(journey, contacts, _met(journey), journey_share) if contacts.sum() else None,
        place=place_service(journey, friction),
        **_structure(journey),
        **_mix(journey, touchpoint_counts(journey, "visits")),
        **service_details(journey, friction),
    )


def _share(successes: Counts, trials: Counts, customers: int, definition: str) -> Estimate:
    return share_estimate(successes, trials, customers=customers, definition=definition)


def _designed(journey: Journey) -> ServiceView:
    return ServiceView(
        journey=journey.name,
        observed=False,
        stages=tuple(
            StageService(
                stage=stage.id,
                name=stage.name,
                share=_NOT_OBSERVED,
                **_touchpoints(journey, stage),
                **_feelings(journey, stage, {}),
            )
            for stage in journey.stages
        ),
        event_share=_NOT_OBSERVED,
        journey_share=_NOT_OBSERVED,
        customer_share=_NOT_OBSERVED,
        points=journey_points(journey),
        owners=locate_owners(journey),
        not_measured=(
            ("what customers do", "discover the journey from a log: discover_journey(log, design)"),
        ),
        **_structure(journey),
        **_mix(journey, {}),
    )


def _structure(journey: Journey) -> dict[str, object]:
    """Count touchpoints, a floating one once; in an observed journey its stages are one touchpoint."""
    whole = {t.floats_as or t.id: t for t in journey.touchpoints}
    service = {name: t for name, t in whole.items() if t.is_service}
    floating = [t.name for t in service.values() if t.stage is None or t.floats_as]
    return {
        "touchpoints": len(whole),
        "service_touchpoints": len(service),
        "floating": tuple(floating),
    }


def _mix(journey: Journey, visits: Mapping[str, Counts]) -> dict[str, Kinds]:
    """Count service by who helps, what it is about and who starts it: events, or touchpoints of a design."""
    kinds: dict[str, Counter[str]] = {
        "by_handler": Counter(),
        "by_need": Counter(),
        "by_initiator": Counter(),
    }
    for touchpoint in journey.touchpoints:
        service = touchpoint.service
        if service is not None:
            count = int(visits[touchpoint.id].sum()) if visits else 1
            kinds["by_handler"][service.handler or "not stated"] += count
            kinds["by_need"][service.need or "not stated"] += count
            kinds["by_initiator"][service.initiator] += count
    return {name: tuple(counter.most_common()) for name, counter in kinds.items()}


def _of_stage(journey: Journey, stage: Stage) -> list[Touchpoint]:
    return [touchpoint for touchpoint in journey.touchpoints if touchpoint.stage == stage.id]


def _touchpoints(journey: Journey, stage: Stage) -> dict[str, int]:
    own = _of_stage(journey, stage)
    return {"touchpoints": len(own), "service_touchpoints": sum(t.is_service for t in own)}


def _feelings(journey: Journey, stage: Stage, visits: Mapping[str, Counts]) -> dict[str, float | None]:
    own = _of_stage(journey, stage)
    return {
        "feeling": _mean_feeling((t for t in own if not t.is_service), visits),
        "service_feeling": _mean_feeling((t for t in own if t.is_service), visits),
    }


def _mean_feeling(touchpoints: Iterable[Touchpoint], visits: Mapping[str, Counts]) -> float | None:
    """Mean feeling by visits; in a design every touchpoint weighs the same."""
    total = weight = 0.0
    for touchpoint in touchpoints:
        measured = touchpoint.measured_feeling
        feeling = touchpoint.feeling if measured is None or measured.value is None else measured.value
        if feeling is not None:
            count = float(visits[touchpoint.id].sum()) if visits else 1.0
            total, weight = total + count * feeling, weight + count
    return total / weight if weight else None


def _cells(journey: Journey, stage: Stage, measure: str) -> dict[str, Counts]:
    """Counts by group of one stage: in service, outside it, and in either."""
    counts = counts_by_group(journey, "service", measure)
    found = {
        family: row
        for (where, family), row in zip(evidence_table(journey, "service").keys, counts, strict=True)
        if where == stage.id
    }
    none = np.zeros(counts.shape[1])
    service, other = found.get("service", none), found.get("other", none)
    # who meets both families is in both rows; where nobody counted the union, its least is known
    return {"service": service, "either": found.get("any", np.maximum(service, other))}


def _stage(journey: Journey, stage: Stage) -> StageService:
    visits = touchpoint_counts(journey, "visits")
    waits, sojourns = touchpoint_counts(journey, "wait_us"), touchpoint_counts(journey, "sojourn_us")
    journeys, customers = _cells(journey, stage, "journeys"), _cells(journey, stage, "customers")
    own = _of_stage(journey, stage)

    def seconds(service: tuple[bool, ...]) -> float:
        spans = (waits[t.id].sum() + sojourns[t.id].sum() for t in own if t.is_service in service)
        return float(sum(spans)) / _MICROSECONDS

    return StageService(
        stage=stage.id,
        name=stage.name,
        **_touchpoints(journey, stage),
        events=int(sum(visits[t.id].sum() for t in own)),
        service_events=int(sum(visits[t.id].sum() for t in own if t.is_service)),
        journeys=int(journeys["either"].sum()),
        service_journeys=int(journeys["service"].sum()),
        customers=int(customers["either"].sum()),
        service_customers=int(customers["service"].sum()),
        seconds=seconds((True, False)),
        service_seconds=seconds((True,)),
        share=_share(
            journeys["service"],
            journeys["either"],
            int(customers["either"].sum()),
            "journeys with a service contact at the stage / journeys that come to the stage",
        ),
        **_feelings(journey, stage, visits),
    )


def _contacts(journey: Journey) -> Counts:
    visits = touchpoint_counts(journey, "visits")
    none = np.zeros(evidence_table(journey, "touchpoints").groups)
    return np.asarray(sum((visits[t.id] for t in journey.touchpoints if t.is_service), none))


def _met(journey: Journey) -> int:
    """Count the customers behind the contacts; one may have used several service touchpoints."""
    customers = touchpoint_counts(journey, "customers")
    met = int(counts_by_group(journey, "journeys", "service_customers").sum())
    return min(met, int(sum(customers[t.id].sum() for t in journey.touchpoints if t.is_service)))


def _reached(journey: Journey) -> dict[str, Reached]:
    return {
        stage.id: Reached(
            _cells(journey, stage, "journeys")["either"],
            int(_cells(journey, stage, "customers")["either"].sum()),
        )
        for stage in journey.stages
    }


def _stage_name(journey: Journey, node: str) -> str:
    stage = journey.touchpoint(node).stage
    return journey.stage(stage).name if stage else ""


def _after(journey: Journey) -> tuple[ServiceAfter, ...]:
    """Say where customers go after a service contact, the most frequent first."""
    contacts = _contacts(journey)
    if not contacts.sum():
        return ()
    service = [t.id for t in journey.touchpoints if t.is_service]
    met = _met(journey)
    onward: dict[str, Counts] = {}
    moves = counts_by_group(journey, "transitions", "count")
    for row, (source, target) in enumerate(evidence_table(journey, "transitions").keys):
        if source in service:
            onward[target] = onward.get(target, 0.0) + moves[row]
    found = [
        ServiceAfter(
            target=target,
            name=journey.touchpoint(target).name,
            stage_name=_stage_name(journey, target),
            is_service=target in service,
            count=int(counts.sum()),
            share=_share(counts, contacts, met, "service contacts followed by it / service contacts"),
        )
        for target, counts in onward.items()
    ]
    endings = _ENDINGS if goal_touchpoints(journey) else _ENDINGS_WITHOUT_GOAL
    for ending, (target, words) in endings.items():
        ends = touchpoint_counts(journey, ending)
        counts = np.asarray(sum(ends[name] for name in service))
        if counts.sum():
            share = _share(
                counts, contacts, met, f"service contacts that end the journey, {ending} / contacts"
            )
            found.append(
                ServiceAfter(target=target, name=words, ends=True, count=int(counts.sum()), share=share)
            )
    return tuple(sorted(found, key=lambda after: -after.count))
