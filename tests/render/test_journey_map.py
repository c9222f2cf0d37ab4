"""The journey map: what is on it, where it stands, and that all of it can be read."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from journeymap.errors import InvalidJourneyError, JourneyMapError, UnknownNameError
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import PainPoint, Touchpoint
from journeymap.render.describe import describe
from journeymap.render.journey_map import draw_map, map_scene
from journeymap.render.map_columns import MOST_OBSERVED, choose_columns, fold
from journeymap.render.map_curves import passing
from journeymap.render.map_feeling import feeling_text
from journeymap.render.scene import Box, Label, Line, Marker, Polygon
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render import samples
from tests.render.overlap import assert_readable, text_faults
from tests.render.scene_checks import scene_faults

BROADBAND = samples.broadband()


def kinds(scene, kind):
    return [item for item in scene.items if isinstance(item, kind)]


def service_boxes(scene):
    return [box for box in kinds(scene, Box) if box.node and box.mark == "service"]


THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}


def journey(**fields):
    touchpoints = fields.pop("touchpoints", None) or [
        {"id": "see", "stage": "discovery"},
        {"id": "buy", "stage": "purchase"},
    ]
    return Journey(name="Shop", touchpoints=touchpoints, **fields)


# --- it can be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_no_text_overlaps_or_leaves_its_place(name):
    assert_readable(draw_map(samples.SAMPLES[name]()))


def test_chinese_text_is_laid_out_even_where_no_font_has_it():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="No installed font can draw Chinese")
        assert_readable(draw_map(samples.chinese()))


@pytest.mark.parametrize("width", [8, 10.5, 13.33, 30])
def test_a_map_of_given_width_is_as_wide_and_readable(width):
    ax = draw_map(samples.long_names(), width=width)
    assert ax.figure.get_size_inches()[0] <= width + 1e-9
    assert_readable(ax)


@pytest.mark.parametrize("theme", ["print", "large"])
def test_other_themes_are_readable_too(theme):
    assert_readable(draw_map(BROADBAND, theme=THEMES[theme]))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*samples.SAMPLES, "chinese"])
def test_every_mark_is_explained(name, theme):
    make = samples.SAMPLES.get(name, samples.chinese)
    faults = scene_faults(map_scene(make(), theme=THEMES[theme]))
    assert not faults, "\n".join(faults[:12])


def test_large_type_keeps_the_width_and_holds_fewer_columns():
    plain, large = (map_scene(samples.large(40), theme=theme) for theme in (DEFAULT_THEME, LARGE_THEME))
    assert large.width == pytest.approx((0.35 + 1.25 + 8 * 1.75 + 0.35) * 1.4)  # of 12 columns: 22.95
    assert len(bands_of(large)) > len(bands_of(plain))
    wide = map_scene(BROADBAND, theme=LARGE_THEME, width=13.33)
    assert wide.width == pytest.approx(13.33)


def bands_of(scene):
    """The tops of the rows of touchpoint boxes."""
    return {round(box.y, 3) for box in scene.items if isinstance(box, Box) and box.node}


def test_the_check_finds_what_is_wrong():
    ax = draw_map(samples.tiny())
    first = ax.texts[0]
    first.set_x(-1)
    assert any("leaves the figure" in fault for fault in text_faults(ax))
    first.set_x(ax.texts[1].get_position()[0])
    first.set_y(ax.texts[1].get_position()[1])
    assert any("overlap" in fault for fault in text_faults(ax))
    inside = next(text for text in ax.texts if text.get_text() == "Asks.")
    inside.set_x(4.5)
    assert any("leaves its box" in fault for fault in text_faults(ax))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({
            "name": st.text(alphabet="abc de_-$%ÄøΩ\n", min_size=1, max_size=70),
            "stage": st.sampled_from([*samples.STAGES, None]),
            "feeling": st.none() | st.floats(-2, 2),
            "doing": st.text(alphabet="word $x^2 ", max_size=200),
            "channels": st.lists(st.sampled_from(["web", "phone", "a_very_long_channel_name_here"]), max_size=2, unique=True),
            "moment_of_truth": st.booleans(),
            "service": st.none() | st.just({}),
            "owner": st.none() | st.sampled_from(["Sales", "A department with a long name"]),
            "pain_points": st.lists(st.sampled_from(["slow", "asks the very same question over and over again"]), max_size=3),
        }),
        max_size=9,
    ),
    st.integers(1, 12),
)  # fmt: skip
def test_any_journey_can_be_read(touchpoints, most):
    rows = [{"id": f"t{number}", **fields} for number, fields in enumerate(touchpoints)]
    try:
        assert_readable(draw_map(Journey(name="Any", touchpoints=rows), max_columns=most))
    finally:
        plt.close("all")


# --- what is on it ----------------------------------------------------------------------------------------------


def test_every_touchpoint_stands_on_the_map_under_its_stage():
    scene = map_scene(BROADBAND)
    texts = scene.texts()
    for touchpoint in BROADBAND.touchpoints:
        mark = "◆\u00a0" if touchpoint.is_service else ""
        assert f"{mark}{touchpoint.name}" in texts
    for stage in BROADBAND.stages:
        assert stage.name in texts
    assert "At any stage" in texts


def test_service_is_marked_by_colour_border_and_diamond():
    scene = map_scene(BROADBAND)
    services = [t for t in BROADBAND.touchpoints if t.is_service]
    assert len(service_boxes(scene)) == len(services) == 6
    assert all(box.line_width == 2 for box in service_boxes(scene))
    diamonds = [m for m in kinds(scene, Marker) if m.shape == "diamond"]
    assert len(diamonds) == 6 + 1  # and one in the legend


def test_lanes_without_data_are_left_out():
    texts = map_scene(samples.bare()).texts()
    assert not {"DOING", "CHANNEL", "FEELING", "OWNER", "PAIN POINTS"} & set(texts)
    assert "feeling −2 … +2" not in texts
    everything = map_scene(BROADBAND).texts()
    lanes = [
        "DOING",
        "CHANNEL",
        "FEELING",
        "THINKING",
        "PAIN POINTS",
        "OPPORTUNITIES",
        "OWNER",
        "BACKSTAGE",
        "SYSTEMS",
    ]
    assert [text for text in everything if text in lanes] == lanes * 2
    assert "line of visibility" in everything


def test_lanes_can_be_chosen_in_any_order():
    texts = map_scene(BROADBAND, lanes=["feeling", "doing"], max_columns=20).texts()
    assert [text for text in texts if text.isupper() and len(text) > 3] == ["FEELING", "DOING"]
    with pytest.raises(UnknownNameError, match=r"no lane 'feelings'.*\n.*did you mean 'feeling'"):
        map_scene(BROADBAND, lanes=["feelings"])


def test_some_lanes_are_shown_only_where_they_are_asked_for():
    rows = [{"id": "buy", "stage": "purchase", "importance": 0.75, "evidence": "Receipt", "frontstage": "Till",
             "backstage": "Ledger"}]  # fmt: skip
    bought = journey(touchpoints=rows)
    assert not {"IMPORTANCE", "EVIDENCE", "FRONTSTAGE"} & set(map_scene(bought).texts())
    scene = map_scene(bought, lanes=["backstage", "importance", "evidence", "frontstage"])
    assert {"75 %", "Receipt", "Till", "Ledger"} <= set(scene.texts())
    assert "importance" in scene.legend
    assert "line of visibility" not in scene.texts()  # what lies behind it stands first
    bars = [box for box in kinds(scene, Box) if box.mark == "importance"]
    assert bars[1].width == pytest.approx(0.75 * bars[0].width)


@pytest.mark.parametrize("word", ["upright", "horizontl", 3])
def test_another_orientation_is_refused(word):
    with pytest.raises(UnknownNameError, match="Expected horizontal or vertical"):
        map_scene(BROADBAND, orientation=word)


def test_a_vertical_map_says_what_it_has_no_place_for():
    with pytest.raises(InvalidJourneyError, match="no place for show_branches=True and notes=True"):
        map_scene(BROADBAND, orientation="vertical", show_branches=True, notes=True)


def test_the_legend_names_only_marks_that_are_used():
    assert "service interaction" not in map_scene(journey()).texts()
    texts = map_scene(journey(touchpoints=[{"id": "help", "stage": "purchase", "service": {}}])).texts()
    assert "service interaction" in texts
    assert "moment of truth" not in texts
    assert "goal" in map_scene(journey(goal="buy")).texts()
    assert "goal" in map_scene(journey(goal="purchase")).texts()  # a stage: each of its touchpoints wins
    assert "goal" not in map_scene(journey(goal=())).texts()
    assert "researched or measured" not in map_scene(samples.tiny()).texts()


def test_the_subtitle_says_for_whom_in_which_state_and_from_what():
    assert (
        "Journey map · Persona: Maya, 29, switches provider to save money · current state (as-is) · designed"
        in map_scene(BROADBAND, persona="maya").texts()
    )
    assert "Journey map · current state (as-is) · designed" in map_scene(BROADBAND).texts()
    assert any(
        "n = 5,300 customers, 6,000 journeys · 2,000 reached the goal · 2024-05-01\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}2024-05-31"
        in text
        for text in map_scene(samples.observed(9)).texts()
    )
    assert any("future state (to-be)" in text for text in map_scene(journey(state="to-be")).texts())


def test_an_observed_map_says_so_and_what_was_filtered():
    observed = samples.observed(9)
    seen = observed.observation.model_copy(update={"filters": ("platform is 'mobile'", "what is 'ad'")})
    scene = map_scene(observed.model_copy(update={"observation": seen}))
    subtitle = scene.texts()[1]
    assert subtitle.startswith("Journey map · observed · n = ")
    assert subtitle.endswith("· only: platform is 'mobile'; what is 'ad'")
    assert "The log was filtered: platform is 'mobile'; what is 'ad'." in scene.description.splitlines()


def test_visits_and_their_share_are_shown_when_observed():
    texts = map_scene(samples.observed(9)).texts()
    assert "9,000 · 83 %" in texts
    assert {"METRICS", "visits"} <= set(texts)


def test_a_moment_of_truth_is_a_star_with_its_number_beside():
    scene = map_scene(
        journey(touchpoints=[{"id": "pay", "stage": "purchase", "feeling": 1, "moment_of_truth": True}])
    )
    assert [m.shape for m in kinds(scene, Marker) if m.size == 19] == ["star"]
    assert "moment" in scene.legend
    assert "+1" in [
        label.text for label in kinds(scene, Label) if label.weight == "bold" and label.size == 7.5
    ]


def test_severity_is_the_width_of_the_bar_and_the_worst_stands_first():
    pains = [{"text": "small", "severity": 1}, {"text": "large", "severity": 5}]
    scene = map_scene(journey(touchpoints=[{"id": "a", "stage": "purchase", "pain_points": pains}]))
    bars = sorted(
        (b for b in kinds(scene, Box) if b.fill == DEFAULT_THEME.pain and b.height > 0.15), key=lambda b: b.y
    )
    assert [bar.width for bar in bars] == pytest.approx([0.125, 0.025])
    assert [t for t in scene.texts() if t in {"small", "large"}] == ["large", "small"]


def test_an_unsaid_severity_is_the_narrowest_bar_and_no_number():
    pain = PainPoint.model_construct(text="unsaid", severity=None, source="assumed")
    place = Touchpoint(id="a", stage="purchase").model_copy(update={"pain_points": (pain,)})
    drawn = journey().model_copy(update={"touchpoints": (place,)})
    scene = map_scene(drawn)
    bars = [b for b in kinds(scene, Box) if b.fill == DEFAULT_THEME.pain and b.height > 0.15]
    assert [bar.width for bar in bars] == pytest.approx([0.025])
    assert "It names 1 pain point." in scene.description
    assert "Pain points: unsaid." in scene.description


def test_a_change_of_owner_is_a_hand_over():
    rows = [
        {"id": f"t{n}", "stage": "purchase", "owner": owner}
        for n, owner in enumerate(["A", "A", "B", None, "A"])
    ]
    texts = map_scene(journey(touchpoints=rows)).texts()
    assert texts.count("⇥") == 2  # A to B, and in the legend


def test_words_can_be_translated():
    german = replace(
        DEFAULT_THEME, words={"feeling": "Gefühl", "At any stage": "Jederzeit", "neutral 0": "neutral 0 "}
    )
    texts = map_scene(BROADBAND, theme=german).texts()
    assert "GEFÜHL" in texts
    assert "Jederzeit" in texts


# --- feelings ---------------------------------------------------------------------------------------------------


def curves(scene):
    return [line for line in kinds(scene, Line) if line.mark in {"known", "assumed", "lead"}]


def feelings(*values, **more):
    rows = [
        {"id": f"t{n}", "stage": "purchase", "feeling": value, "feeling_source": "measured", **more}
        for n, value in enumerate(values)
    ]
    return journey(touchpoints=rows)


def test_the_curve_passes_through_every_feeling_and_never_beyond():
    scene = map_scene(feelings(-2, 2, 2, -1, 0))
    pieces = curves(scene)
    heights = {label.text: label.y for label in kinds(scene, Label) if label.ha == "right"}
    top, bottom = heights["very positive +2"], heights["very negative −2"]
    assert len(pieces) == 4
    assert all(top - 1e-9 <= y <= bottom + 1e-9 for piece in pieces for _, y in piece.points)
    for before, after in pairwise(pieces):
        assert before.points[-1] == pytest.approx(after.points[0])


def test_an_unknown_feeling_is_a_gap():
    assert len(curves(map_scene(feelings(1, 0, None, -1, 1)))) == 2
    assert len(curves(map_scene(feelings(1, None, -1)))) == 0
    assert "FEELING" not in map_scene(feelings(None, None)).texts()


def test_assumed_feelings_are_dashed_and_hollow():
    scene = map_scene(feelings(1, 0, feeling_source="assumed"))
    assert [piece.dash for piece in curves(scene)] == ["dashed"]
    marks = [marker for marker in kinds(scene, Marker) if marker.size == 14.5]
    assert {marker.fill for marker in marks} == {"#FFFFFF"}
    known = [m for m in kinds(map_scene(feelings(1, 0)), Marker) if m.size == 14.5]
    assert [marker.fill for marker in known] == ["#6BAED6", "#9A9A9A"]


def test_the_lowest_point_is_named_once():
    assert map_scene(feelings(1, -1, 0)).texts().count("lowest point") == 1
    assert map_scene(feelings(1, 1)).texts().count("lowest point") == 0
    assert map_scene(feelings(1, -1, -1, -1)).texts().count("lowest point") == 0
    assert map_scene(feelings(1)).texts().count("lowest point") == 0


def test_the_line_passes_by_what_floats():
    places = (("a", "purchase"), ("b", "loyalty"), ("c", None), ("d", None))
    rows = [{"id": n, "stage": s, "feeling": 1, "channels": "web", "owner": n} for n, s in places]
    scene = map_scene(journey(touchpoints=rows))
    assert len(curves(scene)) == 1
    assert scene.texts().count("⇥") == 2
    lived = [
        {"id": "a", "stage": "purchase", "feeling": 1, "feeling_source": "measured"},
        {"id": "help@purchase", "stage": "purchase", "feeling": -2, "floats_as": "help", "service": {}},
        {"id": "b", "stage": "loyalty", "feeling": 1, "feeling_source": "measured"},
    ]
    (curve,) = curves(map_scene(journey(origin="observed", touchpoints=lived)))
    assert len({round(y, 6) for _, y in curve.points}) == 1  # from a to b at +1, past the help line at −2
    on_a_path = map_scene(journey(origin="observed", touchpoints=lived), path=["a", "help@purchase", "b"])
    assert len(curves(on_a_path)) == 2


def test_lines_keep_clear_of_what_they_pass_by():
    rows = [
        {"id": "a", "stage": "purchase", "feeling": -1, "feeling_source": "measured", "channels": "web"},
        {"id": "error@purchase", "stage": "purchase", "feeling": -1, "floats_as": "error", "channels": "web"},
        {"id": "b", "stage": "purchase", "feeling": -1, "feeling_source": "measured", "channels": "web"},
    ]
    scene = map_scene(journey(origin="observed", touchpoints=rows))
    links = [line for line in kinds(scene, Line) if line.colour == DEFAULT_THEME.link]
    assert len(links) == 2
    (left, right), (again, end) = sorted((a[0], b[0]) for a, b in (line.points for line in links))
    middle = next(m.x for m in kinds(scene, Marker) if left < m.x < end and m.shape == "circle")
    assert right < middle - 0.1
    assert again > middle + 0.1


def lived_help(help_feeling, **more):
    """A help line between two touchpoints that feel like −1."""
    return journey(origin="observed", touchpoints=[
        {"id": "a", "stage": "purchase", "feeling": -1, "feeling_source": "measured"},
        {"id": "help@purchase", "stage": "purchase", "feeling": help_feeling, "floats_as": "help", **more},
        {"id": "b", "stage": "purchase", "feeling": -1, "feeling_source": "measured"},
    ])  # fmt: skip


@pytest.mark.parametrize("value", [-2, -1, 1])
def test_the_curve_is_whole_behind_what_is_used_at_any_stage(value):
    scene = map_scene(lived_help(value))
    (curve,) = curves(scene)
    (dash,) = [line for line in kinds(scene, Line) if line.mark == "any stage"]
    (left, y), (right, level) = dash.points
    begin, end = curve.points[0], curve.points[-1]
    assert begin[0] < left < right < end[0]
    assert (left + right) / 2 == pytest.approx((begin[0] + end[0]) / 2)
    assert y == level
    assert (y - begin[1]) == pytest.approx(-(value + 1) * (1.60 - 0.42) / 4)
    assert dash.z > curve.z
    assert "used at any stage" in scene.texts()


@pytest.mark.parametrize(("value", "below"), [(-2, True), (1, False)])
def test_the_number_of_what_floats_stands_where_the_curve_does_not_pass(value, below):
    scene = map_scene(lived_help(value, moment_of_truth=True))
    (star,) = [marker for marker in kinds(scene, Marker) if marker.shape == "star"]
    (number,) = [text for text in scene.labels() if text.text.startswith(feeling_text(value)) and text.mark]
    assert number.x == star.x
    assert (number.y > star.y) is below


def expected(felt, wanted, **more):
    rows = [
        {"id": "a", "stage": "purchase", "feeling": felt, "expectation": wanted, **more},
        {"id": "b", "stage": "purchase", "feeling": 0},
    ]
    scene = map_scene(journey(touchpoints=rows))
    marker = next(item for item in kinds(scene, Marker) if item.mark == "expectation")
    return scene, marker, [line for line in kinds(scene, Line) if line.mark == "expectation"]


def test_an_expected_feeling_is_open_and_hangs_on_the_one_that_is_felt():
    scene, marker, (stem,) = expected(-1, 1)
    felt = next(text for text in scene.labels() if text.text == "−1" and text.mark == "feeling")
    assert (marker.shape, marker.fill) == ("down", DEFAULT_THEME.paper)
    assert stem.dash == "dotted"
    assert stem.points[0] == pytest.approx((marker.x, marker.y))
    assert stem.points[1] == pytest.approx((felt.x, felt.y))
    assert marker.x == felt.x
    assert felt.y - marker.y == pytest.approx(2 * (1.60 - 0.42) / 4)
    assert "expected feeling" in scene.texts()
    close = expected(0.5, 0.5)[1]
    assert close.x > felt.x + 0.2  # beside the marker, which would hide it
    unfelt = expected(None, 1)
    assert unfelt[1].x == felt.x
    assert unfelt[2] == []


def test_words_at_a_marker_give_way_to_its_expected_feeling():
    scene, marker, _ = expected(-1, -2)
    words = next(text for text in scene.labels() if "lowest point" in text.text)
    assert words.ha == "left"
    assert words.x > marker.x + 0.05
    scene, marker, _ = expected(1, 2, moment_of_truth=True)
    number = next(text for text in scene.labels() if text.text == "+1" and text.mark == "feeling")
    assert number.ha == "right"
    assert number.x < marker.x - 0.1


def test_further_channels_are_lesser_than_the_main_one():
    rows = [
        {"id": "a", "stage": "purchase", "channels": ["web", "phone"]},
        {"id": "b", "stage": "purchase", "channels": ["phone", "web"], "service": {}},
    ]
    scene = map_scene(journey(touchpoints=rows))
    marks = {mark: [item for item in kinds(scene, Marker) if item.mark == mark]
             for mark in ("touchpoint", "service", "also")}  # fmt: skip
    (main,), (service,), (further, also) = marks.values()
    assert main.y == also.y
    assert service.y == further.y
    assert (main.fill, service.fill) == (DEFAULT_THEME.curve, DEFAULT_THEME.service)
    assert further.fill == also.fill == DEFAULT_THEME.paper
    assert (further.shape, also.shape) == (main.shape, service.shape)
    assert further.size < main.size
    assert also.size < service.size
    assert "also used here" in scene.texts()
    rows[0]["channels"], rows[1]["channels"] = ["web"], ["phone"]
    assert "also used here" not in map_scene(journey(touchpoints=rows)).texts()


@example([1.0], 1.0, 5)  # a mark that ends where a piece of the line does
@given(
    st.lists(st.floats(0.1, 9.9), max_size=5),
    st.floats(0.05, 1.0),
    st.integers(2, 30),
)
def test_what_is_left_of_a_line_is_outside_of_every_mark(places, radius, steps):
    line = [(10 * number / steps, 0.0) for number in range(steps + 1)]
    pieces = passing(line, [(x, 0.0) for x in places], radius)
    for piece in pieces:
        assert [x for x, _ in piece] == sorted(x for x, _ in piece)
        for one, two in pairwise(piece):
            assert not any(one[0] + 1e-6 < x + radius and two[0] - 1e-6 > x - radius for x in places)
    kept = sum(piece[-1][0] - piece[0][0] for piece in pieces)
    spans = sorted((max(0.0, x - radius), min(10.0, x + radius)) for x in places)
    hidden, reach = 0.0, 0.0
    for start, end in spans:
        hidden += max(0.0, end - max(start, reach))
        reach = max(reach, end)
    assert kept == pytest.approx(10 - hidden, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-2, "−2"), (0, "0"), (0.04, "0"), (-0.04, "0"), (1, "+1"), (1.26, "+1.3"), (-0.96, "−1")],
)
def test_feelings_are_written_with_their_sign(value, text):
    assert feeling_text(value) == text


def test_a_persona_has_feelings_of_her_own():
    people = [{"id": "ann", "feelings": {"buy": -2}}, {"id": "bob"}]
    own = journey(
        personas=people,
        touchpoints=[
            {"id": "see", "stage": "discovery", "feeling": 1},
            {"id": "buy", "stage": "purchase", "feeling": 2},
        ],
    )
    assert "−2" in map_scene(own, persona="ann").texts()
    assert "−2" not in map_scene(own, persona="bob").texts()
    assert "+2" in map_scene(own).texts()
    assert "Feelings are those of Ann" in map_scene(own, persona="ann").description
    alone = own.model_copy(update={"personas": own.personas[:1]})
    assert map_scene(alone).texts() == map_scene(own).texts()  # nobody asked for Ann
    assert not any("Persona" in text for text in map_scene(alone).texts())
    assert "+2" in map_scene(alone).texts()
    with pytest.raises(UnknownNameError, match="no persona 'anne'"):
        map_scene(own, persona="anne")


def test_feelings_of_a_persona_are_assumed_whatever_was_measured():
    rows = [{"id": "buy", "stage": "purchase", "feeling": 2, "feeling_source": "measured"}]
    own = journey(touchpoints=rows, personas=[{"id": "ann", "feelings": {"buy": -1}}])
    (hers,) = choose_columns(own, persona=own.personas[0]).shown
    (measured,) = choose_columns(own).shown
    assert (hers.feeling, hers.assumed) == (-1, True)
    assert (measured.feeling, measured.assumed) == (2, False)
    assert "assumed" in map_scene(own, persona="ann").texts()
    assert "feeling −1 (assumed)" in map_scene(own, persona="ann").description


# --- columns and bands ------------------------------------------------------------------------------------------


def test_more_than_twelve_columns_fold_into_bands_of_like_length():
    columns = choose_columns(samples.large(40)).shown
    assert [len(band) for band in fold(columns, 12)] == [10, 10, 10, 10]
    assert [len(band) for band in fold(columns[:12], 12)] == [12]
    assert [len(band) for band in fold(columns[:18], 12)] == [8, 10]  # between discovery and evaluation
    assert fold((), 12) == ()


@given(st.integers(0, 60), st.integers(1, 14))
def test_folding_loses_nothing_and_overfills_nothing(count, most):
    columns = choose_columns(samples.bare(count)).shown
    bands = fold(columns, most)
    assert sum(bands, ()) == columns
    assert len(bands) == -(-count // most)
    assert all(0 < len(band) <= most for band in bands)


def test_a_stage_that_goes_on_below_says_so():
    texts = map_scene(samples.large(40)).texts()
    assert sum("(cont.)" in text for text in texts) >= 1


def test_chevrons_cover_their_columns_in_order():
    scene = map_scene(BROADBAND, max_columns=20)
    chevrons = kinds(scene, Polygon)
    assert len(chevrons) == 6
    for before, after in pairwise(chevrons):
        assert max(x for x, _ in before.points) < max(x for x, _ in after.points)
        assert min(x for x, _ in after.points) < max(
            x for x, _ in before.points
        )  # the point lies in the notch


def test_boxes_of_touchpoints_never_overlap():
    boxes = [box for box in kinds(map_scene(samples.large()), Box) if box.radius == 0.05]
    assert len(boxes) == 40
    assert not any(a.overlaps(b) for a in boxes for b in boxes if a is not b)


def test_the_size_follows_the_number_of_columns():
    nine = map_scene(journey(touchpoints=[{"id": f"t{n}", "stage": "purchase"} for n in range(9)]))
    assert nine.width == pytest.approx(0.35 + 1.25 + 9 * 1.75 + 0.35)


def test_observed_maps_keep_the_most_visited_and_all_service():
    observed = samples.observed(40)
    columns = choose_columns(observed)
    assert len(columns.shown) == MOST_OBSERVED
    assert columns.left_out == 16
    shown = {column.touchpoint.id for column in columns.shown}
    assert {t.id for t in observed.touchpoints if t.is_service} <= shown
    assert {f"event_number_{n}" for n in range(19)} <= shown
    assert any(
        "24 of 40 touchpoints are shown" in text and "16 are left out" in text
        for text in map_scene(observed).texts()
    )
    assert choose_columns(samples.large(40)).left_out == 0  # designed maps fold instead


def test_without_a_design_columns_stand_in_the_order_of_their_mean_place():
    rows = [{"id": name, "stage": "unassigned", "visits": {"count": 1, "customers": 1, "journeys": 1, "share": 1, "position": place}}
            for name, place in (("late", 0.9), ("early", 0.1), ("middle", 0.5))]  # fmt: skip
    found = Journey(
        name="Raw", origin="observed", stages=[{"id": "unassigned", "period": "before"}], touchpoints=rows
    )
    assert [column.touchpoint.id for column in choose_columns(found).shown] == ["early", "middle", "late"]


def test_a_path_shows_its_touchpoints_in_its_order():
    columns = choose_columns(BROADBAND, path=["order", "outage_line@loyalty", "see_ad"]).shown
    assert [(column.touchpoint.id, column.stage) for column in columns] == [
        ("order", "purchase"),
        ("outage_line", "loyalty"),
        ("see_ad", "discovery"),
    ]
    with pytest.raises(UnknownNameError, match="no touchpoint 'oder'"):
        map_scene(BROADBAND, path=["oder"])


def test_a_journey_without_touchpoints_says_so():
    assert "No touchpoints yet." in map_scene(Journey(name="Empty")).texts()
    assert_readable(draw_map(Journey(name="Empty")))


@pytest.mark.parametrize("options", [{"width": 2}, {"max_columns": 0}])
def test_a_map_without_room_is_refused(options):
    with pytest.raises(InvalidJourneyError, match="Expected at least"):
        map_scene(BROADBAND, **options)


# --- on given axes ----------------------------------------------------------------------------------------------


def test_a_map_is_drawn_on_given_axes():
    _, ax = plt.subplots(figsize=(12, 12))
    assert draw_map(samples.tiny(), ax=ax) is ax
    assert_readable(ax)
    assert len(plt.get_fignums()) == 1


def test_axes_without_room_are_refused_with_the_size_needed():
    _, ax = plt.subplots()
    with pytest.raises(JourneyMapError, match=r"needs .* inches to be readable"):
        draw_map(BROADBAND, ax=ax)


def test_nothing_given_is_changed():
    before = BROADBAND.model_dump()
    draw_map(BROADBAND)
    assert BROADBAND.model_dump() == before


# --- in words ---------------------------------------------------------------------------------------------------


def test_the_description_tells_what_the_picture_shows():
    text = describe(BROADBAND)
    assert map_scene(BROADBAND).description == text
    first = text.splitlines()
    assert first[0] == (
        "Getting and keeping home broadband: a designed journey (as-is) of 20 touchpoints in 5 stages: "
        "Discovery (3), Evaluation (3), Purchase (3), Post-purchase (7), Loyalty (3); 1 at any stage."
    )
    assert first[1].startswith("6 of 20 are service interactions: Ask the chat (Evaluation)")
    assert (
        first[2]
        == "Feeling is lowest (−2) at Call the help line and highest (+2) at Router arrives and Everyday use; 4 of 20 are assumed."
    )
    assert "most severe (5 of 5): “Window of eight hours” at Technician installs" in first[3]
    assert len(first) == 4 + 20
    for touchpoint in BROADBAND.touchpoints:
        assert touchpoint.doing.rstrip(".") in text  # also what the picture has to cut


def test_the_description_of_an_observed_journey_counts():
    lines = describe(samples.observed(9)).splitlines()
    assert lines[1].startswith(
        "Counted from 5,300 customers, 6,000 journeys and 90,000 events, 2024-05-01 to 2024-05-31"
    )
    assert "2,000 reached the goal, 3,500 were lost, 500 are open" in lines[1]
    assert (
        lines[2]
        == "1 of 9 is a service interaction: Event number 3 (Evaluation). They take 11 % of the visits."
    )


def test_lowest_and_highest_are_named_once_with_their_stages():
    rows = [
        {"id": f"error@{stage}", "name": "Error page", "stage": stage, "floats_as": "error", "feeling": -2,
         "pain_points": "It breaks"}
        for stage in ("evaluation", "purchase", "loyalty")
    ]  # fmt: skip
    rows.append({"id": "buy", "name": "Buy", "stage": "purchase", "feeling": 1})
    text = describe(journey(origin="observed", touchpoints=rows))
    assert "lowest (−2) at Error page (Evaluation, Purchase and Loyalty) and highest (+1) at Buy;" in text
    assert "It names 1 pain point" in text
    assert "an observed journey of 4 touchpoints" in text


def test_only_values_with_a_figure_can_be_described():
    with pytest.raises(TypeError, match="no text alternative for int"):
        describe(7)
