"""Where do the parts of a score stand in its cell: value, bar, interval and number of answers?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from journeymap.model.measures import MeasuredScore
from journeymap.render.map_lanes import BAR
from journeymap.render.map_numbers import FEW, few
from journeymap.render.map_scores import ScoreRow, bar_of, score_range, score_value
from journeymap.render.scene import LINK, Box, Item, Label
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["NAME_LINES", "ScoreCell", "score_width"]

_LARGE = 1.35  # the value, times the size of a touchpoint's name
_ABOVE = 0.05
_RING = 0.02
_LEADING = 1.15
NAME_LINES = 2
_SEPARATOR = " · "

Broken = Callable[[str, float, float], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class ScoreCell:
    """The cells of a row of scores, all laid alike.

    Parameters
    ----------
    row : ScoreRow
        The scores.
    width : float
        Of the text in a cell, in inches.
    theme : Theme
        Sizes, colours and words.
    """

    row: ScoreRow
    width: float
    theme: Theme

    @property
    def size(self) -> float:
        """The size of the values in points: as large as all of them have room, down to that of texts."""
        large = self.theme.touchpoint_size * _LARGE
        widest = max(_value_width(score, large, self.theme) for score in self.row.cells.values())
        return large if widest <= self.width else max(self.theme.body_size, large * self.width / widest)

    @property
    def split(self) -> bool:
        """Whether interval and number of answers need a line each."""
        return any(self._wide(_SEPARATOR.join(_small(score))) for score in self.row.cells.values())

    @property
    def height(self) -> float:
        """How tall all cells of the row are."""
        lines = (2 if self.split else 1) + self._name_lines
        return self._bar_bottom + lines * self._line + 0.04

    @property
    def _name_lines(self) -> int:
        """How many lines the names of questions take below the numbers."""
        if not self.row.several:
            return 0
        size, family = self.theme.tick_size, self.theme.family
        names = (
            wrap(name, self.width, size, max_lines=NAME_LINES, family=family) for name in self.row.questions
        )
        return max(map(len, names))

    @property
    def _line(self) -> float:
        return line_height(self.theme.tick_size, _LEADING)

    @property
    def _bar_top(self) -> float:
        return _ABOVE + line_height(self.size, 1.0) + 0.045

    @property
    def _bar_bottom(self) -> float:
        return self._bar_top + (0.0 if self.row.first.unit == "seconds" else BAR + 0.05)

    def _wide(self, text: str) -> bool:
        return text_width(text, self.theme.tick_size, family=self.theme.family) > self.width

    def laid(self, touchpoint: str, x: float, broken: Broken) -> list[Item]:
        """Lay the cell of a touchpoint, its top at y = 0.

        Parameters
        ----------
        touchpoint : str
            Its id; without a score its cell stays blank.
        x : float
            Where the texts begin.
        broken : callable
            Breaks a text for a width and a size into `NAME_LINES` lines at most, and notes what is cut.

        Returns
        -------
        list of Item
            Value, bar, interval and number, and the question's name where each cell has its own.
        """
        score = self.row.cells.get(touchpoint)
        if score is None:
            return []
        return [*self._value(score, x), *self._bar(score, x), *self._below(score, x, broken)]

    def _value(self, score: MeasuredScore, x: float) -> list[Item]:
        theme, size, words = self.theme, self.size, score_value(score)
        middle = _ABOVE + line_height(size, 1.0) / 2
        items: list[Item] = [
            Label(x=x, y=middle, text=words, size=size, weight="bold", va="center", colour=theme.ink)
        ]
        if few(score.estimate):
            beside = x + text_width(words, size, "bold", family=theme.family) + _RING
            items.append(Label(x=beside, y=middle, text=FEW, size=size, va="center", colour=theme.ink,
                               mark="few"))  # fmt: skip
        return items

    def _bar(self, score: MeasuredScore, x: float) -> list[Item]:
        reach = bar_of(score)
        if reach is None:
            return []
        theme, y, mark = self.theme, self._bar_top, score.unit
        items: list[Item] = [Box(x=x, y=y, width=self.width, height=BAR, fill=theme.grid, z=LINK, mark=mark)]
        start, end = reach
        if end > start:
            items.append(Box(x=x + self.width * start, y=y, width=self.width * (end - start), height=BAR,
                             fill=theme.curve, z=LINK + 0.5, mark=mark))  # fmt: skip
        if score.unit == "net_promoter":
            items.append(Box(x=x + self.width / 2 - 0.006, y=y - 0.03, width=0.012, height=BAR + 0.06,
                             fill=theme.curve, z=LINK + 0.6, mark=mark))  # fmt: skip
        return items

    def _below(self, score: MeasuredScore, x: float, broken: Broken) -> list[Item]:
        theme = self.theme
        around, number = _small(score)
        middle, beside = self._bar_bottom + self._line / 2, x
        items: list[Item] = []
        if around and not self._wide(around):
            items.append(self._label(around, x, middle, "estimate"))
            if self.split:
                middle += self._line
            else:
                beside += text_width(around, theme.tick_size, family=theme.family)
                number = _SEPARATOR + number
        items.append(self._label(number, beside, middle, "number"))
        if self.row.several:
            top = self._bar_bottom + (2 if self.split else 1) * self._line
            name = "\n".join(broken(score.name, self.width, theme.tick_size))
            items.append(Label(x=x, y=top, text=name, size=theme.tick_size, colour=theme.ink,
                               line_height=_LEADING))  # fmt: skip
        return items

    def _label(self, text: str, x: float, y: float, mark: str) -> Label:
        return Label(x=x, y=y, text=text, size=self.theme.tick_size, va="center",
                     colour=self.theme.muted, mark=mark)  # fmt: skip


def _value_width(score: MeasuredScore, size: float, theme: Theme) -> float:
    """How wide is the value of a score in this size, with its ring, in inches?"""
    ring = _RING + text_width(FEW, size, family=theme.family) if few(score.estimate) else 0.0
    return text_width(score_value(score), size, "bold", family=theme.family) + ring


def score_width(score: MeasuredScore, theme: Theme) -> tuple[float, float]:
    """How wide are the value of a score and the widest line below it?

    Parameters
    ----------
    score : MeasuredScore
        With a value.
    theme : Theme
        Gives the font.

    Returns
    -------
    (float, float)
        In inches.
    """
    lines = (text_width(text, theme.tick_size, family=theme.family) for text in _small(score))
    return _value_width(score, theme.touchpoint_size * _LARGE, theme), max(lines)


def _small(score: MeasuredScore) -> tuple[str, str]:
    """Write interval and number."""
    return score_range(score), f"n {score.estimate.n:,}"
