"""Relative weights and LMG: published numbers, brute force, and how often intervals and benchmark are right."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from journeymap.errors import JourneyMapError
from journeymap.stats.drivers import (
    correlations,
    lmg_weights,
    noise_weights,
    part_interval,
    relative_weights,
)

# Fertility, Agriculture, Examination, Education, Catholic, Infant.Mortality of 47 Swiss provinces, 1888
# (Mosteller and Tukey, 1977, as data(swiss) of R)
SWISS = """
80.2 17.0 15 12 9.96 22.2
83.1 45.1 6 9 84.84 22.2
92.5 39.7 5 5 93.40 20.2
85.8 36.5 12 7 33.77 20.3
76.9 43.5 17 15 5.16 20.6
76.1 35.3 9 7 90.57 26.6
83.8 70.2 16 7 92.85 23.6
92.4 67.8 14 8 97.16 24.9
82.4 53.3 12 7 97.67 21.0
82.9 45.2 16 13 91.38 24.4
87.1 64.5 14 6 98.61 24.5
64.1 62.0 21 12 8.52 16.5
66.9 67.5 14 7 2.27 19.1
68.9 60.7 19 12 4.43 22.7
61.7 69.3 22 5 2.82 18.7
68.3 72.6 18 2 24.20 21.2
71.7 34.0 17 8 3.30 20.0
55.7 19.4 26 28 12.11 20.2
54.3 15.2 31 20 2.15 10.8
65.1 73.0 19 9 2.84 20.0
65.5 59.8 22 10 5.23 18.0
65.0 55.1 14 3 4.52 22.4
56.6 50.9 22 12 15.14 16.7
57.4 54.1 20 6 4.20 15.3
72.5 71.2 12 1 2.40 21.0
74.2 58.1 14 8 5.23 23.8
72.0 63.5 6 3 2.56 18.0
60.5 60.8 16 10 7.72 16.3
58.3 26.8 25 19 18.46 20.9
65.4 49.5 15 8 6.10 22.5
75.5 85.9 3 2 99.71 15.1
69.3 84.9 7 6 99.68 19.8
77.3 89.7 5 2 100.00 18.3
70.5 78.2 12 6 98.96 19.4
79.4 64.9 7 3 98.22 20.2
65.0 75.9 9 9 99.06 17.8
92.2 84.6 3 3 99.46 16.3
79.3 63.1 13 13 96.83 18.1
70.4 38.4 26 12 5.62 20.3
65.7 7.7 29 11 13.79 20.5
72.7 16.7 22 13 11.22 18.9
64.4 17.6 35 32 16.92 23.0
77.6 37.6 15 7 4.97 20.0
67.6 18.7 25 7 8.65 19.5
35.0 1.2 37 53 42.34 18.0
44.7 46.6 16 29 50.43 18.2
42.8 27.7 22 29 58.33 19.3
"""
# mpg, cyl, disp, hp, gear of 32 cars (Motor Trend, 1974, as data(mtcars) of R)
CARS = """
21.0 6 160.0 110 4
21.0 6 160.0 110 4
22.8 4 108.0 93 4
21.4 6 258.0 110 3
18.7 8 360.0 175 3
18.1 6 225.0 105 3
14.3 8 360.0 245 3
24.4 4 146.7 62 4
22.8 4 140.8 95 4
19.2 6 167.6 123 4
17.8 6 167.6 123 4
16.4 8 275.8 180 3
17.3 8 275.8 180 3
15.2 8 275.8 180 3
10.4 8 472.0 205 3
10.4 8 460.0 215 3
14.7 8 440.0 230 3
32.4 4 78.7 66 4
30.4 4 75.7 52 4
33.9 4 71.1 65 4
21.5 4 120.1 97 3
15.5 8 318.0 150 3
15.2 8 304.0 150 3
13.3 8 350.0 245 3
19.2 8 400.0 175 3
27.3 4 79.0 66 4
26.0 4 120.3 91 5
30.4 4 95.1 113 5
15.8 8 351.0 264 5
19.7 6 145.0 175 5
15.0 8 301.0 335 5
21.4 4 121.0 109 4
"""


def correlated(text):
    """The correlations of a printed table, outcome first."""
    return np.corrcoef(np.array([line.split() for line in text.split("\n") if line], dtype=float).T)


def explained(matrix, chosen):
    """R² of the outcome on some of the drivers, by solving the normal equations."""
    if not chosen:
        return 0.0
    among, towards = matrix[np.ix_(chosen, chosen)], matrix[0, chosen]
    return float(towards @ np.linalg.solve(among, towards))


def over_all_orders(matrix):
    """LMG as it is defined: the mean gain in R² over all orders."""
    drivers = range(1, len(matrix))
    gains = np.zeros(len(matrix) - 1)
    orders = list(permutations(drivers))
    for order in orders:
        for place, driver in enumerate(order):
            gains[driver - 1] += explained(matrix, list(order[: place + 1])) - explained(
                matrix, list(order[:place])
            )
    return gains / len(orders)


class TestPublished:
    def test_lmg_of_the_swiss_provinces(self):
        # Grömping (2006), Journal of Statistical Software 17(1), section 4
        found = lmg_weights(correlated(SWISS))
        assert found == pytest.approx([0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592], abs=5e-9)
        assert found.sum() == pytest.approx(0.70673500, abs=5e-9)

    def test_relative_weights_of_the_swiss_provinces(self):
        found = relative_weights(correlated(SWISS))
        assert found == pytest.approx([0.048417, 0.154708, 0.271964, 0.114680, 0.116966], abs=5e-7)

    def test_relative_weights_of_the_cars(self):
        # README of the R package rwa: mpg on cyl, disp, hp and gear
        found = relative_weights(correlated(CARS))
        assert found == pytest.approx([0.2284797, 0.2221469, 0.2321744, 0.0963886], abs=5e-8)
        assert found.sum() == pytest.approx(0.7791896, abs=5e-8)


class TestLmg:
    def test_it_is_the_mean_gain_over_all_orders(self):
        matrix = correlated(SWISS)
        assert lmg_weights(matrix) == pytest.approx(over_all_orders(matrix), abs=1e-12)

    def test_stacks_are_computed_at_once(self):
        one, other = correlated(SWISS)[:5, :5], correlated(CARS)
        found = lmg_weights(np.stack([one, other]))
        assert found[0] == pytest.approx(lmg_weights(one), abs=1e-14)
        assert found[1] == pytest.approx(lmg_weights(other), abs=1e-14)

    def test_variables_that_go_together_are_one_player(self):
        matrix = correlated(SWISS)
        pair, single = lmg_weights(matrix[:4, :4], players=[2, 1])
        whole, alone = explained(matrix, [1, 2, 3]), explained(matrix, [3])
        assert single == pytest.approx((alone + whole - explained(matrix, [1, 2])) / 2)
        assert pair == pytest.approx(whole - single)

    def test_a_driver_that_repeats_another_shares_its_weight(self):
        matrix = np.array([[1, 0.5, 0.5], [0.5, 1, 1], [0.5, 1, 1]])
        for weights in (lmg_weights(matrix), relative_weights(matrix)):
            assert weights == pytest.approx([0.125, 0.125])

    def test_too_many_are_refused_with_a_way_out(self):
        with pytest.raises(JourneyMapError, match=r"(?s)16 drivers are too many.*relative_weights"):
            lmg_weights(np.eye(17))

    def test_no_driver_explains_nothing(self):
        assert lmg_weights(np.eye(1)).tolist() == []


class TestCorrelations:
    def test_of_sums_of_products_with_weights(self):
        rng = np.random.default_rng(2)
        table, weight = rng.normal(size=(50, 3)) @ rng.normal(size=(3, 3)) + 5, rng.uniform(0.5, 2, 50)
        whole = np.column_stack([np.ones(50), table])
        mean = weight @ table / weight.sum()
        spread = (weight[:, None] * (table - mean)).T @ (table - mean)
        by_hand = spread / np.sqrt(np.outer(np.diag(spread), np.diag(spread)))
        assert correlations((weight[:, None] * whole).T @ whole) == pytest.approx(by_hand, abs=1e-10)

    def test_what_never_varies_goes_with_nothing(self):
        table = np.array([[1, 1, 1], [1, 2, 3], [4, 4, 4]])
        assert correlations(table @ table.T).tolist() == [[1, 0], [0, 1]]
        assert relative_weights(correlations(table @ table.T)).tolist() == [0]

    def test_nothing_at_all(self):
        assert correlations(np.zeros((3, 3))).tolist() == [[1, 0], [0, 1]]


class TestNoise:
    @pytest.mark.parametrize("method", ["relative_weights", "lmg"])
    def test_the_form_agrees_with_a_noise_variable_among_the_drivers(self, method):
        # exactly, by weighing each matrix with the noise variable as its last driver
        matrix, n = correlated(CARS), 4000
        rng = np.random.default_rng(5)
        drawn = rng.multivariate_normal(np.zeros(5), matrix / n, size=1500)
        weigh = relative_weights if method == "relative_weights" else lmg_weights
        wide = np.zeros((1500, 6, 6))
        wide[:, :5, :5], wide[:, 5, 5] = matrix, 1
        wide[:, 5, :5] = wide[:, :5, 5] = drawn
        exact = np.quantile(weigh(wide)[:, -1], [0.5, 0.95])
        assert np.quantile(noise_weights(matrix, n, method=method), [0.5, 0.95]) == pytest.approx(
            exact, rel=0.15
        )

    def test_more_customers_less_noise_and_always_the_same(self):
        matrix = correlated(SWISS)
        first = noise_weights(matrix, 100)
        assert (first >= 0).all()
        assert first.tolist() == noise_weights(matrix, 100).tolist()
        assert noise_weights(matrix, 400) == pytest.approx(first / 4)
        assert noise_weights(matrix, 1).tolist() == []

    @pytest.mark.slow
    @pytest.mark.parametrize("method", ["relative_weights", "lmg"])
    def test_a_driver_of_pure_noise_passes_the_95_percent_in_5_percent_of_surveys(self, method):
        rng, weigh = (
            np.random.default_rng(1),
            relative_weights if method == "relative_weights" else lmg_weights,
        )
        passed = 0
        for _ in range(800):
            drivers = rng.normal(size=(300, 4)) @ COMMON.T
            outcome = drivers @ [0.5, 0.3, 0.2, 0.1] + rng.normal(size=300)
            matrix = np.corrcoef(np.column_stack([outcome, drivers, rng.normal(size=300)]).T)
            passed += weigh(matrix)[-1] > np.quantile(
                noise_weights(matrix, 300, method=method, draws=2000), 0.95
            )
        assert 0.03 <= passed / 800 <= 0.07


class TestPartInterval:
    def test_it_stays_between_0_and_1(self):
        low, high = part_interval(0.98, [0.97, 0.99, 0.96, 0.995])
        assert 0 < low < 0.98 < high < 1

    @pytest.mark.parametrize(("part", "without"), [(0.0, [0, 0.1]), (1.0, [1, 1]), (0.4, [0.4])])
    def test_there_is_none_at_the_ends_and_of_one_group(self, part, without):
        assert part_interval(part, without) is None


AMONG = 0.4 * np.ones((4, 4)) + 0.6 * np.eye(4)
COMMON = np.linalg.cholesky(AMONG)
SLOPES = np.array([0.5, 0.3, 0.2, 0.1])


def population():
    """The correlations of everybody, outcome first; noise of variance 1."""
    full = np.zeros((5, 5))
    full[1:, 1:], full[0, 1:] = AMONG, AMONG @ SLOPES
    full[1:, 0], full[0, 0] = full[0, 1:], SLOPES @ AMONG @ SLOPES + 1
    deviation = np.sqrt(np.diag(full))
    return full / np.outer(deviation, deviation)


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "answers"), [(400, 1), (400, 3), (1000, 1)])
def test_intervals_of_the_weights_hold_the_truth(customers, answers):
    """Shares of R² and R² itself, by the jackknife over 64 groups; answers of one customer are alike."""
    rng = np.random.default_rng(10 * customers + answers)
    true = relative_weights(population())
    true = [*true / true.sum(), true.sum()]
    alike = 0.5 if answers > 1 else 0.0
    held, surveys = np.zeros(5), 1500
    for _ in range(surveys):
        shared, own = rng.normal(size=(customers, 1, 5)), rng.normal(size=(customers, answers, 5))
        drawn = np.sqrt(alike) * shared + np.sqrt(1 - alike) * own
        drivers = drawn[..., :4] @ COMMON.T
        table = np.concatenate(
            [np.ones((customers, answers, 1)), (drivers @ SLOPES + drawn[..., 4])[..., None], drivers], axis=2
        )
        groups = np.zeros((64, 6, 6))
        np.add.at(groups, rng.integers(0, 64, customers), np.einsum("nmi,nmj->nij", table, table))
        whole = groups.sum(axis=0)
        weights = relative_weights(correlations(np.concatenate([whole[None], whole - groups])))
        parts = np.column_stack([weights / weights.sum(axis=1, keepdims=True), weights.sum(axis=1)])
        for k, value in enumerate(true):
            low, high = part_interval(parts[0, k], parts[1:, k])
            held[k] += low <= value <= high
    assert ((held / surveys >= 0.93) & (held / surveys <= 0.97)).all()
