"""Where do stages, touchpoints and the scale of feelings stand on the figure of the feeling curve?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeymap.render.chart_parts import MARGIN
from journeymap.render.chevrons import CHEVRON, chevron_row, stage_header
from journeymap.render.map_columns import Column, Segment, segments
from journeymap.render.scene import GRID, TINT, Box, Item, Label, Line
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["PAD", "Plot", "fits_whole", "lay_plot", "stage_bands"]

PAD = 0.05
_WORDS = {2: "very positive +2", 1: "+1", 0: "neutral 0", -1: "−1", -2: "very negative −2"}
_SIDES = 0.22  # what a chevron takes beside its name
_STAGE_LEAST, _STAGE_MOST = 0.3, 1.2  # no stage claims more than this for its name alone
_UNIT = 0.36  # inches for one step of feeling
_ABOVE, _BELOW = 0.34, 0.47
_TURNS = 60


@dataclass(frozen=True, kw_only=True)
class Plot:
    """The ground of the curve.

    Parameters
    ----------
    left, right, top : float
        Its sides and its upper edge, in inches; stages stand above it.
    xs : tuple of float
        The middle of each touchpoint.
    rooms : tuple of float
        The width that each touchpoint has.
    bands : tuple of (Segment, float, float)
        The stages with their left and right sides.
    theme : Theme
        Sizes and colours.
    """

    left: float
    right: float
    top: float
    xs: tuple[float, ...]
    rooms: tuple[float, ...]
    bands: tuple[tuple[Segment, float, float], ...]
    theme: Theme

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + _ABOVE + 4 * _UNIT + _BELOW

    @property
    def region(self) -> Box:
        """The whole ground."""
        return Box(x=self.left, y=self.top, width=self.right - self.left, height=self.bottom - self.top)

    def y(self, value: float) -> float:
        """Give the height of a feeling."""
        return self.top + _ABOVE + (2 - max(-2.0, min(2.0, value))) * _UNIT


def _axis_words(theme: Theme) -> float:
    """How wide are the words beside the scale?"""
    return max(text_width(theme.word(word), theme.tick_size, family=theme.family) for word in _WORDS.values())


def _claims(parts: Sequence[Segment], theme: Theme) -> list[float]:
    """How wide must each stage be, so that its name can be read on two lines?"""
    claims = []
    for part in parts:
        name, width = theme.word(part.column.stage_name), _STAGE_LEAST
        while width < _STAGE_MOST and not fits_whole(
            name, width - _SIDES, theme.small_size, 2, theme, weight="bold"
        ):
            width += 0.02
        claims.append(width)
    return claims


def _step(counts: Sequence[int], claims: Sequence[float], room: float) -> float:
    """Give the width of a touchpoint at which the stages fill the room, each as wide as its name at least."""
    low, high = 0.0, room / max(1, sum(counts)) * 2
    for _ in range(_TURNS):
        middle = (low + high) / 2
        total = sum(max(count * middle, claim) for count, claim in zip(counts, claims, strict=True))
        low, high = (middle, high) if total < room else (low, middle)
    return low


def lay_plot(
    columns: Sequence[Column], width: float, least: float, theme: Theme, *, after: float = 0.0
) -> Plot:
    """Where does everything stand from left to right?

    Parameters
    ----------
    columns : sequence of Column
        The touchpoints.
    width : float
        The width that the figure should have, in inches; it grows where touchpoints need more.
    least : float
        The least width of a touchpoint.
    theme : Theme
        Sizes and words.
    after : float
        Room for words at the right of the curves.

    Returns
    -------
    Plot
        With its top at y = 0.
    """
    left = MARGIN + _axis_words(theme) + PAD
    parts = segments(columns, None)
    counts = [part.last - part.first + 1 for part in parts]
    claims = _claims(parts, theme)
    needed = sum(max(count * least, claim) for count, claim in zip(counts, claims, strict=True))
    room = max(width - left - MARGIN - after, needed)
    step = max(_step(counts, claims, room), least)
    x = left
    xs: list[float] = []
    rooms: list[float] = []
    bands: list[tuple[Segment, float, float]] = []
    for part, count, claim in zip(parts, counts, claims, strict=True):
        wide = max(count * step, claim)
        xs += [x + wide / count * (number + 0.5) for number in range(count)]
        rooms += [wide / count] * count
        bands.append((part, x, x + wide))
        x += wide
    return Plot(
        left=left, right=x, top=0.0, xs=tuple(xs), rooms=tuple(rooms), bands=tuple(bands), theme=theme
    )


def fits_whole(
    name: str, width: float, size: float, most: int, theme: Theme, *, weight: str = "normal"
) -> bool:
    """Whether a name fits on so many lines without a word being cut."""
    lines = wrap(name, width, size, weight, family=theme.family)
    return len(lines) <= most and "".join("".join(lines).split()) == "".join(name.split())


def stage_bands(plot: Plot, bottom: float) -> list[Item]:
    """How do stages look: chevrons above the plot, and a tint that reaches down to the names?

    Parameters
    ----------
    plot : Plot
        The ground.
    bottom : float
        Where the tints end.

    Returns
    -------
    list of Item
        With the scale of feelings and its words.
    """
    theme = plot.theme
    items: list[Item] = [
        Box(
            x=left,
            y=plot.top,
            width=right - left,
            height=bottom - plot.top,
            fill=theme.stage_tints[part.column.tint],
            z=TINT,
        )
        for part, left, right in plot.bands
    ]
    headers = [stage_header(part, left, right, theme) for part, left, right in plot.bands]
    items += chevron_row(headers, plot.top - CHEVRON, theme)
    for value, word in _WORDS.items():
        y, neutral = plot.y(value), value == 0
        items.append(
            Line(points=((plot.left, y), (plot.right, y)), colour=theme.neutral if neutral else theme.rule,
                 width=0.9 if neutral else 0.5, z=GRID)
        )  # fmt: skip
        items.append(
            Label(x=plot.left - PAD, y=y, text=theme.word(word), size=theme.tick_size, ha="right",
                  va="center", colour=theme.muted)
        )  # fmt: skip
    return items
