"""The command line: parse, call, print."""

from __future__ import annotations

import atexit
import gc
import json
import os
import re
import shutil
import sys
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeymap.cli.answers import AnswerOptions
from journeymap.cli.counting import By, CountOptions, NoEvidence, Source, counted, read_or_count
from journeymap.cli.drawing import draw_command
from journeymap.cli.measuring import metrics_command
from journeymap.cli.missing import service_with_options_named, with_options_named
from journeymap.cli.options import Design, Events, JourneyFile, LogOptions, Output, flag, with_options
from journeymap.cli.service import service_command
from journeymap.cli.sql import Counts, counted_by_others, sql_command
from journeymap.cli.what_if import WhatIfTexts, both_as_json, what_if_lines, what_if_of
from journeymap.errors import InvalidLogError, JourneyMapError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journeymap.analysis.friction_report import FrictionReport
    from journeymap.model.journey import Journey

__all__ = ["app", "main"]

_PARAMETERS = (
    "customer_col", "event_col", "time_col", "end_col", "order_col", "journey_col", "channel_col",
    "feeling_col", "agent_col", "repeated_col", "failure_col", "completed_col", "time_format", "on_missing",
    "memory_limit",
    "unmapped", "lost_after", "new_journey_after", "observed_until", "retained_after",
    "triggered_within",
)  # fmt: skip

_OBJECTS_BETWEEN_COLLECTIONS = 200_000

app = typer.Typer(
    name="journeymap",
    help="Customer journeys as graphs: designed maps, observed journeys, friction, service and diagrams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="Everything, as JSON.")]


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("journeymap-demo"),
) -> None:
    """Draw the shipped example: map, network, friction, service and a report."""
    from journeymap.report.demonstration import write_demo  # noqa: PLC0415

    findings, first = write_demo(out, _say)
    typer.echo("The three most important findings:")
    for number, text in enumerate(findings, 1):
        _print_text(f"  {number}. {text}")
    typer.echo(f"\nOpen {first} in a browser.")


@app.command()
@with_options
def draft(
    events: Events,
    options: LogOptions,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The YAML file to write.", show_default=False)
    ] = None,
) -> None:
    """Draft a first design from events, for people to edit; guesses are marked."""
    from journeymap.events.draft import draft_design  # noqa: PLC0415
    from journeymap.formats.files import write_journey  # noqa: PLC0415
    from journeymap.formats.yaml_format import yaml_text  # noqa: PLC0415

    design = draft_design(options.open_log(events))
    if output is None:
        typer.echo(yaml_text(design, "the draft"), nl=False)
        return
    write_journey(design, output)
    count = sum(bool(touchpoint.guessed) for touchpoint in design.touchpoints)
    _say(f"wrote {output}: {len(design.touchpoints)} touchpoints, {count} of them with guesses to confirm.")
    _say(f"Next: edit it, name the goal, then run journeymap check {output}")


@app.command()
@with_options
def discover(
    events: Events,
    options: LogOptions,
    count: CountOptions,
    output: Output,
    design: Design = None,
    by: By = None,
    no_evidence: NoEvidence = False,
    counts: Counts = None,
) -> None:
    """Discover the journey that customers really live."""
    from journeymap.formats.files import write_journey  # noqa: PLC0415
    from journeymap.report.counted import counted_lines  # noqa: PLC0415

    if output.suffix.lower() != ".json":
        raise WriteError.because(
            "an observed journey is written as JSON.", hint="use a name that ends in .json", where=str(output)
        )
    if counts is not None:
        journey = counted_by_others(events, design, options, count, counts, by=by, evidence=not no_evidence)
    else:
        journey = counted(events, design, options, count, by=by, evidence=not no_evidence)
    write_journey(journey, output)
    for line in counted_lines(journey):
        _print_text(line)
    _say(f"wrote {output}")


@app.command()
def friction(
    journey: JourneyFile,
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what is not clearly worse.")] = False,
    what_if: WhatIfTexts = None,
) -> None:
    """Rank the points of friction of an observed journey, each with its evidence."""
    from journeymap.analysis.friction import find_friction  # noqa: PLC0415
    from journeymap.report.tables import friction_table  # noqa: PLC0415

    observed = _read(journey)
    answer = what_if_of(observed, what_if)
    report: FrictionReport = with_options_named(find_friction(observed))
    if as_json:
        typer.echo(both_as_json(report, answer) if answer else report.model_dump_json(indent=2))
        return
    _print_text(str(report))
    _print_table(friction_table(report, everything=everything))
    if answer:
        _print_text("\n".join(["", *what_if_lines(answer)]))


app.command(name="draw")(draw_command(lambda text: _say(text)))  # noqa: PLW0108 - it is written below


@app.command()
def check(
    journey: JourneyFile,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings, too, make it exit 1.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what is missing, guessed or odd in a journey; exit 1 if anything is an error."""
    from journeymap.analysis.check import check_journey  # noqa: PLC0415

    report = check_journey(_read(journey))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _print_text(str(report))
    if not report.is_sound or (strict and report.of("warning")):
        raise typer.Exit(1)


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="The YAML file to write.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a commented template of a journey."""
    from journeymap.formats.atomic import write_whole  # noqa: PLC0415
    from journeymap.formats.template import template_text  # noqa: PLC0415

    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise WriteError.because(
            "the template is YAML.", hint="use a name that ends in .yaml", where=str(path)
        )
    if path.exists() and not force:
        raise WriteError.because(
            "the file exists.", hint="choose another name, or add --force", where=str(path)
        )
    write_whole(path, template_text())
    _say(f"wrote {path}. Next: edit it, then run journeymap check {path}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a journey file."""
    from journeymap.formats.schema import journey_schema  # noqa: PLC0415

    typer.echo(json.dumps(journey_schema(), indent=2, ensure_ascii=False))


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="The journey to read.", show_default=False)],
    target: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)],
) -> None:
    """Write a journey in another format; the endings say which."""
    from journeymap.formats.files import write_journey  # noqa: PLC0415

    write_journey(_read(source), target)
    _say(f"wrote {target}")


@app.command()
@with_options
def report(
    source: Source,
    answers: AnswerOptions,
    options: LogOptions,
    count: CountOptions,
    output: Output,
    design: Design = None,
    by: By = None,
    title: Annotated[str | None, typer.Option(help="The title of the page.", show_default=False)] = None,
) -> None:
    """Write one HTML page with summary, figures and tables."""
    from journeymap.analysis.service import locate_service  # noqa: PLC0415
    from journeymap.report.page import write_report  # noqa: PLC0415

    journey = read_or_count(source, design, options, count, by=by, answers=answers)
    service = service_with_options_named(locate_service(journey))
    write_report(journey, output, title=title, service=service)
    _say(f"wrote {output}")


def _read(path: Path) -> Journey:
    from journeymap.formats.files import read_journey  # noqa: PLC0415

    return read_journey(path)


def _print_table(rows: list[tuple[str, ...]]) -> None:
    """Print a table, the first row its head; piped output is tab-separated and complete."""
    if len(rows) < 2:  # noqa: PLR2004
        return
    typer.echo()
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from journeymap.report.terminal import table_text  # noqa: PLC0415

    typer.echo(table_text(rows, _width()))


def _print_text(text: str) -> None:
    """Print sentences; on a terminal they are broken between words."""
    typer.echo(_fitting(text) if sys.stdout.isatty() else text)


def _say(text: str) -> None:
    """Tell the person at the terminal; results alone go to standard output."""
    typer.echo(_fitting(text) if sys.stderr.isatty() else text, err=True)


def _fitting(text: str) -> str:
    from journeymap.report.terminal import wrapped  # noqa: PLC0415

    return wrapped(text, _width())


def _width() -> int:
    return shutil.get_terminal_size().columns


app.command(name="metrics")(metrics_command(_say, _print_text, _print_table))
app.command(name="service")(service_command(_say, _print_text, _print_table))
app.command(name="sql")(sql_command(_say))


def _show_version(wanted: bool) -> None:
    if wanted:
        from journeymap import __version__  # noqa: PLC0415

        typer.echo(f"journeymap {__version__}")
        raise typer.Exit


@app.callback()
def _journeymap(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Run one of the commands below."""


def _in_words_of_the_command_line(error: JourneyMapError) -> str:
    """Turn the parameters that a message about a log names into the options that stand for them.

    Other messages are left alone: the keys of a journey file have the same names as some parameters.
    """
    message = re.sub(r"^landmarks: ", "--landmark: ", str(error))
    if not isinstance(error, InvalidLogError):
        return message
    # names of columns and events stand in quotation marks, options have their dashes already
    parameters = rf"(?<![\w'\"./-])({'|'.join(_PARAMETERS)})"
    message = re.sub(rf"{parameters}=(?=['\w])", lambda found: f"{flag(found[1])} ", message)
    message = re.sub(rf"{parameters}\b(?![./]\w)", lambda found: flag(found[1]), message)
    message = re.sub(r"(?<![\w'-])segment_cols\[\d+\]", "--segment-col", message)
    message = re.sub(r"\(for where\((.+?)=\.\.\.\)\)", r"(for --where \1=…)", message)
    # elsewhere within is a word of every day
    message = re.sub(r"^within: ", f"{_typed_of('--within', '--episodes-within')}: ", message)
    message = re.sub(r"^(start|end): (?=.* is no time\.)", r"--between, \1: ", message)
    message = message.replace("between(start, end)", "--between START END")
    return re.sub(r"(?<![\w'-])between: ", "--between: ", message)


def _typed_of(short: str, long: str) -> str:
    """Which of two names of an option was typed?"""
    return short if any(word.partition("=")[0] == short for word in sys.argv) else long


def main() -> None:
    """Run the command line: 0 on success, 1 if `check` found errors, 2 on any mistake, 130 if interrupted."""
    atexit.register(_leave_the_memory_to_the_system)
    with _settings_of_a_command():
        try:
            sys.exit(app(standalone_mode=True))
        except JourneyMapError as error:
            _say(_in_words_of_the_command_line(error))
            sys.exit(2)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of a pipe has gone; there is nobody left to tell
            sys.exit(0)
        except OSError as error:
            with suppress(OSError):
                sys.stdout.close()  # else what is left in it is tried again at the very end
            _say(f"The result cannot be written ({error.strerror}).\nHint: make room, or print it elsewhere")
            sys.exit(2)
        except KeyboardInterrupt:
            _say("Interrupted.")
            sys.exit(130)


def _leave_the_memory_to_the_system() -> None:
    """Spare the last search for garbage; DuckDB counts what is left at the end, and would complain."""
    if "duckdb" not in sys.modules:
        gc.freeze()


@contextmanager
def _settings_of_a_command() -> Iterator[None]:
    """Draw into files alone, and say warnings in one line; a caller in the same process gets its own back.

    Modules and evidence are loaded to stay, so that looking for garbage among them every 700 new objects
    takes a quarter of the time of a short command; a long one still collects, more rarely.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    chosen = os.environ.get("MPLBACKEND")
    if chosen is None:
        os.environ["MPLBACKEND"] = "agg"  # files are written, no window is ever opened
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_args, **_kwargs: _say(f"Note: {message}")
        try:
            yield
        finally:
            gc.set_threshold(*thresholds)
            if chosen is None:
                os.environ.pop("MPLBACKEND", None)
