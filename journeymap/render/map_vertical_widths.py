"""How wide are the columns of a vertical map, so that its rows are low and its words whole?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from journeymap.render.map_columns import Column
from journeymap.render.map_importance import SPARSE
from journeymap.render.map_lanes import PAD
from journeymap.render.map_vertical_cells import (
    CHIP_MARGINS,
    CHIPS,
    SCORE_COLUMNS,
    TEXT_COLUMNS,
    Cells,
    channels_of,
    head_of,
    number_widths,
    texts_of,
)
from journeymap.render.text import line_height, text_width

__all__ = ["LOWEST_ROW", "WIDTHS", "Width", "column_names", "column_widths", "least_widths"]

LOWEST_ROW = 0.35
CARD_MARGINS = 0.28  # what the edges of a touchpoint's card take of its column
_STEP = 0.1  # inches by which a column grows at a time
_RAGGED = 0.45  # of a line stays empty at the end of a text, on average
_WORTH = 0.01  # inches that the rows must gain from a wider column
_POWER = 8
_LONGEST_WORD = 0.5  # inches by which a long word may widen a column
_SPARSE = 0.8  # of the least width is enough for a column that is filled in few rows
_ONE_LINE = 1.7  # inches that the names may take so that the channels below them need one line alone
_SPARE = 0.12  # of these for the strip that marks service interactions in print
_FEELING = 0.4  # of the room goes to the feeling first, until it is easy to read
_NO_SPACES = "\u2e80"  # from here on scripts break between any two characters


@dataclass(frozen=True, kw_only=True)
class Width:
    """How wide may a column be?

    Parameters
    ----------
    least, easy, most : float
        In inches: the narrowest that can be read, what it has where there is room, and beyond which its
        lines grow too long.
    """

    least: float
    easy: float
    most: float


WIDTHS: dict[str, Width] = {
    "touchpoint": Width(least=1.2, easy=1.5, most=2.3),
    "doing": Width(least=1.0, easy=1.65, most=2.9),
    "thinking": Width(least=1.0, easy=1.65, most=2.7),
    "pain points": Width(least=1.05, easy=1.6, most=2.7),
    "opportunities": Width(least=1.05, easy=1.55, most=2.7),
    "visits": Width(least=1.02, easy=1.1, most=1.4),
    "drop-off": Width(least=0.68, easy=0.8, most=1.0),
    "median wait": Width(least=0.82, easy=0.9, most=1.1),
    "owner": Width(least=0.7, easy=0.95, most=1.4),
    "frontstage": Width(least=0.9, easy=1.3, most=2.5),
    "evidence": Width(least=0.8, easy=1.05, most=1.9),
    "importance": Width(least=0.72, easy=0.8, most=1.2),
    "backstage": Width(least=0.9, easy=1.5, most=2.5),
    "systems": Width(least=0.8, easy=1.25, most=1.9),
    "feeling": Width(least=2.25, easy=2.6, most=3.4),
    **dict.fromkeys(SCORE_COLUMNS, Width(least=0.78, easy=0.9, most=1.3)),
}
# A lane of several numbers becomes several columns.
_SPREAD = {"metrics": ("visits", "drop-off", "median wait", *SCORE_COLUMNS)}


def column_names(lanes: Sequence[str]) -> tuple[str, ...]:
    """Which columns do these lanes become?

    Parameters
    ----------
    lanes : sequence of str
        Names of lanes.

    Returns
    -------
    tuple of str
        Names of `WIDTHS`; also ``channel``, which stands under the touchpoint's name.

    Examples
    --------
    >>> column_names(["doing", "metrics"])[:4]
    ('doing', 'visits', 'drop-off', 'median wait')
    """
    return tuple(name for lane in lanes for name in _SPREAD.get(lane, (lane,)))


def least_widths(
    cells: Cells, columns: Sequence[Column], names: Sequence[str], *, channels: bool = False
) -> dict[str, float]:
    """How narrow may each column be, if no usual word is to be cut?

    Parameters
    ----------
    cells : Cells
        Gives the texts.
    columns : sequence of Column
        The touchpoints.
    names : sequence of str
        Names of `WIDTHS`.
    channels : bool
        Whether channels stand under the names of the touchpoints.

    Returns
    -------
    dict of str to float
        In inches.
    """
    theme = cells.theme

    def longest(texts: Iterable[str], size: float, weight: str) -> float:
        words = {word for text in texts for word in text.split() if max(word) < _NO_SPACES}
        return max((text_width(word, size, weight, family=theme.family) for word in words), default=0.0)

    wide: dict[str, float] = {}
    for name in names:
        bold = name == "touchpoint"
        texts = [text for column in columns for text in texts_of(cells, name, column.touchpoint)]
        size, weight = (theme.touchpoint_size, "bold") if bold else (_size(cells, name), "normal")
        head = longest([head_of(cells, name)], theme.small_size, "bold") + 1.6 * PAD
        word = longest(texts, size, weight) + _margins(name)
        narrow = name not in CHIPS and _sparse(cells, columns, name)
        least = WIDTHS[name].least * (_SPARSE if narrow else 1.0)
        wide[name] = min(least + _LONGEST_WORD, max(least, word, head))
        if bold and channels:
            lines = (
                text_width(channels_of(cells, column.touchpoint), theme.tick_size, family=theme.family)
                for column in columns
            )
            line = max(lines, default=0.0) + CARD_MARGINS + _SPARE
            wide[name] = max(wide[name], line if line <= _ONE_LINE else 0.0)
        numbers = [number_widths(cells, name, column.touchpoint) for column in columns]
        # A number is never cut; an interval too long for any column is left out.
        wide[name] = max([wide[name], *(value for value, _ in numbers)])
        wide[name] = max([wide[name], *(around for _, around in numbers if around <= WIDTHS[name].most)])
    return wide


def _size(cells: Cells, name: str) -> float:
    theme = cells.theme
    return theme.body_size if name in {"doing", "thinking"} else theme.small_size


def _margins(name: str) -> float:
    """Give what a column's width loses before its text begins and after it ends."""
    if name == "touchpoint":
        return CARD_MARGINS
    return 2 * PAD + (CHIP_MARGINS[CHIPS[name]] if name in CHIPS else 0.0)


def column_widths(
    cells: Cells,
    columns: Sequence[Column],
    least: Mapping[str, float],
    width: float,
    *,
    channels: bool = False,
) -> dict[str, float]:
    """How wide is each column, so that the rows become as low as may be?

    Each column begins as narrow as can be read; then, tenth by tenth of an inch, room goes where it makes
    the rows lowest; what is left then is shared by all.

    Parameters
    ----------
    cells : Cells
        Gives the texts.
    columns : sequence of Column
        The touchpoints, from top to bottom.
    least : mapping of str to float
        The least width of each column, as from `least_widths`.
    width : float
        Of all columns together, in inches.
    channels : bool
        Whether channels stand under the names of the touchpoints.

    Returns
    -------
    dict of str to float
        In the same order; together as wide as asked, but never below the least widths.
    """
    heights: dict[tuple[str, float], list[float]] = {}

    def tall(name: str, wide: float) -> list[float]:
        key = name, round(wide, 3)
        if key not in heights:
            heights[key] = [_height(cells, name, column, wide, channels=channels) for column in columns]
        return heights[key]

    wide = dict(least)
    room = width - sum(wide.values())
    if "feeling" in wide:
        more = min(WIDTHS["feeling"].easy - wide["feeling"], room * _FEELING)
        wide["feeling"] += max(0.0, more)
        room -= max(0.0, more)
    growing = [
        name
        for name in wide
        if name == "touchpoint" or any(texts_of(cells, name, column.touchpoint) for column in columns)
    ]
    while room > _STEP and growing:
        gains = {name: _gain(name, wide, tall) for name in growing}
        best = max(growing, key=gains.__getitem__)
        if gains[best] < _WORTH:
            break
        wide[best] += _STEP
        room -= _STEP
        if wide[best] + _STEP > WIDTHS[best].most:
            growing.remove(best)
    return _shared(wide, room, [name for name in wide if not _sparse(cells, columns, name)])


def _height(cells: Cells, name: str, column: Column, width: float, *, channels: bool) -> float:
    """About how tall is a cell of this width, in inches, without breaking its texts into lines?"""
    theme, touchpoint = cells.theme, column.touchpoint
    room = width - _margins(name)
    if name == "touchpoint":
        wide = text_width(touchpoint.name, theme.touchpoint_size, "bold", family=theme.family)
        lines = max(1.0, wide / room + _RAGGED)
        below = 0.0
        if channels and touchpoint.channels:
            under = text_width(channels_of(cells, touchpoint), theme.tick_size, family=theme.family)
            below = max(1.0, under / room + _RAGGED) * line_height(theme.tick_size, theme.line_height)
        return lines * line_height(theme.touchpoint_size, theme.line_height) + below + 0.14
    size = _size(cells, name)
    lines, gaps = 0.0, 0.0
    for text in texts_of(cells, name, touchpoint):
        lines += max(1.0, text_width(text, size, family=theme.family) / room + _RAGGED)
        gaps += 0.11 if name in CHIPS else 0.0
    return lines * line_height(size, theme.line_height) + gaps


def _gain(name: str, wide: Mapping[str, float], tall: Callable[[str, float], list[float]]) -> float:
    """How much lower do the rows become where this column is a little wider?

    A high power stands in for the tallest cell of a row, so that two cells that are about as tall are
    both worth widening.
    """
    others = [tall(other, size) for other, size in wide.items() if other != name]

    def together(size: float) -> float:
        return sum(
            math.pow(LOWEST_ROW**_POWER + sum(height**_POWER for height in row), 1 / _POWER)
            for row in zip(tall(name, size), *others, strict=True)
        )

    return together(wide[name]) - together(wide[name] + _STEP)


def _sparse(cells: Cells, columns: Sequence[Column], name: str) -> bool:
    """Whether a column of texts is filled in few rows."""
    if name not in TEXT_COLUMNS:
        return False
    filled = sum(bool(texts_of(cells, name, column.touchpoint)) for column in columns)
    return filled < SPARSE * len(columns)


def _shared(wide: dict[str, float], room: float, dense: Sequence[str]) -> dict[str, float]:
    """Share what is left: until all columns are easy to read, then as wide as they may, then evenly.

    Columns that are nearly empty have what their few texts need, and get no more.
    """
    for goal in ("easy", "most"):
        lacks = {name: max(0.0, getattr(WIDTHS[name], goal) - wide[name]) for name in dense}
        lack = sum(lacks.values())
        if room <= 0 or lack <= 0:
            continue
        part = min(1.0, room / lack)
        wide = {name: size + part * lacks.get(name, 0.0) for name, size in wide.items()}
        room -= part * lack
    more = max(0.0, room) / max(1, len(dense))
    return {name: size + (more if name in dense else 0.0) for name, size in wide.items()}
