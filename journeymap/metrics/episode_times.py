"""By when is a given share of episodes over?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.flow import MICROSECONDS, WOODRUFF_METHOD
from journeymap.model.measures import Estimate
from journeymap.stats.clusters import design_effect
from journeymap.stats.log_histogram import bucket_edge, bucket_quantile, share_above
from journeymap.stats.quantiles import woodruff_shares

__all__ = ["time_quantile"]

Counts = NDArray[np.float64]


def time_quantile(
    table: Counts, first: int, share: float, *, customers: int, definition: str, level: float = 0.95
) -> Estimate:
    """By when is a given share over, of times counted into buckets?

    Parameters
    ----------
    table : ndarray
        Consecutive buckets by customer groups, see `journeymap.stats.log_histogram`.
    first : int
        The number of the first bucket.
    share : float
        0 to 1; 0.5 for the median.
    customers : int
        Distinct customers behind the times.
    definition : str
        What was counted, in words.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        Seconds; without value where nothing was counted. An end is missing where so few times do not reach
        it.

    Examples
    --------
    >>> hours = np.zeros((300, 4))
    >>> hours[260] = 25  # a hundred episodes of about 1.6 hours
    >>> found = time_quantile(hours, 0, 0.5, customers=100, definition="")
    >>> 6_000 < found.low < found.value < found.high < 6_700
    True
    """
    total = float(table.sum())
    blank = Estimate(value=None, customers=customers, level=level, definition=definition)
    if not total:
        return blank
    pooled, by_group = table.sum(axis=1), table.sum(axis=0)
    place = float(bucket_quantile(pooled, share, first=first))
    effective = total / float(design_effect(share_above(table, place, first=first), by_group))
    effective = min(effective, float(max(customers, 1)) if np.count_nonzero(by_group) == 1 else total)
    shares = woodruff_shares(share, effective, level=level, df=max(by_group.size - 1, 1))

    def seconds(of: float) -> float:
        return float(bucket_edge(bucket_quantile(pooled, of, first=first))) / MICROSECONDS

    return blank.model_copy(
        update={
            "value": seconds(share),
            "low": seconds(shares[0]) if shares[0] > 0 else None,
            "high": seconds(shares[1]) if shares[1] < 1 else None,
            "n": int(total),
            "method": WOODRUFF_METHOD,
        }
    )
