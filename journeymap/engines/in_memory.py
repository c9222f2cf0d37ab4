"""Tables in memory: which kinds can be read as events, and how each becomes Arrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from journeymap.errors import InvalidLogError

__all__ = ["as_arrow"]


def _from_pandas(frame: Any) -> pa.Table:
    try:
        return _with_mixed_times_as_text(pa.Table.from_pandas(frame, preserve_index=False), frame)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        pass
    # Arrow's own words may repeat a value, and an error from here on would carry them along
    raise InvalidLogError.because(
        f"{_unlike(frame)} of the data frame mixes types.",
        expected="Expected values of one type in a column.",
        hint="turn the column into text with .astype(str)",
    )


def _unlike(frame: Any) -> str:
    """Find the first column that Arrow takes for none of its types."""
    for place, name in enumerate(frame.columns):
        try:
            pa.Array.from_pandas(frame.iloc[:, place])
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            return f"column {str(name)!r}"
    return "a column"


def _with_mixed_times_as_text(table: pa.Table, frame: Any) -> pa.Table:
    """Tell times with a zone from those without, to be refused where they mix: Arrow takes both for UTC."""
    for place, field in enumerate(table.schema):
        if not pa.types.is_timestamp(field.type) or frame.dtypes.iloc[place].kind != "O":
            continue
        times = [None if time is None or time != time else time for time in frame.iloc[:, place]]  # noqa: PLR0124 - NaT
        if len({time.tzinfo is None for time in times if time is not None}) > 1:
            texts = [None if time is None else time.isoformat() for time in times]
            table = table.set_column(place, field.name, pa.array(texts, pa.string()))
    return table


_IN_MEMORY: dict[str, tuple[Callable[[Any], pa.Table], str]] = {
    "pyarrow.Table": (lambda table: table, "the Arrow table"),
    "pyarrow.RecordBatch": (lambda batch: pa.Table.from_batches([batch]), "the Arrow batch"),
    "pyarrow.RecordBatchReader": (lambda reader: reader.read_all(), "the Arrow reader"),
    "pandas.DataFrame": (_from_pandas, "the data frame"),
    "polars.DataFrame": (lambda frame: frame.to_arrow(), "the data frame"),
    "polars.LazyFrame": (lambda frame: frame.collect().to_arrow(), "the lazy frame"),
    "duckdb.DuckDBPyRelation": (lambda relation: relation.to_arrow_table(), "the DuckDB relation"),
    "_duckdb.DuckDBPyRelation": (lambda relation: relation.to_arrow_table(), "the DuckDB relation"),
}


def as_arrow(source: Any) -> tuple[pa.Table, str]:
    """Turn a table in memory into Arrow; null stays null and integers stay integers.

    Parameters
    ----------
    source : pandas or polars DataFrame, pyarrow Table, or DuckDB relation
        The table.

    Returns
    -------
    (pyarrow.Table, str)
        The same rows, and what messages call the source.

    Raises
    ------
    InvalidLogError
        It is no table, or a column mixes types.
    """
    kind = f"{type(source).__module__.partition('.')[0]}.{type(source).__name__}"
    reading = _IN_MEMORY.get(kind)
    if reading is not None:
        read, label = reading
        return read(source), label
    if kind == "pyspark.DataFrame":
        raise InvalidLogError.because(
            "a Spark DataFrame is read by Spark.",
            hint="say where queries run: engine=SparkEngine(spark)",
        )
    raise InvalidLogError.because(
        f"a {type(source).__name__} cannot be read as events.",
        expected="Expected a path, a pattern, a pandas or polars frame, an Arrow table or a DuckDB relation.",
        hint="put the events into one of these",
    )
