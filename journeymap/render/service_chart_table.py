"""How do customers feel before, in and after each service touchpoint, and how often do they come again?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from journeymap.analysis.service_parts import ServiceTouchpoint
from journeymap.analysis.wording import between, percent
from journeymap.render.chart_parts import MARGIN, bar, caption, interval, row_name
from journeymap.render.map_feeling import feeling_marker
from journeymap.render.scene import GRID, LINK, Box, Item, Label, Line
from journeymap.render.service_chart_room import repeated, with_stage
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["MOST_ROWS", "service_table"]

MOST_ROWS = 12
_ROW, _LOW_ROW = 0.34, 0.255  # with a note below the name, and beside it
_NARROW = 8.0  # inches: below, intervals are drawn and not written
_BESIDE = 0.09
_PARTS = ("before", "during", "after")


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Where the columns of the table stand, in inches: right ends of counts, middles of feelings."""

    left: float
    names: float
    contacts: float
    feelings: tuple[float, float, float]
    returns: float
    bar: float
    between: float


def service_table(
    rows: Sequence[ServiceTouchpoint],
    whole: ServiceTouchpoint | None,
    numbers: Mapping[str, int],
    y: float,
    width: float,
    theme: Theme,
    *,
    x: float = MARGIN,
) -> tuple[list[Item], float]:
    """Where does the table of service touchpoints stand?

    Parameters
    ----------
    rows : sequence of ServiceTouchpoint
        In the order of the journey; of more than twelve those with the most contacts.
    whole : ServiceTouchpoint, optional
        All service together, for the last row.
    numbers : mapping of str to int
        The numbers of touchpoints in the key; empty where their names stand in the columns.
    y, width : float
        The top, and the room, in inches.
    theme : Theme
        Colours, sizes and words.
    x : float
        The left end.

    Returns
    -------
    list of Item
        Contacts, feelings as chips from left to right, and the share with a next contact.
    float
        The y below.
    """
    shown = sorted(rows, key=lambda row: -row.contacts)[:MOST_ROWS]
    kept = [row for row in rows if row in shown]
    felt = any(_feelings(row) != (None, None, None) for row in kept)
    columns = _columns(x, width, felt=felt)
    every = [*kept, whole] if whole is not None and len(kept) > 1 else kept
    ends = [end for row in every for end in (row.returns.value, row.returns.high) if end is not None]
    highest = max([0.05, *ends])
    items, top = _head(columns, y, theme, felt=felt)
    staged = repeated((row.touchpoint, row.name) for row in rows)
    short = all(_is_short(row, numbers, columns, theme, staged=staged) for row in every)
    high = _LOW_ROW if short else _ROW
    for place, row in enumerate(every):
        line = top + high * place
        total = row is whole
        items.append(
            Line(
                points=((x, line), (x + width, line)), width=1.0 if total else 0.6, z=GRID,
                colour=theme.neutral if total else theme.rule,
            )
        )  # fmt: skip
        items += _row(
            row, numbers, line + high / 2, columns, highest, theme, low=high == _LOW_ROW, staged=staged
        )
    bottom = top + high * len(every)
    left_out = len(rows) - len(kept)
    if left_out:
        text = theme.word("{n} service touchpoints with fewer contacts are not shown").format(n=left_out)
        items.append(Label(x=x, y=bottom + 0.05, text=text, size=theme.tick_size, colour=theme.muted))
        bottom += 0.2
    return items, bottom


def _feelings(row: ServiceTouchpoint) -> tuple[float | None, float | None, float | None]:
    return row.feeling_before, row.feeling, row.feeling_after


def _columns(x: float, width: float, *, felt: bool) -> _Columns:
    """Share the room out: names take what the numbers leave."""
    between = 0.85 if width >= _NARROW else 0.0
    returns = min(2.6, width * 0.22) if between else 0.9 if felt else 2.0
    step = min(0.95, max(0.47, width * 0.085)) if felt else 0.0
    right = x + width
    last = right - returns - (0.35 if between else 0.3) - (0.15 if felt else 0.0)
    feelings = (last - 2 * step, last - step, last)
    contacts = feelings[0] - (step * (0.75 if between else 0.6) if felt else 0.0)
    return _Columns(
        left=x,
        names=contacts - 0.52 - x,
        contacts=contacts,
        feelings=feelings,
        returns=right - returns,
        bar=returns - between - 0.5,
        between=between,
    )


def _head(columns: _Columns, y: float, theme: Theme, *, felt: bool) -> tuple[list[Item], float]:
    """Lay the names of columns, on two lines where need be."""
    bottom = y + 0.34
    heads: list[tuple[float, str, Literal["left", "center", "right"]]] = [
        (columns.left, "service touchpoint", "left"),
        (columns.contacts, "contacts", "right"),
        (columns.returns, "followed by service again" if columns.between else "service again", "left"),
    ]
    items: list[Item] = []
    if felt:
        for x, part in zip(columns.feelings, _PARTS, strict=True):
            heads.append((x, part, "center"))
        items.append(caption("mean feeling", columns.feelings[1], y + 0.18, theme, centred=True))
    for x, text, ha in heads:
        label = caption(text, x, bottom - 0.03, theme)
        items.append(replace(label, ha=ha))
    return items, bottom


def _row(
    row: ServiceTouchpoint,
    numbers: Mapping[str, int],
    middle: float,
    columns: _Columns,
    highest: float,
    theme: Theme,
    *,
    low: bool,
    staged: Collection[str],
) -> Iterable[Item]:
    whole = not row.touchpoint
    name, note = _words(row, numbers, theme, low=low, staged=staged)
    yield from row_name(
        name, "" if low else note, columns.left, middle, columns.names, theme,
        colour=theme.ink if whole else theme.service, mark="" if whole else "service",
    )  # fmt: skip
    if low and note:
        wide = text_width(name, theme.touchpoint_size, "bold", family=theme.family)
        yield Label(x=columns.left + wide + _BESIDE, y=middle, text=note, size=theme.tick_size, va="center",
                    colour=theme.muted)  # fmt: skip
    star = "*" if row.returns.small_sample and row.contacts else ""
    yield Label(
        x=columns.contacts,
        y=middle,
        text=f"{row.contacts:,}{star}",
        size=theme.body_size,
        ha="right",
        va="center",
        colour=theme.ink,
        weight="bold" if whole else "normal",
        mark="small sample" if star else "",
    )
    yield from _chips(row, middle, columns, theme)
    yield from _returns(row, middle, columns, highest, theme)


def _words(
    row: ServiceTouchpoint, numbers: Mapping[str, int], theme: Theme, *, low: bool, staged: Collection[str]
) -> tuple[str, str]:
    """Give the name of a row, with its stage where it stands at several, and its number or its stage."""
    name = f"◆ {row.name}" if row.touchpoint else theme.word(row.name)
    if row.touchpoint in staged:
        return f"◆ {with_stage(row.name, row.stage_name)}", f"{numbers.get(row.touchpoint, '')}"
    number = f"{numbers[row.touchpoint]}" if row.touchpoint in numbers else ""
    return name, number if low and number else " · ".join(filter(None, (number, row.stage_name)))


def _is_short(
    row: ServiceTouchpoint,
    numbers: Mapping[str, int],
    columns: _Columns,
    theme: Theme,
    *,
    staged: Collection[str],
) -> bool:
    """Say whether name and note stand beside each other on one line."""
    name, note = _words(row, numbers, theme, low=True, staged=staged)
    wide = text_width(name, theme.touchpoint_size, "bold", family=theme.family)
    return wide + _BESIDE + text_width(note, theme.tick_size, family=theme.family) <= columns.names


def _chips(row: ServiceTouchpoint, middle: float, columns: _Columns, theme: Theme) -> Iterable[Item]:
    """Draw three feelings as chips on a thin line, which is broken where one is not known."""
    known = [
        (x, value, part in row.assumed)
        for x, value, part in zip(columns.feelings, _feelings(row), _PARTS, strict=True)
        if value is not None
    ]
    if len(known) > 1:
        yield Line(
            points=((known[0][0], middle), (known[-1][0], middle)), colour=theme.interval, width=1.4, z=LINK
        )
    for x, value, assumed in known:
        for item in feeling_marker(x, middle, value, theme, assumed=assumed, pill=True):
            yield replace(item, mark="assumed" if assumed else "feeling")


def _returns(
    row: ServiceTouchpoint, middle: float, columns: _Columns, highest: float, theme: Theme
) -> Iterable[Item]:
    share = row.returns
    if share.value is None:
        return
    scale = columns.bar / highest
    wide = max(0.01, share.value * scale)
    box = Box(x=columns.returns, y=middle - 0.07, width=wide, height=0.14, mark="share")
    yield bar(box, theme.service, theme.service_hatch, theme)
    if share.low is not None and share.high is not None:
        low, high = columns.returns + share.low * scale, columns.returns + share.high * scale
        yield from interval(
            low, high, middle, theme, mark="interval", halo=theme.paper if share.value else None
        )
    x = columns.returns + columns.bar + 0.1
    yield Label(
        x=x,
        y=middle,
        text=percent(share.value),
        size=theme.body_size,
        weight="bold",
        va="center",
        colour=theme.ink,
    )
    reach = between(share)
    wide = text_width("100 %", theme.body_size, "bold", family=theme.family) + 0.08
    if reach and columns.between:
        lines = wrap(reach, 0.5 + columns.between - wide, theme.tick_size, max_lines=2, family=theme.family)
        yield Label(
            x=x + wide,
            y=middle,
            text="\n".join(lines),
            size=theme.tick_size,
            va="center",
            colour=theme.muted,
            line_height=1.15,
        )
