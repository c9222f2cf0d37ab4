"""What is known of each stage and channel: how customers feel there, what hurts, how much happens?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport
from journeymap.analysis.wording import joined, number, percent, plural
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
_MOST_NAMED = 2  # more that share first place are counted, not named


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One stage in one channel.

    Parameters
    ----------
    channel, stage : str
        Ids; empty where there is none.
    touchpoints : tuple of Touchpoint
        Those of this stage that can be met by this channel.
    count, service : int
        Visits, or touchpoints where nothing was counted; and how many of them are service.
    value : float, optional
        What the colour shows; None where it is not known.
    n : str
        What stands behind the value, in figures.
    assumed : bool
        Whether every feeling in it is assumed.
    worst : tuple of str
        The names of the touchpoints that decide, where some do.
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
    worst: tuple[str, ...] = ()
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
    """

    journey: str
    show: Show
    measure: Measure
    visits: bool
    channels: dict[str, str]
    stages: dict[str, str]
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    several: int = 0

    @property
    def known(self) -> tuple[Cell, ...]:
        """The cells with a value."""
        return tuple(cell for cell in self.cells.values() if cell.value is not None)

    @property
    def total(self) -> int:
        """All visits or touchpoints, each once."""
        return sum(count for count, _ in self.sums(by="stage").values())

    @property
    def unit(self) -> str:
        """What is counted: visit or touchpoint."""
        return "visit" if self.visits else "touchpoint"

    def sums(self, *, by: Literal["channel", "stage"]) -> dict[str, tuple[int, int]]:
        """Give count and service of each row or column; a touchpoint counts once in each of its rows."""
        names = self.channels if by == "channel" else self.stages
        groups: dict[str, dict[str, Touchpoint]] = {name: {} for name in names}
        for cell in self.cells.values():
            group = groups[cell.channel if by == "channel" else cell.stage]
            group.update((touchpoint.id, touchpoint) for touchpoint in cell.touchpoints)
        return {name: _sum(group.values(), visits=self.visits) for name, group in groups.items()}


def count_cells(journey: Journey, *, show: Show = "feeling", report: FrictionReport | None = None) -> Field:
    """What is known of each stage and channel?

    A touchpoint stands in each of its channels, since its visits are not counted by channel.

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
        for channel in dict.fromkeys(touchpoint.channels or ("",)):
            groups.setdefault((channel, touchpoint.stage or ""), []).append(touchpoint)
    visits = any(touchpoint.visits for touchpoint in journey.touchpoints)
    channels = {channel: channel_name(journey, channel) for channel, _ in groups if channel}
    if any(not channel for channel, _ in groups):
        channels[""] = _NO_CHANNEL
    stages = {stage.id: stage.name for stage in journey.stages}
    if any(not stage for _, stage in groups):
        stages[""] = ANY_STAGE
    whole, _ = _sum(journey.touchpoints, visits=visits)
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
        several=sum(len(set(touchpoint.channels)) > 1 for touchpoint in journey.touchpoints),
    )


def _weight(touchpoint: Touchpoint, *, visits: bool) -> int:
    if not visits:
        return 1
    return touchpoint.visits.count if touchpoint.visits else 0


def _sum(touchpoints: Iterable[Touchpoint], *, visits: bool) -> tuple[int, int]:
    """Count visits or touchpoints, and how many of them are service."""
    weights = [(_weight(each, visits=visits), each.is_service) for each in touchpoints]
    return sum(weight for weight, _ in weights), sum(weight for weight, service in weights if service)


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
    count, service = _sum(group, visits=visits)
    base = Cell(
        channel=channel,
        stage=stage,
        touchpoints=tuple(group),
        count=count,
        service=service,
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
    return replace(
        cell, value=float(sum(severity for severity, _ in rated)), n=f"n = {len(pains)}", worst=_first(rated)
    )


def _first(sized: Sequence[tuple[float, str]]) -> tuple[str, ...]:
    """List the names that share first place."""
    most = max(size for size, _ in sized)
    return tuple(dict.fromkeys(name for size, name in sized if size == most))


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
    largest = max(size for size, _ in sized)
    return replace(cell, value=max(0.0, largest), n=n, worst=_first(sized))


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
    service = sum(part for _, part in found.sums(by="stage").values())
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
    if found.measure == "feeling":
        return _lowest_and_highest(found)
    if found.measure == "count":
        return _busiest(found)
    high = max(found.known, key=lambda cell: cell.value or 0.0)
    if found.measure == "severity":
        where = _places(found, _alike(found, high))
        each = " in each" if len(_alike(found, high)) > 1 else " there"
        return f"Pain points weigh most in {where}: severities sum to {number(high.value or 0.0)}{each}."
    return _largest(found, high)


def _lowest_and_highest(found: Field) -> str:
    low = min(found.known, key=lambda cell: cell.value or 0.0)
    high = max(found.known, key=lambda cell: cell.value or 0.0)
    least, most = cell_words(low, "feeling"), cell_words(high, "feeling")
    if least == most:
        return f"Feeling is {most} wherever it is known."
    return (
        f"Feeling is lowest, {least}, in {_places(found, _alike(found, low))} and highest, {most}, in "
        f"{_places(found, _alike(found, high))}."
    )


def _alike(found: Field, cell: Cell) -> list[Cell]:
    """List the cells in which the same stands as in this one."""
    words = cell_words(cell, found.measure)
    return [each for each in found.known if cell_words(each, found.measure) == words]


def _places(found: Field, cells: Sequence[Cell]) -> str:
    """Name up to two cells, a stage alone where the same holds in all its channels; else count them."""
    named: list[str] = []
    for stage, name in found.stages.items():
        here = [cell for cell in cells if cell.stage == stage]
        whole = len(here) == sum(cell.stage == stage for cell in found.cells.values())
        if here and whole and (len(here) > 1 or not here[0].channel):
            named.append(name)
        else:
            named += [f"{name} ({found.channels[cell.channel]})" for cell in here]
    return joined(named) if len(named) <= _MOST_NAMED else f"{len(cells)} cells"


def _busiest(found: Field) -> str:
    """Name the stage, not the channel: which visit used which channel is not known."""
    sums = {stage: count for stage, (count, _) in found.sums(by="stage").items()}
    most = max(sums.values())
    names = [found.stages[stage] for stage, count in sums.items() if count == most]
    of_all = f" ({percent(most / found.total)})" if found.total else ""
    each = " each" if len(names) > 1 else ""
    where = joined(names) if len(names) <= _MOST_NAMED else f"{len(names)} stages"
    return f"Most {found.unit}s, {number(most)} of {found.total:,}{of_all}{each}, are in {where}."


def _largest(found: Field, high: Cell) -> str:
    """Name the touchpoint with its stage: a gain belongs to it, whichever channel serves it."""
    if not any(cell.n and not cell.n.startswith("0 ") for cell in found.cells.values()):
        return "No touchpoint is clearly worse than its peers."
    if not high.worst:
        return "Friction is found, but its size is not known."
    top = [(name, cell.stage) for cell in found.known if cell.value == high.value for name in cell.worst]
    named = [f"“{name}” ({found.stages[stage]})" for name, stage in dict.fromkeys(top)]
    where = joined(named) if len(named) <= _MOST_NAMED else f"{len(named)} touchpoints"
    size, each = cell_words(high, found.measure), " each" if len(named) > 1 else ""
    if found.measure == "gain":
        return f"The largest expected gain is at {where}: {size} journeys{each}."
    return f"Friction reaches most customers at {where}: {size} customers affected{each}."


def heatmap_notes(found: Field) -> str:
    """Say how the numbers were made, and that a touchpoint stands in each of its channels."""
    if not found.cells:
        return ""
    said: list[str] = []
    if found.known or found.measure == "count":
        said.append(_made(found))
    if found.several:
        said.append("A touchpoint with several channels stands in each of them; rows do not add up.")
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
        if found.visits and found.several:
            return "Visits to the touchpoints of a channel, whichever channel was used; share of all visits."
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
    if found.several:
        sums = found.sums(by="stage").items()
        each = [f"{found.stages[stage]} {plural(count, found.unit)}" for stage, (count, _) in sums]
        said.append(f"Each touchpoint counted once: {'; '.join(each)}.")
    for channel, name in found.channels.items():
        row = [found.cells[channel, stage] for stage in found.stages if (channel, stage) in found.cells]
        lead = f"Touchpoints met by {name}" if found.several and channel else name
        said.append(f"{lead}: {'; '.join(_in_words(found, cell) for cell in row)}.")
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
