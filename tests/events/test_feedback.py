"""What a survey table holds: every way to read it, what is refused, and counts against a plain oracle."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import InvalidLogError, WrongKindError
from journeymap.events.answers import answers, open_answers
from journeymap.events.feedback import Feedback
from journeymap.model.answers import ALL, Answers, Linking, Question
from journeymap.model.measures import Scale
from journeymap.model.set_aside import SetAside

NPS = {"column": "recommend", "measure": "nps"}
STARS = {"column": "stars", "measure": "csat", "scale": {"low": 1, "high": 5}}


def counted(table, questions=NPS, *, by=None, **told):
    source = pa.table(table) if isinstance(table, dict) else table
    return answers(Feedback(source, questions=questions, **told), by=by)


def sums(found, table="answers", measure="answers"):
    """Add a table of counts up over customer groups."""
    evidence = found.table(table)
    totals = Counter()
    for row, value in zip(evidence.row, evidence.measures[measure], strict=True):
        totals[evidence.keys[row]] += value
    return dict(totals)


def values(found, question=None):
    """How many answers of each value there are."""
    totals = Counter()
    for (name, _, _, value), n in sums(found).items():
        if question in {None, name}:
            totals[value] += n
    return dict(totals)


class TestQuestions:
    def test_a_measure_knows_its_scale(self):
        assert Question(column="q", measure="nps").scale == Scale(low=0, high=10)
        assert Question(column="q", measure="feeling").scale == Scale(low=-2, high=2)
        assert Question(column="q", measure="ces", version="1.0").scale == Scale(
            low=1, high=5, better="lower"
        )
        assert Question(column="q", measure="ces", version="2.0").scale == Scale(low=1, high=7)

    @pytest.mark.parametrize("measure", ["csat", "score", "ces"])
    def test_a_scale_that_cannot_be_known_has_to_be_told(self, measure):
        with pytest.raises(ValidationError, match=r"'q' has no scale"):
            Question(column="q", measure=measure)

    def test_nps_is_asked_from_0_to_10_alone(self):
        with pytest.raises(ValidationError, match="asked from 0 to 10, not from 1 to 10"):
            Question(column="q", measure="nps", scale={"low": 1, "high": 10})

    def test_only_service_has_elements(self):
        with pytest.raises(ValidationError, match="only service questions have an element"):
            Question(**STARS, element="human")
        assert Question(**STARS, family="service", element="human").element == "human"

    def test_names_and_codes(self):
        asked = Question(column="NETPRO", measure="nps", blank=[11, "none", 12.0, 0.5])
        assert (asked.id, asked.name, asked.blank) == ("NETPRO", "NETPRO", ("11", "none", "12", "0.5"))
        assert Question(**STARS, where={"asked": 3}).where == {"asked": "3"}

    @pytest.mark.parametrize("field", ["id", "touchpoint"])
    def test_a_star_is_no_name(self, field):
        with pytest.raises(ValidationError, match="stands for all"):
            Question(**STARS, **{field: ALL})

    def test_errors_of_questions_arrive_as_ours(self):
        with pytest.raises(InvalidLogError, match=r"questions\[1\].*has no scale"):
            counted({"recommend": [1]}, [NPS, {"column": "x", "measure": "csat"}])
        with pytest.raises(InvalidLogError, match="stands twice"):
            counted({"recommend": [1]}, [NPS, NPS])
        with pytest.raises(InvalidLogError, match="there are none"):
            counted({"recommend": [1]}, [])
        with pytest.raises(InvalidLogError, match="off_scale: 'keep' is no rule"):
            counted({"recommend": [1]}, off_scale="keep")


class TestSources:
    def test_the_same_answers_from_everywhere(self, tmp_path):
        rows = {"who": ["007", "NA", "a", "b"], "recommend": [10, 0, None, 7], "stars": [5, None, 1, 3]}
        table = pa.table(rows)
        pq.write_table(table, tmp_path / "s.parquet")
        pl.from_arrow(table).write_csv(tmp_path / "s.csv")
        sources = [
            table, pd.DataFrame(rows), pl.DataFrame(rows), tmp_path / "s.parquet", tmp_path / "s.csv",
            str(tmp_path / "*.csv"),
        ]  # fmt: skip
        for source in sources:
            found = counted(source, [NPS, STARS], customer_col="who")
            assert (found.rows, found.customers) == (4, 4)
            assert values(found, "recommend") == {"0": 1, "7": 1, "10": 1}
            assert values(found, "stars") == {"1": 1, "3": 1, "5": 1}
            assert found.blank == {"recommend": 1, "stars": 1}

    def test_nothing_is_read_until_asked(self):
        assert "nowhere.csv" in str(Feedback("nowhere.csv", questions=NPS))

    def test_without_customers_every_row_is_one(self):
        assert counted({"recommend": [1, 1, 1]}).customers == 3

    def test_customers_are_counted_once(self):
        found = counted({"who": ["a", "a", "b"], "recommend": [1, 2, 3]}, customer_col="who")
        assert (found.rows, found.customers) == (3, 2)
        assert sums(found, "respondents", "customers")["recommend", ALL, ALL, ALL] == 2
        assert sums(found, "respondents", "answers")["recommend", ALL, ALL, ALL] == 3

    def test_what_is_no_feedback(self):
        with pytest.raises(WrongKindError, match="put the survey into a Feedback"):
            answers(pa.table({"recommend": [1]}))


class TestQuestionsThatAreNone:
    @pytest.mark.parametrize(
        ("asked", "sentence"),
        [
            (
                {"column": "stars", "measure": "csta"},
                (
                    "questions[0].measure: no measure 'csta'. Expected one of: nps, csat, ces, feeling, score.\n"
                    "Hint: did you mean 'csat'?"
                ),
            ),
            (
                {"column": "easy", "measure": "ces", "version": "2"},
                "questions[0].version: no version '2'. Expected one of: 1.0, 2.0.\nHint: did you mean '2.0'?",
            ),
            (
                {"column": "easy", "measure": "ces", "version": 2.0},
                (
                    "questions[0].version: no version 2.0. Expected one of: 1.0, 2.0.\n"
                    "Hint: put it in quotes: '2.0'"
                ),
            ),
            (
                {"column": "stars", "scale": {"low": 5, "high": 1}},
                "questions[0].scale: this does not fit: a scale runs from low to high, got 5 to 1.",
            ),
            ({"measure": "nps"}, "questions[0]: the key 'column' is missing. Expected text there."),
        ],
    )
    def test_the_door_names_field_expectation_and_nearest_word(self, asked, sentence):
        with pytest.raises(InvalidLogError) as caught:
            Feedback("nowhere.csv", questions=asked)
        assert str(caught.value) == sentence

    def test_a_misspelt_key_and_a_bare_column(self):
        with pytest.raises(InvalidLogError, match=r"no key 'colum' in a Question.*\n.*did you mean 'column'"):
            Feedback("nowhere.csv", questions={"colum": "stars"})
        for bare in ("stars", ["stars"]):
            with pytest.raises(InvalidLogError, match=r"questions\[0\]: 'stars' is text. Expected a mapping"):
                Feedback("nowhere.csv", questions=bare)
        with pytest.raises(InvalidLogError, match="questions: there are none"):
            Feedback("nowhere.csv", questions=None)

    def test_the_nearest_column_of_by_whatever_its_case(self):
        for column in ("region", "REGION"):
            with pytest.raises(InvalidLogError, match=f"no column 'regoin' .for by.*\n.*mean '{column}'"):
                answers(Feedback(pa.table({"stars": [1], column: ["n"]}), questions=STARS), by="regoin")


class TestBlankAndOffScale:
    def test_declared_codes_and_empty_cells_are_blank(self):
        asked = {**NPS, "blank": [11, "refused"]}
        found = counted({"recommend": ["10", "11", "11.0", " 11 ", "", None, "refused", "0"]}, asked)
        assert values(found) == {"0": 1, "10": 1}
        assert found.blank == {"recommend": 6}

    @pytest.mark.parametrize("code", ["inf", "nan", "-Infinity"])
    def test_a_code_that_sounds_like_a_number_is_a_word(self, code):
        found = counted({"recommend": ["3", code]}, {**NPS, "blank": [code, 11]})
        assert (values(found), found.blank) == ({"3": 1}, {"recommend": 1})

    def test_0_is_blank_only_where_it_is_said(self):
        assert values(counted({"recommend": [0, 5]})) == {"0": 1, "5": 1}
        assert values(counted({"recommend": [0, 5]}, {**NPS, "blank": 0})) == {"5": 1}

    def test_what_is_off_the_scale_is_refused_with_the_values_seen(self):
        with pytest.raises(InvalidLogError) as caught:
            counted({"who": ["secret"] * 5, "recommend": [11, 11, 12, -1, 3]}, customer_col="who")
        text = str(caught.value)
        assert "column 'recommend': 4 answers are off the scale: '11' (2)" in text
        assert "a whole number from 0 to 10" in text
        assert "blank=['11', '-1', '12']" in text
        assert "secret" not in text

    @pytest.mark.parametrize(
        ("cells", "hint"),
        [
            (
                ["good", "bad", "fine", "good"],
                "say which number each text stands for: values={'good': …, 'bad': …, 'fine': …}; off_scale=",
            ),
            (
                ["5", "4", "3", "n/a"],
                (
                    "say which number each text stands for: values={'n/a': …}; if these codes mean that nothing was "
                    "answered, declare them: blank=['n/a']; off_scale="
                ),
            ),
            (["99", "99"], "if these codes mean that nothing was answered, declare them: blank=['99']; "),
            (
                ["4,5", "3,0", "2"],
                (
                    "'3,0' has a decimal comma: write points instead, for example with "
                    "pandas.read_csv(..., decimal=','); off_scale="
                ),
            ),
            (
                list("abcdefgh"),
                (
                    "say which number each text stands for: "
                    "values={'a': …, 'b': …, 'c': …, 'd': …, 'e': …, 'f': …, …}; off_scale="
                ),
            ),
        ],
    )
    def test_the_hint_says_what_such_cells_may_be(self, cells, hint):
        with pytest.raises(InvalidLogError) as caught:
            counted({"stars": cells}, STARS)
        assert caught.value.hint.startswith(hint)

    @pytest.mark.parametrize("strange", ["7.5", "n/a", "nan", "inf", "1e9"])
    def test_what_is_no_answer(self, strange):
        with pytest.raises(InvalidLogError, match="off the scale"):
            counted({"recommend": ["3", strange]})

    def test_free_text_does_not_stand_in_messages(self):
        with pytest.raises(InvalidLogError) as caught:
            counted({"recommend": ["3"] + [f"my name is Jane Doe, {n}, and I" for n in range(20)]})
        assert "and 14 more" in str(caught.value)
        assert "Jane Doe" not in str(caught.value)

    def test_what_is_off_the_scale_is_left_out_and_counted(self):
        found = counted({"recommend": [11, 11, 3]}, off_scale="drop")
        assert values(found) == {"3": 1}
        assert [(one.column, one.count) for one in found.set_aside] == [("recommend", 2)]
        assert "2 left out: answers off the scale from 0 to 10 (column recommend)" in str(found)

    def test_halves_are_answers_where_they_can_be(self):
        assert values(counted({"stars": [3.5, 4]}, STARS)) == {"3.5": 1, "4": 1}

    def test_texts_stand_for_scores(self):
        asked = {"column": "tone", "measure": "feeling", "values": {"glad": 2, "so-so": 0, "cross": -1}}
        found = counted({"tone": ["glad", "cross", "glad", "so-so", "-2"]}, asked)
        assert values(found) == {"-2": 1, "-1": 1, "0": 1, "2": 2}

    def test_expectations_off_the_scale_are_refused_or_counted(self):
        asked = {**STARS, "expected_col": "hoped", "blank": 0}
        table = {"stars": [5, 4, 0, 3], "hoped": [4, 9, 9, None]}
        with pytest.raises(
            InvalidLogError, match=r"column 'hoped': 1 expectations are off the scale: '9' \(1\)"
        ):
            counted(table, asked)
        found = counted(table, asked, off_scale="drop")
        assert values(found) == {"3": 1, "4": 1, "5": 1}
        assert sums(found, "gaps", "answers") == {("stars", "", ""): 1}
        assert [(one.column, one.count) for one in found.set_aside] == [("hoped", 1)]
        assert found.blank == {"stars": 1}


class TestRows:
    def test_one_row_an_answer(self):
        table = {"who": ["a", "a", "b"], "asked": ["nps", "csat", "nps"], "score": [9, 5, 3]}
        asked = [
            {"column": "score", "id": "r", "measure": "nps", "where": {"asked": "nps"}},
            {"column": "score", "id": "s", "measure": "csat", "scale": {"low": 1, "high": 5},
             "where": {"asked": "csat"}},
        ]  # fmt: skip
        found = counted(table, asked, customer_col="who")
        assert values(found, "r") == {"3": 1, "9": 1}
        assert values(found, "s") == {"5": 1}
        assert found.blank == {"r": 0, "s": 0}

    def test_two_questions_may_read_one_column(self):
        asked = [NPS, {"column": "recommend", "id": "again", "scale": {"low": 0, "high": 10}}]
        found = counted({"recommend": [9, 3]}, asked)
        assert values(found, "recommend") == values(found, "again") == {"3": 1, "9": 1}

    @pytest.mark.parametrize(("column", "what"), [("who", "no customer"), ("when", "no time")])
    def test_missing_customers_and_times_are_refused_or_dropped(self, column, what):
        table = {
            "who": ["a", "b", "c"],
            "when": ["2024-01-01", "2024-01-02", "2024-01-03"],
            "recommend": [1, 2, 3],
        }
        table[column] = [*table[column][:2], None]
        roles = {"customer_col": "who", "time_col": "when"}
        with pytest.raises(InvalidLogError, match=f"column '{column}': 1 of 3 rows have {what}"):
            counted(table, **roles)
        assert values(counted(table, on_missing="drop", **roles)) == {"1": 1, "2": 1}

    def test_times_that_cannot_be_read(self):
        table = {"when": ["2024-01-01", "soon"], "recommend": [1, 2]}
        with pytest.raises(InvalidLogError, match="1 of 2 rows have a time that cannot be read"):
            counted(table, time_col="when")
        with pytest.raises(InvalidLogError, match="1 of 2 times name a time zone"):
            counted({"when": ["2024-01-01T00:00:00Z", "2024-01-01"], "recommend": [1, 2]}, time_col="when")
        assert (
            counted({"when": ["31/12/2024"], "recommend": [1]}, time_col="when", time_format="%d/%m/%Y").rows
            == 1
        )

    def test_periods_and_conditions(self):
        table = pa.table({
            "when": [datetime(2024, 5, day) for day in (1, 2, 3)],  # noqa: DTZ001
            "land": ["a", None, "b"], "recommend": [1, 2, 3],
        })  # fmt: skip
        survey = Feedback(table, questions=NPS, time_col="when")
        assert values(answers(survey.between("2024-05-02", "2024-05-03"))) == {"2": 1}
        assert values(answers(survey.where(land=["a", None]))) == {"1": 1, "2": 1}
        assert survey.where(land="a").filters_in_words() == ("land is 'a'",)
        with pytest.raises(InvalidLogError, match="no answer is left by the filters: land is 'x'"):
            answers(survey.where(land="x"))
        with pytest.raises(InvalidLogError, match="have no time"):
            Feedback(table, questions=NPS).between("2024-05-02", "2024-05-03")

    def test_an_empty_table(self):
        with pytest.raises(InvalidLogError, match="there are no answers"):
            counted({"recommend": pa.array([], pa.int64())})

    @pytest.mark.parametrize(
        ("told", "named"),
        [
            (
                {"questions": {"column": "recomend", "measure": "nps"}},
                r"'recomend' \(for questions\[0\].column\)",
            ),
            ({"customer_col": "x"}, r"'x' \(for customer_col\)"),
            ({"weight_col": "x"}, r"'x' \(for weight_col\)"),
            ({"by": "x"}, r"'x' \(for by\)"),
            ({"questions": {**NPS, "expected_col": "x"}}, r"'x' \(for questions\[0\].expected_col\)"),
            ({"questions": {**NPS, "where": {"x": 1}}}, r"'x' \(for questions\[0\].where\['x'\]\)"),
        ],
    )
    def test_missing_columns(self, told, named):
        with pytest.raises(InvalidLogError, match=f"no column {named}"):
            counted({"recommend": [1]}, **told)

    def test_a_column_that_is_nearly_there(self):
        with pytest.raises(InvalidLogError, match="did you mean 'recommend'"):
            counted({"recommend": [1]}, {"column": "recomend", "measure": "nps"})


class TestWeights:
    def test_they_average_1(self):
        found = counted({"recommend": [1, 2, 2], "w": [1.0, 2.0, 3.0]}, weight_col="w")
        assert found.weighted
        assert sums(found, measure="weight") == {
            ("recommend", "", "", "1"): 500_000, ("recommend", "", "", "2"): 2_500_000,
        }  # fmt: skip
        assert sums(found, measure="weight_squared")["recommend", "", "", "2"] == 1_000_000 + 2_250_000
        assert sums(found, measure="score")["recommend", "", "", "2"] == 5_000_000
        assert sums(found, measure="score_squared")["recommend", "", "", "2"] == 10_000_000

    def test_weights_that_cannot_be_read_are_refused_with_the_values_seen(self):
        table = {"recommend": [9, 9, 10, 2, 3, 9], "w": ["1", "2", "1", "1,5", "0,7", "1"]}
        with pytest.raises(InvalidLogError) as caught:
            counted(table, weight_col="w")
        assert "column 'w': 2 of 6 rows have no weight that can be read: '0,7' (1), '1,5' (1). " in str(
            caught.value
        )
        assert caught.value.hint.startswith("'0,7' has a decimal comma: write points instead")
        with pytest.raises(InvalidLogError) as caught:
            counted({"recommend": [1] * 10, "w": [None, None, *"abcdefgh"]}, weight_col="w")
        assert "10 of 10 rows have no weight that can be read: empty (2), 'a' (1), " in str(caught.value)
        assert "'e' (1), …. Expected numbers from 0." in str(caught.value)
        assert caught.value.hint == "on_missing='drop' leaves such rows out, counted"

    @pytest.mark.parametrize("strange", [None, -1.0, float("nan"), float("inf"), float("-inf"), 1e305])
    def test_rows_without_a_weight_are_refused_or_left_out_and_counted(self, strange):
        table = {"recommend": [1, 2, 3], "w": [1.0, strange, 0.0]}
        with pytest.raises(InvalidLogError, match="column 'w': 1 of 3 rows have no weight that can be read"):
            counted(table, weight_col="w")
        found = counted(table, weight_col="w", on_missing="drop")
        assert values(found) == {"1": 1, "3": 1}
        assert [(one.column, one.count) for one in found.set_aside] == [("w", 1)]


class TestPlaces:
    def test_questions_and_rows_name_touchpoints(self):
        table = {"about": ["pay", None, "ad"], "recommend": [1, 2, 3], "stars": [1, 2, 3]}
        found = counted(table, [NPS, {**STARS, "touchpoint": "desk"}], touchpoint_col="about")
        assert {key[1] for key in found.table("answers").keys if key[0] == "recommend"} == {"pay", "", "ad"}
        assert {key[1] for key in found.table("answers").keys if key[0] == "stars"} == {"desk"}
        assert found.linking == Linking(by_question=3, by_column=2)
        assert found.linking.linked == 5


def survey(rows, seed=1):
    """A survey with repeated customers, two segments, blanks, touchpoints and expectations."""
    rng = random.Random(seed)  # noqa: S311
    return [
        {
            "who": f"c{rng.randrange(rows // 3)}",
            "part": rng.choice(["north", "south", None]),
            "about": rng.choice(["pay", "ad", None]),
            "stars": rng.choice([1, 2, 3, 4, 5, None]),
            "hoped": rng.choice([1, 3, 5, None]),
        }
        for _ in range(rows)
    ]


@pytest.fixture(scope="module", params=[60, 600])
def both(request):
    rows = survey(request.param)
    asked = {**STARS, "expected_col": "hoped"}
    table = pa.Table.from_pylist(rows)
    return rows, counted(table, asked, customer_col="who", touchpoint_col="about", by="part")


class TestOracle:
    """Counts by plain Python loops."""

    def test_answers(self, both):
        rows, found = both
        expected = Counter(
            ("stars", row["about"] or "", row["part"] or "", str(row["stars"]))
            for row in rows
            if row["stars"]
        )
        assert sums(found) == expected
        assert found.count("stars") == expected.total()
        assert found.blank["stars"] == len(rows) - expected.total()
        assert found.segments == ("", "north", "south")

    def test_respondents_at_every_level(self, both):
        rows, found = both
        people, told = defaultdict(set), Counter()
        for row in rows:
            if not row["stars"]:
                continue
            for about in (row["about"] or "", ALL):
                for part in (row["part"] or "", ALL):
                    for stage in ("", ALL):
                        people["stars", stage, about, part].add(row["who"])
                        told["stars", stage, about, part] += 1
        assert sums(found, "respondents", "answers") == told
        assert sums(found, "respondents", "customers") == {key: len(who) for key, who in people.items()}

    def test_gaps(self, both):
        rows, found = both
        gaps, n = defaultdict(float), Counter()
        for row in rows:
            if row["stars"] and row["hoped"]:
                key = ("stars", row["about"] or "", row["part"] or "")
                gaps[key] += (row["stars"] - row["hoped"]) / 4
                n[key] += 1
        assert sums(found, "gaps", "answers") == n
        assert {key: value / 1e6 for key, value in sums(found, "gaps", "gap").items()} == pytest.approx(gaps)

    def test_groups(self, both):
        _, found = both
        assert {table.groups for table in found.tables} == {min(found.customers, 64)}

    def test_shuffled_rows_give_the_same_counts(self, both):
        rows, found = both
        mixed = random.Random(2).sample(rows, len(rows))  # noqa: S311
        again = counted(
            pa.Table.from_pylist(mixed), {**STARS, "expected_col": "hoped"}, customer_col="who",
            touchpoint_col="about", by="part",
        )  # fmt: skip
        assert again.tables == found.tables

    def test_low_is_good_turns_gaps_round(self):
        asked = {"column": "found", "expected_col": "hoped", "measure": "ces", "version": "1.0"}
        found = counted({"found": [1], "hoped": [3]}, asked)
        assert sums(found, "gaps", "gap") == {("found", "", ""): 500_000}


class TestEngine:
    def test_a_given_engine_is_left_clean(self):
        engine = DuckDBEngine()
        answers(Feedback(pa.table({"recommend": [1, 2]}), questions=NPS, engine=engine))
        assert engine.run("select 1 as one").to_pylist() == [{"one": 1}]
        with open_answers(Feedback(pa.table({"recommend": [1, 2]}), questions=NPS), engine=engine) as opened:
            assert opened.engine is engine
            name = opened.long
            assert engine.run(f"select count(*) as n from {name}").to_pylist() == [{"n": 2}]
        with pytest.raises(Exception, match=name):
            engine.run(f"select count(*) as n from {name}")
        engine.close()


class TestValues:
    def test_they_travel_as_json(self):
        found = counted({"recommend": [1, 9], "w": [1.0, 2.0]}, weight_col="w")
        assert Answers.model_validate_json(found.model_dump_json()) == found

    def test_they_say_what_they_hold(self):
        found = counted({"recommend": [1, 9, None]}, {**NPS, "name": "Recommend <us>"})
        assert "Recommend <us> (nps, 0 to 10): 2 answers, 1 blank" in str(found)
        assert "&lt;us&gt;" in found._repr_html_()
        assert found.question("nobody") is None
        assert found.table("nothing") is None
        assert found.segments == ()
        assert str(SetAside(kind="late", column="t", count=1200)) == "1,200 left out: late (column t)"


class TestRealSurvey:
    def test_the_airport(self, shared_data):
        path = shared_data / "sfo_survey_2017" / "2017_SFO_Customer_Survey_20250817.csv"
        found = answers(Feedback(path, questions={"column": "NETPRO", "measure": "nps", "blank": 11}))
        assert (found.rows, found.count("NETPRO"), found.blank["NETPRO"]) == (2831, 2746, 85)
        assert "0" in values(found)
        with pytest.raises(
            InvalidLogError, match=r"column 'NETPRO': 84 answers are off the scale: '11' \(84\)"
        ):
            answers(Feedback(path, questions={"column": "NETPRO", "measure": "nps"}))


def test_how_answers_were_found_is_a_sentence():
    found = Linking(by_question=1, by_time=20, without_customer=3, too_late=2, window_seconds=86400)
    assert str(found) == (
        "21 answers found a touchpoint (by question 1, by time 20); not found: customer not in the log 3, "
        "no touchpoint within 1 day before 2"
    )
    assert str(Linking(by_column=1)) == "1 answer found a touchpoint (by row 1)"
