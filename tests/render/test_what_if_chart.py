"""The waterfall of a what-if: bars where the numbers say, readable in every theme."""

from __future__ import annotations

from functools import cache

import pytest

from journeymap.analysis.what_if import what_if
from journeymap.errors import WrongKindError
from journeymap.render.paint import scene_of
from journeymap.render.scene import Box, Line
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from journeymap.render.what_if_chart import describe_what_if, draw_what_if, what_if_scene
from tests.oracle import toy_journey
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}
EXITS = ("ad", "compare", "cart", "onboard", "phone@post_purchase")
LONG = "Opened the page with the monthly prices of every plan of the neighbour's $ shop"
CHINESE = "比较各种套餐的价格与速度,然后联系在线客服"
SAMPLES = {
    "one": ["cart: exit -50%"],
    "twelve": [f"{name}: exit -{20 + 10 * place}%" for place, name in enumerate(EXITS)]
    + [f"{name}: wait -50%" for name in ("ad", "compare", "cart", "pay", "onboard")]
    + ["cart -> chat: reroute 20% to pay", "remove bot"],
    "nothing": ["cart: wait -50%"],
    "no change at all": ["pay: exit -50%"],
    "worse": ["remove chat to lost", "cart -> pay: reroute 30% to ad"],
    "up and down": ["cart: exit -50%", "remove bot to lost", "onboard: exit -20%"],
}


@cache
def toy(name=""):
    journey = toy_journey()
    if not name:
        return journey
    renamed = tuple(t.model_copy(update={"name": name}) for t in journey.touchpoints)
    return journey.model_copy(update={"touchpoints": renamed, "name": name})


@cache
def answer(sample, name=""):
    return what_if(toy(name), SAMPLES[sample])


def bars(scene, mark):
    return [item for item in scene.items if isinstance(item, Box) and item.mark == mark]


def inches_a_point(scene, value):
    """How wide a point of conversion is drawn, from the bar of all fixes, or of the only one."""
    (together,) = bars(scene, "together") or bars(scene, "gain")
    return together.width / abs(value.gain.value)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_is_readable(sample, theme):
    ax = draw_what_if(answer(sample), theme=THEMES[theme])
    assert_readable(ax)
    assert not scene_faults(scene_of(ax))


@pytest.mark.parametrize("name", [LONG, CHINESE], ids=["long", "chinese"])
@pytest.mark.parametrize("theme", ["default", "large"])
def test_long_and_chinese_names(name, theme):
    ax = draw_what_if(answer("twelve", name), theme=THEMES[theme])
    assert_readable(ax)
    assert not scene_faults(scene_of(ax))


def test_bars_are_as_long_as_the_gains_and_follow_each_other():
    value = answer("up and down")
    scene = what_if_scene(value)
    scale = inches_a_point(scene, value)
    up, down, more = (
        *bars(scene, "gain")[:1], *bars(scene, "loss"), *bars(scene, "gain")[1:]
    )  # fmt: skip
    for bar, step in zip((up, down, more), value.steps, strict=True):
        assert bar.width == pytest.approx(abs(step.gain.value) * scale)
    (together,) = bars(scene, "together")
    assert value.gain.value < 0
    zero = together.right
    assert up.x == pytest.approx(zero)
    assert down.right == pytest.approx(up.right)
    assert more.x == pytest.approx(down.x)
    (apart,) = bars(scene, "interaction")
    assert apart.width == pytest.approx(abs(value.interaction.value) * scale)
    # the interaction ends where all fixes together end
    assert min(abs(end - together.x) for end in (apart.x, apart.right)) < 1e-9


def test_intervals_lie_at_their_values():
    value = answer("one")
    scene = what_if_scene(value)
    scale = inches_a_point(scene, value)
    (together,) = bars(scene, "gain")
    ends = {
        round(x, 4)
        for item in scene.items
        if isinstance(item, Line) and item.mark == "interval"
        for x, _ in item.points
    }
    assert ends == {round(together.x + end * scale, 4) for end in (value.gain.low, value.gain.high)}


def test_conversion_is_written_before_and_after():
    texts = [label.text for label in what_if_scene(answer("one")).labels()]
    assert "Conversion now" in texts
    assert "50.0 %" in texts
    assert "52.7 %" in texts
    assert texts.count("+2.7  ·  +0.3 journeys") == 1


def test_a_single_fix_has_one_bar():
    scene = what_if_scene(answer("one"))
    assert not bars(scene, "together")
    assert "together" not in scene.legend
    assert "With the fix" in [label.text for label in scene.labels()]


def test_time_that_does_not_change_is_said():
    texts = [
        label.text for label in what_if_scene(what_if(toy(), ["cart: wait -50%", "pay: exit -50%"])).labels()
    ]
    assert texts.count("no change") == 4  # conversion in both rows and of both, the time of the second


def test_where_nothing_changes_no_bar_is_drawn():
    scene = what_if_scene(answer("no change at all"))
    assert not scene.legend
    assert [label.text for label in scene.labels()].count("no change") == 1
    assert not any(label.text.startswith("a journey would") for label in scene.labels())
    timed = what_if_scene(answer("nothing"))
    assert any(label.text == "28 minutes less" for label in timed.labels())


def test_service_and_model_are_named():
    value = answer("worse")
    scene = what_if_scene(value)
    assert any(label.text.startswith("◆ Remove") and label.mark == "service" for label in scene.labels())
    assert any("model-implied, if the association is causal" in label.text for label in scene.labels())


def test_large_type_keeps_the_width():
    value = answer("twelve")
    assert what_if_scene(value, theme=LARGE_THEME).width == pytest.approx(
        what_if_scene(value).width, rel=0.05
    )


def test_words_say_every_number():
    said = describe_what_if(answer("up and down")).splitlines()
    assert said[0].startswith("Toy: what would these 3 fixes bring? With these 3 fixes conversion would")
    assert said[1].startswith("Lower exits at “Cart” by 50 %, alone: +2.7 points")
    assert "(service)" in said[2]
    assert said[-2].startswith("Together: ")
    assert said[-1] == "All this is model-implied, if the association is causal."
    assert what_if_scene(answer("one")).description == describe_what_if(answer("one"))


def test_another_value_is_refused():
    with pytest.raises(WrongKindError, match="draw_what_if"):
        draw_what_if(toy())
