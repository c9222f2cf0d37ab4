"""The counts behind an observed journey, as arrays by touchpoint and customer group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.model.evidence import EvidenceTable, no_evidence
from journeymap.model.journey import Journey

__all__ = [
    "counts_by_group",
    "evidence_table",
    "goal_touchpoints",
    "group_count",
    "refuse_graph_alone",
    "touchpoint_counts",
]

Counts = NDArray[np.float64]


def evidence_table(journey: Journey, table: str) -> EvidenceTable:
    """Which counts by customer group does the journey carry under this name?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    table : str
        ``touchpoints``, ``transitions``, ``waits``, ``journeys``, ``service``, ``routes``, ``places``,
        ``stage_times`` or ``sojourns``.

    Returns
    -------
    EvidenceTable
        The table.

    Raises
    ------
    MissingEvidenceError
        The journey was not counted from events, or not with this table.
    """
    for evidence in journey.evidence:
        if evidence.name == table:
            return evidence
    refuse_graph_alone(journey)
    carried = ", ".join(evidence.name for evidence in journey.evidence)
    raise MissingEvidenceError.because(
        f"journey {journey.name!r} carries no counts of {table}"
        + (f", only of {carried}." if carried else "; it was designed, not counted from events."),
        hint="discover the journey from a log: discover_journey(log, design)"
        if not carried
        else "discover the journey again with this version of journeymap",
    )


def refuse_graph_alone(journey: Journey) -> None:
    """Refuse a journey that was discovered without evidence, before anything else is named that it lacks.

    Parameters
    ----------
    journey : Journey
        A journey that lacks a table.

    Raises
    ------
    MissingEvidenceError
        It was discovered with ``evidence=False``.
    """
    if journey.observation is not None and journey.observation.groups == 0:
        raise no_evidence(journey.name)


def counts_by_group(journey: Journey, table: str, measure: str) -> Counts:
    """How often was something counted, by key and customer group?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    table, measure : str
        The table, and the measure in it.

    Returns
    -------
    ndarray
        One row a key in the order of the table's `keys`, one column a group.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such table, or the table no such measure.
    """
    evidence = evidence_table(journey, table)
    if measure not in evidence.measures:
        raise MissingEvidenceError.because(
            f"the counts of {table} in journey {journey.name!r} hold no {measure!r}.",
            expected=f"They hold: {', '.join(evidence.measures)}.",
            hint="discover the journey again with this version of journeymap",
        )
    counts = np.zeros((len(evidence.keys), evidence.groups))
    cells = np.array(evidence.row, int), np.array(evidence.group, int)
    # sums of time may have more than 64 bits
    np.add.at(counts, cells, np.array(evidence.measures[measure], dtype=np.float64))
    return counts


def touchpoint_counts(journey: Journey, measure: str) -> dict[str, Counts]:
    """How often was something counted at each touchpoint, by customer group?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    measure : str
        A measure of the table ``touchpoints``.

    Returns
    -------
    dict of str to ndarray
        Every touchpoint of the journey, in its order, to one count a group; zeros where nobody came.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such counts.
    """
    counts = counts_by_group(journey, "touchpoints", measure)
    rows = {key[0]: row for row, key in enumerate(evidence_table(journey, "touchpoints").keys)}
    nobody = np.zeros(counts.shape[1])
    return {
        touchpoint.id: counts[rows[touchpoint.id]] if touchpoint.id in rows else nobody
        for touchpoint in journey.touchpoints
    }


def group_count(journey: Journey) -> int:
    """Into how many groups do the customers fall?

    Parameters
    ----------
    journey : Journey
        An observed journey.

    Returns
    -------
    int
        G; an interval has G − 1 degrees of freedom.
    """
    return evidence_table(journey, "journeys").groups


def goal_touchpoints(journey: Journey) -> frozenset[str]:
    """On which touchpoints is the journey won?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    frozenset of str
        The ids that the goal names, all stages of a floating touchpoint that it names, or all touchpoints
        of the stage that it names; empty without a goal.
    """
    named = set(journey.goal)
    touchpoints = {t.id for t in journey.touchpoints} | {t.floats_as for t in journey.touchpoints}
    by_stage = named - touchpoints
    return frozenset(
        t.id for t in journey.touchpoints if t.id in named or t.floats_as in named or t.stage in by_stage
    )
