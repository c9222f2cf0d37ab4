"""Quantiles of waits from bins: never farther off than they say, however few waits there are."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from journeymap.engines.duckdb_engine import DuckDBSnippets
from journeymap.events.queries.wait_quantiles import ERROR, GRID, edge_waits_sql, grid_column


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
