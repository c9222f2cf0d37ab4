"""How long do journeys stay at each stage: where do the strips stand on an axis that words can name?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

from journeymap.analysis.wording import spoken_time
from journeymap.metrics.funnel import StageStep
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import Axis
from journeymap.render.scene import SHAPE, Box, Item, Label, LegendEntry, Line
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["time_axis", "time_entries", "time_items"]

_DAY = 86_400.0
_TICKS = (
    (1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min"), (600.0, "10 min"), (3_600.0, "1 h"), (21_600.0, "6 h"),
    (_DAY, "1 day"), (7 * _DAY, "1 week"), (30 * _DAY, "1 month"), (91 * _DAY, "3 months"),
    (365 * _DAY, "1 year"), (5 * 365 * _DAY, "5 years"), (20 * 365 * _DAY, "20 years"),
)  # fmt: skip
_STRIP = 0.2


def time_axis(steps: Sequence[StageStep], left: float, width: float) -> Axis:
    """On which axis do the times of these stages stand?

    Parameters
    ----------
    steps : sequence of StageStep
        Those with a time, at least one.
    left, width : float
        Where it lies, in inches.

    Returns
    -------
    Axis
        Of the logarithm of seconds, with a tick at both ends.
    """
    values = [value for step in steps for value in _values(step)]
    seconds = [value for value, _ in _TICKS]
    low = max((tick for tick in seconds if tick <= min(values)), default=seconds[0])
    high = min((tick for tick in seconds if tick >= max(values)), default=max(values))
    if high <= low:
        place = seconds.index(low) if low in seconds else len(seconds) - 1
        low, high = seconds[max(0, place - 1)], max(high, seconds[min(place + 1, len(seconds) - 1)])
    return Axis(left=left, width=width, low=log(low), high=log(high))


def _values(step: StageStep) -> list[float]:
    estimate = [step.time.value] if step.time and step.time.value is not None else []
    return [*estimate, *(step.time_quartiles or ()), *(step.time_deciles or ())]


def _at(axis: Axis, seconds: float) -> float:
    """Give the place of a time; what is shorter than the axis stands at its left end."""
    return axis.at(min(max(log(seconds) if seconds > 0 else axis.low, axis.low), axis.high))


def time_items(
    steps: Sequence[StageStep], axis: Axis, top: float, row: float, bar: float, theme: Theme
) -> Iterator[Item]:
    """Where do axis, strips and their words stand?

    Parameters
    ----------
    steps : sequence of StageStep
        All stages, one a row.
    axis : Axis
        Of the logarithm of seconds.
    top, row, bar : float
        The first row's top, the distance of two rows, and the height of the bars beside, in inches.
    theme : Theme
        Colours, sizes and words.

    Yields
    ------
    Item
        Lines, boxes and labels.
    """
    bottom = top + row * len(steps) - 0.06
    near = 1e-9
    ticks = [
        (log(value), theme.word(text))
        for value, text in _TICKS
        if axis.low - near <= log(value) <= axis.high + near
    ]
    yield from axis.ticks(ticks, top - 0.04, bottom, theme)
    for place, step in enumerate(steps):
        middle = top + row * place + bar / 2
        if step.time is None or step.time.value is None:
            yield Label(
                x=axis.left + 0.08, y=middle, text=theme.word("no time is known"), size=theme.small_size,
                style="italic", colour=theme.muted, va="center", backing=theme.paper,
            )  # fmt: skip
            continue
        yield from _strip(step, axis, middle, theme)
        yield _words(step.time, axis, middle + bar / 2 + 0.05, theme)


def _strip(step: StageStep, axis: Axis, middle: float, theme: Theme) -> Iterator[Item]:
    if step.time_deciles:
        low, high = (_at(axis, value) for value in step.time_deciles)
        yield Line(
            points=((low, middle), (high, middle)),
            colour=theme.link,
            width=1.4,
            z=SHAPE - 0.1,
            mark="deciles",
        )
        for x in (low, high):
            points = ((x, middle - 0.05), (x, middle + 0.05))
            yield Line(points=points, colour=theme.link, width=1.4, z=SHAPE - 0.1, mark="deciles")
    if step.time_quartiles:
        low, high = (_at(axis, value) for value in step.time_quartiles)
        yield Box(
            x=low, y=middle - _STRIP / 2, width=max(high - low, 0.02), height=_STRIP, fill=theme.interval,
            edge=theme.link, line_width=0.8, mark="quartiles",
        )  # fmt: skip
    x = _at(axis, step.time.value or 0.0 if step.time else 0.0)
    points = ((x, middle - _STRIP / 2 - 0.03), (x, middle + _STRIP / 2 + 0.03))
    yield Line(points=points, colour=theme.ink, width=2.4, z=SHAPE + 0.1, mark="median")


def _words(time: Estimate, axis: Axis, y: float, theme: Theme) -> Label:
    """Write the median with its interval below the strip."""
    text = f"{theme.word('median')} {spoken_time(time.value or 0.0)}"
    text = f"{text} ({_span(time)})" if time.low is not None else text
    line = "".join(wrap(text, axis.width, theme.small_size, max_lines=1, family=theme.family))
    wide = text_width(line, theme.small_size, family=theme.family)
    middle = _at(axis, time.value or 0.0)
    x = min(max(middle - wide / 2, axis.left), axis.left + axis.width - wide)
    return Label(x=x, y=y, text=line, size=theme.small_size, colour=theme.ink, backing=theme.paper)


def _span(time: Estimate) -> str:
    """Write an interval of times, its unit once where both ends share it."""
    low, high = (spoken_time(end or 0.0).rpartition(" ") for end in (time.low, time.high))
    unit = "" if low[2].rstrip("s") == high[2].rstrip("s") else f" {low[2]}"
    return f"{low[0]}{unit} to {high[0]} {high[2]}"


def time_entries(theme: Theme) -> Iterator[LegendEntry]:
    """What does the legend say of the strips?

    Parameters
    ----------
    theme : Theme
        Colours.

    Yields
    ------
    LegendEntry
        For median, quartiles and deciles.
    """
    line = Line(points=((0.04, -0.09), (0.04, 0.09)), colour=theme.ink, width=2.4)
    yield LegendEntry(marks=(line,), text="median", width=0.08, mark="median")
    box = Box(x=0, y=-0.07, width=0.24, height=0.14, fill=theme.interval, edge=theme.link, line_width=0.8)
    yield LegendEntry(marks=(box,), text="the middle half of the journeys", width=0.24, mark="quartiles")
    lines = [((0.0, 0.0), (0.3, 0.0)), ((0.0, -0.05), (0.0, 0.05)), ((0.3, -0.05), (0.3, 0.05))]
    marks = tuple(Line(points=points, colour=theme.link, width=1.4) for points in lines)
    yield LegendEntry(
        marks=marks, text="all but the shortest and the longest tenth", width=0.3, mark="deciles"
    )
