"""Survey answers: where they are and what their columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Literal

from pydantic import ValidationError

from journeymap.engines.protocol import Engine
from journeymap.errors import InvalidLogError
from journeymap.events.log import filter_words, period_of, values_of
from journeymap.events.mistakes import refused
from journeymap.model.answers import Question

__all__ = ["Feedback"]


@dataclass(frozen=True)
class Feedback:
    """Who answered what, and on which scale?

    Nothing is read until an analysis asks for it; filters run in the engine.

    Parameters
    ----------
    source : str, Path, pandas or polars DataFrame, pyarrow Table, DuckDB relation or Spark DataFrame
        A file or a pattern of CSV (also .gz) or Parquet files, or a table: one row a questionnaire, or one
        row an answer (then questions say with `where` which rows are theirs).
    questions : sequence of Question or dict
        Which columns hold answers, and what they mean.
    customer_col : str, optional
        The customer. Without it every row is a customer of its own, as in an anonymous survey.
    time_col : str, optional
        When it was answered.
    touchpoint_col : str, optional
        The touchpoint (or raw event) that the row is about, where the answer names it.
    weight_col : str, optional
        How many customers the row stands for, a number from 0; weights are scaled so that they average 1.
    segment_cols : tuple of str
        Columns by which `answers` and the metrics may tell customers apart.
    time_format : str, optional
        How times are written where they are text in another form, such as ``"%d/%m/%Y"``.
    off_scale : {"error", "drop"}
        What to do with answers that are no number on their scale: refuse the table and name what was seen, or
        leave them out, counted and reported.
    on_missing : {"error", "drop"}
        What to do with rows without customer, time or weight, where those columns are named.
    engine : Engine, optional
        Where the queries run; a DuckDB of its own for each analysis when left out. A Spark DataFrame, or the
        name of a table in Spark, needs `SparkEngine`; a log joined to it has to be read by the same.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "b", "c"], "recommend": [9, 3, 11]})
    >>> feedback = Feedback(table, questions=[Question(column="recommend", measure="nps", blank=11)])
    >>> feedback.where(who=["a", "b"]).filters_in_words()
    ("who is 'a' or 'b'",)
    """

    source: Any = field(repr=False)
    _: KW_ONLY
    questions: Sequence[Question]
    customer_col: str | None = None
    time_col: str | None = None
    touchpoint_col: str | None = None
    weight_col: str | None = None
    segment_cols: tuple[str, ...] = ()
    time_format: str | None = None
    off_scale: Literal["error", "drop"] = "error"
    on_missing: Literal["error", "drop"] = "error"
    engine: Engine | None = field(default=None, repr=False, compare=False)
    period: tuple[str, str] | None = field(default=None, repr=False)
    conditions: tuple[tuple[str, tuple[str | None, ...]], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Check the questions and the rules at once."""
        for name in ("off_scale", "on_missing"):
            if getattr(self, name) not in {"error", "drop"}:
                raise InvalidLogError.because(
                    f"{name}: {getattr(self, name)!r} is no rule.", expected="Expected 'error' or 'drop'."
                )
        given: Any = self.questions
        listed = [given] if isinstance(given, Question | dict | str) else list(given or ())
        object.__setattr__(self, "questions", tuple(_question(one, n) for n, one in enumerate(listed)))
        columns: Any = self.segment_cols
        object.__setattr__(self, "segment_cols", (columns,) if isinstance(columns, str) else tuple(columns))
        ids = [question.id for question in self.questions]
        if not ids:
            raise InvalidLogError.because(
                "questions: there are none.",
                hint="name at least one column with answers: Question(column=...)",
            )
        for number, name in enumerate(ids):
            if name in ids[:number]:
                raise InvalidLogError.because(
                    f"questions[{number}]: the id {name!r} stands twice.", hint="give one of them another id"
                )

    def __str__(self) -> str:
        """Name the source, the questions and the filters."""
        source = str(self.source) if isinstance(self.source, str | PurePath) else type(self.source).__name__
        asked = ", ".join(question.id for question in self.questions)
        return "; ".join((f"feedback from {source}", asked, *self.filters_in_words()))

    def between(self, start: str | date | datetime, end: str | date | datetime) -> Feedback:
        """Keep the answers from `start` until before `end`.

        Parameters
        ----------
        start, end : str, date or datetime
            ISO 8601 text or a time; aware if the answers' times are aware.

        Returns
        -------
        Feedback
            Feedback that knows the period.

        Raises
        ------
        InvalidLogError
            It is no period, or answers have no time.
        """
        if self.time_col is None:
            raise InvalidLogError.because(
                "between: these answers have no time.", hint="name it with time_col"
            )
        return replace(self, period=period_of(start, end))

    def where(self, **columns: Any) -> Feedback:
        """Keep the rows whose columns have these values.

        Parameters
        ----------
        **columns : value or list of values
            For each column the value, or the values, to keep; None keeps rows without a value.

        Returns
        -------
        Feedback
            Feedback that knows the conditions; all of them must hold.
        """
        more = tuple((name, values_of(value)) for name, value in columns.items())
        return replace(self, conditions=self.conditions + more)

    def filters_in_words(self) -> tuple[str, ...]:
        """Say in words which rows are kept, one text a filter."""
        return filter_words(self.period, self.conditions)


def _question(given: Any, number: int) -> Question:
    if isinstance(given, Question):
        return given
    try:
        return Question.model_validate(given)
    except ValidationError as error:
        raise refused(error, f"questions[{number}]", ("answers", "questions", 0)) from error
