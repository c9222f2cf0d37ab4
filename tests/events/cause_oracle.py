"""An independent oracle: what came before service contacts, found one customer at a time in plain Python.

Nothing here shares code with the library's queries; the definitions are those of `cause_tables`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tests.oracle import Counts, Event, Row, Walk, walks


class Contact(NamedTuple):
    """A service contact, the journey it belongs to, and its place there."""

    walk: Walk
    place: int
    event: Event

    @property
    def company(self) -> bool:
        return self.event.row.touchpoint in self.event_company

    event_company: frozenset = frozenset()


def causes_from_events(
    rows: Sequence[Row],
    *,
    stages: Sequence[str],
    within: int,
    triggered_within: int | None = None,
    owners: Mapping[str, str],
    company: Collection[str],
    lost_after_us: int = 0,
    tells_failures: bool = False,
) -> dict[str, dict]:
    """The tables of `cause_tables` for one group of customers, as `tests.oracle.totals` gives them."""
    found = walks(rows, stages=stages, lost_after_us=lost_after_us)
    until = max(row.time_us for row in rows)
    names = ("causes", "cause_totals", "cause_owners", "cause_overall", "trigger_windows", "around_proactive",
             "after_proactive")  # fmt: skip
    tables = {name: Counts(lambda _: 0) for name in names}
    events: dict[str, list[tuple[Event, Walk, int]]] = defaultdict(list)
    for walk in found:
        for place, event in enumerate(walk.events):
            events[walk.customer].append((event, walk, place))
    window = within if triggered_within is None else triggered_within
    for customer, own in events.items():
        own.sort(key=lambda one: (one[0].start, one[0].row.number))
        contacts = [
            Contact(walk, place, event, frozenset(company)) for event, walk, place in own if event.is_service
        ]
        _count_causes(tables, customer, contacts, within, owners, tells_failures=tells_failures)
        asked = [one[0] for one in own if one[0].row.touchpoint not in company]
        _count_windows(tables["trigger_windows"], customer, asked, window, until)
        _count_around(tables["around_proactive"], customer, contacts, own[0][0].start, own[-1][0].start)
        for contact in contacts:
            _count_next(tables["after_proactive"], customer, contact)
    return {name: _totals(counts) for name, counts in tables.items()}


def _totals(counts: Counts) -> dict:
    sums: dict = defaultdict(dict)
    for (key, _, measure), count in counts.sums.items():
        if count:
            sums[key][measure] = count
    return dict(sums)


def _count_causes(
    tables: dict[str, Counts],
    customer: str,
    contacts: list[Contact],
    within: int,
    owners: Mapping[str, str],
    *,
    tells_failures: bool,
) -> None:
    cause, before_owner, end, asked = "", "", None, False
    overall = tables["cause_overall"]
    for contact in contacts:
        event = contact.event
        if end is None or event.start - end > within:
            asked = False  # another episode, in which the customer began no contact yet
        end = event.end
        overall.add((), customer, all_contacts=1)
        overall.once((), customer, "all_customers")
        if contact.company:
            continue
        begins, asked = not asked, True
        if begins:
            earlier = [e for e in contact.walk.events[: contact.place] if not e.is_service]
            cause = earlier[-1].node if earlier else "@start"
            before_owner = owners.get(earlier[-1].row.touchpoint, "") if earlier else "@start"
        carrier = owners.get(event.row.touchpoint, "")
        counts = {"contacts": 1, "episodes": int(begins)}
        if tells_failures and event.row.failure is not None:
            counts |= {"failures_known": 1, "failures": int(event.row.failure)}
        spent = {"service_us": event.end - event.start}
        for name, key, more in (
            ("causes", (cause, event.node), spent),
            ("cause_totals", (cause,), {}),
            ("cause_owners", (before_owner, carrier), spent),
        ):
            tables[name].add(key, customer, **counts, **more)
            tables[name].once(key, customer, "customers")
        overall.add((), customer, contacts=1)
        overall.once((), customer, "customers")
        if before_owner not in {"", "@start"} and carrier:
            overall.add((), customer, owners_known=1, elsewhere=int(before_owner != carrier))
            overall.once((), customer, "owners_customers")
        if "failures_known" in counts:
            overall.add((), customer, failures_known=1, failures=counts["failures"])
            overall.once((), customer, "failures_customers")


def _count_windows(counts: Counts, customer: str, events: list[Event], window: int, until: int) -> None:
    for place, event in enumerate(events):
        if event.is_service or event.end > until - window:
            continue
        ahead = [later for later in events[place + 1 :] if later.is_service]
        followed = bool(ahead) and ahead[0].start - event.end <= window
        counts.add((event.node,), customer, visits_watched=1, followed=int(followed))
        counts.once((event.node,), customer, "customers")
        if followed:
            counts.once((event.node,), customer, "followed_customers")


def _count_around(counts: Counts, customer: str, contacts: list[Contact], first: int, last: int) -> None:
    company = [place for place, contact in enumerate(contacts) if contact.company]
    if not company:
        return
    counts.add((), customer, customers=1)
    turn = contacts[company[0]].event.start
    if not first < turn < last:
        return
    before = [c for c in contacts[: company[0]] if not c.company and c.event.start > first]
    after = [c for c in contacts[company[0] + 1 :] if not c.company and c.event.start < last]
    counts.add(
        (), customer, compared=1, contacts_before=len(before), us_before=turn - first,
        contacts_after=len(after), us_after=last - turn,
    )  # fmt: skip


def _count_next(counts: Counts, customer: str, contact: Contact) -> None:
    walk = contact.walk
    if contact.place + 1 == len(walk.events):
        following = "won" if walk.outcome == "goal" else walk.outcome
    else:
        after = walk.events[contact.place + 1]
        following = "other"
        if after.is_goal:
            following = "goal"
        elif after.is_service:
            following = "proactive" if after.row.touchpoint in contact.event_company else "reactive"
    key = ("company" if contact.company else "customer", following)
    counts.add(key, customer, contacts=1)
    counts.once(key, customer, "customers")
