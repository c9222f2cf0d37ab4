"""Parquet files of one pattern: what each of them holds, and where they disagree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from journeymap.engines.mixed_types import EMPTY, MixedColumns, mixed_columns

__all__ = ["ANY_ORDER", "IS_NUMBER", "ROW_NUMBER", "ScanPlan", "parquet_plan", "schema_sql", "schemas_of"]

_INTEGER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_WHOLE_MOST = 9_007_199_254_740_992  # above, floating-point numbers skip whole numbers
# not isnan(x): the engine takes it for known where the file says between which numbers its values lie
IS_NUMBER = "(isfinite({0}) or isinf({0}))"
ROW_NUMBER = "file_row_number"
ANY_ORDER = "row_number() over ()"


class ScanPlan(NamedTuple):
    """How files are read together.

    Parameters
    ----------
    scan : str
        What the query reads from.
    order : str
        An expression that numbers the rows in input order.
    conflicts : dict of str to str
        Columns that cannot be read, because files disagree on them, each with a sentence that says why.
    missing_in : dict of str to str
        Columns that not every file has, each with the first file that lacks it.
    """

    scan: str
    order: str
    conflicts: dict[str, str]
    missing_in: dict[str, str]


def schema_sql(listed: str) -> str:
    """Ask for the columns of files, in the order of the files.

    Parameters
    ----------
    listed : str
        The files, as a list of SQL.

    Returns
    -------
    str
        A query for `schemas_of`.
    """
    return f"select file_name, name, coalesce(num_children, 0), duckdb_type from parquet_schema({listed})"


def schemas_of(rows: Sequence[tuple[str, str, int, str]]) -> dict[str, list[tuple[str, str]]]:
    """Tell the columns of every file with their types; what lies within a column is left out.

    Parameters
    ----------
    rows : sequence of tuple
        The answer to `schema_sql`: trees, written from the root down.

    Returns
    -------
    dict of str to list of (str, str)
        For every file the names and types.
    """
    schemas: dict[str, list[tuple[str, str]]] = {}
    for file, of_file in groupby(rows, key=lambda row: row[0]):
        columns = schemas.setdefault(file, [])
        within = 1  # how many nodes are still to come inside the column that was begun; the root is the first
        for _, name, children, kind in list(of_file)[1:]:
            within -= 1
            if within == 0:
                columns.append((name, kind))
                within = 1
            within += children
    return schemas


def parquet_plan(
    schemas: Mapping[str, Sequence[tuple[str, str]]], words: Any, listed: Callable[[Sequence[str]], str]
) -> ScanPlan:
    """Decide how files are read together.

    A column may be a number in one file and text in another: it is text then, and whole numbers are written
    without a point. Where nothing sensible can be made of the types the column is left out and told.

    Parameters
    ----------
    schemas : mapping of str to sequence of (str, str)
        For every file its columns with their types.
    words : Snippets
        The engine's words.
    listed : callable
        Writes files as a list of SQL.

    Returns
    -------
    ScanPlan
        The plan.
    """
    files = list(schemas)
    if len(files) == 1:
        taken = any(name.lower() == ROW_NUMBER for name, _ in schemas[files[0]])
        if taken:
            return ScanPlan(f"read_parquet({listed(files)})", ANY_ORDER, {}, {})
        return ScanPlan(f"read_parquet({listed(files)}, {ROW_NUMBER} = true)", ROW_NUMBER, {}, {})
    mixed = mixed_columns(schemas, _family)
    scan = f"read_parquet({listed(files)}, union_by_name = true)"
    if mixed.as_text:
        scan = _united(files, mixed, words, listed)
    return ScanPlan(scan, ANY_ORDER, mixed.conflicts, mixed.missing_in)


def _family(kind: str) -> str:
    """Put together the types that the engine reads as one without loss."""
    if _INTEGER.fullmatch(kind):
        return "whole"
    if kind in {"FLOAT", "DOUBLE"}:
        return "float"
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        return "text"
    if kind in {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "TIMESTAMPTZ_NS"}:
        return "aware"
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return "naive"
    known = {"BOOLEAN": "boolean", "UUID": "uuid", '"NULL"': EMPTY}
    return "decimal" if kind.startswith("DECIMAL") else known.get(kind, kind)


def _united(
    files: Sequence[str], mixed: MixedColumns, words: Any, listed: Callable[[Sequence[str]], str]
) -> str:
    """Read neighbours of the same types together, each with its numbers written as text."""
    names, types, as_text = mixed.names, mixed.types, mixed.as_text
    left_out = {name.lower() for name in mixed.conflicts}

    def kinds(file: str) -> tuple[str | None, ...]:
        return tuple(types[key].get(file) for key in sorted(as_text | left_out))

    parts = []
    for _, alike in groupby(files, key=kinds):
        some = list(alike)
        held = {key for key in as_text | left_out if some[0] in types[key]}
        written = ", ".join(
            f"{_as_text(words.quoted(names[key]), types[key][some[0]])} as {words.quoted(names[key])}"
            for key in sorted(held - left_out)
        )
        unread = ", ".join(words.quoted(names[key]) for key in sorted(held & left_out))
        columns = (
            "*" + (f" exclude ({unread})" if unread else "") + (f" replace ({written})" if written else "")
        )
        parts.append(f"select {columns} from read_parquet({listed(some)}, union_by_name = true)")
    return "(" + " union all by name ".join(parts) + ")"


def _as_text(column: str, kind: str) -> str:
    if _family(kind) != "float":
        return f"cast({column} as varchar)"
    whole = f"isfinite({column}) and {column} = trunc({column}) and abs({column}) <= {_WHOLE_MOST}"
    return (
        f"case when {whole} then cast(cast({column} as bigint) as varchar) "
        f"when {IS_NUMBER.format(column)} then cast({column} as varchar) end"
    )
