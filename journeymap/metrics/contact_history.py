"""How many contacts does a customer have in the time since the first event?"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Any

import numpy as np
from pydantic import Field

from journeymap.errors import InvalidLogError, MissingEvidenceError, require
from journeymap.model.contacts import Contacts
from journeymap.model.durations import duration_text, parse_duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.stats.rates import mean_cumulative, mean_cumulative_at

__all__ = ["MeanContacts", "mean_contacts"]

_DAY = timedelta(days=1)


class MeanContacts(Frozen):
    """How many contacts a customer has on average, by the time since the first event.

    Parameters
    ----------
    definition : str
        What was counted, in words.
    n, customers : int
        Contacts, and customers who were watched, with and without contacts.
    level : float
        The confidence level.
    method : str
        How curve and intervals were made.
    days : tuple of int
        0, and the days since the first event at which something happened or watching ended, rising.
    mean, low, high : tuple of float
        Contacts a customer up to and including each of these days, with the interval; no ends where one
        customer group tells nothing about the spread.
    at_risk : tuple of int
        Customers still watched on each of these days.
    """

    definition: str
    n: int
    customers: int
    level: float = Field(gt=0, lt=1)
    method: str = ""
    days: tuple[int, ...] = ()
    mean: tuple[float, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    at_risk: tuple[int, ...] = ()

    def within(self, span: timedelta | str) -> Estimate:
        """How many contacts does a customer have within a span after the first event?

        Parameters
        ----------
        span : timedelta or str
            Such as ``"30 days"``; whole days count.

        Returns
        -------
        Estimate
            0 or more; without value where nobody was watched that long. `customers` counts those who were.

        Raises
        ------
        InvalidLogError
            It is no span of time.
        """
        reach = _span(span)
        found: dict[str, Any] = {"value": None}
        if self.days and reach // _DAY <= self.days[-1]:
            here = int(np.searchsorted(self.days, reach // _DAY, side="right")) - 1
            still = int(np.searchsorted(self.days, reach // _DAY))
            found = {
                "value": self.mean[here],
                "low": self.low[here],
                "high": self.high[here],
                "customers": self.at_risk[still],
            }
        return Estimate(
            **found,
            n=self.n,
            level=self.level,
            method=self.method,
            definition=f"{self.definition}, within {duration_text(reach)}",
        )

    def __str__(self) -> str:
        """Say how many contacts there are in the first month and in the longest time known."""
        if not self.days:
            return "contacts a customer: nobody was watched"
        ends = [days for days in (30, 365) if days < self.days[-1]] + [self.days[-1]]
        told = [
            f"{self.within(timedelta(days=days))} within {days} day{'' if days == 1 else 's'}"
            for days in ends
        ]
        return (
            f"contacts a customer: {'; '.join(told)}\n"
            f"  {self.n:,} contacts of {self.customers:,} customers; {self.definition}"
        )

    def to_frame(self) -> Any:
        """Give the curve as a pandas data frame: ``days``, ``mean``, ``low``, ``high``, ``at_risk``."""
        import pandas as pd  # noqa: PLC0415 - an extra, loaded where it is asked for

        return pd.DataFrame(
            {name: getattr(self, name) for name in ("days", "mean", "low", "high", "at_risk")}
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def mean_contacts(contacts: Contacts, *, level: float = 0.95) -> MeanContacts:
    """How many contacts does a customer have in the time since the first event?

    ``M(t) = Σ_{tᵢ ≤ t} dᵢ/nᵢ`` with dᵢ contacts on day tᵢ and nᵢ customers still watched then: Nelson's mean
    cumulative function. Who came late counts for as long as was seen of him. The variance is that of leaving
    out one group of customers at a time, the interval symmetric for ln M.

    Parameters
    ----------
    contacts : Contacts
        Counted by `with_tickets` with a log: ``journey.contacts``.
    level : float
        The confidence level.

    Returns
    -------
    MeanContacts
        By whole days; of nothing where nobody was watched.

    Raises
    ------
    MissingEvidenceError
        No log told since when customers were there.

    Notes
    -----
    The first event is the first in the log; customers may have been there before. Contacts before it, and
    those of customers who are not in the log, count nowhere. A steep beginning is trouble with the start; a
    straight line is a constant rate, see `contact_rate`. A line that is flat at the end may mean that the
    tickets were chosen by their opening: ``tickets.between(start, end)`` says until when they reach.

    References
    ----------
    Nelson, W. (1995). Confidence limits for recurrence data: applied to cost or number of product repairs.
    Technometrics 37, 147–157.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.tickets import Tickets
    >>> from journeymap.metrics.with_tickets import with_tickets
    >>> from journeymap.model.journey import Journey
    >>> events = pa.table({"who": ["a", "b"], "what": ["join", "join"], "at": ["2024-05-01", "2024-05-03"]})
    >>> log = EventLog(events, customer_col="who", event_col="what", time_col="at")
    >>> table = pa.table({"who": ["a", "a"], "when": ["2024-05-02", "2024-05-06"]})
    >>> tickets = Tickets(table, customer_col="who", opened_col="when")
    >>> design = Journey(name="Club", touchpoints=[{"id": "join", "stage": "purchase"}])
    >>> found = mean_contacts(with_tickets(design, tickets, log=log).contacts)
    >>> found.days, found.mean
    ((0, 1, 3, 5), (0.0, 0.5, 0.5, 1.5))
    """
    require(
        contacts, Contacts, "mean_contacts", hint="count them first: with_tickets(journey, tickets).contacts"
    )
    history = contacts.table("history")
    if history is None:
        raise MissingEvidenceError.because(
            "mean contacts need a log: since when customers were there.",
            where=contacts.source,
            hint="with_tickets(journey, tickets, log=log).contacts",
        )
    definition = "contacts a customer since the first event"
    events, ends = (_by_day(history, kind) for kind in ("contact", "end"))
    customers, n = int(ends.sum()), int(events.sum())
    if not customers:
        return MeanContacts(definition=definition, n=0, customers=0, level=level)
    days = np.array(_days(history), dtype=float)
    curve = mean_cumulative(days, events, ends)
    read = [mean_cumulative_at(curve, float(day), level=level) for day in curve.times]
    return MeanContacts(
        definition=definition,
        n=n,
        customers=customers,
        level=level,
        method="Nelson's mean cumulative function, at the spread between customer groups",
        days=tuple(int(day) for day in curve.times),
        mean=tuple(curve.value.tolist()),
        low=tuple(one.low for one in read),
        high=tuple(one.high for one in read),
        at_risk=tuple(round(count) for count in curve.at_risk.tolist()),
    )


def _days(history: EvidenceTable) -> list[int]:
    return sorted({0, *(int(days) for _, days in history.keys)})


def _by_day(history: EvidenceTable, kind: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Count one kind by day and customer group."""
    place = {days: number for number, days in enumerate(_days(history))}
    found = np.zeros((len(place), history.groups))
    for row, group, count in zip(history.row, history.group, history.measures["count"], strict=True):
        if history.keys[row][0] == kind:
            found[place[int(history.keys[row][1])], group] += count
    return found


def _span(value: timedelta | str) -> timedelta:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"within: {error}.", hint="write 30 days") from error
    if not isinstance(span, timedelta) or span < timedelta(0):
        raise InvalidLogError.because(f"within: {value!r} is no span of time.", hint="write 30 days")
    return span
