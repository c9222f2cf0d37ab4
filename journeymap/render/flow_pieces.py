"""What is a picture of flows made of: ribbons, fading ends, and names that keep apart?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from journeymap.render.network_legend import short_percent
from journeymap.render.network_lines import mixed
from journeymap.render.scene import LINK, SHAPE, Box, Curve, Item, Line, Point, Polygon
from journeymap.render.theme import Theme, contrast

__all__ = [
    "BAR",
    "END",
    "GAP",
    "LEAST",
    "LEAST_OPEN",
    "TALL",
    "TUCK",
    "amount",
    "faded",
    "kept_apart",
    "level_at",
    "opacity",
    "ribbon",
    "stub",
    "undecided",
    "veil",
]

BAR, GAP, TALL = 0.18, 0.12, 4.5  # a bar's width, the gap of two bars, the height of all journeys
END, LEAST = 0.07, 0.015  # the width of the bar of an end; the lowest bar that can be seen
_ALPHA, _ENDING, _LEAST_CONTRAST = 0.45, 0.6, 4.5
_SLICES = 16
_DASHES, LEAST_OPEN, _ARM = 0.25, 0.05, 0.34  # below which height dashes would not show a whole outline
_VEIL, TUCK = 0.62, 0.02  # what shines through behind a name; how far ribbons run under bars


def amount(weight: float, total: float, *, counted: bool) -> str:
    """How many journeys, and which share of all?

    Parameters
    ----------
    weight, total : float
        The journeys that are meant, and all.
    counted : bool
        Whether they were counted, rather than expected.

    Returns
    -------
    str
        The count with the share, the share alone where nothing was counted.

    Examples
    --------
    >>> amount(1020, 8500, counted=True), amount(0.12, 1, counted=False)
    ('1,020 (12 %)', '12 %')
    """
    share = short_percent(weight / total if total else 0.0)
    return f"{weight:,.0f} ({share})" if counted else share


def opacity(colour: str, theme: Theme, most: float = _ALPHA) -> float:
    """How opaque may a ribbon be, so that names on it can be read?

    Parameters
    ----------
    colour : str
        Of the ribbon, ``#rrggbb``.
    theme : Theme
        Ink and paper.
    most : float
        How opaque it is where that leaves names readable.

    Returns
    -------
    float
        The most, less where ink would not stand out.

    Examples
    --------
    >>> opacity("#8A97A1", Theme())
    0.45
    """
    alpha = most
    while alpha > 0.1 and contrast(theme.ink, mixed(theme.paper, colour, alpha)) < _LEAST_CONTRAST:
        alpha -= 0.05
    return round(alpha, 2)


def ribbon(
    path: Sequence[Point],
    high: float,
    colour: str,
    alpha: float,
    *,
    mark: str,
    z: float = LINK,
) -> Curve:
    """How does a band look that runs level through some places?

    Parameters
    ----------
    path : sequence of (x, y)
        Its upper edge, from left to right, in inches.
    high : float
        Its height at all of them.
    colour : str
        Of the ground.
    alpha : float
        Opacity of the ground.
    mark : str
        Its entry in the legend.
    z : float
        Draw order.

    Returns
    -------
    Curve
        Closed, of cubic Bézier pieces.
    """
    # A little under the bars, so that no line of paper shows between.
    path = [(path[0][0] - TUCK, path[0][1]), *path, (path[-1][0] + TUCK, path[-1][1])]
    points: list[Point] = [path[0]]
    points += _along(path)
    last, first = path[-1], path[0]
    points += [last, (last[0], last[1] + high), (last[0], last[1] + high)]
    points += _along([(x, y + high) for x, y in reversed(path)])
    points += [(first[0], first[1] + high), first, first]
    return Curve(points=tuple(points), fill=colour, colour=colour, width=0.0, alpha=alpha, z=z, mark=mark)


def _along(path: Sequence[Point]) -> Iterator[Point]:
    for (x0, y0), (x1, y1) in pairwise(path):
        middle = (x0 + x1) / 2
        yield from ((middle, y0), (middle, y1), (x1, y1))


def level_at(start: Point, end: Point, x: float) -> float:
    """How high is the edge of a ribbon between two bars?

    Parameters
    ----------
    start, end : (x, y)
        Where it begins and ends.
    x : float
        Where it is asked for.

    Returns
    -------
    float
        Its y there.

    Examples
    --------
    >>> round(level_at((0, 0), (2, 1), 1.0), 3)
    0.5
    """
    part = min(1.0, max(0.0, (x - start[0]) / (end[0] - start[0])))
    low, high = 0.0, 1.0
    for _ in range(20):  # x is 1.5 t (1 - t) + t³, which grows with t
        t = (low + high) / 2
        low, high = (t, high) if 1.5 * t * (1 - t) + t**3 < part else (low, t)
    return start[1] + (end[1] - start[1]) * t * t * (3 - 2 * t)


def faded(
    left: float, right: float, top: float, high: float, colour: str, alpha: float, *, mark: str, out: bool
) -> Iterator[Polygon]:
    """How does a band come out of nothing, or fade into it?

    Parameters
    ----------
    left, right, top, high : float
        Where it lies, in inches.
    colour : str
        Of the band.
    alpha : float
        Its opacity at the full end.
    mark : str
        Its entry in the legend.
    out : bool
        Whether it fades to the right; else it begins there.

    Yields
    ------
    Polygon
        Pieces that all reach to the full end and lie on each other, so that no seams show.
    """
    wide = (right - left) / _SLICES
    each = 1 - (1 - alpha) ** (1 / _SLICES)
    for place in range(_SLICES):
        x0, x1 = (left, right - wide * place) if out else (left + wide * place, right)
        corners = ((x0, top), (x1, top), (x1, top + high), (x0, top + high))
        yield Polygon(points=corners, fill=colour, alpha=each, z=LINK, mark=mark)


def stub(start: Point, end: Point, high: float, kind: str, theme: Theme) -> Iterator[Item]:
    """How do journeys end: in a short band that leaves their bar, with a bar of its own?

    Parameters
    ----------
    start, end : (x, y)
        The upper edge of the band, where it leaves the bar and where it ends.
    high : float
        Its height.
    kind : str
        ``lost``, ``open``, ``ended`` or ``goal``; empty for one that is not brought out.
    theme : Theme
        Colours.

    Yields
    ------
    Item
        The band and its bar: full where it is clear how the journeys ended, hollow for those that only end.
    """
    colours = {"": theme.rule, "lost": theme.pain, "goal": theme.stage_header}
    colour, mark = colours.get(kind, theme.interval), kind or "aside"
    band = ribbon([start, end], high, colour, _ENDING, mark=mark)
    if kind == "lost" and theme.pain_hatch:
        band = replace(band, fill=theme.pain_tint, hatch=theme.pain_hatch, width=0.6, alpha=1.0)
    yield band
    bar = Box(x=end[0], y=end[1], width=END, height=max(high, LEAST), fill=colour, mark=mark)
    if kind in colours:
        yield bar
        return
    bar = replace(bar, fill=theme.paper, edge=theme.curve)
    if kind == "open":
        yield from undecided(bar, theme)
    else:
        yield bar


def undecided(bar: Box, theme: Theme) -> Iterator[Item]:
    """How does the bar of journeys look that are not decided yet: hollow, with a broken outline?

    Parameters
    ----------
    bar : Box
        Where it stands, with its mark.
    theme : Theme
        Colours.

    Yields
    ------
    Item
        A dashed box. A low one is drawn as its four corners, as dashes would begin and end anywhere; the
        lowest are made high enough to be seen as boxes.
    """
    if bar.height >= _DASHES:
        yield replace(bar, fill=theme.paper, edge=theme.curve, dash="dashed")
        return
    high = max(bar.height, LEAST_OPEN)
    # Above its neighbours, which it may touch where it is higher than its journeys.
    low = replace(
        bar, y=bar.centre[1] - high / 2, height=high, fill=theme.paper, edge=None, z=bar.z + 0.05
    )  # fmt: skip
    yield low
    for x, along in ((low.x, low.width), (low.right, -low.width)):
        for y, down in ((low.y, high), (low.bottom, -high)):
            points = ((x + along * _ARM, y), (x, y), (x, y + down * _ARM))
            yield Line(points=points, colour=theme.curve, width=bar.line_width, z=low.z, mark=bar.mark)


def veil(x: float, y: float, width: float, height: float, theme: Theme) -> Polygon:
    """What lies between a name and the ribbons that run behind it?

    Parameters
    ----------
    x, y, width, height : float
        Where the name stands, in inches.
    theme : Theme
        Gives the paper.

    Returns
    -------
    Polygon
        Paper that shines through.
    """
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return Polygon(points=corners, fill=theme.paper, alpha=_VEIL, z=SHAPE - 0.1)


def kept_apart(middles: Sequence[float], heights: Sequence[float], top: float) -> list[float]:
    """Where do names stand that must not touch, each as near to its own place as they allow?

    Parameters
    ----------
    middles : sequence of float
        Where each would like its middle to be, from top to bottom.
    heights : sequence of float
        How high each is.
    top : float
        None begins above.

    Returns
    -------
    list of float
        Their middles. The sum of the squared moves is the smallest possible.

    Examples
    --------
    >>> kept_apart([1.0, 1.1, 3.0], [0.2, 0.2, 0.2], 0.0)
    [0.95, 1.15, 3.0]
    """
    blocks: list[tuple[float, list[int]]] = []  # wanted start of a block, and who stands in it
    before = [sum(heights[:place]) for place in range(len(heights))]
    for place, (middle, high) in enumerate(zip(middles, heights, strict=True)):
        start, members = middle - high / 2 - before[place], [place]
        while blocks and blocks[-1][0] > start:
            other, earlier = blocks.pop()
            start = (other * len(earlier) + start * len(members)) / (len(earlier) + len(members))
            members = earlier + members
        blocks.append((start, members))
    starts = {member: max(start, top) for start, members in blocks for member in members}
    return [round(starts[place] + before[place] + heights[place] / 2, 9) for place in range(len(heights))]
