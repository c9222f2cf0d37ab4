"""The paths: whole journeys as texts, what follows what, and which visits led to the goal."""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.engines.protocol import Snippets
from journeymap.events.queries.counts import owner
from journeymap.events.queries.routes import end_code
from journeymap.events.queries.steps import StepsPlan
from journeymap.events.queries.wait_quantiles import quantiles_sql

__all__ = [
    "AT_START",
    "LONGEST",
    "MERGED",
    "NOWHERE",
    "TO_GOAL",
    "TO_LOST",
    "contexts_sql",
    "credit_sql",
    "frequent_sql",
    "middle_start_sql",
    "variants_sql",
    "ways_sql",
]

LONGEST = 60
MERGED = "*"

# what stands in the place of a state's number
NOWHERE, AT_START, TO_GOAL, TO_LOST = -1, -2, -3, -4

_MILLION = 1_000_000
# by position: 40 % to the first and to the last visit, the rest to those between
_OUTER, _INNER = 400_000, 200_000


def ways_sql(plan: StepsPlan, steps: str, cut: int, words: Snippets, *, part: str) -> str:
    """For every journey: the way that it took up to the first visit to the goal, to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    cut : int
        A journey without goal whose last event is not after this time (microseconds) is lost.
    words : Snippets
        The engine's words.
    part : str
        A condition on ``g``: which customers.

    Returns
    -------
    str
        A query with what names the journey, the customer, ``g``, ``way`` (the numbers of the states before
        the goal, joined by blanks; `MERGED` where there are more than `LONGEST` visits), ``goal`` (the number
        of the state that won it, null without), ``ended`` (a place in
        `journeymap.events.queries.routes.ENDS`), ``began`` (the time of the first event) and ``cycle_us``
        (from there to the goal, or to the last event).
    """
    visits = "count(*) filter (where before) + max(case when won then 1 else 0 end)"
    way = words.ordered_text("state", "place", f"before and place <= {LONGEST}")
    stay = _stay(plan)
    return (
        f"select {plan.journey_keys}, {owner(plan)}, "
        f"case when {visits} > {LONGEST} then {words.literal(MERGED)} else coalesce({way}, '') end as way, "
        "min_by(state, place) filter (where not before) as goal, "
        f"max({end_code(cut)}) as ended, "
        f"max(last_t) - cast(coalesce(sum({stay}), 0) as bigint) as began, "
        f"cast(coalesce(sum({stay}) filter (where before), 0) as bigint) as cycle_us "
        f"from {steps} where {part} group by {plan.journey_keys}"
    )


def _stay(plan: StepsPlan) -> str:
    """Name the column with the time from the start of an event to the start of the next."""
    return "stay" if plan.has_end else "wait"


def frequent_sql(plan: StepsPlan, ways: Sequence[str], min_customers: int, words: Snippets) -> str:
    """Which ways did enough customers go, whether they came to the goal or not? To be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    ways : sequence of str
        Tables of `ways_sql`; a customer is in one of them.
    min_customers : int
        How many are enough.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with the one column ``kept``.
    """
    customers = "count(distinct customer)" if plan.several_journeys else "count(*)"
    counted = " union all ".join(
        f"select way, {customers} as customers from {table} group by way" for table in ways
    )
    return (
        f"select way as kept from ({counted}) where way <> {words.literal(MERGED)} "
        f"group by way having sum(customers) >= {min_customers}"
    )


def variants_sql(plan: StepsPlan, way: str, frequent: str, words: Snippets) -> str:
    """For every path along a frequent way, end and customer group: journeys, customers, time.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    way : str
        A table of `ways_sql`.
    frequent : str
        The table of `frequent_sql`.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with ``path`` (way and goal; `MERGED` for all ways that are not frequent), ``ended``, ``g``,
        ``journeys``, ``customers`` and ``cycle_us``.
    """
    customers = "count(distinct customer)" if plan.several_journeys else "count(*)"
    path = (
        f"case when f.kept is null then {words.literal(MERGED)} "
        "when w.goal is null then w.way else trim(concat(w.way, ' ', cast(w.goal as string))) end as path"
    )
    return (
        f"select path, ended, g, count(*) as journeys, {customers} as customers, "
        f"{words.wide_sum('cycle_us')} as cycle_us "
        f"from (select {path}, w.ended, w.g, w.customer, w.cycle_us "
        f"from {way} w left join {frequent} f on w.way = f.kept) "
        "group by path, ended, g order by path, ended, g"
    )


def middle_start_sql(ways: Sequence[str], words: Snippets) -> str:
    """When did the journey in the middle of all decided journeys begin, in microseconds?"""
    began = " union all ".join(f"select began from {table} where ended < 2" for table in ways)
    middle = quantiles_sql(f"({began})", "began", (), {"middle": 0.5}, words)
    return f"select cast(middle as bigint) as middle from ({middle})"


def contexts_sql(plan: StepsPlan, steps: str, cut: int, middle: int, *, part: str) -> str:
    """For every three visits in a row, half of the journeys and customer group: how often.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    cut : int
        A journey without goal whose last event is not after this time (microseconds) is lost.
    middle : int
        Journeys that begin before this time are in the first half.
    part : str
        A condition on ``g``: which customers.

    Returns
    -------
    str
        A query with ``earlier``, ``source`` and ``target`` (numbers of states, or `NOWHERE`, `AT_START`,
        `TO_GOAL`, `TO_LOST`), ``half`` (1 or 2), ``g`` and ``count``; decided journeys up to the goal only.
    """
    keys, stay = plan.journey_keys, _stay(plan)
    seen = (
        "select g, state, next_state, before, place, (lag(state) over w) as earlier, "
        "(lead(before) over w) as before_next, "
        f"case when last_t - (coalesce(sum({stay}) over whole, 0)) < {middle} then 1 else 2 end as half "
        f"from {steps} where {part} and (won or last_t <= {cut}) "
        f"window w as (partition by {keys} order by place), whole as (partition by {keys})"
    )
    follows = (
        f"case when next_state is null then {TO_LOST} when before_next then next_state else {TO_GOAL} end"
    )
    rows = (
        f"select coalesce(earlier, {AT_START}) as earlier, state as source, {follows} as target, half, g "
        "from seen where before union all "
        f"select {NOWHERE} as earlier, {AT_START} as source, "
        f"case when before then state else {TO_GOAL} end as target, half, g from seen where place = 1"
    )
    names = "earlier, source, target, half, g"
    return (
        f"with seen as ({seen}) select {names}, count(*) as count from ({rows}) "
        f"group by {names} order by {names}"
    )


def credit_sql(plan: StepsPlan, steps: str, half_life: int, *, part: str) -> str:
    """For every touchpoint and customer group: its part in the journeys that were won.

    Every journey with a visit before the goal hands out 1, or a million millionths. Shares are cut from the
    running sum, so that those of a journey add up exactly.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    half_life : int
        In microseconds: a visit this much longer before the goal weighs half.
    part : str
        A condition on ``g``: which customers.

    Returns
    -------
    str
        A query with ``state``, ``g``, ``first``, ``last``, ``linear_u``, ``shapley_u``, ``position_u``,
        ``decay_u`` and ``journeys`` (won journeys that visit it before the goal).
    """
    keys = plan.journey_keys
    timed = (
        f"select {keys}, g, state, place, count(*) over whole as visits, "
        f"coalesce(sum({_stay(plan)}) over ahead, 0) as away, "
        f"row_number() over (partition by {keys}, state order by place) as time_here "
        f"from {steps} where {part} and won and before "
        f"window whole as (partition by {keys}), "
        f"ahead as (partition by {keys} order by place rows between current row and unbounded following)"
    )
    # only the differences count: far from the goal all weights would be 0
    weight = f"power(cast(0.5 as double), cast(away - (min(away) over whole) as double) / {half_life})"
    weighed = (
        f"select *, {weight} as weight, sum(case when time_here = 1 then 1 else 0 end) over so_far as kinds, "
        f"sum(case when time_here = 1 then 1 else 0 end) over whole as all_kinds from timed "
        f"window whole as (partition by {keys}), "
        f"so_far as (partition by {keys} order by place rows between unbounded preceding and current row)"
    )
    summed = (
        "select *, sum(weight) over so_far as decayed, sum(weight) over whole as all_decayed from weighed "
        f"window whole as (partition by {keys}), "
        f"so_far as (partition by {keys} order by place rows between unbounded preceding and current row)"
    )
    between = "(visits - 2)"
    inner = f"{_cut('place - 1', between, _INNER)} - {_cut('place - 2', between, _INNER)}"
    position = (
        f"case when visits = 1 then {_MILLION} when visits = 2 then {_MILLION // 2} "
        f"when place in (1, visits) then {_OUTER} else {inner} end"
    )
    decay = f"case when place = visits then {_MILLION} else floor({_MILLION} * decayed / all_decayed) end"
    shares = {
        "first": "case when place = 1 then 1 else 0 end",
        "last": "case when place = visits then 1 else 0 end",
        "linear_u": f"{_cut('place', 'visits')} - {_cut('place - 1', 'visits')}",
        "shapley_u": f"case when time_here = 1 then {_cut('kinds', 'all_kinds')} - "
        f"{_cut('kinds - 1', 'all_kinds')} else 0 end",
        "position_u": position,
        "decay_u": f"so_much - (coalesce(lag(so_much) over (partition by {keys} order by place), 0))",
        "journeys": "case when time_here = 1 then 1 else 0 end",
    }
    parts = ", ".join(f"{share} as {name}" for name, share in shares.items())
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in shares)
    return (
        f"with timed as ({timed}), weighed as ({weighed}), summed as ({summed}), "
        f"cut as (select *, {decay} as so_much from summed), "
        f"shares as (select state, g, {parts} from cut) "
        f"select state, g, {sums} from shares group by state, g order by state, g"
    )


def _cut(place: str, size: str, whole: int = _MILLION) -> str:
    """Cut a whole into equal parts: where does this one end?"""
    return f"floor({whole} * cast({place} as double) / {size})"
