"""What weighs most, how well is it rated, and does it hurt or delight: the drivers as a picture?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal, TypeAlias

from matplotlib.axes import Axes

from journeymap.analysis.driver_report import DriverReport, KeyDriver
from journeymap.analysis.wording import joined, percent, plural
from journeymap.errors import require
from journeymap.model.measures import Estimate, Scale
from journeymap.render.chart_parts import (
    MARGIN,
    Axis,
    bar,
    caption,
    heading,
    interval,
    interval_entry,
    paragraph,
    round_steps,
    row_name,
    service_entry,
)
from journeymap.render.facts import filtered
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import GRID, SHAPE, TEXT, Box, Item, Label, LegendEntry, Line, Marker, Scene
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_drivers", "draw_drivers", "drivers_scene"]

Side: TypeAlias = Literal["left", "center", "right"]

_ROW, _HEAD = 0.46, 0.5
_BAR, _HALF = 0.2, 0.14
_SENTENCE = 8.4
_DOT = 7.0
_UNKNOWN = "not known"
_NAMED = 3
# what tables in memory are called in messages: no name that a reader of the figure would know
_NAMELESS = frozenset({
    "the Arrow table", "the Arrow batch", "the Arrow reader", "the data frame", "the lazy frame",
    "the DuckDB relation", "the Spark DataFrame",
})  # fmt: skip


def draw_drivers(report: DriverReport, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """What weighs most, how well is it rated, and does it hurt or delight?

    One row for each driver, the largest importance first: its share of what the ratings explain, with the
    benchmark of noise as a dashed line; the penalty of low ratings towards the left and the reward of high
    ratings towards the right, hollow where the interval holds 0; and the mean rating on its scale.

    Parameters
    ----------
    report : DriverReport
        What `find_drivers` found.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.
    """
    require(report, DriverReport, "draw_drivers", hint="judge the survey first: find_drivers(feedback, ...)")
    return paint(drivers_scene(report, theme=theme), ax, theme)


@dataclass(frozen=True, kw_only=True)
class _Panels:
    """Where names, importance, contrasts and ratings stand, in inches; large type makes them narrower."""

    names: float
    share: float
    share_text: float
    contrast: float
    contrast_text: float
    rating: float
    rating_text: float
    gap: float
    shares: bool
    contrasts: bool
    ratings: bool

    @classmethod
    def of(cls, report: DriverReport, theme: Theme) -> _Panels:
        part = 1 / theme.scale
        drivers = report.drivers
        return cls(
            names=max(1.9, 2.4 * part),
            share=max(1.3, 2.2 * part),
            share_text=0.62,
            contrast=max(1.6, 2.6 * part),
            contrast_text=1.62,
            rating=max(0.9, 1.3 * part),
            rating_text=1.0,
            gap=max(0.18, 0.3 * part),
            shares=any(driver.importance.value is not None for driver in drivers),
            contrasts=any(_known(driver.penalty, driver.reward) for driver in drivers),
            ratings=any(driver.performance.value is not None for driver in drivers),
        )

    @property
    def share_left(self) -> float:
        return MARGIN + self.names + 0.15

    @property
    def contrast_left(self) -> float:
        return self.share_left + (self.share + self.share_text + self.gap if self.shares else 0.0)

    @property
    def rating_left(self) -> float:
        wide = self.contrast + self.contrast_text + self.gap
        return self.contrast_left + (wide if self.contrasts else 0.0)

    @property
    def width(self) -> float:
        right = self.rating_left + (self.rating + self.rating_text if self.ratings else -self.gap)
        return max(right + MARGIN, _SENTENCE * 0.8)


def drivers_scene(report: DriverReport, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of a driver report?

    Parameters
    ----------
    report : DriverReport
        What `find_drivers` found.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        One row for each driver; a panel without any number is left out; a sentence says why there is none.
    """
    panels = _Panels.of(report, theme)
    empty = not (panels.shares or panels.contrasts or panels.ratings)
    width = _SENTENCE / theme.scale if empty else panels.width
    title = f"{theme.word('What goes with')} “{report.outcome.name}”"
    items, y = heading(title, _facts(report, theme), width, theme)
    said, high = paragraph(
        report.headline(), MARGIN, y + 0.12, width - 2 * MARGIN, theme, size=theme.stage_size
    )
    items += said
    y += 0.12 + high + 0.08
    if not empty:
        rows, y = _rows(report, panels, y, theme)
        items += rows
    notes, high = paragraph(
        _notes(report, panels, theme), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    items += notes
    return with_legend(
        items, _legend(report, theme), y=y + high + 0.1, width=width, theme=theme, title=title,
        description=describe_drivers(report),
    )  # fmt: skip


def describe_drivers(report: DriverReport) -> str:
    """What does the picture of a driver report say, in sentences?

    Parameters
    ----------
    report : DriverReport
        What `find_drivers` found.

    Returns
    -------
    str
        The finding, who stands behind it, then a line for each driver, with its quadrant where there is one.
    """
    lines = [report.headline(), report.basis()]
    for place, driver in enumerate(report.drivers, 1):
        quadrant = (
            "" if driver.quadrant == "cannot tell" else f" Against the other drivers: {driver.quadrant}."
        )
        service = " (service)" if driver.is_service else ""
        lines.append(f"{place}. {driver.name}{service}: {driver.why()}{quadrant}")
    if report.noise is not None:
        lines.append(f"Noise would get up to {percent(report.noise)}.")
    return "\n".join(lines)


def _known(*estimates: Estimate) -> bool:
    return any(estimate.value is not None for estimate in estimates)


def _facts(report: DriverReport, theme: Theme) -> list[str]:
    name = "" if report.source in _NAMELESS else PurePath(report.source).name
    facts = [theme.word("Key drivers"), *([name] if name else [])]
    if report.observations:
        one = "customers" if report.observation == "customer" else "answers"
        n = f"n = {report.observations:,} {theme.word(one)}"
        if report.customers != report.observations:
            n += f", {report.customers:,} {theme.word('customers')}"
        facts.append(n)
    if report.complete_share is not None and report.missing == "complete":
        facts.append(f"{percent(report.complete_share)} {theme.word('rated everything')}")
    return [*facts, *filtered(report.filters, theme)]


def _notes(report: DriverReport, panels: _Panels, theme: Theme) -> str:
    notes = []
    if panels.shares:
        how = {"relative_weights": "relative weights", "lmg": "LMG (Shapley) weights"}[report.method]
        text = "Importance: a driver's share of what all ratings together explain"
        notes.append(f"{theme.word(text)} ({theme.word(how)}).")
    if panels.contrasts:
        scale = report.outcome.scale
        text = "Penalty and reward: the outcome with low and with high ratings, against those in between"
        points = f"{theme.word('points of')} {scale.low:g}–{scale.high:g}"
        notes.append(f"{theme.word(text)}, {points}; {_cuts(report, theme)}.")
    notes += _untold(report, theme)
    if any(driver.quadrant != "cannot tell" for driver in report.drivers):
        text = "Words below a mean rating: importance and rating against the means of the drivers"
        notes.append(f"{theme.word(text)}, {theme.word('where the intervals tell')}.")
    if report.missing == "indicator":
        notes.append(report.basis())
    axis = Axis(left=0, width=panels.rating, low=0, high=1)
    rated = [_normalised(one.performance, one.question.scale) for one in report.drivers]
    if any(_within_its_dot(spread, axis) for spread in rated):
        notes.append(theme.word("An interval narrower than its dot is not drawn."))
    return " ".join(notes)


def _untold(report: DriverReport, theme: Theme) -> list[str]:
    """Say for which drivers penalty and reward are not known, and why."""
    by_problem: dict[str, list[str]] = {}
    for driver in report.drivers:
        if driver.contrast_problem:
            by_problem.setdefault(driver.contrast_problem, []).append(f"“{driver.name}”")
    said = []
    for problem, names in by_problem.items():
        which = joined(names) if len(names) <= _NAMED else plural(len(names), "driver")
        said.append(f"{theme.word('Penalty and reward not known')}: {theme.word(problem)} ({which}).")
    return said


def _cuts(report: DriverReport, theme: Theme) -> str:
    """Say what low and high mean, if that is the same for all."""
    found = {(driver.low, driver.high, driver.question.scale.better) for driver in report.drivers}
    if len(found) > 1:
        return theme.word("what low and high mean differs by driver")
    low, high, better = found.pop()
    up, down = ("≤", "≥") if better == "higher" else ("≥", "≤")
    return f"{theme.word('low')} {up} {low:.3g}, {theme.word('high')} {down} {high:.3g}"


def _rows(report: DriverReport, panels: _Panels, y: float, theme: Theme) -> tuple[list[Item], float]:
    top, right = y + _HEAD, panels.width - MARGIN
    bottom = top + _ROW * len(report.drivers)
    items: list[Item] = [
        Line(points=((MARGIN, top + _ROW * n), (right, top + _ROW * n)), colour=theme.rule, z=GRID)
        for n in range(len(report.drivers) + 1)
    ]
    middles = [top + _ROW * (n + 0.5) for n in range(len(report.drivers))]
    for driver, middle in zip(report.drivers, middles, strict=True):
        items += _name(driver, middle, panels, theme)
    if panels.shares:
        items += _shares(report, middles, panels, (top, bottom), theme)
    if panels.contrasts:
        items += _contrasts(report, middles, panels, (top, bottom), theme)
    if panels.ratings:
        items += _ratings(report, middles, panels, (top, bottom), theme)
    return items, bottom + 0.32


def _name(driver: KeyDriver, middle: float, panels: _Panels, theme: Theme) -> list[Item]:
    name = f"◆ {driver.name}" if driver.is_service else driver.name
    colour, mark = (theme.service, "service") if driver.is_service else (theme.ink, "")
    place = driver.touchpoint_name or driver.touchpoint or ""
    family = driver.family.replace("_", " ") if driver.family else ""
    note = "  ·  ".join(part for part in (place if place != driver.name else "", theme.word(family)) if part)
    return row_name(name, note, MARGIN + 0.04, middle, panels.names, theme, colour=colour, mark=mark)


def _head(text: str, x: float, top: float, room: float, theme: Theme) -> list[Item]:
    label = caption(text, x, top - 0.07, theme)
    lines = wrap(label.text, room, label.size, "bold", 2, family=theme.family)
    return [replace(label, text="\n".join(lines))]


def _nothing(x: float, middle: float, theme: Theme) -> Label:
    return Label(x=x, y=middle, text=theme.word(_UNKNOWN), size=theme.tick_size, style="italic",
                 colour=theme.muted, va="center", z=TEXT)  # fmt: skip


def _shares(
    report: DriverReport,
    middles: Sequence[float],
    panels: _Panels,
    span: tuple[float, float],
    theme: Theme,
) -> Iterable[Item]:
    """Draw the importance as bars, hollow where noise would get as much."""
    yield from _head("importance", panels.share_left, span[0], panels.share + 0.5, theme)
    reach = Estimate(value=report.noise)
    known = [driver.importance for driver in report.drivers if driver.importance.value is not None]
    axis = Axis.around([*known, reach], panels.share_left, panels.share).to_round_ends()
    steps = round_steps(axis.low, axis.high, 4)
    yield from axis.ticks([(value, f"{value * 100:g} %") for value in steps], *span, theme)
    if report.noise is not None:
        x = axis.at(report.noise)
        yield Line(points=((x, span[0]), (x, span[1])), colour=theme.ink, width=1.0, dash="dashed",
                   z=SHAPE + 0.3, mark="noise")  # fmt: skip
    for driver, middle in zip(report.drivers, middles, strict=True):
        found = driver.importance
        text = panels.share_left + panels.share + 0.1
        if found.value is None:
            yield _nothing(axis.at(0) + 0.06, middle, theme)
            continue
        noise = driver.above_noise is False
        box = Box(x=axis.at(0), y=middle - _BAR / 2, width=max(0.01, axis.at(found.value) - axis.at(0)),
                  height=_BAR, mark="as noise" if noise else "importance")  # fmt: skip
        yield _hollow(box, theme.curve, theme) if noise else replace(box, fill=theme.link)
        yield from _reach(found, middle, axis, theme)
        yield Label(x=text, y=middle, text=percent(found.value), size=theme.small_size, va="center", z=TEXT,
                    weight="normal" if noise else "bold",
                    colour=theme.muted if noise else theme.ink)  # fmt: skip


def _hollow(box: Box, colour: str, theme: Theme) -> Box:
    return replace(box, fill=theme.paper, edge=colour, line_width=0.9)


def _reach(found: Estimate, middle: float, axis: Axis, theme: Theme) -> list[Item]:
    if found.low is None or found.high is None:
        return []
    return interval(axis.at(found.low), axis.at(found.high), middle, theme, mark="interval", halo=theme.paper)


def _contrasts(
    report: DriverReport,
    middles: Sequence[float],
    panels: _Panels,
    span: tuple[float, float],
    theme: Theme,
) -> Iterable[Item]:
    """Draw the penalty above the reward, so that neither hides the other's interval."""
    estimates = [one for driver in report.drivers for one in (driver.penalty, driver.reward)]
    axis = Axis.around([one for one in estimates if one.value is not None], panels.contrast_left,
                       panels.contrast).to_round_ends()  # fmt: skip
    yield from _contrast_heads(axis, panels, span[0], theme)
    ticks = [(value, _signed(value, "g")) for value in round_steps(axis.low, axis.high, 4)]
    yield from axis.ticks(ticks, *span, theme)
    left = panels.contrast_left + panels.contrast + 0.12
    for driver, middle in zip(report.drivers, middles, strict=True):
        sides = (
            (driver.penalty, "penalty", middle - _HALF * 0.6),
            (driver.reward, "reward", middle + _HALF * 0.6),
        )
        for found, mark, y in sides:
            if found.value is not None:
                yield _contrast_bar(found, mark, y, axis, theme)
                yield from _reach(found, y, axis, theme)
        yield from _verdict(driver, left, middle, panels, theme)


def _contrast_heads(axis: Axis, panels: _Panels, top: float, theme: Theme) -> Iterable[Item]:
    """Name the two sides, the worse one at the left."""
    yield from _head("penalty of low, reward of high ratings", panels.contrast_left, top - 0.16,
                     panels.contrast + panels.contrast_text, theme)  # fmt: skip
    zero, right = axis.at(0), panels.contrast_left + panels.contrast
    worse, better = f"← {theme.word('worse')}", f"{theme.word('better')} →"
    for text, x, room in (
        (worse, zero - 0.08, zero - panels.contrast_left),
        (better, zero + 0.08, right - zero),
    ):
        if room > text_width(text, theme.tick_size, family=theme.family) + 0.1:
            yield Label(x=x, y=top - 0.05, text=text, size=theme.tick_size, colour=theme.muted, va="bottom",
                        ha="right" if text == worse else "left")  # fmt: skip


def _contrast_bar(found: Estimate, mark: str, y: float, axis: Axis, theme: Theme) -> Box:
    zero, end = axis.at(0.0), axis.at(found.value or 0.0)
    supported = _supported(found)
    box = Box(x=min(zero, end), y=y - _HALF / 2, width=max(0.01, abs(end - zero)), height=_HALF,
              mark=mark if supported else f"{mark} not supported")  # fmt: skip
    colour, hatch = _colours(mark, theme)
    return bar(box, colour, hatch, theme) if supported else _hollow(box, colour, theme)


def _colours(mark: str, theme: Theme) -> tuple[str, str]:
    if mark == "penalty":
        return theme.pain, theme.pain_hatch
    return theme.opportunity, theme.opportunity_hatch


def _supported(found: Estimate) -> bool:
    return found.low is not None and found.high is not None and not found.low <= 0 <= found.high


def _signed(value: float, how: str = ".2f") -> str:
    text = f"{abs(value):{how}}"
    if not float(text):
        return text
    return f"−{text}" if value < 0 else f"+{text}"


def _verdict(driver: KeyDriver, left: float, middle: float, panels: _Panels, theme: Theme) -> Iterable[Item]:
    """Write both numbers, and below them which of them weighs more, where that is known."""
    if not _known(driver.penalty, driver.reward):
        yield _nothing(left, middle, theme)
        return
    numbers = "   ".join(
        "–" if one.value is None else _signed(one.value) for one in (driver.penalty, driver.reward)
    )
    named = driver.asymmetry not in {"not supported", "not known"}
    text = driver.asymmetry if named else ""
    lines = wrap(theme.word(text), panels.contrast_text - 0.1, theme.tick_size, max_lines=2,
                 family=theme.family) if text else ()  # fmt: skip
    high = 0.062 * len(lines)
    yield Label(x=left, y=middle - high, text=numbers, size=theme.small_size, va="center", z=TEXT,
                weight="bold" if named else "normal", colour=theme.ink if named else theme.muted)  # fmt: skip
    if lines:
        yield Label(x=left, y=middle + 0.02 if len(lines) == 1 else middle - 0.045, text="\n".join(lines),
                    size=theme.tick_size, va="top", z=TEXT,
                    colour=theme.loss_text if "hurts more" in text else theme.muted)  # fmt: skip


def _ratings(
    report: DriverReport,
    middles: Sequence[float],
    panels: _Panels,
    span: tuple[float, float],
    theme: Theme,
) -> Iterable[Item]:
    """Draw the mean rating of every driver between the bad and the good end of its scale."""
    yield from _head("mean rating", panels.rating_left, span[0], panels.rating + panels.rating_text, theme)
    axis = Axis(left=panels.rating_left, width=panels.rating, low=0.0, high=1.0)
    scales = {(d.question.scale.low, d.question.scale.high, d.question.scale.better) for d in report.drivers}
    ends = ("worst", "best")
    if len(scales) == 1:
        scale = report.drivers[0].question.scale
        sides = (scale.low, scale.high) if scale.better == "higher" else (scale.high, scale.low)
        ends = (f"{sides[0]:g}", f"{sides[1]:g}")
    sides_of: tuple[tuple[float, str, Side], ...] = ((0.0, ends[0], "left"), (1.0, ends[1], "right"))
    for value, text, ha in sides_of:
        x = axis.at(value)
        yield Line(points=((x, span[0]), (x, span[1])), colour=theme.grid, width=0.6, z=GRID)
        yield Label(x=x, y=span[1] + 0.04, text=theme.word(text), size=theme.tick_size, colour=theme.muted,
                    ha=ha)  # fmt: skip
    for driver, middle in zip(report.drivers, middles, strict=True):
        found, scale = driver.performance, driver.question.scale
        if found.value is None:
            yield _nothing(axis.left + 0.06, middle, theme)
            continue
        spread = _normalised(found, scale)
        if not _within_its_dot(spread, axis):
            yield from _reach(spread, middle, axis, theme)
        yield Marker(x=axis.at(scale.normalised(found.value)), y=middle, size=_DOT, fill=theme.curve,
                     edge=theme.marker_edge, line_width=0.6, z=SHAPE + 0.4, mark="rating")  # fmt: skip
        yield from _rated(driver, found.value, axis.left + axis.width + 0.1, middle, theme)


def _rated(driver: KeyDriver, value: float, left: float, middle: float, theme: Theme) -> Iterable[Label]:
    """Write the mean, and below it the quadrant, where it can be told."""
    first, told = driver.quadrant == "fix first", driver.quadrant != "cannot tell"
    yield Label(x=left, y=middle - 0.062 * told, text=f"{value:.2f}", va="center", size=theme.small_size,
                weight="bold" if first else "normal", colour=theme.ink, z=TEXT)  # fmt: skip
    if told:
        yield Label(x=left, y=middle + 0.02, text=theme.word(driver.quadrant), size=theme.tick_size, va="top",
                    colour=theme.loss_text if first else theme.muted, z=TEXT)  # fmt: skip


def _within_its_dot(spread: Estimate, axis: Axis) -> bool:
    """Tell whether an interval is so narrow that its dot would hide all but the caps."""
    if spread.low is None or spread.high is None:
        return False
    return axis.at(spread.high) - axis.at(spread.low) < _DOT / 72 * 1.1


def _normalised(found: Estimate, scale: Scale) -> Estimate:
    """Put a mean and its interval on a line from the bad end (0) to the good end (1)."""
    if found.low is None or found.high is None:
        return found
    low, high = sorted(
        scale.normalised(min(max(end, scale.low), scale.high)) for end in (found.low, found.high)
    )
    return found.model_copy(update={"low": low, "high": high})


def _legend(report: DriverReport, theme: Theme) -> Iterable[LegendEntry]:
    def box(width: float = 0.26) -> Box:
        return Box(x=0, y=-0.06, width=width, height=0.12)

    yield LegendEntry(mark="importance", marks=(replace(box(), fill=theme.link),), width=0.26,
                      text="importance")  # fmt: skip
    yield LegendEntry(mark="as noise", marks=(_hollow(box(), theme.curve, theme),), width=0.26,
                      text="no more than noise would get")  # fmt: skip
    noise = Line(points=((0.05, -0.09), (0.05, 0.09)), colour=theme.ink, width=1.0, dash="dashed")
    yield LegendEntry(mark="noise", marks=(noise,), width=0.1, text="what noise stays below (95 %)")
    for mark in ("penalty", "reward"):
        colour, hatch = _colours(mark, theme)
        how = {"penalty": "penalty of low ratings", "reward": "reward of high ratings"}[mark]
        yield LegendEntry(mark=mark, marks=(bar(box(), colour, hatch, theme),), width=0.26, text=how)
        text = f"{theme.word(mark)}, {theme.word('not supported: the interval holds 0')}"
        yield LegendEntry(mark=f"{mark} not supported", marks=(_hollow(box(), colour, theme),), width=0.26,
                          text=text)  # fmt: skip
    dot = Marker(x=0.06, y=0, size=_DOT, fill=theme.curve, edge=theme.marker_edge, line_width=0.6)
    yield LegendEntry(mark="rating", marks=(dot,), width=0.12, text="mean rating")
    yield interval_entry(report.level, theme)
    yield service_entry(theme)
