"""What each touchpoint and transition weighs in the chain, and how long journeys take, with intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from journeymap.metrics.chain_counts import ChainCounts, StackedChains
from journeymap.metrics.chain_results import ChainTouchpoint, ChainTransition, ChainTransitions, GivenGoal
from journeymap.metrics.chain_waits import closed_waits
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints, touchpoint_counts
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.chain_algebra import (
    decisiveness,
    elasticities,
    expected_time,
    removal_effects,
    sensitivities,
)
from journeymap.stats.jackknife import all_and_without, group_jackknife

__all__ = [
    "Certainty",
    "ChainTimes",
    "by_state",
    "chain_times",
    "chain_transitions",
    "given_goal",
    "start_decisiveness",
    "steps_variance",
    "touchpoint_weights",
]

Floats = NDArray[np.float64]
_MICROSECONDS = 1e6
_ROUNDING = 1e-12
_REMOVAL = "won journeys that pass here / won journeys; model-implied, if the association is causal"
_DECISIVE = (
    "share of the variance of won or lost that the moves from here resolve; model-implied, if the "
    "association is causal"
)


class Certainty(NamedTuple):
    """What stands behind every number of one chain.

    Parameters
    ----------
    n : int
        Decided journeys.
    customers : int
        From how many customers.
    level : float
        The confidence level.
    censored : int
        Journeys that are not decided yet.
    """

    n: int
    customers: int
    level: float
    censored: int

    def estimate(
        self, replicates: Floats, definition: str, *, within: tuple[float, float] = (-np.inf, np.inf)
    ) -> Estimate:
        """Turn a number of all customers and without each group into an Estimate.

        Parameters
        ----------
        replicates : ndarray
            The number of all customers, then without each group.
        definition : str
            What was counted, in words.
        within : tuple of float
            What neither the number nor its interval can be below or above.

        Returns
        -------
        Estimate
            Without value where the number is not known, without interval where there is one group only.
        """
        found = group_jackknife(float(replicates[0]), replicates[1:], level=self.level)
        value, low, high = (
            None if end is None else float(np.clip(end, *within))
            for end in (found.value, found.low, found.high)
        )
        return self._estimate(np.nan if value is None else value, low, high, "group jackknife", definition)

    def share(self, replicates: Floats, definition: str) -> Estimate:
        """Turn a share of all customers and without each group into an Estimate.

        Parameters
        ----------
        replicates : ndarray
            The share of all customers, then without each group.
        definition : str
            What was counted, in words.

        Returns
        -------
        Estimate
            Its ends lie within 0 and 1: the jackknife is taken of the logit, which keeps its coverage where
            a share is small. A share of exactly 0 or 1 keeps the interval of the plain jackknife.
        """
        # what is 0 or 1 but for rounding is 0 or 1
        shares = np.where(
            np.abs(replicates - np.rint(replicates)) < _ROUNDING, np.rint(replicates), replicates
        )
        value = float(shares[0])
        if not 0 < value < 1:
            return self.estimate(shares, definition, within=(0.0, 1.0))
        # a share that is nothing, or all, without a group has no logit: half a journey is put there, or less
        half = 0.5 / max(self.n, 1)
        inside = np.clip(shares, min(half, value / 3), 1 - min(half, (1 - value) / 3))
        found = group_jackknife(float(logit(inside[0])), logit(inside[1:]), level=self.level)
        low, high = (None if end is None else float(expit(end)) for end in (found.low, found.high))
        return self._estimate(value, low, high, "group jackknife of the logit", definition)

    def _estimate(
        self, value: float, low: float | None, high: float | None, method: str, definition: str
    ) -> Estimate:
        return Estimate(
            value=value if np.isfinite(value) else None,
            low=low,
            high=high,
            n=self.n,
            customers=self.customers,
            level=self.level,
            method="" if low is None else method,
            definition=definition,
            censored=self.censored,
        )


class ChainTimes(NamedTuple):
    """How long journeys take, for all customers and without each group (rows).

    Parameters
    ----------
    holding : ndarray
        Mean seconds from coming to each state to coming to the next one, or to the end.
    whole : ndarray
        Expected seconds of a journey.
    given_goal : ndarray
        The same of the journeys that reach the goal; nan where none does.
    """

    holding: Floats
    whole: Floats
    given_goal: Floats


def by_state(names: tuple[str, ...], values: Floats) -> dict[str, float]:
    """Put values beside the states they belong to.

    Parameters
    ----------
    names : tuple of str
        The states.
    values : ndarray
        One value a state.

    Returns
    -------
    dict of str to float
        In the order of the states.
    """
    return dict(zip(names, map(float, values), strict=True))


def chain_times(journey: Journey, counts: ChainCounts, stack: StackedChains) -> ChainTimes:
    """How long do journeys take, if the time at a touchpoint depended on the next one only?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    counts : ChainCounts
        Its counts.
    stack : StackedChains
        Their chains, all customers first.

    Returns
    -------
    ChainTimes
        Semi-Markov means: the time of a visit is its mean stay, plus the waits of decided journeys on the
        ways out of it, for each of their visits.

    Notes
    -----
    Journeys not decided yet wait longer, and do not count. Without stays the time of a journey is exactly
    the mean time of decided journeys from the first event to the goal or the last event. Stays are means
    over all visits.
    """
    place = {name: number for number, name in enumerate(counts.states)}
    goals = goal_touchpoints(journey)
    closed = counts_by_group(journey, "transitions", "closed")
    keys = evidence_table(journey, "transitions").keys
    ways = [
        (place[source], place.get(target, -1), row)
        for row, (source, target) in enumerate(keys)
        if source in place and (target in place or target in goals) and closed[row].any()
    ]
    source, target, rows = np.array(ways, dtype=np.int64).reshape(-1, 3).T
    wait = closed_waits(journey)[rows]
    stays, visits = (
        all_and_without(_states(touchpoint_counts(journey, name), counts))
        for name in ("sojourn_us", "visits")
    )
    stay = np.divide(stays, visits, out=np.zeros_like(visits), where=visits > 0) / _MICROSECONDS
    came = all_and_without(counts.visits)
    per_visit = np.divide(1.0, came, out=np.zeros_like(came), where=came > 0)
    holding, goalward = stay.copy(), np.zeros_like(stay)
    np.add.at(holding, source, wait * per_visit[source])
    b = stack.algebra.ends[..., 0].T
    # the goal itself is not a state; from there it is certain
    ahead = np.where(target[:, np.newaxis] >= 0, b[np.maximum(target, 0)], 1.0)
    np.add.at(goalward, source, wait * per_visit[source] * ahead)
    goalward += stay * b
    with np.errstate(divide="ignore", invalid="ignore"):
        given = (stack.start_visits * goalward.T).sum(axis=-1) / stack.conversion
    return ChainTimes(holding=holding.T, whole=expected_time(stack.start_visits, holding.T), given_goal=given)


def steps_variance(stack: StackedChains) -> float:
    """How much do the visits of journeys vary, as the chain implies it?

    Parameters
    ----------
    stack : StackedChains
        Chains, all customers first.

    Returns
    -------
    float
        The variance within and between the touchpoints that journeys begin at.
    """
    begin, steps = stack.start[0], stack.algebra.steps[0]
    mean = float(begin @ steps)
    return float(begin @ (stack.algebra.steps_variance[0] + np.square(steps))) - mean * mean


def touchpoint_weights(
    names: tuple[str, ...], stack: StackedChains, times: ChainTimes, sure: Certainty
) -> tuple[ChainTouchpoint, ...]:
    """What does each touchpoint weigh?

    Parameters
    ----------
    names : tuple of str
        The states.
    stack : StackedChains
        Chains, all customers first.
    times : ChainTimes
        How long the visits take.
    sure : Certainty
        What stands behind the numbers.

    Returns
    -------
    tuple of ChainTouchpoint
        In the order of the states.
    """
    effects = removal_effects(stack.start, stack.algebra, direct=stack.direct)
    decided = decisiveness(stack.start, stack.algebra, direct=stack.direct).states
    ahead = expected_time(stack.algebra.visits[0], times.holding[0])
    return tuple(
        ChainTouchpoint(
            touchpoint=name,
            removal_effect=sure.share(effects[:, place], _REMOVAL),
            decisiveness=sure.share(decided[:, place], _DECISIVE),
            holding_seconds=float(times.holding[0, place]),
            seconds_to_end=float(ahead[place]),
        )
        for place, name in enumerate(names)
    )


def start_decisiveness(stack: StackedChains, sure: Certainty) -> Estimate:
    """How much is decided by where a journey begins?

    Parameters
    ----------
    stack : StackedChains
        Chains, all customers first.
    sure : Certainty
        What stands behind the numbers.

    Returns
    -------
    Estimate
        A share, 0 to 1; 0 where all journeys begin at the same touchpoint.
    """
    decided = decisiveness(stack.start, stack.algebra, direct=stack.direct).start
    definition = "share of the variance of won or lost that the first touchpoint resolves"
    return sure.share(decided, definition)


def chain_transitions(names: tuple[str, ...], stack: StackedChains) -> ChainTransitions:
    """How much does the goal depend on each transition?

    Parameters
    ----------
    names : tuple of str
        The states.
    stack : StackedChains
        Chains, all customers first.

    Returns
    -------
    ChainTransitions
        The ways that were taken.
    """
    algebra, begin = stack.algebra, stack.start
    p = np.concatenate((algebra.transient[0], algebra.absorbing[0]), axis=1)
    b = algebra.ends[0, :, 0]
    ahead = np.concatenate((b, [1.0, 0.0]))
    slope = sensitivities(begin, algebra)[0]
    share = elasticities(begin, algebra, direct=stack.direct)[0]
    targets = (*names, "@goal", "@lost")
    return ChainTransitions(
        transitions=tuple(
            ChainTransition(
                source=names[i],
                target=targets[j],
                probability=float(p[i, j]),
                probability_given_goal=float(p[i, j] * ahead[j] / b[i]) if b[i] > 0 else None,
                sensitivity=_known(slope[i, j]),
                elasticity=_known(share[i, j]),
            )
            for i, j in np.argwhere(p > 0).tolist()
        )
    )


def given_goal(
    names: tuple[str, ...], stack: StackedChains, times: ChainTimes, sure: Certainty
) -> GivenGoal | None:
    """How do the journeys go that reach the goal?

    Parameters
    ----------
    names : tuple of str
        The states.
    stack : StackedChains
        Chains, all customers first.
    times : ChainTimes
        How long journeys take.
    sure : Certainty
        What stands behind the numbers.

    Returns
    -------
    GivenGoal or None
        None where no journey reaches the goal.
    """
    if not stack.conversion[0] > 0:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        onward = stack.algebra.ends[..., 0] / stack.conversion[:, np.newaxis]
    visits = stack.start_visits * onward
    return GivenGoal(
        start=by_state(names, stack.start[0] * onward[0]),
        visits=by_state(names, visits[0]),
        visits_of_all=by_state(names, stack.start_visits[0]),
        steps=sure.estimate(
            visits.sum(axis=-1), "visits before the goal, for each won journey, model-implied"
        ),
        duration=sure.estimate(
            times.given_goal, "seconds from the first event to the goal, for each won journey, model-implied"
        ),
    )


def _states(counts: dict[str, Floats], like: ChainCounts) -> Floats:
    return np.array([counts[name] for name in like.states]).reshape(like.visits.shape)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
