"""Run every count of a journey on its steps."""

from __future__ import annotations

from contextlib import ExitStack

from journeymap.engines.progress import Step
from journeymap.engines.protocol import Engine
from journeymap.events.assemble import Counts, EvidenceCounts
from journeymap.events.by_customer import count_by_customer
from journeymap.events.catalogue import Catalogue
from journeymap.events.count_columns import put_beside
from journeymap.events.counting_rules import CountingRules, exact_waits
from journeymap.events.observed_transitions import refuse_too_many
from journeymap.events.queries import counts as queries
from journeymap.events.queries import routes
from journeymap.events.queries.steps import StepsPlan
from journeymap.events.queries.wait_quantiles import ERROR, edge_waits_sql

__all__ = ["count_steps"]


def count_steps(
    engine: Engine,
    plan: StepsPlan,
    catalogue: Catalogue,
    steps: str,
    rules: CountingRules,
    step: Step,
    *,
    events: int,
) -> Counts:
    """Run every count on the steps.

    Parameters
    ----------
    engine : Engine
        Where the steps are.
    plan : StepsPlan
        What the log has.
    catalogue : Catalogue
        The states.
    steps : str
        The table of steps.
    rules : CountingRules
        What the call, else the design, else the log says.
    step : callable
        Told what is being done.
    events : int
        How many steps there are, or more; what takes much memory goes by parts of the customers.

    Returns
    -------
    Counts
        The counts.

    Notes
    -----
    Nobody looks at an answer before all is asked: where others run the queries, that is one round for them.
    """
    cut, exact, words = rules.cut, exact_waits(events), engine.snippets
    with ExitStack() as kept:

        def keep(table: str) -> str:
            kept.callback(engine.drop, table)
            return table

        found = count_by_customer(engine, plan, catalogue, steps, cut, keep, step, events=events)
        journeys = engine.run(queries.journeys_sql(plan, steps, cut), "journeys")
        cycles = engine.run(queries.cycles_sql(steps, words), "cycles") if plan.has_end else None
        step("counting transitions and waits")
        edge_waits = edge_waits_sql(steps, words, exact=exact)
        edge_waits = keep(engine.materialise(edge_waits, "edge_waits"))
        short_waits = keep(engine.materialise(queries.short_waits_sql(steps, edge_waits), "short_waits"))
        moves = keep(engine.materialise(queries.moves_sql(plan, steps, cut, words), "moves"))
        sums = engine.run(queries.sums_sql(plan, moves, words), "sums")
        waits_between = engine.run(f"select * from {edge_waits} order by state, next_state", "edge_waits")
        refuse_too_many(waits_between, len(catalogue.states))
        transitions = engine.run(queries.transitions_sql(moves, found.followers, short_waits), "transitions")
        waits = engine.run(queries.waits_sql(steps), "waits")
        places = engine.run(routes.places_sql(steps, cut), "places")
        sojourns = engine.run(queries.sojourns_sql(steps), "sojourns") if plan.has_end else None
    journeys = journeys if cycles is None else put_beside(journeys, cycles, ("g",))
    return Counts(
        touchpoints=put_beside(sums, found.visitors, ("state", "g")),
        journeys=put_beside(journeys, found.met, ("g",)),
        transitions=transitions,
        rules=rules,
        wait_error=0.0 if exact else ERROR,
        evidence=EvidenceCounts(
            edge_waits=waits_between,
            cells=found.cells,
            waits=waits,
            routes=found.routes,
            places=places,
            sojourns=sojourns,
            stage_times=found.stage_times,
        ),
    )
