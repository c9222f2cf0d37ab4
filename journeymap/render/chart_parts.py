"""Pieces that charts share: heading, paragraph, interval, axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import floor, log10
from typing import TypeAlias

from journeymap.model.measures import Estimate
from journeymap.render.scene import GRID, SHAPE, TEXT, Box, Item, Label, LegendEntry, Line
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = [
    "MARGIN",
    "Axis",
    "bar",
    "caption",
    "heading",
    "interval",
    "interval_entry",
    "paragraph",
    "round_steps",
    "row_name",
    "service_entry",
    "signed",
    "upright_interval",
]

_Stroke: TypeAlias = tuple[tuple[float, float], tuple[float, float]]

MARGIN = 0.35
_CAP = 0.045
_NEAR = 1e-6
# Screens of few dots an inch set whole lines up to 9 % wider than their outlines, where boxes allow for 4.
_ROOM_FOR_HINTING = 0.945


def heading(title: str, facts: Iterable[str], width: float, theme: Theme) -> tuple[list[Item], float]:
    """Where do title and subtitle stand?

    Parameters
    ----------
    title : str
        The name of the journey.
    facts : iterable of str
        What is shown, from how many, of when.
    width : float
        Of the figure, in inches.
    theme : Theme
        Sizes and colours.

    Returns
    -------
    list of Item
        The texts.
    float
        The y below them.
    """
    room = width - 2 * MARGIN
    lines = wrap(title, room, theme.title_size, "bold", 2, family=theme.family)
    y = 0.26
    items: list[Item] = [
        Label(
            x=MARGIN, y=y, text="\n".join(lines), size=theme.title_size, weight="bold", colour=theme.ink,
            line_height=theme.line_height,
        )
    ]  # fmt: skip
    y += line_height(theme.title_size, theme.line_height) * len(lines) + 0.05
    subtitle, high = paragraph(
        "   ·   ".join(facts), MARGIN, y, room, theme, size=theme.subtitle_size, colour=theme.muted
    )
    return [*items, *subtitle], y + high


def paragraph(
    text: str,
    x: float,
    y: float,
    width: float,
    theme: Theme,
    *,
    size: float | None = None,
    colour: str | None = None,
) -> tuple[list[Item], float]:
    """Where do the lines of a running text stand?

    Parameters
    ----------
    text : str
        Any text.
    x, y, width : float
        Left, top and width in inches.
    theme : Theme
        Sizes and colours.
    size : float, optional
        In points; that of body text when left out.
    colour : str, optional
        Ink when left out.

    Returns
    -------
    list of Item
        One label; none for an empty text.
    float
        Its height in inches.
    """
    size = theme.body_size if size is None else size
    lines = wrap(text, width * _ROOM_FOR_HINTING, size, family=theme.family)
    if not lines:
        return [], 0.0
    label = Label(x=x, y=y, text="\n".join(lines), size=size, colour=colour or theme.ink)
    return [label], label.height


def caption(text: str, x: float, bottom: float, theme: Theme, *, centred: bool = False) -> Label:
    """How does the name of a panel or a column look?

    Parameters
    ----------
    text : str
        In English; the theme translates it.
    x, bottom : float
        The anchor and the lower edge, in inches.
    theme : Theme
        Sizes, colours and words.
    centred : bool
        Whether the anchor is the middle.

    Returns
    -------
    Label
        Small, bold and quiet.
    """
    return Label(
        x=x, y=bottom, text=theme.word(text), size=theme.small_size, weight="bold", colour=theme.muted,
        ha="center" if centred else "left", va="bottom",
    )  # fmt: skip


def row_name(
    name: str,
    note: str,
    x: float,
    middle: float,
    width: float,
    theme: Theme,
    *,
    colour: str,
    mark: str = "",
) -> list[Item]:
    """How does the name of a row look: in bold on one line, smaller on two where it is long, a note below?

    Parameters
    ----------
    name, note : str
        The touchpoint, and what is said of it in small letters.
    x, middle, width : float
        Left, the middle of the row, and the room, in inches.
    theme : Theme
        Sizes and colours.
    colour : str
        Of the name.
    mark : str
        The legend's entry for the symbol before the name.

    Returns
    -------
    list of Item
        One or two labels, together in the middle of the row.
    """
    size = theme.touchpoint_size
    lines = signed(name, width, size, theme)
    if len(lines) > 1:
        size = theme.small_size
        lines = signed(name, width, size, theme, 2)
    below = wrap(note, width, theme.tick_size, max_lines=1, family=theme.family)
    high = line_height(size, 1.15) * len(lines)
    y = middle - (high + line_height(theme.tick_size) * len(below)) / 2
    items: list[Item] = []
    if lines:
        items.append(
            Label(
                x=x, y=y, text="\n".join(lines), size=size, weight="bold", line_height=1.15, colour=colour,
                mark=mark,
            )
        )  # fmt: skip
    if below:
        items.append(Label(x=x, y=y + high, text=below[0], size=theme.tick_size, colour=theme.muted))
    return items


def signed(
    name: str, width: float, size: float, theme: Theme, max_lines: int | None = None
) -> tuple[str, ...]:
    """Into which lines does a bold name break, if the symbol before it is never left alone?

    Parameters
    ----------
    name : str
        It may begin with a symbol and a blank, as in ``◆ Help line``.
    width, size : float
        Of a line in inches, and in points.
    theme : Theme
        Gives the font.
    max_lines : int, optional
        More are left out, and the last ends in "…".

    Returns
    -------
    tuple of str
        The lines.
    """
    whole = f"{name[0]}\u00a0{name[2:]}" if name[1:2] == " " and not name[0].isalnum() else name
    lines = wrap(whole, width, size, "bold", max_lines, family=theme.family)
    return tuple(line.replace("\u00a0", " ") for line in lines)


def interval(
    low: float, high: float, y: float, theme: Theme, *, mark: str = "", halo: str | None = None
) -> list[Item]:
    """How is the interval of an estimate drawn: a level line with caps.

    Parameters
    ----------
    low, high : float
        The ends, in inches from the left.
    y : float
        The height in inches.
    theme : Theme
        Colours.
    mark : str
        The legend's entry for intervals.
    halo : str, optional
        A colour around the lines, where they lie on a dark bar.

    Returns
    -------
    list of Item
        Three lines, and as many below them for the halo.
    """
    lines: list[_Stroke] = [((low, y), (high, y))]
    lines += [((x, y - _CAP), (x, y + _CAP)) for x in (low, high)]
    return _strokes(lines, theme, mark, halo)


def upright_interval(
    x: float, low: float, high: float, theme: Theme, *, mark: str = "", halo: str | None = None
) -> list[Item]:
    """How is the interval of an upright bar drawn?

    Parameters
    ----------
    x : float
        Its place in inches.
    low, high : float
        The heights of its ends, in inches from the top.
    theme : Theme
        Colours.
    mark : str
        The legend's entry for intervals.
    halo : str, optional
        A colour around the lines, where they lie on a dark bar.

    Returns
    -------
    list of Item
        Three lines, and as many below them for the halo.
    """
    lines: list[_Stroke] = [((x, low), (x, high))]
    lines += [((x - _CAP, y), (x + _CAP, y)) for y in (low, high)]
    return _strokes(lines, theme, mark, halo)


def _strokes(lines: Sequence[_Stroke], theme: Theme, mark: str, halo: str | None) -> list[Item]:
    below: list[Item] = [
        Line(points=points, colour=halo, width=2.6, z=SHAPE + 0.15, mark=mark) for points in lines if halo
    ]
    return below + [
        Line(points=points, colour=theme.ink, width=1.0, z=SHAPE + 0.2, mark=mark) for points in lines
    ]


def interval_entry(level: float, theme: Theme) -> LegendEntry:
    """What does the legend say of intervals?

    Parameters
    ----------
    level : float
        The confidence level.
    theme : Theme
        Colours and words.

    Returns
    -------
    LegendEntry
        For the mark ``interval``.
    """
    return LegendEntry(
        mark="interval", marks=tuple(interval(0.0, 0.26, 0.0, theme)), width=0.26,
        text=f"{level * 100:g} % {theme.word('interval')}",
    )  # fmt: skip


def bar(box: Box, colour: str, hatch: str, theme: Theme) -> Box:
    """How is a bar filled: in its colour, or hatched where the theme has a hatch for it?

    Parameters
    ----------
    box : Box
        Where it stands, with its mark.
    colour, hatch : str
        The role's colour, and its hatch; empty outside print.
    theme : Theme
        Gives the ground below a hatch.

    Returns
    -------
    Box
        The same box, filled.
    """
    if not hatch:
        return replace(box, fill=colour)
    return replace(box, fill=theme.paper, edge=colour, line_width=0.9, hatch=hatch)


def service_entry(theme: Theme) -> LegendEntry:
    """What does the legend say of the diamond before a name?

    Parameters
    ----------
    theme : Theme
        Sizes, colours and words.

    Returns
    -------
    LegendEntry
        For the mark ``service``.
    """
    diamond = Label(
        x=0, y=0, text="◆", size=theme.small_size, weight="bold", colour=theme.service, va="center"
    )
    wide = text_width("◆", theme.small_size, "bold", family=theme.family)
    return LegendEntry(mark="service", marks=(diamond,), text="service interaction", width=wide)


def round_steps(low: float, high: float, most: int = 5) -> list[float]:
    """At which round values stand the ticks of an axis?

    Parameters
    ----------
    low, high : float
        The range.
    most : int
        No more ticks than this, counted roughly.

    Returns
    -------
    list of float
        Multiples of 1, 2 or 5 times a power of ten, within the range.

    Examples
    --------
    >>> round_steps(0, 7.2)
    [0.0, 2.0, 4.0, 6.0]
    """
    if high <= low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough - 1e-12)
    first = -floor(-low / step + 1e-9)
    last = floor(high / step + 1e-9)
    return [round(step * number, 12) + 0.0 for number in range(first, last + 1)]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A scale from left to right.

    Parameters
    ----------
    left, width : float
        Where it lies, in inches.
    low, high : float
        The values at its ends.
    """

    left: float
    width: float
    low: float
    high: float

    @classmethod
    def around(cls, estimates: Sequence[Estimate], left: float, width: float) -> Axis:
        """Give a scale that holds zero and all estimates with their intervals."""
        ends = [
            value
            for estimate in estimates
            for value in (estimate.value, estimate.low, estimate.high)
            if value is not None
        ]
        low, high = min([0.0, *ends]), max([0.0, *ends])
        return cls(left=left, width=width, low=low, high=high if high > low else low + 1.0)

    def to_round_ends(self) -> Axis:
        """Give the same scale with ticks up to its ends, so that every bar ends between two of them."""
        steps = round_steps(self.low, self.high)
        if len(steps) < 2:
            return self
        step = steps[1] - steps[0]
        high = steps[-1] if self.high <= steps[-1] + step * _NEAR else steps[-1] + step
        # A bar that hardly leaves zero to the left is worth no step of its own.
        low = self.low if self.low > steps[0] - step / 2 else steps[0] - step
        return Axis(left=self.left, width=self.width, low=low, high=high)

    def at(self, value: float) -> float:
        """Give the place of a value, in inches."""
        return self.left + self.width * (value - self.low) / (self.high - self.low)

    def ticks(
        self, labels: Sequence[tuple[float, str]], top: float, bottom: float, theme: Theme
    ) -> list[Item]:
        """Draw thin upright lines at values, with their names below; names that would touch are left out."""
        items: list[Item] = []
        taken: list[tuple[float, float]] = []
        for value, text in sorted(labels, key=lambda label: label[0] != 0):  # zero keeps its name
            x, zero = self.at(value), value == 0
            items.append(
                Line(
                    points=((x, top), (x, bottom)), colour=theme.neutral if zero else theme.grid,
                    width=0.9 if zero else 0.6, z=GRID,
                )
            )  # fmt: skip
            half = text_width(text, theme.tick_size, family=theme.family) / 2 + 0.03
            if not text or any(x - half < right and left < x + half for left, right in taken):
                continue
            taken.append((x - half, x + half))
            items.append(
                Label(
                    x=x, y=bottom + 0.04, text=text, size=theme.tick_size, colour=theme.muted, ha="center",
                    z=TEXT,
                )
            )  # fmt: skip
        return items
