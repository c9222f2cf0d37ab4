"""What did customers do in each period: come, come back, get in contact, buy?"""

from __future__ import annotations

from pydantic import model_validator

from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen
from journeymap.model.periods import Timeline

__all__ = ["Activity"]


class Activity(Frozen):
    """What was counted of the customers' behaviour, by period and customer group.

    Parameters
    ----------
    timeline : Timeline
        The periods.
    active, purchase, service : tuple of str
        The raw events that count as activity (all when empty), as a purchase, and as a contact with service
        (none of these when empty).
    look_back : int, optional
        How many periods before count as earlier, for repeated purchases; None: any earlier period of the log.
    customers : int
        Customers of the periods.
    table : EvidenceTable
        By period, a number from 0 into the periods of the timeline: ``active`` customers, ``new`` ones and
        those ``kept`` from the period before; their ``days`` with activity; ``events``; ``contacts`` and the
        customers ``in_contact``; ``purchases``, the ``buyers``, and those buying ``again``.
    dropped : int
        Incomplete events that were left out.
    filters : tuple of str
        The filters of the log, in words.
    """

    timeline: Timeline
    active: tuple[str, ...] = ()
    purchase: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    look_back: int | None = None
    customers: int = 0
    table: EvidenceTable
    dropped: int = 0
    filters: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _counts_periods(self) -> Activity:
        if self.table.key_columns != ("period",):
            raise ValueError("activity is counted by period")
        return self
