"""What does the whole journey look like: the map with its stages, lanes and feeling curve?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from matplotlib.axes import Axes

from journeymap.errors import InvalidJourneyError, UnknownNameError, nearest, require
from journeymap.metrics.counts import goal_touchpoints
from journeymap.model.journey import Journey, Persona
from journeymap.render.chart_parts import MARGIN
from journeymap.render.describe import describe_map
from journeymap.render.legend import with_legend
from journeymap.render.map_bands import MapContent, lay_band, named_lanes
from journeymap.render.map_branches import Branches, branch_words, choose_branches
from journeymap.render.map_columns import (
    ANY_STAGE,
    Column,
    Columns,
    Who,
    choose_columns,
    choose_personas,
    fold,
)
from journeymap.render.map_feeling import lowest_points
from journeymap.render.map_heading import map_heading
from journeymap.render.map_lanes import Grid
from journeymap.render.map_legend import map_entries
from journeymap.render.map_metrics import Counted, counted
from journeymap.render.map_notes import Notes, lay_notes
from journeymap.render.map_persona_curves import PersonaCurve, persona_curves, tail_width
from journeymap.render.map_personas import persona_strip, persona_words
from journeymap.render.map_scores import Scores, choose_scores
from journeymap.render.paint import paint, room_of, scale_on
from journeymap.render.scene import Item, Label, Scene
from journeymap.render.text import wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["Orientation", "draw_map", "map_scene"]

Orientation = Literal["horizontal", "vertical"]

LABELS = 1.25
COLUMN, NARROWEST, WIDEST = 1.75, 1.25, 2.4
MOST_COLUMNS, FEWEST_COLUMNS = 12, 3
_SMALLEST_WIDTH = 5.6
_BAND_GAP = 0.42


def draw_map(  # noqa: PLR0913 - every option is a keyword, and none depends on another
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    lanes: Iterable[str] | None = None,
    width: float | None = None,
    max_columns: int | None = None,
    persona: Who = None,
    path: Sequence[str] | None = None,
    orientation: Orientation = "horizontal",
    size: str | None = None,
    show_branches: bool = False,
    show_personas: bool = False,
    notes: bool = False,
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
        doing, channel, feeling, thinking, pain points, opportunities, metrics, owner, backstage, systems;
        and only where they are asked for: frontstage, evidence, importance.
    width : float, optional
        Width of the figure in inches; by default a column is 1.75 wide.
    max_columns : int, optional
        More touchpoints than this fold into bands below each other; 12 when left out, fewer in large type.
    persona : str, Persona or a sequence of these, optional
        Whose feelings to show, always as assumed ones; those of the journey when left out. Several, or
        ``"all"``: a curve for each, five at most.
    path : sequence of str, optional
        Touchpoints to show instead of all, in this order.
    orientation : {"horizontal", "vertical"}
        Touchpoints as columns, or as rows for an upright page.
    size : str, optional
        Fit the map to a paper: slide, a4, a3, notebook or poster.
    show_branches : bool
        Draw the strongest transitions that do not lead to the next column as arcs, six at most.
    show_personas : bool
        Put a strip with the personas above the map: those asked for, else those of the journey.
    notes : bool
        Write out below the map, by numbers, what had no room in its cell.

    Returns
    -------
    Axes
        One unit is an inch. `describe` gives the same in words.

    Raises
    ------
    UnknownNameError
        No such lane, persona, touchpoint, orientation or size.
    InvalidJourneyError
        More than five personas, a width without room for a column, or options that exclude each other.
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
    options: dict[str, Any] = {
        "theme": theme, "lanes": None if lanes is None else named_lanes(lanes), "max_columns": max_columns,
        "persona": persona, "path": path, "orientation": orientation, "size": size,
        "show_branches": show_branches, "show_personas": show_personas, "notes": notes,
    }  # fmt: skip
    scene = map_scene(journey, width=width, **options)
    if ax is not None and width is None and size is None and orientation == "horizontal":
        room = room_of(ax)[0]
        if room / theme.scale >= 2 * MARGIN + LABELS + NARROWEST:
            # The map keeps its own shape or folds to the width of the Axes, whichever is drawn larger.
            folded = map_scene(journey, width=room, **options)
            scene = max((scene, folded), key=lambda scene: scale_on(scene, ax))
    return paint(scene, ax, theme)


def map_scene(  # noqa: PLR0913 - as draw_map
    journey: Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    lanes: Iterable[str] | None = None,
    width: float | None = None,
    max_columns: int | None = None,
    persona: Who = None,
    path: Sequence[str] | None = None,
    orientation: Orientation = "horizontal",
    size: str | None = None,
    show_branches: bool = False,
    show_personas: bool = False,
    notes: bool = False,
) -> Scene:
    """Where does everything on the journey map stand?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme, lanes, width, max_columns, persona, path, orientation, size, show_branches, show_personas, notes
        As for `draw_map`.

    Returns
    -------
    Scene
        The map in inches, before anything is drawn.

    Raises
    ------
    UnknownNameError
        No such lane, persona, touchpoint, orientation or size.
    InvalidJourneyError
        A width that holds no column, fewer than one column, or options that exclude each other.
    """
    wanted = named_lanes(lanes)
    if orientation not in get_args(Orientation):
        _refuse_orientation(orientation)
    personas = choose_personas(journey, persona)
    extras = {"show_branches": show_branches, "show_personas": show_personas, "notes": notes}
    plan = _Plan(journey=journey, theme=theme, personas=personas, path=path, **extras)
    upright = orientation == "vertical"
    asked = _only_lying(personas, extras)
    if upright and asked:
        raise InvalidJourneyError.because(
            f"a vertical map has no place for {' and '.join(asked)}.", hint="use orientation='horizontal'"
        )
    most = _most(max_columns, theme)
    lay = _upright(plan) if upright else plan.laid
    if size is None:
        return lay(width, most, wanted)
    from journeymap.render.map_importance import lane_order  # noqa: PLC0415 - only where it is asked for
    from journeymap.render.map_sizes import fit_to_paper  # noqa: PLC0415 - only where it is asked for

    def no_more(lay: Lay) -> Lay:
        return lambda width, columns, lanes: lay(
            width, columns if max_columns is None else min(columns, most), lanes
        )

    turned = None if asked else plan.laid if upright else _upright(plan)
    return fit_to_paper(
        no_more(lay), size, orientation=orientation, lanes=None if lanes is None else wanted, theme=theme,
        order=lane_order(journey, plan.chosen.shown, personas), other=turned and no_more(turned),
    )  # fmt: skip


Lay = Callable[[float | None, int, tuple[str, ...]], Scene]


def _refuse_orientation(word: str) -> None:
    known = get_args(Orientation)
    close = nearest(word, known) if isinstance(word, str) else None
    raise UnknownNameError.because(
        f"no orientation {word!r} of a journey map.",
        expected=f"Expected {' or '.join(known)}.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def _only_lying(personas: Sequence[Persona], extras: Mapping[str, bool]) -> list[str]:
    """Which of the options asked for has a vertical map no place for?"""
    asked = [f"{name}=True" for name, given in extras.items() if given]
    return [*asked, "more than one persona"] if len(personas) > 1 else asked


def _upright(plan: _Plan) -> Lay:
    """Give what lays the same map with its touchpoints as rows."""
    from journeymap.render.map_vertical import VerticalPlan  # noqa: PLC0415 - only where it is asked for

    upright = VerticalPlan(
        journey=plan.journey, theme=plan.theme, persona=plan.personas[0] if plan.personas else None,
        path=plan.path,
    )  # fmt: skip
    return lambda width, _most, lanes: upright.laid(width, lanes)


def _most(max_columns: int | None, theme: Theme) -> int:
    """How many columns may a band have, where its width does not say?"""
    if max_columns is None:
        return max(FEWEST_COLUMNS, int(MOST_COLUMNS / theme.scale + 1e-9))
    if max_columns < 1:
        raise InvalidJourneyError.because(
            f"max_columns is {max_columns}.", expected="Expected at least one column in a band."
        )
    return max_columns


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """All that a horizontal map shows, before it is known how wide it is and which lanes it has."""

    journey: Journey
    theme: Theme
    personas: tuple[Persona, ...]
    path: Sequence[str] | None
    show_branches: bool
    show_personas: bool
    notes: bool

    @cached_property
    def chosen(self) -> Columns:
        """The columns; of several personas they show the journey in general."""
        one = self.personas[0] if len(self.personas) == 1 else None
        return choose_columns(self.journey, path=self.path, persona=one, any_stage=self.theme.word(ANY_STAGE))

    @cached_property
    def numbers(self) -> Counted:
        """What was counted."""
        return counted(self.journey)

    @cached_property
    def scores(self) -> Scores:
        """What answers and tickets say of the columns."""
        return choose_scores(self.journey, self.chosen.shown)

    @cached_property
    def words(self) -> str:
        """The text alternative, but for arcs and the strip of personas."""
        return describe_map(self.journey, persona=self.personas, path=self.path)

    @cached_property
    def carded(self) -> tuple[Persona, ...]:
        """The personas on the strip above the map."""
        return (self.personas or self.journey.personas) if self.show_personas else ()

    def laid(self, width: float | None, most: int, lanes: tuple[str, ...]) -> Scene:
        """Lay the map for a width of the figure, so many columns in a band, and lanes."""
        theme, columns = self.theme, self.chosen.shown
        curves: tuple[PersonaCurve, ...] = ()
        if len(self.personas) > 1 and "feeling" in lanes:
            curves = persona_curves(columns, self.personas, theme)
        tail = tail_width(curves, theme)
        room = None if width is None else width / theme.scale - tail
        bands = fold(columns, _fitting(most, room, theme.scale))
        widest = max((len(band) for band in bands), default=1)
        step = _step(widest, room)
        total = MARGIN + LABELS + widest * step + tail + MARGIN
        branches = choose_branches(self.journey, columns, bands) if self.show_branches else Branches()
        content = MapContent(
            journey=self.journey, columns=columns, channels=_channels(columns), lanes=lanes,
            lowest=lowest_points(columns), goals=goal_touchpoints(self.journey), counted=self.numbers,
            scores=self.scores, curves=curves, branches=branches,
        )  # fmt: skip
        cut = Notes(theme=theme, numbered=self.notes)
        items, y = self._above(total, cut)
        body, high = _bands(content, bands, step, cut)
        items += [item.moved(0, y) for item in body]
        foot, y = self._foot(branches, cut, y + high, total)
        said = (self.words, persona_words(self.journey, self.carded), branch_words(branches, columns))
        return with_legend(
            [*items, *foot], map_entries(theme, curves), y=y, width=total, theme=theme,
            title=self.journey.name, description="\n".join(filter(None, said)),
        )  # fmt: skip

    def _above(self, total: float, cut: Notes) -> tuple[list[Item], float]:
        """Lay the heading and the strip of personas; give the y where the first band begins."""
        items, y = map_heading(self.journey, self.personas, total, self.theme)
        cards, high = persona_strip(
            self.journey, self.carded, total, cut, margin=MARGIN, as_curves=len(self.personas) > 1
        )
        return [*items, *(item.moved(0, y) for item in cards)], y + high

    def _foot(self, branches: Branches, cut: Notes, y: float, total: float) -> tuple[list[Item], float]:
        """Lay what is said below the bands; give the y where the legend begins."""
        items: list[Item] = []
        room = total - 2 * MARGIN
        y += 0.14
        for text in filter(None, (self._left_out(), branches.note(self.theme))):
            lines = wrap(text, room, self.theme.small_size, "normal", 3, family=self.theme.family)
            said = Label(x=MARGIN, y=y, text="\n".join(lines), size=self.theme.small_size,
                         colour=self.theme.ink)  # fmt: skip
            items.append(said)
            y += said.height + 0.06
        if self.notes and cut.found:
            listed, high = lay_notes(cut.found, MARGIN, y + 0.04, room, self.theme)
            items += listed
            y += high + 0.12
        return items, y

    def _left_out(self) -> str:
        left_out, shown = self.chosen.left_out, len(self.chosen.shown)
        if not left_out:
            return ""
        word = self.theme.word
        return (
            f"{shown} {word('of')} {shown + left_out} {word('touchpoints are shown')}: "
            f"{word('those that most customers visit, and every service touchpoint')}. "
            f"{left_out} {word('are left out')}."
        )


def _bands(
    content: MapContent, bands: Sequence[Sequence[Column]], step: float, cut: Notes
) -> tuple[list[Item], float]:
    """Lay the bands below each other from y = 0; give their height."""
    theme = cut.theme
    items: list[Item] = []
    y, first = 0.0, 0
    for band in bands:
        grid = Grid(
            columns=tuple(band), left=MARGIN + LABELS, step=step, margin=MARGIN, theme=theme, notes=cut
        )
        laid = lay_band(grid, content, first)
        items += [item.moved(0, y) for item in laid.items]
        first += len(band)
        y += laid.height + (_BAND_GAP if first < len(content.columns) else 0)
    if not bands:
        items.append(Label(x=MARGIN, y=y, text=theme.word("No touchpoints yet."), size=theme.body_size,
                           colour=theme.ink))  # fmt: skip
        y += 0.2
    return items, y


def _fitting(most: int, room: float | None, scale: float) -> int:
    """How many columns have room in a band?"""
    if room is None:
        return most
    for_columns = room - 2 * MARGIN - LABELS
    if for_columns < NARROWEST - 1e-9:
        least = (2 * MARGIN + LABELS + NARROWEST) * scale
        raise InvalidJourneyError.because(
            f"a map {room * scale:.3g} inches wide has no room for a column.",
            expected=f"Expected at least {least:.3g} inches.",
        )
    return min(most, int(for_columns / NARROWEST + 1e-9))


def _step(widest: int, room: float | None) -> float:
    """How wide is a column?"""
    if room is None:
        return max(COLUMN, (_SMALLEST_WIDTH - 2 * MARGIN - LABELS) / widest)
    return min(WIDEST, (room - 2 * MARGIN - LABELS) / widest)


def _channels(columns: Iterable[Column]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(channel for column in columns for channel in column.touchpoint.channels))
