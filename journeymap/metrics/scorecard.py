"""How good is the service, and how good the whole relationship, measured side by side?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import get_args

from journeymap.errors import InvalidLogError, UnknownNameError, nearest, require
from journeymap.metrics.scorecard_experience import experience_rows
from journeymap.metrics.scorecard_scope import FcrDefinition, Scope
from journeymap.metrics.scorecard_service import service_rows
from journeymap.metrics.yardsticks import CesDefinition, CsatDefinition
from journeymap.model.cohorts import Cohorts
from journeymap.model.contacts import Contacts
from journeymap.model.durations import parse_duration
from journeymap.model.journey import Journey
from journeymap.model.scorecard import Scorecard, ScorecardRow

__all__ = ["Scorecard", "ScorecardRow", "scorecard"]

_NEARLY = 0.1  # of the time of the events; tickets begin with the first contact, a little later
_WITH_LOG = "with_tickets(journey, tickets, log=log) finds it in the log"
_ONLY_WHOLE = "Retention, goal and feedback coverage are numbers of the whole journey and are left out here."


def scorecard(  # noqa: PLR0913 - every option is a keyword
    journey: Journey,
    *,
    stage: str | None = None,
    segment: str | None = None,
    csat: CsatDefinition = "top_2_box",
    ces: CesDefinition = "mean",
    fcr: FcrDefinition = "operational",
    resolved_within: timedelta | str = "3 days",
    cohorts: Cohorts | None = None,
    level: float = 0.95,
) -> Scorecard:
    """How good is the service, and how good the whole relationship?

    The two families of metrics side by side: service (response and resolution times, how contacts end, how
    many there are, how customers found the help) and experience (recommendation, satisfaction, effort,
    feeling, retention, goal, coverage by feedback). A question belongs to the family that it declares.

    Parameters
    ----------
    journey : Journey
        With answers (`with_feedback`), tickets (`with_tickets`), or both; observed for goal and contact rate.
    stage : str, optional
        Only this stage: answers and contacts at its touchpoints. Contacts that belong to no stage, as no log
        told where on the journey a floating touchpoint was used, are counted in `notes`.
    segment : str, optional
        Only this segment: a value of the column by which answers or tickets were told apart.
    csat : {"top_2_box", "mean", "top_box", "bottom_2_box"}
        What CSAT stands for, see `csat`.
    ces : {"mean", "easy_share", "effort_cost"}
        What effort stands for, see `ces`.
    fcr : {"operational", "gross", "net", "ticket"}
        What first-contact resolution stands for, see `first_contact_resolution`.
    resolved_within : timedelta or str
        The span of the resolution rate.
    cohorts : Cohorts, optional
        Who was active when, for retention: ``cohorts(log, period="month")``.
    level : float
        The confidence level of all intervals.

    Returns
    -------
    Scorecard
        A row for each number, service first; a number that cannot be given stays, with what it needs.

    Raises
    ------
    UnknownNameError
        There is no such stage, segment or definition.
    MissingEvidenceError
        A segment is asked for, and nothing was counted by segment.
    InvalidLogError
        `resolved_within` is no span of time.
    WrongKindError
        This is no journey, or `cohorts` are none.

    Notes
    -----
    Good service and a good experience are not the same: service numbers exist only for customers who needed
    help. The numbers are not added up; there is no total.

    Examples
    --------
    >>> card = scorecard(Journey(name="Shop"))
    >>> card.row("nps").missing
    'answers are needed: with_feedback(journey, feedback)'
    >>> [row.key for row in card.rows if row.estimate.value is not None]
    []
    """
    require(journey, Journey, "scorecard", hint="read or discover a journey first")
    if cohorts is not None:
        require(cohorts, Cohorts, "scorecard", hint="count them first: cohorts(log, period='month')")
    for name, word, kind in (
        ("csat", csat, CsatDefinition),
        ("ces", ces, CesDefinition),
        ("fcr", fcr, FcrDefinition),
    ):
        _check(name, word, get_args(kind))
    scope = Scope(
        journey=journey,
        stage=stage,
        segment=segment,
        csat=csat,
        ces=ces,
        fcr=fcr,
        resolved_within=_span(resolved_within),
        level=level,
    )
    scope.check()
    return Scorecard(
        journey=journey.name,
        scope=scope.words,
        customers=_customers(scope),
        period=_period(scope),
        filters=_filters(scope),
        level=level,
        rows=tuple(_said_once(scope, (*service_rows(scope), *experience_rows(scope, cohorts)))),
        notes=tuple(_notes(scope)),
    )


def _said_once(scope: Scope, rows: Iterable[ScorecardRow]) -> Iterator[ScorecardRow]:
    """Leave out of the definitions what the scope of the card says for all of them."""
    words = [] if scope.stage is None else [f"at stage {scope.stage}"]
    if scope.stage is not None and scope.served:
        words.append(f"touchpoint {' or '.join(sorted(scope.served))}")
    if scope.segment is not None:
        words += [f"{scope.answers.by} is {scope.segment}"] if scope.answers is not None else []
        words.append(f"segment {scope.segment}")
    for row in rows:
        text = row.estimate.definition
        for phrase in words:
            text = text.replace(f" ({phrase})", "").replace(f", {phrase}", "").replace(f"({phrase}, ", "(")
        yield row.model_copy(update={"estimate": row.estimate.model_copy(update={"definition": text})})


def _check(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        close = nearest(str(word), known)
        raise UnknownNameError.because(
            f"{name}: no definition {word!r}.",
            expected=f"Expected one of: {', '.join(known)}.",
            hint=f"did you mean {close!r}?" if close else None,
            where="scorecard",
        )


def _span(value: timedelta | str) -> timedelta:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"resolved_within: {error}.", hint="write 3 days") from error
    if not isinstance(span, timedelta) or span <= timedelta(0):
        raise InvalidLogError.because(
            f"resolved_within: {value!r} is no span of time.", hint="write 3 days", where="scorecard"
        )
    return span


def _customers(scope: Scope) -> int:
    """Count customers, where they are those of everything that the card shows."""
    if not scope.whole:
        return 0
    if scope.journey.observation is not None:
        return scope.journey.observation.customers
    return max((table.customers for table in (scope.answers, scope.contacts) if table is not None), default=0)


def _period(scope: Scope) -> tuple[datetime, datetime] | None:
    seen, contacts = scope.journey.observation, scope.contacts
    if seen is not None:
        return seen.start, seen.end
    if contacts is not None and contacts.start is not None and contacts.observed_until is not None:
        return contacts.start, contacts.observed_until
    return None


def _filters(scope: Scope) -> tuple[str, ...]:
    seen, contacts = scope.journey.observation, scope.contacts
    words = [*(seen.filters if seen is not None else ()), *(contacts.filters if contacts is not None else ())]
    return tuple(dict.fromkeys(words))


def _notes(scope: Scope) -> list[str]:
    """Say what was left out."""
    notes = []
    answers, contacts = scope.answers, scope.contacts
    if answers is not None:
        notes += [f"Answers: {part}." for part in answers.set_aside]
        single = [q for q in answers.questions if q.family == "experience" and q.touchpoint is not None]
        if single and scope.stage is None:
            some = "1 question asks" if len(single) == 1 else f"{len(single)} questions ask"
            notes.append(f"{some} about a single touchpoint: see the card of its stage.")
        adrift = scope.adrift({question.id for question in answers.questions})
        notes += [f"{adrift}."] if adrift else []
    if contacts is not None:
        notes += [f"Tickets: {part}." for part in contacts.set_aside]
        if contacts.dropped:
            notes.append(f"Tickets: {contacts.dropped:,} left out: no customer or no opening time.")
        notes += _other_time(scope.journey, contacts)
        notes += _nowhere(scope, contacts) if scope.stage is not None else []
    if not scope.whole:
        notes.append(_ONLY_WHOLE)
    return notes


def _nowhere(scope: Scope, contacts: Contacts) -> list[str]:
    """Say which contacts stand on the card of no stage."""
    found = scope.nowhere
    parts = [
        f"{count:,} contact{'' if count == 1 else 's'} of {name or 'no touchpoint'}"
        for name, count in found.items()
    ]
    if not parts:
        return []
    alone = sum(found.values()) == 1
    hint = "" if contacts.table("exposure") is not None or set(found) == {""} else f": {_WITH_LOG}"
    return [f"{' and '.join(parts)} belong{'s' if alone else ''} to no stage{hint}."]


def _other_time(journey: Journey, contacts: Contacts) -> list[str]:
    """Warn where tickets and events are not of the same time, over which contacts a customer are counted."""
    seen = journey.observation
    if seen is None or contacts.start is None or contacts.contacts_until is None:
        return []
    if contacts.table("exposure") is not None:  # with a log everybody counts by their own time
        return []
    ours, theirs = (seen.start, seen.observed_until), (contacts.start, contacts.contacts_until)
    if (ours[0].tzinfo is None) != (theirs[0].tzinfo is None):
        return []
    apart = abs(ours[0] - theirs[0]) + abs(ours[1] - theirs[1])
    if apart <= _NEARLY * (ours[1] - ours[0]):
        return []
    events, tickets = (f"{first.date()} to {last.date()}" for first, last in (ours, theirs))
    return [f"Tickets are from {tickets}, events from {events}: contacts per customer count the latter time."]
