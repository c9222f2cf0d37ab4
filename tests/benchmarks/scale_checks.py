"""Do the parts of the benchmark count the same?"""

from __future__ import annotations

import json
import math
from pathlib import Path

ENDS = slice(3, 6)  # of a state: goal, lost, open


def answer(path: Path) -> dict[str, dict]:
    return json.loads(path.read_text(encoding="utf-8"))


def as_peers_count(ours: dict[str, dict]) -> dict[str, dict]:
    """Say what was discovered in the terms of the peers, which know the graph alone."""
    edges, states = ours["edges"], ours["states"]
    return {
        "counts": {pair: row[0] for pair, row in edges.items()},
        "means": {pair: row[2] for pair, row in edges.items()},
        "medians": {pair: row[3] for pair, row in edges.items()},
        "ninth_deciles": {pair: row[4] for pair, row in edges.items()},
        "visits": {name: row[0] for name, row in states.items()},
        "visitors": {name: row[1] for name, row in states.items()},
        "starts": {name: row[2] for name, row in states.items() if row[2]},
        "ends": {name: sum(row[ENDS]) for name, row in states.items() if sum(row[ENDS])},
    }


def compared(ours: dict[str, dict], other: dict[str, dict]) -> dict[str, int]:
    """For every part that the other knows: how many of its rows differ from ours."""
    return {part: _differing(ours[part], rows) for part, rows in other.items()}


def _differing(ours: dict, other: dict) -> int:
    return sum(
        name not in ours or name not in other or not _alike(ours[name], other[name])
        for name in ours.keys() | other.keys()
    )


def _alike(ours: float | list[float], other: float | list[float]) -> bool:
    """Tell whether numbers are equal, apart from the rounding of seconds; a shorter row knows less."""
    if isinstance(ours, list):
        return all(_alike(a, b) for a, b in zip(ours, other, strict=False))
    return math.isclose(ours, other, rel_tol=1e-9, abs_tol=2e-6)
