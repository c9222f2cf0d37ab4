"""The driver chart: bars as long as their numbers, hollow where nothing is supported, every mark explained."""

from __future__ import annotations

import pytest

from journeymap.engines.in_memory import _IN_MEMORY
from journeymap.errors import WrongKindError
from journeymap.render.driver_chart import _NAMELESS, describe_drivers, draw_drivers, drivers_scene
from journeymap.render.paint import scene_of
from journeymap.render.scene import Box, Label, Line, Marker
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.driver_samples import SAMPLES, some_drivers
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}


def bars(scene, mark):
    return [item for item in scene.items if isinstance(item, Box) and item.mark == mark]


def texts(scene):
    return " ".join(item.text for item in scene.items if isinstance(item, Label)).replace("\n", " ")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_readable_and_explained(sample, theme):
    ax = draw_drivers(some_drivers(sample), theme=THEMES[theme])
    assert_readable(ax)
    scene = scene_of(ax)
    assert scene_faults(scene) == []
    assert contrast_faults(scene, THEMES[theme]) == []


class TestImportance:
    def test_bars_are_as_long_as_shares_and_the_line_stands_at_noise(self):
        report = some_drivers("five")
        scene = drivers_scene(report)
        drawn = sorted([*bars(scene, "importance"), *bars(scene, "as noise")], key=lambda box: box.y)
        long = [
            box.width / driver.importance.value for box, driver in zip(drawn, report.drivers, strict=True)
        ]
        assert long == pytest.approx([long[0]] * 5)
        (noise,) = (item for item in scene.items if isinstance(item, Line) and item.mark == "noise")
        assert noise.points[0][0] - drawn[0].x == pytest.approx(report.noise * long[0])

    def test_what_is_no_more_than_noise_is_hollow(self):
        report = some_drivers("fifteen")
        driver = report.drivers[0].model_copy(update={"above_noise": False})
        scene = drivers_scene(report.model_copy(update={"drivers": (driver, *report.drivers[1:])}))
        (box, *_) = sorted(bars(scene, "as noise"), key=lambda box: box.y)
        assert box.fill == DEFAULT_THEME.paper
        assert "as noise" in scene.legend

    def test_without_an_interval_none_is_drawn(self):
        scene = drivers_scene(some_drivers("one"))
        (box,) = bars(scene, "importance")
        middle = box.y + box.height / 2
        assert not [
            item for item in scene.items
            if isinstance(item, Line) and item.mark == "interval" and abs(item.points[0][1] - middle) < 0.01
            and item.points[0][0] < box.right + 0.5
        ]  # fmt: skip


class TestPenaltyAndReward:
    def test_worse_lies_at_the_left_and_better_at_the_right(self):
        report = some_drivers("five")
        assert report.drivers[0].asymmetry == "hurts more than it delights"
        scene = drivers_scene(report)
        penalty = min(bars(scene, "penalty"), key=lambda box: box.y)
        reward = min(bars(scene, "reward"), key=lambda box: box.y)
        assert penalty.right == pytest.approx(reward.x)
        ratio = penalty.width / reward.width
        assert ratio == pytest.approx(-report.drivers[0].penalty.value / report.drivers[0].reward.value)
        assert penalty.bottom <= reward.y + 0.04

    def test_what_the_interval_does_not_support_is_hollow_and_has_no_name(self):
        report = some_drivers("five")
        scene = drivers_scene(report)
        for side in ("penalty", "reward"):
            held = [getattr(driver, side) for driver in report.drivers]
            supported = sum(not one.low <= 0 <= one.high for one in held)
            assert len(bars(scene, side)) == supported
            hollow = bars(scene, f"{side} not supported")
            assert len(hollow) == 5 - supported
            assert all(box.fill == DEFAULT_THEME.paper for box in hollow)
        named = sum(driver.asymmetry not in {"not supported", "not known"} for driver in report.drivers)
        drawn = texts(scene)
        assert (
            drawn.count("hurts more than it delights") + drawn.count("delights more than it hurts") == named
        )

    def test_low_and_high_are_told_unless_they_differ(self):
        assert "low ≤ 2.33, high ≥ 3.67" in texts(drivers_scene(some_drivers("five")))
        assert "what low and high mean differs by driver" in texts(
            drivers_scene(some_drivers("unlike scales"))
        )

    def test_what_the_data_do_not_identify_is_not_drawn_and_the_note_says_why(self):
        report = some_drivers("yes or no")
        scene = drivers_scene(report)
        known = [driver for driver in report.drivers if not driver.contrast_problem]
        assert len(known) == 2
        assert len([*bars(scene, "penalty"), *bars(scene, "penalty not supported")]) == 2
        said = "Penalty and reward not known: nobody rates in between (“Driver 0” and “Driver 1”)."
        assert said in texts(scene)
        assert "not known: nobody rates in between" in scene.description


class TestRatings:
    def test_dots_stand_between_the_bad_and_the_good_end(self):
        report = some_drivers("unlike scales")
        scene = drivers_scene(report)
        assert {"worst", "best"} <= {item.text for item in scene.items if isinstance(item, Label)}
        dots = sorted(
            (d for d in scene.items if isinstance(d, Marker) and d.mark == "rating"), key=lambda d: d.y
        )
        left = next(item.x for item in scene.items if isinstance(item, Label) and item.text == "worst")
        right = next(item.x for item in scene.items if isinstance(item, Label) and item.text == "best")
        for dot, driver in zip(dots, report.drivers, strict=True):
            part = driver.question.scale.normalised(driver.performance.value)
            assert dot.x == pytest.approx(left + part * (right - left))

    def test_they_alone_are_left_where_nothing_else_is_known(self):
        scene = drivers_scene(some_drivers("unknown"))
        assert set(scene.legend) == {"rating", "interval", "service"}
        assert "20 answers are too few for 15 drivers" in texts(scene)

    def test_nobody_rated_anything(self):
        scene = drivers_scene(some_drivers("nobody"))
        assert "cannot be told" in texts(scene)
        assert scene.legend == ()


class TestWords:
    def test_the_alternative_says_what_the_picture_shows(self):
        report = some_drivers("five")
        said = describe_drivers(report)
        assert said == drivers_scene(report).description
        assert "An association, not a cause." in said
        assert "Driver 1 (service)" in said
        assert said.splitlines()[-1].startswith("Noise would get up to ")

    def test_filters_and_numbers_stand_below_the_title(self):
        drawn = texts(drivers_scene(some_drivers("five")))
        assert "n = 400 answers" in drawn
        assert "plan is 'big'" in drawn

    def test_a_large_theme_is_as_high_in_type_and_not_cut(self):
        assert (
            drivers_scene(some_drivers("five"), theme=LARGE_THEME).width
            < 1.4 * drivers_scene(some_drivers("five")).width
        )

    def test_another_kind_is_refused(self):
        with pytest.raises(WrongKindError, match="draw_drivers"):
            draw_drivers("report")


def test_a_table_without_a_name_is_not_named():
    assert {label for _, label in _IN_MEMORY.values()} | {"the Spark DataFrame"} == _NAMELESS
    report = some_drivers("five")
    assert report.source in _NAMELESS
    assert report.source not in _words(report)
    assert "answers.csv" in _words(report.model_copy(update={"source": "somewhere/answers.csv"}))


def _words(report):
    return " ".join(item.text for item in drivers_scene(report).items if isinstance(item, Label))
