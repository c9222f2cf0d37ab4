"""What an observed journey was counted from, in words."""

from __future__ import annotations

from journeymap.analysis.wording import joined, plural, spoken_time
from journeymap.model.durations import duration_text
from journeymap.model.journey import Journey, Observation

__all__ = ["counted_lines", "counted_rows", "goal_words", "silence_words"]

_SOURCES = {
    "call": "as the caller said",
    "design": "as the design says",
    "data": "the 99th percentile of the gaps within journeys, because nobody said otherwise",
}
_UNITS = {
    "customer": "each all events of one customer",
    "column": "told apart by a column of the log",
    "gap": "ended by a gap of more than {gap}",
}
_TIES = {
    "column": "in the order of a column of the log",
    "event name": "in the order of their names, since the source has no order",
}
_POLICIES = {"ignore": "left out", "keep": "kept as touchpoints of their own", "error": "refused"}
_MOST = 12


def counted_rows(journey: Journey) -> list[tuple[str, str]]:
    """Say what was counted, fact by fact.

    Parameters
    ----------
    journey : Journey
        A journey.

    Returns
    -------
    list of (str, str)
        Facts and their values; empty for a designed journey.
    """
    seen = journey.observation
    if seen is None:
        return []
    goal = goal_words(journey)
    ended = "Lost after" if goal else "Ended after"
    rows = [
        ("Customers", f"{seen.customers:,}"),
        ("Journeys", f"{seen.journeys:,} ({_UNITS[seen.journey_unit].format(gap=_gap(seen))})"),
        ("Events", f"{seen.events:,}"),
        ("Period", f"{_day(seen.start)} to {_day(seen.end)}, observed until {_day(seen.observed_until)}"),
        ("Goal", goal or "none: journeys are neither won nor lost, they end"),
        ("Outcome", _outcome(seen, goal=bool(goal))),
        (ended, f"{silence_words(seen)} of silence ({_SOURCES[seen.lost_after_source]})"),
        ("With rework", f"{plural(seen.rework, 'journey')} with a touchpoint visited more than once"),
        ("Times", "instants, in UTC" if seen.time_zone == "UTC" else "as given, without a time zone"),
    ]
    if seen.groups == 0:
        rows.append(("Evidence", "none: left out, so there are no intervals and no friction"))
    if seen.tie_order != "input":
        rows.append(("Events at the same time", _TIES[seen.tie_order]))
    if seen.wait_error:
        rows.append(("Median and p90 waits", f"from a histogram, at most {100 * seen.wait_error:.2g} % off"))
    if seen.unmapped:
        rows.append(("Events without a touchpoint", _unmapped(seen)))
    if seen.unvisited:
        names = [_name(journey, touchpoint) for touchpoint in seen.unvisited]
        rows.append(("Touchpoints without events", _shortened(names)))
    if seen.dropped:
        rows.append(("Incomplete events", f"{seen.dropped:,} left out"))
    if seen.filters:
        rows.append(("Filters", "; ".join(seen.filters)))
    return rows


def counted_lines(journey: Journey) -> list[str]:
    """Say the same as lines of text.

    Parameters
    ----------
    journey : Journey
        A journey.

    Returns
    -------
    list of str
        One line a fact; empty for a designed journey.
    """
    return [f"{fact}: {value}" for fact, value in counted_rows(journey)]


def _outcome(seen: Observation, *, goal: bool) -> str:
    if not goal:
        return f"{seen.won + seen.lost:,} ended, {seen.open:,} still open"
    return f"{seen.won:,} won, {seen.lost:,} lost, {seen.open:,} not decided yet"


def goal_words(journey: Journey) -> str:
    """What wins a journey?

    Parameters
    ----------
    journey : Journey
        A journey.

    Returns
    -------
    str
        The names of its goals; empty where it has none.
    """
    return joined([_name(journey, goal) for goal in journey.goal])


def silence_words(seen: Observation) -> str:
    """After how long without an event has a journey ended?

    Parameters
    ----------
    seen : Observation
        How the journey was counted.

    Returns
    -------
    str
        A span of time.
    """
    # what people said is repeated word by word; what the data said has microseconds
    if seen.lost_after_source == "data":
        return spoken_time(seen.lost_after.total_seconds())
    return duration_text(seen.lost_after)


def _gap(seen: Observation) -> str:
    return duration_text(seen.new_journey_after) if seen.new_journey_after else ""


def _day(moment: object) -> str:
    return str(moment)[:10]


def _name(journey: Journey, name: str) -> str:
    names = {stage.id: stage.name for stage in journey.stages}
    names |= {touchpoint.id: touchpoint.name for touchpoint in journey.touchpoints}
    return names.get(name, name)


def _unmapped(seen: Observation) -> str:
    total = sum(event.count for event in seen.unmapped) + seen.unmapped_more_events
    named = []
    for event in seen.unmapped:
        channel = f" in {event.channel}" if event.channel else ""
        named.append(f"{event.event}{channel} ({event.count:,})")
    names = _shortened(named, seen.unmapped_more)
    return f"{plural(total, 'event')}, {_POLICIES[seen.unmapped_policy]}: {names}"


def _shortened(names: list[str], unnamed: int = 0) -> str:
    more = len(names) + unnamed - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more:,} more" if more > 0 else "")
