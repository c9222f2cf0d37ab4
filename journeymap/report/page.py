"""The page itself: what is measured and drawn is put into the template."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from journeymap.analysis.friction import find_friction
from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.service import locate_service
from journeymap.analysis.service_view import ServiceView
from journeymap.formats.atomic import write_whole
from journeymap.metrics.scorecard import scorecard
from journeymap.model.journey import Journey
from journeymap.model.scorecard import FAMILIES, Scorecard
from journeymap.render.blueprint import draw_blueprint
from journeymap.render.charts import draw_friction, draw_service
from journeymap.render.flow import draw_flow
from journeymap.render.funnel import draw_funnel
from journeymap.render.inline import InlineFigure, inline_figure
from journeymap.render.journey_map import draw_map
from journeymap.render.network import draw_network
from journeymap.render.scorecard import draw_scorecard
from journeymap.render.theme import DEFAULT_THEME
from journeymap.report.counted import counted_rows
from journeymap.report.findings import main_findings
from journeymap.report.service_chapters import service_chapters
from journeymap.report.service_notes import guessed_service, outcome_facts, undecided_warning, without_story
from journeymap.report.tables import friction_table, needs_table, scorecard_table
from journeymap.report.templates import template

__all__ = ["drawn_figures", "page_html", "report_html", "write_report"]

_WINDOW = 16.0  # inches at full size; the page shows a figure of this width without scrolling


def write_report(
    journey: Journey,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    service: ServiceView | None = None,
) -> None:
    """Write a journey as one HTML page that needs nothing else.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    path : str or path-like
        The file; replaced where it exists.
    title : str, optional
        The title of the page; the journey's name when left out.
    service : ServiceView, optional
        What `locate_service` found, if it was asked before.

    Raises
    ------
    WriteError
        The file cannot be written; what stood there still stands.
    """
    write_whole(path, report_html(journey, title=title, service=service))


def report_html(journey: Journey, *, title: str | None = None, service: ServiceView | None = None) -> str:
    """Give a journey as one HTML page.

    Parameters
    ----------
    journey : Journey
        Designed or observed. Of a designed one, the page has the map, the network and where service
        sits; of an observed one also friction, what leads to service, and what was counted; of one with
        survey answers or tickets the scorecard of service and experience.
    title : str, optional
        The title of the page; the journey's name when left out.
    service : ServiceView, optional
        What `locate_service` found, if it was asked before.

    Returns
    -------
    str
        HTML with inline SVG, without scripts and without anything to load. Every text of the journey is
        escaped.
    """
    friction = find_friction(journey) if journey.evidence else None
    service = locate_service(journey, friction=friction) if service is None else service
    card = scorecard_of(journey)
    figures = drawn_figures(journey, friction, service, card=card)
    return page_html(journey, friction, service, figures, card=card, title=title)


def scorecard_of(journey: Journey) -> Scorecard | None:
    """Measure service and experience, where there is anything to measure them from.

    Parameters
    ----------
    journey : Journey
        The journey.

    Returns
    -------
    Scorecard or None
        None for a journey without answers and tickets.
    """
    return None if journey.answers is None and journey.contacts is None else scorecard(journey)


def page_html(
    journey: Journey,
    friction: FrictionReport | None,
    service: ServiceView,
    figures: Mapping[str, InlineFigure],
    *,
    card: Scorecard | None = None,
    title: str | None = None,
) -> str:
    """Give the page of a journey that has been judged and drawn.

    Parameters
    ----------
    journey : Journey
        The journey.
    friction : FrictionReport or None
        Its friction, where it was observed.
    service : ServiceView
        Its service.
    figures : mapping of str to InlineFigure
        What `drawn_figures` drew.
    card : Scorecard, optional
        Its numbers of service and experience, where they were measured.
    title : str, optional
        The title of the page; the journey's name when left out.

    Returns
    -------
    str
        The page.
    """
    if "service" in figures:
        figures = {**figures, "service": without_story(figures["service"], service)}
    return template("page").render(
        title=title or journey.name,
        journey=journey,
        seen=journey.observation,
        findings=main_findings(journey, friction, service),
        figures=figures,
        friction=friction,
        story=service.story(),
        friction_rows=friction_table(friction) if friction else [],
        all_friction_rows=friction_table(friction, everything=True) if friction else [],
        facts=outcome_facts(journey),
        cautions=[note for note in (undecided_warning(journey), guessed_service(journey)) if note],
        chapters=service_chapters(service, journey),
        card=card,
        families=[
            (name, about, scorecard_table(card, family), needs_table(card, family))
            for family, (name, about) in FAMILIES.items()
        ]
        if card
        else [],
        counted=counted_rows(journey),
        theme=DEFAULT_THEME,
    )


def drawn_figures(
    journey: Journey,
    friction: FrictionReport | None,
    service: ServiceView,
    *,
    card: Scorecard | None = None,
) -> dict[str, InlineFigure]:
    """Draw what there is to draw: map, flow, funnel, network, blueprint, friction, service, scorecard.

    Parameters
    ----------
    journey : Journey
        The journey.
    friction : FrictionReport or None
        Its friction, where it was observed.
    service : ServiceView
        Its service.
    card : Scorecard, optional
        Its numbers of service and experience.

    Returns
    -------
    dict of str to InlineFigure
        Only figures that have something to show.
    """
    drawn: dict[str, InlineFigure] = {}
    if journey.touchpoints:
        # as wide as a window at the most, so that nobody has to scroll sideways
        drawn["map"] = inline_figure(partial(draw_map, size="notebook"), journey)
    if any(table.name == "routes" for table in journey.evidence):
        drawn["flow"] = inline_figure(draw_flow, journey)
        drawn["funnel"] = inline_figure(draw_funnel, journey)
    if journey.transitions:
        drawn["network"] = inline_figure(draw_network, journey)
    if any(t.frontstage or t.backstage or t.systems for t in journey.touchpoints):
        drawn["blueprint"] = inline_figure(partial(draw_blueprint, width=_WINDOW), journey)
    if friction is not None and friction.points:
        drawn["friction"] = inline_figure(draw_friction, friction)
    if service.stages and service.service_touchpoints:
        drawn["service"] = inline_figure(draw_service, service)
    if card is not None and card.rows:
        drawn["scorecard"] = inline_figure(draw_scorecard, card)
    return drawn
