"""The value of a customer in a Markov chain against published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.customer_value import customer_value

# Pfeifer & Carraway (2000): states are periods since the last purchase, the fifth is a former customer
BUYS_AGAIN = (0.3, 0.2, 0.15, 0.05)
REWARDS = (36, -4, -4, -4, 0)


def recency_chain():
    chain = np.zeros((5, 5))
    for state, chance in enumerate(BUYS_AGAIN):
        chain[state, 0] = chance
        chain[state, state + 1] = 1 - chance
    chain[4, 4] = 1
    return chain


def test_value_reproduces_pfeifer_and_carraway():
    found = customer_value(recency_chain(), REWARDS, discount=0.2)
    assert found == pytest.approx([52.31961, 5.55378, 1.25077, -1.82002, 0], abs=5e-6)


def test_value_is_the_sum_of_discounted_rewards():
    chain, still, total = recency_chain(), np.eye(5), np.zeros(5)
    for _ in range(200):
        total += still @ REWARDS
        still = still @ chain / 1.2
    assert customer_value(chain, REWARDS, discount=0.2) == pytest.approx(total)


def test_without_discount_what_ends_still_has_a_value():
    assert customer_value([[0.75]], [10], discount=0) == pytest.approx([40])
    assert customer_value(np.empty((0, 0)), [], discount=0.1).size == 0


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(st.integers(-50, 50), min_size=3, max_size=3),
    st.floats(0.01, 2),
    st.integers(-5, 5),
)
def test_value_satisfies_its_own_equation_and_is_linear(counts, rewards, discount, scale):
    chain = np.array(counts) / np.maximum(np.sum(counts, axis=1, keepdims=True), 1)
    value = customer_value(chain, rewards, discount=discount)
    assert value == pytest.approx(np.array(rewards) + chain @ value / (1 + discount), abs=1e-6)
    scaled = customer_value(chain, scale * np.array(rewards), discount=discount)
    assert scaled == pytest.approx(scale * value, abs=1e-6)


@pytest.mark.parametrize(
    ("chain", "rewards", "discount", "words"),
    [
        ([[1.0]], [1, 2], 0.1, "2 × 2"),
        ([[0.7, 0.7], [0, 1]], [1, 2], 0.1, "no row above 1"),
        ([[-0.1, 0.7], [0, 1]], [1, 2], 0.1, "none below 0"),
        ([[1.0]], [1], 0, "without end"),
        ([[0.5]], [1], -0.5, "without end"),
        ([[0.5]], [1], -1, "above -1"),
        ([[0.5]], [float("nan")], 0.1, "finite"),
    ],
)
def test_what_has_no_value_is_refused(chain, rewards, discount, words):
    with pytest.raises(ValueError, match=words):
        customer_value(chain, rewards, discount=discount)
