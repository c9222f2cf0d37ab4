"""Run every count of a journey on its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

import pyarrow as pa

from journeymap.engines.progress import Step
from journeymap.engines.protocol import Engine
from journeymap.events.assemble import Counts
from journeymap.events.catalogue import Catalogue
from journeymap.events.observed_transitions import refuse_too_many
from journeymap.events.parts import group_parts, together
from journeymap.events.queries import counts as queries
from journeymap.events.queries import routes
from journeymap.events.queries.steps import StepsPlan
from journeymap.events.queries.wait_quantiles import ERROR, edge_waits_sql

__all__ = ["EXACT", "CountingRules", "count_steps"]

EXACT = 30_000_000  # steps; quantiles of more waits would need more memory than many machines have
PART = 4_000_000  # steps; what is told apart by customer is kept in memory for so many at a time
_MICROSECOND = timedelta(microseconds=1)
# what is counted in parts of the customers, and the order of its rows
_ORDER = {"visitors": "state, g", "met": "g", "routes": "{masks}ended, g", "stage_times": "stage, bucket, g"}


@dataclass(frozen=True)
class CountingRules:
    """What the call, else the design, says."""

    goal: tuple[str, ...]
    lost_after: timedelta | None
    lost_after_source: Literal["call", "design", "data"]
    observed_until: int | None
    new_journey_after: timedelta | None
    unmapped: Literal["error", "ignore", "keep"]


def count_steps(
    engine: Engine,
    plan: StepsPlan,
    catalogue: Catalogue,
    steps: str,
    until: int,
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
    until : int
        The end of the observation, in microseconds.
    rules : CountingRules
        What the call, else the design, says.
    step : callable
        Told what is being done.
    events : int
        How many steps there are, or more; beyond `PART` work goes by parts of the customers.

    Returns
    -------
    Counts
        The counts.

    Notes
    -----
    Nobody looks at an answer before all is asked: where others run the queries, that is one round for them.
    """
    lost_after = rules.lost_after or timedelta(0)
    cut = until - lost_after // _MICROSECOND
    cells = _cells(catalogue)
    with ExitStack() as kept:

        def keep(table: str) -> str:
            kept.callback(engine.drop, table)
            return table

        # what is told apart by journey is large: gone before the next large thing is made
        with ExitStack() as briefly:
            each = _by_journey(engine, plan, steps, cells, cut, (keep, briefly), step, events=events)
            masks = "".join(f"met_{mask}, " for mask in range(len(cells.stage_bits)))
            found = {
                name: engine.run(_in_order(each[name], order.format(masks=masks)), name)
                for name, order in _ORDER.items()
            }
        journeys = engine.run(queries.journeys_sql(plan, steps, cut), "journeys")
        cycles = engine.run(queries.cycles_sql(steps), "cycles") if plan.has_end else None
        step("counting transitions and waits")
        exact = events <= EXACT
        edge_waits = edge_waits_sql(steps, engine.snippets, exact=exact)
        edge_waits = keep(engine.materialise(edge_waits, "edge_waits"))
        short_waits = keep(engine.materialise(queries.short_waits_sql(steps, edge_waits), "short_waits"))
        moves = keep(engine.materialise(queries.moves_sql(plan, steps, cut), "moves"))
        followers = together(each["followers"])
        sums = engine.run(queries.sums_sql(plan, moves), "sums")
        waits_between = engine.run(f"select * from {edge_waits} order by state, next_state", "edge_waits")
        refuse_too_many(waits_between, len(catalogue.states))
        transitions = engine.run(queries.transitions_sql(moves, followers, short_waits), "transitions")
        waits = engine.run(queries.waits_sql(steps), "waits")
        places = engine.run(routes.places_sql(steps, cut), "places")
        sojourns = engine.run(queries.sojourns_sql(steps), "sojourns") if plan.has_end else None
    journeys = journeys if cycles is None else _beside(journeys, cycles, ("g",))
    return Counts(
        touchpoints=_beside(sums, found["visitors"], ("state", "g")),
        journeys=_beside(journeys, found["met"], ("g",)),
        cells=cells.names,
        edge_waits=waits_between,
        transitions=transitions,
        waits=waits,
        routes=found["routes"],
        places=places,
        sojourns=sojourns,
        stage_times=found["stage_times"],
        observed_until=until,
        lost_after=lost_after,
        lost_after_source=rules.lost_after_source,
        unmapped_policy=rules.unmapped,
        goal=rules.goal,
        new_journey_after=rules.new_journey_after,
        wait_error=0.0 if exact else ERROR,
    )


def _by_journey(
    engine: Engine,
    plan: StepsPlan,
    steps: str,
    cells: _Cells,
    cut: int,
    kept: tuple[Callable[[str], str], ExitStack],
    step: Step,
    *,
    events: int,
) -> dict[str, list[str]]:
    """Write the queries of all that is told apart by journey, for one part of the customers after the other.

    With one part they are still to be run; of several, the answers are kept, and the large tables that they
    were made from are gone before the next part begins.
    """
    keep, briefly = kept
    found: dict[str, list[str]] = {name: [] for name in (*_ORDER, "followers")}
    states = keep(engine.add_rows(cells.types, cells.rows, "states"))
    masks, end = range(len(cells.stage_bits)), routes.end_code(cut)
    parts = group_parts(engine, plan.groups, events, many=PART)
    whole = len(parts) == 1
    for number, part in enumerate(parts):
        step(
            "counting visits" if whole else f"counting visits, part {number + 1} of {len(parts)}",
            more=len(parts) - 1 if number == 0 else 0,
        )
        rows = steps if whole else f"(select * from {steps} where {part})"
        visits = engine.materialise(queries.visits_sql(plan, rows, len(cells.rows)), "visits")
        journey = routes.each_journey_sql(plan, rows, states, masks, cells.stages, end)
        journey = engine.materialise(journey, "each_journey")
        asked = {
            "visitors": queries.visitors_sql(plan, visits, len(cells.rows)),
            "met": queries.met_sql(plan, journey, visits, cells.where, len(cells.rows)),
            "routes": routes.routes_sql(journey, cells.stage_bits),
            "stage_times": routes.stage_times_sql(journey, cells.stages),
        }
        followers = queries.followers_sql(plan, rows, visits, states, len(cells.rows))
        followers = keep(engine.materialise(followers, "followers"))
        if whole:
            for table in (visits, journey):
                briefly.callback(engine.drop, table)
        else:
            asked = {n: keep(engine.materialise(sql, n)) for n, sql in asked.items()}
            engine.drop(journey)
            engine.drop(visits)
        asked["followers"] = followers
        for name, sql in asked.items():
            found[name].append(sql)
    return found


def _in_order(each: Sequence[str], order: str) -> str:
    """Lay the answers for every part of the customers together; the query of a single one is in order."""
    return each[0] if len(each) == 1 else f"select * from {together(each)} order by {order}"


class _Cells(NamedTuple):
    """Every stage, in service, outside and in all: its name, and the mask and bit that stand for it."""

    names: list[tuple[str, str]]
    where: list[tuple[int, int]]
    types: dict[str, str]
    rows: list[tuple[int, ...]]
    stages: list[int]
    stage_bits: list[int]


def _cells(catalogue: Catalogue) -> _Cells:
    of_state = [
        {(s.stage, "service" if s.touchpoint.is_service else "other"), (s.stage, "any")}
        for s in catalogue.states
    ]
    stages = [stage.id for stage in catalogue.stages]
    names = sorted(set().union(*of_state), key=lambda cell: (stages.index(cell[0]), cell[1]))
    where = [divmod(number, queries.CELLS_PER_MASK) for number in range(len(names))]
    masks = range(where[-1][0] + 1)
    types = {"state": "integer", "stage": "integer", "service": "integer"}
    types |= {f"mask_{mask}": "bigint" for mask in masks}
    rows = []
    for number, (state, cells) in enumerate(zip(catalogue.states, of_state, strict=True)):
        bits = [where[names.index(cell)] for cell in cells]
        sums = (sum(1 << bit for at, bit in bits if at == mask) for mask in masks)
        rows.append((number, stages.index(state.stage), int(state.touchpoint.is_service), *sums))
    whole = [at for name, at in zip(names, where, strict=True) if name[1] == "any"]
    stage_bits = [sum(1 << bit for at, bit in whole if at == mask) for mask in masks]
    return _Cells(names, where, types, rows, sorted({row[1] for row in rows}), stage_bits)


def _beside(left: pa.Table, right: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    """Put two tables side by side that have the same rows in the same order."""
    for name in right.column_names:
        if name not in keys:
            left = left.append_column(name, right[name])
    return left
