"""Which columns does a query give?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

__all__ = ["answer_columns", "answer_order"]

_NAME = re.compile(r"(?:\w+\.)?(\w+)")
_ALIASED = re.compile(r".*\bas\s+(\w+)", re.DOTALL)
_ORDER = re.compile(r"order by ((?:(?:\w+\.)?\w+(?: desc)?(?:, )?)+)$")


def answer_columns(sql: str, tables: Mapping[str, str]) -> tuple[str, ...]:
    """Read the names of a query's columns off its text.

    Parameters
    ----------
    sql : str
        A query of the library.
    tables : mapping of str to str
        Tables that it may read, with the queries that they are made of.

    Returns
    -------
    tuple of str
        The names, in order; empty where a column has none.

    Examples
    --------
    >>> answer_columns("with a as (select 1) select g, count(*) filter (where b) as n from a", {})
    ('g', 'n')
    >>> answer_columns("select * from kept order by g", {"kept": "select 1 as g"})
    ('g',)
    """
    words = list(_outside(sql))
    start = next((end for word, _, end in words if word == "select"), None)
    if start is None:
        return ()
    end, after = next(
        ((begin, past) for word, begin, past in words if word == "from" and begin > start),
        (len(sql), len(sql)),
    )
    commas = [begin for word, begin, _ in words if word == "," and start < begin < end]
    items = [sql[a:b].strip() for a, b in zip([start, *(c + 1 for c in commas)], [*commas, end], strict=True)]
    items[0] = items[0].removeprefix("distinct ").strip()
    if items == ["*"]:
        table = re.match(r"\s*(\w+)", sql[after:])
        return answer_columns(tables[table[1]], tables) if table and table[1] in tables else ()
    names = [_NAME.fullmatch(item) or _ALIASED.fullmatch(item) for item in items]
    return tuple(name[1] for name in names if name) if all(names) else ()


def answer_order(sql: str) -> list[tuple[str, str]]:
    """Read off the end of a query in which order its rows come.

    Parameters
    ----------
    sql : str
        A query of the library.

    Returns
    -------
    list of (str, str)
        Columns with ``ascending`` or ``descending``; empty where the query has no order, or one by something
        else than columns.

    Examples
    --------
    >>> answer_order("select n, g from t order by n desc, t.g")
    [('n', 'descending'), ('g', 'ascending')]
    >>> answer_order("select n, g from t order by 2")
    [('g', 'ascending')]
    """
    found = _ORDER.search(sql)
    if found is None:
        return []
    columns = dict(enumerate(answer_columns(sql, {}), start=1))
    order = []
    for part in found[1].split(", "):
        named, _, direction = part.partition(" ")
        name = columns.get(int(named), named) if named.isdecimal() else named.rpartition(".")[2]
        order.append((name, "descending" if direction else "ascending"))
    return order


def _outside(sql: str) -> Iterator[tuple[str, int, int]]:
    """Give the words and commas that stand neither in brackets nor in quotation marks."""
    depth = 0
    for found in re.finditer(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|[()\[\],]|\w+", sql):
        text = found[0]
        if text in "([":
            depth += 1
        elif text in ")]":
            depth -= 1
        elif depth == 0:
            yield text, found.start(), found.end()
