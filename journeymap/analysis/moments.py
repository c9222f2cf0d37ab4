"""Which moments matter: four notions side by side, never added up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np

from journeymap.analysis.driver_report import DriverReport
from journeymap.analysis.moments_report import Moment, MomentsReport
from journeymap.errors import JourneyMapError, UnknownNameError, nearest, require
from journeymap.metrics.chain import Chain, chain
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints, touchpoint_counts
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.graph_paths import gateways

__all__ = ["find_moments"]

_START, _GOAL = "@start", "@goal"


def find_moments(
    journey: Journey,
    *,
    drivers: DriverReport | Mapping[str, float] | None = None,
    min_share: float = 0.01,
    level: float = 0.95,
) -> MomentsReport:
    """Which moments matter to the goal, and in which sense?

    Four notions side by side. *Gateway*: a touchpoint on every way from the start to the goal (a dominator of
    the goal) in the graph of ways that are not rare. *Removal effect* ``h_sv b_v / b_s``: the share of won
    journeys that pass v. *Decisiveness* ``N_sv Σ_j p_vj (b_j − b_v)² / (b_s (1 − b_s))``: the share of the
    uncertainty about the goal that is resolved at v. *Driver weight*: of the rating of v among all ratings.
    Betweenness describes the shape of the graph.

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal.
    drivers : DriverReport or mapping of str to float, optional
        What `find_drivers` found, or a weight for each touchpoint (a floating one by its plain id: it stands
        on each of its stages).
    min_share : float
        Ways between touchpoints that fewer decided journeys take, as a share of all, count as rare.
    level : float
        The confidence level.

    Returns
    -------
    MomentsReport
        The most decisive first, intervals by the jackknife over groups of customers. The decisiveness of all
        touchpoints and of the start sums to 1, unless the goal is certain: then it is 0 throughout.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, has no goal, or none of its journeys is decided yet.
    UnknownNameError
        A weight is given for a touchpoint that there is not.
    JourneyMapError
        `min_share` does not lie between 0 and 1, or a weight is no number.

    Notes
    -----
    None of them says what a change would bring: see `what_if`. A gateway can be a mere door: what every
    journey must pass has a removal effect of 1, however little happens there. Decisiveness says where it is
    decided, not who decides it. A chain forgets how customers came; weights of drivers are associations.

    References
    ----------
    Lengauer, T., Tarjan, R. E. (1979). A fast algorithm for finding dominators in a flowgraph. ACM
    Transactions on Programming Languages and Systems 1, 121–141.
    Anderl, E., Becker, I., von Wangenheim, F., Schumann, J. H. (2016). Mapping the customer journey.
    International Journal of Research in Marketing 33(3), 457–474.
    Freeman, L. C. (1977). A set of measures of centrality based on betweenness. Sociometry 40, 35–41.
    """
    require(
        journey, Journey, "find_moments", hint="discover the journey first: discover_journey(log, design)"
    )
    if not 0 <= min_share <= 1:
        raise JourneyMapError.because(
            f"min_share: {min_share!r} is no share.", expected="Expected a number from 0 to 1."
        )
    weights = _weights(journey, drivers)
    found = chain(journey, level=level)
    ways = _ways(journey, found, min_share)
    doors, central = _gateways(journey, ways), betweenness(ways)
    of_chain = {one.touchpoint: one for one in found.touchpoints}
    goals = goal_touchpoints(journey)
    names = {stage.id: stage.name for stage in journey.stages}
    came = touchpoint_counts(journey, "customers")
    moments = []
    for touchpoint in journey.touchpoints:
        weighed = of_chain.get(touchpoint.id)
        moments.append(
            Moment(
                touchpoint=touchpoint.id,
                name=touchpoint.name,
                stage=touchpoint.stage,
                stage_name=names.get(touchpoint.stage or "", ""),
                is_service=touchpoint.is_service,
                is_goal=touchpoint.id in goals,
                is_gateway=touchpoint.id in doors,
                removal_effect=weighed.removal_effect if weighed else None,
                decisiveness=weighed.decisiveness if weighed else None,
                driver_weight=weights.get(touchpoint.id),
                betweenness=central.get(touchpoint.id, 0.0),
                customers=int(came[touchpoint.id].sum()),
            )
        )
    moments.sort(key=_order)
    others = len([node for node in ways if not str(node).startswith("@")]) - 1
    seen = journey.observation
    return MomentsReport(
        journey=journey.name,
        moments=tuple(moments),
        start_decisiveness=found.start_decisiveness,
        conversion=found.conversion,
        passed=doors,
        betweenness_pairs=max(others * (others - 1), 0),
        min_share=min_share,
        has_drivers=bool(weights),
        no_driver_weight="" if weights else _why_no_weight(drivers),
        journeys=found.conversion.n,
        customers=found.conversion.customers,
        filters=seen.filters if seen else (),
        period=(seen.start, seen.end) if seen else None,
    )


def betweenness(graph: nx.DiGraph[Any]) -> dict[str, float]:
    """How often does a touchpoint lie on the shortest ways between others?

    ``Σ σ_st(v) / σ_st`` over all ordered pairs s, t of other touchpoints, divided by the number of pairs;
    σ_st counts the shortest ways from s to t, σ_st(v) those through v.

    Parameters
    ----------
    graph : networkx.DiGraph
        The graph; nodes that begin with ``@`` are none of its touchpoints.

    Returns
    -------
    dict of str to float
        0 to 1.

    References
    ----------
    Freeman, L. C. (1977). A set of measures of centrality based on betweenness. Sociometry 40, 35–41.
    """
    touchpoints = graph.subgraph([node for node in graph if not str(node).startswith("@")])
    return {str(node): float(share) for node, share in nx.betweenness_centrality(touchpoints).items()}


def _ways(journey: Journey, found: Chain, min_share: float) -> nx.DiGraph[Any]:
    """Make the graph of what decided journeys do up to the goal, without what is rare."""
    least = max(min_share * found.conversion.n, 1)
    states = {*found.states, *goal_touchpoints(journey)}
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from(touchpoint.id for touchpoint in journey.touchpoints if touchpoint.id in states)
    for name, entries in touchpoint_counts(journey, "entries_closed").items():
        if entries.sum() >= least:
            graph.add_edge(_START, name)
    moves = np.asarray(counts_by_group(journey, "transitions", "closed").sum(axis=1))
    for (source, target), count in zip(evidence_table(journey, "transitions").keys, moves, strict=True):
        if count >= least and source != target:
            graph.add_edge(source, target)
    for goal in goal_touchpoints(journey):
        if goal in graph:
            graph.add_edge(goal, _GOAL)
    return graph


def _gateways(journey: Journey, ways: nx.DiGraph[Any]) -> tuple[str, ...]:
    """Which touchpoints dominate the goal, whichever touchpoint of the goal it is?"""
    own = nx.DiGraph(ways)
    # a won journey goes on as it likes, but not within the chain
    own.remove_edges_from([
        (goal, after) for goal in goal_touchpoints(journey) if goal in own
        for after in list(own.successors(goal)) if after != _GOAL
    ])  # fmt: skip
    return gateways(own, _START, _GOAL) if _GOAL in own else ()


def _weights(journey: Journey, drivers: DriverReport | Mapping[str, float] | None) -> dict[str, Estimate]:
    """Give every touchpoint the weight of its rating; a floating one has it on each of its stages."""
    if drivers is None:
        return {}
    if isinstance(drivers, DriverReport):
        given = {share.name: share.importance for share in drivers.touchpoints}
    else:
        require(drivers, Mapping, "find_moments", hint="hand over what find_drivers(...) found")
        given = {name: _weight(name, weight) for name, weight in drivers.items()}
    called = {touchpoint.name: touchpoint.floats_as or touchpoint.id for touchpoint in journey.touchpoints}
    ids = {touchpoint.id for touchpoint in journey.touchpoints} | {*called.values()}
    for name in given:
        if name not in ids:
            close = nearest(str(name), [*sorted(ids), *called])
            close = close if close in ids else called.get(close or "")
            raise UnknownNameError.because(
                f"drivers: no touchpoint {name!r} in {journey.name!r}.",
                expected="Expected the ids of touchpoints.",
                hint=f"did you mean {close!r}?" if close else f"write for example {min(ids)!r}",
            )
    found = {}
    for touchpoint in journey.touchpoints:
        weight = given.get(touchpoint.id) or given.get(touchpoint.floats_as or "")
        if weight is not None:
            found[touchpoint.id] = weight
    return found


def _weight(name: str, weight: float) -> Estimate:
    value = weight if isinstance(weight, int | float) and not isinstance(weight, bool) else math.nan
    if not math.isfinite(value):
        raise JourneyMapError.because(
            f"drivers: {name!r} has the weight {weight!r}.",
            expected="Expected a number.",
            hint="leave out touchpoints whose weight is not known",
        )
    return Estimate(value=float(value), definition="weight as given")


def _why_no_weight(drivers: DriverReport | Mapping[str, float] | None) -> str:
    """Say why drivers that were handed over weigh no touchpoint."""
    if drivers is None:
        return ""
    if not isinstance(drivers, DriverReport):
        return "no weight was given"
    if drivers.r_squared.value is None:
        return f"what goes with “{drivers.outcome.name}” cannot be told"
    return "no question names a touchpoint of the journey"


def _order(moment: Moment) -> tuple[bool, float, float]:
    decisive, effect = moment.decisiveness, moment.removal_effect
    return (
        moment.is_goal,
        -((decisive.value or 0.0) if decisive else 0.0),
        -((effect.value or 0.0) if effect else 0.0),
    )
