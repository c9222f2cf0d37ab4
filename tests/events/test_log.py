"""Every source that a log may come from, its filters, and what is refused."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeymap.analysis.friction import find_friction
from journeymap.analysis.service import locate_service
from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import FileFormatError, InvalidLogError, WrongKindError
from journeymap.events.activity import activity, cohorts
from journeymap.events.discover import discover_journey
from journeymap.events.draft import draft_design
from journeymap.events.log import EventLog
from journeymap.events.segments import segments
from journeymap.events.spans import spans_until_second, spans_until_silence

CONNECTION = duckdb.connect()  # a relation lives no longer than its connection
COLUMNS = {"customer_col": "who", "event_col": "what", "time_col": "when"}
CSV = """who,what,when,device
007,ad,2024-05-01 10:00:00,phone
NA,ad,2024-05-01 10:00:00,phone
007,pay,2024-05-02 10:00:00,desk
null,ad,2024-05-03 10:00:00,
"""


def written(path, text=CSV):
    path.write_text(text, encoding="utf-8")
    return path


def arrow():
    return pa.table({
        "who": ["007", "NA", "007", "null"], "what": ["ad", "ad", "pay", "ad"],
        "when": pa.array([datetime(2024, 5, d, 10) for d in (1, 1, 2, 3)], pa.timestamp("us")),  # noqa: DTZ001
        "device": ["phone", "phone", "desk", None],
    })  # fmt: skip


def sources(folder):
    pq.write_table(arrow(), folder / "events.parquet")
    pq.write_table(arrow().slice(0, 2), folder / "part-1.parquet")
    pq.write_table(arrow().slice(2), folder / "part-2.parquet")
    with gzip.open(folder / "events.csv.gz", "wt", encoding="utf-8") as file:
        file.write(CSV)
    head, *rows = CSV.splitlines(keepends=True)
    written(folder / "a.csv", head + "".join(rows[:2]))
    written(folder / "b.csv", head + "".join(rows[2:]))
    table = arrow()
    return {
        "csv": written(folder / "events.csv"),
        "csv text": str(folder / "events.csv"),
        "semicolons": written(folder / "events.tsv", CSV.replace(",", ";")),
        "csv.gz": folder / "events.csv.gz",
        "csv pattern": str(folder / "[ab].csv"),
        "parquet": folder / "events.parquet",
        "parquet pattern": str(folder / "part-*.parquet"),
        "arrow": table,
        "arrow batch": table.to_batches()[0],
        "arrow reader": table.to_reader(),
        "pandas": table.to_pandas(),
        "pandas text": table.to_pandas().astype({"when": str}),
        "polars": pl.from_arrow(table),
        "polars lazy": pl.from_arrow(table).lazy(),
        "duckdb": CONNECTION.from_arrow(table),
    }


KINDS = [
    "csv", "csv text", "semicolons", "csv.gz", "csv pattern", "parquet", "parquet pattern", "arrow", "arrow batch",
    "arrow reader", "pandas", "pandas text", "polars", "polars lazy", "duckdb",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_source_gives_the_same_journey(kind, tmp_path):
    journey = discover_journey(EventLog(sources(tmp_path)[kind], **COLUMNS), goal="pay")
    assert journey == discover_journey(EventLog(arrow(), **COLUMNS), goal="pay")
    assert journey.observation.customers == 3  # '007', 'NA' and 'null' are ids
    assert journey.transitions[0].share == pytest.approx(1 / 3)


def test_an_engine_may_be_handed_over_and_stays_open():
    with DuckDBEngine(memory_limit="1GB", threads=1) as engine:
        log = EventLog(arrow(), **COLUMNS, engine=engine)
        assert discover_journey(log) == discover_journey(log)


READERS = {
    "discovery": discover_journey,
    "draft": draft_design,
    "cohorts": lambda log: cohorts(log, period="week"),
    "activity": lambda log: activity(log, period="week"),
    "silence": lambda log: spans_until_silence(log, gone_after="1 day"),
    "second": lambda log: spans_until_second(log, event="ad"),
    "segments": lambda log: segments(replace(log, segment_cols=("what",))),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("rows", ["a,ad,2024-05-01\na,pay,2024-05-09\nb,ad,2024-05-02\n", "a,ad,someday\n"])
def test_nothing_of_a_log_stays_in_the_engine_read_or_refused(tmp_path, reader, rows):
    (tmp_path / "events.csv").write_text("who,what,when\n" + rows)
    columns = {"customer_col": "who", "event_col": "what", "time_col": "when"}
    with DuckDBEngine() as engine:
        log = EventLog(tmp_path / "events.csv", **columns, engine=engine)
        if "someday" in rows and reader != "segments":
            with pytest.raises(InvalidLogError, match="cannot be read"):
                READERS[reader](log)
        else:
            READERS[reader](log)
        assert engine.run("select count(*) as n from duckdb_tables()").to_pylist() == [{"n": 0}]


def test_duckdbs_default_connection_is_not_touched():
    before = duckdb.sql("select count(*) from duckdb_tables()").fetchall()
    discover_journey(EventLog(arrow(), **COLUMNS))
    assert duckdb.sql("select count(*) from duckdb_tables()").fetchall() == before


def test_between_leaves_the_end_out_and_sets_the_end_of_the_observation():
    journey = discover_journey(EventLog(arrow(), **COLUMNS).between("2024-05-01", "2024-05-03T10:00:00"))
    assert journey.observation.events == 3
    assert journey.observation.observed_until == datetime(2024, 5, 3, 10)  # noqa: DTZ001
    assert journey.observation.filters == ("from 2024-05-01 until before 2024-05-03T10:00:00",)


@pytest.mark.parametrize(
    ("value", "events"), [("phone", 2), (["phone", "desk"], 3), (None, 1), (["desk", None], 2)]
)
def test_where(value, events):
    log = EventLog(arrow(), **COLUMNS).where(device=value)
    assert discover_journey(log).observation.events == events


def test_where_compares_as_the_column_does():
    table = arrow().append_column("age", pa.array([30.0, 31.0, 30.0, None]))
    table = table.append_column("member", pa.array([True, False, True, None]))
    log = EventLog(table, **COLUMNS)
    assert discover_journey(log.where(age=30)).observation.events == 2
    assert discover_journey(log.where(age=[31, None])).observation.events == 2
    assert discover_journey(log.where(member=True)).observation.events == 2
    with pytest.raises(InvalidLogError, match="no event is left by the filters: age is 'old'"):
        discover_journey(log.where(age="old"))


def test_instants_are_compared_across_zones():
    table = pa.table(
        {
            "who": ["a", "a"],
            "what": ["late", "early"],
            "when": ["2024-05-01T10:00:00Z", "2024-05-01T10:30:00+02:00"],
        }
    )
    journey = discover_journey(EventLog(table, **COLUMNS))
    assert [(t.source, t.target) for t in journey.transitions] == [("early", "late")]
    assert journey.observation.start == datetime(2024, 5, 1, 8, 30, tzinfo=UTC)
    assert journey.observation.time_zone == "UTC"


def test_times_in_another_form_are_read_when_it_is_said():
    table = pa.table(
        {"who": ["a", "a"], "what": ["ad", "pay"], "when": ["01/05/2024 10:00", "02/05/2024 10:00"]}
    )
    journey = discover_journey(EventLog(table, **COLUMNS, time_format="%d/%m/%Y %H:%M"))
    assert journey.observation.end == datetime(2024, 5, 2, 10)  # noqa: DTZ001


def test_incomplete_events_are_dropped_only_on_demand():
    table = pa.table(
        {"who": ["a", None, "a", ""], "what": ["ad", "ad", "pay", "ad"], "when": ["2024-05-01"] * 4}
    )
    with pytest.raises(InvalidLogError, match="column 'who': 2 of 4 events have no customer") as caught:
        discover_journey(EventLog(table, **COLUMNS))
    assert "on_missing='drop'" in caught.value.hint
    seen = discover_journey(EventLog(table, **COLUMNS, on_missing="drop")).observation
    assert (seen.events, seen.dropped) == (2, 2)


def broken(**changes):
    table = {"who": ["a", "b"], "what": ["ad", "pay"], "when": ["2024-05-01", "2024-05-02"]} | changes
    return pa.table(table)


@pytest.mark.parametrize(
    ("changes", "columns", "message"),
    [
        (
            {},
            {"customer_col": "whom"},
            r"no column 'whom' \(for customer_col\).*Expected one of: who, what, when",
        ),
        ({"what": ["ad", None]}, {}, "column 'what': 1 of 2 events have no event name"),
        ({"when": ["2024-05-01", None]}, {}, "column 'when': 1 of 2 events have no time"),
        (
            {"when": ["2024-05-01", "soon"]},
            {},
            "column 'when': 1 of 2 events have a time that cannot be read",
        ),
        ({"when": ["2024-05-01T10:00:00", "2024-05-01T10:00:00Z"]}, {}, "1 of 2 times name a time zone"),
        ({"when": [1, 2]}, {}, r"column 'when' \(time_col\) holds BIGINT, no times"),
        ({"mood": [7.0, 1.0]}, {"feeling_col": "mood"}, "1 of 2 events have a feeling off the scale"),
        ({"mood": ["fine", "1"]}, {"feeling_col": "mood"}, "1 of 2 events have a feeling that is no number"),
        (
            {"again": ["maybe", "yes"]},
            {"repeated_col": "again"},
            "'again': 1 of 2 events say neither yes nor no",
        ),
        ({"bad": [0, 2]}, {"failure_col": "bad"}, "'bad': 1 of 2 events say neither yes nor no"),
        ({"done": ["x", "y"]}, {"completed_col": "done"}, "'done': 2 of 2 events say neither yes nor no"),
        ({}, {"agent_col": "by"}, r"no column 'by' \(for agent_col\)"),
        ({"until": ["2024-04-01", None]}, {"end_col": "until"}, "1 of 2 events end before they start"),
        ({"trip": ["x", None]}, {"journey_col": "trip"}, "1 of 2 events belong to no journey"),
        ({"nth": ["1", "two"]}, {"order_col": "nth"}, "1 of 2 events have no whole number to order them by"),
        ({}, {"on_missing": "guess"}, "on_missing: 'guess' is no rule"),
    ],
)
def test_a_log_that_cannot_be_counted_is_refused(changes, columns, message):
    with pytest.raises(InvalidLogError, match=f"(?s){message}") as caught:
        discover_journey(EventLog(broken(**changes), **{**COLUMNS, **columns}))
    assert caught.value.hint


def test_a_close_column_is_hinted_at():
    with pytest.raises(InvalidLogError) as caught:
        discover_journey(EventLog(broken(), customer_col="whoo", event_col="what", time_col="when"))
    assert caught.value.hint == "did you mean 'who'?"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\n\n", "the file is empty"),
        ("header.csv", b"who,what,when\n", "there are no events"),
        ("zeros.csv", b"who,what\x00,when\n1,2,3\n", "this is a binary file"),
        ("latin.csv", "who,what,when\né,ad,2024-05-01\n".encode("latin-1"), "is not UTF-8"),
        ("twice.csv", b"who,what,what\n1,2,3\n", "the header names 'what' twice"),
        ("events.parquet", b"who,what,when\n", "this is no Parquet file"),
        ("events.csv.gz", b"who,what,when\n", "this is not gzip-compressed"),
        ("cut.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:40], "cannot be read"),
        ("ragged.csv", CSV.encode() + b"a,b\n", "line 6 does not fit the header"),
        ("events.xlsx", b"PK\x03\x04", "files ending in '.xlsx' are not read as events"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((FileFormatError, InvalidLogError), match=message) as caught:
        discover_journey(EventLog(path, **COLUMNS))
    assert name in str(caught.value)
    assert caught.value.hint


def test_a_missing_file_is_hinted_at(tmp_path):
    written(tmp_path / "events.csv")
    with pytest.raises(FileFormatError, match="no such file") as caught:
        discover_journey(EventLog(tmp_path / "event.csv", **COLUMNS))
    assert caught.value.hint == "did you mean 'events.csv'?"
    with pytest.raises(FileFormatError, match="this is a folder"):
        discover_journey(EventLog(tmp_path, **COLUMNS))
    with pytest.raises(FileFormatError, match="no file matches this pattern"):
        discover_journey(EventLog(tmp_path / "*.parquet", **COLUMNS))


def test_customer_ids_never_stand_in_a_message():
    table = pa.table(
        {"who": ["secret-person", None], "what": ["ad", "pay"], "when": ["2024-05-01", "2024-05-02"]}
    )
    with pytest.raises(InvalidLogError) as caught:
        discover_journey(EventLog(table, **COLUMNS))
    assert "secret" not in str(caught.value)


def test_filters_that_leave_nothing_say_so():
    with pytest.raises(InvalidLogError, match="no event is left by the filters: device is 'tablet'"):
        discover_journey(EventLog(arrow(), **COLUMNS).where(device="tablet"))
    with pytest.raises(InvalidLogError, match="is no period"):
        EventLog(arrow(), **COLUMNS).between("2024-06-01", "2024-05-01")
    with pytest.raises(InvalidLogError, match="'next week' is no time"):
        EventLog(arrow(), **COLUMNS).between("2024-06-01", "next week")


def test_a_file_without_a_header_is_not_quoted(tmp_path):
    path = written(tmp_path / "bare.csv", "secret-7,ad,2024-05-01\nb,pay,2024-05-02\n")
    with pytest.raises(InvalidLogError, match="the first line looks like data, no header") as caught:
        discover_journey(EventLog(path, **COLUMNS))
    assert "secret" not in str(caught.value)


def test_an_empty_period_is_told_which_period_there_is():
    with pytest.raises(InvalidLogError, match="no event is left by the filters") as caught:
        discover_journey(EventLog(arrow(), **COLUMNS).between("2025-01-01", "2025-02-01"))
    assert caught.value.hint == "the log runs from 2024-05-01 to 2024-05-03; check period and spelling"


def test_segments_count_customers_by_value():
    log = EventLog(arrow(), **COLUMNS, segment_cols="device")
    assert segments(log) == {"device": {"phone": 2, "desk": 1, None: 1}}
    assert segments(log.where(what="ad")) == {"device": {"phone": 2, None: 1}}
    assert segments(EventLog(arrow(), **COLUMNS)) == {}


def test_values_of_another_kind_are_refused_at_the_door(toy_log, toy_design):
    with pytest.raises(WrongKindError, match="discover_journey: cannot take a value of kind Table") as caught:
        discover_journey(arrow())
    assert "EventLog" in caught.value.hint
    with pytest.raises(WrongKindError, match=r"kind str\. Expected Journey"):
        discover_journey(toy_log, "design.yaml")
    with pytest.raises(TypeError, match="find_friction"):
        find_friction(toy_log)
    with pytest.raises(TypeError, match="locate_service"):
        locate_service(toy_log)


def test_a_log_says_what_it_is(tmp_path):
    log = EventLog(tmp_path / "events.csv", **COLUMNS).where(device="phone")
    assert str(log).endswith("events.csv; device is 'phone'")
