"""Which rows of a source are kept: those whose columns have the values that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.engines.protocol import Relation, Snippets

__all__ = ["Conditions", "filter_columns", "filter_conditions"]

Conditions = Sequence[tuple[str, Sequence[str | None]]]


def filter_columns(conditions: Conditions, relation: Relation, words: Snippets) -> dict[str, str]:
    """Give the columns that filters look at names of our own.

    Parameters
    ----------
    conditions : sequence of (str, sequence of str)
        Columns with the values to keep; None stands for a missing one.
    relation : Relation
        The source.
    words : Snippets
        The engine's words.

    Returns
    -------
    dict of str to str
        ``where_0``, ``where_1``, … with the expressions that they stand for.
    """
    columns = {}
    for number, (name, _) in enumerate(conditions):
        column = words.quoted(name)
        is_text = relation.times[name] == "text"
        columns[f"where_{number}"] = f"nullif(cast({column} as string), '')" if is_text else column
    return columns


def filter_conditions(conditions: Conditions, relation: Relation, words: Snippets) -> list[str]:
    """Write the conditions on the columns of `filter_columns`.

    Parameters
    ----------
    conditions : sequence of (str, sequence of str)
        Columns with the values to keep; None stands for a missing one.
    relation : Relation
        The source.
    words : Snippets
        The engine's words.

    Returns
    -------
    list of str
        One condition a column; all of them must hold.
    """
    found = []
    for number, (column, values) in enumerate(conditions):
        kind = "string" if relation.times[column] == "text" else relation.columns[column]
        # as the column's own type, so that 1 finds 1.0 and true finds true
        known = ", ".join(f"try_cast({words.literal(v)} as {kind})" for v in values if v is not None)
        parts = [f"where_{number} in ({known})"] if known else []
        parts += [f"where_{number} is null"] if None in values else []
        found.append(f"({' or '.join(parts)})")
    return found
