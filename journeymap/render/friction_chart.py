"""Where do customers struggle, how sure is it, and what would it be worth: the ranking as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import get_args

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal, SignalKind
from journeymap.analysis.wording import number, percent, plural, spoken_time
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import (
    MARGIN,
    Axis,
    caption,
    filtered,
    heading,
    interval,
    paragraph,
    round_steps,
    row_name,
)
from journeymap.render.describe import describe
from journeymap.render.legend import lay_legend
from journeymap.render.scene import (
    GRID,
    SHAPE,
    TEXT,
    TINT,
    Box,
    Item,
    Label,
    LegendEntry,
    Line,
    Marker,
    Scene,
)
from journeymap.render.text import text_width
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["friction_scene"]

_KINDS: tuple[SignalKind, ...] = get_args(SignalKind)
_HEADS = {
    "drop_off": "drop-off", "self_loop": "self-loop", "repetition": "repetition",
    "regression": "regression", "waiting": "waiting",
}  # fmt: skip
_ROW, _NAMES, _GAIN, _GAIN_TEXT, _SIGNAL, _TIME, _GAP = 0.50, 2.35, 2.7, 1.35, 0.82, 1.7, 0.3
_BAR = 0.2
_HEAD, _SENTENCE = 0.3, 7.2
_DOT_LEAST, _DOT_MOST = 6.0, 15.0
_NONE, _NOTHING = "0", 1e-9


def friction_scene(report: FrictionReport, *, top: int = 10, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of a friction report?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.
    top : int
        How many touchpoints are shown.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        One row for each touchpoint, in the order of the report; a sentence for an empty report.
    """
    points = report.points[: max(0, top)]
    times = [point for point in points if _value(point.time_gain)]
    width = 2 * MARGIN + _NAMES + _SIGNAL * len(_KINDS)
    width += _GAIN + _GAIN_TEXT + _GAP if _gains_of(points) else 0.2
    width += _GAP + _TIME + 0.2 if times else 0.0
    width = width if points else _SENTENCE
    items, y = heading(report.journey, _facts(report, points, theme), width, theme)
    said, high = paragraph(
        _finding(report), MARGIN, y + 0.12, width - 2 * MARGIN, theme, size=theme.stage_size
    )
    items += said
    y += 0.12 + high + 0.2
    if points:
        items += _rows(points, y, width, theme, times=bool(times))
        y += _HEAD + _ROW * len(points) + 0.3
    notes, high = paragraph(
        _notes(report, points, theme), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    items += notes
    y += high + 0.08
    legend, high = lay_legend(_legend(points, theme), MARGIN, y, width - 2 * MARGIN, theme)
    return Scene(
        width=width,
        height=y + high + 0.2,
        items=(*items, *legend),
        title=f"{report.journey}: {theme.word('points of friction')}",
        description=describe(report),
    )


def _value(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None or estimate.value is None else estimate.value


def _facts(report: FrictionReport, points: Sequence[FrictionPoint], theme: Theme) -> list[str]:
    facts = [theme.word("Points of friction")]
    if report.customers:
        journeys = f"{report.journeys:,} {theme.word('journeys')}"
        facts.append(f"n = {journeys}, {report.customers:,} {theme.word('customers')}")
    facts += filtered(report.filters, theme)
    facts.append(f"{theme.word('false discovery rate held at')} {percent(report.level)}")
    if len(points) < len(report.points):
        shown = theme.word("{n} of {all} touchpoints shown")
        facts.append(shown.format(n=len(points), all=len(report.points)))
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
    points: Sequence[FrictionPoint], y: float, width: float, theme: Theme, *, times: bool
) -> list[Item]:
    """Lay the panels beside each other, one row for each touchpoint."""
    gain_left = MARGIN + _NAMES + 0.1
    gains = bool(_gains_of(points))
    dots_left = gain_left + (_GAIN + _GAIN_TEXT + _GAP if gains else 0.0)
    time_left = dots_left + _SIGNAL * len(_KINDS) + _GAP
    top, bottom = y + _HEAD, y + _HEAD + _ROW * len(points)
    items: list[Item] = [
        Box(
            x=MARGIN,
            y=top + _ROW * place,
            width=width - 2 * MARGIN,
            height=_ROW,
            fill=theme.pain_tint,
            z=TINT,
        )
        for place, point in enumerate(points)
        if point.is_friction
    ]
    items += [
        Line(points=((MARGIN, line), (width - MARGIN, line)), colour=theme.rule, width=0.7, z=GRID)
        for line in (top + _ROW * place for place in range(len(points) + 1))
    ]
    for place, point in enumerate(points):
        name = f"◆ {point.name}" if point.is_service else point.name
        colour = theme.service if point.is_service else theme.ink
        middle = top + _ROW * (place + 0.5)
        items += row_name(name, point.stage_name, MARGIN + 0.08, middle, _NAMES - 0.12, theme, colour=colour)
    middles = [top + _ROW * (place + 0.5) for place in range(len(points))]
    if gains:
        items.append(caption("expected gain in conversion, points", gain_left, top - 0.06, theme))
        axis = Axis.around(_gains_of(points), gain_left, _GAIN).to_round_ends()
        items += _gains(points, middles, axis, (top, bottom), theme)
    items += _matrix(points, middles, dots_left, top - 0.06, theme)
    if times:
        items.append(caption("expected time saved a journey", time_left, top - 0.06, theme))
        items += _times(points, middles, time_left, (top, bottom), theme)
    return items


def _gains_of(points: Sequence[FrictionPoint]) -> list[Estimate]:
    return [point.gain for point in points if point.gain is not None]


def _gains(
    points: Sequence[FrictionPoint],
    middles: Sequence[float],
    axis: Axis,
    ends: tuple[float, float],
    theme: Theme,
) -> Iterable[Item]:
    ticks = [(value, f"{value * 100:g}".replace("-", "−")) for value in round_steps(axis.low, axis.high)]
    yield from axis.ticks(ticks, *ends, theme)
    for point, middle in zip(points, middles, strict=True):
        if point.gain is None or point.gain.value is None:
            yield Label(
                x=axis.left + axis.width + 0.1, y=middle, text=theme.word("no peers to compare with"),
                size=theme.tick_size, style="italic", colour=theme.muted, va="center",
            )  # fmt: skip
            continue
        yield from _bar(point.gain, theme.pain if point.is_friction else theme.link, middle, axis, theme)
        text = _amount(point.gain.value * 100, 1 if max(-axis.low, axis.high) >= 0.01 else 2)
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


def _bar(estimate: Estimate, fill: str, middle: float, axis: Axis, theme: Theme) -> Iterable[Item]:
    zero, end = axis.at(0.0), axis.at(estimate.value or 0.0)
    yield Box(
        x=min(zero, end), y=middle - _BAR / 2, width=max(0.01, abs(end - zero)), height=_BAR,
        fill=fill, z=SHAPE,
    )  # fmt: skip
    if estimate.low is not None and estimate.high is not None:
        yield from interval(axis.at(estimate.low), axis.at(estimate.high), middle, theme)


def _matrix(
    points: Sequence[FrictionPoint], middles: Sequence[float], left: float, head: float, theme: Theme
) -> Iterable[Item]:
    """Draw a dot where a signal was measured, filled where it is worse than its peers, else a dash."""
    # Shares can be compared with each other; a wait that is too long by half is something else.
    largest = {
        waits: max(
            (s.excess or 0.0 for point in points for s in point.signals if (s.kind == "waiting") is waits),
            default=0.0,
        )
        for waits in (False, True)
    }
    for column, kind in enumerate(_KINDS):
        x = left + _SIGNAL * (column + 0.5)
        yield caption(_HEADS[kind], x, head, theme, centred=True)
        found = [next((s for s in point.signals if s.kind == kind), None) for point in points]
        most = largest[kind == "waiting"]
        for signal, middle in zip(found, middles, strict=True):
            if signal is None or signal.estimate.value is None:
                yield Label(
                    x=x, y=middle, text="–", size=theme.small_size, colour=theme.muted, ha="center",
                    va="center",
                )  # fmt: skip
                continue
            yield from _dot(signal, x, middle, most, theme)


def _dot(signal: Signal, x: float, middle: float, most: float, theme: Theme) -> Iterable[Item]:
    part = sqrt(max(0.0, signal.excess or 0.0) / most) if most > 0 else 0.0
    size = _DOT_LEAST + (_DOT_MOST - _DOT_LEAST) * part
    raised = middle - (0.075 if signal.significant else 0.0)
    yield Marker(
        x=x, y=raised, size=size, fill=theme.pain if signal.significant else theme.paper,
        edge=theme.pain if signal.significant else theme.link, line_width=1.1,
    )  # fmt: skip
    if signal.significant:
        yield Label(
            x=x, y=middle + 0.06, text=_brief(signal), size=theme.tick_size, weight="bold", colour=theme.ink,
            ha="center",
        )  # fmt: skip


def _brief(signal: Signal) -> str:
    text = signal.say(signal.estimate.value)
    for long, short in ((" minutes", " min"), (" minute", " min"), (" seconds", " s"), (" second", " s")):
        text = text.replace(long, short)
    return text


def _times(
    points: Sequence[FrictionPoint],
    middles: Sequence[float],
    left: float,
    ends: tuple[float, float],
    theme: Theme,
) -> Iterable[Item]:
    """Draw the time gains on their own scale, each with its amount in words."""
    gains = [point.time_gain for point in points if point.time_gain is not None]
    axis = Axis.around(gains, left, _TIME - 0.75)
    yield from axis.ticks([(0.0, "")], *ends, theme)
    for point, middle in zip(points, middles, strict=True):
        gain = point.time_gain
        if gain is None or not gain.value:
            continue
        fill = theme.pain if _waits_too_long(point) else theme.link
        yield from _bar(gain, fill, middle, axis, theme)
        end = max(axis.at(gain.value), axis.at(gain.high if gain.high is not None else gain.value))
        yield Label(
            x=end + 0.08, y=middle, text=spoken_time(gain.value), size=theme.small_size, va="center",
            colour=theme.ink, z=TEXT,
        )  # fmt: skip


def _waits_too_long(point: FrictionPoint) -> bool:
    return any(signal.kind == "waiting" and signal.significant for signal in point.signals)


def _bar_legend(points: Sequence[FrictionPoint], theme: Theme) -> Iterable[LegendEntry]:
    gains = [point.is_friction for point in points if point.gain is not None]
    times = [_waits_too_long(point) for point in points if _value(point.time_gain)]
    for found, worse, text in (
        (gains, True, "expected gain at a point of friction"),
        (gains, False, "expected gain elsewhere, not clearly friction"),
        (times, True, "expected time saved where the wait is friction"),
        (times, False, "expected time saved elsewhere"),
    ):
        if worse in found:
            bar = Box(x=0, y=-0.05, width=0.26, height=0.1, fill=theme.pain if worse else theme.link)
            yield LegendEntry(marks=(bar,), text=text, width=0.26)


def _legend(points: Sequence[FrictionPoint], theme: Theme) -> Iterable[LegendEntry]:
    signals = [signal for point in points for signal in point.signals]
    gains = _gains_of(points)
    yield from _bar_legend(points, theme)
    if any(gain.low is not None for gain in gains):
        level = f"{gains[0].level * 100:g} %"
        yield LegendEntry(
            marks=tuple(interval(0.0, 0.26, 0.0, theme)), text=f"{level} {theme.word('interval')}", width=0.26
        )
    if any(signal.significant for signal in signals):
        mark = Marker(x=0.08, y=0, size=10, fill=theme.pain, edge=theme.pain)
        yield LegendEntry(marks=(mark,), text="worse than its peers, after correction")
    if any(not signal.significant and signal.estimate.value is not None for signal in signals):
        mark = Marker(x=0.08, y=0, size=8, fill=theme.paper, edge=theme.link, line_width=1.1)
        yield LegendEntry(marks=(mark,), text="measured, not worse by more than chance and enough to matter")
    if any((signal.excess or 0.0) > 0 for signal in signals):
        marks = tuple(
            Marker(x=x, y=0, size=size, fill=theme.paper, edge=theme.link, line_width=1.1)
            for x, size in ((0.05, _DOT_LEAST), (0.25, _DOT_MOST))
        )
        yield LegendEntry(marks=marks, text="size: excess over its peers", width=0.35)
    if points and len(signals) < len(points) * len(_KINDS):
        dash = Label(x=0.05, y=0, text="–", size=theme.small_size, colour=theme.muted, va="center")
        yield LegendEntry(marks=(dash,), text="cannot be measured here", width=0.12)
    if any(point.is_service for point in points):
        diamond = Label(
            x=0, y=0, text="◆", size=theme.small_size, weight="bold", colour=theme.service, va="center"
        )
        wide = text_width("◆", theme.small_size, "bold", family=theme.family)
        yield LegendEntry(marks=(diamond,), text="service interaction", width=wide)
