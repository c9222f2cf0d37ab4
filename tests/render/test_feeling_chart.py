"""The feeling curve: peak, end, lowest point and biggest fall where one counts them on fingers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import UnknownNameError, WrongKindError
from journeymap.model.journey import Journey
from journeymap.render.feeling_chart import describe_feeling, draw_feeling, feeling_scene
from journeymap.render.feeling_chart_content import feeling_lines, finding, notes, runs, turning_points
from journeymap.render.feeling_chart_key import KeyEntry, _columns, lay_key
from journeymap.render.feeling_chart_places import Room, beside, ground_of
from journeymap.render.paint import scene_of
from journeymap.render.scene import Arrow, Box, Label, Line, Marker, Polygon
from journeymap.render.text import text_width
from journeymap.render.theme import DEFAULT_THEME, LARGE_THEME
from tests.render.overlap import assert_readable
from tests.render.samples import bare, chinese, large, long_names, observed, tiny
from tests.render.scene_checks import scene_faults

STAGES = ("discovery", "evaluation", "purchase", "post_purchase", "loyalty")


def journey(*feelings, personas=(), **more):
    touchpoints = [
        {"id": f"t{n}", "name": f"Touchpoint {n}", "stage": STAGES[min(n, 4)], "feeling": value,
         "feeling_source": "researched"} | more.get(f"t{n}", {})
        for n, value in enumerate(feelings)
    ]  # fmt: skip
    return Journey(name="Shop", touchpoints=touchpoints, personas=personas)


def only(value, persona=None):
    (line,) = feeling_lines(value, persona, None, DEFAULT_THEME)
    return line


def test_the_toy_of_the_methods():
    # feelings 2, 3, −4, 1, 3 of the book, halved to fit the scale from −2 to +2
    line = only(journey(1, 1.5, -2, 0.5, 1.5))
    turns = turning_points(line)
    assert (turns.peak, turns.end, turns.lowest, turns.highest, turns.fall) == ((2,), 4, (2,), (1, 4), (1, 2))
    assert notes([line]) == (
        "Peak and end together average −0.2; the plain mean of the 5 known feelings is +0.5."
    )


def test_of_equally_intense_feelings_the_negative_one_is_the_peak():
    assert turning_points(only(journey(1.5, 0, -1.5))).peak == (2,)


def test_a_curve_breaks_where_a_feeling_is_not_known_and_no_fall_is_seen_across():
    line = only(journey(2, None, -2, -1.5, -1.6))
    assert runs(line) == [[0], [2, 3, 4]]
    assert turning_points(line).fall == (3, 4)
    lines = [item for item in feeling_scene(journey(2, None, -2, -1.5, -1.6)).items if isinstance(item, Line)]
    assert sum(item.mark == "known" for item in lines) == 2


def test_what_floats_ends_nothing_and_the_curve_does_not_lead_there():
    value = journey(1, 2, t2={}).model_copy()
    value = Journey.model_validate(
        value.model_dump()
        | {"touchpoints": [*value.touchpoints, {"id": "help", "feeling": -2, "service": {}}]}
    )
    line = only(value)
    assert runs(line) == [[0, 1]]
    assert turning_points(line).end == 1
    assert turning_points(line).peak == (2,)
    assert "are no part of the curve" in notes([line])
    (dash,) = [
        item for item in feeling_scene(value).items if isinstance(item, Line) and item.mark == "any stage"
    ]
    assert dash.points[0][1] == dash.points[1][1]
    assert "any stage" in feeling_scene(value).legend


@pytest.mark.parametrize("people", [(), ({"id": "ann", "feelings": {"t0": -1}}, {"id": "bob"})])
def test_the_curve_is_whole_behind_what_is_used_at_any_stage(people):
    rows = [{"id": "t0", "stage": "purchase", "feeling": 1}, {"id": "t1", "stage": "purchase", "feeling": 1},
            {"id": "t2", "stage": "purchase", "feeling": 1}]  # fmt: skip
    rows[1]["floats_as"] = "help"
    value = Journey(name="Shop", origin="observed", touchpoints=rows, personas=people)
    scene = feeling_scene(value, persona=[person["id"] for person in people] or None)
    lines = [item for item in scene.items if isinstance(item, Line)]
    (dash,) = [line for line in lines if line.mark == "any stage"]
    curves = [line for line in lines if line.mark in {"known", "assumed", "persona"}]
    assert len(curves) == max(1, len(people))
    for curve in curves:
        assert curve.points[0][0] < dash.points[0][0] < dash.points[1][0] < curve.points[-1][0]
        assert curve.z < dash.z


def test_alike_feelings_have_no_lowest_point_and_no_fall():
    turns = turning_points(only(journey(1, 1, 1)))
    assert (turns.lowest, turns.highest, turns.fall, turns.end) == ((), (), None, 2)
    assert "It falls nowhere" in finding([only(journey(1, 1, 1))])


def test_more_than_two_extremes_are_counted_not_pointed_at():
    texts = feeling_scene(journey(-1, 1, -1, 1, -1)).texts()
    assert not any("lowest" in text for text in texts)
    assert any("3 touchpoints" in text for text in texts)


def test_one_known_feeling_is_neither_peak_nor_end():
    value = journey(None, -1, None)
    line = only(value)
    turns = turning_points(line)
    assert (turns.peak, turns.end, turns.lowest, turns.fall) == ((), None, (), None)
    assert finding([line]) == "Only 1 of 3 feelings is known: −1 at “Touchpoint 1”."
    assert notes([line]) == "2 of 3 feelings are not known: one feeling has no peak, no end and no curve."
    assert not {"peak · end", "peak", "end"} & set(feeling_scene(value).texts())


def test_where_later_feelings_are_not_known_the_last_known_is_no_end():
    value = journey(-2, 1, None)
    line = only(value)
    assert not turning_points(line).ended
    assert finding([line]).startswith(
        "Feeling is most intense (−2, the peak) at “Touchpoint 0”; the last known feeling is +1 at “Touchpoint 1”."
    )
    assert notes([line]).startswith(
        "The plain mean of the 2 known feelings is −0.5. 1 of 3 feelings is not known"
    )
    texts = feeling_scene(value).texts()
    assert any("last known" in text for text in texts)
    assert not any(text.split(" · ")[-1] == "end" for text in texts)
    assert turning_points(only(journey(-2, None, 1))).ended


def test_equal_falls_are_said():
    assert "−2, is from “Touchpoint 0” to “Touchpoint 1”; it falls as much from “Touchpoint 2”" in finding(
        [only(journey(1, -1, 1, -1))]
    )
    assert "; 2 others are as big." in finding([only(journey(1, -1, 1, -1, 1, -1))])


def test_words_keep_off_the_scale_and_neighbours_alike_share_them():
    scene = feeling_scene(journey(0, 1, -2, -2, 0.4))
    (label,) = [label for label in scene.labels() if label.text.startswith("lowest point")]
    ground = ground_of(label, DEFAULT_THEME)
    points = [item for item in scene.labels() if item.text == "−2"]
    assert ground.x < (points[0].x + points[1].x) / 2 < ground.right
    levels = [item.points[0][1] for item in scene.items if isinstance(item, Line) and not item.mark]
    assert len(levels) == 6
    assert not any(ground.y < y < ground.bottom for y in levels)


def test_the_words_stand_at_their_points():
    scene = feeling_scene(journey(0, 2, -2, 1))
    texts = scene.texts()
    for text in ("highest point", "lowest point · peak", "end", "fall −4"):
        assert text in texts, text
    (arrow,) = [item for item in scene.items if isinstance(item, Arrow) and item.mark == "fall"]
    (start, corner, tip) = arrow.points
    assert start[1] == corner[1] < tip[1]
    assert corner[0] == tip[0]


def test_the_curve_never_overshoots():
    scene = feeling_scene(journey(0, 2, 2, -2))
    points = [
        y for item in scene.items if isinstance(item, Line) and item.mark == "known" for _, y in item.points
    ]
    heights = {
        item.text: item.y for item in scene.labels() if item.text in {"very positive +2", "very negative −2"}
    }
    assert min(points) >= heights["very positive +2"] - 1e-9
    assert max(points) <= heights["very negative −2"] + 1e-9


def test_assumed_feelings_are_dashed_and_hollow():
    scene = feeling_scene(tiny())
    (curve,) = [item for item in scene.items if isinstance(item, Line) and item.mark == "assumed"]
    pills = [item for item in scene.items if isinstance(item, Box) and item.mark == "assumed"]
    assert curve.dash == "dashed"
    assert [pill.fill for pill in pills] == [DEFAULT_THEME.paper] * 2
    assert "known" not in scene.legend


def test_intervals_are_a_band_and_overlap_is_said():
    scene = feeling_scene(observed(9))
    assert any(isinstance(item, Polygon) and item.mark == "interval" for item in scene.items)
    line = only(observed(9))
    assert "(+0.7 to +1.2)" in describe_feeling(observed(9))
    close = [
        {
            "id": f"t{n}",
            "stage": "discovery",
            "measured_feeling": {"value": v, "low": v - 0.3, "high": v + 0.3},
        }
        for n, v in enumerate((0.5, 0.2))
    ]
    assert "less than the intervals can tell apart" in finding([only(Journey(name="A", touchpoints=close))])
    assert "less than the intervals" not in finding([line])


def test_up_to_twelve_are_named_in_place_more_by_numbers():
    few, many = feeling_scene(chinese()), feeling_scene(large(20))
    assert "签订合同并付款" in few.texts()
    assert {str(n) for n in range(1, 21)} <= set(many.texts())
    assert "Touchpoint number 19" in many.texts()
    assert "1" not in few.texts()


def test_service_has_its_colour_and_diamond():
    scene = feeling_scene(tiny())
    (name,) = [item for item in scene.labels() if item.text == "◆ Buy"]
    assert (name.colour, name.mark) == (DEFAULT_THEME.service, "service")
    assert "service" in scene.legend


def test_the_figure_is_ten_inches_wide_and_grows_where_it_must():
    assert feeling_scene(tiny()).width == 10
    assert feeling_scene(tiny(), theme=LARGE_THEME).width == pytest.approx(10)
    assert feeling_scene(large(20)).width == 10
    assert 10 < feeling_scene(large(40)).width < 13


def test_nothing_known_is_a_sentence_that_says_what_to_add():
    scene = feeling_scene(bare())
    assert any(
        text.startswith("No feelings are known yet. Give touchpoints a feeling") for text in scene.texts()
    )
    assert not any(isinstance(item, Marker) for item in scene.items)
    assert describe_feeling(bare()).startswith("Nothing but names: how customers feel at 5 touchpoints")


ANN = {"id": "ann", "feelings": {"t1": -2}}
BOB = {"id": "bob", "feelings": {"t1": 1, "t2": 0}}


def test_several_personas_are_curves_with_their_names():
    value = journey(0, 1, 2, personas=[ANN, BOB])
    scene = feeling_scene(value, persona="all")
    assert {"Ann", "Bob"} <= set(scene.texts())
    curves = [item for item in scene.items if isinstance(item, Line) and item.mark == "persona"]
    assert [(curve.colour, curve.dash) for curve in curves] == [
        (DEFAULT_THEME.categories[n], DEFAULT_THEME.category_dashes[n]) for n in range(2)
    ]
    assert (
        "Ann and Bob differ most at “Touchpoint 1”: −2 against +1. Feelings differ at 2 of 3 touchpoints."
        in (scene.texts())
    )
    alike = [item for item in scene.items if isinstance(item, Marker) and item.mark == "alike"]
    assert len(alike) == 1
    assert feeling_scene(value, persona=["ann", "bob"]) == scene


def test_of_several_curves_what_is_assumed_is_hollow():
    value = journey(0, 1, 2, personas=[ANN, BOB], t0={"feeling_source": "assumed"})
    markers = [item for item in feeling_scene(value, persona="all").items if isinstance(item, Marker)]
    (alike,) = [item for item in markers if item.mark == "alike, assumed"]
    assert alike.fill == DEFAULT_THEME.paper
    assert not any(item.mark == "alike" for item in markers)
    assert {item.fill for item in markers if item.mark == "own"} == {DEFAULT_THEME.paper}
    every = {f"t{n}": {"feeling_source": "assumed"} for n in range(3)}
    scene = feeling_scene(journey(0, 1, 2, personas=[ANN, BOB], **every), persona="all")
    body = [item for item in scene.items if isinstance(item, Marker) and item.mark == "persona"]
    assert not body
    assert any(text.startswith("All feelings are assumed; how a line is dashed") for text in scene.texts())


def test_curves_side_by_side_are_explained_where_there_are_any():
    said = "their curves run side by side"
    alike, apart = journey(0, 1, 2, personas=[ANN, BOB]), journey(None, 1, None, personas=[ANN, BOB])
    assert said in notes(feeling_lines(alike, "all", None, DEFAULT_THEME))
    assert said not in notes(feeling_lines(apart, "all", None, DEFAULT_THEME))


def test_personas_who_share_an_end_are_named_together():
    people = [ANN, BOB, {"id": "cay", "feelings": {"t1": -2}}]
    lines = feeling_lines(journey(0, 1, 0, personas=people), "all", None, DEFAULT_THEME)
    assert finding(lines) == (
        "Personas differ most at “Touchpoint 1”: Ann and Cay −2 against Bob +1. Feelings differ at 1 of 3 "
        "touchpoints."
    )
    two = [{"id": "ann", "feelings": {"t0": -1, "t1": 0}}, {"id": "bob", "feelings": {"t0": 1, "t1": 2}}]
    assert "against +1. They differ as much at “Touchpoint 1”. Feelings differ at 2 of 2" in finding(
        feeling_lines(journey(0, 0, personas=two), "all", None, DEFAULT_THEME)
    )


def test_names_of_curves_are_whole_where_there_is_room():
    people = [{"id": "nina", "name": "Nina Bargain-Hunter"}, BOB]
    scene = feeling_scene(journey(0, 1, 2, personas=people), persona="all")
    assert "Nina Bargain-Hunter" in scene.texts()
    assert scene.width == 10


def test_names_of_curves_that_end_alike_do_not_touch():
    people = [{"id": f"p{n}", "feelings": {"t0": n / 2}} for n in range(4)]
    scene = feeling_scene(journey(0, 1, 2, personas=people), persona="all")
    ys = sorted(label.y for label in scene.labels() if label.text in {"P0", "P1", "P2", "P3"})
    assert len(ys) == 4
    assert min(b - a for a, b in pairwise(ys)) > 0.13


def test_one_persona_is_named_in_the_subtitle_and_assumed():
    scene = feeling_scene(journey(0, 1, 2, personas=[ANN]), persona="ann")
    assert any("Persona: Ann" in text for text in scene.texts())
    assert "assumed" in scene.legend


def test_a_path_shows_its_touchpoints_alone():
    scene = feeling_scene(journey(0, 1, 2), path=["t2", "t0"])
    assert "Touchpoint 1" not in scene.texts()
    with pytest.raises(UnknownNameError):
        feeling_scene(journey(0, 1), path=["t9"])


def test_it_folds_to_given_axes():
    figure, ax = plt.subplots(figsize=(7.2, 8))
    ax.set_position((0, 0, 1, 1))
    draw_feeling(large(12), ax=ax)
    assert scene_of(ax).width == pytest.approx(7.2)
    assert_readable(ax)
    assert figure.axes == [ax]


def test_another_kind_is_refused():
    with pytest.raises(WrongKindError, match="draw_feeling"):
        draw_feeling("journey")


@pytest.mark.parametrize("value", [tiny, chinese, long_names, observed, lambda: large(13)])
def test_it_can_be_read_and_every_mark_is_explained(value):
    ax = draw_feeling(value())
    assert_readable(ax)
    assert not scene_faults(scene_of(ax))


def test_a_text_finds_the_first_free_place():
    room = Room(Box(x=0, y=0, width=3, height=2), DEFAULT_THEME)
    label = Label(x=0, y=0, text="here", size=8)
    wide = text_width("here", 8)
    first = room.put(beside(label, (1, 1), 0.1))
    assert (first.ha, first.x) == ("left", pytest.approx(1.1))
    assert ground_of(first, DEFAULT_THEME).right == pytest.approx(1.1 + wide)
    second = room.put(beside(label, (1, 1), 0.1))
    assert second.ha == "right"
    room.block(Box(x=0, y=0, width=3, height=2))
    assert room.put(beside(label, (1, 1), 0.1)) is None


def test_a_line_takes_its_ground_and_is_seen_when_crossed():
    room = Room(Box(x=0, y=0, width=3, height=2), DEFAULT_THEME)
    room.block_line(((0, 0), (3, 2)))
    assert not room.is_free(Box(x=1.4, y=0.9, width=0.2, height=0.2))
    assert room.is_free(Box(x=2.5, y=0.1, width=0.2, height=0.2))
    assert room.crossed((0, 2), (3, 0))
    assert not room.crossed((0.5, 0), (3, 1.4))
    assert not room.is_free(Box(x=2.9, y=0.1, width=0.2, height=0.1))


def test_no_heading_of_a_key_stands_last_in_its_column():
    heights, heads = [1.0] * 6, [True, False, False, True, False, False]
    assert _columns(heights, heads, 2) == [(0, 3), (3, 6)]
    cuts = _columns([1.0] * 5, [True, False, True, False, False], 2)
    assert cuts == [(0, 2), (2, 5)]
    assert _columns([], [], 2) == []


def test_a_key_keeps_within_the_figure():
    entries = [KeyEntry(name="Stage")] + [
        KeyEntry(number=str(n), name="A long name of a touchpoint " * 3, value="+1", service=n == 2)
        for n in range(9)
    ]
    items, high = lay_key(entries, 1.0, 6.0, DEFAULT_THEME)
    grounds = [ground_of(item, DEFAULT_THEME) for item in items]
    assert max(ground.right for ground in grounds) <= 6.0 - 0.35 + 1e-6
    assert min(ground.y for ground in grounds) >= 1.0 - 1e-6
    assert max(ground.bottom for ground in grounds) <= 1.0 + high + 1e-6
