"""The gain–cost plane: points where the numbers say, the Pareto line, names that cover nothing."""

from __future__ import annotations

from functools import cache

import pytest

from journeymap.analysis.priorities import prioritise
from journeymap.analysis.what_if import what_if
from journeymap.errors import WrongKindError
from journeymap.render.paint import scene_of
from journeymap.render.priority_chart import describe_priorities, draw_priorities, priorities_scene
from journeymap.render.scene import Line, Marker
from journeymap.render.theme import DEFAULT_THEME
from tests.analysis.planted import planted_journey
from tests.oracle import toy_journey
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults
from tests.render.test_what_if_chart import CHINESE, EXITS, LONG, SAMPLES, THEMES, answer, toy


@cache
def ranked(sample, name=""):
    if sample == "one":
        return prioritise([answer("one")], cost=[5], unit="days")
    if sample == "twelve":
        found = [what_if(toy(name), text) for text in SAMPLES["twelve"]]
        named = {f"{place}. {one.words}": one for place, one in enumerate(found, 1)}
        return prioritise(named, cost=[(place * 7 % 12 + 1) * 1500 for place in range(12)], unit="€")
    if sample == "free":
        return prioritise([what_if(toy(), f"{name}: exit -50%") for name in EXITS], cost=[0] * 5)
    if sample == "same place":
        return prioritise({f"twin {n}": answer("one") for n in range(4)}, cost=[2] * 4)
    return prioritise([answer("worse"), answer("nothing")], cost=[3, 4], unit="weeks")


def markers(scene):
    return [item for item in scene.items if isinstance(item, Marker) and item.mark != "legend"]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", ["one", "twelve", "free", "same place", "worse"])
def test_every_sample_is_readable(sample, theme):
    ax = draw_priorities(ranked(sample), theme=THEMES[theme])
    assert_readable(ax)
    assert not scene_faults(scene_of(ax))


@pytest.mark.parametrize("name", [LONG, CHINESE], ids=["long", "chinese"])
@pytest.mark.parametrize("theme", ["default", "large"])
def test_long_and_chinese_names(name, theme):
    ax = draw_priorities(ranked("twelve", name), theme=THEMES[theme])
    assert_readable(ax)
    assert not scene_faults(scene_of(ax))


@cache
def three():
    found = {name: what_if(toy_journey(), f"{name}: exit -50%") for name in ("ad", "cart", "onboard")}
    return prioritise(found, cost={"ad": 6, "cart": 2, "onboard": 4}, unit="days")


def test_points_stand_at_cost_and_gain():
    value, scene = three(), priorities_scene(three())
    points = {item.name: marker for item, marker in zip(value.items, markers(scene), strict=True)}
    costs = [points[name].x for name in ("cart", "onboard", "ad")]
    assert costs[1] - costs[0] == pytest.approx(costs[2] - costs[1])
    gains = {item.name: item.gain.value for item in value.items}
    rise = (points["cart"].y - points["onboard"].y) / (gains["onboard"] - gains["cart"])
    assert points["ad"].y - points["onboard"].y == pytest.approx(rise * (gains["onboard"] - gains["ad"]))


def test_the_line_joins_what_nothing_beats_in_levels():
    value, scene = three(), priorities_scene(three())
    (line,) = [item for item in scene.items if isinstance(item, Line) and item.mark == "line"]
    points = {item.name: (m.x, m.y) for item, m in zip(value.items, markers(scene), strict=True)}
    assert line.points == (points["cart"], (points["onboard"][0], points["cart"][1]), points["onboard"])
    assert {m.mark for m in markers(scene)} == {"on the line", "off the line"}
    assert "line" in scene.legend


def test_what_surely_loses_does_not_crush_the_plane():
    journey = planted_journey(5, customers=300)
    texts = {"close": "remove payment to lost", "mend": "payment: exit -50%"}
    found = {name: what_if(journey, text) for name, text in texts.items()}
    scene = priorities_scene(prioritise(found, cost=[90, 3], unit="weeks"))
    assert len(markers(scene)) == 1
    assert not any(label.text == "80" for label in scene.labels())
    said = " ".join(" ".join(label.text for label in scene.labels()).split())
    assert "Not on the plane, as conversion would surely fall: close (−" in said
    only = priorities_scene(prioritise({"close": found["close"]}, cost=[90]))
    assert len(markers(only)) == 1
    assert_readable(draw_priorities(prioritise(found, cost=[90, 3])))


def test_intervals_are_drawn_over_their_points():
    scene = priorities_scene(three())
    whiskers = [item for item in scene.items if isinstance(item, Line) and item.mark == "interval"]
    assert whiskers
    assert min(line.z for line in whiskers) > max(marker.z for marker in markers(scene))
    named = [label for label in scene.labels() if label.text in {"ad", "cart", "onboard"}]
    assert [label.backing for label in named] == [DEFAULT_THEME.paper] * 3


def test_points_at_one_place_stand_beside_each_other():
    places = [(m.x, m.y) for m in markers(priorities_scene(ranked("same place")))]
    assert len({round(x, 3) for x, _ in places}) == 4


def test_words_say_every_number():
    said = describe_priorities(three()).splitlines()
    assert said[0].endswith(
        "Most gained for its cost: cart: about 0.3 more journeys for 2 days, which may be mere chance."
    )
    assert said[1].startswith("1. cart (Lower exits at “Cart” by 50 %): +0.3 journeys, +2.7 points")
    assert said[-1] == "All this is model-implied, if the association is causal."
    assert "None of these fixes would win more journeys." in describe_priorities(ranked("worse"))
    assert "Gained without any cost" in describe_priorities(ranked("free"))


def test_another_value_is_refused():
    with pytest.raises(WrongKindError, match="draw_priorities"):
        draw_priorities(answer("one"))
