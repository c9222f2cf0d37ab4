"""What stands where on a figure: pure geometry in inches, y downwards; it draws nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

__all__ = [
    "Arrow",
    "Box",
    "Curve",
    "Dash",
    "Item",
    "Label",
    "LegendEntry",
    "Line",
    "Marker",
    "Point",
    "Polygon",
    "Scene",
    "Shape",
    "scaled_item",
]

Point: TypeAlias = tuple[float, float]
Dash: TypeAlias = Literal["solid", "dashed", "dashdot", "dotted"]
Shape: TypeAlias = Literal["circle", "square", "diamond", "triangle", "down", "plus", "star", "cross"]

# Draw order of every figure: what is said last lies on top.
TINT, GRID, LINK, SHAPE, TEXT, EDGE_TEXT = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0


def _moved(points: tuple[Point, ...], right: float, down: float) -> tuple[Point, ...]:
    return tuple((x + right, y + down) for x, y in points)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle, rounded where `radius` is positive.

    Parameters
    ----------
    x, y, width, height : float
        Left, top and size in inches.
    fill, edge : str, optional
        Colours; None: none.
    line_width : float
        Of the edge, in points.
    dash : str
        Of the edge.
    radius : float
        Of the corners, in inches.
    hatch : str
        A matplotlib hatch such as ``///``, drawn in the edge's colour.
    z : float
        Draw order.
    mark : str
        The name of its entry in the legend; empty where it explains itself.
    node : str
        What the box stands for, where arrows may end at it.
    """

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    edge: str | None = None
    line_width: float = 0.8
    dash: Dash = "solid"
    radius: float = 0.0
    hatch: str = ""
    z: float = SHAPE
    mark: str = ""
    node: str = ""

    @property
    def right(self) -> float:
        """The x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower side."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """The middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def inset(self, by: float) -> Box:
        """Give the same box, smaller by so much on every side."""
        return replace(
            self, x=self.x + by, y=self.y + by, width=self.width - 2 * by, height=self.height - 2 * by
        )

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Whether the two share any ground, or lie closer than `gap`."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def contains(self, other: Box, slack: float = 1e-9) -> bool:
        """Whether the other lies inside, but for some slack."""
        return (
            self.x <= other.x + slack
            and self.y <= other.y + slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def moved(self, right: float, down: float) -> Box:
        """Give the same box elsewhere."""
        return replace(self, x=self.x + right, y=self.y + down)


@dataclass(frozen=True, kw_only=True)
class Label:
    r"""Text, already broken into lines (``\n``).

    Parameters
    ----------
    x, y : float
        The anchor in inches.
    text : str
        The lines.
    size : float
        In points.
    weight, style : str
        ``normal`` or ``bold``; ``normal`` or ``italic``.
    colour : str
        Of the text.
    ha : {"left", "center", "right"}
        Which side the anchor is.
    va : {"top", "center", "bottom"}
        Where the anchor lies in the block of lines.
    inside : Box, optional
        The region that the text must not leave; tests hold it to that.
    backing : str, optional
        A ground behind the text.
    line_height : float
        Distance of two lines as a multiple of the size.
    z : float
        Draw order.
    mark : str
        The name of its entry in the legend; empty where it explains itself.
    """

    x: float
    y: float
    text: str
    size: float
    weight: Literal["normal", "bold"] = "normal"
    style: Literal["normal", "italic"] = "normal"
    colour: str = "#333333"
    ha: Literal["left", "center", "right"] = "left"
    va: Literal["top", "center", "bottom"] = "top"
    inside: Box | None = None
    backing: str | None = None
    line_height: float = 1.32
    z: float = TEXT
    mark: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The text line by line."""
        return tuple(self.text.split("\n"))

    @property
    def height(self) -> float:
        """The height of the block of lines, in inches."""
        return len(self.lines) * self.size * self.line_height / 72

    def baselines(self) -> Iterator[tuple[float, str]]:
        """Yield the y of every line's baseline with the line.

        Capitals stand 0.73 of the size high, so that a baseline 0.35 below the middle of its line
        puts single lines into the optical middle of their boxes.
        """
        top = self.y - {"top": 0.0, "center": 0.5, "bottom": 1.0}[self.va] * self.height
        step = self.size * self.line_height / 72
        for number, line in enumerate(self.lines):
            yield top + (number + 0.5) * step + 0.35 * self.size / 72, line

    def moved(self, right: float, down: float) -> Label:
        """Give the same label elsewhere."""
        inside = self.inside.moved(right, down) if self.inside else None
        return replace(self, x=self.x + right, y=self.y + down, inside=inside)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Straight pieces from point to point.

    Parameters
    ----------
    points : tuple of (x, y)
        In inches.
    colour : str
        Of the line.
    width : float
        In points.
    dash : str
        Of the line.
    z : float
        Draw order.
    mark : str
        The name of its entry in the legend; empty where it explains itself.
    """

    points: tuple[Point, ...]
    colour: str = "#D0D0D0"
    width: float = 0.7
    dash: Dash = "solid"
    z: float = GRID
    mark: str = ""

    def moved(self, right: float, down: float) -> Line:
        """Give the same line elsewhere."""
        return replace(self, points=_moved(self.points, right, down))


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Cubic Bézier pieces: a start, then two control points and an end for each piece.

    Parameters
    ----------
    points : tuple of (x, y)
        1 + 3 k points in inches.
    colour : str
        Of the line.
    width : float
        In points.
    dash : str
        Of the line.
    fill : str, optional
        A colour for the ground that it encloses.
    hatch : str
        A matplotlib hatch on that ground.
    alpha : float
        Opacity, 0 to 1.
    z : float
        Draw order.
    mark : str
        The name of its entry in the legend; empty where it explains itself.
    """

    points: tuple[Point, ...]
    colour: str = "#4A5A66"
    width: float = 2.0
    dash: Dash = "solid"
    fill: str | None = None
    hatch: str = ""
    alpha: float = 1.0
    z: float = LINK
    mark: str = ""

    def moved(self, right: float, down: float) -> Curve:
        """Give the same curve elsewhere."""
        return replace(self, points=_moved(self.points, right, down))


@dataclass(frozen=True, kw_only=True)
class Polygon:
    """A closed shape.

    Parameters
    ----------
    points : tuple of (x, y)
        The corners in inches.
    fill, edge : str, optional
        Colours; None: none.
    line_width : float
        Of the edge, in points.
    hatch : str
        A matplotlib hatch.
    alpha : float
        Opacity, 0 to 1.
    z : float
        Draw order.
    mark : str
        The name of its entry in the legend; empty where it explains itself.
    """

    points: tuple[Point, ...]
    fill: str | None = None
    edge: str | None = None
    line_width: float = 0.8
    hatch: str = ""
    alpha: float = 1.0
    z: float = SHAPE
    mark: str = ""

    def moved(self, right: float, down: float) -> Polygon:
        """Give the same polygon elsewhere."""
        return replace(self, points=_moved(self.points, right, down))


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A small shape of fixed size.

    Parameters
    ----------
    x, y : float
        The middle in inches.
    shape : str
        circle, square, diamond, triangle, down, plus, star or cross.
    size : float
        The diameter in points.
    fill, edge : str, optional
        Colours; None: none.
    line_width : float
        Of the edge, in points.
    z : float
        Draw order.
    mark : str
        The name of its entry in the legend; empty where it explains itself.
    """

    x: float
    y: float
    shape: Shape = "circle"
    size: float = 8.0
    fill: str | None = "#FFFFFF"
    edge: str | None = "#4A5A66"
    line_width: float = 1.2
    z: float = SHAPE
    mark: str = ""

    def moved(self, right: float, down: float) -> Marker:
        """Give the same marker elsewhere."""
        return replace(self, x=self.x + right, y=self.y + down)


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """A line with a head whose tip is the last point.

    Parameters
    ----------
    points : tuple of (x, y)
        In inches: the corners of a line; where `smooth`, 1 + 3 k points of cubic Bézier pieces.
    smooth : bool
        Whether the points are those of a curve.
    colour : str
        Of line and head.
    width : float
        Of the line, in points.
    head : float
        Length of the head in points; 0: no head.
    dash : str
        Of the line.
    alpha : float
        Opacity, 0 to 1.
    z : float
        Draw order.
    mark : str
        The name of its entry in the legend; empty where it explains itself.
    joins : tuple of str
        The nodes of the boxes that it leads from and to.
    """

    points: tuple[Point, ...]
    smooth: bool = False
    colour: str = "#8A97A1"
    width: float = 1.2
    head: float = 6.0
    dash: Dash = "solid"
    alpha: float = 1.0
    z: float = LINK
    mark: str = ""
    joins: tuple[str, ...] = ()

    @classmethod
    def bent(
        cls, start: Point, end: Point, bend: float, *, colour: str = "#8A97A1", width: float = 1.2,
        head: float = 6.0, dash: Dash = "solid", z: float = LINK,
    ) -> Arrow:  # fmt: skip
        """Give an arrow that swerves to its left by `bend` of its length (to the right if negative)."""
        (x0, y0), (x1, y1) = start, end
        dx, dy = x1 - x0, y1 - y0
        # Control points at 4/3 of the wanted height make the curve reach it in the middle.
        side = (dy * bend * 4 / 3, -dx * bend * 4 / 3)
        first = (x0 + dx * 0.25 + side[0], y0 + dy * 0.25 + side[1])
        second = (x0 + dx * 0.75 + side[0], y0 + dy * 0.75 + side[1])
        return cls(points=(start, first, second, end), smooth=True, colour=colour, width=width,
                   head=head, dash=dash, z=z)  # fmt: skip

    @property
    def direction(self) -> Point:
        """The unit vector in which the head points."""
        x1, y1 = self.points[-1]
        for x0, y0 in reversed(self.points[:-1]):
            length = math.hypot(x1 - x0, y1 - y0)
            if length > 0:
                return (x1 - x0) / length, (y1 - y0) / length
        return 1.0, 0.0

    def at(self, t: float) -> Point:
        """Give the point at a part of the way.

        Parameters
        ----------
        t : float
            0 (start) to 1 (tip): along the length of a straight arrow, by parameter on a curve.

        Returns
        -------
        (float, float)
            In inches.
        """
        if self.smooth:
            return _on_curve(self.points, t)
        lengths = [math.dist(a, b) for a, b in zip(self.points, self.points[1:], strict=False)]
        left = t * sum(lengths)
        for (a, b), length in zip(zip(self.points, self.points[1:], strict=False), lengths, strict=True):
            if length and left <= length:
                part = left / length
                return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
            left -= length
        return self.points[-1]

    def moved(self, right: float, down: float) -> Arrow:
        """Give the same arrow elsewhere."""
        return replace(self, points=_moved(self.points, right, down))


def _on_curve(points: tuple[Point, ...], t: float) -> Point:
    pieces = (len(points) - 1) // 3
    piece = min(int(t * pieces), pieces - 1)
    u = t * pieces - piece
    p0, p1, p2, p3 = points[3 * piece : 3 * piece + 4]
    weights = ((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3)
    x, y = (sum(w * p[axis] for w, p in zip(weights, (p0, p1, p2, p3), strict=True)) for axis in (0, 1))
    return x, y


Item: TypeAlias = Box | Label | Line | Curve | Polygon | Marker | Arrow


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """A mark and what it means.

    Parameters
    ----------
    marks : tuple of Item
        Drawn around y = 0, from x = 0 to `width`.
    text : str
        The meaning.
    width : float
        How far the marks reach, in inches.
    mark : str
        The name by which items of the figure refer to it.
    """

    marks: tuple[Item, ...]
    text: str
    width: float = 0.16
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything on a figure, with its size.

    Parameters
    ----------
    width, height : float
        In inches.
    items : tuple of Item
        In draw order where their z is equal.
    title : str
        The title, for files and readers who do not see the picture.
    description : str
        The text alternative.
    legend : tuple of str
        The marks that the legend explains.
    """

    width: float
    height: float
    items: tuple[Item, ...] = ()
    title: str = ""
    description: str = ""
    legend: tuple[str, ...] = ()

    def labels(self) -> tuple[Label, ...]:
        """All texts, in order."""
        return tuple(item for item in self.items if isinstance(item, Label))

    def texts(self) -> tuple[str, ...]:
        """All texts as strings, lines joined by a space."""
        return tuple(label.text.replace("\n", " ") for label in self.labels())

    def scaled(self, factor: float) -> Scene:
        """Give the same figure, larger or smaller in every length and text size.

        Parameters
        ----------
        factor : float
            1: as it is.

        Returns
        -------
        Scene
            With the same words, marks and legend.
        """
        if factor == 1:
            return self
        items = tuple(scaled_item(item, factor) for item in self.items)
        return replace(self, width=self.width * factor, height=self.height * factor, items=items)


def scaled_item(item: Item, factor: float) -> Item:
    """Give the same item with every length and text size times a factor.

    Parameters
    ----------
    item : Item
        Any.
    factor : float
        1: as it is.

    Returns
    -------
    Item
        Of the same kind.
    """
    changes: dict[str, Any] = {name: getattr(item, name) * factor for name in _LENGTHS if hasattr(item, name)}
    if isinstance(item, Label):
        changes["inside"] = scaled_item(item.inside, factor) if item.inside else None
        del changes["height"]
    if isinstance(item, Line | Curve | Polygon | Arrow):
        changes["points"] = tuple((x * factor, y * factor) for x, y in item.points)
    return replace(item, **changes)


_LENGTHS = ("x", "y", "width", "height", "radius", "line_width", "size", "head")
