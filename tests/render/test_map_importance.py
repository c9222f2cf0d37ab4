"""Which lanes a small paper keeps."""

from __future__ import annotations

import pytest

from journeymap.model.journey import Journey, Persona
from journeymap.render.map_bands import ALL_LANES
from journeymap.render.map_columns import choose_columns
from journeymap.render.map_importance import DESIGNED, OBSERVED, filled_share, lane_order
from tests.render import samples
from tests.render.lived import lived


def columns(*rows):
    touchpoints = [{"id": f"t{number}", "stage": "purchase", **row} for number, row in enumerate(rows)]
    return choose_columns(Journey(name="Shop", touchpoints=touchpoints)).shown


def test_every_lane_comes_once():
    for journey in (samples.broadband(), samples.observed(9), Journey(name="Shop")):
        assert sorted(lane_order(journey, choose_columns(journey).shown)) == sorted(ALL_LANES)
    assert sorted(DESIGNED) == sorted(OBSERVED)


def test_of_an_observed_journey_the_numbers_come_next_to_the_feeling():
    journey = lived("example")
    order = lane_order(journey, choose_columns(journey).shown)
    assert order[:4] == ("feeling", "metrics", "channel", "pain points")
    design = samples.broadband()
    assert lane_order(design, choose_columns(design).shown)[:3] == ("feeling", "pain points", "doing")


def test_a_lane_filled_in_less_than_a_quarter_goes_last():
    feels, says = {"feeling": 1}, {"doing": "Says it.", "feeling": 1}
    journey = Journey(name="Shop")
    order = lane_order(journey, columns(says, feels, feels, feels, {}))
    assert order.index("doing") > order.index("feeling") == 0
    assert order.index("doing") > 0
    assert lane_order(journey, columns(says, feels, feels, feels))[:2] == ("feeling", "doing")
    lonely = lane_order(journey, columns(feels, *[{"doing": "Says it."}] * 4))
    assert lonely[0] == "doing"
    assert lonely.index("feeling") < lonely.index("pain points")  # of those nearly empty the first again


@pytest.mark.parametrize(
    ("lane", "row"),
    [("doing", {"doing": "a"}), ("thinking", {"thinking": "a"}), ("channel", {"channels": "web"}),
     ("feeling", {"feeling": 0}), ("pain points", {"pain_points": "a"}), ("opportunities", {"opportunities": "a"}),
     ("owner", {"owner": "a"}), ("frontstage", {"frontstage": "a"}), ("evidence", {"evidence": "a"}),
     ("importance", {"importance": 0.0}), ("backstage", {"backstage": "a"}), ("systems", {"systems": "a"})],
)  # fmt: skip
def test_each_lane_knows_when_it_is_filled(lane, row):
    assert filled_share(lane, columns(row, {}, {}, {})) == 0.25
    assert filled_share(lane, ()) == 1.0


def test_metrics_are_filled_where_visits_were_counted():
    assert filled_share("metrics", choose_columns(samples.observed(9)).shown) == 1.0


def test_a_personas_own_feeling_fills_the_lane():
    ann = Persona(id="ann", feelings={"t1": -1})
    assert filled_share("feeling", columns({}, {}), [ann]) == 0.5
