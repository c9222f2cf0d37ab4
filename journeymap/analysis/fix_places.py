"""Which touchpoints does a fix mean, and do several fixes go together?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from journeymap.analysis.fixes import CutWait, Fix, LowerExit, Remove, Reroute
from journeymap.errors import JourneyMapError, UnknownNameError, nearest
from journeymap.metrics.counts import goal_touchpoints
from journeymap.model.journey import Journey

__all__ = ["Places", "refuse_contradictions"]

_ALL = 1 + 1e-9


class Places:
    """What names mean in the rows of a chain.

    Parameters
    ----------
    journey : Journey
        The journey.
    states : sequence of str
        The states of its chain; their positions begin with 1, since 0 is the start of the journey. Goal and
        lost follow.
    """

    def __init__(self, journey: Journey, states: Sequence[str]) -> None:
        self._journey = journey
        self._position = {name: place for place, name in enumerate(states, 1)}
        self._names = ["the start", *states, "goal", "lost"]
        self._goals = goal_touchpoints(journey)
        self.goal, self.lost = len(self._names) - 2, len(self._names) - 1

    def name(self, place: int) -> str:
        """Give the touchpoint of a position, ``goal`` or ``lost``."""
        return self._names[place]

    def states(self, name: str) -> tuple[int, ...]:
        """Give the positions of a touchpoint, of all stages of a floating one; none of them is the goal."""
        found = tuple(self._position[one] for one in self._meant(name) if one in self._position)
        if not found:
            if any(one in self._goals for one in self._meant(name)):
                raise JourneyMapError.because(
                    f"{name!r} is the goal: journeys are won there, so there is nothing to mend.",
                    expected="Expected another touchpoint.",
                )
            raise JourneyMapError.because(
                f"no decided journey comes to {name!r} before the goal.",
                expected="Expected a touchpoint that customers visit.",
            )
        return found

    def places(self, name: str) -> tuple[int, ...]:
        """Give the positions of a touchpoint, of ``goal`` or of ``lost``."""
        ends = self._end(name)
        return (ends,) if ends is not None else self.states(name)

    def place(self, name: str, *, near: int) -> int:
        """Give the one position that customers can be sent to.

        Parameters
        ----------
        name : str
            A touchpoint, ``goal`` or ``lost``.
        near : int
            Where they come from: of a floating touchpoint the state of that stage is meant.

        Returns
        -------
        int
            The position.
        """
        end = self._end(name)
        if end is not None:
            return end
        found = self.states(name)
        if len(found) == 1:
            return found[0]
        stage = self._journey.touchpoint(self.name(near)).stage
        same = [one for one in found if self._journey.touchpoint(self.name(one)).stage == stage]
        if len(same) == 1:
            return same[0]
        raise JourneyMapError.because(
            f"{name!r} is several touchpoints, one for each stage.",
            expected=f"Expected one of: {', '.join(self.name(one) for one in found)}.",
        )

    def _end(self, name: str) -> int | None:
        known = {t.id for t in self._journey.touchpoints} | {t.floats_as for t in self._journey.touchpoints}
        if name in self._goals or (name not in known and name == "goal"):
            return self.goal
        return self.lost if name not in known and name == "lost" else None

    def _meant(self, name: str) -> list[str]:
        touchpoints = self._journey.touchpoints
        found = [t.id for t in touchpoints if name in {t.id, t.floats_as}]
        if not found:
            ids = [t.id for t in touchpoints]
            spoken = {t.name: t.id for t in touchpoints}
            close = nearest(name, [*ids, *(t.floats_as for t in touchpoints if t.floats_as), *spoken])
            close = spoken.get(close or "", close)
            raise UnknownNameError.because(
                f"no touchpoint {name!r} in {self._journey.name!r}.",
                expected="" if close else f"Expected one of: {', '.join(ids)}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
        return found


def refuse_contradictions(fixes: Sequence[Fix], places: Places) -> None:
    """Do several fixes contradict each other?

    Parameters
    ----------
    fixes : sequence of Fix
        All at once.
    places : Places
        What names mean.

    Raises
    ------
    JourneyMapError
        Two change the same exit, wait or way, one cancels another, or one needs a touchpoint that another
        removes.
    """
    if not fixes:
        raise JourneyMapError.because(
            "there is no fix.", expected="Expected at least one.", hint="LowerExit('pay', by=0.5)"
        )
    changed: dict[tuple[str, int], int] = {}
    for number, fix in enumerate(fixes):
        for key in _changes(fix, places):
            other = changed.setdefault(key, number)
            if other != number:
                raise _contradiction(fixes[other], fix, f"both change the {key[0]} {places.name(key[1])!r}")
    _refuse_ways(fixes, places)
    removed = {
        one: number
        for number, fix in enumerate(fixes)
        if isinstance(fix, Remove)
        for one in places.states(fix.touchpoint)
    }
    for number, fix in enumerate(fixes):
        for one in _needs(fix, places):
            other = removed.get(one, number)
            if other != number:
                raise _contradiction(fixes[other], fix, f"{places.name(one)!r} would no longer be there")


def _changes(fix: Fix, places: Places) -> list[tuple[str, int]]:
    if isinstance(fix, Reroute):
        lost = places.places(fix.target) == (places.lost,)
        return [("exits at", one) for one in places.states(fix.source)] if lost else []
    what = {"lower_exit": "exits at", "cut_wait": "wait after", "remove": "place of"}[fix.kind]
    return [(what, one) for one in places.states(fix.touchpoint)]


def _needs(fix: Fix, places: Places) -> list[int]:
    if isinstance(fix, Reroute):
        starts = places.states(fix.source)
        return [*starts, *(places.place(fix.to, near=one) for one in starts)]
    if isinstance(fix, CutWait):
        return [*places.states(fix.touchpoint)]
    to = fix.then if isinstance(fix, LowerExit) else fix.to
    own = places.states(fix.touchpoint)
    there = [] if to is None else [places.place(to, near=one) for one in own]
    return [*there, *(own if isinstance(fix, LowerExit) else ())]


def _refuse_ways(fixes: Sequence[Fix], places: Places) -> None:
    """Refuse more than all of a way, and ways that are sent back to where they came from."""
    ways = [
        (number, source, target, places.place(fix.to, near=source))
        for number, fix in enumerate(fixes)
        if isinstance(fix, Reroute)
        for source in places.states(fix.source)
        for target in places.places(fix.target)
    ]
    for (one, source, target, to), (other, start, end, there) in combinations(ways, 2):
        if one == other or source != start:
            continue
        if (end, there) == (target, to):
            raise _contradiction(fixes[one], fixes[other], "they send the same customers the same way")
        if (there, end) == (target, to):
            raise _contradiction(fixes[one], fixes[other], "one sends back what the other sends")
    sent: dict[tuple[int, int], float] = defaultdict(float)
    for number, source, target, _ in ways:
        sent[source, target] += fixes[number].share  # type: ignore[union-attr]
        if sent[source, target] > _ALL:
            raise JourneyMapError.because(
                f"more than all of {places.name(source)} → {places.name(target)} is sent elsewhere.",
                hint="give shares that sum to at most 1",
            )


def _contradiction(one: Fix, other: Fix, why: str) -> JourneyMapError:
    return JourneyMapError.because(
        f"“{one.words()}” and “{other.words()}” contradict each other: {why}.",
        hint="ask for one of them, or for each by itself",
    )
