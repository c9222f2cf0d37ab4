"""Simulate the events of a journey whose truth is known."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

import networkx as nx
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from journeymap.errors import InvalidJourneyError, UnreachableEndError
from journeymap.events.log import EventLog, moment
from journeymap.model.journey import Journey
from journeymap.model.transitions import Wait

__all__ = ["simulate_events"]

_NORMAL_P90 = 1.2815515655446004
_MICROSECOND = timedelta(microseconds=1)
_USUAL_MEDIAN = timedelta(hours=1)
_ENOUGH = 1e-9
_MOST_EVENTS = 100_000


class _Chain(NamedTuple):
    """The walk that customers take, as arrays over the nodes."""

    nodes: list[str]
    begin: NDArray[np.float64]
    cumulative: NDArray[np.float64]
    mu: NDArray[np.float64]
    sigma: NDArray[np.float64]
    exponential: NDArray[np.bool_]


def simulate_events(
    journey: Journey,
    *,
    customers: int = 1_000,
    seed: int = 0,
    start: str | date | datetime = "2024-01-01",
    period: timedelta = timedelta(days=180),
) -> EventLog:
    """What would a log look like if customers really walked like this?

    Every customer begins at a touchpoint by its ``entry_share`` and walks along the transitions by their
    ``share``; what the shares out of a touchpoint lack to 1 is the chance that the journey ends there.

    Parameters
    ----------
    journey : Journey
        Designed or observed, with shares on its transitions. Touchpoints without any share going out go on
        to each target alike; without entry shares journeys begin where no transition leads.
    customers : int
        How many customers, one journey each.
    seed : int
        The same seed gives the same log.
    start : str, date or datetime
        The earliest beginning of a journey, without time zone.
    period : timedelta
        Journeys begin evenly spread over this time.

    Returns
    -------
    EventLog
        An Arrow table in order of time with the columns ``customer_id``, ``event`` (the touchpoint's first
        raw event), ``timestamp`` and ``channel`` (its first channel, empty where it has none).

    Raises
    ------
    InvalidJourneyError
        There are no touchpoints, or only some of the transitions out of a touchpoint have shares.
    UnreachableEndError
        Journeys that come to a touchpoint could never end.

    Notes
    -----
    Waits are log-normal where a median and a 90 % quantile are given, exponential where only a median or
    a mean is, and exponential with a median of one hour where nothing is.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad"}, {"id": "pay"}],
    ...     transitions=[{"source": "ad", "target": "pay", "share": 0.2}])
    >>> simulate_events(journey, customers=5, seed=1).source.column_names
    ['customer_id', 'event', 'timestamp', 'channel']
    """
    if customers < 1:
        raise InvalidJourneyError.because(
            f"customers: {customers} is too few.", expected="Expected at least 1."
        )
    chain = _chain(journey)
    rng = np.random.default_rng(seed)
    who, where, when = _walk(chain, customers, period // _MICROSECOND, rng)
    order = np.lexsort((who, when))
    touchpoints = [journey.graph.nodes[node]["touchpoint"] for node in chain.nodes]
    raw = [touchpoint.raw_events[0] for touchpoint in touchpoints]
    channels = [r.channel or next(iter(t.channels), None) for r, t in zip(raw, touchpoints, strict=True)]
    width = len(str(customers))
    names = pa.array([f"c{number:0{width}d}" for number in range(1, customers + 1)])
    at = moment(start, "start")
    if at.aware:
        raise InvalidJourneyError.because("start: a time with a zone.", expected="Expected one without.")
    table = pa.table({
        "customer_id": names.take(pa.array(who[order])),
        "event": pa.array([r.event for r in raw]).take(pa.array(where[order])),
        "timestamp": pa.array(when[order] + at.microseconds, pa.int64()).cast(pa.timestamp("us")),
        "channel": pa.array(channels, pa.string()).take(pa.array(where[order])),
    })  # fmt: skip
    return EventLog(
        table, customer_col="customer_id", event_col="event", time_col="timestamp", channel_col="channel"
    )


def _chain(journey: Journey) -> _Chain:
    nodes = list(journey.graph.nodes)
    if not nodes:
        raise InvalidJourneyError.because(
            f"{journey.name!r} has no touchpoints.", hint="add touchpoints first"
        )
    size = len(nodes)
    number = {node: n for n, node in enumerate(nodes)}
    shares = np.zeros((size, size))
    mu, sigma = np.zeros((size, size)), np.zeros((size, size))
    exponential = np.ones((size, size), dtype=bool)
    for source, row in zip(nodes, _share_rows(journey, nodes), strict=True):
        for target, share in row.items():
            at = number[source], number[target]
            shares[at] = share
            mu[at], sigma[at], exponential[at] = _wait(journey.graph.edges[source, target]["transition"].wait)
    _refuse_endless(journey, nodes, shares)
    return _Chain(nodes, _beginnings(journey, nodes), np.cumsum(shares, axis=1), mu, sigma, exponential)


def _share_rows(journey: Journey, nodes: list[str]) -> list[dict[str, float]]:
    rows = []
    for node in nodes:
        given = {t: data["transition"].share for _, t, data in journey.graph.out_edges(node, data=True)}
        known = {target: share for target, share in given.items() if share is not None}
        if known and len(known) < len(given):
            lacking = next(target for target in given if target not in known)
            raise InvalidJourneyError.because(
                f"the transition from {node!r} to {lacking!r} has no share, others out of {node!r} have.",
                expected="Expected shares on all or on none of them.",
                hint="add 'share' to it",
            )
        rows.append(known or {target: 1 / len(given) for target in given})
    return rows


def _wait(wait: Wait | None) -> tuple[float, float, bool]:
    """The logarithm of the median in microseconds, the spread, and whether the wait is exponential."""
    if wait is not None and wait.median is not None and wait.p90 is not None and wait.p90 > wait.median:
        middle = float(np.log(max(wait.median / _MICROSECOND, 1.0)))
        return middle, (float(np.log(wait.p90 / _MICROSECOND)) - middle) / _NORMAL_P90, False
    median = _USUAL_MEDIAN
    if wait is not None and wait.median is not None:
        median = wait.median
    elif wait is not None and wait.mean is not None:
        median = wait.mean * float(np.log(2))
    return float(np.log(max(median / _MICROSECOND, 1.0))), 0.0, True


def _refuse_endless(journey: Journey, nodes: list[str], shares: NDArray[np.float64]) -> None:
    ends = [node for node, left in zip(nodes, 1 - shares.sum(axis=1), strict=True) if left > _ENOUGH]
    walk: nx.DiGraph[str] = nx.DiGraph()
    walk.add_nodes_from(nodes)
    rows, columns = np.nonzero(shares)
    walk.add_edges_from((nodes[column], nodes[row]) for row, column in zip(rows, columns, strict=True))
    reachable = set(ends).union(*(nx.descendants(walk, end) for end in ends)) if ends else set()
    for node in nodes:
        if node not in reachable:
            raise UnreachableEndError.because(
                f"a journey that comes to {node!r} in {journey.name!r} never ends.",
                expected="Expected shares that sum to less than 1 somewhere on the way.",
                hint="lower a share, so that some journeys end",
            )


def _beginnings(journey: Journey, nodes: list[str]) -> NDArray[np.float64]:
    given = np.zeros(len(nodes))
    for n, node in enumerate(nodes):
        touchpoint = journey.graph.nodes[node]["touchpoint"]
        if node == touchpoint.id:
            given[n] = touchpoint.entry_share or 0.0
    if not given.any():
        starts = [n for n, node in enumerate(nodes) if journey.graph.in_degree(node) == 0] or [0]
        given[starts] = 1.0
    return np.asarray(given / given.sum())


def _walk(
    chain: _Chain, customers: int, period: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All customers take their n-th steps together."""
    who = np.arange(customers)
    where = rng.choice(len(chain.nodes), size=customers, p=chain.begin)
    when = rng.integers(0, max(period, 1), size=customers)
    steps = [(who, where, when)]
    for _ in range(_MOST_EVENTS):
        draw = rng.random(who.size)
        following = (draw[:, np.newaxis] >= chain.cumulative[where]).sum(axis=1)
        goes_on = following < len(chain.nodes)
        who, before, when, where = who[goes_on], where[goes_on], when[goes_on], following[goes_on]
        if not who.size:
            break
        at = before, where
        normal = np.exp(chain.mu[at] + chain.sigma[at] * rng.standard_normal(who.size))
        memoryless = np.exp(chain.mu[at]) / np.log(2) * rng.standard_exponential(who.size)
        wait = np.where(chain.exponential[at], memoryless, normal)
        # at least a microsecond, so that the order of a customer's events is beyond doubt
        when = when + np.maximum(np.rint(wait).astype(np.int64), 1)
        steps.append((who, where, when))
    return tuple(np.concatenate(column) for column in zip(*steps, strict=True))  # type: ignore[return-value]
