"""An independent oracle: service episodes, what becomes of them, and rage, found in plain Python.

Nothing here shares code with the library's queries; the definitions are those of `with_episodes`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from tests.oracle import Counts, Event, Row, Walk, walks


class Contact(NamedTuple):
    """A service contact: its journey, its place there, itself, its touchpoint, and in whose hands it is."""

    walk: int
    place: int
    event: Event
    touchpoint: str
    channel: str | None
    handler: str | None
    owner: str | None
    carries: bool | None


class Designed(NamedTuple):
    """What a design says of a service touchpoint."""

    handler: str | None = None
    owner: str | None = None
    carries: bool | None = None


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
    designed: dict[str, Designed] | None = None,
    min_customers: int = 5,
) -> dict[str, dict]:
    """The tables of `with_episodes` for one group of customers, as `tests.oracle.totals` gives them."""
    found = walks(rows, stages=stages, lost_after_us=lost_after_us, observed_until_us=observed_until_us)
    until = max(row.time_us for row in rows) if observed_until_us is None else observed_until_us
    contacts = defaultdict(list)
    for number, walk in enumerate(found):
        for place, event in enumerate(walk.events):
            if event.is_service:
                name = event.row.touchpoint
                drawn = channels.get(name, ())
                channel = event.row.channel or (drawn[0] if len(drawn) == 1 else None)
                said = (designed or {}).get(name, Designed())
                contacts[walk.customer].append(Contact(number, place, event, name, channel, *said))
    chains = {
        customer: _chains(sorted(own, key=lambda c: (c.event.start, c.event.row.number)), within)
        for customer, own in contacts.items()
    }
    tables = {
        name: Counts(lambda _: 0)
        for name in (
            "episodes", "recovery", "episode_shapes", "episode_moves", "episode_handlers", "continuity",
            "episode_totals", "episode_times", "episode_chains",
        )
    }  # fmt: skip
    named = []
    for customer, own in chains.items():
        for chain in own:
            outcome = _outcome(chain, found, stages, recovered_within, until)
            _count_contacts(tables["episodes"], customer, chain, until - within)
            _count_shape(tables["episode_shapes"], customer, chain, outcome)
            _count_onward(tables["episode_moves"], customer, chain, outcome, until - within)
            _count_hands(tables["episode_handlers"], customer, chain, until - within)
            _count_continuity(tables["continuity"], customer, chain)
            walk = found[chain[-1].walk]
            _count_whole(tables["episode_totals"], customer, chain, outcome, walk)
            took = _took(chain, outcome, walk, stages)
            tables["episode_times"].add(
                (outcome, str(math.floor(8 * math.log2(took + 1)))), customer, episodes=1
            )
            named += [(customer, key, outcome) for key in _names_of(chain)]
    _count_names(tables["episode_chains"], named, min_customers)
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


def _outcome(
    chain: list[Contact], found: list[Walk], stages: Sequence[str], recovered_within: int | None, until: int
) -> str:
    last = chain[-1]
    walk = found[last.walk]
    time_left = recovered_within is None or last.event.end + recovered_within > until
    if _recovers(walk, last.place, stages, recovered_within):
        return "recovered"
    return "open" if walk.outcome == "open" and time_left else "not_recovered"


def _count_shape(counts: Counts, customer: str, chain: list[Contact], outcome: str) -> None:
    length = str(len(chain)) if len(chain) < 10 else "10+"
    moved = [_elsewhere(one, other) for one, other in pairwise(chain)]
    counts.add(
        (length, outcome), customer, episodes=1, escalated=int(any(moved)), repeated=int(not all(moved))
    )
    counts.once((length, outcome), customer, "customers")


def _count_onward(counts: Counts, customer: str, chain: list[Contact], outcome: str, latest: int) -> None:
    end = {"recovered": "@resolved", "not_recovered": "@abandoned", "open": "@open"}[outcome]
    for contact, after in zip(chain, [*chain[1:], None], strict=True):
        key = (contact.event.node, after.event.node if after else end)
        watched = int(contact.event.end <= latest)
        elsewhere = watched * int(after is not None and _elsewhere(contact, after))
        counts.add(key, customer, moves=1, watched=watched, elsewhere=elsewhere)
        counts.once(key, customer, "customers")


def _count_hands(counts: Counts, customer: str, chain: list[Contact], latest: int) -> None:
    for contact in chain:
        keys = [contact.handler or "unknown"]
        keys += ["@self_service"] if contact.handler in {"bot", "ivr", "self_service"} else []
        watched = contact.event.end <= latest
        for key in keys:
            counts.add((key,), customer, contacts=1, contacts_watched=int(watched))
            if watched:
                counts.once((key,), customer, "customers")


def _begins_again(before: Contact, after: Contact) -> tuple[bool, bool | None]:
    """Whether the contact changed hands, and whether the customer had to begin again (None: not known)."""
    pairs = [(getattr(before, name), getattr(after, name)) for name in ("channel", "handler", "owner")]
    changed = any(None not in pair and pair[0] != pair[1] for pair in pairs)
    if None in pairs[0] and before.touchpoint != after.touchpoint:
        changed = True
    if after.event.row.repeated is not None:
        return changed, after.event.row.repeated
    if not changed:
        return False, False
    return True, None if after.carries is None else not after.carries


def _count_continuity(counts: Counts, customer: str, chain: list[Contact]) -> None:
    for before, after in pairwise(chain):
        key = (after.event.node,)
        changed, again = _begins_again(before, after)
        counts.add(
            key,
            customer,
            follow_ups=1,
            changed=int(changed),
            restarts=int(again is True),
            unknown=int(again is None),
        )
        counts.once(key, customer, "customers")


def _count_whole(counts: Counts, customer: str, chain: list[Contact], outcome: str, walk: Walk) -> None:
    again = [_begins_again(one, other)[1] for one, other in pairwise(chain)]
    parts = [
        "all",
        outcome,
        *(["decided"] if outcome != "open" else []),
        *(["several"] if len(chain) > 1 else []),
    ]
    for part in parts:
        counts.add(
            (part,), customer, episodes=1, contacts=len(chain),
            hand_overs=sum(_elsewhere(one, other) for one, other in pairwise(chain)),
            restarts=again.count(True), unknown=again.count(None),
            after_goal=int(chain[-1].place >= walk.before),
        )  # fmt: skip
        counts.once((part,), customer, "customers")


def _took(chain: list[Contact], outcome: str, walk: Walk, stages: Sequence[str]) -> int:
    last = chain[-1]
    done = last.event.end
    if outcome == "recovered":
        done = min(
            event.start
            for event in walk.events[last.place + 1 :]
            if not event.is_service and stages.index(event.stage) >= stages.index(last.event.stage)
        )
    return max(done - chain[0].event.start, 0)


def _names_of(chain: list[Contact]) -> list[tuple[str, str]]:
    found = []
    for by in ("handler", "channel", "touchpoint"):
        names = [getattr(contact, by) or "unknown" for contact in chain]
        found.append((by, " > ".join([*names[:6], *(["…"] if len(names) > 6 else [])])))
    return found


def _count_names(counts: Counts, named: list[tuple[str, tuple[str, str], str]], min_customers: int) -> None:
    customers = defaultdict(set)
    for customer, key, _ in named:
        customers[key].add(customer)
    for customer, (by, chain), outcome in named:
        key = (by, chain if len(customers[by, chain]) >= min_customers else "*")
        counts.add(
            key, customer, episodes=1, resolved=int(outcome == "recovered"),
            abandoned=int(outcome == "not_recovered"),
        )  # fmt: skip
        counts.once(key, customer, "customers")


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
