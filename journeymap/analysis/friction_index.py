"""How large is a weighted index of friction, and what does each signal add to it?"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from numbers import Real

from journeymap.analysis.friction_point import Signal
from journeymap.analysis.friction_words import KINDS
from journeymap.errors import JourneyMapError, UnknownNameError, nearest

__all__ = ["checked_weights", "contributions", "finite_number"]

_FULL = 100.0
_BY_RATIO = ("waiting", "sojourn")


def checked_weights(weights: Mapping[str, float] | None, *, own: Collection[str] = ()) -> dict[str, float]:
    """Which weights are given, and can they be used?

    Parameters
    ----------
    weights : mapping of str to float, optional
        Signal to its weight.
    own : collection of str
        The names of own signals.

    Returns
    -------
    dict of str to float
        Those above zero; empty without any.

    Raises
    ------
    UnknownNameError
        No signal has this name.
    JourneyMapError
        A weight is negative or no number, or all of them are zero.
    """
    known = [*KINDS, *own]
    if weights is not None and not isinstance(weights, Mapping):
        raise JourneyMapError.because(
            f"weights: cannot take a value of kind {type(weights).__name__}.",
            expected="Expected signals with their weights.",
            hint='weights={"drop_off": 2, "waiting": 1}',
        )
    for name, weight in (weights or {}).items():
        if name not in known:
            close = nearest(name, known)
            raise UnknownNameError.because(
                f"no signal {name!r}.",
                expected=f"Expected one of: {', '.join(known)}.",
                hint=f"did you mean {close!r}?" if close else None,
                where="weights",
            )
        if not (finite_number(weight) and weight >= 0):
            raise JourneyMapError.because(
                f"weights: {weight!r} is no weight for {name!r}.", expected="Expected a number from 0 up."
            )
    found = {name: float(weight) for name, weight in (weights or {}).items() if weight > 0}
    if weights and not found:
        raise JourneyMapError.because("weights: all of them are zero.", hint="leave weights out for no index")
    return found


def finite_number(value: object) -> bool:
    """Is this a number that can be reckoned with?

    Parameters
    ----------
    value : object
        Whatever was given.

    Returns
    -------
    bool
        Neither infinite nor nan, and no truth value.

    Examples
    --------
    >>> finite_number(0.5), finite_number("a"), finite_number(float("nan")), finite_number(True)
    (True, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return math.isfinite(value)


def contributions(signals: Sequence[Signal], weights: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """What does each weighted signal add to the index of each touchpoint?

    ``100 · w_k / Σw · e_vk / max_u e_uk``: e is by how much touchpoint v is worse than its baseline in
    signal k, after shrinkage towards the peers, and nothing where it is not worse; the worst touchpoint of a
    signal gets its whole weight. The index is the sum, 0 to 100.

    Parameters
    ----------
    signals : sequence of Signal
        All signals of a report.
    weights : mapping of str to float
        Above zero.

    Returns
    -------
    dict of str to dict of str to float
        Touchpoint to signal to what it adds, in the order of `weights`.

    Notes
    -----
    The weights are a judgement, not a measurement: an index says nothing of conversion or of money.
    """
    total = math.fsum(weights.values())
    worse = {(s.touchpoint, s.kind): _worse(s) for s in signals if s.kind in weights and not s.unjudged}
    most = {kind: max((e for (_, k), e in worse.items() if k == kind), default=0.0) for kind in weights}
    found: dict[str, dict[str, float]] = {}
    for kind, weight in weights.items():
        for (touchpoint, of), excess in worse.items():
            if of == kind and most[kind] > 0:
                part = _FULL * weight / total * excess / most[kind]
                found.setdefault(touchpoint, {})[kind] = part
    return found


def _worse(signal: Signal) -> float:
    if signal.baseline is None:
        return 0.0
    if signal.shrunk is None or signal.shrunk.value is None:
        return max(signal.excess or 0.0, 0.0)
    if signal.kind in _BY_RATIO:
        return max(signal.shrunk.value / signal.baseline - 1, 0.0) if signal.baseline else 0.0
    return max(signal.shrunk.value - signal.baseline, 0.0)
