"""Who was active in which period, how long until customers fell silent, how long until they bought again?"""

from __future__ import annotations

from dataclasses import dataclass

from journeymap.events.periods import Calendar, day_sql

__all__ = [
    "SpanPlan",
    "activity_sql",
    "cohorts_sql",
    "panel_sql",
    "periods_sql",
    "second_event_sql",
    "silence_sql",
    "spans_sql",
]


def activity_sql(
    events: str, names: str, customers: str, calendar: Calendar, *, by_channel: bool, with_days: bool
) -> str:
    """Select one row a customer and period.

    Parameters
    ----------
    events, names, customers : str
        The events; what each raw event counts as (``active``, ``contact``, ``purchase``: 0 or 1); the
        numbered customers with their groups.
    calendar : Calendar
        How periods are numbered.
    by_channel : bool
        Whether raw events are told apart by channel.
    with_days : bool
        Whether days with activity are counted; else a customer is active on one day or on none.

    Returns
    -------
    str
        A query, to be kept, with ``customer``, ``g``, ``period``, ``days`` (distinct days with activity; 0
        where the customer was not active), ``events``, ``contacts`` and ``purchases``.
    """
    on = "e.event = n.event" + (" and coalesce(e.channel, '') = n.channel" if by_channel else "")
    day = day_sql("e.t") if with_days else "0"
    # by day first: distinct days cost little afterwards, and dates are read once a day
    daily = (
        f"select e.customer, {calendar.number_sql('e.t')} as period, {day} as day, "
        "max(n.active) as active, count(*) as events, sum(n.contact) as contacts, "
        f"sum(n.purchase) as purchases from {events} e join {names} n on {on} group by 1, 2, 3"
    )
    return (
        "select k.customer, k.g, d.period, cast(sum(d.active) as integer) as days, "
        "cast(sum(d.events) as bigint) as events, cast(sum(d.contacts) as bigint) as contacts, "
        f"cast(sum(d.purchases) as bigint) as purchases from ({daily}) d "
        f"join {customers} k on d.customer = k.name group by k.customer, k.g, d.period"
    )


def cohorts_sql(kept: str, *, first: int, last: int) -> str:
    """How many customers of each cohort were active at each age, by group?

    Parameters
    ----------
    kept : str
        The table that `activity_sql` made.
    first, last : int
        The numbers of the first and the last period observed as a whole.

    Returns
    -------
    str
        A query with ``cohort`` and ``age`` (from 0), ``g``, ``active`` and ``unbroken``.
    """
    placed = (
        "select g, period, min(period) over (partition by customer) as begins, "
        "row_number() over (partition by customer order by period) - 1 as earlier "
        f"from {kept} where days > 0"
    )
    return (
        f"select cast(begins - {first} as integer) as cohort, cast(period - begins as integer) as age, g, "
        "count(*) as active, count(*) filter (where earlier = period - begins) as unbroken "
        f"from ({placed}) where period <= {last} group by 1, 2, 3 order by 1, 2, 3"
    )


def periods_sql(kept: str, *, first: int, last: int) -> str:
    """How many customers were active in each period, how many of them came first, how many stayed?

    Parameters
    ----------
    kept : str
        The table that `activity_sql` made.
    first, last : int
        The numbers of the first and the last period observed as a whole.

    Returns
    -------
    str
        A query with ``period`` (from 0), ``g``, ``active``, ``new`` and ``kept``.
    """
    placed = (
        "select g, period, lag(period) over (partition by customer order by period) as before "
        f"from {kept} where days > 0"
    )
    return (
        f"select cast(period - {first} as integer) as period, g, count(*) as active, "
        "count(*) filter (where before is null) as new, "
        "count(*) filter (where before = period - 1) as kept "
        f"from ({placed}) where period <= {last} group by 1, 2 order by 1, 2"
    )


def panel_sql(kept: str, *, first: int, last: int, look_back: int | None) -> str:
    """What did customers do in each period, by group?

    Parameters
    ----------
    kept : str
        The table that `activity_sql` made.
    first, last : int
        The numbers of the first and the last period observed as a whole.
    look_back : int or None
        How many periods before count as earlier, for repeated purchases; None: any.

    Returns
    -------
    str
        A query with ``period`` (from 0), ``g``, ``active``, ``new``, ``kept``, ``days``, ``events``,
        ``contacts``, ``in_contact`` (customers), ``purchases``, ``buyers`` and ``again`` (buyers who had
        bought in an earlier period).
    """
    earlier = "over (partition by customer order by period rows between unbounded preceding and 1 preceding)"
    placed = (
        "select g, period, days, events, contacts, purchases, "
        f"max(case when days > 0 then period end) {earlier} as before, "
        f"max(case when purchases > 0 then period end) {earlier} as bought from {kept}"
    )
    again = "bought is not null" if look_back is None else f"bought >= period - {look_back}"
    counts = {
        "active": "count(*) filter (where days > 0)",
        "new": "count(*) filter (where days > 0 and before is null)",
        "kept": "count(*) filter (where days > 0 and before = period - 1)",
        "days": "cast(sum(days) as bigint)",
        "events": "cast(sum(events) as bigint)",
        "contacts": "cast(sum(contacts) as bigint)",
        "in_contact": "count(*) filter (where contacts > 0)",
        "purchases": "cast(sum(purchases) as bigint)",
        "buyers": "count(*) filter (where purchases > 0)",
        "again": f"count(*) filter (where purchases > 0 and {again})",
    }
    columns = ", ".join(f"{text} as {name}" for name, text in counts.items())
    return (
        f"select cast(period - {first} as integer) as period, g, {columns} "
        f"from ({placed}) where period <= {last} group by 1, 2 order by 1, 2"
    )


@dataclass(frozen=True)
class SpanPlan:
    """What the spans are counted from.

    Parameters
    ----------
    events : str
        The events.
    names : str
        The raw events that count, one a row, as ``event``.
    time_order : str
        What orders the events of a customer.
    until : int
        The end of the observation, in microseconds.
    unit : int
        What spans are rounded to, in microseconds.
    """

    events: str
    names: str
    time_order: str
    until: int
    unit: int

    @property
    def counted(self) -> str:
        """The events that count."""
        return f"select e.* from {self.events} e join {self.names} n on e.event = n.event"


def silence_sql(plan: SpanPlan, *, gone_after: int) -> str:
    """How long until each customer fell silent?

    Parameters
    ----------
    plan : SpanPlan
        What is counted.
    gone_after : int
        The silence after which a customer has left, in microseconds.

    Returns
    -------
    str
        A query, one row a customer, with ``span`` (microseconds from the first event to the last one before
        the silence; where there was none, to the latest time at which leaving could have been seen),
        ``ended`` and ``back`` (came back after the silence): 0 or 1; a negative span where the customer came
        too late for anything to be seen.
    """
    spaced = (
        f"select customer, t, lead(t) over (partition by customer order by t) as next_t from ({plan.counted})"
    )
    silent = f"coalesce(next_t, {plan.until}) - t >= {gone_after}"
    each = (
        f"select min(t) as begins, min(case when {silent} then t end) as left_at, "
        f"min(case when {silent} then coalesce(next_t, {plan.until + 1}) end) as next_at "
        f"from ({spaced}) group by customer"
    )
    seen_until = plan.until - gone_after
    return (
        f"select coalesce(left_at, {seen_until}) - begins as span, "
        "case when left_at is null then 0 else 1 end as ended, "
        f"case when next_at <= {plan.until} then 1 else 0 end as back from ({each})"
    )


def second_event_sql(plan: SpanPlan, *, apart: int) -> str:
    """How long until each customer did it a second time?

    Parameters
    ----------
    plan : SpanPlan
        What is counted.
    apart : int
        What follows the first within less than this many microseconds is part of it.

    Returns
    -------
    str
        A query, one row a customer, with ``span`` (microseconds from the first to the second; to the end of
        the observation where there was none), ``ended`` (0 or 1) and ``back``, which is always 0.
    """
    placed = (
        f"select customer, t, row_number() over (partition by customer order by {plan.time_order}) as place, "
        f"min(t) over (partition by customer) as begins from ({plan.counted})"
    )
    again = f"t - begins >= {apart}" if apart else "place = 2"
    each = (
        f"select min(begins) as begins, min(case when {again} then t end) as again_at from ({placed}) "
        "group by customer"
    )
    return (
        f"select coalesce(again_at, {plan.until}) - begins as span, "
        f"case when again_at is null then 0 else 1 end as ended, 0 as back from ({each})"
    )


def spans_sql(each: str, unit: int) -> str:
    """How many spans of which length ended, or were cut off?

    Parameters
    ----------
    each : str
        The query of one row a customer.
    unit : int
        What spans are rounded to: up where they ended, down where they were cut off, so that nobody counts
        as observed for longer than was seen.

    Returns
    -------
    str
        A query with ``span`` (in units; −1 for all that were not observed at all), ``ended``, ``cut`` and
        ``back``.
    """
    units = f"span / cast({unit} as double)"
    length = f"case when span < 0 then -1 when ended = 1 then ceil({units}) else floor({units}) end"
    return (
        f"select cast({length} as bigint) as span, cast(sum(ended) as bigint) as ended, "
        "cast(sum(1 - ended) as bigint) as cut, cast(sum(back) as bigint) as back "
        f"from ({each}) group by 1 order by 1"
    )
