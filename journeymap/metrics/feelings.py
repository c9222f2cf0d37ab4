"""What do customers feel along a journey, and how does it compare with what they had expected?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.answers import (
    answers_evidence,
    answers_in,
    check_segments,
    chosen_question,
    table_sums,
)
from journeymap.metrics.funnel import stage_funnel
from journeymap.metrics.places import Places, places_of
from journeymap.metrics.pools import pool, pooled_mean
from journeymap.metrics.selections import select
from journeymap.metrics.yardsticks import MEASURES, measured, yardstick
from journeymap.model.answers import Answers, Question
from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import FEELING_SCALE, Estimate
from journeymap.model.stages import UNASSIGNED
from journeymap.model.tables import data_frame, html_table
from journeymap.model.touchpoints import Touchpoint
from journeymap.stats.differences import grouped_mean, mean_interval, paired_difference
from journeymap.stats.jackknife import group_jackknife, leave_one_out

__all__ = [
    "FeelingScores",
    "StageFeeling",
    "expectation_gap",
    "expectation_gaps",
    "feeling_scores",
    "mean_over_customers",
]

Counts = NDArray[np.float64]
MICRO = 1e6
FEELINGS = (FEELING_SCALE.low, FEELING_SCALE.high)
SPAN = FEELING_SCALE.high - FEELING_SCALE.low
JACKKNIFE = "delete-a-group jackknife"
_ORDER = "; by time, at equal times or without them by the order of touchpoints"
_CURVES = {
    "mean": "mean over journeys of the mean feeling in a journey",
    "peak_end": f"mean over journeys of (most intense feeling + last feeling) / 2{_ORDER}",
    "negative_peak_end": f"mean over journeys of (worst feeling + last feeling) / 2{_ORDER}",
    "weighted": "mean over journeys of the feeling weighted by how long it lasted",
}
_OF_THE_END = {"peak_end", "negative_peak_end"}
_SUMMARY_COLUMNS = ("summary", "feeling", "low", "high", "journeys", "customers", "definition")


class StageFeeling(Frozen):
    """What is felt at one stage, and by how many of those who got there.

    Parameters
    ----------
    stage, name : str
        The stage's id and name.
    reached : int, optional
        Journeys that come to this stage or a later one; None where they were not counted.
    feeling : Estimate
        The mean of the answers at this stage to the questions that stand for the feeling (measure
        ``"feeling"``, or chosen by ``feeling_from``), −2 to +2; `customers` counts those who answered.
        Without value where no question does.
    """

    stage: str
    name: str
    reached: int | None
    feeling: Estimate


class FeelingScores(Frozen):
    """What remains of a journey's feelings, summed up in four ways that need not agree.

    Parameters
    ----------
    mean, peak_end, negative_peak_end, duration_weighted : Estimate
        Each −2 to +2, the mean over journeys; `n` counts journeys. Without value where it was not counted.
    stages : tuple of StageFeeling
        In the order of the journey; empty for answers alone.
    """

    mean: Estimate
    peak_end: Estimate
    negative_peak_end: Estimate
    duration_weighted: Estimate
    stages: tuple[StageFeeling, ...] = ()

    @property
    def summaries(self) -> tuple[tuple[str, Estimate], ...]:
        """The four numbers with their names."""
        return (
            ("mean", self.mean),
            ("peak–end", self.peak_end),
            ("negative peak–end", self.negative_peak_end),
            ("weighted by duration", self.duration_weighted),
        )

    def __str__(self) -> str:
        """Say the four numbers, and how many reached each stage."""
        lines = [f"{name}: {estimate}" for name, estimate in self.summaries]
        for one in self.stages:
            reached = "" if one.reached is None else f"{one.reached:,} journeys reach it, "
            lines.append(
                f"  {one.name}: {one.feeling} ({reached}{one.feeling.customers:,} customers answered)"
            )
        if self.stages:
            lines.append("later stages are felt only by those who got there")
        return "\n".join(lines)

    def _rows(self) -> list[tuple[Any, ...]]:
        stages = [(f"stage {one.name}", one.feeling) for one in self.stages]
        return [
            (name, one.value, one.low, one.high, one.n, one.customers, one.definition)
            for name, one in (*self.summaries, *stages)
        ]

    def to_frame(self) -> Any:
        """Put the summaries and the stages into a pandas DataFrame, one row each."""
        return data_frame(_SUMMARY_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        notes = ["Later stages are felt only by those who got there."] if self.stages else []
        return html_table("Feelings", _SUMMARY_COLUMNS, self._rows(), notes=notes)


def feeling_scores(
    value: Answers | Journey, *, segment: str | None = None, level: float = 0.95
) -> FeelingScores:
    """What remains of the feelings of a journey?

    Over the feelings x of one journey in their order: ``mean``; ``peak–end = (x_peak + x_end)/2`` with the
    peak the most intense one, the negative among equals; ``negative peak–end = (x_min + x_end)/2``; and the
    area under the curve / its length, weighted by duration. Each is averaged over journeys.

    Parameters
    ----------
    value : Answers or Journey
        A journey that has feedback linked to its log, or its answers.
    segment : str, optional
        Only this segment.
    level : float
        The confidence level.

    Returns
    -------
    FeelingScores
        Four numbers, −2 to +2, side by side, and for every stage of a journey the feeling of those who got
        there, with their number.

    Raises
    ------
    MissingEvidenceError
        Feelings within journeys were not counted.
    UnknownNameError
        There is no such segment.

    Notes
    -----
    People remember the peak and the end, and hardly how long it lasted; which of the numbers predicts what
    they do next is a question to the data. At late stages only those speak who were not lost before: a curve
    that rises may be the unhappy leaving. A journey with one feeling has four equal numbers.

    The order is that of times; at equal times, or without any, that of touchpoints: by stage, then as the
    journey lists them. Answers about one touchpoint at one time count as one, their mean. A journey that ends
    with several feelings of which one has no touchpoint, or none with a known stage, has no known end: it is
    left out of both peak–ends (`censored`), which are not known where most journeys are.

    References
    ----------
    Kahneman, D., Fredrickson, B. L., Schreiber, C. A., Redelmeier, D. A. (1993). When more pain is
    preferred to less: adding a better end. Psychological Science 4, 401–405.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    >>> feeling_scores(journey)
    Traceback (most recent call last):
    journeymap.errors.MissingEvidenceError: feeling_scores: journey 'Shop' carries no answers.
    Hint: with_feedback(journey, feedback)
    """
    answers = answers_in(value, "feeling_scores")
    if segment is not None:
        check_segments(answers, [segment], "feeling_scores")
    table = answers_evidence(answers, "curves", hint="with_feedback(journey, feedback, log=log)")
    place = segment_place(table, segment)
    found = {
        measure: _curve(table, measure, place, answers, words, level) for measure, words in _CURVES.items()
    }
    return FeelingScores(
        mean=found["mean"],
        peak_end=found["peak_end"],
        negative_peak_end=found["negative_peak_end"],
        duration_weighted=found["weighted"],
        stages=_stages(value, answers, segment, level) if isinstance(value, Journey) else (),
    )


def _curve(
    table: EvidenceTable, measure: str, place: Any, answers: Answers, words: str, level: float
) -> Estimate:
    """Average one summary over the journeys that have it."""
    journeys = table_sums(table, "journeys", place, 1)[0]
    with_end = measure in _OF_THE_END and "ordered" in table.measures
    counts = table_sums(table, "ordered", place, 1)[0] if with_end else journeys
    left_out = int(journeys.sum() - counts.sum())
    if measure not in table.measures or 2 * left_out > journeys.sum():
        return Estimate(value=None, level=level, definition=words, censored=left_out)
    return mean_over_customers(
        table_sums(table, measure, place, 1)[0],
        counts,
        customers=min(_at_most(table, place, answers), int(counts.sum())),
        bounds=FEELINGS,
        definition=words,
        level=level,
    ).model_copy(update={"censored": left_out})


def segment_place(table: EvidenceTable, segment: str | None) -> Any:
    """To which row does a key with a segment belong: 0 where it is meant, else None.

    Parameters
    ----------
    table : EvidenceTable
        Counts whose keys are segments.
    segment : str or None
        The segment; None for all.

    Returns
    -------
    callable
        For `journeymap.metrics.answers.table_sums`.
    """
    every = "*" if any(key[0] == "*" for key in table.keys) else None
    wanted = every if segment is None else segment
    return lambda key: 0 if wanted is None or key[0] == wanted else None


def _at_most(table: EvidenceTable, place: Any, answers: Answers) -> int:
    if "customers" in table.measures:
        return int(table_sums(table, "customers", place, 1).sum())
    return min(int(table_sums(table, "journeys", place, 1).sum()), answers.customers)


def mean_over_customers(
    totals: Counts,
    counts: Counts,
    *,
    customers: int,
    bounds: tuple[float, float],
    definition: str,
    level: float = 0.95,
) -> Estimate:
    """How large is the mean of a number that each customer, or each journey, has one of?

    Parameters
    ----------
    totals : ndarray
        Sums in millionths, one a customer group.
    counts : ndarray
        How many were summed up.
    customers : int
        Distinct customers behind them.
    bounds : tuple of float
        The least and the greatest value that it can have.
    definition : str
        What was averaged, in words.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        Without value where nothing was counted. Where all groups agree, the interval goes as far as the
        largest share of other customers that so many equal ones do not contradict.
    """
    total, n = totals[counts > 0] / MICRO, counts[counts > 0]
    if not n.size:
        return Estimate(value=None, level=level, definition=definition)
    least, most = bounds
    value = min(max(float(total.sum() / n.sum()), least), most)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = group_jackknife(value, leave_one_out(total) / leave_one_out(n), level=level)
    # sums are rounded to millionths: what is left of equal ones is no spread
    if found.se is None or found.low is None or found.high is None or found.se < 1 / MICRO:
        low, high = mean_interval(value, 0.0, float(min(customers, n.sum())), level=level, bounds=bounds)
    else:
        low, high = max(least, found.low), min(most, found.high)
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        n=int(n.sum()),
        customers=customers,
        level=level,
        method=JACKKNIFE,
        definition=definition,
    )


def _stages(
    journey: Journey, answers: Answers, segment: str | None, level: float
) -> tuple[StageFeeling, ...]:
    questions = [question for question in answers.questions if question.id in answers.feelings]
    names = ", ".join(question.name for question in questions)
    reached = _reached(journey) if segment is None else {}
    found = []
    for stage in journey.stages:
        if stage.id == UNASSIGNED.id:
            continue
        places = places_of(journey, None, stage.id, metric="feeling_scores")
        definition = f"mean feeling of those who answered at the stage, −2 to +2; {names}"
        if not questions:  # other scores are no feelings
            estimate = Estimate(value=None, level=level)
        elif len(questions) == 1:
            rule = yardstick("feeling", questions[0], where=places.words)
            estimate = measured(select(answers, questions[0], places, segment), rule, level=level).estimate
        else:
            pooled = pool(answers, questions, places, segment=segment, metric="feeling")
            estimate = pooled_mean(pooled, definition, bounds=FEELINGS, level=level)
        found.append(
            StageFeeling(stage=stage.id, name=stage.name, reached=reached.get(stage.id), feeling=estimate)
        )
    return tuple(found)


def _reached(journey: Journey) -> dict[str, int | None]:
    try:
        return {one.stage: one.reached_count for one in stage_funnel(journey)}
    except MissingEvidenceError:  # designed, or counted before routes were
        return {}


def expectation_gap(
    value: Answers | Journey,
    *,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> Estimate:
    """Were expectations met, exceeded or missed?

    ``gap = perceived − expected``, both as parts of their scale with the good end up. Where a question has a
    column with what the same customer had expected, the mean over pairs; else, for a touchpoint with a
    measured feeling and a declared expectation, ``(feeling − expectation) / 4``.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    question : str, optional
        The question's id; may be left out where one question only has expectations.
    touchpoint, stage, segment : str, optional
        Only answers about this touchpoint, this stage, in this segment.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        −1 to 1, above 0 where expectations are exceeded; the definition says which of the two it is. Without
        value where nobody told both.

    Raises
    ------
    MissingEvidenceError
        No question has expectations, and the journey declares none for this touchpoint or measures no feeling
        there.
    UnknownNameError
        There is no such question, touchpoint, stage or segment, or several questions could be meant.

    Notes
    -----
    Expectancy disconfirmation (Oliver 1980). A declared expectation is what the designers assume, without an
    interval of its own: the gap is then between a measurement and an assumption.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> table = pa.table({"found": [4, 2, 5, 3], "hoped": [5, 4, 5, 3]})
    >>> asked = {"column": "found", "expected_col": "hoped", "scale": {"low": 1, "high": 5}}
    >>> print(expectation_gap(answers(Feedback(table, questions=asked))))
    -0.1875 (-0.5684 to 0.1934), small sample
    """
    answers = answers_in(value, "expectation_gap")
    paired = [one for one in answers.questions if one.expected_col]
    places = places_of(value, touchpoint, stage, metric="expectation_gap")
    if segment is not None:
        check_segments(answers, [segment], "expectation_gap")
    if question is None and not paired:
        return _against_design(value, touchpoint)
    known = answers.model_copy(update={"questions": tuple(paired)}) if question is None else answers
    asked = chosen_question(known, question, metric="expectation_gap", measures=MEASURES["score"])
    if asked.expected_col is None:
        raise MissingEvidenceError.because(
            f"question {asked.id!r} has no column with expectations.",
            hint="Question(column=..., expected_col=...)",
            where="expectation_gap",
        )
    return _paired(answers, asked, places, segment, level)


def _paired(answers: Answers, asked: Question, places: Places, segment: str | None, level: float) -> Estimate:
    table = answers_evidence(answers, "gaps", hint="count the survey again: answers(feedback)")
    taken = [
        key
        for key in table.keys
        if key[0] == asked.id
        and (places.touchpoints is None or key[1] in places.touchpoints)
        and (segment is None or key[2] == segment)
    ]
    rows = dict.fromkeys(taken, 0)
    n, customers, gap, squares = (
        table_sums(table, measure, rows.get, 1)[0]
        for measure in ("answers", "customers", "gap", "gap_squared")
    )
    everybody = select(answers, asked, places, segment)
    alone = everybody.independent or (len(taken) == 1 and float(customers.sum()) == float(n.sum()))
    told = int(n.sum())
    people = int(np.minimum(customers, everybody.customers).sum())
    definition = f"perceived − expected by the same customer, in parts of the scale; {asked.name}"
    if not told:
        return Estimate(value=None, level=level, definition=definition)
    seen = n > 0
    gaps, squares = gap[seen] / MICRO, squares[seen] / MICRO
    found = grouped_mean(gaps, squares, n[seen], level=level, bounds=(-1, 1), customers=people)
    low, high = found.low, found.high
    if alone:
        pairs = paired_difference(float(gaps.sum()), float(squares.sum()), told, level=level)
        if pairs.low is not None and pairs.high is not None:
            low, high = max(-1.0, pairs.low), min(1.0, pairs.high)
    where = f", {places.words}" if places.words else ""
    return Estimate(
        value=found.value,
        low=low,
        high=high,
        n=told,
        customers=people,
        level=level,
        method="paired t" if alone else "paired t at the effective sample size",
        definition=definition + where,
    )


def _against_design(value: Answers | Journey, touchpoint: str | None) -> Estimate:
    hint = "name the column with what customers had expected: Question(column=..., expected_col=...)"
    if not isinstance(value, Journey):
        raise MissingEvidenceError.because(
            "no question has a column with expectations.", hint=hint, where="expectation_gap"
        )
    both = [one for one in value.touchpoints if one.expectation is not None and _felt(one)]
    meant = [one for one in both if touchpoint in {one.id, one.floats_as}] if touchpoint else both
    if len(meant) == 1:
        return _declared_gap(meant[0])
    if touchpoint and not meant:
        lacking = f"touchpoint {touchpoint!r} lacks a declared expectation or a measured feeling"
    else:
        several = f"{len(meant)} touchpoints have" if meant else "no touchpoint has"
        lacking = f"{several} both a declared expectation and a measured feeling"
    raise MissingEvidenceError.because(
        f"no question has a column with expectations, and {lacking}.",
        expected=f"Expected touchpoint= one of: {', '.join(one.id for one in both)}." if both else "",
        hint=hint,
        where="expectation_gap",
    )


def _felt(touchpoint: Touchpoint) -> bool:
    return touchpoint.measured_feeling is not None and touchpoint.measured_feeling.value is not None


def _declared_gap(touchpoint: Touchpoint) -> Estimate:
    felt, hoped = touchpoint.measured_feeling, touchpoint.expectation
    definition = "(measured feeling − declared expectation) / 4; the expectation is an assumption"
    if felt is None or felt.value is None or hoped is None:
        return Estimate(value=None, definition=definition)

    def part(feeling: float | None) -> float | None:
        return None if feeling is None else (feeling - hoped) / SPAN

    ends = {"value": part(felt.value), "low": part(felt.low), "high": part(felt.high)}
    return felt.model_copy(update=ends | {"definition": f"{definition}; {touchpoint.name}"})


def expectation_gaps(
    value: Journey, *, question: str | None = None, level: float = 0.95
) -> dict[str, Estimate]:
    """At which touchpoints were expectations met, exceeded or missed?

    Parameters
    ----------
    value : Journey
        A journey that has feedback.
    question : str, optional
        The question's id; may be left out where one question only, or none, has expectations.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        The touchpoints where both are known, in the order of the journey, to the `expectation_gap` there;
        empty where there are none.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers.
    UnknownNameError
        There is no such question, or several could be meant.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    >>> expectation_gaps(journey)
    Traceback (most recent call last):
    journeymap.errors.MissingEvidenceError: expectation_gaps: journey 'Shop' carries no answers.
    Hint: with_feedback(journey, feedback)
    """
    answers = answers_in(value, "expectation_gaps")
    if question is None and not any(one.expected_col for one in answers.questions):
        known = [one for one in value.touchpoints if one.expectation is not None and _felt(one)]
        return {one.id: _declared_gap(one) for one in known}
    found = {
        one.id: expectation_gap(value, question=question, touchpoint=one.id, level=level)
        for one in value.touchpoints
    }
    return {name: gap for name, gap in found.items() if gap.value is not None}
