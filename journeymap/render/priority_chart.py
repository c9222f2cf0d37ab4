"""Which fix gains most for its cost: the gain–cost plane with its Pareto line?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from journeymap.analysis.priorities import Priorities, Priority
from journeymap.analysis.what_if_result import (
    CHANCE,
    MODEL_IMPLIED,
    may_be_chance,
    points_text,
    signed_number,
)
from journeymap.errors import require
from journeymap.render.chart_parts import (
    MARGIN,
    heading,
    paragraph,
    round_steps,
    service_entry,
    upright_interval,
)
from journeymap.render.facts import filtered, period_of
from journeymap.render.feeling_chart_key import KeyEntry, lay_key
from journeymap.render.feeling_chart_places import Room, marker_ground
from journeymap.render.importance_chart_labels import Named, place_names
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import GRID, LINK, Box, Item, Label, LegendEntry, Line, Marker, Point, Scene
from journeymap.render.text import text_width
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_priorities", "draw_priorities", "priorities_scene"]

WIDTH, _HEIGHT = 9.0, 4.6
_AXIS, _INNER = 0.62, 0.3
_SIZE, _APART = 9.0, 0.17
_ALIKE = 0.05
_HALO = 1.9
_OVER = 0.1  # how far intervals are drawn above the points
_MORE = 1.08  # how far the scale of costs reaches beyond the dearest fix


def draw_priorities(priorities: Priorities, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """Which fix gains most for its cost?

    Every fix stands at its cost (from left to right) and at the journeys that it would win in addition
    (upwards), with the interval. The line joins those for which no other gains more for less: what lies below
    it costs more than it must. Fixes that surely lower conversion are named below the plane, so that they do
    not crush its scale; where all do, they stand on it.

    Parameters
    ----------
    priorities : Priorities
        What `prioritise` answered.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.
    """
    require(priorities, Priorities, "draw_priorities", hint="rank them first: prioritise(fixes, cost=[...])")
    return paint(priorities_scene(priorities, theme=theme), ax, theme)


def describe_priorities(priorities: Priorities) -> str:
    """What does the gain–cost plane say, in sentences?

    Parameters
    ----------
    priorities : Priorities
        What `prioritise` answered.

    Returns
    -------
    str
        One sentence a line.
    """
    said = [f"{priorities.journey}: what each fix would gain for its cost. {_finding(priorities)}"]
    for place, item in enumerate(priorities.items, 1):
        service = " (service)" if item.is_service else ""
        words = f" ({item.words})" if item.words != item.name else ""
        gain = f"{signed_number(item.gain_journeys.value or 0.0)} journeys, {points_text(item.gain)}"
        said.append(f"{place}. {item.name}{words}{service}: {gain}, {priorities.at_cost(item.cost)}.")
    return "\n".join([*said, *priorities.notes(), f"All this is {MODEL_IMPLIED}."])


def priorities_scene(priorities: Priorities, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the gain–cost plane?

    Parameters
    ----------
    priorities : Priorities
        What `prioritise` answered.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        Names beside their points, those without room as numbers with a key.
    """
    wide = WIDTH / theme.scale
    items, y = heading(priorities.journey, _facts(priorities, theme), wide, theme)
    said, high = paragraph(
        _finding(priorities), MARGIN, y + 0.1, wide - 2 * MARGIN, theme, size=theme.stage_size
    )
    items += said
    top = y + 0.1 + high + 0.42
    region = Box(x=MARGIN + _AXIS, y=top, width=wide - 2 * MARGIN - _AXIS, height=_HEIGHT / theme.scale)
    shown = _shown(priorities)
    plane = _Plane.around(shown, region)
    items += _scales(priorities, plane, theme)
    points, key = _points(shown, priorities, plane, theme)
    items += points
    y = region.bottom + 0.46
    if key:
        laid, high = lay_key(key, y, wide, theme)
        items += laid
        y += high + 0.12
    notes, high = paragraph(
        _note(priorities, theme), MARGIN, y, wide - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    return with_legend(
        [*items, *notes], _legend(priorities, theme), y=y + high + 0.1, width=wide, theme=theme,
        title=f"{priorities.journey}: {theme.word('which fix first?')}",
        description=describe_priorities(priorities),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Plane:
    """The ground of the plane and its two scales."""

    region: Box
    most: float
    low: float
    high: float

    @classmethod
    def around(cls, shown: Sequence[Priority], region: Box) -> _Plane:
        ends = [
            end
            for item in shown
            for end in (item.gain_journeys.value, item.gain_journeys.low, item.gain_journeys.high)
            if end is not None
        ]
        low, high = min(0.0, *ends, 0.0), max(0.0, *ends, 0.0)
        high = high if high - low > 1e-9 else low + 1.0
        most = _MORE * max(item.cost for item in shown) or 1.0
        return cls(region=region, most=most, low=low, high=high)

    def x(self, cost: float) -> float:
        return self.region.x + _INNER + cost / self.most * (self.region.width - 2 * _INNER)

    def y(self, journeys: float) -> float:
        part = (journeys - self.low) / (self.high - self.low)
        return self.region.bottom - _INNER - part * (self.region.height - 2 * _INNER)


def _shown(priorities: Priorities) -> tuple[Priority, ...]:
    """Which fixes stand on the plane: all but those that surely lose, unless there are no others."""
    kept = tuple(item for item in priorities.items if not item.surely_loses)
    return kept or priorities.items


def _facts(priorities: Priorities, theme: Theme) -> list[str]:
    facts = [theme.word("What fixes gain for their cost"), theme.word("model-implied")]
    customers = f"{priorities.customers:,} {theme.word('customers')}"
    facts.append(f"n = {customers}, {priorities.journeys:,} {theme.word('decided journeys')}")
    return [*facts, *period_of(priorities.period), *filtered(priorities.filters, theme)]


def _finding(priorities: Priorities) -> str:
    """Say the main result: what comes first, by gain per cost."""
    first = priorities.items[0]
    if not priorities.line:
        return "None of these fixes would win more journeys."
    more = signed_number(first.gain_journeys.value or 0.0).removeprefix("+")
    alone = len(priorities.items) == 1
    cost = f" {priorities.at_cost(first.cost)}" if alone or first.cost else ""
    text = f"{first.name}: about {more} more journeys{cost}{CHANCE if may_be_chance(first.gain) else ''}."
    if alone:
        return text
    return f"{'Most gained for its cost' if first.cost else 'Gained without any cost'}: {text}"


def _note(priorities: Priorities, theme: Theme) -> str:
    out = _left_out(priorities, theme)
    wanted = ("Apart",) if out else ("Apart", "Not ranked")
    time = [note for note in priorities.notes() if note.startswith(wanted)]
    up = ["Gains do not simply add up."] if len(priorities.items) > 1 else []
    model = f"{theme.word('A gain is')} {theme.word(MODEL_IMPLIED)}."
    return " ".join([*out, *time, *up, model])


def _left_out(priorities: Priorities, theme: Theme) -> list[str]:
    """Name the fixes that surely lose and have no place on the plane."""
    shown = _shown(priorities)
    out = [item for item in priorities.losing if item not in shown]
    if not out:
        return []
    named = [
        f"{item.name} ({signed_number(item.gain_journeys.value or 0.0)} {theme.word('journeys')}, "
        f"{priorities.at_cost(item.cost)})"
        for item in out
    ]
    return [f"{theme.word('Not on the plane, as conversion would surely fall:')} {'; '.join(named)}."]


def _scales(priorities: Priorities, plane: _Plane, theme: Theme) -> Iterator[Item]:
    region = plane.region
    yield Box(x=region.x, y=region.y, width=region.width, height=region.height, edge=theme.rule, z=GRID)
    last = -math.inf
    dearest = max(item.cost for item in _shown(priorities))
    for value in round_steps(0.0, plane.most if dearest else 0.0, 6):
        text, x = f"{value:,g}", plane.x(value)
        half = text_width(text, theme.tick_size, family=theme.family) / 2
        yield Line(points=((x, region.bottom), (x, region.bottom - 0.05)), colour=theme.neutral)
        if x - half > last + 0.08:
            last = x + half
            yield Label(x=x, y=region.bottom + 0.05, text=text, size=theme.tick_size, colour=theme.muted,
                        ha="center")  # fmt: skip
    for value in round_steps(plane.low, plane.high):
        y = plane.y(value)
        yield Line(points=((region.x, y), (region.right, y)), z=GRID,
                   colour=theme.grid if value else theme.neutral, width=0.6 if value else 0.9)  # fmt: skip
        yield Label(x=region.x - 0.07, y=y, text=f"{value:,g}".replace("-", "−"), size=theme.tick_size,
                    colour=theme.muted, ha="right", va="center")  # fmt: skip
    unit = f"{theme.word('cost')}, {priorities.unit}" if priorities.unit else theme.word("cost")
    for text, x, y, ha in (
        (unit, region.x + region.width / 2, region.bottom + 0.2, "center"),
        (theme.word("more journeys won in the observed period"), MARGIN, region.y - 0.22, "left"),
    ):
        yield Label(x=x, y=y, text=text, size=theme.small_size, weight="bold", colour=theme.muted,
                    ha="center" if ha == "center" else "left")  # fmt: skip


def _points(
    shown: Sequence[Priority], priorities: Priorities, plane: _Plane, theme: Theme
) -> tuple[list[Item], list[KeyEntry]]:
    """Draw line, intervals, markers and names; names without room become numbers with a key."""
    room = Room(plane.region.inset(0.03), theme)
    room.block_line(((plane.region.x, plane.y(0.0)), (plane.region.right, plane.y(0.0))))
    items: list[Item] = []
    places = _places(shown, plane)
    way = _way(shown, places)
    if len(way) > 1:
        items.append(Line(points=way, colour=theme.curve, width=1.4, dash="dashed", z=LINK, mark="line"))
        room.block_line(way)
    markers = [_marker(item, at, theme) for item, at in zip(shown, places, strict=True)]
    for item, marker in zip(shown, markers, strict=True):
        room.block(marker_ground(marker))
        gain = item.gain_journeys
        if gain.low is not None and gain.high is not None and gain.high > gain.low:
            ends = plane.y(gain.low), plane.y(gain.high)
            items += _whisker(marker, ends, theme)
            room.block_line(((marker.x, ends[0]), (marker.x, ends[1])), 0.05)
    items += markers
    named = [
        Named(name=item.name, marker=marker, service=item.is_service, sides="EWnewsNS")
        for item, marker in zip(shown, markers, strict=True)
    ]
    texts, numbers = place_names(named, room, theme)
    # the lines of the grid must not strike a name through
    texts = [replace(one, backing=theme.paper) if isinstance(one, Label) else one for one in texts]
    key = [
        KeyEntry(number=str(number), name=item.name, service=item.is_service,
                 value=f"{signed_number(item.gain_journeys.value or 0.0)}, {priorities.at_cost(item.cost)}")
        for number, item in enumerate((shown[place] for place in numbers), 1)
    ]  # fmt: skip
    return [*items, *texts], key


def _whisker(marker: Marker, ends: tuple[float, float], theme: Theme) -> list[Item]:
    """Draw an interval over its point, light around it, so that a short one does not vanish inside."""
    halo = None if marker.fill == theme.paper else theme.paper
    lines = upright_interval(marker.x, *ends, theme, mark="interval", halo=halo)
    return [
        replace(line, z=line.z + _OVER, width=min(line.width, _HALO))
        for line in lines
        if isinstance(line, Line)
    ]


def _places(items: Sequence[Priority], plane: _Plane) -> list[Point]:
    """Give every fix its place; those that would hide each other stand side by side."""
    found: list[Point] = []
    for item in items:
        x, y = plane.x(item.cost), plane.y(item.gain_journeys.value or 0.0)
        while any(math.dist((x, y), other) < _ALIKE for other in found):
            # to the left at the right end, so that it stays on the plane
            x += _APART if x + _APART < plane.region.right - 0.1 else -_APART
        found.append((x, y))
    return found


def _way(shown: Sequence[Priority], places: Sequence[Point]) -> tuple[Point, ...]:
    """Lead the Pareto line from the cheapest to the dearest, level until the next one gains more."""
    on = sorted(
        (place for item, place in zip(shown, places, strict=True) if item.on_line),
        key=lambda place: (place[0], -place[1]),
    )
    way: list[Point] = []
    for x, y in on:
        if way:
            way.append((x, way[-1][1]))
        way.append((x, y))
    return tuple(way)


def _marker(item: Priority, place: Point, theme: Theme) -> Marker:
    colour = theme.service if item.is_service else theme.curve
    mark = f"{'on' if item.on_line else 'off'} the line{', service' if item.is_service else ''}"
    return Marker(
        x=place[0], y=place[1], shape="diamond" if item.is_service else "circle",
        size=_SIZE + 2 * item.is_service, mark=mark, line_width=0.7 if item.on_line else 1.5,
        fill=colour if item.on_line else theme.paper, edge=theme.marker_edge if item.on_line else colour,
    )  # fmt: skip


def _legend(priorities: Priorities, theme: Theme) -> Iterator[LegendEntry]:
    texts = {
        (True, False): "no other fix gains more for less",
        (True, True): "the same, at a service interaction",
        (False, False): "another one gains as much for less, or it gains nothing",
        (False, True): "the same, at a service interaction",
    }
    first = priorities.items[0]
    shown = {(item.on_line, item.is_service) for item in priorities.items}
    for (line, service), text in texts.items():
        alone = service and (line, False) not in shown
        words = f"service interaction: {texts[line, False]}" if alone else text
        one = first.model_copy(update={"is_service": service, "on_line": line})
        dot = _marker(one, (0.08, 0.0), theme)
        yield LegendEntry(mark=dot.mark, marks=(dot,), text=words, width=0.16)
    yield LegendEntry(
        mark="line", width=0.3, text="Pareto line",
        marks=(Line(points=((0.0, 0.0), (0.3, 0.0)), colour=theme.curve, width=1.4, dash="dashed"),),
    )  # fmt: skip
    yield service_entry(theme)
    bars = tuple(upright_interval(0.06, -0.08, 0.08, theme))
    yield LegendEntry(mark="interval", marks=bars, width=0.12,
                      text=f"{first.gain.level * 100:g} % {theme.word('interval')}")  # fmt: skip
