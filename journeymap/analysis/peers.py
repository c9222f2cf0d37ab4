"""What a touchpoint is compared with: its peers, or a declared target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_words import KINDS, words_of
from journeymap.errors import JourneyMapError, UnknownNameError, WrongKindError, nearest
from journeymap.metrics.counts import goal_touchpoints
from journeymap.model.durations import parse_duration
from journeymap.model.journey import Journey

__all__ = ["Family", "Peers", "Target", "Targets", "declared_targets", "find_peers"]

Target = float | timedelta | str
Targets = Mapping[str, Target | Mapping[str, Target]]
Counts = NDArray[np.float64]
Family = tuple[str | None, bool]
_RANGES = {"feeling": (-2.0, 2.0)}


class Peers(NamedTuple):
    """Touchpoints of one stage and one family, service or not; the goal is none of them.

    Parameters
    ----------
    members : dict of tuple to tuple of str
        Stage and whether it is service, to the touchpoints.
    family : dict of str to tuple
        Touchpoint to its stage and whether it is service.
    """

    members: dict[Family, tuple[str, ...]]
    family: dict[str, Family]

    def others(self, counts: Mapping[str, Counts]) -> dict[str, Counts]:
        """Pool the counts of all other members of each touchpoint's family.

        Parameters
        ----------
        counts : mapping of str to ndarray
            Counts of every touchpoint, all of one shape.

        Returns
        -------
        dict of str to ndarray
            Touchpoint to the sum over its peers; zeros where it has none.
        """
        pooled = {
            key: np.sum([counts[name] for name in names], axis=0) for key, names in self.members.items()
        }
        return {name: np.asarray(pooled[key] - counts[name]) for name, key in self.family.items()}


def find_peers(journey: Journey) -> Peers:
    """Which touchpoints can be compared with each other?

    Parameters
    ----------
    journey : Journey
        The journey.

    Returns
    -------
    Peers
        Touchpoints by stage and family, without the goal.
    """
    goals = goal_touchpoints(journey)
    family = {t.id: (t.stage, t.is_service) for t in journey.touchpoints if t.id not in goals}
    members: dict[Family, list[str]] = {}
    for name, key in family.items():
        members.setdefault(key, []).append(name)
    return Peers({key: tuple(names) for key, names in members.items()}, family)


def declared_targets(
    journey: Journey, targets: Targets | None, *, own: Collection[str] = ()
) -> dict[tuple[str, str], float]:
    """Which level is declared as good enough, for each touchpoint and signal?

    Parameters
    ----------
    journey : Journey
        The journey.
    targets : mapping, optional
        Signal to level, for all touchpoints; touchpoint to such a mapping, for one (a floating touchpoint by
        its own name stands for all its stages). Shares from 0 to 1; times as timedelta, in words
        (``"3 days"``) or in seconds.
    own : collection of str
        The names of own signals, which may have targets, too.

    Returns
    -------
    dict
        (touchpoint, signal) to the level. A touchpoint's own target goes before a general one.

    Raises
    ------
    UnknownNameError
        No touchpoint or signal has this name.
    WrongKindError
        They are no mapping.
    JourneyMapError
        A level is none for its signal: a share beyond 0 to 1, or a time that is no time.
    """
    if targets is not None and not isinstance(targets, Mapping):
        raise WrongKindError.because(
            f"cannot take a value of kind {type(targets).__name__}.",
            expected="Expected a mapping of signals to levels.",
            hint='targets={"drop_off": 0.05, "waiting": "3 days"}',
            where="targets",
        )
    kinds = (*KINDS, *own)
    general: dict[str, float] = {}
    single: dict[tuple[str, str], float] = {}
    for name, given in (targets or {}).items():
        if isinstance(given, Mapping):
            found = [t.id for t in journey.touchpoints if name in {t.id, t.floats_as}]
            _known(name, found, [t.id for t in journey.touchpoints], "touchpoint")
            for kind, level in given.items():
                _known(kind, kind in kinds, kinds, "signal")
                plain = _plain(level, kind, f"targets[{name!r}][{kind!r}]")
                single |= {(touchpoint, kind): plain for touchpoint in found}
        else:
            _known(name, name in kinds, kinds, "signal")
            general[name] = _plain(given, name, f"targets[{name!r}]")
    everywhere = {(t.id, kind): level for t in journey.touchpoints for kind, level in general.items()}
    return everywhere | single


def _known(name: str, found: object, known: tuple[str, ...] | list[str], what: str) -> None:
    if not found:
        close = nearest(name, known)
        raise UnknownNameError.because(
            f"no {what} {name!r}.",
            expected=f"Expected one of: {', '.join(known)}.",
            hint=f"did you mean {close!r}?" if close else None,
            where="targets",
        )


def _plain(level: object, kind: str, where: str) -> float:
    """Read a level in the unit of its signal: seconds for times, else a plain number in its range."""
    unit = words_of(kind).unit
    if unit == "seconds":
        seconds = _seconds(level)
        if seconds is None:
            raise JourneyMapError.because(
                f"{where}: {level!r} is no span of time.",
                expected="Expected a timedelta, a text such as '3 days', or seconds.",
            )
        return seconds
    low, high = _RANGES.get(unit, (0.0, 1.0))
    value = _plain_number(level)
    if value is None or not low <= value <= high:
        span = "−2 to 2" if unit == "feeling" else "0 to 1"
        raise JourneyMapError.because(
            f"{where}: {level!r} is no level of {words_of(kind).head}.",
            expected=f"Expected a number from {span}.",
            hint="5 % is 0.05" if unit == "share" else None,
        )
    return value


def _seconds(level: object) -> float | None:
    """Read a time that is not below zero; None where it is none."""
    try:
        span = parse_duration(level)
    except (ValueError, OverflowError):  # a unit that is none, or longer than any timedelta
        return None
    seconds = span.total_seconds() if isinstance(span, timedelta) else _plain_number(span)
    return seconds if seconds is not None and 0 <= seconds < float("inf") else None


def _plain_number(level: object) -> float | None:
    return None if isinstance(level, bool) or not isinstance(level, Real) else float(level)
