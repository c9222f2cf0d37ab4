"""Text breaks by its measured width, and what no font can draw is said once."""

from __future__ import annotations

import warnings

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import fontManager

from journeymap.render import text as text_module
from journeymap.render.paint import paint
from journeymap.render.scene import Label, Scene
from journeymap.render.text import drawable, families, line_height, text_width, wrap

LONG = "Donaudampfschifffahrtsgesellschaftskapitän"


@pytest.fixture
def _fresh():
    """Forget which fonts were found and which warnings were given."""
    caches = [value for value in vars(text_module).values() if hasattr(value, "cache_clear")]
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_width_grows_with_size_and_weight():
    assert text_width("Check out", 16) == pytest.approx(2 * text_width("Check out", 8))
    assert text_width("Check out", 8, "bold") > text_width("Check out", 8)
    assert text_width("", 8) == 0
    assert text_width("a\nlonger", 8) == text_width("longer", 8)


@pytest.mark.parametrize("size", [7, 7.5, 8, 8.5, 15])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_the_measure_is_a_little_more_than_what_is_drawn(size, weight):
    for words in ("Compares twelve plans on a review site", "WWW iiii 1,234 %", "◆ Ask the chat"):
        ax = paint(
            Scene(width=9, height=1, items=(Label(x=0.1, y=0.1, text=words, size=size, weight=weight),))
        )
        drawn = ax.texts[0].get_window_extent().width / ax.figure.dpi
        assert drawn <= text_width(words, size, weight) <= 1.1 * drawn


def test_a_dollar_sign_is_text_and_not_a_formula():
    assert wrap("costs $5 or $6 and x_1^2 \\alpha", 4, 8) == ("costs $5 or $6 and x_1^2 \\alpha",)


def test_lines_break_between_words_and_fit():
    lines = wrap(
        "Waits 22 minutes, explains the case three times to two agents, is promised a credit", 1.55, 8
    )
    assert " ".join(lines).startswith("Waits 22 minutes, explains the case")
    assert all(text_width(line, 8) <= 1.55 for line in lines)
    assert len(lines) == 4


def test_a_word_wider_than_the_line_is_cut_with_a_hyphen():
    lines = wrap(LONG, 1.0, 8)
    assert len(lines) > 1
    assert all(line.endswith("-") for line in lines[:-1])
    assert "".join(line.removesuffix("-") for line in lines) == LONG


def test_names_of_events_break_at_their_joints():
    assert wrap("checkout_payment_error", 0.9, 8) == ("checkout_", "payment_error")
    assert wrap("post-purchase/follow-up", 0.9, 8)[0] == "post-purchase/"


def test_chinese_breaks_anywhere_but_not_before_a_comma(recwarn):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        lines = wrap("顾客比较多个套餐。确认「月费」与合同期限。", 0.95, 8)
    assert len(lines) > 2
    assert not any(line[0] in "。」、，" or line.endswith("「") for line in lines)
    assert not any("-" in line for line in lines)


@pytest.mark.parametrize("width", [0.7, 0.9, 1.1, 1.5, 2.0])
def test_a_number_keeps_its_percent_sign_and_a_date_its_parts(width):
    lines = wrap("0 % of 2,357 customers, 95\u202f% or 7  % of them since 1997-01-01 or 01/02/1997", width, 7)
    assert not any(line.startswith("%") for line in lines)
    assert any("1997-01-01" in line for line in lines)
    assert any("01/02/1997" in line for line in lines)


def test_explicit_line_breaks_are_kept():
    assert wrap("one\ntwo\n\nthree", 3, 8) == ("one", "two", "", "three")


def test_too_many_lines_end_in_an_ellipsis():
    lines = wrap("one two three four five six seven eight nine ten", 0.6, 8, max_lines=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert text_width(lines[-1], 8) <= 0.6


def test_a_no_break_space_holds_words_together():
    assert wrap("◆\u00a0Donau dampf", 0.6, 8, "bold")[0].startswith("◆\u00a0D")


def test_nothing_gives_no_lines():
    assert wrap("", 1, 8) == ()
    assert wrap("  \n ", 1, 8) == ()


@given(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x17F), max_size=60),
    st.floats(min_value=0.3, max_value=3),
    st.integers(min_value=1, max_value=4),
)
def test_every_line_fits_and_nothing_is_lost(words, width, most):
    lines = wrap(words, width, 8)
    assert all(text_width(line, 8) <= width + 1e-6 or len(line.rstrip("-")) <= 1 for line in lines)
    kept = "".join("".join(lines).split()).replace("-", "")
    assert kept == "".join(words.split()).replace("-", "")
    short = wrap(words, width, 8, max_lines=most)
    assert len(short) <= most
    assert all(text_width(line, 8) <= width + 1e-6 or len(line) <= 2 for line in short)


def test_control_characters_are_dropped():
    assert drawable("a\x00b\x1bc\ufe0f") == "abc"


def test_line_height_is_in_inches():
    assert line_height(72) == pytest.approx(1.32)


def _font(path, family, characters):
    """Write a font that can draw nothing but these characters."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(point)
    pen.closePath()
    box, names = pen.glyph(), [f"glyph{n}" for n in range(len(characters))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap(dict(zip(map(ord, characters), names, strict=True)))
    builder.setupGlyf(dict.fromkeys([".notdef", *names], box))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120)
    builder.setupPost()
    builder.save(path)


@pytest.mark.usefixtures("_fresh")
def test_a_missing_character_is_taken_from_another_installed_font(tmp_path, monkeypatch):
    # Glagolitic: no font that comes with matplotlib has it.
    monkeypatch.setattr(fontManager, "ttflist", list(fontManager.ttflist))
    _font(tmp_path / "slavic.ttf", "Slavic Test", "ⰀⰁ")
    fontManager.addfont(tmp_path / "slavic.ttf")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawable("a Ⰰ") == "a Ⰰ"
        assert families("a Ⰰ") == ["DejaVu Sans", "Slavic Test"]
        assert text_width("Ⰰ", 72) == pytest.approx(1.04, abs=0.01)


@pytest.mark.usefixtures("_fresh")
def test_what_no_font_can_draw_is_said_once_and_shown_as_boxes(monkeypatch):
    monkeypatch.setattr(fontManager, "ttflist", [f for f in fontManager.ttflist if f.name == "DejaVu Sans"])
    with pytest.warns(UserWarning, match=r"Chinese, Japanese or Korean.*□.*Noto Sans CJK"):
        assert drawable("a 中文") == "a □□"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawable("日本語、ですか") == "□" * 7
        assert text_width("中", 8) > 0
