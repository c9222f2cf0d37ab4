"""How do counts of contacts become evidence?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from journeymap.engines.protocol import Engine
from journeymap.events.queries import contacts as queries
from journeymap.events.queries.contacts import CLOCKS, OUTCOMES, ContactsPlan
from journeymap.events.tables import keyed_evidence
from journeymap.model.contacts import KEYS
from journeymap.model.evidence import EvidenceTable

__all__ = ["ContactTables", "cell_parts", "contact_tables"]

EXACT_TIMES = 2_000
MOST_ENTRIES = 250_000  # some 3 MB in a file
WIDTHS = (0.01, 0.02, 0.05, 0.1)
HOURS = ("calendar", "business")


class ContactTables(NamedTuple):
    """Evidence of contacts, and how exact its times are.

    Parameters
    ----------
    tables : tuple of EvidenceTable
        ``contacts``, ``customers`` and, where a clock can run, ``times``.
    rounded : tuple of str
        Clocks whose times were put into buckets.
    width : float
        How much longer the end of such a bucket is than its beginning, as a share; 0 where there are none.
    """

    tables: tuple[EvidenceTable, ...]
    rounded: tuple[str, ...]
    width: float


def contact_tables(
    plan: ContactsPlan, engine: Engine, *, cells: str, listed: str, spans: str, groups: int
) -> ContactTables:
    """Count contacts, customers and times.

    Parameters
    ----------
    plan : ContactsPlan
        What is counted.
    engine : Engine
        Where.
    cells, listed, spans : str
        The tables of `cells_sql`, `contacts_sql` and `clock_spans_sql`; empty where no clock can run.
    groups : int
        The number of customer groups.

    Returns
    -------
    ContactTables
        The evidence.

    Notes
    -----
    Of a clock with more than 2,000 different times the times go into buckets: 1 % wide, where then no more
    than 250,000 entries remain, else 2, 5 or 10 %.
    """
    names, parts = cell_parts(engine, cells)
    counts = engine.run(queries.contact_counts_sql(plan, listed), "contact_counts")
    customers = engine.run(queries.contact_customers_sql(plan, listed), "contact_customers")
    tables = [
        keyed_evidence("contacts", counts, groups, parts),
        keyed_evidence("customers", customers, 1, {key: (f"{key}_key", str) for key in KEYS}),
    ]
    if not spans:
        return ContactTables(tuple(tables), (), 0.0)
    sizes = engine.run(queries.distinct_times_sql(spans), "distinct_times").to_pylist()
    rounded = sorted((row["clock"], row["business"]) for row in sizes if row["n"] > EXACT_TIMES)
    times, width = _counted_times(engine, spans, rounded)
    tables.append(_times(times, groups, names))
    told = tuple(f"{CLOCKS[clock]} ({HOURS[business]} hours)" for clock, business in rounded)
    return ContactTables(tuple(tables), told, width)


def cell_parts(
    engine: Engine, cells: str
) -> tuple[list[tuple[str, ...]], dict[str, tuple[str, Callable[[int], str]]]]:
    """Name the numbered keys of contacts.

    Parameters
    ----------
    engine : Engine
        Where they are.
    cells : str
        The table of `cells_sql`.

    Returns
    -------
    tuple
        For every number its key, and what `keyed_evidence` reads a key from.
    """
    rows = engine.run(queries.cell_names_sql(cells), "cell_names").to_pylist()
    names = [tuple(row[key] for key in KEYS) for row in rows]

    def part(place: int) -> Callable[[int], str]:
        return lambda cell: names[cell][place]

    return names, {key: ("cell", part(place)) for place, key in enumerate(KEYS)}


def _counted_times(engine: Engine, spans: str, rounded: Sequence[tuple[int, int]]) -> tuple[pa.Table, float]:
    """Count the times, as finely as fits; in the order of their keys."""
    widths = WIDTHS if rounded else (0.0,)
    for width in widths:
        counted = engine.materialise(queries.contact_times_sql(spans, rounded, width))
        try:
            entries = int(engine.run(queries.time_entries_sql(counted), "time_entries").column(0)[0].as_py())
            if entries <= MOST_ENTRIES or width == widths[-1]:
                keys = "clock, business, cell, outcome, us, g"
                return engine.run(f"select * from {counted} order by {keys}", "contact_times"), width
        finally:
            engine.drop(counted)
    raise AssertionError("one of the widths is the last")


def _times(table: pa.Table, groups: int, names: list[tuple[str, ...]]) -> EvidenceTable:
    """Make evidence of the times, of which there may be many: sorted by key, each is written once."""
    columns = {name: _numbers(table, name) for name in table.column_names}
    parts = [columns[name] for name in ("clock", "business", "cell", "outcome", "us")]
    begins = np.ones(table.num_rows, dtype=bool)
    if table.num_rows:
        begins[1:] = np.any([part[1:] != part[:-1] for part in parts], axis=0)
    keys = zip(*(part[begins].tolist() for part in parts), strict=True)
    return EvidenceTable(
        name="times",
        groups=groups,
        key_columns=("clock", "hours", *KEYS, "outcome", "microseconds"),
        keys=tuple(
            (CLOCKS[clock], HOURS[business], *names[cell], OUTCOMES[outcome], str(us))
            for clock, business, cell, outcome, us in keys
        ),
        row=tuple((np.cumsum(begins) - 1).tolist()),
        group=tuple(columns["g"].tolist()),
        measures={"count": tuple(columns["count"].tolist())},
    )


def _numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    """Take a column as it lies in memory; Arrow's own way would load pandas where installed."""
    column = table[name]
    if column.num_chunks == 0:
        return np.zeros(0, dtype=np.int64)
    return np.asarray(np.from_dlpack(column.combine_chunks()), dtype=np.int64)
