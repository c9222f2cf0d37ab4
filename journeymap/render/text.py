"""How wide is a text, and into which lines does it break?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from journeymap.render.fonts import Style, drawable, families
from journeymap.render.graphemes import graphemes, is_wide, starts_right_to_left, takes_hyphen

__all__ = ["Style", "drawable", "families", "line_height", "text_width", "wrap"]

# Screens hint small text wider than the outlines say, the smaller the more.
_HINTING, _HINTING_SMALL = 1.04, 1.08
_SMALL = 7.5
_MEASURED_AT = 10.0
_NEAR = 0.02  # of the width
_RIGHT_TO_LEFT = "\u200f"  # invisible; tells the direction of a line that begins with a foreign word
# A no-break space is no place to break, nor is the blank between a number and its percent sign.
_SPACES = re.compile(r"(?<!\d)[ \t]+|(?<=\d)[ \t]+(?![ \t%‰])")

# A line may end after these, and must not begin or end with those.
_SOFT_BREAKS = "-/_–—"
_NEVER_FIRST = "、。，．・：；？！）」』】〉》〕］｝ー々％…,.!?:;)]}’”"
_NEVER_LAST = "（「『【〈《〔［｛([{‘“"


def line_height(size: float, factor: float = 1.32) -> float:
    """How far apart are two lines of text?

    Parameters
    ----------
    size : float
        Text size in points.
    factor : float
        The distance as a multiple of the size.

    Returns
    -------
    float
        Inches.
    """
    return size * factor / 72


@lru_cache(maxsize=65536)
def _unit_width(text: str, weight: str, style: Style, family: str) -> float:
    drawn = drawable(text, weight=weight, style=style, family=family)
    if not drawn:
        return 0.0
    properties = FontProperties(
        family=families(text, weight=weight, style=style, family=family),
        size=_MEASURED_AT,
        weight=weight,
        style=style,
    )
    # ismath=False, because a dollar sign would otherwise begin a formula.
    width, _, _ = text_to_path.get_text_width_height_descent(drawn, properties, ismath=False)
    return float(width) / _MEASURED_AT / 72


def _hinted(size: float) -> float:
    return size * (_HINTING if size >= _SMALL else _HINTING_SMALL)


def text_width(
    text: str, size: float, weight: str = "normal", style: Style = "normal", family: str = "DejaVu Sans"
) -> float:
    """How wide is one line of text?

    Parameters
    ----------
    text : str
        One line; of several, the widest counts.
    size : float
        In points.
    weight, style, family : str
        How it is set.

    Returns
    -------
    float
        Inches, with some allowance for hinting.

    Examples
    --------
    >>> text_width("", 8)
    0.0
    >>> text_width("$9 or $10", 16) == 2 * text_width("$9 or $10", 8)
    True
    """
    wide = max(_unit_width(line, weight, style, family) for line in text.split("\n"))
    return wide * _hinted(size)


def _pieces(word: str) -> list[str]:
    """Cut a word where a line may end without a hyphen."""
    pieces = [""]
    parts = graphemes(word)
    for place, part in enumerate(parts):
        before = parts[place - 1][-1] if place else ""
        earlier = parts[place - 2][-1] if place > 1 else ""
        inside_word = place and place < len(parts) - 1
        # A date or a span of numbers is read as one word.
        counted = before in "-/–" and part.isdigit() and earlier.isdigit()
        opens = (
            before
            and not counted
            and (
                ((is_wide(part[0]) or is_wide(before)) and before not in _NEVER_LAST)
                or (inside_word and before in _SOFT_BREAKS and earlier.isalnum())
            )
        )
        if opens and part[0] not in _NEVER_FIRST:
            pieces.append("")
        pieces[-1] += part
    return [piece for piece in pieces if piece]


class _Ruler:
    """Measures lines of one kind of text against one width."""

    def __init__(self, width: float, size: float, weight: str, style: Style, family: str) -> None:
        self.width = width
        self.size = size
        self.face = (weight, style, family)

    def fits(self, line: str) -> bool:
        return self.measured(line) <= self.width + 1e-9

    def measured(self, line: str) -> float:
        return _unit_width(line, *self.face) * _hinted(self.size)

    def fits_behind(self, line: str, before: float, more: str) -> tuple[bool, float]:
        """Whether more fits behind a line that is `before` wide, and how wide the two are together.

        Words are measured once and added up; the whole line only where the sum is too near to the width,
        because letters of neighbouring words can move together by a hair.
        """
        together = before + self.measured(more)
        if abs(together - self.width) > _NEAR * self.width:
            return together < self.width, together
        exact = self.measured(line + more)
        return exact <= self.width + 1e-9, exact

    def longest_start(self, parts: Sequence[str], end: str) -> int:
        """How many graphemes of the word fit with `end` behind them; at least one."""
        low, high = 1, len(parts)
        while low < high:
            middle = (low + high + 1) // 2
            if self.fits("".join(parts[:middle]) + end):
                low = middle
            else:
                high = middle - 1
        return low

    def broken(self, paragraph: str) -> list[str]:
        """Break one paragraph greedily."""
        lines: list[str] = []
        line, wide = "", 0.0
        for word in _SPACES.split(paragraph.strip()):
            glue = " " if line else ""
            for piece in _pieces(word):
                fits, together = self.fits_behind(line, wide, glue + piece)
                if fits:
                    line, wide = line + glue + piece, together
                else:
                    if line:
                        lines.append(line)
                    *cut, line = self.cut(piece)
                    lines.extend(cut)
                    wide = self.measured(line)
                glue = ""
        return [*lines, line]

    def cut(self, word: str) -> list[str]:
        """Cut a word that is wider than a line; with hyphens, where its script has them."""
        lines: list[str] = []
        parts = graphemes(word)
        while len(parts) > 1 and not self.fits("".join(parts)):
            count = self.longest_start(parts, "-")
            if not takes_hyphen(parts[count - 1][0]):
                count = self.longest_start(parts, "")
            hyphen = "-" if takes_hyphen(parts[count - 1][0]) else ""
            if count > 3 and len(parts) - count == 1:
                count -= 1  # no line of a single letter
            lines.append("".join(parts[:count]) + hyphen)
            parts = parts[count:]
        return [*lines, "".join(parts)]

    def with_ellipsis(self, line: str) -> str:
        line = line.rstrip().removesuffix("-") if line.endswith("-") else line.rstrip()
        if self.fits(line + "…"):
            return line.rstrip(" ,;:.") + "…"
        parts = graphemes(line)
        return "".join(parts[: self.longest_start(parts, "…")]).rstrip(" ,;:.") + "…"

    def lines(self, paragraph: str) -> list[str]:
        """Break one paragraph; every line of it runs in the direction in which it begins."""
        lines = self.broken(paragraph)
        if not starts_right_to_left(paragraph):
            return lines
        return [line if starts_right_to_left(line) else _RIGHT_TO_LEFT + line for line in lines]


@lru_cache(maxsize=8192)
def wrap(
    text: str,
    width: float,
    size: float,
    weight: str = "normal",
    max_lines: int | None = None,
    *,
    style: Style = "normal",
    family: str = "DejaVu Sans",
) -> tuple[str, ...]:
    r"""Into which lines does the text break?

    Greedy by words; Chinese, Japanese and Korean break between any two characters; line breaks in the text
    are kept. A word wider than the line is cut, with a hyphen where its script has one, and never within
    what is read as one character: a letter with its marks, an emoji, a flag. Scripts that write no blank
    between words (Thai, Khmer and others) break at their blanks, and anywhere where there is none.

    Parameters
    ----------
    text : str
        Any text.
    width : float
        The width of a line in inches.
    size : float
        In points.
    weight : str
        ``normal`` or ``bold``.
    max_lines : int, optional
        More lines are left out, and the last one ends in "…".
    style, family : str
        How it is set.

    Returns
    -------
    tuple of str
        The lines; empty for an empty text.

    Examples
    --------
    >>> wrap("Compares twelve plans on a review site", 1.5, 8)
    ('Compares twelve plans', 'on a review site')
    >>> wrap("one\ntwo\nthree", 1.5, 8, max_lines=2)
    ('one', 'two…')
    """
    if not text.strip():
        return ()
    ruler = _Ruler(width, size, weight, style, family)
    lines = [line for part in text.strip().splitlines() for line in ruler.lines(part)]
    if max_lines is not None and len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], ruler.with_ellipsis(lines[max_lines - 1])]
    return tuple(lines)
