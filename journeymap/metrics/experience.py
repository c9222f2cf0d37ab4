"""How do customers find the experience, by their own answers?"""

from __future__ import annotations

from typing import Any, NamedTuple

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.answers import answers_in, check_segments, chosen_question
from journeymap.metrics.places import Places, places_of
from journeymap.metrics.pools import pool, pooled_mean
from journeymap.metrics.selections import select
from journeymap.metrics.yardsticks import (
    MEASURES,
    CesDefinition,
    CsatDefinition,
    ExperienceMetric,
    NpsInterval,
    measured,
    yardstick,
)
from journeymap.model.answers import Answers, Question
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = [
    "HumanAndSupport",
    "ces",
    "csat",
    "feeling",
    "human_and_support",
    "meant",
    "nps",
    "score",
]


def nps(
    value: Answers | Journey,
    *,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    method: NpsInterval = "adjusted_wald",
    level: float = 0.95,
) -> Estimate:
    """How far do promoters outweigh detractors?

    ``NPS = p − d`` with p the share of answers 9 and 10 and d that of answers 0 to 6.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    question : str, optional
        The question's id; may be left out where there is one question with measure ``"nps"``.
    touchpoint, stage, segment : str, optional
        Only answers about this touchpoint (a floating one stands for all its stages), this stage (of a
        journey), in this segment (of answers counted ``by`` a column).
    method : {"adjusted_wald", "score", "wald"}
        The interval. Wald's has no width where all answers are the same.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        −1 to 1 (× 100 as it is usually written); without value where nobody answered. `n` counts answers.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers; no question asks for it; there are no stages or segments.
    UnknownNameError
        There is no such question, touchpoint, stage or segment, or several questions could be meant.
    WrongKindError
        The question is of another measure.

    Notes
    -----
    The point is the plain score; the adjusted interval is made as if ¾ detractor, 1½ passives and
    ¾ promoter more had answered. A score asked after a contact and a score asked once a year are different
    numbers. Where customers answer more than once or carry weights, the interval is made at the effective
    number of answers.

    References
    ----------
    Reichheld, F. F. (2003). The one number you need to grow. Harvard Business Review 81(12).
    Rocks, B. (2016). Interval estimation for the Net Promoter Score. The American Statistician.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> scores = [3] * 8 + [7] * 13 + [10] * 15
    >>> asked = {"column": "recommend", "measure": "nps"}
    >>> print(nps(answers(Feedback(pa.table({"recommend": scores}), questions=asked))))
    0.1944 (-0.0628 to 0.4218)
    """
    which = _Which(question, touchpoint, stage, segment)
    return _metric(value, "nps", which, method=method, level=level)


def csat(
    value: Answers | Journey,
    *,
    definition: CsatDefinition,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> Estimate:
    """How satisfied are customers?

    ``top_2_box``: answers on the two best points / answers, the "CSAT %"; ``mean``: the mean answer, the
    "satisfaction score"; ``top_box``: on the best point alone; ``bottom_2_box``: on the two worst, those at
    risk.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    definition : {"top_2_box", "mean", "top_box", "bottom_2_box"}
        Which of the numbers that are all called CSAT.
    question : str, optional
        The question's id; may be left out where there is one question with measure ``"csat"``.
    touchpoint, stage, segment : str, optional
        Only answers about this touchpoint, this stage, in this segment; see `nps`.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        A share 0 to 1 with Wilson's interval, or a mean in units of the scale with that of t; without value
        where nobody answered.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers; no question asks for it; there are no stages or segments.
    UnknownNameError
        There is no such question, touchpoint, stage, segment or definition, or several questions could be
        meant.
    WrongKindError
        The question is of another measure or its scale has no boxes.
    TypeError
        The definition is missing: none is taken for granted.

    Notes
    -----
    Equal shares can hide different means: 4 4 4 4 3 3 and 5 5 5 5 3 3 are both two thirds. Shares and means
    of different scales must not be set side by side; `score` brings them onto one. Those who do not answer
    may think otherwise: see `response_bounds`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> asked = {"column": "stars", "measure": "csat", "scale": {"low": 1, "high": 5}}
    >>> found = answers(Feedback(pa.table({"stars": [5, 4, 4, 3, 5, 2, 1, 4, 5, 3]}), questions=asked))
    >>> csat(found, definition="top_2_box").value, csat(found, definition="mean").value
    (0.6, 3.6)
    """
    which = _Which(question, touchpoint, stage, segment)
    return _metric(value, "csat", which, definition=definition, level=level)


def ces(
    value: Answers | Journey,
    *,
    definition: CesDefinition,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> Estimate:
    """How much effort was it?

    ``mean``: the mean answer, in units of the scale; ``easy_share``: answers on the easy side of the middle /
    answers (5 to 7 in version 2.0, 1 and 2 in version 1.0); ``effort_cost``: the mean of
    ``(x_easy − x) / (x_easy − x_hard)``, 0 without effort and 1 with the most, in one direction for both
    versions.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    definition : {"mean", "easy_share", "effort_cost"}
        Which of the numbers.
    question : str, optional
        The question's id; may be left out where there is one question with measure ``"ces"``.
    touchpoint, stage, segment : str, optional
        Only answers about this touchpoint, this stage, in this segment; see `nps`.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        A mean on the scale, or a share or cost 0 to 1; without value where nobody answered.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers; no question asks for it; there are no stages or segments.
    UnknownNameError
        There is no such question, touchpoint, stage, segment or definition, or several questions could be
        meant.
    WrongKindError
        The question is of another measure.
    TypeError
        The definition is missing: none is taken for granted.

    Notes
    -----
    Low is good in version 1.0 and high in version 2.0: means of the two run against each other. The version
    stands in the definition.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> asked = {"column": "easy", "measure": "ces", "version": "2.0"}
    >>> found = answers(Feedback(pa.table({"easy": [7, 6, 5, 7, 3, 2, 6, 4]}), questions=asked))
    >>> ces(found, definition="mean").value, ces(found, definition="easy_share").value
    (5.0, 0.625)
    """
    which = _Which(question, touchpoint, stage, segment)
    return _metric(value, "ces", which, definition=definition, level=level)


def score(
    value: Answers | Journey,
    *,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> Estimate:
    """How good are the answers, on whichever scale they were asked?

    The mean of ``(x − low) / (high − low)``, turned round where low is good.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    question : str, optional
        The question's id, of any measure; may be left out where there is one question only.
    touchpoint, stage, segment : str, optional
        Only answers about this touchpoint, this stage, in this segment; see `nps`.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0, the bad end, to 1, the good one; without value where nobody answered.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers; there are no stages or segments.
    UnknownNameError
        There is no such question, touchpoint, stage or segment, or several questions could be meant.

    Notes
    -----
    People do not use a scale of five points as they use one of eleven: equal normalised means of differently
    asked questions are not equal satisfaction.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> asked = {"column": "effort", "measure": "ces", "version": "1.0"}
    >>> score(answers(Feedback(pa.table({"effort": [1, 2, 1, 4]}), questions=asked))).value
    0.75
    """
    which = _Which(question, touchpoint, stage, segment)
    return _metric(value, "score", which, level=level)


def feeling(
    value: Answers | Journey,
    *,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> Estimate:
    """How does it feel, on the scale of the map?

    ``−2 + 4 · score``, see `score`.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    question : str, optional
        The question's id, of any measure; may be left out where there is one question with measure
        ``"feeling"``, or one question only.
    touchpoint, stage, segment : str, optional
        Only answers about this touchpoint, this stage, in this segment; see `nps`.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        −2 to +2; without value where nobody answered.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers; there are no stages or segments.
    UnknownNameError
        There is no such question, touchpoint, stage or segment, or several questions could be meant.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> asked = {"column": "tone", "measure": "feeling", "values": {"glad": 2, "cross": -1}}
    >>> feeling(answers(Feedback(pa.table({"tone": ["glad", "cross"]}), questions=asked))).value
    0.5
    """
    which = _Which(question, touchpoint, stage, segment)
    return _metric(value, "feeling", which, level=level)


class _Which(NamedTuple):
    """Which answers are meant."""

    question: str | None
    touchpoint: str | None
    stage: str | None
    segment: str | None


def _metric(
    value: Answers | Journey,
    metric: ExperienceMetric,
    which: _Which,
    *,
    definition: str | None = None,
    method: NpsInterval = "adjusted_wald",
    level: float,
) -> Estimate:
    answers = answers_in(value, metric)
    asked = meant(answers, metric, which.question)
    places = places_of(value, which.touchpoint, which.stage, metric=metric)
    if which.segment is not None:
        check_segments(answers, [which.segment], metric)
    where = ", ".join(part for part in (places.words, _segment(answers, which.segment)) if part)
    rule = yardstick(metric, asked, definition=definition, method=method, where=where)
    return measured(select(answers, asked, places, which.segment), rule, level=level).estimate


def _segment(answers: Answers, segment: str | None) -> str:
    return "" if segment is None else f"{answers.by} is {segment}"


def meant(answers: Answers, metric: ExperienceMetric, question: str | None) -> Question:
    """Which question does a metric read?

    Parameters
    ----------
    answers : Answers
        What was asked.
    metric : {"nps", "csat", "ces", "score", "feeling"}
        The metric.
    question : str or None
        The question's id; None for the only one of the metric's measure.

    Returns
    -------
    Question
        The question.

    Raises
    ------
    MissingEvidenceError
        No question asks for it.
    UnknownNameError
        There is no such question, or several could be meant.
    WrongKindError
        The question is of another measure.
    """
    measures = MEASURES.get(metric, MEASURES["score"])
    if question is None and metric == "feeling" and any(q.measure == "feeling" for q in answers.questions):
        measures = ("feeling",)
    return chosen_question(answers, question, metric=metric, measures=measures)


class HumanAndSupport(Frozen):
    """The two sides of service, apart from each other.

    Parameters
    ----------
    human : Estimate
        The human element: attitude, friendliness, helpfulness; 0 bad to 1 good, without value where no
        question asks for it.
    support : Estimate
        Support, which need not be a person.
    """

    human: Estimate
    support: Estimate

    def __str__(self) -> str:
        """Say both, one a line."""
        return f"human element: {self.human}\nsupport: {self.support}"

    def _rows(self) -> list[tuple[Any, ...]]:
        both = (("human", self.human), ("support", self.support))
        return [
            (name, one.value, one.low, one.high, one.n, one.customers, one.definition) for name, one in both
        ]

    def to_frame(self) -> Any:
        """Put both into a pandas DataFrame, one row each."""
        return data_frame(_HUMAN_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        return html_table("Service, by its two elements", _HUMAN_COLUMNS, self._rows())


_HUMAN_COLUMNS = ("element", "score", "low", "high", "n", "customers", "definition")


def human_and_support(
    value: Answers | Journey,
    *,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> HumanAndSupport:
    """How good is the human element of service, and how good is support?

    For each element the mean of ``(x − low) / (high − low)``, turned round where low is good, over all
    answers to questions that declare it.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    touchpoint, stage, segment : str, optional
        Only answers about this touchpoint, this stage, in this segment; see `nps`.
    level : float
        The confidence level.

    Returns
    -------
    HumanAndSupport
        Two scores, 0 to 1.

    Raises
    ------
    MissingEvidenceError
        No question declares an element.
    UnknownNameError
        There is no such touchpoint, stage or segment.

    Notes
    -----
    They are not averaged: friendly staff do not make up for a system that does not work. Where several
    questions ask for one element, each answer counts once.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> asked = [{"column": name, "scale": {"low": 1, "high": 5}, "family": "service", "element": name}
    ...          for name in ("human", "support")]
    >>> table = pa.table({"human": [5, 5], "support": [1, 3]})
    >>> found = human_and_support(answers(Feedback(table, questions=asked)))
    >>> found.human.value, found.support.value
    (1.0, 0.25)
    """
    answers = answers_in(value, "human_and_support")
    if not any(question.element for question in answers.questions):
        raise MissingEvidenceError.because(
            "no question says which element of service it asks about.",
            hint="Question(column=..., family='service', element='human'), or element='support'",
            where="human_and_support",
        )
    places = places_of(value, touchpoint, stage, metric="human_and_support")
    if segment is not None:
        check_segments(answers, [segment], "human_and_support")
    found = [
        _element(answers, [q for q in answers.questions if q.element == element], places, segment, level)
        for element in ("human", "support")
    ]
    return HumanAndSupport(human=found[0], support=found[1])


def _element(
    answers: Answers, questions: list[Question], places: Places, segment: str | None, level: float
) -> Estimate:
    if not questions:
        return Estimate(value=None, level=level, definition="no question asks for it")
    if len(questions) == 1:
        rule = yardstick("score", questions[0], where=places.words)
        return measured(select(answers, questions[0], places, segment), rule, level=level).estimate
    names = ", ".join(question.name for question in questions)
    found = pool(answers, questions, places, segment=segment)
    return pooled_mean(found, f"mean score, 0 the bad and 1 the good end; {names}", level=level)
