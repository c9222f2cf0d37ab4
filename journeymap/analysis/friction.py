"""Where a journey hurts: signals judged against their peers, corrected for many tests, ranked by gain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from journeymap.analysis.friction_chain import Replicates, chain_replicates, dead_ends, largest_drop
from journeymap.analysis.friction_gain import Gains, expected_gains
from journeymap.analysis.friction_index import checked_weights, contributions, finite_number
from journeymap.analysis.friction_overall import bottlenecks, overall, path_examples
from journeymap.analysis.friction_own import OwnSignal, own_signals
from journeymap.analysis.friction_report import (
    FrictionPoint,
    FrictionReport,
    LargestDrop,
    PathExample,
    Signal,
)
from journeymap.analysis.friction_signals import Judge, judged_shares, share_estimates
from journeymap.analysis.friction_times import judged_times
from journeymap.analysis.friction_told import judged_efforts, judged_valleys
from journeymap.analysis.friction_values import unchecked
from journeymap.analysis.friction_words import KINDS
from journeymap.analysis.peers import Targets, declared_targets, find_peers
from journeymap.errors import JourneyMapError, require
from journeymap.metrics.chain import ChainCounts, chain_counts
from journeymap.metrics.counts import evidence_table
from journeymap.metrics.signals_counts import Counted, Tally
from journeymap.metrics.signals_moves import (
    AGAIN,
    customers_before,
    drop_offs,
    regressions,
    repetitions,
    reworks,
    self_loops,
    service_triggers,
)
from journeymap.metrics.signals_service import (
    abandonments,
    channel_switches,
    failure_demands,
    had_to_repeats,
    hand_offs,
    rage_loops,
    repeat_contacts,
)
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.stages import UNASSIGNED
from journeymap.stats.multiplicity import benjamini_hochberg

__all__ = ["find_friction"]

_SHARES = {
    "drop_off": drop_offs,
    "self_loop": self_loops,
    "repetition": repetitions,
    "rework": reworks,
    "regression": regressions,
    "channel_switch": channel_switches,
    "hand_off": hand_offs,
    "repeat_contact": repeat_contacts,
    "had_to_repeat": had_to_repeats,
    "failure_demand": failure_demands,
    "rage_loop": rage_loops,
    "abandonment": abandonments,
    "service_trigger": service_triggers,
}
_TIMES = ("waiting", "sojourn")
_ANYTHING = ("emotion_valley", "point_of_no_return")  # what matters is in their definition


class _Chain(NamedTuple):
    """The chain of a journey that has an end."""

    counts: ChainCounts
    replicates: Replicates


class _Found(NamedTuple):
    """What is known of all touchpoints."""

    signals: dict[str, list[Signal]]
    gains: Gains
    exits: dict[str, Estimate]
    examples: dict[str, tuple[PathExample, ...]]
    parts: dict[str, dict[str, float]]


def find_friction(  # noqa: PLR0913 - every option is a keyword
    journey: Journey,
    *,
    targets: Targets | None = None,
    signals: Mapping[str, OwnSignal] | None = None,
    weights: Mapping[str, float] | None = None,
    order: Literal["gain", "index"] = "gain",
    level: float = 0.05,
    min_excess: float = 0.02,
    min_longer: float = 0.10,
    min_visits: int = 20,
    min_valley: float = 0.25,
    dead_end: float = 0.1,
) -> FrictionReport:
    """Where does the journey hurt, how sure is that, and what would it bring to mend it?

    Every touchpoint but the goal is judged in the signals of `SignalKind`, as far as the journey has the
    data. The baseline of a signal is its pooled rate at the *other* touchpoints of the same stage and family
    (service or not). A signal is friction when it is worse than its baseline in a one-sided test, corrected
    after Benjamini and Hochberg over all touchpoints and signals, and by an excess that matters.

    Parameters
    ----------
    journey : Journey
        An observed journey.
    targets : mapping, optional
        Levels that count as good enough where a touchpoint has no peers: signal to level, for example
        ``{"drop_off": 0.05}``, or touchpoint to such a mapping. Times as timedelta, in words
        (``{"waiting": "3 days"}``) or in seconds.
    signals : mapping of str to callable, optional
        Own signals: a name to a function that takes the journey and gives `SignalCounts` for touchpoints.
        They are judged like all others.
    weights : mapping of str to float, optional
        Weights of signals in an index: ``{"drop_off": 2, "waiting": 1}``. Each point then has an `index`
        from 0 to 100 and, in `contributions`, what each signal adds to it.
    order : {"gain", "index"}
        What points are ordered by; the index needs weights.
    level : float
        The false discovery rate: the share of findings that may be false.
    min_excess : float
        How much larger than its baseline a share must be to matter.
    min_longer : float
        How much longer than its baseline a median time must be to matter, as a part of the baseline.
    min_visits : int
        With fewer visits, of its own or of its peers, a signal is reported and not judged.
    min_valley : float
        How deep a valley of the feeling must be, in points of feeling.
    dead_end : float
        A touchpoint is a point of no return where the goal is less probable than this part of the conversion
        of the whole journey.

    Returns
    -------
    FrictionReport
        Points of friction first, then all others; each by expected gain in conversion, then by customers
        affected. A gain that may be chance (its interval does not lie above 0), or is less than one journey,
        counts as none in this order: such points stand by the customers affected. `not_measured` says what
        the journey has no data for, and which column or call would enable it.

    Raises
    ------
    MissingEvidenceError
        The journey was designed, not discovered from a log.
    UnknownNameError
        `targets` or `weights` name no touchpoint or signal of the journey, or an own signal no touchpoint.
    JourneyMapError
        `level` is not between 0 and 1, a limit is negative, a weight is no weight, a target no level of its
        signal, the index is asked for without weights, or an own signal has the name of another or is not
        counted by the customer groups of the journey.
    WrongKindError
        `signals` is no mapping of names to functions, or one gives something else than `SignalCounts`.

    Notes
    -----
    A touchpoint that is worse than its peers need not be the cause: its visitors may differ. A touchpoint
    that is not in the list may still hurt, where all of its stage hurts alike or few came by.

    Expected gains, points of no return and the largest drop take it that where customers go next depends on
    where they are, not on where they came from. Whether that holds is not checked here, for it takes seconds:
    ask `chain_order` (``jm.chain_order(journey)``, after `with_paths`). If it recommends order 2, take the
    gains as rough.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289–300.
    """
    require(journey, Journey, "find_friction", hint="discover it from the log first: discover_journey(log)")
    evidence_table(journey, "touchpoints")
    _check_limits(
        level=level, min_excess=min_excess, min_longer=min_longer, min_visits=min_visits,
        min_valley=min_valley, dead_end=dead_end,
    )  # fmt: skip
    own = own_signals(journey, {} if signals is None else signals)
    chosen = checked_weights(weights, own=own)
    _check_order(order, chosen)
    counted, peers = Counted(journey), find_peers(journey)
    judge = Judge(peers, declared_targets(journey, targets, own=own), min_visits)
    missing: dict[str, str] = {}
    shares = []
    for kind, count in _SHARES.items():
        measured = count(counted)
        if measured.missing:
            missing[kind] = measured.missing
        else:
            shares.append((kind, measured))
    chain = None if "drop_off" in missing else _solved(journey)
    found = judged_shares([*shares, *own.items()], judge)
    found += _told(counted, judge, missing, min_valley=min_valley)
    found += _timed(counted, judge, missing)
    if chain is None:
        missing["point_of_no_return"] = missing["drop_off"]
    else:
        found += dead_ends(*chain, judge, customers_before(counted), part=dead_end)
    found = _corrected(found, level=level, min_excess=min_excess, min_longer=min_longer)
    known = _known(counted, chain, judge, found, contributions(found, chosen))
    points = [_point(journey, name, known, weighted=bool(chosen)) for name in peers.family]
    points.sort(key=_by_index if order == "index" else _by_gain)
    journeys, customers = (int(counted.table("journeys", name).sum()) for name in ("journeys", "customers"))
    seen = journey.observation
    return FrictionReport(
        journey=journey.name,
        points=tuple(points),
        not_measured={kind: missing[kind] for kind in KINDS if kind in missing},
        journeys=journeys,
        customers=customers,
        level=level,
        order=order,
        weights=chosen,
        overall=overall(counted),
        bottlenecks=bottlenecks(counted),
        largest_drop=None if chain is None else _largest_drop(journey, chain, customers),
        filters=seen.filters if seen else (),
        period=(seen.start, seen.end) if seen else None,
    )


def _check_limits(*, level: float, **least: float) -> None:
    """Refuse what is no level and no limit, before anything is counted."""
    if not (finite_number(level) and 0 < level < 1):
        raise JourneyMapError.because(
            f"level: {level!r} is no false discovery rate.",
            expected="Expected a number between 0 and 1, such as 0.05.",
        )
    for name, amount in least.items():
        if not (finite_number(amount) and amount >= 0):
            raise JourneyMapError.because(
                f"{name}: {amount!r} is no limit.", expected="Expected a number from 0 up."
            )


def _check_order(order: str, weights: Mapping[str, float]) -> None:
    if order not in {"gain", "index"}:
        raise JourneyMapError.because(
            f"order: {order!r} is no order.", expected="Expected 'gain' or 'index'."
        )
    if order == "index" and not weights:
        raise JourneyMapError.because(
            "order: there is no index without weights.", hint='weights={"drop_off": 2, "waiting": 1}'
        )


def _solved(journey: Journey) -> _Chain:
    counts = chain_counts(journey)
    return _Chain(counts, chain_replicates(counts))


def _largest_drop(journey: Journey, chain: _Chain, customers: int) -> LargestDrop | None:
    found = largest_drop(*chain, customers=customers)
    if found is None:
        return None
    source, target = (journey.touchpoint(name).name for name in (found.source, found.target))
    return found.model_copy(update={"source_name": source, "target_name": target})


def _told(counted: Counted, judge: Judge, missing: dict[str, str], *, min_valley: float) -> list[Signal]:
    """Judge what customers told."""
    groups = evidence_table(counted.journey, "journeys").groups
    hard, missing["effort"] = judged_efforts(counted, judge)
    low, missing["emotion_valley"] = judged_valleys(counted, judge, least=min_valley, groups=groups)
    for kind in ("effort", "emotion_valley"):
        if not missing[kind]:
            del missing[kind]
    return [*hard, *low]


def _timed(counted: Counted, judge: Judge, missing: dict[str, str]) -> list[Signal]:
    """Judge waits and times spent."""
    found: list[Signal] = []
    if counted.at("waits") and any(counts.any() for counts in counted.at("waits").values()):
        found += judged_times(counted, "waiting", "waits", judge)
    else:
        missing["waiting"] = "no event is followed by another one"
    if counted.has("sojourns", "count"):
        found += judged_times(counted, "sojourn", "sojourns", judge)
    elif counted.table("touchpoints", "sojourn_us").any():
        missing["sojourn"] = AGAIN
    else:
        missing["sojourn"] = (
            "waits contain the time spent at the touchpoint: give the log an end of events (end_col)"
        )
    return found


def _corrected(
    signals: Iterable[Signal], *, level: float, min_excess: float, min_longer: float
) -> list[Signal]:
    """Correct the p-values for their number, and say which excess matters."""
    signals = list(signals)
    tested = {place: signal.p for place, signal in enumerate(signals) if signal.p is not None}
    adjusted = benjamini_hochberg(list(tested.values()))
    for place, p in zip(tested, adjusted, strict=True):
        signal = signals[place]
        least = 0.0 if signal.kind in _ANYTHING else min_longer if signal.kind in _TIMES else min_excess
        # without a baseline above zero a time has no relative excess: any time is longer than none
        excess = float("inf") if signal.excess is None else signal.excess
        matters = p <= level and excess >= least
        # a copy without validation: there are thousands of them
        known = {**signal.__dict__, "p_adjusted": float(p), "significant": bool(matters)}
        signals[place] = unchecked(Signal, known)
    return signals


def _known(
    counted: Counted,
    chain: _Chain | None,
    judge: Judge,
    signals: Iterable[Signal],
    parts: dict[str, dict[str, float]],
) -> _Found:
    """Bring together what is known of all touchpoints."""
    by_touchpoint: dict[str, list[Signal]] = {}
    for signal in signals:
        by_touchpoint.setdefault(signal.touchpoint, []).append(signal)
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    for of in by_touchpoint.values():
        of.sort(key=lambda signal: ranks.get(signal.kind, len(ranks)))
    gains, exits = Gains({}, {}, 0, {}), {}
    if chain is not None:
        medians = {
            signal.touchpoint: signal.estimate.value or 0.0
            for of in by_touchpoint.values()
            for signal in of
            if signal.kind == "waiting"
        }
        gains = expected_gains(counted, *chain, judge, medians=medians)
        exits = _exits(counted)
    return _Found(by_touchpoint, gains, exits, path_examples(counted), parts)


def _exits(counted: Counted) -> dict[str, Estimate]:
    """Measure the exit probabilities; the same as `exit_probability`."""
    lost, closed, before, customers = (
        counted.at(name) for name in ("lost", "visits_closed", "visits_before", "customers")
    )
    counts = {
        name: Tally(
            lost[name],
            closed[name],
            customers[name],
            censored=int((before[name] - closed[name]).sum()),
        )
        for name in counted.touchpoints
    }
    return share_estimates(counts, "lost exits / visits before the goal, in decided journeys")


def _point(journey: Journey, name: str, found: _Found, *, weighted: bool) -> FrictionPoint:
    touchpoint = journey.touchpoint(name)
    own = tuple(found.signals.get(name, ()))
    # half of all times are longer than the median: that alone affects nobody
    telling = [s for s in own if s.significant] or [
        s for s in own if s.kind not in _TIMES and s.kind != "effort" and s.kind not in _ANYTHING
    ]
    gain = found.gains.conversion.get(name)
    more = gain.value * found.gains.journeys if gain is not None and gain.value is not None else None
    parts = found.parts.get(name, {})
    return FrictionPoint(
        touchpoint=name,
        name=touchpoint.name,
        stage=touchpoint.stage,
        stage_name=_stage_name(journey, touchpoint.stage),
        is_service=touchpoint.is_service,
        signals=own,
        gain=gain,
        gain_journeys=more,
        exit=found.exits.get(name),
        exit_baseline=found.gains.usual_exits.get(name),
        time_gain=found.gains.seconds.get(name),
        affected=max((signal.affected for signal in telling), default=0),
        examples=found.examples.get(name, ()),
        index=float(sum(parts.values())) if weighted else None,
        contributions=parts,
    )


def _stage_name(journey: Journey, stage: str | None) -> str:
    # without a design there is one stage of everything, whose name says nothing
    if stage is None or all(one.stage in {None, UNASSIGNED.id} for one in journey.touchpoints):
        return ""
    return journey.stage(stage).name


def _by_gain(point: FrictionPoint) -> tuple[bool, float, int]:
    return not point.is_friction, -_sure_gain(point), -point.affected


def _sure_gain(point: FrictionPoint) -> float:
    """Give the gain; 0 where it may be chance or is less than one journey, as no reason to be first."""
    gain = point.gain
    sure = gain is not None and (gain.low or 0.0) > 0 and (point.gain_journeys or 0.0) >= 1
    return (gain.value or 0.0) if gain is not None and sure else 0.0


def _by_index(point: FrictionPoint) -> tuple[bool, float, int]:
    return not point.is_friction, -(point.index or 0.0), -point.affected
