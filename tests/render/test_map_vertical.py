"""The vertical map: touchpoints in rows, lanes in columns, the feeling curve down the page."""

from __future__ import annotations

import warnings
from itertools import pairwise

import pytest

from journeymap.errors import InvalidJourneyError, UnknownNameError
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render import map_vertical
from journeymap.render.map_bands import ALL_LANES
from journeymap.render.map_columns import choose_columns
from journeymap.render.map_feeling import feeling_text
from journeymap.render.map_metrics import Counted
from journeymap.render.map_vertical import PAGE, vertical_scene
from journeymap.render.map_vertical_cells import Cells, lay_cell, texts_of
from journeymap.render.map_vertical_widths import WIDTHS, column_names, column_widths, least_widths
from journeymap.render.paint import paint
from journeymap.render.scene import Box, Label, Line, Marker, Polygon
from journeymap.render.text import text_width
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render import samples
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

BROADBAND = samples.broadband()
THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}
IN_LEGEND = "legend"


def kinds(scene, kind, mark=None):
    return [item for item in scene.items if isinstance(item, kind) and (mark is None or item.mark == mark)]


def cards(scene):
    return [box for box in kinds(scene, Box) if box.node]


def headers(scene, theme=DEFAULT_THEME):
    return [box for box in kinds(scene, Box) if box.fill in {theme.stage_header, theme.any_stage_header}]


def label(scene, text):
    (found,) = [item for item in scene.labels() if item.text.replace("\n", " ") == text]
    return found


def head(scene, text):
    return label(scene, text.upper()).x


def feeling_marker(scene, value):
    """The middle of the marker that shows this number."""
    (found,) = [item for item in scene.labels() if item.text == value and item.mark == "feeling"]
    return found.x, found.y


def shop(*touchpoints, **fields):
    rows = [{"id": f"t{number}", "stage": "discovery", **more} for number, more in enumerate(touchpoints)]
    return Journey(name="Shop", touchpoints=rows, **fields)


def curves(scene, theme=DEFAULT_THEME):
    return [line for line in kinds(scene, Line) if line.colour == theme.curve and line.width == 2.0
            and line.mark != IN_LEGEND]  # fmt: skip


# --- it can be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*samples.SAMPLES, "chinese"])
def test_everything_is_readable_and_explained(name, theme):
    journey = samples.SAMPLES.get(name, samples.chinese)()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font can draw Chinese")
        scene = vertical_scene(journey, theme=THEMES[theme])
        assert_readable(paint(scene, None, THEMES[theme]))
    assert scene_faults(scene) == []


@pytest.mark.parametrize("width", [7.5, 9, 14, 30])
def test_a_map_of_given_width_is_exactly_as_wide(width):
    scene = vertical_scene(samples.long_names(), width=width, lanes=["doing", "pain points", "feeling"])
    assert scene.width == pytest.approx(width)
    assert_readable(paint(scene))


def test_a_journey_without_touchpoints_says_so():
    scene = vertical_scene(Journey(name="Nothing", touchpoints=[]))
    assert "No touchpoints yet." in scene.texts()
    assert_readable(paint(scene))


# --- rows ---------------------------------------------------------------------------------------------------------


def test_every_touchpoint_has_a_row_in_the_order_of_the_map():
    scene = vertical_scene(BROADBAND)
    nodes = [box.node for box in sorted(cards(scene), key=lambda box: box.y)]
    assert nodes == [column.node for column in choose_columns(BROADBAND).shown]
    boxes = sorted(cards(scene), key=lambda box: box.y)
    assert all(above.bottom < below.y for above, below in pairwise(boxes))


def test_a_header_as_wide_as_the_table_stands_above_the_rows_of_each_stage():
    scene = vertical_scene(BROADBAND)
    names = [label.text for box in headers(scene) for label in scene.labels() if label.inside == box]
    assert names == ["Discovery", "Evaluation", "Purchase", "Post-purchase", "Loyalty", "At any stage"]
    tops = {box.node: box.y for box in cards(scene)}
    discovery, evaluation = headers(scene)[:2]
    assert discovery.bottom < tops["see_ad"] < tops["check_coverage"] < evaluation.y < tops["compare_plans"]
    assert all(box.x == pytest.approx(0.35) and box.right == pytest.approx(scene.width - 0.35)
               for box in headers(scene))  # fmt: skip


def test_service_interactions_have_the_accent_and_the_diamond():
    scene = vertical_scene(BROADBAND)
    service = {box.node for box in cards(scene) if box.edge == DEFAULT_THEME.service}
    assert service == {"ask_chat", "install", "self_help", "call_help", "complaint", "outage_line"}
    assert "◆\u00a0Ask the chat" in scene.texts()


def test_badges_say_moment_of_truth_and_goal():
    scene = vertical_scene(BROADBAND)
    by_mark = {
        mark: [label.inside.node for label in kinds(scene, Label, mark)] for mark in ("moment", "goal")
    }
    assert by_mark == {"moment": ["order", "install", "call_help"], "goal": ["confirmation"]}


def test_a_row_is_as_tall_as_its_longest_text():
    long = "says a word or two " * 12
    scene = vertical_scene(shop({"doing": long}, {"doing": "Short."}))
    tall, low = cards(scene)
    (text,) = [label for label in scene.labels() if label.text.startswith("says")]
    assert low.height < text.height < tall.height + 0.07 + 1e-9


# --- columns ------------------------------------------------------------------------------------------------------


def test_only_lanes_with_something_to_show_become_columns():
    heads = {text for text in vertical_scene(samples.tiny()).texts() if text.isupper()}
    assert heads == {"TOUCHPOINT", "DOING", "FEELING"}


def test_lanes_stand_in_the_order_asked_for_and_the_feeling_right_of_them():
    scene = vertical_scene(BROADBAND, lanes=["feeling", "pain points", "doing"])
    assert (
        head(scene, "touchpoint") < head(scene, "pain points") < head(scene, "doing") < head(scene, "feeling")
    )


def test_backstage_lies_right_of_the_line_of_visibility():
    scene = vertical_scene(BROADBAND, lanes=["systems", "doing", "feeling"])
    (line,) = [line for line in kinds(scene, Line) if line.dash == "dashed" and line.width == 1.2
               and line.colour == DEFAULT_THEME.stage_header]  # fmt: skip
    assert head(scene, "feeling") < line.points[0][0] < head(scene, "systems")
    assert label(scene, "line of visibility").x > line.points[0][0]


def test_there_is_no_line_of_visibility_with_nothing_before_it():
    scene = vertical_scene(BROADBAND, lanes=["backstage"])
    assert "line of visibility" not in scene.texts()


def test_channels_stand_under_the_name_beside_other_lanes():
    scene = vertical_scene(BROADBAND, lanes=["channel", "doing"])
    name, channels = label(scene, "Compare plans"), label(scene, "Web · Store")
    assert channels.x == pytest.approx(name.x)
    assert channels.y >= name.y + name.height
    assert channels.inside.node == "compare_plans"


def test_channels_stand_on_the_line_of_the_name_where_nothing_makes_rows_taller():
    scene = vertical_scene(BROADBAND, lanes=["channel", "feeling"])
    name, channels = label(scene, "Compare plans"), label(scene, "Web · Store")
    assert name.y < channels.y < name.y + name.height
    assert channels.ha == "right"


def test_channels_are_left_out_where_they_are_not_asked_for():
    assert "Web · Store" not in vertical_scene(BROADBAND, lanes=["feeling"]).texts()


def test_pain_points_stand_worst_first_with_bars_by_severity():
    journey = shop({"pain_points": [{"text": "slow", "severity": 1}, {"text": "rude", "severity": 5}]})
    scene = vertical_scene(journey)
    assert label(scene, "rude").y < label(scene, "slow").y
    bars = [box for box in kinds(scene, Box, "pain") if box.fill == DEFAULT_THEME.pain]
    assert bars[0].width == pytest.approx(5 * bars[1].width)


def test_several_texts_of_a_cell_are_told_apart():
    scene = vertical_scene(
        shop({"backstage": ["Query", "Review"]}, {"backstage": ["Query"]}), lanes=["backstage"]
    )
    assert {"· Query · Review", "Query"} <= set(scene.texts())


def test_a_change_of_owner_is_marked_between_rows_but_not_to_what_floats():
    journey = shop({"owner": "a"}, {"owner": "b"}, {"owner": "b"}, {"owner": "c", "stage": None})
    scene = vertical_scene(journey)
    (mark,) = kinds(scene, Label, "handoff")
    first, second = cards(scene)[:2]
    assert first.y < mark.y < second.y


def test_counts_stand_in_columns_of_their_own():
    scene = vertical_scene(samples.observed(4))
    assert "9,000 · 83 %" in scene.texts()
    track, filled = kinds(scene, Box, "visits")[:2]
    assert filled.width / track.width == pytest.approx(5000 / 6000)


def test_a_number_stands_with_its_interval_and_few_customers_are_marked():
    few = Estimate(value=0.2, low=0.1, high=0.3, n=9, customers=9)
    journey = shop({}, {})
    cells = Cells(journey=journey, theme=DEFAULT_THEME, numbers=Counted(journeys=9, drop_off={"t0": few}))
    cell = lay_cell(cells, "drop-off", journey.touchpoints[0], 1.0, 0.8)
    assert [(item.text, item.mark) for item in cell.items] == [
        ("20 %", ""),
        ("°", "few"),
        ("10–30 %", "estimate"),
    ]
    assert lay_cell(cells, "drop-off", journey.touchpoints[1], 1.0, 0.8) is None


RARE = Estimate(value=0.0, low=0.0, high=0.0004, n=9000, customers=9000)
MIXED = Estimate(value=0.5, low=0.0, high=0.9991, n=7, customers=7)
DAYS = Estimate(value=6_566_400, low=6_480_000, high=6_739_200, n=3, customers=9000)
ENDLESS = Estimate(value=86_400 * 1234, low=86_400 * 1000.25, high=86_400 * 123_456_789.5, n=90, customers=90)


@pytest.mark.parametrize("theme", [DEFAULT_THEME, LARGE_THEME])
@pytest.mark.parametrize("options", [{}, {"lanes": ["metrics"]}, {"lanes": ["metrics", "feeling"]}])
def test_numbers_and_intervals_of_any_length_keep_to_their_columns(monkeypatch, theme, options):
    names = [f"event_number_{number}" for number in range(4)]
    numbers = Counted(
        journeys=6000,
        drop_off=dict(zip(names, (RARE, MIXED, RARE, RARE), strict=True)),
        waits=dict(zip(names, (DAYS, DAYS, ENDLESS, DAYS), strict=True)),
    )
    monkeypatch.setattr(map_vertical, "counted", lambda _journey: numbers)
    scene = vertical_scene(samples.observed(4), theme=theme, **options)
    around = [label.text for label in kinds(scene, Label, "estimate")]
    # The one interval that is too long for a usual column is left out where there is no room to spare.
    long = "1,000–123,456,790"
    kept = ["0–0.1 %", "75–78", "0–99.9 %", "75–78", "0–0.1 %", "0–0.1 %", "75–78"]
    assert [text for text in around if text != long] == kept
    assert long not in around or options == {"lanes": ["metrics"]}
    assert "1,234 days" in scene.texts()
    assert all(label.inside for label in kinds(scene, Label, "estimate"))
    assert_readable(paint(scene))


def test_a_median_of_three_waits_is_marked_however_many_customers_came():
    journey = shop({})
    cells = Cells(journey=journey, theme=DEFAULT_THEME, numbers=Counted(journeys=9, waits={"t0": DAYS}))
    cell = lay_cell(cells, "median wait", journey.touchpoints[0], 0.0, 1.0)
    assert [item.text for item in cell.items] == ["76 days", "°", "75–78"]


def test_every_lane_of_the_map_has_a_column():
    lanes = [lane for lane in ALL_LANES if lane != "channel"]
    assert set(column_names(lanes)) <= set(WIDTHS)


def test_an_unknown_lane_is_refused():
    with pytest.raises(UnknownNameError, match="feeling"):
        vertical_scene(BROADBAND, lanes=["feelings"])


# --- widths -------------------------------------------------------------------------------------------------------


def test_three_lanes_stand_on_an_a4_page_and_all_of_them_take_more():
    page = vertical_scene(BROADBAND, lanes=["channel", "feeling", "doing", "pain points", "thinking"])
    assert page.width == pytest.approx(PAGE)
    assert vertical_scene(BROADBAND).width > PAGE


def test_large_type_stands_on_the_same_page():
    scene = vertical_scene(BROADBAND, lanes=["feeling", "doing"], theme=LARGE_THEME)
    assert scene.width == pytest.approx(PAGE)
    assert min(label.size for label in scene.labels()) == pytest.approx(7 * 1.4)


def test_a_width_without_room_says_how_much_is_needed():
    with pytest.raises(InvalidJourneyError, match=r"Expected at least \d") as caught:
        vertical_scene(BROADBAND, width=6)
    needed = float(str(caught.value).split("at least ")[1].split(" ")[0])
    assert vertical_scene(BROADBAND, width=needed + 0.1).width == pytest.approx(needed + 0.1)


def widths(journey, names, width):
    columns = choose_columns(journey).shown
    cells = Cells(journey=journey, theme=DEFAULT_THEME, numbers=Counted())
    return column_widths(cells, columns, least_widths(cells, columns, names), width)


def test_columns_share_the_width_and_the_longest_text_gets_most():
    journey = shop(
        {"doing": "says a word or two " * 9, "thinking": "Hm."}, {"doing": "more " * 30, "thinking": "Oh."}
    )
    wide = widths(journey, ("touchpoint", "doing", "thinking", "feeling"), 7.5)
    assert sum(wide.values()) == pytest.approx(7.5)
    assert wide["doing"] > wide["thinking"] + 0.5
    assert all(size >= WIDTHS[name].least for name, size in wide.items())


def test_a_long_word_is_not_cut_but_chinese_may_break_anywhere():
    word = "Telecommunications"
    least = widths(shop({"systems": word}), ("touchpoint", "systems"), 0)["systems"]
    assert least >= text_width(word, DEFAULT_THEME.small_size) + 0.16
    chinese = widths(shop({"systems": "顾客比较多个套餐确认月费与合同期限"}), ("touchpoint", "systems"), 0)
    assert chinese["systems"] == WIDTHS["systems"].least


def test_a_column_filled_in_few_rows_stays_narrow():
    rows = [{"doing": "Compares three plans."} for _ in range(8)]
    rows[3] = {**rows[3], "thinking": "Hm."}
    wide = widths(shop(*rows), ("touchpoint", "doing", "thinking", "feeling"), 9)
    assert wide["thinking"] < WIDTHS["thinking"].least < WIDTHS["doing"].easy < wide["doing"]
    assert sum(wide.values()) == pytest.approx(9)
    rows = [{**row, "thinking": "Hm."} for row in rows[:2]] + rows[2:]
    assert widths(shop(*rows), ("touchpoint", "thinking"), 9)["thinking"] > WIDTHS["thinking"].easy


def test_channels_are_not_cut():
    channels = ["定例会議", "ドキュメント共有システム", "レビュー会議", "操作トレーニング", "サポート窓口"]
    rows = [{"channels": channels, "thinking": "正しく意図が伝わるか不安だ。" * 4} for _ in range(3)]
    scene = vertical_scene(shop(*rows))
    assert not any("…" in text for text in scene.texts())
    assert_readable(paint(scene))


def test_channels_as_long_as_a_word_stand_on_one_line():
    rows = [{"channels": ["Desktop", "Mobile", "Tablet"], "doing": "Looks for something else. " * 6}] * 4
    assert "Desktop · Mobile · Tablet" in vertical_scene(shop(*rows), width=7).texts()


def test_texts_of_a_cell_are_never_empty():
    journey = shop({"doing": " ", "opportunities": ["", "one"]})
    cells = Cells(journey=journey, theme=DEFAULT_THEME, numbers=Counted())
    touchpoint = journey.touchpoints[0]
    assert texts_of(cells, "doing", touchpoint) == ()
    assert texts_of(cells, "opportunities", touchpoint) == ("one",)
    assert texts_of(cells, "visits", touchpoint) == ()


# --- feeling ------------------------------------------------------------------------------------------------------


def test_feelings_stand_from_left_to_right():
    scene = vertical_scene(shop(*({"feeling": value} for value in (-2, -1, 0, 1, 2))))
    xs = [feeling_marker(scene, text)[0] for text in ("−2", "−1", "0", "+1", "+2")]
    steps = [right - left for left, right in pairwise(xs)]
    assert steps == pytest.approx([steps[0]] * 4)
    assert steps[0] > 0.2
    neutral = [line for line in kinds(scene, Line) if line.colour == DEFAULT_THEME.neutral]
    assert [line.points[0][0] for line in neutral] == pytest.approx([xs[2]])
    axis = next(label for label in scene.labels() if label.text.endswith("neutral\n0"))
    assert axis.x == pytest.approx(xs[2])


def test_markers_stand_in_the_middle_of_their_rows():
    scene = vertical_scene(shop({"feeling": 1, "doing": "many words here " * 9}, {"feeling": -1}))
    for card, text in zip(cards(scene), ("+1", "−1"), strict=True):
        assert feeling_marker(scene, text)[1] == pytest.approx(card.y + card.height / 2)


def test_the_curve_passes_through_its_markers_and_never_beyond_them():
    values = (0, 2, 2, -2, -1.5, 1)
    scene = vertical_scene(shop(*({"feeling": value, "feeling_source": "measured"} for value in values)))
    points = [point for line in curves(scene) for point in line.points]
    xs = [x for x, _ in points]
    left, right = feeling_marker(scene, "−2")[0], max(x for x, _ in points)
    assert min(xs) == pytest.approx(left)
    pair = [label.x for label in scene.labels() if label.text == "+2" and label.mark == "feeling"]
    assert right == pytest.approx(pair[0])
    ends = {(round(line.points[0][0], 4), round(line.points[0][1], 4)) for line in curves(scene)}
    assert tuple(round(each, 4) for each in feeling_marker(scene, "0")) in ends
    ys = [y for _, y in points]
    assert ys == sorted(ys)


def test_the_curve_has_a_gap_where_the_feeling_is_unknown():
    scene = vertical_scene(shop({"feeling": 1}, {"feeling": 0}, {}, {"feeling": -1}, {"feeling": 2}))
    gap = cards(scene)[2]
    assert len(curves(scene)) == 2
    assert not any(gap.y < y < gap.bottom for line in curves(scene) for _, y in line.points)


def test_assumed_feelings_are_dashed_and_hollow():
    scene = vertical_scene(shop(
        {"feeling": 1, "feeling_source": "measured"}, {"feeling": 0, "feeling_source": "measured"},
        {"feeling": -1, "feeling_source": "assumed"},
    ))  # fmt: skip
    assert [(line.dash, line.mark) for line in curves(scene)] == [("solid", "known"), ("dashed", "assumed")]
    (hollow,) = kinds(scene, Marker, "assumed")
    assert hollow.fill == DEFAULT_THEME.paper


def test_the_curve_passes_by_what_floats():
    scene = vertical_scene(BROADBAND)
    floating = next(box for box in cards(scene) if box.node == "outage_line")
    assert max(y for line in curves(scene) for _, y in line.points) < floating.y


def test_the_curve_runs_behind_the_header_of_the_next_stage():
    journey = shop({"feeling": 1}, {"feeling": -1, "stage": "purchase"})
    scene = vertical_scene(journey)
    bar = headers(scene)[1]
    (curve,) = curves(scene)
    assert curve.points[0][1] < bar.y < bar.bottom < curve.points[-1][1]
    crossing = [line for line in kinds(scene, Line) if any(bar.y < y < bar.bottom for _, y in line.points)]
    assert crossing == [curve]
    assert curve.z < bar.z


@pytest.mark.parametrize(("value", "side"), [(-2, -1), (1, 1)])
def test_the_curve_is_whole_behind_what_is_used_at_any_stage(value, side):
    scene = vertical_scene(shop(
        {"feeling": -1}, {"feeling": value, "floats_as": "help", "moment_of_truth": True}, {"feeling": -1},
        {"feeling": -2}, {"feeling": -2}, origin="observed",
    ))  # fmt: skip
    (dash,) = kinds(scene, Line, "any stage")
    (x, top), (same, bottom) = dash.points
    assert x == same
    (passing,) = [line for line in curves(scene) if line.points[0][1] < top < bottom < line.points[-1][1]]
    assert dash.z > passing.z
    (star,) = [marker for marker in kinds(scene, Marker) if marker.shape == "star"]
    assert star.x == pytest.approx(x)
    number = next(text for text in scene.labels() if text.text == feeling_text(value) and text.y < star.y
                  and top - 0.1 < text.y)  # fmt: skip
    assert (number.x - star.x) * side > 0  # where the curve does not pass


def test_the_lowest_point_is_named_left_of_its_marker():
    scene = vertical_scene(shop({"feeling": 1}, {"feeling": -2}, {"feeling": 0}))
    words = label(scene, "lowest point")
    x, y = feeling_marker(scene, "−2")
    assert words.ha == "right"
    assert words.x < x - 0.1
    assert words.y == pytest.approx(y)
    left = words.x - text_width(words.text, words.size, "bold")
    assert left >= head(scene, "feeling") - 0.08


def test_a_moment_of_truth_is_a_star_with_its_number_beside():
    scene = vertical_scene(shop({"feeling": 1}, {"feeling": 2, "moment_of_truth": True}, {"feeling": 0}))
    (star,) = [marker for marker in kinds(scene, Marker) if marker.shape == "star"]
    number = label(scene, "+2")
    assert star.x < number.x < star.x + 0.3
    assert star.y - 0.3 < number.y < star.y


def test_measured_feelings_have_a_band_as_wide_as_their_interval():
    scene = vertical_scene(samples.observed(6))
    bands = kinds(scene, Polygon, "interval")
    assert len(bands) == 1
    lone = vertical_scene(samples.observed(6), path=["event_number_1"])
    (band,) = kinds(lone, Polygon, "interval")
    xs = [x for x, _ in band.points]
    lines = sorted({line.points[0][0] for line in kinds(lone, Line) if line.width in {0.5, 0.9}
                    and line.points[0][0] == line.points[1][0]})  # fmt: skip
    unit = lines[1] - lines[0]
    assert max(xs) - min(xs) == pytest.approx(0.5 * unit)


def test_an_expected_feeling_is_open_where_it_was_expected():
    scene = vertical_scene(shop({"feeling": -1, "expectation": 1}, {"feeling": 1}))
    (marker,) = kinds(scene, Marker, "expectation")
    (stem,) = kinds(scene, Line, "expectation")
    assert (marker.shape, marker.fill) == ("down", DEFAULT_THEME.paper)
    assert marker.x == pytest.approx(feeling_marker(scene, "+1")[0])
    assert marker.y == pytest.approx(feeling_marker(scene, "−1")[1])
    assert stem.dash == "dotted"
    assert [x for x, _ in stem.points] == pytest.approx([feeling_marker(scene, "−1")[0], marker.x])
    (close,) = kinds(vertical_scene(shop({"feeling": 1, "expectation": 1})), Marker, "expectation")
    assert close.x == pytest.approx(marker.x)
    assert close.y > marker.y  # below the marker, which would hide it


def test_words_at_the_lowest_point_stand_left_of_what_was_expected():
    scene = vertical_scene(shop({"feeling": -1, "expectation": -2}, {"feeling": 1}))
    (marker,) = kinds(scene, Marker, "expectation")
    assert label(scene, "lowest point").x < marker.x - 0.1


def test_a_map_without_feelings_has_no_panel():
    assert "FEELING" not in vertical_scene(samples.bare()).texts()


# --- whole --------------------------------------------------------------------------------------------------------


def test_a_persona_shows_her_own_feelings():
    journey = shop({"feeling": 1}, {"feeling": 1}, personas=[{"id": "ann", "feelings": {"t0": -2}}])
    scene = vertical_scene(journey, persona="ann")
    assert feeling_marker(scene, "−2")
    assert any("Persona: Ann" in text for text in scene.texts())


def test_a_path_shows_its_touchpoints_alone():
    scene = vertical_scene(BROADBAND, path=["order", "see_ad", "order"])
    assert [box.node for box in cards(scene)] == ["order", "see_ad", "order (2)"]


def test_what_an_observed_map_leaves_out_is_said():
    scene = vertical_scene(samples.observed(40))
    assert any(text.startswith("24 of 40 touchpoints are shown") for text in scene.texts())


def test_the_text_alternative_names_every_touchpoint():
    scene = vertical_scene(BROADBAND)
    assert scene.title == BROADBAND.name
    assert all(touchpoint.name in scene.description for touchpoint in BROADBAND.touchpoints)


def test_words_are_translated():
    theme = type(DEFAULT_THEME)(words={"touchpoint": "Kontakt", "feeling": "Gefühl", "neutral 0": "egal 0"})
    texts = vertical_scene(samples.tiny(), theme=theme).texts()
    assert {"KONTAKT", "GEFÜHL", "egal 0"} <= set(texts)
