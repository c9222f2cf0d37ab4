"""Chains without end: where they are in the long run, and how long they take from state to state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ErgodicChain", "committor", "ergodic_chain"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ErgodicChain:
    """A chain in which every state can be reached from every other.

    Parameters
    ----------
    transitions : ndarray
        P.
    stationary : ndarray
        π with π P = π: the share of time in each state in the long run.
    fundamental : ndarray
        Z = (I − P + 1 π)⁻¹.
    passage : ndarray
        M: expected moves from state i (row) until j (column) is first reached, ``(z_jj − z_ij) / π_j``; 0
        on the diagonal.
    recurrence : ndarray
        1 / π: expected moves until the chain is back.
    """

    transitions: Floats
    stationary: Floats
    fundamental: Floats
    passage: Floats
    recurrence: Floats


def ergodic_chain(transitions: ArrayLike) -> ErgodicChain:
    """Where is a chain in the long run, and how long does it take between any two states?

    Parameters
    ----------
    transitions : array_like
        P, square, rows of probabilities that sum to 1.

    Returns
    -------
    ErgodicChain
        The chain with its stationary distribution and times.

    Raises
    ------
    ValueError
        P is no matrix of probabilities, or some state cannot be reached from some other.

    References
    ----------
    Kemeny, J. G., Snell, J. L. (1960). Finite Markov Chains. Van Nostrand, chapter 4.

    Examples
    --------
    The weather in the Land of Oz (rain, nice, snow):

    >>> oz = ergodic_chain([[.5, .25, .25], [.5, 0, .5], [.25, .25, .5]])
    >>> oz.stationary.round(9).tolist(), oz.passage[0].round(4).tolist()
    ([0.4, 0.2, 0.4], [0.0, 4.0, 3.3333])
    """
    p = np.asarray(transitions, dtype=np.float64)
    _check(p)
    size = p.shape[0]
    identity = np.eye(size)
    # one equation of π (I − P) = 0 is redundant; the sum takes its place
    system = (identity - p).T
    system[-1] = 1.0
    pi = np.linalg.solve(system, identity[-1])
    z: Floats = np.linalg.inv(identity - p + pi[np.newaxis, :]).astype(np.float64)
    return ErgodicChain(
        transitions=p,
        stationary=pi,
        fundamental=z,
        passage=(np.diag(z)[np.newaxis, :] - z) / pi[np.newaxis, :],
        recurrence=1 / pi,
    )


def committor(transitions: ArrayLike, *, first: int, before: int) -> Floats:
    """How probable is it to come to one state before another?

    Parameters
    ----------
    transitions : array_like
        P, square, rows of probabilities that sum to 1.
    first : int
        The state to come to.
    before : int
        The state not to come to until then.

    Returns
    -------
    ndarray
        The probability from each state; 1 at `first`, 0 at `before`.

    Raises
    ------
    ValueError
        P is no matrix of probabilities, some state cannot be reached from some other, or the two are one.

    Examples
    --------
    >>> committor([[.7, .2, .1], [.3, .4, .3], [.2, .45, .35]], first=0, before=2).round(4).tolist()
    [1.0, 0.5, 0.0]
    """
    p = np.asarray(transitions, dtype=np.float64)
    _check(p)
    if first == before:
        raise ValueError(f"a state cannot be reached before itself, got {first} twice")
    inner = [state for state in range(p.shape[0]) if state not in {first, before}]
    found = np.zeros(p.shape[0])
    found[first] = 1.0
    found[inner] = np.linalg.solve(np.eye(len(inner)) - p[np.ix_(inner, inner)], p[inner, first])
    return found


def _check(p: Floats) -> None:
    if p.ndim != 2 or p.shape[0] != p.shape[1]:  # noqa: PLR2004
        raise ValueError(f"P must be square, got {p.shape}")
    if (p < 0).any() or not np.allclose(p.sum(axis=1), 1.0, atol=1e-9):
        raise ValueError("the rows of P must be probabilities that sum to 1")
    for ways in (p > 0, p.T > 0):
        reached = np.zeros(p.shape[0], dtype=bool)
        reached[:1] = True
        grown = True
        while grown:
            more = reached | ways[reached].any(axis=0)
            grown = bool((more != reached).any())
            reached = more
        if not reached.all():
            apart = np.flatnonzero(~reached).tolist()
            raise ValueError(f"states {apart} and state 0 must be reachable from each other")
