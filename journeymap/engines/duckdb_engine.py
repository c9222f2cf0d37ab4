"""The embedded engine: DuckDB on this machine, on a connection of its own."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from journeymap.engines.duckdb_errors import damaged_parquet, escaped, first_line, translated
from journeymap.engines.files import CsvLayout, EventFiles, find_files, missing_columns
from journeymap.engines.in_memory import as_arrow
from journeymap.engines.parquet_files import (
    ANY_ORDER,
    IS_NUMBER,
    ROW_NUMBER,
    ScanPlan,
    parquet_plan,
    schema_sql,
    schemas_of,
)
from journeymap.engines.protocol import Relation, TimeKind
from journeymap.errors import InvalidLogError, JourneyMapError

__all__ = ["DuckDBEngine", "DuckDBSnippets"]

_ROWS_AT_ONCE = 2_000
# groups of a few small numbers (touchpoint, next one, customer group) are addressed directly, not hashed
_ADDRESS_BITS = 17
_MOST_INTEGER = 2**31
# the years 1 to 9999, which is what Python's times can tell
_FIRST_MICROSECOND, _LAST_MICROSECOND = -62_135_596_800_000_000, 253_402_300_799_999_999
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
        if kind == "aware":
            found = f"epoch_us(cast({column} as timestamptz))"  # there is a finer type that knows no epoch_us
        elif kind == "date":
            found = f"epoch_us(try_cast({column} as timestamp))"
        elif kind != "text":
            found = f"epoch_us({column})"
        elif time_format is not None:
            found = f"epoch_us(try_strptime({column}, {self.literal(time_format)}))"
        else:
            found = (
                f"case when {self.is_aware_text(column)} then epoch_us(try_cast({column} as timestamptz)) "
                f"else epoch_us(try_cast({column} as timestamp)) end"
            )
        return f"(case when {found} between {_FIRST_MICROSECOND} and {_LAST_MICROSECOND} then {found} end)"

    def fine_order(self, column: str, type_name: str) -> str | None:
        """Give an expression that orders times finer than microseconds, None where there is nothing finer."""
        return f"epoch_ns({column})" if type_name in {"TIMESTAMP_NS", "TIMESTAMPTZ_NS"} else None

    def number(self, column: str) -> str:
        """Read a text as a number; null where it is none."""
        return f"try_cast({column} as double)"

    def customer_key(self, column: str) -> str:
        """Turn an id into a whole number that stands for it: 63 bits of its hash."""
        return f"cast(hash({column}) >> 1 as bigint)"

    def quantiles(self, column: str, grid: Sequence[float]) -> str:
        """Give exact interpolated quantiles of a group as a list."""
        return f"quantile_cont({column}, [{', '.join(f'{q:g}' for q in grid)}])"

    def wide_sum(self, column: str) -> str:
        """Add up whole numbers, exactly: DuckDB adds them up in 128 bits."""
        return f"cast(sum({column}) as decimal(38, 0))"

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
    spreads = False

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
            self._own_folder = _spill_folder()
            temp_directory = self._own_folder.name
        config: dict[str, Any] = {
            "temp_directory": str(temp_directory),
            "perfect_ht_threshold": _ADDRESS_BITS,
        }
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = threads
        try:
            self._connection = duckdb.connect(":memory:", config=config)
            # at the prompt and in some notebooks DuckDB shows its own bar; in others it refuses even "off"
            shown = self._connection.execute("select current_setting('enable_progress_bar')").fetchall()
            if shown[0][0]:
                self._connection.execute("set enable_progress_bar = false")
        except duckdb.Error as error:
            if self._own_folder is not None:
                self._own_folder.cleanup()
            given = {"memory_limit": memory_limit, "threads": threads}
            named = " and ".join(name for name, value in given.items() if value is not None)
            raise InvalidLogError.because(
                f"the engine cannot start: {first_line(error)}.", hint=f"check {named or 'temp_directory'}"
            ) from error
        self._count = 0
        self._source = "the source"
        self._files: list[str] = []
        self._parquet: list[str] = []

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
            self._files += files.paths
            return self._described(self._scan(files), files.label)
        table, label = as_arrow(source)
        name = self._new_name("given")
        conflicts = self._lent(name, table, label)
        return self._described(ScanPlan(name, ANY_ORDER, conflicts, {}), label)

    def add_rows(
        self, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]], name: str | None = None
    ) -> str:
        """Hold a small table of the library's own and return its name.

        Parameters
        ----------
        types : mapping of str to str
            For every column its SQL type: ``string``, ``integer`` or ``bigint``.
        rows : sequence of tuple
            The rows; None stands for null.
        name : str, optional
            What people may call it; part of the table's name.

        Returns
        -------
        str
            The table's name.

        Notes
        -----
        The rows go in as SQL: making Arrow arrays from Python lists would load pandas where it is installed.
        """
        table = self._new_name(_kept(name))
        columns = ", ".join(f"{self.snippets.quoted(column)} {kind}" for column, kind in types.items())
        self._execute(f"create temp table {table} ({columns})")
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            values = ", ".join("(" + ", ".join(map(self._value, row)) + ")" for row in part)
            self._execute(f"insert into {table} values {values}")
        return table

    def _value(self, value: str | int | None) -> str:
        if value is None:
            return "null"
        return str(value) if isinstance(value, int) else self.snippets.literal(value)

    def materialise(self, sql: str, name: str | None = None) -> str:
        """Run a query, keep its rows in the engine and return the table's name."""
        table = self._new_name(_kept(name))
        self._execute(f"create temp table {table} as {sql}")
        return table

    def run(self, sql: str, name: str | None = None) -> pa.Table:  # noqa: ARG002 - a name is for people
        """Run a query and return its rows."""
        try:
            relation = self._connection.sql(sql)
            return relation.to_arrow_table()
        except duckdb.Error as error:
            raise self._told(error) from None  # the engine's own words may repeat rows

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
            raise self._told(error) from None  # the engine's own words may repeat rows

    def _told(self, error: duckdb.Error) -> JourneyMapError:
        return damaged_parquet(error, self._parquet) or translated(error, self._source, self._files)

    def _lent(self, name: str, table: pa.Table, label: str) -> dict[str, str]:
        """Lend a table in memory to the engine, and tell which of its columns it cannot read."""
        conflicts = {column: "it occurs twice" for column, n in Counter(table.column_names).items() if n > 1}
        places = [n for n, column in enumerate(table.column_names) if column not in conflicts]
        try:
            self._connection.register(name, table.select(places))
        except duckdb.Error:
            unknown = [n for n in places if not self._is_known(table.schema.field(n))]
            conflicts |= {
                table.column_names[n]: f"the engine does not know its type, {table.schema.field(n).type}"
                for n in unknown
            }
            self._connection.register(name, table.select([n for n in places if n not in unknown]))
        if not table.num_columns:
            raise InvalidLogError.because(
                "there are no columns.", where=label, hint="hand over a table with events"
            )
        return conflicts

    def _is_known(self, field: pa.Field[Any]) -> bool:
        probe = self._new_name("given")
        try:
            self._connection.register(probe, pa.schema([field]).empty_table())
        except duckdb.Error:
            return False
        self._connection.unregister(probe)
        return True

    def _scan(self, files: EventFiles) -> ScanPlan:
        if files.kind == "parquet":
            self._parquet += files.paths
            try:
                rows = self._connection.sql(schema_sql(self._listed(files.paths))).fetchall()
            except duckdb.Error as error:
                raise self._told(error) from None
            plan = parquet_plan(schemas_of(rows), self.snippets, self._listed)
            return self._narrowed(plan, files.paths) if plan.order == ROW_NUMBER else plan
        alike = groupby(zip(files.layouts, files.paths, strict=True), key=lambda pair: pair[0])
        scans = [self._csv_scan(layout, [path for _, path in pairs]) for layout, pairs in alike]
        scan = "(" + " union all by name ".join(f"select * from {scan}" for scan in scans) + ")"
        return ScanPlan(scans[0] if len(scans) == 1 else scan, ANY_ORDER, {}, missing_columns(files))

    def _narrowed(self, plan: ScanPlan, paths: Sequence[str]) -> ScanPlan:
        """Number the rows of a file in four bytes: every event is put in order by this number."""
        asked = f"select max(num_rows) < {_MOST_INTEGER} from parquet_file_metadata({self._listed(paths)})"
        fits = self._connection.sql(asked).fetchall()[0][0]
        return plan._replace(order=f"cast({ROW_NUMBER} as integer)") if fits else plan

    def _listed(self, paths: Sequence[str]) -> str:
        return "[" + ", ".join(self.snippets.literal(escaped(path)) for path in paths) + "]"

    def _csv_scan(self, layout: CsvLayout, paths: Sequence[str]) -> str:
        """Read files of one layout; all as text, since guessing turns ids like '007' and 'NA' into others."""
        words = self.snippets
        columns = ", ".join(f"{words.literal(name)}: 'varchar'" for name in layout.header)
        return (
            f"read_csv({self._listed(paths)}, auto_detect = false, "
            f"delim = {words.literal(layout.delimiter)}, quote = '\"', escape = '\"', "
            f"header = true, columns = {{{columns}}})"
        )

    def _described(self, plan: ScanPlan, label: str) -> Relation:
        try:
            rows = self._connection.sql(f"describe select * from {plan.scan}").fetchall()
        except duckdb.Error as error:
            raise self._told(error) from None
        columns = {row[0]: row[1] for row in rows if row[0] not in plan.conflicts}
        if ROW_NUMBER in plan.order:
            columns.pop(ROW_NUMBER, None)
        return Relation(
            self._without_nan(plan.scan, columns),
            label,
            columns,
            {name: _time_kind(kind) for name, kind in columns.items()},
            plan.order,
            conflicts=plan.conflicts,
            missing_in=plan.missing_in,
        )

    def _without_nan(self, scan: str, columns: Mapping[str, str]) -> str:
        """Read what is no number as missing, as every kind of data frame writes it."""
        floats = [self.snippets.quoted(name) for name, kind in columns.items() if kind in {"FLOAT", "DOUBLE"}]
        if not floats:
            return scan
        read = ", ".join(f"case when {IS_NUMBER.format(name)} then {name} end as {name}" for name in floats)
        return f"(select * replace ({read}) from {scan})"


def _kept(name: str | None) -> str:
    return "kept" if name is None else f"kept_{name}"


def _time_kind(type_name: str) -> TimeKind:
    if type_name in {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "TIMESTAMPTZ_NS"}:
        return "aware"
    if type_name.startswith("TIMESTAMP"):
        return "naive"
    if type_name == "DATE":
        return "date"
    # a column without any value has a type of its own; it is read as texts that are missing
    return "text" if type_name in {"VARCHAR", '"NULL"'} or type_name.startswith("ENUM") else "other"


def _spill_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="journeymap-", ignore_cleanup_errors=True)
    except OSError as error:
        raise InvalidLogError.because(
            f"the engine cannot make a temporary folder ({error.strerror}).",
            hint="free space, or name another place with TMPDIR",
        ) from error
