"""How does one number of a scorecard look: name, value in large type, and its place on a scale?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor, log10

from journeymap.model.scorecard import Family, ScorecardRow
from journeymap.render.chart_parts import Axis, interval, interval_entry
from journeymap.render.scene import GRID, SHAPE, Box, Item, Label, LegendEntry, Line, Marker
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["Columns", "Entry", "family_colour", "need_entry", "row_entry", "row_marks"]

_VALUE_SIZE, _UNIT_SIZE = 17.0, 9.0
_LEAST_VALUE_SIZE = 10.0
_NAME_HEIGHT = 1.15
_PAD, _GUTTER = 0.12, 0.16
_NAME_LINES, _DEFINITION_LINES, _NEED_LINES = 3, 6, 5
_DOT = 5.5
_TICK = 0.05
_ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TIMES = (86_400.0, 3_600.0, 60.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where the parts of a row stand, from left to right.

    Parameters
    ----------
    left : float
        Of the panel, in inches.
    width : float
        Of the panel.
    value, track : float
        The widths of the columns for the value and for its scale.
    """

    left: float
    width: float
    value: float
    track: float

    @property
    def text(self) -> float:
        """The width of name and definition."""
        return self.width - self.value - self.track - 2 * _GUTTER

    @property
    def value_left(self) -> float:
        """Where values begin."""
        return self.left + self.text + _GUTTER

    @property
    def track_left(self) -> float:
        """Where scales begin."""
        return self.left + self.width - self.track


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row that is laid out, as if it began at y = 0.

    Parameters
    ----------
    items : tuple of Item
        Its texts and marks.
    height : float
        In inches, with the space around it.
    """

    items: tuple[Item, ...]
    height: float

    def at(self, y: float) -> Iterator[Item]:
        """Give the items of the row where it begins at this height."""
        return (item.moved(0.0, y) for item in self.items)


def family_colour(family: Family, theme: Theme) -> str:
    """In which colour does a family of numbers stand?

    Parameters
    ----------
    family : {"service", "experience"}
        The family.
    theme : Theme
        Colours.

    Returns
    -------
    str
        The accent of service, or the colour of stages.
    """
    return theme.service if family == "service" else theme.stage_header


def row_entry(row: ScorecardRow, columns: Columns, theme: Theme) -> Entry:
    """How is a number laid out that is known?

    Parameters
    ----------
    row : ScorecardRow
        With a value.
    columns : Columns
        Where its parts stand.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Entry
        Name and definition, value with n, and the scale with the interval.
    """
    name = wrap(
        theme.word(row.name), columns.text, theme.touchpoint_size, "bold", _NAME_LINES, family=theme.family
    )
    words = _tidy(row.estimate.definition)
    definition = wrap(words, columns.text, theme.tick_size, max_lines=_DEFINITION_LINES, family=theme.family)
    name_high = line_height(theme.touchpoint_size, _NAME_HEIGHT) * len(name)
    text_high = name_high + 0.02 + line_height(theme.tick_size) * len(definition)
    value_high = line_height(_VALUE_SIZE, 1.0) + 0.05 + line_height(theme.tick_size) * len(_from(row, theme))
    high = max(text_high, value_high)
    cell = Box(x=columns.left, y=_PAD, width=columns.text + _GUTTER / 2, height=high + _PAD / 2)
    items: list[Item] = [
        Label(
            x=columns.left, y=_PAD, text="\n".join(name), size=theme.touchpoint_size, weight="bold",
            colour=theme.ink, line_height=_NAME_HEIGHT, inside=cell,
        )
    ]  # fmt: skip
    if definition:
        items.append(
            Label(
                x=columns.left, y=_PAD + name_high + 0.02, text="\n".join(definition), size=theme.tick_size,
                colour=theme.muted, inside=cell,
            )
        )  # fmt: skip
    items += _value(row, columns, theme)
    items += _track(row, columns, theme)
    return Entry(items=tuple(items), height=high + 2 * _PAD)


def need_entry(rows: Sequence[ScorecardRow], columns: Columns, theme: Theme) -> Entry:
    """How are numbers laid out that are not known?

    Parameters
    ----------
    rows : sequence of ScorecardRow
        Without values, and all for the same reason.
    columns : Columns
        Where the panel lies.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Entry
        In quiet letters their names, and what they need.
    """
    room = columns.width * 0.42
    name = [
        line
        for row in rows
        for line in wrap(theme.word(row.name), room, theme.small_size, max_lines=3, family=theme.family)
    ]
    beside = columns.width - room - _GUTTER
    said = _tidy(rows[0].missing) or theme.word("nothing to count")
    need = wrap(said, beside, theme.tick_size, max_lines=_NEED_LINES, family=theme.family)
    high = max(line_height(theme.small_size) * len(name), line_height(theme.tick_size) * len(need))
    x = columns.left + room + _GUTTER
    return Entry(
        items=(
            Label(
                x=columns.left, y=0.03, text="\n".join(name), size=theme.small_size, colour=theme.muted,
                inside=Box(x=columns.left, y=0.0, width=room + _GUTTER / 2, height=high + 0.06),
            ),
            Label(
                x=x, y=0.035, text="\n".join(need), size=theme.tick_size, colour=theme.muted,
                inside=Box(x=x, y=0.0, width=beside, height=high + 0.08),
            ),
        ),
        height=high + 0.07,
    )  # fmt: skip


def row_marks(rows: Sequence[ScorecardRow], level: float, theme: Theme) -> list[LegendEntry]:
    """What may the legend say of the marks of these rows?

    Parameters
    ----------
    rows : sequence of ScorecardRow
        With values.
    level : float
        The confidence level.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of LegendEntry
        For the marks ``estimate``, ``small``, ``interval``, ``open`` and ``good``.
    """
    families = dict.fromkeys(row.family for row in rows if not row.estimate.small_sample)
    dots = [_dot(0.05 + 0.12 * place, 0.0, family, theme) for place, family in enumerate(families)]
    small = dict.fromkeys(row.family for row in rows if row.estimate.small_sample)
    rings = [_dot(0.05 + 0.12 * place, 0.0, family, theme, small=True) for place, family in enumerate(small)]
    good = Box(x=0.0, y=-_TICK, width=0.03, height=2 * _TICK, fill=theme.muted)
    beyond = Line(points=((0.0, 0.0), (0.28, 0.0)), colour=theme.ink, width=1.0, dash="dotted", z=SHAPE)
    return [
        LegendEntry(
            mark="estimate", marks=tuple(dots), width=0.12 * len(dots), text="the number on its scale"
        ),
        LegendEntry(
            mark="small", marks=tuple(rings), width=0.12 * len(rings),
            text="small sample: from fewer than 20 customers",
        ),
        interval_entry(level, theme),
        LegendEntry(mark="open", marks=(beyond,), width=0.28, text="interval goes on beyond what was seen"),
        LegendEntry(mark="good", marks=(good,), width=0.05, text="good end of the scale"),
    ]  # fmt: skip


def _tidy(text: str) -> str:
    """Make one paragraph of it, beginning with a capital; calls are for programmers and stand elsewhere."""
    first, *more = re.split(r"([:;] )", " ".join(text.split()))
    pairs = zip(more[::2], more[1::2], strict=True)
    words = first + "".join(mark + part for mark, part in pairs if not re.search(r"\w\(", part))
    return words[:1].upper() + words[1:]


def _from(row: ScorecardRow, theme: Theme) -> list[str]:
    """Say between what it lies, and from how many."""
    between = [row.between] if row.between else []
    small = f", {theme.word('small sample')}" if row.estimate.small_sample else ""
    return [*between, f"n = {row.estimate.n:,}{small}"]


def _value(row: ScorecardRow, columns: Columns, theme: Theme) -> Iterator[Item]:
    amount, _, unit = row.written.rpartition(" ") if " " in row.written else (row.written, "", "")
    unit = theme.word(unit)
    behind = text_width(unit, _UNIT_SIZE, family=theme.family) + 0.05 if unit else 0.0
    size = _VALUE_SIZE
    while (
        size > _LEAST_VALUE_SIZE
        and text_width(amount, size, "bold", family=theme.family) + behind > columns.value
    ):
        size -= 0.5
    baseline = _PAD + _VALUE_SIZE * 0.85 / 72
    colour = theme.as_text(family_colour(row.family, theme))
    yield _on(baseline, amount, columns.value_left, size, theme, bold=True, colour=colour)
    if unit:
        x = columns.value_left + text_width(amount, size, "bold", family=theme.family) + 0.05
        yield _on(baseline, unit, x, _UNIT_SIZE, theme, colour=theme.ink)
    yield Label(
        x=columns.value_left, y=baseline + 0.06, text="\n".join(_from(row, theme)), size=theme.tick_size,
        colour=theme.muted,
    )  # fmt: skip


def _on(
    baseline: float, text: str, x: float, size: float, theme: Theme, *, colour: str, bold: bool = False
) -> Label:
    """Set a text on a baseline, so that letters of different sizes stand on one line."""
    y = baseline - (0.5 * theme.line_height + 0.35) * size / 72
    return Label(
        x=x, y=y, text=text, size=size, weight="bold" if bold else "normal", colour=colour,
        line_height=theme.line_height,
    )  # fmt: skip


def _track(row: ScorecardRow, columns: Columns, theme: Theme) -> Iterator[Item]:
    found = row.estimate
    low, high = _ends(row)
    inset = 0.05
    axis = Axis(left=columns.track_left + inset, width=columns.track - 2 * inset, low=low, high=high)
    y = _PAD + 0.12
    left, right = axis.left, axis.left + axis.width
    yield Line(points=((left, y), (right, y)), colour=theme.interval, width=1.2, z=GRID)
    for x in (left, right):
        yield Line(points=((x, y - _TICK), (x, y + _TICK)), colour=theme.interval, width=0.9, z=GRID)
    if low < 0 < high:
        zero = axis.at(0.0)
        yield Line(points=((zero, y - 0.03), (zero, y + 0.03)), colour=theme.interval, width=0.9, z=GRID)
    good = right if row.better == "higher" else left
    yield Box(
        x=good - (0.0 if good == right else 0.03), y=y - _TICK, width=0.03, height=2 * _TICK,
        fill=theme.muted, mark="good", z=SHAPE,
    )  # fmt: skip
    value = min(high, max(low, found.value or 0.0))
    if found.low is not None and found.high is not None:
        start, end = axis.at(max(low, found.low)), axis.at(min(high, found.high))
        if end - start > _DOT / 72:  # below the dot its caps would look like dirt
            yield from interval(start, end, y, theme, mark="interval")
    elif found.low is not None or found.high is not None:
        seen = axis.at((found.low if found.high is None else found.high) or 0.0)
        end = right if found.high is None else left
        known = Line(
            points=((seen, y), (axis.at(value), y)), colour=theme.ink, width=1.0, z=SHAPE + 0.2, mark="open"
        )
        yield from (known, replace(known, points=((axis.at(value), y), (end, y)), dash="dotted"))
    yield _dot(axis.at(value), y, row.family, theme, small=found.small_sample, mark=True)
    for text, x, side in ((_end(row, low), columns.track_left, "left"),
                          (_end(row, high), columns.track_left + columns.track, "right")):  # fmt: skip
        yield Label(
            x=x, y=y + _TICK + 0.03, text=text, size=theme.tick_size, colour=theme.muted,
            ha="left" if side == "left" else "right",
        )  # fmt: skip


def _dot(
    x: float, y: float, family: Family, theme: Theme, *, small: bool = False, mark: bool = False
) -> Marker:
    colour = family_colour(family, theme)
    name = ("small" if small else "estimate") if mark else ""
    return Marker(
        x=x, y=y, size=_DOT, fill=theme.paper if small else colour, edge=colour if small else theme.paper,
        line_width=1.4 if small else 0.8, z=SHAPE + 0.4, mark=name,
    )  # fmt: skip


def _ends(row: ScorecardRow) -> tuple[float, float]:
    """From where to where does the scale of a row run?"""
    if row.scale is not None:
        return row.scale.low, row.scale.high
    fixed = {"share": (0.0, 1.0), "net_promoter": (-1.0, 1.0), "feeling": (-2.0, 2.0), "score": (0.0, 1.0)}
    if row.unit in fixed:
        return fixed[row.unit]
    most = max(end for end in (row.estimate.value, row.estimate.high, 0.0) if end is not None)
    unit = next((size for size in _TIMES if most >= size), 1.0) if row.unit == "seconds" else 1.0
    return 0.0, _rounded_up(most / unit * 1.1) * unit


def _rounded_up(value: float) -> float:
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in _ROUND if step * power >= value - 1e-9)


def _end(row: ScorecardRow, value: float) -> str:
    if row.unit in {"seconds", "per_customer"} and value == 0:
        return "0"
    if row.unit in {"score", "per_customer"}:
        return f"{value:g}".replace("-", "−")
    if row.unit == "feeling":
        return f"{value:+g}".replace("-", "−")
    return row.write(value)
