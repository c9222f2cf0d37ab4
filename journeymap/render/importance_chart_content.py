"""Which touchpoints matter much and leave customers unhappy: what the scatter shows, in numbers and words?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from journeymap.analysis.wording import joined
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import Touchpoint
from journeymap.render.feeling_chart_content import shortened
from journeymap.render.map_columns import ANY_STAGE
from journeymap.render.map_feeling import feeling_text

__all__ = [
    "QUADRANTS",
    "Quadrant",
    "Rated",
    "Ratings",
    "describe_importance",
    "importance_finding",
    "importance_notes",
    "rate",
]

Quadrant = Literal["fix first", "keep up", "low priority", "possible overkill"]

QUADRANTS: tuple[Quadrant, ...] = ("fix first", "keep up", "low priority", "possible overkill")
_NEAR = 1e-9
_MOST_NAMED = 3
_MIDDLE = 0.5
_FEWEST = 3


@dataclass(frozen=True, kw_only=True)
class Rated:
    """A touchpoint whose importance and satisfaction are both known.

    Parameters
    ----------
    touchpoint : Touchpoint
        What is rated.
    name : str
        Its name on the figure, with its stage where another one is called the same.
    importance : float
        0 to 1.
    feeling : float
        −2 to +2: how satisfied customers are.
    assumed : bool
        Whether nobody has measured or researched the feeling.
    low, high : float, optional
        The interval of a measured feeling.
    """

    touchpoint: Touchpoint
    name: str
    importance: float
    feeling: float
    assumed: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """What the scatter shows, and what it cannot show.

    Parameters
    ----------
    shown : tuple of Rated
        The most urgent first.
    middle : float
        The importance at which the quadrants meet: the mean of those shown, 0.5 where fewer than three are.
    no_importance, no_feeling : tuple of str
        Names of touchpoints that are left out, and why.
    unrated : int
        How many touchpoints are left out; one that floats over several stages is one.
    """

    shown: tuple[Rated, ...]
    middle: float
    no_importance: tuple[str, ...] = ()
    no_feeling: tuple[str, ...] = ()
    unrated: int = 0

    @property
    def by_mean(self) -> bool:
        """Whether the quadrants meet at the mean importance."""
        return len(self.shown) >= _FEWEST

    def quadrant(self, rated: Rated) -> Quadrant:
        """Say in which quadrant a touchpoint lies; a neutral feeling is no fault."""
        matters = rated.importance >= self.middle - _NEAR
        if rated.feeling < -_NEAR:
            return "fix first" if matters else "low priority"
        return "keep up" if matters else "possible overkill"

    def within(self, quadrant: Quadrant) -> tuple[Rated, ...]:
        """List the touchpoints of a quadrant, the most urgent first."""
        return tuple(rated for rated in self.shown if self.quadrant(rated) == quadrant)


def rate(journey: Journey) -> Ratings:
    """Which touchpoints have both an importance and a feeling?

    Parameters
    ----------
    journey : Journey
        Designed or observed; a measured feeling counts before a designed one. The stages of a floating
        touchpoint that are rated alike are one.

    Returns
    -------
    Ratings
        With nothing shown where none has both.
    """
    found: dict[tuple[str, float, float], Rated] = {}
    no_importance: list[str] = []
    no_feeling: list[str] = []
    unrated: set[str] = set()
    for touchpoint in journey.touchpoints:
        measured = touchpoint.measured_feeling
        known = measured if measured is not None and measured.value is not None else None
        value = known.value if known is not None else touchpoint.feeling
        if touchpoint.importance is None:
            no_importance.append(touchpoint.name)
        if value is None:
            no_feeling.append(touchpoint.name)
        if touchpoint.importance is None or value is None:
            unrated.add(touchpoint.floats_as or touchpoint.id)
            continue
        rated = Rated(
            touchpoint=touchpoint,
            name=touchpoint.name,
            importance=touchpoint.importance,
            feeling=value,
            assumed=known is None and touchpoint.feeling_source == "assumed",
            low=known.low if known else None,
            high=known.high if known else None,
        )
        key = (touchpoint.floats_as or touchpoint.id, rated.importance, rated.feeling)
        found.setdefault(key, rated)
    shown = [_named(journey, rated, tuple(found.values())) for rated in found.values()]
    middle = sum(rated.importance for rated in shown) / len(shown) if len(shown) >= _FEWEST else _MIDDLE
    shown.sort(key=lambda rated: (-_urgency(rated), -rated.importance, rated.feeling))
    return Ratings(
        shown=tuple(shown),
        middle=middle,
        no_importance=tuple(dict.fromkeys(no_importance)),
        no_feeling=tuple(dict.fromkeys(no_feeling)),
        unrated=len(unrated - {rated.touchpoint.floats_as or rated.touchpoint.id for rated in shown}),
    )


def _urgency(rated: Rated) -> float:
    """Weigh dissatisfaction by importance; where customers are not unhappy nothing is urgent."""
    return rated.importance * max(0.0, -rated.feeling)


def _named(journey: Journey, rated: Rated, others: Sequence[Rated]) -> Rated:
    if sum(other.touchpoint.name == rated.touchpoint.name for other in others) < 2:
        return rated
    stage = rated.touchpoint.stage
    name = f"{rated.name} ({journey.stage(stage).name if stage else ANY_STAGE})"
    return replace(rated, name=name)


def importance_finding(ratings: Ratings) -> str:
    """Say the main result in a sentence.

    Parameters
    ----------
    ratings : Ratings
        What `rate` found.

    Returns
    -------
    str
        What to fix first, or that nothing important leaves customers unhappy; and how many touchpoints
        this does not judge.
    """
    if not ratings.shown:
        return (
            "No touchpoint has both an importance and a feeling. Give the touchpoints of the design an "
            "importance from 0 to 1 and a feeling from −2 to +2."
        )
    first = ratings.within("fix first")
    level = "more than the average" if ratings.by_mean else "much"
    if not first:
        return f"No touchpoint that matters {level} leaves customers unhappy.{_unrated(ratings)}"
    named = joined(
        [
            f"“{shortened(rated.name)}” ({'' if place else 'importance '}{rated.importance:.2g}, "
            f"{'' if place else 'feeling '}{feeling_text(rated.feeling)})"
            for place, rated in enumerate(first[:_MOST_NAMED])
        ]
    )
    count = f"{len(first)} of {len(ratings.shown)} touchpoints"
    verb = "matters" if len(first) == 1 else "matter"
    leave = "leaves" if len(first) == 1 else "leave"
    which = "this is" if len(first) == 1 else ("these are" if len(first) <= _MOST_NAMED else "first")
    return f"{count} {verb} {level} and {leave} customers unhappy: {which} {named}.{_unrated(ratings)}"


def _unrated(ratings: Ratings) -> str:
    if not ratings.unrated:
        return ""
    verb = "is" if ratings.unrated == 1 else "are"
    return f" {ratings.unrated} more {verb} not judged: importance or feeling is not known."


def importance_notes(ratings: Ratings) -> str:
    """Say where the lines stand and what is left out."""
    if not ratings.shown:
        return ""
    where = (
        f"the mean importance ({ratings.middle:.2f})" if ratings.by_mean else "the middle of importance (0.5)"
    )
    said = [f"The lines stand at {where} and at neutral feeling (0)."]
    for names, what in ((ratings.no_importance, "importance"), (ratings.no_feeling, "feeling")):
        if names:
            some = joined(names[:_MOST_NAMED]) if len(names) <= _MOST_NAMED else f"{len(names)} touchpoints"
            said.append(f"Not shown, because their {what} is not known: {some}.")
    return " ".join(said)


def describe_importance(journey: Journey) -> str:
    """What does the scatter of importance and satisfaction say, in sentences?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    str
        The finding, where the lines stand, then each quadrant with its touchpoints.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "ad", "feeling": 1, "importance": 0.2}, {"id": "pay", "feeling": -1, "importance": 0.9}])
    >>> print(describe_importance(journey).splitlines()[1])
    1 of 2 touchpoints matters much and leaves customers unhappy: this is “Pay” (importance 0.9, feeling −1).
    """
    ratings = rate(journey)
    said = [
        f"{journey.name}: how much each touchpoint matters, and how satisfied customers are.",
        importance_finding(ratings),
        importance_notes(ratings),
    ]
    for quadrant in QUADRANTS:
        listed = [
            f"{r.name}{' (service)' if r.touchpoint.is_service else ''} {r.importance:.2g}, "
            f"{feeling_text(r.feeling)}{' (assumed)' if r.assumed else ''}"
            for r in ratings.within(quadrant)
        ]
        if listed:
            said.append(f"{quadrant.capitalize()}: {'; '.join(listed)}.")
    return "\n".join(part for part in said if part)
