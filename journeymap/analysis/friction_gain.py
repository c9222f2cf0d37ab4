"""What it would bring if a touchpoint were no worse than its peers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_signals import effective_counts
from journeymap.analysis.peers import Peers
from journeymap.metrics.chain import ChainCounts, chain_counts
from journeymap.metrics.counts import counts_by_group, touchpoint_counts
from journeymap.metrics.flow import waiting
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.chain_algebra import exit_fix_gain
from journeymap.stats.jackknife import group_jackknife, leave_one_out
from journeymap.stats.shrinkage import fit_beta_prior

__all__ = ["Gains", "expected_gains"]

Counts = NDArray[np.float64]
Targets = dict[tuple[str, str], float]
_MICROSECONDS = 1e6


class Gains(NamedTuple):
    """What every touchpoint could bring.

    Parameters
    ----------
    conversion : dict of str to Estimate
        Share of decided journeys that would be won in addition; touchpoints without baseline are left out.
    seconds : dict of str to Estimate
        Seconds that a journey would take less.
    journeys : int
        Decided journeys.
    usual_exits : dict of str to float
        The exit probability that each touchpoint was brought to.
    """

    conversion: dict[str, Estimate]
    seconds: dict[str, Estimate]
    journeys: int
    usual_exits: dict[str, float]


class _Replicates(NamedTuple):
    """The chain of all customers (row 0) and without each group (the rows below), by state."""

    goal: Counts
    own_visits: Counts
    start_visits: Counts
    exits: Counts


def expected_gains(journey: Journey, peers: Peers, targets: Targets, *, level: float = 0.95) -> Gains:
    """How many more journeys would be won, and how much time saved, at the level of the peers?

    Conversion: in the Markov chain the exit probability of v falls from its posterior mean (shrunk
    towards its peers, so that mere chance brings nothing) to the pooled exit probability of its peers;
    all other ways out of v grow in proportion. Time: the mean wait after v falls to that of its peers,
    ``N_sv (1 − a_v) · Δ mean wait``.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    peers : Peers
        What each touchpoint is compared with.
    targets : dict
        (touchpoint, signal) to the declared level, used where there are no peers. A target for the
        drop-off lowers the exit probability in the same proportion; one for the median wait the mean.
    level : float
        The confidence level.

    Returns
    -------
    Gains
        Estimates with the group jackknife of the whole computation (weights of the shrinkage kept);
        never below zero: nobody would make a touchpoint worse.

    Raises
    ------
    MissingEvidenceError
        The journey has no goal, or none of its journeys is decided yet.

    Notes
    -----
    Model-implied, if the association is causal.
    """
    counts = chain_counts(journey)
    chains = _replicates(counts)
    won, lost = (counts_by_group(journey, "journeys", name) for name in ("won", "lost"))
    journeys = int((won + lost).sum())
    more, usual_exits = _exit_gains(journey, counts, chains, peers, targets)
    saved = _time_gains(journey, counts, chains, peers, targets)
    customers = touchpoint_counts(journey, "customers")
    definition = "decided journeys won in addition if exits fell to the baseline, model-implied"
    spans = "seconds less for each decided journey if the wait fell to the baseline, model-implied"
    return Gains(
        conversion={
            name: _estimate(values, journeys, customers[name], definition, level)
            for name, values in more.items()
        },
        seconds={
            name: _estimate(values, journeys, customers[name], spans, level) for name, values in saved.items()
        },
        journeys=journeys,
        usual_exits=usual_exits,
    )


def _estimate(values: Counts, journeys: int, customers: Counts, definition: str, level: float) -> Estimate:
    found = group_jackknife(float(values[0]), values[1:], level=level)
    return Estimate(
        value=max(found.value, 0.0),
        low=None if found.low is None else max(found.low, 0.0),
        high=None if found.high is None else max(found.high, 0.0),
        n=journeys,
        customers=int(customers.sum()),
        level=level,
        method="group jackknife",
        definition=definition,
    )


def _replicates(counts: ChainCounts) -> _Replicates:
    chains = [counts.solve(), *counts.solve_without_each_group()]
    return _Replicates(
        goal=np.array([solved.algebra.ends[:, 0] for solved in chains]),
        own_visits=np.array([np.diag(solved.algebra.visits) for solved in chains]),
        start_visits=np.array([solved.start_visits for solved in chains]),
        exits=np.array([solved.exits for solved in chains]),
    )


def _all_and_without(counts: Counts) -> Counts:
    """Sum over all groups, then without each of them."""
    return np.concatenate((counts.sum(keepdims=True), leave_one_out(counts)))


def _ratio(top: Counts, bottom: Counts) -> Counts:
    return np.divide(top, bottom, out=np.full_like(bottom, np.nan), where=bottom > 0)


def _exit_gains(
    journey: Journey, counts: ChainCounts, chains: _Replicates, peers: Peers, targets: Targets
) -> tuple[dict[str, Counts], dict[str, float]]:
    lost, visits = touchpoint_counts(journey, "lost"), touchpoint_counts(journey, "visits_closed")
    came = touchpoint_counts(journey, "journeys_before")
    customers = touchpoint_counts(journey, "customers")
    worth = {name: effective_counts(lost[name], visits[name], customers[name]) for name in peers.family}
    priors = {
        key: fit_beta_prior([worth[name][0] for name in names], [worth[name][1] for name in names])
        for key, names in peers.members.items()
    }
    other_lost, other_visits = peers.others(lost), peers.others(visits)
    gains: dict[str, Counts] = {}
    usual: dict[str, float] = {}
    for place, name in enumerate(counts.states):
        exits = chains.exits[:, place]
        if exits[0] >= 1:  # everybody leaves: there is no way out of it that could grow
            continue
        y, n = _all_and_without(lost[name]), _all_and_without(visits[name])
        prior, likely = priors[peers.family[name]], exits
        if other_visits[name].sum():
            baseline = _ratio(_all_and_without(other_lost[name]), _all_and_without(other_visits[name]))
        elif (name, "drop_off") in targets and y[0]:
            drop = float(lost[name].sum() / came[name].sum())
            baseline = exits * min(1.0, targets[name, "drop_off"] / drop)
        else:
            continue
        if prior is not None:
            per_trial = worth[name][1] / n[0]
            likely = (prior.alpha + y * per_trial) / (prior.alpha + prior.beta + n * per_trial)
        gain = _gain(chains, place, likely, baseline)
        if np.isfinite(gain[0]):  # without its exits a circle might never end
            gains[name], usual[name] = gain, float(baseline[0])
    return gains, usual


def _gain(chains: _Replicates, place: int, likely: Counts, baseline: Counts) -> Counts:
    """Δb from the likely exit probability to the baseline, in every replicate."""
    start, own, goal = (part[:, place] for part in (chains.start_visits, chains.own_visits, chains.goal))
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = 1 - chains.exits[:, place]
        down = exit_fix_gain(start, own, goal, (1 - baseline) / stay)
        return down - exit_fix_gain(start, own, goal, (1 - likely) / stay)


def _time_gains(
    journey: Journey, counts: ChainCounts, chains: _Replicates, peers: Peers, targets: Targets
) -> dict[str, Counts]:
    spans, waits = touchpoint_counts(journey, "wait_us"), touchpoint_counts(journey, "waits")
    other_spans, other_waits = peers.others(spans), peers.others(waits)
    medians = waiting(journey)
    gains = {}
    for place, name in enumerate(counts.states):
        median = medians[name].value
        if median is None:
            continue
        mean = _ratio(_all_and_without(spans[name]), _all_and_without(waits[name]))
        if other_waits[name].sum():
            usual = _ratio(_all_and_without(other_spans[name]), _all_and_without(other_waits[name]))
        elif (name, "waiting") in targets and median > 0:
            usual = mean * min(1.0, targets[name, "waiting"] / median)
        else:
            continue
        followed = chains.start_visits[:, place] * (1 - chains.exits[:, place])
        gains[name] = followed * (mean - usual) / _MICROSECONDS
    return gains
