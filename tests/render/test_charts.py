"""Friction as a chart: the right marks for what is known, and a sentence for what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.analysis.friction_words import KINDS
from journeymap.errors import WrongKindError
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import Axis, round_steps
from journeymap.render.charts import draw_friction, draw_service
from journeymap.render.friction_chart import friction_scene
from journeymap.render.journey_map import draw_map
from journeymap.render.network import draw_network
from journeymap.render.paint import scene_of
from journeymap.render.scene import Box, Curve, Label, Marker
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

THEMES = {"colour": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}


def signal(kind, value, baseline=None, *, significant=False):
    excess = None if baseline is None else (value / baseline - 1 if kind == "waiting" else value - baseline)
    return Signal(
        kind=kind, touchpoint="x", estimate=Estimate(value=value, low=value * 0.9, high=value * 1.1, n=900, customers=800),
        baseline=baseline, baseline_source=None if baseline is None else "stage", excess=excess,
        p=0.001 if significant else 0.4, p_adjusted=0.004 if significant else 0.6, significant=significant, affected=120,
    )  # fmt: skip


def point(name, *signals, gain=None, journeys=None, saved=None, service=False):
    return FrictionPoint(
        touchpoint=name, name=name, stage="purchase", stage_name="Purchase", is_service=service, signals=signals,
        gain=None if gain is None else Estimate(value=gain, low=gain - 0.008, high=gain + 0.01, n=900, customers=800),
        gain_journeys=journeys, time_gain=None if saved is None else Estimate(value=saved, low=saved / 2, high=saved * 2),
        affected=120,
    )  # fmt: skip


PAYMENT = point(
    "Payment error", signal("drop_off", 0.52, 0.21, significant=True), signal("self_loop", 0.08, 0.06),
    signal("repetition", 0.3, 0.12, significant=True), signal("regression", 0.2, 0.18),
    signal("waiting", 90_000, 40_000, significant=True), gain=0.031, journeys=152.0, saved=86_000.0,
)  # fmt: skip
HELP = point("Help line", signal("drop_off", 0.3, 0.28), gain=-0.002, journeys=-9.0, service=True)
LONELY = point("Reads the very detailed conditions of the contract and its annexe", signal("drop_off", 0.3))
REPORT = FrictionReport(
    journey="Broadband",
    points=(PAYMENT, HELP, LONELY),
    journeys=1124,
    customers=980,
    not_measured={"waiting": "no times"},
)


def markers(scene):
    return [item for item in scene.items if isinstance(item, Marker)]


def rings(scene):
    """The circles of what could not be judged, without that of the legend."""
    return [item for item in scene.items if isinstance(item, Curve) and item.mark == "not judged"]


def matrix(scene):
    """The dots and dashes of the rows, without those of the legend."""
    rows = [item for item in scene.items if isinstance(item, Marker | Label) and item.y < scene.height - 0.9]
    return [item for item in rows if isinstance(item, Marker) or item.text == "–"]


def test_dots_say_what_is_known():
    marks = matrix(friction_scene(REPORT))
    filled = [mark for mark in marks if isinstance(mark, Marker) and mark.fill == DEFAULT_THEME.pain]
    hollow = [mark for mark in marks if isinstance(mark, Marker) and mark.fill == DEFAULT_THEME.paper]
    dashes = [mark for mark in marks if isinstance(mark, Label)]
    assert (len(filled), len(hollow), len(dashes)) == (3, 3, 8)
    assert len(rings(friction_scene(REPORT))) == 1  # nothing to compare the lonely one with


def test_what_could_not_be_judged_is_not_drawn_as_no_worse():
    lonely, scarce = signal("drop_off", 0.9), signal("drop_off", 0.9, 0.2).model_copy(update={"p": None})
    told = {
        "measured, no peers to compare with": (lonely,),
        "measured, too few visits to judge": (scarce,),
        "measured, no peers to compare with or too few visits to judge": (lonely, scarce),
    }
    for words, signals in told.items():
        points = tuple(point(f"t{place}", one) for place, one in enumerate(signals))
        scene = friction_scene(FrictionReport(journey="Shop", points=points))
        assert [ring.dash for ring in rings(scene)] == ["dotted"] * len(signals)
        assert markers(scene) == []
        assert words in scene.texts()
        assert scene.legend == ("not judged",)
    judged = friction_scene(
        FrictionReport(journey="Shop", points=(point("a", signal("drop_off", 0.9, 0.8)),))
    )
    assert rings(judged) == []
    assert [dot.mark for dot in matrix(judged) if isinstance(dot, Marker)] == ["measured"]
    assert not any("compare with" in text for text in judged.texts())


def test_dots_grow_with_the_excess():
    report = FrictionReport(journey="Shop", points=(
        point("a", signal("drop_off", 0.5, 0.1, significant=True)), point("b", signal("drop_off", 0.2, 0.1, significant=True)),
        point("c", signal("drop_off", 0.05, 0.1)),
    ))  # fmt: skip
    sizes = [mark.size for mark in matrix(friction_scene(report)) if isinstance(mark, Marker)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[1] > sizes[2]


def test_gains_are_told_as_points_and_journeys():
    texts = friction_scene(REPORT).texts()
    assert "3.1  ·  152 journeys" in texts
    assert "−0.2  ·  −9 journeys" in texts
    assert "no peers to compare with" in texts
    assert "◆ Help line" in texts
    assert any("if the association is causal" in text for text in texts)


def test_bars_start_at_zero_and_end_at_the_gain():
    bars = {
        item.fill: item
        for item in friction_scene(REPORT).items
        if isinstance(item, Box) and item.height == pytest.approx(0.2) and item.x < 6
    }
    good, bad = bars[DEFAULT_THEME.pain], bars[DEFAULT_THEME.link]
    assert bad.right == pytest.approx(good.x)  # one is a gain and one a loss, and they meet at zero
    assert good.width / bad.width == pytest.approx(0.031 / 0.002)


def test_nothing_is_told_from_less_than_can_be_written():
    report = FrictionReport(journey="Shop", points=(
        point("a", signal("drop_off", 0.5, 0.1), gain=0.0, journeys=0.0),
        point("b", signal("drop_off", 0.5, 0.1), gain=0.00001, journeys=0.03),
        point("c", signal("drop_off", 0.5, 0.1), gain=-0.00001, journeys=-0.03),
        point("d", signal("drop_off", 0.5, 0.1), gain=0.031, journeys=12.0),
    ))  # fmt: skip
    texts = [text for text in friction_scene(report).texts() if "·" in text or text == "0"]
    assert texts[-4:] == ["0", "<0.1  ·  <0.1 journeys", ">−0.1  ·  >−0.1 journeys", "3.1  ·  12 journeys"]


def test_the_gain_axis_reaches_beyond_every_bar():
    report = FrictionReport(
        journey="Shop", points=(point("a", signal("drop_off", 0.5, 0.1), gain=0.075, journeys=9.0),)
    )
    scene = friction_scene(report)
    ticks = {label.text: label.x for label in scene.labels() if label.text.isdigit() and label.ha == "center"}
    (bar,) = [box for box in scene.items if isinstance(box, Box) and box.height == pytest.approx(0.2)]
    assert list(ticks) == ["0", "2", "4", "6", "8", "10"]  # the interval ends at 8.5
    assert ticks["0"] == pytest.approx(bar.x)
    assert ticks["6"] < bar.right < ticks["8"]


def test_time_bars_are_coloured_only_where_the_wait_is_friction():
    def bar_of(*signals):
        report = FrictionReport(journey="Shop", points=(point("a", *signals, saved=500.0),))
        (bar,) = [box for box in friction_scene(report).items if isinstance(box, Box) and box.height == pytest.approx(0.2)]  # fmt: skip
        return bar.fill, friction_scene(report).texts()

    lossy = signal("drop_off", 0.5, 0.1, significant=True)
    colour, texts = bar_of(lossy, signal("waiting", 900, 400))
    assert colour == DEFAULT_THEME.link
    assert "expected time saved where the wait is not clearly friction" in texts
    colour, texts = bar_of(lossy, signal("waiting", 900, 400, significant=True))
    assert colour == DEFAULT_THEME.pain
    assert "expected time saved where the wait is friction" in texts


def test_filters_stand_in_the_subtitle_and_the_description():
    words = ("platform is 'mobile'",)
    scene = friction_scene(REPORT.model_copy(update={"filters": words}))
    assert any("· only: platform is 'mobile'" in text for text in scene.texts())
    assert "The log was filtered: platform is 'mobile'." in scene.description
    assert not any("only:" in text for text in friction_scene(REPORT).texts())


def test_time_gains_have_their_own_panel_only_where_there_are_any():
    assert "expected time saved a journey" in friction_scene(REPORT).texts()
    without = REPORT.model_copy(update={"points": (HELP, LONELY)})
    assert "expected time saved a journey" not in friction_scene(without).texts()
    assert friction_scene(without).width < friction_scene(REPORT).width


def test_only_the_top_is_shown_and_that_is_said():
    scene = friction_scene(REPORT, top=1)
    assert "Payment error" in scene.texts()
    assert "◆ Help line" not in scene.texts()
    words = "2 touchpoints: expected gains below 0.1 points; 1 without peers to compare with"
    assert words in scene.texts()


def test_no_point_of_friction_is_hidden():
    rubs = tuple(
        point(f"t{n}", signal("drop_off", 0.5, 0.1, significant=True), gain=0.0, journeys=0.0)
        for n in range(14)
    )
    calm = point("calm", signal("drop_off", 0.1, 0.1), gain=0.02, journeys=20.0)
    texts = friction_scene(REPORT.model_copy(update={"points": (*rubs, calm)}), top=3).texts()
    assert {f"t{n}" for n in range(14)} <= set(texts)
    assert "calm" not in texts
    assert "1 touchpoint: expected gains up to 2.0 points" in texts


def test_without_a_goal_there_are_no_gains_but_there_are_peers():
    calm = [point(f"t{n}", signal("drop_off", 0.1, 0.1)) for n in range(4)]
    lonely = [point(f"u{n}", signal("drop_off", 0.1, None)) for n in range(3)]
    report = REPORT.model_copy(update={"points": (PAYMENT, *calm, *lonely)})
    assert "7 touchpoints: 3 without peers to compare with" in friction_scene(report, top=1).texts()


def test_groups_of_rows_say_why_a_gain_of_nothing_stands_above_a_gain():
    rubs = point("rubs", signal("self_loop", 0.5, 0.1, significant=True), gain=0.0, journeys=0.0)
    calm = point("calm", signal("drop_off", 0.1, 0.1), gain=0.02, journeys=20.0)
    labels = {
        label.text: label
        for label in friction_scene(REPORT.model_copy(update={"points": (rubs, calm)})).labels()
    }
    order = ["Points of friction (1)", "rubs", "Not clearly friction (1)", "calm"]
    assert sorted(order, key=lambda text: labels[text].y) == order
    assert (
        "Not clearly friction (1)"
        not in friction_scene(REPORT.model_copy(update={"points": (rubs,)})).texts()
    )
    assert (
        "Points of friction (1)" not in friction_scene(REPORT.model_copy(update={"points": (calm,)})).texts()
    )


def test_of_many_touchpoints_those_without_a_gain_to_write_are_one_line():
    def texts(count):
        rest = tuple(
            point(f"t{n}", signal("drop_off", 0.1, 0.1), gain=0.02 if n == 5 else 0.0004, journeys=1.0)
            for n in range(count - 1)
        )
        scene = friction_scene(REPORT.model_copy(update={"points": (PAYMENT, *rest)}), top=20)
        return set(scene.texts())

    assert {f"t{n}" for n in range(11)} <= texts(12)
    folded = texts(13)
    assert "t5" in folded
    assert "t4" not in folded
    assert "Not clearly friction (12)" in folded
    assert "and 11 more touchpoints: expected gains below 0.1 points" in folded


def test_where_gains_are_small_a_second_decimal_counts():
    rest = tuple(
        FrictionPoint(touchpoint=f"t{n}", name=f"t{n}", gain=Estimate(value=0.0005 if n == 5 else 0.00004))
        for n in range(13)
    )
    texts = friction_scene(FrictionReport(journey="Shop", points=rest)).texts()
    assert "0.05" in texts
    assert "and 12 more touchpoints: expected gains below 0.01 points" in texts


def test_touchpoints_that_tell_nothing_are_still_shown_where_there_is_nothing_else():
    rest = tuple(FrictionPoint(touchpoint=f"t{n}", name=f"t{n}") for n in range(13))
    texts = friction_scene(FrictionReport(journey="Shop", points=rest), top=4).texts()
    assert {"t0", "t3"} <= set(texts)
    assert "and 9 more touchpoints: 9 without peers to compare with" in texts


def test_an_empty_report_is_a_sentence():
    scene = friction_scene(FrictionReport(journey="Shop"))
    assert "No touchpoint of Shop could be judged." in scene.texts()
    assert markers(scene) == []


def test_no_friction_is_said():
    texts = friction_scene(REPORT.model_copy(update={"points": (HELP,)})).texts()
    assert any(text.startswith("No touchpoint is clearly worse than its peers") for text in texts)


CHINESE = point(
    "比较各种套餐的价格与速度",
    signal("drop_off", 0.5, 0.1, significant=True),
    gain=0.02,
    journeys=20.0,
    service=True,
)
UNBROKEN = point(
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen", signal("drop_off", 0.3, 0.2), service=True
)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize(
    "points", [(PAYMENT, HELP, LONELY, CHINESE, UNBROKEN), (LONELY,), (PAYMENT,) * 12, ()]
)
def test_friction_can_be_read_and_every_mark_is_explained(points, theme):
    ax = draw_friction(REPORT.model_copy(update={"points": points}), theme=theme, top=20)
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []
    assert contrast_faults(scene_of(ax), theme) == []


def test_the_legend_names_the_marks_in_use_alone():
    assert set(friction_scene(REPORT).legend) == {
        "gain at friction", "gain elsewhere", "time at friction", "interval", "worse", "measured", "not judged", "not measured", "service",
    }  # fmt: skip
    assert friction_scene(REPORT.model_copy(update={"points": (LONELY,)})).legend == ("not judged",)


def test_large_type_keeps_the_page_about_as_wide():
    plain, large = friction_scene(REPORT), friction_scene(REPORT, theme=LARGE_THEME)
    assert large.width < plain.width * 1.25
    assert min(label.size for label in large.labels()) == pytest.approx(LARGE_THEME.tick_size * 1.4)


def test_print_hatches_what_is_friction():
    hatched = [
        item
        for item in friction_scene(REPORT, theme=PRINT_THEME).items
        if isinstance(item, Box) and item.hatch
    ]
    assert {item.mark for item in hatched} == {"gain at friction", "time at friction", "legend"}


def test_a_symbol_is_never_left_alone_on_its_line():
    texts = [
        label.text for label in friction_scene(REPORT.model_copy(update={"points": (UNBROKEN,)})).labels()
    ]
    assert any(text.startswith("◆ Donau") for text in texts)


def test_the_description_says_every_row():
    lines = friction_scene(REPORT).description.splitlines()
    assert (
        "Help line (Purchase), service: expected gain −0.2 points of conversion, −9 journeys; drop-off 30 %."
        in lines
    )
    assert any(
        line.startswith("Payment error (Purchase): expected gain 3.1") and "self-loop 8 %" in line
        for line in lines
    )
    assert lines[-1].startswith("No friction was found at Help line")


@given(low=st.floats(-100, 0), span=st.floats(0.001, 1000))
def test_round_steps_lie_in_their_range(low, span):
    steps = round_steps(low, low + span)
    assert all(low - span * 1e-6 <= step <= low + span * (1 + 1e-6) for step in steps)
    assert 1 <= len(steps) <= 7


def test_an_axis_holds_zero_and_every_interval():
    axis = Axis.around([Estimate(value=2.0, low=-1.0, high=5.0)], left=1.0, width=3.0)
    assert (axis.at(-1.0), axis.at(5.0)) == (1.0, 4.0)
    assert Axis.around([], left=0.0, width=1.0).at(0.0) == 0.0


def test_values_of_another_kind_are_refused_at_the_door():
    kinds = {
        draw_friction: "FrictionReport",
        draw_service: "ServiceView",
        draw_map: "Journey",
        draw_network: "Journey",
    }
    for draw, word in kinds.items():
        with pytest.raises(WrongKindError, match=f"Expected {word}"):
            draw(3)


ALL = FrictionReport(
    journey="Broadband",
    points=tuple(
        point(
            name,
            *(signal(kind, 0.3, 0.1, significant=kind in worse) for kind in KINDS),
            gain=0.01,
            journeys=12.0,
            saved=600.0,
        ).model_copy(update={"index": sum(parts.values()), "contributions": parts})
        for name, worse, parts in (
            ("Pay", ("drop_off", "abandonment"), {"drop_off": 40.0, "abandonment": 20.0, "waiting": 5.0}),
            ("比较各种套餐的价格与速度", ("waiting", "had_to_repeat"), {"waiting": 15.0}),
            ("Reads the very detailed conditions of the contract", (), {"drop_off": 4.0}),
        )
    ),
    weights={"drop_off": 2.0, "abandonment": 1.0, "waiting": 1.0},
    journeys=1124,
    customers=980,
)


def index_boxes(scene):
    """The parts of the index in the rows, without those of the legend."""
    return [item for item in scene.items if isinstance(item, Box) and item.mark.startswith("index ")]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_all_signals_and_the_index_can_be_read(theme):
    ax = draw_friction(ALL, theme=theme)
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []
    assert contrast_faults(scene_of(ax), theme) == []


def test_the_parts_of_the_index_stand_end_to_end_and_add_up():
    scene = friction_scene(ALL)
    pay, *rest = sorted(index_boxes(scene), key=lambda box: (box.y, box.x))[:3]
    assert pay.right == pytest.approx(rest[0].x)
    assert rest[0].right == pytest.approx(rest[1].x)
    widths = [box.width for box in (pay, *rest)]
    assert [wide / sum(widths) for wide in widths] == pytest.approx([40 / 65, 20 / 65, 5 / 65])
    assert {"65", "15", "4", "drop-off (weight 2)", "not completed (weight 1)"} <= set(scene.texts())
    assert not index_boxes(friction_scene(REPORT))


def test_many_weights_end_in_others():
    weights = {kind: 1.0 + place for place, kind in enumerate(KINDS[:9])}
    parts = dict.fromkeys(weights, 10.0)
    report = ALL.model_copy(
        update={
            "weights": weights,
            "points": (ALL.points[0].model_copy(update={"index": 90.0, "contributions": parts}),),
        }
    )
    boxes = index_boxes(friction_scene(report))
    assert [box.mark for box in boxes][-1] == "index other"
    assert boxes[-1].width == pytest.approx(5 * boxes[0].width)
    assert DEFAULT_THEME.pain not in {box.fill for box in boxes}


def test_columns_are_the_measured_signals_or_those_asked_for():
    heads = {"drop-off", "self-loop", "repetition", "regression", "waiting"}
    assert heads <= set(friction_scene(REPORT).texts())
    assert "rage loop" not in friction_scene(REPORT).texts()
    asked = friction_scene(REPORT, signals=["drop_off", "rage_loop"])
    assert {"drop-off", "rage loop"} <= set(asked.texts())
    assert "self-loop" not in asked.texts()
    assert any(text.startswith("Expected gain") for text in asked.texts())
    assert "Measured, nothing clearly worse: self-loop" in " ".join(asked.texts())
    assert asked.width < friction_scene(REPORT).width


def test_of_many_signals_those_without_a_finding_are_named_below():
    worse = {"drop_off", "hand_off"}
    every = tuple(signal(kind, 0.5, 0.1, significant=kind in worse) for kind in KINDS)
    report = FrictionReport(journey="Shop", points=(point("Pay", *every),))
    scene = friction_scene(report)
    texts = scene.texts()
    assert {"drop-off", "self-loop", "repetition", "regression", "waiting", "hand-off"} <= set(texts)
    assert "rework" not in texts
    assert "Measured, nothing clearly worse: rework, time spent" in " ".join(texts)
    assert "Measured, not shown" not in " ".join(texts)
    assert scene.width <= 16
    asked = " ".join(friction_scene(report, signals=["rework"]).texts())
    assert "Measured, not shown: drop-off and hand-off." in asked


def test_where_nothing_had_peers_the_figure_says_so():
    told = " ".join(
        friction_scene(FrictionReport(journey="S", points=(point("Pay", signal("rework", 0.5)),))).texts()
    )
    assert "Nothing could be compared: each stage has one touchpoint of its family; declare targets=" in told


def test_what_was_not_measured_is_named_in_one_line():
    report = REPORT.model_copy(update={"not_measured": {"rage_loop": "why", "sojourn": "because"}})
    text = " ".join(friction_scene(report).texts())
    assert "Not measured: rage loop and time spent." in text
    assert "Not measured: rage loop (why)." in friction_scene(report).description


def test_an_own_signal_has_a_column_of_its_name():
    own = signal("form_errors", 0.3, 0.1, significant=True)
    scene = friction_scene(REPORT.model_copy(update={"points": (point("Pay", own),)}))
    assert "form errors" in " ".join(scene.texts()).replace("\n", " ")


def test_a_reason_not_to_judge_is_said():
    given = signal("hand_off", 0.3, 0.1).model_copy(
        update={"p": None, "unjudged": "given by the owners in the design"}
    )
    scene = friction_scene(REPORT.model_copy(update={"points": (point("Pay", given),)}))
    assert "measured, given by the owners in the design" in scene.texts()
