"""Which of several ends comes, and by when, where not everybody was watched to the end?

One minus the survival curve of one end, with the other ends counted as censored, is too high: it speaks of a
world in which a ticket that was closed without an answer could still be resolved.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.stats.jackknife import jackknife_variance
from journeymap.stats.survival import Reading, at_distinct_times, cloglog_band, remaining

__all__ = ["IncidenceCurves", "aalen_johansen", "incidence_at"]

Floats = NDArray[np.float64]
# what rounding leaves of nobody at risk, relative to all
NOBODY = 1e-9


class IncidenceCurves(NamedTuple):
    """What share has come to each end, by time.

    Parameters
    ----------
    times : ndarray
        Distinct times at which something happened or somebody was last seen, rising.
    incidence : ndarray
        ``(ends × times)``: the share that has come to each end up to and including each time.
    se : ndarray
        Standard errors in the same shape.
    survival : ndarray
        The share that has come to no end; with the incidences it sums to 1 at every time.
    at_risk : ndarray
        Those still watched at each time, before anything happens then.
    events : ndarray
        ``(ends × times)``: how often each end came.
    censored : ndarray
        Those last seen at each time at no end.
    df : float
        Degrees of freedom: customer groups − 1; infinity for independent customers; 0 where one group tells
        nothing about the spread.
    independent : float
        No more independent observations than this: customers where their number was given, else groups.
    without : ndarray or None
        The incidences without each group, ``(ends × times × groups)``; None for independent customers.
    """

    times: Floats
    incidence: Floats
    se: Floats
    survival: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    df: float
    independent: float
    without: Floats | None


def aalen_johansen(
    times: ArrayLike, events: ArrayLike, censored: ArrayLike | None = None, *, customers: int | None = None
) -> IncidenceCurves:
    """What share has come to each of several ends, by time?

    ``F_k(t) = Σ_{tᵢ ≤ t} S(tᵢ₋₁) d_ki/nᵢ`` with d_ki ends of kind k at tᵢ, nᵢ still watched then and S the
    share that has come to no end. Its variance is
    ``Σ (F(t) − F(tᵢ))² dᵢ/(nᵢ(nᵢ − dᵢ)) + Σ S(tᵢ₋₁)² d_ki(nᵢ − d_ki)/nᵢ³ − 2 Σ (F(t) − F(tᵢ)) S(tᵢ₋₁)
    d_ki/nᵢ²``; with groups of customers that of the jackknife over them, where it is larger.

    Parameters
    ----------
    times : array_like
        Times, not negative, in any order; equal ones are added up.
    events : array_like
        d_ki as ``(ends × times)`` or ``(ends × times × groups)``. Sums of weights are allowed with groups;
        weights should be 1 on average.
    censored : array_like, optional
        Last seen at this time at no end, ``(times)`` or ``(times × groups)``.
    customers : int, optional
        Distinct customers behind the counts of groups: where nothing or everything happened no customer
        counts for more than one (no group, where their number is not known).

    Returns
    -------
    IncidenceCurves
        Of empty arrays where nobody was watched.

    Raises
    ------
    ValueError
        The counts do not have one row for each time.

    References
    ----------
    Aalen, O. O., Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based
    on censored observations. Scandinavian Journal of Statistics 5, 141–150.

    Examples
    --------
    >>> curves = aalen_johansen([1, 2, 3, 4], [[1, 0, 1, 0], [0, 1, 0, 0]], [0, 0, 0, 1])
    >>> curves.incidence[:, -1].tolist(), curves.survival.tolist()
    ([0.5, 0.25], [0.75, 0.5, 0.25, 0.25])
    """
    d, c, distinct = _counted(times, events, censored)
    if d.ndim == 2:  # noqa: PLR2004 - ends and times, no groups
        incidence, survival, at_risk = _incidence(d, c)
        se = np.sqrt(_variance(incidence, survival, d, at_risk))
        return IncidenceCurves(distinct, incidence, se, survival, at_risk, d, c, math.inf, math.inf, None)
    seen = d.sum(axis=(0, 1)) + c.sum(axis=0) > 0
    d, c = d[..., seen], c[..., seen]
    groups, all_d, all_c = d.shape[-1], d.sum(axis=-1), c.sum(axis=-1)
    incidence, survival, at_risk = _incidence(all_d, all_c)
    without, _, _ = _incidence(all_d[..., np.newaxis] - d, all_c[..., np.newaxis] - c)
    variance = _variance(incidence, survival, all_d, at_risk)
    if groups > 1:
        variance = np.maximum(variance, jackknife_variance(incidence, without))
    return IncidenceCurves(
        distinct,
        incidence,
        np.sqrt(variance),
        survival,
        at_risk,
        all_d,
        all_c,
        float(max(groups - 1, 0)),
        float(customers or groups),
        without,
    )


def incidence_at(curves: IncidenceCurves, time: float, *, end: int = 0, level: float = 0.95) -> Reading:
    """What share has come to an end up to a time?

    The interval is that of ``1 − F`` on the scale ``ln(−ln(1 − F))``, as of a survival curve.

    Parameters
    ----------
    curves : IncidenceCurves
        From `aalen_johansen`.
    time : float
        In the unit of the curves' times.
    end : int
        The place of the end among the events that were given.
    level : float
        The confidence level.

    Returns
    -------
    Reading
        0 to 1; None throughout where nobody was watched that long.

    Examples
    --------
    >>> curves = aalen_johansen([1, 2, 3, 4], [[1, 0, 1, 0], [0, 1, 0, 0]], [0, 0, 0, 1])
    >>> found = incidence_at(curves, 3)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.5, 0.155, 0.942)
    """
    times, last = curves.times, curves.times.size - 1
    if last < 0 or (time > times[-1] and curves.survival[-1] > 0):
        return Reading(None, None, None, None)
    here = int(np.searchsorted(times, time, side="right")) - 1
    came = curves.events[:, : here + 1].sum(axis=1)
    if came[end] <= 0:
        # not come to this end for certain: who is still watched and who came to another end
        watched = curves.at_risk[np.searchsorted(times, time)] if time <= times[-1] else 0.0
        others = curves.events[:, times < time].sum()
        trials = min(float(watched + others), curves.independent)
        low, high = cloglog_band([1.0], [0.0], [trials], level=level, df=curves.df)
        return Reading(0.0, 0.0, 1 - float(low[0]), 0.0)
    known = np.minimum(curves.at_risk, curves.independent)
    missed = 1 - curves.incidence[end]
    missed = np.where(missed > NOBODY, missed, 0.0)
    low, high = cloglog_band(missed, curves.se[end], known, level=level, df=curves.df)
    value, se = float(curves.incidence[end, here]), float(curves.se[end, here])
    return Reading(value, 1 - float(high[here]), 1 - float(low[here]), se)


def _counted(
    times: ArrayLike, events: ArrayLike, censored: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    ends = np.asarray(events, dtype=np.float64)
    nobody = np.zeros(ends.shape[1:])
    distinct, tables = at_distinct_times(times, nobody if censored is None else censored, *ends)
    d = np.stack(tables[1:])
    c = tables[0]
    watched = (d.sum(axis=0) + c).sum(axis=tuple(range(1, c.ndim))) > 0
    return d[:, watched], c[watched], distinct[watched]


def _incidence(d: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
    total = d.sum(axis=0)
    survival, at_risk = remaining(total, total + c)
    before = np.concatenate([np.ones_like(survival[:1]), survival[:-1]])
    somebody = at_risk > NOBODY * at_risk[:1]
    hazard = np.divide(before, at_risk, out=np.zeros_like(before), where=somebody)
    return np.cumsum(hazard * d, axis=1), survival, at_risk


def _variance(incidence: Floats, survival: Floats, d: Floats, n: Floats) -> Floats:
    total, f = d.sum(axis=0), incidence
    before = np.concatenate([np.ones_like(survival[:1]), survival[:-1]])
    some = (total > 0) & (n - total > NOBODY * n)
    # where everybody is gone F does not rise any more, and the term is 0
    leave = np.divide(total, n * (n - total), out=np.zeros_like(n), where=some)
    cross = before * d / np.square(n)
    square = (
        f * f * np.cumsum(leave) - 2 * f * np.cumsum(f * leave, axis=1) + np.cumsum(f * f * leave, axis=1)
    )
    own = np.cumsum(np.square(before) * d * (n - d) / n**3, axis=1)
    both = f * np.cumsum(cross, axis=1) - np.cumsum(f * cross, axis=1)
    # differences of sums may leave a little less than nothing
    return np.asarray(np.maximum(square + own - 2 * both, 0.0))
