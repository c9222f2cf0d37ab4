"""What lies under each text of a scene, and can the text be read there?"""

from __future__ import annotations

from journeymap.render.scene import Box, Marker, Polygon, Scene
from journeymap.render.text import text_width
from journeymap.render.theme import Theme, contrast

READABLE, LARGE_READABLE = 4.4, 3.0  # WCAG 2 asks for 4.5, and 3 for large bold text
LARGE = 13.0


def contrast_faults(scene: Scene, theme: Theme) -> list[str]:
    """Texts whose colour is too near the colour of what they stand on."""
    grounds = sorted(
        (
            item
            for item in scene.items
            if isinstance(item, Box | Marker | Polygon) and item.fill and _alpha(item) == 1
        ),
        key=lambda item: item.z,
    )
    faults: list[str] = []
    for label in scene.labels():
        if not label.text.strip():
            continue
        x, y = _middle(label, theme)
        ground = theme.paper
        for item in grounds:
            if item.z <= label.z and _covers(item, x, y):
                ground = item.fill
        ground = label.backing or ground
        least = LARGE_READABLE if label.size >= LARGE and label.weight == "bold" else READABLE
        found = contrast(label.colour, ground)
        if found < least:
            faults.append(f"{label.text!r}: {label.colour} on {ground} has contrast {found:.2f}")
    return faults


def _alpha(item) -> float:
    return getattr(item, "alpha", 1.0)


def _middle(label, theme):
    width = text_width(label.lines[0], label.size, label.weight, label.style, theme.family)
    left = label.x - {"left": 0, "center": width / 2, "right": width}[label.ha]
    top = label.y - {"top": 0, "center": 0.5, "bottom": 1}[label.va] * label.height
    return left + width / 2, top + label.height / 2


def _covers(item, x, y) -> bool:
    if isinstance(item, Box):
        return item.x <= x <= item.right and item.y <= y <= item.bottom
    if isinstance(item, Marker):
        return (item.x - x) ** 2 + (item.y - y) ** 2 <= (item.size / 144) ** 2
    inside = False
    points = item.points
    for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside
