"""What came before service, against the toy log's numbers and against a plain-Python oracle."""

from __future__ import annotations

import random
from datetime import timedelta

import pyarrow as pa
import pytest

from journeymap.events.discover import discover_journey
from journeymap.events.episodes import with_episodes
from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from tests import oracle
from tests.events.cause_oracle import causes_from_events

HOUR = oracle.HOUR
COLUMNS = {"customer_col": "customer", "event_col": "event", "time_col": "time"}
SERVICE = ("desk", "phone", "call")
OWNERS = {"ad": "Marketing", "cart": "Sales", "desk": "Support", "phone": "Sales", "call": "Support"}
DESIGN = Journey(
    name="Shop",
    goal="renew",
    touchpoints=[
        {"id": "ad", "stage": "discovery", "owner": "Marketing"},
        {"id": "cart", "stage": "purchase", "owner": "Sales"},
        {"id": "use", "stage": "post_purchase"},
        {"id": "desk", "stage": "post_purchase", "owner": "Support", "service": True},
        {"id": "renew", "stage": "loyalty"},
        {"id": "phone", "owner": "Sales", "service": True},
        {"id": "call", "owner": "Support", "service": {"initiator": "company"}},
    ],
)


def evidence(journey, name):
    return oracle.totals(next(table for table in journey.evidence if table.name == name))


def test_the_toy_log_counted_by_hand(toy_log, toy_design):
    """Toy log of the methods (C2): 9 contacts in 5 episodes, after cart and onboard."""
    journey = with_episodes(discover_journey(toy_log, toy_design), toy_log, within="7 hours")
    assert evidence(journey, "causes") == {
        ("cart", "chat@purchase"): {"contacts": 2, "episodes": 2, "customers": 2},
        ("cart", "phone@purchase"): {"contacts": 1, "customers": 1},  # the second contact of journey 8
        ("onboard", "chat@post_purchase"): {"contacts": 2, "episodes": 1, "customers": 2},
        ("onboard", "bot@post_purchase"): {"contacts": 1, "episodes": 1, "customers": 1},
        ("onboard", "phone@post_purchase"): {"contacts": 3, "episodes": 1, "customers": 2},
    }
    assert evidence(journey, "cause_totals") == {
        ("cart",): {"contacts": 3, "episodes": 2, "customers": 2},
        ("onboard",): {"contacts": 6, "episodes": 3, "customers": 3},
    }
    found = evidence(journey, "trigger_windows")
    # journey 12, the last, is not watched for 7 hours; no contact lies further than 6 hours ahead
    assert {key[0]: (row.get("followed", 0), row["visits_watched"]) for key, row in found.items()} == {
        "ad": (5, 11), "compare": (6, 12), "cart": (5, 11), "pay": (3, 7), "onboard": (3, 7), "renew": (0, 5),
    }  # fmt: skip
    assert {key: row["contacts"] for key, row in evidence(journey, "after_proactive").items()} == {
        ("customer", "goal"): 2, ("customer", "reactive"): 4, ("customer", "other"): 1, ("customer", "lost"): 2,
    }  # fmt: skip
    assert evidence(journey, "around_proactive") == {}


def test_a_window_of_its_own(toy_log, toy_design):
    journey = with_episodes(
        discover_journey(toy_log, toy_design), toy_log, within="7 hours", triggered_within="1 hour"
    )
    # an hour apart, the window of an hour is the next event: cart 2/12, onboard 3/8 (C2)
    assert {
        key[0]: (row["followed"], row["visits_watched"])
        for key, row in evidence(journey, "trigger_windows").items()
        if "followed" in row
    } == {"cart": (2, 12), "onboard": (3, 8)}
    assert evidence(journey, "cause_rules") == {("triggered_within",): {"value": HOUR}}
    assert evidence(journey, "cause_totals")["onboard",]["contacts"] == 6


def drawn(rng):
    """Rows with ties across journeys, overlaps, customers of several journeys, failures known or not."""
    names = ["ad", "cart", "use", "desk", "renew", "phone", "phone", "call", "call"]
    stage_of = {t.id: t.stage for t in DESIGN.touchpoints}
    rows = []
    for number in range(40):
        time = rng.randrange(4) * HOUR
        for name in rng.choices(names, k=rng.randint(1, 12)):
            time += rng.choice([0, 0, 1, 250_000, HOUR, 3 * HOUR])
            rows.append(
                oracle.Row(
                    f"c{number % 17}", f"j{number}", name, stage_of[name], name in SERVICE, name == "renew", time,
                    rng.choice([None, time, time + 7, time + HOUR]), failure=rng.choice([None, True, False]),
                )
            )  # fmt: skip
    rng.shuffle(rows)
    return [row._replace(number=n) for n, row in enumerate(rows)]


def log_of(rows, *, known=(), journeys=True):
    table = pa.table({
        "customer": [r.customer for r in rows], "trip": [r.journey for r in rows],
        "event": [r.touchpoint for r in rows],
        "time": pa.array([r.time_us for r in rows], pa.timestamp("us")),
        "end": pa.array([r.end_us for r in rows], pa.timestamp("us")),
        "failure": pa.array([r.failure for r in rows], pa.bool_()),
    })  # fmt: skip
    more = {f"{name}_col": name for name in known} | ({"journey_col": "trip"} if journeys else {})
    return EventLog(table, **COLUMNS, **more)


SPANS = [1, HOUR, 2 * HOUR, 4 * HOUR]


@pytest.mark.parametrize("seed", range(5))
def test_causes_equal_the_oracle(seed):
    rng = random.Random(seed)  # noqa: S311 - no secret
    rows, within, triggered_within = drawn(rng), rng.choice(SPANS), rng.choice([None, *SPANS])
    lost_after, journeys = rng.choice([0, HOUR, 5 * HOUR]), seed % 2 == 0
    known = {name for name in ("end", "failure") if rng.random() < 0.6}
    if "end" not in known:
        rows = [row._replace(end_us=None) for row in rows]
    if not journeys:
        rows = [row._replace(journey=row.customer) for row in rows]
    log = log_of(rows, known=known, journeys=journeys)
    found = discover_journey(log, DESIGN, lost_after=timedelta(microseconds=lost_after))
    journey = with_episodes(
        found,
        log,
        within=timedelta(microseconds=within),
        triggered_within=None if triggered_within is None else timedelta(microseconds=triggered_within),
    )
    expected = causes_from_events(
        rows,
        stages=[stage.id for stage in DESIGN.stages],
        within=within,
        triggered_within=triggered_within,
        owners=OWNERS,
        company={"call"},
        lost_after_us=lost_after,
        tells_failures="failure" in known,
    )
    for name, counted in expected.items():
        assert evidence(journey, name) == counted, name


def rows_of(*events):
    """Rows of (customer, journey, touchpoint), an hour apart."""
    return [
        oracle.Row(
            *event, stage=None, is_service=event[2] in SERVICE, is_goal=False, time_us=n * HOUR, number=n
        )
        for n, event in enumerate(events)
    ]


def test_an_episode_of_two_journeys_keeps_the_cause_of_its_first_contact():
    rows = rows_of(("a", "x", "ad"), ("a", "y", "cart"), ("a", "x", "phone"), ("a", "y", "desk"))
    log = log_of(rows)
    journey = with_episodes(discover_journey(log, DESIGN), log)
    assert set(evidence(journey, "causes")) == {("ad", "phone@discovery"), ("ad", "desk")}
    assert evidence(journey, "cause_owners") == {
        ("Marketing", "Sales"): {"contacts": 1, "episodes": 1, "customers": 1},
        ("Marketing", "Support"): {"contacts": 1, "customers": 1},
    }


def test_counts_of_the_groups_add_up():
    paths = ["ad", "ad cart", "ad cart phone", "ad cart phone phone"] * 20
    rows = oracle.path_rows(paths, dict.fromkeys(["ad", "cart", "phone"]), SERVICE, ())
    log = log_of(rows, journeys=False)
    journey = with_episodes(discover_journey(log, DESIGN), log)
    table = next(table for table in journey.evidence if table.name == "causes")
    assert table.groups == 64
    assert len(set(table.group)) > 10
    assert evidence(journey, "causes") == {
        ("cart", "phone@purchase"): {"contacts": 60, "episodes": 40, "customers": 40}
    }


def test_without_service_there_is_nothing_before_it():
    log = log_of(rows_of(("a", "x", "ad"), ("a", "x", "cart")))
    journey = with_episodes(discover_journey(log, DESIGN), log, within="30 minutes")
    assert evidence(journey, "causes") == evidence(journey, "cause_overall") == {}
    assert evidence(journey, "trigger_windows") == {("ad",): {"visits_watched": 1, "customers": 1}}
