"""How good is the experience, the whole relationship: which numbers of it can be given?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group
from journeymap.metrics.feedback_coverage import feedback_coverage
from journeymap.metrics.feelings import FeelingScores, feeling_scores
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.retention import retention
from journeymap.metrics.scorecard_scope import Scope, attempted, question_rows, said
from journeymap.model.answers import Measure
from journeymap.model.cohorts import Cohorts
from journeymap.model.journey import Journey
from journeymap.model.measures import FEELING_SCALE, Estimate
from journeymap.model.scorecard import ScorecardRow

__all__ = ["experience_rows", "goal_rate"]

_NO_ANSWERS = "answers are needed: with_feedback(journey, feedback)"
_NO_COHORTS = "activity by period is needed: scorecard(journey, cohorts=cohorts(log, period='month'))"
_NO_EVENTS = "events are needed: discover_journey(log, design)"
_NO_EVIDENCE = "its evidence is needed: discover_journey(...) without evidence=False"
_NO_GOAL = "a goal is needed: name it in the design, or discover_journey(..., goal=...)"
_NO_FEELING = (
    "no question asks for a feeling: Question(column=..., measure='feeling'), or "
    "with_feedback(..., feeling_from=...)"
)
_NOT_BY_SEGMENT = "the answers do not tell this segment apart: with_feedback(journey, feedback, by=...)"
_NO_LOG = "it was not counted who did not answer: with_feedback(journey, feedback, log=log)"
_SURVEYED: tuple[tuple[Measure, str, str], ...] = (
    ("nps", "Net Promoter Score", "measure='nps'"),
    ("csat", "CSAT", "measure='csat', scale=..."),
    ("ces", "Customer Effort Score", "measure='ces', version='2.0'"),
)


def experience_rows(scope: Scope, cohorts: Cohorts | None) -> Iterator[ScorecardRow]:
    """Measure customer experience.

    Parameters
    ----------
    scope : Scope
        Which part of the journey.
    cohorts : Cohorts, optional
        Who was active when, for retention.

    Yields
    ------
    ScorecardRow
        What customers say first, then what they feel along the journey and what they do.
    """
    for measure, name, how in _SURVEYED:
        rows = list(question_rows(scope, "experience", measure))
        if not rows and not _tagged_elsewhere(scope, measure):
            rows = [_experience(measure, name, (_unknown(scope), _unasked(scope, how)))]
        yield from rows
    yield from _feeling_rows(scope)
    yield from question_rows(scope, "experience", "score")
    if scope.whole:
        yield _retention_row(scope, cohorts)
        yield _goal_row(scope)
        yield from _coverage_rows(scope)


def goal_rate(journey: Journey, *, level: float = 0.95) -> Estimate:
    """How many of the journeys that are decided reach the goal?

    ``won / (won + lost)``; open journeys are left out.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0 to 1; `censored` counts open journeys. Without value where none is decided, or without a goal.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    """
    won, lost, undecided, customers = (
        counts_by_group(journey, "journeys", name).sum(axis=0)
        for name in ("won", "lost", "open", "customers")
    )
    definition = "journeys that reach the goal / journeys that reach it or are lost"
    if not journey.goal:
        return Estimate(value=None, level=level, definition=definition)
    decided = won + lost
    people = min(int(customers.sum()), int(decided.sum()))
    return share_estimate(won, decided, customers=people, definition=definition, level=level).model_copy(
        update={"censored": int(undecided.sum())}
    )


def _goal_row(scope: Scope) -> ScorecardRow:
    journey, seen = scope.journey, scope.journey.observation
    found = (_unknown(scope), _NO_EVENTS if seen is None else _NO_EVIDENCE)
    if seen is not None and seen.groups:
        missing = "no journey is decided yet" if journey.goal else _NO_GOAL
        found = attempted(partial(goal_rate, journey, level=scope.level), scope.level, missing)
    return _experience("goal_rate", "Journeys that reach the goal", found)


def _experience(key: str, name: str, found: tuple[Estimate, str], **more: Any) -> ScorecardRow:
    estimate, missing = found
    return ScorecardRow(family="experience", key=key, name=name, estimate=estimate, missing=missing, **more)


def _unknown(scope: Scope) -> Estimate:
    return Estimate(value=None, level=scope.level)


def _tagged_elsewhere(scope: Scope, measure: Measure) -> bool:
    """Whether effort is asked for as a matter of service: both families claim it, the question decides."""
    asked = scope.answers.questions if scope.answers is not None else ()
    return measure == "ces" and any(q.measure == "ces" and q.family == "service" for q in asked)


def _unasked(scope: Scope, how: str) -> str:
    answers = scope.answers
    if answers is None:
        return _NO_ANSWERS
    if not scope.told_apart(answers):
        return _NOT_BY_SEGMENT
    measure = how.partition("'")[2].partition("'")[0]
    asked = [q for q in answers.questions if q.family == "experience" and q.measure == measure]
    if asked and scope.stage is not None:
        adrift = scope.adrift({question.id for question in asked})
        more = f"; {adrift}" if adrift else ""
        return f"no answer belongs to this stage{more}: with_feedback(journey, feedback, log=log, window=...)"
    if asked:
        return "it is only asked about single touchpoints: ask for their stage"
    return f"no question asks for it: Question(column=..., {how})"


def _feeling_rows(scope: Scope) -> Iterator[ScorecardRow]:
    answers = scope.answers
    reason = _NO_ANSWERS if answers is None else "" if scope.told_apart(answers) else _NOT_BY_SEGMENT
    found: FeelingScores | None = None
    if not reason:
        try:
            found = feeling_scores(scope.journey, segment=scope.segment, level=scope.level)
        except MissingEvidenceError:
            reason = _NO_FEELING
    wanted: list[tuple[str, str, Estimate | None]] = [
        ("feeling", "Feeling, mean", found.mean if found else None),
        ("peak_end", "Feeling, peak–end", found.peak_end if found else None),
    ]
    if scope.stage is not None:
        reason = reason or ("" if answers is not None and answers.feelings else _NO_FEELING)
        here = [one.feeling for one in found.stages if one.stage == scope.stage] if found else []
        adrift = scope.adrift(answers.feelings) if answers is not None else ""
        known_here = said(here[0], adrift) if here else None
        wanted = [("feeling", "Feeling at the stage, mean", known_here)]
    for key, name, estimate in wanted:
        known = estimate is not None and estimate.value is not None
        yield _experience(
            key, name, (estimate or _unknown(scope), "" if known else reason or "nobody told a feeling"),
            unit="feeling", scale=FEELING_SCALE,
        )  # fmt: skip


def _retention_row(scope: Scope, cohorts: Cohorts | None) -> ScorecardRow:
    if cohorts is None:
        return _experience("retention", "Retention", (_unknown(scope), _NO_COHORTS))
    unit = cohorts.timeline.unit
    name = f"Retention from {unit} to {unit}" if unit.isalpha() else f"Retention over {unit}"
    found = attempted(
        partial(retention, cohorts, level=scope.level), scope.level, "fewer than two periods were observed"
    )
    return _experience("retention", name, found)


def _coverage_rows(scope: Scope) -> Iterator[ScorecardRow]:
    answers = scope.answers
    if answers is None:
        yield _experience("coverage", "Customers with feedback", (_unknown(scope), _NO_ANSWERS))
        return
    found = feedback_coverage(scope.journey, level=scope.level)
    missing = "" if found.customers.value is not None else _NO_LOG
    yield _experience("coverage", "Customers with feedback", (found.customers, missing))
    # touchpoints are counted, not sampled: what is small or large is the survey
    places = found.touchpoints.model_copy(update={"customers": answers.customers, "level": scope.level})
    missing = "" if places.value is not None else "the journey has no touchpoints"
    yield _experience("covered_touchpoints", "Touchpoints with feedback", (places, missing))
