"""The table of variants, against numbers counted by hand."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.paths import with_paths
from journeymap.metrics.variants import Variants, variants
from journeymap.model.journey import Journey
from journeymap.stats.shares import wilson
from tests import oracle


@pytest.fixture
def toy(toy_log, toy_design):
    return with_paths(discover_journey(toy_log, toy_design), toy_log, min_customers=1)


def log_of(paths):
    """One customer for every path, as often as it says; a day apart, an event an hour."""
    rows = []
    for path, count in paths:
        for _ in range(count):
            number = len({row[0] for row in rows})
            rows += [
                (f"c{number}", event, f"2024-01-{1 + number % 28:02d}T{hour:02d}:00:00")
                for hour, event in enumerate(path.split())
            ]
    names = ("who", "what", "when")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    return EventLog(table, customer_col="who", event_col="what", time_col="when")


def followed(paths, goal="pay", **settings):
    log = log_of(paths)
    return with_paths(discover_journey(log, goal=goal, lost_after="0 s"), log, **settings)


def test_eleven_variants_of_the_toy_log(toy):
    found = variants(toy)
    assert len(found.rows) == 11
    assert found.other is None
    modal = found.rows[0]
    assert modal == found.modal
    assert modal.path == ("ad", "compare", "cart", "pay", "onboard")
    assert (modal.journeys, modal.won, modal.lost, modal.open) == (2, 2, 0, 0)
    # the modal variant covers 2 of 12 journeys
    assert modal.share.value == modal.coverage == pytest.approx(2 / 12)
    assert found.rows[-1].coverage == pytest.approx(1)
    assert found.needed(0.5) == 5
    assert modal.mean_duration.value == 5 * 3600
    assert found.goal_rate.value == 0.5


def test_goal_rate_is_that_of_the_way_before_the_goal():
    known = followed([("ad pay", 6), ("ad", 14), ("ad web pay", 9), ("ad web", 1)], min_customers=1)
    found = {row.path: row for row in variants(known).rows}
    assert {path: row.goal_rate.value for path, row in found.items()} == {("ad",): 0.3, ("ad", "web"): 0.9}
    low, high = found["ad",].goal_rate.low, found["ad",].goal_rate.high
    assert low < wilson(6, 20).low + 0.02
    assert high > wilson(6, 20).high - 0.02
    # pulled towards each other
    assert 0.3 < found["ad",].shrunk_goal_rate.value < found["ad", "web"].shrunk_goal_rate.value < 0.9


def test_the_rare_ways_stand_in_one_row():
    known = followed([("ad pay", 3), ("ad", 4), ("web", 2), ("web pay", 1), ("tv", 1)])
    found = variants(known)
    assert [row.path for row in found.rows] == [("ad",), ()]
    other = found.other
    assert (other.merged, other.journeys, other.won, other.lost, other.customers) == (True, 4, 1, 3, 4)
    assert other.complexity is None
    assert other.shrunk_goal_rate.value is None
    assert other.coverage == 1
    assert found.needed(0.9) is None
    assert "all rarer ways: 1 of 4 won" in str(found)


def test_complexity():
    found = {
        row.path: row
        for row in variants(followed([("a b a b pay", 1), ("a a", 1), ("a", 1)], min_customers=1)).rows
    }
    assert found["a", "b", "a", "b"].complexity == 1
    assert found["a", "a"].complexity == found["a",].complexity == 0
    two_of_three = variants(followed([("a b b", 1), ("c", 1)], goal=None, min_customers=1)).rows
    entropy = -(math.log(1 / 3) + 2 * math.log(2 / 3)) / 3
    expected = math.sqrt(1 / 2 * entropy / math.log(3))
    assert {row.path: row.complexity for row in two_of_three}["a", "b", "b"] == pytest.approx(expected)


def test_goal_at_once_and_open_journeys():
    log = log_of([("pay", 2), ("ad", 3)])
    journey = discover_journey(log, goal="pay", lost_after="1 day")
    found = {row.name: row for row in variants(with_paths(journey, log, min_customers=1)).rows}
    assert found["the goal at once"].won == 2
    assert (found["ad"].lost, found["ad"].open, found["ad"].goal_rate.censored) == (2, 1, 1)


def test_without_goal_nothing_is_won():
    found = variants(followed([("ad web", 2), ("ad", 1)], goal=None, min_customers=1))
    assert found.goal_rate.value is None
    assert all(row.goal_rate.value is None and row.shrunk_goal_rate.value is None for row in found.rows)
    assert found.rows[0].mean_duration.value == 3600


def test_words_and_tables(toy):
    found = variants(toy)
    assert str(found).startswith("Toy: 11 ways before the goal cover 100 % of 12 journeys of 12 customers")
    assert "16.7 %  Ad → Compare → Cart → Pay → Onboard: 2 of 2 won" in str(found)
    assert "and 6 more" in str(found)
    assert str(found).endswith("Most won journeys, 2, go “Ad” → “Compare” → “Cart” → “Pay” → “Onboard”.")
    frame = pytest.importorskip("pandas") and found.to_frame()
    assert frame["journeys"].sum() == 12
    assert frame["share"].sum() == pytest.approx(1)
    for name, end in (("", "value"), ("_low", "low"), ("_high", "high")):
        said = [getattr(row.shrunk_goal_rate, end) for row in found.rows]
        assert frame[f"shrunk_goal_rate{name}"].to_numpy() == pytest.approx(said)
    assert "Ad → Compare" in found._repr_html_()
    assert Variants.model_validate_json(found.model_dump_json()) == found


def test_without_paths(toy_log, toy_design):
    with pytest.raises(MissingEvidenceError, match=r"with_paths\(journey, log\)"):
        variants(discover_journey(toy_log, toy_design))
    with pytest.raises(MissingEvidenceError):
        variants(Journey(name="Drawn", touchpoints=[{"id": "ad", "stage": "discovery"}]))


def test_toy_totals(toy):
    rows = variants(toy).rows
    assert sum(row.won for row in rows) == 6
    assert sum(row.journeys for row in rows) == len(oracle.TOY_PATHS)
