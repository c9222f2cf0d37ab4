"""What does one band of a journey map hold: chevrons, touchpoint boxes and lanes under each other?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from journeymap.model.journey import Journey
from journeymap.model.touchpoints import Touchpoint
from journeymap.render.map_columns import Column, Segment, segments
from journeymap.render.map_feeling import feeling_lane
from journeymap.render.map_lanes import (
    PAD,
    Grid,
    Lane,
    channel_lane,
    chip_lane,
    lane_label,
    metric_lane,
    owner_lane,
    text_lane,
)
from journeymap.render.scene import EDGE_TEXT, GRID, TINT, Box, Item, Label, Line, Polygon
from journeymap.render.text import line_height, text_width, wrap

__all__ = ["BACKSTAGE_LANES", "LANES", "Band", "MapContent", "lay_band"]

CHEVRON = 0.34
_POINT = 0.12
_TITLE_LINES = 4
_GOAL = "⚑"

# Every lane of the map by its name, from top to bottom; those behind the line of visibility last.
FRONT_LANES = (
    "doing", "channel", "feeling", "thinking", "pain points", "opportunities", "visits", "owner",
)  # fmt: skip
BACKSTAGE_LANES = ("backstage", "systems")
LANES = (*FRONT_LANES, *BACKSTAGE_LANES)


@dataclass(frozen=True, kw_only=True)
class MapContent:
    """What all bands of a map share.

    Parameters
    ----------
    journey : Journey
        The journey.
    columns : tuple of Column
        All columns.
    channels : tuple of str
        All channels in the order of their first use.
    lowest : frozenset of int
        Positions of the lowest points.
    lanes : tuple of str
        The names of the lanes wanted, from top to bottom.
    goals : frozenset of str
        Ids of the touchpoints that win the journey.
    """

    journey: Journey
    columns: tuple[Column, ...]
    channels: tuple[str, ...]
    lowest: frozenset[int]
    lanes: tuple[str, ...]
    goals: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Band:
    """One band with its top at y = 0.

    Parameters
    ----------
    height : float
        In inches.
    items : tuple of Item
        Everything in it.
    marks : frozenset of str
        What the legend must explain.
    """

    height: float
    items: tuple[Item, ...]
    marks: frozenset[str]


def lay_band(grid: Grid, content: MapContent, first: int) -> Band:
    """Where stands what in a band?

    Parameters
    ----------
    grid : Grid
        The columns of the band.
    content : MapContent
        What all bands share.
    first : int
        The position of the band's first column among all.

    Returns
    -------
    Band
        Chevrons, boxes, lanes and the marks used.
    """
    above = content.columns[first - 1] if first else None
    parts = segments(grid.columns, above)
    items: list[Item] = [item for part in parts for item in _chevron(grid, part)]
    boxes, tall, marks = _titles(grid, content)
    items += [item.moved(0, CHEVRON + 0.05) for item in boxes]
    y = CHEVRON + tall + 0.12
    seen = set(marks)
    behind = False
    for name in content.lanes:
        lane = _lane(name, grid, content, first)
        if lane is None:
            continue
        starts_backstage = name in BACKSTAGE_LANES and not behind
        behind = behind or starts_backstage
        visibility = starts_backstage and name != content.lanes[0]
        items += _rule(grid, y, visibility=visibility)
        y += 0.06 if visibility else 0.0  # the name of the line stands clear of the text below
        items.append(lane_label(grid, name).moved(0, y))
        items += [item.moved(0, y) for item in lane.items]
        seen |= lane.marks
        y += lane.height
    items += _rule(grid, y, visibility=False)
    return Band(height=y, items=(*_grounds(grid, parts, y), *items), marks=frozenset(seen))


def _chevron(grid: Grid, part: Segment) -> list[Item]:
    theme = grid.theme
    left, right = grid.x(part.first), grid.x(part.last + 1)
    half, gap = _POINT / 2, 0.02
    outer_left, outer_right = part.first == 0, part.last == len(grid.columns) - 1
    start = left if outer_left else left - half + gap
    notch = left if outer_left else left + half + gap
    tip = right if outer_right else right + half - gap
    body = tip - _POINT
    fill = theme.stage_header if part.column.stage else theme.any_stage_header
    middle = CHEVRON / 2
    points = ((start, 0.0), (body, 0.0), (tip, middle), (body, CHEVRON), (start, CHEVRON), (notch, middle))
    name = theme.word(part.column.stage_name)
    if part.continued:
        name = f"{name} {theme.word('(cont.)')}"
    x = left + _POINT
    size, shown = _fitted(name, body - x, (theme.stage_size, theme.touchpoint_size, theme.small_size), grid)
    region = Box(x=notch, y=0, width=tip - notch, height=CHEVRON)
    return [
        Polygon(points=points, fill=fill),
        Label(x=x, y=middle, text=shown, size=size, weight="bold", colour=theme.text_on(fill), va="center",
              inside=region),
    ]  # fmt: skip


def _fitted(name: str, width: float, sizes: Sequence[float], grid: Grid) -> tuple[float, str]:
    """Give the largest size at which the name fits on one line; at the smallest it may take two."""
    family = grid.theme.family
    for size in sizes:
        if text_width(name, size, "bold", family=family) <= width:
            return size, name
    return sizes[-1], "\n".join(wrap(name, width, sizes[-1], "bold", 2, family=family))


def _badges(touchpoint: Touchpoint, content: MapContent) -> str:
    moment = "★" if touchpoint.moment_of_truth else ""
    goal = _GOAL if {touchpoint.id, touchpoint.floats_as} & content.goals else ""
    return " ".join(badge for badge in (goal, moment) if badge)


def _titles(grid: Grid, content: MapContent) -> tuple[list[Item], float, set[str]]:
    """Lay the boxes with the touchpoints' names; all boxes of a band are equally tall."""
    theme = grid.theme
    badges = [_badges(column.touchpoint, content) for column in grid.columns]
    names = [
        _name(grid, column.touchpoint, badge) for column, badge in zip(grid.columns, badges, strict=True)
    ]
    lines = max(len(text) for text, _ in names)
    strip = 0.1 if theme.service_hatch else 0.0
    tall = 0.26 + strip + lines * line_height(theme.touchpoint_size, theme.line_height)
    items: list[Item] = []
    marks: set[str] = set()
    for place, (column, (text, size), badge) in enumerate(zip(grid.columns, names, badges, strict=True)):
        service = column.touchpoint.is_service
        marks |= {"service"} if service else set()
        marks |= {"moment"} if "★" in badge else set()
        marks |= {"goal"} if _GOAL in badge else set()
        box = Box(
            x=grid.x(place) + 0.06, y=0, width=grid.step - 0.12, height=tall, radius=0.05,
            fill=theme.paper, edge=theme.service if service else theme.touchpoint_edge,
            line_width=2.0 if service else 0.8,
        )  # fmt: skip
        items.append(box)
        if service and theme.service_hatch:
            items.append(Box(x=box.x + 0.04, y=box.bottom - 0.12, width=box.width - 0.08, height=0.08,
                             edge=theme.service, line_width=0.4, hatch=theme.service_hatch))  # fmt: skip
        items.append(
            Label(x=box.x + PAD, y=(tall - strip) / 2, text="\n".join(text), size=size, weight="bold",
                  va="center", colour=theme.service if service else theme.ink,
                  line_height=theme.line_height, inside=box)
        )  # fmt: skip
        if badge:
            items.append(Label(x=box.right - 0.06, y=0.15, text=badge, size=theme.touchpoint_size,
                               ha="right", va="center", colour=theme.ink, inside=box))  # fmt: skip
    return items, tall, marks


def _name(grid: Grid, touchpoint: Touchpoint, badge: str) -> tuple[tuple[str, ...], float]:
    """Break a touchpoint's name: two lines, or up to four in smaller type, as a cut name says little."""
    theme = grid.theme
    text = f"◆\u00a0{touchpoint.name}" if touchpoint.is_service else touchpoint.name
    width = grid.step - 0.12 - 2 * PAD - (0.14 * len(badge.replace(" ", "")) + 0.02 if badge else 0)
    lines = wrap(text, width, theme.touchpoint_size, "bold", family=theme.family)
    if len(lines) <= 2:
        return lines, theme.touchpoint_size
    return wrap(text, width, theme.small_size, "bold", _TITLE_LINES, family=theme.family), theme.small_size


def _quoted(touchpoint: Touchpoint) -> str:
    text = touchpoint.thinking.strip()
    return f"“{text}”" if text and text[0] not in "\"'“„«「‘" else text


_Draw: TypeAlias = Callable[[Grid, MapContent, int], Lane | None]


def _text(text_of: Callable[[Touchpoint], str], most: int, *, small: bool) -> _Draw:
    def draw(grid: Grid, _content: MapContent, _first: int) -> Lane | None:
        size = grid.theme.small_size if small else grid.theme.body_size
        return text_lane(grid, text_of, size=size, most=most)

    return draw


def _thinking(grid: Grid, _content: MapContent, _first: int) -> Lane | None:
    theme = grid.theme
    return text_lane(grid, _quoted, size=theme.body_size, most=4, style="italic", colour=theme.muted)


def _visits(grid: Grid, content: MapContent, _first: int) -> Lane | None:
    observation = content.journey.observation
    return metric_lane(grid, observation.journeys if observation else 0)


_DRAW: dict[str, _Draw] = {
    "doing": _text(lambda touchpoint: touchpoint.doing, 6, small=False),
    "channel": lambda grid, content, _first: channel_lane(grid, content.journey, content.channels),
    "feeling": lambda grid, content, first: feeling_lane(grid, content.columns, first, content.lowest),
    "thinking": _thinking,
    "pain points": lambda grid, _content, _first: chip_lane(grid, "pain"),
    "opportunities": lambda grid, _content, _first: chip_lane(grid, "opportunity"),
    "visits": _visits,
    "owner": lambda grid, content, _first: owner_lane(grid, content.journey),
    "backstage": _text(lambda touchpoint: "\n".join(touchpoint.backstage), 4, small=True),
    "systems": _text(lambda touchpoint: ", ".join(touchpoint.systems), 3, small=True),
}


def _lane(name: str, grid: Grid, content: MapContent, first: int) -> Lane | None:
    return _DRAW[name](grid, content, first)


def _rule(grid: Grid, y: float, *, visibility: bool) -> list[Item]:
    """Give the line above a lane; above the first lane backstage it is the line of visibility."""
    theme = grid.theme
    ends = (grid.margin, y), (grid.right, y)
    if not visibility:
        return [Line(points=ends, colour=theme.rule, width=0.7, z=GRID + 0.1)]
    name = Label(x=grid.right - 0.06, y=y, text=theme.word("line of visibility"), size=theme.tick_size,
                 style="italic", ha="right", va="center", colour=theme.muted, backing=theme.paper,
                 z=EDGE_TEXT)  # fmt: skip
    return [Line(points=ends, colour=theme.stage_header, width=1.2, dash="dashed", z=GRID + 0.1), name]


def _grounds(grid: Grid, parts: Sequence[Segment], height: float) -> list[Item]:
    """Tint every stage from its chevron to the last lane, with dotted lines between its columns."""
    theme = grid.theme
    items: list[Item] = []
    for part in parts:
        left, right = grid.x(part.first), grid.x(part.last + 1)
        items.append(Box(x=left, y=CHEVRON, width=right - left, height=height - CHEVRON,
                         fill=theme.stage_tints[part.column.tint], z=TINT))  # fmt: skip
        items += [
            Line(points=((grid.x(place), CHEVRON + 0.06), (grid.x(place), height)), colour=theme.rule,
                 width=0.5, dash="dotted", z=GRID - 0.5)
            for place in range(part.first + 1, part.last + 1)
        ]  # fmt: skip
        if part.first:
            items.append(Line(points=((left, CHEVRON), (left, height)), colour=theme.paper, width=2.0,
                              z=GRID - 0.4))  # fmt: skip
    return items
