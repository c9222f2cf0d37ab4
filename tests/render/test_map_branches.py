"""Arcs above the touchpoints: which are drawn, where they stand, what they say."""

from __future__ import annotations

from itertools import combinations

import pytest

from journeymap.datasets import example_journey
from journeymap.model.journey import Journey
from journeymap.render.journey_map import draw_map, map_scene
from journeymap.render.map_branches import MOST_BRANCHES, choose_branches
from journeymap.render.map_columns import choose_columns, fold
from journeymap.render.scene import Arrow, Box
from tests.render.lived import lived
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults


def shop(*ways, floating=False):
    names = ["a", "b", "c", "d"]
    rows = [{"id": name, "stage": "purchase"} for name in names]
    rows += [{"id": "help", "service": {}}] if floating else []
    return Journey(name="Shop", touchpoints=rows, transitions=[
        {"source": source, "target": target, "share": share} for source, target, share in ways])  # fmt: skip


def arcs(scene):
    return [item for item in scene.items if isinstance(item, Arrow) and item.mark in {"branch", "back"}]


def chosen(journey, most=12):
    columns = choose_columns(journey).shown
    return choose_branches(journey, columns, fold(columns, most))


def test_only_what_leaves_the_line_of_columns_is_an_arc():
    journey = shop(
        ("a", "b", 0.5), ("a", "c", 0.3), ("b", "b", 0.2), ("c", "a", 0.1), ("d", "help", 0.4), floating=True
    )
    assert arcs(map_scene(journey)) == []
    scene = map_scene(journey, show_branches=True)
    assert {(arc.joins, arc.mark, arc.dash) for arc in arcs(scene)} == {
        (("a", "c"), "branch", "solid"), (("c", "a"), "back", "dashed"), (("d", "help"), "branch", "solid"),
    }  # fmt: skip
    assert {"30 %", "10 %", "40 %"} <= set(scene.texts())
    assert set(scene.legend) >= {"branch", "back"}
    assert "A → C (30 % of visits)" in scene.description
    assert not scene_faults(scene)


def test_a_stage_of_a_floating_touchpoint_is_its_column():
    journey = shop(("a", "help@purchase", 0.2), ("help@purchase", "d", 0.9), floating=True)
    # What leads there does; what leads from there has a share of one stage only.
    assert [arc.joins for arc in arcs(map_scene(journey, show_branches=True))] == [("a", "help")]


def test_the_strongest_six_are_drawn_and_the_others_counted():
    journey = example_journey()
    found = chosen(journey, most=30)
    shares = [branch.share for branch in found.drawn]
    assert len(shares) == MOST_BRANCHES
    assert shares == sorted(shares, reverse=True)
    scene = map_scene(journey, show_branches=True, max_columns=30)
    assert any(f"the strongest 6 of {6 + found.weaker}." in text for text in scene.texts())


def test_arcs_stay_within_their_row_and_the_note_counts_those_that_do_not():
    journey = shop(("a", "c", 0.3), ("a", "d", 0.2), ("c", "a", 0.1))
    scene = map_scene(journey, show_branches=True, max_columns=2)
    assert arcs(scene) == []
    assert any("3 that lead to another row are not drawn" in text for text in scene.texts())
    assert "arcs show" not in scene.description


def folded(strengths):
    """Two rows of four; how strong are a → c, a → d and b → d of each, and the way from row to row?"""
    rows = [{"id": f"{row}{name}", "stage": "purchase"} for row in "xy" for name in "abcd"]
    ways = [
        {"source": source, "target": target, "count": count, "share": 0.1}
        for (source, target), count in strengths.items()
    ]
    return Journey(name="Seen", origin="observed", touchpoints=rows, transitions=ways)


def test_every_row_has_its_two_strongest_arcs_before_stronger_ones_of_other_rows():
    strong = [
        ("xa", "xc"),
        ("xa", "xd"),
        ("xb", "xd"),
        ("xc", "xa"),
        ("xd", "xa"),
        ("xd", "xb"),
        ("xb", "xa"),
    ]
    weak = [("ya", "yc"), ("ya", "yd"), ("yb", "yd")]
    across = {("xa", "yc"): 50, ("xb", "yd"): 15, ("xb", "ya"): 1}
    ways = {ends: 100 - number for number, ends in enumerate(strong)} | across
    ways |= {ends: 10 - number for number, ends in enumerate(weak)}
    journey = folded(ways)
    scene = map_scene(journey, show_branches=True, max_columns=4)
    assert [arc.joins for arc in arcs(scene) if arc.joins[0][0] == "y"] == [("ya", "yc"), ("ya", "yd")]
    assert {arc.joins for arc in arcs(scene) if arc.joins[0][0] == "x"} == set(strong[:4])
    assert any(
        "6 of 10: the strongest of each row; 2 stronger that lead to another row are not drawn." in text
        for text in scene.texts()
    )
    assert_readable(draw_map(journey, show_branches=True, max_columns=4))


def test_of_many_rows_the_strongest_arcs_of_each_come_first():
    rows = [{"id": f"{row}{name}", "stage": "purchase"} for row in "vwxyz" for name in "abc"]
    ways = [
        {"source": f"{row}{one}", "target": f"{row}{two}", "count": count, "share": 0.1}
        for row, strength in zip("vwxyz", (90, 80, 3, 2, 1), strict=True)
        for (one, two), count in ((("a", "c"), strength * 10), (("c", "a"), strength * 10 - 1))
    ]
    journey = Journey(name="Seen", origin="observed", touchpoints=rows, transitions=ways)
    drawn = [arc.joins for arc in arcs(map_scene(journey, show_branches=True, max_columns=3))]
    assert sorted(drawn) == sorted([("va", "vc"), ("vc", "va"), *((f"{row}a", f"{row}c") for row in "wxyz")])


def test_counts_outrank_shares():
    rows = [{"id": name, "stage": "purchase"} for name in "abcd"]
    ways = [{"source": "a", "target": "c", "share": 0.1, "count": 500},
            {"source": "b", "target": "d", "share": 0.9, "count": 9}]  # fmt: skip
    journey = Journey(name="Seen", origin="observed", touchpoints=rows, transitions=ways)
    assert [branch.share for branch in chosen(journey).drawn] == [0.1, 0.9]


def test_an_arc_without_a_share_has_no_label():
    rows = [{"id": name, "stage": "purchase"} for name in "abc"]
    journey = Journey(name="Shop", touchpoints=rows, transitions=[{"source": "a", "target": "c"}])
    scene = map_scene(journey, show_branches=True)
    assert len(arcs(scene)) == 1
    assert not any("%" in text for text in scene.texts()[:-1] if "share" not in text)


CROWDED = shop(
    *[(s, t, 0.3) for s, t in [("a", "c"), ("c", "a"), ("a", "d"), ("d", "a"), ("b", "d"), ("d", "b")]]
)


def test_arcs_between_the_same_boxes_do_not_touch_and_labels_keep_apart():
    scene = map_scene(CROWDED, show_branches=True)
    found = arcs(scene)
    assert len(found) == 6
    ends = [arc.points[place] for arc in found for place in (0, -1)]
    assert len({round(x, 3) for x, _ in ends}) == 12
    tops = {arc.joins: min(y for _, y in arc.points) for arc in found}
    for one, two in combinations(found, 2):
        if tops[one.joins] == tops[two.joins]:
            (a, b), (c, d) = (sorted((arc.points[0][0], arc.points[-1][0])) for arc in (one, two))
            assert b < c or d < a
    assert not scene_faults(scene)
    assert_readable(draw_map(CROWDED, show_branches=True))


def test_arcs_begin_and_end_at_their_boxes():
    scene = map_scene(lived("example"), show_branches=True)
    boxes = {item.node: item for item in scene.items if isinstance(item, Box) and item.node}
    for arc in arcs(scene):
        for point, node in ((arc.points[0], arc.joins[0]), (arc.points[-1], arc.joins[1])):
            box = boxes[node]
            assert box.x < point[0] < box.right
            assert point[1] == pytest.approx(box.y)


def test_a_path_that_comes_again_has_boxes_of_its_own():
    scene = map_scene(shop(("a", "c", 0.2)), path=["a", "b", "a"], show_branches=True)
    assert [item.node for item in scene.items if isinstance(item, Box) and item.node] == ["a", "b", "a (2)"]
