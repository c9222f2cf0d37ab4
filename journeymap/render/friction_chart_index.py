"""How is the weighted index of friction drawn: stacked bars whose parts add up to it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from journeymap.analysis.friction_point import FrictionPoint
from journeymap.analysis.friction_words import words_of
from journeymap.render.chart_parts import bar
from journeymap.render.scene import TEXT, Box, Item, Label, LegendEntry
from journeymap.render.theme import Theme

__all__ = ["INDEX_TEXT", "index_bars", "index_entries", "index_parts"]

INDEX_TEXT = 0.42  # room for the number behind a bar, in inches
_BAR = 0.2
_REST = "other"
_LEAST = 1e-9
_NEAR = 60.0  # of 441 between black and white


def index_parts(weights: Mapping[str, float], theme: Theme) -> tuple[str, ...]:
    """Which signals have a part of their own in the bars?

    Parameters
    ----------
    weights : mapping of str to float
        The weights of the index.
    theme : Theme
        Has so many colours for parts.

    Returns
    -------
    tuple of str
        The heaviest, in the order of `weights`; ``other`` at the end stands for the rest of many.
    """
    most = len(_looks(theme))
    if len(weights) <= most:
        return tuple(weights)
    heaviest = sorted(weights, key=lambda kind: -weights[kind])[: most - 1]
    return (*(kind for kind in weights if kind in heaviest), _REST)


def index_bars(
    points: Sequence[FrictionPoint],
    middles: Sequence[float],
    parts: Sequence[str],
    left: float,
    width: float,
    theme: Theme,
) -> Iterable[Item]:
    """Where do the bars of the index stand?

    Parameters
    ----------
    points : sequence of FrictionPoint
        The rows.
    middles : sequence of float
        The middle of each row, in inches.
    parts : sequence of str
        The signals that have a part of their own.
    left, width : float
        The left end, and the length of the largest bar.
    theme : Theme
        Sizes, colours and words.

    Yields
    ------
    Item
        A box for each part, and the index as a number.
    """
    most = max((point.index or 0.0 for point in points), default=0.0)
    for point, middle in zip(points, middles, strict=True):
        x = left
        for kind in parts:
            amount = _amount(point, kind, parts)
            if amount > _LEAST and most > 0:
                wide = width * amount / most
                box = Box(x=x, y=middle - _BAR / 2, width=wide, height=_BAR, mark=f"index {kind}")
                yield _filled(box, parts.index(kind), theme)
                x += wide
        strong = point.is_friction
        yield Label(
            x=x + 0.07, y=middle, text=f"{point.index or 0.0:.0f}", size=theme.small_size, va="center",
            weight="bold" if strong else "normal", colour=theme.ink if strong else theme.muted, z=TEXT,
        )  # fmt: skip


def _amount(point: FrictionPoint, kind: str, parts: Sequence[str]) -> float:
    if kind == _REST:
        return sum(amount for of, amount in point.contributions.items() if of not in parts)
    return point.contributions.get(kind, 0.0)


def _looks(theme: Theme) -> list[tuple[str, str]]:
    """Give the colours of parts with their hatches, but for the one that stands for friction itself."""
    both = list(zip(theme.categories, theme.category_hatches, strict=True))
    return [
        (colour, hatch)
        for colour, hatch in both
        if (hatch != theme.pain_hatch if theme.pain_hatch else _unlike(colour, theme.pain))
    ]


def _unlike(colour: str, other: str) -> bool:
    """Say whether two colours, written as #rrggbb, can be told apart at a glance."""
    parts = [[int(text[at : at + 2], 16) for at in (1, 3, 5)] for text in (colour, other)]
    return bool(sum((one - two) ** 2 for one, two in zip(*parts, strict=True)) > _NEAR**2)


def _filled(box: Box, place: int, theme: Theme) -> Box:
    return bar(box, *_looks(theme)[place], theme)


def index_entries(weights: Mapping[str, float], parts: Sequence[str], theme: Theme) -> Iterable[LegendEntry]:
    """What does the legend say of the parts of the index?

    Parameters
    ----------
    weights : mapping of str to float
        The weights of the index.
    parts : sequence of str
        The signals that have a part of their own.
    theme : Theme
        Sizes, colours and words.

    Yields
    ------
    LegendEntry
        One a part, with its weight.
    """
    for place, kind in enumerate(parts):
        box = _filled(Box(x=0, y=-0.05, width=0.2, height=0.1, mark=f"index {kind}"), place, theme)
        if kind == _REST:
            text = theme.word("other signals of the index")
        else:
            weight = f"{theme.word('weight')} {weights[kind]:g}"
            text = f"{theme.word(words_of(kind).head)} ({weight})"
        yield LegendEntry(mark=f"index {kind}", marks=(box,), text=text, width=0.2)
