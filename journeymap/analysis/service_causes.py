"""What sends customers to service, which team answers for it, and which team carries the contacts?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.service_avoidable import Avoidable, Begun, avoidable_contacts
from journeymap.analysis.service_causes_report import (
    BEGINS_HERE,
    NO_OWNER,
    START,
    OwnerPair,
    ServiceCause,
    ServiceCauses,
)
from journeymap.analysis.service_parts import ServiceTrigger
from journeymap.analysis.service_proactive import proactive_effect
from journeymap.analysis.service_trigger import TriggerRules, find_window_triggers
from journeymap.errors import MissingEvidenceError, require
from journeymap.metrics.counts import counts_by_group, evidence_table, touchpoint_counts
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate

__all__ = ["find_service_causes"]

Counts = NDArray[np.float64]
_MICROSECONDS = 1e6
_OF_ALL = "service contacts of episodes that began after it / service contacts"
_PAIR = "service contacts of these two teams / service contacts"
_ELSEWHERE = (
    "service contacts after a touchpoint of another team than the one that carries them"
    " / service contacts with both teams named"
)
_FAILURE = "service contacts caused by a failure / service contacts where it is known"
_UNTOLD = (
    "not known: the log does not say which contacts were caused by a failure; give it a column that does:"
    " EventLog(..., failure_col=...)"
)


class _Whole(NamedTuple):
    """All contacts by customer group, and the customers behind them."""

    contacts: Counts
    customers: int


def find_service_causes(
    journey: Journey, *, level: float = 0.05, min_excess: float = 0.02, min_visits: int = 20
) -> ServiceCauses:
    """What sends customers to service, which team answers for it, and which team carries the contacts?

    An *episode* is a chain of service contacts of one customer (`with_episodes`). What comes before it is the
    last event outside service before its first contact, in the journey of that contact; every contact of
    the episode counts there. Within the window W a touchpoint v leads to service at the rate
    ``T_v = visits of v after which the customer's next contact begins within W / visits of v watched for W``;
    its lift is T_v over the same of all touchpoints outside service.

    Parameters
    ----------
    journey : Journey
        An observed journey with episodes.
    level : float
        The false discovery rate for touchpoints that lead to service.
    min_excess : float
        How much more often than after the others service must follow to matter, as a share.
    min_visits : int
        With fewer visits, of its own or of the others, a touchpoint is not tested.

    Returns
    -------
    ServiceCauses
        The touchpoints before service with their contacts, share, lift within W and avoidable contacts; the
        contacts by the team that answers for what came before and the team that carries them; the share
        caused by failures; what happens around contacts that the company begins. Shares have Wilson's
        interval at the effective sample size, customers being the units. Without contacts all is empty.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such counts.

    Notes
    -----
    What came before is not what was at fault: a customer who has not heard of a parcel may come from the
    newsletter. The avoidable contacts take differences within a stage for effects; they are a first guess of
    where to look, no forecast. Without `end_col` contacts take no time.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.episodes import with_episodes
    >>> from journeymap.events.log import EventLog
    >>> design = Journey(name="Shop", touchpoints=[
    ...     {"id": "pay", "stage": "purchase", "owner": "Sales"},
    ...     {"id": "phone", "owner": "Support", "service": {"need": "complaint"}}])
    >>> table = pa.table({"who": ["a", "a", "a", "b"], "what": ["pay", "phone", "phone", "pay"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-04"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> found = find_service_causes(with_episodes(discover_journey(log, design), log))
    >>> [(cause.name, cause.contacts, cause.episodes) for cause in found.causes]
    [('Pay', 2, 1)]
    >>> found.matrix()
    (('Sales',), ('Support',), ((2,),))
    """
    require(
        journey, Journey, "find_service_causes", hint="discover it from the log first: discover_journey(log)"
    )
    within = _within(journey)
    rules = TriggerRules(level, min_excess, min_visits)
    contacts = _sum(journey, "contacts")
    whole = _Whole(contacts, int(_sum(journey, "customers").sum()))
    windows = find_window_triggers(journey, within, rules)
    episodes, all_contacts = (_by(journey, "cause_totals", part) for part in ("episodes", "contacts"))
    begun = {key[0]: Begun(episodes[key], all_contacts[key]) for key in episodes if key[0] != START}
    fewer = avoidable_contacts(journey, begun, rules, customers=whole.customers)
    return ServiceCauses(
        journey=journey.name,
        within=within,
        contacts=int(contacts.sum()),
        customers=whole.customers,
        causes=_causes(journey, whole, windows, fewer),
        owners=_owners(journey, whole),
        caused_elsewhere=_share_of(journey, "elsewhere", "owners_known", "owners_customers", _ELSEWHERE),
        failure_demand=_share_of(journey, "failures", "failures_known", "failures_customers", _FAILURE)
        if _tells_failures(journey)
        else Estimate(value=None, definition=_UNTOLD),
        avoidable=fewer.whole,
        windows=windows,
        proactive=proactive_effect(journey, whole.contacts, whole.customers),
    )


def _within(journey: Journey) -> timedelta:
    """Read the window by which service followed, or say which call counts it."""
    tables = {table.name: table for table in journey.evidence}
    if "cause_rules" not in tables:
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} carries no counts of what came before service.",
            expected="Expected a journey with episodes of service contacts.",
            hint="count them from the log: with_episodes(journey, log)",
        )
    rules = tables["cause_rules"]
    told = dict(zip((rules.keys[row][0] for row in rules.row), rules.measures["value"], strict=True))
    return timedelta(microseconds=told["triggered_within"])


def _by(journey: Journey, table: str, measure: str) -> dict[tuple[str, ...], Counts]:
    counts = counts_by_group(journey, table, measure)
    return dict(zip(evidence_table(journey, table).keys, counts, strict=True))


def _sum(journey: Journey, measure: str) -> Counts:
    """Sum up a measure of the table without key, which has no row where there are no contacts."""
    return np.asarray(counts_by_group(journey, "cause_overall", measure).sum(axis=0))


def _tells_failures(journey: Journey) -> bool:
    return "failures" in evidence_table(journey, "cause_overall").measures


def _share_of(journey: Journey, hits: str, trials: str, customers: str, definition: str) -> Estimate:
    who = int(_sum(journey, customers).sum())
    return share_estimate(_sum(journey, hits), _sum(journey, trials), customers=who, definition=definition)


def _causes(
    journey: Journey, whole: _Whole, windows: tuple[ServiceTrigger, ...], fewer: Avoidable
) -> tuple[ServiceCause, ...]:
    contacts, episodes, customers = (
        _by(journey, "cause_totals", part) for part in ("contacts", "episodes", "customers")
    )
    failures: dict[tuple[str, ...], Estimate] = {}
    if _tells_failures(journey):
        hits, known = (_by(journey, "cause_totals", part) for part in ("failures", "failures_known"))
        failures = {
            key: share_estimate(
                hits[key], known[key], customers=int(min(customers[key].sum(), known[key].sum())),
                definition=_FAILURE,
            )
            for key in hits
        }  # fmt: skip
    triggers = {trigger.touchpoint: trigger for trigger in windows}
    found = [
        ServiceCause(
            touchpoint=name,
            **_place(journey, name),
            contacts=int(contacts[name,].sum()),
            episodes=int(episodes[name,].sum()),
            customers=int(customers[name,].sum()),
            share=share_estimate(
                contacts[name,], whole.contacts, customers=whole.customers, definition=_OF_ALL
            ),
            triggers=triggers.get(name),
            avoidable=fewer.single.get(name),
            failure_demand=failures.get((name,)),
        )
        for (name,) in contacts
    ]
    places = {t.id: place for place, t in enumerate(journey.touchpoints)}
    return tuple(sorted(found, key=lambda cause: (-cause.contacts, places.get(cause.touchpoint, -1))))


def _place(journey: Journey, node: str) -> dict[str, str]:
    if node == START:
        return {"name": BEGINS_HERE}
    touchpoint = journey.touchpoint(node)
    stage = touchpoint.stage or ""
    return {
        "name": touchpoint.name,
        "stage": stage,
        "stage_name": journey.stage(stage).name if stage else "",
        "owner": _teams(journey).get(touchpoint.owner or "", touchpoint.owner or ""),
    }


def _teams(journey: Journey) -> Mapping[str, str]:
    return {owner.id: owner.name for owner in journey.owners}


def _owners(journey: Journey, whole: _Whole) -> tuple[OwnerPair, ...]:
    """Tell contacts by who answers for what came before and who carries them, the most first."""
    teams = {START: BEGINS_HERE, "": NO_OWNER, **_teams(journey)}
    visits = touchpoint_counts(journey, "visits")
    own: dict[str, int] = {}
    for touchpoint in journey.touchpoints:
        if not touchpoint.is_service:
            name = touchpoint.owner or ""
            own[name] = own.get(name, 0) + int(visits[touchpoint.id].sum())
    parts = ("contacts", "episodes", "customers", "service_us")
    contacts, episodes, customers, spent = (_by(journey, "cause_owners", part) for part in parts)
    found = [
        OwnerPair(
            cause=teams.get(key[0], key[0]),
            carrier=teams.get(key[1], key[1]),
            contacts=int(of.sum()),
            episodes=int(episodes[key].sum()),
            customers=int(customers[key].sum()),
            seconds=float(spent[key].sum()) / _MICROSECONDS,
            visits=own.get(key[0], 0),
            share=share_estimate(of, whole.contacts, customers=whole.customers, definition=_PAIR),
        )
        for key, of in contacts.items()
        if of.sum()
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.contacts, pair.cause, pair.carrier)))
