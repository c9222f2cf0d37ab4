"""How are the touchpoints of a chart named: below their places, or by numbers with a key?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeymap.render.chart_parts import MARGIN
from journeymap.render.feeling_chart_plot import PAD, Plot, fits_whole
from journeymap.render.map_columns import Column
from journeymap.render.scene import Item, Label, Marker
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["KeyEntry", "lay_key", "lay_names", "lay_numbers", "names_fit", "service_mark"]

_MOST_NAMED = 12
_MOST_LINES = 4
_COLUMN, _GAP = 2.05, 0.25
_NUMBER = 0.22
_HEADING_GAP = 0.06


@dataclass(frozen=True, kw_only=True)
class KeyEntry:
    """A line of a key.

    Parameters
    ----------
    number : str
        As it stands on the figure; empty for a heading.
    name : str
        What it means.
    value : str
        A number at its right.
    service : bool
        Whether it is a service interaction.
    """

    number: str = ""
    name: str
    value: str = ""
    service: bool = False


def service_mark(x: float, y: float, theme: Theme, size: float = 7.0) -> Marker:
    """Give the ◆ of a service interaction."""
    return Marker(x=x, y=y, shape="diamond", size=size, fill=theme.service, edge=theme.paper, line_width=0.5,
                  mark="service")  # fmt: skip


def _shown(column: Column) -> str:
    return f"◆ {column.touchpoint.name}" if column.touchpoint.is_service else column.touchpoint.name


def names_fit(columns: Sequence[Column], plot: Plot) -> bool:
    """Whether every name can stand uncut below its place: up to 12, on four lines at most."""
    return len(columns) <= _MOST_NAMED and all(
        fits_whole(_shown(column), room - 2 * PAD, plot.theme.small_size, _MOST_LINES, plot.theme)
        for column, room in zip(columns, plot.rooms, strict=True)
    )


def _lines(name: str, width: float, size: float, theme: Theme, most: int | None = None) -> tuple[str, ...]:
    """Break a name; ◆ never stands alone on a line."""
    lines = wrap(name, width, size, max_lines=most, family=theme.family)
    if lines and lines[0] == "◆":
        return wrap(name.replace("◆ ", "◆\u00a0", 1), width, size, max_lines=most, family=theme.family)
    return lines


def lay_names(columns: Sequence[Column], plot: Plot, y: float) -> tuple[list[Item], float]:
    """Where do the names stand below their places? Gives the items and their height."""
    theme = plot.theme
    items: list[Item] = []
    most = 1
    for column, x, room in zip(columns, plot.xs, plot.rooms, strict=True):
        lines = _lines(_shown(column), room - 2 * PAD, theme.small_size, theme)
        service = column.touchpoint.is_service
        most = max(most, len(lines))
        items.append(
            Label(x=x, y=y, text="\n".join(lines), size=theme.small_size, ha="center", line_height=1.2,
                  colour=theme.service if service else theme.ink, mark="service" if service else "")
        )  # fmt: skip
    return items, line_height(theme.small_size, 1.2) * most


def lay_numbers(columns: Sequence[Column], plot: Plot, y: float) -> tuple[list[Item], float]:
    """Where do the numbers stand below their places, with ◆ for service? Gives the items and their height."""
    theme = plot.theme
    items: list[Item] = []
    for place, (column, x) in enumerate(zip(columns, plot.xs, strict=True), 1):
        service = column.touchpoint.is_service
        items.append(
            Label(x=x, y=y, text=str(place), size=theme.tick_size, ha="center",
                  weight="bold" if service else "normal", colour=theme.service if service else theme.ink)
        )  # fmt: skip
        if service:
            items.append(service_mark(x, y + 0.2, theme))
    high = line_height(theme.tick_size)
    return items, high + (0.14 if any(column.touchpoint.is_service for column in columns) else 0.0)


def lay_key(entries: Sequence[KeyEntry], y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Where do the lines of a key stand, in columns below a figure?

    Parameters
    ----------
    entries : sequence of KeyEntry
        In order; one without a number is a heading.
    y : float
        The top, in inches.
    width : float
        Of the figure.
    theme : Theme
        Sizes and colours.

    Returns
    -------
    list of Item
        The texts.
    float
        Their height.
    """
    room = width - 2 * MARGIN
    longest = max(
        (text_width(entry.name, theme.small_size, family=theme.family) for entry in entries), default=0
    )
    wanted = min(max(_COLUMN, longest + _NUMBER + 0.5), room)
    count = max(1, int((room + _GAP) / (min(wanted, 2.9) + _GAP)))
    column = (room + _GAP) / count - _GAP
    blocks = [_entry(entry, column, theme) for entry in entries]
    starts = _columns([high for _, high in blocks], [not entry.number for entry in entries], count)
    items: list[Item] = []
    tallest = 0.0
    for number, (start, end) in enumerate(starts):
        at = y
        for place in range(start, end):
            block, high = blocks[place]
            if place == start and not entries[place].number:
                at -= _HEADING_GAP  # the heading at the top of a column needs no gap above
            items += [item.moved(MARGIN + number * (column + _GAP), at) for item in block]
            at += high
        tallest = max(tallest, at - y)
    return items, tallest


def _entry(entry: KeyEntry, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Lay one line of the key with its upper left at 0, 0."""
    size, step = theme.small_size, line_height(theme.small_size)
    if not entry.number:
        lines = wrap(entry.name, width, size, "bold", 1, family=theme.family)
        head = Label(x=0, y=_HEADING_GAP, text=lines[0] if lines else "", size=size, weight="bold",
                     colour=theme.muted)  # fmt: skip
        return [head], step + _HEADING_GAP
    wide = text_width(entry.value, size, family=theme.family) + 0.08 if entry.value else 0.0
    name = f"◆ {entry.name}" if entry.service else entry.name
    lines = _lines(name, width - _NUMBER - wide, size, theme, 2)
    colour = theme.service if entry.service else theme.ink
    items: list[Item] = [
        Label(x=_NUMBER - 0.07, y=0, text=entry.number, size=size, ha="right", colour=theme.muted),
        Label(x=_NUMBER, y=0, text="\n".join(lines), size=size, colour=colour,
              mark="service" if entry.service else ""),
    ]  # fmt: skip
    if entry.value:
        items.append(Label(x=width, y=0, text=entry.value, size=size, ha="right", colour=theme.muted))
    return items, step * max(1, len(lines)) + 0.015


def _columns(heights: Sequence[float], heads: Sequence[bool], count: int) -> list[tuple[int, int]]:
    """Cut the lines into columns, as low as they can be; no heading stands last in a column."""
    low, high = max(heights, default=0.0), sum(heights)
    cuts = _cut(heights, heads, high)
    for _ in range(30):
        middle = (low + high) / 2
        tried = _cut(heights, heads, middle)
        if len(tried) <= count:
            cuts, high = tried, middle
        else:
            low = middle
    return cuts


def _cut(heights: Sequence[float], heads: Sequence[bool], most: float) -> list[tuple[int, int]]:
    columns: list[tuple[int, int]] = []
    start, filled = 0, 0.0
    for place, high in enumerate(heights):
        if place > start and filled + high > most + 1e-9:
            end = place - 1 if heads[place - 1] and place - 1 > start else place
            columns.append((start, end))
            start, filled = end, sum(heights[end:place])
        filled += high
    return [*columns, (start, len(heights))] if heights else []
