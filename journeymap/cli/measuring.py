"""The command that measures: which surveys, tickets and events stand behind the scorecard?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from journeymap.cli.options import JourneyFile, LogOptions, flag, option, with_log_options
from journeymap.errors import InvalidLogError, JourneyMapError, UnknownNameError, nearest

if TYPE_CHECKING:
    from journeymap.events.log import EventLog
    from journeymap.model.cohorts import Cohorts
    from journeymap.model.journey import Journey
    from journeymap.model.scorecard import Scorecard

__all__ = ["metrics_command"]

_SOURCES, _SCOPE, _DEFINITIONS = "What is measured", "Of what", "Which definition"
_ONLY_DISCOVERED = ("unmapped", "goal", "lost_after", "new_journey_after", "observed_until")

Rows = list[tuple[str, ...]]


def metrics_command(
    say: Callable[[str], None], show: Callable[[str], None], table: Callable[[Rows], None]
) -> Callable[..., None]:
    """Give the command that measures.

    Parameters
    ----------
    say : callable
        Tells the person at the terminal what was written.
    show, table : callable
        Print sentences and a table as results.

    Returns
    -------
    callable
        For typer.
    """

    def metrics(
        journey: JourneyFile,
        options: LogOptions,
        *,
        feedback: Annotated[
            list[str] | None,
            option(
                "--feedback",
                "A survey (.yaml that names table and questions); may be repeated.",
                _SOURCES,
                "FILE",
            ),
        ] = None,
        tickets: Annotated[
            str | None,
            option(
                "--tickets", "Service-desk tickets (.yaml that names table and columns).", _SOURCES, "FILE"
            ),
        ] = None,
        events: Annotated[
            str | None,
            option(
                "--events",
                "The event log: finds the touchpoint of an answer, its stage, and who is silent.",
                _SOURCES,
                "FILES",
            ),
        ] = None,
        window: Annotated[
            str | None,
            option(
                "--window", "How long before an answer its touchpoint may lie: '7 days'.", _SOURCES, "SPAN"
            ),
        ] = None,
        feeling_from: Annotated[
            list[str] | None,
            option(
                "--feeling-from",
                "A question of the surveys that stands for the feeling; may be repeated.",
                _SOURCES,
                "QUESTION",
            ),
        ] = None,
        repeat_within: Annotated[
            str | None,
            option("--repeat-within", "By when another contact is a repeat ('7 days').", _SOURCES, "SPAN"),
        ] = None,
        contained_within: Annotated[
            str | None,
            option(
                "--contained-within",
                "The same for self-service: by then it failed ('48 hours').",
                _SOURCES,
                "SPAN",
            ),
        ] = None,
        unknown: Annotated[
            Literal["error", "ignore"],
            option(
                "--unknown",
                "Answers and tickets at unknown touchpoints: error (default) or ignore.",
                _SOURCES,
            ),
        ] = "error",
        period: Annotated[
            str | None,
            option(
                "--period",
                "Retention from period to period of the events: month, week or '14 days'.",
                _SOURCES,
                "SPAN",
            ),
        ] = None,
        by: Annotated[
            str | None,
            option("--by", "Column of survey and tickets that tells segments apart.", _SCOPE, "COLUMN"),
        ] = None,
        stage: Annotated[str | None, option("--stage", "Only this stage.", _SCOPE, "ID")] = None,
        segment: Annotated[str | None, option("--segment", "Only this segment.", _SCOPE, "VALUE")] = None,
        csat: Annotated[
            str,
            typer.Option(
                help="top_2_box, mean, top_box or bottom_2_box.", metavar="WORD", rich_help_panel=_DEFINITIONS
            ),
        ] = "top_2_box",
        ces: Annotated[
            str,
            typer.Option(
                help="mean, easy_share or effort_cost.", metavar="WORD", rich_help_panel=_DEFINITIONS
            ),
        ] = "mean",
        fcr: Annotated[
            str,
            typer.Option(
                help="operational, gross, net or ticket.", metavar="WORD", rich_help_panel=_DEFINITIONS
            ),
        ] = "operational",
        resolved_within: Annotated[
            str,
            typer.Option(
                help="The span of the resolution rate.", metavar="SPAN", rich_help_panel=_DEFINITIONS
            ),
        ] = "3 days",
        as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
        output: Annotated[
            Path | None,
            typer.Option(
                "--output",
                "-o",
                help="Write the journey with answers and contacts (.json).",
                show_default=False,
            ),
        ] = None,
    ) -> None:
        """Measure service and experience side by side, from surveys, tickets and events."""
        from journeymap.metrics.scorecard import scorecard  # noqa: PLC0415

        _check_options(options, events, {"window": window, "period": period})
        whole = _discovered(journey, options, events)
        log = options.open_log(events) if events is not None else None
        with _in_words_of_the_file():
            measured = _with_surveys(
                whole, feedback or [], log, window=window, by=by, feelings=feeling_from or [], unknown=unknown
            )
            if tickets is not None:
                spans = {"repeat_within": repeat_within, "contained_within": contained_within}
                measured = _with_desk(measured, tickets, log, spans, window=window, by=by, unknown=unknown)
        card = scorecard(
            measured, stage=stage, segment=segment, csat=csat, ces=ces, fcr=fcr,  # type: ignore[arg-type]
            resolved_within=resolved_within, cohorts=_cohorts(options, events, period),
        )  # fmt: skip
        if output is not None:
            from journeymap.formats.files import write_journey  # noqa: PLC0415

            write_journey(measured, output)
        if as_json:
            typer.echo(card.model_dump_json(indent=2))
        else:
            _print_card(card, show, table)
        if output is not None:
            say(f"wrote {output}")

    return with_log_options(metrics)


def _check_options(options: LogOptions, events: str | None, needing: dict[str, Any]) -> None:
    """Refuse options of a log where there is none."""
    if events is not None:
        return
    plain = LogOptions()
    given = [field.name for field in fields(LogOptions)
             if getattr(options, field.name) != getattr(plain, field.name)]  # fmt: skip
    given += [name for name, value in needing.items() if value is not None]
    if given:
        raise typer.BadParameter(f"{flag(given[0])} is about events: say where they are with --events.")


def _discovered(path: Path, options: LogOptions, events: str | None) -> Journey:
    """Read the journey; a design is discovered from the events where there are any."""
    from journeymap.formats.files import read_journey  # noqa: PLC0415

    journey = read_journey(path)
    if events is None:
        return journey
    if journey.origin == "designed":
        return options.discover(events, path)
    plain = LogOptions()
    for name in _ONLY_DISCOVERED:
        if getattr(options, name) != getattr(plain, name):
            raise typer.BadParameter(
                f"{flag(name)} does not fit {path}: it was discovered already. Give the design instead."
            )
    return journey


def _with_surveys(
    journey: Journey,
    surveys: list[str],
    log: EventLog | None,
    *,
    window: str | None,
    by: str | None,
    feelings: list[str],
    unknown: Literal["error", "ignore"],
) -> Journey:
    """Lay surveys onto the journey, with the log where they name customers."""
    from journeymap.events.declared import read_feedback  # noqa: PLC0415
    from journeymap.events.with_feedback import with_feedback  # noqa: PLC0415

    read = [read_feedback(path) for path in surveys]
    _check_questions(feelings, [question.id for survey in read for question in survey.questions])
    for survey in read:
        known = log if survey.customer_col is not None else None
        timed = window if known is not None and survey.time_col is not None else None
        felt = [question.id for question in survey.questions if question.id in feelings]
        journey = with_feedback(
            journey, survey, log=known, window=timed, by=by, feeling_from=felt, unknown=unknown
        )
    return journey


def _check_questions(given: list[str], known: list[str]) -> None:
    """Refuse a question that stands in no survey; each of them need stand in one only."""
    for name in given:
        if name in known:
            continue
        if not known:
            raise typer.BadParameter("--feeling-from is about surveys: say where they are with --feedback.")
        close = nearest(name, known)
        raise UnknownNameError.because(
            f"--feeling-from: no question {name!r}.",
            expected=f"Expected one of: {', '.join(known)}.",
            hint=f"did you mean {close!r}?" if close else None,
        )


def _with_desk(
    journey: Journey,
    path: str,
    log: EventLog | None,
    spans: dict[str, str | None],
    *,
    window: str | None,
    by: str | None,
    unknown: Literal["error", "ignore"],
) -> Journey:
    """Lay tickets onto the journey, with the log where they name customers and times."""
    from journeymap.events.declared import read_ticket_rules, read_tickets  # noqa: PLC0415
    from journeymap.metrics.with_tickets import with_tickets  # noqa: PLC0415

    tickets = read_tickets(path)
    known = log if {"customer_col", "opened_col"} <= set(tickets.columns) else None
    given = read_ticket_rules(path)  # what is typed counts more than what the file says
    given |= {name: span for name, span in spans.items() if span is not None}
    timed = window if known is not None else None
    return with_tickets(journey, tickets, log=known, window=timed, by=by, unknown=unknown, **given)


@contextmanager
def _in_words_of_the_file() -> Iterator[None]:
    """Leave keys of a declaration as they are: what the command line calls alike belongs to the events."""
    try:
        yield
    except InvalidLogError as error:
        raise JourneyMapError(str(error)) from error


def _cohorts(options: LogOptions, events: str | None, period: str | None) -> Cohorts | None:
    from journeymap.events.activity import cohorts  # noqa: PLC0415

    if events is None or period is None:
        return None
    return cohorts(options.open_log(events), period=period)


def _print_card(card: Scorecard, show: Callable[[str], None], table: Callable[[Rows], None]) -> None:
    from journeymap.model.scorecard import FAMILIES  # noqa: PLC0415
    from journeymap.report.tables import needs_table, scorecard_table  # noqa: PLC0415

    show(", ".join((f"{card.journey}: service and experience", card.scope, *card.facts())))
    for family in FAMILIES:
        # a pipe gets everything in one table, a person what is known, and then shortly what is not
        table(scorecard_table(card, family, everything=not sys.stdout.isatty()))
        if sys.stdout.isatty():
            table(needs_table(card, family))
    if card.notes:
        show("")
    for note in card.notes:
        show(note)
