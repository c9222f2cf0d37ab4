"""Run a job in a process of its own and say what it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIT = 1 if sys.platform == "darwin" else 1024  # in which peaks are told


@dataclass(frozen=True)
class Run:
    """One run of a job; without seconds where it could not be done, and then `said` tells why."""

    whole: float | None  # from the start of the process until the result is there
    job: float | None  # without the start of Python and the loading of libraries
    cpu: float | None
    peak: int | None  # bytes of memory, at the most, of the whole process
    said: str


def measured(command: list[str]) -> Run:
    """Run ``python -m`` something and read its clock, its memory and what it says."""
    quiet = {"RETENTIONEERING_NO_TRACK": "1", "PYTHONWARNINGS": "ignore"}
    told, said = None, []
    with tempfile.TemporaryFile("w+") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **quiet}
        )
        whole = None
        for line in process.stdout:
            if line.startswith('{"job"'):
                whole, told = time.perf_counter() - begun, json.loads(line)
            else:
                said.append(line.strip())
        process.stdout.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        lines = [line.strip() for line in errors if line.strip()]
    if process.returncode != 0 or told is None:
        return Run(None, None, None, None, lines[-1] if lines else f"ended with {process.returncode}")
    return Run(whole, told["job"], told["cpu"], used.ru_maxrss * UNIT, said[0] if said else "")
