"""Order and homogeneity against Kullback, Kupperman & Ku (1962), Technometrics 4."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from journeymap.stats.markov_tests import (
    homogeneity_test,
    known_chain_test,
    order_test,
    permuted_homogeneity,
)

# the sequence of 150 symbols of KKK, as the documentation of the R package markovchain prints it
KKK = [
    int(symbol)
    for symbol in (
        "012210000001222100100000011200211000000000000001111000021002100000011122002111121111111110201100012"
        "200000022211110111100211000002211111212000122200011"
    )
]
KNOWN = [[5 / 8, 1 / 4, 1 / 8], [1 / 4, 1 / 2, 1 / 4], [1 / 4, 3 / 8, 3 / 8]]
# KKK, table 9.2, as the documentation of PySAL's giddy prints it
FIRST = [
    [22, 11, 24, 2, 2, 7],
    [5, 23, 15, 3, 42, 6],
    [4, 21, 190, 25, 20, 34],
    [0, 2, 14, 56, 14, 28],
    [32, 15, 20, 10, 56, 14],
    [5, 22, 31, 18, 13, 134],
]
SECOND = [
    [3, 6, 9, 3, 0, 8],
    [1, 9, 3, 12, 27, 5],
    [2, 9, 208, 32, 5, 18],
    [0, 14, 32, 108, 40, 40],
    [22, 14, 9, 26, 224, 14],
    [1, 5, 13, 53, 13, 116],
]


def grams(sequence, length):
    return [sequence[place : place + length] for place in range(len(sequence) - length + 1)]


def test_counts_of_the_sequence():
    counts = np.zeros((3, 3), dtype=int)
    for a, b in pairwise(KKK):
        counts[a, b] += 1
    assert len(KKK) == 150
    assert counts.tolist() == [[51, 11, 8], [12, 31, 9], [6, 11, 10]]


def test_against_a_known_chain():
    found = known_chain_test([[51, 11, 8], [12, 31, 9], [6, 11, 10]], KNOWN)
    # R's markovchain prints 6.551795, p .3643: it divides by the sums of the columns
    assert found.g2 == pytest.approx(6.518384, abs=5e-7)
    assert (found.df, found.p) == (6, pytest.approx(0.367688, abs=5e-7))


def test_what_cannot_be_was_counted():
    assert known_chain_test([[1, 1]], [[1, 0]]).p == 0
    nobody = known_chain_test([[0, 0], [4, 4]], [[1, 0], [0.5, 0.5]])
    assert (nobody.g2, nobody.df, nobody.df_full) == (0, 1, 2)


def test_order_of_the_sequence():
    none, one = (order_test(grams(KKK, length), np.ones(151 - length), symbols=3) for length in (2, 3))
    assert none.test.g2 == pytest.approx(43.8218, abs=5e-5)
    assert (none.test.df, none.test.df_full) == (4, 4)
    assert one.test.g2 == pytest.approx(10.6618, abs=5e-5)
    assert (one.test.df, one.test.p) == (12, pytest.approx(0.558, abs=5e-4))
    assert none.aic[1] < none.aic[0]
    assert one.aic[0] < one.aic[1]
    assert one.n == 148


def test_equal_grams_add_up():
    every = order_test(grams(KKK, 3), np.ones(148))
    known, counts = np.unique(grams(KKK, 3), axis=0, return_counts=True)
    added = order_test(known, counts)
    assert added.test == pytest.approx(every.test)
    assert added[1] == every[1]
    assert added.bic == pytest.approx(every.bic)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 3))
def test_order_is_independence_given_the_shorter_context(seed, symbols, length):
    rng = np.random.default_rng(seed)
    table = rng.integers(0, symbols, size=(60, length))
    found = order_test(table, np.ones(60), symbols=symbols)
    g2 = pearson = df = 0
    for context in {tuple(row[1:-1]) for row in table.tolist()}:
        inside = table[[tuple(row[1:-1]) == context for row in table.tolist()]]
        cross = np.zeros((symbols, symbols))
        np.add.at(cross, (inside[:, 0], inside[:, -1]), 1)
        cross = cross[cross.any(axis=1)][:, cross.any(axis=0)]
        likely = chi2_contingency(cross, correction=False, lambda_="log-likelihood")
        g2, df = g2 + likely.statistic, df + likely.dof
        pearson += chi2_contingency(cross, correction=False).statistic
    assert found.test.g2 == pytest.approx(g2, abs=1e-9)
    assert found.test.pearson == pytest.approx(pearson, abs=1e-9)
    assert found.test.df == df
    assert found.aic[0] - found.aic[1] == pytest.approx(g2 - 2 * df, abs=1e-9)
    assert found.test.df_full == symbols ** (length - 2) * (symbols - 1) ** 2


def test_two_tables_of_moves():
    found = homogeneity_test([FIRST, SECOND])
    assert found.g2 == pytest.approx(160.9606, abs=5e-5)
    # 30 in print; nobody ever moved from the fourth to the first, so 29 can be observed
    assert (found.df, found.df_full) == (29, 30)
    assert found.p < 1e-12


def test_the_frequencies_of_pairs_are_another_question():
    # Kullback, Kupperman & Ku: 275.9963 for the pairs, 35 degrees of freedom with the cell that stayed empty;
    # it also asks where people are, not only where they go from there
    cells = np.array([FIRST, SECOND], dtype=float).reshape(2, 36)
    pairs = chi2_contingency(cells[:, cells.sum(axis=0) > 0], correction=False, lambda_="log-likelihood")
    assert pairs.statistic == pytest.approx(275.9963, abs=5e-5)
    assert homogeneity_test([FIRST, SECOND]).g2 < pairs.statistic


def test_homogeneity_of_what_nobody_did():
    found = homogeneity_test([[[3, 0, 1], [0, 0, 0]], [[1, 0, 3], [0, 2, 2]]])
    assert (found.df, found.df_full) == (1, 4)
    assert found.pearson == pytest.approx(chi2_contingency([[3, 1], [1, 3]], correction=False).statistic)


def test_permuted_and_plain_g2_agree():
    cells = np.array([FIRST, SECOND], dtype=float).reshape(2, 36)
    found = permuted_homogeneity(
        cells / 2,
        [0, 1],
        np.repeat(np.arange(6), 6),
        np.random.default_rng(1),
    )
    assert 2 * found.g2 == pytest.approx(160.9606, abs=5e-5)
    assert found.p is None  # two blocks can be dealt out in two ways
    assert (found.df, found.row_df.tolist()) == (29, [5, 5, 5, 4, 5, 5])
    assert found.row_g2.sum() == pytest.approx(found.g2)


def test_rows_without_cells_weigh_nothing():
    found = permuted_homogeneity([[1, 2], [2, 1]], [0, 1], [1, 3], np.random.default_rng(1))
    assert found.row_g2.tolist() == [0, 0, 0, 0]
    assert found.df == 0
    assert found.p_independent == 1


def test_groups_of_like_customers_do_not_make_a_difference():
    # 40 groups whose customers all do the same: G² takes each move for a new witness, the shuffles do not
    rng = np.random.default_rng(4)
    naive, dealt = [], []
    for _ in range(200):
        inclined = rng.beta(2, 2, size=40)
        yes = rng.binomial(30, inclined)
        blocks = np.column_stack((yes, 30 - yes))
        labels = np.repeat([0, 1], 20)
        found = permuted_homogeneity(blocks, labels, [0, 0], rng, permutations=199)
        tables = [[blocks[labels == label].sum(axis=0)] for label in (0, 1)]
        naive.append(homogeneity_test(tables).p < 0.05)
        dealt.append(found.p < 0.05)
        assert found.g2 == pytest.approx(homogeneity_test(tables).g2)
        assert found.p_independent == pytest.approx(homogeneity_test(tables).p)
    assert np.mean(naive) > 0.2
    assert 0.02 <= np.mean(dealt) <= 0.09


def test_a_real_difference_is_seen():
    rng = np.random.default_rng(5)
    yes = rng.binomial(20, np.repeat([0.2, 0.6], 15))
    found = permuted_homogeneity(
        np.column_stack((yes, 20 - yes, np.full(30, 5), np.full(30, 5))),
        np.repeat([0, 1], 15),
        [0, 0, 1, 1],
        rng,
        permutations=199,
    )
    assert found.p == pytest.approx(1 / 200)
    assert found.row_p.tolist() == [pytest.approx(1 / 200), 1]
