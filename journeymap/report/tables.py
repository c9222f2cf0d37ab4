"""Results as rows of text, the first row the head: for the terminal and for the page."""

from __future__ import annotations

import re
from collections.abc import Callable

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.analysis.friction_words import words_of
from journeymap.analysis.wording import number, percent, plural
from journeymap.model.measures import Estimate
from journeymap.model.scorecard import FAMILIES, Family, Scorecard

__all__ = [
    "Rows",
    "friction_table",
    "lift_and_interval",
    "needs_table",
    "numeric_columns",
    "scorecard_table",
    "share_interval",
    "share_text",
    "value_and_interval",
]

Rows = list[tuple[str, ...]]

_WORTH_SAYING = 0.05  # journeys; less than that would be written as 0.0
_NUMBER = re.compile(r"[+−]?[\d.,]+( %| \w+)?( to |$)|under |over |at least |at most |not known")


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


def share_text(estimate: Estimate) -> str:
    """How is a share written in a cell?

    Parameters
    ----------
    estimate : Estimate
        0 to 1.

    Returns
    -------
    str
        In percent; a small sample is said.

    Examples
    --------
    >>> share_text(Estimate(value=0.25, n=8, customers=7)), share_text(Estimate(value=None))
    ('25 % (only 7 customers)', 'not known')
    """
    if estimate.value is None:
        return "not known"
    small = f" (only {plural(estimate.customers, 'customer')})" if estimate.small_sample else ""
    return percent(estimate.value) + small


def share_interval(estimate: Estimate) -> str:
    """How is the interval of a share written in a cell?

    Parameters
    ----------
    estimate : Estimate
        0 to 1.

    Returns
    -------
    str
        ``12 % to 18 %``; empty without an interval.
    """
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{percent(estimate.low)} to {percent(estimate.high)}"


def value_and_interval(estimate: Estimate, write: Callable[[float], str], unit: str = "") -> tuple[str, str]:
    """How are a number and its interval written in two cells?

    Parameters
    ----------
    estimate : Estimate
        The number.
    write : callable
        Writes one number.
    unit : str
        What stands behind it, in the plural.

    Returns
    -------
    (str, str)
        A small sample is said; the second is empty without an interval.

    Examples
    --------
    >>> value_and_interval(Estimate(value=1.0, low=0.5, high=1.5, customers=40), lambda x: f"{x:g}")
    ('1', '0.5 to 1.5')
    """
    if estimate.value is None:
        return "not known", ""
    small = f" (only {plural(estimate.customers, 'customer')})" if estimate.small_sample else ""
    known = estimate.low is not None and estimate.high is not None
    ends = f"{write(estimate.low or 0.0)} to {write(estimate.high or 0.0)}{unit}" if known else ""
    value = write(estimate.value)
    return f"{value}{unit.removesuffix('s') if value[1:] == '1' else unit}{small}", ends


def lift_and_interval(lift: Estimate) -> tuple[str, str]:
    """How is "so many times as often" written in two cells?

    Parameters
    ----------
    lift : Estimate
        The ratio.

    Returns
    -------
    (str, str)
        Both empty where it is not known.
    """
    return value_and_interval(lift, lambda value: f"{value:.1f}") if lift.value is not None else ("", "")
