"""What can be wrong with a scene without drawing it: marks nobody explains, arrows through strange boxes."""

from __future__ import annotations

import math

from journeymap.render.legend import IN_LEGEND
from journeymap.render.scene import Arrow, Box, Curve, Label, Marker, Polygon, Scene

SYMBOLS = set("◆◇▲▼★☆✕▷◁⚑⇥⟳●○■□")
SAMPLES = 24
NEAR = 0.06  # inches between an arrow's end and the edge of its box


def scene_faults(scene: Scene) -> list[str]:
    """Everything that is wrong with a scene."""
    return [*mark_faults(scene), *arrow_faults(scene), *size_faults(scene)]


def mark_faults(scene: Scene) -> list[str]:
    body = [item for item in scene.items if item.mark != IN_LEGEND]
    used = {item.mark for item in body if item.mark}
    faults = [f"{mark!r} is used and not in the legend" for mark in sorted(used - set(scene.legend))]
    faults += [f"{mark!r} is in the legend and not used" for mark in sorted(set(scene.legend) - used)]
    if len(set(scene.legend)) < len(scene.legend):
        faults.append(f"the legend repeats a mark: {scene.legend}")
    faults += [f"no mark: {item!r:.150}" for item in body if not item.mark and _needs_mark(item)]
    return faults


def _needs_mark(item) -> bool:
    if isinstance(item, Marker | Arrow):
        return True
    if isinstance(item, Box | Polygon | Curve):
        return bool(item.hatch)
    return isinstance(item, Label) and bool(SYMBOLS & set(item.text[:1]))


def arrow_faults(scene: Scene) -> list[str]:
    boxes = [item for item in scene.items if isinstance(item, Box) and item.node]
    by_node: dict[str, list[Box]] = {}
    for box in boxes:
        by_node.setdefault(box.node, []).append(box)
    faults: list[str] = []
    for arrow in scene.items:
        if not isinstance(arrow, Arrow) or arrow.mark == IN_LEGEND:
            continue
        missing = [name for name in arrow.joins if name not in by_node]
        faults += [f"an arrow joins {name!r}, which is not drawn" for name in missing]
        points = _way(arrow)
        for box in boxes:
            if box.node not in arrow.joins and any(_inside(point, box) for point in points):
                faults.append(f"the arrow {arrow.joins} crosses {box.node!r}")
        if len(arrow.joins) == 2 and not missing:
            tip = arrow.points[-1]
            if arrow.head and not any(_at_edge(tip, box) for box in by_node[arrow.joins[1]]):
                faults.append(f"the arrow {arrow.joins} does not end at its box")
    return faults


def _way(arrow: Arrow):
    pieces = (len(arrow.points) - 1) // 3 if arrow.smooth else len(arrow.points) - 1
    count = SAMPLES * max(1, pieces)
    return [arrow.at(number / count) for number in range(count + 1)]


def _inside(point, box: Box, slack: float = 0.015) -> bool:
    x, y = point
    return box.x + slack < x < box.right - slack and box.y + slack < y < box.bottom - slack


def _at_edge(point, box: Box) -> bool:
    x, y = point
    across = max(box.x - x, 0, x - box.right)
    down = max(box.y - y, 0, y - box.bottom)
    if across or down:
        return math.hypot(across, down) <= NEAR
    return min(x - box.x, box.right - x, y - box.y, box.bottom - y) <= NEAR


def size_faults(scene: Scene) -> list[str]:
    return [
        f"{label.text!r} is set in {label.size:.2f} points"
        for label in scene.labels()
        if label.size < 6.5 - 1e-6
    ]
