"""Agreement between owners and within customers against published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f_oneway, permutation_test

from journeymap.stats.agreement import (
    agreement_within_group,
    between_groups,
    intraclass_correlations,
    permutation_f,
    successive_difference,
    weakest_link,
    within_deviation,
)

NAN = float("nan")
# Shrout & Fleiss (1979), table 2: four ratings on six targets
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def sums(*groups):
    """What an engine would count of each group."""
    arrays = [np.asarray(group, dtype=float) for group in groups]
    return (
        [a.size for a in arrays],
        [a.sum() for a in arrays],
        [np.square(a).sum() for a in arrays],
    )


def test_intraclass_correlations_reproduce_shrout_and_fleiss():
    found = intraclass_correlations(SHROUT_FLEISS)
    assert found[:6] == pytest.approx((0.166, 0.290, 0.715, 0.443, 0.620, 0.909), abs=5e-4)
    assert (found.targets, found.raters) == (6, 4)


def test_grouped_sums_give_the_one_way_correlation():
    found = between_groups(*sums(*SHROUT_FLEISS))
    assert found.share == pytest.approx(intraclass_correlations(SHROUT_FLEISS).one_way)
    assert (found.df_between, found.df_within, found.groups, found.n) == (5, 18, 6, 24)


groups_of_scores = st.lists(
    st.lists(st.integers(1, 7), min_size=1, max_size=6), min_size=2, max_size=6
).filter(lambda groups: sum(map(len, groups)) > len(groups) and len({x for g in groups for x in g}) > 1)


@given(groups_of_scores)
def test_f_of_grouped_sums_is_the_one_of_the_scores(groups):
    found = between_groups(*sums(*groups))
    if all(len(set(group)) == 1 for group in groups):
        assert found.f == math.inf
        assert found.share == 1
        return
    expected = f_oneway(*groups)
    assert found.f == pytest.approx(expected.statistic, abs=1e-9)
    assert found.share <= 1
    assert (found.share > 0) == (found.f > 1) or found.f == pytest.approx(1)


def test_unequal_groups_use_their_typical_size():
    # the formulas of the docstring, written out for 1, 3 and 4 and 6, 8, 10
    groups = [[1, 3], [4], [6, 8, 10]]
    n0 = (6 - (4 + 1 + 9) / 6) / 2
    grand = 32 / 6
    msb = (2 * (2 - grand) ** 2 + (4 - grand) ** 2 + 3 * (8 - grand) ** 2) / 2
    msw = (2 + 0 + 8) / 3
    assert between_groups(*sums(*groups)).share == pytest.approx((msb - msw) / (msb + (n0 - 1) * msw))


@pytest.mark.parametrize("groups", [[], [[1, 2, 3]], [[1], [2]], [[], [1, 2]], [[4, 4], [4, 4, 4]]])
def test_nothing_to_compare(groups):
    found = between_groups(*sums(*groups))
    assert (found.share, found.f) == (None, None)


def test_rounding_does_not_make_variance():
    third = [4 / 3] * 7
    found = between_groups(*sums(third, third, third))
    assert (found.share, found.f) == (None, None)


@pytest.mark.parametrize("table", [[[1, 2, 3]], [[1], [2]], np.empty((0, 3))])
def test_one_rater_or_one_target_cannot_agree(table):
    assert intraclass_correlations(table)[:6] == (None,) * 6


def test_tables_with_gaps_are_refused():
    with pytest.raises(ValueError, match="complete"):
        intraclass_correlations([[1, NAN], [2, 3]])
    with pytest.raises(ValueError, match="a row for each target"):
        intraclass_correlations([1, 2, 3])


def test_constant_ratings_have_no_correlation():
    assert intraclass_correlations([[3, 3], [3, 3], [3, 3]])[:6] == (None,) * 6


def test_permutation_f_within_customers_is_the_two_way_f():
    # Shrout & Fleiss (1979), table 3: JMS 32.49, EMS 1.02
    targets, raters = np.indices(SHROUT_FLEISS.shape)
    found = permutation_f(SHROUT_FLEISS.ravel(), raters.ravel(), clusters=targets.ravel())
    assert found.f == pytest.approx(32.4861 / 1.0194, rel=1e-3)
    assert found.p == 1 / 2000
    assert found.n == 24


def test_permutation_f_agrees_with_scipy():
    a, b, c = [3, 5, 4, 6, 2], [6, 7, 5, 8], [4, 4, 6, 3, 5, 5]
    found = permutation_f([*a, *b, *c], ["a"] * 5 + ["b"] * 4 + ["c"] * 6, permutations=4999)
    theirs = permutation_test(
        (a, b, c),
        lambda *groups: f_oneway(*groups).statistic,
        n_resamples=999,
        alternative="greater",
        rng=np.random.default_rng(1),
    )
    assert found.f == pytest.approx(f_oneway(a, b, c).statistic)
    assert found.p == pytest.approx(theirs.pvalue, abs=0.03)


def test_two_scores_each_can_be_counted_on_fingers():
    # of the 6 ways to put two labels on 1, 2, 8, 9 two are as far apart as 1, 2 | 8, 9
    found = permutation_f([1, 2, 8, 9], list("aabb"), permutations=9999)
    assert found.p == pytest.approx(1 / 3, abs=0.02)


def test_customers_who_rate_everything_high_say_nothing():
    rng = np.random.default_rng(3)
    levels = rng.normal(0, 10, 30)
    customers = np.repeat(np.arange(30), 2)
    owners = np.tile(["a", "b"], 30)
    values = levels[customers] + (owners == "b") * 0.5 + rng.normal(0, 0.3, 60)
    within = permutation_f(values, owners, clusters=customers, permutations=499)
    assert within.p < 0.01
    assert permutation_f(values, owners, permutations=499).p > 0.5
    again = permutation_f(values + 1000 * (customers == 4), owners, clusters=customers, permutations=499)
    assert again.p == within.p
    assert again.f == pytest.approx(within.f)


def test_customers_with_one_owner_are_left_out():
    values, owners, customers = [1, 2, 3, 9, 9, 9], list("ababbb"), [1, 1, 2, 2, 3, 3]
    found = permutation_f(values, owners, clusters=customers)
    assert found.n == 4
    assert found == permutation_f(values[:4], owners[:4], clusters=customers[:4])


@pytest.mark.parametrize(
    ("values", "labels", "clusters"),
    [
        ([], [], None),
        ([1, 2], ["a", "a"], None),
        ([1, 2, 3], list("aab"), [1, 2, 3]),
        ([1, 2], list("ab"), None),
    ],
)
def test_nothing_to_exchange(values, labels, clusters):
    found = permutation_f(values, labels, clusters=clusters)
    assert (found.f, found.p) == (None, None)


def test_permutation_f_is_the_same_every_time_and_drops_missing_scores():
    values, labels = [3, 5, 4, 6, NAN, 2, 7], list("aabbaab")
    first = permutation_f(values, labels, permutations=99, seed=7)
    assert first == permutation_f(values, labels, permutations=99, seed=7)
    assert first.n == 6
    with pytest.raises(ValueError, match="one entry a score"):
        permutation_f([1, 2], ["a"])


@pytest.mark.slow
def test_permutation_f_keeps_its_level():
    rng = np.random.default_rng(20240501)
    false = 0
    for seed in range(600):
        customers = rng.integers(0, 15, 60)
        # customers who are content choose one owner more often: only the exchange within them is fair
        level = rng.normal(0, 2, 15)
        owners = (rng.normal(0, 1, 60) + 0.5 * level[customers] > 0).astype(int)
        values = level[customers] + rng.normal(0, 1, 60)
        p = permutation_f(values, owners, clusters=customers, permutations=199, seed=seed).p
        false += p is not None and p <= 0.05
    assert 0.03 <= false / 600 <= 0.07


def test_agreement_reproduces_the_example():
    # James, Demaree & Wolf (1984), on five points
    assert agreement_within_group([4, 4, 5, 3, 4], options=5) == pytest.approx(0.75)
    assert agreement_within_group([1, 1, 5, 5], options=5) < 0
    assert agreement_within_group([3], options=5) is None
    with pytest.raises(ValueError, match="at least 2 answers"):
        agreement_within_group([1, 1], options=1)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=9))
def test_agreement_is_full_only_when_all_agree(scores):
    found = agreement_within_group(scores, options=5)
    assert found <= 1
    assert (found == 1) == (len(set(scores)) == 1)


def test_consistency_of_the_toy():
    # methods.md 4.3
    toy = [2, 3, -4, 1, 3]
    assert successive_difference(toy) == 19.75
    assert within_deviation(toy) == pytest.approx(math.sqrt(8.5))
    assert weakest_link(toy) == (-4, 2)


@pytest.mark.parametrize("values", [[], [1.0], [NAN, 2.0]])
def test_one_score_is_neither_steady_nor_not(values):
    assert within_deviation(values) is None
    assert successive_difference(values) is None


def test_missing_scores_are_left_out():
    assert successive_difference([2, NAN, 3, -4, 1, NAN, 3]) == 19.75
    assert weakest_link([NAN, 3, 1, 1]) == (1, 2)
    assert weakest_link([NAN]) == weakest_link([]) == (None, None)


@given(st.lists(st.integers(-2, 2), min_size=2, max_size=9), st.integers(-5, 5))
def test_consistency_does_not_depend_on_the_level(values, shift):
    moved = [value + shift for value in values]
    assert within_deviation(moved) == pytest.approx(within_deviation(values))
    assert successive_difference(moved) == successive_difference(values)
    assert weakest_link(moved).position == weakest_link(values).position
