"""How do customers feel along the journey, and where in that does service stand?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator

from journeymap.analysis.service_parts import JourneyPoint
from journeymap.render.chart_parts import upright_interval
from journeymap.render.map_feeling import feeling_marker, feeling_text
from journeymap.render.scene import GRID, LINK, SHAPE, Dash, Item, Label, Line, Marker
from journeymap.render.service_chart_strips import NARROW, Strip, side_name
from journeymap.render.text import text_width
from journeymap.render.theme import contrast

__all__ = ["feeling_row"]

_PLUS, _MINUS, _FEELING = 0.21, 0.91, 1.08  # where +2 and −2 stand, and the height of the strip
_NUMBER = 0.13
_CLEAR = 0.16
_VISIBLE = 1.6
_SAMPLES = 24
_WORDS = {2: "very positive +2", 1: "+1", 0: "neutral 0", -1: "−1", -2: "very negative −2"}


def _height(value: float) -> float:
    return _PLUS + (2 - value) / 4 * (_MINUS - _PLUS)


def feeling_row(strip: Strip, y: float) -> tuple[list[Item], float]:
    """How do customers feel along the columns?

    Parameters
    ----------
    strip : Strip
        The columns.
    y : float
        The top of the strip.

    Returns
    -------
    list of Item
        Axis, curve and markers; gaps where nothing is known.
    float
        The y below the strip.
    """
    theme = strip.theme
    items: list[Item] = side_name(strip, y + 0.02, "feeling")
    for value, word in _WORDS.items():
        level = y + _height(value)
        items.append(
            Line(
                points=((strip.left, level), (strip.right, level)), width=0.9 if value == 0 else 0.5, z=GRID,
                colour=theme.neutral if value == 0 else theme.rule,
            )
        )  # fmt: skip
        items.append(
            Label(
                x=strip.left - 0.08, y=level, text=theme.word(word), size=theme.tick_size, ha="right",
                va="center", colour=theme.muted,
            )
        )  # fmt: skip
    items += _curve(strip, y)
    levels = _number_lines(strip)
    for place, column in enumerate(strip.columns):
        if column.feeling is not None:
            items += _felt(strip, place, column, y)
            if levels:
                below = y + _FEELING - 0.06 + _NUMBER * (place % levels)
                items.append(_number(strip, place, column.feeling, below))
    return items, y + _FEELING + _NUMBER * levels


def _number_lines(strip: Strip) -> int:
    """On how many lines do numbers stand below the curve: none where they fit into the markers?"""
    if strip.step >= NARROW:
        return 0
    theme = strip.theme
    numbers = [feeling_text(column.feeling) for column in strip.columns if column.feeling is not None]
    widest = max(text_width(number, theme.tick_size, family=theme.family) for number in numbers)
    return 1 if widest <= strip.step else 2


def _number(strip: Strip, place: int, value: float, y: float) -> Label:
    service = strip.columns[place].is_service
    return Label(
        x=strip.centre(place), y=y, text=feeling_text(value), size=strip.theme.tick_size, ha="center",
        colour=strip.theme.service if service else strip.theme.ink,
    )  # fmt: skip


def _curve(strip: Strip, y: float) -> Iterable[Item]:
    """Draw PCHIP pieces, which never overshoot, from touchpoint to touchpoint on the way."""
    way = [place for place, column in enumerate(strip.columns) if not column.floats]
    floating = [
        (strip.centre(place), y + _height(column.feeling))
        for place, column in enumerate(strip.columns)
        if column.floats and column.feeling is not None
    ]
    runs: list[list[int]] = [[]]
    for place in way:
        if strip.columns[place].feeling is None:
            runs.append([])
        else:
            runs[-1].append(place)
    for run in runs:
        if len(run) < 2:
            continue
        values = PchipInterpolator(run, [strip.columns[place].feeling or 0.0 for place in run])
        for begin, end in pairwise(run):
            assumed = strip.columns[begin].assumed or strip.columns[end].assumed
            dash: Dash = "dashed" if assumed else "solid"
            xs = np.linspace(begin, end, _SAMPLES * (end - begin))
            points = [
                (strip.centre(0) + strip.step * float(x), y + _height(float(value)))
                for x, value in zip(xs, values(xs), strict=True)
            ]
            for piece in _passing(points, floating):
                yield Line(
                    points=piece, colour=strip.theme.curve, width=1.8, dash=dash, z=LINK + 0.6,
                    mark="assumed" if assumed else "feeling",
                )  # fmt: skip


def _passing(
    points: Sequence[tuple[float, float]], floating: Sequence[tuple[float, float]]
) -> Iterable[tuple[tuple[float, float], ...]]:
    """Cut a line where it would touch a marker that is not on its way."""
    piece: list[tuple[float, float]] = []
    for x, y in points:
        if any((x - fx) ** 2 + (y - fy) ** 2 < _CLEAR**2 for fx, fy in floating):
            if len(piece) > 1:
                yield tuple(piece)
            piece = []
        else:
            piece.append((x, y))
    if len(piece) > 1:
        yield tuple(piece)


def _felt(strip: Strip, place: int, column: JourneyPoint, y: float) -> Iterable[Item]:
    theme, x, value = strip.theme, strip.centre(place), column.feeling or 0.0
    level = y + _height(value)
    if column.low is not None and column.high is not None:
        low, high = (y + _height(max(-2.0, min(2.0, end))) for end in (column.low, column.high))
        yield from upright_interval(x, low, high, theme, mark="interval")
    mark = "assumed" if column.assumed else "feeling"
    if strip.step >= NARROW:
        for item in feeling_marker(
            x, level, value, theme, assumed=column.assumed, pill=column.low is not None
        ):
            yield replace(item, mark=mark, z=item.z + 0.4)
        return
    colour = theme.feeling_colour(value)
    # In print the neutral colour is that of paper.
    outline = colour if contrast(colour, theme.paper) >= _VISIBLE else theme.curve
    fill, edge, width = (theme.paper, outline, 1.6) if column.assumed else (colour, theme.marker_edge, 0.8)
    yield Marker(x=x, y=level, size=9, fill=fill, edge=edge, line_width=width, z=SHAPE + 0.4, mark=mark)
