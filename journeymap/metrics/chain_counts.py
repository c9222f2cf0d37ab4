"""The counts that the Markov chain of a journey is estimated from, and its solution."""

from __future__ import annotations

from dataclasses import fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints, touchpoint_counts
from journeymap.model.journey import Journey
from journeymap.stats.chain_algebra import AbsorbingChain, absorbing_chain
from journeymap.stats.jackknife import all_and_without

__all__ = ["ChainCounts", "SolvedChain", "StackedChains", "chain_counts"]

Floats = NDArray[np.float64]


class SolvedChain(NamedTuple):
    """One chain with its solution.

    Parameters
    ----------
    algebra : AbsorbingChain
        Over the states; its ends are the goal (0) and lost (1).
    start : ndarray
        The share of journeys that begin at each state.
    start_visits : ndarray
        N_s·: expected visits to each state in a journey.
    exits : ndarray
        The exit probability of each state; 0 where nobody came.
    conversion : float
        b(START).
    direct : float
        The share of journeys that begin at the goal.
    """

    algebra: AbsorbingChain
    start: Floats
    start_visits: Floats
    exits: Floats
    conversion: float
    direct: float = 0.0


class StackedChains(NamedTuple):
    """Several chains over the same states with their solutions, one a row.

    Parameters
    ----------
    algebra : AbsorbingChain
        A stack; the ends are the goal (0) and lost (1).
    start, start_visits, exits : ndarray
        As in `SolvedChain`, chains by states.
    conversion, direct : ndarray
        As in `SolvedChain`, one a chain.
    """

    algebra: AbsorbingChain
    start: Floats
    start_visits: Floats
    exits: Floats
    conversion: Floats
    direct: Floats


class ChainCounts(NamedTuple):
    """What the chain is estimated from: counts by customer group.

    Parameters
    ----------
    states : tuple of str
        The states, in the order of the journey.
    visits, lost, won, entries : ndarray
        States by groups: visits, lost exits, moves to the goal and journeys that begin here.
    entries_at_goal : ndarray
        Journeys that begin at the goal, by group.
    sources, targets : ndarray
        The edges between states.
    moves : ndarray
        Edges by groups.
    """

    states: tuple[str, ...]
    visits: Floats
    lost: Floats
    won: Floats
    entries: Floats
    entries_at_goal: Floats
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    moves: Floats

    def solve(self) -> SolvedChain:
        """Solve the chain of all customers.

        Returns
        -------
        SolvedChain
            The maximum likelihood chain.
        """
        return self._solve(*(counts.sum(axis=-1) for counts in self._counts()))

    def solve_replicates(self) -> StackedChains:
        """Solve the chain of all customers and without each group of customers, all at once.

        Returns
        -------
        StackedChains
            All customers first, then without group 0, 1 and so on.
        """
        return self._solve_stack(*(all_and_without(counts) for counts in self._counts()))

    def _counts(self) -> tuple[Floats, ...]:
        return self.visits, self.lost, self.won, self.entries, self.entries_at_goal, self.moves

    def _solve(self, *counts: Floats) -> SolvedChain:
        solved = self._solve_stack(*(part[..., np.newaxis] for part in counts))
        algebra = solved.algebra
        return SolvedChain(
            algebra=AbsorbingChain(**{part.name: getattr(algebra, part.name)[0] for part in fields(algebra)}),
            start=solved.start[0],
            start_visits=solved.start_visits[0],
            exits=solved.exits[0],
            conversion=float(solved.conversion[0]),
            direct=float(solved.direct[0]),
        )

    def _solve_stack(
        self, visits: Floats, lost: Floats, won: Floats, entries: Floats, at_goal: Floats, moves: Floats
    ) -> StackedChains:
        """Solve one chain for each place of the last axis."""
        size = len(self.states)
        came = visits > 0
        per_visit = np.divide(1.0, visits, out=np.zeros_like(visits), where=came)
        inner = np.zeros((visits.shape[-1], size, size))
        inner[:, self.sources, self.targets] = (moves * per_visit[self.sources]).T
        # a state that nobody visits (without one group) leads nowhere and is entered by nobody
        outer = np.stack((won * per_visit, np.where(came, lost * per_visit, 1.0)), axis=-1)
        algebra = absorbing_chain(inner, np.moveaxis(outer, 1, 0), names=self.states)
        journeys = entries.sum(axis=0) + at_goal
        per_journey = np.divide(1.0, journeys, out=np.zeros_like(journeys), where=journeys > 0)
        start, direct = (entries * per_journey).T, at_goal * per_journey
        return StackedChains(
            algebra=algebra,
            start=start,
            start_visits=np.einsum("ri,rij->rj", start, algebra.visits),
            exits=np.where(came, outer[..., 1], 0.0).T,
            conversion=(start * algebra.ends[..., 0]).sum(axis=-1) + direct,
            direct=direct,
        )


def chain_counts(journey: Journey) -> ChainCounts:
    """How often did decided journeys go from each touchpoint to each other, by customer group?

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal.

    Returns
    -------
    ChainCounts
        Events before the goal, in journeys that are won or lost.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, has no goal, or none of its journeys is decided yet.
    """
    visits = touchpoint_counts(journey, "visits_closed")
    goals = goal_touchpoints(journey)
    _refuse_without_ends(journey, goals)
    states = tuple(name for name, counts in visits.items() if name not in goals and counts.sum() > 0)
    lost, entries = touchpoint_counts(journey, "lost"), touchpoint_counts(journey, "entries_closed")
    position = {name: place for place, name in enumerate(states)}
    groups = evidence_table(journey, "touchpoints").groups
    closed = counts_by_group(journey, "transitions", "closed")
    won = np.zeros((len(states), groups))
    edges = []
    for row, (source, target) in enumerate(evidence_table(journey, "transitions").keys):
        if source not in position or not closed[row].any():
            continue
        if target in goals:
            won[position[source]] += closed[row]
        else:
            edges.append((position[source], position[target], row))
    ends = np.array(edges, dtype=np.int64).reshape(-1, 3)
    none = np.zeros(groups)
    return ChainCounts(
        states=states,
        visits=np.array([visits[name] for name in states]).reshape(-1, groups),
        lost=np.array([lost[name] for name in states]).reshape(-1, groups),
        won=won,
        entries=np.array([entries[name] for name in states]).reshape(-1, groups),
        entries_at_goal=sum((entries[name] for name in goals if name in entries), none),
        sources=ends[:, 0],
        targets=ends[:, 1],
        moves=closed[ends[:, 2]],
    )


def _refuse_without_ends(journey: Journey, goals: frozenset[str]) -> None:
    if not goals:
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} has no goal among its touchpoints, so nothing is won or lost.",
            expected="Expected a goal.",
            hint="name one or more touchpoints, or a stage, as the goal of the design",
        )
    decided = sum(counts_by_group(journey, "journeys", name).sum() for name in ("won", "lost"))
    if not decided:
        raise MissingEvidenceError.because(
            f"none of the journeys in {journey.name!r} is decided yet.",
            expected="Expected journeys that are won or lost.",
            hint="observe for longer, or give a shorter lost_after",
        )
