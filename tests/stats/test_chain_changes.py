"""The closed forms of changed chains against solving the changed chain anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.stats.chain_algebra import absorbing_chain, exit_fix_gain
from journeymap.stats.chain_changes import changed_values, changed_visits, row_change_gain


def rows(rng, count, size):
    """Rows over states, goal and lost; at least a tenth of each leaves the circle."""
    inner = rng.dirichlet(np.ones(size), count) * rng.uniform(0.1, 0.9, (count, 1))
    goal = rng.uniform(0, 1, count) * (1 - inner.sum(axis=1))
    return np.column_stack((inner, goal, 1 - inner.sum(axis=1) - goal))


def chain_of(full):
    size = full.shape[0]
    return absorbing_chain(full[:, :size], full[:, size:])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_one_changed_row_equals_solving_anew(seed, size):
    rng = np.random.default_rng(seed)
    full = rows(rng, size, size)
    v = int(rng.integers(size))
    new = full.copy()
    new[v] = rows(rng, 1, size)[0]
    before, after = chain_of(full), chain_of(new)
    found = row_change_gain(before.visits, before.ends[:, 0], v, new[v] - full[v])
    assert np.abs(found - (after.ends - before.ends)[:, 0]).max() < 1e-12


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 5))
def test_several_changed_rows_equal_solving_anew(seed, size, count):
    rng = np.random.default_rng(seed)
    full = rows(rng, size, size)
    places = rng.permutation(size)[: min(count, size)]
    new = full.copy()
    new[places] = rows(rng, len(places), size)
    holding, later = rng.uniform(0, 5, size), rng.uniform(0, 5, size)
    later = np.where(np.isin(np.arange(size), places), later, holding)
    before, after = chain_of(full), chain_of(new)
    d = (new - full)[places]
    goal = changed_values(before.visits, before.ends[:, 0], places, d[:, :size], d[:, size])
    assert np.abs(goal - (after.ends - before.ends)[:, 0]).max() < 1e-12
    time = changed_values(
        before.visits, before.visits @ holding, places, d[:, :size], (later - holding)[places]
    )
    assert np.abs(time - (after.visits @ later - before.visits @ holding)).max() < 1e-12 * 500
    assert np.abs(changed_visits(before.visits, places, d[:, :size]) - after.visits).max() < 1e-12 * 100


def test_a_stack_of_replicates_is_each_replicate_by_itself():
    rng = np.random.default_rng(5)
    olds, news = (np.array([rows(rng, 4, 4) for _ in range(7)]) for _ in range(2))
    chains = [chain_of(full) for full in olds]
    n, b = np.array([c.visits for c in chains]), np.array([c.ends[:, 0] for c in chains])
    d = (news - olds)[:, [1, 3]]
    stacked = changed_values(n, b, [1, 3], d[..., :4], d[..., 4])
    for k in range(7):
        alone = changed_values(n[k], b[k], [1, 3], d[k, :, :4], d[k, :, 4])
        assert stacked[k] == pytest.approx(alone, abs=1e-14)
    one = (news - olds)[:, 2]
    assert row_change_gain(n, b, 2, one)[3] == pytest.approx(row_change_gain(n[3], b[3], 2, one[3]))
    assert changed_visits(n, [1, 3], d[..., :4])[6] == pytest.approx(
        changed_visits(n[6], [1, 3], d[6, :, :4])
    )


def test_the_exit_fix_is_a_changed_row():
    rng = np.random.default_rng(2)
    full = rows(rng, 5, 5)
    chain, a = chain_of(full), full[3, -1]
    kept = (1 - a / 2) / (1 - a)
    change = np.append(full[3, :-1] * (kept - 1), -a / 2)
    closed = exit_fix_gain(chain.visits[:, 3], chain.visits[3, 3], chain.ends[3, 0], kept)
    assert row_change_gain(chain.visits, chain.ends[:, 0], 3, change) == pytest.approx(closed, abs=1e-14)


def test_a_circle_without_end_has_no_value():
    chain = absorbing_chain([[0.0, 1.0], [0.5, 0.0]], [[0.0, 0.0], [0.2, 0.3]])
    endless = changed_values(chain.visits, chain.ends[:, 0], [1], [[0.5, 0.0]], [-0.2])
    assert not np.isfinite(endless).all() or np.abs(endless).max() > 1e12
    mixed = changed_values(
        np.array([np.eye(2), np.eye(2)]), np.zeros((2, 2)), [0], np.array([[[1.0, 0.0]], [[0.5, 0.0]]]),
        np.ones((2, 1)),
    )  # fmt: skip
    assert np.isnan(mixed[0]).all()
    assert mixed[1] == pytest.approx([2.0, 0.0])


@pytest.mark.parametrize(("change", "said"), [([0.1, 0.0], "has 3 numbers"), ([0.1, 0.0, 0.1], "sums to 0")])
def test_wrong_changes_are_refused(change, said):
    with pytest.raises(ValueError, match=said):
        row_change_gain([[1.0]], [0.5], 0, change)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="square"):
        changed_values([[1.0, 0.0]], [1.0], [0], [[0.0]], [0.0])
    with pytest.raises(ValueError, match="changed rows"):
        changed_visits(np.eye(2), [0], [[0.0]])
    with pytest.raises(ValueError, match="named once"):
        changed_visits(np.eye(2), [0, 0], np.zeros((2, 2)))
    with pytest.raises(ValueError, match="one reward"):
        changed_values(np.eye(2), [0.0, 0.0], [0], [[0.0, 0.0]], [0.0, 1.0])
