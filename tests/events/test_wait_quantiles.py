"""Quantiles of waits from bins: never farther off than they say, however few waits there are."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from journeymap.engines.duckdb_engine import DuckDBSnippets
from journeymap.events.queries.wait_quantiles import (
    ERROR,
    GRID,
    edge_waits_sql,
    gap_sql,
    grid_column,
)


@pytest.mark.parametrize("count", [1, 2, 3, 8, 14, 101, 3_000])
def test_no_quantile_is_farther_off_than_a_bin(count):
    rng = np.random.default_rng(count)
    waits = np.floor(rng.exponential(3e11, count)).astype("int64")
    db = duckdb.connect()
    steps = "(select 0 as state, 1 as next_state, unnest(?::bigint[]) as wait)"
    db.execute(edge_waits_sql(steps, DuckDBSnippets(), exact=False), [waits.tolist()])
    row = dict(zip([column[0] for column in db.description], db.fetchone(), strict=True))
    found = np.array([row[grid_column(q)] for q in GRID], dtype=float)
    assert found == pytest.approx(np.quantile(waits, GRID), rel=ERROR)


class WithoutQuantiles(DuckDBSnippets):
    """As an engine that has none of its own: values are put in order, and looked up by rank."""

    def quantiles(self, column, grid):  # noqa: ARG002
        return None


@pytest.mark.parametrize("words", [DuckDBSnippets(), WithoutQuantiles()], ids=["of the engine", "by rank"])
@pytest.mark.parametrize("count", [1, 2, 5, 40, 3_001])
def test_exact_quantiles_lie_between_the_neighbours_of_their_rank(count, words):
    rng = np.random.default_rng(count)
    waits = rng.integers(0, count, (3, count)) * 86_400_000_000  # with ties
    rows = [(0, 1, *waits[0]), (1, 0, *waits[1]), (1, 1, *waits[2])]
    steps = " union all ".join(
        f"select {state} as state, {following} as next_state, unnest({[int(w) for w in each]}::bigint[]) as wait"
        for state, following, *each in rows
    )
    steps = f"({steps} union all select 0, null, null)"
    db = duckdb.connect()
    db.execute(f"select * from ({edge_waits_sql(steps, words, exact=True)}) order by state, next_state")
    names = [column[0] for column in db.description]
    found = [dict(zip(names, row, strict=True)) for row in db.fetchall()]
    assert [(row["state"], row["next_state"]) for row in found] == [(0, 1), (1, 0), (1, 1)]
    for row, each in zip(found, waits, strict=True):
        assert [row[grid_column(q)] for q in GRID] == pytest.approx(np.quantile(each, GRID), abs=0.01)
    (gap,) = db.execute(gap_sql(steps, 0.99, words, exact=True)).fetchone()
    assert gap == pytest.approx(np.quantile(waits, 0.99), abs=0.01)


@pytest.mark.parametrize("words", [DuckDBSnippets(), WithoutQuantiles()], ids=["of the engine", "by rank"])
def test_without_waits_there_is_no_gap(words):
    steps = "(select 0 as state, cast(null as integer) as next_state, cast(null as bigint) as wait)"
    db = duckdb.connect()
    assert db.execute(gap_sql(steps, 0.99, words, exact=True)).fetchall() == [(None,)]
    assert not db.execute(edge_waits_sql(steps, words, exact=True)).fetchall()
