"""What several test files share."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pyarrow as pa
import pytest

from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from tests.oracle import TOY_PATHS, TOY_SERVICE, TOY_STAGES

DATA = Path(__file__).parents[2] / "shared" / "data"
LONGEST = ("test_docs.py", "test_notebooks.py", "test_every_figure.py", "test_kill.py")
JAVA = 17


def pytest_collection_modifyitems(items):
    """Let the longest files begin first, so that no worker has to wait for another one at the end."""
    items.sort(key=lambda item: not (item.path.name in LONGEST or item.path.parent.name == "engines"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Send all tests of engines to one worker: each Spark session is a Java machine with a gigabyte of its own."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - there only where tests run on several cores

    class OneWorkerForEngines(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "engines" if Path(file).match("tests/engines/*") else file

    return OneWorkerForEngines(config, log)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real logs and surveys beside the project; tests that want it are skipped without it."""
    if not DATA.is_dir():
        pytest.skip("the folder of real data, ../shared/data, does not stand beside the project")
    return DATA


def _java_lacks():
    """What is wrong with Java on this machine; None where Spark can run on it."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if java is None:
        return "Spark needs Java, and there is none here"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version.group(1)) < JAVA:
        return f"Spark needs Java {JAVA} or later, and this one says: {said.partition(chr(10))[0]}"
    return None


@pytest.fixture(scope="session")
def java():
    """Java for Spark; its tests are skipped without it, but never in CI."""
    lacks = _java_lacks()
    if lacks is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(lacks)


@pytest.fixture(scope="session")
def spark(java, tmp_path_factory):
    """A Spark session on this machine, in a time zone that no number may depend on."""
    folder = tmp_path_factory.mktemp("spark")
    with warnings.catch_warnings():
        # pyspark says on import how new a pandas it likes
        warnings.simplefilter("ignore")
        from pyspark import SparkContext  # noqa: PLC0415 - slow to load
        from pyspark.sql import SparkSession  # noqa: PLC0415
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "1500m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        # short queries are over before a better compiler would pay
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        # two tasks are enough to see what must not depend on where a row is
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        # rows are few: to compile a query takes longer than to run it
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.session.timeZone": "Asia/Kolkata",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
    }
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]").appName("journeymap tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    gateway = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=60)
    SparkContext._gateway = SparkContext._jvm = None


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    """The environment in which kernels run pages and notebooks: each picture is drawn once, small and hardly packed.

    Jupyter would draw it twice: first to find where its margins can be cut off, of which figures have none.
    """
    once = {"bbox_inches": None, "dpi": 40, "pil_kwargs": {"compress_level": 1}}
    folder = tmp_path_factory.mktemp("ipython")
    (folder / "profile_default").mkdir()
    settings = folder / "profile_default" / "ipython_kernel_config.py"
    settings.write_text(f"get_config().InlineBackend.print_figure_kwargs = {once}\n", encoding="utf-8")
    # kernels and the installed command are started by name
    scripts = str(Path(sys.executable).parent)
    return {
        "IPYTHONDIR": str(folder),
        "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]),
    }


@pytest.fixture
def toy_log():
    """The toy log: 12 journeys, 67 events, an hour apart."""
    rows = [
        (f"c{number:02d}", event, f"2024-01-{number:02d}T{hour:02d}:00:00")
        for number, path in enumerate(TOY_PATHS, start=1)
        for hour, event in enumerate(path.split())
    ]
    table = pa.table(
        dict(zip(("customer", "event", "time"), map(list, zip(*rows, strict=True)), strict=True))
    )
    return EventLog(table, customer_col="customer", event_col="event", time_col="time")


@pytest.fixture
def toy_design():
    """The design behind the toy log; chat, phone and bot float, every journey without renew is lost."""
    return Journey(
        name="Toy",
        goal="renew",
        lost_after="0 seconds",
        touchpoints=[
            {"id": name, "stage": stage, "service": TOY_SERVICE.get(name)}
            for name, stage in TOY_STAGES.items()
        ],
    )
