"""How do moments that matter stand out on a network: decisiveness as bars, gateways between posts?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from journeymap.analysis.wording import joined
from journeymap.render.chart_parts import bar, interval, interval_entry
from journeymap.render.network_content import Node
from journeymap.render.network_lines import mixed
from journeymap.render.scene import SHAPE, TEXT, Box, Item, Label, LegendEntry
from journeymap.render.text import line_height
from journeymap.render.theme import Theme

__all__ = [
    "Decisive",
    "Moments",
    "bar_room",
    "gate_posts",
    "moment_bar",
    "moment_entries",
    "moment_fill",
    "moments_headline",
    "moments_words",
]

_POST = 0.045
_BAR = 0.1
_LEFT, _RIGHT = 0.17, 0.08
_VALUE_ROOM = 0.36
_VALUE_SIZE = 7.0
_LEAST = 0.01  # smaller shares would be bars of no length
_TINT = 0.2
_SAID = 5


@dataclass(frozen=True, kw_only=True)
class Decisive:
    """How decisive a box is.

    Parameters
    ----------
    share : float
        Of the uncertainty about the goal, 0 to 1.
    low, high : float or None
        The ends of its interval; None where several touchpoints are put together.
    """

    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Moments:
    """What a report of moments that matter brings to the picture.

    Parameters
    ----------
    decisive : mapping of str to Decisive
        By box; those whose share is too small to be drawn are missing.
    gateways : frozenset of str
        The boxes that every way to the goal passes.
    level : float
        The confidence level of the intervals.
    """

    decisive: Mapping[str, Decisive] = field(default_factory=lambda: MappingProxyType({}))
    gateways: frozenset[str] = frozenset()
    level: float = 0.95

    @classmethod
    def of(cls, parts: Mapping[str, Sequence[Decisive]], gateways: Iterable[str], level: float) -> Moments:
        """Put together what falls on the same box: shares add up, intervals do not.

        Parameters
        ----------
        parts : mapping of str to sequence of Decisive
            For every box what its touchpoints have.
        gateways : iterable of str
            Boxes.
        level : float
            The confidence level.

        Returns
        -------
        Moments
            Without boxes of less than one percent.
        """
        whole = {
            name: found[0] if len(found) == 1 else Decisive(share=sum(one.share for one in found))
            for name, found in parts.items()
        }
        kept = {name: one for name, one in whole.items() if one.share >= _LEAST}
        return cls(decisive=MappingProxyType(kept), gateways=frozenset(gateways), level=level)

    @property
    def longest(self) -> float:
        """What the longest bar, or its interval, comes to."""
        return max((max(one.share, one.high or 0.0) for one in self.decisive.values()), default=0.0)


def bar_room(node: str, moments: Moments | None) -> float:
    """How much higher is a box for its bar?

    Parameters
    ----------
    node : str
        The box.
    moments : Moments or None
        What is brought out.

    Returns
    -------
    float
        Inches; 0 without a bar.
    """
    return line_height(_VALUE_SIZE, 1.3) if moments is not None and node in moments.decisive else 0.0


def moment_fill(node: str, moments: Moments, theme: Theme) -> str:
    """Which ground has a box: the deeper, the more decisive?

    Parameters
    ----------
    node : str
        The box.
    moments : Moments
        What is brought out.
    theme : Theme
        Colours.

    Returns
    -------
    str
        From the paper to a tint of the bars.
    """
    one = moments.decisive.get(node)
    most = max((other.share for other in moments.decisive.values()), default=0.0)
    part = one.share / most if one is not None and most else 0.0
    return mixed(theme.paper, theme.categories[0], _TINT * part)


def moment_bar(node: Node, box: Box, strip: float, moments: Moments, theme: Theme) -> Iterable[Item]:
    """Draw how decisive a touchpoint is: a bar with its interval, and the share beside it.

    Parameters
    ----------
    node : Node
        The touchpoint.
    box : Box
        Its box.
    strip : float
        What is taken at the bottom of the box, in inches.
    moments : Moments
        What is brought out.
    theme : Theme
        Colours.

    Yields
    ------
    Item
        A bar, lines and a label.
    """
    one = moments.decisive.get(node.id)
    if one is None:
        return
    y = box.bottom - strip - 0.03 - bar_room(node.id, moments) / 2
    left = box.x + _LEFT
    scale = (box.width - _LEFT - _RIGHT - _VALUE_ROOM) / moments.longest
    fill = moment_fill(node.id, moments, theme)
    shape = Box(x=left, y=y - _BAR / 2, width=one.share * scale, height=_BAR, z=SHAPE + 0.1, mark="decisive")
    yield bar(shape, theme.categories[0], theme.category_hatches[0], theme)
    if one.low is not None and one.high is not None:
        low, high = left + one.low * scale, left + one.high * scale
        yield from interval(low, high, y, theme, mark="interval", halo=fill)
    yield Label(
        x=box.right - _RIGHT, y=y, text=_percent(one.share), size=_VALUE_SIZE, weight="bold",
        colour=theme.ink, ha="right", va="center",
        inside=box.inset(0.02), z=TEXT, mark="decisive",
    )  # fmt: skip


def gate_posts(box: Box, theme: Theme) -> Iterable[Item]:
    """Draw that nobody gets round a touchpoint: a post at either side of its box.

    Parameters
    ----------
    box : Box
        Its box.
    theme : Theme
        Colours.

    Yields
    ------
    Item
        Two bars as high as the box, and a little more.
    """
    for x in (box.x - _POST / 2, box.right - _POST / 2):
        yield Box(
            x=x, y=box.y - 0.04, width=_POST, height=box.height + 0.08, fill=theme.ink, z=SHAPE + 0.2,
            mark="gateway",
        )  # fmt: skip


def moment_entries(moments: Moments, theme: Theme) -> Iterable[LegendEntry]:
    """What does the legend say of moments that matter?

    Parameters
    ----------
    moments : Moments
        What is brought out.
    theme : Theme
        Colours.

    Yields
    ------
    LegendEntry
        For the marks ``decisive``, ``interval`` and ``gateway``.
    """
    share = _percent(max((one.share for one in moments.decisive.values()), default=0.0))
    said = theme.word("decisiveness: uncertainty resolved here (from 1 %)")
    scale = theme.word("longest bar {share}").format(share=share)
    sample = Box(x=0, y=-_BAR / 2, width=0.26, height=_BAR)
    value = Label(x=0.3, y=0, text=share, size=_VALUE_SIZE, weight="bold", colour=theme.ink, va="center")
    yield LegendEntry(
        mark="decisive",
        marks=(bar(sample, theme.categories[0], theme.category_hatches[0], theme), value),
        text=f"{said}; {scale}",
        width=0.6,
    )
    yield interval_entry(moments.level, theme)
    frame = Box(
        x=0.03, y=-0.06, width=0.22, height=0.12, fill=theme.paper, edge=theme.touchpoint_edge, line_width=0.9
    )
    posts = gate_posts(Box(x=0.03, y=-0.04, width=0.22, height=0.08), theme)
    yield LegendEntry(
        mark="gateway", marks=(frame, *posts), text="gateway: every way to the goal passes here", width=0.28
    )


def moments_words(moments: Moments, names: Mapping[str, str]) -> str:
    """Which moments stand out, in words?

    Parameters
    ----------
    moments : Moments
        What is brought out.
    names : mapping of str to str
        The names of boxes.

    Returns
    -------
    str
        One or two sentences, a line each.
    """
    order = sorted(moments.decisive.items(), key=lambda one: -one[1].share)[:_SAID]
    said = [f"{names[name]} {_percent(one.share)}" for name, one in order]
    lines = (
        [f"Decisiveness: {'; '.join(said)}."] if said else ["Decisiveness: nothing is left to be decided."]
    )
    doors = [name for node, name in names.items() if node in moments.gateways]
    lines.append(f"Gateways: {'; '.join(doors)}." if doors else "Gateways: none.")
    return "\n".join(lines)


def moments_headline(moments: Moments, names: Mapping[str, str]) -> str:
    """What is the main result, in a sentence or two?

    Parameters
    ----------
    moments : Moments
        What is brought out.
    names : mapping of str to str
        The names of boxes, in the order of the journey.

    Returns
    -------
    str
        Where most is decided, and what no way to the goal gets round.
    """
    top = max(moments.decisive.items(), key=lambda one: one[1].share, default=None)
    if top is None:
        said = "Nothing is left to be decided at any touchpoint."
    else:
        node, one = top
        ends = "" if one.low is None or one.high is None else f", {_percent(one.low)} to {_percent(one.high)}"
        said = (
            f"Most is decided at “{names[node]}”: {_percent(one.share)} of the uncertainty about the "
            f"goal{ends}."
        )
    doors = [f"“{name}”" for node, name in names.items() if node in moments.gateways]
    if not doors:
        return f"{said} No touchpoint is on every way to the goal."
    if len(doors) > _SAID:
        return f"{said} {len(doors)} touchpoints are on every way to the goal."
    verb = "passes" if len(doors) == 1 else "pass"
    return f"{said} {'Every way' if len(doors) == 1 else 'All ways'} to the goal {verb} {joined(doors)}."


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
