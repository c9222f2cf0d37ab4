"""How do the strips of the service picture look: stages, feeling and service contacts, column by column?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from journeymap.analysis.service_parts import JourneyPoint, ServiceTouchpoint, StageService
from journeymap.analysis.wording import percent
from journeymap.render.chart_parts import MARGIN, bar, signed, upright_interval
from journeymap.render.chevrons import CHEVRON, Header, chevron_row
from journeymap.render.scene import SHAPE, TINT, Box, Item, Label, Line
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["LABELS", "NARROW", "Strip", "name_row", "share_row", "side_name", "stage_row"]

LABELS = 1.35
NARROW, NAMED = 0.36, 0.95  # inches a column: below, numbers leave the markers; above, names fit
_HEADER, _POINT, _SMALLEST, _WIDE = 0.34, 0.12, 6.5, 0.9
_NAME_LINES = 5
_BARS, _ROOF, _SHARES = 0.52, 0.24, 1.14


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The columns that the strips share, one for each touchpoint.

    Parameters
    ----------
    columns : tuple of JourneyPoint
        From left to right.
    first : int
        The number of the first of them, from 1.
    left, step : float
        Where they begin, and how wide one is, in inches.
    theme : Theme
        Colours, sizes and words.
    """

    columns: tuple[JourneyPoint, ...]
    first: int
    left: float
    step: float
    theme: Theme

    @property
    def right(self) -> float:
        """The x at the end of the last column."""
        return self.left + self.step * len(self.columns)

    @property
    def named(self) -> bool:
        """Whether names fit above the columns; numbers do otherwise."""
        return self.step >= NAMED

    def centre(self, place: int) -> float:
        """Give the x in the middle of a column."""
        return self.left + self.step * (place + 0.5)

    def segments(self) -> list[tuple[int, int, JourneyPoint]]:
        """List the stages: first and last column, and a touchpoint of it."""
        starts = [
            place
            for place, column in enumerate(self.columns)
            if place == 0 or column.stage != self.columns[place - 1].stage
        ]
        ends = [*starts[1:], len(self.columns)]
        return [
            (start, end - 1, self.columns[start]) for start, end in zip(starts, ends, strict=bool(starts))
        ]


def stage_row(strip: Strip, y: float, height: float) -> tuple[list[Item], float]:
    """Where do the stages stand above the strips?

    Parameters
    ----------
    strip : Strip
        The columns.
    y, height : float
        The top of the chevrons, and how far the grounds of stages reach below them.

    Returns
    -------
    list of Item
        Chevrons, and the grounds of stages.
    float
        The y below the chevrons.
    """
    theme = strip.theme
    items: list[Item] = []
    placed = [
        (column, strip.left + strip.step * first, strip.step * (last - first + 1))
        for first, last, column in strip.segments()
    ]
    headers = [
        Header(name=theme.word(column.stage_name), left=x, right=x + width, known=bool(column.stage))
        for column, x, width in placed
    ]
    for number, (_, x, width) in enumerate(placed):
        tint = theme.stage_tints[number % 2]
        items.append(Box(x=x + 0.02, y=y + CHEVRON, width=width - 0.04, height=height, fill=tint, z=TINT))
    return [*items, *chevron_row(headers, y, theme)], y + CHEVRON


def name_row(strip: Strip, y: float) -> tuple[list[Item], float]:
    """Which touchpoint is each column: its name, or its number in the key?

    Parameters
    ----------
    strip : Strip
        The columns.
    y : float
        The top of the row.

    Returns
    -------
    list of Item
        Texts; service touchpoints in their colour, with ◆.
    float
        The y below the row.
    """
    theme = strip.theme
    items: list[Item] = []
    if not strip.named:
        said = side_name(strip, y + 0.05, "touchpoint", "numbers: see the key")
        height = 0.34
    else:
        said, height = [], 0.0
    lines = [_column_name(strip, place) for place in range(len(strip.columns))]
    if strip.named:
        most = max((len(found) for found in lines), default=1)
        height = line_height(theme.tick_size, 1.2) * most + 0.12
    for place, (column, found) in enumerate(zip(strip.columns, lines, strict=True)):
        cell = Box(x=strip.left + strip.step * place, y=y, width=strip.step, height=height)
        items.append(
            Label(
                x=strip.centre(place), y=y + 0.06, text="\n".join(found), size=theme.tick_size, ha="center",
                weight="bold" if column.is_service or strip.named else "normal", line_height=1.2,
                colour=theme.service if column.is_service else theme.ink, inside=cell,
                mark="service" if column.is_service else "",
            )
        )  # fmt: skip
    return [*said, *items], y + height


def _column_name(strip: Strip, place: int) -> tuple[str, ...]:
    column, theme = strip.columns[place], strip.theme
    if not column.touchpoint:
        return ("",)
    if not strip.named:
        number = str(strip.first + place)
        return ("◆", number) if column.is_service else (number,)
    name = f"◆ {column.name}" if column.is_service else column.name
    return signed(name, strip.step - 0.08, theme.tick_size, theme, _NAME_LINES)


def side_name(strip: Strip, y: float, name: str, meaning: str = "") -> list[Item]:
    """What is a strip called, at its left?

    Parameters
    ----------
    strip : Strip
        The columns.
    y : float
        The top of the text.
    name, meaning : str
        In capitals, and in small letters what it shows.

    Returns
    -------
    list of Item
        One or two texts.
    """
    theme = strip.theme
    items: list[Item] = [
        Label(
            x=MARGIN,
            y=y,
            text=theme.word(name).upper(),
            size=theme.tick_size,
            weight="bold",
            colour=theme.muted,
        )
    ]
    lines = wrap(theme.word(meaning), LABELS - 0.12, theme.tick_size, family=theme.family)
    if lines:
        below = y + line_height(theme.tick_size) + 0.02
        items.append(
            Label(x=MARGIN, y=below, text="\n".join(lines), size=theme.tick_size, colour=theme.muted)
        )
    return items


def share_row(
    strip: Strip,
    y: float,
    stages: Mapping[str, StageService],
    contacts: Mapping[str, ServiceTouchpoint],
    highest: float,
) -> tuple[list[Item], float]:
    """How many of the journeys have a service contact, by stage and by touchpoint?

    Parameters
    ----------
    strip : Strip
        The columns.
    y : float
        The top of the strip.
    stages : mapping of str to StageService
        By id.
    contacts : mapping of str to ServiceTouchpoint
        By node.
    highest : float
        The share at the top of the scale.

    Returns
    -------
    list of Item
        A line over each stage, and a bar at each service touchpoint, with their intervals.
    float
        The y below the strip.
    """
    theme, base, scale = strip.theme, y + _ROOF + _BARS, _BARS / highest
    items: list[Item] = side_name(
        strip, y + 0.02, "service contacts", "share of the journeys that come to the stage"
    )
    items.append(Line(points=((strip.left, base), (strip.right, base)), colour=theme.neutral, width=0.9))
    for first, last, column in strip.segments():
        if column.stage in stages:
            x, width = strip.left + strip.step * first, strip.step * (last - first + 1)
            items += _roof(stages[column.stage], x, width, base, scale, theme)
    for place, column in enumerate(strip.columns):
        if column.touchpoint in contacts:
            items += _contact_bar(contacts[column.touchpoint], strip, place, base, scale)
    return items, y + _SHARES


def _roof(
    stage: StageService, x: float, width: float, base: float, scale: float, theme: Theme
) -> Iterable[Item]:
    share = stage.share
    cell = Box(x=x, y=base - _BARS - _ROOF, width=width, height=_SHARES)
    if share.value is None:
        for size in (theme.small_size, theme.tick_size):
            lines = wrap(theme.word("no visits"), width - 0.1, size, style="italic", family=theme.family)
        yield Label(
            x=x + 0.06, y=base - 0.06, text="\n".join(lines), size=size, style="italic", colour=theme.muted,
            va="bottom", inside=cell,
        )  # fmt: skip
        return
    level = base - share.value * scale
    top = level
    if share.value:
        yield Line(
            points=((x + 0.03, level), (x + width - 0.03, level)), colour=theme.service, width=1.8,
            z=SHAPE - 0.2, mark="share",
        )  # fmt: skip
    if share.low is not None and share.high is not None and share.value:
        top = base - share.high * scale
        yield from upright_interval(x + width - 0.08, base - share.low * scale, top, theme, mark="interval")
    star = "*" if share.small_sample and stage.journeys else ""
    yield Label(
        x=x + 0.05,
        y=top - 0.02,
        text=f"{percent(share.value)}{star}",
        size=theme.stage_size + 1,
        weight="bold",
        colour=theme.service if share.value else theme.muted,
        va="bottom",
        inside=cell,
        mark="small sample" if star else "share" if share.value else "",
    )
    count = f"{stage.journeys:,}"
    of_all = f"{theme.word('of')} {count} {theme.word('journey' if stage.journeys == 1 else 'journeys')}"
    for text in (of_all, f"n = {count}", count):
        if text_width(text, theme.tick_size, family=theme.family) <= width - 0.06:
            yield Label(
                x=x + 0.05, y=base + 0.24, text=text, size=theme.tick_size, colour=theme.muted, inside=cell
            )
            break


def _contact_bar(
    touchpoint: ServiceTouchpoint, strip: Strip, place: int, base: float, scale: float
) -> Iterable[Item]:
    theme, share, x = strip.theme, touchpoint.share, strip.centre(place)
    if share.value is None:
        return
    width = min(0.42, strip.step * 0.55)
    box = Box(
        x=x - width / 2, y=base - share.value * scale, width=width, height=max(0.005, share.value * scale),
        z=SHAPE - 0.1, mark="share",
    )  # fmt: skip
    yield bar(box, theme.service, theme.service_hatch, theme)
    if share.low is not None and share.high is not None:
        low, high = base - share.low * scale, base - share.high * scale
        yield from upright_interval(x, low, high, theme, mark="interval", halo=theme.paper)
    text = percent(share.value)
    if text_width(text, theme.tick_size, family=theme.family) > strip.step:
        text = text.replace(" %", "").replace("under ", "<")
    yield Label(
        x=x, y=base + 0.05, text=text, size=theme.tick_size, weight="bold", ha="center", colour=theme.service
    )
