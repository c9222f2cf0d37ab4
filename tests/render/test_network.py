"""The picture of the graph: what is on it, what is left out and said so, and that all of it can be read."""

from __future__ import annotations

import warnings

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import UnknownNameError
from journeymap.model.journey import Journey
from journeymap.render.network import draw_network, network_scene
from journeymap.render.network_content import network_of
from journeymap.render.network_lines import THIN, faint
from journeymap.render.scene import Arrow, Box
from journeymap.render.theme import DEFAULT_THEME, PRINT_THEME, Theme
from tests.render import network_samples
from tests.render.overlap import assert_readable


def arrows(scene):
    return [item for item in scene.items if isinstance(item, Arrow) and item.colour != DEFAULT_THEME.paper]


@pytest.mark.parametrize("theme", [DEFAULT_THEME, PRINT_THEME], ids=["colour", "print"])
@pytest.mark.parametrize("sample", network_samples.ALL)
def test_every_text_can_be_read(sample, theme):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        ax = draw_network(network_samples.ALL[sample](), theme=theme)
        assert_readable(ax)


@pytest.mark.parametrize("sample", ["broadband", "two", "unstaged"])
def test_everything_lies_on_the_figure(sample):
    scene = network_scene(network_samples.ALL[sample]())
    for item in scene.items:
        points = getattr(item, "points", None) or [(item.x, item.y)]
        assert all(-1e-6 <= x <= scene.width and -1e-6 <= y <= scene.height for x, y in points)
        if isinstance(item, Box):
            assert item.right <= scene.width
            assert item.bottom <= scene.height


def test_names_counts_feelings_and_shares_are_written():
    texts = network_scene(network_samples.broadband()).texts()
    for text in (
        "Activation",
        "◆ Phone",
        "1,000 · feeling +1",
        "482 · feeling −1.4",
        "▷ 37 %",
        "58 %",
        "81 %",
    ):
        assert text in texts
    assert any("n = 1,124 journeys, 980 customers" in text and "2024-01-02" in text for text in texts)


def test_the_legend_names_only_what_is_used():
    full = " ".join(network_scene(network_samples.broadband()).texts())
    for words in (
        "service interaction",
        "goal",
        "feeling −2",
        "begin here",
        "is lost",
        "without loss",
        "earlier stage",
    ):
        assert words in full
    bare = " ".join(network_scene(network_samples.two()).texts())
    for words in (
        "service interaction",
        "feeling −2",
        "begin here",
        "earlier stage",
        "visits after which it ends",
        "below",
    ):
        assert words not in bare


def test_what_is_left_out_is_counted():
    journey = network_samples.broadband()
    small = [t for t in journey.transitions if t.share < 0.05]
    part = sum(t.count for t in small) / sum(t.count for t in journey.transitions)
    network = network_of(journey)
    assert network.hidden == len(small)
    assert network.hidden_share == pytest.approx(part)
    legend = network_scene(journey).texts()[-1]
    assert f"below 5 % are not drawn ({len(small)} of them, {part * 100:.0f} % of all)" in legend
    everything = network_of(journey, min_share=0.0)
    assert everything.hidden == 0
    assert len(everything.links) == len(journey.transitions)


def test_a_design_says_where_journeys_end():
    nodes = {node.id: node for node in network_of(network_samples.two()).nodes}
    assert nodes["ad"].lost == pytest.approx(0.8)
    assert nodes["pay"].is_goal
    assert nodes["pay"].lost is None


def test_ends_after_the_goal_are_no_loss():
    journey = Journey(
        name="Shop", goal="pay",
        touchpoints=[{"id": "pay", "stage": "purchase"}, {"id": "use", "stage": "post_purchase"}, {"id": "renew", "stage": "loyalty"}],
        transitions=[{"source": "pay", "target": "use", "share": 0.7}, {"source": "use", "target": "renew", "share": 0.4}],
    )  # fmt: skip
    nodes = {node.id: node for node in network_of(journey).nodes}
    assert (nodes["pay"].lost, nodes["pay"].ended) == (None, pytest.approx(0.3))
    assert (nodes["use"].lost, nodes["use"].ended) == (None, pytest.approx(0.6))


def test_a_goal_that_names_a_touchpoint_and_a_stage_means_the_touchpoint():
    places = [{"id": "cart", "stage": "purchase"}, {"id": "purchase", "stage": "purchase"}]
    both = Journey(name="Shop", goal="purchase", touchpoints=places)
    assert [node.id for node in network_of(both).nodes if node.is_goal] == ["purchase"]
    stage = Journey(
        name="Shop", goal="purchase", touchpoints=[*places[:1], {"id": "pay", "stage": "purchase"}]
    )
    assert [node.id for node in network_of(stage).nodes if node.is_goal] == ["cart", "pay"]


def test_without_a_goal_nothing_is_lost():
    journey = network_samples.two().model_copy(update={"goal": ()})
    nodes = {node.id: node for node in network_of(journey).nodes}
    assert nodes["ad"].lost is None
    assert nodes["ad"].ended == pytest.approx(0.8)


def test_observed_ends_are_counted_ones():
    journey = network_samples.broadband()
    for node in network_of(journey, min_share=0.0).nodes:
        visits = journey.touchpoint(node.id).visits
        assert (node.lost or 0.0) == pytest.approx(visits.lost / visits.count)
        assert (node.ended or 0.0) == pytest.approx(visits.goal / visits.count)


def test_an_observed_journey_without_a_goal_has_neutral_ends():
    journey = network_samples.broadband().model_copy(update={"goal": ()})
    for node in network_of(journey, min_share=0.0).nodes:
        visits = journey.touchpoint(node.id).visits
        assert node.lost is None
        assert (node.ended or 0.0) == pytest.approx((visits.lost + visits.goal) / visits.count)
    texts = network_scene(journey).texts()
    assert "share of visits after which the journey ends" in texts
    assert not any("✕" in text or "lost" in text for text in texts)


def test_arrows_that_rest_on_few_customers_are_thin_and_light():
    journey = network_samples.broadband()
    assert "fewer than 20 customers" not in network_scene(journey).texts()
    touchpoints = tuple(
        t.model_copy(update={"visits": t.visits.model_copy(update={"customers": 19})})
        if t.id == "outage"
        else t
        for t in journey.touchpoints
    )
    fields = {name: getattr(journey, name) for name in Journey.model_fields}
    scarce = Journey(**{**fields, "touchpoints": touchpoints})
    assert {link.source for link in network_of(scarce).links if link.few} == {"outage"}
    scene = network_scene(scarce)
    assert "fewer than 20 customers" in scene.texts()
    thin = [arrow for arrow in arrows(scene) if arrow.width == THIN]
    assert len(thin) >= 3
    assert {arrow.colour for arrow in thin if arrow.z < 3} == {faint(DEFAULT_THEME.edge, DEFAULT_THEME)}


def test_an_observed_network_says_so_and_what_was_filtered():
    journey = network_samples.broadband()
    seen = journey.observation.model_copy(update={"filters": ("platform is 'mobile'",)})
    scene = network_scene(journey.model_copy(update={"observation": seen}))
    (subtitle,) = [text for text in scene.texts() if text.startswith("Transitions between touchpoints")]
    assert "· observed ·" in subtitle
    assert "only: platform is 'mobile'" in subtitle
    assert "as-is" not in subtitle
    assert "The log was filtered: platform is 'mobile'." in scene.description


def test_above_forty_touchpoints_channels_stand_for_them():
    journey = network_samples.ALL["many"]()
    network = network_of(journey, min_share=0.0)
    assert network.aggregated
    assert len(network.nodes) <= 15
    assert sum(node.visits for node in network.nodes) == sum(t.visits.count for t in journey.touchpoints)
    assert sum(node.members for node in network.nodes) == 60
    assert sum(link.count for link in network.links) == sum(t.count for t in journey.transitions)
    scene = network_scene(journey)
    assert any("60 touchpoints put together by stage and first channel" in text for text in scene.texts())
    assert "No channel" in scene.texts()


def test_forty_touchpoints_stand_for_themselves():
    assert not network_of(network_samples.ALL["forty"]()).aggregated


def test_a_floating_touchpoint_gets_its_own_band():
    network = network_of(network_samples.sketch())
    assert [band.name for band in network.bands] == [
        "Discovery",
        "Evaluation",
        "Purchase",
        "Post-purchase",
        "At any stage",
    ]
    assert not any(link.back for link in network.links if "help" in {link.source, link.target})
    assert [link.back for link in network.links if (link.source, link.target) == ("use", "look")] == [True]


def test_unknown_shares_are_thin_lines_without_numbers():
    scene = network_scene(network_samples.sketch())
    assert not any("%" in text for text in scene.texts())
    assert {arrow.width for arrow in arrows(scene) if arrow.z < 3 and arrow.head} <= {1.0, 1.3}


def test_no_transitions_are_said():
    scene = network_scene(network_samples.unlinked())
    assert any("no transitions are known" in text for text in scene.texts())
    assert arrows(scene) == []


def test_no_touchpoints_are_drawn_as_well():
    scene = network_scene(Journey(name="Nothing yet"))
    assert scene.texts()[0] == "Nothing yet"


def test_backward_arrows_are_dashed():
    scene = network_scene(network_samples.broadband())
    assert any(arrow.dash == "dashed" for arrow in arrows(scene))
    assert not any(arrow.dash == "dashed" for arrow in arrows(network_scene(network_samples.two())))


def test_width_follows_the_share():
    scene = network_scene(network_samples.two())
    assert 0.6 + 5 * 0.2 in {arrow.width for arrow in arrows(scene)}


def test_highlight_brings_out_arrows():
    journey = network_samples.broadband()
    scene = network_scene(journey, highlight="outage")
    strong = [arrow for arrow in arrows(scene) if arrow.colour == DEFAULT_THEME.stage_header and arrow.head]
    assert len(strong) >= 3
    among = network_scene(journey, highlight=["basket", "checkout"])
    assert {text for text in among.texts() if text in {"61 %", "8 %", "78 %"}} == {"61 %", "8 %"}
    with pytest.raises(UnknownNameError, match="did you mean 'outage'"):
        network_scene(journey, highlight="outgae")


def test_full_names_stand_in_the_description():
    scene = network_scene(network_samples.ALL["long"]())
    assert "Reads the very detailed conditions of contract annexe 7 of many" in scene.description
    assert "Largest shares:" in scene.description


def test_it_draws_where_it_is_told():
    figure, ax = plt.subplots(figsize=(9, 5))
    assert draw_network(network_samples.two(), ax=ax) is ax
    assert len(figure.axes) == 1


def test_words_can_be_translated():
    theme = Theme(words={"goal": "Ziel", "Discovery": "Entdecken"})
    texts = network_scene(network_samples.two(), theme=theme).texts()
    assert "Ziel" in texts
    assert "Entdecken" in texts


def test_dollars_are_no_formula():
    journey = network_samples.two().model_copy(update={"name": "From $9 to $10"})
    assert "From $9 to $10" in [text.get_text() for text in draw_network(journey).texts]
