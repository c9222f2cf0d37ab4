"""How large is a score whose answers were counted by group of customers?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.stats.differences import grouped_mean, mean_interval
from journeymap.stats.net_promoter import grouped_net_promoter, net_promoter

__all__ = ["GroupedScore", "mean_of_groups", "net_score_of_groups"]

Floats = NDArray[np.float64]
_AT_EFFECTIVE = " at the effective sample size"


class GroupedScore(NamedTuple):
    """A score with its interval.

    Parameters
    ----------
    value : float or None
        None without answers.
    low, high : float or None
        The ends of the interval; None where the spread is not known.
    method : str
        How the interval was made.
    """

    value: float | None
    low: float | None
    high: float | None
    method: str


def mean_of_groups(
    totals: ArrayLike,
    squares: ArrayLike,
    weights: ArrayLike,
    *,
    answers: int,
    customers: int,
    bounds: tuple[float, float],
    weight_squared: float | None = None,
    level: float = 0.95,
) -> GroupedScore:
    """How large is the mean of answers?

    ``x = Σwx / Σw``. Where every customer answered once, t at the number of answers n (with weights at Kish's
    ``n = (Σw)² / Σw²``); else at the effective number by leaving out one group of customers at a time, never
    more than that, as of `grouped_mean`.

    Parameters
    ----------
    totals, squares, weights : array_like
        Σwx, Σwx² and Σw, one for each group of customers.
    answers, customers : int
        How many answers, by how many distinct customers.
    bounds : tuple of float
        The ends of the scale.
    weight_squared : float, optional
        Σw²; without weights it is left out.
    level : float
        The confidence level.

    Returns
    -------
    GroupedScore
        In units of the scale; None throughout without answers.

    Examples
    --------
    >>> found = mean_of_groups([5, 4, 2], [25, 16, 4], [1, 1, 1], answers=3, customers=3, bounds=(1, 5))
    >>> round(found.value, 3), found.method
    (3.667, 't')
    """
    table = np.stack([np.asarray(column, dtype=np.float64) for column in (totals, squares, weights)])
    table, worth = _rescaled(table, float(table[2].sum()), weight_squared)
    if worth <= 0:
        return GroupedScore(None, None, None, "")
    whole = grouped_mean(*table, level=level, bounds=bounds, customers=customers)
    value, low, high = whole.value, whole.low, whole.high
    if value is None:
        return GroupedScore(None, None, None, "")
    if answers == customers:
        low, high = mean_interval(value, whole.sd or 0.0, worth, level=level, bounds=bounds)
    value = min(max(value, bounds[0]), bounds[1])  # rounding must not carry a mean off its scale
    return GroupedScore(value, low, high, _method("t", answers, customers, weight_squared))


def net_score_of_groups(
    detractors: ArrayLike,
    passives: ArrayLike,
    promoters: ArrayLike,
    *,
    answers: int,
    customers: int,
    weight_squared: float | None = None,
    level: float = 0.95,
) -> GroupedScore:
    """How far do promoters outweigh detractors?

    The adjusted Wald interval at the sizes that `mean_of_groups` names.

    Parameters
    ----------
    detractors, passives, promoters : array_like
        Sums of weights, one for each group of customers.
    answers, customers : int
        How many answers, by how many distinct customers.
    weight_squared : float, optional
        Σw²; without weights it is left out.
    level : float
        The confidence level.

    Returns
    -------
    GroupedScore
        −1 to 1; None throughout without answers.

    Examples
    --------
    >>> found = net_score_of_groups([8], [13], [15], answers=36, customers=36)
    >>> f"{found.value:.6f} {found.low:.6f} {found.high:.6f} {found.method}"
    '0.194444 -0.062803 0.421777 adjusted Wald'
    """
    table = np.stack([np.asarray(column, dtype=np.float64) for column in (detractors, passives, promoters)])
    table, worth = _rescaled(table, float(table.sum()), weight_squared)
    if worth <= 0:
        return GroupedScore(None, None, None, "")
    if answers == customers:
        d, q, p = (float(counts.sum()) for counts in table)
        found = net_promoter(d, q, p, level=level)
    else:
        found = grouped_net_promoter(*table, level=level, customers=customers)
    method = _method("adjusted Wald", answers, customers, weight_squared)
    return GroupedScore(found.value, found.low, found.high, method)


def _rescaled(table: Floats, total: float, weight_squared: float | None) -> tuple[Floats, float]:
    """Scale weights so that they add up to as many answers of equal weight as say as much."""
    if weight_squared is None or total <= 0:
        return table, total
    worth = total * total / weight_squared
    return table * (worth / total), worth


def _method(name: str, answers: int, customers: int, weight_squared: float | None) -> str:
    return name if answers == customers and weight_squared is None else name + _AT_EFFECTIVE
