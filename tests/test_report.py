"""The page: complete in itself, escaped, with every section that the journey has data for."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import WriteError
from journeymap.events.discover import discover_journey
from journeymap.model.journey import Journey
from journeymap.report import report_html, write_report
from journeymap.report.counted import counted_lines

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
    assert page.tags.count("svg") == 4
    words = " ".join(page.words)
    for line in counted_lines(journey):
        assert line.partition(": ")[2] in words
    assert page.tags.count("table") >= 3


def test_every_figure_can_be_heard(observed_page):
    page = Page(observed_page[1])
    assert page.values.count(("role", "img")) == 4
    labels = [value for name, value in page.values if name == "aria-labelledby"]
    for label in labels:
        assert set(label.split()) <= set(page.ids)
    assert page.tags.count("desc") == 4


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
    text = report_html(journey)
    assert "<script" not in text
    assert "<b>" not in text
    Page(text)


def test_an_empty_journey_has_a_page():
    Page(report_html(Journey(name="Nothing yet")))


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
