"""Where do the panels below the strips of the service picture stand?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from journeymap.analysis.service_view import ServiceView
from journeymap.render.chart_parts import MARGIN
from journeymap.render.scene import Item, LegendEntry
from journeymap.render.service_chart_effect import effect_entries, effect_panel
from journeymap.render.service_chart_flow import flow_entries, flow_panel
from journeymap.render.service_chart_gap import gap_entries, gap_panel
from journeymap.render.service_chart_owners import owner_entries, owner_panel
from journeymap.render.service_chart_room import BETWEEN, LEFT
from journeymap.render.service_chart_table import service_table
from journeymap.render.theme import Theme

__all__ = ["flow_and_table", "has_flow", "has_panels", "has_table", "panel_entries", "panels"]

_Panel: TypeAlias = Callable[[float, float, float], tuple[list[Item], float]]

_BESIDE = 11.0  # inches from which panels stand beside each other
_ABOVE = 0.34  # between two panels


def has_flow(view: ServiceView) -> bool:
    """Whether there is anything to say of what leads to service, and of what follows."""
    return view.observed and bool(view.before or view.triggers or view.after)


def has_table(view: ServiceView) -> bool:
    """Whether any service touchpoint was used."""
    return any(row.contacts for row in view.by_touchpoint)


def has_panels(view: ServiceView) -> bool:
    """Whether teams, the gap or an effect are known."""
    return bool((view.causes and view.causes.owners) or view.gap or view.effects)


def flow_and_table(
    view: ServiceView, numbers: Mapping[str, int], y: float, inner: float, theme: Theme
) -> tuple[list[Item], float]:
    """Where do the ways to and from service and the table stand?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    numbers : mapping of str to int
        The numbers of touchpoints in the key; empty where their names stand in the columns.
    y, inner : float
        The top, and the room between the margins, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        Both beside each other where there is room, else one below the other.
    float
        The y below.
    """
    items: list[Item] = []
    beside = inner >= _BESIDE and has_flow(view) and has_table(view)
    left = inner * LEFT if beside else inner
    top, bottom = y + 0.2, y
    if has_flow(view):
        panel, bottom = flow_panel(view, top, left, theme)
        items += panel
    if has_table(view):
        rows = [row for row in view.by_touchpoint if row.contacts]
        x, room = (MARGIN + left + BETWEEN, inner - left - BETWEEN) if beside else (MARGIN, inner)
        # the names of its columns stand on the line of the captions of the arrows
        start = top - 0.14 if beside else bottom + 0.24
        table, below = service_table(rows, view.whole, numbers, start, room, theme, x=x)
        items += table
        bottom = max(bottom, below)
    return items, bottom


def panels(view: ServiceView, y: float, inner: float, theme: Theme) -> tuple[list[Item], float]:
    """Where do the matrix of teams, the quadrant of the gap and the effect stand?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    y, inner : float
        The top, and the room between the margins, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        Two beside each other where there is room, a third below them; what is not known is left out.
    float
        The y below.
    """
    found = _known(view, theme)
    if not found:
        return [], y
    items: list[Item] = []
    left = inner * LEFT
    columns = [(MARGIN, left), (MARGIN + left + BETWEEN, inner - left - BETWEEN)]
    if inner < _BESIDE:
        columns = [(MARGIN, inner)]
    while found:
        row, found = found[: len(columns)], found[len(columns) :]
        alone = [(MARGIN, inner)] if len(row) == 1 and items else columns
        bottoms = [y]
        for panel, (x, room) in zip(row, alone, strict=False):
            laid, bottom = panel(x, y + _ABOVE, room)
            items += laid
            bottoms.append(bottom)
        y = max(bottoms)
    return items, y


def _known(view: ServiceView, theme: Theme) -> list[_Panel]:
    found: list[_Panel] = []
    causes, gap, effects = (
        view.causes,
        view.gap,
        view.effects,
    )
    if causes and causes.owners:
        found.append(lambda x, y, width: owner_panel(causes, x, y, width, theme))
    if gap:
        found.append(lambda x, y, width: gap_panel(gap, x, y, width, theme))
    if effects:
        found.append(lambda x, y, width: effect_panel(effects, x, y, width, theme))
    return found


def panel_entries(view: ServiceView, theme: Theme) -> list[LegendEntry]:
    """What do the marks of all panels mean?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of LegendEntry
        In the order of the panels.
    """
    teams = owner_entries(view.causes, theme) if view.causes and view.causes.owners else []
    return [*flow_entries(theme), *teams, *gap_entries(theme), *effect_entries(theme)]
