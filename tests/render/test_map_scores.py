"""The scores of surveys and tickets on a map: their rows, how they are written, and where they stand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.events.feedback import Feedback
from journeymap.events.with_feedback import with_feedback
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate, MeasuredScore
from journeymap.render.journey_map import draw_map, map_scene
from journeymap.render.map_columns import choose_columns
from journeymap.render.map_importance import lane_order
from journeymap.render.map_scores import bar_of, choose_scores, score_in_words, score_range, score_value
from journeymap.render.map_vertical import vertical_scene
from journeymap.render.paint import paint
from journeymap.render.scene import Box
from journeymap.render.theme import DEFAULT_THEME
from tests.render.overlap import assert_readable
from tests.render.samples import answered, broadband, tiny

FIVE, TEN, ONE = {"low": 1, "high": 5}, {"low": 0, "high": 10}, {"low": 0, "high": 1}


def score(value, low=None, high=None, *, unit="score", scale=FIVE, n=100, question="q", **told):
    estimate = Estimate(value=value, low=low, high=high, n=n, customers=n)
    return MeasuredScore(
        question=question,
        name=told.pop("name", "Ease"),
        scale=None if unit == "seconds" else scale,
        unit=unit,
        estimate=estimate,
        **told,
    )


def promoted(value, low=None, high=None, **told):
    return score(value, low, high, unit="net_promoter", scale=TEN, **told)


def journey(*scores):
    return Journey(
        name="Shop",
        touchpoints=[
            {"id": f"t{place}", "name": f"Touchpoint {place}", "stage": "purchase", "scores": here}
            for place, here in enumerate(scores)
        ],
    )


def rows(found):
    return choose_scores(found, choose_columns(found).shown).rows


@pytest.mark.parametrize(
    ("given", "value", "ends"),
    [
        (score(4.21, 4.1, 4.32), "4.2", "4.1–4.3"),
        (score(4.21, 4.17, 4.24), "4.2", "4.17–4.24"),
        (score(4, 4, 4), "4.0", "4.0–4.0"),
        (score(-0.4, -1.2, 0.3, scale={"low": -2, "high": 2}), "−0.4", "−1.2 to 0.3"),
        (score(71.6, 66, 78, scale={"low": 0, "high": 100}), "72", "66–78"),
        (promoted(0.398, 0.37, 0.425), "+40", "+37 to +42"),
        (promoted(-0.12, -0.2, 0.004), "−12", "−20 to 0"),
        (promoted(0.0), "0", ""),
        (score(0.004, 0, 0.02, unit="share", scale=ONE), "0.4 %", "0–2 %"),
        (score(8_100, 7_200, 9_000, unit="seconds"), "2.2 hours", "2–2.5 hours"),
        (score(0, 0, 11_769, unit="seconds"), "0 hours", "0–3.3 hours"),
        (score(30, 0, 11_769, unit="seconds"), "0.5 minutes", "0–196.2 minutes"),
        (score(1, 0, 200_000, unit="seconds"), "0.0003 hours", "0–55.6 hours"),
        (score(0, 0, 0, unit="seconds"), "0 seconds", "0–0 seconds"),
        (score(0, unit="seconds"), "0 seconds", ""),
        (score(None), "", ""),
    ],
)
def test_a_number_is_written_in_its_unit(given, value, ends):
    assert (score_value(given), score_range(given)) == (value, ends)


@pytest.mark.parametrize(
    ("given", "reach"),
    [
        (score(4), (0, 0.75)),
        (score(2, scale={**FIVE, "better": "lower"}), (0, 0.25)),
        (promoted(0.4), (0.5, 0.7)),
        (promoted(-1), (0, 0.5)),
        (score(0.3, unit="share", scale=ONE), (0, 0.3)),
        (score(60, unit="seconds"), None),
        (score(None), None),
    ],
)
def test_a_bar_reaches_to_the_number_on_its_scale(given, reach):
    assert bar_of(given) == (reach and pytest.approx(reach))


def test_bars_are_drawn_so_long():
    found = map_scene(journey([score(4)], [promoted(0.4)]), lanes=["metrics"])
    boxes = {
        mark: [box for box in found.items if isinstance(box, Box) and box.mark == mark]
        for mark in ("score", "net_promoter")
    }
    track, part = boxes["score"]
    assert (part.x, part.width) == pytest.approx((track.x, track.width * 0.75))
    track, part, middle = boxes["net_promoter"]
    assert part.x == pytest.approx(track.x + track.width / 2) == pytest.approx(middle.x + middle.width / 2)
    assert part.width == pytest.approx(track.width * 0.2)


def test_a_question_asked_at_several_touchpoints_has_a_row():
    found = rows(journey([score(4), promoted(0.2, question="nps", name="Recommend")], [], [score(3)]))
    assert [(row.name, list(row.cells), row.several) for row in found] == [
        ("Ease", ["t0", "t2"], False),
        ("Recommend", ["t0"], False),
    ]


def test_questions_about_a_touchpoint_each_share_a_row_until_they_meet():
    own = [[score(4, question=f"q{place}", name=f"Quality {place}")] for place in range(4)]
    own[2].append(score(2, question="clean", name="Cleanliness"))
    first, second = rows(journey(*own))
    assert (first.name, list(first.cells), first.several) == ("score", ["t0", "t1", "t2", "t3"], True)
    assert (second.name, list(second.cells), second.several) == ("Cleanliness", ["t2"], False)
    texts = map_scene(journey(*own), lanes=["metrics"]).texts()
    assert {"Quality 0", "Quality 3", "Cleanliness", "1–5"} <= set(texts)


def test_questions_on_other_scales_do_not_share_a_row():
    found = rows(journey([score(4, question="a")], [score(4, question="b", scale=TEN)]))
    assert len(found) == 2


def test_questions_of_one_name_need_it_only_once():
    (row,) = rows(journey([score(4, question="a")], [score(2, question="b")]))
    assert (row.name, row.several) == ("Ease", False)


def test_five_rows_have_room_and_the_rest_is_said():
    many = [score(4, question=f"q{n}", name=f"Question {n}") for n in range(7)]
    found = journey(many, many[2:], many[2:6])
    chosen = choose_scores(found, choose_columns(found).shown)
    assert [row.name for row in chosen.rows] == [f"Question {n}" for n in range(2, 7)]
    assert [row.name for row in chosen.cut] == ["Question 0", "Question 1"]
    scene = map_scene(found, notes=True)
    assert "+ 2 more ¹" in scene.texts()
    assert "metrics: Question 0; Question 1" in scene.texts()
    assert "Question 0 4.0" in scene.description
    upright = vertical_scene(found)
    assert "Questions without a column: Question 0; Question 1." in upright.texts()


def test_what_nobody_answered_stays_blank():
    assert rows(journey([score(None)], [])) == ()
    assert "METRICS" not in map_scene(journey([score(None)], [])).texts()
    assert map_scene(journey([score(4)], [score(None)])).texts().count("4.0") == 1


def test_few_answers_are_marked():
    scene = map_scene(journey([score(4, n=19)], [score(3, n=20)]))
    assert [label.mark for label in scene.labels() if label.text == "°" and label.mark == "few"] == ["few"]
    assert "Ease 4.0 on a scale from 1 to 5 (19 answers) from a small sample" in scene.description
    assert "n 19" in scene.texts()


def test_a_score_in_words_says_who_told_it():
    told = score_in_words(score(5_400, 3_600, 7_200, unit="seconds", source="tickets", name="First response"))
    assert told == "First response 1.5 hours (1 hour to 2 hours; 100 contacts)"
    assert score_in_words(promoted(-0.3)) == "Ease net promoter score −30 (100 answers)"


def test_answers_laid_on_a_design_are_on_its_map():
    table = pa.table({"ask": [1, 2, 5, 9], "buy": [5, 5, 4, 9], "who": ["a", "b", "c", "d"]})
    questions = [
        {"column": column, "measure": "csat", "scale": FIVE, "blank": 9, "touchpoint": column, "name": name}
        for column, name in (("ask", "Help"), ("buy", "Order"))
    ]
    asked = with_feedback(tiny(), Feedback(table, customer_col="who", questions=questions))
    scene = map_scene(asked)
    assert {"METRICS", "satisfaction", "1–5", "2.7", "4.7", "Help", "Order"} <= set(scene.texts())
    assert "survey: 4 customers (small sample)" in " ".join(scene.texts())
    assert "A survey asked 4 customers 2 questions." in scene.description
    assert_readable(draw_map(asked))


def test_numbers_come_next_to_the_feeling_where_something_was_measured():
    plain, asked = broadband(), answered(broadband())
    assert lane_order(plain, choose_columns(plain).shown)[1] == "pain points"
    assert lane_order(asked, choose_columns(asked).shown)[1] == "metrics"


def test_a_vertical_map_has_a_column_for_each_row():
    asked = answered(broadband())
    scene = vertical_scene(asked, lanes=["feeling", "metrics"])
    names = [row.name for row in rows(asked)]
    assert names[0] == "Would recommend us"
    assert "SCORE 1–5" in scene.texts()
    assert sum(label.mark == "number" for label in scene.labels()) == sum(
        len(row.cells) for row in rows(asked)
    )
    assert_readable(paint(scene, None, DEFAULT_THEME))
