"""What other packages do with the same file, each by the quickest of its own ways that we found.

``python -m tests.benchmarks.scale_peers PEER EVENTS.parquet ANSWER.json``, with any Python that has the peer.
Every one of them counts the pairs of events and their median waits; reading the file is part of it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from tests.benchmarks.scale_data import CUSTOMER, EVENT, TIME, timed, write_answer


def pm4py(path: str) -> dict:
    """Read and sort with pandas, then the two discoveries, the second of which gives every figure of the waits.

    Its own ``format_dataframe`` takes longer than the sort, its way through Polars longer than both.
    """
    import pandas as pd  # noqa: PLC0415
    import pm4py as peer  # noqa: PLC0415

    log = pd.read_parquet(path).sort_values([CUSTOMER, TIME], kind="stable", ignore_index=True)
    keys = {"case_id_key": CUSTOMER, "activity_key": EVENT, "timestamp_key": TIME}
    counts, starts, ends = peer.discover_dfg(log, **keys)
    waits, _, _ = peer.discover_performance_dfg(log, **keys)
    return {
        "counts": dict(counts),
        "medians": {pair: found["median"] for pair, found in waits.items()},
        "starts": starts,
        "ends": ends,
    }


def retentioneering(path: str) -> dict:
    """Read with pandas, then the data of its transition graph twice: counts, and median times."""
    import pandas as pd  # noqa: PLC0415
    from retentioneering import Eventstream  # noqa: PLC0415

    columns = {"path_cols": [CUSTOMER], "event_col": EVENT, "timestamp_col": TIME}
    stream = Eventstream(pd.read_parquet(path), schema=columns)
    return {
        "counts": stream.transition_graph_data(edge_weight="count"),
        "medians": stream.transition_graph_data(edge_weight="time_median"),
    }


def pl4pm(path: str) -> dict:
    """Read and put in order with Polars, then the two discoveries, the second with the median."""
    import pl4pm as peer  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    log = peer.format_dataframe(
        pl.scan_parquet(path), case_id_column=CUSTOMER, activity_column=EVENT, timestamp_column=TIME
    )
    counts, starts, ends = peer.discover_dfg(log)
    medians, _, _ = peer.discover_performance_dfg(log, perf_aggregation_key="median")
    return {"counts": counts, "medians": medians, "starts": starts, "ends": ends}


PEERS = {job.__name__: job for job in (pm4py, retentioneering, pl4pm)}
READERS = {"pm4py": "pandas", "retentioneering": "pandas", "pl4pm": "polars"}


def _plain(found: dict) -> dict:
    """Turn what a peer answers into numbers by pair; its own start and end events into starts and ends."""
    if isinstance(found["counts"], dict):
        return found
    # by what follows, then by what precedes
    counts, medians = (found[part].unstack() for part in ("counts", "medians"))  # noqa: PD010 - of a matrix
    pairs = {(a, b): int(count) for (b, a), count in counts.items() if count}
    first, last = "path_start", "path_end"
    inner = {pair: count for pair, count in pairs.items() if pair[0] != first and pair[1] != last}
    return {
        "counts": inner,
        "medians": {(a, b): medians[b, a].total_seconds() for a, b in inner},
        "starts": {b: count for (a, b), count in pairs.items() if a == first},
        "ends": {a: count for (a, b), count in pairs.items() if b == last},
    }


def main(name: str, path: str, answer: str) -> None:
    try:
        print(f"{name} {version(name)}", flush=True)
    except PackageNotFoundError:
        sys.exit(f"{name} is not installed")
    for module in (READERS[name], name):  # the start of the process, not the job
        import_module(module)
    with timed():
        found = PEERS[name](path)
    write_answer(answer, _plain(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
