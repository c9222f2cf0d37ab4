"""How many journeys come to each stage, which ones do they skip, and where do they end?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from journeymap.errors import UnknownNameError, nearest
from journeymap.metrics.routes import StageRoute, stage_routes
from journeymap.model.journey import Journey
from journeymap.model.stages import Stage
from journeymap.render.flow_pieces import amount
from journeymap.render.funnel_goal import goal_name

__all__ = ["ENDS", "StageFlow", "Strand", "stage_flow"]

ENDS = {"open": "still open", "ended": "ended", "lost": "left"}  # from top to bottom below a bar


@dataclass(frozen=True, kw_only=True)
class Strand:
    """Journeys that run alike from one column to the next that they come to, or end there.

    Parameters
    ----------
    source, target : int
        The columns; both the same where the journeys end.
    end : str
        ``lost``, ``open`` or ``ended``; empty where they go on or reach the goal.
    bright : bool
        Whether it is brought out, or nothing is.
    weight : float
        How many journeys, or which share of them.
    """

    source: int
    target: int
    end: str = ""
    bright: bool = True
    weight: float = 0.0


@dataclass(frozen=True, kw_only=True)
class StageFlow:
    """All that a picture of journeys through stages shows.

    Parameters
    ----------
    stages : tuple of Stage
        The columns: stages that have touchpoints or journeys.
    goal : str
        The name of the goal, which is one more column; empty where the journey has none.
    counted : bool
        Whether journeys were counted, rather than expected.
    total, outside : float
        All journeys, and those that come to no stage.
    touched, begins : tuple of float
        By column: journeys that come there, and that begin there.
    strands : tuple of Strand
        What runs between them.
    highlighted : str
        The name of the stage that is brought out.
    """

    stages: tuple[Stage, ...]
    goal: str
    counted: bool
    total: float
    outside: float
    touched: tuple[float, ...]
    begins: tuple[float, ...]
    strands: tuple[Strand, ...]
    highlighted: str = ""

    def ending(self, column: int, end: str) -> float:
        """Give how many journeys end so after a column."""
        return sum(s.weight for s in self.strands if s.source == column and s.end == end)

    def amount(self, weight: float) -> str:
        """Say how many journeys these are."""
        return amount(weight, self.total, counted=self.counted)


def stage_flow(journey: Journey, highlight: str | None = None) -> StageFlow:
    """How many journeys come to each stage, and go where from there?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with shares.
    highlight : str, optional
        A stage: journeys that come there are brought out.

    Returns
    -------
    StageFlow
        In the order of the stages; the goal is the last column.

    Raises
    ------
    MissingEvidenceError
        Nothing says how many journeys go which way.
    UnknownNameError
        No stage has the highlighted name.
    """
    routes = stage_routes(journey)
    used = {touchpoint.stage for touchpoint in journey.touchpoints}.union(*(route.stages for route in routes))
    stages = tuple(stage for stage in journey.stages if stage.id in used)
    chosen = _chosen(journey, stages, highlight)
    place = {stage.id: number for number, stage in enumerate(stages)}
    touched, begins = [0.0] * (len(stages) + 1), [0.0] * (len(stages) + 1)
    strands: dict[tuple[int, int, str, bool], float] = defaultdict(float)
    for route in routes:
        columns = [place[name] for name in route.stages]
        bright = not chosen or chosen in route.stages
        for key in _pieces(route, columns, len(stages)):
            strands[*key, bright] += route.weight
        if columns:
            begins[columns[0]] += route.weight
        for column in columns:
            touched[column] += route.weight
        touched[-1] += route.weight * (route.end == "goal" and bool(columns))
    return StageFlow(
        stages=stages,
        goal=goal_name(journey),
        counted=journey.origin == "observed",
        total=sum(route.weight for route in routes),
        outside=sum(route.weight for route in routes if not route.stages),
        touched=tuple(touched),
        begins=tuple(begins),
        strands=tuple(
            Strand(source=a, target=b, end=end, bright=bright, weight=weight)
            for (a, b, end, bright), weight in strands.items()
        ),
        highlighted=next((stage.name for stage in stages if stage.id == chosen), ""),
    )


def _pieces(route: StageRoute, columns: list[int], goal: int) -> Iterator[tuple[int, int, str]]:
    yield from ((a, b, "") for a, b in pairwise(columns))
    if columns:
        won = route.end == "goal"
        yield columns[-1], goal if won else columns[-1], "" if won else route.end


def _chosen(journey: Journey, stages: tuple[Stage, ...], highlight: str | None) -> str:
    if highlight is None:
        return ""
    known = [stage.id for stage in stages]
    if highlight in known:
        return highlight
    if any(highlight in (t.id, t.floats_as) for t in journey.touchpoints):
        hint = 'a flow by stage knows stages only; highlight a touchpoint with by="position"'
    else:
        close = nearest(highlight, known)
        hint = f"did you mean {close!r}?" if close else ""
    raise UnknownNameError.because(
        f"no stage {highlight!r} on this picture.",
        expected=f"Expected one of: {', '.join(known)}.",
        hint=hint,
    )
