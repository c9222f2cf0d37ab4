"""Guesses of what comes next, by hand and on chains of known order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import dirichlet_multinomial

from journeymap.stats.next_touchpoint import back_off_chain, move_scores, score_table


def second_order(rng, length):
    """Simulate symbols that depend on the last two."""
    rows = rng.dirichlet(np.full(4, 0.3), size=(4, 4))
    found = [0, 0]
    for _ in range(length):
        found.append(int(rng.choice(4, p=rows[found[-2], found[-1]])))
    table = np.array([found[place : place + 3] for place in range(length)])
    return table[:, :2], table[:, 2], rows


def test_mixing_by_hand():
    contexts = [[0, 0], [0, 0], [1, 0]]
    chain = back_off_chain(contexts, [0, 1, 2], [3, 1, 4], targets=3, order=2)
    alpha = chain.weights
    none = (np.array([3, 1, 4]) + alpha[0] / 3) / (8 + alpha[0])
    one = (np.array([3, 1, 4]) + alpha[1] * none) / (8 + alpha[1])  # every context ends in 0
    two = (np.array([3, 1, 0]) + alpha[2] * one) / (4 + alpha[2])
    assert chain.predict([[0, 0]])[0] == pytest.approx(two)
    assert chain.predict([[2, 0]])[0] == pytest.approx(one)
    assert chain.predict([[0, 5]])[0] == pytest.approx(none)
    assert chain.order == 2


def test_the_weight_makes_the_counts_most_probable():
    rng = np.random.default_rng(6)
    rows = rng.dirichlet(8 * np.array([0.5, 0.3, 0.2]), size=300)
    table = np.array([rng.multinomial(40, row) for row in rows])
    place = np.argwhere(table > 0)
    chain = back_off_chain(place[:, :1], place[:, 1], table[table > 0], targets=3, order=1)
    assert chain.weights[1] == pytest.approx(8, rel=0.15)
    mean = chain.probabilities[0]

    def likelihood(alpha):
        return dirichlet_multinomial(alpha * mean, 40).logpmf(table).sum()

    best = likelihood(chain.weights[1])
    assert best > max(likelihood(chain.weights[1] * factor) for factor in (0.98, 1.02))


def test_a_longer_context_that_adds_nothing_weighs_nothing():
    rng = np.random.default_rng(7)
    contexts = rng.integers(0, 4, size=(5000, 2))
    following = (contexts[:, 1] + (rng.random(5000) < 0.3)) % 4
    chain = back_off_chain(contexts, following, np.ones(5000), targets=4, order=2)
    assert chain.weights[2] > 1000 > chain.weights[1]


def test_order_0_is_the_marginal_share():
    chain = back_off_chain([[0], [1]], [0, 1], [700_000, 300_000], targets=2, order=0)
    assert chain.predict([[1]])[0] == pytest.approx([0.7, 0.3], abs=1e-5)


def test_nothing_counted_is_even():
    chain = back_off_chain(np.zeros((0, 2)), [], [], targets=4, order=2)
    assert chain.predict([[1, 2]]).tolist() == [[0.25] * 4]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2))
def test_rows_are_probabilities(seed, order):
    rng = np.random.default_rng(seed)
    contexts, following = rng.integers(0, 4, size=(30, 2)), rng.integers(0, 5, size=30)
    chain = back_off_chain(contexts, following, rng.integers(0, 4, size=30), targets=5, order=order)
    found = chain.predict(rng.integers(0, 6, size=(20, 2)))
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (found > 0).all()


def test_the_true_order_foretells_best():
    rng = np.random.default_rng(8)
    contexts, following, rows = second_order(rng, 6000)
    train, held = slice(0, 4000), slice(4000, 6000)
    losses = []
    for order in range(3):
        chain = back_off_chain(contexts[train], following[train], np.ones(4000), targets=4, order=order)
        scores = move_scores(chain.predict(contexts[held]), following[held])
        losses.append(score_table(scores, np.ones(2000)).log_loss)
    truth = -np.log(rows[contexts[held][:, 0], contexts[held][:, 1], following[held]]).mean()
    assert losses[2] < losses[1] < losses[0]
    assert losses[2] == pytest.approx(truth, abs=0.02)


def test_scores_by_hand():
    scores = move_scores([[0.5, 0.3, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]], [3, 1])
    assert scores.best.tolist() == [0, 0]
    assert scores.best_three.tolist() == [0, 1]  # of equals the first goes first
    assert scores.log_loss == pytest.approx([np.log(10), np.log(4)])
    assert scores.brier == pytest.approx([0.25 + 0.09 + 0.01 + 0.81, 0.75])
    found = score_table(scores, [1, 3])
    assert found.n == 4
    assert found.top_3 == 0.75
    assert [one.n for one in found.calibration] == [3, 1]


def test_calibrated_guesses_lie_on_the_diagonal():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(3), size=20_000)
    came = (rng.random(20_000)[:, None] > p.cumsum(axis=1)).sum(axis=1)
    for one in score_table(move_scores(p, came), np.ones(20_000)).calibration:
        assert one.low <= one.foretold <= one.high
        if one.n > 500:
            assert one.came == pytest.approx(one.foretold, abs=0.04)


def test_what_cannot_be_judged():
    assert np.isnan(score_table(move_scores(np.zeros((0, 2)), []), []).log_loss)
    with pytest.raises(ValueError, match="contexts of 2"):
        back_off_chain([[0]], [0], [1], targets=1, order=2)
