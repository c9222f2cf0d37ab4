"""Tables and sentences for a terminal: no word and no number is ever broken, however narrow it is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from itertools import pairwise

from rich.cells import cell_len

from journeymap.report.tables import Rows, numeric_columns

__all__ = ["table_text", "wrapped"]

_GAP = 2
_COMFORT = 12  # a column of text does not shrink below this, unless its texts are shorter
_PROSE = 100
_TIED = "\N{NO-BREAK SPACE}"
_UNIT = re.compile(r"(?<=\d) (?=%|(?:second|minute|hour|day|week|month|year)s?\b)")
_TO = re.compile(r"(?<=[\d%s]) to (?=\d|under|over)")
_INTERVAL = "95 % interval"
_STAGE = "Stage"


def wrapped(text: str, width: int) -> str:
    """Break sentences into lines between words.

    Parameters
    ----------
    text : str
        One paragraph a line.
    width : int
        Of the terminal, in characters; lines longer than 100 are hard to read and are broken, too.

    Returns
    -------
    str
        The same words. What follows a number such as ``1.`` or an indent is indented alike.

    Examples
    --------
    >>> print(wrapped("1. A third of them, 38 % to 44 %, go away", 22))
    1. A third of them,
       38 % to 44 %, go
       away
    """
    lines = []
    for line in text.split("\n"):
        indent = re.match(r"\s*(\d+\. )?", line)
        lines += textwrap.wrap(
            _UNIT.sub(_TIED, line),
            min(width, _PROSE),
            subsequent_indent=" " * len(indent[0] if indent else ""),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines).replace(_TIED, " ")


def table_text(rows: Rows, width: int) -> str:
    """Lay a table out for a terminal.

    Parameters
    ----------
    rows : list of tuple of str
        The head, then the rows.
    width : int
        Of the terminal, in characters.

    Returns
    -------
    str
        Columns side by side. Where they do not fit, intervals move under their values, then stages under
        their touchpoints, then intervals take two lines; where that does not fit either, every row
        becomes a list of facts.

    Examples
    --------
    >>> print(table_text([("Stage", "Share"), ("After purchase", "18 %")], 30))
    Stage           Share
    ━━━━━━━━━━━━━━━━━━━━━
    After purchase   18 %
    """
    narrowed = rows
    for narrower in (_as_it_is, _intervals_below, _stages_below, _intervals_in_two_lines):
        narrowed = narrower(narrowed)
        right = numeric_columns([tuple(cell.split("\n")[0] for cell in row) for row in narrowed])
        widths = _widths(narrowed, right, width)
        if widths:
            return _side_by_side(narrowed, right, widths)
    return _as_facts(rows, width)


def _as_it_is(rows: Rows) -> Rows:
    return rows


def _intervals_below(rows: Rows) -> Rows:
    return _merged(rows, _INTERVAL, lambda text: text)


def _stages_below(rows: Rows) -> Rows:
    return _merged(rows, _STAGE, lambda text: f"({text})")


def _intervals_in_two_lines(rows: Rows) -> Rows:
    return [rows[0], *(tuple(_TO.sub(" to\n", cell) for cell in row) for row in rows[1:])]


def _merged(rows: Rows, head: str, write: Callable[[str], str]) -> Rows:
    """Put the columns of one head under the columns before them."""
    places = [place for place, name in enumerate(rows[0]) if name == head and place]
    merged: Rows = []
    for number, row in enumerate(rows):
        cells: list[str] = []
        for place, cell in enumerate(row):
            if place not in places:
                cells.append(cell)
            elif number and cell:
                cells[-1] = f"{cells[-1]}\n{write(cell)}"
        merged.append(tuple(cells))
    return merged


def _widths(rows: Rows, right: tuple[bool, ...], width: int) -> list[int] | None:
    """How wide is every column, None where they do not fit?"""
    least, most = [], []
    for number, cells in zip(right, zip(*rows, strict=True), strict=True):
        texts = [line for cell in cells[1:] for line in _lines_of(cell, number=number)]
        longest = max((cell_len(text) for text in texts), default=0)
        word = max((cell_len(word) for text in texts for word in _words(text)), default=0)
        head = max(cell_len(word) for word in [*_words(cells[0]), ""])
        least.append(max(head, longest if number else max(word, min(longest, _COMFORT))))
        most.append(max(least[-1], longest, head if number else cell_len(cells[0])))
    spare = width - sum(least) - _GAP * (len(least) - 1)
    if spare < 0:
        return None
    # what is left goes to the column that still wants most
    found = list(least)
    while spare and any(have < want for have, want in zip(found, most, strict=True)):
        place = max(range(len(found)), key=lambda place: most[place] - found[place])
        found[place] += 1
        spare -= 1
    return found


def _side_by_side(rows: Rows, right: tuple[bool, ...], widths: list[int]) -> str:
    blocks = [_block(row, right, widths, head=not place) for place, row in enumerate(rows)]
    several = any(len(block) > 1 for block in blocks[1:])
    length = sum(widths) + _GAP * (len(widths) - 1)
    lines = [*blocks[0], "━" * length]
    for block, after in pairwise([*blocks[1:], None]):
        lines += block or []
        if several and after is not None:
            lines.append("─" * length)
    return "\n".join(lines)


def _block(row: tuple[str, ...], right: tuple[bool, ...], widths: list[int], *, head: bool) -> list[str]:
    columns = []
    for cell, number, width in zip(row, right, widths, strict=True):
        texts = _lines_of(cell, number=number and not head)
        columns.append([line for text in texts for line in _broken(text, width)])
    height = max(len(column) for column in columns)
    lines = []
    for place in range(height):
        cells = []
        for column, number, width in zip(columns, right, widths, strict=True):
            # heads stand on the rule, cells hang from it
            at = place - (height - len(column)) if head else place
            text = column[at] if 0 <= at < len(column) else ""
            pad = " " * (width - cell_len(text))
            cells.append(pad + text if number else text + pad)
        lines.append((" " * _GAP).join(cells).rstrip())
    return lines


def _lines_of(cell: str, *, number: bool) -> list[str]:
    # what is said about a number in parentheses may stand below it
    return (cell.replace(" (", "\n(") if number else cell).split("\n")


def _words(text: str) -> list[str]:
    return _UNIT.sub(_TIED, text).split(" ")


def _broken(text: str, width: int) -> list[str]:
    lines = [""]
    for word in _words(text):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line.replace(_TIED, " ") for line in lines]


def _as_facts(rows: Rows, width: int) -> str:
    lines = []
    for row in rows[1:]:
        lines.append(wrapped(row[0], width))
        for name, cell in zip(rows[0][1:], row[1:], strict=True):
            if cell:
                lines.append(wrapped(f"  {name}: {cell}" if name else f"  {cell}", width))
        lines.append("")
    return "\n".join(lines[:-1])
