"""The census: what is in the log, counted before any work starts."""

from __future__ import annotations

from journeymap.events.log import FLAGS, EventLog

__all__ = [
    "census_sql",
    "customer_count_sql",
    "customers_by_value_sql",
    "dropped_sql",
    "first_customers_sql",
    "log_size_sql",
    "period_sql",
]


def census_sql(
    log: EventLog, events: str, *, by_channel: bool, aware_texts: bool, aware_ends: bool = False
) -> str:
    """For every raw event name: how many, the first and the last time, and what is missing.

    Parameters
    ----------
    log : EventLog
        Which columns there are.
    events : str
        The table or query of events.
    by_channel : bool
        Whether raw events are told apart by channel.
    aware_texts : bool
        Whether times are text, which may mix times with and without zone.
    aware_ends : bool
        Whether ends are.

    Returns
    -------
    str
        A query: one row an event name (and channel), in order of the name.
    """
    keys = ["event", "channel"] if by_channel else ["event"]
    counts = {
        "events": "count(*)",
        # differences of counts: an engine tests a filter for every event once more
        "no_customer": "count(*) - count(*) filter (where named)",
        "no_time": "count(*) - count(*) filter (where told)",
        "unreadable": "count(*) filter (where told) - count(t)",
        "first_time": "min(t)",
        "last_time": "max(t)",
    }
    if aware_texts:
        counts["aware"] = "count(*) filter (where told and aware)"
    if log.order_col is not None:
        counts["no_order"] = "count(*) - count(ord)"
    if log.journey_col is not None:
        counts["no_journey"] = "count(*) - count(journey)"
    if log.end_col is not None:
        counts["ends_early"] = "count(*) filter (where t_end < t)"
        counts["ends_told"] = "count(*) filter (where end_told)"
    if aware_ends:
        counts["ends_aware"] = "count(*) filter (where end_told and end_aware)"
    if log.feeling_col is not None:
        counts["feeling_unreadable"] = "count(*) filter (where feeling_told and feeling is null)"
        counts["feeling_off_scale"] = "count(*) filter (where feeling < -2 or feeling > 2)"
    for role in FLAGS:
        if getattr(log, f"{role}_col") is not None:
            counts[f"{role}_unreadable"] = f"count(*) filter (where {role}_told and {role} is null)"
    columns = ", ".join(f"{text} as {name}" for name, text in counts.items())
    names = ", ".join(keys)
    return f"select {names}, {columns} from {events} group by {names} order by {names}"


def customers_by_value_sql(events: str) -> str:
    """How many distinct customers have each value of a column?"""
    counts = f"select value, count(distinct customer) as customers from ({events}) group by value"
    return f"{counts} order by customers desc, value"


def period_sql(events: str) -> str:
    """When do the events begin and end?"""
    return f"select min(t) as first, max(t) as last from ({events})"


def dropped_sql(events: str) -> str:
    """How many events lack a customer, a name or a time?"""
    return f"select count(*) as dropped from ({events}) where customer is null or event is null or t is null"


def customer_count_sql(events: str) -> str:
    """How many distinct customers are there, exactly?"""
    return f"select count(distinct customer) as customers from {events}"


def first_customers_sql(events: str, rows: int) -> str:
    """How many distinct customers are there among the first so many events?"""
    return f"select count(distinct customer) as customers from (select customer from {events} limit {rows})"


def log_size_sql(events: str) -> str:
    """How many events are counted, of how many customers?"""
    return f"select count(*) as events, count(distinct customer) as customers from {events}"
