"""Moments that matter: the toy log, golden graphs, and what the words say."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from journeymap.analysis.drivers import find_drivers
from journeymap.analysis.moments import betweenness, find_moments
from journeymap.analysis.moments_report import Moment
from journeymap.errors import JourneyMapError, MissingEvidenceError, UnknownNameError
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.graph_paths import gateways

# methods: the chain of the toy log: removal effect and decisiveness of each state
TOY = {
    "ad": (1, 0.0918), "compare": (0.9091, 0.1071), "cart": (1, 0.2421), "pay": (1, 0), "onboard": (1, 0.2917),
    "chat@purchase": (0.0902, 0.0589), "phone@purchase": (0, 0), "chat@post_purchase": (0.25, 0.0417),
    "bot@post_purchase": (0.125, 0), "phone@post_purchase": (0.1667, 0.1667),
}  # fmt: skip


@pytest.fixture
def toy(toy_log, toy_design):
    return discover_journey(toy_log, toy_design)


def test_the_toy_log(toy):
    found = find_moments(toy)
    assert {moment.touchpoint for moment in found.gateways} == {"ad", "cart", "pay", "onboard", "renew"}
    for name, (effect, decisive) in TOY.items():
        moment = found.moment(name)
        assert moment.removal_effect.value == pytest.approx(effect, abs=5e-5)
        assert moment.decisiveness.value == pytest.approx(decisive, abs=5e-5)
        assert moment.decisiveness.low is not None
    shares = [m.decisiveness.value for m in found.moments if m.decisiveness is not None]
    assert sum(shares) + found.start_decisiveness.value == pytest.approx(1, abs=1e-12)
    assert found.moments[0].touchpoint == "onboard"
    assert found.moments[-1].touchpoint == "renew"
    assert found.moment("renew").removal_effect is None
    assert found.moment("renew").is_goal
    assert found.moment("nobody") is None


def test_rare_ways_do_not_open_a_door(toy):
    # one of twelve goes from the ad to the cart at once; only without it everybody compares
    found = find_moments(toy, min_share=2 / 12)
    assert "compare" in {moment.touchpoint for moment in found.gateways}
    none = find_moments(toy, min_share=0.5)
    assert none.gateways == ()
    assert "Gateways: none" in str(none)


def test_lengauer_and_tarjan():
    # Lengauer & Tarjan (1979), figure 1: every way to G passes C, to J also G, to L also D
    edges = "RA RB RC AD BA BD BE CF CG DL EH FI GI GJ HE HK IK JI KI KR LH"
    graph = nx.DiGraph([tuple(edge) for edge in edges.split()])
    assert [gateways(graph, "R", goal) for goal in "ABCDEHIK"] == [()] * 8
    assert [gateways(graph, "R", goal) for goal in "GJL"] == [("C",), ("C", "G"), ("D",)]


def test_the_kite():
    # Krackhardt (1990): betweenness over unordered pairs of the other nine
    graph = nx.krackhardt_kite_graph().to_directed()
    names = ["Andre", "Beverly", "Carol", "Diane", "Ed", "Fernando", "Garth", "Heather", "Ike", "Jane"]
    found = betweenness(nx.relabel_nodes(graph, dict(enumerate(names))))
    # 36 unordered pairs of the other nine
    told = {name: round(36 * share, 3) for name, share in found.items()}
    assert {name: told[name] for name in ("Heather", "Fernando", "Garth", "Ike", "Diane")} == {
        "Heather": 14, "Fernando": 8.333, "Garth": 8.333, "Ike": 8, "Diane": 3.667,
    }  # fmt: skip


def test_drivers_stand_beside_and_change_nothing(toy):
    plain = find_moments(toy)
    found = find_moments(toy, drivers={"chat": 0.3, "pay": 0.1})
    assert [m.touchpoint for m in found.moments] == [m.touchpoint for m in plain.moments]
    assert found.moment("chat@purchase").driver_weight.value == 0.3
    assert found.moment("chat@post_purchase").driver_weight.value == 0.3
    assert found.moment("ad").driver_weight is None
    assert "Driver weight: of what ratings explain of the outcome, “Chat” 30 % and “Pay” 10 %." in str(found)
    assert "Not measured: driver weight" in str(plain)
    assert "Not measured" not in str(found)
    with pytest.raises(UnknownNameError, match="did you mean 'chat'"):
        find_moments(toy, drivers={"chatt": 1})
    with pytest.raises(UnknownNameError, match=r"(?s)drivers: no touchpoint 'Onbord' in 'Toy'.*'onboard'"):
        find_moments(toy, drivers={"Onbord": 0.2})
    with pytest.raises(UnknownNameError, match=r"Hint: write for example 'ad'"):
        find_moments(toy, drivers={"zzzz": 0.2})
    for wrong in (None, float("nan"), "0.2"):
        with pytest.raises(JourneyMapError, match="drivers: 'chat' has the weight"):
            find_moments(toy, drivers={"chat": wrong})


def test_drivers_that_weigh_no_touchpoint_are_not_asked_for_again(toy):
    rng = np.random.default_rng(1)
    food = rng.integers(1, 6, 300)
    stars = {"low": 1, "high": 5}
    questions = [{"column": name, "measure": "csat", "scale": stars} for name in ("all", "food")]
    table = pa.table({"all": np.clip(food + rng.integers(-1, 2, 300), 1, 5), "food": food})
    drivers = find_drivers(Feedback(table, questions=questions), outcome="all")
    found = find_moments(toy, drivers=drivers)
    assert not found.has_drivers
    assert str(found).endswith("Not measured: driver weight (no question names a touchpoint of the journey).")
    untold = find_moments(toy, drivers=drivers.model_copy(update={"r_squared": Estimate(value=None)}))
    assert "driver weight (what goes with “all” cannot be told)" in str(untold).replace("All", "all")
    assert "driver weight (no weight was given)" in str(find_moments(toy, drivers={}))


def test_it_says_so_in_words(toy):
    found = find_moments(toy)
    text = str(found)
    assert "Gateways: all ways to the goal pass “Ad”, “Cart”, “Pay” and “Onboard”." in text
    assert "removal effect 1" in text
    assert "model-implied, if the association is causal" in text
    assert "not added up" in text
    assert found.moment("pay").why() == (
        "“Pay”: every way to the goal that is not rare passes here, nothing of the uncertainty about the goal is "
        "resolved here and all won journeys pass here."
    )
    assert found.moment("renew").why() == "“Renew”: the journey is won here."
    frame = found.to_frame()
    assert len(frame) == 11
    assert frame["is_gateway"].sum() == 5
    html = find_moments(toy.model_copy(update={"name": "<i>"}))._repr_html_()
    assert "&lt;i&gt;" in html
    assert "<i>" not in html


def test_what_it_needs(toy_design, toy):
    with pytest.raises(MissingEvidenceError):
        find_moments(toy_design)
    with pytest.raises(JourneyMapError, match="min_share: 2"):
        find_moments(toy, min_share=2)


def test_a_goal_that_is_certain(toy_log):
    one = toy_log.where(customer="c01")
    design = Journey(
        name="One", goal="renew",
        touchpoints=[{"id": t, "stage": "purchase"} for t in ("ad", "compare", "cart", "pay", "onboard", "renew")],
    )  # fmt: skip
    found = find_moments(discover_journey(one, design, lost_after="0 seconds"))
    assert "certain from the start" in str(found)
    assert [m.touchpoint for m in found.gateways] == ["ad", "compare", "cart", "pay", "onboard", "renew"]


def test_a_share_and_its_interval_have_the_same_digits():
    small = Estimate(value=0.0098, low=0.0081, high=0.0119)
    moment = Moment(touchpoint="ad", name="Ad", decisiveness=small)
    assert "1.0 % (0.8 % to 1.2 %) of the uncertainty" in moment.why()
