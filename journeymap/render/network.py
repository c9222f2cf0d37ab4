"""How do customers move between touchpoints: the journey as a picture of its graph."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes

from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.moments_report import MomentsReport
from journeymap.errors import require
from journeymap.model.journey import Journey
from journeymap.render.chart_parts import MARGIN, heading, paragraph
from journeymap.render.chevrons import CHEVRON, Header, chevron_row
from journeymap.render.facts import journey_facts
from journeymap.render.legend import with_legend
from journeymap.render.network_arrangement import arranged
from journeymap.render.network_content import Network, network_of
from journeymap.render.network_drawing import Face, arrows_of, box_of, ends_of, face_of
from journeymap.render.network_highlight import Chosen, Highlight, highlighted
from journeymap.render.network_legend import friction_words, left_out, network_legend, short_percent
from journeymap.render.network_moments import moments_headline, moments_words
from journeymap.render.network_routing import Geometry
from journeymap.render.paint import paint
from journeymap.render.scene import TINT, Box, Item, Scene
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_network", "draw_network", "network_scene"]

_HEADER = CHEVRON
_NARROWEST = 5.6


def draw_network(
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    min_share: float | None = None,
    highlight: Highlight = None,
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
    min_share : float, optional
        Transitions, starts and ends with a smaller share are not drawn, except the most frequent way into
        and out of each touchpoint; a line below the picture says how many, and ⋯ at a touchpoint what share
        of its visits they are. When left out, 5 %, and for transitions more where that leaves more than 40
        arrows.
    highlight : str, iterable of str, FrictionReport or MomentsReport, optional
        Touchpoints to bring out: all arrows of a single one, the arrows among several; a floating one by its
        plain id on all its stages. Or what `find_friction` found: its five highest points of friction with
        their ranks, and the arrows of the highest three. Or what `find_moments` found: a bar for how decisive
        each touchpoint is, and posts at both sides of the gateways.

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
    min_share: float | None = None,
    theme: Theme = DEFAULT_THEME,
    highlight: Highlight = None,
) -> Scene:
    """Where does everything stand on the picture of the journey's graph?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    min_share : float, optional
        As for `draw_network`.
    theme : Theme
        Colours, sizes and words.
    highlight : str, iterable of str, FrictionReport or MomentsReport, optional
        As for `draw_network`.

    Returns
    -------
    Scene
        Columns follow the stages; above 40 touchpoints, boxes are channels of a stage.

    Raises
    ------
    UnknownNameError
        No touchpoint has the highlighted name.
    """
    network, chosen = _shown(journey, min_share, highlight)
    faces = {node.id: face_of(node, theme, chosen) for node in network.nodes}
    geometry = arranged(
        network,
        heights={name: face.height for name, face in faces.items()},
        labelled=any(link.share is not None for link in network.links),
    )
    wide = geometry.bands[-1][2] if geometry.bands else 0.0
    width = max(wide + 2 * MARGIN, _NARROWEST)
    facts = _about(journey, network, theme)
    head, under = heading(journey.name, facts, width, theme)
    said, high = paragraph(
        _headline(network, chosen), MARGIN, under + 0.1, width - 2 * MARGIN, theme, size=theme.stage_size
    )
    head += said
    top = under + 0.16 + (high + 0.1 if said else 0.0)
    down = top + _HEADER
    drawn = _drawn(network, geometry, faces, theme, chosen)
    bottom = down + geometry.height + 0.12
    note, high = paragraph(
        left_out(network, theme), MARGIN, bottom + 0.04, width - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    return with_legend(
        [
            *head,
            *_bands(network, geometry, theme, MARGIN, top),
            *(item.moved(MARGIN, down) for item in drawn),
            *note,
        ],
        network_legend(network, theme, chosen),
        y=bottom + high + 0.06,
        width=width,
        theme=theme,
        title=f"{journey.name}: {theme.word('transitions between touchpoints')}",
        description=_described(journey, network, chosen),
        margin=MARGIN,
    )


def _shown(journey: Journey, min_share: float | None, highlight: Highlight) -> tuple[Network, Chosen]:
    if highlight is not None and not isinstance(highlight, str | FrictionReport | MomentsReport):
        highlight = tuple(highlight)
    network = network_of(journey, min_share=min_share)
    chosen = highlighted(network, highlight)
    if chosen and not chosen.ranks:
        network = network_of(journey, min_share=min_share, bright=chosen.is_bright)
    return network, chosen


def _about(journey: Journey, network: Network, theme: Theme) -> list[str]:
    facts = journey_facts(
        journey,
        theme,
        about="Transitions between touchpoints",
        designed="designed, not measured",
        feelings=True,
    )
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
    headers: list[Header] = []
    bands = {band.id: band for band in network.bands}
    for number, (name, start, end) in enumerate(geometry.bands):
        x0, x1, band = start + right, end + right, bands[name]
        tint = theme.stage_tints[number % 2]
        items.append(
            Box(x=x0 + 0.02, y=top + _HEADER, width=x1 - x0 - 0.04, height=geometry.height, fill=tint, z=TINT)
        )
        text = theme.word(band.name)
        alone = len(geometry.bands) == 1 and not band.known
        if alone and any(node.position is not None for node in network.nodes):
            text = theme.word(
                "No stages are known: from left to right by mean place in the journey, early to late"
            )
        headers.append(Header(name=text, left=x0, right=x1, known=band.known))
    return [*items, *chevron_row(headers, top, theme)]


def _drawn(
    network: Network, geometry: Geometry, faces: dict[str, Face], theme: Theme, chosen: Chosen
) -> Iterable[Item]:
    yield from arrows_of(geometry.routes, theme, chosen)
    loops = {link.source for link in network.links if link.source == link.target}
    for node in network.nodes:
        box = geometry.boxes[node.id]
        yield from box_of(node, box, faces[node.id], theme, chosen)
        yield from ends_of(node, box, theme, loop=node.id in loops)


def describe_network(journey: Journey, *, min_share: float | None = None, highlight: Highlight = None) -> str:
    """What does the picture of the journey's graph show, in words?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    min_share : float, optional
        As for `draw_network`.
    highlight : str, iterable of str, FrictionReport or MomentsReport, optional
        As for `draw_network`.

    Returns
    -------
    str
        Sentences, one a line, with the full names.
    """
    require(journey, Journey, "describe_network", hint="read or discover a journey first")
    return _described(journey, *_shown(journey, min_share, highlight))


def _described(journey: Journey, network: Network, chosen: Chosen) -> str:
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
        (link for link in network.links if link.share is not None),
        key=lambda link: (link.few, -(link.share or 0.0)),
    )
    said = [
        f"{names[link.source]} to {names[link.target]} {short_percent(link.share or 0.0)}"
        for link in strongest[:10]
    ]
    if said:
        lines.append(f"Largest shares: {'; '.join(said)}.")
    elif not network.links:
        lines.append("No transitions are known.")
    lines += [
        _most(network, "entry", "Journeys begin most often with"),
        _most(network, "lost", "Journeys are lost most often after"),
        _most(network, "open", "Not decided yet are journeys after"),
        left_out(network, DEFAULT_THEME),
        _points(network, chosen),
    ]
    return "\n".join(line for line in lines if line)


def _most(network: Network, end: str, said: str) -> str:
    nodes = sorted((node for node in network.nodes if getattr(node, end)), key=lambda n: -getattr(n, end))
    parts = [f"{node.name} {short_percent(getattr(node, end))}" for node in nodes[:5]]
    return f"{said}: {'; '.join(parts)}." if parts else ""


def _headline(network: Network, chosen: Chosen) -> str:
    """Say the main result of moments that matter; of two with one name also the stage."""
    if chosen.moments is None:
        return ""
    every = [node.name for node in network.nodes]
    bands = {band.id: band.name for band in network.bands}
    names = {
        node.id: f"{node.name} ({bands[node.band]})"
        if every.count(node.name) > 1 and node.band in bands
        else node.name
        for node in network.nodes
    }
    return moments_headline(chosen.moments, names)


def _points(network: Network, chosen: Chosen) -> str:
    if chosen.moments is not None:
        return moments_words(chosen.moments, {node.id: node.name for node in network.nodes})
    ranked = sorted((rank, node.name) for node in network.nodes if (rank := chosen.ranks.get(node.id)))
    if ranked:
        names = "; ".join(f"{rank}. {name}" for rank, name in ranked)
        return f"{friction_words(chosen, DEFAULT_THEME).capitalize()}: {names}."
    names = "; ".join(node.name for node in network.nodes if node.id in chosen.nodes)
    return f"Highlighted: {names}." if names else ""
