"""Where is room for a text among marks and lines, so that nothing is printed over another?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from journeymap.render.scene import Box, Label, Marker, Point
from journeymap.render.text import text_width
from journeymap.render.theme import Theme

__all__ = ["Room", "beside", "ground_of", "marker_ground"]

_GROWTH = 64
_SAMPLE = 0.04  # inches between the points at which a line takes room
_CORNER = 0.95  # how far to the side a label stands that is above or below and to the side


def ground_of(label: Label, theme: Theme) -> Box:
    """Which ground does a text cover?

    Parameters
    ----------
    label : Label
        Any text.
    theme : Theme
        Gives the font.

    Returns
    -------
    Box
        As wide as its widest line and as high as all of them.
    """
    width = max(text_width(line, label.size, label.weight, label.style, theme.family) for line in label.lines)
    left = label.x - {"left": 0.0, "center": 0.5, "right": 1.0}[label.ha] * width
    top = label.y - {"top": 0.0, "center": 0.5, "bottom": 1.0}[label.va] * label.height
    return Box(x=left, y=top, width=width, height=label.height)


def marker_ground(marker: Marker) -> Box:
    """Which ground does a marker cover?"""
    half = marker.size / 144 + marker.line_width / 144
    return Box(x=marker.x - half, y=marker.y - half, width=2 * half, height=2 * half)


def beside(label: Label, point: Point, away: float, sides: str = "EWNSneswNESW") -> Iterable[Label]:
    """At which places around a point may a label stand?

    Parameters
    ----------
    label : Label
        Its anchor and alignment do not count.
    point : (x, y)
        What it belongs to, in inches.
    away : float
        The distance between the two.
    sides : str
        In order of preference: ``E`` right, ``W`` left, ``N`` above, ``S`` below; ``n`` above and to the
        right, ``e`` below and to the right, ``s`` below and to the left, ``w`` above and to the left.

    Yields
    ------
    Label
        The same text at each side in turn.
    """
    x, y = point
    slant = away * _CORNER
    for side in dict.fromkeys(sides):
        if side in "EW":
            right = side == "E"
            yield replace(label, x=x + (away if right else -away), y=y, ha="left" if right else "right",
                          va="center")  # fmt: skip
        elif side in "NS":
            above = side == "N"
            yield replace(label, x=x, y=y + (-away if above else away), ha="center",
                          va="bottom" if above else "top")  # fmt: skip
        else:
            right, above = side in "ne", side in "nw"
            yield replace(label, x=x + (slant if right else -slant), y=y + (-slant if above else slant),
                          ha="left" if right else "right", va="bottom" if above else "top")  # fmt: skip


class Room:
    """What is taken of a region, and what still fits."""

    def __init__(self, region: Box, theme: Theme) -> None:
        self.region = region
        self.theme = theme
        self._taken: NDArray[np.float64] = np.empty((_GROWTH, 4))
        self._count = 0

    def copied(self) -> Room:
        """Give the same room, to be filled in another way."""
        room = Room(self.region, self.theme)
        room._taken, room._count = self._taken.copy(), self._count
        return room

    def block(self, *boxes: Box) -> None:
        """Take ground, so that nothing else is put there."""
        for box in boxes:
            if self._count == len(self._taken):
                self._taken = np.vstack([self._taken, np.empty_like(self._taken)])
            self._taken[self._count] = box.x, box.y, box.right, box.bottom
            self._count += 1

    def block_line(self, points: Sequence[Point], half: float = 0.012) -> None:
        """Take the ground of a line, `half` inches to each side."""
        for (x0, y0), (x1, y1) in pairwise(points):
            pieces = max(1, int(np.hypot(x1 - x0, y1 - y0) / _SAMPLE))
            cuts = [(x0 + (x1 - x0) * k / pieces, y0 + (y1 - y0) * k / pieces) for k in range(pieces + 1)]
            self.block(
                *(
                    Box(x=min(a[0], b[0]) - half, y=min(a[1], b[1]) - half,
                        width=abs(b[0] - a[0]) + 2 * half, height=abs(b[1] - a[1]) + 2 * half)
                    for a, b in pairwise(cuts)
                )
            )  # fmt: skip

    def is_free(self, box: Box, gap: float = 0.015) -> bool:
        """Whether the box lies inside the region and on nothing that is taken."""
        if not self.region.contains(box):
            return False
        taken = self._taken[: self._count]
        return not bool(
            np.any(
                (taken[:, 0] < box.right + gap)
                & (box.x - gap < taken[:, 2])
                & (taken[:, 1] < box.bottom + gap)
                & (box.y - gap < taken[:, 3])
            )
        )

    def crossed(self, start: Point, end: Point, *, but: Box | None = None) -> bool:
        """Whether a straight line passes over ground that is taken, other than that of `but`."""
        taken = self._taken[: self._count]
        if but is not None:
            own = np.array([but.x, but.y, but.right, but.bottom])
            taken = taken[~np.all(np.isclose(taken, own), axis=1)]
        for part in np.linspace(0.0, 1.0, max(3, int(np.hypot(end[0] - start[0], end[1] - start[1]) / 0.03))):
            x, y = start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
            if np.any((taken[:, 0] < x) & (x < taken[:, 2]) & (taken[:, 1] < y) & (y < taken[:, 3])):
                return True
        return False

    def put(self, candidates: Iterable[Label], gap: float = 0.015) -> Label | None:
        """Give the first label that has room, and take its ground; None where none has."""
        for label in candidates:
            ground = ground_of(label, self.theme)
            if self.is_free(ground, gap):
                self.block(ground)
                return label
        return None
