"""The counts: small aggregates on the steps, by customer group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from journeymap.engines.protocol import Snippets
from journeymap.events.queries.steps import StepsPlan
from journeymap.events.queries.wait_quantiles import grid_column

__all__ = [
    "BUCKET",
    "CELLS_PER_MASK",
    "FLAG_COUNTS",
    "cycles_sql",
    "followers_sql",
    "journeys_sql",
    "met_sql",
    "moves_sql",
    "owner",
    "rework_sql",
    "short_waits_sql",
    "sojourns_sql",
    "sums_sql",
    "transitions_sql",
    "visitors_sql",
    "visits_sql",
    "waits_sql",
]

CELLS_PER_MASK = 62

# the number of a span's bucket: eight to a doubling
# powers of two are rounded: Spark's logarithm of them may be a hair too small
BUCKET = (
    "cast(case when ({0} & ({0} + 1)) = 0 then 8 * round(log2(cast({0} as double) + 1)) "
    "else floor(8 * log2(cast({0} as double) + 1)) end as integer)"
)

_NOTHING = "cast(0 as bigint)"


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
    if "customer" in plan.key_names:
        return f"{plan.group.replace('customer', f'{of}customer')} as g"
    return f"min({of}customer) as customer, min({of}g) as g"


def moves_sql(plan: StepsPlan, steps: str, cut: int, words: Snippets) -> str:
    """For every touchpoint, the next one and customer group (there may be one): all that adds up; to be kept.

    All that touchpoints and transitions are counted by comes from one reading of the steps.

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

    Returns
    -------
    str
        A query with ``state``, ``next_state`` (null where journeys end) and ``g``; ``visits``, of them
        ``visits_before`` the goal and ``visits_closed`` (before the goal, in journeys that are won or lost);
        visits in all journeys that are ``closed``, and that are ``won``; ``entries`` and
        ``entries_closed``; and what the log has besides.
    """
    closed = f"won or last_t <= {cut}" if plan.has_goal else f"last_t <= {cut}"
    closed_before = f"before and ({closed})" if plan.has_goal else closed
    counts = {
        "visits": "count(*)",
        "visits_before": _times("before") if plan.has_goal else "count(*)",
        "visits_closed": _times(closed_before),
        "closed": _times(closed),
        "won": _times("won") if plan.has_goal else _NOTHING,
        "entries": _times("place = 1"),
        "entries_closed": _times(f"place = 1 and ({closed})"),
        "moves": _sum("move") if plan.has_ranks else _NOTHING,
        "regressions": _sum("regression") if plan.has_ranks else _NOTHING,
        "wait_us": f"coalesce({words.wide_sum('wait')}, 0)",
        "closed_wait_us": f"coalesce({words.wide_sum(f'case when {closed_before} then wait end')}, 0)",
        "sojourn_us": words.wide_sum("sojourn") if plan.has_end else _NOTHING,
        "position_sum": _sum("position"),
    }
    if plan.has_feeling:
        counts["feelings"] = "count(feeling)"
        counts["feeling_sum"] = _sum("coalesce(cast(round(feeling * 1000000) as bigint), 0)")
    for flag in plan.flags:
        known, value, happened, _ = FLAG_COUNTS[flag]
        counts[known] = f"count({flag})"
        counts[happened] = f"count(*) filter (where {flag} = {value})"
    if plan.has_agent:
        counts |= {"handoff_pairs": "count(handoff)", "redo": "count(*) filter (where redo = 1)",
                   "handoffs": "count(*) filter (where handoff = 1)"}  # fmt: skip
    columns = ", ".join(f"{text} as {name}" for name, text in counts.items())
    return f"select state, next_state, g, {columns} from {steps} group by state, next_state, g"


def short_waits_sql(steps: str, edge_waits: str) -> str:
    """For every pair of touchpoints and customer group: waits that are no longer than the pair's median.

    Parameters
    ----------
    steps : str
        The table of steps.
    edge_waits : str
        The table of `edge_waits_sql`.

    Returns
    -------
    str
        A query with ``state``, ``next_state``, ``g`` and ``below_median``, to be kept; without rows where
        there are none.
    """
    short = f"s.state = w.state and s.next_state = w.next_state and s.wait <= w.{grid_column(0.5)}"
    return (
        f"select s.state, s.next_state, s.g, count(*) as below_median from {steps} s "
        f"join {edge_waits} w on {short} group by s.state, s.next_state, s.g"
    )


def _times(condition: str) -> str:
    """Count rows by adding up 0 and 1: quicker than a filter for each count."""
    return f"cast(sum(cast({condition} as integer)) as bigint)"


def _sum(text: str) -> str:
    return f"cast(sum({text}) as bigint)"


def sums_sql(plan: StepsPlan, moves: str, words: Snippets) -> str:
    """For every touchpoint and customer group (there may be one): visits, endings, moves, waits.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    moves : str
        The table of `moves_sql`.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with one row a touchpoint and group.
    """
    names = [
        "visits", "visits_before", "visits_closed", "entries", "entries_closed", "moves", "regressions",
        "wait_us", "sojourn_us", "position_sum",
    ]  # fmt: skip
    names += ["feelings", "feeling_sum"] if plan.has_feeling else []
    for flag in plan.flags:
        names += [FLAG_COUNTS[flag].known, FLAG_COUNTS[flag].happened]
    names += ["handoff_pairs", "redo", "handoffs"] if plan.has_agent else []
    counts = {name: words.wide_sum(name) if name.endswith("_us") else _sum(name) for name in names}
    ends = {"lost": "closed - won", "open": "visits - closed", "goal": "won"}
    counts |= {
        name: _sum(f"case when next_state is null then {text} else 0 end") for name, text in ends.items()
    }
    counts["self_loops"] = _sum("case when next_state = state then visits else 0 end")
    counts["waits"] = _sum("case when next_state is not null then visits else 0 end")
    columns = ", ".join(f"{text} as {name}" for name, text in counts.items())
    return f"select state, g, {columns} from {moves} group by state, g order by state, g"


def visits_sql(plan: StepsPlan, steps: str, states: int) -> str:
    """For every journey and touchpoint: how often, to be kept; what distinct journeys are counted from.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    states : int
        How many states there are.

    Returns
    -------
    str
        A query with what names the journey, ``state``, ``g``, ``runs`` (visits, of those that directly follow
        each other only one); where `_in_one_number`, ``followers``: a bit for each state that came next; and,
        where there is anything of that kind, ``happened``: a bit for each of `_happenings` that one of these
        visits was.
    """
    bits = " + ".join(
        f"case when {told} then {1 << bit} else 0 end"
        for bit, told in enumerate(_happenings(plan, states).values())
    )
    sets = f", bit_or({_bit('next_state')}) as followers" if _in_one_number(plan, states) else ""
    sets += f", bit_or({bits}) as happened" if bits else ""
    # added up, which is quicker than a count with a filter
    runs = "cast(sum(case when next_state = state then 0 else 1 end) as integer)"
    return (
        f"select {plan.journey_keys}, state, {owner(plan)}, {runs} as runs{sets} "
        f"from {steps} group by {plan.journey_keys}, state"
    )


def _happenings(plan: StepsPlan, states: int) -> dict[str, str]:
    """List what may be of a visit, and the condition that tells it."""
    found = {} if _in_one_number(plan, states) else {"loop": "next_state = state"}
    found |= {"before": "before"} if plan.has_goal else {}
    found |= {"regression": "regression = 1"} if plan.has_ranks else {}
    found |= {name: f"{name} = 1" for name in ("handoff", "redo") if plan.has_agent}
    return found | {flag: f"{flag} = {FLAG_COUNTS[flag].value}" for flag in plan.flags}


def _happened(plan: StepsPlan, states: int) -> dict[str, str]:
    """The conditions on a row of `visits_sql` that tell what happened; a loop is a follower of itself."""
    loop = {"loop": f"(followers & ({_bit('state')})) > 0"} if _in_one_number(plan, states) else {}
    bits = enumerate(_happenings(plan, states))
    return loop | {name: f"(happened & {1 << bit}) > 0" for bit, name in bits}


def visitors_sql(plan: StepsPlan, visits: str, states: int) -> str:
    """For every touchpoint and customer group: distinct journeys and customers."""
    happened = _happened(plan, states)
    before = f"count(*) filter (where {happened['before']})" if plan.has_goal else "count(*)"
    regression = _customers(plan, happened["regression"]) if plan.has_ranks else "cast(0 as bigint)"
    more = {FLAG_COUNTS[flag].customers: happened[flag] for flag in plan.flags}
    more |= {f"{name}_customers": happened[name] for name in ("handoff", "redo") if plan.has_agent}
    declared = "".join(f", {_customers(plan, told)} as {name}" for name, told in more.items())
    return (
        f"select state, g, count(*) as journeys, {before} as journeys_before, "
        f"{_customers(plan)} as customers, "
        f"{_customers(plan, happened['loop'])} as self_loop_customers, "
        "cast(sum(runs - 1) as bigint) as repetitions, "
        f"{_customers(plan, 'runs > 1')} as repetition_customers, "
        f"{regression} as regression_customers, "
        f"count(*) filter (where runs > 1 or {happened['loop']}) as rework_journeys{declared} "
        f"from {visits} group by state, g order by state, g"
    )


def journeys_sql(plan: StepsPlan, steps: str, cut: int) -> str:
    """For every customer group: journeys and how they ended."""
    return (
        f"select g, count(*) as journeys, {_customers(plan)} as customers, "
        "cast(sum(place) as bigint) as events, "
        "count(*) filter (where won) as won, "
        f"count(*) filter (where not won and last_t <= {cut}) as lost, "
        f"count(*) filter (where not won and last_t > {cut}) as open "
        f"from {steps} where next_state is null group by g order by g"
    )


def rework_sql(plan: StepsPlan, visits: str, states: int) -> str:
    """For every customer group: journeys that came to a touchpoint again; to be kept.

    Groups without such journeys have no row.
    """
    loop = _happened(plan, states)["loop"]
    again = f"select distinct {plan.journey_keys}, g from {visits} where runs > 1 or {loop}"
    return f"select g, count(*) as rework from ({again}) group by g"


def met_sql(plan: StepsPlan, each: str, rework: str, cells: Sequence[tuple[int, int]]) -> str:
    """For every customer group: journeys with rework, with service, and with each part of each stage.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    each : str
        A table with one row a journey: ``service`` (0 or 1) and the masks ``mask_0``, … of the cells that it
        met.
    rework : str
        The table, or the bracketed query, of `rework_sql`.
    cells : sequence of (int, int)
        For every cell (a stage, in service or outside) the mask and the bit that stand for it.

    Returns
    -------
    str
        A query with the columns ``service_journeys``, ``service_customers``, for the n-th cell ``journeys_n``
        and ``customers_n``, and ``rework``.
    """
    columns = []
    for number, (mask, bit) in enumerate(cells):
        met = f"(mask_{mask} & {1 << bit}) > 0"
        columns += [f"count(*) filter (where {met}) as journeys_{number}",
                    f"{_customers(plan, met)} as customers_{number}"]  # fmt: skip
    met_by_group = (
        "select g, count(*) filter (where service = 1) as service_journeys, "
        f"{_customers(plan, 'service = 1')} as service_customers, {', '.join(columns)} "
        f"from {each} group by g"
    )
    names = ["service_journeys", "service_customers"]
    names += [f"{what}_{number}" for number in range(len(cells)) for what in ("journeys", "customers")]
    return (
        f"select m.g, {', '.join(f'm.{name}' for name in names)}, coalesce(r.rework, 0) as rework "
        f"from ({met_by_group}) m left join {rework} r on m.g = r.g order by m.g"
    )


def _in_one_number(plan: StepsPlan, states: int) -> bool:
    """Whether what a customer did after a touchpoint fits into the bits of one number."""
    return states <= CELLS_PER_MASK and not plan.several_journeys


def _bit(state: str) -> str:
    return f"cast(1 as bigint) << {state}"


def followers_sql(plan: StepsPlan, steps: str, visits: str, states: str, number: int) -> str:
    """For every pair of touchpoints and customer group: distinct customers; to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    visits : str
        The table of `visits_sql`.
    states : str
        The table of states, with ``state``.
    number : int
        How many states there are.

    Returns
    -------
    str
        A query with ``state``, ``next_state``, ``g`` and ``customers``.
    """
    if _in_one_number(plan, number):
        # few customers come back, so few sets of followers are different
        sets = (
            f"select state, followers, g, count(*) as customers from {visits} where followers is not null "
            "group by state, followers, g"
        )
        return (
            "select f.state, s.state as next_state, f.g, cast(sum(f.customers) as bigint) as customers "
            f"from ({sets}) f join {states} s on (f.followers & ({_bit('s.state')})) > 0 "
            "group by f.state, s.state, f.g"
        )
    # one number for the pair: the fewer columns tell rows apart, the faster
    pair = f"cast(state as integer) * {number} + next_state"
    each = f"select distinct customer, {pair} as pair from {steps} where next_state is not null"
    counted = (
        f"select pair, g, count(*) as customers from (select pair, {plan.group} as g from ({each})) "
        "group by pair, g"
    )
    first = f"cast(floor(pair / {number}e0) as integer)"
    return (
        f"select {first} as state, cast(pair - {first} * {number} as integer) as next_state, g, customers "
        f"from ({counted})"
    )


def transitions_sql(moves: str, followers: str, short_waits: str) -> str:
    """For every pair of touchpoints and customer group: how often, by how many, and how long the wait.

    ``closed`` and ``closed_wait_us`` count moves before the goal in journeys that are won or lost.
    """
    same = "m.state = {0}.state and m.next_state = {0}.next_state and m.g = {0}.g"
    return (
        "select m.state, m.next_state, m.g, m.visits as count, f.customers, m.visits_closed as closed, "
        "m.wait_us, m.closed_wait_us, coalesce(w.below_median, 0) as below_median "
        f"from {moves} m join {followers} f on {same.format('f')} "
        f"left join {short_waits} w on {same.format('w')} order by m.state, m.next_state, m.g"
    )


def waits_sql(steps: str) -> str:
    """For every touchpoint and customer group: a histogram of the waits after it, eight bins an octave."""
    return (
        f"select state, {BUCKET.format('wait')} as bucket, g, count(*) as count from {steps} "
        "where next_state is not null group by state, bucket, g order by state, bucket, g"
    )


def sojourns_sql(steps: str) -> str:
    """For every touchpoint and customer group: a histogram of how long events last."""
    return (
        f"select state, {BUCKET.format('lasted')} as bucket, g, count(*) as count from {steps} "
        "where lasted is not null group by state, bucket, g order by state, bucket, g"
    )


def cycles_sql(steps: str, words: Snippets) -> str:
    """For every customer group: how long journeys take from end to end, and how much of it events cover."""
    return (
        f"select g, {words.wide_sum('case when place = 1 then cycle else 0 end')} as cycle_us, "
        f"{words.wide_sum('busy')} as processing_us from {steps} group by g order by g"
    )
