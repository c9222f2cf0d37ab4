"""Absorbing chains against Grinstead & Snell, Introduction to Probability, chapter 11."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.errors import UnreachableEndError
from journeymap.stats.chain_algebra import absorbing_chain, exit_fix_gain

EXACT = {"abs": 1e-12, "rel": 1e-12}


def walk(right):
    left = 1 - right
    return absorbing_chain([[0, right, 0], [left, 0, right], [0, left, 0]], [[left, 0], [0, 0], [0, right]])


def test_drunkards_walk():
    chain = walk(0.5)
    assert chain.visits == pytest.approx(np.array([[1.5, 1, 0.5], [1, 2, 1], [0.5, 1, 1.5]]), **EXACT)
    assert chain.steps == pytest.approx([3, 4, 3], **EXACT)
    assert chain.ends == pytest.approx(np.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]]), **EXACT)
    assert chain.steps_variance == pytest.approx([8, 8, 8], **EXACT)
    assert chain.given_end(1).steps == pytest.approx([5, 4, 7 / 3], **EXACT)


def test_biased_walk():
    chain = walk(2 / 3)
    assert 5 * chain.visits == pytest.approx(np.array([[7, 6, 4], [3, 9, 6], [1, 3, 7]]), **EXACT)
    assert chain.steps == pytest.approx([17 / 5, 18 / 5, 11 / 5], **EXACT)
    assert 15 * chain.ends == pytest.approx(np.array([[7, 8], [3, 12], [1, 14]]), **EXACT)


def test_larger_integers():
    inner = [[0, 1 / 4, 1 / 4, 1 / 4], [0, 0, 1 / 3, 1 / 3], [0, 0, 0, 1 / 2], [0, 0, 0, 0]]
    chain = absorbing_chain(inner, [[1 / 4], [1 / 3], [1 / 2], [1]])
    assert chain.steps == pytest.approx([2.083333, 1.833333, 1.5, 1], abs=5e-7)


def test_reaching_is_visiting_at_least_once():
    reach = walk(0.5).reach
    assert reach[0, 1] == pytest.approx(0.5)
    assert reach[1, 1] == pytest.approx(0.5)  # coming back


def test_visits_given_an_end():
    chain = walk(2 / 3)
    b = chain.ends[:, 1]
    assert chain.given_end(1).visits == pytest.approx(chain.visits * b / b[:, None], **EXACT)
    assert chain.given_end(1).steps == pytest.approx(chain.visits @ b / b, **EXACT)


def test_a_circle_without_an_end_is_refused():
    with pytest.raises(UnreachableEndError, match=r"states \[0, 1\]") as caught:
        absorbing_chain([[0, 1, 0], [1, 0, 0], [0, 0, 0.5]], [[0], [0], [0.5]])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("inner", "outer"),
    [([[0.5, 0]], [[0.5]]), ([[0.5]], [[0.6]]), ([[-0.5]], [[1.5]]), ([[0.5]], [[0.5], [0.5]])],
)
def test_what_is_no_chain_is_refused(inner, outer):
    with pytest.raises(ValueError, match=r"must be"):
        absorbing_chain(inner, outer)


def random_chain(seed, size):
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.full(size + 2, 0.5), size=size)
    # every way is open, so that no chain is nearly a circle and no state nearly an exit
    rows = 0.7 * rows + 0.3 / (size + 2)
    return rows[:, :size], rows[:, size:], rng


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.floats(0, 1))
def test_exit_fix_equals_solving_anew(seed, size, less):
    inner, outer, rng = random_chain(seed, size)
    chain = absorbing_chain(inner, outer)
    start = rng.dirichlet(np.ones(size))
    state = int(rng.integers(size))
    kept = (1 - less * outer[state, 1]) / (1 - outer[state, 1])
    closed = exit_fix_gain(
        (start @ chain.visits)[state], chain.visits[state, state], chain.ends[state, 0], kept
    )
    inner[state] *= kept
    outer[state] = [outer[state, 0] * kept, less * outer[state, 1]]
    anew = absorbing_chain(inner, outer)
    assert closed == pytest.approx(start @ anew.ends[:, 0] - start @ chain.ends[:, 0], abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 7))
def test_every_walk_ends(seed, size):
    inner, outer, _ = random_chain(seed, size)
    chain = absorbing_chain(inner, outer)
    assert chain.ends.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (chain.steps_variance > -1e-9).all()
