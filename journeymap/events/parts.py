"""Work through the customers in parts, so that memory does not grow with the log."""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.engines.protocol import Engine
from journeymap.events.queries.steps import GROUPS

__all__ = ["MANY", "group_parts", "together"]

MANY = 200_000  # rows that meet others of the same customer, and become many times as many
_MOST = 8  # every part reads all rows once more


def group_parts(engine: Engine, groups: int, rows: int, *, many: int | None = None) -> list[str]:
    """Cut customer groups into parts where there are many rows.

    Parameters
    ----------
    engine : Engine
        Who will look at them. One that spreads its work over tasks, and spills each of them, needs no parts.
    groups : int
        The number of customer groups; fewer than `GROUPS` are not cut, since each is one customer.
    rows : int
        How many rows there are to look at.
    many : int, optional
        How many of them are looked at at a time, as long as there are no more than 8 parts; `MANY` when
        left out.

    Returns
    -------
    list of str
        Conditions on ``g``; each group meets one of them.
    """
    wanted = -(-rows // (many or MANY))
    if engine.spreads or groups != GROUPS or wanted <= 1:
        return ["g >= 0"]
    width = GROUPS // min(1 << (wanted - 1).bit_length(), _MOST)
    return [f"g between {at} and {at + width - 1}" for at in range(0, GROUPS, width)]


def together(tables: Sequence[str]) -> str:
    """Lay the tables, or bracketed queries, of all parts one under the other; empty for none."""
    every = " union all ".join(f"select * from {table}" for table in tables)
    return f"({every})" if every else ""
