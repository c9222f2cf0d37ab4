"""What stands in full below a map where a cell had no room for it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from journeymap.render.scene import Item, Label
from journeymap.render.text import Style, line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["Note", "Notes", "lay_notes"]

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WIDEST = 5.2  # inches of one column of notes
_GUTTER = 0.3


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text that was cut.

    Parameters
    ----------
    number : int
        As it stands at the cut.
    where : str
        Touchpoint and lane.
    text : str
        In full.
    """

    number: int
    where: str
    text: str


@dataclass(kw_only=True)
class Notes:
    """Collects what is cut while a map is laid out; the one thing about a layout that changes.

    Parameters
    ----------
    theme : Theme
        Gives the font.
    numbered : bool
        Whether a small number stands at each cut.

    Examples
    --------
    >>> notes = Notes(theme=Theme(), numbered=True)
    >>> notes.broken("Compares twelve plans on a review site", 1.5, 8, most=1, where="Compare, doing")
    ('Compares twelve plan…¹',)
    >>> notes.found[0].text
    'Compares twelve plans on a review site'
    """

    theme: Theme
    numbered: bool = False
    _numbers: dict[str, Note] = field(default_factory=dict)

    @property
    def found(self) -> tuple[Note, ...]:
        """Every text that was cut, each once, in the order in which they were met."""
        return tuple(self._numbers.values())

    def broken(
        self,
        text: str,
        width: float,
        size: float,
        *,
        most: int,
        where: str,
        weight: str = "normal",
        style: Style = "normal",
    ) -> tuple[str, ...]:
        """Into which lines does the text break, with a number where it is cut?

        Parameters
        ----------
        text : str
            Any text.
        width, size : float
            Of a line in inches, of the letters in points.
        most : int
            The most lines.
        where : str
            Touchpoint and lane, for the note.
        weight, style : str
            How it is set.

        Returns
        -------
        tuple of str
            The lines; empty for an empty text.
        """
        family = self.theme.family
        lines = wrap(text, width, size, weight, style=style, family=family)
        if len(lines) <= most:
            return lines
        raised = self.mark(text, where)
        room = width - (text_width(raised, size, weight, style, family) if raised else 0.0)
        *before, last = wrap(text, room, size, weight, most, style=style, family=family)
        return (*before, last + raised)

    def mark(self, text: str, where: str) -> str:
        """Which small number stands for this text, which is not shown in full; none without numbers.

        Parameters
        ----------
        text, where : str
            In full, and where it belongs.

        Returns
        -------
        str
            Raised digits, the same again for the same text.
        """
        words = " ".join(text.split())
        note = self._numbers.setdefault(words, Note(number=len(self._numbers) + 1, where=where, text=words))
        return str(note.number).translate(_RAISED) if self.numbered else ""


def lay_notes(
    notes: Sequence[Note], left: float, top: float, width: float, theme: Theme
) -> tuple[tuple[Item, ...], float]:
    """Where do the notes stand: in columns below the map?

    Parameters
    ----------
    notes : sequence of Note
        In order.
    left, top, width : float
        Where there is room, in inches.
    theme : Theme
        Sizes, colours and words.

    Returns
    -------
    tuple of Item
        Numbers and texts.
    float
        The height of all; 0 without notes.
    """
    if not notes:
        return (), 0.0
    size = theme.small_size
    items: list[Item] = [
        Label(x=left, y=top, text=theme.word("notes").upper(), size=size, weight="bold", colour=theme.muted)
    ]
    head = line_height(size) + 0.06
    count = max(1, min(len(notes), round(width / _WIDEST)))
    wide = (width - (count - 1) * _GUTTER) / count
    indent = text_width(str(len(notes)), size, "bold", family=theme.family) + 0.1
    blocks = [wrap(f"{note.where}: {note.text}", wide - indent, size, family=theme.family) for note in notes]
    heights = [len(lines) * line_height(size) + 0.05 for lines in blocks]
    fair = sum(heights) / count
    column, y, deepest = 0, 0.0, 0.0
    for note, lines, height in zip(notes, blocks, heights, strict=True):
        if column < count - 1 and y + height / 2 > fair:
            column, y = column + 1, 0.0
        x = left + column * (wide + _GUTTER)
        items.append(Label(x=x, y=top + head + y, text=str(note.number), size=size, weight="bold",
                           colour=theme.muted))  # fmt: skip
        items.append(Label(x=x + indent, y=top + head + y, text="\n".join(lines), size=size,
                           colour=theme.ink))  # fmt: skip
        y += height
        deepest = max(deepest, y)
    return tuple(items), head + deepest
