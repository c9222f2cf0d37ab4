"""What does the picture of the behavioural panel say, in sentences?"""

from __future__ import annotations

from collections.abc import Iterator

from journeymap.analysis.wording import joined, plural
from journeymap.model.measures import Estimate
from journeymap.model.panel import BehaviourPanel, PanelMeasure

__all__ = [
    "NOTHING_YET",
    "change_words",
    "p_words",
    "panel_facts",
    "panel_finding",
    "panel_words",
    "trend_words",
]

NOTHING_YET = "No period was observed from its start to its end, so there is nothing to compare."
_SMALLEST_P = 0.001


def panel_facts(panel: BehaviourPanel) -> list[str]:
    """What stands under the title?

    Parameters
    ----------
    panel : BehaviourPanel
        What is drawn.

    Returns
    -------
    list of str
        How it is known, from how many, by which period, when.
    """
    periods = panel.timeline.periods
    facts = [f"n = {panel.customers:,} customers", f"by {panel.timeline.unit}"]
    if periods:
        first, last = periods[0].name, periods[-1].name
        facts.append(first if first == last else f"{first}\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}{last}")
    return facts


def panel_finding(panel: BehaviourPanel) -> str:
    """What rises, what falls?

    Parameters
    ----------
    panel : BehaviourPanel
        What is drawn.

    Returns
    -------
    str
        The measures with a trend; a sentence that there is none otherwise.
    """
    if not panel.timeline.periods or not panel.measures:
        return NOTHING_YET
    parts = []
    for direction in ("rising", "falling"):
        names = [m.name[0].lower() + m.name[1:] for m in panel.measures if m.trend.direction == direction]
        if names:
            parts.append(f"{direction.capitalize()}: {joined(names)}.")
    if parts:
        return " ".join(parts)
    if all(measure.trend.note for measure in panel.measures):
        return "There are too few periods to tell what rises or falls."
    return "No measure shows a trend."


def trend_words(measure: PanelMeasure) -> str:
    """Does the measure rise or fall?

    Parameters
    ----------
    measure : PanelMeasure
        One strip of the panel.

    Returns
    -------
    str
        ``rising (p = 0.003)``, or why nothing is said.
    """
    trend = measure.trend
    if trend.note:
        return "no trend given" if "look_back" in trend.note else trend.note
    if trend.direction == "no trend shown" and trend.p is not None and trend.p <= 1 - trend.slope.level:
        # the test sees an order, the slope may still be nothing: a p-value alone would be misread
        return "no trend shown (the slope may be 0)"
    return f"{trend.direction}{p_words(trend.p)}"


def p_words(p: float | None) -> str:
    """Write a p-value in brackets; empty without one."""
    if p is None:
        return ""
    return f" (p < {_SMALLEST_P:g})" if p < _SMALLEST_P else f" (p = {p:.2g})"


def change_words(measure: PanelMeasure, unit: str) -> str:
    """How fast does the measure rise or fall?

    Parameters
    ----------
    measure : PanelMeasure
        One strip of the panel.
    unit : str
        The length of a period.

    Returns
    -------
    str
        ``+1.2 points a month``; empty where no trend is shown.
    """
    slope = measure.trend.slope.value
    if slope is None or measure.trend.direction == "no trend shown":
        return ""
    each = f"a {unit}" if unit.isalpha() else f"in {unit}"
    amount = f"{slope * 100:+.1f} points" if measure.unit in {"share", "score"} else f"{slope:+.2g}"
    return f"{amount} {each}".replace("-", "−")


def panel_words(panel: BehaviourPanel) -> str:
    """What does the picture show, in sentences?

    Parameters
    ----------
    panel : BehaviourPanel
        What is drawn.

    Returns
    -------
    str
        The finding, then one line a measure with its first and last value, and what was left out.
    """
    return "\n".join(_lines(panel))


def _lines(panel: BehaviourPanel) -> Iterator[str]:
    yield (
        f"The behaviour of {plural(panel.customers, 'customer')} in "
        f"{plural(len(panel.timeline.periods), 'period')} by {panel.timeline.unit}."
    )
    yield panel_finding(panel)
    for measure in panel.measures:
        told = [
            (period.name, value)
            for period, value in zip(panel.timeline.periods, measure.values, strict=True)
            if value.value is not None
        ]
        if not told:
            yield f"{measure.name}: not known in any period."
            continue
        text = f"{measure.name}: {_value(measure, told[0][1])} in {told[0][0]}"
        if len(told) > 1:
            text += f", {_value(measure, told[-1][1])} in {told[-1][0]}"
        change = change_words(measure, panel.timeline.unit)
        yield f"{text}; {trend_words(measure)}{f', {change}' if change else ''}."
    yield from panel.notes


def _value(measure: PanelMeasure, found: Estimate) -> str:
    text = measure.written(found.value or 0.0)
    if found.low is None or found.high is None:
        return text
    return f"{text} ({measure.written(found.low)} to {measure.written(found.high)})"
