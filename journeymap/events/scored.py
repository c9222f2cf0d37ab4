"""What did answers find at each touchpoint?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from journeymap.events.feedback import Feedback
from journeymap.events.queries.feelings import FEELINGS
from journeymap.model.answers import Question
from journeymap.model.journey import Journey
from journeymap.model.measures import FEELING_SCALE, Estimate, MeasuredScore
from journeymap.model.touchpoints import Touchpoint
from journeymap.stats.grouped_scores import GroupedScore, mean_of_groups, net_score_of_groups

__all__ = ["scored"]

_Columns = dict[str, list[Any]]


def scored(
    journey: Journey, feedback: Feedback, counts: pa.Table, spots: Sequence[str], feelings: Sequence[int]
) -> tuple[Touchpoint, ...]:
    """Give touchpoints their measured feelings and scores.

    Parameters
    ----------
    journey : Journey
        Whose touchpoints.
    feedback : Feedback
        The questions.
    counts : pyarrow.Table
        Sums by question, spot and customer group, see `journeymap.events.queries.feelings.spots_sql`.
    spots : sequence of str
        The ids that spots stand for.
    feelings : sequence of int
        The numbers of the questions whose scores are feelings.

    Returns
    -------
    tuple of Touchpoint
        In the journey's order.
    """
    found = _by_spot(counts, spots)
    states: dict[str, list[str]] = {}
    for touchpoint in journey.touchpoints:
        if touchpoint.floats_as:
            states.setdefault(touchpoint.floats_as, []).append(touchpoint.id)
    return tuple(_scored(one, found, states, feedback, feelings) for one in journey.touchpoints)


def _by_spot(counts: pa.Table, spots: Sequence[str]) -> dict[tuple[int, str], _Columns]:
    found: dict[tuple[int, str], _Columns] = {}
    for row in counts.to_pylist():
        columns = found.setdefault((row["q"], spots[row["spot"]]), {})
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return found


def _scored(
    touchpoint: Touchpoint,
    found: dict[tuple[int, str], _Columns],
    states: dict[str, list[str]],
    feedback: Feedback,
    feelings: Sequence[int],
) -> Touchpoint:
    def here(number: int) -> _Columns | None:
        """Take this stage's answers, or, where none are told apart by stage, those of all stages."""
        floating = touchpoint.floats_as or ""
        if floating and not any((number, state) in found for state in states[floating]):
            return found.get((number, floating))
        return found.get((number, touchpoint.id))

    def told(number: int, estimate: Estimate) -> Estimate:
        """Say how many answers about a floating touchpoint stand at none of its stages."""
        floating = touchpoint.floats_as or ""
        lost = found.get((number, floating), {}).get("answers", []) if floating else []
        if not lost or not any((number, state) in found for state in states[floating]):
            return estimate
        answers = (
            "1 more answer about it belongs"
            if sum(lost) == 1
            else f"{sum(lost):,} more answers about it belong"
        )
        return estimate.model_copy(update={"definition": f"{estimate.definition}; {answers} to no stage"})

    updates: dict[str, Any] = {}
    felt = here(FEELINGS)
    if felt is not None:
        asked = [feedback.questions[number] for number in feelings if here(number) is not None]
        estimate = told(FEELINGS, _feeling(felt, asked, weighted=feedback.weight_col is not None))
        updates |= {"feeling": estimate.value, "feeling_source": "measured", "measured_feeling": estimate}
    scores = []
    for number, question in enumerate(feedback.questions):
        columns = here(number)
        if question.measure != "feeling" and columns is not None:
            estimate = told(number, _score(columns, question, weighted=feedback.weight_col is not None))
            scores.append(
                MeasuredScore(
                    question=question.id,
                    name=question.name,
                    scale=question.scale,
                    estimate=estimate,
                    unit="net_promoter" if question.measure == "nps" else "score",
                )
            )
    if scores:
        updates["scores"] = (*touchpoint.scores, *scores)
    return touchpoint.model_copy(update=updates) if updates else touchpoint


def _feeling(columns: _Columns, asked: Sequence[Question], *, weighted: bool) -> Estimate:
    converted = [_converted(question) for question in asked]
    definition = f"mean feeling, −2 to +2; {' and '.join(converted)}"
    return _mean(columns, (FEELING_SCALE.low, FEELING_SCALE.high), definition, weighted=weighted)


def _converted(question: Question) -> str:
    scale = question.scale
    if scale == FEELING_SCALE:
        return question.name
    bad, good = (scale.low, scale.high) if scale.better == "higher" else (scale.high, scale.low)
    return f"{question.name} mapped linearly from {bad:g} (−2) to {good:g} (+2)"


def _score(columns: _Columns, question: Question, *, weighted: bool) -> Estimate:
    scale = question.scale
    if question.measure != "nps":
        ends = f"{scale.low:g} to {scale.high:g}, {'high' if scale.better == 'higher' else 'low'} is good"
        definition = f"mean score ({ends}); {question.name}"
        return _mean(columns, (scale.low, scale.high), definition, weighted=weighted)
    passive = [w - a - b for w, a, b in zip(columns["weight"], columns["low"], columns["high"], strict=True)]
    n, customers = sum(columns["answers"]), sum(columns["customers"])
    found = net_score_of_groups(
        columns["low"], [max(one, 0.0) for one in passive], columns["high"], answers=n, customers=customers,
        weight_squared=sum(columns["weight_squared"]) if weighted else None,
    )  # fmt: skip
    definition = f"promoters (9 to 10) − detractors (0 to 6) / answers; {question.name}"
    return _estimate(found, n, customers, definition)


def _mean(columns: _Columns, bounds: tuple[float, float], definition: str, *, weighted: bool) -> Estimate:
    n, customers = sum(columns["answers"]), sum(columns["customers"])
    found = mean_of_groups(
        columns["total"], columns["squares"], columns["weight"], answers=n, customers=customers,
        bounds=bounds, weight_squared=sum(columns["weight_squared"]) if weighted else None,
    )  # fmt: skip
    return _estimate(found, n, customers, definition)


def _estimate(found: GroupedScore, n: int, customers: int, definition: str) -> Estimate:
    known = found.value is not None and found.low is not None and found.high is not None
    return Estimate(
        value=found.value,
        low=found.low if known else None,
        high=found.high if known else None,
        n=n,
        customers=customers,
        method=found.method,
        definition=definition,
    )
