"""Which symbol comes next, judged by the last few, and how good is the guess on others?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

__all__ = [
    "BackOffChain",
    "CalibrationBin",
    "MoveScores",
    "Scores",
    "back_off_chain",
    "move_scores",
    "score_table",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_BINS = 10
# numbers of contexts must fit into 64 bits
_MANY = 2**62
# what a shorter context can be worth, in visits; below one, few visits that all agree would seem certain
_LIGHTEST, _HEAVIEST = 1.0, 1e6


@dataclass(frozen=True, eq=False)
class BackOffChain:
    """Probabilities of what follows, by context; short contexts stand in for unknown long ones.

    Parameters
    ----------
    targets : int
        How many symbols can follow.
    contexts : tuple of ndarray
        By order, 0 first: the known contexts, one a row.
    probabilities : tuple of ndarray
        By order: what follows each context.
    weights : tuple of float
        By order: α, how many visits the shorter context is worth.
    """

    targets: int
    contexts: tuple[Whole, ...]
    probabilities: tuple[Floats, ...]
    weights: tuple[float, ...]

    @property
    def order(self) -> int:
        """How many symbols the longest contexts have."""
        return len(self.contexts) - 1

    def predict(self, contexts: ArrayLike) -> Floats:
        """How probable is each symbol after each of these contexts?

        Parameters
        ----------
        contexts : array_like
            One row a context, the latest symbol last; at least as many columns as the order.

        Returns
        -------
        ndarray
            Contexts by targets; rows sum to 1.
        """
        given = np.asarray(contexts, dtype=np.int64)
        found = np.repeat(self.probabilities[0], given.shape[0], axis=0)
        for order in range(1, self.order + 1):
            places = _places(given[:, given.shape[1] - order :], self.contexts[order])
            seen = places >= 0
            found[seen] = self.probabilities[order][places[seen]]
        return found


def back_off_chain(
    contexts: ArrayLike, following: ArrayLike, counts: ArrayLike, *, targets: int, order: int
) -> BackOffChain:
    """What follows, judged by at most the last `order` symbols?

    Each context is mixed with the next shorter one: ``p(x | w) = (n_wx + α p(x | w')) / (n_w + α)``. α, one
    for each order, is the weight under which the counts are most probable (Dirichlet–multinomial): large
    where the longer context adds nothing, and at least 1. Below order 0 every symbol is as probable.

    Parameters
    ----------
    contexts : array_like
        One row a context, the latest symbol last; at least `order` columns.
    following : array_like
        What followed, numbered from 0.
    counts : array_like
        How often.
    targets : int
        How many symbols can follow.
    order : int
        How many symbols back to look; 0 looks at none: the marginal shares.

    Returns
    -------
    BackOffChain
        No probability is 0: what was never seen can still happen.

    Raises
    ------
    ValueError
        The contexts are shorter than the order.

    Examples
    --------
    >>> chain = back_off_chain([[0], [0], [1]], [0, 1, 1], [60, 20, 80], targets=2, order=1)
    >>> chain.predict([[0], [1], [7]]).round(1).tolist()  # 7 was never seen: the shares of all
    [[0.7, 0.3], [0.0, 1.0], [0.4, 0.6]]
    """
    before, after = np.asarray(contexts, dtype=np.int64), np.asarray(following, dtype=np.int64)
    n = np.asarray(counts, dtype=np.float64)
    if before.ndim != 2 or before.shape[1] < order:  # noqa: PLR2004
        raise ValueError(f"contexts of {order} symbols are needed, got {before.shape}")
    before, after, n = before[n > 0], after[n > 0], n[n > 0]
    shorter = np.full((1, targets), 1 / targets)
    known = [np.zeros((1, 0), dtype=np.int64)]
    probabilities: list[Floats] = []
    weights: list[float] = []
    for length in range(order + 1):
        suffix = before[:, before.shape[1] - length :]
        if length:
            rows, ids = np.unique(suffix, axis=0, return_inverse=True)
            ids = ids.reshape(-1)
            known.append(rows)
            shorter = probabilities[length - 1][_places(rows[:, 1:], known[length - 1])]
        else:
            ids = np.zeros(after.size, dtype=np.int64)
        table = np.zeros((shorter.shape[0], targets))
        np.add.at(table, (ids, after), n)
        alpha = _weight(table, shorter)
        weights.append(alpha)
        probabilities.append((table + alpha * shorter) / (table.sum(axis=1, keepdims=True) + alpha))
    return BackOffChain(targets, tuple(known), tuple(probabilities), tuple(weights))


def _weight(table: Floats, base: Floats) -> float:
    """Find the α under which counts are most probable that follow Dirichlet(α base)."""
    row, column = np.nonzero(table)
    if not row.size:
        return 1.0
    n, total = table[row, column], table.sum(axis=1)
    mean = np.broadcast_to(base, table.shape)[row, column]

    def loss(log_alpha: float) -> float:
        alpha = math.exp(log_alpha)
        inside = (gammaln(alpha * mean + n) - gammaln(alpha * mean)).sum()
        return float((gammaln(alpha + total) - gammaln(alpha)).sum() - inside)

    # the likelihood can be flat at either end, so the best of a coarse grid brackets the search
    grid = np.linspace(math.log(_LIGHTEST), math.log(_HEAVIEST), 21)
    best = int(np.argmin([loss(place) for place in grid]))
    bracket = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - it takes long to load

    found = minimize_scalar(loss, bounds=bracket, method="bounded", options={"xatol": 1e-3})
    return math.exp(float(found.x))


def _places(wanted: Whole, known: Whole) -> Whole:
    """Find rows among sorted distinct ones; −1 where a row is not among them."""
    base = int(known.max(initial=0)) + 1
    scale = np.array([base**power for power in range(known.shape[1] - 1, -1, -1)], dtype=np.int64)
    if base ** known.shape[1] >= _MANY:
        raise ValueError(f"{base} symbols in contexts of {known.shape[1]} are too many to tell apart")
    numbers = known @ scale
    inside = ((wanted >= 0) & (wanted < base)).all(axis=1)
    sought = np.where(inside, wanted @ scale, -1)
    places = np.minimum(np.searchsorted(numbers, sought), max(numbers.size - 1, 0))
    if not numbers.size:
        return np.full(sought.size, -1, dtype=np.int64)
    return np.where(inside & (numbers[places] == sought), places, -1)


class MoveScores(NamedTuple):
    """How well single moves were foretold, one value a move.

    Parameters
    ----------
    best, best_three : ndarray
        1 where the most probable symbol (one of the three most probable) came; of equally probable ones
        the first counts as the more probable.
    log_loss : ndarray
        ``−ln p`` of what came.
    brier : ndarray
        ``Σ_j (p_j − 1[j came])²``, 0 to 2.
    confidence : ndarray
        The probability of the most probable symbol.
    """

    best: Floats
    best_three: Floats
    log_loss: Floats
    brier: Floats
    confidence: Floats


def move_scores(probabilities: ArrayLike, came: ArrayLike) -> MoveScores:
    """How well was each move foretold?

    Parameters
    ----------
    probabilities : array_like
        Moves by symbols.
    came : array_like
        What came, numbered from 0.

    Returns
    -------
    MoveScores
        One value a move.

    Examples
    --------
    >>> found = move_scores([[0.5, 0.3, 0.1, 0.1]], [1])
    >>> found.best.tolist(), found.best_three.tolist(), found.brier.round(2).tolist()
    ([0.0], [1.0], [0.76])
    """
    p, x = np.asarray(probabilities, dtype=np.float64), np.asarray(came, dtype=np.int64)
    every = np.arange(x.size)
    own = p[every, x][:, np.newaxis]
    earlier = np.arange(p.shape[1])[np.newaxis, :] < x[:, np.newaxis]
    rank = ((p > own) | ((p == own) & earlier)).sum(axis=1)
    with np.errstate(divide="ignore"):
        loss = -np.log(own[:, 0])
    return MoveScores(
        best=(rank == 0).astype(np.float64),
        best_three=(rank < 3).astype(np.float64),  # noqa: PLR2004
        log_loss=loss,
        brier=np.square(p).sum(axis=1) - 2 * own[:, 0] + 1,
        confidence=p.max(axis=1, initial=0.0),
    )


class CalibrationBin(NamedTuple):
    """Guesses that were about as confident.

    Parameters
    ----------
    low, high : float
        The confidence they lie between.
    n : float
        How many moves.
    foretold : float
        Their mean confidence.
    came : float
        The share of them that came true.
    """

    low: float
    high: float
    n: float
    foretold: float
    came: float


class Scores(NamedTuple):
    """How well moves were foretold on the whole.

    Parameters
    ----------
    n : float
        How many moves.
    top_1, top_3 : float
        The share that the most probable symbol (one of the three most probable) foretold.
    log_loss : float
        Mean of −ln p, in nats; less is better.
    brier : float
        Mean of Σ (p − came)², 0 to 2; less is better.
    calibration : tuple of CalibrationBin
        The best guesses by confidence, in tenths; empty bins are left out.
    """

    n: float
    top_1: float
    top_3: float
    log_loss: float
    brier: float
    calibration: tuple[CalibrationBin, ...]


def score_table(scores: MoveScores, counts: ArrayLike) -> Scores:
    """How well were moves foretold on the whole?

    Parameters
    ----------
    scores : MoveScores
        One value for each kind of move.
    counts : array_like
        How often it was made.

    Returns
    -------
    Scores
        Means over the moves; nan without any.

    Examples
    --------
    >>> found = score_table(move_scores([[0.9, 0.1], [0.9, 0.1]], [0, 1]), [8, 2])
    >>> found.top_1, [tuple(round(float(x), 2) for x in one) for one in found.calibration]
    (0.8, [(0.9, 1.0, 10.0, 0.9, 0.8)])
    """
    n = np.asarray(counts, dtype=np.float64)
    total = float(n.sum())
    if not total:
        return Scores(0.0, np.nan, np.nan, np.nan, np.nan, ())

    def mean(values: Floats) -> float:
        return float((values[n > 0] * n[n > 0]).sum() / total)

    # 0.9 is 9 tenths, though 0.9 * 10 may round to less
    tenth = np.minimum((scores.confidence * _BINS + 1e-9).astype(int), _BINS - 1)
    held, foretold, came = (
        np.bincount(tenth, weights=weights, minlength=_BINS)
        for weights in (n, n * scores.confidence, n * scores.best)
    )
    bins = tuple(
        CalibrationBin(
            place / _BINS,
            (place + 1) / _BINS,
            float(held[place]),
            float(foretold[place] / held[place]),
            float(came[place] / held[place]),
        )
        for place in range(_BINS)
        if held[place] > 0
    )
    return Scores(
        total, mean(scores.best), mean(scores.best_three), mean(scores.log_loss), mean(scores.brier), bins
    )
