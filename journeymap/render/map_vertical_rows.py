"""What stands in a row of a vertical map: the touchpoint's card and a cell for each lane?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from journeymap.metrics.counts import goal_touchpoints
from journeymap.model.touchpoints import Touchpoint
from journeymap.render.map_columns import Column, track
from journeymap.render.map_lanes import PAD
from journeymap.render.map_vertical_cells import Cell, Cells, channels_of, lay_cell
from journeymap.render.map_vertical_widths import CARD_MARGINS, LOWEST_ROW
from journeymap.render.scene import TEXT, Box, Item, Label
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["HANDOFF", "Table", "handoffs", "lay_row", "lay_table"]

HANDOFF = "↧"
_NAME_LINES, _CHANNEL_LINES = 4, 4
_BADGE = 0.16
_LEADING = 1.2
_EDGE = 0.06  # from the column's side to the card's
_STRIP = 0.1  # the hatched strip that marks a service interaction in print
_BETWEEN = 0.2  # from the name to channels on the same line


@dataclass(frozen=True, kw_only=True)
class Table:
    """Where the columns of a vertical map lie.

    Parameters
    ----------
    left, wide : mapping of str to float
        The left side and the width of each column by its name, in inches.
    cells : Cells
        What all cells share.
    goals : frozenset of str
        Ids of the touchpoints that win the journey.
    channels : bool
        Whether channels stand with the names.
    beside : bool
        Whether they stand on the same line.
    """

    left: Mapping[str, float]
    wide: Mapping[str, float]
    cells: Cells
    goals: frozenset[str]
    channels: bool
    beside: bool = False

    @property
    def theme(self) -> Theme:
        """Sizes and colours."""
        return self.cells.theme

    @property
    def right(self) -> float:
        """Where the last column ends."""
        return max(self.left[name] + self.wide[name] for name in self.left)

    @property
    def lanes(self) -> tuple[str, ...]:
        """The columns of cells."""
        return tuple(name for name in self.left if name not in {"touchpoint", "feeling"})

    @property
    def strip(self) -> float:
        """The width of the hatched strip on the cards of service interactions."""
        return _STRIP if self.theme.service_hatch else 0.0

    @property
    def room(self) -> float:
        """How wide a text on a card may be."""
        return self.wide["touchpoint"] - CARD_MARGINS - self.strip


def lay_table(
    cells: Cells, columns: Sequence[Column], wide: Mapping[str, float], left: float, *, channels: bool
) -> Table:
    """Where do the columns lie, and do channels stand below the names or beside them?

    Parameters
    ----------
    cells : Cells
        What all cells share.
    columns : sequence of Column
        The touchpoints.
    wide : mapping of str to float
        The width of each column, from left to right.
    left : float
        Where the first begins, in inches.
    channels : bool
        Whether they are shown at all.

    Returns
    -------
    Table
        Channels stand beside the names where no other column makes the rows taller, and all have room.
    """
    lefts: dict[str, float] = {}
    x = left
    for name, width in wide.items():
        lefts[name] = x
        x += width
    goals = goal_touchpoints(cells.journey)
    table = Table(left=lefts, wide=wide, cells=cells, goals=goals, channels=channels)
    if not channels or table.lanes:
        return table
    beside = all(_one_line(table, column.touchpoint) <= table.room for column in columns)
    return replace(table, beside=beside)


def _one_line(table: Table, touchpoint: Touchpoint) -> float:
    theme = table.theme
    name = text_width(_titled(touchpoint), theme.touchpoint_size, "bold", family=theme.family)
    channels = text_width(channels_of(table.cells, touchpoint), theme.tick_size, family=theme.family)
    return name + _BETWEEN + channels + _BADGE * len(_badges(table, touchpoint))


def _titled(touchpoint: Touchpoint) -> str:
    return f"◆\u00a0{touchpoint.name}" if touchpoint.is_service else touchpoint.name


def _badges(table: Table, touchpoint: Touchpoint) -> tuple[tuple[str, str], ...]:
    """Give symbols and their marks, from left to right."""
    goal = bool({touchpoint.id, touchpoint.floats_as} & table.goals)
    both = (("⚑", "goal", goal), ("★", "moment", touchpoint.moment_of_truth))
    return tuple((symbol, mark) for symbol, mark, given in both if given)


@dataclass(frozen=True, kw_only=True)
class _Name:
    """The lines on a touchpoint's card.

    Parameters
    ----------
    lines, channels : tuple of str
        Its name, and the channels under it.
    size : float
        Of the name, in points.
    height : float
        Of all lines, in inches.
    """

    lines: tuple[str, ...]
    channels: tuple[str, ...]
    size: float
    height: float


def _name(table: Table, touchpoint: Touchpoint) -> _Name:
    """Break a touchpoint's name: two lines, or up to four in smaller type, as a cut name says little."""
    theme = table.theme
    room = table.room - _BADGE * len(_badges(table, touchpoint))
    size = theme.touchpoint_size
    lines = wrap(_titled(touchpoint), room, size, "bold", family=theme.family)
    if len(lines) > 2:
        size = theme.small_size
        lines = wrap(_titled(touchpoint), room, size, "bold", _NAME_LINES, family=theme.family)
    channels: tuple[str, ...] = ()
    if table.channels and not table.beside:
        names = channels_of(table.cells, touchpoint)
        channels = wrap(names, table.room, theme.tick_size, "normal", _CHANNEL_LINES, family=theme.family)
    high = len(lines) * line_height(size, _LEADING)
    if channels:
        high += len(channels) * line_height(theme.tick_size, _LEADING) + 0.02
    return _Name(lines=lines, channels=channels, size=size, height=high)


def lay_row(table: Table, column: Column) -> tuple[list[Item], float]:
    """What stands in the row of a touchpoint, its top at y = 0?

    Parameters
    ----------
    table : Table
        The columns.
    column : Column
        The touchpoint.

    Returns
    -------
    list of Item
        The card and the cells.
    float
        The height of the row: that of its tallest cell.
    """
    laid: list[Cell] = []
    for lane in table.lanes:
        cell = lay_cell(table.cells, lane, column.touchpoint, table.left[lane], table.wide[lane])
        if cell is not None:
            laid.append(cell)
    name = _name(table, column.touchpoint)
    high = max([LOWEST_ROW, name.height + 0.16, *(cell.height for cell in laid)])
    return [*_card(table, column, name, high), *(item for cell in laid for item in cell.items)], high


def _card(table: Table, column: Column, name: _Name, high: float) -> list[Item]:
    theme, touchpoint = table.theme, column.touchpoint
    service = touchpoint.is_service
    mark = "service" if service else ""
    box = Box(
        x=table.left["touchpoint"] + _EDGE, y=0.035, width=table.wide["touchpoint"] - 2 * _EDGE,
        height=high - 0.07, radius=0.05, fill=theme.paper,
        edge=theme.service if service else theme.touchpoint_edge, line_width=2.0 if service else 0.8,
        mark=mark, node=column.node,
    )  # fmt: skip
    items: list[Item] = [box]
    x = box.x + PAD
    if service and table.strip:
        items.append(
            Box(x=box.x + 0.04, y=box.y + 0.04, width=table.strip - 0.02, height=box.height - 0.08,
                edge=theme.service, line_width=0.4, hatch=theme.service_hatch, mark=mark)
        )  # fmt: skip
        x += table.strip
    y = (high - name.height) / 2
    first = y + line_height(name.size, _LEADING) / 2
    items.append(Label(x=x, y=y, text="\n".join(name.lines), size=name.size, weight="bold", inside=box,
                       colour=theme.service if service else theme.ink, line_height=_LEADING,
                       mark=mark))  # fmt: skip
    if name.channels:
        down = len(name.lines) * line_height(name.size, _LEADING) + 0.02
        items.append(Label(x=x, y=y + down, text="\n".join(name.channels), size=theme.tick_size, inside=box,
                           colour=theme.muted, line_height=_LEADING))  # fmt: skip
    right = box.right - PAD
    for symbol, meaning in reversed(_badges(table, touchpoint)):
        items.append(Label(x=right, y=first, text=symbol, size=theme.touchpoint_size, ha="right", inside=box,
                           va="center", colour=theme.ink, mark=meaning))  # fmt: skip
        right -= _BADGE
    if table.beside and touchpoint.channels:
        items.append(Label(x=right, y=first, text=channels_of(table.cells, touchpoint), size=theme.tick_size,
                           ha="right", va="center", colour=theme.muted, inside=box))  # fmt: skip
    return items


def handoffs(table: Table, columns: Sequence[Column], rows: Sequence[tuple[float, float]]) -> list[Item]:
    """Where does the owner change from one row to the next? Nobody is handed over to what floats.

    Parameters
    ----------
    table : Table
        The columns.
    columns : sequence of Column
        The touchpoints, from top to bottom.
    rows : sequence of (float, float)
        Top and bottom of each row, in inches.

    Returns
    -------
    list of Item
        A symbol at the lower end of each row after which the owner changes.
    """
    if "owner" not in table.left:
        return []
    owners = [column.touchpoint.owner for column in columns]
    return [
        Label(x=table.left["owner"] + PAD, y=rows[place][1] - 0.03, text=HANDOFF,
              size=table.theme.body_size, va="bottom", colour=table.theme.muted, z=TEXT, mark="handoff")
        for place, following in pairwise(track(columns))
        if following == place + 1
        and owners[place]
        and owners[following]
        and owners[place] != owners[following]
    ]  # fmt: skip
