"""How far do promoters outweigh detractors, and how sure is that?"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from journeymap.stats.jackknife import jackknife_variance, leave_one_out, t_quantile
from journeymap.stats.shares import Interval

__all__ = [
    "NetPromoter",
    "NetPromoterDifference",
    "PromoterCounts",
    "answers_needed",
    "grouped_net_promoter",
    "net_promoter",
    "net_promoter_difference",
    "promoter_counts",
]

IntervalMethod = Literal["adjusted_wald", "score", "wald"]
PSEUDO_COUNTS = (0.75, 1.5, 0.75)


class PromoterCounts(NamedTuple):
    """Answers by their three kinds; sums of weights where answers are weighted.

    Parameters
    ----------
    detractors, passives, promoters : float
        Answers below, between and above the two breaks of the scale.
    """

    detractors: float
    passives: float
    promoters: float


class NetPromoter(NamedTuple):
    """A net promoter score with its interval.

    Parameters
    ----------
    value : float or None
        Share of promoters − share of detractors, −1 to 1; None without answers.
    low, high : float or None
        The ends of the interval, within −1 to 1.
    variance : float or None
        Variance of one answer, ``p + d − (p − d)²``, on the shares as they are.
    se : float or None
        ``√(variance / n_effective)``; 0 where all answers are the same, while the default interval is not.
    n : float
        Answers, or the sum of their weights.
    n_effective : float
        As many independent answers say as much.
    """

    value: float | None
    low: float | None
    high: float | None
    variance: float | None
    se: float | None
    n: float
    n_effective: float


class NetPromoterDifference(NamedTuple):
    """By how much two net promoter scores differ.

    Parameters
    ----------
    difference : float or None
        First − second on adjusted counts, the centre of the interval; None where either has no answers.
    se : float or None
        Its standard error.
    low, high : float or None
        The ends of the interval, within −2 to 2.
    z : float or None
        ``difference / se``.
    p : float or None
        How probable a difference this large, either way, is where there is none.
    observed : float or None
        First − second on the counts as they are.
    """

    difference: float | None
    se: float | None
    low: float | None
    high: float | None
    z: float | None
    p: float | None
    observed: float | None


def promoter_counts(
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    passive_from: float = 7,
    promoter_from: float = 9,
) -> PromoterCounts:
    """How many answers are detractors, passives and promoters?

    Parameters
    ----------
    scores : array_like
        Answers on the scale, 0 to 10 by the original definition; nan is no answer.
    weights : array_like, optional
        One for each answer; 1 by default.
    passive_from, promoter_from : float
        The lowest passive score and the lowest promoting one.

    Returns
    -------
    PromoterCounts
        Sums of weights, 0 each without answers.

    Notes
    -----
    A scale of 1 to 10 or of 5 points with breaks of its own gives a number, but no net promoter score that
    could stand beside one from 0 to 10.

    References
    ----------
    Reichheld, F. F. (2003). The one number you need to grow. Harvard Business Review 81(12).

    Examples
    --------
    >>> promoter_counts([0, 6, 7, 8, 9, 10])
    PromoterCounts(detractors=2.0, passives=2.0, promoters=2.0)
    """
    x = np.asarray(scores, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    kinds = (x < passive_from, (x >= passive_from) & (x < promoter_from), x >= promoter_from)
    return PromoterCounts(*(float(w[kind].sum()) for kind in kinds))


def net_promoter(
    detractors: float,
    passives: float,
    promoters: float,
    *,
    method: IntervalMethod = "adjusted_wald",
    level: float = 0.95,
    n_effective: float | None = None,
    df: float = math.inf,
) -> NetPromoter:
    """How far do promoters outweigh detractors?

    ``NPS = p − d``, p and d the shares of promoters and detractors. The interval is ``x ± t √(v / n)`` with
    ``v = p + d − (p − d)²``: by default on counts with ¾ detractor, 1½ passives and ¾ promoter added
    (adjusted Wald), or on the counts as they are (Wald); the score interval asks instead which values the
    answers do not contradict.

    Parameters
    ----------
    detractors, passives, promoters : float
        Counts, or sums of weights.
    method : {"adjusted_wald", "score", "wald"}
        The interval.
    level : float
        The confidence level.
    n_effective : float, optional
        As many independent answers the given ones are worth; their number by default. The interval is made
        as if there were so many with the same shares.
    df : float
        Degrees of freedom of t; infinity, the default, for answers of different customers.

    Returns
    -------
    NetPromoter
        −1 to 1 (× 100 for display); None throughout without answers. The interval is stretched to the
        value where a few equal answers would leave it outside.

    Notes
    -----
    Wald's interval has no width where all answers are the same: few answers then look certain. Scores asked
    after a contact and scores asked once a year are different numbers.

    References
    ----------
    Rocks, B. (2016). Interval estimation for the Net Promoter Score. The American Statistician.

    Examples
    --------
    >>> found = net_promoter(8, 13, 15)
    >>> f"{found.value:.6f} {found.low:.6f} {found.high:.6f}"
    '0.194444 -0.062803 0.421777'
    """
    n = float(detractors) + float(passives) + float(promoters)
    if n <= 0:
        return NetPromoter(None, None, None, None, None, 0.0, 0.0)
    effective = n if n_effective is None else float(n_effective)
    d, q, p = (float(count) / n for count in (detractors, passives, promoters))
    value, variance = p - d, _variance(d, p)
    if effective <= 0:
        return NetPromoter(value, -1.0, 1.0, variance, None, n, 0.0)
    t = t_quantile(level, df)
    if method == "score":
        low, high = _score_interval(d * effective, p * effective, effective, t)
    elif method == "adjusted_wald":
        low, high = _adjusted((d, q, p), effective).interval(t)
    else:
        low, high = _Moments(value, variance / effective).interval(t)
    low, high = max(-1.0, min(low, value)), min(1.0, max(high, value))
    return NetPromoter(value, low, high, variance, math.sqrt(variance / effective), n, effective)


def grouped_net_promoter(
    detractors: ArrayLike,
    passives: ArrayLike,
    promoters: ArrayLike,
    *,
    method: IntervalMethod = "adjusted_wald",
    level: float = 0.95,
    customers: int | None = None,
) -> NetPromoter:
    """How far do promoters outweigh detractors, where a customer may answer more than once?

    `net_promoter` at the effective number of answers, ``n_eff = v / v_J`` and at most n: v the variance of
    one answer, v_J that of the score by leaving out one group of customers at a time; t with G − 1 degrees
    of freedom for G groups that answered.

    Parameters
    ----------
    detractors, passives, promoters : array_like
        Counts or sums of weights, one for each group of customers. Weights should be 1 on average.
    method : {"adjusted_wald", "score", "wald"}
        The interval.
    level : float
        The confidence level.
    customers : int, optional
        Distinct customers who answered. Where all answers are the same or come from one group no customer
        counts for more than one (no group, where the number of customers is not known).

    Returns
    -------
    NetPromoter
        As of `net_promoter`; None throughout without answers.

    Examples
    --------
    >>> found = grouped_net_promoter([2, 0, 0], [0, 1, 0], [0, 1, 4])
    >>> found.value, found.n, round(found.n_effective, 2)
    (0.375, 8.0, 1.83)
    """
    table = np.stack([np.asarray(counts, dtype=np.float64) for counts in (detractors, passives, promoters)])
    table = table[:, table.sum(axis=0) > 0]
    d, q, p = (float(total) for total in table.sum(axis=1))
    n, groups = d + q + p, table.shape[1]
    if n <= 0:
        return net_promoter(0, 0, 0)
    variance, left = _variance(d / n, p / n), leave_one_out(table)
    effective = n
    if groups > 1:
        varied = float(jackknife_variance((p - d) / n, (left[2] - left[0]) / left.sum(axis=0)))
        effective = min(n, variance / varied) if varied > 0 else n
    if groups == 1 or variance <= 0:
        effective = min(effective, float(customers or groups))
    return net_promoter(d, q, p, method=method, level=level, n_effective=effective, df=max(groups - 1, 1))


def net_promoter_difference(
    first: tuple[float, float, float],
    second: tuple[float, float, float],
    *,
    level: float = 0.95,
    n_effective: tuple[float | None, float | None] = (None, None),
    df: float = math.inf,
) -> NetPromoterDifference:
    """By how much do two net promoter scores differ, and can it be chance?

    ``Δ = x₁ − x₂`` with standard error ``√(v₁/n₁ + v₂/n₂)``, scores x, variances of one answer v and numbers
    of answers n each with ¾ detractor, 1½ passives and ¾ promoter added.

    Parameters
    ----------
    first, second : tuple of float
        Detractors, passives and promoters among two sets of customers that do not overlap.
    level : float
        The confidence level.
    n_effective : tuple of float or None
        As many independent answers either set is worth; their number by default.
    df : float
        Degrees of freedom of t.

    Returns
    -------
    NetPromoterDifference
        −2 to 2; None throughout where either set has no answers.

    Examples
    --------
    >>> found = net_promoter_difference((8, 13, 15), (12, 7, 12))
    >>> f"{found.difference:.6f} {found.se:.6f} {found.z:.6f} {found.p:.6f}"
    '0.179487 0.193237 0.928844 0.352970'
    """
    found, observed = [], []
    for counts, worth in zip((first, second), n_effective, strict=True):
        n = float(sum(counts))
        effective = n if worth is None else float(worth)
        if n <= 0 or effective <= 0:
            return NetPromoterDifference(None, None, None, None, None, None, None)
        d, q, p = (count / n for count in counts)
        observed.append(p - d)
        found.append(_adjusted((d, q, p), effective))
    difference = found[0].value - found[1].value
    se = math.sqrt(found[0].variance + found[1].variance)
    reach, z = t_quantile(level, df) * se, difference / se
    raw = observed[0] - observed[1]
    low, high = max(-2.0, min(difference - reach, raw)), min(2.0, max(difference + reach, raw))
    p_value = 2 * float(stdtr(min(df, 1e6), -abs(z)))
    return NetPromoterDifference(difference, se, low, high, z, p_value, raw)


def answers_needed(margin: float, variance: float, *, level: float = 0.95) -> int:
    """How many answers does a net promoter score need to be known this closely?

    ``n = z² v / m²``, rounded up.

    Parameters
    ----------
    margin : float
        m, the half width of the interval, for example 0.05 for ± 5 points.
    variance : float
        v, the variance of one answer, as in `NetPromoter`; 1 at most.
    level : float
        The confidence level.

    Returns
    -------
    int
        Answers of different customers.

    Raises
    ------
    ValueError
        The margin is not above 0.

    Examples
    --------
    >>> answers_needed(0.05, 0.6)
    922
    """
    if margin <= 0:
        raise ValueError(f"a margin is above 0, got {margin:g}")
    return math.ceil(t_quantile(level, math.inf) ** 2 * variance / margin**2)


class _Moments(NamedTuple):
    """A score and the variance of the score (not of one answer)."""

    value: float
    variance: float

    def interval(self, t: float) -> Interval:
        reach = t * math.sqrt(self.variance)
        return Interval(self.value - reach, self.value + reach)


def _variance(detractors: float, promoters: float) -> float:
    # of shares; rounding must not leave a negative one where all answers are the same
    return max(0.0, promoters + detractors - (promoters - detractors) ** 2)


def _adjusted(shares: tuple[float, float, float], n: float) -> _Moments:
    more = n + sum(PSEUDO_COUNTS)
    d, _, p = ((share * n + extra) / more for share, extra in zip(shares, PSEUDO_COUNTS, strict=True))
    return _Moments(p - d, _variance(d, p) / more)


def _score_interval(detractors: float, promoters: float, n: float, t: float) -> Interval:
    from scipy.optimize import brentq  # noqa: PLC0415 - it takes long to load

    def beyond(score: float) -> float:
        # z(score)² − t², with the share of detractors most likely at this score
        b = (2 * n - promoters + detractors) * score - detractors - promoters
        c = -detractors * score * (1 - score)
        likely = (-b + math.sqrt(max(b * b - 8 * n * c, 0.0))) / (4 * n)
        variance = n * (2 * likely + score * (1 - score))
        return (promoters - detractors - n * score) ** 2 - t * t * variance

    value = (promoters - detractors) / n
    ends = []
    for end in (-1.0, 1.0):
        # at the value itself both terms may be 0, where all answers are the same
        start = value + (end - value) * 1e-9
        if beyond(end) <= 0:
            ends.append(end)
        else:
            ends.append(value if beyond(start) >= 0 else float(brentq(beyond, start, end, xtol=1e-12)))
    return Interval(*ends)
