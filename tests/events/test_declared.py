"""What a file says of a survey or of tickets: what it keeps, and what is refused with its line."""

from __future__ import annotations

import pytest

from journeymap.errors import FileFormatError, InvalidLogError
from journeymap.events.declared import read_feedback, read_tickets

SURVEY = "source: s.csv\ntime_col: when\nquestions: [{column: recommend, measure: nps}]\n"
TICKETS = "source: t.csv\nopened_col: opened\n\n"


@pytest.fixture(params=[(SURVEY, read_feedback), (TICKETS, read_tickets)], ids=["survey", "tickets"])
def read(request, tmp_path):
    text, reader = request.param

    def read_with(lines):
        (tmp_path / "a.yaml").write_text(text + lines)
        return reader(tmp_path / "a.yaml")

    return read_with


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("where: {self: north, 2024: [a, null]}", ("self is 'north'", "2024 is 'a' or missing")),
        ("where:\nbetween:", ()),
        ("where: {}", ()),
        ("between: [2025-03-01, 2025-04-01]", ("from 2025-03-01 until before 2025-04-01",)),
    ],
)
def test_filters_are_kept(read, lines, words):
    assert read(lines).filters_in_words() == words


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("where: Nord", "where: 'Nord' names no values to keep. Expected columns, and for each"),
        ("where: [Region]", "where: a list names no values"),
        ("where: {Region: []}", "where, Region: an empty list names no values"),
        ("where: {Region: {is: Nord}}", "where, Region: a mapping names no values"),
        ("where: {Region: [[Nord]]}", "where, Region: a list names no values"),
        ("between: [2025-03-01]", "between: a list is no period. Expected a list of a start and an end"),
        ("between: 2025-03-01", "between: '2025-03-01' is no period."),
        ("between: {start: 2025-03-01, end: 2025-04-01}", "between: a mapping is no period."),
        ("between: [2025-03-01, null]", "between: a list is no period."),
        ("between: [2025-04-01, 2025-03-01]", "2025-04-01 to 2025-03-01 is no period."),
        ("between: [soon, 2025-03-01]", "start: 'soon' is no time."),
    ],
)
def test_filters_that_are_none_name_the_line_and_an_example(read, line, sentence):
    with pytest.raises((FileFormatError, InvalidLogError)) as caught:
        read(line)
    assert "a.yaml:4: " in str(caught.value)
    assert sentence in str(caught.value)
    assert caught.value.hint


def test_a_single_question_needs_no_list(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("source: s.csv\nquestions: {column: recommend, measure: nps}\n")
    assert [question.id for question in read_feedback(file).questions] == ["recommend"]
    file.write_text("source: s.csv\nquestions:\n  column: recommend\n  measure: npz\n")
    with pytest.raises(InvalidLogError, match=r"a.yaml:4: questions.*no measure 'npz'"):
        read_feedback(file)


@pytest.mark.parametrize(
    ("given", "problem"),
    [("NPS", "'NPS' declares no question."), ("", "no questions are declared."), ("[]", "no questions are")],
)
def test_questions_that_are_none(tmp_path, given, problem):
    file = tmp_path / "a.yaml"
    file.write_text(f"source: s.csv\nquestions: {given}\n")
    with pytest.raises(InvalidLogError, match=problem) as caught:
        read_feedback(file)
    assert "a.yaml:2: questions" in str(caught.value)
    assert caught.value.hint == "questions: [{column: recommend, measure: nps}]"
