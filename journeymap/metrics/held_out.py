"""How well do chains of any order foretell customers, and times, that they were not fitted on?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import JourneyMapError, MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.model.journey import Journey
from journeymap.stats.next_touchpoint import (
    BackOffChain,
    CalibrationBin,
    MoveScores,
    back_off_chain,
    move_scores,
    score_table,
)

__all__ = ["AT_START", "HeldOut", "Moves", "fitted", "foretold_customers", "foretold_times", "moves_of"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
AT_START = "@start"
# probabilities judged at once
_AT_ONCE = 1_000_000


class Moves(NamedTuple):
    """Moves of decided journeys up to the goal, with the two touchpoints before them.

    Parameters
    ----------
    symbols : tuple of str
        Touchpoints, ``@start`` and the empty word before it.
    targets : tuple of str
        What can follow: touchpoints, ``@goal`` and ``@lost``.
    contexts : ndarray
        Moves by (before, source), numbered by `symbols`.
    following : ndarray
        What followed, numbered by `targets`.
    later : ndarray
        Whether the journey began in the later half.
    counts : ndarray
        Moves by customer groups.
    customers, undecided : int
        Distinct customers of the journey, and journeys left out as not decided yet.
    """

    symbols: tuple[str, ...]
    targets: tuple[str, ...]
    contexts: Whole
    following: Whole
    later: NDArray[np.bool_]
    counts: Floats
    customers: int
    undecided: int


class HeldOut(NamedTuple):
    """How well held-out moves were foretold: sums by customer group.

    Parameters
    ----------
    n : ndarray
        Moves.
    best, best_three, log_loss, brier : ndarray
        Sums of what `journeymap.stats.next_touchpoint.MoveScores` holds.
    calibration : tuple of CalibrationBin
        The best guesses by confidence.
    """

    n: Floats
    best: Floats
    best_three: Floats
    log_loss: Floats
    brier: Floats
    calibration: tuple[CalibrationBin, ...]


def moves_of(journey: Journey, function: str) -> Moves:
    """Which moves did decided journeys make up to the goal, and after what?

    Parameters
    ----------
    journey : Journey
        An observed journey that carries the table ``contexts``.
    function : str
        Who asks, for the error.

    Returns
    -------
    Moves
        Counted by customer group.

    Raises
    ------
    MissingEvidenceError
        The journey carries no contexts, or none of its journeys is decided yet.
    """
    if all(table.name != "contexts" for table in journey.evidence):
        refuse_graph_alone(journey)
        evidence_table(journey, "journeys")  # a designed journey is told to be discovered first
        raise MissingEvidenceError.because(
            f"{function}: journey {journey.name!r} does not know what went before each move.",
            expected="Expected the counts of contexts.",
            hint="add them from the log: with_paths(journey, log)",
        )
    table = evidence_table(journey, "contexts")
    counts = counts_by_group(journey, "contexts", "count")
    if not counts.any():
        raise MissingEvidenceError.because(
            f"{function}: none of the journeys in {journey.name!r} is decided yet.",
            expected="Expected journeys that are won or lost.",
            hint="observe for longer, or give a shorter lost_after",
        )
    place = {name: number for number, name in enumerate(table.key_columns)}
    before, source, target, half = (
        [key[place[column]] for key in table.keys] for column in ("before", "source", "target", "half")
    )
    order = [touchpoint.id for touchpoint in journey.touchpoints]
    symbols, targets = _in_order({*before, *source}, order), _in_order({*target}, order)
    context = {name: number for number, name in enumerate(symbols)}
    follows = {name: number for number, name in enumerate(targets)}
    return Moves(
        symbols=symbols,
        targets=targets,
        contexts=np.array([(context[b], context[s]) for b, s in zip(before, source, strict=True)]),
        following=np.array([follows[name] for name in target]),
        later=np.array([one == "2" for one in half]),
        counts=counts,
        customers=int(counts_by_group(journey, "journeys", "customers").sum()),
        undecided=int(counts_by_group(journey, "journeys", "open").sum()),
    )


def _in_order(names: set[str], order: Sequence[str]) -> tuple[str, ...]:
    known = [name for name in order if name in names]
    return (*known, *sorted(names - set(known)))


def fitted(moves: Moves, counts: Floats, order: int) -> BackOffChain:
    """What follows, judged by the last `order` touchpoints, in these counts?

    Parameters
    ----------
    moves : Moves
        The moves.
    counts : ndarray
        How often each was made.
    order : int
        0, 1 or 2.

    Returns
    -------
    BackOffChain
        Contexts are (before, source).
    """
    return back_off_chain(moves.contexts, moves.following, counts, targets=len(moves.targets), order=order)


def foretold_customers(moves: Moves, order: int, *, folds: int) -> HeldOut:
    """How well are the moves of customers foretold by those of all others?

    Parameters
    ----------
    moves : Moves
        The moves.
    order : int
        How many touchpoints back to look.
    folds : int
        Into how many parts the customer groups are dealt; each is foretold by all other parts.

    Returns
    -------
    HeldOut
        Without moves where all customers are in one group.

    Raises
    ------
    JourneyMapError
        Fewer than two folds.
    """
    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:  # noqa: PLR2004
        raise JourneyMapError.because(
            f"folds: {folds!r} parts cannot be held out in turn.",
            expected="Expected a whole number from 2.",
            hint="write 8, or leave it out",
        )
    groups = moves.counts.shape[1]
    part_of = np.arange(groups) % min(folds, groups)
    held = []
    for part in np.unique(part_of) if groups > 1 else ():
        inside = part_of == part
        model = fitted(moves, moves.counts[:, ~inside].sum(axis=1), order)
        held.append((model, np.where(inside, moves.counts, 0.0)))
    return _judged(moves, held)


def foretold_times(moves: Moves, order: int) -> HeldOut:
    """How well are the later journeys foretold by the earlier ones?

    Parameters
    ----------
    moves : Moves
        The moves.
    order : int
        How many touchpoints back to look.

    Returns
    -------
    HeldOut
        Without moves where there are no earlier or no later journeys.
    """
    earlier = np.where(moves.later, 0.0, moves.counts.sum(axis=1))
    if not earlier.any():
        return _judged(moves, [])
    later = np.where(moves.later[:, np.newaxis], moves.counts, 0.0)
    return _judged(moves, [(fitted(moves, earlier, order), later)])


def _judged(moves: Moves, held: Sequence[tuple[BackOffChain, Floats]]) -> HeldOut:
    sums = np.zeros((5, moves.counts.shape[1]))
    parts: list[MoveScores] = []
    weights: list[Floats] = []
    at_once = max(1, _AT_ONCE // len(moves.targets))
    for model, counts in held:
        judged = np.flatnonzero(counts.any(axis=1))
        for first in range(0, judged.size, at_once):
            rows = judged[first : first + at_once]
            scores = move_scores(model.predict(moves.contexts[rows]), moves.following[rows])
            sums += np.vstack((np.ones(rows.size), *scores[:4])) @ counts[rows]
            parts.append(scores)
            weights.append(counts[rows].sum(axis=1))
    whole = MoveScores(*(np.concatenate(values) for values in zip(*parts, strict=True))) if parts else None
    bins = score_table(whole, np.concatenate(weights)).calibration if whole else ()
    return HeldOut(sums[0], sums[1], sums[2], sums[3], sums[4], bins)
