"""Penalty and reward: equal to differences of means, to least squares, and rarely wrong."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.stats.penalty_reward import (
    identified,
    impact_asymmetry,
    negativity_ratio,
    penalty_reward,
    ratio_interval,
    slopes,
)


def by_group(columns, groups=8):
    """Sums of products of columns, one matrix a group; rows take turns."""
    table = np.column_stack(columns).astype(float)
    return np.stack([table[g::groups].T @ table[g::groups] for g in range(groups)])


def rated(rng, n):
    """Ratings 1 to 5 with all of them."""
    return rng.integers(1, 6, n)


class TestOneAttribute:
    def test_penalty_and_reward_are_differences_of_group_means(self):
        # Brandt (1987): the property that defines the contrast
        rng = np.random.default_rng(3)
        x = rated(rng, 400)
        y = 6 - 2.5 * (x <= 2) + 1.5 * (x >= 4) + rng.normal(size=400)
        (found,) = penalty_reward(by_group([np.ones(400), y, x <= 2, x >= 4]), 1)
        middle = y[x == 3].mean()
        assert found.penalty.value == pytest.approx(y[x <= 2].mean() - middle)
        assert found.reward.value == pytest.approx(y[x >= 4].mean() - middle)
        assert found.range.value == pytest.approx(y[x >= 4].mean() - y[x <= 2].mean())
        assert found.balance.value == pytest.approx(found.penalty.value + found.reward.value)
        assert found.satisfaction + found.dissatisfaction == pytest.approx(1)
        assert found.asymmetry == pytest.approx(found.satisfaction - found.dissatisfaction)
        assert found.asymmetry_low < found.asymmetry < found.asymmetry_high < 0

    def test_without_anybody_in_between_only_one_side_can_be_told(self):
        y, low = np.arange(40.0), np.arange(40) % 2
        (found,) = penalty_reward(by_group([np.ones(40), y, low, np.zeros(40)]), 1)
        assert found.penalty.value == pytest.approx(1.0)
        assert found.reward is None
        assert found.asymmetry is None


class TestIdentified:
    def test_who_rates_low_and_high_alone_is_not_told_and_moves_nobody_else(self):
        rng = np.random.default_rng(4)
        yes, food = rng.integers(0, 2, 600), rated(rng, 600)
        asked = rng.uniform(size=600) < 0.7
        low, high = (yes == 0) & asked, (yes == 1) & asked
        y = high - 2 * (food <= 2) + (food >= 4) + rng.normal(size=600)
        columns = [np.ones(600), y, low, food <= 2, high, food >= 4, ~asked]
        told = penalty_reward(by_group(columns), 2, without_middle={0})
        untold = penalty_reward(by_group(columns), 2)  # seen by itself where it is exact
        alone = penalty_reward(by_group([np.ones(600), y, food <= 2, food >= 4, high, ~asked]), 1)
        for found in (told, untold):
            assert set(found[0]) == {None}
            assert found[1].penalty.value == pytest.approx(alone[0].penalty.value)
            assert found[1].reward.low == pytest.approx(alone[0].reward.low)

    def test_nothing_varies(self):
        assert not identified(np.zeros((3, 3))).any()
        assert identified([[4, 0, 2], [0, 0, 0], [2, 0, 2]]).tolist() == [True]


class TestImpactAsymmetry:
    def test_the_golden_one(self):
        assert impact_asymmetry(-2.4864, 1.5097) == pytest.approx(-0.2444, abs=5e-5)

    @pytest.mark.parametrize(
        ("penalty", "reward", "expected"),
        [(-1, 0, -1), (-1, -0.5, -1), (0, 2, 1), (0.5, 2, 1), (-1, 1, 0), (0.5, -0.5, None), (0, 0, None)],
    )
    def test_what_has_the_wrong_sign_is_none(self, penalty, reward, expected):
        assert impact_asymmetry(penalty, reward) == expected

    def test_it_is_unknown_where_both_sides_may_be_nothing(self):
        rng = np.random.default_rng(1)
        x = rated(rng, 60)
        (found,) = penalty_reward(by_group([np.ones(60), rng.normal(size=60), x <= 2, x >= 4]), 1)
        assert found.asymmetry is None or (found.asymmetry_low, found.asymmetry_high) == (-1, 1)


class TestSlopes:
    def test_they_are_those_of_least_squares(self):
        rng = np.random.default_rng(4)
        x = rng.normal(size=(60, 4)) @ rng.normal(size=(4, 4)) + 3
        y = x @ [1, -2, 0.5, 0] + rng.normal(size=60)
        table = np.column_stack([np.ones(60), y, x])
        expected = np.linalg.lstsq(np.column_stack([np.ones(60), x]), y, rcond=None)[0][1:]
        assert slopes(table.T @ table) == pytest.approx(expected)

    def test_what_never_varies_has_none_and_disturbs_nobody(self):
        table = np.column_stack([np.ones(4), [1, 3, 1, 3], np.full(4, 7), [0, 1, 0, 1]]).astype(float)
        found = slopes(table.T @ table)
        assert np.isnan(found[0])
        assert found[1] == pytest.approx(2)

    def test_what_determines_each_other_shares(self):
        table = np.column_stack([np.ones(4), [1, 3, 1, 3], [0, 1, 0, 1], [0, 1, 0, 1]]).astype(float)
        assert slopes(table.T @ table) == pytest.approx([1, 1])

    def test_nothing_counted(self):
        assert np.isnan(slopes(np.zeros((3, 3)))).all()


class TestRatioInterval:
    def test_its_ends_are_where_the_difference_is_just_not_nothing(self):
        low, high = ratio_interval(1.0, 2.0, [[0.02, 0.01], [0.01, 0.03]], df=float("inf"))
        for end in (low, high):
            spread = 0.02 - 2 * end * 0.01 + end**2 * 0.03
            assert abs(1 - 2 * end) / spread**0.5 == pytest.approx(1.96, abs=1e-4)

    def test_it_is_unbounded_where_the_divisor_may_be_nothing(self):
        assert ratio_interval(1.0, 0.1, [[0.01, 0], [0, 0.01]], df=10) is None


class TestNegativity:
    @staticmethod
    def made(rng, n, worse, better):
        x = rng.normal(size=(n, 3))
        bad, good = np.minimum(x, 0).mean(axis=1), np.maximum(x, 0).mean(axis=1)
        y = worse * bad + better * good + 0.3 * rng.normal(size=n)
        return by_group([np.ones(n), y, bad, good], groups=32)

    def test_bad_weighs_three_times_as_much(self):
        found = negativity_ratio(self.made(np.random.default_rng(0), 2000, 3, 1))
        assert found.low < 3 < found.high
        assert found.low > 1
        assert found.negative.value == pytest.approx(3, abs=0.2)
        assert found.positive.value == pytest.approx(1, abs=0.2)

    def test_it_is_none_where_better_goes_with_worse(self):
        found = negativity_ratio(self.made(np.random.default_rng(0), 500, 1, -1))
        assert (found.ratio, found.low, found.high) == (None, None, None)

    def test_it_has_no_end_where_good_may_weigh_nothing(self):
        found = negativity_ratio(self.made(np.random.default_rng(0), 40, 1, 0.001))
        assert found.high is None

    def test_nobody(self):
        assert negativity_ratio(np.zeros((4, 4, 4))).ratio is None


@pytest.mark.slow
def test_how_often_asymmetry_is_claimed_where_there_is_none_and_intervals_hold():
    rng, surveys = np.random.default_rng(8), 1500
    claimed, held = 0, np.zeros(3)
    for _ in range(surveys):
        x = np.clip(np.round(3.4 + rng.normal(size=(400, 1)) * 0.6 + rng.normal(size=(400, 2)) * 0.9), 1, 5)
        low, high = x <= 2, x >= 4
        y = -0.5 * low[:, 0] + 0.5 * high[:, 0] - 0.9 * low[:, 1] + 0.3 * high[:, 1] + rng.normal(size=400)
        found = penalty_reward(by_group([np.ones(400), y, low, high], groups=64), 2)
        claimed += not found[0].asymmetry_low <= 0 <= found[0].asymmetry_high
        held += [
            found[1].penalty.low <= -0.9 <= found[1].penalty.high,
            found[1].reward.low <= 0.3 <= found[1].reward.high,
            found[1].asymmetry_low <= -0.5 <= found[1].asymmetry_high,
        ]
    assert 0.03 <= claimed / surveys <= 0.07
    assert ((held / surveys >= 0.93) & (held / surveys <= 0.97)).all()
