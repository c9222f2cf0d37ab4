"""What several test files share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from tests.oracle import TOY_PATHS, TOY_SERVICE, TOY_STAGES

DATA = Path(__file__).parents[2] / "shared" / "data"
LONGEST = ("test_docs.py", "test_notebooks.py", "test_every_figure.py")


def pytest_collection_modifyitems(items):
    """Let the longest files begin first, so that no worker has to wait for another one at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real logs and surveys beside the project; tests that want it are skipped without it."""
    if not DATA.is_dir():
        pytest.skip("the folder of real data, ../shared/data, does not stand beside the project")
    return DATA


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    """The environment in which kernels run pages and notebooks: each picture is drawn once and hardly packed.

    Jupyter would draw it twice: first to find where its margins can be cut off, of which figures have none.
    """
    once = {"bbox_inches": None, "pil_kwargs": {"compress_level": 1}}
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
