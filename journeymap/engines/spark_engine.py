"""The engine for many machines: a Spark session that the user hands over."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import pyarrow as pa

from journeymap.engines.files import EventFiles, find_files, has_event_ending
from journeymap.engines.in_memory import as_arrow
from journeymap.engines.protocol import Relation, TimeKind
from journeymap.engines.spark_words import SparkSnippets
from journeymap.errors import (
    FileFormatError,
    InvalidLogError,
    JourneyMapError,
    MissingDependencyError,
    WrongKindError,
    nearest,
)

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
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\]")
_MEMORY = ("OutOfMemory", "UNABLE_TO_ACQUIRE_MEMORY", "No space left on device")
_BAD_LINES = ("MALFORMED_RECORD_IN_PARSING", "MALFORMED_CSV_RECORD")
_NANOSECONDS = ("TIMESTAMP(NANOS",)
_QUERIES_LOGGED = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")


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

    A log is read several times unless it is text or a DataFrame, whose events are kept in Spark's cache
    (memory and disk) while an analysis runs; so are the steps of the journeys.
    """

    name = "spark"

    def __init__(self, spark: SparkSession) -> None:
        try:
            from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra, loaded where it is used
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
        self._errors: tuple[type[Exception], ...] = (PySparkException, *_bridge_errors())
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
            frame, label, read_once = self._frame(source)
        self._source = label
        if frame.isStreaming:
            raise InvalidLogError.because(
                "a stream has no end.", where=label, hint="write it to a table, and hand over the table"
            )
        columns = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
        name = self._named(_apart(frame), "given")
        order = self.snippets.quoted(_ROW) if columns.pop(_ROW, None) else None
        times = {column: _time_kind(kind) for column, kind in columns.items()}
        return Relation(name, label, columns, times, order, read_once=read_once)

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
        loggers = [logging.getLogger(name) for name in _loggers()]
        before = [logger.disabled for logger in loggers]
        for logger in loggers:
            logger.disabled = True
        try:
            yield
        except self._errors as error:
            raise _translated(error, self._source) from None  # Spark's own words may repeat rows
        finally:
            for logger, disabled in zip(loggers, before, strict=True):
                logger.disabled = disabled

    def _frame(self, source: Any) -> tuple[DataFrame, str, bool]:
        """Read a source: the frame, what messages call it, and whether it should be read only once."""
        if isinstance(source, str) and "://" in source:
            return self._address(source)
        if isinstance(source, Path) or (isinstance(source, str) and _is_path(source)):
            files = find_files(source)
            self._source = files.label
            return self._files(files), files.label, files.kind == "csv"
        if isinstance(source, str):
            self._source = source
            return self._table(source), source, False
        if type(source).__module__.startswith("pyspark.pandas"):
            source = source.to_spark()
        if type(source).__module__.startswith("pyspark."):
            return self._own(source), "the Spark DataFrame", True
        table, label = as_arrow(source)
        self._source = label
        return self._from_arrow(table), label, False

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
            return self._spark.table(name)
        except self._errors as error:
            if "NOT_FOUND" not in str(error) and "PARSE" not in str(error):
                raise
            known = [table.name for table in self._spark.catalog.listTables()]
            close = nearest(name, known)
            raise InvalidLogError.because(
                f"the Spark session knows no table {name!r}.",
                expected="Expected a table, a path or a pattern of files, or a DataFrame.",
                hint=f"did you mean {close!r}?" if close else "write database.table, or load it first",
            ) from error

    def _address(self, address: str) -> tuple[DataFrame, str, bool]:
        """Read files that only the cluster can see; a folder holds Parquet."""
        self._source = address
        if has_event_ending(address, "csv"):
            return (
                self._csv(self._spark.read.option("inferSchema", value=False), [address], ","),
                address,
                True,
            )
        return self._spark.read.parquet(address), address, False

    def _files(self, files: EventFiles) -> DataFrame:
        if files.kind == "parquet":
            reader = self._spark.read.option("mergeSchema", value=len(files.paths) > 1)
            return reader.parquet(*map(_local, files.paths))
        alike = groupby(zip(files.layouts, files.paths, strict=True), key=lambda pair: pair[0])
        frames = []
        for layout, pairs in alike:
            columns = ", ".join(f"{self.snippets.quoted(name)} string" for name in layout.header)
            paths = [_local(path) for _, path in pairs]
            frames.append(self._csv(self._spark.read.schema(columns), paths, layout.delimiter))
        return reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)

    def _csv(self, reader: Any, paths: list[str], delimiter: str) -> DataFrame:
        """Read text files; all as text, since guessing turns ids like '007' and 'NA' into others."""
        frame: DataFrame = reader.csv(
            paths, header=True, sep=delimiter, quote='"', escape='"', multiLine=True, mode="FAILFAST"
        )
        return frame

    def _from_arrow(self, table: pa.Table) -> DataFrame:
        rows = pa.array(range(table.num_rows), pa.int64())
        named = [_for_spark(table.schema.field(n).type) for n in range(table.num_columns)]
        columns = [
            column if kind is None else column.cast(kind, safe=False)
            for column, kind in zip(table.columns, named, strict=True)
        ]
        plain = pa.table([*columns, rows], names=[*table.column_names, _ROW])
        schema = ", ".join(
            f"{self.snippets.quoted(field.name)} {_spark_type(field.type)}" for field in plain.schema
        )
        return self._spark.createDataFrame(plain, schema)


def _apart(frame: DataFrame) -> DataFrame:
    """Give a frame a plan of its own: dropping a view drops its plan's cache, which may be the user's."""
    return frame.where("true")


def _is_path(source: str) -> bool:
    return has_event_ending(source) or any(mark in source for mark in "/\\*?[")


def _local(path: str) -> str:
    """Write the address of a file on this machine; the cluster's own file system may be another one."""
    absolute = str(Path(path).absolute())
    return "file:" + re.sub(r"([\[\]{}*?\\])", r"\\\1", absolute)


def _for_spark(kind: pa.DataType) -> pa.DataType | None:
    """Tell what a column has to become before Spark takes it; None where it does as it is."""
    if pa.types.is_dictionary(kind):
        return _for_spark(kind.value_type) or kind.value_type
    if pa.types.is_timestamp(kind) and kind.unit != "us":
        return pa.timestamp("us", kind.tz)
    if pa.types.is_unsigned_integer(kind):
        return pa.decimal128(20) if kind.bit_width == 64 else pa.int64()  # noqa: PLR2004 - bits
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_float16(kind):
        return pa.float64()
    plain = (pa.types.is_string, pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean,
             pa.types.is_timestamp, pa.types.is_date32, pa.types.is_decimal128)  # fmt: skip
    return None if any(fits(kind) for fits in plain) else pa.string()


def _spark_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamp_ltz" if kind.tz else "timestamp_ntz"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    names = {"bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
             "float": "float", "double": "double", "date32[day]": "date", "string": "string"}  # fmt: skip
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


def _bridge_errors() -> tuple[type[Exception], ...]:
    """The errors of the bridge to Java, which a client of Spark Connect does without."""
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 - comes with pyspark
    except ImportError:
        return ()
    return (Py4JError,)


def _loggers() -> tuple[str, ...]:
    """Make pyspark's loggers of its own kind before they are switched off."""
    try:
        from pyspark.logger import PySparkLogger  # noqa: PLC0415 - comes with pyspark
    except ImportError:
        return ()
    for name in _QUERIES_LOGGED:
        PySparkLogger.getLogger(name)
    return _QUERIES_LOGGED


def _translated(error: Exception, source: str) -> JourneyMapError:
    """Say what went wrong in Spark without quoting rows of the source."""
    text = str(error)
    conditions = _CONDITION.findall(text)
    if any(word in text for word in _MEMORY):
        return InvalidLogError.because(
            "Spark ran out of memory or of disk space.",
            hint="give executors and driver more memory, or more and smaller partitions",
        )
    if any(condition.startswith(_BAD_LINES) for condition in conditions):
        return FileFormatError.because(
            "a line does not fit the header.",
            expected="Expected as many columns as the header names.",
            where=source,
            hint="quote texts that contain the delimiter",
        )
    if any(word in text for word in _NANOSECONDS):
        return FileFormatError.because(
            "its times are in nanoseconds, which Spark cannot read.",
            where=source,
            hint="write it with microseconds, in pandas: to_parquet(..., coerce_timestamps='us')",
        )
    # only what was found out before any row was read can be repeated word for word
    early = type(error).__name__ in {"AnalysisException", "ParseException"}
    first = _CONDITION.sub("", text.partition("\n")[0]).partition(" SQLSTATE")[0].strip().rstrip(".")
    problem = first if early else (conditions[0] if conditions else type(error).__name__)
    return InvalidLogError.because(
        f"{source}: Spark refused a query: {problem}.",
        hint="check that all parts of the source have the same columns, and the log of the session",
    )
