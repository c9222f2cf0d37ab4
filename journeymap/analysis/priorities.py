"""Which fix first: what does each one gain for its cost?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from numbers import Real
from typing import Any

from journeymap.analysis.what_if_result import MODEL_IMPLIED, WhatIf, points_text, signed_number
from journeymap.analysis.wording import joined, spoken_time
from journeymap.errors import JourneyMapError, UnknownNameError, WrongKindError, nearest
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["Priorities", "Priority", "prioritise"]

_COLUMNS = (
    "name", "fix", "cost", "gain", "gain_low", "gain_high", "gain_journeys", "gain_journeys_low",
    "gain_journeys_high", "gain_journeys_per_cost", "on_pareto_line", "time_gain_seconds",
    "time_gain_low_seconds", "time_gain_high_seconds", "time_gain_seconds_per_cost",
)  # fmt: skip
_LEAST_SECONDS = 0.5
_LEAST_GAIN = 5e-7
_MOST_NAMED = 3
_SPANS = {"hours", "days", "weeks", "months", "years"}


class Priority(Frozen):
    """One fix, or several that are done together, with gain and cost.

    Parameters
    ----------
    name : str
        What it is called here.
    words : str
        What it does.
    is_service : bool
        Whether any part of it is made at a service interaction.
    cost : float
        In the unit of the priorities.
    gain : Estimate
        More conversion, a share of decided journeys.
    gain_journeys : Estimate
        The same in journeys of the observed period.
    time_gain : Estimate
        Seconds that a journey would take less on average.
    on_line : bool
        Whether no other one gains as much for less, or more for as little, in conversion.
    """

    name: str
    words: str
    is_service: bool = False
    cost: float
    gain: Estimate
    gain_journeys: Estimate
    time_gain: Estimate
    on_line: bool = False

    @property
    def gain_per_cost(self) -> float | None:
        """More journeys won for each unit of cost; None where it costs nothing."""
        return (self.gain_journeys.value or 0.0) / self.cost if self.cost else None

    @property
    def time_per_cost(self) -> float | None:
        """Seconds that a journey takes less for each unit of cost; None where it costs nothing."""
        return (self.time_gain.value or 0.0) / self.cost if self.cost else None

    @property
    def surely_loses(self) -> bool:
        """Whether conversion would fall, by the whole interval where there is one."""
        gain = self.gain
        least = gain.value if gain.high is None else gain.high
        return gain.value is not None and least is not None and least < -_LEAST_GAIN


class Priorities(Frozen):
    """Fixes by what they gain for their cost.

    Parameters
    ----------
    journey : str
        The name of the journey.
    items : tuple of Priority
        Those that gain conversion first, by gain per cost; what costs nothing before all others.
    unit : str
        What costs are counted in, for example ``days`` or ``€``; empty when not said.
    journeys, customers : int
        Decided journeys, and the customers behind them.
    before : Estimate
        Conversion as counted.
    filters : tuple of str
        The filters of the log behind it, in words.
    period : (datetime, datetime), optional
        The first and the last event behind it.
    """

    journey: str
    items: tuple[Priority, ...]
    unit: str = ""
    journeys: int = 0
    customers: int = 0
    before: Estimate
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None

    @property
    def line(self) -> tuple[Priority, ...]:
        """The Pareto line, from the cheapest: those for which no other gains more for less."""
        return tuple(sorted((item for item in self.items if item.on_line), key=lambda item: item.cost))

    @property
    def by_time(self) -> tuple[Priority, ...]:
        """Those that make journeys shorter, by time saved per cost; what costs nothing first.

        Without those that surely lower conversion: journeys that are lost earlier are shorter, too.
        """
        saving = [item for item in self.items if _saves(item) and not item.surely_loses]
        return tuple(sorted(saving, key=lambda item: _rank(item.time_gain.value, item.cost)))

    @property
    def losing(self) -> tuple[Priority, ...]:
        """Those that surely lower conversion, the worst last."""
        found = [item for item in self.items if item.surely_loses]
        return tuple(sorted(found, key=lambda item: -(item.gain.value or 0.0)))

    def cost_text(self, cost: float) -> str:
        """Write a cost with its unit.

        Parameters
        ----------
        cost : float
            In the unit of the priorities.

        Returns
        -------
        str
            ``12 days``, ``€12,000``; ``a cost of 12`` without unit.
        """
        amount = f"{cost:,.2f}".rstrip("0").rstrip(".")
        if not self.unit:
            return f"a cost of {amount}"
        sign = len(self.unit) == 1 and not self.unit.isalpha()
        unit = self.unit.removesuffix("s") if amount == "1" and self.unit in _SPANS else self.unit
        return f"{unit}{amount}" if sign else f"{amount} {unit}"

    def at_cost(self, cost: float) -> str:
        """Say for what cost something is had.

        Parameters
        ----------
        cost : float
            In the unit of the priorities.

        Returns
        -------
        str
            ``for 12 days``, ``at a cost of 12`` without unit, ``at no cost``.
        """
        if not cost:
            return "at no cost"
        return f"{'for' if self.unit else 'at'} {self.cost_text(cost)}"

    def __str__(self) -> str:
        """Write the ranking in a few lines that can be read aloud."""
        head = f"{self.journey}: {len(self.items)} {'fix' if len(self.items) == 1 else 'fixes'}"
        lines = [f"{head} by gain per cost, {MODEL_IMPLIED}."]
        lines += [f"{place}. {self._said(item)}" for place, item in enumerate(self.items, 1)]
        return "\n".join([*lines, *self.notes()])

    def _said(self, item: Priority) -> str:
        rate = item.gain_per_cost
        gain = f"{signed_number(item.gain_journeys.value or 0.0)} journeys {self.at_cost(item.cost)}"
        each = ""
        if rate is not None and (item.gain.value or 0.0) > _LEAST_GAIN:
            each = f", gain per cost {float(f'{rate:.3g}'):,g}"
        return f"{item.name}: {gain}{each} ({points_text(item.gain)})."

    def notes(self) -> tuple[str, ...]:
        """Say which lie on the Pareto line, which save time, and that gains do not add up.

        Returns
        -------
        tuple of str
            Sentences.
        """
        said = []
        if self.line:
            names = "; ".join(item.name for item in self.line)
            said.append(f"No other fix gains more for less than: {names}.")
        else:
            said.append("None of them gains conversion.")
        if self.by_time:
            named = [f"{item.name} {self._saving(item)}" for item in self.by_time[:_MOST_NAMED]]
            rest = len(self.by_time) - _MOST_NAMED
            named += [f"{rest} more save less"] if rest > 0 else []
            said.append(f"Apart from that, by time per cost: {'; '.join(named)}.")
        said += self._lost_instead()
        if len(self.items) > 1:
            said.append("Gains do not simply add up: ask what_if for several fixes together.")
        return tuple(said)

    def _saving(self, item: Priority) -> str:
        """Say what time a fix saves; a cost in weeks beside a span must not read as one."""
        cost = "at no cost" if not item.cost else f"costs {self.cost_text(item.cost)}"
        cost = cost.replace("costs a cost of", "costs")
        return f"saves {spoken_time(item.time_gain.value or 0.0)} a journey, {cost}"

    def _lost_instead(self) -> list[str]:
        quick = [item.name for item in self.losing if _saves(item)]
        if not quick:
            return []
        named = [*quick[:_MOST_NAMED], *([f"{len(quick) - _MOST_NAMED} more"] * (len(quick) > _MOST_NAMED))]
        verb = "lowers" if len(quick) == 1 else "lower"
        why = "journeys would be shorter as more of them are lost early"
        return [f"Not ranked by time: {joined(named)} surely {verb} conversion; {why}."]

    def _repr_html_(self) -> str:
        """Show the ranking as a table in a notebook."""
        columns = (
            "", "fix", "cost", "gain (journeys)", "gain (points)", "journeys per cost",
            "no other gains more for less", "time saved for each journey",
        )  # fmt: skip
        rows = [
            (
                place, item.name, self.cost_text(item.cost) if item.cost else "none",
                signed_number(item.gain_journeys.value or 0.0),
                points_text(item.gain),
                None if item.gain_per_cost is None else f"{item.gain_per_cost:,.3g}",
                "yes" if item.on_line else "",
                spoken_time(item.time_gain.value or 0.0) if item in self.by_time else "",
            )
            for place, item in enumerate(self.items, 1)
        ]  # fmt: skip
        return html_table(f"{self.journey}: which fix first?", columns, rows, notes=self.notes())

    def to_frame(self) -> Any:
        """Put one row per fix into a pandas DataFrame, by gain per cost.

        Returns
        -------
        pandas.DataFrame
            `gain` is a share of decided journeys; what is counted per cost is empty where it costs nothing.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [
            (
                item.name, item.words, item.cost, *_ends(item.gain), *_ends(item.gain_journeys),
                item.gain_per_cost, item.on_line, *_ends(item.time_gain), item.time_per_cost,
            )
            for item in self.items
        ]  # fmt: skip
        return data_frame(_COLUMNS, rows)


def prioritise(
    fixes: Sequence[WhatIf] | Mapping[str, WhatIf],
    *,
    cost: Sequence[float] | Mapping[str, float],
    unit: str = "",
) -> Priorities:
    """Which fix first: what does each one gain for its cost?

    Parameters
    ----------
    fixes : sequence of WhatIf, or mapping of str to WhatIf
        What `what_if` answered for one journey; a mapping gives them names, else they are called after what
        they do.
    cost : sequence or mapping of float
        What each one costs, in the same order or by the same names; 0 or more, all in one unit.
    unit : str
        What costs are counted in, for figures: ``days``, ``€``.

    Returns
    -------
    Priorities
        By gain in conversion per cost; time saved is ranked apart, and nothing adds the two up.

    Raises
    ------
    WrongKindError
        Something else than answers of `what_if`, or than costs.
    UnknownNameError
        A cost bears the name of no fix.
    JourneyMapError
        Costs are missing or impossible, two fixes have one name, or the answers are about different
        journeys.

    Notes
    -----
    Model-implied, if the association is causal. Each gain is that of a fix by itself; two fixes together
    may bring more or less than the sum. An order of small gains whose intervals overlap is no verdict.
    What surely lowers conversion is not ranked by time: journeys that are lost early are short.
    """
    named = _named(fixes)
    costs = _costs(cost, list(named))
    first = next(iter(named.values()))
    points = [(costs[name], one.gain.value or 0.0) for name, one in named.items()]
    items = [
        Priority(
            name=name,
            words=one.words,
            is_service=any(step.is_service for step in one.steps),
            cost=costs[name],
            gain=one.gain,
            gain_journeys=one.gain_journeys,
            time_gain=one.time_gain,
            on_line=_on_line(point, points),
        )
        for (name, one), point in zip(named.items(), points, strict=True)
    ]
    return Priorities(
        journey=first.journey,
        items=tuple(sorted(items, key=lambda item: _rank(item.gain.value, item.cost))),
        unit=unit,
        journeys=first.journeys,
        customers=first.customers,
        before=first.before,
        filters=first.filters,
        period=first.period,
    )


def _named(fixes: Sequence[WhatIf] | Mapping[str, WhatIf]) -> dict[str, WhatIf]:
    given: Iterable[tuple[str, Any]]
    if isinstance(fixes, Mapping):
        given = list(fixes.items())
    elif isinstance(fixes, list | tuple):
        given = [(one.words if isinstance(one, WhatIf) else "", one) for one in fixes]
    else:
        raise _wrong(fixes)
    named: dict[str, WhatIf] = {}
    for name, one in given:
        if not isinstance(one, WhatIf):
            raise _wrong(one)
        if name in named:
            raise JourneyMapError.because(
                f"{name!r} is there twice.",
                expected="Expected every fix once.",
                hint="give a mapping of names to answers of what_if",
            )
        named[name] = one
    if not named:
        raise JourneyMapError.because(
            "there is no fix to put first.", expected="Expected at least one answer of what_if."
        )
    if len({(one.journey, one.journeys, one.before.value) for one in named.values()}) > 1:
        raise JourneyMapError.because(
            "the answers are about different journeys.",
            expected="Expected what_if of one and the same journey.",
        )
    return named


def _wrong(value: object) -> WrongKindError:
    return WrongKindError.because(
        f"cannot take a value of kind {type(value).__name__}.",
        expected="Expected answers of what_if, or a mapping of names to them.",
        hint="prioritise([what_if(journey, fix) for fix in fixes], cost=[3, 5])",
        where="prioritise",
    )


def _costs(cost: object, names: Sequence[str]) -> dict[str, float]:
    if isinstance(cost, str | bytes) or not isinstance(cost, Iterable):
        raise WrongKindError.because(
            f"{cost!r} is no list of costs.",
            expected="Expected one number of 0 or more for each fix, as a list or by name.",
            hint="prioritise([what_if(journey, fix) for fix in fixes], cost=[3, 5], unit='days')",
            where="cost",
        )
    if isinstance(cost, Mapping):
        for name in cost:
            if name not in names:
                close = nearest(str(name), names)
                raise UnknownNameError.because(
                    f"no fix {name!r}.",
                    expected=f"Expected one of: {', '.join(names)}.",
                    hint=f"did you mean {close!r}?" if close else None,
                    where="cost",
                )
        missing = [name for name in names if name not in cost]
        found = dict(cost)
    else:
        cost = list(cost)
        missing = [*names[len(cost) :]] if len(cost) < len(names) else []
        if len(cost) > len(names):
            raise JourneyMapError.because(
                f"{len(cost)} costs for {len(names)} fixes.", expected="Expected one for each.", where="cost"
            )
        found = dict(zip(names, cost, strict=False))
    if missing:
        raise JourneyMapError.because(
            f"no cost for {missing[0]!r}.", expected="Expected one for each fix.", where="cost"
        )
    for name, amount in found.items():
        known = isinstance(amount, Real) and not isinstance(amount, bool)
        if not known or not math.isfinite(amount) or amount < 0:
            raise JourneyMapError.because(
                f"{amount!r} is no cost of {name!r}.",
                expected="Expected a number of 0 or more.",
                where="cost",
            )
    return {name: float(found[name]) for name in names}


def _on_line(point: tuple[float, float], points: Sequence[tuple[float, float]]) -> bool:
    """Whether it gains anything, and no other one gains as much for less or more for as little."""
    cost, gain = point
    if gain <= _LEAST_GAIN:
        return False
    return not any(c <= cost and g >= gain and (c < cost or g > gain) for c, g in points)


def _saves(item: Priority) -> bool:
    return (item.time_gain.value or 0.0) >= _LEAST_SECONDS


def _rank(gain: float | None, cost: float) -> tuple[int, float, float]:
    """Order gains per cost; free ones first, those that gain nothing last."""
    value = gain or 0.0
    if value <= _LEAST_GAIN:
        return 2, -value, cost
    return (0, -value, 0.0) if cost == 0 else (1, -value / cost, cost)


def _ends(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.value, estimate.low, estimate.high
