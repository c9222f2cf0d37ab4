"""How do the boxes, the arrows and the ends of journeys of a network look?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from journeymap.render.map_feeling import feeling_text
from journeymap.render.network_content import Link, Node
from journeymap.render.network_highlight import Chosen
from journeymap.render.network_legend import ENDS, short_percent
from journeymap.render.network_lines import CORNER, THIN, faint, mixed, rounded, until_met
from journeymap.render.network_moments import bar_room, gate_posts, moment_bar, moment_fill
from journeymap.render.network_routing import BOX_WIDTH, Route
from journeymap.render.scene import EDGE_TEXT, LINK, SHAPE, TEXT, Arrow, Box, Item, Label, Marker, Point
from journeymap.render.text import line_height, wrap
from journeymap.render.theme import Theme

__all__ = ["Face", "arrows_of", "badge", "box_of", "ends_of", "face_of"]

_TEXT_LEFT, _TEXT_PAD = 0.17, 0.07
_BADGE = 13.0  # points across
_BADGE_ROOM = 0.2
_STRIP = 0.1  # for the hatch of a service interaction in print
_SHARE_SIZE = 7.0
_STUB = 0.16


@dataclass(frozen=True, kw_only=True)
class Face:
    """The text of a box, broken into lines, and the height that it needs.

    Parameters
    ----------
    name : tuple of str
        Its lines.
    size : float
        Of the name, in points.
    facts : str
        Visits and feeling, on a line of their own.
    height : float
        Of the box, in inches.
    strip : float
        The height of the hatch below the text.
    bar : float
        The height of the bar of decisiveness between the text and the hatch.
    """

    name: tuple[str, ...]
    size: float
    facts: str
    height: float
    strip: float = 0.0
    bar: float = 0.0


def face_of(node: Node, theme: Theme, chosen: Chosen) -> Face:
    """Which text has a box?

    Parameters
    ----------
    node : Node
        What it stands for.
    theme : Theme
        Sizes and words.
    chosen : Chosen
        What is brought out: a rank takes some of the room.

    Returns
    -------
    Face
        Names of more than two lines are set smaller, and cut after the fourth.
    """
    room = BOX_WIDTH - _TEXT_LEFT - _TEXT_PAD - (_BADGE_ROOM if node.id in chosen.ranks else 0.0)
    name = f"◆ {node.name}" if node.is_service else node.name
    size = theme.touchpoint_size
    lines = wrap(name, room, size, "bold", family=theme.family)
    if len(lines) > 2:
        size = theme.small_size
        lines = wrap(name, room, size, "bold", 4, family=theme.family)
    facts = _facts(node, theme)
    hatched = node.is_service and theme.service_hatch and not chosen.mutes(node.id)
    strip = _STRIP if hatched else 0.0
    bar = bar_room(node.id, chosen.moments)
    height = 0.14 + line_height(size, 1.2) * len(lines) + strip + bar
    return Face(
        name=lines,
        size=size,
        facts=facts,
        height=height + (line_height(theme.small_size) if facts else 0.0),
        strip=strip,
        bar=bar,
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


def arrows_of(routes: Sequence[Route], theme: Theme, chosen: Chosen) -> Iterable[Item]:
    """Draw arrows bus by bus, strong ones last; what joins a bus stops where it meets the bus."""
    buses: dict[tuple[bool, int], list[Route]] = {}
    for number, route in enumerate(routes):
        bus = route.bus if route.bus >= 0 else -1 - number
        buses.setdefault((chosen.is_bright(route.link), bus), []).append(route)
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
        mark=_mark_of(link, bright=bright, chosen=chosen),
        joins=(link.source, link.target),
    )


def _mark_of(link: Link, *, bright: bool, chosen: bool) -> str:
    """Name the entry of the legend that says most about an arrow."""
    if not bright:
        return "muted"
    if link.back:
        return "back"
    if link.few:
        return "few"
    if chosen:
        return "highlighted"
    return "unknown" if link.share is None else "share"


def _share(route: Route, theme: Theme) -> Label:
    x, y = route.label
    # A pale arrow back is dashed and explained as that: its paleness is explained by its number.
    mark = "few" if route.link.few and route.link.back else "share"
    return Label(
        x=x, y=y, text=short_percent(route.link.share or 0.0), size=_SHARE_SIZE,
        colour=theme.muted if route.link.few else theme.ink,
        ha="center", va="center", backing=theme.paper, z=EDGE_TEXT, mark=mark,
    )  # fmt: skip


def box_of(node: Node, box: Box, face: Face, theme: Theme, chosen: Chosen) -> Iterable[Item]:
    """Draw a touchpoint: its frame, the bar of its feeling, its name, what was counted, and its rank."""
    rank = chosen.ranks.get(node.id)
    fill = theme.stage_header if node.is_goal else theme.paper if rank is None else theme.pain_tint
    if chosen.moments is not None and not node.is_goal:
        fill = moment_fill(node.id, chosen.moments, theme)
    edge, line = theme.touchpoint_edge, 0.9
    if rank is not None or node.id in chosen.nodes:
        edge, line = (theme.stage_header if rank is None else theme.pain), 1.8
    mark = "goal" if node.is_goal else "" if rank is None else "friction"
    if node.is_service and not chosen.mutes(node.id):
        edge, line, mark = theme.service, 2.0, mark or "service"
    yield replace(box, fill=fill, edge=edge, line_width=line, node=node.id, mark=mark)
    if face.strip:
        yield Box(
            x=box.x + 0.05, y=box.bottom - 0.12, width=box.width - 0.1, height=0.08, edge=theme.service,
            fill=theme.paper, line_width=0.4, hatch=theme.service_hatch, z=SHAPE + 0.1, mark="service",
        )  # fmt: skip
    if chosen.moments is not None:
        yield from moment_bar(node, box, face.strip, chosen.moments, theme)
        if node.id in chosen.moments.gateways:
            yield from gate_posts(box, theme)
    yield from _feeling(node, box, face, theme)
    yield from _texts(node, box, face, theme, fill, muted=chosen.mutes(node.id))
    if rank is not None:
        yield from badge(rank, (box.right - 0.03 - _BADGE / 144, box.y + 0.03 + _BADGE / 144), theme)


def _feeling(node: Node, box: Box, face: Face, theme: Theme) -> Iterable[Item]:
    if node.feeling is None:
        return
    colour = theme.feeling_colour(node.feeling)
    edge = theme.paper if node.is_goal else theme.touchpoint_edge if colour == theme.paper else None
    yield Box(
        x=box.x + 0.05, y=box.y + 0.07, width=0.07, height=box.height - 0.14 - face.strip, fill=colour,
        edge=edge, line_width=0.6, z=SHAPE + 0.1, mark="feeling",
    )  # fmt: skip


def _texts(node: Node, box: Box, face: Face, theme: Theme, fill: str, *, muted: bool) -> Iterable[Item]:
    name_high = line_height(face.size, 1.2) * len(face.name)
    facts_high = line_height(theme.small_size) if face.facts else 0.0
    y = box.y + (box.height - face.strip - face.bar - name_high - facts_high) / 2
    x = box.x + _TEXT_LEFT
    inner = box.inset(0.02)
    plain = theme.text_on(fill)
    if face.name:
        loud = node.is_service and not muted
        accent = theme.as_text(theme.service, fill) if loud else theme.ink
        yield Label(
            x=x, y=y, text="\n".join(face.name), size=face.size, weight="bold",
            colour=plain if node.is_goal else accent, inside=inner, line_height=1.2, z=TEXT,
            mark="service" if node.is_service else "",
        )  # fmt: skip
    if face.facts:
        yield Label(
            x=x, y=y + name_high, text=face.facts, size=theme.small_size,
            colour=plain if node.is_goal else theme.as_text(theme.muted, fill), inside=inner, z=TEXT,
            mark="visits" if node.visits is not None else "",
        )  # fmt: skip


def badge(rank: int, centre: Point, theme: Theme) -> tuple[Item, Item]:
    """How is the rank of a point of friction written?

    Parameters
    ----------
    rank : int
        From 1.
    centre : (x, y)
        In inches.
    theme : Theme
        Colours.

    Returns
    -------
    tuple of Item
        A disk and a number.
    """
    x, y = centre
    disk = Marker(x=x, y=y, size=_BADGE, fill=theme.pain, edge=None, z=SHAPE + 0.2, mark="friction")
    number = Label(
        x=x, y=y, text=str(rank), size=_SHARE_SIZE, weight="bold", colour=theme.text_on(theme.pain),
        ha="center", va="center", z=TEXT, mark="friction",
    )  # fmt: skip
    return disk, number


_Kind: TypeAlias = Literal["lost", "ended", "open", "rest"]
_Corner: TypeAlias = Literal["below right", "below left", "above right", "above left"]


class _End(NamedTuple):
    """A way in which journeys end at a box, or go on out of sight."""

    kind: _Kind
    share: float
    corner: _Corner


def ends_of(node: Node, box: Box, theme: Theme, *, loop: bool) -> Iterable[Item]:
    """Draw where journeys begin and end: at the corners of the box, above and below it.

    Parameters
    ----------
    node : Node
        With the shares that are drawn.
    box : Box
        Its box.
    theme : Theme
        Colours.
    loop : bool
        Whether a self-loop takes the right upper corner.

    Yields
    ------
    Item
        Short arrows and labels.
    """
    if node.entry is not None:
        yield Label(
            x=box.x + 0.02, y=box.y - 0.035, text=f"▷ {short_percent(node.entry)}", size=_SHARE_SIZE,
            colour=theme.ink, weight="bold", va="bottom", line_height=1.1, z=EDGE_TEXT, mark="entry",
        )  # fmt: skip
    for end in _placed(node, loop=loop):
        yield from _end(end, node, box, theme)


def _placed(node: Node, *, loop: bool) -> Iterable[_End]:
    """Give every end a corner, as long as there are corners; losses come first."""
    free: list[_Corner] = ["below right", "below left"]
    free += [] if loop else ["above right"]
    free += [] if node.entry is not None else ["above left"]
    kinds: tuple[_Kind, ...] = ("lost", "ended", "open", "rest")
    for kind in kinds:
        share: float | None = getattr(node, kind)
        if share is None or not free:
            continue
        # What goes on out of sight is no end, and stands where ends do not.
        apart: list[_Corner] = [at for at in ("above right", "below left") if at in free]
        corner = apart[0] if kind == "rest" and apart else free[0]
        free.remove(corner)
        yield _End(kind, share, corner)


def _end(end: _End, node: Node, box: Box, theme: Theme) -> Iterable[Item]:
    colour, text_colour = (theme.pain, theme.loss_text) if end.kind == "lost" else (theme.edge, theme.muted)
    left, width = end.corner.endswith("left"), 0.0
    label = Label(
        x=box.x + 0.02 if left else box.right + 0.03, y=box.y - 0.035, size=_SHARE_SIZE, colour=text_colour,
        text=f"{ENDS[end.kind]} {short_percent(end.share)}", ha="left" if left else "right", va="bottom",
        weight="normal" if end.kind == "rest" else "bold", line_height=1.1, z=EDGE_TEXT, mark=end.kind,
    )  # fmt: skip
    if end.corner.startswith("above"):
        yield label
        return
    x = box.x + 0.05 if left else box.right - 0.42
    if end.kind != "rest":
        width = THIN if node.few else 0.6 + 5 * end.share
        yield Arrow(
            points=((x, box.bottom), (x, box.bottom + _STUB)), width=width, head=4.0 + 1.0 * width,
            colour=faint(colour, theme) if node.few else colour, z=LINK + 0.1, mark=end.kind,
            joins=(node.id,),
        )  # fmt: skip
    x += 0.05 + width / 144 if width else -0.08
    yield replace(label, x=x, y=box.bottom + 0.1, ha="left", va="center")
