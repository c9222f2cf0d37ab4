"""Which service contacts belong together, and does the journey go on after them?"""

from __future__ import annotations

from datetime import timedelta

from journeymap.engines.progress import progress
from journeymap.errors import InvalidLogError
from journeymap.events.episode_tables import episode_tables
from journeymap.events.log import EventLog
from journeymap.events.queries.episodes import EpisodeRules
from journeymap.events.reading import read_steps, with_evidence
from journeymap.events.spans import span_of
from journeymap.model.journey import Journey

__all__ = ["episode_rules", "episode_tables", "with_episodes"]

_MICROSECOND = timedelta(microseconds=1)
_FEWEST = 2


def with_episodes(
    journey: Journey,
    log: EventLog,
    *,
    within: timedelta | str = "7 days",
    rage_visits: int = 3,
    rage_within: timedelta | str = "24 hours",
    recovered_within: timedelta | str | None = None,
    triggered_within: timedelta | str | None = None,
    min_customers: int = 5,
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
    triggered_within : timedelta or str, optional
        How soon after the end of a visit outside service a contact has to begin to count as following it;
        `within` when left out.
    min_customers : int
        Chains of fewer customers are counted together, as ``*``.

    Returns
    -------
    Journey
        A copy with these tables among its evidence.

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

        ``episode_moves`` (source, target): from each contact to the next one of its episode, or from its last
        one to ``@resolved`` (recovered), ``@open`` or ``@abandoned``: ``moves``; ``watched``, those after
        contacts that end at least `within` before the end of the observation; of these ``elsewhere``, to
        another touchpoint or channel; ``customers``.

        ``episode_chains`` (by, chain): the handlers, channels or touchpoints of an episode in order, such as
        ``bot > human``, at most six and then ``…``: ``episodes``, ``resolved``, ``abandoned``, ``customers``.

        ``episode_times`` (outcome, bucket): ``episodes`` by the time from the start of the first contact to
        the progress that recovers, else to the end of the last contact; eight buckets to a doubling.

        ``episode_totals`` (episodes), of ``all``, ``decided``, ``recovered``, ``not_recovered``, ``open``
        and those of ``several`` contacts: ``episodes``, ``contacts``, ``hand_overs`` (contacts at another
        touchpoint or in another channel than the one before), ``restarts`` and ``unknown`` (as of
        ``continuity``), ``after_goal`` (episodes whose last contact is) and ``customers``.

        ``episode_handlers`` (handler), with ``unknown`` and, for bots, IVRs and self-service together,
        ``@self_service``: ``contacts``, ``contacts_watched`` and the ``customers`` of the watched ones.

        ``continuity`` (touchpoint), of contacts that follow another one in their episode: ``follow_ups``;
        ``changed``, those in another channel, with another handler or of another owner than the one before
        (where a channel is not known: at another touchpoint); ``restarts``, where the customer had to begin
        again: the log says so (`repeated_col`), or says nothing, the contact changed and by the design does
        not carry context; ``unknown``, changed ones of which neither log nor design tells; ``customers``.

        ``episode_rules`` (rule): the ``value`` of each rule, spans in microseconds.

        Those of `journeymap.events.service_causes.cause_tables`: what came before the contacts.

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
    rules = episode_rules(
        within=within,
        rage_visits=rage_visits,
        rage_within=rage_within,
        recovered_within=recovered_within,
        triggered_within=triggered_within,
    )
    _refuse_too_few(min_customers)
    with (
        progress("following the contacts", 3) as step,
        read_steps(journey, log, "with_episodes", with_times=True) as reading,
    ):
        step("finding the episodes")
        found = episode_tables(reading, rules, min_customers=min_customers)
        step("putting them beside the journey")
        return with_evidence(journey, *found)


def episode_rules(
    *,
    within: timedelta | str = "7 days",
    rage_visits: int = 3,
    rage_within: timedelta | str = "24 hours",
    recovered_within: timedelta | str | None = None,
    triggered_within: timedelta | str | None = None,
) -> EpisodeRules:
    """By which rules do contacts belong together?

    Parameters
    ----------
    within, rage_visits, rage_within, recovered_within, triggered_within
        As of `with_episodes`.

    Returns
    -------
    EpisodeRules
        The rules, for `episode_tables`.

    Raises
    ------
    InvalidLogError
        A rule is none.

    Examples
    --------
    >>> episode_rules(within="1 second").within
    1000000
    """
    if isinstance(rage_visits, bool) or not isinstance(rage_visits, int) or rage_visits < _FEWEST:
        raise InvalidLogError.because(
            f"rage_visits: {rage_visits!r} is no number of visits.",
            expected="Expected a whole number from 2.",
            hint="write 3: three visits of one touchpoint without getting on",
        )

    def limit(value: timedelta | str | None, what: str) -> int | None:
        return None if value is None else span_of(value, what) // _MICROSECOND

    return EpisodeRules(
        within=span_of(within, "within") // _MICROSECOND,
        rage_visits=rage_visits,
        rage_within=span_of(rage_within, "rage_within") // _MICROSECOND,
        recovered_within=limit(recovered_within, "recovered_within"),
        triggered_within=limit(triggered_within, "triggered_within"),
    )


def _refuse_too_few(min_customers: int) -> None:
    if isinstance(min_customers, bool) or not isinstance(min_customers, int) or min_customers < 1:
        raise InvalidLogError.because(
            f"min_customers: {min_customers!r} is no number of customers.",
            expected="Expected a whole number from 1.",
            hint="write 5: what fewer customers did is counted together",
        )
