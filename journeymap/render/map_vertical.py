"""What does the journey look like down a page: touchpoints in rows, lanes in columns, feelings beside?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from journeymap.errors import InvalidJourneyError
from journeymap.model.journey import Journey, Persona
from journeymap.render.chart_parts import MARGIN, paragraph
from journeymap.render.describe import describe_map
from journeymap.render.legend import with_legend
from journeymap.render.map_bands import BACKSTAGE_LANES, named_lanes
from journeymap.render.map_columns import (
    ANY_STAGE,
    Column,
    Columns,
    choose_columns,
    choose_persona,
    segments,
)
from journeymap.render.map_feeling import lowest_points
from journeymap.render.map_heading import map_heading
from journeymap.render.map_lanes import PAD
from journeymap.render.map_legend import map_entries
from journeymap.render.map_metrics import counted
from journeymap.render.map_scores import Scores, choose_scores
from journeymap.render.map_vertical_cells import SCORE_COLUMNS, Cells, head_of, lay_cell
from journeymap.render.map_vertical_feeling import Panel, lay_panel, panel_head
from journeymap.render.map_vertical_rows import HANDOFF, Table, handoffs, lay_row, lay_table
from journeymap.render.map_vertical_widths import WIDTHS, column_names, column_widths, least_widths
from journeymap.render.scene import GRID, LINK, TINT, Box, Item, Label, LegendEntry, Line, Scene
from journeymap.render.text import line_height, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["VerticalPlan", "vertical_scene"]

PAGE = 8.27  # inches: A4 upright
_BAR = 0.245
_BAR_GAP = 0.07
_HEAD_LINES = {False: 2, True: 5}  # a question takes more of them than the name of a lane


def vertical_scene(
    journey: Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    lanes: Iterable[str] | None = None,
    width: float | None = None,
    persona: str | Persona | None = None,
    path: Sequence[str] | None = None,
) -> Scene:
    """Where does everything on an upright journey map stand?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme : Theme
        Colours, sizes and words.
    lanes : iterable of str, optional
        Which lanes, from left to right; all that have something to show when left out. Channels stand
        under the names of the touchpoints, the feeling right of all that customers see, and what happens
        backstage right of the line of visibility, wherever they are named.
    width : float, optional
        Of the figure, in inches; that of an upright A4 page when left out, more where lanes need it.
    persona : str or Persona, optional
        Whose feelings to show; those of the journey when left out.
    path : sequence of str, optional
        Touchpoints to show instead of all, in this order.

    Returns
    -------
    Scene
        The map in inches, before anything is drawn.

    Raises
    ------
    UnknownNameError
        No such lane, persona or touchpoint.
    InvalidJourneyError
        A width that does not hold the lanes.
    """
    plan = VerticalPlan(journey=journey, theme=theme, persona=choose_persona(journey, persona), path=path)
    return plan.laid(width, named_lanes(lanes))


@dataclass(frozen=True, kw_only=True)
class VerticalPlan:
    """All that a vertical map shows, before it is known how wide it is and which lanes it has.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme : Theme
        Colours, sizes and words.
    persona : Persona, optional
        Whose feelings to show.
    path : sequence of str, optional
        Touchpoints to show instead of all.
    """

    journey: Journey
    theme: Theme
    persona: Persona | None = None
    path: Sequence[str] | None = None

    @cached_property
    def chosen(self) -> Columns:
        """The touchpoints, from top to bottom."""
        return choose_columns(
            self.journey, path=self.path, persona=self.persona, any_stage=self.theme.word(ANY_STAGE)
        )

    @cached_property
    def cells(self) -> Cells:
        """What all cells share."""
        return Cells(
            journey=self.journey, theme=self.theme, numbers=counted(self.journey),
            scores=choose_scores(self.journey, self.chosen.shown),
        )  # fmt: skip

    @cached_property
    def words(self) -> str:
        """The text alternative."""
        return describe_map(self.journey, persona=self.persona, path=self.path)

    def laid(self, width: float | None, lanes: tuple[str, ...]) -> Scene:
        """Lay the map for a width of the figure (None: its own) and lanes."""
        theme, columns, channels = self.theme, self.chosen.shown, "channel" in lanes
        least = least_widths(
            self.cells, columns, _shown(column_names(lanes), columns, self.cells), channels=channels
        )
        total = _width(least, width, theme)
        items, y = map_heading(self.journey, (self.persona,) if self.persona else (), total, theme)
        if columns:
            wide = column_widths(self.cells, columns, least, total - 2 * MARGIN, channels=channels)
            table = lay_table(self.cells, columns, wide, MARGIN, channels=channels)
            body, y = _body(table, columns, y)
            items += body
        else:
            items.append(Label(x=MARGIN, y=y, text=theme.word("No touchpoints yet."), size=theme.body_size,
                               colour=theme.ink))  # fmt: skip
            y += 0.2
        y += 0.14
        cut = _not_asked(self.cells.scores, theme) if "metrics" in lanes else ""
        left_out = " ".join(filter(None, (_left_out(self.chosen, theme), cut)))
        note, high = paragraph(left_out, MARGIN, y, total - 2 * MARGIN, theme, size=theme.small_size)
        y += high + (0.06 if note else 0.0)
        return with_legend(
            [*items, *note], _entries(theme), y=y, width=total, theme=theme, title=self.journey.name,
            description=self.words,
        )  # fmt: skip


def _left_out(chosen: Columns, theme: Theme) -> str:
    """Say how many touchpoints of an observed journey the map leaves out, and which."""
    out, shown, word = chosen.left_out, len(chosen.shown), theme.word
    if not out:
        return ""
    return (
        f"{shown} {word('of')} {shown + out} {word('touchpoints are shown')}: "
        f"{word('those that most customers visit, and every service touchpoint')}. "
        f"{out} {word('are left out')}."
    )


def _not_asked(scores: Scores, theme: Theme) -> str:
    """Say which questions have no column."""
    names = [question for row in scores.cut for question in row.questions]
    return f"{theme.word('Questions without a column')}: {'; '.join(names)}." if names else ""


def _entries(theme: Theme) -> list[LegendEntry]:
    """Give the entries of the horizontal map, with the marks that stand otherwise on this one."""
    down = Label(x=0, y=0, text=HANDOFF, size=theme.touchpoint_size, va="center", colour=theme.ink)
    turned: dict[str, tuple[Item, ...]] = {"handoff": (down,)}
    return [replace(entry, marks=turned.get(entry.mark, entry.marks)) for entry in map_entries(theme)]


def _shown(wanted: Sequence[str], columns: Sequence[Column], cells: Cells) -> tuple[str, ...]:
    """Give the columns from left to right: only those with something to show."""
    feels = "feeling" in wanted and any(column.feeling is not None for column in columns)
    filled = [
        name
        for name in wanted
        if name not in {"channel", "feeling"}
        and any(lay_cell(cells, name, column.touchpoint, 0.0, WIDTHS[name].easy) for column in columns)
    ]
    before = [name for name in filled if name not in BACKSTAGE_LANES]
    behind = [name for name in filled if name in BACKSTAGE_LANES]
    return ("touchpoint", *before, *(["feeling"] if feels else []), *behind)


def _width(least: Mapping[str, float], width: float | None, theme: Theme) -> float:
    """How wide is the figure, before the theme enlarges it?"""
    needed = 2 * MARGIN + sum(least.values())
    if width is None:
        easy = 2 * MARGIN + sum(max(WIDTHS[name].easy, wide) for name, wide in least.items())
        page = PAGE / theme.scale
        return page if needed <= page else easy
    if width / theme.scale < needed - 1e-6:
        raise InvalidJourneyError.because(
            f"a vertical map {width:g} inches wide has no room for {len(least)} columns.",
            expected=f"Expected at least {needed * theme.scale:.1f} inches.",
            hint="name fewer lanes",
        )
    return width / theme.scale


def _body(table: Table, columns: Sequence[Column], y: float) -> tuple[list[Item], float]:
    """Lay heads, stages and rows."""
    theme = table.theme
    lowest = lowest_points(columns)
    panel = None
    if "feeling" in table.left:
        panel = Panel.within(table.left["feeling"], table.wide["feeling"], columns, lowest, theme)
    head = y
    items, y = _heads(table, panel, y)
    top = y
    rows: list[tuple[float, float]] = []
    for part in segments(columns, None):
        y += _BAR_GAP if rows else 0.0
        bar, name = _bar(table, part.column, y)
        items += [bar, name]
        y += _BAR
        begin = y
        for place in range(part.first, part.last + 1):
            row, high = lay_row(table, columns[place])
            items += [item.moved(0, y) for item in row]
            if place > part.first:
                items.append(Line(points=((MARGIN, y), (table.right, y)), colour=theme.rule, width=0.6,
                                  dash="dotted", z=GRID - 0.2))  # fmt: skip
            rows.append((y, y + high))
            y += high
        items.append(Box(x=MARGIN, y=begin, width=table.right - MARGIN, height=y - begin,
                         fill=theme.stage_tints[part.column.tint], z=TINT))  # fmt: skip
    if panel is not None:
        items += lay_panel(panel, columns, rows, lowest)
    items += handoffs(table, columns, rows)
    items += _visibility(table, head, top, y)
    return items, y


def _heads(table: Table, panel: Panel | None, y: float) -> tuple[list[Item], float]:
    """Lay the names of the columns over them, their last lines on one height."""
    theme = table.theme
    axis, high = panel_head(panel) if panel else ([], 0.0)
    line = line_height(theme.small_size)
    heads: dict[str, tuple[str, ...]] = {}
    for name, width in table.wide.items():
        room = width - (PAD if name == "touchpoint" else 1.5 * PAD)
        most = _HEAD_LINES[name in SCORE_COLUMNS]
        heads[name] = wrap(head_of(table.cells, name), room, theme.small_size, "bold", most,
                           family=theme.family)  # fmt: skip
    tall = max(len(lines) * line + (high if name == "feeling" else 0.0) for name, lines in heads.items())
    behind = _first_behind(table)
    if behind:
        above = len(_visibility_words(table, behind)) * line_height(theme.tick_size) + 0.03
        tall = max(tall, len(heads[behind]) * line + above)
    bottom = y + tall
    items: list[Item] = [
        Label(x=table.left[name] + (0.0 if name == "touchpoint" else PAD), text="\n".join(lines),
              y=bottom - (high if name == "feeling" else 0.0), va="bottom", size=theme.small_size,
              weight="bold", colour=theme.muted)
        for name, lines in heads.items()
    ]  # fmt: skip
    return [*items, *(item.moved(0, bottom) for item in axis)], bottom + 0.05


def _bar(table: Table, column: Column, y: float) -> tuple[Box, Label]:
    theme = table.theme
    fill = theme.stage_header if column.stage else theme.any_stage_header
    box = Box(x=MARGIN, y=y, width=table.right - MARGIN, height=_BAR, fill=fill, radius=0.03, z=LINK + 0.8)
    name = wrap(theme.word(column.stage_name), box.width - 0.24, theme.stage_size, "bold", 1,
                family=theme.family)  # fmt: skip
    return box, Label(x=MARGIN + 0.12, y=y + _BAR / 2, text="\n".join(name), size=theme.stage_size,
                      weight="bold", va="center", colour=theme.text_on(fill), inside=box)  # fmt: skip


def _first_behind(table: Table) -> str:
    """Name the first column behind the line of visibility; empty where nothing stands before it."""
    behind = [name for name in table.lanes if name in BACKSTAGE_LANES]
    before = set(table.left) - {"touchpoint", *BACKSTAGE_LANES}
    return behind[0] if behind and before else ""


def _visibility_words(table: Table, name: str) -> tuple[str, ...]:
    theme = table.theme
    room = table.right - table.left[name] - PAD
    return wrap(theme.word("line of visibility"), room, theme.tick_size, "normal", 2, style="italic",
                family=theme.family)  # fmt: skip


def _visibility(table: Table, head: float, top: float, bottom: float) -> list[Item]:
    """Draw the line between what customers see and what they do not, with its name at its head."""
    name = _first_behind(table)
    if not name:
        return []
    theme, x = table.theme, table.left[name]
    words = _visibility_words(table, name)
    heading = wrap(theme.word(name).upper(), table.wide[name] - 1.5 * PAD, theme.small_size, "bold", 2,
                   family=theme.family)  # fmt: skip
    above = (
        top - 0.08 - len(heading) * line_height(theme.small_size) - len(words) * line_height(theme.tick_size)
    )
    return [
        Line(points=((x, max(head, above)), (x, bottom)), colour=theme.stage_header, width=1.2, dash="dashed",
             z=GRID + 0.1),
        Label(x=x + PAD, y=max(head, above), text="\n".join(words), size=theme.tick_size, style="italic",
              colour=theme.muted),
    ]  # fmt: skip
