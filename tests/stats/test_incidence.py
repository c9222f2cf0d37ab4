"""Several ends: Aalen and Johansen's curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight

from journeymap.stats.incidence import aalen_johansen, incidence_at
from journeymap.stats.survival import kaplan_meier, survival_at

# methods.md 1.6: T = 1 .. 10, E = end 1, end 2 or 0 for censored
ENDS = np.array([1, 2, 0, 1, 2, 1, 0, 2, 1, 0])
TEN = np.arange(1, 11)

histories = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=40)


def curves_of(times, ends, groups=None):
    times, ends = np.asarray(times), np.asarray(ends)
    came, censored = np.stack([ends == 1, ends == 2]).astype(float), (ends == 0).astype(float)
    if groups is None:
        return aalen_johansen(times, came, censored)
    belongs = (np.arange(times.size) % groups)[:, np.newaxis] == np.arange(groups)
    return aalen_johansen(times, came[..., np.newaxis] * belongs, censored[:, np.newaxis] * belongs)


def test_two_ends():
    curves = curves_of(TEN, ENDS)
    assert incidence_at(curves, 10).value == pytest.approx(0.480952, abs=5e-7)
    assert incidence_at(curves, 10, end=1).value == pytest.approx(0.366667, abs=5e-7)
    assert curves.survival[-1] == pytest.approx(0.152381, abs=5e-7)
    naive = kaplan_meier(TEN, ENDS == 1, ENDS != 1)
    assert 1 - survival_at(naive, 10).value == pytest.approx(0.691429, abs=5e-7)


def test_curves_are_statsmodels():
    rng = np.random.default_rng(4)
    times, ends = rng.integers(1, 25, 80), rng.integers(0, 3, 80)
    curves, oracle = curves_of(times, ends), CumIncidenceRight(times, ends)
    here = np.searchsorted(curves.times, oracle.times)
    for end in (0, 1):
        assert curves.incidence[end][here] == pytest.approx(oracle.cinc[end])


@given(histories, st.sampled_from([None, 2, 5]))
def test_all_ends_and_none_sum_to_1(pairs, groups):
    curves = curves_of(*zip(*pairs, strict=True), groups=groups)
    assert curves.incidence.sum(axis=0) + curves.survival == pytest.approx(1)
    assert (np.diff(curves.incidence, axis=1) >= 0).all()


@given(histories, st.floats(0.5, 0.98), st.integers(0, 9), st.sampled_from([None, 2, 5]))
def test_interval_holds_the_share(pairs, level, at, groups):
    curves = curves_of(*zip(*pairs, strict=True), groups=groups)
    found, wider = (incidence_at(curves, at, end=1, level=x) for x in (level, level + 0.01))
    if found.value is None:
        assert at > curves.times[-1]
        return
    assert 0 <= wider.low <= found.low + 1e-9
    assert found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= wider.high + 1e-9 <= 1 + 1e-9


@given(histories)
def test_a_single_end_is_the_survival_curve(pairs):
    times, ends = (np.array(x) for x in zip(*pairs, strict=True))
    curves, curve = aalen_johansen(times, [ends > 0], ends == 0), kaplan_meier(times, ends > 0, ends == 0)
    assert curves.incidence[0] == pytest.approx(1 - curve.survival, abs=1e-9)
    assert curves.se[0] == pytest.approx(curve.se, abs=1e-7)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 2)), min_size=1, max_size=40))
def test_without_censoring_it_is_a_share(pairs):
    times, ends = (np.array(x) for x in zip(*pairs, strict=True))
    curves = curves_of(times, ends)
    for place, time in enumerate(curves.times):
        share = np.mean((times <= time) & (ends == 1))
        assert curves.incidence[0, place] == pytest.approx(share)
        assert curves.se[0, place] == pytest.approx(math.sqrt(share * (1 - share) / ends.size), abs=1e-7)


def test_one_customer_a_group_is_close_to_the_classical_error():
    simple, each = curves_of(TEN, ENDS), curves_of(TEN, ENDS, groups=10)
    assert each.incidence == pytest.approx(simple.incidence)
    assert each.se[:, -1] == pytest.approx(simple.se[:, -1], rel=0.15)
    assert each.df == 9


def test_an_end_that_never_came():
    curves = aalen_johansen([1, 2, 3], [[0, 0, 0], [30, 30, 0]], [0, 0, 40])
    found = incidence_at(curves, 3)
    assert found.value == found.low == 0
    assert found.high == pytest.approx(1 - 100 / (100 + 1.959966**2))
    all_gone = aalen_johansen([1, 2], [[0, 0], [30, 30]])
    assert 0.05 < incidence_at(all_gone, 9).high < 0.07


def test_what_nobody_was_watched_for_is_not_known():
    curves = curves_of(TEN, ENDS)
    assert incidence_at(curves, 11) == (None, None, None, None)
    assert incidence_at(curves, 0).value == 0
    assert incidence_at(aalen_johansen([], np.zeros((2, 0))), 1) == (None, None, None, None)
    assert incidence_at(aalen_johansen([1], [[0], [0]]), 1) == (None, None, None, None)
    assert incidence_at(aalen_johansen([1], [[[3]], [[3]]]), 1)[:3] == (0.5, 0, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "tickets", "most"), [(30, 1, 100), (60, 4, 97), (400, 2, 97)])
def test_incidence_covers_unlike_customers(customers, tickets, most):
    # the pace of resolving is the customer's own, gamma with mean 1; closing comes at rate 1/2 for all
    rng, groups, held, reps = np.random.default_rng(20240501), min(64, customers), np.zeros(2), 600
    grid = np.linspace(0, 0.8, 8001)
    truth = np.trapezoid((1 + grid) ** -2.0 * np.exp(-grid / 2), grid)
    other = np.trapezoid(0.5 * (1 + grid) ** -1.0 * np.exp(-grid / 2), grid)
    for _ in range(reps):
        who = np.repeat(np.arange(customers), tickets)
        pace = rng.exponential(1, customers)[who]
        times = np.stack(
            [rng.exponential(1 / pace), rng.exponential(2, who.size), rng.uniform(0.2, 3, who.size)]
        )
        first, which = times.min(axis=0), times.argmin(axis=0)
        belongs = (who % groups)[:, np.newaxis] == np.arange(groups)
        came = [belongs & (which == end)[:, np.newaxis] for end in range(3)]
        curves = aalen_johansen(first, came[:2], came[2])
        for end, true in enumerate((truth, other)):
            found = incidence_at(curves, 0.8, end=end)
            held[end] += found.low <= true <= found.high
    assert (100 * held / reps >= 93).all(), held
    assert (100 * held / reps <= most).all(), held
