"""Do customers of every segment seek help alike, and after the same touchpoints?"""

from __future__ import annotations

from typing import Any

from journeymap.analysis.wording import between, percent, plural
from journeymap.errors import MissingEvidenceError, require
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.metrics.flow import share_estimate
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.differences import equal_shares
from journeymap.stats.shares import wilson

__all__ = ["SegmentService", "ServiceBySegment", "compare_service_segments"]

_ASKING = "customers who began a service contact / customers of the segment"
_SERVED = "customers with any service contact / customers of the segment"
_AFTER = "visits that a contact, begun by the customer, follows at once / visits, in the segment"
_FEW = 20  # visits; with fewer, what leads to service is not told for a segment
_TINY = 0.001
_REST = frozenset({"*", ""})
_COLUMNS = (
    "segment", "customers", "asking", "asking_low", "asking_high", "served", "contacts", "leads", "after",
    "after_low", "after_high",
)  # fmt: skip


class SegmentService(Frozen):
    """Service in one segment.

    Parameters
    ----------
    segment : str
        Its value; ``*`` for small ones together, empty where it is not known.
    customers : int
        Its customers.
    asking : Estimate
        The share of them who began a service contact.
    served : Estimate
        The share of them with any service contact, the company's included.
    contacts : int
        Service contacts.
    leads : str
        The name of the touchpoint, visited 20 times or more, that customers of the segment seek help after
        most often; empty without one.
    after : Estimate
        The share of its visits that such a contact follows at once.
    """

    segment: str
    customers: int
    asking: Estimate
    served: Estimate
    contacts: int
    leads: str = ""
    after: Estimate

    @property
    def name(self) -> str:
        """The segment in words."""
        return {"*": "small ones together", "": "not known"}.get(self.segment, self.segment)


class ServiceBySegment(Frozen):
    """Whether customers seek help alike, whatever their segment.

    Parameters
    ----------
    journey : str
        The name of the journey.
    by : str
        The column of segments.
    segments : tuple of SegmentService
        The one with most customers first; small ones together last.
    p : float, optional
        How probable shares of customers seeking help this different are where all segments seek it alike;
        None with fewer than two segments.
    level : float
        The confidence level.
    """

    journey: str
    by: str
    segments: tuple[SegmentService, ...]
    p: float | None = None
    level: float = 0.95

    @property
    def differ(self) -> bool:
        """Whether a difference between the segments can be told."""
        return self.p is not None and self.p < 1 - self.level

    def story(self) -> tuple[str, ...]:
        """Say where more customers seek help, and after what.

        Returns
        -------
        tuple of str
            Sentences that say "cannot tell" where the test does.
        """
        if self.p is None:
            return (f"By {self.by}: there are not two segments to compare.",)
        p = "p < 0.001" if self.p < _TINY else f"p = {self.p:.3f}"
        named = [one for one in self.segments if one.asking.value is not None and one.segment not in _REST]
        if not self.differ or not named:
            cannot = "these counts cannot tell" if not self.differ else "only segments too small to name tell"
            return (f"Whether more customers seek help in one {self.by} than in another, {cannot} ({p}).",)
        most, least = (pick(named, key=lambda one: one.asking.value or 0.0) for pick in (max, min))
        told = f"By {self.by}, {_told(most.asking)} of the customers seek help at {most.name}"
        if least is not most:
            told += f" and {_told(least.asking)} at {least.name}"
        after = [
            f"At {one.name} it is most often after “{one.leads}”: after {_told(one.after)} of "
            f"{plural(one.after.n, 'visit')}."
            for one in dict.fromkeys((most, least))
            if one.leads
        ]
        return (f"{told} ({p}).", *after)

    def __str__(self) -> str:
        """Write the sentences."""
        return "\n".join(self.story())

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                one.segment, one.customers, one.asking.value, one.asking.low, one.asking.high,
                one.served.value, one.contacts, one.leads, one.after.value, one.after.low, one.after.high,
            )
            for one in self.segments
        ]  # fmt: skip

    def to_frame(self) -> Any:
        """Put one row a segment into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Shares are 0 to 1.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        rows = [
            (one.name, f"{one.customers:,}", _shown(one.asking), one.leads, _shown(one.after))
            for one in self.segments
        ]
        columns = (self.by, "customers", "seek help", "most often after", "of its visits")
        return html_table(f"Service by {self.by}", columns, rows, notes=self.story())


def compare_service_segments(journey: Journey, *, level: float = 0.95) -> ServiceBySegment:
    """Do customers of every segment seek help alike, and after the same touchpoints?

    The share of customers who began a service contact, by segment, with Pearson's
    ``X² = Σ nᵢ (pᵢ − p)² / (p (1 − p))`` over the segments, where nᵢ are the customers of one, pᵢ is their
    share and p that of all.

    Parameters
    ----------
    journey : Journey
        With the counts of ``with_service(journey, log, by=...)``.
    level : float
        The confidence level.

    Returns
    -------
    ServiceBySegment
        Shares of customers with Wilson's interval, shares of visits at their effective size.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such counts.

    Notes
    -----
    A customer is in the segment of the first event. Segments differ in who belongs to them and how long they
    were watched; a difference is no proof that a segment is treated worse.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.service import with_service
    >>> rows = [(f"c{n}", event, f"2024-05-{n + 1:02d} {hour:02d}:00", "north" if n < 12 else "south")
    ...         for n in range(24) for hour, event in enumerate(["bill", "phone"] if n < 9 else ["bill"])]
    >>> table = pa.table(dict(zip(("who", "what", "when", "side"), map(list, zip(*rows)))))
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when", segment_cols=["side"])
    >>> design = Journey(name="Club", touchpoints=[
    ...     {"id": "bill", "stage": "post_purchase"}, {"id": "phone", "service": True}])
    >>> found = compare_service_segments(with_service(discover_journey(log, design), log, by="side"))
    >>> [(one.segment, one.asking.value) for one in found.segments], found.differ
    ([('north', 0.75), ('south', 0.0)], True)
    """
    require(journey, Journey, "compare_service_segments", hint="discover the journey from its log first")
    if all(table.name != "segment_customers" for table in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} was not counted by segment.",
            expected="Expected the table segment_customers.",
            hint="name a column of segments: with_service(journey, log, by=...)",
        )
    keys = [key[0] for key in evidence_table(journey, "segment_customers").keys]
    counted = {
        name: counts_by_group(journey, "segment_customers", name)
        for name in ("customers", "asking_customers", "served_customers", "contacts")
    }
    found = []
    for row, segment in enumerate(keys):
        customers = float(counted["customers"][row].sum())
        leads, after = _leads(journey, segment, level)
        found.append(
            SegmentService(
                segment=segment,
                customers=int(customers),
                asking=_share(float(counted["asking_customers"][row].sum()), customers, _ASKING, level),
                served=_share(float(counted["served_customers"][row].sum()), customers, _SERVED, level),
                contacts=int(counted["contacts"][row].sum()),
                leads=leads,
                after=after,
            )
        )
    test = equal_shares(
        [row.sum() for row in counted["asking_customers"]], [row.sum() for row in counted["customers"]]
    )
    return ServiceBySegment(
        journey=journey.name,
        by=next(value for rule, value in evidence_table(journey, "segment_rules").keys if rule == "by"),
        segments=tuple(sorted(found, key=lambda one: (one.segment in _REST, -one.customers, one.segment))),
        p=test.p,
        level=level,
    )


def _share(successes: float, trials: float, definition: str, level: float) -> Estimate:
    """Every customer counts once, so that the interval stands as written."""
    if not trials:
        return Estimate(value=None, level=level, definition=definition)
    low, high = wilson(successes, trials, level=level)
    return Estimate(
        value=successes / trials, low=low, high=high, n=int(trials), customers=int(trials), level=level,
        method="Wilson", definition=definition,
    )  # fmt: skip


def _leads(journey: Journey, segment: str, level: float) -> tuple[str, Estimate]:
    keys = evidence_table(journey, "segment_visits").keys
    visits, followed, customers = (
        counts_by_group(journey, "segment_visits", name) for name in ("visits", "followed", "customers")
    )
    rows = [
        row
        for row, (own, _) in enumerate(keys)
        if own == segment and visits[row].sum() >= _FEW and followed[row].sum()
    ]
    if not rows:
        return "", Estimate(value=None, level=level, definition=_AFTER)
    best = max(rows, key=lambda row: float(followed[row].sum() / visits[row].sum()))
    share = share_estimate(
        followed[best], visits[best], customers=int(customers[best].sum()), definition=_AFTER, level=level
    )
    return journey.touchpoint(keys[best][1]).name, share


def _told(share: Estimate) -> str:
    ends = f" ({between(share)})" if share.low is not None else ""
    return f"{percent(share.value or 0.0)}{ends}"


def _shown(share: Estimate) -> str | None:
    return None if share.value is None else _told(share)
