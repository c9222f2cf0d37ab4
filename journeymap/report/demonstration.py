"""The shipped example, written to a folder: what `journeymap demo` does."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from journeymap.analysis.friction import find_friction
from journeymap.analysis.service import locate_service
from journeymap.datasets import CUSTOMERS, example_feedback, example_journey, example_log, example_tickets
from journeymap.errors import WriteError
from journeymap.events.discover import discover_journey
from journeymap.events.paths import with_paths
from journeymap.events.service import with_service
from journeymap.events.with_feedback import with_feedback
from journeymap.formats.atomic import write_whole
from journeymap.formats.files import write_journey
from journeymap.metrics.with_tickets import with_tickets
from journeymap.report.findings import main_findings
from journeymap.report.page import drawn_figures, page_html, scorecard_of

__all__ = ["write_demo"]

WINDOW = "14 days"  # how long before an answer, or a ticket, its touchpoint may lie


def write_demo(folder: Path, say: Callable[[str], None]) -> tuple[tuple[str, ...], Path]:
    """Write the example's design, its observed journey, four figures and a report.

    Parameters
    ----------
    folder : Path
        Where to; it is made if it does not exist, and files in it are replaced.
    say : callable
        Told what is being done.

    Returns
    -------
    tuple of str
        The most important findings.
    Path
        What to open first.

    Raises
    ------
    WriteError
        The folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError.because(
            f"the folder cannot be made ({error.strerror}).", hint="choose another place", where=str(folder)
        ) from error
    design = example_journey()
    authored = resources.files("journeymap.datasets") / "broadband.yaml"
    write_whole(folder / "broadband.yaml", authored.read_bytes())
    say(f"drawing the log of {CUSTOMERS:,} customers and counting it")
    log = example_log()
    journey = discover_journey(log, design)
    survey = example_feedback()
    journey = with_service(journey, log, feedback=survey, window=WINDOW, feeling_from="stars")
    journey = with_paths(journey, log)
    say("laying a survey and the tickets of the service desk on it")
    journey = with_feedback(journey, survey, log=log, window=WINDOW)
    journey = with_tickets(journey, example_tickets(), log=log, window=WINDOW)
    write_journey(journey, folder / "observed.json")
    friction = find_friction(journey)
    service = locate_service(journey, friction=friction)
    say("drawing the figures")
    card = scorecard_of(journey)
    figures = drawn_figures(journey, friction, service, card=card)
    for name, figure in figures.items():
        write_whole(folder / f"{name}.svg", f'<?xml version="1.0" encoding="utf-8"?>\n{figure.svg}\n')
    say("writing the report")
    write_whole(folder / "report.html", page_html(journey, friction, service, figures, card=card))
    return main_findings(journey, friction, service), folder / "report.html"
