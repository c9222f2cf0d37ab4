"""What happens around contacts that the company begins: before them, after them, and next?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.service_proactive_report import ProactiveEffect, WhatFollows
from journeymap.metrics.counts import (
    counts_by_group,
    evidence_table,
    goal_touchpoints,
    group_count,
    touchpoint_counts,
)
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import jackknife_variance, leave_one_out, t_quantile
from journeymap.stats.rates import grouped_rate

__all__ = ["proactive_effect"]

Counts = NDArray[np.float64]
_MONTH_US = 30 * 86_400e6
_RATE = "contacts that customers began / customers' time seen in 30 days, {} the first proactive contact"
_RATIO = (
    "contacts that customers began after the first proactive contact / before it, each for the time seen;"
    " own before and after, no comparison with others"
)
_FOLLOWS = "service contacts that the {} began, followed by it / service contacts that the {} began"
_PROACTIVE = "service contacts that the company began / service contacts"
_WHO = ("company", "customer")


def proactive_effect(journey: Journey, contacts: Counts, customers: int) -> ProactiveEffect | None:
    """How often do customers seek help before and after the company first came to them, and what follows?

    ``ratio = (k₁ / T₁) / (k₀ / T₀)`` with k contacts that the customers began and T the time in which they
    were seen, before (0) and after (1) the first contact that the company began.

    Parameters
    ----------
    journey : Journey
        An observed journey with ``around_proactive`` and ``after_proactive``.
    contacts : ndarray
        All service contacts by customer group, whoever began them.
    customers : int
        The customers who had one.

    Returns
    -------
    ProactiveEffect or None
        None where the company began no contact. The ratio has no value where nothing was counted on one of
        the sides.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such counts.

    Notes
    -----
    Companies approach customers who struggle, and who struggles today asks for less help next month anyway
    (regression to the mean). Those who leave are not seen afterwards. Only customers seen before and after
    count, so that both rates are of the same people; the first and the last event, which bound the time that
    they are seen, count on neither side.
    """
    follows = dict(
        zip(
            evidence_table(journey, "after_proactive").keys,
            counts_by_group(journey, "after_proactive", "contacts"),
            strict=True,
        )
    )
    begun = {who: sum((of for key, of in follows.items() if key[0] == who), np.zeros_like(contacts))
             for who in _WHO}  # fmt: skip
    if not begun["company"].sum():
        return None
    around = {name: counts_by_group(journey, "around_proactive", name).sum(axis=0) for name in (
        "customers", "compared", "contacts_before", "us_before", "contacts_after", "us_after")}  # fmt: skip
    compared = int(around["compared"].sum())
    sides = [(around[f"contacts_{side}"], around[f"us_{side}"] / _MONTH_US) for side in ("before", "after")]
    return ProactiveEffect(
        customers=int(around["customers"].sum()),
        compared=compared,
        contacts=int(begun["company"].sum()),
        share=share_estimate(begun["company"], contacts, customers=customers, definition=_PROACTIVE),
        by_stage=_by_stage(journey),
        before=_rate(*sides[0], compared, _RATE.format("before")),
        after=_rate(*sides[1], compared, _RATE.format("after")),
        ratio=_ratio(sides[1], sides[0], compared, max(group_count(journey) - 1, 1)),
        follows=_follows(
            journey,
            follows,
            begun,
            {
                "company": int(around["customers"].sum()),
                "customer": int(counts_by_group(journey, "cause_overall", "customers").sum()),
            },
        ),
    )


def _rate(contacts: Counts, time: Counts, customers: int, definition: str) -> Estimate:
    found = grouped_rate(contacts, time)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=int(found.n),
        customers=customers,
        method="Garwood at the effective count" if found.value is not None else "",
        definition=definition,
    )


def _ratio(after: tuple[Counts, Counts], before: tuple[Counts, Counts], customers: int, df: int) -> Estimate:
    """Relate the rates of the same customers, half a contact added on each side for the interval."""
    (k1, t1), (k0, t0) = after, before
    sums = [float(part.sum()) for part in (k1, t1, k0, t0)]
    about = {"n": int(sums[0] + sums[2]), "customers": customers, "definition": _RATIO}
    if not min(sums[1], sums[2], sums[3]) > 0:
        return Estimate(value=None, **about)
    value = sums[0] / sums[1] / (sums[2] / sums[3])
    centre = _log_ratio(*(np.asarray(part) for part in sums))
    with np.errstate(divide="ignore", invalid="ignore"):
        without = _log_ratio(*(leave_one_out(part) for part in (k1, t1, k0, t0)))
    # never narrower than if every contact were another customer's
    least = 1 / (sums[0] + 0.5) + 1 / (sums[2] + 0.5)
    reach = t_quantile(0.95, df) * math.sqrt(max(float(jackknife_variance(centre, without)), least))
    low, high = (math.exp(float(centre) + sign * reach) for sign in (-1, 1))
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        method="group jackknife on the log scale",
        **about,
    )


def _log_ratio(k1: Counts, t1: Counts, k0: Counts, t0: Counts) -> Counts:
    return np.asarray(np.log((k1 + 0.5) / t1) - np.log((k0 + 0.5) / t0))


def _by_stage(journey: Journey) -> tuple[tuple[str, Estimate], ...]:
    visits = touchpoint_counts(journey, "visits")
    who = dict(
        zip(
            evidence_table(journey, "service").keys,
            counts_by_group(journey, "service", "customers").sum(axis=1),
            strict=True,
        )
    )
    found = []
    for stage in journey.stages:
        own = [(t.service, visits[t.id]) for t in journey.touchpoints if t.stage == stage.id and t.service]
        if not own or not sum(counts.sum() for _, counts in own):
            continue
        whole = np.sum([counts for _, counts in own], axis=0)
        company = [counts for service, counts in own if service and service.initiator == "company"]
        share = share_estimate(
            np.sum([*company, np.zeros_like(whole)], axis=0),
            whole,
            customers=int(who.get((stage.id, "service"), 0)),
            definition=f"{_PROACTIVE}, at {stage.name}",
        )
        found.append((stage.name, share))
    return tuple(found)


def _follows(
    journey: Journey,
    follows: dict[tuple[str, ...], Counts],
    begun: dict[str, Counts],
    customers: dict[str, int],
) -> tuple[WhatFollows, ...]:
    ended = {} if goal_touchpoints(journey) else {"lost": "ended"}
    nobody = np.zeros_like(begun["company"])

    def share(who: str, what: str) -> Estimate:
        return share_estimate(
            follows.get((who, what), nobody),
            begun[who],
            customers=customers[who],
            definition=_FOLLOWS.format(who, who),
        )

    kinds = sorted({key[1] for key in follows}, key=_ORDER.index)
    return tuple(
        WhatFollows(
            what=ended.get(what, what), company=share("company", what), customer=share("customer", what)
        )
        for what in kinds
    )


_ORDER = ("goal", "reactive", "proactive", "other", "won", "lost", "open")
