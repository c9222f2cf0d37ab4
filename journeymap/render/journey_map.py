"""What does the whole journey look like: the map with its stages, lanes and feeling curve?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from matplotlib.axes import Axes

from journeymap.errors import InvalidJourneyError, UnknownNameError, nearest, require
from journeymap.metrics.counts import goal_touchpoints
from journeymap.model.journey import Journey, Persona
from journeymap.render.chart_parts import filtered, origin_of
from journeymap.render.describe import describe_map
from journeymap.render.legend import lay_legend
from journeymap.render.map_bands import LANES, MapContent, lay_band
from journeymap.render.map_columns import ANY_STAGE, Column, choose_columns, choose_persona, fold
from journeymap.render.map_feeling import lowest_points
from journeymap.render.map_lanes import Grid, channel_marker
from journeymap.render.paint import paint, room_of, scale_on
from journeymap.render.scene import Box, Item, Label, LegendEntry, Line, Marker, Scene
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["draw_map", "map_scene"]

MARGIN = 0.35
LABELS = 1.25
COLUMN, NARROWEST, WIDEST = 1.75, 1.25, 2.4
_SMALLEST_WIDTH = 5.6
_BAND_GAP = 0.42
_SMALL_SAMPLE = 20


def draw_map(
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    lanes: Iterable[str] | None = None,
    width: float | None = None,
    max_columns: int = 12,
    persona: str | Persona | None = None,
    path: Sequence[str] | None = None,
) -> Axes:
    """Draw the journey map: what customers do, where, how they feel and what hurts.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    ax : Axes, optional
        Where to draw; a new figure of the map's own size when left out.
    theme : Theme
        Colours, sizes and words.
    lanes : iterable of str, optional
        Which lanes, from top to bottom; all that have something to show when left out. Names:
        doing, channel, feeling, thinking, pain points, opportunities, visits, owner, backstage, systems.
    width : float, optional
        Width of the figure in inches; by default a column is 1.75 wide.
    max_columns : int
        More touchpoints than this fold into bands below each other.
    persona : str or Persona, optional
        Whose feelings to show, always as assumed ones; those of the journey when left out.
    path : sequence of str, optional
        Touchpoints to show instead of all, in this order.

    Returns
    -------
    Axes
        One unit is an inch. `describe` gives the same in words.

    Raises
    ------
    UnknownNameError
        No such lane, persona or touchpoint.
    JourneyMapError
        The given Axes are too small to be read.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "see_ad", "stage": "discovery", "feeling": 1}])
    >>> ax = draw_map(journey)
    >>> [float(inches) for inches in ax.figure.get_size_inches()][0]
    5.6
    """
    require(journey, Journey, "draw_map", hint="read or discover a journey first")
    widths = [width]
    if ax is not None and width is None and room_of(ax)[0] >= 2 * MARGIN + LABELS + NARROWEST:
        widths.append(room_of(ax)[0])
    scenes = [
        map_scene(journey, theme=theme, lanes=lanes, width=wide, max_columns=max_columns, persona=persona,
                  path=path)
        for wide in widths
    ]  # fmt: skip
    # On given Axes the map keeps its own shape or folds to their width, whichever is drawn larger.
    scene = scenes[0] if ax is None else max(scenes, key=lambda scene: scale_on(scene, ax))
    return paint(scene, ax, theme)


def map_scene(
    journey: Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    lanes: Iterable[str] | None = None,
    width: float | None = None,
    max_columns: int = 12,
    persona: str | Persona | None = None,
    path: Sequence[str] | None = None,
) -> Scene:
    """Where does everything on the journey map stand?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme, lanes, width, max_columns, persona, path
        As for `draw_map`.

    Returns
    -------
    Scene
        The map in inches, before anything is drawn.

    Raises
    ------
    UnknownNameError
        No such lane, persona or touchpoint.
    InvalidJourneyError
        A width that holds no column, or fewer than one column.
    """
    wanted = _lanes(lanes)
    somebody = choose_persona(journey, persona)
    chosen = choose_columns(journey, path=path, persona=somebody, any_stage=theme.word(ANY_STAGE))
    bands = fold(chosen.shown, _most(width, max_columns))
    widest = max((len(band) for band in bands), default=1)
    step = _step(widest, width)
    total = MARGIN + LABELS + widest * step + MARGIN
    content = MapContent(
        journey=journey, columns=chosen.shown, channels=_channels(chosen.shown), lanes=wanted,
        lowest=lowest_points(chosen.shown), goals=goal_touchpoints(journey),
    )  # fmt: skip
    items, y = _heading(journey, somebody, total, theme)
    marks: set[str] = set()
    first = 0
    for band in bands:
        grid = Grid(columns=band, left=MARGIN + LABELS, step=step, margin=MARGIN, theme=theme)
        laid = lay_band(grid, content, first)
        items += [item.moved(0, y) for item in laid.items]
        marks |= laid.marks
        first += len(band)
        y += laid.height + (_BAND_GAP if first < len(chosen.shown) else 0)
    if not bands:
        items.append(Label(x=MARGIN, y=y, text=theme.word("No touchpoints yet."), size=theme.body_size,
                           colour=theme.ink))  # fmt: skip
        y += 0.2
    foot, y = _foot(marks, chosen.left_out, len(chosen.shown), y, total, theme)
    words = describe_map(journey, persona=somebody, path=path)
    return Scene(width=total, height=y, items=(*items, *foot), title=journey.name, description=words)


def _lanes(lanes: Iterable[str] | None) -> tuple[str, ...]:
    if lanes is None:
        return LANES
    chosen = tuple(lane.lower().replace("_", " ") for lane in lanes)
    for lane in chosen:
        if lane not in LANES:
            close = nearest(lane, LANES)
            raise UnknownNameError.because(
                f"no lane {lane!r} on a journey map.",
                expected=f"Expected some of: {', '.join(LANES)}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
    return tuple(dict.fromkeys(chosen))


def _most(width: float | None, max_columns: int) -> int:
    """How many columns may a band have?"""
    if max_columns < 1:
        raise InvalidJourneyError.because(
            f"max_columns is {max_columns}.", expected="Expected at least one column in a band."
        )
    if width is None:
        return max_columns
    room = width - 2 * MARGIN - LABELS
    if room < NARROWEST:
        raise InvalidJourneyError.because(
            f"a map {width:g} inches wide has no room for a column.",
            expected=f"Expected at least {2 * MARGIN + LABELS + NARROWEST:g} inches.",
        )
    return min(max_columns, int(room / NARROWEST + 1e-9))


def _step(widest: int, width: float | None) -> float:
    """How wide is a column?"""
    if width is None:
        return max(COLUMN, (_SMALLEST_WIDTH - 2 * MARGIN - LABELS) / widest)
    return min(WIDEST, (width - 2 * MARGIN - LABELS) / widest)


def _channels(columns: Iterable[Column]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(channel for column in columns for channel in column.touchpoint.channels))


def _heading(
    journey: Journey, persona: Persona | None, total: float, theme: Theme
) -> tuple[list[Item], float]:
    """Lay title and subtitle; give the y where the first band begins."""
    room = total - 2 * MARGIN
    title = wrap(journey.name, room, theme.title_size, "bold", 3, family=theme.family)
    facts = "   ·   ".join(_facts(journey, persona, theme))
    subtitle: tuple[str, ...] = (facts,)
    if text_width(facts, theme.subtitle_size, family=theme.family) > room:
        subtitle = wrap(facts, room, theme.subtitle_size, family=theme.family)
    items: list[Item] = [
        Label(x=MARGIN, y=0.26, text="\n".join(title), size=theme.title_size, weight="bold",
              colour=theme.ink, line_height=theme.line_height)
    ]  # fmt: skip
    y = 0.26 + len(title) * line_height(theme.title_size, theme.line_height) + 0.05
    items.append(Label(x=MARGIN, y=y, text="\n".join(subtitle), size=theme.subtitle_size, colour=theme.muted))
    return items, y + len(subtitle) * line_height(theme.subtitle_size) + 0.22


def _facts(journey: Journey, persona: Persona | None, theme: Theme) -> list[str]:
    """What does the subtitle say?"""
    facts: list[str] = []
    if persona is not None:
        who = ", ".join(filter(None, (persona.name, persona.description.rstrip("."))))
        facts.append(f"{theme.word('Persona')}: {who}")
    facts.append(origin_of(journey, theme))
    seen = journey.observation
    if seen is None:
        return [*facts, theme.word("designed")] if journey.origin == "designed" else facts
    small = f" ({theme.word('small sample')})" if seen.customers < _SMALL_SAMPLE else ""
    facts.append(f"n = {seen.customers:,} {theme.word('customers')}{small}")
    facts.append(f"{seen.journeys:,} {theme.word('journeys')}")
    if seen.won:
        facts.append(f"{seen.won:,} {theme.word('reached the goal')}")
    facts.append(_period(seen.start, seen.end))
    return [*facts, *filtered(seen.filters, theme)]


def _period(start: datetime, end: datetime) -> str:
    first, last = start.date().isoformat(), end.date().isoformat()
    return first if first == last else f"{first} – {last}"


def _foot(
    marks: set[str], left_out: int, shown: int, y: float, total: float, theme: Theme
) -> tuple[tuple[Item, ...], float]:
    """Lay the line on touchpoints left out, and the legend; give the height of the figure."""
    items: list[Item] = []
    room = total - 2 * MARGIN
    y += 0.14
    if left_out:
        text = wrap(
            f"{shown} {theme.word('of')} {shown + left_out} {theme.word('touchpoints are shown')}: "
            f"{theme.word('those that most customers visit, and every service touchpoint')}. "
            f"{left_out} {theme.word('are left out')}.",
            room, theme.small_size, "normal", 3, family=theme.family,
        )  # fmt: skip
        note = Label(x=MARGIN, y=y, text="\n".join(text), size=theme.small_size, colour=theme.ink)
        items.append(note)
        y += note.height + 0.08
    legend, height = lay_legend(_legend(marks, theme), MARGIN, y, room, theme)
    return (*items, *legend), y + height + 0.2


def _legend(marks: set[str], theme: Theme) -> list[LegendEntry]:
    """Name the marks that the map uses, and no others."""
    dots = tuple(
        Marker(x=0.06 + 0.15 * place, y=0, size=8.5, fill=colour, edge=theme.curve, line_width=0.3)
        for place, colour in enumerate(theme.feeling)
    )

    def glyph(text: str) -> Label:
        return Label(x=0, y=0, text=text, size=theme.touchpoint_size, va="center", colour=theme.ink)

    entries = {
        "service": LegendEntry(marks=(channel_marker(0.07, 0, theme, service=True),), width=0.14,
                               text="service interaction"),
        "touchpoint": LegendEntry(marks=(channel_marker(0.06, 0, theme, service=False),), width=0.12,
                                  text="other touchpoint"),
        "feeling": LegendEntry(marks=dots, width=0.72, text="feeling −2 … +2"),
        "known": LegendEntry(marks=(Line(points=((0, 0), (0.34, 0)), colour=theme.curve, width=2.0),),
                             width=0.34, text="researched or measured"),
        "assumed": LegendEntry(
            marks=(Line(points=((0, 0), (0.42, 0)), colour=theme.curve, width=2.0, dash="dashed"),
                   Marker(x=0.21, y=0, size=8.5, fill=theme.paper, edge=theme.feeling[3], line_width=1.6)),
            width=0.42, text="assumed"),
        "interval": LegendEntry(marks=(Box(x=0, y=-0.08, width=0.3, height=0.16, radius=0.03,
                                           fill=theme.interval),), width=0.3, text="95 % interval"),
        "expectation": LegendEntry(marks=(Line(points=((0, 0), (0.2, 0)), colour=theme.muted, width=1.8),),
                                   width=0.2, text="expected feeling"),
        "moment": LegendEntry(marks=(Marker(x=0.07, y=0, shape="star", size=11, fill=theme.ink, edge=None),),
                              width=0.14, text="moment of truth"),
        "goal": LegendEntry(marks=(glyph("⚑"),), width=0.1, text="goal"),
        "pain": LegendEntry(
            marks=tuple(Box(x=x, y=-0.07, width=0.025 * severity, height=0.14, fill=theme.pain)
                        for x, severity in ((0.0, 1), (0.065, 3), (0.18, 5))),
            width=0.305, text="pain point (wider = more severe)"),
        "opportunity": LegendEntry(marks=(Box(x=0, y=-0.07, width=0.05, height=0.14,
                                              fill=theme.opportunity),), width=0.05, text="opportunity"),
        "visits": LegendEntry(
            marks=(Box(x=0, y=-0.025, width=0.34, height=0.05, fill=theme.rule),
                   Box(x=0, y=-0.025, width=0.16, height=0.05, fill=theme.curve, z=3.1)),
            width=0.34, text="visits · share of journeys that come here"),
        "handoff": LegendEntry(marks=(glyph("⇥"),), width=0.1,
                               text="hand-over to another owner"),
    }  # fmt: skip
    return [entry for mark, entry in entries.items() if mark in marks]
