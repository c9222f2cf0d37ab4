"""No text leaves the figure, no two texts overlap, every text stays in its box: for any figure drawn."""

from __future__ import annotations

import numpy as np
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
    return [*faults, *_overlaps(boxes), *_outside_their_boxes(ax, boxes)]


def _overlaps(boxes) -> list[str]:
    x0, y0, x1, y1 = np.array([box.extents for _, box in boxes]).reshape(-1, 4).T
    wide = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
    high = np.minimum.outer(y1, y1) - np.maximum.outer(y0, y0)
    pairs = np.argwhere(np.triu((wide > SLACK) & (high > SLACK), 1))
    return [
        f"{boxes[one][0]!r} and {boxes[other][0]!r} overlap by {wide[one, other]:.1f} × {high[one, other]:.1f} pixels"
        for one, other in pairs
    ]


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
