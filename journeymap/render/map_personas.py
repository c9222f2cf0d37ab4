"""Who are the personas of a map: a strip of small cards above it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from journeymap.analysis.wording import joined, percent
from journeymap.model.journey import Journey, Persona
from journeymap.render.map_lanes import channel_name
from journeymap.render.map_notes import Notes
from journeymap.render.scene import Box, Item, Label, Marker, Polygon
from journeymap.render.text import text_width

__all__ = ["initials", "persona_strip", "persona_words"]

STRIP = 1.1
_CARD = 0.98
_NARROWEST, _WIDEST = 2.7, 4.6
_GUTTER = 0.16
_CIRCLE = 0.6
_PAD = 0.14
_INITIALS = 12.0
_CORNERS = 72


def initials(name: str) -> str:
    """Which letters stand for a name?

    Parameters
    ----------
    name : str
        Of a person.

    Returns
    -------
    str
        The first letters of the first and the last word; one letter of a single word.

    Examples
    --------
    >>> initials("Priya Nair"), initials("maya"), initials("")
    ('PN', 'M', '')
    """
    words = [word for word in name.split() if word[0].isalnum()]
    ends = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0].upper() for word in ends)


def persona_strip(
    journey: Journey,
    personas: Sequence[Persona],
    width: float,
    notes: Notes,
    *,
    margin: float,
    as_curves: bool,
) -> tuple[tuple[Item, ...], float]:
    """Where do the personas' cards stand?

    Parameters
    ----------
    journey : Journey
        For the channels' names.
    personas : sequence of Persona
        From left to right; what does not fit goes into the next row.
    width : float
        Of the figure, in inches.
    notes : Notes
        Gives the theme, and takes what is cut.
    margin : float
        Left and right of the cards.
    as_curves : bool
        Whether each has the colour and the shape of its curve.

    Returns
    -------
    tuple of Item
        The cards, from y = 0.
    float
        The height of all rows; 0 without personas.
    """
    if not personas:
        return (), 0.0
    room = width - 2 * margin
    most = max(1, min(len(personas), int((room + _GUTTER) / (_NARROWEST + _GUTTER))))
    rows = math.ceil(len(personas) / most)
    count = math.ceil(len(personas) / rows)  # rows of about equal length
    wide = min(_WIDEST, (room - (count - 1) * _GUTTER) / count)
    items: list[Item] = []
    for number, persona in enumerate(personas):
        row, place = divmod(number, count)
        card = Box(x=margin + place * (wide + _GUTTER), y=row * STRIP, width=wide, height=_CARD, radius=0.06,
                   fill=notes.theme.stage_tints[1], edge=notes.theme.rule)  # fmt: skip
        items += _card(journey, persona, card, notes, number if as_curves else None)
    return tuple(items), STRIP * rows


def persona_words(journey: Journey, personas: Sequence[Persona]) -> str:
    """What does the strip say, in sentences?

    Parameters
    ----------
    journey : Journey
        For the channels' names.
    personas : sequence of Persona
        Those on the strip.

    Returns
    -------
    str
        A line for each; empty without any.
    """
    lines: list[str] = []
    for persona in personas:
        facts = [] if persona.share is None else [f"{percent(persona.share)} of customers"]
        if persona.channels:
            names = joined([channel_name(journey, channel) for channel in persona.channels])
            facts.append(f"prefers {names}")
        said = f": “{persona.quote}”" if persona.quote else ""
        lines.append(f"Persona {persona.name}{' (' + ', '.join(facts) + ')' if facts else ''}{said}")
    return "\n".join(lines)


def _card(journey: Journey, persona: Persona, card: Box, notes: Notes, number: int | None) -> list[Item]:
    theme = notes.theme
    colour = theme.stage_header if number is None else theme.categories[number]
    circle = Box(x=card.x + _PAD, y=card.y + (card.height - _CIRCLE) / 2, width=_CIRCLE, height=_CIRCLE)
    x = circle.right + _PAD
    room = card.right - _PAD / 2 - x
    middle_x, middle_y = circle.centre
    items: list[Item] = [
        card,
        _disc(circle, colour),
        Label(x=middle_x, y=middle_y, text=initials(persona.name), size=_INITIALS, weight="bold",
              ha="center", va="center", colour=theme.text_on(colour), inside=circle),
    ]  # fmt: skip
    shape_room = 0.0 if number is None else 0.2
    name, size = _name(persona.name, room - shape_room, notes)
    blocks = [
        Label(x=x, y=0, text=name, size=size, weight="bold", colour=theme.ink, inside=card),
        *_said(persona, x, room, card, notes),
        *_facts(journey, persona, x, room, card, notes),
    ]
    y = card.y + (card.height - sum(block.height for block in blocks)) / 2
    if number is not None:
        end = x + text_width(name, size, "bold", family=theme.family)
        items.append(Marker(x=end + 0.13, y=y + blocks[0].height / 2, size=8.5, line_width=1.8,
                            shape=theme.category_markers[number], fill=theme.paper, edge=colour,
                            mark="persona"))  # fmt: skip
    for block in blocks:
        items.append(replace(block, y=y))
        y += block.height
    return items


def _disc(square: Box, colour: str) -> Polygon:
    (x, y), radius = square.centre, square.width / 2
    turns = (2 * math.pi * corner / _CORNERS for corner in range(_CORNERS))
    points = tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns)
    return Polygon(points=points, fill=colour)


def _name(name: str, room: float, notes: Notes) -> tuple[str, float]:
    theme = notes.theme
    if text_width(name, theme.stage_size, "bold", family=theme.family) <= room:
        return name, theme.stage_size
    size = theme.small_size
    return notes.broken(name, room, size, most=1, where=theme.word("Persona"), weight="bold")[0], size


def _said(persona: Persona, x: float, room: float, card: Box, notes: Notes) -> list[Label]:
    """Give the quote, or who it is where nothing is quoted, on at most two lines."""
    theme = notes.theme
    quoted = bool(persona.quote)
    text = f"“{persona.quote}”" if quoted and persona.quote[0] not in "\"'“„«「‘" else persona.quote
    lines = notes.broken(
        text or persona.description, room, theme.small_size, most=2, where=persona.name,
        style="italic" if quoted else "normal",
    )  # fmt: skip
    if not lines:
        return []
    return [
        Label(x=x, y=0, text="\n".join(lines), size=theme.small_size, style="italic" if quoted else "normal",
              colour=theme.ink, inside=card)
    ]  # fmt: skip


def _facts(journey: Journey, persona: Persona, x: float, room: float, card: Box, notes: Notes) -> list[Label]:
    """Give the share and the preferred channels on one line."""
    theme = notes.theme
    facts = [] if persona.share is None else [f"{percent(persona.share)} {theme.word('of customers')}"]
    if persona.channels:
        facts.append(", ".join(channel_name(journey, channel) for channel in persona.channels))
    text = "  ·  ".join(facts)
    lines = notes.broken(text, room, theme.tick_size, most=1, where=persona.name)
    if not lines:
        return []
    return [Label(x=x, y=0, text=lines[0], size=theme.tick_size, colour=theme.muted, inside=card)]
