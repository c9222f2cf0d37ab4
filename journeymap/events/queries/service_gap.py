"""How does each customer feel at service contacts, and how outside of them?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.events.queries.steps import StepsPlan

__all__ = ["FELT", "felt_customers_sql", "felt_steps_sql", "gap_cells_sql", "gap_moments_sql", "parity_sql"]

FELT = ("good", "middle", "poor", "unknown")
OTHERS = "*"
_MICRO = "cast(round(coalesce(sum({}), 0) * 1e6) as bigint)"
# means of decimal feelings must not fall on either side of a limit by rounding
_ROUNDED = "round({}, 9)"


def felt_steps_sql(plan: StepsPlan, steps: str, states: str, answers: str = "") -> str:
    """Select every event, told apart by service, with its feeling; to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps, states : str
        The tables of steps, and of states: ``state``, ``service`` (0 or 1) and ``channel`` (null where the
        design names not just one).
    answers : str
        The table of `journeymap.events.queries.customer_feelings.felt_answers_sql`, whose feelings stand for
        those of the log.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``segment`` (empty without), ``service``, ``channel`` (empty where
        not known) and ``feeling``.
    """
    feeling, join = "t.feeling", ""
    if answers:
        # one answer a touchpoint and journey: it is laid on the first of the visits
        keys = ", ".join(f"t.{name}" for name in (*plan.key_names, "state"))
        first = f"row_number() over (partition by {keys} order by t.place)"
        feeling = f"case when {first} = 1 then a.feeling end"
        same = " and ".join(f"t.{name} = a.{name}" for name in (*plan.key_names, "state"))
        join = f" left join {answers} a on {same}"
    segment = "t.segment" if plan.has_segment else "''"
    channel = "coalesce(t.channel, s.channel, '')" if plan.has_channel else "coalesce(s.channel, '')"
    return (
        f"select t.customer, t.g, {segment} as segment, s.service, {channel} as channel, "
        f"{feeling} as feeling from {steps} t join {states} s on t.state = s.state{join}"
    )


def felt_customers_sql(events: str, *, min_customers: int) -> str:
    """Select one row a customer, with the two means; to be kept in the engine.

    Parameters
    ----------
    events : str
        The table of `felt_steps_sql`.
    min_customers : int
        Segments in which both means are known of fewer customers count together, as ``*``.

    Returns
    -------
    str
        A query with ``g``, ``segment``, ``contacts``, ``inside`` (S) and ``outside`` (X), null where not
        known.
    """

    def mean(service: int) -> str:
        return _ROUNDED.format(f"avg(case when service = {service} then feeling end)")

    each = (
        f"select customer, g, segment, sum(service) as contacts, {mean(1)} as inside, {mean(0)} as outside "
        f"from {events} group by customer, g, segment"
    )
    sizes = (
        "select segment, count(*) filter (where inside is not null and outside is not null) as known "
        "from each_customer group by segment"
    )
    segment = f"case when z.known < {min_customers} then '{OTHERS}' else c.segment end"
    return (
        f"with each_customer as ({each}), sizes as ({sizes}) "
        f"select c.g, {segment} as segment, c.contacts, c.inside, c.outside "
        "from each_customer c join sizes z on c.segment = z.segment"
    )


def gap_cells_sql(customers: str, *, good_above: float, poor_below: float) -> str:
    """For every segment, service and experience: how many customers.

    Parameters
    ----------
    customers : str
        The table of `felt_customers_sql`.
    good_above, poor_below : float
        A mean above the one is good, below the other poor.

    Returns
    -------
    str
        A query with ``segment``, ``service`` and ``experience`` (places in `FELT`), ``g`` and ``customers``.
    """

    def felt(name: str) -> str:
        return (
            f"case when {name} is null then 3 when {name} > {good_above} then 0 "
            f"when {name} < {poor_below} then 2 else 1 end"
        )

    return (
        f"select segment, {felt('inside')} as service, {felt('outside')} as experience, g, "
        f"count(*) as customers from {customers} group by 1, 2, 3, 4 order by 1, 2, 3, 4"
    )


def gap_moments_sql(customers: str) -> str:
    """For every segment: sums, squares and products of the two means, of customers with both and with one.

    Parameters
    ----------
    customers : str
        The table of `felt_customers_sql`.

    Returns
    -------
    str
        A query with ``segment``, ``g``, ``customers_both``, in whole millionths the sums ``service_u``,
        ``experience_u``, ``service_service_u``, ``experience_experience_u`` and ``service_experience_u`` of
        those, ``customers_without`` (X is known, and there is no contact) with ``without_u`` and
        ``without_without_u``, and ``customers_silent`` (X is known, and S is not in spite of contacts)
        with ``silent_u`` and ``silent_silent_u``.
    """
    both = "inside is not null and outside is not null"
    alone = "contacts = 0 and outside is not null"
    silent = "contacts > 0 and inside is null and outside is not null"
    sums = {
        "service_u": (both, "inside"),
        "experience_u": (both, "outside"),
        "service_service_u": (both, "inside * inside"),
        "experience_experience_u": (both, "outside * outside"),
        "service_experience_u": (both, "inside * outside"),
        "without_u": (alone, "outside"),
        "without_without_u": (alone, "outside * outside"),
        "silent_u": (silent, "outside"),
        "silent_silent_u": (silent, "outside * outside"),
    }
    columns = ", ".join(
        f"{_MICRO.format(f'case when {who} then {what} end')} as {name}" for name, (who, what) in sums.items()
    )
    return (
        f"select segment, g, count(*) filter (where {both}) as customers_both, "
        f"count(*) filter (where {alone}) as customers_without, "
        f"count(*) filter (where {silent}) as customers_silent, {columns} "
        f"from {customers} group by segment, g order by segment, g"
    )


def parity_sql(events: str, by: Sequence[str], *, min_customers: int) -> str:
    """For every channel, and every segment: how do service contacts feel?

    Parameters
    ----------
    events : str
        The table of `felt_steps_sql`.
    by : sequence of str
        ``channel``, ``segment`` or both.
    min_customers : int
        Values with felt contacts of fewer customers count together, as ``*``.

    Returns
    -------
    str
        A query with ``alike`` (one of `by`), ``value``, ``g``, ``contacts``, ``felt``, the sums ``sum_u`` and
        ``sum2_u`` of the feelings and their squares in whole millionths, and the ``customers`` with felt
        contacts.
    """
    served = " union all ".join(
        f"select '{column}' as alike, {column} as own, customer, g, feeling from {events} where service = 1"
        for column in by
    )
    felt = "case when feeling is not null then customer end"
    sizes = f"select alike, own, count(distinct {felt}) as known from served group by alike, own"
    value = f"case when z.known < {min_customers} then '{OTHERS}' else s.own end"
    merged = (
        f"select s.alike, {value} as value, s.customer, s.g, s.feeling from served s "
        "join sizes z on s.alike = z.alike and s.own = z.own"
    )
    return (
        f"with served as ({served}), sizes as ({sizes}), merged as ({merged}) "
        "select alike, value, g, count(*) as contacts, count(feeling) as felt, "
        f"{_MICRO.format('feeling')} as sum_u, {_MICRO.format('feeling * feeling')} as sum2_u, "
        f"count(distinct {felt}) as customers "
        "from merged group by alike, value, g order by alike, value, g"
    )
