from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from journeymap.datasets import example_journey, example_log
from journeymap.errors import InvalidLogError, MissingEvidenceError, UnknownNameError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.reading import read_steps, with_evidence
from journeymap.model.evidence import EvidenceTable


def test_the_steps_are_those_that_the_journey_was_counted_from(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design)
    with read_steps(journey, toy_log, "try") as reading:
        counts = reading.engine.run(
            f"select state, count(*) as visits from {reading.table} group by state order by state"
        )
        visits = {reading.nodes[row["state"]]: row["visits"] for row in counts.to_pylist()}
    assert visits == {touchpoint.id: touchpoint.visits.count for touchpoint in journey.touchpoints}


@pytest.mark.parametrize("unmapped", ["ignore", "keep"])
def test_events_without_touchpoint_are_read_as_they_were_counted(toy_log, toy_design, unmapped):
    fewer = toy_design.model_copy(
        update={"touchpoints": tuple(t for t in toy_design.touchpoints if t.id != "bot")}
    )
    journey = discover_journey(toy_log, fewer, unmapped=unmapped)
    with read_steps(journey, toy_log, "try") as reading:
        assert reading.engine.run(f"select count(*) from {reading.table}").column(0)[0].as_py() == (
            67 if unmapped == "keep" else 66
        )


def test_another_log_is_refused():
    design = example_journey()
    journey = discover_journey(example_log(customers=120), design)
    with (
        pytest.raises(InvalidLogError, match="120 customers, this log has"),
        read_steps(journey, example_log(customers=80), "try"),
    ):
        pass


def test_other_filters_are_refused(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design)
    with (
        pytest.raises(InvalidLogError, match="discovered with no filter, this log has"),
        read_steps(journey, toy_log.between("2024-01-01", "2024-01-05"), "try"),
    ):
        pass


def test_a_design_was_counted_from_nothing(toy_log, toy_design):
    with pytest.raises(MissingEvidenceError, match="was designed"), read_steps(toy_design, toy_log, "try"):
        pass


def test_journeys_have_to_be_told_apart_alike(toy_log, toy_design):
    journey = discover_journey(toy_log, toy_design)
    by_event = replace(toy_log, journey_col="event")
    with (
        pytest.raises(InvalidLogError, match="without a column that tells journeys apart"),
        read_steps(journey, by_event, "try"),
    ):
        pass


def test_a_table_of_the_same_name_is_replaced(toy_design):
    def table(count):
        return EvidenceTable(
            name="some",
            groups=1,
            key_columns=(),
            keys=((),),
            row=(0,),
            group=(0,),
            measures={"count": (count,)},
        )

    twice = with_evidence(with_evidence(toy_design, table(1)), table(2))
    assert [found.measures["count"] for found in twice.evidence] == [(2,)]


def _segmented(**more):
    """Anna moves and Ben says nothing at first; Cleo's first event belongs to no touchpoint; Dora has a tie."""
    rows = [
        ("anna", "ad", "2024-05-02", "south", "x"), ("anna", "ad", "2024-05-01", "north", "x"),
        ("ben", "ad", "2024-05-01", None, "x"), ("ben", "pay", "2024-05-02", "south", "y"),
        ("cleo", "blink", "2024-05-01", "west", "y"), ("cleo", "pay", "2024-06-02", "east", "y"),
        ("dora", "pay", "2024-05-02", "east", "y"), ("dora", "ad", "2024-05-02", "north", "y"),
        ("eve", "blink", "2024-05-01", "south", "y"),
    ]  # fmt: skip
    table = pa.table(dict(zip(("who", "what", "when", "land", "plan"), zip(*rows, strict=True), strict=True)))
    return EventLog(
        table, customer_col="who", event_col="what", time_col="when", segment_cols=["land", "plan"], **more
    )


@pytest.mark.parametrize("split", [{}, {"new_journey_after": "7 days"}])
def test_a_customer_is_in_the_segment_of_the_first_event(split):
    log = _segmented()
    journey = discover_journey(log, goal="pay", **split)
    journey = journey.model_copy(
        update={"touchpoints": tuple(t for t in journey.touchpoints if t.id != "blink")}
    )
    seen = journey.observation.model_copy(update={"events": 7, "customers": 4})
    journey = journey.model_copy(update={"observation": seen})
    with read_steps(journey, log, "try", by="land") as reading:
        rows = reading.engine.run(
            f"select k.name, s.segment, count(*) as n from {reading.table} s "
            f"join {reading.plan.customers} k using (customer) group by all order by all"
        ).to_pylist()
        assert reading.plan.has_segment
    assert [(row["name"], row["segment"], row["n"]) for row in rows] == [
        ("anna", "north", 2), ("ben", "", 2), ("cleo", "west", 1), ("dora", "east", 2),
    ]  # fmt: skip
    with read_steps(journey, log, "try") as reading:
        assert "segment" not in reading.engine.run(f"select * from {reading.table}").column_names


def test_segments_are_those_that_the_log_names():
    log = _segmented()
    journey = discover_journey(log)
    with (
        pytest.raises(UnknownNameError, match=r"'lnd'.*\n?.*land, plan.*\n?.*did you mean 'land'"),
        read_steps(journey, log, "try", by="lnd"),
    ):
        pass
    bare = replace(log, segment_cols=())
    with (
        pytest.raises(UnknownNameError, match=r"segment_cols=\['land'\]"),
        read_steps(journey, bare, "try", by="land"),
    ):
        pass
