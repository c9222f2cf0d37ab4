"""Which answers does a table of survey rows hold, and how many of each?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journeymap.engines.protocol import Relation, Snippets
from journeymap.events.log import moment
from journeymap.events.queries.filters import filter_columns, filter_conditions
from journeymap.events.queries.millionths import MILLIONTHS
from journeymap.events.queries.row_numbers import row_number_of, said_by
from journeymap.model.answers import ALL, Question

if TYPE_CHECKING:
    from journeymap.events.feedback import Feedback

__all__ = [
    "answers_sql",
    "gaps_sql",
    "how_sql",
    "long_sql",
    "misfits_sql",
    "respondents_sql",
    "row_columns",
    "rows_sql",
    "strange_weights_sql",
    "survey_census_sql",
]

_HEAVIEST = "1e300"  # infinity and not-a-number are no weights, and sums of weights stay finite
_STEPS = 1000  # a score between whole numbers is told to a thousandth of its scale
_LEVELS = (
    ("q", "stage", "touchpoint", "segment"), ("q", "stage", "touchpoint"), ("q", "stage", "segment"),
    ("q", "stage"), ("q", "touchpoint", "segment"), ("q", "touchpoint"), ("q", "segment"), ("q",),
)  # fmt: skip


def row_columns(feedback: Feedback) -> list[str]:
    """List the columns of the source that questions read, each once."""
    wanted = [question.column for question in feedback.questions]
    wanted += [question.expected_col for question in feedback.questions if question.expected_col]
    wanted += [column for question in feedback.questions for column in question.where]
    return list(dict.fromkeys(wanted))


def rows_sql(feedback: Feedback, relation: Relation, words: Snippets, by: str | None) -> str:
    """Select one row a row of the survey, filtered, under names of our own.

    Parameters
    ----------
    feedback : Feedback
        What the columns mean, and the filters.
    relation : Relation
        The source.
    words : Snippets
        The engine's words.
    by : str or None
        The column with the segment.

    Returns
    -------
    str
        A query with ``r`` (the row), ``customer`` (text), ``t`` (microseconds, where there are times),
        ``told`` (a time is written there), ``touchpoint`` and ``segment`` (text, empty without), ``w`` (the
        weight, null where it is no finite number from 0), ``raw_w`` (the weight as text, where there are
        weights), and ``raw_0``, ``raw_1``, … (the columns of `row_columns` as text, null where empty).
    """

    def text(column: str) -> str:
        return f"nullif(trim(cast({words.quoted(column)} as string)), '')"

    columns = {
        "r": relation.order or "0",
        "customer": text(feedback.customer_col) if feedback.customer_col else "''",
    }
    if feedback.time_col is not None:
        kind = relation.times[feedback.time_col]
        time = words.quoted(feedback.time_col)
        columns["t"] = words.microseconds(time, kind, feedback.time_format)
        columns["told"] = f"({text(feedback.time_col)} is not null)"
        if kind == "text" and feedback.time_format is None:
            columns["aware"] = words.is_aware_text(time)
    columns["touchpoint"] = (
        f"coalesce({text(feedback.touchpoint_col)}, '')" if feedback.touchpoint_col else "''"
    )
    columns["segment"] = f"coalesce({text(by)}, '')" if by else "''"
    columns["w"] = "1e0"
    if feedback.weight_col:
        weight = words.number(text(feedback.weight_col))
        columns["w"] = f"case when {weight} >= 0 and {weight} < {_HEAVIEST} then {weight} end"
        columns["raw_w"] = text(feedback.weight_col)
    for number, name in enumerate(row_columns(feedback)):
        columns[f"raw_{number}"] = text(name)
    columns |= filter_columns(feedback.conditions, relation, words)
    listed = ", ".join(f"{value} as {name}" for name, value in columns.items())
    named = {name: name for name in columns if not name.startswith("where_")}
    named |= _owned(feedback, relation, [name for name in named if name not in {"r", "customer"}])
    selected = ", ".join(text if text == name else f"{text} as {name}" for name, text in named.items())
    conditions = _conditions(feedback, relation, words)
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select {selected} from (select {listed} from {relation.name}){where}"


def _owned(feedback: Feedback, relation: Relation, said: Sequence[str]) -> dict[str, str]:
    """Number the rows that have no order, and make each a customer of its own where no customer is named."""
    if relation.order is not None:
        return {} if feedback.customer_col else {"customer": "cast(r as string)"}
    owner = "customer" if feedback.customer_col else said_by(said)
    number = row_number_of(owner, said)
    name = {} if feedback.customer_col else {"customer": f"concat(cast({number} as string), ' ', {owner})"}
    return {"r": number, **name}


def _conditions(feedback: Feedback, relation: Relation, words: Snippets) -> list[str]:
    conditions = []
    if feedback.period is not None:
        start, end = (moment(value, "between").microseconds for value in feedback.period)
        conditions.append(f"(t is null or (t >= {start} and t < {end}))")
    conditions += filter_conditions(feedback.conditions, relation, words)
    if feedback.on_missing == "drop":
        conditions.append("customer is not null" if feedback.customer_col else "true")
        if feedback.time_col is not None:
            conditions.append("t is not null")
    return conditions


def survey_census_sql(feedback: Feedback, rows: str, *, texts: bool) -> str:
    """How many rows are there, by how many customers, and what is missing in them?"""
    counts = {
        "rows": "count(*)",
        "customers": "count(distinct customer)",
        "no_customer": "count(*) filter (where customer is null)",
        "no_weight": "count(*) filter (where w is null)",
        "mean_weight": "avg(w)",
    }
    if feedback.time_col is not None:
        counts["no_time"] = "count(*) filter (where not told)"
        counts["unreadable"] = "count(*) filter (where told and t is null)"
        counts["first_time"] = "min(t)"
        counts["last_time"] = "max(t)"
        if texts:
            counts["aware"] = "count(*) filter (where told and aware)"
    return "select " + ", ".join(f"{text} as {name}" for name, text in counts.items()) + f" from {rows}"


def strange_weights_sql(rows: str, most: int) -> str:
    """Which cells of the column with the weights are no weight, most frequent first?"""
    strange = f"select raw_w as raw from {rows} where w is null"
    order = "n desc, raw nulls last"
    return f"select raw, count(*) as n from ({strange}) group by raw order by {order} limit {most}"


def _score(raw: str, question: Question, words: Snippets) -> str:
    """Read a text as a score: what it stands for, else the number it is."""
    number = words.number(raw)
    if not question.values:
        return number
    cases = " ".join(f"when {words.literal(text)} then {value!r}" for text, value in question.values.items())
    return f"(case {raw} {cases} else {number} end)"


def _is_blank(raw: str, question: Question, words: Snippets) -> str:
    parts = [f"{raw} is null"]
    if question.blank:
        parts.append(f"{raw} in ({', '.join(map(words.literal, question.blank))})")
        numbers = [repr(float(code)) for code in question.blank if _is_finite(code)]
        if numbers:  # 11 is also written 11.0; inf and nan are words, which stand above
            parts.append(f"coalesce({words.number(raw)} in ({', '.join(numbers)}), false)")
    return f"({' or '.join(parts)})"


def _is_finite(code: str) -> bool:
    try:
        return math.isfinite(float(code))
    except ValueError:
        return False


def _asked(feedback: Feedback, question: Question, words: Snippets) -> str:
    """Tell which rows hold this question."""
    columns = row_columns(feedback)
    parts = []
    for column, value in question.where.items():
        raw = f"raw_{columns.index(column)}"
        parts.append(f"{raw} = {words.literal(value)}")
    return " and ".join(parts) or "true"


def _fits(score: str, question: Question) -> str:
    scale = question.scale
    whole = f" and {score} = floor({score})" if question.measure == "nps" else ""
    return f"({score} >= {scale.low!r} and {score} <= {scale.high!r}{whole})"


def misfits_sql(feedback: Feedback, rows: str, words: Snippets) -> str:
    """Which answers are no score on their question's scale, and how many are blank?

    Parameters
    ----------
    feedback : Feedback
        The questions.
    rows : str
        The table of rows.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with ``q`` (the question's number), ``raw`` (null for the blank ones) and ``n``, most first.
        What is off the scale in the column with expectations stands under the question's number + the number
        of questions; where nothing was expected is not counted.
    """
    columns = row_columns(feedback)
    parts = []
    for number, question in enumerate(feedback.questions):
        raw = f"raw_{columns.index(question.column)}"
        blank, score = _is_blank(raw, question, words), _score(raw, question, words)
        kept = f"case when {blank} then null else {raw} end"
        asked = _asked(feedback, question, words)
        parts.append(
            f"select {number} as q, {kept} as raw from {rows} "
            f"where {asked} and ({blank} or not coalesce({_fits(score, question)}, false))"
        )
        if question.expected_col:
            hoped = f"raw_{columns.index(question.expected_col)}"
            odd = f"not coalesce({_fits(_score(hoped, question, words), question)}, false)"
            parts.append(
                f"select {number + len(feedback.questions)} as q, {hoped} as raw from {rows} "
                f"where {asked} and not {blank} and not {_is_blank(hoped, question, words)} and {odd}"
            )
    misfits = " union all ".join(parts)
    return f"select q, raw, count(*) as n from ({misfits}) group by q, raw order by q, n desc, raw"


def long_sql(feedback: Feedback, rows: str, customers: str, words: Snippets, mean_weight: float) -> str:
    """Select one row an answer that fits its scale.

    Parameters
    ----------
    feedback : Feedback
        The questions.
    rows, customers : str
        The tables of rows, and of customers with their numbers and groups.
    words : Snippets
        The engine's words.
    mean_weight : float
        By what weights are divided, so that they average 1.

    Returns
    -------
    str
        A query with ``r``, ``name`` and ``customer`` (the customer as written, and the number), ``g``, ``q``,
        ``t`` (null without times), ``named`` (the touchpoint that the question, else the row names; empty
        without), ``how`` (``question``, ``column`` or empty), ``segment``, ``score``, ``norm`` (0 the bad and
        1 the good end), ``gap`` (perceived − expected, as part of the scale, better is more; null without)
        and ``w``.
    """
    columns = row_columns(feedback)
    time = "t" if feedback.time_col is not None else "cast(null as bigint)"
    parts = []
    for number, question in enumerate(feedback.questions):
        raw = f"raw_{columns.index(question.column)}"
        score = _score(raw, question, words)
        named = words.literal(question.touchpoint) if question.touchpoint else "touchpoint"
        how = "'question'" if question.touchpoint else "case when touchpoint <> '' then 'column' else '' end"
        norm = _norm("score", question)
        gap = "cast(null as double)"
        if question.expected_col:
            hoped = f"raw_{columns.index(question.expected_col)}"
            before = _score(hoped, question, words)
            known = f"not {_is_blank(hoped, question, words)} and coalesce({_fits(before, question)}, false)"
            gap = f"case when {known} then {norm} - {_norm(before, question)} end"
        inner = (
            f"select r, customer as name, {time} as t, {named} as named, {how} as how, segment, w, "
            f"{score} as score{''.join(f', raw_{n}' for n in range(len(columns)))} from {rows} "
            f"where {_asked(feedback, question, words)} and not {_is_blank(raw, question, words)} and w >= 0"
        )
        parts.append(
            f"select r, name, {number} as q, t, named, how, segment, score, {norm} as norm, {gap} as gap, w "
            f"from ({inner}) where {_fits('score', question)}"
        )
    kept = "a.r, a.name, k.customer, k.g, a.q, a.t, a.named, a.how, a.segment, a.score, a.norm, a.gap"
    each = f"({' union all '.join(parts)}) a join {customers} k on a.name = k.name"
    return f"select {kept}, a.w / {mean_weight!r} as w from {each}"


def _norm(score: str, question: Question) -> str:
    scale = question.scale
    part = f"(({score}) - {scale.low!r}) / {scale.high - scale.low!r}"
    return f"(1 - ({part}))" if scale.better == "lower" else f"({part})"


def answers_sql(linked: str, questions: Sequence[Question]) -> str:
    """How many answers of each value are there?

    Parameters
    ----------
    linked : str
        The table of answers with ``stage`` and ``touchpoint``.
    questions : sequence of Question
        For the widths of their scales.

    Returns
    -------
    str
        A query with one row a question, touchpoint, segment, value and customer group.
    """
    scales = [question.scale for question in questions]
    spans = " ".join(f"when {n} then {(s.high - s.low) / _STEPS!r}" for n, s in enumerate(scales))
    lows = " ".join(f"when {n} then {s.low!r}" for n, s in enumerate(scales))
    span, low = f"(case q {spans} end)", f"(case q {lows} end)"
    near = f"{low} + round((score - {low}) / {span}) * {span}"
    value = f"case when score = floor(score) then score else {near} end"
    sums = {
        "score": "w * score", "score_squared": "w * score * score", "weight": "w", "weight_squared": "w * w",
    }  # fmt: skip
    measures = ", ".join(f"{MILLIONTHS.format(text)} as {name}" for name, text in sums.items())
    return (
        f"select q, touchpoint, segment, value, g, count(*) as answers, {measures} "
        f"from (select q, touchpoint, segment, {value} as value, g, w, score from {linked}) "
        "group by q, touchpoint, segment, value, g order by q, touchpoint, segment, value, g"
    )


def respondents_sql(linked: str) -> str:
    """How many distinct customers answered: at each touchpoint, at each stage, in each segment, at all?"""
    sets = ", ".join(f"({', '.join((*level, 'g'))})" for level in _LEVELS)
    keys = ", ".join(f"coalesce({name}, '{ALL}') as {name}" for name in ("stage", "touchpoint", "segment"))
    # a clear name for every column, because a grouped column and its alias must not be confused
    inner = f"select q, stage, touchpoint, segment, g, customer from {linked}"
    counts = "count(*) as answers, count(distinct customer) as customers"
    levels = f"group by grouping sets ({sets})"
    grouped = f"select q, stage, touchpoint, segment, g, {counts} from ({inner}) {levels}"
    order = "order by q, stage, touchpoint, segment, g"
    return f"select q, {keys}, g, answers, customers from ({grouped}) {order}"


def how_sql(long: str) -> str:
    """How many answers are about a touchpoint that the question, or the row, names?"""
    return f"select how, count(*) as n from {long} group by how order by how"


def gaps_sql(linked: str) -> str:
    """By how much does what customers found differ from what they had expected?"""
    return (
        "select q, touchpoint, segment, g, count(*) as answers, count(distinct customer) as customers, "
        f"{MILLIONTHS.format('gap')} as gap, {MILLIONTHS.format('gap * gap')} as gap_squared "
        f"from {linked} where gap is not null "
        "group by q, touchpoint, segment, g order by q, touchpoint, segment, g"
    )
