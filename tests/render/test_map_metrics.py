"""The numbers on a map: visits, drop-off and waits, with their intervals."""

from __future__ import annotations

import pytest

from journeymap.datasets import example_journey, example_log
from journeymap.events.discover import discover_journey
from journeymap.metrics.flow import drop_off, waiting
from journeymap.model.measures import Estimate
from journeymap.render import journey_map
from journeymap.render.journey_map import draw_map, map_scene
from journeymap.render.map_metrics import Counted, counted
from journeymap.render.map_numbers import share_range, time_range
from journeymap.render.scene import Box, Label
from tests.render import samples
from tests.render.lived import lived
from tests.render.overlap import assert_readable

LIVED = lived("example")
FEW = discover_journey(example_log(customers=60), example_journey())


def labels(scene, mark):
    return [item for item in scene.items if isinstance(item, Label) and item.mark == mark]


def test_the_map_shows_the_numbers_of_the_metrics():
    numbers = counted(LIVED)
    assert dict(numbers.drop_off) == drop_off(LIVED)
    assert dict(numbers.waits) == waiting(LIVED)
    texts = map_scene(LIVED, lanes=["metrics"]).texts()
    assert {"METRICS", "visits", "drop-off", "median wait"} <= set(texts)
    booked = numbers.drop_off["book_engineer"]
    assert f"{booked.value * 100:.0f} %" in texts
    assert share_range(booked) in texts


def test_a_bar_is_as_long_as_the_share():
    scene = map_scene(samples.observed(9), lanes=["metrics"])
    bars = [item for item in scene.items if isinstance(item, Box) and item.mark == "visits"]
    assert len(bars) == 18
    whole, part = bars[:2]
    assert part.width == pytest.approx(whole.width * 5000 / 6000)


def test_counts_without_groups_show_visits_alone():
    texts = map_scene(samples.observed(9)).texts()
    assert "visits" in texts
    assert not {"drop-off", "median wait"} & set(texts)


def test_a_designed_journey_has_no_numbers():
    assert "METRICS" not in map_scene(samples.broadband(), lanes=["metrics", "doing"]).texts()


def test_without_a_goal_nobody_drops_off():
    endless = LIVED.model_copy(update={"goal": ()})
    texts = map_scene(endless, lanes=["metrics"]).texts()
    assert "median wait" in texts
    assert "drop-off" not in texts


def test_the_goal_has_no_drop_off():
    assert "renew" not in counted(LIVED).drop_off
    assert len(counted(LIVED).drop_off) == len(LIVED.touchpoints) - 1


def test_few_customers_are_marked():
    few = sum(
        estimate.small_sample and estimate.value is not None
        for estimates in (counted(FEW).drop_off, counted(FEW).waits)
        for estimate in estimates.values()
    )
    scene = map_scene(FEW, lanes=["metrics"])
    assert len(labels(scene, "few")) == few > 0
    assert "few" in scene.legend
    assert "few" not in map_scene(LIVED, lanes=["metrics"]).legend
    assert "from a small sample" in scene.description


def test_a_median_of_three_waits_is_marked_however_many_customers_came(monkeypatch):
    numbers = Counted(
        journeys=6000,
        drop_off={"event_number_0": Estimate(value=0.9, low=0.8, high=0.95, n=5000, customers=5000)},
        waits={"event_number_0": Estimate(value=7200, low=0, high=9000, n=3, customers=5000)},
    )
    monkeypatch.setattr(journey_map, "counted", lambda _journey: numbers)
    scene = map_scene(samples.observed(9), lanes=["metrics"])
    (ring,) = labels(scene, "few")
    (wait,) = [label for label in scene.labels() if label.text == "2 hours"]
    assert ring.y == wait.y
    assert "small sample: fewer than 20 customers or waits" in scene.texts()


def test_a_number_wider_than_its_column_is_set_smaller():
    few, crowd = samples.observed(9), samples.observed(9)
    first = crowd.touchpoints[0]
    visits = first.visits.model_copy(update={"count": 123_456_789, "share": 0.999})
    crowd = crowd.model_copy(
        update={"touchpoints": (first.model_copy(update={"visits": visits}), *crowd.touchpoints[1:])}
    )
    sizes = {label.text: label.size for label in map_scene(crowd, width=8, lanes=["metrics"]).labels()}
    assert sizes["123,456,789 · over 99 %"] < sizes["8,789 · 82 %"]
    assert_readable(draw_map(crowd, width=8, lanes=["metrics"]))
    assert "9,000 · 83 %" in map_scene(few, width=8, lanes=["metrics"]).texts()


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.151, 0.26, "15–26 %"), (0.442, 0.4441, "44.2–44.4 %"), (0.004, 0.02, "0.4–2 %"),
     (0.0, 0.0001, "0–0.1 %"), (0.0002, 0.0004, "0–0.1 %"), (0.0, 0.0, "0–0 %"), (0.0002, 0.02, "0–2 %"),
     (0.9, 0.9991, "90–99.9 %"), (0.9999, 1.0, "99.9–100 %"), (None, None, "")],
)  # fmt: skip
def test_intervals_of_shares_are_short(low, high, text):
    assert share_range(Estimate(value=0.2, low=low, high=high)) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [(7200, 6480, 36000, "1.8–10"), (172_800, 164_160, 177_984, "1.9–2.1"), (90, 89.9, 90.2, "1.5–1.5"),
     (1_382_400, 1_356_480, 1_385_856, "15.7–16"), (86_400 * 15, 86_400 * 12, 86_400 * 20, "12–20"),
     (0, 0, 11_769, "0–3.3 hours"), (30, None, None, ""), (None, None, None, "")],
)  # fmt: skip
def test_intervals_of_times_are_in_the_unit_of_the_value_or_name_theirs(value, low, high, text):
    assert time_range(Estimate(value=value, low=low, high=high)) == text


def test_the_description_says_the_numbers():
    lines = map_scene(LIVED).description.splitlines()
    (booked,) = [line for line in lines if ", Book the engineer:" in line]
    assert "drop-off" in booked
    assert "median wait" in booked
    assert " to " in booked
