"""Chains without end against Grinstead & Snell, Introduction to Probability, chapter 11."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.ergodic_chain import committor, ergodic_chain

EXACT = {"abs": 1e-12, "rel": 1e-12}
OZ = [[1 / 2, 1 / 4, 1 / 4], [1 / 2, 0, 1 / 2], [1 / 4, 1 / 4, 1 / 2]]
# sunny, cloudy, rain
WEATHER = [[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.45, 0.35]]


def test_land_of_oz():
    oz = ergodic_chain(OZ)
    assert oz.stationary == pytest.approx([0.4, 0.2, 0.4], **EXACT)
    assert 75 * oz.fundamental == pytest.approx(np.array([[86, 3, -14], [6, 63, 6], [-14, 3, 86]]), **EXACT)
    passage = np.array([[0, 4, 10 / 3], [8 / 3, 0, 8 / 3], [10 / 3, 4, 0]])
    assert oz.passage == pytest.approx(passage, **EXACT)


def test_weather():
    weather = ergodic_chain(WEATHER)
    sunny, cloudy, rain = weather.passage.T
    assert rain[:2] == pytest.approx([6.666667, 5], abs=5e-7)
    assert sunny[1:] == pytest.approx([3.725490, 4.117647], abs=5e-7)
    assert cloudy[[0, 2]] == pytest.approx([4.285714, 2.857143], abs=5e-7)
    assert weather.recurrence == pytest.approx([2.156863, 3.142857, 4.583333], abs=5e-7)


def test_committor_of_the_weather():
    assert committor(WEATHER, first=0, before=2) == pytest.approx([1, 0.5, 0], **EXACT)


@given(st.integers(0, 2**32 - 1), st.integers(2, 7))
def test_the_first_move_explains_the_passage(seed, size):
    rng = np.random.default_rng(seed)
    p = 0.7 * rng.dirichlet(np.full(size, 0.5), size=size) + 0.3 / size
    chain = ergodic_chain(p)
    assert chain.stationary @ p == pytest.approx(chain.stationary, abs=1e-12)
    assert chain.stationary.sum() == pytest.approx(1, abs=1e-12)
    # m_ij = 1 + Σ_k≠j p_ik m_kj, and the recurrence time on the diagonal
    anew = 1 + p @ chain.passage
    assert anew == pytest.approx(chain.passage + np.diag(chain.recurrence), abs=1e-8)
    towards = committor(p, first=0, before=size - 1)
    assert (towards + committor(p, first=size - 1, before=0)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([[1, 0], [0, 1]], "reachable"),
        ([[0.5, 0.5], [0, 1]], "reachable"),
        ([[0.5, 0.6], [0.5, 0.5]], "sum to 1"),
        ([[1.0]] * 2, "square"),
    ],
)
def test_what_is_no_ergodic_chain_is_refused(rows, match):
    with pytest.raises(ValueError, match=match):
        ergodic_chain(rows)


def test_no_state_comes_before_itself():
    with pytest.raises(ValueError, match="before itself"):
        committor(OZ, first=1, before=1)
