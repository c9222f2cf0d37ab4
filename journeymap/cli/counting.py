"""Which options say what is counted besides the graph, and how does a source become a journey?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeymap.cli.options import LogOptions, flag, given_options, option
from journeymap.errors import InvalidLogError

if TYPE_CHECKING:
    from journeymap.cli.answers import AnswerOptions
    from journeymap.engines.protocol import Engine
    from journeymap.model.journey import Journey

__all__ = [
    "By",
    "CountOptions",
    "NoEvidence",
    "Source",
    "counted",
    "is_journey_file",
    "read_or_count",
    "refuse_given",
]

_PANEL = "What else is counted"
_FILES = {".json", ".yaml", ".yml"}

Source = Annotated[str, typer.Argument(help="Events, or a journey (.json, .yaml).", show_default=False)]
By = Annotated[
    str | None,
    option("--by", "Column of the events with a segment: compare these, too.", _PANEL, "COLUMN"),
]

NoEvidence = Annotated[
    bool,
    option(
        "--no-evidence",
        "Count visits, transitions and waits alone, large logs in half of the time: no intervals, friction, "
        "funnel, service or report.",
        _PANEL,
    ),
]


@dataclass(frozen=True)
class CountOptions:
    """The options of every command that counts service and paths from events."""

    episodes_within: Annotated[
        str,
        typer.Option(
            "--episodes-within", "--within", help="Service contacts this close belong together.",
            rich_help_panel=_PANEL, metavar="SPAN",
        ),
    ] = "7 days"  # fmt: skip
    triggered_within: Annotated[
        str | None,
        option(
            "--triggered-within",
            "A contact so soon after a visit follows it (as long as --episodes-within).",
            _PANEL,
            "SPAN",
        ),
    ] = None
    landmark: Annotated[
        list[str] | None,
        option(
            "--landmark",
            "Touchpoint, or stage:ID, from which on service is compared with none; may be repeated.",
            _PANEL,
            "ID",
        ),
    ] = None
    retained_after: Annotated[
        str,
        option("--retained-after", "Who comes back later than this has stayed ('30 days').", _PANEL, "SPAN"),
    ] = "30 days"
    quick: Annotated[
        bool, option("--quick", "Leave out what only service and paths are read from.", _PANEL)
    ] = False


def counted(
    events: str,
    design: Path | None,
    options: LogOptions,
    count: CountOptions,
    *,
    by: str | None = None,
    answers: AnswerOptions | None = None,
    engine: Engine | None = None,
    evidence: bool = True,
) -> Journey:
    """Discover the journey that the options describe, with its service and its paths."""
    from journeymap.events.paths import with_paths  # noqa: PLC0415
    from journeymap.events.service import with_service  # noqa: PLC0415

    if not evidence:
        idle = [name for name in (*given_options(count), *(["by"] if by else [])) if name != "quick"]
        if idle:
            raise typer.BadParameter(
                f"{flag(idle[0])} does not fit --no-evidence, which counts none of that."
            )
    named = list(options.segment_col or [])
    if by is not None and by not in named:
        options = replace(options, segment_col=[*named, by])
    with _said_of(f"segment_cols[{len(named)}]", "--by"):
        journey = options.discover(events, design, engine, evidence=evidence)
        log = options.open_log(events, engine)
    if evidence and not count.quick:
        journey = with_service(
            journey,
            log,
            within=count.episodes_within,
            triggered_within=count.triggered_within,
            landmarks=tuple(count.landmark or ()),
            retained_after=count.retained_after,
            by=by,
            **_felt(answers),
        )
        journey = with_paths(journey, log)
    return journey if answers is None else answers.laid_on(journey, log)


@contextmanager
def _said_of(column: str, typed: str) -> Iterator[None]:
    """Let messages about a column name the option that was typed."""
    try:
        yield
    except InvalidLogError as error:
        raise InvalidLogError(str(error).replace(column, typed)) from error


def _felt(answers: AnswerOptions | None) -> dict[str, Any]:
    """Say which survey tells the feelings inside and outside service."""
    survey = answers.felt() if answers is not None else None
    if answers is None or survey is None:
        return {}
    timed = answers.window if survey.time_col is not None else None
    return {"feedback": survey, "window": timed, "feeling_from": answers.feelings_of(survey)}


def is_journey_file(source: str) -> bool:
    """Tell a journey from events, by the ending."""
    return Path(source).suffix.lower() in _FILES


def read_or_count(
    source: str,
    design: Path | None,
    options: LogOptions,
    count: CountOptions,
    *,
    by: str | None,
    answers: AnswerOptions,
) -> Journey:
    """Read a journey, or count one from events; with its surveys and tickets."""
    from journeymap.formats.files import read_journey  # noqa: PLC0415

    if not is_journey_file(source):
        return counted(source, design, options, count, by=by, answers=answers)
    given = [*given_options(options), *given_options(count)]
    given += [name for name, value in (("design", design), ("by", by)) if value is not None]
    if given:
        raise typer.BadParameter(
            f"{flag(given[0])} is about events, but {source} is a journey: give the events in its place,"
            " and a design with --design."
        )
    return answers.laid_on(read_journey(source), None)


def refuse_given(options: Any, why: str) -> None:
    """Refuse the first option of a set that was given."""
    given = given_options(options)
    if given:
        raise typer.BadParameter(f"{flag(given[0])} {why}")
