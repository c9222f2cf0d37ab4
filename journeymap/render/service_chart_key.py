"""Which touchpoint is which number on the service picture?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.analysis.service_view import JourneyPoint
from journeymap.render.chart_parts import MARGIN
from journeymap.render.scene import Item, Label
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["key"]

_LEAST = 1.55
_NUMBER = 0.25


def key(points: Sequence[JourneyPoint], y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Where do numbers, names and stages stand in the key?

    Parameters
    ----------
    points : sequence of JourneyPoint
        In the order of their numbers.
    y, width : float
        The top, and the room between the margins, in inches.
    theme : Theme
        Sizes, colours and words.

    Returns
    -------
    list of Item
        A column for each stage, as many beside each other as fit.
    float
        The y below.
    """
    stages: dict[str, list[tuple[int, JourneyPoint]]] = {}
    for number, point in enumerate(points, 1):
        stages.setdefault(point.stage, []).append((number, point))
    across = max(1, min(len(stages), int(width / _LEAST)))
    column, items, bottom = width / across, [], y
    top = y
    for place, group in enumerate(stages.values()):
        if place and place % across == 0:
            top = bottom + 0.1
        laid, end = _stage(group, MARGIN + column * (place % across), top, column - 0.18, theme)
        items += laid
        bottom = max(bottom, end)
    return items, bottom


def _stage(
    group: Sequence[tuple[int, JourneyPoint]], x: float, y: float, width: float, theme: Theme
) -> tuple[list[Item], float]:
    size = theme.tick_size
    head = wrap(theme.word(group[0][1].stage_name), width, size, "bold", 2, family=theme.family)
    items: list[Item] = [Label(x=x, y=y, text="\n".join(head), size=size, weight="bold", colour=theme.muted)]
    y += line_height(size) * max(1, len(head)) + 0.03
    diamond = text_width("◆ ", size, "bold", family=theme.family)
    for number, point in group:
        colour = theme.service if point.is_service else theme.ink
        indent = _NUMBER + (diamond if point.is_service else 0.0)
        lines = wrap(point.name, width - indent, size, max_lines=3, family=theme.family)
        items.append(
            Label(x=x + _NUMBER - 0.07, y=y, text=str(number), size=size, ha="right", colour=theme.muted)
        )
        if point.is_service:
            items.append(
                Label(x=x + _NUMBER, y=y, text="◆", size=size, weight="bold", colour=colour, mark="service")
            )
        items.append(Label(x=x + indent, y=y, text="\n".join(lines), size=size, colour=colour))
        y += line_height(size) * max(1, len(lines)) + 0.015
    return items, y
