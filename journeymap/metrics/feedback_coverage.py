"""Where is feedback asked for, where is it not, and what may those think who did not answer?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import InvalidLogError
from journeymap.metrics.answers import answers_evidence, answers_in, chosen_question, table_sums
from journeymap.metrics.counts import counts_by_group, touchpoint_counts
from journeymap.metrics.experience import meant
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.places import places_of, stage_of, touchpoint_of
from journeymap.metrics.selections import select
from journeymap.metrics.yardsticks import MEASURES, ExperienceMetric, measured, yardstick
from journeymap.model.answers import Answers
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.stages import UNASSIGNED
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.differences import newcombe_difference
from journeymap.stats.shares import effective_size, wilson

__all__ = [
    "FeedbackCoverage",
    "PlacementBias",
    "ResponseBounds",
    "feedback_coverage",
    "placement_bias",
    "response_bounds",
]

Counts = NDArray[np.float64]
_COVERAGE_COLUMNS = ("of", "share", "low", "high", "with_feedback", "all")
_BIAS_COLUMNS = ("of", "service_share", "low", "high", "n", "customers")


class FeedbackCoverage(Frozen):
    """How much of a journey is heard about.

    Parameters
    ----------
    touchpoints, stages : Estimate
        The share of them with any answer, 0 to 1; counted, so without an interval. `n` is how many there are.
    customers : Estimate
        The share of the customers of the log who gave any answer; without value where it was not counted.
    silent_stages, silent_touchpoints : tuple of str
        The names of those without any answer, in the order of the journey.
    unplaced : int
        Answers that belong to no touchpoint.
    not_found : int
        Of them those for which a touchpoint was looked for; the others are about the journey as a whole.
    """

    touchpoints: Estimate
    stages: Estimate
    customers: Estimate
    silent_stages: tuple[str, ...]
    silent_touchpoints: tuple[str, ...]
    unplaced: int
    not_found: int = 0

    def __str__(self) -> str:
        """Say the shares, and name the stages nothing is heard of."""
        lines = [
            f"feedback on {_part(self.touchpoints)} touchpoints and {_part(self.stages)} stages",
            f"customers with any answer: {self.customers}",
        ]
        if self.silent_stages:
            lines.append(f"no feedback at all at stage: {', '.join(self.silent_stages)}")
        whole = self.unplaced - self.not_found
        if whole:
            lines.append(f"{whole:,} answer{' is' if whole == 1 else 's are'} about the journey as a whole")
        if self.not_found:
            lines.append(f"{self.not_found:,} answer{'' if self.not_found == 1 else 's'} found no touchpoint")
        return "\n".join(lines)

    def _rows(self) -> list[tuple[Any, ...]]:
        found = (("touchpoints", self.touchpoints), ("stages", self.stages), ("customers", self.customers))
        return [(name, one.value, one.low, one.high, _heard(one), one.n) for name, one in found]

    def to_frame(self) -> Any:
        """Put the three shares into a pandas DataFrame, one row each."""
        return data_frame(_COVERAGE_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        notes = str(self).splitlines()[2:]
        return html_table("Coverage by feedback", _COVERAGE_COLUMNS, self._rows(), notes=notes)


class PlacementBias(Frozen):
    """Whether feedback is asked for after service more than elsewhere.

    Parameters
    ----------
    answers : Estimate
        The share of answers that were given at service touchpoints, 0 to 1.
    visits : Estimate
        The share of visits that were to service touchpoints.
    difference : Estimate
        The first − the second: above 0 where service is heard more than it is met.
    p : float, optional
        How probable a difference this large, either way, is where there is none.
    unplaced : int
        Answers that belong to no touchpoint and were left out.
    """

    answers: Estimate
    visits: Estimate
    difference: Estimate
    p: float | None = None
    unplaced: int = 0

    def __str__(self) -> str:
        """Say both shares and their difference."""
        return (
            f"answers given at service touchpoints: {self.answers}\n"
            f"visits to service touchpoints: {self.visits}\n"
            f"difference: {self.difference}"
        )

    def _rows(self) -> list[tuple[Any, ...]]:
        found = (("answers", self.answers), ("visits", self.visits), ("difference", self.difference))
        return [(name, one.value, one.low, one.high, one.n, one.customers) for name, one in found]

    def to_frame(self) -> Any:
        """Put both shares and their difference into a pandas DataFrame, one row each."""
        return data_frame(_BIAS_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        left_out = (
            f"{self.unplaced:,} answer{' is' if self.unplaced == 1 else 's are'} at no touchpoint: left out"
        )
        notes = [left_out] if self.unplaced else []
        return html_table("Placement of feedback", _BIAS_COLUMNS, self._rows(), notes=notes)


class ResponseBounds(Frozen):
    """What a number may be among all who were asked, whatever the others think.

    Parameters
    ----------
    measured : Estimate
        Among those who answered.
    response_rate : Estimate
        Customers who answered / customers who were invited.
    low, high : float, optional
        The number if all others were at the worst, and at the best end; None without answers.
    """

    measured: Estimate
    response_rate: Estimate
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """Say the number, who answered, and what the others could make of it."""
        if self.low is None or self.high is None:
            return f"nobody answered ({self.response_rate} of those invited)"
        return (
            f"{self.measured} among those who answered, {self.response_rate} of those invited\n"
            f"among all invited between {self.low:.4g} and {self.high:.4g}, whatever the others think"
        )

    def _repr_html_(self) -> str:
        rows = [("measured", *_ends(self.measured)), ("response rate", *_ends(self.response_rate))]
        return html_table(
            "Bounds for those who did not answer",
            ("of", "value", "low", "high"),
            [*rows, ("all invited", None, self.low, self.high)],
        )


def feedback_coverage(value: Journey, *, level: float = 0.95) -> FeedbackCoverage:
    """How much of a journey is heard about?

    Touchpoints with any answer / touchpoints, stages with any answer / stages, customers of the log with any
    answer / customers of the log.

    Parameters
    ----------
    value : Journey
        A journey that has feedback.
    level : float
        The confidence level of the share of customers.

    Returns
    -------
    FeedbackCoverage
        Three shares, 0 to 1, and what is silent by name.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers.

    Notes
    -----
    One answer is enough to count: a touchpoint with three answers a year is covered here and hardly known. A
    stage without touchpoints is silent too.

    Examples
    --------
    >>> from journeymap.model.answers import Question
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    >>> feedback_coverage(journey)
    Traceback (most recent call last):
    journeymap.errors.MissingEvidenceError: feedback_coverage: journey 'Shop' carries no answers.
    Hint: with_feedback(journey, feedback)
    """
    answers = answers_in(value, "feedback_coverage")
    table = answers_evidence(answers, "answers", hint="count the survey again: answers(feedback)")
    heard = {key[1] for key in table.keys} - {""}
    stages = [stage for stage in value.stages if stage.id != UNASSIGNED.id]
    loud = {stage_of(value, place) for place in heard}
    known = heard | {one.id for one in map(partial(touchpoint_of, value), heard) if one and one.stage is None}
    silent = [one for one in value.touchpoints if not {one.id, one.floats_as or one.id} & known]
    silent_stages = [stage.name for stage in stages if stage.id not in loud]
    unplaced = int(table_sums(table, "answers", lambda key: None if key[1] else 0, 1).sum())
    tried = answers.linking
    return FeedbackCoverage(
        touchpoints=_counted(len(value.touchpoints), len(silent), "touchpoints"),
        stages=_counted(len(stages), len(silent_stages), "stages"),
        customers=_customers(answers, level),
        silent_stages=tuple(silent_stages),
        silent_touchpoints=tuple(one.name for one in silent),
        unplaced=unplaced,
        not_found=min(tried.unknown + tried.without_customer + tried.too_late, unplaced),
    )


def _counted(every: int, silent: int, what: str) -> Estimate:
    """A share of things that were all looked at."""
    return Estimate(
        value=(every - silent) / every if every else None,
        n=every,
        method="counted" if every else "",
        definition=f"{what} with any answer / {what}",
    )


def _customers(answers: Answers, level: float) -> Estimate:
    definition = "customers of the log with any answer / customers of the log"
    table = answers.table("coverage")
    every, some = (
        int(sum(table.measures[name])) if table is not None else 0 for name in ("customers", "answered")
    )
    if not every:
        return Estimate(value=None, level=level, definition=definition)
    low, high = wilson(some, every, level=level)
    return Estimate(
        value=some / every, low=low, high=high, n=every, customers=every, level=level, method="Wilson",
        definition=definition,
    )  # fmt: skip


def placement_bias(value: Journey, *, question: str | None = None, level: float = 0.95) -> PlacementBias:
    """Is feedback asked for after service more often than service is met?

    Answers at service touchpoints / answers at any touchpoint, against visits to service touchpoints /
    visits.

    Parameters
    ----------
    value : Journey
        An observed journey that has feedback.
    question : str, optional
        Only answers to this question.
    level : float
        The confidence level.

    Returns
    -------
    PlacementBias
        Two shares, 0 to 1, and their difference with Newcombe's interval at effective sizes.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers, or was designed and has no visits.
    UnknownNameError
        There is no such question.

    Notes
    -----
    A large difference says that the survey hears about service in the main; a mean over all answers is then
    no picture of the journey. Customers behind both shares are taken as different ones, which makes the
    interval wider than it need be.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    >>> placement_bias(journey)
    Traceback (most recent call last):
    journeymap.errors.MissingEvidenceError: placement_bias: journey 'Shop' carries no answers.
    Hint: with_feedback(journey, feedback)
    """
    answers = answers_in(value, "placement_bias")
    asked = None
    if question is not None:
        asked = chosen_question(answers, question, metric="placement_bias", measures=MEASURES["score"]).id
    table = answers_evidence(answers, "answers", hint="count the survey again: answers(feedback)")

    def place(key: tuple[str, ...]) -> int | None:
        name, touchpoint, *_ = key
        if asked is not None and name != asked:
            return None
        found = touchpoint_of(value, touchpoint) if touchpoint else None
        return 2 if found is None else int(found.is_service)

    counts = table_sums(table, "answers", place, 3)
    told, visits = counts[:2].sum(axis=0), touchpoint_counts(value, "visits")
    every = np.sum(list(visits.values()), axis=0)
    met_there = [visits[one.id] for one in value.touchpoints if one.is_service]
    service = np.sum(met_there or [0 * every], axis=0)
    some = told > 0
    of_answers = (counts[1][some], told[some], min(answers.customers, int(told.sum())))
    of_visits = (service, every, int(counts_by_group(value, "journeys", "customers").sum()))
    given = _share(of_answers, "answers at service touchpoints / answers at any touchpoint", level)
    met = _share(of_visits, "visits to service touchpoints / visits", level)
    worth = [
        effective_size(hits, trials, customers=customers)
        for hits, trials, customers in (of_answers, of_visits)
    ]
    apart = newcombe_difference(
        (given.value or 0.0) * worth[0],
        worth[0],
        (met.value or 0.0) * worth[1],
        worth[1],
        level=level,
        df=max(min(int(some.sum()), every.size) - 1, 1),
    )
    difference = Estimate(
        value=apart.value,
        low=apart.low,
        high=apart.high,
        n=given.n,
        customers=given.customers,
        level=level,
        method="Newcombe at the effective sample size" if apart.value is not None else "",
        definition="share of answers − share of visits at service touchpoints",
    )
    return PlacementBias(
        answers=given, visits=met, difference=difference, p=apart.p, unplaced=int(counts[2].sum())
    )


def _share(counted: tuple[Counts, Counts, int], definition: str, level: float) -> Estimate:
    hits, trials, customers = counted
    return share_estimate(hits, trials, customers=customers, definition=definition, level=level)


def response_bounds(
    value: Answers | Journey,
    metric: ExperienceMetric = "csat",
    *,
    invited: int,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    definition: str | None = None,
    level: float = 0.95,
) -> ResponseBounds:
    """What may the number be among all who were asked, if nothing is assumed of those who did not answer?

    From ``r x + (1 − r) a`` to ``r x + (1 − r) b`` with r the share of the invited who answered, x the number
    among them, and a and b the ends of its scale.

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    metric : {"nps", "csat", "ces", "score", "feeling"}
        What to bound; the name of a function of `journeymap.metrics.experience`.
    invited : int
        How many customers were asked.
    question, touchpoint, stage : str, optional
        Which answers; see `journeymap.metrics.experience.nps`.
    definition : str, optional
        For "csat" and "ces".
    level : float
        The confidence level of what was measured; the bounds have none.

    Returns
    -------
    ResponseBounds
        In the unit of the metric.

    Raises
    ------
    InvalidLogError
        More customers answered than were invited.
    MissingEvidenceError, UnknownNameError, WrongKindError
        As of the metric.

    Notes
    -----
    These are Manski's bounds, and wide because they have to be: no sample size narrows them, only more
    answers from those who were asked. What is found in between is an assumption about the others.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> asked = {"column": "stars", "measure": "csat", "scale": {"low": 1, "high": 5}}
    >>> found = answers(Feedback(pa.table({"stars": [5] * 9 + [1]}), questions=asked))
    >>> bounds = response_bounds(found, "csat", definition="top_2_box", invited=100)
    >>> round(bounds.low, 2), round(bounds.high, 2)
    (0.09, 0.99)
    """
    answers = answers_in(value, metric)
    asked = meant(answers, metric, question)
    places = places_of(value, touchpoint, stage, metric=metric)
    rule = yardstick(metric, asked, definition=definition, where=places.words)
    found = measured(select(answers, asked, places), rule, level=level).estimate
    if invited < max(found.customers, 1):
        raise InvalidLogError.because(
            f"invited={invited:,}, but {found.customers:,} customers answered.",
            expected="Expected all who were asked, those who answered among them.",
            hint="count customers, not contacts",
            where="response_bounds",
        )
    low, high = wilson(found.customers, invited, level=level)
    rate = found.customers / invited
    response = Estimate(
        value=rate, low=low, high=high, n=invited, customers=invited, level=level, method="Wilson",
        definition="customers who answered / customers who were invited",
    )  # fmt: skip
    if found.value is None:
        return ResponseBounds(measured=found, response_rate=response, low=None, high=None)
    least, most = (rate * found.value + (1 - rate) * end for end in rule.bounds)
    return ResponseBounds(measured=found, response_rate=response, low=least, high=most)


def _part(share: Estimate) -> str:
    return f"{_heard(share)} of {share.n}"


def _heard(share: Estimate) -> int:
    return round((share.value or 0.0) * share.n)


def _ends(one: Estimate) -> tuple[float | None, float | None, float | None]:
    return one.value, one.low, one.high
