"""Which ways do customers take besides the one from column to column: arcs above the touchpoints?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from journeymap.analysis.wording import percent
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import STATE_MARK
from journeymap.model.transitions import Transition
from journeymap.render.map_columns import Column, track
from journeymap.render.map_lanes import Grid
from journeymap.render.network_lines import rounded
from journeymap.render.scene import EDGE_TEXT, LINK, Arrow, Box, Item, Label
from journeymap.render.text import text_width
from journeymap.render.theme import Theme

__all__ = ["MOST_BRANCHES", "Branch", "Branches", "branch_words", "branch_zone", "choose_branches"]

MOST_BRANCHES = 6
_OF_A_BAND = 2  # at least, before stronger ones of other bands
_LEVEL = 0.24
_LOWEST = 0.2  # of the first level above the boxes
_ABOVE = 0.12
_PORT = 0.15  # inches between arcs at one box
_GAP = 0.12  # between two arcs at one height
_TRY = 0.05


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A transition that does not lead to the next column.

    Parameters
    ----------
    source, target : int
        Columns, counted over all bands.
    share : float, optional
        Of the visits to the source.
    """

    source: int
    target: int
    share: float | None

    @property
    def left(self) -> int:
        """The column on the left."""
        return min(self.source, self.target)

    @property
    def right(self) -> int:
        """The column on the right."""
        return max(self.source, self.target)

    @property
    def back(self) -> bool:
        """Whether it leads back."""
        return self.target < self.source


@dataclass(frozen=True, kw_only=True)
class Branches:
    """The branches of a map, the strongest first.

    Parameters
    ----------
    drawn : tuple of Branch
        Those that are drawn.
    weaker : int
        How many are too weak to be drawn.
    elsewhere : int
        How many lead to another band.
    stronger : int
        How many of these are stronger than the weakest that is drawn.
    by_row : bool
        Whether some are drawn as the strongest of their row, though others are stronger.
    """

    drawn: tuple[Branch, ...] = ()
    weaker: int = 0
    elsewhere: int = 0
    stronger: int = 0
    by_row: bool = False

    def note(self, theme: Theme) -> str:
        """Say what is drawn and what is not; empty without any."""
        word = theme.word
        if not self.drawn and not self.elsewhere:
            return ""
        text = f"{word('Arcs show transitions besides the line of columns')}"
        if self.weaker:
            some = f"{len(self.drawn)} {word('of')} {len(self.drawn) + self.weaker}"
            text += (
                f", {some}: {word('the strongest of each row')}"
                if self.by_row
                else (f", {word('the strongest')} {some}")
            )
        if self.stronger:
            text += f"; {self.stronger} {word('stronger that lead to another row are not drawn')}"
        elif self.elsewhere:
            text += f"; {self.elsewhere} {word('that lead to another row are not drawn')}"
        return f"{text}."


def choose_branches(
    journey: Journey, columns: Sequence[Column], bands: Sequence[Sequence[Column]]
) -> Branches:
    """Which transitions are drawn as arcs?

    Parameters
    ----------
    journey : Journey
        With its transitions.
    columns : sequence of Column
        All columns of the map.
    bands : sequence of sequence of Column
        Into which bands they fold.

    Returns
    -------
    Branches
        The strongest that skip columns, lead back or lead to and from what floats, both ends in one band; of
        every band the two strongest as far as may be.
    """
    places: dict[str, int] = {}
    for place, column in enumerate(columns):
        places.setdefault(column.touchpoint.id, place)
    band_of = [number for number, band in enumerate(bands) for _ in band]
    following = set(pairwise(track(columns)))
    found: dict[tuple[int, int], Transition] = {}
    for transition in journey.transitions:
        # A floating touchpoint of a design is one column; from there each stage has shares of its own.
        if transition.source not in places:
            continue
        source = places[transition.source]
        target = places.get(transition.target, places.get(transition.target.partition(STATE_MARK)[0], source))
        known = found.get((source, target))
        aside = source != target and (source, target) not in following
        if aside and (known is None or _strength(transition) > _strength(known)):
            found[source, target] = transition
    by_strength = sorted(found, key=lambda ends: _strength(found[ends]), reverse=True)
    within = [ends for ends in by_strength if band_of[ends[0]] == band_of[ends[1]]]
    drawn = _of_every_band(within, band_of)
    before = by_strength[: by_strength.index(drawn[-1])] if drawn else ()
    return Branches(
        drawn=tuple(
            Branch(source=source, target=target, share=found[source, target].share)
            for source, target in drawn
        ),
        weaker=len(within) - len(drawn),
        by_row=drawn != within[: len(drawn)],
        elsewhere=len(found) - len(within),
        stronger=sum(band_of[source] != band_of[target] for source, target in before),
    )


def _of_every_band(within: Sequence[tuple[int, int]], band_of: Sequence[int]) -> list[tuple[int, int]]:
    """Choose, from the strongest on: of every band its strongest, then its second, then any."""
    ranks: dict[tuple[int, int], int] = {}
    met: dict[int, int] = {}
    for ends in within:
        band = band_of[ends[0]]
        ranks[ends] = min(met.get(band, 0), _OF_A_BAND)
        met[band] = met.get(band, 0) + 1
    chosen = set(sorted(within, key=ranks.__getitem__)[:MOST_BRANCHES])
    return [ends for ends in within if ends in chosen]


def _strength(transition: Transition) -> tuple[int, float]:
    return transition.count or 0, transition.share or 0.0


def branch_words(branches: Branches, columns: Sequence[Column]) -> str:
    """Say the arcs in a sentence; empty where there are none."""
    if not branches.drawn:
        return ""
    ways = ", ".join(
        f"{columns[branch.source].touchpoint.name} → {columns[branch.target].touchpoint.name}"
        + (f" ({percent(branch.share)} of visits)" if branch.share is not None else "")
        for branch in branches.drawn
    )
    return f"Besides the line from column to column, arcs show: {ways}."


def branch_zone(grid: Grid, branches: Iterable[Branch], first: int) -> tuple[tuple[Item, ...], float]:
    """Where do the arcs of a band stand?

    Parameters
    ----------
    grid : Grid
        The columns of the band.
    branches : iterable of Branch
        Those of the whole map.
    first : int
        The position of the band's first column.

    Returns
    -------
    tuple of Item
        Arrows and their labels, above y = 0, where the boxes begin.
    float
        How high they reach, in inches; 0 without arcs.
    """
    last = first + len(grid.columns) - 1
    here = [branch for branch in branches if first <= branch.left and branch.right <= last]
    if not here:
        return (), 0.0
    # Short arcs lie low; of a pair in both directions the one that leads back lies inside the other.
    here.sort(key=lambda branch: (branch.right - branch.left, branch.left, not branch.back))
    ports = _ports(grid, here, first)
    levels = _levels(here, ports)
    heights = {branch: -(_LOWEST + level * _LEVEL) for branch, level in levels.items()}
    legs = [(ports[branch][end], heights[branch]) for branch in here for end in (0, 1)]
    items: list[Item] = []
    taken: list[Box] = []
    for branch in here:
        (start, end), y = ports[branch], heights[branch]
        nodes = tuple(grid.columns[place - first].node for place in (branch.source, branch.target))
        items.append(
            Arrow(
                points=rounded([(start, 0.0), (start, y), (end, y), (end, 0.0)]), smooth=True,
                colour=grid.theme.edge, width=1.4, dash="dashed" if branch.back else "solid", z=LINK,
                mark="back" if branch.back else "branch", joins=nodes,
            )
        )  # fmt: skip
        if branch.share is not None:
            label, box = _label(grid, percent(branch.share), (start, end), y, legs, taken)
            items.append(label)
            taken.append(box)
    return tuple(items), _LOWEST + max(levels.values()) * _LEVEL + _ABOVE


def _ports(grid: Grid, branches: Sequence[Branch], first: int) -> Mapping[Branch, tuple[float, float]]:
    """Give the x at which each arc leaves and arrives, so that arcs at one box neither touch nor cross."""
    ends: dict[int, list[tuple[tuple[int, int], Branch, int]]] = {}
    for branch in branches:
        span = branch.right - branch.left
        for number, place in enumerate((branch.source, branch.target)):
            # From left to right: arcs to the left, nearest first; then those to the right, farthest first.
            rank = (0, span) if place == branch.right else (1, -span)
            ends.setdefault(place, []).append((rank, branch, number))
    found: dict[Branch, list[float]] = {branch: [0.0, 0.0] for branch in branches}
    for place, there in ends.items():
        there.sort(key=lambda end: (end[0], end[2]))
        for port, (_, branch, number) in enumerate(there):
            found[branch][number] = grid.centre(place - first) + (port - (len(there) - 1) / 2) * _PORT
    return {branch: (xs[0], xs[1]) for branch, xs in found.items()}


def _levels(branches: Sequence[Branch], ports: Mapping[Branch, tuple[float, float]]) -> dict[Branch, int]:
    """Give each arc the lowest level on which it meets no other."""
    rows: list[list[tuple[float, float]]] = []
    levels: dict[Branch, int] = {}
    for branch in branches:
        left, right = sorted(ports[branch])
        free = (
            number
            for number, row in enumerate(rows)
            if all(right + _GAP < a or b + _GAP < left for a, b in row)
        )
        level = next(free, len(rows))
        if level == len(rows):
            rows.append([])
        rows[level].append((left, right))
        levels[branch] = level
    return levels


def _label(
    grid: Grid,
    text: str,
    ends: tuple[float, float],
    y: float,
    legs: Sequence[tuple[float, float]],
    taken: Sequence[Box],
) -> tuple[Label, Box]:
    """Put the share on its arc, as near to the middle as no other arc's leg or label is in the way."""
    theme = grid.theme
    half = text_width(text, theme.tick_size, family=theme.family) / 2 + 0.05
    left, right = sorted(ends)
    middle = (left + right) / 2
    steps = int((right - left) / 2 / _TRY)
    tries = [middle + side * number * _TRY for number in range(steps) for side in (1, -1)] or [middle]

    def box(x: float) -> Box:
        return Box(x=x - half, y=y - 0.08, width=2 * half, height=0.16)

    def free(x: float) -> bool:
        crossed = any(abs(leg - x) < half + 0.02 and top < y + 0.08 for leg, top in legs)
        return not crossed and not any(box(x).overlaps(other, 0.02) for other in taken)

    x = next((x for x in tries if left + half < x < right - half and free(x)), middle)
    label = Label(x=x, y=y, text=text, size=theme.tick_size, ha="center", va="center", colour=theme.ink,
                  backing=theme.paper, z=EDGE_TEXT)  # fmt: skip
    return label, box(x)
