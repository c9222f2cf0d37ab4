"""Logs for tests of behaviour, and what is in them, counted one customer at a time in plain Python."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pyarrow as pa

from journeymap.events.log import EventLog

COLUMNS = {"customer_col": "who", "event_col": "what", "time_col": "when"}


def naive(*parts):
    """A time without zone, taken as it is given."""
    return datetime(*parts)  # noqa: DTZ001 - the point of it


def logged(rows, **options):
    """A log of (customer, event, time) rows; times are texts or datetimes."""
    who, what, when = (list(column) for column in zip(*rows, strict=True))
    times = pa.array(when, pa.timestamp("us")) if isinstance(when[0], datetime) else pa.array(when)
    return EventLog(pa.table({"who": who, "what": what, "when": times}), **COLUMNS, **options)


def random_rows(seed, *, customers=30, events=6, months=7):
    """Events of customers who come and pause as they like, with ties at midnight and at ends of months."""
    dice = random.Random(seed)  # noqa: S311 - test data
    start = naive(2023, 11, 1)
    edges = [
        naive(2023, 12, 31, 23, 59, 59, 999999),
        naive(2024, 1, 1),
        naive(2024, 2, 29, 12),
        start,
    ]
    rows = []
    for number in range(customers):
        for _ in range(dice.randint(1, events)):
            at = start + timedelta(hours=dice.randrange(months * 30 * 24))
            if dice.random() < 0.2:
                at = dice.choice(edges)
            rows.append((f"c{number:02d}", dice.choice(["use", "use", "buy", "call"]), at))
            if dice.random() < 0.2:
                rows.append(rows[-1])
    return rows


def month_number(at):
    return at.year * 12 + at.month - 1


def week_number(at):
    return (at - naive(2023, 10, 30)) // timedelta(days=7)


def told(rows, number, *, last, active=None, look_back=None):
    """Cohort, period and panel counts, by dictionaries; periods after `last` do not count."""
    seen = defaultdict(set)
    days, contacts, bought = defaultdict(set), Counter(), defaultdict(set)
    for who, what, at in rows:
        period = number(at)
        if active is None or what in active:
            seen[who].add(period)
            days[period].add((who, at.date()))
        contacts[period] += what == "call"
        if what == "buy":
            bought[who].add(period)
    cohorts, unbroken, active_in, new, kept = Counter(), Counter(), Counter(), Counter(), Counter()
    for periods in seen.values():
        first = min(periods)
        for period in periods:
            if period > last:
                continue
            cohorts[first, period - first] += 1
            unbroken[first, period - first] += all(p in periods for p in range(first, period))
            active_in[period] += 1
            new[period] += period == first
            kept[period] += period - 1 in periods
    buyers, again = Counter(), Counter()
    for periods in bought.values():
        for period in periods:
            earlier = [p for p in periods if p < period and (look_back is None or p >= period - look_back)]
            buyers[period] += 1
            again[period] += bool(earlier)
    return {
        "cohorts": cohorts, "unbroken": unbroken, "active": active_in, "new": new, "kept": kept,
        "days": Counter({period: len(found) for period, found in days.items()}), "contacts": contacts,
        "buyers": buyers, "again": again,
    }  # fmt: skip


def counted(table, measure):
    """The sums of a table of evidence, over groups, by key."""
    sums = Counter()
    for row, count in zip(table.row, table.measures[measure], strict=True):
        key = tuple(int(part) for part in table.keys[row])
        sums[key[0] if len(key) == 1 else key] += count
    return {key: count for key, count in sums.items() if count}
