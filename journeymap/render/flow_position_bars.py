"""Where do bars, ribbons and names stand when journeys run from touchpoint to touchpoint?"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from journeymap.render.chart_parts import MARGIN
from journeymap.render.flow_pieces import (
    BAR,
    GAP,
    TALL,
    TUCK,
    faded,
    kept_apart,
    level_at,
    opacity,
    ribbon,
    undecided,
    veil,
)
from journeymap.render.flow_positions import ON, Passage, PositionFlow, Stop
from journeymap.render.scene import LINK, SHAPE, Box, Item, Label, Line
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["position_items"]

_PITCH, _NOTE_GAP, _FADE = 2.2, 0.07, 0.42
_USUAL, _STRONG, _FAINT, _FEW = 0.45, 0.6, 0.2, 0.01  # opacity of ribbons; below which share they are faint
_END_GAP, _NAMES, _MOVED, _LEAST = 0.14, 0.16, 0.1, 0.015


@dataclass(kw_only=True)
class _Layout:
    """Where bars and the ends of ribbons lie, in inches."""

    flow: PositionFlow
    top: float
    scale: float
    bars: dict[tuple[int, str], float] = field(default_factory=dict)
    out: dict[Passage, float] = field(default_factory=dict)
    into: dict[Passage, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ranks = [{stop.key: n for n, stop in enumerate(stops)} for stops in self.flow.columns]
        for column, stops in enumerate(self.flow.columns):
            y, ended = self.top, False
            for stop in stops:
                y += _END_GAP if stop.is_end and not ended and y > self.top else 0.0
                ended = ended or stop.is_end
                self.bars[column, stop.key] = y
                y += max(stop.weight * self.scale, _LEAST) + GAP
        for column in range(len(self.flow.columns) - 1):
            here = [passage for passage in self.flow.passages if passage.column == column]
            down = {key: self.bars[column, key] for key in ranks[column]}
            for passage in sorted(here, key=lambda p: (ranks[p.column + 1][p.target], not p.bright)):
                self.out[passage] = down[passage.source]
                down[passage.source] += passage.weight * self.scale
            down = {key: self.bars[column + 1, key] for key in ranks[column + 1]}
            for passage in sorted(here, key=lambda p: (ranks[p.column][p.source], not p.bright)):
                self.into[passage] = down[passage.target]
                down[passage.target] += passage.weight * self.scale

    def x(self, column: int) -> float:
        """Give the left side of a column's bars."""
        return MARGIN + column * _PITCH


def position_items(flow: PositionFlow, top: float, theme: Theme) -> tuple[list[Item], float, float]:
    """Where does everything stand on a picture of journeys from touchpoint to touchpoint?

    Parameters
    ----------
    flow : PositionFlow
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
    high = line_height(theme.stage_size) + line_height(theme.small_size)
    layout = _Layout(flow=flow, top=top + high + 0.16, scale=TALL / flow.total if flow.total else 0.0)
    items: list[Item] = [*_ribbons(layout, theme)]
    bottom = layout.top
    for column, stops in enumerate(flow.columns):
        items += _head(flow, column, layout.x(column), top, theme)
        for stop in stops:
            items += _bar(stop, layout.x(column), layout.bars[column, stop.key], layout.scale, theme)
            bottom = max(bottom, layout.bars[column, stop.key] + max(stop.weight * layout.scale, _LEAST))
        names, low = _names(layout, column, theme)
        items += names
        bottom = max(bottom, low)
    width = layout.x(len(flow.columns) - 1) + _PITCH - 0.1 + MARGIN
    return items, width, bottom


def _head(flow: PositionFlow, column: int, x: float, top: float, theme: Theme) -> Iterator[Item]:
    last = column == len(flow.columns) - 1
    name = theme.word("After that") if last else theme.word("Touchpoint {n}").format(n=column + 1)
    room = _PITCH - 0.2
    text = "".join(wrap(name, room, theme.stage_size, "bold", 1, family=theme.family))
    yield Label(x=x, y=top, text=text, size=theme.stage_size, weight="bold", colour=theme.ink)
    if last:
        return
    under = flow.under_way(column)
    said = f"{flow.amount(under)} {theme.word('of the journeys')}" if not flow.counted else flow.amount(under)
    words = "".join(wrap(said, room, theme.small_size, max_lines=1, family=theme.family))
    yield Label(
        x=x, y=top + line_height(theme.stage_size), text=words, size=theme.small_size, colour=theme.muted
    )


def _ribbons(layout: _Layout, theme: Theme) -> Iterator[Item]:
    flow = layout.flow
    kinds = [{stop.key: stop.kind for stop in stops} for stops in flow.columns]
    strongest = _strongest(flow, kinds)
    for passage in sorted(flow.passages, key=lambda p: (p.bright, -p.weight)):
        column = passage.column
        colour, mark = _look(
            passage, kinds[column][passage.source], kinds[column + 1][passage.target], flow, theme
        )
        path = [
            (layout.x(column) + BAR, layout.out[passage]),
            (layout.x(column + 1), layout.into[passage]),
        ]
        high = passage.weight * layout.scale
        alpha = opacity(colour, theme, _weighted(passage, mark, flow, strongest))
        yield ribbon(path, high, colour, alpha, mark=mark, z=LINK + 0.1 * passage.bright)
        if passage.target == ON:
            x, y = path[1]
            yield from faded(x + TUCK, x + _FADE, y, high, colour, alpha, mark="on", out=True)


def _strongest(flow: PositionFlow, kinds: Sequence[Mapping[str, str]]) -> frozenset[Passage]:
    """Find the widest ribbon of every column that leads to a touchpoint."""
    widest: dict[int, Passage] = {}
    for passage in flow.passages:
        if kinds[passage.column + 1][passage.target] not in {"touchpoint", "service"}:
            continue
        if passage.column not in widest or passage.weight > widest[passage.column].weight:
            widest[passage.column] = passage
    return frozenset(widest.values())


def _weighted(passage: Passage, mark: str, flow: PositionFlow, strongest: Container[Passage]) -> float:
    """Let what few journeys do step back, so that what most do can be followed."""
    if mark not in {"ribbon", "service"} or passage.target == ON:
        return _USUAL
    if passage in strongest:
        return _STRONG
    return _FAINT if passage.weight < _FEW * flow.total else _USUAL


def _look(passage: Passage, source: str, target: str, flow: PositionFlow, theme: Theme) -> tuple[str, str]:
    """Choose the colour of a ribbon: where journeys end, how they end; else where they come from."""
    if not passage.bright:
        return theme.rule, "aside"
    if target == "lost":
        return theme.pain, "lost"
    if target in {"open", "ended"}:
        return theme.interval, target
    if flow.highlighted:
        return theme.service if flow.highlights_service else theme.categories[0], "highlight"
    if target == "goal":
        return theme.stage_header, "goal"
    return (theme.service, "service") if source == "service" else (theme.edge, "ribbon")


def _bar(stop: Stop, x: float, y: float, scale: float, theme: Theme) -> Iterator[Item]:
    high = max(stop.weight * scale, _LEAST)
    bar = Box(x=x, y=y, width=BAR, height=high, fill=theme.curve, mark="bar", z=SHAPE)
    if stop.kind == "on":
        return
    if stop.kind == "service":
        bar = replace(bar, fill=theme.service, mark="service")
        if theme.service_hatch:
            bar = replace(bar, fill=theme.paper, edge=theme.service, hatch=theme.service_hatch)
    elif stop.kind == "lost":
        bar = replace(bar, fill=theme.pain, mark="lost")
        if theme.pain_hatch:
            bar = replace(bar, fill=theme.paper, edge=theme.pain, hatch=theme.pain_hatch)
    elif stop.kind == "goal":
        bar = replace(bar, fill=theme.stage_header, mark="goal")
    elif stop.kind == "other":
        bar = replace(bar, fill=theme.link, mark="other")
    elif stop.is_end:
        bar = replace(bar, fill=theme.paper, edge=theme.curve, mark=stop.kind)
        if stop.kind == "open":
            yield from undecided(bar, theme)
            return
    yield bar


def _names(layout: _Layout, column: int, theme: Theme) -> tuple[list[Item], float]:
    """Write a name beside every bar; where they would touch, a thin line leads from a bar to its name."""
    flow, x, stops = layout.flow, layout.x(column), layout.flow.columns[column]
    gaps = [_NOTE_GAP + (_FADE if stop.kind == "on" else 0.0) for stop in stops]
    notes = [
        _note(stop, flow, _PITCH - BAR - gap - 0.12, theme) for stop, gap in zip(stops, gaps, strict=True)
    ]
    heights = [max(_NAMES, line_height(theme.small_size, 1.22) * len(note) + 0.03) for note in notes]
    middles = [layout.bars[column, stop.key] + max(stop.weight * layout.scale, _LEAST) / 2 for stop in stops]
    places = kept_apart(middles, heights, layout.top - 0.08)
    items: list[Item] = []
    for stop, note, middle, place, gap in zip(stops, notes, middles, places, gaps, strict=True):
        if abs(place - middle) > _MOVED:
            points = ((x + BAR, middle), (x + BAR + _NOTE_GAP, place))
            items.append(Line(points=points, colour=theme.muted, width=0.6, z=SHAPE))
        label = Label(
            x=x + BAR + gap + (0.03 if abs(place - middle) > _MOVED else 0.0), y=place,
            text="\n".join(note), size=theme.small_size, va="center", line_height=1.22,
            colour=theme.loss_text if stop.kind == "lost" else theme.ink,
            mark=stop.kind if stop.kind == "service" else "",
        )  # fmt: skip
        wide = text_width(label.text, label.size, family=theme.family)
        if _is_crossed(layout, column, label.x, label.x + wide, place - label.height / 2, label.height):
            items.append(veil(label.x - 0.03, place - label.height / 2, wide + 0.04, label.height, theme))
        items.append(label)
    low = max((place + high / 2 for place, high in zip(places, heights, strict=True)), default=layout.top)
    return items, low


def _is_crossed(layout: _Layout, column: int, left: float, right: float, top: float, high: float) -> bool:
    """Whether the edge of a ribbon runs behind a name."""
    x0, x1 = layout.x(column) + BAR, layout.x(column + 1)
    for passage, start in layout.out.items():
        if passage.column != column:
            continue
        end = layout.into[passage]
        for edge in (0.0, passage.weight * layout.scale):
            y0, y1 = (level_at((x0, start + edge), (x1, end + edge), x) for x in (left, right))
            if min(y0, y1) < top + high and max(y0, y1) > top:
                return True
    return False


def _note(stop: Stop, flow: PositionFlow, room: float, theme: Theme) -> tuple[str, ...]:
    """Break name and number into lines: on one where they fit, else the number below the name."""
    name = theme.word(stop.name)
    name = name.format(n=stop.members) if stop.kind == "other" else name
    # A no-break space, so that the diamond never stands alone on a line.
    name = f"◆\N{NO-BREAK SPACE}{name}" if stop.kind == "service" else name
    number = flow.amount(stop.weight)
    whole = wrap(f"{name}  {number}", room, theme.small_size, family=theme.family)
    lines: tuple[str, ...] = (f"{name}  {number}",)
    if len(whole) > 1:
        lines = (*wrap(name, room, theme.small_size, max_lines=2, family=theme.family), number)
    return tuple(line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)
