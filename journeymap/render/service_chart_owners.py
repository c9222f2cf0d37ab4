"""Which team's touchpoints do service contacts come after, and which team carries them?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from journeymap.analysis.service_causes_report import BEGINS_HERE, NO_OWNER, OwnerPair, ServiceCauses
from journeymap.analysis.wording import percent
from journeymap.render.chart_parts import paragraph
from journeymap.render.scene import SHAPE, Box, Item, Label, LegendEntry
from journeymap.render.service_chart_panel_words import causes_finding, causes_note
from journeymap.render.service_chart_room import panel_head
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["owner_entries", "owner_panel"]

_MOST_ROWS, _MOST_COLUMNS = 10, 8
_ROW, _GAP, _SUMS = 0.36, 0.025, 0.12
_NARROWEST, _WIDEST, _ALL = 0.5, 1.15, 0.62
_NAMES, _NAMES_LEAST = 0.34, 1.0  # the room for names, as a part of the panel, and in inches
_HEAD_LINES = 3
_LAST = (NO_OWNER, BEGINS_HERE)
_OTHERS = "@others"
_CAME_AFTER = "came after a touchpoint of"
_SMALLEST = 6.5
_LETTER = 0.17
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SCALE, _SCALE_BOXES = 0.9, 18


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """Contacts of one owner after touchpoints of another, or a sum of such cells."""

    contacts: int = 0
    share: float = 0.0
    small: bool = False


@dataclass(frozen=True, kw_only=True)
class _Matrix:
    """Who stands in which row and column, and what is in the cells."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], _Cell]

    def sum(self, row: str | None, column: str | None) -> _Cell:
        """Give all of a row, of a column, or of both."""
        found = [
            cell
            for (cause, carrier), cell in self.cells.items()
            if row in {None, cause} and column in {None, carrier}
        ]
        return _Cell(contacts=sum(cell.contacts for cell in found), share=sum(cell.share for cell in found))

    @property
    def highest(self) -> float:
        """The largest share of two teams."""
        return (
            max((cell.share for pair, cell in self.cells.items() if _OTHERS not in pair), default=0.0) or 1.0
        )


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Where rows and columns stand, in inches."""

    x: float
    left: float
    top: float
    step: float

    def box(self, row: int, column: int) -> Box:
        cell = Box(x=self.left + self.step * column, y=self.top + _ROW * row, width=self.step, height=_ROW)
        return cell.inset(_GAP / 2)


def owner_panel(
    causes: ServiceCauses, x: float, y: float, width: float, theme: Theme
) -> tuple[list[Item], float]:
    """Where does the matrix of teams stand?

    Parameters
    ----------
    causes : ServiceCauses
        What `find_service_causes` found, with at least one pair of teams.
    x, y, width : float
        The left end, the top, and the room, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        Rows for whose touchpoint came before the contacts, columns for who carries them; the cells of one and
        the same team are outlined. Of many teams the smallest stand together.
    float
        The y below.
    """
    began = " that customers began" if causes.proactive_contacts else ""
    items, y = panel_head(
        f"contacts{began} by team: whose touchpoint came before, and who carries them",
        causes_finding(causes),
        x,
        y,
        width,
        theme,
    )
    matrix = _matrix(causes)
    names = _names_width(matrix, width, theme)
    beside = _ALL + _SUMS if len(matrix.columns) > 1 else 0.0
    step = min(_WIDEST, (width - names - beside) / len(matrix.columns))
    heads, letters = _heads(matrix.columns, step - 0.08, theme)
    high = max(len(lines) for lines in heads) * theme.tick_size * 1.15 / 72
    grid = _Grid(x=x, left=x + names, top=y + 0.19 + high + 0.05, step=step)
    items += _frame(matrix, heads, letters, grid, theme)
    for row, cause in enumerate(matrix.rows):
        for column, carrier in enumerate(matrix.columns):
            cell = matrix.cells.get((cause, carrier), _Cell())
            several = _OTHERS in {cause, carrier}
            own = cause == carrier and cause not in _LAST and not several
            highest = 0.0 if several else matrix.highest
            items += _cell(cell, grid.box(row, column), highest, theme, own=own)
    bottom = grid.top + _ROW * len(matrix.rows)
    items += _sums(matrix, grid, theme)
    if len(matrix.rows) > 1:
        bottom += _ROW + _SUMS / 2
    unnamed = [f"{letters[name]}\u00a0{_shown(name, theme)}" for name in letters if name not in matrix.rows]
    said = "\n".join(filter(None, ["   ".join(unnamed), causes_note(causes)]))
    note, high = paragraph(said, x, bottom + 0.06, width, theme, size=theme.tick_size, colour=theme.muted)
    return [*items, *note], bottom + (0.06 + high if high else 0.0)


def _names_width(matrix: _Matrix, width: float, theme: Theme) -> float:
    """Give the room for the names of rows, at least that of the words above them."""
    longest = max(
        text_width(_shown(name, theme), theme.small_size, "bold", family=theme.family) for name in matrix.rows
    )
    above = text_width(theme.word(_CAME_AFTER), theme.tick_size, style="italic", family=theme.family)
    least = max(_NAMES_LEAST, above + 0.12)
    return min(max(longest + 0.3, least), max(least, width * _NAMES))


def _shown(name: str, theme: Theme) -> str:
    return theme.word(name.strip("@")) if name in {*_LAST, _OTHERS} else name


def _matrix(causes: ServiceCauses) -> _Matrix:
    """Order owners by their contacts, those without a name last, and put the smallest of many together."""
    pairs = causes.owners
    before, after, _ = causes.matrix()
    columns = _kept(after, _MOST_COLUMNS, before)
    rows = _kept(before, _MOST_ROWS, columns)
    if {*columns} <= {*rows, *_LAST, _OTHERS}:
        # in the order of the rows, so that the outlined cells run downwards
        columns = tuple(sorted(columns, key=lambda name: (name in {*_LAST, _OTHERS}, _place(name, rows))))
    found: dict[tuple[str, str], list[OwnerPair]] = {}
    for pair in pairs:
        cause = pair.cause if pair.cause in rows else _OTHERS
        carrier = pair.carrier if pair.carrier in columns else _OTHERS
        found.setdefault((cause, carrier), []).append(pair)
    cells = {
        place: _Cell(
            contacts=sum(pair.contacts for pair in inside),
            share=sum(pair.share.value or 0.0 for pair in inside),
            small=len(inside) == 1 and inside[0].share.small_sample,
        )
        for place, inside in found.items()
    }
    return _Matrix(rows=rows, columns=columns, cells=cells)


def _place(name: str, rows: Sequence[str]) -> int:
    return rows.index(name) if name in rows else len(rows)


def _kept(names: Sequence[str], most: int, across: Sequence[str]) -> tuple[str, ...]:
    """Keep the largest, rather those that stand on the other side, too; the rest stands together."""
    if len(names) <= most:
        return tuple(names)
    last = [name for name in names if name in _LAST]
    first = [name for name in names if name not in _LAST]
    wanted = sorted(first, key=lambda name: name not in across)[: most - 1 - len(last)]
    return (*(name for name in first if name in wanted), _OTHERS, *last)


def _heads(columns: Sequence[str], room: float, theme: Theme) -> tuple[list[tuple[str, ...]], dict[str, str]]:
    """Break the names of columns; where one does not fit, all get letters."""
    names = [_shown(name, theme) for name in columns]
    lines = [wrap(name, room, theme.tick_size, "bold", family=theme.family) for name in names]
    # lines that a hyphen was put into hold more than the name
    whole = all(
        len(found) <= _HEAD_LINES and "".join(found).replace(" ", "") == name.replace(" ", "")
        for found, name in zip(lines, names, strict=True)
    )
    if whole:
        return lines, {}
    letters = dict(zip(columns, _LETTERS, strict=False))
    return [(letters[name],) for name in columns], letters


def _frame(
    matrix: _Matrix, heads: Sequence[tuple[str, ...]], letters: Mapping[str, str], grid: _Grid, theme: Theme
) -> Iterable[Item]:
    """Name rows and columns."""
    size = theme.tick_size
    yield Label(x=grid.x, y=grid.top - 0.05, text=theme.word(_CAME_AFTER), size=size, va="bottom",
                colour=theme.muted, style="italic")  # fmt: skip
    highest = max(len(lines) for lines in heads) * size * 1.15 / 72
    yield Label(x=grid.left + 0.04, y=grid.top - 0.05 - highest, text=theme.word("carried by"), size=size,
                va="bottom", colour=theme.muted, style="italic")  # fmt: skip
    for place, lines in enumerate(heads):
        yield Label(x=grid.left + grid.step * (place + 0.5), y=grid.top - 0.05, text="\n".join(lines),
                    size=size, weight="bold", ha="center", va="bottom", colour=theme.ink,
                    line_height=1.15)  # fmt: skip
    for place, name in enumerate(matrix.rows):
        middle, left = grid.top + _ROW * (place + 0.5), grid.x
        if letters:
            yield Label(x=left, y=middle, text=letters.get(name, ""), size=size, weight="bold", va="center",
                        colour=theme.muted)  # fmt: skip
            left += _LETTER
        yield from _name(name, left, middle, grid.left - left - 0.1, theme)


def _name(name: str, x: float, middle: float, room: float, theme: Theme) -> Iterable[Item]:
    """Name a row on one or two lines, on three smaller ones where it is very long."""
    shown = _shown(name, theme)
    size = theme.small_size
    lines = wrap(shown, room, size, "bold", family=theme.family)
    if len(lines) > 2:
        size = _SMALLEST
        lines = wrap(shown, room, size, "bold", 3, family=theme.family)
    colour = theme.muted if name in {*_LAST, _OTHERS} else theme.ink
    yield Label(x=x, y=middle, text="\n".join(lines), size=size, weight="bold", va="center", colour=colour,
                line_height=1.15)  # fmt: skip


def _cell(cell: _Cell, box: Box, highest: float, theme: Theme, *, own: bool) -> Iterable[Item]:
    x, y = box.centre
    if own:
        yield replace(box.inset(-0.008), fill=None, edge=theme.ink, line_width=2.0, z=SHAPE + 0.1, mark="own")
    if not cell.contacts:
        yield replace(box, fill=theme.paper, edge=theme.grid, line_width=0.6)
        yield Label(x=x, y=y, text="0", size=theme.tick_size, ha="center", va="center", colour=theme.muted,
                    inside=box)  # fmt: skip
        return
    if not highest:  # several teams together bear no colour, as they would outshine all others
        yield replace(box, fill=theme.paper, edge=theme.grid, line_width=0.6)
        yield from _numbers(cell, box, theme.ink, theme)
        return
    ground = theme.shade(cell.share / highest)
    yield replace(box, fill=ground, edge=None, line_width=0.0, mark="cell")
    yield from _numbers(cell, box, theme.text_on(ground), theme)


def _numbers(cell: _Cell, box: Box, colour: str, theme: Theme) -> Iterable[Item]:
    """Write the share in bold, and the count below it."""
    x, y = box.centre
    star = "*" if cell.small else ""
    share = f"{percent(cell.share)}{star}"
    if text_width(share, theme.body_size, "bold", family=theme.family) > box.width - 0.04:
        share = share.replace("under ", "<")
    yield Label(x=x, y=y - 0.065, text=share, size=theme.body_size, weight="bold",
                ha="center", va="center", colour=colour, inside=box,
                mark="small sample" if star else "")  # fmt: skip
    yield Label(x=x, y=y + 0.08, text=f"{cell.contacts:,}", size=_SMALLEST, ha="center",
                va="center", colour=colour, inside=box)  # fmt: skip


def _sums(matrix: _Matrix, grid: _Grid, theme: Theme) -> Iterable[Item]:
    """Write the sums of rows at the right and of columns below, where there is more than one."""
    rows, columns = len(matrix.rows), len(matrix.columns)
    right = grid.left + grid.step * columns + _SUMS
    below = grid.top + _ROW * rows + _SUMS / 2
    word = theme.word("all")
    if columns > 1:
        yield Label(x=right + _ALL / 2, y=grid.top - 0.05, text=word, size=theme.tick_size, weight="bold",
                    ha="center", va="bottom", colour=theme.muted)  # fmt: skip
        for place, name in enumerate(matrix.rows):
            box = Box(x=right, y=grid.top + _ROW * place, width=_ALL, height=_ROW)
            yield from _numbers(matrix.sum(name, None), box, theme.ink, theme)
    if rows > 1:
        yield Label(x=grid.x, y=below + _ROW / 2, text=word, size=theme.small_size, weight="bold",
                    va="center", colour=theme.muted)  # fmt: skip
        for place, name in enumerate(matrix.columns):
            box = Box(x=grid.left + grid.step * place, y=below, width=grid.step, height=_ROW)
            yield from _numbers(matrix.sum(None, name), box, theme.ink, theme)


def owner_entries(causes: ServiceCauses, theme: Theme) -> list[LegendEntry]:
    """What do the colours and outlines of the matrix mean?

    Parameters
    ----------
    causes : ServiceCauses
        Gives the end of the scale.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of LegendEntry
        One for each mark of `owner_panel`.
    """
    first = "0"
    wide = text_width(first, theme.small_size, family=theme.family) + 0.08
    scale: list[Item] = [Label(x=0, y=0, text=first, size=theme.small_size, colour=theme.muted, va="center")]
    step = _SCALE / _SCALE_BOXES
    scale += [
        Box(x=wide + step * place, y=-0.065, width=step + 0.004, height=0.13,
            fill=theme.shade((place + 0.5) / _SCALE_BOXES))
        for place in range(_SCALE_BOXES)
    ]  # fmt: skip
    highest = _matrix(causes).highest
    outline = Box(x=0, y=-0.075, width=0.26, height=0.15, edge=theme.ink, line_width=2.0)
    return [
        LegendEntry(mark="cell", marks=tuple(scale), width=wide + _SCALE,
                    text=f"{percent(highest)} {theme.word('of all contacts')}"),
        LegendEntry(mark="own", marks=(outline,), width=0.26, text="the same team before and in the contact"),
    ]  # fmt: skip
