"""What the embedded engine says when something is wrong, in words that repeat no row of the source."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from journeymap.errors import FileFormatError, InvalidLogError, JourneyMapError

__all__ = ["damaged_parquet", "escaped", "first_line", "translated"]

_AGAIN = "fetch or export the file again"
# these tell of the query or of a file; others may repeat a value of the source
_TELLING = (
    duckdb.BinderException, duckdb.CatalogException, duckdb.NotImplementedException, duckdb.ParserException,
    duckdb.IOException,
)  # fmt: skip
_NOT_THE_FILES = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
_SPILLING = re.compile(r"duckdb_temp|[Nn]o space left|File too large|[Dd]isk full|Failed to create directory")


def translated(error: duckdb.Error, source: str, files: Sequence[str] = ()) -> JourneyMapError:
    """Say what went wrong in the engine without quoting rows of the source.

    Parameters
    ----------
    error : duckdb.Error
        What the engine said.
    source : str
        What the user called the source.
    files : sequence of str
        The files it consists of.

    Returns
    -------
    JourneyMapError
        An error that names the file where one is to blame.
    """
    text = str(error).partition("\nLINE ")[0]  # behind it the query is repeated, which names all files
    file = _file_in(text, files)
    if "CSV Error" in text:
        return _bad_line(text, file or source)
    if isinstance(error, duckdb.OutOfMemoryException):
        return _no_room(spilled="max_temp_directory_size" in text)
    if isinstance(error, duckdb.IOException) and file is None and _SPILLING.search(text):
        return _no_room(spilled=True)
    if "No files found" in text and file is not None:
        return FileFormatError.because(
            "the file has gone since it was found.",
            where=file,
            hint="run it again when nobody moves the files",
        )
    if file is not None and not isinstance(error, _NOT_THE_FILES):
        return _damaged(file)
    told = first_line(error) if isinstance(error, _TELLING) else "a value is out of range, or of another kind"
    return InvalidLogError.because(
        f"the engine refused a query: {told}.",
        where=source if files else None,
        hint="check the values and the types of the columns that are named",
    )


def damaged_parquet(error: duckdb.Error, files: Sequence[str]) -> JourneyMapError | None:
    """Find the Parquet file that cannot be read, where the engine did not say which.

    Parameters
    ----------
    error : duckdb.Error
        What the engine said.
    files : sequence of str
        The files that were read.

    Returns
    -------
    JourneyMapError or None
        An error that names the first such file; None where each can be read.
    """
    about_room = isinstance(error, duckdb.OutOfMemoryException) or _SPILLING.search(str(error))
    if about_room or isinstance(error, _NOT_THE_FILES) or _file_in(str(error).partition("\nLINE ")[0], files):
        return None
    # a connection of its own, since an error within a file can leave the other one unusable
    with duckdb.connect(":memory:") as connection:
        for file in files:
            path = escaped(file).replace("'", "''")
            try:
                connection.execute(f"select sum(hash(columns(*))) from read_parquet(['{path}'])").fetchall()
            except duckdb.Error:
                return _damaged(file)
    return None


def escaped(path: str) -> str:
    """Write the path of one file so that the engine takes no character of it for a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def first_line(error: Exception) -> str:
    """Take the first line of a message, without the kind of the error."""
    text = str(error).strip().split("\n", 1)[0]
    return re.sub(r"^[A-Za-z ]*Error: ", "", text).rstrip(".")


def _file_in(text: str, files: Sequence[str]) -> str | None:
    """Which of the files does a message name? The longest, since one name can be part of another."""
    named = [file for file in files if file in text or escaped(file) in text]
    return max(named, key=len, default=None)


def _damaged(file: str) -> JourneyMapError:
    return FileFormatError.because(
        "the file is damaged, or was changed while it was read.", where=file, hint=_AGAIN
    )


def _no_room(*, spilled: bool) -> JourneyMapError:
    if spilled:
        return InvalidLogError.because(
            "the engine ran out of disk space: what does not fit into memory goes to the temporary folder.",
            hint="free space there, name another folder with TMPDIR or temp_directory, or raise memory_limit",
        )
    return InvalidLogError.because(
        "the engine ran out of memory or of disk space.",
        hint="raise memory_limit or free space in the temporary folder",
    )


def _bad_line(text: str, where: str) -> JourneyMapError:
    number = re.search(r"Line: (\d+)", text)
    line = f"line {number[1]}" if number else "a line"
    # the message repeats the line itself: only what the engine says about it may be looked at
    said = re.sub(r"Original Line:.*?\n", "", text, count=1)
    if "Invalid unicode" in said or "not utf-8" in said:
        return FileFormatError.because(
            f"{line} is not UTF-8 text.", where=where, hint="save the file as CSV in UTF-8, or fetch it again"
        )
    if "Maximum line size" in said:
        return FileFormatError.because(
            f"{line} is longer than 2,000,000 characters.",
            expected="Expected one event a line.",
            where=where,
            hint="look for a quotation mark that is not closed",
        )
    if "unterminated quote" in said:
        return FileFormatError.because(
            f"{line} has a quotation mark that is not closed, or text behind a closing one.",
            expected="Expected quotation marks around the whole text.",
            where=where,
            hint="double the quotation marks within a text",
        )
    return FileFormatError.because(
        f"{line} does not fit the header.",
        expected="Expected as many columns as the header names.",
        where=where,
        hint="quote texts that contain the delimiter",
    )
