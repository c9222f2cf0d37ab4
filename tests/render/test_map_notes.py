"""Nothing is lost: what a cell has no room for stands below the map."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from journeymap.model.journey import Journey
from journeymap.render.journey_map import draw_map, map_scene
from journeymap.render.map_notes import Notes, lay_notes
from journeymap.render.text import text_width
from journeymap.render.theme import DEFAULT_THEME
from tests.render import samples
from tests.render.overlap import assert_readable

LONG = "Compares every plan with that of the neighbour, line by line, and writes it all down. " * 8


def shop(**fields):
    return Journey(name="Shop", touchpoints=[{"id": "buy", "stage": "purchase", **fields}])


def test_what_is_cut_has_a_number_and_stands_in_full_below():
    scene = map_scene(shop(doing=LONG), notes=True)
    assert any(text.endswith("…¹") for text in scene.texts())
    assert "NOTES" in scene.texts()
    assert f"Buy, doing: {LONG.strip()}" in scene.texts()
    assert LONG.strip() in scene.description


def test_without_notes_there_are_neither_numbers_nor_a_list():
    scene = map_scene(shop(doing=LONG))
    assert any(text.endswith("…") for text in scene.texts())
    assert "NOTES" not in scene.texts()
    assert "¹" not in "".join(scene.texts())


def test_where_nothing_is_cut_there_are_no_notes():
    assert "NOTES" not in map_scene(shop(doing="Pays."), notes=True).texts()
    assert map_scene(shop(doing="Pays."), notes=True) == map_scene(shop(doing="Pays."))


def test_the_same_text_has_one_note():
    rows = [{"id": f"t{n}", "stage": "purchase", "doing": LONG} for n in range(3)]
    scene = map_scene(Journey(name="Shop", touchpoints=rows), notes=True)
    assert sum(text.endswith("…¹") for text in scene.texts()) == 3
    assert not any("²" in text for text in scene.texts())


def test_chips_without_room_are_noted_too():
    pains = [{"text": f"Pain number {n}", "severity": 5 - n // 2} for n in range(6)]
    scene = map_scene(shop(pain_points=pains), notes=True)
    assert "+ 2 more ¹" in scene.texts()
    assert "Buy, pain points: Pain number 4; Pain number 5" in scene.texts()
    assert "+ 2 more" in map_scene(shop(pain_points=pains)).texts()


def test_notes_can_be_read():
    assert_readable(draw_map(samples.long_names(), notes=True))
    assert_readable(draw_map(samples.long_names(), notes=True, width=6))


@given(st.text(alphabet="abc de ", min_size=1, max_size=300), st.floats(0.6, 3), st.integers(1, 4))
def test_lines_with_numbers_fit(text, width, most):
    notes = Notes(theme=DEFAULT_THEME, numbered=True)
    lines = notes.broken(text, width, 8, most=most, where="Here")
    assert len(lines) <= most
    assert all(text_width(line, 8) <= width + 1e-6 for line in lines)
    assert bool(notes.found) == any(line.endswith("…¹") for line in lines)


def test_columns_of_notes_are_about_equally_long():
    notes = Notes(theme=DEFAULT_THEME, numbered=True)
    for number in range(20):
        notes.mark(f"Text number {number}", "Here")
    items, high = lay_notes(notes.found, 0, 0, 16, DEFAULT_THEME)
    columns = {}
    for label in items[1:]:
        columns.setdefault(round(label.x, 2), []).append(label)
    numbers = [labels for labels in columns.values() if labels[0].text.isdigit()]
    assert [len(labels) for labels in numbers] == [7, 7, 6]
    assert max(label.y + label.height for label in items) <= high
    assert lay_notes((), 0, 0, 16, DEFAULT_THEME) == ((), 0.0)
