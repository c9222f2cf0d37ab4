"""Several personas on one map: curves that can be told apart, and a strip of cards."""

from __future__ import annotations

import pytest

from journeymap.datasets import example_journey
from journeymap.errors import InvalidJourneyError, UnknownNameError
from journeymap.model.journey import Journey
from journeymap.render.journey_map import draw_map, map_scene
from journeymap.render.legend import IN_LEGEND
from journeymap.render.map_columns import choose_personas
from journeymap.render.map_personas import initials
from journeymap.render.scene import Line, Marker
from journeymap.render.theme import DEFAULT_THEME, PRINT_THEME
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

EXAMPLE = example_journey()


def shop(*personas, feelings=(1, 1, 1)):
    rows = [{"id": f"t{n}", "stage": "purchase", "feeling": value} for n, value in enumerate(feelings)]
    return Journey(name="Shop", touchpoints=rows, personas=[
        {"id": f"p{n}", "name": f"Person {n}", "feelings": own} for n, own in enumerate(personas)])  # fmt: skip


def drawn(scene, kind, mark="persona"):
    return [item for item in scene.items if isinstance(item, kind) and item.mark == mark]


def test_all_or_some_can_be_named():
    names = lambda who: [persona.name for persona in choose_personas(EXAMPLE, who)]  # noqa: E731
    assert names("all") == ["Priya Nair", "Tom Whitfield", "Aoife Brennan"]
    assert names(["tom", "Priya Nair", "tom"]) == ["Tom Whitfield", "Priya Nair"]
    assert names(EXAMPLE.personas[1]) == names("tom") == ["Tom Whitfield"]
    assert names(None) == names([]) == []
    with pytest.raises(UnknownNameError, match="did you mean 'tom'"):
        choose_personas(EXAMPLE, ["priya", "tomm"])


def test_a_persona_called_all_is_nobody_else():
    journey = Journey(name="Shop", personas=[{"id": "all"}, {"id": "ann"}])
    assert [persona.id for persona in choose_personas(journey, "all")] == ["all"]


def test_more_than_five_cannot_be_told_apart():
    with pytest.raises(InvalidJourneyError, match=r"6 personas are too many.*at most 5"):
        map_scene(shop(*[{}] * 6), persona="all")


def test_each_has_a_curve_of_its_own_colour_shape_and_dash():
    scene = map_scene(shop({"t0": 2}, {"t1": -2}, {"t2": 0}), persona="all")
    lines = drawn(scene, Line)
    assert [(line.colour, line.dash) for line in lines] == list(
        zip(DEFAULT_THEME.categories[:3], DEFAULT_THEME.category_dashes[:3], strict=True)
    )
    own = [marker.shape for marker in drawn(scene, Marker, "own")]
    assert own == list(DEFAULT_THEME.category_markers[:3])
    assert len(drawn(scene, Line, "everybody")) == 2
    assert not drawn(scene, Line, "known")
    assert {"persona", "everybody"} <= set(scene.legend)
    assert not scene_faults(scene)


def test_curves_that_feel_alike_run_beside_each_other():
    scene = map_scene(shop({}, {}, {}), persona="all")
    heights = [line.points[0][1] for line in drawn(scene, Line)]
    assert len(set(heights)) == 3
    assert max(heights) - min(heights) < 0.1
    assert sum(heights) / 3 == pytest.approx(drawn(scene, Line, "everybody")[0].points[0][1])


@pytest.mark.parametrize("feeling", [2, -2])
def test_curves_beside_each_other_never_leave_the_scale(feeling):
    scene = map_scene(shop({}, {}, feelings=(feeling,) * 3), persona="all")
    edge = drawn(scene, Line, "everybody")[0].points[0][1]
    heights = sorted({round(y - edge, 6) for line in drawn(scene, Line) for _, y in line.points})
    assert heights == pytest.approx([0, 0.036] if feeling > 0 else [-0.036, 0])


def test_the_legend_says_that_curves_run_side_by_side_only_where_they_do():
    said = "a persona's curve (curves that coincide run side by side)"
    assert said in map_scene(shop({}, {}), persona="all").texts()
    apart = shop({"t0": 2, "t1": 2, "t2": 2}, {"t0": -2, "t1": -2, "t2": -2})
    assert "a persona's curve" in map_scene(apart, persona="all").texts()


def legend_shapes(scene):
    return [item.shape for item in scene.items if isinstance(item, Marker) and item.mark == IN_LEGEND]


def test_the_legend_shows_the_shapes_in_use_and_no_others():
    shapes = list(DEFAULT_THEME.category_markers)
    nobody = map_scene(shop({}, {}), persona="all")
    assert legend_shapes(nobody) == shapes[:2]
    assert "own" not in nobody.legend
    assert "a persona's own feeling, assumed" not in nobody.texts()
    # The third alone has a feeling of her own; what she feels at a touchpoint that is not drawn is no mark.
    third = map_scene(shop({}, {}, {"t1": -2}), persona="all")
    assert legend_shapes(third) == [*shapes[:3], shapes[2]]
    assert not scene_faults(third)
    assert "own" not in map_scene(shop({}, {"t2": 1}), persona="all", path=["t0", "t1"]).legend


def test_names_stand_at_the_end_of_each_row_and_never_touch():
    ax = draw_map(shop({"t2": 1}, {"t2": 1}, {"t2": 1}, {"t2": 1}, {"t2": 1}), persona="all")
    assert_readable(ax)
    scene = map_scene(EXAMPLE, persona="all", lanes=["feeling"])
    for name in ("Priya Nair", "Tom Whitfield", "Aoife Brennan"):
        assert scene.texts().count(name) == 2  # two rows
    ends = [label for label in scene.labels() if label.text == "Tom Whitfield"]
    boxes = max(item.right for item in scene.items if getattr(item, "node", ""))
    assert max(label.x for label in ends) > boxes


def test_nobody_is_named_where_nothing_of_her_is_drawn():
    scene = map_scene(shop({"t0": 1}, {}, feelings=(None, None)), persona="all")
    assert scene.texts().count("Person 0") == 1
    assert "Person 1" not in scene.texts()
    assert "FEELING" not in map_scene(shop({}, {}, feelings=(None, None)), persona="all").texts()


def test_a_given_width_holds_the_names_too():
    scene = map_scene(EXAMPLE, persona="all", width=13.33, theme=PRINT_THEME)
    assert scene.width <= 13.33 + 1e-9
    assert not scene_faults(scene)


def test_one_in_a_list_is_drawn_as_one():
    one, same = (map_scene(EXAMPLE, persona=who) for who in ("tom", ["tom"]))
    assert one == same
    assert not drawn(one, Line, "everybody")


def test_the_description_says_how_they_differ():
    text = map_scene(shop({"t0": -2, "t2": 0.5}, {}), persona="all").description
    assert "Person 0 feels, as is assumed, −2 at T0 and +0.5 at T2; elsewhere as in general." in text
    assert "Person 1 feels as the journey in general." in text
    assert (
        map_scene(EXAMPLE, persona="all")
        .texts()[1]
        .startswith("Journey map · Personas: Priya Nair, Tom Whitfield and Aoife Brennan")
    )


# --- the strip --------------------------------------------------------------------------------------------------


def test_the_strip_shows_who_they_are():
    texts = map_scene(EXAMPLE, show_personas=True).texts()
    assert {
        "PN",
        "TW",
        "AB",
        "Tom Whitfield",
        "“I want a person, a price and a date. In that order.”",
    } <= set(texts)
    assert "35 % of customers · Phone, Store, Mail" in texts
    assert "PN" not in map_scene(EXAMPLE).texts()
    assert "Persona Tom Whitfield (35 % of customers, prefers Phone, Store and Mail): “I want" in map_scene(
        EXAMPLE, show_personas=True
    ).description.replace("\n", " ")


def test_the_strip_shows_only_who_was_asked_for():
    texts = map_scene(EXAMPLE, show_personas=True, persona="tom").texts()
    assert "TW" in texts
    assert "PN" not in texts
    empty = Journey(name="Nobody")
    assert map_scene(empty, show_personas=True).height == map_scene(empty).height


@pytest.mark.parametrize("width", [5.6, 8, 13.33, 30])
def test_cards_stand_in_rows_within_the_figure(width):
    people = [
        {"id": f"p{n}", "name": "A person with a name of nearly sixty characters, no more" if n % 2 else "Ann",
         "quote": "Says so much that it takes far more than the two lines of a card, and then goes on. " * 2,
         "channels": ["web", "a_channel_with_a_long_name"] * 3, "share": 0.2}
        for n in range(5)
    ]  # fmt: skip
    journey = EXAMPLE.model_copy(update={"personas": Journey(name="x", personas=people).personas})
    ax = draw_map(journey, show_personas=True, width=width, lanes=["owner"], notes=True)
    assert_readable(ax)


def test_without_a_quote_the_description_stands_there():
    people = [{"id": "ann", "description": "Buys on Sundays."}, {"id": "bob"}]
    journey = Journey(name="Shop", touchpoints=[{"id": "a", "stage": "purchase"}], personas=people)
    texts = map_scene(journey, show_personas=True).texts()
    assert {"A", "Ann", "Buys on Sundays.", "B", "Bob"} <= set(texts)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Priya Nair", "PN"),
        ("Anna Maria van der Berg", "AB"),
        ("maya", "M"),
        ("李小龙", "李"),
        ("", ""),
        ("- x", "X"),
    ],
)
def test_initials(name, letters):
    assert initials(name) == letters
