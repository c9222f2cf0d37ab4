"""How long do customers wait for an answer, and for a solution?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from journeymap.errors import InvalidLogError, MissingEvidenceError, nearest
from journeymap.metrics.contact_counts import Chosen, Which, chosen, needs, run_times
from journeymap.metrics.times import Hours, Times, times_of
from journeymap.model.contacts import Contacts
from journeymap.model.measures import Estimate

__all__ = ["first_response_time", "resolution_rate", "resolution_time"]

_RESOLVED = {
    "first": "from the customer's first message to the first resolution, of all contacts",
    "full": "from the customer's first message to the last resolution, of all contacts",
}


def first_response_time(
    contacts: Contacts,
    *,
    clock: Literal["any", "human"] = "any",
    hours: Hours = "calendar",
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Times:
    """How long do customers wait for the first answer?

    First answer − first message of the customer, with ``F(t) = 1 − S(t)`` by Kaplan–Meier:
    ``S(t) = Π_{tᵢ ≤ t} (1 − dᵢ/nᵢ)``, dᵢ answers at tᵢ and nᵢ contacts still waiting then.

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    clock : {"any", "human"}
        Whether any answer stops the clock, or only one by a person.
    hours : {"calendar", "business"}
        Whether all hours count or only those in which somebody is there.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts.
    level : float
        The confidence level.

    Returns
    -------
    Times
        Seconds; median and p90 without value where that many were not answered in the time seen.

    Raises
    ------
    MissingEvidenceError
        The opening time, the time of the answer, or the business hours are not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    A contact without an answer waits until the end of the observation, also where it was closed meanwhile:
    leaving it out, or taking the close for the end of its wait, would make the customers who were ignored
    vanish and the time look short. Contacts that the company started have no first response. An automatic
    receipt is an answer for the clock "any": use "human" for what customers mean by being answered.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"opened": ["2024-05-01 10:00"] * 3,
    ...                   "answered": ["2024-05-01 10:10", "2024-05-01 11:00", None]})
    >>> counted = contacts(Tickets(table, opened_col="opened", first_response_col="answered"))
    >>> found = first_response_time(counted)
    >>> found.median.value, found.censored, round(found.share_within("15 minutes").value, 3)
    (3600.0, 1, 0.333)
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "first_response_time", filters)
    role = _one_of(clock, {"any": "first_response_col", "human": "first_human_response_col"}, "clock")
    needs(contacts, "first response time", "opened_col", role)
    _check_hours(contacts, hours)
    who = "of any kind" if clock == "any" else "by a person"
    return _times(
        of,
        clock,
        hours,
        "first response",
        f"from the customer's first message to the first answer {who}; whoever got none waits to the end",
        level=level,
        ends=False,
    )


def resolution_time(
    contacts: Contacts,
    *,
    definition: Literal["first", "full"],
    hours: Hours = "calendar",
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Times:
    """How long does it take until a contact is resolved?

    ``F(t) = Σ_{tᵢ ≤ t} S(tᵢ₋₁) dᵢ/nᵢ`` by Aalen–Johansen: dᵢ resolved at tᵢ, nᵢ still open then, S the share
    that is neither resolved nor closed unresolved. The median is the time by which half of *all* contacts are
    resolved.

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    definition : {"first", "full"}
        Until it was resolved for the first time, or for the last time (after all reopenings).
    hours : {"calendar", "business"}
        Whether all hours count or only those in which somebody is there.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts.
    level : float
        The confidence level.

    Returns
    -------
    Times
        Seconds; the median without value where fewer than half are resolved in the time seen.

    Raises
    ------
    MissingEvidenceError
        The opening time, the time of the resolution, or the business hours are not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    Not the mean time of resolved tickets, which leaves out the hard ones that are still open and those given
    up. Contacts closed unresolved (`closed_col`) are an end of their own; those that a status alone calls
    unresolved have no time and stay open to the end.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"opened": ["2024-05-01 10:00"] * 2, "solved": ["2024-05-01 12:00", None]})
    >>> counted = contacts(Tickets(table, opened_col="opened", resolved_col="solved"))
    >>> resolution_time(counted, definition="full").median.value
    7200.0
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "resolution_time", filters)
    role = _one_of(definition, {"first": "first_resolved_col", "full": "resolved_col"}, "definition")
    needs(contacts, "resolution time", "opened_col", role)
    _check_hours(contacts, hours)
    return _times(of, definition, hours, "resolution", _RESOLVED[definition], level=level, ends=True)


def resolution_rate(
    contacts: Contacts,
    *,
    within: timedelta | str,
    definition: Literal["first", "full"] = "full",
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many contacts are resolved within a time?

    ``F(H)`` of `resolution_time`: the probability to be resolved within H, where being closed or given up
    unresolved is another end and not a matter of waiting longer.

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    within : timedelta or str
        H, in calendar hours, such as ``"3 days"``.
    definition : {"first", "full"}
        Resolved for the first time, or for the last time.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0 to 1; without value where nobody was watched that long.

    Raises
    ------
    MissingEvidenceError
        The opening time or the time of the resolution is not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    Resolved / all tickets would blame the desk for tickets opened yesterday; resolved / closed would leave
    out those that are never closed.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"opened": ["2024-05-01 10:00"] * 2, "solved": ["2024-05-01 12:00", None],
    ...                   "closed": [None, "2024-05-01 11:00"]})
    >>> tickets = Tickets(table, opened_col="opened", resolved_col="solved", closed_col="closed")
    >>> resolution_rate(contacts(tickets), within="1 day").value
    0.5
    """
    of_times = resolution_time(
        contacts,
        definition=definition,
        touchpoint=touchpoint,
        channel=channel,
        handler=handler,
        segment=segment,
        level=level,
    )
    return of_times.share_within(within)


def _one_of(value: str, roles: dict[str, str], what: str) -> str:
    if value not in roles:
        close = nearest(str(value), roles)
        raise InvalidLogError.because(
            f"{what}: {value!r} is none.",
            expected=f"Expected one of: {', '.join(roles)}.",
            hint=f"did you mean {close!r}?" if close else None,
        )
    return roles[value]


def _check_hours(contacts: Contacts, hours: str) -> None:
    _one_of(hours, {"calendar": "", "business": ""}, "hours")
    if hours == "business" and contacts.business_hours is None:
        raise MissingEvidenceError.because(
            "times in business hours need business_hours: when somebody is there.",
            where=contacts.source,
            hint='contacts(tickets, business_hours=BusinessHours(weekdays={"mon": "09:00-17:00"}))',
        )


def _times(
    of: Chosen, clock: str, hours: Hours, name: str, definition: str, *, level: float, ends: bool
) -> Times:
    runs = run_times(of, clock, hours)
    if not ends:
        runs.counts["open"] += runs.counts["other"]
        runs.counts["other"][:] = 0
    return times_of(of, runs, hours, name, definition, "contacts", level)
