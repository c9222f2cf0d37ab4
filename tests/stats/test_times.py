"""Quantiles from histograms and grids."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.log_histogram import bucket_edge, bucket_position, bucket_quantile, share_above
from journeymap.stats.quantiles import woodruff_interval


def counted(spans):
    buckets = [math.floor(8 * math.log2(span + 1)) for span in spans]
    first = min(buckets)
    return np.bincount(np.array(buckets) - first), first


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=60))
def test_a_quantile_is_at_most_one_bucket_off(spans):
    counts, first = counted(spans)
    exact = float(np.quantile(spans, 0.5, method="inverted_cdf"))
    found = float(bucket_edge(bucket_quantile(counts, 0.5, first=first)))
    assert (exact + 1) / 2 ** (1 / 8) - 1e-6 <= found + 1 <= (exact + 1) * 2 ** (1 / 8) + 1e-6


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.floats(0.01, 0.99))
def test_above_a_quantile_lies_the_rest(counts, share):
    if sum(counts):
        place = bucket_quantile(counts, share, first=7)
        assert float(share_above(counts, place, first=7)) == pytest.approx(
            (1 - share) * sum(counts), abs=1e-6
        )


def test_several_histograms_at_once():
    table = np.array([[10, 0], [10, 0], [0, 0], [20, 0]])
    places = bucket_quantile(table, 0.5, first=5)
    assert places[0] == 7
    assert math.isnan(places[1])


def test_buckets_double_every_eight():
    assert bucket_edge([0, 8, 80]).tolist() == [0, 1, 1023]
    assert bucket_position(1023) == 80


def test_woodruff_reads_the_grid():
    grid = np.arange(0.05, 1, 0.05)
    low, high = woodruff_interval(grid, 100 * grid, 96.04)
    assert (low, high) == pytest.approx((40, 60), abs=0.01)
    assert woodruff_interval(grid, 100 * grid, 0) == pytest.approx((5, 95))
