"""Do segments differ in what they answer, and by how much?"""

from __future__ import annotations

import math
from typing import Any

from journeymap.errors import WrongKindError
from journeymap.metrics.answers import answers_in, check_segments, segments_of
from journeymap.metrics.experience import meant
from journeymap.metrics.places import places_of
from journeymap.metrics.selections import select, select_rest
from journeymap.metrics.yardsticks import (
    ExperienceMetric,
    Measured,
    NpsInterval,
    Yardstick,
    equality_of,
    measured,
    measured_difference,
    yardstick,
)
from journeymap.model.answers import Answers
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.multiplicity import benjamini_hochberg

__all__ = [
    "Difference",
    "SegmentScore",
    "SegmentScores",
    "by_segment",
    "nps_difference",
    "segment_difference",
]

_METHODS = {
    "nps": "adjusted Wald of a difference",
    "share": "Newcombe",
    "mean": "Welch",
}


class Difference(Frozen):
    """Two numbers and by how much they differ.

    Parameters
    ----------
    first_name, second_name : str
        Whose numbers they are.
    first, second : Estimate
        The numbers.
    difference : Estimate
        First − second with its interval; without value where either is not known.
    p : float, optional
        How probable a difference this large, either way, is where there is none.
    """

    first_name: str
    second_name: str
    first: Estimate
    second: Estimate
    difference: Estimate
    p: float | None = None

    @property
    def differs(self) -> bool:
        """Whether chance alone would seldom make them this different, at the level of the interval."""
        return self.p is not None and self.p < 1 - self.difference.level

    def __str__(self) -> str:
        """Say both numbers, their difference and whether it can be chance."""
        if self.difference.value is None:
            said = "cannot be compared"
        elif self.p is None:
            said = "how sure that is cannot be told"
        else:
            said = f"{'they differ' if self.differs else 'no difference is seen'}, {_p(self.p)}"
        return (
            f"{self.first_name}: {self.first}\n{self.second_name}: {self.second}\n"
            f"difference: {self.difference}; {said}"
        )

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (self.first_name, *_cells(self.first), None),
            (self.second_name, *_cells(self.second), None),
            ("difference", *_cells(self.difference), self.p),
        ]

    def to_frame(self) -> Any:
        """Put both numbers and their difference into a pandas DataFrame, one row each."""
        return data_frame(_DIFFERENCE_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        notes = [self.first.definition] if self.first.definition else []
        return html_table("Difference", _DIFFERENCE_COLUMNS, self._rows(), notes=notes)


class SegmentScore(Frozen):
    """One segment, by itself and beside all others.

    Parameters
    ----------
    segment : str
        The value of the segment column; empty where it is missing.
    estimate : Estimate
        The number of this segment.
    difference : Estimate
        The same − that of all other segments together.
    p : float, optional
        How probable a difference this large, either way, is where there is none.
    p_adjusted : float, optional
        The same after Benjamini–Hochberg over the segments.
    """

    segment: str
    estimate: Estimate
    difference: Estimate
    p: float | None = None
    p_adjusted: float | None = None

    @property
    def differs(self) -> bool:
        """Whether it differs from the rest after the correction for looking at every segment."""
        return self.p_adjusted is not None and self.p_adjusted < 1 - self.difference.level


class SegmentScores(Frozen):
    """A metric by segment, with a test of whether segments differ at all.

    Parameters
    ----------
    metric, definition : str
        What was measured.
    by : str
        The column that tells segments apart.
    overall : Estimate
        Of everybody.
    segments : tuple of SegmentScore
        In the order of the segments' names.
    p : float, optional
        How probable segments this different are where none differs; None where fewer than two can be
        compared.
    """

    metric: str
    definition: str
    by: str
    overall: Estimate
    segments: tuple[SegmentScore, ...]
    p: float | None = None

    @property
    def differ(self) -> bool:
        """Whether segments differ at all, at the level of the intervals."""
        return self.p is not None and self.p < 1 - self.overall.level

    def __str__(self) -> str:
        """Say whether segments differ, and name each of them."""
        if self.p is None:
            head = f"{self.metric} by {self.by}: cannot tell whether segments differ"
        else:
            said = "segments differ" if self.differ else "no differences between segments are seen"
            head = f"{self.metric} by {self.by}: {said}, {_p(self.p)}"
        lines = [f"{head} (all: {self.overall})"]
        for one in self.segments:
            mark = "; differs from the rest" if one.differs else ""
            lines.append(f"  {one.segment or '(missing)'}: {one.estimate}{mark}")
        return "\n".join(lines)

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                one.segment,
                *_cells(one.estimate),
                one.difference.value,
                one.difference.low,
                one.difference.high,
                one.p,
                one.p_adjusted,
                one.differs,
            )
            for one in self.segments
        ]

    def to_frame(self) -> Any:
        """Put the segments into a pandas DataFrame, one row each."""
        return data_frame(_SEGMENT_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        notes = [self.definition, str(self).partition("\n")[0]]
        return html_table(f"{self.metric} by {self.by}", _SEGMENT_COLUMNS, self._rows(), notes=notes)


_ESTIMATE_COLUMNS = ("value", "low", "high", "n", "customers")
_DIFFERENCE_COLUMNS = ("of", *_ESTIMATE_COLUMNS, "p")
_SEGMENT_COLUMNS = (
    "segment", *_ESTIMATE_COLUMNS, "difference", "difference_low", "difference_high", "p", "p_adjusted",
    "differs",
)  # fmt: skip


def nps_difference(
    first: Answers | Journey,
    second: Answers | Journey,
    *,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> Difference:
    """By how much do the net promoter scores of two surveys differ, and can it be chance?

    ``Δ = x₁ − x₂ ± t √(v₁/n₁ + v₂/n₂)``, where scores x, variances of one answer v and numbers of answers n
    of the interval include ¾ detractor, 1½ passives and ¾ promoter more each.

    Parameters
    ----------
    first, second : Answers or Journey
        Two surveys of different customers, such as two periods of an anonymous one.
    question, touchpoint, stage, segment : str, optional
        Which answers, in both; see `journeymap.metrics.experience.nps`.
    level : float
        The confidence level.

    Returns
    -------
    Difference
        −2 to 2; without value where either has no answers.

    Raises
    ------
    MissingEvidenceError, UnknownNameError, WrongKindError
        As of `journeymap.metrics.experience.nps`.

    Notes
    -----
    Where the same customers answered both surveys the interval is wider than it need be. For two segments of
    one survey see `segment_difference`.

    References
    ----------
    Rocks, B. (2016). Interval estimation for the Net Promoter Score. The American Statistician.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> def counted(*kinds):
    ...     scores = [score for score, n in zip((3, 7, 10), kinds) for _ in range(n)]
    ...     return answers(Feedback(pa.table({"q": scores}), questions={"column": "q", "measure": "nps"}))
    >>> found = nps_difference(counted(8, 13, 15), counted(12, 7, 12))
    >>> round(found.p, 6), found.differs
    (0.35297, False)
    """
    found = []
    for value in (first, second):
        answers = answers_in(value, "nps_difference")
        asked = meant(answers, "nps", question)
        places = places_of(value, touchpoint, stage, metric="nps_difference")
        if segment is not None:
            check_segments(answers, [segment], "nps_difference")
        rule = yardstick("nps", asked, where=places.words)
        found.append((measured(select(answers, asked, places, segment), rule, level=level), answers.source))
    (one, name), (other, other_name) = found
    names = (name, other_name) if name != other_name else ("first", "second")
    return _difference(names, (one, other), rule, level)


def segment_difference(
    value: Answers | Journey,
    metric: ExperienceMetric,
    *,
    between: tuple[str, str],
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    definition: str | None = None,
    level: float = 0.95,
) -> Difference:
    """By how much do two segments differ, and can it be chance?

    Parameters
    ----------
    value : Answers or Journey
        Answers counted ``by`` a column, or a journey that has them.
    metric : {"nps", "csat", "ces", "score", "feeling"}
        What to compare; the name of a function of `journeymap.metrics.experience`.
    between : (str, str)
        The two segments, first − second.
    question, touchpoint, stage : str, optional
        Which answers; see `journeymap.metrics.experience.nps`.
    definition : str, optional
        For "csat" and "ces".
    level : float
        The confidence level.

    Returns
    -------
    Difference
        In the unit of the metric; without value where either segment has no answers.

    Raises
    ------
    MissingEvidenceError
        Answers were not counted by segment; and as of the metric.
    UnknownNameError
        There is no such segment; and as of the metric.

    Notes
    -----
    Shares by Newcombe, means by Welch, net promoter scores on adjusted counts, at effective sizes, as if no
    customer were in both segments; where some are, the interval is as a rule wider than it need be.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> table = pa.table({"q": [2, 5, 6, 3, 10, 9, 10, 9], "problem": ["yes"] * 4 + ["no"] * 4})
    >>> survey = answers(Feedback(table, questions={"column": "q", "measure": "nps"}), by="problem")
    >>> found = segment_difference(survey, "nps", between=("yes", "no"))
    >>> found.difference.value, found.differs
    (-2.0, True)
    """
    answers = answers_in(value, metric)
    first, second = _two(between)
    check_segments(answers, (first, second), metric)
    asked = meant(answers, metric, question)
    places = places_of(value, touchpoint, stage, metric=metric)
    rule = yardstick(metric, asked, definition=definition, where=places.words)
    one, other = (
        measured(select(answers, asked, places, segment), rule, level=level) for segment in (first, second)
    )
    names = f"{answers.by} is {first}", f"{answers.by} is {second}"
    return _difference(names, (one, other), rule, level)


def _two(between: tuple[str, str]) -> tuple[str, str]:
    if isinstance(between, str) or len(tuple(between)) != 2 or len(set(between)) != 2:  # noqa: PLR2004
        raise WrongKindError.because(
            f"cannot compare between={between!r}.",
            expected="Expected two different segments.",
            hint="between=('with', 'without')",
            where="segment_difference",
        )
    first, second = between
    return first, second


def by_segment(
    value: Answers | Journey,
    metric: ExperienceMetric,
    *,
    question: str | None = None,
    touchpoint: str | None = None,
    stage: str | None = None,
    definition: str | None = None,
    method: NpsInterval = "adjusted_wald",
    level: float = 0.95,
) -> SegmentScores:
    """Which segments answer differently, and do segments differ at all?

    Every segment is compared with all others together; p is corrected for looking at every segment
    (Benjamini–Hochberg). One test of all segments at once comes first: Pearson's X² for shares,
    ``Σ (xᵢ − x)²/vᵢ`` for means and net promoter scores, at effective sizes.

    Parameters
    ----------
    value : Answers or Journey
        Answers counted ``by`` a column, or a journey that has them.
    metric : {"nps", "csat", "ces", "score", "feeling"}
        What to measure; the name of a function of `journeymap.metrics.experience`.
    question, touchpoint, stage : str, optional
        Which answers; see `journeymap.metrics.experience.nps`.
    definition : str, optional
        For "csat" and "ces".
    method : {"adjusted_wald", "score", "wald"}
        The interval of each net promoter score.
    level : float
        The confidence level.

    Returns
    -------
    SegmentScores
        One entry a segment in the order of their names; without values where a segment did not answer.

    Raises
    ------
    MissingEvidenceError
        Answers were not counted by segment; and as of the metric.
    UnknownNameError, WrongKindError
        As of the metric.

    Notes
    -----
    That no difference is seen does not prove that there is none: the intervals of the differences say how
    large it may still be. A customer in several segments makes the tests cautious.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289–300.
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions.
    Statistics in Medicine 17, 873–890.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.answers import answers
    >>> from journeymap.events.feedback import Feedback
    >>> table = pa.table({"q": [2, 5, 6, 3, 10, 9, 10, 9], "problem": ["yes"] * 4 + ["no"] * 4})
    >>> survey = answers(Feedback(table, questions={"column": "q", "measure": "nps"}), by="problem")
    >>> print(by_segment(survey, "nps"))
    nps by problem: segments differ, p = 0.002 (all: 0 (-0.5492 to 0.5492), small sample)
      no: 1 (0.06944 to 1), small sample; differs from the rest
      yes: -1 (-1 to -0.06944), small sample; differs from the rest
    """
    answers = answers_in(value, metric)
    check_segments(answers, (), metric)
    asked = meant(answers, metric, question)
    places = places_of(value, touchpoint, stage, metric=metric)
    rule = yardstick(metric, asked, definition=definition, method=method, where=places.words)
    whole = select(answers, asked, places)
    segments = segments_of(answers, asked)
    parts = {segment: select(answers, asked, places, segment) for segment in segments}
    own, differences = [], []
    for segment in segments:
        own.append(measured(parts[segment], rule, level=level))
        rest = measured(select_rest(whole, parts, segment), rule, level=level)
        differences.append(_difference((segment, "the rest"), (own[-1], rest), rule, level))
    seen = [one.p for one in differences if one.p is not None]
    adjusted = iter(benjamini_hochberg(seen).tolist())
    scores = tuple(
        SegmentScore(
            segment=segment,
            estimate=found.estimate,
            difference=one.difference,
            p=one.p,
            p_adjusted=None if one.p is None else next(adjusted),
        )
        for segment, found, one in zip(segments, own, differences, strict=True)
    )
    groups = int((whole.weight.sum(axis=0) > 0).sum())
    alone = all(one.df == math.inf for one in own if one.estimate.value is not None)
    test = equality_of(own, rule, df=math.inf if alone else max(groups - 1, 1))
    overall = measured(whole, rule, level=level).estimate
    return SegmentScores(
        metric=metric, definition=rule.definition, by=answers.by, overall=overall, segments=scores, p=test.p
    )


def _difference(
    names: tuple[str, str], found: tuple[Measured, Measured], rule: Yardstick, level: float
) -> Difference:
    first, second = found
    apart = measured_difference(first, second, rule, level=level)
    known = apart.value is not None
    estimate = Estimate(
        value=apart.value,
        low=apart.low,
        high=apart.high,
        n=first.estimate.n + second.estimate.n,
        customers=first.estimate.customers + second.estimate.customers,
        level=level,
        method=_METHODS[rule.kind] if known else "",
        definition=f"{names[0]} − {names[1]}: {rule.definition}",
    )
    return Difference(
        first_name=names[0],
        second_name=names[1],
        first=first.estimate,
        second=second.estimate,
        difference=estimate,
        p=apart.p,
    )


def _cells(one: Estimate) -> tuple[float | int | None, ...]:
    return one.value, one.low, one.high, one.n, one.customers


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"  # noqa: PLR2004
