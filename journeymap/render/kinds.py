"""Which figures can be drawn of a journey, and what does each of them take?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from journeymap.analysis.friction import find_friction
from journeymap.analysis.service import locate_service
from journeymap.errors import UnknownNameError, nearest
from journeymap.metrics.scorecard import scorecard
from journeymap.model.journey import Journey
from journeymap.render.save import save_figure

__all__ = ["KINDS", "Kind", "draw_as", "kind_named", "save_as", "takers"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of figure.

    Parameters
    ----------
    name : str
        Its name, as after ``draw_``.
    module : str
        The module of ``journeymap.render`` that draws it.
    options : tuple of str
        The keywords of its function that a figure on the command line can set.
    value_of : callable, optional
        What the figure draws, made of the journey and the options; the journey itself when left out.
    """

    name: str
    module: str
    options: tuple[str, ...] = ()
    value_of: Callable[[Journey], Any] | None = None

    @property
    def draw(self) -> Callable[..., Axes]:
        """The ``draw_`` function, imported on first use."""
        function: Callable[..., Axes] = getattr(
            import_module(f"journeymap.render.{self.module}"), f"draw_{self.name}"
        )
        return function


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="map",
            module="journey_map",
            options=("persona", "lanes", "path", "max_columns", "orientation", "size", "show_branches",
                     "show_personas", "notes"),
        ),
        Kind(name="blueprint", module="blueprint", options=("lanes", "path", "max_columns", "show_needs")),
        Kind(name="network", module="network", options=("min_share", "highlight")),
        Kind(name="flow", module="flow", options=("by", "positions", "highlight")),
        Kind(name="feeling", module="feeling_chart", options=("persona", "path")),
        Kind(name="heatmap", module="heatmap", options=("show",)),
        Kind(name="friction", module="charts", options=("top",), value_of=find_friction),
        Kind(name="importance", module="importance_chart"),
        Kind(name="service", module="charts", value_of=locate_service),
        Kind(name="persona", module="persona"),
        Kind(name="funnel", module="funnel"),
        Kind(name="scorecard", module="scorecard", value_of=scorecard),
    )
}  # fmt: skip


def kind_named(name: str) -> Kind:
    """Which figure has this name?

    Parameters
    ----------
    name : str
        As in ``draw_map``: map, blueprint, network and so on.

    Returns
    -------
    Kind
        The figure.

    Raises
    ------
    UnknownNameError
        There is no such figure.
    """
    if name in KINDS:
        return KINDS[name]
    close = nearest(name, KINDS)
    raise UnknownNameError.because(
        f"no figure {name!r}.",
        expected=f"Expected one of: {', '.join(KINDS)}.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def takers(option: str) -> Iterable[str]:
    """Name the figures that take an option."""
    return (kind.name for kind in KINDS.values() if option in kind.options)


def draw_as(journey: Journey, name: str, /, **options: Any) -> Axes:
    """Draw a journey as a figure of this name, judging it first where the figure shows a judgement.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    name : str
        One of `KINDS`.
    **options
        What the figure takes; besides `Kind.options` also ``ax`` and ``theme``. The word ``friction`` as the
        network's highlight, or as what the heat map shows, stands for the friction found in the journey.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    UnknownNameError
        There is no such figure.
    """
    kind = kind_named(name)
    value = journey if kind.value_of is None else kind.value_of(journey)
    if name == "heatmap" and options.get("show") == "friction" and journey.evidence:
        options["report"] = find_friction(journey)
    if name == "network" and options.get("highlight") == "friction" and "friction" not in journey.graph:
        options["highlight"] = find_friction(journey)
    return kind.draw(value, **options)


def save_as(
    journey: Journey, name: str, file: str | os.PathLike[str], /, *, dpi: float = 110, **options: Any
) -> Path:
    """Draw a journey into a file, and let go of the figure.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    name : str
        One of `KINDS`.
    file : path-like
        Ends in ``.png``, ``.svg`` or ``.pdf``.
    dpi : float
        Dots per inch of a PNG.
    **options
        As for `draw_as`.

    Returns
    -------
    Path
        Where it was written.
    """
    from matplotlib import pyplot as plt  # noqa: PLC0415 - only to let go of the figure

    ax = draw_as(journey, name, **options)
    try:
        return save_figure(ax, file, dpi=dpi)
    finally:
        plt.close(ax.get_figure(root=True))
