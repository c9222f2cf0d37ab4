"""How do customers behave, period by period, and what of it rises or falls: experience without surveys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import InvalidLogError, UnknownNameError, nearest, require
from journeymap.events.activity import activity
from journeymap.events.answers import answers
from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.events.periods import PeriodKind
from journeymap.metrics.experience import nps
from journeymap.metrics.retention import kept_by_period, period_counts, share_of_customers
from journeymap.model.activity import Activity
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.panel import BehaviourIndex, BehaviourPanel, PanelMeasure, PanelTrend
from journeymap.model.periods import Timeline
from journeymap.stats.jackknife import group_jackknife, leave_one_out
from journeymap.stats.rates import grouped_rate, poisson_count
from journeymap.stats.trend import FEWEST_PERIODS, trend

__all__ = ["behaviour_index", "behaviour_panel", "nps_by_period", "panel_of"]

Counts = NDArray[np.float64]
_GARWOOD = "Garwood; each customer counts once"
_GARWOOD_CLUSTER = "Garwood at the effective count, groups of customers"
_JACKKNIFE = "delete-a-group jackknife"
_TREND_METHOD = "Theil–Sen"
_UNKNOWN_PAST = (
    "no trend is given: the first periods know too little of the past (look_back=None says they do)"
)


def behaviour_panel(
    log: EventLog,
    *,
    period: PeriodKind = "month",
    active: str | Sequence[str] | None = None,
    purchase: str | Sequence[str] | None = None,
    service: Journey | str | Sequence[str] | None = None,
    look_back: int | None = 3,
    scores: Feedback | Mapping[str, Estimate] | None = None,
    observed_until: datetime | date | str | None = None,
) -> BehaviourPanel:
    """How did customers behave in each period, and what rises or falls?

    Parameters
    ----------
    log : EventLog
        The events.
    period : {"month", "week", "day"}, str or timedelta
        Calendar months, weeks from Monday, days, or a span such as ``"14 days"``.
    active : str or sequence of str, optional
        The raw events that count as activity; all when left out.
    purchase : str or sequence of str, optional
        The raw events that are a purchase; without them nothing is said of repeated ones.
    service : Journey, str or sequence of str, optional
        The raw events that are a contact with service, or a journey whose service touchpoints tell; without
        them nothing is said of contacts.
    look_back : int, optional
        Who bought in one of so many periods before buys again. None: at any time before, for a log that
        holds the whole past of its customers.
    scores : Feedback or mapping of str to Estimate, optional
        A survey with times and one question that asks for recommendation, of which every period gets the net
        promoter score; or the scores themselves by the name of the period, such as ``"2024-05"``.
    observed_until : datetime, date or str, optional
        The end of the observation; else the end of the log's period, else the latest event, whose day counts
        as a whole where periods are longer than a day.

    Returns
    -------
    BehaviourPanel
        In every period observed as a whole: ``active`` and ``new`` customers, ``retention``, ``usage``
        (active days per active customer, where periods are longer than a day), ``contacts`` per active
        customer, ``repeat_purchase``, ``nps``; each with its interval at 95 %, and with a trend.

    Raises
    ------
    InvalidLogError
        The log cannot be counted, or the period is none, or there are more than 400.
    UnknownNameError
        A named event does not occur, or a score names a period that there is not.

    Notes
    -----
    Contacts are counted per active customer, because many contacts can mean many customers. Each
    trend is tested on its own: of six without any trend one in four panels names one by chance. A season is
    no trend; compare with the same months a year before. Numbers of neighbouring periods rest on the same
    customers, which makes the test somewhat too sure. What the log does not know of the time before it
    begins makes ``new`` fall and repeated purchases rise: ``new`` has no trend, and repeated purchases look
    back over equally many periods, unless `look_back` is None.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a", "a", "b"], "what": ["use", "call", "use", "use"],
    ...                   "when": ["2024-01-01", "2024-01-09", "2024-02-01", "2024-01-31"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> panel = behaviour_panel(log, service="call", observed_until="2024-03-01")
    >>> for measure in panel.measures:
    ...     print(measure.id, [found.value for found in measure.values])
    active [2.0, 1.0]
    new [2.0, 0.0]
    retention [None, 0.5]
    usage [1.5, 1.0]
    contacts [0.5, 0.0]
    """
    counted = activity(
        log,
        period=period,
        active=active,
        purchase=purchase,
        service=service,
        look_back=look_back,
        observed_until=observed_until,
    )
    found = nps_by_period(scores, counted.timeline) if isinstance(scores, Feedback) else scores
    return panel_of(counted, scores=found)


def nps_by_period(feedback: Feedback, timeline: Timeline, *, level: float = 0.95) -> dict[str, Estimate]:
    """What is the net promoter score of each period?

    Parameters
    ----------
    feedback : Feedback
        With times and one question of measure "nps".
    timeline : Timeline
        The periods, as of a `BehaviourPanel`.
    level : float
        The confidence level.

    Returns
    -------
    dict of str to Estimate
        By the name of the period, −1 to 1; a period without answers is left out.

    Raises
    ------
    InvalidLogError
        The survey cannot be read, or its answers have no time.
    MissingEvidenceError
        No question asks for recommendation.
    """
    if feedback.time_col is None:
        raise InvalidLogError.because(
            "scores: these answers have no time, so they belong to no period.", hint="name it with time_col"
        )
    nps(answers(feedback))  # what is wrong with the whole is said of the whole
    found = {}
    for period in timeline.periods:
        try:
            counted = answers(feedback.between(period.start, period.end))
        except InvalidLogError:  # nobody answered in this period
            continue
        found[period.name] = nps(counted, level=level)
    return found


def panel_of(
    counted: Activity, *, scores: Mapping[str, Estimate] | None = None, level: float = 0.95
) -> BehaviourPanel:
    """How did customers behave in each period, from what was counted?

    Parameters
    ----------
    counted : Activity
        What `activity` counted.
    scores : mapping of str to Estimate, optional
        As for `behaviour_panel`.
    level : float
        The confidence level.

    Returns
    -------
    BehaviourPanel
        As `behaviour_panel`.

    Raises
    ------
    UnknownNameError
        A score names a period that there is not.
    """
    require(counted, Activity, "panel_of", hint="count first: activity(log, period='month')")
    numbers = {
        name: period_counts(counted.table, name, len(counted.timeline.periods))
        for name in counted.table.measures
    }
    measures = [
        *_customers(counted, numbers, level),
        _retention(counted, numbers, level),
        *_usage(counted, numbers, level),
        *_contacts(counted, numbers, level),
        *_repeated(counted, numbers, level),
        *_scores(counted, scores, level),
    ]
    return BehaviourPanel(
        timeline=counted.timeline,
        customers=counted.customers,
        measures=tuple(measures),
        notes=(*counted.timeline.in_words(), *_late(counted)),
        filters=counted.filters,
    )


def behaviour_index(panel: BehaviourPanel, *, weights: Mapping[str, float]) -> BehaviourIndex:
    """How do several measures of a panel stand together, weighted as you say?

    ``I_t = Σ_m w_m (x_mt − mean_m) / sd_m``, mean and standard deviation over the periods of the panel. There
    is no such index in the literature: the definition is this library's own, the weights are yours.

    Parameters
    ----------
    panel : BehaviourPanel
        What was measured.
    weights : mapping of str to float
        For each measure that shall take part its weight; negative where a high value is bad, as for contacts.

    Returns
    -------
    BehaviourIndex
        The sum and its parts in every period.

    Raises
    ------
    UnknownNameError
        The panel has no such measure.
    InvalidLogError
        No weight is given, or one is 0.

    Notes
    -----
    0 is the mean of this panel, and no good or bad value in itself; indices of two panels cannot be compared.
    A measure that hardly moves counts as much as one that halves. No interval is given: look at those of the
    parts.
    """
    require(panel, BehaviourPanel, "behaviour_index", hint="measure first: behaviour_panel(log)")
    if not weights or not all(weights.values()):
        raise InvalidLogError.because(
            "weights: each measure of an index needs a weight other than 0.",
            hint="for example weights={'retention': 1, 'contacts': -0.5}",
        )
    parts = {}
    for name, weight in weights.items():
        measure = panel.measure(name)
        if measure is None:
            there = [measure.id for measure in panel.measures]
            close = nearest(name, there)
            raise UnknownNameError.because(
                f"weights: the panel has no measure {name!r}.",
                expected=f"Expected one of: {', '.join(there)}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
        parts[name] = _weighted(measure, weight)
    made = "; ".join(f"{weight:g} × {name}" for name, weight in weights.items())
    words = f"sum of weighted deviations from the mean of the periods, in standard deviations: {made}"
    sums = [
        None if any(part is None for part in at) else float(sum(part or 0.0 for part in at))
        for at in zip(*parts.values(), strict=True)
    ]
    return BehaviourIndex(
        weights=dict(weights),
        periods=tuple(period.name for period in panel.timeline.periods),
        parts=parts,
        values=tuple(
            Estimate(
                value=value,
                n=0 if value is None else len(parts),
                customers=0 if value is None else panel.customers,
                method="no interval: a sum of dependent measures",
                definition=words,
            )
            for value in sums
        ),
    )


def _weighted(measure: PanelMeasure, weight: float) -> tuple[float | None, ...]:
    known = np.array([value.value for value in measure.known], float)
    spread = float(known.std(ddof=1)) if known.size > 1 else 0.0
    mean = float(known.mean()) if known.size else 0.0
    return tuple(
        None if value.value is None else weight * (value.value - mean) / spread if spread else 0.0
        for value in measure.values
    )


def _customers(counted: Activity, numbers: dict[str, Counts], level: float) -> list[PanelMeasure]:
    active = _blanked(
        counted, [_count(n, "customers active in the period", level) for n in numbers["active"]]
    )
    first = "customers whose first activity in the log falls into the period"
    new = _blanked(counted, [_count(n, first, level) for n in numbers["new"]])
    known = counted.look_back is None
    return [
        _measured("active", "Active customers", "count", active, better="higher"),
        _measured("new", "New customers", "count", new, better="higher", note="" if known else _UNKNOWN_PAST),
    ]


def _retention(counted: Activity, numbers: dict[str, Counts], level: float) -> PanelMeasure:
    names = [period.name for period in counted.timeline.periods]
    found = kept_by_period(names, numbers["active"].sum(axis=1), numbers["kept"].sum(axis=1), level=level)
    return _measured("retention", "Retention", "share", list(found.values()), better="higher")


def _usage(counted: Activity, numbers: dict[str, Counts], level: float) -> list[PanelMeasure]:
    if not counted.timeline.longer_than_a_day:
        return []
    values = [
        _days(days, active, level) for days, active in zip(numbers["days"], numbers["active"], strict=True)
    ]
    title = "Active days per active customer"
    return [_measured("usage", title, "ratio", _blanked(counted, values), better="higher")]


def _days(days: Counts, active: Counts, level: float) -> Estimate:
    """Days per customer; without interval where customers do not differ, as none can be told then."""
    words = "days with activity / active customers"
    there = active > 0
    days, active = days[there], active[there]
    if not active.size:
        return Estimate(value=None, level=level, definition=words)
    value = float(days.sum() / active.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        found = group_jackknife(value, leave_one_out(days) / leave_one_out(active), level=level)
    told = bool(found.se) and found.low is not None
    return Estimate(
        value=value,
        low=max(found.low or 1.0, 1.0) if told else None,
        high=found.high if told else None,
        n=int(days.sum()),
        customers=int(active.sum()),
        level=level,
        method=_JACKKNIFE if told else "no interval: the customers do not differ",
        definition=words,
    )


def _contacts(counted: Activity, numbers: dict[str, Counts], level: float) -> list[PanelMeasure]:
    if not counted.service:
        return []
    values = [
        _rate(
            contacts,
            active,
            f"contacts with service ({', '.join(counted.service)}) / active customers",
            level,
        )
        for contacts, active in zip(numbers["contacts"], numbers["active"], strict=True)
    ]
    title = "Service contacts per active customer"
    return [
        _measured("contacts", title, "ratio", _blanked(counted, values), better="lower", family="service")
    ]


def _rate(contacts: Counts, active: Counts, definition: str, level: float) -> Estimate:
    found = grouped_rate(contacts, active, level=level)
    # two or three groups say so little that there may be no upper end
    bounded = found.high is not None and np.isfinite(found.high)
    return Estimate(
        value=found.value,
        low=found.low if bounded else None,
        high=found.high if bounded else None,
        n=int(contacts.sum()),
        customers=int(active.sum()),
        level=level,
        method=_GARWOOD_CLUSTER if found.value is not None else "",
        definition=definition,
    )


def _repeated(counted: Activity, numbers: dict[str, Counts], level: float) -> list[PanelMeasure]:
    if not counted.purchase:
        return []
    back = counted.look_back
    when = "in an earlier period" if back is None else f"in one of the {back} periods before"
    words = f"purchasers of the period who had purchased {when} / purchasers of the period"
    # the first periods have too little past; one that was not observed as a whole is no past either
    blind = (1 if back is None else back) + (1 if counted.timeline.begins_late and back is not None else 0)
    values = [
        share_of_customers(
            0 if at < blind else int(again), 0 if at < blind else int(buyers), words, level=level
        )
        for at, (again, buyers) in enumerate(
            zip(numbers["again"].sum(axis=1), numbers["buyers"].sum(axis=1), strict=True)
        )
    ]
    return [_measured("repeat_purchase", "Repeat purchase", "share", values, better="higher")]


def _scores(counted: Activity, scores: Mapping[str, Estimate] | None, level: float) -> list[PanelMeasure]:
    if scores is None:
        return []
    names = [period.name for period in counted.timeline.periods]
    unfinished = counted.timeline.unfinished
    for name in scores:
        if name not in names and not (unfinished and name == unfinished.name):
            raise UnknownNameError.because(
                f"scores: the panel has no period {name!r}.",
                expected=f"Expected {names[0]} to {names[-1]}." if names else "It has no period at all.",
                hint="name them as the periods of the panel are named, such as '2024-05'",
            )
    values = [scores.get(name, Estimate(value=None, level=level)) for name in names]
    return [_measured("nps", "Net promoter score", "score", values, better="higher", family="survey")]


def _count(by_group: Counts, definition: str, level: float) -> Estimate:
    count = int(by_group.sum())
    low, high = poisson_count(count, level=level)
    return Estimate(
        value=float(count), low=low, high=high, n=count, customers=count, level=level, method=_GARWOOD,
        definition=definition,
    )  # fmt: skip


def _blanked(counted: Activity, values: list[Estimate]) -> list[Estimate]:
    """Leave out the first period where the observation began after it."""
    if not counted.timeline.begins_late:
        return values
    first = values[0].model_copy(
        update={
            "value": None,
            "low": None,
            "high": None,
            "n": 0,
            "customers": 0,
            "method": "not observed as a whole",
        }
    )
    return [first, *values[1:]]


def _late(counted: Activity) -> list[str]:
    if not counted.timeline.begins_late:
        return []
    first, began = counted.timeline.periods[0], counted.timeline.observed_from
    return [f"{first.name} was not observed from its start: the observation began on {began:%Y-%m-%d}."]


def _measured(
    name: str,
    title: str,
    unit: str,
    values: list[Estimate],
    *,
    better: str,
    family: str = "behaviour",
    note: str = "",
) -> PanelMeasure:
    return PanelMeasure.model_validate(
        {
            "id": name, "name": title, "unit": unit, "better": better, "family": family,
            "values": tuple(values), "trend": _trend(values, note),
        }
    )  # fmt: skip


def _trend(values: list[Estimate], note: str) -> PanelTrend:
    level = next((value.level for value in values), 0.95)
    words = "change per period, the median of the slopes between any two periods"
    series = np.array([np.nan if value.value is None else value.value for value in values], float)
    known = np.flatnonzero(np.isfinite(series))
    if note or known.size < FEWEST_PERIODS:
        few = f"no trend can be told from {known.size} period{'s' * (known.size != 1)}"
        return PanelTrend(slope=Estimate(value=None, level=level, definition=words), note=note or few)
    found = trend(series, level=level)
    slope = Estimate(
        value=found.slope, low=found.low, high=found.high, n=found.n,
        customers=max((value.customers for value in values), default=0), level=level, method=_TREND_METHOD,
        definition=words,
    )  # fmt: skip
    start = None if found.slope is None else float(np.median(series[known] - found.slope * known))
    return PanelTrend(slope=slope, intercept=start, p=found.p, direction=found.direction)
