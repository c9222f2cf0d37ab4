"""How many service contacts fewer would there be if every touchpoint led there as seldom as its best peer?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_signals import effective_sizes
from journeymap.analysis.peers import Family, find_peers
from journeymap.analysis.service_trigger import TriggerRules
from journeymap.metrics.counts import touchpoint_counts
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import all_and_without, group_jackknife
from journeymap.stats.multiplicity import benjamini_hochberg
from journeymap.stats.shares import excess_test
from journeymap.stats.shrinkage import fit_beta_prior

__all__ = ["Avoidable", "Begun", "avoidable_contacts"]

Counts = NDArray[np.float64]
_METHOD = "group jackknife; the low end counts only touchpoints that stand out from their peers"
_DEFINITION = (
    "visits × (episodes of service after a visit − the same at the best touchpoint of the stage, both shrunk)"
    " × contacts of such an episode, model-implied"
)


class Begun(NamedTuple):
    """The episodes that begin after a touchpoint, and their contacts, by customer group.

    Parameters
    ----------
    episodes, contacts : ndarray
        One count a group.
    """

    episodes: Counts
    contacts: Counts


class Avoidable(NamedTuple):
    """Contacts that would be fewer.

    Parameters
    ----------
    whole : Estimate
        In all; without value where no touchpoint has a peer.
    single : dict of str to Estimate
        By touchpoint before.
    """

    whole: Estimate
    single: dict[str, Estimate]


class _Stage(NamedTuple):
    """The touchpoints of one stage outside service, all groups first and then without each."""

    names: list[str]
    episodes: Counts
    visits: Counts
    contacts: Counts
    worth: Counts
    p: list[float | None]


def avoidable_contacts(
    journey: Journey, begun: Mapping[str, Begun], rules: TriggerRules, *, customers: int
) -> Avoidable:
    """How many service contacts fewer if every touchpoint led there as seldom as the best of its stage?

    ``A = Σ_v n_v (T_v − min_u T_u) c_v`` with n_v the visits of v, T_v the share of visits that an episode of
    service begins after, shrunk towards the touchpoints u of the same stage outside service, and c_v the mean
    number of contacts of such an episode.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    begun : mapping of str to Begun
        Touchpoint to the episodes that began after it.
    rules : TriggerRules
        When a touchpoint stands out.
    customers : int
        Customers behind the contacts.

    Returns
    -------
    Avoidable
        Numbers of contacts, 0 or more. The interval is the group jackknife of the whole computation (weights
        of the shrinkage kept). The least of many shares is low by chance as well; so a touchpoint counts at
        the low end only where it leads to service more often than its peers together, after correction for
        many tests.

    Raises
    ------
    MissingEvidenceError
        The journey does not carry its counts.
    """
    stages = _stages(journey, begun, rules)
    saved: dict[str, Counts] = {}
    tests: dict[str, float] = {}
    for stage in stages:
        shares = _shrunk(stage)
        best = shares.min(axis=0)
        mean = np.divide(
            stage.contacts, stage.episodes, out=np.zeros_like(stage.contacts), where=stage.episodes > 0
        )
        fewer = stage.visits * (shares - best) * mean
        for row, name in enumerate(stage.names):
            if stage.episodes[row, 0]:
                saved[name] = fewer[row]
            p = stage.p[row]
            if p is not None:
                tests[name] = p
    if not saved:
        return Avoidable(Estimate(value=None, definition=_DEFINITION), {})
    adjusted = dict(zip(tests, benjamini_hochberg(list(tests.values())), strict=True))
    sure = {name for name, p in adjusted.items() if p <= rules.level}
    none = np.zeros_like(next(iter(saved.values())))
    single = {
        name: _estimate(values, values if name in sure else none, int(begun[name].contacts.sum()), customers)
        for name, values in saved.items()
    }
    total = np.sum(list(saved.values()), axis=0)
    held = np.sum([none, *(values for name, values in saved.items() if name in sure)], axis=0)
    contacts = int(sum(of.contacts.sum() for of in begun.values()))
    return Avoidable(_estimate(total, held, contacts, customers), single)


def _stages(journey: Journey, begun: Mapping[str, Begun], rules: TriggerRules) -> list[_Stage]:
    visits, who = touchpoint_counts(journey, "visits"), touchpoint_counts(journey, "customers")
    found = []
    for names in _families(journey, visits).values():
        n = np.array([visits[name] for name in names])
        none = np.zeros(n.shape[1])
        episodes, contacts = (
            np.array([getattr(begun[name], part) if name in begun else none for name in names])
            for part in ("episodes", "contacts")
        )
        # two episodes may begin after one visit, long after each other; the visit leads there once
        led = np.minimum(episodes, n)
        people = np.array([who[name].sum() for name in names])
        sizes = effective_sizes(led, n, people)
        rest_y, rest_n = led.sum(axis=0) - led, n.sum(axis=0) - n
        rest = effective_sizes(rest_y, rest_n, people.sum() - people)
        worth = sizes / n.sum(axis=1)
        tests: list[float | None] = []
        for row in range(len(names)):
            own, others = float(n[row].sum()), float(rest_n[row].sum())
            tests.append(
                excess_test(
                    float(led[row].sum() * worth[row]), float(sizes[row]),
                    float(rest_y[row].sum() / others * rest[row]), float(rest[row]),
                    df=max(n.shape[1] - 1, 1),
                )
                if min(own, others) >= rules.min_visits
                else None
            )  # fmt: skip
        found.append(
            _Stage(names, all_and_without(led), all_and_without(n), all_and_without(contacts), worth, tests)
        )
    return found


def _families(journey: Journey, visits: Mapping[str, Counts]) -> dict[Family, list[str]]:
    """Touchpoints outside service that somebody visits, by stage; only where there are two to compare."""
    members = {
        family: [name for name in names if visits[name].sum()]
        for family, names in find_peers(journey).members.items()
        if not family[1]
    }
    return {family: names for family, names in members.items() if len(names) > 1}


def _shrunk(stage: _Stage) -> Counts:
    """Pull the shares of a stage towards each other, for all groups and without each."""
    y, n = stage.episodes * stage.worth[:, None], stage.visits * stage.worth[:, None]
    prior = fit_beta_prior(y[:, 0], n[:, 0])
    if prior is None:
        return np.divide(y, n, out=np.zeros_like(n), where=n > 0)
    return np.asarray((prior.alpha + y) / (prior.alpha + prior.beta + n))


def _estimate(values: Counts, sure: Counts, contacts: int, customers: int) -> Estimate:
    found, least = (group_jackknife(float(part[0]), part[1:]) for part in (values, sure))
    return Estimate(
        value=found.value,
        low=None if least.low is None else max(0.0, min(least.low, found.value)),
        high=found.high,
        n=contacts,
        customers=customers,
        method=_METHOD,
        definition=_DEFINITION,
    )
