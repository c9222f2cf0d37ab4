"""The signals of friction: each measured, set against its baseline and tested."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from journeymap.analysis.friction_report import Signal, SignalKind
from journeymap.analysis.peers import Peers
from journeymap.metrics.counts import group_count, touchpoint_counts
from journeymap.metrics.flow import drop_off, regression, repetition, self_loop, wait_histograms, waiting
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import jackknife_variance, leave_one_out
from journeymap.stats.log_histogram import bucket_edge, bucket_position, bucket_quantile, share_above
from journeymap.stats.shares import effective_size, excess_test
from journeymap.stats.shrinkage import BetaPrior, fit_beta_prior, shrink

__all__ = ["Judge", "effective_counts", "share_signals", "waiting_signals"]

Counts = NDArray[np.float64]
# a declared target is known exactly: as sure as a share counted this often
_AS_GOOD_AS_KNOWN = 1e9
_MICROSECONDS = 1e6


class _ShareSignal(NamedTuple):
    """How a share is counted: its metric, the measures of its counts, and of the customers affected."""

    metric: Callable[[Journey], dict[str, Estimate]]
    successes: str
    trials: str
    affected: str


_SHARES: dict[SignalKind, _ShareSignal] = {
    "drop_off": _ShareSignal(drop_off, "lost", "journeys_before", "lost"),
    "self_loop": _ShareSignal(self_loop, "self_loops", "visits", "self_loop_customers"),
    "repetition": _ShareSignal(repetition, "repetitions", "visits", "repetition_customers"),
    "regression": _ShareSignal(regression, "regressions", "moves", "regression_customers"),
}


class Judge(NamedTuple):
    """By what measure touchpoints are judged.

    Parameters
    ----------
    peers : Peers
        What each touchpoint is compared with.
    targets : dict
        (touchpoint, signal) to the declared level, used where there are no peers.
    min_visits : int
        With fewer visits, of its own or of its peers, a touchpoint is not tested.
    """

    peers: Peers
    targets: dict[tuple[str, str], float]
    min_visits: int


def effective_counts(successes: Counts, trials: Counts, customers: Counts) -> tuple[float, float]:
    """How many successes and trials of independent customers are these worth?

    Parameters
    ----------
    successes, trials, customers : ndarray
        Counts by customer group.

    Returns
    -------
    tuple of float
        Both divided by the design effect; 0 and 0 without trials.
    """
    total = float(trials.sum())
    if not total:
        return 0.0, 0.0
    size = effective_size(successes, trials, customers=int(customers.sum()))
    return float(successes.sum()) / total * size, size


def share_signals(journey: Journey, kind: SignalKind, judge: Judge) -> list[Signal]:
    """How does every touchpoint stand in one signal that is a share?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    kind : str
        ``drop_off``, ``self_loop``, ``repetition`` or ``regression``.
    judge : Judge
        By what measure.

    Returns
    -------
    list of Signal
        One for each touchpoint where there was something to count; not yet corrected for many tests.
    """
    counted = _SHARES[kind]
    estimates = counted.metric(journey)
    y, n = touchpoint_counts(journey, counted.successes), touchpoint_counts(journey, counted.trials)
    customers, affected = (
        touchpoint_counts(journey, "customers"),
        touchpoint_counts(journey, counted.affected),
    )
    other_y, other_n = judge.peers.others(y), judge.peers.others(n)
    other_customers = judge.peers.others(customers)
    worth = {name: effective_counts(y[name], n[name], customers[name]) for name in estimates}
    priors = _priors(judge.peers, worth)
    df = max(group_count(journey) - 1, 1)
    signals = []
    for name, estimate in estimates.items():
        if estimate.value is None:
            continue
        baseline, others, source = None, (0.0, 0.0), None
        peers = float(other_n[name].sum())
        if peers:
            baseline, source = float(other_y[name].sum()) / peers, "stage"
            others = effective_counts(other_y[name], other_n[name], other_customers[name])
        elif (name, kind) in judge.targets:
            baseline, source = judge.targets[name, kind], "target"
            others = baseline * _AS_GOOD_AS_KNOWN, _AS_GOOD_AS_KNOWN
            peers = _AS_GOOD_AS_KNOWN
        tested = baseline is not None and min(estimate.n, peers) >= judge.min_visits
        signals.append(
            Signal.model_validate(
                {
                    "kind": kind,
                    "touchpoint": name,
                    "estimate": estimate,
                    "baseline": baseline,
                    "baseline_source": source,
                    "excess": None if baseline is None else estimate.value - baseline,
                    "shrunk": _shrunk(estimate, worth[name], priors[judge.peers.family[name]]),
                    "p": excess_test(*worth[name], *others, df=df) if tested else None,
                    "affected": min(int(affected[name].sum()), estimate.customers),
                }
            )
        )
    return signals


def _priors(
    peers: Peers, worth: dict[str, tuple[float, float]]
) -> dict[tuple[str | None, bool], BetaPrior | None]:
    """Fit the spread of the rates in each family."""
    return {
        key: fit_beta_prior([worth[name][0] for name in names], [worth[name][1] for name in names])
        for key, names in peers.members.items()
    }


def _shrunk(estimate: Estimate, worth: tuple[float, float], prior: BetaPrior | None) -> Estimate | None:
    if prior is None:
        return None
    posterior = shrink(*worth, prior)
    return Estimate(
        value=posterior.mean,
        low=posterior.low,
        high=posterior.high,
        n=estimate.n,
        customers=estimate.customers,
        level=0.9,
        method=f"empirical Bayes among peers, {prior.method}",
        definition=estimate.definition,
        censored=estimate.censored,
    )


def waiting_signals(journey: Journey, judge: Judge) -> list[Signal]:
    """How does every touchpoint stand in the wait that follows it?

    The test asks whether more than half of the waits are longer than the median of the peers; both
    sides are recomputed without each customer group.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    judge : Judge
        By what measure.

    Returns
    -------
    list of Signal
        One for each touchpoint that something followed; not yet corrected for many tests.
    """
    tables, first = wait_histograms(journey)
    others = judge.peers.others(tables)
    df = max(group_count(journey) - 1, 1)
    signals = []
    for name, estimate in waiting(journey).items():
        if estimate.value is None:
            continue
        baseline, source, position, peers = None, None, None, float(others[name].sum())
        if peers:
            source, position = "stage", float(bucket_quantile(others[name].sum(axis=1), 0.5, first=first))
            baseline = float(bucket_edge(position)) / _MICROSECONDS
        elif (name, "waiting") in judge.targets:
            baseline, source, peers = judge.targets[name, "waiting"], "target", _AS_GOOD_AS_KNOWN
            position = float(bucket_position(baseline * _MICROSECONDS))
        longer, p = 0.0, None
        if position is not None:
            longer = float(share_above(tables[name].sum(axis=1), position, first=first))
            if min(estimate.n, peers) >= judge.min_visits:
                p = _longer_test(tables[name], others[name], position, first=first, df=df)
        signals.append(
            Signal.model_validate(
                {
                    "kind": "waiting",
                    "touchpoint": name,
                    "estimate": estimate,
                    "baseline": baseline,
                    "baseline_source": source,
                    "excess": estimate.value / baseline - 1 if baseline else None,
                    "p": p,
                    "affected": min(round(longer), estimate.customers),
                }
            )
        )
    return signals


def _longer_test(own: Counts, others: Counts, position: float, *, first: int, df: int) -> float:
    """Test whether more than half of the waits lie above the place where half of the others do."""
    total, peers = float(own.sum()), float(others.sum())
    share = float(share_above(own.sum(axis=1), position, first=first)) / total
    left = leave_one_out(own)
    # without peers the place is a declared target, the same without any group
    places = bucket_quantile(leave_one_out(others), 0.5, first=first) if peers else position
    with np.errstate(divide="ignore", invalid="ignore"):
        without = share_above(left, np.nan_to_num(places, nan=position), first=first) / left.sum(axis=0)
    variance = float(jackknife_variance(share, without))
    # groups can agree by chance; independent waits would still vary this much
    least = 0.25 / total + (0.25 / peers if peers else 0.0)
    return float(stdtr(df, -(share - 0.5) / np.sqrt(max(variance, least))))
