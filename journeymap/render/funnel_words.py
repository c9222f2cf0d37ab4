"""What does the picture of a funnel say, in sentences?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeymap.analysis.wording import between, percent, plural, spoken_time
from journeymap.metrics.funnel import StageStep
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render.funnel_goal import goal_count, goal_name

__all__ = ["funnel_words"]


def funnel_words(journey: Journey, steps: Sequence[StageStep], goal: Estimate | None = None) -> str:
    """What does the picture show?

    Parameters
    ----------
    journey : Journey
        What is drawn.
    steps : sequence of StageStep
        Its stages.
    goal : Estimate, optional
        The share of journeys that reach the goal.

    Returns
    -------
    str
        One sentence for each stage, one for the goal, and one for the greatest loss.
    """
    return "\n".join(_lines(journey, steps, goal))


def _lines(journey: Journey, steps: Sequence[StageStep], goal: Estimate | None) -> Iterator[str]:
    seen = journey.observation
    counted = f"{plural(seen.journeys, 'journey')}" if seen else "the journeys that the design expects"
    yield f"{journey.name}: how far {counted} come, stage by stage."
    for step in steps:
        parts = [_reached(step)]
        if step.lost_here.value is not None and step.reached.value:
            parts.append(f"{_share(step.lost_here.value, between(step.lost_here))} of these are lost there")
        if step.time is not None and step.time.value is not None:
            ends = between(step.time, "time")
            said = f"the median stay is {spoken_time(step.time.value)}"
            parts.append(f"{said} ({ends})" if ends else said)
        yield f"{'; '.join(parts)}."
    if goal is not None and goal.value is not None:
        count = f" ({goal_count(goal):,})" if goal.n else ""
        share = _share(goal.value, between(goal))
        yield f"{share} of the journeys{count} reach the goal, {goal_name(journey)}."
    lost = [step for step in steps if step.lost_here.value]
    if lost:
        most = max(lost, key=lambda step: step.lost_here.value or 0.0)
        yield f"The largest share is lost at {most.name}: {percent(most.lost_here.value or 0.0)}."


def _reached(step: StageStep) -> str:
    share = _share(step.reached.value or 0.0, between(step.reached))
    count = f" ({step.reached_count:,})" if step.reached_count is not None else ""
    said = f"{share} of the journeys{count} get as far as {step.name}"
    if step.touched_share < (step.reached.value or 0.0) - 0.0005:
        said += f", {percent(step.touched_share)} of all come to it itself"
    return said


def _share(value: float, ends: str) -> str:
    return f"{percent(value)} ({ends})" if ends else percent(value)
