"""How does a table of the engine become evidence?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from journeymap.events.count_columns import whole
from journeymap.model.evidence import EvidenceTable

__all__ = ["keyed_evidence"]


def keyed_evidence(
    name: str, table: pa.Table, groups: int, keys: Mapping[str, tuple[str, Callable[[Any], str]]]
) -> EvidenceTable:
    """Turn a small table of counts by key and customer group into evidence.

    Parameters
    ----------
    name : str
        What the evidence is called.
    table : pyarrow.Table
        One row a key and group: the columns of the key, ``g``, and whole numbers.
    groups : int
        The number of customer groups.
    keys : mapping of str to (str, callable)
        For every part of the key the column it is read from, and how its values become text.

    Returns
    -------
    EvidenceTable
        Rows of zeros are left out.
    """
    if not isinstance(table, pa.Table):
        waiting: EvidenceTable = table  # others will answer: handed on until somebody looks at it
        return waiting
    taken = {column for column, _ in keys.values()}
    columns = {
        name: whole(table, name) if pa.types.is_decimal(table[name].type) else table[name].to_pylist()
        for name in table.column_names
    }
    rows: dict[tuple[str, ...], int] = {}
    row = []
    for number in range(table.num_rows):
        key = tuple(word(columns[column][number]) for column, word in keys.values())
        row.append(rows.setdefault(key, len(rows)))
    return EvidenceTable(
        name=name,
        groups=groups,
        key_columns=tuple(keys),
        keys=tuple(rows),
        row=tuple(row),
        group=tuple(columns["g"]),
        measures={column: tuple(values) for column, values in columns.items() if column not in taken | {"g"}},
    )
