"""In which column and row does each box of a network stand, so that few arrows cross?"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple, TypeAlias

from journeymap.render.network_content import Network, Node

__all__ = ["Grid", "grids_of"]

MOST_ROWS = 7
_SWEEPS = 8
_LARGE = 26
_Cell: TypeAlias = tuple[int, int]
_Columns: TypeAlias = list[list[str | None]]


class _Pull(NamedTuple):
    """A link as the layout sees it."""

    source: str
    target: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Columns of boxes on common rows.

    Parameters
    ----------
    columns : tuple of tuple of (str or None)
        For every column the node in each row; None: an empty place. All have the same length.
    bands : tuple of str
        For every column the id of its band.
    cost : float
        What the eye pays for it, as far as the places alone tell.
    """

    columns: tuple[tuple[str | None, ...], ...]
    bands: tuple[str, ...]
    cost: float = 0.0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.columns[0]) if self.columns else 0

    def cells(self) -> dict[str, _Cell]:
        """Give the (column, row) of every node."""
        return {
            name: (column, row)
            for column, names in enumerate(self.columns)
            for row, name in enumerate(names)
            if name is not None
        }

    def is_free(self, column: int, rows: Iterable[int]) -> bool:
        """Whether no box stands on these rows of a column."""
        return all(self.columns[column][row] is None for row in rows)


def grids_of(network: Network) -> Iterator[Grid]:
    """Which places may the nodes have?

    Columns follow the stages; a stage with more than seven touchpoints gets several columns, by the
    place of its touchpoints in journeys. Rows start from barycentre sweeps over several orders and are then
    improved by exchanging places while that shortens the arrows and saves crossings.

    Parameters
    ----------
    network : Network
        What is to be drawn.

    Yields
    ------
    Grid
        The same for equal input on every run, each once; of a large picture few, as each costs its time.
    """
    columns, bands = _columns(network)
    links = [
        _Pull(link.source, link.target, link.weight) for link in network.links if link.source != link.target
    ]
    rows = max((len(names) for names in columns), default=0)
    orders = _ORDERS if len(network.nodes) <= _LARGE else _ORDERS[:_FEW_ORDERS]
    known: set[tuple[tuple[str | None, ...], ...]] = set()
    for order, swept in orders:
        places: _Columns = [_spread(order(names), rows) for names in columns]
        for forward in (True, False, True, False) if swept else ():
            _barycentre(places, links, forward=forward)
        _exchanged(places, links)
        found = tuple(tuple(names) for names in places)
        if found not in known:
            known.add(found)
            yield Grid(columns=found, bands=tuple(bands), cost=_cost(places, links))


def _halved(names: list[str]) -> list[str]:
    return [*names[::2], *names[1::2]]


# From where the search starts: an order of each column, and whether it is swept first.
_ORDERS: tuple[tuple[Callable[[list[str]], list[str]], bool], ...] = (
    (list, True),
    (lambda names: names[::-1], True),
    (_halved, True),
    (lambda names: _halved(names)[::-1], True),
    (list, False),
    (_halved, False),
)
_FEW_ORDERS = 2


def _columns(network: Network) -> tuple[list[list[str]], list[str]]:
    members: dict[str, list[Node]] = defaultdict(list)
    for node in network.nodes:
        members[node.band].append(node)
    most = MOST_ROWS
    if len(network.bands) == 1 and len(network.nodes) > 4:
        # A lone stage gives no order from left to right, so that a square of columns by position does.
        most = math.ceil(math.sqrt(0.8 * len(network.nodes)))
    columns: list[list[str]] = []
    bands: list[str] = []
    for band in network.bands:
        nodes = members[band.id]
        if len(nodes) > most and all(node.position is not None for node in nodes):
            nodes = sorted(nodes, key=lambda node: node.position or 0.0)
        for part in _parts([node.id for node in nodes], most):
            columns.append(part)
            bands.append(band.id)
    return columns, bands


def _parts(names: list[str], most: int) -> list[list[str]]:
    count = math.ceil(len(names) / most)
    size, extra = divmod(len(names), count)
    parts, start = [], 0
    for number in range(count):
        end = start + size + (number < extra)
        parts.append(names[start:end])
        start = end
    return parts


def _spread(names: Sequence[str], rows: int) -> list[str | None]:
    above = (rows - len(names)) // 2
    return [None] * above + list(names) + [None] * (rows - len(names) - above)


def _cells(places: _Columns) -> dict[str, _Cell]:
    return {
        name: (column, row)
        for column, names in enumerate(places)
        for row, name in enumerate(names)
        if name is not None
    }


def _barycentre(places: _Columns, links: Sequence[_Pull], *, forward: bool) -> None:
    """Order every column by the mean row of the neighbours on one side."""
    order = range(1, len(places)) if forward else range(len(places) - 2, -1, -1)
    for column in order:
        cells = _cells(places)
        pull: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for link in links:
            for name, other in ((link.source, link.target), (link.target, link.source)):
                before = cells[other][0] < column if forward else cells[other][0] > column
                if cells[name][0] == column and before:
                    pull[name].append((cells[other][1], link.weight))
        names = [name for name in places[column] if name is not None]
        middle = {
            name: sum(row * weight for row, weight in pull[name]) / sum(weight for _, weight in pull[name])
            if pull[name]
            else float(cells[name][1])
            for name in names
        }
        names.sort(key=lambda name: (middle[name], cells[name][1]))
        places[column] = _spread(names, len(places[column]))


def _exchanged(places: _Columns, links: Sequence[_Pull]) -> None:
    """Exchange, turn round and shift parts of columns in place, as long as that makes the picture cheaper."""
    column_of = {name: column for name, (column, _) in _cells(places).items()}
    for _ in range(_SWEEPS):
        changed = False
        for number, column in enumerate(places):
            touched = _touched(number, column_of, links)
            best = _cost(places, touched)
            for option in _moves(column):
                places[number] = option
                cost = _cost(places, touched)
                if cost < best - 1e-9:
                    best, column, changed = cost, option, True  # noqa: PLW2901 - the next moves start here
                else:
                    places[number] = column
        if not changed and not _turned(places, links):
            break


def _turned(places: _Columns, links: Sequence[_Pull]) -> bool:
    """Turn whole columns upside down, from one on to another, where that makes the picture cheaper."""
    best = _cost(places, links)
    turned = False
    for first, last in combinations(range(len(places) + 1), 2):
        kept = places[first:last]
        places[first:last] = [list(reversed(column)) for column in kept]
        cost = _cost(places, links)
        if cost < best - 1e-9:
            best, turned = cost, True
        else:
            places[first:last] = kept
    return turned


def _touched(number: int, column_of: dict[str, int], links: Sequence[_Pull]) -> list[_Pull]:
    """List the links whose cost depends on a column: they end there, pass it, or may cross one that does."""
    spans = [sorted((column_of[link.source], column_of[link.target])) for link in links]
    ends = {right for left, right in spans if number in {left, right} and left < right}
    return [
        link
        for link, (left, right) in zip(links, spans, strict=True)
        if left <= number <= right or (right in ends and left < right)
    ]


def _moves(column: list[str | None]) -> Iterable[list[str | None]]:
    """Offer neighbours of an order: two places exchanged, a part turned round, one place moved."""
    size = len(column)
    for first, second in combinations(range(size), 2):
        if any(name is not None for name in column[first : second + 1]):
            exchanged = list(column)
            exchanged[first], exchanged[second] = column[second], column[first]
            yield exchanged
            yield [*column[:first], *reversed(column[first : second + 1]), *column[second + 1 :]]
            yield [*column[:first], *column[first + 1 : second + 1], column[first], *column[second + 1 :]]


def _cost(places: _Columns, links: Sequence[_Pull]) -> float:
    """Give what the eye pays: long and crossing arrows, ways around boxes, scattered columns."""
    cells = _cells(places)
    total = 0.0
    between: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for source, target, weight in links:
        column, row = cells[source]
        other, end = cells[target]
        if column == other:
            total += weight * _upright(places[column], row, end)
            continue
        left, right = (column, other) if column < other else (other, column)
        total += weight * _climb(abs(row - end))
        for passed in range(left + 1, right):
            total += weight * (0.6 if places[passed][end] is not None else 0.0)
        between[right].append((row, end, weight) if column < other else (end, row, weight))
    for lines in between.values():
        total += _crossings(lines)
    middle = (len(places[0]) - 1) / 2 if places else 0.0
    return total + sum(0.02 * abs(row - middle) for _, row in cells.values())


def _upright(column: Sequence[str | None], row: int, end: int) -> float:
    """Give what an arrow within a column costs; people read downwards."""
    rows = end - row
    upwards = 1.0 if rows < 0 else 0.0
    first, last = (row + 1, end) if rows > 0 else (end + 1, row)
    if all(name is None for name in column[first:last]):
        return upwards + 0.35 * abs(rows)
    return upwards + 1.6 + 0.5 * abs(rows)


def _climb(rows: int) -> float:
    """Give what an arrow to another row costs: that it bends counts more than how far it runs."""
    return 0.6 + 0.4 * rows if rows else 0.0


def _crossings(lines: Sequence[tuple[int, int, float]]) -> float:
    total = 0.0
    for number, (start, stop, weight) in enumerate(lines):
        for other_start, other_stop, other_weight in lines[:number]:
            if (start - other_start) * (stop - other_stop) < 0:
                total += 0.5 * min(weight, other_weight)
    return total
