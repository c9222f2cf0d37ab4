"""How do contacts end: resolved at once, coming back, reopened, handed on?"""

from __future__ import annotations

from typing import Literal

from journeymap.errors import InvalidLogError, nearest
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

__all__ = ["escalation_rate", "first_contact_resolution", "reopen_rate", "repeat_contact_rate"]


def first_contact_resolution(
    contacts: Contacts,
    *,
    definition: Literal["operational", "gross", "net", "ticket"],
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many contacts are resolved the first time?

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    definition : {"operational", "gross", "net", "ticket"}
        Of many definitions, which one:

        - ``operational``: first contacts of an episode without another contact of the same customer (about
          the same reason, where that is declared) within W / first contacts. An episode are contacts with
          gaps of at most W.
        - ``gross``: contacts resolved at first contact / all contacts. At first contact: the first of its
          episode, resolved, no other within W, and neither handed on nor reopened, where that is declared.
        - ``net``: the same without the contacts that could not be resolved at level one.
        - ``ticket``: resolved without a further message from the customer / resolved contacts.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts; a further contact counts wherever it comes in.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0 to 1; without value where there are no such contacts. `censored` counts contacts that lie closer
        than W to the end and are not judged.

    Raises
    ------
    MissingEvidenceError
        A column that the definition needs is not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    The four differ by far on the same tickets: compare only numbers of one definition. The operational one
    takes customers who gave up for content ones; the ticket one cannot see a customer who opens another
    ticket.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "up": ["no", "no", "yes", "no"], "again": [0, 1, 0, 0],
    ...                   "state": ["solved", "solved", "open", "solved"],
    ...                   "when": ["2024-05-01", "2024-05-03", "2024-05-01", "2024-05-20"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", escalated_col="up",
    ...                   reopened_col="again", status_col="state", resolved_statuses="solved")
    >>> found = first_contact_resolution(contacts(tickets), definition="operational")
    >>> found.value, found.n, found.censored
    (0.5, 2, 1)
    >>> print(found.definition)
    first contacts without another contact of the same customer within 7 days / first contacts of an episode
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "first_contact_resolution", filters)
    metric = f"first-contact resolution ({definition})"
    window = f"within {duration_text(contacts.repeat_within)}"
    if definition == "ticket":
        needs(contacts, metric, "a resolution", "replies_col")
        words = "resolved without a further message from the customer / resolved contacts"
        return contact_share(of, "resolved_silently", "resolved", words, level=level)
    if definition == "operational":
        needs(contacts, metric, "opened_col", "customer_col")
        again = contact_share(of, "first_repeats", "first_contacts", "", level=level)
        words = f"first contacts without another {of_whom(contacts)} {window} / first contacts of an episode"
        return _complement(again, words + of.words).model_copy(update={"censored": _unjudged(of)})
    hits, trials, words = {
        "gross": ("resolved_at_first", "judged", "all contacts"),
        "net": ("resolvable_at_first", "resolvable", "contacts that level one could resolve"),
    }.get(definition, ("", "", ""))
    if not hits:
        close = nearest(str(definition), ("operational", "gross", "net", "ticket"))
        raise InvalidLogError.because(
            f"definition: {definition!r} is none.",
            expected="Expected one of: operational, gross, net, ticket.",
            hint=f"did you mean {close!r}?" if close else None,
        )
    more = ("unresolvable_col",) if definition == "net" else ()
    needs(contacts, metric, "opened_col", "customer_col", "a resolution", *more)
    flags = [word for role, word in (("escalated_col", "not handed on"), ("reopened_col", "not reopened"))
             if role in contacts.columns]  # fmt: skip
    at_first = ", ".join(
        ["first of an episode", "resolved", f"no other {of_whom(contacts)} {window}", *flags]
    )
    return contact_share(of, hits, trials, f"{at_first} / {words}", level=level, censored=_unjudged(of))


def repeat_contact_rate(
    contacts: Contacts,
    *,
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many contacts are followed by another one of the same customer?

    ``contacts with another one of the same customer (and reason) within W / contacts``; W is the
    `repeat_within` of `contacts`.

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts; the following one counts wherever it comes in.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        0 to 1; without value where there are none. `censored` counts contacts that lie closer than W to the
        end and are not judged.

    Raises
    ------
    MissingEvidenceError
        The opening time or the customer is not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    It counts all contacts, also those that are repeats themselves; one minus it is not the first-contact
    resolution, which asks about first contacts only.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "up": ["no", "no", "yes", "no"], "again": [0, 1, 0, 0],
    ...                   "state": ["solved", "solved", "open", "solved"],
    ...                   "when": ["2024-05-01", "2024-05-03", "2024-05-01", "2024-05-20"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", escalated_col="up",
    ...                   reopened_col="again", status_col="state", resolved_statuses="solved")
    >>> round(repeat_contact_rate(contacts(tickets)).value, 3)
    0.333
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "repeat_contact_rate", filters)
    needs(contacts, "repeat contact rate", "opened_col", "customer_col")
    window = duration_text(contacts.repeat_within)
    words = f"contacts followed by another {of_whom(contacts)} within {window} / contacts"
    return contact_share(of, "repeats", "judged", words, level=level, censored=_unjudged(of))


def reopen_rate(
    contacts: Contacts,
    *,
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many contacts that were resolved are opened again?

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        A share of the contacts that were resolved at least once, 0 to 1; without value where there are none.

    Raises
    ------
    MissingEvidenceError
        Reopening, or a resolution, is not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    Contacts resolved shortly before the end had little time to be reopened: it is rather too low.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "up": ["no", "no", "yes", "no"], "again": [0, 1, 0, 0],
    ...                   "state": ["solved", "solved", "open", "solved"],
    ...                   "when": ["2024-05-01", "2024-05-03", "2024-05-01", "2024-05-20"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", escalated_col="up",
    ...                   reopened_col="again", status_col="state", resolved_statuses="solved")
    >>> round(reopen_rate(contacts(tickets)).value, 3)
    0.333
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "reopen_rate", filters)
    needs(contacts, "reopen rate", "reopened_col", "a resolution")
    return contact_share(of, "reopened", "resolved_once", "reopened / resolved at least once", level=level)


def escalation_rate(
    contacts: Contacts,
    *,
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many contacts are handed to a higher level?

    Parameters
    ----------
    contacts : Contacts
        Counted by `contacts`.
    touchpoint, channel, handler, segment : str or list of str, optional
        Only these contacts; for every handler: ``{h: escalation_rate(c, handler=h) for h in
        c.values("handler")}``.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        A share of the contacts, 0 to 1; without value where there are none.

    Raises
    ------
    MissingEvidenceError
        Escalation is not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "up": ["no", "no", "yes", "no"], "again": [0, 1, 0, 0],
    ...                   "state": ["solved", "solved", "open", "solved"],
    ...                   "when": ["2024-05-01", "2024-05-03", "2024-05-01", "2024-05-20"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when", escalated_col="up",
    ...                   reopened_col="again", status_col="state", resolved_statuses="solved")
    >>> escalation_rate(contacts(tickets)).value
    0.25
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "escalation_rate", filters)
    needs(contacts, "escalation rate", "escalated_col")
    return contact_share(of, "escalated", "contacts", "handed to a higher level / contacts", level=level)


def _unjudged(of: Chosen) -> int:
    return int(contact_counts(of, "contacts").sum() - contact_counts(of, "judged").sum())


def _complement(found: Estimate, definition: str) -> Estimate:
    def turned(value: float | None) -> float | None:
        return None if value is None else 1 - value

    return found.model_copy(
        update={
            "value": turned(found.value),
            "low": turned(found.high),
            "high": turned(found.low),
            "definition": definition,
        }
    )
