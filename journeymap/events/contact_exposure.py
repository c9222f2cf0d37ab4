"""For how long could customers have contacted the service desk, and how often did they?"""

from __future__ import annotations

from contextlib import ExitStack

from journeymap.engines.protocol import Engine
from journeymap.events.linking import LogReading
from journeymap.events.log import moment
from journeymap.events.queries import contact_history as queries
from journeymap.events.queries.contacts import ContactsPlan
from journeymap.events.queries.steps import coded_sql
from journeymap.events.tables import keyed_evidence
from journeymap.model.contacts import KEYS
from journeymap.model.evidence import EvidenceTable

__all__ = ["exposure_tables"]


def exposure_tables(
    plan: ContactsPlan, engine: Engine, reading: LogReading, *, listed: str, cells: str
) -> tuple[EvidenceTable, ...]:
    """Count contacts over the time since each customer's first event.

    Parameters
    ----------
    plan : ContactsPlan
        The rules; ends included.
    engine : Engine
        Where tickets and log are.
    reading : LogReading
        The log: everybody who was at any touchpoint.
    listed, cells : str
        The tables of contacts and of their keys.

    Returns
    -------
    tuple of EvidenceTable
        ``history`` and ``exposure``, see `journeymap.model.contacts.Contacts`.

    Notes
    -----
    Tickets chosen with ``between`` are known only from then on: customers who came earlier count in
    ``exposure`` from then on, and not in ``history``. Other tickets are taken to cover the whole log.
    """
    period = plan.tickets.period
    since = None if period is None else moment(period[0], "between").microseconds
    until = plan.contacts_until
    customers, groups = reading.plan.customers, reading.plan.groups
    with ExitStack() as kept:

        def keep(sql: str) -> str:
            table = engine.materialise(sql)
            kept.callback(engine.drop, table)
            return table

        watched = keep(
            queries.watched_sql(f"({coded_sql(reading.plan, engine.snippets)})", since=since, until=until)
        )
        heard = keep(queries.heard_sql(plan, listed, watched, customers))
        history = engine.run(queries.history_sql(watched, heard), "history")
        exposure = engine.run(queries.exposure_sql(watched, heard, cells, until=until), "exposure")
    return (
        keyed_evidence("history", history, groups, {"kind": ("kind", str), "days": ("days", str)}),
        keyed_evidence("exposure", exposure, groups, {key: (key, str) for key in KEYS}),
    )
