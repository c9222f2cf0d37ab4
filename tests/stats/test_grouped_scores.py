"""Scores from sums by customer group: the classical interval where customers count once, else the effective one."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.stats.differences import grouped_mean, mean_interval
from journeymap.stats.grouped_scores import mean_of_groups, net_score_of_groups
from journeymap.stats.net_promoter import grouped_net_promoter, net_promoter

SCORES = np.array([5, 4, 4, 3, 5, 2, 1, 4, 5, 3], dtype=float)  # methods.md §1.2: mean 3.6


def test_customers_who_answer_once_have_the_classical_interval():
    found = mean_of_groups(SCORES, SCORES**2, np.ones(10), answers=10, customers=10, bounds=(1, 5))
    assert found.value == pytest.approx(3.6)
    assert (found.low, found.high) == pytest.approx(
        tuple(mean_interval(3.6, SCORES.std(ddof=1), 10, bounds=(1, 5)))
    )
    assert found.method == "t"
    # methods.md §1.1: (8, 13, 15), adjusted Wald
    net = net_score_of_groups([8, 0], [0, 13], [15, 0], answers=36, customers=36)
    assert (net.value, net.low, net.high) == pytest.approx((0.194444, -0.062803, 0.421777), abs=1e-6)


def test_customers_who_answer_often_count_as_less():
    found = mean_of_groups(SCORES, SCORES**2, np.ones(10), answers=10, customers=5, bounds=(1, 5))
    whole = grouped_mean(SCORES, SCORES**2, np.ones(10), bounds=(1, 5), customers=5)
    assert (found.low, found.high) == (whole.low, whole.high)
    net = net_score_of_groups([2, 0, 0], [0, 1, 0], [0, 1, 4], answers=8, customers=3)
    clustered = grouped_net_promoter([2, 0, 0], [0, 1, 0], [0, 1, 4], customers=3)
    assert (net.low, net.high) == (clustered.low, clustered.high)
    assert net.method == "adjusted Wald at the effective sample size"


@pytest.mark.parametrize("customers", [4, 3])
def test_weights_count_by_their_worth_and_not_by_their_unit(customers):
    w = np.array([1.0, 2.0, 3.0, 4.0])
    x = SCORES[:4]
    found = [
        mean_of_groups(
            f * w * x, f * w * x * x, f * w, answers=4, customers=customers, bounds=(1, 5),
            weight_squared=float((f * w) @ (f * w)),
        )
        for f in (1, 7)
    ]  # fmt: skip
    assert found[0][:3] == pytest.approx(found[1][:3])
    assert found[0].value == pytest.approx(np.average(x, weights=w))
    # Kish: 10² / 30
    spread = np.sqrt(np.average((x - found[0].value) ** 2, weights=w) * (10 / 3) / (10 / 3 - 1))
    if customers == 4:
        expected = mean_interval(found[0].value, spread, 10 / 3, bounds=(1, 5))
        assert (found[0].low, found[0].high) == pytest.approx(tuple(expected))
    net = net_score_of_groups([3, 0], [0, 3], [0, 0], answers=4, customers=4, weight_squared=12)
    assert net[:3] == pytest.approx(net_promoter(1.5, 1.5, 0)[:3])


def test_nothing_to_count():
    assert mean_of_groups([], [], [], answers=0, customers=0, bounds=(1, 5)).value is None
    assert net_score_of_groups([0], [0], [0], answers=0, customers=0).value is None
