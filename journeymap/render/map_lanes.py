"""What stands in each lane of a journey map, as geometry that begins at y = 0?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from journeymap.analysis.wording import percent
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import STANDARD_CHANNELS, Touchpoint
from journeymap.render.map_columns import Column, track
from journeymap.render.scene import GRID, LINK, TEXT, Box, Item, Label, Line, Marker, Point
from journeymap.render.text import Style, line_height, wrap
from journeymap.render.theme import Theme

__all__ = [
    "Grid",
    "Lane",
    "channel_lane",
    "channel_marker",
    "channel_name",
    "chip_lane",
    "lane_label",
    "metric_lane",
    "owner_lane",
    "passing",
    "text_lane",
]

PAD = 0.08
_CHANNEL_ROW = 0.26
_CHIP_GAP = 0.06
_BAR = 0.025  # inches of bar for one step of severity
_SEVERITIES = 5
_NARROWEST = 1  # also where nobody said how severe a pain point is
_MOST_CHIPS = 4
_CLEAR = 0.15


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The columns of one band and where they stand.

    Parameters
    ----------
    columns : tuple of Column
        From left to right.
    left : float
        Where the first column begins, in inches.
    step : float
        The width of a column.
    margin : float
        Where lane names begin.
    theme : Theme
        Sizes and colours.
    """

    columns: tuple[Column, ...]
    left: float
    step: float
    margin: float
    theme: Theme

    @property
    def right(self) -> float:
        """Where the last column ends."""
        return self.left + self.step * len(self.columns)

    def x(self, place: float) -> float:
        """Where a column begins."""
        return self.left + self.step * place

    def centre(self, place: float) -> float:
        """The middle of a column."""
        return self.x(place + 0.5)


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane of one band.

    Parameters
    ----------
    height : float
        In inches.
    items : tuple of Item
        With the lane's top at y = 0.
    marks : frozenset of str
        The marks that the legend must explain.
    """

    height: float
    items: tuple[Item, ...]
    marks: frozenset[str] = frozenset()


Texts: TypeAlias = Callable[[Touchpoint], str]


def lane_label(grid: Grid, name: str) -> Label:
    """Give the name of a lane, at its upper left."""
    width = grid.left - grid.margin - 0.1
    theme = grid.theme
    text = wrap(theme.word(name).upper(), width, theme.small_size, "bold", 2, family=theme.family)
    return Label(x=grid.margin, y=0.06, text="\n".join(text), size=theme.small_size, weight="bold",
                 colour=theme.muted)  # fmt: skip


def _cell(grid: Grid, place: int, height: float) -> Box:
    return Box(x=grid.x(place), y=0, width=grid.step, height=height)


def text_lane(
    grid: Grid, text_of: Texts, *, size: float, most: int, style: Style = "normal", colour: str = ""
) -> Lane | None:
    """Which text stands in each column?

    Parameters
    ----------
    grid : Grid
        The columns.
    text_of : callable
        From touchpoint to text; an empty one leaves its cell blank.
    size : float
        In points.
    most : int
        The most lines.
    style : str
        ``normal`` or ``italic``.
    colour : str
        Of the text; ink when left out.

    Returns
    -------
    Lane or None
        None where no column has a text.
    """
    theme = grid.theme
    cells = [
        wrap(text_of(column.touchpoint), grid.step - 2 * PAD, size, "normal", most, style=style,
             family=theme.family)
        for column in grid.columns
    ]  # fmt: skip
    lines = max((len(cell) for cell in cells), default=0)
    if not lines:
        return None
    height = lines * line_height(size, theme.line_height) + 0.16
    items = tuple(
        Label(x=grid.x(place) + PAD, y=0.07, text="\n".join(cell), size=size, style=style,
              colour=colour or theme.ink, line_height=theme.line_height, inside=_cell(grid, place, height))
        for place, cell in enumerate(cells)
        if cell
    )  # fmt: skip
    return Lane(height=height, items=items)


def chip_lane(grid: Grid, kind: str) -> Lane | None:
    """Which chips stand in each column: pain points (bar by severity) or opportunities?

    Parameters
    ----------
    grid : Grid
        The columns.
    kind : {"pain", "opportunity"}
        What the chips show.

    Returns
    -------
    Lane or None
        None where no column has one.
    """
    stacks = [_chips(column.touchpoint, kind) for column in grid.columns]
    if not any(stacks):
        return None
    items: list[Item] = []
    deepest = 0.0
    for place, stack in enumerate(stacks):
        y = 0.09
        for text, weight in stack[:_MOST_CHIPS]:
            chip = _chip(grid, place, y, text, weight, kind)
            items += chip
            y = chip[0].bottom + _CHIP_GAP
        if len(stack) > _MOST_CHIPS:
            more = Label(x=grid.x(place) + PAD, y=y, size=grid.theme.tick_size, colour=grid.theme.muted,
                         text=f"+ {len(stack) - _MOST_CHIPS} {grid.theme.word('more')}")  # fmt: skip
            items.append(more)
            y += more.height + _CHIP_GAP
        deepest = max(deepest, y)
    return Lane(height=deepest + 0.04, items=tuple(items), marks=frozenset({kind}))


def _chips(touchpoint: Touchpoint, kind: str) -> list[tuple[str, int]]:
    if kind == "pain":
        worst_first = sorted(touchpoint.pain_points, key=lambda pain: -(pain.severity or 0))
        return [(pain.text, pain.severity or _NARROWEST) for pain in worst_first]
    return [(text, 2) for text in touchpoint.opportunities]


def _chip(grid: Grid, place: int, y: float, text: str, weight: int, kind: str) -> tuple[Box, Box, Label]:
    theme = grid.theme
    bar, tint = (
        (theme.pain, theme.pain_tint) if kind == "pain" else (theme.opportunity, theme.opportunity_tint)
    )
    x, width = grid.x(place) + PAD, grid.step - 2 * PAD
    indent = _BAR * (_SEVERITIES if kind == "pain" else 2) + 0.05
    lines = wrap(text, width - indent - 0.04, theme.small_size, "normal", 2, family=theme.family)
    height = len(lines) * line_height(theme.small_size, theme.line_height) + 0.05
    ground = Box(x=x, y=y, width=width, height=height, fill=tint, z=LINK)
    label = Label(x=x + indent, y=y + height / 2, text="\n".join(lines), size=theme.small_size, va="center",
                  colour=theme.ink, line_height=theme.line_height, inside=ground)  # fmt: skip
    return ground, Box(x=x, y=y, width=_BAR * weight, height=height, fill=bar), label


def channel_name(journey: Journey, channel: str) -> str:
    """Give the name of a channel on figures."""
    for known in (*journey.channels, *STANDARD_CHANNELS):
        if known.id == channel:
            return known.name
    return channel.replace("_", " ").capitalize()


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
    top = 0.26  # the first row stands clear of the lane's name
    height_of = {channel: top + _CHANNEL_ROW * (row + 0.25) for row, channel in enumerate(rows)}
    items: list[Item] = []
    for channel, y in height_of.items():
        items.append(_row_name(grid, channel_name(journey, channel), y))
        items.append(Line(points=((grid.left, y), (grid.right, y)), colour=theme.rule, width=0.6,
                          dash="dotted", z=GRID))  # fmt: skip
    items += _channel_links(grid, height_of)
    marks: set[str] = set()
    for place, column in enumerate(grid.columns):
        service = column.touchpoint.is_service
        for channel in column.touchpoint.channels:
            marks.add("service" if service else "touchpoint")
            items.append(channel_marker(grid.centre(place), height_of[channel], theme, service=service))
    return Lane(height=top + _CHANNEL_ROW * len(rows), items=tuple(items), marks=frozenset(marks))


def _row_name(grid: Grid, name: str, y: float) -> Label:
    """Give the name of a channel left of its row, on two lines of smaller type where it is long."""
    theme = grid.theme
    width = grid.left - grid.margin - 0.12
    lines, size = wrap(name, width, theme.small_size, family=theme.family), theme.small_size
    if len(lines) > 1:
        size = theme.tick_size
        lines = wrap(name, width, size, "normal", 2, family=theme.family)
    return Label(x=grid.left - PAD, y=y, text="\n".join(lines), size=size, ha="right", va="center",
                 colour=theme.muted, line_height=1.15)  # fmt: skip


def channel_marker(x: float, y: float, theme: Theme, *, service: bool) -> Marker:
    """Give the marker of a touchpoint in its channel."""
    if service:
        return Marker(x=x, y=y, shape="diamond", size=11, fill=theme.service, edge=theme.paper,
                      line_width=0.8)  # fmt: skip
    return Marker(x=x, y=y, shape="circle", size=7.5, fill=theme.paper, edge=theme.curve, line_width=1.2)


def _channel_links(grid: Grid, height_of: dict[str, float]) -> list[Item]:
    lines: list[tuple[Point, Point]] = []
    for place, column in enumerate(grid.columns):
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
        for start, end in _covered(x0, y0, x1, y1, marks, radius):
            if start > 0:
                pieces[-1].append((x0 + (x1 - x0) * start, y0 + (y1 - y0) * start))
            pieces.append([] if end >= 1 else [(x0 + (x1 - x0) * end, y0 + (y1 - y0) * end)])
        if pieces[-1] or not any((x1 - x) ** 2 + (y1 - y) ** 2 <= radius**2 for x, y in marks):
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


def metric_lane(grid: Grid, journeys: int) -> Lane | None:
    """How many visits has each touchpoint, and which share of all journeys comes there?

    Parameters
    ----------
    grid : Grid
        The columns.
    journeys : int
        All journeys, shown as the full width of the bars.

    Returns
    -------
    Lane or None
        None where nothing was counted.
    """
    if journeys < 1 or not any(column.touchpoint.visits for column in grid.columns):
        return None
    theme = grid.theme
    items: list[Item] = []
    for place, column in enumerate(grid.columns):
        visits = column.touchpoint.visits
        if visits is None:
            continue
        x, width = grid.x(place) + PAD, grid.step - 2 * PAD
        items.append(Box(x=x, y=0.31, width=width, height=0.05, fill=theme.grid, z=LINK))
        if visits.share > 0:
            items.append(Box(x=x, y=0.31, width=width * min(1.0, visits.share), height=0.05,
                             fill=theme.curve, z=LINK + 0.5))  # fmt: skip
        items.append(
            Label(x=x, y=0.09, text=f"{visits.count:,} · {percent(visits.share)}", size=theme.body_size,
                  colour=theme.ink, inside=_cell(grid, place, 0.46))
        )  # fmt: skip
    return Lane(height=0.46, items=tuple(items), marks=frozenset({"visits"}))


def owner_lane(grid: Grid, journey: Journey) -> Lane | None:
    """Who answers for each touchpoint, and where is the customer handed over?

    Parameters
    ----------
    grid : Grid
        The columns.
    journey : Journey
        For the owners' names.

    Returns
    -------
    Lane or None
        None where no touchpoint has an owner.
    """
    names = {owner.id: owner.name for owner in journey.owners}
    owners = [column.touchpoint.owner for column in grid.columns]
    if not any(owners):
        return None
    theme = grid.theme
    items: list[Item] = []
    marks: frozenset[str] = frozenset()
    cells = [
        wrap(names.get(owner, owner), grid.step - 2 * PAD - 0.16, theme.small_size, "normal", 2,
             family=theme.family) if owner else ()
        for owner in owners
    ]  # fmt: skip
    lines = max(len(cell) for cell in cells)
    height = lines * line_height(theme.small_size, theme.line_height) + 0.18
    neighbours = set(pairwise(track(grid.columns)))  # nobody is handed over to what floats
    for place, (owner, cell) in enumerate(zip(owners, cells, strict=True)):
        if not cell:
            continue
        items.append(Label(x=grid.x(place) + PAD, y=0.08, text="\n".join(cell), size=theme.small_size,
                           colour=theme.ink, inside=_cell(grid, place, height)))  # fmt: skip
        if (place, place + 1) not in neighbours:
            continue
        if owners[place + 1] and owners[place + 1] != owner:
            marks = frozenset({"handoff"})
            items.append(Label(x=grid.x(place + 1) - 0.04, y=0.08, text="⇥", size=theme.body_size,
                               ha="right", colour=theme.muted, z=TEXT))  # fmt: skip
    return Lane(height=height, items=tuple(items), marks=marks)
