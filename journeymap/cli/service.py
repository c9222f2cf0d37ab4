"""The command about service: where it sits, what leads there, and what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeymap.cli.answers import AnswerOptions
from journeymap.cli.counting import By, CountOptions, Source, read_or_count
from journeymap.cli.missing import service_with_options_named
from journeymap.cli.options import Design, LogOptions, with_options
from journeymap.errors import WriteError

if TYPE_CHECKING:
    from journeymap.analysis.service_view import ServiceView
    from journeymap.model.journey import Journey

__all__ = ["service_command"]

_DPI = 110
_PAGES, _PICTURES = {".html", ".htm"}, {".png", ".svg", ".pdf"}

Rows = list[tuple[str, ...]]


def service_command(
    say: Callable[[str], None], show: Callable[[str], None], table: Callable[[Rows], None]
) -> Callable[..., None]:
    """Give the command about service.

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

    def service(
        source: Source,
        answers: AnswerOptions,
        options: LogOptions,
        count: CountOptions,
        *,
        design: Design = None,
        by: By = None,
        output: Annotated[
            Path | None,
            typer.Option(
                "--output",
                "-o",
                help="Write it as a page (.html) or a picture (.png, .svg, .pdf) instead.",
                show_default=False,
            ),
        ] = None,
        title: Annotated[str | None, typer.Option(help="The title of the page.", show_default=False)] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    ) -> None:
        """Say where service sits in the journey, what leads there and what comes of it."""
        from journeymap.analysis.service import locate_service  # noqa: PLC0415

        _check_output(output, title, as_json=as_json)
        journey = read_or_count(source, design, options, count, by=by, answers=answers)
        view = service_with_options_named(locate_service(journey))
        if output is not None:
            _write(journey, view, output, title)
            show(view.story())
            _show_facts(journey, view, show)
            say(f"wrote {output}")
        elif as_json:
            typer.echo(view.model_dump_json(indent=2))
        else:
            _print_view(journey, view, show, table)

    return with_options(service)


def _check_output(output: Path | None, title: str | None, *, as_json: bool) -> None:
    """Refuse what cannot be written before anything is counted."""
    ending = output.suffix.lower() if output is not None else ""
    if output is not None and ending not in _PAGES | _PICTURES:
        raise WriteError.because(
            "service is written as a page or as a picture.",
            expected="Expected a name that ends in .html, .png, .svg or .pdf.",
            hint="the journey itself is written by journeymap discover",
            where=str(output),
        )
    if output is not None and as_json:
        raise typer.BadParameter("--json prints, --output writes a page or a picture: choose one of them.")
    if title is not None and ending not in _PAGES:
        raise typer.BadParameter("--title is about a page: name one with --output page.html.")


def _write(journey: Journey, view: ServiceView, output: Path, title: str | None) -> None:
    if output.suffix.lower() in _PAGES:
        from journeymap.report.service_page import write_service_page  # noqa: PLC0415

        write_service_page(journey, output, view=view, title=title)
        return
    from matplotlib import pyplot as plt  # noqa: PLC0415 - only to let go of the figure

    from journeymap.render.charts import draw_service  # noqa: PLC0415
    from journeymap.render.save import save_figure  # noqa: PLC0415

    ax = draw_service(view)
    save_figure(ax, output, dpi=_DPI)
    plt.close(ax.get_figure(root=True))


def _show_facts(journey: Journey, view: ServiceView, show: Callable[[str], None]) -> None:
    """Say what counts as won and lost, what to take with care, and how service is marked where it is not."""
    from journeymap.report.service_notes import (  # noqa: PLC0415
        guessed_service,
        how_to_mark,
        outcome_facts,
        undecided_warning,
    )

    cautions = (undecided_warning(journey), guessed_service(journey))
    marking = () if view.service_touchpoints else how_to_mark(journey)
    for line in (" ".join(outcome_facts(journey)), *cautions, *marking):
        if line:
            show(line)


def _print_view(
    journey: Journey, view: ServiceView, show: Callable[[str], None], table: Callable[[Rows], None]
) -> None:
    from journeymap.report.service_chapters import service_chapters  # noqa: PLC0415

    show(view.story())
    _show_facts(journey, view, show)
    # how service is marked, where it is not, has been said
    for chapter in service_chapters(view, journey) if view.service_touchpoints else ():
        show(f"\n{chapter.title}")
        for sentence in chapter.sentences:
            show(sentence)
        # a pipe gets everything, a person what matters first
        for _, rows in chapter.tables + (() if sys.stdout.isatty() else chapter.more):
            table(rows)
        if chapter.notes:
            show("\n" + "\n".join(chapter.notes))
