"""The time that journeys take, on logs small enough to add up by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.metrics.cycle_time import bottleneck_share, cycle_efficiency, cycle_time, journeys_under_way
from journeymap.stats.jackknife import group_jackknife
from tests import oracle

ROWS = [
    # a takes 4 hours: an hour of call, two of waiting, an hour of repair
    ("a", "call", "2024-05-01 08:00", "2024-05-01 09:00"),
    ("a", "repair", "2024-05-01 11:00", "2024-05-01 12:00"),
    # b takes 6 hours: chat and call overlap, an hour of waiting
    ("b", "chat", "2024-05-01 08:00", "2024-05-01 10:00"),
    ("b", "call", "2024-05-01 09:00", "2024-05-01 09:30"),
    ("b", "repair", "2024-05-01 11:00", "2024-05-01 14:00"),
]


def journey_of(rows, **columns):
    names = ["customer", "event", "time", *(["end"] if columns else [])]
    table = pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)})
    log = EventLog(table, customer_col="customer", event_col="event", time_col="time", **columns)
    return discover_journey(log)


class TestWithEnds:
    @pytest.fixture(autouse=True)
    def _discovered(self):
        self.journey = journey_of(ROWS, end_col="end")

    def test_cycle_time(self):
        found = cycle_time(self.journey)
        assert (found.value, found.n, found.customers) == (5 * 3600, 2, 2)

    def test_efficiency_counts_an_overlap_once(self):
        # a: 2 of 4 hours; b: 8 to 10 and 11 to 14, 5 of 6 hours
        assert cycle_efficiency(self.journey).value == 7 / 10

    def test_bottleneck(self):
        shares = {edge: found.value for edge, found in bottleneck_share(self.journey).items()}
        # two hours from call to repair in a, an hour and a half in b (from the end of the call)
        assert shares == {("call", "repair"): pytest.approx(3.5 / 10), ("chat", "call"): 0.0}
        assert next(iter(shares)) == ("call", "repair")
        assert bottleneck_share(self.journey)["call", "repair"].n == 2

    def test_sojourns(self):
        (table,) = [table for table in self.journey.evidence if table.name == "sojourns"]
        assert sum(table.measures["count"]) == 5


def test_without_ends_all_the_time_is_waiting():
    journey = journey_of([row[:3] for row in ROWS])
    assert cycle_time(journey).value == 3 * 3600  # 8 to 11, both
    assert sum(found.value for found in bottleneck_share(journey).values()) == pytest.approx(1)
    with pytest.raises(MissingEvidenceError, match="end_col"):
        cycle_efficiency(journey)
    assert all(table.name != "sojourns" for table in journey.evidence)


def test_an_event_without_end_is_in_no_histogram():
    rows = [("a", "call", "2024-05-01", None), ("a", "call", "2024-05-02", "2024-05-03")]
    (table,) = [t for t in journey_of(rows, end_col="end").evidence if t.name == "sojourns"]
    assert sum(table.measures["count"]) == 1


def test_little():
    journey = journey_of(ROWS, end_col="end")
    # two journeys begin within the three hours from the first event to the last, 5 hours each
    assert journeys_under_way(journey).value == pytest.approx(2 / 3 * 5)


def test_intervals_are_a_jackknife_over_customers():
    toy = oracle.toy_journey()
    hours = np.array([len(path.split()) - 1 for path in oracle.TOY_PATHS])
    found = cycle_time(toy)
    without = [np.delete(hours, n).mean() * 3600 for n in range(12)]
    expected = group_jackknife(hours.mean() * 3600, without)
    assert found.value == pytest.approx(hours.mean() * 3600)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.value * 12 == pytest.approx(55 * 3600)  # 67 events of 12 journeys


def test_journeys_that_take_no_time():
    journey = journey_of([("a", "call", "2024-05-01"), ("b", "call", "2024-05-01")])
    assert bottleneck_share(journey) == {}
    assert journeys_under_way(journey).value is None
    assert cycle_time(journey).value == 0


def test_open_journeys_are_told():
    rows = [("a", "call", "2024-05-01"), ("b", "call", "2024-05-09")]
    table = pa.table({name: [row[n] for row in rows] for n, name in enumerate(("customer", "event", "time"))})
    log = EventLog(table, customer_col="customer", event_col="event", time_col="time")
    assert cycle_time(discover_journey(log, lost_after="7 days")).censored == 1


def test_a_designed_journey_has_no_times(toy_design):
    with pytest.raises(MissingEvidenceError):
        cycle_time(toy_design)
