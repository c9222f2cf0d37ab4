"""No text leaves the figure, no two texts overlap, every text stays in its box: for any figure drawn."""

from __future__ import annotations

from itertools import combinations

from matplotlib.axes import Axes

from journeymap.render.paint import scene_of

SLACK = 1.5  # pixels, for hinting


def text_faults(ax: Axes) -> list[str]:
    """What is wrong with the texts on a figure that `paint` has drawn?"""
    figure = ax.get_figure(root=True)
    ax.apply_aspect()  # drawing would do it, and takes a second
    renderer = figure.canvas.get_renderer()
    drawn = [text for text in ax.texts if text.get_visible() and text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in drawn]
    faults: list[str] = []
    whole = figure.bbox
    for words, box in boxes:
        if box.x0 < -SLACK or box.y0 < -SLACK or box.x1 > whole.x1 + SLACK or box.y1 > whole.y1 + SLACK:
            faults.append(f"{words!r} leaves the figure")
    for (one, first), (other, second) in combinations(boxes, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        if wide > SLACK and high > SLACK:
            faults.append(f"{one!r} and {other!r} overlap by {wide:.1f} × {high:.1f} pixels")
    return faults + _outside_their_boxes(ax, boxes)


def _outside_their_boxes(ax: Axes, boxes) -> list[str]:
    scene = scene_of(ax)
    assert scene is not None, "drawn by paint"
    lines = [(label, line) for label in scene.labels() for line in label.lines if line.strip()]
    assert len(lines) == len(boxes)
    faults: list[str] = []
    for (label, _), (words, box) in zip(lines, boxes, strict=True):
        if label.inside is None:
            continue
        (x0, y1), (x1, y0) = ax.transData.transform(
            [(label.inside.x, label.inside.y), (label.inside.right, label.inside.bottom)]
        )
        if box.x0 < x0 - SLACK or box.x1 > x1 + SLACK or box.y0 < y0 - SLACK or box.y1 > y1 + SLACK:
            faults.append(f"{words!r} leaves its box")
    return faults


def assert_readable(ax: Axes) -> None:
    """Fail with the list of all faults."""
    faults = text_faults(ax)
    assert not faults, "\n".join(faults[:20])
