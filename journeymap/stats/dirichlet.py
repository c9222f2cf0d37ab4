"""What counted transitions say about probabilities when little was counted: Dirichlet rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Credible", "credible_end", "drawn_rows", "pooled_row", "smoothed_rows"]

Floats = NDArray[np.float64]
# so many probabilities are drawn at once: 32 MB
_AT_ONCE = 4_000_000


class Credible(NamedTuple):
    """The posterior of one probability.

    Parameters
    ----------
    mean : float
        Its mean.
    low, high : float
        The central credible interval.
    draws : ndarray
        The drawn values.
    """

    mean: float
    low: float
    high: float
    draws: Floats


def pooled_row(counts: ArrayLike) -> Floats:
    """Where do all rows together lead: the π₀ that single rows are smoothed towards?

    Parameters
    ----------
    counts : array_like
        n_ij, rows of counted targets.

    Returns
    -------
    ndarray
        One share a column; equal shares where nothing was counted.

    Examples
    --------
    >>> pooled_row([[1, 0], [2, 1]]).tolist()
    [0.75, 0.25]
    """
    total = np.asarray(counts, dtype=np.float64).sum(axis=0)
    return np.asarray(total / total.sum() if total.any() else np.full(total.shape, 1 / total.size))


def smoothed_rows(counts: ArrayLike, *, weight: float = 1.0, base: ArrayLike | None = None) -> Floats:
    """How probable is each target, if each row had been seen `weight` times more, as all rows go?

    The posterior mean ``(n_ij + α π₀_j) / (n_i + α)`` of rows with the prior Dirichlet(α π₀).

    Parameters
    ----------
    counts : array_like
        n_ij, rows of counted targets.
    weight : float
        α, how many observations the prior is worth.
    base : array_like, optional
        π₀: one row for all, or one a row; the pooled row if not given.

    Returns
    -------
    ndarray
        Rows of probabilities.

    Raises
    ------
    ValueError
        The weight is not positive, or a row of the base does not sum to 1.

    Examples
    --------
    >>> smoothed_rows([[8, 0], [1, 1]], weight=2, base=[0.5, 0.5]).tolist()
    [[0.9, 0.1], [0.5, 0.5]]
    """
    posterior = _posterior(counts, weight, base)
    return np.asarray(posterior / posterior.sum(axis=-1, keepdims=True))


def drawn_rows(
    counts: ArrayLike,
    rng: np.random.Generator,
    *,
    draws: int,
    weight: float = 1.0,
    base: ArrayLike | None = None,
) -> Floats:
    """Which probabilities could have led to these counts?

    Rows drawn from the posterior Dirichlet(n_i + α π₀).

    Parameters
    ----------
    counts : array_like
        n_ij, rows of counted targets.
    rng : numpy.random.Generator
        The source of chance; a seeded one gives the same rows again.
    draws : int
        How many tables to draw.
    weight : float
        α, how many observations the prior is worth.
    base : array_like, optional
        π₀: one row for all, or one a row; the pooled row if not given.

    Returns
    -------
    ndarray
        Draws by rows by targets; a target with neither count nor prior has probability 0.

    Raises
    ------
    ValueError
        The weight is not positive, or a row of the base does not sum to 1.

    Examples
    --------
    >>> drawn_rows([[8, 2]], np.random.default_rng(1), draws=4000).mean(axis=0).round(2).tolist()
    [[0.8, 0.2]]
    """
    posterior = _posterior(counts, weight, base)
    parts = rng.standard_gamma(posterior, size=(draws, *posterior.shape))
    # parts below 1e-300 can all vanish where a row was never seen and its prior is light
    parts = np.maximum(parts, np.where(posterior > 0, 1e-300, 0.0))
    return np.asarray(parts / parts.sum(axis=-1, keepdims=True))


def credible_end(
    moves: ArrayLike,
    entries: ArrayLike,
    *,
    end: int,
    ends: int,
    rng: np.random.Generator,
    weight: float = 1.0,
    draws: int = 1000,
    level: float = 0.95,
) -> Credible:
    """How probable is an end, with what was not counted allowed for?

    Rows are drawn from their posterior, and for each draw the chain is solved anew.

    Parameters
    ----------
    moves : array_like
        Counted moves from each state (rows) to each state, then to each end (columns).
    entries : array_like
        Counted beginnings at each state and each end.
    end : int
        The end in question, 0 the first.
    ends : int
        How many of the last columns are ends.
    rng : numpy.random.Generator
        The source of chance.
    weight : float
        α, how many observations of the pooled row each row is smoothed with. Beginnings are smoothed
        towards themselves, with the same weight.
    draws : int
        How many chains to draw.
    level : float
        The probability inside the interval.

    Returns
    -------
    Credible
        Mean, interval and the drawn probabilities.

    Raises
    ------
    ValueError
        The weight is not positive, or no beginning was counted.

    Notes
    -----
    Visits are taken as independent. Where the same customers come often the interval is too narrow; the
    jackknife over groups of customers is not.

    Examples
    --------
    >>> found = credible_end([[0, 6, 4]], [10, 0, 0], end=0, ends=2, rng=np.random.default_rng(1))
    >>> round(found.mean, 1), found.low < 0.6 < found.high
    (0.6, True)
    """
    table, begin = np.asarray(moves, dtype=np.float64), np.asarray(entries, dtype=np.float64)
    if not begin.any():
        raise ValueError("no beginning was counted")
    size = table.shape[0]
    at_once = max(1, min(draws, _AT_ONCE // max(table.size, 1)))
    found = []
    for first in range(0, draws, at_once):
        drawn = min(at_once, draws - first)
        rows = drawn_rows(table, rng, draws=drawn, weight=weight)
        start = drawn_rows(begin[np.newaxis], rng, draws=drawn, weight=weight)[:, 0]
        left = np.eye(size) - rows[:, :, :size]
        b = np.linalg.solve(left, rows[:, :, size + end, np.newaxis])[..., 0]
        found.append((start[:, :size] * b).sum(axis=1) + start[:, table.shape[1] - ends + end])
    values = np.concatenate(found)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Credible(float(values.mean()), float(low), float(high), values)


def _posterior(counts: ArrayLike, weight: float, base: ArrayLike | None) -> Floats:
    n = np.asarray(counts, dtype=np.float64)
    if not weight > 0:
        raise ValueError(f"the weight of the prior must be positive, got {weight}")
    prior = pooled_row(n) if base is None else np.asarray(base, dtype=np.float64)
    if (prior < 0).any() or not np.allclose(prior.sum(axis=-1), 1.0, atol=1e-9):
        raise ValueError("the rows of the base must be probabilities that sum to 1")
    return np.asarray(n + weight * prior)
