"""The raw events that a census found; values are made of them only where somebody looks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["RawEvent", "RawEvents"]


@dataclass(frozen=True, slots=True)
class RawEvent:
    """A raw event name with what was counted of it."""

    event: str
    channel: str | None
    count: int


class RawEvents(Sequence[RawEvent]):
    """Every raw event, in order of the name.

    Parameters
    ----------
    table : pyarrow.Table
        The columns ``event``, ``events`` and, where raw events are told apart by it, ``channel``.

    Notes
    -----
    Logs that name an event of its own in every row have millions of names: how many there are can be told
    before a value is made of each.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def names_besides(self, known: Collection[str]) -> int:
        """How many different names are none of these?"""
        names = pc.unique(self._table["event"])
        return len(names) - len(set(known) & set(names.to_pylist())) if known else len(names)

    @cached_property
    def _events(self) -> tuple[RawEvent, ...]:
        names, counts = self._table["event"].to_pylist(), self._table["events"].to_pylist()
        by_channel = "channel" in self._table.column_names
        channels = self._table["channel"].to_pylist() if by_channel else [None] * len(names)
        return tuple(map(RawEvent, names, channels, counts))

    def __len__(self) -> int:
        """Count them."""
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[RawEvent]:
        """Go through them in order."""
        return iter(self._events)

    @overload
    def __getitem__(self, place: int) -> RawEvent: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[RawEvent]: ...

    def __getitem__(self, place: int | slice) -> RawEvent | Sequence[RawEvent]:
        """Take one, or some."""
        return self._events[place]
