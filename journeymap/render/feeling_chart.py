"""How do customers feel along the journey, and where are its peak, its end and its biggest fall?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.axes import Axes

from journeymap.errors import require
from journeymap.model.journey import Journey
from journeymap.render.chart_parts import MARGIN, heading, paragraph
from journeymap.render.chevrons import CHEVRON
from journeymap.render.facts import journey_facts
from journeymap.render.feeling_chart_content import (
    FeelingLine,
    describe_feeling,
    feeling_lines,
    finding,
    notes,
    turning_points,
)
from journeymap.render.feeling_chart_curve import (
    direct_labels,
    feeling_points,
    marker_width,
    names_width,
    one_curve,
    persona_curves,
    turning_words,
)
from journeymap.render.feeling_chart_key import (
    KeyEntry,
    lay_key,
    lay_names,
    lay_numbers,
    names_fit,
    service_mark,
)
from journeymap.render.feeling_chart_plot import Plot, lay_plot, stage_bands
from journeymap.render.legend import with_legend
from journeymap.render.map_columns import Who
from journeymap.render.map_feeling import feeling_text
from journeymap.render.paint import paint, room_of, scale_on
from journeymap.render.scene import SHAPE, Arrow, Box, Item, LegendEntry, Line, Marker, Scene
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_feeling", "draw_feeling", "feeling_scene"]

WIDTH = 10.0
_NARROWEST = 5.2
_LEAST, _LEAST_DENSE = 0.36, 0.24


def draw_feeling(
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    persona: Who = None,
    path: Sequence[str] | None = None,
) -> Axes:
    """How do customers feel along the journey?

    The curve never overshoots its points, breaks where a feeling is not known, and is dashed and hollow
    where it is assumed; a band shows the intervals of measured feelings. Named are the peak (where feeling is
    most intense, good or bad), the end (the last touchpoint in order; where its feeling is not known, the
    last known feeling), the lowest and the highest point, and the biggest fall from one touchpoint to the
    next. Of a single known feeling none of these is said.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    ax : Axes, optional
        Where to draw; a new figure 10 inches wide, or as wide as it needs, when left out.
    theme : Theme
        Colours, sizes and words.
    persona : str, Persona or several, optional
        Whose feelings; ``"all"`` draws one curve for each persona. The journey's own when left out.
    path : sequence of str, optional
        Touchpoints to show instead of all, in this order.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    UnknownNameError
        No such persona or touchpoint.
    JourneyMapError
        The given Axes are too small to be read.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "feeling": 1},
    ...     {"id": "pay", "stage": "purchase", "feeling": -1}])
    >>> tuple(float(end) for end in draw_feeling(journey).get_xlim())
    (0.0, 10.0)
    """
    require(journey, Journey, "draw_feeling", hint="read or discover a journey first")
    widths: list[float | None] = [None]
    if ax is not None and room_of(ax)[0] >= _NARROWEST:
        widths.append(room_of(ax)[0])
    scenes = [
        feeling_scene(journey, theme=theme, persona=persona, path=path, width=width) for width in widths
    ]
    scene = scenes[0] if ax is None else max(scenes, key=lambda scene: scale_on(scene, ax))
    return paint(scene, ax, theme)


def feeling_scene(
    journey: Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    persona: Who = None,
    path: Sequence[str] | None = None,
    width: float | None = None,
) -> Scene:
    """Where does everything on the figure of the feeling curve stand?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme, persona, path
        As for `draw_feeling`.
    width : float, optional
        Of the figure, in inches; 10 when left out. It grows where the touchpoints need more.

    Returns
    -------
    Scene
        The figure in inches, before anything is drawn.
    """
    lines = feeling_lines(journey, persona, path, theme)
    wide = (WIDTH if width is None else width) / theme.scale
    known = any(line.known for line in lines)
    plot, dense, named = _plot(lines, wide, theme) if known else (None, False, False)
    after = names_width(lines, theme)
    total = wide if plot is None else max(wide, plot.right + after + MARGIN)
    items, y = _head(journey, lines, total, theme)
    if plot is not None:
        drawn, y = _body(lines, plot, y, total, dense=dense, named=named)
        items += drawn
    return with_legend(
        items,
        _legend(theme),
        y=y,
        width=total,
        theme=theme,
        title=f"{journey.name}: {theme.word('how customers feel')}",
        description=describe_feeling(journey, persona=persona, path=path),
    )


def _plot(lines: Sequence[FeelingLine], width: float, theme: Theme) -> tuple[Plot, bool, bool]:
    """Choose the widest spacing that the width holds; whether markers are small, and names are written."""
    columns, after = lines[0].columns, names_width(lines, theme)
    plot = lay_plot(columns, width, _LEAST_DENSE, theme, after=after)
    if names_fit(columns, plot):
        return plot, False, True
    room = max((marker_width(column, theme) for line in lines for column in line.columns), default=0.0)
    dense = len(lines) > 1 or min(plot.rooms) < max(_LEAST, room + 0.04)
    return plot, dense, False


def _head(
    journey: Journey, lines: Sequence[FeelingLine], width: float, theme: Theme
) -> tuple[list[Item], float]:
    """Lay title, subtitle and finding; give the y below them."""
    somebody = [line.persona for line in lines if line.persona is not None]
    facts = journey_facts(journey, theme, about="How customers feel", personas=somebody, feelings=True)
    items, y = heading(journey.name, facts, width, theme)
    columns = lines[0].columns
    text = finding(lines) if columns else theme.word("No touchpoints yet.")
    said, high = paragraph(text, MARGIN, y + 0.1, width - 2 * MARGIN, theme, size=theme.stage_size)
    return [*items, *said], y + 0.1 + high + 0.16


def _body(
    lines: Sequence[FeelingLine], plot: Plot, y: float, width: float, *, dense: bool, named: bool
) -> tuple[list[Item], float]:
    """Lay the plot, the names and the notes; give the y below them."""
    theme, columns = plot.theme, lines[0].columns
    top = y + CHEVRON
    plot = Plot(left=plot.left, right=plot.right, top=top, xs=plot.xs, rooms=plot.rooms, bands=plot.bands,
                theme=theme)  # fmt: skip
    lay = lay_names if named else lay_numbers
    names, high = lay(columns, plot, plot.bottom + 0.05)
    bottom = plot.bottom + 0.05 + high + 0.05
    items = [*stage_bands(plot, bottom), *names]
    items.append(Line(points=((plot.left, plot.bottom), (plot.right, plot.bottom)), colour=theme.rule, z=1.0))
    if len(lines) > 1:
        items += [*persona_curves(lines, plot), *direct_labels(lines, plot, names_width(lines, theme))]
    else:
        line = lines[0]
        drawn = [*one_curve(line, plot), *feeling_points(line, plot, dense=dense)]
        items += [*drawn, *turning_words(line, turning_points(line), plot, drawn, dense=dense)]
    y = bottom + 0.14
    if not named:
        key, high = lay_key(_key(lines, theme, values=dense and len(lines) == 1), y, width, theme)
        items += key
        y += high + 0.12
    text, high = paragraph(notes(lines), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size,
                           colour=theme.muted)  # fmt: skip
    return [*items, *text], y + high + (0.08 if text else 0.0)


def _key(lines: Sequence[FeelingLine], theme: Theme, *, values: bool) -> list[KeyEntry]:
    entries: list[KeyEntry] = []
    stage: str | None = None
    for number, column in enumerate(lines[0].columns, 1):
        if column.stage != stage:
            stage = column.stage
            entries.append(KeyEntry(name=theme.word(column.stage_name)))
        value = feeling_text(column.feeling) if values and column.feeling is not None else ""
        touchpoint = column.touchpoint
        entries.append(
            KeyEntry(number=str(number), name=touchpoint.name, value=value, service=touchpoint.is_service)
        )
    return entries


def _legend(theme: Theme) -> list[LegendEntry]:
    dots = tuple(
        Marker(x=0.06 + 0.15 * place, y=0, size=8.5, fill=colour, edge=theme.curve, line_width=0.3)
        for place, colour in enumerate(theme.feeling)
    )
    hollow = Marker(x=0.21, y=0, size=8.5, fill=theme.paper, edge=theme.feeling[3], line_width=1.6)
    curves = tuple(
        Line(points=((0.36 * place, 0), (0.36 * place + 0.28, 0)), colour=colour, width=2.0, dash=dash)
        for place, (dash, colour) in enumerate(zip(theme.category_dashes, theme.categories, strict=True))
    )[:3]
    return [
        LegendEntry(mark="feeling", marks=dots, width=0.72, text="feeling −2 … +2"),
        LegendEntry(mark="known", marks=(Line(points=((0, 0), (0.34, 0)), colour=theme.curve, width=2.0),),
                    width=0.34, text="researched or measured"),
        LegendEntry(mark="assumed", width=0.42, text="assumed",
                    marks=(Line(points=((0, 0), (0.42, 0)), colour=theme.curve, width=2.0, dash="dashed"),
                           hollow)),
        LegendEntry(mark="persona", marks=curves, width=1.0, text="a persona's curve, named at its end"),
        LegendEntry(mark="own", width=0.12, text="assumed feeling",
                    marks=(replace(hollow, x=0.06, size=7.5),)),
        LegendEntry(mark="alike", width=0.1, text="the same for all",
                    marks=(Marker(x=0.05, y=0, size=5.0, fill=theme.curve, edge=None),)),
        LegendEntry(mark="alike, assumed", width=0.1, text="assumed, the same for all",
                    marks=(Marker(x=0.05, y=0, size=5.0, fill=theme.paper, edge=theme.curve,
                                  line_width=1.0),)),
        LegendEntry(mark="interval", width=0.3, text="95 % interval",
                    marks=(Box(x=0, y=-0.08, width=0.3, height=0.16, radius=0.03, fill=theme.interval),)),
        LegendEntry(mark="any stage", width=0.36, text="used at any stage",
                    marks=(Line(points=((0, 0), (0.36, 0)), colour=theme.neutral, width=3.0),
                           Marker(x=0.18, y=0, size=8.5, fill=theme.neutral, edge=theme.marker_edge))),
        LegendEntry(mark="fall", width=0.2, text="biggest fall between neighbours",
                    marks=(Arrow(points=((0, -0.07), (0.14, -0.07), (0.14, 0.08)), colour=theme.loss_text,
                                 width=1.1, head=5.0, z=SHAPE),)),
        LegendEntry(mark="service", marks=(service_mark(0.07, 0, theme, 9.0),), width=0.14,
                    text="service interaction"),
        LegendEntry(mark="moment", width=0.14, text="moment of truth",
                    marks=(Marker(x=0.07, y=0, shape="star", size=11, fill=theme.ink, edge=None),)),
    ]  # fmt: skip
