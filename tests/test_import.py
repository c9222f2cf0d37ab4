"""What ``import journeymap`` loads, and what it offers."""

from __future__ import annotations

import subprocess
import sys

import journeymap

HEAVY = (
    "matplotlib",
    "pandas",
    "scipy",
    "duckdb",
    "pyspark",
    "numpy",
    "pyarrow",
    "rich",
    "jinja2",
    "ruamel.yaml",
)


def test_the_model_loads_nothing_heavy():
    code = f"import sys, journeymap; journeymap.Journey; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # networkx itself may load numpy; nothing else of the list
    loaded = set(done.stdout.strip("[]\n ").replace("'", "").replace(" ", "").split(",")) - {"", "numpy"}
    assert not loaded


def test_every_public_name_is_there_and_told():
    for name in journeymap.__all__:
        assert getattr(journeymap, name) is not None
        assert name in dir(journeymap)
    assert sorted(set(journeymap.__all__)) == sorted(journeymap.__all__)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(journeymap, "draw_nothing")


def test_the_main_job_never_loads_pandas(tmp_path):
    (tmp_path / "events.csv").write_text(
        "who,what,when\na,ad,2024-05-01\na,pay,2024-05-02\nb,ad,2024-05-01\n"
    )
    code = (
        "import sys, journeymap as jm\n"
        "log = jm.EventLog('events.csv', customer_col='who', event_col='what', time_col='when')\n"
        "for journey in (jm.discover_journey(log, goal='pay'), jm.discover_journey(log.where(who='b'))):\n"
        "    jm.find_friction(journey), jm.locate_service(journey)\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "False"  # only to_frame() may
