"""Absorbing Markov chains: where a walk ends, how long it takes, what a better step would change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.errors import UnreachableEndError

__all__ = ["AbsorbingChain", "absorbing_chain", "exit_fix_gain"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AbsorbingChain:
    """A chain with transient states, in which every walk ends.

    Parameters
    ----------
    transient : ndarray
        Q, probabilities from transient state to transient state.
    absorbing : ndarray
        R, probabilities from transient state to end.
    visits : ndarray
        N = (I − Q)⁻¹: expected visits to j from i, the start counted.
    steps : ndarray
        t = N 1: expected steps to the end.
    ends : ndarray
        B = N R: probability of each end.
    steps_variance : ndarray
        (2N − I) t − t∘t.
    reach : ndarray
        H = (N − I) N_dg⁻¹: probability of ever coming to j from i (of returning, on the diagonal).
    """

    transient: Floats
    absorbing: Floats
    visits: Floats
    steps: Floats
    ends: Floats
    steps_variance: Floats
    reach: Floats

    def given_end(self, end: int) -> AbsorbingChain:
        """How do the walks go that come to one end?

        ``p̃_ij = p_ij b_j / b_i``: the chain conditioned on its end; its `steps` are the expected steps
        given that end, ``(N b)_i / b_i``, and its `visits` are ``N_ij b_j / b_i``.

        Parameters
        ----------
        end : int
            The column of R.

        Returns
        -------
        AbsorbingChain
            The conditional chain with this end only, over the same states. A state that never comes
            to this end goes there at once.
        """
        b = self.ends[:, end]
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.where(b[:, None] > 0, self.transient * b[None, :] / b[:, None], 0.0)
            outer = np.where(b > 0, self.absorbing[:, end] / b, 1.0)
        return absorbing_chain(inner, outer[:, None])


def absorbing_chain(transient: ArrayLike, absorbing: ArrayLike) -> AbsorbingChain:
    """Where does each walk end, and after how many steps?

    Parameters
    ----------
    transient : array_like
        Q, square.
    absorbing : array_like
        R, one row for each transient state, one column for each end; rows of [Q | R] sum to 1.

    Returns
    -------
    AbsorbingChain
        The chain with its expected visits, steps and ends.

    Raises
    ------
    UnreachableEndError
        From some state no end can be reached.
    ValueError
        The shapes do not fit, a probability is negative, or a row does not sum to 1.

    References
    ----------
    Kemeny, J. G., Snell, J. L. (1960). Finite Markov Chains. Van Nostrand, chapter 3.

    Examples
    --------
    A walk between home and bar, three corners on the way:

    >>> chain = absorbing_chain([[0, .5, 0], [.5, 0, .5], [0, .5, 0]], [[.5, 0], [0, 0], [0, .5]])
    >>> chain.steps.round(9).tolist(), chain.ends[:, 0].round(9).tolist()
    ([3.0, 4.0, 3.0], [0.75, 0.5, 0.25])
    """
    q, r = np.asarray(transient, dtype=np.float64), np.asarray(absorbing, dtype=np.float64)
    _check(q, r)
    identity = np.eye(q.shape[0])
    visits: Floats = np.linalg.inv(identity - q).astype(np.float64)
    steps = visits.sum(axis=1)
    return AbsorbingChain(
        transient=q,
        absorbing=r,
        visits=visits,
        steps=steps,
        ends=visits @ r,
        steps_variance=(2 * visits - identity) @ steps - np.square(steps),
        reach=(visits - identity) / np.diag(visits)[None, :],
    )


def _check(q: Floats, r: Floats) -> None:
    if q.ndim != 2 or q.shape[0] != q.shape[1] or r.ndim != 2 or r.shape[0] != q.shape[0]:  # noqa: PLR2004
        raise ValueError(f"Q must be square and R have its rows, got {q.shape} and {r.shape}")
    sums = q.sum(axis=1) + r.sum(axis=1)
    if (q < 0).any() or (r < 0).any() or not np.allclose(sums, 1.0, atol=1e-9):
        raise ValueError("the rows of [Q | R] must be probabilities that sum to 1")
    ending: NDArray[np.bool_] = np.any(r > 0, axis=1)
    grown = True
    while grown:
        more: NDArray[np.bool_] = ending | np.any((q > 0) & ending[np.newaxis, :], axis=1)
        grown = bool((more != ending).any())
        ending = more
    if not ending.all():
        stuck = np.flatnonzero(~ending).tolist()
        raise UnreachableEndError.because(
            f"from states {stuck} no end can be reached.",
            expected="Expected a way to an end from every state.",
            hint="give one state of the cycle a probability of ending",
        )


def exit_fix_gain(
    start_visits: ArrayLike, own_visits: ArrayLike, goal_probability: ArrayLike, kept: ArrayLike
) -> Floats:
    """How much more probable does the goal become if fewer walks are lost at one state?

    All other probabilities out of state v grow by the factor κ. In closed form
    ``Δb_s = N_sv (κ − 1) b_v / (1 − (κ − 1)(N_vv − 1))``, equal to solving the changed chain anew.

    Parameters
    ----------
    start_visits : array_like
        N_sv, expected visits to v from the start.
    own_visits : array_like
        N_vv, expected visits to v from v, the first one counted.
    goal_probability : array_like
        b_v, the probability of the goal from v.
    kept : array_like
        κ = (1 − new exit probability) / (1 − old exit probability); 0 removes the state, giving the
        removal effect with its sign turned.

    Returns
    -------
    ndarray
        Δb_s, one for each state or replicate given.

    Notes
    -----
    Model-implied: true of the customers only if the association is causal.

    Examples
    --------
    >>> chain = absorbing_chain([[0.0]], [[0.2, 0.8]])  # the goal first, then lost
    >>> n, b = chain.visits[0, 0], chain.ends[0, 0]
    >>> round(float(exit_fix_gain(1.0, n, b, kept=0.6 / 0.2)), 3)  # lost 0.4 instead of 0.8
    0.4
    """
    factor = np.asarray(kept, dtype=np.float64) - 1
    start, own, goal = (
        np.asarray(given, dtype=np.float64) for given in (start_visits, own_visits, goal_probability)
    )
    return np.asarray(start * factor * goal / (1 - factor * (own - 1)))
