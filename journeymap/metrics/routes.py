"""Which ways do journeys take: through which stages, and from which touchpoint to which at each place?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any, Literal, NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from journeymap.errors import InvalidJourneyError, MissingEvidenceError, UnreachableEndError
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey

__all__ = ["MOST_PLACES", "PlaceFlow", "StageRoute", "place_flows", "stage_routes"]

Floats = NDArray[np.float64]
End = Literal["goal", "lost", "open", "ended"]
MOST_PLACES = 12
_MOST_STAGES = 16
_ENDS: tuple[End, ...] = ("goal", "lost", "ended", "open")
_ENOUGH = 1e-9
_NOTHING = 1e-15
_HINT = (
    "give 'entry_share' to the touchpoints where journeys begin and 'share' to the transitions, "
    "or discover the journey from a log: discover_journey(log, design)"
)


class StageRoute(Frozen):
    """Which stages some of the journeys come to, and how these journeys end.

    Parameters
    ----------
    stages : tuple of str
        The ids of the stages they come to, in the order of the stages; empty where they only come to
        touchpoints that belong to no stage.
    end : {"goal", "lost", "open", "ended"}
        Whether they reach the goal, are lost or are not decided yet; ``ended`` where the journey names no
        goal, so that nobody can miss it.
    weight : float
        How many journeys; in a designed journey the expected share of all journeys, 0 to 1.
    """

    stages: tuple[str, ...]
    end: End
    weight: float


class PlaceFlow(Frozen):
    """How many journeys go on from one touchpoint to another at one place of the journey, or end there.

    Parameters
    ----------
    place : int
        The number of the visit in its journey, from 1.
    source : str
        The touchpoint visited there.
    target : str
        The touchpoint visited next; empty where the journey ends.
    end : str
        How it ends there: ``goal``, ``lost``, ``open`` or ``ended``, see `StageRoute`; empty where it goes
        on.
    weight : float
        How many journeys; in a designed journey the expected share of all journeys, 0 to 1.
    """

    place: int
    source: str
    target: str
    end: Literal["goal", "lost", "open", "ended", ""]
    weight: float


def stage_routes(journey: Journey) -> tuple[StageRoute, ...]:
    """Through which stages do journeys go, and how do they end?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.

    Returns
    -------
    tuple of StageRoute
        Every set of stages with every end that occurs, those with earlier stages first. The weights add up
        to the journeys of an observed journey, and to 1 in a designed one.

    Raises
    ------
    MissingEvidenceError
        The observed journey was counted before routes were; the designed one lacks shares.
    UnreachableEndError
        By the shares of the design some journeys never end.

    Notes
    -----
    A route does not say in which order the stages came, nor how often. A floating touchpoint counts in the
    stage it is used at; in a design whose transitions name no stage for it, in none. What comes after the
    goal belongs to the route too. The numbers of a design are exact: they solve the chain of its shares,
    which has no memory.

    Examples
    --------
    >>> journey = Journey(name="Shop", goal="pay", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "entry_share": 1}, {"id": "pay", "stage": "purchase"}],
    ...     transitions=[{"source": "ad", "target": "pay", "share": 0.2}])
    >>> [(*route.stages, route.end, route.weight) for route in stage_routes(journey)]
    [('discovery', 'lost', 0.8), ('discovery', 'purchase', 'goal', 0.2)]
    """
    if journey.origin == "observed":
        counts = counts_by_group(journey, "routes", "journeys").sum(axis=1)
        keys = evidence_table(journey, "routes").keys
        found: Iterable[tuple[tuple[int, ...], End, float]] = [
            (_stages_of(bits), _end(journey, end), n) for (bits, end), n in zip(keys, counts, strict=True)
        ]
    else:
        found = _expected_routes(journey)
    weights: dict[tuple[tuple[int, ...], End], float] = defaultdict(float)
    for ranks, end, weight in found:
        weights[ranks, end] += float(weight)
    return tuple(
        StageRoute(stages=tuple(journey.stages[rank].id for rank in ranks), end=end, weight=weight)
        for (ranks, end), weight in sorted(
            weights.items(), key=lambda item: (item[0][0], _ENDS.index(item[0][1]))
        )
        if weight > 0
    )


def place_flows(journey: Journey, *, places: int = 8) -> tuple[PlaceFlow, ...]:
    """From which touchpoint to which do journeys go at their first, second, … visit?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    places : int
        How many places, 1 to 12.

    Returns
    -------
    tuple of PlaceFlow
        By place, then in the order of the graph; ends come after the targets. What flows on from one place is
        what flows through the next one, and the first place holds all journeys (1 in a designed journey).

    Raises
    ------
    InvalidJourneyError
        There cannot be so many places.
    MissingEvidenceError
        The observed journey was counted before places were; the designed one lacks shares.

    Examples
    --------
    >>> journey = Journey(name="Shop", goal="pay", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "entry_share": 1}, {"id": "pay", "stage": "purchase"}],
    ...     transitions=[{"source": "ad", "target": "pay", "share": 0.2}])
    >>> [(f.place, f.source, f.target or f.end, f.weight) for f in place_flows(journey)]
    [(1, 'ad', 'pay', 0.2), (1, 'ad', 'lost', 0.8), (2, 'pay', 'goal', 0.2)]
    """
    if not 1 <= places <= MOST_PLACES:
        raise InvalidJourneyError.because(f"places: {places}.", expected=f"Expected 1 to {MOST_PLACES}.")
    if journey.origin == "observed":
        counts = counts_by_group(journey, "places", "journeys").sum(axis=1)
        flows = [
            PlaceFlow(
                place=int(place), source=a, target=b, end=_end(journey, end) if end else "", weight=float(n)
            )
            for (place, a, b, end), n in zip(evidence_table(journey, "places").keys, counts, strict=True)
            if int(place) <= places and n
        ]
    else:
        flows = list(_expected_flows(journey, places))
    order = {node: number for number, node in enumerate([*journey.graph, ""])}
    merged: dict[tuple[int, str, str, str], PlaceFlow] = {}
    for flow in flows:  # lost and won are both "ended" without a goal
        key = (flow.place, flow.source, flow.target, flow.end)
        weight = flow.weight + (merged[key].weight if key in merged else 0.0)
        merged[key] = flow.model_copy(update={"weight": weight})
    return tuple(
        sorted(
            merged.values(),
            key=lambda f: (
                f.place,
                order.get(f.source, -1),
                order.get(f.target, -1),
                f.end and _ENDS.index(f.end),
            ),
        )
    )


def _stages_of(bits: str) -> tuple[int, ...]:
    return tuple(rank for rank, bit in enumerate(bits) if bit == "1")


def _end(journey: Journey, end: str) -> End:
    if end == "open":
        return "open"
    if not journey.goal:
        return "ended"
    return "goal" if end == "goal" else "lost"


class _Shares(NamedTuple):
    """The shares of a design as arrays over the nodes of its graph."""

    nodes: list[str]
    begin: Floats
    onward: Floats
    rest: Floats
    ranks: list[int | None]
    goals: NDArray[np.bool_]


def _shares(journey: Journey) -> _Shares:
    """Read the shares of a design; refuse it where those are missing that journeys come to."""
    graph = journey.graph
    nodes = list(graph)
    touchpoints = [graph.nodes[node]["touchpoint"] for node in nodes]
    begin = np.array([(t.entry_share or 0.0) * (t.id == n) for n, t in zip(nodes, touchpoints, strict=True)])
    if not begin.sum() or not journey.transitions:
        what = "entry shares" if journey.transitions else "transitions"
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} names no {what}, so nothing says how many journeys go which way.",
            hint=_HINT,
        )
    edges = [(a, b, data["transition"].share) for a, b, data in graph.edges(data=True)]
    walk: nx.DiGraph[str] = nx.DiGraph()
    walk.add_nodes_from(nodes)
    walk.add_edges_from((a, b) for a, b, share in edges if share != 0)
    used = _all_from(walk, [node for node, share in zip(nodes, begin, strict=True) if share])
    edges = [edge for edge in edges if edge[0] in used]
    _refuse_missing(journey, [(a, b) for a, b, share in edges if share is None])
    number = {node: n for n, node in enumerate(nodes)}
    onward = np.zeros((len(nodes), len(nodes)))
    for source, target, share in edges:
        onward[number[source], number[target]] = share
    rest = 1 - onward.sum(axis=1)
    ranks = {stage.id: rank for rank, stage in enumerate(journey.stages)}
    goals = goal_touchpoints(journey)
    return _Shares(
        nodes,
        begin / begin.sum(),
        onward,
        np.where(rest > _ENOUGH, rest, 0.0),
        [ranks.get(graph.nodes[node]["stage"]) for node in nodes],
        np.array([touchpoint.id in goals for touchpoint in touchpoints]),
    )


def _all_from(walk: nx.DiGraph[Any], starts: Iterable[Any]) -> set[Any]:
    found = set(starts)
    return found.union(*(nx.descendants(walk, start) for start in list(found)))


def _refuse_missing(journey: Journey, lacking: list[tuple[str, str]]) -> None:
    if lacking:
        shown = ", ".join(f"{source!r} to {target!r}" for source, target in lacking[:3])
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""  # noqa: PLR2004
        raise MissingEvidenceError.because(
            f"transitions of journey {journey.name!r} have no share: {shown}{more}.", hint=_HINT
        )


def _refuse_endless(journey: Journey, shares: _Shares) -> None:
    walk: nx.DiGraph[int] = nx.DiGraph()
    walk.add_nodes_from(range(len(shares.nodes)))
    walk.add_edges_from(zip(*np.nonzero(shares.onward), strict=True))
    used = _all_from(walk, np.flatnonzero(shares.begin))
    ending = _all_from(walk.reverse(), np.flatnonzero(shares.rest))
    for stuck in sorted(used - ending):
        raise UnreachableEndError.because(
            f"a journey that comes to {shares.nodes[stuck]!r} in {journey.name!r} never ends.",
            expected="Expected shares that sum to less than 1 somewhere on the way.",
            hint="lower a share, so that some journeys end",
        )


def _expected_routes(journey: Journey) -> Iterable[tuple[tuple[int, ...], End, float]]:
    """Solve the chain over (stages come to so far, won or not, touchpoint), one block after the other.

    A journey never forgets a stage or its goal, so blocks with fewer stages come first, and each is a
    linear system over its touchpoints alone.
    """
    if len(journey.stages) > _MOST_STAGES:
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} has {len(journey.stages)} stages: too many routes to work out.",
            expected=f"Expected at most {_MOST_STAGES}.",
        )
    shares = _shares(journey)
    _refuse_endless(journey, shares)
    bits = np.array([0 if rank is None else 1 << rank for rank in shares.ranks])
    size = len(shares.nodes)
    arrivals: dict[tuple[int, int, bool], Floats] = {}
    waiting: list[tuple[int, int, bool]] = []

    def arrive(met: int, node: int, share: float, *, won: bool) -> None:
        reached = met | int(bits[node])
        block = (reached.bit_count(), reached, won or bool(shares.goals[node]))
        if block not in arrivals:
            arrivals[block] = np.zeros(size)
            heappush(waiting, block)
        arrivals[block][node] += share

    for node in np.flatnonzero(shares.begin):
        arrive(0, int(node), float(shares.begin[node]), won=False)
    while waiting:
        block = heappop(waiting)
        _, met, won = block
        inside = ((bits & ~met) == 0) & (won | ~shares.goals)
        within = shares.onward[np.ix_(inside, inside)]
        visits = np.linalg.solve(np.eye(len(within)) - within.T, arrivals.pop(block)[inside])
        ends = float(visits @ shares.rest[inside])
        ranks = tuple(rank for rank in range(len(journey.stages)) if met >> rank & 1)
        yield ranks, _end(journey, "goal" if won else "lost"), ends
        leaving = np.where(inside, 0.0, visits @ shares.onward[inside])
        for node in np.flatnonzero(leaving > _NOTHING):
            arrive(met, int(node), float(leaving[node]), won=won)


def _expected_flows(journey: Journey, places: int) -> Iterable[PlaceFlow]:
    shares = _shares(journey)
    lost, won = np.where(shares.goals, 0.0, shares.begin), np.where(shares.goals, shares.begin, 0.0)
    for place in range(1, places + 1):
        moved = (lost + won)[:, np.newaxis] * shares.onward
        for a, b in zip(*np.nonzero(moved > _NOTHING), strict=True):
            source, target = shares.nodes[a], shares.nodes[b]
            yield PlaceFlow(place=place, source=source, target=target, end="", weight=float(moved[a, b]))
        for end, present in (("goal", won), ("lost", lost)):
            for a in np.flatnonzero(present * shares.rest > _NOTHING):
                weight = float(present[a] * shares.rest[a])
                yield PlaceFlow(
                    place=place, source=shares.nodes[a], target="", end=_end(journey, end), weight=weight
                )
        lost_on, won_on = lost @ shares.onward, won @ shares.onward
        lost, won = np.where(shares.goals, 0.0, lost_on), won_on + np.where(shares.goals, lost_on, 0.0)
