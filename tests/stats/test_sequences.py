from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.sequences import (
    SubstitutionCosts,
    complexity_index,
    distance_matrix,
    lcs_distance,
    lcs_length,
    matching_distance,
    sequence_entropy,
    transition_rate_costs,
    yujian_bo,
)

words = st.text("abc", max_size=7)


def spells(*parts):
    return [state for state, times in parts for _ in range(times)]


def test_lcs_of_the_article():
    # Gabadinho et al. 2011, JSS 40(4): the first sequences of mvad
    first = spells(("EM", 4), ("TR", 2), ("EM", 64))
    second = spells(("TR", 24), ("FE", 34), ("EM", 10), ("JL", 2))
    assert lcs_length(first, second) == 12
    assert lcs_length(spells(("FE", 36), ("HE", 34)), spells(("FE", 25), ("HE", 45))) == 59
    assert distance_matrix([first, second])[0, 1] == 140 - 24  # longer than a machine word


def test_lcs_of_family_formation():
    # TraMineR's famform: distances printed in its user's guide; the two sequences of length 4
    rows = ["S-U", "S-U-M", "S-U-M-MC", "S-U-M-MC-SC", "U-M-MC"]
    found = distance_matrix([row.split("-") for row in rows])
    assert found.tolist() == [
        [0, 1, 2, 3, 3], [1, 0, 1, 2, 2], [2, 1, 0, 1, 1], [3, 2, 1, 0, 2], [3, 2, 1, 2, 0]
    ]  # fmt: skip
    assert lcs_length("S-U-S-M-S-U".split("-"), "S-U-M-S-SC-UC-MC".split("-")) == 4


def test_largest_entropy():
    # Gabadinho et al. 2011: 12 places, 4 states, ln 4
    assert sequence_entropy("AAABBBCCCDDD") == pytest.approx(1.386294, abs=1e-6)
    assert sequence_entropy("") == 0


def test_complexity_by_hand():
    # ABBA: 2 changes in 3 places, entropy ln 2 of ln 3
    assert complexity_index("ABBA", states=3) == pytest.approx(math.sqrt(2 / 3 * math.log(2) / math.log(3)))
    assert complexity_index("A", states=3) == complexity_index("", states=3) == 0


def test_transition_rates_by_hand():
    # from a: a 1, b 2; from b: b 1, c 1 (weights 1 and 2)
    found = transition_rate_costs(["aab", "bbc"], [1, 1])
    cost = dict(zip(product(found.states, repeat=2), found.costs.ravel(), strict=True))
    assert cost["a", "b"] == cost["b", "a"] == pytest.approx(2 - 0.5)
    assert cost["b", "c"] == pytest.approx(2 - 0.5)
    assert cost["a", "c"] == 2
    assert cost["a", "a"] == 0
    weighted = transition_rate_costs(["ab", "ac"], [3, 1])
    assert weighted.costs[0].tolist() == [0, 1.25, 1.75]


def plain(first, second, indel, cost):
    """Edit costs one cell at a time."""
    table = [[indel * (i + j) for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i, j in product(range(len(first)), range(len(second))):
        table[i + 1][j + 1] = min(
            table[i][j + 1] + indel, table[i + 1][j] + indel, table[i][j] + cost(first[i], second[j])
        )
    return table[-1][-1]


@given(st.lists(words, min_size=1, max_size=6), st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0]))
def test_matrix_is_the_table_filled_cell_by_cell(given_words, exchange):
    found = distance_matrix(given_words, substitution=exchange)
    for (i, one), (j, other) in product(enumerate(given_words), repeat=2):
        assert found[i, j] == pytest.approx(plain(one, other, 1.0, lambda a, b: exchange * (a != b)))


@given(st.lists(words, min_size=1, max_size=6))
def test_matching_with_rates_is_the_table_filled_cell_by_cell(given_words):
    costs = transition_rate_costs(given_words)
    place = {state: number for number, state in enumerate(costs.states)}
    found = distance_matrix(given_words, indel=0.9, substitution=costs)
    for (i, one), (j, other) in product(enumerate(given_words), repeat=2):
        expected = plain(one, other, 0.9, lambda a, b: costs.costs[place[a], place[b]])
        assert found[i, j] == pytest.approx(expected)


@given(words, words)
def test_exchange_at_two_is_lcs(first, second):
    assert matching_distance(first, second) == lcs_distance(first, second)


@given(words, words, words)
def test_normalised_distance_is_a_metric(a, b, c):
    d = distance_matrix([a, b, c], normalised=True)
    assert (d >= 0).all()
    assert (d <= 1).all()
    assert d[0, 2] <= d[0, 1] + d[1, 2] + 1e-12
    assert (d[0, 1] == 0) == (a == b)


def test_normalised_by_hand():
    assert yujian_bo([0, 2, 6], [3, 3, 3], [3, 3, 3]).tolist() == [0, 0.5, 1]
    assert float(yujian_bo(0, 0, 0)) == 0
    assert distance_matrix(["ab", "b"], indel=2, substitution=9, normalised=True)[0, 1] == 0.5


def test_wrong_costs():
    with pytest.raises(ValueError, match="lack the states b"):
        distance_matrix(["ab"], substitution=SubstitutionCosts(("a",), np.zeros((1, 1))))
    with pytest.raises(ValueError, match="indel"):
        distance_matrix(["ab"], indel=0)
    with pytest.raises(ValueError, match="negative"):
        distance_matrix(["ab"], substitution=-1)
    with pytest.raises(ValueError, match="one number a sequence"):
        transition_rate_costs(["ab"], [1, 2])


def test_nothing_to_compare():
    assert distance_matrix([]).shape == (0, 0)
    assert distance_matrix([""]).tolist() == [[0]]
