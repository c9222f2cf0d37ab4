"""Where does service sit inside the experience, what leads there, and where do customers go after?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.analysis.service_parts import JourneyPoint
from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.wording import percent
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import MARGIN, bar, heading, interval_entry, paragraph
from journeymap.render.facts import filtered, period_of
from journeymap.render.legend import with_legend
from journeymap.render.scene import TINT, Box, Item, LegendEntry, Line, Marker, Scene
from journeymap.render.scene import Label as Text
from journeymap.render.service_chart_feeling import feeling_row
from journeymap.render.service_chart_key import key
from journeymap.render.service_chart_panels import (
    flow_and_table,
    has_flow,
    has_panels,
    has_table,
    panel_entries,
    panels,
)
from journeymap.render.service_chart_strips import (
    LABELS,
    Strip,
    name_row,
    share_row,
    stage_row,
)
from journeymap.render.service_chart_words import describe_service, service_finding
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["service_scene"]

_WIDTH = 13.0
_LEAST, _LEAST_DESIGNED = 9.28, 7.0
_COLUMN, _NARROWEST = 1.15, 0.27
_FEW = 11  # up to so many columns names stand above them
_NEAR_STAGE = 0.25  # how far, in parts of a row, a fold may move to fall between two stages


def service_scene(view: ServiceView, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of service?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        Strips of stages, feeling and service contacts above the same touchpoints; below them what leads to
        service and what happens after, and a table of the service touchpoints; at the bottom, as far as they
        are known, the matrix of teams, the gap between service and experience, and the effect of contacts. Of
        a designed journey the strips of stages and feeling alone, because nothing was counted.
    """
    columns = _columns(view)
    width = _width(view, len(columns), theme)
    inner = width - 2 * MARGIN
    items, y = heading(view.journey, _facts(view, theme), width, theme)
    said, high = paragraph(service_finding(view), MARGIN, y + 0.12, inner, theme, size=theme.stage_size)
    items += said
    y += 0.12 + high + 0.18
    strips, y, numbered = _strips(view, columns, y, inner, theme)
    items += strips
    numbers = {column.touchpoint: place for place, column in enumerate(columns, 1)} if numbered else {}
    laid, y = flow_and_table(view, numbers, y, inner, theme)
    items += laid
    laid, y = panels(view, y, inner, theme)
    items += laid
    notes, high = paragraph(
        _notes(view, theme), MARGIN, y + 0.14, inner, theme, size=theme.small_size, colour=theme.muted
    )
    items += notes
    y += 0.14 + high + (0.08 if high else 0.0)
    return with_legend(
        items,
        _legend(view, theme),
        y=y,
        width=width,
        theme=theme,
        title=f"{view.journey}: {theme.word('service in the experience')}",
        description=describe_service(view),
    )


def _columns(view: ServiceView) -> tuple[JourneyPoint, ...]:
    """Give the touchpoints; where a view carries none, a blank column for each stage."""
    if view.points or not view.touchpoints:
        return view.points
    return tuple(JourneyPoint(touchpoint="", name="", stage=s.stage, stage_name=s.name) for s in view.stages)


def _width(view: ServiceView, count: int, theme: Theme) -> float:
    most = _WIDTH / theme.scale
    least = min(_LEAST if view.observed else _LEAST_DESIGNED, most)
    if count > _FEW or has_panels(view) or (has_flow(view) and has_table(view)):
        return most
    return max(least, min(most, 2 * MARGIN + LABELS + _COLUMN * count))


def _facts(view: ServiceView, theme: Theme) -> list[str]:
    facts = [theme.word("Service in the experience")]
    if not view.observed:
        return [*facts, theme.word("designed, not measured: structure only")]
    facts += [theme.word("observed"), *period_of(view.period)]
    if view.event_share.value is not None and view.event_share.n:
        facts.append(f"{_part(view.event_share, 'visits', theme)} {theme.word('are service contacts')}")
    both = f" {theme.word('and')} "
    having = [
        _part(share, of, theme)
        for share, of in ((view.journey_share, "journeys"), (view.customer_share, "customers"))
        if share.value is not None and share.n
    ]
    if having:
        facts.append(f"{both.join(having)} {theme.word('have one')}")
    return [*facts, *filtered(view.filters, theme)]


def _part(share: Estimate, of: str, theme: Theme) -> str:
    what = theme.word(of.removesuffix("s") if share.n == 1 else of)
    return f"{percent(share.value or 0.0)} {theme.word('of')} {share.n:,} {what}"


def _strips(
    view: ServiceView, columns: Sequence[JourneyPoint], y: float, inner: float, theme: Theme
) -> tuple[list[Item], float, bool]:
    """Lay all rows of strips and the key below; say whether the columns bear numbers."""
    items: list[Item] = []
    if not columns:
        words = theme.word("There are no touchpoints to show.")
        items.append(Text(x=MARGIN, y=y, text=words, size=theme.body_size, colour=theme.ink))
        return items, y + 0.2, False
    room = inner - LABELS
    first = 1
    numbered = False
    bands = _fold(columns, int(room / _NARROWEST + 1e-9))
    step = room / max(len(band) for band in bands)
    for band in bands:
        strip = Strip(columns=band, first=first, left=MARGIN + LABELS, step=step, theme=theme)
        numbered = not strip.named and any(column.touchpoint for column in band)
        laid, y = _band(view, strip, y)
        items += laid
        first += len(band)
        y += 0.14
    if numbered:
        laid, y = key(columns, y, inner, theme)
        items += laid
    else:
        y -= 0.14
    return items, y, numbered


def _fold(columns: Sequence[JourneyPoint], most: int) -> list[tuple[JourneyPoint, ...]]:
    """Break the columns into rows of about equal length, rather between two stages than within one."""
    bands: list[tuple[JourneyPoint, ...]] = []
    rest = list(columns)
    for left in range(-(-len(rest) // most), 0, -1):
        ideal = -(-len(rest) // left)
        near = max(1, round(ideal * _NEAR_STAGE))
        ends = [
            end
            for end in range(max(1, ideal - near), min(most, len(rest) - 1, ideal + near) + 1)
            if rest[end - 1].stage != rest[end].stage and len(rest) - end <= most * (left - 1)
        ]
        end = min(ends, key=lambda place: abs(place - ideal), default=ideal) if left > 1 else len(rest)
        bands.append(tuple(rest[:end]))
        rest = rest[end:]
    return bands


def _band(view: ServiceView, strip: Strip, y: float) -> tuple[list[Item], float]:
    """Lay the strips of one row: names, feeling and service contacts under the stages."""
    theme = strip.theme
    below = y + 0.34
    rows: list[Item] = []
    if any(column.touchpoint for column in strip.columns):
        rows, below = name_row(strip, below)
    if any(column.feeling is not None for column in strip.columns):
        laid, below = feeling_row(strip, below)
        rows += laid
    if view.observed and view.service_touchpoints:
        contacts = {row.touchpoint: row for row in view.by_touchpoint}
        stages = {stage.stage: stage for stage in view.stages}
        laid, below = share_row(strip, below, stages, contacts, _highest(view))
        rows += laid
    height = below - y - 0.34
    head, top = stage_row(strip, y, height)
    shades = [
        Box(
            x=strip.left + strip.step * place,
            y=top,
            width=strip.step,
            height=height,
            fill=theme.service_tint,
            edge=theme.rule if theme.service_hatch else None,
            line_width=0.0,
            hatch=theme.service_hatch,
            z=TINT + 0.1,
            mark="service",
        )
        for place, column in enumerate(strip.columns)
        if column.is_service
    ]
    return [*head, *shades, *rows], below


def _highest(view: ServiceView) -> float:
    shares = [stage.share for stage in view.stages] + [row.share for row in view.by_touchpoint]
    ends = [end for share in shares for end in (share.value, share.high) if end is not None]
    return max([0.1, *ends])


def _notes(view: ServiceView, theme: Theme) -> str:
    """Say who helps, with what, and who begins; and what the feelings rest on."""
    parts = []
    for name, counts in (
        ("by handler", view.by_handler),
        ("by need", view.by_need),
        ("by who begins", view.by_initiator),
    ):
        if counts and {kind for kind, _ in counts} != {"not stated"}:
            said = ", ".join(f"{theme.word(kind.replace('_', ' '))} {count:,}" for kind, count in counts)
            parts.append(f"{theme.word(name)}: {said}")
    what = theme.word("Contacts" if view.observed else "Service touchpoints")
    notes = [f"{what} {'; '.join(parts)}."] if parts else []
    if any(row.feeling_before is not None or row.feeling_after is not None for row in view.by_touchpoint):
        text = (
            "Before and after: mean feeling of the touchpoints around a contact, not of the same customers."
        )
        notes.append(theme.word(text))
    known = [point for point in view.points if point.feeling is not None]
    assumed = sum(point.assumed for point in known)
    if view.points and not known:
        notes.append(theme.word("No feelings are known."))
    elif known and assumed == len(known):
        notes.append(theme.word("All feelings are assumed: nobody measured or researched them."))
    elif assumed:
        text = theme.word("{n} of {all} feelings are assumed: nobody measured or researched them.")
        notes.append(text.format(n=assumed, all=len(known)))
    return " ".join(notes)


def _legend(view: ServiceView, theme: Theme) -> list[LegendEntry]:
    """Name every mark that the picture may use."""
    dots = tuple(
        Marker(x=0.06 + 0.15 * place, y=0, size=8.5, fill=colour, edge=theme.curve, line_width=0.3)
        for place, colour in enumerate(theme.feeling)
    )
    hollow = Marker(x=0.22, y=0, size=8.5, fill=theme.paper, edge=theme.feeling[3], line_width=1.6)
    dashed = Line(points=((0, 0), (0.44, 0)), colour=theme.curve, width=1.8, dash="dashed")
    shade = Box(
        x=0, y=-0.08, width=0.26, height=0.16, fill=theme.service_tint, hatch=theme.service_hatch,
        edge=theme.rule if theme.service_hatch else None, line_width=0.0,
    )  # fmt: skip
    diamond = Text(x=0.3, y=0, text="◆", size=theme.small_size, weight="bold", colour=theme.service,
                   va="center")  # fmt: skip
    roof = Line(points=((0, 0), (0.26, 0)), colour=theme.service, width=1.8)
    part = bar(Box(x=0.32, y=-0.08, width=0.1, height=0.16), theme.service, theme.service_hatch, theme)
    level = next((s.share.level for s in view.stages if s.share.low is not None), 0.95)
    star = Text(x=0, y=0, text="*", size=theme.body_size, weight="bold", colour=theme.ink, va="center")
    return [
        LegendEntry(mark="service", marks=(shade, diamond), width=0.42, text="service"),
        LegendEntry(mark="feeling", marks=dots, width=0.72, text="feeling −2 … +2"),
        LegendEntry(mark="assumed", marks=(dashed, hollow), width=0.44, text="assumed"),
        LegendEntry(
            mark="share",
            marks=(roof, part),
            width=0.42,
            text="share of a stage (line), of a touchpoint (bar)",
        ),
        interval_entry(level, theme),
        *panel_entries(view, theme),
        LegendEntry(
            mark="small sample", marks=(star,), width=0.08, text="small sample: fewer than 20 customers"
        ),
    ]
