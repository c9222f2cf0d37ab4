"""Does a source have the columns that were named, and do they hold what they are named for?"""

from __future__ import annotations

import re
from collections.abc import Mapping

from journeymap.engines.protocol import Relation
from journeymap.errors import InvalidLogError, nearest

__all__ = ["refuse_missing_columns", "refuse_no_times"]

_NECESSARY = {"customer_col", "event_col", "time_col"}

_LIKE_DATA = re.compile(r"^\s*[+-]?\d[\d\s.,:/TZ+-]*$|\S\s{2,}\S")


def refuse_missing_columns(wanted: Mapping[str, str | None], relation: Relation) -> None:
    """Refuse a source that lacks a named column.

    Parameters
    ----------
    wanted : mapping of str to str or None
        For every parameter the column that it names; None where it names none.
    relation : Relation
        The source.

    Raises
    ------
    InvalidLogError
        A column is missing; the message names it, the parameter, and the nearest column there is.
    """
    for parameter, name in wanted.items():
        if name is None:
            continue
        _refuse_disagreement(parameter, name, relation)
        if name in relation.columns:
            continue
        if any(_LIKE_DATA.search(column) for column in relation.columns):
            # the first line may be data: it is not repeated in a message
            raise InvalidLogError.because(
                f"no column {name!r} (for {parameter}); the first line looks like data, no header.",
                where=relation.label,
                expected="Expected the names of the columns in the first line.",
                hint="add a line with names, or load the file with pandas and hand over the frame",
            )
        close = nearest(name, relation.columns)
        raise InvalidLogError.because(
            f"no column {name!r} (for {parameter}).",
            where=relation.label,
            expected=f"Expected one of: {', '.join(relation.columns)}.",
            hint=f"did you mean {close!r}?" if close else "name the column that holds it",
        )


def _refuse_disagreement(parameter: str, name: str, relation: Relation) -> None:
    """Refuse a column on which the files of a pattern disagree, or a necessary one that some of them lack."""
    if name in relation.conflicts:
        raise InvalidLogError.because(
            f"column {name!r} ({parameter}) cannot be read: {relation.conflicts[name]}.",
            where=relation.label,
            expected="Expected one column of one type.",
            hint="write the files alike, or turn the column into text beforehand",
        )
    if parameter in _NECESSARY and name in relation.missing_in:
        raise InvalidLogError.because(
            f"no column {name!r} ({parameter}) in {relation.missing_in[name]!r}, which other files have.",
            where=relation.label,
            expected="Expected it in every file.",
            hint="narrow the pattern, or add the column",
        )


def refuse_no_times(parameter: str, name: str | None, relation: Relation, *, hint: str) -> None:
    """Refuse a column for times that holds none.

    Parameters
    ----------
    parameter : str
        The parameter that names it.
    name : str or None
        The column; None where none is named.
    relation : Relation
        The source.
    hint : str
        What to do.

    Raises
    ------
    InvalidLogError
        The column holds numbers, or whatever else is no time.
    """
    if name is not None and relation.times[name] == "other":
        raise InvalidLogError.because(
            f"column {name!r} ({parameter}) holds {relation.columns[name]}, no times.",
            where=relation.label,
            expected="Expected timestamps, dates or ISO 8601 text.",
            hint=hint,
        )
