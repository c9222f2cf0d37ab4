"""Columns of what the engine counted, as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["column", "dense", "numbers", "put_beside", "whole"]


def numbers(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    """Take a column of numbers as it lies in memory; Arrow's own way would load pandas where installed."""
    column = table[name]
    if column.num_chunks == 0:
        return np.zeros(0, dtype=np.int64)
    if pa.types.is_decimal(column.type):
        column = _narrow(column)
    return np.from_dlpack(column.combine_chunks())


def whole(table: pa.Table, name: str) -> tuple[int, ...]:
    """Take a column of whole numbers as evidence keeps them, however large."""
    found = numbers(table, name)
    if found.dtype.kind != "f":
        return tuple(found.tolist())
    return tuple(int(value) for value in table[name].to_pylist())


def _narrow(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Read sums of many digits as 64 bits, or as floating point where one of them has more."""
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.float64())


def column(values: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    """Lend numbers to Arrow; Arrow's own way would load pandas where installed."""
    return pa.Array.from_buffers(pa.int64(), values.size, [None, pa.py_buffer(values)])


def put_beside(left: pa.Table, right: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    """Put two tables side by side that have the same rows in the same order."""
    for name in right.column_names:
        if name not in keys:
            left = left.append_column(name, right[name])
    return left


def dense(
    rows: np.ndarray[Any, Any],
    groups: np.ndarray[Any, Any],
    counts: np.ndarray[Any, Any],
    shape: tuple[int, int],
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Lay counts out by row and customer group, with 0 where there is none."""
    table = np.zeros(shape)
    table[rows, groups] = counts
    return table
