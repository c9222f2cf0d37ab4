"""Where do the names of many points stand, so that none covers another or a point?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from journeymap.render.feeling_chart_places import Room, beside, ground_of, marker_ground
from journeymap.render.scene import EDGE_TEXT, SHAPE, Box, Item, Label, Line, Marker, Point
from journeymap.render.text import wrap
from journeymap.render.theme import Theme

__all__ = ["Named", "place_names"]

_Side: TypeAlias = Literal["left", "center", "right"]
_Height: TypeAlias = Literal["top", "center", "bottom"]

_WIDTHS = (3.0, 1.3, 0.95)  # at which names break into lines, in inches
_RINGS = (0.2, 0.3, 0.42, 0.56)  # distances of names with a line to their points
_ROUND = 16
_ROUNDS = 8
_NEARER = 0.02  # by how much a name is nearer to its own point than to any other, in inches
_NUMBERED, _LED = 4, 1  # what it costs to name a point by a number, or with a line


@dataclass(frozen=True, kw_only=True)
class Named:
    """A point with its name.

    Parameters
    ----------
    name : str
        Its name.
    marker : Marker
        The point.
    service : bool
        Whether it is a service interaction.
    sides : str
        Where the name should stand, as of `beside`.
    """

    name: str
    marker: Marker
    service: bool
    sides: str

    @property
    def half(self) -> float:
        """Half the width of the marker."""
        return marker_ground(self.marker).width / 2


def place_names(points: Sequence[Named], room: Room, theme: Theme) -> tuple[list[Item], list[int]]:
    """Where do all names stand?

    Each takes the first free place beside its point, else one farther off with a thin line; what has no room
    gets a number. Points that came off badly choose first in the next round; the best round counts, so that
    the same points are always named alike.

    Parameters
    ----------
    points : sequence of Named
        The most important first.
    room : Room
        With all points and lines taken.
    theme : Theme
        Sizes and colours.

    Returns
    -------
    list of Item
        Names, numbers and lines.
    list of int
        Positions of the points with a number, in the order of the numbers from 1.
    """
    order = list(range(len(points)))
    best: tuple[int, dict[int, list[Item]], Room] | None = None
    for _ in range(_ROUNDS):
        filled = room.copied()
        put = {place: _name(points[place], points, filled, theme) for place in order}
        cost = {place: _LED if len(items) > 1 else 0 if items else _NUMBERED for place, items in put.items()}
        if best is None or sum(cost.values()) < best[0]:
            best = sum(cost.values()), put, filled
        if not any(cost.values()):
            break
        order = sorted(order, key=lambda place: -cost[place])
    if best is None:
        return [], []
    _, put, filled = best
    items = [item for place in sorted(put) for item in put[place]]
    numbers = [place for place in sorted(put) if not put[place]]
    for number, place in enumerate(numbers, 1):
        items += _number(str(number), points[place], filled, theme)
    return items, numbers


def _away(ground: Box, point: Named) -> float:
    """How far is a text from a point?"""
    across = max(ground.x - point.marker.x, 0.0, point.marker.x - ground.right)
    down = max(ground.y - point.marker.y, 0.0, point.marker.y - ground.bottom)
    return math.hypot(across, down)


def _is_plain(label: Label, named: Named, points: Sequence[Named], theme: Theme) -> bool:
    """Whether nobody could take the name for that of another point: its own is clearly the nearest."""
    ground = ground_of(label, theme)
    most = _away(ground, named) + _NEARER
    return all(other is named or _away(ground, other) > most for other in points)


def _name(named: Named, points: Sequence[Named], room: Room, theme: Theme) -> list[Item]:
    """Put the name beside its marker; farther off with a thin line where there is no room nearby."""
    labels: dict[str, Label] = {}
    for width in _WIDTHS:
        lines = wrap(named.name, width, theme.small_size, max_lines=3, family=theme.family)
        text = "\n".join(lines)
        if lines and "".join(text.split()) == "".join(named.name.split()):  # the marker is its ◆
            labels[text] = Label(x=0, y=0, text=text, size=theme.small_size, line_height=1.15, z=EDGE_TEXT,
                                 colour=theme.service if named.service else theme.ink)  # fmt: skip
    point = named.marker.x, named.marker.y
    near = room.put(
        found
        for label in labels.values()
        for found in beside(label, point, named.half + 0.03, named.sides)
        if _is_plain(found, named, points, theme)
    )
    return [near] if near else _led(list(labels.values()), named, room, theme)


def _number(number: str, named: Named, room: Room, theme: Theme) -> list[Item]:
    label = Label(x=0, y=0, text=number, size=theme.tick_size, weight="bold", colour=theme.ink, z=EDGE_TEXT)
    point = named.marker.x, named.marker.y
    near = room.put(beside(label, point, named.half + 0.01), gap=0.005)
    return [near] if near else _led([label], named, room, theme, gap=0.005)


def _led(labels: Sequence[Label], named: Named, room: Room, theme: Theme, gap: float = 0.02) -> list[Item]:
    """Put a text at some distance, joined to its marker by a thin line that crosses nothing."""
    own = marker_ground(named.marker)
    for label, line in _far(labels, named):
        ground = ground_of(label, theme)
        if room.is_free(ground, gap) and not room.crossed(*line, but=own):
            room.block(ground)
            room.block_line(line, 0.006)
            return [Line(points=line, colour=theme.edge, width=0.6, z=SHAPE - 0.5), label]
    return []


def _far(labels: Sequence[Label], named: Named) -> Iterable[tuple[Label, tuple[Point, Point]]]:
    """Try rings around a point; in each, first to the right, then alternately to both sides of it."""
    x, y, half = named.marker.x, named.marker.y, named.half
    for ring in _RINGS:
        for label in labels:
            for turn in range(_ROUND):
                angle = (turn + 1) // 2 * (1 if turn % 2 else -1) * 2 * math.pi / _ROUND
                dx, dy = math.cos(angle), math.sin(angle)
                end = x + dx * (half + ring), y + dy * (half + ring)
                ha: _Side = "left" if dx > 0.3 else "right" if dx < -0.3 else "center"
                va: _Height = "center" if ha != "center" else ("top" if dy > 0 else "bottom")
                at = end[0] + (0.03 if ha == "left" else -0.03 if ha == "right" else 0.0)
                placed = replace(label, x=at, y=end[1], ha=ha, va=va)
                yield placed, ((x + dx * half, y + dy * half), end)
