"""The embedded engine: DuckDB on this machine, on a connection of its own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from journeymap.engines.files import CsvLayout, EventFiles, find_files
from journeymap.engines.protocol import Relation, TimeKind
from journeymap.errors import FileFormatError, InvalidLogError, JourneyMapError

__all__ = ["DuckDBEngine", "DuckDBSnippets"]

_ROWS_AT_ONCE = 2_000
_AWARE_TEXT = r":\d{2}([.,]\d+)?\s*([zZ]|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"


class DuckDBSnippets:
    """The words that only DuckDB uses."""

    def quoted(self, name: str) -> str:
        """Write a column or table name so that any characters are safe."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: str) -> str:
        """Write a text value."""
        return "'" + value.replace("'", "''") + "'"

    def is_aware_text(self, column: str) -> str:
        """Tell whether a text ends in an offset from UTC."""
        return f"regexp_matches({column}, {self.literal(_AWARE_TEXT)})"

    def microseconds(self, column: str, kind: TimeKind, time_format: str | None = None) -> str:
        """Turn a time into whole microseconds since 1970; null where it is none."""
        if kind != "text":
            return f"epoch_us({column})"
        if time_format is not None:
            return f"epoch_us(try_strptime({column}, {self.literal(time_format)}))"
        return (
            f"(case when {self.is_aware_text(column)} then epoch_us(try_cast({column} as timestamptz)) "
            f"else epoch_us(try_cast({column} as timestamp)) end)"
        )

    def fine_order(self, column: str, type_name: str) -> str | None:
        """Give an expression that orders times finer than microseconds, None where there is nothing finer."""
        return f"epoch_ns({column})" if type_name == "TIMESTAMP_NS" else None

    def hash_group(self, column: str, groups: int) -> str:
        """Assign a customer to one of `groups` groups (a power of two)."""
        return f"cast(hash({column}) & {groups - 1} as tinyint)"

    def quantiles(self, column: str, grid: Sequence[float]) -> str:
        """Give exact interpolated quantiles of a group as a list."""
        return f"quantile_cont({column}, [{', '.join(f'{q:g}' for q in grid)}])"

    def element(self, column: str, position: int) -> str:
        """Give the element of a list at a position counted from 0."""
        return f"{column}[{position + 1}]"

    def lead_skipping_nulls(self, column: str, window: str) -> str:
        """Give the next value of a column that is not null."""
        return f"lead({column} ignore nulls) over {window}"

    def last_skipping_nulls(self, column: str, window: str) -> str:
        """Give the latest value of a column that is not null, up to the end of the window's frame."""
        return f"last_value({column} ignore nulls) over {window}"

    def ordered_text(self, column: str, order: str, condition: str) -> str:
        """Join the whole numbers of a group with blanks, in order, where a condition holds."""
        return f"string_agg(cast({column} as varchar), ' ' order by {order}) filter (where {condition})"


class DuckDBEngine:
    """Run the library's queries on this machine.

    Parameters
    ----------
    memory_limit : str, optional
        How much memory DuckDB may take before it spills to disk, such as ``"4GB"``.
    threads : int, optional
        How many threads it may use; all when left out.
    temp_directory : str or Path, optional
        Where it spills; a temporary folder of its own when left out, removed at the end.

    Notes
    -----
    It opens a connection of its own in memory; DuckDB's default connection is never touched.
    """

    name = "duckdb"

    def __init__(
        self,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        temp_directory: str | Path | None = None,
    ) -> None:
        self.snippets = DuckDBSnippets()
        self._own_folder = None
        if temp_directory is None:
            self._own_folder = tempfile.TemporaryDirectory(prefix="journeymap-", ignore_cleanup_errors=True)
            temp_directory = self._own_folder.name
        config: dict[str, Any] = {"temp_directory": str(temp_directory)}
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = threads
        try:
            self._connection = duckdb.connect(":memory:", config=config)
        except duckdb.Error as error:
            if self._own_folder is not None:
                self._own_folder.cleanup()
            raise InvalidLogError.because(
                f"the engine cannot start: {_first_line(error)}.", hint="check memory_limit and threads"
            ) from error
        self._count = 0
        self._source = "the source"

    def __enter__(self) -> Self:
        """Use the engine in a with statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it at the end of the with statement."""
        self.close()

    def register(self, source: Any) -> Relation:
        """Make a source readable; nothing is copied that need not be.

        Parameters
        ----------
        source : str, Path, pandas or polars DataFrame, pyarrow Table, or a DuckDB relation
            Where the events are: a file or a pattern of CSV (also .gz) or Parquet files, or a table.

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
        if isinstance(source, str | Path):
            files = find_files(source)
            self._source = files.label
            scan, order = self._scan(files)
            return self._described(scan, files.label, order)
        table, label = _as_arrow(source)
        name = self._new_name("given")
        self._connection.register(name, table)
        return self._described(name, label, "row_number() over ()")

    def add_rows(self, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> str:
        """Hold a small table of the library's own and return its name.

        Parameters
        ----------
        types : mapping of str to str
            For every column its SQL type: ``string``, ``integer`` or ``bigint``.
        rows : sequence of tuple
            The rows; None stands for null.

        Returns
        -------
        str
            The table's name.

        Notes
        -----
        The rows go in as SQL: making Arrow arrays from Python lists would load pandas where it is installed.
        """
        name = self._new_name("kept")
        columns = ", ".join(f"{self.snippets.quoted(column)} {kind}" for column, kind in types.items())
        self._execute(f"create temp table {name} ({columns})")
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            values = ", ".join("(" + ", ".join(map(self._value, row)) + ")" for row in part)
            self._execute(f"insert into {name} values {values}")
        return name

    def _value(self, value: str | int | None) -> str:
        if value is None:
            return "null"
        return str(value) if isinstance(value, int) else self.snippets.literal(value)

    def materialise(self, sql: str) -> str:
        """Run a query, keep its rows in the engine and return the table's name."""
        name = self._new_name("kept")
        self._execute(f"create temp table {name} as {sql}")
        return name

    def run(self, sql: str) -> pa.Table:
        """Run a query and return its rows."""
        try:
            relation = self._connection.sql(sql)
            return relation.to_arrow_table()
        except duckdb.Error as error:
            raise _translated(error, self._source) from error

    def drop(self, name: str) -> None:
        """Forget a table."""
        if name.startswith("given"):
            self._connection.unregister(name)
        else:
            self._execute(f"drop table if exists {name}")

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()
            self._own_folder = None

    def _new_name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"

    def _execute(self, sql: str) -> None:
        try:
            # fetched at once: an unfetched result would block the connection
            self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise _translated(error, self._source) from error

    def _scan(self, files: EventFiles) -> tuple[str, str]:
        paths = "[" + ", ".join(self.snippets.literal(path) for path in files.paths) + "]"
        if files.kind == "parquet":
            if len(files.paths) == 1:
                return f"read_parquet({paths}, file_row_number = true)", "file_row_number"
            return f"read_parquet({paths}, union_by_name = true)", "row_number() over ()"
        alike = groupby(zip(files.layouts, files.paths, strict=True), key=lambda pair: pair[0])
        scans = [self._csv_scan(layout, [path for _, path in pairs]) for layout, pairs in alike]
        if len(scans) == 1:
            return scans[0], "row_number() over ()"
        return "(" + " union all by name ".join(f"select * from {scan}" for scan in scans) + ")", (
            "row_number() over ()"
        )

    def _csv_scan(self, layout: CsvLayout, paths: Sequence[str]) -> str:
        """Read files of one layout; all as text, since guessing turns ids like '007' and 'NA' into others."""
        words = self.snippets
        listed = ", ".join(words.literal(path) for path in paths)
        columns = ", ".join(f"{words.literal(name)}: 'varchar'" for name in layout.header)
        return (
            f"read_csv([{listed}], auto_detect = false, delim = {words.literal(layout.delimiter)}, "
            f"quote = '\"', escape = '\"', header = true, columns = {{{columns}}})"
        )

    def _described(self, scan: str, label: str, order: str) -> Relation:
        try:
            rows = self._connection.sql(f"describe select * from {scan}").fetchall()
        except duckdb.Error as error:
            raise FileFormatError.because(
                f"cannot be read: {_first_line(error)}.",
                where=label,
                hint="check that it is a table with a header",
            ) from error
        columns = {row[0]: row[1] for row in rows}
        if order == "file_row_number":
            columns.pop("file_row_number", None)
        return Relation(
            scan, label, columns, {name: _time_kind(kind) for name, kind in columns.items()}, order
        )


def _from_pandas(frame: Any) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InvalidLogError.because(
            f"a column of the data frame mixes types: {_first_line(error)}.",
            hint="turn the column into text with .astype(str)",
        ) from error


_IN_MEMORY: dict[str, tuple[Callable[[Any], pa.Table], str]] = {
    "pyarrow.Table": (lambda table: table, "the Arrow table"),
    "pyarrow.RecordBatch": (lambda batch: pa.Table.from_batches([batch]), "the Arrow batch"),
    "pyarrow.RecordBatchReader": (lambda reader: reader.read_all(), "the Arrow reader"),
    "pandas.DataFrame": (_from_pandas, "the data frame"),
    "polars.DataFrame": (lambda frame: frame.to_arrow(), "the data frame"),
    "polars.LazyFrame": (lambda frame: frame.collect().to_arrow(), "the lazy frame"),
    "duckdb.DuckDBPyRelation": (lambda relation: relation.to_arrow_table(), "the DuckDB relation"),
    "_duckdb.DuckDBPyRelation": (lambda relation: relation.to_arrow_table(), "the DuckDB relation"),
}


def _as_arrow(source: Any) -> tuple[pa.Table, str]:
    """Turn a table in memory into Arrow; null stays null and integers stay integers."""
    kind = f"{type(source).__module__.partition('.')[0]}.{type(source).__name__}"
    reading = _IN_MEMORY.get(kind)
    if reading is not None:
        read, label = reading
        return read(source), label
    raise InvalidLogError.because(
        f"a {type(source).__name__} cannot be read as events.",
        expected="Expected a path, a pattern, a pandas or polars frame, an Arrow table or a DuckDB relation.",
        hint="put the events into one of these",
    )


def _time_kind(type_name: str) -> TimeKind:
    if type_name in {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"}:
        return "aware"
    if type_name.startswith("TIMESTAMP"):
        return "naive"
    if type_name == "DATE":
        return "date"
    return "text" if type_name == "VARCHAR" or type_name.startswith("ENUM") else "other"


def _first_line(error: Exception) -> str:
    text = str(error).strip().split("\n", 1)[0]
    return re.sub(r"^[A-Za-z ]*Error: ", "", text).rstrip(".")


def _translated(error: duckdb.Error, source: str) -> JourneyMapError:
    """Say what went wrong in the engine without quoting rows of the source."""
    text = str(error)
    line = re.search(r"Line: (\d+)", text)
    if "CSV Error" in text:
        problem = (
            f"line {line.group(1)} does not fit the header." if line else "a line does not fit the header."
        )
        return FileFormatError.because(
            problem,
            expected="Expected as many columns as the header names.",
            where=source,
            hint="quote texts that contain the delimiter",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return InvalidLogError.because(
            "the engine ran out of memory or of disk space.",
            hint="raise memory_limit or free space in the temporary folder",
        )
    return InvalidLogError.because(
        f"the engine refused a query: {_first_line(error)}.",
        hint="check that all files of the source have the same columns",
    )
