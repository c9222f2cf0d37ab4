"""How do customers feel before, in and after each service touchpoint, and how often do they come again?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from journeymap.analysis.service_view import ServiceTouchpoint
from journeymap.analysis.wording import between, percent
from journeymap.render.chart_parts import MARGIN, bar, caption, interval, row_name
from journeymap.render.map_feeling import feeling_marker, feeling_text
from journeymap.render.scene import GRID, LINK, Box, Item, Label, Line
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["MOST_ROWS", "service_table"]

MOST_ROWS = 12
_ROW = 0.37
_PARTS = ("before", "during", "after")


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Where the columns of the table stand, in inches: right ends of counts, middles of feelings."""

    names: float
    contacts: float
    feelings: tuple[float, float, float]
    recovery: float
    returns: float
    bar: float


def service_table(
    rows: Sequence[ServiceTouchpoint],
    whole: ServiceTouchpoint | None,
    numbers: Mapping[str, int],
    y: float,
    width: float,
    theme: Theme,
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
        The top, and the room between the margins, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        Contacts, feelings as chips from left to right, the difference, and the share with a next contact.
    float
        The y below.
    """
    shown = sorted(rows, key=lambda row: -row.contacts)[:MOST_ROWS]
    kept = [row for row in rows if row in shown]
    felt = any(_feelings(row) != (None, None, None) for row in kept)
    columns = _columns(width, felt=felt)
    every = [*kept, whole] if whole is not None and len(kept) > 1 else kept
    ends = [end for row in every for end in (row.returns.value, row.returns.high) if end is not None]
    highest = max([0.05, *ends])
    items, top = _head(columns, y, theme, felt=felt)
    for place, row in enumerate(every):
        line = top + _ROW * place
        total = row is whole
        items.append(
            Line(
                points=((MARGIN, line), (MARGIN + width, line)), width=1.0 if total else 0.6, z=GRID,
                colour=theme.neutral if total else theme.rule,
            )
        )  # fmt: skip
        items += _row(row, numbers, line + _ROW / 2, columns, highest, theme)
    bottom = top + _ROW * len(every)
    left_out = len(rows) - len(kept)
    if left_out:
        text = theme.word("{n} service touchpoints with fewer contacts are not shown").format(n=left_out)
        items.append(Label(x=MARGIN, y=bottom + 0.05, text=text, size=theme.tick_size, colour=theme.muted))
        bottom += 0.2
    return items, bottom


def _feelings(row: ServiceTouchpoint) -> tuple[float | None, float | None, float | None]:
    return row.feeling_before, row.feeling, row.feeling_after


def _columns(width: float, *, felt: bool) -> _Columns:
    """Share the room out: names take what the numbers leave."""
    returns = min(2.6, width * 0.22)
    step = min(0.95, width * 0.085) if felt else 0.0
    right = MARGIN + width
    recovery = right - returns - 0.35
    last = recovery - (step + 0.1 if felt else 0.0)
    feelings = (last - 2 * step, last - step, last)
    contacts = feelings[0] - (step * 0.75 if felt else 0.0)
    return _Columns(
        names=contacts - 0.75 - MARGIN,
        contacts=contacts,
        feelings=feelings,
        recovery=recovery,
        returns=right - returns,
        bar=returns - 1.35,
    )


def _head(columns: _Columns, y: float, theme: Theme, *, felt: bool) -> tuple[list[Item], float]:
    """Lay the names of columns, on two lines where need be."""
    bottom = y + 0.34
    heads: list[tuple[float, str, Literal["left", "center", "right"]]] = [
        (MARGIN, "service touchpoint", "left"),
        (columns.contacts, "contacts", "right"),
        (columns.returns, "followed by service again", "left"),
    ]
    items: list[Item] = []
    if felt:
        for x, part in zip(columns.feelings, _PARTS, strict=True):
            heads.append((x, part, "center"))
        heads.append((columns.recovery, "change", "center"))
        items.append(caption("mean feeling", columns.feelings[1], y + 0.16, theme, centred=True))
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
) -> Iterable[Item]:
    whole = not row.touchpoint
    name = theme.word(row.name) if whole else f"◆ {row.name}"
    known = numbers.get(row.touchpoint)
    note = " · ".join(filter(None, (f"{known}" if known else "", row.stage_name)))
    yield from row_name(
        name, note, MARGIN, middle, columns.names, theme, colour=theme.ink if whole else theme.service,
        mark="" if whole else "service",
    )  # fmt: skip
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
    if row.recovery is not None:
        yield Label(
            x=columns.recovery,
            y=middle,
            text=feeling_text(row.recovery),
            size=theme.body_size,
            weight="bold",
            ha="center",
            va="center",
            colour=theme.loss_text if row.recovery <= -0.05 else theme.ink,
        )
    yield from _returns(row, middle, columns, highest, theme)


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
    box = Box(x=columns.returns, y=middle - 0.07, width=wide, height=0.14, mark="again share")
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
    if reach:
        lines = wrap(reach, 1.25 - wide + 0.1, theme.tick_size, max_lines=2, family=theme.family)
        yield Label(
            x=x + wide,
            y=middle,
            text="\n".join(lines),
            size=theme.tick_size,
            va="center",
            colour=theme.muted,
            line_height=1.15,
        )
