"""Where do the arrows of a blueprint run: along the customer's way, and straight down to what carries it?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from journeymap.render.blueprint_content import BEHIND, CUSTOMER
from journeymap.render.blueprint_lanes import Frame, Row
from journeymap.render.map_columns import track
from journeymap.render.scene import LINK, Arrow, Box, Point
from journeymap.render.theme import Theme

__all__ = ["arrow", "arrows"]

_TRACK = 0.1  # below the top of the customer's lane
_NEAR = 1e-6


def arrows(
    frame: Frame,
    rows: Mapping[str, Row],
    ways: Collection[tuple[int, int]],
    *,
    show_needs: bool = False,
) -> Iterator[Arrow]:
    """Which arrows join the boxes of a band?

    Parameters
    ----------
    frame : Frame
        The columns of the band.
    rows : mapping of str to Row
        Lanes by name, with their boxes where they stand on the figure.
    ways : collection of (int, int)
        The places, among all columns, of neighbours that the customer's way joins.
    show_needs : bool
        Whether the systems below the first are joined as well.

    Yields
    ------
    Arrow
        Level and upright pieces only; none leads through a box that it does not join.
    """
    yield from _customer_way(frame, rows[CUSTOMER], ways)
    for place in range(len(frame.columns)):
        yield from _downwards(frame, rows, place)
        if show_needs and "systems" in rows:
            for upper, lower in pairwise(rows["systems"].box_at(place)):
                x = frame.centre(place)
                yield arrow("needs", ((x, upper.bottom), (x, lower.y)), frame.theme,
                            joins=(upper.node, lower.node))  # fmt: skip


def _customer_way(frame: Frame, row: Row, ways: Collection[tuple[int, int]]) -> Iterator[Arrow]:
    """Join neighbours that customers go between, above what floats between them."""
    for here, there in pairwise(track(frame.columns)):
        if (frame.first + here, frame.first + there) not in ways:
            continue
        (start,), (end,) = row.box_at(here), row.box_at(there)
        joins = (start.node, end.node)
        yield arrow("way", _way(frame, start, end, here, there), frame.theme, joins=joins)


def _way(frame: Frame, start: Box, end: Box, here: int, there: int) -> tuple[Point, ...]:
    y = start.centre[1]
    if there == here + 1:
        return (start.right, y), (end.x, y)
    out, back, above = frame.x(here + 1), frame.x(there), start.y - _TRACK - 0.04
    return (start.right, y), (out, y), (out, above), (back, above), (back, y), (end.x, y)


def _downwards(frame: Frame, rows: Mapping[str, Row], place: int) -> Iterator[Arrow]:
    """Join the first box of every lane in a column with the next lane that has one."""
    x = frame.centre(place)
    chain = [
        (lane, rows[lane].box_at(place)[0])
        for lane in (CUSTOMER, *BEHIND)
        if lane in rows and rows[lane].box_at(place)
    ]
    for (upper_lane, upper), (lower_lane, lower) in pairwise(chain):
        down = (x, upper.bottom), (x, lower.y)
        joins = (upper.node, lower.node)
        if (upper_lane, lower_lane) == (CUSTOMER, "frontstage"):
            yield arrow("interaction", down, frame.theme, joins=joins)
            yield arrow("interaction", down[::-1], frame.theme, joins=joins[::-1])
        else:
            yield arrow("carried", down, frame.theme, joins=joins)


def arrow(kind: str, points: tuple[Point, ...], theme: Theme, *, joins: tuple[str, ...] = ()) -> Arrow:
    """How does an arrow of this kind look?

    Parameters
    ----------
    kind : {"way", "interaction", "carried", "needs"}
        Its meaning, and the name of its entry in the legend.
    points : tuple of (x, y)
        Its corners.
    theme : Theme
        Colours.
    joins : tuple of str
        The boxes at its ends.

    Returns
    -------
    Arrow
        Ready to draw.
    """
    if kind == "needs":
        return Arrow(points=points, colour=theme.edge, width=1.0, head=0.0, dash="dotted", mark=kind,
                     joins=joins, z=LINK + 0.2)  # fmt: skip
    strong = kind == "way"
    return Arrow(points=points, colour=theme.curve, width=1.5 if strong else 1.1,
                 head=6.5 if strong else 5.5, mark=kind, joins=joins, z=LINK + 0.3)  # fmt: skip
