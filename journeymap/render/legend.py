"""What does the legend of a figure say, and where do its entries stand?"""

from __future__ import annotations

from collections.abc import Iterable

from journeymap.render.scene import Item, Label, LegendEntry
from journeymap.render.text import line_height, text_width
from journeymap.render.theme import Theme

__all__ = ["lay_legend"]

_MARK_GAP = 0.08
_ENTRY_GAP = 0.32
_ROW = 0.24


def lay_legend(
    entries: Iterable[LegendEntry], x: float, y: float, width: float, theme: Theme
) -> tuple[tuple[Item, ...], float]:
    """Where do the entries of a legend stand?

    Parameters
    ----------
    entries : iterable of LegendEntry
        Only the marks that the figure uses.
    x, y : float
        Left and top in inches.
    width : float
        How far a row may reach; what does not fit goes into the next row.
    theme : Theme
        Sizes and colours.

    Returns
    -------
    tuple of Item
        Marks and words.
    float
        The height of all rows in inches; 0 without entries.
    """
    items: list[Item] = []
    at, middle = x, y + _ROW / 2
    for entry in entries:
        word = theme.word(entry.text)
        wide = entry.width + _MARK_GAP + text_width(word, theme.small_size, family=theme.family)
        if at > x and at + wide > x + width:
            at, middle = x, middle + _ROW
        items += [mark.moved(at, middle) for mark in entry.marks]
        items.append(
            Label(x=at + entry.width + _MARK_GAP, y=middle - line_height(theme.small_size) / 2, text=word,
                  size=theme.small_size, colour=theme.muted)
        )  # fmt: skip
        at += wide + _ENTRY_GAP
    return tuple(items), (middle + _ROW / 2 - y) if items else 0.0
