"""What do the marks on a network mean? Only those that it uses."""

from __future__ import annotations

from collections.abc import Iterable

from journeymap.render.network_content import Network
from journeymap.render.network_lines import THIN, faint
from journeymap.render.scene import Arrow, Box, Label, LegendEntry, Marker
from journeymap.render.text import text_width
from journeymap.render.theme import Theme

__all__ = ["network_legend", "short_percent"]


def short_percent(share: float) -> str:
    """How is a share written beside an arrow?

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        Whole percents.

    Examples
    --------
    >>> short_percent(0.523), short_percent(0.004)
    ('52 %', '<1 %')
    """
    return "<1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"


def network_legend(
    network: Network, theme: Theme, min_share: float, *, highlighted: bool = False
) -> list[LegendEntry]:
    """Which entries does the legend have?

    Parameters
    ----------
    network : Network
        What is drawn.
    theme : Theme
        Colours, sizes and words.
    min_share : float
        Transitions with a smaller share are left out.
    highlighted : bool
        Whether some touchpoints are brought out.

    Returns
    -------
    list of LegendEntry
        In reading order; the remark on what is left out stands last.
    """
    entries = [*_boxes(network, theme), *_ends(network, theme), *_lines(network, theme)]
    if highlighted:
        line = Arrow(points=((0, 0), (0.3, 0)), colour=theme.stage_header, width=1.6)
        entries.append(LegendEntry(marks=(line,), text="highlighted", width=0.3))
    if network.hidden or network.hidden_ends:
        entries.append(LegendEntry(marks=(), text=_left_out(network, theme, min_share), width=-0.08))
    return entries


def _boxes(network: Network, theme: Theme) -> Iterable[LegendEntry]:
    nodes = network.nodes
    if any(node.is_service for node in nodes):
        frame = Box(
            x=0, y=-0.06, width=0.22, height=0.12, fill=theme.paper, edge=theme.service, line_width=1.8,
            radius=0.03,
        )  # fmt: skip
        diamond = Marker(x=0.11, y=0, shape="diamond", size=5, fill=theme.service, edge=None)
        yield LegendEntry(marks=(frame, diamond), text="service interaction", width=0.22)
    if any(node.is_goal for node in nodes):
        goal = Box(x=0, y=-0.06, width=0.22, height=0.12, fill=theme.stage_header, radius=0.03)
        yield LegendEntry(marks=(goal,), text="goal", width=0.22)
    if any(node.feeling is not None for node in nodes):
        bars = tuple(
            Box(
                x=0.1 * place,
                y=-0.07,
                width=0.07,
                height=0.14,
                fill=colour,
                line_width=0.6,
                edge=theme.touchpoint_edge if colour == theme.paper else None,
            )
            for place, colour in enumerate(theme.feeling)
        )
        yield LegendEntry(marks=bars, text="feeling −2 … +2", width=0.47)
    counts = [node.visits for node in nodes if node.visits is not None]
    if counts:
        yield _sign(f"{counts[0]:,}", theme, "visits")


def _ends(network: Network, theme: Theme) -> Iterable[LegendEntry]:
    if any(node.entry is not None for node in network.nodes):
        yield _sign("▷", theme, "share of journeys that begin here")
    ends = "it ends without loss" if network.has_goal else "the journey ends"
    for field, colour, mark, text in (
        ("lost", theme.pain, "✕", "share of visits after which the journey is lost"),
        ("ended", theme.edge, "◁", f"share of visits after which {ends}"),
    ):
        if any(getattr(node, field) is not None for node in network.nodes):
            stub = Arrow(points=((0.03, -0.08), (0.03, 0.08)), colour=colour, width=1.6, head=5.0)
            yield LegendEntry(marks=(stub, _mark(mark, theme, 0.1)), text=text, width=0.2)


def _lines(network: Network, theme: Theme) -> Iterable[LegendEntry]:
    if any(link.share is not None and link.source != link.target for link in network.links):
        marks = tuple(
            Arrow(points=((x, 0), (x + 0.3, 0)), colour=theme.edge, width=width, head=5 + 1.1 * width)
            for x, width in ((0.0, 1.0), (0.36, 3.6))
        )
        yield LegendEntry(marks=marks, text="share of visits that go on this way (8 %, 60 %)", width=0.66)
    if any(link.share is None for link in network.links):
        line = Arrow(points=((0, 0), (0.3, 0)), colour=theme.edge, width=1.0)
        yield LegendEntry(marks=(line,), text="transition, its share is not known", width=0.3)
    if any(link.few for link in network.links) or any(
        node.few and (node.lost or node.ended) for node in network.nodes
    ):
        thin = Arrow(
            points=((0, 0), (0.3, 0)), colour=faint(theme.edge, theme), width=THIN, head=5 + 1.1 * THIN
        )
        yield LegendEntry(marks=(thin,), text="fewer than 20 customers", width=0.3)
    if any(link.back for link in network.links):
        back = Arrow(points=((0.34, 0), (0, 0)), colour=theme.edge, width=1.3, dash="dashed")
        yield LegendEntry(marks=(back,), text="back to an earlier stage", width=0.34)


def _left_out(network: Network, theme: Theme, min_share: float) -> str:
    limit = f"{min_share * 100:g} %"
    if not network.hidden:
        return theme.word("starts and ends below {limit} are not drawn").format(limit=limit)
    words = "transitions below {limit} are not drawn ({n} of them"
    part = (
        f", {short_percent(network.hidden_share)} {theme.word('of all')}"
        if network.hidden_share is not None
        else ""
    )
    text = theme.word(words).format(limit=limit, n=network.hidden) + part + ")"
    return f"{text}, {theme.word('nor such starts and ends')}" if network.hidden_ends else text


def _mark(text: str, theme: Theme, x: float = 0.0) -> Label:
    return Label(x=x, y=0, text=text, size=theme.small_size, weight="bold", colour=theme.ink, va="center")


def _sign(text: str, theme: Theme, meaning: str) -> LegendEntry:
    width = text_width(text, theme.small_size, "bold", family=theme.family)
    return LegendEntry(marks=(_mark(text, theme),), text=meaning, width=width)
