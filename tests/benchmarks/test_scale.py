"""The benchmark of scale runs, and its parts count the same; how long they take is no matter here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.scale_jobs import COMPARED

SCRIPT = Path(__file__).with_name("scale.py")
EVENTS = 20_000
GRAPH = {"counts", "means", "medians", "ninth_deciles", "visits", "visitors", "starts", "ends"}
COMPILER = any(shutil.which(name) for name in ("cc", "gcc", "clang"))

pytest.importorskip("resource", reason="only Unix tells the peak of a process")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    found = tmp_path_factory.mktemp("scale") / "found.json"
    words = [
        "--events",
        str(EVENTS),
        "--runs",
        "1",
        "--peers",
        "auto",
        "--memory-limit",
        "1GB",
        "--out",
        str(found),
    ]
    done = subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(found.read_text(encoding="utf-8"))


def jobs(found):
    return {job["key"]: job for job in found["jobs"]}


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("graph", GRAPH),
        ("graph_designed", GRAPH),
        ("sql", {"edges"}),
        ("sql_designed", {"edges", "states"}),
        ("sql_designed_all", {*COMPARED, "medians", "ninth_deciles", "positions"}),
        ("step_discover", {"edges", "states"}),
        ("step_discover_designed", {"edges", "states"}),
        pytest.param(
            "limit", {"counts", "means"}, marks=pytest.mark.skipif(not COMPILER, reason="no C compiler")
        ),
        pytest.param(
            "sequence", {"counts", "means"}, marks=pytest.mark.skipif(not COMPILER, reason="no C compiler")
        ),
    ],
)
def test_the_parts_count_the_same(small, key, parts):
    job = jobs(small)[key]
    assert job["runs"][0]["whole"] is not None, job["runs"][0]["said"]
    assert job["differs"] == dict.fromkeys(parts, 0)


def test_peers_count_the_same_or_are_named_as_not_installed(small):
    for name in ("pm4py", "retentioneering", "pl4pm"):
        run = jobs(small)[name]["runs"][0]
        if run["whole"] is None:
            assert f"{name}, {EVENTS:,} events: {name} is not installed" in small["left_out"]
        else:
            assert jobs(small)[name]["differs"] == dict.fromkeys(("counts", "medians", "starts", "ends"), 0)


def test_every_run_tells_its_time_and_memory(small):
    for job in small["jobs"]:
        for run in job["runs"]:
            if run["whole"] is not None:
                assert 0 < run["job"] < run["whole"]
                assert 1e7 < run["peak"] < 1e11


def test_a_differing_answer_is_told():
    from tests.benchmarks.scale_checks import compared  # noqa: PLC0415

    ours = {"counts": {"a|b": 2, "b|a": 1}, "medians": {"a|b": 30.0}}
    assert compared(ours, {"counts": {"a|b": 2, "b|a": 1}, "medians": {"a|b": 30.0000001}}) == {
        "counts": 0,
        "medians": 0,
    }
    assert compared(ours, {"counts": {"a|b": 3}, "medians": {"a|b": 30.5}}) == {"counts": 2, "medians": 1}


def test_the_table_goes_between_the_markers(tmp_path):
    from tests.benchmarks.scale_report import BEGIN, END, put_between  # noqa: PLC0415

    page = tmp_path / "page.md"
    page.write_text(f"# Speed\n\n{BEGIN}\nold\n{END}\n\nmore\n", encoding="utf-8")
    put_between(page, "new\n")
    assert page.read_text(encoding="utf-8") == f"# Speed\n\n{BEGIN}\n\nnew\n\n{END}\n\nmore\n"
    page.write_text("no markers", encoding="utf-8")
    with pytest.raises(SystemExit, match="lacks the markers"):
        put_between(page, "new\n")
