"""The queries on the command line, and the journey from their answers."""

from __future__ import annotations

import sys

import pytest

import journeymap as jm
from journeymap.cli import main
from tests.events.graph_journeys import without_evidence
from tests.events.test_sql_and_counts import COLUMNS, TABLE, Warehouse, _many, _table

OPTIONS = [
    "--customer-col", "who", "--event-col", "what", "--time-col", "at", "--order-col", "id", "--goal", "pay",
    "--lost-after", "2 hours",
]  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder; give exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["journeymap", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run_it


@pytest.fixture
def warehouse(tmp_path):
    """A database of somebody else that puts answers into a folder."""
    (tmp_path / "answers").mkdir()
    return Warehouse(_table(_many()), tmp_path / "answers")


def test_two_rounds_and_a_journey(run, warehouse, tmp_path):
    code, script, err = run("sql", TABLE, *OPTIONS, "--quick")
    assert code == 0
    assert "--counts FOLDER" in err
    warehouse.run(script)
    code, out, err = run("sql", TABLE, *OPTIONS, "--quick", "--counts", "answers", "-o", "round.sql")
    assert (code, out) == (0, "")
    script = (tmp_path / "round.sql").read_text()
    assert "create temporary table jm_steps as" in script
    assert script.rstrip().endswith("drop table if exists jm_codes;")
    warehouse.run(script)
    code, out, err = run("sql", TABLE, *OPTIONS, "--quick", "--counts", "answers")
    assert (code, out) == (0, "")
    assert "queries are answered" in err
    code, _, err = run("discover", TABLE, *OPTIONS, "--quick", "--counts", "answers", "-o", "observed.json")
    assert code == 0, err
    direct = jm.discover_journey(jm.EventLog(_table(_many()), **COLUMNS), goal="pay", lost_after="2 hours")
    assert jm.read_journey("observed.json") == direct
    assert warehouse.tables() == {"events"}


def test_the_graph_alone_takes_fewer_queries(run, warehouse):
    for rounds in range(4):  # noqa: B007 - looked at below
        code, script, err = run("sql", TABLE, *OPTIONS, "--no-evidence", "--counts", "answers")
        assert code == 0, err
        if not script:
            break
        warehouse.run(script)
    assert rounds == 2
    code, _, err = run(
        "discover", TABLE, *OPTIONS, "--no-evidence", "--counts", "answers", "-o", "graph.json"
    )
    assert code == 0, err
    log = jm.EventLog(_table(_many()), **COLUMNS)
    whole = jm.discover_journey(log, goal="pay", lost_after="2 hours")
    assert jm.read_journey("graph.json") == without_evidence(whole)
    code, out, err = run("friction", "graph.json")
    assert (code, out) == (2, "")
    assert "discover it from the log again, and leave out evidence=False (--no-evidence)" in err


def test_service_and_paths_can_be_asked_for_too(run, warehouse, tmp_path):
    (tmp_path / "design.yaml").write_text(
        "format: journeymap/1\nname: Odd\ngoal: pay\ntouchpoints:\n"
        "- {id: ad, stage: discovery}\n- {id: pay, stage: purchase}\n"
        "- {id: help, events: ['007', NA], service: {handler: human}}\n"
    )
    options = [*OPTIONS, "--design", "design.yaml", "--unmapped", "keep"]
    for rounds in range(20):  # noqa: B007 - looked at below
        code, script, err = run("sql", TABLE, *options, "--counts", "answers")
        assert code == 0, err
        if not script:
            break
        warehouse.run(script)
    assert rounds == 5
    code, _, err = run("discover", TABLE, *options, "--counts", "answers", "-o", "observed.json")
    assert code == 0, err
    log = jm.EventLog(_table(_many()), **COLUMNS)
    direct = jm.discover_journey(
        log, jm.read_journey("design.yaml"), goal="pay", lost_after="2 hours", unmapped="keep"
    )
    direct = jm.with_paths(jm.with_service(direct, log), log)
    built = jm.read_journey("observed.json")
    assert _cells(built) == _cells(direct)
    assert built.model_copy(update={"evidence": ()}) == direct.model_copy(update={"evidence": ()})


def _cells(journey):
    """The counts by table, key and group; not every query puts its rows in order."""
    return {
        table.name: {
            (table.keys[row], group): [values[place] for values in table.measures.values()]
            for place, (row, group) in enumerate(zip(table.row, table.group, strict=True))
        }
        for table in journey.evidence
    }


def test_what_is_missing_is_said_in_one_message(run, warehouse):
    code, out, err = run("discover", TABLE, *OPTIONS, "--quick", "--counts", "answers", "-o", "observed.json")
    assert (code, out) == (2, "")
    assert err.startswith("answers: these answers belong to no query that is asked of this log.")
    code, script, _ = run("sql", TABLE, *OPTIONS, "--quick")
    warehouse.run(script)
    code, out, err = run("discover", TABLE, *OPTIONS, "--quick", "--counts", "answers", "-o", "observed.json")
    assert (code, out) == (2, "")
    assert "queries have no answer yet: visitors-" in err
    code, out, err = run("sql", "events.csv; x", *OPTIONS)
    assert (code, out) == (2, "")
    assert "is no name of a table" in err


def test_spark_is_spoken_to_in_its_own_words(run):
    code, script, _ = run("sql", TABLE, *OPTIONS, "--engine", "spark")
    assert code == 0
    assert "unix_micros(`at`)" in script
    code, script, _ = run("sql", TABLE, *OPTIONS, "--time-kind", "date")
    assert code == 0


@pytest.mark.parametrize("option", [["--by", "what"], ["--landmark", "ad"], ["--within", "2 days"]])
def test_what_the_graph_alone_does_not_count_is_not_asked_for_in_vain(run, option):
    for command in (["sql", TABLE], ["discover", TABLE, "-o", "graph.json"]):
        code, out, err = run(*command, *OPTIONS, "--no-evidence", *option)
        assert (code, out) == (2, "")
        assert "does not fit --no-evidence" in " ".join(err.split())
