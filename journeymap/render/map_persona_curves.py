"""How do several personas feel along the map: one curve each, named where it ends?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from journeymap.model.journey import Persona
from journeymap.render.map_columns import Column, feeling_of, track
from journeymap.render.map_curves import pieces, stretches
from journeymap.render.map_feeling import HEIGHT, any_stage_dash, feeling_axis, feeling_height
from journeymap.render.map_lanes import Grid, Lane
from journeymap.render.scene import LINK, SHAPE, Dash, Item, Label, Line, Marker, Point, Shape
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["PersonaCurve", "coincide", "persona_curves", "persona_lane", "tail_width"]

_MARKER = 9.0
_ASIDE = 0.15  # inches between markers of the same feeling
_APART = 0.036  # inches between curves that run together
_ROAD = 6.0  # points
_NAME_WIDTH = 1.4
_NAME_GAP = 0.05
_LEAD = 0.26  # from the last column to the markers before the names
_AT = 0.14  # from there to the names
_MOVED = 0.02


@dataclass(frozen=True)
class PersonaCurve:
    """One curve with what tells it apart.

    Parameters
    ----------
    name : str
        The persona's name.
    colour, shape, dash : str
        How it is drawn.
    values : tuple of float or None
        The feeling in every column.
    own : tuple of bool
        Where it is the persona's own and not that of the journey in general.
    track : tuple of int
        The columns that curves pass through.
    """

    name: str
    colour: str
    shape: Shape
    dash: Dash
    values: tuple[float | None, ...]
    own: tuple[bool, ...]
    track: tuple[int, ...]

    @cached_property
    def runs(self) -> tuple[tuple[int, ...], ...]:
        """The stretches that the curve passes through."""
        return stretches([value is not None for value in self.values], self.track)

    @cached_property
    def passed(self) -> frozenset[int]:
        """The columns that the curve passes through."""
        return frozenset(place for run in self.runs for place in run)


def persona_curves(
    columns: Sequence[Column], personas: Iterable[Persona], theme: Theme
) -> tuple[PersonaCurve, ...]:
    """Which curves do the personas have?

    Parameters
    ----------
    columns : sequence of Column
        All columns of the map.
    personas : iterable of Persona
        In order.
    theme : Theme
        Gives each a colour, a shape and a dash.

    Returns
    -------
    tuple of PersonaCurve
        In the same order.
    """
    way = track(columns)
    return tuple(
        PersonaCurve(
            name=persona.name,
            colour=theme.categories[number],
            shape=theme.category_markers[number],
            dash=theme.category_dashes[number],
            values=tuple(feeling_of(column.touchpoint, persona)[0] for column in columns),
            own=tuple(
                not {column.touchpoint.id, column.touchpoint.floats_as}.isdisjoint(persona.feelings)
                for column in columns
            ),
            track=way,
        )
        for number, persona in enumerate(personas)
    )


def coincide(curves: Sequence[PersonaCurve]) -> bool:
    """Whether curves lead through the same feeling somewhere, so that they are drawn side by side?

    Parameters
    ----------
    curves : sequence of PersonaCurve
        Of one map.

    Returns
    -------
    bool
        Also where the feelings differ by less than can be seen.
    """
    met: set[tuple[int, float]] = set()
    for curve in curves:
        here = {(place, round(curve.values[place] or 0.0, 2)) for place in curve.passed}
        if met & here:
            return True
        met |= here
    return False


def tail_width(curves: Sequence[PersonaCurve], theme: Theme) -> float:
    """How much room do the names need right of the last column, in inches?"""
    if not curves:
        return 0.0
    return (
        _LEAD
        + _AT
        + max(
            text_width("\n".join(_name(curve, theme)), theme.small_size, family=theme.family)
            for curve in curves
        )
    )


def persona_lane(
    grid: Grid,
    everything: Sequence[Column],
    runs: Sequence[Sequence[int]],
    curves: Sequence[PersonaCurve],
    first: int,
) -> Lane | None:
    """What does the feeling lane show for several personas?

    Parameters
    ----------
    grid : Grid
        The columns of the band.
    everything : sequence of Column
        All columns of the map.
    runs : sequence of sequence of int
        The stretches on which the journey in general has feelings.
    curves : sequence of PersonaCurve
        One for each persona.
    first : int
        The position of the band's first column.

    Returns
    -------
    Lane or None
        None where no feeling of the band is known.
    """
    last = first + len(grid.columns) - 1
    here = range(first, last + 1)
    if all(curve.values[place] is None for curve in curves for place in here):
        return None
    items: list[Item] = [*feeling_axis(grid), *_road(grid, everything, runs, first)]
    shifts = _shifts(curves, range(max(0, first - 3), min(len(everything), last + 4)))
    ends: dict[int, Point] = {}
    for number, curve in enumerate(curves):
        line, end = _line(grid, curve, _heights(curve, number, shifts), first)
        items += line
        if end is not None:
            ends[number] = end
    for place in here:
        if everything[place].floats:
            felt = {round(value, 2) for curve in curves if (value := curve.values[place]) is not None}
            items += [any_stage_dash(grid, grid.centre(place - first), value) for value in sorted(felt)]
        items += _markers(grid, curves, place, first, floats=everything[place].floats)
    return Lane(height=HEIGHT, items=(*items, *_names(grid, curves, ends)))


def _road(grid: Grid, columns: Sequence[Column], runs: Sequence[Sequence[int]], first: int) -> list[Item]:
    """Draw how the journey in general feels, broad and pale below the curves."""
    last = first + len(grid.columns) - 1
    return [
        Line(points=tuple(zip((grid.centre(x - first) for x in piece.places), piece.heights, strict=True)),
             colour=grid.theme.interval, width=_ROAD, z=LINK + 0.3, mark="everybody")
        for run in runs
        for piece in pieces(run, lambda place: feeling_height(columns[place].feeling or 0.0), first, last)
    ]  # fmt: skip


def _shifts(curves: Sequence[PersonaCurve], places: Iterable[int]) -> dict[tuple[int, int], float]:
    """How far does each curve step aside at each column, so that curves which feel alike stay apart?"""
    shifts: dict[tuple[int, int], float] = {}
    for place in places:
        alike: dict[float, list[int]] = {}
        for number, curve in enumerate(curves):
            value = curve.values[place]
            if value is not None:
                alike.setdefault(round(value, 2), []).append(number)
        for value, together in alike.items():
            inwards = _inwards(feeling_height(value), (len(together) - 1) / 2 * _APART)
            for rank, number in enumerate(together):
                shifts[number, place] = (rank - (len(together) - 1) / 2) * _APART + inwards
    return shifts


def _inwards(height: float, reach: float) -> float:
    """How far do curves that reach so far up and down move, so that none leaves the scale?"""
    best, worst = feeling_height(2), feeling_height(-2)
    return max(0.0, best - (height - reach)) - max(0.0, height + reach - worst)


def _heights(
    curve: PersonaCurve, number: int, shifts: Mapping[tuple[int, int], float]
) -> Mapping[int, float]:
    return {
        place: feeling_height(value) + shift
        for (owner, place), shift in shifts.items()
        if owner == number and (value := curve.values[place]) is not None
    }


def _line(
    grid: Grid, curve: PersonaCurve, heights: Mapping[int, float], first: int
) -> tuple[list[Item], Point | None]:
    """Draw one curve in the band; give its last point too."""
    last = first + len(grid.columns) - 1
    items: list[Item] = []
    end: Point | None = None
    for run in curve.runs:
        whole: list[Point] = []
        for piece in pieces(run, lambda place: _height(curve, heights, place), first, last):
            whole += zip((grid.centre(x - first) for x in piece.places), piece.heights, strict=True)
        if whole:
            end = whole[-1]
            items.append(Line(points=tuple(whole), colour=curve.colour, width=1.8, dash=curve.dash,
                              z=LINK + 0.6, mark="persona"))  # fmt: skip
    if end is None:
        known = [place for place in range(first, last + 1) if curve.values[place] is not None]
        if known:
            end = grid.centre(known[-1] - first), feeling_height(curve.values[known[-1]] or 0.0)
    return items, end


def _height(curve: PersonaCurve, heights: Mapping[int, float], place: int) -> float:
    # Far beyond the band nobody sees whether two curves run together.
    return heights.get(place, feeling_height(curve.values[place] or 0.0))


def _markers(
    grid: Grid, curves: Sequence[PersonaCurve], place: int, first: int, *, floats: bool
) -> list[Item]:
    """Mark where a persona feels something of her own; where curves pass by, everybody's feeling too."""
    at: dict[float, list[PersonaCurve]] = {}
    for curve in curves:
        value = curve.values[place]
        lone = place not in curve.passed
        if value is not None and (curve.own[place] or floats or lone):
            at.setdefault(round(value, 2), []).append(curve)
    theme = grid.theme
    return [
        Marker(
            x=grid.centre(place - first) + (rank - (len(together) - 1) / 2) * _ASIDE,
            y=feeling_height(value),
            shape=curve.shape,
            size=_MARKER,
            fill=theme.paper if curve.own[place] else theme.interval,
            edge=curve.colour,
            line_width=1.8,
            z=SHAPE,
            mark="own" if curve.own[place] else "persona",
        )
        for value, together in at.items()
        for rank, curve in enumerate(together)
    ]


def _name(curve: PersonaCurve, theme: Theme) -> tuple[str, ...]:
    return wrap(curve.name, _NAME_WIDTH, theme.small_size, "normal", 2, family=theme.family)


def _names(grid: Grid, curves: Sequence[PersonaCurve], ends: Mapping[int, Point]) -> list[Item]:
    """Name each curve right of the band, at the height where it ends; names that would touch move apart."""
    theme = grid.theme
    order = sorted(ends, key=lambda number: (ends[number][1], number))
    tall = {
        number: len(_name(curves[number], theme)) * line_height(theme.small_size) + _NAME_GAP
        for number in order
    }
    wanted = [ends[number][1] for number in order]
    middles = _spread(wanted, [tall[number] for number in order], 0.1, HEIGHT - 0.05)
    x = grid.right + _LEAD
    items: list[Item] = []
    for number, middle in zip(order, middles, strict=True):
        curve, (from_x, from_y) = curves[number], ends[number]
        if abs(middle - from_y) > _MOVED or from_x < grid.right - _MOVED:
            bend = grid.right + 0.04 if from_x < grid.right else from_x
            points = ((from_x, from_y), (bend, from_y), (x - 0.09, middle))
            items.append(Line(points=points, colour=theme.muted, width=0.7, dash="dotted", z=LINK + 0.2))
        items.append(Marker(x=x, y=middle, shape=curve.shape, size=_MARKER - 1, fill=theme.paper,
                            edge=curve.colour, line_width=1.8, mark="persona"))  # fmt: skip
        items.append(Label(x=x + _AT, y=middle, text="\n".join(_name(curve, theme)), size=theme.small_size,
                           va="center", colour=theme.ink))  # fmt: skip
    return items


def _spread(wanted: Sequence[float], tall: Sequence[float], top: float, bottom: float) -> list[float]:
    """Move middles apart, in order, as little as it takes to give each its height."""
    middles: list[float] = []
    least = top
    for want, height in zip(wanted, tall, strict=True):
        middles.append(max(want, least + height / 2))
        least = middles[-1] + height / 2
    most = bottom
    for place in reversed(range(len(middles))):
        middles[place] = min(middles[place], most - tall[place] / 2)
        most = middles[place] - tall[place] / 2
    return middles
