"""How does a scene become a picture: matplotlib artists in inches, on a new figure or on given Axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.patches import Polygon as PolygonPatch
from matplotlib.path import Path

from journeymap.errors import JourneyMapError
from journeymap.render.scene import Arrow, Box, Curve, Item, Label, Line, Marker, Point, Polygon, Scene
from journeymap.render.text_line import TextLine, set_line
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["paint", "room_of", "scale_on", "scene_of"]

SMALLEST_TEXT = 6.5  # points; below this nobody reads
LARGEST_SCALE = 1.5
FIGURE_DPI = 110

_MARKERS: dict[str, Any] = {
    "circle": "o", "square": "s", "diamond": "D", "triangle": "^", "down": "v", "plus": "P", "cross": "X",
}  # fmt: skip
_DASHES: dict[str, Any] = {
    "solid": "-", "dashed": (0, (4, 2.5)), "dashdot": (0, (5, 2, 1, 2)), "dotted": (0, (1, 2)),
}  # fmt: skip
# Settings that would change what was laid out; the user's own settings stay as they are.
_SETTINGS: dict[Any, Any] = {
    "path.sketch": None, "path.effects": [], "text.usetex": False, "axes.autolimit_mode": "data",
}  # fmt: skip

_painted: WeakKeyDictionary[Axes, Scene] = WeakKeyDictionary()


def scene_of(ax: Axes) -> Scene | None:
    """Which scene was painted on these Axes?

    Parameters
    ----------
    ax : Axes
        Any Axes.

    Returns
    -------
    Scene or None
        The last scene that `paint` drew there.
    """
    return _painted.get(ax)


def room_of(ax: Axes) -> tuple[float, float]:
    """How large are these Axes?

    Parameters
    ----------
    ax : Axes
        Any Axes.

    Returns
    -------
    (float, float)
        Width and height in inches.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise JourneyMapError.because(
            "these Axes belong to no figure.", hint="make them with matplotlib.pyplot.subplots()"
        )
    place = ax.get_position()
    width, height = figure.get_size_inches()
    parent = ax.get_figure(root=False)
    if parent is not None and parent is not figure:
        box = parent.bbox
        return place.width * box.width / figure.dpi, place.height * box.height / figure.dpi
    return place.width * float(width), place.height * float(height)


def paint(scene: Scene, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene
        What stands where.
    ax : Axes, optional
        Where to draw. Without them a new pyplot figure of exactly the scene's size is made.
    theme : Theme
        Gives the font.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    JourneyMapError
        The given Axes are so small that text would fall below 6.5 points.
    """
    # outside the settings: the first figure chooses the backend, and in Jupyter turns on what shows figures,
    # which leaving the settings would undo
    target = _own_axes(scene, theme) if ax is None else ax
    with mpl.rc_context(_SETTINGS):
        scale = 1.0
        if ax is not None:
            scale = _scale(scene, ax)
            ax.set_aspect("equal", adjustable="box", anchor="N")
        target.set_xlim(0, scene.width)
        target.set_ylim(scene.height, 0)
        target.axis("off")
        # painters add plain artists: `add_patch` and `add_line` would measure each for limits that are set
        for item in scene.items:
            _PAINTERS[type(item)](target, item, scale, theme)
    _painted[target] = scene
    return target


def _own_axes(scene: Scene, theme: Theme) -> Axes:
    from matplotlib import pyplot as plt  # noqa: PLC0415 - only figures of our own need pyplot

    figure = plt.figure(
        figsize=(scene.width, scene.height), dpi=FIGURE_DPI, facecolor=theme.paper, layout="none"
    )
    axes: Axes = figure.add_axes((0, 0, 1, 1))
    return axes


def scale_on(scene: Scene, ax: Axes) -> float:
    """How large would the scene be drawn on these Axes?

    Parameters
    ----------
    scene : Scene
        What stands where.
    ax : Axes
        Where it would be drawn.

    Returns
    -------
    float
        1: as laid out; at most 1.5.
    """
    width, height = room_of(ax)
    return min(width / scene.width, height / scene.height, LARGEST_SCALE)


def _scale(scene: Scene, ax: Axes) -> float:
    width, height = room_of(ax)
    scale = scale_on(scene, ax)
    smallest = min((label.size for label in scene.labels()), default=SMALLEST_TEXT)
    needed = min(1.0, SMALLEST_TEXT / smallest)
    if scale < needed - 1e-6:
        wide, high = scene.width * needed, scene.height * needed
        figure = ax.get_figure(root=True)
        across, down = figure.get_size_inches() if figure else (width, height)
        fitting = f"({_up(across * max(1, wide / width))}, {_up(down * max(1, high / height))})"
        raise JourneyMapError.because(
            f"{scene.title or 'the figure'} needs {_up(wide)} × {_up(high)} inches to be readable; "
            f"these Axes have {width:.2f} × {height:.2f}.",
            hint=f"use figsize={fitting}, or leave ax out to get a figure of the right size",
        )
    return scale


def _up(inches: float) -> str:
    """Round up, so that what an error asks for is enough."""
    return f"{math.ceil(inches * 10 - 1e-6) / 10:.1f}"


def _text(ax: Axes, label: Label, scale: float, theme: Theme) -> None:
    backing = (
        {"boxstyle": "square,pad=0.12", "facecolor": label.backing, "edgecolor": "none"}
        if label.backing
        else None
    )
    for y, line in label.baselines():
        shown, font = set_line(
            line, family=theme.family, size=label.size * scale, weight=label.weight, style=label.style
        )
        if not shown.strip():
            continue
        text = TextLine(
            label.x,
            y,
            shown,
            fontproperties=font,
            color=label.colour,
            ha=label.ha,
            va="baseline",
            zorder=label.z,
            parse_math=False,
            usetex=False,
            clip_on=False,
        )
        if backing:
            text.set_bbox(backing)
        ax.add_artist(text)


def _box(ax: Axes, box: Box, scale: float, _theme: Theme) -> None:
    style: dict[str, Any] = {
        "facecolor": box.fill or "none",
        "edgecolor": box.edge or "none",
        "linewidth": box.line_width * scale if box.edge else 0,
        "linestyle": _DASHES[box.dash],
        "hatch": box.hatch or None,
        "zorder": box.z,
        "clip_on": False,
    }
    if box.radius <= 0:
        ax.add_artist(Rectangle((box.x, box.y), box.width, box.height, **style))
        return
    radius = min(box.radius, box.width / 2, box.height / 2)
    ax.add_artist(
        FancyBboxPatch(
            (box.x, box.y), box.width, box.height, boxstyle=f"round,pad=0,rounding_size={radius}", **style
        )
    )


def _line(ax: Axes, line: Line, scale: float, _theme: Theme) -> None:
    ax.add_artist(
        Line2D(
            [x for x, _ in line.points],
            [y for _, y in line.points],
            color=line.colour,
            linewidth=line.width * scale,
            linestyle=_DASHES[line.dash],
            zorder=line.z,
            solid_capstyle="butt",
            solid_joinstyle="round",
            clip_on=False,
            marker="",
        )
    )


def _bezier(points: Iterable[Point]) -> Path:
    vertices = list(points)
    return Path(vertices, [Path.MOVETO] + [Path.CURVE4] * (len(vertices) - 1))


def _curve(ax: Axes, curve: Curve, scale: float, _theme: Theme) -> None:
    ax.add_artist(
        PathPatch(
            _bezier(curve.points),
            facecolor=curve.fill or "none",
            hatch=curve.hatch or None,
            edgecolor=curve.colour if curve.width else "none",
            linewidth=curve.width * scale,
            linestyle=_DASHES[curve.dash],
            alpha=curve.alpha,
            zorder=curve.z,
            clip_on=False,
        )
    )


def _polygon(ax: Axes, polygon: Polygon, scale: float, _theme: Theme) -> None:
    ax.add_artist(
        PolygonPatch(
            list(polygon.points),
            closed=True,
            facecolor=polygon.fill or "none",
            edgecolor=polygon.edge or "none",
            linewidth=polygon.line_width * scale if polygon.edge else 0,
            hatch=polygon.hatch or None,
            alpha=polygon.alpha,
            zorder=polygon.z,
            clip_on=False,
        )
    )


def _marker(ax: Axes, marker: Marker, scale: float, theme: Theme) -> None:
    radius = marker.size / 144
    if marker.shape == "star":
        points = tuple(
            (
                marker.x + radius * 1.18 * (1 if k % 2 == 0 else 0.45) * math.sin(k * math.pi / 5),
                marker.y - radius * 1.18 * (1 if k % 2 == 0 else 0.45) * math.cos(k * math.pi / 5),
            )
            for k in range(10)
        )
        star = Polygon(
            points=points, fill=marker.fill, edge=marker.edge, line_width=marker.line_width, z=marker.z
        )
        _polygon(ax, star, scale, theme)
        return
    ax.add_artist(
        Line2D(
            [marker.x],
            [marker.y],
            marker=_MARKERS[marker.shape],
            markersize=marker.size * scale * (0.78 if marker.shape == "diamond" else 1.0),
            markerfacecolor=marker.fill or "none",
            markeredgecolor=marker.edge or "none",
            markeredgewidth=marker.line_width * scale,
            linestyle="none",
            zorder=marker.z,
            clip_on=False,
        )
    )


def _arrow(ax: Axes, arrow: Arrow, scale: float, theme: Theme) -> None:
    tip = arrow.points[-1]
    dx, dy = arrow.direction
    length = arrow.head / 72
    half = max(length * 0.42, arrow.width / 72 * 0.95)
    foot = (tip[0] - dx * length, tip[1] - dy * length)
    points = (*arrow.points[:-1], foot if arrow.head else tip)
    if arrow.smooth:
        _curve(
            ax,
            Curve(points=points, colour=arrow.colour, width=arrow.width, dash=arrow.dash,
                  alpha=arrow.alpha, z=arrow.z),
            scale,
            theme,
        )  # fmt: skip
    else:
        _line(ax, Line(points=points, colour=arrow.colour, width=arrow.width, dash=arrow.dash, z=arrow.z),
              scale, theme)  # fmt: skip
    if arrow.head:
        corners = (
            tip,
            (foot[0] - dy * half, foot[1] + dx * half),
            (foot[0] + dy * half, foot[1] - dx * half),
        )
        head = Polygon(points=corners, fill=arrow.colour, alpha=arrow.alpha, z=arrow.z + 0.01)
        _polygon(ax, head, scale, theme)


_Painter: TypeAlias = Callable[[Axes, Any, float, Theme], None]
_PAINTERS: dict[type[Item], _Painter] = {
    Box: _box,
    Label: _text,
    Line: _line,
    Curve: _curve,
    Polygon: _polygon,
    Marker: _marker,
    Arrow: _arrow,
}
