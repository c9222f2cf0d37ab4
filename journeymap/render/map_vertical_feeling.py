"""How do customers feel down a vertical map: a curve from row to row that never overshoots?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator

from journeymap.render.map_columns import Column, track
from journeymap.render.map_curves import stretches
from journeymap.render.map_feeling import NEAR, expected_marker, feeling_marker, feeling_text
from journeymap.render.scene import GRID, LINK, Dash, Item, Label, Line, Point, Polygon
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["Panel", "lay_panel", "panel_head"]

_SAMPLES = 24
_DASH = 0.22  # half of the stroke through what is used at any stage
_HALF = 0.14  # of the height of an interval
_SEEN_THROUGH = 0.75
_BELOW = 0.18  # where a feeling is expected close to the one that is felt
_REACH = 0.15  # from the middle of a marker to the words beside it
_ENDS = {-2: "very negative −2", -1: "−1", 0: "neutral 0", 1: "+1", 2: "very positive +2"}
_INSET = 0.38  # from the panel's side to ±2: half of "very negative"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Where the feeling axis of a vertical map lies.

    Parameters
    ----------
    left, width : float
        Of the panel, in inches.
    inset : float
        From its left side to −2.
    theme : Theme
        Sizes and colours.
    """

    left: float
    width: float
    inset: float
    theme: Theme

    @classmethod
    def within(
        cls, left: float, width: float, columns: Sequence[Column], lowest: frozenset[int], theme: Theme
    ) -> Panel:
        """Give the axis that leaves room for the words about the lowest points, left of all of the curve."""
        need = _INSET
        for place in lowest:
            column = columns[place]
            _, wide = _lowest_words(column, theme)
            reach = _REACH + wide + 0.06
            # solve x(value) - reach >= left for the inset
            part = ((_at_least(column) + 2) / 4) if column.feeling is not None else 0.0
            need = max(need, (reach - part * (width - _INSET)) / (1 - part))
        return cls(left=left, width=width, inset=min(need, width * 0.45), theme=theme)

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width

    def x(self, value: float) -> float:
        """Where a feeling stands."""
        low, high = self.left + self.inset, self.right - _INSET
        return low + (max(-2.0, min(2.0, value)) + 2) / 4 * (high - low)


def _at_least(column: Column) -> float:
    others = (column.low, column.touchpoint.expectation)
    return min(column.feeling or 0.0, *(2.0 if other is None else other for other in others))


def _lowest_words(column: Column, theme: Theme) -> tuple[str, float]:
    """Give the words at a lowest point, in lines of a word each, and their width."""
    words = theme.word("lowest point").split()
    number = [feeling_text(column.feeling or 0.0)] if column.touchpoint.moment_of_truth else []
    lines = [*number, *(words if len(words) <= 2 else [" ".join(words)])]
    wide = max(text_width(line, theme.small_size, "bold", family=theme.family) for line in lines)
    return "\n".join(lines), wide


def panel_head(panel: Panel) -> tuple[list[Item], float]:
    """Which words stand above the axis, their last line at y = 0?

    Parameters
    ----------
    panel : Panel
        The axis.

    Returns
    -------
    list of Item
        Words over −2, 0 and +2, and the numbers between.
    float
        Their height in inches.
    """
    theme = panel.theme
    items: list[Item] = []
    high = 0.0
    beside = 2 * (panel.x(0) - panel.x(-2) - _INSET) - 0.06
    for value, english in _ENDS.items():
        word, _, number = theme.word(english).rpartition(" ")
        lines = wrap(word, 2 * _INSET, theme.tick_size, "normal", 2, family=theme.family)
        if value == 0 and text_width(word, theme.tick_size, family=theme.family) > beside:
            lines = ()  # the number says it
        text = "\n".join((*lines, number))
        label = Label(x=panel.x(value), y=0, text=text, size=theme.tick_size, ha="center",
                      va="bottom", colour=theme.muted, line_height=1.2)  # fmt: skip
        items.append(label)
        high = max(high, label.height)
    return items, high


def lay_panel(
    panel: Panel,
    columns: Sequence[Column],
    rows: Sequence[tuple[float, float]],
    lowest: frozenset[int],
) -> list[Item]:
    """What stands in the panel?

    Parameters
    ----------
    panel : Panel
        The axis.
    columns : sequence of Column
        The touchpoints, from top to bottom.
    rows : sequence of (float, float)
        Top and bottom of each row, in inches.
    lowest : frozenset of int
        The positions of the lowest points.

    Returns
    -------
    list of Item
        Grid, curve, intervals, expectations, markers and words.
    """
    if not columns:
        return []
    middles = [(top + bottom) / 2 for top, bottom in rows]
    pieces = _pieces(panel, columns, middles)
    items: list[Item] = [
        *_grid(panel, rows),
        *_intervals(panel, columns, middles, pieces),
        *_curve(panel, columns, pieces),
    ]
    sides = _sides(panel, columns, middles, pieces)
    for place, (column, y) in enumerate(zip(columns, middles, strict=True)):
        if column.touchpoint.expectation is not None:
            items += _expectation(panel, column.touchpoint.expectation, column.feeling, y)
        if column.feeling is not None:
            if column.floats:
                x = panel.x(column.feeling)
                items.append(Line(points=((x, y - _DASH), (x, y + _DASH)), colour=panel.theme.neutral,
                                  width=3.0, z=LINK + 0.7, mark="any stage"))  # fmt: skip
            items += _point(panel, column, y, sides[place], lowest=place in lowest)
    return items


def _grid(panel: Panel, rows: Sequence[tuple[float, float]]) -> list[Item]:
    """Draw the lines of the axis through each run of rows, so that stage headers stay clear."""
    theme = panel.theme
    runs: list[list[float]] = []
    for top, bottom in rows:
        if runs and abs(runs[-1][1] - top) < 1e-6:
            runs[-1][1] = bottom
        else:
            runs.append([top, bottom])
    return [
        Line(points=((panel.x(value), top), (panel.x(value), bottom)),
             colour=theme.neutral if value == 0 else theme.rule, width=0.9 if value == 0 else 0.5, z=GRID)
        for top, bottom in runs
        for value in _ENDS
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """The curve from one touchpoint to the next.

    Parameters
    ----------
    start, end : int
        Their positions.
    points : tuple of (x, y)
        The way, from top to bottom.
    """

    start: int
    end: int
    points: tuple[Point, ...]


def _pieces(panel: Panel, columns: Sequence[Column], middles: Sequence[float]) -> list[_Piece]:
    found: list[_Piece] = []
    for run in _runs(columns):
        # PCHIP keeps between its points; a cubic spline would show feelings better than the best.
        values = PchipInterpolator(
            [middles[place] for place in run], [columns[place].feeling or 0.0 for place in run]
        )
        for start, end in pairwise(run):
            ys = np.linspace(middles[start], middles[end], _SAMPLES)
            points = tuple((panel.x(float(x)), float(y)) for x, y in zip(values(ys), ys, strict=True))
            found.append(_Piece(start=start, end=end, points=points))
    return found


def _curve(panel: Panel, columns: Sequence[Column], pieces: Sequence[_Piece]) -> list[Item]:
    """Draw the curve, which runs behind the stages' bars."""
    items: list[Item] = []
    for piece in pieces:
        assumed = columns[piece.start].assumed or columns[piece.end].assumed
        dash: Dash = "dashed" if assumed else "solid"
        mark = "assumed" if assumed else "known"
        items.append(
            Line(points=piece.points, colour=panel.theme.curve, width=2.0, z=LINK + 0.6, dash=dash, mark=mark)
        )
    return items


def _reach(panel: Panel, column: Column) -> tuple[float, float] | None:
    """How far does the interval reach left and right of the feeling; None where none is known?"""
    if column.feeling is None or column.low is None or column.high is None:
        return None
    x = panel.x(column.feeling)
    return max(0.0, x - panel.x(column.low)), max(0.0, panel.x(column.high) - x)


def _intervals(
    panel: Panel, columns: Sequence[Column], middles: Sequence[float], pieces: Sequence[_Piece]
) -> list[Item]:
    """Draw a band along the curve where neighbours were measured, and a short one where only one was."""
    reaches = {place: reach for place, column in enumerate(columns) if (reach := _reach(panel, column))}
    grounds: list[list[tuple[Point, tuple[float, float]]]] = []
    joined: set[int] = set()
    for piece in pieces:
        if piece.start not in reaches or piece.end not in reaches:
            continue
        if piece.start not in joined:
            grounds.append([])
        joined |= {piece.start, piece.end}
        (left, right), (then_left, then_right) = reaches[piece.start], reaches[piece.end]
        for number, point in enumerate(piece.points):
            part = number / (len(piece.points) - 1)
            ease = part * part * (3 - 2 * part)
            span = left + (then_left - left) * ease, right + (then_right - right) * ease
            grounds[-1].append((point, span))
    grounds += [
        [((panel.x(columns[place].feeling or 0.0), middles[place]), reaches[place])]
        for place in sorted(reaches.keys() - joined)
    ]
    return [_band(panel, ground) for ground in grounds]


def _band(panel: Panel, ground: Sequence[tuple[Point, tuple[float, float]]]) -> Polygon:
    """Close the ground between the ends of the intervals, a little longer than from marker to marker."""
    (x, y), first = ground[0]
    (last_x, last_y), last = ground[-1]
    longer = [((x, y - _HALF), first), *ground, ((last_x, last_y + _HALF), last)]
    left = [(x - reach, y) for (x, y), (reach, _) in longer]
    right = [(x + reach, y) for (x, y), (_, reach) in longer]
    return Polygon(points=(*left, *reversed(right)), fill=panel.theme.interval, alpha=_SEEN_THROUGH,
                   z=LINK + 0.4, mark="interval")  # fmt: skip


def _runs(columns: Sequence[Column]) -> tuple[tuple[int, ...], ...]:
    return stretches([column.feeling is not None for column in columns], track(columns))


def _sides(
    panel: Panel, columns: Sequence[Column], middles: Sequence[float], pieces: Sequence[_Piece]
) -> list[int]:
    """Where does the curve leave room above each marker: right of it (1) or left (−1)?"""
    sides = [-1 if column.floats else 1 for column in columns]
    for piece in pieces:
        xs, ys = zip(*piece.points, strict=True)
        for place in range(piece.start + 1, piece.end):
            if np.interp(middles[place], ys, xs) < panel.x(columns[place].feeling or 0.0):
                sides[place] = 1  # the curve passes left of what floats
    for run in _runs(columns):
        feelings = [columns[place].feeling or 0.0 for place in run]
        for before, number in pairwise(range(len(run))):
            if feelings[before] > feelings[number]:  # the curve comes from the right
                sides[run[number]] = -1
    return sides


def _expectation(panel: Panel, expected: float, felt: float | None, y: float) -> list[Item]:
    """Draw an open marker where customers expected to feel, with a dotted stem to what they feel.

    Where the two are close it hangs below, because the numbers of stars stand above.
    """
    x, theme = panel.x(expected), panel.theme
    if felt is None:
        return [expected_marker(x, y, theme)]
    at = y + _BELOW if abs(felt - expected) < NEAR else y
    stem = Line(points=((panel.x(felt), y), (x, at)), colour=theme.muted, width=1.2, dash="dotted",
                z=LINK + 0.5, mark="expectation")  # fmt: skip
    return [stem, expected_marker(x, at, theme)]


def _point(panel: Panel, column: Column, y: float, side: int, *, lowest: bool) -> list[Item]:
    theme = panel.theme
    value = column.feeling or 0.0
    x, star = panel.x(value), column.touchpoint.moment_of_truth
    marker = feeling_marker(
        x, y, value, theme, assumed=column.assumed, star=star, pill=column.low is not None
    )
    items: list[Item] = list(marker)
    if lowest:
        words, _ = _lowest_words(column, theme)
        # The curve never comes left of its lowest point.
        items.append(
            Label(x=panel.x(_at_least(column)) - _REACH, y=y, text=words, size=theme.small_size,
                  weight="bold", ha="right", va="center", colour=theme.loss_text, line_height=1.15)
        )  # fmt: skip
    elif star:
        items.append(
            Label(x=x + side * 0.12, y=y - 0.14, text=feeling_text(value), size=theme.small_size,
                  weight="bold", ha="left" if side > 0 else "right", va="center", colour=theme.ink,
                  mark="feeling")
        )  # fmt: skip
    return items
