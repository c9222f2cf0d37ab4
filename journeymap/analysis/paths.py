"""Which way to the goal was planned, which do most take, which is most probable, which feels best?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import networkx as nx

from journeymap.analysis.path_chain import GOAL, START, PathChain, inner, path_chain, path_feeling
from journeymap.analysis.path_report import JourneyPath, PathKind, PathsReport
from journeymap.analysis.variant_counts import PATHS_CALL, SeenPaths, seen_paths
from journeymap.analysis.wording import percent
from journeymap.errors import InvalidJourneyError, MissingEvidenceError, require
from journeymap.metrics.counts import counts_by_group, goal_touchpoints
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.graph_paths import WeightedPath, likely_simple_paths, likely_walks, simple_paths_above
from journeymap.stats.jackknife import group_jackknife, leave_one_out

__all__ = ["find_paths"]

_MICROSECONDS = 1e6
_TAKEN = "won journeys on exactly this path / decided journeys"
_TAKEN_TIME = "mean seconds of the won journeys on exactly this path"


class _Designed(NamedTuple):
    """The planned path, how probable the plan makes it, and how it was read from the plan."""

    path: tuple[str, ...]
    probability: float | None
    how: str


class _Measured(NamedTuple):
    """What a path is measured with."""

    journey: Journey
    chain: PathChain
    seen: SeenPaths | None
    measured: bool
    level: float


def find_paths(
    journey: Journey,
    design: Journey | None = None,
    *,
    k: int = 5,
    floor: float = 0.1,
    level: float = 0.95,
) -> PathsReport:
    """Which paths lead to the goal: the planned, the usual, the probable and the best felt?

    Four paths are called happy, and they need not be one:

    - *designed*: the most probable path by the shares of the design; where it names no shares, the first
      transition out of each touchpoint; where it names no transitions, its touchpoints in their order
      without service;
    - *modal*: the path that most won journeys took, visit by visit;
    - *model*: the most probable path by the chain of the observed journey, the largest product of
      ``p_ij`` = moves from i to j / visits to i;
    - *best felt* (own definition): of all paths without repeated visits that are at least `floor` times as
      probable as the most probable one, and whose feeling is known at half of their touchpoints or more,
      the one with the highest mean feeling over its touchpoints.

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal; with the counts of `with_paths` for the modal path and for how many
        took each path.
    design : Journey, optional
        The plan.
    k : int
        How many of the most probable paths and walks are listed besides.
    floor : float
        See above; more than 0, at most 1.
    level : float
        The confidence level.

    Returns
    -------
    PathsReport
        The paths with their probability, journeys, time and feeling, and where they agree and part.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, has no goal, or none of its journeys is decided yet.
    InvalidJourneyError
        `k` is less than 1 or `floor` no share.

    Notes
    -----
    The probability of a path is model-implied: the chain forgets how customers came to a touchpoint, and may
    put a path together that nobody takes; the report says so. Where customers go round in circles, every
    single path is improbable and the most probable ones are the shortest, not the typical ones. Feelings
    are those of all who come to a touchpoint: who takes the best-felt path need not feel so, and
    sending others along it need not make them; the best of many is also the luckiest, so read its interval.

    References
    ----------
    Yen, J. Y. (1971). Finding the k shortest loopless paths in a network. Management Science 17, 712–716.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.paths import with_paths
    >>> days = [f"2024-05-0{day}" for day in (1, 2, 3, 1, 2, 1)]
    >>> table = pa.table({"who": list("aaabbc"), "what": "ad cart pay ad cart ad".split(), "when": days})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = discover_journey(log, goal="pay", lost_after="0 seconds", observed_until="2024-06-01")
    >>> report = find_paths(with_paths(journey, log, min_customers=1))
    >>> report.modal.touchpoints, report.modal.journeys, round(report.modal.probability.value, 3)
    (('ad', 'cart', 'pay'), 1, 0.333)
    """
    require(journey, Journey, "find_paths", hint="discover the journey first: discover_journey(log, design)")
    if design is not None:
        require(design, Journey, "find_paths", hint="give the design as a Journey: read_journey(file)")
    if k < 1 or not 0 < floor <= 1:
        raise InvalidJourneyError.because(
            f"k: {k}, floor: {floor}.", expected="Expected k of 1 or more, and a floor above 0 and up to 1."
        )
    by = _measured(journey, level)
    simple = likely_simple_paths(by.chain.graph, START, GOAL, k=k)
    not_found: dict[str, str] = {}
    happy = [
        *_designed(by, design, not_found),
        *_modal(by, not_found),
        *_model(by, simple, not_found),
        *_best_felt(by, simple, floor, not_found),
    ]
    paths = tuple(_path(by, "simple", inner(one.nodes)) for one in simple)
    walks = tuple(
        _path(by, "walk", inner(one.nodes)) for one in likely_walks(by.chain.graph, START, GOAL, k=k)
    )
    won = float(counts_by_group(journey, "journeys", "won").sum())
    told = journey.observation
    return PathsReport(
        journey=journey.name,
        happy=tuple(happy),
        not_found=not_found,
        paths=paths,
        walks=walks,
        conversion=won / by.chain.journeys,
        journeys=by.chain.journeys,
        customers=by.chain.customers,
        floor=floor,
        rare=None if by.seen is None else int(by.seen.rare.won.sum()),
        touchpoint_names={
            name: shown
            for path in (*happy, *paths, *walks)
            for name, shown in zip(path.touchpoints, path.names, strict=True)
        },
        filters=told.filters if told else (),
        period=(told.start, told.end) if told else None,
    )


def _measured(journey: Journey, level: float) -> _Measured:
    try:
        seen = seen_paths(journey)
    except MissingEvidenceError:
        seen = None
    measured = any(touchpoint.measured_feeling is not None for touchpoint in journey.touchpoints)
    return _Measured(journey, path_chain(journey), seen, measured, level)


def _designed(by: _Measured, design: Journey | None, not_found: dict[str, str]) -> list[JourneyPath]:
    if design is None:
        not_found["designed"] = "give the design: find_paths(journey, design)"
        return []
    found = _designed_path(design)
    if found is None:
        not_found["designed"] = "the design leads to no goal"
        return []
    path = _path(by, "designed", found.path, how=found.how, names=design)
    return [path.model_copy(update={"designed_probability": found.probability})]


def _designed_path(design: Journey) -> _Designed | None:
    """Read the plan: by its shares, else by the order in which things are declared."""
    goals = goal_touchpoints(design)
    shares = [transition.share for transition in design.transitions]
    entries = {t.id: t.entry_share for t in design.touchpoints if t.entry_share}
    if entries and shares and all(share is not None for share in shares):
        graph: nx.DiGraph[Any] = nx.DiGraph()
        graph.add_nodes_from([START, *design.graph])
        total = sum(entries.values())
        graph.add_edges_from((START, name, {"probability": share / total}) for name, share in entries.items())
        graph.add_edges_from(
            (edge.source, edge.target, {"probability": edge.share})
            for edge in design.transitions
            if edge.source not in goals
        )
        graph.add_edges_from((name, GOAL, {"probability": 1.0}) for name in goals)
        found = likely_simple_paths(graph, START, GOAL)
        return (
            _Designed(inner(found[0].nodes), found[0].weight, "by the shares of the design")
            if found
            else None
        )
    if design.transitions:
        return _declared_way(design, goals)
    order: list[str] = []
    for touchpoint in design.touchpoints:
        if touchpoint.id in goals:
            return _Designed(
                (*order, touchpoint.id), None, "in the order of the design, which names no transitions"
            )
        if not touchpoint.is_service and touchpoint.stage is not None:
            order.append(touchpoint.id)
    return None


def _declared_way(design: Journey, goals: frozenset[str]) -> _Designed | None:
    """Follow the first declared transition out of each touchpoint that still leads to the goal."""
    onward: nx.DiGraph[Any] = nx.DiGraph()
    onward.add_nodes_from(design.graph)
    onward.add_edges_from(
        (edge.source, edge.target) for edge in design.transitions if edge.source not in goals
    )
    onward.add_edges_from((name, GOAL) for name in goals if name in onward)
    begins = [t.id for t in design.touchpoints if t.entry_share] or [t.id for t in design.touchpoints]
    for begin in begins:
        if GOAL not in onward or not nx.has_path(onward, begin, GOAL):
            continue
        way = [begin]
        while way[-1] != GOAL:
            ahead = onward.subgraph(set(onward) - set(way[:-1]))
            way.append(
                next(name for name in onward[way[-1]] if name in ahead and _leads(ahead, name, way[-1]))
            )
        return _Designed(tuple(way[:-1]), None, "by the first transition out of each touchpoint")
    return None


def _leads(graph: nx.DiGraph[Any], name: str, leaving: str) -> bool:
    left = graph.subgraph(set(graph) - {leaving})
    return name in left and bool(nx.has_path(left, name, GOAL))


def _modal(by: _Measured, not_found: dict[str, str]) -> list[JourneyPath]:
    if by.seen is None:
        not_found["modal"] = f"count whole paths: {PATHS_CALL}"
        return []
    won = [path for path in by.seen.listed if path.won.sum()]
    if not won:
        not_found["modal"] = "no successful path was taken by enough customers to be listed"
        return []
    best = min(won, key=lambda path: (-path.won.sum(), len(path.touchpoints), path.touchpoints))
    return [_path(by, "modal", best.touchpoints)]


def _model(by: _Measured, simple: Sequence[WeightedPath], not_found: dict[str, str]) -> list[JourneyPath]:
    if not simple:
        not_found["model"] = "no decided journey was won"
        return []
    return [_path(by, "model", inner(simple[0].nodes), how="by the chain")]


def _best_felt(
    by: _Measured, simple: Sequence[WeightedPath], floor: float, not_found: dict[str, str]
) -> list[JourneyPath]:
    if not simple:
        not_found["best_felt"] = "no decided journey was won"
        return []
    best: tuple[float, tuple[str, ...]] | None = None
    for one in simple_paths_above(by.chain.graph, START, GOAL, floor=floor * simple[0].weight):
        path = inner(one.nodes)
        felt = path_feeling(by.journey, path, measured=by.measured, level=by.level)
        known = felt.value is not None and 2 * felt.n >= len(path)
        if known and (
            best is None or (felt.value or 0.0) > best[0] + 1e-12
        ):  # the more probable of equal ones
            best = (felt.value or 0.0, path)
    if best is None:
        not_found["best_felt"] = "no path has feelings at half of its touchpoints: with_feedback(journey, …)"
        return []
    how = (
        "own definition: the highest mean feeling of all paths at least "
        f"{percent(floor)} as probable as the most probable one"
    )
    return [_path(by, "best_felt", best[1], how=how)]


def _path(
    by: _Measured, kind: PathKind, path: tuple[str, ...], *, how: str = "", names: Journey | None = None
) -> JourneyPath:
    """Measure a path; names come from the design where the observed journey lacks the touchpoint."""
    known = {t.id: t.name for source in (names, by.journey) if source for t in source.touchpoints}
    won = by.seen and next((one for one in by.seen.listed if one.touchpoints == path), None)
    taken: Estimate | None = None
    if by.seen is not None:
        decided = by.chain.out[START]
        taken = share_estimate(
            won.won if won else decided * 0.0,
            decided,
            customers=by.chain.customers,
            definition=_TAKEN,
            level=by.level,
        )
    return JourneyPath(
        kind=kind,
        touchpoints=path,
        names=tuple(known.get(name, name) for name in path),
        probability=by.chain.probability(path, level=by.level),
        taken=taken,
        journeys=None if by.seen is None else int(won.won.sum()) if won else 0,
        duration=by.chain.duration(path, level=by.level),
        taken_duration=_taken_time(won.won_us, won.won, by.level) if won and won.won.sum() else None,
        feeling=path_feeling(by.journey, path, measured=by.measured, level=by.level),
        feeling_measured=by.measured,
        never_taken=by.chain.never(path),
        how=how,
    )


def _taken_time(spent: Any, journeys: Any, level: float) -> Estimate:
    left = leave_one_out(journeys)
    without = [
        float(total / count) if count else float("nan")
        for total, count in zip(leave_one_out(spent), left, strict=True)
    ]
    found = group_jackknife(
        float(spent.sum() / journeys.sum()) / _MICROSECONDS, [x / _MICROSECONDS for x in without], level=level
    )
    return Estimate(
        value=found.value,
        low=None if found.low is None else max(found.low, 0.0),
        high=found.high,
        n=int(journeys.sum()),
        level=level,
        method="" if found.low is None else "group jackknife",
        definition=_TAKEN_TIME,
    )
