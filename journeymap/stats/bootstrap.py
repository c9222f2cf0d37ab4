"""How sure is a number computed from a small table of customers?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Bootstrapped", "bootstrap_interval"]


class Bootstrapped(NamedTuple):
    """A number with an interval by resampling customers.

    Parameters
    ----------
    value : float
        The number, computed from all customers.
    se : float or None
        Standard deviation over the resamples; None where it cannot be given.
    low, high : float or None
        The ends of the interval; None where all resamples agree or a sample has fewer than two customers.
    """

    value: float
    se: float | None
    low: float | None
    high: float | None


def bootstrap_interval(
    statistic: Callable[..., Any],
    *samples: ArrayLike,
    level: float = 0.95,
    method: Literal["BCa", "percentile"] = "BCa",
    paired: bool = False,
    resamples: int = 2000,
    seed: int = 0,
) -> Bootstrapped:
    """How sure is a number that was computed from a small table of customers?

    Parameters
    ----------
    statistic : callable
        Takes the samples, returns one number. It is called once for each resample.
    *samples : array_like
        One value for each customer; several samples are resampled separately unless `paired`.
    level : float
        The confidence level.
    method : {"BCa", "percentile"}
        Bias-corrected and accelerated, for smooth numbers; plain percentiles for medians and other rough
        ones.
    paired : bool
        Whether the same place in every sample belongs to the same customer.
    resamples : int
        How many times customers are drawn anew.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    Bootstrapped
        In the unit of the number; without interval where all resamples agree or a sample has fewer than two
        customers.

    Notes
    -----
    For small tables in memory, one row a customer. What is counted from a log takes the jackknife over
    customer groups instead.

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association
    82, 171–185.

    Examples
    --------
    >>> found = bootstrap_interval(np.mean, [5, 4, 4, 3, 5, 2, 1, 4, 5, 3], method="percentile")
    >>> float(found.value), bool(2.5 < found.low < 3.6 < found.high < 4.5)
    (3.6, True)
    """
    data = [np.asarray(sample) for sample in samples]
    value = float(statistic(*data))
    if min(sample.size for sample in data) < 2:  # noqa: PLR2004 - one customer has no spread
        return Bootstrapped(value, None, None, None)
    from scipy import stats  # noqa: PLC0415 - it takes long to load

    found = stats.bootstrap(
        data,
        statistic,
        n_resamples=resamples,
        confidence_level=level,
        method="percentile",
        paired=paired,
        vectorized=False,
        random_state=np.random.default_rng(seed),
    )
    se = float(found.standard_error)
    if not se > 0:
        return Bootstrapped(value, None, None, None)
    if method == "BCa":  # the resamples are kept: only the ends are read differently
        found = stats.bootstrap(
            data,
            statistic,
            n_resamples=0,
            confidence_level=level,
            method="BCa",
            paired=paired,
            vectorized=False,
            bootstrap_result=found,
        )
    ends = found.confidence_interval
    return Bootstrapped(value, se, float(ends.low), float(ends.high))
