"""Which service touchpoint does a ticket belong to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeymap.engines.protocol import Snippets
from journeymap.events.queries.contacts import ContactsPlan, marked_columns
from journeymap.events.queries.linking import latest_sql

__all__ = [
    "FOUND",
    "ByTime",
    "found_sql",
    "latest_service_sql",
    "latest_stage_sql",
    "marked_count_sql",
    "named_sql",
    "placed_tickets_sql",
]

FOUND = ("unnamed", "by_column", "by_time", "unknown", "without_customer", "too_late")
_UNNAMED, _BY_COLUMN, _BY_TIME, _UNKNOWN, _WITHOUT_CUSTOMER, _TOO_LATE = range(len(FOUND))


@dataclass(frozen=True)
class ByTime:
    """What a log told of customers with tickets.

    Parameters
    ----------
    met : str
        The table of customers who are in the log.
    states : str
        The table from the number of a ``state`` to the id of its touchpoint, ``spot``.
    latest : str
        A table or query with ``customer``, ``t`` and ``state``: where they were served last; empty where not
        looked for.
    floating : str
        A table or query with ``customer``, ``t``, ``base`` and ``state``: where they were last at the
        floating touchpoint that their ticket names; empty where not looked for.
    """

    met: str
    states: str
    latest: str = ""
    floating: str = ""


def named_sql(marked: str) -> str:
    """Which touchpoints do possible tickets name, the most frequent first?"""
    return (
        f"select touchpoint as named, count(*) as n from {marked} where wrong = 0 and touchpoint <> '' "
        "group by touchpoint order by n desc, named"
    )


def latest_service_sql(
    moments: str, marked: str, words: Snippets, *, states: Sequence[int], window: int, part: str
) -> str:
    """Where were customers served last, at or before the opening of a ticket that names no touchpoint?

    Parameters
    ----------
    moments : str
        A table with rows of `journeymap.events.queries.steps.moments_sql`.
    marked : str
        The table of tickets.
    words : Snippets
        The engine's words.
    states : sequence of int
        The numbers of the states that are service interactions; not empty.
    window : int
        How long before, in microseconds, the visit may lie; a visit just so long before belongs.
    part : str
        A condition on ``g``: the customer groups that are looked at.

    Returns
    -------
    str
        A query with ``customer``, ``t`` and ``state``. Of visits at the same time the one that comes last in
        the log.
    """
    visits = f"select * from {moments} where state in ({', '.join(map(str, states))})"
    unnamed = f"wrong = 0 and touchpoint = '' and {part}"
    asked = f"select distinct customer, t_opened as t from {marked} where {unnamed}"
    latest = latest_sql(visits, asked, words, window=window, floating=False)
    return f"select customer, t, state from ({latest})"


def latest_stage_sql(
    moments: str, marked: str, names: str, words: Snippets, *, window: int | None, part: str
) -> str:
    """At which stage were customers last at a floating touchpoint, at or before a ticket that names it?

    Parameters
    ----------
    moments : str
        A table with rows of `journeymap.events.queries.steps.moments_sql`.
    marked : str
        The table of tickets.
    names : str
        The table from a text, ``named``, to the number of a floating touchpoint, ``base``; null for others.
    words : Snippets
        The engine's words.
    window : int or None
        How long before, in microseconds, the visit may lie; None for however long.
    part : str
        A condition on ``g``: the customer groups that are looked at.

    Returns
    -------
    str
        A query with ``customer``, ``t``, ``base`` and ``state``.
    """
    asked = (
        f"select distinct m.customer, m.t_opened as t, n.base from {marked} m "
        f"join {names} n on m.touchpoint = n.named where n.base is not null and wrong = 0 and {part}"
    )
    latest = latest_sql(f"select * from {moments}", asked, words, window=window, floating=True)
    return f"select customer, t, base, state from ({latest})"


def placed_tickets_sql(plan: ContactsPlan, marked: str, names: str, by_time: ByTime | None) -> str:
    """Select the tickets with the touchpoint that they belong to; to be kept.

    Parameters
    ----------
    plan : ContactsPlan
        What there is.
    marked : str
        The table of tickets.
    names : str
        The table from a text, ``named``, to the id of a touchpoint, ``spot``, and, where it floats over
        stages that are told apart, its number, ``base``.
    by_time : ByTime, optional
        What the log told.

    Returns
    -------
    str
        The columns of `journeymap.events.queries.contacts.marked_sql`, with the id in ``touchpoint`` (empty
        where there is none), and ``found``, a place in `FOUND`.
    """
    joins = [f"left join {names} n on m.touchpoint = n.named"]
    spot, at_time, otherwise = "n.spot", "''", str(_UNNAMED)
    if by_time is not None and by_time.floating:
        same = "m.customer = f.customer and m.t_opened = f.t and n.base = f.base"
        joins += [
            f"left join {by_time.floating} f on {same}",
            f"left join {by_time.states} fs on f.state = fs.state",
        ]
        spot = "coalesce(fs.spot, n.spot)"
    if by_time is not None and by_time.latest:
        joins += [
            f"left join {by_time.met} k on m.customer = k.customer",
            f"left join {by_time.latest} x on m.customer = x.customer and m.t_opened = x.t",
            f"left join {by_time.states} s on x.state = s.state",
        ]
        at_time = "coalesce(s.spot, '')"
        otherwise = (
            f"case when s.spot is not null then {_BY_TIME} "
            f"when k.customer is null then {_WITHOUT_CUSTOMER} else {_TOO_LATE} end"
        )
    touchpoint = f"(case when m.touchpoint <> '' then coalesce({spot}, '') else {at_time} end) as touchpoint"
    found = (
        f"(case when n.spot is not null then {_BY_COLUMN} when m.touchpoint <> '' then {_UNKNOWN} "
        f"else {otherwise} end) as found"
    )
    columns = [touchpoint if name == "touchpoint" else f"m.{name}" for name in marked_columns(plan)]
    return f"select {', '.join(columns)}, {found} from {marked} m {' '.join(joins)}"


def found_sql(placed: str) -> str:
    """How did contacts that customers started find their touchpoints?"""
    return f"select found, count(*) as n from {placed} where wrong = 0 and not company group by found"


def marked_count_sql(marked: str) -> str:
    """How many possible tickets are there, and in how many groups of customers?"""
    return f"select count(*) as n, max(g) + 1 as groups from {marked}"
