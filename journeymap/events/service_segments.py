"""Count who seeks help in every segment, and after which touchpoints."""

from __future__ import annotations

from journeymap.events.queries import service_segments as queries
from journeymap.events.reading import StepsReading
from journeymap.events.tables import keyed_evidence
from journeymap.model.evidence import EvidenceTable

__all__ = ["segment_tables"]

_STATES = {"state": "integer", "service": "integer", "asked": "integer"}


def segment_tables(reading: StepsReading, *, by: str, min_customers: int = 5) -> list[EvidenceTable]:
    """Who seeks help in every segment, and after which touchpoints?

    Parameters
    ----------
    reading : StepsReading
        The steps of the log, read with segments.
    by : str
        The column of segments.
    min_customers : int
        Segments of fewer customers count together, as ``*``.

    Returns
    -------
    list of EvidenceTable
        ``segment_customers`` (segment): ``customers``; ``asking_customers``, who began a service contact;
        ``served_customers`` with any contact; contacts that customers ``asked`` for, and all ``contacts``.

        ``segment_visits`` (segment, touchpoint), outside service: ``visits``, those ``followed`` at once by a
        contact that the customer begins, and ``customers``.

        ``segment_rules`` (rule, value): ``by``.
    """
    engine, plan, nodes = reading.engine, reading.plan, reading.nodes
    rows = []
    for number, state in enumerate(reading.catalogue.states):
        service = state.touchpoint.service
        asked = service is not None and service.initiator == "customer"
        rows.append((number, int(service is not None), int(asked)))
    kept = [engine.add_rows(_STATES, rows)]
    try:
        events = engine.materialise(
            queries.segment_states_sql(reading.table, kept[0], min_customers=min_customers)
        )
        kept.append(events)
        customers = engine.run(queries.segment_customers_sql(events), "segment_customers")
        visits = engine.run(queries.segment_visits_sql(events), "segment_visits")
    finally:
        for name in kept:
            engine.drop(name)
    return [
        keyed_evidence("segment_customers", customers, plan.groups, {"segment": ("segment", str)}),
        keyed_evidence("segment_visits", visits, plan.groups, {
            "segment": ("segment", str), "touchpoint": ("state", nodes.__getitem__)}),
        EvidenceTable(name="segment_rules", groups=1, key_columns=("rule", "value"), keys=(("by", by),),
                      row=(), group=(), measures={}),
    ]  # fmt: skip
