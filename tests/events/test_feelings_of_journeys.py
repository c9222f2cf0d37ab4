"""Which questions stand for the feeling, and where a journey of answers ends."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.feelings import feeling_scores
from journeymap.metrics.scorecard import scorecard
from journeymap.model.journey import Journey
from tests.events.answer_oracle import DESIGN, START, table_of


def test_the_end_of_a_journey_does_not_depend_on_the_order_of_questions():
    design = Journey(name="Shop", touchpoints=[
        {"id": "use", "stage": "post_purchase"}, {"id": "pay", "stage": "purchase"},
        {"id": "wrap", "stage": "purchase"}, {"id": "phone", "service": True},
    ])  # fmt: skip
    table = pa.table({"who": ["a", "b"], "x": [2, 1], "y": [-1, 0], "z": [1, None]})

    def curves(places, columns, **more):
        asked = [{"column": c, "measure": "feeling", "touchpoint": places.get(c)} for c in columns]
        survey = Feedback(more.get("table", table), customer_col="who", questions=asked,
                          time_col=more.get("time_col"))  # fmt: skip
        return feeling_scores(with_feedback(design, survey))

    places = {"x": "pay", "y": "use", "z": "wrap"}
    found = curves(places, "xyz")
    assert found.summaries == curves(places, "zyx").summaries
    assert found.peak_end.value == ((2 - 1) / 2 + (1 + 0) / 2) / 2
    assert found.negative_peak_end.value == ((-1 - 1) / 2 + (0 + 0) / 2) / 2
    dated = table.append_column("at", pa.array(["2024-05-01", "2024-05-01"]))
    assert curves(places, "yzx", table=dated, time_col="at").summaries == found.summaries
    alike = curves(dict.fromkeys("xyz", "pay"), "yzx")  # one moment: its mean is the end
    assert alike.peak_end.value == pytest.approx(((2 + 2 / 3) / 2 + (1 + 1 / 2) / 2) / 2, abs=1e-6)
    for unknown in ({}, {"x": "pay", "z": "wrap"}, places | {"y": "phone"}):
        lost = curves(unknown, "xyz")
        assert (lost.peak_end.value, lost.negative_peak_end.value, lost.peak_end.censored) == (None, None, 2)
        assert lost.mean.value == pytest.approx((2 / 3 + 1 / 2) / 2, abs=1e-6)
    assert curves({}, "z").peak_end.value == 1  # one feeling is the peak and the end


def test_which_questions_stand_for_the_feeling_is_kept():
    asked = [
        {"column": "nps", "measure": "nps"}, {"column": "stars", "measure": "csat", "scale": {"low": 1, "high": 5}},
        {"column": "easy", "measure": "ces", "version": "2.0"},
    ]  # fmt: skip
    table = pa.table(
        {"who": ["a", "b"], "nps": [10, 10], "stars": [1, 2], "easy": [7, 7], "at": ["pay", "pay"]}
    )
    survey = Feedback(table, customer_col="who", touchpoint_col="at", questions=asked)
    chosen = with_feedback(DESIGN, survey, feeling_from="stars")
    assert chosen.answers.feelings == ("stars",)
    (paid,) = [one.feeling for one in feeling_scores(chosen).stages if one.stage == "purchase"]
    assert (paid.value, paid.n) == (-1.5, 2)
    row = scorecard(chosen, stage="purchase").row("feeling")
    # the card says its stage once, not in every definition
    assert row.estimate == paid.model_copy(update={"definition": row.estimate.definition})
    tone = Feedback(pa.table({"who": ["a"], "tone": [2], "at": ["pay"]}), customer_col="who",
                    touchpoint_col="at", questions={"column": "tone", "measure": "feeling"})  # fmt: skip
    both = with_feedback(chosen, tone)
    assert both.answers.feelings == ("stars", "tone")
    (paid,) = [one.feeling for one in feeling_scores(both).stages if one.stage == "purchase"]
    assert (paid.value, paid.n) == (pytest.approx((-2 - 1 + 2) / 3), 3)
    none = with_feedback(DESIGN, survey)
    assert none.answers.feelings == ()
    row = scorecard(none, stage="purchase").row("feeling")
    assert row.estimate.value is None
    assert "feeling_from" in row.missing
    events = [{"who": "a", "what": "pay", "when": START, "mood": 1}]  # felt in the log, asked by nobody
    log = EventLog(
        table_of(events), customer_col="who", event_col="what", time_col="when", feeling_col="mood"
    )
    seen = feeling_scores(with_feedback(DESIGN, survey, log=log))
    assert seen.mean.value == 1
    assert {one.feeling.value for one in seen.stages} == {None}
