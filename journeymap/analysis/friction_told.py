"""How do touchpoints stand in what customers told: the effort, and the feeling along the way?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtr

from journeymap.analysis.friction_point import Signal
from journeymap.analysis.friction_signals import AS_GOOD_AS_KNOWN, Judge
from journeymap.metrics.signals_counts import Counted, MeanCounts
from journeymap.metrics.signals_felt import efforts, valleys
from journeymap.model.measures import Estimate
from journeymap.stats.grouped_scores import mean_of_groups
from journeymap.stats.jackknife import jackknife_variance, leave_one_out, t_quantile
from journeymap.stats.shrinkage_counts import shrink_means

__all__ = ["judged_efforts", "judged_valleys"]

_EFFORT = "mean of (easy end − answer) / (easy end − hard end), 0 without effort to 1"
_LEAST_VARIANCE = 1e-9


def judged_efforts(counted: Counted, judge: Judge) -> tuple[list[Signal], str]:
    """How much effort does each touchpoint cost, beside its peers?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.
    judge : Judge
        By what measure; `min_visits` counts answers.

    Returns
    -------
    list of Signal
        One for each touchpoint that was answered about.
    str
        Which call would enable it; empty where it was measured.
    """
    means, missing = efforts(counted)
    means = {name: means[name] for name in judge.peers.family if name in means}
    if missing or not means:
        return [], missing
    estimates = {name: _mean(of) for name, of in means.items()}
    shrunk = _shrunk(estimates, judge)
    pooled = {
        family: _pooled([means[name] for name in names if name in means])
        for family, names in judge.peers.members.items()
    }
    signals = []
    for name, of in means.items():
        estimate = estimates[name]
        if estimate.value is None:
            continue
        others = _without(pooled[judge.peers.family[name]], of)
        baseline, source, peers = None, None, float(others.answers)
        if peers:
            baseline, source = _ratio(others), "stage"
        elif (name, "effort") in judge.targets:
            baseline, source, peers = judge.targets[name, "effort"], "target", AS_GOOD_AS_KNOWN
        tested = baseline is not None and min(of.answers, peers) >= judge.min_visits
        signals.append(
            Signal.model_validate(
                {
                    "kind": "effort",
                    "touchpoint": name,
                    "estimate": estimate,
                    "baseline": baseline,
                    "baseline_source": source,
                    "excess": None if baseline is None else estimate.value - baseline,
                    "shrunk": shrunk.get(name),
                    "p": _harder(of, others, baseline) if tested and baseline is not None else None,
                    "affected": estimate.customers,
                }
            )
        )
    return signals, ""


def _pooled(parts: Sequence[MeanCounts]) -> MeanCounts | None:
    if not parts:
        return None
    return MeanCounts(
        np.sum([of.totals for of in parts], axis=0),
        np.sum([of.squares for of in parts], axis=0),
        np.sum([of.weights for of in parts], axis=0),
        sum(of.answers for of in parts),
        sum(of.customers for of in parts),
    )


def _without(pooled: MeanCounts | None, of: MeanCounts) -> MeanCounts:
    if pooled is None or pooled.answers == of.answers:
        nothing = np.zeros_like(of.totals)
        return MeanCounts(nothing, nothing, nothing, 0, 0)
    return MeanCounts(
        pooled.totals - of.totals,
        pooled.squares - of.squares,
        pooled.weights - of.weights,
        pooled.answers - of.answers,
        pooled.customers - of.customers,
    )


def _mean(of: MeanCounts) -> Estimate:
    found = mean_of_groups(
        of.totals, of.squares, of.weights, answers=of.answers, customers=of.customers, bounds=(0.0, 1.0)
    )
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=of.answers,
        customers=of.customers,
        method=found.method,
        definition=_EFFORT,
    )


def _ratio(of: MeanCounts) -> float:
    return float(of.totals.sum() / of.weights.sum())


def _spread(of: MeanCounts) -> float:
    """Give the variance of the mean if all answers were independent."""
    if of.answers < 2:  # noqa: PLR2004 - one answer has no spread
        return 0.25
    square = float(of.squares.sum() / of.weights.sum())
    return max(square - _ratio(of) ** 2, 0.0) / (of.answers - 1)


def _harder(of: MeanCounts, others: MeanCounts, baseline: float) -> float:
    """Test whether a mean is larger than that of the others, both recomputed without each customer group."""
    gap = _ratio(of) - baseline
    with np.errstate(divide="ignore", invalid="ignore"):
        own = leave_one_out(of.totals) / leave_one_out(of.weights)
        rest = leave_one_out(others.totals) / leave_one_out(others.weights) if others.answers else baseline
    # groups can agree by chance; independent answers would still vary this much
    least = _spread(of) + (_spread(others) if others.answers else 0.0)
    variance = max(float(jackknife_variance(gap, own - rest)), least, _LEAST_VARIANCE)
    return float(stdtr(max(of.totals.size - 1, 1), -gap / math.sqrt(variance)))


def _shrunk(estimates: dict[str, Estimate], judge: Judge) -> dict[str, Estimate]:
    found: dict[str, Estimate] = {}
    t = t_quantile(0.95, math.inf)
    for members in judge.peers.members.values():
        known = [
            (name, one)
            for name in members
            if (one := estimates.get(name)) is not None and one.low is not None
        ]
        if len(known) < 2:  # noqa: PLR2004 - nobody to be shrunk towards
            continue
        spreads = [(((one.high or 0) - (one.low or 0)) / (2 * t)) ** 2 for _, one in known]
        near = shrink_means([one.value or 0 for _, one in known], np.maximum(spreads, _LEAST_VARIANCE))
        for (name, one), posterior in zip(known, near, strict=True):
            low, value, high = (
                min(max(end, 0.0), 1.0) for end in (posterior.low, posterior.mean, posterior.high)
            )
            found[name] = one.model_copy(
                update={
                    "value": value,
                    "low": low,
                    "high": high,
                    "level": 0.9,
                    "method": "empirical Bayes among peers, normal",
                }
            )
    return found


def judged_valleys(counted: Counted, judge: Judge, *, least: float, groups: int) -> tuple[list[Signal], str]:
    """Where along the main path does the feeling sink?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.
    judge : Judge
        By what measure; `min_visits` counts feelings.
    least : float
        How deep a valley must be, in points of feeling.
    groups : int
        The number of customer groups.

    Returns
    -------
    list of Signal
        One for each touchpoint of the main path with a measured feeling; no valley, no baseline worse than
        it.
    str
        What would enable it; empty where it was measured.
    """
    felt, found, missing = valleys(counted, least=least, df=max(groups - 1, 1))
    deep = {valley.touchpoint: valley for valley in found}
    signals = []
    for name, estimate in felt.items():
        if name not in judge.peers.family:
            continue
        valley = deep.get(name)
        value = estimate.value or 0.0
        tested = estimate.n >= judge.min_visits
        depth = 0.0 if valley is None else valley.prominence
        signals.append(
            Signal(
                kind="emotion_valley",
                touchpoint=name,
                estimate=estimate,
                baseline=value + depth,
                baseline_source="neighbours",
                excess=depth,
                p=None if not tested else 1.0 if valley is None else valley.p,
                affected=estimate.customers if valley is not None else 0,
            )
        )
    return signals, missing
