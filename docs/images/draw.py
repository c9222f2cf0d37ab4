"""Draw the pictures of the README again: ``uv run python docs/images/draw.py``."""  # noqa: INP001

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

import journeymap as jm
from journeymap.datasets import example_journey, example_log

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = 256


def draw(folder: Path) -> None:
    """Draw the example's map as designed, and its network, friction and service as observed."""
    design = example_journey()
    observed = jm.discover_journey(example_log(), design)
    _save(jm.draw_map(design), folder / "map.png", dpi=80)
    _save(jm.draw_network(observed), folder / "network.png", dpi=100)
    _save(jm.draw_friction(jm.find_friction(observed)), folder / "friction.png", dpi=100)


def _save(ax: Axes, path: Path, *, dpi: int) -> None:
    """Save with few colours: a repository keeps every version of a picture for ever."""
    large = io.BytesIO()
    ax.figure.savefig(large, format="png", dpi=dpi)
    Image.open(large).convert("RGB").quantize(_COLOURS, kmeans=3).save(path, optimize=True)


if __name__ == "__main__":
    draw(Path(__file__).parent)
