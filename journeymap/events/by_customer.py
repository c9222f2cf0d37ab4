"""Count what is told apart by customer: large tables, made for a part of the customers at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from journeymap.engines.progress import Step
from journeymap.engines.protocol import Engine
from journeymap.events.catalogue import Catalogue
from journeymap.events.parts import group_parts, together
from journeymap.events.queries import counts as queries
from journeymap.events.queries import routes
from journeymap.events.queries.steps import StepsPlan

__all__ = ["CountedByCustomer", "count_by_customer"]

PART = 4_000_000  # steps; their visits are kept in memory at a time


class CountedByCustomer(NamedTuple):
    """Answers, a query for the rows of `followers_sql`, and the cell that each column of ``met`` is about."""

    visitors: pa.Table
    met: pa.Table
    routes: pa.Table
    stage_times: pa.Table
    followers: str
    cells: list[tuple[str, str]]


def count_by_customer(
    engine: Engine,
    plan: StepsPlan,
    catalogue: Catalogue,
    steps: str,
    cut: int,
    keep: Callable[[str], str],
    step: Step,
    *,
    events: int,
) -> CountedByCustomer:
    """Count who came to each touchpoint and where they went next, what journeys met and how long they stayed.

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
    cut : int
        A journey without goal whose last event is not after this time (microseconds) is lost.
    keep : callable
        Given each table that is read later; returns it.
    step : callable
        Told what is being done.
    events : int
        How many steps there are, or more.

    Returns
    -------
    CountedByCustomer
        The counts.
    """
    cells = _cells(catalogue)
    states = keep(engine.add_rows(cells.types, cells.rows, "states"))
    visits = _count_visits(engine, plan, states, len(cells.rows), steps, keep, step, events=events)
    step("counting journeys")
    masks, end = range(len(cells.stage_bits)), routes.end_code(cut)
    # not by parts: there are far fewer journeys than visits, and every part would read all steps once more
    each = routes.each_journey_sql(plan, steps, states, masks, cells.stages, end, alike=cells.alike)
    each = engine.materialise(each, "each_journey")
    try:
        return CountedByCustomer(
            visitors=visits.visitors,
            met=engine.run(queries.met_sql(plan, each, visits.rework, cells.where), "met"),
            routes=engine.run(routes.routes_sql(each, cells.stage_bits), "routes"),
            stage_times=engine.run(routes.stage_times_sql(each, cells.stages), "stage_times"),
            followers=visits.followers,
            cells=cells.names,
        )
    finally:
        engine.drop(each)


class _Visits(NamedTuple):
    """Answers, and the bracketed queries of what is read later."""

    visitors: pa.Table
    followers: str
    rework: str


def _count_visits(
    engine: Engine,
    plan: StepsPlan,
    states: str,
    number: int,
    steps: str,
    keep: Callable[[str], str],
    step: Step,
    *,
    events: int,
) -> _Visits:
    """Count from the large table of visits, of one part of the customers after the other."""
    parts = group_parts(engine, plan.groups, events, many=PART)
    kept: dict[str, list[str]] = {"visitors": [], "followers": [], "rework": []}
    for place, part in enumerate(parts, start=1):
        of = f", part {place} of {len(parts)}" if len(parts) > 1 else ""
        step(f"counting visits{of}", more=len(parts) - 1 if place == 1 else 0)
        rows = f"(select * from {steps} where {part})" if len(parts) > 1 else steps
        visits = engine.materialise(queries.visits_sql(plan, rows, number), "visits")
        asked = {
            "visitors": queries.visitors_sql(plan, visits, number),
            "followers": queries.followers_sql(plan, rows, visits, states, number),
            "rework": queries.rework_sql(plan, visits, number),
        }
        if len(parts) == 1:
            keep(visits)
            answer = engine.run(asked["visitors"], "visitors")
            return _Visits(answer, f"({asked['followers']})", f"({asked['rework']})")
        try:
            for name, sql in asked.items():
                kept[name].append(keep(engine.materialise(sql, name)))
        finally:
            engine.drop(visits)
    visitors, followers, rework = (together(each) for each in kept.values())
    answer = engine.run(f"select * from {visitors} order by state, g", "visitors")
    return _Visits(answer, followers, rework)


class _Cells(NamedTuple):
    """Every stage, in service, outside and in all: its name, and the mask and bit that stand for it."""

    names: list[tuple[str, str]]
    where: list[tuple[int, int]]
    types: dict[str, str]
    rows: list[tuple[int, ...]]
    stages: list[int]
    stage_bits: list[int]

    @property
    def alike(self) -> dict[str, int] | None:
        """The row of every state, where all have the same: a log without a design."""
        different = {row[1:] for row in self.rows}
        return dict(zip(list(self.types)[1:], different.pop(), strict=True)) if len(different) == 1 else None


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
