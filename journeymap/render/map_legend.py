"""Which marks does a journey map use, and what does each of them mean?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from journeymap.render.map_feeling import expected_marker
from journeymap.render.map_lanes import channel_marker
from journeymap.render.map_numbers import FEW
from journeymap.render.map_persona_curves import PersonaCurve, coincide
from journeymap.render.scene import Arrow, Box, Label, LegendEntry, Line, Marker
from journeymap.render.text import text_width
from journeymap.render.theme import Theme

__all__ = ["map_entries"]

_RANGE = "4–6 %"
_SHAPE = 0.16  # inches for each shape


def map_entries(theme: Theme, curves: Sequence[PersonaCurve] = ()) -> list[LegendEntry]:
    """Which entries may the legend of a map need, in this order?

    Parameters
    ----------
    theme : Theme
        Colours.
    curves : sequence of PersonaCurve
        Those of several personas.

    Returns
    -------
    list of LegendEntry
        `with_legend` keeps those whose marks are on the map.
    """
    return [*_touchpoints(theme), *_feelings(theme), *_personas(theme, curves), *_lanes(theme), *_ways(theme)]


def _glyph(text: str, theme: Theme) -> Label:
    return Label(x=0, y=0, text=text, size=theme.touchpoint_size, va="center", colour=theme.ink)


def _stroke(theme: Theme, *, wide: float, dash: bool = False, colour: str = "", width: float = 2.0) -> Line:
    return Line(points=((0, 0), (wide, 0)), colour=colour or theme.curve, width=width,
                dash="dashed" if dash else "solid")  # fmt: skip


def _touchpoints(theme: Theme) -> list[LegendEntry]:
    also = channel_marker(0.05, 0, theme, service=False, main=False)
    return [
        LegendEntry(mark="service", marks=(channel_marker(0.07, 0, theme, service=True),), width=0.14,
                    text="service interaction"),
        LegendEntry(mark="touchpoint", marks=(channel_marker(0.06, 0, theme, service=False),), width=0.12,
                    text="other touchpoint"),
        LegendEntry(mark="also", marks=(also,), width=0.1, text="also used here"),
        LegendEntry(mark="moment", marks=(_glyph("★", theme),), width=0.1, text="moment of truth"),
        LegendEntry(mark="goal", marks=(_glyph("⚑", theme),), width=0.1, text="goal"),
    ]  # fmt: skip


def _feelings(theme: Theme) -> list[LegendEntry]:
    dots = tuple(
        Marker(x=0.06 + 0.15 * place, y=0, size=8.5, fill=colour, edge=theme.curve, line_width=0.3)
        for place, colour in enumerate(theme.feeling)
    )
    hollow = Marker(x=0.21, y=0, size=8.5, fill=theme.paper, edge=theme.curve, line_width=1.6)
    lead = replace(_stroke(theme, wide=0.3, width=1.2), dash="dotted")
    level = _stroke(theme, wide=0.36, colour=theme.neutral, width=3.0)
    stem = replace(_stroke(theme, wide=0.3, colour=theme.muted, width=1.2), dash="dotted")
    band = Box(x=0, y=-0.07, width=0.3, height=0.14, fill=theme.interval)
    return [
        LegendEntry(mark="feeling", marks=dots, width=0.72, text="feeling −2 … +2"),
        LegendEntry(mark="known", marks=(_stroke(theme, wide=0.34),), width=0.34,
                    text="researched or measured"),
        LegendEntry(mark="assumed", marks=(_stroke(theme, wide=0.42, dash=True), hollow), width=0.42,
                    text="assumed"),
        LegendEntry(mark="lead", marks=(lead,), width=0.3, text="goes on in another row"),
        LegendEntry(mark="interval", marks=(band,), width=0.3, text="95 % interval"),
        LegendEntry(mark="any stage", marks=(level, replace(hollow, x=0.18, fill=theme.neutral,
                                                            edge=theme.marker_edge)),
                    width=0.36, text="used at any stage"),
        LegendEntry(mark="expectation", marks=(stem, expected_marker(0.06, 0, theme)), width=0.3,
                    text="expected feeling"),
    ]  # fmt: skip


def _personas(theme: Theme, curves: Sequence[PersonaCurve]) -> list[LegendEntry]:
    text = "a persona's curve"
    if coincide(curves):
        text += " (curves that coincide run side by side)"
    own = [
        curve
        for curve in curves
        if any(mine and value is not None for mine, value in zip(curve.own, curve.values, strict=True))
    ]
    return [
        LegendEntry(mark="persona", marks=_shapes(curves, theme), width=_SHAPE * len(curves), text=text),
        LegendEntry(mark="own", marks=_shapes(own, theme), width=_SHAPE * len(own),
                    text="a persona's own feeling, assumed"),
        LegendEntry(mark="everybody", marks=(_stroke(theme, wide=0.34, colour=theme.interval, width=6.0),),
                    width=0.34, text="the journey in general"),
    ]  # fmt: skip


def _shapes(curves: Sequence[PersonaCurve], theme: Theme) -> tuple[Marker, ...]:
    return tuple(
        Marker(x=0.06 + _SHAPE * place, y=0, shape=curve.shape, size=7, fill=theme.paper, edge=curve.colour,
               line_width=1.6)
        for place, curve in enumerate(curves)
    )  # fmt: skip


def _lanes(theme: Theme) -> list[LegendEntry]:
    severities = tuple(
        Box(x=x, y=-0.07, width=0.025 * severity, height=0.14, fill=theme.pain)
        for x, severity in ((0.0, 1), (0.065, 3), (0.18, 5))
    )
    chance = Box(x=0, y=-0.07, width=0.05, height=0.14, fill=theme.opportunity)
    track, part = (
        Box(x=0, y=-0.025, width=width, height=0.05, fill=fill, z=z)
        for width, fill, z in ((0.34, theme.rule, 3.0), (0.16, theme.curve, 3.1))
    )
    return [
        LegendEntry(mark="pain", marks=severities, width=0.305, text="pain point (wider = more severe)"),
        LegendEntry(mark="opportunity", marks=(chance,), width=0.05, text="opportunity"),
        LegendEntry(mark="importance", marks=(track, part), width=0.34, text="importance to customers"),
        LegendEntry(mark="visits", marks=(track, part), width=0.34,
                    text="visits · share of journeys that come here"),
        LegendEntry(mark="score", marks=(track, part), width=0.34, text="mean score on its scale"),
        LegendEntry(mark="net_promoter", marks=_promoted(theme), width=0.34,
                    text="net promoter score, −100 to +100"),
        LegendEntry(mark="share", marks=(track, part), width=0.34, text="share, 0 to 100 %"),
        LegendEntry(mark="number", marks=(_small("n", theme),), width=0.07,
                    text="answers or contacts counted"),
        LegendEntry(mark="estimate", marks=(_small(_RANGE, theme),), text="95 % interval",
                    width=text_width(_RANGE, theme.tick_size, family=theme.family)),
        LegendEntry(mark="few", marks=(_glyph(FEW, theme),), width=0.06,
                    text="small sample: fewer than 20 customers or waits"),
        LegendEntry(mark="handoff", marks=(_glyph("⇥", theme),), width=0.1,
                    text="hand-over to another owner"),
    ]  # fmt: skip


def _small(text: str, theme: Theme) -> Label:
    return Label(x=0, y=0, text=text, size=theme.tick_size, va="center", colour=theme.muted)


def _promoted(theme: Theme) -> tuple[Box, ...]:
    """Draw the bar that begins in the middle."""
    track, part, middle = (
        Box(x=x, y=-high / 2, width=width, height=high, fill=fill, z=z)
        for x, width, high, fill, z in (
            (0.0, 0.34, 0.05, theme.rule, 3.0),
            (0.17, 0.1, 0.05, theme.curve, 3.1),
            (0.164, 0.012, 0.11, theme.curve, 3.2),
        )
    )
    return track, part, middle


def _ways(theme: Theme) -> list[LegendEntry]:
    ahead = Arrow(points=((0, 0.0), (0.32, 0.0)), colour=theme.edge, width=1.4)
    return [
        LegendEntry(mark="branch", marks=(ahead,), width=0.32, text="transition with its share of visits"),
        LegendEntry(
            mark="back", marks=(replace(ahead, dash="dashed"),), width=0.32, text="transition that leads back"
        ),
    ]
