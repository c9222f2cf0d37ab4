"""The counts: small aggregates on the steps, by customer group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from journeymap.engines.protocol import Snippets
from journeymap.events.queries.steps import StepsPlan

__all__ = [
    "BUCKET",
    "CELLS_PER_MASK",
    "FLAG_COUNTS",
    "GRID",
    "cycles_sql",
    "edge_waits_sql",
    "journeys_sql",
    "met_sql",
    "owner",
    "sojourns_sql",
    "sums_sql",
    "transitions_sql",
    "visitors_sql",
    "visits_sql",
    "waits_sql",
]

GRID = tuple(round(0.05 * i, 2) for i in range(21))
CELLS_PER_MASK = 62

# the number of a span's bucket: eight to a doubling
BUCKET = "cast(floor(8 * log2(cast({} as double) + 1)) as integer)"

_CLOSED = "(won or last_t <= {cut})"


class FlagCounts(NamedTuple):
    """What a column of yes and no is counted into: where known, which value counts, visits, customers."""

    known: str
    value: int
    happened: str
    customers: str


FLAG_COUNTS = {
    "repeated": FlagCounts("repeats_known", 1, "repeated", "repeated_customers"),
    "failure": FlagCounts("failures_known", 1, "failures", "failure_customers"),
    "completed": FlagCounts("completions", 0, "not_completed", "not_completed_customers"),
}


def _customers(plan: StepsPlan, condition: str = "true") -> str:
    """Count distinct customers; a plain count where every customer is one journey."""
    if plan.several_journeys:
        return f"count(distinct case when {condition} then customer end)"
    return f"count(*) filter (where {condition})"


def owner(plan: StepsPlan, of: str = "") -> str:
    """Carry the group along, and the customer where it is not what names the journey."""
    group = f"min({of}g) as g"
    return group if "customer" in plan.key_names else f"min({of}customer) as customer, {group}"


def sums_sql(plan: StepsPlan, steps: str, cut: int) -> str:
    """For every touchpoint and customer group: visits, endings, moves, waits.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    cut : int
        A journey without goal whose last event is not after this time (microseconds) is lost.

    Returns
    -------
    str
        A query with one row a touchpoint and group.
    """
    closed = _CLOSED.format(cut=cut)
    last = "next_state is null"
    place = "cast(floor((place - 1) * 1e6 / (size - 1)) as bigint)"
    counts = {
        "visits": "count(*)",
        "visits_before": "count(*) filter (where before)",
        "visits_closed": f"count(*) filter (where before and {closed})",
        "entries": "count(*) filter (where place = 1)",
        "entries_closed": f"count(*) filter (where place = 1 and {closed})",
        "lost": f"count(*) filter (where {last} and not won and last_t <= {cut})",
        "open": f"count(*) filter (where {last} and not won and last_t > {cut})",
        "goal": f"count(*) filter (where {last} and won)",
        "self_loops": "count(*) filter (where next_state = state)",
        "moves": "cast(sum(move) as bigint)",
        "regressions": "cast(sum(regression) as bigint)",
        "waits": "count(wait)",
        "wait_us": "cast(coalesce(sum(wait), 0) as bigint)",
        "sojourn_us": "cast(sum(sojourn) as bigint)",
        # whole millionths: a sum of fractions would depend on the order of adding
        "position_sum": f"cast(sum(case when size > 1 then {place} else 0 end) as bigint)",
    }
    if plan.has_feeling:
        counts["feelings"] = "count(feeling)"
        counts["feeling_sum"] = "cast(coalesce(sum(cast(round(feeling * 1000000) as bigint)), 0) as bigint)"
    for flag in plan.flags:
        known, value, happened, _ = FLAG_COUNTS[flag]
        counts[known] = f"count({flag})"
        counts[happened] = f"count(*) filter (where {flag} = {value})"
    if plan.has_agent:
        counts |= {"handoff_pairs": "count(handoff)", "redo": "count(*) filter (where redo = 1)",
                   "handoffs": "count(*) filter (where handoff = 1)"}  # fmt: skip
    columns = ", ".join(f"{text} as {name}" for name, text in counts.items())
    return f"select state, g, {columns} from {steps} group by state, g order by state, g"


def visits_sql(plan: StepsPlan, steps: str, end: str) -> str:
    """For every journey and touchpoint: how often, to be kept; what distinct journeys are counted from.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    end : str
        An expression that numbers how the journey of a step ends.

    Returns
    -------
    str
        A query with what names the journey, ``state``, ``g``, ``visits``, ``loops``, ``visits_before``,
        ``regressions`` where stages have an order, ``handoff`` and ``redo`` where agents are known (1 where
        one happened), the flags that the log has (1 where one of these visits was what is counted), ``stay``
        (from the start of these visits to the start of the next events, null where nothing follows) and
        ``ended`` (null but where the journey ends).
    """
    regressions = ", sum(regression) as regressions" if plan.has_ranks else ""
    if plan.has_agent:
        regressions += ", max(handoff) as handoff, max(redo) as redo"
    for flag in plan.flags:
        regressions += f", max(case when {flag} = {FLAG_COUNTS[flag].value} then 1 end) as {flag}"
    return (
        f"select {plan.journey_keys}, state, {owner(plan)}, count(*) as visits, "
        "count(*) filter (where next_state = state) as loops, "
        f"count(*) filter (where before) as visits_before{regressions}, "
        f"cast(sum({'stay' if plan.has_end else 'wait'}) as bigint) as stay, "
        f"max(case when next_state is null then {end} end) as ended "
        f"from {steps} group by {plan.journey_keys}, state"
    )


def visitors_sql(plan: StepsPlan, visits: str) -> str:
    """For every touchpoint and customer group: distinct journeys and customers."""
    regression = _customers(plan, "regressions > 0") if plan.has_ranks else "cast(0 as bigint)"
    more = {FLAG_COUNTS[flag].customers: f"{flag} = 1" for flag in plan.flags}
    more |= {f"{name}_customers": f"{name} = 1" for name in ("handoff", "redo") if plan.has_agent}
    declared = "".join(f", {_customers(plan, happened)} as {name}" for name, happened in more.items())
    return (
        "select state, g, count(*) as journeys, "
        "count(*) filter (where visits_before > 0) as journeys_before, "
        f"{_customers(plan)} as customers, "
        f"{_customers(plan, 'loops > 0')} as self_loop_customers, "
        "cast(sum(visits - loops - 1) as bigint) as repetitions, "
        f"{_customers(plan, 'visits - loops > 1')} as repetition_customers, "
        f"{regression} as regression_customers, "
        f"count(*) filter (where visits > 1) as rework_journeys{declared} "
        f"from {visits} group by state, g order by state, g"
    )


def journeys_sql(plan: StepsPlan, steps: str, cut: int) -> str:
    """For every customer group: journeys and how they ended."""
    return (
        f"select g, count(*) as journeys, {_customers(plan)} as customers, "
        "cast(sum(size) as bigint) as events, "
        "count(*) filter (where won) as won, "
        f"count(*) filter (where not won and last_t <= {cut}) as lost, "
        f"count(*) filter (where not won and last_t > {cut}) as open "
        f"from {steps} where place = 1 group by g order by g"
    )


def met_sql(plan: StepsPlan, each: str, cells: Sequence[tuple[int, int]]) -> str:
    """For every customer group: journeys with rework, with service, and with each part of each stage.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    each : str
        A table with one row a journey: ``most`` (visits to one touchpoint), ``service`` (0 or 1) and the
        masks ``mask_0``, … of the cells that it met.
    cells : sequence of (int, int)
        For every cell (a stage, in service or outside) the mask and the bit that stand for it.

    Returns
    -------
    str
        A query with the columns ``rework``, ``service_journeys``, ``service_customers``, and for the n-th
        cell ``journeys_n`` and ``customers_n``.
    """
    columns = []
    for number, (mask, bit) in enumerate(cells):
        met = f"(mask_{mask} & {1 << bit}) > 0"
        columns += [f"count(*) filter (where {met}) as journeys_{number}",
                    f"{_customers(plan, met)} as customers_{number}"]  # fmt: skip
    return (
        "select g, count(*) filter (where most > 1) as rework, "
        "count(*) filter (where service = 1) as service_journeys, "
        f"{_customers(plan, 'service = 1')} as service_customers, {', '.join(columns)} "
        f"from {each} group by g order by g"
    )


def edge_waits_sql(steps: str, words: Snippets) -> str:
    """For every pair of touchpoints: the wait between them, by exact quantiles, to be kept."""
    return (
        f"select state, next_state, {words.quantiles('wait', GRID)} as grid "
        f"from {steps} where next_state is not null group by state, next_state"
    )


def transitions_sql(steps: str, edge_waits: str, cut: int, words: Snippets) -> str:
    """For every pair of touchpoints and customer group: how often, by how many, and how long the wait.

    ``closed`` and ``closed_wait_us`` count moves before the goal in journeys that are won or lost.
    """
    closed = _CLOSED.format(cut=cut)
    median = words.element("w.grid", GRID.index(0.5))
    one = (
        "select s.state, s.next_state, s.customer, min(s.g) as g, count(*) as n, "
        f"count(*) filter (where s.before and {closed}) as closed, sum(s.wait) as wait_us, "
        f"sum(case when s.before and {closed} then s.wait else 0 end) as closed_wait_us, "
        f"count(*) filter (where s.wait <= {median}) as below_median "
        f"from {steps} s join {edge_waits} w on s.state = w.state and s.next_state = w.next_state "
        "group by s.state, s.next_state, s.customer"
    )
    measures = ("closed", "wait_us", "closed_wait_us", "below_median")
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in measures)
    return (
        f"select state, next_state, g, cast(sum(n) as bigint) as count, count(*) as customers, {sums} "
        f"from ({one}) group by state, next_state, g order by state, next_state, g"
    )


def waits_sql(steps: str) -> str:
    """For every touchpoint and customer group: a histogram of the waits after it, eight bins an octave."""
    return (
        f"select state, {BUCKET.format('wait')} as bucket, g, count(*) as count from {steps} "
        "where next_state is not null group by state, bucket, g order by state, bucket, g"
    )


def sojourns_sql(steps: str) -> str:
    """For every touchpoint and customer group: a histogram of how long events last, see `waits_sql`."""
    return (
        f"select state, {BUCKET.format('lasted')} as bucket, g, count(*) as count from {steps} "
        "where lasted is not null group by state, bucket, g order by state, bucket, g"
    )


def cycles_sql(steps: str) -> str:
    """For every customer group: how long journeys take from end to end, and how much of it events cover."""
    return (
        "select g, cast(sum(case when place = 1 then cycle else 0 end) as bigint) as cycle_us, "
        f"cast(sum(busy) as bigint) as processing_us from {steps} group by g order by g"
    )
