"""How are the signals of friction drawn: one dot for each touchpoint and signal?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import sqrt

from journeymap.analysis.friction_point import FrictionPoint, Signal
from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.friction_words import words_of
from journeymap.render.scene import SHAPE, Curve, Item, Label, LegendEntry, Marker
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["column_width", "columns_of", "dot_entries", "head_height", "matrix", "worse_anywhere"]

_DOT_LEAST, _DOT_MOST = 6.0, 15.0
_RING = 8.0
_MOST_COLUMNS = 10
_USUAL = ("drop_off", "self_loop", "repetition", "regression", "waiting")
_FEW, _WIDE, _NARROW = 6, 0.82, 0.6
_BESIDE_HEAD, _HEAD_LINE = 0.07, 1.15


def columns_of(report: FrictionReport, asked: Sequence[str] | None = None) -> tuple[str, ...]:
    """Which signals have a column?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.
    asked : sequence of str, optional
        Signals that shall have one, whether or not they were measured. When left out those measured anywhere;
        of more than ten the five usual ones and those that are worse somewhere.

    Returns
    -------
    tuple of str
        In the order of `SignalKind`, own signals last.
    """
    if asked is not None:
        return tuple(dict.fromkeys(asked))
    if len(report.measured) <= _MOST_COLUMNS:
        return report.measured
    worse = worse_anywhere(report)
    return tuple(kind for kind in report.measured if kind in worse or kind in _USUAL)


def worse_anywhere(report: FrictionReport) -> frozenset[str]:
    """Which signals are worse than their baseline at any touchpoint?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.

    Returns
    -------
    frozenset of str
        Their names.
    """
    return frozenset(s.kind for point in report.points for s in point.signals if s.significant)


def column_width(kinds: Sequence[str], theme: Theme) -> float:
    """How wide is the column of a signal?

    Parameters
    ----------
    kinds : sequence of str
        The signals that have one.
    theme : Theme
        Sizes and words.

    Returns
    -------
    float
        Inches; wide enough for the longest word of a head.
    """
    words = [word for kind in kinds for word in _head(kind, theme).split()]
    size = _head_size(kinds, theme)
    widest = max((text_width(word, size, "bold", family=theme.family) for word in words), default=0.0)
    usual = max(0.74, _WIDE / theme.scale) if len(kinds) <= _FEW else _NARROW
    return max(usual, min(widest, 1.2) + _BESIDE_HEAD)


def _head(kind: str, theme: Theme) -> str:
    return theme.word(words_of(kind).head)


def _head_size(kinds: Sequence[str], theme: Theme) -> float:
    return theme.small_size if len(kinds) <= _FEW else theme.tick_size


def head_height(kinds: Sequence[str], theme: Theme) -> float:
    """How high are the heads of the columns?

    Parameters
    ----------
    kinds : sequence of str
        The signals that have one.
    theme : Theme
        Sizes and words.

    Returns
    -------
    float
        Inches; of the longest.
    """
    size, wide = _head_size(kinds, theme), column_width(kinds, theme)
    lines = max((len(_head_lines(kind, wide, size, theme)) for kind in kinds), default=1)
    return lines * line_height(size, _HEAD_LINE)


def _head_lines(kind: str, wide: float, size: float, theme: Theme) -> tuple[str, ...]:
    return wrap(_head(kind, theme), wide - 0.02, size, "bold", family=theme.family)


def matrix(
    points: Sequence[FrictionPoint],
    middles: Sequence[float],
    kinds: Sequence[str],
    left: float,
    head: float,
    theme: Theme,
) -> Iterable[Item]:
    """Which dots stand where: filled where a signal is worse than its peers, hollow where not, else a dash?

    A dot with a dotted rim was measured and could not be judged: no worse than its peers is only what has
    peers.

    Parameters
    ----------
    points : sequence of FrictionPoint
        The rows.
    middles : sequence of float
        The middle of each row, in inches.
    kinds : sequence of str
        The columns.
    left, head : float
        The left end of the first column, and the lower edge of the heads.
    theme : Theme
        Sizes, colours and words.

    Yields
    ------
    Item
        Heads, dots and the amounts of what is worse.
    """
    wide, size = column_width(kinds, theme), _head_size(kinds, theme)
    largest = _largest(points)
    for column, kind in enumerate(kinds):
        x = left + wide * (column + 0.5)
        yield Label(
            x=x, y=head, text="\n".join(_head_lines(kind, wide, size, theme)), size=size, weight="bold",
            colour=theme.muted, ha="center", va="bottom", line_height=_HEAD_LINE,
        )  # fmt: skip
        for point, middle in zip(points, middles, strict=True):
            signal = next((s for s in point.signals if s.kind == kind), None)
            if signal is None or signal.estimate.value is None:
                yield Label(
                    x=x, y=middle, text="–", size=theme.small_size, colour=theme.muted, ha="center",
                    va="center", mark="not measured",
                )  # fmt: skip
                continue
            yield from _dot(signal, x, middle, largest.get(_scale(kind), 0.0), theme)


def _scale(kind: str) -> str:
    """Name what can be compared: shares with each other; a time too long by half is something else."""
    unit = words_of(kind).unit
    return "share" if unit == "effort" else unit


def _largest(points: Sequence[FrictionPoint]) -> dict[str, float]:
    largest: dict[str, float] = {}
    for point in points:
        for signal in point.signals:
            if signal.significant:
                scale = _scale(signal.kind)
                largest[scale] = max(largest.get(scale, 0.0), signal.excess or 0.0)
    return largest


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
    if signal.unjudged:
        return signal.unjudged
    if signal.baseline is None:
        return "no peers to compare with"
    return "too few visits to judge" if signal.p is None else ""


def _brief(signal: Signal) -> str:
    text = signal.say(signal.estimate.value)
    for long, short in ((" minutes", " min"), (" minute", " min"), (" seconds", " s"), (" second", " s")):
        text = text.replace(long, short)
    return text


def dot_entries(points: Sequence[FrictionPoint], kinds: Sequence[str], theme: Theme) -> Iterable[LegendEntry]:
    """What does the legend say of the dots?

    Parameters
    ----------
    points : sequence of FrictionPoint
        The rows.
    kinds : sequence of str
        The columns.
    theme : Theme
        Sizes, colours and words.

    Yields
    ------
    LegendEntry
        One for each kind of dot.
    """
    worse = tuple(
        Marker(x=x, y=0, size=size, fill=theme.pain, edge=theme.pain, line_width=1.1)
        for x, size in ((0.05, _DOT_LEAST), (0.22, 13.0))
    )
    text = "worse than its peers or threshold, after correction (larger: more so)"
    yield LegendEntry(mark="worse", marks=worse, text=text, width=0.31)
    measured = Marker(x=0.05, y=0, size=_DOT_LEAST, fill=theme.paper, edge=theme.link, line_width=1.1)
    yield LegendEntry(mark="measured", marks=(measured,), text="measured, not clearly worse", width=0.1)
    yield _unjudged_entry(points, kinds, theme)
    dash = Label(x=0.05, y=0, text="–", size=theme.small_size, colour=theme.muted, va="center")
    yield LegendEntry(mark="not measured", marks=(dash,), text="cannot be measured here", width=0.12)


def _unjudged_entry(points: Sequence[FrictionPoint], kinds: Sequence[str], theme: Theme) -> LegendEntry:
    """Name the dots with a dotted rim, for the reasons that there are."""
    shown = [signal for point in points for signal in point.signals if signal.kind in kinds]
    reasons = sorted({_unjudged(signal) for signal in shown} - {""})
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
