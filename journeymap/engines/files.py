"""Files of events: which ones are meant, and whether they are what their names say."""

from __future__ import annotations

import csv
import glob
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from journeymap.errors import FileFormatError, nearest

__all__ = ["CsvLayout", "EventFiles", "find_files"]

_CSV_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_PARQUET_ENDINGS = (".parquet", ".pq")
_DELIMITERS = (",", ";", "\t", "|")
_SNIFF = 65_536


class CsvLayout(NamedTuple):
    """How a CSV file is laid out."""

    delimiter: str
    header: tuple[str, ...]


@dataclass(frozen=True)
class EventFiles:
    """Files of one kind.

    Parameters
    ----------
    kind : {"csv", "parquet"}
        What they hold.
    paths : tuple of str
        The files in the order of their names.
    label : str
        What the user called them.
    layouts : tuple of CsvLayout
        For every CSV file what separates its columns, and their names.
    """

    kind: Literal["csv", "parquet"]
    paths: tuple[str, ...]
    label: str
    layouts: tuple[CsvLayout, ...] = ()


def find_files(source: str | Path) -> EventFiles:
    """Which event files does a path or a pattern mean?

    Parameters
    ----------
    source : str or Path
        A file, or a pattern such as ``events/*.parquet``.

    Returns
    -------
    EventFiles
        The files, sorted by name, all of one kind.

    Raises
    ------
    FileFormatError
        Nothing is there, it is empty, or it is a file of another kind.
    """
    label = str(source)
    path = Path(source)
    paths = [label] if path.exists() else sorted(glob.glob(label, recursive=True))  # noqa: PTH207 - patterns may be absolute
    if not paths:
        raise _missing(path, label)
    if path.is_dir():
        raise FileFormatError.because(
            "this is a folder.",
            expected="Expected a file or a pattern.",
            where=label,
            hint=f"write '{label}/*.parquet' or '{label}/*.csv'",
        )
    kinds = {_kind(Path(name)) for name in paths}
    if len(kinds) > 1:
        raise FileFormatError.because(
            "the pattern matches CSV and Parquet files.",
            expected="Expected one kind.",
            where=label,
            hint="narrow the pattern to one ending",
        )
    kind = kinds.pop()
    for name in paths:
        _check_content(Path(name), kind)
    if kind == "parquet":
        return EventFiles("parquet", tuple(paths), label)
    return EventFiles("csv", tuple(paths), label, tuple(_csv_layout(Path(name)) for name in paths))


def _missing(path: Path, label: str) -> FileFormatError:
    if glob.has_magic(label):
        return FileFormatError.because("no file matches this pattern.", where=label, hint="check the folder")
    names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = nearest(path.name, names)
    return FileFormatError.because(
        "no such file.", where=label, hint=f"did you mean {close!r}?" if close else "check the path"
    )


def _kind(path: Path) -> Literal["csv", "parquet"]:
    name = path.name.lower()
    if name.endswith(_CSV_ENDINGS):
        return "csv"
    if name.endswith(_PARQUET_ENDINGS):
        return "parquet"
    raise FileFormatError.because(
        f"files ending in {path.suffix or 'nothing'!r} are not read as events.",
        expected=f"Expected one of: {', '.join(_CSV_ENDINGS + _PARQUET_ENDINGS)}.",
        hint="load it with pandas or polars and hand over the frame",
        where=str(path),
    )


def _check_content(path: Path, kind: str) -> None:
    with path.open("rb") as file:
        start = file.read(4)
        if not start:
            raise FileFormatError.because(
                "the file is empty.",
                expected="Expected a header and events.",
                where=str(path),
                hint="check how it was exported",
            )
        if kind == "parquet":
            if start != b"PAR1":
                raise FileFormatError.because(
                    "this is no Parquet file.",
                    where=str(path),
                    hint="give it the ending of what it is, such as .csv",
                )
            return
    zipped = path.name.lower().endswith(".gz")
    if zipped != (start[:2] == b"\x1f\x8b"):
        problem = "this is not gzip-compressed." if zipped else "this is a gzip-compressed file."
        raise FileFormatError.because(
            problem, where=str(path), hint="take the .gz off its name" if zipped else "name it .csv.gz"
        )
    if start == b"PAR1":
        raise FileFormatError.because("this is a Parquet file.", where=str(path), hint="name it .parquet")
    if b"\x00" in _beginning(path):
        raise FileFormatError.because(
            "this is a binary file.",
            expected="Expected comma-separated text.",
            where=str(path),
            hint="export the events as CSV (UTF-8) or Parquet",
        )


def _beginning(path: Path) -> bytes:
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as file:
                return file.read(_SNIFF)
        with path.open("rb") as raw:
            return raw.read(_SNIFF)
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError.because(
            f"cannot be read: {error}.", where=str(path), hint="fetch or export the file again"
        ) from error


def _csv_layout(path: Path) -> CsvLayout:
    """The delimiter that splits the first line into most parts, and the names in it."""
    raw = _beginning(path)
    try:
        text = raw.decode("utf-8-sig", errors="strict" if len(raw) < _SNIFF else "ignore")
    except UnicodeDecodeError as error:
        raise FileFormatError.because(
            f"byte {error.start} is not UTF-8 text.", where=str(path), hint="save the file as CSV in UTF-8"
        ) from error
    if not text.strip():
        raise FileFormatError.because(
            "the file is empty.",
            expected="Expected a header and events.",
            where=str(path),
            hint="check how it was exported",
        )
    rows = {mark: next(csv.reader(io.StringIO(text), delimiter=mark)) for mark in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda mark: len(rows[mark]))
    header = tuple(rows[delimiter])
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise FileFormatError.because(
            f"the header names {doubled[0]!r} twice.",
            where=f"{path}:1",
            expected="Expected every column once.",
            hint="rename one of them",
        )
    return CsvLayout(delimiter, header)
