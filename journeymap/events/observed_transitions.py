"""The transitions of an observed journey, each with its share and wait, and how sure these are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from journeymap.errors import InvalidLogError
from journeymap.events.count_columns import dense, numbers
from journeymap.events.queries.wait_quantiles import GRID, grid_column
from journeymap.model.transitions import Transition, Wait
from journeymap.stats.clusters import design_effect
from journeymap.stats.many_intervals import median_intervals, share_intervals

__all__ = ["MOST_TRANSITIONS", "counted_transitions", "observed_transitions", "refuse_too_many"]

MOST_TRANSITIONS = 300_000  # each is a value of its own in memory, some 3 KB with what it is counted from
_AT_ONCE = 4_096  # transitions; so many times the groups fit into the cache of a processor

Numbers = np.ndarray[Any, Any]


def observed_transitions(
    nodes: Sequence[str], touchpoints: pa.Table, transitions: pa.Table, waits: pa.Table, groups: int
) -> tuple[Transition, ...]:
    """Make every transition.

    Parameters
    ----------
    nodes : sequence of str
        What the states are called.
    touchpoints : pyarrow.Table
        ``visits`` and ``customers`` by ``state`` and ``g``.
    transitions : pyarrow.Table
        What was counted by ``state``, ``next_state`` and ``g``, in this order.
    waits : pyarrow.Table
        The quantiles of the waits by ``state`` and ``next_state``.
    groups : int
        How many customer groups there are.

    Returns
    -------
    tuple of Transition
        In the order of the states.
    """
    columns = {name: numbers(transitions, name) for name in transitions.column_names}
    if not columns["g"].size:
        return ()
    pairs = _pairs(transitions, len(nodes))
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    at_wait = _places(pairs[starts], _pairs(waits, len(nodes)))
    grid = np.column_stack([numbers(waits, grid_column(share)) for share in GRID])
    state, visited = numbers(touchpoints, "state"), numbers(touchpoints, "g")
    visits = dense(state, visited, numbers(touchpoints, "visits"), (len(nodes), groups))
    customers = np.bincount(state, numbers(touchpoints, "customers"), len(nodes))
    made: list[Transition] = []
    ends = np.append(starts[1:], pairs.size)
    for first in range(0, starts.size, _AT_ONCE):
        chosen = slice(first, first + _AT_ONCE)
        rows = slice(starts[first], ends[chosen][-1])
        part = {name: values[rows] for name, values in columns.items()}
        source = part["state"][starts[chosen] - rows.start]
        made += _made(nodes, part, visits[source], customers[source], grid[at_wait[chosen]])
    return tuple(made)


def counted_transitions(
    nodes: Sequence[str], touchpoints: pa.Table, transitions: pa.Table
) -> tuple[Transition, ...]:
    """Make every transition from counts that are not told apart by group: nothing says how sure they are.

    Parameters
    ----------
    nodes : sequence of str
        What the states are called.
    touchpoints : pyarrow.Table
        ``visits`` by ``state``.
    transitions : pyarrow.Table
        ``count``, ``wait_us`` (the sum) and the quantiles ``q_50`` and ``q_90`` of the wait, by ``state`` and
        ``next_state``, in this order.

    Returns
    -------
    tuple of Transition
        In the order of the states.
    """
    visits = dict(
        zip(numbers(touchpoints, "state").tolist(), numbers(touchpoints, "visits").tolist(), strict=True)
    )
    state, count = numbers(transitions, "state").tolist(), numbers(transitions, "count")
    waits = (
        numbers(transitions, "wait_us") / count,
        *(numbers(transitions, grid_column(p)) for p in (0.5, 0.9)),
    )
    told = (state, numbers(transitions, "next_state").tolist(), count.tolist(), *map(_spans, waits))
    return tuple(
        Transition(
            source=nodes[source],
            target=nodes[target],
            count=times,
            share=times / visits[source],
            wait=Wait(median=median, mean=mean, p90=p90),
        )
        for source, target, times, mean, median, p90 in zip(*told, strict=True)
    )


def refuse_too_many(waits: pa.Table, touchpoints: int) -> None:
    """Refuse what would not fit into memory, and what nobody could look at.

    Parameters
    ----------
    waits : pyarrow.Table
        The waits between touchpoints, one row a transition; nothing is refused before they are known.
    touchpoints : int
        How many touchpoints there are, a floating one counted once a stage.

    Raises
    ------
    InvalidLogError
        There are more than `MOST_TRANSITIONS`.
    """
    if isinstance(waits, pa.Table) and waits.num_rows > MOST_TRANSITIONS:
        raise InvalidLogError.because(
            f"there are {waits.num_rows:,} different transitions between {touchpoints:,} touchpoints.",
            expected=f"Expected at most {MOST_TRANSITIONS:,}.",
            hint="bring raw events together as touchpoints of a design and choose unmapped='ignore', or "
            "count a part of the log with where(...) or between(start, end)",
        )


def _pairs(table: pa.Table, nodes: int) -> Numbers:
    """Stand for each pair of states by one number that rises as they do."""
    return np.asarray(numbers(table, "state").astype(np.int64) * nodes + numbers(table, "next_state"))


def _places(wanted: Numbers, among: Numbers) -> Numbers:
    """Look up where each number stands; the engine names the same pairs in both tables."""
    order = np.argsort(among, kind="stable")
    return np.asarray(order[np.searchsorted(among, wanted, sorter=order)])


def _made(
    nodes: Sequence[str], part: dict[str, Numbers], visits: Numbers, customers: Numbers, grid: Numbers
) -> Iterator[Transition]:
    """Make the transitions of some rows: `visits` by group, `customers` and `grid` have one row each."""
    moved = (np.diff(part["state"], prepend=-1) != 0) | (np.diff(part["next_state"], prepend=-1) != 0)
    starts, shape = np.flatnonzero(moved), visits.shape
    row = np.cumsum(moved) - 1
    taken, below = (dense(row, part["g"], part[name], shape) for name in ("count", "below_median"))
    count, distinct, waited = (
        np.add.reduceat(part[name].astype(kind), starts)
        for name, kind in (("count", np.int64), ("customers", np.int64), ("wait_us", np.float64))
    )
    share = share_intervals(taken, visits, customers)
    median = median_intervals(GRID, grid, count / design_effect(below, taken), df=max(shape[1] - 1, 1))
    spans = (grid[:, GRID.index(0.5)], waited / count, grid[:, GRID.index(0.9)], *median)
    names = ([nodes[n] for n in part[name][starts].tolist()] for name in ("state", "next_state"))
    told = (*names, count.tolist(), distinct.tolist(), *(ends.tolist() for ends in share))
    for one, waits in zip(zip(*told, strict=True), zip(*map(_spans, spans), strict=True), strict=True):
        source, target, times, by, value, low, high = one
        usual, mean, p90, usual_low, usual_high = waits
        yield Transition(
            source=source,
            target=target,
            count=times,
            customers=by,
            share=value,
            share_low=low,
            share_high=high,
            wait=Wait(median=usual, mean=mean, p90=p90, median_low=usual_low, median_high=usual_high),
        )


def _spans(microseconds: Numbers) -> list[timedelta]:
    return [timedelta(microseconds=round(each)) for each in microseconds.tolist()]
