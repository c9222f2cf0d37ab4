"""Hand-written DuckDB SQL for all that `discover_journey` counts with a design, beside the shorter one of `scale_sql`.

It knows as much beforehand as the shorter one: names and stages, whole seconds, that nothing is missing. Each
part is the quickest of several variants; where the library's own way was the quickest that we found, it is that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

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
from tests.benchmarks.scale_sql import FIXED, STATES

ENDS = ("goal", "lost", "open")
GROUP = "(customer & 63)::utinyint as g"
WON = 1 << 28  # added to seconds since the first day
LOOP = "(followers & (1::bigint << state)) > 0"
# of every stage three bits: all, outside service, in service
WHOLE_STAGES = sum(1 << 3 * stage for stage in range(len(STAGES)))
CELLS = [(stage, part) for stage in STAGES for part in ("any", "other", "service")]

STEPS = """
create temp table steps as
with coded as (
    select hash(user_id) >> 1 as customer, (epoch(ts)::bigint - 1704067200)::integer as t,
           file_row_number::integer as ord, code, rank, goal, marks
    from read_parquet('{path}', file_row_number = true) join codes using (event)
), ordered as (
    select customer, code, rank, lead(code) over journey as next_code, lead(t) over journey - t as wait,
           (row_number() over journey)::usmallint as place,
           round(percent_rank() over journey * 1e6)::integer as position,
           bit_or(marks) over so_far as marks,
           max(t + (goal::integer * {won})) over whole as ended,
           lead(rank ignore nulls) over journey as next_rank
    from coded
    window journey as (partition by customer order by t, ord),
           whole as (partition by customer order by t, ord
                     rows between unbounded preceding and unbounded following),
           so_far as (partition by customer order by t, ord rows between unbounded preceding and current row)
), staged as (select *, (case {reached} else 0 end)::utinyint as reached from ordered)
select customer, wait, place, position, ended & ({won} - 1) as last_t, (marks & 1) = 0 as before,
       ended >= {won} as won, next_rank < rank as back,
       (case when code < {fixed} then code else code + reached end)::utinyint as state,
       (case when next_code < {fixed} then next_code else next_code + reached end)::utinyint as next_state
from staged
"""

VISITS = f"""
create temp table visits as
select customer, state, {GROUP}, sum(case when next_state = state then 0 else 1 end)::usmallint as runs,
       bit_or(1::bigint << next_state) as followers,
       bit_or(before::utinyint + 2 * coalesce(back, false)::utinyint) as happened
from steps group by customer, state
"""

OF_VISITS = {
    "visitors": f"""
select state, g, count(*) as customers, count(*) filter (where happened & 1 > 0) as journeys_before,
       count(*) filter (where {LOOP}) as self_loop_customers, sum(runs - 1)::bigint as repetitions,
       count(*) filter (where runs > 1) as repetition_customers,
       count(*) filter (where happened & 2 > 0) as regression_customers,
       count(*) filter (where runs > 1 or {LOOP}) as rework_journeys
from visits group by all""",
    "followers": """
select f.state, s.state as next_state, f.g, sum(f.customers)::bigint as customers
from (select state, followers, g, count(*) as customers from visits where followers is not null group by all) f
join states s on (f.followers & (1::bigint << s.state)) > 0 group by all""",
    "rework": f"""
select g, count(*) as rework from (select distinct customer, g from visits where runs > 1 or {LOOP}) group by g""",
}

JOURNEYS = f"""
create temp table journeys as
select customer, {GROUP}, max(case when next_state is null then {{end}} end) as ended, bit_or(mask) as mask,
       {", ".join(f"sum(case when stage = {n} then wait end)::bigint as stay_{n}" for n in range(len(STAGES)))}
from steps join states using (state) group by customer
"""

OF_JOURNEYS = {
    "met": "select g, "
    + ", ".join(f"count(*) filter (where mask & {1 << bit} > 0) as cell_{bit}" for bit in range(len(CELLS)))
    + f", count(*) filter (where mask & {WHOLE_STAGES << 2} > 0) as service_journeys from journeys group by g",
    "routes": f"select mask & {WHOLE_STAGES} as met, ended, g, count(*) as journeys from journeys group by all",
    "stage_times": "select stage, floor(8 * log2(stay * 1e6 + 1))::integer as bucket, g, count(*) as journeys from ("
    + " union all ".join(
        f"select {n} as stage, g, stay_{n} as stay from journeys where stay_{n} is not null"
        for n in range(len(STAGES))
    )
    + ") group by all",
}

QUANTILES = f"""
create temp table quantiles as
select min(state) as state, min(next_state) as next_state,
       quantile_cont(wait, [{", ".join(str(step / 20) for step in range(21))}]) as grid
from steps where next_state is not null group by state * 1000000007::bigint + next_state
"""

MOVES = f"""
create temp table moves as
select state, next_state, {GROUP}, count(*) as visits, sum(before::integer)::bigint as before,
       sum((before and {{closed}})::integer)::bigint as closed_before, sum(({{closed}})::integer)::bigint as closed,
       sum(won::integer)::bigint as won, sum((place = 1)::integer)::bigint as entries,
       sum((place = 1 and {{closed}})::integer)::bigint as closed_entries,
       count(back) as moves, sum(coalesce(back, false)::integer)::bigint as regressions,
       sum(wait)::bigint as wait, sum(case when before and {{closed}} then wait end)::bigint as closed_wait,
       sum(position)::bigint as position
from steps group by all
"""

OF_STEPS = {
    "moves": "select * from moves order by all",
    "quantiles": "select * from quantiles",
    "short": """
select s.state, s.next_state, (s.customer & 63)::utinyint as g, count(*) as below_median
from steps s join (select state, next_state, grid[11] as median from quantiles) q
on s.state = q.state and s.next_state = q.next_state and s.wait <= q.median group by all""",
    "ends": f"""
select {GROUP}, count(*) as journeys, sum(place)::bigint as events, count(*) filter (where won) as won,
       count(*) filter (where {{end}} = 1) as lost, count(*) filter (where {{end}} = 2) as open
from steps where next_state is null group by g""",
    "waits": f"""
select state, floor(8 * log2(wait * 1e6 + 1))::integer as bucket, {GROUP}, count(*) as count
from steps where next_state is not null group by all""",
    "places": """
select place, state, next_state, case when next_state is null then {end} else 3 end as ended, count(*) as journeys
from steps where place <= 12 group by all""",
}

ENDED = ("goal", "lost", "open", "waits", "self_loops")
ADDED = (
    "visits",
    "before",
    "closed_before",
    "entries",
    "closed_entries",
    "moves",
    "regressions",
    "wait",
    *ENDED,
)
CAME = (
    "customers", "journeys_before", "self_loop_customers", "repetitions", "repetition_customers",
    "regression_customers", "rework_journeys",
)  # fmt: skip


def all_sql(path: str) -> dict[str, pa.Table]:
    """Count with the design, by 64 groups of customers: all that a journey keeps."""
    found: dict[str, pa.Table] = {}
    with duckdb.connect(config={"perfect_ht_threshold": 17}) as connection:

        def make(text: str) -> None:
            connection.execute(text).fetchall()

        _given(make)
        reached = " ".join(
            f"when marks >= {2 << stage} then {stage}" for stage in range(len(STAGES) - 1, 0, -1)
        )
        make(STEPS.format(path=path, won=WON, reached=reached, fixed=len(FIXED)))
        latest = connection.sql(
            f"select (max(epoch(ts))::bigint - 1704067200) as t from read_parquet('{path}')"
        )
        cut = latest.to_arrow_table()["t"][0].as_py() - LOST_AFTER_DAYS * 86_400
        words = {
            "end": f"case when won then 0 when last_t <= {cut} then 1 else 2 end",
            "closed": f"(won or last_t <= {cut})",
        }
        for text, asked in ((VISITS, OF_VISITS), (JOURNEYS, OF_JOURNEYS)):
            make(text.format(**words))
            for name, question in asked.items():
                found[name] = connection.sql(question).to_arrow_table()
        make("drop table visits")
        make("drop table journeys")
        for text in (QUANTILES, MOVES):
            make(text.format(**words))
        for name, text in OF_STEPS.items():
            found[name] = connection.sql(text.format(**words)).to_arrow_table()
    return found


def _given(make) -> None:
    """Write down what is known of the names and of the states."""
    codes, states = [], []
    for number in range(TOUCHPOINTS):
        stage, goal = stage_number(number), int(number == GOAL)
        marks = goal if stage is None else goal | 2 << stage
        rank = "null" if stage is None else stage
        codes.append(f"('{event_name(number)}', {STATES.index((number, 0))}, {rank}, {goal}, {marks})")
    for state in range(len(STATES)):
        whole, part = _cells_of(state)
        states.append(f"({state}, {whole // 3}, {1 << whole | 1 << part})")
    small = "select event, code::utinyint as code, rank::utinyint as rank, goal::utinyint as goal, marks::utinyint as marks"
    make(
        f"create temp table codes as {small} from (values {', '.join(codes)}) t(event, code, rank, goal, marks)"
    )
    small = "select state::utinyint as state, stage::utinyint as stage, mask::usmallint as mask"
    make(f"create temp table states as {small} from (values {', '.join(states)}) t(state, stage, mask)")


def all_answer(tables: dict[str, pa.Table]) -> dict[str, dict]:
    """Say what was counted in the words of the evidence of a journey."""
    rows = {name: table.to_pylist() for name, table in tables.items()}
    names = [state_name(*state) for state in STATES]
    found: dict[str, dict] = {
        "touchpoints": _touchpoints(rows, names),
        "transitions": _transitions(rows, names),
        "waits": {(names[r["state"]], str(r["bucket"]), r["g"]): [r["count"]] for r in rows["waits"]},
        "routes": {
            (_met(r["met"]), ENDS[r["ended"]], r["g"]): [r["journeys"]] for r in rows["routes"]
        },
        "stage_times": {(STAGES[r["stage"]], str(r["bucket"]), r["g"]): [r["journeys"]] for r in rows["stage_times"]},
        "places": {
            (str(r["place"]), names[r["state"]], _next(r, names), [*ENDS, ""][r["ended"]], 0): [r["journeys"]]
            for r in rows["places"]
        },
        "service": _service(rows),
        "positions": _positions(rows, names),
    }  # fmt: skip
    rework = {r["g"]: r["rework"] for r in rows["rework"]}
    service = {r["g"]: r["service_journeys"] for r in rows["met"]}
    cycle = _summed(((r["g"],), (r["wait"] or 0) * 10**6) for r in rows["moves"])
    columns = ("journeys", "events", "won", "lost", "open")
    found["journeys"] = {
        (r["g"],): [*(r[name] for name in columns), rework.get(r["g"], 0), service[r["g"]], cycle[(r["g"],)]]
        for r in rows["ends"]
    }
    spans = {
        (names[r["state"]], names[r["next_state"]]): (r["grid"][10], r["grid"][18]) for r in rows["quantiles"]
    }
    found["medians"] = {pair: span[0] for pair, span in spans.items()}
    found["ninth_deciles"] = {pair: span[1] for pair, span in spans.items()}
    return found


def _touchpoints(rows: dict[str, list[dict]], names: list[str]) -> dict[tuple, list[int]]:
    """Add the moves from each state up, and put what was told apart by customer beside them."""
    sums: dict[tuple[int, int], dict[str, int]] = {}
    for row in rows["moves"]:
        at = sums.setdefault((row["state"], row["g"]), dict.fromkeys(ADDED, 0))
        for name in ADDED[: -len(ENDED)]:
            at[name] += row[name] or 0
        if row["next_state"] is None:
            at["goal"] += row["won"]
            at["lost"] += row["closed"] - row["won"]
            at["open"] += row["visits"] - row["closed"]
        else:
            at["waits"] += row["visits"]
        at["self_loops"] += row["visits"] * (row["state"] == row["next_state"])
    came = {(row["state"], row["g"]): row for row in rows["visitors"]}
    return {
        (names[state], g): [*_microseconds(at).values(), *(came[state, g][name] for name in CAME)]
        for (state, g), at in sums.items()
    }


def _transitions(rows: dict[str, list[dict]], names: list[str]) -> dict[tuple, list[int]]:
    customers = {(r["state"], r["next_state"], r["g"]): r["customers"] for r in rows["followers"]}
    short = {(r["state"], r["next_state"], r["g"]): r["below_median"] for r in rows["short"]}
    return {
        (names[r["state"]], names[r["next_state"]], r["g"]): [
            r["visits"], customers[key], r["closed_before"], r["wait"] * 10**6, (r["closed_wait"] or 0) * 10**6,
            short.get(key, 0),
        ]
        for r in rows["moves"]
        if r["next_state"] is not None
        for key in [(r["state"], r["next_state"], r["g"])]
    }  # fmt: skip


def _service(rows: dict[str, list[dict]]) -> dict[tuple, list[int]]:
    """For every stage and part of it, by group: journeys that came there, and events."""
    events = _summed(
        ((bit, row["g"]), row["visits"]) for row in rows["moves"] for bit in _cells_of(row["state"])
    )
    return {
        (*cell, row["g"]): [row[f"cell_{bit}"], events[bit, row["g"]]]
        for row in rows["met"]
        for bit, cell in enumerate(CELLS)
        if row[f"cell_{bit}"]
    }


def _positions(rows: dict[str, list[dict]], names: list[str]) -> dict[str, float]:
    """For every state: where its visits lie on average between the first event, 0, and the last, 1."""
    sums = _summed(((row["state"],), row["position"]) for row in rows["moves"])
    visits = _summed(((row["state"],), row["visits"]) for row in rows["moves"])
    return {names[key[0]]: total / 1e6 / visits[key] for key, total in sums.items()}


def _cells_of(state: int) -> tuple[int, int]:
    number, reached = STATES[state]
    stage, service = (reached, 1) if number in FLOATING else (stage_number(number), 0)
    return 3 * stage, 3 * stage + 1 + service


def _summed(pairs: Iterable[tuple[tuple, int]]) -> dict[tuple, int]:
    sums: dict[tuple, int] = {}
    for key, value in pairs:
        sums[key] = sums.get(key, 0) + value
    return sums


def _microseconds(sums: dict[str, int]) -> dict[str, int]:
    return sums | {"wait": sums["wait"] * 10**6}


def _met(mask: int) -> str:
    return "".join("1" if mask >> 3 * stage & 1 else "0" for stage in range(len(STAGES)))


def _next(row: dict, names: list[str]) -> str:
    return "" if row["next_state"] is None else names[row["next_state"]]


def main(path: str, answer: str) -> None:
    with timed():
        tables = all_sql(path)
    write_answer(answer, all_answer(tables))


if __name__ == "__main__":
    main(*sys.argv[1:])
