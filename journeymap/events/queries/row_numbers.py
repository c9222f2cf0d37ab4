"""Numbers for the rows of a source that has no order: by what they say, so that every run finds the same."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["row_number_of", "said_by"]


def row_number_of(owner: str, columns: Sequence[str]) -> str:
    """Number the rows of one owner; rows that change places say the same.

    Parameters
    ----------
    owner : str
        An expression: whose rows are numbered, each owner's from 1. One of all rows would bring a whole table
        to one machine.
    columns : sequence of str
        Columns, or expressions, in whose order they are numbered.

    Returns
    -------
    str
        An expression.
    """
    return f"row_number() over (partition by {owner} order by {', '.join(columns)})"


def said_by(columns: Sequence[str]) -> str:
    """Join the columns of a row to a text that owns it where nobody else does."""
    return f"concat_ws(',', {', '.join(f'cast({column} as string)' for column in columns)})"
