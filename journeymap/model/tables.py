"""How do results look as tables: pandas where it is installed, HTML for notebooks?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from journeymap.errors import MissingDependencyError

__all__ = ["data_frame", "html_table"]


def data_frame(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    """Put rows into a pandas DataFrame.

    Parameters
    ----------
    columns : sequence of str
        The names of the columns.
    rows : iterable of sequence
        One value a column.

    Returns
    -------
    pandas.DataFrame
        The columns stand there without rows, too.

    Raises
    ------
    MissingDependencyError
        pandas is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415 - optional, loaded where it is asked for
    except ImportError as error:
        raise MissingDependencyError.because(
            "to_frame() needs pandas, which is not installed.", hint="pip install journeymap[pandas]"
        ) from error
    return pd.DataFrame([tuple(row) for row in rows], columns=list(columns))


def html_table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, notes: Sequence[str] = ()
) -> str:
    """Write a small HTML table, everything escaped.

    Parameters
    ----------
    caption : str
        What the table shows.
    columns : sequence of str
        Heads of the columns.
    rows : iterable of sequence
        Cells; None is left empty.
    notes : sequence of str
        Paragraphs below the table.

    Returns
    -------
    str
        A `div` with table and notes.

    Examples
    --------
    >>> html_table("T", ["a"], [["<b>"]])
    '<div><table><caption>T</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table></div>'
    """
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return (
        f"<div><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{below}</div>"
    )


def _cell(value: Any) -> str:
    return f"<td>{'' if value is None else escape(str(value))}</td>"
