"""Which service contacts do customers begin, and which does the company?"""

from __future__ import annotations

from journeymap.metrics.counts import touchpoint_counts
from journeymap.model.journey import Journey

__all__ = ["has_proactive", "sought_service"]


def sought_service(journey: Journey) -> frozenset[str]:
    """At which touchpoints do customers turn to service of their own accord?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    frozenset of str
        The nodes of service whose contacts the customers begin.
    """
    return frozenset(
        t.id for t in journey.touchpoints if t.service is not None and t.service.initiator == "customer"
    )


def has_proactive(journey: Journey) -> bool:
    """Did the company begin any service contact?

    Parameters
    ----------
    journey : Journey
        An observed journey.

    Returns
    -------
    bool
        Whether service that the company begins was visited.

    Raises
    ------
    MissingEvidenceError
        The journey does not carry its counts.
    """
    proactive = {t.id for t in journey.touchpoints if t.is_service} - sought_service(journey)
    if not proactive:
        return False
    visits = touchpoint_counts(journey, "visits")
    return any(name in visits and bool(visits[name].sum()) for name in proactive)
