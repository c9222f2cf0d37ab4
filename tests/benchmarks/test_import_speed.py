"""How long ``import journeymap`` takes beside the imports that it cannot do without."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

RUNS = 7
MOST = 1.6
BARE = "import networkx; from pydantic import BaseModel"
OURS = "import journeymap; journeymap.Journey"


def seconds(code):
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


@pytest.mark.benchmark
@pytest.mark.slow
def test_importing_the_model_beside_its_dependencies(capsys):
    seconds(OURS)  # writes the byte code
    ratios = []
    for _ in range(RUNS):
        beside = seconds(BARE)
        ratios.append(seconds(OURS) / beside)
    with capsys.disabled():
        print(
            f"\nimport journeymap / networkx + pydantic: median {statistics.median(ratios):.2f}, "
            f"{min(ratios):.2f} to {max(ratios):.2f}"
        )
    assert statistics.median(ratios) <= MOST
