"""Whether customers of every segment seek help alike."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.analysis.service_segments import ServiceBySegment, compare_service_segments
from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.service import with_service
from journeymap.model.journey import Journey

DESIGN = Journey(
    name="Club",
    touchpoints=[
        {"id": "bill", "name": "First bill", "stage": "post_purchase"},
        {"id": "use", "stage": "post_purchase"},
        {"id": "phone", "service": True},
        {"id": "check_in", "service": {"initiator": "company"}},
    ],
)


def counted(paths, *, min_customers=5):
    """Count customers whose segment and path are given, an event an hour."""
    rows = [
        (f"c{number}", event, f"2024-05-01 {hour:02d}:00", side)
        for number, (side, path) in enumerate(paths)
        for hour, event in enumerate(path.split())
    ]
    table = pa.table(
        dict(zip(("who", "what", "when", "side"), map(list, zip(*rows, strict=True)), strict=True))
    )
    log = EventLog(table, customer_col="who", event_col="what", time_col="when", segment_cols=["side"])
    return with_service(discover_journey(log, DESIGN), log, by="side", min_customers=min_customers)


NORTH = [("north", "bill phone use")] * 18 + [("north", "use bill")] * 12
SOUTH = [("south", "bill phone")] * 6 + [("south", "bill use check_in")] * 24


@pytest.fixture
def found():
    return compare_service_segments(counted(NORTH + SOUTH + [("east", "use phone")] * 3))


def test_who_seeks_help_is_counted_once_a_customer_and_segment(found):
    sides = {one.segment: one for one in found.segments}
    assert [one.segment for one in found.segments] == ["north", "south", "*"]
    assert [sides[name].asking.value for name in sides] == [18 / 30, 6 / 30, 1.0]
    # a contact that the company begins is service, but nobody sought help
    assert [sides[name].served.value for name in sides] == [18 / 30, 1.0, 1.0]
    assert [sides[name].contacts for name in sides] == [18, 30, 3]
    # Wilson for 18/30, by hand: (.4232, .7541)
    assert (sides["north"].asking.low, sides["north"].asking.high) == pytest.approx(
        (0.4232, 0.7541), abs=1e-4
    )


def test_what_they_seek_help_after(found):
    north, south, small = found.segments
    assert (north.leads, north.after.value, north.after.n) == ("First bill", 18 / 30, 30)
    assert (south.leads, south.after.value) == ("First bill", 6 / 30)
    assert (small.leads, small.after.value) == ("", None)


def test_it_tells_the_difference_only_where_it_is_one(found):
    assert found.differ
    assert found.story()[0].startswith(
        "By side, 60 % (42 % to 75 %) of the customers seek help at north and 20 % ("
    )
    alike = compare_service_segments(counted(NORTH + [("south", path) for _, path in NORTH]))
    assert not alike.differ
    assert "cannot tell" in str(alike)
    alone = compare_service_segments(counted(NORTH))
    assert alone.p is None
    assert str(alone) == "By side: there are not two segments to compare."


def test_it_travels_and_can_be_shown(found):
    assert ServiceBySegment.model_validate_json(found.model_dump_json()) == found
    assert list(found.to_frame()["segment"]) == ["north", "south", "*"]
    assert "small ones together" in found._repr_html_()


def test_it_needs_segments(toy_log, toy_design):
    with pytest.raises(MissingEvidenceError, match="by segment"):
        compare_service_segments(discover_journey(toy_log, toy_design))
