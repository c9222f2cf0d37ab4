"""The command that measures, and the chapter of the report: from surveys, tickets and events."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import pytest

from journeymap.cli import main
from journeymap.datasets import example_journey
from journeymap.events.declared import read_ticket_rules, read_tickets
from journeymap.formats import read_journey, write_journey
from journeymap.metrics.experience import nps
from journeymap.model.contacts import Contacts
from journeymap.model.scorecard import Scorecard
from journeymap.report.page import report_html, scorecard_of
from journeymap.report.tables import needs_table, scorecard_table
from tests.test_cli import COLUMNS, write_csv

SURVEY = """
source: survey.csv
customer_col: who
time_col: at
segment_cols: [region]
questions:
  - {column: recommend, measure: nps, name: Would you recommend us?}
  - {column: stars, measure: csat, scale: {low: 1, high: 5}}
  - {column: helped, measure: csat, scale: {low: 1, high: 5}, family: service}
"""
TICKETS = """
source: tickets.csv
customer_col: who
opened_col: opened
first_response_col: answered
segment_cols: [region]
"""


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
    """The toy log with its design, a survey of all customers and a few tickets."""
    events = [tuple(row.values()) for row in toy_log.source.to_pylist()]
    write_csv(tmp_path / "events.csv", events)
    write_journey(toy_design, tmp_path / "design.yaml")
    customers = sorted({customer for customer, *_ in events})
    answers = [
        (who, f"2024-01-{n:02d}T23:00:00", n % 11, 1 + n % 5, 1 + n % 3, "north" if n % 2 else "south")
        for n, who in enumerate(customers, start=1)
    ]
    head = ("who", "at", "recommend", "stars", "helped", "region")
    write_csv(tmp_path / "survey.csv", answers, head)
    contacts = [("c01", "2024-01-01", "2024-01-02", "north"), ("c02", "2024-01-03", "2024-01-02", "south"),
                ("c03", "2024-01-03", "2024-01-06", "north")]  # fmt: skip
    write_csv(tmp_path / "tickets.csv", contacts, ("who", "opened", "answered", "region"))
    (tmp_path / "survey.yaml").write_text(SURVEY)
    (tmp_path / "tickets.yaml").write_text(TICKETS)
    return tmp_path


def table_of(out, head):
    """The rows of a tab-separated table, by the name of the metric."""
    lines = out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{head}\t"))
    rows = {}
    for line in lines[start + 1 :]:
        if not line:
            break
        name, *cells = line.split("\t")
        rows[name] = cells
    return rows


def test_a_design_alone_is_fine_with_a_survey(toy, run):
    code, out, err = run("metrics", "design.yaml", "--feedback", "survey.yaml")
    assert code == 0, err
    assert out.startswith("Toy: service and experience, whole journey, 12 customers\n")
    # 1 … 10, 0, 1: two promoters, two passives, eight detractors
    assert table_of(out, "Customer experience")["Net Promoter Score"][:4] == [
        "−50",
        "−79 to −1",
        "12 (only 12 customers)",
        "higher",
    ]
    assert table_of(out, "Customer service")["Abandonment"][0] == "not known"
    assert "tickets are needed" in table_of(out, "Customer service")["Abandonment"][4].lower()
    assert err == ""


def test_piped_tables_are_complete_with_definitions(toy, run):
    _, out, _ = run("metrics", "design.yaml", "--feedback", "survey.yaml")
    service, experience = table_of(out, "Customer service"), table_of(out, "Customer experience")
    assert {len(cells) for cells in [*service.values(), *experience.values()]} == {5}
    assert "First response time, median" in service
    assert service["Service CSAT, top-2-box"][4].startswith("Top-2-box: answers 4 to 5 on 1 to 5 / answers")
    assert all(cells[4] for cells in service.values())


def test_events_make_an_observed_journey_of_a_design_and_tell_who_is_silent(toy, run):
    code, out, err = run(
        "metrics", "design.yaml", "--feedback", "survey.yaml", "--events", "events.csv", *COLUMNS,
        "--window", "2 days", "--period", "day", "-o", "measured.json",
    )  # fmt: skip
    assert code == 0, err
    rows = table_of(out, "Customer experience")
    assert rows["Journeys that reach the goal"][0] == "50 %"
    assert rows["Customers with feedback"][0] == "100 %"
    assert rows["Retention from day to day"][0] != "not known"
    assert err.endswith("wrote measured.json\n")
    journey = read_journey(toy / "measured.json")
    assert journey.origin == "observed"
    assert journey.answers.linking.by_time == 12 * 3
    again = run("metrics", "measured.json", "--stage", "loyalty", "--json")[1]
    row = next(row for row in json.loads(again)["rows"] if row["key"] == "nps")
    assert row["estimate"]["value"] == nps(journey, stage="loyalty").value


def test_json_is_the_scorecard(toy, run):
    code, out, _ = run(
        "metrics",
        "design.yaml",
        "--feedback",
        "survey.yaml",
        "--by",
        "region",
        "--segment",
        "north",
        "--csat",
        "mean",
        "--json",
    )
    assert code == 0
    card = Scorecard.model_validate_json(out)
    assert card.scope == "region is north"
    assert card.row("nps").estimate.n == 6
    assert card.row("csat").name == "CSAT, mean"


def test_tickets_are_measured_and_the_impossible_ones_said(toy, run):
    code, out, err = run("metrics", "design.yaml", "--tickets", "tickets.yaml")
    assert code == 0, err
    assert table_of(out, "Customer service")["First response time, median"][0] == "1 day"
    assert "Tickets: 1 left out: " in out
    assert table_of(out, "Customer service")["Contacts per customer in 30 days"][0] == "not known"
    with_log = ["--events", "events.csv", *COLUMNS, "--repeat-within", "2 days"]
    code, out, err = run("metrics", "design.yaml", "--tickets", "tickets.yaml", *with_log)
    assert code == 0, err
    rows = table_of(out, "Customer service")
    assert "Repeat contacts within 2 days" in rows
    assert rows["Contacts per customer in 30 days"][4].endswith("from the first event on")


def test_feelings_come_from_the_questions_that_are_named(toy, run):
    (toy / "second.csv").write_text("who,mood\nc01,5\nc02,1\n")
    (toy / "second.yaml").write_text(
        "source: second.csv\ncustomer_col: who\n"
        "questions: [{column: mood, scale: {low: 1, high: 5}, touchpoint: pay}]\n"
    )
    surveys = ["--feedback", "survey.yaml", "--feedback", "second.yaml"]
    code, _, err = run(
        "metrics", "design.yaml", *surveys, "--feeling-from", "stars", "--feeling-from", "mood", "-o", "m.json"
    )  # fmt: skip
    assert code == 0, err
    journey = read_journey(toy / "m.json")
    assert journey.touchpoint("pay").measured_feeling.value == 0


def test_rules_of_a_ticket_file_count_unless_others_are_typed(toy, run):
    rules = (
        "repeat_within: 2 days\ncontained_within: 48 hours\n"
        "business_hours:\n  weekdays: {mon-fri: '09:00-17:00'}\n  holidays: [2024-01-02]\n"
    )
    (toy / "tickets.yaml").write_text(TICKETS + rules)
    code, out, err = run("metrics", "design.yaml", "--tickets", "tickets.yaml", "-o", "m.json")
    assert code == 0, err
    assert "Repeat contacts within 2 days" in table_of(out, "Customer service")
    hours = read_journey(toy / "m.json").contacts.business_hours
    assert str(hours) == (
        "mon 09:00–17:00, tue 09:00–17:00, wed 09:00–17:00, thu 09:00–17:00, fri 09:00–17:00; 1 holiday"
    )
    assert read_journey(toy / "m.json").contacts.contained_within == timedelta(hours=48)
    _, out, _ = run("metrics", "design.yaml", "--tickets", "tickets.yaml", "--repeat-within", "3 days")
    assert "Repeat contacts within 3 days" in table_of(out, "Customer service")
    assert str(read_tickets("tickets.yaml")) == "tickets from tickets.csv"
    assert set(read_ticket_rules("tickets.yaml")) == {"repeat_within", "contained_within", "business_hours"}


def test_touchpoints_of_a_ticket_file(toy, run):
    (toy / "tickets.csv").write_text("who,opened,answered,by\nc01,2024-01-01,2024-01-02,Phone\n")
    (toy / "tickets.yaml").write_text(
        TICKETS.replace("segment_cols: [region]", "channel_col: by\ntouchpoints: {Phone: phone}")
    )
    code, _, err = run("metrics", "design.yaml", "--tickets", "tickets.yaml", "-o", "m.json")
    assert code == 0, err
    linking = read_journey(toy / "m.json").contacts.linking
    assert str(linking) == "1 contact found a touchpoint (by row 1)"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "repeat_within: 7 dayz",
            "tickets.yaml:8: repeat_within: '7 dayz' does not fit: no unit of time 'dayz'",
        ),
        ("repeat_within: soon", "tickets.yaml:8: repeat_within: 'soon' is not a time span such as"),
        ("business_hours: {weekdays: {mon-fir: '09:00-17:00'}}", "did you mean 'fri'"),
        ("business_hours: {weekdays: {mon: '9-17'}}", "'9' is no time of the day"),
        (
            "business_hours: {mon: '09:00-17:00'}",
            "no key 'mon' in a BusinessHours. Expected one of: weekdays,",
        ),
        ("touchpoints: [phone]", "tickets.yaml:8: touchpoints: this names no touchpoints. Expected for each"),
        ("touchpoint: {a: b}", "did you mean 'touchpoints'"),
    ],
)
def test_a_rule_that_is_none_names_the_line(toy, run, line, sentence):
    (toy / "tickets.yaml").write_text(f"{TICKETS.strip()}\n# rules\n\n{line}\n")
    code, out, err = run("metrics", "design.yaml", "--tickets", "tickets.yaml")
    assert (code, out) == (2, "")
    assert sentence in " ".join(err.replace("│", " ").split())


def test_on_a_terminal_what_is_not_known_is_told_shortly(toy, run, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    code, out, err = run("metrics", "design.yaml", "--feedback", "survey.yaml")
    assert code == 0, err
    assert "\t" not in out
    assert "━━━" in out
    assert "Customer service: not measured" in out
    assert out.count("Tickets are needed") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--feedback", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["--feedback", "survey.csv"], "is a YAML file"),
        (["--feedback", "survey.yaml", "--stage", "loyal"], "no stage 'loyal'"),
        (["--feedback", "survey.yaml", "--segment", "north"], "nothing was counted by segment"),
        (["--feedback", "survey.yaml", "--by", "region", "--segment", "nort"], "did you mean 'north'"),
        (["--feedback", "survey.yaml", "--csat", "top"], "csat: no definition 'top'"),
        (["--feedback", "survey.yaml", "--window", "2 days"], "--window is about events"),
        (["--feeling-from", "stars"], "--feeling-from is about surveys"),
        (["--feedback", "survey.yaml", "--feeling-from", "star"], "did you mean 'stars'"),
        (["--customer-col", "customer"], "--customer-col is about events"),
        (["--events", "events.csv"], "--customer-col, --event-col, --time-col missing"),
        (["--feedback", "survey.yaml", "-o", "measured.txt"], "measured.txt"),
        (["--resolved-within", "soon"], "resolved_within: 'soon' is no span of time"),
    ],
)
def test_mistakes_are_one_clear_message_and_exit_code_2(toy, run, arguments, sentence):
    code, out, err = run("metrics", "design.yaml", *arguments)
    assert code == 2
    assert out == ""
    assert sentence in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


def test_what_only_discovery_takes_does_not_fit_an_observed_journey(toy, run):
    run("discover", "events.csv", "--design", "design.yaml", *COLUMNS, "-o", "observed.json")
    code, _, err = run("metrics", "observed.json", "--events", "events.csv", *COLUMNS, "--goal", "pay")
    assert code == 2
    assert "--goal does not fit" in " ".join(err.replace("│", " ").split())


def test_keys_of_a_declaration_keep_their_names_in_messages(toy, run):
    (toy / "survey.yaml").write_text(SURVEY.replace("customer_col: who", "customer_col: whom"))
    code, _, err = run("metrics", "design.yaml", "--feedback", "survey.yaml")
    assert code == 2
    assert "whom" in err
    assert "--customer-col" not in err


def test_tables_of_a_card_are_rectangular_and_say_small_samples(toy, run):
    _, out, _ = run("metrics", "design.yaml", "--feedback", "survey.yaml", "--json")
    card = Scorecard.model_validate_json(out)
    for family in ("service", "experience"):
        for rows in (scorecard_table(card, family, everything=True), needs_table(card, family)):
            assert len({len(row) for row in rows}) == 1
        assert len(scorecard_table(card, family)) == 1 + len(card.measured(family))
    assert scorecard_table(card, "experience")[1][3] == "12 (only 12 customers)"


def test_the_report_has_the_chapter_only_where_something_was_measured(toy, run):
    plain = report_html(example_journey())
    assert 'id="measured"' not in plain
    assert "#measured" not in plain
    run("metrics", "design.yaml", "--feedback", "survey.yaml", "-o", "measured.json")
    code, _, err = run("report", "measured.json", "-o", "report.html")
    assert code == 0, err
    page = (toy / "report.html").read_text()
    assert "How it is measured: service and experience" in page
    assert '<a href="#measured">' in page
    chapter = page[page.index('id="measured"') : page.index('id="print"')]
    assert "<svg" in chapter
    assert "Net Promoter Score" in chapter
    assert "Nothing on this page was counted" not in page


def test_texts_of_a_survey_are_escaped_in_the_report(toy, run):
    (toy / "survey.yaml").write_text(SURVEY.replace("Would you recommend us?", '"<script>alert(1)</script>"'))
    run("metrics", "design.yaml", "--feedback", "survey.yaml", "-o", "measured.json")
    assert "<script>" not in report_html(read_journey(toy / "measured.json"))


def test_tickets_alone_make_a_scorecard(toy_design):
    assert scorecard_of(toy_design) is None
    counted = Contacts(source="desk.csv", rows=0, contacts=0, customers=0, groups=1, repeat_within="7 days")
    card = scorecard_of(toy_design.model_copy(update={"contacts": counted}))
    assert card.row("first_response").missing.startswith("first response time needs opened_col")
