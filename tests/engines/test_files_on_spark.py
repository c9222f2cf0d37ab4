"""Odd files and tables on Spark: read as DuckDB reads them, or refused in the same words, and no row repeated."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeymap.errors import FileFormatError, InvalidLogError
from journeymap.events.census import take_census
from journeymap.events.log import EventLog
from tests.test_faults import (
    AWARE,
    CSV,
    DAYS,
    FINE,
    FIRST,
    LAST,
    TEXTS,
    TIMES,
    files,
    flipped_at,
    many,
    table,
)

pytestmark = pytest.mark.xdist_group("spark")

COLUMNS = {"customer_col": "who", "event_col": "what", "time_col": "when"}
NAN = float("nan")
BIG = 2**53


def asked(engine, source, **columns):
    """Open a log and take its census; what is wrong with it is told on the way."""
    with EventLog(source, **COLUMNS, **columns, engine=engine).open() as opened:
        found = take_census(opened, by_channel=False)
        return found.customers, found.events


def rows_of(engine, relation):
    """The rows, times in microseconds as queries see them."""
    words = engine.snippets
    columns = [
        f"{words.microseconds(words.quoted(name), kind)} as {name}" if name.startswith("at_") else name
        for name, kind in relation.times.items()
    ]
    return engine.run(f"select {', '.join(columns)} from {relation.name}").to_pylist()


NOON, HOUR = 1_714_564_800_000_000, 3_600_000_000


def test_columns_of_several_types_are_read_as_one(engine, tmp_path):
    noon = pa.array([NOON], pa.timestamp("us"))
    zoned = pa.array([NOON + 250_000], pa.timestamp("us", "UTC"))
    day = pa.array([TIMES[0].date()])
    pairs = {
        "whole_text": ([1], ["x"], {"1", "x"}), "text_float": (["2"], [2.0], {"2"}),
        "whole_float": ([BIG + 1], [2.5], {str(BIG + 1), "2.5"}), "float_nan": ([7], [NAN], {"7", None}),
        "short_long": (pa.array([1], pa.int8()), [BIG], {1, BIG}), "single_double": (pa.array([1.5], pa.float32()), [2.5], {1.5, 2.5}),
        "unsigned": (pa.array([2**64 - 1], pa.uint64()), [-1], {Decimal(2**64 - 1), Decimal(-1)}),
        "yes_text": ([True], ["x"], {"true", "x"}), "yes_whole": ([True], [2], {1, 2}), "none": (pa.nulls(1), pa.nulls(1), {None}),
        "none_text": (pa.nulls(1), ["x"], {None, "x"}), "none_whole": (pa.nulls(1), [5], {None, 5}),
        "at_time_text": (noon, ["2024-05-01 13:00"], {NOON, NOON + HOUR}), "at_day_time": (day, noon, {NOON - 12 * HOUR, NOON}),
        "at_day_text": (day, ["2024-05-01 12:00"], {NOON - 12 * HOUR, NOON}),
        "at_zoned_text": (zoned, ["2024-05-01T12:00:00+01:00"], {NOON + 250_000, NOON - HOUR}),
        "at_none_time": (pa.nulls(1), noon, {None, NOON}), "at_none_text": (["2024-05-01 12:00"], pa.nulls(1), {None, NOON}),
        "Capitals": ([1], ["x"], {"1", "x"}), "only_here": ([1], None, {1, None}),
    }  # fmt: skip
    one = pa.table({name: first for name, (first, _, _) in pairs.items()})
    other = pa.table({
        name.lower(): second for name, (_, second, _) in reversed(pairs.items()) if second is not None
    })  # fmt: skip
    relation = engine.register(files(tmp_path, a=one, b=other, c=one))
    assert relation.conflicts == {}
    assert relation.missing_in == {"only_here": str(tmp_path / "b.parquet")}
    assert relation.times["at_zoned_text"] == relation.times["none"] == "text"
    assert relation.times["at_day_time"] == "naive"
    found = rows_of(engine, relation)
    assert len(found) == 3
    for name, (_, _, expected) in pairs.items():
        assert {row[name] for row in found} == expected, name


def test_types_that_do_not_fit_together_are_told_with_their_files(engine, tmp_path):
    one = table(who=[["a"]] * 4, money=[Decimal("1.5")] * 4, day=AWARE, tie=[1] * 4)
    other = table(money=[1.5] * 4, when=AWARE, day=DAYS, tie=TIMES)
    pattern = files(tmp_path, a=one, b=other)
    relation = engine.register(pattern)
    assert relation.conflicts == {
        "who": "it holds array<string> in 'a.parquet', but string in 'b.parquet'",
        "when": "its times name a time zone in 'b.parquet', and none in 'a.parquet'",
        "money": "it holds decimal(2,1) in 'a.parquet', but double in 'b.parquet'",
        "day": "its times name a time zone in 'a.parquet', and none in 'b.parquet'",
        "tie": "it holds bigint in 'a.parquet', but timestamp_ntz in 'b.parquet'",
    }
    assert list(relation.columns) == ["what"], "what nobody names does no harm"
    with pytest.raises(
        InvalidLogError, match=r"column 'who' \(customer_col\) .* array<string> in 'a.parquet'"
    ):
        asked(engine, pattern)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_column_that_one_file_lacks_is_told_with_the_file(engine, tmp_path, kind):
    lacking = table().select(["what", "when"]) if kind == "parquet" else "what,when\nx,2024-05-01\n"
    pattern = files(tmp_path, a=table() if kind == "parquet" else CSV, b=lacking)
    with pytest.raises(InvalidLogError, match=rf"no column 'who' \(customer_col\) in '.*b\.{kind}'"):
        asked(engine, pattern)


@pytest.mark.parametrize("kind", ["table", "file"])
def test_what_is_no_number_is_missing(engine, tmp_path, kind):
    odd = table(who=[1.0, NAN, float("inf"), NAN], felt=pa.array([NAN, 2, 1, NAN], pa.float32()))
    source = odd if kind == "table" else files(tmp_path, a=odd)
    found = rows_of(engine, engine.register(source))
    assert [row["felt"] for row in found] == [None, 2, 1, None]
    with pytest.raises(InvalidLogError, match="2 of 4 events have no customer"):
        asked(engine, source, feeling_col="felt")


def test_times_beyond_all_calendars_are_none(engine):
    last = 253_402_300_799_999_999
    numbers = [-(2**63) + 1, -62_135_596_800_000_001, -62_135_596_800_000_000, last, last + 1, 2**63 - 1]
    texts = [
        "0000-12-31 23:59",
        "0001-01-01 00:00:00+14:00",
        str(FIRST),
        str(LAST),
        "10000-01-01",
        "infinity",
    ]
    days = [-(2**31), -719_163, -719_162, 2_932_896, 2_932_897, 2**31 - 1]
    relation = engine.register(pa.table({
        "at_naive": pa.array(numbers, pa.timestamp("us")), "at_zoned": pa.array(numbers, pa.timestamp("us", "UTC")),
        "at_text": texts, "at_day": pa.array(days, pa.date32()),
    }))  # fmt: skip
    found = rows_of(engine, relation)
    inside = [None, None, numbers[2], last, None, None]
    assert [row["at_naive"] for row in found] == [row["at_zoned"] for row in found] == inside
    assert [row["at_text"] for row in found] == inside
    assert [row["at_day"] for row in found] == [None, None, numbers[2], last - 24 * HOUR + 1, None, None]


def test_bytes_are_text_where_they_can_be_and_nothing_else_of_a_table_is_lost(engine, tmp_path):
    ids = [b"\x00\xff", b"\x00\xfe", "ä".encode(), None]
    odd = pa.table(
        [
            ids,
            [["a"]] * 4,
            pa.array([2**60] * 4, pa.timestamp("s")),
            [1] * 4,
            [2] * 4,
            [3] * 4,
            [4] * 4,
            ["x"] * 4,
        ],
        names=["id", "list", "far", "twice", "twice", "Who", "who", "rest"],
    )
    relation = engine.register(odd)
    assert relation.conflicts == {
        "list": "the engine does not know its type, list<item: string>",
        "far": "a value of its type, timestamp[s], is too large for the engine", "twice": "it occurs twice",
        "Who": "'Who' and 'who' differ in capitals only, which the session does not tell apart",
        "who": "'Who' and 'who' differ in capitals only, which the session does not tell apart",
    }  # fmt: skip
    assert rows_of(engine, relation) == [{"id": one, "rest": "x"} for one in ("00FF", "00FE", "ä", None)]
    pq.write_table(odd.select(["id", "list"]), tmp_path / "a.parquet")
    found = rows_of(engine, engine.register(tmp_path / "a.parquet"))
    assert [row["id"] for row in found] == ["00FF", "00FE", "ä", None]


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("when", FINE, r"b\.parquet: column 'when' holds times in nanoseconds, .*\n.*microseconds"),
        ("x", pa.array([1] * 4, pa.time64("us")), r"b\.parquet: column 'x' holds times of day"),
        ("Who", ["x"] * 4, "names that differ in capitals only"),
    ],
)
def test_columns_that_spark_cannot_read_are_named(engine, tmp_path, column, values, told):
    with pytest.raises(FileFormatError, match=told):
        engine.register(files(tmp_path, a=table(), b=table(**{column: values})))


def test_a_file_that_is_damaged_or_gone_is_named(engine, tmp_path):
    pattern = files(tmp_path, a=table(), b=many(), c=table(extra=[1] * 4))
    bad = tmp_path / "b.parquet"
    bad.write_bytes(flipped_at(4, 50_000)(bad.read_bytes()))
    with pytest.raises(FileFormatError, match=rf"^{bad}: the file is damaged, or was changed") as caught:
        asked(engine, pattern)
    assert "secret" not in str(caught.value)
    whole = bad.read_bytes()
    bad.write_bytes(whole[:-300] + b"\xff" * 292 + whole[-8:])
    with pytest.raises(FileFormatError, match=rf"^{bad}: the file is damaged, or was changed"):
        engine.register(pattern)
    relation = engine.register(tmp_path / "a.parquet")
    (tmp_path / "a.parquet").unlink()
    with pytest.raises(FileFormatError, match=r"a\.parquet: the file has gone since it was found"):
        engine.run(f"select max(who) from {relation.name}")


def test_a_bad_line_is_told_with_its_file(engine, tmp_path):
    pattern = files(tmp_path, a=CSV, b=CSV + "secret,ad\n")
    with pytest.raises(FileFormatError, match=r"b\.csv: a line does not fit the header") as caught:
        asked(engine, pattern)
    assert "secret" not in str(caught.value)


def test_files_at_an_address_are_compared_too(engine, tmp_path):
    folder = tmp_path / "with blank"
    folder.mkdir()
    address = folder.as_uri().replace("%20", " ")
    files(folder, a=CSV, b=CSV)
    assert asked(engine, f"{address}/*.csv") == (1, 4)
    files(folder, b="what,who,when\nad,a,2024-05-01\n")
    with pytest.raises(FileFormatError, match=r"with blank/b\.csv: its first line is not that of the other"):
        asked(engine, f"{address}/*.csv")
    files(folder, a=",who,what,when\n0,a,ad,2024-05-01\n")
    assert asked(engine, f"{address}/a.csv") == (1, 1), "a column without a name, as pandas writes it"
    files(folder, a=table(), b=table(channel=["web"] * 4))
    assert asked(engine, f"{address}/*.parquet", channel_col="channel") == (2, 8)
    files(folder, b=table(when=AWARE, who=[1, 1, 2, 2]))
    told = "column 'who' holds STRING in some files, and BIGINT in others; column 'when' holds TIMESTAMP"
    with pytest.raises(InvalidLogError, match=told):
        asked(engine, f"{address}/*.parquet")


def test_a_table_of_parts_of_several_types_is_refused(engine, spark, tmp_path):
    files(tmp_path, a=table(who=[1, 1, 2, 2]), b=table(who=TEXTS))
    frame = spark.read.parquet((tmp_path / "a.parquet").as_uri())
    odd = spark.read.schema(frame.schema).parquet(tmp_path.as_uri())
    with pytest.raises(InvalidLogError, match=r"b\.parquet: column 'who' holds BINARY here, but bigint"):
        asked(engine, odd)
