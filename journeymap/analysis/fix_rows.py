"""How would customers go on from each touchpoint, if something were mended?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.fix_places import Places
from journeymap.analysis.fixes import CutWait, Fix, LowerExit, Remove, Reroute
from journeymap.analysis.peers import find_peers
from journeymap.analysis.wording import percent, spoken_time
from journeymap.errors import JourneyMapError
from journeymap.metrics.chain import ChainCounts
from journeymap.metrics.chain_waits import closed_waits, waits_before_goal
from journeymap.metrics.counts import (
    counts_by_group,
    evidence_table,
    goal_touchpoints,
    touchpoint_counts,
)
from journeymap.model.journey import Journey
from journeymap.stats.jackknife import all_and_without

__all__ = ["Rows", "mended", "observed_rows"]

Floats = NDArray[np.float64]
MICROSECONDS = 1e6
_NEAR = 1e-12


class Rows(NamedTuple):
    """The chain of all customers (replicate 0) and without each group of them (the others).

    Parameters
    ----------
    ways : ndarray
        Replicates by states by places: the share of visits to a state after which the next place follows.
        Places are the states, the first of which is the start of the journey, then goal and lost.
    spent, waits : ndarray
        Replicates by states: mean seconds at the state, and until the next event where one follows.
    """

    ways: Floats
    spent: Floats
    waits: Floats

    @property
    def inner(self) -> Floats:
        """The part of `ways` that leads to states."""
        return self.ways[..., :-2]

    @property
    def goal(self) -> Floats:
        """The share of visits after which the goal follows."""
        return self.ways[..., -2]

    @property
    def lost(self) -> Floats:
        """The share of visits with which the journey is lost."""
        return self.ways[..., -1]

    @property
    def held(self) -> Floats:
        """Mean seconds from the start of a visit to the next start, or to the end of the journey."""
        return np.asarray(self.spent + (1 - self.lost) * self.waits)


def observed_rows(journey: Journey, counts: ChainCounts) -> Rows:
    """How do customers go on from each touchpoint today?

    Parameters
    ----------
    journey : Journey
        An observed journey.
    counts : ChainCounts
        The counts of its decided journeys.

    Returns
    -------
    Rows
        The maximum likelihood chain, with the mean waits of decided journeys. A state that nobody visits
        without one group leads to lost and is entered by nobody.
    """
    moves, visits = all_and_without(counts.moves), all_and_without(counts.visits)
    states = len(counts.states)
    ways = np.zeros((visits.shape[-1], states + 1, states + 3))
    for source, target, count in zip(counts.sources, counts.targets, moves, strict=True):
        ways[:, source + 1, target + 1] += count
    ways[:, 1:, -2] = all_and_without(counts.won).T
    ways[:, 1:, -1] = all_and_without(counts.lost).T
    ways[:, 1:] /= np.where(visits > 0, visits, 1.0).T[..., np.newaxis]
    ways[:, 1:, -1] = np.where(visits.T > 0, ways[:, 1:, -1], 1.0)
    entries, at_goal = all_and_without(counts.entries), all_and_without(counts.entries_at_goal)
    journeys = entries.sum(axis=0) + at_goal
    ways[:, 0, 1:-2] = (entries / np.where(journeys > 0, journeys, 1.0)).T
    ways[:, 0, -2] = np.where(journeys > 0, at_goal / np.where(journeys > 0, journeys, 1.0), 0.0)
    ways[:, 0, -1] = np.where(journeys > 0, 0.0, 1.0)
    return Rows(ways, _stays(journey, counts), _waits(journey, counts))


def _stays(journey: Journey, counts: ChainCounts) -> Floats:
    """Give the mean seconds at every state, by replicate."""
    span, visits = touchpoint_counts(journey, "sojourn_us"), touchpoint_counts(journey, "visits")
    columns = [_ratio(span[name], visits[name], empty=0.0) / MICROSECONDS for name in counts.states]
    return np.column_stack([np.zeros(counts.visits.shape[1] + 1), *columns])


def _waits(journey: Journey, counts: ChainCounts) -> Floats:
    """Give the mean seconds until the next event in decided journeys, where one follows."""
    place = {name: number for number, name in enumerate(counts.states, 1)}
    ends = place.keys() | goal_touchpoints(journey)
    closed, spans = counts_by_group(journey, "transitions", "closed"), closed_waits(journey)
    waited, went = np.zeros((2, counts.visits.shape[1] + 1, len(place) + 1))
    for row, (source, target) in enumerate(evidence_table(journey, "transitions").keys):
        if source in place and target in ends and closed[row].any():
            waited[:, place[source]] += spans[row]
            went[:, place[source]] += all_and_without(closed[row])
    return np.asarray(np.divide(waited, went, out=np.zeros_like(went), where=went > 0))


def _ratio(top: Floats, bottom: Floats, *, empty: float) -> Floats:
    above, below = all_and_without(top), all_and_without(bottom)
    return np.divide(above, below, out=np.full_like(below, empty), where=below > 0)


def mended(rows: Rows, fixes: Sequence[Fix], journey: Journey, places: Places) -> Rows:
    """How would customers go on if all of these fixes were in place?

    Parameters
    ----------
    rows : Rows
        How they go on today.
    fixes : sequence of Fix
        In any order: the order changes nothing.
    journey : Journey
        The journey.
    places : Places
        What names mean in the rows.

    Returns
    -------
    Rows
        Of the same shape. A removed touchpoint stays as a state that takes no time.

    Raises
    ------
    JourneyMapError
        A fix is impossible here, for example because everybody leaves and it does not say where to.
    UnknownNameError
        It names a touchpoint that does not exist.
    """
    new = Rows(*(part.copy() for part in rows))
    for fix in sorted(fixes, key=lambda fix: isinstance(fix, LowerExit)):
        if isinstance(fix, Reroute):
            _reroute(fix, rows, new, places)
        elif isinstance(fix, LowerExit):  # after all that is sent elsewhere: it scales every way
            _lower(fix, rows, new, journey, places)
        elif isinstance(fix, Remove):
            _remove(fix, rows, new, places)
        else:
            _cut(fix, rows, new, journey, places)
    return new


def _reroute(fix: Reroute, old: Rows, new: Rows, places: Places) -> None:
    moved = False
    for source in places.states(fix.source):
        to = places.place(fix.to, near=source)
        for target in places.places(fix.target):
            share = fix.share * old.ways[:, source, target]
            if target != to:
                new.ways[:, source, target] -= share
                new.ways[:, source, to] += share
                moved = moved or share[0] > 0
    if not moved:
        raise JourneyMapError.because(
            f"nobody goes from {fix.source!r} to {fix.target!r} before the goal.",
            expected=f"From there customers go to: {', '.join(_onward(fix, old, places))}.",
        )


def _onward(fix: Reroute, old: Rows, places: Places) -> list[str]:
    shares = np.sum([old.ways[0, source] for source in places.states(fix.source)], axis=0)
    return [places.name(place) for place in np.argsort(-shares, kind="stable") if shares[place] > 0]


def _lower(fix: LowerExit, old: Rows, new: Rows, journey: Journey, places: Places) -> None:
    states = places.states(fix.touchpoint)
    levels = [_exit_level(fix, old.lost[:, state], journey, places.name(state)) for state in states]
    lowered = [
        np.isfinite(level[0]) and level[0] < old.lost[0, s] for s, level in zip(states, levels, strict=True)
    ]
    if fix.by is None and not any(lowered):
        now = percent(float(max(old.lost[0, state] for state in states)))
        known = [float(level[0]) for level in levels if np.isfinite(level[0])]
        problem = (
            f"{now} of visits to {fix.touchpoint!r} end there; {percent(max(known))} would not be fewer."
            if known
            else f"{fix.touchpoint!r} has no peers to take a level from."
        )
        raise JourneyMapError.because(problem, hint="give the level or the part that goes: to=0.05 or by=0.5")
    for state, level, less in zip(states, levels, lowered, strict=True):
        if less:
            _lower_one(fix, state, level, old, new, places)


def _lower_one(fix: LowerExit, state: int, level: Floats, old: Rows, new: Rows, places: Places) -> None:
    exits = old.lost[:, state]
    if fix.then is not None:
        new.ways[:, state, places.place(fix.then, near=state)] += exits - level
    elif exits[0] >= 1 - _NEAR:
        name = places.name(state)
        raise JourneyMapError.because(
            f"everybody who comes to {name!r} leaves there: nothing tells where those who stay would go.",
            expected="Expected a destination.",
            hint="give then= a touchpoint or 'goal'; in a text: exit -50% then pay",
        )
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = (1 - level) / (1 - exits)
        came = old.ways[:, state, :-1].any(axis=-1)
        # without one group nobody may go on from here: that replicate is left as it is
        kept, level = np.where(came, kept, 1.0), np.where(came, level, exits)
        new.ways[:, state, :-1] *= kept[:, np.newaxis]
    new.ways[:, state, -1] = level


def _exit_level(fix: LowerExit, exits: Floats, journey: Journey, name: str) -> Floats:
    """Give the new exit probability in every replicate; not finite where there are no peers."""
    if fix.by is not None:
        return np.asarray(exits * (1 - fix.by))
    if fix.to == "baseline":
        lost, visits = (touchpoint_counts(journey, measure) for measure in ("lost", "visits_closed"))
        return _usual(journey, name, lost, visits)
    return np.full_like(exits, float(fix.to or 0.0))


def _usual(journey: Journey, name: str, top: Mapping[str, Floats], bottom: Mapping[str, Floats]) -> Floats:
    """Pool a rate over the peers of a touchpoint."""
    peers = find_peers(journey)
    above, below = (peers.others(counts)[name] for counts in (top, bottom))
    return _ratio(above, below, empty=np.nan)


def _remove(fix: Remove, old: Rows, new: Rows, places: Places) -> None:
    for state in places.states(fix.touchpoint):
        if fix.to is not None:
            new.ways[:, state] = 0.0
            new.ways[:, state, places.place(fix.to, near=state)] = 1.0
        else:
            onward = old.ways[:, state].copy()
            onward[:, [state, -1]] = 0.0
            gone = onward.sum(axis=-1, keepdims=True)
            if gone[0, 0] <= _NEAR:
                raise JourneyMapError.because(
                    f"nobody goes on from {places.name(state)!r}: nothing tells where its visitors would go.",
                    expected="Expected a destination.",
                    hint="give to= a touchpoint, 'goal' or 'lost'; in a text: remove chat to pay",
                )
            found = np.divide(onward, gone, out=old.ways[:, state].copy(), where=gone > 0)
            new.ways[:, state] = found
        new.spent[:, state] = new.waits[:, state] = 0.0


def _cut(fix: CutWait, old: Rows, new: Rows, journey: Journey, places: Places) -> None:
    shorter = False
    found: list[tuple[float, float]] = []
    for state in places.states(fix.touchpoint):
        waits = old.waits[:, state]
        level = _wait_level(fix, waits, journey, places.name(state))
        found.append((float(waits[0]), float(level[0])))
        if np.isfinite(level[0]) and 0 <= level[0] < waits[0]:
            shorter = True
            new.waits[:, state] = np.where(np.isfinite(level), np.maximum(level, 0.0), waits)
    if not shorter:
        raise _no_cut(fix, found)


def _no_cut(fix: CutWait, found: Sequence[tuple[float, float]]) -> JourneyMapError:
    """Say what was asked, and what there is: the waits of all states, now and as asked."""
    now, asked = max(found)
    there = f"the mean wait after {fix.touchpoint!r} is {spoken_time(now)}"
    if isinstance(fix.by, timedelta):
        problem = f"{there}: {spoken_time(fix.by.total_seconds())} cannot be cut from it."
    elif now <= 0:
        problem = f"{there}: there is nothing to cut."
    elif not np.isfinite(asked):
        problem = f"{fix.touchpoint!r} has no peers to take a wait from."
    else:
        problem = f"{there}: {spoken_time(asked)} would not be shorter."
    return JourneyMapError.because(
        problem,
        expected=f"Expected a wait between 0 and {spoken_time(now)}." if now > 0 else "Expected a wait.",
        hint="give the new mean, to='1 hour', or the part that goes, by=0.5",
    )


def _wait_level(fix: CutWait, waits: Floats, journey: Journey, name: str) -> Floats:
    if isinstance(fix.by, timedelta):
        return np.asarray(waits - fix.by.total_seconds())
    if fix.by is not None:
        return np.asarray(waits * (1 - fix.by))
    if isinstance(fix.to, timedelta):
        return np.full_like(waits, fix.to.total_seconds())
    spans, times = waits_before_goal(journey)
    own = _ratio(spans[name], times[name], empty=np.nan)
    # the mean of decided journeys; where it was not counted apart, means of all tell how much shorter it is
    return np.asarray(waits * _usual(journey, name, spans, times) / own)
