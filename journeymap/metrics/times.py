"""How is something timed that does not happen to everybody while they are watched?"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from journeymap.errors import InvalidLogError
from journeymap.metrics.contact_counts import Chosen, RunTimes, contact_customers
from journeymap.model.durations import parse_duration
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.stats.incidence import aalen_johansen
from journeymap.stats.survival import cloglog_band, kaplan_meier, survival_band

__all__ = ["Hours", "Times", "times_of"]

Counts = NDArray[np.float64]
Hours = Literal["calendar", "business"]

_NEARLY = 1e-9


_UNITS = ((86_400.0, "days"), (3_600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


class Times(Frozen):
    """How long something takes that does not happen to everybody while they are watched.

    Parameters
    ----------
    name : str
        What is timed: ``first response``.
    definition : str
        From what to what, in words.
    hours : {"calendar", "business"}
        Which hours count.
    median, p90 : Estimate
        Seconds until it has happened for half, and for nine tenths, of the contacts; without value where that
        was not seen, an end missing where it lies beyond what was seen.
    n, censored, customers : int
        Contacts, those for which it had not happened at the end of the observation, and distinct customers.
    level : float
        The confidence level.
    method : str
        How curve and intervals were made.
    seconds : tuple of float
        The times of the curve, rising from 0.
    share, low, high : tuple of float
        For what share it has happened up to and including each time, with the interval.
    complete : bool
        Whether the last value of the curve holds for all later times.
    """

    name: str
    definition: str
    hours: Hours
    median: Estimate
    p90: Estimate
    n: int
    censored: int
    customers: int
    level: float = Field(gt=0, lt=1)
    method: str
    seconds: tuple[float, ...] = ()
    share: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    complete: bool = False

    def share_within(self, target: timedelta | str) -> Estimate:
        """For what share has it happened within a target?

        Parameters
        ----------
        target : timedelta or str
            Such as ``"4 hours"``; business hours where these times are.

        Returns
        -------
        Estimate
            0 to 1; without value where nobody was watched that long.

        Raises
        ------
        InvalidLogError
            It is no span of time.
        """
        reach = _seconds(target, "target")
        found: dict[str, Any] = {"value": None}
        known = bool(self.seconds) and (self.complete or reach <= self.seconds[-1] + _NEARLY)
        if known:
            here = int(np.searchsorted(self.seconds, reach + _NEARLY, side="right")) - 1
            found = {"value": self.share[here], "low": self.low[here], "high": self.high[here]}
        return Estimate(
            **found,
            n=self.n,
            customers=self.customers,
            censored=self.censored,
            level=self.level,
            method=self.method,
            definition=f"{self.definition}: share within {_text(reach)}",
        )

    def __str__(self) -> str:
        """Say the median, the p90 and how many were not seen to the end."""
        if not self.n:
            return f"{self.name}: no contacts"
        parts = [f"median {_written(self.median)}", f"p90 {_written(self.p90)}"]
        small = ", small sample" if self.median.small_sample else ""
        return (
            f"{self.name} ({self.hours} hours): {', '.join(parts)}; {self.n:,} contacts of "
            f"{self.customers:,} customers, {self.censored:,} of them not seen to the end{small}\n"
            f"  {self.definition}"
        )

    def to_frame(self) -> Any:
        """Give the curve as a pandas data frame: ``seconds``, ``share``, ``low``, ``high``."""
        import pandas as pd  # noqa: PLC0415 - an extra, loaded where it is asked for

        return pd.DataFrame({name: getattr(self, name) for name in ("seconds", "share", "low", "high")})

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def times_of(
    of: Chosen, runs: RunTimes, hours: Hours, name: str, definition: str, who: str, level: float
) -> Times:
    """Make the curve and read the median and the p90 off it."""
    event, other, still = (runs.counts[outcome] for outcome in ("event", "other", "open"))
    n, censored = int(event.sum() + other.sum() + still.sum()), int(still.sum())
    customers = min(contact_customers(of, who), n)
    definition += of.words
    if not n:
        nothing = Estimate(value=None, level=level, definition=definition)
        return Times(
            name=name, definition=definition, hours=hours, median=nothing, p90=nothing, n=0, censored=0,
            customers=0, level=level, method="",
        )  # fmt: skip
    once = of.exact and n == customers
    if once:  # each customer counts once: no groups are needed
        event, other, still = (table.sum(axis=1) for table in (event, other, still))
    seconds, share, low, high, complete = _curve(
        runs.seconds, event, other, still, customers=customers, level=level
    )
    method = (
        ("Aalen–Johansen" if other.sum() else "Kaplan–Meier")
        + ", complementary log-log"
        + ("" if once else " at the spread between customer groups")
    )

    def until(part: float) -> Estimate:
        value, low_end, high_end = (_reached(seconds, line, part) for line in (share, high, low))
        reach = (1 + runs.width) ** 0.5  # from the middle of a bucket to its ends
        return Estimate(
            value=value,
            low=None if low_end is None else low_end / reach,
            high=None if high_end is None else high_end * reach, n=n, customers=customers, censored=censored,
            level=level, method=method, definition=f"seconds by which {part:.0%} are done, {definition}",
        )  # fmt: skip

    return Times(
        name=name,
        definition=definition,
        hours=hours,
        median=until(0.5),
        p90=until(0.9),
        n=n,
        censored=censored,
        customers=customers,
        level=level,
        method=method,
        seconds=tuple(seconds.tolist()),
        share=tuple(share.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        complete=complete,
    )


def _curve(
    times: Counts, event: Counts, other: Counts, still: Counts, *, customers: int, level: float
) -> tuple[Counts, Counts, Counts, Counts, bool]:
    """For what share has it happened by each time, with the ends; from 0 on."""
    if other.sum():
        curves = aalen_johansen(times, [event, other], still, customers=customers)
        gone, se = 1 - curves.incidence[0], curves.se[0]
        trials, df = np.minimum(curves.at_risk, curves.independent), curves.df
        band = cloglog_band(gone, se, trials, level=level, df=df)
        moments, last = curves.times, float(curves.survival[-1])
        everybody = min(float(curves.at_risk[0]), curves.independent)
    else:
        curve = kaplan_meier(times, event, still, customers=customers)
        gone, df, moments, last = curve.survival, curve.df, curve.times, float(curve.survival[-1])
        band = survival_band(curve, level=level)
        everybody = min(float(curve.at_risk[0]), curve.independent)
    below, above = band
    if moments[0] > 0:
        first_low, first_high = cloglog_band([1.0], [0.0], [everybody], level=level, df=df)
        moments, gone = np.concatenate([[0.0], moments]), np.concatenate([[1.0], gone])
        below, above = np.concatenate([first_low, below]), np.concatenate([first_high, above])
    low, share, high = (np.clip(1 - line, 0.0, 1.0) for line in (above, gone, below))
    return moments, share, np.minimum(low, share), np.maximum(high, share), last <= _NEARLY


def _reached(seconds: Counts, line: Counts, part: float) -> float | None:
    found = np.flatnonzero(line >= part - _NEARLY)
    return float(seconds[found[0]]) if found.size else None


def _seconds(value: timedelta | str, what: str) -> float:
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise InvalidLogError.because(f"{what}: {error}.", hint="write 4 hours or 2 days") from error
    if not isinstance(span, timedelta) or span < timedelta(0):
        raise InvalidLogError.because(
            f"{what}: {value!r} is no span of time.", hint="write 4 hours or 2 days"
        )
    return span.total_seconds()


def _text(seconds: float) -> str:
    """Write seconds in the largest unit that gives at least one."""
    size, unit = next(((s, u) for s, u in _UNITS if seconds >= s), _UNITS[-1])
    number = f"{seconds / size:.3g}"
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


def _written(found: Estimate) -> str:
    if found.value is None:
        return "not reached"
    low = "0 seconds" if found.low is None else _text(found.low)
    high = "not reached" if found.high is None else _text(found.high)
    return f"{_text(found.value)} ({low} to {high})"
