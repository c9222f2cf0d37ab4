"""The page about service alone: story, figure, and what is behind them."""

from __future__ import annotations

import os

from journeymap.analysis.service import locate_service
from journeymap.analysis.service_view import ServiceView
from journeymap.formats.atomic import write_whole
from journeymap.model.journey import Journey
from journeymap.render.charts import draw_service
from journeymap.render.inline import inline_figure
from journeymap.render.theme import DEFAULT_THEME
from journeymap.report.service_chapters import service_chapters
from journeymap.report.service_notes import guessed_service, outcome_facts, undecided_warning, without_story
from journeymap.report.templates import template

__all__ = ["service_html", "write_service_page"]


def write_service_page(
    journey: Journey,
    path: str | os.PathLike[str],
    *,
    view: ServiceView | None = None,
    title: str | None = None,
) -> None:
    """Write where service sits in a journey as one HTML page that needs nothing else.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    path : str or path-like
        The file; replaced where it exists.
    view : ServiceView, optional
        What `locate_service` found, if it was asked before.
    title : str, optional
        The title of the page.

    Raises
    ------
    WriteError
        The file cannot be written; what stood there still stands.
    """
    write_whole(path, service_html(journey, view=view, title=title))


def service_html(journey: Journey, *, view: ServiceView | None = None, title: str | None = None) -> str:
    """Give where service sits in a journey as one HTML page.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    view : ServiceView, optional
        What `locate_service` found, if it was asked before.
    title : str, optional
        The title of the page.

    Returns
    -------
    str
        HTML with inline SVG, without scripts and without anything to load. Every text of the journey is
        escaped.
    """
    found = locate_service(journey) if view is None else view
    # strips without service show nothing
    shown = found.stages and found.service_touchpoints
    drawn = without_story(inline_figure(draw_service, found), found) if shown else None
    return template("service_page").render(
        title=title or f"Service in {journey.name}",
        journey=journey,
        seen=journey.observation,
        story=[line for line in found.story().splitlines() if line.strip()],
        facts=outcome_facts(journey),
        cautions=[note for note in (undecided_warning(journey), guessed_service(journey)) if note],
        drawn=drawn,
        chapters=service_chapters(found, journey),
        theme=DEFAULT_THEME,
    )
