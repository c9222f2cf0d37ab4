"""How wide is a text, into which lines does it break, and which fonts can draw it?"""

from __future__ import annotations

import re
import unicodedata
import warnings
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.textpath import text_to_path

__all__ = ["Style", "drawable", "families", "line_height", "text_width", "wrap"]

Style: TypeAlias = Literal["normal", "italic"]

# Screens hint small text wider than the outlines say, the smaller the more.
_HINTING, _HINTING_SMALL = 1.04, 1.08
_SMALL = 7.5
_MEASURED_AT = 10.0
_MISSING = "□"
# A no-break space is no place to break, nor is the blank between a number and its percent sign.
_SPACES = re.compile(r"(?<!\d)[ \t]+|(?<=\d)[ \t]+(?![ \t%‰])")

# Fonts that hold what DejaVu Sans lacks, the best first; only installed ones are ever asked for.
_FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP",
    "Noto Sans KR", "Source Han Sans SC", "PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo",
    "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "Arial Unicode MS", "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari",
    "Noto Sans Thai", "Noto Emoji", "Segoe UI Symbol", "Segoe UI Emoji", "Symbola",
)  # fmt: skip
_PLACEHOLDER_FONTS = ("Last Resort", "Adobe Blank", "STIXNon", "STIXSize", "cm")

# A line may end after these, and must not begin or end with those.
_SOFT_BREAKS = "-/_–—"
_NEVER_FIRST = "、。，．・：；？！）」』】〉》〕］｝ー々％…,.!?:;)]}’”"
_NEVER_LAST = "（「『【〈《〔［｛([{‘“"
_WIDE_BLOCKS = (
    (0x1100, 0x11FF), (0x2E80, 0x303F), (0x3040, 0x30FF), (0x3100, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF),
)  # fmt: skip


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


@cache
def _covers(path: str, character: str) -> bool:
    try:
        return get_font(path).get_char_index(ord(character)) != 0
    except (OSError, RuntimeError):  # an installed file that is no usable font
        return False


@cache
def _path(family: str, weight: str = "normal", style: Style = "normal") -> str:
    return str(findfont(FontProperties(family=[family], weight=weight, style=style)))


@cache
def _installed() -> tuple[tuple[str, str], ...]:
    """List family and file of every font that may stand in, the best first."""
    files: dict[str, str] = {}
    for font in sorted(fontManager.ttflist, key=lambda font: (font.style != "normal", str(font.weight))):
        if not font.name.startswith(_PLACEHOLDER_FONTS):
            files.setdefault(font.name, font.fname)
    order = [name for name in _FALLBACKS if name in files]
    return tuple((name, files[name]) for name in [*order, *sorted(files.keys() - set(order))])


@cache
def _fallback(character: str, weight: str, style: Style) -> str | None:
    """Find the first installed family with this character, also in the face that will be drawn."""
    for name, path in _installed():
        if _covers(path, character) and _covers(_path(name, weight, style), character):
            return name
    return None


@cache
def _warn_once(script: str) -> None:
    warnings.warn(
        f"No installed font can draw {script} text; its characters are shown as {_MISSING}. "
        "Install one that can, for example Noto Sans CJK (package fonts-noto-cjk), and clear "
        "matplotlib's font cache.",
        UserWarning,
        stacklevel=2,
    )


def _script(character: str) -> str:
    if _wide(character):
        return "Chinese, Japanese or Korean"
    return unicodedata.name(character, "some unnamed").split()[0].title()


def _control(character: str) -> bool:
    return character in "\ufe0e\ufe0f" or unicodedata.category(character) == "Cc"


def _invisible(character: str) -> bool:
    return _control(character) or unicodedata.category(character) in {"Cf", "Cs", "Co", "Cn"}


@lru_cache(maxsize=4096)
def _resolved(
    text: str, weight: str, style: Style, family: str
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    main = _path(family, weight, style)
    drawn: list[str] = []
    names = [family]
    scripts: list[str] = []
    for character in text.replace("\t", " "):
        if character == "\n" or (_covers(main, character) and not _control(character)):
            drawn.append(character)
        elif not _invisible(character):
            found = _fallback(character, weight, style)
            if found is None:
                scripts.append(_script(character))
            elif found not in names:
                names.append(found)
            drawn.append(_MISSING if found is None else character)
    return "".join(drawn), tuple(names), tuple(dict.fromkeys(scripts))


def drawable(
    text: str, *, weight: str = "normal", style: Style = "normal", family: str = "DejaVu Sans"
) -> str:
    """Which text can be drawn with the fonts of this machine?

    Parameters
    ----------
    text : str
        Any text.
    weight, style, family : str
        How it is set.

    Returns
    -------
    str
        The text; characters that no installed font has are □, and control characters are gone.

    Warns
    -----
    UserWarning
        Once a script and process, naming what to install.
    """
    drawn, _, scripts = _resolved(text, weight, style, family)
    for script in scripts:
        _warn_once(script)
    return drawn


def families(
    text: str, *, weight: str = "normal", style: Style = "normal", family: str = "DejaVu Sans"
) -> list[str]:
    """Which fonts does the text need, the theme's first?

    Parameters
    ----------
    text : str
        Any text.
    weight, style, family : str
        How it is set.

    Returns
    -------
    list of str
        Families, all installed.
    """
    return list(_resolved(text, weight, style, family)[1])


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


def _wide(character: str) -> bool:
    code = ord(character)
    return code >= 0x1100 and any(first <= code <= last for first, last in _WIDE_BLOCKS)


def _pieces(word: str) -> list[str]:
    """Cut a word where a line may end without a hyphen."""
    pieces = [""]
    for place, character in enumerate(word):
        before = word[place - 1] if place else ""
        inside_word = place and place < len(word) - 1
        # A date or a span of numbers is read as one word.
        counted = before in "-/–" and character.isdigit() and place > 1 and word[place - 2].isdigit()
        opens = (
            before
            and not counted
            and (
                ((_wide(character) or _wide(before)) and before not in _NEVER_LAST)
                or (inside_word and before in _SOFT_BREAKS and place > 1 and word[place - 2].isalnum())
            )
        )
        if opens and character not in _NEVER_FIRST and not unicodedata.combining(character):
            pieces.append("")
        pieces[-1] += character
    return [piece for piece in pieces if piece]


class _Ruler:
    """Measures lines of one kind of text against one width."""

    def __init__(self, width: float, size: float, weight: str, style: Style, family: str) -> None:
        self.width = width
        self.size = size
        self.face = (weight, style, family)

    def fits(self, line: str) -> bool:
        return _unit_width(line, *self.face) * _hinted(self.size) <= self.width + 1e-9

    def longest_start(self, word: str, end: str) -> int:
        """How many characters of the word fit with `end` behind them; at least one."""
        low, high = 1, len(word)
        while low < high:
            middle = (low + high + 1) // 2
            if self.fits(word[:middle] + end):
                low = middle
            else:
                high = middle - 1
        while 1 < low < len(word) and unicodedata.combining(word[low]):
            low -= 1
        return low

    def broken(self, paragraph: str) -> list[str]:
        """Break one paragraph greedily."""
        lines: list[str] = []
        line = ""
        for word in _SPACES.split(paragraph.strip()):
            glue = " " if line else ""
            for piece in _pieces(word):
                if self.fits(line + glue + piece):
                    line += glue + piece
                else:
                    if line:
                        lines.append(line)
                    *cut, line = self.cut(piece)
                    lines.extend(cut)
                glue = ""
        return [*lines, line]

    def cut(self, word: str) -> list[str]:
        """Cut a word that is wider than a line, with hyphens."""
        parts: list[str] = []
        while not self.fits(word) and len(word) > 1:
            hyphen = "" if _wide(word[0]) else "-"
            count = self.longest_start(word, hyphen)
            if hyphen and count > 3 and len(word) - count == 1:
                count -= 1  # no line of a single letter
            parts.append(word[:count] + hyphen)
            word = word[count:]
        return [*parts, word]

    def with_ellipsis(self, line: str) -> str:
        line = line.rstrip().removesuffix("-") if line.endswith("-") else line.rstrip()
        if self.fits(line + "…"):
            return line.rstrip(" ,;:.") + "…"
        return line[: self.longest_start(line, "…")].rstrip(" ,;:.") + "…"


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

    Greedy by words; a word wider than the line is cut with a hyphen; Chinese, Japanese and Korean break
    between any two characters; line breaks in the text are kept.

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
    lines = [line for part in text.strip().splitlines() for line in ruler.broken(part)]
    if max_lines is not None and len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], ruler.with_ellipsis(lines[max_lines - 1])]
    return tuple(lines)
