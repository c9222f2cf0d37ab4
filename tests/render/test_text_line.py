"""Lines of text are set where they stand, exactly as matplotlib itself would set them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from journeymap.render.text_line import TextLine, set_line

LINES = ["Compares plans", "$5 & <b>", "gjpqy ÄÖ", "◆ Help line"]


def _pixels(kind, **style):
    figure = Figure(figsize=(3, 2), dpi=110)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    for number, line in enumerate(LINES):
        shown, font = set_line(line, family="DejaVu Sans", size=9, weight="normal", style="normal")
        text = kind(0.11, 0.2 * number + 0.13, shown, fontproperties=font, parse_math=False, **style)
        axes.add_artist(text)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())


@pytest.mark.parametrize(
    "style",
    [
        {},
        {"color": "#8a1c1c", "alpha": 0.5},
        {"ha": "right"},
        {"rotation": 90},
        {"va": "center"},
        {"bbox": {"boxstyle": "square", "facecolor": "white"}},
        {"visible": False},
    ],
)
def test_every_pixel_is_as_matplotlib_sets_it(style):
    assert np.array_equal(_pixels(TextLine, **style), _pixels(Text, **style))


def test_something_is_drawn():
    assert _pixels(TextLine).min() < 100


def test_lines_that_are_set_alike_share_their_font():
    fonts = [
        set_line(line, family="DejaVu Sans", size=9, weight="bold", style="normal")[1] for line in LINES[:3]
    ]
    assert fonts[0] is fonts[1] is fonts[2]
