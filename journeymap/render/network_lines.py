"""How are the lines of a network drawn: round corners, and one line where several run together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from journeymap.render.scene import Point
from journeymap.render.theme import Theme

__all__ = ["CORNER", "THIN", "faint", "mixed", "rounded", "until_met"]

CORNER = 0.13
THIN = 0.8  # points: the line where too few customers stand behind a share
_FAINT = 0.4
_NEAR = 1e-6
_Piece: TypeAlias = tuple[Point, Point]


def mixed(one: str, other: str, part: float) -> str:
    """Which colour lies between two?

    Parameters
    ----------
    one, other : str
        ``#rrggbb``.
    part : float
        0 is the one, 1 the other.

    Returns
    -------
    str
        ``#RRGGBB``.

    Examples
    --------
    >>> mixed("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    parts = (
        round(int(one[at : at + 2], 16) * (1 - part) + int(other[at : at + 2], 16) * part) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{value:02X}" for value in parts)


def faint(colour: str, theme: Theme) -> str:
    """How does a line look that rests on few customers?

    Parameters
    ----------
    colour : str
        What it would be otherwise, ``#rrggbb``.
    theme : Theme
        The ground.

    Returns
    -------
    str
        A lighter tone of it.
    """
    return mixed(colour, theme.paper, _FAINT)


def rounded(points: Sequence[Point], radius: float = CORNER) -> tuple[Point, ...]:
    """How does a line look with round corners?

    Parameters
    ----------
    points : sequence of (x, y)
        Corners of level and upright pieces, in inches.
    radius : float
        Of the corners, smaller where a piece is too short for it.

    Returns
    -------
    tuple of (x, y)
        1 + 3 k points of cubic Bézier pieces.
    """
    smooth: list[Point] = [points[0]]
    for place in range(1, len(points)):
        (x0, y0), (x1, y1) = points[place - 1], points[place]
        if place == len(points) - 1:
            smooth += _straight(smooth[-1], (x1, y1))
            break
        x2, y2 = points[place + 1]
        before, after = abs(x1 - x0) + abs(y1 - y0), abs(x2 - x1) + abs(y2 - y1)
        # The outer pieces have all their length for one corner, inner pieces half of it.
        cut = min(
            radius,
            before if place == 1 else before / 2,
            after if place == len(points) - 2 else after / 2,
        )
        start = (x1 - (x1 - x0) / before * cut, y1 - (y1 - y0) / before * cut)
        end = (x1 + (x2 - x1) / after * cut, y1 + (y2 - y1) / after * cut)
        smooth += _straight(smooth[-1], start)
        smooth += [_between(start, (x1, y1), 0.56), _between(end, (x1, y1), 0.56), end]
    return tuple(smooth)


def _straight(start: Point, end: Point) -> list[Point]:
    return [_between(start, end, 1 / 3), _between(start, end, 2 / 3), end]


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def until_met(points: Sequence[Point], others: Sequence[Sequence[Point]]) -> tuple[Point, ...]:
    """How far does a line run before it goes on with lines that are there already?

    Parameters
    ----------
    points : sequence of (x, y)
        Corners of level and upright pieces.
    others : sequence of sequence of (x, y)
        The lines that are there; all end where this one does.

    Returns
    -------
    tuple of (x, y)
        The line up to just behind the place where it joins them; all of it if it does not.

    Examples
    --------
    >>> until_met([(0, 1), (1, 1), (1, 5), (2, 5)], [[(0, 3), (1, 3), (1, 5), (2, 5)]])
    ((0, 1), (1, 1), (1.0, 3.13))
    """
    pieces = [piece for line in others for piece in pairwise(line)]
    for place in range(len(points) - 1):
        rest = list(pairwise(points[place + 1 :]))
        if not all(_covered(piece, pieces) for piece in rest):
            continue
        meets = _first_covered((points[place], points[place + 1]), pieces)
        if meets is None:
            if not rest:
                return tuple(points)
            return _extended([*points[: place + 2]], points[place + 2])
        if meets == points[0]:
            return (points[0], points[0])
        return _extended([*points[: place + 1], meets], points[place + 1])
    return tuple(points)


def _extended(points: list[Point], onward: Point) -> tuple[Point, ...]:
    """Go on for the length of a round corner, so that the ends of both lines meet smoothly."""
    (x0, y0), (x1, y1) = points[-1], onward
    length = abs(x1 - x0) + abs(y1 - y0)
    part = min(1.0, CORNER / length) if length else 0.0
    end = (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part)
    if len(points) > 1 and (_level((points[-2], points[-1])) == _level((points[-1], end))):
        return (*points[:-1], end)
    return (*points, end)


def _level(piece: _Piece) -> bool:
    return abs(piece[0][1] - piece[1][1]) < _NEAR


def _covered(piece: _Piece, pieces: Sequence[_Piece]) -> bool:
    """Whether a piece lies on others; they may cover it together."""
    axis = 0 if _level(piece) else 1
    low, high = sorted((piece[0][axis], piece[1][axis]))
    spans = sorted(_spans(piece, pieces, axis))
    for start, stop in spans:
        if start > low + _NEAR:
            break
        low = max(low, stop)
    return low >= high - _NEAR


def _first_covered(piece: _Piece, pieces: Sequence[_Piece]) -> Point | None:
    """Give the first place from which on a piece lies on others up to its end."""
    axis = 0 if _level(piece) else 1
    begin, end = piece[0][axis], piece[1][axis]
    reach = end
    forward = begin < end
    for start, stop in sorted(_spans(piece, pieces, axis), key=lambda span: -span[1] if forward else span[0]):
        if forward and stop >= reach - _NEAR:
            reach = min(reach, max(start, begin))
        elif not forward and start <= reach + _NEAR:
            reach = max(reach, min(stop, begin))
    if abs(reach - end) < _NEAR:
        return None
    return (reach, piece[0][1]) if axis == 0 else (piece[0][0], reach)


def _spans(piece: _Piece, pieces: Sequence[_Piece], axis: int) -> list[tuple[float, float]]:
    other = 1 - axis
    found = []
    for one, two in pieces:
        if abs(one[other] - two[other]) < _NEAR and abs(one[other] - piece[0][other]) < _NEAR:
            low, high = sorted((one[axis], two[axis]))
            found.append((low, high))
    return found
