"""What does a service blueprint show: which lanes, which waits, where it fails and where it waits?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from journeymap.errors import MissingEvidenceError, UnknownNameError, nearest
from journeymap.metrics.counts import goal_touchpoints
from journeymap.metrics.flow import drop_off
from journeymap.model.journey import Journey
from journeymap.model.measures import SMALL_SAMPLE, Estimate
from journeymap.model.touchpoints import STATE_MARK, Touchpoint
from journeymap.model.transitions import Transition
from journeymap.render.map_columns import ANY_STAGE, Column, choose_columns, track

__all__ = [
    "BEHIND",
    "CUSTOMER",
    "LANES",
    "ROLES",
    "SEVERE",
    "Blueprint",
    "blueprint_of",
    "shared_runs",
    "texts_of",
]

CUSTOMER = "customer"
# The lanes behind the customer, each with the line above it; the order is that of distance from the customer.
BEHIND: Mapping[str, str] = {
    "frontstage": "line of interaction",
    "backstage": "line of visibility",
    "systems": "line of internal interaction",
}
ROLES = ("evidence", *BEHIND)
LANES = ("wait", "evidence", CUSTOMER, *BEHIND, "journeys", "drop-off")

SEVERE = 4
_LONG_WAIT = timedelta(days=1)
_WALKED = 0.05  # of the visits to a touchpoint: so many go on to the next one where an arrow leads there


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """What stands in the columns and lanes of a blueprint.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    columns : tuple of Column
        From left to right.
    keys : tuple of str
        A name for each column that no other has, also where a path comes twice to a touchpoint.
    lanes : tuple of str
        Those with something to show, from top to bottom.
    before : tuple of Transition or None
        The most frequent way to each column's touchpoint whose median wait is known.
    ways : frozenset of (int, int)
        Neighbouring columns from which and to which customers go.
    failing, waiting : frozenset of int
        Columns with a fail point, and those with a waiting point.
    lost : tuple of Estimate or None
        The drop-off of each column's touchpoint.
    left_out : int
        Touchpoints without a column.
    """

    journey: Journey
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    lanes: tuple[str, ...]
    before: tuple[Transition | None, ...]
    ways: frozenset[tuple[int, int]]
    failing: frozenset[int]
    waiting: frozenset[int]
    lost: tuple[Estimate | None, ...]
    left_out: int = 0

    @property
    def has_roles(self) -> bool:
        """Whether any touchpoint says what stands around the customer's action."""
        return any(texts_of(column.touchpoint, role) for column in self.columns for role in ROLES)

    @property
    def waits(self) -> tuple[timedelta | None, ...]:
        """The median wait before each column's touchpoint, on its most frequent way in."""
        return tuple(way.wait.median if way and way.wait else None for way in self.before)

    @property
    def few_waits(self) -> frozenset[int]:
        """Columns whose wait rests on fewer than 20 customers."""
        return frozenset(
            place for place, way in enumerate(self.before) if way and _is_rare(self.journey, way)
        )

    @property
    def few_lost(self) -> frozenset[int]:
        """Columns whose drop-off rests on fewer than 20 customers."""
        return frozenset(
            place
            for place, (column, lost) in enumerate(zip(self.columns, self.lost, strict=True))
            if lost is not None and (lost.small_sample or _has_few(column.touchpoint))
        )

    @property
    def way_in(self) -> str:
        """On which way in the waits are: the most frequent where ways were counted, else by their shares."""
        ways = [way for way in self.before if way]
        if any(way.count for way in ways):
            return "on its most frequent way in"
        return "on the way in with the largest share" if any(way.share for way in ways) else ""

    def comes_after(self, place: int) -> str:
        """Name where the wait before a column begins, unless that is the column which leads there."""
        way = self.before[place]
        if way is None:
            return ""
        columns = self.columns
        left = [other for other in range(place) if not columns[other].floats or columns[place].floats][
            -1:
        ]  # a way to what does not float leads past what does
        if any(way.source in _ids(self.journey, columns[other]) for other in left):
            return ""
        return self.journey.touchpoint(way.source).name

    @property
    def longest_wait(self) -> timedelta:
        """The longest of the waits; zero where none is known."""
        return max((wait for wait in self.waits if wait is not None), default=timedelta(0))


def blueprint_of(
    journey: Journey,
    *,
    path: Sequence[str] | None = None,
    lanes: Iterable[str] | None = None,
    any_stage: str = ANY_STAGE,
) -> Blueprint:
    """What does the blueprint of a journey show?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    path : sequence of str, optional
        Ids of touchpoints to show instead of all, in this order.
    lanes : iterable of str, optional
        Lanes to keep, in whatever order; all when left out. The customer's actions are always kept.
    any_stage : str
        The name above touchpoints without a stage.

    Returns
    -------
    Blueprint
        Columns, lanes that have something to show, and the marks derived from the model.

    Raises
    ------
    UnknownNameError
        No such lane, or the path names an unknown touchpoint.
    """
    chosen = choose_columns(journey, path=path, any_stage=any_stage)
    columns = chosen.shown
    before = tuple(_way_in(journey, column) for column in columns)
    waits = tuple(way.wait.median if way and way.wait else None for way in before)
    lost = _lost(journey, columns)
    kept = _kept(lanes)
    known = {
        "wait": any(wait is not None for wait in waits),
        CUSTOMER: True,
        "journeys": any(column.touchpoint.visits for column in columns),
        "drop-off": any(lost),
    } | {role: any(texts_of(column.touchpoint, role) for column in columns) for role in ROLES}
    return Blueprint(
        journey=journey,
        columns=columns,
        keys=_keys(columns),
        lanes=tuple(lane for lane in LANES if known[lane] and lane in kept),
        before=before,
        ways=_ways(journey, columns),
        failing=frozenset(place for place, column in enumerate(columns) if _fails(column.touchpoint)),
        waiting=_waiting(waits),
        lost=lost,
        left_out=chosen.left_out,
    )


def texts_of(touchpoint: Touchpoint, role: str) -> tuple[str, ...]:
    """Which texts has a touchpoint in a lane of this role, without blank ones and repetitions?"""
    texts: tuple[str, ...] = getattr(touchpoint, role)
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))


def shared_runs(cells: Sequence[Sequence[str]]) -> tuple[tuple[str, int, int], ...]:
    """Which texts stand in neighbouring cells, and from which cell to which?

    Parameters
    ----------
    cells : sequence of sequence of str
        The texts of each cell, from left to right.

    Returns
    -------
    tuple of (str, int, int)
        Text, first and last cell; the widest first, then from left to right in the order of the cells.

    Examples
    --------
    >>> shared_runs([["CRM"], ["Shop", "CRM"], [], ["CRM"]])
    (('CRM', 0, 1), ('Shop', 1, 1), ('CRM', 3, 3))
    """
    runs: list[tuple[str, int, int]] = []
    for place, texts in enumerate(cells):
        for text in texts:
            if place and text in cells[place - 1]:
                continue
            last = place
            while last + 1 < len(cells) and text in cells[last + 1]:
                last += 1
            runs.append((text, place, last))
    return tuple(sorted(runs, key=lambda run: run[1] - run[2]))


def _kept(lanes: Iterable[str] | None) -> frozenset[str]:
    if lanes is None:
        return frozenset(LANES)
    named = [lanes] if isinstance(lanes, str) else list(lanes)
    kept = {CUSTOMER}
    for name in named:
        lane = name.strip().lower().replace("_", "-").replace(" ", "-")
        if lane not in LANES:
            close = nearest(lane, LANES)
            raise UnknownNameError.because(
                f"no lane {name!r} on a blueprint.",
                expected=f"Expected some of: {', '.join(LANES)}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
        kept.add(lane)
    return frozenset(kept)


def _keys(columns: Sequence[Column]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for column in columns:
        name = column.touchpoint.id
        seen[name] += 1
        keys.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(keys)


def _ids(journey: Journey, column: Column) -> frozenset[str]:
    """Give the names by which transitions know a column's touchpoint."""
    touchpoint = column.touchpoint
    names = {touchpoint.id}
    if touchpoint.stage is None:
        stages = [column.stage] if column.stage else [stage.id for stage in journey.stages]
        names |= {f"{touchpoint.id}{STATE_MARK}{stage}" for stage in stages}
    return frozenset(names)


def _ways(journey: Journey, columns: Sequence[Column]) -> frozenset[tuple[int, int]]:
    """Find the neighbours that a way joins; where nobody says how customers go, the order of the map does."""
    neighbours = pairwise(track(columns))
    if not journey.transitions:
        return frozenset(neighbours)
    walked = {
        (way.source, way.target) for way in journey.transitions if way.share is None or way.share >= _WALKED
    }
    return frozenset(
        (here, there)
        for here, there in neighbours
        if any(
            (source, target) in walked
            for source in _ids(journey, columns[here])
            for target in _ids(journey, columns[there])
        )
    )


def _way_in(journey: Journey, column: Column) -> Transition | None:
    """Give the most frequent way to a column's touchpoint with a known wait, other than from itself."""
    names = _ids(journey, column)
    inward = [t for t in journey.transitions if t.target in names and t.source not in names]
    timed = [t for t in inward if t.wait and t.wait.median is not None]
    return max(timed, key=_strength, default=None)


def _is_rare(journey: Journey, way: Transition) -> bool:
    """Whether surely fewer than 20 customers went this way; a design that counts nobody is not rare."""
    ends = (journey.touchpoint(end).visits for end in (way.source, way.target))
    most = [way.customers, way.count, *(visits.customers for visits in ends if visits is not None)]
    return min((known for known in most if known is not None), default=SMALL_SAMPLE) < SMALL_SAMPLE


def _has_few(touchpoint: Touchpoint) -> bool:
    return touchpoint.visits is not None and touchpoint.visits.customers < SMALL_SAMPLE


def _strength(transition: Transition) -> tuple[float, float]:
    return transition.count or 0.0, transition.share or 0.0


def _waiting(waits: Sequence[timedelta | None]) -> frozenset[int]:
    longest = max((wait for wait in waits if wait is not None), default=timedelta(0))
    limit = max(_LONG_WAIT, longest / 2)
    return frozenset(place for place, wait in enumerate(waits) if wait is not None and wait >= limit)


def _fails(touchpoint: Touchpoint) -> bool:
    return any((pain.severity or 0) >= SEVERE for pain in touchpoint.pain_points)


def _lost(journey: Journey, columns: Sequence[Column]) -> tuple[Estimate | None, ...]:
    """Give the drop-off of every column; without a goal everybody leaves somewhere, and there is none."""
    found: dict[str, Estimate] = {}
    if journey.origin == "observed" and goal_touchpoints(journey):
        try:
            found = drop_off(journey)
        except MissingEvidenceError:
            found = {}  # the journey is shown without the counts that it does not carry
    estimates = (found.get(column.touchpoint.id) for column in columns)
    return tuple(e if e is not None and e.value is not None else None for e in estimates)
