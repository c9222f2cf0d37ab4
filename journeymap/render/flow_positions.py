"""How many journeys have which touchpoint first, second, third, …, and which one next?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from journeymap.errors import UnknownNameError, nearest
from journeymap.metrics.routes import PlaceFlow, place_flows
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import STATE_MARK
from journeymap.render.flow_pieces import amount

__all__ = ["ENDS", "ON", "Passage", "PositionFlow", "Stop", "position_flow"]

OTHER, ON = "…other", "…on"
ENDS = {"goal": "ends, won", "ended": "ended", "open": "still open", "lost": "left"}
_SMALL = 0.02  # touchpoints with a smaller share of all journeys are put together


@dataclass(frozen=True, kw_only=True)
class Stop:
    """What a bar stands for.

    Parameters
    ----------
    key : str
        A touchpoint's id, or one of the marks for others and for what goes on.
    name : str
        On the figure; of a service interaction without its ◆.
    kind : str
        ``touchpoint``, ``service``, ``other`` or ``on``.
    weight : float
        How many journeys, or which share of them.
    members : int
        How many touchpoints.
    """

    key: str
    name: str
    kind: str
    weight: float
    members: int = 1


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Journeys that go from a stop in one column to one in the next, or end at that column.

    Parameters
    ----------
    column : int
        Where they come from, from 0.
    source, target : str
        The keys of the two stops; how they end, where they do.
    bright : bool
        Whether it is brought out, or nothing is.
    weight : float
        How many journeys, or which share of them.
    """

    column: int
    source: str
    target: str
    bright: bool = True
    weight: float = 0.0

    @property
    def is_end(self) -> bool:
        """Whether the journeys end after their touchpoint in this column."""
        return self.target in ENDS


@dataclass(frozen=True, kw_only=True)
class PositionFlow:
    """All that a picture of journeys from touchpoint to touchpoint shows.

    Parameters
    ----------
    columns : tuple of tuple of Stop
        By place, in the order of the map. Where journeys go on after the last place, one more column says so.
    passages : tuple of Passage
        What runs between them, and what ends at each.
    counted : bool
        Whether journeys were counted, rather than expected.
    total : float
        All journeys.
    highlighted : str
        The name of what is brought out.
    highlights_service : bool
        Whether that is a service interaction.
    """

    columns: tuple[tuple[Stop, ...], ...]
    passages: tuple[Passage, ...]
    counted: bool
    total: float
    highlighted: str = ""
    highlights_service: bool = False

    def amount(self, weight: float) -> str:
        """Say how many journeys these are."""
        return amount(weight, self.total, counted=self.counted)

    def under_way(self, column: int) -> float:
        """Give how many journeys come to this column."""
        return sum(stop.weight for stop in self.columns[column])

    def ending(self, column: int, end: str) -> float:
        """Give how many journeys end at this column, in one way."""
        return sum(p.weight for p in self.passages if p.column == column and p.target == end)

    def goes_on(self, column: int) -> bool:
        """Whether this column stands for all that follows the last place."""
        return any(stop.kind == "on" for stop in self.columns[column])


def position_flow(journey: Journey, positions: int, highlight: str | None = None) -> PositionFlow:
    """How many journeys have which touchpoint at which place, and which one next?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with shares.
    positions : int
        How many places.
    highlight : str, optional
        A touchpoint or a stage: journeys that come from there or go there are brought out.

    Returns
    -------
    PositionFlow
        Touchpoints below 2 % of all journeys at a place are put together there.

    Raises
    ------
    MissingEvidenceError
        Nothing says how many journeys go which way.
    UnknownNameError
        Neither a touchpoint nor a stage has the highlighted name.
    """
    flows = place_flows(journey, places=positions)
    faces, order = _faces(journey)
    chosen, highlighted = _chosen(journey, order, highlight)
    total = sum(flow.weight for flow in flows if flow.place == 1)
    places = max((flow.place for flow in flows), default=0)
    small = _small(flows, total, chosen)
    passages: dict[tuple[int, str, str, bool], float] = defaultdict(float)
    for flow in flows:
        source = _key(flow.place, flow.source, small)
        target = flow.end or (ON if flow.place == places else _key(flow.place + 1, flow.target, small))
        bright = not chosen or bool(chosen & {flow.source, flow.target})
        passages[flow.place - 1, source, target, bright] += flow.weight
    weights: list[dict[str, float]] = [defaultdict(float) for _ in range(places + 1)]
    for (column, source, target, _), weight in passages.items():
        weights[column][source] += weight
        if target == ON:
            weights[column + 1][target] += weight
    rank = {name: number for number, name in enumerate([*order, OTHER, ON])}
    return PositionFlow(
        columns=tuple(
            tuple(
                _stop(key, held[key], faces, len(small.get(column + 1, ())))
                for key in sorted(held, key=rank.__getitem__)
            )
            for column, held in enumerate(weights)
            if held
        ),
        passages=tuple(
            Passage(column=column, source=source, target=target, bright=bright, weight=weight)
            for (column, source, target, bright), weight in passages.items()
        ),
        counted=journey.origin == "observed",
        total=total,
        highlighted=highlighted,
        highlights_service=bool(chosen) and all(faces[name][1] == "service" for name in chosen),
    )


def _faces(journey: Journey) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Give name and kind of every touchpoint, and their order: by stage, then as on the map."""
    graph = journey.graph
    rank = {stage.id: number for number, stage in enumerate(journey.stages)}
    order = sorted(graph, key=lambda node: rank.get(graph.nodes[node]["stage"], len(rank)))
    touchpoints = {node: graph.nodes[node]["touchpoint"] for node in order}
    floating = {node for node in order if touchpoints[node].floats_as or STATE_MARK in node}
    faces = {}
    for node in order:
        name = touchpoints[node].name
        stage = graph.nodes[node]["stage"]
        if node in floating and stage is not None:
            # One touchpoint at several stages: the stage tells its bars apart.
            said = journey.stage(stage).name
            name = name if f"({said}" in name or name.endswith(said) else f"{name} ({said})"
        faces[node] = name, "service" if touchpoints[node].is_service else "touchpoint"
    return faces, order


def _chosen(journey: Journey, order: Sequence[str], highlight: str | None) -> tuple[frozenset[str], str]:
    if highlight is None:
        return frozenset(), ""
    graph = journey.graph
    for stage in journey.stages:
        if stage.id == highlight:
            return frozenset(n for n in order if graph.nodes[n]["stage"] == stage.id), stage.name
    found = [
        node
        for node in order
        if highlight in (node, graph.nodes[node]["touchpoint"].id, graph.nodes[node]["touchpoint"].floats_as)
    ]
    if found:
        return frozenset(found), graph.nodes[found[0]]["touchpoint"].name
    known = [*order, *(stage.id for stage in journey.stages)]
    close = nearest(highlight, known)
    raise UnknownNameError.because(
        f"no touchpoint or stage {highlight!r} on this picture.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def _small(flows: Iterable[PlaceFlow], total: float, chosen: frozenset[str]) -> Mapping[int, frozenset[str]]:
    """Find the touchpoints of each place that are too few to stand alone; a single one stands alone."""
    weights: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for flow in flows:
        weights[flow.place][flow.source] += flow.weight
    small = {
        place: frozenset(name for name, n in held.items() if n < _SMALL * total and name not in chosen)
        for place, held in weights.items()
    }
    return {place: names for place, names in small.items() if len(names) > 1}


def _key(place: int, name: str, small: Mapping[int, frozenset[str]]) -> str:
    return OTHER if name in small.get(place, ()) else name


def _stop(key: str, weight: float, faces: Mapping[str, tuple[str, str]], others: int) -> Stop:
    if key == OTHER:
        return Stop(key=key, name="other ({n} touchpoints)", kind="other", weight=weight, members=others)
    if key == ON:
        return Stop(key=key, name="goes on", kind="on", weight=weight)
    name, kind = faces[key]
    return Stop(key=key, name=name, kind=kind, weight=weight)
