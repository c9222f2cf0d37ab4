"""How fast and how well contacts are answered: by hand, on real tickets, and by simulation."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import InvalidLogError, MissingEvidenceError, UnknownNameError, WrongKindError
from journeymap.events.contacts import contacts
from journeymap.events.discover import discover_journey
from journeymap.events.tickets import Tickets
from journeymap.metrics.contact_rate import contact_rate
from journeymap.metrics.self_service import containment, hidden_failures
from journeymap.metrics.service_outcomes import (
    escalation_rate,
    first_contact_resolution,
    reopen_rate,
    repeat_contact_rate,
)
from journeymap.metrics.service_queue import abandonment_rate, patience, queue_wait
from journeymap.metrics.service_times import first_response_time, resolution_rate, resolution_time
from journeymap.model.business_hours import BusinessHours

START = datetime(2024, 5, 1)  # noqa: DTZ001 - local times


def at(*, days=0.0, hours=0.0):
    return START + timedelta(days=days, hours=hours)


def six_mp():
    """The 6-MP arm of Freireich (1963) as tickets: opened at week 0, answered at relapse, 35 weeks watched."""
    weeks = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+".split()
    until = at(days=40)
    opened = [until - timedelta(days=int(w.rstrip("+"))) if w.endswith("+") else START for w in weeks]
    done = [None if w.endswith("+") else START + timedelta(days=int(w)) for w in weeks]
    return contacts(
        Tickets(pa.table({"opened": opened, "done": done}), opened_col="opened", first_response_col="done"),
        observed_until=until,
    )


def test_the_curve_is_that_of_the_books():
    # Freireich 1963, Gehan 1965; methods.md 1.5: S(6) = .8571 … S(23) = .4482, median 23, interval (13, ∞)
    found = first_response_time(six_mp())
    day = 86_400
    assert found.median.value == 23 * day
    assert found.median.low == 13 * day
    assert found.median.high is None
    assert found.p90.value is None
    assert (found.n, found.censored, found.customers) == (21, 12, 21)
    golden = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    for days, left in golden.items():
        assert 1 - found.share_within(timedelta(days=days)).value == pytest.approx(left, abs=5e-5)
    assert found.share_within("5 days").value == 0
    assert found.share_within("5 days").high > 0
    assert found.share_within("36 days").value is None
    assert "median 23 days (13 days to not reached), p90 not reached" in str(found)
    assert found.to_frame()["seconds"].iloc[0] == 0


def test_the_ignored_customer_does_not_vanish():
    rows = [(0, 1, None), (0, 2, None), (0, 3, None), (0, None, None), (0, None, 5)]
    table = pa.table({
        "opened": [at(hours=a) for a, _, _ in rows], "done": [b and at(hours=b) for _, b, _ in rows],
        "closed": [c and at(hours=c) for _, _, c in rows],
    })  # fmt: skip
    tickets = Tickets(table, opened_col="opened", first_response_col="done", closed_col="closed")
    found = first_response_time(contacts(tickets, observed_until=at(hours=100)))
    assert found.median.value == 3 * 3600  # not 2: two of five were never answered, one of them closed
    assert found.share_within("50 hours").value == pytest.approx(0.6)
    assert found.censored == 2


def aalen_johansen_tickets():
    """methods.md 1.6: T = 1..10, E = 1,2,0,1,2,1,0,2,1,0, one hour each, everything seen at hour 10."""
    ends = [1, 2, 0, 1, 2, 1, 0, 2, 1, 0]
    until = at(hours=10)
    opened = [until - timedelta(hours=t) if e == 0 else START for t, e in enumerate(ends, start=1)]
    solved = [at(hours=t) if e == 1 else None for t, e in enumerate(ends, start=1)]
    closed = [at(hours=t) if e == 2 else None for t, e in enumerate(ends, start=1)]
    table = pa.table({"opened": opened, "solved": solved, "closed": closed})
    return contacts(
        Tickets(table, opened_col="opened", resolved_col="solved", closed_col="closed"), observed_until=until
    )


def test_given_up_is_an_end_of_its_own():
    # CIF₁(10) = 0.480952; the naive 1 − KM = 0.691429 is too high
    rate = resolution_rate(aalen_johansen_tickets(), within="10 hours")
    assert rate.value == pytest.approx(0.480952, abs=1e-6)
    assert rate.low < 0.48 < rate.high
    assert rate.censored == 3
    assert "Aalen–Johansen" in rate.method
    found = resolution_time(aalen_johansen_tickets(), definition="full")
    assert found.median.value is None  # never half of them
    with pytest.raises(MissingEvidenceError, match="resolution time needs first_resolved_col"):
        resolution_time(aalen_johansen_tickets(), definition="first")
    with pytest.raises(
        InvalidLogError, match=r"definition: 'last' is none\. Expected one of: first, full\.$"
    ):
        resolution_time(aalen_johansen_tickets(), definition="last")


def test_business_hours_stand_still_at_night():
    table = pa.table(
        {"opened": [at(hours=16), at(hours=20)], "done": [at(days=1, hours=10), at(days=1, hours=8)]}
    )
    tickets = Tickets(table, opened_col="opened", first_response_col="done")
    hours = BusinessHours(weekdays=dict.fromkeys(["wed", "thu"], "09:00-17:00"))
    counted = contacts(tickets, business_hours=hours)
    assert first_response_time(counted, hours="business").p90.value == 2 * 3600
    assert first_response_time(counted, hours="business").share_within("0 seconds").value == 0.5
    assert first_response_time(counted).p90.value == 18 * 3600
    with pytest.raises(MissingEvidenceError, match="times in business hours need business_hours"):
        first_response_time(contacts(tickets), hours="business")


def episodes(**options):
    """Six contacts of five customers: a comes back after two days, d cannot be resolved, e is too late."""
    table = pa.table({
        "who": ["a", "a", "b", "c", "d", "e"],
        "when": [at(days=1), at(days=3), at(days=1), at(days=2), at(days=2), at(days=20)],
        "state": ["Solved", "Solved", "Solved", "Open", "Solved", "Solved"],
        "replies": [1, 0, 0, 4, 2, 0],
        "up": [False, False, False, False, True, False],
        "level2": [0, 0, 0, 0, 1, 0],
        "again": [0, 1, None, 0, 2, 0],
        "who_did": ["bot", "human", "bot", "bot", "bot", "human"],
    })  # fmt: skip
    columns = {
        "customer_col": "who", "opened_col": "when", "status_col": "state", "resolved_statuses": "Solved",
        "replies_col": "replies", "escalated_col": "up", "unresolvable_col": "level2", "reopened_col": "again",
        "handler_col": "who_did",
    }  # fmt: skip
    return contacts(Tickets(table, **columns), observed_until=at(days=24), **options)


@pytest.mark.parametrize(
    ("definition", "value", "n", "censored"),
    [
        ("operational", 3 / 4, 4, 1),  # a, b, c, d begin episodes; a comes back
        ("gross", 1 / 5, 5, 1),  # only b: a came back, c is open, d was handed on
        ("net", 1 / 4, 4, 1),  # the same without d
        ("ticket", 3 / 5, 5, 0),  # resolved a, a, b, d, e; without a further reply a, b, e
    ],
)
def test_first_contact_resolution_by_hand(definition, value, n, censored):
    found = first_contact_resolution(episodes(), definition=definition)
    assert (found.value, found.n, found.censored) == (pytest.approx(value), n, censored)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_other_outcomes_by_hand():
    counted = episodes()
    repeat = repeat_contact_rate(counted)
    assert (repeat.value, repeat.n, repeat.customers, repeat.censored) == (pytest.approx(1 / 5), 5, 4, 1)
    assert "within 7 days" in repeat.definition
    assert repeat_contact_rate(episodes(repeat_within="1 day")).value == 0
    reopened = reopen_rate(counted)  # a (second), d of a, a, b, d, e
    assert (reopened.value, reopened.n) == (pytest.approx(2 / 5), 5)
    assert escalation_rate(counted).value == pytest.approx(1 / 6)
    assert escalation_rate(counted, handler="bot").value == pytest.approx(1 / 4)
    assert escalation_rate(counted, handler=["bot", "human"]).n == 6


def test_containment_is_not_deflection():
    counted = episodes(contained_within="2 days")
    # bot sessions a, b, c, d: d handed on, a contacts again after exactly two days
    deflected = containment(counted, definition="deflection")
    contained = containment(counted, definition="containment")
    hidden = hidden_failures(counted)
    assert (deflected.value, contained.value, hidden.value) == pytest.approx((3 / 4, 2 / 4, 1 / 4))
    by_signal = containment(counted, definition="containment", resolved_by="signal")
    assert by_signal.value == pytest.approx(2 / 4)  # a and b; c is open
    assert "within 2 days" in contained.definition
    assert "handler bot" in contained.definition
    with pytest.raises(MissingEvidenceError, match="needs contained_within"):
        containment(episodes(), definition="containment")
    with pytest.raises(InvalidLogError, match="'rate' by 'signal' is none"):
        containment(counted, definition="rate", resolved_by="signal")


def test_who_gives_up_and_how_patient_they_are():
    table = pa.table({
        "in": [START] * 5, "got": [None, at(hours=2), None, at(hours=4), None],
        "gone": [at(hours=1), None, at(hours=3), None, None],
    })  # fmt: skip
    counted = contacts(
        Tickets(table, queued_col="in", answered_col="got", left_col="gone"), observed_until=at(hours=5)
    )
    rate = abandonment_rate(counted)
    assert (rate.value, rate.n, rate.censored) == (pytest.approx(2 / 5), 5, 1)
    # by hand: S(1) = 4/5; one answered at 2; S(3) = 4/5 · 2/3
    patient = patience(counted)
    assert patient.share_within("1 hour").value == pytest.approx(1 / 5)
    assert patient.share_within("3 hours").value == pytest.approx(1 - 4 / 5 * 2 / 3)
    assert patient.censored == 3
    # by hand: F(2) = 4/5 · 1/4, F(4) = F(2) + 4/5 · 3/4 · 2/3 · 1/2
    assert queue_wait(counted).share_within("4 hours").value == pytest.approx(0.4)


def test_contact_rate_is_garwoods_where_contacts_are_independent():
    ten = Tickets(
        pa.table({"who": [f"c{n}" for n in range(10)], "when": [START] * 10}),
        customer_col="who",
        opened_col="when",
    )
    found = contact_rate(contacts(ten), customers=100, exposure="30 days")
    # methods.md 1.7: k = 10 → (4.7954, 18.3904)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.047954, 0.183904), abs=1e-6)
    assert found.method == "Garwood"
    assert contact_rate(contacts(ten), customers=100, exposure="30 days", per="15 days").value == 0.05
    one = Tickets(pa.table({"who": ["a"] * 10, "when": [START] * 10}), customer_col="who", opened_col="when")
    wide = contact_rate(contacts(one), customers=100, exposure="30 days")
    assert wide.value == 0.1
    assert wide.high > 0.5
    assert "dispersion 10" in wide.method


def test_contact_rate_takes_the_customers_of_a_journey(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design)
    table = pa.table({"who": ["c01", "c02"], "when": [START] * 2})
    counted = contacts(Tickets(table, customer_col="who", opened_col="when"))
    seen = journey.observation
    days = (seen.observed_until - seen.start) / timedelta(days=30)
    assert contact_rate(counted, customers=journey).value == pytest.approx(2 / 12 / days)
    with pytest.raises(MissingEvidenceError, match="was designed, not observed"):
        contact_rate(counted, customers=toy_design)
    with pytest.raises(MissingEvidenceError, match="contact rate needs exposure"):
        contact_rate(counted, customers=12)
    with pytest.raises(InvalidLogError, match="1 are at risk, but 2 have contacts"):
        contact_rate(counted, customers=1, exposure="1 day")


def test_what_the_company_starts_waits_for_no_answer():
    table = pa.table(
        {"when": [START] * 3, "done": [at(hours=1), None, None], "by": ["customer", "company", None]}
    )
    tickets = Tickets(table, opened_col="when", first_response_col="done", initiator_col="by")
    counted = contacts(tickets)
    assert (counted.contacts, counted.proactive) == (2, 1)
    assert first_response_time(counted).n == 2


def nobody():
    return contacts(
        Tickets(pa.table({"when": [START], "done": [START], "by": ["company"], "state": ["Solved"], "who": ["a"]}),
                customer_col="who", opened_col="when", first_response_col="done", initiator_col="by", status_col="state",
                resolved_statuses="Solved")
    )  # fmt: skip


def test_nothing_to_count_is_not_an_error():
    found = first_response_time(nobody())
    assert (found.n, found.median.value, found.share_within("1 day").value) == (0, None, None)
    assert str(found) == "first response: no contacts"
    fcr = first_contact_resolution(nobody(), definition="operational")
    assert (fcr.value, fcr.n) == (None, 0)
    rate = contact_rate(nobody(), customers=10, exposure="30 days")
    assert (rate.value, rate.low) == (0, 0)
    assert rate.high == pytest.approx(3.6889 / 10, abs=1e-4)  # methods.md 1.7: k = 0, upper end 3.6889


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (first_response_time, "first response time needs first_response_col"),
        (
            lambda c: first_response_time(c, clock="human"),
            "first response time needs first_human_response_col",
        ),
        (lambda c: resolution_time(c, definition="full"), "resolution time needs resolved_col"),
        (lambda c: first_contact_resolution(c, definition="operational"), "needs customer_col"),
        (lambda c: first_contact_resolution(c, definition="ticket"), "needs a resolution: status_col with"),
        (
            repeat_contact_rate,
            "repeat contact rate needs customer_col: .*nobody can tell whether",
        ),
        (reopen_rate, "reopen rate needs reopened_col"),
        (escalation_rate, "escalation rate needs escalated_col"),
        (abandonment_rate, "abandonment rate needs queued_col"),
        (patience, "patience needs queued_col"),
        (hidden_failures, "hidden failures needs customer_col"),
    ],
)
def test_what_is_not_declared_is_not_measured(metric, message):
    counted = contacts(Tickets(pa.table({"when": [START]}), opened_col="when"))
    with pytest.raises(MissingEvidenceError, match=message) as caught:
        metric(counted)
    assert "Tickets" in caught.value.hint


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(
        UnknownNameError, match=r"escalation_rate: no contact has the handler 'bott'.*bot, human"
    ) as caught:
        escalation_rate(episodes(), handler="bott")
    assert caught.value.hint == "did you mean 'bot'?"
    with pytest.raises(UnknownNameError, match="not told apart by channel"):
        escalation_rate(episodes(), channel="phone")
    with pytest.raises(InvalidLogError, match=r"definition: 'groos' is none.*\n.*did you mean 'gross'"):
        first_contact_resolution(episodes(), definition="groos")
    with pytest.raises(WrongKindError, match="reopen_rate: cannot take a value of kind Tickets"):
        reopen_rate(Tickets("tickets.csv"))
    with pytest.raises(InvalidLogError, match="target: 'soon' is no span"):
        first_response_time(six_mp()).share_within("soon")


def desk(folder, **options):
    """The support tickets: times of first response and of resolution, but none of opening."""
    return Tickets(
        folder / "support_tickets" / "customer_support_tickets.csv", customer_col="Customer Email",
        ticket_col="Ticket ID", first_response_col="First Response Time", resolved_col="Time to Resolution",
        status_col="Ticket Status", resolved_statuses="Closed", channel_col="Ticket Channel", **options,
    )  # fmt: skip


def test_real_tickets_are_reported_where_they_cannot_be_true(shared_data):
    counted = contacts(desk(shared_data))
    (aside,) = counted.set_aside
    assert aside.count == 1_365
    assert aside.kind == "resolved before the first response"
    assert counted.rows == 8_469
    assert counted.contacts == 8_469 - 1_365
    assert "1,365 left out: resolved before the first response" in str(counted)
    assert counted.values("channel") == ("Chat", "Email", "Phone", "Social media")
    with pytest.raises(
        MissingEvidenceError, match="first response time needs opened_col: the time of the first"
    ):
        first_response_time(counted)
    with pytest.raises(MissingEvidenceError, match="resolution time needs opened_col"):
        resolution_rate(counted, within="1 day")
    with pytest.raises(MissingEvidenceError, match="needs opened_col"):
        repeat_contact_rate(counted)
    with pytest.raises(InvalidLogError, match="1,365 resolved before the first response"):
        contacts(desk(shared_data, impossible="error"))


BATCHES, RUNS = 20, 25  # a number reads all counts of its contacts, so few runs stand in one table


def clustered(rng, *, customers, each, spread):
    """Contacts of customers who are unlike in how soon they are answered and how often they come back."""
    who, run, when, minutes, up = [], [], [], [], []
    for number in range(RUNS):
        n = 1 + rng.poisson(each - 1, customers)
        own = np.repeat(rng.lognormal(0, spread, customers), n)
        chance = np.repeat(rng.beta(0.3 / spread**2, 0.7 / spread**2, customers), n)
        who.append(np.repeat(np.arange(customers) + number * customers, n))
        run.append(np.full(own.size, number))
        minutes.append(np.ceil(60 * own * rng.exponential(1, own.size)).astype(int))
        when.append(rng.integers(0, 300, own.size))
        up.append(rng.random(own.size) < chance)
    origin, until = np.datetime64("2024-01-01", "us"), 420  # minutes until the end of the observation
    opened = np.concatenate(when)
    done = opened + np.concatenate(minutes)
    table = pa.table({
        "who": pa.array(np.concatenate(who)).cast(pa.string()),
        "when": pa.array(origin + opened.astype("timedelta64[m]")),
        "done": pa.array(origin + done.astype("timedelta64[m]"), mask=done > until),
        "up": np.concatenate(up), "run": pa.array(np.concatenate(run)).cast(pa.string()),
    })  # fmt: skip
    tickets = Tickets(
        table, customer_col="who", opened_col="when", first_response_col="done", escalated_col="up"
    )
    return contacts(tickets, by="run", observed_until="2024-01-01T07:00:00")


def truth_of_times(spread, each):
    """The median wait, and the share within an hour, of contacts; by a large simulation."""
    rng = np.random.default_rng(7)
    n = 1 + rng.poisson(each - 1, 400_000)
    own = np.repeat(rng.lognormal(0, spread, n.size), n)
    minutes = np.ceil(60 * own * rng.exponential(1, own.size))
    return float(np.quantile(minutes, 0.5, method="inverted_cdf")) * 60, float((minutes <= 60).mean())


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "each", "spread"), [(40, 3, 1.0), (150, 4, 1.2), (100, 1, 0.5)])
def test_intervals_hold_the_truth(customers, each, spread):
    median, share = truth_of_times(spread, each)
    hits = {"median": 0, "share": 0, "escalated": 0}
    rng = np.random.default_rng(0)
    for _ in range(BATCHES):
        counted = clustered(rng, customers=customers, each=each, spread=spread)
        for run in counted.values("segment"):
            times = first_response_time(counted, segment=run)
            hour = times.share_within("1 hour")
            up = escalation_rate(counted, segment=run)
            hits["median"] += times.median.low <= median and (
                times.median.high is None or median <= times.median.high
            )
            hits["share"] += hour.low <= share <= hour.high
            hits["escalated"] += up.low <= 0.3 <= up.high
    covered = {name: 100 * n / (BATCHES * RUNS) for name, n in hits.items()}
    print(customers, each, spread, covered)
    assert all(93 <= found <= 97 for found in covered.values()), covered


@pytest.mark.slow
def test_contact_rates_of_unlike_customers_hold_the_truth():
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(BATCHES):
        # unlike customers, on average 0.3 contacts each
        n = rng.poisson(rng.gamma(0.5, 0.6, (RUNS, 200))).ravel()
        who = np.repeat(np.arange(RUNS * 200), n)
        table = pa.table({
            "who": pa.array(who).cast(pa.string()), "run": pa.array(who // 200).cast(pa.string()),
            "when": [START] * who.size,
        })  # fmt: skip
        counted = contacts(Tickets(table, customer_col="who", opened_col="when"), by="run")
        for run in counted.values("segment"):
            found = contact_rate(counted, customers=200, exposure="30 days", segment=run)
            hits += found.low <= 0.3 <= found.high
    covered = 100 * hits / (BATCHES * RUNS)
    print(covered)
    assert 93 <= covered <= 97
