from __future__ import annotations

import math
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.stats.graph_paths import (
    gateways,
    immediate_dominators,
    likely_simple_paths,
    likely_walks,
    shortest_paths,
    simple_paths_above,
)


def graph_of(edges, weight="weight"):
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(edges, weight)
    return graph


def random_chain(seed, size=5):
    """Places 0 to size − 1 with moves that sum to less than 1; the last one is the goal."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(size + 1, 0.5), size)[:, :size]
    shares[shares < 0.05] = 0
    edges = [(a, b, shares[a, b]) for a in range(size - 1) for b in range(size) if shares[a, b]]
    graph = graph_of(edges, "probability")
    graph.add_nodes_from(range(size))
    return graph


def test_yen_example():
    # the usual example of Yen's algorithm: 5, 7 and 8 (ties at 8: C D F H, C E D F H, C E F G H)
    graph = graph_of([
        ("C", "D", 3), ("C", "E", 2), ("D", "F", 4), ("E", "D", 1), ("E", "F", 2), ("E", "G", 3),
        ("F", "G", 2), ("F", "H", 1), ("G", "H", 2),
    ])  # fmt: skip
    found = shortest_paths(graph, "C", "H", k=3)
    assert [("".join(path.nodes), path.weight) for path in found] == [("CEFH", 5), ("CEGH", 7), ("CDFH", 8)]
    assert len(shortest_paths(graph, "C", "H", k=50)) == 7


def test_dominators_of_lengauer_and_tarjan():
    # Lengauer and Tarjan 1979, figure 1
    ways = "R>A R>B R>C A>D B>A B>D B>E C>F C>G D>L E>H F>I G>I G>J H>E H>K I>K J>I K>I K>R L>H"
    graph = nx.DiGraph(tuple(way.split(">")) for way in ways.split())
    found = immediate_dominators(graph, "R")
    expected = dict.fromkeys("ABCDEHIK", "R") | {"F": "C", "G": "C", "J": "G", "L": "D"}
    assert found == expected  # the start itself is never in it, whatever the version of networkx


def test_betweenness_of_the_kite():
    # Krackhardt's kite, not normalised: Heather 14, Fernando and Garth 8.333, Ike 8, Diane 3.667
    found = nx.betweenness_centrality(nx.krackhardt_kite_graph(), normalized=False)
    assert [round(found[place], 3) for place in (7, 5, 6, 8, 3)] == [14, 8.333, 8.333, 8, 3.667]


def test_gateways():
    graph = nx.DiGraph([("s", "a"), ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "g"), ("x", "g")])
    assert gateways(graph, "s", "g") == ("a", "d")
    assert gateways(graph, "s", "x") == gateways(graph, "nowhere", "g") == ()


@given(st.integers(0, 10_000))
def test_most_probable_paths_are_those_of_trying_all(seed):
    graph = random_chain(seed)
    every = sorted(
        (
            math.prod(graph.edges[move]["probability"] for move in pairwise(nodes))
            for nodes in nx.all_simple_paths(graph, 0, 4)
        ),
        reverse=True,
    )
    found = [path.weight for path in likely_simple_paths(graph, 0, 4, k=6)]
    assert found == pytest.approx(every[:6])
    if every:
        floor = every[0] / 5
        above = [path.weight for path in simple_paths_above(graph, 0, 4, floor=floor)]
        assert above == pytest.approx([one for one in every if one >= floor])


@given(st.integers(0, 10_000))
def test_most_probable_walks_are_those_of_trying_all(seed):
    graph = random_chain(seed, size=4)
    found = likely_walks(graph, 0, 3, k=6)
    every, ahead = [], [((0,), 1.0)]
    for _ in range(7):
        grown = [
            ((*nodes, target), so_far * data["probability"])
            for nodes, so_far in ahead
            for target, data in graph.adj[nodes[-1]].items()
        ]
        every += [one for one in grown if one[0][-1] == 3]
        ahead = [one for one in grown if one[0][-1] != 3]
    best = sorted((one for _, one in every), reverse=True)
    longest = max((one for _, one in ahead), default=0.0)  # what longer walks can have at most
    sure = [one for one in best if one > longest][:6]
    assert [walk.weight for walk in found][: len(sure)] == pytest.approx(sure)
    assert len({walk.nodes for walk in found}) == len(found)
    if found:
        simple = likely_simple_paths(graph, 0, 3)[0]
        assert simple.weight == pytest.approx(found[0].weight)  # a loop never makes a walk more probable


def test_walks_of_one_loop():
    graph = graph_of([("s", "a", 1.0), ("a", "a", 0.5), ("a", "g", 0.5)], "probability")
    walks = likely_walks(graph, "s", "g", k=4)
    assert [walk.weight for walk in walks] == [0.5, 0.25, 0.125, 0.0625]


def test_no_way():
    graph = graph_of([("s", "a", 0.5)], "probability")
    graph.add_node("g")
    assert likely_simple_paths(graph, "s", "g", k=3) == likely_walks(graph, "s", "g") == []
    assert likely_walks(graph, "s", "nowhere") == shortest_paths(graph, "nowhere", "g") == []
