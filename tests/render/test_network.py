"""The picture of the graph: what is on it, what is left out and said so, and that all of it can be read."""

from __future__ import annotations

import warnings
from functools import cache

import pytest
from matplotlib import pyplot as plt

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.errors import UnknownNameError, WrongKindError
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render.network import describe_network, draw_network, network_scene
from journeymap.render.network_content import main_ways, network_of
from journeymap.render.network_lines import THIN, faint
from journeymap.render.paint import paint
from journeymap.render.scene import Arrow, Box, Label
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME, THEMES, Theme
from tests.render import network_samples
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import mark_faults, size_faults


def arrows(scene):
    """Arrows between touchpoints and at their ends, without their halos and without the legend."""
    return [
        item
        for item in scene.items
        if isinstance(item, Arrow) and item.colour != DEFAULT_THEME.paper and item.mark != "legend"
    ]


@cache
def drawn(sample, theme="default"):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        return network_scene(network_samples.ALL[sample](), theme=THEMES[theme])


def report(*names):
    """A friction report whose points are these, the first with the largest gain, and one that is none."""
    signals = [
        Signal(kind="drop_off", touchpoint=name, estimate=Estimate(value=0.3), significant=True)
        for name in names
    ]
    points = [
        FrictionPoint(touchpoint=signal.touchpoint, name=signal.touchpoint, signals=(signal,))
        for signal in signals
    ]
    return FrictionReport(
        journey="Any", points=(*points, FrictionPoint(touchpoint="no such one", name="calm"))
    )


@pytest.mark.parametrize("theme", ["default", "print"])
@pytest.mark.parametrize("sample", network_samples.ALL)
def test_every_text_can_be_read(sample, theme):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        assert_readable(paint(drawn(sample, theme), None, THEMES[theme]))


@pytest.mark.parametrize("theme", ["default", "print"])
@pytest.mark.parametrize("sample", network_samples.ALL)
def test_marks_are_those_of_the_legend(sample, theme):
    scene = drawn(sample, theme)
    assert mark_faults(scene) == []
    assert size_faults(scene) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", ["broadband", "undecided"])
def test_no_text_is_lost_on_its_ground(sample, theme):
    for highlight in (None, report(next(iter(network_samples.ALL[sample]().graph)))):
        scene = network_scene(network_samples.ALL[sample](), theme=THEMES[theme], highlight=highlight)
        assert contrast_faults(scene, THEMES[theme]) == []


@pytest.mark.parametrize("sample", network_samples.ALL)
def test_no_arrow_crosses_a_box_and_every_arrow_joins_its_boxes(sample):
    scene = drawn(sample)
    boxes = {item.node: item for item in scene.items if isinstance(item, Box) and item.node}
    for arrow in arrows(scene):
        way = [arrow.at(step / 120) for step in range(121)]
        for x, y in way:
            assert not any(
                box.x + 0.01 < x < box.right - 0.01 and box.y + 0.01 < y < box.bottom - 0.01
                for box in boxes.values()
            )
        assert edge_distance(arrow.points[0], boxes[arrow.joins[0]]) < 1e-6
        if arrow.head and len(arrow.joins) == 2:
            assert edge_distance(arrow.points[-1], boxes[arrow.joins[1]]) < 1e-6
    # What ends without a head goes on with another arrow to the same box.
    ends = {(arrow.joins[1], arrow.dash) for arrow in arrows(scene) if arrow.head and len(arrow.joins) == 2}
    for arrow in arrows(scene):
        assert arrow.head or (arrow.joins[1], arrow.dash) in ends


def edge_distance(point, box):
    x, y = point
    beside = max(box.x - x, 0.0, x - box.right) + max(box.y - y, 0.0, y - box.bottom)
    return beside or min(abs(x - box.x), abs(x - box.right), abs(y - box.y), abs(y - box.bottom))


def test_dark_paper_changes_colours_alone_and_large_type_sizes_alone():
    plain, dark, large = (
        network_scene(network_samples.broadband(), theme=theme)
        for theme in (DEFAULT_THEME, DARK_THEME, LARGE_THEME)
    )
    assert [type(item) for item in dark.items] == [type(item) for item in plain.items]
    assert (dark.width, dark.height, dark.texts()) == (plain.width, plain.height, plain.texts())
    assert dark.texts() == large.texts()
    assert large.width == pytest.approx(1.4 * plain.width)
    assert min(label.size for label in large.labels()) >= 1.4 * 6.5


def test_in_print_service_is_hatched_and_no_feeling_is_invisible():
    scene = network_scene(network_samples.broadband(), theme=PRINT_THEME)
    hatched = [
        item for item in scene.items if isinstance(item, Box) and item.hatch and item.mark == "service"
    ]
    assert len(hatched) == 7
    white = [
        item
        for item in scene.items
        if isinstance(item, Box) and item.mark == "feeling" and item.fill == "#FFFFFF"
    ]
    assert white
    assert all(item.edge for item in white)


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
    assert any("n = 980 customers, 1,124 journeys" in text and "2024-01-02" in text for text in texts)


def test_the_legend_names_only_what_is_used():
    full = " ".join(network_scene(network_samples.broadband()).texts())
    for words in (
        "service interaction",
        "goal",
        "feeling −2",
        "begin here",
        "is lost",
        "without loss",
        "ways not drawn",
    ):
        assert words in full
    assert "earlier stage" not in full
    assert "earlier stage" in " ".join(network_scene(network_samples.broadband(), min_share=0.05).texts())
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
    network = network_of(journey, min_share=0.05)
    assert network.hidden == len(small)
    assert network.hidden_share == pytest.approx(part)
    texts = network_scene(journey, min_share=0.05).texts()
    said = f"Transitions below 5 % are not drawn ({len(small)} of them, {part * 100:.0f} % of all)."
    assert f"{said} Starts and ends below 5 % are not drawn." in texts
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
    assert "fewer than 20 customers on this way" not in network_scene(journey).texts()
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
    assert "fewer than 20 customers on this way" in scene.texts()
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
    scene = network_scene(network_samples.broadband(), min_share=0.05)
    assert {arrow.mark for arrow in arrows(scene) if arrow.dash == "dashed"} == {"back"}
    assert not any(arrow.dash == "dashed" for arrow in arrows(network_scene(network_samples.two())))


def test_width_follows_the_share():
    scene = network_scene(network_samples.two())
    assert 0.6 + 5 * 0.2 in {arrow.width for arrow in arrows(scene)}


def written(scene):
    """The shares beside arrows."""
    return sorted(label.text for label in scene.labels() if label.mark == "share")


def test_highlight_brings_out_arrows():
    journey = network_samples.broadband()
    scene = network_scene(journey, highlight="outage")
    strong = [arrow for arrow in arrows(scene) if arrow.mark == "highlighted"]
    assert {arrow.joins for arrow in strong} >= {("outage", "renewal"), ("first_bill", "outage")}
    assert all("outage" in arrow.joins for arrow in strong)
    assert {arrow.colour for arrow in strong} == {DEFAULT_THEME.stage_header}
    assert {arrow.colour for arrow in arrows(scene) if arrow.mark == "muted"} == {DEFAULT_THEME.rule}
    assert "Highlighted: Outage." in scene.description
    among = network_scene(journey, highlight=["basket", "checkout"])
    assert written(among) == ["6 %", "61 %", "8 %"]
    assert written(network_scene(journey, highlight=iter(["basket", "checkout"]))) == written(among)
    assert network_scene(journey, highlight=[]) == network_scene(journey)
    with pytest.raises(UnknownNameError, match="did you mean 'outage'"):
        network_scene(journey, highlight="outgae")


def test_what_is_brought_out_is_drawn_from_five_percent_on():
    journey = network_samples.broadband()
    assert network_of(journey).limit == 0.15
    scene = network_scene(journey, highlight="basket")
    assert "6 %" in written(network_scene(journey, highlight="ad"))
    assert {arrow.joins for arrow in arrows(scene) if arrow.mark != "muted" and len(arrow.joins) == 2} == {
        (t.source, t.target)
        for t in journey.transitions
        if "basket" in {t.source, t.target} and t.share >= 0.05
    }
    assert any(
        text.startswith("Transitions below 15 %, highlighted ones below 5 %, are") for text in scene.texts()
    )
    asked = network_scene(journey, highlight="basket", min_share=0.15)
    assert any(text.startswith("Transitions below 15 % are not drawn") for text in asked.texts())


def test_a_floating_touchpoint_is_brought_out_on_all_its_stages():
    journey = network_samples.undecided()
    scene = network_scene(journey, highlight="phone")
    bright = {arrow.joins for arrow in arrows(scene) if arrow.mark in {"highlighted", "back"}}
    assert {end for pair in bright for end in pair} == {"ad", "pay", "phone@discovery", "phone@purchase"}
    assert ("ad", "pay") not in bright
    one = network_scene(journey, highlight="phone@purchase")
    bright = {arrow.joins for arrow in arrows(one) if arrow.mark in {"highlighted", "back"}}
    assert ("ad", "phone@discovery") not in bright


def test_a_friction_report_brings_out_its_points_by_rank():
    journey = network_samples.undecided()
    scene = network_scene(journey, highlight=report("phone@discovery", "pay"))
    assert "points of friction, ranked by expected gain" in scene.texts()
    ranks = {label.text: label for label in scene.labels() if label.mark == "friction"}
    boxes = {item.node: item for item in scene.items if isinstance(item, Box) and item.node}
    assert set(ranks) == {"1", "2"}
    for rank, node in (("1", "phone@discovery"), ("2", "pay")):
        box, label = boxes[node], ranks[rank]
        assert box.x < label.x < box.right
        assert box.y < label.y < box.bottom
    assert boxes["phone@discovery"].edge == DEFAULT_THEME.service  # service stays service
    assert boxes["phone@discovery"].fill == DEFAULT_THEME.pain_tint
    assert boxes["ad"].fill == DEFAULT_THEME.paper
    assert {arrow.joins for arrow in arrows(scene) if arrow.mark == "muted"} == {
        ("phone@purchase", "phone@purchase")
    }
    assert "Points of friction, ranked by expected gain: 1. Phone; 2. Pay." in scene.description
    assert_readable(paint(scene))
    assert mark_faults(scene) == []


@pytest.mark.parametrize("theme", ["default", "print"])
def test_service_without_friction_is_as_quiet_as_the_rest(theme):
    journey, look = network_samples.undecided(), THEMES[theme]
    scene = network_scene(journey, theme=look, highlight=report("pay"))
    boxes = {item.node: item for item in scene.items if isinstance(item, Box) and item.node}
    for node in ("phone@discovery", "phone@purchase"):
        quiet = boxes[node]
        assert (quiet.edge, quiet.line_width, quiet.fill, quiet.mark) == (
            boxes["ad"].edge, boxes["ad"].line_width, boxes["ad"].fill, boxes["ad"].mark
        )  # fmt: skip
    names = [label for label in scene.labels() if label.text.startswith("◆ Phone")]
    assert [name.colour for name in names] == [look.ink] * 2
    assert not any(isinstance(item, Box) and item.hatch for item in scene.items)
    assert not any(
        isinstance(item, Box) and item.edge == look.service and item.mark == "legend" for item in scene.items
    )
    assert "service interaction" in scene.texts()
    assert mark_faults(scene) == []
    one = network_scene(journey, theme=look, highlight=report("phone@discovery"))
    boxes = {item.node: item for item in one.items if isinstance(item, Box) and item.node}
    assert boxes["phone@discovery"].line_width == 2.0
    assert boxes["phone@purchase"].line_width == boxes["ad"].line_width
    plain = network_scene(journey, theme=look, highlight="pay")
    boxes = {item.node: item for item in plain.items if isinstance(item, Box) and item.node}
    assert boxes["phone@purchase"].line_width == 2.0  # of what is chosen by name the rest stays as it is


def test_a_report_without_friction_changes_nothing_and_a_foreign_one_is_refused():
    journey = network_samples.undecided()
    assert network_scene(journey, highlight=report()) == network_scene(journey)
    with pytest.raises(UnknownNameError, match="no touchpoint 'elsewhere' of the friction report"):
        network_scene(journey, highlight=report("elsewhere"))


def test_of_many_points_of_friction_the_highest_stand_out():
    journey = network_samples.broadband()
    names = ["outage", "plans", "basket", "checkout", "renewal", "refer", "search"]
    scene = network_scene(journey, highlight=report(*names))
    assert {label.text for label in scene.labels() if label.mark == "friction"} == set("12345")
    boxes = {item.node: item for item in scene.items if isinstance(item, Box) and item.node}
    assert [boxes[name].mark for name in names] == ["friction"] * 5 + ["", ""]
    assert "the 5 highest ranked of 7 points of friction, by expected gain" in scene.texts()
    assert (
        "The 5 highest ranked of 7 points of friction, by expected gain: 1. Outage; 2. Plans"
        in scene.description
    )
    plain = network_of(journey)
    main = {(link.source, link.target) for link in main_ways(plain.links, names[:3])}
    assert {arrow.joins for arrow in arrows(scene) if arrow.mark in {"highlighted", "back", "few"} and len(arrow.joins) == 2} == {
        (link.source, link.target)
        for link in plain.links
        if {link.source, link.target} & set(names[:3]) and (link.share >= 0.15 or (link.source, link.target) in main)
    }  # fmt: skip


def test_highlights_reach_the_boxes_of_channels():
    journey = network_samples.ALL["many"]()
    scene = network_scene(journey, highlight=report("t3", "t4"))
    assert any(label.mark == "friction" for label in scene.labels())
    assert network_scene(journey, highlight="t3").legend.count("highlighted") == 1


def test_ends_that_are_still_open_are_marked():
    scene = drawn("undecided")
    marked = {
        (label.mark, label.text)
        for label in scene.labels()
        if label.mark in {"lost", "ended", "open", "rest"}
    }
    assert ("open", "○ 20 %") in marked  # 20 of 100 visits to the ad
    assert ("open", "○ 10 %") in marked
    assert ("lost", "✕ 10 %") in marked
    assert ("ended", "◁ 67 %") in marked
    assert "after which nothing has come yet, but may" in scene.texts()
    assert not any(label.mark == "open" for label in drawn("broadband").labels())
    assert "Not decided yet are journeys after: Ad 20 %; Pay 20 %; Phone 10 %." in scene.description


def test_what_leaves_a_touchpoint_sums_to_one():
    journey = network_samples.undecided()
    network = network_of(journey, min_share=0.05)
    for node in network_of(journey, min_share=0.0).nodes:
        hidden = {shown.id: shown.rest or 0.0 for shown in network.nodes}[node.id]
        shown = sum(link.share for link in network.links if link.source == node.id)
        ends = (node.lost or 0.0) + (node.ended or 0.0) + (node.open or 0.0)
        assert shown + hidden + ends == pytest.approx(1.0)


def test_the_rest_is_merged_at_every_touchpoint():
    rest = {node.id: node.rest for node in network_of(network_samples.undecided()).nodes}
    assert rest["ad"] == pytest.approx(0.04)  # once again 3 %, to the phone at once 1 %
    assert rest["phone@purchase"] == pytest.approx(0.025)
    assert rest["pay"] is None
    texts = {label.text for label in drawn("undecided").labels() if label.mark == "rest"}
    assert "⋯ 4 %" in texts


def test_more_is_left_out_until_the_arrows_can_be_followed():
    few = network_of(network_samples.undecided())
    assert (few.limit, few.ends_limit) == (0.05, 0.05)
    full = network_of(network_samples.broadband())
    assert (full.limit, full.ends_limit) == (0.15, 0.05)
    assert len(full.links) - full.kept <= 36
    assert len([t for t in network_samples.broadband().transitions if t.share >= 0.1]) > 36
    dense = network_of(network_samples.ALL["forty"]())
    assert dense.limit == 0.25
    for sample in network_samples.ALL.values():
        assert (network_of(sample()).hidden_share or 0.0) <= 2 / 3
    words = [text for text in drawn("broadband").texts() if "not drawn" in text]
    assert any("Transitions below 15 %" in text and "Starts and ends below 5 %" in text for text in words)


def test_small_starts_and_ends_are_said_to_be_left_out():
    journey = Journey(
        name="Shop", goal="pay", touchpoints=[{"id": "ad", "stage": "discovery"}, {"id": "pay", "stage": "purchase"}],
        transitions=[{"source": "ad", "target": "pay", "share": 0.97}],
    )  # fmt: skip
    assert "Starts and ends below 5 % are not drawn." in network_scene(journey).texts()
    assert not any("not drawn" in text for text in network_scene(journey, min_share=0.01).texts())


def test_it_says_itself_in_words_without_being_drawn():
    journey = network_samples.undecided()
    assert describe_network(journey) == network_scene(journey).description
    assert "Journeys begin most often with: Ad 100 %." in describe_network(journey)
    assert "Transitions below 5 % are not drawn" in describe_network(journey)
    with pytest.raises(WrongKindError, match="describe_network"):
        describe_network("broadband.yaml")


def test_names_keep_clear_of_the_rank():
    journey = network_samples.ALL["long"]()
    scene = network_scene(journey, highlight=report("t0", "t3", "t6"))
    assert_readable(paint(scene))
    assert len([item for item in scene.items if isinstance(item, Label) and item.mark == "friction"]) == 3


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
