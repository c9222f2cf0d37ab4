"""How are numbers and their intervals written on a map, where there is little room?"""

from __future__ import annotations

from journeymap.analysis.wording import percent, spoken_time
from journeymap.model.measures import SMALL_SAMPLE, Estimate
from journeymap.model.touchpoints import Visits

__all__ = ["FEW", "few", "share_range", "share_value", "time_range", "time_value", "visits_words"]

FEW = "°"
_UNITS = {"day": 86_400.0, "hour": 3_600.0, "minute": 60.0, "second": 1.0}
_PERCENT = " %"
_FINE = 10  # above this no decimals
_TENTH = 0.1
_MANY = 1_000  # so many of a unit, and the next one is easier to read


def share_range(estimate: Estimate) -> str:
    """How is the interval of a share written where there is little room?

    Parameters
    ----------
    estimate : Estimate
        A share, 0 to 1.

    Returns
    -------
    str
        Empty without an interval.

    Examples
    --------
    >>> share_range(Estimate(value=0.2, low=0.151, high=0.26))
    '15–26 %'
    """
    if estimate.low is None or estimate.high is None:
        return ""
    ends = [percent(end) for end in (estimate.low, estimate.high)]
    if ends[0] == ends[1] or not all(end[0].isdigit() for end in ends):  # "under 0.1 %", "over 99 %"
        low, high = (round(end * 100, 1) for end in (estimate.low, estimate.high))
        # An end that is neither nothing nor all is not written as such where that makes the interval narrow.
        low, high = min(low, 99.9) if estimate.low < 1 else low, max(high, 0.1) if estimate.high > 0 else high
        ends = [f"{end:g}{_PERCENT}" for end in (low, high)]
    return f"{ends[0].removesuffix(_PERCENT)}–{ends[1]}"


def few(estimate: Estimate) -> bool:
    """Does a number rest on too little to be relied on?

    Parameters
    ----------
    estimate : Estimate
        Any; a wait may rest on few waits though many customers came, as most stayed.

    Returns
    -------
    bool
        Whether fewer than 20 customers, or 20 visits or waits, stand behind it.

    Examples
    --------
    >>> few(Estimate(value=2.0, n=3, customers=3000)), few(Estimate(value=2.0, n=20, customers=20))
    (True, False)
    """
    return estimate.small_sample or estimate.n < SMALL_SAMPLE


def share_value(estimate: Estimate) -> str:
    """How is a share written beside its interval?

    Parameters
    ----------
    estimate : Estimate
        A share, 0 to 1.

    Returns
    -------
    str
        In percent; empty without a value.
    """
    return "" if estimate.value is None else percent(estimate.value)


def time_value(estimate: Estimate) -> str:
    """How is a time written above or beside its interval?

    Parameters
    ----------
    estimate : Estimate
        Seconds.

    Returns
    -------
    str
        In the unit of the interval, as `time_range` writes it; empty without a value.

    Examples
    --------
    >>> time_value(Estimate(value=0, low=0, high=11_769)), time_value(Estimate(value=30, low=0, high=11_769))
    ('0 hours', '0.5 minutes')
    """
    if estimate.value is None:
        return ""
    unit = _unit(estimate)
    if unit == _fitting(estimate.value):
        return spoken_time(estimate.value)
    amount = estimate.value / _UNITS[unit]
    # What is small in this unit keeps a digit: it is not nothing.
    text = f"{amount:.1f}" if amount >= _TENTH else f"{amount:.1g}"
    text = text.removesuffix(".0")
    return f"{text} {unit}{'' if text == '1' else 's'}"


def time_range(estimate: Estimate, *, named: bool = False) -> str:
    """How is the interval of a time written where there is little room?

    Parameters
    ----------
    estimate : Estimate
        Seconds.
    named : bool
        Whether the unit is named even where it is the one that the value is spoken in.

    Returns
    -------
    str
        In the unit that fits the value; in a larger one, which is named, where the value is nothing, or so
        much smaller than the upper end that this would have four digits. Empty without an interval.

    Examples
    --------
    >>> time_range(Estimate(value=7200, low=6480, high=36000))
    '1.8–10'
    >>> time_range(Estimate(value=7200, low=6480, high=36000), named=True)
    '1.8–10 hours'
    >>> time_range(Estimate(value=0, low=0, high=11_769))
    '0–3.3 hours'
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ""
    unit = _unit(estimate)
    low, high = estimate.low / _UNITS[unit], estimate.high / _UNITS[unit]
    digits = 0 if low >= _FINE else 1
    while digits < 2 and f"{low:.{digits}f}" == f"{high:.{digits}f}":
        digits += 1
    ends = [f"{end:,.{digits}f}" for end in (low, high)]
    ends = [end.rstrip("0").rstrip(".") if "." in end else end for end in ends]
    if not named and unit == _fitting(estimate.value):
        return "–".join(ends)
    return f"{'–'.join(ends)} {unit}{'' if ends[1] == '1' else 's'}"


def _fitting(seconds: float) -> str:
    """Name the unit that a time is spoken in."""
    return spoken_time(seconds).split()[1].removesuffix("s")


def _unit(estimate: Estimate) -> str:
    """Name the one unit for a value and its interval."""
    value, high = estimate.value or 0.0, estimate.high
    if high is None:
        return _fitting(value)
    if not value:
        return _fitting(high)
    larger = [name for name, size in _UNITS.items() if size >= _UNITS[_fitting(value)]]
    return next((name for name in reversed(larger) if high / _UNITS[name] < _MANY), larger[0])


def visits_words(visits: Visits) -> str:
    """How are visits written: how many, and from which share of all journeys?

    Parameters
    ----------
    visits : Visits
        Of a touchpoint.

    Returns
    -------
    str
        As ``1,204 · 28 %``.
    """
    return f"{visits.count:,} · {percent(visits.share)}"
