"""Which touchpoint is which number on the service picture?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.analysis.service_parts import JourneyPoint
from journeymap.render.chart_parts import MARGIN
from journeymap.render.scene import Item, Label
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["key"]

_LEAST = 1.7
_NUMBER = 0.25
_GAP, _BETWEEN, _NEAR = 0.015, 0.16, 1e-9


def key(points: Sequence[JourneyPoint], y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Where do numbers and names stand in the key?

    Parameters
    ----------
    points : sequence of JourneyPoint
        In the order of their numbers; their stages stand above the numbers in the strips.
    y, width : float
        The top, and the room between the margins, in inches.
    theme : Theme
        Sizes, colours and words.

    Returns
    -------
    list of Item
        Columns of about the same height, as many beside each other as fit.
    float
        The y below.
    """
    across = max(1, int(width / _LEAST))
    column, size = width / across, theme.tick_size
    diamond = text_width("◆ ", size, "bold", family=theme.family)
    lines = [
        wrap(
            point.name, column - _BETWEEN - _NUMBER - diamond * point.is_service, size, max_lines=3,
            family=theme.family,
        )
        for point in points
    ]  # fmt: skip
    heights = [line_height(size) * max(1, len(found)) + _GAP for found in lines]
    items: list[Item] = []
    bottom, number = y, 0
    for place, count in enumerate(_columns(heights, across)):
        x, at = MARGIN + column * place, y
        for one in range(number, number + count):
            items += _entry(one + 1, points[one], lines[one], x, at, theme)
            at += heights[one]
        number += count
        bottom = max(bottom, at)
    return items, bottom


def _columns(heights: Sequence[float], across: int) -> list[int]:
    """Say how many entries each column holds, so that the highest of them is about as low as can be."""
    limit = max(*heights, sum(heights) / across)
    while len(counts := _filled(heights, limit)) > across:
        limit += min(heights) / 2
    return counts


def _filled(heights: Sequence[float], limit: float) -> list[int]:
    counts, left = [0], limit
    for height in heights:
        if height > left + _NEAR:
            counts.append(0)
            left = limit
        counts[-1] += 1
        left -= height
    return counts


def _entry(
    number: int, point: JourneyPoint, lines: Sequence[str], x: float, y: float, theme: Theme
) -> list[Item]:
    size, colour = theme.tick_size, theme.service if point.is_service else theme.ink
    x += _NUMBER
    items: list[Item] = [Label(x=x - 0.07, y=y, text=str(number), size=size, ha="right", colour=theme.muted)]
    if point.is_service:
        items.append(Label(x=x, y=y, text="◆", size=size, weight="bold", colour=colour, mark="service"))
        x += text_width("◆ ", size, "bold", family=theme.family)
    return [*items, Label(x=x, y=y, text="\n".join(lines), size=size, colour=colour)]
