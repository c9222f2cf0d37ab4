"""How do the panels of the service picture share the page, and how does each begin?"""

from __future__ import annotations

from dataclasses import replace

from journeymap.render.chart_parts import paragraph
from journeymap.render.scene import Item, Label
from journeymap.render.theme import Theme

__all__ = ["BETWEEN", "LEFT", "panel_head"]

LEFT, BETWEEN = 0.52, 0.35  # the part of the left one of two, and the inches between them


def panel_head(
    name: str, finding: str, x: float, y: float, width: float, theme: Theme
) -> tuple[list[Item], float]:
    """Where do the name of a panel and its finding stand?

    Parameters
    ----------
    name : str
        In English; the theme translates it.
    finding : str
        One sentence or two.
    x, y, width : float
        Left, top and room, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        The texts.
    float
        The y below them.
    """
    named, high = paragraph(theme.word(name), x, y, width, theme, size=theme.small_size, colour=theme.muted)
    items: list[Item] = [replace(item, weight="bold") if isinstance(item, Label) else item for item in named]
    y += high + 0.03
    said, high = paragraph(finding, x, y, width, theme, size=theme.body_size)
    return [*items, *said], y + high + 0.1
