"""Contacts over the time of customers: by hand, against the books, and against an oracle in plain Python."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import InvalidLogError, MissingEvidenceError, UnknownNameError, WrongKindError
from journeymap.events.contacts import contacts
from journeymap.events.log import EventLog
from journeymap.events.tickets import Tickets
from journeymap.formats import read_journey, write_journey
from journeymap.metrics.contact_history import mean_contacts
from journeymap.metrics.contact_rate import contact_rate
from journeymap.metrics.with_tickets import with_tickets
from journeymap.model.contacts import Contacts
from journeymap.model.journey import Journey
from journeymap.stats.rates import grouped_rate
from tests.events.answer_oracle import seeded

DAY = timedelta(days=1)
END = datetime(2024, 5, 31)  # noqa: DTZ001 - local times
CLUB = Journey(
    name="Club", touchpoints=[{"id": "join", "stage": "purchase"}, {"id": "use", "stage": "loyalty"}]
)


def club(joined, called, *, until=END, table_until=None, **more):
    """Lay contacts on a journey: when each customer joined, and who called when about what."""
    events = [(who, "join", at) for who, at in joined.items()] + [(who, "use", END) for who in joined]
    events.append(("stranger", "noise", END - 400 * DAY))
    log = EventLog(
        pa.table(dict(zip(("who", "what", "at"), map(list, zip(*events, strict=True)), strict=True))),
        customer_col="who", event_col="what", time_col="at",
    )  # fmt: skip
    table = pa.table({
        "who": [row[0] for row in called], "when": [row[1] for row in called],
        "channel": [row[2] if len(row) > 2 else "phone" for row in called],
        "by": [row[3] if len(row) > 3 else "customer" for row in called],
    })  # fmt: skip
    tickets = Tickets(table, customer_col="who", opened_col="when", channel_col="channel", initiator_col="by")
    tickets = tickets.between(*table_until) if table_until else tickets
    return with_tickets(CLUB, tickets, log=log, observed_until=until, **more).contacts


def nelsons():
    """methods.md 1.7: units (events; end) ({2, 5}; 6), ({3}; 8), (none; 4)."""
    ends = {"a": 6, "b": 8, "c": 4}
    joined = {who: END - days * DAY for who, days in ends.items()}
    called = [("a", joined["a"] + 2 * DAY), ("a", joined["a"] + 5 * DAY), ("b", joined["b"] + 3 * DAY)]
    return club(joined, called)


@pytest.mark.parametrize(("days", "value"), [(0, 0), (1, 0), (2, 1 / 3), (3, 2 / 3), (5, 7 / 6), (8, 7 / 6)])
def test_nelsons_mean_cumulative_function(days, value):
    found = mean_contacts(nelsons())
    assert (found.n, found.customers, found.days[-1]) == (3, 3, 8)
    here = found.within(timedelta(days=days))
    assert here.value == pytest.approx(value)
    assert here.low <= here.value <= here.high
    assert here.customers == sum(end >= days for end in (6, 8, 4))
    assert here.definition.startswith("contacts a customer since the first event, within ")


def test_nobody_was_watched_that_long():
    found = mean_contacts(nelsons())
    assert found.within("9 days").value is None
    assert found.within(timedelta(days=8, hours=12)).value is not None
    with pytest.raises(InvalidLogError, match="within: "):
        found.within("soon")
    with pytest.raises(InvalidLogError, match="within: "):
        found.within(-DAY)


def test_a_day_that_was_not_watched_to_its_end_is_left_out():
    joined = {"a": END - 2.5 * DAY, "b": END - 10 * DAY}
    found = mean_contacts(club(joined, [("a", END - timedelta(hours=1)), ("b", END - 9.5 * DAY)]))
    assert found.n == 1  # a's call lies on the third day, half of which was watched
    assert found.within("3 days").value == 0.5  # b alone is watched on day 3; both were on day 1
    assert found.at_risk[:2] == (2, 2)


def test_what_is_no_contact_of_a_watched_customer_counts_nowhere():
    joined = {"a": END - 10 * DAY, "b": END - 4 * DAY}
    called = [
        ("a", END - 5 * DAY), ("b", END - 5 * DAY), ("stranger", END - 5 * DAY), ("nobody", END - 5 * DAY),
        ("a", END - 2 * DAY, "phone", "company"),
    ]  # fmt: skip
    counted = club(joined, called)
    assert counted.contacts == 4
    found = mean_contacts(counted)
    assert (found.n, found.customers) == (1, 2)
    rate = contact_rate(counted, per="1 day")
    assert (rate.n, rate.customers) == (1, 2)
    assert rate.value == pytest.approx(1 / 14)


def random_club(seed, customers):
    rng = seeded(seed)
    joined = {f"c{n:03d}": END - timedelta(hours=rng.randint(0, 2000)) for n in range(customers)}
    called = [
        (f"c{rng.randrange(customers + 3):03d}", END - timedelta(hours=rng.randint(0, 2000)),
         rng.choice(["phone", "mail"]), rng.choice(["customer"] * 4 + ["company"]))
        for _ in range(customers * 3)
    ]  # fmt: skip
    return joined, called


@pytest.mark.parametrize("period", [None, (END - 50 * DAY, END - 10 * DAY)])
@pytest.mark.parametrize(("seed", "customers"), [(1, 3), (2, 40), (3, 150)])
def test_counts_and_time_are_those_of_the_oracle(seed, customers, period):
    joined, called = random_club(seed, customers)
    start, end = period or (END - 9999 * DAY, END)
    counted = club(joined, called, table_until=period, until=END)
    seen = {who: (max(at, start), end) for who, at in joined.items() if at <= end}
    time = sum((until - since for since, until in seen.values()), timedelta(0))
    own = [
        (who, at, channel) for who, at, channel, by in called
        if by == "customer" and who in seen and seen[who][0] <= at <= end and (period is None or at < end)
    ]  # fmt: skip
    for channel in (None, "phone", "mail"):
        rate = contact_rate(counted, per="7 days", channel=channel)
        heard = sum(channel in {None, one} for _, _, one in own)
        assert (rate.n, rate.customers) == (heard, len(seen))
        assert rate.value == pytest.approx(heard / (time / (7 * DAY)))
        assert rate.low <= rate.value < rate.high < math.inf
    whole = {who: end - at for who, at in joined.items() if start <= at <= end}
    found = mean_contacts(counted)
    assert found.customers == len(whole)
    for days in (0, 5, 20, 39):
        mean = sum(at == joined[who] for who, at, _ in own if who in whole) / len(whole)
        for number in range(1, days + 1):
            watched = [who for who, span in whole.items() if span >= number * DAY]
            today = [at - joined[who] for who, at, _ in own if who in watched]
            mean += sum((number - 1) * DAY < gap <= number * DAY for gap in today) / max(len(watched), 1)
        if days <= found.days[-1]:
            assert found.within(timedelta(days=days)).value == pytest.approx(mean)


def test_the_rate_of_a_log_is_that_of_its_customer_groups():
    joined, called = random_club(5, 40)  # fewer than 64: each customer is a group of one
    rate = contact_rate(club(joined, called), per="1 day")
    heard = [
        sum(who == one and by == "customer" and at >= joined[who] for one, at, _, by in called)
        for who in joined
    ]
    by_hand = grouped_rate(heard, [(END - at) / DAY for at in joined.values()])
    assert (rate.value, rate.low, rate.high) == pytest.approx(by_hand[:3])
    assert rate.method.startswith("Garwood at the effective count (")
    assert rate.definition == "contacts a customer in 1 day, from the first event on"


def test_real_time_or_declared_time():
    joined, called = random_club(6, 30)
    counted = club(joined, called)
    journey = CLUB.model_copy(update={"contacts": counted})
    assert contact_rate(counted, customers=journey) == contact_rate(counted)
    declared = contact_rate(counted, customers=100, exposure="30 days")
    assert declared.value == counted.contacts / 100
    with pytest.raises(UnknownNameError, match="no contact has the channel 'fax'"):
        contact_rate(counted, channel="fax")


def test_two_customers_have_an_upper_end():
    rate = contact_rate(club({"a": END - 9 * DAY, "b": END - 9 * DAY}, [("a", END - DAY), ("b", END - DAY)]))
    assert rate.value < rate.high < math.inf
    one = contact_rate(club({"a": END - 9 * DAY}, [("a", END - DAY)]))
    assert one.low < one.value < one.high


def test_without_a_log_nothing_is_known_of_time():
    table = pa.table({"who": ["a"], "when": [END]})
    counted = contacts(Tickets(table, customer_col="who", opened_col="when"))
    with pytest.raises(MissingEvidenceError, match=r"(?s)mean contacts need a log.*log=log"):
        mean_contacts(counted)
    with pytest.raises(MissingEvidenceError, match="contact rate needs customers"):
        contact_rate(counted)
    with pytest.raises(WrongKindError):
        mean_contacts(CLUB)


def test_nobody_came_in_time():
    joined, called = {"a": END - 5 * DAY}, [("a", END - 20 * DAY)]
    counted = club(joined, called, table_until=(END - 30 * DAY, END - 10 * DAY))
    found = mean_contacts(counted)
    assert (found.n, found.customers, found.days) == (0, 0, ())
    assert str(found) == "contacts a customer: nobody was watched"
    assert found.within("1 day").value is None
    assert contact_rate(counted).value is None


def test_it_is_told_in_words_and_as_a_table(tmp_path):
    counted = nelsons()
    found = mean_contacts(counted)
    assert str(found).startswith("contacts a customer: 1.167 (")
    assert "3 contacts of 3 customers" in str(found)
    assert "<pre>" in found._repr_html_()
    assert found.to_frame()["mean"].iloc[-1] == found.mean[-1]
    journey = CLUB.model_copy(update={"contacts": counted})
    write_journey(journey, tmp_path / "club.json")
    again = read_journey(tmp_path / "club.json").contacts
    assert isinstance(again, Contacts)
    assert mean_contacts(again) == found
    assert np.all(np.diff(found.mean) >= 0)
