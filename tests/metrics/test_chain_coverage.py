"""Do the intervals of what is derived from the chain hold the truth as often as they say?"""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.metrics.chain_counts import ChainCounts
from journeymap.metrics.chain_weights import Certainty, start_decisiveness, touchpoint_weights

GROUPS = 64
# C1 → C2 → C3 → goal; C1 → lost; C2 → C3 → lost: what is true of it is known by hand
TRUTH = {"C1 removed": 0.5, "C1 decides": 0.1875, "C3 decides": 0.75, "start decides": 0.0625}


def unlike_customers(rng, customers):
    """Count journeys of customers, one to four each, some of whom are won more easily than others."""
    journeys = rng.integers(1, 5, size=customers)
    inclined = rng.beta(3, 3, size=customers)
    first = rng.binomial(journeys, 2 / 3)
    onward = rng.binomial(first, 0.5)
    second = journeys - first + onward
    won = rng.binomial(second, inclined)
    group = np.arange(customers) % GROUPS

    def count(*rows):
        return np.array([np.bincount(group, weights=row, minlength=GROUPS) for row in rows])

    none = np.zeros(customers)
    return ChainCounts(
        states=("C1", "C2", "C3"),
        visits=count(first, second, second),
        lost=count(first - onward, none, second - won),
        won=count(none, none, won),
        entries=count(first, journeys - first, none),
        entries_at_goal=np.zeros(GROUPS),
        sources=np.array([0, 1]),
        targets=np.array([1, 2]),
        moves=count(onward, second),
    )


@pytest.mark.slow
def test_intervals_of_removal_effects_and_decisiveness():
    rng, held, runs = np.random.default_rng(11), dict.fromkeys(TRUTH, 0), 2000
    sure = Certainty(n=750, customers=300, level=0.95, censored=0)
    for _ in range(runs):
        counts = unlike_customers(rng, 300)
        stack = counts.solve_replicates()
        times = type("Times", (), {"holding": np.zeros_like(stack.start_visits)})
        first, _, third = touchpoint_weights(counts.states, stack, times, sure)
        found = {
            "C1 removed": first.removal_effect,
            "C1 decides": first.decisiveness,
            "C3 decides": third.decisiveness,
            "start decides": start_decisiveness(stack, sure),
        }
        for name, truth in TRUTH.items():
            held[name] += found[name].low <= truth <= found[name].high
    for name, count in held.items():
        assert 0.93 <= count / runs <= 0.97, (name, count / runs)
