"""Low points of a curve, by hand and beside scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import find_peaks

from journeymap.stats.low_points import LowPoint, low_points


def test_low_points_by_hand():
    assert low_points([2.0, -1.0, 1.0, 0.5, 3.0]) == [LowPoint(1, 3.0), LowPoint(3, 0.5)]
    assert low_points([2.0, -1.0, 1.0, 0.5, 3.0], least=1.0) == [LowPoint(1, 3.0)]


def test_a_flat_bottom_counts_once_in_its_middle():
    assert low_points([1.0, 0.0, 0.0, 0.0, 2.0]) == [LowPoint(2, 1.0)]
    assert low_points([1.0, 0.0, 0.0, 2.0]) == [LowPoint(1, 1.0)]


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 0.0], [0.0, 1.0, 0.0], [3.0, 2.0, 1.0], [1.0] * 5])
def test_ends_and_level_curves_have_no_low_point(values):
    assert low_points(values) == []


@given(
    st.lists(st.one_of(st.integers(-2, 2).map(float), st.floats(-2, 2, width=32)), max_size=30),
    st.sampled_from([0.0, 0.25, 1.0, 1.5]),
)
def test_the_same_as_scipy(values, least):
    places, facts = find_peaks(-np.array(values, dtype=np.float64), prominence=least)
    expected = list(zip(places.tolist(), facts["prominences"].tolist(), strict=True))
    assert [tuple(point) for point in low_points(values, least=least)] == expected
