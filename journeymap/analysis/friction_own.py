"""What do own signals count, and does it fit the journey?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from journeymap.analysis.friction_words import KINDS
from journeymap.errors import JourneyMapError, UnknownNameError, WrongKindError, nearest
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
        A signal has the name of one that is there already, or its counts are not all by the same groups.
    UnknownNameError
        A signal names no touchpoint of the journey.
    WrongKindError
        It gives something else than `SignalCounts` for touchpoints.
    """
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
        if touchpoint not in known:
            close = nearest(touchpoint, known)
            raise UnknownNameError.because(
                f"no touchpoint {touchpoint!r} in {journey.name!r}.",
                hint=f"did you mean {close!r}?" if close else None,
                where=where,
            )
        if not isinstance(counts, SignalCounts):
            raise _wrong(counts, where)
    sizes = {np.shape(counts.trials) for counts in found.values()}
    if len(sizes) > 1:
        raise JourneyMapError.because(
            f"{where}: touchpoints are counted by different numbers of customer groups.",
            expected="Expected the same groups everywhere.",
        )
    return Measured(found, definition=name.replace("_", " "))


def _wrong(found: object, where: str) -> WrongKindError:
    return WrongKindError.because(
        f"cannot take a value of kind {type(found).__name__}.",
        expected="Expected a mapping of touchpoint to SignalCounts.",
        hint="SignalCounts(successes=..., trials=..., customers=...), one count a customer group",
        where=where,
    )
