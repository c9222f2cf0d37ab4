"""What stands above a map: its title, and for whom, in which state and from what it was drawn?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.model.journey import Journey, Persona
from journeymap.render.chart_parts import heading
from journeymap.render.facts import journey_facts
from journeymap.render.scene import Item
from journeymap.render.theme import Theme

__all__ = ["map_heading"]

_BELOW = 0.22


def map_heading(
    journey: Journey, personas: Sequence[Persona], width: float, theme: Theme
) -> tuple[list[Item], float]:
    """Where do title and subtitle stand?

    Parameters
    ----------
    journey : Journey
        What is drawn.
    personas : sequence of Persona
        For whom; nobody in particular when empty.
    width : float
        Of the figure, in inches.
    theme : Theme
        Sizes, colours and words.

    Returns
    -------
    list of Item
        The texts.
    float
        The y where the map begins.
    """
    facts = journey_facts(journey, theme, about="Journey map", personas=personas, feelings=True)
    seen = journey.observation
    if seen is not None and seen.won:
        won = f"{seen.won:,} {theme.word('reached the goal')}"
        facts.insert(next(n for n, fact in enumerate(facts) if fact.startswith("n = ")) + 1, won)
    items, y = heading(journey.name, facts, width, theme)
    return items, y + _BELOW
