"""How do findings look as charts: the ranking of friction, and service inside the experience?"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.service_view import ServiceView
from journeymap.errors import require
from journeymap.render.friction_chart import friction_scene
from journeymap.render.paint import paint
from journeymap.render.service_chart import service_scene
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["draw_friction", "draw_service"]


def draw_friction(
    report: FrictionReport,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    top: int = 10,
    signals: Sequence[str] | None = None,
) -> Axes:
    """Where do customers struggle, how sure is it, and what would it be worth?

    One row for each touchpoint, points of friction first under their own heading: the expected gain in
    conversion as a bar with its interval, and one dot for each signal, filled where it is worse than its
    peers after correction, hollow where it was measured and is not, a dash where it cannot be measured. The
    size of a dot is its excess. Where the report has a weighted index, its parts are stacked into bars of
    their own.

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.
    top : int
        How many touchpoints are shown; every point of friction is, also where there are more. Of more than
        twelve touchpoints, those that are not friction and gain less than can be written are one line.
    signals : sequence of str, optional
        Which signals have a column; those that were measured anywhere when left out. The others are named
        in a line.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.
    """
    require(report, FrictionReport, "draw_friction", hint="judge the journey first: find_friction(journey)")
    return paint(friction_scene(report, top=top, signals=signals, theme=theme), ax, theme)


def draw_service(view: ServiceView, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """Where does service sit inside the experience, what leads there, and where do customers go after?

    Above each other, over the same touchpoints: how customers feel, with the columns of service shaded, and
    how many of the journeys have a service contact, by stage and by touchpoint. Below: arrows from what
    leads to service and to what happens after, and a table of the service touchpoints with the mean feeling
    before, during and after, and the share of contacts followed by service again.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found; of a designed journey only its structure and its feelings are drawn.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.
    """
    require(view, ServiceView, "draw_service", hint="judge the journey first: locate_service(journey)")
    return paint(service_scene(view, theme=theme), ax, theme)
