"""What the tests of engines share."""

from __future__ import annotations

import pytest

from journeymap.engines.spark_engine import SparkEngine


def _tables(spark):
    return {row.tableName for row in spark.sql("show tables").collect()}


@pytest.fixture
def untouched(spark):
    """The session; at the end it must hold no more tables and have the same time zone as before."""
    tables, zone = _tables(spark), spark.conf.get("spark.sql.session.timeZone")
    yield spark
    assert _tables(spark) == tables
    assert spark.conf.get("spark.sql.session.timeZone") == zone


@pytest.fixture
def engine(untouched):
    """An engine on Spark that must leave the session as it was."""
    with SparkEngine(untouched) as made:
        yield made
