"""Where do bars, ribbons and names stand when journeys run from touchpoint to touchpoint?"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from journeymap.render.chart_parts import MARGIN
from journeymap.render.flow_pieces import BAR, TALL, TUCK, faded, opacity, ribbon, stub
from journeymap.render.flow_position_layout import PITCH, PositionLayout
from journeymap.render.flow_position_names import FADE, is_told, position_names
from journeymap.render.flow_positions import ENDS, ON, Passage, PositionFlow, Stop
from journeymap.render.scene import GRID, LINK, SHAPE, Box, Item, Label, Line
from journeymap.render.text import line_height, wrap
from journeymap.render.theme import Theme

__all__ = ["position_items"]

_USUAL, _STRONG, _FAINT, _FEW = 0.45, 0.6, 0.2, 0.01  # opacity of ribbons; below which share they are faint
_SUMS = "Journeys that end after each touchpoint"


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
    layout = PositionLayout(
        flow=flow, top=top + high + 0.16, scale=TALL / flow.total if flow.total else 0.0
    )  # fmt: skip
    items: list[Item] = [*_ribbons(layout, theme), *_ends(layout, theme)]
    bottom = layout.bottom()
    for column, stops in enumerate(flow.columns):
        items += _head(flow, column, layout.x(column), top, theme)
        for stop in stops:
            items += _bar(stop, layout, column, theme)
        names, low = position_names(layout, column, theme)
        items += names
        bottom = max(bottom, low)
    sums, bottom = _sums(layout, bottom, theme)
    width = layout.x(len(flow.columns) - 1) + PITCH - 0.1 + MARGIN
    return [*items, *sums], width, bottom


def _head(flow: PositionFlow, column: int, x: float, top: float, theme: Theme) -> Iterator[Item]:
    last = flow.goes_on(column)
    name = theme.word("After that") if last else theme.word("Touchpoint {n}").format(n=column + 1)
    room = PITCH - 0.2
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


def _sums(layout: PositionLayout, y: float, theme: Theme) -> tuple[list[Item], float]:
    """Write below the columns how many journeys end at each, a line for each way to end.

    Where every end has its number beside it, nothing is left to say.
    """
    flow = layout.flow
    if all(is_told(end, flow) for end in layout.ends):
        return [], y
    columns = [column for column in range(len(flow.columns)) if not flow.goes_on(column)]
    right = layout.x(columns[-1]) + PITCH - 0.2
    words = wrap(
        theme.word(_SUMS), right - MARGIN, theme.small_size, "bold", 2, family=theme.family
    )  # fmt: skip
    head = Label(
        x=MARGIN, y=y + 0.24, text="\n".join(words), size=theme.small_size, weight="bold", colour=theme.ink
    )
    y = head.y + head.height + 0.05
    items: list[Item] = [
        head, Line(points=((MARGIN, y), (right, y)), colour=theme.rule, width=0.6, z=GRID)
    ]  # fmt: skip
    y += 0.06
    for end in ENDS:
        low = y
        for column in columns:
            weight = flow.ending(column, end)
            if not weight:
                continue
            said = f"{theme.word(ENDS[end])} {flow.amount(weight)}"
            lines = wrap(said, PITCH - 0.2, theme.small_size, max_lines=2, family=theme.family)
            label = Label(
                x=layout.x(column), y=y, text="\n".join(lines), size=theme.small_size,
                colour=theme.loss_text if end == "lost" else theme.ink,
            )  # fmt: skip
            items.append(label)
            low = max(low, y + label.height + 0.03)
        y = low
    return items, y


def _ribbons(layout: PositionLayout, theme: Theme) -> Iterator[Item]:
    flow = layout.flow
    kinds = [{stop.key: stop.kind for stop in stops} for stops in flow.columns]
    strongest = _strongest(flow, kinds)
    going = [passage for passage in flow.passages if not passage.is_end]
    for passage in sorted(going, key=lambda p: (p.bright, -p.weight)):
        column = passage.column
        colour, mark = _look(passage, kinds[column][passage.source], flow, theme)
        path = [
            (layout.x(column) + BAR, layout.out[passage]),
            (layout.x(column + 1), layout.into[passage]),
        ]
        high = passage.weight * layout.scale
        alpha = opacity(colour, theme, _weighted(passage, mark, flow, strongest))
        yield ribbon(path, high, colour, alpha, mark=mark, z=LINK + 0.1 * passage.bright)
        if passage.target == ON:
            x, y = path[1]
            yield from faded(x + TUCK, x + FADE, y, high, colour, alpha, mark="on", out=True)


def _ends(layout: PositionLayout, theme: Theme) -> Iterator[Item]:
    """Let journeys end beside the bar where they were last."""
    for passage, y in layout.ends.items():
        start = (layout.x(passage.column) + BAR, layout.out[passage])
        kind = passage.target if passage.bright else ""
        high = passage.weight * layout.scale
        yield from stub(start, (layout.end_right(passage.column), y), high, kind, theme)


def _strongest(flow: PositionFlow, kinds: Sequence[Mapping[str, str]]) -> frozenset[Passage]:
    """Find the widest ribbon of every column that leads to a touchpoint."""
    widest: dict[int, Passage] = {}
    for passage in flow.passages:
        if passage.is_end or kinds[passage.column + 1][passage.target] not in {"touchpoint", "service"}:
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


def _look(passage: Passage, source: str, flow: PositionFlow, theme: Theme) -> tuple[str, str]:
    """Choose the colour of a ribbon: that of what is brought out, else of where journeys come from."""
    if not passage.bright:
        return theme.rule, "aside"
    if flow.highlighted:
        return theme.service if flow.highlights_service else theme.categories[0], "highlight"
    return (theme.service, "service") if source == "service" else (theme.edge, "ribbon")


def _bar(stop: Stop, layout: PositionLayout, column: int, theme: Theme) -> Iterator[Item]:
    bar = Box(
        x=layout.x(column), y=layout.bars[column, stop.key], width=BAR, height=layout.high(stop),
        fill=theme.curve, mark="bar", z=SHAPE,
    )  # fmt: skip
    if stop.kind == "on":
        return
    if stop.kind == "service":
        bar = replace(bar, fill=theme.service, mark="service")
        if theme.service_hatch:
            bar = replace(bar, fill=theme.paper, edge=theme.service, hatch=theme.service_hatch)
    elif stop.kind == "other":
        bar = replace(bar, fill=theme.link, mark="other")
    yield bar
