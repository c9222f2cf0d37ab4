"""Strata: golden numbers, what must hold, and coverage."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.stats import strata
from journeymap.stats.jackknife import leave_one_out

# Admissions to Berkeley by department, 1973 (Bickel, Hammel & O'Connell 1975, Science 187; the table
# UCBAdmissions of R): admitted and applied, men and women.
MEN = [512, 353, 120, 138, 53, 22], [825, 560, 325, 417, 191, 373]
WOMEN = [89, 17, 202, 131, 94, 24], [108, 25, 593, 375, 393, 341]


def test_the_difference_of_two_strata():
    # Greenland & Robins (1985): strata of .1 and .2 with weights 25 and 37.5
    found = strata.mantel_haenszel_difference([10, 30], [50, 50], [5, 60], [50, 150])
    assert float(found) == pytest.approx(0.16, abs=1e-12)


def test_admissions_by_department():
    assert float(strata.mantel_haenszel_odds(*MEN, *WOMEN)) == pytest.approx(0.904697, abs=5e-7)
    together = [[sum(counts)] for counts in (*MEN, *WOMEN)]
    assert float(strata.mantel_haenszel_odds(*together)) == pytest.approx(1.8411, abs=5e-5)
    plain = strata.mantel_haenszel_test(*MEN, *WOMEN)
    assert (round(plain.statistic, 4), round(plain.p, 4)) == (1.5246, 0.2169)
    corrected = strata.mantel_haenszel_test(*MEN, *WOMEN, corrected=True)
    assert (round(corrected.statistic, 4), round(corrected.p, 4)) == (1.4269, 0.2323)
    alike = strata.breslow_day(*MEN, *WOMEN)
    assert (round(alike.statistic, 3), alike.df, round(alike.p, 4)) == (18.826, 5, 0.0021)
    assert [round(risk, 4) for risk in strata.standardised_risks(*MEN, *WOMEN)] == [0.3873, 0.43]


def test_a_single_stratum_is_the_plain_comparison():
    one = [30], [50], [10], [40]
    assert float(strata.mantel_haenszel_difference(*one)) == pytest.approx(0.6 - 0.25)
    assert float(strata.mantel_haenszel_ratio(*one)) == pytest.approx(0.6 / 0.25)
    assert float(strata.mantel_haenszel_odds(*one)) == pytest.approx(30 * 30 / (20 * 10))
    assert strata.standardised_risks(*one) == (0.6, 0.25)


def test_a_stratum_with_one_side_only_adds_nothing():
    whole = strata.mantel_haenszel_difference([10, 30, 7], [50, 50, 9], [5, 60, 0], [50, 150, 0])
    assert float(whole) == pytest.approx(0.16, abs=1e-12)
    assert np.isnan(strata.mantel_haenszel_difference([3], [4], [0], [0]))
    assert np.isnan(strata.standardised_risks([3], [4], [0], [0])).all()
    assert strata.mantel_haenszel_test([4], [4], [4], [4]).p == 1
    grouped = strata.stratified_difference([[1, 2]], [[2, 2]], [[0, 0]], [[0, 0]])
    assert (grouped.value, grouped.low, grouped.high) == (None, None, None)


def test_replicates_lie_on_the_first_axis():
    rng = np.random.default_rng(1)
    n1, n0 = rng.integers(1, 9, (3, 6)), rng.integers(1, 9, (3, 6))
    a, c = rng.binomial(n1, 0.4), rng.binomial(n0, 0.3)
    without = strata.mantel_haenszel_difference(*(leave_one_out(x).T for x in (a, n1, c, n0)))
    for group in range(6):
        kept = [np.delete(x, group, axis=1).sum(axis=1) for x in (a, n1, c, n0)]
        assert without[group] == pytest.approx(float(strata.mantel_haenszel_difference(*kept)))


def test_interaction():
    # hand arithmetic after the published 2.96, 3.33, 9.04 (RERI printed as 3.74)
    excess, part, synergy = strata.relative_excess(2.96, 3.33, 9.04)
    assert float(excess) == pytest.approx(3.75)
    assert (round(float(part), 2), round(float(synergy), 2)) == (0.41, 1.87)
    found = strata.joint_effect(0.9, 0.5, 0.4, 0.3)
    assert float(found.contrast) == pytest.approx(0.3)
    assert float(found.excess) == pytest.approx(0.3 / 0.3)
    assert np.isnan(strata.joint_effect(0.9, 0.5, 0.4, 0.0).excess)
    assert float(strata.joint_effect(0.5, 0.4, 0.2, 0.1).contrast) == pytest.approx(0)
    assert strata.joint_contrast([[1], [1], [1], [0]], [[2], [2], [2], [0]]) == (None, None, None)


def _grouped(rng, shares, others, sizes, groups=64, spread=0.0):
    """Draw customers in strata: each is in one arm of one stratum, and brings one or more journeys."""
    tables = np.zeros((4, len(shares), groups))
    for stratum, (share, other, (many, few)) in enumerate(zip(shares, others, sizes, strict=True)):
        for arm, (p, size) in enumerate(((share, few), (other, many))):
            who = rng.integers(0, groups, size)
            journeys = 1 + rng.binomial(3, spread, size)
            own = rng.beta(p * 2, (1 - p) * 2, size) if spread else np.full(size, p)
            won = rng.binomial(journeys, own)
            np.add.at(tables[2 * arm, stratum], who, won)
            np.add.at(tables[2 * arm + 1, stratum], who, journeys)
    return tables


@pytest.mark.parametrize(
    ("shares", "others", "sizes", "spread"),
    [
        ((0.6, 0.3), (0.4, 0.2), ((300, 60), (200, 40)), 0.0),
        ((0.5, 0.5, 0.3), (0.5, 0.5, 0.3), ((150, 40), (100, 40), (60, 20)), 0.5),
        ((0.25, 0.15), (0.2, 0.1), ((2000, 150), (2000, 150)), 0.0),
    ],
)
def test_the_interval_of_the_difference_covers_it(shares, others, sizes, spread):
    rng = np.random.default_rng(7)
    inside = tried = 0
    for _ in range(600):
        tables = _grouped(rng, shares, others, sizes, spread=spread)
        weights = np.array([
            many * few / (many + few) for many, few in sizes
        ])  # fmt: skip
        truth = float((weights * (np.array(shares) - others)).sum() / weights.sum())
        found = strata.stratified_difference(*tables)
        tried += 1
        inside += found.low <= truth <= found.high
    assert 0.93 <= inside / tried <= 0.975


def test_few_on_one_side_do_not_make_it_certain():
    rng = np.random.default_rng(11)
    wrong = 0
    for _ in range(400):
        found = strata.stratified_difference(*_grouped(rng, (0.3, 0.3), (0.3, 0.3), ((200, 3), (200, 2))))
        wrong += found.low > 0 or found.high < 0
    assert wrong / 400 <= 0.07


def test_the_interval_of_the_contrast_covers_it():
    rng = np.random.default_rng(3)
    rates = np.array([0.7, 0.4, 0.35, 0.2])
    truth, inside = rates @ [1, -1, -1, 1], 0
    for _ in range(300):
        journeys = rng.multinomial(400, np.full(256, 1 / 256)).reshape(4, 64)
        won = rng.binomial(journeys, rates[:, None])
        _, low, high = strata.joint_contrast(won, journeys)
        inside += low <= truth <= high
    assert 0.93 <= inside / 300 <= 0.98
