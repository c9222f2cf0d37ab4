"""The main job end to end on a real-sized log with known stories: 31,106 events of a web shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeymap.analysis.friction import find_friction
from journeymap.analysis.service import locate_service
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.formats.files import read_journey, write_journey
from journeymap.report import report_html

DESIGN = Path(__file__).parent / "designs" / "web_shop.yaml"


@pytest.fixture(scope="module")
def design():
    return read_journey(DESIGN)


@pytest.fixture
def sessions(shared_data, design):
    """The shop's sessions, each a journey."""
    log = EventLog(
        shared_data / "ecom" / "ecom.csv.gz",
        customer_col="user_id",
        event_col="event",
        time_col="timestamp",
        journey_col="session_id",
    )
    return discover_journey(log, design)


def test_the_design_covers_all_events(sessions, design):
    assert not sessions.observation.unmapped
    assert {t.floats_as or t.id for t in sessions.touchpoints} == {t.id for t in design.touchpoints}
    assert sessions.observation.events == 31_106


def test_payment_error_loses_most_above_its_peers(sessions):
    excess = {}
    for point in find_friction(sessions).points:
        enough = sessions.touchpoint(point.touchpoint).visits.count >= 50
        for signal in point.signals:
            if (
                signal.kind == "drop_off"
                and point.stage == "purchase"
                and enough
                and signal.excess is not None
            ):
                excess[point.touchpoint] = signal.excess
                if point.touchpoint == "payment_error":
                    assert signal.significant
    assert max(excess, key=excess.get) == "payment_error"
    assert len(excess) >= 4


def test_payment_errors_lead_to_support_chats(sessions):
    trigger = locate_service(sessions).triggers[0]
    assert (trigger.touchpoint, trigger.followed, trigger.visits) == ("payment_error", 23, 119)
    assert trigger.lift.value == pytest.approx(22, abs=0.5)
    assert trigger.lift.low > 1
    assert trigger.significant


def test_chats_after_the_purchase_stage_was_reached_are_counted_there(shared_data, design):
    log = EventLog(
        shared_data / "ecom" / "ecom.csv.gz", customer_col="user_id", event_col="event", time_col="timestamp",
        journey_col="session_id",
    )  # fmt: skip
    chats = {t.stage: t.visits.count for t in discover_journey(log, design).touchpoints if t.floats_as}
    assert sum(chats.values()) == 277
    assert chats["loyalty"] == 31  # the stage after the purchase, by the highest stage reached


def test_the_report_and_the_file_carry_the_journey(sessions, tmp_path):
    write_journey(sessions, tmp_path / "observed.json")
    assert read_journey(tmp_path / "observed.json") == sessions
    page = report_html(sessions)
    assert "Payment error" in page
    assert "<svg" in page
