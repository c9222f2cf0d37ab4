"""The page "From a laptop to Spark": its code runs, in order, and says the same on both engines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "from-laptop-to-spark.md"
BLOCK = re.compile(
    r"^```(?:python|\{code-cell\} ipython3)\n(?:^:tags:[^\n]*\n)?(.*?)^```", re.DOTALL | re.MULTILINE
)

pytestmark = pytest.mark.xdist_group("spark")


def counts_of(journey):
    visits = {
        touchpoint.id: (touchpoint.visits.count, touchpoint.visits.customers)
        for touchpoint in journey.touchpoints
    }
    moves = {(move.source, move.target): (move.count, move.wait.median) for move in journey.transitions}
    return visits, moves


def test_the_code_of_the_page_runs_and_both_engines_say_the_same(untouched, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    for block in blocks:
        # Java was started in another folder
        code = re.sub(r'(spark\.read\.\w+\(")', rf"\g<1>{tmp_path.as_posix()}/", block)
        exec(compile(code, PAGE.name, "exec"), names)  # noqa: S102 - the page of the project
    assert len(blocks) >= 6
    assert names["spark"] is untouched
    here, there = names["journey"], names["observed"]
    assert counts_of(here) == counts_of(there)
    assert here.observation == there.observation
    assert here.observation.tie_order == "column"
    assert here.observation.wait_error == 0
    assert there.answers.count("recommend") > 100
    assert sum(there.contacts.table("contacts").measures["contacts"]) > 100
