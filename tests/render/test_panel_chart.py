"""The picture of the behavioural panel: its strips, intervals and trends, and what it says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import WrongKindError
from journeymap.render.panel_chart import describe_panel, draw_panel, panel_scene
from journeymap.render.panel_words import NOTHING_YET, change_words, p_words, panel_finding, trend_words
from journeymap.render.scene import Label, Line, Marker
from journeymap.render.theme import DEFAULT_THEME, THEMES
from tests.render.behaviour_samples import PANELS, some_panel
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults


def marks(scene, mark, kind):
    return [item for item in scene.items if isinstance(item, kind) and item.mark == mark]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", PANELS)
def test_every_mark_is_explained_and_every_text_stands_out(sample, theme):
    scene = panel_scene(some_panel(sample), theme=THEMES[theme])
    assert not scene_faults(scene)
    assert not contrast_faults(scene, THEMES[theme])


@pytest.mark.parametrize("theme", ["default", "large"])
@pytest.mark.parametrize("sample", PANELS)
def test_every_text_can_be_read(sample, theme):
    assert_readable(draw_panel(some_panel(sample), theme=THEMES[theme]))


def test_one_mark_for_every_known_value_in_the_order_of_periods():
    panel = some_panel("year")
    scene = panel_scene(panel)
    known = {
        family: sum(len(measure.known) for measure in panel.measures if measure.family == family)
        for family in ("behaviour", "service", "survey")
    }
    for family, count in known.items():
        assert len(marks(scene, family, Marker)) == count > 0
    places = [mark.x for mark in marks(scene, "service", Marker)]
    assert places == sorted(places)
    steps = [b - a for a, b in pairwise(places)]
    assert max(steps) == pytest.approx(min(steps))


def test_higher_values_stand_higher():
    panel = some_panel("year")
    values = [value.value for value in panel.measure("contacts").values]
    heights = [-mark.y for mark in marks(panel_scene(panel), "service", Marker)]
    assert sorted(range(12), key=values.__getitem__) == sorted(range(12), key=heights.__getitem__)


def test_service_has_its_accent_and_its_sign():
    scene = panel_scene(some_panel("year"))
    (name,) = [item for item in scene.labels() if item.text.startswith("◆")]
    assert name.colour == DEFAULT_THEME.service
    assert name.mark == "service"
    assert {(mark.shape, mark.fill) for mark in marks(scene, "service", Marker)} == {
        ("diamond", DEFAULT_THEME.service)
    }


def test_values_are_joined_only_where_periods_follow_each_other():
    scene = panel_scene(some_panel("year"))
    squares = marks(scene, "survey", Marker)  # months 3, 5, 6, 7 and 9
    joined = [
        item for item in scene.items
        if isinstance(item, Line) and not item.mark and item.points[0] == (squares[1].x, squares[1].y)
    ]  # fmt: skip
    assert [line.points for line in joined] == [tuple((mark.x, mark.y) for mark in squares[1:4])]


def test_a_line_is_drawn_only_where_a_trend_is_shown():
    for sample in ("year", "weeks", "plain"):
        panel = some_panel(sample)
        shown = [m for m in panel.measures if m.trend.direction != "no trend shown"]
        lines = marks(panel_scene(panel), "trend", Line)
        assert len(lines) == len(shown)
        for measure, line in zip(shown, lines, strict=True):
            (_, start), (_, end) = line.points
            assert (end < start) == (measure.trend.direction == "rising"), "y runs downwards"
            assert line.dash == "dotted"
    assert any(m.trend.direction == "rising" for m in some_panel("year").measures)


def test_intervals_of_many_periods_have_no_caps():
    def strokes(sample):
        scene = panel_scene(some_panel(sample))
        known = sum(value.low is not None for m in some_panel(sample).measures for value in m.known)
        return len(marks(scene, "interval", Line)) / known

    assert strokes("year") == 3
    assert strokes("weeks") == 1


def test_the_last_value_and_the_trend_are_written():
    panel = some_panel("year")
    texts = panel_scene(panel).texts()
    for measure in panel.measures:
        assert measure.written(measure.known[-1].value) in texts
    assert "+40" in texts
    assert any(text.startswith("rising (p ") for text in texts)
    assert any("points a month" in text for text in texts) or any(" a month" in text for text in texts)
    assert sum(text == "no trend given" for text in texts) == 1, "of new customers"
    assert [text for text in texts if text == "higher is better"]


def test_unknown_measures_are_said_to_be_unknown():
    scene = panel_scene(some_panel("one period"))
    assert scene.texts().count("not known in any period") == 2, "retention and repeated purchases"
    assert "trend" not in scene.legend


def test_names_of_periods_do_not_touch():
    scene = panel_scene(some_panel("weeks"))
    names = [item for item in scene.labels() if item.text.startswith("20") and item.ha == "center"]
    assert 4 < len(names) < 30
    assert names[0].text == "2019-12-30"


def test_what_was_left_out_is_said():
    text = " ".join(panel_scene(some_panel("cut")).texts())
    assert "2020-06 is left out" in text
    assert "2020-01 was not observed from its start" in text
    assert "only: from 2020-01-09" in text


def test_nothing_to_show_is_said():
    scene = panel_scene(some_panel("nothing"))
    assert NOTHING_YET in scene.description
    assert not [item for item in scene.items if isinstance(item, Marker)]
    assert any("nothing to compare" in text for text in scene.texts())


def test_the_description_names_every_measure():
    panel = some_panel("year")
    lines = describe_panel(panel).splitlines()
    assert lines[0] == f"The behaviour of {panel.customers} customers in 12 periods by month."
    assert lines[1].startswith("Rising: ")
    assert [line.split(":")[0] for line in lines[2:9]] == [measure.name for measure in panel.measures]
    assert panel_scene(panel).description == describe_panel(panel)
    assert "not known in any period" in describe_panel(some_panel("one period"))


def test_words_of_trends():
    contacts = some_panel("year").measure("contacts")
    assert p_words(None) == ""
    assert p_words(0.0001) == " (p < 0.001)"
    assert p_words(0.034) == " (p = 0.034)"
    odd = contacts.model_copy(
        update={"trend": contacts.trend.model_copy(update={"direction": "no trend shown", "p": 0.01})}
    )
    assert trend_words(odd) == "no trend shown (the slope may be 0)"
    assert change_words(odd, "month") == ""
    assert "too few periods" in panel_finding(some_panel("one period"))


def test_it_draws_on_given_axes_and_refuses_other_things():
    figure, ax = plt.subplots(figsize=(14, 12))
    assert draw_panel(some_panel("year"), ax=ax) is ax
    assert figure.axes == [ax]
    with pytest.raises(WrongKindError, match="measure first"):
        draw_panel("log")
    with pytest.raises(WrongKindError, match="describe_panel"):
        describe_panel("log")


def test_words_can_be_translated():
    theme = type(DEFAULT_THEME)(words={"Behavioural panel": "Verhalten", "Retention": "Bleibende"})
    texts = [
        item.text for item in panel_scene(some_panel("plain"), theme=theme).items if isinstance(item, Label)
    ]
    assert {"Verhalten", "Bleibende"} <= set(texts)
