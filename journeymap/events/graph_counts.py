"""Count the graph alone: visits, transitions and waits, without the groups that intervals are made from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pyarrow as pa

from journeymap.engines.progress import Step
from journeymap.engines.protocol import Engine
from journeymap.events.assemble import Counts
from journeymap.events.catalogue import Catalogue
from journeymap.events.count_columns import put_beside
from journeymap.events.counting_rules import CountingRules, exact_waits
from journeymap.events.observed_transitions import refuse_too_many
from journeymap.events.queries import counts as queries
from journeymap.events.queries import graph
from journeymap.events.queries.steps import StepsPlan
from journeymap.events.queries.wait_quantiles import ERROR, edge_waits_sql

__all__ = ["count_graph", "graph_plan"]


def graph_plan(plan: StepsPlan) -> StepsPlan:
    """Leave out what only evidence is made from.

    Parameters
    ----------
    plan : StepsPlan
        What the log has.

    Returns
    -------
    StepsPlan
        All customers are one group; nobody asks for moves back, agents and flags.
    """
    return replace(plan, groups=1, has_ranks=False, has_agent=False, flags=())


def count_graph(
    engine: Engine,
    plan: StepsPlan,
    catalogue: Catalogue,
    steps: str,
    rules: CountingRules,
    step: Step,
    *,
    events: int,
) -> Counts:
    """Count visits, transitions and waits on the steps.

    Parameters
    ----------
    engine : Engine
        Where the steps are.
    plan : StepsPlan
        What `graph_plan` left of what the log has.
    catalogue : Catalogue
        The states.
    steps : str
        The table of steps.
    rules : CountingRules
        What the call, else the design, else the log says.
    step : callable
        Told what is being done.
    events : int
        How many steps there are, or more.

    Returns
    -------
    Counts
        The counts, without evidence.

    Notes
    -----
    Nobody looks at an answer before all is asked.
    """
    cut, exact, number = rules.cut, exact_waits(events), len(catalogue.states)
    words = engine.snippets
    with ExitStack() as kept:

        def keep(table: str) -> str:
            kept.callback(engine.drop, table)
            return table

        step("counting journeys")
        by = _by_bits if number <= queries.CELLS_PER_MASK else _by_rows
        journeys, visitors = by(engine, plan, number, steps, cut, keep)
        step("counting transitions and waits")
        waits = edge_waits_sql(steps, words, exact=exact, shares=graph.WAIT_SHARES)
        moves = keep(engine.materialise(queries.moves_sql(plan, steps, cut, words), "moves"))
        sums = engine.run(queries.sums_sql(plan, moves, words), "sums")
        between = graph.transition_waits_sql(moves, f"({waits})")
        transitions = engine.run(between, "transition_waits")
    refuse_too_many(transitions, number)
    return Counts(
        touchpoints=put_beside(sums, visitors, ("state", "g")),
        journeys=journeys,
        transitions=transitions,
        rules=rules,
        wait_error=0.0 if exact else ERROR,
    )


_Counted = tuple[pa.Table, pa.Table]  # journeys, and who came to each touchpoint


def _by_bits(
    engine: Engine, plan: StepsPlan, number: int, steps: str, cut: int, keep: Callable[[str], str]
) -> _Counted:
    """Count journeys by one number that says where each has been."""
    met = keep(engine.materialise(graph.journey_touchpoints_sql(plan, steps, cut), "journey_touchpoints"))
    states = keep(engine.add_rows({"state": "integer"}, [(state,) for state in range(number)], "states"))
    journeys = engine.run(graph.journey_totals_sql(plan, met), "journey_totals")
    return journeys, engine.run(graph.touchpoint_visitors_sql(plan, met, states), "touchpoint_visitors")


def _by_rows(
    engine: Engine, plan: StepsPlan, number: int, steps: str, cut: int, keep: Callable[[str], str]
) -> _Counted:
    """Count journeys by a row for each touchpoint that one has been to: there are too many for one number."""
    visits = keep(engine.materialise(queries.visits_sql(plan, steps, number), "visits"))
    visitors = engine.run(queries.visitors_sql(plan, visits, number), "visitors")
    rework = queries.rework_sql(plan, visits, number)
    journeys = engine.run(graph.journey_counts_sql(plan, steps, cut, rework), "journey_counts")
    return journeys, visitors
