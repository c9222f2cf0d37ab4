"""What customers answered: the questions, and counts of their answers by customer group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from journeymap.model.durations import duration_text
from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen, misfit
from journeymap.model.measures import FEELING_SCALE, Scale
from journeymap.model.names import shown_name
from journeymap.model.set_aside import SetAside

__all__ = ["ALL", "NPS_SCALE", "Answers", "Linking", "Measure", "Question"]

Measure = Literal["nps", "csat", "ces", "feeling", "score"]

ALL = "*"  # in a key of the evidence: whichever touchpoint, stage or segment
NPS_SCALE = Scale(low=0, high=10)
_CES_SCALES = {"1.0": Scale(low=1, high=5, better="lower"), "2.0": Scale(low=1, high=7)}
_WHAT_IS_MISSING = {
    "csat": "a satisfaction question needs its scale, such as {low: 1, high: 5}",
    "score": "a score needs its scale, such as {low: 0, high: 100}",
    "ces": "customer effort needs version 1.0 (1 to 5, low is good), 2.0 (1 to 7, high is good) or a scale",
}


def _codes(value: Any) -> Any:
    """Take blank codes as numbers or texts; a whole number is written without its point."""
    if isinstance(value, str | int | float):
        value = (value,)
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(_code(code) for code in value)
    return value


def _code(code: Any) -> Any:
    return f"{code:g}" if isinstance(code, int | float) and not isinstance(code, bool) else code


def _conditions(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _code(one) for key, one in value.items()}
    return value


class Question(Frozen):
    """A column with answers, and what they mean.

    Parameters
    ----------
    column : str
        The column of the table.
    measure : {"nps", "csat", "ces", "feeling", "score"}
        Would you recommend us (0 to 10), how satisfied are you, how much effort was it, how did it feel, or
        any other score.
    id : str
        The short name; the column's when left out. Two questions may read one column under different ids.
    name : str
        The name on figures; made from the id when left out.
    scale : Scale
        The range and its good end. Given by the measure for "nps" (0 to 10), "feeling" (−2 to +2) and "ces"
        with a version; declared for the others, because it cannot be guessed.
    version : {"1.0", "2.0"}, optional
        Which customer effort score: 1.0 asks how much effort it was (1 to 5, low is good), 2.0 whether it was
        made easy (1 to 7, high is good).
    blank : tuple of str or number
        Codes that mean that nothing was answered; an empty cell always does.
    values : dict of str to float
        What texts stand for, such as ``{"positive": 1, "neutral": 0, "negative": -1}``.
    where : dict of str to str
        Which rows hold this question, for tables with one row an answer: ``{"question": "recommend"}``.
    touchpoint : str, optional
        The touchpoint it asks about, where the question names it.
    expected_col : str, optional
        A column with what the same customer had expected, on the same scale.
    family : {"experience", "service"}
        Which family of metrics it belongs to: the whole relationship, or help at a moment.
    element : {"human", "support"}, optional
        Of a service question: the human element (attitude, friendliness, helpfulness), or support, which need
        not be a person.

    Examples
    --------
    >>> Question(column="NETPRO", measure="nps", blank=11).blank
    ('11',)
    >>> Question(column="easy", measure="ces", version="2.0").scale.high
    7.0
    """

    column: str = Field(min_length=1)
    measure: Measure = "score"
    id: str = ""
    name: str = ""
    scale: Scale = FEELING_SCALE
    version: Literal["1.0", "2.0"] | None = None
    blank: Annotated[tuple[str, ...], BeforeValidator(_codes)] = ()
    values: dict[str, float] = Field(default_factory=dict)
    where: Annotated[dict[str, str], BeforeValidator(_conditions)] = Field(default_factory=dict)
    touchpoint: str | None = None
    expected_col: str | None = None
    family: Literal["experience", "service"] = "experience"
    element: Literal["human", "support"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_its_scale(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("scale") is not None or "column" not in data:
            return data
        measure, version = data.get("measure", "score"), data.get("version")
        if measure == "nps":
            return {**data, "scale": NPS_SCALE}
        if measure == "ces" and version in _CES_SCALES:
            return {**data, "scale": _CES_SCALES[version]}
        if measure in _WHAT_IS_MISSING and (measure != "ces" or version is None):
            raise misfit(
                f"question {data.get('column')!r} has no scale: {_WHAT_IS_MISSING[measure]}.",
                "scale",
            )
        return {key: value for key, value in data.items() if key != "scale"}

    @model_validator(mode="after")
    def _consistent(self) -> Question:
        if not self.id:
            object.__setattr__(self, "id", self.column)
        if not self.name:
            object.__setattr__(self, "name", shown_name(self.id))
        if self.measure == "nps" and self.scale != NPS_SCALE:
            raise misfit(
                f"question {self.column!r}: the Net Promoter Score is asked from 0 to 10, "
                f"not from {self.scale.low:g} to {self.scale.high:g}.",
                "scale",
                hint="a recommendation on another scale is a score: measure='score'",
            )
        if self.element is not None and self.family != "service":
            raise misfit(
                f"question {self.column!r}: only service questions have an element.",
                "element",
                hint="family='service', or leave the element out",
            )
        if ALL in {self.id, self.touchpoint}:
            raise misfit(f"question {self.column!r}: '*' stands for all of them.", "id", hint="use a word")
        return self


class Linking(Frozen):
    """How answers found their touchpoints.

    Parameters
    ----------
    by_question, by_column, by_time : int
        Answers whose question names the touchpoint, whose row names it, and that belong to the latest
        touchpoint before them.
    unknown : int
        Answers that name a touchpoint which the journey does not have.
    without_customer : int
        Answers of customers who are not in the log.
    too_late : int
        Answers of customers with no touchpoint within the window before.
    window_seconds : float, optional
        How long before an answer a touchpoint may lie.
    """

    by_question: int = 0
    by_column: int = 0
    by_time: int = 0
    unknown: int = 0
    without_customer: int = 0
    too_late: int = 0
    window_seconds: float | None = None

    @property
    def linked(self) -> int:
        """How many answers belong to a touchpoint."""
        return self.by_question + self.by_column + self.by_time

    def __str__(self) -> str:
        """Say in a sentence how answers found their touchpoints, and how many did not."""
        window = "before"
        if self.window_seconds is not None:
            window = f"within {duration_text(timedelta(seconds=self.window_seconds))} before"
        how = {"by question": self.by_question, "by row": self.by_column, "by time": self.by_time}
        lacking = {
            "unknown touchpoint": self.unknown,
            "customer not in the log": self.without_customer,
            f"no touchpoint {window}": self.too_late,
        }
        found, not_found = (
            ", ".join(f"{words} {count:,}" for words, count in one.items() if count) for one in (how, lacking)
        )
        said = f"{self.linked:,} answer{'' if self.linked == 1 else 's'} found a touchpoint"
        said += f" ({found})" if found else ""
        return f"{said}; not found: {not_found}" if not_found else said


class Answers(Frozen):
    """Answers, counted by question, touchpoint, segment, value and customer group; no row per customer.

    Parameters
    ----------
    source : str
        What the table is called.
    questions : tuple of Question
        What was asked.
    rows, customers : int
        Rows of the table, and distinct customers in them; of two surveys laid on one journey the sums, so
        that a customer who answered both counts twice.
    by : str
        The column whose values are the segments; empty without.
    weighted : bool
        Whether answers carry weights; they are scaled so that they average 1.
    set_aside : tuple of SetAside
        What was left out because it cannot be true.
    blank : dict of str to int
        Answers left blank, by question.
    feelings : tuple of str
        The ids of the questions whose scores stand for the feeling on a journey; empty where none do.
    linking : Linking
        How answers found their touchpoints.
    tables : tuple of EvidenceTable
        ``answers``: by (question, touchpoint, segment, value) how many answers, and, as whole millionths, the
        sums of weighted scores and of their squares, of weights and of their squares. ``respondents``: by
        (question, stage, touchpoint, segment), ``"*"`` for all of them, how many answers by how many distinct
        customers. Where they were counted also ``gaps`` (perceived − expected), ``curves`` (feelings within
        journeys), ``consistency`` (spread of one customer's scores) and ``coverage`` (customers of the log
        with any answer).
    """

    source: str
    questions: tuple[Question, ...]
    rows: int
    customers: int
    by: str = ""
    weighted: bool = False
    set_aside: tuple[SetAside, ...] = ()
    blank: dict[str, int] = Field(default_factory=dict)
    feelings: tuple[str, ...] = ()
    linking: Linking = Linking()
    tables: tuple[EvidenceTable, ...] = ()

    def question(self, name: str) -> Question | None:
        """Find a question by its id, None where there is none."""
        return next((question for question in self.questions if question.id == name), None)

    def table(self, name: str) -> EvidenceTable | None:
        """Find a table of counts by its name, None where it was not counted."""
        return next((table for table in self.tables if table.name == name), None)

    @property
    def segments(self) -> tuple[str, ...]:
        """The values of the segment column, in order; empty without one."""
        table = self.table("answers")
        if table is None or not self.by:
            return ()
        return tuple(sorted({key[2] for key in table.keys}))

    def __str__(self) -> str:
        """Say in a few lines what was answered and what was left out."""
        lines = [f"{self.rows:,} rows of {self.customers:,} customers from {self.source}"]
        lines += [
            f"  {question.name} ({question.measure}, {question.scale.low:g} to {question.scale.high:g}): "
            f"{self.count(question.id):,} answers, {self.blank.get(question.id, 0):,} blank"
            for question in self.questions
        ]
        return "\n".join([*lines, *(f"  {part}" for part in self.set_aside)])

    def count(self, question: str) -> int:
        """How many answers does a question have?"""
        table = self.table("answers")
        if table is None:
            return 0
        counts = table.measures["answers"]
        return sum(n for n, row in zip(counts, table.row, strict=True) if table.keys[row][0] == question)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
