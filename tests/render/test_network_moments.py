"""Moments that matter on the network: bars by decisiveness, posts at gateways, in every theme."""

from __future__ import annotations

import warnings

import pytest

from journeymap.analysis.moments import find_moments
from journeymap.analysis.moments_report import Moment, MomentsReport
from journeymap.errors import UnknownNameError
from journeymap.events.discover import discover_journey
from journeymap.model.measures import Estimate
from journeymap.render.network import describe_network, draw_network, network_scene
from journeymap.render.network_content import network_of
from journeymap.render.network_highlight import highlighted
from journeymap.render.paint import paint
from journeymap.render.scene import Box
from journeymap.render.theme import DEFAULT_THEME, THEMES
from tests.render import network_samples
from tests.render.grounds import contrast_faults
from tests.render.lived import lived
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

LONG = "asks the same question again because nobody could answer it"
CHINESE = "比较各种套餐的价格与速度然后联系在线客服"
NAMES = {"toy": None, "long names": LONG, "chinese": CHINESE}


@pytest.fixture
def toy(toy_log, toy_design):
    return discover_journey(toy_log, toy_design)


def _named(journey, name):
    if name is None:
        return journey
    touchpoints = tuple(t.model_copy(update={"name": f"{t.id} {name}"}) for t in journey.touchpoints)
    return journey.model_copy(update={"touchpoints": touchpoints})


def _boxes(scene):
    return {item.node: item for item in scene.items if isinstance(item, Box) and item.node}


def _marked(scene, mark):
    return [item for item in scene.items if isinstance(item, Box) and item.mark == mark]


def _within(box, other):
    return other.x <= box.x and box.right <= other.right and other.y <= box.y and box.bottom <= other.bottom


def test_bars_are_as_long_as_touchpoints_are_decisive(toy):
    report = find_moments(toy)
    scene = network_scene(toy, highlight=report)
    boxes = _boxes(scene)
    found = {}
    for bar in _marked(scene, "decisive"):
        (node,) = [name for name, box in boxes.items() if _within(bar, box)]
        found[node] = bar.width
    shares = {
        m.touchpoint: m.decisiveness.value
        for m in report.moments
        if m.decisiveness is not None and m.decisiveness.value > 0.01
    }
    assert set(found) == set(shares)
    lengths = {name: found[name] / share for name, share in shares.items()}
    assert max(lengths.values()) == pytest.approx(min(lengths.values()))
    told = {label.text for label in scene.labels() if label.mark == "decisive"}
    assert told == {f"{100 * share:.0f} %" for share in shares.values()}
    # the deeper the ground the more decisive; without a share it is paper
    assert boxes["pay"].fill == DEFAULT_THEME.paper
    assert len({boxes["onboard"].fill, boxes["cart"].fill, DEFAULT_THEME.paper}) == 3


def test_posts_stand_at_gateways_only(toy):
    scene = network_scene(toy, highlight=find_moments(toy))
    boxes = _boxes(scene)
    at = {
        name
        for post in _marked(scene, "gateway")
        for name, box in boxes.items()
        if post.y < box.y < box.bottom < post.bottom
        and min(abs(post.x - x) for x in (box.x, box.right)) < 0.05
    }
    assert at == {"ad", "cart", "pay", "onboard"}  # not the goal: of course it is passed
    assert len(_marked(scene, "gateway")) == 8
    none = network_scene(toy, highlight=find_moments(toy, min_share=0.5))
    assert "gateway" not in none.legend
    assert {"decisive", "interval", "gateway"} <= set(scene.legend)


@pytest.mark.parametrize("theme", list(THEMES))
@pytest.mark.parametrize("name", list(NAMES))
def test_it_can_be_read(toy, name, theme):
    journey, look = _named(toy, NAMES[name]), THEMES[theme]
    scene = network_scene(journey, theme=look, highlight=find_moments(journey))
    assert scene_faults(scene) == []
    assert contrast_faults(scene, look) == []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        assert_readable(paint(scene, None, look))


def test_the_example_can_be_read():
    journey = lived("example")
    report = find_moments(journey)
    scene = network_scene(journey, highlight=report)
    assert scene_faults(scene) == []
    assert_readable(draw_network(journey, highlight=report))
    assert f"Gateways: {'; '.join(m.name for m in report.gateways if not m.is_goal)}" in scene.description


def test_it_is_told_in_words(toy):
    text = describe_network(toy, highlight=find_moments(toy))
    assert "Decisiveness: Onboard 29 %; Cart 24 %; Phone 17 %; Compare 11 %; Ad 9 %." in text
    assert "Gateways: Ad; Cart; Pay; Onboard." in text
    shown = [
        label.text.replace("\n", " ") for label in network_scene(toy, highlight=find_moments(toy)).labels()
    ]
    (head,) = [text for text in shown if text.startswith("Most is decided at “Onboard”: 29 % of the")]
    assert head.endswith("All ways to the goal pass “Ad”, “Cart”, “Pay” and “Onboard”.")
    assert any("longest bar 29 %" in text for text in shown)
    assert not any("Most is decided" in label.text for label in network_scene(toy).labels())


def test_a_report_on_another_journey_is_refused(toy):
    report = find_moments(toy)
    touchpoints = tuple(t for t in toy.touchpoints if t.id != "pay")
    kept = tuple(t for t in toy.transitions if "pay" not in (t.source, t.target))
    other = toy.model_copy(update={"touchpoints": touchpoints, "transitions": kept})
    with pytest.raises(UnknownNameError, match="'pay' of the moments that matter"):
        network_scene(other, highlight=report)


def test_touchpoints_put_together_add_their_shares_up_but_not_their_intervals():
    journey = network_samples.ALL["many"]()
    ids = list(journey.graph)
    moments = tuple(
        Moment(
            touchpoint=name, name=name, is_gateway=True,
            decisiveness=Estimate(value=1 / len(ids), low=0.0, high=0.05, customers=900),
        )
        for name in ids
    )  # fmt: skip
    nothing = Estimate(value=0.0)
    report = MomentsReport(
        journey="Many", moments=moments, start_decisiveness=nothing, conversion=nothing, passed=()
    )
    network = network_of(journey)
    members = {node.id: node.members for node in network.nodes}
    found = highlighted(network, report).moments
    assert {name: round(one.share * len(ids)) for name, one in found.decisive.items()} == members
    assert {name: one.low is None for name, one in found.decisive.items()} == {
        name: count > 1 for name, count in members.items()
    }
    assert found.gateways == {name for name, count in members.items() if count == 1}
    scene = network_scene(journey, highlight=report)
    assert scene_faults(scene) == []
    assert_readable(paint(scene))


def test_nothing_decided_draws_no_bar(toy):
    report = find_moments(toy)
    certain = tuple(
        m.model_copy(update={"decisiveness": m.decisiveness and Estimate(value=0.0)}) for m in report.moments
    )
    scene = network_scene(toy, highlight=report.model_copy(update={"moments": certain}))
    assert "decisive" not in scene.legend
    assert "Decisiveness: nothing is left to be decided." in scene.description
    assert scene_faults(scene) == []
