"""Which numbers stand on a map: visits, drop-off, waits and scores, each with its interval?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import goal_touchpoints
from journeymap.metrics.flow import drop_off, waiting
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render.map_lanes import PAD, Grid, Lane, bar, row_label
from journeymap.render.map_numbers import (
    FEW,
    few,
    share_range,
    share_value,
    time_range,
    time_value,
    visits_words,
)
from journeymap.render.map_score_cells import NAME_LINES, ScoreCell
from journeymap.render.map_scores import ScoreRow, Scores
from journeymap.render.scene import Item, Label
from journeymap.render.text import line_height, text_width, wrap

__all__ = ["Counted", "counted", "metrics_lane"]

_TOP = 0.26  # the first row stands clear of the lane's name
_ROW = 0.27
_BAR_ROOM = 0.1
_GAP = 0.07
_EDGE = 0.03  # a text ends before its column does
_BETWEEN = 0.09  # rows of scores stand apart
_ROW_NAME_LINES, _NAME_LEADING = 3, 1.15


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was counted for every touchpoint.

    Parameters
    ----------
    journeys : int
        All journeys; 0 where nothing was counted.
    drop_off, waits : mapping of str to Estimate
        Touchpoint id to the share lost there, and to the seconds until the next event in the median.
    """

    journeys: int = 0
    drop_off: Mapping[str, Estimate] = field(default_factory=dict)
    waits: Mapping[str, Estimate] = field(default_factory=dict)


def counted(journey: Journey) -> Counted:
    """What was counted in this journey?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    Counted
        Empty for a designed journey; without drop-off where no goal says who is lost.

    Examples
    --------
    >>> counted(Journey(name="Shop")).journeys
    0
    """
    if journey.observation is None:
        return Counted()

    def known(metric: Callable[[Journey], dict[str, Estimate]]) -> dict[str, Estimate]:
        try:
            return metric(journey)
        except MissingEvidenceError:  # counts without groups: the visits are known, and no interval
            return {}

    return Counted(
        journeys=journey.observation.journeys,
        drop_off=known(drop_off) if goal_touchpoints(journey) else {},
        waits=known(waiting),
    )


def metrics_lane(grid: Grid, numbers: Counted, scores: Scores | None = None) -> Lane | None:
    """Which numbers stand in each column?

    Parameters
    ----------
    grid : Grid
        The columns.
    numbers : Counted
        What was counted.
    scores : Scores, optional
        What answers and tickets say.

    Returns
    -------
    Lane or None
        A row for each metric and score that is known anywhere on the band; None where none is.
    """
    items: list[Item] = []
    y = _TOP
    if numbers.journeys and any(column.touchpoint.visits for column in grid.columns):
        items.append(row_label(grid, grid.theme.word("visits"), y + 0.05, "metrics"))
        for place, column in enumerate(grid.columns):
            visits = column.touchpoint.visits
            if visits is not None:
                words = visits_words(visits)
                items.append(_value(grid, place, y + 0.05, words))
                items += bar(grid, place, y + 0.15, visits.share, "visits")
        y += _ROW + _BAR_ROOM
    for name, estimates, write, ends in (
        ("drop-off", numbers.drop_off, share_value, share_range),
        ("median wait", numbers.waits, time_value, time_range),
    ):
        row = _row(grid, y + 0.05, estimates, write, ends)
        if row:
            items += [row_label(grid, grid.theme.word(name), y + 0.05, "metrics"), *row]
            y += _ROW
    below, y = _scores(grid, scores or Scores(), y)
    items += below
    return Lane(height=y - 0.02, items=tuple(items)) if items else None


def _scores(grid: Grid, scores: Scores, y: float) -> tuple[list[Item], float]:
    """Lay the rows of scores below each other from y on; give the y below them."""
    theme = grid.theme
    ids = [column.touchpoint.id for column in grid.columns]
    items: list[Item] = []
    for row in scores.rows:
        if not row.cells.keys() & set(ids):
            continue
        name, high = _score_name(grid, row)
        cell = ScoreCell(row=row, width=grid.step - 2 * PAD, theme=theme)
        items += [item.moved(0, y) for item in name]
        for place, touchpoint in enumerate(ids):
            laid = cell.laid(touchpoint, grid.x(place) + PAD, _broken(grid, place))
            items += [item.moved(0, y) for item in laid]
        y += max(cell.height, high) + _BETWEEN
    out = [row for row in scores.cut if row.cells.keys() & set(ids)]
    if out:
        raised = grid.notes.mark("; ".join(_asked(out)), theme.word("metrics")) if grid.notes else ""
        text = f"+ {len(_asked(out))} {theme.word('more')}{raised and ' '}{raised}"
        more = Label(x=grid.left - PAD, y=y, text=text, size=theme.tick_size, ha="right", colour=theme.muted)
        items.append(more)
        y += more.height + _BETWEEN
    return items, y


def _asked(rows: Sequence[ScoreRow]) -> list[str]:
    return [question for row in rows for question in row.questions]


def _broken(grid: Grid, place: int) -> Callable[[str, float, float], tuple[str, ...]]:
    where = grid.where(place, "metrics")
    return lambda text, width, size: grid.broken(text, width, size, most=NAME_LINES, where=where)


def _score_name(grid: Grid, row: ScoreRow) -> tuple[list[Item], float]:
    """Lay the name of a row of scores left of it, with its scale below; give their height."""
    theme = grid.theme
    width = grid.left - grid.margin - 0.12
    name, size = theme.word(row.name), theme.small_size
    lines = wrap(name, width, size, family=theme.family)
    if len(lines) > 2:
        size = theme.tick_size
        lines = grid.broken(name, width, size, most=_ROW_NAME_LINES, where=theme.word("metrics"))
    label = Label(x=grid.left - PAD, y=0.06, text="\n".join(lines), size=size, ha="right",
                  colour=theme.muted, line_height=_NAME_LEADING)  # fmt: skip
    high = 0.06 + len(lines) * line_height(size, _NAME_LEADING)
    scale = wrap(row.scale_words(theme), width, theme.tick_size, max_lines=2, family=theme.family)
    if not scale:
        return [label], high
    below = Label(x=label.x, y=high + 0.01, text="\n".join(scale), size=theme.tick_size, ha="right",
                  colour=theme.muted, line_height=_NAME_LEADING)  # fmt: skip
    return [label, below], below.y + len(scale) * line_height(theme.tick_size, _NAME_LEADING)


def _value(grid: Grid, place: int, y: float, words: str) -> Label:
    theme = grid.theme
    fits = text_width(words, theme.body_size, family=theme.family) <= grid.step - PAD - _EDGE
    return Label(x=grid.x(place) + PAD, y=y, text=words, size=theme.body_size if fits else theme.tick_size,
                 va="center", colour=theme.ink)  # fmt: skip


def _row(
    grid: Grid,
    y: float,
    estimates: Mapping[str, Estimate],
    write: Callable[[Estimate], str],
    ends: Callable[[Estimate], str],
) -> list[Item]:
    """Lay one metric: the value in ink, beside it its interval, small; a ring where customers are few."""
    theme = grid.theme
    items: list[Item] = []
    for place, column in enumerate(grid.columns):
        estimate = estimates.get(column.touchpoint.id)
        if estimate is None or estimate.value is None:
            continue
        words = write(estimate)
        items.append(_value(grid, place, y, words))
        x = grid.x(place) + PAD + text_width(words, theme.body_size, family=theme.family)
        if few(estimate):
            items.append(Label(x=x + 0.02, y=y, text=FEW, size=theme.body_size, va="center",
                               colour=theme.ink, mark="few"))  # fmt: skip
            x += 0.02 + text_width(FEW, theme.body_size, family=theme.family)
        around = ends(estimate)
        room = grid.x(place + 1) - _EDGE - x - _GAP
        if around and text_width(around, theme.tick_size, family=theme.family) <= room:
            items.append(Label(x=x + _GAP, y=y, text=around, size=theme.tick_size, va="center",
                               colour=theme.muted, mark="estimate"))  # fmt: skip
    return items
