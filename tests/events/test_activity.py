"""Who is active in which period: on fingers, against plain Python, at the edges of months, zones and logs."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from journeymap.errors import InvalidLogError, UnknownNameError, WrongKindError
from journeymap.events.activity import activity, cohorts
from journeymap.events.spans import spans_until_second, spans_until_silence
from journeymap.model.cohorts import Cohorts
from journeymap.model.journey import Journey
from tests.events.activity_logs import (
    check_activity,
    check_cohorts,
    counted,
    lengths,
    logged,
    month_number,
    naive,
    random_rows,
    told_seconds,
    told_silences,
    week_number,
)

FEW = [
    ("a", "use", "2024-01-05"), ("a", "use", "2024-02-29"), ("a", "use", "2024-03-31"),
    ("b", "use", "2024-01-31"), ("b", "use", "2024-03-01"),
    ("c", "use", "2024-02-10"), ("c", "use", "2024-02-11"),
]  # fmt: skip


def cells(found):
    return {(cell.cohort, cell.age): (cell.active, cell.unbroken, cell.size) for cell in found.cells()}


def test_cohorts_on_fingers():
    found = cohorts(logged(FEW))
    assert cells(found) == {
        ("2024-01", 0): (2, 2, 2), ("2024-01", 1): (1, 1, 2), ("2024-01", 2): (2, 1, 2),
        ("2024-02", 0): (1, 1, 1), ("2024-02", 1): (0, 0, 1),
    }  # fmt: skip
    assert found.customers == 3
    assert [period.name for period in found.timeline.periods] == ["2024-01", "2024-02", "2024-03"]
    assert counted(found.table("periods"), "kept") == {1: 1, 2: 1}, "b pauses in February"
    assert "2024-03" not in str(found)
    assert "50% were active" not in str(found)
    assert "one month later 33% were active (1 of 3)" in str(found)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("period", ["month", "week"])
@pytest.mark.parametrize("active", [None, ("use", "buy")])
def test_cohorts_against_plain_python(seed, period, active):
    rows = random_rows(seed)
    number = month_number if period == "month" else week_number
    check_cohorts(cohorts(logged(rows), period=period, active=active), rows, number, active=active)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("look_back", [None, 1, 3])
def test_activity_against_plain_python(seed, look_back):
    rows = random_rows(seed, customers=90)
    found = activity(
        logged(rows), active=["use", "buy"], purchase="buy", service=["call"], look_back=look_back
    )
    assert found.table.groups == 64, "more customers than groups"
    check_activity(found, rows, look_back=look_back)


def test_every_customer_is_there_at_age_nought():
    found = cohorts(logged(random_rows(9)))
    assert all(cell.active == cell.unbroken == cell.size for cell in found.cells() if cell.age == 0)
    assert sum(cell.size for cell in found.cells() if cell.age == 0) == found.customers


def test_counts_of_disjoint_customers_add_up():
    one, other = random_rows(1), [(f"x{who}", what, at) for who, what, at in random_rows(2)]
    until = {"observed_until": "2024-07-01"}
    both = {}
    for rows in (one, other):
        found = cohorts(logged(rows), **until)
        shift = month_number(found.timeline.periods[0].start)
        for (cohort, age), n in counted(found.table("cohorts"), "active").items():
            both[cohort + shift, age] = both.get((cohort + shift, age), 0) + n
    found = cohorts(logged(one + other), **until)
    shift = month_number(found.timeline.periods[0].start)
    whole = counted(found.table("cohorts"), "active")
    assert {(cohort + shift, age): n for (cohort, age), n in whole.items()} == both


def test_the_order_of_rows_does_not_matter():
    rows = random_rows(3)
    shuffled = random.Random(1).sample(rows, len(rows))  # noqa: S311 - test data
    assert cells(cohorts(logged(rows))) == cells(cohorts(logged(shuffled)))


def test_the_ends_of_months_belong_to_their_months():
    last, first = naive(2023, 12, 31, 23, 59, 59, 999999), naive(2024, 1, 1)
    rows = [
        ("a", "use", last),
        ("b", "use", first),
        ("a", "use", naive(2024, 2, 29, 23)),
        ("b", "use", naive(2024, 3, 1)),
    ]
    found = cohorts(logged(rows), observed_until="2024-04-01")
    assert {key: value[0] for key, value in cells(found).items() if value[0]} == {
        ("2023-12", 0): 1, ("2023-12", 2): 1, ("2024-01", 0): 1, ("2024-01", 2): 1,
    }  # fmt: skip


def test_before_1970_too():
    rows = [("a", "use", naive(1969, 12, 31, 23)), ("a", "use", naive(1970, 1, 1))]
    assert [p.name for p in cohorts(logged(rows), observed_until="1970-02-01").timeline.periods] == [
        "1969-12", "1970-01",
    ]  # fmt: skip
    assert [p.name for p in cohorts(logged(rows), period="week").timeline.periods] == []
    whole = cohorts(logged(rows), period="week", observed_until="1970-01-05")
    assert [p.name for p in whole.timeline.periods] == ["1969-12-29"]


def test_aware_times_fall_into_the_months_of_utc():
    rows = [("a", "use", "2024-01-31T23:30:00-05:00"), ("a", "use", "2024-03-01T00:30:00+02:00")]
    found = cohorts(logged(rows), observed_until="2024-03-01")
    assert cells(found) == {("2024-02", 0): (1, 1, 1)}
    assert found.timeline.time_zone == "UTC"
    assert found.timeline.periods[0].start == datetime(2024, 2, 1, tzinfo=UTC)


def test_weeks_begin_on_monday():
    rows = [("a", "use", "2024-05-05"), ("a", "use", "2024-05-06")]  # a Sunday and a Monday
    found = cohorts(logged(rows), period="week", observed_until="2024-05-13")
    assert cells(found) == {("2024-04-29", 0): (1, 1, 1), ("2024-04-29", 1): (1, 1, 1)}


def test_spans_are_counted_from_the_day_of_the_first_event():
    rows = [("a", "use", "2024-05-05 13:00"), ("a", "use", "2024-05-19 12:59")]
    found = cohorts(logged(rows), period="14 days", observed_until="2024-06-02")
    assert [period.name for period in found.timeline.periods] == ["2024-05-05", "2024-05-19"]
    assert cells(found)["2024-05-05", 1] == (1, 1, 1)
    assert found.timeline.unit == "14 days"
    hours = cohorts(logged(rows[:1]), period=timedelta(hours=6), observed_until="2024-05-05 18:00")
    assert [period.name for period in hours.timeline.periods] == ["2024-05-05 12:00"]


def test_a_period_that_has_not_ended_is_left_out_and_said():
    found = cohorts(logged([*FEW, ("d", "use", "2024-04-10"), ("a", "use", "2024-04-10")]))
    assert cells(found) == cells(cohorts(logged(FEW)))
    assert found.timeline.unfinished.name == "2024-04"
    assert "2024-04 is left out: the observation ended on 2024-04-11" in str(found)
    whole = cohorts(logged([*FEW, ("a", "use", "2024-04-10")]), observed_until="2024-05-01")
    assert whole.timeline.unfinished is None
    assert cells(whole)["2024-01", 3] == (1, 1, 2)


def test_between_says_when_the_observation_ends():
    rows = [*FEW, ("a", "use", "2024-04-10")]
    assert cells(cohorts(logged(rows).between("2024-01-01", "2024-05-01")))["2024-01", 3] == (1, 1, 2)
    cut = cohorts(logged(rows).between("2024-01-01", "2024-03-15"))
    assert [period.name for period in cut.timeline.periods] == ["2024-01", "2024-02"]
    assert cut.filters == ("from 2024-01-01 until before 2024-03-15",)
    late = cohorts(logged(rows).between("2024-01-03", "2024-05-01"))
    assert late.timeline.begins_late
    assert not cut.timeline.begins_late


def test_no_period_observed_as_a_whole():
    found = cohorts(logged(FEW[:1]))
    assert found.timeline.periods == ()
    assert list(found.cells()) == []
    assert found.customers == 0
    assert "0 customers" in str(found)


def test_a_day_is_over_only_when_something_came_after_it():
    rows = [("a", "use", "2024-05-05 13:00"), ("a", "use", "2024-05-06 12:59")]
    found = cohorts(logged(rows), period="day")
    assert [period.name for period in found.timeline.periods] == ["2024-05-05"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"period": "moth"}, InvalidLogError, "did you mean 'month'"),
        ({"period": "0 days"}, InvalidLogError, "no span of time"),
        ({"period": "1 hour"}, InvalidLogError, "choose a longer period"),
        ({"active": "sue"}, UnknownNameError, "did you mean 'use'"),
        ({"observed_until": "2024-03-01"}, InvalidLogError, "before the latest event"),
        ({"observed_until": "2024-05-01T00:00:00+00:00"}, InvalidLogError, "name no time zone"),
    ],
)
def test_what_cannot_be_counted_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        cohorts(logged(FEW), **options)


def test_names_in_purchase_and_service_have_to_occur():
    with pytest.raises(UnknownNameError, match="purchase: no event 'order' occurs"):
        activity(logged(FEW), purchase="order")
    with pytest.raises(UnknownNameError, match="service: no event 'chat'"):
        activity(logged(FEW), service=["use", "chat"])
    with pytest.raises(InvalidLogError, match="look_back"):
        activity(logged(FEW), look_back=0)
    with pytest.raises(WrongKindError, match="EventLog"):
        cohorts("events.csv")


def test_a_design_tells_what_is_service():
    design = Journey(
        name="Help",
        touchpoints=[
            {"id": "use", "stage": "loyalty", "events": ["use"]},
            {"id": "help", "stage": "loyalty", "events": ["call", "chat"], "service": {}},
        ],
    )
    rows = [*FEW, ("b", "call", "2024-02-02"), ("b", "call", "2024-02-02")]
    found = activity(logged(rows), service=design)
    assert found.service == ("call",)
    assert counted(found.table, "contacts") == {1: 2}
    assert counted(found.table, "in_contact") == {1: 1}
    with pytest.raises(UnknownNameError, match="mark touchpoints as 'service'"):
        activity(logged(FEW), service=design)


def test_results_are_values():
    found = cohorts(logged(FEW))
    assert Cohorts.model_validate_json(found.model_dump_json()) == found
    frame = found.to_frame()
    assert list(frame["share"]) == [1, 0.5, 1, 1, 0]
    assert "<table>" in found._repr_html_()


# Spans -----------------------------------------------------------------------------------------------------


def test_silence_on_fingers():
    rows = [
        ("a", "use", "2024-01-01"), ("a", "use", "2024-01-11"),  # 10 days, then silent for ever
        ("b", "use", "2024-01-01"), ("b", "use", "2024-03-01"),  # silent for 60 days, then back
        ("c", "use", "2024-02-20"), ("c", "use", "2024-03-20"),  # still there
        ("d", "use", "2024-03-25"),  # too late to be seen leaving
    ]  # fmt: skip
    found = spans_until_silence(logged(rows), gone_after="30 days", observed_until="2024-04-01")
    day = timedelta(days=1) / found.unit
    # c was there at the latest time at which leaving could be seen, 2024-03-02, 11 days after coming
    assert lengths(found) == {0: (1, 0), 10 * day: (1, 0), 11 * day: (0, 1)}
    assert (found.back, found.unseen, found.customers) == (1, 1, 3)


def test_a_silence_as_long_as_the_rule_is_enough():
    rows = [("a", "use", "2024-01-01"), ("a", "use", "2024-01-31"), ("a", "use", "2024-02-29")]
    exact = spans_until_silence(logged(rows), gone_after="30 days", observed_until="2024-05-01")
    assert lengths(exact) == {0: (1, 0)}
    longer = spans_until_silence(logged(rows), gone_after="31 days", observed_until="2024-05-01")
    assert [ended for ended, _ in lengths(longer).values()] == [1]
    assert longer.length[0] * longer.unit == timedelta(days=59)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("apart", [None, timedelta(days=20)])
def test_second_purchases_against_plain_python(seed, apart):
    rows = random_rows(seed)
    found = spans_until_second(logged(rows), event="buy", apart=apart)
    assert lengths(found) == told_seconds(rows, found.unit, apart=apart)


@pytest.mark.parametrize("seed", range(5))
def test_silences_against_plain_python(seed):
    rows, gone = random_rows(seed), timedelta(days=25)
    found = spans_until_silence(logged(rows), gone_after=gone)
    assert (lengths(found), found.back, found.unseen) == told_silences(rows, found.unit, gone)


def test_a_window_is_exact():
    rows = [
        ("a", "buy", "2024-01-01 00:00:00"),
        ("a", "buy", "2024-01-01 00:01:30"),
        ("b", "use", "2024-12-31"),
    ]
    found = spans_until_second(logged(rows), event="buy", within=timedelta(seconds=90))
    assert found.unit == timedelta(seconds=1)
    assert found.length == (90,)
    with pytest.raises(InvalidLogError, match="apart"):
        spans_until_second(logged(rows), event="buy", apart="soon")
    with pytest.raises(InvalidLogError, match="gone_after"):
        spans_until_silence(logged(rows), gone_after="0 days")
