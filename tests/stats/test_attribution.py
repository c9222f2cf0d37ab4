"""Attribution against published numbers, brute force, and identities."""

from __future__ import annotations

import csv
import gzip
import math
import time
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.errors import JourneyMapError
from journeymap.stats.attribution import attribution_of_paths, path_chain
from journeymap.stats.chain_algebra import absorbing_chain

RULES = ("markov", "shapley", "first", "last", "linear", "position", "time_decay")


def shapley(players, worth):
    """The Shapley value by its definition, in fractions."""
    found = {}
    count = len(players)
    for player in players:
        others = [p for p in players if p != player]
        total = Fraction(0)
        for size in range(count):
            weight = Fraction(math.factorial(size) * math.factorial(count - size - 1), math.factorial(count))
            for group in combinations(others, size):
                gain = Fraction(worth(frozenset((*group, player)))) - Fraction(worth(frozenset(group)))
                total += weight * gain
        found[player] = total
    return found


def without(chain, state):
    """The probability of converting when everybody who comes to a state is lost, solved anew."""
    inner, outer = chain.algebra.transient.copy(), chain.algebra.absorbing.copy()
    inner[state], outer[state] = 0, (0, 1)
    return float(chain.start @ absorbing_chain(inner, outer).ends[:, 0])


def test_glove_and_airport_game():
    # one left glove is worth nothing without a right one; a runway as long as the largest plane needs
    gloves = shapley("abc", lambda g: int(bool(g & {"a", "b"}) and "c" in g))
    assert gloves == {"a": Fraction(1, 6), "b": Fraction(1, 6), "c": Fraction(2, 3)}
    airport = shapley((1, 2, 3), lambda g: max(g, default=0))
    assert airport == {1: Fraction(1, 3), 2: Fraction(5, 6), 3: Fraction(11, 6)}


def test_removal_effects_of_bryl():
    # Bryl, analyzecore.com (2016): C1 > C2 > C3 converts, C1 and C2 > C3 do not
    found = attribution_of_paths([["C1", "C2", "C3"], ["C1"], ["C2", "C3"]], [1, 0, 0], [0, 1, 1])
    assert found.conversion == pytest.approx(1 / 3)
    assert found.removal_effect == pytest.approx({"C1": 0.5, "C2": 1, "C3": 1})
    assert found.markov == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


def test_loops_of_pychattr():
    # the README of pychattr: exact, where it simulates .5067
    paths = ["ABABBA", "ABBAA", "AA"]
    chain = path_chain([list(path) for path in paths], [1, 1, 1])
    assert chain.channels == ("A", "B")
    assert chain.start.tolist() == [1, 0]
    assert chain.algebra.transient.tolist() == [[0, 0.5], [1, 0]]
    found = attribution_of_paths([list(path) for path in paths], [1, 1, 1])
    assert found.removal_effect == pytest.approx({"A": 1, "B": 0.5})
    assert found.markov == pytest.approx({"A": 2, "B": 1})


def test_google_and_mailing():
    paths = [["google"], ["google"], ["mailing"], ["google", "mailing"], ["google"]]
    found = attribution_of_paths(paths, [1, 1, 1, 1, 0], [0, 0, 0, 0, 1])
    assert found.conversion == pytest.approx(0.8)
    assert found.removal_effect == pytest.approx({"google": 0.75, "mailing": 0.5})
    assert found.markov == pytest.approx({"google": 2.4, "mailing": 1.6})


def test_transitions_of_mta():
    # the tests of eeghor/mta: a > b converts 3 of 4 times, a > c once of two
    chain = path_chain([["a", "b"], ["a", "c"]], [3, 1], [1, 1])
    assert chain.algebra.transient[0] == pytest.approx([0, 2 / 3, 1 / 3])
    assert chain.algebra.absorbing[1:, 0] == pytest.approx([3 / 4, 1 / 2])


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ({"a": 4, "ab": 6, "bc": 3, "abc": 9}, {"a": 10, "b": 7.5, "c": 4.5}),
        ({"a": 4, "ab": 6}, {"a": 7, "b": 3}),
        ({"abcd": 10}, {"a": 2.5, "b": 2.5, "c": 2.5, "d": 2.5}),
        ({"aba": 2, "bb": 1}, {"a": 1, "b": 2}),
    ],
)
def test_shapley_is_that_of_the_game(paths, expected):
    found = attribution_of_paths([list(path) for path in paths], list(paths.values())).shapley
    assert found == pytest.approx(expected)

    def worth(group):
        return sum(count for path, count in paths.items() if set(path) <= group)

    by_definition = shapley(sorted(expected), worth)
    assert {channel: float(value) for channel, value in by_definition.items()} == pytest.approx(expected)


def test_rules_by_hand():
    found = attribution_of_paths([list("abac"), ["b"], list("cb")], [10, 2, 4])
    assert found.first == {"a": 10, "b": 2, "c": 4}
    assert found.last == {"a": 0, "b": 6, "c": 10}
    assert found.linear == pytest.approx({"a": 5, "b": 2.5 + 2 + 2, "c": 2.5 + 2})
    assert found.position == pytest.approx({"a": 4 + 1, "b": 1 + 2 + 2, "c": 4 + 2})
    # 1, 2, 4, 8 of 15 to a, b, a, c
    expected = {"a": 10 * 5 / 15, "b": 10 * 2 / 15 + 2 + 4 * 2 / 3, "c": 10 * 8 / 15 + 4 / 3}
    assert found.time_decay == pytest.approx(expected)
    slow = attribution_of_paths([list("abac")], [10], half_life=1e9)
    assert slow.time_decay == pytest.approx(slow.linear)


def test_real_marketing_paths(shared_data):
    # eeghor/mta (MIT): 10,000 paths; the exact limit of what ChannelAttribution simulates
    with gzip.open(shared_data / "paths" / "mta_data.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    paths = [row["path"].split(" > ") for row in rows]
    columns = [[int(row[name]) for row in rows] for name in ("total_conversions", "total_null")]
    begun = time.perf_counter()
    found = attribution_of_paths(paths, *columns)
    assert time.perf_counter() - begun < 1
    assert found.conversion == pytest.approx(0.22384513559686, abs=1e-14)
    effects = {"alpha": 0.55840, "iota": 0.40584, "eta": 0.34903, "beta": 0.26404, "lambda": 0.13402}
    assert {name: found.removal_effect[name] for name in effects} == pytest.approx(effects, abs=5e-6)
    assert found.markov["alpha"] == pytest.approx(5344.95, abs=0.005)
    assert found.linear["alpha"] == pytest.approx(7574.718594, abs=5e-7)
    assert found.first["alpha"] == 6308
    assert found.last["alpha"] == 8447
    for rule in RULES:
        assert sum(getattr(found, rule).values()) == pytest.approx(19_785)


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), st.integers(0, 5), st.integers(0, 5)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_identities(rows):
    paths, conversions, nulls = (list(column) for column in zip(*rows, strict=True))
    found = attribution_of_paths(paths, conversions, nulls)
    total = sum(conversions)
    for rule in RULES:
        assert sum(getattr(found, rule).values()) == pytest.approx(total)
    if not total:
        return
    chain = path_chain(paths, conversions, nulls)
    assert chain.conversion == pytest.approx(total / (total + sum(nulls)))
    for state, channel in enumerate(chain.channels):
        removed = 1 - without(chain, state) / chain.conversion
        assert found.removal_effect[channel] == pytest.approx(removed, abs=1e-9)


def test_nothing_to_hand_out():
    assert attribution_of_paths([], []).markov == {}
    nobody = attribution_of_paths([["a"]], [0], [3])
    assert (nobody.conversion, nobody.markov, nobody.removal_effect) == (0, {"a": 0}, {"a": 0})
    assert attribution_of_paths([["a"], ["b"]], [0, 2], [0, 0]).first == {"b": 2}


@pytest.mark.parametrize(
    ("paths", "conversions", "nulls", "words"),
    [
        (["a > b"], [1], None, r"paths\[0\] is a text"),
        ([[]], [1], None, r"paths\[0\] is empty"),
        ([["a"]], [1, 2], None, "do not fit together"),
        ([["a"]], [-1], None, "negative or unknown"),
        ([["a"]], [np.nan], None, "negative or unknown"),
    ],
)
def test_what_is_no_path(paths, conversions, nulls, words):
    with pytest.raises(JourneyMapError, match=words):
        attribution_of_paths(paths, conversions, nulls)


def test_no_half_life():
    with pytest.raises(JourneyMapError, match="half_life"):
        attribution_of_paths([["a"]], [1], half_life=0)
    with pytest.raises(JourneyMapError, match="no paths"):
        path_chain([], [])
