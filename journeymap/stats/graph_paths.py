"""Which ways through a graph are the shortest or most probable, and which places does nobody avoid?"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Iterator
from itertools import islice, pairwise
from typing import Any, NamedTuple

import networkx as nx

__all__ = [
    "WeightedPath",
    "gateways",
    "immediate_dominators",
    "likely_simple_paths",
    "likely_walks",
    "shortest_paths",
    "simple_paths_above",
]

_TIES = 200
_MOST_STATES = 100_000
_SAME = 1e-12


class WeightedPath(NamedTuple):
    """A way through a graph.

    Parameters
    ----------
    nodes : tuple
        From start to goal.
    weight : float
        Its length, or its probability.
    """

    nodes: tuple[Any, ...]
    weight: float


def shortest_paths(
    graph: nx.DiGraph[Any], start: Hashable, goal: Hashable, *, k: int = 1, weight: str = "weight"
) -> list[WeightedPath]:
    """Which k ways that visit nothing twice are the shortest?

    Parameters
    ----------
    graph : networkx.DiGraph
        Lengths of 0 or more on its edges.
    start, goal : hashable
        Its ends.
    k : int
        How many ways.
    weight : str
        The attribute that holds the lengths.

    Returns
    -------
    list of WeightedPath
        The shortest first; equally long ones with fewer nodes first, then in the order of the graph's
        nodes. Fewer than k where there are no more; empty where no way leads to the goal.

    References
    ----------
    Yen, J. Y. (1971). Finding the k shortest loopless paths in a network. Management Science 17, 712–716.

    Examples
    --------
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([("a", "b", 1), ("b", "c", 1), ("a", "c", 3)])
    >>> [(*path.nodes, path.weight) for path in shortest_paths(graph, "a", "c", k=2)]
    [('a', 'b', 'c', 2), ('a', 'c', 3)]
    """
    if start not in graph or goal not in graph or not nx.has_path(graph, start, goal):
        return []
    order = {node: number for number, node in enumerate(graph)}
    found: list[WeightedPath] = []
    for nodes in islice(nx.shortest_simple_paths(graph, start, goal, weight=weight), k + _TIES):
        length = nx.path_weight(graph, nodes, weight)
        if len(found) >= k and length > found[k - 1].weight * (1 + _SAME) + _SAME:
            break  # all ties with the last one wanted are in: their order must not hang on the search
        found.append(WeightedPath(tuple(nodes), length))
    found.sort(
        key=lambda path: (round(path.weight, 9), len(path.nodes), [order[node] for node in path.nodes])
    )
    return found[:k]


def likely_simple_paths(
    graph: nx.DiGraph[Any], start: Hashable, goal: Hashable, *, k: int = 1
) -> list[WeightedPath]:
    """Which k ways that visit nothing twice are the most probable?

    The probability of a way is the product of those of its moves: the shortest paths on −ln p.

    Parameters
    ----------
    graph : networkx.DiGraph
        Probabilities as ``probability`` on its edges.
    start, goal : hashable
        Its ends.
    k : int
        How many ways.

    Returns
    -------
    list of WeightedPath
        The most probable first; fewer than k where there are no more.

    References
    ----------
    Yen, J. Y. (1971). Finding the k shortest loopless paths in a network. Management Science 17, 712–716.

    Examples
    --------
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([("a", "b", 0.5), ("b", "c", 0.5), ("a", "c", 0.2)], "probability")
    >>> [(*path.nodes, path.weight) for path in likely_simple_paths(graph, "a", "c", k=2)]
    [('a', 'b', 'c', 0.25), ('a', 'c', 0.2)]
    """
    found = shortest_paths(_lengths(graph), start, goal, k=k)
    return [WeightedPath(path.nodes, _probability(graph, path.nodes)) for path in found]


def _lengths(graph: nx.DiGraph[Any]) -> nx.DiGraph[Any]:
    lengths: nx.DiGraph[Any] = nx.DiGraph()
    lengths.add_nodes_from(graph)
    for source, target, probability in graph.edges(data="probability"):
        if probability > 0:
            lengths.add_edge(source, target, weight=max(-math.log(probability), 0.0))
    return lengths


def _probability(graph: nx.DiGraph[Any], nodes: tuple[Any, ...]) -> float:
    return math.prod((float(graph.edges[edge]["probability"]) for edge in pairwise(nodes)), start=1.0)


def likely_walks(
    graph: nx.DiGraph[Any], start: Hashable, goal: Hashable, *, k: int = 1
) -> list[WeightedPath]:
    """Which k ways are the most probable, loops allowed?

    Best-first search: the way grows first whose probability so far, times that of the best way on from
    its end to the goal, is highest. As nothing beats that bound, ways come out in the order of their
    probability.

    Parameters
    ----------
    graph : networkx.DiGraph
        Probabilities as ``probability`` on its edges.
    start, goal : hashable
        Its ends; a walk ends when it first comes to the goal.
    k : int
        How many ways.

    Returns
    -------
    list of WeightedPath
        The most probable first; fewer than k where there are no more, or where 100,000 beginnings did
        not suffice (many ways that are about equally improbable).

    Examples
    --------
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([("a", "a", 0.4), ("a", "b", 0.5)], "probability")
    >>> [(*path.nodes, round(path.weight, 3)) for path in likely_walks(graph, "a", "b", k=3)]
    [('a', 'b', 0.5), ('a', 'a', 'b', 0.2), ('a', 'a', 'a', 'b', 0.08)]
    """
    search = _best_first(graph, start, goal, simple=False, floor=0.0)
    return list(islice(search, k))


def simple_paths_above(
    graph: nx.DiGraph[Any], start: Hashable, goal: Hashable, *, floor: float
) -> list[WeightedPath]:
    """Which ways that visit nothing twice are at least so probable?

    Parameters
    ----------
    graph : networkx.DiGraph
        Probabilities as ``probability`` on its edges.
    start, goal : hashable
        Its ends.
    floor : float
        The probability that a way must have, more than 0.

    Returns
    -------
    list of WeightedPath
        The most probable first, found by the search of `likely_walks` (and within its limit).

    Examples
    --------
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([("a", "b", 0.5), ("b", "c", 0.5), ("a", "c", 0.2)], "probability")
    >>> [path.nodes for path in simple_paths_above(graph, "a", "c", floor=0.21)]
    [('a', 'b', 'c')]
    """
    return list(_best_first(graph, start, goal, simple=True, floor=floor))


def _best_first(
    graph: nx.DiGraph[Any], start: Hashable, goal: Hashable, *, simple: bool, floor: float
) -> Iterator[WeightedPath]:
    onward = _best_onward(graph, goal)
    if start not in onward:
        return
    order = {node: number for number, node in enumerate(graph)}
    # rounded, so that equal bounds reached by different products tie and the shorter way comes first
    heap: list[tuple[float, int, tuple[int, ...], float, tuple[Any, ...]]] = [
        (-_rounded(onward[start]), 1, (order[start],), 1.0, (start,))
    ]
    for _ in range(_MOST_STATES):
        if not heap:
            return
        _, size, places, probability, nodes = heapq.heappop(heap)
        if nodes[-1] == goal:
            yield WeightedPath(nodes, probability)
            continue
        for target, data in graph.adj[nodes[-1]].items():
            if target not in onward or (simple and target in nodes):
                continue
            so_far = probability * data["probability"]
            bound = so_far * onward[target]
            if bound > 0 and bound >= floor * (1 - _SAME):
                heapq.heappush(
                    heap, (-_rounded(bound), size + 1, (*places, order[target]), so_far, (*nodes, target))
                )


def _rounded(probability: float) -> float:
    return float(f"{probability:.10e}")


def _best_onward(graph: nx.DiGraph[Any], goal: Hashable) -> dict[Any, float]:
    """How probable is the best way from each node to the goal; nodes that never get there are missing."""
    if goal not in graph:
        return {}
    lengths = _lengths(graph).reverse(copy=False)
    return {
        node: math.exp(-length)
        for node, length in nx.single_source_dijkstra_path_length(lengths, goal).items()
    }


def immediate_dominators(graph: nx.DiGraph[Any], start: Hashable) -> dict[Any, Any]:
    """Which is the last place that every way from the start to a node must pass?

    Parameters
    ----------
    graph : networkx.DiGraph
        The graph.
    start : hashable
        Where all ways begin.

    Returns
    -------
    dict
        Every other node that can be reached to its immediate dominator. The start itself is left out,
        whatever the version of networkx (before 3.6 it was its own dominator).

    Examples
    --------
    >>> immediate_dominators(nx.DiGraph([("s", "a"), ("s", "b"), ("a", "c"), ("b", "c")]), "s")["c"]
    's'
    """
    return {node: above for node, above in nx.immediate_dominators(graph, start).items() if node != start}


def gateways(graph: nx.DiGraph[Any], start: Hashable, goal: Hashable) -> tuple[Any, ...]:
    """Which places does nobody avoid on the way from the start to the goal?

    Parameters
    ----------
    graph : networkx.DiGraph
        The graph; leave out what is too rare to count before.
    start, goal : hashable
        The ends.

    Returns
    -------
    tuple
        The dominators of the goal in the order in which they are passed, without start and goal; empty
        where no way leads to the goal.

    Examples
    --------
    >>> gateways(nx.DiGraph([("s", "a"), ("a", "b"), ("a", "c"), ("b", "g"), ("c", "g")]), "s", "g")
    ('a',)
    """
    if start not in graph:
        return ()
    above = immediate_dominators(graph, start)
    found: list[Any] = []
    place: Any = goal
    while place in above and above[place] != start:
        place = above[place]
        found.append(place)
    return tuple(reversed(found))
