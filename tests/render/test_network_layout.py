"""Places of boxes and ways of arrows: nothing overlaps, nothing is crossed, nothing is lost."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.model.journey import Journey
from journeymap.render.network_arrangement import arranged, crossings
from journeymap.render.network_content import Link, network_of
from journeymap.render.network_layout import grids_of
from journeymap.render.network_lines import rounded, until_met
from journeymap.render.network_routing import Route, routed
from journeymap.render.network_tracks import Pins, apart, mixed_up, tracks_of
from tests.render import network_samples


def laid_out(journey):
    network = network_of(journey)
    grid = next(grids_of(network))
    return network, grid, routed(grid, network.links, heights={}, labelled=True)


def crossed_boxes(route, boxes):
    """Every box whose inside an arrow enters."""
    found = []
    for (x0, y0), (x1, y1) in pairwise(route.points):
        left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        for name, box in boxes.items():
            inside = left < box.right - 1e-6 and right > box.x + 1e-6
            if inside and top < box.bottom - 1e-6 and bottom > box.y + 1e-6:
                found.append(name)
    return found


def on_edge(point, box):
    x, y = point
    near = 1e-6
    beside = min(abs(x - box.x), abs(x - box.right)) < near and box.y <= y <= box.bottom
    above = min(abs(y - box.y), abs(y - box.bottom)) < near and box.x <= x <= box.right
    return beside or above


def taken_for_one(routes):
    """Pairs of arrows with different targets that run on top of each other."""
    found = []
    for one, other in combinations(routes, 2):
        if one.bus == other.bus and one.bus >= 0:
            continue
        for axis in (0, 1):
            for a, b in pairwise(one.points):
                for c, d in pairwise(other.points):
                    across = 1 - axis
                    if abs(a[across] - b[across]) > 1e-6 or abs(c[across] - d[across]) > 1e-6:
                        continue
                    shared = min(max(a[axis], b[axis]), max(c[axis], d[axis])) - max(
                        min(a[axis], b[axis]), min(c[axis], d[axis])
                    )
                    if abs(a[across] - c[across]) < 0.04 and shared > 0.03:
                        found.append((one.link, other.link))
    return found


@pytest.mark.parametrize("sample", network_samples.ALL)
def test_geometry_holds(sample):
    network, _, geometry = laid_out(network_samples.ALL[sample]())
    assert len(geometry.routes) == len(network.links)
    for one, other in combinations(geometry.boxes.values(), 2):
        assert not one.overlaps(other, gap=0.1)
    for route in geometry.routes:
        assert on_edge(route.points[0], geometry.boxes[route.link.source])
        assert on_edge(route.points[-1], geometry.boxes[route.link.target])
        assert crossed_boxes(route, geometry.boxes) == []
        for x, y in route.points:
            assert 0 <= x <= geometry.bands[-1][2]
            assert 0 <= y <= geometry.height
        for (x0, y0), (x1, y1) in pairwise(route.points):
            assert abs(x0 - x1) < 1e-6 or abs(y0 - y1) < 1e-6
    assert taken_for_one(geometry.routes) == []


@settings(deadline=None, max_examples=25)
@given(count=st.integers(2, 22), out=st.integers(1, 8), seed=st.integers(0, 99), staged=st.booleans())
def test_no_arrow_crosses_a_foreign_box(count, out, seed, staged):
    _, _, geometry = laid_out(network_samples.tangle(count, out, seed=seed, staged=staged))
    for route in geometry.routes:
        assert crossed_boxes(route, geometry.boxes) == []
        assert on_edge(route.points[0], geometry.boxes[route.link.source])
        assert on_edge(route.points[-1], geometry.boxes[route.link.target])
    places = [route.label for route in geometry.routes]
    for (x0, y0), (x1, y1) in combinations(places, 2):
        assert abs(x0 - x1) > 0.3 or abs(y0 - y1) > 0.1


def test_columns_follow_stages_and_hold_every_touchpoint_once():
    network, grid, _ = laid_out(network_samples.broadband())
    names = [name for column in grid.columns for name in column if name]
    assert sorted(names) == sorted(node.id for node in network.nodes)
    assert grid.bands == ("discovery", "evaluation", "purchase", "post_purchase", "loyalty")
    band_of = {node.id: node.band for node in network.nodes}
    for band, column in zip(grid.bands, grid.columns, strict=True):
        assert {band_of[name] for name in column if name} == {band}


def test_a_full_stage_gets_several_columns():
    crowd = Journey(name="Crowd", touchpoints=[
        {"id": f"t{number}", "stage": "purchase" if number else "discovery"} for number in range(18)
    ])  # fmt: skip
    grid = next(grids_of(network_of(crowd)))
    assert grid.bands == ("discovery", "purchase", "purchase", "purchase")
    assert grid.rows == 6


def test_without_stages_columns_go_by_position():
    network, grid, _ = laid_out(network_samples.tangle(19, 18, staged=False))
    position = {node.id: node.position for node in network.nodes}
    assert len(grid.columns) == 5
    for left, right in pairwise(grid.columns):
        assert max(position[name] for name in left if name) < min(position[name] for name in right if name)


def test_a_chain_in_a_stage_reads_downwards():
    chain = Journey(
        name="Chain",
        touchpoints=[{"id": name, "stage": "purchase"} for name in "cbad"],
        transitions=[{"source": a, "target": b, "share": 0.9} for a, b in pairwise("abcd")],
    )
    (column,) = next(grids_of(network_of(chain))).columns
    assert column == ("a", "b", "c", "d")


def test_neighbours_on_one_row_are_joined_by_a_straight_line():
    _, _, geometry = laid_out(network_samples.two())
    ((x0, y0), (x1, y1)) = geometry.routes[0].points
    assert y0 == y1
    assert x1 > x0


def test_the_same_on_every_run():
    assert laid_out(network_samples.broadband())[2] == laid_out(network_samples.broadband())[2]


def straight(bus, *points):
    return Route(link=Link(source="a", target="b"), points=points, label=points[0], kind="net", bus=bus)


def test_crossings_are_counted_by_place_and_not_within_a_bus():
    level, upright = straight(-1, (0, 1), (4, 1)), straight(-1, (2, 0), (2, 3))
    assert crossings([level, upright]) == 1
    assert crossings([level, straight(-1, (4, 0), (4, 3))]) == 0  # they only touch
    assert crossings([level, straight(-1, (0, 2), (4, 2))]) == 0
    two = [straight(7, (2, 0), (2, 3)), straight(7, (2, 0.5), (2, 3))]
    assert crossings([level, *two]) <= 2
    assert crossings([straight(7, (0, 1), (4, 1)), *two]) == 0
    same = [straight(7, (2, 0), (2, 3)), straight(7, (2, 0), (2, 3), (5, 3))]
    assert crossings([level, *same]) == 1


@pytest.mark.parametrize("sample", ["broadband", "long", "chinese", "sketch", "many"])
def test_of_several_arrangements_the_better_one_is_taken(sample):
    network = network_of(network_samples.ALL[sample]())
    tried = [(grid, routed(grid, network.links, heights={}, labelled=True)) for grid in grids_of(network)]
    prices = [grid.cost + 0.4 * crossings(geometry.routes) for grid, geometry in tried]
    assert arranged(network, heights={}, labelled=True) == tried[prices.index(min(prices))][1]


@pytest.mark.parametrize(
    ("sample", "most"),
    [("broadband", 6), ("sketch", 0), ("two", 0), ("long", 24), ("chinese", 21), ("forty", 180)],
)
def test_few_arrows_cross(sample, most):
    network = network_of(network_samples.ALL[sample]())
    assert crossings(arranged(network, heights={}, labelled=True).routes) <= most


@given(
    wanted=st.lists(st.floats(0, 10), min_size=1, max_size=6),
    gap=st.floats(0.05, 0.3),
)
def test_apart_keeps_order_distance_and_range(wanted, gap):
    placed = apart(wanted, [1.0] * len(wanted), gap=gap, low=0.0, high=10.0)
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(placed))
    assert placed[0] >= -1e-9
    assert placed[-1] <= 10 + 1e-9


def test_apart_leaves_what_fits_alone():
    assert apart([1.0, 2.0], [1.0, 1.0], gap=0.5, low=0.0, high=9.0) == [1.0, 2.0]
    low, high = apart([1.0, 1.0], [1.0, 1e9], gap=0.5, low=0.0, high=9.0)
    assert high == pytest.approx(1.0, abs=1e-6) or low == pytest.approx(0.5, abs=1e-6)


def test_tracks_avoid_crossings():
    # Both go up; the upper one must stand left of the lower one not to cross it.
    nets = {("low",): Pins([5.0], [2.0]), ("high",): Pins([4.0], [1.0])}
    tracks = tracks_of(nets)
    assert tracks["high",] < tracks["low",]
    assert mixed_up(nets, tracks) == []
    assert mixed_up({("a",): Pins([1.0], [2.0]), ("b",): Pins([2.0], [3.0])}, {("a",): 0, ("b",): 1}) == [
        2.0,
        2.0,
    ]


def test_what_joins_a_bus_stops_there():
    bus = [(0, 3), (1, 3), (1, 5), (2, 5)]
    assert until_met(bus, []) == tuple(bus)
    joined = until_met([(0, 1), (1, 1), (1, 5), (2, 5)], [bus])
    assert joined[-1] == pytest.approx((1, 3.13))
    level = until_met([(0, 5), (2, 5)], [bus])
    assert level[-1] == pytest.approx((1.13, 5))


def test_round_corners_start_and_end_where_the_line_does():
    smooth = rounded([(0, 0), (1, 0), (1, 0.1), (2, 0.1)])
    assert smooth[0] == (0, 0)
    assert smooth[-1] == (2, 0.1)
    assert len(smooth) % 3 == 1
