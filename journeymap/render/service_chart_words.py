"""What does the picture of service say to a reader who does not see it?"""

from __future__ import annotations

from collections.abc import Iterable

from journeymap.analysis.service_parts import JourneyPoint, ServiceTouchpoint
from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.wording import between, joined, percent, plural
from journeymap.render.map_feeling import feeling_text
from journeymap.render.service_chart_panel_words import describe_causes, describe_effects, describe_gap
from journeymap.render.service_chart_room import repeated, with_stage

__all__ = ["describe_service", "service_finding"]


def service_finding(view: ServiceView) -> str:
    """What does the picture of service show first, in a sentence or two?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.

    Returns
    -------
    str
        Where most contacts fall, and what clearly leads there; the rest of the story is to be seen below it.
        Of a design, and where nobody needed service, the whole story, which is short.
    """
    contacts = sum(stage.service_events for stage in view.stages)
    if not view.observed or not view.service_touchpoints or not contacts:
        return view.story()
    busiest = max(view.stages, key=lambda stage: stage.service_events)
    where = f"{percent(busiest.service_events / contacts)} of the service contacts fall into {busiest.name}"
    reached = busiest.share
    if reached.value is not None and not reached.small_sample:
        where += f", where {percent(reached.value)} of the journeys have one"
    leads = next((trigger.why() for trigger in view.triggers if trigger.significant), "")
    return f"{where}. {leads}".strip()


def describe_service(view: ServiceView) -> str:
    """What does the picture of service say, in sentences?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.

    Returns
    -------
    str
        The story, then stages, feelings, what leads there and what follows, every service touchpoint, the
        pairs of teams, the gap by segment, and what may be said of effects.
    """
    lines = [str(view)]
    if view.filters:
        lines.append(f"The log was filtered: {'; '.join(view.filters)}.")
    lines += _stages(view)
    lines += _feelings(view.points)
    if view.before:
        staged = repeated((step.source, step.name) for step in view.before)
        sources = [
            f"{with_stage(step.name, step.stage_name) if step.source in staged else step.name}"
            f" ({percent(step.share.value or 0.0)})"
            for step in view.before
        ]
        began = " that customers began" if dict(view.by_initiator).get("company") else ""
        lines.append(f"Contacts{began} come from: {joined(sources)}.")
    if view.after:
        staged = repeated((step.target, step.name) for step in view.after)
        targets = [
            f"{with_stage(step.name, step.stage_name) if step.target in staged else step.name}"
            f" ({percent(step.share.value or 0.0)})"
            for step in view.after
        ]
        lines.append(f"What happens after: {joined(targets)}.")
    lines += [_touchpoint(row) for row in view.by_touchpoint]
    if view.whole is not None:
        lines.append(_touchpoint(view.whole))
    if view.causes is not None and view.causes.owners:
        lines += describe_causes(view.causes)
    if view.gap is not None:
        lines += describe_gap(view.gap)
    lines += describe_effects(view.effects)
    return "\n".join(lines)


def _stages(view: ServiceView) -> Iterable[str]:
    for stage in view.stages:
        count, inside, word = (
            (stage.events, stage.service_events, "visit")
            if view.observed
            else (stage.touchpoints, stage.service_touchpoints, "touchpoint")
        )
        if count:
            verb = "is" if inside == 1 else "are"
            yield f"{stage.name}: {inside:,} of {plural(count, word)} {verb} service."


def _feelings(points: tuple[JourneyPoint, ...]) -> list[str]:
    known = [point for point in points if point.feeling is not None]
    if not known:
        return ["No feelings are known."] if points else []
    staged = repeated((point.touchpoint, point.name) for point in points)
    along = ", ".join(
        f"{with_stage(point.name, point.stage_name if point.touchpoint in staged else '')}"
        f"{' (service)' if point.is_service else ''} {feeling_text(point.feeling or 0.0)}"
        f"{' (assumed)' if point.assumed else ''}"
        for point in known
    )
    missing = len(points) - len(known)
    rest = f"; not known at {plural(missing, 'touchpoint')}" if missing else ""
    return [f"Feeling along the journey: {along}{rest}."]


def _touchpoint(row: ServiceTouchpoint) -> str:
    where = f" ({row.stage_name})" if row.stage_name else ""
    parts = [plural(row.contacts, "contact")]
    if row.share.value is not None and row.touchpoint:
        parts.append(f"{percent(row.share.value)} of the journeys that come to the stage{_reach(row)}")
    feelings = [
        f"{part} {feeling_text(value)}{' (assumed)' if part in row.assumed else ''}"
        for part, value in (
            ("before", row.feeling_before), ("during", row.feeling), ("after", row.feeling_after),
        )
        if value is not None
    ]  # fmt: skip
    if feelings:
        parts.append(f"mean feeling {', '.join(feelings)}")
    if row.returns.value is not None:
        parts.append(f"{percent(row.returns.value)} are followed by service again")
    small = " Small sample." if row.returns.small_sample and row.contacts else ""
    return f"{row.name}{where}: {'; '.join(parts)}.{small}"


def _reach(row: ServiceTouchpoint) -> str:
    reach = between(row.share)
    return f" ({reach})" if reach else ""
