"""Where do customers struggle, how sure is it, and what would it be worth: the ranking as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport
from journeymap.analysis.friction_words import words_of
from journeymap.analysis.wording import joined, number, percent, plural, spoken_time
from journeymap.model.measures import Estimate
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
from journeymap.render.facts import filtered, period_of
from journeymap.render.friction_chart_dots import (
    column_width,
    columns_of,
    dot_entries,
    head_height,
    matrix,
    worse_anywhere,
)
from journeymap.render.friction_chart_groups import ROW, chosen, decimals, groups, spans_of
from journeymap.render.friction_chart_index import INDEX_TEXT, index_bars, index_entries, index_parts
from journeymap.render.friction_chart_words import describe_friction
from journeymap.render.legend import with_legend
from journeymap.render.scene import (
    GRID,
    TEXT,
    TINT,
    Box,
    Item,
    Label,
    LegendEntry,
    Line,
    Scene,
)
from journeymap.render.text import wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["friction_scene"]

_BAR = 0.2
_HEAD, _SENTENCE = 0.3, 7.2
_MANY_COLUMNS = 8
_INDEX = 1.7
_NONE, _NOTHING = "0", 1e-9


@dataclass(frozen=True, kw_only=True)
class _Panels:
    """Where names, index, gains, signals and times stand, in inches; large type makes them narrower."""

    kinds: tuple[str, ...]
    parts: tuple[str, ...]
    names: float
    index: float
    gain: float
    gain_text: float
    signal: float
    time: float
    gap: float
    gains: bool
    times: bool

    @classmethod
    def of(
        cls, report: FrictionReport, points: Sequence[FrictionPoint], kinds: tuple[str, ...], theme: Theme
    ) -> _Panels:
        part = 1 / theme.scale
        return cls(
            kinds=kinds,
            parts=index_parts(report.weights, theme),
            names=max(1.8, 2.35 * part),
            index=max(1.1, _INDEX * part) if report.weights else 0.0,
            gain=max(1.3, (2.7 if len(kinds) <= _MANY_COLUMNS else 1.9) * part),
            gain_text=1.35,
            signal=column_width(kinds, theme),
            time=max(1.4, 1.7 * part),
            gap=max(0.2, 0.3 * part),
            gains=bool(_gains_of(points)),
            times=any(_value(point.time_gain) for point in points),
        )

    @property
    def index_left(self) -> float:
        return MARGIN + self.names + 0.1

    @property
    def gain_left(self) -> float:
        return self.index_left + (self.index + INDEX_TEXT + self.gap if self.parts else 0.0)

    @property
    def dots_left(self) -> float:
        return self.gain_left + (self.gain + self.gain_text + self.gap if self.gains else 0.0)

    @property
    def time_left(self) -> float:
        return self.dots_left + self.signal * len(self.kinds) + self.gap

    @property
    def width(self) -> float:
        right = self.time_left + self.time if self.times else self.time_left - self.gap
        return right + 0.1 + MARGIN


def friction_scene(
    report: FrictionReport,
    *,
    top: int = 10,
    signals: Sequence[str] | None = None,
    theme: Theme = DEFAULT_THEME,
) -> Scene:
    """Where does everything stand on the picture of a friction report?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.
    top : int
        How many touchpoints are shown; every point of friction is, also where there are more.
    signals : sequence of str, optional
        Which signals have a column. When left out those that were measured anywhere; of more than ten the
        usual ones and those that are worse somewhere, the others are named below.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        One row for each touchpoint, in the order of the report: points of friction under their heading,
        then the others under theirs, and a line for those that are not shown; a sentence for an empty
        report.
    """
    points, folded = chosen(report.points, top)
    panels = _Panels.of(report, points, columns_of(report, signals), theme)
    width = panels.width if points else _SENTENCE
    items, y = heading(report.journey, _facts(report, theme), width, theme)
    said, high = paragraph(
        _finding(report), MARGIN, y + 0.12, width - 2 * MARGIN, theme, size=theme.stage_size
    )
    items += said
    y += 0.12 + high + 0.2
    if points:
        rows, y = _rows(points, folded, y, panels, theme)
        items += rows
        y += 0.3
    notes, high = paragraph(
        _notes(report, points, panels, theme), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    items += notes
    return with_legend(
        items, _legend(report, points, panels, theme), y=y + high + 0.08, width=width, theme=theme,
        title=f"{report.journey}: {theme.word('points of friction')}", description=describe_friction(report),
    )  # fmt: skip


def _value(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None or estimate.value is None else estimate.value


def _facts(report: FrictionReport, theme: Theme) -> list[str]:
    facts = [theme.word("Points of friction"), theme.word("observed")]
    if report.customers:
        customers = f"{report.customers:,} {theme.word('customers')}"
        facts.append(f"n = {customers}, {report.journeys:,} {theme.word('journeys')}")
    facts += [*period_of(report.period), *filtered(report.filters, theme)]
    facts.append(f"{theme.word('false discovery rate held at')} {percent(report.level)}")
    return facts


def _finding(report: FrictionReport) -> str:
    """Say the main result in words: the first point of friction, or that there is none."""
    if not report.points:
        return f"No touchpoint of {report.journey} could be judged."
    if report.nothing_compared:
        alone = f"{report.nothing_compared[0].upper()}{report.nothing_compared[1:]}."
        return " ".join([*(point.why() for point in report.friction[:1]), alone])
    if not report.friction:
        return (
            f"No touchpoint is clearly worse than its peers, judged by {plural(report.journeys, 'journey')}."
        )
    return report.friction[0].why()


def _notes(report: FrictionReport, points: Sequence[FrictionPoint], panels: _Panels, theme: Theme) -> str:
    notes = []
    if any(point.gain is not None for point in points):
        text = "Expected gain: conversion if the exits of a touchpoint fell to those of its peers"
        notes.append(f"{theme.word(text)}, {theme.word('if the association is causal')}.")
    if panels.parts:
        notes.append(theme.word("The index is a judgement by weights, 0 to 100; it is no gain."))
    worse = worse_anywhere(report)
    left = [kind for kind in report.measured if kind not in panels.kinds]
    for name, kinds in (
        ("Not measured", report.not_measured),
        ("Measured, nothing clearly worse", [kind for kind in left if kind not in worse]),
        ("Measured, not shown", [kind for kind in left if kind in worse]),
    ):
        if kinds:
            heads = [theme.word(words_of(kind).head) for kind in kinds]
            notes.append(f"{theme.word(name)}: {joined(heads)}.")
    return " ".join(notes)


def _rows(
    points: Sequence[FrictionPoint],
    folded: Sequence[FrictionPoint],
    y: float,
    panels: _Panels,
    theme: Theme,
) -> tuple[list[Item], float]:
    """Lay the panels beside each other, one row for each touchpoint under the heading of its group."""
    top, right = y + max(_HEAD, head_height(panels.kinds, theme) + 0.08), panels.width - MARGIN
    tops, items, bottom = groups(points, folded, top, right, theme)
    items += [
        Box(x=MARGIN, y=line, width=right - MARGIN, height=ROW, fill=theme.pain_tint, z=TINT)
        for line, point in zip(tops, points, strict=True)
        if point.is_friction
    ]
    lines = dict.fromkeys(round(line, 6) for start in tops for line in (start, start + ROW))
    items += [
        Line(points=((MARGIN, line), (right, line)), colour=theme.rule, width=0.7, z=GRID) for line in lines
    ]
    middles = [line + ROW / 2 for line in tops]
    for point, middle in zip(points, middles, strict=True):
        items += _name(point, middle, panels, theme)
    # axes run beside rows alone, not through the headings between them
    spans = spans_of(tops)
    if panels.parts:
        items += _head("weighted index", panels.index_left, top, panels.index, theme)
        items += index_bars(points, middles, panels.parts, panels.index_left, panels.index, theme)
    if panels.gains:
        items += _head("expected gain in conversion, points", panels.gain_left, top, panels.gain + 1.2, theme)
        axis = Axis.around(_gains_of(points), panels.gain_left, panels.gain).to_round_ends()
        items += _gains(points, middles, axis, spans, theme)
    items += matrix(points, middles, panels.kinds, panels.dots_left, top - 0.06, theme)
    if panels.times:
        items += _head("expected time saved a journey", panels.time_left, top, panels.time + 0.3, theme)
        items += _times(points, middles, panels, spans, theme)
    return items, bottom


def _name(point: FrictionPoint, middle: float, panels: _Panels, theme: Theme) -> list[Item]:
    name = f"◆ {point.name}" if point.is_service else point.name
    colour, mark = (theme.service, "service") if point.is_service else (theme.ink, "")
    room = panels.names - 0.12
    return row_name(name, point.stage_name, MARGIN + 0.08, middle, room, theme, colour=colour, mark=mark)


def _axis(
    axis: Axis, labels: Sequence[tuple[float, str]], spans: Sequence[tuple[float, float]], theme: Theme
) -> Iterable[Item]:
    """Draw the lines of an axis beside each group of rows, with their names below the last alone."""
    for place, span in enumerate(spans):
        last = place == len(spans) - 1
        yield from axis.ticks([(value, text if last else "") for value, text in labels], *span, theme)


def _head(text: str, x: float, top: float, room: float, theme: Theme) -> list[Item]:
    """Name a panel, on two lines where it is narrow."""
    label = caption(text, x, top - 0.06, theme)
    lines = wrap(label.text, room, label.size, "bold", family=theme.family)
    return [replace(label, text="\n".join(lines))]


def _gains_of(points: Sequence[FrictionPoint]) -> list[Estimate]:
    return [point.gain for point in points if point.gain is not None]


def _gains(
    points: Sequence[FrictionPoint],
    middles: Sequence[float],
    axis: Axis,
    spans: Sequence[tuple[float, float]],
    theme: Theme,
) -> Iterable[Item]:
    ticks = [(value, f"{value * 100:g}".replace("-", "−")) for value in round_steps(axis.low, axis.high)]
    yield from _axis(axis, ticks, spans, theme)
    digits = decimals(points)
    for point, middle in zip(points, middles, strict=True):
        if point.gain is None or point.gain.value is None:
            yield Label(
                x=axis.left + axis.width + 0.1, y=middle, text=theme.word(_no_gain(point)),
                size=theme.tick_size, style="italic", colour=theme.muted, va="center",
            )  # fmt: skip
            continue
        mark = "gain at friction" if point.is_friction else "gain elsewhere"
        yield from _bar(point.gain, mark, middle, axis, theme)
        text = _amount(point.gain.value * 100, digits)
        if point.gain_journeys is not None and text != _NONE:
            text += f"  ·  {_amount(point.gain_journeys)} {theme.word('journeys')}"
        yield Label(
            x=axis.left + axis.width + 0.1, y=middle, text=text, size=theme.small_size, va="center",
            weight="bold" if point.is_friction else "normal",
            colour=theme.ink if point.is_friction else theme.muted, z=TEXT,
        )  # fmt: skip


def _no_gain(point: FrictionPoint) -> str:
    """Say why no gain is known; a touchpoint may stand out by a threshold all the same."""
    return "everybody leaves" if point.everybody_leaves else "no peers to compare with"


def _amount(value: float, digits: int | None = None) -> str:
    """Write a gain: none is 0, and what rounds to nothing is less than the smallest number written."""
    if abs(value) < _NOTHING:
        return _NONE
    least = 10.0 ** -(1 if digits is None else digits)
    if abs(value) < least:
        return f"<{least:g}" if value > 0 else f">−{least:g}"
    size = number(abs(value)) if digits is None else f"{abs(value):.{digits}f}"
    return size if value > 0 else f"−{size}"


def _bar(estimate: Estimate, mark: str, middle: float, axis: Axis, theme: Theme) -> Iterable[Item]:
    zero, end = axis.at(0.0), axis.at(estimate.value or 0.0)
    box = Box(x=min(zero, end), y=middle - _BAR / 2, width=max(0.01, abs(end - zero)), height=_BAR, mark=mark)
    yield _filled(box, theme)
    if estimate.low is not None and estimate.high is not None:
        low, high, halo = (
            axis.at(estimate.low),
            axis.at(estimate.high),
            theme.paper if theme.pain_hatch else None,
        )
        yield from interval(low, high, middle, theme, mark="interval", halo=halo)


def _filled(box: Box, theme: Theme) -> Box:
    """Colour a bar by what it stands for."""
    if box.mark.endswith("at friction"):
        return bar(box, theme.pain, theme.pain_hatch, theme)
    return bar(box, theme.link, "", theme)


def _times(
    points: Sequence[FrictionPoint],
    middles: Sequence[float],
    panels: _Panels,
    spans: Sequence[tuple[float, float]],
    theme: Theme,
) -> Iterable[Item]:
    """Draw the time gains on their own scale, each with its amount in words."""
    gains = [point.time_gain for point in points if point.time_gain is not None]
    axis = Axis.around(gains, panels.time_left, panels.time - 0.75)
    yield from _axis(axis, [(0.0, "")], spans, theme)
    for point, middle in zip(points, middles, strict=True):
        gain = point.time_gain
        if gain is None or not gain.value:
            continue
        mark = "time at friction" if _waits_too_long(point) else "time elsewhere"
        yield from _bar(gain, mark, middle, axis, theme)
        end = max(axis.at(gain.value), axis.at(gain.high if gain.high is not None else gain.value))
        yield Label(
            x=end + 0.08, y=middle, text=spoken_time(gain.value), size=theme.small_size, va="center",
            colour=theme.ink, z=TEXT,
        )  # fmt: skip


def _waits_too_long(point: FrictionPoint) -> bool:
    return any(signal.kind == "waiting" and signal.significant for signal in point.signals)


def _legend(
    report: FrictionReport, points: Sequence[FrictionPoint], panels: _Panels, theme: Theme
) -> Iterable[LegendEntry]:
    """Name every mark that the picture may use."""
    yield from index_entries(report.weights, panels.parts, theme)
    for mark, text in (
        ("gain at friction", "expected gain at a point of friction"),
        ("gain elsewhere", "expected gain elsewhere, not clearly friction"),
        ("time at friction", "expected time saved where the wait is friction"),
        ("time elsewhere", "expected time saved where the wait is not clearly friction"),
    ):
        box = _filled(Box(x=0, y=-0.05, width=0.26, height=0.1, mark=mark), theme)
        yield LegendEntry(mark=mark, marks=(box,), text=text, width=0.26)
    yield interval_entry(next((gain.level for gain in _gains_of(points)), 0.95), theme)
    yield from dot_entries(points, panels.kinds, theme)
    yield service_entry(theme)
