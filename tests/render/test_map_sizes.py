"""Maps on papers: exactly as large, readable, as large as may be, and honest about what is left out."""

from __future__ import annotations

import pytest

from journeymap.errors import InvalidJourneyError, JourneyMapError, UnknownNameError
from journeymap.render.journey_map import map_scene
from journeymap.render.map_bands import LANES
from journeymap.render.map_sizes import SIZES, fit_to_paper
from journeymap.render.map_vertical import VerticalPlan
from journeymap.render.paint import paint
from journeymap.render.scene import Box, Label, Scene
from journeymap.render.theme import DEFAULT_THEME, LARGE_THEME
from tests.render import samples
from tests.render.lived import lived
from tests.render.overlap import assert_readable

BROADBAND = samples.broadband()
BODY, SMALLEST = DEFAULT_THEME.body_size, DEFAULT_THEME.tick_size
ABOVE, TITLES, COLUMN = 1.0, 0.5, 1.25


OBSERVED = lived("example")


class Fake:
    """A map of boxes: lanes of known heights, columns at least 1.25 inches wide; counts what is tried."""

    def __init__(self, count, lanes):
        self.count, self.lanes, self.tried = count, lanes, []

    def __call__(self, width, most, lanes):
        self.tried.append((width, most, lanes))
        if width is not None and width < 2 + COLUMN:
            raise InvalidJourneyError("no room for a column")
        most = most if width is None else min(most, int((width - 2) / COLUMN))
        bands = -(-self.count // most)
        columns = -(-self.count // bands)
        wide = width or 2 + 1.75 * columns
        tall = TITLES + sum(self.lanes.get(lane, 0.0) for lane in lanes)
        items = [
            Box(
                x=2 + number % columns,
                y=ABOVE + number // columns * tall,
                width=1,
                height=0.3,
                node=f"t{number}",
            )
            for number in range(self.count)
        ]
        items += [Label(x=0, y=0, text=lane, size=BODY) for lane in lanes if lane in self.lanes]
        items.append(Label(x=0, y=0, text="small", size=SMALLEST))
        return Scene(width=wide, height=ABOVE + bands * tall, items=tuple(items))


def shown(scene):
    return [label.text for label in scene.labels() if label.text in LANES]


def text_sizes(scene):
    sizes = [label.size for label in scene.labels()]
    return min(sizes), next(label.size for label in scene.labels() if label.text in LANES)


def note(scene):
    return next((text for text in scene.texts() if text.startswith("Left out for room")), "")


# --- the size -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "orientation", "expected"),
    [
        ("slide", "horizontal", (13.33, 7.5)), ("slide", "vertical", (13.33, 7.5)),
        ("a4", "horizontal", (11.69, 8.27)), ("a4", "vertical", (8.27, 11.69)),
        ("a3", "horizontal", (16.54, 11.69)), ("a3", "vertical", (11.69, 16.54)),
        ("poster", "horizontal", (33.11, 23.39)), ("poster", "vertical", (23.39, 33.11)),
    ],
)  # fmt: skip
def test_a_map_has_exactly_the_size_of_its_paper(size, orientation, expected):
    scene = map_scene(samples.observed(7), size=size, orientation=orientation)
    assert (scene.width, scene.height) == expected
    assert min(label.size for label in scene.labels()) >= 6.5 - 1e-9
    assert_readable(paint(scene))


def test_a_map_in_a_notebook_is_no_wider_than_sixteen_inches_and_as_tall_as_it_becomes():
    scene = map_scene(samples.large(), size="notebook")
    assert 12 < scene.width <= 16
    assert scene.height > 20
    assert map_scene(samples.tiny(), size="notebook") == map_scene(samples.tiny())
    assert map_scene(BROADBAND, size="notebook", orientation="vertical").width <= 16


def test_large_type_is_printed_larger():
    scene = map_scene(samples.tiny(), size="a4", orientation="vertical", theme=LARGE_THEME)
    assert min(label.size for label in scene.labels()) >= 6.5 * 1.4 - 1e-9


@pytest.mark.parametrize("name", ["broadband", "long_names", "bare", "observed_few"])
def test_an_upright_page_is_readable(name):
    scene = map_scene(samples.SAMPLES[name](), size="a4", orientation="vertical")
    assert min(label.size for label in scene.labels()) >= 6.5 - 1e-9
    assert_readable(paint(scene))


def test_text_is_as_large_as_the_paper_allows():
    scene = fit_to_paper(Fake(6, {"feeling": 2.0}), "a4", lanes=["feeling"])
    # One band of six columns is at least 9.5 inches wide; the paper's 11.69 then show it 1.23 times as large.
    assert text_sizes(scene)[1] / BODY == pytest.approx(11.69 / 9.5, abs=0.04)


def test_text_is_not_blown_up_but_on_a_poster():
    lay = Fake(2, {"feeling": 1.0})
    assert text_sizes(fit_to_paper(lay, "a4", lanes=["feeling"]))[1] == pytest.approx(11)
    assert text_sizes(fit_to_paper(lay, "poster", lanes=["feeling"]))[1] == pytest.approx(24)


def test_a_map_that_is_easy_to_read_does_not_fold_for_still_larger_text():
    # Two bands of three would be blown up as far as may be; one of six is large enough.
    scene = fit_to_paper(Fake(6, {"feeling": 2.0}), "a4", lanes=["feeling"])
    assert len({box.y for box in scene.items if isinstance(box, Box)}) == 1


def test_a_map_folds_where_that_prints_larger():
    # In one band twelve columns are 17 inches wide: 0.69 times as large. Two bands of six fit as they are.
    scene = fit_to_paper(Fake(12, {"feeling": 1.5}), "a4", lanes=["feeling"])
    rows = {box.y for box in scene.items if isinstance(box, Box)}
    assert len(rows) == 2
    assert text_sizes(scene)[0] >= 6.5


def test_few_layouts_are_tried():
    lay = Fake(20, dict.fromkeys(LANES, 0.9))
    fit_to_paper(lay, "a3")
    assert len(set(lay.tried)) == len(lay.tried) <= 50


# --- lanes --------------------------------------------------------------------------------------------------------


def test_all_lanes_stay_where_they_fit():
    scene = fit_to_paper(Fake(4, dict.fromkeys(LANES, 0.3)), "a4")
    assert shown(scene) == list(LANES)
    assert note(scene) == ""


def test_the_least_important_lanes_are_left_out_and_named():
    # A4 holds 8.9 inches of height at 6.5 points: title and one band, so about 6.8 of lanes.
    scene = fit_to_paper(Fake(4, dict.fromkeys(LANES, 1.3)), "a4")
    assert shown(scene) == ["doing", "channel", "feeling", "pain points", "opportunities"]
    assert (
        note(scene)
        == "Left out for room: thinking, metrics, owner, backstage, systems. A poster (A1) shows them."
    )
    assert note(scene) in scene.description


def test_a_tall_lane_is_left_out_for_several_that_fit():
    scene = fit_to_paper(Fake(4, {**dict.fromkeys(LANES, 0.5), "pain points": 9.0}), "a4")
    assert set(LANES) - set(shown(scene)) == {"pain points"}


def test_lanes_without_anything_to_show_are_not_missed():
    lay = Fake(4, {"feeling": 2.0, "doing": 2.0, "thinking": 5.0, "systems": 1.0})
    assert note(fit_to_paper(lay, "a4")).startswith("Left out for room: thinking.")


def test_a_slide_shows_four_lanes_at_most():
    scene = fit_to_paper(Fake(4, dict.fromkeys(LANES, 0.2)), "slide")
    assert shown(scene) == ["doing", "channel", "feeling", "pain points"]
    assert note(scene).endswith("A4 shows them.")
    with pytest.raises(JourneyMapError, match="5 lanes are too many for a slide") as caught:
        fit_to_paper(Fake(4, dict.fromkeys(LANES, 0.2)), "slide", lanes=LANES[:5])
    assert "lanes=['doing', 'channel', 'feeling', 'thinking']" in str(caught.value)


def test_where_no_paper_shows_all_lanes_the_note_says_what_does():
    scene = fit_to_paper(Fake(4, {"feeling": 1.0, "doing": 90.0}), "a4")
    assert note(scene).endswith("A map without a size shows them.")


def test_the_note_stands_on_the_paper_below_everything():
    scene = map_scene(BROADBAND, size="a4", orientation="vertical")
    (line,) = [label for label in scene.labels() if label.text.startswith("Left out")]
    assert max(label.y for label in scene.labels()) == line.y
    assert line.y + line.height < scene.height


def test_lanes_that_are_named_are_all_shown():
    scene = map_scene(BROADBAND, size="a3", orientation="vertical", lanes=["doing", "feeling"])
    assert {"DOING", "FEELING"} <= set(scene.texts())
    assert note(scene) == ""


def test_the_order_says_which_lanes_stay():
    lay = Fake(4, dict.fromkeys(LANES, 1.3))
    scene = fit_to_paper(lay, "a4", order=("systems", "metrics", "owner"))
    assert {"systems", "metrics", "owner"} <= set(shown(scene))
    assert "feeling" not in shown(fit_to_paper(lay, "slide", order=LANES[::-1]))


def test_an_observed_map_keeps_its_numbers():
    assert {"FEELING", "METRICS"} <= set(map_scene(samples.observed(7), size="slide").texts())
    page = map_scene(OBSERVED, size="a4", orientation="vertical")
    assert {"FEELING", "VISITS"} <= set(page.texts())
    assert "doing" in note(page)


# --- what does not fit --------------------------------------------------------------------------------------------


def test_a_map_that_does_not_fit_says_why_and_what_to_do():
    with pytest.raises(JourneyMapError) as caught:
        fit_to_paper(Fake(40, {"feeling": 2.0}), "a4")
    words = str(caught.value)
    assert words.startswith(
        "40 touchpoints with the lane feeling do not fit on A4 of 11.69 × 8.27 inches: the text"
    )
    assert "at least 6.5 points" in words
    assert words.split("\n", maxsplit=1)[0].endswith("Expected text of at least 6.5 points.")
    assert caught.value.hint == "use size='a3' or fewer touchpoints, as path=[...]"


def test_the_other_orientation_is_named_where_it_has_the_room():
    def turned(_width, _most, lanes):
        return Fake(4, {"feeling": 2.0})(8.0, 4, lanes)

    with pytest.raises(JourneyMapError) as caught:
        fit_to_paper(Fake(40, {"feeling": 2.0}), "a4", other=turned)
    assert caught.value.hint == "use orientation='vertical' or fewer touchpoints, as path=[...]"
    with pytest.raises(JourneyMapError) as caught:
        fit_to_paper(Fake(40, {"feeling": 90.0}), "a4", other=Fake(40, {"feeling": 3.0}))
    assert caught.value.hint.startswith("use size='poster' with orientation='vertical' or fewer")
    with pytest.raises(JourneyMapError) as caught:
        fit_to_paper(Fake(40, {"feeling": 90.0}), "a4", other=Fake(40, {"feeling": 90.0}))
    assert caught.value.hint == "use fewer touchpoints, as path=[...]"


def test_the_note_names_the_other_orientation_where_that_shows_all_lanes():
    tall = Fake(4, {"feeling": 2.0, "doing": 15.0})
    scene = fit_to_paper(tall, "a4", other=Fake(4, {"feeling": 2.0, "doing": 1.0}))
    assert note(scene).endswith("Left out for room: doing. A4 upright shows them.")
    scene = fit_to_paper(tall, "a4", orientation="vertical", other=Fake(4, {"feeling": 2.0, "doing": 1.0}))
    assert note(scene).endswith("A4 lying shows them.")
    scene = fit_to_paper(Fake(4, dict.fromkeys(LANES, 0.2)), "slide", other=Fake(4, {}))
    assert note(scene).endswith("A4 shows them.")


def test_a_real_map_names_the_orientation_that_fits():
    with pytest.raises(JourneyMapError) as caught:
        map_scene(samples.large(24), size="a4", lanes=["feeling"])
    assert "orientation='vertical'" in caught.value.hint
    assert map_scene(samples.large(24), size="a4", lanes=["feeling"], orientation="vertical")
    with pytest.raises(JourneyMapError) as caught:
        map_scene(samples.large(24), size="a4", lanes=["feeling"], notes=True)
    assert "orientation" not in caught.value.hint  # an upright map has no place for notes


def test_named_lanes_that_do_not_fit_are_never_dropped():
    lay = Fake(4, {"feeling": 2.0, "doing": 15.0})
    with pytest.raises(JourneyMapError, match="with the lanes feeling and doing") as caught:
        fit_to_paper(lay, "a4", lanes=["feeling", "doing"])
    assert "fewer lanes" in caught.value.hint
    with pytest.raises(JourneyMapError) as upright:
        fit_to_paper(lay, "a4", lanes=["feeling", "doing"], orientation="vertical")
    assert "orientation" not in upright.value.hint


def test_the_feeling_is_never_given_up_for_other_lanes():
    with pytest.raises(JourneyMapError, match="with the lane feeling"):
        fit_to_paper(Fake(4, {"feeling": 20.0, "doing": 0.5}), "a4")


def test_a_real_map_too_long_for_a_page_is_refused():
    with pytest.raises(JourneyMapError, match="40 touchpoints"):
        map_scene(samples.large(), size="a4", orientation="vertical")


def test_an_unknown_size_is_refused():
    with pytest.raises(UnknownNameError, match="Expected one of: slide, a4, a3, notebook, poster") as caught:
        fit_to_paper(Fake(2, {}), "a33")
    assert caught.value.hint == "did you mean 'a3'?"


def test_a_map_without_touchpoints_fits_everywhere():
    empty = BROADBAND.model_copy(update={"touchpoints": (), "transitions": (), "goal": ()})
    plan = VerticalPlan(journey=empty, theme=DEFAULT_THEME)
    for size in SIZES:
        scene = fit_to_paper(
            lambda width, _most, lanes: plan.laid(width, lanes), size, orientation="vertical"
        )
        assert "No touchpoints yet." in scene.texts()
