"""Importance against satisfaction: every touchpoint in its quadrant, no name over another."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest

from journeymap.errors import WrongKindError
from journeymap.model.journey import Journey
from journeymap.render.feeling_chart_places import ground_of, marker_ground
from journeymap.render.importance_chart import describe_importance, draw_importance, importance_scene
from journeymap.render.importance_chart_content import importance_finding, importance_notes, rate
from journeymap.render.paint import scene_of
from journeymap.render.scene import SHAPE, Line, Marker
from journeymap.render.theme import DEFAULT_THEME, LARGE_THEME
from tests.render.overlap import assert_readable
from tests.render.samples import bare, chinese, large, long_names, observed
from tests.render.scene_checks import scene_faults


def journey(*rated, **more):
    touchpoints = [
        {"id": f"t{n}", "name": f"Touchpoint {n}", "importance": importance, "feeling": feeling,
         "feeling_source": "researched"} | more.get(f"t{n}", {})
        for n, (importance, feeling) in enumerate(rated)
    ]  # fmt: skip
    return Journey(name="Shop", touchpoints=touchpoints)


def weighed(value):
    """The same journey with an importance at every touchpoint, spread and repeatable."""
    return value.model_copy(
        update={
            "touchpoints": tuple(
                touchpoint.model_copy(update={"importance": round((n * 7919 % 83) / 100 + 0.15, 2)})
                for n, touchpoint in enumerate(value.touchpoints)
            )
        }
    )


def markers(scene):
    return [
        item for item in scene.items if isinstance(item, Marker) and item.z == SHAPE and item.mark != "legend"
    ]


def test_the_four_quadrants():
    ratings = rate(journey((0.9, -1), (0.9, 1), (0.1, -1), (0.1, 1)))
    assert ratings.middle == pytest.approx(0.5)
    for quadrant, name in (("fix first", 0), ("keep up", 1), ("low priority", 2), ("possible overkill", 3)):
        assert [rated.name for rated in ratings.within(quadrant)] == [f"Touchpoint {name}"]


def test_the_sentence_says_how_many_touchpoints_it_does_not_judge():
    said = importance_finding(rate(journey((0.9, -1), (0.4, 1), (None, 1), (0.5, None), (None, None))))
    assert said.startswith("1 of 2 touchpoints matters much and leaves customers unhappy")
    assert said.endswith(". 3 more are not judged: importance or feeling is not known.")
    calm = importance_finding(rate(journey((0.9, 1), (0.4, 1), (None, 1))))
    assert calm.endswith("unhappy. 1 more is not judged: importance or feeling is not known.")
    assert "not judged" not in importance_finding(rate(journey((0.9, -1), (0.4, 1))))


def test_a_neutral_feeling_and_the_mean_itself_are_no_fault():
    ratings = rate(journey((0.5, 0), (0.5, 0), (0.5, -0.5)))
    assert [ratings.quadrant(rated) for rated in ratings.shown] == ["fix first", "keep up", "keep up"]


def test_the_lines_stand_at_the_mean_of_three_or_more():
    assert rate(journey((0.9, 1), (0.8, 1), (0.7, 1))).middle == pytest.approx(0.8)
    two = rate(journey((0.9, 1), (0.8, 1)))
    assert (two.middle, two.by_mean) == (0.5, False)
    assert "the middle of importance (0.5)" in importance_notes(two)


def test_the_most_urgent_comes_first():
    ratings = rate(journey((0.4, -2), (0.9, -1), (1.0, 2)))
    assert [rated.name for rated in ratings.shown] == ["Touchpoint 1", "Touchpoint 0", "Touchpoint 2"]
    assert importance_finding(ratings) == (
        "1 of 3 touchpoints matters more than the average and leaves customers unhappy: this is "
        "“Touchpoint 1” (importance 0.9, feeling −1)."
    )


def test_nothing_to_fix_is_said():
    assert importance_finding(rate(journey((0.9, 1), (0.2, -1), (0.8, 2)))) == (
        "No touchpoint that matters more than the average leaves customers unhappy."
    )


def test_what_is_missing_is_named():
    ratings = rate(journey((None, -1), (0.5, None), (0.5, 1)))
    assert len(ratings.shown) == 1
    text = importance_notes(ratings)
    assert "Not shown, because their importance is not known: Touchpoint 0." in text
    assert "Not shown, because their feeling is not known: Touchpoint 1." in text


def test_nothing_known_is_a_sentence_that_says_what_to_add():
    scene = importance_scene(bare())
    assert any("Give the touchpoints of the design an importance" in text for text in scene.texts())
    assert markers(scene) == []


def test_points_stand_where_their_numbers_say():
    scene = importance_scene(journey((0.2, -2), (1.0, 2), (0.6, 0)))
    first, second, third = sorted(markers(scene), key=lambda marker: marker.x)
    # from left to right: −2, 0, +2
    assert third.x - second.x == pytest.approx(second.x - first.x)
    assert second.y - third.y == pytest.approx(first.y - second.y)


def test_points_that_coincide_stand_side_by_side():
    one, two = markers(importance_scene(journey((0.5, 1), (0.5, 1))))
    assert one.y == two.y
    assert not marker_ground(one).overlaps(marker_ground(two), gap=-0.02)


def test_points_that_were_moved_are_joined_around_their_place():
    scene = importance_scene(journey((0.5, 1), (0.5, 1), (0.5, 0)))
    (line,) = [item for item in scene.items if isinstance(item, Line) and item.mark == "beside"]
    left, right = sorted(markers(scene), key=lambda marker: marker.x)[1:]
    assert line.points == ((left.x, left.y), (right.x, right.y))
    alone = importance_scene(journey((0.5, 1), (0.5, 0)))
    place = max(marker.x for marker in markers(alone))
    assert (left.x + right.x) / 2 == pytest.approx(place)
    assert "beside" in scene.legend
    assert "beside" not in alone.legend


def test_a_measured_feeling_has_its_interval():
    measured = {"value": -1.2, "low": -1.5, "high": -0.9, "n": 90, "customers": 90}
    value = journey((0.5, 1), (0.5, 0.1), t0={"measured_feeling": measured})
    scene = importance_scene(value)
    (line,) = [item for item in scene.items if isinstance(item, Line) and item.mark == "interval"]
    (left, right) = line.points
    low, high = sorted(item.x for item in markers(scene))
    assert left[0] < low < right[0] < high


def test_stages_of_a_floating_touchpoint_that_are_rated_alike_are_one():
    touchpoints = [
        {"id": f"help@{stage}", "name": "Help", "stage": stage, "floats_as": "help", "importance": 0.8, "feeling": feeling}
        for stage, feeling in (("purchase", -1), ("loyalty", -1), ("evaluation", 1))
    ]  # fmt: skip
    ratings = rate(Journey(name="A", origin="observed", touchpoints=touchpoints))
    assert [rated.name for rated in ratings.shown] == ["Help (Purchase)", "Help (Evaluation)"]


def test_service_and_assumed_are_told_by_shape_and_fill():
    value = journey((0.5, 1), (0.7, -1), t0={"service": {}}, t1={"feeling_source": "assumed"})
    scene = importance_scene(value)
    found = {item.shape: item for item in markers(scene)}
    assert found["diamond"].fill == DEFAULT_THEME.service
    assert found["circle"].fill == DEFAULT_THEME.paper
    assert set(scene.legend) == {"service", "assumed"}


@pytest.mark.parametrize("theme", [DEFAULT_THEME, LARGE_THEME], ids=["default", "large"])
@pytest.mark.parametrize("value", [lambda: large(40), observed, long_names, chinese, lambda: large(60)])
def test_no_name_covers_a_name_or_a_point(value, theme):
    scene = importance_scene(weighed(value()), theme=theme)
    labels = [item for item in scene.labels() if item.z > 4.5]
    grounds = [ground_of(label, theme).inset(0.002) for label in labels]
    points = [marker_ground(marker) for marker in markers(scene)]
    assert labels
    for (one, first), (other, second) in combinations(zip(labels, grounds, strict=True), 2):
        assert not first.overlaps(second), (one.text, other.text)
    for label, ground in zip(labels, grounds, strict=True):
        assert not any(ground.overlaps(point) for point in points), label.text


def test_a_name_without_a_line_is_nearest_to_its_own_point():
    scene = importance_scene(weighed(large(40)))
    lines = [item for item in scene.items if isinstance(item, Line) and item.width == 0.6 and not item.mark]
    led = [line.points[1] for line in lines]
    wanted = {}
    for rated, marker in zip(rate(weighed(large(40))).shown, markers(scene), strict=True):
        wanted[rated.name] = marker
    checked = 0
    for label in [item for item in scene.labels() if item.z > 4.5]:
        if any(math.dist((label.x, label.y), end) < 0.05 for end in led):
            continue
        ground = ground_of(label, DEFAULT_THEME)
        nearest = min(markers(scene), key=lambda marker: away(ground, marker))
        assert nearest is wanted[label.text.replace("\n", " ")], label.text
        checked += 1
    assert checked > 30


def away(ground, marker):
    across = max(ground.x - marker.x, 0, marker.x - ground.right)
    return math.hypot(across, max(ground.y - marker.y, 0, marker.y - ground.bottom))


def test_every_touchpoint_is_named_or_numbered_with_a_key():
    scene = importance_scene(weighed(observed(40)), theme=LARGE_THEME)
    shown = [rated.name for rated in rate(weighed(observed(40))).shown]
    texts = {text.removeprefix("◆ ") for text in scene.texts()}
    assert all(name in texts for name in shown)
    numbers = sorted(int(label.text) for label in scene.labels() if label.text.isdigit() and label.z > 4.5)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 3


def test_names_are_placed_alike_on_every_run():
    assert importance_scene(weighed(large(40))) == importance_scene(weighed(large(40)))


def test_the_scale_begins_below_the_least_important():
    ticks = [
        float(text) for text in importance_scene(journey((0.9, 1), (0.8, 0), (0.7, 1))).texts()
        if text.count(".") == 1 and len(text) == 3
    ]  # fmt: skip
    assert ticks[0] == pytest.approx(0.4)
    assert all(b > a for a, b in pairwise(ticks))


def test_it_can_be_read_and_every_mark_is_explained():
    ax = draw_importance(weighed(large(40)))
    assert_readable(ax)
    assert not scene_faults(scene_of(ax))


def test_the_words_name_every_quadrant_and_touchpoint():
    text = describe_importance(journey((0.9, -1), (0.9, 1), (0.1, -1), (0.1, 1), t0={"service": {}}))
    assert "Fix first: Touchpoint 0 (service) 0.9, −1." in text
    assert "Possible overkill: Touchpoint 3 0.1, +1." in text


def test_another_kind_is_refused():
    with pytest.raises(WrongKindError, match="draw_importance"):
        draw_importance(3)
