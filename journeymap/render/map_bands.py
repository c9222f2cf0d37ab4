"""What does one band of a journey map hold: chevrons, touchpoint boxes and lanes under each other?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from journeymap.errors import UnknownNameError, nearest
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import Touchpoint
from journeymap.render.chevrons import CHEVRON, chevron_row, stage_header
from journeymap.render.map_branches import Branches, branch_zone
from journeymap.render.map_channels import channel_lane
from journeymap.render.map_columns import Column, Segment, segments, track
from journeymap.render.map_curves import stretches
from journeymap.render.map_feeling import feeling_lane
from journeymap.render.map_lanes import (
    PAD,
    Grid,
    Lane,
    chip_lane,
    importance_lane,
    lane_label,
    owner_lane,
    text_lane,
)
from journeymap.render.map_metrics import Counted, metrics_lane
from journeymap.render.map_persona_curves import PersonaCurve, persona_lane
from journeymap.render.map_scores import Scores
from journeymap.render.scene import EDGE_TEXT, GRID, TINT, Box, Item, Label, Line
from journeymap.render.text import line_height, wrap

__all__ = ["ALL_LANES", "BACKSTAGE_LANES", "LANES", "Band", "MapContent", "lay_band", "named_lanes"]

_TITLE_LINES = 4
_GOAL, _MOMENT = "⚑", "★"
_BADGE = 0.16

# The lanes of the map by their names, from top to bottom; those behind the line of visibility last.
FRONT_LANES = (
    "doing", "channel", "feeling", "thinking", "pain points", "opportunities", "metrics", "owner",
)  # fmt: skip
BACKSTAGE_LANES = ("backstage", "systems")
LANES = (*FRONT_LANES, *BACKSTAGE_LANES)
# Only where they are asked for: a blueprint and a chart of importance show them better.
ON_REQUEST = ("frontstage", "evidence", "importance")
ALL_LANES = (*FRONT_LANES, *ON_REQUEST, *BACKSTAGE_LANES)


def named_lanes(lanes: Iterable[str] | None) -> tuple[str, ...]:
    """Which lanes does a map show, in which order?

    Parameters
    ----------
    lanes : iterable of str, optional
        Names from `ALL_LANES`; those of `LANES` when left out.

    Returns
    -------
    tuple of str
        Each once.

    Raises
    ------
    UnknownNameError
        There is no such lane.

    Examples
    --------
    >>> named_lanes(["feeling", "pain_points", "feeling"])
    ('feeling', 'pain points')
    """
    if lanes is None:
        return LANES
    chosen = tuple(lane.lower().replace("_", " ") for lane in ([lanes] if isinstance(lanes, str) else lanes))
    for lane in chosen:
        if lane not in ALL_LANES:
            close = nearest(lane, ALL_LANES)
            raise UnknownNameError.because(
                f"no lane {lane!r} on a journey map.",
                expected=f"Expected some of: {', '.join(ALL_LANES)}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
    return tuple(dict.fromkeys(chosen))


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
    counted : Counted
        What was counted.
    scores : Scores
        What answers and tickets say.
    curves : tuple of PersonaCurve
        Those of several personas; none where one curve is drawn.
    branches : Branches
        The arcs.
    """

    journey: Journey
    columns: tuple[Column, ...]
    channels: tuple[str, ...]
    lowest: frozenset[int]
    lanes: tuple[str, ...]
    goals: frozenset[str]
    counted: Counted
    scores: Scores = field(default_factory=Scores)
    curves: tuple[PersonaCurve, ...] = ()
    branches: Branches = field(default_factory=Branches)

    @cached_property
    def runs(self) -> tuple[tuple[int, ...], ...]:
        """The stretches of columns that the feeling curve passes through."""
        return stretches([column.feeling is not None for column in self.columns], track(self.columns))


@dataclass(frozen=True, kw_only=True)
class Band:
    """One band with its top at y = 0.

    Parameters
    ----------
    height : float
        In inches.
    items : tuple of Item
        Everything in it.
    """

    height: float
    items: tuple[Item, ...]


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
        Chevrons, arcs, boxes and lanes.
    """
    above = content.columns[first - 1] if first else None
    parts = segments(grid.columns, above)
    items: list[Item] = _chevrons(grid, parts)
    arcs, high = branch_zone(grid, content.branches.drawn, first)
    boxes, tall = _titles(grid, content)
    items += [item.moved(0, CHEVRON + 0.05 + high) for item in (*arcs, *boxes)]
    y = CHEVRON + high + tall + 0.12
    behind = False
    for name in content.lanes:
        lane = _DRAW[name](grid, content, first)
        if lane is None:
            continue
        starts_backstage = name in BACKSTAGE_LANES and not behind
        behind = behind or starts_backstage
        visibility = starts_backstage and name != content.lanes[0]
        items += _rule(grid, y, visibility=visibility)
        y += 0.06 if visibility else 0.0  # the name of the line stands clear of the text below
        items.append(lane_label(grid, name).moved(0, y))
        items += [item.moved(0, y) for item in lane.items]
        y += lane.height
    items += _rule(grid, y, visibility=False)
    return Band(height=y, items=(*_grounds(grid, parts, y), *items))


def _chevrons(grid: Grid, parts: Sequence[Segment]) -> list[Item]:
    theme = grid.theme

    def broken(name: str, width: float, size: float, most: int) -> tuple[str, ...]:
        return grid.broken(name, width, size, most=most, weight="bold", where=theme.word("stage"))

    headers = [stage_header(part, grid.x(part.first), grid.x(part.last + 1), theme) for part in parts]
    return chevron_row(headers, 0.0, theme, broken=broken)


def _badges(touchpoint: Touchpoint, content: MapContent) -> list[tuple[str, str]]:
    """List the signs in the corner of a box with their marks, from right to left."""
    badges = [(_MOMENT, "moment")] if touchpoint.moment_of_truth else []
    return [*badges, (_GOAL, "goal")] if {touchpoint.id, touchpoint.floats_as} & content.goals else badges


def _titles(grid: Grid, content: MapContent) -> tuple[list[Item], float]:
    """Lay the boxes with the touchpoints' names; all boxes of a band are equally tall."""
    theme = grid.theme
    badges = [_badges(column.touchpoint, content) for column in grid.columns]
    names = [_name(grid, place, len(signs)) for place, signs in enumerate(badges)]
    lines = max(len(text) for text, _ in names)
    strip = 0.1 if theme.service_hatch else 0.0
    tall = 0.26 + strip + lines * line_height(theme.touchpoint_size, theme.line_height)
    items: list[Item] = []
    for place, (column, (text, size), signs) in enumerate(zip(grid.columns, names, badges, strict=True)):
        service = column.touchpoint.is_service
        mark = "service" if service else ""
        box = Box(
            x=grid.x(place) + 0.06, y=0, width=grid.step - 0.12, height=tall, radius=0.05,
            fill=theme.paper, edge=theme.service if service else theme.touchpoint_edge,
            line_width=2.0 if service else 0.8, mark=mark, node=column.node,
        )  # fmt: skip
        items.append(box)
        if service and theme.service_hatch:
            items.append(Box(x=box.x + 0.04, y=box.bottom - 0.12, width=box.width - 0.08, height=0.08,
                             edge=theme.service, line_width=0.4, hatch=theme.service_hatch,
                             mark=mark))  # fmt: skip
        items.append(
            Label(x=box.x + PAD, y=(tall - strip) / 2, text="\n".join(text), size=size, weight="bold",
                  va="center", colour=theme.as_text(theme.service) if service else theme.ink,
                  line_height=theme.line_height, inside=box, mark=mark)
        )  # fmt: skip
        items += [
            Label(x=box.right - 0.06 - _BADGE * number, y=0.15, text=sign, size=theme.touchpoint_size,
                  ha="right", va="center", colour=theme.ink, inside=box, mark=meaning)
            for number, (sign, meaning) in enumerate(signs)
        ]  # fmt: skip
    return items, tall


def _name(grid: Grid, place: int, badges: int) -> tuple[tuple[str, ...], float]:
    """Break a touchpoint's name: two lines, or up to four in smaller type, as a cut name says little."""
    theme, touchpoint = grid.theme, grid.columns[place].touchpoint
    text = f"◆\u00a0{touchpoint.name}" if touchpoint.is_service else touchpoint.name
    width = grid.step - 0.12 - 2 * PAD - (_BADGE * badges + 0.02 if badges else 0)
    lines = wrap(text, width, theme.touchpoint_size, "bold", family=theme.family)
    if len(lines) <= 2:
        return lines, theme.touchpoint_size
    size = theme.small_size
    return grid.broken(text, width, size, most=_TITLE_LINES, weight="bold", where=theme.word("name")), size


def _quoted(touchpoint: Touchpoint) -> str:
    text = touchpoint.thinking.strip()
    return f"“{text}”" if text and text[0] not in "\"'“„«「‘" else text


_Draw: TypeAlias = Callable[[Grid, MapContent, int], Lane | None]


def _text(name: str, text_of: Callable[[Touchpoint], str], most: int, *, small: bool) -> _Draw:
    def draw(grid: Grid, _content: MapContent, _first: int) -> Lane | None:
        size = grid.theme.small_size if small else grid.theme.body_size
        return text_lane(grid, text_of, size=size, most=most, name=name)

    return draw


def _thinking(grid: Grid, _content: MapContent, _first: int) -> Lane | None:
    theme = grid.theme
    return text_lane(grid, _quoted, size=theme.body_size, most=4, style="italic", colour=theme.muted,
                     name="thinking")  # fmt: skip


def _feeling(grid: Grid, content: MapContent, first: int) -> Lane | None:
    if content.curves:
        return persona_lane(grid, content.columns, content.runs, content.curves, first)
    return feeling_lane(grid, content.columns, content.runs, first, content.lowest)


_DRAW: dict[str, _Draw] = {
    "doing": _text("doing", lambda touchpoint: touchpoint.doing, 6, small=False),
    "channel": lambda grid, content, _first: channel_lane(grid, content.journey, content.channels),
    "feeling": _feeling,
    "thinking": _thinking,
    "pain points": lambda grid, _content, _first: chip_lane(grid, "pain"),
    "opportunities": lambda grid, _content, _first: chip_lane(grid, "opportunity"),
    "metrics": lambda grid, content, _first: metrics_lane(grid, content.counted, content.scores),
    "owner": lambda grid, content, _first: owner_lane(grid, content.journey),
    "frontstage": _text("frontstage", lambda touchpoint: "\n".join(touchpoint.frontstage), 4, small=True),
    "evidence": _text("evidence", lambda touchpoint: ", ".join(touchpoint.evidence), 3, small=True),
    "importance": lambda grid, _content, _first: importance_lane(grid),
    "backstage": _text("backstage", lambda touchpoint: "\n".join(touchpoint.backstage), 4, small=True),
    "systems": _text("systems", lambda touchpoint: ", ".join(touchpoint.systems), 3, small=True),
}


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
