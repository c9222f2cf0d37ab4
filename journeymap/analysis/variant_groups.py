"""Do journeys fall into groups that take like paths, and do these groups fare differently?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.variant_counts import SeenPath, seen_paths
from journeymap.analysis.variant_groups_report import (
    Among,
    Distance,
    GroupMark,
    VariantGroup,
    VariantGroups,
)
from journeymap.errors import InvalidJourneyError, require
from journeymap.metrics.counts import goal_touchpoints
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.stats.sequence_clusters import (
    Medoids,
    adjusted_rand,
    average_linkage,
    bootstrap_stability,
    choose_medoids,
    k_medoids,
    weighted_silhouettes,
)
from journeymap.stats.sequences import complexity_index, distance_matrix, transition_rate_costs

__all__ = ["find_variant_groups"]

Counts = NDArray[np.float64]
_GOAL_RATE = "won journeys / won and lost journeys of the group"
_SHARE = "journeys of the group / journeys that were grouped"
_MOST_GROUPS = 8
_MARKS = 3
_FEWEST = 3
_TELLING = 0.2


class _Ways(NamedTuple):
    """Distinct ways before the goal, the most frequent first, with journeys by customer group."""

    ways: tuple[tuple[str, ...], ...]
    won: Counts
    lost: Counts
    all: Counts
    customers: NDArray[np.int64]


def find_variant_groups(
    journey: Journey,
    *,
    k: int | None = None,
    distance: Distance = "lcs",
    among: Among = "all",
    most_variants: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> VariantGroups:
    """Which journeys take like paths, and do those groups reach the goal differently often?

    Paths are compared up to the goal and without it, so that the outcome does not shape the groups that
    are judged by it. The distance between two paths is what has to be taken out and put in to turn one into
    the other, brought to 0 to 1 (`yujian_bo`). Groups form around their most central paths (k-medoids),
    every path weighing as much as journeys took it.

    Parameters
    ----------
    journey : Journey
        An observed journey with the counts of `with_paths`.
    k : int, optional
        How many groups; left out, the number from 2 to 8 that parts most clearly (mean silhouette).
    distance : {"lcs", "transition_rates"}
        Whether exchanging any touchpoint for another costs as much as taking one out and putting the other
        in, or less where customers often go from one to the other.
    among : {"all", "won", "lost"}
        Which journeys are grouped. Among the won ones the groups are the ways to succeed.
    most_variants : int
        So many paths are compared, the most frequent; the rest is left out and counted.
    seed : int
        For the stability: the same seed gives the same answer.
    level : float
        The confidence level.

    Returns
    -------
    VariantGroups
        The groups, the largest first, with how clearly they part (silhouette), whether other customers
        would give the same ones (stability) and whether another method does (average linkage). Without
        groups where fewer than three paths differ.

    Raises
    ------
    MissingEvidenceError
        The journey carries no counts of whole paths.
    InvalidJourneyError
        `k` does not lie between 2 and the number of paths less one.

    Notes
    -----
    Groups are always found, even where there are none: read what the report says about their structure.
    Rare paths are not among the listed ones, so groups describe the beaten tracks; `with_paths` lists more
    with a lower ``min_customers``. Who leaves early has a short path: groups of all journeys part the
    early lost ones from the rest, and that a group is won more often does not say that its path is why.

    References
    ----------
    Gabadinho, A., Ritschard, G., Müller, N. S., Studer, M. (2011). Analyzing and visualizing state sequences
    in R with TraMineR. Journal of Statistical Software 40(4).

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.paths import with_paths
    >>> ways = ["ad cart pay", "ad cart", "ad ad cart pay", "shop call", "shop call pay", "shop call call"]
    >>> rows = [(who, what, f"2024-05-0{day}") for who, way in enumerate(ways)
    ...         for day, what in enumerate(way.split(), 1)]
    >>> table = pa.table(dict(zip(("who", "what", "when"), map(list, zip(*rows)))))
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = with_paths(discover_journey(log, goal="pay"), log, min_customers=1)
    >>> [group.path for group in find_variant_groups(journey).groups]
    [('ad', 'cart'), ('shop', 'call')]
    """
    require(journey, Journey, "find_variant_groups", hint="discover the journey first: discover_journey(log)")
    paths = seen_paths(journey)
    goals = goal_touchpoints(journey)
    ways = _ways([_only(path, among) for path in paths.listed], goals, most_variants)
    everything = float(sum(_only(path, among).journeys.sum() for path in (*paths.listed, paths.rare)))
    grouped = float(ways.all.sum())
    told = journey.observation
    report = VariantGroups(
        journey=journey.name,
        variants=len(ways.ways),
        journeys=int(grouped),
        left_out=int(everything - grouped),
        distance=distance,
        among=among,
        asked=k is not None,
        filters=told.filters if told else (),
        period=(told.start, told.end) if told else None,
    )
    if k is not None and not 2 <= k <= max(len(ways.ways) - 1, 2):  # noqa: PLR2004
        raise InvalidJourneyError.because(
            f"k: {k} groups of {len(ways.ways)} different paths.",
            expected=f"Expected 2 to {max(len(ways.ways) - 1, 2)}.",
        )
    if len(ways.ways) < _FEWEST:
        return report
    weights = ways.all.sum(axis=1)
    distances = _distances(ways, distance, weights)
    found = (
        k_medoids(distances, k, weights=weights)
        if k is not None
        else choose_medoids(distances, weights=weights, most=_MOST_GROUPS)[0]
    )
    linked = average_linkage(distances, len(found.medoids), weights=weights)
    return report.model_copy(
        update={
            "groups": _groups(
                journey, ways, found, distances, judged=bool(goals) and among == "all", level=level
            ),
            "silhouette": found.silhouette,
            "stability": bootstrap_stability(distances, ways.all, found, seed=seed),
            "linkage_agreement": adjusted_rand(found.labels, linked, weights=weights),
        }
    )


def _only(path: SeenPath, among: Among) -> SeenPath:
    """Forget the journeys that ended otherwise."""
    if among == "all":
        return path
    nobody = path.won * 0.0
    if among == "won":
        return path._replace(lost=nobody, open=nobody)
    return path._replace(won=nobody, won_us=nobody, open=nobody)


def _ways(paths: Sequence[SeenPath], goals: frozenset[str], most: int) -> _Ways:
    """Cut the goal off, put equal ways together; those that begin at the goal have none."""
    merged: dict[tuple[str, ...], list[SeenPath]] = {}
    for path in paths:
        at_goal = bool(path.touchpoints) and path.touchpoints[-1] in goals
        way = path.touchpoints[:-1] if at_goal else path.touchpoints
        if way and path.journeys.sum():
            merged.setdefault(way, []).append(path)
    ordered = sorted(merged.items(), key=lambda item: (-sum(p.journeys.sum() for p in item[1]), item[0]))[
        :most
    ]

    def added(part: str) -> Counts:
        return np.array([np.sum([getattr(path, part) for path in same], axis=0) for _, same in ordered])

    return _Ways(
        tuple(way for way, _ in ordered),
        added("won"),
        added("lost"),
        added("journeys"),
        np.array([sum(path.customers for path in same) for _, same in ordered], dtype=np.int64),
    )


def _distances(ways: _Ways, distance: Distance, weights: Counts) -> Counts:
    if distance == "lcs":
        return distance_matrix(ways.ways, normalised=True)
    costs = transition_rate_costs(ways.ways, weights)
    return distance_matrix(ways.ways, substitution=costs, normalised=True)


def _groups(
    journey: Journey, ways: _Ways, found: Medoids, distances: Counts, *, judged: bool, level: float
) -> tuple[VariantGroup, ...]:
    weights = ways.all.sum(axis=1)
    silhouettes = weighted_silhouettes(distances, found.labels, weights=weights, copies=False)
    states = [*dict.fromkeys(name for way in ways.ways for name in way)]
    visits = np.array([[name in way for name in states] for way in map(set, ways.ways)], dtype=np.float64)
    complexity = np.array([complexity_index(way, states=len(states)) for way in ways.ways])
    names = {touchpoint.id: touchpoint.name for touchpoint in journey.touchpoints}
    whole = ways.all.sum(axis=0)
    groups = []
    for number, medoid in enumerate(found.medoids):
        inside = found.labels == number
        own = weights * inside
        path = ways.ways[int(medoid)]
        customers = int(ways.customers[inside].sum())
        won, lost = ways.won[inside].sum(axis=0), ways.lost[inside].sum(axis=0)
        groups.append(
            VariantGroup(
                path=path,
                names=tuple(names.get(name, name) for name in path),
                variants=int(inside.sum()),
                journeys=int(own.sum()),
                customers=customers,
                share=share_estimate(
                    ways.all[inside].sum(axis=0),
                    whole,
                    customers=int(ways.customers.sum()),
                    definition=_SHARE,
                    level=level,
                ),
                goal_rate=share_estimate(
                    won, won + lost, customers=customers, definition=_GOAL_RATE, level=level
                )
                if judged
                else None,
                on_path=float(weights[medoid] / own.sum()),
                visits=float(own @ [len(way) for way in ways.ways] / own.sum()),
                complexity=float(own @ complexity / own.sum()),
                silhouette=float(own @ silhouettes / own.sum()),
                marks=_marks(states, names, visits, own, weights - own),
            )
        )
    return tuple(groups)


def _marks(
    states: list[str], names: dict[str, str], visits: Counts, own: Counts, others: Counts
) -> tuple[GroupMark, ...]:
    """Which touchpoints do the journeys of the group visit much more, or much less, than the others?"""
    if not others.sum():
        return ()
    here, elsewhere = own @ visits / own.sum(), others @ visits / others.sum()
    apart = here - elsewhere
    order = np.argsort(-np.abs(apart), kind="stable")[:_MARKS]
    return tuple(
        GroupMark(
            touchpoint=states[place],
            name=names.get(states[place], states[place]),
            share=float(here[place]),
            elsewhere=float(elsewhere[place]),
        )
        for place in order
        if abs(apart[place]) >= _TELLING
    )
