"""Read a log once more as a journey was discovered from it, for counts that not everybody needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from journeymap.engines.protocol import Engine
from journeymap.errors import InvalidLogError, MissingEvidenceError, UnknownNameError, nearest, require
from journeymap.events.catalogue import Catalogue
from journeymap.events.linking import read_log
from journeymap.events.log import EventLog, OpenLog
from journeymap.events.queries.census import log_size_sql
from journeymap.events.queries.steps import StepsPlan, segmented_sql, step_rows, steps_sql
from journeymap.model.evidence import EvidenceTable, no_evidence
from journeymap.model.journey import Journey, Observation

__all__ = ["StepsReading", "read_steps", "with_evidence"]

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class StepsReading:
    """The steps of a log, counted by the rules of a journey.

    Parameters
    ----------
    journey : Journey
        The journey.
    engine : Engine
        Where they are.
    plan : StepsPlan
        What the log and the journey have.
    catalogue : Catalogue
        The states; the number of a step's ``state`` is the place in ``catalogue.states``.
    table : str
        The steps, a bracketed query: the columns of `journeymap.events.queries.steps.step_rows`.
    events : int
        How many they are.
    log : OpenLog
        The log.
    cut : int
        A journey without goal whose last event is not after this time (microseconds) is lost.
    until : int
        The end of the observation, in microseconds.
    """

    journey: Journey
    engine: Engine
    plan: StepsPlan
    catalogue: Catalogue
    table: str
    events: int
    log: OpenLog
    cut: int
    until: int

    @property
    def nodes(self) -> list[str]:
        """The id of every state, by its number."""
        return [state.node for state in self.catalogue.states]


@contextmanager
def read_steps(
    journey: Journey, log: EventLog, caller: str, *, with_times: bool = False, by: str | None = None
) -> Iterator[StepsReading]:
    """Put the events of a log in order again, by the rules that a journey was discovered by.

    Parameters
    ----------
    journey : Journey
        Discovered from this log.
    log : EventLog
        The log, with the same filters.
    caller : str
        The function that asks, for messages.
    with_times : bool
        Whether steps carry the times of the event and, where the log has it, its channel.
    by : str, optional
        One of the log's `segment_cols`: steps carry the ``segment`` of the customer, its value at the
        customer's first event. So every customer is in one segment, also where the value changes later.

    Yields
    ------
    StepsReading
        The steps; their tables are dropped afterwards.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, or discovered without evidence.
    InvalidLogError
        The log has other filters or other events than the journey was discovered with, tells journeys apart
        otherwise, or cannot be counted.
    UnknownNameError
        `by` is no column of segments.
    """
    require(journey, Journey, caller, hint="discover it from the log first: discover_journey(log)")
    require(log, EventLog, caller, hint="hand over the log that the journey was discovered from")
    seen = _seen(journey, log)
    if by is not None:
        _refuse_unknown_segments(log, by)
    with ExitStack() as kept:
        opened = kept.enter_context(log.open())
        reading = kept.enter_context(read_log(opened, journey, value=by, with_ids=by is not None))
        engine = reading.engine
        catalogue = reading.catalogue
        plan = replace(
            reading.plan,
            has_goal=catalogue.has_goal,
            has_ranks=any(state.rank is not None for state in catalogue.states),
            has_times=with_times,
            has_channel=with_times and log.channel_col is not None,
        )
        if by is not None:
            plan = replace(plan, customers=engine.materialise(segmented_sql(plan)), has_segment=True)
            kept.callback(engine.drop, plan.customers)
        kept_steps = engine.materialise(steps_sql(plan, engine.snippets))
        kept.callback(engine.drop, kept_steps)
        table = step_rows(plan, kept_steps)
        until = _microseconds(seen.observed_until)
        events = _refuse_another(journey, engine, table, opened.label)
        yield StepsReading(
            journey=journey,
            engine=engine,
            plan=plan,
            catalogue=catalogue,
            table=table,
            events=events,
            log=opened,
            cut=until - seen.lost_after // _MICROSECOND,
            until=until,
        )


def _refuse_unknown_segments(log: EventLog, by: str) -> None:
    if by in log.segment_cols:
        return
    if not log.segment_cols:
        raise UnknownNameError.because(
            f"by: the log tells no segments apart, so not by {by!r}.",
            expected="Expected a column of segments.",
            hint=f"name it with EventLog(..., segment_cols=[{by!r}])",
        )
    close = nearest(str(by), log.segment_cols)
    raise UnknownNameError.because(
        f"by: the log has no column of segments {by!r}.",
        expected=f"Expected one of: {', '.join(log.segment_cols)}.",
        hint=f"did you mean {close!r}?" if close else f"name it with EventLog(..., segment_cols=[{by!r}])",
    )


def _seen(journey: Journey, log: EventLog) -> Observation:
    if journey.observation is None:
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} was designed, not counted from events.",
            expected="Expected an observed journey.",
            hint="discover the journey from a log: discover_journey(log, design)",
        )
    if journey.observation.groups == 0:
        raise no_evidence(journey.name)
    if journey.observation.filters != log.filters_in_words():
        told = [", ".join(f) or "no filter" for f in (journey.observation.filters, log.filters_in_words())]
        raise InvalidLogError.because(
            f"journey {journey.name!r} was discovered with {told[0]}, this log has {told[1]}.",
            expected="Expected the same events.",
            hint="hand over the log that the journey was discovered from",
        )
    return journey.observation


def _refuse_another(journey: Journey, engine: Engine, table: str, label: str) -> int:
    """Count the events; refuse a log that is not the one the journey was counted from."""
    seen = journey.observation
    found = engine.run(log_size_sql(table), "log_size")
    if seen is not None and not isinstance(found, pa.Table):  # others will answer: compared when they have
        return seen.events
    events, customers = (found.column(place)[0].as_py() for place in range(2))
    if seen is not None and (events, customers) != (seen.events, seen.customers):
        raise InvalidLogError.because(
            f"journey {journey.name!r} was discovered from {seen.events:,} events of {seen.customers:,} "
            f"customers, this log has {events:,} of {customers:,}.",
            expected="Expected the same events.",
            hint="hand over the log that the journey was discovered from",
            where=label,
        )
    return int(events)


def _microseconds(time: datetime) -> int:
    zone = UTC if time.tzinfo else None
    return (time - datetime(1970, 1, 1, tzinfo=zone)) // _MICROSECOND


def with_evidence(journey: Journey, *tables: EvidenceTable) -> Journey:
    """Put tables beside the evidence of a journey; one of the same name is replaced.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    *tables : EvidenceTable
        The tables.

    Returns
    -------
    Journey
        A copy that knows more.
    """
    names = {table.name for table in tables}
    kept = tuple(table for table in journey.evidence if table.name not in names)
    return journey.model_copy(update={"evidence": (*kept, *tables)})
