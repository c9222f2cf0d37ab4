"""How long do customers stay, and how soon do they buy again, if not everything has been seen yet?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from journeymap.events.log import EventLog
from journeymap.events.spans import Spans, span_of, spans_until_second, spans_until_silence
from journeymap.metrics.retention import share_of_customers
from journeymap.model.durations import duration_text
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.stats.survival import (
    Reading,
    SurvivalCurve,
    kaplan_meier,
    survival_at,
    survival_band,
    survival_quantile,
)

__all__ = ["CurvePoint", "Lifetime", "RepeatPurchase", "lifetime", "repeat_purchase"]

_METHOD = "Kaplan–Meier, complementary log-log interval; each customer counts once"
_AGES = (7, 30, 90, 180, 365, 730)
_MOST_POINTS = 200


class CurvePoint(Frozen):
    """A share at a time, with its interval.

    Parameters
    ----------
    seconds : float
        The time since the beginning.
    share : float
        0 to 1.
    low, high : float
        The ends of its interval, of this time alone.
    """

    seconds: float
    share: float
    low: float
    high: float


class Lifetime(Frozen):
    """How long customers stay.

    Parameters
    ----------
    gone_after : timedelta
        The silence after which a customer has left.
    customers : int
        Customers who came early enough for leaving to be seen.
    gone : int
        Those who fell silent for so long.
    back : int
        Those of them who came back later: where they are many, the silence is too short a sign.
    unseen : int
        Customers who came later than `gone_after` before the end of the observation, left out.
    median : Estimate
        After so many seconds half of the customers have left; without value where half were still there.
    still_there : dict of str to Estimate
        For each age that was asked about the share of customers still there, 0 to 1.
    curve : tuple of CurvePoint
        The share still there by time, at no more than 200 times.
    """

    gone_after: timedelta
    customers: int
    gone: int
    back: int
    unseen: int
    median: Estimate
    still_there: dict[str, Estimate]
    curve: tuple[CurvePoint, ...] = ()

    def __str__(self) -> str:
        """Say how many stayed, and how many came back after all."""
        rule = duration_text(self.gone_after)
        back = f"{self.back:,} of them came back"
        lines = [f"{self.customers:,} customers; {self.gone:,} fell silent for {rule}, {back}"]
        lines += [f"  still there after {age}: {found}" for age, found in self.still_there.items()]
        if self.unseen:
            lines.append(f"  {self.unseen:,} came in the last {rule} and are left out")
        return "\n".join(lines)


class RepeatPurchase(Frozen):
    """How many purchasers purchase again, and how soon.

    Parameters
    ----------
    purchasers : int
        Customers with a purchase.
    again : int
        Those of them with a second one so far.
    so_far : Estimate
        The share of these, 0 to 1; too low where many purchased lately.
    window : timedelta, optional
        The time within which a second purchase was asked about.
    within : Estimate, optional
        The share with a second purchase within the window, as if everybody had been observed so long; without
        value where nobody was. None without a window.
    median : Estimate
        After so many seconds half of the purchasers have purchased again; without value where half have not.
    curve : tuple of CurvePoint
        The share with a second purchase by time since the first, at no more than 200 times.
    """

    purchasers: int
    again: int
    so_far: Estimate
    window: timedelta | None = None
    within: Estimate | None = None
    median: Estimate
    curve: tuple[CurvePoint, ...] = ()

    def __str__(self) -> str:
        """Say how many purchased again."""
        lines = [f"{self.again:,} of {self.purchasers:,} purchasers have purchased again so far"]
        if self.window is not None:
            lines.append(f"  within {duration_text(self.window)}: {self.within}")
        return "\n".join(lines)


def lifetime(
    log: EventLog,
    *,
    gone_after: timedelta | str,
    active: str | Sequence[str] | None = None,
    at: Sequence[timedelta | str] | None = None,
    observed_until: datetime | date | str | None = None,
    level: float = 0.95,
) -> Lifetime:
    """How long do customers stay?

    ``S(t) = Π_{tᵢ ≤ t} (1 − dᵢ/nᵢ)``: dᵢ customers leave at age tᵢ, nᵢ are watched then.

    Parameters
    ----------
    log : EventLog
        The events.
    gone_after : timedelta or str
        A customer silent for so long has left, at the last activity before the silence. Which silence means
        that, differs: take several times the usual gap between two activities of a customer.
    active : str or sequence of str, optional
        The raw events that count as activity; all when left out.
    at : sequence of timedelta or str, optional
        The ages to ask about; some between 7 and 730 days when left out, as far as they were observed.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else the latest event.
    level : float
        The confidence level.

    Returns
    -------
    Lifetime
        From the first activity to the last before the first silence of this length.

    Raises
    ------
    InvalidLogError
        The log cannot be counted, or a span is none.
    UnknownNameError
        A named event does not occur.

    Notes
    -----
    Leaving shows only `gone_after` later. So everybody is watched until `gone_after` before the end of the
    observation and no longer; else only those who stay would be seen in the last stretch, and lives would
    look too long. Who came later than that is left out. A longer silence gives longer lives. Lengths are
    rounded up to the hour (to the second or minute in short logs, to the day beyond two years).

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a", "b", "c", "c"], "what": ["use"] * 5,
    ...     "when": ["2024-01-01", "2024-01-05", "2024-01-01", "2024-01-01", "2024-02-29"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> found = lifetime(log, gone_after="30 days", at=["3 days"])
    >>> found.customers, found.gone, found.back, round(found.still_there["3 days"].value, 2)
    (3, 3, 1, 0.33)
    """
    spans = spans_until_silence(log, gone_after=gone_after, active=active, observed_until=observed_until)
    rule = span_of(gone_after, "gone_after")
    curve = _curve(spans)
    silence = duration_text(rule)
    stays = f"customers who stay longer, before {silence} of silence / customers"
    asked = [span_of(age, "at") for age in at] if at is not None else _usual_ages(spans)
    return Lifetime(
        gone_after=rule,
        customers=spans.customers,
        gone=sum(spans.ended),
        back=spans.back,
        unseen=spans.unseen,
        median=_median(
            curve, spans, f"median seconds to the last activity before {silence} of silence", level
        ),
        still_there={
            duration_text(age): _estimate(
                survival_at(curve, age / spans.unit, level=level), spans, stays, level
            )
            for age in asked
        },
        curve=_points(curve, spans, level, ended=False),
    )


def repeat_purchase(
    log: EventLog,
    *,
    event: str | Sequence[str],
    within: timedelta | str | None = None,
    apart: timedelta | str | None = None,
    observed_until: datetime | date | str | None = None,
    level: float = 0.95,
) -> RepeatPurchase:
    """How many purchasers purchase again, and how soon?

    ``1 − S(W)`` with S by Kaplan and Meier, the time running from a customer's first purchase to the second.

    Parameters
    ----------
    log : EventLog
        The events.
    event : str or sequence of str
        The raw events that are a purchase.
    within : timedelta or str, optional
        W: who purchases again just so long after the first purchase still counts.
    apart : timedelta or str, optional
        Purchases closer to the first than this are part of it, such as ``"1 day"`` where an order is written
        line by line. Every further event is a second purchase when left out.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else the latest event.
    level : float
        The confidence level.

    Returns
    -------
    RepeatPurchase
        Shares of purchasers; without value where there are none.

    Raises
    ------
    InvalidLogError
        The log cannot be counted, or a span is none.
    UnknownNameError
        A named event does not occur.

    Notes
    -----
    The share so far falls whenever many new customers come; the share within W does not, because who has been
    observed for less than W is watched only so long. The first purchase in the log need not be
    the customer's first.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a", "b", "c"], "what": ["buy"] * 4,
    ...     "when": ["2024-01-01", "2024-01-05", "2024-01-01", "2024-01-30"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> found = repeat_purchase(log, event="buy", within="10 days")
    >>> round(found.so_far.value, 3), found.within.value
    (0.333, 0.5)
    """
    window = None if within is None else span_of(within, "within")
    spans = spans_until_second(log, event=event, within=window, apart=apart, observed_until=observed_until)
    curve = _curve(spans)
    share = None
    if window is not None:
        what = f"customers with a second purchase within {duration_text(window)} of the first / purchasers"
        share = _ended(_estimate(survival_at(curve, window / spans.unit, level=level), spans, what, level))
    return RepeatPurchase(
        purchasers=spans.customers,
        again=sum(spans.ended),
        so_far=share_of_customers(
            sum(spans.ended),
            spans.customers,
            "customers with a second purchase so far / purchasers",
            level=level,
        ),
        window=window,
        within=share,
        median=_median(curve, spans, "median seconds from the first purchase to the second", level),
        curve=_points(curve, spans, level, ended=True),
    )


def _curve(spans: Spans) -> SurvivalCurve:
    return kaplan_meier(spans.length, spans.ended, spans.cut)


def _usual_ages(spans: Spans) -> list[timedelta]:
    longest = spans.unit * max(spans.length, default=0)
    return [timedelta(days=days) for days in _AGES if timedelta(days=days) <= longest]


def _estimate(reading: Reading, spans: Spans, definition: str, level: float) -> Estimate:
    known = reading.value is not None
    return Estimate(
        value=reading.value,
        low=reading.low,
        high=reading.high,
        n=spans.customers if known else 0,
        customers=spans.customers if known else 0,
        level=level,
        method=_METHOD if known else "nobody was observed for so long",
        definition=definition,
        censored=sum(spans.cut),
    )


def _ended(stays: Estimate) -> Estimate:
    """Turn the share for whom it has not happened into that for whom it has."""
    if stays.value is None or stays.low is None or stays.high is None:
        return stays
    return stays.model_copy(update={"value": 1 - stays.value, "low": 1 - stays.high, "high": 1 - stays.low})


def _median(curve: SurvivalCurve, spans: Spans, definition: str, level: float) -> Estimate:
    reading = survival_quantile(curve, 0.5, level=level)
    second = spans.unit.total_seconds()
    value, low, high = (
        None if end is None or np.isinf(end) else end * second
        for end in (reading.value, reading.low, reading.high)
    )
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=spans.customers,
        customers=spans.customers,
        level=level,
        method=_METHOD if value is not None else "not reached while customers were observed",
        definition=definition,
        censored=sum(spans.cut),
    )


def _points(curve: SurvivalCurve, spans: Spans, level: float, *, ended: bool) -> tuple[CurvePoint, ...]:
    """Thin the curve to what can be drawn, its last point included."""
    if not curve.times.size:
        return ()
    low, high = survival_band(curve, level=level)
    places = np.unique(
        np.linspace(0, curve.times.size - 1, min(curve.times.size, _MOST_POINTS)).round().astype(int)
    )
    second = spans.unit.total_seconds()
    points = []
    for place in places:
        share, first, last = (float(line[place]) for line in (curve.survival, low, high))
        if ended:
            share, first, last = 1 - share, 1 - last, 1 - first
        points.append(
            CurvePoint(seconds=float(curve.times[place]) * second, share=share, low=first, high=last)
        )
    return tuple(points)
