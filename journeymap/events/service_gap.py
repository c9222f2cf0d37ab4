"""Count how each customer feels at service contacts and outside of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from journeymap.errors import InvalidLogError, JourneyMapError
from journeymap.events.customer_feelings import feeling_rules, laid_feelings
from journeymap.events.feedback import Feedback
from journeymap.events.linking import LinkRules
from journeymap.events.log import EventLog
from journeymap.events.queries import service_gap as queries
from journeymap.events.reading import StepsReading, read_steps, with_evidence
from journeymap.events.tables import keyed_evidence
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import FEELING_SCALE

__all__ = ["GapRules", "gap_rules", "gap_tables", "with_service_gap"]


@dataclass(frozen=True)
class GapRules:
    """What the call says.

    Parameters
    ----------
    good_above, poor_below : float
        A customer's mean feeling above the one is good, below the other poor.
    min_customers : int
        Smaller segments and channels count together.
    by : str or None
        The column of segments that the steps were read with.
    feedback : Feedback or None
        The survey whose feelings count.
    links : LinkRules or None
        How its answers find their touchpoints.
    """

    good_above: float = 0.5
    poor_below: float = -0.5
    min_customers: int = 5
    by: str | None = None
    feedback: Feedback | None = None
    links: LinkRules | None = None


def gap_rules(  # noqa: PLR0913 - every option is a keyword
    log: EventLog,
    *,
    by: str | None = None,
    feedback: Feedback | None = None,
    window: timedelta | str | None = None,
    feeling_from: str | Sequence[str] | None = None,
    good_above: float = 0.5,
    poor_below: float = -0.5,
    min_customers: int = 5,
    caller: str = "with_service_gap",
) -> GapRules:
    """Check what the call says of the gap.

    Parameters
    ----------
    log : EventLog
        The log.
    by, feedback, window, feeling_from, good_above, poor_below, min_customers
        As for `with_service_gap`.
    caller : str
        The function that asks, for messages.

    Returns
    -------
    GapRules
        The same, checked.

    Raises
    ------
    InvalidLogError
        There are no feelings in the log, or in the survey.
    UnknownNameError
        `feeling_from` names a question that there is not.
    JourneyMapError
        A limit lies off the scale of feelings or they cross, or `min_customers` is below 1.
    """
    for name, limit in (("good_above", good_above), ("poor_below", poor_below)):
        if not FEELING_SCALE.low <= limit <= FEELING_SCALE.high:
            raise JourneyMapError.because(
                f"{name}: {limit!r} is no feeling.", expected="Expected a number from −2 to +2."
            )
    if poor_below > good_above:
        raise JourneyMapError.because(
            f"poor_below: {poor_below!r} lies above good_above, {good_above!r}.",
            expected="Expected a poor feeling to be worse than a good one.",
        )
    if min_customers < 1:
        raise JourneyMapError.because(
            f"min_customers: {min_customers!r} is too few.", expected="Expected at least 1."
        )
    links = None if feedback is None else feeling_rules(feedback, log, caller, window, feeling_from)
    if feedback is None and log.feeling_col is None:
        raise InvalidLogError.because(
            "the log has no feelings.",
            expected="Expected a column with a feeling from −2 to +2, or a survey.",
            hint="name it with EventLog(..., feeling_col=...), or give feedback=",
        )
    return GapRules(good_above, poor_below, min_customers, by, feedback, links)


def with_service_gap(  # noqa: PLR0913 - every option is a keyword
    journey: Journey,
    log: EventLog,
    *,
    by: str | None = None,
    feedback: Feedback | None = None,
    window: timedelta | str | None = None,
    feeling_from: str | Sequence[str] | None = None,
    good_above: float = 0.5,
    poor_below: float = -0.5,
    min_customers: int = 5,
) -> Journey:
    """How does each customer feel at service contacts, and how outside of them?

    For each customer the engine takes S, the mean of all feelings at service contacts, and X, the mean of all
    others, over all journeys, and hands back sums by segment and customer group; no row per customer leaves
    it.

    Parameters
    ----------
    journey : Journey
        Discovered from this log.
    log : EventLog
        The log, with the same filters; with `feeling_col`, unless feelings come from a survey. Its
        `channel_col` names the channels of contacts, else the design where a touchpoint has just one.
    by : str, optional
        One of the log's `segment_cols`. A customer is in the segment of the first event.
    feedback : Feedback, optional
        A survey, whose feelings then stand for those of the log. An answer is laid on the customer's first
        visit to its touchpoint in its journey; several answers about it are averaged.
    window, feeling_from
        How answers find their touchpoints and which of them are feelings: as for `with_feedback`.
    good_above, poor_below : float
        A customer's mean above the one is good, below the other poor, −2 to +2.
    min_customers : int
        Segments and channels with fewer such customers count together, as ``*``.

    Returns
    -------
    Journey
        A copy with these tables among its evidence.

        ``gap_cells`` (segment, service, experience): ``customers`` by S and X, each ``good``, ``middle``,
        ``poor`` or ``unknown``.

        ``gap_moments`` (segment): ``customers_both``, of whom S and X are known, and in millionths (``_u``)
        the sums of S and X, their squares and product; ``customers_without`` any contact, and their X and X²;
        ``customers_silent``, whose X is known and S is not in spite of contacts, and theirs.

        ``parity`` (by, value): for each ``channel`` and, with `by`, each ``segment`` the ``contacts``, those
        ``felt``, the sums of their feelings and of the squares in millionths, and the ``customers``
        behind them.

        ``gap_rules`` (rule, value): the limits, and `by`.

    Raises
    ------
    MissingEvidenceError
        The journey was designed.
    InvalidLogError
        There are no feelings, the log has other filters, or it or the survey cannot be counted.
    UnknownNameError
        `by` is no column of segments, or `feeling_from` names a question that there is not.
    JourneyMapError
        A limit lies off the scale of feelings or they cross, or `min_customers` is below 1.

    Notes
    -----
    Feelings after the goal count too: they are part of the experience. A customer who tells more often does
    not count for more, except in ``parity``, which counts contacts.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> table = pa.table({"who": ["a", "a", "b"], "what": ["use", "phone", "use"],
    ...     "when": ["2024-05-01", "2024-05-02", "2024-05-01"], "felt": [-1, 2, 1]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when", feeling_col="felt")
    >>> design = Journey(name="Club", touchpoints=[
    ...     {"id": "use", "stage": "post_purchase"}, {"id": "phone", "service": True}])
    >>> known = with_service_gap(discover_journey(log, design), log, min_customers=1)
    >>> known.evidence[-4].keys
    (('', 'good', 'poor'), ('', 'unknown', 'good'))
    """
    rules = gap_rules(
        log,
        by=by,
        feedback=feedback,
        window=window,
        feeling_from=feeling_from,
        good_above=good_above,
        poor_below=poor_below,
        min_customers=min_customers,
    )
    with read_steps(journey, log, "with_service_gap", with_times=True, by=by) as reading:
        tables = gap_tables(journey, reading, rules)
    return with_evidence(journey, *tables)


def gap_tables(journey: Journey, reading: StepsReading, rules: GapRules) -> tuple[EvidenceTable, ...]:
    """Count the gap from steps that are open.

    Parameters
    ----------
    journey : Journey
        Discovered from the log.
    reading : StepsReading
        Its steps, read with times and with `by` of the rules.
    rules : GapRules
        As of `gap_rules`.

    Returns
    -------
    tuple of EvidenceTable
        ``gap_cells``, ``gap_moments``, ``parity`` and ``gap_rules``.
    """
    if rules.feedback is None or rules.links is None:
        return _counted(reading, rules)
    with laid_feelings(journey, reading, rules.feedback, rules.links) as answers:
        return _counted(reading, rules, answers)


def _counted(reading: StepsReading, rules: GapRules, answers: str = "") -> tuple[EvidenceTable, ...]:
    engine, plan = reading.engine, reading.plan
    kept = [
        engine.add_rows({"state": "integer", "service": "integer", "channel": "string"}, _states(reading))
    ]
    try:
        events = engine.materialise(queries.felt_steps_sql(plan, reading.table, kept[0], answers))
        kept.append(events)
        customers = engine.materialise(queries.felt_customers_sql(events, min_customers=rules.min_customers))
        kept.append(customers)
        cells = engine.run(
            queries.gap_cells_sql(customers, good_above=rules.good_above, poor_below=rules.poor_below),
            "gap_cells",
        )
        moments = engine.run(queries.gap_moments_sql(customers), "gap_moments")
        by = ("channel",) if rules.by is None else ("channel", "segment")
        alike = engine.run(queries.parity_sql(events, by, min_customers=rules.min_customers), "parity")
    finally:
        for name in kept:
            engine.drop(name)
    felt = queries.FELT.__getitem__
    return (
        keyed_evidence("gap_cells", cells, plan.groups, {
            "segment": ("segment", str), "service": ("service", felt), "experience": ("experience", felt)}),
        keyed_evidence("gap_moments", moments, plan.groups, {"segment": ("segment", str)}),
        keyed_evidence("parity", alike, plan.groups, {"by": ("alike", str), "value": ("value", str)}),
        _told(rules),
    )  # fmt: skip


def _told(rules: GapRules) -> EvidenceTable:
    """Put the rules beside the counts, so that results can say them."""
    told = (("good_above", f"{rules.good_above:g}"), ("poor_below", f"{rules.poor_below:g}"))
    return EvidenceTable(
        name="gap_rules",
        groups=1,
        key_columns=("rule", "value"),
        keys=(*told, *((("by", rules.by),) if rules.by is not None else ())),
        row=(),
        group=(),
        measures={},
    )


def _states(reading: StepsReading) -> list[tuple[int | str | None, ...]]:
    """Say of every state whether it is service, and which channel where the design names just one."""
    rows: list[tuple[int | str | None, ...]] = []
    for number, state in enumerate(reading.catalogue.states):
        channels = state.touchpoint.channels
        rows.append((number, int(state.touchpoint.is_service), channels[0] if len(channels) == 1 else None))
    return rows
