"""Which numbers stand on a map: visits, drop-off and waits, each with its interval?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from journeymap.analysis.wording import percent, spoken_time
from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import goal_touchpoints
from journeymap.metrics.flow import drop_off, waiting
from journeymap.model.journey import Journey
from journeymap.model.measures import SMALL_SAMPLE, Estimate
from journeymap.model.touchpoints import Visits
from journeymap.render.map_lanes import PAD, Grid, Lane, bar, row_label
from journeymap.render.scene import Item, Label
from journeymap.render.text import text_width

__all__ = ["FEW", "Counted", "counted", "few", "metrics_lane", "share_range", "time_range", "visits_words"]

_TOP = 0.26  # the first row stands clear of the lane's name
_ROW = 0.27
_BAR_ROOM = 0.1
_GAP = 0.07
_EDGE = 0.03  # a text ends before its column does
FEW = "°"
_UNITS = {"day": 86_400.0, "hour": 3_600.0, "minute": 60.0, "second": 1.0}
_PERCENT = " %"
_FINE = 10  # above this no decimals


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was counted for every touchpoint.

    Parameters
    ----------
    journeys : int
        All journeys; 0 where nothing was counted.
    drop_off, waits : mapping of str to Estimate
        Touchpoint id to the share lost there, and to the seconds until the next event in the median.
    """

    journeys: int = 0
    drop_off: Mapping[str, Estimate] = field(default_factory=dict)
    waits: Mapping[str, Estimate] = field(default_factory=dict)


def counted(journey: Journey) -> Counted:
    """What was counted in this journey?

    Parameters
    ----------
    journey : Journey
        Designed or observed.

    Returns
    -------
    Counted
        Empty for a designed journey; without drop-off where no goal says who is lost.

    Examples
    --------
    >>> counted(Journey(name="Shop")).journeys
    0
    """
    if journey.observation is None:
        return Counted()

    def known(metric: Callable[[Journey], dict[str, Estimate]]) -> dict[str, Estimate]:
        try:
            return metric(journey)
        except MissingEvidenceError:  # counts without groups: the visits are known, and no interval
            return {}

    return Counted(
        journeys=journey.observation.journeys,
        drop_off=known(drop_off) if goal_touchpoints(journey) else {},
        waits=known(waiting),
    )


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


def time_range(estimate: Estimate) -> str:
    """How is the interval of a time written where there is little room?

    Parameters
    ----------
    estimate : Estimate
        Seconds.

    Returns
    -------
    str
        In the unit of the value, without naming it; empty without an interval.

    Examples
    --------
    >>> time_range(Estimate(value=7200, low=6480, high=36000))
    '1.8–10'
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ""
    unit = _UNITS[spoken_time(estimate.value).split()[1].removesuffix("s")]
    low, high = estimate.low / unit, estimate.high / unit
    digits = 0 if low >= _FINE else 1
    while digits < 2 and f"{low:.{digits}f}" == f"{high:.{digits}f}":
        digits += 1
    ends = [f"{end:,.{digits}f}" for end in (low, high)]
    return "–".join(end.rstrip("0").rstrip(".") if "." in end else end for end in ends)


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


def metrics_lane(grid: Grid, numbers: Counted) -> Lane | None:
    """Which numbers stand in each column?

    Parameters
    ----------
    grid : Grid
        The columns.
    numbers : Counted
        What was counted.

    Returns
    -------
    Lane or None
        A row for each metric that is known anywhere on the band; None where none is.
    """
    items: list[Item] = []
    y = _TOP
    if numbers.journeys and any(column.touchpoint.visits for column in grid.columns):
        items.append(row_label(grid, grid.theme.word("visits"), y + 0.05, "metrics"))
        for place, column in enumerate(grid.columns):
            visits = column.touchpoint.visits
            if visits is not None:
                words = visits_words(visits)
                items.append(_value(grid, place, y + 0.05, words))
                items += bar(grid, place, y + 0.15, visits.share, "visits")
        y += _ROW + _BAR_ROOM
    for name, estimates, write, ends in (
        ("drop-off", numbers.drop_off, percent, share_range),
        ("median wait", numbers.waits, spoken_time, time_range),
    ):
        row = _row(grid, y + 0.05, estimates, write, ends)
        if row:
            items += [row_label(grid, grid.theme.word(name), y + 0.05, "metrics"), *row]
            y += _ROW
    return Lane(height=y - 0.02, items=tuple(items)) if items else None


def _value(grid: Grid, place: int, y: float, words: str) -> Label:
    theme = grid.theme
    fits = text_width(words, theme.body_size, family=theme.family) <= grid.step - PAD - _EDGE
    return Label(x=grid.x(place) + PAD, y=y, text=words, size=theme.body_size if fits else theme.tick_size,
                 va="center", colour=theme.ink)  # fmt: skip


def _row(
    grid: Grid,
    y: float,
    estimates: Mapping[str, Estimate],
    write: Callable[[float], str],
    ends: Callable[[Estimate], str],
) -> list[Item]:
    """Lay one metric: the value in ink, beside it its interval, small; a ring where customers are few."""
    theme = grid.theme
    items: list[Item] = []
    for place, column in enumerate(grid.columns):
        estimate = estimates.get(column.touchpoint.id)
        if estimate is None or estimate.value is None:
            continue
        words = write(estimate.value)
        items.append(_value(grid, place, y, words))
        x = grid.x(place) + PAD + text_width(words, theme.body_size, family=theme.family)
        if few(estimate):
            items.append(Label(x=x + 0.02, y=y, text=FEW, size=theme.body_size, va="center",
                               colour=theme.ink, mark="few"))  # fmt: skip
            x += 0.02 + text_width(FEW, theme.body_size, family=theme.family)
        around = ends(estimate)
        room = grid.x(place + 1) - _EDGE - x - _GAP
        if around and text_width(around, theme.tick_size, family=theme.family) <= room:
            items.append(Label(x=x + _GAP, y=y, text=around, size=theme.tick_size, va="center",
                               colour=theme.muted, mark="estimate"))  # fmt: skip
    return items
