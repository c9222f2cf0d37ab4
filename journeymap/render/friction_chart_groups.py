"""Which touchpoints does the picture of friction show, in which groups, and what does it say of the rest?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.analysis.friction_report import FrictionPoint
from journeymap.analysis.wording import plural
from journeymap.render.chart_parts import MARGIN, paragraph
from journeymap.render.scene import Item, Label
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["ROW", "chosen", "decimals", "folded_words", "groups", "spans_of"]

ROW = 0.5
_HEADING = 0.3
_TICKS = 0.16  # the names of ticks, right below the last row
_INDENT = 0.08
_MANY = 12  # from more touchpoints than this, those without a gain that can be written are one line
_LARGE = 0.01  # where no gain comes near to a point, a second decimal is written
_NEAR = 1e-6


def decimals(points: Sequence[FrictionPoint]) -> int:
    """With how many decimals are gains written, in points of conversion?

    Parameters
    ----------
    points : sequence of FrictionPoint
        With or without gains.

    Returns
    -------
    int
        1; 2 where no gain or interval reaches a whole point.
    """
    gains = [point.gain for point in points if point.gain is not None]
    ends = [end for gain in gains for end in (gain.value, gain.low, gain.high) if end is not None]
    return 1 if max(map(abs, ends), default=_LARGE) >= _LARGE else 2


def chosen(
    points: Sequence[FrictionPoint], top: int
) -> tuple[tuple[FrictionPoint, ...], tuple[FrictionPoint, ...]]:
    """Which touchpoints have a row, and which are said in a line together?

    Parameters
    ----------
    points : sequence of FrictionPoint
        All of the report, in its order.
    top : int
        How many rows there are; every point of friction has one, also where there are more.

    Returns
    -------
    tuple of FrictionPoint
        With a row: points of friction, then the others. Of many touchpoints only those others have one
        whose gain can be written.
    tuple of FrictionPoint
        Without a row; never a point of friction.
    """
    found = tuple(point for point in points if point.is_friction)
    rest = tuple(point for point in points if not point.is_friction)
    least = _least(decimals(points))
    told = tuple(point for point in rest if _tells(point, least)) if len(points) > _MANY else rest
    if not found and not told:  # nothing but a line about all of them would show nothing
        told = rest
    kept = told[: max(0, top - len(found))]
    return (*found, *kept), tuple(point for point in rest if point not in kept)


def _least(digits: int) -> float:
    """Give the smallest gain that can be written, as a share."""
    return 10.0 ** -(2 + digits)


def _tells(point: FrictionPoint, least: float) -> bool:
    """Say whether a row has a gain or a loss that can be written, or surely saves time."""
    saves = point.time_gain is not None and (point.time_gain.low or 0.0) > 0
    return saves or (point.gain is not None and abs(point.gain.value or 0.0) >= least)


def groups(
    points: Sequence[FrictionPoint],
    folded: Sequence[FrictionPoint],
    y: float,
    right: float,
    theme: Theme,
) -> tuple[list[float], list[Item], float]:
    """Where do the rows stand, the headings above them, and the line about those without a row?

    Parameters
    ----------
    points, folded : sequence of FrictionPoint
        With a row, friction first, and without one.
    y, right : float
        The top, and the right end of the rows, in inches.
    theme : Theme
        Sizes, colours and words.

    Returns
    -------
    list of float
        The top of each row.
    list of Item
        Headings and the line.
    float
        The y below.
    """
    found = sum(point.is_friction for point in points)
    room = right - MARGIN - 2 * _INDENT
    items: list[Item] = []
    tops: list[float] = []
    for friction, rows, count in (
        (True, found, found),
        (False, len(points) - found, len(points) - found + len(folded)),
    ):
        if not count:
            continue
        y += 0.0 if rows else _TICKS
        items += _heading(count, room, y, theme, friction=friction)
        y += _HEADING
        tops += [y + ROW * place for place in range(rows)]
        y += ROW * rows
    if folded:
        y += _TICKS + 0.05 if len(points) > found else 0.02
        size = theme.small_size
        said, high = paragraph(
            folded_words(folded, theme, digits=decimals((*points, *folded)), more=len(points) > found),
            MARGIN + _INDENT,
            y,
            room,
            theme,
            size=size,
            colour=theme.muted,
        )
        items += said
        y += high - 0.12
    return tops, items, y


def _heading(count: int, room: float, y: float, theme: Theme, *, friction: bool) -> list[Item]:
    """Name a group of rows, say what makes it one, and in which order its rows stand."""
    name, why = (
        (
            "Points of friction",
            "worse than their peers or a threshold in at least one signal, whatever conversion would gain",
        )
        if friction
        else ("Not clearly friction", "no signal is clearly worse than their peers or a threshold")
    )
    text = f"{theme.word(name)} ({count})"
    wide = text_width(text, theme.small_size, "bold", family=theme.family) + 0.12
    x, middle = MARGIN + _INDENT, y + _HEADING - 0.11
    colour = theme.loss_text if friction else theme.ink
    items: list[Item] = [
        Label(x=x, y=middle, text=text, size=theme.small_size, weight="bold", va="center", colour=colour)
    ]
    size = theme.tick_size
    lines = wrap(theme.word(why), room - wide, size, max_lines=1, family=theme.family)
    items += [
        Label(x=x + wide, y=middle, text=line, size=size, va="center", colour=theme.muted) for line in lines
    ]
    return items


def folded_words(folded: Sequence[FrictionPoint], theme: Theme, *, digits: int = 1, more: bool = True) -> str:
    """What is said of the touchpoints without a row?

    Parameters
    ----------
    folded : sequence of FrictionPoint
        None of them is friction.
    theme : Theme
        The words on figures.
    digits : int
        With how many decimals gains are written.
    more : bool
        Whether others of their kind have a row.

    Returns
    -------
    str
        How many, how much the best of them would gain, and how many could not be compared.
    """
    gains = [point.gain.value for point in folded if point.gain is not None and point.gain.value is not None]
    counted = plural(len(folded), "more touchpoint" if more else "touchpoint")
    said = [f"{theme.word('and')} {counted}" if more else counted]
    if gains and max(gains) < _least(digits):
        text = theme.word("expected gains below {least} points")
        said.append(text.format(least=f"{100 * _least(digits):g}"))
    elif gains:
        text = theme.word("expected gains up to {most} points")
        said.append(text.format(most=f"{100 * max(gains):.{digits}f}"))
    if any(point.time_gain is not None and point.time_gain.value for point in folded):
        said.append(theme.word("time saved that may be chance"))
    without = [point for point in folded if point.gain is None or point.gain.value is None]
    if alone := sum(all(signal.baseline is None for signal in point.signals) for point in without):
        said.append(theme.word("{n} without peers to compare with").format(n=alone))
    return ": ".join(filter(None, (said[0], "; ".join(said[1:]))))


def spans_of(tops: Sequence[float]) -> list[tuple[float, float]]:
    """From where to where do rows follow each other without a heading between them?

    Parameters
    ----------
    tops : sequence of float
        The top of each row, in inches.

    Returns
    -------
    list of (float, float)
        Top and bottom of each group of rows.

    Examples
    --------
    >>> spans_of([0.0, 0.5, 2.0])
    [(0.0, 1.0), (2.0, 2.5)]
    """
    spans: list[tuple[float, float]] = []
    for top in tops:
        if spans and abs(spans[-1][1] - top) < _NEAR:
            spans[-1] = spans[-1][0], top + ROW
        else:
            spans.append((top, top + ROW))
    return spans
