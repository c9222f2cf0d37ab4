"""The journey as a Markov chain that ends won or lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints, touchpoint_counts
from journeymap.metrics.flow import share_estimate
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.chain_algebra import AbsorbingChain, absorbing_chain
from journeymap.stats.jackknife import group_jackknife, leave_one_out

__all__ = ["Chain", "ChainCounts", "SolvedChain", "chain", "chain_counts"]

Floats = NDArray[np.float64]


class Chain(Frozen):
    """Where journeys lead from each touchpoint, if the next touchpoint depended on the present one only.

    Parameters
    ----------
    states : tuple of str
        The touchpoints that decided journeys visit before the goal, in the order of the journey.
    start : dict of str to float
        The share of decided journeys that begin at each state.
    goal_probability : dict of str to float
        b: the probability of the goal from each state.
    exit_probability : dict of str to float
        The share of visits to each state with which the journey is lost.
    visits : dict of str to float
        Expected visits to each state in a journey.
    visits_from : tuple of tuple of float
        N: expected visits to each state (columns) from each state (rows).
    conversion : Estimate
        b(START): the share of decided journeys that are won.
    steps : Estimate
        Expected visits before the goal or the end.
    """

    states: tuple[str, ...]
    start: dict[str, float]
    goal_probability: dict[str, float]
    exit_probability: dict[str, float]
    visits: dict[str, float]
    visits_from: tuple[tuple[float, ...], ...]
    conversion: Estimate
    steps: Estimate


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
    """

    algebra: AbsorbingChain
    start: Floats
    start_visits: Floats
    exits: Floats
    conversion: float


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

    def solve_without_each_group(self) -> Iterator[SolvedChain]:
        """Solve the chain again without each group of customers in turn.

        Yields
        ------
        SolvedChain
            One chain for each group left out.
        """
        left = [leave_one_out(counts) for counts in self._counts()]
        for group in range(self.visits.shape[1]):
            yield self._solve(*(counts[..., group] for counts in left))

    def _counts(self) -> tuple[Floats, ...]:
        return self.visits, self.lost, self.won, self.entries, self.entries_at_goal, self.moves

    def _solve(
        self, visits: Floats, lost: Floats, won: Floats, entries: Floats, at_goal: Floats, moves: Floats
    ) -> SolvedChain:
        size = len(self.states)
        came = visits > 0
        per_visit = np.divide(1.0, visits, out=np.zeros(size), where=came)
        inner = np.zeros((size, size))
        np.add.at(inner, (self.sources, self.targets), moves * per_visit[self.sources])
        # a state that nobody visits (without one group) leads nowhere and is entered by nobody
        outer = np.column_stack((won * per_visit, np.where(came, lost * per_visit, 1.0)))
        algebra = absorbing_chain(inner, outer)
        journeys = entries.sum() + at_goal
        start = entries / journeys if journeys else np.zeros(size)
        direct = float(at_goal / journeys) if journeys else 0.0
        return SolvedChain(
            algebra=algebra,
            start=start,
            start_visits=start @ algebra.visits,
            exits=np.where(came, outer[:, 1], 0.0),
            conversion=float(start @ algebra.ends[:, 0]) + direct,
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


def chain(journey: Journey, *, level: float = 0.95) -> Chain:
    """How probable is the goal from each touchpoint, and how many visits does it take?

    The maximum likelihood chain over the touchpoints that decided journeys visit before the goal; it ends
    at the goal or lost. ``b(START) = won / (won + lost)`` and the expected visits are the mean visits.

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal.
    level : float
        The confidence level.

    Returns
    -------
    Chain
        The chain with its solution.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, has no goal, or none of its journeys is decided yet.

    Notes
    -----
    The chain forgets: where customers come from does not matter to where they go. It describes those who
    came this way; it does not say what would happen if others were sent there.

    References
    ----------
    Kemeny, J. G., Snell, J. L. (1960). Finite Markov Chains. Van Nostrand, chapter 3.
    """
    counts = chain_counts(journey)
    solved = counts.solve()
    won, lost = (counts_by_group(journey, "journeys", name).sum(axis=0) for name in ("won", "lost"))
    customers = int(counts_by_group(journey, "journeys", "customers").sum())
    undecided = int(counts_by_group(journey, "journeys", "open").sum())
    conversion = share_estimate(
        won, won + lost, customers=customers, definition="won journeys / won and lost journeys", level=level
    )
    steps = group_jackknife(
        float(solved.start_visits.sum()),
        [float(other.start_visits.sum()) for other in counts.solve_without_each_group()],
        level=level,
    )
    names = counts.states
    return Chain(
        states=names,
        start=_by_state(names, solved.start),
        goal_probability=_by_state(names, solved.algebra.ends[:, 0]),
        exit_probability=_by_state(names, solved.exits),
        visits=_by_state(names, solved.start_visits),
        visits_from=tuple(tuple(map(float, row)) for row in solved.algebra.visits),
        conversion=conversion.model_copy(update={"censored": undecided}),
        steps=Estimate(
            value=steps.value,
            low=steps.low,
            high=steps.high,
            n=int((won + lost).sum()),
            customers=customers,
            level=level,
            method="group jackknife",
            definition="visits before the goal or the end, for each decided journey",
            censored=undecided,
        ),
    )


def _by_state(names: tuple[str, ...], values: Floats) -> dict[str, float]:
    return dict(zip(names, map(float, values), strict=True))
