"""Which of several arrangements of a network has the fewest crossings?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import TypeAlias

from journeymap.render.network_content import Network
from journeymap.render.network_layout import grids_of
from journeymap.render.network_routing import Geometry, Route, routed
from journeymap.render.scene import Point

__all__ = ["arranged", "crossings"]

_NEAR = 1e-6
_CROSSING = 0.4  # what a crossing costs, in the measure of the layout
_Span: TypeAlias = tuple[float, float, float]  # where it lies, and from where to where it runs


def arranged(network: Network, *, heights: Mapping[str, float], labelled: bool) -> Geometry:
    """Where do boxes and arrows stand, so that the fewest arrows cross?

    Parameters
    ----------
    network : Network
        What is drawn.
    heights : mapping of str to float
        How high the text of each box needs it to be, in inches.
    labelled : bool
        Whether arrows carry their share.

    Returns
    -------
    Geometry
        Of the places that were tried the best: crossings count as well as long ways, ways around boxes
        and ways upwards.
    """
    best: tuple[float, Geometry] | None = None
    for grid in grids_of(network):
        geometry = routed(grid, network.links, heights=dict(heights), labelled=labelled)
        price = grid.cost + _CROSSING * crossings(geometry.routes)
        if best is None or price < best[0]:
            best = price, geometry
    return best[1] if best else Geometry(boxes={}, routes=(), bands=(), height=0.0)


def crossings(routes: Sequence[Route]) -> int:
    """At how many places do arrows cross that do not arrive together?

    Parameters
    ----------
    routes : sequence of Route
        Level and upright lines.

    Returns
    -------
    int
        Places; where several arrows of one bus cross another line as one, they count once.
    """
    buses: dict[tuple[int, int], tuple[set[_Span], set[_Span]]] = defaultdict(lambda: (set(), set()))
    for number, route in enumerate(routes):
        level, upright = buses[(route.bus, 0) if route.bus >= 0 else (-1, number)]
        for piece in pairwise(route.points):
            _note(piece, level, upright)
    return sum(
        len(_meetings(one[0], other[1])) + len(_meetings(other[0], one[1]))
        for one, other in combinations(buses.values(), 2)
    )


def _note(piece: tuple[Point, Point], level: set[_Span], upright: set[_Span]) -> None:
    (x0, y0), (x1, y1) = piece
    if abs(y0 - y1) < _NEAR:
        level.add((round(y0, 6), min(x0, x1), max(x0, x1)))
    else:
        upright.add((round(x0, 6), min(y0, y1), max(y0, y1)))


def _meetings(level: Iterable[_Span], upright: Iterable[_Span]) -> set[Point]:
    return {
        (x, y)
        for y, left, right in level
        for x, top, bottom in upright
        if left + _NEAR < x < right - _NEAR and top + _NEAR < y < bottom - _NEAR
    }
