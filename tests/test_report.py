"""The page: complete in itself, escaped, with every section that the journey has data for."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.sax.saxutils import escape

import pytest
from matplotlib import pyplot as plt

from journeymap.analysis.friction import find_friction
from journeymap.analysis.service import locate_service
from journeymap.analysis.service_effect_result import ServiceEffect
from journeymap.analysis.service_gap_report import Parity, ParityValue
from journeymap.analysis.service_parts import ServiceTrigger
from journeymap.datasets import example_journey
from journeymap.errors import WriteError
from journeymap.events.discover import discover_journey
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render.describe import describe
from journeymap.render.flow import draw_flow
from journeymap.report import report_html, write_report
from journeymap.report.counted import counted_lines
from journeymap.report.findings import main_findings
from journeymap.report.page import drawn_figures
from journeymap.report.service_notes import undecided_warning
from journeymap.report.service_page import service_html
from journeymap.report.service_tables import effect_table, kinds_table
from journeymap.report.tables import friction_table
from journeymap.report.terminal import table_text
from tests.render.samples import large
from tests.render.service_samples import UNKNOWN, gap

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """What a page consists of; fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.values += [(name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def observed_page(kept, toy_log, toy_design):
    if "page" not in kept:
        journey = discover_journey(toy_log, toy_design)
        kept["page"] = (journey, report_html(journey))
    return kept["page"]


def test_sections_of_an_observed_journey(observed_page):
    journey, text = observed_page
    page = Page(text)
    assert {"short", "map", "network", "friction", "service", "counted", "print"} <= set(page.ids)
    assert page.tags.count("svg") == 6
    words = " ".join(page.words)
    for line in counted_lines(journey):
        assert line.partition(": ")[2] in words
    assert page.tags.count("table") >= 3


def test_every_figure_can_be_heard(observed_page):
    page = Page(observed_page[1])
    assert page.values.count(("role", "img")) == 6
    labels = [value for name, value in page.values if name == "aria-labelledby"]
    for label in labels:
        assert set(label.split()) <= set(page.ids)
    assert page.tags.count("desc") == 6


def test_ids_are_unique_and_references_resolve(observed_page):
    page = Page(observed_page[1])
    assert len(page.ids) == len(set(page.ids))
    wanted = {
        value[1:] for name, value in page.values if name in {"href", "xlink:href"} and value.startswith("#")
    }
    wanted |= set(re.findall(r"url\(#([^)]+)\)", observed_page[1]))
    assert wanted <= set(page.ids)


def test_nothing_is_loaded_and_nothing_runs(observed_page):
    page = Page(observed_page[1])
    assert not {"script", "link", "iframe", "img", "object", "embed"} & set(page.tags)
    for name, value in page.values:
        assert not name.startswith("on")
        if name in {"src", "href", "xlink:href", "srcset", "action"}:
            assert value.startswith("#")
    assert "@import" not in observed_page[1]
    assert not re.search(r"url\((?!#)", observed_page[1])


def test_the_same_journey_gives_the_same_page(observed_page):
    journey, text = observed_page
    assert report_html(journey) == text


def test_a_designed_journey_has_what_is_known(toy_design):
    text = report_html(toy_design, title="As we think it is")
    page = Page(text)
    assert {"short", "map", "service", "print"} <= set(page.ids)
    assert not {"friction", "counted"} & set(page.ids)
    assert "<title>As we think it is</title>" in text
    assert "Nothing on this page was counted." in " ".join(" ".join(page.words).split())


def test_texts_are_escaped():
    bad = "<script>alert('x')</script>&\"<b>"
    journey = Journey(
        name=bad, description=bad,
        touchpoints=[{"id": "a", "name": bad, "stage": "discovery", "pain_points": bad, "feeling": 1, "doing": bad, "service": True},
                     {"id": "b", "stage": "purchase"}],
        transitions=[{"source": "a", "target": "b", "label": bad}],
    )  # fmt: skip
    for text in (report_html(journey), service_html(journey)):
        assert "<script" not in text
        assert "<b>" not in text
        Page(text)


def test_an_empty_journey_has_a_page():
    for write in (report_html, service_html):
        Page(write(Journey(name="Nothing yet")))


def test_no_figure_stays_open(toy_design):
    before = plt.get_fignums()
    report_html(toy_design)
    assert plt.get_fignums() == before


def test_written_whole_or_not_at_all(tmp_path, toy_design):
    write_report(toy_design, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(WriteError):
        write_report(toy_design, tmp_path / "r.html" / "x.html")
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_without_a_goal_nothing_is_won_or_lost(toy_log):
    journey = discover_journey(toy_log)
    words = " ".join(Page(report_html(journey)).words)
    assert f"{journey.observation.lost} ended, {journey.observation.open} still open" in words
    assert "No goal is declared" in words
    for lie in (" 0 won", "reached the goal", "the journey ends, lost"):
        assert lie not in words


def test_many_undecided_journeys_are_a_warning(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design)
    assert undecided_warning(journey) == ""
    seen = journey.observation.model_copy(update={"won": 2, "lost": 3, "open": 7})
    assert undecided_warning(journey.model_copy(update={"observation": seen})) == (
        "With care: 58 % of the journeys are not decided yet; what is said of journeys won and lost rests on"
        " the other 5."
    )
    none = seen.model_copy(update={"won": 0, "lost": 0, "open": 12})
    assert "no journey is decided yet" in undecided_warning(journey.model_copy(update={"observation": none}))


def test_kinds_that_nobody_stated_have_no_row(toy_log, toy_design):
    view = locate_service(discover_journey(toy_log, toy_design))
    assert "channel" not in {row[0] for row in kinds_table(view)}
    alike = Parity(
        by="channel",
        values=(ParityValue(value="phone", contacts=5, feeling=UNKNOWN, difference=UNKNOWN),),
    )
    told = kinds_table(view.model_copy(update={"gap": gap().model_copy(update={"parity": (alike,)})}))
    assert [row[1:] for row in told if row[0] == "channel"] == [
        ("phone", "5", "56 %"),
        ("not stated", "4", "44 %"),
    ]


def test_friction_is_listed_once_as_figure_and_once_as_table(observed_page):
    _, text = observed_page
    section = text[text.index('<section id="friction"') : text.index('<section id="service"')]
    assert "<ol" not in section


def test_a_finding_names_a_touchpoint_once_though_it_is_two_nodes(toy_log):
    journey = discover_journey(
        toy_log,
        Journey(
            name="Two stages",
            touchpoints=[
                {"id": "ad", "stage": "discovery", "events": "ad"},
                {"id": "a", "name": "Support chat", "stage": "evaluation", "events": "chat", "service": True},
                {"id": "b", "name": "Support chat", "stage": "purchase", "events": "bot", "service": True},
                {"id": "c", "name": "Phone", "stage": "purchase", "events": "phone", "service": True},
            ],
        ),
        unmapped="ignore",
    )
    trigger = ServiceTrigger(
        touchpoint="ad", name="Advert", visits=100, followed=30, share=Estimate(value=0.3),
        base=0.1, lift=Estimate(value=3.0), significant=True, targets=(("c", 12), ("a", 10), ("b", 8)),
    )  # fmt: skip
    service = locate_service(journey).model_copy(update={"triggers": (trigger,)})
    found = " ".join(main_findings(journey, find_friction(journey), service))
    assert "mostly “Support chat” and “Phone”." in found


ROWS = [
    ("Touchpoint", "Stage", "What", "Here", "95 % interval", "Elsewhere"),
    ("Ring the help line", "Post-purchase", "visits repeated at once", "18 %", "18 % to 20 %", "5 %"),
    ("Book the engineer", "Purchase", "median wait after it", "2.3 days", "2.1 days to 2.6 days", "1 day"),
]


@pytest.mark.parametrize("width", [20, 30, 40, 50, 60, 80, 120])
def test_a_table_fits_every_terminal_without_breaking_words(width):
    lines = table_text(ROWS, width).splitlines()
    assert max(map(len, lines)) <= width
    words = {word for row in ROWS for cell in row for word in re.findall(r"[\w.%-]+", cell)}
    assert {word for line in lines for word in re.findall(r"[\w.%-]+", line) if word.strip("─━")} <= words
    assert not any(re.match(r"\s*(%|days?\b)", line) for line in lines)


def test_rows_of_several_lines_are_told_apart_by_rules():
    assert "─" not in table_text(ROWS, 120)
    assert table_text(ROWS, 60).count("\n──") == 1


def test_wide_characters_stay_in_their_columns():
    first, _, second = table_text([("接点", "数"), ("電話", "1")], 40).splitlines()
    assert (first, second) == ("接点  数", "電話   1")


def test_the_gain_has_its_interval(toy_log, toy_design):
    report = find_friction(discover_journey(toy_log, toy_design))
    head = friction_table(report, everything=True)[0]
    assert head[-2:] == ("Expected gain (journeys)", "95 % interval")


def test_each_figure_of_the_page_says_itself(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design)
    figures = drawn_figures(journey, find_friction(journey), locate_service(journey))
    assert {"map", "flow", "funnel", "network"} <= set(figures)
    assert len({figure.description for figure in figures.values()}) == len(figures)
    assert figures["flow"].description == describe(draw_flow(journey))
    for figure in figures.values():
        assert escape(figure.description) in figure.svg


def test_the_map_of_a_page_fits_a_window():
    figures = drawn_figures(large(40), None, locate_service(large(40)))
    assert figures["map"].width <= 16


def test_stages_of_a_team_are_real_stages_on_the_page_of_a_design():
    page = service_html(example_journey())
    assert "2 of 5, and at any stage" in page
    assert "of 6<" not in page


def test_an_end_that_is_not_zero_is_not_written_as_zero():
    effect = ServiceEffect(
        journey="Club",
        stratified=Estimate(value=-0.06, low=-0.12, high=-0.003, n=900, customers=900),
        n_with=400,
    )
    assert [row[-1] for row in effect_table((effect,))[1:]] == ["−12 to −0.3 points"]


def test_what_is_only_nearly_so_is_said(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design)
    assert not any("off" in line or "same time" in line for line in counted_lines(journey))
    seen = journey.observation.model_copy(update={"tie_order": "event name", "wait_error": 0.0054})
    lines = counted_lines(journey.model_copy(update={"observation": seen}))
    assert "Median and p90 waits: from a histogram, at most 0.54 % off" in lines
    assert any(line.startswith("Events at the same time: in the order of their names") for line in lines)
