"""How good is the service, and how good the whole relationship: what does the scorecard look like?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from matplotlib.axes import Axes

from journeymap.errors import require
from journeymap.model.scorecard import FAMILIES, Family, Scorecard
from journeymap.render.chart_parts import MARGIN, caption, heading, paragraph
from journeymap.render.facts import filtered, period_of
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import GRID, SHAPE, Box, Item, Label, LegendEntry, Line, Scene
from journeymap.render.scorecard_rows import (
    Columns,
    Entry,
    family_colour,
    need_entry,
    row_entry,
    row_marks,
)
from journeymap.render.scorecard_words import scorecard_words
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_scorecard", "draw_scorecard", "scorecard_scene"]

_WIDTH, _GAP = 12.4, 0.55
_VALUE, _TRACK = 1.4, 1.35
_LEAST_VALUE, _LEAST_TRACK = 1.15, 0.85
_HEAD_SIZE = 12.0
_ABOUT = "The two families of metrics"
_NOTHING: dict[Family, str] = {
    "service": "No tickets and no answers about service yet, so there is no number to show.",
    "experience": "No survey answers and no counts by customer group yet, so there is no number to show.",
}


def draw_scorecard(card: Scorecard, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """How good is the service, and how good the whole relationship?

    Two panels side by side, on the left service (help at a moment), on the right experience (the whole
    relationship). A row for each number: its name and definition, the number in large type with n, and where
    it lies on its scale, with its interval; the good end of the scale is marked. Numbers that cannot be given
    stand below, each with what it needs.

    Parameters
    ----------
    card : Scorecard
        What `scorecard` measured.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.
    """
    require(card, Scorecard, "draw_scorecard", hint="measure the journey first: scorecard(journey)")
    return paint(scorecard_scene(card, theme=theme), ax, theme)


def describe_scorecard(card: Scorecard) -> str:
    """What does the scorecard say, in sentences?

    Parameters
    ----------
    card : Scorecard
        What `scorecard` measured.

    Returns
    -------
    str
        One sentence a number, with interval, n, direction and definition, uncut; then what is not measured.

    Examples
    --------
    >>> print(describe_scorecard(Scorecard(journey="Shop")))
    Shop, whole journey: the scorecard of customer service and customer experience.
    Customer service, help at a moment: no number can be given.
    Customer experience, the whole relationship: no number can be given.
    """
    require(card, Scorecard, "describe_scorecard", hint="measure the journey first: scorecard(journey)")
    return scorecard_words(card)


def scorecard_scene(card: Scorecard, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of a scorecard?

    Parameters
    ----------
    card : Scorecard
        What `scorecard` measured.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        With two panels; rows of one line have the same height in both.
    """
    width = _WIDTH / theme.scale
    panel = (width - 2 * MARGIN - _GAP) / 2
    panels = {
        family: Columns(
            left=MARGIN + place * (panel + _GAP),
            width=panel,
            value=max(_LEAST_VALUE, _VALUE / theme.scale),
            track=max(_LEAST_TRACK, _TRACK / theme.scale),
        )
        for place, family in enumerate(FAMILIES)
    }
    items, y = heading(card.journey, _facts(card, theme), width, theme)
    y += 0.28
    heads = [_head(family, panels[family], y, theme) for family in FAMILIES]
    items += [item for head, _ in heads for item in head]
    y = max(bottom for _, bottom in heads) + 0.06
    rows, bottoms = _measured(card, panels, y, theme)
    items += rows
    if any(card.measured(family) for family in FAMILIES):
        bottoms = {family: bottom + 0.16 for family, bottom in bottoms.items()}
    for family in FAMILIES:
        needs, bottoms[family] = _unmeasured(card, family, panels[family], bottoms[family], theme)
        items += needs
    y = max(bottoms.values()) + 0.1
    notes, high = paragraph(
        "\n".join(card.notes), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size, colour=theme.muted
    )
    return with_legend(
        [*items, *notes], _entries(card, theme), y=y + high + 0.12, width=width, theme=theme,
        title=f"{card.journey}: {theme.word('scorecard of service and experience')}",
        description=scorecard_words(card),
    )  # fmt: skip


def _facts(card: Scorecard, theme: Theme) -> list[str]:
    facts = [theme.word(_ABOUT), theme.word(card.scope)]
    if card.customers:
        facts.append(f"n = {card.customers:,} {theme.word('customers')}")
    return [*facts, *period_of(card.period), *filtered(card.filters, theme)]


def _head(family: Family, columns: Columns, y: float, theme: Theme) -> tuple[list[Item], float]:
    """Draw the rule and the heading of a panel."""
    name, about = (theme.word(words) for words in FAMILIES[family])
    colour = family_colour(family, theme)
    sign = "◆ " if family == "service" else ""
    wide = text_width(sign + name, _HEAD_SIZE, "bold", family=theme.family)
    items: list[Item] = [
        Box(x=columns.left, y=y, width=columns.width, height=0.045, fill=colour, z=SHAPE),
        Label(
            x=columns.left, y=y + 0.12, text=sign + name, size=_HEAD_SIZE, weight="bold",
            colour=theme.as_text(colour), mark="service" if sign else "",
        ),
    ]  # fmt: skip
    below = y + 0.12 + line_height(_HEAD_SIZE)
    beside = wide + 0.14 + text_width(about, theme.subtitle_size, family=theme.family) <= columns.width
    # letters of both sizes stand on one line
    down = 1.01 * (_HEAD_SIZE - theme.subtitle_size) / 72
    items.append(
        Label(
            x=columns.left + (wide + 0.14 if beside else 0.0), y=y + 0.12 + down if beside else below,
            text=about, size=theme.subtitle_size, colour=theme.muted,
        )
    )  # fmt: skip
    return items, below if beside else below + line_height(theme.subtitle_size)


def _measured(
    card: Scorecard, panels: dict[Family, Columns], y: float, theme: Theme
) -> tuple[list[Item], dict[Family, float]]:
    """Lay the known numbers of both families beside each other, with hairlines between them."""
    laid: list[list[Entry]] = [
        [row_entry(row, panels[family], theme) for row in card.measured(family)] for family in panels
    ]
    items: list[Item] = []
    bottoms = dict.fromkeys(panels, y)
    for place, entries in enumerate(zip_longest(*laid)):
        height = max(entry.height for entry in entries if entry is not None)
        for family, entry in zip(panels, entries, strict=True):
            if entry is None:
                continue
            if place:
                items.append(_hairline(panels[family], y, theme))
            items += entry.at(y)
            bottoms[family] = y + height
        y += height
    return items, bottoms


def _hairline(columns: Columns, y: float, theme: Theme) -> Line:
    return Line(
        points=((columns.left, y), (columns.left + columns.width, y)), colour=theme.grid, width=0.7, z=GRID
    )


def _unmeasured(
    card: Scorecard, family: Family, columns: Columns, y: float, theme: Theme
) -> tuple[list[Item], float]:
    """List below what is not known, with what it needs."""
    items: list[Item] = []
    if not card.measured(family):
        lines = wrap(theme.word(_NOTHING[family]), columns.width, theme.body_size, family=theme.family)
        said = Label(
            x=columns.left, y=y + 0.08, text="\n".join(lines), size=theme.body_size, colour=theme.ink
        )
        items.append(said)
        y += said.height + 0.2
    reasons = card.reasons(family)
    if not reasons:
        return items, y
    y += line_height(theme.small_size)
    items += [caption("Not measured", columns.left, y, theme), _hairline(columns, y + 0.04, theme)]
    y += 0.09
    for rows in reasons.values():
        entry = need_entry(rows, columns, theme)
        items += entry.at(y)
        y += entry.height
    return items, y


def _entries(card: Scorecard, theme: Theme) -> Iterator[LegendEntry]:
    diamond = Label(
        x=0, y=0, text="◆", size=theme.small_size, weight="bold", colour=theme.service, va="center"
    )
    wide = text_width("◆", theme.small_size, "bold", family=theme.family)
    yield LegendEntry(mark="service", marks=(diamond,), text="about service interactions", width=wide)
    rows = [row for family in FAMILIES for row in card.measured(family)]
    yield from row_marks(rows, card.level, theme)
