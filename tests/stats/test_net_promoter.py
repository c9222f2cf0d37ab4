"""Net promoter scores against Rocks' published tests and simulated truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.net_promoter import (
    answers_needed,
    grouped_net_promoter,
    net_promoter,
    net_promoter_difference,
    promoter_counts,
)

METHODS = ("adjusted_wald", "score", "wald")
counts = st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200)).filter(any)


@pytest.mark.parametrize(
    ("answers", "value", "variance", "se"),
    [  # Rocks (2016), tests of the author's package NPS
        ((1, 2, 3), 1 / 3, 5 / 9, 0.304290),
        ((1, 1, 1), 0, 2 / 3, 0.471405),
        ((1, 0, 1), 0, 1, 0.707107),
        ((0, 1, 1), 0.5, 0.25, 0.353553),
    ],
)
def test_moments_reproduce_rocks(answers, value, variance, se):
    found = net_promoter(*answers)
    assert (found.value, found.variance, found.se) == pytest.approx((value, variance, se), abs=5e-7)


def test_other_breaks_reproduce_rocks():
    # scores 1 .. 15 with breaks (0, 6, 8, 15): the same package
    answers = promoter_counts(range(1, 16), passive_from=7, promoter_from=9)
    assert answers == (6, 2, 7)
    found = net_promoter(*answers)
    assert (found.value, found.variance) == pytest.approx((2 / 30, 0.862222), abs=5e-7)


def test_breaks_of_the_original_scale():
    assert promoter_counts(range(11)) == (7, 2, 2)
    assert promoter_counts([6, 7, 9, math.nan], [0.5, 1, 2, 9]) == (0.5, 1, 2)
    assert promoter_counts([]) == (0, 0, 0)
    assert promoter_counts([1, 2, 3, 4, 5], passive_from=4, promoter_from=5) == (3, 1, 1)


@pytest.mark.parametrize(
    ("answers", "method", "low", "high"),
    [  # methods.md 1.1, computed apart from this library
        ((8, 13, 15), "wald", -0.058813, 0.447702),
        ((8, 13, 15), "adjusted_wald", -0.062803, 0.421777),
        ((8, 13, 15), "score", -0.067697, 0.428670),
        ((12, 7, 12), "wald", -0.309736, 0.309736),
        ((12, 7, 12), "adjusted_wald", -0.291098, 0.291098),
        ((12, 7, 12), "score", -0.296823, 0.296823),
    ],
)
def test_intervals(answers, method, low, high):
    # the table is cut, not rounded, in its last digit
    assert net_promoter(*answers, method=method)[1:3] == pytest.approx((low, high), abs=1.1e-6)


def test_difference_of_two_scores():
    found = net_promoter_difference((8, 13, 15), (12, 7, 12))
    assert found.difference == pytest.approx(0.179487, abs=5e-7)
    assert (found.se, found.z, found.p) == pytest.approx((0.193237, 0.928844, 0.352970), abs=5e-7)
    assert found.observed == pytest.approx(7 / 36)
    assert found.low == pytest.approx(0.179487 - 1.959964 * 0.193237, abs=1e-6)


def test_difference_turns_round():
    one, other = net_promoter_difference((3, 4, 9), (5, 5, 1)), net_promoter_difference((5, 5, 1), (3, 4, 9))
    assert (one.difference, one.low, one.high) == pytest.approx((-other.difference, -other.high, -other.low))
    assert one.p == pytest.approx(other.p)


def test_difference_of_fewer_effective_answers_is_less_sure():
    full = net_promoter_difference((80, 130, 150), (120, 70, 120))
    less = net_promoter_difference((80, 130, 150), (120, 70, 120), n_effective=(36, 31))
    assert full.p < 0.05 < less.p
    assert less[:5] == pytest.approx(net_promoter_difference((8, 13, 15), (12, 7, 12))[:5])
    assert net_promoter_difference((0, 0, 0), (1, 1, 1)) == (None,) * 7


def test_sample_size():
    assert answers_needed(0.05, 0.6) == 922
    with pytest.raises(ValueError, match="above 0"):
        answers_needed(0, 0.6)


@pytest.mark.parametrize("method", METHODS)
def test_without_answers_nothing_is_known(method):
    assert net_promoter(0, 0, 0, method=method) == (None, None, None, None, None, 0, 0)
    assert net_promoter(1, 2, 3, method=method, n_effective=0)[1:3] == (-1, 1)


@given(counts, st.sampled_from(METHODS), st.floats(0.5, 0.98))
def test_interval_holds_the_score_within_its_range(answers, method, level):
    found = net_promoter(*answers, method=method, level=level)
    assert -1 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    wider = net_promoter(*answers, method=method, level=level + 0.01)
    assert wider.low <= found.low + 1e-9
    assert wider.high >= found.high - 1e-9


@given(counts, st.sampled_from(METHODS))
def test_promoters_and_detractors_mirror_each_other(answers, method):
    d, q, p = answers
    here, there = net_promoter(d, q, p, method=method), net_promoter(p, q, d, method=method)
    assert here[:3] == pytest.approx((-there.value, -there.high, -there.low), abs=1e-9)


@given(counts, st.sampled_from(METHODS))
def test_effective_size_is_a_smaller_sample_with_the_same_shares(answers, method):
    tenfold = net_promoter(*(10 * count for count in answers), method=method, n_effective=sum(answers))
    assert tenfold[:5] == pytest.approx(net_promoter(*answers, method=method)[:5], abs=1e-9)


def test_equal_answers_are_not_certain():
    assert net_promoter(0, 0, 5).low < 0.2
    assert net_promoter(0, 0, 5, method="score").low < 0.2
    assert net_promoter(0, 0, 5, method="wald").low == 1
    assert net_promoter(0, 0, 1).high == 1  # stretched to the value


def test_groups_of_one_answer_each_are_a_simple_sample():
    d, q, p = np.repeat([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [8, 13, 15], axis=0).T
    found, simple = grouped_net_promoter(d, q, p), net_promoter(8, 13, 15, n_effective=35, df=35)
    assert found.n_effective == pytest.approx(35)  # the jackknife divides by n − 1
    assert found == pytest.approx(simple)


def test_answers_of_one_customer_do_not_pass_for_many():
    found = grouped_net_promoter([0, 0], [0, 0], [500, 500], customers=7)
    assert found.n_effective == 7
    assert found.low < net_promoter(0, 0, 1000).low
    assert grouped_net_promoter([0], [0], [500]).n_effective == 1
    assert grouped_net_promoter([0, 0], [0, 0], [0, 0]).value is None
    assert grouped_net_promoter([], [], []).value is None


def test_empty_groups_change_nothing():
    assert grouped_net_promoter([2, 0, 0, 1], [0, 0, 1, 2], [3, 0, 4, 0]) == grouped_net_promoter(
        [2, 0, 1], [0, 1, 2], [3, 4, 0]
    )


def covered(shares, n, method, replications=20000):
    rng = np.random.default_rng(20240501)
    drawn, times = np.unique(rng.multinomial(n, shares, size=replications), axis=0, return_counts=True)
    truth = shares[2] - shares[0]
    held = [
        found.low <= truth <= found.high for found in (net_promoter(*row, method=method) for row in drawn)
    ]
    return 100 * float(np.average(held, weights=times))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "method", "published"),
    [(10, "wald", 86.2), (10, "adjusted_wald", 95.0), (30, "wald", 91.1), (30, "adjusted_wald", 95.5)],
)
def test_coverage_reproduces_the_published_one(n, method, published):
    assert covered((0.05, 0.25, 0.70), n, method) == pytest.approx(published, abs=0.8)


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(0.05, 0.25, 0.70), (0.3, 0.3, 0.4), (0.1, 0.6, 0.3)])
@pytest.mark.parametrize(("n", "most"), [(10, 100), (30, 100), (100, 97)])
@pytest.mark.parametrize("method", ["adjusted_wald", "score"])
def test_interval_covers(shares, n, most, method):
    assert 93 <= covered(shares, n, method) <= most


@pytest.mark.slow
@pytest.mark.parametrize(
    ("customers", "visits", "alike", "most"), [(20, 3, 3.0, 100), (60, 4, 2.0, 97), (500, 2, 1.0, 97)]
)
def test_interval_covers_unlike_customers(customers, visits, alike, most):
    rng = np.random.default_rng(20240501)
    shares, groups, held = np.array([0.2, 0.3, 0.5]), min(64, customers), 0
    for _ in range(1500):
        answers = rng.multinomial(
            1 + rng.poisson(visits, customers), rng.dirichlet(alike * shares, customers)
        )
        table = np.zeros((groups, 3))
        np.add.at(table, np.arange(customers) % groups, answers)
        found = grouped_net_promoter(*table.T, customers=customers)
        held += found.low <= 0.3 <= found.high
    assert 93 <= 100 * held / 1500 <= most
