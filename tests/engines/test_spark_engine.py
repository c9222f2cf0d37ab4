"""The Spark engine: every kind of source as it is, nothing of the user's touched, nothing left behind."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeymap.engines.spark_engine import SparkEngine
from journeymap.engines.spark_words import java_pattern
from journeymap.errors import FileFormatError, InvalidLogError, MissingDependencyError, WrongKindError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog

pytestmark = pytest.mark.xdist_group("spark")


def rows_of(engine, relation):
    columns = ", ".join(engine.snippets.quoted(name) for name in relation.columns)
    return engine.run(f"select {columns} from {relation.name}").to_pylist()


def test_tables_in_memory_keep_large_numbers_nulls_and_their_order(engine):
    frame = pd.DataFrame({
        "id": pd.array([2**62 + 1, None, 7], dtype="Int64"), "text": ["NA", None, ""],
        "at": pd.to_datetime(["2024-03-31 02:30:00.123456789", None, "1960-01-01"], format="ISO8601"),
    })  # fmt: skip
    relation = engine.register(frame)
    assert relation.times == {"id": "other", "text": "text", "at": "naive"}
    found = rows_of(engine, relation)
    assert [row["id"] for row in found] == [2**62 + 1, None, 7]
    assert [row["text"] for row in found] == ["NA", None, ""]
    read = engine.snippets.microseconds("at", "naive")
    ordered = engine.run(f"select {read} as t from {relation.name} order by {relation.order} desc")
    assert ordered["t"].to_pylist() == [-315_619_200_000_000, None, 1_711_852_200_123_456]


def test_arrow_types_that_spark_does_not_have(engine):
    table = pa.table({
        "kind": pa.array(["a", "b"]).dictionary_encode(), "big": pa.array([2**64 - 1, 1], pa.uint64()),
        "day": pa.array([86_400_000, 0], pa.date64()), "half": pa.array([1.5, 2], pa.float16()),
        "zoned": pa.array([0, 1], pa.timestamp("ms", "Europe/Berlin")), "odd name`": pa.array([None, None]),
    })  # fmt: skip
    relation = engine.register(table)
    assert relation.times == {
        "kind": "text", "big": "other", "day": "date", "half": "other", "zoned": "aware", "odd name`": "text",
    }  # fmt: skip
    first = rows_of(engine, relation)[0]
    assert (first["kind"], int(first["big"]), first["day"].isoformat()) == ("a", 2**64 - 1, "1970-01-02")
    assert first["zoned"] == datetime(1970, 1, 1, tzinfo=UTC)


def test_files_are_read_as_duckdb_reads_them(engine, tmp_path):
    folder = tmp_path / "odd [name]"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b'\xef\xbb\xbfid,text\r\n007,"two\nlines, ""said"""\r\nNA,\r\n')
    (folder / "b.csv").write_bytes(b"text;id;more\nx;null;1\n")
    relation = engine.register(str(tmp_path / "odd*" / "*.csv"))
    assert relation.order is None
    assert relation.read_once
    assert sorted(rows_of(engine, relation), key=lambda row: row["id"]) == [
        {"id": "007", "text": 'two\nlines, "said"', "more": None},
        {"id": "NA", "text": None, "more": None},
        {"id": "null", "text": "x", "more": "1"},
    ]
    pq.write_table(pa.table({"id": [1]}), folder / "a.parquet")
    pq.write_table(pa.table({"id": [2], "late": ["x"]}), folder / "b.parquet")
    assert sorted(map(str, rows_of(engine, engine.register(folder / "a.parquet")))) == ["{'id': 1}"]


def test_lines_that_do_not_fit_are_refused_without_a_word_of_them(engine, tmp_path):
    (tmp_path / "bad.csv").write_text("id,text\n1,a\n2,secret,too many\n", encoding="utf-8")
    relation = engine.register(tmp_path / "bad.csv")
    with pytest.raises(FileFormatError, match="a line does not fit the header") as caught:
        rows_of(engine, relation)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_frame_and_a_table_have_no_order_and_the_journey_says_so(engine, spark):
    table = pa.table({"who": ["a", "a", "b"], "what": ["pay", "ad", "ad"], "at": ["2024-05-01"] * 3})
    frame = spark.createDataFrame(table).cache()
    assert frame.count() == 3
    columns = {"customer_col": "who", "event_col": "what", "time_col": "at", "engine": engine}
    journey = discover_journey(EventLog(frame, **columns), goal="pay")
    assert journey.observation.tie_order == "event name"
    assert [(t.source, t.target) for t in journey.transitions] == [("ad", "pay")]
    frame.where("true or who is null").createOrReplaceTempView("mine")
    relation = engine.register("mine")
    assert relation.order is None
    assert len(rows_of(engine, relation)) == 3
    spark.catalog.dropTempView("mine")
    engine.close()
    # the user's own cache is the user's own
    assert frame.storageLevel.useMemory
    frame.unpersist()
    with pytest.raises(InvalidLogError, match="say where queries run: engine=SparkEngine"):
        discover_journey(EventLog(frame, customer_col="who", event_col="what", time_col="at"))


def test_what_is_no_source_is_told(engine, spark):
    spark.createDataFrame(pa.table({"a": [1]})).createOrReplaceTempView("events")
    try:
        with pytest.raises(InvalidLogError, match=r"knows no table 'event'.*\n.*did you mean 'events'"):
            engine.register("event")
    finally:
        spark.catalog.dropTempView("events")
    with pytest.raises(InvalidLogError, match="belongs to another Spark session"):
        engine.register(spark.newSession().createDataFrame(pa.table({"a": [1]})))
    with pytest.raises(InvalidLogError, match="a stream has no end"):
        engine.register(spark.readStream.format("rate").load())
    with pytest.raises(InvalidLogError, match="a list cannot be read as events"):
        engine.register([1])


def test_what_is_kept_does_not_change_and_goes(engine):
    name = engine.materialise("select rand() as x, id from range(1000)")
    assert engine.run(f"select sum(x) from {name}") == engine.run(f"select sum(x) from {name}")
    other = engine.materialise(f"select x from {name} where id < 10")
    engine.drop(name)
    assert engine.run(f"select count(*) as n from {other}").to_pylist() == [{"n": 10}]
    with pytest.raises(InvalidLogError, match="Spark refused a query: The table or view"):
        engine.run(f"select * from {name}")


def test_values_never_appear_in_errors_or_logs(engine, capfd):
    name = engine.add_rows({"text": "string"}, [("secret",)])
    with pytest.raises(InvalidLogError, match=r"Spark refused a query: CAST_INVALID_INPUT\.") as caught:
        engine.run(f"select cast(text as int) from {name}")
    seen = capfd.readouterr()
    assert "secret" not in str(caught.value) + seen.out + seen.err


def test_texts_are_written_as_they_are(engine):
    texts = ["it's", 'say "hi"', "back\\slash\\n", "${env:HOME}", "-- x; drop", "%_", "ä\n\t"]
    found = engine.run(
        "select " + ", ".join(f"{engine.snippets.literal(t)} as t{n}" for n, t in enumerate(texts))
    )
    assert list(found.to_pylist()[0].values()) == texts


def test_only_a_session_and_pyspark_will_do(monkeypatch, spark):
    with pytest.raises(WrongKindError, match="Expected a SparkSession"):
        SparkEngine("local")
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'journeymap\[spark\]'"):
        SparkEngine(spark)


@pytest.mark.parametrize("time_format", ["%y-%m-%d", "%c", "%A %d %Y", "%U %Y"])
def test_directives_without_counterpart_are_refused(time_format):
    with pytest.raises(InvalidLogError, match="which Spark cannot read"):
        java_pattern(time_format)
