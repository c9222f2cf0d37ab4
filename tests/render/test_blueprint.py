"""The blueprint: lanes and lines from roles, arrows between the right boxes, marks derived from the model."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from matplotlib import pyplot as plt

from journeymap.datasets import example_journey
from journeymap.errors import InvalidJourneyError, JourneyMapError, UnknownNameError, WrongKindError
from journeymap.metrics.flow import drop_off
from journeymap.model.journey import Journey
from journeymap.render.blueprint import blueprint_scene, describe_blueprint, draw_blueprint
from journeymap.render.blueprint_content import blueprint_of, shared_runs
from journeymap.render.scene import Arrow, Box, Line, Marker
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.samples import SAMPLES, bare, chinese, large, observed, tiny
from tests.render.scene_checks import scene_faults

THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}
LINES = ("line of interaction", "line of visibility", "line of internal interaction")


def shop(*touchpoints, transitions=(), **more):
    made = [{"id": f"t{n}", "stage": "purchase"} | touchpoint for n, touchpoint in enumerate(touchpoints)]
    return Journey(name="Shop", touchpoints=made, transitions=transitions, **more)


FULL = {
    "frontstage": "Till",
    "backstage": "Stock count",
    "systems": "CRM",
    "evidence": "Receipt",
    "doing": "Pays.",
}


def boxes(scene, role=""):
    return {b.node: b for b in scene.items if isinstance(b, Box) and b.node.startswith(role) and b.node}


def arrows(scene):
    return [item for item in scene.items if isinstance(item, Arrow) and item.mark != "legend"]


def joined(scene, mark):
    return [arrow.joins for arrow in arrows(scene) if arrow.mark == mark]


def label(scene, text):
    return next(item for item in scene.labels() if item.text.replace("\n", " ") == text)


def named_lines(scene):
    """The lines with their names: name to (y, dash)."""
    drawn = {line.points[0][1]: line for line in scene.items if isinstance(line, Line) and line.width == 1.4}
    names = [item for item in scene.labels() if item.text.replace("\n", " ") in LINES]
    return {name.text.replace("\n", " "): (name.y, drawn[name.y].dash) for name in names}


# ---------------------------------------------------------------- lanes and lines


def test_lanes_lie_by_role_whatever_the_order_asked_for():
    scene = blueprint_scene(shop(FULL), lanes=["systems", "Backstage", "frontstage", "evidence"])
    order = ["evidence:t0", "customer:t0", "frontstage:t0", "backstage:t0", "systems:t0:CRM"]
    assert sorted(boxes(scene), key=lambda node: boxes(scene)[node].y) == order
    tops = [
        label(scene, name).y
        for name in ("PHYSICAL EVIDENCE", "CUSTOMER ACTIONS", "FRONTSTAGE", "BACKSTAGE", "SUPPORT SYSTEMS")
    ]
    assert tops == sorted(tops)


def test_three_lines_lie_between_their_lanes_and_carry_their_names():
    scene = blueprint_scene(shop(FULL))
    lines = named_lines(scene)
    at = [lines[name][0] for name in LINES]
    rows = [
        boxes(scene, role)[f"{role}:t0" + end]
        for role, end in (("customer", ""), ("frontstage", ""), ("backstage", ""), ("systems", ":CRM"))
    ]
    for y, (above, below) in zip(at, pairwise(rows), strict=True):
        assert above.bottom < y < below.y
    assert [lines[name][1] for name in LINES] == ["solid", "dashed", "dotted"]
    assert all(label(scene, name).backing == DEFAULT_THEME.paper for name in LINES)


@pytest.mark.parametrize(
    ("fields", "drawn"),
    [
        ({}, ()),
        ({"evidence": "Receipt"}, ()),
        ({"frontstage": "Till"}, LINES[:1]),
        ({"backstage": "Stock count"}, LINES[:2]),
        ({"systems": "CRM"}, LINES),
        ({"frontstage": "Till", "systems": "CRM"}, LINES),
    ],
)
def test_a_line_is_drawn_only_where_something_lies_below_it(fields, drawn):
    lines = named_lines(blueprint_scene(shop(fields, {"doing": "Looks."})))
    assert tuple(lines) == drawn
    heights = [y for y, _ in lines.values()]
    assert all(lower - upper >= 0.3 for upper, lower in pairwise(heights))


def test_lanes_can_be_left_out_and_their_lines_with_them():
    scene = blueprint_scene(shop(FULL), lanes="frontstage")
    assert set(boxes(scene)) == {"customer:t0", "frontstage:t0"}
    assert tuple(named_lines(scene)) == LINES[:1]


# ---------------------------------------------------------------- arrows


def test_arrows_lead_from_the_customer_down_to_what_carries_it():
    scene = blueprint_scene(shop(FULL))
    assert joined(scene, "interaction") == [
        ("customer:t0", "frontstage:t0"),
        ("frontstage:t0", "customer:t0"),
    ]
    assert joined(scene, "carried") == [("frontstage:t0", "backstage:t0"), ("backstage:t0", "systems:t0:CRM")]
    centre = boxes(scene)["customer:t0"].centre[0]
    for arrow in arrows(scene):
        assert [x for x, _ in arrow.points] == pytest.approx([centre, centre])
        start, end = (boxes(scene)[node] for node in arrow.joins)
        ends = (start.bottom, end.y) if start.y < end.y else (start.y, end.bottom)
        assert [y for _, y in arrow.points] == pytest.approx(list(ends))


def test_a_missing_lane_is_passed_by_with_a_single_head():
    scene = blueprint_scene(shop(FULL, {"systems": "Warehouse"}))
    assert ("customer:t1", "systems:t1:Warehouse") in joined(scene, "carried")
    assert not scene_faults(scene)


def test_the_customers_way_goes_from_side_to_side():
    scene = blueprint_scene(shop({}, {}, {}))
    assert joined(scene, "way") == [("customer:t0", "customer:t1"), ("customer:t1", "customer:t2")]
    first = arrows(scene)[0]
    assert first.points[0] == pytest.approx(
        (boxes(scene)["customer:t0"].right, boxes(scene)["customer:t0"].centre[1])
    )
    assert first.points[1][0] == pytest.approx(boxes(scene)["customer:t1"].x)


def test_arrows_join_only_neighbours_that_customers_go_between():
    ways = [{"source": "t0", "target": "t1", "share": 0.05}, {"source": "t1", "target": "t2", "share": 0.04},
            {"source": "t3", "target": "t2", "share": 0.9}, {"source": "t3", "target": "t4"}]  # fmt: skip
    scene = blueprint_scene(shop({}, {}, {}, {}, {}, transitions=ways))
    assert joined(scene, "way") == [("customer:t0", "customer:t1"), ("customer:t3", "customer:t4")]
    assert "next touchpoint, after at least 5 % of the visits" in scene.texts()
    without_shares = [{"source": "t0", "target": "t1"}]
    scene = blueprint_scene(shop({}, {}, {}, transitions=without_shares))
    assert joined(scene, "way") == [("customer:t0", "customer:t1")]
    assert "next touchpoint" in scene.texts()
    assert "next touchpoint, in the order of the map" in blueprint_scene(shop({}, {})).texts()


def test_the_way_leads_above_what_floats():
    journey = shop(
        {},
        {"id": "help@purchase", "floats_as": "help", "name": "Help line", "service": {}},
        {},
        origin="observed",
    )
    scene = blueprint_scene(journey)
    assert joined(scene, "way") == [("customer:t0", "customer:t2")]
    (arrow,) = arrows(scene)
    help_line = boxes(scene)["customer:help@purchase"]
    assert min(y for _, y in arrow.points) < help_line.y - 0.1
    assert all(x0 == x1 or y0 == y1 for (x0, y0), (x1, y1) in pairwise(arrow.points))
    assert not scene_faults(scene)


def test_needs_are_dotted_and_drawn_on_demand():
    journey = shop({"systems": ["CRM", "Shop"]})
    assert joined(blueprint_scene(journey), "needs") == []
    scene = blueprint_scene(journey, show_needs=True)
    assert joined(scene, "needs") == [("systems:t0:CRM", "systems:t0:Shop")]
    assert "needs" in scene.legend
    assert all(arrow.dash == "dotted" for arrow in arrows(scene) if arrow.mark == "needs")


# ---------------------------------------------------------------- systems that several touchpoints share


def test_neighbours_share_the_box_of_a_system():
    scene = blueprint_scene(
        shop({"systems": ["Shop", "CRM"]}, {"systems": "CRM"}, {"systems": ["CRM", "Billing"]})
    )
    systems = boxes(scene, "systems")
    assert set(systems) == {"systems:t0:CRM", "systems:t0:Shop", "systems:t2:Billing"}
    customers = boxes(scene, "customer")
    assert systems["systems:t0:CRM"].x == customers["customer:t0"].x
    assert systems["systems:t0:CRM"].right == pytest.approx(customers["customer:t2"].right)
    assert {end for _, end in joined(scene, "carried")} == {"systems:t0:CRM"}
    assert systems["systems:t0:Shop"].y == systems["systems:t2:Billing"].y > systems["systems:t0:CRM"].bottom


def test_a_gap_parts_the_boxes_of_a_system():
    assert shared_runs([["a"], [], ["a"]]) == (("a", 0, 0), ("a", 2, 2))
    assert shared_runs([["a", "b"], ["b"], ["b", "a"], ["a"]]) == (("b", 0, 2), ("a", 2, 3), ("a", 0, 0))
    assert shared_runs([]) == ()


def test_many_systems_are_counted_not_piled_up():
    names = [f"System {n}" for n in range(9)]
    scene = blueprint_scene(shop({"systems": names}, {"systems": [f"Other {n}" for n in range(9)]}))
    assert len(boxes(scene, "systems")) == 12
    assert [text for text in scene.texts() if text.startswith("+ ")] == ["+ 4 more"] * 2
    assert all(name in scene.description for name in names)


def test_many_texts_of_a_lane_are_counted_and_said_in_full():
    scene = blueprint_scene(shop({"backstage": [f"Task {n}" for n in range(6)]}))
    assert [text for text in scene.texts() if text.startswith(("Task", "+"))] == [
        "Task 0",
        "Task 1",
        "Task 2",
        "+ 3 more",
    ]
    assert "Task 5" in scene.description


# ---------------------------------------------------------------- marks from the model


def test_fail_points_are_severe_pain_points():
    pains = [[{"text": "slow", "severity": severity}] for severity in (3, 4, 5)] + [["slow"]]
    content = blueprint_of(shop(*({"pain_points": pain} for pain in pains)))
    assert content.failing == {1, 2}
    scene = blueprint_scene(content.journey)
    assert "fail" in scene.legend
    crosses = [m for m in scene.items if isinstance(m, Marker) and m.shape == "cross" and m.mark == "fail"]
    tops = [boxes(scene)[f"customer:t{n}"] for n in (1, 2)]
    assert [(round(m.x - box.x, 2), m.y - box.y) for m, box in zip(crosses, tops, strict=True)] == [
        (0.16, 0)
    ] * 2


@pytest.mark.parametrize(
    ("hours", "waiting"),
    [((48, 24, 96), {1, 3}), ((20, 23), set()), ((24, 49), {2}), ((24, 48), {1, 2}), ((), set())],
)
def test_waiting_points_are_a_day_or_more_and_half_the_longest(hours, waiting):
    ways = [
        {"source": f"t{n}", "target": f"t{n + 1}", "wait": {"median": timedelta(hours=h)}}
        for n, h in enumerate(hours)
    ]
    content = blueprint_of(shop({}, {}, {}, {}, transitions=ways))
    assert content.waiting == waiting
    assert ("waiting" in blueprint_scene(content.journey).legend) == bool(waiting)


def test_the_wait_is_that_of_the_strongest_way_from_elsewhere():
    def way(source, target, hours, **more):
        wait = {"median": timedelta(hours=hours)} if hours else {"mean": timedelta(hours=9)}
        return {"source": source, "target": target, "wait": wait, **more}

    ways = [way("t0", "t2", 5, count=10), way("t1", "t2", 3, count=30), way("t2", "t2", 9, count=99),
            way("t0", "t1", 0, count=50)]  # fmt: skip
    content = blueprint_of(shop({}, {}, {}, transitions=ways))
    assert content.waits == (None, None, timedelta(hours=3))
    scene = blueprint_scene(content.journey)
    assert "3 hours" in scene.texts()
    assert sum(item.mark == "wait" for item in scene.items) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"count": 30}, "on its most frequent way in"),
        ({"share": 0.3}, "on the way in with the largest share"),
        ({}, ""),
    ],
)
def test_a_wait_says_where_it_begins_unless_that_is_the_left_neighbour(more, said):
    ways = [{"source": source, "target": target, "wait": {"median": timedelta(hours=1)}} | more
            for source, target in (("t0", "t1"), ("t0", "t2"))]  # fmt: skip
    scene = blueprint_scene(shop({"name": "Look"}, {}, {}, transitions=ways))
    (after,) = (item for item in scene.labels() if item.text.startswith("after "))
    assert after.text == "after Look"
    assert after.x == boxes(scene)["customer:t2"].x
    assert after.colour == DEFAULT_THEME.muted
    assert f"after a median wait of 1 hour{said and f' {said}'}, after Look." in scene.description
    assert f"median wait before it{said and f', {said}'}" in scene.texts()


def test_a_wait_of_few_customers_is_hollow():
    ways = [{"source": "t0", "target": "t1", "customers": 19, "wait": {"median": timedelta(hours=4)}},
            {"source": "t1", "target": "t2", "customers": 20, "wait": {"median": timedelta(hours=2)}},
            {"source": "t2", "target": "t3", "customers": 1, "wait": {"median": timedelta(0)}}]  # fmt: skip
    scene = blueprint_scene(shop({}, {}, {}, {}, transitions=ways))
    few, nothing = (item for item in scene.items if isinstance(item, Box) and item.mark == "few")
    (sure,) = (item for item in scene.items if isinstance(item, Box) and item.mark == "wait")
    assert (few.fill, few.edge, sure.fill) == (DEFAULT_THEME.paper, DEFAULT_THEME.curve, DEFAULT_THEME.curve)
    assert nothing.width == pytest.approx(0.05), "it can still be seen"
    assert "fewer than 20 customers" in scene.texts()


def test_the_interval_of_a_small_sample_does_not_set_the_scale():
    scene = blueprint_scene(lived(lost=(50, 0), customers=(500, 4)))
    (sure,) = (item for item in scene.items if isinstance(item, Box) and item.mark == "drop-off")
    (few,) = (item for item in scene.items if isinstance(item, Box) and item.mark == "few")
    cell = boxes(scene)["customer:look"]
    estimate = drop_off(lived(lost=(50, 0), customers=(500, 4)))["look"]
    assert sure.width == pytest.approx(cell.width * estimate.value / estimate.high)
    assert few.width == pytest.approx(0.05)
    right = boxes(scene)["customer:ask"].right
    level = [i for i in scene.items if isinstance(i, Line) and few.y < i.points[0][1] < few.bottom
             and i.points[0][0] >= few.x and i.points[1][0] > i.points[0][0]]  # fmt: skip
    assert [line.points[1][0] for line in level] == pytest.approx([right])
    caps = [i for i in scene.items if isinstance(i, Line) and i.points[0][0] == i.points[1][0] == right]
    assert not caps


def test_a_floating_touchpoint_waits_as_at_the_stage_that_most_come_from():
    ways = [{"source": "t0", "target": f"help@{stage}", "count": count, "wait": {"median": timedelta(hours=hours)}}
            for stage, count, hours in (("purchase", 5, 2), ("loyalty", 9, 7))]  # fmt: skip
    journey = shop({}, {"id": "help", "stage": None}, transitions=ways)
    assert blueprint_of(journey).waits[1] == timedelta(hours=7)
    assert blueprint_of(journey, path=["t0", "help@purchase"]).waits[1] == timedelta(hours=2)


def test_bars_of_waits_have_one_scale():
    ways = [
        {"source": f"t{n}", "target": f"t{n + 1}", "wait": {"median": timedelta(hours=h)}}
        for n, h in enumerate((2, 8))
    ]
    scene = blueprint_scene(shop({}, {}, {}, transitions=ways))
    short, long = (item for item in scene.items if isinstance(item, Box) and item.mark == "wait")
    assert (short.width / long.width, long.width) == (
        pytest.approx(0.25),
        pytest.approx(boxes(scene)["customer:t2"].width),
    )


def test_service_and_moments_of_truth_are_marked():
    scene = blueprint_scene(shop({"service": {}, "moment_of_truth": True, "name": "Help line"}, {}))
    help_line, other = boxes(scene, "customer").values()
    assert (help_line.edge, help_line.line_width) == (DEFAULT_THEME.service, 2.0)
    assert (other.edge, other.line_width) == (DEFAULT_THEME.touchpoint_edge, 0.8)
    assert label(scene, "◆\u00a0Help line").mark == "service"
    (star,) = (item for item in scene.items if isinstance(item, Marker) and item.mark == "moment")
    assert help_line.centre[0] < star.x < help_line.right
    hatched = [
        item
        for item in blueprint_scene(shop({"service": {}}), theme=PRINT_THEME).items
        if getattr(item, "hatch", "")
    ]
    assert [item.mark for item in hatched] == ["service", "legend"]


# ---------------------------------------------------------------- observed journeys


def lived(lost=(30, 4), customers=(500, 12)):
    """Two touchpoints and a goal, with counts in two groups."""
    names = ("look", "ask", "pay")
    rows = {"row": (0, 0, 1, 1), "group": (0, 1, 0, 1)}
    before = [n for count in customers for n in (count // 2, count - count // 2)]
    gone = [n for count in lost for n in (count // 2, count - count // 2)]
    zeros = (0,) * 4
    measures = {"open": zeros, "lost": gone, "journeys_before": before, "customers": before}
    table = {
        "name": "touchpoints",
        "key_columns": ["touchpoint"],
        "keys": tuple((n,) for n in names),
        "groups": 2,
        "measures": measures,
        **rows,
    }
    return Journey(
        name="Shop", origin="observed", goal="pay", stages=["purchase"],
        touchpoints=[
            {"id": name, "stage": "purchase", "frontstage": "Till",
             "visits": {"count": n, "customers": n, "journeys": n, "share": n / 500}}
            for name, n in zip(names, (*customers, 20), strict=True)
        ],
        observation={
            "customers": 500, "journeys": 500, "events": 900, "groups": 2, "start": "2024-05-01", "end": "2024-05-31",
            "observed_until": "2024-06-01", "lost_after": timedelta(days=1), "lost_after_source": "call",
        },
        evidence=[table, {"name": "journeys", "key_columns": ["all"], "keys": [("all",)], "groups": 2, "row": (0, 0), "group": (0, 1), "measures": {"journeys": (250, 250)}}],
    )  # fmt: skip


def test_an_observed_journey_shows_who_comes_and_who_is_lost():
    scene = blueprint_scene(lived())
    assert {"500 · 100 %", "12 · 2 %", "6 %", "33 %"} <= set(scene.texts())
    assert {"journeys", "drop-off", "few"} <= set(scene.legend)
    (sure,) = (item for item in scene.items if isinstance(item, Box) and item.mark == "drop-off")
    (few,) = (item for item in scene.items if isinstance(item, Box) and item.mark == "few")
    assert few.width / sure.width == pytest.approx((4 / 12) / (30 / 500))
    assert (sure.fill, few.fill) == (DEFAULT_THEME.pain, DEFAULT_THEME.paper)
    assert not scene_faults(scene)


def test_without_a_goal_or_without_counts_nobody_drops_off():
    journey = lived()
    for update in ({"goal": ()}, {"evidence": ()}):
        scene = blueprint_scene(journey.model_copy(update=update))
        assert "drop-off" not in scene.legend
        assert "journeys" in scene.legend


def test_what_is_left_out_is_said():
    scene = blueprint_scene(observed())
    assert any("24 of 40 touchpoints are shown" in text for text in scene.texts())
    assert "It leaves out 16 touchpoints" in scene.description


# ---------------------------------------------------------------- whole figures


def test_a_long_blueprint_folds_and_repeats_the_stage():
    scene = blueprint_scene(shop(*({"name": f"Step {n}"} for n in range(5))), max_columns=3)
    assert [text for text in scene.texts() if text.startswith("Purchase")] == ["Purchase", "Purchase (cont.)"]
    tops = [boxes(scene)[f"customer:t{n}"].y for n in range(5)]
    assert len(set(tops)) == 2
    assert len(joined(scene, "way")) == 3


def test_large_type_holds_fewer_columns_on_the_same_width():
    plain, big = (blueprint_scene(large(24), theme=theme) for theme in (DEFAULT_THEME, LARGE_THEME))
    assert [len({box.y for box in boxes(scene, "customer").values()}) for scene in (plain, big)] == [2, 3]
    assert big.width <= plain.width * 1.05


def test_a_width_folds_and_is_kept():
    for theme in (DEFAULT_THEME, LARGE_THEME):
        scene = blueprint_scene(example_journey(), width=16, theme=theme)
        assert scene.width == pytest.approx(16)
        assert not scene_faults(scene)


def test_a_path_may_come_back_to_a_touchpoint():
    scene = blueprint_scene(shop(FULL, {}), path=["t0", "t1", "t0"])
    assert [*boxes(scene, "customer")] == ["customer:t0", "customer:t1", "customer:t0#2"]
    assert len(joined(scene, "way")) == 2
    assert not scene_faults(scene)


def test_without_roles_it_says_which_fields_are_missing():
    scene = blueprint_scene(bare())
    sentence = next(text for text in scene.texts() if text.startswith("No lanes below"))
    assert all(field in sentence for field in ("frontstage", "backstage", "systems", "evidence"))
    assert scene.legend == ("way",)
    assert not any(text.startswith("No lanes") for text in blueprint_scene(shop(FULL)).texts())


def test_a_journey_without_touchpoints_is_a_figure_that_says_so():
    ax = draw_blueprint(Journey(name="Nothing yet"))
    assert_readable(ax)
    assert "No touchpoints yet." in blueprint_scene(Journey(name="Nothing yet")).texts()


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(WrongKindError, match="draw_blueprint"):
        draw_blueprint("broadband.yaml")
    with pytest.raises(UnknownNameError, match="did you mean 'backstage'"):
        draw_blueprint(tiny(), lanes=["backstge"])
    with pytest.raises(UnknownNameError, match="no touchpoint 'nowhere'"):
        draw_blueprint(tiny(), path=["nowhere"])
    with pytest.raises(InvalidJourneyError, match="max_columns is 0"):
        draw_blueprint(tiny(), max_columns=0)
    with pytest.raises(
        InvalidJourneyError, match=r"2 inches wide has no room for a column. Expected at least 3\.4"
    ):
        draw_blueprint(tiny(), width=2)


def test_on_given_axes_it_folds_to_be_larger_or_says_what_it_needs():
    for size in ((17, 26), (14, 26), (22, 15)):
        ax = plt.figure(figsize=size).add_axes((0, 0, 1, 1))
        assert draw_blueprint(example_journey(), ax=ax) is ax
        assert_readable(ax)
    _, small = plt.subplots(figsize=(3, 2))
    with pytest.raises(JourneyMapError, match=r"needs \d+\.\d × \d+\.\d inches"):
        draw_blueprint(example_journey(), ax=small)


@pytest.mark.parametrize("name", [*SAMPLES, "chinese", "example"])
def test_every_sample_can_be_read(name):
    journey = {**SAMPLES, "chinese": chinese, "example": example_journey}[name]()
    assert_readable(draw_blueprint(journey, show_needs=True))
    for theme in THEMES.values():
        scene = blueprint_scene(journey, theme=theme)
        assert not scene_faults(scene)
        assert not contrast_faults(scene, theme)


@pytest.mark.parametrize("theme", ["print", "large"])
def test_the_example_can_be_read_in_other_themes(theme):
    assert_readable(draw_blueprint(example_journey(), theme=THEMES[theme]))


def test_the_words_are_those_of_the_picture():
    journey = example_journey()
    words = describe_blueprint(journey)
    assert blueprint_scene(journey).description == words
    assert "Fail points (a pain point of severity 4 or 5): Check the address, Book the engineer" in words
    assert "The longest median wait before a touchpoint is 16 days" in words
    assert "CRM (5)" in words
    assert "Credit notes over £20 need a signature" in words
    assert "Systems" not in describe_blueprint(journey, lanes=["frontstage"])


def test_fixed_words_can_be_translated():
    words = {
        "line of visibility": "Sichtbarkeitslinie",
        "Frontstage": "Bühne",
        "next touchpoint, in the order of the map": "nächster Kontakt",
    }
    texts = blueprint_scene(shop(FULL, {}), theme=type(DEFAULT_THEME)(words=words)).texts()
    assert {"Sichtbarkeitslinie", "BÜHNE", "nächster Kontakt"} <= set(texts)
