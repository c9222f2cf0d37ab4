"""Which lanes of a map matter most where a paper has no room for all?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from journeymap.model.journey import Journey, Persona
from journeymap.model.touchpoints import Touchpoint
from journeymap.render.map_bands import ALL_LANES
from journeymap.render.map_columns import Column, feeling_of

__all__ = ["DESIGNED", "OBSERVED", "SPARSE", "filled_share", "lane_order"]

DESIGNED = (
    "feeling", "pain points", "doing", "channel", "opportunities", "thinking", "metrics", "owner",
    "backstage", "systems",
)  # fmt: skip
# Numbers are what a log, a survey or the tickets add to a map.
OBSERVED = (
    "feeling", "metrics", "channel", "pain points", "doing", "opportunities", "thinking", "owner",
    "backstage", "systems",
)  # fmt: skip
SPARSE = 0.25  # a lane filled in fewer columns is nearly empty

_FILLED: dict[str, Callable[[Touchpoint], bool]] = {
    "doing": lambda touchpoint: bool(touchpoint.doing.strip()),
    "thinking": lambda touchpoint: bool(touchpoint.thinking.strip()),
    "channel": lambda touchpoint: bool(touchpoint.channels),
    "pain points": lambda touchpoint: bool(touchpoint.pain_points),
    "opportunities": lambda touchpoint: bool(touchpoint.opportunities),
    "metrics": lambda touchpoint: touchpoint.visits is not None or bool(touchpoint.scores),
    "owner": lambda touchpoint: bool(touchpoint.owner),
    "frontstage": lambda touchpoint: bool(touchpoint.frontstage),
    "evidence": lambda touchpoint: bool(touchpoint.evidence),
    "importance": lambda touchpoint: touchpoint.importance is not None,
    "backstage": lambda touchpoint: bool(touchpoint.backstage),
    "systems": lambda touchpoint: bool(touchpoint.systems),
}


def filled_share(lane: str, columns: Sequence[Column], personas: Iterable[Persona] = ()) -> float:
    """In which share of the columns does a lane show something?

    Parameters
    ----------
    lane : str
        Its name.
    columns : sequence of Column
        Those that are shown.
    personas : iterable of Persona
        Whose feelings are shown beside those of the journey in general.

    Returns
    -------
    float
        0 to 1; 1 without columns.
    """
    people = tuple(personas)

    def fills(column: Column) -> bool:
        if lane != "feeling":
            return _FILLED[lane](column.touchpoint)
        own = (feeling_of(column.touchpoint, persona)[0] for persona in people)
        return column.feeling is not None or any(value is not None for value in own)

    return sum(map(fills, columns)) / len(columns) if columns else 1.0


def lane_order(
    journey: Journey, columns: Sequence[Column], personas: Iterable[Persona] = ()
) -> tuple[str, ...]:
    """Which lanes does a small paper keep, the most important first?

    Parameters
    ----------
    journey : Journey
        Designed or observed: where something was counted, the numbers come next to the feeling.
    columns : sequence of Column
        Those that are shown; a lane filled in less than a quarter of them goes last.
    personas : iterable of Persona
        Whose feelings are shown.

    Returns
    -------
    tuple of str
        Every lane once.

    Examples
    --------
    >>> lane_order(Journey(name="Shop"), ())[:3]
    ('feeling', 'pain points', 'doing')
    """
    people = tuple(personas)
    measured = journey.observation is not None or any(column.touchpoint.scores for column in columns)
    order = OBSERVED if measured else DESIGNED
    every = (*order, *(lane for lane in ALL_LANES if lane not in order))
    return tuple(sorted(every, key=lambda lane: filled_share(lane, columns, people) < SPARSE))
