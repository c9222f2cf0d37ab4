"""The three things to know first, in plain words."""

from __future__ import annotations

from collections import Counter

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport
from journeymap.analysis.service_parts import ServiceTrigger
from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.wording import joined, percent, plural
from journeymap.model.journey import Journey

__all__ = ["main_findings"]

_MOST = 3
_MOST_TARGETS = 2


def main_findings(journey: Journey, friction: FrictionReport | None, service: ServiceView) -> tuple[str, ...]:
    """Pick the findings that a reader should hear first.

    Parameters
    ----------
    journey : Journey
        The journey.
    friction : FrictionReport or None
        Its points of friction; None for a designed journey.
    service : ServiceView
        Where its service sits.

    Returns
    -------
    tuple of str
        At most three sentences or pairs of sentences. Of an observed journey: the gravest point of
        friction, what drives customers to service most, the next point of friction; where fewer stand
        out, how the journeys end and how many need help. Of a designed one: the lowest feeling, the
        most severe pain point, and where help is offered.
    """
    if friction is None or journey.observation is None:
        return tuple(_of_a_design(journey))[:_MOST]
    points = [point.why() for point in _gravest(friction)]
    triggers = [_trigger(journey, trigger) for trigger in service.triggers if trigger.significant]
    # friction and service in turn, so that one long list does not hide the other
    found = points[:1] + triggers[:1] + points[1:2] + triggers[1:2] + points[2:]
    return tuple([*found[:_MOST], *_outcome(journey), *_help(service)][:_MOST])


def _gravest(friction: FrictionReport) -> list[FrictionPoint]:
    """Pick the points in the order of the report; what sends customers to service is told by the triggers."""
    return [
        point
        for point in friction.friction
        if any(signal.significant and signal.kind != "service_trigger" for signal in point.signals)
    ]


def _trigger(journey: Journey, trigger: ServiceTrigger) -> str:
    lift = trigger.lift
    targets = [f"“{name}”" for name in _most_frequent(journey, trigger)]
    share = percent(trigger.share.value or 0.0)
    text = f"{share} of visits to {trigger.name} are followed by a service contact"
    if lift.value is not None:
        text += f", {lift.value:.1f} times as often as elsewhere"
        if lift.low is not None and lift.high is not None:
            text += f" (between {lift.low:.1f} and {lift.high:.1f} times)"
    return f"{text}; mostly {joined(targets)}." if targets else f"{text}."


def _most_frequent(journey: Journey, trigger: ServiceTrigger) -> list[str]:
    # one name may stand for several nodes: the same help line at two stages
    counts: Counter[str] = Counter()
    for touchpoint, count in trigger.targets:
        counts[journey.touchpoint(touchpoint).name] += count
    return [name for name, _ in counts.most_common(_MOST_TARGETS)]


def _outcome(journey: Journey) -> list[str]:
    seen = journey.observation
    if seen is None or not seen.won + seen.lost:
        return []
    if not journey.goal:
        ended = f"{plural(seen.won + seen.lost, 'journey')} ended"
        return [f"{ended}, {seen.open:,} are still open; no goal is declared."]
    share = percent(seen.won / (seen.won + seen.lost))
    decided = plural(seen.won + seen.lost, "journey")
    return [f"{share} of the {decided} that are decided reached the goal; {seen.open:,} are not decided yet."]


def _help(service: ServiceView) -> list[str]:
    share = service.journey_share.value
    if share is None:
        return []
    return [f"{percent(share)} of journeys have at least one service contact."]


def _of_a_design(journey: Journey) -> list[str]:
    found = []
    felt = [touchpoint for touchpoint in journey.touchpoints if touchpoint.feeling is not None]
    if felt:
        lowest = min(felt, key=lambda touchpoint: touchpoint.feeling or 0.0)
        value = f"{lowest.feeling:+g}".replace("-", "−")
        source = lowest.feeling_source
        found.append(f"The lowest feeling is at {lowest.name}: {value} on a scale from −2 to +2 ({source}).")
    pains = [(pain, touchpoint) for touchpoint in journey.touchpoints for pain in touchpoint.pain_points]
    rated = [(pain, touchpoint) for pain, touchpoint in pains if pain.severity is not None]
    if rated:
        pain, touchpoint = max(rated, key=lambda pair: pair[0].severity or 0)
        found.append(
            f"The most severe of {plural(len(pains), 'pain point')} is at {touchpoint.name}: "
            f"“{pain.text}” (severity {pain.severity} of 5)."
        )
    found.append(_help_in(journey))
    return found


def _help_in(journey: Journey) -> str:
    service = [touchpoint for touchpoint in journey.touchpoints if touchpoint.is_service]
    if not service:
        return f"None of the {plural(len(journey.touchpoints), 'touchpoint')} is a service interaction."
    fixed = {touchpoint.stage for touchpoint in service}
    stages = [stage.name for stage in journey.stages if stage.id in fixed]
    floating = [touchpoint.name for touchpoint in service if touchpoint.stage is None]
    text = f"{len(service)} of {plural(len(journey.touchpoints), 'touchpoint')} are service interactions"
    text += f", at {joined(stages)}" if stages else ""
    return f"{text}; at every stage: {joined(floating)}." if floating else f"{text}."
