"""Where a journey hurts: signals judged against their peers, corrected for many tests, ranked by gain."""

from __future__ import annotations

from collections.abc import Iterable

from journeymap.analysis.friction_gain import Gains, expected_gains
from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal, SignalKind
from journeymap.analysis.friction_signals import Judge, share_signals, waiting_signals
from journeymap.analysis.peers import KINDS, Targets, declared_targets, find_peers
from journeymap.errors import require
from journeymap.metrics.counts import counts_by_group, evidence_table, goal_touchpoints
from journeymap.metrics.flow import exit_probability
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.multiplicity import benjamini_hochberg

__all__ = ["find_friction"]


def find_friction(
    journey: Journey,
    *,
    targets: Targets | None = None,
    level: float = 0.05,
    min_excess: float = 0.02,
    min_longer: float = 0.10,
    min_visits: int = 20,
) -> FrictionReport:
    """Where does the journey hurt, how sure is that, and what would it bring to mend it?

    Every touchpoint but the goal is judged in five signals: drop-off, self-loop, repetition, regression to an
    earlier stage, and the wait that follows. The baseline of a signal is its pooled rate at the *other*
    touchpoints of the same stage and family (service or not). A signal is friction when it is worse
    than its baseline in a one-sided test, corrected after Benjamini and Hochberg over all touchpoints
    and signals, and by an excess that matters.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    targets : mapping, optional
        Levels that count as good enough where a touchpoint has no peers: signal to level, for example
        ``{"drop_off": 0.05}``, or touchpoint to such a mapping. Waits as timedelta or in seconds.
    level : float
        The false discovery rate: the share of findings that may be false.
    min_excess : float
        How much larger than its baseline a share must be to matter.
    min_longer : float
        How much longer than its baseline a median wait must be to matter, as a part of the baseline.
    min_visits : int
        With fewer visits, of its own or of its peers, a signal is reported and not judged.

    Returns
    -------
    FrictionReport
        Points of friction first, by expected gain in conversion, then by customers affected; then all
        others. `not_measured` says what the journey has no data for.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    UnknownNameError
        `targets` names no touchpoint or signal of the journey.

    Notes
    -----
    A touchpoint that is worse than its peers need not be the cause: its visitors may differ. A touchpoint
    that is not in the list may still hurt, where all of its stage hurts alike or few came by.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289–300.
    """
    require(journey, Journey, "find_friction", hint="discover it from the log first: discover_journey(log)")
    evidence_table(journey, "touchpoints")
    peers = find_peers(journey)
    judge = Judge(peers, declared_targets(journey, targets), min_visits)
    missing = _not_measured(journey)
    signals: list[Signal] = []
    for kind in KINDS:
        if kind not in missing:
            found = (
                waiting_signals(journey, judge) if kind == "waiting" else share_signals(journey, kind, judge)
            )
            signals.extend(found)
    signals = _corrected(signals, level=level, min_excess=min_excess, min_longer=min_longer)
    decided = "drop_off" not in missing
    gains = expected_gains(journey, peers, judge.targets) if decided else Gains({}, {}, 0, {})
    exits = exit_probability(journey) if decided else {}
    points = [_point(journey, name, signals, gains, exits.get(name)) for name in peers.family]
    points.sort(key=lambda point: (not point.is_friction, -_gain(point), -point.affected))
    journeys, customers = (
        int(counts_by_group(journey, "journeys", name).sum()) for name in ("journeys", "customers")
    )
    return FrictionReport(
        journey=journey.name,
        points=tuple(points),
        not_measured=missing,
        journeys=journeys,
        customers=customers,
        level=level,
        filters=journey.observation.filters if journey.observation else (),
        period=(journey.observation.start, journey.observation.end) if journey.observation else None,
    )


def _corrected(
    signals: Iterable[Signal], *, level: float, min_excess: float, min_longer: float
) -> list[Signal]:
    """Correct the p-values for their number, and say which excess matters."""
    signals = list(signals)
    tested = {place: signal.p for place, signal in enumerate(signals) if signal.p is not None}
    adjusted = benjamini_hochberg(list(tested.values()))
    for place, p in zip(tested, adjusted, strict=True):
        signal = signals[place]
        least = min_longer if signal.kind == "waiting" else min_excess
        # without a baseline above zero a wait has no relative excess: any wait is longer than none
        excess = float("inf") if signal.excess is None else signal.excess
        matters = p <= level and excess >= least
        signals[place] = signal.model_copy(update={"p_adjusted": float(p), "significant": bool(matters)})
    return signals


def _point(
    journey: Journey, name: str, signals: Iterable[Signal], gains: Gains, exits: Estimate | None
) -> FrictionPoint:
    touchpoint = journey.touchpoint(name)
    own = tuple(signal for signal in signals if signal.touchpoint == name)
    # half of all waits are longer than the median: that alone affects nobody
    telling = [s for s in own if s.significant] or [s for s in own if s.kind != "waiting"]
    gain = gains.conversion.get(name)
    more = gain.value * gains.journeys if gain is not None and gain.value is not None else None
    return FrictionPoint(
        touchpoint=name,
        name=touchpoint.name,
        stage=touchpoint.stage,
        stage_name=journey.stage(touchpoint.stage).name if touchpoint.stage else "",
        is_service=touchpoint.is_service,
        signals=own,
        gain=gain,
        gain_journeys=more,
        exit=exits,
        exit_baseline=gains.usual_exits.get(name),
        time_gain=gains.seconds.get(name),
        affected=max((signal.affected for signal in telling), default=0),
    )


def _gain(point: FrictionPoint) -> float:
    return (point.gain.value or 0.0) if point.gain is not None else 0.0


def _not_measured(journey: Journey) -> dict[SignalKind | str, str]:
    """Say which signals the journey has no data for, and what would enable them."""
    missing: dict[SignalKind | str, str] = {}
    won, lost = (counts_by_group(journey, "journeys", name).sum() for name in ("won", "lost"))
    if not goal_touchpoints(journey):
        missing["drop_off"] = "the journey has no goal: name one or more touchpoints, or a stage, as its goal"
    elif not won + lost:
        missing["drop_off"] = "no journey is decided yet: observe for longer, or give a shorter lost_after"
    if len({t.stage for t in journey.touchpoints}) < 2:  # noqa: PLR2004 - one stage has no earlier one
        missing["regression"] = "there is one stage only: discover with a design that orders the stages"
    if not counts_by_group(journey, "touchpoints", "waits").sum():
        missing["waiting"] = "no event is followed by another one"
    elif not counts_by_group(journey, "touchpoints", "sojourn_us").sum():
        missing["time_spent"] = (
            "waits contain the time spent at the touchpoint: give the log an end of events (end_col)"
        )
    return missing
