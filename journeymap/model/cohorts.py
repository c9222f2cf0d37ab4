"""How many customers of each cohort came back after one, two, three periods?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import model_validator

from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen
from journeymap.model.periods import Timeline
from journeymap.model.tables import data_frame, html_table

__all__ = ["CohortCell", "Cohorts"]

_SHOWN = 13


class CohortCell(Frozen):
    """One cohort at one age.

    Parameters
    ----------
    cohort : str
        The period of the customers' first activity.
    age : int
        Periods since then.
    size : int
        Customers of the cohort; all of them were observed at this age.
    active : int
        Those of them active in the period of this age.
    unbroken : int
        Those of them active in every period from the first to this one.
    """

    cohort: str
    age: int
    size: int
    active: int
    unbroken: int


class Cohorts(Frozen):
    """Customers by the period of their first activity, and when they were active again.

    Parameters
    ----------
    timeline : Timeline
        The periods.
    active : tuple of str
        The raw events that count as activity; all when empty.
    customers : int
        Customers whose first activity falls into a period observed as a whole.
    groups : int
        Into how many groups customers fall, see `EvidenceTable`.
    tables : tuple of EvidenceTable
        ``cohorts``: by (cohort, age) ``active`` and ``unbroken`` customers. ``periods``: by period ``active``
        and ``new`` customers, and ``kept``, those active in the period before as well. Cohort and period are
        numbers, from 0, into the periods of the timeline.
    dropped : int
        Incomplete events that were left out.
    filters : tuple of str
        The filters of the log, in words.
    """

    timeline: Timeline
    active: tuple[str, ...] = ()
    customers: int = 0
    groups: int = 1
    tables: tuple[EvidenceTable, ...]
    dropped: int = 0
    filters: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_both_tables(self) -> Cohorts:
        if {"cohorts", "periods"} - {table.name for table in self.tables}:
            raise ValueError("cohorts need the tables 'cohorts' and 'periods'")
        return self

    def table(self, name: str) -> EvidenceTable:
        """Find a table of counts by its name."""
        return next(table for table in self.tables if table.name == name)

    def cells(self) -> Iterator[CohortCell]:
        """Yield every cohort at every age at which it could be observed, zeros included.

        Yields
        ------
        CohortCell
            By cohort and age. Periods in which no customer came first are no cohorts.
        """
        table = self.table("cohorts")
        sums: dict[tuple[str, ...], list[int]] = {key: [0, 0] for key in table.keys}
        for row, active, unbroken in zip(
            table.row, table.measures["active"], table.measures["unbroken"], strict=True
        ):
            sums[table.keys[row]][0] += active
            sums[table.keys[row]][1] += unbroken
        periods = self.timeline.periods
        for number, period in enumerate(periods):
            size = sums.get((str(number), "0"), [0])[0]
            for age in range(len(periods) - number if size else 0):
                active, unbroken = sums.get((str(number), str(age)), (0, 0))
                yield CohortCell(cohort=period.name, age=age, size=size, active=active, unbroken=unbroken)

    def __str__(self) -> str:
        """Say in a few lines how many came back one period later."""
        line = self.timeline
        count = len(line.periods)
        what = f"activity: {' or '.join(self.active)}" if self.active else "any event counts as activity"
        lines = [
            f"{self.customers:,} customers in cohorts by {line.unit}, {count} period{'s' * (count != 1)}; "
            + what
        ]
        came = [cell for cell in self.cells() if cell.age == 1]
        size, back = sum(cell.size for cell in came), sum(cell.active for cell in came)
        if size:
            later = line.unit if line.unit[:1].isdigit() else f"one {line.unit}"
            lines.append(f"  {later} later {back / size:.0%} were active ({back:,} of {size:,})")
        return "\n".join([*lines, *(f"  {text}" for text in line.in_words())])

    def _repr_html_(self) -> str:
        rows: dict[str, list[Any]] = {}
        for cell in self.cells():
            row = rows.setdefault(cell.cohort, [cell.cohort, f"{cell.size:,}"])
            row.append(f"{cell.active / cell.size:.0%}")
        ages = max((len(row) for row in rows.values()), default=2) - 2
        shown = min(ages, _SHOWN)
        notes = [f"Share of each cohort active so many periods ({self.timeline.unit}) later."]
        notes += [f"Ages above {shown - 1} are not shown here."] if shown < ages else []
        return html_table(
            str(self).split("\n", 1)[0],
            ("cohort", "customers", *map(str, range(shown))),
            ([*row[: shown + 2], *[None] * (shown + 2 - len(row))] for row in rows.values()),
            notes=[*notes, *self.timeline.in_words()],
        )

    def to_frame(self) -> Any:
        """Put the counts into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            One row a cohort and age, in the order of `cells`, with the columns of `CohortCell` and the share
            ``active / size``.
        """
        columns = (*CohortCell.model_fields, "share")
        return data_frame(
            columns, ((*cell.model_dump().values(), cell.active / cell.size) for cell in self.cells())
        )
