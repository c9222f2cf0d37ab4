"""Everything about service in one reading of the log."""

from __future__ import annotations

import pytest

from journeymap.errors import InvalidLogError, MissingEvidenceError, UnknownNameError
from journeymap.events.customer_feelings import with_customer_feelings
from journeymap.events.discover import discover_journey
from journeymap.events.episodes import with_episodes
from journeymap.events.log import EventLog
from journeymap.events.reading import read_steps
from journeymap.events.service import with_service
from journeymap.events.service_gap import with_service_gap
from journeymap.events.service_points import point_tables

FELT = {"ad": 0, "cart": -1, "pay": 1, "onboard": 1, "renew": 2, "chat": -2, "phone": 1, "bot": 0}


@pytest.fixture
def toy(toy_log, toy_design):
    return discover_journey(toy_log, toy_design)


@pytest.fixture
def felt_log(toy_log):
    """The toy log with a feeling at most events, and the side of the town where customers live."""
    table = toy_log.source
    feelings = [FELT.get(event) for event in table.column("event").to_pylist()]
    sides = ["north" if name < "c07" else "south" for name in table.column("customer").to_pylist()]
    return EventLog(
        table.append_column("felt", [feelings]).append_column("side", [sides]),
        customer_col="customer", event_col="event", time_col="time", feeling_col="felt", segment_cols=["side"],
    )  # fmt: skip


def tables_of(journey):
    return {table.name: table for table in journey.evidence}


def test_one_reading_counts_what_each_call_counts_by_itself(felt_log, toy_design):
    journey = discover_journey(felt_log, toy_design)
    found = tables_of(with_service(journey, felt_log, min_customers=1))
    apart = (
        tables_of(with_episodes(journey, felt_log, min_customers=1))
        | tables_of(with_service_gap(journey, felt_log, min_customers=1))
        | tables_of(with_customer_feelings(journey, felt_log, min_customers=1))
    )
    with read_steps(journey, felt_log, "test", with_times=True) as reading:
        apart |= {table.name: table for table in point_tables(reading, min_customers=1)}
    assert found == apart
    assert {"episodes", "causes", "service_points", "landmarks", "gap_cells", "felt_cells"} <= set(found)


def test_without_feelings_there_is_no_gap(toy, toy_log):
    found = set(tables_of(with_service(toy, toy_log)))
    assert "service_points" in found
    assert not found & {"gap_cells", "felt_cells"}


def test_segments_reach_the_gap_and_the_points(felt_log, toy_design):
    journey = discover_journey(felt_log, toy_design)
    found = tables_of(with_service(journey, felt_log, by="side", min_customers=1))
    assert {key[0] for key in found["gap_moments"].keys} == {"north", "south"}
    place = found["service_points"].key_columns.index("segment")
    assert {"north", "south"} & {key[place] for key in found["service_points"].keys}


def test_what_it_is_asked_for_has_to_exist(toy, toy_log, toy_design, felt_log):
    with pytest.raises(MissingEvidenceError, match="designed"):
        with_service(toy_design, toy_log)
    with pytest.raises(UnknownNameError, match="nowhere"):
        with_service(toy, toy_log, landmarks="nowhere")
    with pytest.raises(UnknownNameError, match="side"):
        with_service(discover_journey(felt_log, toy_design), felt_log, by="sides")
    with pytest.raises(InvalidLogError, match="within"):
        with_service(toy, toy_log, within="soon")
    with pytest.raises(InvalidLogError, match="filter"):
        with_service(toy, toy_log.where(event="ad"))


def test_a_journey_without_service_gets_empty_tables(toy_log, toy_design):
    plain = toy_design.model_copy(
        update={"touchpoints": tuple(t.model_copy(update={"service": None}) for t in toy_design.touchpoints)}
    )
    found = tables_of(with_service(discover_journey(toy_log, plain), toy_log))
    assert found["service_points"].keys == ()
    assert found["causes"].keys == ()
