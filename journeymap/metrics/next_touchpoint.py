"""Where do customers go next, and how far can such a guess be trusted?"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from journeymap.errors import JourneyMapError, UnknownNameError, nearest
from journeymap.metrics.chain_order import loss_estimate
from journeymap.metrics.chain_words import percent, rounded, spoken_range
from journeymap.metrics.counts import goal_touchpoints
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.held_out import (
    AT_START,
    HeldOut,
    Moves,
    fitted,
    foretold_customers,
    foretold_times,
    moves_of,
)
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = [
    "CalibrationPoint",
    "LikelyNext",
    "NextTouchpoint",
    "PredictionScore",
    "PredictionScores",
    "next_touchpoint",
]

_LIKELY_COLUMNS = ("before", "source", "target", "rank", "probability", "n")
_SCORE_COLUMNS = ("held_out", "order", "measure", "value", "low", "high", "n")
_LARGEST_ORDER = 2
_GOAL, _LOST = "@goal", "@lost"
_NO_GOAL = "No goal is declared, so no journey is won: what is said to end has no further touchpoint."


class LikelyNext(Frozen):
    """One of the most probable ways on.

    Parameters
    ----------
    before : str, optional
        The touchpoint before the present one; None: any. ``""`` stands before the start.
    source : str
        The present touchpoint, or ``@start``.
    target : str
        What follows: a touchpoint, ``@goal`` or ``@lost``.
    rank : int
        1 is the most probable.
    probability : float
        How probable.
    n : int
        How often customers were seen here, in decided journeys.
    """

    before: str | None
    source: str
    target: str
    rank: int
    probability: float
    n: int


class CalibrationPoint(Frozen):
    """Guesses that were about as confident.

    Parameters
    ----------
    low, high : float
        The confidence they lie between.
    n : int
        How many.
    foretold, came : float
        Their mean confidence, and the share of them that came true.
    """

    low: float
    high: float
    n: int
    foretold: float
    came: float


class PredictionScore(Frozen):
    """How well held-out moves were foretold.

    Parameters
    ----------
    held_out : {"customers", "later journeys"}
        What the chain was not fitted on.
    order : int
        How many touchpoints it looks back; 0 is the baseline, the shares of all moves.
    top_1, top_3 : Estimate
        The share of moves that the best guess (one of the three best) foretold.
    log_loss, brier : Estimate
        Mean −ln p of what came, and mean Σ (p − what came)²; less is better.
    calibration : tuple of CalibrationPoint
        The best guesses by confidence.
    """

    held_out: Literal["customers", "later journeys"]
    order: int
    top_1: Estimate
    top_3: Estimate
    log_loss: Estimate
    brier: Estimate
    calibration: tuple[CalibrationPoint, ...] = ()


class PredictionScores(Frozen):
    """A predictor beside the marginal baseline, on customers and on times it was not fitted on.

    Parameters
    ----------
    scores : tuple of PredictionScore
        By customers: predictor, baseline; by time: predictor, baseline.
    """

    scores: tuple[PredictionScore, ...]

    def __str__(self) -> str:
        """Say how often the guess is right, beside the guess that knows nothing."""
        said = []
        for model, base in zip(self.scores[::2], self.scores[1::2], strict=True):
            if model.top_1.value is None or model.log_loss.value is None or base.log_loss.value is None:
                said.append(f"Nothing could be held out to judge it on {model.held_out}.")
                continue
            said.append(
                f"On {model.held_out} held out the best guess is right in "
                f"{spoken_range(model.top_1, percent)} of moves, without looking at where they are in "
                f"{percent(base.top_1.value or 0.0)}; log-loss {model.log_loss.value:.3g} against "
                f"{base.log_loss.value:.3g}."
            )
        return "\n".join(said)

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (one.held_out, one.order, measure, found.value, found.low, found.high, found.n)
            for one in self.scores
            for measure in ("top_1", "top_3", "log_loss", "brier")
            for found in [getattr(one, measure)]
        ]

    def to_frame(self) -> Any:
        """Put the scores into a pandas DataFrame, one row a measure."""
        return data_frame(_SCORE_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        return html_table(
            "Held-out scores", _SCORE_COLUMNS, rounded(self._rows()), notes=str(self).split("\n")
        )


class NextTouchpoint(Frozen):
    """Where customers go next, with what such guesses are worth.

    Parameters
    ----------
    order : int
        How many touchpoints back the guesses look.
    likely : tuple of LikelyNext
        The most probable ways on, first from each touchpoint whatever was before it, then, at order 2,
        by what was before it.
    scores : PredictionScores
        On customers and journeys held out, beside the baseline.
    names : dict of str to str
        What touchpoints are called on figures, by id; ids stand for themselves.
    has_goal : bool
        Whether journeys can be won; if not, ``@lost`` is where they end.
    """

    order: int
    likely: tuple[LikelyNext, ...]
    scores: PredictionScores
    names: dict[str, str] = Field(default_factory=dict)
    has_goal: bool = True

    def after(self, touchpoint: str, *, before: str | None = None) -> tuple[LikelyNext, ...]:
        """Where do customers go from here?

        Parameters
        ----------
        touchpoint : str
            The present touchpoint, or ``@start``.
        before : str, optional
            The touchpoint before it.

        Returns
        -------
        tuple of LikelyNext
            The most probable first. Where nobody was seen to come this way, the ways from the touchpoint
            whatever was before it.

        Raises
        ------
        UnknownNameError
            No decided journey went on from a touchpoint of this name.
        """
        here = [one for one in self.likely if one.source == touchpoint]
        if not here:
            known = dict.fromkeys(one.source for one in self.likely)
            close = nearest(touchpoint, known)
            raise UnknownNameError.because(
                f"after: no decided journey was seen at {touchpoint!r}.",
                expected=f"Expected one of: {', '.join(known)}.",
                hint=f"did you mean {close!r}?" if close else "name a touchpoint before the goal",
            )
        exactly = tuple(one for one in here if one.before == before)
        return exactly or tuple(one for one in here if one.before is None)

    def __str__(self) -> str:
        """Say what the guesses are worth, and the surest ones."""
        surest = sorted(
            (one for one in self.likely if one.rank == 1 and one.before is None and one.source != AT_START),
            key=lambda one: -one.probability,
        )
        said = [
            f"After {self._called(one.source)}: {self._called(one.target)}, {percent(one.probability)}."
            for one in surest[:3]
        ]
        return "\n".join([str(self.scores), *said, *self._notes()])

    def _called(self, name: str | None, *, quoted: bool = True) -> str | None:
        """Name a place as people would; inside tables without quotes."""
        ends = {
            AT_START: "the start", _GOAL: "the goal", _LOST: "lost" if self.has_goal else "the journey ends",
        }  # fmt: skip
        if not name or name in ends:
            return ends[name] if name else name
        shown = self.names.get(name, name)
        return f"“{shown}”" if quoted else shown

    def _notes(self) -> list[str]:
        return [] if self.has_goal else [_NO_GOAL]

    def _rows(self) -> list[tuple[Any, ...]]:
        return [tuple(getattr(one, name) for name in _LIKELY_COLUMNS) for one in self.likely]

    def to_frame(self) -> Any:
        """Put the most probable ways on into a pandas DataFrame, one row each."""
        return data_frame(_LIKELY_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        notes = [*str(self.scores).split("\n"), *self._notes()]
        rows = [(*(self._called(name, quoted=False) for name in row[:3]), *row[3:]) for row in self._rows()]
        return html_table("Where customers go next", _LIKELY_COLUMNS, rounded(rows), notes=notes)


def next_touchpoint(
    journey: Journey, *, order: int = 2, top: int = 3, folds: int = 8, level: float = 0.95
) -> NextTouchpoint:
    """Where do customers go next, and how far can such a guess be trusted?

    The shares of what followed on the last `order` touchpoints, each context w mixed with the shorter one:
    ``p(x | w) = (n_wx + α p(x | w')) / (n_w + α)``, with the α under which the counts are most probable.

    Parameters
    ----------
    journey : Journey
        An observed journey with the counts of `with_paths`.
    order : int
        How many touchpoints to look back: 1 or 2. `chain_order` says what is worth it.
    top : int
        How many ways on to keep for each context.
    folds : int
        Into how many parts the customer groups are dealt; each is foretold by all others.
    level : float
        The confidence level.

    Returns
    -------
    NextTouchpoint
        The most probable ways on, fitted on all decided journeys, and how well guesses of this kind do on
        customers and on later journeys that they were not fitted on.

    Raises
    ------
    MissingEvidenceError
        The journey carries no contexts, or none of its journeys is decided yet.
    JourneyMapError
        The order is not 1 or 2, `top` is not positive, or there are fewer than two folds.

    Notes
    -----
    Where customers go, not where they should be sent. A probability of 60 % that comes true 60 times in a
    hundred is calibrated; whether it is useful shows beside the baseline.

    Examples
    --------
    >>> from datetime import datetime
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.paths import with_paths
    >>> paths = ["ad shop pay"] * 6 + ["ad shop"] * 3 + ["ad shop shop pay"]
    >>> rows = [(f"c{n}", what, datetime(2024, 5, 1 + n, hour))
    ...         for n, path in enumerate(paths) for hour, what in enumerate(path.split())]
    >>> table = pa.table(dict(zip(("who", "what", "when"), zip(*rows), strict=True)))
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = with_paths(discover_journey(log, goal="pay"), log)
    >>> [(one.target, round(one.probability, 1)) for one in next_touchpoint(journey).after("ad")[:1]]
    [('shop', 0.9)]
    """
    if order not in range(1, _LARGEST_ORDER + 1) or top < 1:
        raise JourneyMapError.because(
            f"next_touchpoint: order {order!r} with the {top!r} most probable ways on cannot be given.",
            expected="Expected order 1 or 2, and at least one way on.",
            hint="ask chain_order(journey) which order foretells best",
        )
    moves = moves_of(journey, "next_touchpoint")
    scores = []
    for held_out in ("customers", "later journeys"):
        for looked_back in (order, 0):
            held = (
                foretold_customers(moves, looked_back, folds=folds)
                if held_out == "customers"
                else foretold_times(moves, looked_back)
            )
            scores.append(_score(held, moves, held_out, looked_back, level))
    return NextTouchpoint(
        order=order,
        likely=_likely(moves, order, top),
        scores=PredictionScores(scores=tuple(scores)),
        names=_names(journey),
        has_goal=bool(goal_touchpoints(journey)),
    )


def _names(journey: Journey) -> dict[str, str]:
    """Give what touchpoints are called; of two with one name the stage tells them apart."""
    every = [touchpoint.name for touchpoint in journey.touchpoints]
    return {
        one.id: f"{one.name} ({journey.stage(one.stage).name})"
        if one.stage and every.count(one.name) > 1
        else one.name
        for one in journey.touchpoints
    }


def _score(held: HeldOut, moves: Moves, held_out: Any, order: int, level: float) -> PredictionScore:
    hits = {
        "top_1": (held.best, "moves that went where the best guess said / moves"),
        "top_3": (held.best_three, "moves that went where one of the three best guesses said / moves"),
    }
    shares = {
        name: share_estimate(
            right, held.n, customers=moves.customers, definition=f"{said}, {held_out} held out", level=level
        )
        for name, (right, said) in hits.items()
    }
    losses = {
        name: loss_estimate(held, moves, held_out, level=level, measure=name)
        for name in ("log_loss", "brier")
    }
    return PredictionScore(
        held_out=held_out,
        order=order,
        calibration=tuple(
            CalibrationPoint(low=one.low, high=one.high, n=round(one.n), foretold=one.foretold, came=one.came)
            for one in held.calibration
        ),
        **shares,
        **losses,
    )


def _likely(moves: Moves, order: int, top: int) -> tuple[LikelyNext, ...]:
    totals = moves.counts.sum(axis=1)
    model = fitted(moves, totals, order)
    found = []
    for length in range(1, order + 1):
        contexts, probabilities = model.contexts[length], model.probabilities[length]
        wanted = moves.contexts[:, moves.contexts.shape[1] - length :]
        _, ids = np.unique(wanted[totals > 0], axis=0, return_inverse=True)
        seen = np.bincount(ids.reshape(-1), weights=totals[totals > 0])
        ranked = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
        for context, best, row, n in zip(
            contexts.tolist(), ranked.tolist(), probabilities, seen, strict=True
        ):
            words = [moves.symbols[symbol] for symbol in context]
            found += [
                LikelyNext(
                    before=words[0] if length == _LARGEST_ORDER else None,
                    source=words[-1],
                    target=moves.targets[target],
                    rank=rank,
                    probability=float(row[target]),
                    n=round(float(n)),
                )
                for rank, target in enumerate(best, start=1)
            ]
    return tuple(found)
