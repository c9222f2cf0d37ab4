"""Which options do commands share: those that say how events are read?"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from journeymap.errors import InvalidLogError

if TYPE_CHECKING:
    from journeymap.engines.protocol import Engine
    from journeymap.events.log import EventLog
    from journeymap.model.journey import Journey

__all__ = [
    "Design",
    "Events",
    "JourneyFile",
    "LogOptions",
    "Output",
    "flag",
    "given_options",
    "option",
    "with_options",
]

_LOG = "The event log"
_JOURNEY = "What counts as a journey"
_ENGINE: ContextVar[Engine | None] = ContextVar("engine", default=None)  # of the command that runs


def option(
    flag: str,
    text: str,
    panel: str,
    metavar: str | None = None,
    *,
    least: float | None = None,
    most: float | None = None,
) -> Any:
    """Describe an option of a command, in a panel of its help.

    Parameters
    ----------
    flag, text, panel : str
        What is typed, what it does, and under which heading the help names it.
    metavar : str, optional
        The word for its value.
    least, most : float, optional
        The range of its value.

    Returns
    -------
    Any
        For an annotation.
    """
    return typer.Option(
        flag, help=text, rich_help_panel=panel, metavar=metavar, show_default=False, min=least, max=most
    )


Events = Annotated[
    str, typer.Argument(help="CSV (also .gz) or Parquet, or a pattern in quotes.", show_default=False)
]
Design = Annotated[
    Path | None, typer.Option("--design", help="A designed journey (.yaml, .json).", show_default=False)
]
JourneyFile = Annotated[Path, typer.Argument(help="A journey (.json, .yaml).", show_default=False)]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write.", show_default=False)]


@dataclass(frozen=True)
class LogOptions:
    """The options of every command that reads events."""

    customer_col: Annotated[str | None, option("--customer-col", "Column with the customer.", _LOG)] = None
    event_col: Annotated[str | None, option("--event-col", "Column with the raw event.", _LOG)] = None
    time_col: Annotated[str | None, option("--time-col", "Column with the time of the event.", _LOG)] = None
    end_col: Annotated[str | None, option("--end-col", "Column with the end of the event.", _LOG)] = None
    order_col: Annotated[str | None, option("--order-col", "Column that orders equal times.", _LOG)] = None
    journey_col: Annotated[
        str | None, option("--journey-col", "Column that tells a customer's journeys apart.", _LOG)
    ] = None
    channel_col: Annotated[str | None, option("--channel-col", "Column with the channel.", _LOG)] = None
    feeling_col: Annotated[str | None, option("--feeling-col", "Column with a feeling, −2 to +2.", _LOG)] = (
        None
    )
    agent_col: Annotated[str | None, option("--agent-col", "Column with who dealt with it.", _LOG)] = None
    repeated_col: Annotated[
        str | None, option("--repeated-col", "Column: the customer had to tell it again (yes/no).", _LOG)
    ] = None
    failure_col: Annotated[
        str | None, option("--failure-col", "Column: the contact came of a failure (yes/no).", _LOG)
    ] = None
    completed_col: Annotated[
        str | None, option("--completed-col", "Column: finished what was begun (yes/no).", _LOG)
    ] = None
    segment_col: Annotated[
        list[str] | None, option("--segment-col", "Column with a segment; may be repeated.", _LOG)
    ] = None
    time_format: Annotated[
        str | None, option("--time-format", "How times are written, such as '%d/%m/%Y %H:%M'.", _LOG)
    ] = None
    between: Annotated[
        tuple[str, str] | None,
        option("--between", "Only events from START until before END.", _LOG, "START END"),
    ] = None
    where: Annotated[
        list[str] | None,
        option("--where", "Only events with this value; may be repeated.", _LOG, "COLUMN=VALUE"),
    ] = None
    on_missing: Annotated[
        Literal["error", "drop"],
        option("--on-missing", "Events without customer, name or time: error (default) or drop.", _LOG),
    ] = "error"
    memory_limit: Annotated[
        str | None,
        option("--memory-limit", "Memory for counting, such as 4GB; the rest goes to disk.", _LOG, "SIZE"),
    ] = None
    unmapped: Annotated[
        Literal["error", "ignore", "keep"],
        option("--unmapped", "Events without a touchpoint: error (default), ignore or keep.", _JOURNEY),
    ] = "error"
    goal: Annotated[
        list[str] | None,
        option("--goal", "Touchpoint or stage that wins the journey; may be repeated.", _JOURNEY),
    ] = None
    lost_after: Annotated[
        str | None, option("--lost-after", "Silence after which a journey is lost: '30 days'.", _JOURNEY)
    ] = None
    new_journey_after: Annotated[
        str | None, option("--new-journey-after", "Gap that starts a new journey: '30 minutes'.", _JOURNEY)
    ] = None
    observed_until: Annotated[
        str | None, option("--observed-until", "End of the observation, if not the last event.", _JOURNEY)
    ] = None

    def open_log(self, events: str, engine: Engine | None = None) -> EventLog:
        """Make the log that the options describe."""
        from journeymap.events.log import EventLog  # noqa: PLC0415

        missing = [
            f"--{role}-col" for role in ("customer", "event", "time") if not getattr(self, f"{role}_col")
        ]
        if missing:
            raise typer.BadParameter(f"say which columns are which: {', '.join(missing)} missing.")
        log = EventLog(
            events,
            customer_col=str(self.customer_col),
            event_col=str(self.event_col),
            time_col=str(self.time_col),
            end_col=self.end_col,
            order_col=self.order_col,
            journey_col=self.journey_col,
            channel_col=self.channel_col,
            feeling_col=self.feeling_col,
            agent_col=self.agent_col,
            repeated_col=self.repeated_col,
            failure_col=self.failure_col,
            completed_col=self.completed_col,
            segment_cols=tuple(self.segment_col or ()),
            time_format=self.time_format,
            on_missing=self.on_missing,
            engine=engine or _ENGINE.get(),
        )
        log = log.between(*self.between) if self.between else log
        return log.where(**_conditions(self.where or [])) if self.where else log

    def discover(
        self, events: str, design: Path | None, engine: Engine | None = None, *, evidence: bool = True
    ) -> Journey:
        """Discover the journey that the options describe."""
        from journeymap.events.discover import discover_journey  # noqa: PLC0415
        from journeymap.formats.files import read_journey  # noqa: PLC0415

        return discover_journey(
            self.open_log(events, engine),
            read_journey(design) if design else None,
            goal=self.goal or None,
            lost_after=self.lost_after,
            observed_until=self.observed_until,
            new_journey_after=self.new_journey_after,
            unmapped=self.unmapped,
            evidence=evidence,
        )


def _conditions(written: list[str]) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for text in written:
        column, sign, value = text.partition("=")
        if not sign or not column:
            raise InvalidLogError.because(
                f"--where {text!r} is no condition.",
                expected="Expected column=value, such as platform=mobile.",
            )
        found.setdefault(column, []).append(value or None)
    return found


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command single options in place of its parameters that are sets of them.

    Parameters
    ----------
    command : callable
        Some of its parameters are dataclasses, such as `LogOptions`, whose fields are options.

    Returns
    -------
    callable
        For typer: with the fields, which it hands on as those dataclasses.
    """
    hints = get_type_hints(command, include_extras=True)
    own = [p.replace(annotation=hints[p.name]) for p in inspect.signature(command).parameters.values()]
    sets: dict[str, Any] = {p.name: p.annotation for p in own if is_dataclass(p.annotation)}
    parameters = [single for p in own for single in (_singly(sets[p.name]) if p.name in sets else [p])]

    @functools.wraps(command)
    def outer(**given: Any) -> None:
        whole = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in sets.items()
        }
        with _limited(whole.values()):
            command(**given, **whole)

    outer.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    )
    outer.__annotations__ = {p.name: p.annotation for p in parameters}
    return outer


@contextmanager
def _limited(options: Iterable[Any]) -> Iterator[None]:
    """Count all events of a command in one engine, where its options limit the memory."""
    limit = next((found for each in options if (found := getattr(each, "memory_limit", None))), None)
    if limit is None:
        yield
        return
    from journeymap.engines.duckdb_engine import DuckDBEngine  # noqa: PLC0415

    with DuckDBEngine(memory_limit=limit) as engine:
        token = _ENGINE.set(engine)
        try:
            yield
        finally:
            _ENGINE.reset(token)


@functools.cache
def _singly(options: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(options, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(options)
    ]


def given_options(options: Any) -> list[str]:
    """Which options of a set were given?

    Parameters
    ----------
    options : dataclass
        A set of options, all of which have a value that stands when they are left out.

    Returns
    -------
    list of str
        The names of its fields that have another value.
    """
    return [field.name for field in fields(options) if getattr(options, field.name) != field.default]


def flag(parameter: str) -> str:
    """Write a parameter as it is typed.

    Parameters
    ----------
    parameter : str
        As in ``min_share``.

    Returns
    -------
    str
        As in ``--min-share``.
    """
    return "--" + parameter.replace("_", "-")
