"""What changes in an absorbing chain if some states are left in other ways than before?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["changed_values", "changed_visits", "row_change_gain"]

Floats = NDArray[np.float64]


def row_change_gain(visits: ArrayLike, goal_probability: ArrayLike, state: int, change: ArrayLike) -> Floats:
    """How much more probable does the goal become from every state, if one state is left in other ways?

    ``Δb = N_·v (δ · [b; 1; 0]) / (1 − δ_Q · N_·v)`` with δ = new row − old row of state v over
    [transient states | goal | lost], δ_Q its first part, N the expected visits and b the probability of the
    goal before the change. Equal to solving the changed chain anew.

    Parameters
    ----------
    visits : array_like
        N, states by states; replicates of the chain along leading axes.
    goal_probability : array_like
        b, one number a state.
    state : int
        The position of v.
    change : array_like
        δ, two numbers more than states; it sums to 0.

    Returns
    -------
    ndarray
        Δb, one number a state. Not finite where the changed chain would never end.

    Raises
    ------
    ValueError
        The shapes do not fit.

    Notes
    -----
    Model-implied: true of the customers only if the association is causal.

    Examples
    --------
    Half of those who leave go back once more instead:

    >>> row_change_gain([[1.0]], [0.2], 0, [0.4, 0.0, -0.4]).round(12).tolist()  # 0.2 / 0.6 − 0.2
    [0.133333333333]
    """
    n, b = _chain(visits, goal_probability)
    delta = np.asarray(change, dtype=np.float64)
    size = b.shape[-1]
    if delta.shape[-1] != size + 2:
        raise ValueError(f"a row over {size} states, goal and lost has {size + 2} numbers, got {delta.shape}")
    if np.abs(delta.sum(axis=-1)).max(initial=0.0) > 1e-9:  # noqa: PLR2004 - rounding of probabilities
        raise ValueError("a change of a row of probabilities sums to 0")
    inner = delta[..., np.newaxis, :size]
    return changed_values(n, b, [state], inner, delta[..., np.newaxis, size])


def changed_values(
    visits: ArrayLike, values: ArrayLike, states: ArrayLike, inner: ArrayLike, reward: ArrayLike
) -> Floats:
    """How much more does a walk gather, if several states are left in other ways or give other rewards?

    With ``x = N r`` (r: the reward of each visit) the changed chain gathers ``x + Δx``,
    ``Δx = N_·V (I − D N_·V)⁻¹ (D x + Δr)``, where D holds new row − old row of the states V over the
    transient states and Δr their new − old reward (Woodbury). The probability of the goal is the case
    r = probability of going there directly, expected time the case r = mean holding time.

    Parameters
    ----------
    visits : array_like
        N, states by states; replicates of the chain along leading axes.
    values : array_like
        x, one number a state.
    states : array_like
        V, the positions of the changed states, each once.
    inner : array_like
        D, one row a changed state, one column a state.
    reward : array_like
        Δr, one number a changed state.

    Returns
    -------
    ndarray
        Δx, one number a state. Not finite where the changed chain would never end.

    Raises
    ------
    ValueError
        The shapes do not fit.

    References
    ----------
    Woodbury, M. A. (1950). Inverting modified matrices. Memorandum 42, Statistical Research Group, Princeton.

    Examples
    --------
    >>> changed_values([[1.0]], [0.2], [0], [[0.4]], [0.0]).round(12).tolist()
    [0.133333333333]
    """
    n, x = _chain(visits, values)
    place, d = _changes(n, states, inner)
    more = np.asarray(reward, dtype=np.float64)
    if more.shape[-1] != len(place):
        raise ValueError(f"one reward for each of {len(place)} changed states, got {more.shape}")
    columns = n[..., :, place]
    right = np.squeeze(d @ x[..., :, np.newaxis], axis=-1) + more
    inside = _solved(np.eye(len(place)) - d @ columns, right[..., :, np.newaxis])
    return np.asarray(np.squeeze(columns @ inside, axis=-1))


def changed_visits(visits: ArrayLike, states: ArrayLike, inner: ArrayLike) -> Floats:
    """How many visits are expected, if several states are left in other ways?

    ``N' = N + N_·V (I − D N_·V)⁻¹ D N``, see `changed_values`.

    Parameters
    ----------
    visits : array_like
        N, states by states; replicates of the chain along leading axes.
    states : array_like
        V, the positions of the changed states, each once.
    inner : array_like
        D, one row a changed state, one column a state.

    Returns
    -------
    ndarray
        N', states by states. Not finite where the changed chain would never end.

    Raises
    ------
    ValueError
        The shapes do not fit.

    Examples
    --------
    >>> changed_visits([[1.0]], [0], [[0.5]]).tolist()
    [[2.0]]
    """
    n = np.asarray(visits, dtype=np.float64)
    place, d = _changes(n, states, inner)
    columns = n[..., :, place]
    return np.asarray(n + columns @ _solved(np.eye(len(place)) - d @ columns, d @ n))


def _chain(visits: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    n, x = np.asarray(visits, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if n.ndim < 2 or n.shape[-1] != n.shape[-2] or x.shape[-1:] != n.shape[-1:]:  # noqa: PLR2004
        raise ValueError(f"visits must be square with one value a state, got {n.shape} and {x.shape}")
    return n, x


def _changes(n: Floats, states: ArrayLike, inner: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    place, d = np.asarray(states, dtype=np.int64).ravel(), np.asarray(inner, dtype=np.float64)
    if d.shape[-2:] != (place.size, n.shape[-1]):
        raise ValueError(
            f"{place.size} changed rows over {n.shape[-1]} states are needed, got {d.shape[-2:]}"
        )
    if np.unique(place).size < place.size:
        raise ValueError("each changed state must be named once")
    return place, d


def _solved(matrix: Floats, right: Floats) -> Floats:
    """Solve stacks of small systems; those without solution give nan."""
    try:
        found = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        shape = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
        wide, far = (np.broadcast_to(part, (*shape, *part.shape[-2:])) for part in (matrix, right))
        found = np.full(far.shape, np.nan)
        for at in np.ndindex(shape):
            if np.linalg.matrix_rank(wide[at]) == matrix.shape[-1]:
                found[at] = np.linalg.solve(wide[at], far[at])
    return np.asarray(found)
