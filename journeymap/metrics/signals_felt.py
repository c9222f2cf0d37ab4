"""Where was it hard, and where does the feeling sink: signals that customers told?"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr

from journeymap.metrics.signals_counts import Counted, MeanCounts
from journeymap.model.answers import ALL
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate, Scale
from journeymap.stats.jackknife import t_quantile
from journeymap.stats.low_points import low_points

__all__ = ["Valley", "efforts", "felt_path", "valleys"]

_MICRO = 1e6
_THREE = 3
_NO_FEELINGS = (
    "fewer than three touchpoints of the main path have a measured feeling: give the log a feeling_col, "
    "or lay answers on with with_feedback(journey, feedback, feeling_from=...)"
)


class Valley(NamedTuple):
    """Where the feeling sinks below what lies around it.

    Parameters
    ----------
    touchpoint : str
        Where.
    prominence : float
        How far it lies below the lower of the two heights that surround it, in points of feeling.
    p : float
        One-sided: probability of this if it were neither below zero nor below both its neighbours.
    """

    touchpoint: str
    prominence: float
    p: float


def efforts(counted: Counted) -> tuple[dict[str, MeanCounts], str]:
    """How much effort was it, in the answers about each touchpoint?

    ``(x_easy − x) / (x_easy − x_hard)``: 0 without effort and 1 with the most, for all questions of effort
    together.

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    dict of str to MeanCounts
        Touchpoints that were answered about.
    str
        Which call would enable it; empty where it was counted.
    """
    answers = counted.journey.answers
    asked = {} if answers is None else {q.id: q for q in answers.questions if q.measure == "ces"}
    table = None if answers is None else answers.table("answers")
    if not asked or answers is None or table is None:
        return (
            {},
            'ask for the effort and lay the answers on: with_feedback(journey, feedback), measure "ces"',
        )
    columns = {name: place for place, name in enumerate(counted.touchpoints)}
    lines = {name: _line(question.scale) for name, question in asked.items()}
    kept = [place for place, key in enumerate(table.keys) if key[0] in lines and key[1] in columns]
    places, starts, slopes = (
        np.full(len(table.keys), -1),
        np.zeros(len(table.keys)),
        np.zeros(len(table.keys)),
    )
    places[kept] = [columns[table.keys[place][1]] for place in kept]
    starts[kept], slopes[kept] = ([lines[table.keys[place][0]][part] for place in kept] for part in (0, 1))
    row, group = np.array(table.row, dtype=np.intp), np.array(table.group, dtype=np.intp)
    here = places[row] >= 0
    row, group = row[here], group[here]
    score, square, weight, answered = (
        np.array(table.measures[name], dtype=np.float64)[here]
        for name in ("score", "score_squared", "weight", "answers")
    )
    start, slope, cells = starts[row], slopes[row], places[row] * table.groups + group
    parts = (
        (start * weight + slope * score) / _MICRO,
        (start**2 * weight + 2 * start * slope * score + slope**2 * square) / _MICRO,
        weight / _MICRO,
        answered,
    )
    size = len(columns) * table.groups
    totals, squares, weights, counts = (
        np.bincount(cells, weights=part, minlength=size).reshape(-1, table.groups) for part in parts
    )
    customers = _respondents(counted.journey, frozenset(asked))
    found = {
        name: MeanCounts(
            totals[place],
            squares[place],
            weights[place],
            int(counts[place].sum()),
            customers.get(name) or int(counts[place].sum()),
        )
        for name, place in columns.items()
        if counts[place].any()
    }
    return found, "" if found else "the answers about effort belong to no touchpoint"


def _line(scale: Scale) -> tuple[float, float]:
    """Give start and slope of the line from answers to effort: 0 at the easy end, 1 at the hard one."""
    slope = (1 if scale.better == "lower" else -1) / (scale.high - scale.low)
    return -slope * (scale.low if scale.better == "lower" else scale.high), slope


def _respondents(journey: Journey, questions: frozenset[str]) -> dict[str, int]:
    """Count the distinct customers who answered about each touchpoint."""
    table = journey.answers.table("respondents") if journey.answers is not None else None
    if table is None:
        return {}
    sums: dict[tuple[str, bool], int] = {}
    for count, row in zip(table.measures["customers"], table.row, strict=True):
        question, stage, touchpoint, segment = table.keys[row]
        if question in questions and stage == ALL and touchpoint != ALL:
            # the segments of a question share its customers: all of them stand under one sign
            sums[touchpoint, segment == ALL] = sums.get((touchpoint, segment == ALL), 0) + count
    return {touchpoint: sums.get((touchpoint, True), count) for (touchpoint, _), count in sums.items()}


def felt_path(counted: Counted) -> list[str]:
    """Along which touchpoints does the main path lead?

    Parameters
    ----------
    counted : Counted
        The counts of a journey.

    Returns
    -------
    list of str
        Of the most frequent variant that is won where variants were counted; else all touchpoints in the
        order of stages and of their mean place.
    """
    if counted.has("variants", "journeys"):
        names = [key[0] for key in counted.keys("touchpoints")]
        sums = counted.table("variants", "journeys").sum(axis=1)
        won = [
            (float(count), path)
            for (path, end), count in zip(counted.keys("variants"), sums, strict=True)
            if path != ALL and (end == "goal" or not counted.goals)
        ]
        if won:
            best = max(won, key=lambda one: one[0])[1]
            return list(dict.fromkeys(names[int(place)] for place in best.split()))
    ranks: dict[str | None, int] = {stage.id: rank for rank, stage in enumerate(counted.journey.stages)}
    seen = [t for t in counted.journey.touchpoints if t.stage is not None]
    order = sorted(
        seen, key=lambda t: (ranks.get(t.stage, len(ranks)), t.visits.position if t.visits else 0.0)
    )
    return [touchpoint.id for touchpoint in order]


def valleys(counted: Counted, *, least: float, df: int) -> tuple[dict[str, Estimate], list[Valley], str]:
    """Where along the main path does the feeling sink, and is that sure?

    A local minimum of the mean feeling with a prominence of at least δ; one-sided p-value against the
    feeling not lying below zero, or not lying below both its neighbours.

    Parameters
    ----------
    counted : Counted
        The counts of a journey.
    least : float
        δ, in points of feeling.
    df : int
        Degrees of freedom: customer groups − 1.

    Returns
    -------
    dict of str to Estimate
        The measured feeling of every touchpoint on the main path that has one.
    list of Valley
        In the order of the path.
    str
        What would enable it; empty where it was measured.
    """
    felt = {t.id: t.measured_feeling for t in counted.journey.touchpoints}
    path = [(name, felt[name]) for name in felt_path(counted)]
    known = [(name, one) for name, one in path if one is not None and one.value is not None]
    if len(known) < _THREE:
        return {}, [], _NO_FEELINGS
    found = []
    for place, prominence in low_points([float(one.value or 0.0) for _, one in known], least=least):
        name, here = known[place]
        beside = [_below(here, known[place + step][1], df) for step in (-1, 1)]
        # one of two ways of being a valley: both are looked at, so the smaller p counts twice
        p = min(1.0, 2 * min(max(beside), _below(here, None, df)))
        found.append(Valley(name, prominence, p))
    return dict(known), found, ""


def _below(here: Estimate, other: Estimate | None, df: int) -> float:
    """Test whether a mean feeling lies below another one, or below zero."""
    variance = _variance(here, df) + (0.0 if other is None else _variance(other, df))
    gap = (here.value or 0.0) - (0.0 if other is None else other.value or 0.0)
    if not math.isfinite(variance):
        return 1.0
    return float(stdtr(df, gap / math.sqrt(variance))) if variance > 0 else float(gap >= 0)


def _variance(estimate: Estimate, df: int) -> float:
    if estimate.low is None or estimate.high is None:
        return math.inf
    return ((estimate.high - estimate.low) / (2 * t_quantile(estimate.level, df))) ** 2
