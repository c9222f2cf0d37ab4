"""What it would bring if a touchpoint were no worse than its peers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_chain import Replicates
from journeymap.analysis.friction_signals import Judge, effective_sizes
from journeymap.metrics.chain import ChainCounts
from journeymap.metrics.chain_waits import CLOSED_WAITS, from_each
from journeymap.metrics.signals_counts import Counted
from journeymap.model.measures import Estimate
from journeymap.stats.chain_algebra import exit_fix_gain
from journeymap.stats.jackknife import all_and_without, group_jackknife
from journeymap.stats.shrinkage import fit_beta_priors

__all__ = ["Gains", "expected_gains"]

Counts = NDArray[np.float64]
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


def expected_gains(
    counted: Counted,
    counts: ChainCounts,
    chains: Replicates,
    judge: Judge,
    *,
    medians: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> Gains:
    """How many more journeys would be won, and how much time saved, at the level of the peers?

    Conversion: in the Markov chain the exit probability of v falls from its posterior mean (shrunk
    towards its peers, so that mere chance brings nothing) to the pooled exit probability of its peers;
    all other ways out of v grow in proportion. Time: the mean wait after v falls to that of its peers,
    ``N_sv (1 − a_v) · Δ mean wait``, both means before the goal in decided journeys.

    Parameters
    ----------
    counted : Counted
        The counts of a journey.
    counts : ChainCounts
        What its chain is estimated from.
    chains : Replicates
        The chain, solved with all customers and without each group.
    judge : Judge
        What each touchpoint is compared with. A target for the drop-off lowers the exit probability in the
        same proportion; one for the median wait the mean.
    medians : mapping of str to float, optional
        The median wait after each touchpoint in seconds; needed for targets.
    level : float
        The confidence level.

    Returns
    -------
    Gains
        Estimates with the group jackknife of the whole computation (weights of the shrinkage kept);
        never below zero: nobody would make a touchpoint worse.

    Notes
    -----
    Model-implied, if the association is causal.
    """
    journeys = int(sum(counted.table("journeys", name).sum() for name in ("won", "lost")))
    more, usual_exits = _exit_gains(counted, counts, chains, judge)
    saved = _time_gains(counted, counts, chains, judge, medians or {})
    customers = counted.at("customers")
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


def _ratio(top: Counts, bottom: Counts) -> Counts:
    return np.divide(top, bottom, out=np.full_like(bottom, np.nan), where=bottom > 0)


def _exit_gains(
    counted: Counted, counts: ChainCounts, chains: Replicates, judge: Judge
) -> tuple[dict[str, Counts], dict[str, float]]:
    names = list(judge.peers.family)
    if not names:  # nothing comes before the goal
        return {}, {}
    lost, visits, came, customers = (
        counted.at(name) for name in ("lost", "visits_closed", "journeys_before", "customers")
    )
    rows = {name: row for row, name in enumerate(names)}
    y, n = (np.array([of[name] for name in names]) for of in (lost, visits))
    sizes = effective_sizes(y, n, np.array([customers[name].sum() for name in names]))
    total = n.sum(axis=1)
    worth = np.divide(sizes, total, out=np.zeros_like(total), where=total > 0)
    members = {key: [rows[name] for name in of] for key, of in judge.peers.members.items()}
    fitted = fit_beta_priors((y[of].sum(axis=1) * worth[of], sizes[of]) for of in members.values())
    priors = dict(zip(members, fitted, strict=True))
    all_y, all_n = all_and_without(y), all_and_without(n)
    gains: dict[str, Counts] = {}
    usual: dict[str, float] = {}
    for place, name in enumerate(counts.states):
        exits, row = chains.exits[:, place], rows[name]
        if exits[0] >= 1:  # everybody leaves: there is no way out of it that could grow
            continue
        family = members[judge.peers.family[name]]
        prior, likely = priors[judge.peers.family[name]], exits
        peer_y, peer_n = (part[family].sum(axis=0) - part[row] for part in (all_y, all_n))
        if peer_n[0]:
            baseline = _ratio(peer_y, peer_n)
        elif (name, "drop_off") in judge.targets and all_y[row, 0]:
            drop = float(lost[name].sum() / came[name].sum())
            baseline = exits * min(1.0, judge.targets[name, "drop_off"] / drop)
        else:
            continue
        if prior is not None:
            own = all_y[row] * worth[row], all_n[row] * worth[row]
            likely = (prior.alpha + own[0]) / (prior.alpha + prior.beta + own[1])
        gain = _gain(chains, place, likely, baseline)
        if np.isfinite(gain[0]):  # without its exits a circle might never end
            gains[name], usual[name] = gain, float(baseline[0])
    return gains, usual


def _gain(chains: Replicates, place: int, likely: Counts, baseline: Counts) -> Counts:
    """Δb from the likely exit probability to the baseline, in every replicate."""
    start, own, goal = (part[:, place] for part in (chains.start_visits, chains.own_visits, chains.goal))
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = 1 - chains.exits[:, place]
        down = exit_fix_gain(start, own, goal, (1 - baseline) / stay)
        return down - exit_fix_gain(start, own, goal, (1 - likely) / stay)


def _time_gains(
    counted: Counted, counts: ChainCounts, chains: Replicates, judge: Judge, medians: Mapping[str, float]
) -> dict[str, Counts]:
    spans, waits = _waits(counted)
    gains = {}
    pooled = {
        key: tuple(np.sum([of[name] for name in names], axis=0) for of in (spans, waits))
        for key, names in judge.peers.members.items()
    }
    for place, name in enumerate(counts.states):
        if not waits[name].any():
            continue
        mean = _ratio(all_and_without(spans[name]), all_and_without(waits[name]))
        all_spans, all_waits = pooled[judge.peers.family[name]]
        rest_spans, rest_waits = all_spans - spans[name], all_waits - waits[name]
        if rest_waits.any():
            usual = _ratio(all_and_without(rest_spans), all_and_without(rest_waits))
        elif (name, "waiting") in judge.targets and (median := medians.get(name)):
            usual = mean * min(1.0, judge.targets[name, "waiting"] / median)
        else:
            continue
        followed = chains.start_visits[:, place] * (1 - chains.exits[:, place])
        # without one group nobody may go on from here: then there is nothing to save
        gains[name] = np.where(followed > 0, followed * (mean - usual) / _MICROSECONDS, 0.0)
    return gains


def _waits(counted: Counted) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """Read the waits and how many they are: of decided journeys, or of all where that was not counted."""
    if not counted.has("transitions", CLOSED_WAITS):
        return counted.at("wait_us"), counted.at("waits")
    keys = counted.keys("transitions")
    spans, moves = (
        from_each(counted.touchpoints, keys, counted.table("transitions", measure))
        for measure in (CLOSED_WAITS, "closed")
    )
    return spans, moves
