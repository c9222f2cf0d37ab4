"""The one way in which a share is judged: set against its peers, shrunk towards them, tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from journeymap.analysis.friction_point import BaselineSource, Signal
from journeymap.analysis.friction_values import unchecked
from journeymap.analysis.peers import Family, Peers
from journeymap.metrics.flow import WILSON_METHOD
from journeymap.metrics.signals_counts import Measured, Tally
from journeymap.model.measures import Estimate
from journeymap.stats.clusters import design_effect
from journeymap.stats.shares import effective_size, excess_test, wilson
from journeymap.stats.shrinkage import BetaPrior, fit_beta_priors

__all__ = [
    "AS_GOOD_AS_KNOWN",
    "Judge",
    "effective_counts",
    "effective_sizes",
    "judged_shares",
    "share_estimates",
]

Counts = NDArray[np.float64]
# a declared target is known exactly: as sure as a share counted this often
AS_GOOD_AS_KNOWN = 1e9
_SHRUNK_LEVEL = 0.9


class Judge(NamedTuple):
    """By what measure touchpoints are judged.

    Parameters
    ----------
    peers : Peers
        What each touchpoint is compared with.
    targets : dict
        (touchpoint, signal) to the declared level, used where there are no peers.
    min_visits : int
        With fewer visits, of its own or of its peers, a touchpoint is not tested.
    """

    peers: Peers
    targets: Mapping[tuple[str, str], float]
    min_visits: int


class _Share(NamedTuple):
    """One signal at all touchpoints where it can be counted, as arrays."""

    kind: str
    names: list[str]
    successes: Counts
    trials: Counts
    customers: Counts
    affected: Counts
    censored: list[int]
    definition: str
    unjudged: str


class _Others(NamedTuple):
    """The same pooled over the peers of each touchpoint."""

    successes: Counts
    trials: Counts
    worth: Counts


def effective_counts(successes: Counts, trials: Counts, customers: Counts) -> tuple[float, float]:
    """How many successes and trials of independent customers are these worth?

    Parameters
    ----------
    successes, trials, customers : ndarray
        Counts by customer group.

    Returns
    -------
    tuple of float
        Both divided by the design effect; 0 and 0 without trials.
    """
    total = float(trials.sum())
    if not total:
        return 0.0, 0.0
    size = effective_size(successes, trials, customers=int(customers.sum()))
    return float(successes.sum()) / total * size, size


def effective_sizes(successes: Counts, trials: Counts, customers: Counts) -> Counts:
    """How many independent trials are many shares worth?

    The same as `effective_size` for each, at once.

    Parameters
    ----------
    successes, trials : ndarray
        One row a share, one column a customer group.
    customers : ndarray
        Distinct customers behind each.

    Returns
    -------
    ndarray
        One size a share; 0 without trials.
    """
    hits, total = successes.sum(axis=1), trials.sum(axis=1)
    seen = np.count_nonzero(trials, axis=1)
    sizes = total / design_effect(successes, trials)
    # where the design effect cannot be seen no customer counts for more than one
    blind = (hits == 0) | (hits == total) | (seen == 1)
    return np.asarray(np.where(blind, np.minimum(sizes, np.where(customers > 0, customers, seen)), sizes))


def share_estimates(
    counts: Mapping[str, Tally], definition: str, *, level: float = 0.95
) -> dict[str, Estimate]:
    """How large are many shares, each with Wilson's interval at its effective sample size?

    Parameters
    ----------
    counts : mapping of str to Tally
        Touchpoint to its counts.
    definition : str
        What was counted, in words.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        In the same order; without value where there are no trials.
    """
    share = _arrays("", Measured(counts, definition), list(counts))
    sizes = effective_sizes(share.successes, share.trials, share.customers) if share.names else np.zeros(0)
    return dict(zip(share.names, _estimates(share, sizes, level=level), strict=True))


def judged_shares(signals: Sequence[tuple[str, Measured]], judge: Judge) -> list[Signal]:
    """How does every touchpoint stand in each signal that is a share?

    Parameters
    ----------
    signals : sequence of (str, Measured)
        The name of each signal, and its counts.
    judge : Judge
        By what measure.

    Returns
    -------
    list of Signal
        One for each touchpoint where there was something to count; not yet corrected for many tests.
    """
    shares = [
        _arrays(kind, measured, [name for name in judge.peers.family if name in measured.counts])
        for kind, measured in signals
    ]
    shares = [share for share in shares if share.names]
    sizes = [effective_sizes(share.successes, share.trials, share.customers) for share in shares]
    families = [_families(share, judge.peers) for share in shares]
    priors = iter(
        fit_beta_priors(
            (_worth(share, size)[members], size[members])
            for share, size, groups in zip(shares, sizes, families, strict=True)
            for members in groups.values()
        )
    )
    judged: list[Signal] = []
    for share, size, groups in zip(shares, sizes, families, strict=True):
        prior = {family: next(priors) for family in groups}
        judged += _judged(share, size, prior, groups, judge)
    return judged


def _arrays(kind: str, measured: Measured, names: list[str]) -> _Share:
    counts = [measured.counts[name] for name in names]

    def stacked(parts: Sequence[ArrayLike]) -> Counts:
        return np.array(parts, dtype=np.float64).reshape(len(names), -1 if names else 1)

    hits = [one.successes if one.affected is None else one.affected for one in counts]
    return _Share(
        kind,
        names,
        stacked([one.successes for one in counts]),
        stacked([one.trials for one in counts]),
        np.array([np.sum(one.customers) for one in counts], dtype=np.float64),
        np.array([np.sum(one) for one in hits], dtype=np.float64),
        [one.censored for one in counts],
        measured.definition,
        measured.unjudged,
    )


def _worth(share: _Share, sizes: Counts) -> Counts:
    """Give the successes that go with the effective sizes."""
    hits, total = share.successes.sum(axis=1), share.trials.sum(axis=1)
    return np.asarray(np.divide(hits * sizes, total, out=np.zeros_like(total), where=total > 0))


def _families(share: _Share, peers: Peers) -> dict[Family, list[int]]:
    members: dict[Family, list[int]] = {}
    for place, name in enumerate(share.names):
        members.setdefault(peers.family[name], []).append(place)
    return members


def _pooled(share: _Share, groups: Mapping[Family, list[int]]) -> _Others:
    y, n = np.zeros_like(share.successes), np.zeros_like(share.trials)
    customers = np.zeros_like(share.customers)
    for members in groups.values():
        y[members] = share.successes[members].sum(axis=0) - share.successes[members]
        n[members] = share.trials[members].sum(axis=0) - share.trials[members]
        customers[members] = share.customers[members].sum() - share.customers[members]
    return _Others(y.sum(axis=1), n.sum(axis=1), effective_sizes(y, n, customers))


def _estimates(share: _Share, sizes: Counts, *, level: float = 0.95) -> list[Estimate]:
    df = max(share.trials.shape[1] - 1, 1)
    hits, totals = share.successes.sum(axis=1), share.trials.sum(axis=1)
    found = []
    for place, (hit, total, size) in enumerate(
        zip(hits.tolist(), totals.tolist(), sizes.tolist(), strict=True)
    ):
        value = hit / total if total else None
        low, high = wilson((value or 0.0) * size, size, level=level, df=df) if total else (None, None)
        found.append(
            unchecked(
                Estimate,
                {
                    "value": value,
                    "low": low,
                    "high": high,
                    "n": int(total),
                    "customers": int(share.customers[place]),
                    "level": level,
                    "method": WILSON_METHOD if total else "",
                    "definition": share.definition,
                    "censored": share.censored[place],
                },
            )
        )
    return found


def _judged(
    share: _Share,
    sizes: Counts,
    priors: Mapping[Family, BetaPrior | None],
    groups: Mapping[Family, list[int]],
    judge: Judge,
) -> list[Signal]:
    others, worth = _pooled(share, groups), _worth(share, sizes)
    estimates = _estimates(share, sizes)
    shrunk = _shrunk(estimates, worth, sizes, [priors[judge.peers.family[name]] for name in share.names])
    df = max(share.trials.shape[1] - 1, 1)
    found = []
    for place, (name, estimate) in enumerate(zip(share.names, estimates, strict=True)):
        if estimate.value is None:
            continue
        baseline, against = None, (0.0, 0.0)
        source: BaselineSource | None = None
        peers = float(others.trials[place])
        if peers:
            baseline, source = float(others.successes[place]) / peers, "stage"
            against = baseline * float(others.worth[place]), float(others.worth[place])
        elif (name, share.kind) in judge.targets:
            baseline, source = judge.targets[name, share.kind], "target"
            peers = AS_GOOD_AS_KNOWN
            against = baseline * peers, peers
        tested = baseline is not None and not share.unjudged and min(estimate.n, peers) >= judge.min_visits
        found.append(
            unchecked(
                Signal,
                {
                    "kind": share.kind,
                    "touchpoint": name,
                    "estimate": estimate,
                    "baseline": baseline,
                    "baseline_source": source,
                    "excess": None if baseline is None else estimate.value - baseline,
                    "shrunk": shrunk[place],
                    "p": excess_test(float(worth[place]), float(sizes[place]), *against, df=df)
                    if tested
                    else None,
                    "affected": min(int(share.affected[place]), estimate.customers),
                    "unjudged": share.unjudged,
                },
            )
        )
    return found


def _shrunk(
    estimates: Sequence[Estimate], worth: Counts, sizes: Counts, priors: Sequence[BetaPrior | None]
) -> list[Estimate | None]:
    known = [place for place, prior in enumerate(priors) if prior is not None]
    alpha = np.array([0.0 if prior is None else prior.alpha for prior in priors]) + worth
    beta = np.array([0.0 if prior is None else prior.beta for prior in priors]) + (sizes - worth)
    ends = np.zeros((2, len(priors)))
    tails = np.array([[(1 - _SHRUNK_LEVEL) / 2], [(1 + _SHRUNK_LEVEL) / 2]])
    ends[:, known] = betaincinv(alpha[known], beta[known], tails)
    found: list[Estimate | None] = [None] * len(priors)
    for place in known:
        prior, estimate = priors[place], estimates[place]
        found[place] = unchecked(
            Estimate,
            {
                "value": float(alpha[place] / (alpha[place] + beta[place])),
                "low": float(ends[0, place]),
                "high": float(ends[1, place]),
                "n": estimate.n,
                "customers": estimate.customers,
                "level": _SHRUNK_LEVEL,
                "method": f"empirical Bayes among peers, {prior.method}" if prior else "",
                "definition": estimate.definition,
                "censored": estimate.censored,
            },
        )
    return found
