"""Is the experience even: for one customer, and between owners?"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import MissingEvidenceError, UnknownNameError
from journeymap.events.feedback import Feedback
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.consistency import consistency_between, consistency_within
from journeymap.stats.agreement import between_groups, permutation_f
from journeymap.stats.wald import grouped_means_test
from tests.metrics.answer_samples import STARS, carrying, counted, rated


def survey(who, about, stars, **more):
    table = {"who": who, "about": about, "stars": stars, **more}
    return Feedback(
        pa.table(table), customer_col="who", touchpoint_col="about", questions=STARS,
        time_col="when" if "when" in more else None,
    )  # fmt: skip


class TestWithin:
    def test_by_hand(self):
        when = [f"2024-01-0{day}" for day in (1, 2, 3, 1, 2, 1)]
        told = survey(
            list("aaabbc"), ["ad", "pay", "phone", "ad", "pay", "ad"], [5, 1, 3, 4, 4, 2], when=when,
            part=list("xxxyyy"),
        )  # fmt: skip
        journey = with_feedback(carrying(None), told, by="part")
        found = consistency_within(journey)
        # a: 1, 0, .5 in this order; b: .75 twice; c answered once only
        assert found.sd.value == pytest.approx((0.5 + 0) / 2)
        assert found.mssd.value == pytest.approx(((1 + 0.25) / 2 + 0) / 2)
        assert found.weakest.value == pytest.approx((0 + 0.75) / 2)
        assert (found.sd.customers, found.sd.n) == (2, 2)
        assert consistency_within(journey, segment="y").weakest.value == 0.75
        assert "weakest link" in str(found)
        assert list(found.to_frame()["what"]) == ["sd", "mssd", "weakest"]
        assert "<table>" in found._repr_html_()
        with pytest.raises(UnknownNameError, match="no segment 'z'"):
            consistency_within(journey, segment="z")

    def test_nobody_answered_twice(self):
        found = consistency_within(with_feedback(carrying(None), survey(["a"], ["ad"], [3])))
        assert found.sd.value is None

    def test_not_counted(self):
        with pytest.raises(MissingEvidenceError, match="no counts of consistency"):
            consistency_within(rated(3))


def answered(rng, customers, shift, spread=1.0):
    """Each customer answers at some of three touchpoints; pay is shifted."""
    who, about, stars = [], [], []
    for number in range(customers):
        own = rng.normal(3, spread)
        for place in rng.choice(["ad", "pay", "phone"], rng.integers(1, 5)):
            who.append(f"c{number}")
            about.append(str(place))
            stars.append(int(np.clip(np.round(own + rng.normal(0, 0.7) + shift * (place == "pay")), 1, 5)))
    return {"who": who, "about": about, "stars": stars}


def told(table):
    return carrying(counted(table, STARS, customer_col="who", touchpoint_col="about"))


class TestBetween:
    def test_planted(self):
        table = answered(np.random.default_rng(1), 150, -0.8)
        found = consistency_between(told(table))
        assert found.differ
        assert found.share.value > 0.02
        assert found.owners[-1].name == "shop"
        assert found.owners[-1].touchpoints == ("pay",)
        assert str(found).startswith("owners differ, p < 0.001")
        assert "owner" in found._repr_html_()
        assert list(found.to_frame()["name"])[-1] == "shop"

    def test_it_is_the_analysis_of_variance(self):
        table = answered(np.random.default_rng(2), 80, -0.3)
        found = consistency_between(told(table))
        y, place = (np.array(table["stars"]) - 1) / 4, np.array(table["about"])
        groups = [y[place == name] for name in ("ad", "pay", "phone")]
        share = between_groups(*zip(*((g.size, g.sum(), (g**2).sum()) for g in groups), strict=True)).share
        assert found.share.value == pytest.approx(share)
        assert found.share.low < share < found.share.high
        assert {one.name: one.score.value for one in found.owners} == pytest.approx(
            dict(zip(("marketing", "shop", "care"), (g.mean() for g in groups), strict=True))
        )

    def test_the_permutation_test_agrees(self):
        for shift in (0.0, -1.0):
            table = answered(np.random.default_rng(7), 60, shift)
            reference = permutation_f(
                table["stars"], table["about"], clusters=table["who"], permutations=499
            ).p
            found = consistency_between(told(table))
            assert (found.p < 0.05) == (reference < 0.05)

    def test_channels(self):
        table = {
            "who": list("abcabc"),
            "about": ["ad", "ad", "ad", "phone", "pay", "phone"],
            "stars": [5, 4, 3, 2, 1, 1],
        }
        found = consistency_between(told(table), by="channel")
        assert {one.name for one in found.owners} == {"web", "phone"}
        assert found.left_out == 1  # pay has two channels
        assert "1 answers belong to no one channel" in str(found)
        assert found.p is None  # three customers
        assert "cannot tell whether channels differ" in str(found)

    def test_what_is_missing(self):
        with pytest.raises(MissingEvidenceError, match="no touchpoint with answers has one owner"):
            consistency_between(carrying(rated(3)))
        journey = told({"who": ["a"], "about": ["ad"], "stars": [3]})
        alone = consistency_between(journey)
        assert (alone.share.value, alone.p) == (None, None)
        with pytest.raises(UnknownNameError, match="did you mean 'stars'"):
            consistency_between(journey, question="star")
        with pytest.raises(MissingEvidenceError, match="not counted by segment"):
            consistency_between(journey, segment="x")


class TestWald:
    def test_two_owners_are_a_paired_t(self):
        stats = pytest.importorskip("scipy.stats")
        first, second = [4, 3, 5, 2, 4, 5], [3, 2, 4, 2, 3, 3]
        expected = stats.ttest_rel(first, second)
        found = grouped_means_test([first, second], np.ones((2, 6)))
        assert found.f == pytest.approx(expected.statistic**2)
        assert found.p == pytest.approx(expected.pvalue)

    def test_hotelling(self):
        """Three measurements of each customer: Hotelling's T² of the differences."""
        stats = pytest.importorskip("scipy.stats")
        x = np.random.default_rng(4).normal(size=(12, 3))
        d = x[:, :2] - x[:, 2:]
        t2 = 12 * d.mean(axis=0) @ np.linalg.solve(np.cov(d.T), d.mean(axis=0))
        f = t2 * (12 - 2) / (2 * 11)
        found = grouped_means_test(x.T, np.ones((3, 12)))
        assert found.f == pytest.approx(f)
        assert found.p == pytest.approx(stats.f.sf(f, 2, 10))

    def test_what_cannot_be_tested(self):
        assert grouped_means_test([[1, 2, 3, 4, 5]], np.ones((1, 5))).p is None
        assert grouped_means_test(np.ones((2, 6)), np.ones((2, 6))).p is None
        assert grouped_means_test(np.ones((2, 3)), np.ones((2, 3))).compared == 0


@pytest.mark.slow
@pytest.mark.parametrize("customers", [40, 150])
def test_false_alarms(customers):
    """Owners that do not differ are called different in about 5 of 100 surveys."""
    rng = np.random.default_rng(9)
    alarms, surveys = 0, 600
    for _ in range(surveys):
        table = answered(rng, customers, 0.0)
        place = np.unique(table["about"], return_inverse=True)[1]
        group = np.unique(table["who"], return_inverse=True)[1] % min(64, customers)
        totals, counts = np.zeros((3, 64)), np.zeros((3, 64))
        np.add.at(totals, (place, group), table["stars"])
        np.add.at(counts, (place, group), 1)
        alarms += grouped_means_test(totals, counts).p < 0.05
    assert 2 <= 100 * alarms / surveys <= 8
