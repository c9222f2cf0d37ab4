"""What stands in each lane of a blueprint, as geometry that begins at y = 0?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from journeymap.analysis.wording import percent, spoken_time
from journeymap.model.touchpoints import Touchpoint
from journeymap.render.blueprint_content import CUSTOMER, Blueprint, shared_runs, texts_of
from journeymap.render.chart_parts import interval
from journeymap.render.map_columns import Column
from journeymap.render.scene import LINK, TINT, Box, Item, Label, Line, Marker
from journeymap.render.text import line_height, wrap
from journeymap.render.theme import Theme

__all__ = ["LANE_NAMES", "Frame", "Row", "badge", "hollow", "lay_row"]

LANE_NAMES: Mapping[str, str] = {
    "wait": "Wait before",
    "evidence": "Physical evidence",
    CUSTOMER: "Customer actions",
    "frontstage": "Frontstage",
    "backstage": "Backstage",
    "systems": "Support systems",
    "journeys": "Journeys that come here",
    "drop-off": "Drop-off",
}
BADGE = 11.0  # points

_GUTTER = 0.1  # on both sides of a box
_PAD = 0.08
_TALL_PAD, _LOW_PAD = 0.19, 0.11  # above and below the boxes, where arrows lead there and where none do
_BYPASS = 0.12  # for the arrow above touchpoints that float
_BETWEEN = 0.13  # texts of one box
_STACK, _NEEDS_STACK = 0.07, 0.2  # systems below each other
_MOST_TEXTS, _MOST_SYSTEMS = 4, 6
_TEXT_LINES, _DOING_LINES, _NAME_LINES = 3, 5, 4
_NAME_TOP = 0.13  # clear of the badges on the edge
_METER, _BAR_TOP, _BAR_HIGH = 0.44, 0.3, 0.055
_AFTER = 0.39  # below the bar of a wait: where it begins
_TICK, _HOLLOW_TICK = 0.015, 0.05  # how wide is the bar of nothing
_HATCHED = 0.12
_NEAR = 1e-6


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The columns of one band and where they stand.

    Parameters
    ----------
    columns : tuple of Column
        From left to right.
    first : int
        The place of the first of them among all columns.
    margin, left, right : float
        Where the lanes begin, where the columns begin, and where the lanes end, in inches.
    step : float
        The width of a column.
    theme : Theme
        Sizes and colours.
    """

    columns: tuple[Column, ...]
    first: int
    margin: float
    left: float
    right: float
    step: float
    theme: Theme

    def x(self, place: float) -> float:
        """Where a column begins."""
        return self.left + self.step * place

    def centre(self, place: float) -> float:
        """The middle of a column."""
        return self.x(place + 0.5)

    def cell(self, first: int, last: int, y: float, height: float, node: str = "") -> Box:
        """Give a box over neighbouring columns."""
        x = self.x(first) + _GUTTER
        return Box(
            x=x, y=y, width=self.x(last + 1) - _GUTTER - x, height=height, radius=0.05, node=node,
            fill=self.theme.paper, edge=self.theme.touchpoint_edge,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """A lane of one band.

    Parameters
    ----------
    height : float
        In inches.
    items : tuple of Item
        With the lane's top at y = 0.
    boxes : tuple of (int, int, Box)
        The boxes that arrows may join, with their first and last column; from top to bottom.
    """

    height: float
    items: tuple[Item, ...]
    boxes: tuple[tuple[int, int, Box], ...] = field(default=())

    def moved(self, down: float) -> Row:
        """Give the same lane further down."""
        return replace(
            self,
            items=tuple(item.moved(0, down) for item in self.items),
            boxes=tuple((first, last, box.moved(0, down)) for first, last, box in self.boxes),
        )

    def box_at(self, place: int) -> tuple[Box, ...]:
        """Give the boxes of a column, from top to bottom."""
        return tuple(box for first, last, box in self.boxes if first <= place <= last)


def lay_row(lane: str, frame: Frame, content: Blueprint, *, show_needs: bool = False) -> Row:
    """Where stands what in a lane?

    Parameters
    ----------
    lane : str
        Its name.
    frame : Frame
        The columns of the band.
    content : Blueprint
        What the blueprint shows.
    show_needs : bool
        Whether systems below each other leave room for a line between them.

    Returns
    -------
    Row
        With its name, its ground and its boxes.
    """
    if lane == CUSTOMER:
        row = _customer_row(frame, content)
    elif lane == "systems":
        row = _systems_row(frame, content, _NEEDS_STACK if show_needs else _STACK)
    elif lane in {"wait", "journeys", "drop-off"}:
        row = _meter_row(lane, frame, content)
    else:
        row = _text_row(lane, frame, content)
    grounds = _ground(lane, frame, row.height)
    return Row(
        height=row.height, items=(*grounds, _lane_name(lane, frame, row.height), *row.items), boxes=row.boxes
    )


def _ground(lane: str, frame: Frame, height: float) -> list[Item]:
    """Tint the lane by its role; below the others runs a thin line."""
    theme = frame.theme
    tint = {
        CUSTOMER: theme.customer_tint, "frontstage": theme.frontstage_tint,
        "backstage": theme.backstage_tint, "systems": theme.support_tint,
    }.get(lane)  # fmt: skip
    if tint is None:
        return [Line(points=((frame.margin, height), (frame.right, height)), colour=theme.rule)]
    return [Box(x=frame.margin, y=0, width=frame.right - frame.margin, height=height, fill=tint, z=TINT)]


def _lane_name(lane: str, frame: Frame, height: float) -> Label:
    theme = frame.theme
    indent = _PAD
    width = frame.left - frame.margin - 2 * indent
    most = max(1, int((height - 0.1) / line_height(theme.small_size)))
    text = wrap(
        theme.word(LANE_NAMES[lane]).upper(), width, theme.small_size, "bold", most, family=theme.family
    )
    region = Box(x=frame.margin, y=0, width=frame.left - frame.margin, height=height)
    return Label(
        x=frame.margin + indent, y=0.08, text="\n".join(text), size=theme.small_size, weight="bold",
        colour=theme.muted, inside=region,
    )  # fmt: skip


# ------------------------------------------------------------------ texts in boxes


def _paragraphs(texts: Sequence[str], width: float, most: int, theme: Theme) -> list[tuple[str, ...]]:
    """Break every text; what is more than fits is counted."""
    shown = list(texts) if len(texts) <= most else list(texts[: most - 1])
    lines = [
        wrap(text, width, theme.small_size, "normal", _TEXT_LINES, family=theme.family) for text in shown
    ]
    if len(shown) < len(texts):
        lines.append((_more(len(texts) - len(shown), theme),))
    return lines


def _more(count: int, theme: Theme) -> str:
    return f"+ {count} {theme.word('more')}"


def _text_row(role: str, frame: Frame, content: Blueprint) -> Row:
    """One box a column, with a fine line between its texts; all boxes of a lane are equally tall."""
    theme = frame.theme
    width = frame.step - 2 * _GUTTER - 2 * _PAD
    high = line_height(theme.small_size, theme.line_height)
    cells = [
        _paragraphs(texts_of(column.touchpoint, role), width, _MOST_TEXTS, theme) for column in frame.columns
    ]
    talls = [sum(map(len, cell)) * high + (len(cell) - 1) * _BETWEEN for cell in cells]
    tall = max([high, *talls]) + 0.16
    pad = _LOW_PAD if role == "evidence" else _TALL_PAD
    items: list[Item] = []
    boxes: list[tuple[int, int, Box]] = []
    for place, cell in enumerate(cells):
        if not cell:
            continue
        box = frame.cell(place, place, pad, tall, f"{role}:{content.keys[frame.first + place]}")
        boxes.append((place, place, box))
        items += [box, *_texts_in(box, cell, talls[place], high, theme)]
    return Row(height=tall + 2 * pad, items=tuple(items), boxes=tuple(boxes))


def _texts_in(box: Box, cell: Sequence[Sequence[str]], tall: float, high: float, theme: Theme) -> list[Item]:
    items: list[Item] = []
    middle = box.centre[0]
    y = box.centre[1] - tall / 2
    for number, lines in enumerate(cell):
        if number:
            between = y - _BETWEEN / 2
            items.append(Line(points=((middle - 0.16, between), (middle + 0.16, between)), z=LINK + 1.5,
                              colour=theme.rule))  # fmt: skip
        items.append(
            Label(x=middle, y=y, text="\n".join(lines), size=theme.small_size, ha="center",
                  colour=theme.ink, line_height=theme.line_height, inside=box)
        )  # fmt: skip
        y += len(lines) * high + _BETWEEN
    return items


def _systems_row(frame: Frame, content: Blueprint, gap: float) -> Row:
    """One box a system, over all neighbouring columns that share it."""
    theme = frame.theme
    cells = []
    for place, column in enumerate(frame.columns):
        texts = texts_of(column.touchpoint, "systems")
        if len(texts) > _MOST_SYSTEMS:
            # The column's number, which is not drawn, keeps such counts of neighbours apart.
            rest = _more(len(texts) - _MOST_SYSTEMS + 1, theme)
            texts = (*texts[: _MOST_SYSTEMS - 1], f"{rest}\0{place}")
        cells.append(texts)
    levels: list[list[tuple[str, int, int]]] = []
    for run in shared_runs(cells):
        level = next((level for level in levels if _free(level, run)), None)
        if level is None:
            levels.append([run])
        else:
            level.append(run)
    items: list[Item] = []
    boxes: list[tuple[int, int, Box]] = []
    y = _TALL_PAD
    for level in levels or [[]]:
        texts_drawn = {run: _system_lines(run, frame) for run in level}
        lines = max((len(text) for text in texts_drawn.values()), default=1)
        tall = lines * line_height(theme.small_size, theme.line_height) + 0.12
        for (text, first, last), shown in texts_drawn.items():
            node = f"systems:{content.keys[frame.first + first]}:{text}"
            box = frame.cell(first, last, y, tall, node)
            boxes.append((first, last, box))
            items += [
                box,
                Label(x=box.centre[0], y=box.centre[1], text="\n".join(shown), size=theme.small_size,
                      ha="center", va="center", colour=theme.ink, line_height=theme.line_height, inside=box),
            ]  # fmt: skip
        y += tall + gap
    return Row(height=y - gap + _LOW_PAD, items=tuple(items), boxes=tuple(boxes))


def _free(level: Sequence[tuple[str, int, int]], run: tuple[str, int, int]) -> bool:
    return all(run[2] < first or last < run[1] for _, first, last in level)


def _system_lines(run: tuple[str, int, int], frame: Frame) -> tuple[str, ...]:
    text, first, last = run
    width = frame.step * (last - first + 1) - 2 * _GUTTER - 2 * _PAD
    theme = frame.theme
    return wrap(text.partition("\0")[0], width, theme.small_size, "normal", 2, family=theme.family)


# ------------------------------------------------------------------ the customer


@dataclass(frozen=True, kw_only=True)
class _Action:
    name: tuple[str, ...]
    size: float
    doing: tuple[str, ...]


def _customer_row(frame: Frame, content: Blueprint) -> Row:
    """Lay the touchpoints: name in bold, below it what customers do; badges stand on the upper edge."""
    theme = frame.theme
    actions = [_action(column.touchpoint, frame) for column in frame.columns]
    name_high = max((len(a.name) * line_height(a.size, theme.line_height) for a in actions), default=0.0)
    doing_high = line_height(theme.small_size, theme.line_height) * max(
        (len(a.doing) for a in actions), default=0
    )
    strip = _HATCHED if theme.service_hatch and any(c.touchpoint.is_service for c in frame.columns) else 0.0
    tall = _NAME_TOP + 0.1 + name_high + (doing_high + 0.07 if doing_high else 0.0) + strip
    top = _TALL_PAD + 0.05 + (_BYPASS if any(column.floats for column in frame.columns) else 0.0)
    items: list[Item] = []
    boxes: list[tuple[int, int, Box]] = []
    for place, (column, action) in enumerate(zip(frame.columns, actions, strict=True)):
        number = frame.first + place
        box = _touchpoint_box(frame, place, top, tall, f"{CUSTOMER}:{content.keys[number]}")
        boxes.append((place, place, box))
        items += [box, *_face(box, action, column.touchpoint, top + _NAME_TOP + name_high + 0.07, theme)]
        items += _badges(box, column.touchpoint, theme, fails=number in content.failing,
                         waits=number in content.waiting)  # fmt: skip
    return Row(height=top + tall + _TALL_PAD, items=tuple(items), boxes=tuple(boxes))


def _action(touchpoint: Touchpoint, frame: Frame) -> _Action:
    theme = frame.theme
    width = frame.step - 2 * _GUTTER - 2 * _PAD
    text = f"◆\u00a0{touchpoint.name}" if touchpoint.is_service else touchpoint.name
    size = theme.touchpoint_size
    name = wrap(text, width, size, "bold", family=theme.family)
    if len(name) > 2:
        size = theme.small_size
        name = wrap(text, width, size, "bold", _NAME_LINES, family=theme.family)
    doing = wrap(touchpoint.doing, width, theme.small_size, "normal", _DOING_LINES, family=theme.family)
    return _Action(name=name, size=size, doing=doing)


def _touchpoint_box(frame: Frame, place: int, top: float, tall: float, node: str) -> Box:
    theme = frame.theme
    box = frame.cell(place, place, top, tall, node)
    if not frame.columns[place].touchpoint.is_service:
        return box
    return replace(box, edge=theme.service, line_width=2.0)


def _face(box: Box, action: _Action, touchpoint: Touchpoint, doing_top: float, theme: Theme) -> list[Item]:
    service = touchpoint.is_service
    items: list[Item] = [
        Label(x=box.x + _PAD, y=box.y + _NAME_TOP, text="\n".join(action.name), size=action.size,
              weight="bold", colour=theme.service if service else theme.ink, line_height=theme.line_height,
              inside=box, mark="service" if service else "")
    ]  # fmt: skip
    if action.doing:
        items.append(
            Label(x=box.x + _PAD, y=doing_top, text="\n".join(action.doing), size=theme.small_size,
                  colour=theme.ink, line_height=theme.line_height, inside=box)
        )  # fmt: skip
    if service and theme.service_hatch:
        items.append(
            Box(x=box.x + 0.05, y=box.bottom - 0.13, width=box.width - 0.1, height=0.08, mark="service",
                edge=theme.service, line_width=0.4, hatch=theme.service_hatch)
        )  # fmt: skip
    return items


def _badges(box: Box, touchpoint: Touchpoint, theme: Theme, *, fails: bool, waits: bool) -> list[Item]:
    items: list[Item] = []
    x = box.x + 0.16
    for kind, there in (("fail", fails), ("waiting", waits)):
        if there:
            items += badge(kind, x, box.y, theme)
            x += 0.22
    if touchpoint.moment_of_truth:
        items += badge("moment", box.right - 0.16, box.y, theme)
    return items


def badge(kind: str, x: float, y: float, theme: Theme) -> list[Item]:
    """How does a mark on the edge of a touchpoint look?

    Parameters
    ----------
    kind : {"fail", "waiting", "moment"}
        Its meaning, and the name of its entry in the legend.
    x, y : float
        The middle, in inches.
    theme : Theme
        Colours and sizes.

    Returns
    -------
    list of Item
        A cross in a circle, a W in a circle, or a star.
    """
    colour = theme.pain if kind == "fail" else theme.ink
    if kind == "moment":
        return [
            Marker(x=x, y=y, shape="star", size=13.5, fill=colour, edge=theme.paper, line_width=1.2,
                   z=4.2, mark=kind)
        ]  # fmt: skip
    ring = Marker(x=x, y=y, size=BADGE + 1, fill=theme.paper, edge=colour, line_width=1.4, z=4.2, mark=kind)
    if kind == "fail":
        return [ring, Marker(x=x, y=y, shape="cross", size=6.5, fill=colour, edge=None, line_width=0.0,
                             z=4.3, mark=kind)]  # fmt: skip
    return [
        ring,
        Label(x=x, y=y, text=theme.word("W"), size=theme.tick_size, weight="bold", ha="center", va="center",
              colour=theme.ink, z=4.3, mark=kind),
    ]  # fmt: skip


# ------------------------------------------------------------------ numbers over bars


def _meter_row(lane: str, frame: Frame, content: Blueprint) -> Row:
    draw = {"wait": _wait_items, "journeys": _journey_items, "drop-off": _lost_items}[lane]
    theme = frame.theme
    places = range(frame.first, frame.first + len(frame.columns))
    high = _METER
    if lane == "wait" and any(content.comes_after(place) for place in places):
        high = _AFTER + line_height(theme.tick_size) + 0.06
    items: list[Item] = []
    for place in places:
        column = place - frame.first
        items += draw(frame.cell(column, column, 0.0, high), place, content, theme)
    return Row(height=high, items=tuple(items))


def _number(cell: Box, text: str, theme: Theme) -> Label:
    return Label(x=cell.x, y=0.07, text=text, size=theme.body_size, colour=theme.ink, inside=cell)


def _bar(cell: Box, share: float, colour: str, mark: str) -> Box:
    return Box(
        x=cell.x, y=_BAR_TOP, width=max(_TICK, cell.width * min(1.0, share)), height=_BAR_HIGH, fill=colour,
        mark=mark, z=LINK + 0.5,
    )  # fmt: skip


def hollow(bar: Box, colour: str, theme: Theme) -> Box:
    """How does a bar look that rests on fewer than 20 customers?

    Parameters
    ----------
    bar : Box
        Where it stands.
    colour : str
        That it would be filled with.
    theme : Theme
        Gives the paper.

    Returns
    -------
    Box
        An outline, wide enough to be seen as one.
    """
    wide = max(bar.width, _HOLLOW_TICK)
    return replace(bar, width=wide, fill=theme.paper, edge=colour, line_width=0.9, mark="few")


def _wait_items(cell: Box, number: int, content: Blueprint, theme: Theme) -> list[Item]:
    wait = content.waits[number]
    if wait is None:
        return []
    bar = _bar(
        cell, wait / content.longest_wait if content.longest_wait else 0.0, theme.curve, "wait"
    )  # fmt: skip
    if number in content.few_waits:
        bar = hollow(bar, theme.curve, theme)
    items: list[Item] = [_number(cell, spoken_time(wait.total_seconds()), theme), bar]
    source = content.comes_after(number)
    if source:
        text = wrap(
            f"{theme.word('after')} {source}", cell.width, theme.tick_size, max_lines=1, family=theme.family
        )
        items.append(
            Label(x=cell.x, y=_AFTER, text=text[0], size=theme.tick_size, colour=theme.muted, inside=cell)
        )
    return items


def _journey_items(cell: Box, number: int, content: Blueprint, theme: Theme) -> list[Item]:
    visits = content.columns[number].touchpoint.visits
    if visits is None:
        return []
    ground = _bar(cell, 1.0, theme.grid, "journeys")
    return [
        _number(cell, f"{visits.journeys:,} · {percent(visits.share)}", theme), replace(ground, z=LINK),
        *([_bar(cell, visits.share, theme.curve, "journeys")] if visits.share else []),
    ]  # fmt: skip


def _lost_items(cell: Box, number: int, content: Blueprint, theme: Theme) -> list[Item]:
    estimate = content.lost[number]
    if estimate is None or estimate.value is None:
        return []
    largest = _largest_loss(content)
    # Where the interval is not known the estimate stands alone.
    low = estimate.value if estimate.low is None else estimate.low
    high = estimate.value if estimate.high is None else estimate.high
    bar = _bar(cell, estimate.value / largest, theme.pain, "drop-off")
    if number in content.few_lost:
        bar = hollow(bar, theme.pain, theme)
    items: list[Item] = [_number(cell, percent(estimate.value), theme), bar]
    if high > low:
        scale = cell.width / largest
        middle, right = _BAR_TOP + _BAR_HIGH / 2, cell.x + high * scale
        drawn = interval(cell.x + low * scale, min(right, cell.right), middle, theme)
        # An interval that runs off the scale has no cap there: it ends further out.
        items += drawn[:-1] if right > cell.right + _NEAR else drawn
    return items


def _largest_loss(content: Blueprint) -> float:
    """Give the end of the lane's scale: intervals of small samples, which are wide, do not stretch it."""
    sure = [e.high for place, e in enumerate(content.lost) if e and place not in content.few_lost]
    values = [e.value for e in content.lost if e]
    return max([end for end in (*sure, *values) if end is not None], default=0.0) or 1.0
