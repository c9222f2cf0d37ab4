"""What matters to customers and does not satisfy them: importance against satisfaction, as a scatter?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from matplotlib.axes import Axes

from journeymap.errors import require
from journeymap.model.journey import Journey
from journeymap.render.chart_parts import MARGIN, heading, paragraph
from journeymap.render.facts import journey_facts
from journeymap.render.feeling_chart_key import KeyEntry, lay_key
from journeymap.render.feeling_chart_places import Room, ground_of, marker_ground
from journeymap.render.importance_chart_content import (
    QUADRANTS,
    Rated,
    Ratings,
    describe_importance,
    importance_finding,
    importance_notes,
    rate,
)
from journeymap.render.importance_chart_labels import Named, place_names
from journeymap.render.legend import with_legend
from journeymap.render.map_feeling import feeling_text
from journeymap.render.paint import paint, room_of, scale_on
from journeymap.render.scene import (
    GRID,
    LINK,
    TINT,
    Box,
    Item,
    Label,
    LegendEntry,
    Line,
    Marker,
    Point,
    Scene,
)
from journeymap.render.text import wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_importance", "draw_importance", "importance_scene"]

Side: TypeAlias = Literal["left", "center", "right"]

WIDTH = 9.0
_NARROWEST = 5.2
_AXIS = 0.62  # left of the plot: numbers and the name of the scale
_INNER = 0.28  # between the sides of the plot and the ends of the scales
_SHAPE = 0.63  # height of the plot as a part of its width
_WORDS = {-2: "very negative −2", -1: "−1", 0: "neutral 0", 1: "+1", 2: "very positive +2"}
_SIZE = 9.0
_ALIKE = 0.03
_APART, _BRIDGE = (_SIZE + 5) / 72, 2.2  # between the middles of two beside each other, and the line between
_RIGHTWARDS, _LEFTWARDS = "EWSNnesw", "WswNSneE"


def draw_importance(journey: Journey, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """What matters to customers, and how satisfied are they with it?

    Each touchpoint stands at its feeling (from left to right) and its importance (upwards). What matters more
    than the average and leaves customers unhappy is to be fixed first; the quadrants are those of the
    importance-performance analysis.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    JourneyMapError
        The given Axes are too small to be read.

    Notes
    -----
    The lines stand at neutral feeling, which means something by itself, and at the mean importance, since
    people rate nearly everything as important. A place near a line is no verdict, and neither is one
    whose interval crosses it.

    References
    ----------
    Martilla and James (1977), Importance-performance analysis, Journal of Marketing 41(1).

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "pay", "feeling": -1, "importance": 0.9}])
    >>> tuple(float(end) for end in draw_importance(journey).get_xlim())
    (0.0, 9.0)
    """
    require(journey, Journey, "draw_importance", hint="read or discover a journey first")
    widths: list[float | None] = [None]
    if ax is not None and room_of(ax)[0] >= _NARROWEST:
        widths.append(room_of(ax)[0])
    scenes = [importance_scene(journey, theme=theme, width=width) for width in widths]
    scene = scenes[0] if ax is None else max(scenes, key=lambda scene: scale_on(scene, ax))
    return paint(scene, ax, theme)


def importance_scene(journey: Journey, *, theme: Theme = DEFAULT_THEME, width: float | None = None) -> Scene:
    """Where does everything on the scatter of importance and satisfaction stand?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme : Theme
        Colours, sizes and words.
    width : float, optional
        Of the figure, in inches.

    Returns
    -------
    Scene
        A sentence alone where no touchpoint has both numbers.
    """
    wide = (WIDTH if width is None else width) / theme.scale
    ratings = rate(journey)
    facts = journey_facts(journey, theme, about="Importance and satisfaction", feelings=True)
    items, y = heading(journey.name, facts, wide, theme)
    text = importance_finding(ratings) if journey.touchpoints else theme.word("No touchpoints yet.")
    said, high = paragraph(text, MARGIN, y + 0.1, wide - 2 * MARGIN, theme, size=theme.stage_size)
    items += said
    y += 0.1 + high + 0.34
    if ratings.shown:
        drawn, y = _body(ratings, y, wide, theme)
        items += drawn
    return with_legend(
        items,
        _legend(theme),
        y=y,
        width=wide,
        theme=theme,
        title=f"{journey.name}: {theme.word('importance and satisfaction')}",
        description=describe_importance(journey),
    )


@dataclass(frozen=True, kw_only=True)
class _Scatter:
    """The ground of the scatter and its two scales."""

    region: Box
    least: float  # the importance at the lower end
    middle: float

    def x(self, feeling: float) -> float:
        return self.region.x + _INNER + (feeling + 2) / 4 * (self.region.width - 2 * _INNER)

    def y(self, importance: float) -> float:
        part = (importance - self.least) / (1 - self.least)
        return self.region.bottom - _INNER - part * (self.region.height - 2 * _INNER)


def _body(ratings: Ratings, y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Lay the scatter with its scales, its key and its notes; give the y below them."""
    across = width - 2 * MARGIN - _AXIS
    region = Box(x=MARGIN + _AXIS, y=y, width=across, height=across * _SHAPE)
    lowest = min(0.6, *(rated.importance for rated in ratings.shown), ratings.middle)
    scatter = _Scatter(
        region=region, least=max(0.0, math.floor((lowest - 0.02) * 5) / 5), middle=ratings.middle
    )
    items = [*_ground(scatter, theme), *_scales(scatter, theme)]
    points, key = _points(ratings, scatter, theme)
    items += points
    y = region.bottom + 0.46
    if key:
        laid, high = lay_key(key, y, width, theme)
        items += laid
        y += high + 0.12
    text, high = paragraph(importance_notes(ratings), MARGIN, y, width - 2 * MARGIN, theme,
                           size=theme.small_size, colour=theme.muted)  # fmt: skip
    return [*items, *text], y + high + 0.08


def _ground(scatter: _Scatter, theme: Theme) -> list[Item]:
    """Draw the four quadrants with their words at the outer corners."""
    region, middle, centre = scatter.region, scatter.y(scatter.middle), scatter.x(0)
    first = Box(x=region.x, y=region.y, width=centre - region.x, height=middle - region.y,
                fill=theme.pain_tint, z=TINT)  # fmt: skip
    frame = Box(x=region.x, y=region.y, width=region.width, height=region.height, edge=theme.rule,
                line_width=0.8, z=GRID)  # fmt: skip
    items: list[Item] = [first, frame]
    items += [Line(points=points, colour=theme.neutral, width=0.9, z=GRID) for points in _lines(scatter)]
    return [*items, *_quadrant_words(scatter, theme)]


def _lines(scatter: _Scatter) -> tuple[tuple[Point, Point], ...]:
    """Give the two lines at which the quadrants meet."""
    region, middle, centre = scatter.region, scatter.y(scatter.middle), scatter.x(0)
    return ((centre, region.y), (centre, region.bottom)), ((region.x, middle), (region.right, middle))


def _quadrant_words(scatter: _Scatter, theme: Theme) -> list[Label]:
    region = scatter.region
    words = []
    for word in QUADRANTS:
        left, above = word in {"fix first", "low priority"}, word in {"fix first", "keep up"}
        words.append(
            Label(x=region.x + 0.08 if left else region.right - 0.08,
                  y=region.y + 0.06 if above else region.bottom - 0.06,
                  text=theme.word(word).upper(), size=theme.small_size, weight="bold",
                  colour=theme.loss_text if word == "fix first" else theme.muted,
                  ha="left" if left else "right", va="top" if above else "bottom")
        )  # fmt: skip
    return words


def _scales(scatter: _Scatter, theme: Theme) -> list[Item]:
    region = scatter.region
    items: list[Item] = []
    for value, word in _WORDS.items():
        x = scatter.x(value)
        ha: Side = "left" if value == -2 else "right" if value == 2 else "center"
        at = x if ha == "center" else (region.x if ha == "left" else region.right)
        items.append(Label(x=at, y=region.bottom + 0.05, text=theme.word(word), size=theme.tick_size,
                           colour=theme.muted, ha=ha))  # fmt: skip
        items.append(Line(points=((x, region.bottom), (x, region.bottom - 0.05)), colour=theme.neutral))
    items.append(
        Label(x=region.x + region.width / 2, y=region.bottom + 0.2, text=theme.word("satisfaction (feeling)"),
              size=theme.small_size, weight="bold", colour=theme.muted, ha="center")
    )  # fmt: skip
    for tenth in range(round(scatter.least * 5), 6):
        y = scatter.y(tenth / 5)
        items.append(Label(x=region.x - 0.07, y=y, text=f"{tenth / 5:.1f}", size=theme.tick_size,
                           colour=theme.muted, ha="right", va="center"))  # fmt: skip
        items.append(Line(points=((region.x, y), (region.x + 0.05, y)), colour=theme.neutral))
    name = wrap(theme.word("importance"), _AXIS + 0.3, theme.small_size, "bold", 2, family=theme.family)
    items.append(Label(x=MARGIN, y=region.y - 0.02, text="\n".join(name), size=theme.small_size,
                       weight="bold", colour=theme.muted, va="bottom"))  # fmt: skip
    return items


def _points(ratings: Ratings, scatter: _Scatter, theme: Theme) -> tuple[list[Item], list[KeyEntry]]:
    """Draw markers, intervals and names; names without room become numbers with a key."""
    room = Room(scatter.region, theme)
    room.block(*(ground_of(word, theme) for word in _quadrant_words(scatter, theme)))
    for points in _lines(scatter):
        room.block_line(points)
    places = _side_by_side(ratings.shown, scatter)
    items: list[Item] = []
    markers = [_marker(rated, place, theme) for rated, place in zip(ratings.shown, places, strict=True)]
    for rated, marker in zip(ratings.shown, markers, strict=True):
        room.block(marker_ground(marker))
        items += _interval(rated, marker, scatter, room, theme)
    items += _joined(markers, ratings.shown, scatter, theme)
    items += markers
    # of two that stand side by side the left one is named at its left
    named = [
        Named(
            name=rated.name, marker=marker, service=rated.touchpoint.is_service,
            sides=_LEFTWARDS if marker.x < scatter.x(rated.feeling) - 1e-6 else _RIGHTWARDS,
        )
        for rated, marker in zip(ratings.shown, markers, strict=True)
    ]  # fmt: skip
    texts, numbers = place_names(named, room, theme)
    key = [
        KeyEntry(
            number=str(number), name=rated.name, service=rated.touchpoint.is_service,
            value=f"{rated.importance:.2g}, {feeling_text(rated.feeling)}",
        )
        for number, rated in enumerate((ratings.shown[place] for place in numbers), 1)
    ]  # fmt: skip
    items += texts
    return items, key


def _alike(shown: Sequence[Rated], scatter: _Scatter) -> list[list[int]]:
    """Group the touchpoints whose markers would hide each other."""
    found: list[tuple[Point, list[int]]] = []
    for number, rated in enumerate(shown):
        place = scatter.x(rated.feeling), scatter.y(rated.importance)
        group = next((group for first, group in found if math.dist(first, place) < _ALIKE), None)
        if group is None:
            found.append((place, [number]))
        else:
            group.append(number)
    return [group for _, group in found]


def _side_by_side(shown: Sequence[Rated], scatter: _Scatter) -> list[Point]:
    """Set points that coincide beside each other around their place, so that none hides another."""
    places = [(scatter.x(rated.feeling), scatter.y(rated.importance)) for rated in shown]
    for group in _alike(shown, scatter):
        for rank, number in enumerate(group):
            x, y = places[number]
            places[number] = x + (rank - (len(group) - 1) / 2) * _APART, y
    return places


def _joined(
    markers: Sequence[Marker], shown: Sequence[Rated], scatter: _Scatter, theme: Theme
) -> Iterable[Line]:
    """Join the markers that stand beside each other, because the place of all of them is between them."""
    for group in _alike(shown, scatter):
        if len(group) > 1:
            points = tuple((markers[number].x, markers[number].y) for number in group)
            yield Line(points=points, colour=theme.curve, width=_BRIDGE, z=LINK, mark="beside")


def _marker(rated: Rated, place: Point, theme: Theme) -> Marker:
    service = rated.touchpoint.is_service
    colour = theme.service if service else theme.curve
    return Marker(
        x=place[0], y=place[1], shape="diamond" if service else "circle", size=_SIZE + 2 * service,
        fill=theme.paper if rated.assumed else colour, edge=colour if rated.assumed else theme.marker_edge,
        line_width=1.5 if rated.assumed else 0.7,
        mark=("service assumed" if rated.assumed else "service") if service
        else ("assumed" if rated.assumed else "known"),
    )  # fmt: skip


def _interval(rated: Rated, marker: Marker, scatter: _Scatter, room: Room, theme: Theme) -> list[Item]:
    if rated.low is None or rated.high is None:
        return []
    ends = ((scatter.x(max(-2.0, rated.low)), marker.y), (scatter.x(min(2.0, rated.high)), marker.y))
    room.block_line(ends)
    return [Line(points=ends, colour=theme.edge, width=1.1, z=LINK, mark="interval")]


def _legend(theme: Theme) -> list[LegendEntry]:
    def dot(*, service: bool, assumed: bool) -> Marker:
        colour = theme.service if service else theme.curve
        return Marker(x=0.07, y=0, shape="diamond" if service else "circle", size=11 if service else 9,
                      fill=theme.paper if assumed else colour, edge=colour if assumed else theme.marker_edge,
                      line_width=1.5 if assumed else 0.7)  # fmt: skip

    return [
        LegendEntry(mark="service", marks=(dot(service=True, assumed=False),), width=0.14,
                    text="service interaction"),
        LegendEntry(mark="service assumed", marks=(dot(service=True, assumed=True),), width=0.14,
                    text="service interaction, feeling assumed"),
        LegendEntry(mark="known", marks=(dot(service=False, assumed=False),), width=0.14,
                    text="other touchpoint"),
        LegendEntry(mark="assumed", marks=(dot(service=False, assumed=True),), width=0.14,
                    text="other touchpoint, feeling assumed"),
        LegendEntry(
            mark="beside", width=0.14 + _APART, text="rated alike: their place is the middle of the line",
            marks=(Line(points=((0.07, 0), (0.07 + _APART, 0)), colour=theme.curve, width=_BRIDGE, z=LINK),
                   dot(service=False, assumed=False),
                   dot(service=False, assumed=False).moved(_APART, 0)),
        ),
        LegendEntry(mark="interval", width=0.3, text="95 % interval of the feeling",
                    marks=(Line(points=((0, 0), (0.3, 0)), colour=theme.edge, width=1.1),)),
    ]  # fmt: skip
