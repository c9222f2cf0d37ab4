"""The legend: which entries stand in which row."""

from __future__ import annotations

import pytest

from journeymap.render.legend import lay_legend
from journeymap.render.scene import LegendEntry
from journeymap.render.theme import DEFAULT_THEME


def rows(words, width):
    """How many entries each row has."""
    entries = [LegendEntry(marks=(), text=word, mark=word) for word in words]
    items, height = lay_legend(entries, 0.35, 5.0, width, DEFAULT_THEME)
    heights = sorted({item.y for item in items})
    assert height == pytest.approx(0.24 * len(heights))
    assert [item.text for item in items] == words  # in the order that was given
    return [sum(item.y == y for item in items) for y in heights]


def test_no_entry_is_left_alone_in_the_last_row():
    words = ["moment of truth"] * 6
    assert rows(words, 9.6) == [6]
    assert rows(words[:5], 7.4) == [5]
    assert rows(words, 7.4) == [3, 3]  # where five had room in the first
    assert rows(words, 2.7) == [2, 2, 2]


def test_rows_of_unlike_entries_reach_about_equally_far():
    words = ["a long entry of many words", *["short"] * 6]
    first, second = rows(words, 5.6)
    assert (first, second) == (3, 4)


def test_an_entry_wider_than_the_legend_stands_alone():
    assert rows(["short", "a long entry of many words", "short"], 1.2) == [1, 1, 1]
