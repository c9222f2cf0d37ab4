"""Who answers for which part of the journey, and where does it change hands?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.friction_point import FrictionPoint
from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.owners_report import (
    NO_OWNER,
    HandOff,
    OwnerMap,
    OwnerPart,
    StagePart,
    SystemCoverage,
)
from journeymap.errors import JourneyMapError, require
from journeymap.metrics.chain_weights import Certainty
from journeymap.metrics.counts import counts_by_group, evidence_table, touchpoint_counts
from journeymap.metrics.decided import Decided, decided
from journeymap.metrics.flow import share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.touchpoints import STATE_MARK, Touchpoint
from journeymap.stats.jackknife import all_and_without

__all__ = ["added_gain", "locate_owners"]

Counts = NDArray[np.float64]
By = Literal["owner", "kind"]
_ANY_STAGE = "Any stage"
_UNSEEN = "not known: the map was designed, not counted from events"
_UNASKED = (
    "not known: hand over the points of friction, locate_owners(journey, friction=find_friction(journey))"
)
_UNDECIDED = "not known: the journey has no goal, or none of its journeys is decided"
_EVENTS = "visits to touchpoints of this owner / visits"
_HANDED = "moves to a touchpoint of another owner / moves between touchpoints with an owner"
_WAITED = "time waited on moves to another owner / time waited on moves between touchpoints with an owner"
_PAIR = "moves from one owner to the other / moves between touchpoints with an owner"
_GAIN = (
    "gains in conversion of {whose} points of friction, added up; model-implied, if the association is causal"
)


class _Seen(NamedTuple):
    """What was counted of an observed journey, by customer group."""

    visits: dict[str, Counts]
    moves: dict[tuple[str, str], Counts]
    movers: dict[tuple[str, str], Counts]
    waits: dict[tuple[str, str], Counts]
    decided: Decided | None
    customers: int


def locate_owners(journey: Journey, *, friction: FrictionReport | None = None, by: By = "owner") -> OwnerMap:
    """Who answers for which part of the journey, and where does it change hands?

    A *hand-off* is a move from a touchpoint of one owner to a touchpoint of another one. An owner's share of
    what is decided is the sum of the decisiveness of its touchpoints (see `find_moments`).

    Parameters
    ----------
    journey : Journey
        Designed or observed; its touchpoints name their owners and their systems. Of a designed one only the
        structure is told.
    friction : FrictionReport, optional
        What `find_friction` found in this journey.
    by : {"owner", "kind"}
        Whether teams stand apart, or together by the part of the company that `Owner.kind` names.

    Returns
    -------
    OwnerMap
        Touchpoints and visits by owner and stage, moves by owner and owner, friction and decisiveness by
        owner, stages without an owner, and how far systems are known inside and outside service. Shares
        have Wilson's interval at the effective sample size, customers being the units.

    Raises
    ------
    MissingEvidenceError
        An observed journey that does not carry its counts.
    JourneyMapError
        The points of friction are those of another journey.

    Notes
    -----
    Hand-offs are no faults: some work belongs to others. That friction shows at the touchpoints of an owner
    does not say that the owner is at fault; see `find_service_causes` for what came before. Gains of several
    points together are less, or more, than their sum: ask `what_if`. Its interval adds up theirs and is
    therefore too wide rather than too narrow. A touchpoint without systems may just not have been
    described.

    Examples
    --------
    >>> shop = Journey(name="Shop", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "owner": "Brand"},
    ...     {"id": "pay", "stage": "purchase", "owner": "Online", "systems": "Web shop"},
    ...     {"id": "phone", "stage": "purchase", "service": True}],
    ...     transitions=[{"source": "ad", "target": "pay"}, {"source": "pay", "target": "phone"}])
    >>> print(locate_owners(shop))
    Shop: who answers for what.
    2 owners answer for 2 of 3 touchpoints; none of them is at more than one stage.
    Nobody is named for “Phone”.
    1 way of the design changes hands; how many customers take it, a map cannot tell.
    Systems are named for 0 of 1 service touchpoint and 1 of 2 other touchpoints.
    """
    require(journey, Journey, "locate_owners", hint="read it first: read_journey('journey.yaml')")
    _same_journey(journey, friction)
    seen = _seen(journey) if journey.origin == "observed" else None
    owner_of = _owner_of(journey, by)
    names = list(dict.fromkeys([owner_of[t.id] for t in journey.touchpoints if owner_of[t.id]]))
    names += [""] if any(not owner for owner in owner_of.values()) else []
    floats = any(t.stage is None for t in journey.touchpoints)
    stages = [(s.id, s.name) for s in journey.stages] + ([("", _ANY_STAGE)] if floats else [])
    parts = []
    for name in names:
        own = [t for t in journey.touchpoints if owner_of[t.id] == name]
        parts.append(
            OwnerPart(
                owner=name,
                **_called(journey, name, by),
                touchpoints=_whole(own),
                service_touchpoints=_whole(t for t in own if t.is_service),
                stages=tuple(_stage(own, seen, *stage) for stage in stages),
                events=_events(own, seen),
                event_share=_visit_share(own, journey.touchpoints, seen, _EVENTS),
                handed_on=_handed_on(seen, owner_of, _HANDED, source=name) if name else _unknown(_HANDED),
                decisiveness=_decided(own, seen),
                **_friction(own, friction),
            )
        )
    bare = [t for t in journey.touchpoints if not owner_of[t.id]]
    return OwnerMap(
        journey=journey.name,
        observed=seen is not None,
        by=by,
        owners=tuple(parts),
        hand_offs=_hand_offs(journey, seen, owner_of, by),
        handed_on=_handed_on(seen, owner_of, _HANDED),
        wait_handed_on=_waited(seen, owner_of),
        stages_without_owner=tuple(
            stage.name
            for stage in journey.stages
            if (own := [t for t in journey.touchpoints if t.stage == stage.id])
            and not any(owner_of[t.id] for t in own)
        ),
        touchpoints_without_owner=tuple(dict.fromkeys(t.name for t in bare)),
        **_technology(journey, seen),
        knows_friction=friction is not None,
    )


def _same_journey(journey: Journey, friction: FrictionReport | None) -> None:
    if friction is None:
        return
    require(friction, FrictionReport, "locate_owners", hint="hand over what find_friction(journey) found")
    known = {touchpoint.id for touchpoint in journey.touchpoints}
    strange = [point.touchpoint for point in friction.points if point.touchpoint not in known]
    if strange:
        raise JourneyMapError.because(
            f"friction: {journey.name!r} has no touchpoint {strange[0]!r}.",
            expected="Expected the points of friction of the same journey.",
            hint="locate_owners(journey, friction=find_friction(journey))",
        )


def _owner_of(journey: Journey, by: By) -> dict[str, str]:
    """Give every touchpoint its owner, or the part of the company; empty where nobody is named."""
    kinds = {owner.id: owner.kind for owner in journey.owners}
    found = {
        t.id: (kinds.get(t.owner, "") if by == "kind" else t.owner) if t.owner else ""
        for t in journey.touchpoints
    }
    # a design may name one stage of a floating touchpoint in its transitions
    ends = {end for transition in journey.transitions for end in (transition.source, transition.target)}
    return found | {end: found[end.rpartition(STATE_MARK)[0]] for end in ends if end not in found}


def _called(journey: Journey, name: str, by: By) -> dict[str, str]:
    if not name:
        return {"name": NO_OWNER}
    if by == "kind":
        return {"name": name, "kind": name}
    owner = next((owner for owner in journey.owners if owner.id == name), None)
    return {"name": name} if owner is None else {"name": owner.name, "kind": owner.kind}


def _whole(touchpoints: Iterable[Touchpoint]) -> int:
    """Count touchpoints, a floating one once; in an observed journey its stages are one touchpoint."""
    return len({t.floats_as or t.id for t in touchpoints})


def _seen(journey: Journey) -> _Seen:
    keys = evidence_table(journey, "transitions").keys
    moves, movers, waits = (
        {(source, target): row for (source, target), row in zip(keys, table, strict=True)}
        for table in (counts_by_group(journey, "transitions", m) for m in ("count", "customers", "wait_us"))
    )
    customers = int(counts_by_group(journey, "journeys", "customers").sum())
    return _Seen(touchpoint_counts(journey, "visits"), moves, movers, waits, decided(journey), customers)


def _unknown(definition: str = _UNSEEN) -> Estimate:
    return Estimate(value=None, definition=definition)


def _summed(rows: Iterable[Counts], like: Iterable[Counts]) -> Counts:
    return np.asarray(sum(rows, np.zeros_like(next(iter(like), np.zeros(1)))))


def _events(own: Iterable[Touchpoint], seen: _Seen | None) -> int:
    return 0 if seen is None else int(sum(seen.visits[t.id].sum() for t in own))


def _stage(own: Sequence[Touchpoint], seen: _Seen | None, stage: str, name: str) -> StagePart:
    here = [t for t in own if (t.stage or "") == stage]
    return StagePart(
        stage=stage,
        name=name,
        touchpoints=len(here),
        service_touchpoints=sum(t.is_service for t in here),
        events=_events(here, seen),
    )


def _visit_share(
    own: Iterable[Touchpoint], whole: Iterable[Touchpoint], seen: _Seen | None, definition: str
) -> Estimate:
    if seen is None:
        return _unknown()
    hits, trials = (_summed((seen.visits[t.id] for t in of), seen.visits.values()) for of in (own, whole))
    return share_estimate(hits, trials, customers=seen.customers, definition=definition)


def _pairs(counts: dict[tuple[str, str], Counts], owner_of: dict[str, str]) -> dict[tuple[str, str], Counts]:
    """Sum counts of transitions by the owners of both ends, where both are named."""
    found: dict[tuple[str, str], Counts] = {}
    for (source, target), row in counts.items():
        pair = owner_of[source], owner_of[target]
        if all(pair):
            found[pair] = found[pair] + row if pair in found else row
    return found


def _changing(pairs: dict[tuple[str, str], Counts], source: str | None) -> tuple[Counts, Counts]:
    """Sum what changes hands, and all of it."""
    of = {pair: row for pair, row in pairs.items() if source in {None, pair[0]}}
    change = _summed((row for (first, second), row in of.items() if first != second), pairs.values())
    return change, _summed(of.values(), pairs.values())


def _handed_on(
    seen: _Seen | None, owner_of: dict[str, str], definition: str, *, source: str | None = None
) -> Estimate:
    if seen is None:
        return _unknown()
    change, whole = _changing(_pairs(seen.moves, owner_of), source)
    customers = min(seen.customers, int(whole.sum()))
    return share_estimate(change, whole, customers=customers, definition=definition)


def _waited(seen: _Seen | None, owner_of: dict[str, str]) -> Estimate:
    if seen is None:
        return _unknown()
    change, whole = (all_and_without(row) for row in _changing(_pairs(seen.waits, owner_of), None))
    if whole[0] <= 0:
        return _unknown(_WAITED)
    moves = _changing(_pairs(seen.moves, owner_of), None)[1].sum()
    sure = Certainty(n=int(moves), customers=min(seen.customers, int(moves)), level=0.95, censored=0)
    shares = np.divide(change, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return sure.share(shares, _WAITED)


def _hand_offs(journey: Journey, seen: _Seen | None, owner_of: dict[str, str], by: By) -> tuple[HandOff, ...]:
    ways = Counter((owner_of[t.source], owner_of[t.target]) for t in journey.transitions)
    moves: dict[tuple[str, str], Counts] = {}
    movers: Counter[tuple[str, str]] = Counter()
    whole = np.zeros(1)
    if seen is not None:
        ways = Counter((owner_of[source], owner_of[target]) for source, target in seen.moves)
        for (source, target), row in seen.moves.items():
            pair = owner_of[source], owner_of[target]
            moves[pair] = moves[pair] + row if pair in moves else row
            movers[pair] += int(seen.movers[source, target].sum())
        whole = _changing(_pairs(seen.moves, owner_of), None)[1]
    called = {name: _called(journey, name, by)["name"] for pair in ways for name in pair}
    customers = 0 if seen is None else min(seen.customers, int(whole.sum()))
    found = [
        HandOff(
            source=pair[0],
            target=pair[1],
            source_name=called[pair[0]],
            target_name=called[pair[1]],
            ways=count,
            moves=int(moves[pair].sum()) if pair in moves else 0,
            customers=0 if seen is None else min(movers[pair], seen.customers),
            share=share_estimate(moves[pair], whole, customers=customers, definition=_PAIR)
            if seen is not None and all(pair)
            else _unknown(_PAIR if seen is not None else _UNSEEN),
        )
        for pair, count in ways.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.moves, -one.ways, one.source, one.target)))


def _friction(own: Iterable[Touchpoint], friction: FrictionReport | None) -> dict[str, object]:
    """Name an owner's points of friction, a floating touchpoint once, and what mending them would bring."""
    if friction is None:
        return {"gain": _unknown(_UNASKED)}
    floats = {t.id: t.floats_as or t.id for t in own}
    points = [point for point in friction.friction if point.touchpoint in floats]
    named = {floats[point.touchpoint]: point.name for point in reversed(points)}
    return {
        "friction": tuple(named.values())[::-1],
        "gain": added_gain(points, friction, whose="this owner's"),
        "gain_journeys": float(sum(max(point.gain_journeys or 0.0, 0.0) for point in points)),
    }


def added_gain(
    points: Sequence[FrictionPoint], friction: FrictionReport, *, whose: str = "these"
) -> Estimate:
    """What would mending several points of friction bring, their single gains added up?

    Parameters
    ----------
    points : sequence of FrictionPoint
        Points of friction.
    friction : FrictionReport
        The report that they are from.
    whose : str
        What they have in common, for the definition.

    Returns
    -------
    Estimate
        A share of journeys; without value where no gain is known. The sums of the ends lie no nearer than the
        ends of the sum.
    """
    gains = [point.gain for point in points if point.gain is not None and point.gain.value is not None]
    value, low, high = (
        float(sum(max(getattr(gain, end) or 0.0, 0.0) for gain in gains)) for end in ("value", "low", "high")
    )
    certain = bool(gains) and all(gain.low is not None for gain in gains)
    return Estimate(
        value=value if gains or not points else None,
        low=low if certain else None,
        high=high if certain else None,
        n=friction.journeys,
        customers=friction.customers,
        method="the ends of single gains added up" if certain else "",
        definition=_GAIN.format(whose=whose),
    )


def _decided(own: Iterable[Touchpoint], seen: _Seen | None) -> Estimate:
    if seen is None or seen.decided is None:
        return _unknown(_UNSEEN if seen is None else _UNDECIDED)
    return seen.decided.at({t.id for t in own})


def _technology(journey: Journey, seen: _Seen | None) -> dict[str, object]:
    found, sides = [], []
    for family in ("service", "other"):
        own = [t for t in journey.touchpoints if t.is_service == (family == "service")]
        if not own:
            continue
        carried = [t for t in own if t.systems]
        # a floating touchpoint stands in an observed journey once for each stage
        each = {t.floats_as or t.id: t.systems for t in carried}
        systems = Counter(system for named in each.values() for system in dict.fromkeys(named))
        whole = _whole(own)
        found.append(
            SystemCoverage(
                family=family,
                touchpoints=whole,
                with_systems=len(each),
                share=Estimate(
                    value=len(each) / whole,
                    n=whole,
                    definition="touchpoints that name a system / touchpoints",
                ),
                event_share=_visit_share(
                    carried, own, seen, "visits to touchpoints that name a system / visits"
                ),
                systems=tuple(systems.most_common()),
            )
        )
        sides.append(systems)
    both = [name for name in sides[0] if name in sides[1]] if len(sides) > 1 else []
    return {"systems": tuple(found), "shared_systems": tuple(both)}
