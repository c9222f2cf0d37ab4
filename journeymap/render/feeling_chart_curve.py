"""How are feelings drawn as curves, and where do their turning points get their words?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator

from journeymap.render.feeling_chart_content import FeelingLine, Turns, runs, turning_points
from journeymap.render.feeling_chart_places import Room, beside, ground_of, marker_ground
from journeymap.render.feeling_chart_plot import Plot
from journeymap.render.map_columns import Column
from journeymap.render.map_feeling import feeling_text
from journeymap.render.scene import (
    LINK,
    SHAPE,
    TEXT,
    Arrow,
    Box,
    Dash,
    Item,
    Label,
    Line,
    Marker,
    Point,
    Polygon,
)
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = [
    "direct_labels",
    "feeling_points",
    "marker_width",
    "names_width",
    "one_curve",
    "persona_curves",
    "turning_words",
]

_SAMPLES = 24
_DOT = 9.0
_DASH, _DASH_SHARE = 0.32, 0.75  # the stroke through what is used at any stage, in inches and of its place
_APART = 0.055  # inches between curves that would lie on each other
_ROUND, _PILL = 0.2, 0.31
_BEFORE_NAME, _NAME_MOST, _AFTER_NAME = 0.22, 1.7, 0.04
_SHORTEST = 0.12  # a fall less high than this gets no arrow


def marker_width(column: Column, theme: Theme) -> float:
    """How wide is the marker that holds the number of a feeling?"""
    if column.feeling is None:
        return 0.0
    text = feeling_text(column.feeling)
    wide = text_width(text, theme.tick_size, "bold", family=theme.family) + 0.1
    return max(wide, _PILL) if "." in text or column.low is not None else _ROUND


def _smooth(xs: Sequence[float], values: Sequence[float]) -> tuple[tuple[Point, ...], ...]:
    """Give a line from each point to the next that never overshoots, which a cubic spline would."""
    curve = PchipInterpolator(xs, values)
    pieces = []
    for begin, end in pairwise(xs):
        across = np.linspace(begin, end, _SAMPLES)
        pieces.append(tuple((float(x), float(y)) for x, y in zip(across, curve(across), strict=True)))
    return tuple(pieces)


def one_curve(line: FeelingLine, plot: Plot) -> list[Item]:
    """How does a single curve look: dashed where assumed, with a gap where nothing is known, in its band?"""
    theme = plot.theme
    items: list[Item] = []
    floating = [place for place, column in enumerate(line.columns) if column.floats]
    for stretch in runs(line):
        items += _band(line, stretch, plot)
        if len(stretch) < 2:
            continue
        xs = [plot.xs[place] for place in stretch]
        pieces = _smooth(xs, [plot.y(line.value(place)) for place in stretch])
        for piece, (place, following) in zip(pieces, pairwise(stretch), strict=True):
            assumed = line.columns[place].assumed or line.columns[following].assumed
            dash: Dash = "dashed" if assumed else "solid"
            items.append(Line(points=piece, colour=theme.curve, width=2.0, dash=dash, z=LINK + 0.6,
                              mark="assumed" if assumed else "known"))  # fmt: skip
    for place in floating:
        items += _whisker(line.columns[place], plot.xs[place], plot)
    return [*items, *(_dash(line, place, plot) for place in floating if place in line.known)]


def _dash(line: FeelingLine, place: int, plot: Plot) -> Line:
    """Tell a feeling that is felt at any stage from those on the curve, which goes on behind it."""
    x, y = plot.xs[place], plot.y(line.value(place))
    half = min(_DASH, _DASH_SHARE * plot.rooms[place]) / 2
    return Line(points=((x - half, y), (x + half, y)), colour=plot.theme.neutral, width=3.0, z=LINK + 0.7,
                mark="any stage")  # fmt: skip


def _whisker(column: Column, x: float, plot: Plot) -> list[Item]:
    if column.feeling is None or column.low is None or column.high is None:
        return []
    top, bottom = plot.y(column.high), plot.y(column.low)
    return [Box(x=x - 0.1, y=top, width=0.2, height=bottom - top, radius=0.03, fill=plot.theme.interval,
                z=LINK + 0.3, mark="interval")]  # fmt: skip


def _band(line: FeelingLine, stretch: Sequence[int], plot: Plot) -> list[Item]:
    """Draw the intervals of measured feelings: a band from neighbour to neighbour, a bar where alone."""
    parts: list[list[int]] = [[]]
    for place in stretch:
        column = line.columns[place]
        if column.low is None or column.high is None:
            parts.append([])
        else:
            parts[-1].append(place)
    items: list[Item] = []
    for part in parts:
        if len(part) == 1:
            items += _whisker(line.columns[part[0]], plot.xs[part[0]], plot)
        elif part:
            xs = [plot.xs[place] for place in part]
            upper = [plot.y(line.columns[place].high or 0.0) for place in part]
            lower = [plot.y(line.columns[place].low or 0.0) for place in part]
            above = [point for piece in _smooth(xs, upper) for point in piece]
            below = [point for piece in _smooth(xs, lower) for point in piece]
            items.append(
                Polygon(points=(*above, *reversed(below)), fill=plot.theme.interval, z=LINK + 0.3,
                        mark="interval")
            )  # fmt: skip
    return items


def feeling_points(line: FeelingLine, plot: Plot, *, dense: bool) -> list[Item]:
    """Which markers stand on a single curve: with the number inside, or small where there are many?"""
    theme = plot.theme
    items: list[Item] = []
    for place in line.known:
        column, x, value = line.columns[place], plot.xs[place], line.value(place)
        y, colour, service = plot.y(value), theme.feeling_colour(value), column.touchpoint.is_service
        fill, edge, width = (theme.paper, colour, 1.8) if column.assumed else (colour, theme.marker_edge, 1.0)
        if service and not column.assumed:
            edge, width = theme.service, 2.0
        mark = "assumed" if column.assumed else "feeling"
        if dense:
            items.append(Marker(x=x, y=y, shape="diamond" if service else "circle", fill=fill, edge=edge,
                                size=_DOT + 2 * service, line_width=width * 0.8, mark=mark))  # fmt: skip
            continue
        wide = marker_width(column, theme)
        text = Label(x=x, y=y, text=feeling_text(value), size=theme.tick_size, weight="bold", ha="center",
                     va="center", colour=theme.ink if column.assumed else theme.text_on(colour),
                     z=TEXT)  # fmt: skip
        ground = Box(x=x - wide / 2, y=y - _ROUND / 2, width=wide, height=_ROUND, radius=_ROUND / 2,
                     fill=fill, edge=edge, line_width=width, z=SHAPE, mark=mark)  # fmt: skip
        items += [ground, text]
    items += moments(line.columns, plot)
    return items


def moments(columns: Sequence[Column], plot: Plot) -> list[Item]:
    """Which stars stand at the foot of the plot, for moments of truth?"""
    return [
        Marker(
            x=x, y=plot.bottom - 0.1, shape="star", size=9.5, fill=plot.theme.ink, edge=None, mark="moment"
        )
        for column, x in zip(columns, plot.xs, strict=True)
        if column.touchpoint.moment_of_truth
    ]


def turning_words(
    line: FeelingLine, turns: Turns, plot: Plot, drawn: Sequence[Item], *, dense: bool
) -> list[Item]:
    """Where do the words at peak, end, lowest and highest point and the biggest fall stand?

    Parameters
    ----------
    line : FeelingLine
        The curve.
    turns : Turns
        Its turning points.
    plot : Plot
        The ground.
    drawn : sequence of Item
        Curve and markers, which no word may cover.
    dense : bool
        Whether the markers hold no numbers.

    Returns
    -------
    list of Item
        Words and the arrow of the fall.
    """
    room = Room(plot.region, plot.theme)
    for item in drawn:
        if isinstance(item, Line):
            room.block_line(item.points)
        elif isinstance(item, Marker):
            room.block(marker_ground(item))
        elif isinstance(item, Box):
            room.block(item)
    items = _fall(line, turns, plot, room, dense=dense)
    named = {place: words for place in line.known if (words := turns.words(place))}
    for places in sorted(_together(line, named), key=lambda group: (-len(named[group[0]]), group)):
        items += _named(line, places, named[places[0]], plot, room, dense=dense)
    return items


def _together(line: FeelingLine, named: Mapping[int, Sequence[str]]) -> list[tuple[int, ...]]:
    """Put neighbours of which the same is said into one group, so that it is written once."""
    groups: list[tuple[int, ...]] = []
    for stretch in runs(line):
        for place in stretch:
            if place not in named:
                continue
            before = groups[-1][-1] if groups else None
            if (
                before is not None
                and (before, place) in pairwise(stretch)
                and named[before] == named[place]
                and line.value(before) == line.value(place)
            ):
                groups[-1] += (place,)
            else:
                groups.append((place,))
    grouped = {place for group in groups for place in group}
    return [*groups, *((place,) for place in named if place not in grouped)]


def _named(
    line: FeelingLine, places: Sequence[int], words: Sequence[str], plot: Plot, room: Room, *, dense: bool
) -> list[Item]:
    """Write what a point is beside it: best off the lines of the scale, and always nearest to its point."""
    theme = plot.theme
    text = " · ".join(theme.word(word) for word in words)
    if dense:
        text = f"{text} {feeling_text(line.value(places[0]))}"
    low = "lowest point" in words
    plain = Label(x=0, y=0, text=text, size=theme.small_size, weight="bold", line_height=1.15,
                  colour=theme.loss_text if low else theme.ink)  # fmt: skip
    stacked = replace(plain, text=text.replace(" · ", "\n"))
    xs = [plot.xs[place] for place in places]
    point = (xs[0] + xs[-1]) / 2, plot.y(line.value(places[0]))
    half = (xs[-1] - xs[0]) / 2 + (0.06 if dense else marker_width(line.columns[places[0]], theme) / 2)
    up = 0.08 if dense else _ROUND / 2
    upright = "SN" if low else "NS"

    def at(extras: Sequence[float], sides: str) -> list[Label]:
        return [
            found
            for extra in extras
            for label in (plain, stacked)
            for side in sides
            for found in _along(beside(label, point, (half if side in "EW" else up) + extra, side), theme)
        ]

    candidates = [*at((0.04, 0.1), upright), *at((0.04, 0.1), "EW"), *at((0.2,), upright)]
    candidates += [
        found
        for label in (plain, stacked)
        for found in beside(label, point, half + 0.04, "eswn" if low else "nwes")
    ]
    candidates = _shifted(candidates, plot, theme)
    put = _off_the_scale(candidates, plot, room) or room.put(candidates)
    return [put] if put else []


def _along(candidates: Iterable[Label], theme: Theme) -> Iterable[Label]:
    """Let a label above or below its point also reach farther to one side, as long as it covers the point."""
    for label in candidates:
        yield label
        if label.ha == "center":
            wide = ground_of(label, theme).width
            for part in (0.15, -0.15, 0.3, -0.3, 0.4, -0.4):
                yield replace(label, x=label.x + part * wide)


def _off_the_scale(candidates: Sequence[Label], plot: Plot, room: Room) -> Label | None:
    """Give the first label with room that no line of the scale runs through, and take its ground."""
    free = room.copied()
    for value in range(-2, 3):
        free.block_line(((plot.left, plot.y(value)), (plot.right, plot.y(value))), half=0.004)
    put = free.put(candidates)
    if put is not None:
        room.block(ground_of(put, plot.theme))
    return put


def _shifted(candidates: Sequence[Label], plot: Plot, theme: Theme) -> list[Label]:
    """Push labels that would leave the plot at its sides back into it."""
    shifted = []
    for label in candidates:
        ground = ground_of(label, theme)
        by = max(plot.left + 0.02 - ground.x, 0.0) + min(plot.right - 0.02 - ground.right, 0.0)
        shifted.append(replace(label, x=label.x + by) if label.ha == "center" else label)
    return shifted


def _fall(line: FeelingLine, turns: Turns, plot: Plot, room: Room, *, dense: bool) -> list[Item]:
    """Draw the biggest fall: level from the higher point, then an arrow down to the lower one."""
    if turns.fall is None:
        return []
    theme = plot.theme
    before, after = turns.fall
    (x0, y0), (x1, y1) = ((plot.xs[place], plot.y(line.value(place))) for place in turns.fall)
    half = 0.07 if dense else _ROUND / 2
    side = 0.07 if dense else marker_width(line.columns[before], theme) / 2
    size = feeling_text(line.value(after) - line.value(before))
    text = f"{theme.word('fall')} {size}"
    label = Label(x=0, y=0, text=text, size=theme.small_size, weight="bold", colour=theme.loss_text)
    items: list[Item] = []
    if y1 - half - y0 >= _SHORTEST:
        corner, tip = (x1, y0), (x1, y1 - half - 0.02)
        items.append(
            Arrow(points=((x0 + side + 0.02, y0), corner, tip), colour=theme.loss_text, width=1.1, head=6.0,
                  z=LINK + 0.8, mark="fall")
        )  # fmt: skip
        room.block_line(((x0 + side + 0.02, y0), corner, tip))
    middle = (x1, (y0 + y1 - half) / 2)
    high = ((x0 + x1) / 2, y0)
    candidates = [
        *beside(label, middle, 0.05, "EW"),
        *beside(label, high, 0.05, "N"),
        *beside(label, (x1, y0), 0.06, "nN"),
        *(found for part in (0.25, 0.75) for found in beside(label, (x1, y0 + (y1 - y0) * part), 0.05, "EW")),
        *beside(label, middle, 0.12, "EWnews"),
    ]
    candidates += [replace(found, text=size) for found in candidates]
    put = _off_the_scale(candidates, plot, room) or room.put(candidates)
    return [*items, put] if put else items


def persona_curves(lines: Sequence[FeelingLine], plot: Plot) -> list[Item]:
    """How do several curves look: each in its own colour, dash and marker, side by side where they agree?"""
    theme = plot.theme
    items: list[Item] = []
    shifts = _shifts(lines)
    alike = [place for place in lines[0].known if len({line.columns[place].feeling for line in lines}) == 1]
    items += [_alike(lines, place, plot) for place in alike]
    for number, line in enumerate(lines):
        kind = number % len(theme.categories)
        colour = theme.categories[kind]

        def height(place: int, line: FeelingLine = line, number: int = number) -> float:
            return plot.y(line.value(place)) + shifts[number, place]

        for stretch in runs(line):
            if len(stretch) < 2:
                continue
            pieces = _smooth([plot.xs[place] for place in stretch], [height(place) for place in stretch])
            joined = tuple(point for piece in pieces for point in piece)
            items.append(Line(points=joined, colour=colour, width=2.0, dash=theme.category_dashes[kind],
                              z=LINK + 0.5 + 0.01 * number, mark="persona"))  # fmt: skip
        items += [
            _dash(line, place, plot)
            for place in line.known
            if line.columns[place].floats and (number == 0 or place not in alike)
        ]
        items += [
            Marker(x=plot.xs[place], y=height(place), shape=theme.category_markers[kind],
                   size=7.5, fill=theme.paper if line.columns[place].assumed else colour, edge=colour,
                   line_width=1.3, mark="own" if line.columns[place].assumed else "persona")
            for place in line.known
            if place not in alike
        ]  # fmt: skip
    return [*items, *moments(lines[0].columns, plot)]


def _alike(lines: Sequence[FeelingLine], place: int, plot: Plot) -> Marker:
    """Give the dot where all feel the same: hollow where that is assumed of any of them."""
    theme = plot.theme
    assumed = any(line.columns[place].assumed for line in lines)
    return Marker(x=plot.xs[place], y=plot.y(lines[0].value(place)), size=5.0,
                  fill=theme.paper if assumed else theme.curve, edge=theme.curve if assumed else None,
                  line_width=1.0, z=SHAPE + 0.05, mark="alike, assumed" if assumed else "alike")  # fmt: skip


def _shifts(lines: Sequence[FeelingLine]) -> dict[tuple[int, int], float]:
    """Set curves that agree at a touchpoint side by side, so that each can be followed."""
    shifts: dict[tuple[int, int], float] = {}
    for place in range(len(lines[0].columns)):
        values = [line.columns[place].feeling for line in lines]
        for number, value in enumerate(values):
            alike = [other for other, each in enumerate(values) if each == value]
            shifts[number, place] = (alike.index(number) - (len(alike) - 1) / 2) * _APART
    return shifts


def direct_labels(lines: Sequence[FeelingLine], plot: Plot, width: float) -> list[Item]:
    """Where do the names of several curves stand, at the right of their last points?

    Parameters
    ----------
    lines : sequence of FeelingLine
        The curves.
    plot : Plot
        The ground.
    width : float
        The room at the right of the plot.

    Returns
    -------
    list of Item
        Names in their curves' order of height, with a mark of the curve, none upon another.
    """
    theme = plot.theme
    wanted = sorted(
        ((plot.y(line.value(_last(line))), number, line) for number, line in enumerate(lines) if line.known),
        key=lambda end: end[:2],
    )
    names = [
        wrap(curve_name(line, theme), width - _BEFORE_NAME - _AFTER_NAME, theme.small_size, "bold", 2,
             family=theme.family)
        for _, _, line in wanted
    ]  # fmt: skip
    step = line_height(theme.small_size) * max((len(name) for name in names), default=1)
    ys = _spread([y for y, _, _ in wanted], step, plot.top, plot.bottom)
    items: list[Item] = []
    for y, name, (_, number, line) in zip(ys, names, wanted, strict=True):
        kind = number % len(theme.categories)
        assumed = all(line.columns[place].assumed for place in line.known)
        items.append(Marker(x=plot.right + 0.12, y=y, shape=theme.category_markers[kind], size=7.5,
                            fill=theme.paper if assumed else theme.categories[kind],
                            edge=theme.categories[kind], line_width=1.3,
                            mark="own" if assumed else "persona"))  # fmt: skip
        items.append(Label(x=plot.right + _BEFORE_NAME, y=y, text="\n".join(name), size=theme.small_size,
                           weight="bold", va="center", colour=theme.ink))  # fmt: skip
    return items


def curve_name(line: FeelingLine, theme: Theme) -> str:
    """Whose curve is it?"""
    return line.persona.name if line.persona else theme.word("journey")


def names_width(lines: Sequence[FeelingLine], theme: Theme) -> float:
    """How much room do the names of several curves need at the right: one line each, two where long?"""
    if len(lines) < 2:
        return 0.0
    names = [curve_name(line, theme) for line in lines]
    widest = max(text_width(name, theme.small_size, "bold", family=theme.family) for name in names)
    return _BEFORE_NAME + min(_NAME_MOST, widest) + _AFTER_NAME


def _last(line: FeelingLine) -> int:
    """Give the last touchpoint of the curve; of the rest where it has none."""
    end = turning_points(line).end
    return line.known[-1] if end is None else end


def _spread(wanted: Sequence[float], step: float, top: float, bottom: float) -> list[float]:
    """Move heights in order apart until none is nearer to the next than a step, and all lie on the plot."""
    groups: list[list[float]] = []
    for y in wanted:
        groups.append([y])
        while (
            len(groups) > 1 and _first(groups[-1], step) < _first(groups[-2], step) + len(groups[-2]) * step
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    ys = [_first(group, step) + place * step for group in groups for place in range(len(group))]
    over = max(0.0, (ys[-1] if ys else 0.0) + step / 2 - bottom)
    under = max(0.0, top + step / 2 - (ys[0] if ys else top + step))
    return [y - over + under for y in ys]


def _first(group: Sequence[float], step: float) -> float:
    return sum(group) / len(group) - (len(group) - 1) / 2 * step
