"""What do journeys with a service contact come to, as it looks and in a fair comparison?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from journeymap.analysis.bad_moment import points
from journeymap.analysis.service_effect_result import ServiceEffect, undecided
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import Axis, interval, paragraph
from journeymap.render.map_feeling import feeling_text
from journeymap.render.scene import GRID, SHAPE, Item, Label, LegendEntry, Line, Marker
from journeymap.render.service_chart_panel_words import effect_finding, feeling_reach
from journeymap.render.service_chart_room import BETWEEN, LEFT, panel_head
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["effect_entries", "effect_panel"]

_Row: TypeAlias = tuple[str, Estimate, str]

_ROW = 0.25
_NAMES, _VALUES = 0.42, 1.75  # the room for names, as a part of the panel, and for numbers, in inches
_BETWEEN, _ENDS = 0.15, 0.06
_DOT, _SMALL = 6.0, 6.5
_WIDE = 10.0
_OUTCOMES = {"goal": "reaching the goal", "retained": "coming back", "feeling": "the feeling afterwards"}


def effect_panel(
    effects: Sequence[ServiceEffect], x: float, y: float, width: float, theme: Theme
) -> tuple[list[Item], float]:
    """Where do the comparisons of journeys with and without a contact stand?

    Parameters
    ----------
    effects : sequence of ServiceEffect
        What `check_service_effect` found, at least one; the first is drawn, the others are said.
    x, y, width : float
        The left end, the top, and the room, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        What mixes those who left with those who stayed hollow, the fair ones filled, each with its interval
        on one scale around 0; in a wide panel at the right of the words.
    float
        The y below.
    """
    first, *others = effects
    name = f"service contacts and {_OUTCOMES[first.outcome]}: journeys with − without"
    left, x_rows, room = width, x, width
    if width >= _WIDE:
        left = width * LEFT
        x_rows, room = x + left + BETWEEN, width - left - BETWEEN
    items, below = panel_head(name, effect_finding(first), x, y, left, theme)
    rows = _rows(first, theme)
    note, high = paragraph(_note(first, others, theme), x, below - 0.04, left, theme, size=theme.small_size,
                           colour=theme.muted)  # fmt: skip
    items += note
    below += high
    if not rows:
        return items, below
    top = y if width >= _WIDE else below + 0.06
    items += _drawn(rows, first, x_rows, top, room, theme)
    return items, max(below, top + _ROW * len(rows) + 0.04)


def _note(first: ServiceEffect, others: Sequence[ServiceEffect], theme: Theme) -> str:
    """Say how many journeys are compared, and what is known of other outcomes."""
    said = []
    if first.n_with:
        one = first.n_with == 1
        text = theme.word(f"{{n}} {'journey' if one else 'journeys'} with a contact, {{others}} without.")
        said.append(text.format(n=f"{first.n_with:,}", others=f"{first.n_without:,}"))
        said += [text for text in (undecided(first),) if text]
    for effect in others:
        name = theme.word(_OUTCOMES[effect.outcome])
        if effect.of is not None:
            name = effect.contact.removeprefix("a ")
        said.append(f"{name[:1].upper()}{name[1:]}: {effect_finding(effect)}")
    return " ".join(said)


def _rows(effect: ServiceEffect, theme: Theme) -> list[_Row]:
    """Name the comparisons that there are, and say on which the verdict rests."""
    after = theme.word("contact after “{name}”").format(name=effect.landmark)
    rows = [
        (theme.word("as it looks, all journeys"), effect.crude, "crude"),
        (theme.word("at the same point of the journey"), effect.stratified, "decides"),
        (theme.word("against those who surely went on"), effect.against_stayed, "decides"),
        (after, effect.landmarked, "landmark"),
    ]
    return [row for row in rows if row[1].value is not None]


def _drawn(
    rows: Sequence[_Row],
    effect: ServiceEffect,
    x: float,
    y: float,
    width: float,
    theme: Theme,
) -> list[Item]:
    """Draw dots with intervals around zero, names at the left and numbers at the right."""
    widest = max(text_width(name, theme.small_size, family=theme.family) for name, *_ in rows)
    names = min(widest, width * _NAMES)
    left = x + names + _BETWEEN
    right = x + width - _VALUES
    axis = Axis.around([found for _, found, _ in rows], left + _ENDS, right - left - 2 * _ENDS)
    zero, bottom = axis.at(0.0), y + _ROW * len(rows)
    items: list[Item] = [Line(points=((zero, y), (zero, bottom)), colour=theme.neutral, width=0.9, z=GRID)]
    for place, (name, found, kind) in enumerate(rows):
        line, middle = y + _ROW * place, y + _ROW * (place + 0.5)
        items.append(Line(points=((x, line), (x + width, line)), width=0.6, colour=theme.rule, z=GRID))
        said = wrap(name, names, theme.small_size, max_lines=2, family=theme.family)
        if len(said) > 1:
            said = wrap(name, names, _SMALL, max_lines=2, family=theme.family)
        crude = kind in {"crude", "landmark"}  # both hold the time that those who left early did not have
        items.append(
            Label(x=x, y=middle, text="\n".join(said), size=_SMALL if len(said) > 1 else theme.small_size,
                  va="center", line_height=1.1, colour=theme.muted if crude else theme.ink)
        )  # fmt: skip
        items += _dot(found, axis, middle, theme, crude=crude)
        star = "*" if found.small_sample else ""
        items.append(
            Label(x=x + width, y=middle, text=f"{_size(found, effect)}{star}", size=theme.small_size,
                  ha="right", va="center", weight="bold" if kind == "decides" else "normal",
                  mark="small sample" if star else "", colour=theme.muted if crude else theme.ink)
        )  # fmt: skip
    return items


def _dot(found: Estimate, axis: Axis, y: float, theme: Theme, *, crude: bool) -> list[Item]:
    items: list[Item] = []
    if found.low is not None and found.high is not None:
        items += interval(axis.at(found.low), axis.at(found.high), y, theme, mark="interval")
    return [*items, _square(axis.at(found.value or 0.0), y, theme, crude=crude)]


def _square(x: float, y: float, theme: Theme, *, crude: bool) -> Marker:
    return Marker(
        x=x, y=y, shape="square", size=_DOT, fill=theme.paper if crude else theme.curve, z=SHAPE + 0.3,
        edge=theme.curve if crude else theme.paper, line_width=1.4 if crude else 0.7,
        mark="crude" if crude else "fair",
    )  # fmt: skip


def _size(found: Estimate, effect: ServiceEffect) -> str:
    if effect.outcome != "feeling":
        return points(found)
    reach = feeling_reach(found)
    return f"{feeling_text(found.value or 0.0)} ({reach})" if reach else feeling_text(found.value or 0.0)


def effect_entries(theme: Theme) -> list[LegendEntry]:
    """What do the dots of the comparisons mean?

    Parameters
    ----------
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of LegendEntry
        One for each mark of `effect_panel` but intervals.
    """
    texts = {
        "crude": "mixes those who left early with those who stayed",
        "fair": "compared at the same point of the journey",
    }
    return [
        LegendEntry(
            mark=mark, width=0.12, text=text, marks=(_square(0.06, 0.0, theme, crude=mark == "crude"),)
        )
        for mark, text in texts.items()
    ]
