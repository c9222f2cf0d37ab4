"""How do customers feel along the map: a curve that never overshoots, with gaps where nothing is known?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from journeymap.render.map_columns import Column
from journeymap.render.map_curves import Piece, pieces
from journeymap.render.map_lanes import PAD, Grid, Lane
from journeymap.render.scene import (
    GRID,
    LINK,
    SHAPE,
    TEXT,
    Box,
    Dash,
    Item,
    Label,
    Line,
    Marker,
    Point,
    Polygon,
)
from journeymap.render.text import text_width
from journeymap.render.theme import Theme, contrast

__all__ = [
    "HEIGHT",
    "NEAR",
    "any_stage_dash",
    "expected_marker",
    "feeling_axis",
    "feeling_height",
    "feeling_lane",
    "feeling_marker",
    "feeling_text",
    "lowest_points",
]

_Side: TypeAlias = Literal["left", "center", "right"]

HEIGHT = 1.95
_TOP, _BOTTOM = 0.42, 1.60  # where +2 and −2 stand
_MOST_LOWEST = 2
NEAR = 0.7  # a feeling that is expected this close to the one that is felt has no room above or below it
_BESIDE = 0.29  # there it stands so far right of it, in inches
_DASH = 0.36  # half of the stroke through what is used at any stage
_FAINT = 1.6  # the contrast below which an outline is lost on its ground
_BAND_END = 0.28  # how far an interval reaches beyond the middle of its marker, in inches
_SEEN_THROUGH = 0.75
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


def feeling_height(value: float) -> float:
    """Where does a feeling stand in its lane?

    Parameters
    ----------
    value : float
        −2 to +2.

    Returns
    -------
    float
        Inches below the lane's top.
    """
    return _TOP + (2 - value) / 4 * (_BOTTOM - _TOP)


def feeling_lane(
    grid: Grid,
    everything: Sequence[Column],
    runs: Sequence[Sequence[int]],
    first: int,
    lowest: frozenset[int],
) -> Lane | None:
    """What does the feeling lane of a band show?

    Parameters
    ----------
    grid : Grid
        The columns of the band.
    everything : sequence of Column
        All columns of the map, so that the curve goes on from band to band.
    runs : sequence of sequence of int
        The stretches of these columns that a curve passes through.
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
    last = first + len(grid.columns) - 1
    drawn = [
        piece
        for run in runs
        for piece in pieces(run, lambda place: feeling_height(everything[place].feeling or 0.0), first, last)
    ]
    items: list[Item] = [
        *feeling_axis(grid),
        *_intervals(grid, everything, drawn, first),
        *_curve(grid, everything, drawn, first),
    ]
    steps = _steps(everything, drawn)
    passed = _passed(grid, drawn, first)
    for place, column in enumerate(grid.columns):
        x = grid.centre(place)
        if column.touchpoint.expectation is not None:
            items += _expectation(grid, x, column.touchpoint.expectation, column.feeling)
        if column.feeling is not None:
            step = steps.get(first + place, (0.0, 0.0))
            if column.floats:
                items.append(any_stage_dash(grid, x, column.feeling))
                step = _step_by(feeling_height(column.feeling), passed.get(place))
            items += _point(grid, place, column, step, lowest=first + place in lowest)
    return Lane(height=HEIGHT, items=tuple(items))


def _expectation(grid: Grid, x: float, expected: float, felt: float | None) -> list[Item]:
    """Draw an open marker with a dotted stem to what is felt, or right of that where the two are close."""
    y = feeling_height(expected)
    if felt is None:
        return [expected_marker(x, y, grid.theme)]
    at = x + _BESIDE if abs(felt - expected) < NEAR else x
    stem = Line(points=((at, y), (x, feeling_height(felt))), colour=grid.theme.muted, width=1.2,
                dash="dotted", z=LINK + 0.5, mark="expectation")  # fmt: skip
    return [stem, expected_marker(at, y, grid.theme)]


def expected_marker(x: float, y: float, theme: Theme) -> Marker:
    """Which mark stands for the feeling that customers expect: small, open, pointing down?"""
    return Marker(x=x, y=y, shape="down", size=7.0, fill=theme.paper, edge=theme.muted, line_width=1.1,
                  z=SHAPE, mark="expectation")  # fmt: skip


def any_stage_dash(grid: Grid, x: float, value: float) -> Line:
    """Which stroke tells a feeling that is felt at any stage from those on the curve?

    Parameters
    ----------
    grid : Grid
        For the colours.
    x : float
        The middle of its column.
    value : float
        −2 to +2.

    Returns
    -------
    Line
        Short and level, through its marker: the curve goes on behind it.
    """
    y = feeling_height(value)
    return Line(points=((x - _DASH, y), (x + _DASH, y)), colour=grid.theme.neutral, width=3.0, z=LINK + 0.7,
                mark="any stage")  # fmt: skip


def _passed(grid: Grid, drawn: Sequence[Piece], first: int) -> dict[int, float]:
    """Give the height of the curve in the columns of what floats, where it passes there."""
    passed: dict[int, float] = {}
    for piece in drawn:
        for place, column in enumerate(grid.columns):
            if column.floats and piece.places[0] <= first + place <= piece.places[-1]:
                passed[place] = float(np.interp(first + place, piece.places, piece.heights))
    return passed


def _step_by(y: float, passed: float | None) -> tuple[float, float]:
    """Treat what floats as a peak where the curve passes below it, else as a valley: where is room?"""
    return (1.0, -1.0) if passed is not None and passed > y else (-1.0, 1.0)


def feeling_axis(grid: Grid) -> list[Item]:
    """Draw the level lines of the feeling lane, and their words left of them."""
    theme = grid.theme
    items: list[Item] = []
    for value, word in _WORDS.items():
        y = feeling_height(value)
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


def _steps(columns: Sequence[Column], drawn: Sequence[Piece]) -> dict[int, tuple[float, float]]:
    """Give the feeling's step into and out of each column on the curve, 0 where it begins or ends."""
    steps: dict[int, tuple[float, float]] = {}
    for piece in drawn:
        step = (columns[piece.end].feeling or 0.0) - (columns[piece.start].feeling or 0.0)
        steps[piece.start] = steps.get(piece.start, (0.0, 0.0))[0], step
        steps[piece.end] = step, 0.0
    return steps


def _curve(grid: Grid, columns: Sequence[Column], drawn: Sequence[Piece], first: int) -> list[Item]:
    items: list[Item] = []
    for piece in drawn:
        assumed = columns[piece.start].assumed or columns[piece.end].assumed
        dash: Dash = "dashed" if assumed else "solid"
        mark = "assumed" if assumed else "known"
        if not piece.inside:
            dash, mark = "dotted", "lead"
        points = tuple(zip((grid.centre(x - first) for x in piece.places), piece.heights, strict=True))
        items.append(Line(points=points, colour=grid.theme.curve, width=2.0 if piece.inside else 1.2,
                          dash=dash, z=LINK + 0.6, mark=mark))  # fmt: skip
    return items


def _reach(column: Column) -> tuple[float, float] | None:
    """How far does the interval reach above and below the feeling, in inches; None where none is known?"""
    if column.feeling is None or column.low is None or column.high is None:
        return None
    middle = feeling_height(column.feeling)
    top, bottom = feeling_height(min(2.0, column.high)), feeling_height(max(-2.0, column.low))
    return max(0.0, middle - top), max(0.0, bottom - middle)


def _intervals(grid: Grid, columns: Sequence[Column], drawn: Sequence[Piece], first: int) -> list[Item]:
    """Draw a band along the curve where neighbours were measured, and a box where only one was."""
    last = first + len(grid.columns) - 1
    reaches = {place: reach for place in range(first, last + 1) if (reach := _reach(columns[place]))}
    for piece in drawn:  # also the neighbours in other bands
        for place in (piece.start, piece.end):
            if place not in reaches and (reach := _reach(columns[place])):
                reaches[place] = reach
    joined: list[list[Piece]] = [[]]
    for piece in drawn:
        if not (piece.start in reaches and piece.end in reaches):
            continue
        if joined[-1] and joined[-1][-1].end != piece.start:
            joined.append([])
        joined[-1].append(piece)
    items: list[Item] = [_band(grid, run, reaches, first) for run in joined if run]
    alone = set(range(first, last + 1)) & reaches.keys()
    alone -= {place for run in joined for piece in run for place in (piece.start, piece.end)}
    for place in sorted(alone):
        x, y = grid.centre(place - first), feeling_height(columns[place].feeling or 0.0)
        items.append(_ground(grid, [(x - _BAND_END, y), (x + _BAND_END, y)], [reaches[place]] * 2))
    return items


def _band(grid: Grid, run: Sequence[Piece], reaches: dict[int, tuple[float, float]], first: int) -> Polygon:
    """Give the ground between the ends of the intervals along a stretch of the curve."""
    points: list[Point] = []
    spans: list[tuple[float, float]] = []
    for piece in run:
        begin, end = reaches[piece.start], reaches[piece.end]
        for place, height in zip(piece.places, piece.heights, strict=True):
            part = (place - piece.start) / (piece.end - piece.start)
            ease = part * part * (3 - 2 * part)
            points.append((grid.centre(place - first), height))
            spans.append((begin[0] + (end[0] - begin[0]) * ease, begin[1] + (end[1] - begin[1]) * ease))
    if run[0].places[0] == run[0].start:
        points.insert(0, (points[0][0] - _BAND_END, points[0][1]))
        spans.insert(0, spans[0])
    if run[-1].places[-1] == run[-1].end:
        points.append((points[-1][0] + _BAND_END, points[-1][1]))
        spans.append(spans[-1])
    return _ground(grid, points, spans)


def _ground(grid: Grid, points: Sequence[Point], spans: Sequence[tuple[float, float]]) -> Polygon:
    upper = [(x, y - up) for (x, y), (up, _) in zip(points, spans, strict=True)]
    lower = [(x, y + down) for (x, y), (_, down) in zip(points, spans, strict=True)]
    return Polygon(points=(*upper, *reversed(lower)), fill=grid.theme.interval, alpha=_SEEN_THROUGH,
                   z=LINK + 0.4, mark="interval")  # fmt: skip


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
    mark = "assumed" if assumed else "feeling"
    outline = colour if contrast(colour, theme.paper) >= _FAINT else theme.curve
    fill, edge, width = (theme.paper, outline, 1.8) if assumed else (colour, theme.marker_edge, 1.0)
    if star:
        return (Marker(x=x, y=y, shape="star", size=19, fill=fill, edge=edge, line_width=width, mark=mark),)
    size = theme.tick_size
    label = Label(x=x, y=y, text=text, size=size, weight="bold", ha="center", va="center",
                  colour=theme.ink if assumed else theme.text_on(colour), z=TEXT, mark="feeling")  # fmt: skip
    if "." not in text and not pill:
        marker = Marker(x=x, y=y, size=14.5, fill=fill, edge=edge, line_width=width, mark=mark)
        return marker, label
    wide = max(text_width(text, size, "bold", family=theme.family) + 0.11, 0.31)
    ground = Box(x=x - wide / 2, y=y - 0.1, width=wide, height=0.2, radius=0.1, fill=fill, edge=edge,
                 line_width=width, z=SHAPE, mark=mark)  # fmt: skip
    return ground, label


def _point(grid: Grid, place: int, column: Column, step: tuple[float, float], *, lowest: bool) -> list[Item]:
    theme = grid.theme
    x, value = grid.centre(place), column.feeling or 0.0
    gap = (value if column.touchpoint.expectation is None else column.touchpoint.expectation) - value
    y = feeling_height(value)
    star = column.touchpoint.moment_of_truth
    items: list[Item] = list(feeling_marker(x, y, value, theme, assumed=column.assumed, star=star,
                                            pill=column.low is not None))  # fmt: skip
    number = feeling_text(value) if star else ""
    if lowest:
        # Below the marker also at −2: the lane has room there, and the curve never passes below.
        words = " · ".join(part for part in (number, theme.word("lowest point")) if part)
        right = 0.0
        ha: _Side = "center"
        if gap < 0:  # the expected feeling is below, so the words stand aside
            right, ha = (-0.1, "right") if place else (0.1, "left")
        items.append(Label(x=x + right, y=y + 0.13, text=words, size=theme.small_size, weight="bold", ha=ha,
                           colour=theme.loss_text, mark="feeling"))  # fmt: skip
    elif star:
        right, down, ha = _free_side(*step)
        if right == 0 and gap * down < 0 and abs(gap) >= NEAR:  # the stem goes where the number would stand
            right, down, ha = -0.13, 0.17 if down > 0 else -0.15, "right"
        items.append(Label(x=x + right, y=y + down, text=number, size=theme.small_size, weight="bold",
                           ha=ha, va="center", colour=theme.ink, mark="feeling"))  # fmt: skip
    return items


def _free_side(into: float, out: float) -> tuple[float, float, _Side]:
    """Where does the curve leave room for a number: right and down from the marker, and alignment?"""
    if into > 0 and out > 0:
        return -0.13, -0.15, "right"
    if into < 0 and out < 0:
        return -0.13, 0.17, "right"
    if into < 0 or out > 0:  # a valley
        return 0.0, 0.22, "center"
    return 0.0, -0.22, "center"
