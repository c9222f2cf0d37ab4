"""What of a journey does its network show: boxes, bands of stages, links, and what is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from journeymap.metrics.counts import goal_touchpoints
from journeymap.model.journey import Journey
from journeymap.model.measures import SMALL_SAMPLE
from journeymap.model.names import shown_name
from journeymap.model.stages import UNASSIGNED
from journeymap.model.touchpoints import Touchpoint

__all__ = ["ANY_STAGE", "MOST_NODES", "Band", "Link", "Network", "Node", "main_ways", "network_of"]

MOST_NODES = 40
# Above 40 arrows the eye follows none; the least limit that leaves 36 is taken, as long as the arrows still
# stand for a third of all moves. Each box keeps its most frequent way in and out besides: a share does not
# say how many go, and where many ways lead on from a box the most frequent one may be below any limit.
_LIMITS = (0.05, 0.075, 0.1, 0.15, 0.2, 0.25)
_TOO_MANY, _ENOUGH, _LEAST_SEEN = 40, 36, 1 / 3
ANY_STAGE = "any stage"  # no id of a stage can clash: those have no blank where they are made by hand
_PAIR: TypeAlias = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Band:
    """A stage as a column of the picture.

    Parameters
    ----------
    id, name : str
        The stage.
    known : bool
        False for touchpoints that belong to no stage.
    """

    id: str
    name: str
    known: bool = True


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box: a touchpoint, or all touchpoints of one stage and channel.

    Parameters
    ----------
    id, name, band : str
        The node of the graph, its name, and the id of its band.
    visits : int, optional
        How many visits were observed.
    feeling : float, optional
        −2 to +2, measured where it was.
    is_service, is_goal : bool
        Whether it is a service interaction; whether reaching it wins the journey.
    position : float, optional
        Mean place in the journey, 0 to 1.
    entry : float, optional
        Share of journeys that begin here.
    lost, ended, open : float, optional
        Share of visits after which the journey is lost, after which it ends without loss, and after which
        nothing has come yet but still may.
    rest : float, optional
        Share of visits that go on in ways that are not drawn.
    names : tuple of str
        What it is called: its id, and the ids of the touchpoints that it stands for, as they were before
        they were spread over stages.
    members : int
        How many touchpoints it stands for.
    customers : int, optional
        How many customers came here; of several touchpoints at most so many.
    """

    id: str
    name: str
    band: str
    visits: int | None = None
    feeling: float | None = None
    is_service: bool = False
    is_goal: bool = False
    position: float | None = None
    entry: float | None = None
    lost: float | None = None
    ended: float | None = None
    open: float | None = None
    rest: float | None = None
    names: tuple[str, ...] = ()
    members: int = 1
    customers: int | None = None

    @property
    def few(self) -> bool:
        """Whether its shares rest on fewer than 20 customers."""
        return self.customers is not None and self.customers < SMALL_SAMPLE


@dataclass(frozen=True, kw_only=True)
class Link:
    """An arrow.

    Parameters
    ----------
    source, target : str
        Ids of nodes.
    share : float, optional
        Of the visits to the source, 0 to 1.
    count : int, optional
        How often it was observed.
    customers : int, optional
        How many customers went this way; at most so many where several transitions are put together.
    back : bool
        Whether it leads to an earlier stage.
    few : bool
        Whether fewer than 20 customers went this way.
    """

    source: str
    target: str
    share: float | None = None
    count: int | None = None
    customers: int | None = None
    back: bool = False
    few: bool = False

    @property
    def weight(self) -> float:
        """How much it matters for the layout."""
        return 0.1 + (0.3 if self.share is None else self.share)


@dataclass(frozen=True, kw_only=True)
class Network:
    """All that is drawn, and how much is not.

    Parameters
    ----------
    bands, nodes, links : tuple
        Bands in order; nodes in the order of the map; links worth drawing.
    hidden : int
        Transitions that are not drawn.
    hidden_share : float, optional
        Their part of all observed transitions, 0 to 1.
    kept : int
        Transitions with a smaller share than the limit that are drawn as the most frequent way into or out of
        a box.
    hidden_ends : bool
        Whether starts or ends of journeys are left out for the same reason.
    aggregated : bool
        Whether boxes are stages by channel.
    touchpoints : int
        How many nodes the journey's graph has.
    has_goal : bool
        Whether journeys can be won or lost at all.
    limit, bright_limit, ends_limit : float
        The smallest share that is drawn of a transition, of one that is brought out, and of a start or an
        end.
    """

    bands: tuple[Band, ...]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    hidden: int = 0
    hidden_share: float | None = None
    kept: int = 0
    hidden_ends: bool = False
    aggregated: bool = False
    touchpoints: int = 0
    has_goal: bool = True
    limit: float = 0.0
    bright_limit: float = 0.0
    ends_limit: float = 0.0


def network_of(
    journey: Journey, *, min_share: float | None = None, bright: Callable[[Link], bool] | None = None
) -> Network:
    """Which boxes and arrows does the journey have?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    min_share : float, optional
        Transitions, starts and ends with a smaller share are left out, except the most frequent way into
        and out of each box. When left out, 5 %; where more than 40 arrows reach that, the least of 7.5, 10,
        15, 20 and 25 % that no more than 36 reach, for transitions; never so much that more than two thirds
        of all moves are out of sight.
    bright : callable, optional
        Whether a transition is brought out: then 5 % are enough where no share is asked for.

    Returns
    -------
    Network
        Touchpoints as nodes, up to 40 of them; stages by channel where there are more.
    """
    nodes = tuple(_nodes(journey))
    links = tuple(_links(journey))
    aggregated = len(nodes) > MOST_NODES
    if aggregated:
        nodes, links = _by_channel(journey, nodes, links)
    ranks = {band.id: rank for rank, band in enumerate(_bands(journey, nodes))}
    node_of = {node.id: node for node in nodes}
    links = tuple(
        replace(
            link,
            back=_is_back(ranks, node_of[link.source].band, node_of[link.target].band),
            few=_rests_on_few(link, node_of[link.source]),
        )
        for link in links
    )
    main = main_ways(links)
    limit = _limit(links, main) if min_share is None else min_share
    ends_limit = _LIMITS[0] if min_share is None else min_share
    limits = [ends_limit if bright is not None and bright(link) else limit for link in links]
    large = [_is_large(link, least) for link, least in zip(links, limits, strict=True)]
    shown = tuple(link for link, is_large in zip(links, large, strict=True) if is_large or link in main)
    hidden = [link for link, is_large in zip(links, large, strict=True) if not is_large and link not in main]
    counted = any(link.count for link in links) and all(link.count is not None for link in links)
    kept = tuple(_without_small_ends(node, ends_limit) for node in nodes)
    return Network(
        bands=_bands(journey, nodes),
        nodes=tuple(_with_rest(node, hidden) for node in kept),
        links=shown,
        hidden=len(hidden),
        hidden_share=_part(hidden, links) if counted else None,
        kept=len(shown) - sum(large),
        hidden_ends=_hides_ends(nodes, kept),
        aggregated=aggregated,
        touchpoints=len(journey.graph),
        has_goal=bool(journey.goal),
        limit=limit,
        bright_limit=min(limits, default=limit),
        ends_limit=ends_limit,
    )


def _rests_on_few(link: Link, source: Node) -> bool:
    """Whether fewer than 20 customers went this way: no more than came to its source, or than moves."""
    known = (link.customers, link.count, source.customers)
    return any(number is not None and number < SMALL_SAMPLE for number in known)


def main_ways(links: Iterable[Link], boxes: Iterable[str] | None = None) -> frozenset[Link]:
    """Which are the most frequent ways into and out of each box?

    Parameters
    ----------
    links : iterable of Link
        All that there are.
    boxes : iterable of str, optional
        Ids of the boxes to look at; all when left out.

    Returns
    -------
    frozenset of Link
        By count; where counts are not known by share. A way from a box to itself is none.

    Examples
    --------
    >>> rare, often = Link(source="a", target="c", count=8), Link(source="b", target="c", count=165)
    >>> main_ways([rare, often], ["c"]) == {often}
    True
    """
    asked = None if boxes is None else frozenset(boxes)
    ways: dict[_PAIR, list[Link]] = defaultdict(list)
    for link in links:
        if link.source != link.target:  # who stays neither comes nor goes
            ways["out of", link.source].append(link)
            ways["into", link.target].append(link)
    strongest = [
        max(group, key=_strength(group)) for (_, box), group in ways.items() if asked is None or box in asked
    ]
    return frozenset(link for link in strongest if link.count or (link.count is None and link.share))


def _strength(group: Sequence[Link]) -> Callable[[Link], tuple[float, float]]:
    counted = all(link.count is not None for link in group)
    return lambda link: ((link.count or 0) if counted else 0, link.share or 0.0)


def _limit(links: Sequence[Link], main: frozenset[Link]) -> float:
    """Choose the smallest share that is drawn: few arrows can be followed, but most moves must be seen."""
    large = {limit: sum(_is_large(link, limit) for link in links) for limit in _LIMITS}
    if large[_LIMITS[0]] <= _TOO_MANY:
        return _LIMITS[0]
    allowed = [limit for limit in _LIMITS if _seen(links, limit, main) >= _LEAST_SEEN] or [_LIMITS[0]]
    fitting = [limit for limit in allowed if large[limit] <= _ENOUGH]
    return fitting[0] if fitting else allowed[-1]


def _seen(links: Sequence[Link], limit: float, main: frozenset[Link]) -> float:
    return _part([link for link in links if link in main or _is_large(link, limit)], links)


def _is_large(link: Link, limit: float) -> bool:
    return link.share is None or link.share >= limit


def _part(some: Iterable[Link], links: Sequence[Link]) -> float:
    """Give their part of all moves; shares stand in where nothing was counted."""
    counted = all(link.count is not None for link in links)
    total, part = (
        sum((link.count or 0) if counted else (link.share or 0.0) for link in group)
        for group in (links, some)
    )
    return part / total if total else 0.0


def _with_rest(node: Node, hidden: Iterable[Link]) -> Node:
    """Sum the shares that leave a node in ways that are not drawn."""
    rest = sum(link.share or 0.0 for link in hidden if link.source == node.id)
    return replace(node, rest=rest) if rest else node


def _hides_ends(nodes: Iterable[Node], kept: Iterable[Node]) -> bool:
    return any(
        getattr(node, end) and getattr(other, end) is None
        for node, other in zip(nodes, kept, strict=True)
        for end in ("entry", "lost", "ended", "open")
    )


def _is_back(ranks: dict[str, int], source: str, target: str) -> bool:
    return ANY_STAGE not in {source, target} and ranks[target] < ranks[source]


def _without_small_ends(node: Node, min_share: float) -> Node:
    def kept(share: float | None) -> float | None:
        return share if share is not None and share >= max(min_share, 1e-9) else None

    return replace(
        node, entry=kept(node.entry), lost=kept(node.lost), ended=kept(node.ended), open=kept(node.open)
    )


def _bands(journey: Journey, nodes: Iterable[Node]) -> tuple[Band, ...]:
    used = {node.band for node in nodes}
    bands = [
        Band(id=stage.id, name=stage.name, known=stage.id != UNASSIGNED.id)
        for stage in journey.stages
        if stage.id in used
    ]
    if ANY_STAGE in used:
        bands.append(Band(id=ANY_STAGE, name="At any stage", known=False))
    return tuple(bands)


def _nodes(journey: Journey) -> Iterable[Node]:
    ranks = {stage.id: rank for rank, stage in enumerate(journey.stages)}
    goals = goal_touchpoints(journey)
    goal_ranks = [ranks[t.stage] for t in journey.touchpoints if t.id in goals and t.stage is not None]
    for name, data in journey.graph.nodes(data=True):
        touchpoint, stage = data["touchpoint"], data["stage"]
        is_goal = touchpoint.id in goals
        after_goal = (
            is_goal or not journey.goal or (bool(goal_ranks) and ranks.get(stage, -1) > min(goal_ranks))
        )
        lost, ended = _ends(journey, name, touchpoint, after_goal=after_goal)
        visits = touchpoint.visits
        yield Node(
            id=name,
            name=touchpoint.name,
            band=ANY_STAGE if stage is None else stage,
            visits=visits.count if visits else None,
            feeling=_feeling(touchpoint),
            is_service=touchpoint.is_service,
            is_goal=is_goal,
            position=visits.position if visits else None,
            entry=_entry(journey, name, touchpoint),
            lost=lost,
            ended=ended,
            open=visits.open / visits.count if visits and visits.count else None,
            names=tuple(dict.fromkeys(filter(None, (name, touchpoint.id, touchpoint.floats_as)))),
            customers=visits.customers if visits else None,
        )


def _feeling(touchpoint: Touchpoint) -> float | None:
    measured = touchpoint.measured_feeling
    return touchpoint.feeling if measured is None or measured.value is None else measured.value


def _entry(journey: Journey, name: str, touchpoint: Touchpoint) -> float | None:
    if touchpoint.visits and journey.observation and journey.observation.journeys:
        return touchpoint.visits.entries / journey.observation.journeys
    return touchpoint.entry_share if name == touchpoint.id else None


def _ends(
    journey: Journey, name: str, touchpoint: Touchpoint, *, after_goal: bool
) -> tuple[float | None, float | None]:
    """Give the shares of visits after which the journey is lost, and after which it ends well.

    A design says only how many end: before the goal that is a loss, from the goal on it is not. Without
    a goal no end is a loss.
    """
    visits = touchpoint.visits
    if visits and visits.count:
        if not journey.goal:
            return None, (visits.lost + visits.goal) / visits.count
        return visits.lost / visits.count, visits.goal / visits.count
    shares = [data["transition"].share for _, _, data in journey.graph.out_edges(name, data=True)]
    if not shares or None in shares:
        return None, None
    rest = 1 - sum(shares)
    return (None, rest) if after_goal else (rest, None)


def _links(journey: Journey) -> Iterable[Link]:
    for source, target, data in journey.graph.edges(data=True):
        transition = data["transition"]
        yield Link(
            source=source,
            target=target,
            share=transition.share,
            count=transition.count,
            customers=transition.customers,
        )


def _by_channel(
    journey: Journey, nodes: tuple[Node, ...], links: tuple[Link, ...]
) -> tuple[tuple[Node, ...], tuple[Link, ...]]:
    """Put touchpoints of one stage and first channel together, summing what was counted."""
    names = {channel.id: channel.name for channel in journey.channels}
    groups: dict[str, list[Node]] = defaultdict(list)
    group_of: dict[str, str] = {}
    for node in nodes:
        channels = journey.graph.nodes[node.id]["touchpoint"].channels
        group_of[node.id] = f"{node.band} / {channels[0] if channels else ''}"
        groups[group_of[node.id]].append(node)
    merged = []
    for key, members in groups.items():
        channel = key.rpartition(" / ")[2]
        name = names.get(channel, shown_name(channel)) or "No channel"
        merged.append(_merged(key, name, members))
    return tuple(merged), _summed_links(nodes, links, group_of)


def _merged(key: str, name: str, members: list[Node]) -> Node:
    counted = any(node.visits for node in members)
    return Node(
        id=key,
        name=name,
        band=members[0].band,
        visits=sum(node.visits or 0 for node in members) if counted else None,
        feeling=_mean([(node.feeling, node.visits) for node in members]),
        is_service=all(node.is_service for node in members),
        is_goal=any(node.is_goal for node in members),
        position=_mean([(node.position, node.visits) for node in members]),
        entry=sum(node.entry or 0.0 for node in members),
        lost=_mean([(node.lost or 0.0, node.visits) for node in members]) if counted else None,
        ended=_mean([(node.ended or 0.0, node.visits) for node in members]) if counted else None,
        open=_mean([(node.open or 0.0, node.visits) for node in members]) if counted else None,
        names=(key, *(name for node in members for name in node.names)),
        members=len(members),
        customers=sum(node.customers or 0 for node in members) if counted else None,
    )


def _mean(values: list[tuple[float | None, int | None]]) -> float | None:
    """Give the mean weighted by visits, where nothing was counted the plain one."""
    known = [(value, visits or 0) for value, visits in values if value is not None]
    weights = sum(visits for _, visits in known)
    if not known:
        return None
    if not weights:
        return sum(value for value, _ in known) / len(known)
    return sum(value * visits for value, visits in known) / weights


def _summed_links(
    nodes: tuple[Node, ...], links: tuple[Link, ...], group_of: dict[str, str]
) -> tuple[Link, ...]:
    visits: dict[str, int] = defaultdict(int)
    for node in nodes:
        visits[group_of[node.id]] += node.visits or 0
    counts: dict[_PAIR, int | None] = {}
    customers: dict[_PAIR, int | None] = {}
    for link in links:
        pair = (group_of[link.source], group_of[link.target])
        counts[pair] = _sum(counts.get(pair, 0), link.count)
        customers[pair] = _sum(customers.get(pair, 0), link.customers)
    return tuple(
        Link(
            source=source,
            target=target,
            count=count,
            customers=customers[source, target],
            share=min(1.0, count / visits[source]) if count is not None and visits[source] else None,
        )
        for (source, target), count in counts.items()
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
