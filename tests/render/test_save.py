"""Pictures are the same bytes every time, whole or not at all, and can be read aloud."""

from __future__ import annotations

import os
import re
import stat
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from matplotlib.image import imread

from journeymap.errors import WriteError
from journeymap.render.paint import paint
from journeymap.render.save import save_figure, svg_text
from journeymap.render.scene import Box, Curve, Label, Scene

SCENE = Scene(
    width=3,
    height=2,
    items=(
        Box(x=0.5, y=0.5, width=2, height=1, fill="#E8EEF4", hatch="///", radius=0.1),
        Curve(points=((0, 0), (1, 0), (1, 1), (2, 1))),
        Label(x=1, y=1, text="Zürich & <Genève>", size=8),
    ),
    title="Journey & more",
    description="Feeling is lowest (−2) at <the> bill.",
)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_two_runs_give_the_same_bytes(tmp_path, ending):
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    assert save_figure(paint(SCENE), first) == first
    save_figure(paint(SCENE).figure, second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a.{ending}", f"b.{ending}"]


def test_a_png_has_the_size_of_the_figure(tmp_path):
    path = save_figure(paint(SCENE), tmp_path / "a.PNG", dpi=110)
    assert imread(path).shape[:2] == (220, 330)
    content = path.read_bytes()
    assert b"Journey & more" in content
    assert "Feeling is lowest (−2)".encode() in content


def test_an_svg_has_title_and_description_and_no_date(tmp_path):
    path = save_figure(paint(SCENE), tmp_path / "a.svg")
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)  # noqa: S314 - our own file
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == "Journey & more"
    assert root.find(f"{space}desc").text == SCENE.description
    assert "<dc:date>" not in text


def test_a_pdf_has_title_and_no_date(tmp_path):
    content = save_figure(paint(SCENE), tmp_path / "a.pdf", title="Short").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Title (Short)" in content
    assert b"CreationDate" not in content


def test_svg_for_a_page_stands_alone_and_collides_with_no_other():
    one, two = svg_text(paint(SCENE)), svg_text(paint(SCENE), title="Another")
    for text in (one, two):
        root = ET.fromstring(text)  # noqa: S314
        assert root.get("role") == "img"
        named = root.get("aria-labelledby").split()
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        assert set(named) <= set(ids)
        used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
        assert {a or b for a, b in used} <= set(ids)
        assert "<?xml" not in text
        assert "<!DOCTYPE" not in text
    assert not set(re.findall(r'\bid="([^"]+)"', one)) & set(re.findall(r'\bid="([^"]+)"', two))


@pytest.mark.parametrize(
    ("name", "word"), [("a.jpg", "'.jpg'"), ("a", "needs an ending"), ("a.sgv", "did you mean '.svg'")]
)
def test_an_unknown_ending_is_refused(tmp_path, name, word):
    with pytest.raises(WriteError, match=re.escape(word)) as error:
        save_figure(paint(SCENE), tmp_path / name)
    assert name in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(WriteError, match="there is no folder") as error:
        save_figure(paint(SCENE), tmp_path / "no" / "a.png")
    assert error.value.__cause__ is not None


def test_what_stood_there_still_stands_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "a.svg"
    path.write_text("before", encoding="utf-8")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WriteError, match="no rights to write"):
        save_figure(paint(SCENE), path)
    assert path.read_text(encoding="utf-8") == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.svg"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_a_picture_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "new").touch()
    path = save_figure(paint(SCENE), tmp_path / "a.svg")
    assert stat.S_IMODE(os.stat(path).st_mode) == stat.S_IMODE(os.stat(tmp_path / "new").st_mode)  # noqa: PTH116
