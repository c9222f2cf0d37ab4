"""``journeymap friction --what-if``: the report, then in words what the fixes would bring."""

from __future__ import annotations

import json
import re
import sys

import pytest

from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.what_if import what_if
from journeymap.analysis.what_if_result import WhatIf
from journeymap.cli import main
from journeymap.formats import read_journey, write_journey
from tests.oracle import toy_journey


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in a folder with the toy journey; give exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    write_journey(toy_journey(), tmp_path / "toy.json")

    def run_it(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["journeymap", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run_it


def test_one_fix_is_answered_after_the_report(run):
    plain = run("friction", "toy.json")
    code, out, err = run("friction", "toy.json", "--what-if", "cart: exit -50%")
    assert (code, err) == (0, "")
    assert out.startswith(plain[1])
    answer = str(what_if(read_journey("toy.json"), "cart: exit -50%"))
    assert out.splitlines()[-1] == f"What if? {answer}"
    assert "from 50.0 % to 52.7 %" in answer


def test_several_fixes_are_answered_alone_and_together(run):
    code, out, _ = run(
        "friction", "toy.json", "--what-if", "cart: exit -50%", "--what-if", "remove chat to lost"
    )
    assert code == 0
    head, first, second, together = out.splitlines()[-4:]
    assert head == "What if? Each fix by itself, model-implied, if the association is causal:"
    assert first.startswith("1. Lower exits at “Cart” by 50 %: +0.3 journeys won (+2.7 points")
    assert second.startswith("2. Remove “Chat”: its visitors are lost: −1.9 journeys won")
    assert together.startswith("All together: conversion would fall from 50.0 % to ")


def test_a_shorter_wait_tells_the_time_that_it_saves(run):
    fixes = ("--what-if", "cart: wait -50%", "--what-if", "cart: exit -50%")
    _, out, _ = run("friction", "toy.json", *fixes)
    wait, exits = out.splitlines()[-3:-1]
    assert re.fullmatch(
        r"1\. Cut the wait after “Cart” by 50 %: a journey takes \S+ (minutes|hours) less on average \(.+ to .+\)\.",
        wait,
    )
    assert re.fullmatch(
        r"2\. .*: \+0\.3 journeys won \(.+\), and a journey takes .+ longer on average \(.+\)\.", exits
    )


def test_json_holds_both(run):
    _, out, _ = run("friction", "toy.json", "--json", "--what-if", "cart: exit -50%")
    both = json.loads(out)
    assert set(both) == {"friction", "what_if"}
    assert FrictionReport.model_validate(both["friction"]).journey == "Toy"
    assert WhatIf.model_validate(both["what_if"]).gain.value == pytest.approx(0.02726, abs=5e-6)
    alone = json.loads(run("friction", "toy.json", "--json")[1])
    assert FrictionReport.model_validate(alone).journey == "Toy"


@pytest.mark.parametrize(
    ("fixes", "said"),
    [
        (["cart"], "'cart' is no fix. Expected a text such as"),
        (["crt: exit -50%"], "did you mean 'cart'?"),
        (["phone@purchase: exit -50%"], "everybody who comes to 'phone@purchase' leaves there"),
        (["cart: exit -50%", "cart: exit to 1%"], "contradict each other"),
    ],
)
def test_bad_fixes_end_with_2_and_print_no_report(run, fixes, said):
    asked = [part for fix in fixes for part in ("--what-if", fix)]
    code, out, err = run("friction", "toy.json", *asked)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_help_names_the_forms(run):
    _, out, _ = run("friction", "--help")
    assert "--what-if" in out
