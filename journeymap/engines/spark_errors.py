"""What went wrong in Spark, in words that name the file and the column, and repeat no row."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from journeymap.errors import FileFormatError, InvalidLogError, JourneyMapError

__all__ = ["query_loggers", "spark_exceptions", "translated"]

_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\]")
_MEMORY = ("OutOfMemory", "UNABLE_TO_ACQUIRE_MEMORY", "No space left on device")
_BAD_LINES = ("MALFORMED_RECORD_IN_PARSING", "MALFORMED_CSV_RECORD")
_OTHER_HEADER = "CSV header does not conform to the schema"
_NANOSECONDS = ("TIMESTAMP(NANOS",)
_NO_TYPE = ("PARQUET_TYPE_ILLEGAL", "PARQUET_TYPE_NOT_SUPPORTED", "UNSUPPORTED_TIME_TYPE")
_FILE = re.compile(r"while reading file (.+?)\.(?=\s|$)")
_COLUMN = re.compile(r"Parquet column \[(.+?)\]\. Expected Spark type (\w+), actual Parquet type (\w+)")
_MERGED = re.compile(
    r'Initial schema:\s*"STRUCT<(.*)>"\s*Schema that cannot be merged with the initial schema:'
    r'\s*"STRUCT<(.*)>"'
)
_QUERIES_LOGGED = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
_AGAIN = "fetch or export the file again"


def translated(error: Exception, source: str) -> JourneyMapError:
    """Say what went wrong in Spark without quoting rows of the source.

    Parameters
    ----------
    error : Exception
        What Spark said.
    source : str
        What the user calls the source.

    Returns
    -------
    JourneyMapError
        The same in our words.
    """
    text = str(error)
    conditions = _CONDITION.findall(text)
    if any(word in text for word in _MEMORY):
        return InvalidLogError.because(
            "Spark ran out of memory or of disk space.",
            hint="give executors and driver more memory, or more and smaller partitions",
        )
    found = _about_types(text, conditions, source) or _about_files(text, conditions, source)
    if found is not None:
        return found
    # only what was found out before any row was read can be repeated word for word
    early = type(error).__name__ in {"AnalysisException", "ParseException"}
    first = _CONDITION.sub("", text.partition("\n")[0]).partition(" SQLSTATE")[0].strip().rstrip(".")
    problem = first if early else (conditions[0] if conditions else type(error).__name__)
    return InvalidLogError.because(
        f"{source}: Spark refused a query: {problem}.",
        hint="check that all parts of the source have the same columns, and the log of the session",
    )


def _about_types(text: str, conditions: list[str], source: str) -> JourneyMapError | None:
    """Tell whether Parquet files hold what Spark cannot read, or cannot read together."""
    if any(word in text for word in _NANOSECONDS):
        return FileFormatError.because(
            "its times are in nanoseconds, which Spark cannot read.",
            where=source,
            hint="write it with microseconds, in pandas: to_parquet(..., coerce_timestamps='us')",
        )
    if any(condition in _NO_TYPE for condition in conditions):
        return FileFormatError.because(
            "a column is of a type that Spark cannot read.",
            where=source,
            hint="write the column as text or numbers, or leave it out",
        )
    if "COLUMN_ALREADY_EXISTS" in conditions:
        return FileFormatError.because(
            "two columns have the same name, or names that differ in capitals only.",
            where=source,
            hint="rename one of them, or let the session tell them apart: spark.sql.caseSensitive",
        )
    if "CANNOT_MERGE_SCHEMAS" in conditions:
        return InvalidLogError.because(
            f"{_disagreement(text)}.",
            where=source,
            expected="Expected one column of one type.",
            hint="write the files alike, or unite them in Spark and hand over the DataFrame",
        )
    mismatch = _COLUMN.search(text)
    if mismatch is not None:
        column, wanted, held = mismatch.groups()
        return InvalidLogError.because(
            f"column {column!r} holds {held} here, but {wanted} in other files.",
            where=_file(text) or source,
            expected="Expected one column of one type.",
            hint="write the files alike",
        )
    return None


def _about_files(text: str, conditions: list[str], source: str) -> JourneyMapError | None:
    """Tell which file cannot be read."""
    where = _file(text) or source
    if any(condition.startswith(_BAD_LINES) for condition in conditions):
        return FileFormatError.because(
            "a line does not fit the header.",
            expected="Expected as many columns as the header names.",
            where=where,
            hint="quote texts that contain the delimiter",
        )
    if _OTHER_HEADER in text:
        return FileFormatError.because(
            "its first line is not that of the other files, or has a column without a name.",
            where=where,
            expected="Expected the same columns in the same order in every file.",
            hint="write the files alike, or unite them in Spark and hand over the DataFrame",
        )
    reading = next((one for one in conditions if one.startswith("FAILED_READ_FILE")), None)
    if reading is None:
        return None
    if reading.endswith("FILE_NOT_EXIST"):
        return FileFormatError.because(
            "the file has gone since it was found.",
            where=where,
            hint="run it again when nobody moves the files",
        )
    return FileFormatError.because(
        "the file is damaged, or was changed while it was read.", where=where, hint=_AGAIN
    )


def _file(text: str) -> str | None:
    """Which file does a message name? One of this machine by its path."""
    found = _FILE.search(text)
    if found is None:
        return None
    address = urlsplit(found[1])
    return unquote(address.path) if address.scheme == "file" else found[1]


def _disagreement(text: str) -> str:
    """Say which columns have other types in other files."""
    schemas = _MERGED.search(text)
    if schemas is None:
        return "files disagree on the types of their columns"
    one, other = (_columns(schema) for schema in schemas.groups())
    unlike = [
        f"column {name!r} holds {kind} in some files, and {other[name]} in others"
        for name, kind in one.items()
        if name in other and other[name] != kind
    ]
    return "; ".join(unlike) or "files disagree on the types of their columns"


def _columns(schema: str) -> dict[str, str]:
    """Take the columns out of what Spark writes between STRUCT< and >."""
    columns, depth, start = {}, 0, 0
    for place, letter in enumerate(schema + ","):
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            name, _, kind = schema[start:place].strip().partition(": ")
            columns[name.strip("`")] = kind.partition(" NOT NULL")[0]
            start = place + 1
    return columns


def spark_exceptions() -> tuple[type[Exception], ...]:
    """Give what Spark raises; a client of Spark Connect does without the bridge to Java."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra, loaded where it is used

    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 - comes with pyspark
    except ImportError:
        return (PySparkException,)
    return (PySparkException, Py4JError)


def query_loggers() -> tuple[str, ...]:
    """Make pyspark's loggers of its own kind before they are switched off."""
    try:
        from pyspark.logger import PySparkLogger  # noqa: PLC0415 - comes with pyspark
    except ImportError:
        return ()
    for name in _QUERIES_LOGGED:
        PySparkLogger.getLogger(name)
    return _QUERIES_LOGGED
