"""Colours can be told apart and read."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import FrozenInstanceError, fields, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.errors import JourneyMapError, UnknownNameError
from journeymap.render.network import network_scene
from journeymap.render.theme import (
    DARK_THEME,
    DEFAULT_THEME,
    LARGE_THEME,
    PRINT_THEME,
    THEMES,
    contrast,
    luminance,
    theme_named,
)
from tests.render.network_samples import two

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # its docstrings hold escapes that newer Pythons warn of when they compile
    from colorspacious import cspace_convert

ALL = list(THEMES.values())


def grounds(theme):
    """Everything on which running text may stand."""
    return (
        theme.paper, *theme.stage_tints, theme.service_tint, theme.pain_tint, theme.opportunity_tint,
        theme.customer_tint, theme.frontstage_tint, theme.backstage_tint, theme.support_tint,
    )  # fmt: skip


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert luminance("#000000") == 0


@pytest.mark.parametrize(
    ("value", "colour"),
    [(-2, "#A63A00"), (-1, "#E58A4E"), (0, "#9A9A9A"), (1, "#6BAED6"), (2, "#0B559F"), (0.5, "#6BAED6"),
     (-0.5, "#E58A4E"), (0.44, "#9A9A9A"), (-1.5, "#A63A00"), (1.44, "#6BAED6"), (7, "#0B559F")],
)  # fmt: skip
def test_a_feeling_has_the_colour_of_the_nearest_step(value, colour):
    assert DEFAULT_THEME.feeling_colour(value) == colour


def test_text_is_white_only_on_the_two_darkest_feelings():
    on = [DEFAULT_THEME.text_on(colour) for colour in DEFAULT_THEME.feeling]
    assert on == ["#FFFFFF", "#222222", "#222222", "#222222", "#FFFFFF"]


@pytest.mark.parametrize("theme", ALL, ids=THEMES)
def test_small_text_can_be_read_on_every_ground(theme):
    for ground in grounds(theme):
        for ink in (theme.ink, theme.muted, theme.service, theme.loss_text):
            assert contrast(ink, ground) >= 4.5, (ink, ground)


@pytest.mark.parametrize("theme", ALL, ids=THEMES)
def test_text_on_every_fill_can_be_read(theme):
    fills = (
        theme.stage_header, theme.any_stage_header, theme.service, theme.pain, theme.opportunity, theme.link,
        theme.edge, theme.interval, theme.curve, *theme.feeling, *theme.categories, *grounds(theme),
        *(theme.shade(step / 20) for step in range(21)),
    )  # fmt: skip
    for fill in fills:
        assert contrast(theme.text_on(fill), fill) >= 4.5, fill


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_text_can_be_read_on_any_colour_of_a_house(levels):
    ground = "#" + "".join(f"{level:02x}" for level in levels)
    assert contrast(DEFAULT_THEME.text_on(ground), ground) >= 4.5
    assert contrast(DEFAULT_THEME.as_text(ground), DEFAULT_THEME.paper) >= 4.5


# Marks on every ground where they stand. What is paler is told otherwise: feelings by position, number and
# text on them, the last two categories by marker and dash, boxes of touchpoints by their text.
@pytest.mark.parametrize("theme", ALL, ids=THEMES)
def test_marks_stand_out_from_the_ground(theme):
    stages = (theme.paper, *theme.stage_tints)
    for mark in (theme.service, theme.pain, theme.curve, theme.link, theme.edge, theme.stage_header):
        assert all(contrast(mark, ground) >= 3 for ground in stages), mark
    assert contrast(theme.opportunity, theme.paper) >= 3
    assert contrast(theme.pain, theme.pain_tint) >= 3
    assert all(contrast(colour, theme.paper) >= 3 for colour in theme.categories[:4])
    assert contrast(theme.feeling[0], theme.paper) >= 3
    assert contrast(theme.feeling[4], theme.paper) >= 3


def test_on_dark_paper_all_feelings_and_categories_stand_out():
    for colour in (*DARK_THEME.feeling, *DARK_THEME.categories):
        assert all(contrast(colour, ground) >= 3 for ground in (DARK_THEME.paper, *DARK_THEME.stage_tints))


NORMAL, DEUTAN, PROTAN, TRITAN = VISIONS = (None, "deuteranomaly", "protanomaly", "tritanomaly")


def seen(colour, vision):
    """Where a colour lies in CAM02-UCS for eyes that lack one kind of cones."""
    rgb = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    if vision:
        space = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
        rgb = np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)
    return cspace_convert(rgb, "sRGB1", "CAM02-UCS")


def apart(one, other, vision):
    return float(np.linalg.norm(seen(one, vision) - seen(other, vision)))


@pytest.mark.parametrize(
    ("theme", "vision", "least"),
    [
        (DEFAULT_THEME, NORMAL, 21.6), (DEFAULT_THEME, DEUTAN, 19.6), (DEFAULT_THEME, PROTAN, 18.2),
        (DEFAULT_THEME, TRITAN, 23.1), (DARK_THEME, NORMAL, 18.5), (DARK_THEME, DEUTAN, 15.5),
        (DARK_THEME, PROTAN, 17.5), (DARK_THEME, TRITAN, 16.5),
    ],
)  # fmt: skip
def test_feelings_can_be_told_apart_by_every_eye(theme, vision, least):
    assert min(apart(one, other, vision) for one, other in combinations(theme.feeling, 2)) >= least


@pytest.mark.parametrize(
    ("theme", "vision", "least"),
    [
        (DEFAULT_THEME, NORMAL, 26), (DEFAULT_THEME, DEUTAN, 26.9), (DEFAULT_THEME, PROTAN, 17.8),
        (DEFAULT_THEME, TRITAN, 10.5), (DARK_THEME, NORMAL, 22), (DARK_THEME, DEUTAN, 18),
        (DARK_THEME, PROTAN, 10.9), (DARK_THEME, TRITAN, 11.3),
    ],
)  # fmt: skip
def test_service_is_no_feeling_for_any_eye(theme, vision, least):
    assert min(apart(theme.service, colour, vision) for colour in theme.feeling) >= least


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", [DEFAULT_THEME, DARK_THEME], ids=["default", "dark"])
def test_pain_opportunity_and_service_can_be_told_apart_by_every_eye(theme, vision):
    for one, other in combinations((theme.pain, theme.opportunity, theme.service), 2):
        assert apart(one, other, vision) >= 12


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", ALL, ids=THEMES)
def test_categories_differ_in_marker_and_in_colour_or_dash(theme, vision):
    told = list(
        zip(
            theme.categories,
            theme.category_markers,
            theme.category_dashes,
            theme.category_hatches,
            strict=True,
        )
    )
    assert len(set(theme.category_markers)) == len(told)
    for one, other in combinations(told, 2):
        assert one[1:3] != other[1:3]
        assert apart(one[0], other[0], vision) >= 8 or one[2:] != other[2:]


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", ALL, ids=THEMES)
def test_neighbouring_stages_have_different_grounds(theme, vision):
    assert apart(*theme.stage_tints, vision) >= 3


def test_in_print_hatches_tell_what_colours_cannot():
    assert len({PRINT_THEME.service_hatch, PRINT_THEME.pain_hatch, PRINT_THEME.opportunity_hatch, ""}) == 4
    assert len(set(PRINT_THEME.category_hatches)) == len(PRINT_THEME.categories)
    # Of two feelings equally far from zero only the number and the position tell which it is.
    assert PRINT_THEME.feeling == PRINT_THEME.feeling[::-1]


def test_large_type_changes_the_size_alone():
    assert replace(LARGE_THEME, scale=1.0) == DEFAULT_THEME
    assert LARGE_THEME.scale == 1.4


def test_a_house_replaces_a_few_roles():
    house = replace(DEFAULT_THEME, stage_header="#FFD400", service="#00788A", family="Liberation Sans")
    assert house.text_on(house.stage_header) == "#222222"
    assert DEFAULT_THEME.text_on(DEFAULT_THEME.stage_header) == "#FFFFFF"
    assert house.feeling == DEFAULT_THEME.feeling
    assert house.as_text(house.service) == "#00788A"
    assert house.as_text("#FFD400") == house.ink
    assert house.as_text("#FFD400", "#222222") == "#FFD400"
    assert hash(house) != hash(DEFAULT_THEME)
    texts = {item.colour for item in network_scene(two(), theme=house).labels() if item.text == "Discovery"}
    assert texts == {"#222222"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"service": "purple"}, "Theme, service: 'purple' is no colour"),
        ({"ink": "#123"}, "Theme, ink: '#123' is no colour.*six digits"),
        ({"stage_tints": ("#FFFFFF", "white")}, "Theme, stage_tints: 'white' is no colour"),
        ({"scale": 0}, "Theme, scale: 0 is no size"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes, said):
    with pytest.raises(JourneyMapError, match=said):
        replace(DEFAULT_THEME, **changes)


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_is_found_by_its_name(name):
    assert theme_named(name) is THEMES[name]
    assert theme_named(f" {name.upper()}") is THEMES[name]


def test_an_unknown_theme_is_refused_with_the_nearest_name():
    with pytest.raises(
        UnknownNameError, match=r"no theme 'drak'.*default, print, dark, large(.|\n)*mean 'dark'"
    ):
        theme_named("drak")


def test_the_measured_contrasts_hold():
    assert contrast(DEFAULT_THEME.service, "#FFFFFF") == pytest.approx(8.7, abs=0.1)
    assert contrast(DEFAULT_THEME.muted, "#FFFFFF") == pytest.approx(7.0, abs=0.1)
    assert contrast("#FFFFFF", DEFAULT_THEME.stage_header) == pytest.approx(9.6, abs=0.1)


@pytest.mark.parametrize("theme", ALL, ids=THEMES)
def test_no_text_size_is_below_six_and_a_half_points(theme):
    sizes = [getattr(theme, field.name) for field in fields(theme) if field.name.endswith("_size")]
    assert min(sizes) >= 6.5


def test_the_print_theme_has_no_colour_and_a_hatch_for_service():
    for field in fields(PRINT_THEME):
        value = getattr(PRINT_THEME, field.name)
        colours = value if isinstance(value, tuple) else (value,)
        for colour in colours:
            if isinstance(colour, str) and colour.startswith("#"):
                grey = {colour[1:3], colour[3:5], colour[5:7]}
                assert len(grey) == 1 or field.name in {"interval", "touchpoint_edge"}, (field.name, colour)
    assert PRINT_THEME.service_hatch


def test_shade_runs_from_light_to_dark():
    assert DEFAULT_THEME.shade(0) == DEFAULT_THEME.sequential[0]
    assert DEFAULT_THEME.shade(1) == DEFAULT_THEME.sequential[1]
    steps = [luminance(DEFAULT_THEME.shade(k / 5)) for k in range(6)]
    assert steps == sorted(steps, reverse=True)


def test_words_are_translated_where_a_translation_is_given():
    german = replace(DEFAULT_THEME, words={"Doing": "Tun"})
    assert german.word("Doing") == "Tun"
    assert german.word("Owner") == "Owner"


def test_a_theme_is_frozen_and_hashable():
    with pytest.raises(FrozenInstanceError):
        DEFAULT_THEME.ink = "#000000"
    assert hash(DEFAULT_THEME) == hash(replace(DEFAULT_THEME))


def test_theme_and_scene_load_no_matplotlib():
    code = (
        "import sys, journeymap.render.theme, journeymap.render.scene; sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_theme_shows_what_differs_from_the_default():
    assert repr(DEFAULT_THEME) == "Theme()"
    assert repr(LARGE_THEME) == "Theme(scale=1.4)"
    assert repr(replace(DEFAULT_THEME, words={"goal": "Ziel"})) == "Theme(words={'goal': 'Ziel'})"


def test_equal_numbers_have_equal_colours():
    # both are written as −0.5
    assert DEFAULT_THEME.feeling_colour(-0.46) == DEFAULT_THEME.feeling_colour(-0.54)
