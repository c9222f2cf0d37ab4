"""Ratios common to several strata: golden numbers, other programs, and what must hold."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from journeymap.stats import common_ratio
from journeymap.stats.shares import katz_ratio
from journeymap.stats.strata import mantel_haenszel_test

# heart attacks with aspirin and with placebo (Physicians' Health Study, New England Journal of Medicine 318, 1988)
ASPIRIN = [189], [11034], [104], [11037]
# admissions to Berkeley (Bickel, Hammel & O'Connell 1975, Science 187): men and women by department
ADMISSIONS = (
    [512, 353, 120, 138, 53, 22], [825, 560, 325, 417, 191, 373],
    [89, 17, 202, 131, 94, 24], [108, 25, 593, 375, 393, 341],
)  # fmt: skip
count = st.integers(1, 12)


def test_the_aspirin_trial():
    assert common_ratio.common_odds_ratio(*ASPIRIN) == pytest.approx((1.8321, 1.4400, 2.3308), abs=5e-5)
    assert common_ratio.common_share_ratio(*ASPIRIN) == pytest.approx((1.8178, 1.4330, 2.3059), abs=5e-5)


def test_the_lady_who_tasted_tea():
    # Fisher (1935): 3 of 4; 17/70 one-sided
    found = common_ratio.exact_stratum_test([3], [4], [1], [4])
    assert found.more == pytest.approx(17 / 70)
    assert (round(found.more, 6), round(found.p, 6)) == (0.242857, 0.485714)
    assert common_ratio.exact_stratum_test([4], [4], [0], [4]).more == pytest.approx(1 / 70)


def test_admissions_together_and_by_department():
    together = [[sum(column)] for column in ADMISSIONS]
    assert round(together[0][0] / together[1][0], 4) == 0.4452
    assert round(together[2][0] / together[3][0], 4) == 0.3035
    assert round(common_ratio.common_odds_ratio(*together).value, 4) == 1.8411
    found = common_ratio.common_odds_ratio(*ADMISSIONS)
    assert found.value == pytest.approx(0.904697, abs=5e-7)
    assert found.low < 1 < found.high
    # 4,526 applicants: the exact test and that of Mantel and Haenszel with its correction all but agree
    exact = common_ratio.exact_stratum_test(*ADMISSIONS)
    assert exact.p == pytest.approx(mantel_haenszel_test(*ADMISSIONS, corrected=True).p, abs=0.005)


def test_the_interval_is_that_of_another_program():
    tables = [np.array([[a, n1 - a], [c, n0 - c]]) for a, n1, c, n0 in zip(*ADMISSIONS, strict=True)]
    other = StratifiedTable(tables)
    found = common_ratio.common_odds_ratio(*ADMISSIONS)
    assert found == pytest.approx((other.oddsratio_pooled, *other.oddsratio_pooled_confint()))
    assert common_ratio.common_share_ratio(*ADMISSIONS).value == pytest.approx(other.riskratio_pooled)


@given(count, count, count, count)
def test_a_single_stratum_is_woolf_and_katz(a, b, c, d):
    one = [a], [a + b], [c], [c + d]
    reach = 1.959964 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    odds = common_ratio.common_odds_ratio(*one)
    assert math.log(odds.high / odds.low) == pytest.approx(2 * reach, rel=1e-5)
    assert common_ratio.common_share_ratio(*one) == pytest.approx(katz_ratio(a, a + b, c, c + d), rel=1e-9)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), max_size=3
    )
)
def test_the_exact_test_counts_all_tables(cells):
    a, b, c, d = np.array(cells, dtype=int).reshape(-1, 4).T
    n1, n0, hits = a + b, c + d, a + c
    ways = {}
    for one in itertools.product(*(range(n + 1) for n in n1)):
        if all(0 <= m - x <= n for x, m, n in zip(one, hits, n0, strict=True)):
            weight = math.prod(
                math.comb(int(n), x) * math.comb(int(o), int(m) - x)
                for x, n, o, m in zip(one, n1, n0, hits, strict=True)
            )
            # a stratum with one side only adds nothing
            at = sum(x for x, n, o in zip(one, n1, n0, strict=True) if n and o)
            ways[at] = ways.get(at, 0) + weight
    seen = int(a[(n1 > 0) & (n0 > 0)].sum())
    total = sum(ways.values())
    found = common_ratio.exact_stratum_test(a, n1, c, n0)
    assert found.more == pytest.approx(sum(w for at, w in ways.items() if at >= seen) / total)
    assert found.fewer == pytest.approx(sum(w for at, w in ways.items() if at <= seen) / total)
    assert found.p == pytest.approx(sum(w for w in ways.values() if w <= ways[seen]) / total)


def test_nothing_on_one_side():
    assert common_ratio.common_odds_ratio([3], [4], [0], [4])[1:] == (0, math.inf)
    assert common_ratio.common_odds_ratio([3], [4], [0], [4]).value == math.inf
    assert common_ratio.common_share_ratio([0], [4], [2], [4]) == (0, 0, math.inf)
    assert math.isnan(common_ratio.common_odds_ratio([3], [4], [0], [0]).value)
    assert math.isnan(common_ratio.common_share_ratio([], [], [], []).value)
    assert common_ratio.exact_stratum_test([], [], [], []) == (1, 1, 1)
    with pytest.raises(ValueError, match="whole numbers"):
        common_ratio.exact_stratum_test([1.5], [4], [2], [4])
