"""How much of what customers say in the end goes with each of the things they rated?"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from journeymap.errors import JourneyMapError
from journeymap.stats.jackknife import group_jackknife

__all__ = [
    "MOST_PLAYERS",
    "correlations",
    "lmg_weights",
    "noise_weights",
    "part_interval",
    "relative_weights",
]

Floats = NDArray[np.float64]
Method = Literal["relative_weights", "lmg"]

MOST_PLAYERS = 15  # 2^15 models are fitted; each further one doubles them
_NOTHING = 1e-10  # of a variance of 1: what is left of a variable that the others determine
_DRAWS = 20_000


def correlations(products: ArrayLike) -> Floats:
    """How strongly does each variable go with each other one?

    Parameters
    ----------
    products : array_like
        ``Σ w a b`` for every pair of variables, in the last two axes; the first variable is the constant 1.

    Returns
    -------
    ndarray
        Pearson correlations of the other variables, the leading axes kept. A variable that never varies goes
        with nothing: 0, and 1 with itself.

    Examples
    --------
    >>> table = np.array([[1, 1, 1, 1], [1, 2, 3, 4], [2, 4, 6, 8]])
    >>> correlations(table @ table.T).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    given = np.asarray(products, dtype=np.float64)
    weight = given[..., :1, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = given[..., 1:, :1] / weight
        spread = given[..., 1:, 1:] / weight - mean * np.swapaxes(mean, -1, -2)
        variance = np.diagonal(spread, axis1=-2, axis2=-1)
        deviation = np.sqrt(np.where(variance > _NOTHING, variance, np.nan))
        found = spread / (deviation[..., :, np.newaxis] * deviation[..., np.newaxis, :])
    found = np.where(np.isfinite(found), np.clip(found, -1.0, 1.0), 0.0)
    size = range(found.shape[-1])
    found[..., size, size] = 1.0
    return found


def relative_weights(correlation: ArrayLike) -> Floats:
    """How much of the explained variance belongs to each driver, drivers that go together sharing alike?

    With ``R = VΛV'`` the correlations of the drivers, ``L = VΛ^½V'``, ``β = L⁻¹r`` and r their correlations
    with the outcome: ``ε = (L∘L)(β∘β)``, which sum to R².

    Parameters
    ----------
    correlation : array_like
        Correlations in the last two axes; the first variable is the outcome.

    Returns
    -------
    ndarray
        One weight a driver, 0 to 1, in the last axis.

    Notes
    -----
    Weights are never negative, also those of noise: compare them with `noise_weights`. They divide what goes
    together, they do not say what causes what.

    References
    ----------
    Johnson, J. W. (2000). A heuristic method for estimating the relative weight of predictor variables in
    multiple regression. Multivariate Behavioral Research 35, 1–19.

    Examples
    --------
    >>> relative_weights([[1, 0.6, 0.3], [0.6, 1, 0], [0.3, 0, 1]]).round(4).tolist()
    [0.36, 0.09]
    """
    given = np.asarray(correlation, dtype=np.float64)
    among, towards = given[..., 1:, 1:], given[..., 1:, 0]
    values, vectors = np.linalg.eigh(among)
    root = np.sqrt(np.clip(values, 0.0, None))
    with np.errstate(divide="ignore"):
        inverse = np.where(values > _NOTHING, 1 / root, 0.0)  # what is determined by others adds nothing
    turned = np.swapaxes(vectors, -1, -2)
    loading = (vectors * root[..., np.newaxis, :]) @ turned
    beta = ((vectors * inverse[..., np.newaxis, :]) @ turned) @ towards[..., np.newaxis]
    return np.asarray((np.square(loading) @ np.square(beta))[..., 0])


def lmg_weights(correlation: ArrayLike, *, players: Sequence[int] | None = None) -> Floats:
    """How much does each driver add to the explained variance, on average over all orders of adding them?

    The Shapley value of R²: ``Σ over S without j of |S|! (p − |S| − 1)! / p! · (R²(S ∪ j) − R²(S))``, over
    all subsets, not a sample of them.

    Parameters
    ----------
    correlation : array_like
        Correlations in the last two axes; the first variable is the outcome.
    players : sequence of int, optional
        How many variables in a row are added together, as one; one each when left out. The work grows with
        what is left to add, so that large blocks are best put first.

    Returns
    -------
    ndarray
        One weight a player, 0 to 1, in the last axis; they sum to R².

    Raises
    ------
    JourneyMapError
        There are more than 15 players.

    References
    ----------
    Lindeman, R. H., Merenda, P. F., Gold, R. Z. (1980). Introduction to bivariate and multivariate analysis.
    Grömping, U. (2006). Relative importance for linear regression in R. Journal of Statistical Software 17.

    Examples
    --------
    >>> lmg_weights([[1, 0.6, 0.3], [0.6, 1, 0], [0.3, 0, 1]]).round(4).tolist()
    [0.36, 0.09]
    """
    given = np.asarray(correlation, dtype=np.float64)
    sizes = [1] * (given.shape[-1] - 1) if players is None else list(players)
    count = _allowed(len(sizes))
    explained = 1.0 - _left_over(given, sizes)[..., 0, 0]
    subsets = np.arange(2**count)
    members = _members(subsets, count)
    found = []
    for player in range(count):
        without = subsets[(subsets >> player) & 1 == 0]
        weight = _orders(count)[members[without]]
        found.append(
            ((explained[..., without | 1 << player] - explained[..., without]) * weight).sum(axis=-1)
        )
    return np.stack(found, axis=-1) if found else np.zeros((*given.shape[:-2], 0))


def _allowed(count: int) -> int:
    if count > MOST_PLAYERS:
        raise JourneyMapError.because(
            f"{count} drivers are too many for LMG weights, which fit every subset of them.",
            expected=f"Expected at most {MOST_PLAYERS}.",
            hint="use method='relative_weights', or fewer drivers",
        )
    return count


def _members(subsets: NDArray[np.int_], count: int) -> NDArray[np.int_]:
    return np.asarray(sum((subsets >> player) & 1 for player in range(count)) + np.zeros_like(subsets))


def _orders(count: int) -> Floats:
    """Give the share of orders in which a player comes right after a subset, by the size of the subset."""
    return np.array([factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)])


def _left_over(rows: Floats, sizes: Sequence[int]) -> Floats:
    """Take every subset of the drivers out of the outcome.

    Each driver in turn is taken out of all that follow, or not: what remains of the matrix halves as the
    number of subsets doubles, so that all of them cost little more than the last.

    Parameters
    ----------
    rows : ndarray
        A symmetric matrix, outcome first, in the last two axes; further columns are carried along.
    sizes : sequence of int
        How many variables in a row go together.

    Returns
    -------
    ndarray
        ``(..., subset, 1, columns)``: the outcome's row after each subset (bit k of its number: player k),
        its remaining variance in front, then the further columns.
    """
    state = rows[..., np.newaxis, :, :]
    for size in sizes:
        taken, kept = state, state
        for _ in range(size):
            pivot = taken[..., 1:2, 1:2]
            with np.errstate(divide="ignore", invalid="ignore"):
                factor = np.where(pivot > _NOTHING, taken[..., :, 1:2] / pivot, 0.0)
            taken = _without_second(taken - factor * taken[..., 1:2, :])
            kept = _without_second(kept)
        state = np.concatenate([kept, taken], axis=-3)
    return state


def _without_second(rows: Floats) -> Floats:
    """Leave out the second row and the second column."""
    return np.delete(np.delete(rows, 1, axis=-2), 1, axis=-1)


def part_interval(part: float, without: ArrayLike, *, level: float = 0.95) -> tuple[float, float] | None:
    """Between which ends does a part of a whole lie that was recomputed without each group of customers?

    The delete-a-group jackknife of its logit, turned back: parts of R² are skewed, and the ends of this
    interval never leave 0 to 1.

    Parameters
    ----------
    part : float
        From all customers, 0 to 1.
    without : array_like
        The same without each group.
    level : float
        The confidence level.

    Returns
    -------
    (float, float) or None
        None at 0 and at 1, and with fewer than two groups.

    Notes
    -----
    In simulations with four drivers (R² .42) it covered 92.3 to 97.0 % with 60 customers and 93.8 to 96.7 %
    with 400 or more, the plain jackknife 90.5 to 93.0 % with 100.

    Examples
    --------
    >>> low, high = part_interval(0.5, [0.45, 0.5, 0.55, 0.5])
    >>> round(low, 3), round(high, 3)
    (0.314, 0.686)
    """
    if not _NOTHING < part < 1 - _NOTHING:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.asarray(without, dtype=np.float64)
        found = group_jackknife(float(np.log(part / (1 - part))), np.log(left / (1 - left)), level=level)
    if found.low is None or found.high is None:
        return None
    return float(expit(found.low)), float(expit(found.high))


def noise_weights(
    correlation: ArrayLike,
    n: float,
    *,
    method: Method = "relative_weights",
    players: Sequence[int] | None = None,
    draws: int = _DRAWS,
    seed: int = 0,
) -> Floats:
    """How large a weight would a variable of pure noise get here?

    A noise variable is added to the drivers, many times over. Its correlations with n customers are drawn:
    normal, with the correlations of the data and the variance 1 / n, as they are for large n; the weight is
    taken to first order in them. No customer's answers are needed.

    Parameters
    ----------
    correlation : array_like
        One matrix of correlations; the first variable is the outcome.
    n : float
        How many independent customers stand behind them; with weights the effective number.
    method : {"relative_weights", "lmg"}
        How weights are made.
    players : sequence of int, optional
        Of `lmg_weights`.
    draws : int
        How many noise variables.
    seed : int
        The same seed gives the same numbers.

    Returns
    -------
    ndarray
        Weights of noise variables; their 95 % quantile is the benchmark. Empty with fewer than two customers.

    Notes
    -----
    Tonidandel and others bootstrap the difference to one noise variable; the quantile of many is this
    library's own variant: a driver without any relation to the outcome or the others passes it in 5 % of
    surveys.

    References
    ----------
    Tonidandel, S., LeBreton, J. M., Johnson, J. W. (2009). Determining the statistical significance of
    relative weights. Psychological Methods 14, 387–399.

    Examples
    --------
    >>> weights = noise_weights([[1, 0.6], [0.6, 1]], 400)
    >>> bool(0.003 < np.quantile(weights, 0.95) < 0.010)
    True
    """
    given = np.asarray(correlation, dtype=np.float64)
    if n <= 1:
        return np.zeros(0)
    values, vectors = np.linalg.eigh(given)
    random = np.random.default_rng(seed).standard_normal((draws, len(given)))
    drawn = random @ (vectors * np.sqrt(np.clip(values, 0.0, None))).T / np.sqrt(n)
    if method == "lmg":
        form = _lmg_noise(given, [1] * (len(given) - 1) if players is None else list(players))
    else:
        form = _relative_noise(given)
    return np.asarray(((drawn @ form) * drawn).sum(axis=1))


def _relative_noise(given: Floats) -> Floats:
    """Give A with ``z'Az`` the relative weight of a noise variable whose correlations are z = (z₀, ρ).

    To first order noise adds the row ``b = (R^½ + 1)⁻¹ ρ`` to L, and its β is ``z₀ − (R^-½ r)'b``; the weight
    is ``Σ b²β² + (z₀ − β'b)²``.
    """
    values, vectors = np.linalg.eigh(given[1:, 1:])
    root = np.sqrt(np.clip(values, 0.0, None))
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=values > _NOTHING)
    beta = (vectors * inverse) @ vectors.T @ given[1:, 0]
    added = (vectors / (root + 1.0)) @ vectors.T
    own = np.concatenate([[1.0], -added @ beta])
    form = np.outer(own, own)
    form[1:, 1:] += (added * np.square(beta)) @ added
    return form


def _lmg_noise(given: Floats, sizes: Sequence[int]) -> Floats:
    """Give A with ``z'Az`` the LMG weight of a noise variable whose correlations are z.

    After the subset S the outcome's residual is a combination a of outcome and drivers; noise adds
    ``(a'z)²`` to R², in every order with the share that `_orders` gives.
    """
    count = _allowed(len(sizes))
    carried = np.concatenate([given, np.eye(len(given))], axis=1)
    combined = _left_over(carried, sizes)[:, 0, 1:]
    weight = _orders(count + 1)[_members(np.arange(2**count), count)]
    return np.asarray((combined * weight[:, np.newaxis]).T @ combined)
