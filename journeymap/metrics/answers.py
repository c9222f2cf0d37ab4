"""Which answers does a journey carry, and which question and segment of them are meant?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError, UnknownNameError, WrongKindError, nearest
from journeymap.model.answers import Answers, Question
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey

__all__ = [
    "answers_evidence",
    "answers_in",
    "check_segments",
    "chosen_question",
    "segments_of",
    "table_sums",
    "unknown_name",
]

Floats = NDArray[np.float64]
_CALLS = {"nps": "nps(...)", "csat": "csat(..., definition=...)", "ces": "ces(..., definition=...)"}


def answers_in(value: Answers | Journey, metric: str = "answers") -> Answers:
    """Which answers does a value hold or carry?

    Parameters
    ----------
    value : Answers or Journey
        Counted answers, or a journey that has feedback.
    metric : str
        Who asks, for the message.

    Returns
    -------
    Answers
        Questions and counts.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers.
    WrongKindError
        It is neither.
    """
    if isinstance(value, Answers):
        return value
    if not isinstance(value, Journey):
        raise WrongKindError.because(
            f"cannot take a value of kind {type(value).__name__}.",
            expected="Expected Answers or a Journey with feedback.",
            hint="count the survey first: answers(feedback)",
            where=metric,
        )
    carried: Answers | None = getattr(value, "answers", None)
    if carried is None:
        raise MissingEvidenceError.because(
            f"journey {value.name!r} carries no answers.",
            hint="with_feedback(journey, feedback)",
            where=metric,
        )
    return carried


def answers_evidence(answers: Answers, table: str, *, hint: str) -> EvidenceTable:
    """Which counts do the answers hold under this name?

    Parameters
    ----------
    answers : Answers
        Counted answers.
    table : str
        The table.
    hint : str
        Which call provides it.

    Returns
    -------
    EvidenceTable
        The table.

    Raises
    ------
    MissingEvidenceError
        It was not counted.
    """
    found = answers.table(table)
    if found is None:
        raise MissingEvidenceError.because(
            f"the answers from {answers.source} hold no counts of {table}.", hint=hint
        )
    return found


def table_sums(
    table: EvidenceTable, measure: str, place: Callable[[tuple[str, ...]], int | None], size: int
) -> Floats:
    """Add up a measure over keys, by customer group.

    Parameters
    ----------
    table : EvidenceTable
        The counts.
    measure : str
        What to add up.
    place : callable
        To which row of the result a key belongs, None for none.
    size : int
        The number of rows.

    Returns
    -------
    ndarray
        `size` rows, one column a group.
    """
    rows = [place(key) for key in table.keys]
    places = np.array([-1 if row is None else row for row in rows], dtype=np.intp)[list(table.row)]
    kept = places >= 0
    sums = np.zeros((size, table.groups))
    groups, counts = np.array(table.group, dtype=np.intp), np.array(table.measures[measure], dtype=np.float64)
    np.add.at(sums, (places[kept], groups[kept]), counts[kept])
    return sums


def chosen_question(
    answers: Answers, question: str | None, *, metric: str, measures: Collection[str]
) -> Question:
    """Which question is meant?

    Parameters
    ----------
    answers : Answers
        What was asked.
    question : str or None
        Its id; None for the only one of the measures.
    metric : str
        Who asks, for the message.
    measures : collection of str
        Which measures will do.

    Returns
    -------
    Question
        The question.

    Raises
    ------
    UnknownNameError
        There is no such question, or there are several to choose from.
    MissingEvidenceError
        There is none of these measures.
    WrongKindError
        The question is of another measure.
    """
    if question is None:
        return _only(answers, metric, measures)
    found = answers.question(question)
    if found is None:
        ids = [one.id for one in answers.questions]
        raise unknown_name(f"no question {question!r}", question, ids, where=metric)
    if found.measure not in measures:
        own = "" if found.measure == "score" else f"{_CALLS.get(found.measure, 'feeling(...)')} measures it; "
        raise WrongKindError.because(
            f"question {question!r} measures {found.measure}.",
            expected=f"Expected a question with measure {' or '.join(measures)}.",
            hint=f"{own}score(...) takes any question",
            where=metric,
        )
    return found


def _only(answers: Answers, metric: str, measures: Collection[str]) -> Question:
    fitting = [one for one in answers.questions if one.measure in measures]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UnknownNameError.because(
            f"{len(fitting)} questions could be meant.",
            expected=f"Expected question= one of: {', '.join(one.id for one in fitting)}.",
            hint=f"{metric}(..., question={fitting[0].id!r})",
            where=metric,
        )
    held = ", ".join(f"{one.id} ({one.measure})" for one in answers.questions)
    raise MissingEvidenceError.because(
        f"no question measures {' or '.join(measures)}; there are: {held}.",
        hint=f"declare it: Question(column=..., measure={next(iter(measures))!r})",
        where=metric,
    )


def check_segments(answers: Answers, segments: Iterable[str], metric: str) -> None:
    """Refuse segments that are not there.

    Parameters
    ----------
    answers : Answers
        Counted answers.
    segments : iterable of str
        What was asked for.
    metric : str
        Who asks, for the message.

    Raises
    ------
    MissingEvidenceError
        Answers were not counted by segment.
    UnknownNameError
        There is no such segment.
    """
    if not answers.by:
        raise MissingEvidenceError.because(
            "the answers were not counted by segment.",
            hint="name the column that tells segments apart: answers(feedback, by=...)",
            where=metric,
        )
    for segment in segments:
        if segment not in answers.segments:
            raise unknown_name(
                f"no segment {segment!r} in column {answers.by!r}",
                str(segment),
                answers.segments,
                where=metric,
                hint="segments are texts, as they stand in the column",
            )


def segments_of(answers: Answers, question: Question) -> tuple[str, ...]:
    """In which segments was a question answered?

    Parameters
    ----------
    answers : Answers
        Counted answers.
    question : Question
        What was asked.

    Returns
    -------
    tuple of str
        In order; one of two surveys may tell apart other segments than the other.
    """
    table = answers_evidence(answers, "answers", hint="count the survey again: answers(feedback)")
    return tuple(sorted({key[2] for key in table.keys if key[0] == question.id}))


def unknown_name(
    problem: str, word: str, known: Sequence[str], *, where: str, hint: str = ""
) -> UnknownNameError:
    """Say that a name is not there, list those that are and guess which was meant.

    Parameters
    ----------
    problem : str
        What is not there.
    word : str
        The name as it was written.
    known : sequence of str
        The names that would have been right.
    where : str
        Who asks.
    hint : str
        What to do where no name is close.

    Returns
    -------
    UnknownNameError
        To be raised.
    """
    close = nearest(word, known)
    return UnknownNameError.because(
        f"{problem}.",
        expected=f"Expected one of: {', '.join(repr(one) for one in known)}.",
        hint=f"did you mean {close!r}?" if close else hint or None,
        where=where,
    )
