"""The embedded engine: what goes in comes out, and it cleans up after itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.engines.progress import progress
from journeymap.errors import InvalidLogError


def test_small_tables_keep_quotes_nulls_and_large_numbers():
    rows = [("it's", 1, None), ('say "hi"', 2**62, "ä"), ("; drop table x; --", -1, "NULL")]
    with DuckDBEngine() as engine:
        name = engine.add_rows({"text": "string", "number": "bigint", "may be": "string"}, rows)
        assert [tuple(row.values()) for row in engine.run(f"select * from {name}").to_pylist()] == rows
        engine.drop(name)
        with pytest.raises(InvalidLogError, match="the engine refused a query"):
            engine.run(f"select * from {name}")


def test_tables_larger_than_one_statement():
    with DuckDBEngine() as engine:
        name = engine.add_rows({"n": "integer"}, [(n,) for n in range(4_321)])
        assert engine.run(f"select count(*) as n, sum(n) as s from {name}").to_pylist() == [
            {"n": 4_321, "s": 9_333_360}
        ]


def test_the_spill_folder_goes_with_the_engine():
    engine = DuckDBEngine()
    (row,) = engine.run("select current_setting('temp_directory') as folder").to_pylist()
    assert Path(row["folder"]).is_dir()
    engine.close()
    assert not Path(row["folder"]).exists()


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(InvalidLogError, match="the engine cannot start"):
        DuckDBEngine(memory_limit="much")


def test_a_memory_limit_is_kept_and_told():
    with DuckDBEngine(memory_limit="50MB", threads=1) as engine:
        engine._connection.execute("set temp_directory = ''").fetchall()
        with pytest.raises(InvalidLogError, match="ran out of memory"):
            engine.materialise(
                "select a.range as a, b.range as b from range(20000) a, range(2000) b order by a.range * b.range"
            )


@pytest.mark.parametrize(
    ("text", "aware"),
    [
        ("2024-03-13", False),
        ("2024-03-13 10:00", False),
        ("2024-03-13T10:00:00.5", False),
        ("2024-03-13T10:00:00Z", True),
        ("2024-03-13 10:00:00.123+02:00", True),
        ("2024-03-13 10:00-0530", True),
        ("2024-03-13 10:00:00 UTC", True),
    ],
)
def test_offsets_are_seen_in_text(text, aware):
    with DuckDBEngine() as engine:
        found = engine.run(f"select {engine.snippets.is_aware_text(engine.snippets.literal(text))} as aware")
        assert found.to_pylist() == [{"aware": aware}]


def test_progress_is_shown_on_a_terminal_only(capsys, monkeypatch):
    with progress("counting", 2) as step:
        step("first")
    assert capsys.readouterr().err == ""
    reader, writer = os.openpty()
    with os.fdopen(writer, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress("counting", 2) as step:
            step("first")
            step("second")
        terminal.flush()
        shown = ""
        while "second" not in shown:  # a terminal hands over what is written piece by piece
            shown += os.read(reader, 100_000).decode(errors="replace")
    os.close(reader)
    assert "counting: second" in shown


def test_duckdb_shows_no_bar_of_its_own():
    # only where nobody runs a file, as in a notebook, does DuckDB take it that a person looks on
    asked = (
        "from journeymap.engines.duckdb_engine import DuckDBEngine\n"
        "with DuckDBEngine() as engine:\n"
        "    print(engine.run(\"select current_setting('enable_progress_bar') as bar\")['bar'][0])"
    )
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
