"""Where do bars, ribbons and ends lie when journeys run from touchpoint to touchpoint?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from journeymap.render.chart_parts import MARGIN
from journeymap.render.flow_pieces import BAR, GAP, LEAST, LEAST_OPEN
from journeymap.render.flow_positions import ENDS, Passage, PositionFlow, Stop

__all__ = ["PITCH", "STUB", "PositionLayout"]

PITCH, STUB = 2.2, 0.32  # from column to column; how far to the right of its bar a journey ends
_DROP, _APART, _BELOW = 0.08, 0.04, 0.07  # how far an end falls; gaps of two ends, and below the last


@dataclass(kw_only=True)
class PositionLayout:
    """Where bars and the ends of ribbons lie, in inches.

    What goes on leaves a bar above what ends there: so an end falls into the gap below its own bar, and
    crosses neither what goes on from there nor the next bar.

    Parameters
    ----------
    flow : PositionFlow
        What is shown.
    top : float
        Where the bars begin.
    scale : float
        Inches a journey.
    bars : dict
        The upper end of every bar.
    out, into : dict
        The upper edge of every ribbon at its left and right end.
    ends : dict
        The upper end of the bar of every end.
    """

    flow: PositionFlow
    top: float
    scale: float
    bars: dict[tuple[int, str], float] = field(default_factory=dict)
    out: dict[Passage, float] = field(default_factory=dict)
    into: dict[Passage, float] = field(default_factory=dict)
    ends: dict[Passage, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out all columns, from left to right."""
        for column in range(len(self.flow.columns)):
            self._hang(column)
        for column in range(1, len(self.flow.columns)):
            ranks = [self._ranks(column - 1), self._ranks(column)]
            down = {key: self.bars[column, key] for key in ranks[1]}
            coming = [p for p in self.out if p.column == column - 1 and not p.is_end]
            for passage in sorted(coming, key=lambda p: (ranks[0][p.source], not p.bright)):
                self.into[passage] = down[passage.target]
                down[passage.target] += passage.weight * self.scale

    def _ranks(self, column: int) -> dict[str, int]:
        return {stop.key: n for n, stop in enumerate(self.flow.columns[column])}

    def _hang(self, column: int) -> None:
        """Hang the bars of a column below each other, with room for what ends at each."""
        flow, y = self.flow, self.top
        here = [passage for passage in flow.passages if passage.column == column]
        ranks = self._ranks(column + 1) if column + 1 < len(flow.columns) else {}
        ranks |= {end: len(ranks) + n for n, end in enumerate(ENDS)}
        for stop in flow.columns[column]:
            self.bars[column, stop.key] = down = y
            low = y + self.high(stop) + GAP
            free = y
            leaving = [passage for passage in here if passage.source == stop.key]
            for passage in sorted(leaving, key=lambda p: (ranks[p.target], not p.bright)):
                self.out[passage] = down
                if passage.is_end:
                    self.ends[passage] = max(down + _DROP, free)
                    bottom = self.ends[passage] + self.shown(passage)
                    free, low = bottom + _APART, max(low, bottom + _BELOW)
                down += passage.weight * self.scale
            y = low

    def x(self, column: int) -> float:
        """Give the left side of a column's bars."""
        return MARGIN + column * PITCH

    def high(self, stop: Stop) -> float:
        """Give the height of a bar."""
        return max(stop.weight * self.scale, LEAST)

    def shown(self, passage: Passage) -> float:
        """Give the height of the bar of an end."""
        return max(passage.weight * self.scale, LEAST_OPEN if passage.target == "open" else LEAST)

    def ends_of(self, column: int, keys: Iterable[str]) -> list[Passage]:
        """Give what ends at bars of a column, from top to bottom."""
        wanted = set(keys)
        return [p for p in self.ends if p.column == column and p.source in wanted]

    def end_right(self, column: int) -> float:
        """Give the x where the ends of a column begin to have their bars."""
        return self.x(column) + BAR + STUB

    def bottom(self) -> float:
        """Give the y below all bars."""
        lows = [
            self.bars[column, stop.key] + self.high(stop)
            for column, stops in enumerate(self.flow.columns)
            for stop in stops
        ]
        return max([self.top, *lows, *(y + self.shown(p) for p, y in self.ends.items())])
