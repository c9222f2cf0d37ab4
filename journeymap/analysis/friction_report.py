"""What `find_friction` answers: points of friction, each with its signals and its evidence."""

from __future__ import annotations

from typing import Any, Literal

from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate

__all__ = ["FrictionPoint", "FrictionReport", "Signal", "SignalKind"]

SignalKind = Literal["drop_off", "self_loop", "repetition", "regression", "waiting"]


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
        One-sided p-value against the baseline.
    p_adjusted : float, optional
        The same after Benjamini–Hochberg over all touchpoints and signals of the report.
    significant : bool
        Worse than the baseline after correction, by at least the excess that matters.
    affected : int
        Customers affected: those who are counted in the numerator, at most one count each.
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


class FrictionPoint(Frozen):
    """A touchpoint with everything that speaks for or against friction there.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph, and its name on figures.
    stage : str, optional
        The id of its stage.
    is_service : bool
        Whether it is a service interaction.
    signals : tuple of Signal
        In the fixed order of `SignalKind`; those that can be measured here.
    gain : Estimate, optional
        Expected gain in conversion (a share of journeys, 0 to 1) if its exits fell to the baseline:
        model-implied, if the association is causal. None where there is nothing to compare with.
    gain_journeys : float, optional
        The same in journeys.
    time_gain : Estimate, optional
        Expected time saved per journey, in seconds, if its wait fell to the baseline.
    affected : int
        Customers affected by its significant signals (the largest of them), else by any.
    """

    touchpoint: str
    name: str
    stage: str | None = None
    is_service: bool = False
    signals: tuple[Signal, ...] = ()
    gain: Estimate | None = None
    gain_journeys: float | None = None
    time_gain: Estimate | None = None
    affected: int = 0

    @property
    def is_friction(self) -> bool:
        """Whether any of its signals is significant."""
        return any(signal.significant for signal in self.signals)

    def why(self) -> str:
        """Say in one or two sentences why it is, or is not, a point of friction."""
        raise NotImplementedError


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
    """

    journey: str
    points: tuple[FrictionPoint, ...] = ()
    not_measured: dict[str, str] = {}  # noqa: RUF012
    journeys: int = 0
    customers: int = 0
    level: float = 0.05

    @property
    def friction(self) -> tuple[FrictionPoint, ...]:
        """The points that are friction."""
        return tuple(point for point in self.points if point.is_friction)

    def to_frame(self) -> Any:
        """One row per touchpoint and signal, as a pandas DataFrame."""
        raise NotImplementedError
