"""Feelings of whole journeys, and expectations."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.errors import MissingEvidenceError, UnknownNameError
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.feelings import expectation_gap, expectation_gaps, feeling_scores
from journeymap.model.evidence import EvidenceTable
from journeymap.model.measures import Estimate
from tests.metrics.answer_samples import carrying, counted, rated

TONE = {"column": "tone", "measure": "feeling"}
HOPED = {"column": "found", "expected_col": "hoped", "scale": {"low": 1, "high": 5}}


def lived(toy_log, toy_design, rows, by=None):
    """The toy journey with feelings: customer, hour of the day, feeling."""
    who, hours, tones = zip(*rows, strict=True)
    table = pa.table({
        "who": who, "tone": tones, "part": [name[-1] for name in who],
        "when": [f"2024-01-{name[1:]}T{hour:02d}:30:00" for name, hour in zip(who, hours, strict=True)],
    })  # fmt: skip
    survey = Feedback(table, customer_col="who", time_col="when", questions=TONE)
    journey = discover_journey(toy_log, toy_design)
    return with_feedback(journey, survey, log=toy_log, window="1 hour", by=by)


class TestScores:
    def test_toy_curve(self, toy_log, toy_design):
        """methods.md §4.1, scaled from 4 to 2: [1, 1.5, −2, .5, 1.5] at 0, 1, 2, 4, 5."""
        rows = [("c01", hour, tone) for hour, tone in ((0, 1), (1, 1.5), (2, -2), (4, 0.5), (5, 1.5))]
        found = feeling_scores(lived(toy_log, toy_design, rows))
        assert found.mean.value == pytest.approx(0.5)
        assert found.peak_end.value == pytest.approx(-0.25)
        assert found.negative_peak_end.value == pytest.approx(-0.25)
        assert found.duration_weighted.value == pytest.approx(0.1)
        assert (found.mean.n, found.mean.customers) == (1, 1)
        assert (found.mean.low, found.mean.high) == (-2, 2)  # one customer says nothing of the others

    def test_over_customers(self, toy_log, toy_design):
        rows = [("c01", 0, 2), ("c01", 1, 0), ("c02", 0, -1), ("c07", 2, 1)]
        found = feeling_scores(lived(toy_log, toy_design, rows))
        assert found.mean.value == pytest.approx((1 - 1 + 1) / 3)
        assert found.peak_end.value == pytest.approx((1 - 1 + 1) / 3)
        assert found.mean.n == 3
        assert found.mean.low < found.mean.value < found.mean.high
        assert found.mean.method == "delete-a-group jackknife"

    def test_survivors_are_counted(self, toy_log, toy_design):
        rows = [("c01", 0, 1), ("c05", 0, -2), ("c06", 0, -2), ("c01", 5, 2), ("c12", 4, 2)]
        found = feeling_scores(lived(toy_log, toy_design, rows))
        stages = {one.stage: one for one in found.stages}
        assert stages["discovery"].reached == 12
        assert stages["loyalty"].reached == 6
        assert stages["discovery"].feeling.value == -1
        assert (stages["loyalty"].feeling.value, stages["loyalty"].feeling.customers) == (2, 2)
        assert stages["purchase"].feeling.value is None
        text = str(found)
        assert "Loyalty: 2 (" in text
        assert "6 journeys reach it, 2 customers answered" in text
        assert "only by those who got there" in text
        assert list(found.to_frame()["summary"])[:2] == ["mean", "peak–end"]
        assert "<table>" in found._repr_html_()

    def test_segments(self, toy_log, toy_design):
        journey = lived(toy_log, toy_design, [("c01", 0, 2), ("c11", 0, 1), ("c02", 0, -1)], by="part")
        assert feeling_scores(journey, segment="1").mean.value == 1.5
        assert feeling_scores(journey, segment="2").mean.value == -1
        assert feeling_scores(journey.answers).stages == ()
        with pytest.raises(UnknownNameError, match="no segment '9'"):
            feeling_scores(journey, segment="9")

    def test_without_curves(self):
        with pytest.raises(MissingEvidenceError, match=r"with_feedback\(journey, feedback, log=log\)"):
            feeling_scores(rated(3))
        with pytest.raises(MissingEvidenceError, match="carries no answers"):
            feeling_scores(carrying(None))

    def test_nothing_was_felt(self):
        names = ("journeys", "mean", "peak_end", "negative_peak_end", "weighted")
        empty = EvidenceTable(
            name="curves", groups=1, key_columns=("segment",), keys=(), row=(), group=(),
            measures=dict.fromkeys(names, ()),
        )  # fmt: skip
        found = rated(3)
        scores = feeling_scores(found.model_copy(update={"tables": (*found.tables, empty)}))
        assert scores.mean.value is None
        assert str(scores.mean) == "not known"

    def test_customers_who_agree_are_not_certain(self, toy_log, toy_design):
        rows = [(f"c{number:02d}", 0, 1) for number in range(1, 13)]
        found = feeling_scores(lived(toy_log, toy_design, rows)).mean
        assert found.value == 1
        assert 0 < found.low < 1 < found.high < 2


class TestGaps:
    def test_pairs(self):
        """Gaps −1/4, −2/4, 0, 0: a paired t."""
        stats = pytest.importorskip("scipy.stats")
        found = expectation_gap(counted({"found": [4, 2, 5, 3], "hoped": [5, 4, 5, 3]}, HOPED))
        expected = stats.ttest_1samp([-0.25, -0.5, 0, 0], 0).confidence_interval(0.95)
        assert found.value == -0.1875
        assert (found.low, found.high) == pytest.approx(tuple(expected))
        assert (found.method, found.n) == ("paired t", 4)
        assert "by the same customer" in found.definition

    def test_only_pairs_count(self):
        found = expectation_gap(counted({"found": [4, 2, None], "hoped": [3, None, 5]}, HOPED))
        assert (found.value, found.n) == (0.25, 1)
        assert expectation_gap(counted({"found": [4], "hoped": [None]}, HOPED)).value is None

    def test_where(self):
        table = {
            "who": ["a", "a", "b", "c"], "about": ["pay", "ad", "pay", "phone"], "part": ["x", "y", "x", "y"],
            "found": [5, 1, 4, 3], "hoped": [3, 3, 3, 3],
        }  # fmt: skip
        survey = counted(table, HOPED, customer_col="who", touchpoint_col="about", by="part")
        assert expectation_gap(survey, touchpoint="pay").value == pytest.approx(0.375)
        assert expectation_gap(survey, segment="y").value == pytest.approx(-0.25)
        journey = carrying(survey)
        assert expectation_gap(journey, stage="discovery").value == -0.5
        assert {name: gap.value for name, gap in expectation_gaps(journey).items()} == {
            "ad": -0.5, "pay": 0.375, "phone": 0.0,
        }  # fmt: skip
        assert expectation_gap(survey).method == "paired t at the effective sample size"

    def test_against_the_design(self):
        felt = Estimate(value=0, low=-1, high=1, n=9, customers=9, method="t")
        journey = carrying(rated(3))
        pay = journey.touchpoint("pay").model_copy(update={"measured_feeling": felt})
        journey = journey.model_copy(
            update={"touchpoints": tuple(pay if one.id == "pay" else one for one in journey.touchpoints)}
        )
        found = expectation_gap(journey, touchpoint="pay")
        assert (found.value, found.low, found.high, found.n) == (-0.25, -0.5, 0, 9)
        assert "the expectation is an assumption" in found.definition
        assert expectation_gaps(journey) == {"pay": found}
        with pytest.raises(MissingEvidenceError, match="touchpoint 'ad' lacks a declared expectation"):
            expectation_gap(journey, touchpoint="ad")

    def test_without_expectations(self):
        with pytest.raises(MissingEvidenceError, match="expected_col"):
            expectation_gap(rated(3))
        with pytest.raises(MissingEvidenceError, match="'stars' has no column with expectations"):
            expectation_gap(rated(3), question="stars")
        with pytest.raises(MissingEvidenceError, match="no touchpoint has both"):
            expectation_gap(carrying(rated(3)))
        assert expectation_gaps(carrying(rated(3))) == {}
        table = {"found": [4], "hoped": [3]}
        two = counted(table, [HOPED, {**HOPED, "id": "again"}])
        with pytest.raises(UnknownNameError, match="question= one of: found, again"):
            expectation_gap(two)
        assert expectation_gap(two, question="again").value == 0.25
