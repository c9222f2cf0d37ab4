"""When is somebody there?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from journeymap.model.business_hours import BusinessHours

OFFICE = BusinessHours(
    weekdays={"mon": "09:00-12:00, 13:00-17:00", "fri": ("09:00", "17:00"), "Saturday": "00:00-24:00"},
    holidays=["2024-05-20"],
)


def at(day, hour, minute=0):
    return datetime(2024, 5, day, hour, minute)  # noqa: DTZ001 - local times


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(17, 16), at(17, 18), 1),  # Friday afternoon
        (at(17, 16), at(18, 0), 1),
        (at(17, 16), at(19, 12), 25),  # and all of Saturday
        (at(20, 9), at(20, 17), 0),  # a holiday
        (at(13, 11), at(13, 14), 2),  # over lunch
        (at(14, 9), at(16, 17), 0),  # closed days
        (at(13, 8), at(27, 18), 7 + 8 + 24 + 8 + 24 + 7),
        (at(17, 18), at(17, 16), 0),
    ],
)
def test_business_time(start, end, hours):
    assert OFFICE.between(start, end) == timedelta(hours=hours)


def test_it_reads_back_what_it_writes():
    assert BusinessHours.model_validate_json(OFFICE.model_dump_json()) == OFFICE
    assert OFFICE.holidays == (date(2024, 5, 20),)
    assert str(OFFICE) == "mon 09:00–12:00 and 13:00–17:00, fri 09:00–17:00, sat 00:00–24:00; 1 holiday"


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-fri", ["mon", "tue", "wed", "thu", "fri"]),
        ("Mon–Fri", ["mon", "tue", "wed", "thu", "fri"]),
        ("Monday - Wednesday", ["mon", "tue", "wed"]),
        ("mon, wed", ["mon", "wed"]),
        ("mon-tue, Thurs", ["mon", "tue", "thu"]),
        ("sat-mon", ["sat", "sun", "mon"]),
        ("sun-thu", ["sun", "mon", "tue", "wed", "thu"]),
        ("tue-tue", ["tue"]),
    ],
)
def test_days_are_written_as_spans_and_lists(written, days):
    assert BusinessHours(weekdays={written: "09:00-17:00"}).weekdays == dict.fromkeys(
        days, (("09:00", "17:00"),)
    )


@pytest.mark.parametrize(
    ("weekdays", "message"),
    [
        ({"mon": "17:00-09:00"}, "17:00 to 09:00 is no span.*a shift past midnight belongs to two days"),
        ({"mon": "9-17"}, "'9' is no time of the day"),
        ({"mon": "09:00-24:30"}, "'24:30' is no time of the day"),
        ({"mon": "09:00-12:00, 11:00-13:00"}, "overlaps"),
        (
            {"moonday": "09:00-12:00"},
            "'moonday' is no day of the week. Expected mon, .*did you mean 'monday'",
        ),
        ({"mon-fir": "09:00-17:00"}, "'fir' is no day of the week.*did you mean 'fri'"),
        ({"weekdays": "09:00-17:00"}, "'weekdays' is no day.*a span such as 'mon-fri' or a list"),
        ({"mon-wed-fri": "09:00-17:00"}, "'mon-wed-fri' is no day of the week"),
        ({"m": "09:00-17:00"}, "'m' is no day of the week"),
        ({"mon-fri": "09:00-17:00", "Friday": "09:00-15:00"}, "fri stands twice"),
        ({"mon": "closed"}, "on mon: 'closed' is no span of the day.*leave out a day that is closed"),
        ({}, "at least 1"),
    ],
)
def test_hours_that_are_none_are_refused(weekdays, message):
    with pytest.raises(ValidationError, match=f"(?s){message}"):
        BusinessHours(weekdays=weekdays)


def test_a_zone_is_refused():
    with pytest.raises(ValueError, match="local times"):
        OFFICE.between(datetime(2024, 5, 17, tzinfo=UTC), datetime(2024, 5, 18, tzinfo=UTC))
