"""Which touchpoints are the columns of a journey map, and into which bands do they fold?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from journeymap.errors import InvalidJourneyError, UnknownNameError, nearest
from journeymap.model.journey import Journey, Persona
from journeymap.model.stages import UNASSIGNED
from journeymap.model.touchpoints import STATE_MARK, Touchpoint

__all__ = [
    "ANY_STAGE",
    "EVERYBODY",
    "MOST_OBSERVED",
    "MOST_PERSONAS",
    "Column",
    "Columns",
    "Segment",
    "Who",
    "choose_columns",
    "choose_persona",
    "choose_personas",
    "feeling_of",
    "fold",
    "segments",
    "track",
]

MOST_OBSERVED = 24
MOST_PERSONAS = 5
EVERYBODY = "all"
ANY_STAGE = "At any stage"
_SPLIT = 2.5  # what a fold within a stage costs, in squared columns of unequal length

# One persona or several, by id, name or as they are; "all": every persona of the journey.
Who: TypeAlias = str | Persona | Sequence[str | Persona] | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A touchpoint as it stands on the map.

    Parameters
    ----------
    touchpoint : Touchpoint
        What the column shows.
    stage : str
        Its stage's id; empty where it floats over all stages.
    stage_name : str
        The name on the chevron.
    tint : int
        0 or 1; neighbouring stages differ.
    floats : bool
        Whether customers come here at any stage, so that no line leads from its neighbours to it.
    feeling : float, optional
        The feeling that is drawn.
    assumed : bool
        Whether nobody has measured or researched it.
    low, high : float, optional
        The interval of a measured feeling.
    node : str
        By which name arrows find its box: the touchpoint's id, numbered where a path comes here again.
    """

    touchpoint: Touchpoint
    stage: str
    stage_name: str
    tint: int
    floats: bool = False
    feeling: float | None = None
    assumed: bool = False
    low: float | None = None
    high: float | None = None
    node: str = ""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns, and how many touchpoints are not among them.

    Parameters
    ----------
    shown : tuple of Column
        From left to right.
    left_out : int
        Touchpoints that the map leaves out.
    """

    shown: tuple[Column, ...]
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Neighbouring columns of one stage within a band.

    Parameters
    ----------
    first, last : int
        Positions in the band, both included.
    column : Column
        The first of them.
    continued : bool
        Whether the stage began in the band above.
    """

    first: int
    last: int
    column: Column
    continued: bool


def choose_persona(journey: Journey, persona: str | Persona | None) -> Persona | None:
    """For whom is the map drawn?

    Parameters
    ----------
    journey : Journey
        The journey.
    persona : str or Persona, optional
        An id or a name; nobody in particular when left out.

    Returns
    -------
    Persona or None
        None where nobody was asked for: then the map shows what the journey itself says.

    Raises
    ------
    UnknownNameError
        The journey has no such persona.
    """
    if persona is None or isinstance(persona, Persona):
        return persona
    for known in journey.personas:
        if persona in (known.id, known.name):
            return known
    names = [known.id for known in journey.personas]
    close = nearest(persona, names)
    raise UnknownNameError.because(
        f"no persona {persona!r} in {journey.name!r}.",
        expected=f"Expected one of: {', '.join(names)}." if names else "It has no personas.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def choose_personas(journey: Journey, persona: Who) -> tuple[Persona, ...]:
    """For whom is the map drawn, where it may be for several?

    Parameters
    ----------
    journey : Journey
        The journey.
    persona : str, Persona, or a sequence of these, optional
        Ids or names; ``"all"`` for every persona of the journey.

    Returns
    -------
    tuple of Persona
        Each once; none where nobody was asked for.

    Raises
    ------
    UnknownNameError
        The journey has no such persona.
    InvalidJourneyError
        More personas than curves that can be told apart.

    Examples
    --------
    >>> shop = Journey(name="Shop", personas=[{"id": "ann"}, {"id": "bob"}])
    >>> [persona.name for persona in choose_personas(shop, "all")]
    ['Ann', 'Bob']
    """
    if persona is None:
        return ()
    if persona == EVERYBODY and not any(EVERYBODY in (known.id, known.name) for known in journey.personas):
        named: Sequence[str | Persona] = journey.personas
    else:
        named = (persona,) if isinstance(persona, str | Persona) else persona
    chosen = {found.id: found for one in named if (found := choose_persona(journey, one)) is not None}
    if len(chosen) > MOST_PERSONAS:
        raise InvalidJourneyError.because(
            f"{len(chosen)} personas are too many for one map.",
            expected=f"Expected at most {MOST_PERSONAS} curves.",
            hint=f"name them: persona={list(chosen)[:2]!r}",
        )
    return tuple(chosen.values())


def choose_columns(
    journey: Journey,
    *,
    path: Sequence[str] | None = None,
    persona: Persona | None = None,
    any_stage: str = ANY_STAGE,
) -> Columns:
    """Which touchpoints does the map show, in which order?

    All, stage by stage; those that float over all stages stand at the end. Of an observed journey with
    more than 24 the most visited, and every service touchpoint, so that service is never hidden.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    path : sequence of str, optional
        Ids of touchpoints to show instead, in this order.
    persona : Persona, optional
        Whose feelings are shown where they differ.
    any_stage : str
        The name above touchpoints without a stage.

    Returns
    -------
    Columns
        The columns and the number of touchpoints left out.

    Raises
    ------
    UnknownNameError
        The path names an unknown touchpoint.
    """
    if path is not None:
        chosen = [(journey.touchpoint(name), _stage_of(journey, name)) for name in path]
        return Columns(shown=_columns(journey, chosen, persona, any_stage, in_sequence=True))
    touchpoints = _in_order(journey)
    kept = touchpoints
    if journey.origin == "observed" and len(touchpoints) > MOST_OBSERVED:
        kept = _most_visited(touchpoints)
    chosen = [(touchpoint, touchpoint.stage) for touchpoint in kept]
    return Columns(shown=_columns(journey, chosen, persona, any_stage), left_out=len(touchpoints) - len(kept))


def _stage_of(journey: Journey, name: str) -> str | None:
    stage = name.rpartition(STATE_MARK)[2] if STATE_MARK in name else None
    return journey.touchpoint(name).stage or stage


def _in_order(journey: Journey) -> list[Touchpoint]:
    ranks: dict[str | None, int] = {stage.id: rank for rank, stage in enumerate(journey.stages)}
    ranks[None] = len(ranks)

    def place(item: tuple[int, Touchpoint]) -> tuple[int, float, int]:
        number, touchpoint = item
        # Without a design nobody gave an order, so the mean place in the journeys does.
        drawn_from_log = touchpoint.stage == UNASSIGNED.id and touchpoint.visits is not None
        position = touchpoint.visits.position if drawn_from_log and touchpoint.visits else 0.0
        return ranks[touchpoint.stage], position, number

    return [touchpoint for _, touchpoint in sorted(enumerate(journey.touchpoints), key=place)]


def _most_visited(touchpoints: list[Touchpoint]) -> list[Touchpoint]:
    service = {touchpoint.id for touchpoint in touchpoints if touchpoint.is_service}
    others = [touchpoint for touchpoint in touchpoints if touchpoint.id not in service]
    others.sort(key=lambda touchpoint: -(touchpoint.visits.customers if touchpoint.visits else 0))
    room = max(0, MOST_OBSERVED - len(service))
    kept = service | {touchpoint.id for touchpoint in others[:room]}
    return [touchpoint for touchpoint in touchpoints if touchpoint.id in kept]


def _columns(
    journey: Journey,
    chosen: list[tuple[Touchpoint, str | None]],
    persona: Persona | None,
    any_stage: str,
    *,
    in_sequence: bool = False,
) -> tuple[Column, ...]:
    columns: list[Column] = []
    tint = -1
    before: str | None = None
    times: Counter[str] = Counter()
    for touchpoint, stage in chosen:
        times[touchpoint.id] += 1
        again = times[touchpoint.id]
        name = journey.stage(stage).name if stage else any_stage
        if (stage or "") != before:
            before = stage or ""
            tint += 1
        feeling, assumed, low, high = feeling_of(touchpoint, persona)
        floats = not in_sequence and (touchpoint.stage is None or touchpoint.floats_as is not None)
        columns.append(
            Column(touchpoint=touchpoint, stage=before, stage_name=name, tint=tint % 2, floats=floats,
                   feeling=feeling, assumed=assumed, low=low, high=high,
                   node=touchpoint.id if again == 1 else f"{touchpoint.id} ({again})")
        )  # fmt: skip
    return tuple(columns)


def feeling_of(
    touchpoint: Touchpoint, persona: Persona | None
) -> tuple[float | None, bool, float | None, float | None]:
    """How does it feel here, for this persona?

    Parameters
    ----------
    touchpoint : Touchpoint
        Where.
    persona : Persona, optional
        For whom; what the journey says when left out, and where the persona feels nothing of her own.

    Returns
    -------
    tuple
        The feeling, whether it is assumed, and the ends of its interval; nobody measures how a persona
        feels.
    """
    for name in (touchpoint.id, touchpoint.floats_as):
        if persona is not None and name in persona.feelings:
            return persona.feelings[name], True, None, None
    measured = touchpoint.measured_feeling
    if measured is not None and measured.value is not None:
        return measured.value, False, measured.low, measured.high
    return touchpoint.feeling, touchpoint.feeling_source == "assumed", None, None


def track(columns: Sequence[Column]) -> tuple[int, ...]:
    """Which columns do lines from touchpoint to touchpoint pass through: all that do not float?

    Parameters
    ----------
    columns : sequence of Column
        From left to right.

    Returns
    -------
    tuple of int
        Their positions.
    """
    return tuple(place for place, column in enumerate(columns) if not column.floats)


def fold(columns: Sequence[Column], most: int) -> tuple[tuple[Column, ...], ...]:
    """Into which bands do the columns fold?

    As few as possible and about equally long; rather between two stages than within one.

    Parameters
    ----------
    columns : sequence of Column
        From left to right.
    most : int
        The most columns of a band.

    Returns
    -------
    tuple of tuple of Column
        The bands from top to bottom; none without columns.
    """
    count = len(columns)
    bands = -(-count // most)
    if bands < 2:
        return (tuple(columns),) if columns else ()
    ideal = count / bands
    # best[end]: the least cost of the bands so far when they hold that many columns; ways: how each began.
    best: dict[int, float] = {0: 0.0}
    ways: list[dict[int, int]] = []
    for number in range(1, bands + 1):
        # Only so few columns may be left that the other bands can hold them: this keeps the search linear.
        least = max(number, count - (bands - number) * most)
        longer: dict[int, float] = {}
        begins: dict[int, int] = {}
        for start, cost in best.items():
            for end in range(max(start + 1, least), min(start + most, count) + 1):
                splits = end < count and columns[end - 1].stage == columns[end].stage
                total = cost + (end - start - ideal) ** 2 + (_SPLIT if splits else 0.0)
                if end not in longer or total < longer[end] - 1e-9:
                    longer[end], begins[end] = total, start
        best = longer
        ways.append(begins)
    cuts = [count]
    for begins in reversed(ways):
        cuts.append(begins[cuts[-1]])
    return tuple(tuple(columns[a:b]) for a, b in pairwise(reversed(cuts)))


def segments(band: Sequence[Column], above: Column | None) -> tuple[Segment, ...]:
    """Which neighbouring columns of a band share a stage?

    Parameters
    ----------
    band : sequence of Column
        The columns of the band.
    above : Column, optional
        The last column of the band above.

    Returns
    -------
    tuple of Segment
        From left to right.
    """
    found: list[Segment] = []
    first = 0
    for place in range(1, len(band) + 1):
        if place == len(band) or band[place].stage != band[first].stage:
            continued = first == 0 and above is not None and above.stage == band[0].stage
            found.append(Segment(first=first, last=place - 1, column=band[first], continued=continued))
            first = place
    return tuple(found)
