"""What stands in the cells of a vertical map?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from journeymap.analysis.wording import percent
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import PainPoint, Touchpoint
from journeymap.render.map_lanes import BAR, PAD, channel_name
from journeymap.render.map_metrics import Counted
from journeymap.render.map_numbers import (
    FEW,
    few,
    share_range,
    share_value,
    time_range,
    time_value,
    visits_words,
)
from journeymap.render.map_score_cells import NAME_LINES, ScoreCell, score_width
from journeymap.render.map_scores import MOST_ROWS, ScoreRow, Scores
from journeymap.render.scene import LINK, Box, Item, Label
from journeymap.render.text import Style, line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = [
    "CHIPS",
    "CHIP_MARGINS",
    "SCORE_COLUMNS",
    "TEXT_COLUMNS",
    "Cell",
    "Cells",
    "channels_of",
    "head_of",
    "lay_cell",
    "number_widths",
    "texts_of",
]

CHIPS = {"pain points": "pain", "opportunities": "opportunity"}
_BAR_WIDTH = {"pain": 0.125, "opportunity": 0.05}  # of a pain point as severe as can be
CHIP_MARGINS = {kind: bar + 0.1 for kind, bar in _BAR_WIDTH.items()}
_SEVERITIES = 5
_CHIP_GAP = 0.06
_MOST_CHIPS, _CHIP_LINES = 6, 8
_MOST_LINES = 14  # a row is as tall as its longest text, so few texts are ever cut
_ABOVE = 0.065
_NUMBER = 0.34
_NAMED = 1.2  # inches of a column whose cells name their questions
_RING = 0.02  # from a number to the ring that says how little it rests on
# Each row of scores on a horizontal map is a column here.
SCORE_COLUMNS = tuple(f"score {number + 1}" for number in range(MOST_ROWS))
_SMALL = ("owner", "frontstage", "evidence", "backstage", "systems")


@dataclass(frozen=True, kw_only=True)
class Cells:
    """What all cells share.

    Parameters
    ----------
    journey : Journey
        For owners' and channels' names.
    theme : Theme
        Sizes and colours.
    numbers : Counted
        What was counted.
    scores : Scores
        What answers and tickets say.
    """

    journey: Journey
    theme: Theme
    numbers: Counted
    scores: Scores = field(default_factory=Scores)

    def score_row(self, name: str) -> ScoreRow | None:
        """Find the scores of a column by its name, None where it has others or none."""
        place = SCORE_COLUMNS.index(name) if name in SCORE_COLUMNS else MOST_ROWS
        return self.scores.rows[place] if place < len(self.scores.rows) else None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What stands in a cell.

    Parameters
    ----------
    height : float
        In inches.
    items : tuple of Item
        With the cell's top at y = 0.
    """

    height: float
    items: tuple[Item, ...]


_Texts: TypeAlias = Callable[[Cells, Touchpoint], Sequence[str]]


def _quoted(_cells: Cells, touchpoint: Touchpoint) -> Sequence[str]:
    text = touchpoint.thinking.strip()
    return (f"“{text}”" if text and text[0] not in "\"'“„«「‘" else text,)


def _owner(cells: Cells, touchpoint: Touchpoint) -> Sequence[str]:
    names = {owner.id: owner.name for owner in cells.journey.owners}
    owner = touchpoint.owner or ""
    return (names.get(owner, owner),)


_TEXTS: dict[str, _Texts] = {
    "touchpoint": lambda _cells, touchpoint: (touchpoint.name,),
    "doing": lambda _cells, touchpoint: (touchpoint.doing,),
    "thinking": _quoted,
    "pain points": lambda _cells, touchpoint: [pain.text for pain in _worst_first(touchpoint)],
    "opportunities": lambda _cells, touchpoint: touchpoint.opportunities,
    "owner": _owner,
    "frontstage": lambda _cells, touchpoint: touchpoint.frontstage,
    "evidence": lambda _cells, touchpoint: (", ".join(touchpoint.evidence),),
    "backstage": lambda _cells, touchpoint: touchpoint.backstage,
    "systems": lambda _cells, touchpoint: (", ".join(touchpoint.systems),),
}
TEXT_COLUMNS = frozenset(_TEXTS)


def channels_of(cells: Cells, touchpoint: Touchpoint) -> str:
    """Name the channels of a touchpoint on one line.

    Parameters
    ----------
    cells : Cells
        What all cells share.
    touchpoint : Touchpoint
        Of the row.

    Returns
    -------
    str
        Empty without any.
    """
    return " · ".join(channel_name(cells.journey, channel) for channel in touchpoint.channels)


def texts_of(cells: Cells, name: str, touchpoint: Touchpoint) -> tuple[str, ...]:
    """Which texts stand in a cell; none in a column of numbers?

    Parameters
    ----------
    cells : Cells
        What all cells share.
    name : str
        Of the column.
    touchpoint : Touchpoint
        Of the row.

    Returns
    -------
    tuple of str
        None of them empty.
    """
    texts = _TEXTS[name](cells, touchpoint) if name in _TEXTS else ()
    return tuple(text for text in texts if text.strip())


def head_of(cells: Cells, name: str) -> str:
    """What stands over a column?

    Parameters
    ----------
    cells : Cells
        What all cells share.
    name : str
        Of the column.

    Returns
    -------
    str
        The word for it, or the question with its scale.
    """
    row = cells.score_row(name)
    if row is None:
        return cells.theme.word(name).upper()
    return " ".join(filter(None, (cells.theme.word(row.name).upper(), row.scale_words(cells.theme))))


def lay_cell(cells: Cells, name: str, touchpoint: Touchpoint, left: float, width: float) -> Cell | None:
    """What stands in a cell; None where it stays empty?

    Parameters
    ----------
    cells : Cells
        What all cells share.
    name : str
        Of the column; neither touchpoint nor feeling.
    touchpoint : Touchpoint
        Of the row.
    left, width : float
        Of the cell, in inches.

    Returns
    -------
    Cell or None
        Its items and height.
    """
    if name in {"visits", "importance"}:
        return _share(cells, name, touchpoint, left, width)
    if name in {"drop-off", "median wait"}:
        return _estimate(cells, name, touchpoint, left, width)
    if name in SCORE_COLUMNS:
        return _score(cells, name, touchpoint, left, width)
    texts = texts_of(cells, name, touchpoint)
    if not texts:
        return None
    if name in CHIPS:
        return _chips(cells, CHIPS[name], touchpoint, texts, left, width)
    return _text(cells, name, texts, left, width)


def _text(cells: Cells, name: str, texts: Sequence[str], left: float, width: float) -> Cell:
    theme, italic = cells.theme, name == "thinking"
    size = theme.small_size if name in _SMALL else theme.body_size
    style: Style = "italic" if italic else "normal"
    text = "\n".join(texts if len(texts) == 1 else [f"· {each}" for each in texts])
    lines = wrap(text, width - 2 * PAD, size, "normal", _MOST_LINES, style=style, family=theme.family)
    height = len(lines) * line_height(size, theme.line_height) + 2 * _ABOVE
    label = Label(
        x=left + PAD, y=_ABOVE, text="\n".join(lines), size=size, style=style,
        colour=theme.muted if italic else theme.ink, line_height=theme.line_height,
        inside=Box(x=left, y=0, width=width, height=height),
    )  # fmt: skip
    return Cell(height=height, items=(label,))


def _worst_first(touchpoint: Touchpoint) -> list[PainPoint]:
    return sorted(touchpoint.pain_points, key=lambda pain: -(pain.severity or 0))


def _chips(
    cells: Cells, kind: str, touchpoint: Touchpoint, texts: Sequence[str], left: float, width: float
) -> Cell:
    """Lay chips under each other: a coloured bar, and the text on a tint."""
    theme = cells.theme
    pain = kind == "pain"
    fill, tint = (theme.pain, theme.pain_tint) if pain else (theme.opportunity, theme.opportunity_tint)
    weights = [(each.severity or 1) / _SEVERITIES for each in _worst_first(touchpoint) if each.text.strip()]
    x, wide, y = left + PAD, width - 2 * PAD, 0.05
    indent = _BAR_WIDTH[kind] + 0.06
    items: list[Item] = []
    for number, text in enumerate(texts[:_MOST_CHIPS]):
        lines = wrap(text, wide - CHIP_MARGINS[kind], theme.small_size, "normal", _CHIP_LINES,
                     family=theme.family)  # fmt: skip
        height = len(lines) * line_height(theme.small_size, theme.line_height) + 0.05
        ground = Box(x=x, y=y, width=wide, height=height, fill=tint, z=LINK, mark=kind)
        bar = _BAR_WIDTH[kind] * (weights[number] if pain else 1.0)
        items += [
            ground,
            Box(x=x, y=y, width=bar, height=height, fill=fill, mark=kind),
            Label(x=x + indent, y=y + height / 2, text="\n".join(lines), size=theme.small_size, va="center",
                  colour=theme.ink, line_height=theme.line_height, inside=ground),
        ]  # fmt: skip
        y += height + _CHIP_GAP
    if len(texts) > _MOST_CHIPS:
        words = f"+ {len(texts) - _MOST_CHIPS} {theme.word('more')}"
        more = Label(x=x, y=y, text=words, size=theme.tick_size, colour=theme.muted)
        items.append(more)
        y += more.height + _CHIP_GAP
    return Cell(height=y - _CHIP_GAP + 0.05, items=tuple(items))


def _share(cells: Cells, name: str, touchpoint: Touchpoint, left: float, width: float) -> Cell | None:
    """Lay a share, 0 to 1, over its bar."""
    theme, visits = cells.theme, touchpoint.visits
    if name == "importance":
        share = touchpoint.importance
        words = percent(share or 0.0)
    else:
        share = visits.share if visits and cells.numbers.journeys else None
        words = visits_words(visits) if visits else ""
    if share is None:
        return None
    x, wide = left + PAD, width - 2 * PAD
    items: list[Item] = [
        Label(x=x, y=_ABOVE, text=words, size=theme.body_size, colour=theme.ink,
              inside=Box(x=left, y=0, width=width, height=_NUMBER)),
        Box(x=x, y=0.26, width=wide, height=BAR, fill=theme.grid, z=LINK, mark=name),
    ]  # fmt: skip
    if share > 0:
        items.append(Box(x=x, y=0.26, width=wide * min(1.0, share), height=BAR, fill=theme.curve,
                         z=LINK + 0.5, mark=name))  # fmt: skip
    return Cell(height=_NUMBER, items=tuple(items))


@dataclass(frozen=True, kw_only=True)
class _Number:
    """An estimate in words: its value, a ring where it rests on little, its interval."""

    value: str
    ring: str
    around: str


def _number(cells: Cells, name: str, touchpoint: Touchpoint) -> _Number | None:
    known, write, ends = (
        (cells.numbers.drop_off, share_value, share_range)
        if name == "drop-off"
        else (cells.numbers.waits, time_value, time_range)
    )
    estimate = known.get(touchpoint.id)
    if estimate is None or estimate.value is None:
        return None
    return _Number(value=write(estimate), ring=FEW if few(estimate) else "", around=ends(estimate))


def number_widths(cells: Cells, name: str, touchpoint: Touchpoint) -> tuple[float, float]:
    """How wide is a number in its cell, and how wide is the interval below it?

    Parameters
    ----------
    cells : Cells
        What all cells share.
    name : str
        Of the column.
    touchpoint : Touchpoint
        Of the row.

    Returns
    -------
    tuple of float
        In inches, with what stands free beside them; 0 where there is none.
    """
    theme, words = cells.theme, ""
    if name == "visits" and touchpoint.visits and cells.numbers.journeys:
        words = visits_words(touchpoint.visits)
    row = cells.score_row(name)
    if row is not None and touchpoint.id in row.cells:
        large, below = score_width(row.cells[touchpoint.id], theme)
        return large + 2 * PAD, max(below + 2 * PAD, _NAMED if row.several else 0.0)
    number = _number(cells, name, touchpoint) if name in {"drop-off", "median wait"} else None
    ring = 0.0
    if number is not None:
        words = number.value
        ring = _RING + text_width(FEW, theme.body_size, family=theme.family) if number.ring else 0.0
    around = number.around if number else ""
    return (
        text_width(words, theme.body_size, family=theme.family) + ring + 1.5 * PAD if words else 0.0,
        text_width(around, theme.tick_size, family=theme.family) + 1.5 * PAD if around else 0.0,
    )


def _score(cells: Cells, name: str, touchpoint: Touchpoint, left: float, width: float) -> Cell | None:
    """Lay a score with its bar, interval and number of answers."""
    row = cells.score_row(name)
    if row is None:
        return None
    theme = cells.theme
    cell = ScoreCell(row=row, width=width - 2 * PAD, theme=theme)

    def broken(text: str, wide: float, size: float) -> tuple[str, ...]:
        return wrap(text, wide, size, max_lines=NAME_LINES, family=theme.family)

    items = cell.laid(touchpoint.id, left + PAD, broken)
    return Cell(height=cell.height + 0.04, items=tuple(items)) if items else None


def _estimate(cells: Cells, name: str, touchpoint: Touchpoint, left: float, width: float) -> Cell | None:
    """Lay a number, a ring where it rests on little, and its interval below where that has room."""
    number = _number(cells, name, touchpoint)
    if number is None:
        return None
    theme, x = cells.theme, left + PAD
    ground = Box(x=left, y=0, width=width, height=_NUMBER)
    items: list[Item] = [
        Label(x=x, y=_ABOVE, text=number.value, size=theme.body_size, colour=theme.ink, inside=ground)
    ]
    if number.ring:
        beside = x + _RING + text_width(number.value, theme.body_size, family=theme.family)
        items.append(Label(x=beside, y=_ABOVE, text=number.ring, size=theme.body_size, colour=theme.ink,
                           inside=ground, mark="few"))  # fmt: skip
    if number.around and text_width(number.around, theme.tick_size, family=theme.family) <= width - PAD:
        items.append(Label(x=x, y=0.2, text=number.around, size=theme.tick_size, colour=theme.muted,
                           inside=ground, mark="estimate"))  # fmt: skip
    return Cell(height=_NUMBER, items=tuple(items))
