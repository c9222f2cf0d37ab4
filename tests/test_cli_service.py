"""The command about service, and the chapter of the report: from a design, a journey, or events with answers."""

from __future__ import annotations

import json
import re
import sys

import pytest

from journeymap.analysis.service_view import ServiceView
from journeymap.cli import main
from journeymap.formats import write_journey
from tests.test_cli import COLUMNS, files, write_csv
from tests.test_report import Page

SURVEY = """
source: survey.csv
customer_col: who
time_col: at
questions: {column: felt, measure: feeling}
"""
COUNTED = ["--design", "design.yaml", *COLUMNS]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder; give exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run_it(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["journeymap", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return run_it


@pytest.fixture
def toy(run, toy_log, toy_design, tmp_path):
    """The toy log with a segment, its design, and a survey of what customers felt."""
    rows = [tuple(row.values()) for row in toy_log.source.to_pylist()]
    head = ("customer", "event", "time", "region")
    events = [(*row, "north" if int(row[0][1:]) % 2 else "south") for row in rows]
    write_csv(tmp_path / "events.csv", events, head)
    write_journey(toy_design, tmp_path / "design.yaml")
    felt = [(f"c{n:02d}", f"2024-01-{n:02d}T23:00:00", n % 5 - 2) for n in range(1, 13)]
    write_csv(tmp_path / "survey.csv", felt, ("who", "at", "felt"))
    (tmp_path / "survey.yaml").write_text(SURVEY)
    return tmp_path


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def said(toy, run, kept):
    """What the command says of the events and their design, counted once for all tests."""
    if "said" not in kept:
        kept["said"] = run("service", "events.csv", *COUNTED)
    code, out, err = kept["said"]
    assert (code, err) == (0, "")
    return out


def tables_of(out):
    """Every tab-separated table, by the first cell of its head; the first of those that begin alike."""
    blocks = [
        [line.split("\t") for line in block.splitlines() if "\t" in line] for block in out.split("\n\n")
    ]
    return {head[0]: rows for head, *rows in reversed([block for block in blocks if block])}


def test_events_and_a_design_are_enough(said):
    # 9 of 67 events are service, and 5 of the 12 customers had a contact (methods.md, the toy log)
    assert said.startswith("Service is 9 of 67 events (13 %); 42 % of customers")
    for chapter in (
        "Where service sits", "What leads to service, and who carries it", "What becomes of a request for help",
        "What comes after service", "What was not measured",
    ):  # fmt: skip
        assert f"\n\n{chapter}\n" in said
    assert sum(int(row[2]) for row in tables_of(said)["Stage"]) == 9


def test_what_follows_at_once_has_its_lift(said):
    triggers = {name: cells for name, *cells in tables_of(said)["Before a service contact"]}
    # cart 2 of 12 visits, 29/15 times as often; onboard 3 of 8, 87/20 times (methods.md, the toy log)
    assert triggers["Cart"][1:3] == ["12", "2"]
    assert triggers["Cart"][4].startswith("1.9")
    assert triggers["Onboard"][1:3] == ["8", "3"]
    assert triggers["Onboard"][4].startswith("4.3")  # 4.35 is a little less in binary


def test_the_apparent_benefit_is_told_beside_the_fair_comparison(said):
    rows = {row[1]: row[2:4] for row in tables_of(said)["Outcome"] if row[0] == "Goal"}
    # loyal with a contact 3/5, without 3/7; after the purchase 2/3 against 4/5 (methods.md, the toy log)
    assert rows["all journeys as they are (not fair)"] == ["60 %", "43 %"]
    assert rows["contact after “Pay” or not"] == ["67 %", "80 %"]


def test_the_journey_that_was_discovered_says_the_same(said, run):
    run("discover", "events.csv", *COUNTED, "-o", "observed.json")
    assert run("service", "observed.json") == (0, said, "")


def test_json_is_the_view(toy, run):
    code, out, _ = run("service", "events.csv", *COUNTED, "--json")
    assert code == 0
    view = ServiceView.model_validate(json.loads(out))
    assert (view.journey, view.event_share.n) == ("Toy", 67)


def test_a_page_for_two_heads(toy, run):
    code, out, err = run("service", "events.csv", *COUNTED, "-o", "page.html", "--title", "Help <at> Toys")
    assert code == 0
    assert err.endswith("wrote page.html\n")
    assert out.startswith("Service is 9 of 67 events")
    text = (toy / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.tags.index("svg") < page.tags.index("table")  # story, figure, then the tables
    assert (
        page.ids.index("short") < page.ids.index("place") < page.ids.index("after") < page.ids.index("print")
    )
    assert len(page.ids) == len(set(page.ids))
    assert "<title>Help &lt;at&gt; Toys</title>" in text
    assert not {"script", "link", "iframe", "img", "object", "embed"} & set(page.tags)
    wanted = {value[1:] for name, value in page.values if name == "href" and value.startswith("#")}
    assert wanted <= set(page.ids)


def test_a_design_has_its_stages_and_what_floats(toy, run):
    _, out, _ = run("service", "design.yaml")
    stages = {name: cells for name, *cells in tables_of(out)["Stage"]}
    assert stages["at any stage"] == ["3", "3"]  # chat, phone and bot
    assert "Not measured\tHow to measure it" in out


def test_a_page_of_a_design_says_that_nothing_was_counted(toy, run):
    code, out, _ = run("service", "design.yaml", "-o", "page.html")
    assert code == 0
    assert "discover the journey from events" in out
    page = Page((toy / "page.html").read_text(encoding="utf-8"))
    assert "Nothing on this page was counted." in " ".join(" ".join(page.words).split())
    assert "Episode" not in page.words


@pytest.mark.parametrize(("name", "begins"), [("p.svg", b"<?xml"), ("p.png", b"\x89PNG")])
def test_a_picture(toy, run, name, begins):
    assert run("service", "design.yaml", "-o", name)[0] == 0
    assert (toy / name).read_bytes().startswith(begins)


def test_the_report_has_the_same_chapters(toy, run):
    assert run("report", "events.csv", *COUNTED, "-o", "r.html")[0] == 0
    page = Page((toy / "r.html").read_text(encoding="utf-8"))
    assert {"service", "service-place", "service-leads", "service-after"} <= set(page.ids)


def test_what_was_not_measured_is_said_in_words_of_the_command_line(said):
    missing = tables_of(said)["Not measured"]
    assert any("--feeling-col" in how for _, how in missing)
    assert not re.search(r"with_\w+\(|\w_col\b|EventLog|feedback=", str(missing))


def test_quick_counts_the_graph_alone(said, run):
    _, quick, _ = run("service", "events.csv", *COUNTED, "--quick")
    assert len(quick) < len(said)
    assert "--quick" in quick
    assert "--quick" not in said


def test_what_tickets_do_not_tell_names_keys_of_their_file(toy, run):
    rows = [(f"c{n:02d}", f"2024-01-{n:02d}T23:00:00", "bot") for n in range(1, 13)]
    write_csv(toy / "tickets.csv", rows, ("who", "at", "by"))
    (toy / "tickets.yaml").write_text(
        "source: tickets.csv\ncustomer_col: who\nopened_col: at\nhandler_col: by\n"
    )
    code, out, _ = run("service", "design.yaml", "--tickets", "tickets.yaml")
    assert code == 0, out
    code, out, _ = run("service", "events.csv", *COUNTED, "--tickets", "tickets.yaml")
    missing = str(tables_of(out)["Not measured"])
    assert "in the YAML of --tickets: escalated_col" in missing
    assert "--end-col" in missing  # the time spent in contacts
    assert not re.search(r"\w+\(\w+|with_\w+|Tickets\(", missing)


def test_goal_silence_and_outcomes_are_said(said, toy, run):
    assert "Goal: Renew; lost after 0 seconds without an event." in said
    assert re.search(r"\d journeys won, \d lost, 0 not decided yet\.", said)
    assert "With care" not in said
    run("service", "events.csv", *COUNTED, "--lost-after", "900 days", "-o", "page.html")
    words = " ".join(" ".join(Page((toy / "page.html").read_text(encoding="utf-8")).words).split())
    assert "lost after 900 days without an event" in words


def test_without_service_it_is_said_how_to_mark_it(toy, run):
    code, out, _ = run("service", "events.csv", *COLUMNS, "-o", "page.html")
    assert code == 0
    assert "service: true in the design" in out
    assert "journeymap draft" in out
    page = Page((toy / "page.html").read_text(encoding="utf-8"))
    assert "mark" in page.ids
    assert not {"table", "svg"} & set(page.tags)


def test_guessed_service_is_to_be_confirmed(toy, run):
    run("draft", "events.csv", *COLUMNS, "-o", "draft.yaml")
    _, out, _ = run("service", "events.csv", "--design", "draft.yaml", *COLUMNS, "-o", "page.html")
    said = re.search("Service is guessed for .*: confirm it in the design[.]", out)[0]
    assert {"Bot", "Chat", "Phone"} <= set(re.findall(r"\w+", said))
    page = (toy / "page.html").read_text(encoding="utf-8")
    assert said in page
    # the words below the picture do not repeat the story
    story = out.splitlines()[0].replace(" %", "\N{NO-BREAK SPACE}%")
    assert page.count(story) == 1


def test_a_survey_tells_the_gap(toy, run):
    code, out, err = run("service", "events.csv", *COUNTED, "--feedback", "survey.yaml", "--window", "2 days")
    assert (code, err) == (0, "")
    assert "\nService against the rest of the experience\n" in out
    for block in out.split("\n\n"):  # a table and what is said of it are told apart by an empty line
        assert len({line.count("\t") for line in block.splitlines()}) == 1, block


def test_segments_and_landmarks_are_counted(toy, run):
    code, out, err = run(
        "service",
        "events.csv",
        *COUNTED,
        "--by",
        "region",
        "--landmark",
        "pay",
        "--within",
        "3 days",
        "--json",
    )
    assert (code, err) == (0, "")
    view = ServiceView.model_validate(json.loads(out))
    assert view.effects[0].landmark == "Pay"
    assert view.causes.within.days == 3


def test_options_of_events_do_not_fit_a_journey(toy, run):
    for given in (["--by", "region"], ["--landmark", "pay"], ["--design", "design.yaml"], COLUMNS[:2]):
        code, out, err = run("service", "design.yaml", *given)
        assert (code, out) == (2, "")
        assert f"{given[0]} is about events, but design.yaml is a journey" in err
    assert run("report", "design.yaml", *COLUMNS, "-o", "r.html")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "page.docx"], "page.docx: service is written as a page or as a picture."),
        (["-o", "page.html", "--json"], "choose one of them"),
        (["--title", "Help"], "--title is about a page"),
        (["--by", "rgion"], "no column 'rgion' (for --by)"),
        (["--segment-col", "rgion", "--by", "region"], "no column 'rgion' (for --segment-col)"),
        (["--landmark", "pya"], "did you mean 'pay'"),
        (["--within", "soon"], "--within: 'soon'"),
        (["--episodes-within", "soon"], "--episodes-within: 'soon'"),
        (["--retained-after", "late"], "--retained-after: 'late'"),
        (["--feedback", "none.yaml"], "none.yaml"),
        (["--feeling-from", "felt"], "--feeling-from is about surveys"),
    ],
)
def test_mistakes_are_one_message_and_leave_nothing_behind(toy, run, arguments, says):
    before = files(toy)
    code, out, err = run("service", "events.csv", *COUNTED, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
    assert files(toy) == before


def test_without_columns_it_is_said_which(toy, run):
    code, _, err = run("service", "events.csv", "--design", "design.yaml")
    assert code == 2
    assert "--customer-col, --event-col, --time-col missing" in err
