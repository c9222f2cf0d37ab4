"""An independent oracle: service episodes, recovery and rage, found one customer at a time in plain Python.

Nothing here shares code with the library's queries; the definitions are those of `with_episodes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from tests.oracle import Counts, Event, Row, Walk, walks


class Contact(NamedTuple):
    """A service contact: its journey, its place there, itself, its touchpoint and its channel."""

    walk: int
    place: int
    event: Event
    touchpoint: str
    channel: str | None


def episodes_from_events(  # noqa: PLR0913 - everything a log, a design and the call say
    rows: Sequence[Row],
    *,
    stages: Sequence[str],
    within: int,
    rage_visits: int,
    rage_within: int,
    recovered_within: int | None,
    channels: dict[str, tuple[str, ...]],
    lost_after_us: int = 0,
    observed_until_us: int | None = None,
) -> dict[str, dict]:
    """The tables of `with_episodes` for one group of customers, as `tests.oracle.totals` gives them."""
    found = walks(rows, stages=stages, lost_after_us=lost_after_us, observed_until_us=observed_until_us)
    until = max(row.time_us for row in rows) if observed_until_us is None else observed_until_us
    contacts = defaultdict(list)
    for number, walk in enumerate(found):
        for place, event in enumerate(walk.events):
            if event.is_service:
                designed = channels.get(event.row.touchpoint, ())
                channel = event.row.channel or (designed[0] if len(designed) == 1 else None)
                contacts[walk.customer].append(Contact(number, place, event, event.row.touchpoint, channel))
    chains = {
        customer: _chains(sorted(own, key=lambda c: (c.event.start, c.event.row.number)), within)
        for customer, own in contacts.items()
    }
    tables = {name: Counts(lambda _: 0) for name in ("episodes", "recovery", "episode_shapes")}
    for customer, own in chains.items():
        for chain in own:
            _count_contacts(tables["episodes"], customer, chain, until - within)
            _count_shape(tables["episode_shapes"], customer, chain, found, stages, recovered_within, until)
    for walk in found:
        _count_rage(tables["episodes"], walk, stages, rage_visits, rage_within)
    for number, walk in enumerate(found):
        _count_recovery(
            tables["recovery"], number, walk, chains.get(walk.customer, []), stages, recovered_within
        )
    return {name: _totals(counts) for name, counts in tables.items()}


def _totals(counts: Counts) -> dict:
    sums: dict = defaultdict(dict)
    for (key, _, measure), count in counts.sums.items():
        if count:
            sums[key][measure] = count
    return dict(sums)


def _chains(ordered: list[Contact], within: int) -> list[list[Contact]]:
    chains: list[list[Contact]] = []
    for contact in ordered:
        if chains and contact.event.start - chains[-1][-1].event.end <= within:
            chains[-1].append(contact)
        else:
            chains.append([contact])
    return chains


def _count_contacts(counts: Counts, customer: str, chain: list[Contact], latest: int) -> None:
    for at, contact in enumerate(chain):
        key = (contact.event.node,)
        watched = contact.event.end <= latest
        counts.add(key, customer, contacts=1, contacts_watched=int(watched))
        if at + 1 == len(chain):
            continue
        after = chain[at + 1]
        if watched:
            counts.add(key, customer, repeats=1)
            counts.once(key, customer, "repeat_customers")
        if contact.channel and after.channel:
            counts.add(key, customer, contact_pairs=1)
            if contact.channel != after.channel:
                counts.add(key, customer, channel_switches=1)
                counts.once(key, customer, "switch_customers")


def _elsewhere(one: Contact, other: Contact) -> bool:
    if one.touchpoint != other.touchpoint:
        return True
    return bool(one.channel and other.channel) and one.channel != other.channel


def _recovers(walk: Walk, place: int, stages: Sequence[str], recovered_within: int | None) -> bool:
    contact = walk.events[place]
    later = [
        event
        for event in walk.events[place + 1 :]
        if not event.is_service and stages.index(event.stage) >= stages.index(contact.stage)
    ]
    if recovered_within is not None:
        later = [event for event in later if event.start - contact.end <= recovered_within]
    return bool(later)


def _count_shape(
    counts: Counts,
    customer: str,
    chain: list[Contact],
    found: list[Walk],
    stages: Sequence[str],
    recovered_within: int | None,
    until: int,
) -> None:
    last = chain[-1]
    walk = found[last.walk]
    outcome = "not_recovered"
    time_left = recovered_within is None or last.event.end + recovered_within > until
    if _recovers(walk, last.place, stages, recovered_within):
        outcome = "recovered"
    elif walk.outcome == "open" and time_left:
        outcome = "open"
    length = str(len(chain)) if len(chain) < 10 else "10+"
    moved = [_elsewhere(one, other) for one, other in pairwise(chain)]
    counts.add(
        (length, outcome), customer, episodes=1, escalated=int(any(moved)), repeated=int(not all(moved))
    )
    counts.once((length, outcome), customer, "customers")


def _count_rage(counts: Counts, walk: Walk, stages: Sequence[str], visits: int, within: int) -> None:
    for node in {event.node for event in walk.events}:
        places = [place for place, event in enumerate(walk.events) if event.node == node]
        raging = False
        for at in range(len(places) - visits + 1):
            first, last = places[at], places[at + visits - 1]
            ranks = [stages.index(event.stage) for event in walk.events]
            progress = max(ranks[: last + 1]) > max(ranks[: first + 1])
            in_time = walk.events[last].start - walk.events[first].start <= within
            raging = raging or (in_time and not progress)
        counts.add((node,), walk.customer, journeys=1, rage_journeys=int(raging))
        if raging:
            counts.once((node,), walk.customer, "rage_customers")


def _count_recovery(
    counts: Counts,
    number: int,
    walk: Walk,
    chains: list[list[Contact]],
    stages: Sequence[str],
    recovered_within: int | None,
) -> None:
    here = [[c.place for c in chain if c.walk == number and c.place < walk.before] for chain in chains]
    failures = [max(places) for places in here if places]
    state = "none"
    if failures:
        every = all(_recovers(walk, place, stages, recovered_within) for place in failures)
        state = "recovered" if every else "not_recovered"
    key = (("0", "1", "2+")[min(len(failures), 2)], state)
    closed = walk.outcome != "open"
    counts.add(key, walk.customer, journeys=1, closed=int(closed), won=int(walk.outcome == "goal"))
    if closed:
        counts.once(key, walk.customer, "customers")
