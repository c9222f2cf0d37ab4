"""Damaged, mixed and odd sources: a right result, or one clear error that repeats no row."""

# ruff: noqa: DTZ001 - naive times are taken as given

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import FileFormatError, InvalidLogError, JourneyMapError
from journeymap.events import catalogue
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.formats.files import read_journey, write_journey
from journeymap.model.journey import Journey

TIMES = [datetime(2024, 5, 1), datetime(2024, 5, 2), datetime(2024, 5, 1), datetime(2024, 5, 3)]
CSV = "who,what,when\na,ad,2024-05-01\na,pay,2024-05-02\n"


def table(**columns):
    given = {"who": ["a", "a", "b", "b"], "what": ["ad", "pay", "ad", "ad"], "when": TIMES} | columns
    return pa.table(given)


def lived(source, **columns):
    roles = {"customer_col": "who", "event_col": "what", "time_col": "when"} | columns
    return discover_journey(EventLog(source, **roles))


def counts_of(source, **columns):
    seen = lived(source, **columns).observation
    return seen.customers, seen.events


def files(folder, **tables):
    for name, one in tables.items():
        if isinstance(one, pa.Table):
            pq.write_table(one, folder / f"{name}.parquet")
        else:
            (folder / f"{name}.csv").write_text(one, encoding="utf-8", newline="")
    return str(folder / ("*.parquet" if any(isinstance(t, pa.Table) for t in tables.values()) else "*.csv"))


def many():
    rows = 20_000
    return pa.table({
        "who": [f"secret{n % 500}" for n in range(rows)],
        "what": [("ad", "pay", "visit")[n % 3] for n in range(rows)],
        "when": [TIMES[0] + timedelta(minutes=n) for n in range(rows)],
    })  # fmt: skip


def cut_in_half(raw):
    return raw[: len(raw) // 2]


def flipped_at(start, stop):
    return lambda raw: raw[:start] + bytes(byte ^ 0xFF for byte in raw[start:stop]) + raw[stop:]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut_in_half, "cut off or damaged"),
        (lambda raw: raw[:6], "cut off or damaged"),
        (lambda _: b"", "the file is empty"),
        (lambda _: CSV.encode(), "no Parquet file"),
        (flipped_at(100, 400), "damaged"),
        (flipped_at(4, 50_000), "damaged"),
        (lambda raw: raw[:-8] + b"\xff\xff\xff\x7fPAR1", "cut off or damaged"),
    ],
    ids=["half", "stub", "empty", "text", "some bytes", "all pages", "length"],
)
def test_a_damaged_parquet_file_is_named(tmp_path, damage, told):
    pattern = files(tmp_path, a=many(), b=many(), c=many())
    bad = tmp_path / "b.parquet"
    bad.write_bytes(damage(bad.read_bytes()))
    with pytest.raises(FileFormatError, match=told) as caught:
        lived(pattern)
    assert str(caught.value).startswith(f"{bad}: ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (flipped_at(3_000, 3_020), "line .* is not UTF-8 text"),
        (lambda raw: raw + b"a,b\n", "line 20002 does not fit the header"),
        (lambda raw: raw + b'"secret,ad,2024-05-01\n', "line 20002 has a quotation mark that is not closed"),
        (lambda raw: raw + b"s" * 3_000_000 + b",ad,2024-05-01\n", "line 20002 is longer than"),
    ],
    ids=["bytes", "columns", "quote", "length"],
)
def test_a_bad_line_is_told_with_its_file(tmp_path, damage, told):
    whole = ("who,what,when\n" + "secret,ad,2024-05-01\n" * 20_000).encode()
    for name in "abc":
        (tmp_path / f"{name}.csv").write_bytes(whole if name != "b" else damage(whole))
    with pytest.raises(FileFormatError, match=told) as caught:
        lived(str(tmp_path / "*.csv"))
    assert str(caught.value).startswith(f"{tmp_path / 'b.csv'}: ")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__  # the engine's own words repeat the line


def test_a_gzip_file_that_is_cut_off_is_named(tmp_path):
    # text that packs badly, so that the end is far behind what is looked at beforehand
    rows = "".join(f"{n * 2654435761 % 2**32:x},ad,2024-05-01\n" for n in range(200_000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (tmp_path / "b.csv.gz").write_bytes(cut_in_half(gzip.compress(("who,what,when\n" + rows).encode())))
    with pytest.raises(FileFormatError, match="damaged") as caught:
        lived(str(tmp_path / "*.csv.gz"))
    assert str(caught.value).startswith(f"{tmp_path / 'b.csv.gz'}: ")


BIG = 2**53


@pytest.mark.parametrize(
    ("one", "other", "customers"),
    [
        ([1, 1, 2, 2], ["1", "1", "x", "x"], 3),
        (["1", "1", "x", "x"], [1, 1, 2, 2], 3),
        ([1, 1, 2, 2], [1.0, 1.0, 2.0, 2.5], 3),
        (["1", "1", "2", "2"], [1.0, 1.0, 2.0, 2.0], 2),
        ([BIG, BIG, BIG + 1, BIG + 1], [1.0, 1.0, 2.0, 2.0], 4),
        (pa.array([2**64 - 1, 1, 2, 2], pa.uint64()), [-1, 1, 2, 2], 4),
    ],
)
def test_ids_of_several_types_are_texts(tmp_path, one, other, customers):
    assert counts_of(files(tmp_path, a=table(who=one), b=table(who=other))) == (customers, 8)


AWARE = pa.array(TIMES, pa.timestamp("us", "UTC"))
FINE = pa.array(TIMES, pa.timestamp("ns"))
FINE_AWARE = pa.array(TIMES, pa.timestamp("ns", "UTC"))
DAYS = [time.date() for time in TIMES]
TEXTS = [str(day) for day in DAYS]


@pytest.mark.parametrize(
    ("one", "other"),
    [(TIMES, TEXTS), (TEXTS, TIMES), (TIMES, FINE), (TIMES, DAYS), (DAYS, TEXTS), (AWARE, FINE_AWARE)],
)
def test_times_of_several_types(tmp_path, one, other):
    seen = lived(files(tmp_path, a=table(when=one), b=table(when=other))).observation
    assert (seen.customers, seen.events) == (2, 8)
    assert (seen.start.replace(tzinfo=None), seen.end.replace(tzinfo=None)) == (TIMES[0], TIMES[3])


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ({}, {"when": AWARE}, "its times name a time zone in 'b.parquet', and none in 'a.parquet'"),
        (
            {"when": AWARE},
            {"when": DAYS},
            "its times name a time zone in 'a.parquet', and none in 'b.parquet'",
        ),
        ({}, {"when": [1, 2, 3, 4]}, "it holds TIMESTAMP in 'a.parquet', but BIGINT in 'b.parquet'"),
        ({}, {"who": [["a"]] * 4}, r"it holds VARCHAR in 'a.parquet', but VARCHAR\[\] in 'b.parquet'"),
        ({}, {"who": [{"x": 1}] * 4}, "it holds VARCHAR in 'a.parquet', but STRUCT"),
        ({"who": [Decimal("1.5")] * 4}, {"who": [1.5] * 4}, "but DOUBLE in 'b.parquet'"),
    ],
)
def test_types_that_do_not_fit_together_are_refused(tmp_path, one, other, told):
    column = next(iter(other))
    with pytest.raises(InvalidLogError, match=told) as caught:
        lived(files(tmp_path, a=table(**one), b=table(**other)))
    assert f"column {column!r}" in str(caught.value)


def test_disagreement_on_a_column_that_nobody_names_does_no_harm(tmp_path):
    one, other = table(x=[[1]] * 4, who=[1, 1, 2, 2]), table(x=["z"] * 4, who=[1.0, 1.0, 3.0, 3.0])
    assert counts_of(files(tmp_path, a=one, b=other)) == (3, 8)


def test_files_without_order_alternate_between_types(tmp_path):
    whole, broken = table(who=[1, 1, 2, 2]), table(who=[1.0, 1.0, 2.0, 2.0])
    pattern = files(tmp_path, a=whole, b=broken, c=whole, d=broken)
    assert counts_of(pattern) == (2, 16)


@pytest.mark.parametrize("missing", ["who", "what", "when"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_column_that_one_file_lacks_is_told_with_the_file(tmp_path, missing, kind):
    names = [name for name in ("who", "what", "when") if name != missing]
    lacking = table().select(names) if kind == "parquet" else ",".join(names) + "\nx,2024-05-01\n"
    pattern = files(tmp_path, a=table() if kind == "parquet" else CSV, b=lacking)
    with pytest.raises(InvalidLogError, match=rf"no column '{missing}'.*b\.{kind}"):
        lived(pattern)


def test_an_optional_column_may_be_missing_in_a_file(tmp_path):
    pattern = files(tmp_path, a=table(channel=["web"] * 4), b=table())
    assert counts_of(pattern, channel_col="channel") == (2, 8)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (CSV.replace(",", ";"), (1, 4)),
        ("when,who,what\n2024-05-01,b,ad\n", (2, 3)),
        (CSV.replace("\n", "\r\n"), (1, 4)),
        (CSV.replace("\n", "\r"), (1, 4)),
        ("\ufeff" + CSV, (1, 4)),
        ("who,what,when", (1, 2)),
        (",who,what,when\n0,b,ad,2024-05-01\n", (2, 3)),
        ("who,what,when,,\nb,ad,2024-05-01,,\n", (2, 3)),
    ],
    ids=["delimiter", "order", "crlf", "cr", "mark", "header alone", "index", "empty columns"],
)
def test_csv_files_of_several_layouts(tmp_path, other, expected):
    assert counts_of(files(tmp_path, a=CSV, b=other)) == expected


def test_names_that_differ_in_capitals_only_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="'who' and 'Who', which differ in capitals only"):
        lived(files(tmp_path, a="who,Who,what,when\na,b,ad,2024-05-01\n"))


def test_files_and_folders_that_are_not_what_they_seem(tmp_path):
    pattern = files(tmp_path, a=table(), b=table().slice(0, 0))
    assert counts_of(pattern) == (2, 4)
    folder = tmp_path / "c.parquet"
    folder.mkdir()
    with pytest.raises(FileFormatError, match=r"c\.parquet: the pattern matches this folder"):
        lived(pattern)
    pq.write_table(table(), folder / "part.parquet")
    assert counts_of(str(tmp_path / "**/*.parquet")) == (2, 8)


def test_a_link_to_nothing_is_told(tmp_path):
    pattern = files(tmp_path, a=table())
    try:
        (tmp_path / "b.parquet").symlink_to(tmp_path / "nowhere")
    except OSError:
        pytest.skip("this file system or account cannot make symbolic links")
    with pytest.raises(FileFormatError, match=r"b\.parquet: the file has gone"):
        lived(pattern)


def test_a_name_of_any_length_is_refused_in_words():
    with pytest.raises(FileFormatError, match="cannot be read"):
        lived("x" * 5_000 + ".csv")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_that_goes_while_it_is_read(tmp_path, kind):
    one = table() if kind == "parquet" else CSV
    pattern = files(tmp_path, a=one, b=one)
    with DuckDBEngine() as engine:
        relation = engine.register(pattern)
        (tmp_path / f"b.{kind}").unlink()
        with pytest.raises(FileFormatError, match=rf"b\.{kind}: the file has gone since it was found"):
            engine.run(f"select count(*) from {relation.name}")


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
@pytest.mark.parametrize("name", ["a*b", "[1]", "q?", "it's"])
def test_a_name_with_marks_of_a_pattern_means_one_file(tmp_path, name):
    for one in (name, "aXb", "1", "qq"):
        pq.write_table(table(who=[one] * 4), tmp_path / f"{one}.parquet")
    assert counts_of(str(tmp_path / f"{name}.parquet")) == (1, 4)


def test_a_column_called_as_the_engine_would_call_its_own(tmp_path):
    odd = table(file_row_number=[2, 1, 2, 1])
    assert counts_of(files(tmp_path, a=odd), order_col="file_row_number") == (2, 4)


def test_two_thousand_small_files(tmp_path):
    for number in range(2_000):
        (tmp_path / f"{number:04}.csv").write_text(CSV, encoding="utf-8")
    assert counts_of(str(tmp_path / "*.csv")) == (1, 4_000)


FIRST, LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)


@pytest.mark.parametrize(
    "times",
    [
        pa.array([FIRST, LAST, TIMES[0], TIMES[1]], pa.timestamp("us")),
        pa.array([FIRST, LAST, TIMES[0], TIMES[1]], pa.timestamp("us", "UTC")),
        [str(FIRST), str(LAST), "2024-01-01", "2024-01-02"],
    ],
    ids=["naive", "aware", "text"],
)
def test_the_first_and_the_last_time_there_is(times, tmp_path):
    journey = lived(table(when=times))
    seen = journey.observation
    assert (seen.start.replace(tzinfo=None), seen.end.replace(tzinfo=None)) == (FIRST, LAST)
    write_journey(journey, tmp_path / "o.json")
    assert read_journey(tmp_path / "o.json") == journey


def test_days_in_year_1_and_9999():
    seen = lived(table(when=[FIRST.date(), LAST.date(), date(2024, 1, 1), date(2024, 1, 2)])).observation
    assert (seen.start, seen.end) == (FIRST, datetime(9999, 12, 31))


@pytest.mark.parametrize(
    "time",
    [
        pa.scalar(253_402_300_800_000_000, pa.timestamp("us")),
        pa.scalar(253_402_300_800_000_000, pa.timestamp("us", "UTC")),
        pa.scalar(-62_135_596_800_000_001, pa.timestamp("us")),
        pa.scalar(2**63 - 1, pa.timestamp("us")),
        pa.scalar(-(2**63) + 1, pa.timestamp("us")),
        pa.scalar(2**63 - 1, pa.timestamp("ns")),
        pa.scalar(-(2**30), pa.date32()),
        pa.scalar(2**31 - 1, pa.date32()),
        pa.scalar("infinity"),
        pa.scalar("-0001-01-01"),
        pa.scalar("10000-01-01"),
        pa.scalar("2024-01-01 (BC)"),
        pa.scalar("0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_time_beyond_all_calendars_is_refused(time):
    with pytest.raises(InvalidLogError, match="of 4 events have a time that cannot be read"):
        lived(
            table(
                when=pa.array([time.as_py() if pa.types.is_string(time.type) else time.value] * 4, time.type)
            )
        )


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_pandas_times_of_every_unit(unit):
    pandas = pytest.importorskip("pandas")
    frame = table().to_pandas().assign(when=pandas.to_datetime(TIMES).astype(f"datetime64[{unit}]"))
    seen = lived(frame).observation
    assert (seen.start, seen.end) == (TIMES[0], TIMES[3])


def test_nanoseconds_with_a_zone_order_events():
    times = pa.array([2, 1, 5, 9], pa.timestamp("ns", "UTC"))
    journey = lived(table(who=["a"] * 4, what=["second", "first", "third", "fourth"], when=times))
    ways = {(t.source, t.target) for t in journey.transitions}
    assert ways == {("first", "second"), ("second", "third"), ("third", "fourth")}
    assert journey.observation.start == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ids", "customers"),
    [
        (["a\0b", "a\0b", "a", "a"], 2),
        (["a\nb", "a\nb", "a", "b"], 3),
        (["a'b", 'a"b', "a;b", "a--b"], 4),
        (["😀", "😀", "👩‍👩‍👧", "😀"], 2),
        (["\u00e9", "\u00e9", "e\u0301", "e\u0301"], 2),
        (["a", "a ", " a", "a\t"], 4),
        ([b"\x00\xff", b"\x00\xff", b"a", b"a"], 2),
        ([Decimal("1.50"), Decimal("1.5"), Decimal(2), Decimal(2)], 2),
        ([["a"], ["a"], ["b"], ["b"]], 2),
        ([{"x": 1}, {"x": 1}, {"x": 2}, {"x": None}], 3),
        (pa.array([2**64 - 1, 2**64 - 2, 1, 1], pa.uint64()), 3),
        (pa.array([b"0" * 16, b"0" * 16, b"1" * 16, b"1" * 16], pa.uuid()), 2),
        (["x" * 10_000 + "1", "x" * 10_000 + "2", "x" * 10_000, "x" * 10_000], 3),
    ],
)
@pytest.mark.parametrize("kind", ["table", "file"])
def test_ids_of_every_kind(tmp_path, ids, customers, kind):
    source = table(who=ids) if kind == "table" else files(tmp_path, a=table(who=ids))
    assert counts_of(source) == (customers, 4)


def test_names_of_every_kind_survive_a_file(tmp_path):
    names = [
        "a\0b",
        "a\nb",
        " ad ",
        "ad",
        "\u00e9",
        "e\u0301",
        "😀",
        "=1+1",
        "\x1b[31m",
        "x" * 10_000,
        "@",
        "a@b",
    ]
    rows = len(names)
    journey = lived(
        table(who=["a"] * rows, what=names, when=[TIMES[0] + timedelta(hours=n) for n in range(rows)])
    )
    assert {touchpoint.id for touchpoint in journey.touchpoints} == set(names)
    write_journey(journey, tmp_path / "o.json")
    assert read_journey(tmp_path / "o.json") == journey


@pytest.mark.parametrize("kind", ["table", "file"])
def test_what_is_no_number_is_missing(tmp_path, kind):
    def source(**columns):
        odd = table(**columns)
        return odd if kind == "table" else files(tmp_path, a=odd)

    odd = float("nan")
    with pytest.raises(InvalidLogError, match="2 of 4 events have no customer"):
        lived(source(who=[1.0, odd, 2.0, odd]))
    with pytest.raises(InvalidLogError, match="1 of 4 events have no event name"):
        lived(source(what=[1.0, odd, 2.0, 2.0]))
    felt = source(feeling=[2.0, odd, 1.0, odd], failed=[1.0, 0.0, odd, odd])
    journey = lived(felt, feeling_col="feeling", failure_col="failed")
    assert {t.id: t.measured_feeling.n for t in journey.touchpoints if t.measured_feeling} == {"ad": 2}
    assert counts_of(source(who=[1.0, float("inf"), -float("inf"), 1.0])) == (3, 4)


def test_what_is_no_number_is_missing_beside_texts(tmp_path):
    pattern = files(tmp_path, a=table(who=[1.0, float("nan"), 2.0, float("nan")]), b=table(who=["1"] * 4))
    with pytest.raises(InvalidLogError, match="2 of 8 events have no customer"):
        lived(pattern)


OPTIONAL = ["feeling_col", "agent_col", "channel_col", "repeated_col", "failure_col", "completed_col"]


@pytest.mark.parametrize("role", OPTIONAL)
@pytest.mark.parametrize("kind", [pa.null(), pa.int64(), pa.float64(), pa.string(), pa.bool_()], ids=str)
def test_optional_columns_without_any_value(tmp_path, role, kind):
    empty = table(x=pa.nulls(4, kind))
    assert counts_of(empty, **{role: "x"}) == (2, 4)
    assert counts_of(files(tmp_path, a=empty), **{role: "x"}) == (2, 4)


@pytest.mark.parametrize("kind", [pa.null(), pa.timestamp("us"), pa.string()], ids=str)
def test_ends_that_are_not_known_at_all(kind):
    assert counts_of(table(x=pa.nulls(4, kind)), end_col="x") == (2, 4)


@pytest.mark.parametrize(
    ("role", "told"),
    [("order_col", "have no whole number to order them by"), ("journey_col", "belong to no journey")],
)
@pytest.mark.parametrize("kind", [pa.null(), pa.int64(), pa.string()], ids=str)
def test_necessary_columns_without_any_value(role, told, kind):
    with pytest.raises(InvalidLogError, match=f"4 of 4 events {told}"):
        lived(table(x=pa.nulls(4, kind)), **{role: "x"})


def test_types_that_the_engine_does_not_know():
    odd = pa.array(np.zeros(4, dtype="float16"))
    assert counts_of(table(embedding=odd)) == (2, 4)
    with pytest.raises(InvalidLogError, match=r"column 'who' .* does not know its type, halffloat"):
        lived(table(who=odd))


def test_a_column_that_occurs_twice_is_refused_where_it_is_named():
    twice = pa.table(
        [["a"], ["b"], ["ad"], [TIMES[0]], [1], [2]], names=["who", "who", "what", "when", "x", "x"]
    )
    with pytest.raises(InvalidLogError, match=r"column 'who' .* it occurs twice"):
        lived(twice)
    assert counts_of(twice.select([0, 2, 3, 4, 5])) == (1, 1)


def names(count):
    return pa.table({
        "who": pa.array(np.arange(count) // 3),
        "what": pa.array([f"n{n}" for n in range(count)]),
        "when": pa.array(np.arange(count) * 1_000_000, pa.timestamp("us")),
    })  # fmt: skip


def test_too_many_names_are_refused_without_a_design(monkeypatch):
    monkeypatch.setattr(catalogue, "MOST_TOUCHPOINTS", 30)
    assert len(lived(names(30)).touchpoints) == 30
    with pytest.raises(InvalidLogError, match=r"31 different event names.*at most 30"):
        lived(names(31))
    design = Journey(name="x", touchpoints=[{"id": "n0", "stage": "discovery"}])
    log = EventLog(names(32), customer_col="who", event_col="what", time_col="when")
    with pytest.raises(InvalidLogError, match="31 different event names without a touchpoint"):
        discover_journey(log, design, unmapped="keep")
    assert len(discover_journey(log, design, unmapped="ignore").observation.unmapped) == 31


def test_a_hundred_thousand_unmapped_names_do_not_swell_a_journey(tmp_path):
    design = Journey(name="x", touchpoints=[{"id": "n0", "stage": "discovery"}])
    log = EventLog(names(100_000), customer_col="who", event_col="what", time_col="when")
    with pytest.raises(
        InvalidLogError, match=r"99,999 raw events without a touchpoint: .* and 99,991 more"
    ) as caught:
        discover_journey(log, design)
    assert len(str(caught.value)) < 1_000
    journey = discover_journey(log, design, unmapped="ignore")
    assert len(journey.observation.unmapped) == 1_000
    write_journey(journey, tmp_path / "o.json")
    assert (tmp_path / "o.json").stat().st_size < 500_000


@pytest.mark.slow
def test_one_customer_with_two_million_events(tmp_path):
    rows = 2_000_000
    step = np.arange(rows)
    long = pa.table({
        "who": pa.array(np.where(step % 400_000 == 0, step, 7)),
        "what": pa.array(step % 3),
        "when": pa.array(step * 1_000_000 + (step // 400_000) * 3_600_000_000, pa.timestamp("us")),
    })  # fmt: skip
    pq.write_table(long, tmp_path / "long.parquet")
    with DuckDBEngine(memory_limit="500MB", threads=2, temp_directory=tmp_path / "spill") as engine:
        log = EventLog(
            tmp_path / "long.parquet", customer_col="who", event_col="what", time_col="when", engine=engine
        )
        whole = discover_journey(log, lost_after="0 seconds")
        assert (whole.observation.customers, whole.observation.events) == (6, rows)
        assert sum(t.count for t in whole.transitions) == rows - 6
        # between two runs of 400,000 events lies an hour without any
        split = discover_journey(log, lost_after="0 seconds", new_journey_after="30 minutes")
        assert (split.observation.customers, split.observation.journeys) == (6, 10)
        assert sum(t.count for t in split.transitions) == rows - 10


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import InvalidLogError
with DuckDBEngine(memory_limit="40MB", threads=1, temp_directory=sys.argv[1]) as engine:
    try:
        engine.materialise("select a.range as a, hash(a.range) as h from range(2000000) a order by h")
    except InvalidLogError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
def test_no_room_to_spill(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert "the engine ran out of disk space" in done.stdout
    assert "Hint: free space there" in done.stdout


@pytest.fixture
def small_disk(tmp_path):
    """A file system of four megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    able = sys.platform == "linux" and shutil.which("mount")
    if not able or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nobody but root of a Linux machine may mount a small file system")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_disk_that_is_full_keeps_the_old_file(small_disk, tmp_path):
    pq.write_table(many(), tmp_path / "many.parquet")
    old = small_disk / "old.json"
    old.write_text("old", encoding="utf-8")
    fill = small_disk / "fill"
    with suppress(OSError), fill.open("wb") as stream:
        while True:
            stream.write(bytes(4_096))
    columns = ["--customer-col", "who", "--event-col", "what", "--time-col", "when"]
    command = [sys.executable, "-m", "journeymap", "discover", str(tmp_path / "many.parquet"), *columns]
    root = Path(__file__).parents[1]
    for output in ("old.json", "new.json"):
        done = subprocess.run(
            [*command, "--quick", "-o", str(small_disk / output)],
            capture_output=True, text=True, check=False, cwd=root,
        )  # fmt: skip
        assert done.returncode == 2
        assert f"{small_disk / output}: cannot be written (No space left on device)." in done.stderr
        assert done.stderr.count("Hint: ") == 1
    assert old.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in small_disk.iterdir()) == ["fill", "old.json"]


def test_no_folder_to_spill_to(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(InvalidLogError, match="cannot make a temporary folder"):
        DuckDBEngine()


def test_every_error_here_has_a_hint(tmp_path):
    for source in (tmp_path, tmp_path / "none.csv", "none*.csv", table().select(["who"])):
        with pytest.raises(JourneyMapError, match="Hint: "):
            lived(source)
