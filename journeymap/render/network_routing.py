"""Which way does each arrow of a network take, so that none crosses a foreign box and all stay readable?

Arrows run in right angles with rounded corners. Boxes stand on a grid; between two columns lies a channel
for the upright parts, between two rows a gap for the long level parts. All arrows into one side of a box
share their way (a bus): what arrives is one arrow, what departs is one line per target with its share
written where it departs. Space for these shares is kept free beside every box, so that nothing can run
through them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from journeymap.render.network_content import Link
from journeymap.render.network_layout import Grid
from journeymap.render.network_tracks import Pins, apart, mixed_up, tracks_of
from journeymap.render.scene import Box, Point

__all__ = ["BOX_WIDTH", "Geometry", "Route", "routed"]

BOX_WIDTH, BOX_HEIGHT = 1.55, 0.62
LABEL_HEIGHT = 0.13
PORT = 0.15  # between two arrows on one side of a box: a share of 7 pt fits
LABEL_ZONE, LOOP_ZONE, ARROW_ZONE, EMPTY_ZONE = 0.46, 0.56, 0.24, 0.16
TRACK, LANE, SLOT, ROW_GAP, CHANNEL, MARGIN = 0.14, 0.13, 0.22, 0.62, 0.80, 0.34
# Upright arrows there and back: a little to the right, because ends of journeys are marked on the left.
DOWN, UP = -0.08, 0.22
_Side: TypeAlias = Literal["left", "right"]


class _Net(NamedTuple):
    """All arrows that reach a box on one side in one style."""

    target: str
    side: _Side
    back: bool


class _Port(NamedTuple):
    """A place on the side of a box: the start of a link, the end of a net, or the end of a self-loop."""

    kind: Literal["out", "in", "loop"]
    link: int = -1
    net: _Net | None = None


@dataclass
class _Lane:
    """The level part of a net that passes columns, in a gap between rows or through empty places of a row."""

    in_row: bool
    number: int
    channels: tuple[int, int]
    y: float = 0.0

    @property
    def position(self) -> float:
        """Where it lies, in rows."""
        return self.number if self.in_row else self.number - 0.5

    def meets(self, other: _Lane) -> bool:
        """Whether both run through one channel."""
        return self.channels[0] <= other.channels[1] and other.channels[0] <= self.channels[1]


@dataclass(frozen=True, kw_only=True)
class Route:
    """The way of one arrow.

    Parameters
    ----------
    link : Link
        What it stands for.
    points : tuple of (x, y)
        The corners in inches, from the edge of one box to the edge of another.
    label : (x, y)
        The middle of the place for its share.
    kind : {"net", "upright", "loop"}
        Between columns, straight up or down, or back to its own box.
    bus : int
        Routes with the same number arrive together; negative: alone.
    """

    link: Link
    points: tuple[Point, ...]
    label: Point
    kind: Literal["net", "upright", "loop"]
    bus: int = -1


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Boxes and routes in inches, from the left top corner of the first band.

    Parameters
    ----------
    boxes : dict of str to Box
        The box of every node.
    routes : tuple of Route
        One for every link, in their order.
    bands : tuple of (str, float, float)
        Id, left and right of every band.
    height : float
        Of the bands.
    """

    boxes: dict[str, Box]
    routes: tuple[Route, ...]
    bands: tuple[tuple[str, float, float], ...]
    height: float


@dataclass
class _Plan:
    """What is known while routes are being found."""

    grid: Grid
    links: Sequence[Link]
    cells: dict[str, tuple[int, int]]
    nets: dict[int, _Net] = field(default_factory=dict)
    lanes: dict[_Net, _Lane] = field(default_factory=dict)
    ports: dict[tuple[str, _Side], list[_Port]] = field(default_factory=dict)
    port_y: dict[tuple[str, _Side, _Port], float] = field(default_factory=dict)
    tops: dict[str, float] = field(default_factory=dict)
    heights: dict[str, float] = field(default_factory=dict)

    def starts(self, number: int) -> _Side:
        """Tell the side on which a link leaves its source."""
        source, target = self.cells[self.links[number].source], self.cells[self.links[number].target]
        return "right" if (source[0], source[1]) < (target[0], target[1]) else "left"

    def first_channel(self, number: int) -> int:
        """Give the channel beside the source; channel k lies left of column k."""
        column = self.cells[self.links[number].source][0]
        return column + 1 if self.starts(number) == "right" else column

    def last_channel(self, net: _Net) -> int:
        """Give the channel beside the target."""
        column = self.cells[net.target][0]
        return column if net.side == "left" else column + 1

    def is_far(self, number: int) -> bool:
        """Tell whether a link passes a column on its way."""
        return self.first_channel(number) != self.last_channel(self.nets[number])

    def y_start(self, number: int) -> float:
        """Give the height at which a link leaves."""
        side = self.starts(number)
        return self.port_y[self.links[number].source, side, _Port("out", link=number)]

    def y_end(self, net: _Net) -> float:
        """Give the height at which a net arrives."""
        return self.port_y[net.target, net.side, _Port("in", net=net)]


def routed(grid: Grid, links: Sequence[Link], *, heights: dict[str, float], labelled: bool) -> Geometry:
    """Which way does each arrow take?

    Parameters
    ----------
    grid : Grid
        The places of the boxes.
    links : sequence of Link
        The arrows.
    heights : dict of str to float
        How high the text of each box needs it to be, in inches.
    labelled : bool
        Whether arrows carry their share.

    Returns
    -------
    Geometry
        Boxes that do not overlap, and routes that start and end on their edges and cross no other box.
    """
    if not grid.columns:
        return Geometry(boxes={}, routes=(), bands=(), height=0.0)
    plan = _Plan(grid=grid, links=links, cells=grid.cells())
    _find_nets(plan)
    _choose_lanes(plan)
    _order_ports(plan)
    bottom = _set_rows(plan, heights)
    _set_ports(plan)
    tracks = _set_tracks(plan)
    lefts, track_x, bands = _set_columns(plan, tracks, labelled=labelled)
    boxes = {
        name: Box(x=lefts[column], y=plan.tops[name], width=BOX_WIDTH, height=plan.heights[name], radius=0.05)
        for name, (column, _) in plan.cells.items()
    }
    routes = tuple(_route(plan, number, boxes, track_x) for number in range(len(links)))
    return Geometry(boxes=boxes, routes=routes, bands=bands, height=bottom)


def _find_nets(plan: _Plan) -> None:
    """Sort links into self-loops, upright neighbours and nets."""
    for number, link in enumerate(plan.links):
        if link.source == link.target or _is_upright(plan, link):
            continue
        start = plan.starts(number)
        same_column = plan.cells[link.source][0] == plan.cells[link.target][0]
        side: _Side = start if same_column else ("left" if start == "right" else "right")
        plan.nets[number] = _Net(link.target, side, link.back)


def _is_upright(plan: _Plan, link: Link) -> bool:
    (column, row), (other, end) = plan.cells[link.source], plan.cells[link.target]
    return column == other and plan.grid.is_free(column, range(min(row, end) + 1, max(row, end)))


def _members(plan: _Plan) -> dict[_Net, list[int]]:
    members: dict[_Net, list[int]] = defaultdict(list)
    for number, net in plan.nets.items():
        members[net].append(number)
    return members


def _choose_lanes(plan: _Plan) -> None:
    """Give every net that passes columns a level way: through empty places, else between two rows."""
    members = _members(plan)
    weight = {net: sum(plan.links[number].weight for number in numbers) for net, numbers in members.items()}
    for net in sorted(members, key=lambda net: (-weight[net], net)):
        far = [number for number in members[net] if plan.is_far(number)]
        if not far:
            continue
        ends = [plan.first_channel(number) for number in far] + [plan.last_channel(net)]
        channels = (min(ends), max(ends))
        options = [_Lane(in_row=False, number=gap, channels=channels) for gap in range(plan.grid.rows + 1)]
        options += [
            _Lane(in_row=True, number=row, channels=channels)
            for row in range(plan.grid.rows)
            if all(plan.grid.is_free(column, (row,)) for column in range(channels[0], channels[1]))
        ]
        costs = [_lane_cost(plan, lane, net, far, weight[net]) for lane in options]
        plan.lanes[net] = options[costs.index(min(costs))]


def _lane_cost(plan: _Plan, lane: _Lane, net: _Net, far: Sequence[int], weight: float) -> float:
    cost = weight * abs(plan.cells[net.target][1] - lane.position)
    for number in far:
        link = plan.links[number]
        cost += link.weight * abs(plan.cells[link.source][1] - lane.position)
    crowd = sum(
        other.in_row == lane.in_row and other.number == lane.number and other.meets(lane)
        for other in plan.lanes.values()
    )
    if lane.in_row:
        return cost + (99.0 if crowd else 0.0)
    outside = lane.number in {0, plan.grid.rows}
    return cost + 0.12 * crowd + (0.05 if outside else 0.15)


def _order_ports(plan: _Plan) -> None:
    """Order the arrows on each side of each box by where they lead or come from."""
    heading: dict[tuple[str, _Side], list[tuple[float, int, _Port]]] = defaultdict(list)
    for number, net in plan.nets.items():
        link = plan.links[number]
        toward = plan.lanes[net].position if plan.is_far(number) else float(plan.cells[link.target][1])
        side = plan.starts(number)
        # Mutual neighbours: there above, back below, as the ports of both then lie level.
        heading[link.source, side].append((toward, 0 if side == "right" else 2, _Port("out", link=number)))
    for net, numbers in _members(plan).items():
        rows = [
            plan.lanes[net].position if plan.is_far(number) else plan.cells[plan.links[number].source][1]
            for number in numbers
        ]
        own = plan.cells[net.target][1]
        come = float(own) if own in rows else sum(rows) / len(rows)
        heading[net.target, net.side].append((come, 1, _Port("in", net=net)))
    for link in plan.links:
        if link.source == link.target:
            heading[link.source, "right"].append((-99.0, 0, _Port("loop")))
    for place, ports in heading.items():
        plan.ports[place] = [port for _, _, port in sorted(ports, key=lambda item: item[:2])]


def _set_rows(plan: _Plan, heights: dict[str, float]) -> float:
    """Give rows and lanes their heights; returns the height of everything."""
    for name in plan.cells:
        most = max(len(plan.ports.get((name, side), ())) for side in ("left", "right"))
        plan.heights[name] = max(BOX_HEIGHT, heights.get(name, 0.0), PORT * most + 0.08)
    y = 0.12
    for row in range(plan.grid.rows + 1):
        y = _set_gap(plan, row, y)
        names = [name for name, (_, at) in plan.cells.items() if at == row]
        height = max((plan.heights[name] for name in names), default=0.0)
        for name in names:
            plan.tops[name] = y + (height - plan.heights[name]) / 2
        for lane in plan.lanes.values():
            if lane.in_row and lane.number == row:
                lane.y = y + height / 2
        y += height
    return y + 0.06


def _set_gap(plan: _Plan, gap: int, y: float) -> float:
    """Stack the lanes between two rows, those that lead up above those that lead down."""
    lanes = [(net, lane) for net, lane in plan.lanes.items() if not lane.in_row and lane.number == gap]
    leaning = {net: _leaning(plan, net) for net, _ in lanes}
    lanes.sort(key=lambda item: (leaning[item[0]], item[0]))
    taken: list[list[_Lane]] = []
    for _, lane in lanes:
        free = [
            number for number, others in enumerate(taken) if not any(lane.meets(other) for other in others)
        ]
        if not free:
            taken.append([])
            free = [len(taken) - 1]
        taken[free[0]].append(lane)
    outer = gap in {0, plan.grid.rows}
    used = LANE * (len(taken) + 1) if taken else 0.0
    height = SLOT + used if outer else max(ROW_GAP, 2 * SLOT + used)
    middle = y + (height - SLOT) / 2 if gap == 0 else y + height / 2 + (SLOT / 2 if outer else 0.0)
    for number, others in enumerate(taken):
        for lane in others:
            lane.y = middle + LANE * (number - (len(taken) - 1) / 2)
    return y + height


def _leaning(plan: _Plan, net: _Net) -> float:
    rows = [plan.cells[net.target][1]]
    rows += [plan.cells[plan.links[number].source][1] for number, other in plan.nets.items() if other == net]
    return sum(rows) / len(rows)


def _set_ports(plan: _Plan) -> None:
    """Spread the ports over the sides; what arrives slides to where its straightest source departs."""
    for (name, side), ports in plan.ports.items():
        low, high = _port_range(plan, name, ports)
        gap = min(0.2, (high - low) / max(1, len(ports)))
        middle = (low + high) / 2
        for place, port in enumerate(ports):
            plan.port_y[name, side, port] = middle + gap * (place - (len(ports) - 1) / 2)
    sources = _members(plan)
    for (name, side), ports in plan.ports.items():
        low, high = _port_range(plan, name, ports)
        wanted = [_wanted(plan, name, side, port, sources) for port in ports]
        # A straight arrow is worth more than an even spread.
        weights = [
            1.0 if y == plan.port_y[name, side, port] else 1000.0
            for port, y in zip(ports, wanted, strict=True)
        ]
        placed = apart(wanted, weights, gap=min(PORT, (high - low) / max(1, len(ports))), low=low, high=high)
        for port, y in zip(ports, placed, strict=True):
            plan.port_y[name, side, port] = y
    for net, lane in plan.lanes.items():
        if lane.in_row:
            lane.y = _row_lane_y(plan, net, lane, sources[net])


def _port_range(plan: _Plan, name: str, ports: Sequence[_Port]) -> tuple[float, float]:
    top = plan.tops[name] + (0.1 if ports and ports[0].kind == "loop" else 0.09)
    return top, plan.tops[name] + plan.heights[name] - 0.09


def _wanted(plan: _Plan, name: str, side: _Side, port: _Port, sources: dict[_Net, list[int]]) -> float:
    y = plan.port_y[name, side, port]
    if port.kind == "loop":
        return plan.tops[name]
    if port.net is None:
        return y
    row = plan.cells[name][1]
    lane = plan.lanes.get(port.net)
    straight = lane is not None and lane.in_row and lane.number == row
    level = [
        number
        for number in sources[port.net]
        if plan.cells[plan.links[number].source] != (plan.cells[name][0], row)
        and plan.cells[plan.links[number].source][1] == row
        and (straight or not plan.is_far(number))
    ]
    if not level:
        return y
    return plan.y_start(max(level, key=lambda number: plan.links[number].weight))


def _row_lane_y(plan: _Plan, net: _Net, lane: _Lane, numbers: Iterable[int]) -> float:
    """Run level with the target where it stands in this row, else with the heaviest source that does."""
    if plan.cells[net.target][1] == lane.number:
        return plan.y_end(net)
    level = [
        number
        for number in numbers
        if plan.is_far(number) and plan.cells[plan.links[number].source][1] == lane.number
    ]
    if not level:
        return lane.y
    return plan.y_start(max(level, key=lambda number: plan.links[number].weight))


def _pins(plan: _Plan) -> dict[int, dict[_Net, Pins]]:
    """Collect for every channel at which heights each net enters or leaves it on the left and the right."""
    pins: dict[int, dict[_Net, Pins]] = defaultdict(dict)
    for number, net in plan.nets.items():
        first, last = plan.first_channel(number), plan.last_channel(net)
        start, end = plan.starts(number), net.side
        begin = pins[first].setdefault(net, Pins())
        finish = pins[last].setdefault(net, Pins())
        # A source on the left of the channel leaves its box on the right side.
        begin.add("left" if start == "right" else "right", plan.y_start(number))
        finish.add("left" if end == "right" else "right", plan.y_end(net))
        if first != last:
            y = plan.lanes[net].y
            begin.add("right" if first < last else "left", y)
            finish.add("left" if first < last else "right", y)
            for channel in range(min(first, last) + 1, max(first, last)):
                passing = pins[channel].setdefault(net, Pins())
                passing.add("left", y)
                passing.add("right", y)
    return pins


def _set_tracks(plan: _Plan) -> dict[int, dict[_Net, int]]:
    """Order the upright parts; where two lines would still look like one, move an arrow along its box."""
    tracks, heights = _tracked(plan)
    for push in (False, True):
        for place, y in list(plan.port_y.items()):
            if not any(abs(y - height) < 1e-6 for height in heights):
                continue
            kept = dict(plan.port_y)
            for shift in (0.065, -0.065, 0.1, -0.1):
                plan.port_y.update(_shifted(plan, place, y + shift, push=push))
                new_tracks, left = _tracked(plan)
                if len(left) < len(heights):
                    tracks, heights = new_tracks, left
                    break
                plan.port_y.update(kept)
    return tracks


def _shifted(
    plan: _Plan, place: tuple[str, _Side, _Port], y: float, *, push: bool
) -> dict[tuple[str, _Side, _Port], float]:
    """Give the heights on one side of a box if a port moves: alone where it may, else pushing the others."""
    name, side, port = place
    ports = plan.ports[name, side]
    low, high = _port_range(plan, name, ports)
    others = [plan.port_y[name, side, other] for other in ports if other != port]
    if port.kind != "loop" and low <= y <= high and all(abs(y - other) > LABEL_HEIGHT for other in others):
        return {place: y}
    if not push:
        return {}
    wanted = [y if other == port else plan.port_y[name, side, other] for other in ports]
    weights = [1000.0 if other == port else 1.0 for other in ports]
    gap = min(LABEL_HEIGHT, (high - low) / max(1, len(ports) - 1))
    placed = apart(wanted, weights, gap=gap, low=low, high=high)
    return {(name, side, other): height for other, height in zip(ports, placed, strict=True)}


def _tracked(plan: _Plan) -> tuple[dict[int, dict[_Net, int]], list[float]]:
    pins = _pins(plan)
    tracks = {channel: tracks_of(nets) for channel, nets in pins.items()}
    return tracks, [y for channel, nets in pins.items() for y in mixed_up(nets, tracks[channel])]


def _zone(plan: _Plan, column: int, side: _Side, *, labelled: bool) -> float:
    """Give the ground kept free beside the boxes of a column, for shares and heads of arrows."""
    zone = EMPTY_ZONE
    for (name, at), ports in plan.ports.items():
        if at != side or plan.cells[name][0] != column:
            continue
        for port in ports:
            if port.kind == "in" or not labelled:
                zone = max(zone, ARROW_ZONE)
            else:
                zone = max(zone, LOOP_ZONE if port.kind == "loop" else LABEL_ZONE)
    return zone


def _set_columns(
    plan: _Plan, tracks: dict[int, dict[_Net, int]], *, labelled: bool
) -> tuple[list[float], dict[tuple[int, _Net], float], tuple[tuple[str, float, float], ...]]:
    """Give columns, tracks and bands their places from left to right."""
    bands, count = plan.grid.bands, len(plan.grid.columns)
    lefts: list[float] = []
    track_x: dict[tuple[int, _Net], float] = {}
    edges: list[float] = [0.0]
    x = 0.0
    for channel in range(count + 1):
        before = _zone(plan, channel - 1, "right", labelled=labelled) if channel else 0.0
        after = _zone(plan, channel, "left", labelled=labelled) if channel < count else 0.0
        used = tracks.get(channel, {})
        number = max(used.values(), default=-1) + 1
        outer = channel in {0, count}
        least = MARGIN if outer else CHANNEL
        width = max(least, before + TRACK * (number + 1) * bool(number) + after + (0.12 if outer else 0.0))
        middle = x + before + (width - before - after) / 2
        for net, track in used.items():
            track_x[channel, net] = middle + TRACK * (track - (number - 1) / 2)
        if not outer and bands[channel - 1] != bands[channel]:
            edges.append(middle)
        x += width
        if channel < count:
            lefts.append(x)
            x += BOX_WIDTH
    edges.append(x)
    names = list(dict.fromkeys(bands))
    return lefts, track_x, tuple(zip(names, edges[:-1], edges[1:], strict=True))


def _route(plan: _Plan, number: int, boxes: dict[str, Box], track_x: dict[tuple[int, _Net], float]) -> Route:
    link = plan.links[number]
    if link.source == link.target:
        return _loop(plan, link, boxes[link.source])
    if number not in plan.nets:
        return _upright(plan, link, boxes)
    net, start = plan.nets[number], plan.starts(number)
    first, last = plan.first_channel(number), plan.last_channel(net)
    source, target = boxes[link.source], boxes[link.target]
    x0 = source.right if start == "right" else source.x
    x1 = target.right if net.side == "right" else target.x
    y0, y1 = plan.y_start(number), plan.y_end(net)
    points = [(x0, y0), (track_x[first, net], y0)]
    if first != last:
        y = plan.lanes[net].y
        points += [(track_x[first, net], y), (track_x[last, net], y)]
    points += [(track_x[last, net], y1), (x1, y1)]
    middle = x0 + (1 if start == "right" else -1) * 0.235
    bus = list(dict.fromkeys(plan.nets.values())).index(net)
    return Route(link=link, points=_plain(points), label=(middle, y0), kind="net", bus=bus)


def _upright(plan: _Plan, link: Link, boxes: dict[str, Box]) -> Route:
    source, target = boxes[link.source], boxes[link.target]
    paired = any(other.source == link.target and other.target == link.source for other in plan.links)
    down = source.y < target.y
    x = source.centre[0] + ((DOWN if down else UP) if paired else 0.0)
    y0, y1 = (source.bottom, target.y) if down else (source.y, target.bottom)
    label = (x, y0 + (0.125 if down else -0.125))
    return Route(link=link, points=((x, y0), (x, y1)), label=label, kind="upright")


def _loop(plan: _Plan, link: Link, box: Box) -> Route:
    y = plan.port_y[link.source, "right", _Port("loop")]
    x, out, up = box.right - 0.17, box.right + 0.13, box.y - 0.12
    points = ((x, box.y), (x, up), (out, up), (out, y), (box.right, y))
    return Route(link=link, points=points, label=(out + 0.18, box.y - 0.03), kind="loop")


def _plain(points: Sequence[Point]) -> tuple[Point, ...]:
    """Leave out corners that are none."""
    kept: list[Point] = []
    for x, y in points:
        if kept and abs(kept[-1][0] - x) < 1e-6 and abs(kept[-1][1] - y) < 1e-6:
            continue
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], (x, y)):
            kept[-1] = (x, y)
        else:
            kept.append((x, y))
    return tuple(kept)


def _in_line(first: Point, second: Point, third: Point) -> bool:
    return any(
        abs(first[axis] - second[axis]) < 1e-6 and abs(second[axis] - third[axis]) < 1e-6 for axis in (0, 1)
    )
