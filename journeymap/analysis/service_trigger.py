"""Which touchpoints send customers to service."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_signals import effective_counts
from journeymap.analysis.service_parts import ServiceTrigger
from journeymap.metrics.counts import counts_by_group, evidence_table, group_count, touchpoint_counts
from journeymap.metrics.flow import share_estimate
from journeymap.metrics.service_contacts import has_proactive, sought_service
from journeymap.model.durations import duration_text
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import jackknife_variance, leave_one_out, t_quantile
from journeymap.stats.multiplicity import benjamini_hochberg
from journeymap.stats.shares import excess_test
from journeymap.stats.shrinkage import fit_beta_prior, shrink

__all__ = ["TriggerRules", "find_triggers", "find_window_triggers"]

Counts = NDArray[np.float64]


class TriggerRules(NamedTuple):
    """When a touchpoint counts as leading to service.

    Parameters
    ----------
    level : float
        The false discovery rate.
    min_excess : float
        How much more often than after the others service must follow to matter, as a share.
    min_visits : int
        With fewer visits, of its own or of the others, a touchpoint is not tested.
    """

    level: float = 0.05
    min_excess: float = 0.02
    min_visits: int = 20


class _Followed(NamedTuple):
    """Visits to one touchpoint, and those that service follows, by group."""

    visits: Counts
    followed: Counts
    customers: Counts
    targets: tuple[tuple[str, int], ...] = ()


class _Words(NamedTuple):
    """What was counted, in words."""

    share: str
    lift: str


_NEXT = _Words(
    "visits followed by a service contact / visits",
    "share of visits followed by service / the same over all non-service visits",
)
_NEXT_SOUGHT = _Words(
    "visits followed by a service contact that the customer began / visits",
    "share of visits followed by service that the customer began / the same over all non-service visits",
)


def find_triggers(
    journey: Journey, *, level: float, min_excess: float, min_visits: int
) -> tuple[ServiceTrigger, ...]:
    """After which touchpoints is the next event a service contact more often than after others?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    level, min_excess, min_visits
        See `TriggerRules`.

    Returns
    -------
    tuple of ServiceTrigger
        Touchpoints that service follows at all: the significant ones first, then by the shrunk share.
        Contacts that the company began do not count as following.

    Raises
    ------
    MissingEvidenceError
        The journey does not carry its counts.
    """
    words = _NEXT_SOUGHT if has_proactive(journey) else _NEXT
    return _judged(journey, _next(journey), words, TriggerRules(level, min_excess, min_visits))


def find_window_triggers(
    journey: Journey, within: timedelta, rules: TriggerRules
) -> tuple[ServiceTrigger, ...]:
    """After which touchpoints do customers turn to service within a time more often than after others?

    Parameters
    ----------
    journey : Journey
        An observed journey with episodes.
    within : timedelta
        The window by which its ``trigger_windows`` were counted, for the words.
    rules : TriggerRules
        When a touchpoint counts as leading there.

    Returns
    -------
    tuple of ServiceTrigger
        As of `find_triggers`. `visits` are those that end at least the window before the end of the
        observation, `followed` those after which the next contact that the customer began does so within it,
        in whatever journey; without `targets`.

    Raises
    ------
    MissingEvidenceError
        The journey does not carry its counts.

    Notes
    -----
    All that happens shortly before a contact counts as followed by it, so that the touchpoints on the way
    to a trigger share its contacts: the window tells less apart than the next event, and misses less.
    """
    span = duration_text(within)
    words = _Words(
        f"visits after which the customer turns to service within {span} / visits watched for {span}",
        f"share of visits followed by service within {span} / the same over all non-service visits",
    )
    return _judged(journey, _windows(journey), words, rules)


def _judged(
    journey: Journey, counts: dict[str, _Followed], words: _Words, rules: TriggerRules
) -> tuple[ServiceTrigger, ...]:
    """Set each share against all others: lift, shrinkage, and a test corrected for their number."""
    visits, followed, customers = (
        np.sum([getattr(of, part) for of in counts.values()], axis=0)
        for part in ("visits", "followed", "customers")
    )
    if not counts or not followed.sum():
        return ()
    worth = {name: effective_counts(of.followed, of.visits, of.customers) for name, of in counts.items()}
    prior = fit_beta_prior([y for y, _ in worth.values()], [n for _, n in worth.values()])
    df = max(group_count(journey) - 1, 1)
    base = float(followed.sum() / visits.sum())
    triggers, tests = [], {}
    for name, of in counts.items():
        others = visits - of.visits
        rest = effective_counts(followed - of.followed, others, customers - of.customers)
        if min(of.visits.sum(), others.sum()) >= rules.min_visits:
            tests[name] = excess_test(*worth[name], *rest, df=df)
        if of.followed.sum():
            lift = _lift(of, followed, visits, df).model_copy(update={"definition": words.lift})
            trigger = _trigger(journey, name, of, base, lift, words.share)
            if prior is not None:
                near = shrink(*worth[name], prior)
                shrunk = Estimate(
                    value=near.mean,
                    low=near.low,
                    high=near.high,
                    n=trigger.visits,
                    customers=trigger.share.customers,
                    level=0.9,
                    method=f"empirical Bayes among touchpoints, {prior.method}",
                    definition=words.share,
                )
                trigger = trigger.model_copy(update={"shrunk": shrunk})
            triggers.append(trigger)
    adjusted = dict(zip(tests, benjamini_hochberg(list(tests.values())), strict=True))
    judged = []
    for trigger in triggers:
        name = trigger.touchpoint
        if name in tests:
            excess = _excess(counts[name], followed, visits)
            p = float(adjusted[name])
            judged.append(
                trigger.model_copy(
                    update={
                        "p": tests[name],
                        "p_adjusted": p,
                        "significant": p <= rules.level and excess >= rules.min_excess,
                    }
                )
            )
        else:
            judged.append(trigger)
    return tuple(sorted(judged, key=_rank))


def _rank(trigger: ServiceTrigger) -> tuple[bool, float]:
    share = trigger.share if trigger.shrunk is None else trigger.shrunk
    return not trigger.significant, -(share.value or 0.0)


def _next(journey: Journey) -> dict[str, _Followed]:
    """Count visits and what follows them, for every touchpoint outside service, the goal included."""
    visits, customers = touchpoint_counts(journey, "visits"), touchpoint_counts(journey, "customers")
    service = {t.id for t in journey.touchpoints if t.is_service}
    sought = sought_service(journey)
    followed = {name: np.zeros_like(counts) for name, counts in visits.items() if name not in service}
    targets: dict[str, list[tuple[str, int]]] = {name: [] for name in followed}
    moves = counts_by_group(journey, "transitions", "count")
    for row, (source, target) in enumerate(evidence_table(journey, "transitions").keys):
        if target in sought and source in followed:
            followed[source] += moves[row]
            targets[source].append((target, int(moves[row].sum())))
    return {
        name: _Followed(
            visits[name], counts, customers[name], tuple(sorted(targets[name], key=lambda pair: -pair[1]))
        )
        for name, counts in followed.items()
        if visits[name].sum()
    }


def _windows(journey: Journey) -> dict[str, _Followed]:
    """Count visits watched for the window and those that a contact follows in it, outside service."""
    keys = [key[0] for key in evidence_table(journey, "trigger_windows").keys]
    visits, followed, customers = (
        counts_by_group(journey, "trigger_windows", measure)
        for measure in ("visits_watched", "followed", "customers")
    )
    return {
        name: _Followed(visits[row], followed[row], customers[row])
        for row, name in enumerate(keys)
        if visits[row].sum()
    }


def _excess(of: _Followed, followed: Counts, visits: Counts) -> float:
    others = float((visits - of.visits).sum())
    elsewhere = float((followed - of.followed).sum()) / others if others else 0.0
    return float(of.followed.sum() / of.visits.sum()) - elsewhere


def _trigger(
    journey: Journey, name: str, of: _Followed, base: float, lift: Estimate, definition: str
) -> ServiceTrigger:
    touchpoint = journey.touchpoint(name)
    customers = int(of.customers.sum())
    return ServiceTrigger(
        touchpoint=name,
        name=touchpoint.name,
        stage=touchpoint.stage,
        visits=int(of.visits.sum()),
        followed=int(of.followed.sum()),
        share=share_estimate(of.followed, of.visits, customers=customers, definition=definition),
        base=base,
        lift=lift,
        targets=of.targets,
    )


def _lift(of: _Followed, followed: Counts, visits: Counts, df: int) -> Estimate:
    """Relate the share after one touchpoint to the share after all; interval on the log scale.

    Half a visit is added to every count for the interval, which keeps it finite where one group holds
    all successes, and it is never narrower than if all visits were of different customers.
    """
    y, n, all_y, all_n = (counts.sum() for counts in (of.followed, of.visits, followed, visits))
    value = float((y / n) / (all_y / all_n))
    logs = _log_lift(y, n, all_y, all_n)
    without = _log_lift(*(leave_one_out(counts) for counts in (of.followed, of.visits, followed, visits)))
    rest_y, rest_n = all_y - y, all_n - n
    # the variance of ln RR against the others (Katz); ln(lift) moves with it only as far as others count
    ratio = 1 / (y + 0.5) - 1 / (n + 0.5) + 1 / (rest_y + 0.5) - 1 / (rest_n + 0.5)
    least = ratio * ((rest_y + 0.5) / (all_y + 1)) ** 2 if rest_n else 0.0
    se = math.sqrt(max(float(jackknife_variance(logs, without)), least, 0.0))
    reach = t_quantile(0.95, df) * se
    centre = float(logs)
    return Estimate(
        value=value,
        low=min(value, math.exp(centre - reach)),
        high=max(value, math.exp(centre + reach)),
        n=int(n),
        customers=int(of.customers.sum()),
        method="group jackknife on the log scale",
    )


def _log_lift(y: Counts, n: Counts, all_y: Counts, all_n: Counts) -> Counts:
    share, base = (y + 0.5) / (n + 1.0), (all_y + 0.5) / (all_n + 1.0)
    return np.asarray(np.log(share) - np.log(base))
