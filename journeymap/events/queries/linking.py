"""Which touchpoint does an answer belong to?"""

from __future__ import annotations

from dataclasses import dataclass

from journeymap.engines.protocol import Snippets

__all__ = [
    "FOUND",
    "ByLog",
    "asked_sql",
    "fates_sql",
    "latest_sql",
    "linked_customers_sql",
    "linked_sql",
    "met_touchpoints_sql",
    "placed_sql",
    "places_of_sql",
    "reached_customers_sql",
    "strangers_sql",
]

FOUND = ("", "by_question", "by_column", "by_time", "unknown", "without_customer", "too_late")
_BY_QUESTION, _BY_COLUMN, _BY_TIME, _UNKNOWN, _WITHOUT_CUSTOMER, _TOO_LATE = range(1, len(FOUND))


@dataclass(frozen=True)
class ByLog:
    """What a log told of customers who answered.

    Parameters
    ----------
    states : str
        The table from the number of a state to that of its place.
    met : str
        The table of customers who were at any touchpoint.
    latest, floating : str
        The tables of the latest visit to any touchpoint, and to the floating one that is named; empty where
        not looked for.
    by_time : bool
        Whether answers that name no touchpoint belong to the latest one.
    several : bool
        Whether a customer may have several journeys.
    """

    states: str
    met: str
    latest: str = ""
    floating: str = ""
    by_time: bool = False
    several: bool = False


def strangers_sql(long: str, names: str) -> str:
    """Which touchpoints do answers name that the journey does not have, the most frequent first?"""
    return (
        "select l.named, l.how, count(*) as n, "
        "sum(count(*)) over () as answers, count(*) over () as kinds "
        f"from {long} l left join {names} n on l.named = n.named "
        "where l.named <> '' and n.named is null "
        "group by l.named, l.how order by n desc, l.named, l.how limit 6"
    )


def reached_customers_sql(events: str, codes: str, *, by_channel: bool) -> str:
    """Select the customer of every event that belongs to a touchpoint."""
    channel = " and coalesce(e.channel, '') = c.channel" if by_channel else ""
    return f"select e.customer from {events} e join {codes} c on e.event = c.event{channel}"


def met_touchpoints_sql(coded: str) -> str:
    """Which customers who answered were at any touchpoint?"""
    return f"select distinct customer from {coded}"


def asked_sql(long: str, names: str, *, part: str, floating: bool, whose: str) -> str:
    """When has a customer's latest touchpoint to be known?

    Parameters
    ----------
    long : str
        The table of answers.
    names : str
        The table of names.
    part : str
        A condition on ``g``: the customer groups that are looked at.
    floating : bool
        Ask for the latest visit to the floating touchpoint that is named, else to any touchpoint.
    whose : str
        A condition: which answers.

    Returns
    -------
    str
        A query with ``customer``, ``t`` and, where it floats, ``base``; each once.
    """
    base = ", n.base" if floating else ""
    join = f" join {names} n on l.named = n.named and n.base is not null" if floating else ""
    return f"select distinct l.customer, l.t{base} from {long} l{join} where {part} and {whose}"


def latest_sql(moments: str, asked: str, words: Snippets, *, window: int | None, floating: bool) -> str:
    """Where was a customer last, at or before a time?

    Visits and times are laid together and read in order, so that the work grows with their number and not, as
    in a join, with visits times answers of one customer.

    Parameters
    ----------
    moments : str
        The visits, see `journeymap.events.queries.steps.moments_sql`.
    asked : str
        The times, see `asked_sql`.
    words : Snippets
        The engine's words.
    window : int or None
        How long before, in microseconds, the visit may lie; a visit just so long before belongs.
    floating : bool
        Only visits to the floating touchpoint that is asked for.

    Returns
    -------
    str
        A query with ``customer``, ``t``, ``base`` (where it floats), ``state``, ``j0`` and ``j1``. Of
        visits at the same time the one that comes last in the log.
    """
    base = "base, " if floating else ""
    visits = f"(select * from ({moments}) where base is not null)" if floating else f"({moments})"
    # kind: a visit at the very time of the answer comes before it
    both = (
        f"select customer, {base}t, 0 as kind, fine, ord, t as seen, state, j0, j1 from {visits} "
        f"union all select customer, {base}t, 1 as kind, null as fine, null as ord, null as seen, "
        f"null as state, null as j0, null as j1 from ({asked})"
    )
    names = ("seen", "state", "j0", "j1")
    last = ", ".join(f"{words.last_skipping_nulls(name, 'w')} as {name}" for name in names)
    order = f"partition by customer{', base' if floating else ''} order by t, kind, fine, ord"
    frame = "rows between unbounded preceding and current row"
    read = f"select customer, {base}t, kind, {last} from ({both}) window w as ({order} {frame})"
    within = "seen is not null" if window is None else f"seen >= t - {window}"
    return f"select customer, {base}t, state, j0, j1 from ({read}) where kind = 1 and {within}"


def placed_sql(long: str, names: str, *, part: str, by_log: ByLog | None = None) -> str:
    """Select one row an answer with the number of its touchpoint.

    Parameters
    ----------
    long : str
        The table of answers.
    names : str
        The table of names: ``named``, ``place``, and ``base`` where it floats.
    part : str
        A condition on ``l.g``: the customer groups that are looked at.
    by_log : ByLog, optional
        What the log told.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``q``, ``r``, ``t``, ``segment``, ``score``, ``norm``, ``gap``,
        ``w``, ``place`` (0 for none), ``found`` (a position in `FOUND`), ``j0`` and ``j1`` (the journey; null
        where none is known).
    """
    place, at_time, journey = "n.place", "cast(null as integer)", ("l.customer", "0")
    joins = [f"left join {names} n on l.named = n.named"]
    late = "0"
    if by_log is not None:
        joins.append(f"left join {by_log.met} m on l.customer = m.customer")
        journey = ("m.customer", "0")
        if by_log.several:
            journey = ("x.j0", "x.j1") if by_log.latest else ("cast(null as bigint)", "0")
    if by_log is not None and by_log.latest:
        joins += [f"left join {by_log.latest} x on l.customer = x.customer and l.t = x.t",
                  f"left join {by_log.states} xs on x.state = xs.state"]  # fmt: skip
    if by_log is not None and by_log.floating:
        place = "coalesce(fs.place, n.place)"
        same = "l.customer = f.customer and l.t = f.t and n.base = f.base"
        joins += [f"left join {by_log.floating} f on {same}",
                  f"left join {by_log.states} fs on f.state = fs.state"]  # fmt: skip
    if by_log is not None and by_log.by_time:
        at_time = "xs.place"
        late = (
            f"case when xs.place is not null then {_BY_TIME} "
            f"when m.customer is null then {_WITHOUT_CUSTOMER} else {_TOO_LATE} end"
        )
    by_name = f"case when l.how = 'question' then {_BY_QUESTION} else {_BY_COLUMN} end"
    return (
        "select l.customer, l.g, l.q, l.r, l.t, l.segment, l.score, l.norm, l.gap, l.w, "
        f"cast(case when n.place is not null then {place} when l.named <> '' then 0 "
        f"else coalesce({at_time}, 0) end as integer) as place, "
        f"cast(case when n.place is not null then {by_name} when l.named <> '' then {_UNKNOWN} "
        f"else {late} end as integer) as found, {journey[0]} as j0, {journey[1]} as j1 "
        f"from {long} l {' '.join(joins)} where {part}"
    )


def fates_sql(placed: str) -> str:
    """How did answers find their touchpoints?"""
    return f"select found, count(*) as n from {placed} group by found order by found"


def linked_sql(placed: str, places: str) -> str:
    """Select the answers with the names of touchpoint and stage."""
    return (
        "select p.customer, p.g, p.q, p.segment, p.score, p.gap, p.w, b.touchpoint, b.stage "
        f"from {placed} p join {places} b on p.place = b.place"
    )


def linked_customers_sql(customers: str) -> str:
    """How many customers came to any touchpoint?"""
    return f"select count(*) as customers from {customers}"


def places_of_sql(places: str) -> str:
    """Which numbers do the touchpoints have that answers belong to?"""
    return f"select place, touchpoint, stage from {places}"
