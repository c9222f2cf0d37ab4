"""How do customers feel along the map: a curve that never overshoots, with gaps where nothing is known?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.interpolate import PchipInterpolator

from journeymap.render.map_columns import Column, track
from journeymap.render.map_lanes import PAD, Grid, Lane, passing
from journeymap.render.scene import GRID, LINK, SHAPE, TEXT, Box, Dash, Item, Label, Line, Marker
from journeymap.render.text import text_width
from journeymap.render.theme import Theme

__all__ = ["feeling_lane", "feeling_marker", "feeling_text", "lowest_points"]

HEIGHT = 1.95
_TOP, _BOTTOM = 0.42, 1.60  # where +2 and −2 stand
_SAMPLES = 24
_MOST_LOWEST = 2
_VISIBLE_GAP = 0.25
_CLEAR = 0.23
_WORDS = {2: "very positive +2", 1: "+1", 0: "neutral 0", -1: "−1", -2: "very negative −2"}


def feeling_text(value: float) -> str:
    """How is a feeling written?

    Parameters
    ----------
    value : float
        −2 to +2.

    Returns
    -------
    str
        Signed, with one decimal where it is no whole number, and a true minus sign.

    Examples
    --------
    >>> feeling_text(-2), feeling_text(0), feeling_text(0.66)
    ('−2', '0', '+0.7')
    """
    rounded = round(value, 1)
    if rounded == 0:
        return "0"
    return f"{rounded:+.1f}".removesuffix(".0").replace("-", "−")


def lowest_points(columns: Sequence[Column]) -> frozenset[int]:
    """Which columns are the lowest points of the whole map?

    Parameters
    ----------
    columns : sequence of Column
        All columns, over all bands.

    Returns
    -------
    frozenset of int
        Their positions; none where fewer than two feelings are known, all are alike, or more than two
        columns share the lowest.
    """
    known = [(column.feeling, place) for place, column in enumerate(columns) if column.feeling is not None]
    values = {value for value, _ in known}
    if len(values) < 2:
        return frozenset()
    lowest = [place for value, place in known if value == min(values)]
    return frozenset(lowest) if len(lowest) <= _MOST_LOWEST else frozenset()


def _height(value: float) -> float:
    return _TOP + (2 - value) / 4 * (_BOTTOM - _TOP)


def feeling_lane(grid: Grid, everything: Sequence[Column], first: int, lowest: frozenset[int]) -> Lane | None:
    """What does the feeling lane of a band show?

    Parameters
    ----------
    grid : Grid
        The columns of the band.
    everything : sequence of Column
        All columns of the map, so that the curve goes on from band to band.
    first : int
        The position of the band's first column among them.
    lowest : frozenset of int
        The lowest points of the map.

    Returns
    -------
    Lane or None
        None where no feeling of the band is known.
    """
    if all(column.feeling is None for column in grid.columns):
        return None
    items: list[Item] = [*_axis(grid), *_curve(grid, everything, first)]
    marks = {"feeling"}
    steps = _steps(everything)
    for place, column in enumerate(grid.columns):
        x = grid.centre(place)
        if column.touchpoint.expectation is not None:
            marks.add("expectation")
            items += _expectation(grid, x, column.touchpoint.expectation, column.feeling)
        if column.feeling is None:
            continue
        if column.low is not None and column.high is not None:
            marks.add("interval")
            top, bottom = _height(min(2.0, column.high)), _height(max(-2.0, column.low))
            items.append(Box(x=x - 0.21, y=top, width=0.42, height=bottom - top, radius=0.03,
                             fill=grid.theme.interval, z=LINK + 0.4))  # fmt: skip
        marks.add("assumed" if column.assumed else "known")
        if column.touchpoint.moment_of_truth:
            marks.add("moment")
        items += _point(grid, x, column, steps[first + place], lowest=first + place in lowest)
    return Lane(height=HEIGHT, items=tuple(items), marks=frozenset(marks))


def _expectation(grid: Grid, x: float, expected: float, felt: float | None) -> list[Item]:
    """Draw a tick beside the marker, and the gap between the two as a thin line."""
    y = _height(expected)
    tick = Line(points=((x + 0.2, y), (x + 0.4, y)), colour=grid.theme.muted, width=1.8, z=LINK + 0.5)
    if felt is None or abs(felt - expected) < _VISIBLE_GAP:
        return [tick]
    gap = Line(points=((x + 0.3, y), (x + 0.3, _height(felt))), colour=grid.theme.muted, width=0.8,
               z=LINK + 0.5)  # fmt: skip
    return [tick, gap]


def _axis(grid: Grid) -> list[Item]:
    theme = grid.theme
    items: list[Item] = []
    for value, word in _WORDS.items():
        y = _height(value)
        neutral = value == 0
        items.append(
            Line(points=((grid.left, y), (grid.right, y)), colour=theme.neutral if neutral else theme.rule,
                 width=0.9 if neutral else 0.5, z=GRID)
        )  # fmt: skip
        items.append(
            Label(x=grid.left - PAD, y=y, text=theme.word(word), size=theme.small_size, ha="right",
                  va="center", colour=theme.muted)
        )  # fmt: skip
    return items


def _runs(columns: Sequence[Column]) -> list[list[int]]:
    """List stretches of the track on which every feeling is known."""
    runs: list[list[int]] = [[]]
    for place in track(columns):
        if columns[place].feeling is not None:
            runs[-1].append(place)
        else:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _steps(columns: Sequence[Column]) -> dict[int, tuple[float, float]]:
    """Give the feeling's step into and out of each column, 0 where no curve leads."""
    steps = dict.fromkeys(range(len(columns)), (0.0, 0.0))
    for run in _runs(columns):
        for place, following in pairwise(run):
            step = (columns[following].feeling or 0.0) - (columns[place].feeling or 0.0)
            steps[place] = steps[place][0], step
            steps[following] = step, 0.0
    return steps


def _curve(grid: Grid, columns: Sequence[Column], first: int) -> list[Item]:
    items: list[Item] = []
    last = first + len(grid.columns) - 1
    floating = [
        (grid.centre(place), _height(column.feeling))
        for place, column in enumerate(grid.columns)
        if column.floats and column.feeling is not None
    ]
    for run in _runs(columns):
        # PCHIP keeps between its points; a cubic spline would show feelings better than the best.
        values = PchipInterpolator(run, [columns[place].feeling or 0.0 for place in run])
        for place, following in pairwise(run):
            # Beyond the band's outer columns only half a step is drawn: the lead to the other band.
            begin, end = max(float(place), first - 0.5), min(float(following), last + 0.5)
            if begin >= end:
                continue
            inside = first <= place and following <= last
            assumed = columns[place].assumed or columns[following].assumed
            xs = np.linspace(begin, end, _SAMPLES)
            points = tuple(
                (grid.centre(float(x) - first), _height(float(y)))
                for x, y in zip(xs, values(xs), strict=True)
            )
            dash: Dash = "dashed" if assumed else ("solid" if inside else "dotted")
            width = 2.0 if inside else 1.2
            items += [
                Line(points=piece, colour=grid.theme.curve, width=width, dash=dash, z=LINK + 0.6)
                for piece in passing(points, floating, _CLEAR)
            ]
    return items


def feeling_marker(
    x: float,
    y: float,
    value: float,
    theme: Theme,
    *,
    assumed: bool,
    star: bool = False,
    pill: bool = False,
) -> tuple[Item, ...]:
    """Which marks stand for a feeling: coloured, hollow where assumed, with the number where it fits?

    Parameters
    ----------
    x, y : float
        The middle in inches.
    value : float
        −2 to +2.
    theme : Theme
        Colours and sizes.
    assumed : bool
        Whether it is hollow.
    star : bool
        A moment of truth: a star, without the number.
    pill : bool
        Wide also where the number is short, so that measured feelings look alike.

    Returns
    -------
    tuple of Item
        The marker and its number.
    """
    colour = theme.feeling_colour(value)
    text = feeling_text(value)
    fill, edge, width = (theme.paper, colour, 1.8) if assumed else (colour, theme.marker_edge, 1.0)
    if star:
        return (Marker(x=x, y=y, shape="star", size=19, fill=fill, edge=edge, line_width=width),)
    size = theme.tick_size
    label = Label(x=x, y=y, text=text, size=size, weight="bold", ha="center", va="center",
                  colour=theme.ink if assumed else theme.text_on(colour), z=TEXT)  # fmt: skip
    if "." not in text and not pill:
        marker = Marker(x=x, y=y, size=14.5, fill=fill, edge=edge, line_width=width)
        return marker, label
    wide = max(text_width(text, size, "bold", family=theme.family) + 0.11, 0.31)
    ground = Box(x=x - wide / 2, y=y - 0.1, width=wide, height=0.2, radius=0.1, fill=fill, edge=edge,
               line_width=width, z=SHAPE)  # fmt: skip
    return ground, label


def _point(grid: Grid, x: float, column: Column, step: tuple[float, float], *, lowest: bool) -> list[Item]:
    theme = grid.theme
    value = column.feeling or 0.0
    y = _height(value)
    star = column.touchpoint.moment_of_truth
    items: list[Item] = list(feeling_marker(x, y, value, theme, assumed=column.assumed, star=star,
                                            pill=column.low is not None))  # fmt: skip
    number = feeling_text(value) if star else ""
    if lowest:
        # Below the marker also at −2: the lane has room there, and the curve never passes below.
        words = " · ".join(part for part in (number, theme.word("lowest point")) if part)
        items.append(Label(x=x, y=y + 0.13, text=words, size=theme.small_size, weight="bold", ha="center",
                           colour=theme.loss_text, backing=None))  # fmt: skip
    elif star:
        # Lines pass by what floats, so its number stands as in a valley.
        right, down, ha = _free_side(*((-1.0, 1.0) if column.floats else step))
        items.append(Label(x=x + right, y=y + down, text=number, size=theme.small_size, weight="bold",
                           ha=ha, va="center", colour=theme.ink))  # fmt: skip
    return items


def _free_side(into: float, out: float) -> tuple[float, float, Literal["left", "center", "right"]]:
    """Where does the curve leave room for a number: right and down from the marker, and alignment?"""
    if into > 0 and out > 0:
        return -0.13, -0.15, "right"
    if into < 0 and out < 0:
        return -0.13, 0.17, "right"
    if into < 0 or out > 0:  # a valley
        return 0.0, 0.22, "center"
    return 0.0, -0.22, "center"
