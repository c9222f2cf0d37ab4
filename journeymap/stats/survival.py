"""How long does it take until something happens, where not everybody was watched to the end?

Counts at distinct times go in: how often it happened then, how many were last seen then without it. Counts of
independent customers stand in one row a time; where a customer may stand behind several of them, the counts
of every group of customers stand side by side, ``(times × groups)``, and the curve is computed again without
each group: every interval read from it is then that of customers, not of events.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from journeymap.stats.jackknife import jackknife_variance, t_quantile

__all__ = [
    "OrderedQuantile",
    "Reading",
    "SurvivalCurve",
    "at_distinct_times",
    "cloglog_band",
    "kaplan_meier",
    "ordered_quantile",
    "remaining",
    "restricted_mean",
    "survival_at",
    "survival_band",
    "survival_quantile",
]

Floats = NDArray[np.float64]
# what rounding leaves of nobody at risk, relative to all
NOBODY = 1e-9


class SurvivalCurve(NamedTuple):
    """For what share it has not happened yet, by time.

    Parameters
    ----------
    times : ndarray
        Distinct times at which it happened or somebody was last seen, rising.
    survival : ndarray
        The share for whom it has not happened up to and including each time.
    se : ndarray
        Its standard error: Greenwood's, or that of leaving out groups of customers where this is larger.
    at_risk : ndarray
        Those still watched at each time, before anything happens then.
    events, censored : ndarray
        How often it happened at each time; how many were last seen then without it.
    df : float
        Degrees of freedom: customer groups − 1; infinity for independent customers; 0 where one group tells
        nothing about the spread.
    independent : float
        No more independent observations than this: customers where their number was given, else groups.
    without : ndarray or None
        The curve without each group, ``(times × groups)``; None for independent customers.
    """

    times: Floats
    survival: Floats
    se: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    df: float
    independent: float
    without: Floats | None


class Reading(NamedTuple):
    """A number read from a curve.

    Parameters
    ----------
    value : float or None
        The number; None where nobody was watched that long.
    low, high : float or None
        The ends of its interval.
    se : float or None
        Its standard error where it has one.
    """

    value: float | None
    low: float | None
    high: float | None
    se: float | None


class OrderedQuantile(NamedTuple):
    """A quantile of values that are all known.

    Parameters
    ----------
    value : float or None
        The smallest value with at least this share at or below it; None without values.
    low, high : float or None
        The values of the two ranks; −∞ and ∞ where the sample is too small to have them.
    ranks : tuple of int
        Ranks of the ends, counted from 1; 0 and n + 1 stand for the infinities.
    coverage : float
        How probable it is that such an interval holds the quantile, at least the level.
    """

    value: float | None
    low: float | None
    high: float | None
    ranks: tuple[int, int]
    coverage: float


def kaplan_meier(
    times: ArrayLike, events: ArrayLike, censored: ArrayLike | None = None, *, customers: int | None = None
) -> SurvivalCurve:
    """For what share has it not happened yet, by time?

    ``S(t) = Π_{tᵢ ≤ t} (1 − dᵢ/nᵢ)`` with dᵢ events at tᵢ and nᵢ still watched then. Its variance is
    Greenwood's, ``S² Σ dᵢ/(nᵢ (nᵢ − dᵢ))``; with groups of customers that of the jackknife over them, where
    it is larger.

    Parameters
    ----------
    times : array_like
        Times, not negative, in any order; equal ones are added up.
    events : array_like
        dᵢ at every time, or ``(times × groups)``. Sums of weights are allowed with groups; weights should be
        1 on average.
    censored : array_like, optional
        Last seen at this time without it, in the same shape: they were watched up to and including it.
    customers : int, optional
        Distinct customers behind the counts of groups: where nothing or everything happened no customer
        counts for more than one (no group, where their number is not known).

    Returns
    -------
    SurvivalCurve
        Of empty arrays where nobody was watched.

    Raises
    ------
    ValueError
        The counts do not have one row for each time.

    Notes
    -----
    Who is not watched to the end must not be so because of what is about to happen: tickets closed without
    an answer are a second end, see `aalen_johansen`, not censored.

    References
    ----------
    Kaplan, E. L., Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the
    American Statistical Association 53, 457–481.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 3], [1, 0, 1], [0, 1, 1])
    >>> curve.survival.tolist()
    [0.75, 0.75, 0.375]
    """
    distinct, (d, c) = at_distinct_times(
        times, events, np.zeros_like(events) if censored is None else censored
    )
    watched = (d + c).sum(axis=tuple(range(1, d.ndim))) > 0
    distinct, d, c = distinct[watched], d[watched], c[watched]
    if d.ndim == 1:
        survival, at_risk = remaining(d, d + c)
        se = np.sqrt(_greenwood(survival, d, at_risk))
        return SurvivalCurve(distinct, survival, se, at_risk, d, c, math.inf, math.inf, None)
    seen = (d + c).sum(axis=0) > 0
    d, c = d[:, seen], c[:, seen]
    groups = d.shape[1]
    all_d, all_c = d.sum(axis=1), c.sum(axis=1)
    survival, at_risk = remaining(all_d, all_d + all_c)
    left = all_d[:, np.newaxis] - d
    without, _ = remaining(left, left + all_c[:, np.newaxis] - c)
    variance = _greenwood(survival, all_d, at_risk)
    if groups > 1:
        variance = np.maximum(variance, jackknife_variance(survival, without))
    return SurvivalCurve(
        distinct,
        survival,
        np.sqrt(variance),
        at_risk,
        all_d,
        all_c,
        float(max(groups - 1, 0)),
        float(customers or groups),
        without,
    )


def survival_band(curve: SurvivalCurve, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Between which ends does the curve lie at each of its times?

    Parameters
    ----------
    curve : SurvivalCurve
        From `kaplan_meier`.
    level : float
        The confidence level, of each time alone, not of all at once.

    Returns
    -------
    tuple of ndarray
        The lower and the upper ends at ``curve.times``, by `cloglog_band`.

    Examples
    --------
    >>> low, high = survival_band(kaplan_meier([1, 2], [5, 5], [0, 10]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.5, 0.271], [0.887, 0.692])
    """
    trials = np.minimum(curve.at_risk, curve.independent)
    return cloglog_band(curve.survival, curve.se, trials, level=level, df=curve.df)


def survival_at(curve: SurvivalCurve, time: float, *, level: float = 0.95) -> Reading:
    """For what share has it not happened up to a time?

    Parameters
    ----------
    curve : SurvivalCurve
        From `kaplan_meier`.
    time : float
        In the unit of the curve's times.
    level : float
        The confidence level.

    Returns
    -------
    Reading
        0 to 1; None throughout where nobody was watched that long.

    Examples
    --------
    >>> found = survival_at(kaplan_meier([1, 2], [5, 5], [0, 10]), 1.5)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.75, 0.5, 0.887)
    """
    times, last = curve.times, curve.times.size - 1
    if last < 0 or (time > times[-1] and curve.survival[-1] > 0):
        return Reading(None, None, None, None)
    here = int(np.searchsorted(times, time, side="right")) - 1
    if here < 0 or curve.survival[here] >= 1:
        # those watched at the time itself, not at the last time before it
        trials = min(float(curve.at_risk[np.searchsorted(times, time)]), curve.independent)
        low, high = cloglog_band([1.0], [0.0], [trials], level=level, df=curve.df)
        return Reading(1.0, float(low[0]), float(high[0]), 0.0)
    low, high = survival_band(curve, level=level)
    return Reading(float(curve.survival[here]), float(low[here]), float(high[here]), float(curve.se[here]))


def survival_quantile(curve: SurvivalCurve, share: float = 0.5, *, level: float = 0.95) -> Reading:
    """After how long has it happened for a given share?

    ``inf{t: S(t) ≤ 1 − q}``; the ends are the times at which the ends of the band fall to 1 − q.

    Parameters
    ----------
    curve : SurvivalCurve
        From `kaplan_meier`.
    share : float
        q; 0.5 for the median.
    level : float
        The confidence level.

    Returns
    -------
    Reading
        In the unit of the curve's times, without standard error. ∞ where the share was not reached while
        somebody was watched; None throughout without times.

    References
    ----------
    Brookmeyer, R., Crowley, J. (1982). A confidence interval for the median survival time. Biometrics 38,
    29–41.

    Examples
    --------
    >>> survival_quantile(kaplan_meier([1, 2, 3], [4, 4, 4], [0, 0, 4]))
    Reading(value=2.0, low=1.0, high=3.0, se=None)
    """
    if not curve.times.size:
        return Reading(None, None, None, None)
    low, high = survival_band(curve, level=level)
    value, first, last = (_first_below(curve.times, line, 1 - share) for line in (curve.survival, low, high))
    return Reading(value, first, last, None)


def restricted_mean(curve: SurvivalCurve, until: float | None = None, *, level: float = 0.95) -> Reading:
    """How long does it take on average, counting no wait for more than a given time?

    ``∫₀^τ S(t) dt`` with variance ``n/(n − 1) Σ_{tᵢ ≤ τ} (∫_{tᵢ}^τ S)² dᵢ/(nᵢ (nᵢ − dᵢ))`` for n watched from
    the start, or that of the jackknife over customer groups where it is larger; t with n − 1 or groups − 1
    degrees of freedom, whichever is less.

    Parameters
    ----------
    curve : SurvivalCurve
        From `kaplan_meier`.
    until : float, optional
        τ; the curve's last time by default.
    level : float
        The confidence level.

    Returns
    -------
    Reading
        0 to τ, in the unit of the curve's times; None throughout where nobody was watched that long.

    Notes
    -----
    Means up to different τ cannot be compared.

    Examples
    --------
    >>> round(restricted_mean(kaplan_meier([1, 2, 3], [1, 1, 1]), 3).value, 3)
    2.0
    """
    if not curve.times.size:
        return Reading(None, None, None, None)
    end = float(curve.times[-1]) if until is None else float(until)
    if end > curve.times[-1] and curve.survival[-1] > 0:
        return Reading(None, None, None, None)
    pieces = np.diff(np.minimum(np.concatenate([[0.0], curve.times, [max(end, curve.times[-1])]]), end))
    value = float(pieces[0] + pieces[1:] @ curve.survival)
    beyond = np.cumsum((pieces[1:] * curve.survival)[::-1])[::-1]
    n = float(curve.at_risk[0])
    # without censoring, this makes it the variance of a mean as everybody knows it
    lost = n / (n - 1) if n > 1 else 0.0
    variance = lost * float(np.square(beyond) @ _hazard_variance(curve.events, curve.at_risk))
    if curve.without is not None and curve.df > 0:
        variance = max(variance, float(jackknife_variance(value, pieces[0] + pieces[1:] @ curve.without)))
    se, df = math.sqrt(variance), min(curve.df, n - 1)
    if se > 0 and df > 0:
        reach = t_quantile(level, df) * se
        return Reading(value, max(0.0, value - reach), min(end, value + reach), se)
    # nothing happened, or all at once, or in one group: the band alone says how little is known
    low, high = survival_band(curve, level=level)
    least = float(pieces @ np.append(low, low[-1]))
    return Reading(value, min(least, value), max(float(pieces[0] + pieces[1:] @ high), value), se)


def ordered_quantile(values: ArrayLike, share: float = 0.5, *, level: float = 0.95) -> OrderedQuantile:
    """How large is a quantile of values that are all known, whatever their distribution?

    Ranks l and u with ``P(B < l) ≤ α/2`` and ``P(B ≥ u) ≤ α/2`` for B binomial of n values and the share.

    Parameters
    ----------
    values : array_like
        One value for each customer.
    share : float
        The share at or below the quantile; 0.5 for the median.
    level : float
        1 − α, the confidence level.

    Returns
    -------
    OrderedQuantile
        In the unit of the values; None throughout without values.

    References
    ----------
    Thompson, W. R. (1936). On confidence ranges for the median and other expectation distributions for
    populations of unknown distribution form. Annals of Mathematical Statistics 7, 122–128.

    Examples
    --------
    >>> found = ordered_quantile(range(1, 21))
    >>> found.value, found.ranks, round(found.coverage, 4)
    (10.0, (6, 15), 0.9586)
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64).ravel())
    n = ordered.size
    if not n:
        return OrderedQuantile(None, None, None, (0, 0), 0.0)
    below = bdtr(np.arange(n + 1, dtype=np.float64), n, share)  # P(B ≤ k) for k = 0 … n
    first = int((below <= (1 - level) / 2).sum())
    last = int(np.argmax(below >= 1 - (1 - level) / 2)) + 1
    coverage = float(below[last - 1] - (below[first - 1] if first else 0.0))
    value = float(ordered[max(math.ceil(share * n - NOBODY), 1) - 1])
    low = float(ordered[first - 1]) if first else -math.inf
    high = float(ordered[last - 1]) if last <= n else math.inf
    return OrderedQuantile(value, low, high, (first, last), coverage)


def cloglog_band(
    survival: ArrayLike, se: ArrayLike, trials: ArrayLike, *, level: float = 0.95, df: float = math.inf
) -> tuple[Floats, Floats]:
    """Between which ends does a falling curve lie, never below 0 or above 1?

    ``S^exp(± t s)`` with ``s = se / (S |ln S|)``: symmetric for ``ln(−ln S)``. Where nothing has happened yet
    that formula has no width; there the lower end is Wilson's at n of n, ``n/(n + t²)``. Where everything has
    happened, the upper end before is taken times ``t²/(n + t²)``.

    Parameters
    ----------
    survival : array_like
        S at rising times.
    se : array_like
        Its standard error.
    trials : array_like
        n, those still watched at each time.
    level : float
        The confidence level.
    df : float
        Degrees of freedom of t; with 0 nothing is known.

    Returns
    -------
    tuple of ndarray
        The lower and the upper ends.

    Examples
    --------
    >>> low, high = cloglog_band([1.0, 0.5, 0.0], [0, 0.1, 0], [10, 10, 5])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.722, 0.295, 0.0], [1.0, 0.675, 0.293])
    """
    s, spread, n = (np.asarray(x, dtype=np.float64) for x in (survival, se, trials))
    if df <= 0:
        return np.zeros_like(s), np.ones_like(s)
    t = t_quantile(level, df)
    inside = (s > 0) & (s < 1)
    safe = np.where(inside, s, 0.5)
    reach = np.exp(np.minimum(t * spread / (safe * -np.log(safe)), 700.0))
    low = np.where(inside, safe**reach, np.where(s >= 1, n / (n + t * t), 0.0))
    high = np.where(inside, safe ** (1 / reach), 1.0)
    for gone in np.flatnonzero(s <= 0)[:1]:
        high[gone:] = (high[gone - 1] if gone else 1.0) * t * t / (n[gone] + t * t)
    return low, high


def at_distinct_times(times: ArrayLike, *tables: ArrayLike) -> tuple[Floats, list[Floats]]:
    """What was counted at each distinct time?

    Parameters
    ----------
    times : array_like
        Times in any order.
    *tables : array_like
        Counts with the times along the first axis, all of one shape.

    Returns
    -------
    tuple of ndarray and list of ndarray
        The distinct times, rising, and the tables with the rows of equal times added up.

    Raises
    ------
    ValueError
        A table does not have one row for each time, or other groups than the first.

    Examples
    --------
    >>> distinct, (counts,) = at_distinct_times([2, 1, 2], [1, 1, 1])
    >>> distinct.tolist(), counts.tolist()
    ([1.0, 2.0], [1.0, 2.0])
    """
    moments = np.asarray(times, dtype=np.float64)
    found_times, place = np.unique(moments, return_inverse=True)
    distinct = np.asarray(found_times, dtype=np.float64)
    found: list[Floats] = []
    for table in tables:
        counts = np.asarray(table, dtype=np.float64)
        if counts.shape[:1] != moments.shape:
            raise ValueError(f"counts need one row for each of {moments.size} times, got {counts.shape}")
        if found and counts.shape[1:] != found[0].shape[1:]:
            raise ValueError(f"counts need the same groups, got {counts.shape} beside {np.shape(tables[0])}")
        added = np.zeros((distinct.size, *counts.shape[1:]))
        np.add.at(added, place, counts)
        found.append(added)
    return distinct, found


def remaining(events: Floats, leaving: Floats) -> tuple[Floats, Floats]:
    """For what share has nothing happened yet, and how many are still watched?

    Parameters
    ----------
    events : ndarray
        Events at rising times along the first axis.
    leaving : ndarray
        All who are not watched any longer after each time, the events among them.

    Returns
    -------
    tuple of ndarray
        ``Π (1 − d/n)`` and n, of the shape of `events`.

    Examples
    --------
    >>> [x.tolist() for x in remaining(np.array([1.0, 1.0]), np.array([1.0, 3.0]))]
    [[0.75, 0.5], [4.0, 3.0]]
    """
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1]
    somebody = at_risk > NOBODY * at_risk[:1]
    hazard = np.clip(np.divide(events, at_risk, out=np.zeros_like(events), where=somebody), 0.0, 1.0)
    kept = np.where(hazard > 1 - NOBODY, 0.0, 1 - hazard)
    return np.asarray(np.cumprod(kept, axis=0), dtype=np.float64), at_risk


def _hazard_variance(events: Floats, at_risk: Floats) -> Floats:
    # the last term, where everybody is gone, is multiplied by a curve of 0 wherever it is used
    left = at_risk - events
    some = (events > 0) & (left > NOBODY * at_risk)
    return np.divide(events, at_risk * left, out=np.zeros_like(events), where=some)


def _greenwood(survival: Floats, events: Floats, at_risk: Floats) -> Floats:
    return np.asarray(np.square(survival) * np.cumsum(_hazard_variance(events, at_risk)))


def _first_below(times: Floats, line: Floats, share: float) -> float:
    reached = np.flatnonzero(line <= share + NOBODY)
    return float(times[reached[0]]) if reached.size else math.inf
