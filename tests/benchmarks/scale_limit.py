"""What a machine needs at the least: one compiled pass over events that are coded and in order already.

``python -m tests.benchmarks.scale_limit time|customers EVENTS.parquet ANSWER.json``. The numbers of customers
and the order are made beforehand and not timed. The pass is compiled with the C compiler of the machine.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np

from tests.benchmarks.scale_data import TOUCHPOINTS, event_name, timed, write_answer

SOURCE = Path(__file__).with_name("scale_pass.c")
ORDERS = {"time": ("over_time", "t, place"), "customers": ("over_customers", "customer, t, place")}
COLUMNS = """
select cast(dense_rank() over (order by user_id) - 1 as integer) as customer,
       cast(event[-2:] as utinyint) as code, epoch_us(ts) as t, file_row_number as place
from read_parquet('{path}', file_row_number = true) order by {order}
"""


def compiled(folder: str) -> ctypes.CDLL:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        sys.exit("no C compiler (cc, gcc or clang) is installed")
    library = Path(folder) / "scale_pass.so"
    subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    return ctypes.CDLL(str(library))


def main(order: str, path: str, answer: str) -> None:
    function, by = ORDERS[order]
    with duckdb.connect() as connection:
        columns = connection.sql(COLUMNS.format(path=path, order=by)).fetchnumpy()
    customer, code, t = (np.ascontiguousarray(columns[name]) for name in ("customer", "code", "t"))
    last_t = np.zeros(customer.max() + 1, dtype=np.int64)
    last_code = np.full(last_t.size, -1, dtype=np.int16)
    count, wait = (np.zeros((TOUCHPOINTS, TOUCHPOINTS), dtype=np.int64) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        run = getattr(compiled(folder), function)
        arrays = [ctypes.c_void_p(array.ctypes.data) for array in (last_t, last_code, count, wait)]
        with timed():
            run(
                ctypes.c_int64(customer.size),
                *(ctypes.c_void_p(array.ctypes.data) for array in (customer, code, t)),
                ctypes.c_int64(TOUCHPOINTS),
                *arrays,
            )
    edges = {
        (event_name(a), event_name(b)): [int(count[a, b]), int(wait[a, b]) / int(count[a, b]) / 1e6]
        for a, b in zip(*np.nonzero(count), strict=True)
    }
    write_answer(
        answer, {"counts": {k: v[0] for k, v in edges.items()}, "means": {k: v[1] for k, v in edges.items()}}
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
