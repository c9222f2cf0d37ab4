"""The counts of the graph alone: nothing by customer group, so nothing that intervals are made from."""

from __future__ import annotations

from journeymap.events.queries.counts import journeys_sql, owner
from journeymap.events.queries.routes import end_code
from journeymap.events.queries.steps import StepsPlan
from journeymap.events.queries.wait_quantiles import grid_column

__all__ = [
    "WAIT_SHARES",
    "journey_counts_sql",
    "journey_totals_sql",
    "journey_touchpoints_sql",
    "touchpoint_visitors_sql",
    "transition_waits_sql",
]

WAIT_SHARES = (0.5, 0.9)


def journey_touchpoints_sql(plan: StepsPlan, steps: str, cut: int) -> str:
    """For every journey: to which touchpoints it came, and how it ended; to be kept.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps, with states that all have a bit in one number.
    cut : int
        A journey without goal whose last event is not after this time (microseconds) is lost.

    Returns
    -------
    str
        A query with ``customer``, ``g``, ``met`` (a bit for each state), ``visits`` and ``ended`` (a place in
        `journeymap.events.queries.routes.ENDS`).
    """
    return (
        f"select {plan.journey_keys}, {owner(plan)}, bit_or(cast(1 as bigint) << state) as met, "
        f"count(*) as visits, max(case when next_state is null then {end_code(cut)} end) as ended "
        f"from {steps} group by {plan.journey_keys}"
    )


def journey_totals_sql(plan: StepsPlan, met: str) -> str:
    """How many journeys are there, how did they end, and how many came to a touchpoint again?"""
    customers = "count(distinct customer)" if plan.several_journeys else "count(*)"
    ends = ", ".join(
        f"count(*) filter (where ended = {end}) as {name}" for end, name in enumerate(("won", "lost", "open"))
    )
    return (
        f"select count(*) as journeys, {customers} as customers, cast(sum(visits) as bigint) as events, "
        f"{ends}, count(*) filter (where visits > bit_count(met)) as rework from {met}"
    )


def journey_counts_sql(plan: StepsPlan, steps: str, cut: int, rework: str) -> str:
    """How many journeys are there, how did they end, and how many came to a touchpoint again?

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    steps : str
        The table of steps.
    cut : int
        As in `journey_touchpoints_sql`.
    rework : str
        The query of `journeymap.events.queries.counts.rework_sql`.

    Returns
    -------
    str
        A query with the columns of `journey_totals_sql`.
    """
    return (
        "select j.journeys, j.customers, j.events, j.won, j.lost, j.open, coalesce(r.rework, 0) as rework "
        f"from ({journeys_sql(plan, steps, cut)}) j left join ({rework}) r on j.g = r.g"
    )


def touchpoint_visitors_sql(plan: StepsPlan, met: str, states: str) -> str:
    """For every touchpoint: distinct journeys and customers.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.
    met : str
        The table of `journey_touchpoints_sql`.
    states : str
        The table of states, with ``state``.

    Returns
    -------
    str
        A query with ``state``, ``g`` (0), ``journeys`` and ``customers``.
    """
    journeys = _met(met, states)
    if not plan.several_journeys:
        return f"select state, 0 as g, n as journeys, n as customers from ({journeys}) order by state"
    customers = _met(f"(select bit_or(met) as met from {met} group by customer)", states)
    return (
        "select j.state, 0 as g, j.n as journeys, c.n as customers "
        f"from ({journeys}) j join ({customers}) c on j.state = c.state order by j.state"
    )


def _met(rows: str, states: str) -> str:
    """Count the rows that met each state."""
    return (
        f"select s.state, count(*) as n from {rows} b "
        f"join {states} s on (b.met & (cast(1 as bigint) << s.state)) > 0 group by s.state"
    )


def transition_waits_sql(moves: str, edge_waits: str) -> str:
    """For every pair of touchpoints: how often, and how long the wait: its sum, median and 90th percentile.

    Parameters
    ----------
    moves : str
        The table of `journeymap.events.queries.counts.moves_sql`.
    edge_waits : str
        The table, or the bracketed query, of `journeymap.events.queries.wait_quantiles.edge_waits_sql`.

    Returns
    -------
    str
        A query with ``state``, ``next_state``, ``count``, ``wait_us`` and a column for each of `WAIT_SHARES`.
    """
    quantiles = ", ".join(f"w.{grid_column(share)}" for share in WAIT_SHARES)
    return (
        f"select m.state, m.next_state, m.visits as count, m.wait_us, {quantiles} from {moves} m "
        f"join {edge_waits} w on m.state = w.state and m.next_state = w.next_state "
        "order by m.state, m.next_state"
    )
