"""Count all that is needed to see service inside the experience, in one reading of the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from journeymap.engines.progress import progress
from journeymap.events.customer_feelings import FeltLimits, felt_tables
from journeymap.events.episode_tables import episode_tables
from journeymap.events.episodes import episode_rules
from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.events.reading import read_steps, with_evidence
from journeymap.events.service_gap import gap_rules, gap_tables
from journeymap.events.service_points import point_tables
from journeymap.events.service_segments import segment_tables
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey

__all__ = ["with_service"]


def with_service(  # noqa: PLR0913 - every option is a keyword
    journey: Journey,
    log: EventLog,
    *,
    within: timedelta | str = "7 days",
    triggered_within: timedelta | str | None = None,
    recovered_within: timedelta | str | None = None,
    landmarks: Sequence[str] | str = (),
    retained_after: timedelta | str = "30 days",
    by: str | None = None,
    feedback: Feedback | None = None,
    window: timedelta | str | None = None,
    feeling_from: str | Sequence[str] | None = None,
    min_customers: int = 5,
) -> Journey:
    """What does the log know of service, of what leads there and of what comes after?

    It reads the log once and counts episodes of service contacts, what came before them and which team
    answers for it, how journeys went on with and without a contact, and, where feelings are known, how
    customers felt in service and outside of it. `locate_service` tells what comes out.

    Parameters
    ----------
    journey : Journey
        Discovered from this log.
    log : EventLog
        The log, with the same filters. Its `channel_col`, `repeated_col`, `failure_col` and `feeling_col`
        each add what they know.
    within : timedelta or str
        Service contacts of one customer with gaps no longer than this are one episode.
    triggered_within : timedelta or str, optional
        A contact that begins so soon after a visit counts as following it; `within` when left out.
    recovered_within : timedelta or str, optional
        How soon the journey has to go on for an episode to count as resolved; at any time when left out.
    landmarks : sequence of str
        Touchpoints from which on journeys with and without a contact are compared; when left out, the last
        touchpoint of the purchase.
    retained_after : timedelta or str
        R: a customer is retained who comes back between R and 2 R later.
    by : str, optional
        One of the log's `segment_cols`: who seeks help, after what, and the gap are told for each segment,
        and journeys are compared within them.
    feedback : Feedback, optional
        A survey, whose feelings stand for those of the log.
    window, feeling_from
        How answers find their touchpoints and which of them are feelings: as for `with_feedback`.
    min_customers : int
        Chains, points and segments of fewer customers are counted together.

    Returns
    -------
    Journey
        A copy with these counts among its evidence: those of ``with_episodes``, ``service_points`` and
        ``landmarks`` (`check_service_effect`), with `by` ``segment_customers`` and ``segment_visits``
        (`compare_service_segments`), and with feelings those of ``with_service_gap`` and
        ``with_customer_feelings``.

    Raises
    ------
    MissingEvidenceError
        The journey was designed.
    InvalidLogError
        The log is not that of the journey, a span is none, or the survey asks for no feeling.
    UnknownNameError
        `landmarks`, `by` or `feeling_from` name something that there is not.

    Notes
    -----
    Without a goal there is nothing to compare; a journey without service touchpoints gets empty tables.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.analysis.service import locate_service
    >>> from journeymap.events.discover import discover_journey
    >>> design = Journey(name="Shop", goal="pay", lost_after="0 s", touchpoints=[
    ...     {"id": "cart", "stage": "purchase", "owner": "Sales"}, {"id": "pay", "stage": "purchase"},
    ...     {"id": "phone", "service": {"need": "advice"}, "owner": "Care"}])
    >>> table = pa.table({"who": ["a", "a", "a", "b", "b", "c"],
    ...                   "when": [f"2024-05-0{day}" for day in range(1, 7)],
    ...                   "what": ["cart", "phone", "pay", "cart", "pay", "cart"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> view = locate_service(with_service(discover_journey(log, design), log))
    >>> view.causes.matrix()
    (('Sales',), ('Care',), ((1,),))
    """
    rules = episode_rules(within=within, recovered_within=recovered_within, triggered_within=triggered_within)
    felt = feedback is not None or log.feeling_col is not None
    gap = None
    if felt:
        gap = gap_rules(
            log,
            by=by,
            feedback=feedback,
            window=window,
            feeling_from=feeling_from,
            min_customers=min_customers,
            caller="with_service",
        )
    with (
        progress("following service", 4 if felt else 3) as step,
        read_steps(journey, log, "with_service", with_times=True, by=by) as reading,
    ):
        step("finding the episodes")
        found: list[EvidenceTable] = [*episode_tables(reading, rules, min_customers=min_customers)]
        step("comparing points with and without a contact")
        found += point_tables(
            reading, landmarks=landmarks, retained_after=retained_after, min_customers=min_customers
        )
        if gap is not None:
            step("laying feelings beside each other")
            found += gap_tables(journey, reading, gap)
            limits = FeltLimits(min_customers=min_customers)
            found += felt_tables(journey, reading, limits, feedback=feedback, links=gap.links)
        if by is not None:
            found += segment_tables(reading, by=by, min_customers=min_customers)
        step("putting them beside the journey")
    return with_evidence(journey, *found)
