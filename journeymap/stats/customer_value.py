"""What is a customer worth who moves between states, each with its own reward?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["customer_value"]

Floats = NDArray[np.float64]


def customer_value(transitions: ArrayLike, rewards: ArrayLike, *, discount: float) -> Floats:
    """What is a customer in each state worth today?

    ``V = (I − P/(1 + d))⁻¹ R``: the sum of all coming rewards R, where P moves the customer once a period
    and each period to wait divides a reward by 1 + d.

    Parameters
    ----------
    transitions : array_like
        P, square: at (i, j) the probability to move from state i to j within a period. A row may sum to
        less than 1; what is missing is worth nothing.
    rewards : array_like
        R, what a customer brings in each state at the start of a period, costs negative.
    discount : float
        d, the interest of one period, for example 0.2. Rewards that never end need it above 0.

    Returns
    -------
    ndarray
        The value of a customer in each state, in the unit of the rewards; empty without states.

    Raises
    ------
    ValueError
        When P is not square, has a negative entry or a row above 1, when R has another length, when d is
        at most −1, or when the sum does not end.

    Notes
    -----
    The reward of the present period is counted in full. P and R are taken to stay as they are for ever.

    References
    ----------
    Pfeifer, P. E., Carraway, R. L. (2000). Modeling customer relationships as Markov chains. Journal of
    Interactive Marketing 14, 43–55.

    Examples
    --------
    >>> customer_value([[0.5, 0.5], [0, 1]], [30, 0], discount=0.2).round(2).tolist()  # 30 / (1 − 0.5/1.2)
    [51.43, 0.0]
    """
    p, r = np.asarray(transitions, dtype=np.float64), np.asarray(rewards, dtype=np.float64).ravel()
    if p.shape != (r.size, r.size):
        raise ValueError(
            f"{r.size} rewards need {r.size} × {r.size} transitions, not {' × '.join(map(str, p.shape))}"
        )
    if not np.isfinite(r).all():
        raise ValueError("rewards must be finite")
    if not r.size:
        return np.empty(0)
    # a row of shares may miss 1 by its rounding
    if not (p >= 0).all() or (p.sum(axis=1) > 1 + 1e-9).any():
        raise ValueError("transitions must be probabilities: none below 0, no row above 1")
    if discount <= -1:
        raise ValueError(f"discount must be above -1, not {discount:g}")
    kept = p / (1 + discount)
    if np.abs(np.linalg.eigvals(kept)).max() >= 1 - 1e-12:
        raise ValueError(
            f"with a discount of {discount:g} the rewards add up without end: some states are never left"
        )
    return np.asarray(np.linalg.solve(np.eye(r.size) - kept, r))
