"""Figures for a web page: drawn, turned into SVG text and put away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from matplotlib.axes import Axes

from journeymap.render.describe import describe
from journeymap.render.save import svg_text

__all__ = ["InlineFigure", "inline_figure"]


class InlineFigure(NamedTuple):
    """A figure as text.

    Parameters
    ----------
    svg : str
        One ``<svg>`` element.
    width : float
        Its own width in inches.
    description : str
        What it shows, in sentences.
    """

    svg: str
    width: float
    description: str


def inline_figure(draw: Callable[[Any], Axes], value: Any, *, description: str | None = None) -> InlineFigure:
    """Draw a figure for a web page.

    Parameters
    ----------
    draw : callable
        A ``draw_`` function.
    value : Journey, FrictionReport or ServiceView
        What it draws.
    description : str, optional
        What the figure shows; its own text alternative when left out.

    Returns
    -------
    InlineFigure
        The figure; it is not kept by pyplot.
    """
    from matplotlib import pyplot as plt  # noqa: PLC0415 - only to let go of the figure

    ax = draw(value)
    text = describe(ax) if description is None else description
    figure = ax.get_figure(root=True)
    try:
        svg = svg_text(ax, description=text)
        width = float(figure.get_size_inches()[0]) if figure else 0.0
    finally:
        plt.close(figure)
    return InlineFigure(svg, width, text)
