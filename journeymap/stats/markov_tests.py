"""Does the next touchpoint depend on more than the present one, and do several samples share one chain?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, xlogy

__all__ = [
    "ChainTest",
    "OrderTest",
    "Permuted",
    "homogeneity_test",
    "known_chain_test",
    "order_test",
    "permuted_homogeneity",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
# with fewer ways to deal the blocks out, no p-value below 5 % is possible
_FEWEST_WAYS = 20


class ChainTest(NamedTuple):
    """A likelihood ratio test on counted transitions.

    Parameters
    ----------
    g2, pearson : float
        G² and Pearson's X²; infinite where something was counted that cannot be.
    df : int
        Degrees of freedom of the cells that can occur in what was observed.
    df_full : int
        Degrees of freedom if every cell could occur.
    p, p_pearson : float
        The p-values at `df`; 1 without degrees of freedom.
    """

    g2: float
    pearson: float
    df: int
    df_full: int
    p: float
    p_pearson: float


class OrderTest(NamedTuple):
    """Order k against order k + 1, on the same positions.

    Parameters
    ----------
    test : ChainTest
        The likelihood ratio test of order k.
    n : int
        Moves that were judged.
    log_likelihood : tuple of float
        Of order k and of order k + 1.
    parameters : tuple of int
        Free probabilities of either, on the observed support.
    aic, bic : tuple of float
        ``2 q − 2 ln L`` and ``q ln n − 2 ln L`` of either; less is better.
    """

    test: ChainTest
    n: int
    log_likelihood: tuple[float, float]
    parameters: tuple[int, int]
    aic: tuple[float, float]
    bic: tuple[float, float]


class Permuted(NamedTuple):
    """G² against what it is when the labels are shuffled.

    Parameters
    ----------
    g2 : float
        Of all rows together.
    df : int
        Degrees of freedom of the cells that can occur in what was observed.
    p_independent : float
        The p-value of G² at `df`, if all moves were independent; 1 without degrees of freedom.
    p : float or None
        The share of shuffles with a G² as large, the observed one counted in; None where the blocks can
        be dealt out in fewer than 20 ways.
    row_g2, row_df : ndarray
        G² and degrees of freedom of each row.
    row_p : ndarray or None
        The p-value of each row.
    """

    g2: float
    df: int
    p_independent: float
    p: float | None
    row_g2: Floats
    row_df: Whole
    row_p: Floats | None


def order_test(grams: ArrayLike, counts: ArrayLike, *, symbols: int | None = None) -> OrderTest:
    """Is it enough to know the last k, or does the one before them matter, too?

    ``G² = 2 Σ n_wx ln(n_wx n_w' / (n_w n_w'x))`` over contexts w of k + 1 symbols, what follows x, and
    the shorter context w' (w without its first).

    Parameters
    ----------
    grams : array_like
        One row a gram, k + 2 numbered symbols, what follows last. Two columns test order 0 against 1.
    counts : array_like
        How often each was seen.
    symbols : int, optional
        m, how many symbols there are; those that occur if not given. Only `df_full` depends on it.

    Returns
    -------
    OrderTest
        With the degrees of freedom of the observed support: for each w' those that came before it less
        one, times those that followed less one; in full ``m^k (m − 1)²``.

    Notes
    -----
    Moves are taken as independent; customers who come often make p too small. Where cells are sparse
    trust the score on held-out customers more than this p.

    References
    ----------
    Anderson, T. W., Goodman, L. A. (1957). Statistical inference about Markov chains. Annals of
    Mathematical Statistics 28, 89–110.

    Examples
    --------
    What follows depends on the one before the last only:

    >>> grams = [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    >>> found = order_test(grams, [30 if a == c else 10 for a, b, c in grams])
    >>> round(found.test.g2, 2), found.test.df, found.aic[1] < found.aic[0]
    (41.86, 2, True)
    """
    table = np.asarray(grams, dtype=np.int64)
    n = np.asarray(counts, dtype=np.float64)
    table, n = table[n > 0], n[n > 0]
    occurring = np.unique(table).size if symbols is None else symbols
    length = table.shape[1]
    long, long_ids = _sums(table[:, :-1], n)
    short, short_ids = _sums(table[:, 1:-1], n)
    full, full_ids = _sums(table, n)
    tail, tail_ids = _sums(table[:, 1:], n)
    first = _first_places(full_ids, full.size)
    n_wx, n_w = full, long[long_ids[first]]
    n_v, n_vx = short[short_ids[first]], tail[tail_ids[first]]
    likelihoods = (
        float(xlogy(n_vx, n_vx / n_v)[_first_places(tail_ids[first], tail.size)].sum()),
        float(xlogy(n_wx, n_wx / n_w).sum()),
    )
    expected = n_w * n_vx / n_v
    total = float(n.sum())
    # every w meets every x that follows its w', so the expected counts of all those cells sum to n
    pearson = float((np.square(n_wx) / expected).sum()) - total
    before = np.bincount(short_ids[_first_places(long_ids, long.size)], minlength=short.size)
    after = np.bincount(short_ids[_first_places(tail_ids, tail.size)], minlength=short.size)
    df = int(((before - 1) * (after - 1)).sum())
    test = _tested(
        2 * (likelihoods[1] - likelihoods[0]),
        pearson,
        df,
        occurring ** (length - 2) * (occurring - 1) ** 2,
    )
    free = int((after - 1).sum())
    parameters = free, free + df
    return OrderTest(
        test=test,
        n=int(total),
        log_likelihood=likelihoods,
        parameters=parameters,
        aic=(2 * free - 2 * likelihoods[0], 2 * parameters[1] - 2 * likelihoods[1]),
        bic=(
            float(xlogy(free, total)) - 2 * likelihoods[0],
            float(xlogy(parameters[1], total)) - 2 * likelihoods[1],
        ),
    )


def known_chain_test(counts: ArrayLike, probabilities: ArrayLike) -> ChainTest:
    """Could counted moves come from a chain that is known?

    ``G² = 2 Σ n_ij ln(n_ij / (n_i p_ij))``.

    Parameters
    ----------
    counts : array_like
        n_ij, moves from i (rows) to j.
    probabilities : array_like
        p_ij, of the known chain.

    Returns
    -------
    ChainTest
        Degrees of freedom: in every row that was visited the targets with p_ij > 0, less one.

    Notes
    -----
    n_i is the sum of the row, the moves that left i.

    References
    ----------
    Kullback, S., Kupperman, M., Ku, H. H. (1962). Tests for contingency tables and Markov chains.
    Technometrics 4, 573–608.

    Examples
    --------
    >>> found = known_chain_test([[51, 11, 8], [12, 31, 9], [6, 11, 10]],
    ...                          [[5/8, 1/4, 1/8], [1/4, 1/2, 1/4], [1/4, 3/8, 3/8]])
    >>> round(found.g2, 6), found.df, round(found.p, 6)
    (6.518384, 6, 0.367688)
    """
    n, p = np.asarray(counts, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    rows = n.sum(axis=1, keepdims=True)
    expected = rows * p
    possible = (p > 0) & (rows > 0)
    df = int((possible.sum(axis=1) - 1)[rows[:, 0] > 0].sum())
    full = n.shape[0] * (n.shape[1] - 1)
    if (n[p == 0] > 0).any():
        return ChainTest(np.inf, np.inf, df, full, 0.0, 0.0)
    ratio = np.divide(n, expected, out=np.ones_like(n), where=possible)
    pearson = np.divide(np.square(n - expected), expected, out=np.zeros_like(n), where=possible)
    return _tested(2 * float(xlogy(n, ratio).sum()), float(pearson.sum()), df, full)


def homogeneity_test(tables: ArrayLike) -> ChainTest:
    """Do several samples share one chain?

    Given where a move begins: ``G² = 2 Σ n^k_ij ln(n^k_ij n_i. / (n^k_i. n_ij))``. How often each sample
    comes to i does not matter.

    Parameters
    ----------
    tables : array_like
        Samples k by rows i by targets j: counted moves.

    Returns
    -------
    ChainTest
        Degrees of freedom: for every row the samples that come there less one, times the targets that
        occur less one; in full ``(K − 1) m (m' − 1)`` with m rows and m' targets.

    References
    ----------
    Kullback, S., Kupperman, M., Ku, H. H. (1962). Tests for contingency tables and Markov chains.
    Technometrics 4, 573–608.

    Examples
    --------
    >>> found = homogeneity_test([[[10, 10]], [[20, 5]]])
    >>> round(found.g2, 4), found.df
    (4.5403, 1)
    """
    n = np.asarray(tables, dtype=np.float64)
    there = n.sum(axis=2)
    pooled = n.sum(axis=0)
    share = np.divide(pooled, pooled.sum(axis=1, keepdims=True), out=np.zeros_like(pooled), where=pooled > 0)
    expected = there[:, :, np.newaxis] * share
    off = np.divide(np.square(n - expected), expected, out=np.zeros_like(n), where=expected > 0)
    came, targets = (there > 0).sum(axis=0), (pooled > 0).sum(axis=1)
    df = int((np.maximum(came - 1, 0) * np.maximum(targets - 1, 0)).sum())
    g2 = float(_row_g2(n.reshape(1, n.shape[0], -1), np.repeat(np.arange(n.shape[1]), n.shape[2])).sum())
    return _tested(g2, float(off.sum()), df, (n.shape[0] - 1) * n.shape[1] * (n.shape[2] - 1))


def permuted_homogeneity(
    blocks: ArrayLike,
    labels: ArrayLike,
    rows: ArrayLike,
    rng: np.random.Generator,
    *,
    permutations: int = 999,
) -> Permuted:
    """Do samples share one chain, judged by dealing out whole groups of customers anew?

    The customers of a block stay together, so that moves of one customer need not be independent and
    sparse cells do no harm.

    Parameters
    ----------
    blocks : array_like
        Blocks of customers by cells: counted moves, one cell for each pair (row, target) that occurs.
    labels : array_like
        The sample of each block.
    rows : array_like
        The row that each cell belongs to, numbered from 0.
    rng : numpy.random.Generator
        The source of chance; a seeded one gives the same p-value again.
    permutations : int
        How often the labels are shuffled.

    Returns
    -------
    Permuted
        G² with the p-value ``(1 + shuffles with a G² as large) / (1 + shuffles)``, of all and by row.

    Examples
    --------
    >>> blocks = [[9, 1], [8, 2], [9, 1], [8, 2], [1, 9], [2, 8], [1, 9], [2, 8]]
    >>> found = permuted_homogeneity(blocks, [0] * 4 + [1] * 4, [0, 0], np.random.default_rng(1))
    >>> round(found.g2, 2), found.p < 0.05
    (43.27, True)
    """
    table, given = np.asarray(blocks, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    of = np.asarray(rows, dtype=np.int64)
    samples = np.arange(int(given.max()) + 1 if given.size else 1)
    ways = _ways(np.bincount(given[table.any(axis=1)], minlength=samples.size))
    sums = (given == samples[:, np.newaxis]) @ table
    observed, degrees = _row_g2(sums[np.newaxis], of)[0], _row_df(sums, of)
    df, g2 = int(degrees.sum()), float(observed.sum())
    likely = float(chdtrc(df, g2)) if df else 1.0
    if ways < _FEWEST_WAYS:
        return Permuted(g2, df, likely, None, observed, degrees, None)
    as_large, rows_as_large = 1, np.ones(observed.size)
    at_once = max(1, 2_000_000 // max(table.shape[1] * samples.size, 1))
    # rounding must not make a shuffle that changes nothing smaller than what was observed
    slack = 1e-9 * (1 + g2)
    for first in range(0, permutations, at_once):
        shuffled = rng.permuted(np.tile(given, (min(at_once, permutations - first), 1)), axis=1)
        counts = (shuffled[:, np.newaxis, :] == samples[:, np.newaxis]) @ table
        found = _row_g2(counts, of)
        as_large += int((found.sum(axis=1) >= g2 - slack).sum())
        rows_as_large += (found >= observed - slack).sum(axis=0)
    shuffles = 1 + permutations
    return Permuted(g2, df, likely, as_large / shuffles, observed, degrees, rows_as_large / shuffles)


def _row_df(sums: Floats, rows: Whole) -> Whole:
    """Count for every row the samples that come there and the cells that occur, each less one."""
    size = int(rows.max()) + 1 if rows.size else 0
    occurs = np.bincount(rows, weights=sums.any(axis=0), minlength=size)
    came = sum((np.bincount(rows, weights=one, minlength=size) > 0).astype(int) for one in sums)
    return np.asarray(np.maximum(came - 1, 0) * np.maximum(occurs - 1, 0), dtype=np.int64)


def _row_g2(counts: Floats, rows: Whole) -> Floats:
    """G² of every row: tables by samples by cells become tables by rows."""
    size = int(rows.max()) + 1 if rows.size else 0
    order = np.argsort(rows, kind="stable")
    sorted_rows = rows[order]
    # a row without cells gets no border of its own, so the sums are put back by number
    borders = np.flatnonzero(np.diff(sorted_rows, prepend=-1))
    if not borders.size:
        return np.zeros((counts.shape[0], size))

    def by_row(values: ArrayLike) -> Floats:
        return np.asarray(np.add.reduceat(np.asarray(values)[..., order], borders, axis=-1), np.float64)

    there, pooled = by_row(counts), counts.sum(axis=1)
    inside = by_row(xlogy(counts, counts)).sum(axis=1) - xlogy(there, there).sum(axis=1)
    of_all = by_row(xlogy(pooled, pooled)) - xlogy(there.sum(axis=1), there.sum(axis=1))
    found = np.zeros((counts.shape[0], size))
    found[:, sorted_rows[borders]] = 2 * (inside - of_all)
    return np.maximum(found, 0.0)


def _ways(sizes: Whole) -> float:
    """In how many ways can the blocks be dealt out to samples of these sizes?"""
    ways, left = 1.0, int(sizes.sum())
    for size in sizes.tolist():
        for place in range(1, size + 1):
            ways = min(ways * (left - size + place) / place, 1e9)
        left -= size
    return round(ways)


def _sums(rows: Whole, counts: Floats) -> tuple[Floats, Whole]:
    """Sum the counts of equal rows; say for every row which sum is its own."""
    if rows.shape[1] == 0:
        return counts.sum(keepdims=True), np.zeros(rows.shape[0], dtype=np.int64)
    _, ids = np.unique(rows, axis=0, return_inverse=True)
    ids = np.asarray(ids.reshape(-1), dtype=np.int64)
    return np.bincount(ids, weights=counts).astype(np.float64), ids


def _first_places(ids: Whole, size: int) -> Whole:
    places = np.zeros(size, dtype=np.int64)
    places[ids[::-1]] = np.arange(ids.size)[::-1]
    return places


def _tested(g2: float, pearson: float, df: int, df_full: int) -> ChainTest:
    # rounding can leave a statistic just below 0
    g2, pearson = max(g2, 0.0), max(pearson, 0.0)
    p, p_pearson = (float(chdtrc(df, x)) if df else 1.0 for x in (g2, pearson))
    return ChainTest(g2, pearson, df, df_full, p, p_pearson)
