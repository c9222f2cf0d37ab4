"""How many sessions of bots and self-service need nobody else?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from journeymap.errors import InvalidLogError, MissingEvidenceError
from journeymap.metrics.contact_counts import (
    Chosen,
    Which,
    chosen,
    contact_counts,
    contact_share,
    needs,
    of_whom,
)
from journeymap.model.contacts import Contacts
from journeymap.model.durations import duration_text
from journeymap.model.measures import Estimate
from journeymap.model.touchpoints import SELF_SERVICE

__all__ = ["containment", "hidden_failures"]


def containment(
    contacts: Contacts,
    *,
    definition: Literal["containment", "deflection"],
    resolved_by: Literal["no further contact", "signal"] = "no further contact",
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many sessions of bots and self-service need nobody else?

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts` with `contained_within`.
    definition : {"containment", "deflection"}
        ``deflection``: sessions not handed on / sessions. ``containment``: not handed on *and* resolved /
        sessions. Vendors use the two words for either.
    resolved_by : {"no further contact", "signal"}
        What shows that a session was resolved: that the same customer does not contact again within W, or
        that the ticket says so.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these sessions; those of the handlers bot, ivr and self_service when `handler` is left out.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0 to 1; without value where there are no sessions. `censored` counts sessions closer than W to the
        end, which neither definition judges.

    Raises
    ------
    MissingEvidenceError
        Escalation, handlers, customers or opening times are not declared, W was not given, or no handler is
        known as self-service.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    Report both, with W: the difference are customers who went away without help, see `hidden_failures`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "by": ["bot", "human", "bot", "bot"],
    ...                   "up": ["no", "no", "yes", "no"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-01", "2024-05-20"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", escalated_col="up", handler_col="by")
    >>> counted = contacts(tickets, contained_within="2 days", observed_until="2024-05-31")
    >>> [round(containment(counted, definition=name).value, 3) for name in ("deflection", "containment")]
    [0.667, 0.333]
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = _sessions(contacts, definition, filters)
    within = f"within {duration_text(contacts.contained_within or timedelta(0))}"
    if definition == "deflection":
        hits, words = "deflected", f"sessions not handed on / sessions, of those watched {within}"
    elif definition != "containment" or resolved_by not in {"no further contact", "signal"}:
        raise InvalidLogError.because(
            f"containment: {definition!r} by {resolved_by!r} is none.",
            expected="Expected 'containment' or 'deflection', by 'no further contact' or 'signal'.",
        )
    elif resolved_by == "signal":
        needs(contacts, "containment by a signal", "a resolution")
        hits, words = (
            "contained_resolved",
            f"sessions not handed on and resolved / sessions, of those watched {within}",
        )
    else:
        hits = "contained"
        words = f"sessions not handed on and without another {of_whom(contacts)} {within} / sessions"
    return contact_share(of, hits, "sessions", words, level=level, censored=_unwatched(of))


def hidden_failures(
    contacts: Contacts,
    *,
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many sessions pass for a success although the customer has to contact again?

    ``deflection − containment``: sessions not handed on whose customer contacts again within W / sessions.

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts` with `contained_within`.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these sessions; those of the handlers bot, ivr and self_service when `handler` is left out.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0 to 1; without value where there are no sessions.

    Raises
    ------
    MissingEvidenceError
        As `containment`.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "by": ["bot", "human", "bot", "bot"],
    ...                   "up": ["no", "no", "yes", "no"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-01", "2024-05-20"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", escalated_col="up", handler_col="by")
    >>> counted = contacts(tickets, contained_within="2 days", observed_until="2024-05-31")
    >>> round(hidden_failures(counted).value, 3)
    0.333
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = _sessions(contacts, "hidden failures", filters)
    within = duration_text(contacts.contained_within or timedelta(0))
    words = f"sessions not handed on, with another {of_whom(contacts)} within {within} / sessions"
    return contact_share(of, "hidden", "sessions", words, level=level, censored=_unwatched(of))


def _unwatched(of: Chosen) -> int:
    return int(contact_counts(of, "contacts").sum() - contact_counts(of, "sessions").sum())


def _sessions(contacts: Contacts, metric: str, filters: dict[str, Which]) -> Chosen:
    """Find the sessions of self-service."""
    chosen(contacts, "containment", filters)
    needs(contacts, metric, "opened_col", "customer_col", "escalated_col")
    if contacts.contained_within is None:
        raise MissingEvidenceError.because(
            f"{metric} needs contained_within: by when another contact shows that a session did not help.",
            where=contacts.source,
            hint="contacts(tickets, contained_within='48 hours')",
        )
    if filters["handler"] is None:
        known = contacts.values("handler")
        own = [name for name in SELF_SERVICE if name in known]
        if not own:
            raise MissingEvidenceError.because(
                f"{metric} needs handler: no contact was handled by {' or '.join(SELF_SERVICE)}.",
                where=contacts.source,
                expected=f"The handlers are: {', '.join(known)}." if known else "No handler_col is declared.",
                hint="name those that are self-service: handler='Chatbot'"
                if known
                else "declare the column in Tickets(handler_col=...)",
            )
        filters = {**filters, "handler": own}
    return chosen(contacts, "containment", filters)
