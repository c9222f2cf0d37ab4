"""Count how customers felt in service and outside of it, beside how their journeys ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from journeymap.errors import InvalidLogError, JourneyMapError, require
from journeymap.events.answers import open_answers
from journeymap.events.feedback import Feedback
from journeymap.events.linking import LinkRules, LogReading, link
from journeymap.events.log import EventLog
from journeymap.events.queries import customer_feelings as queries
from journeymap.events.queries.linking import places_of_sql
from journeymap.events.reading import StepsReading, read_steps, with_evidence
from journeymap.events.tables import keyed_evidence
from journeymap.events.with_feedback import answer_window, feeling_questions, refuse_mixed_times
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import FEELING_SCALE

__all__ = ["FeltLimits", "feeling_rules", "felt_tables", "laid_feelings", "with_customer_feelings"]

OTHER, ANY = "other", "any"


@dataclass(frozen=True)
class FeltLimits:
    """What counts as good and as poor.

    Parameters
    ----------
    poor_below : float
        A contact that felt worse is poor, −2 to +2.
    good_above : float
        An experience that felt better on average is good.
    min_customers : int
        Stages of fewer customers count together.
    """

    poor_below: float = 0.0
    good_above: float = 0.0
    min_customers: int = 5


def with_customer_feelings(
    journey: Journey,
    log: EventLog,
    *,
    feedback: Feedback | None = None,
    window: timedelta | str | None = None,
    feeling_from: str | Sequence[str] | None = None,
    poor_below: float = 0.0,
    good_above: float = 0.0,
    min_customers: int = 5,
) -> Journey:
    """How did customers feel in service and outside of it, and how did their journeys end?

    Only visits before the goal count, of journeys that are won or lost. For each journey the engine looks at
    the feelings outside service (their mean), at service contacts (poor: felt worse than `poor_below`) and
    at the outcome, and hands back sums by customer group; no row per customer leaves it.

    Parameters
    ----------
    journey : Journey
        Discovered from this log.
    log : EventLog
        The log, with the same filters; with `feeling_col`, unless feelings come from a survey.
    feedback : Feedback, optional
        A survey, whose feelings then stand for those of the log. An answer is laid on the customer's first
        visit to its touchpoint in its journey; several answers about it are averaged.
    window, feeling_from
        How answers find their touchpoints and which of them are feelings: as for `with_feedback`. Answers
        that name a touchpoint which the journey does not have are left out, and without times those about a
        floating one.
    poor_below : float
        A service contact that felt worse than this is poor, −2 to +2.
    good_above : float
        The experience is good where the mean feeling outside service lies above this, −2 to +2.
    min_customers : int
        Stages that fewer customers come to count together, as ``other``.

    Returns
    -------
    Journey
        A copy with these tables, and ``felt_limits`` (what counts as good and as poor), among its evidence.

        ``felt_cells`` (stage, experience, service): a journey is looked at anew at every stage that it
        reaches outside service, until the stage of its first poor contact. `experience` is ``good``, ``bad``
        or, where nothing was felt outside service, ``unknown``; `service` so far is ``none``, ``good``,
        ``poor`` (the first poor contact comes here) or ``unknown`` (a contact without feeling). Measures:
        ``journeys``, ``won``, ``customers``; ``final``, ``final_won`` and ``final_customers`` count each
        journey once, at its last look.

        ``felt_contacts`` (stage, experience, service, first): journeys with a contact of which a feeling is
        known, by the stage reached before the first of them, whether this `first` one was ``good`` or
        ``poor``, and whether `service` was by the mean of all. Measures: ``journeys``, ``won``,
        ``customers``.

        ``felt_moments``: ``journeys`` with a feeling, ``customers``, ``won``, and in millionths (``_u``) the
        sums and cross products of their mean good feeling, mean bad feeling and outcome.

    Raises
    ------
    MissingEvidenceError
        The journey was designed.
    InvalidLogError
        There are no feelings, the log has other filters, or it or the survey cannot be counted.
    UnknownNameError
        `feeling_from` names a question that there is not.
    JourneyMapError
        A limit lies off the scale of feelings, or `min_customers` is below 1.

    Notes
    -----
    The mean feeling outside service is that of the whole journey up to the goal: what a poor contact spoils
    later is part of it. Where few say how they felt, those who stayed longer had more occasions to.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> table = pa.table({"who": ["a", "a", "b", "b"], "what": ["use", "phone", "use", "renew"],
    ...     "when": ["2024-05-01", "2024-05-02", "2024-05-01", "2024-05-02"], "felt": [1, -2, 1, None]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when", feeling_col="felt")
    >>> design = Journey(name="Club", goal="renew", lost_after="0 days", touchpoints=[
    ...     {"id": "use", "stage": "post_purchase"}, {"id": "renew", "stage": "loyalty"},
    ...     {"id": "phone", "service": True}])
    >>> known = with_customer_feelings(discover_journey(log, design), log, min_customers=1)
    >>> known.evidence[-2].keys
    (('post_purchase', 'good', 'none'), ('post_purchase', 'good', 'poor'))
    """
    limits = FeltLimits(poor_below, good_above, min_customers)
    _check(limits)
    rules = None
    if feedback is not None:
        rules = feeling_rules(feedback, log, "with_customer_feelings", window, feeling_from)
    with read_steps(journey, log, "with_customer_feelings") as reading:
        if feedback is None and not reading.plan.has_feeling:
            raise InvalidLogError.because(
                "the log has no feelings.",
                where=reading.log.label,
                expected="Expected a column with a feeling from −2 to +2, or a survey.",
                hint="name it with EventLog(..., feeling_col=...), or give feedback=",
            )
        tables = felt_tables(journey, reading, limits, feedback=feedback, links=rules)
    return with_evidence(journey, *tables)


def felt_tables(
    journey: Journey,
    reading: StepsReading,
    limits: FeltLimits,
    *,
    feedback: Feedback | None = None,
    links: LinkRules | None = None,
) -> tuple[EvidenceTable, ...]:
    """Count feelings and outcomes from steps that are open.

    Parameters
    ----------
    journey : Journey
        Discovered from the log.
    reading : StepsReading
        Its steps.
    limits : FeltLimits
        What is good and what is poor.
    feedback : Feedback, optional
        The survey whose feelings count; those of the log without one.
    links : LinkRules, optional
        As of `feeling_rules`; needed with `feedback`.

    Returns
    -------
    tuple of EvidenceTable
        ``felt_limits``, ``felt_contacts``, ``felt_cells`` and ``felt_moments``.
    """
    if feedback is None or links is None:
        return (_told(limits), *_counted(reading, limits))
    with laid_feelings(journey, reading, feedback, links) as answers:
        return (_told(limits), *_counted(reading, limits, answers))


def _told(limits: FeltLimits) -> EvidenceTable:
    """Put what counts as good and as poor beside the counts, so that results can say so."""
    said = (("poor_below", f"{limits.poor_below:g}"), ("good_above", f"{limits.good_above:g}"))
    return EvidenceTable(
        name="felt_limits",
        groups=1,
        key_columns=("limit", "feeling"),
        keys=said,
        row=(),
        group=(),
        measures={},
    )


def feeling_rules(
    feedback: Feedback,
    log: EventLog,
    caller: str,
    window: timedelta | str | None = None,
    feeling_from: str | Sequence[str] | None = None,
) -> LinkRules:
    """By which rules are the feelings of a survey laid on the visits of a log?

    Parameters
    ----------
    feedback : Feedback
        The survey; its answers name their customer.
    log : EventLog
        The log.
    caller : str
        Who asks, for messages.
    window, feeling_from
        As for `with_customer_feelings`.

    Returns
    -------
    LinkRules
        The rules.

    Raises
    ------
    InvalidLogError
        None of the questions asks for a feeling, or answers name no customer.
    UnknownNameError
        `feeling_from` names a question that there is not.
    """
    require(feedback, Feedback, caller, hint="put the survey into a Feedback first")
    feelings = feeling_questions(feedback, feeling_from)
    if not feelings:
        raise InvalidLogError.because(
            "feedback: none of its questions asks for a feeling.",
            hint="name the question whose scores shall stand for it with feeling_from=",
        )
    if feedback.customer_col is None:
        raise InvalidLogError.because(
            "feedback: the answers have no customer to find in the log.",
            hint="name the column with customer_col",
        )
    return LinkRules(window=answer_window(window, log, feedback), feelings=feelings, ignore_unknown=True)


@contextmanager
def laid_feelings(
    journey: Journey, reading: StepsReading, feedback: Feedback, rules: LinkRules
) -> Iterator[str]:
    """Lay the feelings of a survey on touchpoints and journeys.

    Parameters
    ----------
    journey : Journey
        Discovered from the log.
    reading : StepsReading
        Its steps.
    feedback : Feedback
        The survey.
    rules : LinkRules
        As of `feeling_rules`.

    Yields
    ------
    str
        A table of `queries.felt_answers_sql`, dropped afterwards.
    """
    engine, plan = reading.engine, reading.plan
    seen = journey.observation
    aware = seen is not None and seen.observed_until.tzinfo is not None
    # the linking numbers the customers by itself
    bare = replace(plan, has_segment=False)
    log = LogReading(engine, bare, reading.catalogue, events=0, aware=aware)
    with open_answers(feedback, engine=engine) as opened:
        refuse_mixed_times(opened, log)
        with link(opened, journey, rules, log) as linked:
            numbers = {node: number for number, node in enumerate(reading.nodes)}
            places = engine.run(places_of_sql(linked.places), "places_of").to_pylist()
            nodes = engine.add_rows(
                {"place": "integer", "state": "integer"},
                [
                    (row["place"], numbers[row["touchpoint"]])
                    for row in places
                    if row["touchpoint"] in numbers
                ],
            )
            answers = engine.materialise(
                queries.felt_answers_sql(
                    plan, linked.parts, nodes, linked.answered, rules.feelings, engine.snippets
                )
            )
            try:
                yield answers
            finally:
                engine.drop(answers)
                engine.drop(nodes)


def _counted(reading: StepsReading, limits: FeltLimits, answers: str = "") -> tuple[EvidenceTable, ...]:
    engine, plan = reading.engine, reading.plan
    states = engine.add_rows(
        {"state": "integer", "rank": "integer", "service": "integer"},
        [
            (number, state.rank, int(state.touchpoint.is_service))
            for number, state in enumerate(reading.catalogue.states)
        ],
    )
    events = engine.materialise(queries.felt_events_sql(plan, reading.table, states, reading.cut, answers))
    given = asdict(limits)
    cells = engine.run(queries.felt_cells_sql(plan, events, **given), "felt_cells")
    contacts = engine.run(queries.felt_contacts_sql(plan, events, **given), "felt_contacts")
    sums = engine.run(queries.felt_moments_sql(plan, events), "felt_moments")
    engine.drop(events)
    engine.drop(states)
    stages = [stage.id for stage in reading.catalogue.stages] or [ANY]

    def service(number: int) -> str:
        return queries.SERVICES[number]

    keys = {
        "stage": ("stage", lambda number: OTHER if number < 0 else stages[number]),
        "experience": ("experience", lambda number: queries.EXPERIENCES[number]),
        "service": ("service", service),
    }
    return (
        keyed_evidence("felt_contacts", contacts, plan.groups, keys | {"first": ("first", service)}),
        keyed_evidence("felt_cells", cells, plan.groups, keys),
        keyed_evidence("felt_moments", sums, plan.groups, {}),
    )


def _check(limits: FeltLimits) -> None:
    for name in ("poor_below", "good_above"):
        limit = getattr(limits, name)
        if not FEELING_SCALE.low <= limit <= FEELING_SCALE.high:
            raise JourneyMapError.because(
                f"{name}: {limit!r} is no feeling.", expected="Expected a number from −2 to +2."
            )
    if limits.min_customers < 1:
        raise JourneyMapError.because(
            f"min_customers: {limits.min_customers!r} is too few.", expected="Expected at least 1."
        )
