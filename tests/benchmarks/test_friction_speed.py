"""How long judging all signals of a journey of 100 touchpoints takes, beside one inverse for each customer group.

Run it by itself, with what it prints: ``uv run pytest tests/benchmarks/test_friction_speed.py -m benchmark -s``.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

from journeymap.analysis.friction import find_friction
from journeymap.analysis.friction_words import KINDS
from tests.analysis.evidence_by_hand import full_journey

TOUCHPOINTS, GROUPS, RUNS = 100, 64, 7
MOST = 20.0


def seconds(job):
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun


@pytest.mark.benchmark
@pytest.mark.slow
def test_all_signals_beside_one_inverse_a_group(capsys):
    journey = full_journey(touchpoints=TOUCHPOINTS, groups=GROUPS)
    matrices = np.random.default_rng(1).random((GROUPS, TOUCHPOINTS, TOUCHPOINTS)) / TOUCHPOINTS
    chains = np.eye(TOUCHPOINTS) - 0.9 * matrices
    report = find_friction(journey)
    assert set(report.measured) == set(KINDS)
    assert not report.not_measured
    # the least disturbed of several runs; other work on the machine slows either down
    spent = [seconds(lambda: find_friction(journey)) for _ in range(RUNS)]
    beside = [seconds(lambda: [np.linalg.inv(one) for one in chains]) for _ in range(RUNS)]
    ratio = min(spent) / min(beside)
    with capsys.disabled():
        print(
            f"\nfind_friction, {len(KINDS)} signals: {min(spent):.3f} s; {GROUPS} inverses of "
            f"{TOUCHPOINTS} × {TOUCHPOINTS}: {min(beside):.4f} s; ratio {ratio:.1f} (at most {MOST:g})"
        )
    assert ratio < MOST
