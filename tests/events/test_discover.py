"""Discovery, against numbers that can be counted by hand and against a plain-Python oracle."""

from __future__ import annotations

import math
from datetime import timedelta

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.errors import InvalidLogError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.queries.counts import CELLS_PER_MASK
from journeymap.model.journey import Journey
from tests import oracle

COLUMNS = {"customer_col": "customer", "event_col": "event", "time_col": "time"}


def log_of(rows, **columns):
    """A log of (customer, event, time, ...) rows; further columns by name."""
    names = ["customer", "event", "time", *columns]
    table = pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)})
    roles = {f"{role}_col": name for name, role in columns.items()}
    return EventLog(table, **COLUMNS, **roles)


def evidence(journey, name):
    return oracle.totals(next(table for table in journey.evidence if table.name == name))


class TestToyLog:
    """Every number of the toy log that belongs to counting; worked out by hand from its 12 journeys."""

    @pytest.fixture(autouse=True)
    def _discovered(self, toy_log, toy_design):
        self.journey = discover_journey(toy_log, toy_design)

    def test_totals(self):
        seen = self.journey.observation
        assert (seen.events, seen.journeys, seen.customers) == (67, 12, 12)
        assert (seen.won, seen.lost, seen.open, seen.rework) == (6, 6, 0, 4)
        assert seen.lost_after_source == "design"

    def test_visits(self):
        visits = {t.id: t.visits.count for t in self.journey.touchpoints}
        assert visits == {
            "ad": 12, "compare": 12, "cart": 12, "pay": 8, "onboard": 8, "renew": 6, "chat@purchase": 2,
            "chat@post_purchase": 2, "phone@purchase": 1, "phone@post_purchase": 3, "bot@post_purchase": 1,
        }  # fmt: skip

    def test_drop_off_counts(self):
        seen = evidence(self.journey, "touchpoints")
        found = {
            key[0]: (row.get("lost", 0), row["journeys_before"])
            for key, row in seen.items()
            if "journeys_before" in row
        }
        assert found["ad"] == (1, 12)
        assert found["compare"] == (1, 10)
        assert found["cart"] == (1, 10)
        assert found["onboard"] == (1, 8)
        assert found["phone@purchase"] == (1, 1)
        assert found["phone@post_purchase"] == (1, 2)

    def test_loops_repetitions_and_regressions(self):
        seen = evidence(self.journey, "touchpoints")
        loops = {key[0]: row["self_loops"] for key, row in seen.items() if "self_loops" in row}
        repeated = {key[0]: row["repetitions"] for key, row in seen.items() if "repetitions" in row}
        back = {key[0]: row["regressions"] for key, row in seen.items() if "regressions" in row}
        assert loops == {"compare": 1, "phone@post_purchase": 1}
        assert repeated == {"compare": 1, "cart": 2}
        assert back == {"cart": 1}

    def test_service_counts(self):
        total = evidence(self.journey, "journeys")[()]
        assert (total["service_journeys"], total["service_customers"]) == (5, 5)
        by_stage = evidence(self.journey, "service")
        assert sum(row["events"] for key, row in by_stage.items() if key[1] == "service") == 9

    def test_routes(self):
        found = {key: row["journeys"] for key, row in evidence(self.journey, "routes").items()}
        assert found == {
            ("11111", "goal"): 5, ("10111", "goal"): 1, ("11110", "lost"): 2, ("11100", "lost"): 2,
            ("11000", "lost"): 1, ("10000", "lost"): 1,
        }  # fmt: skip

    def test_places(self):
        found = {key: row["journeys"] for key, row in evidence(self.journey, "places").items()}
        first = {key[1:]: count for key, count in found.items() if key[0] == "1"}
        second = {key[1:]: count for key, count in found.items() if key[0] == "2"}
        assert first == {("ad", "compare", ""): 10, ("ad", "cart", ""): 1, ("ad", "", "lost"): 1}
        assert second == {
            ("compare", "cart", ""): 8, ("compare", "compare", ""): 1, ("compare", "", "lost"): 1,
            ("cart", "pay", ""): 1,
        }  # fmt: skip
        assert found["9", "renew", "", "goal"] == 1

    def test_stage_times(self):
        def bucket(hours):
            return str(math.floor(8 * math.log2(hours * oracle.HOUR + 1)))

        found = {key: row["journeys"] for key, row in evidence(self.journey, "stage_times").items()}
        assert found == {
            ("discovery", bucket(1)): 11,
            ("evaluation", bucket(1)): 7, ("evaluation", bucket(2)): 2,
            ("purchase", bucket(2)): 7, ("purchase", bucket(3)): 1, ("purchase", bucket(4)): 1,
            ("post_purchase", bucket(1)): 4, ("post_purchase", bucket(2)): 2, ("post_purchase", bucket(4)): 1,
        }  # fmt: skip

    def test_graph_is_frozen_and_carries_the_counts(self):
        graph = self.journey.graph
        assert nx.is_frozen(graph)
        assert graph.edges["ad", "compare"]["transition"].count == 10
        assert graph.edges["ad", "compare"]["weight"] == pytest.approx(10 / 12)
        assert graph.nodes["phone@purchase"]["stage"] == "purchase"
        assert self.journey.touchpoint("phone@purchase").floats_as == "phone"

    def test_every_table_equals_the_oracle(self):
        toy = oracle.toy_journey()
        for table in toy.evidence:
            assert evidence(self.journey, table.name) == oracle.totals(table), table.name


PATHS = st.lists(
    st.sampled_from(["ad", "compare", "cart", "pay", "renew", "chat", "phone"]), min_size=1, max_size=8
)
STAGES = {**oracle.TOY_STAGES, "renew": "loyalty"}


FLAG = st.sampled_from([True, False, None])


@st.composite
def logs(draw):
    """Rows (customer, journey, event, start, end, agent, flags) with ties, overlaps, gaps in the columns."""
    rows = []
    for number, path in enumerate(draw(st.lists(PATHS, min_size=1, max_size=12))):
        time = draw(st.integers(0, 3)) * oracle.HOUR
        for event in path:
            time += draw(st.sampled_from([0, 0, 1, 250_000, oracle.HOUR]))
            rows.append(
                (
                    f"c{number % 5}",
                    f"j{number}",
                    event,
                    time,
                    draw(st.sampled_from([None, time, time + 7, time + oracle.HOUR])),
                    draw(st.sampled_from(["Ann", "Bo", None])),
                    *(draw(FLAG) for _ in range(3)),
                )
            )
    return rows


@settings(max_examples=25, deadline=None)
@given(logs(), st.sampled_from([0, 1, oracle.HOUR, 5 * oracle.HOUR]))
def test_discovery_equals_the_oracle(rows, lost_after):
    design = Journey(
        name="Toy",
        goal="renew",
        touchpoints=[{"id": t, "stage": s, "service": oracle.TOY_SERVICE.get(t)} for t, s in STAGES.items()],
    )
    table = pa.table({
        "who": [r[0] for r in rows], "trip": [r[1] for r in rows], "what": [r[2] for r in rows],
        "start": pa.array([r[3] for r in rows], pa.timestamp("us")),
        "end": pa.array([r[4] for r in rows], pa.timestamp("us")),
        "by": pa.array([r[5] for r in rows], pa.string()),
        "again": pa.array([r[6] for r in rows], pa.bool_()),
        "failed": pa.array([None if r[7] is None else int(r[7]) for r in rows], pa.float64()),
        "done": pa.array([{None: "", True: "Yes", False: " no"}[r[8]] for r in rows], pa.string()),
    })  # fmt: skip
    log = EventLog(
        table, customer_col="who", event_col="what", time_col="start", end_col="end", journey_col="trip",
        agent_col="by", repeated_col="again", failure_col="failed", completed_col="done",
    )  # fmt: skip
    journey = discover_journey(log, design, lost_after=timedelta(microseconds=lost_after))
    expected = oracle.evidence_from_events(
        [
            (c, j, e, STAGES[e], e in oracle.TOY_SERVICE, e == "renew", a, b, *more)
            for c, j, e, a, b, *more in rows
        ],
        stages=[stage.id for stage in design.stages],
        groups=1,
        group_of=lambda _: 0,
        lost_after_us=lost_after,
        declared=("end", "agent", "repeated", "failure", "completed"),
    )
    for counted in expected:
        assert evidence(journey, counted.name) == oracle.totals(counted), counted.name


def test_more_stages_than_one_mask_holds():
    stages = [f"s{number:02d}" for number in range(45)]
    touchpoints = [
        {"id": f"{stage}_{kind}", "stage": stage, "service": {"need": "advice"} if kind == "help" else None}
        for stage in stages[1:]
        for kind in ("see", "help")
    ]
    design = Journey(
        name="Long",
        goal="s44_see",
        stages=[{"id": s, "period": "before"} for s in stages],
        touchpoints=touchpoints,
    )
    rng = np.random.default_rng(5)
    rows = [
        (f"c{number}", touchpoints[rng.integers(len(touchpoints))], place)
        for number in range(40)
        for place in range(rng.integers(1, 16))
    ]
    log = log_of([(c, t["id"], f"2024-05-01 00:{place:02d}") for c, t, place in rows])
    journey = discover_journey(log, design, lost_after="0 s")
    minute = oracle.HOUR // 60
    expected = oracle.evidence_from_events(
        [
            (c, c, t["id"], t["stage"], t["service"] is not None, t["id"] == "s44_see", place * minute, None)
            for c, t, place in rows
        ],
        stages=stages,
        groups=1,
        group_of=lambda _: 0,
        lost_after_us=0,
    )
    assert len(stages) * 2 > CELLS_PER_MASK
    for counted in expected:
        assert evidence(journey, counted.name) == oracle.totals(counted), counted.name


@settings(max_examples=12, deadline=None)
@given(logs())
def test_shares_and_exits_of_a_touchpoint_sum_to_one(rows):
    log = log_of([(r[0], r[2], r[3], r[1]) for r in rows], trip="journey")
    table = log.source.set_column(2, "time", log.source["time"].cast(pa.timestamp("us")))
    journey = discover_journey(EventLog(table, **COLUMNS, journey_col="trip"))
    for touchpoint in journey.touchpoints:
        out = sum(d["transition"].share for _, _, d in journey.graph.out_edges(touchpoint.id, data=True))
        seen = touchpoint.visits
        assert out + (seen.lost + seen.open + seen.goal) / seen.count == pytest.approx(1)


def test_without_a_design_every_event_is_a_touchpoint(toy_log):
    journey = discover_journey(toy_log, goal="renew", lost_after="0 s")
    assert {t.stage for t in journey.touchpoints} == {"unassigned"}
    assert journey.touchpoint("phone").visits.count == 4
    assert journey.observation.won == 6


def test_merging_two_logs_adds_their_counts(toy_log, toy_design):
    once = discover_journey(toy_log, toy_design)
    other = toy_log.source.set_column(
        0, "customer", pa.array([f"x{c}" for c in toy_log.source["customer"].to_pylist()])
    )
    both = EventLog(pa.concat_tables([toy_log.source, other]), **COLUMNS)
    twice = discover_journey(both, toy_design)
    assert {t.id: 2 * t.visits.count for t in once.touchpoints} == {
        t.id: t.visits.count for t in twice.touchpoints
    }
    assert [2 * t.count for t in once.transitions] == [t.count for t in twice.transitions]


def test_renaming_customers_and_events_renames_only(toy_log, toy_design):
    table = toy_log.source.set_column(
        1, "event", pa.array([e.upper() for e in toy_log.source["event"].to_pylist()])
    )
    design = Journey(
        name="Toy",
        goal="RENEW",
        lost_after="0 s",
        touchpoints=[t.model_copy(update={"id": t.id.upper()}) for t in toy_design.touchpoints],
    )
    renamed = discover_journey(EventLog(table, **COLUMNS), design)
    plain = discover_journey(toy_log, toy_design)
    assert {
        t.id.upper().replace("PURCHASE", "purchase").replace("POST_", "post_"): t.visits
        for t in plain.touchpoints
    } == {t.id: t.visits for t in renamed.touchpoints}


def test_ties_keep_the_input_order():
    rows = [("a", event, "2024-05-01") for event in ("ad", "cart", "pay", "cart")]
    journey = discover_journey(log_of(rows))
    assert {(t.source, t.target): t.count for t in journey.transitions} == {
        ("ad", "cart"): 1, ("cart", "pay"): 1, ("pay", "cart"): 1,
    }  # fmt: skip


def test_an_order_column_makes_the_order_of_rows_irrelevant():
    rows = [("a", event, "2024-05-01", n) for n, event in enumerate(("ad", "cart", "pay", "cart"))]
    forward = discover_journey(log_of(rows, n="order"))
    assert discover_journey(log_of(rows[::-1], n="order")) == forward


def test_fractions_of_a_second_are_kept():
    rows = [("a", "ad", "2024-05-01 10:00:00.25"), ("a", "pay", "2024-05-01 10:00:00.75")]
    (edge,) = discover_journey(log_of(rows)).transitions
    assert edge.wait.median == timedelta(microseconds=500_000)


def test_nanoseconds_decide_the_order():
    times = pa.array([1_000_000_700, 1_000_000_300], pa.timestamp("ns"))
    table = pa.table({"customer": ["a", "a"], "event": ["second", "first"], "time": times})
    (edge,) = discover_journey(EventLog(table, **COLUMNS)).transitions
    assert (edge.source, edge.target) == ("first", "second")


def test_a_wait_runs_from_the_end_of_an_event():
    rows = [
        ("a", "call", "2024-05-01 10:00", "2024-05-01 10:20"),
        ("a", "pay", "2024-05-01 11:00", "2024-05-01 11:00"),
    ]
    (edge,) = discover_journey(log_of(rows, until="end")).transitions
    assert edge.wait.mean == timedelta(minutes=40)


def test_a_gap_equal_to_the_limit_does_not_split():
    rows = [("a", "ad", "2024-05-01"), ("a", "pay", "2024-05-08"), ("a", "ad", "2024-05-15 00:00:01")]
    journey = discover_journey(log_of(rows), new_journey_after="7 days")
    assert journey.observation.journeys == 2
    assert journey.observation.journey_unit == "gap"
    assert {key[:3]: row["journeys"] for key, row in evidence(journey, "places").items()} == {
        ("1", "ad", "pay"): 1, ("2", "pay", ""): 1, ("1", "ad", ""): 1,
    }  # fmt: skip
    assert [(t.source, t.target) for t in journey.transitions] == [("ad", "pay")]


def test_gaps_split_the_journeys_of_a_column_too():
    rows = [("a", "ad", "2024-05-01", "x"), ("a", "pay", "2024-05-20", "x"), ("b", "ad", "2024-05-01", "x")]
    journey = discover_journey(log_of(rows, trip="journey"), new_journey_after="7 days")
    assert journey.observation.journeys == 3
    assert journey.observation.customers == 2


def test_lost_open_and_won():
    rows = [
        ("won", "ad", "2024-05-01"), ("won", "pay", "2024-05-02"), ("won", "ad", "2024-05-30"),
        ("lost", "ad", "2024-05-23"), ("open", "ad", "2024-05-23 00:00:01"),
    ]  # fmt: skip
    journey = discover_journey(log_of(rows), goal="pay", lost_after="7 days")
    seen = journey.observation
    assert (seen.won, seen.lost, seen.open) == (1, 1, 1)
    assert journey.touchpoint("ad").visits.goal == 1  # the won journey's last event, after its goal
    counts = evidence(journey, "touchpoints")["ad",]
    assert (counts["visits"], counts["visits_before"], counts["visits_closed"]) == (4, 3, 2)


def test_lost_after_comes_from_the_gaps_where_nobody_says():
    rows = [("a", "ad", "2024-05-01"), ("a", "pay", "2024-05-03"), ("b", "ad", "2024-05-03")]
    seen = discover_journey(log_of(rows)).observation
    assert seen.lost_after == timedelta(days=2)
    assert seen.lost_after_source == "data"


def test_a_stage_may_be_the_goal(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design, goal="post_purchase", lost_after="0 s")
    assert journey.observation.won == 8


def test_a_raw_event_may_be_told_by_channel():
    rows = [
        ("a", "contact", "2024-05-01", "phone"),
        ("a", "contact", "2024-05-02", "chat"),
        ("a", "contact", "2024-05-03", None),
    ]
    design = Journey(
        name="Contacts",
        touchpoints=[
            {"id": "call", "stage": "post_purchase", "events": {"event": "contact", "channel": "phone"}},
            {"id": "chat", "stage": "post_purchase", "events": [{"event": "contact", "channel": "chat"}]},
            {"id": "other", "stage": "post_purchase", "events": "contact"},
        ],
    )
    journey = discover_journey(log_of(rows, via="channel"), design)
    assert [(t.source, t.target) for t in journey.transitions] == [("call", "chat"), ("chat", "other")]


def test_the_stage_of_a_floating_touchpoint_is_the_highest_reached():
    design = Journey(
        name="Shop",
        touchpoints=[
            {"id": "ad", "stage": "discovery"},
            {"id": "pay", "stage": "purchase"},
            {"id": "phone", "service": True},
        ],
    )
    rows = [("a", e, f"2024-05-0{n}") for n, e in enumerate(("phone", "pay", "ad", "phone"), start=1)]
    journey = discover_journey(log_of(rows), design)
    assert [t.id for t in journey.touchpoints] == ["ad", "phone@discovery", "pay", "phone@purchase"]


@pytest.mark.parametrize(("rule", "nodes"), [("ignore", ["ad"]), ("keep", ["ad", "surprise"])])
def test_unmapped_events_are_reported(rule, nodes):
    rows = [("a", "ad", "2024-05-01"), ("a", "surprise", "2024-05-02"), ("a", "surprise", "2024-05-03")]
    design = Journey(
        name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}, {"id": "pay", "stage": "purchase"}]
    )
    journey = discover_journey(log_of(rows), design, unmapped=rule)
    assert [t.id for t in journey.touchpoints] == nodes
    assert [(u.event, u.count) for u in journey.observation.unmapped] == [("surprise", 2)]
    assert journey.observation.unvisited == ("pay",)
    with pytest.raises(InvalidLogError, match=r"1 raw event without a touchpoint: 'surprise' \(2\)"):
        discover_journey(log_of(rows), design)


def test_measured_feelings_replace_assumed_ones():
    rows = [("a", "ad", "2024-05-01", 1.0), ("b", "ad", "2024-05-01", -0.5), ("c", "ad", "2024-05-01", None)]
    design = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery", "feeling": 2}])
    touchpoint = discover_journey(log_of(rows, mood="feeling"), design).touchpoint("ad")
    assert touchpoint.feeling == pytest.approx(0.25)
    assert touchpoint.feeling_source == "measured"
    assert touchpoint.measured_feeling.n == 2


def test_the_input_is_not_changed_and_a_second_run_is_equal(toy_log, toy_design):
    before = toy_log.source.to_pydict()
    assert discover_journey(toy_log, toy_design) == discover_journey(toy_log, toy_design)
    assert toy_log.source.to_pydict() == before


def test_web_shop_without_a_design(shared_data):
    log = EventLog(
        shared_data / "ecom" / "ecom.csv.gz", customer_col="user_id", event_col="event", time_col="timestamp"
    )
    assert (
        len(discover_journey(log).transitions) == 338
    )  # counted independently by two process-mining packages
    by_session = EventLog(
        shared_data / "ecom" / "ecom.csv.gz", customer_col="user_id", event_col="event", time_col="timestamp",
        journey_col="session_id",
    )  # fmt: skip
    journey = discover_journey(by_session)
    assert len(journey.transitions) == 336
    assert (journey.observation.customers, journey.observation.journeys, journey.observation.events) == (
        600,
        3605,
        31106,
    )


def test_dense_ties_give_the_same_result_every_time(shared_data):
    path = shared_data / "traffic_fines" / "traffic_fines.csv.gz"
    log = EventLog(path, customer_col="case_id", event_col="activity", time_col="timestamp")
    first = discover_journey(log)
    for _ in range(9):
        assert discover_journey(log) == first


def test_shuffled_ties_with_an_order_column_change_nothing(shared_data):
    path = shared_data / "traffic_fines" / "traffic_fines.csv.gz"
    columns = {
        "customer_col": "case_id",
        "event_col": "activity",
        "time_col": "timestamp",
        "order_col": ".order",
    }
    table = pyarrow.csv.read_csv(path)
    straight = discover_journey(EventLog(table, **columns))
    shuffled = table.take(pc.sort_indices(pc.random(table.num_rows, initializer=7)))
    assert discover_journey(EventLog(shuffled, **columns)) == straight
    assert discover_journey(EventLog(path, **columns)) == straight
