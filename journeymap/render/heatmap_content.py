"""What is known of each stage and channel: how customers feel there, what hurts, how much happens?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport
from journeymap.analysis.wording import number, percent, plural
from journeymap.errors import UnknownNameError, nearest
from journeymap.model.journey import Journey
from journeymap.model.touchpoints import STATE_MARK, Touchpoint
from journeymap.render.map_columns import ANY_STAGE
from journeymap.render.map_feeling import feeling_text
from journeymap.render.map_lanes import channel_name

__all__ = [
    "SHOWN",
    "Cell",
    "Field",
    "Measure",
    "Show",
    "cell_words",
    "count_cells",
    "describe_heatmap",
    "heatmap_finding",
    "heatmap_notes",
]

Show = Literal["feeling", "friction", "count"]
Measure = Literal["feeling", "gain", "affected", "severity", "count"]

SHOWN: tuple[Show, ...] = ("feeling", "friction", "count")
_NO_CHANNEL = "No channel"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One stage in one channel.

    Parameters
    ----------
    channel, stage : str
        Ids; empty where there is none.
    touchpoints : tuple of Touchpoint
        Those that count here.
    count, service : int
        Visits, or touchpoints where nothing was counted; and how many of them are service.
    value : float, optional
        What the colour shows; None where it is not known.
    n : str
        What stands behind the value, in figures.
    assumed : bool
        Whether every feeling in it is assumed.
    worst : str
        The touchpoint that decides, where one does.
    unrated : bool
        Whether something hurts here and nobody knows how much.
    """

    channel: str
    stage: str
    touchpoints: tuple[Touchpoint, ...]
    count: int
    service: int
    value: float | None = None
    n: str = ""
    assumed: bool = False
    worst: str = ""
    unrated: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """All cells, with the names of rows and columns.

    Parameters
    ----------
    journey : str
        Its name.
    show : str
        What was asked for.
    measure : str
        What the values are.
    visits : bool
        Whether visits were counted; else touchpoints are.
    channels, stages : dict of str to str
        Id to name, in the order of rows and columns.
    cells : dict
        By channel and stage; only where there are touchpoints.
    several : int
        Touchpoints with more than one channel.
    touchpoints : int
        All of them.
    """

    journey: str
    show: Show
    measure: Measure
    visits: bool
    channels: dict[str, str]
    stages: dict[str, str]
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    several: int = 0
    touchpoints: int = 0

    @property
    def known(self) -> tuple[Cell, ...]:
        """The cells with a value."""
        return tuple(cell for cell in self.cells.values() if cell.value is not None)

    @property
    def total(self) -> int:
        """All visits or touchpoints."""
        return sum(cell.count for cell in self.cells.values())

    @property
    def unit(self) -> str:
        """What is counted: visit or touchpoint."""
        return "visit" if self.visits else "touchpoint"

    def sums(self, *, by: Literal["channel", "stage"]) -> dict[str, tuple[int, int]]:
        """Give count and service of each row or column."""
        names = self.channels if by == "channel" else self.stages
        found = dict.fromkeys(names, (0, 0))
        for cell in self.cells.values():
            key = cell.channel if by == "channel" else cell.stage
            found[key] = found[key][0] + cell.count, found[key][1] + cell.service
        return found

    def place(self, cell: Cell) -> str:
        """Name a cell in a sentence."""
        if not cell.channel:
            return self.stages[cell.stage]
        return f"{self.stages[cell.stage]}, {self.channels[cell.channel]}"


def count_cells(journey: Journey, *, show: Show = "feeling", report: FrictionReport | None = None) -> Field:
    """What is known of each stage and channel?

    A touchpoint counts in its first channel alone, since its visits are not counted by channel.

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    show : {"feeling", "friction", "count"}
        The mean feeling (weighted by visits where they were counted); friction: the largest expected
        gain of a point of friction where a report is given, else the severity of the pain points,
        summed; visits, or touchpoints of a designed journey.
    report : FrictionReport, optional
        What `find_friction` found in this journey.

    Returns
    -------
    Field
        Without cells where there are no touchpoints.

    Raises
    ------
    UnknownNameError
        Nothing of this name can be shown, or the report is about another journey.
    """
    if show not in SHOWN:
        close = nearest(show, SHOWN)
        raise UnknownNameError.because(
            f"a heat map cannot show {show!r}.",
            expected=f"Expected one of: {', '.join(SHOWN)}.",
            hint=f"did you mean {close!r}?" if close else None,
        )
    judged = _judged(journey, report) if show == "friction" and report is not None else None
    measure = _measure(show, judged)
    groups: dict[tuple[str, str], list[Touchpoint]] = {}
    for touchpoint in journey.touchpoints:
        key = (touchpoint.channels[0] if touchpoint.channels else "", touchpoint.stage or "")
        groups.setdefault(key, []).append(touchpoint)
    visits = any(touchpoint.visits for touchpoint in journey.touchpoints)
    channels = {channel: channel_name(journey, channel) for channel, _ in groups if channel}
    if any(not channel for channel, _ in groups):
        channels[""] = _NO_CHANNEL
    stages = {stage.id: stage.name for stage in journey.stages}
    if any(not stage for _, stage in groups):
        stages[""] = ANY_STAGE
    whole = sum(_weight(touchpoint, visits=visits) for touchpoint in journey.touchpoints)
    return Field(
        journey=journey.name,
        show=show,
        measure=measure,
        visits=visits,
        channels=channels,
        stages=stages,
        cells={
            key: _cell(*key, group, measure=measure, visits=visits, judged=judged or {}, whole=whole)
            for key, group in groups.items()
        },
        several=sum(len(touchpoint.channels) > 1 for touchpoint in journey.touchpoints),
        touchpoints=len(journey.touchpoints),
    )


def _weight(touchpoint: Touchpoint, *, visits: bool) -> int:
    if not visits:
        return 1
    return touchpoint.visits.count if touchpoint.visits else 0


def _judged(journey: Journey, report: FrictionReport) -> dict[str, list[FrictionPoint]]:
    """Put the points of a report to the touchpoints of the journey."""
    known = {touchpoint.id for touchpoint in journey.touchpoints}
    found: dict[str, list[FrictionPoint]] = {}
    for point in report.points:
        name = point.touchpoint if point.touchpoint in known else point.touchpoint.rpartition(STATE_MARK)[0]
        if name in known:
            found.setdefault(name, []).append(point)
    if report.points and not found:
        raise UnknownNameError.because(
            f"the friction report of {report.journey!r} names no touchpoint of {journey.name!r}.",
            expected="Expected a report on this journey.",
            hint="judge it: report=find_friction(journey)",
        )
    return found


def _measure(show: Show, judged: dict[str, list[FrictionPoint]] | None) -> Measure:
    if show == "feeling":
        return "feeling"
    if show == "count":
        return "count"
    if judged is None:
        return "severity"
    points = [point for several in judged.values() for point in several if point.is_friction]
    return "gain" if any(point.gain_journeys is not None for point in points) or not points else "affected"


def _cell(
    channel: str,
    stage: str,
    group: Sequence[Touchpoint],
    *,
    measure: Measure,
    visits: bool,
    judged: dict[str, list[FrictionPoint]],
    whole: int,
) -> Cell:
    count = sum(_weight(touchpoint, visits=visits) for touchpoint in group)
    base = Cell(
        channel=channel,
        stage=stage,
        touchpoints=tuple(group),
        count=count,
        service=sum(_weight(touchpoint, visits=visits) for touchpoint in group if touchpoint.is_service),
    )
    if measure == "count":
        return replace(base, value=float(count), n=percent(count / whole) if whole else "")
    if measure == "feeling":
        return _felt(base, visits=visits)
    if measure == "severity":
        return _painful(base)
    return _rubbing(base, [point for t in group for point in judged.get(t.id, ())], measure)


def _felt(cell: Cell, *, visits: bool) -> Cell:
    total, weights, assumed = 0.0, 0, True
    for touchpoint in cell.touchpoints:
        measured = touchpoint.measured_feeling
        known = measured is not None and measured.value is not None
        value = measured.value if measured is not None and known else touchpoint.feeling
        weight = _weight(touchpoint, visits=visits)
        if value is None or not weight:
            continue
        total += value * weight
        weights += weight
        assumed = assumed and not known and touchpoint.feeling_source == "assumed"
    if not weights:
        return cell
    return replace(cell, value=total / weights, n=f"n = {weights:,}", assumed=assumed)


def _painful(cell: Cell) -> Cell:
    """Sum severities; a pain point of a floating touchpoint counts once in each of its stages."""
    pains = [(pain, touchpoint) for touchpoint in cell.touchpoints for pain in touchpoint.pain_points]
    rated = [(pain.severity, touchpoint.name) for pain, touchpoint in pains if pain.severity is not None]
    if not pains:
        return cell
    if not rated:
        return replace(cell, value=None, n=f"n = {len(pains)}", unrated=True)
    worst = max(rated, key=lambda each: each[0])
    return replace(
        cell, value=float(sum(severity for severity, _ in rated)), n=f"n = {len(pains)}", worst=worst[1]
    )


def _rubbing(cell: Cell, points: Iterable[FrictionPoint], measure: Measure) -> Cell:
    judged = [point for point in points if any(signal.p is not None for signal in point.signals)]
    friction = [point for point in judged if point.is_friction]
    if not judged:
        return cell
    n = f"{len(friction)} of {len(judged)}"
    if not friction:
        return replace(cell, value=0.0, n=n)
    sized = [
        (float(size), point.name)
        for point in friction
        if (size := point.gain_journeys if measure == "gain" else point.affected) is not None
    ]
    if not sized:
        return replace(cell, value=None, n=n, unrated=True)
    largest = max(sized, key=lambda each: each[0])
    return replace(cell, value=max(0.0, largest[0]), n=n, worst=largest[1])


def cell_words(cell: Cell, measure: Measure) -> str:
    """What stands in the middle of a cell, in English?

    Parameters
    ----------
    cell : Cell
        With touchpoints.
    measure : str
        What its value is.

    Returns
    -------
    str
        The value; empty where it is not known.
    """
    if cell.value is None:
        return ("not rated" if measure == "severity" else "friction") if cell.unrated else ""
    if measure == "feeling":
        return feeling_text(cell.value)
    if measure in {"gain", "affected"} and cell.n.startswith("0 "):
        return "none"
    if measure == "gain" and cell.value < 1:
        return "under 1"
    return number(cell.value)


def heatmap_finding(found: Field) -> str:
    """Say the main result in a sentence or two.

    Parameters
    ----------
    found : Field
        What `count_cells` found.

    Returns
    -------
    str
        Where it is worst or most, and how much of it is service; or what is missing.
    """
    if not found.known:
        return _nothing(found)
    service = sum(cell.service for cell in found.cells.values())
    share = ""
    if found.total:
        part = percent(service / found.total)
        share = (
            f" Service takes {part} of the visits."
            if found.visits
            else f" {part} of the touchpoints are service."
        )
    return _worst(found) + share


def _nothing(found: Field) -> str:
    if found.measure == "feeling":
        return (
            "No feelings are known yet. Give touchpoints a feeling from −2 (very negative) to +2 (very "
            "positive), or discover the journey from a log with a column of feelings."
        )
    if found.measure == "severity":
        return (
            "No friction is known yet. Give touchpoints pain points with a severity, or hand over what "
            "find_friction found: report=find_friction(journey)."
        )
    return "No touchpoint could be judged."


def _worst(found: Field) -> str:
    low = min(found.known, key=lambda cell: cell.value or 0.0)
    high = max(found.known, key=lambda cell: cell.value or 0.0)
    top = high.value or 0.0
    if found.measure == "feeling":
        if cell_words(low, "feeling") == cell_words(high, "feeling"):
            return f"Feeling is {feeling_text(top)} wherever it is known."
        return (
            f"Feeling is lowest in {found.place(low)} ({feeling_text(low.value or 0.0)}) and highest in "
            f"{found.place(high)} ({feeling_text(top)})."
        )
    if found.measure == "count":
        of_all = f" ({percent(top / found.total)})" if found.total else ""
        return f"Most {found.unit}s, {number(top)} of {found.total:,}{of_all}, are in {found.place(high)}."
    if found.measure == "severity":
        return f"Pain points weigh most in {found.place(high)}: severities sum to {number(top)} there."
    friction = [cell for cell in found.cells.values() if not cell.n.startswith("0 ") and cell.n]
    if not friction:
        return "No touchpoint is clearly worse than its peers."
    what = "journeys" if found.measure == "gain" else "customers affected"
    lead = "The largest expected gain" if found.measure == "gain" else "Friction reaches most customers"
    verb = " is in" if found.measure == "gain" else " in"
    return f"{lead}{verb} {found.place(high)}: {number(top)} {what}, at “{high.worst}”."


def heatmap_notes(found: Field) -> str:
    """Say how the numbers were made, and which rule puts a touchpoint into one channel."""
    if not found.cells:
        return ""
    said: list[str] = []
    if found.known or found.measure == "count":
        said.append(_made(found))
    if found.several:
        verb = "has" if found.several == 1 else "have"
        said.append(
            f"{found.several} of {plural(found.touchpoints, 'touchpoint')} {verb} several channels and count"
            f"{'s' if found.several == 1 else ''} in the first of them."
        )
    return " ".join(said)


def _made(found: Field) -> str:
    if found.measure == "feeling":
        return (
            "Mean feeling of the touchpoints, each weighted by its visits; n: those visits."
            if found.visits
            else "Mean feeling of the touchpoints; n: how many."
        )
    if found.measure == "severity":
        return "Severity (1 to 5) of the pain points that the map names, summed; n: how many pain points."
    if found.measure == "count":
        return f"{found.unit.capitalize()}s, and their share of all."
    below = "Below: points of friction among the touchpoints judged."
    if found.measure == "affected":
        return f"The most customers affected by a point of friction. {below}"
    return (
        "The largest expected gain of a point of friction, in journeys won, if the association is causal; "
        f"gains of several points do not add up. {below}"
    )


def describe_heatmap(
    journey: Journey, *, show: Show = "feeling", report: FrictionReport | None = None
) -> str:
    """What does the heat map of a journey say, in sentences?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    show, report
        As for `draw_heatmap`.

    Returns
    -------
    str
        The finding, how the numbers were made, then one line a channel.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "channels": "web", "feeling": 1},
    ...     {"id": "help", "stage": "purchase", "channels": "phone", "feeling": -1,
    ...      "feeling_source": "researched", "service": {}}])
    >>> print(describe_heatmap(journey).splitlines()[-1])
    Phone: Purchase −1 (1 touchpoint, 100 % service).
    """
    found = count_cells(journey, show=show, report=report)
    what = {"feeling": "how customers feel", "friction": "where it hurts", "count": "how much happens"}[show]
    said = [f"{journey.name}: {what}, by stage and channel.", heatmap_finding(found), heatmap_notes(found)]
    for channel, name in found.channels.items():
        row = [found.cells[channel, stage] for stage in found.stages if (channel, stage) in found.cells]
        said.append(f"{name}: {'; '.join(_in_words(found, cell) for cell in row)}.")
    return "\n".join(part for part in said if part)


def _in_words(found: Field, cell: Cell) -> str:
    value = cell_words(cell, found.measure) or "not known"
    facts = [plural(cell.count, found.unit)]
    facts += [f"{percent(cell.service / cell.count)} service"] if cell.count and cell.service else []
    facts += ["assumed"] if cell.assumed else []
    facts += [f"friction at {cell.n}"] if found.measure in {"gain", "affected"} and cell.n else []
    if found.measure == "count":
        facts = facts[1:]
    stage = found.stages[cell.stage]
    return f"{stage} {value} ({', '.join(facts)})" if facts else f"{stage} {value}"
