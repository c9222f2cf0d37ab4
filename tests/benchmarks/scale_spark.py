"""The same discovery on Spark, on this machine: ``python -m tests.benchmarks.scale_spark JOB EVENTS ANSWER``."""

from __future__ import annotations

import sys

import journeymap as jm
from journeymap.engines.spark_engine import SparkEngine
from tests.benchmarks.scale_data import CUSTOMER, EVENT, TIME, timed, write_answer
from tests.benchmarks.scale_jobs import JOBS, counted


def main(name: str, path: str, answer: str) -> None:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - it need not be there
    except ImportError:
        sys.exit("pyspark is not installed")
    builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
    settings = {
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "8g",
        # the default, 200 tasks for each step, is for many machines
        "spark.sql.shuffle.partitions": "8",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    with SparkEngine(spark) as engine:
        log = jm.EventLog(path, customer_col=CUSTOMER, event_col=EVENT, time_col=TIME, engine=engine)
        with timed():
            journey = JOBS[name](log)
    write_answer(answer, counted(journey) if journey.origin == "observed" else {})
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
