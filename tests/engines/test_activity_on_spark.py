"""Activity, cohorts and spans on Spark: by the oracle that DuckDB answers to, and counted on fingers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from journeymap.events.activity import activity, cohorts
from journeymap.events.log import EventLog
from journeymap.events.spans import spans_until_second, spans_until_silence
from journeymap.model.journey import Journey
from tests.events.activity_logs import (
    COLUMNS,
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

pytestmark = pytest.mark.xdist_group("spark")

HELP = Journey(
    name="Help",
    touchpoints=[
        {"id": "use", "stage": "loyalty", "events": ["use"]},
        {"id": "call", "stage": "loyalty", "events": [{"event": "call", "channel": "phone"}], "service": {}},
        {"id": "sale", "stage": "purchase", "events": [{"event": "call", "channel": "shop"}]},
    ],
)


def finer(rows):
    """The same rows, those on the hour moved by parts of a second; ties stay ties."""
    return [
        (who, what, at if at.microsecond else at.replace(microsecond=at.hour * 41_667))
        for who, what, at in rows
    ]


def test_cohorts_of_many_customers_by_month(engine):
    rows = finer(random_rows(1, customers=80, events=4))
    found = cohorts(logged(rows, engine=engine), active=("use", "buy"))
    assert found.groups == 64, "more customers than groups"
    check_cohorts(found, rows, month_number, active=("use", "buy"))


def test_cohorts_of_few_customers_by_week_are_those_of_duckdb_group_by_group(engine):
    rows = finer(random_rows(2, customers=12, events=5, months=2))
    found = cohorts(logged(rows, engine=engine), period="week")
    check_cohorts(found, rows, week_number)
    assert found == cohorts(logged(rows), period="week")


def test_what_many_customers_did_in_each_month(engine, spark):
    rows = finer(random_rows(3, customers=80, events=4))
    table = logged(rows).source
    # instants of a session far from Greenwich, in a frame without any order
    zoned = table.set_column(2, "when", table["when"].cast(pa.timestamp("us", "UTC")))
    log = EventLog(spark.createDataFrame(zoned), **COLUMNS, engine=engine)
    found = activity(log, active=["use", "buy"], purchase="buy", service=["call"], look_back=1)
    assert found.table.groups == 64, "more customers than groups"
    assert found.timeline.time_zone == "UTC"
    check_activity(found, rows, look_back=1)


def test_spans_of_days_at_their_edges_on_fingers(engine):
    last, first = naive(2024, 5, 18, 23, 59, 59, 999_999), naive(2024, 5, 19)
    rows = [
        ("a", "use", "web", naive(2024, 5, 5, 13)), ("a", "use", "web", naive(2024, 5, 5, 13)),
        ("a", "call", "phone", last), ("a", "call", "phone", last),  # in contact twice at the end of a span
        ("b", "call", "shop", last), ("b", "use", None, first),  # a sale is no contact
        ("c", "call", "phone", first), ("c", "buy", "shop", naive(2024, 6, 1, 23, 59, 59, 500_000)),
        ("d", "buy", "web", naive(1969, 12, 31, 23, 59, 59, 999_999)),  # outside of what is looked at
    ]  # fmt: skip
    who, what, way, when = map(list, zip(*rows, strict=True))
    table = pa.table({"who": who, "what": what, "way": way, "when": pa.array(when, pa.timestamp("us"))})
    log = EventLog(table, **COLUMNS, channel_col="way").between("2024-05-05", "2024-06-02")
    told = {"period": "14 days", "purchase": "buy", "service": HELP, "look_back": None}
    found = activity(replace(log, engine=engine), **told)
    expected = {
        "active": {0: 2, 1: 2}, "new": {0: 2, 1: 1}, "kept": {1: 1}, "days": {0: 3, 1: 3},
        "events": {0: 5, 1: 3}, "contacts": {0: 2, 1: 1}, "in_contact": {0: 1, 1: 1},
        "purchases": {1: 1}, "buyers": {1: 1}, "again": {},
    }  # fmt: skip
    assert {measure: counted(found.table, measure) for measure in expected} == expected
    assert found == activity(log, **told)


def test_silences_and_second_purchases_against_plain_python(engine):
    gone, apart = timedelta(days=60), timedelta(days=20)
    rows = [*finer(random_rows(4)), ("late", "use", naive(2024, 5, 30, 0, 0, 0, 500_000))]
    log = logged(rows, engine=engine)
    silent = spans_until_silence(log, gone_after=gone)
    assert (lengths(silent), silent.back, silent.unseen) == told_silences(rows, silent.unit, gone)
    assert min(sum(silent.ended), sum(silent.cut), silent.back, silent.unseen) > 0
    again = spans_until_second(log, event="buy", apart=apart)
    assert lengths(again) == told_seconds(rows, again.unit, apart=apart)
    assert any(ended for ended, _ in lengths(again).values())


def test_spans_of_parts_of_a_second_on_fingers(engine):
    start = naive(2024, 3, 31, 2, 30)

    def at(seconds):
        return start + timedelta(microseconds=round(seconds * 1e6))

    rows = [
        ("a", "buy", at(0)), ("a", "buy", at(0)),  # at once
        ("b", "buy", at(0.5)), ("b", "buy", at(2.500001)), ("b", "buy", at(9)),  # a little over 2 seconds
        ("c", "buy", at(1.25)), ("c", "use", at(3)),  # cut off at 10, after 8.75 seconds
        ("d", "use", at(10)),
    ]  # fmt: skip
    log = logged(rows, engine=engine)
    found = spans_until_second(log, event="buy", within=timedelta(seconds=3))
    assert (found.unit, lengths(found)) == (timedelta(seconds=1), {0: (1, 0), 3: (1, 0), 8: (0, 1)})
    # b is silent for 6.499999 seconds and then back, a and c for ever; d came too late
    silent = spans_until_silence(log, gone_after="5 seconds")
    assert lengths(silent) == {0: (1, 0), 2: (1, 0), 3: (1, 0)}
    assert (silent.back, silent.unseen, silent.customers) == (1, 1, 3)
