"""How good is customer service, help at a moment: which numbers of it can be given?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

from journeymap.errors import JourneyMapError
from journeymap.metrics.contact_counts import chosen
from journeymap.metrics.contact_rate import contact_rate
from journeymap.metrics.experience import human_and_support
from journeymap.metrics.scorecard_scope import Scope, attempted, needed, question_rows
from journeymap.metrics.self_service import containment
from journeymap.metrics.service_outcomes import (
    escalation_rate,
    first_contact_resolution,
    reopen_rate,
    repeat_contact_rate,
)
from journeymap.metrics.service_queue import abandonment_rate
from journeymap.metrics.service_times import first_response_time, resolution_time
from journeymap.metrics.times import Times
from journeymap.model.contacts import Contacts
from journeymap.model.durations import duration_text
from journeymap.model.measures import Estimate, Scale
from journeymap.model.scorecard import ScorecardRow, Unit
from journeymap.model.touchpoints import SELF_SERVICE

__all__ = ["service_rows"]

_UNIT_SCALE = Scale(low=0, high=1)
_PER = "30 days"
_NO_TICKETS = "tickets are needed: with_tickets(journey, tickets)"
_NO_ANSWERS = "answers are needed: with_feedback(journey, feedback)"
_NO_CONTACT = "there is no such contact"
_NOT_AT_STAGE = (
    "no contact belongs to a touchpoint of this stage: declare touchpoint_col or channel_col in Tickets"
)
_NOT_BY_SEGMENT = "the tickets do not tell this segment apart: with_tickets(journey, tickets, by=...)"
_RESOLVED = "resolved"
_HALF = 0.5


def service_rows(scope: Scope) -> Iterator[ScorecardRow]:
    """Measure customer service.

    Parameters
    ----------
    scope : Scope
        Which part of the journey.

    Yields
    ------
    ScorecardRow
        Times first, then how contacts end, how many there are, and how customers found the help.
    """
    contacts, filters, reason = _contacts(scope)
    yield from _time_rows(scope, contacts, filters, reason)
    yield from _outcome_rows(scope, contacts, filters, reason)
    yield from _answer_rows(scope)


def _contacts(scope: Scope) -> tuple[Contacts | None, dict[str, Any], str]:
    """Which contacts are meant, or why are there none?"""
    contacts = scope.contacts
    if contacts is None:
        return None, {}, _NO_TICKETS
    if not scope.told_apart(contacts):
        return None, {}, _NOT_BY_SEGMENT
    filters: dict[str, Any] = {"segment": scope.segment, "level": scope.level}
    if scope.stage is not None:
        there = scope.served
        if not there:
            return None, {}, _NOT_AT_STAGE
        filters["touchpoint"] = there
    return contacts, filters, ""


def _service(key: str, name: str, found: tuple[Estimate, str], **more: Any) -> ScorecardRow:
    estimate, missing = found
    return ScorecardRow(family="service", key=key, name=name, estimate=estimate, missing=missing, **more)


def _time_rows(
    scope: Scope, contacts: Contacts | None, filters: dict[str, Any], reason: str
) -> Iterator[ScorecardRow]:
    for key, name, done, measure in _clocks(contacts, filters):
        times, missing = _times(measure, contacts, reason)
        yield _quantile(key, name, times, _HALF, done, scope, missing)
        if done != _RESOLVED:
            yield _quantile(f"{key}_p90", name, times, 0.9, done, scope, missing)
            continue
        span = duration_text(scope.resolved_within)
        rate = (_unknown(scope), missing)
        if times is not None:
            unseen = f"nobody was watched for {span}"
            rate = attempted(partial(times.share_within, scope.resolved_within), scope.level, unseen)
        yield _service("resolution_rate", f"Resolved within {span}", rate)


def _clocks(
    contacts: Contacts | None, filters: dict[str, Any]
) -> Iterator[tuple[str, str, str, Callable[[Contacts], Times]]]:
    """Name the clocks that the tickets have, each with what stops it."""
    columns = contacts.columns if contacts is not None else {}
    first, human = partial(first_response_time, **filters), "first_human_response_col" in columns
    if "first_response_col" in columns or not human:
        yield "first_response", "First response time", "answered", first
        if contacts is not None and contacts.business_hours is not None:
            name = "First response in business hours"
            yield "first_response_business", name, "answered", partial(first, hours="business")
    if human:
        name = "First response by a person"
        yield "first_human_response", name, "answered by a person", partial(_by_a_person, filters=filters)
    resolved = partial(resolution_time, definition=_resolution(columns), **filters)
    yield "resolution", "Resolution time", _RESOLVED, resolved


def _by_a_person(contacts: Contacts, filters: dict[str, Any]) -> Times:
    """Time the answers by people: a session that self-service solved alone never waits for one."""
    handlers = contacts.values("handler")
    served = [one for one in handlers if one in SELF_SERVICE]
    if not served:
        return first_response_time(contacts, clock="human", **filters)
    others = [one for one in handlers if one not in SELF_SERVICE]
    found = first_response_time(contacts, clock="human", handler=[*others, ""], **filters)
    # who the others are may be a long list of names
    listed = chosen(contacts, "scorecard", {"handler": [*others, ""]}).words.strip(" ()")
    words = found.definition.replace(listed, f"handler not {' or '.join(served)}")
    return found.model_copy(update={"definition": words})


def _resolution(columns: dict[str, str]) -> Literal["first", "full"]:
    only_first = "first_resolved_col" in columns and "resolved_col" not in columns
    return "first" if only_first else "full"


def _unknown(scope: Scope) -> Estimate:
    return Estimate(value=None, level=scope.level)


def _times(
    measure: Callable[[Contacts], Times], contacts: Contacts | None, reason: str
) -> tuple[Times | None, str]:
    if contacts is None:
        return None, reason
    try:
        return measure(contacts), ""
    except JourneyMapError as error:
        return None, needed(error)


def _quantile(
    key: str, name: str, times: Times | None, part: float, done: str, scope: Scope, missing: str
) -> ScorecardRow:
    quantile, share = ("median", "half") if part == _HALF else ("p90", "nine tenths")
    found = _unknown(scope)
    if times is not None:
        words = f"time by which {share} of the contacts are {done}: {times.definition}"
        found = times.median if part == _HALF else times.p90
        found = found.model_copy(update={"definition": words, "level": scope.level})
        if found.value is None:
            missing = f"fewer than {share} were {done} in the time seen" if times.n else _NO_CONTACT
    return _service(key, f"{name}, {quantile}", (found, missing), unit="seconds", better="lower")


def _outcome_rows(
    scope: Scope, contacts: Contacts | None, filters: dict[str, Any], reason: str
) -> Iterator[ScorecardRow]:
    repeat = f" within {duration_text(contacts.repeat_within)}" if contacts is not None else ""
    fcr = partial(first_contact_resolution, definition=scope.fcr, **filters)
    rate = partial(contact_rate, customers=scope.journey, per=_PER, **filters)
    kept = partial(containment, definition="containment", **filters)
    rows: tuple[tuple[str, str, Callable[[Contacts], Estimate], Literal["higher", "lower"], Unit], ...] = (
        ("fcr", f"First-contact resolution, {scope.fcr}", fcr, "higher", "share"),
        ("repeat_contacts", f"Repeat contacts{repeat}", partial(repeat_contact_rate, **filters),
         "lower", "share"),
        ("contact_rate", f"Contacts per customer in {_PER}", rate, "lower", "per_customer"),
        ("abandonment", "Abandonment", partial(abandonment_rate, **filters), "lower", "share"),
        ("reopened", "Reopened", partial(reopen_rate, **filters), "lower", "share"),
        ("escalated", "Escalated", partial(escalation_rate, **filters), "lower", "share"),
        ("containment", "Contained by self-service", kept, "higher", "share"),
    )  # fmt: skip
    for key, name, measure, better, unit in rows:
        why = reason
        if not why and key == "contact_rate" and scope.segment is not None:
            why = "customers of the journey are not told apart by segment"
        found = (_unknown(scope), why)
        if contacts is not None and not why:
            found = attempted(partial(measure, contacts), scope.level, _NO_CONTACT)
        yield _service(key, name, found, better=better, unit=unit)


def _answer_rows(scope: Scope) -> Iterator[ScorecardRow]:
    asked = list(question_rows(scope, "service", "csat"))
    if not asked:
        missing = _NO_ANSWERS if scope.answers is None else _asked(scope, "measure='csat', ", "")
        asked = [_service("service_csat", "Service CSAT", (_unknown(scope), missing))]
    yield from asked
    for measure in ("ces", "nps", "feeling", "score"):
        yield from question_rows(scope, "service", measure)
    for element, name in (("human", "Human element"), ("support", "Support")):
        yield _element(scope, element, name)


def _asked(scope: Scope, measure: str, element: str) -> str:
    if scope.answers is not None and not scope.told_apart(scope.answers):
        return "the answers do not tell this segment apart: with_feedback(journey, feedback, by=...)"
    where = " at this stage" if scope.stage is not None else ""
    return f"no question asks for it{where}: Question(column=..., {measure}family='service'{element})"


def _element(scope: Scope, element: str, name: str) -> ScorecardRow:
    answers = scope.answers
    asked = answers is not None and any(question.element == element for question in answers.questions)
    if answers is None or not asked or not scope.told_apart(answers):
        missing = _NO_ANSWERS if answers is None else _asked(scope, "", f", element='{element}'")
        return _service(element, name, (_unknown(scope), missing), unit="score", scale=_UNIT_SCALE)
    both = partial(
        human_and_support, scope.journey, stage=scope.stage, segment=scope.segment, level=scope.level
    )
    found = attempted(lambda: getattr(both(), element), scope.level, "nobody answered")
    names = ", ".join(question.name for question in answers.questions if question.element == element)
    return _service(element, name, found, unit="score", scale=_UNIT_SCALE, question=names)
