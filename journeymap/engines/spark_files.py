"""Files as Spark reads them: many of one pattern, or those at an address that only the cluster finds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from journeymap.engines.files import EventFiles, missing_columns
from journeymap.engines.mixed_types import EMPTY, MixedColumns, mixed_columns
from journeymap.engines.spark_errors import spark_exceptions
from journeymap.engines.spark_words import SparkSnippets
from journeymap.errors import FileFormatError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["FilesRead", "csv_at", "read_files"]

_WHOLE = re.compile(r"tinyint|smallint|int|bigint")
_WHOLE_MOST = 9_007_199_254_740_992  # above, floating-point numbers skip whole numbers
_FAMILIES = {
    "float": "float", "double": "float", "string": "text", "boolean": "boolean", "timestamp": "aware",
    "timestamp_ntz": "naive", "date": "naive", "void": EMPTY,
}  # fmt: skip
# what a column becomes where its types differ between files, but are of these families
_COMMON = {
    ("whole",): "bigint", ("float",): "double", ("boolean", "whole"): "bigint", ("naive",): "timestamp_ntz",
}  # fmt: skip


class FilesRead(NamedTuple):
    """What was read.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        The rows.
    conflicts : dict of str to str
        Columns that cannot be read, because files disagree on them, each with a clause that says why.
    missing_in : dict of str to str
        Columns that not every file has, each with the first file that lacks it.
    """

    frame: DataFrame
    conflicts: dict[str, str]
    missing_in: dict[str, str]


def read_files(spark: SparkSession, files: EventFiles, words: SparkSnippets) -> FilesRead:
    """Read files of this machine as one table.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        The session.
    files : EventFiles
        The files.
    words : SparkSnippets
        The words of Spark.

    Returns
    -------
    FilesRead
        The rows, and where files differ.

    Raises
    ------
    FileFormatError
        A Parquet file is damaged, or holds a column that Spark cannot read.
    """
    if files.kind == "parquet":
        return _parquet(spark, files.paths, words)
    alike = groupby(zip(files.layouts, files.paths, strict=True), key=lambda pair: pair[0])
    frames = []
    for layout, pairs in alike:
        columns = ", ".join(f"{words.quoted(name)} string" for name in layout.header)
        paths = [_local(path) for _, path in pairs]
        frames.append(_csv(spark.read.schema(columns), paths, layout.delimiter))
    return FilesRead(_united(frames), {}, missing_columns(files))


def csv_at(spark: SparkSession, address: str) -> DataFrame:
    """Read CSV files that only the cluster can see.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        The session.
    address : str
        Such as ``s3a://bucket/events/*.csv``.

    Returns
    -------
    pyspark.sql.DataFrame
        The rows, all as text.

    Notes
    -----
    Spark takes the columns of all files by their place, as the first file names them. Several files are
    therefore read with their first lines compared, and refused where they differ.
    """
    frame = _csv(spark.read.option("inferSchema", value=False), [address], ",")
    if len(frame.inputFiles()) == 1:
        return frame
    return _csv(spark.read.schema(frame.schema).option("enforceSchema", value=False), [address], ",")


def _csv(reader: Any, paths: list[str], delimiter: str) -> DataFrame:
    """Read text files; all as text, since guessing turns ids like '007' and 'NA' into others."""
    frame: DataFrame = reader.csv(
        paths, header=True, sep=delimiter, quote='"', escape='"', multiLine=True, mode="FAILFAST"
    )
    return frame


def _parquet(spark: SparkSession, paths: Sequence[str], words: SparkSnippets) -> FilesRead:
    """Ask Spark for the columns of one file of every layout, and read files of the same types together."""
    layouts = {path: _layout(path) for path in paths}
    known: dict[tuple[_Leaf, ...], list[tuple[str, str]]] = {}
    for path, layout in layouts.items():
        if layout not in known:
            known[layout] = _columns(spark, path, layout)
    schemas = {path: known[layout] for path, layout in layouts.items()}
    mixed = mixed_columns(schemas, _family)
    unlike = {
        key for key, held in mixed.types.items() if len(set(held.values())) > 1 or "void" in held.values()
    }
    groups: dict[tuple[str | None, ...], list[str]] = {}
    for path in paths:
        groups.setdefault(tuple(mixed.types[key].get(path) for key in sorted(unlike)), []).append(path)
    frames = []
    for some in groups.values():
        reader = spark.read.option("mergeSchema", value=len({layouts[path] for path in some}) > 1)
        frame = reader.parquet(*map(_local, some))
        frames.append(_alike(frame, some[0], unlike, mixed, words) if unlike else frame)
    return FilesRead(_united(frames), mixed.conflicts, mixed.missing_in)


class _Leaf(NamedTuple):
    """A column of a Parquet file, or a part of one, as the file describes it."""

    path: str
    stored: str
    meaning: str


def _layout(path: str) -> tuple[_Leaf, ...]:
    try:
        schema = pq.read_metadata(path).schema
    except (OSError, pa.ArrowException) as error:
        raise FileFormatError.because(
            "the file is damaged, or was changed while it was read.",
            where=path,
            hint="fetch or export the file again",
        ) from error
    leaves = [schema.column(place) for place in range(len(schema))]
    return tuple(_Leaf(leaf.path, leaf.physical_type, str(leaf.logical_type)) for leaf in leaves)


def _columns(spark: SparkSession, path: str, layout: Sequence[_Leaf]) -> list[tuple[str, str]]:
    """Ask Spark for the types of the columns; ``void`` where a column was written without any value."""
    try:
        fields = spark.read.parquet(_local(path)).schema.fields
    except spark_exceptions():
        for leaf in layout:
            what, hint = _unreadable(leaf)
            if what:
                raise FileFormatError.because(
                    f"column {leaf.path!r} holds {what}, which Spark cannot read.", where=path, hint=hint
                ) from None
        raise
    empty = {leaf.path for leaf in layout if leaf.meaning == "Null"}
    return [
        (field.name, "void" if field.name in empty else field.dataType.simpleString()) for field in fields
    ]


def _unreadable(leaf: _Leaf) -> tuple[str, str]:
    if leaf.meaning.startswith("Timestamp") and "nanoseconds" in leaf.meaning:
        return (
            "times in nanoseconds",
            "write it with microseconds, in pandas: to_parquet(..., coerce_timestamps='us')",
        )
    known = {"Time": "times of day", "Float16": "numbers of 16 bits", "UUID": "UUIDs"}
    what = known.get(leaf.meaning.partition("(")[0], "")
    return what, "write it as text, or leave the column out"


def _family(kind: str) -> str:
    """Put together the types that Spark reads as one without loss."""
    if _WHOLE.fullmatch(kind):
        return "whole"
    return "decimal" if kind.startswith("decimal") else _FAMILIES.get(kind, kind)


def _alike(
    frame: DataFrame, path: str, unlike: set[str], mixed: MixedColumns, words: SparkSnippets
) -> DataFrame:
    """Give the columns on whose types files differ one type, and leave out those that cannot have one."""
    left_out = {name.lower() for name in mixed.conflicts}
    columns = []
    for name in frame.columns:
        key = name.lower()
        column, own = words.quoted(name), words.quoted(mixed.names.get(key, name))
        if key in left_out:
            continue
        if key in unlike:
            families = {_family(kind) for kind in mixed.types[key].values()} - {EMPTY}
            column = _as_one(column, mixed.types[key][path], families, as_text=key in mixed.as_text)
        columns.append(f"{column} as {own}")
    return frame.selectExpr(*columns)


def _as_one(column: str, kind: str, families: set[str], *, as_text: bool) -> str:
    if as_text or "text" in families or not families:
        return _as_text(column, kind)
    common = _COMMON.get(tuple(sorted(families)))
    if kind == "void":
        return "null"
    # decimals of several widths are united by Spark
    return f"cast({column} as {common})" if common else column


def _as_text(column: str, kind: str) -> str:
    if kind == "timestamp":
        # a cast would write it in the zone of the session without saying so
        return f"date_format({column}, 'yyyy-MM-dd HH:mm:ss.SSSSSSXXX')"
    if _family(kind) != "float":
        return f"cast({column} as string)"
    whole = f"{column} = floor({column}) and abs({column}) <= {_WHOLE_MOST}"
    return (
        f"case when isnan({column}) then null when {whole} then cast(cast({column} as bigint) as string) "
        f"else cast({column} as string) end"
    )


def _united(frames: Sequence[DataFrame]) -> DataFrame:
    return reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)


def _local(path: str) -> str:
    """Write the address of a file on this machine; the cluster's own file system may be another one."""
    absolute = str(Path(path).absolute())
    return "file:" + re.sub(r"([\[\]{}*?\\])", r"\\\1", absolute)
