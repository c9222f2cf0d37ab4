"""The command that measures: which surveys, tickets and events stand behind the scorecard?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeymap.cli.answers import AnswerOptions
from journeymap.cli.counting import CountOptions, counted, refuse_given
from journeymap.cli.options import JourneyFile, LogOptions, flag, given_options, option, with_options

if TYPE_CHECKING:
    from journeymap.model.cohorts import Cohorts
    from journeymap.model.journey import Journey
    from journeymap.model.scorecard import Scorecard

__all__ = ["metrics_command"]

_SOURCES, _SCOPE, _DEFINITIONS = "What is measured", "Of what", "Which definition"
_ONLY_DISCOVERED = {"unmapped", "goal", "lost_after", "new_journey_after", "observed_until"}

Rows = list[tuple[str, ...]]


def _definition(text: str, metavar: str = "WORD") -> Any:
    return typer.Option(help=text, metavar=metavar, rich_help_panel=_DEFINITIONS)


@dataclass(frozen=True)
class MeasureOptions:
    """What is measured, of whom, and by which definition."""

    events: Annotated[
        str | None,
        option(
            "--events",
            "The event log: finds the touchpoint of an answer, its stage, and who is silent.",
            _SOURCES,
            "FILES",
        ),
    ] = None
    period: Annotated[
        str | None,
        option(
            "--period",
            "Retention from period to period of the events: month, week or '14 days'.",
            _SOURCES,
            "SPAN",
        ),
    ] = None
    by: Annotated[
        str | None,
        option("--by", "Column of survey and tickets that tells segments apart.", _SCOPE, "COLUMN"),
    ] = None
    stage: Annotated[str | None, option("--stage", "Only this stage.", _SCOPE, "ID")] = None
    segment: Annotated[str | None, option("--segment", "Only this segment.", _SCOPE, "VALUE")] = None
    csat: Annotated[str, _definition("top_2_box, mean, top_box or bottom_2_box.")] = "top_2_box"
    ces: Annotated[str, _definition("mean, easy_share or effort_cost.")] = "mean"
    fcr: Annotated[str, _definition("operational, gross, net or ticket.")] = "operational"
    resolved_within: Annotated[str, _definition("The span of the resolution rate.", "SPAN")] = "3 days"


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
        answers: AnswerOptions,
        measures: MeasureOptions,
        options: LogOptions,
        count: CountOptions,
        *,
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
        _check_options(options, count, answers, measures)
        whole = _discovered(journey, options, count, measures.events)
        log = options.open_log(measures.events) if measures.events is not None else None
        measured = answers.laid_on(whole, log, by=measures.by)
        card = _card(measured, options, measures)
        if output is not None:
            from journeymap.formats.files import write_journey  # noqa: PLC0415

            write_journey(measured, output)
        if as_json:
            typer.echo(card.model_dump_json(indent=2))
        else:
            _print_card(card, show, table)
        if output is not None:
            say(f"wrote {output}")

    return with_options(metrics)


def _check_options(
    options: LogOptions, count: CountOptions, answers: AnswerOptions, measures: MeasureOptions
) -> None:
    """Refuse options of a log where there is none."""
    if measures.events is not None:
        return
    why = "is about events: say where they are with --events."
    refuse_given(options, why)
    refuse_given(count, why)
    for name, value in (("window", answers.window), ("period", measures.period)):
        if value is not None:
            raise typer.BadParameter(f"{flag(name)} {why}")


def _discovered(path: Path, options: LogOptions, count: CountOptions, events: str | None) -> Journey:
    """Read the journey; a design is discovered from the events where there are any."""
    from journeymap.formats.files import read_journey  # noqa: PLC0415

    journey = read_journey(path)
    if events is None:
        return journey
    if journey.origin == "designed":
        return counted(events, path, options, count)
    why = f"does not fit {path}: it was discovered already. Give the design instead."
    for name in given_options(options):
        if name in _ONLY_DISCOVERED:
            raise typer.BadParameter(f"{flag(name)} {why}")
    refuse_given(count, why)
    return journey


def _card(journey: Journey, options: LogOptions, measures: MeasureOptions) -> Scorecard:
    from journeymap.metrics.scorecard import scorecard  # noqa: PLC0415

    return scorecard(
        journey, stage=measures.stage, segment=measures.segment,
        csat=measures.csat, ces=measures.ces, fcr=measures.fcr,  # type: ignore[arg-type]
        resolved_within=measures.resolved_within, cohorts=_cohorts(options, measures),
    )  # fmt: skip


def _cohorts(options: LogOptions, measures: MeasureOptions) -> Cohorts | None:
    from journeymap.events.activity import cohorts  # noqa: PLC0415

    if measures.events is None or measures.period is None:
        return None
    return cohorts(options.open_log(measures.events), period=measures.period)


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
