"""Discover the journey that customers really live from a log of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from journeymap.engines.answer_files import AnswerSource
from journeymap.engines.progress import progress
from journeymap.engines.protocol import Engine
from journeymap.errors import InvalidLogError, require
from journeymap.events.asked import with_answers
from journeymap.events.assemble import Counts, assembled
from journeymap.events.catalogue import Catalogue, catalogue_of, uses_channels
from journeymap.events.census import Census, take_census
from journeymap.events.counting import count_steps
from journeymap.events.counting_rules import CountingRules, exact_waits
from journeymap.events.graph_counts import count_graph, graph_plan
from journeymap.events.log import FLAGS, EventLog, OpenLog, moment
from journeymap.events.queries.steps import (
    GROUPS,
    StepsPlan,
    customers_sql,
    step_rows,
    steps_sql,
)
from journeymap.events.queries.wait_quantiles import gap_sql
from journeymap.model.durations import parse_duration
from journeymap.model.journey import Journey

__all__ = ["discover_journey"]

LOST_QUANTILE = 0.99
_UNMAPPED = ("error", "ignore", "keep")
_MICROSECOND = timedelta(microseconds=1)


def discover_journey(  # noqa: PLR0913 - everything that says what is counted
    log: EventLog,
    design: Journey | None = None,
    *,
    goal: str | Sequence[str] | None = None,
    lost_after: timedelta | str | None = None,
    observed_until: datetime | date | str | None = None,
    new_journey_after: timedelta | str | None = None,
    unmapped: Literal["error", "ignore", "keep"] = "error",
    evidence: bool = True,
    counts: AnswerSource | None = None,
) -> Journey:
    """Which journey do customers really live?

    Every visit, transition, wait and exit is counted in the engine, per group of customers; only counts
    come back.

    Parameters
    ----------
    log : EventLog
        The events.
    design : Journey, optional
        A designed journey that says which raw event belongs to which touchpoint and stage, what is
        service and what is the goal. Without one every raw event is its own touchpoint in the stage
        ``unassigned``.
    goal : str or sequence of str, optional
        Touchpoint ids, or one stage id: the first event there wins the journey; the design's when left out.
    lost_after : timedelta or str, optional
        A journey without goal is lost when its last event is at least this old at the end of the
        observation, else open; the design's when left out, else the 99th percentile of the gaps within
        journeys.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else its latest event.
    new_journey_after : timedelta or str, optional
        A longer gap between two events of a customer starts a new journey (a gap equal to it does not).
    unmapped : {"error", "ignore", "keep"}
        What to do with raw events that no touchpoint names: refuse, leave out, or keep as touchpoints of
        their own in the stage ``unassigned``. They are reported with their counts in any case.
    evidence : bool
        Whether everything is counted by customer group, too, which intervals, friction, service and funnels
        are made from. False counts the graph alone: about twice as fast, with fewer queries, for a first
        look at a very large log.
    counts : str, Path or mapping of str to pyarrow.Table, optional
        The answers to the queries of `queries_of`, where somebody else ran them: a folder with one file a
        query, or tables by their keys. The source of the log is then the name of a table, and nothing runs.

    Returns
    -------
    Journey
        Observed: touchpoints with visits, transitions with counts, shares and waits, what was counted
        (``observation``), and the counts by customer group (``evidence``). A floating touchpoint becomes
        one touchpoint for each stage that journeys had reached when they came to it, ``phone@purchase``.
        Without evidence transitions tell no distinct customers, and nothing has an interval.

    Raises
    ------
    InvalidLogError
        The log cannot be counted: a column is missing, times are mixed, no event belongs to the design.
    UnansweredError
        `counts` lacks answers, or has those to other queries.

    Notes
    -----
    A wait runs from the end of one event (its time, where the log has no ends) to the start of the next;
    overlaps count as no wait. Shares have Wilson intervals at the effective sample size, medians have
    Woodruff intervals; both take the customer as the unit of independence.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a", "b"], "what": ["ad", "pay", "ad"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-01"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = discover_journey(log, goal="pay")
    >>> journey.graph.edges["ad", "pay"]["transition"].share
    0.5
    """
    require(log, EventLog, "discover_journey", hint="put the events into an EventLog first")
    if design is not None:
        require(
            design, Journey, "discover_journey", hint="read the design first: read_journey('design.yaml')"
        )
    rules = _rules(design, goal, lost_after, observed_until, new_journey_after, unmapped, evidence=evidence)
    if counts is not None:
        return with_answers(lambda answered: _discovered(answered, design, rules), log, counts)
    return _discovered(log, design, rules)


def _discovered(log: EventLog, design: Journey | None, rules: CountingRules) -> Journey:
    with progress("discovering the journey", 6 if rules.evidence else 5) as step, log.open() as opened:
        engine = opened.engine
        step("reading the events")
        census = take_census(opened, by_channel=uses_channels(design), by_group=rules.evidence)
        catalogue = catalogue_of(census.raw, design, rules.goal, unmapped=rules.unmapped, label=opened.label)
        plan = _plan(opened, census, catalogue, rules)
        plan = plan if rules.evidence else graph_plan(plan)
        step("putting them in order")
        ordered = opened.keep(engine.materialise(steps_sql(plan, engine.snippets), "steps"))
        steps = step_rows(plan, ordered)
        rules = replace(rules, observed_until=_observed_until(opened, census, rules))
        rules = _with_lost_after(rules, engine, steps, census.events)
        count = count_steps if rules.evidence else count_graph
        counts = count(engine, plan, catalogue, steps, rules, step, events=census.events)
        step("putting the journey together")
        _refuse_moved(opened, census, catalogue, counts)
        return assembled(design, catalogue, census, counts, plan, log)


def _rules(
    design: Journey | None,
    goal: str | Sequence[str] | None,
    lost_after: timedelta | str | None,
    observed_until: datetime | date | str | None,
    new_journey_after: timedelta | str | None,
    unmapped: Literal["error", "ignore", "keep"],
    *,
    evidence: bool,
) -> CountingRules:
    if unmapped not in _UNMAPPED:
        raise InvalidLogError.because(
            f"unmapped: {unmapped!r} is no rule.", expected=f"Expected one of: {', '.join(_UNMAPPED)}."
        )
    goals = (goal,) if isinstance(goal, str) else tuple(goal or ())
    called = _span(lost_after, "lost_after")
    designed = design.lost_after if design else None
    source: Literal["call", "design", "data"] = (
        "call" if called is not None else "data" if designed is None else "design"
    )
    until = None if observed_until is None else moment(observed_until, "observed_until").microseconds
    return CountingRules(
        goal=goals or (design.goal if design else ()),
        lost_after=called if called is not None else designed,
        lost_after_source=source,
        observed_until=until,
        new_journey_after=_span(new_journey_after, "new_journey_after"),
        unmapped=unmapped,
        evidence=evidence,
    )


def _span(value: timedelta | str | None, what: str) -> timedelta | None:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"{what}: {error}.", hint="write 14 days or 90 minutes") from error
    if span is not None and (not isinstance(span, timedelta) or span < timedelta(0)):
        raise InvalidLogError.because(
            f"{what}: {value!r} is no span of time.", hint="write 14 days or 90 minutes"
        )
    return span


def _plan(opened: OpenLog, census: Census, catalogue: Catalogue, rules: CountingRules) -> StepsPlan:
    engine, log = opened.engine, opened.log
    time_type = opened.relation.columns[log.time_col]
    return StepsPlan(
        events=census.table,
        codes=opened.keep(engine.add_rows(catalogue.code_types, catalogue.codes, "codes")),
        customers=_numbered(opened, census) if rules.evidence else "",
        groups=census.customers or GROUPS,
        by_channel=catalogue.by_channel,
        has_goal=catalogue.has_goal,
        has_floating=catalogue.has_floating,
        fixed=catalogue.fixed,
        ranks=catalogue.ranks,
        has_ranks=any(state.rank is not None for state in catalogue.states),
        has_end=log.end_col is not None,
        has_fine=engine.snippets.fine_order("t", time_type) is not None,
        has_journey=log.journey_col is not None,
        has_feeling=log.feeling_col is not None,
        has_agent=log.agent_col is not None,
        has_last=False,  # whoever has won is not lost, however old the last event
        flags=tuple(role for role in FLAGS if getattr(log, f"{role}_col") is not None),
        split_after=None if rules.new_journey_after is None else rules.new_journey_after // _MICROSECOND,
    )


def _numbered(opened: OpenLog, census: Census) -> str:
    """Number few customers, each a group of its own; the keys of many are made from their ids."""
    if census.customers is None:
        return ""
    asked = customers_sql(census.table, groups=None, words=opened.engine.snippets)
    return opened.keep(opened.engine.materialise(asked, "customers"))


def _observed_until(opened: OpenLog, census: Census, rules: CountingRules) -> int:
    if rules.observed_until is not None:
        if rules.observed_until < census.last:
            raise InvalidLogError.because(
                "observed_until lies before the latest event.",
                where=opened.label,
                hint="leave later events out with between(start, end)",
            )
        return rules.observed_until
    period = opened.log.period
    return moment(period[1], "between").microseconds if period else census.last


def _with_lost_after(rules: CountingRules, engine: Engine, steps: str, events: int) -> CountingRules:
    if rules.lost_after is not None:
        return rules
    asked = gap_sql(steps, LOST_QUANTILE, engine.snippets, exact=exact_waits(events))
    found = engine.run(asked, "gap").column(0)[0].as_py()
    gap = 0 if found is None else round(found)
    return replace(rules, lost_after=timedelta(microseconds=gap), lost_after_source="data")


def _refuse_moved(opened: OpenLog, census: Census, catalogue: Catalogue, counts: Counts) -> None:
    """Refuse events that came or went between two queries: the counts would not fit together."""
    coded = {(row[0], row[1] if catalogue.by_channel else "") for row in catalogue.codes}
    before = sum(
        raw.count
        for raw in census.raw
        if (raw.event, (raw.channel or "") if catalogue.by_channel else "") in coded
    )
    after = sum(counts.journeys["events"].to_pylist())
    if before != after:
        raise InvalidLogError.because(
            f"there were {before:,} events at first and {after:,} later: the log changed meanwhile.",
            expected="Expected the same events for every query.",
            where=opened.label,
            hint="count a period that is over, with between(start, end)",
        )
