"""How often do customers contact the service desk, in the time they are watched?"""

from __future__ import annotations

from journeymap.events.queries.contacts import ContactsPlan
from journeymap.model.contacts import ALL, KEYS

__all__ = ["exposure_sql", "heard_sql", "history_sql", "watched_sql"]

_DAY = "86400000000e0"


def watched_sql(coded: str, *, since: int | None, until: int) -> str:
    """From when until when is each customer of the log watched? To be kept.

    Parameters
    ----------
    coded : str
        A bracketed query with rows of `journeymap.events.queries.steps.coded_sql`.
    since, until : int or None
        When the tickets begin and end, in microseconds; None where they cover the whole log.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``first`` (the first event), ``since`` (that, or the beginning of
        the tickets), ``whole`` (watched from the first event on) and ``days``, whole ones watched after the
        first event. Customers who came later than the end are left out.
    """
    begin = "first" if since is None else f"greatest(first, {since})"
    whole = "true" if since is None else f"first >= {since}"
    return (
        f"select customer, g, first, {begin} as since, {whole} as whole, "
        f"cast(floor(({until} - first) / {_DAY}) as bigint) as days "
        f"from (select customer, g, min(t) as first from {coded} group by customer, g) where first <= {until}"
    )


def heard_sql(plan: ContactsPlan, listed: str, watched: str, customers: str) -> str:
    """Select the contacts of customers of the log in the time they were watched; to be kept.

    Parameters
    ----------
    plan : ContactsPlan
        The rules.
    listed : str
        The table of `journeymap.events.queries.contacts.contacts_sql`.
    watched : str
        The table of `watched_sql`.
    customers : str
        The table of the log's customers: ``name`` and ``customer``.

    Returns
    -------
    str
        A query with ``g``, ``cell``, ``whole``, ``days`` (so many days after the first event, begun ones
        counted) and ``seen`` (that day was watched to its end).
    """
    days = f"cast(ceil((l.t_opened - w.first) / {_DAY}) as bigint)"
    return (
        f"select w.g, l.cell, w.whole, {days} as days, {days} <= w.days as seen from {listed} l "
        f"join {plan.customers} k on l.customer = k.customer join {customers} c on k.name = c.name "
        f"join {watched} w on c.customer = w.customer "
        f"where not l.company and l.t_opened >= w.since and l.t_opened <= {plan.contacts_until}"
    )


def history_sql(watched: str, heard: str) -> str:
    """How many contacts, and how many ends of watching, so many days after the first event, by group?"""
    return (
        "select kind, days, g, count(*) as count from "
        f"(select 'contact' as kind, days, g from {heard} where whole and seen "
        f"union all select 'end' as kind, days, g from {watched} where whole) "
        "group by kind, days, g order by kind, days, g"
    )


def exposure_sql(watched: str, heard: str, cells: str, *, until: int) -> str:
    """How many customers were watched for how long, and how many contacts had they, by key and group?

    Parameters
    ----------
    watched, heard, cells : str
        The tables of `watched_sql` and `heard_sql`, and of keys.
    until : int
        When watching ends, in microseconds.

    Returns
    -------
    str
        A query with the four parts of the key, ``g``, ``contacts``, ``customers`` and ``seconds``; the last
        two in the row of all keys, ``"*"``, and 0 elsewhere.
    """
    keys = ", ".join(KEYS)
    everyone = ", ".join(f"'{ALL}' as {key}" for key in KEYS)
    seconds = f"sum(cast(floor(({until} - since) / 1000000e0) as bigint))"
    nobody = "0 as customers, 0 as seconds"
    by_key = f"select {keys}, h.g, count(*) as contacts, {nobody} from {heard} h join {cells} c "
    by_key += f"on h.cell = c.cell group by {keys}, h.g"
    of_all = f"select {everyone}, g, count(*) as contacts, {nobody} from {heard} group by g"
    watched_of_all = f"select {everyone}, g, 0 as contacts, count(*) as customers, {seconds} as seconds "
    watched_of_all += f"from {watched} group by g"
    sums = ", ".join(
        f"cast(sum({name}) as bigint) as {name}" for name in ("contacts", "customers", "seconds")
    )
    return (
        f"select {keys}, g, {sums} from ({by_key} union all {of_all} union all {watched_of_all}) "
        f"group by {keys}, g order by {keys}, g"
    )
