"""Which way do the lines of a map take: smooth through what is known, past what they do not belong to?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator

from journeymap.render.scene import Point

__all__ = ["Piece", "passing", "pieces", "stretches"]

_SAMPLES = 24


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The curve from one column to the next, as far as a band shows it.

    Parameters
    ----------
    start, end : int
        The columns it leads from and to, counted over all bands.
    inside : bool
        Whether both stand in the band; else it is the lead from or to another one.
    places : tuple of float
        Column positions from left to right, counted over all bands.
    heights : tuple of float
        The height at each of them.
    """

    start: int
    end: int
    inside: bool
    places: tuple[float, ...]
    heights: tuple[float, ...]


def stretches(known: Sequence[bool], track: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """On which stretches of neighbouring columns is everything known?

    Parameters
    ----------
    known : sequence of bool
        For every column.
    track : sequence of int
        The columns that a line passes through.

    Returns
    -------
    tuple of tuple of int
        Columns, at least two in each stretch.

    Examples
    --------
    >>> stretches([True, True, False, True, True, True], [0, 1, 2, 3, 5])
    ((0, 1), (3, 5))
    """
    runs: list[list[int]] = [[]]
    for place in track:
        if known[place]:
            runs[-1].append(place)
        else:
            runs.append([])
    return tuple(tuple(run) for run in runs if len(run) > 1)


def pieces(run: Sequence[int], height: Callable[[int], float], first: int, last: int) -> Iterator[Piece]:
    """Which pieces of a smooth curve lie in a band?

    Parameters
    ----------
    run : sequence of int
        The columns it passes through, ascending.
    height : callable
        From a column to the height of the curve there.
    first, last : int
        The outer columns of the band, both included.

    Yields
    ------
    Piece
        From left to right; beyond the outer columns only half a step, as the lead to another band.
    """
    # The curve is local: two columns on either side of the band settle its way within it.
    near = run[max(0, bisect_left(run, first) - 2) : bisect_right(run, last) + 2]
    if len(near) < 2:
        return
    # PCHIP keeps between its points; a cubic spline would show feelings better than the best.
    curve = PchipInterpolator(near, [round(height(place), 9) for place in near])
    for start, end in pairwise(near):
        begin, stop = max(float(start), first - 0.5), min(float(end), last + 0.5)
        if begin < stop:
            places = np.linspace(begin, stop, _SAMPLES)
            yield Piece(
                start=start,
                end=end,
                inside=first <= start and end <= last,
                places=tuple(places.tolist()),
                heights=tuple(curve(places).tolist()),
            )


def passing(points: Sequence[Point], marks: Sequence[Point], radius: float) -> tuple[tuple[Point, ...], ...]:
    """Which pieces of a line are left where it keeps clear of marks that it does not belong to?

    Parameters
    ----------
    points : sequence of (x, y)
        The line, from point to point.
    marks : sequence of (x, y)
        The marks it passes by, as those of floating touchpoints.
    radius : float
        How far it stays away, in inches.

    Returns
    -------
    tuple of tuple of (x, y)
        The pieces in order; the whole line where no mark is near.

    Examples
    --------
    >>> passing([(0, 0), (4, 0)], [(2, 0)], 0.5)
    (((0, 0), (1.5, 0.0)), ((2.5, 0.0), (4, 0)))
    """
    pieces: list[list[Point]] = [[points[0]]]
    for (x0, y0), (x1, y1) in pairwise(points):
        covered = _covered(x0, y0, x1, y1, marks, radius)
        if not pieces[-1] and not (covered and covered[0][0] <= 0):
            pieces[-1].append((x0, y0))  # the mark ended just here
        for start, end in covered:
            if start > 0:
                pieces[-1].append((x0 + (x1 - x0) * start, y0 + (y1 - y0) * start))
            pieces.append([] if end >= 1 else [(x0 + (x1 - x0) * end, y0 + (y1 - y0) * end)])
        if pieces[-1]:
            pieces[-1].append((x1, y1))
    return tuple(tuple(piece) for piece in pieces if len(piece) > 1)


def _covered(
    x0: float, y0: float, x1: float, y1: float, marks: Sequence[Point], radius: float
) -> list[tuple[float, float]]:
    """List from where to where, 0 to 1, a straight line lies within the radius of marks."""
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    spans: list[tuple[float, float]] = []
    for x, y in marks if length else ():
        along, away = ((x - x0) * dx + (y - y0) * dy) / length, ((x - x0) * dy - (y - y0) * dx) ** 2 / length
        if away >= radius**2:
            continue
        half = ((radius**2 - away) / length) ** 0.5
        if along - half < 1 and along + half > 0:
            spans.append((max(0.0, along - half), min(1.0, along + half)))
    apart: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart
