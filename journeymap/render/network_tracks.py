"""In which order stand the upright parts of arrows in a channel between two columns of boxes?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

__all__ = ["Pins", "apart", "mixed_up", "tracks_of"]

_CLOSE = 0.09  # level parts nearer than this could be taken for one line
_TOUCHING = 0.06  # and nearer than this they are
_CONFUSED = 25.0  # what such a pair costs, in crossings
_Key = TypeVar("_Key", bound=tuple[object, ...])


@dataclass
class Pins:
    """Where a net enters or leaves a channel.

    Parameters
    ----------
    left, right : list of float
        The heights on either side, in inches.
    """

    left: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)

    def add(self, side: Literal["left", "right"], y: float) -> None:
        """Note a height once."""
        heights = self.left if side == "left" else self.right
        if y not in heights:
            heights.append(y)

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest y."""
        heights = self.left + self.right
        return min(heights), max(heights)

    @property
    def is_level(self) -> bool:
        """Whether it only runs straight through."""
        low, high = self.span
        return high - low < 1e-6


def tracks_of(nets: Mapping[_Key, Pins]) -> dict[_Key, int]:
    """Which track does each net take, so that few of them cross?

    Parameters
    ----------
    nets : mapping of net to Pins
        The nets of one channel.

    Returns
    -------
    dict of net to int
        Tracks counted from the left; nets that do not meet may share one. Level nets take track 0.
    """
    order = sorted(nets, key=lambda net: (nets[net].span, str(net)))
    order = _improved(order, nets)
    tracks: dict[_Key, int] = {}
    for net in order:
        if nets[net].is_level:
            tracks[net] = 0
            continue
        left_of = [tracks[other] + 1 for other in tracks if _meet(nets[other], nets[net])]
        tracks[net] = max(left_of, default=0)
    return tracks


def mixed_up(nets: Mapping[_Key, Pins], tracks: Mapping[_Key, int]) -> list[float]:
    """At which heights could the level parts of two nets be taken for one line?

    Parameters
    ----------
    nets : mapping of net to Pins
        The nets of one channel.
    tracks : mapping of net to int
        Their tracks.

    Returns
    -------
    list of float
        Both heights of every such pair, in inches.
    """
    found: list[float] = []
    for one, first in nets.items():
        for other, second in nets.items():
            if one == other or second.is_level or (not first.is_level and tracks[one] >= tracks[other]):
                continue
            near = second.left + second.right if first.is_level else second.left
            for y in first.right:
                for height in near:
                    if abs(y - height) < _TOUCHING:
                        found += [y, height]
    return found


def _meet(one: Pins, other: Pins) -> bool:
    if one.is_level or other.is_level:
        return False
    (low, high), (start, stop) = one.span, other.span
    return low < stop + _CLOSE and start < high + _CLOSE


def _improved(order: list[_Key], nets: Mapping[_Key, Pins]) -> list[_Key]:
    """Move nets to better places until none is left."""
    price = {(a, b): _price(nets[a], nets[b]) for a in order for b in order if a != b}
    for _ in range(len(order)):
        moved = False
        for net in tuple(order):
            others = [other for other in order if other != net]
            costs = [sum(price[net, other] for other in others)]
            for other in others:
                costs.append(costs[-1] - price[net, other] + price[other, net])
            best, now = min(costs), order.index(net)
            if best < costs[now] - 1e-9:
                place = costs.index(best)
                order = [*others[:place], net, *others[place:]]
                moved = True
        if not moved:
            break
    return order


def _price(left: Pins, right: Pins) -> float:
    """Count the crossings and mix-ups if one net stands left of another."""
    if left.is_level or right.is_level:
        return 0.0
    (low, high), (start, stop) = left.span, right.span
    crossings = sum(start < y < stop for y in left.right) + sum(low < y < high for y in right.left)
    mixed = sum(abs(one - other) < _CLOSE for one in left.right for other in right.left)
    return crossings + _CONFUSED * mixed


def apart(
    wanted: Sequence[float], weights: Sequence[float], *, gap: float, low: float, high: float
) -> list[float]:
    """Where do things end up that want to be at given heights but must keep their order and distance?

    Weighted least squares by pooling adjacent violators.

    Parameters
    ----------
    wanted, weights : sequence of float
        The heights in their order, and how much each of them matters.
    gap : float
        The least distance of two neighbours.
    low, high : float
        The range they must stay in.

    Returns
    -------
    list of float
        Heights in the same order.

    Examples
    --------
    >>> apart([1.0, 1.0], [1.0, 1.0], gap=0.5, low=0.0, high=9.0)
    [0.75, 1.25]
    """
    pools: list[tuple[float, float, int]] = []
    for place, (height, weight) in enumerate(zip(wanted, weights, strict=True)):
        mean, mass, size = height - place * gap, weight, 1
        while pools and pools[-1][0] > mean:
            other, other_mass, count = pools.pop()
            mean = (mean * mass + other * other_mass) / (mass + other_mass)
            mass, size = mass + other_mass, size + count
        pools.append((mean, mass, size))
    level = [mean for mean, _, size in pools for _ in range(size)]
    most = high - gap * (len(wanted) - 1)
    return [min(max(base, low), max(most, low)) + place * gap for place, base in enumerate(level)]
