"""Let somebody else run the queries: write them down, and count from the tables that come back."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

from journeymap.engines.answer_files import AnswerSource, Query
from journeymap.engines.answered_engine import DIALECTS, TIME_KINDS, AnsweredEngine
from journeymap.engines.protocol import TimeKind
from journeymap.errors import InvalidLogError, UnansweredError, WrongKindError
from journeymap.events import queries
from journeymap.events.log import EventLog

__all__ = ["Queries", "answering_engine", "queries_of", "queries_until_answered", "with_answers"]

T = TypeVar("T")

_WIDTH = 96
_MADE = re.compile(r"\bjm_([a-z_]*[a-z])")


@dataclass(frozen=True)
class Queries:
    """What somebody else has to run, and what came of it.

    Parameters
    ----------
    engine : str
        Whose SQL it is.
    setup : tuple of str
        The statements that make the tables which the queries read; for the same session.
    queries : tuple of Query
        What has no answer yet, in order, each with its ``name``, ``sql``, ``columns`` and ``key`` (the name
        of its answer).
    clean_up : tuple of str
        The statements that drop these tables.
    answered : int
        How many queries had an answer.
    result : object or None
        What the job returned, once every query has an answer.
    """

    engine: str
    setup: tuple[str, ...]
    queries: tuple[Query, ...]
    clean_up: tuple[str, ...]
    answered: int = 0
    result: Any = field(default=None, repr=False)

    def __str__(self) -> str:
        """Write the script: all statements, with what each query asks and where its answer goes."""
        if not self.queries:
            return "-- all queries are answered\n"
        count = len(self.queries)
        head = _comment(
            f"{count} {'query' if count == 1 else 'queries'} of journeymap for {self.engine}, to be run in "
            "one session. Save the rows of each under the name that it says, as .csv (with a header, empty "
            "for null) or .parquet, all in one folder. Then ask again with this folder: what follows depends "
            "on the answers."
        )
        makes = [f"{_making(text)}\n{text};" for text in self.setup]
        asks = [_asking(query, number, count) for number, query in enumerate(self.queries, 1)]
        drops = ["\n".join(f"{text};" for text in self.clean_up)] if self.clean_up else []
        return "\n\n".join([head, *makes, *asks, *drops]) + "\n"


def _making(statement: str) -> str:
    """Say what a table holds that queries read from; no row of it is an answer."""
    name = _MADE.search(statement)
    holds = _questions().get(name[1]) if name else None
    return _comment(f"made for the queries below, dropped at the end{f'. {holds}' if holds else ''}")


def _asking(query: Query, number: int, count: int) -> str:
    lines = [f"-- {number} of {count}: {query.name}"]
    question = _questions().get(query.name)
    lines += [_comment(question)] if question else []
    columns = f", columns {', '.join(query.columns)}" if query.columns else ""
    lines.append(_comment(f"save as {query.key}.csv or {query.key}.parquet{columns}"))
    return "\n".join([*lines, f"{query.sql};"])


@cache
def _questions() -> dict[str, str]:
    """Say what each query asks: the first line of the function that writes it, which has its name."""
    found: dict[str, str] = {}
    for module in iter_modules(queries.__path__):
        written = vars(import_module(f"{queries.__name__}.{module.name}"))
        for name in written["__all__"]:
            if name.endswith("_sql"):
                first = (written[name].__doc__ or "").partition("\n")[0]
                plain = re.sub(r"[;,] to be kept(?=[.;])|`", "", first)
                # a semicolon at the end of a line would look like the end of a statement
                found[name.removesuffix("_sql")] = plain.replace(";", ",")
    return found


def _comment(text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent="-- ",
        subsequent_indent="-- ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def queries_of(
    job: Callable[..., Any],
    *arguments: Any,
    engine: str = "duckdb",
    time_kind: str | None = None,
    counts: AnswerSource | None = None,
    **options: Any,
) -> Queries:
    """Which queries would a job run, for somebody else to run them?

    Parameters
    ----------
    job : callable
        A function that counts from a log, such as `discover_journey` or `with_paths`.
    *arguments
        What it takes; the source of its `EventLog` is the name of a table, which nobody here looks into.
    engine : {"duckdb", "spark"}
        Whose SQL to write.
    time_kind : {"naive", "aware", "date", "text"}, optional
        What the columns of times hold: timestamps without or with a time zone, dates, or ISO 8601 text. When
        left out, what the engine's plain ``timestamp`` is: naive on DuckDB, aware on Spark.
    counts : str, Path or mapping of str to pyarrow.Table, optional
        The answers so far: a folder of files, or tables by the keys of their queries.
    **options
        Further options of the job.

    Returns
    -------
    Queries
        What is still to be asked; as text, a script. Queries may depend on earlier answers, so ask again with
        them until nothing is left; then `Queries.result` is what the job returns.

    Raises
    ------
    InvalidLogError
        The source is no name of a table, or `engine` or `time_kind` none that there is.
    FileFormatError
        An answer cannot be read, or has other columns than its query.

    Notes
    -----
    Only counts leave the warehouse: no query gives an id of a customer, or a row of events. Names of raw
    events are among the answers.

    Examples
    --------
    >>> from journeymap.events.discover import discover_journey
    >>> log = EventLog("shop.events", customer_col="who", event_col="what", time_col="at", order_col="id")
    >>> asked = queries_of(discover_journey, log, goal="pay")
    >>> [query.name for query in asked.queries]
    ['census', 'first_customers', 'customer_count']
    """
    logs = [value for value in (*arguments, *options.values()) if isinstance(value, EventLog)]
    if not logs:
        raise WrongKindError.because(
            "queries_of: none of the arguments is an EventLog.",
            expected="Expected what the job takes, such as queries_of(discover_journey, log, design).",
        )
    answering = answering_engine(logs[0], counts, engine=engine, time_kind=time_kind)

    def ours(value: Any) -> Any:
        return replace(value, engine=answering) if isinstance(value, EventLog) else value

    given, named = [ours(value) for value in arguments], {name: ours(options[name]) for name in options}
    return queries_until_answered(lambda: job(*given, **named), answering)


def queries_until_answered(job: Callable[[], Any], engine: AnsweredEngine) -> Queries:
    """Run a job as far as there are answers.

    Parameters
    ----------
    job : callable
        Asks the engine.
    engine : AnsweredEngine
        The engine.

    Returns
    -------
    Queries
        What is left to be asked, or the result.
    """
    result = None
    try:
        result = job()
    except UnansweredError:
        if not engine.unanswered:
            raise
    return Queries(
        engine.name,
        engine.setup(),
        tuple(engine.unanswered),
        engine.clean_up(),
        answered=engine.answered,
        result=None if engine.unanswered else result,
    )


def answering_engine(
    log: EventLog, counts: AnswerSource | None, *, engine: str = "duckdb", time_kind: str | None = None
) -> AnsweredEngine:
    """Give an engine that runs nothing, for the table of a log.

    Parameters
    ----------
    log : EventLog
        Its source is the name of a table.
    counts : str, Path or mapping of str to pyarrow.Table, optional
        The answers.
    engine, time_kind : str
        As in `queries_of`.

    Returns
    -------
    AnsweredEngine
        It knows what the columns of times hold.

    Raises
    ------
    InvalidLogError
        There is no such engine, or no such kind of time.
    """
    named = ("aware" if engine == "spark" else "naive") if time_kind is None else time_kind
    kind = next((one for one in TIME_KINDS if one == named), None)
    if kind is None:
        raise InvalidLogError.because(
            f"time_kind: {named!r} is no kind of time.",
            expected=f"Expected one of: {', '.join(TIME_KINDS)}.",
            hint="aware timestamps name a time zone, naive ones do not",
        )
    times: dict[str, TimeKind] = {} if log.order_col is None else {log.order_col: "other"}
    times |= dict.fromkeys((name for name in (log.time_col, log.end_col) if name is not None), kind)
    return AnsweredEngine(counts, dialect=engine, times=times)


def with_answers(job: Callable[[EventLog], T], log: EventLog, counts: AnswerSource) -> T:
    """Count from the tables that somebody else handed back.

    Parameters
    ----------
    job : callable
        Counts from a log.
    log : EventLog
        Its source is the name of a table.
    counts : str, Path or mapping of str to pyarrow.Table
        The answers; their fingerprints tell for which engine the queries were written.

    Returns
    -------
    object
        What the job returns.

    Raises
    ------
    UnansweredError
        Answers are missing, or belong to other queries.
    """
    refused: UnansweredError | None = None
    for dialect in DIALECTS:
        for kind in TIME_KINDS:
            answering = answering_engine(log, counts, engine=dialect, time_kind=kind)
            try:
                return job(replace(log, engine=answering))
            except UnansweredError as error:
                if answering.answered:
                    raise
                refused = refused or error
    raise UnansweredError.because(
        "these answers belong to no query that is asked of this log.",
        expected="Expected answers to the queries for the same table, columns, design and options.",
        where=None if isinstance(counts, Mapping) else str(counts),
        hint="queries_of, or journeymap sql, prints the queries and the name of each answer",
    ) from refused
