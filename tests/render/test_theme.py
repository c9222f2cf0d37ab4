"""Colours can be told apart and read."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from journeymap.render.theme import DEFAULT_THEME, PRINT_THEME, contrast, luminance

THEMES = [DEFAULT_THEME, PRINT_THEME]


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert luminance("#000000") == 0


@pytest.mark.parametrize(
    ("value", "colour"),
    [(-2, "#A63A00"), (-1, "#E58A4E"), (0, "#9A9A9A"), (1, "#6BAED6"), (2, "#0B559F"), (0.5, "#6BAED6"),
     (-0.5, "#E58A4E"), (0.49, "#9A9A9A"), (-1.5, "#A63A00"), (1.49, "#6BAED6"), (7, "#0B559F")],
)  # fmt: skip
def test_a_feeling_has_the_colour_of_the_nearest_step(value, colour):
    assert DEFAULT_THEME.feeling_colour(value) == colour


def test_text_is_white_only_on_the_two_darkest_feelings():
    on = [DEFAULT_THEME.text_on(colour) for colour in DEFAULT_THEME.feeling]
    assert on == ["#FFFFFF", "#222222", "#222222", "#222222", "#FFFFFF"]


@pytest.mark.parametrize("theme", THEMES)
def test_small_text_can_be_read_on_every_ground(theme):
    for ground in (theme.paper, *theme.stage_tints, theme.pain_tint, theme.opportunity_tint):
        for ink in (theme.ink, theme.muted, theme.service):
            assert contrast(ink, ground) >= 4.5
    for ground in (theme.stage_header, theme.any_stage_header, *theme.feeling):
        assert contrast(theme.text_on(ground), ground) >= 4.5


def test_the_measured_contrasts_hold():
    assert contrast(DEFAULT_THEME.service, "#FFFFFF") == pytest.approx(8.7, abs=0.1)
    assert contrast(DEFAULT_THEME.muted, "#FFFFFF") == pytest.approx(7.0, abs=0.1)
    assert contrast("#FFFFFF", DEFAULT_THEME.stage_header) == pytest.approx(9.6, abs=0.1)


@pytest.mark.parametrize("theme", THEMES)
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
