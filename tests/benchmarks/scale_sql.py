"""The best hand-written DuckDB SQL that we know for what `discover_journey` counts.

It knows what the library cannot know beforehand, and makes use of it: the 24 event names and their stages,
that nothing is missing, that every event belongs to a touchpoint. Each part is the quickest of
several variants that were timed apart; docs/explanation/speed.md says what it counts.
"""

from __future__ import annotations

import sys

import duckdb
import pyarrow as pa

from tests.benchmarks.scale_data import (
    FLOATING,
    GOAL,
    LOST_AFTER_DAYS,
    STAGES,
    TOUCHPOINTS,
    event_name,
    stage_number,
    state_name,
    timed,
    write_answer,
)

FIXED = [number for number in range(TOUCHPOINTS) if number not in FLOATING]
# states: the fixed touchpoints first, then every floating one at each of the stages
STATES = [(number, 0) for number in FIXED]
STATES += [(number, stage) for number in FLOATING for stage in range(len(STAGES))]
FIRST_STAGE_BIT = len(FIXED)
GOAL_BIT = 1 << FIXED.index(GOAL)
GROUP = "(customer & 63)::utinyint"

# `marks` has one bit for a fixed touchpoint and one for its stage, so that one running "or" over the journey
# says which stage it had reached, whether it was won, and, at its last event, whom it met
PLAIN_STEPS = """
create temp table steps as
with coded as (
    select hash(user_id) as customer, epoch_us(ts) as t, (file_row_number << 8) | code as place_and_code
    from read_parquet('{path}', file_row_number = true) join codes using (event)
)
select customer, (place_and_code & 255)::utinyint as state,
       (lead(place_and_code) over journey & 255)::utinyint as next_state,
       (lead(t) over journey) - t as wait
from coded window journey as (partition by customer order by t, place_and_code)
"""

DESIGNED_STEPS = """
create temp table steps as
with coded as (
    select hash(user_id) as customer, epoch_us(ts) as t, marks, (file_row_number << 8) | code as place_and_code
    from read_parquet('{path}', file_row_number = true) join codes using (event)
), ordered as (
    select customer, t, (place_and_code & 255)::utinyint as code,
           (lead(place_and_code) over journey & 255)::utinyint as next_code,
           (lead(t) over journey) - t as wait,
           bit_or(marks) over so_far as marks
    from coded
    window journey as (partition by customer order by t, place_and_code),
           so_far as (partition by customer order by t, place_and_code
                      rows between unbounded preceding and current row)
), staged as (
    select *, (case {reached} else 0 end)::utinyint as reached from ordered
)
select customer, t, wait, marks,
       case when code < {floating} then code else code + reached end as state,
       case when next_code < {floating} then next_code else next_code + reached end as next_state
from staged
"""

COUNTS = f"""
select state, next_state, {GROUP} as g, count(*) as count, cast(sum(wait) as bigint) as wait_us,
       count(*) filter (where marks & {GOAL_BIT} = 0) as before
from steps group by state, next_state, g
"""

CUSTOMERS = f"""
select (pair >> 8)::utinyint as state, (pair & 255)::utinyint as next_state, {GROUP} as g, count(*) as customers
from (select distinct customer, (state::usmallint << 8) | next_state as pair from steps where next_state is not null)
group by pair, g
"""

WAITS = """
select state, next_state, quantile_cont(wait, [0.5, 0.9]) as quantiles
from steps where next_state is not null group by state, next_state
"""

PLAIN_WAITS = """
select state, next_state, count(*) as count, avg(wait) as mean, quantile_cont(wait, 0.5) as median
from steps where next_state is not null group by state, next_state
"""

PLAIN_CUSTOMERS = """
select (pair >> 8)::utinyint as state, (pair & 255)::utinyint as next_state, count(*) as customers
from (select distinct customer, (state::usmallint << 8) | next_state as pair from steps where next_state is not null)
group by pair
"""

ENDS = f"""
select state, {GROUP} as g, count(*) filter (where marks & {GOAL_BIT} > 0) as goal,
       count(*) filter (where marks & {GOAL_BIT} = 0 and t <= (select max(t) from steps) - {LOST_AFTER_DAYS * 86_400_000_000}) as lost,
       count(*) as ended
from steps where next_state is null group by state, g
"""

VISITORS = f"""
select {GROUP} as g, {", ".join(f"count(*) filter (where marks & {1 << bit} > 0) as s{bit}" for bit in range(len(FIXED)))}
from steps where next_state is null group by g
"""

FLOATING_VISITORS = f"""
select state, {GROUP} as g, count(distinct customer) as customers
from steps where state >= {len(FIXED)} group by state, g
"""


def _coded(connection: duckdb.DuckDBPyConnection) -> None:
    rows = []
    for number in range(TOUCHPOINTS):
        code, marks = STATES.index((number, 0)), 0
        if number not in FLOATING:
            marks = 1 << code | 1 << FIRST_STAGE_BIT + stage_number(number)
        rows.append(f"('{event_name(number)}', {code}::utinyint, {marks}::uinteger)")
    connection.execute(
        f"create temp table codes as select * from (values {', '.join(rows)}) t(event, code, marks)"
    )


def _reached() -> str:
    """Read the highest stage off the highest bits."""
    stages = range(len(STAGES) - 1, 0, -1)
    return " ".join(f"when marks >= {1 << FIRST_STAGE_BIT + stage} then {stage}" for stage in stages)


def plain_sql(path: str) -> dict[str, pa.Table]:
    """Without a design: counts, customers, mean and median wait of every pair of event names."""
    return _tables(PLAIN_STEPS.format(path=path), {"waits": PLAIN_WAITS, "customers": PLAIN_CUSTOMERS})


def designed_sql(path: str) -> dict[str, pa.Table]:
    """With the design: states, stages, goal, ends and waits, by 64 groups of customers."""
    steps = DESIGNED_STEPS.format(path=path, reached=_reached(), floating=len(FIXED))
    counts = {"counts": COUNTS, "customers": CUSTOMERS, "waits": WAITS, "ends": ENDS}
    return _tables(steps, {**counts, "visitors": VISITORS, "floating": FLOATING_VISITORS})


def _tables(steps: str, counts: dict[str, str]) -> dict[str, pa.Table]:
    with duckdb.connect() as connection:
        _coded(connection)
        connection.execute(steps).fetchall()
        return {name: connection.sql(text).to_arrow_table() for name, text in counts.items()}


def plain_answer(tables: dict[str, pa.Table]) -> dict:
    who = {(row["state"], row["next_state"]): row["customers"] for row in tables["customers"].to_pylist()}
    edges = {}
    for row in tables["waits"].to_pylist():
        pair = row["state"], row["next_state"]
        names = tuple(event_name(STATES[state][0]) for state in pair)
        edges[names] = [row["count"], who[pair], row["mean"] / 1e6, row["median"] / 1e6]
    return {"edges": edges}


def designed_answer(tables: dict[str, pa.Table]) -> dict:
    rows = {name: table.to_pylist() for name, table in tables.items()}
    return {"edges": _edges(rows), "states": _states(rows)}


def _edges(tables: dict[str, list[dict]]) -> dict[tuple[str, str], list[float]]:
    """For every pair: count, customers, mean, median and ninth decile of the wait; groups added up."""
    found: dict[tuple[int, int], list[float]] = {}
    for row in tables["counts"]:
        if row["next_state"] is not None:
            sums = found.setdefault((row["state"], row["next_state"]), [0, 0, 0.0, 0.0, 0.0])
            sums[0] += row["count"]
            sums[2] += row["wait_us"]
    for row in tables["customers"]:
        found[row["state"], row["next_state"]][1] += row["customers"]
    for row in tables["waits"]:
        found[row["state"], row["next_state"]][3:] = [span / 1e6 for span in row["quantiles"]]
    return {
        (state_name(*STATES[a]), state_name(*STATES[b])): [n, who, wait / n / 1e6, *spans]
        for (a, b), (n, who, wait, *spans) in found.items()
    }


def _states(tables: dict[str, list[dict]]) -> dict[str, list[int]]:
    """For every state: visits, customers, entries, goal, lost, open, visits before the goal; groups added up.

    What nobody moved to was an entry; what is neither goal nor lost is open.
    """
    found = [[0] * 7 for _ in STATES]
    for row in tables["counts"]:
        for place in (0, 2):
            found[row["state"]][place] += row["count"]
        found[row["state"]][6] += row["before"]
    for row in tables["counts"]:
        if row["next_state"] is not None:
            found[row["next_state"]][2] -= row["count"]
    for row in tables["ends"]:
        sums = found[row["state"]]
        sums[3] += row["goal"]
        sums[4] += row["lost"]
        sums[5] += row["ended"] - row["goal"] - row["lost"]
    for row in tables["visitors"]:
        for code in range(len(FIXED)):
            found[code][1] += row[f"s{code}"]
    for row in tables["floating"]:
        found[row["state"]][1] += row["customers"]
    return {state_name(*state): sums for state, sums in zip(STATES, found, strict=True) if sums[0]}


def main(name: str, path: str, answer: str) -> None:
    job, answered = {"plain": (plain_sql, plain_answer), "designed": (designed_sql, designed_answer)}[name]
    with timed():
        tables = job(path)
    write_answer(answer, answered(tables))


if __name__ == "__main__":
    main(*sys.argv[1:])
