"""Does a number rise or fall from period to period, and how fast?"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from journeymap.stats.jackknife import t_quantile

__all__ = [
    "FEWEST_PERIODS",
    "Direction",
    "MannKendall",
    "Slope",
    "Trend",
    "mann_kendall",
    "theil_sen",
    "trend",
]

Floats = NDArray[np.float64]
Direction = Literal["rising", "falling", "no trend shown"]

FEWEST_PERIODS = 4
"""With fewer periods no order of them is improbable enough to speak of a trend."""

EXACT_UP_TO = 50


class Slope(NamedTuple):
    """A change per unit of time with its interval.

    Parameters
    ----------
    value : float or None
        The slope; None with fewer than two different times.
    low, high : float or None
        The ends of the interval; None where there are too few periods for the level.
    n : int
        Periods with a value.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


class MannKendall(NamedTuple):
    """Whether values rise or fall in their order.

    Parameters
    ----------
    s : int
        Pairs in which the later value is higher, less those in which it is lower.
    variance : float
        The variance of S if there were no trend, ties allowed for.
    tau : float or None
        Kendall's τ_b, −1 to 1; None where all values are equal or there is one only.
    p : float or None
        Two-sided p-value; None with fewer than four values.
    n : int
        Values.
    """

    s: int
    variance: float
    tau: float | None
    p: float | None
    n: int


class Trend(NamedTuple):
    """How fast a number changes per period, and whether it does.

    Parameters
    ----------
    slope : float or None
        Change per unit of time.
    low, high : float or None
        The ends of its interval.
    p : float or None
        Two-sided p-value of no trend.
    direction : str
        "rising", "falling" or "no trend shown".
    n : int
        Periods with a value.
    """

    slope: float | None
    low: float | None
    high: float | None
    p: float | None
    direction: Direction
    n: int


def theil_sen(y: ArrayLike, x: ArrayLike | None = None, *, level: float = 0.95) -> Slope:
    """How much does a number change per unit of time, whatever a few wild periods say?

    The median of ``(y_j − y_i) / (x_j − x_i)`` over all N pairs with different times. The interval runs
    from the r-th smallest to the r-th largest of these slopes, ``r = ⌊(N + 1 − z √Var(S)) / 2⌋``, with the
    variance of Kendall's S, ties allowed for.

    Parameters
    ----------
    y : array_like
        The values; nan where a period has none.
    x : array_like, optional
        Their times; 0, 1, 2, … when not given. A period without a value keeps its place in time.
    level : float
        The confidence level.

    Returns
    -------
    Slope
        In units of y per unit of x; no interval where r is less than 1, as with 4 periods at 95 %.

    Raises
    ------
    ValueError
        When x and y differ in length or hold something infinite.

    Notes
    -----
    The interval takes the periods as independent; a season, or a value that carries over from one period
    to the next, makes it too narrow.

    References
    ----------
    Sen, P. K. (1968). Estimates of the regression coefficient based on Kendall's tau. Journal of the
    American Statistical Association 63, 1379–1389.

    Examples
    --------
    >>> found = theil_sen([9, 15, 19, 20, 45, 55, 78], [1, 2, 3, 4, 10, 12, 18], level=0.93)
    >>> found.value, round(found.low, 4), found.high
    (4.0, 3.7143, 4.375)
    """
    times, values = _known(y, x)
    first, second = np.triu_indices(values.size, 1)
    apart = times[second] != times[first]
    first, second = first[apart], second[apart]
    slopes = np.sort((values[second] - values[first]) / (times[second] - times[first]))
    if not slopes.size:
        return Slope(None, None, None, values.size)
    deviation = math.sqrt(_variance(values, times))
    rank = math.floor((slopes.size + 1 - t_quantile(level, math.inf) * deviation) / 2)
    middle = float(np.median(slopes))
    if rank < 1 or values.size < FEWEST_PERIODS:
        return Slope(middle, None, None, values.size)
    # values that are nearly all tied have a small variance: the ends must not cross the median
    rank = min(rank, (slopes.size + 1) // 2)
    return Slope(middle, float(slopes[rank - 1]), float(slopes[-rank]), values.size)


def mann_kendall(y: ArrayLike) -> MannKendall:
    """Do values rise or fall in their order more than chance would have it?

    ``S = Σ_{i<j} sign(y_j − y_i)``; without trend ``Var(S) = (n(n − 1)(2n + 5) − Σ t(t − 1)(2t + 5)) / 18``
    for ties of t values. The p-value is exact for up to 50 values without ties, and otherwise normal with
    the correction for continuity, ``z = (S − sign S) / √Var(S)``.

    Parameters
    ----------
    y : array_like
        The values in the order of time; nan where a period has none.

    Returns
    -------
    MannKendall
        S, its variance, τ_b and p; p is None with fewer than four values and 1 where all are equal.

    Notes
    -----
    It asks for a steady direction, not for a straight line, and it takes the periods as independent. No
    trend shown is not the same as no trend: five periods only tell when all of them stand in order.

    References
    ----------
    Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13, 245–259.

    Examples
    --------
    >>> found = mann_kendall([5, 6, 4, 7, 9, 8])
    >>> found.s, round(found.variance, 3), round(found.tau, 2), round(found.p, 3)
    (9, 28.333, 0.6, 0.136)
    """
    _, values = _known(y, None)
    n = values.size
    first, second = np.triu_indices(n, 1)
    s = int(np.sign(values[second] - values[first]).sum())
    variance = _variance(values, np.arange(n, dtype=np.float64))
    untied = int(np.count_nonzero(values[second] != values[first]))
    tau = s / math.sqrt(first.size * untied) if untied else None
    if n < FEWEST_PERIODS:
        return MannKendall(s, variance, tau, None, n)
    if untied == first.size and n <= EXACT_UP_TO:
        discordant = (first.size - abs(s)) // 2
        p = 2 * _discordance(n)[discordant]
    else:
        p = 2 * float(ndtr(-max(abs(s) - 1, 0) / math.sqrt(variance))) if variance else 1.0
    return MannKendall(s, variance, tau, min(p, 1.0), n)


def trend(y: ArrayLike, x: ArrayLike | None = None, *, level: float = 0.95) -> Trend:
    """Does a number rise or fall from period to period, and how fast?

    The slope of Theil and Sen with its interval beside the test of Mann and Kendall. A direction is named
    only where p is at most 1 − level and the interval lies on one side of zero.

    Parameters
    ----------
    y : array_like
        One value a period; nan where a period has none.
    x : array_like, optional
        The times of the periods, each once, in any order; 0, 1, 2, … when not given.
    level : float
        The confidence level.

    Returns
    -------
    Trend
        Slope in units of y per unit of x, its interval, p and the direction in words. With fewer than
        four values neither interval nor p, and "no trend shown".

    Raises
    ------
    ValueError
        When x and y differ in length or a time stands twice.

    Notes
    -----
    See `theil_sen` and `mann_kendall`: seasons and carry-over make both too sure.

    Examples
    --------
    >>> trend([0.81, 0.82, 0.84, float("nan"), 0.85, 0.88, 0.90]).direction
    'rising'
    >>> trend([0.81, 0.86, 0.84, 0.82, 0.85]).direction
    'no trend shown'
    """
    times, values = _known(y, x)
    if np.unique(times).size < times.size:
        raise ValueError("a trend needs each period once, and some time in x stands twice")
    order = np.argsort(times)
    slope = theil_sen(values[order], times[order], level=level)
    p = mann_kendall(values[order]).p
    direction: Direction = "no trend shown"
    if p is not None and p <= 1 - level and slope.low is not None and slope.high is not None:
        if slope.low > 0:
            direction = "rising"
        elif slope.high < 0:
            direction = "falling"
    return Trend(slope.value, slope.low, slope.high, p, direction, values.size)


def _known(y: ArrayLike, x: ArrayLike | None) -> tuple[Floats, Floats]:
    """Times and values of the periods that have a value."""
    values = np.asarray(y, dtype=np.float64).ravel()
    times = np.arange(values.size, dtype=np.float64) if x is None else np.asarray(x, dtype=np.float64).ravel()
    if times.size != values.size:
        raise ValueError(f"x and y must have one entry a period: {times.size} times, {values.size} values")
    known = ~(np.isnan(values) | np.isnan(times))
    if not (np.isfinite(values[known]).all() and np.isfinite(times[known]).all()):
        raise ValueError("a trend needs finite values; write nan where a period has none")
    return times[known], values[known]


def _variance(values: Floats, times: Floats) -> float:
    """The variance of Kendall's S without association, ties in either allowed for.

    ``(v₀ − v_t − v_u)/18 + Σt(t−1)Σu(u−1)/(2n(n−1)) + Σt(t−1)(t−2)Σu(u−1)(u−2)/(9n(n−1)(n−2))`` with
    ``v = Σ t(t − 1)(2t + 5)``; the last two terms are zero where only one of the two has ties.
    """
    n = float(values.size)
    if n <= 1:
        return 0.0
    t, u = _ties(values), _ties(times)
    v0, vt, vu = n * (n - 1) * (2 * n + 5), *(float((k * (k - 1) * (2 * k + 5)).sum()) for k in (t, u))
    pairs = float((t * (t - 1)).sum() * (u * (u - 1)).sum())
    triples = float((t * (t - 1) * (t - 2)).sum() * (u * (u - 1) * (u - 2)).sum())
    both = pairs / (2 * n * (n - 1)) + (triples / (9 * n * (n - 1) * (n - 2)) if triples else 0.0)
    return max((v0 - vt - vu) / 18 + both, 0.0)


def _ties(values: Floats) -> Floats:
    return np.unique(values, return_counts=True)[1].astype(np.float64)


@lru_cache(maxsize=64)
def _discordance(n: int) -> tuple[float, ...]:
    """At k the probability that at most k of the pairs of n values in random order fall."""
    chance = np.ones(1)
    for placed in range(2, n + 1):
        # the next value falls below 0, 1, … or all of those before it, each as likely
        chance = np.convolve(chance, np.full(placed, 1 / placed))
    return tuple(np.cumsum(chance).tolist())
