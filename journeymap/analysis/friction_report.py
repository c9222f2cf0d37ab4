"""What `find_friction` answers: points of friction, each with its signals and its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from journeymap.analysis.friction_point import FrictionPoint, PathExample, Signal
from journeymap.analysis.friction_words import KINDS, SignalKind
from journeymap.analysis.wording import joined, number, plural
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


class Bottleneck(Frozen):
    """How much of all time journeys spend on the way from one touchpoint to the next.

    Parameters
    ----------
    source, target : str
        The touchpoints.
    share : Estimate
        Waits between them / the time of all journeys from their first to their last event, 0 to 1.
    """

    source: str
    target: str
    share: Estimate


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
    """

    source: str
    target: str
    before: float
    after: float
    loss: Estimate


class FrictionReport(Frozen):
    """Every touchpoint judged, the largest expected gain first.

    Parameters
    ----------
    journey : str
        The name of the journey.
    points : tuple of FrictionPoint
        Points of friction first, by expected gain, then the rest; by the index where that was asked for.
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

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        return "\n".join([self._headline(), *self._findings(), *self._gaps()])

    def _headline(self) -> str:
        basis = f"{plural(self.journeys, 'journey')} of {plural(self.customers, 'customer')}"
        count = len(self.friction)
        if not count:
            return (
                f"{self.journey}: no touchpoint is clearly worse than its peers, judged by {basis}."
                " That is no proof that there is no friction."
            )
        return f"{self.journey}: {plural(count, 'point')} of friction, judged by {basis}."

    def _findings(self) -> list[str]:
        return [
            f"{place}. {point.name}{f' ({point.stage_name})' if point.stage_name else ''}: {point.why()}"
            for place, point in enumerate(self.friction, 1)
        ]

    def _gaps(self) -> list[str]:
        """Say what was not measured, once for each thing that would enable it."""
        by_reason: dict[str, list[str]] = {}
        for kind, why in self.not_measured.items():
            by_reason.setdefault(why, []).append(kind.replace("_", " "))
        return [f"Not measured: {joined(kinds)} ({why})." for why, kinds in by_reason.items()]

    def _repr_html_(self) -> str:
        """Show the report as a table in a notebook."""
        columns = ("", "touchpoint", "stage", "why", "customers affected", "expected gain (journeys)")
        rows = [
            (
                "friction" if point.is_friction else "",
                point.name,
                point.stage_name,
                point.why(),
                f"{point.affected:,}",
                None if point.gain_journeys is None else number(point.gain_journeys),
            )
            for point in self.points
        ]
        return html_table(self._headline(), columns, rows, notes=self._gaps())

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
