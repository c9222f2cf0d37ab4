"""How long do customers wait in the queue, and how many give up?"""

from __future__ import annotations

import numpy as np

from journeymap.metrics.contact_counts import (
    Which,
    chosen,
    contact_counts,
    contact_share,
    needs,
    run_times,
)
from journeymap.metrics.times import Times, times_of
from journeymap.model.contacts import Contacts
from journeymap.model.measures import Estimate

__all__ = ["abandonment_rate", "patience", "queue_wait"]


def abandonment_rate(
    contacts: Contacts,
    *,
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Estimate:
    """How many of those who enter the queue leave it before they are answered?

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
        A share of those who entered the queue, 0 to 1; without value where nobody did. `censored` counts
        those with neither an answer nor a leaving time, who are in the number of those who entered.

    Raises
    ------
    MissingEvidenceError
        The times of entering and of leaving the queue are not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    A short wait makes few give up, however impatient they are: `patience` tells the two apart.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"entered": ["2024-05-01 10:00"] * 3, "answered": ["2024-05-01 10:02", None, None],
    ...                   "left": [None, "2024-05-01 10:01", "2024-05-01 10:04"]})
    >>> tickets = Tickets(table, queued_col="entered", answered_col="answered", left_col="left")
    >>> round(abandonment_rate(contacts(tickets)).value, 3)
    0.667
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "abandonment_rate", filters)
    needs(contacts, "abandonment rate", "queued_col", "left_col")
    undecided = 0
    if "answered_col" in contacts.columns:
        entered, answered, left = (
            contact_counts(of, name).sum() for name in ("queued", "answered", "abandoned")
        )
        undecided = int(entered - answered - left)
    words = "left the queue before the answer / entered the queue"
    return contact_share(of, "abandoned", "queued", words, level=level, censored=undecided)


def queue_wait(
    contacts: Contacts,
    *,
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Times:
    """How long do customers wait in the queue until they are answered?

    ``F(t)`` by Aalen–Johansen, as `resolution_time`: being answered is what is timed, giving up is another
    end.

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
    Times
        Seconds from entering the queue; the p90 without value where fewer than nine tenths are ever answered.

    Raises
    ------
    MissingEvidenceError
        The times of entering the queue, of the answer or of leaving are not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"entered": ["2024-05-01 10:00"] * 3, "answered": ["2024-05-01 10:02", None, None],
    ...                   "left": [None, "2024-05-01 10:01", "2024-05-01 10:04"]})
    >>> tickets = Tickets(table, queued_col="entered", answered_col="answered", left_col="left")
    >>> round(queue_wait(contacts(tickets)).share_within("3 minutes").value, 3)
    0.333
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "queue_wait", filters)
    needs(contacts, "wait in the queue", "queued_col", "left_col", "answered_col")
    runs = run_times(of, "wait", "calendar")
    turned = {"event": runs.counts["other"], "other": runs.counts["event"], "open": runs.counts["open"]}
    text = "from entering the queue to the answer, of all who entered it"
    return times_of(of, runs._replace(counts=turned), "calendar", "wait in the queue", text, "queued", level)


def patience(
    contacts: Contacts,
    *,
    touchpoint: Which = None,
    channel: Which = None,
    handler: Which = None,
    segment: Which = None,
    level: float = 0.95,
) -> Times:
    """How long would customers wait in the queue before they give up?

    ``F(t) = 1 − S(t)`` by Kaplan–Meier: leaving the queue is what is timed, whoever is answered is censored
    then.

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
    Times
        Seconds from entering the queue; `censored` counts those who were answered or still wait.

    Raises
    ------
    MissingEvidenceError
        The times of entering the queue, of the answer or of leaving are not declared.
    UnknownNameError
        No contact has such a touchpoint, channel, handler or segment.

    Notes
    -----
    It says what would happen if nobody were answered, and holds only where those answered soon would have
    been as patient as the others. The mean wait of those who gave up is no patience: it leaves out the
    patient.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.contacts import contacts
    >>> from journeymap.events.tickets import Tickets
    >>> table = pa.table({"entered": ["2024-05-01 10:00"] * 3, "answered": ["2024-05-01 10:02", None, None],
    ...                   "left": [None, "2024-05-01 10:01", "2024-05-01 10:04"]})
    >>> tickets = Tickets(table, queued_col="entered", answered_col="answered", left_col="left")
    >>> patience(contacts(tickets)).median.value
    240.0
    """
    filters = {"touchpoint": touchpoint, "channel": channel, "handler": handler, "segment": segment}
    of = chosen(contacts, "patience", filters)
    needs(contacts, "patience", "queued_col", "left_col", "answered_col")
    runs = run_times(of, "wait", "calendar")
    open_too = runs.counts["open"] + runs.counts["other"]
    watched = {"event": runs.counts["event"], "other": np.zeros_like(open_too), "open": open_too}
    text = "from entering the queue to giving up, answered ones being censored"
    return times_of(of, runs._replace(counts=watched), "calendar", "patience", text, "queued", level)
