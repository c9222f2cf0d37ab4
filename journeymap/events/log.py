"""An event log: where the events are and what their columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Any, Literal

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.engines.protocol import Engine, Relation
from journeymap.errors import InvalidLogError
from journeymap.events.columns import refuse_missing_columns, refuse_no_times

__all__ = [
    "FLAGS",
    "EventLog",
    "Moment",
    "OpenLog",
    "filter_words",
    "microseconds_of",
    "moment",
    "period_of",
    "values_of",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FLAGS = ("repeated", "failure", "completed")  # columns that say yes or no
_ROLES = ("customer", "event", "time", "end", "order", "journey", "channel", "feeling", "agent", *FLAGS)


@dataclass(frozen=True)
class Moment:
    """A point in time as the user gave it: naive, or aware of its zone."""

    microseconds: int
    aware: bool


@dataclass(frozen=True)
class EventLog:
    """Which customer did what, when?

    Nothing is read until an analysis asks for it; filters run in the engine.

    Parameters
    ----------
    source : str, Path, pandas or polars DataFrame, pyarrow Table, or DuckDB relation
        A file or a pattern of CSV (also .gz) or Parquet files, or a table. Files of a pattern are read in
        the order of their names.
    customer_col, event_col, time_col : str
        The columns with the customer, the raw event name and the time of the event. Times are dates,
        timestamps (naive ones are taken as given, aware ones compared as instants; a log that mixes the two
        is refused) or ISO 8601 text. Fractions of a second are kept.
    end_col : str, optional
        The time at which the event ended; waits then run from there.
    order_col : str, optional
        What orders events of one customer at the same time; the input order when left out.
    journey_col : str, optional
        What tells a customer's journeys apart, such as a session or an order number; all events of a
        customer are one journey when left out.
    channel_col : str, optional
        The channel of the event; a design may tell raw events apart by it.
    feeling_col : str, optional
        A feeling from −2 to +2 recorded with the event, empty where there is none.
    agent_col : str, optional
        Who dealt with the event: a person, a team or a department, empty where not known. It shows where
        customers are handed from one to another.
    repeated_col : str, optional
        Whether the customer had to tell again what was told before.
    failure_col : str, optional
        Whether the contact would not have been needed had something not failed before: failure demand,
        counted at service touchpoints.
    completed_col : str, optional
        Whether the customer finished what the event began, such as a form, a cart or a queue: abandonment
        within a touchpoint.
        These three hold a BOOLEAN, 0 and 1, or the words yes, no, true and false; empty is not known.
    segment_cols : tuple of str
        Columns by which customers may be told apart: `segments` counts their values, `where` chooses one.
    time_format : str, optional
        How times are written where they are text in another form, such as ``"%d/%m/%Y %H:%M"``.
    on_missing : {"error", "drop"}
        What to do with events without customer, name or time: refuse the log, or leave them out and say so.
    engine : Engine, optional
        Where the queries run; a DuckDB of its own for each analysis when left out.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a"], "what": ["ad", "pay"], "when": ["2024-05-01", "2024-05-02"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> log.between("2024-05-01", "2024-06-01").where(what=["ad", "pay"]).filters_in_words()
    ('from 2024-05-01 until before 2024-06-01', "what is 'ad' or 'pay'")
    """

    source: Any = field(repr=False)
    _: KW_ONLY
    customer_col: str
    event_col: str
    time_col: str
    end_col: str | None = None
    order_col: str | None = None
    journey_col: str | None = None
    channel_col: str | None = None
    feeling_col: str | None = None
    agent_col: str | None = None
    repeated_col: str | None = None
    failure_col: str | None = None
    completed_col: str | None = None
    segment_cols: tuple[str, ...] = ()
    time_format: str | None = None
    on_missing: Literal["error", "drop"] = "error"
    engine: Engine | None = field(default=None, repr=False, compare=False)
    period: tuple[str, str] | None = field(default=None, repr=False)
    conditions: tuple[tuple[str, tuple[str | None, ...]], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse an unknown rule for missing values at once."""
        if self.on_missing not in {"error", "drop"}:
            raise InvalidLogError.because(
                f"on_missing: {self.on_missing!r} is no rule.",
                expected="Expected 'error' or 'drop'.",
                hint="'drop' leaves incomplete events out and says how many",
            )
        columns: Any = self.segment_cols
        object.__setattr__(self, "segment_cols", (columns,) if isinstance(columns, str) else tuple(columns))

    def __str__(self) -> str:
        """Name the source and the filters."""
        source = str(self.source) if isinstance(self.source, str | PurePath) else type(self.source).__name__
        return "; ".join((f"event log from {source}", *self.filters_in_words()))

    def between(self, start: str | date | datetime, end: str | date | datetime) -> EventLog:
        """Keep the events from `start` until before `end`.

        Parameters
        ----------
        start, end : str, date or datetime
            ISO 8601 text or a time; aware if the log's times are aware. The end is not part of it, and it
            becomes the end of the observation.

        Returns
        -------
        EventLog
            A log that knows the period.

        Raises
        ------
        InvalidLogError
            One of them is no time, or the end does not lie after the start.
        """
        return replace(self, period=period_of(start, end))

    def where(self, **columns: Any) -> EventLog:
        """Keep the events whose columns have these values.

        Parameters
        ----------
        **columns : value or list of values
            For each column the value, or the values, to keep; None keeps events without a value.

        Returns
        -------
        EventLog
            A log that knows the conditions; all of them must hold.

        Notes
        -----
        It chooses events, not journeys: a condition on a column that changes within a journey cuts it.
        """
        more = tuple((name, values_of(value)) for name, value in columns.items())
        return replace(self, conditions=self.conditions + more)

    def filters_in_words(self) -> tuple[str, ...]:
        """Say in words which events are kept.

        Returns
        -------
        tuple of str
            One text a filter, empty without filters.
        """
        return filter_words(self.period, self.conditions)

    @contextmanager
    def open(self) -> Iterator[OpenLog]:
        """Read the log's columns and hand it to an engine.

        Yields
        ------
        OpenLog
            The log with its engine and the names of its columns, checked.

        Raises
        ------
        InvalidLogError
            A column is missing, or the time column holds no times.
        """
        engine: Engine = self.engine or DuckDBEngine()
        try:
            relation = engine.register(self.source)
            self._check_columns(relation)
            with ExitStack() as kept:
                yield OpenLog(self, engine, relation, kept)
        finally:
            if self.engine is None:
                engine.close()

    def _check_columns(self, relation: Relation) -> None:
        wanted = {f"{role}_col": getattr(self, f"{role}_col") for role in _ROLES}
        wanted |= {f"segment_cols[{i}]": name for i, name in enumerate(self.segment_cols)}
        wanted |= {f"where({name}=...)": name for name, _ in self.conditions}
        refuse_missing_columns(wanted, relation)
        hint = (
            "turn it into timestamps first, for example seconds since 1970 with "
            "pandas.to_datetime(..., unit='s')"
        )
        for parameter in ("time_col", "end_col"):
            refuse_no_times(parameter, getattr(self, parameter), relation, hint=hint)


@dataclass(frozen=True)
class OpenLog:
    """A log in the hands of an engine."""

    log: EventLog
    engine: Engine
    relation: Relation
    kept: ExitStack

    def keep(self, table: str) -> str:
        """Have the engine drop a table when the log is closed, whatever happens until then."""
        self.kept.callback(self.engine.drop, table)
        return table

    @property
    def label(self) -> str:
        """What messages call the source."""
        return self.relation.label


def moment(value: str | date | datetime, what: str) -> Moment:
    """Read a point in time.

    Parameters
    ----------
    value : str, date or datetime
        ISO 8601 text or a time.
    what : str
        Its role, for the message.

    Returns
    -------
    Moment
        Microseconds since 1970 and whether it is aware of its zone.

    Raises
    ------
    InvalidLogError
        It is no time.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise InvalidLogError.because(
            f"{what}: {value!r} is no time.",
            expected="Expected ISO 8601.",
            hint="write 2024-05-31 or 2024-05-31T18:00:00+02:00",
        ) from error
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day)  # noqa: DTZ001 - a date is naive
    return Moment(microseconds_of(found), found.tzinfo is not None)


def microseconds_of(time: datetime) -> int:
    """Count the microseconds since 1970; a naive time is taken as it is written."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    span = aware - _EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def period_of(start: str | date | datetime, end: str | date | datetime) -> tuple[str, str]:
    """Check a period and write it as ISO 8601.

    Parameters
    ----------
    start, end : str, date or datetime
        ISO 8601 text or a time.

    Returns
    -------
    (str, str)
        Start and end.

    Raises
    ------
    InvalidLogError
        One of them is no time, or the end does not lie after the start.
    """
    first, last = moment(start, "start"), moment(end, "end")
    if first.aware != last.aware or first.microseconds >= last.microseconds:
        raise InvalidLogError.because(
            f"between: {start} to {end} is no period.",
            expected="Expected a start before the end, both with or both without zone.",
            hint="the end itself is left out",
        )
    return tuple(value if isinstance(value, str) else value.isoformat() for value in (start, end))  # type: ignore[return-value]


def values_of(value: Any) -> tuple[str | None, ...]:
    """Write the value, or the values, that a column shall have as texts; None stands for a missing one.

    Parameters
    ----------
    value : value or list of values
        What a filter was given.

    Returns
    -------
    tuple of str or None
        In the order given; sorted where it was a set.

    Raises
    ------
    InvalidLogError
        The list is empty.
    """
    several = value if isinstance(value, list | tuple | set | frozenset) else (value,)
    texts = [None if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in several]
    if not texts:
        raise InvalidLogError.because("where: an empty list keeps no event.", hint="give at least one value")
    return tuple(sorted(texts, key=lambda v: (v is None, v)) if isinstance(value, set | frozenset) else texts)


def filter_words(
    period: tuple[str, str] | None, conditions: Sequence[tuple[str, Sequence[str | None]]]
) -> tuple[str, ...]:
    """Say in words which rows are kept.

    Parameters
    ----------
    period : (str, str) or None
        Start and end.
    conditions : sequence of (str, sequence of str)
        Columns with the values to keep; None stands for a missing one.

    Returns
    -------
    tuple of str
        One text a filter, empty without filters.
    """
    words = [f"from {period[0]} until before {period[1]}"] if period else []
    for name, values in conditions:
        words.append(f"{name} is " + " or ".join("missing" if v is None else repr(v) for v in values))
    return tuple(words)
