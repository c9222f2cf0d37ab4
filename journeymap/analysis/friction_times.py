"""How do waits and times spent stand against those of the peers?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from journeymap.analysis.friction_point import BaselineSource, Signal
from journeymap.analysis.friction_signals import AS_GOOD_AS_KNOWN, Judge
from journeymap.analysis.friction_values import unchecked
from journeymap.metrics.flow import MICROSECONDS, WOODRUFF_METHOD
from journeymap.metrics.signals_counts import Counted
from journeymap.model.measures import Estimate
from journeymap.stats.clusters import design_effect
from journeymap.stats.jackknife import jackknife_variance, leave_one_out, t_quantile
from journeymap.stats.log_histogram import (
    above_of_cumulated,
    bucket_edge,
    bucket_position,
    quantile_of_cumulated,
)
from journeymap.stats.quantiles import woodruff_shares
from journeymap.stats.shrinkage_counts import shrink_times

__all__ = ["judged_times"]

Counts = NDArray[np.float64]
_LEVEL = 0.95
_BUCKETS = ", read from buckets 9 % wide (usually less than 5 % off, never more than 9 %)"
_DEFINITIONS = {
    "waiting": "median seconds from the end of a visit to the start of the next event" + _BUCKETS,
    "sojourn": "median seconds from the start of a visit to its end" + _BUCKETS,
}


class _Histograms(NamedTuple):
    """Times of all touchpoints that have any: counts up to each bucket, by touchpoints by customer groups."""

    names: list[str]
    below: Counts
    first: int


def judged_times(counted: Counted, kind: str, table: str, judge: Judge) -> list[Signal]:
    """How does every touchpoint stand in a time?

    The test asks whether more than half of the times are longer than the median of the peers; both sides are
    recomputed without each customer group. Medians are shrunk towards those of the peers on the scale of
    logarithms.

    Parameters
    ----------
    counted : Counted
        The counts of a journey.
    kind : str
        ``waiting`` or ``sojourn``.
    table : str
        The table of times, by touchpoint and bucket.
    judge : Judge
        By what measure.

    Returns
    -------
    list of Signal
        One for each touchpoint with any time; not yet corrected for many tests.
    """
    own = _histograms(counted, table)
    if not own.names:
        return []
    customers = counted.at("customers")
    estimates = _medians(own, [int(customers[name].sum()) for name in own.names], _DEFINITIONS[kind])
    pooled, others = own.below.sum(axis=2), _others(own, judge)
    df = max(own.below.shape[2] - 1, 1)
    together = others.sum(axis=2)
    counts, peers = pooled[-1], together[-1].copy()
    places = np.array(quantile_of_cumulated(together, 0.5, first=own.first))
    sources: list[BaselineSource | None] = ["stage" if many else None for many in peers]
    for place, name in enumerate(own.names):
        if not peers[place] and (name, kind) in judge.targets:
            sources[place], peers[place] = "target", AS_GOOD_AS_KNOWN
            places[place] = float(bucket_position(judge.targets[name, kind] * MICROSECONDS))
    longer = above_of_cumulated(pooled, np.nan_to_num(places), first=own.first)
    p = _longer_tests(own, others, np.nan_to_num(places), longer, df=df)
    shrunk = _shrunk(own.names, estimates, judge, df)
    found = []
    for place, (name, estimate) in enumerate(zip(own.names, estimates, strict=True)):
        source = sources[place]
        baseline = None
        if source == "target":
            baseline = judge.targets[name, kind]
        elif source is not None:
            baseline = float(bucket_edge(places[place])) / MICROSECONDS
        tested = source is not None and min(counts[place], peers[place]) >= judge.min_visits
        found.append(
            unchecked(
                Signal,
                {
                    "kind": kind,
                    "touchpoint": name,
                    "estimate": estimate,
                    "baseline": baseline,
                    "baseline_source": source,
                    "excess": (estimate.value or 0.0) / baseline - 1 if baseline else None,
                    "shrunk": shrunk[name],
                    "p": float(p[place]) if tested else None,
                    "affected": 0 if source is None else min(round(float(longer[place])), estimate.customers),
                },
            )
        )
    return found


def _histograms(counted: Counted, table: str) -> _Histograms:
    keys, counts = counted.keys(table), counted.table(table, "count")
    buckets = np.array([int(bucket) for _, bucket in keys], dtype=np.intp)
    any_at = {key[0] for key, some in zip(keys, np.asarray(counts.any(axis=1)).tolist(), strict=True) if some}
    names = [name for name in counted.touchpoints if name in any_at]
    if not names:
        return _Histograms([], np.zeros((1, 0, 1)), 0)
    columns = {name: column for column, name in enumerate(names)}
    kept = np.array([key[0] in columns for key in keys], dtype=bool)
    first = int(buckets[kept].min())
    found = np.zeros((int(buckets[kept].max()) - first + 1, len(names), counts.shape[1]))
    found[buckets[kept] - first, [columns[key[0]] for key in keys if key[0] in columns]] = counts[kept]
    return _Histograms(names, np.cumsum(found, axis=0), first)


def _others(own: _Histograms, judge: Judge) -> Counts:
    members: dict[tuple[str | None, bool], list[int]] = {}
    for place, name in enumerate(own.names):
        members.setdefault(judge.peers.family[name], []).append(place)
    others = np.zeros_like(own.below)
    for places in members.values():
        family = own.below[:, places]
        others[:, places] = family.sum(axis=1, keepdims=True) - family
    return others


def _medians(own: _Histograms, customers: Sequence[int], definition: str) -> list[Estimate]:
    """Read the median of each touchpoint with its interval, widened to the edges of buckets."""
    pooled = own.below.sum(axis=2)
    middles = quantile_of_cumulated(pooled, 0.5, first=own.first)
    waits = own.below[-1]
    above = above_of_cumulated(own.below, middles[:, np.newaxis], first=own.first)
    totals = waits.sum(axis=1)
    effective = totals / design_effect(above, waits)
    alone = np.count_nonzero(waits, axis=1) == 1
    effective = np.where(alone, np.minimum(effective, np.maximum(customers, 1)), effective)
    df = max(own.below.shape[2] - 1, 1)
    shares = np.array([woodruff_shares(0.5, float(size), level=_LEVEL, df=df) for size in effective])
    low, high = (quantile_of_cumulated(pooled, share, first=own.first) for share in shares.T)
    # where in its bucket a quantile lies nobody knows: an interval holds whole buckets
    ends = np.maximum(np.ceil(low) - 1, own.first), np.ceil(high)
    values, lows, highs = (bucket_edge(place) / MICROSECONDS for place in (middles, *ends))
    return [
        unchecked(
            Estimate,
            {
                "value": float(values[place]),
                "low": float(lows[place]),
                "high": float(highs[place]),
                "n": int(totals[place]),
                "customers": customers[place],
                "level": _LEVEL,
                "method": WOODRUFF_METHOD,
                "definition": definition,
            },
        )
        for place in range(len(own.names))
    ]


def _longer_tests(own: _Histograms, others: Counts, places: Counts, longer: Counts, *, df: int) -> Counts:
    """Test whether more than half of the times lie above the place where half of the others do."""
    totals, peers = own.below[-1].sum(axis=1), others[-1].sum(axis=1)
    shares = longer / totals
    # without peers the place is a declared target, the same without any group
    moved = quantile_of_cumulated(leave_one_out(others), 0.5, first=own.first)
    moved = np.where(np.isfinite(moved) & (peers[:, np.newaxis] > 0), moved, places[:, np.newaxis])
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = np.broadcast_to(own.below.sum(axis=2)[:, :, np.newaxis], own.below.shape)
        left = (above_of_cumulated(of, moved, first=own.first) for of in (pooled, own.below))
        without = np.subtract(*left) / leave_one_out(own.below[-1])
        apart = np.where(peers > 0, 0.25 / peers, 0.0)
    variance = jackknife_variance(shares, without)
    # groups can agree by chance; independent times would still vary this much
    return np.asarray(stdtr(df, -(shares - 0.5) / np.sqrt(np.maximum(variance, 0.25 / totals + apart))))


def _shrunk(
    names: Sequence[str], estimates: Sequence[Estimate], judge: Judge, df: int
) -> Mapping[str, Estimate | None]:
    found: dict[str, Estimate | None] = dict.fromkeys(names)
    by_name = dict(zip(names, estimates, strict=True))
    t = t_quantile(_LEVEL, df)
    for members in judge.peers.members.values():
        known = [
            (name, one)
            for name in members
            if (one := by_name.get(name)) is not None and one.value and one.low and one.high
        ]
        if len(known) < 2:  # noqa: PLR2004 - nobody to be shrunk towards
            continue
        spreads = [(math.log((one.high or 0) / (one.low or 1)) / (2 * t)) ** 2 for _, one in known]
        near = shrink_times([one.value or 0 for _, one in known], np.maximum(spreads, 1e-6))
        for (name, one), posterior in zip(known, near, strict=True):
            update = {"value": posterior.mean, "low": posterior.low, "high": posterior.high, "level": 0.9}
            found[name] = one.model_copy(
                update={**update, "method": "empirical Bayes among peers, log-normal"}
            )
    return found
