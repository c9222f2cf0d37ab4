"""How many answers of each value are there?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.engines.protocol import Engine, Relation
from journeymap.errors import InvalidLogError, require
from journeymap.events.columns import refuse_missing_columns, refuse_no_times
from journeymap.events.feedback import Feedback
from journeymap.events.queries import answers as queries
from journeymap.events.queries.steps import customers_sql
from journeymap.events.tables import keyed_evidence
from journeymap.model.answers import Answers, Linking, Question
from journeymap.model.set_aside import SetAside

__all__ = ["OpenFeedback", "answers", "answers_of", "open_answers"]

GROUPS = 64
_SHOWN, _LONGEST = 6, 16
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*")


@dataclass(frozen=True)
class OpenFeedback:
    """Answers in the hands of an engine.

    Parameters
    ----------
    feedback : Feedback
        What they mean.
    engine : Engine
        Where they are.
    relation : Relation
        The source.
    long : str
        The table with one row an answer, see `journeymap.events.queries.answers.long_sql`.
    groups : int
        The number of customer groups.
    rows, customers : int
        Rows of the survey and distinct customers in them.
    aware : bool
        Whether times are instants.
    last : int or None
        The latest time, in microseconds.
    blank : dict of str to int
        Blank answers by question.
    set_aside : tuple of SetAside
        What was left out.
    """

    feedback: Feedback
    engine: Engine
    relation: Relation
    long: str
    groups: int
    rows: int
    customers: int
    aware: bool
    last: int | None
    blank: dict[str, int]
    set_aside: tuple[SetAside, ...]


@contextmanager
def open_answers(
    feedback: Feedback, *, by: str | None = None, engine: Engine | None = None
) -> Iterator[OpenFeedback]:
    """Read and check the answers and hand them to an engine.

    Parameters
    ----------
    feedback : Feedback
        Where they are.
    by : str, optional
        The column with the segment.
    engine : Engine, optional
        The engine that holds a log which the answers shall be joined to; else the feedback's, else one of its
        own.

    Yields
    ------
    OpenFeedback
        The answers that fit their scales, one row each, as a table of the engine.

    Raises
    ------
    InvalidLogError
        A column is missing, or a cell cannot be what its column is declared to be.
    """
    given = engine or feedback.engine
    used: Engine = given or DuckDBEngine()
    kept: list[str] = []
    try:
        relation = used.register(feedback.source)
        _check_columns(feedback, relation, by)
        rows = used.materialise(queries.rows_sql(feedback, relation, used.snippets, by))
        kept.append(rows)
        census = _census(feedback, relation, used, rows)
        aware = _is_aware(feedback, relation, census)
        blank, set_aside = _misfits(feedback, relation, used, rows, census)
        few = census["customers"] if census["customers"] < GROUPS else None
        customers = used.materialise(customers_sql(rows, groups=None if few else GROUPS, words=used.snippets))
        kept.append(customers)
        weight = census["mean_weight"] if feedback.weight_col and census["mean_weight"] else 1.0
        long = used.materialise(queries.long_sql(feedback, rows, customers, used.snippets, weight))
        while kept:  # nothing later needs what the answers were made from
            used.drop(kept.pop())
        kept.append(long)
        yield OpenFeedback(
            feedback=feedback,
            engine=used,
            relation=relation,
            long=long,
            groups=few or GROUPS,
            rows=census["rows"],
            customers=census["customers"],
            aware=aware,
            last=census.get("last_time"),
            blank=blank,
            set_aside=set_aside,
        )
    finally:
        if given is None:
            used.close()
        else:
            for name in kept:
                used.drop(name)


def _check_columns(feedback: Feedback, relation: Relation, by: str | None) -> None:
    wanted = {
        f"{role}_col": getattr(feedback, f"{role}_col")
        for role in ("customer", "time", "touchpoint", "weight")
    }
    wanted |= {f"segment_cols[{n}]": name for n, name in enumerate(feedback.segment_cols)}
    wanted |= {f"where({name}=...)": name for name, _ in feedback.conditions}
    wanted |= {"by": by}
    for number, question in enumerate(feedback.questions):
        wanted[f"questions[{number}].column"] = question.column
        wanted[f"questions[{number}].expected_col"] = question.expected_col
        wanted |= {f"questions[{number}].where[{name!r}]": name for name in question.where}
    refuse_missing_columns(wanted, relation)
    refuse_no_times("time_col", feedback.time_col, relation, hint="turn it into timestamps first")


class _Problem(NamedTuple):
    column: str | None
    rows: int
    what: str
    hint: str


def _census(feedback: Feedback, relation: Relation, engine: Engine, rows: str) -> dict[str, Any]:
    texts = _has_text_times(feedback, relation)
    (census,) = engine.run(
        queries.survey_census_sql(feedback, rows, texts=texts), "survey_census"
    ).to_pylist()
    if not census["rows"]:
        filters = feedback.filters_in_words()
        raise InvalidLogError.because(
            "no answer is left by the filters: " + "; ".join(filters) + "."
            if filters
            else "there are no answers.",
            where=relation.label,
            hint="check period and spelling" if filters else "check how it was exported",
        )
    drop = "fill it, or leave such rows out with on_missing='drop'"
    for problem in (
        _Problem(feedback.customer_col, census["no_customer"], "have no customer", drop),
        _Problem(feedback.time_col, census.get("no_time") or 0, "have no time", drop),
        _Problem(
            feedback.time_col, census.get("unreadable") or 0,
            "have a time that cannot be read; expected ISO 8601",
            "say how times are written, for example time_format='%d/%m/%Y %H:%M'",
        ),
    ):  # fmt: skip
        if problem.rows:
            raise InvalidLogError.because(
                f"column {problem.column!r}: {problem.rows:,} of {census['rows']:,} rows {problem.what}.",
                where=relation.label,
                hint=problem.hint,
            )
    if census["no_weight"] and feedback.on_missing == "error":
        strange = engine.run(queries.strange_weights_sql(rows, _SHOWN + 1), "strange_weights").to_pylist()
        raise _no_weights(feedback, strange, census, relation)
    return dict(census)


def _no_weights(
    feedback: Feedback, strange: list[dict[str, Any]], census: dict[str, Any], relation: Relation
) -> InvalidLogError:
    seen = [
        f"{'empty' if row['raw'] is None else repr(_short(row['raw']))} ({row['n']:,})"
        for row in strange[:_SHOWN]
    ]
    shown = ", ".join([*seen, "…"] if len(strange) > _SHOWN else seen)
    commas = [row["raw"] for row in strange if row["raw"] and _DECIMAL_COMMA.fullmatch(row["raw"])]
    advice = [_decimal_comma(commas[0])] if commas else []
    return InvalidLogError.because(
        f"column {feedback.weight_col!r}: {census['no_weight']:,} of {census['rows']:,} rows have no weight "
        f"that can be read: {shown}.",
        where=relation.label,
        expected="Expected numbers from 0.",
        hint="; ".join((*advice, "on_missing='drop' leaves such rows out, counted")),
    )


def _decimal_comma(raw: str) -> str:
    return (
        f"{_short(raw)!r} has a decimal comma: write points instead, "
        "for example with pandas.read_csv(..., decimal=',')"
    )


def _has_text_times(feedback: Feedback, relation: Relation) -> bool:
    column = feedback.time_col
    return column is not None and relation.times[column] == "text" and feedback.time_format is None


def _is_aware(feedback: Feedback, relation: Relation, census: dict[str, Any]) -> bool:
    if feedback.time_col is None:
        return False
    aware = census.get("aware") or 0
    if aware not in {0, census["rows"]}:
        raise InvalidLogError.because(
            f"column {feedback.time_col!r}: {aware:,} of {census['rows']:,} times name a time zone, "
            "the others do not.",
            where=relation.label,
            expected="Expected all times with, or all without a zone.",
            hint="add the offset to the others, such as +00:00",
        )
    named = relation.times[feedback.time_col] == "aware" or "%z" in (feedback.time_format or "")
    return bool(aware) or named


def _misfits(
    feedback: Feedback, relation: Relation, engine: Engine, rows: str, census: dict[str, Any]
) -> tuple[dict[str, int], tuple[SetAside, ...]]:
    """Count blank answers and what is no score; refuse the latter unless it shall be left out."""
    found = engine.run(queries.misfits_sql(feedback, rows, engine.snippets), "misfits").to_pylist()
    blank = {q.id: 0 for q in feedback.questions}
    blank |= {feedback.questions[row["q"]].id: row["n"] for row in found if row["raw"] is None}
    aside = []
    if census["no_weight"]:
        aside.append(
            SetAside(
                kind="rows without a weight that can be read, or with a negative one",
                column=str(feedback.weight_col),
                count=census["no_weight"],
            )
        )
    asked = [(question, question.column, "answers") for question in feedback.questions]
    asked += [(question, str(question.expected_col), "expectations") for question in feedback.questions]
    for number, (question, column, what) in enumerate(asked):
        strange = [row for row in found if row["q"] == number and row["raw"] is not None]
        if not strange:
            continue
        count = sum(row["n"] for row in strange)
        if feedback.off_scale == "error":
            raise _off_scale(question, column, what, strange, count, census["rows"], relation)
        kind = f"{what} off the scale from {question.scale.low:g} to {question.scale.high:g}"
        aside.append(SetAside(kind=kind, column=column, count=count))
    return blank, tuple(aside)


def _off_scale(
    question: Question,
    column: str,
    what: str,
    strange: list[dict[str, Any]],
    count: int,
    rows: int,
    relation: Relation,
) -> InvalidLogError:
    shown = ", ".join(f"{_short(row['raw'])!r} ({row['n']:,})" for row in strange[:_SHOWN])
    more = f" and {len(strange) - _SHOWN:,} more" if len(strange) > _SHOWN else ""
    whole = "a whole number" if question.measure == "nps" else "a number"
    return InvalidLogError.because(
        f"column {column!r}: {count:,} {what} are off the scale: {shown}{more}.",
        where=relation.label,
        expected=f"Expected {whole} from {question.scale.low:g} to {question.scale.high:g}.",
        hint=_how_to_read(strange, few=2 * count < rows),
    )


def _how_to_read(strange: list[dict[str, Any]], *, few: bool) -> str:
    """Propose what off-scale cells may be: decimal commas, texts that stand for scores, codes for nothing."""
    raws = [row["raw"] for row in strange]
    commas = [raw for raw in raws if _DECIMAL_COMMA.fullmatch(raw)]
    numbers = [raw for raw in raws if _is_number(raw)]
    texts = [raw for raw in raws if raw not in commas and raw not in numbers]
    advice = []
    if commas:
        advice.append(_decimal_comma(commas[0]))
    if texts:
        advice.append(f"say which number each text stands for: values={{{_listed(texts, ': …')}}}")
    codes = raws if few and not commas else numbers  # most of a column is no code for nothing
    if codes:
        advice.append(
            f"if these codes mean that nothing was answered, declare them: blank=[{_listed(codes)}]"
        )
    return "; ".join((*advice, "off_scale='drop' leaves such answers out, counted"))


def _listed(raws: list[str], after: str = "") -> str:
    shown = [f"{_short(raw)!r}{after}" for raw in raws[:_SHOWN]]
    return ", ".join([*shown, "…"] if len(raws) > _SHOWN else shown)


def _is_number(raw: str) -> bool:
    try:
        float(raw)
    except ValueError:
        return False
    return True


def _short(text: str) -> str:
    """Cut what may be a free text: a message is no place for what a customer wrote."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def answers(feedback: Feedback, *, by: str | None = None) -> Answers:
    """How many answers of each value are there?

    Parameters
    ----------
    feedback : Feedback
        The survey.
    by : str, optional
        A column: its values become the segments that the metrics can tell apart.

    Returns
    -------
    Answers
        Counts by question, touchpoint named in the answer, segment, value and customer group, for the metrics
        of `journeymap.metrics.experience`.

    Raises
    ------
    InvalidLogError
        A column is missing; an answer lies off its scale (with ``off_scale="error"``); a customer, a time, a
        weight or a touchpoint cannot be read.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"recommend": [9, 3, 10]})
    >>> answers(Feedback(table, questions=[{"column": "recommend", "measure": "nps"}])).customers
    3
    """
    require(feedback, Feedback, "answers", hint="put the survey into a Feedback first")
    with open_answers(feedback, by=by) as opened:
        plain = f"(select *, named as touchpoint, '' as stage from {opened.long})"
        return answers_of(opened, plain, by=by)


def answers_of(
    opened: OpenFeedback, linked: str, *, by: str | None = None, linking: Linking | None = None
) -> Answers:
    """Count answers whose touchpoints are known.

    Parameters
    ----------
    opened : OpenFeedback
        The answers.
    linked : str
        The table, or bracketed query, of answers with the further columns ``stage`` and ``touchpoint`` (text,
        empty where an answer belongs to none).
    by : str, optional
        The column with the segment.
    linking : Linking, optional
        How touchpoints were found.

    Returns
    -------
    Answers
        With the tables ``answers``, ``respondents`` and, where a question has expectations, ``gaps``.
    """
    feedback, engine, groups = opened.feedback, opened.engine, opened.groups
    ids = [question.id for question in feedback.questions]
    keys: dict[str, Any] = {"question": ("q", ids.__getitem__), "touchpoint": ("touchpoint", str)}
    segment: dict[str, Any] = {"segment": ("segment", str)}
    counted = engine.run(queries.answers_sql(linked, feedback.questions), "answers")
    tables = [
        keyed_evidence("answers", counted, groups, keys | segment | {"value": ("value", lambda v: f"{v:g}")}),
        keyed_evidence(
            "respondents",
            engine.run(queries.respondents_sql(linked), "respondents"),
            groups,
            {"question": keys["question"], "stage": ("stage", str), "touchpoint": keys["touchpoint"]}
            | segment,
        ),
    ]
    if any(question.expected_col for question in feedback.questions):
        tables.append(
            keyed_evidence("gaps", engine.run(queries.gaps_sql(linked), "gaps"), groups, keys | segment)
        )
    return Answers(
        source=opened.relation.label,
        questions=tuple(feedback.questions),
        rows=opened.rows,
        customers=opened.customers,
        by=by or "",
        weighted=feedback.weight_col is not None,
        set_aside=opened.set_aside,
        blank=opened.blank,
        linking=linking or _named(opened),
        tables=tuple(tables),
    )


def _named(opened: OpenFeedback) -> Linking:
    """Count the answers that name their touchpoint themselves."""
    rows = opened.engine.run(queries.how_sql(opened.long), "how").to_pylist()
    return Linking(**{f"by_{row['how']}": row["n"] for row in rows if row["how"]})
