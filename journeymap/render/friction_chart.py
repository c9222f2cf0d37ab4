"""Where do customers struggle, how sure is it, and what would it be worth: the ranking as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from typing import get_args

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal, SignalKind
from journeymap.analysis.wording import number, percent, plural, spoken_time
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
from journeymap.render.friction_chart_groups import ROW, chosen, decimals, groups, spans_of
from journeymap.render.friction_chart_words import describe_friction
from journeymap.render.legend import with_legend
from journeymap.render.scene import (
    GRID,
    SHAPE,
    TEXT,
    TINT,
    Box,
    Curve,
    Item,
    Label,
    LegendEntry,
    Line,
    Marker,
    Scene,
)
from journeymap.render.text import wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["friction_scene"]

_KINDS: tuple[SignalKind, ...] = get_args(SignalKind)
_HEADS = {
    "drop_off": "drop-off", "self_loop": "self-loop", "repetition": "repetition",
    "regression": "regression", "waiting": "waiting",
}  # fmt: skip
_BAR = 0.2
_HEAD, _SENTENCE = 0.3, 7.2
_DOT_LEAST, _DOT_MOST = 6.0, 15.0
_RING = 8.0
_NONE, _NOTHING = "0", 1e-9


@dataclass(frozen=True, kw_only=True)
class _Panels:
    """Where names, gains, signals and times stand, in inches; large type makes them narrower."""

    names: float
    gain: float
    gain_text: float
    signal: float
    time: float
    gap: float
    gains: bool
    times: bool

    @classmethod
    def of(cls, points: Sequence[FrictionPoint], theme: Theme) -> _Panels:
        part = 1 / theme.scale
        return cls(
            names=max(1.8, 2.35 * part),
            gain=max(1.3, 2.7 * part),
            gain_text=1.35,
            signal=max(0.74, 0.82 * part),
            time=max(1.4, 1.7 * part),
            gap=max(0.2, 0.3 * part),
            gains=bool(_gains_of(points)),
            times=any(_value(point.time_gain) for point in points),
        )

    @property
    def gain_left(self) -> float:
        return MARGIN + self.names + 0.1

    @property
    def dots_left(self) -> float:
        return self.gain_left + (self.gain + self.gain_text + self.gap if self.gains else 0.0)

    @property
    def time_left(self) -> float:
        return self.dots_left + self.signal * len(_KINDS) + self.gap

    @property
    def width(self) -> float:
        right = self.time_left + self.time if self.times else self.time_left - self.gap
        return right + 0.1 + MARGIN


def friction_scene(report: FrictionReport, *, top: int = 10, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of a friction report?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.
    top : int
        How many touchpoints are shown; every point of friction is, also where there are more.
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
    panels = _Panels.of(points, theme)
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
        _notes(report, points, theme), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    items += notes
    return with_legend(
        items, _legend(points, theme), y=y + high + 0.08, width=width, theme=theme,
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
    if not report.friction:
        return (
            f"No touchpoint is clearly worse than its peers, judged by {plural(report.journeys, 'journey')}."
        )
    return report.friction[0].why()


def _notes(report: FrictionReport, points: Sequence[FrictionPoint], theme: Theme) -> str:
    notes = []
    if any(point.gain is not None for point in points):
        text = "Expected gain: conversion if the exits of a touchpoint fell to those of its peers"
        notes.append(f"{theme.word(text)}, {theme.word('if the association is causal')}.")
    for kind, why in report.not_measured.items():
        name = theme.word(_HEADS.get(kind, kind.replace("_", " ")))
        notes.append(f"{theme.word('Not measured')}: {name} ({why}).")
    return " ".join(notes)


def _rows(
    points: Sequence[FrictionPoint],
    folded: Sequence[FrictionPoint],
    y: float,
    panels: _Panels,
    theme: Theme,
) -> tuple[list[Item], float]:
    """Lay the panels beside each other, one row for each touchpoint under the heading of its group."""
    top, right = y + _HEAD, panels.width - MARGIN
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
    if panels.gains:
        items += _head("expected gain in conversion, points", panels.gain_left, top, panels.gain + 1.2, theme)
        axis = Axis.around(_gains_of(points), panels.gain_left, panels.gain).to_round_ends()
        items += _gains(points, middles, axis, spans, theme)
    items += _matrix(points, middles, panels, top - 0.06, theme)
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
                x=axis.left + axis.width + 0.1, y=middle, text=theme.word("no peers to compare with"),
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


def _matrix(
    points: Sequence[FrictionPoint], middles: Sequence[float], panels: _Panels, head: float, theme: Theme
) -> Iterable[Item]:
    """Draw a dot where a signal was measured, filled where it is worse than its peers, else a dash.

    A dot with a dotted rim was measured and could not be judged: no worse than its peers is only what has
    peers.
    """
    # Shares can be compared with each other; a wait that is too long by half is something else.
    largest = {
        waits: max(
            (
                s.excess or 0.0
                for point in points
                for s in point.signals
                if s.significant and (s.kind == "waiting") is waits
            ),
            default=0.0,
        )
        for waits in (False, True)
    }
    for column, kind in enumerate(_KINDS):
        x = panels.dots_left + panels.signal * (column + 0.5)
        yield caption(_HEADS[kind], x, head, theme, centred=True)
        found = [next((s for s in point.signals if s.kind == kind), None) for point in points]
        most = largest[kind == "waiting"]
        for signal, middle in zip(found, middles, strict=True):
            if signal is None or signal.estimate.value is None:
                yield Label(
                    x=x, y=middle, text="–", size=theme.small_size, colour=theme.muted, ha="center",
                    va="center", mark="not measured",
                )  # fmt: skip
                continue
            yield from _dot(signal, x, middle, most, theme)


def _dot(signal: Signal, x: float, middle: float, most: float, theme: Theme) -> Iterable[Item]:
    part = sqrt(max(0.0, signal.excess or 0.0) / most) if most > 0 else 0.0
    # only what is worse has a size to compare; a large hollow dot would call for attention it does not merit
    size = _DOT_LEAST + (_DOT_MOST - _DOT_LEAST) * part if signal.significant else _DOT_LEAST
    raised = middle - (0.075 if signal.significant else 0.0)
    if _unjudged(signal):
        yield _ring(x, middle, max(size, _RING), theme, mark="not judged")
        return
    yield Marker(
        x=x, y=raised, size=size, fill=theme.pain if signal.significant else theme.paper,
        edge=theme.pain if signal.significant else theme.link, line_width=1.1,
        mark="worse" if signal.significant else "measured",
    )  # fmt: skip
    if signal.significant:
        yield Label(
            x=x, y=middle + 0.06, text=_brief(signal), size=theme.tick_size, weight="bold", colour=theme.ink,
            ha="center",
        )  # fmt: skip


def _unjudged(signal: Signal) -> str:
    """Say why a signal that was measured could not be compared; empty where it could."""
    if signal.significant or signal.estimate.value is None:
        return ""
    if signal.baseline is None:
        return "no peers to compare with"
    return "too few visits to judge" if signal.p is None else ""


def _brief(signal: Signal) -> str:
    text = signal.say(signal.estimate.value)
    for long, short in ((" minutes", " min"), (" minute", " min"), (" seconds", " s"), (" second", " s")):
        text = text.replace(long, short)
    return text


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


def _legend(points: Sequence[FrictionPoint], theme: Theme) -> Iterable[LegendEntry]:
    """Name every mark that the picture may use."""
    for mark, text in (
        ("gain at friction", "expected gain at a point of friction"),
        ("gain elsewhere", "expected gain elsewhere, not clearly friction"),
        ("time at friction", "expected time saved where the wait is friction"),
        ("time elsewhere", "expected time saved where the wait is not clearly friction"),
    ):
        box = _filled(Box(x=0, y=-0.05, width=0.26, height=0.1, mark=mark), theme)
        yield LegendEntry(mark=mark, marks=(box,), text=text, width=0.26)
    yield interval_entry(next((gain.level for gain in _gains_of(points)), 0.95), theme)
    worse = tuple(
        Marker(x=x, y=0, size=size, fill=theme.pain, edge=theme.pain, line_width=1.1)
        for x, size in ((0.05, _DOT_LEAST), (0.22, 13.0))
    )
    text = "worse than its peers, after correction (larger: more so)"
    yield LegendEntry(mark="worse", marks=worse, text=text, width=0.31)
    measured = Marker(x=0.05, y=0, size=_DOT_LEAST, fill=theme.paper, edge=theme.link, line_width=1.1)
    yield LegendEntry(mark="measured", marks=(measured,), text="measured, not clearly worse", width=0.1)
    yield _unjudged_entry(points, theme)
    dash = Label(x=0.05, y=0, text="–", size=theme.small_size, colour=theme.muted, va="center")
    yield LegendEntry(mark="not measured", marks=(dash,), text="cannot be measured here", width=0.12)
    yield service_entry(theme)


def _unjudged_entry(points: Sequence[FrictionPoint], theme: Theme) -> LegendEntry:
    """Name the dots with a dotted rim, for the reasons that there are."""
    reasons = sorted({_unjudged(signal) for point in points for signal in point.signals} - {""})
    either = f" {theme.word('or')} "
    text = f"{theme.word('measured')}, {either.join(theme.word(why) for why in reasons)}"
    ring = _ring(0.06, 0.0, _RING, theme, mark="not judged")
    return LegendEntry(mark="not judged", marks=(ring,), text=text, width=0.13)


def _ring(x: float, y: float, size: float, theme: Theme, *, mark: str) -> Curve:
    """Draw a circle with a dotted rim, of four pieces."""
    radius = size / 144
    near = radius * 0.5523  # the control points with which a Bézier piece comes closest to a quarter circle
    right, down, left, up = (1, 0), (0, 1), (-1, 0), (0, -1)
    points = [(x + radius, y)]
    for (ax, ay), (bx, by) in pairwise((right, down, left, up, right)):
        points += [
            (x + ax * radius + bx * near, y + ay * radius + by * near),
            (x + bx * radius + ax * near, y + by * radius + ay * near),
            (x + bx * radius, y + by * radius),
        ]
    return Curve(
        points=tuple(points),
        colour=theme.link,
        width=1.1,
        dash="dotted",
        fill=theme.paper,
        z=SHAPE,
        mark=mark,
    )
