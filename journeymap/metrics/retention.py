"""How many customers stay from one period to the next, and how many of a cohort are there at each age?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import InvalidLogError, require
from journeymap.metrics.flow import share_estimate
from journeymap.model.cohorts import CohortCell, Cohorts
from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.stats.shares import wilson

__all__ = [
    "WILSON_METHOD",
    "CohortRetention",
    "churn",
    "cohort_retention",
    "period_counts",
    "period_retention",
    "retention",
    "retention_curve",
    "share_of_customers",
]

Counts = NDArray[np.float64]
WILSON_METHOD = "Wilson; each customer counts once"
_HINT = "count cohorts first: cohorts(log, period='month')"
_KEPT = "customers active in this period and the one before / customers active in the one before"


class CohortRetention(Frozen):
    """How many customers are active at one age: of all cohorts, and of each.

    Parameters
    ----------
    age : int
        Periods since the first activity.
    pooled : Estimate
        The share of all customers whose cohort could be observed at this age.
    by_cohort : dict of str to Estimate
        The share of each such cohort.
    """

    age: int
    pooled: Estimate
    by_cohort: dict[str, Estimate]

    def __str__(self) -> str:
        """Say the pooled share and how the cohorts spread."""
        known = [found.value for found in self.by_cohort.values() if found.value is not None]
        if self.pooled.value is None:
            return f"no cohort could be observed at age {self.age}"
        return (
            f"{self.pooled} active at age {self.age}, of {self.pooled.n:,} customers in {len(known)} "
            f"cohorts ({min(known):.2g} to {max(known):.2g})"
        )


def period_retention(cohorts: Cohorts, *, level: float = 0.95) -> dict[str, Estimate]:
    """How many of the customers of one period are still active in the next?

    ``R_t = customers active in t − 1 and in t / customers active in t − 1``. New customers are not in it.

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every period in order to a share, 0 to 1; the first has no value, as nobody was seen before it, nor
        has one after a period without customers.

    Notes
    -----
    Who pauses for a period counts as not retained and, back again, is neither new nor retained: where
    customers come seldom, choose longer periods. The retention of all customers rises with the age of a
    company even if no customer becomes more faithful, because those who leave early are gone: compare
    cohorts at the same age (`cohort_retention`).

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.activity import cohorts
    >>> from journeymap.events.log import EventLog
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "what": ["buy"] * 4,
    ...                   "when": ["2024-01-05", "2024-02-01", "2024-01-03", "2024-02-29"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> {period: found.value for period, found in period_retention(cohorts(log)).items()}
    {'2024-01': None, '2024-02': 0.5}
    """
    require(cohorts, Cohorts, "period_retention", hint=_HINT)
    return kept_by_period(
        [period.name for period in cohorts.timeline.periods],
        *(period_counts(cohorts.table("periods"), name, len(cohorts.timeline.periods)).sum(axis=1)
          for name in ("active", "kept")), level=level,
    )  # fmt: skip


def kept_by_period(
    names: list[str], active: Counts, kept: Counts, *, level: float = 0.95
) -> dict[str, Estimate]:
    """How many of the customers of one period are still active in the next, from counts?

    Parameters
    ----------
    names : list of str
        The periods.
    active, kept : ndarray
        Customers active in each period, and those of them active in the one before as well.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        As `period_retention`.
    """
    before = [0, *active][: len(names)]
    return {
        name: share_of_customers(int(k), int(n), _KEPT, level=level)
        for name, k, n in zip(names, kept, before, strict=True)
    }


def churn(cohorts: Cohorts, *, level: float = 0.95) -> dict[str, Estimate]:
    """How many of the customers of one period are not active in the next?

    ``1 − R_t``, see `period_retention`.

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        Every period in order to a share, 0 to 1; the first has no value.

    Notes
    -----
    Not to be seen for a period is not to have left: without a contract nobody gives notice. `lifetime` asks
    how long customers stay, with a rule for who has left. One divided by churn is a lifetime in periods only
    where churn is the same for old and new customers, which it hardly ever is.
    """
    definition = (
        "customers active in the period before and not in this one / customers active in the one before"
    )
    return {
        name: found
        if found.value is None
        else found.model_copy(
            update={
                "value": 1 - found.value,
                "low": 1 - (found.high or 0.0),
                "high": 1 - (found.low or 0.0),
                "definition": definition,
            }
        )
        for name, found in period_retention(cohorts, level=level).items()
    }


def retention(cohorts: Cohorts, *, level: float = 0.95) -> Estimate:
    """How many customers stay from one period to the next, over all periods?

    ``R = Σ_t customers active in t − 1 and in t / Σ_t customers active in t − 1``.

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        A share, 0 to 1; `n` counts customers once for each period in which they could stay. Without value
        where there are fewer than two periods.
    """
    require(cohorts, Cohorts, "retention", hint=_HINT)
    count = len(cohorts.timeline.periods)
    active, kept = (period_counts(cohorts.table("periods"), name, count) for name in ("active", "kept"))
    new = period_counts(cohorts.table("periods"), "new", count)[:-1].sum()
    return share_estimate(
        kept.sum(axis=0),
        active[:-1].sum(axis=0) if count else active.sum(axis=0),
        customers=int(new),
        definition=f"{_KEPT}, summed over periods",
        level=level,
    )


def cohort_retention(
    cohorts: Cohorts, *, age: int = 1, unbroken: bool = False, level: float = 0.95
) -> CohortRetention:
    """How many customers are active so many periods after they came?

    ``active at this age / customers of the cohort``, for every cohort that could be observed at this age.

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.
    age : int
        Periods since the first activity, from 0 (then it is 1 by definition).
    unbroken : bool
        Count only customers active in every period up to this age.
    level : float
        The confidence level.

    Returns
    -------
    CohortRetention
        Shares, 0 to 1: pooled over cohorts, and by cohort; without value where no cohort is so old.

    Raises
    ------
    InvalidLogError
        The age is negative.

    Notes
    -----
    The pooled share of another age rests on other cohorts, as the young ones have not come so far: where
    cohorts differ, the curve over ages bends for that reason alone. Compare rows of one column.
    """
    require(cohorts, Cohorts, "cohort_retention", hint=_HINT)
    if age < 0:
        raise InvalidLogError.because(f"age: {age} is none.", expected="Expected 0 or more periods.")
    cells = [cell for cell in cohorts.cells() if cell.age == age]
    definition = _at_age(cohorts, age, unbroken=unbroken)
    by_cohort = {
        cell.cohort: share_of_customers(_active(cell, unbroken=unbroken), cell.size, definition, level=level)
        for cell in cells
    }
    pooled = share_of_customers(
        sum(_active(cell, unbroken=unbroken) for cell in cells),
        sum(cell.size for cell in cells),
        definition,
        level=level,
    )
    return CohortRetention(age=age, pooled=_with_unseen(pooled, cohorts), by_cohort=by_cohort)


def retention_curve(cohorts: Cohorts, *, unbroken: bool = False, level: float = 0.95) -> tuple[Estimate, ...]:
    """How many customers are active at each age, over all cohorts that came so far?

    Parameters
    ----------
    cohorts : Cohorts
        What `cohorts` counted.
    unbroken : bool
        Count only customers active in every period up to the age.
    level : float
        The confidence level.

    Returns
    -------
    tuple of Estimate
        Shares, 0 to 1, from age 0 on; see `cohort_retention` on how ages differ. Empty without cohorts.
    """
    require(cohorts, Cohorts, "retention_curve", hint=_HINT)
    sums: dict[int, list[int]] = {}
    for cell in cohorts.cells():
        found = sums.setdefault(cell.age, [0, 0])
        found[0] += _active(cell, unbroken=unbroken)
        found[1] += cell.size
    return tuple(
        _with_unseen(
            share_of_customers(active, size, _at_age(cohorts, age, unbroken=unbroken), level=level),
            cohorts,
        )
        for age, (active, size) in sorted(sums.items())
    )


def share_of_customers(count: int, customers: int, definition: str, *, level: float = 0.95) -> Estimate:
    """How large is a share in which every customer counts once?

    Parameters
    ----------
    count, customers : int
        Those with the property, and all.
    definition : str
        What was counted, in words.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        With Wilson's interval; without value where there are no customers.
    """
    if not customers:
        return Estimate(value=None, level=level, method=WILSON_METHOD, definition=definition)
    low, high = wilson(count, customers, level=level)
    return Estimate(
        value=count / customers,
        low=low,
        high=high,
        n=customers,
        customers=customers,
        level=level,
        method=WILSON_METHOD,
        definition=definition,
    )


def period_counts(table: EvidenceTable, measure: str, periods: int) -> Counts:
    """How often was something counted, by period and customer group?

    Parameters
    ----------
    table : EvidenceTable
        Keyed by period.
    measure : str
        One of its measures.
    periods : int
        How many periods there are; those without an entry count nothing.

    Returns
    -------
    ndarray
        One row a period, one column a group.
    """
    counts = np.zeros((periods, table.groups))
    numbers = np.array([int(key[0]) for key in table.keys], int)
    if table.row:
        np.add.at(counts, (numbers[np.array(table.row)], np.array(table.group)), table.measures[measure])
    return counts


def _active(cell: CohortCell, *, unbroken: bool) -> int:
    return cell.unbroken if unbroken else cell.active


def _at_age(cohorts: Cohorts, age: int, *, unbroken: bool) -> str:
    unit = cohorts.timeline.unit
    when = f"{age} {unit}{'' if age == 1 else 's'}" if unit.isalpha() else f"{age} periods of {unit}"
    how = f"in every period up to {when} after the first" if unbroken else f"{when} after the first activity"
    return f"customers active {how} / customers of cohorts observed so long"


def _with_unseen(found: Estimate, cohorts: Cohorts) -> Estimate:
    """Say how many customers came too late to be observed at this age."""
    return found.model_copy(update={"censored": cohorts.customers - found.n})
