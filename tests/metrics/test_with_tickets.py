"""Tickets on a journey: by name, by time against an oracle in plain Python, and what cannot be."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pyarrow as pa
import pytest

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import (
    InvalidJourneyError,
    InvalidLogError,
    MissingEvidenceError,
    UnknownNameError,
    WrongKindError,
)
from journeymap.events.contacts import contacts
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.events.tickets import Tickets
from journeymap.events.with_feedback import with_feedback
from journeymap.formats import journey_schema, read_journey, write_journey
from journeymap.formats.plain import plain_journey
from journeymap.metrics.scorecard import scorecard
from journeymap.metrics.service_outcomes import escalation_rate
from journeymap.metrics.service_times import first_response_time, resolution_time
from journeymap.metrics.with_tickets import with_tickets
from journeymap.model.business_hours import BusinessHours
from journeymap.model.contacts import Contacts
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate, MeasuredScore, Scale
from tests.events.answer_oracle import (
    DESIGN,
    SECOND,
    START,
    latest,
    log_of,
    random_events,
    seeded,
    table_of,
    totals,
    visits_of,
)

HOUR = timedelta(hours=1)
MAP = Journey(
    name="Shop",
    touchpoints=[
        {"id": "pay", "stage": "purchase"},
        {"id": "chat", "stage": "purchase", "service": True},
        {"id": "phone", "service": True, "events": ["call_in", "call_out"]},
    ],
)


def small(**changes):
    table = {
        "who": ["a", "b", "c", "a"],
        "when": [START, START, START, START + 20 * timedelta(days=1)],
        "done": [START + HOUR, START + 3 * HOUR, None, START + 21 * timedelta(days=1)],
        "up": [False, True, False, False],
        "about": ["chat", "chat", "phone", ""],
        "channel": ["Live chat", "Live chat", "Telephone", "Letter"],
    } | changes
    return pa.table(table)


COLUMNS = {"customer_col": "who", "opened_col": "when", "first_response_col": "done", "escalated_col": "up"}


def by_name(**more):
    return Tickets(small(), **COLUMNS, touchpoint_col="about", **more)


def scores_of(journey, touchpoint):
    return {score.question: score for score in journey.touchpoint(touchpoint).scores}


def test_tickets_that_name_their_touchpoint_stand_there():
    result = with_tickets(MAP, by_name())
    found = scores_of(result, "chat")
    assert list(found) == ["first_response", "fcr", "repeat_contacts", "escalated"]
    first, handed_on = found["first_response"], found["escalated"]
    assert (first.unit, first.scale, first.source, first.estimate.value) == ("seconds", None, "tickets", 3600)
    assert (handed_on.unit, handed_on.scale) == ("share", Scale(low=0, high=1, better="lower"))
    assert handed_on.estimate == escalation_rate(result.contacts, touchpoint="chat")
    assert handed_on.estimate.value == 0.5
    assert first.estimate == first_response_time(result.contacts, touchpoint="chat").median
    assert scores_of(result, "phone")["first_response"].estimate.value is None  # nobody was answered
    assert result.touchpoint("pay").scores == ()
    told = result.contacts.linking
    assert (told.by_column, told.unnamed, told.linked) == (3, 1, 3)
    assert "3 belong to a touchpoint of the journey" in str(result.contacts)
    assert MAP.contacts is None
    assert MAP.touchpoint("chat").scores == ()
    assert result.graph.nodes["chat"]["touchpoint"].scores == result.touchpoint("chat").scores


def test_counts_are_those_of_contacts():
    alone = contacts(by_name())
    laid = with_tickets(MAP, by_name()).contacts
    assert laid.model_copy(update={"linking": None}) == alone


def test_values_of_a_channel_may_stand_for_touchpoints():
    tickets = Tickets(small(), **COLUMNS, channel_col="channel")
    result = with_tickets(MAP, tickets, touchpoints={"Live chat": "chat", "Telephone": "call_in"})
    assert result.contacts.values("touchpoint") == ("chat", "phone")  # a raw event names its touchpoint
    assert result.contacts.linking.by_column == 3
    with pytest.raises(
        UnknownNameError, match=r"(?s)touchpoints: no touchpoint 'chta'\..*did you mean 'chat'\?"
    ):
        with_tickets(MAP, tickets, touchpoints={"Live chat": "chta"})
    with pytest.raises(UnknownNameError, match=r"(?s)'pay' is no service touchpoint\. Expected.*chat, phone"):
        with_tickets(MAP, tickets, touchpoints={"Live chat": "pay"}, unknown="ignore")
    with pytest.raises(UnknownNameError, match="no ticket has the channel 'Live chta'"):
        with_tickets(MAP, tickets, touchpoints={"Live chta": "chat"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pay", r"2 tickets name what is no service.*'pay' is no service touchpoint.*service: true"),
        (
            "chatt",
            r"no touchpoint 'chatt'\..*Expected a service touchpoint: chat, phone.*did you mean 'chat'",
        ),
        ("chat@purchase", "no touchpoint 'chat@purchase'"),  # it does not float
    ],
)
def test_other_names_are_refused(name, message):
    table = small(about=["chat", name, name, ""])
    tickets = Tickets(table, **COLUMNS, touchpoint_col="about")
    with pytest.raises(UnknownNameError, match=f"(?s){message}"):
        with_tickets(MAP, tickets)
    result = with_tickets(MAP, tickets, unknown="ignore")
    assert result.contacts.linking.unknown == 2
    assert result.contacts.contacts == 4
    assert scores_of(result, "chat")["first_response"].estimate.n == 1


def test_many_wrong_names_are_told_in_part_and_no_customer_is():
    table = pa.table({"who": ["secret"] * 9, "when": [START] * 9, "about": [f"x{n}" for n in range(9)]})
    tickets = Tickets(table, customer_col="who", opened_col="when", touchpoint_col="about")
    with pytest.raises(UnknownNameError, match=r"(?s)9 tickets name.*'x0', 'x1'.*and others") as error:
        with_tickets(MAP, tickets)
    assert "secret" not in str(error.value)
    assert "x7" not in str(error.value)


def observed():
    events = [("a", "pay", 0), ("a", "call_in", 1), ("b", "call_out", 0), ("b", "chat", 2), ("c", "pay", 0)]
    rows = [{"who": w, "what": e, "when": START + h * HOUR} for w, e, h in events]
    log = log_of(rows)
    design = MAP.model_copy(update={"stages": Journey(name="x").stages})
    return log, discover_journey(log, design)


def test_a_floating_name_stands_on_every_stage():
    _, journey = observed()
    states = [t.id for t in journey.touchpoints if t.floats_as == "phone"]
    assert sorted(states) == ["phone@discovery", "phone@purchase"]
    table = small(about=["phone", "call_in", "phone", "chat"])
    result = with_tickets(journey, Tickets(table, **COLUMNS, touchpoint_col="about"))
    assert result.contacts.values("touchpoint") == ("chat", "phone")
    assert {scores_of(result, state)["first_response"].estimate.n for state in states} == {3}
    apart = small(about=["phone", "phone@purchase", "phone", "chat"])
    result = with_tickets(journey, Tickets(apart, **COLUMNS, touchpoint_col="about"))
    assert scores_of(result, "phone@purchase")["first_response"].estimate.n == 1
    assert result.touchpoint("phone@discovery").scores == ()
    with pytest.raises(UnknownNameError, match="no touchpoint 'phone@loyalty'"):
        with_tickets(journey, Tickets(small(about=["phone@loyalty"] * 4), **COLUMNS, touchpoint_col="about"))


def test_a_log_tells_at_which_stage_a_floating_touchpoint_was_named():
    log, journey = observed()  # a calls at hour 1, after paying; b at hour 0
    table = pa.table({
        "who": ["a", "a", "b", "c", "a"], "about": ["phone", "call_in", "phone", "phone", "phone@discovery"],
        "when": [START + HOUR, START + 30 * HOUR, START, START + HOUR, START + HOUR],
    })  # fmt: skip
    tickets = Tickets(table, customer_col="who", opened_col="when", touchpoint_col="about")

    def placed(window):
        counts = Counter()
        laid = with_tickets(journey, tickets, log=log, window=window).contacts
        for key, count in totals(laid.table("contacts"), "contacts").items():
            counts[key[0]] += count
        assert laid.linking.by_column == 5
        return counts

    assert placed("1 day") == {"phone@purchase": 1, "phone@discovery": 2, "phone": 2}
    assert placed(None) == {"phone@purchase": 2, "phone@discovery": 2, "phone": 1}  # however long before
    card = scorecard(with_tickets(journey, tickets, log=log, window="1 day"), stage="purchase")
    assert card.row("contact_rate").estimate.n == 1
    assert "2 contacts of Phone belong to no stage." in card.notes
    assert not any("no stage" in note for note in scorecard(with_tickets(journey, tickets, log=log)).notes)
    without = scorecard(with_tickets(journey, tickets), stage="purchase")
    assert without.row("contact_rate").missing.startswith("no contact belongs to a touchpoint of this stage")
    (note,) = [note for note in without.notes if "no stage" in note]
    assert note == (
        "4 contacts of Phone belong to no stage: with_tickets(journey, tickets, log=log) finds it in the log."
    )


def random_tickets(rng, customers):
    return [
        {
            "who": f"c{rng.randint(0, customers + 5):03d}",
            "when": START + rng.randint(0, 44) * SECOND / 2,
            "done": START + 30 * SECOND,
            "about": rng.choice(
                ["", "", "", "phone", "chat", "call_out", "phone@purchase", "pay", "nowhere"]
            ),
            "by": rng.choice(["customer", "customer", "company"]),
        }
        for _ in range(customers * 4)
    ]


@pytest.mark.parametrize("design_only", [False, True])
@pytest.mark.parametrize("unit", ["customer", "column", "gap"])
@pytest.mark.parametrize("seed", range(3))
def test_every_ticket_finds_the_touchpoint_of_the_oracle(seed, unit, design_only):
    rng = seeded(seed)
    customers = rng.choice([5, 80])
    events, rows, window = (
        random_events(rng, customers),
        random_tickets(rng, customers),
        rng.choice([0, 3, 90]),
    )
    log = log_of(events, **({"journey_col": "visit"} if unit == "column" else {}))
    gap = 2 * SECOND if unit == "gap" and not design_only else None
    if unit == "gap" and design_only:
        unit = "customer"
    journey = (
        DESIGN if design_only else discover_journey(log, DESIGN, new_journey_after=gap, unmapped="ignore")
    )
    tickets = Tickets(
        table_of(rows), customer_col="who", opened_col="when", first_response_col="done",
        touchpoint_col="about", initiator_col="by", impossible="drop",
    )  # fmt: skip
    result = with_tickets(
        journey, tickets, log=log, window=window * SECOND, unknown="ignore", observed_until=START + HOUR
    )
    ids = {t.id for t in journey.touchpoints} | {t.floats_as for t in journey.touchpoints if t.floats_as}
    visits = visits_of(events, unit=unit, gap=gap)
    places, fates = Counter(), Counter()
    for row in rows:
        if row["by"] == "company" or row["done"] < row["when"]:
            continue
        name = {"call_out": "phone"}.get(row["about"], row["about"])
        served = [visit for visit in visits.get(row["who"], []) if visit.base is not None]
        last = latest(served, row["when"], window * SECOND)
        if design_only and name == "phone@purchase":
            name = "phone"
        if name:
            known = name in ids and name != "pay"
            there = None if design_only else latest(served, row["when"], window * SECOND, base=name)
            place, fate = (there.node if there else name, "by_column") if known else ("", "unknown")
        elif last is not None:
            place, fate = last.base if design_only else last.node, "by_time"
        else:
            place, fate = "", "too_late" if row["who"] in visits else "without_customer"
        places[place] += 1
        fates[fate] += 1
    found = Counter()
    for key, count in totals(result.contacts.table("contacts"), "contacts").items():
        found[key[0]] += count
    assert +found == places
    fates["window_seconds"] = window
    told = result.contacts.linking.model_dump()
    assert {name: count for name, count in told.items() if count} == +fates
    assert sum(places.values()) == result.contacts.contacts


def test_a_visit_at_the_very_time_and_at_the_very_end_of_the_window_belongs():
    log, journey = observed()
    times = [START + HOUR, START + 3 * HOUR, START + 3 * HOUR + timedelta(microseconds=1)]
    table = pa.table({"who": ["a"] * 3, "when": times})
    tickets = Tickets(table, customer_col="who", opened_col="when")
    told = with_tickets(journey, tickets, log=log, window="2 hours").contacts
    assert (told.linking.by_time, told.linking.too_late) == (2, 1)
    assert told.values("touchpoint") == ("phone@purchase",)
    assert told.linking.window_seconds == 7200


def test_a_later_ordinary_event_does_not_hide_the_service_before_it():
    rows = [("a", "chat", 0), ("a", "pay", 1)]
    log = log_of([{"who": w, "what": e, "when": START + h * HOUR} for w, e, h in rows])
    table = pa.table({"who": ["a"], "when": [START + 2 * HOUR]})
    tickets = Tickets(table, customer_col="who", opened_col="when")
    told = with_tickets(MAP, tickets, log=log, window="1 day").contacts
    assert told.values("touchpoint") == ("chat",)


def test_many_tickets_are_looked_up_in_parts(monkeypatch):
    rng = seeded(7)
    log, rows = log_of(random_events(rng, 150)), random_tickets(rng, 150)
    tickets = Tickets(table_of(rows), customer_col="who", opened_col="when", touchpoint_col="about")
    whole = with_tickets(DESIGN, tickets, log=log, window="5 seconds", unknown="ignore")
    monkeypatch.setattr("journeymap.events.parts.MANY", 10)
    assert with_tickets(DESIGN, tickets, log=log, window="5 seconds", unknown="ignore") == whole


def test_an_engine_that_was_handed_over_stays_clean():
    with DuckDBEngine() as engine:
        rows = [{"who": "a", "what": "chat", "when": START}]
        tickets = by_name(engine=engine)
        with_tickets(MAP, tickets)
        with_tickets(MAP, tickets, log=log_of(rows, engine=engine), window="1 day")
        assert engine.run("select count(*) as n from duckdb_tables()").to_pylist() == [{"n": 0}]


def test_a_second_call_replaces_and_a_second_table_is_refused(tmp_path):
    survey = Feedback(
        pa.table({"who": ["a", "b"], "ok": [4, 5], "about": ["chat", "chat"]}),
        customer_col="who",
        touchpoint_col="about",
        questions={"column": "ok", "measure": "csat", "scale": {"low": 1, "high": 5}},
    )
    first = with_tickets(with_feedback(MAP, survey), by_name())
    again = with_tickets(first, by_name().where(about="phone"))
    assert list(scores_of(again, "chat")) == ["ok"]
    assert list(scores_of(again, "phone")) == ["first_response", "escalated"]
    assert again.answers == first.answers
    assert with_tickets(again, by_name()) == first
    assert with_feedback(with_tickets(MAP, by_name()), survey).contacts == first.contacts
    file = tmp_path / "other.csv"
    file.write_text("who,when\na,2024-05-01\n")
    with pytest.raises(InvalidLogError, match=r"(?s)carries contacts of another table, the Arrow table.*one"):
        with_tickets(first, Tickets(file, customer_col="who", opened_col="when"))


def test_everything_that_can_be_measured_is_laid_on():
    table = pa.table({
        "who": ["a", "b"], "about": ["chat"] * 2, "when": [START] * 2, "any": [START + HOUR] * 2,
        "human": [START + 2 * HOUR] * 2, "solved": [START + 5 * HOUR] * 2, "again": [0, 1], "up": [0, 0],
        "in": [START] * 2, "got": [START + HOUR, None], "out": [None, START + HOUR], "by": ["bot", "bot"],
    })  # fmt: skip
    tickets = Tickets(
        table, customer_col="who", opened_col="when", touchpoint_col="about", first_response_col="any",
        first_human_response_col="human", resolved_col="solved", reopened_col="again", escalated_col="up",
        queued_col="in", answered_col="got", left_col="out", handler_col="by",
    )  # fmt: skip
    hours = BusinessHours(weekdays={"mon": "09:00-17:00"})
    result = with_tickets(
        MAP, tickets, business_hours=hours, contained_within="1 day", observed_until=START + 240 * HOUR
    )
    found = scores_of(result, "chat")
    assert list(found) == [
        "first_response", "first_human_response", "first_response_business", "resolution", "queue_wait",
        "fcr", "repeat_contacts", "abandonment", "reopened", "escalated", "containment",
    ]  # fmt: skip
    assert found["resolution"].estimate == resolution_time(
        result.contacts, definition="full"
    ).median.model_copy(update={"definition": found["resolution"].estimate.definition})
    assert found["repeat_contacts"].name == "Repeat contacts within 7 days"
    assert found["fcr"].scale.better == "higher"
    assert all(score.estimate.definition for score in found.values())


def test_what_is_written_is_read_again(tmp_path):
    log, journey = observed()
    hours = BusinessHours(weekdays={"mon": "09:00-17:00"}, holidays=["2024-05-20"])
    options = {"business_hours": hours, "contained_within": "1 day", "window": "1 day"}
    result = with_tickets(journey, by_name(), log=log, **options)
    write_journey(result, tmp_path / "lived.json")
    assert read_journey(tmp_path / "lived.json") == result
    with pytest.raises(InvalidJourneyError, match="carries contacts"):
        write_journey(with_tickets(MAP, by_name()), tmp_path / "map.yaml")
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(journey_schema()).validate(plain_journey(result))
    described = journey_schema()["$defs"]
    for name in ("Contacts", "TicketLinking", "BusinessHours", "MeasuredScore"):
        assert all(one.get("description") for one in described[name]["properties"].values()), name


def test_a_score_has_a_scale_unless_it_is_a_time():
    half = Estimate(value=0.5)
    with pytest.raises(ValueError, match="a share needs its scale"):
        MeasuredScore(question="x", name="X", estimate=half, unit="share")
    with pytest.raises(ValueError, match="times have no scale"):
        MeasuredScore(question="x", name="X", estimate=half, unit="seconds", scale=Scale(low=0, high=1))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"window": "1 day"}, InvalidLogError, r"(?s)window: .*there is no log.*log="),
        ({"window": "soon", "log": "log"}, InvalidLogError, "window: "),
        ({"unknown": "drop"}, InvalidLogError, r"unknown: 'drop' is no rule"),
        ({"log": "nothing"}, WrongKindError, "EventLog"),
        ({"repeat_within": "soon"}, InvalidLogError, "repeat_within"),
        ({"by": "colour"}, InvalidLogError, "no column 'colour'"),
    ],
)
def test_wrong_calls_are_refused_at_the_door(options, error, message):
    if options.get("log") == "log":
        options = {**options, "log": observed()[0]}
    with pytest.raises(error, match=message):
        with_tickets(MAP, by_name(), **options)


def test_a_log_needs_customers_times_zones_and_service():
    log, journey = observed()
    nobody = Tickets(small(), opened_col="when")
    with pytest.raises(InvalidLogError, match=r"(?s)the tickets have no customer.*customer_col"):
        with_tickets(journey, nobody, log=log)
    timeless = Tickets(small(), customer_col="who", escalated_col="up")
    with pytest.raises(InvalidLogError, match=r"(?s)no opening time.*opened_col"):
        with_tickets(journey, timeless, log=log)
    zoned = Tickets(
        pa.table({"who": ["a"], "when": ["2024-05-01T10:00:00Z"]}), customer_col="who", opened_col="when"
    )
    with pytest.raises(
        InvalidLogError, match="times of the tickets name a time zone, those of the log do not"
    ):
        with_tickets(journey, zoned, log=log, window="1 day")
    plain = Journey(name="Plain", touchpoints=[{"id": "pay", "stage": "purchase"}])
    with pytest.raises(
        MissingEvidenceError, match=r"window: the log tells of no service touchpoint of 'Plain'"
    ):
        with_tickets(plain, Tickets(small(), **COLUMNS), log=log, window="1 day")


def test_without_names_and_without_log_the_whole_journey_is_measured():
    result = with_tickets(MAP, Tickets(small(), **COLUMNS))
    assert isinstance(result.contacts, Contacts)
    assert result.contacts.linking.unnamed == 4
    assert all(touchpoint.scores == () for touchpoint in result.touchpoints)
