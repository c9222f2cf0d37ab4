"""How do stages stand above what belongs to them: a row of chevrons with their names?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from journeymap.render.map_columns import Segment
from journeymap.render.scene import Box, Item, Label, Polygon
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["CHEVRON", "Header", "chevron_row", "stage_header"]

CHEVRON = 0.34
_POINT, _GAP = 0.12, 0.02
_NARROW = 0.9  # below it the point and the room beside the name shrink
_LINE = 1.12
_FEW_LETTERS = 2  # so few of a longer name say nothing

Broken: TypeAlias = Callable[[str, float, float, int], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Header:
    """A stage and where it stands.

    Parameters
    ----------
    name : str
        As it is shown.
    left, right : float
        In inches.
    known : bool
        False above what belongs to no stage.
    """

    name: str
    left: float
    right: float
    known: bool = True

    @property
    def point(self) -> float:
        """How far the chevron points."""
        return _POINT if self.right - self.left > _NARROW else _POINT / 2

    @property
    def pad(self) -> float:
        """How far from its left the name begins."""
        return self.point + (0.0 if self.point == _POINT else 0.01)

    @property
    def room(self) -> float:
        """How wide the name may be."""
        return self.right - self.left - self.pad - self.point


def stage_header(part: Segment, left: float, right: float, theme: Theme) -> Header:
    """What is the header of columns that share a stage?

    Parameters
    ----------
    part : Segment
        The columns.
    left, right : float
        Where they begin and end, in inches.
    theme : Theme
        The words on figures.

    Returns
    -------
    Header
        With "(cont.)" where the stage began in the row above.
    """
    name = theme.word(part.column.stage_name)
    if part.continued:
        name = f"{name} {theme.word('(cont.)')}"
    return Header(name=name, left=left, right=right, known=bool(part.column.stage))


def chevron_row(
    headers: Sequence[Header],
    y: float,
    theme: Theme,
    *,
    height: float = CHEVRON,
    broken: Broken | None = None,
) -> list[Item]:
    """Where do the chevrons of a row stand, and how are their names set?

    Neighbours interlock; the first begins and the last ends upright with what stands below them.

    Parameters
    ----------
    headers : sequence of Header
        From left to right.
    y, height : float
        Top and height, in inches.
    theme : Theme
        Colours and sizes.
    broken : callable, optional
        Breaks a name (text, width, size, most lines) that fits in no size; `wrap` when left out.

    Returns
    -------
    list of Item
        A chevron for each, and its name where a few letters of it fit.
    """

    def wrapped(name: str, width: float, size: float, most: int) -> tuple[str, ...]:
        return wrap(name, width, size, "bold", most, family=theme.family)

    common = _common_size(headers, theme)
    items: list[Item] = []
    for place, header in enumerate(headers):
        before = headers[place - 1] if place else None
        after = headers[place + 1] if place + 1 < len(headers) else None
        fill = theme.stage_header if header.known else theme.any_stage_header
        items.append(Polygon(points=_outline(header, y, height, before, after), fill=fill))
        size, lines = _set(header, common, height, theme, broken or wrapped)
        said = " ".join(lines)
        if not lines or (said != header.name and len(lines[0].rstrip("-…")) <= _FEW_LETTERS):
            continue
        region = Box(x=header.left, y=y, width=header.right - header.left, height=height)
        items.append(
            Label(x=header.left + header.pad, y=y + height / 2, text="\n".join(lines), size=size,
                  weight="bold", va="center", colour=theme.text_on(fill), line_height=_LINE, inside=region)
        )  # fmt: skip
    return items


def _outline(
    header: Header, y: float, height: float, before: Header | None, after: Header | None
) -> tuple[tuple[float, float], ...]:
    """Give the corners: a notch where a neighbour points in, a point where one follows."""
    start = notch = header.left
    if before is not None:
        half = min(before.point, header.point) / 2
        start, notch = header.left - half + _GAP, header.left + half + _GAP
    point = header.point if after is None else min(header.point, after.point)
    tip = header.right if after is None else header.right + point / 2 - _GAP
    body, middle, bottom = tip - point, y + height / 2, y + height
    return (start, y), (body, y), (tip, middle), (body, bottom), (start, bottom), (notch, middle)


def _common_size(headers: Sequence[Header], theme: Theme) -> float:
    """In which size fit the names of all stages on one line; the smallest where none does?"""
    wide = [header for header in headers if header.known] or list(headers)
    for size in (theme.stage_size, theme.touchpoint_size):
        if all(_wide(header.name, size, theme) <= header.room for header in wide):
            return size
    return theme.small_size


def _wide(name: str, size: float, theme: Theme) -> float:
    return text_width(name, size, "bold", family=theme.family)


def _set(
    header: Header, size: float, height: float, theme: Theme, cut: Broken
) -> tuple[float, tuple[str, ...]]:
    """Set a name as large as fits: on one line, else on two, rather than cut."""
    sizes = [each for each in (size, theme.touchpoint_size, theme.small_size) if each <= size]
    for each in sizes:
        if _wide(header.name, each, theme) <= header.room:
            return each, (header.name,)
    for each in (theme.small_size, theme.tick_size, 6.5):
        most = max(1, int(height / line_height(each, _LINE) + 0.05))
        lines = wrap(header.name, header.room, each, "bold", family=theme.family)
        if len(lines) <= most and " ".join(lines) == header.name:
            return each, lines
    most = max(1, int(height / line_height(6.5, _LINE) + 0.05))
    return 6.5, tuple(cut(header.name, header.room, 6.5, most))
