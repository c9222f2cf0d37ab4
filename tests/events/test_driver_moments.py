"""Sums of products of a survey, against plain Python; who stands in them, and who does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import InvalidLogError, JourneyMapError, UnknownNameError, WrongKindError
from journeymap.events.driver_moments import driver_moments
from journeymap.events.feedback import Feedback
from journeymap.model.driver_moments import DriverMoments, Moments

STARS = {"low": 1, "high": 5}


def stars(*columns, **more):
    return [{"column": column, "measure": "csat", "scale": STARS, **more} for column in columns]


def counted(table, *, questions=None, outcome="all", told=None, **options):
    questions = questions or stars(*(name for name in table if name not in {"who", "w"}))
    return driver_moments(
        Feedback(pa.table(table), questions=questions, **(told or {})), outcome=outcome, **options
    )


def whole(moments):
    """The matrix of all groups together."""
    size = len(moments.variables)
    found = np.zeros((size, size))
    found[np.triu_indices(size)] = np.sum(moments.products, axis=0) / 1e6
    return found + np.triu(found, 1).T


SURVEY = {
    "all": [1, 3, 5, 4, 2, 5, 4, None],
    "food": [1, 3, 5, None, 2, 4, 4, 5],
    "wifi": [2, 3, 4, 4, None, 5, 1, 5],
}


def part(score):
    return (score - 1) / 4


class TestComplete:
    def test_sums_of_products_of_those_who_answered_everything(self):
        found = counted(SURVEY)
        rows = [row for row in zip(*SURVEY.values(), strict=True) if None not in row]
        table = np.array([[1, *map(part, row)] for row in rows])
        assert found.linear.variables == ("1", "outcome", "x:food", "x:wifi")
        assert whole(found.linear) == pytest.approx(table.T @ table, abs=1e-5)
        assert (sum(found.observations), found.asked, found.complete, found.answered) == (5, 7, 5, (6, 6))

    def test_low_and_high_are_the_thirds_of_the_scale(self):
        found = counted(SURVEY)
        rows = [row for row in zip(*SURVEY.values(), strict=True) if None not in row]
        table = np.array([[1, part(y), f <= 2, w <= 2, f >= 4, w >= 4] for y, f, w in rows], dtype=float)
        assert found.contrasts.variables == ("1", "outcome", "low:food", "low:wifi", "high:food", "high:wifi")
        assert whole(found.contrasts) == pytest.approx(table.T @ table, abs=1e-5)
        assert (found.rated_low, found.rated_high) == ((1, 2), (3, 2))

    def test_parts_below_and_above_the_middle(self):
        found = counted(SURVEY)
        rows = [row for row in zip(*SURVEY.values(), strict=True) if None not in row]
        table = [
            [
                1,
                part(y),
                np.mean([min(part(f) - 0.5, 0), min(part(w) - 0.5, 0)]),
                np.mean([max(part(f) - 0.5, 0), max(part(w) - 0.5, 0)]),
            ]
            for y, f, w in rows
        ]
        assert whole(found.balance) == pytest.approx(np.transpose(table) @ table, abs=1e-5)

    def test_ratings_are_those_of_all_who_rated(self):
        food = counted(SURVEY).ratings[0]
        given = [part(score) for score in SURVEY["food"] if score]
        assert (sum(food.answers), sum(food.customers)) == (7, 7)
        assert sum(food.total) == pytest.approx(1e6 * sum(given))
        assert sum(food.squares) == pytest.approx(1e6 * sum(x * x for x in given))

    def test_nobody_answered_everything(self):
        found = counted({"all": [1, 2], "food": [3, None], "wifi": [None, 4]})
        assert (sum(found.observations), found.complete, found.asked) == (0, 0, 2)
        assert not np.any(whole(found.linear))


class TestIndicator:
    def test_everybody_who_rated_anything_with_an_indicator_for_the_rest(self):
        found = counted(SURVEY, missing="indicator")
        rows = [row for row in zip(*SURVEY.values(), strict=True) if row[0] is not None]
        table = np.array(
            [
                [1, part(y), part(f) if f else 0, part(w) if w else 0, f is None, w is None]
                for y, f, w in rows
            ],
            dtype=float,
        )
        assert found.linear.variables[-2:] == ("missing:food", "missing:wifi")
        assert whole(found.linear) == pytest.approx(table.T @ table, abs=1e-5)
        assert sum(found.observations) == 7
        assert found.contrasts.variables[-2:] == ("missing:food", "missing:wifi")

    def test_the_part_below_the_middle_is_that_of_what_was_rated(self):
        found = counted({"all": [5], "food": [1], "wifi": [None]}, missing="indicator")
        assert whole(found.balance)[0].tolist() == [1, 1, -0.5, 0]


class TestObservations:
    def test_a_row_is_one_and_a_customer_may_have_several(self):
        found = counted(
            {"who": list("aab"), "all": [1, 5, 3], "food": [1, 5, 3]}, told={"customer_col": "who"}
        )
        assert (found.observation, sum(found.observations), sum(found.customers)) == ("row", 3, 2)
        assert len(found.observations) == 2

    def test_answers_in_rows_of_their_own_are_put_together_by_customer(self):
        table = {
            "who": list("aaabbc"),
            "asked": ["all", "food", "food", "all", "food", "all"],
            "score": [5, 4, 2, 1, 1, 3],
        }
        questions = [
            {"id": name, "column": "score", "measure": "csat", "scale": STARS, "where": {"asked": name}}
            for name in ("all", "food")
        ]
        found = counted(table, questions=questions, told={"customer_col": "who"})
        assert (found.observation, sum(found.observations), found.asked) == ("customer", 2, 3)
        # a: 5 and the mean of 4 and 2; b: 1 and 1
        assert whole(found.linear) == pytest.approx(np.array([[2, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 0.25]]))

    def test_weights_average_1_over_the_survey(self):
        table = {"all": [1, 5], "food": [1, 5], "w": [1.0, 3.0]}
        found = counted(table, told={"weight_col": "w"})
        assert whole(found.linear) == pytest.approx(np.array([[2, 1.5, 1.5]] + [[1.5, 1.5, 1.5]] * 2))
        assert sum(found.weight_squared) == 2_500_000

    def test_the_good_end_is_1_where_low_is_good(self):
        questions = [
            *stars("all"), {"column": "wait", "measure": "score", "scale": {**STARS, "better": "lower"}}
        ]  # fmt: skip
        found = counted({"all": [5, 1, 3], "wait": [1, 5, 2]}, questions=questions)
        assert whole(found.linear)[0].tolist() == [3, 1.5, 1.75]
        assert (found.rated_low, found.rated_high) == ((1,), (2,))
        assert (found.low[0], found.high[0]) == pytest.approx((11 / 3, 7 / 3))

    def test_filters_hold_and_are_told(self):
        feedback = Feedback(pa.table(SURVEY), questions=stars(*SURVEY)).where(food=["1", "3", "5"])
        found = driver_moments(feedback, outcome="all")
        assert sum(found.observations) == 3
        assert found.filters == ("food is '1' or '3' or '5'",)

    def test_nothing_is_left_in_an_engine_that_was_given(self):
        engine = DuckDBEngine()
        dropped = []
        drop, engine.drop = engine.drop, lambda name: (dropped.append(name), drop(name))
        counted(SURVEY, told={"engine": engine})
        assert len(dropped) == 5
        assert engine.run("select 1 as one").to_pylist() == [{"one": 1}]
        engine.close()

    def test_it_travels_as_json(self):
        found = counted(SURVEY, missing="indicator")
        assert DriverMoments.model_validate_json(found.model_dump_json()) == found


class TestCuts:
    def test_declared_for_all_or_by_question(self):
        found = counted(SURVEY, low=1, high={"food": 5})
        assert found.low == (1, 1)
        assert found.high == pytest.approx((5, 11 / 3))
        assert found.rated_low == (1, 1)
        assert found.rated_high == (1, 2)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"low": 0}, "low: 0 lies off the scale of 'food'"),
            ({"high": {"wifi": 6}}, "high: 6 lies off the scale of 'wifi'"),
            ({"low": 4, "high": 3}, "4 is no worse than 3"),
            ({"missing": "zero"}, "missing: 'zero' is no rule"),
            ({"drivers": ["food", "food"]}, "'food' stands twice"),
            ({"drivers": ["all"]}, "'all' is the outcome"),
            ({"low": {"wify": 2}}, "(?s)low: there is no driver 'wify'.*did you mean 'wifi'"),
            ({"high": {"all": 4}}, "high: there is no driver 'all'"),
            ({"drivers": []}, "there are none"),
        ],
    )
    def test_mistakes_are_told(self, options, said):
        with pytest.raises(JourneyMapError, match=said):
            counted(SURVEY, **options)

    def test_unknown_questions_are_told_with_the_nearest(self):
        with pytest.raises(UnknownNameError, match=r"(?s)drivers: there is no question 'fod'.*'food'"):
            counted(SURVEY, drivers=["fod"])
        with pytest.raises(UnknownNameError, match="outcome: there is no question 'nps'"):
            counted(SURVEY, outcome="nps")

    def test_another_kind_and_bad_answers_are_refused(self):
        with pytest.raises(WrongKindError, match="find_drivers"):
            driver_moments("survey.csv", outcome="all")
        with pytest.raises(InvalidLogError, match="off the scale"):
            counted({"all": [1, 9], "food": [1, 2]})


def test_a_triangle_has_its_size():
    with pytest.raises(ValueError, match="products of 2 variables are 3"):
        Moments(variables=("1", "y"), products=((1, 2),))
