"""How long a map takes beside as many bare matplotlib texts and boxes, and how that grows with its touchpoints.

Run it by itself, with what it prints: ``uv run pytest tests/benchmarks -m benchmark -s``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import matplotlib as mpl

mpl.use("agg")

import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from journeymap.datasets import example_journey
from journeymap.render.journey_map import draw_map
from journeymap.render.paint import scene_of
from journeymap.render.scene import Label
from tests.render.samples import large

RUNS = 3
MOST = 2.0
COUNTS = (25, 50, 100)


def seconds(job):
    begun = time.perf_counter()
    ax = job()
    ax.figure.canvas.draw()
    spent = time.perf_counter() - begun
    plt.close(ax.figure)
    return spent


def bare(scene):
    """Draw as many texts and boxes as the scene has, without any thought of where they stand."""
    ax = plt.figure(figsize=(scene.width, scene.height), dpi=110).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, scene.width), ylim=(scene.height, 0))
    for number, item in enumerate(scene.items):
        x, y = number % 97 / 97 * scene.width, number % 89 / 89 * scene.height
        if isinstance(item, Label):
            for line in item.lines:
                ax.text(x, y, line, fontsize=item.size)
        else:
            ax.add_patch(Rectangle((x, y), 0.3, 0.2))
    return ax


def drawing(journey):
    return seconds(lambda: draw_map(journey))


def measured():
    """Seconds of the first map, its ratio and that of later ones, and how the time a touchpoint grows."""
    journey = example_journey()
    first = drawing(journey)
    scene = scene_of(draw_map(journey))
    beside = [seconds(lambda: bare(scene)) for _ in range(RUNS)]
    again = drawing(journey)
    growth = [min(drawing(large(count)) for _ in range(2)) / count for count in COUNTS]
    middle = statistics.median(beside)
    return first, first / middle, again / middle, [spent / growth[0] for spent in growth]


@pytest.mark.benchmark
@pytest.mark.slow
def test_a_map_beside_bare_texts_and_boxes(capsys):
    # in a process of its own: other tests have filled the caches of text widths
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.test_draw_speed"], capture_output=True, text=True, check=True
    )
    first, cold, warm, *growth = [float(word) for word in done.stdout.split()]
    with capsys.disabled():
        print(
            f"\nthe first map: {first:.2f} s; draw_map / bare texts and boxes: {cold:.2f} the first time, {warm:.2f} "
            f"later; time a touchpoint at {COUNTS}, the first as 1: {growth}"
        )
    assert cold <= MOST
    assert (
        max(growth) <= 1.6
    )  # linear: a touchpoint of a long journey costs no more than one of a short journey


if __name__ == "__main__":
    *figures, steps = measured()
    print(*(round(part, 3) for part in (*figures, *steps)))
