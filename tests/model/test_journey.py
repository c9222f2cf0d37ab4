"""The journey: what it refuses, its graphs, its look-ups."""

from __future__ import annotations

import pickle
from datetime import timedelta

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from journeymap.errors import InvalidJourneyError, JourneyMapError, UnknownNameError
from journeymap.model.durations import duration_text, parse_duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate, Scale
from journeymap.model.stages import STANDARD_STAGES
from journeymap.model.touchpoints import ServiceInteraction, Touchpoint

TOUCHPOINTS = [
    {"id": "ad", "stage": "discovery", "channels": "web"},
    {"id": "pay", "stage": "purchase", "pain_points": "Card declined", "moment_of_truth": True},
    {"id": "phone", "service": {"need": "complaint", "handler": "human"}},
]


def shop(**changes):
    return Journey(**{"name": "Shop", "goal": "pay", "touchpoints": TOUCHPOINTS} | changes)


def test_the_five_standard_stages():
    assert [(s.id, s.period) for s in STANDARD_STAGES] == [
        ("discovery", "before"), ("evaluation", "before"), ("purchase", "during"), ("post_purchase", "after"), ("loyalty", "after"),
    ]  # fmt: skip
    own = shop(stages=["discovery", {"id": "purchase", "name": "Order", "period": "during"}])
    assert own.stage("purchase").name == "Order"


def test_short_forms_are_understood():
    journey = shop()
    assert journey.touchpoint("ad").channels == ("web",)
    assert journey.touchpoint("pay").pain_points[0].severity is None
    assert journey.touchpoint("pay").name == "Pay"
    assert Touchpoint(id="help", service=True).service == ServiceInteraction()
    assert journey.goal == ("pay",)


def test_everything_is_frozen():
    journey = shop()
    with pytest.raises(ValidationError, match="frozen"):
        journey.name = "Other"
    with pytest.raises(nx.NetworkXError, match="Frozen"):
        journey.graph.add_node("x")
    with pytest.raises(nx.NetworkXError, match="Frozen"):
        journey.stage_graph.add_node("x")
    assert pickle.loads(pickle.dumps(journey)) == journey  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"touchpoints": [{"id": "a", "chanels": "web"}]}, "no key 'chanels' in a Touchpoint.*did you mean 'channels'"),
        ({"titel": "x"}, "no key 'titel' in a Journey"),
        ({"touchpoints": [{"id": "pay", "stage": "purchse"}]}, "no stage 'purchse'.*did you mean 'purchase'"),
        ({"touchpoints": [{"id": "pay", "feeling": 7}]}, "less than or equal to 2"),
        ({"touchpoints": [{"id": "pay"}, {"id": "pay"}]}, r"id 'pay' stands twice; it is also touchpoints\[0\]"),
        ({"transitions": [{"source": "ad", "target": "pya"}]}, "no touchpoint 'pya'.*did you mean 'pay'"),
        ({"transitions": [{"source": "ad", "target": "phone@purchse"}]}, "no touchpoint 'phone@purchse'"),
        ({"transitions": [{"source": "ad", "target": "pay"}] * 2}, "from 'ad' to 'pay' stands twice"),
        ({"transitions": [{"source": "ad", "target": "pay", "share": 0.7}, {"source": "ad", "target": "ad", "share": 0.5}]},
         "the shares out of 'ad' sum to 1.2"),
        ({"goal": "pays"}, "no touchpoint or stage 'pays'.*did you mean 'pay'"),
        ({"goal": ["pay", "purchase"]}, "no touchpoint or stage 'purchase'"),
        ({"touchpoints": [{"id": "a", "events": "x"}, {"id": "pay", "events": "x"}]}, "raw event 'x' already belongs to 'a'"),
        ({"touchpoints": [{"id": "pay"}, {"id": "b", "events": ["pay"]}]}, "raw event 'pay' already belongs to 'pay'"),
        ({"touchpoints": [{"id": "pay@home"}]}, "contains '@'"),
        ({"touchpoints": [{"id": "pay", "entry_share": 0.8}, {"id": "b", "entry_share": 0.3}]}, "the entry shares sum to 1.1"),
        ({"touchpoints": [{"id": "pay", "guessed": ["stages"]}]}, "guessed names no field: 'stages'"),
        ({"personas": [{"id": "maya", "feelings": {"pai": 1}}]}, "no touchpoint 'pai'"),
        ({"stages": ["purchse"]}, "no standard stage 'purchse'"),
        ({"stages": [{"id": "x", "period": "later"}]}, "before.*during.*after"),
        ({"lost_after": "3 moons"}, "no unit of time 'moons'"),
    ],
)  # fmt: skip
def test_a_journey_that_contradicts_itself_is_refused(changes, message):
    with pytest.raises(ValidationError, match=f"(?s){message}"):
        shop(**changes)


def test_graph_of_a_design():
    journey = shop(
        transitions=[
            {"source": "ad", "target": "pay", "share": 0.2},
            {"source": "ad", "target": "phone@discovery"},
            {"source": "pay", "target": "phone@purchase", "share": 0.1},
        ]
    )
    assert list(journey.graph.nodes(data="stage")) == [
        ("ad", "discovery"), ("pay", "purchase"), ("phone@discovery", "discovery"), ("phone@purchase", "purchase"),
    ]  # fmt: skip
    assert journey.graph.edges["ad", "phone@discovery"]["weight"] == 1
    assert nx.has_path(journey.graph, "ad", "phone@purchase")
    assert sorted(journey.stage_graph.edges) == [
        ("discovery", "discovery"),
        ("discovery", "purchase"),
        ("purchase", "purchase"),
    ]
    assert list(shop().graph.nodes) == ["ad", "pay", "phone"]


def test_look_ups_name_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        shop().touchpoint("pya")
    assert caught.value.hint == "did you mean 'pay'?"
    assert isinstance(caught.value, LookupError)
    with pytest.raises(UnknownNameError, match="Expected one of: discovery"):
        shop().stage("nowhere")
    assert shop().touchpoint("phone@loyalty").id == "phone"


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_time_spans_are_written_as_they_are_read(span):
    assert parse_duration(duration_text(span)) == span


def test_scales_and_estimates():
    assert Scale(low=1, high=5, better="lower").normalised(2) == 0.75
    with pytest.raises(ValueError, match="6 lies off the scale"):
        Scale(low=1, high=5).normalised(6)
    with pytest.raises(ValidationError, match="runs from low to high"):
        Scale(low=5, high=1)
    assert str(Estimate(value=0.5, low=0.25, high=0.75, customers=12)) == "0.5 (0.25 to 0.75), small sample"
    assert str(Estimate(value=None)) == "not known"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"row": (0, 1)}, "all columns must have"),
        ({"row": (1,)}, "a row points to no key"),
        ({"group": (4,)}, "a group lies outside 0 to 3"),
        ({"keys": (("a", "b"),)}, "a key has not 1 parts"),
    ],
)
def test_evidence_that_does_not_fit_is_refused(changes, message):
    table = {
        "name": "touchpoints", "groups": 4, "key_columns": ("touchpoint",), "keys": (("a",),), "row": (0,), "group": (3,),
        "measures": {"visits": (2,)},
    }  # fmt: skip
    assert EvidenceTable(**table).measures["visits"] == (2,)
    with pytest.raises(ValidationError, match=message):
        EvidenceTable(**table | changes)


def test_errors_say_what_where_and_what_to_do():
    error = InvalidJourneyError.because(
        "no stage 'x'.", expected="Expected y.", hint="write y", where="a.yaml:3"
    )
    assert str(error) == "a.yaml:3: no stage 'x'. Expected y.\nHint: write y"
    assert isinstance(error, JourneyMapError)
    assert isinstance(error, ValueError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes


def test_a_journey_says_what_it_is():
    text = str(shop())
    assert text.startswith(
        "Shop: designed journey (as-is), 3 touchpoints in 2 stages (1 service), 0 transitions."
    )
    assert "Goal: pay." in text
    assert repr(shop()) == "<Journey 'Shop': designed, 3 touchpoints>"
    assert "&lt;b&gt;" in shop(name="<b>")._repr_html_()


def test_a_copy_makes_its_graphs_anew():
    journey = shop()
    assert len(journey.graph) == 3
    assert len(journey.stage_graph) == 5
    less = journey.model_copy(update={"touchpoints": journey.touchpoints[:2]})
    assert list(less.graph) == ["ad", "pay"]
    assert Journey(**dict(journey)) == journey
