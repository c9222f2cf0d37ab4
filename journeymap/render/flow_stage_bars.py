"""Where do bars and ribbons stand when journeys run through the stages, and which ribbon passes by?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from journeymap.render.chart_parts import MARGIN
from journeymap.render.flow_pieces import BAR, GAP, LEAST, TALL, faded, kept_apart, opacity, ribbon, stub
from journeymap.render.flow_stages import ENDS, StageFlow, Strand
from journeymap.render.scene import GRID, LINK, SHAPE, Box, Item, Label, Line, Point
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["stage_items"]

_PITCH, _NARROWEST, _STUB, _FADE = 2.35, 1.65, 0.5, 0.34
_NOTE_GAP, _NOTES, _LEAST_NOTE = 0.12, 1.35, 0.75
_TALLEST = 5.8  # inches: the lane for what skips stages, and the highest bar
_TOLD = 0.001  # of all journeys: ends of fewer have no name, only their words in the description


@dataclass(kw_only=True)
class _Layout:
    """Where the ribbons lie in every column, in inches.

    All bars hang from one line, so that they compare like the bars of a chart. Above it, each column has
    a lane for the ribbons that pass it by, so that none of them crosses a bar; what ends leaves downwards.
    """

    flow: StageFlow
    line: float
    scale: float
    pitch: float
    out: dict[Strand, float] = field(default_factory=dict)
    into: dict[Strand, float] = field(default_factory=dict)
    past: dict[tuple[Strand, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ends, strands = list(ENDS), self.flow.strands
        for column in range(len(self.flow.stages) + 1):
            going = [s for s in strands if s.source == column and not s.end]
            ending = [s for s in strands if s.source == column and s.end]
            y = self.line
            # What goes farthest lies on top, where the lane past the next column is.
            for strand in (
                *sorted(going, key=lambda s: (-s.target, not s.bright)),
                *sorted(ending, key=lambda s: (ends.index(s.end), not s.bright)),
            ):
                self.out[strand] = y
                y += strand.weight * self.scale
            y = self.line
            coming = [s for s in strands if s.target == column and not s.end]
            for strand in sorted(coming, key=lambda s: (s.source, not s.bright)):
                self.into[strand] = y
                y += strand.weight * self.scale
            y = self.line - GAP
            passing = [s for s in strands if s.source < column < s.target]
            for strand in sorted(passing, key=lambda s: (-s.target, s.source, not s.bright), reverse=True):
                y -= strand.weight * self.scale
                self.past[strand, column] = y

    def x(self, column: int) -> float:
        """Give the left side of a column's bar."""
        return MARGIN + column * self.pitch

    def path(self, strand: Strand) -> list[Point]:
        """Give the upper edge of a ribbon from bar to bar."""
        points = [(self.x(strand.source) + BAR, self.out[strand])]
        for column in range(strand.source + 1, strand.target):
            y = self.past[strand, column]
            points += [(self.x(column), y), (self.x(column) + BAR, y)]
        return [*points, (self.x(strand.target), self.into[strand])]

    def bottom(self, column: int) -> float:
        """Give the lower end of a column's bar."""
        return self.line + self.flow.touched[column] * self.scale

    def free_below(self, column: int, right: float) -> float:
        """Give the y below which nothing runs from a column to the next, up to an x."""
        flow = self.flow
        ends = sum(flow.ending(column, end) for end in ENDS) * self.scale
        lowest = self.bottom(column) - ends
        if column + 1 < len(flow.touched) and column + 1 <= len(flow.stages) - (not flow.goal):
            begins = flow.begins[column + 1] * self.scale
            lowest = max(lowest, self.bottom(column + 1) - begins)
            if begins and right > self.x(column + 1) - _FADE - 0.05:
                lowest = max(lowest, self.bottom(column + 1))
        return lowest


def stage_items(flow: StageFlow, top: float, theme: Theme) -> tuple[list[Item], float, float]:
    """Where does everything stand on a picture of journeys through stages?

    Parameters
    ----------
    flow : StageFlow
        What is shown.
    top : float
        Where it begins, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        Names, bars and ribbons.
    float
        The width of the figure.
    float
        The y below all of it.
    """
    pitch = max(_NARROWEST, _PITCH / theme.scale)  # in large type as wide as else
    heads = [_head(flow, column, pitch, theme) for column in range(len(flow.stages) + bool(flow.goal))]
    lanes = [
        sum(s.weight for s in flow.strands if s.source < column < s.target)
        for column in range(len(flow.stages))
    ]
    # Where most journeys skip a stage, all become smaller, so that lane and bars fit a page together.
    reach = max(lanes, default=0.0) + max(flow.touched)
    scale = min(TALL / flow.total, _TALLEST / reach) / theme.scale if flow.total and reach else 0.0
    high = max(sum(label.height for label in head) for head in heads)
    lane = max(lanes, default=0.0) * scale
    line = top + high + 0.14 + (lane + GAP if lane else 0.0)
    layout = _Layout(flow=flow, line=line, scale=scale, pitch=pitch)
    items: list[Item] = []
    for column, head in enumerate(heads):
        items += _placed(head, layout.x(column), top, high, pitch)
    items += _ribbons(layout, theme)
    bottom = layout.line
    for column in range(len(heads)):
        items += _bar(layout, column, top + high + 0.05, theme)
        ends, low = _ends(layout, column, theme)
        items += ends
        bottom = max(bottom, layout.bottom(column), low)
    last = layout.x(len(heads) - 1)
    width = last + BAR + (max(1.3, pitch - 0.6) if flow.goal else _STUB + _NOTE_GAP + _NOTES)
    return items, width + MARGIN, bottom


def _head(flow: StageFlow, column: int, pitch: float, theme: Theme) -> list[Label]:
    """Write the name of a column, how many journeys come there, and how many begin there."""
    room = pitch - 0.25
    goal = column == len(flow.stages)
    name = theme.word("Goal reached") if goal else theme.word(flow.stages[column].name)
    lines = wrap(name, room, theme.stage_size, "bold", 2, family=theme.family)
    label = Label(
        x=0, y=0, text="\n".join(lines), size=theme.stage_size, weight="bold", colour=theme.ink,
        line_height=1.2,
    )  # fmt: skip
    size = theme.small_size
    labels = [label] if lines else []
    if goal and flow.goal != name:
        said = wrap(flow.goal, room, size, "normal", 2, family=theme.family)
        labels.append(Label(x=0, y=0, text="\n".join(said), size=size, colour=theme.muted))
    weight = flow.touched[column]
    text = flow.amount(weight) if weight else theme.word("no journeys")
    labels.append(Label(x=0, y=0, text=text, size=theme.body_size, colour=theme.ink))
    if column and flow.begins[column]:
        begins = f"{flow.amount(flow.begins[column])} {theme.word('begin here')}"
        labels.append(Label(x=0, y=0, text=begins, size=theme.tick_size, colour=theme.muted))
    return labels


def _placed(labels: Iterable[Label], x: float, top: float, high: float, pitch: float) -> Iterator[Label]:
    y = top
    region = Box(x=x - 0.02, y=top - 0.02, width=pitch - 0.1, height=high + 0.04)
    for label in labels:
        placed = label.moved(x, y)
        yield replace(placed, inside=region)
        y += label.height


def _ribbons(layout: _Layout, theme: Theme) -> Iterator[Item]:
    flow = layout.flow
    for strand in sorted(flow.strands, key=lambda s: (s.bright, -s.weight)):
        if strand.end:
            continue
        colour, mark = _look(strand, flow, theme)
        yield ribbon(
            layout.path(strand), strand.weight * layout.scale, colour, opacity(colour, theme), mark=mark,
            z=LINK + 0.1 * strand.bright,
        )  # fmt: skip


def _look(strand: Strand, flow: StageFlow, theme: Theme) -> tuple[str, str]:
    if not strand.bright:
        return theme.rule, "aside"
    if flow.highlighted:
        return theme.categories[0], "highlight"
    if strand.target == len(flow.stages):
        return theme.stage_header, "goal"
    return theme.edge, "ribbon"


def _bar(layout: _Layout, column: int, top: float, theme: Theme) -> Iterator[Item]:
    flow, x = layout.flow, layout.x(column)
    goal = column == len(flow.stages)
    high = flow.touched[column] * layout.scale
    if not high:
        return
    yield Line(points=((x + 0.01, top), (x + 0.01, layout.line)), colour=theme.rule, width=0.6, z=GRID)
    yield Box(
        x=x, y=layout.line, width=BAR, height=max(high, LEAST), z=SHAPE,
        fill=theme.stage_header if goal else theme.curve, mark="goal" if goal else "bar",
    )  # fmt: skip
    begins = flow.begins[column] * layout.scale
    if column and begins:
        yield from faded(
            x - _FADE, x, layout.line + high - begins, begins, theme.edge, opacity(theme.edge, theme),
            mark="begins", out=False,
        )  # fmt: skip


def _ends(layout: _Layout, column: int, theme: Theme) -> tuple[list[Item], float]:
    """Let journeys that end here leave downwards, each kind to a stub of its own with its name."""
    flow, x = layout.flow, layout.x(column) + BAR
    present = [end for end in ENDS if flow.ending(column, end)] if column < len(flow.stages) else []
    words = {
        end: f"{theme.word(ENDS[end])} {flow.amount(flow.ending(column, end))}"
        for end in present
        if flow.ending(column, end) >= _TOLD * flow.total
    }
    if not present:
        return [], 0.0
    notes, right = _notes(layout, column, tuple(words.values()), theme)
    y = layout.free_below(column, right) + 0.14
    items: list[Item] = []
    middles = []
    bright = {s.end for s in flow.strands if s.source == column and s.bright}
    for end in present:
        first = y
        for strand in sorted((s for s in layout.out if s.source == column and s.end == end), key=_dim_last):
            start, high = (x, layout.out[strand]), strand.weight * layout.scale
            items += stub(start, (x + _STUB, y), high, end if strand.bright else "", theme)
            y += strand.weight * layout.scale
        if end in words:
            middles.append((first + y) / 2)
        y += 0.06
    heights = [line_height(theme.small_size) * len(note) + 0.02 for note in notes]
    places = kept_apart(middles, heights, layout.free_below(column, right) + 0.03)
    for end, note, place in zip(words, notes, places, strict=True):
        items.append(
            Label(
                x=x + _STUB + _NOTE_GAP, y=place, text="\n".join(note), size=theme.small_size, va="center",
                colour=theme.loss_text if end == "lost" and end in bright else theme.muted,
            )
        )  # fmt: skip
    low = max((place + high / 2 for place, high in zip(places, heights, strict=True)), default=y)
    return items, max(y, low)


def _notes(
    layout: _Layout, column: int, texts: Sequence[str], theme: Theme
) -> tuple[list[tuple[str, ...]], float]:
    """Break the names of ends so that they stay beside their bars; give the x where the longest line ends."""
    left = layout.x(column) + BAR + _STUB + _NOTE_GAP
    whole = layout.pitch - BAR - _STUB - _NOTE_GAP - 0.08
    # Where journeys begin at the next column, what is wider stands below all of them, far from its bar.
    beside = whole - _FADE
    notes: list[tuple[str, ...]] = []
    right = left
    for room in (whole, beside):
        notes = [wrap(text, room, theme.small_size, max_lines=3, family=theme.family) for text in texts]
        widths = [text_width(line, theme.small_size, family=theme.family) for note in notes for line in note]
        right = left + max(widths, default=0.0)
        if beside < _LEAST_NOTE or layout.free_below(column, right) <= layout.free_below(column, left):
            break
    return notes, right


def _dim_last(strand: Strand) -> bool:
    return not strand.bright
