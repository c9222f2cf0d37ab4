"""Is service better or worse than the experience around it: where do the points of the quadrant stand?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from journeymap.analysis.service_gap_report import CANNOT_TELL, QUADRANTS, SegmentGap, ServiceGap
from journeymap.analysis.wording import percent
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import interval, paragraph, upright_interval
from journeymap.render.feeling_chart_places import Room, beside, ground_of, marker_ground
from journeymap.render.map_feeling import feeling_text
from journeymap.render.scene import (
    EDGE_TEXT,
    GRID,
    LINK,
    SHAPE,
    TINT,
    Box,
    Item,
    Label,
    LegendEntry,
    Line,
    Marker,
    Point,
)
from journeymap.render.service_chart_panel_words import feeling_reach, gap_finding, gap_note
from journeymap.render.service_chart_room import panel_head
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["gap_entries", "gap_panel"]

MOST_SEGMENTS = 12
_SIDE, _TICKS, _BESIDE = 2.6, 0.27, 0.28  # the square, the words at its left, and the way to the list
_ROW, _HIGH_ROW = 0.31, 0.46  # with a name on one line, and on three
_SMALLEST = 6.5
_NUMBER, _GAP = 0.17, 0.72  # columns of the list
_LIST = 3.4  # the list is no wider, so that names and numbers stay together
_FEW = 5  # so many rows leave room for the notes below them
_WHOLE, _DOT = 10.5, 7.0
_ZOOM = 0.95  # where all lies nearer to the middle, the scale ends at half
_FAR = (0.22, 0.34, 0.48)
_TURNS = ((1, -1), (-1, -1), (1, 1), (-1, 1), (0, -1), (0, 1), (1, 0), (-1, 0))


@dataclass(frozen=True, kw_only=True)
class _Point:
    """The customers of one segment, or all of them."""

    name: str
    number: str
    customers: int
    service: Estimate
    experience: Estimate
    gap: Estimate
    told: bool

    @property
    def whole(self) -> bool:
        return not self.number

    @property
    def known(self) -> bool:
        return self.service.value is not None and self.experience.value is not None


@dataclass(frozen=True, kw_only=True)
class _Plane:
    """The square, and the feelings at its ends."""

    region: Box
    low: float
    high: float

    def x(self, value: float) -> float:
        part = (min(self.high, max(self.low, value)) - self.low) / (self.high - self.low)
        return self.region.x + part * self.region.width

    def y(self, value: float) -> float:
        part = (min(self.high, max(self.low, value)) - self.low) / (self.high - self.low)
        return self.region.bottom - part * self.region.height


def gap_panel(gap: ServiceGap, x: float, y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Where does the quadrant of service and experience stand?

    Parameters
    ----------
    gap : ServiceGap
        What `compare_service_gap` found.
    x, y, width : float
        The left end, the top, and the room, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        A square with the feeling outside service from left to right and in service upwards, a point with
        intervals for all customers and for each segment, the share of customers at each corner, and a list
        of the gaps at its right.
    float
        The y below.
    """
    items, y = panel_head(
        "service and experience of the same customers", gap_finding(gap), x, y, width, theme
    )
    points = _chosen(gap)
    if not any(point.known for point in points):
        return items, y
    corner = 2 * line_height(theme.tick_size, 1.15)
    side = min(_SIDE, width * 0.5)
    region = Box(x=x + _TICKS, y=y + 0.17 + corner + 0.05, width=side, height=side)
    reach = _reach(points, gap.middle)
    plane = _Plane(region=region, low=-reach, high=reach)
    items += [*_ground(gap, plane, theme), *_corners(gap, plane, theme), *_axes(plane, x, y, corner, theme)]
    items += _drawn([point for point in points if point.known], plane, theme)
    bottom = region.bottom + 0.2 + corner + 0.2
    left = region.right + _BESIDE
    room = min(_LIST, x + width - left)
    laid, below = _list(points, left, y, room, theme)
    items += laid
    note = gap_note(gap, shown=MOST_SEGMENTS)
    if len(points) <= _FEW:
        said, high = paragraph(note, left, below + 0.1, room, theme, size=theme.tick_size, colour=theme.muted)
        return [*items, *said], max(bottom, below + 0.1 + high)
    bottom = max(bottom, below) + 0.06
    said, high = paragraph(note, x, bottom, width, theme, size=theme.tick_size, colour=theme.muted)
    return [*items, *said], bottom + high


def _chosen(gap: ServiceGap) -> list[_Point]:
    """Put all customers first, then the largest segments with their numbers."""

    def point(one: SegmentGap | ServiceGap, name: str, number: str) -> _Point:
        return _Point(name=name, number=number, customers=one.customers, service=one.service, gap=one.gap,
                      experience=one.experience, told=one.quadrant != CANNOT_TELL)  # fmt: skip

    shown = gap.segments[:MOST_SEGMENTS]
    return [
        point(gap, "all customers", ""),
        *(point(one, one.name, str(place)) for place, one in enumerate(shown, 1)),
    ]


def _reach(points: Sequence[_Point], middle: float) -> float:
    """Give the end of both scales: 2, or 1 where all points with their intervals lie nearer."""
    ends = [
        end
        for point in points
        for one in (point.service, point.experience)
        for end in (one.value, one.low, one.high)
        if end is not None
    ]
    return 1.0 if abs(middle) < _ZOOM and all(abs(end) <= _ZOOM for end in ends) else 2.0


def _ground(gap: ServiceGap, plane: _Plane, theme: Theme) -> Iterable[Item]:
    """Shade the corners, and draw the middle and the line on which service and experience are alike."""
    region = plane.region
    yield Box(x=region.x, y=region.y, width=region.width, height=region.height, edge=theme.rule, z=GRID)
    high, low = gap.good_above, gap.poor_below
    for left, right in ((plane.low, low), (high, plane.high)):
        for bottom, top in ((plane.low, low), (high, plane.high)):
            if right > left and top > bottom:
                yield Box(x=plane.x(left), y=plane.y(top), width=plane.x(right) - plane.x(left), z=TINT,
                          height=plane.y(bottom) - plane.y(top), fill=theme.stage_tints[0])  # fmt: skip
    middle = gap.middle
    for points in (
        ((plane.x(middle), region.y), (plane.x(middle), region.bottom)),
        ((region.x, plane.y(middle)), (region.right, plane.y(middle))),
    ):
        yield Line(points=points, colour=theme.neutral, width=0.9, z=GRID)
    yield Line(points=((region.x, region.bottom), (region.right, region.y)), colour=theme.edge, width=0.9,
               dash="dashed", z=LINK, mark="alike")  # fmt: skip


def _corners(gap: ServiceGap, plane: _Plane, theme: Theme) -> Iterable[Item]:
    """Name the corners outside the square, with the share of customers whose own feelings lie there."""
    region, size = plane.region, theme.tick_size
    high = line_height(size, 1.15)
    right_left = (region.right, region.x)
    places = [(x, above) for above in (True, False) for x in right_left]
    for name, (x, above) in zip(QUADRANTS, places, strict=True):
        top = region.y - 0.05 - 2 * high if above else region.bottom + 0.19
        yield from _corner(name, gap.shares.get(name), (x, top), theme, right=x == region.right)


def _corner(name: str, share: Estimate | None, at: Point, theme: Theme, *, right: bool) -> Iterable[Item]:
    """Write the share in bold before what is said of service, and of the experience below."""
    x, top = at
    size, way = theme.tick_size, -1 if right else 1
    side: Literal["left", "right"] = "right" if right else "left"
    service, *experience = theme.word(name).split(", ", 1)
    shift = 0.0
    if share is not None and share.value is not None:
        star = "*" if share.small_sample else ""
        text = f"{percent(share.value)}{star}"
        yield Label(x=x, y=top + line_height(size, 1.15) / 2, text=text, size=theme.body_size, weight="bold",
                    va="center", ha=side, colour=theme.ink, mark="small sample" if star else "")  # fmt: skip
        shift = text_width(text, theme.body_size, "bold", family=theme.family) + 0.06
    yield Label(x=x + way * shift, y=top, text=service, size=size, ha=side, colour=theme.muted,
                line_height=1.15)  # fmt: skip
    if experience:
        yield Label(x=x, y=top + line_height(size, 1.15), text=experience[0], size=size, ha=side,
                    colour=theme.muted, line_height=1.15)  # fmt: skip


def _axes(plane: _Plane, x: float, y: float, corner: float, theme: Theme) -> Iterable[Item]:
    """Name both scales and their steps."""
    region, size = plane.region, theme.tick_size
    step = 1 if plane.high > 1 else 0.5
    for place in range(-2, 3):
        value = place * step
        text = feeling_text(value)
        yield Line(points=((plane.x(value), region.bottom), (plane.x(value), region.bottom + 0.04)),
                   colour=theme.neutral)  # fmt: skip
        yield Line(points=((region.x - 0.04, plane.y(value)), (region.x, plane.y(value))),
                   colour=theme.neutral)  # fmt: skip
        yield Label(x=plane.x(value), y=region.bottom + 0.05, text=text, size=size, ha="center",
                    colour=theme.muted)  # fmt: skip
        yield Label(x=region.x - 0.06, y=plane.y(value), text=text, size=size, ha="right", va="center",
                    colour=theme.muted)  # fmt: skip
    yield Label(x=x, y=y, text=f"↑ {theme.word('feeling in service')}", size=size, weight="bold",
                colour=theme.ink)  # fmt: skip
    yield Label(x=region.right, y=region.bottom + 0.2 + corner + 0.02, size=size, weight="bold", ha="right",
                text=f"{theme.word('feeling outside service')} →", colour=theme.ink)  # fmt: skip


def _drawn(points: Sequence[_Point], plane: _Plane, theme: Theme) -> list[Item]:
    """Draw crosses, points and numbers; all customers on top."""
    region = plane.region
    room = Room(region.inset(0.02), theme)
    room.block_line(((region.x, region.bottom), (region.right, region.y)))
    crosses = Room(region, theme)
    items: list[Item] = []
    markers = [_marker(point, plane, theme) for point in points]
    for point, marker in zip(points, markers, strict=True):
        room.block(marker_ground(marker))
        for line in _cross(point, marker, plane, theme):
            items.append(line)
            crosses.block_line(line.points, 0.006)
    on_top = sorted(markers, key=lambda marker: marker.size)
    items += on_top
    for point, marker in zip(points, markers, strict=True):
        items += _named(point, marker, markers, (room, crosses), theme)
    return items


def _marker(point: _Point, plane: _Plane, theme: Theme) -> Marker:
    colour = theme.ink if point.whole else theme.curve
    size = _WHOLE if point.whole else _DOT
    return Marker(
        x=plane.x(point.experience.value or 0.0), y=plane.y(point.service.value or 0.0), size=size,
        fill=colour if point.told else theme.paper, edge=theme.paper if point.told else colour,
        line_width=0.7 if point.told else 1.5, z=SHAPE + 0.3 + 0.1 * point.whole,
        mark="told" if point.told else "cannot tell",
    )  # fmt: skip


def _cross(point: _Point, marker: Marker, plane: _Plane, theme: Theme) -> list[Line]:
    """Draw both intervals, those of segments thin and without caps."""
    service, experience = point.service, point.experience
    lines: list[Item] = []
    if experience.low is not None and experience.high is not None:
        ends = plane.x(experience.low), plane.x(experience.high)
        lines += interval(*ends, marker.y, theme, mark="interval")[: None if point.whole else 1]
    if service.low is not None and service.high is not None:
        ends = plane.y(service.high), plane.y(service.low)
        lines += upright_interval(marker.x, *ends, theme, mark="interval")[: None if point.whole else 1]
    strokes = [line for line in lines if isinstance(line, Line)]
    return strokes if point.whole else [replace(line, colour=theme.edge, width=0.8) for line in strokes]


def _named(
    point: _Point, marker: Marker, markers: Sequence[Marker], rooms: tuple[Room, Room], theme: Theme
) -> list[Item]:
    """Put the number beside its point; farther off with a thin line where there is no room."""
    room, crosses = rooms
    label = Label(
        x=0, y=0, text=point.number or theme.word("all"),
        size=theme.small_size if point.whole else theme.tick_size,
        weight="bold", colour=theme.ink, z=EDGE_TEXT,
    )  # fmt: skip
    away = marker_ground(marker).width / 2 + 0.015
    near = [
        placed
        for placed in beside(label, (marker.x, marker.y), away, "newsEWNS")
        if _is_nearest(ground_of(placed, theme), marker, markers)
    ]
    # rather on nothing, but rather on a thin cross than far away
    clear = [placed for placed in near if crosses.is_free(ground_of(placed, theme), 0.0)]
    put = room.put([*clear, *near], gap=0.005)
    if put:
        return [put]
    for far in _FAR:
        for right, down in _TURNS:
            x, y = marker.x + right * far, marker.y + down * far
            placed = replace(label, x=x, y=y, ha="center", va="center")
            ground = ground_of(placed, theme)
            if room.is_free(ground, 0.005):
                room.block(ground)
                end = x - right * 0.06, y - down * 0.06
                line = Line(points=((marker.x, marker.y), end), colour=theme.edge, width=0.6, z=SHAPE + 0.1)
                return [line, placed]
    return []


def _is_nearest(ground: Box, marker: Marker, markers: Sequence[Marker]) -> bool:
    """Whether nobody could take the number for that of another point."""
    x, y = ground.centre
    own = math.dist((x, y), (marker.x, marker.y))
    return all(other is marker or math.dist((x, y), (other.x, other.y)) > own for other in markers)


def _list(
    points: Sequence[_Point], x: float, y: float, width: float, theme: Theme
) -> tuple[list[Item], float]:
    """List all customers and the segments by their numbers, with the gap and its interval."""
    size = theme.tick_size
    names = width - _NUMBER - _GAP
    high = _ROW if all(_fits(point, names, theme) for point in points) else _HIGH_ROW
    items: list[Item] = [
        Label(x=x + width, y=y, text=theme.word("gap (service − outside)"), size=size, weight="bold",
              ha="right",
              colour=theme.muted)
    ]  # fmt: skip
    top = y + 0.2
    for place, point in enumerate(points):
        line, middle = top + high * place, top + high * (place + 0.5)
        items.append(Line(points=((x, line), (x + width, line)), width=0.6, colour=theme.rule, z=GRID))
        items += _entry(point, x, middle, width, theme)
    return items, top + high * len(points)


def _fits(point: _Point, room: float, theme: Theme) -> bool:
    return text_width(_name(point, theme), theme.small_size, "bold", family=theme.family) <= room


def _name(point: _Point, theme: Theme) -> str:
    return theme.word(point.name) if point.whole else point.name


def _entry(point: _Point, x: float, middle: float, width: float, theme: Theme) -> Iterable[Item]:
    size = theme.tick_size
    if point.number:
        yield Label(x=x + _NUMBER - 0.05, y=middle, text=point.number, size=size, ha="right", va="center",
                    weight="bold", colour=theme.muted)  # fmt: skip
    note = f"n = {point.customers:,}"
    name, room = _name(point, theme), width - _NUMBER - _GAP
    whole = _fits(point, room, theme)
    big = theme.small_size if whole else _SMALLEST
    lines = wrap(name, room, big, "bold", 3, family=theme.family)
    top = middle - (line_height(big, 1.15) * len(lines) + line_height(size)) / 2
    yield Label(x=x + _NUMBER, y=top, text="\n".join(lines), size=big, weight="bold", colour=theme.ink,
                line_height=1.15)  # fmt: skip
    yield Label(x=x + _NUMBER, y=top + line_height(big, 1.15) * len(lines), text=note, size=size,
                colour=theme.muted)  # fmt: skip
    gap = point.gap
    reach = feeling_reach(gap)
    star = "*" if gap.value is not None and gap.small_sample else ""
    told = gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0)
    yield Label(x=x + width, y=middle - (0.07 if reach else 0.0), ha="right", va="center",
                text=theme.word("not known") if gap.value is None else f"{feeling_text(gap.value)}{star}",
                size=theme.body_size if gap.value is not None else size, weight="bold" if told else "normal",
                colour=theme.ink if gap.value is not None else theme.muted,
                mark="small sample" if star else "")  # fmt: skip
    if reach:
        yield Label(x=x + width, y=middle + 0.07, text=reach, size=_SMALLEST, ha="right", va="center",
                    colour=theme.muted)  # fmt: skip


def gap_entries(theme: Theme) -> list[LegendEntry]:
    """What do the points and lines of the quadrant mean?

    Parameters
    ----------
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of LegendEntry
        One for each mark of `gap_panel` but intervals.
    """
    filled = Marker(x=0.06, y=0, size=_DOT, fill=theme.curve, edge=theme.paper, line_width=0.7)
    hollow = Marker(x=0.06, y=0, size=_DOT, fill=theme.paper, edge=theme.curve, line_width=1.5)
    dashed = Line(points=((0, 0.06), (0.26, -0.06)), colour=theme.edge, width=0.9, dash="dashed")
    return [
        LegendEntry(
            mark="told", marks=(filled,), width=0.12, text="surely on one side of the middle in both"
        ),
        LegendEntry(mark="cannot tell", marks=(hollow,), width=0.12, text="cannot tell on which side"),
        LegendEntry(mark="alike", marks=(dashed,), width=0.26, text="service and experience alike"),
    ]
