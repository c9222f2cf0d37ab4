"""The comparisons with and without a contact, and how all panels share the page."""

from __future__ import annotations

import pytest

from journeymap.analysis.service import locate_service
from journeymap.render.charts import draw_service
from journeymap.render.paint import scene_of
from journeymap.render.scene import Label, Marker
from journeymap.render.service_chart import service_scene
from journeymap.render.service_chart_effect import effect_panel
from journeymap.render.service_chart_panel_words import describe_effects, effect_finding
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.samples import tiny
from tests.render.scene_checks import scene_faults
from tests.render.service_samples import LONG, UNKNOWN, around, causes, effect, gap, many_teams, spread
from tests.render.test_service_chart import VIEW

REGIONS = [("North", -0.7, 0.6), ("South", -0.02, 0.0)]
FULL = VIEW.model_copy(
    update={"causes": causes(), "gap": gap(REGIONS), "effects": (effect(), effect("retained"))}
)
THEMES = {"colour": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}


def panel(*effects, width=6.0):
    return effect_panel(effects, 0.35, 0.2, width, DEFAULT_THEME)[0]


def texts(items):
    return [item.text.replace("\n", " ") for item in items if isinstance(item, Label)]


def test_what_mixes_those_who_left_is_hollow_and_the_fair_ones_are_filled():
    dots = [item for item in panel(effect()) if isinstance(item, Marker)]
    assert [dot.mark for dot in dots] == ["crude", "fair", "fair", "crude"]
    assert [dot.x for dot in dots] == sorted((dot.x for dot in dots), reverse=True)
    places = [(dot.x - dots[0].x) / (dots[3].x - dots[0].x) for dot in dots]
    assert places == pytest.approx([0.0, 18 / 25, 23 / 25, 1.0])


def test_every_row_says_what_is_compared_and_how_much():
    found = texts(panel(effect()))
    for text in ("as it looks, all journeys", "at the same point of the journey", "contact after “Pays”",
                 "+17 points (+12 to +22)", "−1 point (−6 to +4)"):  # fmt: skip
        assert text in found, text
    assert "against those who surely went on" not in texts(panel(effect(against_stayed=UNKNOWN)))
    assert "+0.2" in texts(panel(effect("feeling", half=None)))


def test_the_finding_claims_no_more_than_the_verdict():
    vanished = "The apparent benefit vanishes in a fair comparison."
    assert effect_finding(effect()) == (
        f"{vanished} Whether more or fewer reach the goal after a service contact: cannot tell."
    )
    some = effect(stratified=around(0.05), landmarked=UNKNOWN)
    assert effect_finding(some).startswith("Most of the apparent benefit vanishes")
    assert "So most of the apparent benefit vanishes" in some.story()
    sure = effect(verdict="more", stratified=around(0.2), against_stayed=around(0.15), landmarked=UNKNOWN)
    assert effect_finding(sure) == (
        "After a service contact more reach the goal than at the same point without; that need not be because"
        " of it."
    )
    assert "customers feel better or worse" in effect_finding(effect("feeling"))
    assert effect_finding(effect(n_with=0)).startswith("No service contact comes before")
    lines = list(describe_effects([effect(assumptions=("Nothing unknown decides.",))]))
    assert lines == [effect().story(), "Nothing unknown decides."]


def test_other_outcomes_are_said_below():
    said = " ".join(texts(panel(effect(), effect("retained"))))
    assert "7,800 journeys with a contact, 12,200 without." in said
    assert "Coming back: The apparent benefit vanishes" in said
    company = effect(of="company", contact="a service contact that the company began")
    said = " ".join(texts(panel(effect(), company)))
    assert (
        "Whether more or fewer reach the goal after a service contact that the company began: cannot" in said
    )


def test_a_comparison_without_numbers_is_a_sentence():
    none = dict.fromkeys(("crude", "stratified", "against_stayed", "landmarked"), UNKNOWN)
    assert not [item for item in panel(effect(**none)) if isinstance(item, Marker)]


def test_two_panels_stand_beside_each_other_and_the_third_below():
    heads = {text: next(item for item in service_scene(FULL).labels() if item.text.startswith(text))
             for text in ("contacts by team", "service and experience of", "service contacts and")}  # fmt: skip
    team, felt, compared = heads.values()
    assert team.y == felt.y < compared.y
    assert team.x == compared.x < felt.x
    alone = service_scene(VIEW.model_copy(update={"causes": causes(), "effects": (effect(),)}))
    head = next(item for item in alone.labels() if item.text.startswith("service contacts and"))
    assert head.x == pytest.approx(felt.x)


def test_the_page_holds_all_and_what_is_unknown_takes_no_room():
    assert service_scene(FULL).height < 15.5
    assert service_scene(VIEW.model_copy(update={"gap": None})).height == service_scene(VIEW).height
    none = VIEW.model_copy(update={"causes": causes({}, elsewhere=None)})
    assert service_scene(none).height == service_scene(VIEW).height


def test_the_description_says_what_the_panels_show():
    said = service_scene(FULL).description
    for text in ("After Billing, carried by Support: 50 contacts", "North (200 customers)", effect().story()):
        assert text in said, text


def test_a_design_stays_as_it_is():
    scene = service_scene(locate_service(tiny()))
    assert not [text for text in scene.texts() if "by team" in text or "in service" in text]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_whole_page_can_be_read_in_every_theme(theme):
    ax = draw_service(FULL, theme=theme)
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []
    assert contrast_faults(scene_of(ax), theme) == []


@pytest.mark.parametrize("change", [
    {"causes": causes()}, {"gap": gap()}, {"effects": (effect(half=None),)},
    {"causes": many_teams(8, LONG), "gap": gap(spread(12, LONG)), "effects": (effect(landmark=LONG),)},
], ids=["teams alone", "gap alone", "effect alone", "the largest"])  # fmt: skip
def test_any_part_of_it_can_be_read(change):
    ax = draw_service(VIEW.model_copy(update=change))
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []
