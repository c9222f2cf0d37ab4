"""What was left out because it cannot be true."""

from __future__ import annotations

from journeymap.model.frozen import Frozen

__all__ = ["SetAside"]


class SetAside(Frozen):
    """Records that were counted, told by kind and left out, never used.

    Parameters
    ----------
    kind : str
        What is wrong with them, in words: ``resolved before the first response``.
    column : str
        The column, or the columns, that tell it.
    count : int
        How many.
    """

    kind: str
    column: str
    count: int

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.count:,} left out: {self.kind} (column {self.column})"
