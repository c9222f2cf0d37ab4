"""What do own signals count, and does it fit the journey?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType

import numpy as np

from journeymap.analysis.friction_words import KINDS
from journeymap.analysis.wording import plural
from journeymap.errors import JourneyMapError, UnknownNameError, WrongKindError, nearest
from journeymap.metrics.counts import group_count
from journeymap.metrics.signals_counts import Measured, SignalCounts
from journeymap.model.journey import Journey

__all__ = ["OwnSignal", "own_signals"]

OwnSignal = Callable[[Journey], Mapping[str, SignalCounts]]


def own_signals(journey: Journey, functions: Mapping[str, OwnSignal]) -> dict[str, Measured]:
    """What do own signals count in a journey?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    functions : mapping of str to callable
        The name of each signal, and what counts it.

    Returns
    -------
    dict of str to Measured
        In the same order.

    Raises
    ------
    JourneyMapError
        A signal has the name of one that is there already, or its counts are not by the customer groups of
        the journey.
    UnknownNameError
        A signal names no touchpoint of the journey.
    WrongKindError
        `functions` is no mapping of names to functions, or a function gives something else than
        `SignalCounts` for touchpoints.
    """
    if not isinstance(functions, Mapping):
        raise _no_functions(functions, "signals")
    for name, function in functions.items():
        if not isinstance(name, str) or not callable(function):
            raise _no_functions(function if isinstance(name, str) else name, f"signals[{name!r}]")
    return {name: _counted(journey, name, function) for name, function in functions.items()}


def _counted(journey: Journey, name: str, function: OwnSignal) -> Measured:
    where = f"signals[{name!r}]"
    if name in KINDS:
        raise JourneyMapError.because(
            f"{where}: there is a signal of this name already.", hint="give your own signal another name"
        )
    found = function(journey)
    if not isinstance(found, Mapping):
        raise _wrong(found, where)
    known = [touchpoint.id for touchpoint in journey.touchpoints]
    for touchpoint, counts in found.items():
        if not isinstance(touchpoint, str):
            raise _wrong(touchpoint, where)
        if touchpoint not in known:
            close = nearest(touchpoint, known)
            raise UnknownNameError.because(
                f"no touchpoint {touchpoint!r} in {journey.name!r}.",
                hint=f"did you mean {close!r}?" if close else None,
                where=where,
            )
        if not isinstance(counts, SignalCounts):
            raise _wrong(counts, where)
    _check_groups(
        journey, {touchpoint: np.size(counts.trials) for touchpoint, counts in found.items()}, where
    )
    return Measured(found, definition=name.replace("_", " "))


def _check_groups(journey: Journey, sizes: Mapping[str, int], where: str) -> None:
    expected = group_count(journey)
    for touchpoint, size in sizes.items():
        if size != expected:
            problem = (
                f"{touchpoint!r} is counted by {plural(size, 'customer group')}, the journey by {expected:,}."
            )
            if len(set(sizes.values())) > 1:
                problem = f"touchpoints are counted by different numbers of customer groups: {problem}"
            raise JourneyMapError.because(
                problem,
                expected="Expected one count for each group of the journey.",
                hint="the `group` of each count stands in the tables of journey.evidence",
                where=where,
            )


def _no_functions(found: object, where: str) -> WrongKindError:
    kind = "function" if isinstance(found, FunctionType) else type(found).__name__
    return WrongKindError.because(
        f"cannot take a value of kind {kind}.",
        expected="Expected names with the functions that count them.",
        hint='give each function a name: signals={"name": function}',
        where=where,
    )


def _wrong(found: object, where: str) -> WrongKindError:
    return WrongKindError.because(
        f"cannot take a value of kind {type(found).__name__}.",
        expected="Expected a mapping of touchpoint to SignalCounts.",
        hint="SignalCounts(successes=..., trials=..., customers=...), one count a customer group",
        where=where,
    )
