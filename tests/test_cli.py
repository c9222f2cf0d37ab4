"""The command line: every command once, and every kind of bad input with one clear sentence."""

from __future__ import annotations

import csv
import gc
import json
import os
import re
import subprocess
import sys
import warnings
from contextlib import suppress

import pytest

from journeymap.cli import main
from journeymap.cli.commands import _in_words_of_the_command_line
from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import InvalidJourneyError, InvalidLogError
from journeymap.formats import read_journey, write_journey

COLUMNS = ["--customer-col", "customer", "--event-col", "event", "--time-col", "time"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder; give exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("MPLBACKEND", "agg")

    def run_it(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["journeymap", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run_it


def test_a_command_leaves_the_process_as_it_was(monkeypatch, capsys):
    # a test or a notebook that calls main() must still be able to show its own pictures and warnings
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.setattr(sys, "argv", ["journeymap", "--help"])
    warned, collected = warnings.showwarning, gc.get_threshold()
    with pytest.raises(SystemExit):
        main()
    assert "journeymap" in capsys.readouterr().out
    assert gc.get_threshold() == collected
    assert "MPLBACKEND" not in os.environ
    assert warnings.showwarning is warned


def write_csv(path, rows, head=("customer", "event", "time")):
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])


@pytest.fixture
def toy(run, toy_log, toy_design, tmp_path):
    """The toy log as events.csv and its design as design.yaml."""
    write_csv(tmp_path / "events.csv", [tuple(row.values()) for row in toy_log.source.to_pylist()])
    write_journey(toy_design, tmp_path / "design.yaml")
    return tmp_path


@pytest.fixture
def observed(toy, run):
    code, _, err = run("discover", "events.csv", "--design", "design.yaml", *COLUMNS, "-o", "observed.json")
    assert code == 0, err
    return toy


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def fails(result, *says):
    code, out, err = result
    assert code == 2
    assert out == ""
    for words in says:
        assert words in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 2


# what works


def test_help_and_version(run):
    code, out, _ = run("--version")
    assert (code, out.split()[0]) == (0, "journeymap")
    code, out, _ = run("--help")
    assert code == 0
    for command in "demo draft discover friction service draw check new schema convert report".split():
        assert command in out


def test_bare_call_and_misspelt_command(run):
    assert run()[0] == 2
    code, _, err = run("frictoin")
    assert code == 2
    assert "friction" in err


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['journeymap', '--help']\n"
        "from journeymap.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'matplotlib', 'duckdb', 'scipy', 'pandas', 'jinja2', 'ruamel.yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_as_a_module_without_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "journeymap", "check", "none.yaml"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("none.yaml: no such file.")


def test_new_check_convert_schema(run, tmp_path):
    assert run("new", "design.yaml")[0] == 0
    fails(run("new", "design.yaml"), "design.yaml: the file exists.", "--force")
    assert run("new", "design.yaml", "--force")[0] == 0
    code, out, err = run("check", "design.yaml")
    assert (code, err) == (0, "")
    assert "warning: touchpoint recommendation: owner is guessed" in out
    assert run("check", "design.yaml", "--strict")[0] == 1
    assert json.loads(run("check", "design.yaml", "--json")[1])["findings"]
    assert run("convert", "design.yaml", "design.json")[0] == 0
    assert run("convert", "design.json", "again.yaml")[0] == 0
    assert read_journey("again.yaml") == read_journey("design.yaml")
    assert json.loads(run("schema")[1])["title"] == "A customer journey"


def test_check_exits_1_on_an_error(run, tmp_path):
    (tmp_path / "empty.yaml").write_text("name: Nothing\n")
    code, out, _ = run("check", "empty.yaml")
    assert code == 1
    assert "error: touchpoints: there is none." in out


def test_draft(run, toy):
    code, out, err = run("draft", "events.csv", *COLUMNS, "-o", "draft.yaml")
    assert (code, out) == (0, "")
    assert "guesses to confirm" in err
    assert "journeymap check draft.yaml" in err
    code, out, _ = run("draft", "events.csv", *COLUMNS)
    assert out == (toy / "draft.yaml").read_text()


def test_discover_prints_what_was_counted(run, toy):
    code, out, err = run("discover", "events.csv", "--design", "design.yaml", *COLUMNS, "-o", "o.json")
    assert code == 0
    assert "Customers: 12\n" in out
    assert "Events: 67\n" in out
    assert "wrote o.json" in err
    assert read_journey("o.json").observation.journeys == 12


def test_filters_reach_the_log(run, toy):
    assert (
        run("discover", "events.csv", *COLUMNS, "--between", "2024-01-01", "2024-01-07", "-o", "o.json")[0]
        == 0
    )
    assert read_journey("o.json").observation.customers == 6
    assert run(
        "discover", "events.csv", *COLUMNS, "--where", "customer=c01", "--where", "customer=c02", "-o", "o.json",
        "--lost-after", "2 days", "--observed-until", "2024-03-01",
    )[0] == 0  # fmt: skip
    seen = read_journey("o.json").observation
    assert (seen.customers, seen.lost_after_source, len(seen.filters)) == (2, "call", 1)


def test_memory_is_limited_for_one_command_alone(run, toy, monkeypatch):
    made = []
    opened = DuckDBEngine.__init__
    monkeypatch.setattr(
        DuckDBEngine, "__init__", lambda self, **given: (made.append(given), opened(self, **given))[1]
    )
    limited = ["discover", "events.csv", "--design", "design.yaml", *COLUMNS, "--memory-limit", "100MB"]
    assert run(*limited, "-o", "limited.json")[0] == 0
    assert made == [{"memory_limit": "100MB"}]
    assert run("discover", "events.csv", "--design", "design.yaml", *COLUMNS, "-o", "o.json")[0] == 0
    assert made[1:] == [{}] * (len(made) - 1)
    assert (toy / "limited.json").read_text() == (toy / "o.json").read_text()


@pytest.mark.parametrize("command", ["friction", "service"])
def test_judgements(run, observed, command):
    code, out, err = run(command, "observed.json")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) >= 2
    assert json.loads(run(command, "observed.json", "--json")[1])["journey"] == "Toy"


def test_friction_says_what_to_type(run, observed):
    run("discover", "events.csv", *COLUMNS, "--design", "design.yaml", "--quick", "-o", "quick.json")
    for asked in (["quick.json"], ["quick.json", "--json"]):
        _, out, _ = run("friction", *asked)
        assert "discover the journey again without --quick" in out
        assert "(--repeated-col)" in out
        assert "give the log --feeling-col" in out
        assert not re.search(r"with_\w+\(|\w_col\b|lost_after", out)
    assert "Not measured: time spent (" in run("friction", "quick.json")[1]
    assert "--quick" not in run("friction", "observed.json")[1]


def test_friction_with_everything(run, observed):
    some, everything = run("friction", "observed.json")[1], run("friction", "observed.json", "--all")[1]
    assert len(everything) > len(some)
    assert any("\t" in line for line in everything.splitlines())


def test_service_of_a_design(run, toy):
    code, out, _ = run("service", "design.yaml")
    assert code == 0
    assert out.strip()


@pytest.mark.parametrize(
    "kind",
    [
        "map",
        "blueprint",
        "network",
        "flow",
        "feeling",
        "heatmap",
        "friction",
        "importance",
        "service",
        "persona",
        "funnel",
    ],
)
def test_draw(run, observed, kind):
    code, out, err = run("draw", "observed.json", "--as", kind, "-o", "picture.svg")
    assert (code, out) == (0, ""), err
    assert "<svg" in (observed / "picture.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "smaller"),
    [
        (["--lanes", "doing, feeling"], True),
        (["--max-columns", "2"], False),
        (["--as", "network", "--min-share", "0.5"], False),
        (["--as", "friction", "--top", "1"], True),
        (["--size", "a3"], False),
        (["--path", "ad, pay"], True),
        (["--orientation", "vertical"], False),
        (["--theme", "dark"], False),
        (["--theme", "large"], False),
        (["--as", "flow", "--by", "position"], False),
        (["--as", "heatmap", "--show", "count"], False),
        (["--as", "blueprint", "--max-columns", "2"], False),
    ],
)
def test_draw_with_the_options_of_a_figure(run, observed, options, smaller):
    kind = options[:2] if options[0] == "--as" else []
    assert run("draw", "observed.json", *kind, "-o", "plain.svg")[0] == 0
    code, _, err = run("draw", "observed.json", *options, "-o", "other.svg")
    assert code == 0, err
    plain, other = ((observed / name).read_text(encoding="utf-8") for name in ("plain.svg", "other.svg"))
    assert (len(other) < len(plain)) if smaller else (other != plain)


def test_draw_as_a_persona_and_with_more_dots(run, toy):
    text = (toy / "design.yaml").read_text()
    first = read_journey("design.yaml").touchpoints[0].id
    persona = f"personas: [{{id: kim, name: Kim, feelings: {{{first}: -2}}}}]\n"
    (toy / "kim.yaml").write_text(text.replace("touchpoints:", f"{persona}touchpoints:", 1))
    assert run("draw", "kim.yaml", "-o", "all.svg")[0] == 0
    assert run("draw", "kim.yaml", "--persona", "Kim", "-o", "kim.svg")[0] == 0
    assert (toy / "kim.svg").read_bytes() != (toy / "all.svg").read_bytes()
    assert run("draw", "kim.yaml", "-o", "few.png", "--dpi", "40")[0] == 0
    assert run("draw", "kim.yaml", "-o", "many.png", "--dpi", "80")[0] == 0
    width = [int.from_bytes((toy / f"{name}.png").read_bytes()[16:20], "big") for name in ("few", "many")]
    assert width[1] == pytest.approx(2 * width[0], abs=2)


def test_without_a_goal_journeys_end(run, toy):
    code, out, err = run("discover", "events.csv", *COLUMNS, "-o", "o.json")
    assert code == 0, err
    seen = read_journey("o.json").observation
    assert f"Outcome: {seen.lost:,} ended, {seen.open:,} still open\n" in out
    assert "Ended after: " in out
    assert " won, " not in out


def test_report_of_events_and_of_a_design(run, toy):
    assert (
        run("report", "events.csv", "--design", "design.yaml", *COLUMNS, "-o", "r.html", "--title", "Toys")[0]
        == 0
    )
    assert "<title>Toys</title>" in (toy / "r.html").read_text(encoding="utf-8")
    assert run("report", "design.yaml", "-o", "d.html")[0] == 0


def test_interrupted(run, toy, monkeypatch):
    def stop(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("journeymap.formats.files.read_journey", stop)
    assert run("check", "design.yaml")[0] == 130


@pytest.mark.slow
def test_demo(run, tmp_path):
    code, out, _ = run("demo", "--out", "demo")
    assert code == 0
    assert files(tmp_path / "demo") == [
        "blueprint.svg", "broadband.yaml", "flow.svg", "friction.svg", "funnel.svg", "map.svg", "network.svg", "observed.json", "report.html", "scorecard.svg", "service.svg",
    ]  # fmt: skip
    for words in ("Book the engineer", "Check the address", "first bill", "Open demo/report.html"):
        assert words in out


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("choose unmapped='ignore' or 'keep'", "choose --unmapped 'ignore' or 'keep'"),
        ("choose --unmapped ignore", "choose --unmapped ignore"),
        ("lost_after: 'x' is no span of time.", "--lost-after: 'x' is no span of time."),
        ("no column 'unmapped' (for time_col).", "no column 'unmapped' (for --time-col)."),
        ("time_col.csv: no column 'a' (for segment_cols[0]).", "time_col.csv: no column 'a' (for --segment-col)."),
        ("no column 'a' (for where(a=...)).", "no column 'a' (for --where a=…)."),
        ("between: b to a is no period.", "--between: b to a is no period."),
        ("leave later events out with between(start, end)", "leave later events out with --between START END"),
    ],
)  # fmt: skip
def test_parameters_of_a_log_are_said_as_options(message, said):
    assert _in_words_of_the_command_line(InvalidLogError(message)) == said
    assert _in_words_of_the_command_line(InvalidJourneyError(message)) == message


def test_keys_of_a_journey_file_stay_keys(run, tmp_path):
    (tmp_path / "a.yaml").write_text("name: A\nlost_after: 3 moons\ntouchpoints: [{id: ad}]\n")
    code, _, err = run("check", "a.yaml")
    assert code == 2
    assert "lost_after" in err
    assert "--" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
@pytest.mark.parametrize("command", [["friction", "--all"], ["service"]])
def test_on_a_narrow_terminal_no_word_and_no_number_is_broken(run, observed, command):
    pty = pytest.importorskip("pty")
    piped = run(command[0], "observed.json", *command[1:])[1]
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80"}
    with subprocess.Popen(
        [sys.executable, "-m", "journeymap", *command, "observed.json"],
        stdout=follower, cwd=observed, env=environment,
    ) as process:  # fmt: skip
        os.close(follower)
        shown = b""
        with suppress(OSError):  # a terminal whose program has gone
            while piece := os.read(leader, 65536):
                shown += piece
    os.close(leader)
    assert process.returncode == 0
    lines = shown.decode().splitlines()
    assert max(map(len, lines)) <= 80
    words = set(piped.split())
    assert {word.strip("()") for line in lines for word in line.split() if not set(word) <= set("─━")} <= (
        words | {word.strip("()") for word in words}
    )
    assert not any(re.match(r"\s*%", line) for line in lines)


# bad input: exit 2, place and hint, nothing half-written


def discover(run, *more, events="events.csv", design="design.yaml"):
    return run("discover", events, "--design", design, *COLUMNS, *more, "-o", "out.json")


def test_a_missing_column(run, toy):
    before = files(toy)
    columns = ["--customer-col", "custmer", "--event-col", "event", "--time-col", "time"]
    fails(
        run("discover", "events.csv", *columns, "-o", "out.json"),
        "events.csv: no column 'custmer'", "Expected one of: customer, event, time.", "Hint: did you mean 'customer'?",
    )  # fmt: skip
    assert files(toy) == before


def test_columns_not_named(run, toy):
    code, out, err = run("discover", "events.csv", "-o", "out.json")
    assert (code, out) == (2, "")
    assert "--customer-col" in err
    assert "Traceback" not in err


def test_no_such_events(run, toy):
    code, out, err = discover(run, events="event.csv")
    assert (code, out) == (2, "")
    assert "event.csv" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("head.csv", b"customer,event,time\n"),
        ("binary.csv", b"\x00\x01\x02\xff" * 100),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50),
        ("not.parquet", b"customer,event,time\na,b,2024-01-01\n"),
        ("half.parquet", b"PAR1\x00\x00"),
        ("not.csv.gz", b"customer,event,time\na,b,2024-01-01\n"),
        ("words.txt", b"hello"),
    ],
)
def test_files_that_are_no_events(run, toy, name, content):
    (toy / name).write_bytes(content)
    before = files(toy)
    fails(discover(run, events=name), name)
    assert files(toy) == before


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("", "see", "2024-01-01T00:00:00"), ["customer", "1"]),
        (("c1", "", "2024-01-01T00:00:00"), ["event", "1"]),
        (("c1", "see", ""), ["time", "1"]),
        (("c1", "see", "2024-01-01T00:00:00+02:00"), ["time"]),
        (("c1", "see", "yesterday"), ["time"]),
    ],
)
def test_rows_that_cannot_be_counted(run, toy, row, says):
    with (toy / "events.csv").open("a", newline="") as stream:
        csv.writer(stream).writerow(row)
    before = files(toy)
    fails(discover(run), "events.csv", *says)
    assert files(toy) == before


def test_a_design_none_of_whose_events_occur(run, toy):
    (toy / "other.yaml").write_text("name: Other\ntouchpoints: [{id: lion, stage: purchase}]\n")
    fails(discover(run, design="other.yaml"), "events.csv", "Hint: ")
    fails(discover(run, "--unmapped", "ignore", design="other.yaml"), "Hint: ")
    assert not (toy / "out.json").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("stage: purchase", "stage: purchse", "no stage 'purchse'"),
        ("goal: [", "feeling: 7\ngoal: [", "no key 'feeling'"),
        ("    stage: purchase", "    feeling: 7\n    stage: purchase", "feeling: 7 is too large."),
        ("  - id: chat", "  - id: phone", "stands twice"),
    ],
)
def test_bad_designs(run, toy, old, new, says):
    text = (toy / "design.yaml").read_text()
    assert old in text
    (toy / "bad.yaml").write_text(text.replace(old, new, 1))
    for command in (
        ["check", "bad.yaml"],
        ["draw", "bad.yaml", "-o", "x.svg"],
        ["convert", "bad.yaml", "x.json"],
    ):
        fails(run(*command), "bad.yaml:", says)
    fails(discover(run, design="bad.yaml"), "bad.yaml:", says)
    assert not {"x.svg", "x.json", "out.json"} & set(files(toy))


def test_a_transition_to_an_unknown_touchpoint(run, tmp_path):
    (tmp_path / "a.yaml").write_text(
        "name: A\ntouchpoints: [{id: ad}]\ntransitions:\n  - {source: ad, target: add}\n"
    )
    fails(
        run("check", "a.yaml"),
        "a.yaml:4: transitions[0] (ad → add), target: no touchpoint 'add'.",
        "Hint: did you mean 'ad'?",
    )


def test_places_that_cannot_be_written(run, toy):
    (toy / "file").write_text("x")
    before = files(toy)
    for target in ("file/out.json", "nowhere/out.json"):
        fails(run("convert", "design.yaml", target), target, "Hint: ")
        fails(run("discover", "events.csv", "--design", "design.yaml", *COLUMNS, "-o", target), target)
    fails(run("new", "file/new.yaml"), "is no folder")
    fails(run("draw", "design.yaml", "-o", "file/map.svg"), "file/map.svg")
    fails(run("report", "design.yaml", "-o", "file/r.html"), "file/r.html")
    fails(run("demo", "--out", "file/demo"), "file/demo")
    assert files(toy) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["draw", "design.yaml", "--as", "netwrk", "-o", "x.svg"], ["no figure 'netwrk'", "map, blueprint, network, flow", "did you mean 'network'?"]),
        (["draw", "design.yaml", "-o", "x.bmp"], ["x.bmp", "Expected .png, .svg or .pdf."]),
        (["friction", "design.yaml"], ["Hint: "]),
        (["draw", "design.yaml", "--as", "friction", "-o", "x.svg"], ["Hint: "]),
        (["convert", "design.yaml", "design.mmd"], ["no journey format ends in '.mmd'"]),
        (["new", "design.json"], ["the template is YAML"]),
        (["check", "events.csv"], ["events.csv: no journey format ends in '.csv'", "journeymap discover"]),
        (["check", "desing.yaml"], ["desing.yaml: no such file.", "did you mean 'design.yaml'?"]),
        (["discover", "events.csv", *COLUMNS, "-o", "x.yaml"], ["x.yaml", ".json"]),
        (["discover", "events.csv", *COLUMNS, "--where", "platform", "-o", "x.json"], ["--where 'platform' is no condition."]),
        (["discover", "events.csv", *COLUMNS, "--where", "platform=web", "-o", "x.json"], ["no column 'platform'"]),
        (["discover", "events.csv", *COLUMNS, "--between", "2024-02-01", "2024-01-01", "-o", "x.json"], ["is no period"]),
        (["discover", "events.csv", *COLUMNS, "--between", "Feb", "March", "-o", "x.json"], ["--between, start: 'Feb' is no time"]),
        (["discover", "events.csv", *COLUMNS, "--between", "2024-02-01", "March", "-o", "x.json"], ["--between, end: 'March' is no time"]),
        (["draw", "design.yaml", "--min-share", "0.2", "-o", "x.svg"], ["--min-share does not fit --as map.", "Only --as network takes it."]),
        (["draw", "design.yaml", "--as", "network", "--persona", "priya", "-o", "x.svg"], ["--persona does not fit --as network", "Only --as map and --as feeling take it."]),
        (["draw", "design.yaml", "--as", "service", "--lanes", "doing", "-o", "x.svg"], ["--lanes does not fit", "Only --as map and --as blueprint take it."]),
        (["draw", "design.yaml", "--as", "friction", "--max-columns", "4", "-o", "x.svg"], ["--max-columns does not fit", "Only --as map"]),
        (["draw", "design.yaml", "--top", "3", "-o", "x.svg"], ["--top does not fit", "Only --as friction takes it."]),
        (["draw", "design.yaml", "--as", "flow", "--branches", "-o", "x.svg"], ["--branches does not fit --as flow.", "Only --as map takes it."]),
        (["draw", "design.yaml", "--theme", "drak", "-o", "x.svg"], ["'drak'", "did you mean 'dark'?"]),
        (["draw", "design.yaml", "--size", "a5", "-o", "x.svg"], ["'a5'", "slide"]),
        (["draw", "design.yaml", "--orientation", "vertcal", "-o", "x.svg"], ["'vertcal'", "did you mean 'vertical'?"]),
        (["draw", "observed.yaml", "--as", "flow", "-o", "x.svg"], ["observed.yaml: no such file."]),
        (["draw", "design.yaml", "--as", "heatmap", "--show", "fricton", "-o", "x.svg"], ["'fricton'", "did you mean 'friction'?"]),
        (["draw", "design.yaml", "--dpi", "200", "-o", "x.svg"], ["--dpi does not fit x.svg.", "Only a PNG"]),
        (["draw", "design.yaml", "--persona", "nobody", "-o", "x.svg"], ["no persona 'nobody'"]),
        (["draw", "design.yaml", "--lanes", "doing, feelin", "-o", "x.svg"], ["'feelin'", "did you mean 'feeling'?"]),
        (["discover", "events.csv", *COLUMNS, "--goal", "moon", "-o", "x.json"], ["'moon'"]),
        (["discover", "events.csv", *COLUMNS, "--lost-after", "3 moons", "-o", "x.json"], ["moons"]),
        (["discover", "events.csv", *COLUMNS, "--memory-limit", "lots", "-o", "x.json"], ["the engine cannot start", "--memory-limit"]),
        (["discover", "events.csv", *COLUMNS, "--observed-until", "soon", "-o", "x.json"], ["'soon' is no time"]),
    ],
)  # fmt: skip
def test_mistakes_at_the_keyboard(run, toy, arguments, says):
    before = files(toy)
    fails(run(*arguments), *says)
    assert files(toy) == before
