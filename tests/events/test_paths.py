"""Paths, contexts and credit, against numbers counted by hand and against a plain-Python oracle."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import InvalidLogError, MissingEvidenceError
from journeymap.events import parts
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.paths import with_paths
from journeymap.model.journey import Journey
from tests import oracle
from tests.events import path_oracle

TABLES = ("variants", "contexts", "credit")
STAGES = {**oracle.TOY_STAGES}


def tables(journey):
    return {table.name: table for table in journey.evidence if table.name in TABLES}


def named(journey):
    """The variants with the names of their touchpoints."""
    names = [key[0] for key in next(t for t in journey.evidence if t.name == "touchpoints").keys]
    return {
        (" ".join(names[int(p)] for p in path.split()) if path != "*" else "*", end): row
        for (path, end), row in oracle.totals(tables(journey)["variants"]).items()
    }


class TestToyLog:
    """The twelve journeys of the toy log."""

    @pytest.fixture(autouse=True)
    def _followed(self, toy_log, toy_design):
        self.log = toy_log
        self.journey = discover_journey(toy_log, toy_design)
        self.known = with_paths(self.journey, toy_log, min_customers=1)

    def test_eleven_variants(self):
        found = named(self.known)
        assert len(found) == 11
        assert found["ad compare cart pay onboard renew", "goal"] == {
            "journeys": 2, "customers": 2, "cycle_us": 2 * 5 * oracle.HOUR,
        }  # fmt: skip
        assert found["ad compare cart chat@purchase phone@purchase", "lost"]["journeys"] == 1

    def test_rare_paths_are_merged_before_they_leave(self):
        found = named(with_paths(self.journey, self.log, min_customers=2))
        assert {key: row["journeys"] for key, row in found.items()} == {
            ("ad compare cart pay onboard renew", "goal"): 2, ("*", "goal"): 4, ("*", "lost"): 6,
        }  # fmt: skip
        nobody = named(with_paths(self.journey, self.log))
        assert {key: row["customers"] for key, row in nobody.items()} == {("*", "goal"): 6, ("*", "lost"): 6}

    def test_contexts(self):
        found = {key: row["count"] for key, row in oracle.totals(tables(self.known)["contexts"]).items()}
        assert sum(count for key, count in found.items() if key[1] == "@start") == 12
        assert sum(count for key, count in found.items() if key[2] == "@goal") == 6
        assert sum(count for key, count in found.items() if key[2] == "@lost") == 6
        # the journeys begin one a day: six before the median
        assert found["", "@start", "ad", "1"] == found["", "@start", "ad", "2"] == 6
        assert found["compare", "cart", "pay", "1"] == 4
        assert found["cart", "pay", "onboard", "2"] == 4
        assert ("onboard", "renew", "@goal", "1") not in found

    def test_credit(self):
        found = oracle.totals(tables(self.known)["credit"])
        assert found["ad",]["first"] == 6
        assert {key[0]: row["last"] for key, row in found.items() if row.get("last")} == {
            "onboard": 4, "chat@post_purchase": 1, "phone@post_purchase": 1,
        }  # fmt: skip
        # 1/5 + 1/5 + 1/7 + 1/7 + 1/8 + 1/4
        assert found["ad",]["linear_u"] == pytest.approx(1e6 * (0.4 + 2 / 7 + 0.125 + 0.25), abs=6)
        # 1/5 + 1/5 + 1/6 + 1/6 + 1/8 + 1/4
        assert found["ad",]["shapley_u"] == pytest.approx(1e6 * (0.4 + 1 / 3 + 0.125 + 0.25), abs=6)
        assert found["ad",]["position_u"] == 2_400_000
        assert found["compare",]["journeys"] == 5
        assert "renew" not in {key[0] for key in found}

    def test_every_rule_hands_out_every_won_journey(self):
        table = tables(self.known)["credit"]
        for measure, counts in table.measures.items():
            whole = 6_000_000 if measure.endswith("_u") else 6
            assert measure == "journeys" or sum(counts) == whole, measure

    def test_the_rest_of_the_evidence_stays(self):
        assert self.known.evidence[: len(self.journey.evidence)] == self.journey.evidence
        again = with_paths(self.known, self.log, min_customers=1)
        assert again == self.known
        assert Journey.model_validate_json(self.known.model_dump_json()) == self.known

    def test_group_by_group(self):
        groups = self.journey.observation.groups
        for name, table in tables(self.known).items():
            assert table.groups == groups, name
        won = tables(self.known)["credit"]
        first = [count for count in won.measures["first"] if count]
        assert len(first) == 6


def random_rows(draw, longest=9):
    rows = []
    events = st.sampled_from(["ad", "compare", "cart", "pay", "renew", "chat", "phone"])
    for number, path in enumerate(
        draw(st.lists(st.lists(events, min_size=1, max_size=longest), min_size=1, max_size=12))
    ):
        time = draw(st.integers(0, 3)) * oracle.HOUR
        for event in path:
            time += draw(st.sampled_from([0, 0, 1, 250_000, oracle.HOUR]))
            end = time + draw(st.sampled_from([0, 7, oracle.HOUR]))
            rows.append((f"c{number % 5}", f"j{number}", event, time, end))
    return rows


def random_log(rows, *, with_end=True):
    table = pa.table({
        "who": [r[0] for r in rows], "trip": [r[1] for r in rows], "what": [r[2] for r in rows],
        "start": pa.array([r[3] for r in rows], pa.timestamp("us")),
        "end": pa.array([r[4] for r in rows], pa.timestamp("us")),
    })  # fmt: skip
    return EventLog(
        table, customer_col="who", event_col="what", time_col="start", journey_col="trip",
        end_col="end" if with_end else None,
    )  # fmt: skip


def check(journey, found, *, min_customers, half_life):
    """Compare the three tables with the oracle."""
    assert named(journey) == path_oracle.variants(found, min_customers)
    contexts = {key: row["count"] for key, row in oracle.totals(tables(journey)["contexts"]).items()}
    assert contexts == path_oracle.contexts(found)
    seen = oracle.totals(tables(journey)["credit"])
    expected = path_oracle.credit(found, half_life)
    assert {key[0] for key in seen} == set(expected)
    for name, shares in expected.items():
        for measure, share in shares.items():
            whole = not measure.endswith("_u")
            # every visit can be off by one millionth
            assert seen[name,].get(measure, 0) == pytest.approx(share, abs=0 if whole else 150), measure


@settings(max_examples=15, deadline=None)
@given(st.data(), st.sampled_from([0, 1, oracle.HOUR, 5 * oracle.HOUR]), st.integers(1, 3), st.booleans())
def test_paths_equal_the_oracle(data, lost_after, min_customers, with_end):
    rows = random_rows(data.draw)
    design = Journey(
        name="Toy",
        goal=data.draw(st.sampled_from(["renew", "chat", "purchase"])),
        touchpoints=[{"id": t, "stage": s, "service": oracle.TOY_SERVICE.get(t)} for t, s in STAGES.items()],
    )
    goals = {t for t, s in STAGES.items() if t in design.goal or s in design.goal}
    log = random_log(rows, with_end=with_end)
    journey = discover_journey(log, design, lost_after=timedelta(microseconds=lost_after))
    found = oracle.walks(
        [
            (c, j, e, STAGES[e], e in oracle.TOY_SERVICE, e in goals, a, b if with_end else a)
            for c, j, e, a, b in rows
        ],
        stages=[stage.id for stage in design.stages],
        lost_after_us=lost_after,
    )
    known = with_paths(journey, log, min_customers=min_customers, half_life="2 hours")
    check(known, found, min_customers=min_customers, half_life=2 * oracle.HOUR)


def many_rows(customers=130, seed=7):
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        time = int(rng.integers(0, 10**12))
        size = int(rng.integers(1, 8)) if customer else 70
        for event in rng.choice(["ad", "compare", "cart", "pay", "renew", "chat"], size):
            time += int(rng.integers(0, 10**10))
            if customer or event != "renew":
                rows.append((f"c{customer}", f"c{customer}", str(event), time, time))
    return rows


def test_in_parts_as_in_one(monkeypatch, toy_design):
    rows = many_rows()
    log = random_log(rows, with_end=False)
    journey = discover_journey(log, toy_design)
    assert journey.observation.groups == 64
    whole = with_paths(journey, log, min_customers=2)
    monkeypatch.setattr(parts, "MANY", 10)
    parted = with_paths(journey, log, min_customers=2)
    for name in TABLES:
        assert oracle.totals(tables(whole)[name]) == oracle.totals(tables(parted)[name])
    found = oracle.walks(
        [(c, j, e, STAGES[e], e == "chat", e == "renew", a, b) for c, j, e, a, b in rows],
        stages=[stage.id for stage in toy_design.stages],
    )
    check(parted, found, min_customers=2, half_life=7 * 24 * oracle.HOUR)
    assert named(whole)["*", "lost"]["journeys"] >= 1


def test_gaps_split_journeys(toy_design):
    table = pa.table({
        "who": ["a", "a", "a", "b"], "what": ["ad", "renew", "ad", "ad"],
        "when": ["2024-01-01", "2024-01-02", "2024-03-01", "2024-01-01"],
    })  # fmt: skip
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    journey = discover_journey(log, toy_design, new_journey_after="10 days")
    known = with_paths(journey, log, min_customers=2)
    assert {key: (row["journeys"], row["customers"]) for key, row in named(known).items()} == {
        ("ad", "lost"): (2, 2), ("ad renew", "goal"): (1, 1),
    }  # fmt: skip
    rare = with_paths(journey, log, min_customers=3)
    assert {key: row["customers"] for key, row in named(rare).items()} == {("*", "lost"): 2, ("*", "goal"): 1}


def test_far_from_the_goal_the_latest_visit_keeps_the_credit(toy_design):
    table = pa.table({
        "who": ["a"] * 3, "what": ["ad", "cart", "renew"], "when": ["1990-01-01", "1990-01-02", "2024-01-01"],
    })  # fmt: skip
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    known = with_paths(discover_journey(log, toy_design), log, half_life="1 second")
    found = oracle.totals(tables(known)["credit"])
    assert found["cart",]["decay_u"] == 1_000_000
    assert found["ad",].get("decay_u", 0) == 0


def test_without_a_goal_nothing_is_credited(toy_log):
    known = with_paths(discover_journey(toy_log, lost_after="0 s"), toy_log, min_customers=1)
    assert {end for _, end in named(known)} == {"lost"}
    assert tables(known)["credit"].keys == ()


def test_a_goal_at_once(toy_design):
    table = pa.table({"who": ["a"], "what": ["renew"], "when": ["2024-01-01"]})
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    known = with_paths(discover_journey(log, toy_design), log, min_customers=1)
    assert list(named(known)) == [("renew", "goal")]
    assert tables(known)["contexts"].keys == (("", "@start", "@goal", "2"),)
    assert tables(known)["credit"].keys == ()


def test_nothing_is_left_in_the_engine(toy_log, toy_design):
    with DuckDBEngine() as engine:
        log = EventLog(
            toy_log.source, customer_col="customer", event_col="event", time_col="time", engine=engine
        )
        journey = discover_journey(log, toy_design)
        before = engine.run("select count(*) as n from duckdb_tables()")["n"][0].as_py()
        with_paths(journey, log)
        assert engine.run("select count(*) as n from duckdb_tables()")["n"][0].as_py() == before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"min_customers": 0}, "min_customers"),
        ({"min_customers": True}, "min_customers"),
        ({"half_life": "0 days"}, "half_life"),
        ({"half_life": "7 moons"}, "half_life"),
        ({"half_life": 7}, "half_life"),
    ],
)
def test_what_is_no_rule(toy_log, toy_design, given, words):
    with pytest.raises(InvalidLogError, match=words):
        with_paths(discover_journey(toy_log, toy_design), toy_log, **given)


def test_a_design_has_no_paths(toy_log, toy_design):
    with pytest.raises(MissingEvidenceError):
        with_paths(toy_design, toy_log)


def test_another_log(toy_log, toy_design):
    other = EventLog(
        pa.table({"customer": ["a"], "event": ["bot"], "time": ["2024-01-01"]}),
        customer_col="customer", event_col="event", time_col="time",
    )  # fmt: skip
    known = discover_journey(toy_log, toy_design)
    without = known.model_copy(update={"evidence": ()})
    with pytest.raises(InvalidLogError, match="this log has 1 of 1"):
        with_paths(without, other, min_customers=1)
