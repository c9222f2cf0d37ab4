"""The heat map of cohorts: its shares, its colours, what was not observed yet, and what it says."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import WrongKindError
from journeymap.events.activity import cohorts
from journeymap.metrics.retention import retention_curve
from journeymap.render.cohorts import cohorts_scene, describe_cohorts, draw_cohorts
from journeymap.render.cohorts_words import NOTHING_YET
from journeymap.render.legend import IN_LEGEND
from journeymap.render.scene import Box, Label
from journeymap.render.theme import DEFAULT_THEME, LARGE_THEME, THEMES
from tests.events.activity_logs import logged
from tests.render.behaviour_samples import COHORTS, some_cohorts
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

FEW = [
    ("a", "use", "2024-01-05"), ("a", "use", "2024-02-29"), ("a", "use", "2024-03-31"),
    ("b", "use", "2024-01-31"), ("c", "use", "2024-02-10"),
]  # fmt: skip


def boxes(scene, mark):
    return [item for item in scene.items if isinstance(item, Box) and item.mark == mark]


def inside(scene, box):
    return [item.text for item in scene.labels() if item.inside is not None and item.inside == box]


LARGEST = ("three years", "many weeks")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", COHORTS)
def test_every_mark_is_explained_and_every_text_stands_out(sample, theme):
    scene = cohorts_scene(some_cohorts(sample), theme=THEMES[theme])
    assert not scene_faults(scene)
    if sample not in LARGEST:
        assert not contrast_faults(scene, THEMES[theme])


@pytest.mark.parametrize("theme", ["default", "large"])
@pytest.mark.parametrize("sample", COHORTS)
def test_every_text_can_be_read(sample, theme):
    assert_readable(draw_cohorts(some_cohorts(sample), theme=THEMES[theme]))


def test_cells_on_fingers():
    scene = cohorts_scene(cohorts(logged(FEW)))
    cells = boxes(scene, "scale")
    assert [inside(scene, box) for box in cells] == [
        ["50 %"], ["50 %"], ["0 %"], ["33 %", "6–79"], ["50 %", "9–91"],
    ]  # fmt: skip
    first, second, below, pooled, _ = cells
    assert (first.y, first.height) == (second.y, second.height)
    assert first.right < second.x
    assert (below.x, pooled.x) == (first.x, first.x)
    assert first.bottom < below.y < pooled.y
    assert first.fill == second.fill == DEFAULT_THEME.shade(1)
    assert below.fill == DEFAULT_THEME.shade(0)


def test_colours_follow_the_shares_of_cohorts_large_enough():
    found = some_cohorts("months")
    scene = cohorts_scene(found)
    shares = [cell.active / cell.size for cell in found.cells() if cell.age]
    top = max(shares)
    fills = [box.fill for box in boxes(scene, "scale")][: len(shares)]
    assert fills == [DEFAULT_THEME.shade(share / top) for share in shares]


def test_shares_of_small_cohorts_do_not_set_the_scale():
    rows = [(f"c{n}", "use", f"2024-01-{day:02d}") for n in range(40) for day in (1, 8) if day == 1 or n < 8]
    rows += [("x", "use", "2024-01-08"), ("x", "use", "2024-01-15")]
    scene = cohorts_scene(cohorts(logged(rows), period="week", observed_until="2024-01-22"))
    assert "20 % or more of the cohort active" in scene.texts()
    italic = [label.text for label in scene.labels() if label.mark == "small"]
    assert italic == ["1"]


def test_what_was_not_observed_yet_is_no_zero():
    found = some_cohorts("months")
    scene = cohorts_scene(found)
    unseen = boxes(scene, "unseen")
    assert len(unseen) == 8, "all but the first cohort"
    assert all(box.hatch and not inside(scene, box) for box in unseen)
    (right,) = {round(box.right, 6) for box in unseen}
    assert right <= max(box.right for box in boxes(scene, "scale")) + 1e-6
    assert "not observed yet" in scene.texts()
    assert not boxes(cohorts_scene(cohorts(logged([*FEW[:3], FEW[3]]))), "unseen")


def test_the_last_row_is_all_cohorts_together():
    found = some_cohorts("months")
    scene = cohorts_scene(found)
    (label,) = (item for item in scene.labels() if item.text == "all cohorts")
    row = [box for box in boxes(scene, "scale") if box.y < label.y < box.bottom]
    curve = retention_curve(found)[1:]
    assert [inside(scene, box)[0] for box in row] == [f"{c.value * 100:.0f} %" for c in curve]
    assert [inside(scene, box)[1] for box in row] == [f"{c.low * 100:.0f}–{c.high * 100:.0f}" for c in curve]


def test_cells_lose_their_sign_and_then_their_numbers_where_there_are_many():
    wide, many, most = (cohorts_scene(some_cohorts(name)) for name in ("months", "three years", "many weeks"))
    assert any(text.endswith(" %") for box in boxes(wide, "scale") for text in inside(wide, box))
    assert not any(text.endswith(" %") for box in boxes(many, "scale") for text in inside(many, box))
    assert all(inside(many, box) for box in boxes(many, "scale"))
    assert not any(inside(most, box) for box in boxes(most, "scale"))
    assert max(many.width, most.width) < 18


def test_large_type_holds_fewer_numbers():
    def texts(theme):
        scene = cohorts_scene(some_cohorts("three years"), theme=theme)
        return sum(len(inside(scene, box)) for box in boxes(scene, "scale"))

    assert texts(LARGE_THEME) < texts(DEFAULT_THEME)


def test_it_says_what_was_left_out_and_how_it_was_counted():
    found = cohorts(logged([*FEW, ("a", "use", "2024-04-03")]), active="use")
    text = " ".join(cohorts_scene(found).texts())
    assert "2024-04 is left out" in text
    assert "activity: use" in text
    assert "n = 3 customers" in text
    assert "only: what is 'use'" in " ".join(cohorts_scene(cohorts(logged(FEW).where(what="use"))).texts())


@pytest.mark.parametrize("sample", ["one period", "nothing"])
def test_nothing_to_show_is_said(sample):
    scene = cohorts_scene(some_cohorts(sample))
    assert NOTHING_YET in scene.texts() or any("could come back" in text for text in scene.texts())
    assert NOTHING_YET in scene.description
    assert not boxes(scene, "scale")
    assert not scene.legend


def test_the_description_has_the_numbers_of_the_picture():
    found = cohorts(logged(FEW))
    assert describe_cohorts(found).splitlines() == [
        "3 customers in cohorts by the month of their first activity.",
        "1 month after the first activity 33 % (6 % to 79 %) of the customers are active.",
        "After 1 month: 33 % (6 % to 79 %) of 3 customers are active.",
        "After 2 months: 50 % (9 % to 91 %) of 2 customers are active.",
    ]
    scene = cohorts_scene(some_cohorts("months"))
    assert scene.description == describe_cohorts(some_cohorts("months"))
    assert "has the smallest share" in scene.description
    assert "14 periods" not in describe_cohorts(some_cohorts("spans"))
    assert "1 period of 14 days" in describe_cohorts(some_cohorts("spans"))


def test_it_draws_on_given_axes_and_refuses_other_things():
    figure, ax = plt.subplots(figsize=(18, 9))
    assert draw_cohorts(some_cohorts("months"), ax=ax) is ax
    assert figure.axes == [ax]
    with pytest.raises(WrongKindError, match="count cohorts first"):
        draw_cohorts("log")
    with pytest.raises(WrongKindError, match="describe_cohorts"):
        describe_cohorts("log")


def test_words_can_be_translated():
    theme = type(DEFAULT_THEME)(words={"all cohorts": "alle Kohorten", "Cohort retention": "Kohorten"})
    texts = [
        item.text
        for item in cohorts_scene(some_cohorts("months"), theme=theme).items
        if isinstance(item, Label) and item.mark != IN_LEGEND
    ]
    assert {"alle Kohorten", "Kohorten"} <= set(texts)
