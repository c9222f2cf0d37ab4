"""What stands in the cells of a map's lanes, as geometry that begins at y = 0?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from journeymap.analysis.wording import percent
from journeymap.model.journey import Journey
from journeymap.model.names import shown_name
from journeymap.model.touchpoints import STANDARD_CHANNELS, Touchpoint
from journeymap.render.map_columns import Column, track
from journeymap.render.map_notes import Notes
from journeymap.render.scene import LINK, TEXT, Box, Item, Label, Marker
from journeymap.render.text import Style, line_height, wrap
from journeymap.render.theme import Theme

__all__ = [
    "Grid",
    "Lane",
    "bar",
    "channel_marker",
    "channel_name",
    "chip_lane",
    "importance_lane",
    "lane_label",
    "owner_lane",
    "row_label",
    "text_lane",
]

PAD = 0.08
BAR = 0.05
_CHIP_GAP = 0.06
_BAR = 0.025  # inches of bar for one step of severity
_SEVERITIES = 5
_NARROWEST = 1  # also where nobody said how severe a pain point is
_MOST_CHIPS = 4
_CHIP_LINES = 3
_CHIP_LANES = {"pain": "pain points", "opportunity": "opportunities"}


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
    notes : Notes, optional
        Collects what is cut.
    """

    columns: tuple[Column, ...]
    left: float
    step: float
    margin: float
    theme: Theme
    notes: Notes | None = None

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

    def cell(self, place: int, height: float) -> Box:
        """Give the region of a column in a lane of this height."""
        return Box(x=self.x(place), y=0, width=self.step, height=height)

    def where(self, place: int, lane: str) -> str:
        """Say for a note what stands in a column."""
        name = self.columns[place].touchpoint.name
        return f"{name}, {self.theme.word(lane)}" if lane else name

    def broken(
        self,
        text: str,
        width: float,
        size: float,
        *,
        most: int,
        where: str,
        weight: Literal["normal", "bold"] = "normal",
        style: Style = "normal",
    ) -> tuple[str, ...]:
        """Break a text into lines, and note what is cut."""
        notes = self.notes or Notes(theme=self.theme)
        return notes.broken(text, width, size, most=most, where=where, weight=weight, style=style)


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane of one band.

    Parameters
    ----------
    height : float
        In inches.
    items : tuple of Item
        With the lane's top at y = 0.
    """

    height: float
    items: tuple[Item, ...]


Texts: TypeAlias = Callable[[Touchpoint], str]


def lane_label(grid: Grid, name: str) -> Label:
    """Give the name of a lane, at its upper left."""
    width = grid.left - grid.margin - 0.1
    theme = grid.theme
    text = wrap(theme.word(name).upper(), width, theme.small_size, "bold", 2, family=theme.family)
    return Label(x=grid.margin, y=0.06, text="\n".join(text), size=theme.small_size, weight="bold",
                 colour=theme.muted)  # fmt: skip


def row_label(grid: Grid, name: str, y: float, lane: str) -> Label:
    """Give the name of a row within a lane, left of it; on two lines of smaller type where it is long."""
    theme = grid.theme
    width = grid.left - grid.margin - 0.12
    lines, size = wrap(name, width, theme.small_size, family=theme.family), theme.small_size
    if len(lines) > 1:
        size = theme.tick_size
        lines = grid.broken(name, width, size, most=2, where=theme.word(lane))
    return Label(x=grid.left - PAD, y=y, text="\n".join(lines), size=size, ha="right", va="center",
                 colour=theme.muted, line_height=1.15)  # fmt: skip


def bar(grid: Grid, place: int, y: float, share: float, mark: str) -> list[Item]:
    """Give the bar of a share, 0 to 1, across a column."""
    x, width = grid.x(place) + PAD, grid.step - 2 * PAD
    items: list[Item] = [Box(x=x, y=y, width=width, height=BAR, fill=grid.theme.grid, z=LINK, mark=mark)]
    if share > 0:
        items.append(Box(x=x, y=y, width=width * min(1.0, share), height=BAR, fill=grid.theme.curve,
                         z=LINK + 0.5, mark=mark))  # fmt: skip
    return items


def text_lane(
    grid: Grid,
    text_of: Texts,
    *,
    size: float,
    most: int,
    style: Style = "normal",
    colour: str = "",
    name: str = "",
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
    name : str
        Of the lane, for notes on what is cut.

    Returns
    -------
    Lane or None
        None where no column has a text.
    """
    theme = grid.theme
    cells = [
        grid.broken(text_of(column.touchpoint), grid.step - 2 * PAD, size, most=most, style=style,
                    where=grid.where(place, name))
        for place, column in enumerate(grid.columns)
    ]  # fmt: skip
    lines = max((len(cell) for cell in cells), default=0)
    if not lines:
        return None
    height = lines * line_height(size, theme.line_height) + 0.16
    items = tuple(
        Label(x=grid.x(place) + PAD, y=0.07, text="\n".join(cell), size=size, style=style,
              colour=colour or theme.ink, line_height=theme.line_height, inside=grid.cell(place, height))
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
            more = _more(grid, place, y, [text for text, _ in stack[_MOST_CHIPS:]], kind)
            items.append(more)
            y += more.height + _CHIP_GAP
        deepest = max(deepest, y)
    return Lane(height=deepest + 0.04, items=tuple(items))


def _more(grid: Grid, place: int, y: float, texts: Sequence[str], kind: str) -> Label:
    """Say how many chips have no room, and note them."""
    theme = grid.theme
    raised = grid.notes.mark("; ".join(texts), grid.where(place, _CHIP_LANES[kind])) if grid.notes else ""
    text = f"+ {len(texts)} {theme.word('more')}{raised and ' '}{raised}"
    return Label(x=grid.x(place) + PAD, y=y, size=theme.tick_size, colour=theme.muted, text=text)


def _chips(touchpoint: Touchpoint, kind: str) -> list[tuple[str, int]]:
    if kind == "pain":
        worst_first = sorted(touchpoint.pain_points, key=lambda pain: -(pain.severity or 0))
        return [(pain.text, pain.severity or _NARROWEST) for pain in worst_first]
    return [(text, 2) for text in touchpoint.opportunities]


def _chip(grid: Grid, place: int, y: float, text: str, weight: int, kind: str) -> tuple[Box, Box, Label]:
    theme = grid.theme
    dark, tint = (
        (theme.pain, theme.pain_tint) if kind == "pain" else (theme.opportunity, theme.opportunity_tint)
    )
    x, width = grid.x(place) + PAD, grid.step - 2 * PAD
    indent = _BAR * (_SEVERITIES if kind == "pain" else 2) + 0.05
    lines = grid.broken(text, width - indent - 0.04, theme.small_size, most=_CHIP_LINES,
                        where=grid.where(place, _CHIP_LANES[kind]))  # fmt: skip
    height = len(lines) * line_height(theme.small_size, theme.line_height) + 0.05
    ground = Box(x=x, y=y, width=width, height=height, fill=tint, z=LINK, mark=kind)
    label = Label(x=x + indent, y=y + height / 2, text="\n".join(lines), size=theme.small_size, va="center",
                  colour=theme.ink, line_height=theme.line_height, inside=ground)  # fmt: skip
    return ground, Box(x=x, y=y, width=_BAR * weight, height=height, fill=dark, mark=kind), label


def channel_name(journey: Journey, channel: str) -> str:
    """Give the name of a channel on figures."""
    for known in (*journey.channels, *STANDARD_CHANNELS):
        if known.id == channel:
            return known.name
    return shown_name(channel)


def channel_marker(x: float, y: float, theme: Theme, *, service: bool, main: bool = True) -> Marker:
    """Give the marker of a touchpoint in its channel: smaller and open in those that are also used."""
    if not main:
        return Marker(x=x, y=y, shape="diamond" if service else "circle", size=6.0 if service else 5.0,
                      fill=theme.paper, edge=theme.service if service else theme.link, line_width=1.0,
                      mark="also")  # fmt: skip
    if service:
        return Marker(x=x, y=y, shape="diamond", size=11, fill=theme.service, edge=theme.paper,
                      line_width=0.8, mark="service")  # fmt: skip
    return Marker(x=x, y=y, shape="circle", size=8.0, fill=theme.curve, edge=theme.paper, line_width=0.8,
                  mark="touchpoint")  # fmt: skip


def importance_lane(grid: Grid) -> Lane | None:
    """How much does each touchpoint matter to customers?

    Parameters
    ----------
    grid : Grid
        The columns.

    Returns
    -------
    Lane or None
        None where nobody has said.
    """
    theme = grid.theme
    items: list[Item] = []
    for place, column in enumerate(grid.columns):
        matters = column.touchpoint.importance
        if matters is None:
            continue
        items += bar(grid, place, 0.31, matters, "importance")
        items.append(Label(x=grid.x(place) + PAD, y=0.09, text=percent(matters), size=theme.body_size,
                           colour=theme.ink, inside=grid.cell(place, 0.46)))  # fmt: skip
    return Lane(height=0.46, items=tuple(items)) if items else None


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
    cells = [
        grid.broken(names.get(owner, owner), grid.step - 2 * PAD - 0.16, theme.small_size, most=2,
                    where=grid.where(place, "owner")) if owner else ()
        for place, owner in enumerate(owners)
    ]  # fmt: skip
    lines = max(len(cell) for cell in cells)
    height = lines * line_height(theme.small_size, theme.line_height) + 0.18
    neighbours = set(pairwise(track(grid.columns)))  # nobody is handed over to what floats
    for place, (owner, cell) in enumerate(zip(owners, cells, strict=True)):
        if not cell:
            continue
        items.append(Label(x=grid.x(place) + PAD, y=0.08, text="\n".join(cell), size=theme.small_size,
                           colour=theme.ink, inside=grid.cell(place, height)))  # fmt: skip
        if (place, place + 1) not in neighbours:
            continue
        if owners[place + 1] and owners[place + 1] != owner:
            items.append(Label(x=grid.x(place + 1) - 0.04, y=0.08, text="⇥", size=theme.body_size,
                               ha="right", colour=theme.muted, z=TEXT, mark="handoff"))  # fmt: skip
    return Lane(height=height, items=tuple(items))
