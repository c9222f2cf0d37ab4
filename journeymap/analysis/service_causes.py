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
from journeymap.analysis.service_trigger import TriggerRules, find_triggers, find_window_triggers
from journeymap.errors import MissingEvidenceError, require
from journeymap.metrics.counts import (
    counts_by_group,
    evidence_table,
    refuse_graph_alone,
    touchpoint_counts,
)
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate

__all__ = ["find_service_causes"]

Counts = NDArray[np.float64]
_MICROSECONDS = 1e6
_BEGAN = " that customers began"
_OF_ALL = "service contacts{} of episodes that began after it / service contacts{}"
_PAIR = "service contacts{} of these two teams / service contacts{}"
_TEAM = "service contacts{} after touchpoints of the team / service contacts{}"
_ELSEWHERE = (
    "service contacts{} after a touchpoint of another team than the one that carries them"
    " / service contacts{} with both teams named"
)
_FAILURE = "service contacts{} caused by a failure / service contacts{} where it is known"
_UNTOLD = (
    "not known: the log does not say which contacts were caused by a failure; give it a column that does:"
    " EventLog(..., failure_col=...)"
)


class _Whole(NamedTuple):
    """All contacts that customers began by customer group, the customers behind them, and how to say so."""

    contacts: Counts
    customers: int
    began: str

    def words(self, definition: str) -> str:
        """Say which contacts a definition means."""
        return definition.format(self.began, self.began)


def find_service_causes(
    journey: Journey, *, level: float = 0.05, min_excess: float = 0.02, min_visits: int = 20
) -> ServiceCauses:
    """What sends customers to service, which team answers for it, and which team carries the contacts?

    An *episode* is a chain of service contacts of one customer (`with_episodes`). What comes before it is the
    last event outside service before its first contact, in the journey of that contact; every contact of
    the episode counts there. Within the window W a touchpoint v leads to service at the rate
    ``T_v = visits of v after which the customer's next contact begins within W / visits of v watched for W``;
    its lift is T_v over the same of all touchpoints outside service. In all of this, contacts are those that
    customers began: one that the company began neither has a cause nor hides that of another.

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
        The touchpoints before service with their contacts, share, lift within W and to the next event, and
        avoidable contacts; the
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
    every = _sum(journey, "all_contacts")
    proactive = int(every.sum() - contacts.sum())
    whole = _Whole(contacts, int(_sum(journey, "customers").sum()), _BEGAN if proactive else "")
    windows = find_window_triggers(journey, within, rules)
    after = find_triggers(journey, level=level, min_excess=min_excess, min_visits=min_visits)
    elsewhere = _share_of(journey, "elsewhere", "owners_known", "owners_customers", whole.words(_ELSEWHERE))
    episodes, all_contacts = (_by(journey, "cause_totals", part) for part in ("episodes", "contacts"))
    begun = {key[0]: Begun(episodes[key], all_contacts[key]) for key in episodes if key[0] != START}
    fewer = avoidable_contacts(journey, begun, rules, customers=whole.customers)
    return ServiceCauses(
        journey=journey.name,
        within=within,
        contacts=int(contacts.sum()),
        customers=whole.customers,
        proactive_contacts=proactive,
        causes=_causes(journey, whole, windows, after, fewer),
        owners=_owners(journey, whole),
        teams=_teams_before(journey, whole),
        only_carry=_only_carry(journey) if elsewhere.value is not None else (),
        caused_elsewhere=elsewhere,
        failure_demand=_share_of(
            journey, "failures", "failures_known", "failures_customers", whole.words(_FAILURE)
        )
        if _tells_failures(journey)
        else Estimate(value=None, definition=_UNTOLD),
        avoidable=fewer.whole,
        windows=windows,
        proactive=proactive_effect(journey, every, int(_sum(journey, "all_customers").sum())),
    )


def _within(journey: Journey) -> timedelta:
    """Read the window by which service followed, or say which call counts it."""
    tables = {table.name: table for table in journey.evidence}
    if "cause_rules" not in tables:
        refuse_graph_alone(journey)
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
    journey: Journey,
    whole: _Whole,
    windows: tuple[ServiceTrigger, ...],
    after: tuple[ServiceTrigger, ...],
    fewer: Avoidable,
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
                definition=whole.words(_FAILURE),
            )
            for key in hits
        }  # fmt: skip
    triggers, directly = ({one.touchpoint: one for one in found} for found in (windows, after))
    found = [
        ServiceCause(
            touchpoint=name,
            **_place(journey, name),
            contacts=int(contacts[name,].sum()),
            episodes=int(episodes[name,].sum()),
            customers=int(customers[name,].sum()),
            share=share_estimate(
                contacts[name,], whole.contacts, customers=whole.customers, definition=whole.words(_OF_ALL)
            ),
            triggers=triggers.get(name),
            directly=directly.get(name),
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
    own = _visits_outside(journey)
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
            share=share_estimate(
                of, whole.contacts, customers=whole.customers, definition=whole.words(_PAIR)
            ),
        )
        for key, of in contacts.items()
        if of.sum()
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.contacts, pair.cause, pair.carrier)))


def _visits_outside(journey: Journey) -> dict[str, int]:
    """Count for every team the visits to its touchpoints outside service."""
    visits = touchpoint_counts(journey, "visits")
    own: dict[str, int] = {}
    for touchpoint in journey.touchpoints:
        if not touchpoint.is_service:
            name = touchpoint.owner or ""
            own[name] = own.get(name, 0) + int(visits[touchpoint.id].sum())
    return own


def _teams_before(journey: Journey, whole: _Whole) -> tuple[tuple[str, Estimate], ...]:
    """Tell contacts by the team that answers for what came before, whoever carries them, the most first."""
    sums: dict[str, Counts] = {}
    for (cause, _), counts in _by(journey, "cause_owners", "contacts").items():
        if cause not in {START, ""}:
            sums[cause] = sums.get(cause, 0.0) + counts
    names, words = _teams(journey), whole.words(_TEAM)
    found = [
        (
            names.get(team, team),
            share_estimate(counts, whole.contacts, customers=whole.customers, definition=words),
        )
        for team, counts in sums.items()
    ]
    return tuple(sorted(found, key=lambda one: (-(one[1].value or 0.0), one[0])))


def _only_carry(journey: Journey) -> tuple[str, ...]:
    """Name the teams that carry contacts, where none of them has a touchpoint outside service."""
    outside, names = _visits_outside(journey), _teams(journey)
    carriers = [key[1] for key, of in _by(journey, "cause_owners", "contacts").items() if of.sum()]
    named = dict.fromkeys(name for name in carriers if name)
    if any(outside.get(name) for name in named):
        return ()
    return tuple(sorted(names.get(name, name) for name in named))
