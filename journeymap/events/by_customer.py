"""Count what is told apart by customer: large tables, made for a part of the customers at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
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
JOURNEYS_PART = 16_000_000  # steps; there are far fewer journeys than visits


class CountedByCustomer(NamedTuple):
    """Answers, the table of `followers_sql`, and the cell that each column of ``met`` is about."""

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
    cells, number = _cells(catalogue), len(catalogue.states)
    states = keep(engine.add_rows(cells.types, cells.rows, "states"))
    look = _Look(engine, plan, steps, keep, step, events)

    def of_visits(rows: str, make: Make) -> dict[str, str]:
        visits = make(queries.visits_sql(plan, rows, number), "visits")
        return {
            "followers": queries.followers_sql(plan, rows, visits, states, number),
            "rework": queries.rework_sql(plan, visits, number),
            "visitors": queries.visitors_sql(plan, visits, number),
        }

    visits = _in_parts(look, "visits", PART, of_visits, {"visitors": "state, g"})
    masks = range(len(cells.stage_bits))

    def of_journeys(rows: str, make: Make) -> dict[str, str]:
        end = routes.end_code(cut)
        each = routes.each_journey_sql(plan, rows, states, masks, cells.stages, end, alike=cells.alike)
        each = make(each, "each_journey")
        return {
            "met": queries.met_sql(plan, each, visits.kept["rework"], cells.where),
            "routes": routes.routes_sql(each, cells.stage_bits),
            "stage_times": routes.stage_times_sql(each, cells.stages),
        }

    mets = "".join(f"met_{mask}, " for mask in masks)
    order = {"met": "g", "routes": f"{mets}ended, g", "stage_times": "stage, bucket, g"}
    journeys = _in_parts(look, "journeys", JOURNEYS_PART, of_journeys, order)
    answers = visits.answers | journeys.answers
    return CountedByCustomer(**answers, followers=visits.kept["followers"], cells=cells.names)


Make = Callable[[str, str], str]  # keeps the rows of a query, under a name, until its part is counted


class _Look(NamedTuple):
    """Who looks at which steps."""

    engine: Engine
    plan: StepsPlan
    steps: str
    keep: Callable[[str], str]
    step: Step
    events: int


class _Found(NamedTuple):
    """Answers, and what is kept: a table, or a bracketed query that lays those of all parts together."""

    answers: dict[str, pa.Table]
    kept: dict[str, str]


def _in_parts(
    look: _Look, what: str, many: int, asked: Callable[[str, Make], dict[str, str]], order: dict[str, str]
) -> _Found:
    """Ask of one part of the customers after the other; what has an order is answered, the rest is kept."""
    engine, parts = look.engine, group_parts(look.engine, look.plan.groups, look.events, many=many)
    whole = len(parts) == 1
    answers: dict[str, pa.Table] = {}
    tables: dict[str, list[str]] = {}
    for number, part in enumerate(parts):
        of = "" if whole else f", part {number + 1} of {len(parts)}"
        look.step(f"counting {what}{of}", more=len(parts) - 1 if number == 0 else 0)
        rows = look.steps if whole else f"(select * from {look.steps} where {part})"
        # what is told apart by customer is large: gone before the next large thing is made
        with ExitStack() as briefly:

            def make(sql: str, name: str, briefly: ExitStack = briefly) -> str:
                table = engine.materialise(sql, name)
                briefly.callback(engine.drop, table)
                return table

            for name, sql in asked(rows, make).items():
                if whole and name in order:
                    answers[name] = engine.run(sql, name)
                else:
                    tables.setdefault(name, []).append(look.keep(engine.materialise(sql, name)))
    kept = {name: each[0] if whole else together(each) for name, each in tables.items()}
    for name in kept.keys() & order.keys():
        answers[name] = engine.run(f"select * from {kept[name]} order by {order[name]}", name)
    return _Found(answers, kept)


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
