"""What `find_friction` answers: points of friction, each with its signals and its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from journeymap.analysis.friction_point import FrictionPoint, PathExample, Signal
from journeymap.analysis.friction_words import KINDS, SignalKind, said_points, words_of
from journeymap.analysis.wording import between, joined, number, percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = [
    "Bottleneck",
    "FrictionPoint",
    "FrictionReport",
    "LargestDrop",
    "PathExample",
    "Signal",
    "SignalKind",
]

_COLUMNS = (
    "touchpoint", "name", "stage", "is_service", "signal", "unit", "value", "low", "high", "n", "customers",
    "baseline", "baseline_source", "excess", "shrunk", "p", "p_adjusted", "significant", "affected",
    "gain", "gain_low", "gain_high", "gain_journeys", "time_gain_seconds", "index", "contribution",
)  # fmt: skip


_ALONE = (
    "nothing could be compared: each stage has one touchpoint of its family; declare targets=,"
    ' such as targets={"drop_off": 0.05}'
)


class Bottleneck(Frozen):
    """How much of all time journeys spend on the way from one touchpoint to the next.

    Parameters
    ----------
    source, target : str
        The touchpoints.
    share : Estimate
        Waits between them / the time of all journeys from their first to their last event, 0 to 1; `n` counts
        the moves from one to the other.
    source_name, target_name : str
        Their names.
    """

    source: str
    target: str
    share: Estimate
    source_name: str = ""
    target_name: str = ""

    def __str__(self) -> str:
        """Write it as one sentence."""
        if self.share.value is None:
            return "No time passes between touchpoints."
        source, target = self.source_name or self.source, self.target_name or self.target
        said = f"after “{source}”, on the way to “{target}”"
        return f"{percent(self.share.value)} of all time{_in_brackets(self.share)} passes {said}."


class LargestDrop(Frozen):
    """The transition on which most chances of the goal are lost.

    Parameters
    ----------
    source, target : str
        The touchpoints.
    before, after : float
        The probability of the goal from each of them, model-implied.
    loss : Estimate
        (before − after) × moves on it, per decided journey: chances of the goal.
    source_name, target_name : str
        Their names.
    """

    source: str
    target: str
    before: float
    after: float
    loss: Estimate
    source_name: str = ""
    target_name: str = ""

    def __str__(self) -> str:
        """Write it as one sentence."""
        way = f"“{self.source_name or self.source}” → “{self.target_name or self.target}”"
        fall = f"from {percent(self.before)} to {percent(self.after)}"
        lost = self._lost()
        return f"The goal slips away most on {way}: its probability falls {fall}, model-implied{lost}."

    def _lost(self) -> str:
        if self.loss.value is None:
            return ""
        return f"; over all journeys that is {said_points(self.loss)}"


class FrictionReport(Frozen):
    """Every touchpoint judged, the largest expected gain that is no chance first.

    Parameters
    ----------
    journey : str
        The name of the journey.
    points : tuple of FrictionPoint
        Points of friction first, by expected gain (one that may be chance, or less than a journey, counts
        as none), then by customers affected; then the rest. By the index where that was asked for.
    not_measured : dict of str to str
        Signals that this journey has no data for, and what would enable them.
    journeys, customers : int
        How many stand behind it.
    level : float
        The false discovery rate that is held.
    order : {"gain", "index"}
        What the points are ordered by.
    weights : dict of str to float
        The weight of each signal in the optional index; empty without one.
    overall : dict of str to Estimate
        Of the journey as a whole: ``rework`` (journeys that come to any touchpoint twice / journeys),
        ``degradation`` ((moves back − moves on to a later stage) / both, −1 to 1) and
        ``cycle_time_efficiency`` (time spent at touchpoints / time from first to last event).
    bottlenecks : tuple of Bottleneck
        The transitions on which most time is spent waiting, most first. They are reported and not judged: how
        much of all time falls on a way says as much about how many take it as about how slow it is, and the
        wait itself is judged.
    largest_drop : LargestDrop, optional
        Where most chances of the goal are lost; reported and not judged, for there always is a largest.
    filters : tuple of str
        The filters of the log behind it, in words.
    period : (datetime, datetime), optional
        The first and the last event behind it.
    """

    journey: str
    points: tuple[FrictionPoint, ...] = ()
    not_measured: dict[str, str] = Field(default_factory=dict)
    journeys: int = 0
    customers: int = 0
    level: float = 0.05
    order: Literal["gain", "index"] = "gain"
    weights: dict[str, float] = Field(default_factory=dict)
    overall: dict[str, Estimate] = Field(default_factory=dict)
    bottlenecks: tuple[Bottleneck, ...] = ()
    largest_drop: LargestDrop | None = None
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None

    @property
    def friction(self) -> tuple[FrictionPoint, ...]:
        """The points that are friction."""
        return tuple(point for point in self.points if point.is_friction)

    @property
    def measured(self) -> tuple[str, ...]:
        """The signals that were measured somewhere, in the order of `SignalKind`, own ones last."""
        found = dict.fromkeys(signal.kind for point in self.points for signal in point.signals)
        return (*(kind for kind in KINDS if kind in found), *(kind for kind in found if kind not in KINDS))

    @property
    def nothing_compared(self) -> str:
        """Why nothing could be compared with peers or a target; empty where anything could."""
        signals = [signal for point in self.points for signal in point.signals]
        if not signals or any(signal.baseline_source in {"stage", "target"} for signal in signals):
            return ""
        return _ALONE

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        head = [self._headline(), *self._weighed()]
        return "\n".join([*head, *self._findings(), *self.as_a_whole, *self.gaps])

    @property
    def as_a_whole(self) -> tuple[str, ...]:
        """What is said of the journey as a whole, one sentence each; empty where nothing is known."""
        found = [] if not self.bottlenecks else [_most_time(self.bottlenecks[0])]
        found += [] if self.largest_drop is None else [str(self.largest_drop)]
        return (*found, *_rework(self.overall))

    @property
    def gaps(self) -> tuple[str, ...]:
        """What was not measured, one sentence for each thing that would enable it."""
        by_reason: dict[str, list[str]] = {}
        for kind, why in self.not_measured.items():
            by_reason.setdefault(why, []).append(words_of(kind).head)
        return tuple(f"Not measured: {joined(kinds)} ({why})." for why, kinds in by_reason.items())

    def _headline(self) -> str:
        basis = f"{plural(self.journeys, 'journey')} of {plural(self.customers, 'customer')}"
        count = len(self.friction)
        if self.nothing_compared:
            beside = f" {plural(count, 'point')} of friction by a threshold of its own." if count else ""
            return f"{self.journey}, {basis}: {self.nothing_compared}.{beside}"
        if not count:
            return (
                f"{self.journey}: no touchpoint is clearly worse than its peers, judged by {basis}."
                " That is no proof that there is no friction."
            )
        return f"{self.journey}: {plural(count, 'point')} of friction, judged by {basis}."

    def _weighed(self) -> list[str]:
        """Say the weights of the index, which are a judgement of whoever asked."""
        if not self.weights:
            return []
        named = joined([f"{words_of(kind).head} {weight:g}" for kind, weight in self.weights.items()])
        order = "; the points are in its order" if self.order == "index" else ""
        return [f"Index from 0 to 100 by the weights {named}{order}."]

    def _findings(self) -> list[str]:
        found = []
        for place, point in enumerate(self.friction, 1):
            stage = f" ({point.stage_name})" if point.stage_name else ""
            index = "" if point.index is None else f", index {point.index:.0f}"
            found.append(f"{place}. {point.name}{stage}{index}: {point.why()}")
        return found

    def _repr_html_(self) -> str:
        """Show the report as a table in a notebook."""
        columns = ["", "touchpoint", "stage", "why", "customers affected", "expected gain (journeys)"]
        columns += ["index"] if self.weights else []
        rows = [
            (
                "friction" if point.is_friction else "",
                point.name,
                point.stage_name,
                point.why(),
                f"{point.affected:,}",
                None if point.gain_journeys is None else number(point.gain_journeys),
                *([f"{point.index or 0.0:.0f}"] if self.weights else []),
            )
            for point in self.points
        ]
        return html_table(
            self._headline(), columns, rows, notes=[*self._weighed(), *self.as_a_whole, *self.gaps]
        )

    def to_frame(self) -> Any:
        """Put one row per touchpoint and signal into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            `unit` says what value, low, high and baseline are: shares (0 to 1), seconds, a feeling; `gain`
            is a share of journeys and stands in every row of its touchpoint, as does `index`.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [_row(point, signal) for point in self.points for signal in point.signals]
        return data_frame(_COLUMNS, rows)


def _in_brackets(estimate: Estimate) -> str:
    ends = between(estimate)
    return f" ({ends})" if ends else ""


def _most_time(first: Bottleneck) -> str:
    share = first.share
    source, target = first.source_name or first.source, first.target_name or first.target
    said = f"{percent(share.value or 0.0)} of all time{_in_brackets(share)}"
    return f"Most time passes after “{source}”, on the way to “{target}”: {said}."


def _rework(overall: Mapping[str, Estimate]) -> list[str]:
    """Say how much of the journey is done again, and how much of its time is no waiting."""
    again, back, spent = (
        overall.get(name, Estimate(value=None)) for name in ("rework", "degradation", "cycle_time_efficiency")
    )
    parts = []
    if again.value is not None:
        parts.append(
            f"{percent(again.value)} of journeys{_in_brackets(again)} come to a touchpoint more than once"
        )
    if back.value is not None:
        parts.append(f"{percent((1 + back.value) / 2)} of moves between stages lead back")
    found = [f"Rework: {'; '.join(parts)}."] if parts else []
    if spent.value is not None:
        found.append(f"{percent(spent.value)} of all time{_in_brackets(spent)} is spent at touchpoints.")
    return found


def _row(point: FrictionPoint, signal: Signal) -> tuple[Any, ...]:
    gain = point.gain or Estimate(value=None)
    return (
        point.touchpoint,
        point.name,
        point.stage,
        point.is_service,
        signal.kind,
        signal.unit,
        signal.estimate.value,
        signal.estimate.low,
        signal.estimate.high,
        signal.estimate.n,
        signal.estimate.customers,
        signal.baseline,
        signal.baseline_source,
        signal.excess,
        signal.shrunk.value if signal.shrunk else None,
        signal.p,
        signal.p_adjusted,
        signal.significant,
        signal.affected,
        gain.value,
        gain.low,
        gain.high,
        point.gain_journeys,
        point.time_gain.value if point.time_gain else None,
        point.index,
        point.contributions.get(signal.kind),
    )
