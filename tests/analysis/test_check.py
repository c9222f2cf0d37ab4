"""Every finding, one at a time, on the smallest journey that has it."""

from __future__ import annotations

import pytest

from journeymap.analysis.check import check_journey
from journeymap.formats import template_text
from journeymap.formats.yaml_format import parse_yaml
from journeymap.model.journey import Journey


def complete() -> dict:
    """A journey with nothing to complain about."""
    fields = {"channels": "web", "owner": "team", "feeling": 1, "feeling_source": "measured"}
    return {
        "name": "Shop",
        "goal": "pay",
        "stages": ["evaluation", "purchase"],
        "personas": [{"id": "ann"}],
        "touchpoints": [
            {"id": "look", "stage": "evaluation"} | fields,
            {"id": "pay", "stage": "purchase"} | fields,
            {"id": "help", "service": True} | fields,
        ],
        "transitions": [
            {"source": "look", "target": "pay", "share": 0.5},
            {"source": "look", "target": "help@evaluation", "share": 0.1},
            {"source": "help@evaluation", "target": "pay", "share": 0.9},
        ],
    }


def check(**changes):
    return check_journey(Journey.model_validate(complete() | changes))


def with_touchpoint(number: int, **changes):
    data = complete()
    data["touchpoints"][number] |= changes
    return check_journey(Journey.model_validate(data))


def test_nothing_to_complain_about():
    report = check()
    assert report.findings == ()
    assert report.is_sound
    assert str(report) == "Shop: nothing to complain about."
    assert "nothing to complain about" in report._repr_html_()


@pytest.mark.parametrize(
    ("report", "severity", "place", "words"),
    [
        (lambda: check(goal=()), "warning", "goal", "no goal is named"),
        (lambda: check(personas=()), "note", "personas", "nobody is named"),
        (lambda: check(touchpoints=(), transitions=(), goal=()), "error", "touchpoints", "there is none"),
        (lambda: with_touchpoint(0, guessed=["stage"]), "warning", "touchpoint look", "stage is guessed, and nobody has confirmed it yet"),
        (lambda: with_touchpoint(0, guessed=["stage", "owner"]), "warning", "touchpoint look", "stage and owner are guessed"),
        (lambda: with_touchpoint(0, channels=()), "note", "touchpoints", "1 of 3 touchpoints have no channel: look"),
        (lambda: with_touchpoint(0, feeling=None), "note", "touchpoints", "1 of 3 touchpoints have no feeling: look"),
        (lambda: with_touchpoint(0, owner=None), "note", "stage evaluation", "nobody owns any of its touchpoints"),
        (lambda: with_touchpoint(2, service=None), "warning", "service", "no touchpoint is a service interaction"),
        (lambda: with_touchpoint(0, channels=["e-mail", "email"]), "warning", "channels", "'e-mail' and 'email' look like the same channel"),
        (lambda: with_touchpoint(0, channels=["chat", "caht"]), "warning", "channels", "'caht' and 'chat' look like"),
        (lambda: with_touchpoint(0, channels=["store", "stores"]), "warning", "channels", "'stores' and 'store' look like"),
        (lambda: with_touchpoint(0, entry_share=0.4), "warning", "touchpoints", "the entry shares sum to 0.4"),
        (lambda: check(stages=["discovery", "evaluation", "purchase"]), "warning", "stage discovery", "it has no touchpoints"),
        (lambda: check(transitions=()), "note", "transitions", "no touchpoint leads to another"),
        (lambda: check(transitions=[{"source": "pay", "target": "help@purchase"}, {"source": "look", "target": "look"}]), "warning", "touchpoint pay", "nothing leads here"),
        (lambda: check(transitions=[{"source": "look", "target": "pay", "share": 0.5}, {"source": "look", "target": "help@purchase"}]), "warning", "touchpoint look", "1 of 2 transitions out of it have a share"),
    ],
)  # fmt: skip
def test_one_finding(report, severity, place, words):
    found = report().findings
    assert [
        finding
        for finding in found
        if finding.severity == severity and finding.place == place and words in finding.text
    ]


@pytest.mark.parametrize(
    "channels", [["chat", "chart"], ["mail", "email"], ["web", "wap"], ["phone", "store"]]
)
def test_different_channels_are_left_alone(channels):
    described = [{"id": name} for name in channels]
    data = complete() | {"channels": described}
    data["touchpoints"][0]["channels"] = channels
    assert check_journey(Journey.model_validate(data)).findings == ()


def test_all_feelings_assumed():
    data = complete()
    for touchpoint in data["touchpoints"]:
        del touchpoint["feeling_source"]
    (finding,) = check_journey(Journey.model_validate(data)).findings
    assert finding.text == "all 3 feelings are assumed."


def test_no_help_at_a_stage():
    data = complete()
    data["touchpoints"][2] |= {"stage": "purchase"}
    data["transitions"] = [{"source": "look", "target": "help"}, {"source": "help", "target": "pay"}]
    (finding,) = check_journey(Journey.model_validate(data)).findings
    assert finding.text == "no help is offered at: evaluation."


def test_the_gravest_first_and_read_aloud():
    report = check(touchpoints=(), transitions=(), goal=())
    assert report.findings[0].severity == "error"
    assert not report.is_sound
    lines = str(report).splitlines()
    assert lines[0] == "Shop: 1 error, 4 warnings."
    assert lines[1] == "error: touchpoints: there is none. Hint: a journey needs at least two."


def test_frame_and_html():
    report = check(goal=(), name="<b>")
    frame = report.to_frame()
    assert list(frame.columns) == ["severity", "place", "text", "hint"]
    assert len(frame) == len(report.findings) == 1
    assert list(check().to_frame().columns) == ["severity", "place", "text", "hint"]
    assert "&lt;b&gt;" in report._repr_html_()
    assert "<b>" not in report._repr_html_()


def test_the_template_reports_only_what_it_shows():
    journey = Journey.model_validate(parse_yaml(template_text(), "template.yaml").data)
    report = check_journey(journey)
    assert report.is_sound
    assert [finding.place for finding in report.of("warning")] == ["touchpoint recommendation"]
