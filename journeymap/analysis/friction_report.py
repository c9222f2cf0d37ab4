"""What `find_friction` answers: points of friction, each with its signals and its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from journeymap.analysis.wording import joined, number, percent, plural, spoken_time
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["FrictionPoint", "FrictionReport", "Signal", "SignalKind"]

SignalKind = Literal["drop_off", "self_loop", "repetition", "regression", "waiting"]

_SAID = {
    "drop_off": "{value} of journeys that come to {name} end there; {others} {baseline}.",
    "self_loop": "{value} of visits to {name} are followed by another one at once; {others} {baseline}.",
    "repetition": "{value} of visits to {name} are returns after having been elsewhere; {others} {baseline}.",
    "regression": "{value} of moves on from {name} lead back to an earlier stage; {others} {baseline}.",
    "waiting": "Half of the waits after {name} last longer than {value}; {others} {baseline}.",
}
_BRIEFLY = {
    "drop_off": "drop-off",
    "self_loop": "visits repeated at once",
    "repetition": "returns",
    "regression": "moves back to an earlier stage",
    "waiting": "the median wait",
}
_COLUMNS = (
    "touchpoint", "name", "stage", "is_service", "signal", "unit", "value", "low", "high", "n", "customers",
    "baseline", "baseline_source", "excess", "shrunk", "p", "p_adjusted", "significant", "affected",
    "gain", "gain_low", "gain_high", "gain_journeys", "time_gain_seconds",
)  # fmt: skip


class Signal(Frozen):
    """One way in which a touchpoint may hurt, measured and judged.

    Parameters
    ----------
    kind : str
        ``drop_off``, ``self_loop``, ``repetition``, ``regression`` (shares, 0 to 1) or ``waiting``
        (seconds, the median wait after the touchpoint).
    touchpoint : str
        The node of the graph it belongs to.
    estimate : Estimate
        The rate or the median wait with its interval.
    baseline : float, optional
        The same pooled over the other non-goal touchpoints of its stage and family, or a declared target.
    baseline_source : {"stage", "target"}, optional
        Where the baseline comes from; None: there is none, so the signal is reported and not judged.
    excess : float, optional
        Estimate minus baseline (shares), or estimate / baseline − 1 (waiting).
    shrunk : Estimate, optional
        The rate shrunk towards its peers (empirical Bayes), 90 % interval; None for waiting.
    p : float, optional
        One-sided p-value against the baseline; None: not judged, for want of a baseline or of visits.
    p_adjusted : float, optional
        The same after Benjamini–Hochberg over all touchpoints and signals of the report.
    significant : bool
        Worse than the baseline after correction, by at least the excess that matters.
    affected : int
        Customers affected: those who are counted in the numerator, at most one count each. For waiting,
        waits longer than the baseline, at most one a customer.
    """

    kind: SignalKind
    touchpoint: str
    estimate: Estimate
    baseline: float | None = None
    baseline_source: Literal["stage", "target"] | None = None
    excess: float | None = None
    shrunk: Estimate | None = None
    p: float | None = None
    p_adjusted: float | None = None
    significant: bool = False
    affected: int = 0

    @property
    def unit(self) -> Literal["share", "seconds"]:
        """The unit of the estimate and the baseline."""
        return "seconds" if self.kind == "waiting" else "share"

    def say(self, amount: float | None) -> str:
        """Write an amount of this signal in words.

        Parameters
        ----------
        amount : float or None
            A share, or seconds for waiting.

        Returns
        -------
        str
            ``38 %`` or ``2.3 days``; ``not known`` for None.
        """
        if amount is None:
            return "not known"
        return spoken_time(amount) if self.kind == "waiting" else percent(amount)


class FrictionPoint(Frozen):
    """A touchpoint with everything that speaks for or against friction there.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph, and its name on figures.
    stage, stage_name : str, optional
        The id of its stage, and its name on figures.
    is_service : bool
        Whether it is a service interaction.
    signals : tuple of Signal
        In the fixed order of `SignalKind`; those that can be measured here.
    gain : Estimate, optional
        Expected gain in conversion (a share of journeys, 0 to 1) if its exits fell to the baseline:
        model-implied, if the association is causal. None where there is nothing to compare with.
    gain_journeys : float, optional
        The same in journeys.
    exit : Estimate, optional
        The exit probability that the gain starts from: lost exits / visits before winning, open journeys
        left out. It counts visits, where the drop-off counts journeys.
    exit_baseline : float, optional
        The same pooled over its peers, or from a declared target.
    time_gain : Estimate, optional
        Expected time saved per journey, in seconds, if its wait fell to the baseline.
    affected : int
        Customers affected by its significant signals (the largest of them); where there are none, by any
        but waiting.
    """

    touchpoint: str
    name: str
    stage: str | None = None
    stage_name: str = ""
    is_service: bool = False
    signals: tuple[Signal, ...] = ()
    gain: Estimate | None = None
    gain_journeys: float | None = None
    exit: Estimate | None = None
    exit_baseline: float | None = None
    time_gain: Estimate | None = None
    affected: int = 0

    @property
    def is_friction(self) -> bool:
        """Whether any of its signals is significant."""
        return any(signal.significant for signal in self.signals)

    def why(self) -> str:
        """Say in one or two sentences why it is, or is not, a point of friction.

        Returns
        -------
        str
            Plain sentences with the numbers that decide; they do not claim causes.
        """
        found = [signal for signal in self.signals if signal.significant]
        if found:
            first, rest = self._sentence(found[0]), found[1:]
            if rest:
                first = f"{first.removesuffix('.')}; also worse: {joined([_briefly(s) for s in rest])}."
            return " ".join([first, *self._gain_sentence()])
        if not self.signals:
            return f"Nothing was counted at “{self.name}” that could be judged."
        largest = max(self.signals, key=_notable)
        return f"{self._verdict()} {self._sentence(largest)}"

    def _verdict(self) -> str:
        if any(signal.p is not None for signal in self.signals):
            return "Nothing here is clearly worse than elsewhere."
        if any(signal.baseline is not None for signal in self.signals):
            return "Cannot tell: too few visits to judge."
        return f"Cannot tell: {self._peers('no other')} to compare with, and no target is declared."

    def _peers(self, which: str) -> str:
        family = "service touchpoint" if self.is_service else "touchpoint"
        stage = f" {self.stage_name.lower()}" if self.stage_name else ""
        return f"{which}{stage} {family}"

    def _sentence(self, signal: Signal) -> str:
        if signal.baseline is None:
            text = _SAID[signal.kind].replace("; {others} {baseline}", "")
            return text.format(value=signal.say(signal.estimate.value), name=f"“{self.name}”")
        if signal.baseline_source == "target":
            others = "the target is"
        else:
            verb = {"drop_off": "lose", "waiting": "take"}.get(signal.kind, "have")
            others = f"{self._peers('other')}s {verb}"
        return _SAID[signal.kind].format(
            value=signal.say(signal.estimate.value),
            name=f"“{self.name}”",
            others=others,
            baseline=signal.say(signal.baseline),
        )

    def _gain_sentence(self) -> list[str]:
        gain, more = self.gain, self.gain_journeys
        lost = any(signal.kind == "drop_off" and signal.significant for signal in self.signals)
        if lost and gain is not None and more is not None:
            return [self._exits_sentence(gain, more)]
        slow = any(signal.kind == "waiting" and signal.significant for signal in self.signals)
        # medians and means can part: time is promised only where the mean wait is surely longer, too
        if slow and self.time_gain is not None and self.time_gain.value and self.time_gain.low:
            saved = spoken_time(self.time_gain.value)
            return [f"At that level a journey would on average take {saved} less, if this is the cause."]
        return [f"It affects {plural(self.affected, 'customer')}."] if self.affected else []

    def _exits_sentence(self, gain: Estimate, more: float) -> str:
        """Say what lower exits would bring; exits count visits, so their level is named apart."""
        level = "At the level of its peers"
        if self.exit is not None and self.exit.value is not None and self.exit_baseline is not None:
            own, usual = percent(self.exit.value), percent(self.exit_baseline)
            level = f"Counted by visit, {own} end there against {usual}: at that level"
        if more < 1:
            return f"{level}, allowing for chance, less than one more journey would be won."
        ends = ""
        if gain.value is not None and gain.low is not None and gain.high is not None:
            ends = f" ({100 * gain.low:.1f} to {100 * gain.high:.1f})"
        points = f"{100 * (gain.value or 0):.1f} points of conversion{ends}"
        return f"{level} about {number(more)} more journeys would be won, {points}, if this is the cause."


class FrictionReport(Frozen):
    """Every touchpoint judged, the largest expected gain first.

    Parameters
    ----------
    journey : str
        The name of the journey.
    points : tuple of FrictionPoint
        Points of friction first, by expected gain; then the rest.
    not_measured : dict of str to str
        Signals that this journey has no data for, and what would enable them.
    journeys, customers : int
        How many stand behind it.
    level : float
        The false discovery rate that is held.
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
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None

    @property
    def friction(self) -> tuple[FrictionPoint, ...]:
        """The points that are friction."""
        return tuple(point for point in self.points if point.is_friction)

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
        return [f"Not measured: {kind.replace('_', ' ')} ({why})." for kind, why in self.not_measured.items()]

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
            `unit` says whether value, low, high and baseline are shares (0 to 1) or seconds; `gain` is a
            share of journeys and stands in every row of its touchpoint.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [_row(point, signal) for point in self.points for signal in point.signals]
        return data_frame(_COLUMNS, rows)


def _briefly(signal: Signal) -> str:
    value, baseline = signal.say(signal.estimate.value), signal.say(signal.baseline)
    return f"{_BRIEFLY[signal.kind]} ({value} against {baseline})"


def _notable(signal: Signal) -> tuple[bool, float]:
    """Order signals that are not significant: the one that comes closest last."""
    return signal.p is not None, -(1.0 if signal.p is None else signal.p)


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
    )
