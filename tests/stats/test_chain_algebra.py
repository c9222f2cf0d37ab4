"""Absorbing chains against Grinstead & Snell, Introduction to Probability, chapter 11."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.errors import UnreachableEndError
from journeymap.stats.chain_algebra import (
    absorbing_chain,
    decisiveness,
    elasticities,
    exit_fix_gain,
    expected_time,
    removal_effects,
    sensitivities,
)

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


def c1c2c3():
    """C1 → C2 → C3 → goal; C1 → lost; C2 → C3 → lost (Bryl, analyzecore.com 2016)."""
    chain = absorbing_chain([[0, 0.5, 0], [0, 0, 1], [0, 0, 0]], [[0, 0.5], [0, 0], [0.5, 0.5]])
    return np.array([2 / 3, 1 / 3, 0]), chain


def test_removal_effects_of_three_channels():
    start, chain = c1c2c3()
    assert start @ chain.ends[:, 0] == pytest.approx(1 / 3, **EXACT)
    effects = removal_effects(start, chain)
    assert effects == pytest.approx([0.5, 1, 1], **EXACT)
    assert effects / effects.sum() == pytest.approx([0.2, 0.4, 0.4], **EXACT)


def test_decisiveness_of_three_channels():
    found = decisiveness(*c1c2c3())
    assert found.start == pytest.approx(0.0625, **EXACT)
    assert found.states == pytest.approx([0.1875, 0, 0.75], **EXACT)


def test_removal_effects_of_two_letters():
    # the paths ABABBA, ABBAA and AA, all converting, equal letters in a row taken as one (pychattr)
    chain = absorbing_chain([[0, 0.5], [1, 0]], [[0.5], [0]])
    effects = removal_effects([1, 0], chain)
    assert effects == pytest.approx([1, 0.5], **EXACT)
    assert 3 * effects / effects.sum() == pytest.approx([2, 1], **EXACT)


def test_removal_effects_of_two_channels():
    # google → goal twice, mailing → goal, google → mailing → goal, google → lost
    chain = absorbing_chain([[0, 0.25], [0, 0]], [[0.5, 0.25], [1, 0]])
    start = np.array([0.8, 0.2])
    assert start @ chain.ends[:, 0] == pytest.approx(0.8, **EXACT)
    effects = removal_effects(start, chain)
    assert effects == pytest.approx([0.75, 0.5], **EXACT)
    assert 4 * effects / effects.sum() == pytest.approx([2.4, 1.6], **EXACT)


def test_chain_of_counted_paths():
    # mta: {a > b: 3 won, 1 lost; a > c: 1 won, 1 lost}: a → b 2/3, a → c 1/3, b → goal 3/4, c → goal 1/2
    chain = absorbing_chain([[0, 2 / 3, 1 / 3], [0, 0, 0], [0, 0, 0]], [[0, 0], [0.75, 0.25], [0.5, 0.5]])
    assert chain.ends[0, 0] == pytest.approx(4 / 6, **EXACT)
    assert removal_effects([1, 0, 0], chain) == pytest.approx([1, 0.75, 0.25], **EXACT)


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.floats(0, 0.9))
def test_removal_effects_equal_solving_anew(seed, size, direct):
    inner, outer, rng = random_chain(seed, size)
    chain = absorbing_chain(inner, outer)
    start = (1 - direct) * rng.dirichlet(np.ones(size))
    whole = start @ chain.ends[:, 0] + direct
    effects = removal_effects(start, chain, direct=direct)
    for state in range(size):
        kept = np.arange(size) != state
        fewer = inner * kept[:, None] * kept[None, :]
        lost = outer * kept[:, None]
        lost[:, 1] += 1 - fewer.sum(axis=1) - lost.sum(axis=1)  # who came to the state is lost
        anew = (start * kept) @ absorbing_chain(fewer, lost).ends[:, 0] + direct
        assert effects[state] == pytest.approx(1 - anew / whole, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.floats(0, 0.9))
def test_decisiveness_sums_to_one(seed, size, direct):
    inner, outer, rng = random_chain(seed, size)
    chain = absorbing_chain(inner, outer)
    start = (1 - direct) * rng.dirichlet(np.ones(size))
    found = decisiveness(start, chain, direct=direct)
    assert found.start + found.states.sum() == pytest.approx(1, abs=1e-12)
    # the parts are the variance of the outcome itself
    b, whole = chain.ends[:, 0], start @ chain.ends[:, 0] + direct
    spread = start @ np.square(b - whole) + direct * (1 - whole) ** 2
    assert found.start == pytest.approx(spread / (whole * (1 - whole)), abs=1e-10)


def test_a_certain_outcome_is_decided_nowhere():
    found = decisiveness([1.0], absorbing_chain([[0.5]], [[0.5, 0]]))
    assert (float(found.start), found.states.tolist()) == (0, [0])
    assert np.isnan(removal_effects([1.0], absorbing_chain([[0.5]], [[0, 0.5]]))).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_sensitivities_equal_central_differences(seed, size):
    inner, outer, rng = random_chain(seed, size)
    start = rng.dirichlet(np.ones(size))
    chain = absorbing_chain(inner, outer)
    found = sensitivities(start, chain)
    p, nudge = np.hstack((inner, outer)), 1e-5

    def changed(i, j, by):
        row = p[i] * (1 - p[i, j] - by) / (1 - p[i, j])
        row[j] = p[i, j] + by
        new = p.copy()
        new[i] = row
        return start @ absorbing_chain(new[:, :size], new[:, size:]).ends[:, 0]

    for i in range(size):
        for j in range(size + 2):
            slope = (changed(i, j, nudge) - changed(i, j, -nudge)) / (2 * nudge)
            assert found[i, j] == pytest.approx(slope, abs=1e-7)
    share = p / (start @ chain.ends[:, 0])
    assert elasticities(start, chain) == pytest.approx(found * share, abs=1e-12)


def test_a_stack_is_solved_as_its_chains_are():
    chains = [random_chain(seed, 4) for seed in range(3)]
    stack = absorbing_chain(*(np.array([chain[part] for chain in chains]) for part in (0, 1)))
    starts = np.full((3, 4), 0.25)
    for place, (inner, outer, _) in enumerate(chains):
        one = absorbing_chain(inner, outer)
        for name in ("visits", "steps", "ends", "steps_variance", "reach"):
            assert getattr(stack, name)[place] == pytest.approx(getattr(one, name), abs=1e-12), name
        assert stack.given_end(0).steps[place] == pytest.approx(one.given_end(0).steps, abs=1e-12)
        assert removal_effects(starts, stack)[place] == pytest.approx(removal_effects(starts[0], one))
        assert decisiveness(starts, stack).states[place] == pytest.approx(decisiveness(starts[0], one).states)
        assert sensitivities(starts, stack)[place] == pytest.approx(sensitivities(starts[0], one))


def test_a_circle_is_named():
    with pytest.raises(UnreachableEndError, match="from 'cart', 'pay' no end can be reached"):
        absorbing_chain([[0, 1, 0], [1, 0, 0], [0, 0, 0]], [[0], [0], [1]], names=["cart", "pay", "ad"])


def test_expected_time():
    chain = walk(0.5)
    assert expected_time(chain.visits, [1, 1, 1]) == pytest.approx([3, 4, 3], **EXACT)
    both = expected_time(np.stack((chain.visits, chain.visits)), [[1, 1, 1], [2, 2, 2]])
    assert both == pytest.approx(np.array([[3, 4, 3], [6, 8, 6]]), **EXACT)
