"""Which ways are drawn whatever their share, and which are pale: by how many go, not by their share alone."""

from __future__ import annotations

import pytest

from journeymap.model.journey import Journey
from journeymap.render.network import network_scene
from journeymap.render.network_content import network_of
from journeymap.render.network_lines import THIN, faint
from journeymap.render.theme import DEFAULT_THEME
from tests.render import network_samples
from tests.render.test_network import arrows, written


def visited(*rows):
    """An observed shop: touchpoints with stage, visits and customers."""
    return [
        {"id": name, "stage": stage, "visits": {"count": count, "customers": customers, "journeys": customers, "share": 0.5}}
        for name, stage, count, customers in rows
    ]  # fmt: skip


def shop():
    """A cart from which a few of many ways on lead to the till, and a chat with one large share of few visits."""
    places = visited(
        ("cart", "evaluation", 1200, 500), ("chat", "evaluation", 26, 25), ("pay", "purchase", 200, 190)
    )
    moves = [
        ("cart", "pay", 165, 150), ("chat", "pay", 8, 8), ("cart", "chat", 26, 25), ("cart", "cart", 700, 300),
        ("pay", "cart", 3, 3), ("chat", "cart", 1, 1),
    ]  # fmt: skip
    visits = {place["id"]: place["visits"]["count"] for place in places}
    return Journey(
        name="Shop", origin="observed", goal="pay", touchpoints=places, observation=network_samples.SEEN,
        transitions=[
            {"source": source, "target": target, "count": count, "customers": customers, "share": count / visits[source]}
            for source, target, count, customers in moves
        ],
    )  # fmt: skip


def test_the_most_frequent_way_in_and_out_is_drawn_whatever_its_share():
    network = network_of(shop(), min_share=0.3)
    drawn_ways = {(link.source, link.target) for link in network.links}
    # Out of the cart and into the till most come by 14 %; who stays at the cart is no way in or out of it.
    assert drawn_ways == {
        ("cart", "pay"),
        ("cart", "chat"),
        ("chat", "pay"),
        ("pay", "cart"),
        ("cart", "cart"),
    }
    assert (network.kept, network.hidden) == (3, 1)
    scene = network_scene(shop(), min_share=0.3)
    said = "Transitions below 30 % are not drawn (1 of them, <1 % of all), except each touchpoint's most frequent way in and out."
    assert said in scene.description.replace("\n", " ")
    (way,) = [arrow for arrow in arrows(scene) if arrow.joins == ("cart", "pay")]
    assert way.width == pytest.approx(0.6 + 5 * 165 / 1200)
    assert "14 %" in written(scene)


def test_without_counts_the_largest_share_is_the_way_in_and_out():
    journey = Journey(
        name="Shop", touchpoints=[{"id": name, "stage": "discovery"} for name in ("a", "b", "c")],
        transitions=[
            {"source": "a", "target": "b", "share": 0.04}, {"source": "a", "target": "c", "share": 0.03},
            {"source": "b", "target": "c", "share": 0.02}, {"source": "b", "target": "a", "share": 0.0},
        ],
    )  # fmt: skip
    assert {(link.source, link.target) for link in network_of(journey).links} == {
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    }


def test_channels_keep_their_most_frequent_way_and_are_called_boxes():
    network = network_of(network_samples.ALL["many"](), min_share=0.9)
    assert network.kept
    places = {node.id for node in network.nodes}
    ways = [link for link in network.links if link.source != link.target]
    assert {link.source for link in ways} == places == {link.target for link in ways}
    assert any("each box's most frequent" in text for text in network_scene(network_samples.ALL["many"](), min_share=0.9).texts())  # fmt: skip


def test_an_arrow_is_pale_for_its_own_customers():
    few = {(link.source, link.target): link.few for link in network_of(shop(), min_share=0.0).links}
    assert few == {
        ("cart", "pay"): False, ("cart", "chat"): False, ("cart", "cart"): False,
        ("chat", "pay"): True, ("pay", "cart"): True, ("chat", "cart"): True,
    }  # fmt: skip
    ways = [t for t in shop().transitions if (t.source, t.target) in {("cart", "pay"), ("pay", "cart")}]
    back = network_scene(shop().model_copy(update={"transitions": tuple(ways)}))
    assert {"back", "few"} <= set(back.legend)  # pale and dashed: both are explained
    (pale,) = [arrow for arrow in arrows(network_scene(shop())) if arrow.joins == ("chat", "pay")]
    assert (pale.mark, pale.width, pale.colour) == ("few", THIN, faint(DEFAULT_THEME.edge, DEFAULT_THEME))
