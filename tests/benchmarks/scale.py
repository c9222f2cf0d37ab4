"""How fast is the library, beside hand-written SQL, other packages and the limit of the machine?

One command makes the table of docs/explanation/speed.md::

    uv run python tests/benchmarks/scale.py --out docs/explanation/speed.md

Every job runs several times in a process of its own; jobs take turns. What is not installed is left out, and
the table says so. A hundred million events need 2 GB for the file and tens of GB to spill.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # so that the parts are found from anywhere

from tests.benchmarks.scale_data import events_path  # noqa: E402
from tests.benchmarks.scale_measure import measured  # noqa: E402
from tests.benchmarks.scale_plan import check_all, compared_at, planned, run_all  # noqa: E402
from tests.benchmarks.scale_report import as_data, as_markdown, put_between  # noqa: E402


def sizes(text: str) -> list[int]:
    return sorted(int(float(word)) for word in text.split(","))


def options() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    words.add_argument("--events", type=sizes, default=sizes("1e6,1e7,1e8"), help="how many, such as 1e6,1e7")
    words.add_argument("--memory-limit", default="4GB", help="of the engine, for the steps from size to size")
    words.add_argument("--runs", type=int, default=3, help="of every job; one from 20 million events on")
    words.add_argument(
        "--peers", choices=["auto", "none"], default="auto", help="run those that are installed"
    )
    words.add_argument("--peer-python", default=sys.executable, help="a Python that has pm4py and the others")
    words.add_argument(
        "--all-jobs", action="store_true", help="paths, service, friction, surveys and tickets too"
    )
    words.add_argument("--spark", action="store_true", help="Spark on this machine too, to 10 million events")
    words.add_argument("--out", type=Path, help="a page with the two markers, or a .json file")
    words.add_argument("--data", type=Path, help="keep the events here and use those that are there")
    return words.parse_args()


def main() -> None:
    chosen = options()
    kept = (
        nullcontext(chosen.data) if chosen.data else tempfile.TemporaryDirectory(prefix="journeymap-scale-")
    )
    with kept as name:
        folder = Path(name).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for events in chosen.events:
            print(
                f"making {events:,} events in {events_path(folder, events).name}", file=sys.stderr, flush=True
            )
            answers = str(int(chosen.all_jobs and events == compared_at(chosen.events)))
            made = measured(
                [sys.executable, "-m", "tests.benchmarks.scale_data", str(folder), str(events), answers]
            )
            if made.whole is None:
                sys.exit(made.said)
        if hasattr(os, "sync"):
            os.sync()  # else the first job shares the machine with the writing of the events
        jobs = planned(chosen, folder)
        run_all(jobs, chosen.runs)
        check_all(jobs)
        text = as_markdown(jobs, chosen)
        if chosen.out is None:
            print(text)
        elif chosen.out.suffix == ".json":
            chosen.out.write_text(json.dumps(as_data(jobs, chosen), indent=1), encoding="utf-8")
        else:
            put_between(chosen.out, text)


if __name__ == "__main__":
    main()
