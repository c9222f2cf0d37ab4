"""Queries for Spark, run by a session that the library knows nothing of."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

import journeymap as jm
from journeymap.engines.spark_engine import SparkEngine
from tests.events.test_sql_and_counts import COLUMNS, _many, _table

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture
def events(spark):
    """A table of the session, without time zone."""
    table = _table(_many(), until=pa.array([None] * len(_many()), pa.timestamp("us")))
    spark.createDataFrame(table).selectExpr(
        "who", "what", "cast(at as timestamp_ntz) as at", "id", "cast(until as timestamp_ntz) as until"
    ).createOrReplaceTempView("seen")
    yield "seen"
    spark.catalog.dropTempView("seen")


def _run(spark, script, answers):
    """Run a script as people do: statement by statement."""
    for statement in str(script).rstrip().removesuffix(";").split(";\n"):
        found = re.findall(r"^-- save as (\S+)\.csv or", statement, flags=re.MULTILINE)
        rows = spark.sql(statement).toArrow()
        if found:
            answers[found[0]] = rows


def test_answers_of_a_session_make_the_same_journey(untouched, events):
    design = jm.Journey(
        name="Odd",
        goal="pay",
        lost_after="2 hours",
        touchpoints=[
            {"id": "ad", "stage": "discovery"},
            {"id": "help", "events": ["007", "NA"], "service": {"handler": "human"}},
            {"id": "pay", "stage": "purchase"},
        ],
    )
    log = jm.EventLog(events, **COLUMNS, end_col="until")
    answers = {}
    for _ in range(3):
        asked = jm.queries_of(
            jm.discover_journey, log, design, unmapped="keep",
            engine="spark", time_kind="naive", counts=answers,
        )  # fmt: skip
        if not asked.queries:
            break
        _run(untouched, asked, answers)
    built = jm.discover_journey(log, design, unmapped="keep", counts=answers)
    with SparkEngine(untouched) as engine:
        direct = jm.discover_journey(
            jm.EventLog(events, **COLUMNS, end_col="until", engine=engine), design, unmapped="keep"
        )
    assert asked.result == built == direct
    assert built.observation.groups == 64
