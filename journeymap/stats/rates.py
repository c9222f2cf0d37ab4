"""How often does something happen per unit of time, and how sure is that?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainccinv, gammaincinv, log_ndtr, ndtr, stdtr

from journeymap.stats.jackknife import jackknife_variance, leave_one_out, t_quantile
from journeymap.stats.shares import Interval, wilson
from journeymap.stats.survival import NOBODY, Reading, at_distinct_times

__all__ = [
    "MeanCumulative",
    "Rate",
    "RateRatio",
    "grouped_rate",
    "mean_cumulative",
    "mean_cumulative_at",
    "poisson_count",
    "poisson_rate",
    "rate_ratio",
]

Floats = NDArray[np.float64]
_LEAST_TAIL = 1e-300


class Rate(NamedTuple):
    """How often something happens per unit of exposure.

    Parameters
    ----------
    value : float or None
        Count / exposure; None without exposure.
    low, high : float or None
        The ends of the interval.
    n : float
        Occurrences.
    exposure : float
        The time at risk.
    n_effective : float
        As many independent occurrences say as much.
    """

    value: float | None
    low: float | None
    high: float | None
    n: float
    exposure: float
    n_effective: float


class RateRatio(NamedTuple):
    """How many times higher one rate is than another.

    Parameters
    ----------
    value : float or None
        First / second; infinite where the second is 0; None where either has no exposure or nothing happened.
    low, high : float or None
        The ends of the interval; infinite where the data set no upper end.
    p : float or None
        How probable a ratio this far from 1, either way, is where the rates are the same.
    """

    value: float | None
    low: float | None
    high: float | None
    p: float | None


class MeanCumulative(NamedTuple):
    """How often it has happened on average per customer, by time.

    Parameters
    ----------
    times : ndarray
        Distinct times at which something happened or watching ended, rising.
    value : ndarray
        Occurrences per customer up to and including each time.
    se : ndarray
        Its standard error.
    at_risk : ndarray
        Customers still watched at each time.
    df : float
        Degrees of freedom: customer groups − 1; infinity without groups; 0 where one group tells nothing
        about the spread.
    """

    times: Floats
    value: Floats
    se: Floats
    at_risk: Floats
    df: float


def poisson_count(count: float, *, level: float = 0.95, df: float = math.inf) -> Interval:
    """Between which ends does the expected count lie, of which one was seen?

    Garwood's exact interval, ``χ²_{α/2, 2k} / 2`` to ``χ²_{1 − α/2, 2k + 2} / 2``.

    Parameters
    ----------
    count : float
        k; need not be whole when it is an effective count.
    level : float
        1 − α, the confidence level.
    df : float
        Degrees of freedom behind the count: α becomes the share beyond which t with so many has as much as z
        at the level. Infinity, the default, is Garwood's interval as it stands.

    Returns
    -------
    Interval
        From 0, where the count is 0.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437–442.

    Examples
    --------
    >>> low, high = poisson_count(10)
    >>> round(low, 4), round(high, 4)
    (4.7954, 18.3904)
    """
    reach = t_quantile(level, df)
    tail = (1 - level) / 2 if math.isinf(df) else float(ndtr(-reach))
    low = float(gammaincinv(count, tail)) if count > 0 else 0.0
    # by the complement: 1 − tail is 1 where t reaches far
    high = float(gammainccinv(count + 1, tail)) if tail > _LEAST_TAIL else _far_end(count, reach)
    return Interval(low, high)


def _far_end(count: float, reach: float) -> float:
    """Find the upper end where the tail is too small to be written as a number.

    Solves ``x − k ln x + ln k! = −ln tail``: so far out the tail is that of its first term.
    """
    tail = -float(log_ndtr(-reach))
    end = count + tail
    for _ in range(200):
        end = tail + count * math.log(end) - math.lgamma(count + 1)
    return end


def poisson_rate(count: float, exposure: float, *, level: float = 0.95) -> Rate:
    """How often does something happen per unit of exposure, where each occurrence is independent?

    ``λ = k / T`` with Garwood's exact interval of k.

    Parameters
    ----------
    count : float
        k.
    exposure : float
        T, for example customer-days under observation.
    level : float
        The confidence level.

    Returns
    -------
    Rate
        Per unit of exposure, not negative; None throughout without exposure.

    Notes
    -----
    Contacts hardly ever are independent: the same customers call again. Use `grouped_rate`.

    Examples
    --------
    >>> found = poisson_rate(3, 100)
    >>> found.value, round(found.low, 6), round(found.high, 6)
    (0.03, 0.006187, 0.087673)
    """
    if exposure <= 0:
        return Rate(None, None, None, float(count), 0.0, float(count))
    low, high = poisson_count(count, level=level)
    return Rate(
        count / exposure, low / exposure, high / exposure, float(count), float(exposure), float(count)
    )


def grouped_rate(counts: ArrayLike, exposures: ArrayLike, *, level: float = 0.95) -> Rate:
    """How often does something happen per unit of exposure, where a customer may come several times?

    ``λ = Σk / ΣT`` with Garwood's interval at the effective count, ``k_eff = k / max(1, v_J / (k/T²))``, v_J
    the variance of λ by leaving out one group of customers at a time; the level is raised as t with G − 1
    degrees of freedom for G groups asks.

    Parameters
    ----------
    counts, exposures : array_like
        k and T, one for each group of customers.
    level : float
        The confidence level.

    Returns
    -------
    Rate
        Per unit of exposure, not negative; None throughout without exposure.

    Notes
    -----
    Where nothing happened the groups cannot show how unlike customers are: the interval is that of
    independent occurrences. In a single group all that happened counts once.

    Examples
    --------
    >>> found = grouped_rate([6, 0, 0, 2], [100, 100, 100, 100])
    >>> found.value, round(found.n_effective, 2)
    (0.02, 2.0)
    """
    k, t = np.asarray(counts, dtype=np.float64), np.asarray(exposures, dtype=np.float64)
    k, t = k[t > 0], t[t > 0]
    count, exposure, groups = float(k.sum()), float(t.sum()), k.size
    if exposure <= 0:
        return Rate(None, None, None, count, 0.0, count)
    value, effect = count / exposure, 1.0
    if groups > 1 and count > 0:
        varied = float(jackknife_variance(value, leave_one_out(k) / leave_one_out(t)))
        effect = max(1.0, varied / (count / exposure**2))
    if groups == 1:
        effect = max(1.0, count)
    low, high = poisson_count(count / effect, level=level, df=groups - 1 if groups > 1 else math.inf)
    scale = exposure / effect
    return Rate(value, low / scale, high / scale, count, exposure, count / effect)


def rate_ratio(
    count: float,
    exposure: float,
    other_count: float,
    other_exposure: float,
    *,
    level: float = 0.95,
    df: float = math.inf,
) -> RateRatio:
    """How many times higher is one rate than another?

    Given the sum of both counts, the first is binomial with ``π = r T₁ / (r T₁ + T₂)`` at the ratio r. The
    ends are those of Wilson's score interval of π, turned back into ratios; p is that of the score test of r
    = 1.

    Parameters
    ----------
    count, exposure : float
        The first rate: k₁ and T₁; both divided by the same number where the count is an effective one.
    other_count, other_exposure : float
        The second rate: k₂ and T₂, of other customers.
    level : float
        The confidence level.
    df : float
        Degrees of freedom of t; infinity, the default, is the classical interval.

    Returns
    -------
    RateRatio
        0 or more; None throughout where either has no exposure or nothing happened in both.

    References
    ----------
    Gu, K., Ng, H. K. T., Tang, M. L., Schucany, W. R. (2008). Testing the ratio of two Poisson rates.
    Biometrical Journal 50, 283–298.

    Examples
    --------
    >>> found = rate_ratio(60, 51477.5, 30, 54308.7)
    >>> f"{found.value:.4f} {found.low:.4f} {found.high:.4f}"
    '2.1100 1.3660 3.2593'
    """
    total = count + other_count
    if min(exposure, other_exposure) <= 0 or total <= 0:
        return RateRatio(None, None, None, None)
    scale = other_exposure / exposure
    value = count / other_count * scale if other_count > 0 else math.inf
    low, high = (
        share / (1 - share) * scale if share < 1 else math.inf
        for share in wilson(count, total, level=level, df=df)
    )
    usual = exposure / (exposure + other_exposure)
    z = (count - total * usual) / math.sqrt(total * usual * (1 - usual))
    return RateRatio(value, low, high, 2 * float(stdtr(min(df, 1e6), -abs(z))))


def mean_cumulative(times: ArrayLike, events: ArrayLike, censored: ArrayLike) -> MeanCumulative:
    """How often has it happened on average per customer, by time?

    ``M(t) = Σ_{tᵢ ≤ t} dᵢ/nᵢ`` with dᵢ occurrences at tᵢ and nᵢ customers still watched then: Nelson's mean
    cumulative function of what can happen again and again. With groups of customers, the variance of the
    jackknife over them; without, that of independent occurrences, ``Σ dᵢ/nᵢ²``.

    Parameters
    ----------
    times : array_like
        Times since each customer was first watched, in any order; equal ones are added up.
    events : array_like
        dᵢ at every time, or ``(times × groups)``.
    censored : array_like
        Customers whose watching ended at this time, in the same shape: every customer ends once. What happens
        at the same time still counts.

    Returns
    -------
    MeanCumulative
        Of empty arrays where nobody was watched.

    Raises
    ------
    ValueError
        The counts do not have one row for each time.

    Notes
    -----
    Without groups the interval takes the contacts of one customer for those of many and is too narrow.

    References
    ----------
    Nelson, W. (1995). Confidence limits for recurrence data: applied to cost or number of product repairs.
    Technometrics 37, 147–157.

    Examples
    --------
    >>> mean_cumulative([2, 3, 4, 5, 6, 8], [1, 1, 0, 1, 0, 0], [0, 0, 1, 0, 1, 1]).value.round(4).tolist()
    [0.3333, 0.6667, 0.6667, 1.1667, 1.1667, 1.1667]
    """
    distinct, (d, c) = at_distinct_times(times, events, censored)
    grouped = d.ndim > 1
    ends = c.sum(axis=1) if grouped else c
    watched = np.cumsum(ends[::-1])[::-1] > 0
    d, c, distinct = d[watched], c[watched], distinct[watched]
    if not grouped:
        value, at_risk = _cumulative(d, c)
        se = np.sqrt(np.cumsum(d / np.square(at_risk)))
        return MeanCumulative(distinct, value, se, at_risk, math.inf)
    seen = c.sum(axis=0) > 0
    d, c = d[:, seen], c[:, seen]
    groups, all_d, all_c = d.shape[1], d.sum(axis=1), c.sum(axis=1)
    value, at_risk = _cumulative(all_d, all_c)
    variance = np.cumsum(all_d / np.square(at_risk))
    if groups > 1:
        without, _ = _cumulative(all_d[:, np.newaxis] - d, all_c[:, np.newaxis] - c)
        variance = np.maximum(variance, jackknife_variance(value, without))
    return MeanCumulative(distinct, value, np.sqrt(variance), at_risk, float(max(groups - 1, 0)))


def mean_cumulative_at(curve: MeanCumulative, time: float, *, level: float = 0.95) -> Reading:
    """How often has it happened on average per customer, up to a time?

    ``M exp(± t se/M)``: symmetric for ln M. Where nothing has happened yet, up to Garwood's upper end of a
    count of 0, divided by the customers watched.

    Parameters
    ----------
    curve : MeanCumulative
        From `mean_cumulative`.
    time : float
        In the unit of the curve's times.
    level : float
        The confidence level.

    Returns
    -------
    Reading
        Occurrences per customer, not negative; None throughout where nobody was watched that long; without
        ends where one group tells nothing about the spread.

    Examples
    --------
    >>> curve = mean_cumulative([2, 3, 4, 5, 6, 8], [1, 1, 0, 1, 0, 0], [0, 0, 1, 0, 1, 1])
    >>> found = mean_cumulative_at(curve, 5.5)
    >>> round(found.value, 4), round(found.low, 3), round(found.high, 3)
    (1.1667, 0.368, 3.701)
    """
    if not curve.times.size or time > curve.times[-1]:
        return Reading(None, None, None, None)
    here = int(np.searchsorted(curve.times, time, side="right")) - 1
    value, se = (float(curve.value[here]), float(curve.se[here])) if here >= 0 else (0.0, 0.0)
    if curve.df <= 0:
        return Reading(value, None, None, None)
    if value <= 0:
        customers = float(curve.at_risk[np.searchsorted(curve.times, time)])
        return Reading(0.0, 0.0, poisson_count(0, level=level).high / customers, 0.0)
    factor = math.exp(min(t_quantile(level, curve.df) * se / value, 700.0))
    return Reading(value, value / factor, value * factor, se)


def _cumulative(d: Floats, c: Floats) -> tuple[Floats, Floats]:
    at_risk = np.cumsum(c[::-1], axis=0)[::-1]
    somebody = at_risk > NOBODY * at_risk[:1]
    return np.cumsum(np.divide(d, at_risk, out=np.zeros_like(d), where=somebody), axis=0), at_risk
