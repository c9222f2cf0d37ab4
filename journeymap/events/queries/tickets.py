"""Which tickets are there, what is missing in them, and which of them cannot be true?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from journeymap.engines.protocol import Relation, Snippets
from journeymap.events.log import moment
from journeymap.events.queries.filters import filter_columns, filter_conditions
from journeymap.events.queries.row_numbers import row_number_of, said_by
from journeymap.events.tickets import FLAGS, TEXTS, Tickets, is_empty

__all__ = [
    "KINDS",
    "Impossible",
    "impossible_kinds",
    "last_time_sql",
    "set_aside_sql",
    "ticket_census_sql",
    "tickets_sql",
    "values_sql",
]

KINDS = ("touchpoint", "channel", "handler", "segment", "status", "initiator")
_YES = "'true', 'yes', 'y', 't', 'on'"
_NO = "'false', 'no', 'n', 'f', 'off'"


class Impossible(NamedTuple):
    """A way in which a ticket cannot be true."""

    kind: str
    column: str
    condition: str


def tickets_sql(tickets: Tickets, relation: Relation, words: Snippets, by: str | None) -> str:
    """Select one row a ticket, filtered, under names of our own; to be kept.

    Parameters
    ----------
    tickets : Tickets
        What the columns mean, and the filters.
    relation : Relation
        The source.
    words : Snippets
        The engine's words.
    by : str or None
        The column with the segment.

    Returns
    -------
    str
        A query with ``ord``, ``customer`` (text), for every declared time ``t_opened`` … (microseconds),
        ``told_opened`` (something is written there) and, for texts, ``aware_opened``; ``status`` and the
        other texts (null where empty), ``segment``; the flags as numbers, null where they cannot be read; and
        ``missing`` (no customer or no opening time).
    """

    def text(column: str) -> str:
        return f"nullif(trim(cast({words.quoted(column)} as string)), '')"

    columns = {"ord": relation.order or "0"}
    for role in tickets.times:
        name = tickets.columns[f"{role}_col"]
        kind, time = relation.times[name], words.quoted(name)
        empty = is_empty(relation, name)
        instant = words.microseconds(time, kind, tickets.time_format)
        columns[f"t_{role}"] = "cast(null as bigint)" if empty else instant
        columns[f"told_{role}"] = f"({text(name)} is not null)" if kind == "text" else f"({time} is not null)"
        if kind == "text" and tickets.time_format is None:
            columns[f"aware_{role}"] = f"coalesce({words.is_aware_text(time)}, false)"
    for role in TEXTS:
        name = tickets.columns.get(f"{role}_col", "")
        if name:
            columns[role] = text(name)
    columns["segment"] = text(by) if by else "cast(null as string)"
    for role in FLAGS:
        name = tickets.columns.get(f"{role}_col", "")
        if name:
            columns[role] = f"lower({text(name)})"
    columns |= filter_columns(tickets.conditions, relation, words)
    inner = ", ".join(f"{value} as {name}" for name, value in columns.items())
    names = [name for name in columns if not name.startswith("where_") and name not in {"customer", *FLAGS}]
    said = [name for name in columns if not name.startswith("where_") and name not in {"ord", "customer"}]
    order, owner = _numbered(tickets, relation, said)
    names[names.index("ord")] = order
    flags = _flags(columns, words)
    outer = [*names, f"{owner} as customer", *flags, f"{_missing(tickets)} as missing"]
    conditions = _conditions(tickets, relation, words)
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select {', '.join(outer)} from (select {inner} from {relation.name}){where}"


def _numbered(tickets: Tickets, relation: Relation, said: Sequence[str]) -> tuple[str, str]:
    """Give the order of the rows, and who owns each: without customer it is a customer of its own."""
    order, row = "ord", "concat('row ', cast(ord as string))"
    if relation.order is None:
        owner = "customer" if tickets.customer_col else said_by(said)
        number = row_number_of(owner, said)
        order, row = f"{number} as ord", f"concat('row ', cast({number} as string), ' ', {owner})"
    if tickets.customer_col is not None:
        return order, "customer"
    return order, f"coalesce(ticket, {row})" if tickets.ticket_col else row


def _flags(columns: dict[str, str], words: Snippets) -> list[str]:
    """Read yes and no, or how often; an empty cell is no."""
    return [
        f"(case when {name} is null or {name} in ({_NO}) then 0e0 when {name} in ({_YES}) then 1e0 "
        f"else {words.number(name)} end) as {name}"
        for name in FLAGS
        if name in columns
    ]


def _missing(tickets: Tickets) -> str:
    parts = ["customer is null"] if tickets.customer_col else []
    parts += ["t_opened is null"] if tickets.opened_col else []
    return f"({' or '.join(parts) or 'false'})"


def _conditions(tickets: Tickets, relation: Relation, words: Snippets) -> list[str]:
    conditions = []
    if tickets.period is not None:
        start, end = (moment(value, "between").microseconds for value in tickets.period)
        within = "({0} >= {1} and {0} < {2})"
        if tickets.opened_col is not None:  # one without opening time is kept, so that it can be reported
            conditions.append(f"(t_opened is null or {within.format('t_opened', start, end)})")
        else:
            times = [f"t_{role}" for role in tickets.times]
            first = f"least({', '.join(times)})" if len(times) > 1 else times[0]
            conditions.append(within.format(first, start, end))
    conditions += filter_conditions(tickets.conditions, relation, words)
    return conditions


def ticket_census_sql(tickets: Tickets, rows: str, texts: tuple[str, ...]) -> str:
    """How many tickets are there, of how many customers, and what is missing or cannot be read?

    Parameters
    ----------
    tickets : Tickets
        Which columns there are.
    rows : str
        The table of `tickets_sql`.
    texts : tuple of str
        The times that are written as text, which may mix times with and without zone.

    Returns
    -------
    str
        A query with one row.
    """
    counts = {
        "rows": "count(*)",
        "missing": "count(*) filter (where missing)",
        "customers": "count(distinct customer) filter (where not missing)",
    }
    if tickets.customer_col is not None:
        counts["no_customer"] = "count(*) filter (where customer is null)"
    if tickets.ticket_col is not None:
        counts["twice"] = "count(ticket) - count(distinct ticket)"
    for role in tickets.times:
        counts[f"told_{role}"] = f"count(*) filter (where told_{role})"
        counts[f"unreadable_{role}"] = f"count(*) filter (where told_{role} and t_{role} is null)"
        if role in texts:
            counts[f"aware_{role}"] = f"count(*) filter (where told_{role} and aware_{role})"
    for role in FLAGS:
        if f"{role}_col" in tickets.columns:
            counts[f"unreadable_{role}"] = f"count(*) filter (where {role} is null or {role} < 0)"
    for role in KINDS:
        if role == "segment" or f"{role}_col" in tickets.columns:
            counts[f"kinds_{role}"] = f"count(distinct {role})"
    return "select " + ", ".join(f"{text} as {name}" for name, text in counts.items()) + f" from {rows}"


def values_sql(rows: str, role: str) -> str:
    """Which values does a column have, the most frequent first?"""
    return (
        f"select {role} as value, count(*) as n from {rows} where {role} is not null "
        f"group by {role} order by n desc, value"
    )


def impossible_kinds(tickets: Tickets, resolved: str) -> tuple[Impossible, ...]:
    """In which ways can a ticket with these columns be impossible?

    Parameters
    ----------
    tickets : Tickets
        Which columns there are.
    resolved : str
        A condition that tells that a ticket is resolved by its status; empty where no status says so.

    Returns
    -------
    tuple of Impossible
        In the order in which they are looked for: a ticket counts for the first that fits.
    """
    columns = tickets.columns
    orders = (  # what must not come first, and before what
        ("answered before it was opened", "first_response", "opened"),
        ("answered by a person before it was opened", "first_human_response", "opened"),
        (
            "answered by a person before the first response of any kind",
            "first_human_response",
            "first_response",
        ),
        ("resolved before it was opened", "resolved", "opened"),
        ("resolved for the first time before it was opened", "first_resolved", "opened"),
        ("resolved before the first response", "resolved", "first_response"),
        ("resolved for the last time before the first time", "resolved", "first_resolved"),
        ("closed before it was opened", "closed", "opened"),
        ("answered before it entered the queue", "answered", "queued"),
        ("left the queue before it entered it", "left", "queued"),
    )
    found = [
        Impossible(kind, f"{columns[f'{early}_col']}, {columns[f'{late}_col']}", f"t_{early} < t_{late}")
        for kind, early, late in orders
        if f"{early}_col" in columns and f"{late}_col" in columns
    ]
    if "answered_col" in columns and "left_col" in columns:
        both = "t_answered is not null and t_left is not null"
        names = f"{columns['answered_col']}, {columns['left_col']}"
        found.append(Impossible("both answered and gone from the queue before the answer", names, both))
    if resolved and "resolved_col" in columns:
        names = f"{columns['status_col']}, {columns['resolved_col']}"
        found.append(
            Impossible("resolved by its status, but at no time", names, f"{resolved} and t_resolved is null")
        )
    return tuple(found)


def set_aside_sql(marked: str) -> str:
    """How many tickets cannot be true, by kind?"""
    return f"select wrong, count(*) as n from {marked} where wrong > 0 group by wrong order by wrong"


def last_time_sql(tickets: Tickets, marked: str) -> str:
    """When do the times of the possible tickets begin and end?"""
    ends = [f"{end}(t_{role}) as {end}_{role}" for role in tickets.times for end in ("min", "max")]
    return f"select {', '.join(ends)} from {marked} where wrong = 0"
