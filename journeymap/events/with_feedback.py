"""Lay survey answers onto a journey."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Literal

import pyarrow as pa

from journeymap.engines.progress import progress
from journeymap.errors import InvalidLogError, UnknownNameError, nearest, require
from journeymap.events.answers import OpenFeedback, answers_of, open_answers
from journeymap.events.feedback import Feedback
from journeymap.events.linking import Linked, LinkRules, LogReading, link, read_log
from journeymap.events.log import EventLog
from journeymap.events.merged_answers import beside, joined
from journeymap.events.parts import group_parts
from journeymap.events.queries import feelings as queries
from journeymap.events.queries.linking import linked_sql, places_of_sql
from journeymap.events.queries.steps import coded_sql, moments_sql
from journeymap.events.scored import scored
from journeymap.events.tables import keyed_evidence
from journeymap.model.answers import Answers
from journeymap.model.durations import parse_duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.stages import UNASSIGNED
from journeymap.model.touchpoints import STATE_MARK

__all__ = ["answer_window", "feeling_questions", "refuse_mixed_times", "with_feedback"]

_SEGMENT: dict[str, Any] = {"segment": ("segment", str)}


def with_feedback(
    journey: Journey,
    feedback: Feedback,
    *,
    log: EventLog | None = None,
    window: timedelta | str | None = None,
    by: str | None = None,
    feeling_from: str | Sequence[str] | None = None,
    unknown: Literal["error", "ignore"] = "error",
) -> Journey:
    """How did customers answer, and where on their journey?

    An answer belongs to the touchpoint that its question names, else to the one that its row names, else,
    with `log` and `window`, to the customer's latest touchpoint at or before the answer.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    feedback : Feedback
        The survey.
    log : EventLog, optional
        The log that the journey was discovered from (or one that knows a designed journey's events). It finds
        touchpoints by time, the stage of floating touchpoints that answers name, journeys, and customers who
        did not answer.
    window : timedelta or str, optional
        How long before an answer the touchpoint may lie: ``"7 days"``; just so long belongs. Without it no
        answer is linked by time.
    by : str, optional
        A column of the survey: its values become the segments that the metrics can tell apart.
    feeling_from : str or sequence of str, optional
        Questions whose scores shall stand for the feeling, mapped linearly: the bad end of their scale is −2,
        the good end +2. Questions with measure ``"feeling"`` always do.
    unknown : {"error", "ignore"}
        What to do with answers that name a touchpoint which the journey does not have: refuse them, or count
        them for the journey as a whole only (`Linking.unknown`).

    Returns
    -------
    Journey
        A copy with `answers`, and on its touchpoints `measured_feeling` (and `feeling`) and `scores`, one for
        each other question, with intervals. A touchpoint without answers is as it was.

    Raises
    ------
    InvalidLogError
        The survey or the log cannot be counted; only one of them names time zones; a window is given without
        log or without times; the journey already carries answers to a question of this id, or by another
        column.
    UnknownNameError
        An answer names a touchpoint, or `feeling_from` a question, that there is not.

    Notes
    -----
    Where an answer names a floating touchpoint, the log tells at which stage the customer was last there;
    without log, the estimate stands on each of its stages. Answers before the customer's first visit, or of
    customers who never came, belong to no stage; where others do, the definition of their estimates says how
    many these are. Dates without a time of day count as midnight:
    what happened on that day is then later than the answer. Feelings along a journey (table ``curves``) come
    from the answers, those of a customer together, or with a log those of a journey (an answer belongs to the
    journey of the event before it); where no question asks for feelings, from the log's own. Answers of one
    time, or without times, are in the order of their touchpoints (by stage, then as the journey lists them),
    never in that of the questions; those about one touchpoint count as one. Where a touchpoint or its stage
    is not known either, the journey has no end, and is left out of peak–end.

    A second survey may be laid on in a second call. Each is counted by itself: rows and customers add up, and
    tables about whole customers (``curves``, ``consistency``, ``coverage``) and feelings at a touchpoint are
    those of the survey that was laid on last and has them.

    Examples
    --------
    >>> import pyarrow as pa
    >>> design = Journey(name="Shop", touchpoints=[{"id": "pay", "stage": "purchase"}])
    >>> table = pa.table({"who": ["a", "b"], "easy": [6, 7], "about": ["pay", "pay"]})
    >>> survey = Feedback(table, customer_col="who", touchpoint_col="about",
    ...                   questions={"column": "easy", "measure": "ces", "version": "2.0"})
    >>> journey = with_feedback(design, survey)
    >>> journey.touchpoint("pay").scores[0].estimate.value, journey.answers.linking.by_column
    (6.5, 2)
    """
    require(journey, Journey, "with_feedback", hint="read or discover the journey first")
    require(feedback, Feedback, "with_feedback", hint="put the survey into a Feedback first")
    if log is not None:
        require(log, EventLog, "with_feedback", hint="put the events into an EventLog first")
    if unknown not in {"error", "ignore"}:
        raise InvalidLogError.because(
            f"unknown: {unknown!r} is no rule.", expected="Expected 'error' or 'ignore'."
        )
    rules = LinkRules(
        window=answer_window(window, log, feedback),
        feelings=feeling_questions(feedback, feeling_from),
        ignore_unknown=unknown == "ignore",
    )
    if log is not None and feedback.customer_col is None:
        raise InvalidLogError.because(
            "log: the answers have no customer to find in it.",
            hint="name the column with customer_col, or leave the log out",
        )
    with progress("laying answers onto the journey", 3) as step, ExitStack() as stack:
        step("reading")
        reading = None
        if log is not None:
            reading = stack.enter_context(read_log(stack.enter_context(log.open()), journey))
        opened = stack.enter_context(
            open_answers(feedback, by=by, engine=reading.engine if reading else None)
        )
        refuse_mixed_times(opened, reading)
        step("finding touchpoints")
        linked = stack.enter_context(link(opened, journey, rules, reading))
        step("counting")
        counted = _counted(opened, linked, rules, reading, by, journey)
        spots = _all(
            opened.engine.run(queries.spots_sql(part, linked.places, rules.feelings), "spots")
            for part in linked.parts
        )
        touchpoints = scored(journey, feedback, spots, linked.spots, rules.feelings)
    answers = counted if journey.answers is None else joined(journey.answers, counted)
    return journey.model_copy(update={"touchpoints": touchpoints, "answers": answers})


def answer_window(window: timedelta | str | None, log: EventLog | None, feedback: Feedback) -> int | None:
    """Read how long before an answer its touchpoint may lie, in microseconds; see `with_feedback`."""
    if window is None:
        return None
    try:
        span = parse_duration(window)
    except ValueError as error:
        raise InvalidLogError.because(f"window: {error}.", hint="write 7 days or 90 minutes") from error
    if not isinstance(span, timedelta) or span < timedelta(0):
        raise InvalidLogError.because(
            f"window: {window!r} is no span of time.", hint="write 7 days or 90 minutes"
        )
    if log is None or feedback.time_col is None:
        lacking, parameter = ("log to find them in", "log=") if log is None else ("time", "time_col")
        raise InvalidLogError.because(
            f"window: touchpoints cannot be found by time, the answers have no {lacking}.",
            hint=f"give it with {parameter}, or leave the window out",
        )
    return span // timedelta(microseconds=1)


def feeling_questions(feedback: Feedback, feeling_from: str | Sequence[str] | None) -> tuple[int, ...]:
    """Number the questions whose scores are feelings."""
    chosen = (feeling_from,) if isinstance(feeling_from, str) else tuple(feeling_from or ())
    ids = [question.id for question in feedback.questions]
    for name in chosen:
        if name not in ids:
            close = nearest(name, ids)
            raise UnknownNameError.because(
                f"feeling_from: no question {name!r}.",
                expected=f"Expected one of: {', '.join(ids)}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
    return tuple(
        number
        for number, question in enumerate(feedback.questions)
        if question.measure == "feeling" or question.id in chosen
    )


def refuse_mixed_times(opened: OpenFeedback, reading: LogReading | None) -> None:
    """Refuse answers and a log of which only one names time zones."""
    if reading is None or opened.feedback.time_col is None or opened.aware == reading.aware:
        return
    with_zone, without = ("log", "answers") if reading.aware else ("answers", "log")
    raise InvalidLogError.because(
        f"the times of the {with_zone} name a time zone, those of the {without} do not.",
        where=opened.relation.label,
        expected="Expected both with, or both without a zone.",
        hint="add the offset to the others, such as +00:00",
    )


def _counted(
    opened: OpenFeedback,
    linked: Linked,
    rules: LinkRules,
    reading: LogReading | None,
    by: str | None,
    journey: Journey,
) -> Answers:
    """Count the answers, one part of the customers after the other."""
    engine = opened.engine
    found = [
        answers_of(opened, f"({linked_sql(part, linked.places)})", by=by, linking=linked.linking)
        for part in linked.parts
    ]
    tables = [beside(tables) for tables in zip(*(one.tables for one in found), strict=True)]
    if rules.feelings:
        turns = engine.add_rows({"place": "integer", "turn": "integer"}, _turns(opened, linked, journey))
        felt = (queries.felt_answers_sql(part, rules.feelings, turns) for part in linked.parts)
        curves = _all(engine.run(queries.curves_sql(feelings), "curves") for feelings in felt)
        engine.drop(turns)
        tables.append(keyed_evidence("curves", curves, opened.groups, _SEGMENT))
    elif reading is not None and reading.plan.has_feeling:
        tables.append(_felt_events(reading))
    spread = _all(engine.run(queries.consistency_sql(part), "consistency") for part in linked.parts)
    tables.append(keyed_evidence("consistency", spread, opened.groups, _SEGMENT))
    if reading is not None:
        covered = engine.run(queries.covered_sql(reading.plan.customers, linked.answered), "covered")
        tables.append(keyed_evidence("coverage", covered, reading.plan.groups, {"unit": ("unit", str)}))
    feelings = tuple(opened.feedback.questions[number].id for number in rules.feelings)
    return found[0].model_copy(update={"tables": tuple(tables), "feelings": feelings})


def _turns(opened: OpenFeedback, linked: Linked, journey: Journey) -> list[tuple[int, int]]:
    """Number the places that have a stage by stage, and within it as the journey lists its touchpoints."""
    stages = {stage.id: turn for turn, stage in enumerate(journey.stages) if stage.id != UNASSIGNED.id}
    listed = {touchpoint.id: turn for turn, touchpoint in enumerate(journey.touchpoints)}
    found = []
    for row in opened.engine.run(places_of_sql(linked.places), "places_of").to_pylist():
        if row["stage"] in stages:
            name = row["touchpoint"]
            at = listed.get(name, listed.get(name.partition(STATE_MARK)[0], len(listed)))
            found.append(((stages[row["stage"]], at, name), row["place"]))
    return [(place, turn) for turn, (_, place) in enumerate(sorted(found))]


def _felt_events(reading: LogReading) -> EvidenceTable:
    """Count the feelings that the log itself recorded."""
    engine, plan = reading.engine, reading.plan
    coded = engine.materialise(coded_sql(plan, engine.snippets))
    tables = []
    for part in group_parts(engine, reading.plan.groups, reading.events):
        moments = moments_sql(plan, f"(select * from {coded} where {part})")
        tables.append(engine.run(queries.curves_sql(queries.felt_events_sql(moments)), "curves"))
    engine.drop(coded)
    return keyed_evidence("curves", _all(tables), reading.plan.groups, _SEGMENT)


def _all(tables: Iterable[pa.Table]) -> pa.Table:
    """Put the rows of several parts one after the other."""
    return pa.concat_tables(list(tables))
