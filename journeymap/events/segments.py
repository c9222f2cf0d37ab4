"""The segments of a log: groups of customers told apart by a column."""

from __future__ import annotations

from journeymap.events.log import EventLog
from journeymap.events.queries.census import customers_by_value_sql
from journeymap.events.queries.source import events_sql

__all__ = ["segments"]


def segments(log: EventLog) -> dict[str, dict[str | None, int]]:
    """Which segments are there, and how many customers are in each?

    Parameters
    ----------
    log : EventLog
        A log with `segment_cols`.

    Returns
    -------
    dict of str to dict
        For every segment column the number of distinct customers by value, the largest first; None stands
        for events without a value. A customer with two values counts for both. Empty without segment columns.

    Raises
    ------
    InvalidLogError
        A column is missing.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "b", "c"], "what": ["ad"] * 3, "when": ["2024-05-01"] * 3,
    ...                   "device": ["phone", "phone", "desk"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when", segment_cols=["device"])
    >>> segments(log)
    {'device': {'phone': 2, 'desk': 1}}
    """
    found = {}
    with log.open() as opened:
        for name in log.segment_cols:
            events = events_sql(log, opened.relation, opened.engine.snippets, value=name)
            rows = opened.engine.run(customers_by_value_sql(events), "customers_by_value").to_pylist()
            found[name] = {row["value"]: row["customers"] for row in rows}
    return found
