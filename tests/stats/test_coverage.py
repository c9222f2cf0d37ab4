"""Do 95 % intervals hold the truth 95 times in 100?"""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.stats.shares import share_interval

GROUPS = 64
REPLICATIONS = 2000


def covered(rng, customers, visits, share, unlike):
    """How often the interval holds the true share, for customers whose own shares differ."""
    groups = min(GROUPS, customers)
    hits = 0
    group = np.arange(customers) % groups
    for _ in range(REPLICATIONS):
        n = rng.poisson(visits, customers)
        own = (
            rng.beta(share * unlike, (1 - share) * unlike, customers) if unlike else np.full(customers, share)
        )
        y = rng.binomial(n, own)
        trials, successes = np.bincount(group, n, groups), np.bincount(group, y, groups)
        found = share_interval(successes, trials, customers=int((n > 0).sum()))
        hits += found.value is None or found.low <= share <= found.high
    return 100 * hits / REPLICATIONS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("customers", "visits", "share", "unlike", "least", "most"),
    [  # the exact score interval may be conservative where counts are small
        (10, 1, 0.2, 0, 93, 100),
        (40, 1, 0.2, 0, 93, 97),
        (200, 0.05, 0.2, 0, 93, 100),
        (200, 0.2, 0.2, 0, 93, 97),
        (400, 1, 0.02, 0, 93, 97),
        (100, 3, 0.3, 0, 93, 97),
        (60, 5, 0.1, 1.0, 93, 97),
        (2000, 2, 0.05, 20.0, 93, 97),
    ],
)
def test_wilson_at_the_effective_size_covers(customers, visits, share, unlike, least, most):
    rng = np.random.default_rng(20240501)
    assert least <= covered(rng, customers, visits, share, unlike) <= most
