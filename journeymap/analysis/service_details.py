"""What the further counts of a journey tell of service: causes, episodes, effects, recovery, the gap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from journeymap.analysis.bad_moment import check_overshadow
from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.interaction import check_interaction
from journeymap.analysis.owners import locate_owners
from journeymap.analysis.service_causes import find_service_causes
from journeymap.analysis.service_desk import service_desk
from journeymap.analysis.service_effect import ServiceEffect, check_service_effect, retained_after
from journeymap.analysis.service_gap import compare_service_gap
from journeymap.analysis.service_segments import compare_service_segments
from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import evidence_table
from journeymap.metrics.recovery import recovery
from journeymap.metrics.service_episodes import service_episodes
from journeymap.model.durations import duration_text
from journeymap.model.journey import Journey

__all__ = ["service_details"]

Found = TypeVar("Found")
_COUNT = "with_service(journey, log)"
_FEEL = "a column of feelings (feeling_col) or a survey (feedback=), then with_service(journey, log)"
_NEEDS = (
    ("episodes of contacts, and whether customers had to start over", "episode_moves", _COUNT),
    ("what came before contacts, and which team answers for it", "causes", _COUNT),
    ("how journeys go on with and without a contact", "service_points", _COUNT),
    ("how customers feel in service and outside it", "gap_cells", _FEEL),
    ("whether a poor contact overshadows the rest", "felt_cells", _FEEL),
)


def service_details(journey: Journey, friction: FrictionReport | None) -> dict[str, Any]:
    """What do the further counts of a journey tell of service?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    friction : FrictionReport or None
        Its friction.

    Returns
    -------
    dict of str to object
        By the fields of a `ServiceView`; what was not counted is left out, and told in ``not_measured``.
    """
    tables = {table.name for table in journey.evidence}
    found: dict[str, Any] = {"owners": locate_owners(journey, friction=friction)}
    if "causes" in tables:
        found["causes"] = find_service_causes(journey)
    if "episode_moves" in tables:
        found["episodes"] = service_episodes(journey)
    if "segment_customers" in tables:
        found["segments"] = compare_service_segments(journey)
    if "recovery" in tables:
        found["recovery"] = recovery(journey)
    unseen: tuple[tuple[str, str], ...] = ()
    if "service_points" in tables:
        found["effects"], unseen = _effects(journey)
    if "felt_cells" in tables and journey.goal:
        found["overshadow"] = check_overshadow(journey)
        found["interaction"] = check_interaction(journey)
    if "gap_cells" in tables:
        found["gap"] = compare_service_gap(journey)
    if journey.contacts is not None:
        found["self_service"] = service_desk(journey.contacts)
    return {**found, "not_measured": (*_not_measured(journey, tables, found), *unseen)}


def _effects(journey: Journey) -> tuple[tuple[ServiceEffect, ...], tuple[tuple[str, str], ...]]:
    """Compare the goal, who comes back, and feelings, as far as known; then what the company began alone."""
    found = [
        _known(lambda: check_service_effect(journey, outcome="goal")),
        _known(lambda: check_service_effect(journey, outcome="retained")),
        _known(lambda: check_service_effect(journey, outcome="feeling")),
    ]
    began = _known(lambda: check_service_effect(journey, outcome="goal", of="company"))
    if began is not None and began.n_with:
        found.append(began)
    unseen = tuple(
        ("how many come back after a contact", _unwatched(journey, effect))
        for effect in found
        if _is_unwatched(effect)
    )
    return tuple(effect for effect in found if effect is not None and not _is_unwatched(effect)), unseen


def _is_unwatched(effect: ServiceEffect | None) -> bool:
    return effect is not None and effect.outcome == "retained" and not effect.n_with


def _unwatched(journey: Journey, effect: ServiceEffect | None) -> str:
    """Say that nobody was watched for long enough to come back, or that nobody had a contact at all."""
    if not any(key[2] for key in evidence_table(journey, "landmarks").keys):
        return "a log with service contacts before the goal"
    who = "nobody" if effect is None or not effect.n_without else "nobody with a contact"
    span = duration_text(2 * retained_after(journey))
    return f"a shorter retained_after in with_service(journey, log): {who} was watched for {span}"


def _known(measure: Callable[[], Found]) -> Found | None:
    try:
        return measure()
    except MissingEvidenceError:
        return None


def _not_measured(journey: Journey, tables: set[str], found: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    missing = [(what, how) for what, table, how in _NEEDS if table not in tables]
    effects = found.get("effects")
    if effects is not None and all(effect.outcome != "feeling" for effect in effects):
        missing.append(("how customers feel after a contact", "a column of feelings in the log: feeling_col"))
    if not journey.goal:
        missing.append(("what service does for the goal", "name the goal of the design"))
    service = [touchpoint.service for touchpoint in journey.touchpoints if touchpoint.service is not None]
    if service and all(one.handler is None for one in service):
        missing.append(("who or what helps", "give the service touchpoints of the design a handler"))
    if not any(touchpoint.owner for touchpoint in journey.touchpoints):
        missing.append(("which team causes contacts, and which carries them", "give touchpoints an owner"))
    causes = found.get("causes")
    if causes is not None and causes.failure_demand.value is None:
        missing.append(("how many contacts a failure caused", "a column of yes and no: failure_col"))
    desk = found.get("self_service")
    if desk is None:
        missing.append(
            ("what the service desk wrote down", "lay tickets on the journey: with_tickets(journey, tickets)")
        )
    else:
        missing += [
            (f"tickets: {what}", how.replace("contacts(tickets, ", "with_tickets(journey, tickets, "))
            for what, how in desk.not_measured.items()
        ]
    return tuple(missing)
