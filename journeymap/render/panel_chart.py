"""How do customers behave from period to period, and what of it rises or falls?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes

from journeymap.errors import require
from journeymap.model.measures import Estimate
from journeymap.model.panel import BehaviourPanel, PanelMeasure
from journeymap.render.chart_parts import MARGIN, heading, paragraph, round_steps, signed, upright_interval
from journeymap.render.facts import filtered
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.panel_words import (
    change_words,
    panel_facts,
    panel_finding,
    panel_words,
    trend_words,
)
from journeymap.render.scene import (
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
    Scene,
    Shape,
)
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_panel", "draw_panel", "panel_scene"]

_TITLE = "Behavioural panel"
_HINT = "measure first: behaviour_panel(log, purchase='order', service='support_chat')"
_NAMES, _PLOT, _LEAST_PLOT, _WORDS, _TICKS = 1.75, 6.6, 3.0, 2.0, 0.5
_STRIP, _BETWEEN = 0.86, 0.2
_NARROWEST = 6.4
_DENSE = 0.16  # points closer than this have thin intervals and small marks
_SHAPES: dict[str, Shape] = {"behaviour": "circle", "service": "diamond", "survey": "square"}
_PAD = 0.06


def draw_panel(panel: BehaviourPanel, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """How do customers behave from period to period, and what of it rises or falls?

    One strip for each measure, with a scale of its own: its values with their intervals, and a dotted line
    where the test finds a trend. The last value stands at the right.

    Parameters
    ----------
    panel : BehaviourPanel
        What `behaviour_panel` measured.
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
    The scales do not begin at zero: compare the intervals, not the heights.
    """
    require(panel, BehaviourPanel, "draw_panel", hint=_HINT)
    return paint(panel_scene(panel, theme=theme), ax, theme)


def describe_panel(panel: BehaviourPanel) -> str:
    """What does the picture of the behavioural panel say, in sentences?

    Parameters
    ----------
    panel : BehaviourPanel
        What `behaviour_panel` measured.

    Returns
    -------
    str
        One sentence a line.
    """
    require(panel, BehaviourPanel, "describe_panel", hint=_HINT)
    return panel_words(panel)


def panel_scene(panel: BehaviourPanel, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of the behavioural panel?

    Parameters
    ----------
    panel : BehaviourPanel
        What `behaviour_panel` measured.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        A sentence alone where no period was observed as a whole.
    """
    drawn = panel.measures if panel.timeline.periods else ()
    plot = max(_LEAST_PLOT, _PLOT / theme.scale)
    width = 2 * MARGIN + _NAMES + _TICKS + plot + _WORDS if drawn else _NARROWEST
    facts = [*panel_facts(panel), *filtered(panel.filters, theme)]
    items, y = heading(theme.word(_TITLE), facts, width, theme)
    said, high = paragraph(
        panel_finding(panel), MARGIN, y + 0.1, width - 2 * MARGIN, theme, size=theme.stage_size
    )
    items += said
    y += 0.1 + high + 0.25
    for measure in drawn:
        strip = _Strip(
            panel=panel, measure=measure, left=MARGIN + _NAMES + _TICKS, top=y, width=plot, theme=theme
        )
        items += [*_frame(strip), *_values(strip), *_trend(strip), *_said(strip)]
        y = strip.bottom + _BETWEEN
    if drawn:
        items += _period_names(strip)
        y += 0.1
    notes, high = paragraph(
        " ".join(panel.notes), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size, colour=theme.muted
    )
    return with_legend(
        [*items, *notes], _entries(panel, theme), y=y + high + 0.1, width=width, theme=theme,
        title=theme.word(_TITLE), description=panel_words(panel),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Strip:
    """One measure, and where its values stand."""

    panel: BehaviourPanel
    measure: PanelMeasure
    left: float
    top: float
    width: float
    theme: Theme

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + _STRIP

    @property
    def step(self) -> float:
        return self.width / max(1, len(self.measure.values))

    @property
    def dense(self) -> bool:
        return self.step < _DENSE

    @property
    def colour(self) -> str:
        return self.theme.service if self.measure.family == "service" else self.theme.curve

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value that has to be seen."""
        seen = [
            end
            for value in self.measure.known
            for end in (value.value, value.low, value.high)
            if end is not None
        ]
        seen += [at for _, at in self.line]
        low, high = min(seen, default=0.0), max(seen, default=1.0)
        if high - low < 1e-9:
            low, high = low - 0.5, high + 0.5
        return low, high

    @property
    def line(self) -> list[tuple[int, float]]:
        """Both ends of the line of the trend; empty where none is shown."""
        trend = self.measure.trend
        if trend.direction == "no trend shown" or trend.slope.value is None or trend.intercept is None:
            return []
        known = [place for place, value in enumerate(self.measure.values) if value.value is not None]
        return [(place, trend.intercept + trend.slope.value * place) for place in (known[0], known[-1])]

    def x(self, place: float) -> float:
        return self.left + self.step * (place + 0.5)

    def y(self, value: float) -> float:
        low, high = self.ends
        room = _STRIP - 2 * _PAD
        return self.bottom - _PAD - room * (value - low) / (high - low)


def _frame(strip: _Strip) -> Iterator[Item]:
    """Name the strip and draw its scale."""
    theme, measure = strip.theme, strip.measure
    yield Box(x=strip.left, y=strip.top, width=strip.width, height=_STRIP, fill=theme.stage_tints[1], z=TINT)
    service = measure.family == "service"
    named = ("◆ " if service else "") + theme.word(measure.name)
    lines = signed(named, _NAMES - 0.1, theme.touchpoint_size, theme, 3)
    hint = {"higher": "higher is better", "lower": "lower is better"}.get(measure.better, "")
    high = line_height(theme.touchpoint_size, 1.2) * len(lines)
    y = strip.top + (_STRIP - high - line_height(theme.tick_size)) / 2
    yield Label(
        x=MARGIN, y=y, text="\n".join(lines), size=theme.touchpoint_size, weight="bold", line_height=1.2,
        colour=theme.as_text(theme.service) if service else theme.ink, mark="service" if service else "",
    )  # fmt: skip
    if hint:
        yield Label(
            x=MARGIN, y=y + high + 0.02, text=theme.word(hint), size=theme.tick_size, colour=theme.muted
        )
    if not measure.known:
        return
    for tick in _ticks(strip):
        at = strip.y(tick)
        yield Line(points=((strip.left, at), (strip.right, at)), colour=theme.grid, width=0.6, z=GRID)
        yield Label(x=strip.left - 0.06, y=at, text=_tick_text(strip, tick), size=theme.tick_size, ha="right",
                    va="center", colour=theme.muted)  # fmt: skip


def _ticks(strip: _Strip) -> list[float]:
    """Round values, no more than have room one above the other."""
    low, high = strip.ends
    for most in (3, 2, 1):
        ticks = round_steps(low, high, most=most)
        if strip.measure.unit == "count":
            ticks = [tick for tick in ticks if tick == int(tick)]
        gaps = [abs(strip.y(b) - strip.y(a)) for a, b in pairwise(ticks)]
        if ticks and min(gaps, default=1.0) >= line_height(strip.theme.tick_size):
            return ticks
    return ticks


def _tick_text(strip: _Strip, tick: float) -> str:
    """Write a tick with no more digits than tell it from its neighbours."""
    if strip.measure.unit == "ratio":
        return f"{tick:g}"
    if strip.measure.unit == "share" and abs(tick * 100 - round(tick * 100)) > 1e-6:
        return f"{tick * 100:.1f} %"
    return strip.measure.written(tick)


def _values(strip: _Strip) -> Iterator[Item]:
    """Draw the values, joined where periods follow each other."""
    theme, values = strip.theme, strip.measure.values
    if not strip.measure.known:
        yield Label(x=strip.left + 0.15, y=strip.top + _STRIP / 2, text=theme.word("not known in any period"),
                    size=theme.small_size, va="center", colour=theme.muted)  # fmt: skip
        return
    run: list[tuple[float, float]] = []
    for place, value in enumerate([*values, Estimate(value=None)]):
        if value.value is None:
            if len(run) > 1:
                yield Line(points=tuple(run), colour=strip.colour, width=1.0, z=LINK)
            run = []
            continue
        x, y = strip.x(place), strip.y(value.value)
        run.append((x, y))
        yield from _interval(strip, x, value)
        yield _mark(strip, x, y)


def _interval(strip: _Strip, x: float, value: Estimate) -> list[Item]:
    if value.low is None or value.high is None:
        return []
    low, high = strip.y(value.low), strip.y(value.high)
    if strip.dense:
        return [Line(points=((x, low), (x, high)), colour=strip.theme.interval, width=1.6, z=LINK - 0.1,
                     mark="interval")]  # fmt: skip
    return upright_interval(x, low, high, strip.theme, mark="interval")


def _mark(strip: _Strip, x: float, y: float) -> Marker:
    family = strip.measure.family
    size = (3.2 if strip.dense else 6.0) + (1.0 if family == "service" else 0.0)
    return Marker(
        x=x, y=y, shape=_SHAPES[family], size=size, fill=strip.colour, edge=strip.theme.marker_edge,
        line_width=0.5, z=SHAPE + 0.3, mark=family,
    )  # fmt: skip


def _trend(strip: _Strip) -> Iterator[Item]:
    if strip.line:
        points = tuple((strip.x(place), strip.y(value)) for place, value in strip.line)
        yield Line(
            points=points, colour=strip.theme.ink, width=1.8, dash="dotted", z=SHAPE + 0.1, mark="trend"
        )


def _said(strip: _Strip) -> Iterator[Item]:
    """Write the last value and the trend at the right."""
    theme, measure = strip.theme, strip.measure
    x, room = strip.right + 0.14, _WORDS - 0.14
    texts: list[tuple[str, float, bool, str]] = []
    if measure.known:
        last = measure.known[-1]
        ends = ""
        if last.low is not None and last.high is not None:
            ends = f"{measure.written(last.low)} – {measure.written(last.high)}"
        texts.append((measure.written(last.value or 0.0), theme.stage_size + 1, True, theme.ink))
        texts.append((ends, theme.tick_size, False, theme.muted))
    told = measure.trend.direction != "no trend shown"
    texts.append((trend_words(measure), theme.small_size, told, theme.ink if told else theme.muted))
    texts.append((change_words(measure, strip.panel.timeline.unit), theme.tick_size, False, theme.muted))
    lines = [
        (line, size, bold, colour)
        for text, size, bold, colour in texts
        if text
        for line in wrap(text, room, size, "bold" if bold else "normal", 2, family=theme.family)
    ]
    y = strip.top + (_STRIP - sum(line_height(size, 1.22) for _, size, _, _ in lines)) / 2
    region = Box(x=x - 0.02, y=strip.top - 0.1, width=room + 0.1, height=_STRIP + 0.2)
    for line, size, bold, colour in lines:
        yield Label(x=x, y=y, text=line, size=size, weight="bold" if bold else "normal", colour=colour,
                    line_height=1.22, inside=region)  # fmt: skip
        y += line_height(size, 1.22)


def _period_names(strip: _Strip) -> Iterator[Item]:
    """Name the periods below the last strip, as many as have room, the first and the last among them."""
    theme, periods = strip.theme, strip.panel.timeline.periods
    widest = max(text_width(period.name, theme.tick_size, family=theme.family) for period in periods) + 0.12
    every = next(
        n
        for n in (1, 2, 3, 4, 6, 12, 13, 26, 52, len(periods))
        if n * strip.step >= widest or n >= len(periods)
    )
    for place in range(0, len(periods), every):
        yield Label(x=strip.x(place), y=strip.bottom + 0.05, text=periods[place].name, size=theme.tick_size,
                    ha="center", colour=theme.muted)  # fmt: skip


def _entries(panel: BehaviourPanel, theme: Theme) -> Iterator[LegendEntry]:
    said = {
        "behaviour": "measured from behaviour",
        "service": "service contacts",
        "survey": "survey answers",
    }
    for family, text in said.items():
        colour = theme.service if family == "service" else theme.curve
        mark = Marker(x=0.07, y=0, shape=_SHAPES[family], size=6.5, fill=colour, edge=theme.marker_edge,
                      line_width=0.5)  # fmt: skip
        yield LegendEntry(mark=family, marks=(mark,), width=0.14, text=text)
    level = next((value.level for measure in panel.measures for value in measure.known), 0.95)
    dense = panel.measures and _PLOT / theme.scale / max(1, len(panel.timeline.periods)) < _DENSE
    strokes: tuple[Item, ...] = (
        (Line(points=((0.07, -0.08), (0.07, 0.08)), colour=theme.interval, width=1.6),)
        if dense
        else tuple(upright_interval(0.07, -0.08, 0.08, theme))
    )
    yield LegendEntry(mark="interval", marks=strokes, width=0.14,
                      text=f"{level * 100:g} % {theme.word('interval')}")  # fmt: skip
    line = Line(points=((0, 0), (0.34, 0)), colour=theme.ink, width=1.8, dash="dotted")
    yield LegendEntry(
        mark="trend", marks=(line,), width=0.34, text="trend (Theil–Sen), where Mann–Kendall finds one"
    )
