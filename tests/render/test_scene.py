"""Geometry before drawing, and a scene becoming artists of exactly its size."""

from __future__ import annotations

import re

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from journeymap.errors import JourneyMapError
from journeymap.render.legend import lay_legend
from journeymap.render.paint import paint, room_of, scale_on, scene_of
from journeymap.render.scene import Arrow, Box, Curve, Label, LegendEntry, Line, Marker, Polygon, Scene
from journeymap.render.text import text_width
from journeymap.render.theme import DEFAULT_THEME

BOX = Box(x=1, y=1, width=2, height=0.5, fill="#FFFFFF", edge="#333333", radius=0.05)
ITEMS = (
    BOX,
    Box(x=0.1, y=2, width=0.5, height=0.5, edge="#333333", hatch="///", dash="dashed"),
    Label(x=2, y=1.25, text="$5 & <b>\nline_2", size=8, ha="center", va="center", inside=BOX, backing="#FFFFFF"),
    Line(points=((0, 0), (1, 1)), dash="dotted"),
    Curve(points=((0, 0), (1, 0), (1, 1), (2, 1)), fill="#EEEEEE", alpha=0.5),
    Polygon(points=((0, 0), (1, 0), (0, 1)), fill="#EEEEEE", edge="#333333"),
    *(Marker(x=3, y=1.8, shape=shape) for shape in ("circle", "square", "diamond", "triangle", "down", "plus", "star", "cross")),
    Arrow(points=((3, 1.25), (3.5, 1.25))),
    Arrow.bent((3, 1.25), (3.5, 2), 0.3, dash="dashed"),
    Arrow(points=((3, 1), (3.5, 1)), head=0),
)  # fmt: skip
SCENE = Scene(width=4, height=3, items=ITEMS, title="Things", description="All of them.")


def test_a_box_knows_its_sides_and_neighbours():
    assert (BOX.right, BOX.bottom, BOX.centre) == (3, 1.5, (2, 1.25))
    assert BOX.inset(0.1) == Box(
        x=1.1, y=1.1, width=1.8, height=0.3, fill="#FFFFFF", edge="#333333", radius=0.05
    )
    assert BOX.overlaps(Box(x=2.9, y=1.4, width=1, height=1))
    assert not BOX.overlaps(Box(x=3, y=1, width=1, height=1))
    assert BOX.overlaps(Box(x=3, y=1, width=1, height=1), gap=0.1)
    assert BOX.contains(BOX.inset(0.1))
    assert not BOX.contains(BOX.moved(0.1, 0))


@pytest.mark.parametrize("item", ITEMS)
def test_everything_moves_there_and_back(item):
    moved = item.moved(1, -2)
    assert moved != item
    back = moved.moved(-1, 2)
    points = getattr(item, "points", ((getattr(item, "x", 0), getattr(item, "y", 0)),))
    same = getattr(back, "points", ((getattr(back, "x", 0), getattr(back, "y", 0)),))
    assert [pytest.approx(point) for point in points] == list(same)


def test_a_label_moves_with_its_region():
    label = Label(x=1, y=1, text="a", size=8, inside=BOX).moved(1, 1)
    assert (label.inside.x, label.inside.y) == (2, 2)


def test_baselines_are_evenly_spaced_and_centred():
    label = Label(x=0, y=1, text="a\nb\nc", size=72, va="center", line_height=1.0)
    ys = [y for y, _ in label.baselines()]
    assert ys == pytest.approx([0.35, 1.35, 2.35])
    assert label.height == pytest.approx(3)


def test_an_arrow_knows_its_way():
    arrow = Arrow(points=((0, 0), (2, 0), (2, 2)))
    assert arrow.at(0.25) == (1, 0)
    assert arrow.at(0.75) == (2, 1)
    assert arrow.direction == (0, 1)
    bent = Arrow.bent((0, 0), (4, 0), 0.25)
    assert bent.at(0) == (0, 0)
    assert bent.at(1) == (4, 0)
    assert bent.at(0.5) == pytest.approx((2, -1))  # to the left of its way, y runs downwards


def test_a_figure_has_exactly_the_size_of_its_scene():
    ax = paint(SCENE)
    assert tuple(ax.figure.get_size_inches()) == (4, 3)
    assert ax.get_position().bounds == (0, 0, 1, 1)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 4), (3, 0))
    assert not ax.axison
    assert scene_of(ax) is SCENE
    assert SCENE.texts() == ("$5 & <b> line_2",)


def test_labels_become_one_text_a_line_without_mathematics():
    ax = paint(SCENE)
    assert [text.get_text() for text in ax.texts] == ["$5 & <b>", "line_2"]
    assert not any(text.get_parse_math() for text in ax.texts)
    ax.figure.canvas.draw()


def test_no_global_setting_is_touched_and_none_gets_in():
    mine = {"font.size": 30, "lines.linewidth": 9, "path.sketch": (10, 100, 2), "figure.constrained_layout.use": True,
            "text.usetex": True, "patch.linewidth": 7}  # fmt: skip
    with mpl.rc_context(mine):
        before = dict(mpl.rcParams)
        ax = paint(SCENE)
        assert dict(mpl.rcParams) == before
    assert [text.get_fontsize() for text in ax.texts] == [8, 8]
    assert not any(text.get_usetex() for text in ax.texts)
    assert all(artist.get_sketch_params() is None for artist in [*ax.patches, *ax.lines])
    assert ax.get_position().bounds == (0, 0, 1, 1)


def test_on_given_axes_the_scene_is_scaled_to_fit():
    _, ax = plt.subplots(figsize=(8, 4))
    assert paint(SCENE, ax) is ax
    width, height = room_of(ax)
    assert ax.texts[0].get_fontsize() == pytest.approx(8 * min(width / 4, height / 3))
    assert scale_on(SCENE, ax) == pytest.approx(height / 3)
    assert plt.get_fignums() == [1]


def test_axes_that_are_too_small_are_refused_with_the_size_needed():
    _, ax = plt.subplots(figsize=(2, 2))
    with pytest.raises(JourneyMapError, match=r"Things needs 3\.3 × 2\.5 inches.*these Axes have") as error:
        paint(SCENE, ax)
    assert "figsize=" in error.value.hint
    assert not ax.texts


def test_a_figure_without_pyplot_will_do():
    figure = Figure(figsize=(4, 3))
    paint(SCENE, figure.add_axes((0, 0, 1, 1)))
    assert plt.get_fignums() == []


def test_drawing_leaves_exactly_one_open_figure():
    paint(SCENE)
    assert len(plt.get_fignums()) == 1


def test_a_legend_breaks_into_rows_that_fit():
    entries = [LegendEntry(marks=(Marker(x=0.05, y=0),), text=f"mark number {n}") for n in range(9)]
    items, height = lay_legend(entries, 0.35, 5, 3, DEFAULT_THEME)
    rows = sorted({item.y for item in items if isinstance(item, Marker)})
    assert len(rows) > 2
    assert height == pytest.approx(0.24 * len(rows))
    labels = [item for item in items if isinstance(item, Label)]
    assert all(label.x + text_width(label.text, label.size) <= 3.35 for label in labels)
    assert lay_legend([], 0, 0, 3, DEFAULT_THEME) == ((), 0.0)


@pytest.mark.parametrize("size", [(2, 2), (3.97, 9), (9, 2.4444)])
def test_what_the_error_asks_for_is_enough(size):
    _, ax = plt.subplots(figsize=size)
    with pytest.raises(JourneyMapError) as error:
        paint(SCENE, ax)
    asked = re.search(r"figsize=\(([\d.]+), ([\d.]+)\)", error.value.hint)
    _, ax = plt.subplots(figsize=(float(asked[1]), float(asked[2])))
    assert paint(SCENE, ax) is ax
