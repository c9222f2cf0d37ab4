"""Key drivers: planted weights are found, noise is not, and what the data do not tell is not said."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pyarrow as pa
import pytest

from journeymap.analysis.driver_report import DriverReport
from journeymap.analysis.drivers import drivers_of, find_drivers
from journeymap.errors import JourneyMapError, WrongKindError
from journeymap.events.driver_moments import driver_moments
from journeymap.events.feedback import Feedback
from journeymap.model.journey import Journey
from journeymap.stats.drivers import lmg_weights, relative_weights

STARS = {"low": 1, "high": 5}
RATED = {"1", "2", "3", "4", "5"}
AIRPORT = ("sfo_survey_2017", "2017_SFO_Customer_Survey_20250817.csv")


def asked(*names, **more):
    return [{"column": name, "measure": "csat", "scale": STARS, **more.get(name, {})} for name in names]


def survey(n=600, seed=0, **more):
    """Clean weighs most, food less, and only where it is bad; the sign is noise."""
    rng = np.random.default_rng(seed)
    shared = 0.5 * rng.normal(size=(n, 1))
    clean, food, sign = np.clip(np.round(3.4 + shared + rng.normal(size=(n, 3))), 1, 5).T
    sign = rng.permutation(sign)
    whole = 3.4 + 0.5 * (clean - 3.4) - 0.9 * (food <= 2) + 0.6 * rng.normal(size=n)
    table = {"all": np.clip(np.round(whole), 1, 5), "clean": clean, "food": food, "sign": sign}
    return Feedback(pa.table(table), questions=asked(*table, **more))


@pytest.fixture(scope="module")
def report():
    return find_drivers(survey(), outcome="all")


class TestFound:
    def test_importance_divides_r_squared(self, report):
        assert [driver.id for driver in report.drivers] == ["clean", "food", "sign"]
        assert sum(driver.importance.value for driver in report.drivers) == pytest.approx(1)
        assert sum(driver.weight.value for driver in report.drivers) == pytest.approx(report.r_squared.value)
        for driver in report.drivers:
            assert 0 < driver.importance.low < driver.importance.value < driver.importance.high < 1
        assert (report.observations, report.customers, report.complete_share) == (600, 600, 1)

    @pytest.mark.parametrize("method", ["relative_weights", "lmg"])
    def test_weights_are_those_of_the_rows(self, method):
        feedback = survey()
        table = np.column_stack([column.to_numpy() for column in feedback.source.columns])
        weigh = relative_weights if method == "relative_weights" else lmg_weights
        expected = weigh(np.corrcoef(table.T))
        found = find_drivers(feedback, outcome="all", method=method)
        assert [found.driver(name).weight.value for name in ("clean", "food", "sign")] == pytest.approx(
            expected, abs=1e-6
        )

    def test_noise_is_not_above_noise(self, report):
        assert [driver.above_noise for driver in report.drivers] == [True, True, False]
        assert report.driver("sign").importance.value <= report.noise < report.driver("food").importance.value

    def test_what_hurts_when_it_is_bad(self, report):
        food, clean = report.driver("food"), report.driver("clean")
        assert food.asymmetry == "hurts more than it delights"
        assert food.penalty.high < 0
        assert food.penalty.low < -0.9 < food.penalty.high  # as planted
        assert food.impact_asymmetry.high < 0
        assert clean.asymmetry == "not supported"
        assert clean.penalty.value < 0 < clean.reward.value
        assert food.satisfaction_potential + food.dissatisfaction_potential == pytest.approx(1)

    def test_performance_is_the_mean_on_its_scale(self, report):
        column = survey().source["clean"].to_numpy()
        found = report.driver("clean").performance
        assert found.value == pytest.approx(column.mean(), abs=1e-5)
        reach = 1.964 * column.std(ddof=1) / np.sqrt(600)
        assert (found.low, found.high) == pytest.approx(
            (column.mean() - reach, column.mean() + reach), abs=1e-3
        )

    def test_where_low_is_good_everything_turns(self):
        feedback = survey()
        turned = feedback.source.set_column(1, "clean", pa.array(6 - feedback.source["clean"].to_numpy()))
        questions = asked("all", "clean", "food", "sign", clean={"scale": {**STARS, "better": "lower"}})
        found = find_drivers(Feedback(turned, questions=questions), outcome="all").driver("clean")
        straight = find_drivers(feedback, outcome="all").driver("clean")
        assert found.importance.value == pytest.approx(straight.importance.value)
        assert found.penalty.value == pytest.approx(straight.penalty.value)
        assert found.performance.value == pytest.approx(6 - straight.performance.value, abs=1e-5)
        assert found.performance.low < found.performance.value < found.performance.high
        assert found.quadrant == straight.quadrant

    def test_quadrants_compare_with_the_mean_of_the_drivers(self):
        rng = np.random.default_rng(3)
        heavy, light = (
            np.clip(np.round(2 + rng.normal(size=500)), 1, 5),
            np.clip(np.round(4 + rng.normal(size=500)), 1, 5),
        )
        table = {
            "all": np.clip(np.round(heavy + 0.1 * light + 0.5 * rng.normal(size=500)), 1, 5),
            "heavy": heavy,
            "light": light,
        }
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert found.driver("heavy").quadrant == "fix first"
        assert found.driver("light").quadrant == "possible overkill"

    def test_bad_outweighs_good(self):
        rng = np.random.default_rng(5)
        rated = rng.integers(1, 6, (800, 3))
        bad, good = np.minimum(rated - 3, 0).mean(axis=1), np.maximum(rated - 3, 0).mean(axis=1)
        table = {"all": 5 + 2.4 * bad + 0.8 * good + rng.normal(size=800) * 0.4} | dict(
            zip("abc", rated.T, strict=True)
        )
        questions = [{"column": "all", "scale": {"low": -5, "high": 15}}, *asked(*"abc")]
        found = find_drivers(Feedback(pa.table(table), questions=questions), outcome="all").negativity
        assert found.low < 3 < found.high
        assert found.low > 1


class TestMissing:
    def test_without_anything_missing_both_ways_are_the_same(self, report):
        other = find_drivers(survey(), outcome="all", missing="indicator")
        for driver in report.drivers:
            same = other.driver(driver.id)
            assert same.importance.value == pytest.approx(driver.importance.value)
            assert same.importance.low == pytest.approx(driver.importance.low)
            assert same.penalty.value == pytest.approx(driver.penalty.value)
        assert other.unrated.value == pytest.approx(0)

    @pytest.mark.parametrize("method", ["relative_weights", "lmg"])
    def test_who_did_not_rate_is_kept_and_never_counted_as_0(self, method):
        feedback, rng = survey(1500), np.random.default_rng(1)
        food = np.where(rng.uniform(size=1500) < 0.6, np.nan, feedback.source["food"].to_numpy())
        holed = feedback.source.set_column(2, "food", pa.array(food, from_pandas=True))
        whole = find_drivers(feedback, outcome="all", method=method)
        questions = asked("all", "clean", "food", "sign")
        found = find_drivers(
            Feedback(holed, questions=questions), outcome="all", missing="indicator", method=method
        )
        assert found.observations == 1500
        assert found.complete < 700
        assert found.unrated.value < 0.02
        # rated by chance alone: what food goes with is the same among those who rated it
        assert found.driver("food").penalty.value == pytest.approx(
            whole.driver("food").penalty.value, abs=0.2
        )
        assert found.driver("food").performance.value == pytest.approx(np.nanmean(food), abs=1e-5)
        assert found.driver("clean").weight.value == pytest.approx(
            whole.driver("clean").weight.value, abs=0.05
        )

    def test_who_did_not_rate_can_matter_by_itself(self):
        rng = np.random.default_rng(2)
        food = rng.integers(1, 6, 800).astype(float)
        skipped = rng.uniform(size=800) < 0.5
        table = {
            "all": np.clip(np.round(3 + 1.5 * skipped + 0.4 * rng.normal(size=800)), 1, 5),
            "food": pa.array(np.where(skipped, np.nan, food), from_pandas=True),
            "wifi": rng.integers(1, 6, 800),
        }
        found = find_drivers(
            Feedback(pa.table(table), questions=asked(*table)), outcome="all", missing="indicator"
        )
        assert found.unrated.value > 0.95
        assert found.driver("food").above_noise is False
        said = "; none weighs more than noise would; who rated what at all has over 99 % of it."
        assert said in found.headline()

    def test_the_headline_says_so_where_it_is_among_the_largest(self):
        rng = np.random.default_rng(3)
        food, wifi = rng.integers(1, 6, (2, 1200)).astype(float)
        skipped = rng.uniform(size=1200) < 0.5
        table = {
            "all": np.clip(np.round(1 + 1.2 * skipped + 0.5 * wifi + 0.3 * rng.normal(size=1200)), 1, 5),
            "food": pa.array(np.where(skipped, np.nan, food), from_pandas=True),
            "wifi": wifi,
        }
        found = find_drivers(
            Feedback(pa.table(table), questions=asked(*table)), outcome="all", missing="indicator"
        )
        assert re.search(r"the largest shares have .*who rated what at all \(\d+ %\)", found.headline())
        little = found.model_copy(update={"unrated": found.unrated.model_copy(update={"value": 0.001})})
        assert "who rated" not in little.headline()


class TestNothingToTell:
    def test_nobody_answered_everything(self):
        table = {"all": [1, 2], "food": [3, None], "wifi": [None, 4]}
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert found.problem == "nobody answered it and every driver"
        assert all(driver.importance.value is None for driver in found.drivers)
        assert found.driver("food").performance.value == 3
        assert str(found).startswith("What goes with “All” cannot be told: nobody answered it")

    def test_too_few_for_so_many_drivers(self):
        rng = np.random.default_rng(0)
        table = {name: rng.integers(1, 6, 9) for name in ["all", *"abcd"]}
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert found.problem == "9 answers are too few for 4 drivers"
        assert found.negativity.value is None

    def test_contrasts_need_more_than_weights(self):
        rng = np.random.default_rng(0)
        table = {name: rng.integers(1, 6, 12) for name in ["all", *"abcd"]}
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert found.problem == ""
        assert found.r_squared.small_sample
        assert found.driver("a").penalty.value is None
        assert found.driver("a").asymmetry == "not known"

    def test_an_outcome_that_never_varies(self):
        table = {"all": [3] * 40, "food": [1, 2, 4, 5] * 10}
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert found.r_squared.value is None
        assert "it does not vary" in str(found)
        assert found.driver("food").penalty.value is None

    def test_a_driver_that_never_varies_is_not_known(self):
        table = {"all": [1, 2, 4, 5] * 10, "food": [1, 2, 4, 5] * 10, "wifi": [3] * 40}
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert found.driver("wifi").importance.value is None
        assert found.drivers[-1].id == "wifi"
        assert found.driver("wifi").penalty.value is None
        assert found.driver("wifi").quadrant == "cannot tell"

    def test_one_driver_has_all_of_it(self):
        found = find_drivers(survey(), outcome="all", drivers="clean")
        (driver,) = found.drivers
        assert driver.importance.value == pytest.approx(1)
        assert driver.quadrant == "cannot tell"
        assert found.headline().startswith("The rating explains")


def yes_or_no(shift=0.0, *, between=0, n=4000):
    """One in three is not asked whether it was solved; what these say in the end lies off by `shift`."""
    rng = np.random.default_rng(7)
    solved, skipped = np.where(rng.uniform(size=n) < 0.6, 1.0, -1.0), rng.uniform(size=n) < 1 / 3
    solved[:between], skipped[:between] = 0.0, False
    food = rng.integers(1, 6, n).astype(float)
    whole = 5 + 0.5 * solved * ~skipped - 0.9 * (food <= 2) + 0.3 * (food >= 4) + rng.normal(size=n)
    table = {
        "all": whole + shift * skipped,
        "solved": pa.array(np.where(skipped, np.nan, solved), from_pandas=True),
        "food": food,
    }
    ends = {"all": {"scale": {"low": -5, "high": 20}}, "solved": {"scale": {"low": -1, "high": 1}}}
    questions = asked(*table, **ends)
    return find_drivers(Feedback(pa.table(table), questions=questions), outcome="all", missing="indicator")


@pytest.fixture(scope="module")
def shifted():
    return [yes_or_no(shift) for shift in (0, 2, 4)]


class TestNobodyInBetween:
    """low + high (+ not rated) = 1: what low and what high ratings go with cannot be told apart."""

    def test_no_number_and_no_verdict(self, shifted):
        for found in shifted:
            solved = found.driver("solved")
            assert solved.contrast_problem == "nobody rates in between"
            assert [solved.penalty.value, solved.reward.value, solved.range.value] == [None] * 3
            assert (solved.impact_asymmetry.value, solved.asymmetry) == (None, "not known")
            assert solved.satisfaction_potential is None
            assert solved.why().endswith(
                "What low and high ratings go with is not known: nobody rates in between."
            )
            assert solved.importance.value is not None
            assert solved.quadrant == "cannot tell"

    def test_the_other_drivers_stay_as_they_are(self, shifted):
        first, *others = [found.driver("food") for found in shifted]
        assert first.penalty.low < -0.9 < first.penalty.high
        assert first.reward.low < 0.3 < first.reward.high
        assert first.contrast_problem == ""
        for other in others:
            for name in ("penalty", "reward", "range", "impact_asymmetry"):
                one, same = getattr(first, name), getattr(other, name)
                assert [same.value, same.low, same.high] == pytest.approx(
                    [one.value, one.low, one.high], abs=1e-4
                )

    def test_the_words_follow(self, shifted):
        found = shifted[1]
        assert "is not known: nobody rates in between" in str(found)
        assert "not known: nobody rates in between" in found._repr_html_()
        frame = found.to_frame().set_index("question")
        assert frame.loc["solved", "contrast_problem"] == "nobody rates in between"
        assert frame.loc["food", "contrast_problem"] == ""
        assert np.isnan(frame.loc["solved", "penalty"])

    def test_a_few_are_too_few_and_ten_are_enough(self):
        few, enough = (yes_or_no(between=count).driver("solved") for count in (9, 10))
        assert (few.contrast_problem, few.penalty.value) == ("fewer than 10 rate in between", None)
        assert enough.contrast_problem == ""
        assert enough.penalty.low < enough.penalty.value < enough.penalty.high

    def test_all_answers_of_all_drivers(self):
        rng = np.random.default_rng(1)
        table = {"all": rng.integers(1, 6, 300)} | {name: 1 + 4 * rng.integers(0, 2, 300) for name in "ab"}
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert {driver.contrast_problem for driver in found.drivers} == {"nobody rates in between"}
        assert found.negativity.value is None  # bad and good are one and the same
        assert yes_or_no().negativity.value is None

    def test_ratings_that_are_the_same_are_not_told_apart(self):
        rng = np.random.default_rng(1)
        food, sign = rng.integers(1, 6, (2, 300))
        table = {
            "all": np.clip(food + rng.integers(-1, 2, 300), 1, 5),
            "food": food,
            "meal": food,
            "sign": sign,
        }
        found = find_drivers(Feedback(pa.table(table), questions=asked(*table)), outcome="all")
        assert found.driver("meal").penalty.value is None
        assert found.driver("food").contrast_problem == "other ratings tell who rates it low or high"
        assert found.driver("sign").penalty.value is not None


class TestJourney:
    DESIGN = Journey(
        name="Airport",
        touchpoints=[
            {"id": "hall", "name": "The hall", "driver": "store_environment"},
            {"id": "desk", "service": True, "driver": "service"},
        ],
    )

    def test_questions_lie_at_touchpoints_and_drivers_of_experience(self):
        feedback = survey(
            clean={"touchpoint": "hall"}, food={"touchpoint": "hall"}, sign={"touchpoint": "desk"}
        )
        found = find_drivers(feedback, outcome="all", journey=self.DESIGN)
        assert (found.drivers[0].touchpoint_name, found.drivers[0].family) == (
            "The hall",
            "store_environment",
        )
        assert found.driver("sign").is_service
        hall, desk = found.touchpoints
        assert (hall.name, hall.questions, desk.name) == ("hall", ("clean", "food"), "desk")
        assert hall.importance.value + desk.importance.value == pytest.approx(1)
        assert [share.name for share in found.families] == ["store_environment", "service"]
        assert "By driver of experience: store environment over 99 % (" in str(found)

    def test_a_touchpoint_that_the_journey_lacks_is_told(self):
        feedback = survey(clean={"touchpoint": "gate"}, food={"touchpoint": "hall"})
        found = find_drivers(feedback, outcome="all", journey=self.DESIGN)
        assert found.unknown_touchpoints == ("gate",)
        assert "Not in the journey: gate." in str(found)
        assert found.driver("clean").touchpoint == "gate"

    def test_one_that_floats_is_found_by_its_own_name(self):
        observed = Journey(
            name="Shop",
            origin="observed",
            touchpoints=[{"id": "phone@purchase", "floats_as": "phone", "driver": "service"}],
        )
        found = find_drivers(survey(clean={"touchpoint": "phone"}), outcome="all", journey=observed)
        assert found.driver("clean").family == "service"
        assert [share.name for share in found.touchpoints] == ["phone"]
        assert found.unknown_touchpoints == ()


class TestReport:
    def test_it_says_that_it_is_no_cause_and_what_is_not_supported(self, report):
        said = str(report)
        assert "An association, not a cause." in said
        assert "it hurts more than it delights" in said
        assert "that one weighs more is not supported" in said
        assert "no more than noise would get" in said
        assert "Judged by 600 answers that rated everything (100 % of the 600 who answered “All”)." in said

    def test_as_a_table(self, report):
        frame = report.to_frame()
        assert list(frame["question"]) == ["clean", "food", "sign"]
        assert frame["importance"].sum() == pytest.approx(1)
        assert frame.loc[1, "asymmetry"] == "hurts more than it delights"
        named = find_drivers(survey(clean={"name": "<b>"}), outcome="all")
        assert "&lt;b&gt;" in named._repr_html_()
        assert "<b>" not in named._repr_html_()

    def test_it_travels_as_json(self, report):
        assert DriverReport.model_validate(json.loads(report.model_dump_json())) == report

    def test_it_can_be_made_of_sums_that_were_counted_before(self, report):
        moments = driver_moments(survey(), outcome="all")
        assert drivers_of(moments) == report
        wider = drivers_of(moments, level=0.99).driver("food").penalty
        assert wider.low < report.driver("food").penalty.low

    def test_mistakes(self):
        with pytest.raises(JourneyMapError, match="method: 'shapley' is no way"):
            find_drivers(survey(), outcome="all", method="shapley")
        with pytest.raises(WrongKindError, match="find_drivers"):
            find_drivers(survey(), outcome="all", journey="broadband.yaml")
        many = {name: [1, 2] for name in ["all", *"abcdefghijklmno"]}
        feedback = Feedback(pa.table(many), questions=asked(*many))
        assert find_drivers(feedback, outcome="all", method="lmg").problem
        with pytest.raises(JourneyMapError, match="15 are too many for LMG"):
            find_drivers(feedback, outcome="all", method="lmg", missing="indicator")


class TestAirport:
    ITEMS = ("Q7FOOD", "Q7STORE", "Q7SIGN", "Q7WALKWAYS", "Q7SCREENS")

    def feedback(self, shared_data, *, weighted=True):
        # 0 is blank, 6 was never used
        questions = [
            {"column": name, "measure": "csat", "scale": STARS, "blank": [0, 6, "Blank"]}
            for name in ("Q7ALL", *self.ITEMS)
        ]
        path = shared_data.joinpath(*AIRPORT)
        return Feedback(path, questions=questions, weight_col="WEIGHT" if weighted else None)

    def test_who_rated_everything(self, shared_data):
        found = find_drivers(self.feedback(shared_data, weighted=False), outcome="Q7ALL")
        with shared_data.joinpath(*AIRPORT).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        overall = [row for row in rows if row["Q7ALL"] in RATED]
        every = [row for row in overall if all(row[name] in RATED for name in self.ITEMS)]
        assert (found.asked, found.observations) == (len(overall), len(every)) == (2688, 2050)
        assert all(driver.above_noise for driver in found.drivers)
        lmg = find_drivers(self.feedback(shared_data, weighted=False), outcome="Q7ALL", method="lmg")
        for driver in found.drivers:
            assert lmg.driver(driver.id).importance.value == pytest.approx(driver.importance.value, abs=0.03)

    def test_weights_change_numbers_and_not_who_stands_behind_them(self, shared_data):
        plain = find_drivers(self.feedback(shared_data, weighted=False), outcome="Q7ALL")
        weighted = find_drivers(self.feedback(shared_data), outcome="Q7ALL")
        assert weighted.observations == plain.observations
        assert weighted.r_squared.value != plain.r_squared.value
        assert weighted.r_squared.value == pytest.approx(plain.r_squared.value, abs=0.03)
        assert weighted.noise > plain.noise * 0.9

    def test_those_who_skipped_some_come_back_with_indicators(self, shared_data):
        found = find_drivers(self.feedback(shared_data), outcome="Q7ALL", missing="indicator")
        assert found.observations > 2600
        assert found.unrated.value < 0.05
