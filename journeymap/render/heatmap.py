"""In which stage and channel do customers feel well or badly, meet friction, or come at all?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.wording import number, percent
from journeymap.errors import require
from journeymap.model.journey import Journey
from journeymap.render.chart_parts import MARGIN, caption, heading, paragraph
from journeymap.render.chevrons import Header, chevron_row
from journeymap.render.facts import journey_facts
from journeymap.render.heatmap_content import (
    Cell,
    Field,
    Measure,
    Show,
    cell_words,
    count_cells,
    describe_heatmap,
    heatmap_finding,
    heatmap_notes,
)
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import SHAPE, TEXT, Box, Item, Label, LegendEntry, Marker, Scene, Shape
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme, contrast

__all__ = ["describe_heatmap", "draw_heatmap", "heatmap_scene"]

_CELL, _ROW, _GAP = 0.95, 0.55, 0.02
_HEAD = 0.36
_ABOVE, _BESIDE = 0.62, 1.3  # room for the sums
_BAR, _LONGEST, _TALLEST = 0.17, 0.72, 0.36
_NAMES_MOST, _NAMES_LEAST = 1.5, 0.5
_NARROWEST = 6.4
_READABLE, _VISIBLE = 4.5, 1.7
_SCALE_BOXES = 40
_CORNER = 6.5
_SIGN, _SIGN_ROOM = 6.2, 0.12  # the triangle before a feeling: its size in points, and its room in inches
_GREYS = 0.5  # how much of a grey is left where both ends of the scale are alike


def draw_heatmap(
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    show: Show = "feeling",
    report: FrictionReport | None = None,
) -> Axes:
    """In which stage and channel do customers feel well or badly, meet friction, or come at all?

    One row for each channel, one column for each stage; sums of visits (of touchpoints, in a designed
    journey) stand above and at the right, with the part that is service. A touchpoint stands in each of
    its channels: a cell shows the touchpoints that can be met by this channel at this stage, and not
    which channel customers chose. Sums of stages count each touchpoint once; those of channels do not
    add up where touchpoints have several.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.
    show : {"feeling", "friction", "count"}
        The mean feeling, weighted by visits where they were counted; friction: the largest expected
        gain of a point of friction where `report` is given, else the summed severity of pain points;
        visits, or touchpoints of a designed journey.
    report : FrictionReport, optional
        What `find_friction` found in this journey, for ``show="friction"``.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    UnknownNameError
        Nothing of this name can be shown, or the report is about another journey.
    JourneyMapError
        The given Axes are too small to be read.

    Notes
    -----
    A mean over unlike touchpoints can hide a bad one among good ones: the curve (`draw_feeling`) shows each.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "channels": "web", "feeling": 1}])
    >>> draw_heatmap(journey).texts[0].get_text()
    'Shop'
    """
    require(journey, Journey, "draw_heatmap", hint="read or discover a journey first")
    if report is not None:
        require(
            report, FrictionReport, "draw_heatmap", hint="judge the journey: report=find_friction(journey)"
        )
    return paint(heatmap_scene(journey, theme=theme, show=show, report=report), ax, theme)


def heatmap_scene(
    journey: Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    show: Show = "feeling",
    report: FrictionReport | None = None,
) -> Scene:
    """Where does everything on the heat map stand?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme, show, report
        As for `draw_heatmap`.

    Returns
    -------
    Scene
        A sentence alone where there are no touchpoints.
    """
    found = count_cells(journey, show=show, report=report)
    names = _names_width(found, theme)
    width = max(_NARROWEST, 2 * MARGIN + names + _CELL * len(found.stages) + _BESIDE) if found.cells else 7.2
    facts = journey_facts(journey, theme, about=_title(found), feelings=found.show == "feeling")
    items, y = heading(journey.name, facts, width, theme)
    text = heatmap_finding(found) if found.cells else theme.word("No touchpoints yet.")
    said, high = paragraph(text, MARGIN, y + 0.1, width - 2 * MARGIN, theme, size=theme.stage_size)
    items += said
    y += 0.1 + high + 0.2
    if found.cells:
        grid = _Grid(found=found, left=MARGIN + names, top=y + _ABOVE + _HEAD, theme=theme)
        items += [*_frame(grid), *_sums(grid), *_cells(grid)]
        y = grid.bottom + 0.16
    notes, high = paragraph(heatmap_notes(found), MARGIN, y, width - 2 * MARGIN, theme, size=theme.small_size,
                            colour=theme.muted)  # fmt: skip
    return with_legend(
        [*items, *notes],
        _legend(found, theme),
        y=y + high + 0.1,
        width=width,
        theme=theme,
        title=f"{journey.name}: {theme.word(_title(found))}",
        description=describe_heatmap(journey, show=show, report=report),
    )


def _title(found: Field) -> str:
    if found.show == "feeling":
        return "Feeling by stage and channel"
    if found.show == "friction":
        return "Friction by stage and channel"
    return "Visits by stage and channel" if found.visits else "Touchpoints by stage and channel"


def _names_width(found: Field, theme: Theme) -> float:
    widest = max(
        (text_width(theme.word(name), theme.small_size, "bold", family=theme.family)
         for name in found.channels.values()), default=0.0
    )  # fmt: skip
    return min(_NAMES_MOST, max(_NAMES_LEAST, widest)) + 0.12


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Where rows and columns stand."""

    found: Field
    left: float
    top: float
    theme: Theme

    @property
    def right(self) -> float:
        return self.left + _CELL * len(self.found.stages)

    @property
    def bottom(self) -> float:
        return self.top + _ROW * len(self.found.channels)

    def box(self, row: int, column: int) -> Box:
        return Box(x=self.left + _CELL * column, y=self.top + _ROW * row, width=_CELL, height=_ROW).inset(
            _GAP
        )


def _frame(grid: _Grid) -> list[Item]:
    """Name rows and columns."""
    theme = grid.theme
    items: list[Item] = []
    headers = [
        Header(
            name=theme.word(name),
            left=grid.left + _CELL * place,
            right=grid.left + _CELL * (place + 1),
            known=bool(stage),
        )
        for place, (stage, name) in enumerate(grid.found.stages.items())
    ]
    items += chevron_row(headers, grid.top - _HEAD, theme, height=_HEAD - 0.03)
    for place, name in enumerate(grid.found.channels.values()):
        lines = wrap(
            theme.word(name), grid.left - MARGIN - 0.1, theme.small_size, "bold", 2, family=theme.family
        )
        items.append(
            Label(x=grid.left - 0.09, y=grid.top + _ROW * (place + 0.5), text="\n".join(lines), ha="right",
                  va="center", size=theme.small_size, weight="bold", colour=theme.muted, line_height=1.15)
        )  # fmt: skip
    return items


def _sums(grid: _Grid) -> list[Item]:
    """Draw the sums of columns above and of rows at the right, each with the part that is service."""
    theme, found = grid.theme, grid.found
    above, beside = found.sums(by="stage"), found.sums(by="channel")
    floor = grid.top - _HEAD - 0.03
    tallest, longest = (
        max((count for count, _ in sums.values()), default=0) or 1 for sums in (above, beside)
    )
    items: list[Item] = [caption(f"{found.unit}s", grid.right + 0.1, grid.top - 0.06, theme)]
    for place, (count, service) in enumerate(above.values()):
        x, high = grid.left + _CELL * (place + 0.5) - 0.11, _TALLEST * count / tallest
        bar = Box(x=x, y=floor - high, width=0.22, height=high)
        part = _TALLEST * service / tallest
        items += _bar(bar, Box(x=x, y=floor - part, width=0.22, height=part), theme)
        items.append(Label(x=x + 0.11, y=floor - high - 0.02, text=number(count), size=theme.tick_size,
                           va="bottom", ha="center", colour=theme.ink))  # fmt: skip
    for place, (count, service) in enumerate(beside.values()):
        y, x = grid.top + _ROW * (place + 0.5) - _BAR / 2, grid.right + 0.1
        wide, part = _LONGEST * count / longest, _LONGEST * service / longest
        items += _bar(Box(x=x, y=y, width=wide, height=_BAR), Box(x=x, y=y, width=part, height=_BAR), theme)
        items.append(Label(x=x + wide + 0.05, y=y + _BAR / 2, text=number(count), size=theme.tick_size,
                           va="center", colour=theme.ink))  # fmt: skip
    return items


def _bar(whole: Box, part: Box, theme: Theme) -> list[Item]:
    items: list[Item] = []
    if whole.width * whole.height > 0:
        items.append(Box(x=whole.x, y=whole.y, width=whole.width, height=whole.height, fill=theme.interval,
                         mark="sum"))  # fmt: skip
    if part.width * part.height > 0:
        items.append(_service_part(part.x, part.y, part.width, part.height, theme, mark="service sum"))
    return items


def _service_part(x: float, y: float, width: float, height: float, theme: Theme, *, mark: str) -> Box:
    hatched = bool(theme.service_hatch)
    return Box(x=x, y=y, width=width, height=height, fill=theme.paper if hatched else theme.service,
               edge=theme.service if hatched else None, line_width=0.6, hatch=theme.service_hatch,
               z=SHAPE + 0.1, mark=mark)  # fmt: skip


def _cells(grid: _Grid) -> list[Item]:
    theme, found = grid.theme, grid.found
    colour = _colour_of(found, theme)
    items: list[Item] = []
    for row, channel in enumerate(found.channels):
        for column, stage in enumerate(found.stages):
            box, cell = grid.box(row, column), found.cells.get((channel, stage))
            if cell is None:
                items.append(Label(x=box.centre[0], y=box.centre[1], text="·", size=theme.stage_size,
                                   ha="center", va="center", colour=theme.muted, mark="empty"))  # fmt: skip
            else:
                items += _cell(cell, box, found.measure, colour, theme)
    return items


def _cell(cell: Cell, box: Box, measure: Measure, colour: Callable[[float], str], theme: Theme) -> list[Item]:
    """Draw a cell: coloured where a value is known, hollow where it is assumed, hatched where nothing is."""
    ground, ink = theme.paper, theme.ink
    box = replace(box, radius=0.03, fill=theme.paper)
    items: list[Item] = []
    if cell.value is None and not cell.unrated:
        items.append(replace(box, edge=theme.grid, hatch="////", mark="unknown"))
    elif cell.value is None:
        items.append(replace(box, edge=theme.pain, line_width=1.2, mark="unrated"))
    elif cell.assumed:
        own = colour(cell.value)
        edge = own if contrast(own, theme.paper) >= _VISIBLE else theme.edge
        items.append(replace(box, edge=edge, line_width=1.8, dash="dashed", mark="assumed"))
    else:
        ground = colour(cell.value)
        ink = theme.text_on(ground)
        items.append(replace(box, fill=ground, edge=theme.rule, line_width=0.5, mark="scale"))
    return [*items, *_inside(cell, box, measure, ink, theme), *_service(cell, box, ink, ground, theme)]


def _inside(cell: Cell, box: Box, measure: Measure, ink: str, theme: Theme) -> list[Item]:
    """Write the value in the middle and what stands behind it below."""
    x, y = box.centre
    words = cell_words(cell, measure)
    if not words:
        return []
    size = theme.stage_size + 1 if cell.value is not None and words != "none" else theme.small_size
    sign = _sign(cell, measure)
    items: list[Item] = [
        Label(x=x + sign * sign * _SIGN_ROOM / 2, y=y, text=theme.word(words), size=size, weight="bold",
              ha="center", va="center", colour=theme.loss_text if cell.unrated else ink, inside=box)
    ]  # fmt: skip
    if sign:
        wide = text_width(words, size, "bold", family=theme.family)
        items.append(_triangle(x - (wide + _SIGN_ROOM) / 2 + 0.03, y, sign, ink))
    if cell.n:
        items.append(Label(x=x, y=box.bottom - 0.02, text=cell.n, size=_CORNER, ha="center", va="bottom",
                           colour=ink, inside=box))  # fmt: skip
    return items


def _sign(cell: Cell, measure: Measure) -> int:
    """Say on which side of neutral a feeling lies as it is written; 0 where there are no sides."""
    if measure != "feeling" or cell.value is None:
        return 0
    written = round(cell.value, 1)
    return (written > 0) - (written < 0)


def _triangle(x: float, y: float, sign: int, colour: str) -> Marker:
    shape: Shape = "triangle" if sign > 0 else "down"
    return Marker(x=x, y=y, shape=shape, size=_SIGN, fill=colour, edge=None, z=TEXT, mark="sign")


def _service(cell: Cell, box: Box, ink: str, ground: str, theme: Theme) -> list[Item]:
    """Say in the corner how much of the cell is service."""
    if not cell.service or not cell.count:
        return []
    text = percent(cell.service / cell.count)
    hatched = cell.value is None and not cell.unrated
    y = box.y + 0.085
    wide = text_width(text, _CORNER, family=theme.family)
    return [
        Label(x=box.right - 0.045, y=y, text=text, size=_CORNER, ha="right", va="center", colour=ink,
              backing=theme.paper if hatched else None, inside=box),
        Marker(x=box.right - 0.045 - wide - 0.09, y=y, shape="diamond", size=8.0, fill=theme.service,
               edge=theme.paper if ground != theme.paper else None, line_width=0.6, z=TEXT, mark="service"),
    ]  # fmt: skip


def _colour_of(found: Field, theme: Theme) -> Callable[[float], str]:
    """Give the colour of a value: diverging for feelings, from light to dark for all else."""
    top = max((cell.value or 0.0 for cell in found.known), default=0.0) or 1.0

    def feeling(value: float) -> str:
        return _feeling_colour(value, theme)

    def shade(value: float) -> str:
        return theme.shade(value / top)

    scale, step = (feeling, 0.02) if found.measure == "feeling" else (shade, 0.01 * top)
    return lambda value: _readable(scale, value, step, theme)


def _feeling_colour(value: float, theme: Theme) -> str:
    """Give the colour of a feeling; light where greys cannot tell its sign (the triangle does)."""
    colour = _between(theme.feeling, value)
    if theme.feeling[0] != theme.feeling[-1]:
        return colour
    return _between((theme.paper, colour), _GREYS - 2)


def _between(colours: tuple[str, ...], value: float) -> str:
    """Mix the two neighbouring colours of a scale that begins at −2, so that it has no leaps."""
    at = max(0.0, min(len(colours) - 1.0, value + 2))
    low = min(int(at), len(colours) - 2)
    part = at - low
    one, other = colours[low], colours[low + 1]
    mixed = (
        round(int(one[k : k + 2], 16) * (1 - part) + int(other[k : k + 2], 16) * part) for k in (1, 3, 5)
    )
    return "#" + "".join(f"{value:02X}" for value in mixed)


def _readable(scale: Callable[[float], str], value: float, step: float, theme: Theme) -> str:
    """Give the nearest colour of the scale on which a text can be read."""
    for number_of_steps in range(60):
        for sign in (1, -1):
            colour = scale(value + sign * number_of_steps * step)
            if contrast(theme.text_on(colour), colour) >= _READABLE:
                return colour
    return scale(value)


def _legend(found: Field, theme: Theme) -> list[LegendEntry]:
    low, high = _ends(found)
    first = theme.word(low)
    wide = text_width(first, theme.small_size, family=theme.family) + 0.08
    scale: list[Item] = [Label(x=0, y=0, text=first, size=theme.small_size, colour=theme.muted, va="center")]
    for place in range(_SCALE_BOXES):
        part = (place + 0.5) / _SCALE_BOXES
        colour = _feeling_colour(4 * part - 2, theme) if found.measure == "feeling" else theme.shade(part)
        scale.append(Box(x=wide + 1.4 * place / _SCALE_BOXES, y=-0.065, width=1.4 / _SCALE_BOXES + 0.004,
                         height=0.13, fill=colour))  # fmt: skip
    unit = f"{found.unit}s"
    diamond = Marker(
        x=0.07, y=0, shape="diamond", size=9, fill=theme.service, edge=theme.paper, line_width=0.6
    )
    dot = Label(x=0.02, y=0, text="·", size=theme.stage_size, va="center", colour=theme.muted)
    sum_box = Box(x=0, y=-0.065, width=0.3, height=0.13, fill=theme.interval)
    cell = Box(x=0, y=-0.075, width=0.26, height=0.15, fill=theme.paper)
    return [
        LegendEntry(mark="scale", marks=tuple(scale), width=wide + 1.4, text=high),
        LegendEntry(mark="sign", width=0.25, text="negative, positive",
                    marks=(_triangle(0.05, 0, -1, theme.ink), _triangle(0.19, 0, 1, theme.ink))),
        LegendEntry(mark="assumed", width=0.26, text="assumed",
                    marks=(replace(cell, edge=theme.feeling[1], line_width=1.8, dash="dashed"),)),
        LegendEntry(mark="unrated", width=0.26, text="friction of unknown size",
                    marks=(replace(cell, edge=theme.pain, line_width=1.2),)),
        LegendEntry(mark="unknown", width=0.26, text=_unknown(found.measure),
                    marks=(replace(cell, edge=theme.grid, hatch="////"),)),
        LegendEntry(mark="empty", marks=(dot,), width=0.08, text="no touchpoint"),
        LegendEntry(mark="service", marks=(diamond,), width=0.14, text=f"share of service in the {unit}"),
        LegendEntry(mark="sum", marks=(sum_box,), width=0.3, text=unit),
        LegendEntry(mark="service sum", width=0.3, text="of these, service",
                    marks=(_service_part(0, -0.065, 0.3, 0.13, theme, mark=""),)),
    ]  # fmt: skip


def _unknown(measure: Measure) -> str:
    if measure == "severity":
        return "no pain point named"
    return "feeling not known" if measure == "feeling" else "not judged"


def _ends(found: Field) -> tuple[str, str]:
    """Name both ends of the scale."""
    if found.measure == "feeling":
        return "very negative −2", "very positive +2"
    top = number(max((cell.value or 0.0 for cell in found.known), default=0.0))
    what = {
        "gain": "journeys of expected gain", "affected": "customers affected", "severity": "summed severity",
        "count": f"{found.unit}s",
    }[found.measure]  # fmt: skip
    return "0", f"{top} {what}"
