"""Answers to queries that somebody else ran: tables, or files of them, checked before they are believed."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from journeymap.engines.select_list import answer_order
from journeymap.errors import FileFormatError, WrongKindError

__all__ = ["AnswerSource", "Answers", "Query"]

AnswerSource = str | Path | Mapping[str, pa.Table]

# what these columns hold is text, also where it looks like a number; all others are counted or measured
_TEXTS = {
    "alike", "chain", "channel", "channel_key", "event", "handler_key", "path", "segment",
    "segment_key", "touchpoint_key", "value",
}  # fmt: skip
_KEY = re.compile(r"(.+)-([0-9a-f]{8})")
_ENDINGS = (".csv", ".parquet")
_EXACT = 2.0**53


@dataclass(frozen=True)
class Query:
    """A question to a warehouse.

    Parameters
    ----------
    name : str
        What it is called.
    sql : str
        The query; it may read tables that other statements make.
    columns : tuple of str
        The columns of its answer; empty where they are not known beforehand.
    fingerprint : str
        Stands for its text and for that of the tables that it reads.
    """

    name: str
    sql: str
    columns: tuple[str, ...]
    fingerprint: str

    @property
    def key(self) -> str:
        """The name of its answer: a file's without the ending."""
        return f"{self.name}-{self.fingerprint}"


class Answers:
    """What was handed back.

    Parameters
    ----------
    source : str, Path, mapping of str to pyarrow.Table, or None
        A folder, or the tables by their keys.

    Raises
    ------
    FileFormatError
        There is no such folder.
    """

    def __init__(self, source: AnswerSource | None) -> None:
        self.label = "the answers"
        found: dict[str, Path | pa.Table] = {}
        if isinstance(source, Mapping):
            found = dict(source)
        elif isinstance(source, str | Path):
            self.label = str(source)
            found = _files(Path(source))
        elif source is not None:
            raise WrongKindError.because(
                f"counts: cannot take a value of kind {type(source).__name__}.",
                expected="Expected a folder, or a mapping of keys to Arrow tables.",
            )
        self._found = {key: (match, found[key]) for key in found if (match := _KEY.fullmatch(key))}

    def of(self, query: Query) -> pa.Table | None:
        """Give the answer to a query, checked; None where there is none."""
        for key, (match, found) in self._found.items():
            if match[2] == query.fingerprint:
                label = str(found) if isinstance(found, Path) else f"counts[{key!r}]"
                return _checked(_read(found, label), query, label)
        return None

    def stale(self, query: Query) -> list[str]:
        """Give the names of answers to a query of the same name with another text."""
        return [
            key
            for key, (match, _) in self._found.items()
            if match[1] == query.name and match[2] != query.fingerprint
        ]


def _files(folder: Path) -> dict[str, Path | pa.Table]:
    if not folder.is_dir():
        raise FileFormatError.because(
            "there is no such folder.",
            expected="Expected a folder with one file a query.",
            where=str(folder),
            hint="journeymap sql prints the queries and says which file each answer goes to",
        )
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in _ENDINGS}


def _read(found: Path | pa.Table, label: str) -> pa.Table:
    """Read a file, or the parts that Spark writes into a folder in its place."""
    if isinstance(found, pa.Table):
        return found
    if not isinstance(found, Path):
        raise WrongKindError.because(
            f"cannot take a value of kind {type(found).__name__}.",
            expected="Expected a pyarrow.Table.",
            where=label,
        )
    parts = [found]
    if found.is_dir():
        parts = [p for p in sorted(found.iterdir()) if p.is_file() and p.name[0] not in "._"]
    read = _read_csv if found.suffix.lower() == ".csv" else pq.read_table
    try:
        tables = [read(part) for part in parts]
        return pa.concat_tables(tables)
    except (OSError, StopIteration, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise FileFormatError.because(
            "this answer cannot be read.",
            expected="Expected CSV with a header in UTF-8, or Parquet.",
            where=label,
            hint="save the answer once more",
        ) from error


def _read_csv(path: Path) -> pa.Table:
    """Read everything as text, so that an event called 007 or NA stays; empty is null, "" is not."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        names = next(csv.reader(stream))
    return arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=False,
        ),
    )


def _checked(table: pa.Table, query: Query, label: str) -> pa.Table:
    """Take the columns of the query, in its order, as the types that they must have."""
    places = {name.lower(): place for place, name in enumerate(table.column_names)}
    wanted = query.columns or tuple(table.column_names)
    missing = [name for name in wanted if name.lower() not in places]
    if missing:
        raise FileFormatError.because(
            f"this answer has no column {missing[0]!r}.",
            expected=f"Expected the columns {', '.join(wanted)}.",
            where=label,
            hint="save all columns of the query, under their names",
        )
    columns = [_typed(table.column(places[name.lower()]), name, label) for name in wanted]
    found = pa.table(dict(zip(wanted, columns, strict=True)))
    order = [key for key in answer_order(query.sql) if key[0] in wanted]
    return found.sort_by(order) if order else found


def _typed(column: pa.ChunkedArray, name: str, label: str) -> pa.ChunkedArray:
    kind = column.type
    if name in _TEXTS:
        if (
            pa.types.is_null(kind)
            or kind in {pa.string(), pa.large_string(), pa.string_view()}
            or (pa.types.is_dictionary(kind) and kind.value_type in {pa.string(), pa.large_string()})
        ):
            return column.cast(pa.string())
        raise _wrong(
            name, label, f"holds {kind}", "text", "keep the column as text: an event may be called 007"
        )
    if pa.types.is_boolean(kind):
        return column
    if kind == pa.string():
        column = pc.if_else(pc.equal(column, ""), None, column)  # some tools write "" for null
    for tried in (pa.int64(), pa.float64()):
        try:
            numbers = column.cast(tried)
        except pa.ArrowException:
            continue
        return _whole(numbers) if tried == pa.float64() else numbers
    yes_or_no = {"true": True, "false": False, None: None}
    values = [value.lower() if isinstance(value, str) else value for value in column.to_pylist()]
    if all(value in yes_or_no for value in values):
        return pa.chunked_array([[yes_or_no[value] for value in values]], type=pa.bool_())
    raise _wrong(name, label, "holds texts or lists", "numbers", "save the answer as the query gives it")


def _whole(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Take 3.0 for 3: some tools write numbers beside gaps so."""
    values = [value for value in numbers.to_pylist() if value is not None]
    if all(value.is_integer() and abs(value) < _EXACT for value in values):
        return numbers.cast(pa.int64())
    return numbers


def _wrong(name: str, label: str, found: str, expected: str, hint: str) -> FileFormatError:
    return FileFormatError.because(
        f"column {name!r} of this answer {found}.", expected=f"Expected {expected}.", where=label, hint=hint
    )
