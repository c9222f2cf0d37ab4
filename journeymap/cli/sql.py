"""The command that runs nothing: it prints the queries, for those who may run them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from journeymap.cli.counting import By, CountOptions, NoEvidence, counted
from journeymap.cli.options import Design, LogOptions, with_options

if TYPE_CHECKING:
    from journeymap.model.journey import Journey

__all__ = ["Counts", "counted_by_others", "sql_command"]

Table = Annotated[
    str, typer.Argument(help="The name of the table, such as warehouse.events.", show_default=False)
]
Counts = Annotated[
    Path | None,
    typer.Option(
        "--counts",
        help="Count nothing: EVENTS is a table's name, the folder has the answers to journeymap sql.",
        metavar="FOLDER",
        show_default=False,
    ),
]


def sql_command(say: Callable[[str], None]) -> Callable[..., None]:
    """Give the command that prints queries.

    Parameters
    ----------
    say : callable
        Tells the person at the terminal what comes next.

    Returns
    -------
    callable
        For typer.
    """

    def sql(
        table: Table,
        options: LogOptions,
        count: CountOptions,
        *,
        design: Design = None,
        by: By = None,
        no_evidence: NoEvidence = False,
        engine: Annotated[Literal["duckdb", "spark"], typer.Option(help="Whose SQL to print.")] = "duckdb",
        time_kind: Annotated[
            Literal["naive", "aware", "date", "text"] | None,
            typer.Option(
                help="What the columns of times hold: timestamps without or with a time zone, dates, or text "
                "(timestamps, as the engine's are, when left out).",
                show_default=False,
            ),
        ] = None,
        counts: Annotated[
            Path | None,
            typer.Option(
                help="The answers so far; only what is left is printed.", metavar="FOLDER", show_default=False
            ),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", help="The file to write, else the screen.", show_default=False),
        ] = None,
    ) -> None:
        """Print the queries of discover, with the same options, for somebody else to run."""
        from journeymap.events.asked import answering_engine, queries_until_answered  # noqa: PLC0415
        from journeymap.formats.atomic import write_whole  # noqa: PLC0415

        log = options.open_log(table)
        answering = answering_engine(log, counts, engine=engine, time_kind=time_kind)
        asked = queries_until_answered(
            lambda: counted(table, design, options, count, by=by, engine=answering, evidence=not no_evidence),
            answering,
        )
        if not asked.queries:
            say("all queries are answered.")
            say(f"Next: journeymap discover {table} --counts {counts} with the same options")
            return
        if output is None:
            typer.echo(str(asked), nl=False)
        else:
            write_whole(output, str(asked))
            left = len(asked.queries)
            say(f"wrote {output}: {left} {'query' if left == 1 else 'queries'}.")
        say("Next: save each answer as its comment says, and ask again with --counts FOLDER")

    return with_options(sql)


def counted_by_others(
    table: str,
    design: Path | None,
    options: LogOptions,
    count: CountOptions,
    counts: Path,
    *,
    by: str | None,
    evidence: bool,
) -> Journey:
    """Put together the journey that the options describe from the answers of others."""
    from journeymap.events.asked import with_answers  # noqa: PLC0415

    return with_answers(
        lambda log: counted(table, design, options, count, by=by, engine=log.engine, evidence=evidence),
        options.open_log(table),
        counts,
    )
