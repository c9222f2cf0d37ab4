"""What the graph alone cannot hold: counts by group of customers, from which intervals are made."""

from __future__ import annotations

from pydantic import Field, model_validator

from journeymap.errors import MissingEvidenceError
from journeymap.model.frozen import Frozen

__all__ = ["EvidenceTable", "no_evidence"]


def no_evidence(journey: str) -> MissingEvidenceError:
    """Say of a journey, by its name, that it was discovered without evidence."""
    return MissingEvidenceError.because(
        f"journey {journey!r} was discovered without evidence.",
        expected="Expected its counts by customer group.",
        hint="discover it from the log again, and leave out evidence=False (--no-evidence)",
    )


class EvidenceTable(Frozen):
    """Counts by key and customer group, stored by column and without the zero rows.

    Customers fall into `groups` groups by a hash of their id (one group per customer where there are
    fewer). Every count is kept per group, so that any number derived from it gets its interval by
    leaving out one group at a time, and no row per customer has to be kept.

    Parameters
    ----------
    name : str
        What the table counts: ``touchpoints``, ``transitions``, ``waits``, ``journeys``, ``service``,
        ``routes``, ``stage_times``, ``sojourns``; and ``places``, of which no interval is made, in one group.
    groups : int
        The number of customer groups G; groups are numbered 0 to G − 1.
    key_columns : tuple of str
        The names of the parts of a key.
    keys : tuple of tuple of str
        The distinct keys.
    row : tuple of int
        For every entry its position in `keys`.
    group : tuple of int
        For every entry its customer group.
    measures : dict of str to tuple of int
        For every measure one count an entry; times are whole microseconds.
    """

    name: str
    groups: int = Field(ge=1)
    key_columns: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    row: tuple[int, ...]
    group: tuple[int, ...]
    measures: dict[str, tuple[int, ...]]

    @model_validator(mode="after")
    def _columns_fit(self) -> EvidenceTable:
        size = len(self.row)
        uneven = [name for name, counts in self.measures.items() if len(counts) != size]
        if len(self.group) != size or uneven:
            raise ValueError(f"evidence {self.name!r}: all columns must have {size} entries")
        if size and (max(self.row) >= len(self.keys) or min(self.row) < 0):
            raise ValueError(f"evidence {self.name!r}: a row points to no key")
        if size and (max(self.group) >= self.groups or min(self.group) < 0):
            raise ValueError(f"evidence {self.name!r}: a group lies outside 0 to {self.groups - 1}")
        if any(len(key) != len(self.key_columns) for key in self.keys):
            raise ValueError(f"evidence {self.name!r}: a key has not {len(self.key_columns)} parts")
        return self
