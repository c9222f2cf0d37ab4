"""Every figure, of every kind of journey, in every theme: readable, explained, and nothing drawn over another."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from types import MappingProxyType
from typing import NamedTuple
from unittest import mock

import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import is_color_like

from journeymap.errors import JourneyMapError, MissingEvidenceError
from journeymap.render.describe import describe
from journeymap.render.kinds import KINDS, draw_as
from journeymap.render.paint import _PAINTERS, scene_of
from journeymap.render.save import svg_text
from journeymap.render.scene import Scene
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.grounds import contrast_faults
from tests.render.lived import DESIGNS, design, lived
from tests.render.overlap import text_faults
from tests.render.result_samples import DRAW, SAMPLES, result
from tests.render.samples import answered
from tests.render.scene_checks import scene_faults

THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}
VARIANTS = {name: (name, {}) for name, kind in KINDS.items() if not kind.asks} | {
    "map vertical": ("map", {"orientation": "vertical"}),
    "map of personas": ("map", {"persona": "all", "show_personas": True}),
    "map with scores": ("map", {"lanes": ["feeling", "metrics"], "notes": True}),
    "map with branches and notes": ("map", {"show_branches": True, "notes": True}),
    "flow by position": ("flow", {"by": "position"}),
    "heatmap of visits": ("heatmap", {"show": "count"}),
    "heatmap of friction": ("heatmap", {"show": "friction"}),
    "network of friction": ("network", {"highlight": "friction"}),
    "network of moments": ("network", {"highlight": "moments"}),
    "feeling of personas": ("feeling", {"persona": "all"}),
}
JUDGED = {"network of friction", "network of moments"}
NEEDS_EVENTS = {"friction", "flow", "flow by position", "funnel"} | JUDGED
DECLARED = {"flow", "flow by position", "funnel"}  # what the shares of a complete design tell, too
CASES = [
    (variant, sample, origin)
    for variant in VARIANTS
    for sample in DESIGNS
    for origin in ("designed", "lived")
    if origin == "lived" or variant not in NEEDS_EVENTS or (sample == "example" and variant in DECLARED)
    # The network itself is tried on all of them.
    if variant not in JUDGED or sample in {"smallest", "example"}
    # Scores are the same on every journey, and the example has as many bands as there are.
    if variant != "map with scores" or sample == "example" or (origin == "designed" and sample != "forty")
]

# Only colours are other in the dark theme and in print: these are tried where bands and marks are few, and all there.
IN_COLOUR = {"smallest", "example"}
IN_THEMES = [
    (*case, theme)
    for case in CASES
    for theme in THEMES
    if theme in {"default", "large"}
    or case[1] in IN_COLOUR
    or (theme == "dark" and case[1:] == ("forty", "lived"))
]


def journey_of(sample, origin, *, answers=False):
    journey = design(sample) if origin == "designed" else lived(sample)
    return answered(journey) if answers else journey


class Drawn(NamedTuple):
    scene: Scene
    faults: list[str]


COLOURS = {"fill", "edge", "colour", "backing", "inside"}
UNPAINTED = MappingProxyType(dict.fromkeys(_PAINTERS, lambda *_: None))
_known_faults = {}


def _drawn(draw, sample, theme):
    """Call what draws a figure. In the dark theme its scene says all, so it is painted on the example alone."""
    if theme == "dark" and sample != "example":
        with mock.patch("journeymap.render.paint._PAINTERS", UNPAINTED):
            ax = draw()
    else:
        ax = draw()
    found = Drawn(scene_of(ax), [] if theme == "dark" else _text_faults(ax, THEMES[theme].family))
    plt.close(ax.figure)
    return found


def _text_faults(ax, family):
    """`text_faults`, measured once where another theme puts the same texts at the same places."""
    scene = scene_of(ax)
    texts = tuple((geometry(label), label.inside and geometry(label.inside)) for label in scene.labels())
    key = scene.width, scene.height, family, texts
    if key not in _known_faults:
        _known_faults[key] = text_faults(ax)
    return _known_faults[key]


@cache
def drawn(variant, sample, origin, theme):
    """A figure, and what is wrong with its texts; None where the journey has no personas to draw."""
    name, options = VARIANTS[variant]
    journey = journey_of(sample, origin, answers=variant == "map with scores")
    if "persona" in options and not journey.personas:
        return None
    return _drawn(lambda: draw_as(journey, name, theme=THEMES[theme], **options), sample, theme)


def scene(variant, sample, origin, theme):
    found = drawn(variant, sample, origin, theme)
    return found and found.scene


@pytest.mark.parametrize(("variant", "sample", "origin", "theme"), IN_THEMES)
def test_it_is_readable_and_explained_and_its_arrows_keep_clear(variant, sample, origin, theme):
    found = drawn(variant, sample, origin, theme)
    if found is not None:
        faults = [*found.faults, *scene_faults(found.scene)]
        assert not faults, "\n".join(faults[:12])


@pytest.mark.parametrize(
    ("variant", "sample", "origin"), [case[:3] for case in IN_THEMES if case[3] == "dark"]
)
def test_the_dark_theme_changes_colours_alone(variant, sample, origin):
    plain, dark = (scene(variant, sample, origin, theme) for theme in ("default", "dark"))
    if plain is not None:
        assert_colours_alone_differ(plain, dark)


def assert_colours_alone_differ(plain, dark):
    assert [geometry(item) for item in dark.items] == [geometry(item) for item in plain.items]
    used = {getattr(item, name, None) for item in dark.items for name in COLOURS - {"inside"}} - {None, ""}
    assert [colour for colour in used if not is_color_like(colour)] == []


def geometry(item):
    return type(item), *(getattr(item, field.name) for field in fields(item) if field.name not in COLOURS)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_text_is_lost_on_its_ground(variant, theme):
    found = scene(variant, "example", "lived", theme)
    faults = contrast_faults(found, THEMES[theme])
    assert not faults, "\n".join(faults[:12])


@pytest.mark.parametrize("variant", VARIANTS)
def test_two_runs_give_the_same_bytes(variant):
    name, options = VARIANTS[variant]
    first, second = (svg_text(draw_as(lived("smallest"), name, **_plain(options))) for _ in range(2))
    assert first == second


def _plain(options):
    return {key: value for key, value in options.items() if key not in {"persona", "show_personas"}}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_figure_says_itself_in_words(variant):
    found = scene(variant, "example", "lived", "default")
    assert found.title
    assert len(found.description.split()) > 12
    assert "Broadband" in found.description or "broadband" in found.description or variant == "persona"


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.asks])
def test_describe_gives_the_words_of_the_figure(name):
    ax = draw_as(lived("example"), name)
    assert describe(ax) == scene_of(ax).description


@pytest.mark.parametrize("variant", VARIANTS)
def test_on_given_axes_it_is_drawn_inside_or_says_what_it_needs(variant):
    name, options = VARIANTS[variant]
    size = scene(variant, "example", "lived", "default")
    _, roomy = plt.subplots(figsize=(size.width / 0.7, size.height / 0.7))
    drawn = draw_as(lived("example"), name, ax=roomy, **options)
    assert drawn is roomy
    assert not text_faults(drawn)
    _, small = plt.subplots(figsize=(1.5, 1))
    with pytest.raises(JourneyMapError, match=r"needs \d+\.\d × \d+\.\d inches") as caught:
        draw_as(lived("example"), name, ax=small, **options)
    assert "figsize=" in str(caught.value)


@pytest.mark.parametrize("name", sorted({VARIANTS[variant][0] for variant in NEEDS_EVENTS - JUDGED}))
def test_what_only_events_can_tell_is_asked_for(name):
    with pytest.raises(MissingEvidenceError):
        draw_as(design("forty"), name)


@pytest.mark.parametrize(
    "name", [name for name, kind in KINDS.items() if not kind.asks and name not in NEEDS_EVENTS]
)
def test_a_journey_without_touchpoints_is_a_figure_that_says_so(name):
    empty = replace_touchpoints(design("smallest"))
    ax = draw_as(empty, name)
    assert not text_faults(ax)
    assert not scene_faults(scene_of(ax))
    assert any("no " in text.lower() for text in scene_of(ax).texts())


def replace_touchpoints(journey):
    return journey.model_copy(update={"touchpoints": (), "transitions": (), "goal": ()})


@pytest.mark.parametrize("variant", ["map", "network", "blueprint"])
def test_brand_colours_reach_the_figure(variant):
    brand = replace(DEFAULT_THEME, stage_header="#5B2A86", service="#00616B")
    ax = draw_as(lived("smallest"), variant, theme=brand)
    colours = {getattr(item, "fill", None) for item in scene_of(ax).items}
    assert "#5B2A86" in colours


TRIED = {"drivers", "priorities", "what_if"}  # in all samples and themes by their own tests
RESULTS = [
    (figure, sample) for figure in DRAW for sample in SAMPLES if figure not in TRIED or sample == "example"
]


@cache
def drawn_result(figure, sample, theme):
    """A figure of surveys, tickets or behaviour, and what is wrong with its texts."""
    return _drawn(lambda: DRAW[figure](result(figure, sample), theme=THEMES[theme]), sample, theme)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("figure", "sample"), RESULTS)
def test_a_result_is_readable_and_explained(figure, sample, theme):
    found = drawn_result(figure, sample, theme)
    faults = [*found.faults, *scene_faults(found.scene)]
    if sample != "many":  # their tests say where cells too small for numbers stand out
        faults += contrast_faults(found.scene, THEMES[theme])
    assert not faults, "\n".join(faults[:12])


@pytest.mark.parametrize(("figure", "sample"), RESULTS)
def test_a_result_in_the_dark_theme_changes_colours_alone(figure, sample):
    assert_colours_alone_differ(*(drawn_result(figure, sample, theme).scene for theme in ("default", "dark")))


@pytest.mark.parametrize(("figure", "sample"), RESULTS)
def test_a_result_is_told_in_the_words_of_its_figure(figure, sample):
    found = drawn_result(figure, sample, "default").scene
    # A figure without numbers says the sentence alone that matters.
    assert found.description.removeprefix(f"{found.title}: ") in describe(result(figure, sample))
    if sample != "all missing":
        assert describe(result(figure, sample)) == found.description
    assert found.title
    if sample == "all missing":
        assert any(word in found.description.lower() for word in ("no ", "not ", "none", "nothing", "stay"))
    else:
        assert len(found.description.split()) > 12


@pytest.mark.parametrize("figure", DRAW)
def test_two_runs_give_the_same_bytes_of_a_result(figure):
    first, second = (svg_text(DRAW[figure](result(figure, "smallest"))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("figure", DRAW)
def test_a_result_is_drawn_inside_given_axes(figure):
    size = drawn_result(figure, "example", "default").scene
    _, roomy = plt.subplots(figsize=(size.width / 0.7, size.height / 0.7))
    ax = DRAW[figure](result(figure, "example"), ax=roomy)
    assert ax is roomy
    assert not text_faults(ax)
    assert describe(ax) == describe(result(figure, "example"))
    _, small = plt.subplots(figsize=(1.5, 1))
    with pytest.raises(JourneyMapError, match=r"needs \d+\.\d × \d+\.\d inches"):
        DRAW[figure](result(figure, "example"), ax=small)
