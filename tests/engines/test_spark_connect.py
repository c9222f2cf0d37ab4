"""A session of Spark Connect: the driver runs elsewhere, and nothing is looked at before it must be."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from journeymap.datasets import example_journey, example_log
from journeymap.events.discover import discover_journey

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]

# a process of its own: one process has sessions of one kind
SCRIPT = """
import json, sys, warnings
from dataclasses import replace

warnings.simplefilter("ignore")  # pyspark says which pandas it likes
from pyspark.sql import SparkSession

import journeymap as jm
from journeymap.datasets import example_journey, example_log

settings = {
    "spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "false", "spark.driver.memory": "1500m",
    "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.warehouse.dir": sys.argv[1] + "/warehouse", "spark.local.dir": sys.argv[1] + "/local",
}
builder = SparkSession.builder.remote("local[2]")
for key, value in settings.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
log, design = example_log(customers=80), example_journey()
spark.createDataFrame(log.source.to_pandas()).createOrReplaceTempView("shop_events")
found = {"kind": type(spark).__module__}
with jm.SparkEngine(spark) as engine:
    found["columns"] = sorted(engine.register("shop_events").columns)
    for name, source in {"frame": spark.table("shop_events"), "arrow": log.source}.items():
        journey = jm.discover_journey(replace(log, source=source, engine=engine), design)
        found[name] = {f"{t.source} > {t.target}": [t.count, t.customers] for t in journey.transitions}
    try:
        jm.discover_journey(replace(log, source="shop_event", engine=engine))
    except jm.InvalidLogError as error:
        found["missing"] = str(error)
found["left"] = [row["tableName"] for row in spark.sql("show tables").collect()]
spark.stop()
print(json.dumps(found))
"""


def test_a_session_of_spark_connect_counts_the_same(java, tmp_path):
    script = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("kind").startswith("pyspark.sql.connect")
    assert "knows no table 'shop_event'" in found.pop("missing")
    assert found.pop("left") == ["shop_events"]
    here = discover_journey(example_log(customers=80), example_journey())
    counts = {f"{t.source} > {t.target}": [t.count, t.customers] for t in here.transitions}
    assert found["arrow"] == counts
    # a frame has no order: events at the same time may change places
    moves = sum(count for count, _ in found["frame"].values())
    assert moves == here.observation.events - here.observation.journeys
    assert found["columns"] == sorted(example_log(customers=1).source.column_names)
