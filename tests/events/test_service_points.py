"""Points at which journeys could turn to service: the toy log by hand, any log against an oracle."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.datasets import example_journey, example_log
from journeymap.errors import InvalidLogError, UnknownNameError
from journeymap.events import parts
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.queries import service_points as queries
from journeymap.events.reading import read_steps
from journeymap.events.service_points import point_tables
from journeymap.model.journey import Journey
from tests import oracle
from tests.oracle import HOUR
from tests.point_oracle import points_from_events

COLUMNS = {"customer_col": "customer", "event_col": "event", "time_col": "time"}
DESIGN = Journey(
    name="Shop",
    goal="renew",
    lost_after="0 s",
    touchpoints=[
        {"id": "ad", "stage": "discovery"},
        {"id": "cart", "stage": "purchase"},
        {"id": "pay", "stage": "purchase"},
        {"id": "use", "stage": "post_purchase"},
        {"id": "desk", "stage": "post_purchase", "service": {"need": "complaint"}},
        {"id": "renew", "stage": "loyalty"},
        {"id": "phone", "service": {"need": "advice"}},
        {"id": "mail"},
    ],
)
SERVICE = {"desk", "phone"}
STAGE_OF = {t.id: t.stage for t in DESIGN.touchpoints}


def points(journey, log, *, by=None, **options):
    with read_steps(journey, log, "test", with_times=True, by=by) as reading:
        return {table.name: table for table in point_tables(reading, **options)}


def nonzero(counted):
    return {key: {name: n for name, n in row.items() if n} for key, row in counted.items()}


def shop(rows, **options):
    """Points of a log of customer, event and time; further columns by their role."""
    table = pa.table(
        dict(zip(("customer", "event", "time"), map(list, zip(*rows, strict=True)), strict=True))
    )
    log = EventLog(table, **COLUMNS)
    found = points(discover_journey(log, DESIGN), log, **options)
    return {name: oracle.totals(table) for name, table in found.items()}


def test_toy_points(toy_log, toy_design):
    """Counted by hand from the toy log of the methods (C2); points of fewer than five customers are merged."""
    tables = points(discover_journey(toy_log, toy_design), toy_log)
    found = oracle.totals(tables["service_points"])
    assert tables["service_points"].key_columns == (
        "touchpoint", "tenure", "struggled", "segment", "waited", "contact",
    )  # fmt: skip
    plain = {key: (row["closed"], row.get("won", 0), row.get("went_on", 0)) for key, row in found.items()}
    usual = ("cart", "2-3", "0", "")
    late = ("onboard", "4-7", "0", "")
    merged = ("onboard", "*", "*", "*")
    hour = "11"  # 2**11 - 1 seconds are less than an hour
    assert {key: n for key, n in plain.items() if key[:4] == usual or key[0] == "onboard"} == {
        (*usual, hour, ""): (6, 4, 6),  # 1, 2, 4, 9, 11, 12
        (*usual, "", ""): (1, 0, 0),  # 10 ended there
        (*usual, hour, "chat@purchase"): (2, 1, 2),  # 7 and 8
        (*late, hour, ""): (3, 3, 3),  # 1, 2, 12
        (*late, hour, "bot@post_purchase"): (1, 1, 1),  # 9
        (*late, hour, "phone@post_purchase"): (1, 0, 1),  # 11
        (*merged, "", ""): (1, 0, 0),  # 4, which came back to compare and cart
        (*merged, hour, "chat@post_purchase"): (1, 1, 1),  # 3, which came back to compare
    }
    assert found[*usual, hour, ""]["later"] == 2  # 9 and 11 turned to service after onboard
    assert "ad" not in {key[0] for key in found}  # nobody turned to service there
    assert sum(row["closed"] for key, row in found.items() if key[-1]) == 5


def test_toy_landmarks(toy_log, toy_design):
    """C2: goal with a contact 3/5, without 3/7; after pay 2/3 against 4/5."""
    found = oracle.totals(points(discover_journey(toy_log, toy_design), toy_log)["landmarks"])

    def rate(landmark, *, contact):
        rows = [row for key, row in found.items() if key[0] == landmark and bool(key[2]) == contact]
        return sum(row.get("won", 0) for row in rows), sum(row["closed"] for row in rows)

    assert rate("@start", contact=True) == (3, 5)
    assert rate("@start", contact=False) == (3, 7)
    assert rate("pay", contact=True) == (2, 3)
    assert rate("pay", contact=False) == (4, 5)
    assert found["pay", "1", ""]["closed"] == 1  # 7 had its chat before
    assert list(dict.fromkeys(key[0] for key in found)) == [
        "@start", "pay", "stage:discovery", "stage:evaluation", "stage:purchase", "stage:post_purchase",
    ]  # fmt: skip


@st.composite
def logs(draw):
    """Rows of an oracle with ties, overlaps, customers of several journeys."""
    names = ["ad", "cart", "pay", "use", "desk", "renew", "phone", "phone", "mail"]
    rows = []
    for number in range(draw(st.integers(1, 8))):
        time = draw(st.integers(0, 3)) * HOUR
        for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=12)):
            time += draw(st.sampled_from([0, 0, 1, 250_000, HOUR, 3 * HOUR]))
            rows.append(oracle.Row(f"c{number % 3}", f"j{number}", name, STAGE_OF[name], name in SERVICE,
                                   name == "renew", time))  # fmt: skip
    order = draw(st.permutations(range(len(rows))))
    return [rows[at]._replace(number=n) for n, at in enumerate(order)]


@settings(max_examples=12, deadline=None)
@given(
    logs(),
    st.sampled_from([1, 250_000, HOUR, 4 * HOUR]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([0, HOUR, 5 * HOUR]),
    st.sampled_from([(), ("cart",), ("mail", "use")]),
    st.randoms(use_true_random=False),
)
def test_points_equal_the_oracle(rows, span, min_customers, lost_after, landmarks, chance):
    felt = {row.number: chance.choice([-2, -1, 0, 1, 2]) for row in rows if chance.random() < 0.7}
    segments = {f"c{n}": chance.choice(["", "a", "b"]) for n in range(3)}
    table = pa.table({
        "customer": [r.customer for r in rows], "trip": [r.journey for r in rows],
        "event": [r.touchpoint for r in rows], "time": pa.array([r.time_us for r in rows], pa.timestamp("us")),
        "felt": pa.array([felt.get(r.number) for r in rows], pa.int32()),
        "plan": [segments[r.customer] for r in rows],
    })  # fmt: skip
    log = EventLog(table, **COLUMNS, journey_col="trip", feeling_col="felt", segment_cols=["plan"])
    journey = discover_journey(log, DESIGN, lost_after=timedelta(microseconds=lost_after))
    seen = {row.touchpoint for row in rows}
    marks = {name: name for name in landmarks if name in seen}
    visits = Counter(row.touchpoint for row in rows)
    busiest = max(visits["cart"], visits["pay"])
    usual = [name for name in ("cart", "pay") if name in seen and visits[name] >= busiest / 2]
    given_marks = tuple(marks)
    if not marks and usual:
        marks = {usual[-1]: usual[-1]}
    stages = [stage.id for stage in DESIGN.stages]
    expected = points_from_events(
        rows,
        stages=stages,
        landmarks=marks | {f"stage:{stage}": stage for stage in stages},
        retained_after=span,
        min_customers=min_customers,
        feelings=felt,
        segments=segments,
        lost_after_us=lost_after,
    )
    found = points(journey, log, by="plan", landmarks=given_marks, min_customers=min_customers,
                   retained_after=timedelta(microseconds=span))  # fmt: skip
    for name, counted in expected.items():
        assert nonzero(oracle.totals(found[name])) == nonzero(counted), name


def test_in_parts_of_the_customers_as_in_one(monkeypatch):
    log, design = example_log(customers=400), example_journey()
    journey = discover_journey(log, design)
    assert journey.observation.groups == 64
    whole = points(journey, log, min_customers=5)
    made = []
    one_part = queries.point_visits_sql
    monkeypatch.setattr(queries, "point_visits_sql", lambda *given: made.append(given) or one_part(*given))
    monkeypatch.setattr(parts, "MANY", 100)
    parted = points(journey, log, min_customers=5)
    assert len(made) == 8
    assert set(whole) == set(parted)
    for name, table in whole.items():
        assert oracle.totals(table) == oracle.totals(parted[name]), name
    # few customers share some kinds of points: that is told from all parts
    assert any(key[1] == "*" for key in whole["service_points"].keys)
    assert any(key[1] != "*" for key in whole["service_points"].keys)


def test_gaps_split_journeys_and_not_customers():
    rows = [("a", "cart", "2024-05-01"), ("a", "phone", "2024-05-01 01:00"), ("a", "cart", "2024-06-20"),
            ("b", "cart", "2024-08-30")]  # fmt: skip
    table = pa.table(
        dict(zip(("customer", "event", "time"), map(list, zip(*rows, strict=True)), strict=True))
    )
    log = EventLog(table, **COLUMNS)
    journey = discover_journey(log, DESIGN, new_journey_after="7 days")
    found = oracle.totals(points(journey, log, min_customers=1)["service_points"])
    assert found["cart", "1", "0", "", "11", "phone@purchase"] == {
        "points": 1, "closed": 1, "went_on": 1, "watched": 1, "watched_on": 1, "retained": 1, "customers": 1,
    }  # fmt: skip
    assert found["cart", "1", "0", "", "", ""] == {"points": 2, "closed": 2, "watched": 1, "customers": 2}


def test_a_journey_that_begins_with_service():
    found = shop([("a", "phone", "2024-05-01"), ("a", "cart", "2024-05-02"), ("a", "renew", "2024-05-03")])
    assert found["service_points"] == {
        ("@start", "*", "*", "*", "0", "phone@discovery"): {
            "points": 1, "closed": 1, "won": 1, "went_on": 1, "customers": 1,
        },
    }  # fmt: skip
    assert set(found["landmarks"]) >= {("@start", "0", "phone@discovery"), ("cart", "1", "")}


def test_a_contact_after_the_goal_is_none():
    found = shop([("a", "cart", "2024-05-01"), ("a", "renew", "2024-05-02"), ("a", "phone", "2024-05-03")],
                 min_customers=1)  # fmt: skip
    assert found["service_points"] == {}
    assert set(found["landmarks"]) == {(name, "0", "") for name in
        ("@start", "cart", "stage:discovery", "stage:evaluation", "stage:purchase")}  # fmt: skip


def test_only_events_outside_service_retain():
    days = ["2024-05-01", "2024-06-10", "2024-09-01"]
    for back, kept in (("phone", 0), ("use", 1)):
        found = shop([("a", "cart", days[0]), ("a", back, days[1]), ("b", "cart", days[2])], min_customers=1)
        sums = [row.get("retained", 0) for key, row in found["landmarks"].items() if key[0] == "@start"]
        assert sum(sums) == kept


def test_the_rules_travel_with_the_counts():
    found = shop([("a", "cart", "2024-05-01")], retained_after="2 days", min_customers=7)
    assert found["point_rules"] == {
        ("retained_after",): {"value": 48 * HOUR},
        ("min_customers",): {"value": 7},
    }


def test_landmarks_by_name():
    rows = [
        ("a", name, f"2024-05-0{day}") for day, name in enumerate(("ad", "mail", "cart", "pay", "use"), 1)
    ]
    assert ("mail", "0", "") in shop(rows, landmarks="mail")["landmarks"]
    named = shop(rows, landmarks=["stage:purchase", "cart"])["landmarks"]
    assert [key[0] for key in named][1:3] == ["cart", "stage:discovery"]
    assert "pay" not in {key[0] for key in named}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("carts", "landmarks: the log has no touchpoint or stage 'carts'"),
        ("stage:purchas", "did you mean 'stage:purchase'"),
        ("phone", "'phone' is service itself"),
        ("renew", "'renew' is the goal"),
    ],
)
def test_a_landmark_that_is_none_is_refused(name, message):
    rows = [("a", "cart", "2024-05-01"), ("a", "phone", "2024-05-02"), ("a", "renew", "2024-05-03")]
    with pytest.raises(UnknownNameError, match=message):
        shop(rows, landmarks=[name])


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"retained_after": "soon"}, "retained_after: 'soon' is no span"),
        ({"retained_after": 3}, "retained_after: 3 is no span"),
        ({"retained_after": "0 days"}, "retained_after: '0 days' is no span"),
        ({"min_customers": 0}, "min_customers: 0 is too few"),
    ],
)
def test_a_rule_that_is_none_is_refused(rules, message):
    with pytest.raises(InvalidLogError, match=message):
        shop([("a", "cart", "2024-05-01")], **rules)


def test_without_a_design_there_are_only_places_to_start_from():
    table = pa.table({"customer": ["a", "a"], "event": ["x", "y"], "time": ["2024-05-01", "2024-05-02"]})
    log = EventLog(table, **COLUMNS)
    found = points(discover_journey(log), log)
    assert found["service_points"].keys == ()
    assert found["landmarks"].keys == (("@start", "0", ""),)
