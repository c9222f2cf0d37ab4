"""Commands that are killed, or run out of room, at any moment: no file is ever half written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from journeymap.datasets import example_log
from journeymap.events.discover import discover_journey
from journeymap.formats.files import read_journey, write_journey
from journeymap.model.journey import Journey

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")

ROOT = Path(__file__).parents[1]
OLD = "what stood there before"
MOMENTS = 3  # of each of three commands
CSV = "who,what,when\n" + "".join(
    f"c{n % 997},{('ad', 'compare', 'cart', 'pay')[n * 7919 % 4]},2024-05-{n % 28 + 1:02}\n"
    for n in range(20_000)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("killed")
    (place / "events.csv").write_text(CSV, encoding="utf-8")
    write_journey(discover_journey(example_log(customers=500)), place / "journey.json")
    return place


def whole_json(path):
    read_journey(path)


def whole_html(path):
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


def whole_svg(path):
    assert path.read_text(encoding="utf-8").rstrip().endswith("</svg>")


COLUMNS = ["--customer-col", "who", "--event-col", "what", "--time-col", "when"]
COMMANDS = {
    "observed.json": (["discover", "events.csv", *COLUMNS, "-o", "observed.json"], whole_json),
    "report.html": (["report", "journey.json", "-o", "report.html"], whole_html),
    "x.svg": (["draw", "journey.json", "-o", "x.svg"], whole_svg),
}


def started(arguments, folder, spill):
    return subprocess.Popen(
        [sys.executable, "-m", "journeymap", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(spill)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def parts(folder):
    return {path.name for path in folder.iterdir() if path.suffix == ".part"}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command_leaves_the_old_file_or_the_new_one(folder, name, tmp_path):
    arguments, whole = COMMANDS[name]
    target = folder / name
    target.write_text(OLD, encoding="utf-8")
    begun = time.monotonic()
    _, said = (process := started(arguments, folder, tmp_path)).communicate()
    assert process.returncode == 0, said
    took = time.monotonic() - begun
    whole(target)
    for moment in range(MOMENTS):
        target.write_text(OLD, encoding="utf-8")
        before = parts(folder)
        process = started(arguments, folder, tmp_path)
        if moment == 0:  # while the file is being written, if that can be seen
            while process.poll() is None and parts(folder) == before:
                time.sleep(0.001)
        else:  # the more moments the later: it is written at the end
            time.sleep(took * (1 - 0.4**moment))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if target.read_text(encoding="utf-8") != OLD:
            whole(target)
    # neither parts of files nor folders of events that were left behind are in the way of the next run
    _, said = (process := started(arguments, folder, tmp_path)).communicate()
    assert process.returncode == 0, said
    whole(target)
    assert all(part.startswith(".") for part in parts(folder))


@pytest.mark.slow
def test_a_killed_demonstration_leaves_whole_files(tmp_path):
    out = tmp_path / "out"
    for seconds in (1.0, 4.0, 8.0):
        process = started(["demo", "--out", str(out)], tmp_path, tmp_path)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for path in out.glob("[!.]*") if out.is_dir() else []:
            if path.suffix in {".svg", ".html"}:
                (whole_svg if path.suffix == ".svg" else whole_html)(path)
            else:
                whole_json(path)


def test_an_interrupted_command_says_so_and_tidies_up(folder, tmp_path):
    spill = tmp_path / "spill"
    spill.mkdir()
    process = started(["discover", "events.csv", *COLUMNS, "-o", "stopped.json"], folder, spill)
    while process.poll() is None and not any(spill.iterdir()):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert not (folder / "stopped.json").exists()
    assert not [path for path in spill.iterdir() if path.name.startswith("journeymap-")]


SMALL = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
sys.argv = ["journeymap", *sys.argv[1:]]
runpy.run_module("journeymap", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
@pytest.mark.parametrize("name", COMMANDS)
def test_no_room_for_the_result(folder, name):
    arguments, _ = COMMANDS[name]
    (folder / name).write_text(OLD, encoding="utf-8")
    before = parts(folder)
    done = subprocess.run(
        [sys.executable, "-c", SMALL, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert f"{name}: cannot be written (File too large)." in done.stderr
    assert "Hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / name).read_text(encoding="utf-8") == OLD
    assert parts(folder) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_no_room_for_what_is_printed(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "journeymap", "schema"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("The result cannot be written (No space left on device).\nHint: ")
    assert "Traceback" not in done.stderr


def test_a_part_that_was_left_behind_is_in_nobodys_way(tmp_path):
    (tmp_path / ".j.json.0123abcd.part").write_text('{"half', encoding="utf-8")
    journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    write_journey(journey, tmp_path / "j.json")
    assert read_journey(tmp_path / "j.json") == journey
    assert json.loads((tmp_path / "j.json").read_text(encoding="utf-8"))["name"] == "Shop"
