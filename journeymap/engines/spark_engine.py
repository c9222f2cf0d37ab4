"""The engine for many machines: a Spark session that the user hands over."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import pyarrow as pa

from journeymap.engines.files import find_files, has_event_ending
from journeymap.engines.in_memory import as_arrow
from journeymap.engines.protocol import Relation, TimeKind
from journeymap.engines.spark_errors import query_loggers, spark_exceptions, translated
from journeymap.engines.spark_files import FilesRead, csv_at, read_files
from journeymap.engines.spark_words import SparkSnippets
from journeymap.errors import InvalidLogError, MissingDependencyError, WrongKindError, nearest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SparkEngine"]

_ROW = "journeymap row"
_TYPES = {
    "string": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "smallint": pa.int16(),
    "tinyint": pa.int8(),
    "double": pa.float64(),
}
_WIDER = (
    (pa.types.is_date64, pa.date32()), (pa.types.is_float16, pa.float64()),
    (pa.types.is_large_binary, pa.binary()), (pa.types.is_fixed_size_binary, pa.binary()),
)  # fmt: skip
_KNOWN = (
    pa.types.is_string, pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_timestamp,
    pa.types.is_date32, pa.types.is_decimal128, pa.types.is_binary,
)  # fmt: skip
# as bytes, a text is not always one that can be shown
_READ_AS = dict.fromkeys(("float", "double"), "case when not isnan({0}) then {0} end") | {
    "binary": "coalesce(try_validate_utf8(cast({0} as string)), hex({0}))"
}


class SparkEngine:
    """Run the library's queries in a Spark session.

    Parameters
    ----------
    spark : pyspark.sql.SparkSession
        The session, Spark 4.0 or later, classic or Connect. None of its settings is changed, and it stays
        open; `close` drops the tables and the temporary views that the engine made.

    Raises
    ------
    MissingDependencyError
        pyspark is not installed.
    WrongKindError
        It is no Spark session.

    Notes
    -----
    Spark's own ``timestamp`` is an instant: such a column holds times aware of their zone, compared and shown
    in UTC whatever the session's time zone is. ``timestamp_ntz`` holds naive times, taken as given.

    Rows of Spark tables and files have no order. Events of one customer at the same time are ordered by
    `order_col`, without one by the name of the event; the observation of a journey says which. A table of
    pandas, polars or Arrow keeps its order.

    Files of one pattern may differ in their columns and types, as on DuckDB; where nothing sensible can be
    made of the types of a column, it is refused by name. Parquet files at an address must have the same
    types, CSV files the same first line.

    A log is read several times unless it is text or a DataFrame, whose events are kept in Spark's cache
    (memory and disk) while an analysis runs; so are the steps of the journeys.
    """

    name = "spark"
    spreads = True

    def __init__(self, spark: SparkSession) -> None:
        try:
            self._errors = spark_exceptions()
        except ImportError as error:
            raise MissingDependencyError.because(
                "SparkEngine needs pyspark, which is not installed.", hint="pip install 'journeymap[spark]'"
            ) from error
        if type(spark).__name__ != "SparkSession":
            raise WrongKindError.because(
                f"cannot take a value of kind {type(spark).__name__}.",
                expected="Expected a SparkSession.",
                hint="make one with SparkSession.builder.getOrCreate()",
                where="SparkEngine",
            )
        self._spark = spark
        self._source = "the source"
        self._prefix = f"journeymap_{uuid4().hex[:8]}"
        self._count = 0
        self._frames: dict[str, DataFrame] = {}
        self._kept: set[str] = set()
        with self._told():
            kind = str(spark.conf.get("spark.sql.timestampType", "TIMESTAMP_LTZ"))
        self.snippets = SparkSnippets(naive_timestamps=kind.upper() == "TIMESTAMP_NTZ")

    def __enter__(self) -> Self:
        """Use the engine in a with statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it at the end of the with statement."""
        self.close()

    def register(self, source: Any) -> Relation:
        """Make a source readable; nothing is copied but tables in memory.

        Parameters
        ----------
        source : Spark DataFrame, str, Path, pandas or polars DataFrame, or pyarrow Table
            A DataFrame of this session; the name of a table that the session knows; a file or a pattern of
            CSV (also .gz) or Parquet files, or the address of such files where the cluster finds them, such
            as ``s3a://bucket/events``; or a table in memory.

        Returns
        -------
        Relation
            The name to read it by, and its columns.

        Raises
        ------
        FileFormatError
            The file is not what its name says.
        InvalidLogError
            The source is of no kind that can be read.
        """
        with self._told():
            read, label, read_once = self._read(source)
            is_stream = read.frame.isStreaming
        self._source = label
        if is_stream:
            raise InvalidLogError.because(
                "a stream has no end.", where=label, hint="write it to a table, and hand over the table"
            )
        with self._told():
            frame, twice = self._readable(read.frame)
            columns = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
            name = self._named(frame, "given")
        order = self.snippets.quoted(_ROW) if columns.pop(_ROW, None) else None
        return Relation(
            name,
            label,
            columns,
            {column: _time_kind(kind) for column, kind in columns.items()},
            order,
            read_once=read_once,
            conflicts=read.conflicts | twice,
            missing_in=read.missing_in,
        )

    def add_rows(
        self, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]], name: str | None = None
    ) -> str:
        """Hold a small table of the library's own and return its name.

        Parameters
        ----------
        types : mapping of str to str
            For every column its SQL type: ``string``, ``integer``, ``bigint`` or ``double``.
        rows : sequence of tuple
            The rows; None stands for null.
        name : str, optional
            What people may call it; part of the table's name.

        Returns
        -------
        str
            The table's name.
        """
        columns = [[row[place] for row in rows] for place in range(len(types))]
        arrays = [
            pa.array(values, _TYPES[kind]) for values, kind in zip(columns, types.values(), strict=True)
        ]
        with self._told():
            # an Arrow table becomes a local relation, whose size Spark knows: small ones are sent to all
            return self._named(self._spark.createDataFrame(pa.table(arrays, names=list(types))), _kept(name))

    def materialise(self, sql: str, name: str | None = None) -> str:
        """Run a query, keep its rows in the cluster (memory, then disk) and return the name of their view.

        What reads the source is cached by column. What reads tables that were kept is cut off from how they
        came about: else every later query would carry all plans before it along.
        """
        with self._told():
            frame = self._spark.sql(sql)
            if any(kept in sql for kept in self._kept):
                table = self._named(frame.localCheckpoint(eager=True), _kept(name))
            else:
                table = self._named(frame.persist(), _kept(name))
                try:
                    frame.count()
                except BaseException:
                    self._forget(table)
                    raise
            self._kept.add(table)
        return table

    def run(self, sql: str, name: str | None = None) -> pa.Table:  # noqa: ARG002 - a name is for people
        """Run a query and return its rows."""
        with self._told():
            return self._spark.sql(sql).toArrow()

    def drop(self, name: str) -> None:
        """Forget a table."""
        with self._told():
            self._forget(name)

    def close(self) -> None:
        """Drop all that the engine made; the session stays open."""
        with ExitStack() as every:
            for name in tuple(self._frames):
                every.callback(self.drop, name)

    def _forget(self, name: str) -> None:
        frame = self._frames.pop(name, None)
        self._kept.discard(name)
        if frame is None:
            return
        self._spark.catalog.dropTempView(name)
        frame.unpersist()
        _release(frame)

    def _named(self, frame: DataFrame, kind: str) -> str:
        self._count += 1
        name = f"{self._prefix}_{kind}_{self._count}"
        frame.createOrReplaceTempView(name)
        self._frames[name] = frame
        return name

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what went wrong in Spark; its own log would quote rows."""
        loggers = [logging.getLogger(name) for name in query_loggers()]
        before = [logger.disabled for logger in loggers]
        for logger in loggers:
            logger.disabled = True
        try:
            yield
        except self._errors as error:
            raise translated(error, self._source) from None  # Spark's own words may repeat rows
        finally:
            for logger, disabled in zip(loggers, before, strict=True):
                logger.disabled = disabled

    def _read(self, source: Any) -> tuple[FilesRead, str, bool]:
        """Read a source: its rows, what messages call it, and whether it should be read only once."""
        if isinstance(source, str) and "://" in source:
            return self._address(source)
        if isinstance(source, Path) or (isinstance(source, str) and _is_path(source)):
            files = find_files(source)
            self._source = files.label
            return read_files(self._spark, files, self.snippets), files.label, files.kind == "csv"
        if isinstance(source, str):
            self._source = source
            return FilesRead(self._table(source), {}, {}), source, False
        if type(source).__module__.startswith("pyspark.pandas"):
            source = source.to_spark()
        if type(source).__module__.startswith("pyspark."):
            return FilesRead(self._own(source), {}, {}), "the Spark DataFrame", True
        table, label = as_arrow(source)
        self._source = label
        return self._from_arrow(table), label, False

    def _readable(self, frame: DataFrame) -> tuple[DataFrame, dict[str, str]]:
        """Give a frame a plan of its own, without what no column can be; tell which columns occur twice.

        What is no number is missing, as every kind of data frame writes it. Bytes are text where they can be.
        """
        fields = frame.schema.fields
        same: dict[str, list[str]] = defaultdict(list)
        exact = self._tells_capitals()
        for field in fields:
            same[field.name if exact else field.name.lower()].append(field.name)
        twice = {name: _occurs_twice(names) for names in same.values() if len(names) > 1 for name in names}
        read = {}
        for field in fields:
            if field.name not in twice:
                column = self.snippets.quoted(field.name)
                read[column] = _READ_AS.get(field.dataType.simpleString(), "{0}").format(column)
        if not twice and all(column == text for column, text in read.items()):
            # dropping a view drops its plan's cache, which may be the user's
            return _apart(frame), {}
        return frame.selectExpr(*(f"{text} as {column}" for column, text in read.items())), twice

    def _own(self, frame: DataFrame) -> DataFrame:
        """Refuse a frame of another session: its views would not be seen in this one."""
        name = f"{self._prefix}_seen"
        _apart(frame).createOrReplaceTempView(name)
        try:
            if not self._spark.catalog.tableExists(name):
                raise InvalidLogError.because(
                    "the DataFrame belongs to another Spark session.",
                    hint="use its own: SparkEngine(frame.sparkSession)",
                )
        finally:
            frame.sparkSession.catalog.dropTempView(name)
        return frame

    def _table(self, name: str) -> DataFrame:
        try:
            frame = self._spark.table(name)
            frame.schema  # noqa: B018 - a session of Spark Connect looks for the table only now
        except self._errors as error:
            if "NOT_FOUND" not in str(error) and "PARSE" not in str(error):
                raise
            known = [row["tableName"] for row in self._spark.sql("show tables").collect()]
            close = nearest(name, known)
            raise InvalidLogError.because(
                f"the Spark session knows no table {name!r}.",
                expected="Expected a table, a path or a pattern of files, or a DataFrame.",
                hint=f"did you mean {close!r}?" if close else "write database.table, or load it first",
            ) from error
        return frame

    def _tells_capitals(self) -> bool:
        return str(self._spark.conf.get("spark.sql.caseSensitive", "false")).lower() == "true"

    def _address(self, address: str) -> tuple[FilesRead, str, bool]:
        """Read files that only the cluster can see; a folder holds Parquet."""
        self._source = address
        if has_event_ending(address, "csv"):
            return FilesRead(csv_at(self._spark, address), {}, {}), address, True
        # without merging, times with and without a zone would be read as if they were alike
        merged = self._spark.read.option("mergeSchema", value=True).parquet(address)
        return FilesRead(merged, {}, {}), address, False

    def _from_arrow(self, table: pa.Table) -> FilesRead:
        columns, conflicts = {}, {}
        for place, name in enumerate(table.column_names):
            kind = table.schema.field(place).type
            wanted = _for_spark(kind)
            try:
                column = table.column(place)
                # nanoseconds are cut off; whole seconds could become other times where they are too many
                finer = pa.types.is_timestamp(kind) and kind.unit in {"s", "ms"}
                columns[place] = column if wanted is None else column.cast(wanted, safe=finer)
            except pa.ArrowNotImplementedError:
                conflicts[name] = f"the engine does not know its type, {kind}"
            except pa.ArrowInvalid:  # its own words repeat the value
                conflicts[name] = f"a value of its type, {kind}, is too large for the engine"
        rows = pa.array(range(table.num_rows), pa.int64())
        names = [table.column_names[place] for place in columns]
        plain = pa.table([*columns.values(), rows], names=[*names, _ROW])
        schema = ", ".join(
            f"{self.snippets.quoted(field.name)} {_spark_type(field.type)}" for field in plain.schema
        )
        return FilesRead(self._spark.createDataFrame(plain, schema), conflicts, {})


def _apart(frame: DataFrame) -> DataFrame:
    """Give a frame a plan of its own: dropping a view drops its plan's cache, which may be the user's."""
    return frame.where("true")


def _occurs_twice(names: Sequence[str]) -> str:
    if len(set(names)) == 1:
        return "it occurs twice"
    return " and ".join(map(repr, names)) + " differ in capitals only, which the session does not tell apart"


def _is_path(source: str) -> bool:
    return has_event_ending(source) or any(mark in source for mark in "/\\*?[")


def _for_spark(kind: pa.DataType) -> pa.DataType | None:
    """Tell what a column has to become before Spark takes it; None where it does as it is."""
    if pa.types.is_dictionary(kind):
        return _for_spark(kind.value_type) or kind.value_type
    if pa.types.is_timestamp(kind) and kind.unit != "us":
        return pa.timestamp("us", kind.tz)
    if pa.types.is_unsigned_integer(kind):
        return pa.decimal128(20) if kind.bit_width == 64 else pa.int64()  # noqa: PLR2004 - bits
    for fits, wanted in _WIDER:
        if fits(kind):
            return wanted
    return None if any(fits(kind) for fits in _KNOWN) else pa.string()


def _spark_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamp_ltz" if kind.tz else "timestamp_ntz"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    names = {"bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
             "float": "float", "double": "double", "date32[day]": "date", "string": "string",
             "binary": "binary"}  # fmt: skip
    return names[str(kind)]


def _release(frame: DataFrame) -> None:
    """Give back the rows of a frame that was cut off; a remote session does so by itself, some time later."""
    plan = getattr(frame, "_jdf", None)
    if plan is None:
        return
    logical = plan.queryExecution().logical()
    if logical.getClass().getSimpleName() == "LogicalRDD":
        logical.rdd().unpersist(False)  # noqa: FBT003 - Java has no names for it


def _kept(name: str | None) -> str:
    return "kept" if name is None else f"kept_{name}"


def _time_kind(type_name: str) -> TimeKind:
    named: dict[str, TimeKind] = {"timestamp": "aware", "timestamp_ntz": "naive", "date": "date"}
    # a column without any value has a type of its own; it is read as texts that are missing
    if type_name.startswith(("string", "varchar", "char", "void")):
        return "text"
    return named.get(type_name, "other")
