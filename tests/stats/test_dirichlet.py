"""Rows of few counts, smoothed and drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from journeymap.stats.dirichlet import credible_end, drawn_rows, pooled_row, smoothed_rows


def test_smoothing_by_hand():
    counts = [[3, 1, 0], [0, 0, 0]]
    assert pooled_row(counts).tolist() == [0.75, 0.25, 0]
    assert pooled_row([[0, 0]]).tolist() == [0.5, 0.5]
    rows = smoothed_rows(counts, weight=4)
    assert rows.tolist() == [[0.75, 0.25, 0], [0.75, 0.25, 0]]
    assert smoothed_rows([[3, 1, 0]], weight=4, base=[0.25, 0.25, 0.5])[0] == pytest.approx([0.5, 0.25, 0.25])


def test_draws_follow_the_posterior():
    drawn = drawn_rows([[7, 2]], np.random.default_rng(2), draws=20_000, weight=1, base=[0.5, 0.5])[:, 0, 0]
    assert np.quantile(drawn, [0.025, 0.5, 0.975]) == pytest.approx(
        beta(7.5, 2.5).ppf([0.025, 0.5, 0.975]), abs=0.01
    )


def test_rows_never_seen_can_be_drawn():
    drawn = drawn_rows([[0, 0], [1, 0]], np.random.default_rng(2), draws=50, weight=1e-9, base=[0.5, 0.5])
    assert drawn.sum(axis=-1) == pytest.approx(1, abs=1e-12)


def test_a_chain_of_one_state_is_a_beta():
    found = credible_end(
        [[0, 30, 10]], [40, 0, 0], end=0, ends=2, rng=np.random.default_rng(3), weight=2, draws=20_000
    )
    posterior = beta(31.5, 10.5)  # 30 and 10, and two more at 3 : 1
    assert found.mean == pytest.approx(0.75, abs=0.003)
    assert (found.low, found.high) == pytest.approx(posterior.interval(0.95), abs=0.01)


def test_seeded_draws_repeat():
    moves, entries = [[1, 5, 2, 1], [3, 0, 1, 4]], [9, 0, 0, 0]
    runs = [
        credible_end(moves, entries, end=0, ends=2, rng=np.random.default_rng(seed), draws=100)
        for seed in (1, 1, 2)
    ]
    assert runs[0].draws.tolist() == runs[1].draws.tolist() != runs[2].draws.tolist()
    assert ((runs[0].draws > 0) & (runs[0].draws < 1)).all()


def test_what_is_no_prior_is_refused():
    with pytest.raises(ValueError, match="positive"):
        smoothed_rows([[1, 0]], weight=0)
    with pytest.raises(ValueError, match="sum to 1"):
        smoothed_rows([[1, 0]], base=[0.5, 0.6])
    with pytest.raises(ValueError, match="no beginning"):
        credible_end([[0, 1, 1]], [0, 0, 0], end=0, ends=2, rng=np.random.default_rng(1))
