"""What a reader of the pages about service has to know: goal, silence, outcomes, and what was guessed."""

from __future__ import annotations

from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.wording import joined, percent, plural
from journeymap.model.journey import Journey
from journeymap.model.stages import UNASSIGNED
from journeymap.render.inline import InlineFigure
from journeymap.report.counted import goal_words, silence_words

__all__ = ["guessed_service", "how_to_mark", "outcome_facts", "undecided_warning", "without_story"]

_MANY = 0.5
_SHOWN = 6


def outcome_facts(journey: Journey) -> tuple[str, ...]:
    """What wins a journey, when is it lost, and how many are won, lost and not decided?

    Parameters
    ----------
    journey : Journey
        A journey.

    Returns
    -------
    tuple of str
        Sentences; of a designed journey the goal alone, if it has one.
    """
    seen, goal = journey.observation, goal_words(journey)
    if seen is None:
        return (f"Goal: {goal}.",) if goal else ()
    silence = silence_words(seen)
    if not goal:
        return (
            f"No goal is named, so no journey is won or lost; it ends after {silence} without an event.",
            f"{plural(seen.won + seen.lost, 'journey')} ended, {seen.open:,} not decided yet.",
        )
    return (
        f"Goal: {goal}; lost after {silence} without an event.",
        f"{plural(seen.won, 'journey')} won, {seen.lost:,} lost, {seen.open:,} not decided yet.",
    )


def undecided_warning(journey: Journey) -> str:
    """Are most journeys undecided, so that what is said of outcomes rests on the others?

    Parameters
    ----------
    journey : Journey
        A journey.

    Returns
    -------
    str
        A warning; empty where at least half of the journeys are decided.
    """
    seen = journey.observation
    if seen is None or not seen.journeys or seen.open / seen.journeys <= _MANY:
        return ""
    decided = seen.won + seen.lost
    if not decided:
        return "With care: no journey is decided yet, so nothing can be said of how journeys end."
    ended = "won and lost" if journey.goal else "ended"
    return (
        f"With care: {percent(seen.open / seen.journeys)} of the journeys are not decided yet; what is said"
        f" of journeys {ended} rests on the other {decided:,}."
    )


def guessed_service(journey: Journey) -> str:
    """Of which touchpoints did a program guess that they are service?

    Parameters
    ----------
    journey : Journey
        A journey.

    Returns
    -------
    str
        A sentence that asks to confirm it; empty where nothing was guessed.
    """
    guessed = (t.name for t in journey.touchpoints if t.is_service and "service" in t.guessed)
    names = list(dict.fromkeys(guessed))
    if not names:
        return ""
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return f"Service is guessed for {joined([*names[:_SHOWN], *more])}: confirm it in the design."


def how_to_mark(journey: Journey) -> tuple[str, ...]:
    """How is it said which touchpoints are service?

    Parameters
    ----------
    journey : Journey
        One without service touchpoints.

    Returns
    -------
    tuple of str
        Sentences; the hint at a draft where there is no design behind the journey.
    """
    said = (
        "Write service: true in the design, at every touchpoint where customers get help, such as a chat or"
        " a hotline; who helps (handler), what with (need) and who begins (initiator) may be said there, too."
    )
    draft = (
        "There is no design yet: journeymap draft writes a first one from the events and guesses what is"
        " service, each guess marked for you to confirm; then count again with --design."
    )
    drawn = journey.observation is None or {t.stage for t in journey.touchpoints} != {UNASSIGNED.id}
    return (said,) if drawn else (said, draft)


def without_story(figure: InlineFigure, view: ServiceView) -> InlineFigure:
    """Which words of a figure does the page not say already above it?

    Parameters
    ----------
    figure : InlineFigure
        The figure of service; its text alternative begins with the story.
    view : ServiceView
        What it shows.

    Returns
    -------
    InlineFigure
        The same figure, its words without the lines of the story.
    """
    told = {*view.story().splitlines(), *str(view).splitlines()}
    lines = [line for line in figure.description.splitlines() if line not in told]
    return figure._replace(description="\n".join(lines))
