"""What does a service blueprint show: which lanes, which waits, where it fails and where it waits?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from journeymap.errors import MissingEvidenceError, UnknownNameError, nearest
from journeymap.metrics.counts import goal_touchpoints
from journeymap.metrics.flow import drop_off
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.touchpoints import STATE_MARK, Touchpoint
from journeymap.model.transitions import Transition
from journeymap.render.map_columns import ANY_STAGE, Column, choose_columns

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
    waits : tuple of timedelta or None
        The median wait before each column's touchpoint.
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
    waits: tuple[timedelta | None, ...]
    failing: frozenset[int]
    waiting: frozenset[int]
    lost: tuple[Estimate | None, ...]
    left_out: int = 0

    @property
    def has_roles(self) -> bool:
        """Whether any touchpoint says what stands around the customer's action."""
        return any(texts_of(column.touchpoint, role) for column in self.columns for role in ROLES)

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
    waits = tuple(_wait_before(journey, column) for column in columns)
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
        waits=waits,
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


def _wait_before(journey: Journey, column: Column) -> timedelta | None:
    """Give the median wait on the strongest transition to a column's touchpoint, other than from itself."""
    touchpoint = column.touchpoint
    names = {touchpoint.id}
    if touchpoint.stage is None:
        stages = [column.stage] if column.stage else [stage.id for stage in journey.stages]
        names |= {f"{touchpoint.id}{STATE_MARK}{stage}" for stage in stages}
    inward = [t for t in journey.transitions if t.target in names and t.source not in names]
    waits = [(_strength(t), t.wait.median) for t in inward if t.wait and t.wait.median is not None]
    return max(waits, key=lambda wait: wait[0])[1] if waits else None


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
