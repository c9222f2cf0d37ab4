"""Lay service-desk tickets onto a journey."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple

from journeymap.engines.progress import progress
from journeymap.errors import InvalidLogError, MissingEvidenceError, require
from journeymap.events.contacts import contact_rules, counted_contacts
from journeymap.events.linking import read_log
from journeymap.events.log import EventLog
from journeymap.events.ticket_linking import Laid, check_touchpoints
from journeymap.events.tickets import Tickets
from journeymap.metrics.self_service import containment
from journeymap.metrics.service_outcomes import (
    escalation_rate,
    first_contact_resolution,
    reopen_rate,
    repeat_contact_rate,
)
from journeymap.metrics.service_queue import abandonment_rate, queue_wait
from journeymap.metrics.service_times import first_response_time, resolution_time
from journeymap.metrics.times import Times
from journeymap.model.business_hours import BusinessHours
from journeymap.model.contacts import Contacts
from journeymap.model.durations import duration_text, parse_duration
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate, MeasuredScore, Scale
from journeymap.model.touchpoints import Touchpoint

__all__ = ["with_tickets"]

_GOOD = {"higher": Scale(low=0, high=1), "lower": Scale(low=0, high=1, better="lower")}


def with_tickets(  # noqa: PLR0913 - every option is a keyword
    journey: Journey,
    tickets: Tickets,
    *,
    touchpoints: Mapping[str, str] | None = None,
    log: EventLog | None = None,
    window: timedelta | str | None = None,
    by: str | None = None,
    repeat_within: timedelta | str = "7 days",
    contained_within: timedelta | str | None = None,
    business_hours: BusinessHours | Mapping[str, Any] | None = None,
    observed_until: datetime | date | str | None = None,
    unknown: Literal["error", "ignore"] = "error",
) -> Journey:
    """How were customers served, and where on their journey?

    A ticket belongs to the service touchpoint that its row names, else, with `log` and `window`, to the
    customer's latest service touchpoint at or before the opening.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    tickets : Tickets
        The tickets.
    touchpoints : mapping of str to str, optional
        What the values of `touchpoint_col`, `channel_col` or `handler_col` (the first that has them) are
        called as touchpoints, such as ``{"Phone": "phone"}``. Tickets of other values name none.
    log : EventLog, optional
        The log that the journey was discovered from (or one that knows a designed journey's events). It finds
        touchpoints by time and the stage of floating touchpoints that tickets name, and tells since when
        customers could contact: `contact_rate` and `mean_contacts` then count by their time.
    window : timedelta or str, optional
        How long before the opening the touchpoint may lie: ``"2 days"``; just so long belongs. Without it no
        ticket is linked by time.
    by, repeat_within, contained_within, business_hours, observed_until
        As in `contacts`.
    unknown : {"error", "ignore"}
        What to do with tickets that name what is no service touchpoint of the journey: refuse them, or count
        them for the journey as a whole only (`TicketLinking.unknown`).

    Returns
    -------
    Journey
        A copy with `contacts`, and on its service touchpoints `scores` with intervals, as far as the tickets
        tell: medians of first response, resolution and wait in the queue in seconds (without value where half
        of the contacts did not come so far in the time seen), and shares: first-contact resolution
        (operational), repeat contacts, escalated, reopened, abandonment, contained. A touchpoint without
        contacts is as it was. What a former call laid on is replaced.

    Raises
    ------
    InvalidLogError
        Tickets or log cannot be counted; only one of them names time zones; a log is given to tickets without
        customer or opening time, or a window without log; the journey carries contacts of another table.
    MissingEvidenceError
        A window is given, but the log tells of no service touchpoint.
    UnknownNameError
        A ticket, or `touchpoints`, names what is no service touchpoint, or `touchpoints` a value that no
        ticket has.

    Notes
    -----
    Where a ticket names a floating touchpoint of an observed journey, its numbers stand on each of its
    stages; where any ticket is known to belong to one of its stages, on each stage those of that stage only.
    A contact is often an event of the log, too: it then belongs to itself, as a visit at the very time of the
    opening counts. Two tables have to be put into one first: repeat contacts go from one to the other.
    Customers are taken to be watched until the latest time in the table; one whose tickets were chosen by
    their opening has later answers but no later contacts: say so with ``tickets.between(start, end)``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> design = Journey(name="Shop", touchpoints=[{"id": "chat", "stage": "purchase", "service": True}])
    >>> table = pa.table({"who": ["a", "b"], "when": ["2024-05-01 10:00", "2024-05-01 12:00"],
    ...                   "answer": ["2024-05-01 10:05", "2024-05-01 12:20"], "about": ["chat", "chat"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", first_response_col="answer",
    ...                   touchpoint_col="about")
    >>> journey = with_tickets(design, tickets)
    >>> score = journey.touchpoint("chat").scores[0]
    >>> score.question, score.estimate.value, score.unit, journey.contacts.linking.by_column
    ('first_response', 300.0, 'seconds', 2)
    """
    require(journey, Journey, "with_tickets", hint="read or discover the journey first")
    rules = contact_rules(
        tickets,
        "with_tickets",
        by=by,
        repeat_within=repeat_within,
        contained_within=contained_within,
        business_hours=business_hours,
        observed_until=observed_until,
        touchpoints=touchpoints,
    )
    if log is not None:
        require(log, EventLog, "with_tickets", hint="put the events into an EventLog first")
    if unknown not in {"error", "ignore"}:
        raise InvalidLogError.because(
            f"unknown: {unknown!r} is no rule.", expected="Expected 'error' or 'ignore'."
        )
    within = _window(window, log, tickets)
    check_touchpoints(journey, touchpoints)
    with progress("laying tickets onto the journey", 3) as step, ExitStack() as stack:
        step("reading")
        reading = None
        if log is not None:
            reading = stack.enter_context(read_log(stack.enter_context(log.open()), journey))
        step("counting")
        found = counted_contacts(tickets, rules, Laid(journey, reading, within, unknown == "ignore"))
        _refuse_other_tables(journey, found)
        step("measuring")
        measured = _measured(journey, found)
    return journey.model_copy(update={"touchpoints": measured, "contacts": found})


def _window(window: timedelta | str | None, log: EventLog | None, tickets: Tickets) -> int | None:
    lacking = [
        (what, role)
        for what, role in (("customer", "customer_col"), ("opening time", "opened_col"))
        if role not in tickets.columns
    ]
    if log is not None and lacking:
        what, role = lacking[0]
        raise InvalidLogError.because(
            f"log: the tickets have no {what} to find in it.",
            hint=f"name the column with {role}, or leave the log out",
        )
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
    if log is None:
        raise InvalidLogError.because(
            "window: touchpoints cannot be found by time, there is no log to find them in.",
            hint="give it with log=, or leave the window out",
        )
    return span // timedelta(microseconds=1)


def _refuse_other_tables(journey: Journey, found: Contacts) -> None:
    before = journey.contacts
    if before is not None and before.source != found.source:
        raise InvalidLogError.because(
            f"the journey {journey.name!r} carries contacts of another table, {before.source}.",
            where=found.source,
            expected="Expected all tickets in one table, as repeat contacts go from one to the other.",
            hint="put the tables into one, or lay these on the journey as it was before",
        )


def _measured(journey: Journey, found: Contacts) -> tuple[Touchpoint, ...]:
    """Give service touchpoints their numbers in place of those that tickets gave before."""
    known = set(found.values("touchpoint"))
    told_apart = {one.floats_as for one in journey.touchpoints if one.floats_as and one.id in known}
    counted: dict[str, tuple[MeasuredScore, ...]] = {}

    def here(touchpoint: Touchpoint) -> tuple[MeasuredScore, ...]:
        name = touchpoint.floats_as or touchpoint.id
        if touchpoint.floats_as in told_apart:
            name = touchpoint.id
        if not touchpoint.is_service or name not in known:
            return ()
        if name not in counted:
            counted[name] = tuple(_scores(found, name))
        return counted[name]

    changed = []
    for touchpoint in journey.touchpoints:
        others = tuple(score for score in touchpoint.scores if score.source != "tickets")
        scores = (*others, *here(touchpoint))
        same = scores == touchpoint.scores
        changed.append(touchpoint if same else touchpoint.model_copy(update={"scores": scores}))
    return tuple(changed)


class _Measure(NamedTuple):
    """A number of the tickets: its id, its name, how it is measured, and, of a share, its good end."""

    key: str
    name: str
    found: Callable[..., Times | Estimate]
    better: Literal["higher", "lower"] | None = None


def _measures(found: Contacts) -> Iterator[_Measure]:
    """List what may be measured, each with its name."""
    columns = found.columns
    yield _Measure("first_response", "First response time, median", first_response_time)
    human = partial(first_response_time, clock="human")
    yield _Measure("first_human_response", "First response by a person, median", human)
    if found.business_hours is not None:
        opened = partial(first_response_time, hours="business")
        yield _Measure("first_response_business", "First response in business hours, median", opened)
    last: Any = "full" if "resolved_col" in columns else "first"
    yield _Measure("resolution", "Resolution time, median", partial(resolution_time, definition=last))
    yield _Measure("queue_wait", "Wait in the queue, median", queue_wait)
    fcr = partial(first_contact_resolution, definition="operational")
    yield _Measure("fcr", "First-contact resolution, operational", fcr, "higher")
    repeat = f"Repeat contacts within {duration_text(found.repeat_within)}"
    yield _Measure("repeat_contacts", repeat, repeat_contact_rate, "lower")
    yield _Measure("abandonment", "Abandonment", abandonment_rate, "lower")
    yield _Measure("reopened", "Reopened", reopen_rate, "lower")
    yield _Measure("escalated", "Escalated", escalation_rate, "lower")
    kept = partial(containment, definition="containment")
    yield _Measure("containment", "Contained by self-service", kept, "higher")


def _scores(found: Contacts, touchpoint: str) -> Iterator[MeasuredScore]:
    """Measure what can be measured at a touchpoint."""
    for measure in _measures(found):
        try:
            value = measure.found(found, touchpoint=touchpoint)
        except MissingEvidenceError:
            continue
        estimate = value.median if isinstance(value, Times) else value
        if estimate.n:
            yield MeasuredScore(
                question=measure.key,
                name=measure.name,
                scale=None if measure.better is None else _GOOD[measure.better],
                estimate=estimate,
                unit="seconds" if measure.better is None else "share",
                source="tickets",
            )
