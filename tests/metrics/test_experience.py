"""NPS, CSAT, CES and scores: published numbers, small surveys and a real one."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import MissingEvidenceError, UnknownNameError, WrongKindError
from journeymap.events.answers import answers
from journeymap.events.feedback import Feedback
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.experience import ces, csat, feeling, human_and_support, nps, score
from journeymap.metrics.segment_differences import by_segment, nps_difference, segment_difference
from journeymap.metrics.selections import Selection
from journeymap.metrics.yardsticks import equality_of, measured, measured_difference, yardstick
from journeymap.model.answers import Question
from tests.metrics.answer_samples import AIRPORT, NPS, STARS, carrying, counted, rated, recommended


def ends(estimate):
    return estimate.low, estimate.high


class TestNps:
    @pytest.mark.parametrize(
        ("counts", "value"), [((1, 2, 3), 1 / 3), ((1, 1, 1), 0), ((1, 0, 1), 0), ((0, 1, 1), 0.5)]
    )
    def test_rocks_own_tests(self, counts, value):
        """methods.md §1.1, the tests of Rocks' package."""
        assert nps(recommended(*counts)).value == pytest.approx(value)

    @pytest.mark.parametrize(
        ("counts", "method", "low", "high"),
        [
            ((8, 13, 15), "wald", -0.058813, 0.447702),
            ((8, 13, 15), "adjusted_wald", -0.062803, 0.421777),
            ((8, 13, 15), "score", -0.067697, 0.428670),
            ((12, 7, 12), "wald", -0.309736, 0.309736),
            ((12, 7, 12), "adjusted_wald", -0.291098, 0.291098),
            ((12, 7, 12), "score", -0.296823, 0.296823),
        ],
    )
    def test_intervals(self, counts, method, low, high):
        """methods.md §1.1, data in the style of Measuring U."""
        found = nps(recommended(*counts), method=method)
        assert ends(found) == pytest.approx((low, high), abs=1e-6)
        assert (found.n, found.customers) == (sum(counts), sum(counts))

    def test_difference(self):
        """methods.md §1.1 and C1.1: 0.179487, p 0.352970."""
        found = nps_difference(recommended(8, 13, 15), recommended(12, 7, 12))
        assert found.p == pytest.approx(0.352970, abs=1e-6)
        assert found.difference.value == pytest.approx(0.194444, abs=1e-6)
        assert sum(ends(found.difference)) / 2 == pytest.approx(0.179487, abs=1e-6)
        assert not found.differs
        assert "no difference is seen, p = 0.353" in str(found)

    def test_the_definition_is_in_words(self):
        found = nps(recommended(1, 2, 3))
        assert found.definition == "promoters (9 to 10) − detractors (0 to 6) / answers; Recommend"
        assert found.method == "adjusted Wald"

    def test_equal_answers_are_not_certain(self):
        found = nps(recommended(0, 0, 5))
        assert found.value == 1
        assert found.low < 0.9
        assert found.small_sample

    def test_a_customer_who_repeats_himself_is_one(self):
        once = counted({"who": list("abcdef"), "recommend": [10, 0] * 3}, NPS, customer_col="who")
        often = counted({"who": list("abcdef") * 20, "recommend": [10, 0] * 60}, NPS, customer_col="who")
        one, other = nps(once), nps(often)
        assert (other.n, other.customers) == (120, 6)
        assert other.value == one.value
        # six customers are six, however often they answer; t at 5 degrees of freedom in place of z
        assert other.high - other.low > one.high - one.low
        assert other.method == "adjusted Wald at the effective sample size"


class TestCsat:
    def test_toy(self):
        """methods.md §1.2."""
        found = rated(5, 4, 4, 3, 5, 2, 1, 4, 5, 3)
        assert csat(found, definition="top_2_box").value == 0.6
        assert csat(found, definition="mean").value == 3.6
        assert csat(found, definition="top_box").value == 0.3
        assert csat(found, definition="bottom_2_box").value == 0.2

    def test_equal_shares_may_have_different_means(self):
        """methods.md §1.2: 3.67 against 4.33, two thirds both."""
        one, other = rated(4, 4, 4, 4, 3, 3), rated(5, 5, 5, 5, 3, 3)
        assert csat(one, definition="top_2_box").value == csat(other, definition="top_2_box").value == 2 / 3
        assert csat(one, definition="mean").value == pytest.approx(11 / 3)
        assert csat(other, definition="mean").value == pytest.approx(13 / 3)

    @pytest.mark.parametrize(
        ("top", "n", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_wilson(self, top, n, low, high):
        """methods.md §1.2."""
        found = csat(rated(*[5] * top, *[1] * (n - top)), definition="top_2_box")
        assert ends(found) == pytest.approx((low, high), abs=5e-5)

    @pytest.mark.parametrize(
        ("first", "second", "low", "high"),
        [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
        ],
    )
    def test_newcombe(self, first, second, low, high):
        """methods.md §1.2: differences of two shares."""
        stars = [[5] * hits + [1] * (n - hits) for hits, n in (first, second)]
        table = {"stars": stars[0] + stars[1], "part": ["a"] * first[1] + ["b"] * second[1]}
        found = segment_difference(
            counted(table, STARS, by="part"), "csat", between=("a", "b"), definition="top_2_box"
        )
        assert ends(found.difference) == pytest.approx((low, high), abs=5e-5)
        assert found.difference.value == pytest.approx(first[0] / first[1] - second[0] / second[1])

    def test_the_definition_has_to_be_told(self):
        with pytest.raises(TypeError, match="definition"):
            csat(rated(1, 2))
        with pytest.raises(UnknownNameError, match="did you mean 'top_2_box'"):
            csat(rated(1, 2), definition="top2box")
        with pytest.raises(WrongKindError, match="the trade calls several numbers by this name"):
            by_segment(counted({"stars": [1], "p": ["a"]}, STARS, by="p"), "csat")

    def test_low_may_be_good(self):
        asked = {**STARS, "scale": {"low": 1, "high": 5, "better": "lower"}}
        found = counted({"stars": [1, 2, 3, 4, 5]}, asked)
        top = csat(found, definition="top_2_box")
        assert top.value == 0.4
        assert "answers 1 to 2 on 1 to 5" in top.definition
        assert csat(counted({"stars": [1, 2, 5]}, asked), definition="top_box").value == pytest.approx(1 / 3)
        assert csat(counted({"stars": [1, 2, 5]}, asked), definition="bottom_2_box").value == pytest.approx(
            1 / 3
        )
        assert "low is good" in csat(found, definition="mean").definition

    def test_no_boxes_on_a_scale_of_hundred(self):
        found = counted({"stars": [50, 90]}, {**STARS, "scale": {"low": 0, "high": 100}})
        with pytest.raises(WrongKindError, match="needs 3 to 11 whole answers"):
            csat(found, definition="top_2_box")
        assert csat(found, definition="mean").value == 70

    def test_the_mean_stays_on_its_scale(self):
        found = csat(rated(5, 5, 4), definition="mean")
        assert found.high == 5
        assert csat(rated(5), definition="mean").low == 1
        same = csat(rated(*[5] * 30), definition="mean")
        assert same.value == same.high == 5
        assert 4 < same.low < 5


class TestCes:
    def test_toy(self):
        """methods.md §1.3: mean 5.0, 5 and more 0.625."""
        found = counted(
            {"easy": [7, 6, 5, 7, 3, 2, 6, 4]}, {"column": "easy", "measure": "ces", "version": "2.0"}
        )
        assert ces(found, definition="mean").value == 5.0
        assert ces(found, definition="easy_share").value == 0.625
        assert ces(found, definition="effort_cost").value == pytest.approx((7 - 5) / 6)

    def test_the_versions_run_against_each_other(self):
        old = counted({"effort": [1, 2, 3, 5]}, {"column": "effort", "measure": "ces", "version": "1.0"})
        assert ces(old, definition="mean").value == 2.75
        assert ces(old, definition="easy_share").value == 0.5
        assert ces(old, definition="effort_cost").value == pytest.approx(1.75 / 4)
        assert score(old).value == pytest.approx(1 - 1.75 / 4)
        assert "version 1.0, 1 to 5, low is good" in ces(old, definition="mean").definition
        assert "answers below 3" in ces(old, definition="easy_share").definition


class TestScores:
    def test_any_scale_and_feeling(self):
        """methods.md §1.4."""
        found = counted({"x": [0, 50, 100]}, {"column": "x", "scale": {"low": 0, "high": 100}})
        assert score(found).value == 0.5
        assert feeling(found).value == 0
        low = counted({"x": [0, 0]}, {"column": "x", "scale": {"low": 0, "high": 100, "better": "lower"}})
        assert (score(low).value, feeling(low).value) == (1, 2)

    def test_feeling_prefers_the_question_that_asks_for_it(self):
        table = {"recommend": [1, 2], "tone": [2, 1]}
        found = counted(table, [NPS, {"column": "tone", "measure": "feeling"}])
        assert feeling(found).value == 1.5
        with pytest.raises(UnknownNameError, match="2 questions could be meant"):
            score(found)
        assert score(found, question="recommend").value == pytest.approx(0.15)

    def test_intervals_move_with_the_scale(self):
        found = rated(5, 4, 4, 3, 5, 2, 1, 4, 5, 3)
        mean, part, felt = csat(found, definition="mean"), score(found), feeling(found)
        assert ends(part) == pytest.approx([(end - 1) / 4 for end in ends(mean)])
        assert ends(felt) == pytest.approx([-2 + end - 1 for end in ends(mean)])

    def test_human_and_support(self):
        table = {"kind": [5, 4, None], "help": [5, 5, 5], "works": [1, 2, 2]}
        scale = {"low": 1, "high": 5}
        told = {"scale": scale, "family": "service"}
        asked = [
            {"column": "kind", "element": "human", **told},
            {"column": "help", "element": "human", **told},
            {"column": "works", "element": "support", **told},
        ]
        found = human_and_support(counted(table, asked))
        assert found.human.value == pytest.approx((1 + 0.75 + 3) / 5)
        assert (found.human.n, found.human.customers) == (5, 3)
        assert found.support.value == pytest.approx(1 / 6)
        assert list(found.to_frame()["element"]) == ["human", "support"]
        assert "human element" in str(found)
        assert "<table>" in found._repr_html_()
        alone = human_and_support(counted(table, asked[2:]))
        assert alone.human.value is None
        with pytest.raises(MissingEvidenceError, match="family='service', element='human'"):
            human_and_support(rated(5))


class TestWhichAnswers:
    @pytest.fixture
    def survey(self):
        table = {
            "who": ["a", "b", "c", "d", "d", "e"],
            "about": ["pay", "phone@purchase", "phone@discovery", "phone", "pay", None],
            "stars": [1, 2, 3, 4, 5, 3],
            "part": ["north", "north", "south", "south", "south", None],
        }
        return counted(table, STARS, customer_col="who", touchpoint_col="about", by="part")

    def mean(self, value, **which):
        return csat(value, definition="mean", **which)

    def test_touchpoints(self, survey):
        for value in (survey, carrying(survey)):
            assert self.mean(value, touchpoint="pay").value == 3
            assert self.mean(value, touchpoint="phone@purchase").value == 2
            phone = self.mean(value, touchpoint="phone")
            assert (phone.value, phone.n) == (3, 3)
            assert phone.definition.endswith("Stars, at phone")

    def test_stages(self, survey):
        journey = carrying(survey)
        purchase = self.mean(journey, stage="purchase")
        assert (purchase.value, purchase.n) == (pytest.approx(8 / 3), 3)
        assert self.mean(journey, stage="discovery").value == 3
        assert self.mean(journey, stage="purchase", touchpoint="phone").value == 2
        assert self.mean(journey, stage="loyalty").value is None
        with pytest.raises(MissingEvidenceError, match="answers alone know no stages"):
            self.mean(survey, stage="purchase")
        with pytest.raises(UnknownNameError, match="did you mean 'purchase'"):
            self.mean(journey, stage="purchas")

    def test_customers_of_a_stage_are_counted_once(self):
        """b was at two touchpoints of the stage; the journey's linking knows that it is one customer."""
        table = {"who": ["a", "b", "b"], "about": ["pay", "pay", "phone@purchase"], "stars": [1, 2, 3]}
        told = {"customer_col": "who", "touchpoint_col": "about", "questions": STARS}
        journey = with_feedback(carrying(None), Feedback(pa.table(table), **told))
        found = self.mean(journey, stage="purchase")
        assert (found.n, found.customers, found.value) == (3, 2, 2)
        assert self.mean(journey, stage="purchase", touchpoint="pay").method == "t"

    def test_two_surveys(self):
        """Other customers, other groups: each question is counted by its own."""
        stars = Feedback(pa.table({"stars": [1, 2, 3, 4] * 20, "part": ["x", "y"] * 40}), questions=STARS)
        named = Feedback(
            pa.table({"who": ["a", "b", "b"], "recommend": [10, 9, 0], "part": ["x", "z", "z"]}),
            questions=NPS, customer_col="who",
        )  # fmt: skip
        journey = with_feedback(with_feedback(carrying(None), stars, by="part"), named, by="part")
        alone = answers(stars, by="part")
        assert self.mean(journey).model_dump(exclude={"definition"}) == self.mean(alone).model_dump(
            exclude={"definition"}
        )
        assert [one.segment for one in by_segment(journey, "nps").segments] == ["x", "z"]
        assert (nps(journey).n, nps(journey).customers) == (3, 2)

    def test_segments(self, survey):
        assert self.mean(survey, segment="north").value == 1.5
        assert self.mean(survey, segment="").value == 3
        assert self.mean(survey, segment="south", touchpoint="pay").value == 5
        assert self.mean(survey, segment="north").definition.endswith("part is north")
        with pytest.raises(UnknownNameError, match="did you mean 'north'"):
            self.mean(survey, segment="nort")
        with pytest.raises(MissingEvidenceError, match=r"answers\(feedback, by=...\)"):
            self.mean(rated(1), segment="north")

    def test_customers_are_counted_for_the_place(self, survey):
        assert (self.mean(survey).n, self.mean(survey).customers) == (6, 5)
        assert self.mean(survey, touchpoint="pay").customers == 2
        assert self.mean(survey, touchpoint="pay").method == "t"
        assert self.mean(survey).method == "t at the effective sample size"

    def test_what_is_not_there(self, survey):
        journey = carrying(survey)
        with pytest.raises(UnknownNameError, match="did you mean 'phone'"):
            self.mean(journey, touchpoint="fone")
        with pytest.raises(UnknownNameError, match="no answers at a touchpoint 'ad'"):
            self.mean(survey, touchpoint="ad")
        nobody = self.mean(journey, touchpoint="ad")
        assert (nobody.value, nobody.low, nobody.n, nobody.customers) == (None, None, 0, 0)
        with pytest.raises(MissingEvidenceError, match="the answers name no touchpoints"):
            self.mean(rated(1), touchpoint="pay")
        with pytest.raises(UnknownNameError, match=r"no question 'strs'.*\n.*did you mean 'stars'"):
            self.mean(survey, question="strs")
        with pytest.raises(MissingEvidenceError, match="no question measures nps; there are: stars"):
            nps(survey)
        with pytest.raises(WrongKindError, match="question 'stars' measures csat"):
            nps(survey, question="stars")
        plain = counted({"speed": [1, 2]}, {"column": "speed", "scale": {"low": 0, "high": 9}})
        with pytest.raises(
            WrongKindError, match=r"measures score\..*\nHint: score\(\.\.\.\) takes any question$"
        ):
            csat(plain, definition="mean", question="speed")
        with pytest.raises(MissingEvidenceError, match=r"with_feedback\(journey, feedback\)"):
            nps(carrying(None))
        with pytest.raises(WrongKindError, match="Expected Answers or a Journey"):
            nps(3)
        with pytest.raises(UnknownNameError, match="did you mean 'score'"):
            nps(recommended(1, 1, 1), method="scores")

    def test_a_definition_is_needed_and_a_wrong_one_lists_the_choices(self):
        found = counted({"stars": [1, 2]}, STARS)
        with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'definition'"):
            csat(found)
        with pytest.raises(UnknownNameError) as caught:
            csat(found, definition="top2box")
        assert str(caught.value) == (
            "csat: no definition 'top2box'. Expected one of: top_2_box, mean, top_box, bottom_2_box.\n"
            "Hint: did you mean 'top_2_box'?"
        )

    def test_several_questions_have_to_be_told_apart(self):
        asked = [STARS, {**STARS, "id": "again"}]
        with pytest.raises(UnknownNameError, match=r"Expected question= one of: stars, again"):
            csat(counted({"stars": [1, 2]}, asked), definition="mean")
        assert csat(counted({"stars": [1, 2]}, asked), definition="mean", question="again").value == 1.5


class TestWeights:
    def test_equal_weights_change_nothing(self):
        plain = rated(5, 4, 2, 1, 3, 3)
        weighed = counted({"stars": [5, 4, 2, 1, 3, 3], "w": [7.0] * 6}, STARS, weight_col="w")
        for definition in ("mean", "top_2_box"):
            one, other = (csat(value, definition=definition) for value in (plain, weighed))
            assert (other.value, *ends(other)) == pytest.approx((one.value, *ends(one)))

    def test_kish(self):
        table = {"stars": [5] * 30 + [1] * 30, "w": [3.0] * 30 + [1.0] * 30}
        found = csat(counted(table, STARS, weight_col="w"), definition="top_2_box")
        size = 120**2 / (30 * 9 + 30)  # (Σw)²/Σw² = 48
        assert found.value == pytest.approx(0.75)
        assert (found.n, found.customers) == (60, 60)
        p, z = 0.75, 1.959964
        centre = (p + z * z / 2 / size) / (1 + z * z / size)
        reach = z * math.sqrt(p * (1 - p) / size + z * z / 4 / size**2) / (1 + z * z / size)
        assert ends(found) == pytest.approx((centre - reach, centre + reach), abs=1e-5)
        assert found.method == "Wilson at the effective sample size"

    def test_no_weight_at_all(self):
        found = csat(counted({"stars": [5, 4], "w": [0.0, 0.0]}, STARS, weight_col="w"), definition="mean")
        assert found.value is None


class TestSegments:
    def test_by_segment(self):
        rng = np.random.default_rng(3)
        part = rng.choice(list("abc"), 600)
        stars = np.where(part == "a", rng.integers(3, 6, 600), rng.integers(1, 6, 600))
        found = by_segment(
            counted({"stars": stars.tolist(), "part": part.tolist()}, STARS, by="part"),
            "csat",
            definition="mean",
        )
        assert [one.segment for one in found.segments] == ["a", "b", "c"]
        assert found.differ
        assert [one.differs for one in found.segments] == [True, True, True]
        for one in found.segments:
            mine, others = stars[part == one.segment], stars[part != one.segment]
            assert one.difference.value == pytest.approx(mine.mean() - others.mean())
            assert one.p_adjusted >= one.p
        frame = found.to_frame()
        assert list(frame["segment"]) == ["a", "b", "c"]
        assert str(found).startswith("csat by part: segments differ, p < 0.001")
        assert "<table>" in found._repr_html_()

    @pytest.mark.parametrize("weight_col", [None, "w"])
    def test_the_rest_is_what_the_others_answered(self, weight_col):
        rng = np.random.default_rng(8)
        table = {
            "stars": rng.integers(1, 6, 300).tolist(), "part": rng.choice(list("abc"), 300).tolist(),
            "w": rng.lognormal(0, 1, 300).tolist(),
        }  # fmt: skip
        merged = {**table, "part": ["a" if part == "a" else "other" for part in table["part"]]}
        told = {"by": "part", "weight_col": weight_col}
        three, two = (
            by_segment(counted(one, STARS, **told), "csat", definition="mean") for one in (table, merged)
        )
        assert three.segments[0].estimate == two.segments[0].estimate
        one, other = three.segments[0].difference, two.segments[0].difference
        theirs = (other.value, other.low, other.high)  # sums are rounded to millionths
        assert (one.value, one.low, one.high) == pytest.approx(theirs, abs=1e-6)

    def test_welch(self):
        stats = pytest.importorskip("scipy.stats")
        first, second = [5, 4, 4, 5, 3, 4], [2, 3, 1, 4, 2]
        table = {"stars": first + second, "part": ["a"] * 6 + ["b"] * 5}
        found = segment_difference(
            counted(table, STARS, by="part"), "csat", between=("a", "b"), definition="mean"
        )
        expected = stats.ttest_ind(first, second, equal_var=False)
        assert found.p == pytest.approx(expected.pvalue)
        assert ends(found.difference) == pytest.approx(tuple(expected.confidence_interval(0.95)))
        assert found.differs
        assert list(found.to_frame()["of"]) == ["part is a", "part is b", "difference"]
        assert "they differ" in str(found)

    def test_customers_in_several_segments(self):
        table = {"who": list("abcdefgh") * 2, "stars": [1, 5] * 8, "part": ["x"] * 8 + ["y"] * 8}
        found = by_segment(
            counted(table, STARS, by="part", customer_col="who"), "csat", definition="top_2_box"
        )
        assert [one.estimate.customers for one in found.segments] == [8, 8]
        assert found.overall.customers == 8
        assert not found.differ

    def test_what_cannot_be_compared(self):
        survey = counted({"stars": [1, 5], "part": ["x", "x"]}, STARS, by="part")
        found = by_segment(survey, "csat", definition="mean")
        assert found.p is None
        assert found.segments[0].difference.value is None
        assert "cannot tell whether segments differ" in str(found)
        for between in ("x", ("x", "x"), ("x",)):
            with pytest.raises(WrongKindError, match="two different segments"):
                segment_difference(survey, "csat", between=between, definition="mean")
        with pytest.raises(UnknownNameError, match="no segment 'z'"):
            segment_difference(survey, "csat", between=("x", "z"), definition="mean")
        with pytest.raises(UnknownNameError, match="did you mean 'csat'"):
            by_segment(survey, "cast")
        with pytest.raises(WrongKindError, match="has one definition only"):
            by_segment(survey, "score", definition="mean")


@pytest.fixture(scope="module")
def airport_questions():
    satisfied = ("Q7ART", "Q7FOOD", "Q7STORE", "Q7SIGN", "Q7WIFI", "Q9BOARDING", "Q9RESTROOM", "Q9ALL")
    return [
        {"column": "NETPRO", "measure": "nps", "blank": 11},
        *({**STARS, "column": name, "blank": [0, 6], "touchpoint": name.lower()} for name in satisfied),
    ]


class TestAirport:
    """The airport survey of 2017: methods.md and the issue give the NPS, 84 answers with code 11 being blank."""

    @pytest.fixture
    def survey(self, shared_data, airport_questions):
        return answers(Feedback(shared_data.joinpath(*AIRPORT), questions=airport_questions), by="Q15PROBLEM")

    def test_nps(self, survey):
        found = nps(survey)
        assert 100 * found.value == pytest.approx(39.84, abs=0.005)
        assert (found.n, found.customers) == (2746, 2746)
        assert 100 * found.low == pytest.approx(37.18, abs=0.01)
        assert 100 * found.high == pytest.approx(42.41, abs=0.01)

    def test_with_a_problem_against_without(self, survey):
        found = segment_difference(survey, "nps", between=("1", "2"))
        assert (found.first.n, found.second.n) == (309, 2330)
        assert 100 * found.first.value == pytest.approx(18.8, abs=0.05)
        assert 100 * found.second.value == pytest.approx(43.6, abs=0.06)
        assert found.difference.high < 0
        assert found.differs

    def test_satisfaction_by_touchpoint(self, survey, airport_questions):
        frame = []
        for asked in airport_questions[1:]:
            by_id = csat(survey, definition="top_2_box", question=asked["column"])
            at_place = csat(
                survey, definition="top_2_box", question=asked["column"], touchpoint=asked["touchpoint"]
            )
            assert at_place.value == by_id.value
            assert by_id.low < by_id.value < by_id.high
            frame.append(by_id.value)
        assert frame[0] == pytest.approx(1636 / 2284)  # Q7ART: answers 4 and 5 / answers 1 to 5
        assert max(frame) - min(frame) > 0.2

    def test_weighted(self, shared_data, airport_questions):
        told = {"questions": airport_questions, "weight_col": "WEIGHT"}
        survey = answers(Feedback(shared_data.joinpath(*AIRPORT), **told), by="Q15PROBLEM")
        found = nps(survey)
        assert 100 * found.value == pytest.approx(40.4, abs=0.01)
        assert found.high - found.low > 0.0523  # wider than the 2,746 answers without weights
        assert segment_difference(survey, "nps", between=("1", "2")).difference.high < 0


class TestTickets:
    def test_no_channel_is_called_better(self, shared_data):
        """Satisfaction in the ticket data is noise: an effect that is found is a false one."""
        path = shared_data / "support_tickets" / "customer_support_tickets.csv"
        asked = {**STARS, "column": "Customer Satisfaction Rating", "id": "csat"}
        survey = Feedback(path, questions=asked, customer_col="Customer Email")
        found = answers(survey, by="Ticket Channel")
        for definition in ("top_2_box", "mean", "top_box", "bottom_2_box"):
            scores = by_segment(found, "csat", definition=definition)
            assert not scores.differ
            assert not any(one.differs for one in scores.segments)
            assert scores.overall.n == 2769


def clustered(rng, shares, customers, visits, unlike, *, weights=None):
    """Answers of unlike customers: each has own shares of the values, around the given ones."""
    own = rng.dirichlet(np.asarray(shares) * unlike, customers) if unlike else np.tile(shares, (customers, 1))
    n = np.ones(customers, int) if visits == 1 else rng.poisson(visits, customers)
    table = np.stack([rng.multinomial(n[k], own[k]) for k in range(customers)], axis=1)
    weight = np.ones(customers) if weights is None else weights(rng, table)
    return table, weight


def selection(question, values, table, weight):
    groups = min(64, table.shape[1])
    group = np.arange(table.shape[1]) % groups

    def grouped(rows):
        return np.stack([np.bincount(group, row, groups) for row in rows])

    weighed = table * weight
    score = np.asarray(values, float)
    return Selection(
        question=question, values=score, answers=grouped(table), weight=grouped(weighed),
        score=grouped([score @ weighed])[0], score_squared=grouped([score**2 @ weighed])[0],
        weight_squared=float((table * weight**2).sum()), customers=grouped([table.sum(axis=0) > 0])[0],
        exact=True, weighted=not np.all(weight == 1),
    )  # fmt: skip


LOGNORMAL = {"none": None, "by chance": lambda rng, table: rng.lognormal(0, 0.6, table.shape[1])}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("customers", "visits", "unlike", "weighing", "least", "most"),
    [
        (12, 1, 0, "none", 93, 100),
        (40, 1, 0, "none", 93, 97),
        (300, 1, 0, "none", 93, 97),
        (60, 4, 1.0, "none", 93, 97),
        (200, 3, 1.0, "none", 93, 97),
        (200, 1, 0, "by chance", 93, 97),
        (200, 3, 1.0, "by chance", 93, 97),
    ],
)
@pytest.mark.parametrize("metric", ["nps", "csat share", "csat mean"])
def test_intervals_hold_the_truth(metric, customers, visits, unlike, weighing, least, most):
    """Coverage on clustered answers, methods.md §0.2."""
    rng = np.random.default_rng(20240601)
    if metric == "nps":
        question, values, shares = Question(**NPS), [3, 8, 10], [0.2, 0.3, 0.5]
        rule, truth = yardstick("nps", question), 0.3
    else:
        question, values, shares = Question(**STARS), [1, 2, 3, 4, 5], [0.1, 0.1, 0.2, 0.35, 0.25]
        definition = "top_2_box" if metric == "csat share" else "mean"
        rule = yardstick("csat", question, definition=definition)
        truth = 0.6 if metric == "csat share" else float(np.dot(values, shares))
    held, replications = 0, 1500
    for _ in range(replications):
        table, weight = clustered(rng, shares, customers, visits, unlike, weights=LOGNORMAL[weighing])
        chosen = selection(question, values, table, weight)
        found = measured(chosen, rule).estimate
        held += found.value is None or found.low <= truth <= found.high
    assert least <= 100 * held / replications <= most


@pytest.mark.slow
@pytest.mark.parametrize("visits", [1, 3])
@pytest.mark.parametrize("metric", ["nps", "csat share", "csat mean"])
def test_segments_that_do_not_differ_are_seldom_called_different(metric, visits):
    """Four segments of 80 customers alike: about 5 false alarms in 100, by the one test and by the pairs."""
    rng = np.random.default_rng(20240602)
    if metric == "nps":
        question, values, shares = Question(**NPS), [3, 8, 10], [0.2, 0.3, 0.5]
        rule = yardstick("nps", question)
    else:
        question, values, shares = Question(**STARS), [1, 2, 3, 4, 5], [0.1, 0.1, 0.2, 0.35, 0.25]
        rule = yardstick("csat", question, definition="top_2_box" if metric == "csat share" else "mean")
    alarms, pairs, replications = 0, 0, 600
    for _ in range(replications):
        found = []
        for _ in range(4):
            table, weight = clustered(rng, shares, 80, visits, 0 if visits == 1 else 2.0)
            found.append(measured(selection(question, values, table, weight), rule))
        df = math.inf if visits == 1 else 63
        alarms += equality_of(found, rule, df=df).p < 0.05
        pairs += measured_difference(found[0], found[1], rule).p < 0.05
    assert 2 <= 100 * alarms / replications <= 8
    assert 2 <= 100 * pairs / replications <= 8
