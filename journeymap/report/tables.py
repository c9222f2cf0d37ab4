"""Results as rows of text, the first row the head: for the terminal and for the page."""

from __future__ import annotations

import re

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.analysis.friction_words import words_of
from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.wording import number, percent, plural
from journeymap.model.measures import Estimate
from journeymap.model.scorecard import FAMILIES, Family, Scorecard

__all__ = [
    "Rows",
    "after_table",
    "friction_table",
    "needs_table",
    "numeric_columns",
    "scorecard_table",
    "service_table",
    "trigger_table",
]

Rows = list[tuple[str, ...]]

_WORTH_SAYING = 0.05  # journeys; less than that would be written as 0.0
_NUMBER = re.compile(r"[+−]?[\d.,]+( %| \w+)?( to |$)|under |over |at least |at most |not known")
_ENDS = {
    "lost": "nothing: the journey ends, lost",
    "open": "nothing yet: the journey is open",
    "goal": "nothing: the journey ends, won",
}


def friction_table(report: FrictionReport, *, everything: bool = False) -> Rows:
    """List the signals of friction.

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.
    everything : bool
        Also the signals that are not clearly worse than elsewhere.

    Returns
    -------
    list of tuple of str
        The head, then one row a signal in the order of the report; the expected gain stands with the
        first signal of its touchpoint.
    """
    rows: Rows = [
        ("Touchpoint", "Stage", "What", "Here", "95 % interval", "Elsewhere", "Customers affected",
         "Expected gain (journeys)", "95 % interval")
    ]  # fmt: skip
    for point in report.points:
        signals = [signal for signal in point.signals if everything or signal.significant]
        for place, signal in enumerate(signals):
            rows.append(_friction_row(point, signal, gain=place == 0))
    return rows


def _friction_row(point: FrictionPoint, signal: Signal, *, gain: bool) -> tuple[str, ...]:
    estimate = signal.estimate
    known = estimate.low is not None and estimate.high is not None
    won = point.gain_journeys or 0.0
    return (
        point.name,
        point.stage_name,
        words_of(signal.kind).briefly,
        signal.say(estimate.value),
        f"{signal.say(estimate.low)} to {signal.say(estimate.high)}" if known else "",
        signal.say(signal.baseline) if signal.baseline is not None else "",
        f"{signal.affected:,}",
        number(won) if gain and won >= _WORTH_SAYING else "",
        _gain_interval(point) if gain and won >= _WORTH_SAYING else "",
    )


def _gain_interval(point: FrictionPoint) -> str:
    gain = point.gain
    if gain is None or not gain.value or gain.low is None or gain.high is None:
        return ""
    journeys = (point.gain_journeys or 0.0) / gain.value
    return f"{number(gain.low * journeys)} to {number(gain.high * journeys)}"


def service_table(view: ServiceView) -> Rows:
    """List how much of every stage is service.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.

    Returns
    -------
    list of tuple of str
        The head, then one row a stage; only the head for a designed journey, where nothing was counted.
    """
    rows: Rows = [
        ("Stage", "Events", "Service events", "Journeys here", "With a service contact", "95 % interval")
    ]
    if not view.observed:
        return rows
    for stage in view.stages:
        rows.append(
            (
                stage.name,
                f"{stage.events:,}",
                f"{stage.service_events:,}",
                f"{stage.journeys:,}",
                _share(stage.share),
                _interval(stage.share),
            )
        )
    return rows


def trigger_table(view: ServiceView, *, most: int = 10) -> Rows:
    """List the touchpoints after which customers turn to service.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    most : int
        How many at most.

    Returns
    -------
    list of tuple of str
        The head, then one row a touchpoint, the largest lift first.
    """
    rows: Rows = [
        ("Before a service contact", "Stage", "Visits", "Service next", "Share", "Times as often",
         "95 % interval", "")
    ]  # fmt: skip
    names = {stage.stage: stage.name for stage in view.stages}
    for trigger in [trigger for trigger in view.triggers if trigger.followed][:most]:
        lift = trigger.lift
        known = lift.low is not None and lift.high is not None
        rows.append(
            (
                trigger.name,
                names.get(trigger.stage or "", ""),
                f"{trigger.visits:,}",
                f"{trigger.followed:,}",
                _share(trigger.share),
                "" if lift.value is None else f"{lift.value:.1f}",
                f"{lift.low:.1f} to {lift.high:.1f}" if known else "",
                "clearly more often" if trigger.significant else "",
            )
        )
    return rows


def after_table(view: ServiceView, *, most: int = 10, goal: bool = True) -> Rows:
    """List where customers go after a service contact.

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    most : int
        How many at most.
    goal : bool
        Whether the journey has one; without a goal none is lost.

    Returns
    -------
    list of tuple of str
        The head, then one row a destination, the most frequent first.
    """
    rows: Rows = [("After a service contact", "Stage", "Times", "Share", "95 % interval")]
    ends = _ENDS if goal else _ENDS | {"lost": "nothing: the journey ends"}
    for after in view.after[:most]:
        name = ends.get(after.target, after.name) if after.ends else after.name
        rows.append((name, after.stage_name, f"{after.count:,}", _share(after.share), _interval(after.share)))
    return rows


def scorecard_table(card: Scorecard, family: Family, *, everything: bool = False) -> Rows:
    """List the numbers of one family of a scorecard, each with its definition.

    Parameters
    ----------
    card : Scorecard
        What `scorecard` measured.
    family : {"service", "experience"}
        Which family.
    everything : bool
        Also the numbers that are not known, with what they need.

    Returns
    -------
    list of tuple of str
        The head, then one row a number.
    """
    name, _ = FAMILIES[family]
    rows: Rows = [(name, "Value", f"{card.level * 100:g} % interval", "n", "Better", "What it is")]
    for row in card.measured(family):
        small = f" (only {plural(row.estimate.customers, 'customer')})" if row.estimate.small_sample else ""
        words = _capital(row.estimate.definition)
        rows.append((row.name, row.written, row.between, f"{row.estimate.n:,}{small}", row.better, words))
    if everything:
        rows += [
            (row.name, "not known", "", "", row.better, _capital(row.missing))
            for row in card.unmeasured(family)
        ]
    return rows


def needs_table(card: Scorecard, family: Family) -> Rows:
    """List the numbers of one family of a scorecard that are not known, by what they need.

    Parameters
    ----------
    card : Scorecard
        What `scorecard` measured.
    family : {"service", "experience"}
        Which family.

    Returns
    -------
    list of tuple of str
        The head, then one row for each thing that is needed.
    """
    rows: Rows = [(f"{FAMILIES[family][0]}: not measured", "What it needs")]
    for reason, unknown in card.reasons(family).items():
        rows.append(("; ".join(row.name for row in unknown), _capital(reason)))
    return rows


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def numeric_columns(rows: Rows) -> tuple[bool, ...]:
    """Tell which columns hold nothing but numbers, so that they are set flush right.

    Parameters
    ----------
    rows : list of tuple of str
        The head, then the rows.

    Returns
    -------
    tuple of bool
        One a column.

    Examples
    --------
    >>> numeric_columns([("Stage", "Events"), ("Purchase", "1,200")])
    (False, True)
    """
    columns = zip(*rows[1:], strict=True)
    return tuple(
        all(not cell or _NUMBER.match(cell) for cell in column) and any(column) for column in columns
    )


def _share(estimate: Estimate) -> str:
    if estimate.value is None:
        return "not known"
    small = f" (only {plural(estimate.customers, 'customer')})" if estimate.small_sample else ""
    return percent(estimate.value) + small


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{percent(estimate.low)} to {percent(estimate.high)}"
