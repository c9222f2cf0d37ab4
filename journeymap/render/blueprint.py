"""What stands behind each touchpoint: the journey as a service blueprint?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes

from journeymap.errors import InvalidJourneyError, require
from journeymap.model.journey import Journey
from journeymap.render.blueprint_arrows import arrow, arrows
from journeymap.render.blueprint_content import BEHIND, Blueprint, blueprint_of
from journeymap.render.blueprint_lanes import Frame, Row, badge, hollow, lay_row
from journeymap.render.blueprint_words import describe_blueprint, words_of
from journeymap.render.chart_parts import MARGIN, heading, interval, paragraph
from journeymap.render.chevrons import CHEVRON, chevron_row, stage_header
from journeymap.render.facts import journey_facts
from journeymap.render.legend import with_legend
from journeymap.render.map_columns import ANY_STAGE, Segment, fold, segments
from journeymap.render.paint import SMALLEST_TEXT, paint, room_of, scale_on
from journeymap.render.scene import (
    EDGE_TEXT,
    GRID,
    Box,
    Dash,
    Item,
    Label,
    LegendEntry,
    Line,
    Scene,
)
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["blueprint_scene", "describe_blueprint", "draw_blueprint"]

LABELS = 1.45
COLUMN, NARROWEST, WIDEST = 1.75, 1.25, 2.4
MOST_COLUMNS = 12
_SMALLEST_WIDTH = 6.6
_BAND_GAP = 0.45
_BETWEEN_LINES = 0.34
_STRIP_GAP, _STRIP = 0.17, 1.05  # between the lanes and the names of the lines, and the width of those
_DASHES: dict[str, Dash] = {"frontstage": "solid", "backstage": "dashed", "systems": "dotted"}


def draw_blueprint(
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    width: float | None = None,
    max_columns: int | None = None,
    path: Sequence[str] | None = None,
    lanes: Iterable[str] | None = None,
    show_needs: bool = False,
) -> Axes:
    """What stands behind each touchpoint: staff and screens, work out of sight, systems?

    Lanes lie in the order of their distance from the customer, with the line of interaction, the line of
    visibility and the line of internal interaction between them. Neighbouring touchpoints that stand on
    one system share its box.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.
    width : float, optional
        Width of the figure in inches; by default a column is 1.75 wide.
    max_columns : int, optional
        More touchpoints than this fold into bands below each other; 12 at the usual type size when left out.
    path : sequence of str, optional
        Touchpoints to show instead of all, in this order.
    lanes : iterable of str, optional
        Which lanes to show, whatever their order; all that have something to show when left out. Names:
        wait, evidence, customer, frontstage, backstage, systems, journeys, drop-off.
    show_needs : bool
        Whether dotted lines join a touchpoint's systems with each other.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    UnknownNameError
        No such lane or touchpoint.
    JourneyMapError
        The given Axes are too small to be read, or the width holds no column.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "pay", "stage": "purchase", "frontstage": "Till", "systems": "Payment provider"}])
    >>> ax = draw_blueprint(journey)
    """
    require(journey, Journey, "draw_blueprint", hint="read or discover a journey first")
    chosen = None if lanes is None else tuple([lanes] if isinstance(lanes, str) else lanes)
    widths = [width]
    if ax is not None and width is None:
        # As wide as the Axes, or so much wider that its smallest text is only just readable when shrunk.
        room = room_of(ax)[0]
        fitting = (room, room * theme.tick_size / SMALLEST_TEXT)
        widths += [wide for wide in fitting if wide / theme.scale >= _SMALLEST_WIDTH]
    scenes = [
        blueprint_scene(journey, theme=theme, width=wide, max_columns=max_columns, path=path, lanes=chosen,
                        show_needs=show_needs)
        for wide in widths
    ]  # fmt: skip
    # On given Axes it keeps its own shape or folds to their width, whichever is drawn larger.
    scene = scenes[0] if ax is None else max(scenes, key=lambda scene: scale_on(scene, ax))
    return paint(scene, ax, theme)


def blueprint_scene(
    journey: Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    width: float | None = None,
    max_columns: int | None = None,
    path: Sequence[str] | None = None,
    lanes: Iterable[str] | None = None,
    show_needs: bool = False,
) -> Scene:
    """Where does everything on the blueprint of a journey stand?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    theme, width, max_columns, path, lanes, show_needs
        As for `draw_blueprint`.

    Returns
    -------
    Scene
        The figure in inches, before anything is drawn.

    Raises
    ------
    UnknownNameError
        No such lane or touchpoint.
    InvalidJourneyError
        A width that holds no column, or fewer than one column in a band.
    """
    content = blueprint_of(journey, path=path, lanes=lanes, any_stage=theme.word(ANY_STAGE))
    strip = _strip(content, theme)
    around = 2 * MARGIN + LABELS + strip
    bands = fold(content.columns, _most(max_columns, width, around, theme))
    widest = max(map(len, bands), default=1)
    if width is None:
        step = max(COLUMN, (_SMALLEST_WIDTH / theme.scale - around) / widest)
    else:
        step = min(WIDEST, (width / theme.scale - around) / widest)
    right = MARGIN + LABELS + widest * step
    total = right + strip + MARGIN
    items, y = heading(journey.name, journey_facts(journey, theme, about="Service blueprint"), total, theme)
    y += 0.18
    first = 0
    for band in bands:
        frame = Frame(columns=band, first=first, margin=MARGIN, left=MARGIN + LABELS, right=right,
                      step=step, theme=theme)  # fmt: skip
        drawn, y = _band(frame, content, y, strip, show_needs=show_needs)
        items += drawn
        first += len(band)
        y += _BAND_GAP if first < len(content.columns) else 0.0
    notes, y = _notes(content, y + 0.14, total, theme)
    return with_legend(
        [*items, *notes], _legend(content, theme), y=y, width=total, theme=theme,
        title=f"{journey.name}: {theme.word('service blueprint')}", description=words_of(content),
    )  # fmt: skip


def _most(max_columns: int | None, width: float | None, around: float, theme: Theme) -> int:
    """How many columns may a band have?"""
    most = max(1, int(MOST_COLUMNS / theme.scale)) if max_columns is None else max_columns
    if most < 1:
        raise InvalidJourneyError.because(
            f"max_columns is {max_columns}.", expected="Expected at least one column in a band."
        )
    if width is None:
        return most
    room = width / theme.scale - around
    if room < NARROWEST:
        raise InvalidJourneyError.because(
            f"a blueprint {width:g} inches wide has no room for a column.",
            expected=f"Expected at least {(around + NARROWEST) * theme.scale:.1f} inches.",
        )
    return min(most, int(room / NARROWEST + 1e-9))


def _behind(content: Blueprint) -> list[str]:
    """List the roles above whose lanes a line runs: all down to the last that has a lane."""
    roles = list(BEHIND)
    present = [place for place, role in enumerate(roles) if role in content.lanes]
    return roles[: present[-1] + 1] if present else []


def _strip(content: Blueprint, theme: Theme) -> float:
    """How wide is the strip at the right that holds the names of the lines?"""
    names = [theme.word(BEHIND[role]) for role in _behind(content)]
    widths = [text_width(name, theme.small_size, style="italic", family=theme.family) for name in names]
    return _STRIP_GAP + min(_STRIP, max(widths)) if widths else 0.0


def _band(
    frame: Frame, content: Blueprint, y: float, strip: float, *, show_needs: bool
) -> tuple[list[Item], float]:
    """Lay chevrons, lanes, lines and arrows of a band; give the y below it."""
    above = content.columns[frame.first - 1] if frame.first else None
    parts = segments(frame.columns, above)
    headers = [stage_header(part, frame.x(part.first), frame.x(part.last + 1), frame.theme) for part in parts]
    items: list[Item] = chevron_row(headers, y, frame.theme)
    y += CHEVRON + 0.02
    top = y
    rows: dict[str, Row] = {}
    ahead = _behind(content)
    for lane in content.lanes:
        if lane in BEHIND:
            count = ahead.index(lane) + 1
            due, ahead = ahead[:count], ahead[count:]
            for number, role in enumerate(due):
                # Where a lane is missing its line still stands, as what follows lies behind it.
                y += _BETWEEN_LINES if number else 0.0
                items += _named_line(frame, role, y, strip)
        row = lay_row(lane, frame, content, show_needs=show_needs).moved(y)
        rows[lane] = row
        items += row.items
        y += row.height
    items += _between_stages(frame, parts, top, y)
    items += arrows(frame, rows, content.ways, show_needs=show_needs)
    return items, y


def _between_stages(frame: Frame, parts: Sequence[Segment], top: float, bottom: float) -> list[Item]:
    theme = frame.theme
    return [
        Line(points=((frame.x(part.first), top), (frame.x(part.first), bottom)), colour=theme.rule,
             width=0.9, dash="dotted", z=GRID - 0.4)
        for part in parts
        if part.first
    ]  # fmt: skip


def _named_line(frame: Frame, role: str, y: float, strip: float) -> list[Item]:
    """Draw a line from the lane names to its own name, right of the last column."""
    theme = frame.theme
    text = wrap(
        theme.word(BEHIND[role]), strip - _STRIP_GAP, theme.small_size, "normal", 3, style="italic",
        family=theme.family,
    )  # fmt: skip
    name = Label(
        x=frame.right + _STRIP_GAP, y=y, text="\n".join(text), size=theme.small_size, style="italic",
        va="center", colour=theme.muted, line_height=1.2, backing=theme.paper, z=EDGE_TEXT,
    )  # fmt: skip
    ends = (frame.margin, y), (frame.right + _STRIP_GAP - 0.05, y)
    line = Line(points=ends, colour=theme.stage_header, width=1.4, dash=_DASHES[role], z=GRID + 0.5)
    return [line, name]


def _notes(content: Blueprint, y: float, total: float, theme: Theme) -> tuple[list[Item], float]:
    """Say what is missing or left out; give the y below."""
    shown = len(content.columns)
    sentences: list[str] = []
    if not shown:
        sentences.append(theme.word("No touchpoints yet."))
    elif not content.has_roles:
        sentences.append(
            theme.word(
                "No lanes below: fill in frontstage, backstage, systems and evidence of the touchpoints "
                "to see who and what stands behind them."
            )
        )
    if content.left_out:
        sentences.append(
            f"{shown} {theme.word('of')} {shown + content.left_out} {theme.word('touchpoints are shown')}: "
            f"{theme.word('those that most customers visit, and every service touchpoint')}. "
            f"{content.left_out} {theme.word('are left out')}."
        )
    items: list[Item] = []
    for sentence in sentences:
        lines, high = paragraph(sentence, MARGIN, y, total - 2 * MARGIN, theme)
        items += lines
        y += high + 0.08
    return items, y


def _legend(content: Blueprint, theme: Theme) -> list[LegendEntry]:
    """Name every mark that a blueprint may use."""

    def thick(share: float, colour: str, mark: str, *, ground: bool = False) -> tuple[Item, ...]:
        below = (Box(x=0, y=-0.03, width=0.34, height=0.06, fill=theme.grid),) if ground else ()
        return (*below, Box(x=0, y=-0.03, width=0.34 * share, height=0.06, fill=colour, z=3.1, mark=mark))

    def level(kind: str, x0: float, x1: float) -> Item:
        return arrow(kind, ((x0, 0.0), (x1, 0.0)), theme)

    sign = Label(x=0, y=0, text="◆", size=theme.stage_size, va="center", colour=theme.service)
    hatched = Box(x=0.17, y=-0.04, width=0.25, height=0.08, edge=theme.service, line_width=0.4,
                  hatch=theme.service_hatch)  # fmt: skip
    service = (sign, hatched) if theme.service_hatch else (sign,)
    kinds = [(content.few_waits, theme.curve), (content.few_lost, theme.pain)]
    few = tuple(
        hollow(Box(x=0.36 * number, y=-0.0275, width=0.3, height=0.055), colour, theme)
        for number, colour in enumerate(dict.fromkeys(colour for places, colour in kinds if places))
    )
    counted = any(way.share is not None for way in content.journey.transitions)
    way = "next touchpoint, in the order of the map"
    if content.journey.transitions:
        way = "next touchpoint, after at least 5 % of the visits" if counted else "next touchpoint"
    return [
        LegendEntry(mark="service", marks=service, width=0.42 if theme.service_hatch else 0.12,
                    text="service interaction"),
        LegendEntry(mark="moment", marks=tuple(badge("moment", 0.08, 0, theme)), text="moment of truth"),
        LegendEntry(mark="fail", marks=tuple(badge("fail", 0.085, 0, theme)), width=0.17,
                    text="fail point (pain point of severity 4 or 5)"),
        LegendEntry(mark="waiting", marks=tuple(badge("waiting", 0.085, 0, theme)), width=0.17,
                    text="waiting point (a day or more, and at least half the longest wait)"),
        LegendEntry(mark="wait", marks=thick(1, theme.curve, "wait"), width=0.34,
                    text=", ".join(filter(None, ["median wait before it", content.way_in]))),
        LegendEntry(mark="way", marks=(level("way", 0, 0.34),), width=0.34, text=way),
        LegendEntry(mark="interaction", marks=(level("interaction", 0, 0.34), level("interaction", 0.34, 0)),
                    width=0.34, text="customer and company meet"),
        LegendEntry(mark="carried", marks=(level("carried", 0, 0.34),), width=0.34, text="is carried by"),
        LegendEntry(mark="needs", marks=(level("needs", 0, 0.34),), width=0.34, text="needs as well"),
        LegendEntry(mark="journeys", marks=thick(0.5, theme.curve, "journeys", ground=True), width=0.34,
                    text="journeys that come here · share of all"),
        LegendEntry(mark="drop-off", marks=(*thick(0.7, theme.pain, "drop-off"),
                                            *interval(0.16, 0.32, 0, theme)),
                    width=0.34, text="drop-off: journeys lost here, with 95 % interval"),
        LegendEntry(mark="few", marks=few, width=0.36 * len(few) - 0.06, text="fewer than 20 customers"),
    ]  # fmt: skip
