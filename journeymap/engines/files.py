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

__all__ = ["CsvLayout", "EventFiles", "find_files", "has_event_ending", "missing_columns"]

_CSV_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_PARQUET_ENDINGS = (".parquet", ".pq")
_DELIMITERS = (",", ";", "\t", "|")
_SNIFF = 65_536
_PATH_MOST = 1_000
_PARQUET_MARK = b"PAR1"
_PARQUET_LEAST = 12  # the mark at both ends, and between them how long the list of columns is


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
    try:
        paths = [label] if path.exists() else sorted(glob.glob(label, recursive=True))  # noqa: PTH207 - patterns may be absolute
    except OSError as error:
        raise _unreadable(error, label) from error
    if not paths:
        raise _missing(path, label)
    if path.is_dir():
        raise FileFormatError.because(
            "this is a folder.",
            expected="Expected a file or a pattern.",
            where=label,
            hint=f"write '{label}/*.parquet' or '{label}/*.csv'",
        )
    paths = _without_folders(paths)
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


def has_event_ending(name: str, kind: Literal["csv", "parquet"] | None = None) -> bool:
    """Tell whether a name ends like a file of events, of one kind or of any.

    Parameters
    ----------
    name : str
        The name.
    kind : {"csv", "parquet"}, optional
        Which kind.

    Returns
    -------
    bool
        Whether it does.
    """
    endings = {"csv": _CSV_ENDINGS, "parquet": _PARQUET_ENDINGS}
    wanted = endings[kind] if kind else _CSV_ENDINGS + _PARQUET_ENDINGS
    return name.lower().endswith(wanted)


def missing_columns(files: EventFiles) -> dict[str, str]:
    """Find columns that not every CSV file has.

    Parameters
    ----------
    files : EventFiles
        The files.

    Returns
    -------
    dict of str to str
        The columns, each with the first file that lacks it.
    """
    headers = [{name.lower() for name in layout.header} for layout in files.layouts]
    names = {name.lower(): name for layout in reversed(files.layouts) for name in reversed(layout.header)}
    lacking = {
        name: next(
            (path for path, header in zip(files.paths, headers, strict=True) if key not in header), None
        )
        for key, name in names.items()
    }
    return {name: path for name, path in lacking.items() if path is not None}


def _without_folders(paths: list[str]) -> list[str]:
    """Leave out folders whose content the pattern names, too; any other one would be left out in silence."""
    folders = [name for name in paths if Path(name).is_dir()]
    for folder in folders:
        if not any(Path(folder) in Path(name).parents for name in paths):
            raise FileFormatError.because(
                "the pattern matches this folder.",
                expected="Expected files only.",
                where=folder,
                hint=f"name the files in it, '{folder}/*', or take the folder away",
            )
    return [name for name in paths if name not in folders]


def _unreadable(error: OSError, label: str) -> FileFormatError:
    if isinstance(error, FileNotFoundError):
        problem, hint = "the file has gone, or is a link to nothing.", "check the folder and run it again"
    elif isinstance(error, PermissionError):
        problem, hint = "there are no rights to read the file.", "ask for the rights"
    else:
        problem, hint = f"cannot be read ({error.strerror}).", "check the path"
    return FileFormatError.because(problem, hint=hint, where=label if len(label) <= _PATH_MOST else "source")


def _missing(path: Path, label: str) -> FileFormatError:
    if glob.has_magic(label):
        return FileFormatError.because("no file matches this pattern.", where=label, hint="check the folder")
    # files of other kinds hold no events
    names = (
        [p.name for p in path.parent.iterdir() if has_event_ending(p.name)] if path.parent.is_dir() else []
    )
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
    try:
        with path.open("rb") as file:
            start = file.read(4)
            size = file.seek(0, io.SEEK_END)
            file.seek(-min(size, 8), io.SEEK_END)
            end = file.read()
    except OSError as error:
        raise _unreadable(error, str(path)) from error
    if not start:
        raise FileFormatError.because(
            "the file is empty.",
            expected="Expected a header and events.",
            where=str(path),
            hint="check how it was exported",
        )
    if kind == "parquet":
        _check_parquet(path, start, size, end)
        return
    zipped = path.name.lower().endswith(".gz")
    if zipped != (start[:2] == b"\x1f\x8b"):
        problem = "this is not gzip-compressed." if zipped else "this is a gzip-compressed file."
        raise FileFormatError.because(
            problem, where=str(path), hint="take the .gz off its name" if zipped else "name it .csv.gz"
        )
    if start == _PARQUET_MARK:
        raise FileFormatError.because("this is a Parquet file.", where=str(path), hint="name it .parquet")
    if b"\x00" in _beginning(path):
        raise FileFormatError.because(
            "this is a binary file.",
            expected="Expected comma-separated text.",
            where=str(path),
            hint="export the events as CSV (UTF-8) or Parquet",
        )


def _check_parquet(path: Path, start: bytes, size: int, end: bytes) -> None:
    """Is the file whole? Its list of columns stands at its end, with its length and a mark behind it."""
    if start != _PARQUET_MARK:
        raise FileFormatError.because(
            "this is no Parquet file.", where=str(path), hint="give it the ending of what it is, such as .csv"
        )
    listed = int.from_bytes(end[:4], "little") + _PARQUET_LEAST
    if size < _PARQUET_LEAST or end[4:] != _PARQUET_MARK or listed > size:
        raise FileFormatError.because(
            "the Parquet file is cut off or damaged: its end is no end of a Parquet file.",
            where=str(path),
            hint="fetch or export the file again",
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
    try:
        # newlines of all systems end a line, and stay as they are within quotation marks
        rows = {mark: next(csv.reader(io.StringIO(text, newline=""), delimiter=mark)) for mark in _DELIMITERS}
    except csv.Error as error:
        raise FileFormatError.because(
            f"the first line cannot be read: {error}.",
            expected="Expected the names of the columns.",
            where=f"{path}:1",
            hint="check how it was exported",
        ) from error
    delimiter = max(_DELIMITERS, key=lambda mark: len(rows[mark]))
    return CsvLayout(delimiter, _named_columns(rows[delimiter], path))


def _named_columns(header: list[str], path: Path) -> tuple[str, ...]:
    """Name the columns without a name by their place, as pandas' index has none; refuse a name twice."""
    names = tuple(name or f"column{place}" for place, name in enumerate(header))
    known: dict[str, str] = {}
    for name in names:
        other = known.get(name.lower())
        if other is None:
            known[name.lower()] = name
            continue
        problem = f"the header names {name!r} twice."
        if other != name:
            problem = f"the header names {other!r} and {name!r}, which differ in capitals only."
        raise FileFormatError.because(
            problem, where=f"{path}:1", expected="Expected every column once.", hint="rename one of them"
        )
    return names
