from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from journeymap.stats.sequence_clusters import (
    adjusted_rand,
    average_linkage,
    bootstrap_stability,
    choose_medoids,
    k_medoids,
    weighted_silhouettes,
)

RNG = np.random.default_rng(4)


def plane(points):
    return np.sqrt(np.square(points[:, None] - points).sum(axis=-1))


def three_clouds(size=12):
    middles = np.repeat([[0, 0], [8, 0], [0, 8]], size // 3, axis=0)
    return plane(middles + np.random.default_rng(1).normal(size=(size, 2)))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_medoids_are_the_best_of_all(k):
    d, w = three_clouds(9), np.arange(1, 10)
    best = min(float(w @ d[:, list(chosen)].min(axis=1)) for chosen in combinations(range(9), k))
    found = k_medoids(d, k, weights=w)
    assert found.cost == pytest.approx(best)
    assert sorted(np.unique(found.labels)) == list(range(k))
    sizes = np.bincount(found.labels, w)
    assert (np.diff(sizes) <= 0).all()


def test_weights_stand_for_rows():
    d, w = three_clouds(9), np.array([3, 1, 2, 1, 1, 4, 2, 1, 1])
    rows = np.repeat(np.arange(9), w)
    long = d[np.ix_(rows, rows)]
    found = k_medoids(d, 3, weights=w)
    assert k_medoids(long, 3).cost == pytest.approx(found.cost)
    labels = found.labels
    each = weighted_silhouettes(d, labels, weights=w)
    assert weighted_silhouettes(long, labels[rows]) == pytest.approx(each[rows])
    linked = average_linkage(d, 3, weights=w)
    expected = fcluster(linkage(squareform(long, checks=False), "average"), 3, "maxclust")
    assert adjusted_rand(linked[rows], expected) == 1
    other = np.arange(9) % 2
    assert adjusted_rand(labels, other, weights=w) == pytest.approx(adjusted_rand(labels[rows], other[rows]))


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_linkage_is_that_of_scipy(seed, k):
    d = plane(np.random.default_rng(seed).normal(size=(9, 2)))
    expected = fcluster(linkage(squareform(d, checks=False), "average"), k, "maxclust")
    assert adjusted_rand(average_linkage(d, k), expected) == 1


def test_clear_groups_are_found_again():
    d = three_clouds()
    best = choose_medoids(d)[0]
    assert len(best.medoids) == 3
    assert best.silhouette > 0.7
    assert adjusted_rand(best.labels, np.repeat([0, 1, 2], 4)) == 1
    counts = np.random.default_rng(2).integers(0, 3, (12, 30))
    assert bootstrap_stability(d, counts, best) > 0.95
    assert bootstrap_stability(d, counts, best) == bootstrap_stability(d, counts, best)


def test_noise_has_no_groups():
    d = 1.0 - np.eye(30) + np.triu(RNG.normal(scale=0.01, size=(30, 30)), 1)
    d = np.triu(d, 1) + np.triu(d, 1).T
    best = choose_medoids(d)[0]
    assert best.silhouette < 0.1
    assert bootstrap_stability(d, np.eye(30), best) < 0.5


def test_frequent_things_are_no_group_of_their_own():
    # one thing a thousand times, nothing beside it: with its copies it would look like a perfect group
    d = 1.0 - np.eye(6)
    w = np.array([1000, 1, 1, 1, 1, 1])
    labels = np.array([0, 1, 1, 1, 1, 1])
    assert weighted_silhouettes(d, labels, weights=w)[0] == 1
    assert weighted_silhouettes(d, labels, weights=w, copies=False)[0] == 0


def test_rand_by_hand():
    # Hubert and Arabie's index by its definition over pairs
    one, other = np.array([0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1])
    both = rows = columns = 0
    for i, j in combinations(range(5), 2):
        both += (one[i] == one[j]) and (other[i] == other[j])
        rows += one[i] == one[j]
        columns += other[i] == other[j]
    chance = rows * columns / 10
    assert adjusted_rand(one, other) == pytest.approx((both - chance) / ((rows + columns) / 2 - chance))
    assert adjusted_rand([0, 0], [0, 0]) == 1


def test_what_cannot_be_grouped():
    d = three_clouds(9)
    with pytest.raises(ValueError, match="square"):
        k_medoids(d[:3], 2)
    with pytest.raises(ValueError, match="between 1 and 2"):
        k_medoids(d, 3, weights=[1, 1, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match="one number"):
        k_medoids(d, 3, weights=[1])
    with pytest.raises(ValueError, match="more than 0"):
        average_linkage(d, 3, weights=np.zeros(9))
    assert choose_medoids(np.zeros((2, 2))) == []
    assert bootstrap_stability(d, np.ones((9, 1)), k_medoids(d, 2)) is None
    assert k_medoids(np.zeros((4, 4)), 2).labels.tolist() == [0, 1, 0, 0]  # equal things: still two groups
