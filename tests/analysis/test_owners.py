"""Who answers for what: counted by hand on the toy log, structure on a map, and what few cannot tell."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from journeymap.analysis.friction import find_friction
from journeymap.analysis.owners import locate_owners
from journeymap.analysis.owners_report import NO_OWNER, OwnerMap
from journeymap.errors import JourneyMapError, MissingEvidenceError, WrongKindError
from journeymap.metrics.chain import chain
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from tests.analysis.planted import planted_journey
from tests.oracle import TOY_PATHS, toy_journey

OWNERS = {
    "ad": "brand", "compare": "online", "cart": "online", "pay": "online", "onboard": "product", "renew": None,
    "chat": "care", "phone": "care", "bot": "care",
}  # fmt: skip
SYSTEMS = {"cart": ("Shop",), "pay": ("Shop", "CRM"), "chat": ("Chat desk", "CRM"), "phone": ("CRM",)}
TEAMS = [
    {"id": "brand", "name": "Brand", "kind": "marketing"}, {"id": "online", "name": "Online", "kind": "product"},
    {"id": "product", "name": "Product", "kind": "product"}, {"id": "care", "name": "Care", "kind": "support"},
]  # fmt: skip


def owned(journey, owners=OWNERS, systems=SYSTEMS):
    """The same journey, with its owners and systems."""
    touchpoints = [
        t.model_dump() | {"owner": owners.get(name), "systems": systems.get(name, ())}
        for t in journey.touchpoints
        for name in [t.id.split("@")[0]]
    ]
    return Journey.model_validate(journey.model_dump() | {"touchpoints": touchpoints, "owners": TEAMS})


@pytest.fixture(scope="module")
def toy():
    return owned(toy_journey())


@pytest.fixture(scope="module")
def found(toy):
    return locate_owners(toy, friction=find_friction(toy))


def test_touchpoints_and_visits_by_owner_and_stage(found):
    assert [part.name for part in found.owners] == ["Brand", "Online", "Care", "Product", NO_OWNER]
    assert [part.touchpoints for part in found.owners] == [1, 3, 3, 1, 1]
    # C2: ad 12; compare 12, cart 12, pay 8; onboard 8; chat 4, phone 4, bot 1; renew 6
    assert [part.events for part in found.owners] == [12, 32, 9, 8, 6]
    assert found.owners[2].event_share.value == pytest.approx(9 / 67)
    assert found.owners[2].event_share.n == 67
    names, stages, counts = found.coverage()
    assert (names[2], stages) == (
        "Care", ("Discovery", "Evaluation", "Purchase", "Post-purchase", "Loyalty"),
    )  # fmt: skip
    assert counts[1] == (0, 1, 2, 0, 0)
    # floating ones stand at each stage where they were used: chat and phone at both, bot after the purchase
    assert counts[2] == (0, 0, 2, 3, 0)
    assert [part.events for part in found.owners[2].stages] == [0, 0, 3, 6, 0]
    assert found.stages_without_owner == ("Loyalty",)
    assert found.touchpoints_without_owner == ("Renew",)


def test_hand_offs_are_those_counted_by_hand(found):
    moves = Counter(
        (OWNERS[a] or "", OWNERS[b] or "") for path in TOY_PATHS for a, b in pairwise(path.split())
    )
    assert sum(moves.values()) == 55
    assert {(one.source, one.target): one.moves for one in found.hand_offs} == moves
    between = {pair: count for pair, count in moves.items() if all(pair)}
    changing = sum(count for (a, b), count in between.items() if a != b)
    assert (found.handed_on.value, found.handed_on.n) == (
        changing / sum(between.values()),
        sum(between.values()),
    )
    # every wait of the toy log is an hour
    assert found.wait_handed_on.value == pytest.approx(found.handed_on.value)
    names, rows = found.matrix()
    assert rows[names.index("Online")][names.index("Product")] == moves["online", "product"] == 8
    care = found.owners[2].handed_on
    # from care: chat → cart, and the moves within care; the way to renew has no owner
    assert (care.value, care.n) == (1 / 5, 5)
    first = found.hand_offs[0]
    assert (first.source, first.target, first.changes) == ("online", "online", False)
    assert sum(one.share.value for one in found.hand_offs if one.share.value is not None) == pytest.approx(1)


def test_what_is_decided_sums_to_what_the_chain_says(toy, found):
    # C2: chat@purchase .0589, chat@post .0417, phone@post .1667
    assert found.owners[2].decisiveness.value == pytest.approx(0.0589 + 0.0417 + 0.1667, abs=2e-4)
    assert found.owners[3].decisiveness.value == pytest.approx(0.2917, abs=1e-4)
    whole = sum(part.decisiveness.value for part in found.owners)
    assert whole + chain(toy).start_decisiveness.value == pytest.approx(1)


def test_systems_inside_and_outside_service(found):
    inside, outside = found.systems
    # chat and phone of chat, phone and bot; 8 of 9 contacts
    assert (inside.family, inside.with_systems, inside.touchpoints) == ("service", 2, 3)
    assert inside.event_share.value == pytest.approx(8 / 9)
    assert inside.systems == (("CRM", 2), ("Chat desk", 1))
    # cart and pay of six; 20 of 58 visits
    assert (outside.with_systems, outside.touchpoints) == (2, 6)
    assert outside.event_share.value == pytest.approx(20 / 58)
    assert outside.share.value == pytest.approx(2 / 6)
    assert found.shared_systems == ("CRM",)


def test_by_part_of_the_company(toy):
    kinds = locate_owners(toy, by="kind")
    assert [part.name for part in kinds.owners] == ["marketing", "product", "support", NO_OWNER]
    assert [part.events for part in kinds.owners] == [12, 40, 9, 6]
    assert str(kinds).splitlines()[1].startswith("3 parts of the company answer for 8 of 9 touchpoints")
    # what passes from Online to Product stays within one part of the company
    assert kinds.handed_on.value < locate_owners(toy).handed_on.value


def test_the_toy_says_what_it_cannot_tell(found):
    said = str(found)
    assert "4 owners answer for 8 of 9 touchpoints; none is at every stage" in said
    assert "In Loyalty nobody is named for any touchpoint. Nobody is named for “Renew”." in said
    assert "No point of friction is proven" in said
    assert "cannot tell" in said
    assert "Systems are named for 2 of 3 service touchpoints (89 % of their events)" in said
    assert "CRM stands on both sides" in said


def test_planted_friction_lies_with_its_owner():
    planted = planted_journey(3, leaves=["payment"])
    owners = dict.fromkeys(("ad", "thanks"), "brand") | {
        "basket": "online", "address": "online", "delivery": "logistics", "payment": "finance", "review": "finance",
        "chat": "care",
    }  # fmt: skip
    journey = owned(planted, owners).model_copy(update={"owners": ()})
    report = find_friction(journey)
    found = locate_owners(journey, friction=report)
    parts = {part.owner: part for part in found.owners}
    assert parts["finance"].friction == ("Payment",)
    point = next(point for point in report.points if point.touchpoint == "payment")
    assert parts["finance"].gain.value == pytest.approx(point.gain.value)
    assert (parts["finance"].gain.low, parts["finance"].gain.high) == pytest.approx(
        (point.gain.low, point.gain.high)
    )
    assert parts["finance"].gain_journeys == pytest.approx(point.gain_journeys)
    assert parts["online"].friction == ()
    assert parts["online"].gain.value == 0
    assert "Mending those of finance would bring" in str(found)
    assert sum(part.decisiveness.value for part in found.owners) == pytest.approx(1)
    assert found.handed_on.low < found.handed_on.value < found.handed_on.high
    without = {part.owner: part for part in locate_owners(journey).owners}
    assert without["finance"].gain.value is None
    assert "find_friction" in without["finance"].gain.definition


MAP = Journey(
    name="Map",
    owners=TEAMS,
    touchpoints=[
        {"id": "ad", "stage": "discovery", "owner": "brand"},
        {"id": "shop", "stage": "purchase", "owner": "Online shop", "systems": ["Shop"]},
        {"id": "use", "stage": "post_purchase"},
        {"id": "line", "owner": "care", "service": True},
    ],
    transitions=[
        {"source": "ad", "target": "shop"}, {"source": "shop", "target": "line@purchase"},
        {"source": "line@purchase", "target": "shop"}, {"source": "shop", "target": "use"},
    ],
)  # fmt: skip


def test_a_designed_map_tells_its_structure():
    found = locate_owners(MAP)
    assert not found.observed
    assert [part.name for part in found.owners] == ["Brand", "Online shop", "Care", NO_OWNER]
    assert found.coverage()[1][-1] == "Any stage"
    assert found.coverage()[2][2] == (0, 0, 0, 0, 0, 1)
    # "any stage" is none of the five
    assert [part.reach for part in found.owners] == ["1 of 5", "1 of 5", "at any stage", "1 of 5"]
    more = {"id": "ask", "stage": "loyalty", "owner": "care"}
    both = locate_owners(
        Journey.model_validate(MAP.model_dump() | {"touchpoints": [*MAP.model_dump()["touchpoints"], more]})
    )
    assert both.owners[2].reach == "1 of 5, and at any stage"
    assert found.stages_without_owner == ("Post-purchase",)
    assert {(one.source, one.target): one.ways for one in found.hand_offs} == {
        ("brand", "Online shop"): 1, ("Online shop", "care"): 1, ("care", "Online shop"): 1, ("Online shop", ""): 1,
    }  # fmt: skip
    assert found.matrix()[1][0] == (0, 1, 0, 0)
    assert found.handed_on.value is None
    assert all(part.decisiveness.value is None for part in found.owners)
    said = str(found)
    assert "Care may be met at any stage" in said
    assert "3 ways of the design change hands; how many customers take them, a map cannot tell." in said


@pytest.mark.parametrize("journey", [
    Journey(name="Empty"),
    Journey(name="Nobody", touchpoints=[{"id": "ad", "stage": "discovery"}]),
    Journey(name="One", touchpoints=[{"id": "ad", "stage": "discovery", "owner": "Brand"}]),
    toy_journey(),
    owned(toy_journey(), dict.fromkeys(OWNERS, "brand"), {}),
    owned(toy_journey()).model_copy(update={"goal": ()}),
    MAP,
])  # fmt: skip
def test_results_travel_and_can_be_shown(journey):
    found = locate_owners(journey)
    assert OwnerMap.model_validate_json(found.model_dump_json()) == found
    assert "nan" not in f"{found}{found._repr_html_()}"
    assert len(found.to_frame()) == len(found.owners)
    assert len(found.coverage_frame()) == sum(len(part.stages) for part in found.owners)
    assert len(found.hand_off_frame()) == len(found.hand_offs)


def test_without_owners_nobody_can_be_asked():
    assert "nobody can be asked" in str(locate_owners(toy_journey()))
    assert "names the kind" in str(locate_owners(owned(toy_journey(), dict.fromkeys(OWNERS, "x")), by="kind"))


def test_html_is_escaped():
    assert "<i>" not in locate_owners(owned(toy_journey(), dict.fromkeys(OWNERS, "<i>")))._repr_html_()


def test_what_does_not_fit_is_refused(toy):
    with pytest.raises(MissingEvidenceError):
        locate_owners(toy.model_copy(update={"evidence": ()}))
    with pytest.raises(WrongKindError):
        locate_owners("journey.yaml")
    with pytest.raises(WrongKindError):
        locate_owners(toy, friction="much")
    with pytest.raises(JourneyMapError, match="has no touchpoint"):
        locate_owners(Journey(name="Other"), friction=find_friction(toy))


def test_who_decides_most_is_only_said_where_it_is_sure(found):
    def told(*shares):
        parts = [
            part.model_copy(update={"decisiveness": Estimate(value=v, low=v - w, high=v + w)})
            for part, (v, w) in zip(found.named, shares, strict=False)
        ]
        return " ".join(found.model_copy(update={"owners": tuple(parts)}).story())

    assert "More is decided between won and lost at Brand 50 %" in told((0.5, 0.1), (0.2, 0.1))
    assert "these counts cannot tell" in told((0.5, 0.2), (0.4, 0.1))
    assert "these few cannot tell" in told((0.5, 0.3), (0.1, 0.1))
    assert "What decides between won and lost: Brand" in told((0.5, 0.1))
