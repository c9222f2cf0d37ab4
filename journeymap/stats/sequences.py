"""How unlike are two sequences, and how involved is one?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "SubstitutionCosts",
    "complexity_index",
    "distance_matrix",
    "lcs_distance",
    "lcs_length",
    "matching_distance",
    "sequence_entropy",
    "transition_rate_costs",
    "yujian_bo",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Series = Sequence[Hashable]

_WORD = 63  # one bit of an unsigned 64-bit number is kept for the carry
_CELLS = 4_000_000  # pairs × length held at once


class SubstitutionCosts(NamedTuple):
    """What it costs to put one state in the place of another.

    Parameters
    ----------
    states : tuple
        The states, sorted by their text.
    costs : ndarray
        Square and symmetric, zeros on the diagonal.
    """

    states: tuple[Hashable, ...]
    costs: Floats


def lcs_length(first: Series, second: Series) -> int:
    """How long is the longest sequence that both contain in the same order, gaps allowed?

    Parameters
    ----------
    first, second : sequence
        States in their order.

    Returns
    -------
    int
        0 to the length of the shorter one.

    Examples
    --------
    >>> lcs_length("S U S M S U".split(), "S U M S SC UC MC".split())
    4
    """
    row = [0] * (len(second) + 1)
    for state in first:
        corner = 0
        for place, other in enumerate(second, start=1):
            corner, row[place] = row[place], corner + 1 if state == other else max(row[place], row[place - 1])
    return row[-1]


def lcs_distance(first: Series, second: Series) -> int:
    """How many states have to be taken out and put in to turn one sequence into the other?

    ``d = |x| + |y| − 2 · LCS(x, y)``, with LCS the length of the longest common subsequence.

    Parameters
    ----------
    first, second : sequence
        States in their order.

    Returns
    -------
    int
        0 for equal sequences, at most the two lengths together.

    Notes
    -----
    The number grows with the length of the sequences; `yujian_bo` makes it comparable.

    References
    ----------
    Gabadinho, A., Ritschard, G., Müller, N. S., Studer, M. (2011). Analyzing and visualizing state sequences
    in R with TraMineR. Journal of Statistical Software 40(4).

    Examples
    --------
    >>> lcs_distance("ad cart pay".split(), "ad compare cart".split())
    2
    """
    return len(first) + len(second) - 2 * lcs_length(first, second)


def matching_distance(
    first: Series, second: Series, *, indel: float = 1.0, substitution: float | SubstitutionCosts = 2.0
) -> float:
    """How much does it cost at least to turn one sequence into the other (optimal matching)?

    Parameters
    ----------
    first, second : sequence
        States in their order.
    indel : float
        The cost of taking one state out or putting one in.
    substitution : float or SubstitutionCosts
        The cost of exchanging one state for another: one number for all, or see `transition_rate_costs`.

    Returns
    -------
    float
        0 or more. With a substitution of twice the indel, or more, it is the indel times `lcs_distance`.

    Raises
    ------
    ValueError
        A cost is negative, or the costs lack a state.

    Examples
    --------
    >>> matching_distance("abc", "axc"), matching_distance("abc", "axc", substitution=1)
    (2.0, 1.0)
    """
    return float(distance_matrix([first, second], indel=indel, substitution=substitution)[0, 1])


def yujian_bo(distance: ArrayLike, first_length: ArrayLike, second_length: ArrayLike) -> Floats:
    """How large is a distance between sequences beside the largest that their lengths allow?

    ``2d / (m + d)`` with m the distance at which nothing is in common (both lengths together, times the
    cost of taking a state out); unlike d/m it is a metric (Yujian
    and Bo).

    Parameters
    ----------
    distance : array_like
        d, in units of the cost of taking a state out or putting it in.
    first_length, second_length : array_like
        Of the two sequences.

    Returns
    -------
    ndarray
        0 (equal) to 1 (nothing in common); 0 for two empty sequences.

    Examples
    --------
    >>> float(yujian_bo(2, 3, 3))
    0.5
    """
    d = np.asarray(distance, dtype=np.float64)
    whole = np.asarray(first_length, np.float64) + np.asarray(second_length, np.float64) + d
    return np.asarray(np.divide(2 * d, whole, out=np.zeros_like(whole), where=whole > 0))


def transition_rate_costs(sequences: Sequence[Series], weights: ArrayLike | None = None) -> SubstitutionCosts:
    """What does it cost to exchange two states, if states that follow one another are alike?

    ``cost_ij = 2 − p_ij − p_ji`` with p_ij the share of the moves out of i, stays counted, that lead to j.

    Parameters
    ----------
    sequences : sequence of sequence
        States in their order.
    weights : array_like, optional
        How much each sequence counts; once each when left out.

    Returns
    -------
    SubstitutionCosts
        0 to 2 over all states that occur.

    Raises
    ------
    ValueError
        There is not one weight a sequence.

    References
    ----------
    Gabadinho, A., Ritschard, G., Müller, N. S., Studer, M. (2011). Analyzing and visualizing state sequences
    in R with TraMineR. Journal of Statistical Software 40(4).

    Examples
    --------
    >>> found = transition_rate_costs(["aab", "abb"])  # from a: once to a, twice to b; from b: once to b
    >>> found.states, found.costs.round(3).tolist()
    (('a', 'b'), [[0.0, 1.333], [1.333, 0.0]])
    """
    states = tuple(sorted({state for one in sequences for state in one}, key=str))
    place = {state: number for number, state in enumerate(states)}
    each = np.ones(len(sequences)) if weights is None else np.asarray(weights, dtype=np.float64)
    if each.shape != (len(sequences),):
        raise ValueError(f"weights must hold one number a sequence: {each.shape} for {len(sequences)}")
    moves = np.zeros((len(states), len(states)))
    for one, weight in zip(sequences, each, strict=True):
        for before, after in pairwise(one):
            moves[place[before], place[after]] += weight
    out = moves.sum(axis=1, keepdims=True)
    rates = np.divide(moves, out, out=np.zeros_like(moves), where=out > 0)
    costs = 2 - rates - rates.T
    np.fill_diagonal(costs, 0.0)
    return SubstitutionCosts(states, costs)


def distance_matrix(
    sequences: Sequence[Series],
    *,
    indel: float = 1.0,
    substitution: float | SubstitutionCosts = 2.0,
    normalised: bool = False,
) -> Floats:
    """How far is each of many sequences from each other?

    Parameters
    ----------
    sequences : sequence of sequence
        Distinct sequences: the cost grows with the square of their number and of their length, so count
        equal ones once and give them a weight afterwards.
    indel : float
        The cost of taking one state out or putting one in.
    substitution : float or SubstitutionCosts
        The cost of exchanging one state for another. With 2 · indel or more it never pays: the distance is
        that of the longest common subsequence.
    normalised : bool
        Whether distances run from 0 to 1 whatever the lengths, see `yujian_bo`.

    Returns
    -------
    ndarray
        Square and symmetric, zeros on the diagonal.

    Raises
    ------
    ValueError
        A cost is negative, or the costs lack a state.

    Examples
    --------
    >>> distance_matrix(["ab", "abc", "xy"]).tolist()
    [[0.0, 1.0, 4.0], [1.0, 0.0, 5.0], [4.0, 5.0, 0.0]]
    """
    if indel <= 0:
        raise ValueError(f"indel must be more than 0, not {indel}")
    states = sorted({state for one in sequences for state in one}, key=str)
    costs = _costs(states, substitution)
    lengths = np.array([len(one) for one in sequences], dtype=np.int64)
    coded = _coded(sequences, states)
    apart = costs[~np.eye(len(states), dtype=bool)]
    if (apart >= 2 * indel).all() and coded.shape[1] <= _WORD:
        distances = indel * _lcs_matrix(coded, lengths, len(states))
    else:
        distances = _matching_matrix(coded, lengths, costs, indel)
    if normalised:
        return yujian_bo(distances / indel, lengths[:, np.newaxis], lengths[np.newaxis, :])
    return distances


def _costs(states: list[Hashable], substitution: float | SubstitutionCosts) -> Floats:
    size = len(states)
    if isinstance(substitution, SubstitutionCosts):
        place = {state: number for number, state in enumerate(substitution.states)}
        lacking = [str(state) for state in states if state not in place]
        if lacking:
            raise ValueError(f"the substitution costs lack the states {', '.join(lacking[:3])}")
        chosen = np.array([place[state] for state in states], dtype=np.int64)
        costs = np.asarray(substitution.costs, dtype=np.float64)[np.ix_(chosen, chosen)]
    else:
        costs = float(substitution) * (1 - np.eye(size))
    if (costs < 0).any():
        raise ValueError("substitution costs must not be negative")
    return costs


def _coded(sequences: Sequence[Series], states: list[Hashable]) -> Whole:
    """Number the states; sequences end in −1 where they are shorter than the longest one."""
    place = {state: number for number, state in enumerate(states)}
    longest = max((len(one) for one in sequences), default=0)
    coded = np.full((len(sequences), longest), -1, dtype=np.int64)
    for row, one in enumerate(sequences):
        coded[row, : len(one)] = [place[state] for state in one]
    return coded


def _lcs_matrix(coded: Whole, lengths: Whole, states: int) -> Floats:
    """Find the longest common subsequences of all pairs at once, one bit for each place of a sequence.

    Bit i of `kept` is 0 where the best match of the first i + 1 states of the row's sequence is longer than
    that of the first i; adding carries a match over to where it counts (Hyyrö 2004).
    """
    size = len(coded)
    holds = np.zeros((size, states + 1), dtype=np.uint64)  # the last column, for −1, stays empty
    for place in range(coded.shape[1]):
        rows = np.flatnonzero(coded[:, place] >= 0)
        holds[rows, coded[rows, place]] |= np.uint64(1 << place)
    kept = np.full((size, size), np.uint64(2**64 - 1))
    for place in range(coded.shape[1]):
        match = holds[:, coded[:, place]]
        met = kept & match
        kept = (kept + met) | (kept & ~match)
    own = np.array([(1 << int(length)) - 1 for length in lengths], dtype=np.uint64)
    common = np.zeros((size, size))
    lost = ~kept & own[:, np.newaxis]
    for place in range(coded.shape[1]):
        common += (lost >> np.uint64(place)) & np.uint64(1)
    return np.asarray(lengths[:, np.newaxis] + lengths[np.newaxis, :] - 2 * common, dtype=np.float64)


def _matching_matrix(coded: Whole, lengths: Whole, costs: Floats, indel: float) -> Floats:
    """Fill the tables of edit costs of many pairs at once, row by row."""
    size, longest = coded.shape
    first, second = np.triu_indices(size, k=1)
    distances = np.zeros((size, size))
    padded = np.zeros((len(costs) + 1, len(costs) + 1))
    padded[:-1, :-1] = costs
    per_chunk = max(_CELLS // (longest + 1), 1)
    steps = indel * np.arange(longest + 1)
    for begin in range(0, len(first), per_chunk):
        a, b = first[begin : begin + per_chunk], second[begin : begin + per_chunk]
        row = np.broadcast_to(steps, (len(a), longest + 1)).copy()
        found = row[np.arange(len(a)), lengths[b]]
        for place in range(longest):
            below = np.empty_like(row)
            below[:, 0] = indel * (place + 1)
            exchanged = row[:, :-1] + padded[coded[a, place][:, np.newaxis], coded[b]]
            below[:, 1:] = np.minimum(row[:, 1:] + indel, exchanged)
            # putting states in runs along the row: the cheapest start of such a run, plus its length
            row = np.minimum.accumulate(below - steps, axis=1) + steps
            ends = lengths[a] == place + 1
            found[ends] = row[ends, lengths[b[ends]]]
        distances[a, b] = distances[b, a] = found
    return distances


def sequence_entropy(sequence: Series) -> float:
    """How evenly does a sequence spread over its states?

    ``h = −Σ π_i ln π_i`` with π_i the share of its places that state i takes.

    Parameters
    ----------
    sequence : sequence
        States in their order.

    Returns
    -------
    float
        0 for one state only (and for an empty sequence) to ln of the number of states.

    Examples
    --------
    >>> round(sequence_entropy("AAABBBCCCDDD"), 6)
    1.386294
    """
    counts: dict[Hashable, int] = {}
    for state in sequence:
        counts[state] = counts.get(state, 0) + 1
    shares = np.array(list(counts.values()), dtype=np.float64) / max(len(sequence), 1)
    return float(-(shares * np.log(shares)).sum()) + 0.0


def complexity_index(sequence: Series, *, states: int) -> float:
    """How involved is a sequence: how often does it change, and over how many states does it spread?

    ``C = √((ℓ_d − 1)/(ℓ − 1) · h/h_max)`` with ℓ its length, ℓ_d its length when equal neighbours count
    once, h its entropy and h_max = ln(number of states).

    Parameters
    ----------
    sequence : sequence
        States in their order.
    states : int
        How many states there are at all.

    Returns
    -------
    float
        0 (one state throughout) to 1 (changes at every place and takes all states equally often); 0 for
        sequences of fewer than two places.

    Notes
    -----
    Comparable between sequences over the same states only.

    References
    ----------
    Gabadinho, A., Ritschard, G., Müller, N. S., Studer, M. (2011). Analyzing and visualizing state sequences
    in R with TraMineR. Journal of Statistical Software 40(4).

    Examples
    --------
    >>> complexity_index("ABAB", states=2), complexity_index("AAAA", states=2)
    (1.0, 0.0)
    """
    if len(sequence) <= 1 or states <= 1:
        return 0.0
    changes = sum(before != after for before, after in pairwise(sequence)) / (len(sequence) - 1)
    return float(np.sqrt(changes * sequence_entropy(sequence) / np.log(states)))
