"""Which service contacts belong together, and does the journey go on after them?"""

from __future__ import annotations

from datetime import timedelta

from journeymap.engines.progress import progress
from journeymap.errors import InvalidLogError
from journeymap.events.log import EventLog
from journeymap.events.queries import episodes as queries
from journeymap.events.queries.episodes import EpisodeRules
from journeymap.events.reading import StepsReading, read_steps, with_evidence
from journeymap.events.tables import keyed_evidence
from journeymap.model.durations import parse_duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey

__all__ = ["with_episodes"]

_MICROSECOND = timedelta(microseconds=1)
_FEWEST = 2
_SPOTS = {
    "state": "integer",
    "touchpoint": "integer",
    "service": "integer",
    "rank": "integer",
    "channel": "string",
}


def with_episodes(
    journey: Journey,
    log: EventLog,
    *,
    within: timedelta | str = "7 days",
    rage_visits: int = 3,
    rage_within: timedelta | str = "24 hours",
    recovered_within: timedelta | str | None = None,
) -> Journey:
    """Which service contacts belong together, and does the journey go on after them?

    An *episode* is a chain of service contacts of one customer, each at most `within` after the end of the
    one before, whatever lies between and whatever journeys they belong to. It is *recovered* where its last
    contact is followed, in the same journey, by an event that is no service, at the stage of that contact or
    a higher one. It is *escalated* where a contact follows at another touchpoint or in another channel, and
    has a *repeat* where the same touchpoint follows in the same channel. *Rage* (an own definition, after the
    frustration signals of web analytics): `rage_visits` visits of one touchpoint in one journey within
    `rage_within`, none of which reaches a higher stage than the first.

    Parameters
    ----------
    journey : Journey
        Discovered from this log.
    log : EventLog
        The log, with the same filters; its `channel_col` names the channels of contacts, else the design.
    within : timedelta or str
        The longest gap within an episode; another contact in this time is a repeat contact.
    rage_visits : int
        How many visits are rage, at least 2.
    rage_within : timedelta or str
        From the first of these visits to the last.
    recovered_within : timedelta or str, optional
        How soon after the end of the episode the journey has to go on; at any time when left out.

    Returns
    -------
    Journey
        A copy with four tables among its evidence.

        ``episodes`` (touchpoint): ``contacts``; ``contacts_watched``, those that end at least `within` before
        the end of the observation; of them ``repeats``, followed by another contact within `within`;
        ``contact_pairs``, contacts followed by another one of the episode where both channels are known, and
        ``channel_switches``, those where they differ; ``journeys`` that visit the touchpoint and
        ``rage_journeys``; with ``repeat_customers``, ``switch_customers``, ``rage_customers``. What concerns
        contacts is counted at the first one, and 0 outside service.

        ``recovery`` (failures, state): ``journeys``, ``closed`` (won or lost), ``won`` and ``customers`` of
        closed journeys. `failures` are the episodes with contacts in the journey before its goal: ``0``,
        ``1``, ``2+``; `state` is ``none``, ``recovered`` (each of them) or ``not_recovered``.

        ``episode_shapes`` (contacts, outcome): ``episodes``, ``escalated``, ``repeated`` and ``customers``;
        `contacts` is ``1`` to ``9`` or ``10+``, `outcome` ``recovered``, ``not_recovered`` or ``open``: not
        recovered, but the journey is still open.

        ``episode_rules`` (rule): the ``value`` of each rule, spans in microseconds.

    Raises
    ------
    MissingEvidenceError
        The journey was designed.
    InvalidLogError
        The log is not that of the journey, or a rule is none.

    Notes
    -----
    That a contact was a failure is an assumption: people also ask because they are interested. Channels of a
    design count where a touchpoint names just one.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> design = Journey(name="Shop", touchpoints=[
    ...     {"id": "cart", "stage": "purchase"}, {"id": "phone", "service": {"need": "advice"}}])
    >>> table = pa.table({"who": ["a", "a", "a"], "what": ["phone", "phone", "cart"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-03"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = with_episodes(discover_journey(log, design), log)
    >>> [table.keys for table in journey.evidence if table.name == "episode_shapes"]
    [(('2', 'recovered'),)]
    """
    spans = {
        "within": _span(within, "within"),
        "rage_within": _span(rage_within, "rage_within"),
        **(
            {}
            if recovered_within is None
            else {"recovered_within": _span(recovered_within, "recovered_within")}
        ),
    }
    if isinstance(rage_visits, bool) or not isinstance(rage_visits, int) or rage_visits < _FEWEST:
        raise InvalidLogError.because(
            f"rage_visits: {rage_visits!r} is no number of visits.",
            expected="Expected a whole number from 2.",
            hint="write 3: three visits of one touchpoint without getting on",
        )
    with (
        progress("following the contacts", 3) as step,
        read_steps(journey, log, "with_episodes", with_times=True) as reading,
    ):
        rules = EpisodeRules(
            within=spans["within"],
            rage_visits=rage_visits,
            rage_within=spans["rage_within"],
            recovered_within=spans.get("recovered_within"),
            cut=reading.cut,
            until=reading.until,
        )
        step("finding the episodes")
        found = _counted(reading, rules)
        step("putting them beside the journey")
        return with_evidence(journey, *found, _rules_table({"rage_visits": rage_visits, **spans}))


def _span(value: timedelta | str, what: str) -> int:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"{what}: {error}.", hint="write 7 days or 12 hours") from error
    if not isinstance(span, timedelta) or span <= timedelta(0):
        raise InvalidLogError.because(
            f"{what}: {value!r} is no span of time.",
            expected="Expected a span longer than nothing.",
            hint="write 7 days or 12 hours",
        )
    return span // _MICROSECOND


def _counted(reading: StepsReading, rules: EpisodeRules) -> list[EvidenceTable]:
    engine, plan, nodes = reading.engine, reading.plan, reading.nodes
    spots = engine.add_rows(_SPOTS, _spots(reading))
    kept = [spots]
    try:
        ranks = sorted({-1 if s.rank is None else s.rank for s in reading.catalogue.states
                        if s.touchpoint.is_service})  # fmt: skip
        contacts = engine.materialise(queries.contacts_sql(plan, reading.table, spots, rules, ranks))
        kept.append(contacts)
        rage = engine.materialise(queries.rage_sql(plan, reading.table, spots, rules))
        kept.append(rage)
        episodes = engine.run(queries.episodes_sql(plan, contacts, rage, rules))
        recovery = engine.run(queries.recovery_sql(plan, reading.table, contacts, rules))
        shapes = engine.run(queries.shapes_sql(contacts))
    finally:
        for name in kept:
            engine.drop(name)
    return [
        keyed_evidence("episodes", episodes, plan.groups, {"touchpoint": ("state", nodes.__getitem__)}),
        keyed_evidence("recovery", recovery, plan.groups, {
            "failures": ("failures", queries.FAILURES.__getitem__),
            "state": ("outcome", queries.STATES.__getitem__)}),
        keyed_evidence("episode_shapes", shapes, plan.groups, {
            "contacts": ("size", lambda n: f"{n}+" if n == queries.LONGEST else str(n)),
            "outcome": ("outcome", queries.OUTCOMES.__getitem__)}),
    ]  # fmt: skip


def _spots(reading: StepsReading) -> list[tuple[int | str | None, ...]]:
    """Say of every state which touchpoint it is, whether it is service, how high its stage, which channel."""
    numbers: dict[str, int] = {}
    rows: list[tuple[int | str | None, ...]] = []
    for number, state in enumerate(reading.catalogue.states):
        touchpoint = state.touchpoint
        channel = touchpoint.channels[0] if len(touchpoint.channels) == 1 else None
        rank = -1 if state.rank is None else state.rank
        own = numbers.setdefault(touchpoint.id, len(numbers))
        rows.append((number, own, int(touchpoint.is_service), rank, channel))
    return rows


def _rules_table(rules: dict[str, int]) -> EvidenceTable:
    return EvidenceTable(
        name="episode_rules",
        groups=1,
        key_columns=("rule",),
        keys=tuple((name,) for name in rules),
        row=tuple(range(len(rules))),
        group=(0,) * len(rules),
        measures={"value": tuple(rules.values())},
    )
