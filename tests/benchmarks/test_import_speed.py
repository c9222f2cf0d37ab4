"""How long ``import journeymap`` and the command line take beside the imports they cannot do without."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

from journeymap.datasets import example_journey, example_log
from journeymap.events.discover import discover_journey
from journeymap.events.paths import with_paths
from journeymap.events.service import with_service
from journeymap.formats.files import write_journey

RUNS = 5
MODEL = [sys.executable, "-c", "import networkx; from pydantic import BaseModel"]
DEPENDENCIES = [sys.executable, "-c", "import duckdb, pyarrow, networkx, pydantic"]
COMMAND = [sys.executable, "-m", "journeymap"]


def seconds(command):
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def ratios(ours, beside):
    seconds(ours)  # writes the byte code
    seconds(beside)
    measured = []
    for _ in range(RUNS):  # in turn, so that a busy machine slows both
        bare = seconds(beside)
        measured.append(seconds(ours) / bare)
    return measured


def said(what, measured):
    return f"\n{what}: median {statistics.median(measured):.2f}, {min(measured):.2f} to {max(measured):.2f}"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """Discover the shipped example as `journeymap discover` does: with its service and its paths."""
    folder = tmp_path_factory.mktemp("example")
    log, design = example_log(), example_journey()
    journey = with_paths(with_service(discover_journey(log, design), log), log)
    write_journey(journey, folder / "observed.json")
    write_journey(design, folder / "design.yaml")
    return folder


@pytest.mark.benchmark
@pytest.mark.slow
def test_importing_the_model_beside_its_dependencies(capsys):
    found = ratios([sys.executable, "-c", "import journeymap; journeymap.Journey"], MODEL)
    with capsys.disabled():
        print(said("import journeymap / networkx + pydantic", found))
    assert statistics.median(found) <= 1.6


@pytest.mark.benchmark
@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "most"),
    [(["friction", "observed.json"], 2.5), (["check", "design.yaml"], 2.5), (["--help"], 2.0)],
)
def test_a_command_on_the_example_beside_the_dependencies(arguments, most, example, capsys):
    files = [str(example / part) if "." in part else part for part in arguments]
    found = ratios([*COMMAND, *files], DEPENDENCIES)
    with capsys.disabled():
        print(said(f"journeymap {' '.join(arguments)} / duckdb + pyarrow + networkx + pydantic", found))
    assert statistics.median(found) <= most


@pytest.mark.slow
def test_friction_from_json_loads_nothing_slow_that_it_does_not_need(example):
    code = (
        "import sys; from journeymap.analysis.friction import find_friction; "
        "from journeymap.formats.files import read_journey; "
        "find_friction(read_journey(sys.argv[1])); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(example / "observed.json")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert "journeymap.analysis.friction" in loaded
    assert loaded & {"scipy.stats", "scipy.signal", "scipy.optimize", "ruamel.yaml", "duckdb"} == set()
