"""What do the marks on a picture of flows mean?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from journeymap.render.flow_pieces import faded, opacity, undecided
from journeymap.render.flow_positions import PositionFlow
from journeymap.render.flow_stages import StageFlow
from journeymap.render.scene import Box, Item, LegendEntry, Marker, Polygon
from journeymap.render.theme import Theme

__all__ = ["flow_legend"]

_WIDE, _HIGH = 0.34, 0.12
_CORNERS = ((0, -_HIGH / 2), (_WIDE, -_HIGH / 2), (_WIDE, _HIGH / 2), (0, _HIGH / 2))


def flow_legend(flow: StageFlow | PositionFlow, theme: Theme) -> Iterator[LegendEntry]:
    """Which entries may the legend have?

    Parameters
    ----------
    flow : StageFlow or PositionFlow
        What is drawn.
    theme : Theme
        Colours, sizes and words.

    Yields
    ------
    LegendEntry
        In reading order; only those that the figure uses are shown.
    """
    staged = isinstance(flow, StageFlow)
    bar = _bar(theme.curve, theme)
    chosen = theme.categories[0]
    if isinstance(flow, PositionFlow) and flow.highlights_service:
        chosen = theme.service
    yield LegendEntry(
        marks=(bar,), width=0.08, mark="bar",
        text="journeys that come to the stage" if staged else "journeys with this touchpoint at this place",
    )  # fmt: skip
    yield _service(theme, alone=bool(flow.highlighted))
    yield LegendEntry(
        marks=(_band(theme.edge, theme),), width=_WIDE, mark="ribbon",
        text="journeys that go on; above a bar: they skip its stage" if staged else "journeys that go on",
    )  # fmt: skip
    slices = tuple(
        faded(0, _WIDE, -_HIGH / 2, _HIGH, theme.edge, opacity(theme.edge, theme), mark="", out=False)
    )
    yield LegendEntry(marks=slices, text="journeys that begin here", width=_WIDE, mark="begins")
    yield LegendEntry(
        marks=(_band(chosen, theme),), text=_brought_out(flow, theme), width=_WIDE, mark="highlight"
    )
    yield LegendEntry(marks=(_band(theme.rule, theme),), text="all others", width=_WIDE, mark="aside")
    yield LegendEntry(
        marks=(_bar(theme.link, theme),), width=0.08, mark="other",
        text="touchpoints with less than 2 % of all journeys each",
    )  # fmt: skip
    goal: tuple[Item, ...] = (_bar(theme.stage_header, theme),)
    alone = staged and bool(flow.highlighted)  # what comes to the goal has the colour of what is brought out
    if not alone:
        goal = (_band(theme.stage_header, theme), _bar(theme.stage_header, theme, x=_WIDE))
    wide = 0.08 if alone else _WIDE + 0.08
    won = "journeys that reach the goal" if staged else "journeys that end here, having reached the goal"
    yield LegendEntry(marks=goal, text=won, width=wide, mark="goal")
    yield from _ends(theme, staged=staged)


def _service(theme: Theme, *, alone: bool) -> LegendEntry:
    """Explain the bars of service, and where nothing else is brought out, the ribbons from them."""
    marks: list[Item] = [_bar(theme.service, theme, theme.service_hatch)]
    wide = 0.08
    if not alone:
        marks.append(_band(theme.service, theme, wide))
        wide += _WIDE
    diamond = Marker(x=wide + 0.13, y=0, shape="diamond", size=6, fill=theme.service, edge=None)
    text = "service interaction" if alone else "service interaction, and where customers go from it"
    return LegendEntry(marks=(*marks, diamond), text=text, width=wide + 0.2, mark="service")


def _ends(theme: Theme, *, staged: bool) -> Iterator[LegendEntry]:
    hollow = replace(_bar(theme.paper, theme, x=_WIDE), edge=theme.curve)
    marks: tuple[Item, ...] = (_band(theme.interval, theme), *undecided(hollow, theme))
    yield LegendEntry(marks=marks, text="still open: not decided yet", width=_WIDE + 0.08, mark="open")
    marks = (_band(theme.interval, theme), hollow)
    yield LegendEntry(marks=marks, text="journeys that end", width=_WIDE + 0.08, mark="ended")
    marks = (_band(theme.pain, theme), _bar(theme.pain, theme, x=_WIDE))
    if theme.pain_hatch:
        hatched = Box(
            x=0, y=-_HIGH / 2, width=_WIDE, height=_HIGH, fill=theme.pain_tint, edge=theme.pain,
            line_width=0.6, hatch=theme.pain_hatch,
        )  # fmt: skip
        marks = (hatched, _bar(theme.pain, theme, x=_WIDE))
    text = "left: lost, having come no further" if staged else "left: lost after this touchpoint"
    yield LegendEntry(marks=marks, text=text, width=_WIDE + 0.08, mark="lost")
    slices = tuple(
        faded(0, _WIDE, -_HIGH / 2, _HIGH, theme.edge, opacity(theme.edge, theme), mark="", out=True)
    )
    yield LegendEntry(marks=slices, text="more touchpoints follow", width=_WIDE, mark="on")


def _bar(colour: str, theme: Theme, hatch: str = "", x: float = 0.0) -> Box:
    return Box(
        x=x, y=-_HIGH / 2, width=0.08, height=_HIGH, fill=theme.paper if hatch else colour,
        edge=colour if hatch else None, hatch=hatch * 2,
    )  # fmt: skip


def _band(colour: str, theme: Theme, x: float = 0.0) -> Polygon:
    corners = tuple((x + right, high) for right, high in _CORNERS)
    return Polygon(points=corners, fill=colour, alpha=opacity(colour, theme))


def _brought_out(flow: StageFlow | PositionFlow, theme: Theme) -> str:
    text = "journeys that come to {name}" if isinstance(flow, StageFlow) else "to or from {name}"
    return theme.word(text).format(name=theme.word(flow.highlighted))
