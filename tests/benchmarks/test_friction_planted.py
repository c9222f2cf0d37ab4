"""How often planted friction is found, by the number of customers: 50 journeys of 20 touchpoints, one of them worse.

Run it by itself, with what it prints: ``uv run pytest tests/benchmarks/test_friction_planted.py -s``.
"""

from __future__ import annotations

import pytest

from tests.analysis.test_friction_judged import planted_rank

SIZES = (200, 1_000, 5_000)
JOURNEYS, MORE = 30, 0.05


@pytest.mark.slow
def test_planted_friction_by_the_number_of_customers(capsys):
    rows = {}
    for customers in SIZES:
        ranks = [planted_rank(seed, customers=customers, more=MORE) for seed in range(JOURNEYS)]
        rows[customers] = tuple(sum(rank <= most for rank in ranks) / JOURNEYS for most in (1, 3))
    with capsys.disabled():
        print(f"\nexits of one touchpoint of 20 raised by {MORE:.0%}, {JOURNEYS} journeys")
        print("customers   first   among the first three")
        for customers, (first, three) in rows.items():
            print(f"{customers:>9,}   {first:>5.0%}   {three:>5.0%}")
    assert rows[5_000][1] >= 0.9
    assert rows[5_000][1] >= rows[200][1]
