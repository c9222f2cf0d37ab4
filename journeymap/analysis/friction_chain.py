"""Where is a journey as good as lost: dead ends, and the transition on which most chances go?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_point import Signal
from journeymap.analysis.friction_report import LargestDrop
from journeymap.analysis.friction_signals import AS_GOOD_AS_KNOWN, Judge
from journeymap.analysis.friction_values import unchecked
from journeymap.metrics.chain import ChainCounts
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import all_and_without, group_jackknife, jackknife_variance
from journeymap.stats.shares import excess_test, wilson

__all__ = ["Replicates", "chain_replicates", "dead_ends", "largest_drop"]

Counts = NDArray[np.float64]


class Replicates(NamedTuple):
    """The chain of all customers (row 0) and without each group (the rows below), by state.

    Parameters
    ----------
    goal : ndarray
        b: the probability of the goal.
    own_visits, start_visits : ndarray
        N_vv and N_sv: expected visits from the state itself, and from the start.
    exits : ndarray
        The exit probability.
    conversion : ndarray
        b(START).
    """

    goal: Counts
    own_visits: Counts
    start_visits: Counts
    exits: Counts
    conversion: Counts


def chain_replicates(counts: ChainCounts) -> Replicates:
    """How does the chain go for all customers, and without each group of them?

    Parameters
    ----------
    counts : ChainCounts
        What the chain is estimated from.

    Returns
    -------
    Replicates
        What friction is judged by; every visited state of decided journeys leads to an end.
    """
    solved = counts.solve_replicates()
    return Replicates(
        goal=solved.algebra.ends[..., 0],
        own_visits=np.diagonal(solved.algebra.visits, axis1=1, axis2=2),
        start_visits=solved.start_visits,
        exits=solved.exits,
        conversion=solved.conversion,
    )


def dead_ends(
    counts: ChainCounts, chains: Replicates, judge: Judge, customers: Mapping[str, Counts], *, part: float
) -> list[Signal]:
    """From which touchpoints is the goal as good as out of reach?

    A dead end has ``b_v < ε``, with ε a part of the conversion of the whole journey: what is rare everywhere
    is no dead end.

    Parameters
    ----------
    counts : ChainCounts
        What the chain is estimated from.
    chains : Replicates
        The chain, solved.
    judge : Judge
        By what measure.
    customers : mapping of str to ndarray
        Distinct customers who come to each touchpoint before the goal, by group.
    part : float
        ε / conversion, 0 to 1.

    Returns
    -------
    list of Signal
        The probability 1 − b of never reaching the goal, for every state; baseline is 1 − ε.
    """
    least = part * float(chains.conversion[0])
    df = max(counts.visits.shape[1] - 1, 1)
    found = []
    variances = jackknife_variance(chains.goal[0], chains.goal[1:].T)
    totals = counts.visits.sum(axis=1)
    for place, name in enumerate(counts.states):
        if name not in judge.peers.family:
            continue
        never = min(max(1 - float(chains.goal[0, place]), 0.0), 1.0)
        who = int(customers[name].sum())
        most = float(min(who, totals[place])) if who else float(totals[place])
        variance = float(variances[place])
        # as many independent customers as say as much; at the ends each counts once
        size = min(most, never * (1 - never) / variance) if variance > 0 and 0 < never < 1 else most
        low, high = wilson(never * size, size, df=df)
        baseline = 1 - least
        tested = least > 0 and totals[place] >= judge.min_visits
        against = baseline * AS_GOOD_AS_KNOWN, AS_GOOD_AS_KNOWN
        found.append(
            unchecked(
                Signal,
                {
                    "kind": "point_of_no_return",
                    "touchpoint": name,
                    "estimate": unchecked(
                        Estimate,
                        {
                            "value": never,
                            "low": low,
                            "high": high,
                            "n": int(totals[place]),
                            "customers": who,
                            "method": "Wilson at the effective sample size of the group jackknife",
                            "definition": "probability of never reaching the goal from here, model-implied",
                        },
                    ),
                    "baseline": baseline,
                    "baseline_source": "threshold",
                    "excess": never - baseline,
                    "p": excess_test(never * size, size, *against, df=df) if tested else None,
                    "affected": min(round(never * who), who),
                },
            )
        )
    return found


def largest_drop(counts: ChainCounts, chains: Replicates, *, customers: int) -> LargestDrop | None:
    """On which transition are most chances of the goal lost?

    ``(b_i − b_j) · flow_ij``, the flow in moves per decided journey.

    Parameters
    ----------
    counts : ChainCounts
        What the chain is estimated from.
    chains : Replicates
        The chain, solved.
    customers : int
        Distinct customers.

    Returns
    -------
    LargestDrop or None
        None where no transition makes the goal less probable.
    """
    if not counts.sources.size:
        return None
    journeys = all_and_without(counts.entries.sum(axis=0) + counts.entries_at_goal)
    moves = all_and_without(counts.moves).T
    with np.errstate(divide="ignore", invalid="ignore"):
        flow = moves / journeys[:, np.newaxis]
        losses = (chains.goal[:, counts.sources] - chains.goal[:, counts.targets]) * flow
    best = int(np.argmax(losses[0]))
    if not losses[0, best] > 0:
        return None
    source, target = int(counts.sources[best]), int(counts.targets[best])
    found = group_jackknife(float(losses[0, best]), losses[1:, best])
    return LargestDrop(
        source=counts.states[source],
        target=counts.states[target],
        before=float(chains.goal[0, source]),
        after=float(chains.goal[0, target]),
        loss=Estimate(
            value=found.value,
            low=found.low,
            high=found.high,
            n=int(journeys[0]),
            customers=customers,
            method="group jackknife",
            definition="(goal probability before − after) × moves / decided journeys, model-implied",
        ),
    )
