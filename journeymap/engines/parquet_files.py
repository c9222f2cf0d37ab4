"""Parquet files of one pattern: what each of them holds, and where they disagree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["ANY_ORDER", "ROW_NUMBER", "ScanPlan", "parquet_plan", "schema_sql", "schemas_of"]

_INTEGER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_WHOLE_MOST = 9_007_199_254_740_992  # above, floating-point numbers skip whole numbers
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
    types, names = _types(schemas)
    missing_in = {}
    for key, held in types.items():
        lacking = next((file for file in files if file not in held), None)
        if lacking is not None:
            missing_in[names[key]] = lacking
    as_text, conflicts = set(), {}
    for key, held in types.items():
        if _is_text_after_all(set(held.values())):
            as_text.add(key)
        elif (told := _conflict(held)) is not None:
            conflicts[names[key]] = told
    scan = f"read_parquet({listed(files)}, union_by_name = true)"
    if as_text:
        scan = _united(files, types, as_text, {name.lower() for name in conflicts}, names, words, listed)
    return ScanPlan(scan, ANY_ORDER, conflicts, missing_in)


def _types(
    schemas: Mapping[str, Sequence[tuple[str, str]]],
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """For every column, whatever its capitals, the type that it has in each file, and its name."""
    types: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for file, columns in schemas.items():
        for name, kind in columns:
            key = name.lower()
            names.setdefault(key, name)
            types.setdefault(key, {}).setdefault(file, kind)
    return types, names


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
    return "decimal" if kind.startswith("DECIMAL") else kind


_UNITED = (
    {"whole", "decimal"}, {"text", "naive", "aware"}, {"text", "BOOLEAN"}, {"text", "UUID"},
    {"text", "decimal"}, {"whole", "BOOLEAN"},
)  # fmt: skip


def _is_text_after_all(kinds: set[str]) -> bool:
    """Whether whole numbers, numbers with a point and texts are mixed: ids, mostly."""
    families = {_family(kind) for kind in kinds} - {'"NULL"'}
    return "float" in families and len(families) > 1 and families <= {"whole", "float", "text"}


def _conflict(held: Mapping[str, str]) -> str | None:
    """Say which two files disagree on a column, None where their types can be read as one."""
    families: dict[str, str] = {}
    for file, kind in held.items():
        families.setdefault(_family(kind), file)
    families.pop('"NULL"', None)
    found = set(families)
    together = len(found) <= 1 or found == {"whole", "text"} or any(found <= group for group in _UNITED)
    # text may hold times with and without a zone, which the census tells apart; typed times may not be mixed
    if together and not ({"naive", "aware"} <= found and "text" not in found):
        return None
    (first, one), (second, other) = list(families.items())[:2]
    if {first, second} == {"naive", "aware"}:
        with_zone, without = (one, other) if first == "aware" else (other, one)
        return f"its times name a time zone in {Path(with_zone).name!r}, and none in {Path(without).name!r}"
    return f"it holds {held[one]} in {Path(one).name!r}, but {held[other]} in {Path(other).name!r}"


def _united(
    files: Sequence[str],
    types: Mapping[str, Mapping[str, str]],
    as_text: set[str],
    left_out: set[str],
    names: Mapping[str, str],
    words: Any,
    listed: Callable[[Sequence[str]], str],
) -> str:
    """Read neighbours of the same types together, each with its numbers written as text."""

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
    whole = f"{column} = trunc({column}) and abs({column}) <= {_WHOLE_MOST}"
    return (
        f"case when isnan({column}) then null when {whole} then cast(cast({column} as bigint) as varchar) "
        f"else cast({column} as varchar) end"
    )
