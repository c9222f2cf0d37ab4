"""What is known of one touchpoint: its signals of friction, what mending it would bring, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from journeymap.analysis.friction_words import KINDS, Unit, said_amount, said_points, words_of
from journeymap.analysis.wording import joined, number, percent, plural, spoken_time
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate

__all__ = ["BaselineSource", "FrictionPoint", "PathExample", "Signal"]

BaselineSource = Literal["stage", "target", "neighbours", "threshold"]
_MOST_NAMED = 3
_BESIDE = ("stage", "target")
_OTHER = {
    "neighbours": "the feeling around it is",
    "threshold": "a dead end is from",
    "target": "the target is",
}
_NOWHERE = (
    "No gain can be computed: everybody leaves there, so nothing shows where they would go instead;"
    " say it with what_if(…, LowerExit(…, then=…))."
)


class Signal(Frozen):
    """One way in which a touchpoint may hurt, measured and judged.

    Parameters
    ----------
    kind : str
        One of `SignalKind`, or the name of an own signal. Most are shares, 0 to 1; ``waiting`` and
        ``sojourn`` are seconds (medians), ``effort`` a mean from 0 to 1, ``emotion_valley`` a feeling from
        −2 to +2.
    touchpoint : str
        The node of the graph it belongs to.
    estimate : Estimate
        The rate, mean or median with its interval.
    baseline : float, optional
        The same pooled over the other non-goal touchpoints of its stage and family, or a declared target; of
        a valley the lower of the two heights around it, of a point of no return where a dead end begins.
    baseline_source : {"stage", "target", "neighbours", "threshold"}, optional
        Where the baseline comes from; None: there is none, so the signal is reported and not judged.
    excess : float, optional
        How much worse: estimate minus baseline; estimate / baseline − 1 for times; the depth of a valley.
    shrunk : Estimate, optional
        The rate, mean or median shrunk towards its peers (empirical Bayes), 90 % interval; None without
        peers.
    p : float, optional
        One-sided p-value against the baseline; None: not judged, for want of a baseline or of visits.
    p_adjusted : float, optional
        The same after Benjamini–Hochberg over all touchpoints and signals of the report.
    significant : bool
        Worse than the baseline after correction, by at least the excess that matters.
    affected : int
        Customers affected: those who are counted in the numerator, at most one count each. For times, those
        longer than the baseline, at most one a customer.
    unjudged : str
        Why it is reported and not judged, where that is not for want of peers or of visits.
    """

    kind: str
    touchpoint: str
    estimate: Estimate
    baseline: float | None = None
    baseline_source: BaselineSource | None = None
    excess: float | None = None
    shrunk: Estimate | None = None
    p: float | None = None
    p_adjusted: float | None = None
    significant: bool = False
    affected: int = 0
    unjudged: str = ""

    @property
    def unit(self) -> Unit:
        """The unit of the estimate and the baseline."""
        return words_of(self.kind).unit

    def say(self, amount: float | None) -> str:
        """Write an amount of this signal in words.

        Parameters
        ----------
        amount : float or None
            A share, seconds or a feeling.

        Returns
        -------
        str
            ``38 %``, ``2.3 days`` or ``−0.8``; ``not known`` for None.
        """
        return said_amount(self.kind, amount)


class PathExample(Frozen):
    """A way that several customers took: touchpoints in order, never one customer's.

    Parameters
    ----------
    path : tuple of str
        The names of the touchpoints.
    end : {"goal", "lost", "open"}
        How these journeys end.
    journeys : int
        How many took it.
    """

    path: tuple[str, ...]
    end: Literal["goal", "lost", "open"]
    journeys: int

    def __str__(self) -> str:
        """Write the path with its end."""
        ends = {"goal": "won", "lost": "lost", "open": "open"}
        return f"{' → '.join(self.path)} ({ends[self.end]}, {plural(self.journeys, 'journey')})"


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
        In the fixed order of `SignalKind`, own ones last; those that can be measured here.
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
        Customers affected by its significant signals (the largest of them; never more than that signal's
        `estimate.customers`); where there are none, by any
        but times.
    examples : tuple of PathExample
        The most frequent variants through it; empty where variants were not counted.
    index : float, optional
        The weighted index, 0 to 100; None where no weights were given.
    contributions : dict of str to float
        What each weighted signal adds to it; they sum to it exactly.
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
    examples: tuple[PathExample, ...] = ()
    index: float | None = None
    contributions: dict[str, float] = Field(default_factory=dict)

    @property
    def is_friction(self) -> bool:
        """Whether any of its signals is significant."""
        return any(signal.significant for signal in self.signals)

    @property
    def everybody_leaves(self) -> bool:
        """Whether nobody goes on from here to anything else, so that there is no way on that could grow."""
        if self.exit is not None and self.exit.value is not None and self.exit.value >= 1:
            return True
        # they may come here several times before they leave
        ends = next((signal.estimate for signal in self.signals if signal.kind == "drop_off"), None)
        decided = 0 if ends is None else ends.n - ends.censored
        return ends is not None and decided > 0 and round((ends.value or 0.0) * ends.n) >= decided

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
                # what somebody added on their own is what they look for: it is always named
                others = [s for s in rest if s.kind in KINDS][:_MOST_NAMED]
                told = [s for s in rest if s in others or s.kind not in KINDS]
                named = [_briefly(s) for s in told]
                if len(rest) > len(told):
                    named.append(f"{len(rest) - len(told)} more")
                first = f"{first.removesuffix('.')}; also worse: {joined(named)}."
            return " ".join([first, *self._gain_sentence()])
        if not self.signals:
            return f"Nothing was counted at “{self.name}” that could be judged."
        largest = max(self.signals, key=_notable)
        return f"{self._verdict()} {self._sentence(largest)}"

    def _verdict(self) -> str:
        beside = [signal for signal in self.signals if signal.baseline_source in _BESIDE]
        if any(signal.p is not None for signal in beside):
            return "Nothing here is clearly worse than elsewhere."
        if beside:
            return "Cannot tell: too few visits to judge."
        return f"Cannot tell: {self._peers('no other')} to compare with, and no target is declared."

    def _peers(self, which: str) -> str:
        family = "service touchpoint" if self.is_service else "touchpoint"
        stage = f" {self.stage_name.lower()}" if self.stage_name else ""
        return f"{which}{stage} {family}"

    def _sentence(self, signal: Signal) -> str:
        words = words_of(signal.kind)
        value, name = signal.say(signal.estimate.value), f"“{self.name}”"
        if signal.baseline is None:
            return words.sentence.replace("; {others} {baseline}", "").format(value=value, name=name)
        others = _OTHER.get(signal.baseline_source or "", f"{self._peers('other')}s {words.verb}")
        baseline = signal.say(signal.baseline)
        return words.sentence.format(value=value, name=name, others=others, baseline=baseline)

    def _gain_sentence(self) -> list[str]:
        gain, more = self.gain, self.gain_journeys
        worse = {signal.kind for signal in self.signals if signal.significant}
        if "drop_off" in worse and gain is not None and more is not None:
            return [self._exits_sentence(gain, more)]
        if worse & {"drop_off", "point_of_no_return"} and gain is None and self.everybody_leaves:
            return [_NOWHERE, *self._affected_sentence()]
        slow = any(signal.kind == "waiting" and signal.significant for signal in self.signals)
        # medians and means can part: time is promised only where the mean wait is surely longer, too
        if slow and self.time_gain is not None and self.time_gain.value and self.time_gain.low:
            saved = spoken_time(self.time_gain.value)
            return [f"At that level a journey would on average take {saved} less, if this is the cause."]
        return self._affected_sentence()

    def _affected_sentence(self) -> list[str]:
        return [f"It affects {plural(self.affected, 'customer')}."] if self.affected else []

    def _exits_sentence(self, gain: Estimate, more: float) -> str:
        """Say what lower exits would bring; exits count visits, so their level is named apart."""
        level = "At the level of its peers"
        if self.exit is not None and self.exit.value is not None and self.exit_baseline is not None:
            own, usual = percent(self.exit.value), percent(self.exit_baseline)
            # the drop-off has journeys that are not decided yet in its denominator
            how = "by visit and without open journeys" if self.exit.censored else "by visit"
            level = f"Counted {how}, {own} end there against {usual}: at that level"
        points = said_points(gain)
        if more < 1:
            return f"{level}, allowing for chance, less than one more journey would be won, {points}."
        return f"{level} about {number(more)} more journeys would be won, {points}, if this is the cause."


def _briefly(signal: Signal) -> str:
    value, baseline = signal.say(signal.estimate.value), signal.say(signal.baseline)
    other = _OTHER.get(signal.baseline_source or "")
    against = f" against {baseline}" if other is None else f"; {other} {baseline}"
    return f"{words_of(signal.kind).briefly} ({value}{against})"


def _notable(signal: Signal) -> tuple[bool, bool, float]:
    """Order signals that are not significant: the one that comes closest last."""
    p = 1.0 if signal.p is None else signal.p
    return signal.baseline_source in _BESIDE, signal.p is not None, -p
