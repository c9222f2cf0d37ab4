"""What `what_if` answers: conversion and time before and after, each fix alone and all together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from journeymap.analysis.fixes import Fix, LowerExit
from journeymap.analysis.wording import number, spoken_time
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = [
    "CHANCE",
    "MODEL_IMPLIED",
    "AffectedTouchpoint",
    "WhatIf",
    "WhatIfStep",
    "may_be_chance",
    "points_text",
    "signed_number",
]

MODEL_IMPLIED = "model-implied, if the association is causal"
CHANCE = ", which may be mere chance"
_COLUMNS = (
    "row", "fix", "gain", "gain_low", "gain_high", "gain_journeys", "gain_journeys_low", "gain_journeys_high",
    "time_gain_seconds", "time_gain_low_seconds", "time_gain_high_seconds",
)  # fmt: skip
_NOTHING = 5e-7
_LEAST_SECONDS = 0.5
_SMALL = 0.01


class WhatIfStep(Frozen):
    """What one fix brings by itself.

    Parameters
    ----------
    fix : LowerExit, CutWait, Reroute or Remove
        The fix.
    words : str
        What it does, with the names on figures.
    is_service : bool
        Whether it is made at a service interaction.
    gain : Estimate
        How much conversion it alone would add: a share of decided journeys, negative where it takes away.
    time_gain : Estimate
        How many seconds less a journey would take on average, negative where it would take longer.
    """

    fix: Fix
    words: str
    is_service: bool = False
    gain: Estimate
    time_gain: Estimate

    def __str__(self) -> str:
        """Say in one sentence what the fix brings by itself."""
        return f"{self.words}: {self.brings()}; {MODEL_IMPLIED}."

    def brings(self) -> str:
        """Say how many journeys more are won, and how much less time a journey takes.

        Returns
        -------
        str
            A phrase without full stop; what does not change is left out.
        """
        said = []
        if abs(self.gain.value or 0.0) >= _NOTHING:
            more = signed_number((self.gain.value or 0.0) * self.gain.n)
            said.append(f"{more} journeys won ({points_text(self.gain)})")
        if abs(self.time_gain.value or 0.0) >= _LEAST_SECONDS:
            said.append(
                f"a journey takes {_saved(self.time_gain)} on average{_saved_between(self.time_gain)}"
            )
        return ", and ".join(said) or "neither conversion nor time would change"


class AffectedTouchpoint(Frozen):
    """A touchpoint where something would be different.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph, and its name on figures.
    visits_before, visits_after : float
        Expected visits in a decided journey.
    exit_before, exit_after : float
        Exit probability.
    wait_before, wait_after : float
        Mean seconds until the next event.
    """

    touchpoint: str
    name: str
    visits_before: float
    visits_after: float
    exit_before: float
    exit_after: float
    wait_before: float
    wait_after: float


class WhatIf(Frozen):
    """What one or several fixes would bring: model-implied, if the association is causal.

    Parameters
    ----------
    journey : str
        The name of the journey.
    steps : tuple of WhatIfStep
        Every fix by itself, in the order in which they were given.
    before, after : Estimate
        Conversion, the share of decided journeys that are won: as counted, and with all fixes.
    gain : Estimate
        After minus before.
    gain_journeys : Estimate
        The same in journeys of the observed period.
    interaction : Estimate
        The gain of all fixes together minus the sum of their gains alone; 0 for a single fix.
    time_before, time_after : Estimate
        Expected seconds from the start of a journey to the goal or its last event.
    time_gain : Estimate
        Before minus after: seconds saved, negative where journeys would take longer, for example because
        fewer end early.
    time_interaction : Estimate
        As `interaction`, for the time.
    touchpoints : tuple of AffectedTouchpoint
        Where visits, exits or waits change, in the order of the journey.
    journeys, customers : int
        Decided journeys, and all customers behind them.
    filters : tuple of str
        The filters of the log behind it, in words.
    period : (datetime, datetime), optional
        The first and the last event behind it.
    """

    journey: str
    steps: tuple[WhatIfStep, ...]
    before: Estimate
    after: Estimate
    gain: Estimate
    gain_journeys: Estimate
    interaction: Estimate
    time_before: Estimate
    time_after: Estimate
    time_gain: Estimate
    time_interaction: Estimate
    touchpoints: tuple[AffectedTouchpoint, ...] = ()
    journeys: int = 0
    customers: int = 0
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The fixes, in the order in which they were given."""
        return tuple(step.fix for step in self.steps)

    @property
    def words(self) -> str:
        """What the fixes do, in one phrase."""
        return "; ".join(step.words for step in self.steps)

    def __str__(self) -> str:
        """Say in two or three sentences what the fixes would bring."""
        return f"{self.words}: {' '.join(self.story())} All this is {MODEL_IMPLIED}."

    def story(self) -> tuple[str, ...]:
        """Say what would change, without naming the fixes.

        Returns
        -------
        tuple of str
            Sentences; the first, about conversion, begins with a small letter.
        """
        together = [self._interaction_sentence()] if len(self.steps) > 1 else []
        return (self._conversion_sentence(), *together, *self._time_sentence())

    def _conversion_sentence(self) -> str:
        gain, more = self.gain.value or 0.0, self.gain_journeys.value or 0.0
        now = f"{100 * (self.before.value or 0):.1f} %"
        if abs(gain) < _NOTHING:
            return f"conversion would stay at {now}{self._idle()}."
        verb, kind = ("rise", "more") if gain > 0 else ("fall", "fewer")
        then = f"{100 * (self.after.value or 0):.1f} %"
        return (
            f"conversion would {verb} from {now} to {then} ({points_text(self.gain)}): of "
            f"{self.journeys:,} decided journeys about {number(abs(more))} {kind} would be won"
            f"{CHANCE if may_be_chance(self.gain) else ''}."
        )

    def _idle(self) -> str:
        """Say why nothing changes, where exits are to fall that are not there."""
        reasons = {self._no_exits(step.fix) for step in self.steps}
        if len(reasons) != 1 or "" in reasons:
            return ""
        places = {step.fix.touchpoint for step in self.steps if isinstance(step.fix, LowerExit)}
        where = "there" if len(places) == 1 else "at any of them"
        return f", as {reasons.pop()} {where}"

    def _no_exits(self, fix: Fix) -> str:
        if not isinstance(fix, LowerExit):
            return ""
        # touchpoints where nothing changes at all are not listed; a floating one is listed by its stages
        here = [one for one in self.touchpoints if fix.touchpoint in _ids(one.touchpoint)]
        if any(abs(one.exit_before - one.exit_after) > _NOTHING for one in here):
            return ""
        nobody = not any(one.exit_before for one in here)
        if fix.by is not None:
            return "nobody leaves" if fix.by and nobody else ""
        return "no more leave than that"

    def _interaction_sentence(self) -> str:
        apart = (self.interaction.value or 0.0) * self.journeys
        if abs(apart) < 1:
            return "Together they bring about as much as the sum of each alone."
        kind = "more" if apart > 0 else "fewer"
        return f"Together they win {number(abs(apart))} {kind} journeys than the sum of each alone."

    def _time_sentence(self) -> list[str]:
        saved = self.time_gain.value or 0.0
        if abs(saved) < _LEAST_SECONDS:
            return []
        kind = "less" if saved > 0 else "longer"
        return [f"On average a journey would take {spoken_time(abs(saved))} {kind}."]

    def _repr_html_(self) -> str:
        """Show every fix, their interaction and all together as a table in a notebook."""
        columns = ("", "gain in conversion (points)", "journeys", "time saved for each journey")
        rows = [
            (words, points_text(gain), signed_number((gain.value or 0) * self.journeys), _saved(time))
            for _, words, gain, time in self._rows()
        ]
        return html_table(f"{self.journey}: what if?", columns, rows, notes=[str(self)])

    def to_frame(self) -> Any:
        """Put one row per fix, one for their interaction and one for all together into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            `row` is ``fix``, ``interaction`` or ``together``; `gain` is a share of decided journeys.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [
            (
                row, words, gain.value, gain.low, gain.high, *self._in_journeys(gain), time.value, time.low,
                time.high,
            )
            for row, words, gain, time in self._rows()
        ]  # fmt: skip
        return data_frame(_COLUMNS, rows)

    def _rows(self) -> Iterable[tuple[str, str, Estimate, Estimate]]:
        yield from (("fix", step.words, step.gain, step.time_gain) for step in self.steps)
        if len(self.steps) > 1:
            yield "interaction", "beside each other", self.interaction, self.time_interaction
        yield "together", "all together", self.gain, self.time_gain

    def _in_journeys(self, gain: Estimate) -> Iterable[float | None]:
        return (None if end is None else end * self.journeys for end in (gain.value, gain.low, gain.high))


def may_be_chance(gain: Estimate) -> bool:
    """Does the interval of a gain hold no change, too?

    Parameters
    ----------
    gain : Estimate
        A difference.

    Returns
    -------
    bool
        False without an interval.

    Examples
    --------
    >>> may_be_chance(Estimate(value=0.013, low=-0.002, high=0.028))
    True
    """
    return gain.low is not None and gain.high is not None and gain.low <= 0 <= gain.high


def points_text(gain: Estimate) -> str:
    """How many points of conversion more or less, with the interval?

    Parameters
    ----------
    gain : Estimate
        A difference of shares.

    Returns
    -------
    str
        One decimal, two where the whole estimate is small.

    Examples
    --------
    >>> points_text(Estimate(value=0.013, low=-0.002, high=0.028))
    '+1.3 points, −0.2 to +2.8'
    """
    if gain.value is None:
        return "not known"
    known = [part for part in (gain.value, gain.low, gain.high) if part is not None]
    digits = 2 if max(map(abs, known)) < _SMALL else 1
    value, *ends = (_signed(100 * part, digits) for part in known)
    text = f"{value} point{'' if value in {'+1.0', '−1.0'} else 's'}"
    return f"{text}, {ends[0]} to {ends[1]}" if len(ends) > 1 else text


def _signed(amount: float, digits: int) -> str:
    text = f"{abs(amount):.{digits}f}"
    if not float(text):
        return text
    return f"{'+' if amount > 0 else chr(0x2212)}{text}"


def signed_number(amount: float) -> str:
    """How many more or fewer?

    Parameters
    ----------
    amount : float
        A count, not whole where it is expected rather than counted.

    Returns
    -------
    str
        With its sign.

    Examples
    --------
    >>> signed_number(260.4), signed_number(-2.34), signed_number(0.01)
    ('+260', '−2.3', '0')
    """
    text = number(abs(amount))
    if text in {"0", "0.0"}:
        return "0"
    return f"{'+' if amount > 0 else chr(0x2212)}{text}"


def _ids(touchpoint: str) -> set[str]:
    """By which ids may a fix name it: its own, and that of the floating one which it is part of."""
    return {touchpoint, touchpoint.partition("@")[0]}


def _saved(time: Estimate) -> str:
    value = time.value or 0.0
    if abs(value) < _LEAST_SECONDS:
        return "0"
    return f"{spoken_time(abs(value))} {'less' if value > 0 else 'longer'}"


def _saved_between(time: Estimate) -> str:
    """Write the ends of a time that is saved, in the words of the sentence."""
    if time.low is None or time.high is None:
        return ""
    ends = (time.low, time.high) if (time.value or 0.0) > 0 else (time.high, time.low)
    first, last = (spoken_time(abs(end)) for end in ends)
    if time.low * time.high >= 0:
        return f" ({first} to {last})"
    words = ["longer" if end < 0 else "less" for end in ends]
    return f" ({first} {words[0]} to {last} {words[1]})"
