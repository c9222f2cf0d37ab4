"""What every engine can do: take a source in, run SQL, hand back Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import pyarrow as pa

__all__ = ["Engine", "Relation", "Snippets", "TimeKind"]

TimeKind = Literal["naive", "aware", "date", "text", "other"]


@dataclass(frozen=True)
class Relation:
    """A source that an engine can read.

    Parameters
    ----------
    name : str
        The SQL text that stands behind FROM.
    label : str
        What the user calls it, for messages: a file's name, "the data frame".
    columns : dict of str to str
        The column names with the engine's type names.
    times : dict of str to TimeKind
        For every column whether it holds times, and of which kind.
    order : str or None
        An SQL expression that numbers the rows in input order; None where the source has no order.
    read_once : bool
        Whether reading is dear, so that events are kept after the first pass.
    conflicts : dict of str to str
        Columns that cannot be read, because the files of a pattern disagree on them or the engine does not
        know their type, each with a clause that says so. They are not among `columns`.
    missing_in : dict of str to str
        Columns that not every file of a pattern has, each with the first file that lacks it.
    """

    name: str
    label: str
    columns: dict[str, str]
    times: dict[str, TimeKind]
    order: str | None
    read_once: bool = False
    conflicts: dict[str, str] = field(default_factory=dict)
    missing_in: dict[str, str] = field(default_factory=dict)


class Snippets(Protocol):
    """What engines call differently; everything else in the queries is the same text everywhere."""

    def quoted(self, name: str) -> str:
        """Write a column or table name so that any characters are safe."""

    def microseconds(self, column: str, kind: TimeKind, time_format: str | None = None) -> str:
        """Turn a time into whole microseconds since 1970; null where it is none."""

    def fine_order(self, column: str, type_name: str) -> str | None:
        """Give an expression that orders times finer than microseconds, None where there is nothing finer."""

    def is_aware_text(self, column: str) -> str:
        """Tell whether a text ends in an offset from UTC."""

    def number(self, column: str) -> str:
        """Read a text as a number; null where it is none."""

    def customer_key(self, column: str) -> str:
        """Turn an id into a whole number of 63 bits that stands for it."""

    def quantiles(self, column: str, grid: Sequence[float]) -> str | None:
        """Give exact quantiles of a group as a list, ``[1]`` its first; None where ranks are to be used."""

    def wide_sum(self, column: str) -> str:
        """Add up whole numbers, exactly, where the sum may have more than 63 bits: a decimal."""

    def lead_skipping_nulls(self, column: str, window: str) -> str:
        """Give the next value of a column that is not null."""

    def last_skipping_nulls(self, column: str, window: str) -> str:
        """Give the latest value of a column that is not null, up to the end of the window's frame."""

    def ordered_text(self, column: str, order: str, condition: str) -> str:
        """Join the whole numbers of a group with blanks, in order, where a condition holds."""

    def literal(self, value: str) -> str:
        """Write a text value."""


class Engine(Protocol):
    """A place where SQL runs."""

    @property
    def name(self) -> str:
        """What the engine is called."""

    @property
    def spreads(self) -> bool:
        """Whether it cuts every query into tasks that fit into memory, however many rows there are."""

    @property
    def snippets(self) -> Snippets:
        """The words that only this engine uses."""

    def register(self, source: Any) -> Relation:
        """Make a source readable; nothing is copied that need not be."""

    def add_rows(
        self, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]], name: str | None = None
    ) -> str:
        """Hold a small table of the library's own and return its name; `name` is what people may call it."""

    def materialise(self, sql: str, name: str | None = None) -> str:
        """Run a query, keep its rows in the engine and return the table's name."""

    def run(self, sql: str, name: str | None = None) -> pa.Table:
        """Run a query and return its rows."""

    def drop(self, name: str) -> None:
        """Forget a table."""

    def close(self) -> None:
        """Let go of everything."""
