"""Service episodes, against the toy log's numbers and against a plain-Python oracle."""

from __future__ import annotations

import math
import random
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.errors import InvalidLogError, MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.episodes import with_episodes
from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from tests import oracle
from tests.episode_oracle import Designed, episodes_from_events

HOUR = oracle.HOUR
COLUMNS = {"customer_col": "customer", "event_col": "event", "time_col": "time"}


def evidence(journey, name):
    return oracle.totals(next(table for table in journey.evidence if table.name == name))


def design_of(**more):
    """A shop: a discovery, a purchase and a floating phone and chat; the desk is service after the purchase."""
    return Journey(
        name="Shop",
        goal="renew",
        lost_after="0 s",
        touchpoints=[
            {"id": "ad", "stage": "discovery"},
            {"id": "cart", "stage": "purchase"},
            {"id": "use", "stage": "post_purchase"},
            {"id": "desk", "stage": "post_purchase", "owner": "Support",
             "service": {"need": "complaint", "handler": "human", "carries_context": True}},
            {"id": "renew", "stage": "loyalty"},
            {"id": "phone", "service": {"need": "advice", "handler": "human"}, "channels": ["phone"],
             "owner": "Sales"},
            {"id": "chat", "service": {"need": "advice", "handler": "bot", "carries_context": False},
             "channels": ["web", "app"]},
        ],
        **more,
    )  # fmt: skip


def designed(journey):
    return {
        t.id: Designed(t.service.handler, t.owner, t.service.carries_context)
        for t in journey.touchpoints
        if t.service
    }


def log_of(rows, **columns):
    names = ["customer", "event", "time", *columns]
    table = pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)})
    return EventLog(table, **COLUMNS, **{f"{role}_col": name for name, role in columns.items()})


def followed(rows, *, columns=None, **rules):
    log = log_of(rows, **(columns or {}))
    return with_episodes(discover_journey(log, design_of(), unmapped="ignore"), log, **rules)


class TestToyLog:
    """Toy log of the methods (C2): 5 episodes, single-contact resolved 2, recovered 3, escalated 2,
    same-channel repeat 1; counted by hand from its 12 journeys."""

    @pytest.fixture(autouse=True)
    def _followed(self, toy_log, toy_design):
        self.journey = with_episodes(discover_journey(toy_log, toy_design), toy_log, within="7 hours")

    def test_episodes(self):
        shapes = evidence(self.journey, "episode_shapes")
        assert sum(row["episodes"] for row in shapes.values()) == 5
        assert shapes["1", "recovered"]["episodes"] == 2
        assert sum(row["episodes"] for key, row in shapes.items() if key[1] == "recovered") == 3
        assert sum(row.get("escalated", 0) for row in shapes.values()) == 2
        assert sum(row.get("repeated", 0) for row in shapes.values()) == 1

    def test_recovery(self):
        assert evidence(self.journey, "recovery") == {
            ("0", "none"): {"journeys": 7, "closed": 7, "won": 3, "customers": 7},
            ("1", "recovered"): {"journeys": 3, "closed": 3, "won": 3, "customers": 3},
            ("1", "not_recovered"): {"journeys": 2, "closed": 2, "customers": 2},
        }

    def test_repeats(self):
        found = evidence(self.journey, "episodes")
        repeats = {key[0]: row["repeats"] for key, row in found.items() if "repeats" in row}
        assert repeats == {
            "chat@purchase": 1, "chat@post_purchase": 1, "bot@post_purchase": 1, "phone@post_purchase": 1,
        }  # fmt: skip
        assert sum(row.get("contacts", 0) for row in found.values()) == 9

    def test_from_contact_to_contact(self):
        """By hand: journeys 3 and 7 one chat, 8 chat phone, 9 bot chat phone, 11 phone phone."""
        moves = {key: row["moves"] for key, row in evidence(self.journey, "episode_moves").items()}
        assert moves == {
            ("chat@purchase", "@resolved"): 1, ("chat@purchase", "phone@purchase"): 1,
            ("phone@purchase", "@abandoned"): 1, ("chat@post_purchase", "@resolved"): 1,
            ("bot@post_purchase", "chat@post_purchase"): 1, ("chat@post_purchase", "phone@post_purchase"): 1,
            ("phone@post_purchase", "@resolved"): 1, ("phone@post_purchase", "phone@post_purchase"): 1,
            ("phone@post_purchase", "@abandoned"): 1,
        }  # fmt: skip

    def test_who_begins_again_is_not_known(self):
        found = evidence(self.journey, "continuity")
        assert found["phone@post_purchase",] == {"follow_ups": 2, "changed": 1, "unknown": 1, "customers": 2}
        totals = evidence(self.journey, "episode_totals")
        assert totals["all",] == {"episodes": 5, "contacts": 9, "hand_overs": 3, "unknown": 3, "customers": 5}
        assert totals["recovered",]["hand_overs"] == 2

    def test_chains_of_few_customers_are_merged(self):
        found = evidence(self.journey, "episode_chains")
        assert set(found) == {("handler", "*"), ("channel", "*"), ("touchpoint", "*")}
        assert found["handler", "*"] == {"episodes": 5, "resolved": 3, "abandoned": 2, "customers": 5}

    def test_times(self):
        """An hour, an hour and three; the two that are abandoned end an hour after they began."""
        hour, three = (str(math.floor(8 * math.log2(n * HOUR + 1))) for n in (1, 3))
        assert evidence(self.journey, "episode_times") == {
            ("recovered", hour): {"episodes": 2}, ("recovered", three): {"episodes": 1},
            ("not_recovered", hour): {"episodes": 2},
        }  # fmt: skip

    def test_every_contact_by_itself(self, toy_log, toy_design):
        journey = with_episodes(discover_journey(toy_log, toy_design), toy_log, within="59 minutes")
        shapes = evidence(journey, "episode_shapes")
        assert {key: row["episodes"] for key, row in shapes.items()} == {
            ("1", "recovered"): 5, ("1", "not_recovered"): 4,
        }  # fmt: skip
        assert evidence(journey, "recovery")["2+", "recovered"]["journeys"] == 1  # bot chat phone renew


@st.composite
def logs(draw):
    """Rows of an oracle with ties across journeys, overlaps, customers of several journeys, channels."""
    names = ["ad", "cart", "use", "desk", "renew", "phone", "phone", "chat", "chat"]
    stage_of = {t.id: t.stage for t in design_of().touchpoints}
    rows = []
    for number in range(draw(st.integers(1, 10))):
        time = draw(st.integers(0, 3)) * HOUR
        for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=14)):
            time += draw(st.sampled_from([0, 0, 1, 250_000, HOUR, 3 * HOUR]))
            end = draw(st.sampled_from([None, time, time + 7, time + HOUR]))
            channel = draw(st.sampled_from([None, "web", "phone"]))
            repeated = draw(st.sampled_from([None, None, True, False]))
            rows.append(
                oracle.Row(
                    f"c{number % 3}", f"j{number}", name, stage_of[name], name in {"desk", "phone", "chat"},
                    name == "renew", time, end, channel=channel, repeated=repeated,
                )
            )  # fmt: skip
    order = draw(st.permutations(range(len(rows))))
    return [rows[at]._replace(number=n) for n, at in enumerate(order)]


RULES = {
    "within": st.sampled_from([1, HOUR, 2 * HOUR, 4 * HOUR]),
    "rage_visits": st.integers(2, 3),
    "rage_within": st.sampled_from([250_000, HOUR, 3 * HOUR]),
    "recovered_within": st.sampled_from([None, 1, HOUR, 3 * HOUR]),
}


@settings(max_examples=15, deadline=None)
@given(
    logs(),
    st.fixed_dictionaries(RULES),
    st.sampled_from([0, HOUR, 5 * HOUR]),
    st.integers(1, 3),
    st.sets(st.sampled_from(["end", "channel", "repeated"])),
)
def test_episodes_equal_the_oracle(rows, rules, lost_after, min_customers, known):
    if "end" not in known:
        rows = [row._replace(end_us=None) for row in rows]
    if "channel" not in known:
        rows = [row._replace(channel=None) for row in rows]
    if "repeated" not in known:
        rows = [row._replace(repeated=None) for row in rows]
    table = pa.table({
        "customer": [r.customer for r in rows], "trip": [r.journey for r in rows],
        "event": [r.touchpoint for r in rows],
        "time": pa.array([r.time_us for r in rows], pa.timestamp("us")),
        "end": pa.array([r.end_us for r in rows], pa.timestamp("us")),
        "channel": pa.array([r.channel for r in rows], pa.string()),
        "repeated": pa.array([r.repeated for r in rows], pa.bool_()),
    })  # fmt: skip
    log = EventLog(table, **COLUMNS, journey_col="trip", **{f"{name}_col": name for name in known})
    design = design_of()
    found = discover_journey(log, design, lost_after=timedelta(microseconds=lost_after))
    spans = {name: None if n is None else timedelta(microseconds=n) for name, n in rules.items()}
    spans |= {"rage_visits": rules["rage_visits"], "min_customers": min_customers}
    journey = with_episodes(found, log, **spans)
    expected = episodes_from_events(
        rows,
        stages=[stage.id for stage in design.stages],
        channels={t.id: t.channels for t in design.touchpoints},
        lost_after_us=lost_after,
        designed=designed(design),
        min_customers=min_customers,
        **rules,
    )
    for name, counted in expected.items():
        assert evidence(journey, name) == counted, name


def test_a_long_chain_is_cut_and_enough_customers_are_named():
    rows = [(who, "phone", f"2024-05-0{day}") for who in "abcde" for day in range(1, 8)]
    rows += [("f", "phone", f"2024-05-0{day}") for day in range(1, 7)]
    found = evidence(followed(rows), "episode_chains")
    assert found["touchpoint", "phone > phone > phone > phone > phone > phone > …"]["episodes"] == 5
    assert found["touchpoint", "*"] == {"episodes": 1, "abandoned": 1, "customers": 1}
    assert found["channel", "phone > phone > phone > phone > phone > phone > …"]["episodes"] == 5


def test_a_channel_with_blanks_keeps_its_name():
    rows = [("a", "phone", "2024-05-01", "call centre"), ("a", "phone", "2024-05-02", "web > app")]
    found = evidence(followed(rows, columns={"how": "channel"}, min_customers=1), "episode_chains")
    assert ("channel", "call centre > web > app") in found


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (None, {"changed": 1, "restarts": 1}),  # the chat does not carry context
        ("no", {"changed": 1}),  # what the log says comes before the design
        ("yes", {"changed": 1, "restarts": 1}),
    ],
)
def test_who_begins_again(again, expected):
    rows = [("a", "phone", "2024-05-01", "yes"), ("a", "chat", "2024-05-02", again)]
    found = evidence(followed(rows, columns={"again": "repeated"}), "continuity")
    assert found == {("chat@discovery",): {"follow_ups": 1, "customers": 1} | expected}


def test_what_a_change_of_hands_is():
    """To the desk: another owner and channel, which carries context; twice there: nothing changes."""
    rows = [
        ("a", name, f"2024-05-0{day}")
        for day, name in enumerate(["use", "phone", "desk", "desk", "phone"], 1)
    ]
    found = evidence(followed(rows), "continuity")
    assert found["desk",] == {"follow_ups": 2, "changed": 1, "customers": 1}
    assert found["phone@post_purchase",] == {"follow_ups": 1, "changed": 1, "unknown": 1, "customers": 1}


def test_what_follows_the_goal_is_told_apart():
    rows = [("a", "renew", "2024-05-01"), ("a", "phone", "2024-05-02"), ("b", "phone", "2024-05-01")]
    totals = evidence(followed(rows), "episode_totals")
    assert (totals["not_recovered",]["episodes"], totals["not_recovered",]["after_goal"]) == (2, 1)


def test_self_service_counts_its_customers_once():
    rows = [("a", "chat", "2024-05-01"), ("a", "bot2", "2024-05-02"), ("b", "phone", "2024-05-20")]
    more = {"id": "bot2", "service": {"handler": "ivr"}}
    design = design_of()
    design = Journey(**design.model_dump() | {"touchpoints": [*design.model_dump()["touchpoints"], more]})
    log = log_of(rows)
    found = evidence(with_episodes(discover_journey(log, design), log), "episode_handlers")
    assert found["@self_service",] == {"contacts": 2, "contacts_watched": 2, "customers": 1}
    assert found["human",] == {"contacts": 1}  # too near to the end to be watched


def test_an_episode_runs_over_the_journeys_of_a_customer():
    rows = [
        ("a", "phone", "2024-05-01 10:00", "x"), ("a", "phone", "2024-05-01 11:00", "y"),
        ("a", "cart", "2024-05-01 12:00", "x"), ("b", "phone", "2024-05-01 11:30", "x"),
    ]  # fmt: skip
    journey = followed(rows, columns={"trip": "journey"}, within="1 hour")
    assert evidence(journey, "episode_shapes") == {
        ("2", "not_recovered"): {"episodes": 1, "repeated": 1, "customers": 1},  # its last contact is in y
        ("1", "not_recovered"): {"episodes": 1, "customers": 1},
    }
    assert evidence(journey, "recovery")["1", "recovered"]["journeys"] == 1  # x goes on


def test_a_contact_at_the_end_is_not_watched():
    rows = [("a", "phone", "2024-05-01"), ("b", "phone", "2024-05-08"), ("c", "phone", "2024-05-08 00:00:01"),
            ("c", "phone", "2024-05-10"), ("d", "ad", "2024-05-15")]  # fmt: skip
    (row,) = [r for r in evidence(followed(rows), "episodes").values() if "contacts" in r]
    assert (row["contacts"], row["contacts_watched"]) == (4, 2)
    assert "repeats" not in row  # the one repeat follows a contact that is not watched for seven days


def test_a_gap_equal_to_the_limit_is_within():
    rows = [("a", "phone", "2024-05-01 10:00:00.25"), ("a", "phone", "2024-05-01 10:00:00.75")]
    assert ("2", "not_recovered") in evidence(followed(rows, within="500 ms"), "episode_shapes")
    assert ("1", "not_recovered") in evidence(followed(rows, within="499 ms"), "episode_shapes")


def test_the_gap_runs_from_the_end_of_a_contact():
    rows = [("a", "phone", "2024-05-01 10:00", "2024-05-01 10:50"), ("a", "phone", "2024-05-01 11:00", None)]
    found = followed(rows, columns={"until": "end"}, within="10 min")
    assert ("2", "not_recovered") in evidence(found, "episode_shapes")


def test_ties_keep_the_input_order():
    rows = [("a", name, "2024-05-01") for name in ("use", "phone", "chat", "phone")]
    found = evidence(followed(rows), "episode_shapes")
    assert found == {("3", "not_recovered"): {"episodes": 1, "escalated": 1, "customers": 1}}
    found = evidence(followed([rows[1], rows[0], rows[3]]), "episode_shapes")
    assert found == {("2", "not_recovered"): {"episodes": 1, "repeated": 1, "customers": 1}}


def test_nanoseconds_decide_the_order():
    times = pa.array([1_000_000_700, 1_000_000_300], pa.timestamp("ns"))
    table = pa.table({"customer": ["a", "a"], "event": ["use", "phone"], "time": times})
    log = EventLog(table, **COLUMNS)
    journey = with_episodes(discover_journey(log, design_of()), log)
    assert ("1", "recovered") in evidence(journey, "episode_shapes")


def test_progress_is_an_event_at_this_stage_or_a_higher_one():
    back = [("a", "use", "2024-05-01"), ("a", "phone", "2024-05-02"), ("a", "cart", "2024-05-03")]
    assert ("1", "not_recovered") in evidence(followed(back), "episode_shapes")
    on = [*back, ("a", "use", "2024-05-04")]
    assert ("1", "recovered") in evidence(followed(on), "episode_shapes")
    assert ("1", "recovered") in evidence(followed(on, recovered_within="2 days"), "episode_shapes")
    assert ("1", "not_recovered") in evidence(followed(on, recovered_within="47 h"), "episode_shapes")


def test_only_contacts_before_the_goal_are_failures():
    rows = [("a", "renew", "2024-05-01"), ("a", "phone", "2024-05-02")]
    found = followed(rows)
    assert set(evidence(found, "recovery")) == {("0", "none")}
    assert ("1", "not_recovered") in evidence(found, "episode_shapes")


def test_an_episode_of_an_open_journey_is_open():
    rows = [("a", "phone", "2024-05-01"), ("b", "ad", "2024-05-02")]
    log = log_of(rows)
    journey = discover_journey(log, design_of(), lost_after="7 days")
    assert set(evidence(with_episodes(journey, log), "episode_shapes")) == {("1", "open")}
    judged = with_episodes(journey, log, recovered_within="1 day")
    assert set(evidence(judged, "episode_shapes")) == {("1", "not_recovered")}


def test_rage():
    rows = [("a", "cart", f"2024-05-01 10:0{n}") for n in range(3)]
    rows += [("b", "cart", f"2024-05-0{n} 10:00") for n in (1, 2, 3)]  # too slow
    rows += [("c", name, f"2024-05-01 10:0{n}") for n, name in enumerate(["ad", "cart", "ad", "cart", "ad"])]
    found = evidence(followed(rows), "episodes")
    assert found["cart",] == {"journeys": 3, "rage_journeys": 1, "rage_customers": 1}
    assert "rage_journeys" not in found["ad",]  # c reached the purchase in between


def test_channels_of_the_log_come_before_those_of_the_design():
    rows = [("a", "phone", "2024-05-01", "mobile"), ("a", "phone", "2024-05-02", None),
            ("a", "chat", "2024-05-03", None), ("a", "chat", "2024-05-03", "phone")]  # fmt: skip
    found = evidence(followed(rows, columns={"how": "channel"}), "episodes")
    # mobile to phone is the only pair of which both are known: a chat by web or app names neither
    assert {k: v["contact_pairs"] for k, v in found.items() if "contact_pairs" in v} == {
        ("phone@discovery",): 1
    }
    assert found["phone@discovery",]["channel_switches"] == 1


def test_unmapped_events_are_no_progress():
    rows = [("a", "phone", "2024-05-01"), ("a", "page", "2024-05-02")]
    assert ("1", "not_recovered") in evidence(followed(rows), "episode_shapes")


def test_without_service_there_is_only_rage():
    log = log_of([("a", "cart", "2024-05-01 10:00"), ("a", "cart", "2024-05-01 10:01")])
    journey = with_episodes(discover_journey(log), log, rage_visits=2)
    assert evidence(journey, "episodes") == {
        ("cart",): {"journeys": 1, "rage_journeys": 1, "rage_customers": 1}
    }
    assert evidence(journey, "episode_shapes") == {}
    assert set(evidence(journey, "recovery")) == {("0", "none")}


def test_the_rules_travel_with_the_counts():
    rows = [("a", "phone", "2024-05-01")]
    found = evidence(followed(rows, within="2 days", recovered_within="1 hour"), "episode_rules")
    assert found["within",]["value"] == 48 * HOUR
    assert found["recovered_within",]["value"] == HOUR
    assert ("recovered_within",) not in evidence(followed(rows), "episode_rules")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"within": "soon"}, "within: 'soon' is no span"),
        ({"within": "0 days"}, "within: '0 days' is no span"),
        ({"rage_within": 3}, "rage_within: 3 is no span"),
        ({"recovered_within": "-1 day"}, "recovered_within: '-1 day' is no span"),
        ({"triggered_within": "never"}, "triggered_within: 'never' is no span"),
        ({"min_customers": 0}, "min_customers: 0 is no number of customers"),
        ({"min_customers": True}, "min_customers: True is no number of customers"),
        ({"rage_visits": 1}, "rage_visits: 1 is no number of visits"),
        ({"rage_visits": 2.5}, "rage_visits: 2.5 is no number of visits"),
    ],
)
def test_a_rule_that_is_none_is_refused(rules, message):
    with pytest.raises(InvalidLogError, match=message):
        followed([("a", "phone", "2024-05-01")], **rules)


def test_a_designed_journey_has_no_episodes():
    with pytest.raises(MissingEvidenceError, match="was designed"):
        with_episodes(design_of(), log_of([("a", "phone", "2024-05-01")]))


@pytest.mark.parametrize("trips", [None, ["x", "x", "y", "y"]])
def test_gaps_split_journeys_and_not_episodes(trips):
    """A journey that ends in a contact did not go on, though the customer came back after the gap."""
    times = ["2024-05-01", "2024-05-02", "2024-05-12", "2024-05-13"]
    table = {"customer": ["a"] * 4, "event": ["cart", "phone", "phone", "use"], "time": times}
    columns = dict(COLUMNS)
    if trips is not None:
        table["trip"], columns["journey_col"] = trips, "trip"
    log = EventLog(pa.table(table), **columns)
    journey = discover_journey(log, design_of(), new_journey_after="7 days")
    assert journey.observation.journeys == 2
    found = with_episodes(journey, log, within="30 days")
    assert evidence(found, "episode_shapes") == {
        ("2", "recovered"): {"episodes": 1, "repeated": 1, "customers": 1},
    }  # fmt: skip
    assert {key: row["journeys"] for key, row in evidence(found, "recovery").items()} == {
        ("1", "not_recovered"): 1, ("1", "recovered"): 1,
    }  # fmt: skip


def test_many_customers_in_groups():
    rng = random.Random(11)  # noqa: S311 - no secrets here
    stage_of = {t.id: t.stage for t in design_of().touchpoints}
    rows = []
    for number in range(300):
        time = 0
        for _ in range(rng.randint(1, 12)):
            time += rng.choice([0, HOUR, 5 * HOUR, 40 * HOUR])
            name = rng.choice(list(stage_of))
            service = name in {"desk", "phone", "chat"}
            row = (f"c{number}", f"c{number}", name, stage_of[name], service, name == "renew", time)
            rows.append(oracle.Row(*row, number=len(rows)))
    table = pa.table({
        "customer": [r.customer for r in rows], "event": [r.touchpoint for r in rows],
        "time": pa.array([r.time_us for r in rows], pa.timestamp("us")),
    })  # fmt: skip
    log = EventLog(table, **COLUMNS)
    rules = {"within": 24 * HOUR, "rage_within": 6 * HOUR, "recovered_within": 24 * HOUR}
    spans = {name: timedelta(microseconds=n) for name, n in rules.items()}
    design = design_of()
    journey = with_episodes(discover_journey(log, design), log, rage_visits=2, **spans)
    expected = episodes_from_events(
        rows,
        stages=[stage.id for stage in design.stages],
        channels={t.id: t.channels for t in design.touchpoints},
        designed=designed(design),
        rage_visits=2,
        **rules,
    )
    for name, counted in expected.items():
        table = next(table for table in journey.evidence if table.name == name)
        assert table.groups == 64
        assert oracle.totals(table) == counted, name


def test_the_time_to_recover_runs_from_the_end_of_the_contact():
    rows = [("a", "phone", "2024-05-01 10:00", "2024-05-01 10:50"), ("a", "use", "2024-05-01 11:00", None)]
    for limit, outcome in (("10 min", "recovered"), ("9 min", "not_recovered")):
        found = followed(rows, columns={"until": "end"}, recovered_within=limit)
        assert set(evidence(found, "episode_shapes")) == {("1", outcome)}
