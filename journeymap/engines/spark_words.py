"""The words that only Spark uses, in SQL that means the same under every setting of a session."""

from __future__ import annotations

import re
from collections.abc import Sequence

from journeymap.engines.protocol import TimeKind
from journeymap.errors import InvalidLogError

__all__ = ["SparkSnippets", "java_pattern"]

_AWARE_TEXT = ":[0-9]{2}([.,][0-9]+)? *([zZ]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
# Spark would take "12:30" for today, "2024" for New Year, and leave out the name of a zone
_DATED_TEXT = "^ *[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ]"
_NAIVE_TEXT = "^ *[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ] *[0-9:.]*)? *$"
# the years 1 to 9999, which is what Python's times can tell: in days, and how far microseconds then are from
# the ends of whole numbers; beyond these a sum overflows to null, and no text is read twice for a comparison
_DAYS = "between -719162 and 2932896"
_ABOVE, _BELOW = 2**63 - 1 - 253_402_300_799_999_999, 2**63 - 62_135_596_800_000_000
_DIRECTIVE = re.compile(r"%(-?[A-Za-z%])|([^%]+)|(%)")

# strptime's directives in the letters of Java; digits may be one or two unless numbers touch each other
_NUMBERS = {"Y": "yyyy", "m": "MM", "d": "dd", "H": "HH", "I": "hh", "M": "mm", "S": "ss", "j": "DDD"}
_FRACTIONS = {"f": "SSSSSS", "g": "SSS", "n": "SSSSSSSSS"}
_WORDS = {"b": "MMM", "B": "MMMM", "p": "a"}
_OFFSET = "[XXX][XX][X]"


class SparkSnippets:
    """The words that only Spark uses.

    Parameters
    ----------
    naive_timestamps : bool
        Whether ``timestamp`` means a time without zone in the session (``spark.sql.timestampType``).
    """

    def __init__(self, *, naive_timestamps: bool = False) -> None:
        self._naive_timestamps = naive_timestamps

    def quoted(self, name: str) -> str:
        """Write a column or table name so that any characters are safe."""
        return "`" + name.replace("`", "``") + "`"

    def literal(self, value: str) -> str:
        """Write a text value."""
        if "\\" in value or "${" in value:
            # what these mean in a text depends on the session; as bytes they mean themselves
            return f"decode(X'{value.encode().hex()}', 'UTF-8')"
        return "'" + value.replace("'", "''") + "'"

    def is_aware_text(self, column: str) -> str:
        """Tell whether a text ends in an offset from UTC."""
        return f"({column} rlike '{_AWARE_TEXT}')"

    def microseconds(self, column: str, kind: TimeKind, time_format: str | None = None) -> str:
        """Turn a time into whole microseconds since 1970; null where it is none."""
        if kind == "date":
            # far days are too many microseconds for any number
            return f"(case when unix_date({column}) {_DAYS} then unix_date({column}) * 86400000000 end)"
        not_late = f"try_add({self._instant(column, kind, time_format)}, {_ABOVE}) - {_ABOVE}"
        return f"(try_subtract({not_late}, {_BELOW}) + {_BELOW})"

    def _instant(self, column: str, kind: TimeKind, time_format: str | None) -> str:
        if kind == "aware":
            return f"unix_micros({column})"
        if kind == "naive":
            return _of_naive(column)
        if time_format is not None:
            return self._formatted(column, time_format)
        # Spark wants a colon in +02:00
        offset = f"regexp_replace({column}, '([+-][0-9]{{2}})([0-9]{{2}})$', '$1:$2')"
        aware = f"unix_micros(try_cast({offset} as timestamp_ltz))"
        naive = _of_naive(f"try_cast({column} as timestamp_ntz)")
        return (
            f"case when {self.is_aware_text(column)} and {column} rlike '{_DATED_TEXT}' then {aware} "
            f"when {column} rlike '{_NAIVE_TEXT}' then {naive} end"
        )

    def _formatted(self, column: str, time_format: str) -> str:
        pattern = java_pattern(time_format)
        if "%z" in time_format:
            found = f"try_to_timestamp({column}, {self.literal(pattern)})"
            if not self._naive_timestamps:
                return f"unix_micros({found})"
            raise InvalidLogError.because(
                f"time_format: offsets such as in {time_format!r} cannot be read in this Spark session, "
                "where timestamps have no zone.",
                hint="set spark.sql.timestampType to TIMESTAMP_LTZ, or turn the column into timestamps first",
            )
        if self._naive_timestamps:
            return _of_naive(f"try_to_timestamp({column}, {self.literal(pattern)})")
        # read as UTC, whatever the session's time zone is
        return f"unix_micros(try_to_timestamp(concat({column}, ' +0000'), {self.literal(pattern + ' xx')}))"

    def fine_order(self, column: str, type_name: str) -> str | None:  # noqa: ARG002 - DuckDB has nanoseconds
        """Give None: Spark's times are whole microseconds."""
        return None

    def number(self, column: str) -> str:
        """Read a text as a number; null where it is none, as 5d and 5f, which are numbers to Java."""
        return f"(case when {column} not rlike '[a-zA-Z] *$' then try_cast({column} as double) end)"

    def customer_key(self, column: str) -> str:
        """Turn an id into a whole number that stands for it: 63 bits of its hash."""
        return f"shiftrightunsigned(xxhash64({column}), 1)"

    def quantiles(self, column: str, grid: Sequence[float]) -> str | None:  # noqa: ARG002 - see there
        """Give None: percentile counts every value in a map of one task, which is slow and may not fit."""
        return None

    def wide_sum(self, column: str) -> str:
        """Add up whole numbers, exactly: a sum of decimals has ten digits more than they."""
        return f"cast(sum(cast({column} as decimal(28, 0))) as decimal(38, 0))"

    def lead_skipping_nulls(self, column: str, window: str) -> str:
        """Give the next value of a column that is not null."""
        return f"lead({column}) ignore nulls over {window}"

    def last_skipping_nulls(self, column: str, window: str) -> str:
        """Give the latest value of a column that is not null, up to the end of the window's frame."""
        return f"last_value({column}) ignore nulls over {window}"

    def ordered_text(self, column: str, order: str, condition: str) -> str:
        """Join the whole numbers of a group with blanks, in order, where a condition holds."""
        joined = f"string_agg(cast({column} as string), ' ') within group (order by {order})"
        return f"{joined} filter (where {condition})"


def _of_naive(time: str) -> str:
    """Count the microseconds of a naive time, which a cast to an instant would read in the session's zone."""
    since = f"cast({time} - timestamp_ntz '1970-01-01' as interval second)"
    return f"cast(cast({since} as decimal(19, 6)) * 1000000 as bigint)"


def java_pattern(time_format: str) -> str:
    """Write strptime's directives in the letters that Spark reads times by.

    Parameters
    ----------
    time_format : str
        How times are written, such as ``%d/%m/%Y %H:%M``.

    Returns
    -------
    str
        The same for Spark.

    Raises
    ------
    InvalidLogError
        A directive means nothing to Spark.

    Examples
    --------
    >>> java_pattern("%d/%m/%Y at %H:%M")
    "d/M/yyyy 'at' H:m"
    >>> java_pattern("%Y%m%d")
    'yyyyMMdd'
    """
    parts = [(one, text or percent) for one, text, percent in _DIRECTIVE.findall(time_format)]
    written = []
    for place, (directive, text) in enumerate(parts):
        if text:
            written.append(re.sub(r"[^\W\d_]+|[\[\]{}#]+", r"'\g<0>'", text.replace("'", "''")))
        elif directive == "%":
            written.append("%")
        else:
            neighbours = [parts[at][0] for at in (place - 1, place + 1) if 0 <= at < len(parts)]
            touching = any(_letter(one) in _NUMBERS for one in neighbours)
            written.append(_java_letters(directive, time_format, touching=touching))
    return "".join(written)


def _letter(directive: str) -> str:
    return directive.removeprefix("-")


def _java_letters(directive: str, time_format: str, *, touching: bool) -> str:
    letter = _letter(directive)
    if letter in _NUMBERS:
        wide = _NUMBERS[letter]
        return wide if touching or letter == "Y" else wide[0]
    known = {**_FRACTIONS, **_WORDS, "z": _OFFSET}
    if letter in known:
        return known[letter]
    readable = ", ".join(f"%{one}" for one in sorted([*_NUMBERS, *known], key=str.lower))
    raise InvalidLogError.because(
        f"time_format: {time_format!r} has {'%' + directive!r}, which Spark cannot read.",
        expected=f"Expected of: {readable}.",
        hint="turn the column into timestamps first",
    )
