"""Which fonts can draw a text, and what is drawn where none can?"""

from __future__ import annotations

import unicodedata
import warnings
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from matplotlib import ft2font
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

from journeymap.render.graphemes import graphemes, is_pictograph, is_right_to_left, is_wide

__all__ = ["Style", "drawable", "families"]

Style: TypeAlias = Literal["normal", "italic"]

_MISSING = "□"
_JOINER = "\u200d"

# Fonts that hold what DejaVu Sans lacks, the best first; only installed ones are ever asked for.
_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
)  # fmt: skip
_JAPANESE = ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "IPAexGothic")
_KOREAN = ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic")
_OTHERS = (
    "Arial Unicode MS", "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari",
    "Noto Sans Thai", "Nirmala UI", "Leelawadee UI", "Noto Emoji", "Segoe UI Symbol", "Segoe UI Emoji",
    "Symbola",
)  # fmt: skip
_PLACEHOLDER_FONTS = ("Last Resort", "Adobe Blank", "STIXNon", "STIXSize", "cm")
# Until 3.10 matplotlib sets one letter after the other; since 3.11 it asks libraqm how they join.
_SHAPES = hasattr(ft2font, "__libraqm_version__")
_JOINING = (
    "Arabic", "Hebrew", "Syriac", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu",
    "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Tibetan", "Myanmar", "Khmer",
)  # fmt: skip


@cache
def _covers(path: str, character: str) -> bool:
    """Whether a font file has an outline for a character; fonts of coloured pictures have none."""
    try:
        font = get_font(path)
        if not font.get_char_index(ord(character)):
            return False
        if character.isspace() or _invisible(character):
            return True
        font.load_char(ord(character), flags=ft2font.LoadFlags.NO_HINTING)
        return len(font.get_path()[0]) > 0
    except (OSError, RuntimeError, NotImplementedError):  # an installed file that is no usable font
        return False


@cache
def _path(family: str, weight: str = "normal", style: Style = "normal") -> str:
    return findfont(FontProperties(family=[family], weight=weight, style=style))


@cache
def _installed(first: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """List family and file of every font that may stand in, the best first."""
    files: dict[str, str] = {}
    for font in sorted(fontManager.ttflist, key=lambda font: (font.style != "normal", str(font.weight))):
        if not font.name.startswith(_PLACEHOLDER_FONTS):
            files.setdefault(font.name, font.fname)
    known = dict.fromkeys((*first, *_CHINESE, *_JAPANESE, *_KOREAN, *_OTHERS))
    order = [name for name in known if name in files]
    return tuple((name, files[name]) for name in [*order, *sorted(files.keys() - set(order))])


@cache
def _fallback(character: str, weight: str, style: Style, first: tuple[str, ...]) -> str | None:
    """Find the first installed family with this character, also in the face that will be drawn."""
    for name, path in _installed(first):
        if _covers(path, character) and _covers(_path(name, weight, style), character):
            return name
    return None


def _preferred(text: str) -> tuple[str, ...]:
    """Tell whose forms of the shared ideographs a text wants: kana are Japanese, Hangul is Korean."""
    if any("\u3040" <= character <= "\u30ff" for character in text):
        return _JAPANESE
    return _KOREAN if any("\uac00" <= character <= "\ud7af" for character in text) else ()


@cache
def _warn_once(script: str) -> None:
    fonts = {
        "Chinese, Japanese or Korean": "Noto Sans CJK (package fonts-noto-cjk)",
        "emoji": "Symbola or Noto Emoji (package fonts-symbola; fonts in colour cannot be drawn)",
    }
    font = fonts.get(script, f"Noto Sans {script} (package fonts-noto-core)")
    warnings.warn(
        f"No installed font can draw {script} text; its characters are shown as {_MISSING}. "
        f"Install one that can, for example {font}, and delete matplotlib's list of fonts "
        "(fontlist-*.json in the folder that matplotlib.get_cachedir() names).",
        UserWarning,
        stacklevel=2,
    )


@cache
def _warn_unshaped(script: str) -> None:
    warnings.warn(
        f"This matplotlib cannot set {script} text: its letters stand apart, from left to right. "
        "Install matplotlib 3.11 or later.",
        UserWarning,
        stacklevel=2,
    )


def _script(character: str) -> str:
    if is_wide(character):
        return "Chinese, Japanese or Korean"
    if is_pictograph(character):
        return "emoji"
    return unicodedata.name(character, "some unnamed").split()[0].title()


def _control(character: str) -> bool:
    return character in "\ufe0e\ufe0f" or unicodedata.category(character) == "Cc"


def _invisible(character: str) -> bool:
    return _control(character) or unicodedata.category(character) in {"Cf", "Cs", "Co", "Cn"}


class _Resolver:
    """Finds a font for every character of one text."""

    def __init__(self, text: str, weight: str, style: Style, family: str) -> None:
        self.face = (weight, style)
        self.main = _path(family, weight, style)
        self.first = _preferred(text)
        self.names = [family]
        self.missing: dict[str, None] = {}

    def drawn(self, part: str) -> str:
        """Give what is drawn of characters that belong together: one box if their first has no font."""
        kept = ""
        for place, character in enumerate(part):
            if self.has_font(character):
                kept += character
            elif not _invisible(character):
                if place and unicodedata.category(character) == "Sk":
                    continue  # without its skin tone an emoji is still the emoji
                self.missing[_script(character)] = None
                kept = kept.rstrip(_JOINER) + _MISSING
                if not place:
                    break
        return kept

    def has_font(self, character: str) -> bool:
        """Whether a font was found; its family is noted."""
        if character == "\n" or (not _control(character) and _covers(self.main, character)):
            return True
        found = None if _invisible(character) else _fallback(character, *self.face, self.first)
        if found is not None and found not in self.names:
            self.names.append(found)
        return found is not None


@cache
def _plain(path: str) -> frozenset[str]:
    """List the characters of a font that most texts are made of; each is drawn as it stands."""
    usual = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0x180), *range(0x2010, 0x2027))]
    return frozenset(c for c in usual if not _invisible(c) and _covers(path, c))


@lru_cache(maxsize=4096)
def _resolved(
    text: str, weight: str, style: Style, family: str
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if _plain(_path(family, weight, style)).issuperset(text):
        return text, (family,), ()
    resolver = _Resolver(text, weight, style, family)
    drawn = "".join(resolver.drawn(part) for part in graphemes(text.replace("\t", " ")))
    return drawn, tuple(resolver.names), tuple(resolver.missing)


@lru_cache(maxsize=4096)
def _unshaped(text: str) -> tuple[str, ...]:
    """List the scripts in a text whose letters this matplotlib cannot join or turn round."""
    if _SHAPES or text.isascii():
        return ()
    scripts = {_script(c) for c in text if c.isalpha() or is_right_to_left(c)}
    return tuple(script for script in _JOINING if script in scripts)


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
        Once a script and process, naming what to install: a font, or a later matplotlib for scripts whose
        letters join or run from right to left (Arabic, Hebrew, Devanagari, Thai and their relatives).
    """
    drawn, _, scripts = _resolved(text, weight, style, family)
    for script in scripts:
        _warn_once(script)
    for script in _unshaped(text):
        _warn_unshaped(script)
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
        Families, all installed. Fonts that hold coloured pictures instead of outlines are never among them.
    """
    return list(_resolved(text, weight, style, family)[1])
