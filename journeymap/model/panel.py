"""How did customers behave, period by period: without asking them?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import model_validator

from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.periods import Timeline
from journeymap.model.tables import data_frame, html_table

__all__ = ["BehaviourIndex", "BehaviourPanel", "PanelMeasure", "PanelTrend"]

_COLUMNS = (
    "measure", "period", "start", "value", "low", "high", "n", "customers", "level", "method", "definition",
)  # fmt: skip
_SHOWN = 12


class PanelTrend(Frozen):
    """Whether a measure rises or falls.

    Parameters
    ----------
    slope : Estimate
        Change per period, by Theil and Sen; without value where there are too few periods.
    intercept : float, optional
        Where the line of this slope begins, at the first period.
    p : float, optional
        Two-sided p-value of no trend, by Mann and Kendall; None with fewer than four values.
    direction : {"rising", "falling", "no trend shown"}
        Named only where the test and the interval of the slope agree.
    note : str
        Why no trend is given, where none is.
    """

    slope: Estimate
    intercept: float | None = None
    p: float | None = None
    direction: Literal["rising", "falling", "no trend shown"] = "no trend shown"
    note: str = ""


class PanelMeasure(Frozen):
    """One measure in every period.

    Parameters
    ----------
    id, name : str
        Such as ``retention``, and how figures call it.
    unit : {"share", "count", "ratio", "score"}
        How its values are written.
    better : {"higher", "lower", "neither"}
        Which direction is good.
    family : {"behaviour", "service", "survey"}
        What it was measured from.
    values : tuple of Estimate
        One a period of the panel, in order; without value where nothing is known.
    trend : PanelTrend
        Of the values.
    """

    id: str
    name: str
    unit: Literal["share", "count", "ratio", "score"]
    better: Literal["higher", "lower", "neither"] = "neither"
    family: Literal["behaviour", "service", "survey"] = "behaviour"
    values: tuple[Estimate, ...]
    trend: PanelTrend

    @property
    def definition(self) -> str:
        """What was counted, in words."""
        return next((value.definition for value in self.values if value.definition), "")

    @property
    def known(self) -> tuple[Estimate, ...]:
        """The periods with a value."""
        return tuple(value for value in self.values if value.value is not None)

    def written(self, value: float) -> str:
        """Write a value as a person would."""
        if self.unit == "share":
            return f"{value:.0%}"[:-1] + " %"
        if self.unit == "count":
            return f"{value:,.0f}"
        if self.unit == "ratio":
            return f"{value:.2f}"
        # a net promoter score is shown as −100 to 100
        points = round(value * 100)
        return f"{points:+d}".replace("-", "−") if points else "0"


class BehaviourPanel(Frozen):
    """How customers behaved in each period, and what rises or falls.

    Parameters
    ----------
    timeline : Timeline
        The periods.
    customers : int
        Customers of all periods together.
    measures : tuple of PanelMeasure
        As far as the log can tell them.
    notes : tuple of str
        What was left out, and why.
    filters : tuple of str
        The filters of the log, in words.
    """

    timeline: Timeline
    customers: int = 0
    measures: tuple[PanelMeasure, ...] = ()
    notes: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_value_a_period(self) -> BehaviourPanel:
        for measure in self.measures:
            if len(measure.values) != len(self.timeline.periods):
                raise ValueError(f"{measure.id}: {len(self.timeline.periods)} periods need as many values")
        return self

    def measure(self, name: str) -> PanelMeasure | None:
        """Find a measure by its id, None where it is not there."""
        return next((measure for measure in self.measures if measure.id == name), None)

    def __str__(self) -> str:
        """Say of each measure where it stands and whether it rises or falls."""
        periods = self.timeline.periods
        lines = [f"{self.customers:,} customers in {len(periods)} periods ({self.timeline.unit})"]
        if periods:
            lines[0] += f", {periods[0].name} to {periods[-1].name}"
        lines += [f"  {text}" for text in map(self._in_words, self.measures)]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def _in_words(self, measure: PanelMeasure) -> str:
        known = measure.known
        if not known:
            return f"{measure.name}: not known"
        first, last = (measure.written(value.value or 0.0) for value in (known[0], known[-1]))
        text = f"{measure.name}: {first}" if len(known) == 1 else f"{measure.name}: {first} to {last}"
        trend = measure.trend
        p = "" if trend.p is None else f" (p = {trend.p:.2g})"
        return f"{text}, {trend.note}" if trend.note else f"{text}, {trend.direction}{p}"

    def _repr_html_(self) -> str:
        periods = self.timeline.periods[-_SHOWN:]
        rows = []
        for measure in self.measures:
            cells = [
                None if value.value is None else measure.written(value.value)
                for value in measure.values[-_SHOWN:]
            ]
            p = "" if measure.trend.p is None else f", p = {measure.trend.p:.2g}"
            rows.append([measure.name, *cells, measure.trend.note or f"{measure.trend.direction}{p}"])
        notes = [f"{measure.name}: {measure.definition}" for measure in self.measures if measure.definition]
        if len(periods) < len(self.timeline.periods):
            notes.insert(0, f"The last {_SHOWN} of {len(self.timeline.periods)} periods.")
        names = [period.name for period in periods]
        return html_table(
            str(self).split("\n", 1)[0], ("measure", *names, "trend"), rows, notes=[*notes, *self.notes]
        )

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield every measure in every period, as the rows of `to_frame`."""
        for measure in self.measures:
            for period, value in zip(self.timeline.periods, measure.values, strict=True):
                yield (
                    measure.id, period.name, period.start, value.value, value.low, value.high, value.n,
                    value.customers, value.level, value.method, value.definition,
                )  # fmt: skip

    def to_frame(self) -> Any:
        """Put the panel into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            One row a measure and period, with value, interval, n, customers, method and definition.
        """
        return data_frame(_COLUMNS, self.rows())


class BehaviourIndex(Frozen):
    """A weighted sum of standardised measures, with the parts it is made of.

    Parameters
    ----------
    weights : dict of str to float
        The weight of each measure, as it was given.
    periods : tuple of str
        Their names.
    parts : dict of str to tuple
        For each measure its weighted z-value in every period; None where the measure is not known.
    values : tuple of Estimate
        The sum in every period; without value where a part is not known, and always without interval.
    """

    weights: dict[str, float]
    periods: tuple[str, ...]
    parts: dict[str, tuple[float | None, ...]]
    values: tuple[Estimate, ...]

    def __str__(self) -> str:
        """Say how it is made, and where it stands."""
        made = " ".join(f"{weight:+g} × {name}" for name, weight in self.weights.items())
        lines = [f"index, own definition: {made.removeprefix('+')} (each as deviation from its mean, in SDs)"]
        lines += [
            f"  {period}: {value.value:+.2f} = "
            + " ".join(f"{name} {part[at]:+.2f}" for name, part in self.parts.items())
            for at, (period, value) in enumerate(zip(self.periods, self.values, strict=True))
            if value.value is not None
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        first, *_ = str(self).split("\n", 1)
        return html_table(
            first,
            ("period", "index", *self.parts),
            (
                [period, value.value and f"{value.value:+.2f}",
                 *(part[at] if part[at] is None else f"{part[at]:+.2f}" for part in self.parts.values())]
                for at, (period, value) in enumerate(zip(self.periods, self.values, strict=True))
            ),
        )  # fmt: skip

    def to_frame(self) -> Any:
        """Put index and parts into a pandas DataFrame, one row a period."""
        return data_frame(
            ("period", "index", *self.parts),
            (
                (period, value.value, *(part[at] for part in self.parts.values()))
                for at, (period, value) in enumerate(zip(self.periods, self.values, strict=True))
            ),
        )
