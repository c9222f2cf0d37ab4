"""What stands above a map: its title, and for whom, in which state and from what it was drawn?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journeymap.analysis.wording import joined
from journeymap.model.journey import Journey, Persona
from journeymap.model.measures import SMALL_SAMPLE
from journeymap.render.chart_parts import filtered, heading, origin_of
from journeymap.render.scene import Item
from journeymap.render.theme import Theme

__all__ = ["map_facts", "map_heading"]

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
    items, y = heading(journey.name, map_facts(journey, personas, theme), width, theme)
    return items, y + _BELOW


def map_facts(journey: Journey, personas: Sequence[Persona], theme: Theme) -> list[str]:
    """What does the subtitle say?

    Parameters
    ----------
    journey : Journey
        What is drawn.
    personas : sequence of Persona
        For whom.
    theme : Theme
        The words on figures.

    Returns
    -------
    list of str
        Persona, state or origin, number of customers and journeys, period, filters.

    Examples
    --------
    >>> map_facts(Journey(name="Shop"), (), Theme())
    ['current state (as-is)', 'designed']
    """
    facts = [_who(personas, theme)] if personas else []
    facts.append(origin_of(journey, theme))
    seen = journey.observation
    if seen is None:
        return [*facts, theme.word("designed")] if journey.origin == "designed" else facts
    small = f" ({theme.word('small sample')})" if seen.customers < SMALL_SAMPLE else ""
    facts.append(f"n = {seen.customers:,} {theme.word('customers')}{small}")
    facts.append(f"{seen.journeys:,} {theme.word('journeys')}")
    if seen.won:
        facts.append(f"{seen.won:,} {theme.word('reached the goal')}")
    facts.append(_period(seen.start, seen.end))
    return [*facts, *filtered(seen.filters, theme)]


def _who(personas: Sequence[Persona], theme: Theme) -> str:
    if len(personas) > 1:
        return f"{theme.word('Personas')}: {joined([persona.name for persona in personas])}"
    (persona,) = personas
    who = ", ".join(filter(None, (persona.name, persona.description.rstrip("."))))
    return f"{theme.word('Persona')}: {who}"


def _period(start: datetime, end: datetime) -> str:
    first, last = start.date().isoformat(), end.date().isoformat()
    return first if first == last else f"{first} – {last}"
