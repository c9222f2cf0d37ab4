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


def check_cohorts(found, rows, number, *, active=None):
    """The cohorts and periods are those of the dictionaries."""
    first = min(number(at) for _, _, at in rows)
    last = first + len(found.timeline.periods) - 1
    expected = told(rows, number, last=last, active=active)
    moved = {(begins - first, age): n for (begins, age), n in expected["cohorts"].items()}
    assert counted(found.table("cohorts"), "active") == moved
    moved = {(begins - first, age): n for (begins, age), n in expected["unbroken"].items() if n}
    assert counted(found.table("cohorts"), "unbroken") == moved
    for measure in ("active", "new", "kept"):
        moved = {at - first: n for at, n in expected[measure].items() if n}
        assert counted(found.table("periods"), measure) == moved
    assert found.customers == sum(expected["new"].values())


def check_activity(found, rows, *, look_back):
    """What was done in each month, by "use" and "buy", is what the dictionaries tell."""
    first = min(month_number(at) for _, _, at in rows)
    last = first + len(found.timeline.periods) - 1
    expected = told(rows, month_number, last=last, active={"use", "buy"}, look_back=look_back)
    for measure in ("active", "new", "kept", "days", "contacts", "buyers", "again"):
        moved = {at - first: n for at, n in expected[measure].items() if n and at <= last}
        assert counted(found.table, measure) == moved, measure


def told_seconds(rows, unit, *, apart=None):
    """Lengths until a second purchase, in units: how many ended, how many were cut off at the latest event."""
    until = max(at for _, _, at in rows)
    found = {}
    for who in {who for who, what, _ in rows if what == "buy"}:
        times = sorted(at for name, what, at in rows if name == who and what == "buy")
        later = [at for at in times[1:] if apart is None or at - times[0] >= apart]
        span = (later[0] if later else until) - times[0]
        units = -(-span // unit) if later else span // unit
        ended, cut = found.get(units, (0, 0))
        found[units] = (ended + bool(later), cut + (not later))
    return found


def told_silences(rows, unit, gone):
    """Lengths until a silence, in units, as above; who came back after it; who came too late to be seen."""
    until = max(at for _, _, at in rows)
    found, back, unseen = {}, 0, 0
    for who in {who for who, _, _ in rows}:
        times = sorted(at for name, _, at in rows if name == who)
        left = [(a, b) for a, b in zip(times, [*times[1:], None], strict=True) if (b or until) - a >= gone]
        if left:
            units = -(-(left[0][0] - times[0]) // unit)
            back += left[0][1] is not None
        elif times[0] > until - gone:
            unseen += 1
            continue
        else:
            units = (until - gone - times[0]) // unit
        ended, cut = found.get(units, (0, 0))
        found[units] = (ended + bool(left), cut + (not left))
    return found, back, unseen


def lengths(spans):
    """Spans as the functions above tell them."""
    return {
        length: (ended, cut) for length, ended, cut in zip(spans.length, spans.ended, spans.cut, strict=True)
    }
