"""How many customers of each cohort come back, period after period?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes

from journeymap.analysis.wording import percent
from journeymap.errors import require
from journeymap.metrics.retention import retention_curve
from journeymap.model.cohorts import CohortCell, Cohorts
from journeymap.model.measures import SMALL_SAMPLE, Estimate
from journeymap.render.chart_parts import MARGIN, caption, heading, paragraph
from journeymap.render.cohorts_words import cohort_facts, cohort_finding, cohorts_words
from journeymap.render.facts import filtered
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import Box, Item, Label, LegendEntry, Line, Scene
from journeymap.render.text import text_width
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["cohorts_scene", "describe_cohorts", "draw_cohorts"]

_TITLE = "Cohort retention"
_HINT = "count cohorts first: cohorts(log, period='month')"
_WIDE, _TIGHT = (0.5, 0.28), (0.36, 0.24)  # cells with "16 %", and with "16"
_MOST_WIDE, _MOST_TIGHT = 18, 40  # columns with these cells
_GRID_WIDTH = 14.0  # of more columns, whose cells hold no number
_LOWEST = 0.1  # a cell without number
_GAP, _POOLED_GAP, _POOLED_ROW = 0.012, 0.1, 0.4
_SIZES = 0.62  # room for the number of customers
_NARROWEST = 6.4
_INTERVAL = 6.5
_SCALE_BOXES = 40


def draw_cohorts(cohorts: Cohorts, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """How many customers of each cohort come back, period after period?

    One row for each cohort, the customers who came first in one period; one column for each age from one
    period on (at age 0 all are active, by definition). A cell is the share of the cohort active at that age,
    grey where it was not observed yet. The last row takes all cohorts together that were observed so long.

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    JourneyMapError
        The given Axes are too small to be read.

    Notes
    -----
    Compare cohorts within one column. The last row mixes fewer and fewer, older and older cohorts from left
    to right.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.activity import cohorts
    >>> from journeymap.events.log import EventLog
    >>> table = pa.table({"who": ["a", "b", "a"], "what": ["buy"] * 3,
    ...                   "when": ["2024-01-05", "2024-01-09", "2024-02-01"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> draw_cohorts(cohorts(log, observed_until="2024-03-01")).texts[0].get_text()
    'Cohort retention'
    """
    require(cohorts, Cohorts, "draw_cohorts", hint=_HINT)
    return paint(cohorts_scene(cohorts, theme=theme), ax, theme)


def describe_cohorts(cohorts: Cohorts) -> str:
    """What does the heat map of cohorts say, in sentences?

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.

    Returns
    -------
    str
        One sentence a line.
    """
    require(cohorts, Cohorts, "describe_cohorts", hint=_HINT)
    return cohorts_words(cohorts)


def cohorts_scene(cohorts: Cohorts, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the heat map of cohorts?

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        A sentence alone where no cohort could come back yet.
    """
    rows = _rows(cohorts)
    ages = max((len(row) for row in rows), default=1) - 1
    names = _names_width(rows, theme)
    cell = _cell_size(ages, theme)
    width = max(_NARROWEST, 2 * MARGIN + names + _SIZES + cell[0] * ages) if ages else _NARROWEST
    facts = [*cohort_facts(cohorts), *filtered(cohorts.filters, theme)]
    items, y = heading(theme.word(_TITLE), facts, width, theme)
    said, high = paragraph(
        cohort_finding(cohorts), MARGIN, y + 0.1, width - 2 * MARGIN, theme, size=theme.stage_size
    )
    items += said
    y += 0.1 + high + 0.2
    if ages:
        table = _Table(cohorts=cohorts, rows=rows, ages=ages, left=MARGIN + names + _SIZES, top=y + 0.42,
                       cell=cell, largest=_largest(rows), theme=theme)  # fmt: skip
        items += [*_head(table), *_body(table), *_pooled(table)]
        y = table.bottom + 0.14
    notes, high = paragraph(
        " ".join(cohorts.timeline.in_words()), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    return with_legend(
        [*items, *notes],
        _entries(rows, theme),
        y=y + high + 0.1,
        width=width,
        theme=theme,
        title=theme.word(_TITLE),
        description=cohorts_words(cohorts),
    )


def _rows(cohorts: Cohorts) -> list[list[CohortCell]]:
    """One list a cohort, its cells by age."""
    rows: dict[str, list[CohortCell]] = {}
    for cell in cohorts.cells():
        rows.setdefault(cell.cohort, []).append(cell)
    return list(rows.values())


def _names_width(rows: list[list[CohortCell]], theme: Theme) -> float:
    names = [row[0].cohort for row in rows] + [theme.word("all cohorts")]
    widest = max(text_width(name, theme.small_size, "bold", family=theme.family) for name in names)
    return widest + 0.12


def _cell_size(ages: int, theme: Theme) -> tuple[float, float]:
    """How large are cells: with room for a number as long as the page has it?"""
    room = 1 / theme.scale  # larger type leaves room for fewer numbers
    if ages <= _MOST_WIDE * room:
        return _WIDE
    if ages <= _MOST_TIGHT * room:
        return _TIGHT
    side = _GRID_WIDTH * room / ages
    return side, max(_LOWEST, min(side, _TIGHT[1]))


@dataclass(frozen=True, kw_only=True)
class _Table:
    """Where rows and columns stand."""

    cohorts: Cohorts
    rows: list[list[CohortCell]]
    ages: int
    left: float
    top: float
    cell: tuple[float, float]
    largest: float  # the share that the darkest colour stands for
    theme: Theme

    @property
    def right(self) -> float:
        return self.left + self.cell[0] * self.ages

    @property
    def pooled_top(self) -> float:
        return self.top + self.cell[1] * len(self.rows) + _POOLED_GAP

    @property
    def bottom(self) -> float:
        return self.pooled_top + _POOLED_ROW

    @property
    def numbered(self) -> bool:
        """Whether cells have room for a number."""
        return self.cell[0] >= _TIGHT[0]

    def box(self, row: int, age: int) -> Box:
        wide, high = self.cell
        return Box(x=self.left + wide * (age - 1), y=self.top + high * row, width=wide, height=high).inset(
            min(_GAP, wide / 12)
        )

    def written(self, share: float) -> str:
        text = percent(share)
        return text if self.cell == _WIDE and len(text) <= len("100 %") else f"{share * 100:.0f}"

    def every(self, count: int, room: float) -> int:
        """Name one in so many rows or columns, so that names do not touch."""
        return next(
            n for n in (1, 2, 3, 4, 6, 12, 24, 60, count + 1) if n * room >= self.theme.tick_size / 50
        )


def _largest(rows: list[list[CohortCell]]) -> float:
    """The largest share; of small cohorts, in which shares leap, only where there are no others."""
    cells = [cell for row in rows for cell in row[1:]]
    firm = [cell for cell in cells if cell.size >= SMALL_SAMPLE] or cells
    return max((cell.active / cell.size for cell in firm), default=0.0) or 1.0


def _head(table: _Table) -> Iterator[Item]:
    """Name the columns."""
    theme, unit = table.theme, table.cohorts.timeline.unit
    what = f"{unit}s after the first activity" if unit.isalpha() else f"periods of {unit} after the first"
    yield caption(what, table.left, table.top - 0.22, theme)
    yield Label(
        x=table.left - 0.12, y=table.top - 0.05, text=theme.word("customers"), size=theme.tick_size,
        colour=theme.muted, ha="right", va="bottom",
    )  # fmt: skip
    every = table.every(table.ages, table.cell[0] / 1.5)
    for age in range(1, table.ages + 1):
        if age == 1 or age % every == 0:
            middle = table.left + table.cell[0] * (age - 0.5)
            yield Label(x=middle, y=table.top - 0.05, text=str(age), size=theme.tick_size,
                        colour=theme.muted, ha="center", va="bottom")  # fmt: skip


def _unseen(x: float, y: float, width: float, height: float, theme: Theme) -> Box:
    return Box(x=x, y=y, width=width, height=height, fill=theme.paper, edge=theme.grid, line_width=0.5,
               hatch="////", mark="unseen")  # fmt: skip


def _body(table: _Table) -> Iterator[Item]:
    """Draw the cohorts."""
    every = table.every(len(table.rows), table.cell[1])
    for place, row in enumerate(table.rows):
        if place % every == 0:
            yield from _row_name(table, row[0], table.top + table.cell[1] * (place + 0.5))
        for cell in row[1:]:
            yield from _cell(table, table.box(place, cell.age), cell.active / cell.size)
        if len(row) <= table.ages:
            box = table.box(place, len(row))
            yield _unseen(box.x, box.y, table.right - box.x - _GAP, box.height, table.theme)


def _row_name(table: _Table, first: CohortCell, middle: float) -> Iterator[Item]:
    theme, small = table.theme, first.size < SMALL_SAMPLE
    yield Label(
        x=MARGIN, y=middle, text=first.cohort, size=theme.small_size, weight="bold", colour=theme.ink,
        va="center",
    )  # fmt: skip
    yield Label(
        x=table.left - 0.12, y=middle, text=f"{first.size:,}", size=theme.small_size, ha="right", va="center",
        style="italic" if small else "normal", colour=theme.muted if small else theme.ink,
        mark="small" if small else "",
    )  # fmt: skip


def _cell(table: _Table, box: Box, share: float) -> Iterator[Item]:
    theme = table.theme
    colour = theme.shade(share / table.largest)
    filled = Box(x=box.x, y=box.y, width=box.width, height=box.height, fill=colour, edge=theme.rule,
                 line_width=0.3, mark="scale")  # fmt: skip
    yield filled
    if table.numbered:
        x, y = box.centre
        yield Label(x=x, y=y, text=table.written(share), size=theme.tick_size, ha="center", va="center",
                    colour=theme.text_on(colour), inside=filled)  # fmt: skip


def _pooled(table: _Table) -> Iterator[Item]:
    """Draw all cohorts together, with intervals where there is room."""
    theme = table.theme
    middle = table.pooled_top + _POOLED_ROW / 2
    curve = retention_curve(table.cohorts)
    rule = table.pooled_top - _POOLED_GAP / 2
    yield Line(points=((MARGIN, rule), (table.right, rule)), colour=theme.neutral, width=0.8)
    yield Label(x=MARGIN, y=middle, text=theme.word("all cohorts"), size=theme.small_size, weight="bold",
                colour=theme.ink, va="center")  # fmt: skip
    yield Label(x=table.left - 0.12, y=middle, text=f"{curve[0].n:,}", size=theme.small_size, weight="bold",
                colour=theme.ink, ha="right", va="center")  # fmt: skip
    for age in range(1, table.ages + 1):
        yield from _pooled_cell(table, age, curve[age])


def _pooled_cell(table: _Table, age: int, found: Estimate) -> Iterator[Item]:
    theme, share = table.theme, found.value or 0.0
    colour = theme.shade(share / table.largest)
    across = table.box(0, age)
    box = Box(x=across.x, y=table.pooled_top, width=across.width, height=_POOLED_ROW, fill=colour,
              edge=theme.rule, line_width=0.3, mark="scale")  # fmt: skip
    yield box
    if not table.numbered:
        return
    x, y = box.centre
    ink = theme.text_on(colour)
    ends = "" if found.low is None or found.high is None else f"{found.low * 100:.0f}–{found.high * 100:.0f}"
    fits = bool(ends) and text_width(ends, _INTERVAL, family=theme.family) <= box.width - 0.02
    yield Label(x=x, y=y - (0.07 if fits else 0.0), text=table.written(share), size=theme.tick_size,
                weight="bold", ha="center", va="center", colour=ink, inside=box)  # fmt: skip
    if fits:
        yield Label(x=x, y=y + 0.09, text=ends, size=_INTERVAL, ha="center", va="center", colour=ink,
                    inside=box, mark="interval")  # fmt: skip


def _entries(rows: list[list[CohortCell]], theme: Theme) -> Iterator[LegendEntry]:
    largest = _largest(rows)
    first, top = "0 %", percent(largest)
    if any(cell.active / cell.size > largest for row in rows for cell in row[1:]):
        top = f"{top} {theme.word('or more')}"
    wide = text_width(first, theme.small_size, family=theme.family) + 0.08
    scale: list[Item] = [Label(x=0, y=0, text=first, size=theme.small_size, colour=theme.muted, va="center")]
    scale += [
        Box(x=wide + 1.2 * place / _SCALE_BOXES, y=-0.065, width=1.2 / _SCALE_BOXES + 0.004, height=0.13,
            fill=theme.shade((place + 0.5) / _SCALE_BOXES))
        for place in range(_SCALE_BOXES)
    ]  # fmt: skip
    yield LegendEntry(mark="scale", marks=tuple(scale), width=wide + 1.2,
                      text=f"{top} {theme.word('of the cohort active')}")  # fmt: skip
    yield LegendEntry(mark="unseen", marks=(_unseen(0, -0.075, 0.26, 0.15, theme),), width=0.26,
                      text="not observed yet")  # fmt: skip
    ends = Label(x=0, y=0, text="13–16", size=_INTERVAL, colour=theme.muted, va="center")
    yield LegendEntry(mark="interval", marks=(ends,), text="95 % interval",
                      width=text_width("13–16", _INTERVAL, family=theme.family))  # fmt: skip
    count = Label(x=0, y=0, text="12", size=theme.small_size, style="italic", colour=theme.muted, va="center")
    wide = text_width("12", theme.small_size, style="italic", family=theme.family)
    yield LegendEntry(mark="small", marks=(count,), width=wide, text=f"fewer than {SMALL_SAMPLE} customers")
