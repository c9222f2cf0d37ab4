"""The segments: who seeks help in each, and after which touchpoints."""

from __future__ import annotations

__all__ = ["OTHERS", "segment_customers_sql", "segment_states_sql", "segment_visits_sql"]

OTHERS = "*"


def segment_states_sql(steps: str, states: str, *, min_customers: int) -> str:
    """Select one row an event with its segment, small ones together; to be kept in the engine.

    Parameters
    ----------
    steps : str
        The steps, with their segments.
    states : str
        The table of states: ``state``, ``service`` (0 or 1) and ``asked`` (1 where the customer begins it).
    min_customers : int
        Segments of fewer customers count together, as ``*``.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``segment``, ``state``, ``service``, ``asked``, and ``follows``
        (whether the next event is a contact that the customer begins, 0 or 1).
    """
    sizes = f"select segment, count(distinct customer) as known from {steps} group by segment"
    segment = f"case when z.known < {min_customers} then '{OTHERS}' else s.segment end"
    return (
        f"select s.customer, s.g, {segment} as segment, s.state, p.service, p.asked, "
        f"coalesce(n.asked, 0) as follows from {steps} s join {states} p on s.state = p.state "
        f"left join {states} n on s.next_state = n.state join ({sizes}) z on s.segment = z.segment"
    )


def segment_customers_sql(events: str) -> str:
    """For every segment and customer group: customers, those who had contacts, and the contacts.

    Parameters
    ----------
    events : str
        The table of `segment_states_sql`.

    Returns
    -------
    str
        A query with one row a segment and group.
    """
    return (
        "select segment, g, count(distinct customer) as customers, "
        "count(distinct case when asked = 1 then customer end) as asking_customers, "
        "count(distinct case when service = 1 then customer end) as served_customers, "
        "count(*) filter (where asked = 1) as asked, count(*) filter (where service = 1) as contacts "
        f"from {events} group by segment, g order by segment, g"
    )


def segment_visits_sql(events: str) -> str:
    """For every segment, touchpoint outside service and group: visits, and those that help is sought after.

    Parameters
    ----------
    events : str
        The table of `segment_states_sql`.

    Returns
    -------
    str
        A query with one row a segment, state and group.
    """
    return (
        "select segment, state, g, count(*) as visits, count(*) filter (where follows = 1) as followed, "
        f"count(distinct customer) as customers from {events} where service = 0 "
        "group by segment, state, g order by segment, state, g"
    )
