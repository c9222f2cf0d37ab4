"""How do the panels of the service picture share the page, and how are names and findings written?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from journeymap.model.stages import STANDARD_STAGES
from journeymap.model.touchpoints import STATE_MARK
from journeymap.render.chart_parts import paragraph
from journeymap.render.scene import Item, Label
from journeymap.render.theme import Theme

__all__ = ["BETWEEN", "LEFT", "panel_head", "repeated", "with_stage"]

LEFT, BETWEEN = 0.52, 0.35  # the part of the left one of two, and the inches between them


_STANDARD = {stage.name for stage in STANDARD_STAGES}


def repeated(named: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Which touchpoints stand several times: at several stages, or under one name?

    Parameters
    ----------
    named : iterable of (str, str)
        Node and name of each.

    Returns
    -------
    frozenset of str
        Their nodes.
    """
    known = dict(named)
    counts = Counter(known.values())
    return frozenset(node for node, name in known.items() if STATE_MARK in node or counts[name] > 1)


def with_stage(name: str, stage: str) -> str:
    """What is a touchpoint called that stands at several stages?

    Parameters
    ----------
    name, stage : str
        Its name and that of the stage.

    Returns
    -------
    str
        Both in words; the name alone without a stage.

    Examples
    --------
    >>> with_stage("Front desk call", "Loyalty")
    'Front desk call, loyalty'
    """
    if not stage:
        return name
    return f"{name}, {stage.lower() if stage in _STANDARD else stage}"


def panel_head(
    name: str, finding: str, x: float, y: float, width: float, theme: Theme
) -> tuple[list[Item], float]:
    """Where do the name of a panel and its finding stand?

    Parameters
    ----------
    name : str
        In English; the theme translates it.
    finding : str
        One sentence or two.
    x, y, width : float
        Left, top and room, in inches.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        The texts.
    float
        The y below them.
    """
    named, high = paragraph(theme.word(name), x, y, width, theme, size=theme.small_size, colour=theme.muted)
    items: list[Item] = [replace(item, weight="bold") if isinstance(item, Label) else item for item in named]
    y += high + 0.03
    said, high = paragraph(finding, x, y, width, theme, size=theme.body_size)
    return [*items, *said], y + high + 0.1
