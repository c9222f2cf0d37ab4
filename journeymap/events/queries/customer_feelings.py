"""How did each customer feel, in service and outside of it, and how did the journey end?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.engines.protocol import Snippets
from journeymap.events.queries.millionths import MILLIONTHS
from journeymap.events.queries.routes import end_code
from journeymap.events.queries.steps import StepsPlan

__all__ = [
    "EXPERIENCES",
    "SERVICES",
    "felt_answers_sql",
    "felt_cells_sql",
    "felt_contacts_sql",
    "felt_events_sql",
    "felt_moments_sql",
]

EXPERIENCES = ("bad", "good", "unknown")
SERVICES = ("none", "good", "poor", "unknown")
# sums of decimal feelings that cancel must not fall on either side of a limit by rounding
_ROUNDED = "round({}, 9)"


def felt_events_sql(plan: StepsPlan, steps: str, states: str, cut: int, answers: str = "") -> str:
    """Select the visits before the goal, in journeys that are won or lost, to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps, states : str
        The tables of steps, and of states: ``state``, ``rank`` (of its stage) and ``service`` (0 or 1).
    cut : int
        A journey without goal whose last event is not after this time is lost.
    answers : str
        The table of `felt_answers_sql`, whose feelings stand for those of the log.

    Returns
    -------
    str
        A query with what names the journey, ``customer``, ``g``, ``place``, ``service``, ``feeling``, ``won``
        (0 or 1) and ``reached``: the highest stage of visits outside service so far.
    """
    keys = ", ".join(f"t.{name}" for name in dict.fromkeys(("customer", *plan.key_names)))
    journey = ", ".join(f"t.{name}" for name in plan.key_names)
    reached = (
        f"coalesce(max(case when s.service = 0 then s.rank end) over (partition by {journey} "
        "order by t.place rows between unbounded preceding and current row), 0)"
    )
    feeling, join = "t.feeling", ""
    if answers:
        # one answer a touchpoint and journey: it is laid on the first of the visits
        first = f"row_number() over (partition by {journey}, t.state order by t.place)"
        feeling = f"case when {first} = 1 then a.feeling end as feeling"
        same = " and ".join(f"t.{name} = a.{name}" for name in (*plan.key_names, "state"))
        join = f" left join {answers} a on {same}"
    return (
        f"select {keys}, t.g, t.place, s.service, {feeling}, case when t.won then 1 else 0 end as won, "
        f"{reached} as reached from {steps} t join {states} s on t.state = s.state{join} "
        f"where t.before and {end_code(cut)} < 2"
    )


def felt_answers_sql(
    plan: StepsPlan,
    placed: Sequence[str],
    nodes: str,
    answered: str,
    questions: Sequence[int],
    words: Snippets,
) -> str:
    """Select how customers said they felt at each touchpoint of each journey, to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    placed : sequence of str
        The tables of answers, see `journeymap.events.queries.linking.placed_sql`.
    nodes : str
        The table from ``place`` to ``state``.
    answered : str
        The table of customers who answered: ``name``, and ``customer`` by the numbers of the answers.
    questions : sequence of int
        The numbers of the questions whose scores are feelings.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with what names the journey, ``state`` and ``feeling``, the mean of several.
    """
    both = " union all ".join(f"select j0, j1, q, place, norm from {part}" for part in placed)
    customer = "k.customer" if plan.customers else words.customer_key("a.name")
    keys = {"session": "p.j0"} if plan.has_journey else {"customer": customer}
    if plan.split_after is not None:
        keys["part"] = "p.j1"
    join = ""
    if not plan.has_journey:
        join = f" join {answered} a on p.j0 = a.customer"
        join += f" join {plan.customers} k on a.name = k.name" if plan.customers else ""
    numbers = ", ".join(map(str, questions))
    return (
        f"select {', '.join(f'{text} as {name}' for name, text in keys.items())}, n.state, "
        f"avg(round(4 * p.norm - 2, 9)) as feeling from ({both}) p join {nodes} n on p.place = n.place{join} "
        f"where p.q in ({numbers}) and p.j0 is not null group by {', '.join(keys.values())}, n.state"
    )


def felt_cells_sql(
    plan: StepsPlan, events: str, *, poor_below: float, good_above: float, min_customers: int
) -> str:
    """For every stage, experience and service: how many journeys came there, and how they ended.

    A journey is looked at anew at every stage that it reaches, until the stage of its first poor contact.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    events : str
        The table of `felt_events_sql`.
    poor_below : float
        A contact that felt worse than this is poor.
    good_above : float
        An experience whose mean feeling outside service lies above this is good.
    min_customers : int
        Stages at which fewer customers are looked at count together, as stage −1.

    Returns
    -------
    str
        A query with ``stage``, ``experience`` and ``service`` (places in `EXPERIENCES` and `SERVICES`),
        ``g``, ``journeys``, ``won``, ``customers`` and, of the last look at each journey, ``final``,
        ``final_won`` and ``final_customers``.
    """
    keys = plan.journey_keys
    owner = ", ".join(dict.fromkeys(("customer", *plan.key_names)))
    outside = "service = 0 and feeling is not null"
    at_stage = (
        f"select {owner}, g, reached, max(won) as won, "
        f"sum(case when {outside} then feeling end) as total, "
        f"count(*) filter (where {outside}) as felt, "
        f"max(case when service = 1 and feeling < {poor_below} then 1 else 0 end) as poor, "
        "max(case when service = 1 and feeling is not null then 1 else 0 end) as known, "
        "max(case when service = 1 and feeling is null then 1 else 0 end) as silent "
        f"from {events} group by {owner}, g, reached"
    )
    whole = f"over (partition by {keys})"
    so_far = f"over (partition by {keys} order by reached rows between unbounded preceding and current row)"
    earlier = f"over (partition by {keys} order by reached rows between unbounded preceding and 1 preceding)"
    looked = (
        f"select {owner}, g, reached, won, poor, coalesce(max(poor) {earlier}, 0) as poor_before, "
        f"max(known) {so_far} as known, max(silent) {so_far} as silent, max(reached) {whole} as highest, "
        f"{_ROUNDED.format(f'sum(total) {whole} / nullif(sum(felt) {whole}, 0)')} as outside from at_stage"
    )
    cells = (
        "select customer, g, reached, won, "
        f"case when outside is null then 2 when outside > {good_above} then 1 else 0 end as experience, "
        "case when poor = 1 then 2 when silent = 1 then 3 when known = 1 then 1 else 0 end as service, "
        "case when poor = 1 or reached = highest then 1 else 0 end as final from looked where poor_before = 0"
    )
    sizes, merged = _merged(min_customers)
    group = "stage, experience, service, g"
    return (
        f"with at_stage as ({at_stage}), looked as ({looked}), cells as ({cells}), sizes as ({sizes}), "
        f"merged as ({merged}) select {group}, count(*) as journeys, cast(sum(won) as bigint) as won, "
        "count(distinct customer) as customers, cast(sum(final) as bigint) as final, "
        "cast(sum(final * won) as bigint) as final_won, "
        "count(distinct case when final = 1 then customer end) as final_customers "
        f"from merged group by {group} order by {group}"
    )


def _merged(min_customers: int) -> tuple[str, str]:
    """Count small stages of the query ``cells`` together: the queries ``sizes`` and ``merged``."""
    stage = f"case when z.customers < {min_customers} then -1 else c.reached end as stage"
    return (
        "select reached, count(distinct customer) as customers from cells group by reached",
        f"select {stage}, c.* from cells c join sizes z on c.reached = z.reached",
    )


def felt_contacts_sql(
    plan: StepsPlan, events: str, *, poor_below: float, good_above: float, min_customers: int
) -> str:
    """For every stage, experience and service: how many journeys with a felt contact, and how they ended.

    Parameters
    ----------
    plan, events, poor_below, good_above, min_customers
        As for `felt_cells_sql`.

    Returns
    -------
    str
        A query with ``stage`` (the highest reached before the first contact of which a feeling is known),
        ``experience``, ``first`` and ``service`` (1 for good, 2 for poor: the first such contact, and the
        mean of all), ``g``, ``journeys``, ``won`` and ``customers``.
    """
    owner = ", ".join(dict.fromkeys(("customer", *plan.key_names)))
    felt = "feeling is not null"
    means = (
        f"select {plan.journey_keys}, "
        f"{_ROUNDED.format(f'avg(case when service = 0 and {felt} then feeling end)')} as outside, "
        f"{_ROUNDED.format(f'avg(case when service = 1 and {felt} then feeling end)')} as inside "
        f"from {events} group by {plan.journey_keys}"
    )
    contacts = (
        f"select {owner}, g, reached, won, feeling, "
        f"row_number() over (partition by {plan.journey_keys} order by place) as number "
        f"from {events} where service = 1 and {felt}"
    )
    same = " and ".join(f"c.{name} = m.{name}" for name in plan.key_names)
    cells = (
        "select c.customer, c.g, c.reached, c.won, "
        f"case when m.outside is null then 2 when m.outside > {good_above} then 1 else 0 end as experience, "
        f"case when c.feeling < {poor_below} then 2 else 1 end as first, "
        f"case when m.inside < {poor_below} then 2 else 1 end as service "
        f"from contacts c join means m on {same} where c.number = 1"
    )
    sizes, merged = _merged(min_customers)
    group = "stage, experience, first, service, g"
    return (
        f"with means as ({means}), contacts as ({contacts}), cells as ({cells}), sizes as ({sizes}), "
        f"merged as ({merged}) select {group}, count(*) as journeys, cast(sum(won) as bigint) as won, "
        f"count(distinct customer) as customers from merged group by {group} order by {group}"
    )


def felt_moments_sql(plan: StepsPlan, events: str) -> str:
    """For every customer group: sums and cross products of good feelings, bad feelings and the outcome.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    events : str
        The table of `felt_events_sql`.

    Returns
    -------
    str
        A query with ``g``, ``journeys`` with a feeling, their ``customers`` and how many are ``won``, and as
        whole millionths the sums of ``good_u`` (a journey's mean of max(x, 0)), ``bad_u`` (of max(−x, 0)),
        their products ``good_good_u``, ``good_bad_u``, ``bad_bad_u``, and of those won, ``good_won_u`` and
        ``bad_won_u``.
    """
    keys = ", ".join(dict.fromkeys(("customer", *plan.key_names)))
    each = (
        f"select {keys}, g, max(won) as won, avg(case when feeling > 0 then feeling else 0 end) as good, "
        "avg(case when feeling < 0 then -feeling else 0 end) as bad "
        f"from {events} where feeling is not null group by {keys}, g"
    )
    sums = {
        "good_u": "good",
        "bad_u": "bad",
        "good_good_u": "good * good",
        "good_bad_u": "good * bad",
        "bad_bad_u": "bad * bad",
        "good_won_u": "good * won",
        "bad_won_u": "bad * won",
    }
    columns = ", ".join(f"{MILLIONTHS.format(text)} as {name}" for name, text in sums.items())
    return (
        f"with each_journey as ({each}) select g, count(*) as journeys, "
        f"count(distinct customer) as customers, cast(sum(won) as bigint) as won, {columns} "
        "from each_journey group by g order by g"
    )
