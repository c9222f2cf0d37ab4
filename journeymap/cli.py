"""The command line: parse, call, print."""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
import shutil
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from journeymap.errors import InvalidLogError, JourneyMapError, UnknownNameError, WriteError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journeymap.analysis.friction_report import FrictionReport
    from journeymap.analysis.service_view import ServiceView
    from journeymap.events.log import EventLog
    from journeymap.model.journey import Journey

__all__ = ["app", "main"]

_PARAMETERS = (
    "customer_col", "event_col", "time_col", "end_col", "order_col", "journey_col", "channel_col",
    "feeling_col", "time_format", "on_missing", "unmapped", "lost_after", "new_journey_after",
    "observed_until",
)  # fmt: skip

app = typer.Typer(
    name="journeymap",
    help="Customer journeys as graphs: designed maps, observed journeys, friction, service and diagrams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_LOG = "The event log"
_JOURNEY = "What counts as a journey"
_FILES = {".json", ".yaml", ".yml"}
_FIGURES = ("map", "network", "friction", "service")


def _option(
    flag: str,
    text: str,
    panel: str,
    metavar: str | None = None,
    *,
    least: float | None = None,
    most: float | None = None,
) -> Any:
    return typer.Option(
        flag, help=text, rich_help_panel=panel, metavar=metavar, show_default=False, min=least, max=most
    )


@dataclass(frozen=True)
class LogOptions:
    """The options of every command that reads events."""

    customer_col: Annotated[str | None, _option("--customer-col", "Column with the customer.", _LOG)] = None
    event_col: Annotated[str | None, _option("--event-col", "Column with the raw event.", _LOG)] = None
    time_col: Annotated[str | None, _option("--time-col", "Column with the time of the event.", _LOG)] = None
    end_col: Annotated[str | None, _option("--end-col", "Column with the end of the event.", _LOG)] = None
    order_col: Annotated[str | None, _option("--order-col", "Column that orders equal times.", _LOG)] = None
    journey_col: Annotated[
        str | None, _option("--journey-col", "Column that tells a customer's journeys apart.", _LOG)
    ] = None
    channel_col: Annotated[str | None, _option("--channel-col", "Column with the channel.", _LOG)] = None
    feeling_col: Annotated[str | None, _option("--feeling-col", "Column with a feeling, −2 to +2.", _LOG)] = (
        None
    )
    segment_col: Annotated[
        list[str] | None, _option("--segment-col", "Column with a segment; may be repeated.", _LOG)
    ] = None
    time_format: Annotated[
        str | None, _option("--time-format", "How times are written, such as '%d/%m/%Y %H:%M'.", _LOG)
    ] = None
    between: Annotated[
        tuple[str, str] | None,
        _option("--between", "Only events from START until before END.", _LOG, "START END"),
    ] = None
    where: Annotated[
        list[str] | None,
        _option("--where", "Only events with this value; may be repeated.", _LOG, "COLUMN=VALUE"),
    ] = None
    on_missing: Annotated[
        Literal["error", "drop"],
        _option("--on-missing", "Events without customer, name or time: error (default) or drop.", _LOG),
    ] = "error"
    unmapped: Annotated[
        Literal["error", "ignore", "keep"],
        _option("--unmapped", "Events without a touchpoint: error (default), ignore or keep.", _JOURNEY),
    ] = "error"
    goal: Annotated[
        list[str] | None,
        _option("--goal", "Touchpoint or stage that wins the journey; may be repeated.", _JOURNEY),
    ] = None
    lost_after: Annotated[
        str | None, _option("--lost-after", "Silence after which a journey is lost: '30 days'.", _JOURNEY)
    ] = None
    new_journey_after: Annotated[
        str | None, _option("--new-journey-after", "Gap that starts a new journey: '30 minutes'.", _JOURNEY)
    ] = None
    observed_until: Annotated[
        str | None, _option("--observed-until", "End of the observation, if not the last event.", _JOURNEY)
    ] = None

    def open_log(self, events: str) -> EventLog:
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
            segment_cols=tuple(self.segment_col or ()),
            time_format=self.time_format,
            on_missing=self.on_missing,
        )
        log = log.between(*self.between) if self.between else log
        return log.where(**_conditions(self.where or [])) if self.where else log

    def discover(self, events: str, design: Path | None) -> Journey:
        """Discover the journey that the options describe."""
        from journeymap.events.discover import discover_journey  # noqa: PLC0415
        from journeymap.formats.files import read_journey  # noqa: PLC0415

        log = self.open_log(events)
        return discover_journey(
            log,
            read_journey(design) if design else None,
            goal=self.goal or None,
            lost_after=self.lost_after,
            observed_until=self.observed_until,
            new_journey_after=self.new_journey_after,
            unmapped=self.unmapped,
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


def _with_log_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `LogOptions` in place of its parameter `options`."""
    hints = get_type_hints(command, include_extras=True)
    option_hints = get_type_hints(LogOptions, include_extras=True)
    own = [p.replace(annotation=hints[p.name]) for p in inspect.signature(command).parameters.values()]
    shared = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=option_hints[field.name],
        )
        for field in fields(LogOptions)
    ]

    @functools.wraps(command)
    def outer(**given: Any) -> None:
        options = LogOptions(**{field.name: given.pop(field.name) for field in fields(LogOptions)})
        command(**given, options=options)

    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in own if p.name != "options"] + shared
    outer.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    outer.__annotations__ = {p.name: p.annotation for p in parameters}
    return outer


Events = Annotated[
    str, typer.Argument(help="CSV (also .gz) or Parquet, or a pattern in quotes.", show_default=False)
]
Design = Annotated[
    Path | None, typer.Option("--design", help="A designed journey (.yaml, .json).", show_default=False)
]
JourneyFile = Annotated[Path, typer.Argument(help="A journey (.json, .yaml).", show_default=False)]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write.", show_default=False)]
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
@_with_log_options
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
@_with_log_options
def discover(events: Events, options: LogOptions, output: Output, design: Design = None) -> None:
    """Discover the journey that customers really live."""
    from journeymap.formats.files import write_journey  # noqa: PLC0415
    from journeymap.report.counted import counted_lines  # noqa: PLC0415

    if output.suffix.lower() != ".json":
        raise WriteError.because(
            "an observed journey is written as JSON.", hint="use a name that ends in .json", where=str(output)
        )
    journey = options.discover(events, design)
    write_journey(journey, output)
    for line in counted_lines(journey):
        _print_text(line)
    _say(f"wrote {output}")


@app.command()
def friction(
    journey: JourneyFile,
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what is not clearly worse.")] = False,
) -> None:
    """Rank the points of friction of an observed journey, each with its evidence."""
    from journeymap.analysis.friction import find_friction  # noqa: PLC0415
    from journeymap.report.tables import friction_table  # noqa: PLC0415

    report: FrictionReport = find_friction(_read(journey))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    _print_text(str(report))
    _print_table(friction_table(report, everything=everything))


@app.command()
def service(journey: JourneyFile, as_json: AsJson = False) -> None:
    """Say where service sits in the journey, what leads there and where customers go after."""
    from journeymap.analysis.service import locate_service  # noqa: PLC0415
    from journeymap.report.tables import service_table, trigger_table  # noqa: PLC0415

    view: ServiceView = locate_service(_read(journey))
    if as_json:
        typer.echo(view.model_dump_json(indent=2))
        return
    _print_text(view.story())
    _print_table(service_table(view))
    _print_table(trigger_table(view))


_MAP, _NETWORK, _FRICTION = "The map (--as map)", "The network (--as network)", "Friction (--as friction)"
_DPI = 110
_FITS = {
    "min_share": "network", "persona": "map", "lanes": "map", "max_columns": "map", "top": "friction",
}  # fmt: skip


@app.command()
def draw(
    journey: JourneyFile,
    output: Output,
    *,
    kind: Annotated[str, typer.Option("--as", help=f"What to draw: {', '.join(_FIGURES)}.")] = "map",
    persona: Annotated[
        str | None, _option("--persona", "Draw the map as this persona feels it: an id or a name.", _MAP)
    ] = None,
    lanes: Annotated[
        str | None, _option("--lanes", "Only these lanes of the map: 'doing,feeling,owner'.", _MAP)
    ] = None,
    max_columns: Annotated[
        int | None, _option("--max-columns", "More columns fold into bands (12).", _MAP, "COUNT", least=1)
    ] = None,
    min_share: Annotated[
        float | None,
        _option("--min-share", "Draw no smaller shares, 0 to 1 (0.05).", _NETWORK, "SHARE", least=0, most=1),
    ] = None,
    top: Annotated[
        int | None, _option("--top", "How many points of friction to draw (10).", _FRICTION, "COUNT", least=1)
    ] = None,
    dpi: Annotated[
        int | None, _option("--dpi", "Dots per inch of a PNG (110).", "The file", "DOTS", least=20, most=1200)
    ] = None,
) -> None:
    """Draw a journey as PNG, SVG or PDF."""
    if kind not in _FIGURES:
        close = nearest(kind, _FIGURES)
        raise UnknownNameError.because(
            f"no figure {kind!r}.",
            expected=f"Expected one of: {', '.join(_FIGURES)}.",
            hint=f"did you mean {close!r}?" if close else None,
        )
    asked = {
        "min_share": min_share, "persona": persona, "lanes": lanes, "max_columns": max_columns, "top": top,
    }  # fmt: skip
    given = {name: value for name, value in asked.items() if value is not None}
    _refuse_what_does_not_fit(given, kind, output, dpi)
    from journeymap.render.save import save_figure  # noqa: PLC0415

    save_figure(_drawn(_read(journey), kind, given), output, dpi=dpi or _DPI)
    _say(f"wrote {output}")


def _refuse_what_does_not_fit(given: dict[str, Any], kind: str, output: Path, dpi: int | None) -> None:
    for name in given:
        if _FITS[name] != kind:
            raise UnknownNameError.because(
                f"{_flag(name)} does not fit --as {kind}.",
                expected=f"Only --as {_FITS[name]} takes it.",
                hint=f"leave it out, or draw --as {_FITS[name]}",
            )
    if dpi is not None and output.suffix.lower() in {".svg", ".pdf"}:
        raise UnknownNameError.because(
            f"--dpi does not fit {output.name}.",
            expected="Only a PNG has dots.",
            hint="leave it out, or use a name that ends in .png",
        )


def _drawn(journey: Journey, kind: str, given: dict[str, Any]) -> Axes:
    from journeymap.analysis.friction import find_friction  # noqa: PLC0415
    from journeymap.analysis.service import locate_service  # noqa: PLC0415
    from journeymap.render.charts import draw_friction, draw_service  # noqa: PLC0415
    from journeymap.render.journey_map import draw_map  # noqa: PLC0415
    from journeymap.render.network import draw_network  # noqa: PLC0415

    if kind == "friction":
        return draw_friction(find_friction(journey), **given)
    if kind == "service":
        return draw_service(locate_service(journey))
    if kind == "network":
        return draw_network(journey, **given)
    if "lanes" in given:
        given = given | {"lanes": [lane.strip() for lane in given["lanes"].split(",") if lane.strip()]}
    return draw_map(journey, **given)


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
@_with_log_options
def report(
    source: Annotated[str, typer.Argument(help="Events, or a journey (.json, .yaml).", show_default=False)],
    options: LogOptions,
    output: Output,
    design: Design = None,
    title: Annotated[str | None, typer.Option(help="The title of the page.", show_default=False)] = None,
) -> None:
    """Write one HTML page with summary, figures and tables."""
    from journeymap.report.page import write_report  # noqa: PLC0415

    is_journey = Path(source).suffix.lower() in _FILES
    journey = _read(Path(source)) if is_journey else options.discover(source, design)
    write_report(journey, output, title=title)
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
    message = str(error)
    if not isinstance(error, InvalidLogError):
        return message
    # names of columns and events stand in quotation marks, options have their dashes already
    parameters = rf"(?<![\w'\"./-])({'|'.join(_PARAMETERS)})"
    message = re.sub(rf"{parameters}=(?=['\w])", lambda found: f"{_flag(found[1])} ", message)
    message = re.sub(rf"{parameters}\b(?![./]\w)", lambda found: _flag(found[1]), message)
    message = re.sub(r"(?<![\w'-])segment_cols\[\d+\]", "--segment-col", message)
    message = re.sub(r"\(for where\((.+?)=\.\.\.\)\)", r"(for --where \1=…)", message)
    message = re.sub(r"^(start|end): (?=.* is no time\.)", r"--between, \1: ", message)
    message = message.replace("between(start, end)", "--between START END")
    return re.sub(r"(?<![\w'-])between: ", "--between: ", message)


def _flag(parameter: str) -> str:
    return "--" + parameter.replace("_", "-")


def main() -> None:
    """Run the command line: 0 on success, 1 if `check` found errors, 2 on any mistake, 130 if interrupted."""
    os.environ.setdefault("MPLBACKEND", "agg")  # files are written, no window is ever opened
    warnings.showwarning = lambda message, *_args, **_kwargs: _say(f"Note: {message}")
    try:
        sys.exit(app(standalone_mode=True))
    except JourneyMapError as error:
        _say(_in_words_of_the_command_line(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe has gone; there is nobody left to tell
        sys.exit(0)
    except KeyboardInterrupt:
        _say("Interrupted.")
        sys.exit(130)
