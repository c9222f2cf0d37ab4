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
from journeymap.analysis.moments import find_moments
from journeymap.analysis.service import locate_service
from journeymap.analysis.what_if import what_if
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
        What the figure draws, made of the journey; the journey itself when left out.
    asks : str
        The option that says what is asked, handed on to `value_of`; empty where nothing has to be asked.
    """

    name: str
    module: str
    options: tuple[str, ...] = ()
    value_of: Callable[..., Any] | None = None
    asks: str = ""

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
        Kind(name="what_if", module="what_if_chart", value_of=what_if, asks="what_if"),
    )
}  # fmt: skip

_FOUND: dict[str, Callable[[Journey], Any]] = {"friction": find_friction, "moments": find_moments}


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
    found = KINDS.get(name.replace("-", "_"))
    if found is not None:
        return found
    names = [known.replace("_", "-") for known in KINDS]
    close = nearest(name, names)
    raise UnknownNameError.because(
        f"no figure {name!r}.",
        expected=f"Expected one of: {', '.join(names)}.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def takers(option: str) -> Iterable[str]:
    """Name the figures that take an option."""
    kinds = (kind for kind in KINDS.values() if option in {*kind.options, kind.asks})
    return (kind.name.replace("_", "-") for kind in kinds)


def draw_as(journey: Journey, name: str, /, **options: Any) -> Axes:
    """Draw a journey as a figure of this name, judging it first where the figure shows a judgement.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    name : str
        One of `KINDS`.
    **options
        What the figure takes; besides `Kind.options` also ``ax`` and ``theme``, and what it asks. The words
        ``friction`` and ``moments`` as the network's highlight, and ``friction`` as what the heat map shows,
        stand for what is found in the journey.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    UnknownNameError
        There is no such figure, or it is not said what it asks.
    """
    kind = kind_named(name)
    value = _value(kind, journey, options)
    if name == "heatmap" and options.get("show") == "friction" and journey.origin == "observed":
        options["report"] = find_friction(journey)
    if name == "network" and options.get("highlight") in _FOUND and options["highlight"] not in journey.graph:
        options["highlight"] = _FOUND[options["highlight"]](journey)
    try:
        return kind.draw(value, **options)
    except UnknownNameError as error:
        wanted = options.get("highlight")
        if name == "network" and isinstance(wanted, str) and repr(wanted) in str(error):
            raise _no_highlight(journey, wanted) from None
        raise


def _no_highlight(journey: Journey, wanted: str) -> UnknownNameError:
    close = nearest(wanted, [*(touchpoint.id for touchpoint in journey.touchpoints), *_FOUND])
    return UnknownNameError.because(
        f"highlight: no touchpoint {wanted!r} on this picture.",
        expected="Expected the id of a touchpoint, or one of the words 'friction' and 'moments'.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def _value(kind: Kind, journey: Journey, options: dict[str, Any]) -> Any:
    """Make what the figure draws; take what it asks out of the options."""
    if kind.value_of is None:
        return journey
    if not kind.asks:
        return kind.value_of(journey)
    if not options.get(kind.asks):
        raise UnknownNameError.because(
            f"{kind.name.replace('_', '-')}: nothing is asked.",
            expected="Expected a fix, such as 'payment: exit -50%'.",
            hint="say what is to be mended with what_if=, or --what-if",
        )
    return kind.value_of(journey, options.pop(kind.asks))


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
