"""The graph alone: the same visits, transitions and waits, and nothing that is told apart by group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journeymap as jm
from journeymap.datasets import example_journey, example_log
from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.events import counting_rules, graph_counts
from journeymap.events.queries import counts as queries
from journeymap.events.queries.wait_quantiles import ERROR
from journeymap.metrics.flow import drop_off
from journeymap.render.blueprint_content import blueprint_of
from journeymap.render.kinds import draw_as
from journeymap.report.counted import counted_rows
from tests import oracle
from tests.events.graph_journeys import without_evidence
from tests.events.test_discover import COLUMNS, PATHS, log_of

BY_BITS_AND_BY_ROWS = pytest.mark.parametrize("bits", [queries.CELLS_PER_MASK, 2], ids=["bits", "rows"])


@BY_BITS_AND_BY_ROWS
def test_the_toy_log_as_it_is_counted_by_hand(monkeypatch, toy_log, toy_design, bits):
    monkeypatch.setattr(queries, "CELLS_PER_MASK", bits)
    journey = jm.discover_journey(toy_log, toy_design, evidence=False)
    seen = journey.observation
    assert (seen.events, seen.journeys, seen.customers) == (67, 12, 12)
    assert (seen.won, seen.lost, seen.open, seen.rework) == (6, 6, 0, 4)
    assert journey.evidence == ()
    visits = {one.id: (one.visits.count, one.visits.customers) for one in journey.touchpoints}
    assert visits["compare"] == (12, 10)
    assert visits["phone@post_purchase"] == (3, 2)
    move = journey.graph.edges["ad", "compare"]["transition"]
    assert (move.count, move.share, move.customers, move.share_low) == (10, 10 / 12, None, None)
    assert journey.graph.edges["ad", "compare"]["weight"] == pytest.approx(10 / 12)


@BY_BITS_AND_BY_ROWS
@settings(max_examples=15, deadline=None)
@given(st.lists(PATHS, min_size=1, max_size=10), st.sampled_from([0, oracle.HOUR, 9 * oracle.HOUR]))
def test_visits_transitions_and_endings_equal_the_oracle(bits, paths, lost_after):
    rows = [
        oracle.Row(f"c{number % 4}", f"j{number}", name, oracle.TOY_STAGES[name], name in oracle.TOY_SERVICE,
                   name == "renew", (place // 2 + number % 3) * oracle.HOUR)
        for number, path in enumerate(paths) for place, name in enumerate(path)
    ]  # fmt: skip
    expected = oracle.journey_from_events(
        rows, name="Toy", goal=(), service=oracle.TOY_SERVICE, groups=1, group_of=lambda _: 0,
        lost_after_us=lost_after,
    )  # fmt: skip
    start = np.datetime64(oracle.EPOCH, "us")
    log = log_of(
        [
            (row.customer, row.touchpoint, start + np.timedelta64(row.time_us, "us"), row.journey)
            for row in rows
        ],
        trip="journey",
    )
    design = jm.Journey(
        name="Toy",
        goal="renew",
        touchpoints=[
            {"id": t, "stage": s, "service": oracle.TOY_SERVICE.get(t)} for t, s in oracle.TOY_STAGES.items()
        ],
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queries, "CELLS_PER_MASK", bits)
        found = jm.discover_journey(
            log, design, lost_after=np.timedelta64(lost_after, "us").item(), evidence=False
        )
    for name in ("customers", "journeys", "events", "won", "lost", "open", "rework", "start", "end"):
        assert getattr(found.observation, name) == getattr(expected.observation, name), name
    visits = {one.id: one.visits.model_copy(update={"position": 0}) for one in found.touchpoints}
    assert visits == {one.id: one.visits for one in expected.touchpoints}
    assert {(one.source, one.target): _told(one) for one in found.transitions} == {
        (one.source, one.target): _told(one) for one in expected.transitions
    }


def _told(move):
    return move.count, move.share, move.wait.median, move.wait.mean


@pytest.mark.parametrize("designed", [False, True])
@pytest.mark.parametrize("split", [None, "2 days"])
@BY_BITS_AND_BY_ROWS
def test_it_is_the_whole_journey_without_its_evidence(monkeypatch, designed, split, bits):
    log, design = example_log(customers=150), example_journey() if designed else None
    whole = jm.discover_journey(log, design, new_journey_after=split)
    monkeypatch.setattr(queries, "CELLS_PER_MASK", bits)
    asked = []
    for name in ("_by_bits", "_by_rows"):
        count = getattr(graph_counts, name)
        monkeypatch.setattr(graph_counts, name, lambda *given, n=name, c=count: asked.append(n) or c(*given))
    assert jm.discover_journey(log, design, new_journey_after=split, evidence=False) == without_evidence(
        whole
    )
    assert asked == ["_by_rows" if bits == 2 else "_by_bits"]


def test_all_columns_that_a_log_can_have():
    rows = [
        (f"c{n % 7}", ("ad", "chat", "pay")[(n * n + n // 5) % 3], f"2024-05-{1 + n // 4:02d} 10:00",
         f"2024-05-{1 + n // 4:02d} 1{n % 3}:30", (-2, 0, None, 1)[n % 4], ("Ann", "Bo")[n % 2], n % 5 == 0)
        for n in range(60)
    ]  # fmt: skip
    log = log_of(rows, until="end", felt="feeling", by="agent", again="repeated")
    whole = jm.discover_journey(log, goal="pay")
    assert whole.touchpoints[0].measured_feeling.low is not None
    assert jm.discover_journey(log, goal="pay", evidence=False) == without_evidence(whole)


def test_one_event_is_a_journey_without_transitions():
    journey = jm.discover_journey(log_of([("a", "ad", "2024-05-01")]), evidence=False)
    assert journey.transitions == ()
    assert journey.touchpoint("ad").visits.customers == 1


def test_very_many_waits_come_from_bins(monkeypatch):
    log = example_log(customers=150)
    exact = jm.discover_journey(log, evidence=False)
    monkeypatch.setattr(counting_rules, "EXACT", 10)
    binned = jm.discover_journey(log, evidence=False)
    assert binned.observation.wait_error == ERROR
    for one, other in zip(exact.transitions, binned.transitions, strict=True):
        assert other.wait.median.total_seconds() == pytest.approx(
            one.wait.median.total_seconds(), rel=ERROR, abs=1e-6
        )


def test_nothing_stays_in_an_engine_of_ones_own():
    with DuckDBEngine() as engine:
        log = jm.EventLog(example_log(customers=80).source, engine=engine, **_named())
        jm.discover_journey(log, evidence=False)
        assert engine.run("select table_name from duckdb_tables()").num_rows == 0


def _named():
    log = example_log(customers=80)
    return {name: getattr(log, name) for name in COLUMNS}


def test_what_needs_evidence_says_how_to_get_it(toy_log, toy_design):
    journey = jm.discover_journey(toy_log, toy_design, evidence=False)
    said = r"discovered without evidence\. Expected .*\.\nHint: discover it from the log again, and leave out evidence=False"
    for ask in (jm.find_friction, drop_off, jm.locate_service):
        with pytest.raises(jm.MissingEvidenceError, match=said):
            ask(journey)
    for ask in (
        jm.variants,
        jm.attribution,
        jm.service_episodes,
        jm.find_variant_groups,
        jm.check_service_effect,
        jm.find_service_causes,
    ):
        with pytest.raises(jm.MissingEvidenceError, match=said):
            ask(journey)
    for more in (jm.with_paths, jm.with_service, jm.with_episodes):
        with pytest.raises(jm.MissingEvidenceError, match=said):
            more(journey, toy_log)
    assert "Without evidence: no intervals, no friction." in str(journey)
    assert ("Evidence", "none: left out, so there are no intervals and no friction") in counted_rows(journey)
    goal = next(row for row in jm.scorecard(journey).rows if row.key == "goal_rate")
    assert goal.missing == "its evidence is needed: discover_journey(...) without evidence=False"
    with pytest.raises(jm.MissingEvidenceError, match=said):
        draw_as(journey, "heatmap", show="friction")


def test_a_wait_of_few_customers_is_marked_though_nobody_counted_them_by_transition():
    rows = [("a", name, f"2024-05-{day:02d} 1{n}:00") for day in range(1, 29) for n, name in enumerate("xy")]
    rows += [(f"c{n}", "z", "2024-05-01") for n in range(30)]
    drawn = blueprint_of(jm.discover_journey(log_of(rows), evidence=False))
    assert {drawn.columns[place].touchpoint.id for place in drawn.few_waits} == {"x", "y"}


def test_it_is_written_read_described_and_drawn(tmp_path, toy_log, toy_design):
    journey = jm.discover_journey(toy_log, toy_design, evidence=False)
    jm.write_journey(journey, tmp_path / "graph.json")
    assert jm.read_journey(tmp_path / "graph.json") == journey
    assert "67 events" in jm.describe(journey)
    drawn = jm.draw_network(journey)
    assert drawn.get_figure() is not None
