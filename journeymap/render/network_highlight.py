"""What of a network is brought out: chosen arrows, points of friction by rank, or moments that matter?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.moments_report import MomentsReport
from journeymap.errors import UnknownNameError, nearest
from journeymap.render.network_content import Link, Network, main_ways
from journeymap.render.network_moments import Decisive, Moments

__all__ = ["Chosen", "Highlight", "highlighted"]

# Of many points of friction only the highest are marked, and of fewer still the arrows are brought out: where
# nearly everything stands out, nothing does.
_MOST_RANKS, _MOST_CENTRES = 5, 3

Highlight: TypeAlias = str | Iterable[str] | FrictionReport | MomentsReport | None


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is brought out.

    Parameters
    ----------
    nodes : frozenset of str
        The boxes; none: the whole picture is as it is.
    among : bool
        Whether only the arrows among them are brought out, instead of all arrows from and to them.
    ranks : mapping of str to int
        For points of friction the rank of each box, from 1.
    centres : frozenset of str
        The boxes whose arrows are brought out; none: those of all chosen ones.
    least : float
        The smallest share of an arrow that is brought out.
    ways : frozenset of (str, str)
        Arrows that are brought out whatever their share.
    points : int
        How many points of friction the report has.
    moments : Moments, optional
        Decisiveness by box, and gateways; all arrows are as they are then.
    """

    nodes: frozenset[str] = frozenset()
    among: bool = False
    ranks: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    centres: frozenset[str] = frozenset()
    least: float = 0.0
    ways: frozenset[tuple[str, str]] = frozenset()
    points: int = 0
    moments: Moments | None = None

    def __bool__(self) -> bool:
        """Whether anything is brought out."""
        return bool(self.nodes)

    def is_bright(self, link: Link) -> bool:
        """Whether an arrow is drawn at full strength."""
        if not self.nodes:
            return True
        if (link.share or self.least) < self.least and (link.source, link.target) not in self.ways:
            return False
        ends = {link.source, link.target}
        return ends <= self.nodes if self.among else bool(ends & (self.centres or self.nodes))

    def mutes(self, node: str) -> bool:
        """Whether a box is drawn plainly, so that the points of friction stand out."""
        return bool(self.ranks) and node not in self.ranks

    @property
    def marked(self) -> int:
        """How many points of friction bear their rank."""
        return min(self.points, _MOST_RANKS)


def highlighted(network: Network, highlight: Highlight) -> Chosen:
    """Which boxes and arrows are brought out?

    Parameters
    ----------
    network : Network
        What is drawn.
    highlight : str, iterable of str, FrictionReport or MomentsReport, optional
        Touchpoints by id, a floating one also by the id that it had before it was spread over stages; or a
        report: the five highest points of friction are brought out with their ranks, moments that matter by
        their decisiveness, gateways by posts.

    Returns
    -------
    Chosen
        All arrows of one name, the arrows among several names, or, of the three highest points of friction,
        those with a share that is large enough to be drawn, and the most frequent way in and out.

    Raises
    ------
    UnknownNameError
        No touchpoint on the picture has the name.
    """
    if isinstance(highlight, FrictionReport):
        return _points(network, highlight)
    if isinstance(highlight, MomentsReport):
        return Chosen(moments=_moments(network, highlight))
    names = [highlight] if isinstance(highlight, str) else list(dict.fromkeys(highlight or ()))
    found = [_named(network, name, whose="") for name in names]
    return Chosen(nodes=frozenset().union(*found), among=len(names) > 1)


def _points(network: Network, report: FrictionReport) -> Chosen:
    ranks: dict[str, int] = {}
    points = [point for point in report.points if point.is_friction]
    for rank, point in enumerate(points, start=1):
        for node in _named(network, point.touchpoint, whose="of the friction report "):
            if rank <= _MOST_RANKS:
                ranks.setdefault(node, rank)
    centres = frozenset(node for node, rank in ranks.items() if rank <= _MOST_CENTRES)
    return Chosen(
        nodes=frozenset(ranks),
        ranks=MappingProxyType(ranks),
        centres=centres,
        least=network.limit,
        ways=frozenset((link.source, link.target) for link in main_ways(network.links, centres)),
        points=len(points),
    )


def _moments(network: Network, report: MomentsReport) -> Moments:
    whole = {node.id for node in network.nodes if node.members == 1}
    parts: dict[str, list[Decisive]] = {}
    gateways: set[str] = set()
    level = report.start_decisiveness.level
    for moment in report.moments:
        for node in _named(network, moment.touchpoint, whose="of the moments that matter "):
            # that the way to the goal passes the goal says nothing
            if moment.is_gateway and not moment.is_goal and node in whole:
                gateways.add(node)
            found = moment.decisiveness
            if found is not None and found.value is not None:
                one = Decisive(share=found.value, low=found.low, high=found.high)
                parts.setdefault(node, []).append(one)
    return Moments.of(parts, gateways, level)


def _named(network: Network, name: str, *, whose: str) -> frozenset[str]:
    exact = {node.id for node in network.nodes if node.id == name}
    found = frozenset(exact or {node.id for node in network.nodes if name in node.names})
    if not found:
        close = nearest(name, [known for node in network.nodes for known in node.names])
        raise UnknownNameError.because(
            f"no touchpoint {name!r} {whose}on this picture.",
            hint=f"did you mean {close!r}?" if close else None,
        )
    return found
