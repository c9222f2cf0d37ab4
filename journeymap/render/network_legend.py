"""What do the marks on a network mean, and what is not drawn?"""

from __future__ import annotations

from collections.abc import Iterable

from journeymap.render.network_content import Network
from journeymap.render.network_highlight import Chosen
from journeymap.render.network_lines import THIN, faint, mixed
from journeymap.render.network_moments import moment_entries
from journeymap.render.scene import Arrow, Box, Label, LegendEntry, Marker
from journeymap.render.text import text_width
from journeymap.render.theme import Theme

__all__ = ["ENDS", "friction_words", "left_out", "network_legend", "short_percent"]

# How ends of journeys are marked, and what goes on out of sight.
ENDS = {"lost": "✕", "ended": "◁", "open": "○", "rest": "⋯"}


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


def network_legend(network: Network, theme: Theme, chosen: Chosen) -> list[LegendEntry]:
    """Which entries may the legend have?

    Parameters
    ----------
    network : Network
        What is drawn.
    theme : Theme
        Colours, sizes and words.
    chosen : Chosen
        What is brought out.

    Returns
    -------
    list of LegendEntry
        In reading order; the figure keeps those whose mark it uses.
    """
    moments = () if chosen.moments is None else moment_entries(chosen.moments, theme)
    return [*moments, *_boxes(network, theme, chosen), *_ends(network, theme), *_lines(theme)]


def left_out(network: Network, theme: Theme) -> str:
    """What is not drawn?

    Parameters
    ----------
    network : Network
        What is drawn, and how much is not.
    theme : Theme
        The words on figures.

    Returns
    -------
    str
        A sentence; empty where everything is drawn.
    """
    shares = (network.limit, network.bright_limit, network.ends_limit)
    limit, bright, ends = (f"{share * 100:g} %" for share in shares)
    said = []
    if network.hidden:
        words = "Transitions below {limit} are not drawn ({n} of them"
        if network.bright_limit < network.limit:
            words = "Transitions below {limit}, highlighted ones below {bright}, are not drawn ({n} of them"
        text = theme.word(words).format(limit=limit, bright=bright, n=network.hidden)
        if network.hidden_share is not None:
            text += f", {short_percent(network.hidden_share)} {theme.word('of all')}"
        text += ")"
        if network.kept:
            words = "except each touchpoint's most frequent way in and out"
            if network.aggregated:
                words = "except each box's most frequent way in and out"
            text += f", {theme.word(words)}"
        said.append(f"{text}.")
    if network.hidden_ends:
        said.append(theme.word("Starts and ends below {limit} are not drawn.").format(limit=ends))
    return " ".join(said)


def friction_words(chosen: Chosen, theme: Theme) -> str:
    """Which points of friction bear a rank?

    Parameters
    ----------
    chosen : Chosen
        What is brought out.
    theme : Theme
        The words on figures.

    Returns
    -------
    str
        That they are ranked by expected gain, and how many of how many they are where they are not all.

    Examples
    --------
    >>> friction_words(Chosen(points=8), Theme())
    'the 5 highest ranked of 8 points of friction, by expected gain'
    >>> friction_words(Chosen(points=3), Theme())
    'points of friction, ranked by expected gain'
    """
    if chosen.marked == chosen.points:
        return theme.word("points of friction, ranked by expected gain")
    words = theme.word("the {n} highest ranked of {all} points of friction, by expected gain")
    return words.format(n=chosen.marked, all=chosen.points)


def _boxes(network: Network, theme: Theme, chosen: Chosen) -> Iterable[LegendEntry]:
    frame = Box(
        x=0, y=-0.06, width=0.22, height=0.12, fill=theme.paper, edge=theme.service, line_width=1.8,
        radius=0.03,
    )  # fmt: skip
    diamond = Marker(x=0.11, y=0, shape="diamond", size=5, fill=theme.service, edge=None)
    hatched = Box(
        x=0.28, y=-0.06, width=0.22, height=0.12, edge=theme.service, line_width=0.4,
        hatch=theme.service_hatch,
    )  # fmt: skip
    service = (frame, diamond, hatched) if theme.service_hatch else (frame, diamond)
    if all(chosen.mutes(node.id) for node in network.nodes if node.is_service):
        yield _sign("service", "◆", theme, "service interaction")
    else:
        wide = 0.5 if theme.service_hatch else 0.22
        yield LegendEntry(mark="service", marks=service, text="service interaction", width=wide)
    goal = Box(x=0, y=-0.06, width=0.22, height=0.12, fill=theme.stage_header, radius=0.03)
    yield LegendEntry(mark="goal", marks=(goal,), text="goal", width=0.22)
    disk = Marker(x=0.09, y=0, size=12, fill=theme.pain, edge=None)
    rank = Label(
        x=0.09, y=0, text="1", size=7.0, weight="bold", colour=theme.text_on(theme.pain), ha="center",
        va="center",
    )  # fmt: skip
    text = friction_words(chosen, theme)
    yield LegendEntry(mark="friction", marks=(disk, rank), text=text, width=0.18)
    bars = tuple(
        Box(x=0.1 * place, y=-0.07, width=0.07, height=0.14, fill=colour, line_width=0.6,
            edge=theme.touchpoint_edge if colour == theme.paper else None)
        for place, colour in enumerate(theme.feeling)
    )  # fmt: skip
    yield LegendEntry(mark="feeling", marks=bars, text="feeling −2 … +2", width=0.47)
    counts = [node.visits for node in network.nodes if node.visits is not None]
    if counts:
        yield _sign("visits", f"{counts[0]:,}", theme, "visits")


def _ends(network: Network, theme: Theme) -> Iterable[LegendEntry]:
    yield _sign("entry", "▷", theme, "share of journeys that begin here")
    ends = "it ends without loss" if network.has_goal else "the journey ends"
    for kind, colour, text in (
        ("lost", theme.pain, "share of visits after which the journey is lost"),
        ("ended", theme.edge, f"share of visits after which {ends}"),
        ("open", theme.edge, "after which nothing has come yet, but may"),
    ):
        stub = Arrow(points=((0.03, -0.08), (0.03, 0.08)), colour=colour, width=1.6, head=5.0)
        yield LegendEntry(mark=kind, marks=(stub, _sign_at(ENDS[kind], theme, 0.1)), text=text, width=0.2)
    yield _sign("rest", ENDS["rest"], theme, "share of visits that go on in ways not drawn")


def _lines(theme: Theme) -> Iterable[LegendEntry]:
    marks = tuple(
        Arrow(points=((x, 0), (x + 0.3, 0)), colour=mixed(theme.edge, theme.curve, tone), width=width,
              head=5 + 1.1 * width)
        for x, width, tone in ((0.0, 1.0, 0.13), (0.36, 3.6, 1.0))
    )  # fmt: skip
    text = "share of visits that go on this way (8 %, 60 %)"
    yield LegendEntry(mark="share", marks=marks, text=text, width=0.66)
    for mark, text, colour, width in (
        ("unknown", "transition, its share is not known", mixed(theme.edge, theme.curve, 0.25), 1.0),
        ("few", "fewer than 20 customers on this way", faint(theme.edge, theme), THIN),
    ):
        line = Arrow(points=((0, 0), (0.3, 0)), colour=colour, width=width, head=5 + 1.1 * width)
        yield LegendEntry(mark=mark, marks=(line,), text=text, width=0.3)
    back = Arrow(points=((0.34, 0), (0, 0)), colour=theme.edge, width=1.3, dash="dashed")
    yield LegendEntry(mark="back", marks=(back,), text="back to an earlier stage", width=0.34)
    for mark, text, colour in (
        ("highlighted", "highlighted", theme.stage_header),
        ("muted", "other transitions", theme.rule),
    ):
        line = Arrow(points=((0, 0), (0.3, 0)), colour=colour, width=1.6)
        yield LegendEntry(mark=mark, marks=(line,), text=text, width=0.3)


def _sign_at(text: str, theme: Theme, x: float = 0.0) -> Label:
    return Label(x=x, y=0, text=text, size=theme.small_size, weight="bold", colour=theme.ink, va="center")


def _sign(mark: str, text: str, theme: Theme, meaning: str) -> LegendEntry:
    width = text_width(text, theme.small_size, "bold", family=theme.family)
    return LegendEntry(mark=mark, marks=(_sign_at(text, theme),), text=meaning, width=width)
