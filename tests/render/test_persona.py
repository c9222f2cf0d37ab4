"""Persona cards: everything that is known, nothing that is not."""

from __future__ import annotations

import pytest

from journeymap.datasets import example_journey
from journeymap.errors import WrongKindError
from journeymap.model.journey import Journey, Persona
from journeymap.render.paint import scene_of
from journeymap.render.persona import describe_persona, draw_persona, persona_scene
from journeymap.render.scene import Box, Polygon
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.grounds import contrast_faults
from tests.render.lived import lived
from tests.render.overlap import assert_readable
from tests.render.samples import tiny
from tests.render.scene_checks import scene_faults

LONG = "Compares the monthly price of every plan with the neighbour's, pays $5 or $6"
FULL = Persona(
    id="full", name="Maximilian Alexander von Donaudampfschifffahrtsgesellschaft", description=LONG, quote=LONG,
    goals=[LONG] * 4, needs=[LONG] * 2, frustrations=[LONG] * 3, share=1.0,
    channels=["a_channel_with_a_very_long_name", "web", "app", "phone", "mail", "store", "social"],
)  # fmt: skip
CHINESE = Persona(
    id="wang", name="王小明", description="三十五岁,在上海工作的软件工程师,每周有三天在家办公。", quote="如果再掉线一次,我就回办公室。",
    goals=["稳定的视频会议"], frustrations=["重复说明同一个故障"], channels=["app", "网站"], share=0.0,
)  # fmt: skip
BARE = Persona(id="maya")
THEMES = {"colour": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}


def cards(scene):
    return [item for item in scene.items if isinstance(item, Box) and item.width == pytest.approx(3.2)]


def test_a_card_has_its_size_and_everything_on_it():
    persona = example_journey().personas[0]
    scene = persona_scene(persona)
    (card,) = cards(scene)
    assert card.height >= 4.2
    assert scene.width == pytest.approx(3.2 + 0.7)
    texts = scene.texts()
    for text in ("PN", "Priya Nair", "45 % of customers", "GOALS", "A line that holds on a video call", "NEEDS", "FRUSTRATIONS",
                 "Explaining the same fault twice", "PREFERRED CHANNELS", "in this order", "App", "Chat", "Web"):  # fmt: skip
        assert text in texts, text
    assert any(text.startswith("“If my camera freezes") for text in texts)


def test_bars_of_channels_say_their_order():
    scene = persona_scene(Persona(id="maya", channels=["phone", "email", "app", "web"]))
    bars = [item.width for item in scene.items if isinstance(item, Box) and item.mark == "rank"]
    assert [bar / bars[0] for bar in bars] == pytest.approx([1, 0.75, 0.5, 0.25])
    assert "E-mail" in scene.texts()


def test_the_share_is_a_part_of_its_track():
    track, part = (
        item for item in persona_scene(Persona(id="maya", share=0.3)).items if item.mark == "share"
    )
    assert part.width / track.width == pytest.approx(0.3)


def test_what_is_missing_is_left_out():
    scene = persona_scene(BARE)
    assert scene.texts() == ("M", "Maya")
    assert scene.legend == ()
    assert cards(scene)[0].height < 1.5


def test_cards_of_a_row_are_equally_high_and_four_beside_each_other():
    scene = persona_scene([FULL, BARE, CHINESE, BARE, CHINESE])
    found = cards(scene)
    assert len({round(card.y, 6) for card in found}) == 2
    assert len({round(card.height, 6) for card in found[:4]}) == 1
    assert found[0].height > 4.2
    assert found[4].height == pytest.approx(4.2)
    assert scene.width == pytest.approx(0.7 + 4 * 3.2 + 3 * 0.25)


def test_large_type_holds_fewer_cards_in_the_same_width():
    plain, large_type = (persona_scene([CHINESE] * 4, theme=theme) for theme in (DEFAULT_THEME, LARGE_THEME))
    assert large_type.width <= plain.width
    circles = [item.points[0][1] for item in large_type.items if isinstance(item, Polygon)]
    assert len({round(y, 6) for y in circles}) == 2


def test_a_journey_gives_its_name_and_all_its_personas():
    scene = persona_scene(example_journey())
    assert len(cards(scene)) == 3
    assert scene.texts()[:2] == ("Broadband from Larkfield", "Personas · current state (as-is) · designed")
    assert scene.description.startswith(
        "Broadband from Larkfield: 3 personas: Priya Nair, Tom Whitfield and Aoife Brennan."
    )


@pytest.mark.parametrize("value", [tiny().model_copy(update={"personas": ()}), ()], ids=["journey", "nobody"])
def test_no_persona_is_a_sentence(value):
    scene = persona_scene(value)
    assert "There is no persona yet: add one to the journey." in scene.texts()
    assert "no persona" in scene.description


def test_a_journey_names_its_channels():
    journey = Journey(name="Shop", channels=[{"id": "kiosk", "name": "Kiosk in the store"}])
    assert (
        "Kiosk in the store" in persona_scene(Persona(id="maya", channels=["kiosk"]), journey=journey).texts()
    )
    assert "Kiosk" in persona_scene(Persona(id="maya", channels=["kiosk"])).texts()


def test_channels_beyond_five_are_named_in_a_line():
    assert "then Store, Social" in persona_scene(FULL).texts()


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Priya Nair", "PN"),
        ("Anna Maria de la Cruz", "AC"),
        ("maya", "M"),
        ("王小明", "王"),
        ("Segment 3", "S"),
        ("“Max” Power", "MP"),
    ],
)
def test_initials(name, initials):
    assert persona_scene(Persona(id="x", name=name)).texts()[0] == initials


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize(
    "value", [FULL, CHINESE, BARE, [BARE, FULL, CHINESE] * 2, example_journey(), tiny()],
    ids=["full", "chinese", "bare", "six", "journey", "none"],
)  # fmt: skip
def test_cards_can_be_read(value, theme):
    ax = draw_persona(value, theme=theme)
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []
    assert contrast_faults(scene_of(ax), theme) == []


def test_content_stays_on_its_card():
    scene = persona_scene(FULL)
    (card,) = cards(scene)
    content = [label for label in scene.labels() if label.y < card.bottom]
    assert max(label.y + label.height for label in content) <= card.bottom
    assert describe_persona(FULL).count(LONG) == 11


def test_other_values_are_refused_at_the_door():
    for value in (3, "maya", [BARE, "maya"]):
        with pytest.raises(WrongKindError, match="Expected Persona"):
            draw_persona(value)


def test_an_observed_journey_says_of_whom_and_when_and_that_shares_were_not_counted():
    facts = persona_scene(lived("example")).texts()[1]
    assert facts.startswith("Personas · observed · n = ")
    assert facts.endswith(" · shares from the design")
    assert " – ".replace(" ", "\N{NO-BREAK SPACE}") in facts


@pytest.mark.parametrize("theme", [DEFAULT_THEME, DARK_THEME], ids=["default", "dark"])
def test_no_colour_of_a_card_is_that_of_a_category(theme):
    scene = persona_scene(example_journey(), theme=theme)
    fills = {item.fill for item in scene.items if isinstance(item, Box | Polygon)} - {None}
    assert fills <= {theme.paper, theme.muted, theme.rule, theme.neutral}
    assert not fills & set(theme.categories)
