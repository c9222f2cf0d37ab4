"""What does the legend of a figure say, and where do its entries stand?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from journeymap.render.scene import Item, Label, LegendEntry, Scene
from journeymap.render.text import line_height, text_width
from journeymap.render.theme import Theme

__all__ = ["IN_LEGEND", "lay_legend", "with_legend"]

IN_LEGEND = "legend"  # what the marks in the legend itself are marked with

_MARK_GAP = 0.08
_ENTRY_GAP, _CLOSE_GAP = 0.32, 0.2
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
    words = [(entry, theme.word(entry.text)) for entry in entries]
    placed = [
        (entry, word, entry.width + _MARK_GAP + text_width(word, theme.small_size, family=theme.family))
        for entry, word in words
    ]
    widths = [wide for _, _, wide in placed]
    gap = _gap(widths, width)
    width = _even(widths, gap, width)
    items: list[Item] = []
    at, middle = x, y + _ROW / 2
    for entry, word, wide in placed:
        if at > x and at + wide > x + width:
            at, middle = x, middle + _ROW
        items += [replace(mark.moved(at, middle), mark=IN_LEGEND) for mark in entry.marks]
        items.append(
            Label(x=at + entry.width + _MARK_GAP, y=middle - line_height(theme.small_size) / 2, text=word,
                  size=theme.small_size, colour=theme.muted)
        )  # fmt: skip
        at += wide + gap
    return tuple(items), (middle + _ROW / 2 - y) if items else 0.0


def _gap(widths: Sequence[float], room: float) -> float:
    """How far apart do entries stand: closer where that saves a row?"""
    close, wide = (_rows(widths, gap, room) for gap in (_CLOSE_GAP, _ENTRY_GAP))
    return _ENTRY_GAP if close == wide else _CLOSE_GAP


def _rows(widths: Sequence[float], gap: float, room: float) -> int:
    """How many rows do entries take?"""
    count, at = 1, 0.0
    for wide in widths:
        if at > 0 and at + wide > room:
            count, at = count + 1, 0.0
        at += wide + gap
    return count


def _even(widths: Sequence[float], gap: float, room: float) -> float:
    """How far need rows reach at least for no more of them, so that none holds a single left-over entry?"""
    count = _rows(widths, gap, room)
    if count == 1:
        return room
    # The longest row ends where some entry does: only these widths can be the least.
    reaches = sorted(
        reach
        for first in range(len(widths))
        for last in range(first, len(widths))
        if (reach := sum(widths[first : last + 1]) + gap * (last - first) + 1e-9) <= room
    )
    return next((reach for reach in reaches if _rows(widths, gap, reach) == count), room)


def with_legend(
    items: Iterable[Item],
    entries: Iterable[LegendEntry],
    *,
    y: float,
    width: float,
    theme: Theme,
    title: str,
    description: str,
    margin: float = 0.35,
) -> Scene:
    """How does a figure end: with a legend of just the marks that its items carry?

    Parameters
    ----------
    items : iterable of Item
        Everything above the legend.
    entries : iterable of LegendEntry
        Every entry that the figure may need, in order; those that no item refers to are left out.
    y : float
        Where the legend begins, in inches.
    width : float
        Of the figure.
    theme : Theme
        Sizes and colours; its `scale` enlarges the whole.
    title, description : str
        For files and readers who do not see the picture.
    margin : float
        Left and right of the legend.

    Returns
    -------
    Scene
        The whole figure.
    """
    drawn = tuple(items)
    used = {item.mark for item in drawn if item.mark}
    named = [entry for entry in entries if entry.mark in used]
    legend, high = lay_legend(named, margin, y, width - 2 * margin, theme)
    return Scene(
        width=width,
        height=y + high + 0.2,
        items=(*drawn, *legend),
        title=title,
        description=description,
        legend=tuple(entry.mark for entry in named),
    ).scaled(theme.scale)
