"""How probable, how long and how felt is a path, by the chain of the observed journey?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.chain import chain_counts
from journeymap.metrics.chain_waits import CLOSED_WAITS
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints, touchpoint_counts
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import group_jackknife, jackknife_variance, leave_one_out
from journeymap.stats.shares import wilson

__all__ = ["GOAL", "START", "PathChain", "inner", "path_chain", "path_feeling"]

Counts = NDArray[np.float64]
Move = tuple[str, str]
START, GOAL = "@start", "@goal"
_MICROSECONDS = 1e6
_PROBABILITY = "probability of this path in the chain of decided journeys, model-implied"
_DURATION = "mean seconds from the start of the path to its last touchpoint, summed over its transitions"
_FEELING = "mean feeling over the touchpoints of the path where it is known"


class PathChain(NamedTuple):
    """The moves of decided journeys, from the start to the goal, by customer group.

    Parameters
    ----------
    graph : networkx.DiGraph
        `START`, touchpoints, `GOAL`; ``probability`` on the edges.
    moves : dict of (str, str) to ndarray
        How often customers moved so.
    out : dict of str to ndarray
        How often they could have: journeys for the start, visits else.
    journeys : int
        Decided journeys.
    customers : int
        Distinct customers behind all journeys.
    waits : dict of (str, str) to (ndarray, ndarray)
        Microseconds waited in between, summed, and how many waits, in all journeys.
    stays : dict of str to (ndarray, ndarray)
        Microseconds spent at a touchpoint, summed, and how many visits.
    """

    graph: nx.DiGraph[Any]
    moves: dict[Move, Counts]
    out: dict[str, Counts]
    journeys: int
    customers: int
    waits: dict[Move, tuple[Counts, Counts]]
    stays: dict[str, tuple[Counts, Counts]]

    def probability(self, path: Sequence[str], *, level: float) -> Estimate:
        """How probable is it that a journey takes exactly this path?

        Parameters
        ----------
        path : sequence of str
            Touchpoints from the first visit to the goal.
        level : float
            The confidence level.

        Returns
        -------
        Estimate
            The product of the shares of its moves, with Wilson's interval at the number of journeys whose
            binomial variance is that of the group jackknife; 0 without interval where a move never occurs.
        """
        value, without = 1.0, np.ones(next(iter(self.out.values())).shape)
        for move in pairwise((START, *path)):
            if move not in self.moves:
                value, without = 0.0, without * 0.0
                break
            made, could = self.moves[move], self.out[move[0]]
            left = leave_one_out(could)
            value *= float(made.sum() / could.sum())
            without = without * np.divide(leave_one_out(made), left, out=np.zeros_like(left), where=left > 0)
        low = high = None
        spread = float(jackknife_variance(value, without)) if without.size > 1 else 0.0
        if 0 < value < 1 and spread > 0:
            worth = value * (1 - value) / spread
            low, high = wilson(value * worth, worth, level=level, df=without.size - 1)
        return Estimate(
            value=value,
            low=low,
            high=high,
            n=self.journeys,
            customers=self.customers,
            level=level,
            method="" if low is None else "Wilson at the effective sample size, group jackknife of the chain",
            definition=_PROBABILITY,
        )

    def never(self, path: Sequence[str]) -> tuple[Move, ...]:
        """Which moves of the path did no decided journey make?

        Parameters
        ----------
        path : sequence of str
            Touchpoints from the first visit to the goal.

        Returns
        -------
        tuple of (str, str)
            In the order of the path; the first one from `START` where nobody begins there.
        """
        return tuple(move for move in pairwise((START, *path)) if move not in self.moves)

    def duration(self, path: Sequence[str], *, level: float) -> Estimate:
        """How long does the path take on average?

        Parameters
        ----------
        path : sequence of str
            Touchpoints from the first visit to the goal.
        level : float
            The confidence level.

        Returns
        -------
        Estimate
            Seconds; without value where a transition was never observed.
        """
        moves = tuple(pairwise(path))
        unknown = Estimate(value=None, level=level, definition=_DURATION)
        if any(move not in self.waits for move in moves):
            return unknown
        parts = [*(self.waits[move] for move in moves), *(self.stays[name] for name in path[:-1])]
        value = float(sum(total.sum() / max(count.sum(), 1.0) for total, count in parts))
        without = np.zeros(next(iter(self.out.values())).shape)
        for total, count in parts:
            left = leave_one_out(count)
            without = without + np.divide(
                leave_one_out(total), left, out=np.full_like(left, np.nan), where=left > 0
            )
        found = group_jackknife(value / _MICROSECONDS, without / _MICROSECONDS, level=level)
        return Estimate(
            value=found.value,
            low=None if found.low is None else max(found.low, 0.0),
            high=found.high,
            n=int(min((self.waits[move][1].sum() for move in moves), default=0)),
            customers=self.customers,
            level=level,
            method="" if found.low is None else "group jackknife",
            definition=_DURATION,
        )


def inner(nodes: Sequence[str]) -> tuple[str, ...]:
    """Leave out where paths of the graph start and end."""
    return tuple(node for node in nodes if node not in {START, GOAL})


def path_chain(journey: Journey) -> PathChain:
    """Which moves do decided journeys make from the start to the goal, by customer group?

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal.

    Returns
    -------
    PathChain
        Its moves, with the several touchpoints of a goal kept apart.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, has no goal, or none of its journeys is decided yet.
    """
    counts = chain_counts(journey)
    goals = goal_touchpoints(journey)
    places = {name: place for place, name in enumerate(counts.states)}
    entries = touchpoint_counts(journey, "entries_closed")
    moves: dict[Move, Counts] = {(START, name): made for name, made in entries.items() if made.sum()}
    apart = CLOSED_WAITS in evidence_table(journey, "transitions").measures
    closed, waited, count = (
        counts_by_group(journey, "transitions", name)
        for name in ("closed", *((CLOSED_WAITS, "closed") if apart else ("wait_us", "count")))
    )
    waits = {}
    for row, key in enumerate(evidence_table(journey, "transitions").keys):
        source, target = key
        if source in places and (target in places or target in goals) and closed[row].any():
            moves[source, target] = closed[row]
        waits[source, target] = waited[row], count[row]
    out = {START: np.asarray(sum(entries.values())), **dict(zip(counts.states, counts.visits, strict=True))}
    spent, visits = touchpoint_counts(journey, "sojourn_us"), touchpoint_counts(journey, "visits")
    return PathChain(
        graph=_graph(journey, moves, out, goals),
        moves=moves,
        out=out,
        journeys=int(out[START].sum()),
        customers=int(counts_by_group(journey, "journeys", "customers").sum()),
        waits=waits,
        stays={name: (spent[name], visits[name]) for name in visits},
    )


def _graph(
    journey: Journey, moves: dict[Move, Counts], out: dict[str, Counts], goals: frozenset[str]
) -> nx.DiGraph[Any]:
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from([START, *(touchpoint.id for touchpoint in journey.touchpoints), GOAL])
    for (source, target), made in moves.items():
        graph.add_edge(source, target, probability=float(made.sum() / out[source].sum()))
    for name in goals:
        graph.add_edge(name, GOAL, probability=1.0)
    return graph


def path_feeling(journey: Journey, path: Sequence[str], *, measured: bool, level: float) -> Estimate:
    """How do customers feel along the path, on average over its touchpoints?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    path : sequence of str
        Touchpoints from the first visit to the goal.
    measured : bool
        Whether only measured feelings count; else what the map says.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        −2 to +2; `n` counts the touchpoints of the path whose feeling is known. The interval is the mean of
        those of the touchpoints, as if all erred the same way: at least as wide as it must be.

    Notes
    -----
    A touchpoint's feeling is that of all who come there, whatever path they are on.
    """
    names = [*dict.fromkeys(path)]
    known = {touchpoint.id: touchpoint for touchpoint in journey.touchpoints}
    found = [known[name] for name in names if name in known]
    estimates = [t.measured_feeling for t in found if t.measured_feeling is not None]
    values = [e.value for e in estimates if e.value is not None]
    if not measured:
        values = [t.feeling for t in found if t.feeling is not None]
        estimates = []
    lows = [e.low for e in estimates if e.value is not None and e.low is not None]
    highs = [e.high for e in estimates if e.value is not None and e.high is not None]
    whole = bool(values) and len(lows) == len(highs) == len(values)
    return Estimate(
        value=float(np.mean(values)) if values else None,
        low=float(np.mean(lows)) if whole else None,
        high=float(np.mean(highs)) if whole else None,
        n=len(values),
        customers=min((e.customers for e in estimates), default=0),
        level=level,
        method="mean of the touchpoints' intervals, at least as wide as needed" if whole else "",
        definition=_FEELING if measured else f"{_FEELING}, as the map says, not measured",
    )
