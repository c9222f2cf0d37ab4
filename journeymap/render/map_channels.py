"""Through which channels do customers come, column by column?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from journeymap.model.journey import Journey
from journeymap.render.map_columns import track
from journeymap.render.map_curves import passing
from journeymap.render.map_lanes import Grid, Lane, channel_marker, channel_name, row_label
from journeymap.render.scene import GRID, LINK, Item, Line, Point

__all__ = ["channel_lane"]

_TOP = 0.26  # the first row stands clear of the lane's name
_ROW = 0.26
_CLEAR = 0.15


def channel_lane(grid: Grid, journey: Journey, order: Sequence[str]) -> Lane | None:
    """Through which channels do customers come, column by column?

    Parameters
    ----------
    grid : Grid
        The columns.
    journey : Journey
        For the channels' names.
    order : sequence of str
        All channels of the map, from top to bottom; only those of this band get a row.

    Returns
    -------
    Lane or None
        None where no touchpoint names a channel.
    """
    used = {channel for column in grid.columns for channel in column.touchpoint.channels}
    rows = [channel for channel in order if channel in used]
    if not rows:
        return None
    theme = grid.theme
    height_of = {channel: _TOP + _ROW * (row + 0.25) for row, channel in enumerate(rows)}
    items: list[Item] = []
    for channel, y in height_of.items():
        items.append(row_label(grid, channel_name(journey, channel), y, "channel"))
        items.append(Line(points=((grid.left, y), (grid.right, y)), colour=theme.rule, width=0.6,
                          dash="dotted", z=GRID))  # fmt: skip
    items += _links(grid, height_of)
    for place, column in enumerate(grid.columns):
        service = column.touchpoint.is_service
        for channel in column.touchpoint.channels:
            main = channel == column.touchpoint.channels[0]
            items.append(
                channel_marker(grid.centre(place), height_of[channel], theme, service=service, main=main)
            )
    return Lane(height=_TOP + _ROW * len(rows), items=tuple(items))


def _links(grid: Grid, height_of: dict[str, float]) -> list[Item]:
    lines: list[tuple[Point, Point]] = []
    for place, column in enumerate(grid.columns):  # what is also used hangs on the main channel
        heights = [height_of[channel] for channel in column.touchpoint.channels]
        if len(heights) > 1:
            lines.append(((grid.centre(place), min(heights)), (grid.centre(place), max(heights))))
    for place, following in pairwise(track(grid.columns)):
        here, there = grid.columns[place].touchpoint.channels, grid.columns[following].touchpoint.channels
        if here and there:
            lines.append(
                ((grid.centre(place), height_of[here[0]]), (grid.centre(following), height_of[there[0]]))
            )
    floating = [
        (grid.centre(place), height_of[channel])
        for place, column in enumerate(grid.columns)
        if column.floats
        for channel in column.touchpoint.channels
    ]
    return [
        Line(points=piece, colour=grid.theme.link, width=1.1, z=LINK)
        for ends in lines
        for piece in (passing(ends, floating, _CLEAR) if ends[0][0] != ends[1][0] else (ends,))
    ]
