"""Which of many things that differ belong together, how clearly, and would others find the same groups?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Medoids",
    "adjusted_rand",
    "average_linkage",
    "bootstrap_stability",
    "choose_medoids",
    "k_medoids",
    "weighted_silhouettes",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_MOST_SWAPS = 100
_ROUNDING = 1e-12


class Medoids(NamedTuple):
    """Groups around their most central members.

    Parameters
    ----------
    medoids : ndarray
        The number of the most central member of each group; heavier groups first.
    labels : ndarray
        For every thing the number of its group, from 0.
    cost : float
        The weighted sum of the distances to the medoids.
    silhouette : float or None
        The weighted mean of `weighted_silhouettes` without copies; None for one group.
    """

    medoids: Whole
    labels: Whole
    cost: float
    silhouette: float | None


def k_medoids(distances: ArrayLike, k: int, *, weights: ArrayLike | None = None) -> Medoids:
    """Which k members stand best for all, and who belongs to whom?

    Minimises ``Σ w_i d(i, medoid of i)``: medoids are added one by one, each where it helps most (BUILD),
    then exchanged for others as long as that helps (SWAP), as in partitioning around medoids.

    Parameters
    ----------
    distances : array_like
        Square and symmetric.
    k : int
        How many groups.
    weights : array_like, optional
        How often each thing occurs; once each when left out. A thing of weight 0 is put into a group
        but never shapes one.

    Returns
    -------
    Medoids
        The same on every run; ties go to the first.

    Raises
    ------
    ValueError
        The distances are not square, or there are not k things with weight.

    Examples
    --------
    >>> places = np.array([0.0, 1, 2, 10, 11])
    >>> found = k_medoids(abs(places[:, None] - places), 2)
    >>> found.medoids.tolist(), found.labels.tolist(), found.cost
    ([1, 3], [0, 0, 0, 1, 1], 3.0)
    """
    d, w = _checked(distances, weights)
    eligible = np.flatnonzero(w > 0)
    if not 1 <= k <= eligible.size:
        raise ValueError(
            f"k must lie between 1 and {eligible.size}, the number of things with weight, not {k}"
        )
    chosen = _swapped(d, w, eligible, _built(d, w, eligible, k))
    nearest = d[:, chosen].argmin(axis=1)
    nearest[chosen] = np.arange(k)  # a medoid stays in its own group though another lies at distance 0
    order = np.argsort(-np.bincount(nearest, w, k), kind="stable")
    labels = np.argsort(order)[nearest]
    cost = float(w @ d[np.arange(len(d)), chosen[nearest]])
    silhouette = _mean(weighted_silhouettes(d, labels, weights=w, copies=False), w) if k > 1 else None
    return Medoids(chosen[order], labels, cost, silhouette)


def _checked(distances: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    d = np.asarray(distances, dtype=np.float64)
    if d.ndim != 2 or d.shape[0] != d.shape[1]:  # noqa: PLR2004
        raise ValueError(f"distances must be square, got {d.shape}")
    w = np.ones(len(d)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != (len(d),) or (w < 0).any():
        raise ValueError(f"weights must hold one number of 0 or more for each of {len(d)} things")
    return d, w


def _built(d: Floats, w: Floats, eligible: Whole, k: int) -> Whole:
    chosen: list[int] = []
    near = np.full(len(d), np.inf)
    for _ in range(k):
        costs = np.minimum(d[eligible], near) @ w
        costs[np.isin(eligible, chosen)] = np.inf
        best = int(eligible[costs.argmin()])
        chosen.append(best)
        near = np.minimum(near, d[best])
    return np.array(chosen, dtype=np.int64)


def _swapped(d: Floats, w: Floats, eligible: Whole, chosen: Whole) -> Whole:
    """Exchange the pair of medoid and other that helps most, until none helps."""
    k = len(chosen)
    for _ in range(_MOST_SWAPS):
        to_chosen = d[:, chosen]
        order = np.argsort(to_chosen, axis=1, kind="stable")
        owner = order[:, 0]
        near = np.take_along_axis(to_chosen, order[:, :1], axis=1)[:, 0]
        far = np.take_along_axis(to_chosen, order[:, 1:2], axis=1)[:, 0] if k > 1 else np.full(len(d), np.inf)
        candidates = eligible[~np.isin(eligible, chosen)]
        if not candidates.size:
            break
        kept, without = np.minimum(d[candidates], near) * w, np.minimum(d[candidates], far)
        extra = without * w - kept  # what the members of a medoid pay more when theirs goes
        costs = kept.sum(axis=1)[:, np.newaxis] + extra @ (owner[:, np.newaxis] == np.arange(k))
        best, present = int(costs.argmin()), float(w @ near)
        if costs.flat[best] >= present - _ROUNDING * max(present, 1.0):
            break
        chosen = chosen.copy()
        chosen[best % k] = candidates[best // k]
    return chosen


def choose_medoids(distances: ArrayLike, *, weights: ArrayLike | None = None, most: int = 8) -> list[Medoids]:
    """Into how many groups do things fall, judged by how clearly the groups part?

    Parameters
    ----------
    distances : array_like
        Square and symmetric.
    weights : array_like, optional
        How often each thing occurs.
    most : int
        At most so many groups.

    Returns
    -------
    list of Medoids
        `k_medoids` for 2 to `most` groups, those with the highest mean silhouette first and fewer groups
        first among equals; empty with fewer than three different things.

    Examples
    --------
    >>> places = np.array([0.0, 1, 2, 10, 11])
    >>> best = choose_medoids(abs(places[:, None] - places))[0]
    >>> len(best.medoids), round(best.silhouette, 3)
    (2, 0.873)
    """
    d, w = _checked(distances, weights)
    highest = min(most, int((w > 0).sum()) - 1)
    found = [k_medoids(d, k, weights=w) for k in range(2, highest + 1)]
    return sorted(found, key=lambda one: (-round(one.silhouette or 0.0, 12), len(one.medoids)))


def average_linkage(distances: ArrayLike, k: int, *, weights: ArrayLike | None = None) -> Whole:
    """Which groups remain when the two groups with the smallest mean distance are joined again and again?

    The mean runs over all pairs of single occurrences, so that a thing of weight 7 counts like 7 equal
    things (which `scipy.cluster.hierarchy.linkage` would need as 7 rows).

    Parameters
    ----------
    distances : array_like
        Square and symmetric.
    k : int
        How many groups remain.
    weights : array_like, optional
        How often each thing occurs; once each when left out. Each must be more than 0.

    Returns
    -------
    ndarray
        For every thing the number of its group, from 0, heavier groups first.

    Raises
    ------
    ValueError
        The distances are not square, a weight is 0, or there are not k things.

    Examples
    --------
    >>> places = np.array([0.0, 1, 2, 10, 11])
    >>> average_linkage(abs(places[:, None] - places), 2).tolist()
    [0, 0, 0, 1, 1]
    """
    d, w = _checked(distances, weights)
    size = len(d)
    if not 1 <= k <= size or (w <= 0).any():
        raise ValueError(f"k must lie between 1 and {size}, not {k}, and all weights must be more than 0")
    apart, heavy, labels = d.copy(), w.copy(), np.arange(size)
    np.fill_diagonal(apart, np.inf)
    for _ in range(size - k):
        first, second = sorted(divmod(int(apart.argmin()), size))
        total = heavy[first] + heavy[second]
        joined = (heavy[first] * apart[first] + heavy[second] * apart[second]) / total
        joined[first] = np.inf
        apart[first], apart[:, first] = joined, joined
        apart[second], apart[:, second] = np.inf, np.inf
        heavy[first] = total
        labels[labels == second] = first
    names, renamed = np.unique(labels, return_inverse=True)
    order = np.argsort(-np.bincount(renamed, w, len(names)), kind="stable")
    return np.argsort(order)[renamed].astype(np.int64)


def weighted_silhouettes(
    distances: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None, copies: bool = True
) -> Floats:
    """How much nearer is each thing to its own group than to the nearest other one?

    ``s = (b − a) / max(a, b)``: a is the mean distance to the other members of its group, b the smallest mean
    distance to another group; a thing of weight w counts like w equal things.

    Parameters
    ----------
    distances : array_like
        Square and symmetric.
    labels : array_like
        The group of each thing.
    weights : array_like, optional
        How often each thing occurs.
    copies : bool
        Whether the other occurrences of a thing count among the members of its group. Without them a group
        of one thing only is no group, however often the thing occurs.

    Returns
    -------
    ndarray
        −1 (belongs elsewhere) to 1; 0 for the only member of a group, and where there is one group only.

    Notes
    -----
    By the reading of Kaufman and Rousseeuw a mean up to 0.25 shows no substantial structure, above 0.5 a
    reasonable one.

    Examples
    --------
    >>> weighted_silhouettes([[0, 1, 4], [1, 0, 4], [4, 4, 0]], [0, 0, 1]).tolist()
    [0.75, 0.75, 0.0]
    """
    d, w = _checked(distances, weights)
    names, group = np.unique(np.asarray(labels), return_inverse=True)
    if len(names) <= 1:
        return np.zeros(len(d))
    member = (group[:, np.newaxis] == np.arange(len(names))) * w[:, np.newaxis]
    heavy = member.sum(axis=0)
    sums = d @ member
    own = np.arange(len(d)), group
    others = heavy[group] - (np.minimum(w, 1.0) if copies else w)
    inside = np.divide(sums[own], others, out=np.zeros(len(d)), where=others > _ROUNDING)
    means = np.divide(sums, heavy, out=np.full_like(sums, np.inf), where=heavy > 0)
    means[own] = np.inf
    outside = means.min(axis=1)
    larger = np.maximum(inside, outside)
    judged = (others > _ROUNDING) & (larger > 0) & np.isfinite(larger)
    return np.asarray(np.divide(outside - inside, larger, out=np.zeros(len(d)), where=judged))


def _mean(values: Floats, weights: Floats) -> float:
    return float(weights @ values / weights.sum())


def adjusted_rand(first: ArrayLike, second: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """How far do two ways of grouping the same things agree, beyond chance?

    The adjusted Rand index over pairs: ``(S − E) / ((A + B)/2 − E)`` with S the pairs that are together in
    both, A and B those that are together in each, and ``E = A B / all pairs``.

    Parameters
    ----------
    first, second : array_like
        The group of each thing, twice.
    weights : array_like, optional
        How often each thing occurs.

    Returns
    -------
    float
        1 for the same groups, about 0 for unrelated ones, below 0 for less than chance.

    Examples
    --------
    >>> adjusted_rand([0, 0, 1, 1], [1, 1, 0, 0]), round(adjusted_rand([0, 0, 1, 1], [0, 0, 1, 2]), 3)
    (1.0, 0.571)
    """
    one, other = (np.unique(np.asarray(given), return_inverse=True)[1] for given in (first, second))
    w = np.ones(len(one)) if weights is None else np.asarray(weights, dtype=np.float64)
    table = np.zeros((one.max(initial=0) + 1, other.max(initial=0) + 1))
    np.add.at(table, (one, other), w)
    both, rows, columns, every = (
        float((counts * (counts - 1) / 2).sum())
        for counts in (table, table.sum(axis=1), table.sum(axis=0), table.sum())
    )
    chance = rows * columns / every if every else 0.0
    most = (rows + columns) / 2
    return 1.0 if abs(most - chance) <= _ROUNDING * max(most, 1.0) else (both - chance) / (most - chance)


def bootstrap_stability(
    distances: ArrayLike, counts: ArrayLike, found: Medoids, *, resamples: int = 50, seed: int = 0
) -> float | None:
    """Would other customers of the same kind fall into the same groups?

    Customers are drawn anew with replacement, a group of customers at a time; the things are grouped again
    with their new weights, and compared by the adjusted Rand index with the groups found first.

    Parameters
    ----------
    distances : array_like
        Square and symmetric.
    counts : array_like
        How often each thing (row) occurs in each group of customers (column).
    found : Medoids
        The groups to be tried.
    resamples : int
        How often customers are drawn.
    seed : int
        The same seed gives the same answer.

    Returns
    -------
    float or None
        The mean index: 1 always the same groups, about 0 never; None with one group of customers or one
        group of things, where nothing can differ.

    Notes
    -----
    Stable groups need not be real ones: one large thing beside many small ones is found again, too.
    """
    d = np.asarray(distances, dtype=np.float64)
    by_group = np.asarray(counts, dtype=np.float64)
    k, customers = len(found.medoids), by_group.shape[1]
    if k <= 1 or customers <= 1:
        return None
    rng, whole = np.random.default_rng(seed), by_group.sum(axis=1)
    indices = []
    for _ in range(resamples):
        weights = by_group @ rng.multinomial(customers, np.full(customers, 1 / customers))
        if (weights > 0).sum() > k:
            indices.append(adjusted_rand(found.labels, _labels(d, k, weights), weights=whole))
    return float(np.mean(indices)) if indices else None


def _labels(d: Floats, k: int, weights: Floats) -> Whole:
    """Group as `k_medoids` does, without judging how well."""
    eligible = np.flatnonzero(weights > 0)
    chosen = _swapped(d, weights, eligible, _built(d, weights, eligible, k))
    return np.asarray(d[:, chosen].argmin(axis=1), dtype=np.int64)
