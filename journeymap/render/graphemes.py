"""Where may a text be cut: which characters belong together, and which scripts take a hyphen?"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = [
    "graphemes",
    "is_pictograph",
    "is_right_to_left",
    "is_wide",
    "starts_right_to_left",
    "takes_hyphen",
]

_JOINER = "\u200d"
_WIDE_BLOCKS = (
    (0x1100, 0x11FF), (0x2E80, 0x303F), (0x3040, 0x30FF), (0x3100, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF),
)  # fmt: skip
# Latin, Greek, Cyrillic and Armenian with their signs; Georgian; their later additions.
_HYPHENATED = ((0x20, 0x58F), (0x10A0, 0x10FF), (0x1E00, 0x1FFF), (0x2010, 0x2027))
_PICTOGRAPHS = ((0x2600, 0x27BF), (0x1F000, 0x1FAFF))
_FLAG_LETTERS = (0x1F1E6, 0x1F1FF)
_SKIN_TONES = (0x1F3FB, 0x1F3FF)
_TAGS = (0xE0020, 0xE007F)
_VOWELS_AND_FINALS = (0x1160, 0x11FF)  # Hangul letters that complete a syllable begun before them
# Letters that are written with the one before: Thai and Lao am, and halfwidth Japanese voice marks.
_CLINGING = "\u0e33\u0eb3\uff9e\uff9f"
_PREPOSED = (0x0E40, 0x0E44)  # Thai vowels that stand before the consonant after which they are spoken


def _within(character: str, *blocks: tuple[int, int]) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in blocks)


def is_wide(character: str) -> bool:
    """Whether it is Chinese, Japanese or Korean, so that a line may end on either side of it."""
    return character >= "\u1100" and _within(character, *_WIDE_BLOCKS)


def is_pictograph(character: str) -> bool:
    """Whether it is an emoji or one of the signs beside them."""
    return character >= "\u2600" and _within(character, *_PICTOGRAPHS)


def is_right_to_left(character: str) -> bool:
    """Whether it is a letter of a script that runs from right to left."""
    return unicodedata.bidirectional(character) in {"R", "AL"}


def starts_right_to_left(text: str) -> bool:
    """Whether a line of this text runs from right to left, as its first letter tells.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        False without letters.

    Examples
    --------
    >>> starts_right_to_left("◆ שלום"), starts_right_to_left("Call שלום")
    (True, False)
    """
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"R", "AL", "L"}:
            return direction != "L"
    return False


def takes_hyphen(character: str) -> bool:
    """Whether a word cut behind this character is written with a hyphen."""
    return _within(character, *_HYPHENATED)


def _clings(before: str, character: str) -> bool:
    """Whether a character belongs to what stands before it; after Unicode Annex 29, and some more."""
    if character < "\u0300":
        return False
    last = before[-1]
    if (
        unicodedata.category(character).startswith("M")
        or character in {_JOINER, "\u200c"}
        or character in _CLINGING
        or last == _JOINER
        or _within(character, _SKIN_TONES, _TAGS)
        or (_within(character, _VOWELS_AND_FINALS) and _within(last, (0x1100, 0x11FF), (0xAC00, 0xD7AF)))
        or _within(last, _PREPOSED)
    ):
        return True
    if _within(character, _FLAG_LETTERS):
        return len(before) == 1 and _within(before, _FLAG_LETTERS)
    # A sign that takes the vowel from a letter binds it to the next one: Devanagari and its relatives.
    return unicodedata.combining(last) == 9 and character.isalpha()


@lru_cache(maxsize=16384)
def graphemes(text: str) -> tuple[str, ...]:
    r"""Into which parts can a text be cut at most?

    A letter with its marks, an emoji with its skin tone or joined to others, and a flag stay whole.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    tuple of str
        Together they are the text.

    Examples
    --------
    >>> [len(part) for part in graphemes("ae\u0301\U0001f1e9\U0001f1ea")]
    [1, 2, 2]
    """
    if text.isascii():
        return tuple(text)
    parts: list[str] = []
    for character in text:
        if parts and not parts[-1].isspace() and _clings(parts[-1], character):
            parts[-1] += character
        else:
            parts.append(character)
    return tuple(parts)
