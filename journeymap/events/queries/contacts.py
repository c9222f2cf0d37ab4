"""How many contacts were there, how did they end, and how long did each part take?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from journeymap.engines.protocol import Snippets
from journeymap.events.queries.tickets import Impossible
from journeymap.events.tickets import FLAGS, Tickets
from journeymap.model.business_hours import WEEKDAYS, BusinessHours
from journeymap.model.contacts import ALL, KEYS

__all__ = [
    "CLOCKS",
    "OUTCOMES",
    "ContactsPlan",
    "Linked",
    "cell_names_sql",
    "cells_sql",
    "clock_spans_sql",
    "contact_counts_sql",
    "contact_customers_sql",
    "contact_times_sql",
    "contacts_sql",
    "distinct_times_sql",
    "marked_columns",
    "marked_sql",
    "time_entries_sql",
]

CLOCKS = ("any", "human", "first", "full", "wait")
OUTCOMES = ("open", "event", "other")
_DAY = 86_400_000_000
_WEEK = 7 * _DAY
_MONDAY = 3 * _DAY + 20_000 * _WEEK  # from 1970 back to a Monday long before any ticket
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Linked:
    """From which column touchpoints are read, and what its values are called."""

    role: str | None
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ContactsPlan:
    """What is counted, and by which rules.

    Parameters
    ----------
    tickets : Tickets
        What the columns mean.
    rows, customers : str
        The tables of tickets, and of customers with their numbers and groups.
    linked : Linked
        Where touchpoints come from.
    has_segment : bool
        Whether segments are told apart.
    by_time : bool
        Whether touchpoints are found in a log.
    repeat : int
        Another contact at most so many microseconds later is a repeat.
    contained : int or None
        The same for what shows that self-service did not contain.
    hours : BusinessHours or None
        When somebody is there.
    until, contacts_until : int
        The end of the observation, and until when contacts are seen; microseconds.
    """

    tickets: Tickets
    rows: str
    customers: str
    linked: Linked
    has_segment: bool
    repeat: int
    contained: int | None
    hours: BusinessHours | None
    by_time: bool = False
    until: int = 0
    contacts_until: int = 0

    def has(self, role: str) -> bool:
        """Whether a column is declared."""
        return f"{role}_col" in self.tickets.columns

    @property
    def windows(self) -> bool:
        """Whether a further contact of the same customer can be seen."""
        return self.has("opened") and self.has("customer")

    @property
    def tells_resolved(self) -> bool:
        """Whether anything says that a ticket is resolved."""
        return bool(self.tickets.resolved_statuses) or self.has("resolved") or self.has("first_resolved")

    @property
    def told_apart(self) -> tuple[str, ...]:
        """The parts of the key that the tickets have."""
        by_touchpoint = self.linked.role is not None or self.by_time
        have = {"touchpoint": by_touchpoint, "segment": self.has_segment}
        return tuple(key for key in KEYS if have.get(key, self.has(key)))


def resolved_by_status(tickets: Tickets, words: Snippets) -> str:
    """Tell whether a ticket's status means resolved; empty where no status does."""
    if not tickets.resolved_statuses:
        return ""
    return f"coalesce(status in ({', '.join(map(words.literal, tickets.resolved_statuses))}), false)"


def _closed_by_status(tickets: Tickets, words: Snippets) -> str:
    if not tickets.unresolved_statuses:
        return "false"
    return f"coalesce(status in ({', '.join(map(words.literal, tickets.unresolved_statuses))}), false)"


def _resolved(plan: ContactsPlan, words: Snippets) -> str:
    status = resolved_by_status(plan.tickets, words)
    if status:
        return status
    time = "t_resolved" if plan.has("resolved") else "t_first_resolved" if plan.has("first_resolved") else ""
    return f"({time} is not null and not {_closed_by_status(plan.tickets, words)})" if time else "false"


def marked_sql(plan: ContactsPlan, kinds: Sequence[Impossible], words: Snippets) -> str:
    """Select one row a complete ticket with its customer's number, its key and what is wrong; to be kept.

    Parameters
    ----------
    plan : ContactsPlan
        What there is.
    kinds : sequence of Impossible
        What is looked for.
    words : Snippets
        The engine's words.

    Returns
    -------
    str
        A query with ``ord``, ``customer`` (a number), ``g``, the four parts of the key (text, empty where not
        known), ``reason``, the declared times and flags, ``company``, ``resolved``, ``ended`` (closed without
        a resolution) and ``wrong``: 0, or 1 for the first of the kinds, and so on.
    """
    wrong = " ".join(f"when {one.condition} then {number}" for number, one in enumerate(kinds, start=1))
    resolved, closed = _resolved(plan, words), _closed_by_status(plan.tickets, words)
    at_once = " or t_closed is not null" if plan.has("closed") else ""
    company = ", ".join(map(words.literal, plan.tickets.company_initiators))
    columns = {
        "ord": "r.ord",
        "customer": "k.customer",
        "g": "k.g",
        "touchpoint": _touchpoint(plan.linked, words),
        **{key: f"coalesce({key}, '')" if key in plan.told_apart else "''" for key in KEYS[1:]},
        "reason": "coalesce(reason, '')" if plan.has("reason") else "''",
        **{f"t_{role}": f"t_{role}" for role in plan.tickets.times},
        **{role: role for role in FLAGS if plan.has(role)},
        "company": f"coalesce(initiator in ({company}), false)" if plan.has("initiator") else "false",
        "resolved": resolved,
        "ended": f"(not {resolved} and ({closed}{at_once}))",
        "wrong": f"(case {wrong} else 0 end)" if wrong else "0",
    }
    listed = ", ".join(f"{text} as {name}" for name, text in columns.items())
    return (
        f"select {listed} from {plan.rows} r join {plan.customers} k on r.customer = k.name where not missing"
    )


def marked_columns(plan: ContactsPlan) -> tuple[str, ...]:
    """List the columns of `marked_sql`."""
    times, flags = (f"t_{role}" for role in plan.tickets.times), (role for role in FLAGS if plan.has(role))
    return ("ord", "customer", "g", *KEYS, "reason", *times, *flags, "company", "resolved", "ended", "wrong")


def _touchpoint(linked: Linked, words: Snippets) -> str:
    if linked.role is None:
        return "''"
    if not linked.names:
        return f"coalesce({linked.role}, '')"
    cases = " ".join(
        f"when {words.literal(value)} then {words.literal(name)}" for value, name in linked.names
    )
    return f"(case {linked.role} {cases} else '' end)"


def cells_sql(marked: str) -> str:
    """Number the keys, so that nothing later has to compare texts; to be kept."""
    keys = ", ".join(KEYS)
    return (
        f"select {keys}, cast(row_number() over (order by {keys}) - 1 as integer) as cell "
        f"from (select distinct {keys} from {marked} where wrong = 0)"
    )


def contacts_sql(plan: ContactsPlan, marked: str, cells: str) -> str:
    """Select one row a possible ticket with what came before and after it; to be kept.

    Parameters
    ----------
    plan : ContactsPlan
        The rules.
    marked, cells : str
        The tables of `marked_sql` and `cells_sql`.

    Returns
    -------
    str
        The columns of `marked_sql` with ``cell`` and, where further contacts can be seen, ``judged`` (the
        window is complete), ``is_first`` (of its episode), ``again`` (there is a further contact within the
        window), and, where that is asked, ``session`` and ``soon`` for the other window. A contact exactly at
        the end of the window is within it.
    """
    join = " and ".join(f"m.{key} = c.{key}" for key in KEYS)
    source = f"select m.*, c.cell from {marked} m join {cells} c on {join} where m.wrong = 0"
    if not plan.windows:
        return source
    order = "partition by company, customer, reason order by t_opened, ord"
    seen = (
        "select *, (lead(t_opened) over w) - t_opened as gap_after, "
        f"t_opened - (lag(t_opened) over w) as gap_before from ({source}) window w as ({order})"
    )
    columns = [
        "*",
        f"t_opened <= {plan.contacts_until - plan.repeat} as judged",
        f"coalesce(gap_before > {plan.repeat}, true) as is_first",
        f"coalesce(gap_after <= {plan.repeat}, false) as again",
    ]
    if plan.contained is not None:
        columns += [
            f"t_opened <= {plan.contacts_until - plan.contained} as session",
            f"coalesce(gap_after <= {plan.contained}, false) as soon",
        ]
    return f"select {', '.join(columns)} from ({seen})"


def _conditions(plan: ContactsPlan) -> dict[str, str]:
    """Say for every measure which contacts it counts; measures that cannot be told are left out."""
    at_first = " and ".join(
        ["judged", "is_first", "not again", "resolved"]
        + [f"{flag} = 0" for flag in ("escalated", "reopened") if plan.has(flag)]
    )
    answers = {
        "judged": (plan.windows, "judged"),
        "repeats": (plan.windows, "judged and again"),
        "first_contacts": (plan.windows, "judged and is_first"),
        "first_repeats": (plan.windows, "judged and is_first and again"),
        "resolved": (plan.tells_resolved, "resolved"),
        "ended": (plan.tells_resolved, "ended"),
        "resolved_at_first": (plan.windows and plan.tells_resolved, at_first),
        "resolvable": (plan.windows and plan.has("unresolvable"), "judged and unresolvable = 0"),
        "resolvable_at_first": (
            plan.windows and plan.tells_resolved and plan.has("unresolvable"),
            f"{at_first} and unresolvable = 0",
        ),
        "unresolvable": (plan.has("unresolvable"), "unresolvable > 0"),
        "resolved_once": (plan.tells_resolved and plan.has("reopened"), _once(plan)),
        "reopened": (plan.tells_resolved and plan.has("reopened"), f"{_once(plan)} and reopened > 0"),
        "resolved_silently": (plan.tells_resolved and plan.has("replies"), "resolved and replies = 0"),
        "escalated": (plan.has("escalated"), "escalated > 0"),
        "queued": (plan.has("queued"), "t_queued is not null"),
        "abandoned": (plan.has("queued") and plan.has("left"), "t_queued is not null and t_left is not null"),
        "answered": (
            plan.has("queued") and plan.has("answered"),
            "t_queued is not null and t_answered is not null",
        ),
    }
    if plan.contained is not None and plan.windows and plan.has("escalated"):
        answers |= {
            "sessions": (True, "session"),
            "deflected": (True, "session and escalated = 0"),
            "contained": (True, "session and escalated = 0 and not soon"),
            "hidden": (True, "session and escalated = 0 and soon"),
            "contained_resolved": (plan.tells_resolved, "session and escalated = 0 and resolved"),
        }
    return {name: condition for name, (told, condition) in answers.items() if told}


def _once(plan: ContactsPlan) -> str:
    """Tell whether a ticket was ever resolved: it is now, has a time of it, or was reopened."""
    parts = ["resolved", "reopened > 0"]
    parts += [f"t_{role} is not null" for role in ("first_resolved", "resolved") if plan.has(role)]
    return f"({' or '.join(parts)})"


def contact_counts_sql(plan: ContactsPlan, contacts: str) -> str:
    """For every key and customer group: how many contacts, of which kind."""
    counts = [
        f"count(*) filter (where not company and {condition}) as {name}"
        for name, condition in {"contacts": "true", **_conditions(plan)}.items()
    ]
    counts.append("count(*) filter (where company) as proactive")
    return f"select cell, g, {', '.join(counts)} from {contacts} group by cell, g order by cell, g"


def contact_customers_sql(plan: ContactsPlan, contacts: str) -> str:
    """For every key and every part of one: how many distinct customers have a contact of each kind.

    Parameters
    ----------
    plan : ContactsPlan
        Which parts of the key are told apart; the others are one, ``"*"``.
    contacts : str
        The table of `contacts_sql`.

    Returns
    -------
    str
        A query with the four parts of the key (``"*"`` for all), ``g`` (always 0), the measures, and
        ``contacts_squared``, the sum over customers of the square of their contacts.
    """
    apart = plan.told_apart
    sets = [part for size in range(len(apart), -1, -1) for part in combinations(apart, size)]
    grouped = ", ".join(f"({', '.join(('customer', *part))})" for part in sets)
    keys = ", ".join(
        f"(case when grouping({key}) = 1 then '{ALL}' else {key} end) as {key}_key"
        if key in apart
        else f"'{ALL}' as {key}_key"
        for key in KEYS
    )
    wanted = {"contacts": "true", **_conditions(plan)}
    counts = ", ".join(f"count(*) filter (where {condition}) as {name}" for name, condition in wanted.items())
    one = f"select {keys}, customer, {counts} from {contacts} where not company "
    one += f"group by grouping sets ({grouped})"
    names = ", ".join(f"{key}_key" for key in KEYS)
    sums = ", ".join(f"count(*) filter (where {name} > 0) as {name}" for name in wanted)
    return (
        f"select {names}, 0 as g, {sums}, cast(sum(contacts * contacts) as bigint) as contacts_squared "
        f"from ({one}) group by {names} order by {names}"
    )


def clock_spans_sql(plan: ContactsPlan, contacts: str) -> str:
    """Select one row a contact and clock: how long it ran and how it ended; to be kept.

    Parameters
    ----------
    plan : ContactsPlan
        What there is.
    contacts : str
        The table of `contacts_sql`.

    Returns
    -------
    str
        A query with ``clock`` (a place in `CLOCKS`), ``business`` (0 or 1), ``cell``, ``g``, ``outcome`` (a
        place in `OUTCOMES`: still running at the end of the observation, ended by what the clock is for,
        ended by something else) and ``us``, microseconds; empty where no clock can run.
    """
    parts = []
    for clock, (start, ends, which) in _clocks(plan).items():
        outcome = " ".join(f"when {condition} then {code}" for condition, _, code in ends)
        stop = " ".join(f"when {condition} then {time}" for condition, time, _ in ends)
        one = (
            f"select cell, g, {start} as start, (case {outcome} else 0 end) as outcome, "
            f"(case {stop} else {plan.until} end) as stop from {contacts} where not company and {which}"
        )
        both = [("0", "stop - start")]
        if plan.hours is not None and clock != "wait":
            both.append(("1", f"{business_time('stop', plan.hours)} - {business_time('start', plan.hours)}"))
        parts += [
            f"select {CLOCKS.index(clock)} as clock, {business} as business, cell, g, outcome, "
            f"cast({span} as bigint) as us from ({one})"
            for business, span in both
        ]
    return " union all ".join(parts)


def _clocks(plan: ContactsPlan) -> dict[str, tuple[str, list[tuple[str, str, int]], str]]:
    """Say for every clock where it starts, what ends it, and for which contacts it runs."""
    found: dict[str, tuple[str, list[tuple[str, str, int]], str]] = {}
    if plan.has("opened"):
        for clock, role in (("any", "first_response"), ("human", "first_human_response")):
            if plan.has(role):
                found[clock] = ("t_opened", [(f"t_{role} is not null", f"t_{role}", 1)], "true")
        closed = [("ended and t_closed is not null", "t_closed", 2)] if plan.has("closed") else []
        if plan.has("first_resolved"):
            ends = [("t_first_resolved is not null", "t_first_resolved", 1), *closed]
            found["first"] = ("t_opened", ends, "not (resolved and t_first_resolved is null)")
        if plan.has("resolved"):
            ends = [("resolved and t_resolved is not null", "t_resolved", 1), *closed]
            found["full"] = ("t_opened", ends, "not (resolved and t_resolved is null)")
    if plan.has("queued") and plan.has("left"):
        ends = [("t_left is not null", "t_left", 1)]
        ends += [("t_answered is not null", "t_answered", 2)] if plan.has("answered") else []
        found["wait"] = ("t_queued", ends, "t_queued is not null")
    return found


def business_time(time: str, hours: BusinessHours) -> str:
    """Count the business microseconds from a Monday long ago to a time: linear by parts within the week.

    Parameters
    ----------
    time : str
        A column with local microseconds since 1970.
    hours : BusinessHours
        When somebody is there.

    Returns
    -------
    str
        An expression; the difference of two such counts is the business time between two times.
    """
    spans = [
        (number * _DAY + opens, number * _DAY + closes)
        for number, day in enumerate(WEEKDAYS)
        for opens, closes in hours.spans_of(day)
    ]
    since = f"({time} + {_MONDAY})"
    inside = f"({since} % {_WEEK})"
    weekly = sum(closes - opens for opens, closes in spans)
    parts = [f"cast(({since} - {inside}) / {_WEEK} as bigint) * {weekly}"]
    parts += [f"least(greatest({inside} - {opens}, 0), {closes - opens})" for opens, closes in spans]
    text = " + ".join(parts)
    for day in sorted(set(hours.holidays)):
        midnight = (day - _EPOCH) // timedelta(microseconds=1)
        for opens, closes in hours.spans_of(WEEKDAYS[day.weekday()]):
            text += f" - least(greatest({time} - {midnight + opens}, 0), {closes - opens})"
    return f"({text})"


def distinct_times_sql(spans: str) -> str:
    """How many different times does each clock have?"""
    return f"select clock, business, count(distinct us) as n from {spans} group by clock, business"


def contact_times_sql(spans: str, rounded: Sequence[tuple[int, int]], width: float) -> str:
    """For every clock, key, outcome, time and customer group: how many.

    Parameters
    ----------
    spans : str
        The table of `clock_spans_sql`.
    rounded : sequence of (int, int)
        The clocks whose times are put into buckets.
    width : float
        How much longer the end of a bucket is than its beginning, as a share.

    Returns
    -------
    str
        A query with ``clock``, ``business``, ``cell``, ``outcome``, ``us`` (of a bucket its geometric
        middle), ``g`` and ``count``.
    """
    grow = math.log1p(width)
    near = f"cast(round(exp((floor(ln(greatest(us, 1)) / {grow!r}) + 0.5e0) * {grow!r})) as bigint)"
    which = " or ".join(f"(clock = {clock} and business = {business})" for clock, business in rounded)
    us = f"(case when us > 0 and ({which}) then {near} else us end)" if rounded else "us"
    keys = "clock, business, cell, outcome, us, g"
    return (
        f"select {keys}, count(*) as count from "
        f"(select clock, business, cell, outcome, {us} as us, g from {spans}) group by {keys}"
    )


def cell_names_sql(cells: str) -> str:
    """Which keys do contacts have, in the order of their numbers?"""
    return f"select * from {cells} order by cell"


def time_entries_sql(times: str) -> str:
    """How many different times are there, by key, outcome and customer group?"""
    return f"select count(*) as entries from {times}"
