"""How many answers of each value were chosen, by customer group?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.answers import answers_evidence, table_sums
from journeymap.metrics.places import Places
from journeymap.model.answers import ALL, Answers, Question

__all__ = ["Selection", "select", "select_rest"]

Floats = NDArray[np.float64]
MICRO = 1e6


@dataclass(frozen=True)
class Selection:
    """The answers to one question that were chosen, by value and customer group.

    Parameters
    ----------
    question : Question
        What was asked.
    values : ndarray
        The values that were answered, ascending.
    answers, weight : ndarray
        How many answers, and the sum of their weights: a row a value, a column a customer group.
    score, score_squared : ndarray
        Sums of weighted scores and of their squares, one a group.
    weight_squared : float
        The sum of squared weights.
    customers : ndarray
        Distinct customers, one number a group; at least so many where `exact` is False.
    exact : bool
        Whether distinct customers were counted for just this selection.
    weighted : bool
        Whether answers carry weights.
    """

    question: Question
    values: Floats
    answers: Floats
    weight: Floats
    score: Floats
    score_squared: Floats
    weight_squared: float
    customers: Floats
    exact: bool
    weighted: bool

    @property
    def n(self) -> int:
        """How many answers there are."""
        return int(self.answers.sum())

    @property
    def respondents(self) -> int:
        """How many distinct customers gave them."""
        return int(self.customers.sum())

    @property
    def independent(self) -> bool:
        """Whether every customer counts once."""
        return self.exact and self.respondents == self.n

    @property
    def kish(self) -> float:
        """As many answers of equal weight say as much: (Σw)² / Σw²; 0 without weight."""
        total = float(self.weight.sum())
        if not self.weighted:
            return total
        return total * total / self.weight_squared if self.weight_squared > 0 else 0.0

    def moments(self, slope: float = 1.0, start: float = 0.0) -> Floats:
        """Sum up ``y = start + slope · score``, by customer group.

        Parameters
        ----------
        slope, start : float
            The line from scores to what is reported.

        Returns
        -------
        ndarray
            Three rows, Σwy, Σwy² and Σw.
        """
        weight, score, square = self.weight.sum(axis=0), self.score, self.score_squared
        if self.values.size == 1:  # rounded sums must not give equal answers a spread
            score, square = weight * self.values[0], weight * self.values[0] ** 2
        return np.stack([
            start * weight + slope * score,
            start**2 * weight + 2 * start * slope * score + slope**2 * square,
            weight,
        ])  # fmt: skip

    def parts(self, *masks: NDArray[np.bool_]) -> Floats:
        """Sum up the weights of answers of several kinds, by customer groups that answered.

        Parameters
        ----------
        *masks : ndarray of bool
            For each kind which of the values belong to it.

        Returns
        -------
        ndarray
            One row a kind.
        """
        sums = np.stack([self.weight[mask].sum(axis=0) for mask in masks])
        return sums[:, self.weight.sum(axis=0) > 0]

    def scaled(self, sums: Floats) -> Floats:
        """Scale sums of weights so that all of them add up to `kish`: as many answers as they are worth."""
        total = float(self.weight.sum())
        return sums * (self.kish / total) if self.weighted and total > 0 else sums


def select(answers: Answers, question: Question, places: Places, segment: str | None = None) -> Selection:
    """How many answers of each value are there, at these places and in this segment?

    Parameters
    ----------
    answers : Answers
        Counted answers.
    question : Question
        What was asked.
    places : Places
        Where.
    segment : str, optional
        Of whom; everybody when left out.

    Returns
    -------
    Selection
        Counts by value and customer group; without values where nothing was answered.
    """
    customers, told = _customers(answers, question, places, segment)

    def belongs(one: str) -> bool:
        return segment is None or one == segment

    return _selection(answers, question, places, belongs, customers, told)


def select_rest(whole: Selection, parts: Mapping[str, Selection], segment: str) -> Selection:
    """How many answers of each value are there in all other segments?

    Parameters
    ----------
    whole : Selection
        The answers of everybody.
    parts : mapping of str to Selection
        The answers of every segment.
    segment : str
        Whose answers to leave out.

    Returns
    -------
    Selection
        Counts by value and customer group.
    """
    own = parts[segment]
    others = [one for name, one in parts.items() if name != segment]
    summed = sum((one.customers for one in others), np.zeros_like(whole.customers))
    apart = all(one.exact for one in parts.values()) and np.array_equal(
        summed + own.customers, whole.customers
    )
    rows = np.searchsorted(whole.values, own.values)
    counted, weight = whole.answers.copy(), whole.weight.copy()
    counted[rows] -= own.answers
    weight[rows] -= own.weight
    left = counted.sum(axis=1) > 0
    here = counted.sum(axis=0) > 0  # what is left elsewhere is rounding
    return Selection(
        question=whole.question,
        values=whole.values[left],
        answers=counted[left],
        weight=np.where(counted > 0, weight, 0.0)[left],
        score=np.where(here, whole.score - own.score, 0.0),
        score_squared=np.where(here, whole.score_squared - own.score_squared, 0.0),
        weight_squared=max(whole.weight_squared - own.weight_squared, 0.0),
        # where segments share customers their sum counts some twice, never more than all there are
        customers=np.minimum(summed, whole.customers),
        exact=apart,
        weighted=whole.weighted,
    )


def _customers(
    answers: Answers, question: Question, places: Places, segment: str | None
) -> tuple[Floats, int]:
    """Distinct customers by group, and how many answers they were counted for (−1: they were not)."""
    table = answers_evidence(answers, "respondents", hint="count the survey again: answers(feedback)")
    whose = ALL if segment is None else segment

    def counted(keys: list[tuple[str, str]]) -> tuple[Floats, Floats]:
        rows: dict[tuple[str, ...], int] = {(question.id, *key, whose): row for row, key in enumerate(keys)}
        told, customers = (
            table_sums(table, measure, rows.get, max(len(keys), 1)) for measure in ("answers", "customers")
        )
        return told, customers

    told, customers = counted([(places.stage, ALL)])
    if places.touchpoints is not None and (places.stage == ALL or not told.any()):
        told, customers = counted([(ALL, touchpoint) for touchpoint in sorted(places.touchpoints)])
    if np.count_nonzero(told.sum(axis=1)) > 1:  # somebody may have answered at several of them
        return customers.max(axis=0), -1
    return customers.sum(axis=0), int(told.sum())


def _selection(
    answers: Answers,
    question: Question,
    places: Places,
    belongs: Callable[[str], bool],
    customers: Floats,
    told: int,
) -> Selection:
    table = answers_evidence(answers, "answers", hint="count the survey again: answers(feedback)")

    def taken(key: tuple[str, ...]) -> bool:
        name, touchpoint, segment, _ = key
        here = places.touchpoints is None or touchpoint in places.touchpoints
        return name == question.id and here and belongs(segment)

    values = sorted({float(key[3]) for key in table.keys if taken(key)})
    rows = {value: row for row, value in enumerate(values)}

    def sums(measure: str) -> Floats:
        return table_sums(
            table, measure, lambda key: rows[float(key[3])] if taken(key) else None, len(values)
        )

    counted = sums("answers")
    n = int(counted.sum())
    if told not in {n, -1}:  # counted for more places than these
        customers, told = np.minimum(customers, counted.sum(axis=0)), -1
    return Selection(
        question=question,
        values=np.array(values),
        answers=counted,
        weight=sums("weight") / MICRO if answers.weighted else counted,
        score=sums("score").sum(axis=0) / MICRO,
        score_squared=sums("score_squared").sum(axis=0) / MICRO,
        weight_squared=float(sums("weight_squared").sum()) / MICRO,
        customers=customers,
        exact=told == n,
        weighted=answers.weighted,
    )
