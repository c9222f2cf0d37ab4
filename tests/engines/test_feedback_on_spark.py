"""Surveys and tickets on Spark: by the oracles that DuckDB answers to, and in any order of the rows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from journeymap.errors import InvalidLogError
from journeymap.events.answers import answers
from journeymap.events.contacts import contacts
from journeymap.events.customer_feelings import with_customer_feelings
from journeymap.events.discover import discover_journey
from journeymap.events.driver_moments import driver_moments
from journeymap.events.feedback import Feedback
from journeymap.events.queries.answers import rows_sql
from journeymap.events.queries.tickets import tickets_sql
from journeymap.events.tickets import Tickets
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics.contact_counts import chosen, contact_counts, contact_customers
from journeymap.metrics.with_tickets import with_tickets
from tests.events.answer_oracle import (
    DESIGN,
    QUESTIONS,
    SECOND,
    START,
    feedback_of,
    log_of,
    oracle,
    random_answers,
    random_events,
    seeded,
    table_of,
    totals,
    visits_of,
)
from tests.events.test_contacts import COLUMNS, DAY, HOURS, WEEK, spans_of
from tests.events.test_contacts import table_of as tickets_of
from tests.events.test_with_feedback import (
    check_consistency,
    check_counts,
    check_curves,
    check_linking,
    check_scores,
)
from tests.metrics import test_with_tickets
from tests.ticket_oracle import Oracle, random_tickets

pytestmark = pytest.mark.xdist_group("spark")

STARS = {"measure": "csat", "scale": {"low": 1, "high": 5}}
GRADES = ("all", "food", "room")


def shuffled(spark, table, seed):
    """The rows as a DataFrame of several parts, in an order of its own."""
    rows = list(range(table.num_rows))
    random.Random(seed).shuffle(rows)  # noqa: S311 - repeatable
    mixed = table.take(rows)
    half = table.num_rows // (seed + 2)
    parts = [spark.createDataFrame(part) for part in (mixed[:half], mixed[half:])]
    frame = parts[0].union(parts[1])
    # Arrow's naive times came as instants of the session's zone
    naive = [f"cast({name} as timestamp_ntz) as {name}" if str(kind) == "timestamp[us]" else name
             for name, kind in zip(table.column_names, table.schema.types, strict=True)]  # fmt: skip
    return frame.selectExpr(*naive)


def test_answers_lie_where_the_oracle_lays_them(engine):
    rng = seeded(8)
    events, rows = random_events(rng, 75), random_answers(rng, 75)
    log, gap = log_of(events), 3 * SECOND
    journey = discover_journey(log, DESIGN, unmapped="ignore", lost_after="1 minute", new_journey_after=gap)
    result = with_feedback(
        journey, feedback_of(rows), log=replace(log, engine=engine), window=2 * SECOND, by="group",
        feeling_from="felt", unknown="ignore",
    )  # fmt: skip
    visits = visits_of(events, unit="gap", gap=gap)
    known = {touchpoint.id for touchpoint in journey.touchpoints}
    found = oracle(rows, visits, window=2 * SECOND, several=True, known=known)
    check_linking(result, found)
    check_counts(result, rows, found)
    check_curves(result, rows, found)
    check_consistency(result, rows, found)
    check_scores(result)
    coverage = result.answers.table("coverage")
    assert coverage.groups == 64
    assert totals(coverage, "answered")["customer",] == len({row["who"] for row in rows} & set(visits))


def test_feelings_of_a_survey_count_as_on_duckdb(engine):
    rng = seeded(4)
    rows = random_answers(rng, 25)
    log = log_of(random_events(rng, 25), journey_col="visit")
    journey = discover_journey(log, DESIGN, unmapped="ignore", lost_after="1 minute")
    told = {"window": 2 * SECOND, "min_customers": 2, "good_above": 0.5}
    asked = {"feedback": feedback_of(rows), "feeling_from": "felt", **told}
    here = replace(log, engine=engine)
    assert with_customer_feelings(journey, here, **asked) == with_customer_feelings(journey, log, **asked)


def test_feelings_of_the_log_run_as_on_duckdb(engine):
    rng = seeded(12)
    log = log_of(random_events(rng, 9), feeling_col="felt")
    journey = discover_journey(log, DESIGN, unmapped="ignore", lost_after="1 minute")
    survey, told = feedback_of(random_answers(rng, 9)), {"window": 2 * SECOND, "unknown": "ignore"}
    here = with_feedback(journey, survey, log=replace(log, engine=engine), **told).answers
    assert here == with_feedback(journey, survey, log=log, **told).answers
    assert totals(here.table("curves"), "journeys")


def test_a_survey_is_read_by_every_rule_as_on_duckdb(engine):
    rng = seeded(13)
    rows = [
        {
            "who": rng.choice(["", *(f"c{number}" for number in range(12))]),
            "at": rng.choice(["", *(f"2024-05-{day:02d} 10:00:00.5" for day in range(1, 20))]),
            "about": rng.choice(["", "pay"]), "group": rng.choice(["x", "it's", ""]), "asked": rng.choice("yn"),
            "w": rng.choice(["0.5", "1", "2.25"]), "net": str(rng.randint(-1, 11)),
            "found": rng.choice(["1", "2", "fine", "5.0", "5d", "0", "n/a", ""]),
            "hoped": rng.choice(["1", "3", "fine", "9", "n/a", ""]),
        }
        for _ in range(150)
    ]  # fmt: skip
    stars = {"column": "found", "expected_col": "hoped", "values": {"fine": 4}, "blank": [0, "n/a"], **STARS}
    net = {"column": "net", "measure": "nps", "where": {"asked": "y"}, "touchpoint": "pay"}
    survey = Feedback(
        table_of(rows), questions=[stars, net], customer_col="who", time_col="at", touchpoint_col="about",
        weight_col="w", on_missing="drop", off_scale="drop",
    ).between("2024-05-03", "2024-05-18").where(group=["it's", None])  # fmt: skip
    here = answers(replace(survey, engine=engine), by="group")
    assert here == answers(survey, by="group")
    assert min(here.linking.by_question, here.linking.by_column) > 0
    assert sum(here.table("gaps").measures["answers"]) > 5
    assert {aside.count > 0 for aside in here.set_aside} == {True}
    assert sum(here.blank.values()) > 0


def test_weights_that_are_none_are_told_as_on_duckdb(engine):
    written = ["1", "1d", "0,5", "0,5", "-1", "", "heavy", "heavy", "heavy"]
    survey = Feedback(
        table_of([{"stars": "3", "w": one} for one in written]), questions=[{"column": "stars", **STARS}],
        weight_col="w",
    )  # fmt: skip
    told = r"8 of 9 rows have no weight that can be read: 'heavy' \(3\), '0,5' \(2\), '-1' \(1\), '1d' \(1\)"
    for one in (survey, replace(survey, engine=engine)):
        with pytest.raises(InvalidLogError, match=told):
            answers(one)


def test_contacts_are_those_of_the_oracle(engine):
    rows = random_tickets(seeded(3), 150, customers=100)
    counted = contacts(
        Tickets(tickets_of(rows), **COLUMNS, engine=engine),
        by="segment", repeat_within=WEEK, contained_within=DAY, business_hours=HOURS,
    )  # fmt: skip
    expected = Oracle(rows, window=WEEK, short=DAY)
    assert sum(aside.count for aside in counted.set_aside) == expected.impossible > 0
    assert counted.observed_until == expected.until
    for wanted in ({}, {"channel": "phone", "segment": "new"}, {"handler": "bot"}):
        counts = expected.counts(lambda row, w=wanted: all(row[name] == value for name, value in w.items()))
        of = chosen(counted, "test", wanted)
        assert contact_customers(of, "contacts") == counts.pop("customers")
        assert {name: contact_counts(of, name).sum() for name in counts} == counts
    for clock in ("any", "human", "first", "full", "wait"):
        assert spans_of(counted, clock, "calendar") == expected.spans(clock)
        if clock != "wait":
            assert spans_of(counted, clock, "business") == expected.spans(
                clock, length=lambda a, b: HOURS.between(a, b) // timedelta(microseconds=1)
            )


def test_statuses_touchpoints_and_queues_mean_what_they_mean_on_duckdb(engine):
    rng = seeded(14)
    rows = [
        row
        | {"state": rng.choice(["Solved", "Won't fix", "Open", ""]), "about": rng.choice(["7", "it's", None])}
        for row in random_tickets(rng, 60)
    ]
    table = tickets_of(rows, [*COLUMNS.values(), "state", "about"])
    names = {"customer_col": "customer", "touchpoint_col": "about"}
    desk = Tickets(
        table, opened_col="opened", resolved_col="solved", closed_col="closed", status_col="state",
        resolved_statuses=("Solved",), unresolved_statuses=("Won't fix",), on_missing="drop", **names,
    ).where(handler=["bot", None])  # fmt: skip
    by_time = Tickets(table, opened_col="opened", first_resolved_col="solved_first", **names)
    start = min(row["queued"] for row in rows if row["queued"])
    queue = Tickets(table, queued_col="queued", answered_col="answered", left_col="gone", **names)
    for tickets, told in (
        (desk, {"touchpoints": {"7": "phone", "it's": "chat"}, "repeat_within": WEEK}),
        (by_time, {}),
        (queue.between(start + DAY, start + WEEK), {}),
    ):
        here = contacts(replace(tickets, engine=engine), **told)
        assert here == contacts(tickets, **told)
        assert sum(here.table("contacts").measures["contacts"]) > 0


def test_tickets_on_a_journey_and_contacts_over_time_are_those_of_duckdb(engine):
    rng = seeded(6)
    events, rows = random_events(rng, 40), test_with_tickets.random_tickets(rng, 40)
    log = log_of(events)
    journey = discover_journey(log, DESIGN, unmapped="ignore", new_journey_after=2 * SECOND)
    tickets = Tickets(
        table_of(rows), customer_col="who", opened_col="when", first_response_col="done",
        touchpoint_col="about", initiator_col="by",
    ).between(START + SECOND, START + 2 * DAY)  # fmt: skip
    told = {"window": 3 * SECOND, "unknown": "ignore", "observed_until": START + 3 * DAY}
    here = with_tickets(journey, tickets, log=replace(log, engine=engine), **told)
    there = with_tickets(journey, tickets, log=log, **told)
    assert here.contacts == there.contacts
    assert here == there
    assert sum(here.contacts.table("exposure").measures["contacts"]) > 0


def test_rows_of_a_frame_are_customers_of_their_own(engine, spark):
    rng = seeded(9)
    rows = [
        {
            "w": rng.choice([0.5, 1.0, 2.25]),
            **{name: rng.choice(["1", "2", "5", "5f", None]) for name in GRADES},
        }
        for _ in range(90)
    ]
    table = table_of([*rows, *rows[:30]])
    asked = {
        "questions": [{"column": name, **STARS} for name in GRADES],
        "weight_col": "w",
        "off_scale": "drop",
    }
    told = {"outcome": "all", "missing": "indicator"}
    here = driver_moments(Feedback(shuffled(spark, table, 0), **asked, engine=engine), **told)
    there = driver_moments(Feedback(table, **asked), **told)
    for name in ("asked", "complete", "answered", "rated_low", "rated_high"):
        assert getattr(here, name) == getattr(there, name)
    assert sum(here.customers) == sum(there.customers) == sum(there.observations) > 64
    for name in ("linear", "contrasts", "balance"):
        found, expected = (
            [sum(column) for column in zip(*getattr(one, name).products, strict=True)]
            for one in (here, there)
        )
        assert found == pytest.approx(expected, abs=64)  # a millionth a group


def test_rows_are_numbered_by_what_they_say(engine, spark):
    survey = table_of([row | {"at": START} for row in random_answers(seeded(2), 12)])
    named = Feedback(survey, questions=QUESTIONS, customer_col="who", time_col="at", touchpoint_col="about")
    desk = tickets_of(random_tickets(seeded(1), 60), ["customer", "opened", "channel", "ticket"])
    anonymous = Tickets(desk, opened_col="opened", channel_col="channel")
    owned = replace(anonymous, customer_col="customer")
    with_ids = replace(anonymous, ticket_col="ticket")
    for told, table, unique in (
        (named, survey, ("customer", "r")),
        (replace(named, customer_col=None), survey, ("customer",)),
        (owned, desk, ("customer", "ord")),
        (anonymous, desk, ("customer",)),
        (with_ids, desk, ("customer",)),
    ):
        write = rows_sql if isinstance(told, Feedback) else tickets_sql
        found = []
        for seed in range(2):
            relation = engine.register(shuffled(spark, table, seed))
            found.append(engine.run(write(told, relation, engine.snippets, None)).to_pylist())
            assert len({tuple(row[name] for name in unique) for row in found[-1]}) == table.num_rows
        assert sorted(map(str, found[0])) == sorted(map(str, found[1]))
