"""Text breaks by its measured width, and what no font can draw is said once."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.textpath import text_to_path

from journeymap.render import fonts as fonts_module
from journeymap.render import text as text_module
from journeymap.render.graphemes import graphemes
from journeymap.render.paint import paint
from journeymap.render.scene import Label, Scene
from journeymap.render.text import drawable, families, line_height, text_width, wrap

# What people write, and what draws it where it is installed.
SCRIPTS = {
    "Latin": "Waits 22 minutes",
    "Greek": "Καλεί τη γραμμή βοήθειας",
    "Cyrillic": "Звонит в поддержку",
    "Chinese": "联系在线客服",
    "Japanese": "このプランで大丈夫?",
    "Korean": "고객 센터에 전화",
    "Arabic": "الاتصال بخدمة العملاء",
    "Hebrew": "שיחה עם שירות הלקוחות",
    "Devanagari": "ग्राहक सेवा से संपर्क करें",
    "Thai": "โทรหาฝ่ายบริการลูกค้า",
    "emoji": "😀 👍🏽 👩‍👩‍👧 🇩🇪 ✈️",
    "combining": "Cafe\u0301 n\u0303 a\u0328\u0301",
    "mixed": "Café 咖啡 دفع $9 عبر Visa",
}
LONG = "Donaudampfschifffahrtsgesellschaftskapitän"


@pytest.fixture
def _fresh():
    """Forget which fonts were found and which warnings were given."""
    known = [*vars(text_module).values(), *vars(fonts_module).values()]
    caches = [value for value in known if hasattr(value, "cache_clear")]
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


def _font(path, family, characters, *, outlines=True):
    """Write a font that can draw nothing but these characters, or pretends to."""
    pen = TTGlyphPen(None)
    if outlines:
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


def _quietly(function, *arguments):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font|This matplotlib cannot set")
        return function(*arguments)


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_in_every_script_the_ink_stays_within_the_measure(script, weight):
    words, size = SCRIPTS[script], 11
    measured = _quietly(text_width, words, size, weight)
    label = Label(x=0.5, y=0.5, text=words, size=size, weight=weight, colour="#000000")
    ax = _quietly(paint, Scene(width=7, height=1.2, items=(label,)))
    canvas = ax.figure.canvas
    canvas.draw()
    inked = np.flatnonzero((np.asarray(canvas.buffer_rgba())[:, :, 0] < 128).any(axis=0)) / ax.figure.dpi
    assert inked[0] >= 0.5 - 0.02
    assert inked[-1] <= 0.5 + measured + 0.02
    assert inked[-1] - inked[0] >= 0.8 * measured


@pytest.mark.parametrize("script", SCRIPTS)
def test_paths_in_vector_files_are_as_wide_as_measured(script):
    words = SCRIPTS[script]
    shown, names = _quietly(drawable, words), families(words)
    vertices = np.array(text_to_path.get_text_path(FontProperties(family=names), shown)[0])
    wide = (vertices[:, 0].max() - vertices[:, 0].min()) / text_to_path.FONT_SCALE * 11 / 72
    assert 0.9 * wide <= text_width(words, 11) <= 1.25 * wide


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_drawn_or_said_to_be_missing(script):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        shown = drawable(SCRIPTS[script])
    missing = [str(warning.message) for warning in said if "No installed font" in str(warning.message)]
    assert bool(missing) == ("□" in shown)
    assert len(missing) == len(set(missing))
    assert all("package fonts-" in message for message in missing)


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize(
    ("words", "boxes", "named"),
    [
        ("ग्राहक", "□□□", "Devanagari.*fonts-noto-core"),
        ("ลูกค้า", "□□□□", "Thai.*fonts-noto-core"),
        ("👍🏽", "□", "emoji.*fonts-symbola"),
        ("👩‍👩‍👧!", "□!", "emoji.*fonts-symbola"),
        ("🇩🇪🇫🇷", "□□", "emoji.*fonts-symbola"),
        ("고객", "□□", "Korean.*fonts-noto-cjk"),
    ],
)
def test_without_a_font_one_box_stands_for_what_is_read_as_one(words, boxes, named, monkeypatch):
    monkeypatch.setattr(fontManager, "ttflist", [f for f in fontManager.ttflist if f.name == "DejaVu Sans"])
    with pytest.warns(UserWarning, match=named):
        assert drawable(words) == boxes
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawable(words + words) == boxes + boxes


@pytest.mark.usefixtures("_fresh")
def test_a_font_without_outlines_is_passed_over(tmp_path, monkeypatch):
    # Fonts of coloured emoji hold pictures; matplotlib would draw nothing from them.
    monkeypatch.setattr(fontManager, "ttflist", [f for f in fontManager.ttflist if f.name == "DejaVu Sans"])
    _font(tmp_path / "pictures.ttf", "A Colour Emoji", "👍", outlines=False)
    fontManager.addfont(tmp_path / "pictures.ttf")
    with pytest.warns(UserWarning, match="emoji"):
        assert drawable("👍") == "□"
    _font(tmp_path / "outlines.ttf", "B Emoji", "👍")
    fontManager.addfont(tmp_path / "outlines.ttf")
    for cached in (fonts_module._installed, fonts_module._fallback, fonts_module._resolved):
        cached.cache_clear()
    assert families("👍") == ["DejaVu Sans", "B Emoji"]


@pytest.mark.usefixtures("_fresh")
def test_a_file_that_is_no_font_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(fontManager, "ttflist", list(fontManager.ttflist))
    _font(tmp_path / "gone.ttf", "AA Gone", "Ⰰ")
    fontManager.addfont(tmp_path / "gone.ttf")
    (tmp_path / "gone.ttf").write_bytes(b"no font any more")
    with pytest.warns(UserWarning, match="Glagolitic"):
        assert drawable("Ⰰ") == "□"


@pytest.mark.usefixtures("_fresh")
def test_kana_ask_for_a_japanese_font_and_hangul_for_a_korean_one(tmp_path, monkeypatch):
    monkeypatch.setattr(fontManager, "ttflist", [f for f in fontManager.ttflist if f.name == "DejaVu Sans"])
    for family in ("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR"):
        _font(tmp_path / f"{family}.ttf", family, "客の고")
        fontManager.addfont(tmp_path / f"{family}.ttf")
    assert families("客")[1] == "Noto Sans CJK SC"
    assert families("客の")[1] == "Noto Sans CJK JP"
    assert families("고客")[1] == "Noto Sans CJK KR"


@pytest.mark.usefixtures("_fresh")
def test_an_older_matplotlib_says_what_it_cannot_set(monkeypatch):
    monkeypatch.setattr(fonts_module, "_SHAPES", False)
    with pytest.warns(UserWarning, match=r"cannot set Arabic.*matplotlib 3\.11"):
        assert drawable(SCRIPTS["Arabic"]) == SCRIPTS["Arabic"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawable("again " + SCRIPTS["Arabic"])
        drawable(SCRIPTS["Greek"])


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301o", ["e\u0301", "o"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("👩‍👩‍👧👧", ["👩‍👩‍👧", "👧"]),
        ("🇩🇪🇫🇷🇮", ["🇩🇪", "🇫🇷", "🇮"]),
        ("✈️!", ["✈️", "!"]),
        ("1️⃣2", ["1️⃣", "2"]),
        ("ग्राहक", ["ग्रा", "ह", "क"]),
        ("เกน้ำ", ["เก", "น้ำ"]),
        ("\u1112\u1161\u11ab\u1112", ["\u1112\u1161\u11ab", "\u1112"]),
        ("ｶﾞｷ", ["ｶﾞ", "ｷ"]),
        ("\u0301a", ["\u0301", "a"]),
        ("", []),
    ],
)
def test_what_is_read_as_one_is_one(words, parts):
    assert list(graphemes(words)) == parts


@pytest.mark.parametrize("width", [0.2, 0.35, 0.6])
@pytest.mark.parametrize("script", ["Thai", "Devanagari", "Arabic", "emoji", "Japanese", "combining"])
def test_no_line_ends_within_a_character_nor_with_a_foreign_hyphen(script, width):
    words = SCRIPTS[script].replace(" ", "") * 3
    lines = [line.removeprefix("\u200f") for line in _quietly(wrap, words, width, 8)]
    kept = [line.removesuffix("-") if script == "combining" else line for line in lines]
    assert len(lines) > 2
    assert "".join(kept) == words
    assert [part for line in kept for part in graphemes(line)] == list(graphemes(words))


def test_lines_of_arabic_keep_their_order_and_direction():
    words = "دفع الفاتورة عبر Visa أو Mastercard في المتجر"
    lines = _quietly(wrap, words, 0.8, 8)
    assert len(lines) > 2
    assert " ".join(line.removeprefix("\u200f") for line in lines) == words
    # A line that begins with a Latin word would else run from left to right.
    assert [line.startswith("\u200f") for line in lines] == [
        line.removeprefix("\u200f")[0].isascii() for line in lines
    ]
    assert any(line.startswith("\u200f") for line in _quietly(wrap, words, 0.35, 8))
    assert text_width("\u200fVisa", 8) == pytest.approx(text_width("Visa", 8))
