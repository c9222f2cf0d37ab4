"""Absorbing Markov chains: where a walk ends, how long it takes, what each state weighs in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeymap.errors import UnreachableEndError

__all__ = [
    "AbsorbingChain",
    "Decisiveness",
    "absorbing_chain",
    "decisiveness",
    "elasticities",
    "exit_fix_gain",
    "expected_time",
    "removal_effects",
    "sensitivities",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AbsorbingChain:
    """A chain with transient states, in which every walk ends; or a stack of such chains.

    In a stack every array has the same leading axes, one chain a place.

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
    """

    transient: Floats
    absorbing: Floats
    visits: Floats
    steps: Floats
    ends: Floats

    @cached_property
    def steps_variance(self) -> Floats:
        """How much the steps to the end vary: (2N − I) t − t∘t."""
        twice = 2 * np.einsum("...ij,...j->...i", self.visits, self.steps)
        return np.asarray(twice - self.steps - np.square(self.steps))

    @cached_property
    def reach(self) -> Floats:
        """The probability of ever coming to j from i (of returning, on the diagonal): H = (N − I) N_dg⁻¹."""
        there = np.diagonal(self.visits, axis1=-2, axis2=-1)[..., np.newaxis, :]
        return np.asarray((self.visits - np.eye(self.visits.shape[-1])) / there)

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
        b = self.ends[..., end]
        from_here, from_there = b[..., :, np.newaxis], b[..., np.newaxis, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.where(from_here > 0, self.transient * from_there / from_here, 0.0)
            outer = np.where(b > 0, self.absorbing[..., end] / b, 1.0)
        # rounding of b must not be taken for a row that does not sum to 1
        total = inner.sum(axis=-1) + outer
        return absorbing_chain(inner / total[..., np.newaxis], (outer / total)[..., np.newaxis])


def absorbing_chain(
    transient: ArrayLike, absorbing: ArrayLike, *, names: Sequence[str] = ()
) -> AbsorbingChain:
    """Where does each walk end, and after how many steps?

    Parameters
    ----------
    transient : array_like
        Q, square; leading axes hold a stack of chains, solved at once.
    absorbing : array_like
        R, one row for each transient state, one column for each end; rows of [Q | R] sum to 1.
    names : sequence of str
        What the states are called in errors; without names they are numbered.

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
    _check(q, r, names)
    identity = np.eye(q.shape[-1])
    visits: Floats = np.linalg.inv(identity - q).astype(np.float64)
    steps = visits.sum(axis=-1)
    return AbsorbingChain(
        transient=q,
        absorbing=r,
        visits=visits,
        steps=steps,
        ends=visits @ r,
    )


def _check(q: Floats, r: Floats, names: Sequence[str]) -> None:
    square = q.ndim >= 2 and q.shape[-2] == q.shape[-1]  # noqa: PLR2004
    if not square or r.ndim != q.ndim or r.shape[:-1] != q.shape[:-1]:
        raise ValueError(f"Q must be square and R have its rows, got {q.shape} and {r.shape}")
    sums = q.sum(axis=-1) + r.sum(axis=-1)
    if (q < 0).any() or (r < 0).any() or not np.allclose(sums, 1.0, atol=1e-9):
        raise ValueError("the rows of [Q | R] must be probabilities that sum to 1")
    ways = q > 0
    ending: NDArray[np.bool_] = np.any(r > 0, axis=-1)
    while not ending.all():
        more: NDArray[np.bool_] = ending | np.any(ways & ending[..., np.newaxis, :], axis=-1)
        if (more == ending).all():
            _refuse_circle(ending, names)
        ending = more


def _refuse_circle(ending: NDArray[np.bool_], names: Sequence[str]) -> None:
    stuck = np.flatnonzero(~ending.reshape(-1, ending.shape[-1]).all(axis=0)).tolist()
    called = ", ".join(repr(names[place]) for place in stuck) if names else f"states {stuck}"
    raise UnreachableEndError.because(
        f"from {called} no end can be reached.",
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


def expected_time(visits: ArrayLike, holding: ArrayLike) -> Floats:
    """How long does a walk take until its end?

    The semi-Markov mean ``Σ_v N_sv m_v``.

    Parameters
    ----------
    visits : array_like
        Expected visits to each state along the last axis: N_s·, the whole of N, or a stack.
    holding : array_like
        m, the mean time from coming to a state to coming to the next one (to the end, from the last).

    Returns
    -------
    ndarray
        In the unit of the holding times. A state that is not visited adds nothing, even if the time
        there is not known (nan).

    Examples
    --------
    >>> float(expected_time([1.0, 2.0, 0.0], [10, 0.5, float("nan")]))
    11.0
    """
    n, m = np.asarray(visits, dtype=np.float64), np.asarray(holding, dtype=np.float64)
    if n.ndim > m.ndim > 1:
        m = m[..., np.newaxis, :]
    return np.asarray((n * np.where(n == 0, 0.0, m)).sum(axis=-1))


class Decisiveness(NamedTuple):
    """How the variance of the outcome is shared out; all shares sum to 1.

    Parameters
    ----------
    start : ndarray
        The share of where the walk begins; 0 if it always begins in the same state.
    states : ndarray
        The share of each state.
    """

    start: Floats
    states: Floats


def removal_effects(
    start: ArrayLike, chain: AbsorbingChain, *, end: int = 0, direct: ArrayLike = 0.0
) -> Floats:
    """What share of the walks to one end would be lost without each state?

    Everybody who comes to the removed state v is lost:
    ``RE(v) = 1 − b_s⁽⁻ᵛ⁾ / b_s = h_sv b_v / b_s``, with h_sv the probability of ever coming to v from the
    start, b_v that of the end from v and b_s that from the start.

    Parameters
    ----------
    start : array_like
        The probability of beginning in each state.
    chain : AbsorbingChain
        One chain, or a stack of them with a stack of starts.
    end : int
        The column of R.
    direct : array_like
        The probability of beginning at the end itself.

    Returns
    -------
    ndarray
        One share for each state, 0 to 1; nan where the end is never reached.

    Notes
    -----
    This is the probability that a walk to this end passes v: what every such walk must pass has a removal
    effect of 1, however little happens there. Model-implied: true of customers only if the association is
    causal.

    References
    ----------
    Anderl, E., Becker, I., von Wangenheim, F., Schumann, J. H. (2016). Mapping the customer journey.
    International Journal of Research in Marketing 33(3), 457–474.

    Examples
    --------
    C1 → C2 → C3 → goal; C1 → lost; C2 → C3 → lost:

    >>> chain = absorbing_chain([[0, .5, 0], [0, 0, 1], [0, 0, 0]], [[0, .5], [0, 0], [.5, .5]])
    >>> removal_effects([2 / 3, 1 / 3, 0], chain).round(6).tolist()
    [0.5, 1.0, 1.0]
    """
    begin, b = np.asarray(start, dtype=np.float64), chain.ends[..., end]
    visits = np.einsum("...i,...ij->...j", begin, chain.visits)
    once = visits / np.diagonal(chain.visits, axis1=-2, axis2=-1)
    reached = (begin * b).sum(axis=-1) + np.asarray(direct, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(once * b / reached[..., np.newaxis])


def decisiveness(
    start: ArrayLike, chain: AbsorbingChain, *, end: int = 0, direct: ArrayLike = 0.0
) -> Decisiveness:
    """How much of the uncertainty about the end is resolved at each state?

    The probability of the end along a walk is a martingale, so the variance of the outcome splits up:
    ``b_s (1 − b_s) = Σ_v N_sv Σ_j p_vj (b_j − b_v)²`` plus the spread of b over the first states. Own
    definition.

    Parameters
    ----------
    start : array_like
        The probability of beginning in each state.
    chain : AbsorbingChain
        One chain, or a stack of them with a stack of starts.
    end : int
        The column of R.
    direct : array_like
        The probability of beginning at the end itself; what then is missing to 1 is lost at once.

    Returns
    -------
    Decisiveness
        Shares 0 to 1 that sum to 1; all 0 where the outcome is certain from the start.

    Notes
    -----
    Where it is decided, not who decides it: a state can be decisive because customers who come there have
    long made up their minds.

    Examples
    --------
    >>> chain = absorbing_chain([[0, .5, 0], [0, 0, 1], [0, 0, 0]], [[0, .5], [0, 0], [.5, .5]])
    >>> found = decisiveness([2 / 3, 1 / 3, 0], chain)
    >>> round(float(found.start), 4), found.states.round(4).tolist()
    (0.0625, [0.1875, 0.0, 0.75])
    """
    begin, b = np.asarray(start, dtype=np.float64), chain.ends[..., end]
    at_end = np.asarray(direct, dtype=np.float64)
    overall = (begin * b).sum(axis=-1) + at_end
    reached = overall[..., np.newaxis]
    elsewhere = 1 - at_end - begin.sum(axis=-1)
    first = (begin * np.square(b - reached)).sum(axis=-1)
    first += at_end * np.square(1 - overall) + elsewhere * np.square(overall)
    visits = np.einsum("...i,...ij->...j", begin, chain.visits)
    won = chain.absorbing[..., end]
    lost = chain.absorbing.sum(axis=-1) - won
    moved = (chain.transient * np.square(b[..., np.newaxis, :] - b[..., :, np.newaxis])).sum(axis=-1)
    shares = visits * (moved + won * np.square(1 - b) + lost * np.square(b))
    # the parts themselves and not b_s (1 − b_s) below the line: the shares sum to 1 in spite of rounding
    variance = first + shares.sum(axis=-1)
    open_to_chance = overall * (1 - overall) > 1e-15  # noqa: PLR2004
    scale = np.divide(1.0, variance, out=np.zeros_like(variance), where=open_to_chance)
    return Decisiveness(np.asarray(first * scale), shares * scale[..., np.newaxis])


def sensitivities(start: ArrayLike, chain: AbsorbingChain, *, end: int = 0) -> Floats:
    """How fast would the probability of an end change with each single probability?

    p_ij grows and the other ways out of i shrink in proportion:
    ``∂b_s/∂p_ij = N_si (b_j − Σ_{k≠j} p_ik b_k / (1 − p_ij))``.

    Parameters
    ----------
    start : array_like
        The probability of beginning in each state.
    chain : AbsorbingChain
        One chain, or a stack of them with a stack of starts.
    end : int
        The column of R.

    Returns
    -------
    ndarray
        States by states and ends, in the order of [Q | R]; nan where p_ij = 1, as nothing could make room.

    References
    ----------
    Caswell, H. (2013). Sensitivity analysis of discrete Markov chains via matrix calculus. Linear Algebra
    and its Applications 438, 1727–1745.

    Examples
    --------
    >>> chain = absorbing_chain([[0.5]], [[0.2, 0.3]])  # again, the goal, lost
    >>> sensitivities([1.0], chain).round(3).tolist()  # b = 0.4
    [[0.0, 1.5, -1.143]]
    """
    begin, b = np.asarray(start, dtype=np.float64), chain.ends[..., end]
    p = np.concatenate((chain.transient, chain.absorbing), axis=-1)
    value = np.zeros((*b.shape[:-1], p.shape[-1]))
    value[..., : b.shape[-1]] = b
    value[..., b.shape[-1] + end] = 1.0
    there = value[..., np.newaxis, :]
    visits = np.einsum("...i,...ij->...j", begin, chain.visits)[..., :, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Σ_{k≠j} p_ik b_k = b_i − p_ij b_j
        room = np.where(p < 1, 1 - p, np.nan)
        return np.asarray(visits * (there - (b[..., :, np.newaxis] - p * there) / room))


def elasticities(start: ArrayLike, chain: AbsorbingChain, *, end: int = 0, direct: ArrayLike = 0.0) -> Floats:
    """By what share would the probability of an end change, for each share that a probability changes?

    ``∂b_s/∂p_ij · p_ij / b_s``.

    Parameters
    ----------
    start : array_like
        The probability of beginning in each state.
    chain : AbsorbingChain
        One chain, or a stack of them with a stack of starts.
    end : int
        The column of R.
    direct : array_like
        The probability of beginning at the end itself.

    Returns
    -------
    ndarray
        States by states and ends; 0 where nobody goes, nan where p_ij = 1 or the end is never reached.

    Examples
    --------
    >>> elasticities([1.0], absorbing_chain([[0.5]], [[0.2, 0.3]])).round(3).tolist()
    [[0.0, 0.75, -0.857]]
    """
    begin, b = np.asarray(start, dtype=np.float64), chain.ends[..., end]
    reached = (begin * b).sum(axis=-1) + np.asarray(direct, dtype=np.float64)
    p = np.concatenate((chain.transient, chain.absorbing), axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sensitivities(begin, chain, end=end) * p / reached[..., np.newaxis, np.newaxis])
