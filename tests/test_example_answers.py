"""The simulated survey and tickets of the example: drawn from its customers, and true to its design."""

from __future__ import annotations

from datetime import timedelta
from statistics import mean, median

import pytest

from journeymap.datasets import example_feedback, example_journey, example_log, example_tickets
from journeymap.events.answers import answers
from journeymap.events.contacts import contacts
from journeymap.events.with_feedback import with_feedback

CUSTOMERS = 2_000


@pytest.fixture(scope="module")
def visits():
    names = {raw.event: t.id for t in example_journey().touchpoints for raw in t.raw_events}
    return {
        (row["customer_id"], names[row["event"]], row["timestamp"].replace(microsecond=0))
        for row in example_log(customers=CUSTOMERS).source.to_pylist()
    }


@pytest.fixture(scope="module")
def survey():
    return example_feedback(customers=CUSTOMERS)


@pytest.fixture(scope="module")
def tickets():
    return example_tickets(customers=CUSTOMERS)


def test_the_same_seed_gives_the_same_tables(survey, tickets):
    assert survey.source.equals(example_feedback(customers=CUSTOMERS).source)
    assert tickets.source.equals(example_tickets(customers=CUSTOMERS).source)
    assert not survey.source.equals(example_feedback(customers=CUSTOMERS, seed=1).source)


def test_every_answer_follows_a_visit_within_four_hours(survey, visits):
    times = {}
    for who, where, when in visits:
        times.setdefault((who, where), []).append(when)
    for row in survey.source.to_pylist():
        since = [row["answered_on"] - when for when in times[row["customer"], row["about"]]]
        assert any(timedelta(minutes=9) < gap <= timedelta(hours=4, seconds=1) for gap in since)


def test_every_ticket_is_a_visit_to_a_service_touchpoint(tickets, visits):
    rows = tickets.source.to_pylist()
    assert len({row["ticket"] for row in rows}) == len(rows)
    # a ticket is opened in the second after its call begins; `visits` are told to the second
    second = timedelta(seconds=1)
    for row in rows:
        times = {row["created"], row["created"] - second}
        assert any((row["customer"], row["about"], time) in visits for time in times)
    services = {"chatbot", "help_line", "complaint", "renewal_call"}
    assert len(rows) == sum(where in services for _, where, _ in visits)


def test_what_is_answered_follows_the_feelings_of_the_design(survey):
    design = with_feedback(example_journey(), survey, feeling_from="stars")
    felt = {t.id: t for t in design.touchpoints if t.measured_feeling}
    assert len(felt) == 11
    for touchpoint in felt.values():
        said = example_journey().touchpoint(touchpoint.id).feeling
        estimate = touchpoint.measured_feeling
        # the ends of a scale pull extreme feelings towards the middle
        assert abs(estimate.value) <= abs(said) + 0.5
        assert estimate.value * said > 0
    assert felt["help_line"].measured_feeling.value < felt["chatbot"].measured_feeling.value


def test_only_service_is_asked_how_easy_and_people_how_friendly(survey):
    rows = survey.source.to_pylist()
    services = {t.id: t.service.handler for t in example_journey().touchpoints if t.service}
    assert all((row["easy"] is not None) == (row["about"] in services) for row in rows)
    assert all((row["friendly"] is not None) == (services.get(row["about"]) == "human") for row in rows)
    assert {1, 10, 99} <= {row["recommend"] for row in rows} <= {*range(11), 99}


def test_nothing_in_them_is_impossible(survey, tickets):
    assert answers(survey).set_aside == ()
    found = contacts(tickets)
    assert found.set_aside == ()
    assert found.dropped == 0
    assert found.proactive == sum(row["started_by"] == "company" for row in tickets.source.to_pylist()) > 0


def test_waits_are_those_of_which_customers_complain(tickets):
    waits = {}
    for row in tickets.source.to_pylist():
        if row["first_reply"]:
            waits.setdefault(row["about"], []).append((row["first_reply"] - row["created"]).total_seconds())
    assert median(waits["chatbot"]) < 10
    assert median(waits["help_line"]) == pytest.approx(22 * 60, rel=0.2)
    assert median(waits["complaint"]) == pytest.approx(12 * 86_400, rel=0.3)


def test_complaints_are_answered_in_office_hours_alone(tickets):
    replies = [row["first_reply"] for row in tickets.source.to_pylist() if row["about"] == "complaint"]
    answered = [reply for reply in replies if reply]
    assert answered
    assert all(reply.weekday() < 5 and 9 <= reply.hour < 17 for reply in answered)
    assert mean(reply is not None for reply in replies) > 0.8


def test_ten_customers_have_tickets_too():
    assert example_tickets(customers=10).source.num_rows == 4
