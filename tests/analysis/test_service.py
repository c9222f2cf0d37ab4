"""Where service sits in the toy log, and what is planted in a larger one."""

from __future__ import annotations

import pytest

from journeymap.analysis.service import locate_service
from journeymap.analysis.service_view import ServiceView
from journeymap.errors import MissingEvidenceError
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from tests.analysis.planted import planted_journey
from tests.oracle import TOY_STAGES, journey_from_events, path_rows, toy_journey


@pytest.fixture(scope="module")
def toy():
    return locate_service(toy_journey())


def test_toy_shares(toy):
    assert (toy.event_share.value, toy.event_share.n) == (9 / 67, 67)
    assert toy.journey_share.value == toy.customer_share.value == 5 / 12
    assert (toy.touchpoints, toy.service_touchpoints, toy.floating) == (9, 3, ("Chat", "Phone", "Bot"))


def test_toy_stages(toy):
    counts = {s.stage: (s.events, s.service_events, s.journeys, s.service_journeys) for s in toy.stages}
    assert counts == {
        "discovery": (12, 0, 12, 0), "evaluation": (12, 0, 10, 0), "purchase": (23, 3, 10, 2),
        "post_purchase": (14, 6, 8, 3), "loyalty": (6, 0, 6, 0),
    }  # fmt: skip
    assert sum(s.seconds for s in toy.stages) == 55 * 3600  # 67 events, 12 of them the last of a journey
    assert toy.stages[2].share.value == 0.2


def test_toy_triggers(toy):
    triggers = {t.touchpoint: t for t in toy.triggers}
    assert set(triggers) == {"cart", "onboard"}
    assert all(t.base == pytest.approx(5 / 58) for t in toy.triggers)
    assert (triggers["cart"].followed, triggers["cart"].visits) == (2, 12)
    assert triggers["cart"].lift.value == pytest.approx(29 / 15)
    assert (triggers["onboard"].followed, triggers["onboard"].visits) == (3, 8)
    assert triggers["onboard"].lift.value == pytest.approx(87 / 20)
    assert triggers["cart"].lift.low < 1 < triggers["cart"].lift.high
    assert triggers["cart"].targets == (("chat@purchase", 2),)
    assert not any(t.significant for t in toy.triggers)


def test_toy_after_service(toy):
    after = {a.target: (a.count, a.ends, a.is_service) for a in toy.after}
    assert after == {
        "phone@post_purchase": (2, False, True), "renew": (2, False, False), "lost": (2, True, False),
        "chat@post_purchase": (1, False, True), "cart": (1, False, False), "phone@purchase": (1, False, True),
    }  # fmt: skip
    assert sum(a.share.value for a in toy.after) == pytest.approx(1)


def test_toy_mix(toy):
    assert toy.by_handler == (("human", 8), ("bot", 1))
    assert dict(toy.by_need) == {"advice": 4, "complaint": 4, "information": 1}
    assert toy.by_initiator == (("customer", 9),)


def test_toy_story_says_that_it_cannot_tell(toy):
    story = toy.story()
    assert story.startswith("Service is 9 of 67 events (13 %); 42 % of customers")
    assert "these counts cannot tell" in story
    assert "22 % (5 % to 62 %) are the last event of a lost journey" in story


def test_the_planted_trigger_is_found_and_no_other():
    view = locate_service(planted_journey(11, asks=["delivery"]))
    assert [t.touchpoint for t in view.triggers if t.significant] == ["delivery"]
    first = view.triggers[0]
    assert first.lift.low > 2
    assert first.share.low < 0.25 < first.share.high
    assert "After “Delivery” customers turn to service" in view.story()


def test_without_a_planted_trigger_none_is_found():
    assert [
        t for seed in (1, 2) for t in locate_service(planted_journey(seed)).triggers if t.significant
    ] == []


def test_a_counted_union_is_used():
    journey = toy_journey()
    tables = {table.name: table for table in journey.evidence}
    service = tables["service"]
    union = EvidenceTable(
        **service.model_dump(exclude={"keys", "row", "group", "measures"}),
        keys=(*service.keys, ("purchase", "any")),
        row=(*service.row, *[len(service.keys)] * 12),
        group=(*service.group, *range(12)),
        measures={name: (*counts, *[1] * 12) for name, counts in service.measures.items()},
    )
    changed = journey.model_copy(update={"evidence": tuple((tables | {"service": union}).values())})
    assert locate_service(changed).stages[2].share.value == pytest.approx(2 / 12)


def test_a_designed_map_tells_its_structure():
    design = Journey(
        name="Map",
        touchpoints=[
            {"id": "ad", "stage": "discovery", "feeling": 1},
            {"id": "shop", "stage": "purchase", "feeling": -1},
            {"id": "help", "stage": "purchase", "feeling": 2, "service": {"handler": "bot"}},
            {"id": "line", "service": True},
        ],
    )
    view = locate_service(design)
    assert not view.observed
    assert (view.touchpoints, view.service_touchpoints, view.floating) == (4, 2, ("Line",))
    purchase = view.stages[2]
    assert (purchase.touchpoints, purchase.service_touchpoints) == (2, 1)
    assert (purchase.feeling, purchase.service_feeling) == (-1, 2)
    assert purchase.share.value is None
    assert dict(view.by_handler) == {"bot": 1, "not stated": 1}
    assert "designed map cannot tell" in view.story()
    assert "Service is placed in Purchase.\nLine may serve customers at any stage." in view.story()
    assert "service touchpoints" in view._repr_html_()
    assert len(view.to_frame()) == 10


def test_a_map_without_service():
    assert "has no service touchpoint" in locate_service(Journey(name="Map")).story()


def observed(paths, **more):
    return journey_from_events(
        path_rows(paths, TOY_STAGES, ("chat",), ("renew",)), name="Small", goal=more.get("goal", ()),
        service={"chat": {}}, groups=len(paths), group_of=lambda customer: int(customer[1:]),
    )  # fmt: skip


@pytest.mark.parametrize(
    "paths", [["ad"], ["chat"], ["ad chat"], ["chat", "chat ad"], ["ad chat renew chat", "ad"]]
)
def test_small_logs_never_break(paths):
    view = locate_service(observed(paths))
    assert ServiceView.model_validate(view.model_dump()) == view
    assert view.story()
    assert "nan" not in f"{view}{view._repr_html_()}"
    view.to_frame()


def test_service_from_the_very_start_has_no_trigger():
    view = locate_service(observed(["chat", "chat"]))
    assert view.triggers == ()
    assert "where these journeys begin" in view.story()


def test_html_is_escaped():
    journey = toy_journey().model_copy(update={"name": "<i>"})
    assert "<i>" not in locate_service(journey)._repr_html_()


def test_observed_without_counts_is_refused():
    bare = toy_journey().model_copy(update={"evidence": ()})
    with pytest.raises(MissingEvidenceError):
        locate_service(bare)


def test_without_a_goal_nothing_is_lost_after_service():
    rows = path_rows(("ad chat", "ad chat"), TOY_STAGES, {"chat": {}}, ())
    view = locate_service(
        journey_from_events(
            rows, name="Toy", goal=(), service={"chat": {}}, groups=2, group_of=lambda c: int(c[1:]) % 2
        )
    )
    assert [(after.target, after.name, after.count) for after in view.after] == [("ended", "Journey ends", 2)]
    assert "lost" not in view.story()
