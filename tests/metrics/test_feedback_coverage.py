"""Where feedback is, where it is not, and what those may think who did not answer."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.errors import InvalidLogError, MissingEvidenceError, UnknownNameError
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.feedback_coverage import feedback_coverage, placement_bias, response_bounds
from tests.metrics.answer_samples import STARS, carrying, counted, rated, recommended


@pytest.fixture
def toy(toy_log, toy_design):
    """The toy journey with answers of five of its twelve customers, four of them about service."""
    table = pa.table({
        "who": ["c03", "c07", "c08", "c09", "c09", "c01", "c01"],
        "about": ["chat", "chat", "phone", "bot", "phone", "pay", None],
        "when": [f"2024-01-{day:02d}T23:00:00" for day in (3, 7, 8, 9, 9, 1, 1)],
        "stars": [4, 5, 1, 2, 3, 5, 4],
    })  # fmt: skip
    survey = Feedback(table, customer_col="who", touchpoint_col="about", time_col="when", questions=STARS)
    return with_feedback(discover_journey(toy_log, toy_design), survey, log=toy_log)


class TestCoverage:
    def test_toy(self, toy):
        found = feedback_coverage(toy)
        ids = {one.id for one in toy.touchpoints}
        # phone at both stages, chat at both, bot, pay
        assert (found.touchpoints.value, found.touchpoints.n) == (6 / len(ids), len(ids))
        assert found.stages.value == 2 / 5
        assert found.silent_stages == ("Discovery", "Evaluation", "Loyalty")
        assert found.customers.value == pytest.approx(5 / 12)
        assert found.customers.low < 5 / 12 < found.customers.high
        assert found.unplaced == 1
        text = str(found)
        assert "no feedback at all at stage: Discovery, Evaluation, Loyalty" in text
        assert "1 answer is about the journey as a whole" in text
        assert list(found.to_frame()["of"]) == ["touchpoints", "stages", "customers"]
        assert "<table>" in found._repr_html_()

    def test_a_design(self):
        table = {"about": ["phone@purchase", "ad"], "stars": [1, 2]}
        found = feedback_coverage(carrying(counted(table, STARS, touchpoint_col="about")))
        assert found.touchpoints.value == pytest.approx(2 / 3)
        assert found.silent_touchpoints == ("Pay",)
        assert found.silent_stages == ("Evaluation", "Post-purchase", "Loyalty")
        assert found.customers.value is None

    def test_answers_that_found_no_touchpoint_are_not_about_the_whole(self, toy_log, toy_design):
        table = pa.table({
            "who": ["c01", "c01", "nobody", "c02"], "about": ["pay", "moon", None, None], "stars": [1, 2, 3, 4],
            "when": [f"2024-01-{day}T23:00:00" for day in ("01", "01", "01", "02")],
        })  # fmt: skip
        survey = Feedback(table, customer_col="who", touchpoint_col="about", time_col="when", questions=STARS)
        journey = discover_journey(toy_log, toy_design)
        journey = with_feedback(journey, survey, log=toy_log, window="0 days", unknown="ignore")
        found = feedback_coverage(journey)
        assert (found.unplaced, found.not_found) == (3, 3)
        assert str(found).endswith("\n3 answers found no touchpoint")
        assert "journey as a whole" not in str(found)

    def test_nothing_is_heard(self):
        found = feedback_coverage(carrying(rated(3)))
        assert (found.touchpoints.value, found.stages.value, found.unplaced) == (0, 0, 1)

    def test_without_answers(self):
        with pytest.raises(MissingEvidenceError, match="with_feedback"):
            feedback_coverage(carrying(None))


class TestPlacement:
    def test_toy(self, toy):
        found = placement_bias(toy)
        assert found.answers.value == pytest.approx(5 / 6)
        assert found.visits.value == pytest.approx(9 / 67)  # methods.md C2: service has 9 of 67 events
        assert found.difference.value == pytest.approx(5 / 6 - 9 / 67)
        assert found.difference.low > 0
        assert found.p < 0.05
        assert found.unplaced == 1
        assert "visits to service touchpoints: 0.1343" in str(found)
        assert len(found.to_frame()) == 3
        assert "1 answer is at no touchpoint: left out" in found._repr_html_()

    def test_one_question(self, toy):
        assert placement_bias(toy, question="stars").answers == placement_bias(toy).answers
        with pytest.raises(UnknownNameError, match="did you mean 'stars'"):
            placement_bias(toy, question="star")

    def test_a_design_has_no_visits(self):
        with pytest.raises(MissingEvidenceError, match="discover"):
            placement_bias(carrying(rated(3)))


class TestBounds:
    def test_golden(self):
        """methods.md §1.2: r = .1, p = .9 → [.09, .99]."""
        found = response_bounds(rated(*[5] * 9, 1), "csat", definition="top_2_box", invited=100)
        assert (found.low, found.high) == pytest.approx((0.09, 0.99))
        assert found.response_rate.value == 0.1
        assert "between 0.09 and 0.99" in str(found)
        assert "all invited" in found._repr_html_()

    def test_every_scale(self):
        found = response_bounds(recommended(0, 0, 5), "nps", invited=10)
        assert (found.low, found.high) == pytest.approx((0, 1))
        found = response_bounds(rated(5, 5), "csat", definition="mean", invited=4)
        assert (found.low, found.high) == pytest.approx((3, 5))

    def test_everybody_answered(self):
        found = response_bounds(rated(5, 1), "csat", definition="mean", invited=2)
        assert found.low == found.high == 3

    def test_nobody_answered(self):
        found = response_bounds(carrying(rated(5)), "csat", definition="mean", invited=5, touchpoint="ad")
        assert (found.low, found.high) == (None, None)
        assert "nobody answered" in str(found)

    def test_fewer_were_invited_than_answered(self):
        with pytest.raises(InvalidLogError, match="invited=1, but 2 customers answered"):
            response_bounds(rated(5, 1), "csat", definition="mean", invited=1)
