"""How do customers move between touchpoints: the journey as a picture of its graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from matplotlib.axes import Axes

from journeymap.errors import UnknownNameError, nearest, require
from journeymap.model.journey import Journey
from journeymap.render.chart_parts import MARGIN, filtered, heading, origin_of
from journeymap.render.legend import lay_legend
from journeymap.render.map_feeling import feeling_text
from journeymap.render.network_content import Link, Network, Node, network_of
from journeymap.render.network_layout import grid_of
from journeymap.render.network_legend import network_legend, short_percent
from journeymap.render.network_lines import CORNER, THIN, faint, mixed, rounded, until_met
from journeymap.render.network_routing import Geometry, Route, routed
from journeymap.render.paint import paint
from journeymap.render.scene import (
    EDGE_TEXT,
    LINK,
    SHAPE,
    TEXT,
    TINT,
    Arrow,
    Box,
    Item,
    Label,
    Point,
    Polygon,
    Scene,
)
from journeymap.render.text import line_height, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["draw_network", "network_scene"]

_HEADER = 0.34
_TEXT_LEFT, _TEXT_PAD = 0.17, 0.07
_SHARE_SIZE = 7.0


def draw_network(
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    min_share: float = 0.05,
    highlight: str | Iterable[str] | None = None,
) -> Axes:
    """How do customers move between touchpoints?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.
    min_share : float
        Transitions, starts and ends with a smaller share are not drawn; the legend says how many.
    highlight : str or iterable of str, optional
        Touchpoints to bring out: all arrows of a single one, the arrows among several.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.
    """
    require(journey, Journey, "draw_network", hint="read or discover a journey first")
    scene = network_scene(journey, min_share=min_share, theme=theme, highlight=highlight)
    return paint(scene, ax, theme)


def network_scene(
    journey: Journey,
    *,
    min_share: float = 0.05,
    theme: Theme = DEFAULT_THEME,
    highlight: str | Iterable[str] | None = None,
) -> Scene:
    """Where does everything stand on the picture of the journey's graph?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    min_share : float
        Transitions, starts and ends with a smaller share are not drawn; the legend says how many.
    theme : Theme
        Colours, sizes and words.
    highlight : str or iterable of str, optional
        Touchpoints to bring out: all arrows of a single one, the arrows among several.

    Returns
    -------
    Scene
        Columns follow the stages; above 40 touchpoints, boxes are channels of a stage.

    Raises
    ------
    UnknownNameError
        No touchpoint has the highlighted name.
    """
    network = network_of(journey, min_share=min_share)
    chosen = _chosen(network, highlight)
    faces = {node.id: _Face(node, theme) for node in network.nodes}
    labelled = any(link.share is not None for link in network.links)
    geometry = routed(
        grid_of(network),
        network.links,
        heights={name: face.height for name, face in faces.items()},
        labelled=labelled,
    )
    wide = geometry.bands[-1][2] if geometry.bands else 0.0
    width = max(wide + 2 * MARGIN, 7.2)
    facts = [theme.word("Transitions between touchpoints"), *_about(journey, network, theme)]
    head, under = heading(journey.name, facts, width, theme)
    top = under + 0.16
    items: list[Item] = [*head, *_bands(network, geometry, theme, MARGIN, top)]
    down = top + _HEADER
    items += [item.moved(MARGIN, down) for item in _drawn(network, geometry, faces, theme, chosen)]
    bottom = down + geometry.height
    legend, high = lay_legend(
        network_legend(network, theme, min_share, highlighted=bool(chosen)),
        MARGIN,
        bottom + 0.16,
        width - 2 * MARGIN,
        theme,
    )
    return Scene(
        width=width,
        height=bottom + 0.16 + high + 0.2,
        items=(*items, *legend),
        title=f"{journey.name}: {theme.word('transitions between touchpoints')}",
        description=_description(journey, network),
    )


def _chosen(network: Network, highlight: str | Iterable[str] | None) -> frozenset[str]:
    names = {highlight} if isinstance(highlight, str) else set(highlight or ())
    known = [node.id for node in network.nodes]
    for name in sorted(names - set(known)):
        close = nearest(name, known)
        raise UnknownNameError.because(
            f"no touchpoint {name!r} on this picture.", hint=f"did you mean {close!r}?" if close else None
        )
    return frozenset(names)


class _Face:
    """The text of a box, broken into lines, and the height that it needs."""

    def __init__(self, node: Node, theme: Theme) -> None:
        room = 1.55 - _TEXT_LEFT - _TEXT_PAD
        name = f"◆ {node.name}" if node.is_service else node.name
        self.size = theme.touchpoint_size
        self.name = wrap(name, room, self.size, "bold", family=theme.family)
        if len(self.name) > 2:
            self.size = theme.small_size
            self.name = wrap(name, room, self.size, "bold", 4, family=theme.family)
        self.facts = _facts(node, theme)
        self.height = (
            0.14
            + line_height(self.size, 1.2) * len(self.name)
            + (line_height(theme.small_size) if self.facts else 0.0)
        )


def _facts(node: Node, theme: Theme) -> str:
    parts = []
    if node.visits is not None:
        parts.append(f"{node.visits:,}")
    if node.feeling is not None:
        parts.append(f"{theme.word('feeling')} {feeling_text(node.feeling)}")
    if node.members > 1 and len(parts) < 2:
        parts.append(f"{node.members} {theme.word('touchpoints')}")
    return " · ".join(parts)


def _about(journey: Journey, network: Network, theme: Theme) -> list[str]:
    facts = [origin_of(journey, theme)]
    seen = journey.observation
    if seen:
        facts.append(
            f"n = {seen.journeys:,} {theme.word('journeys')}, {seen.customers:,} {theme.word('customers')}"
        )
        facts.append(f"{seen.start:%Y-%m-%d} – {seen.end:%Y-%m-%d}")
        facts += filtered(seen.filters, theme)
    elif journey.origin == "designed":
        facts.append(theme.word("designed, not measured"))
    if network.aggregated:
        facts.append(
            theme.word("{n} touchpoints put together by stage and first channel").format(
                n=network.touchpoints
            )
        )
    if not network.nodes:
        facts.append(theme.word("no touchpoints yet"))
    elif not network.links and not network.hidden:
        facts.append(theme.word("no transitions are known"))
    return facts


def _bands(network: Network, geometry: Geometry, theme: Theme, right: float, top: float) -> list[Item]:
    items: list[Item] = []
    bands = {band.id: band for band in network.bands}
    for number, (name, start, end) in enumerate(geometry.bands):
        x0, x1, band = start + right, end + right, bands[name]
        tint = theme.stage_tints[number % 2]
        items.append(
            Box(x=x0 + 0.02, y=top + _HEADER, width=x1 - x0 - 0.04, height=geometry.height, fill=tint, z=TINT)
        )
        fill = theme.stage_header if band.known else theme.any_stage_header
        point = 0.12
        items.append(
            Polygon(
                points=(
                    (x0 + 0.02, top), (x1 - point, top), (x1 + 0.02, top + _HEADER / 2),
                    (x1 - point, top + _HEADER), (x0 + 0.02, top + _HEADER),
                ),
                fill=fill,
                z=SHAPE - number * 0.01,
            )
        )  # fmt: skip
        text = theme.word(band.name)
        if (
            len(geometry.bands) == 1
            and not band.known
            and any(node.position is not None for node in network.nodes)
        ):
            text = theme.word(
                "No stages are known: from left to right by mean place in the journey, early to late"
            )
        line = wrap(text, x1 - x0 - 0.34, theme.stage_size, "bold", 1, family=theme.family)
        items.append(
            Label(
                x=x0 + 0.14, y=top + _HEADER / 2, text="".join(line), size=theme.stage_size, weight="bold",
                colour=theme.text_on(fill), va="center",
            )
        )  # fmt: skip
    return items


def _drawn(
    network: Network, geometry: Geometry, faces: dict[str, _Face], theme: Theme, chosen: frozenset[str]
) -> Iterable[Item]:
    yield from _arrows(geometry.routes, theme, chosen)
    for node in network.nodes:
        box = geometry.boxes[node.id]
        yield from _touchpoint(node, box, faces[node.id], theme)
        yield from _ends(node, box, theme)


def _is_bright(link: Link, chosen: frozenset[str]) -> bool:
    ends = {link.source, link.target} & chosen
    return not chosen or (bool(ends) if len(chosen) == 1 else {link.source, link.target} <= chosen)


def _arrows(routes: Sequence[Route], theme: Theme, chosen: frozenset[str]) -> Iterable[Item]:
    """Draw arrows bus by bus, strong ones last; what joins a bus stops where it meets the bus."""
    buses: dict[tuple[bool, int], list[Route]] = {}
    for number, route in enumerate(routes):
        bus = route.bus if route.bus >= 0 else -1 - number
        buses.setdefault((_is_bright(route.link, chosen), bus), []).append(route)
    order = sorted(buses, key=lambda key: (key[0], max(_width(route.link) for route in buses[key])))
    for place, key in enumerate(order):
        z = LINK + 0.8 * place / len(order)
        members = sorted(buses[key], key=lambda route: -_width(route.link))
        lines: list[Arrow] = []
        for route in members:
            points = until_met(route.points, [other.points for other in members[: len(lines)]])
            lines.append(_line(route, points, theme, bright=key[0], chosen=bool(chosen), z=z))
        for line in lines:
            if line.dash == "solid":
                yield replace(line, colour=theme.paper, width=line.width + 2.0, head=0.0, z=z - 0.001)
        yield from reversed(lines)
        if key[0]:
            yield from (_share(route, theme) for route in members if route.link.share is not None)


def _width(link: Link) -> float:
    if link.few:
        return THIN
    return 1.0 if link.share is None else 0.6 + 5 * link.share


def _line(
    route: Route, points: Sequence[Point], theme: Theme, *, bright: bool, chosen: bool, z: float
) -> Arrow:
    link, width = route.link, _width(route.link)
    colour = theme.rule
    if bright:
        # Strong flows stand out by their tone as well as their width.
        strength = 0.25 if link.share is None else min(1.0, link.share / 0.6)
        colour = theme.stage_header if chosen else mixed(theme.edge, theme.curve, strength)
        if link.few:
            colour = faint(theme.stage_header if chosen else theme.edge, theme)
    return Arrow(
        points=rounded(points, 0.11 if route.kind == "loop" else CORNER),
        smooth=True,
        colour=colour,
        width=width,
        head=5.0 + 1.1 * width if points[-1] == route.points[-1] else 0.0,
        dash="dashed" if link.back else "solid",
        z=z,
    )


def _share(route: Route, theme: Theme) -> Label:
    x, y = route.label
    return Label(
        x=x, y=y, text=short_percent(route.link.share or 0.0), size=_SHARE_SIZE,
        colour=theme.muted if route.link.few else theme.ink,
        ha="center", va="center", backing=theme.paper, z=EDGE_TEXT,
    )  # fmt: skip


def _touchpoint(node: Node, box: Box, face: _Face, theme: Theme) -> Iterable[Item]:
    fill = theme.stage_header if node.is_goal else theme.paper
    edge, line = (theme.service, 2.0) if node.is_service else (theme.touchpoint_edge, 0.9)
    yield Box(
        x=box.x, y=box.y, width=box.width, height=box.height, fill=fill, edge=edge, line_width=line,
        radius=box.radius,
    )  # fmt: skip
    if node.feeling is not None:
        yield Box(
            x=box.x + 0.05, y=box.y + 0.07, width=0.07, height=box.height - 0.14,
            fill=theme.feeling_colour(node.feeling), edge=theme.paper if node.is_goal else None,
            line_width=0.6, z=SHAPE + 0.1,
        )  # fmt: skip
    name_high = line_height(face.size, 1.2) * len(face.name)
    facts_high = line_height(theme.small_size) if face.facts else 0.0
    y = box.y + (box.height - name_high - facts_high) / 2
    x = box.x + _TEXT_LEFT
    inner = box.inset(0.02)
    plain = theme.text_on(fill)
    name_colour = plain if node.is_goal else theme.service if node.is_service else theme.ink
    if face.name:
        yield Label(
            x=x, y=y, text="\n".join(face.name), size=face.size, weight="bold", colour=name_colour,
            inside=inner, line_height=1.2, z=TEXT,
        )  # fmt: skip
    if face.facts:
        yield Label(
            x=x, y=y + name_high, text=face.facts, size=theme.small_size,
            colour=plain if node.is_goal else theme.muted, inside=inner, z=TEXT,
        )  # fmt: skip


def _ends(node: Node, box: Box, theme: Theme) -> Iterable[Item]:
    """Mark where journeys begin and end: above the left corner, below the right and the left corner."""
    if node.entry is not None:
        yield Label(
            x=box.x + 0.02, y=box.y - 0.035, text=f"▷ {short_percent(node.entry)}", size=_SHARE_SIZE,
            colour=theme.ink, weight="bold", va="bottom", line_height=1.1, z=EDGE_TEXT,
        )  # fmt: skip
    for share, x, colour, text_colour, mark in (
        (node.lost, box.right - 0.42, theme.pain, theme.loss_text, "✕"),
        (node.ended, box.right - 0.42 if node.lost is None else box.x + 0.1, theme.edge, theme.muted, "◁"),
    ):
        if share is None:
            continue
        width = THIN if node.few else 0.6 + 5 * share
        yield Arrow(
            points=((x, box.bottom), (x, box.bottom + 0.16)), width=width, head=4.0 + 1.0 * width,
            colour=faint(colour, theme) if node.few else colour, z=LINK + 0.1,
        )  # fmt: skip
        yield Label(
            x=x + 0.05 + width / 144, y=box.bottom + 0.1, text=f"{mark} {short_percent(share)}",
            size=_SHARE_SIZE, colour=text_colour, weight="bold", va="center", line_height=1.1, z=EDGE_TEXT,
        )  # fmt: skip


def _description(journey: Journey, network: Network) -> str:
    """Say in words what the picture shows, with the full names."""
    names = {node.id: node.name for node in network.nodes}
    lines = [f"{journey.name}: {len(network.nodes)} boxes in {len(network.bands)} stages."]
    if journey.observation and journey.observation.filters:
        lines.append(f"The log was filtered: {'; '.join(journey.observation.filters)}.")
    for band in network.bands:
        members = [
            f"{node.name} (service)" if node.is_service else node.name
            for node in network.nodes
            if node.band == band.id
        ]
        lines.append(f"{band.name}: {', '.join(members)}.")
    strongest = sorted(
        (link for link in network.links if link.share is not None), key=lambda link: -(link.share or 0.0)
    )
    said = [
        f"{names[link.source]} to {names[link.target]} {short_percent(link.share or 0.0)}"
        for link in strongest[:10]
    ]
    if said:
        lines.append(f"Largest shares: {'; '.join(said)}.")
    elif not network.links:
        lines.append("No transitions are known.")
    lost = sorted((node for node in network.nodes if node.lost), key=lambda node: -(node.lost or 0.0))
    if lost:
        parts = [f"{node.name} {short_percent(node.lost or 0.0)}" for node in lost[:5]]
        lines.append(f"Journeys are lost most often after: {'; '.join(parts)}.")
    return "\n".join(lines)
