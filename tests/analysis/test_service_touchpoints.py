"""Each service touchpoint in the toy log: where customers come from, how they feel around it, whether they return."""

from __future__ import annotations

import pytest

from journeymap.analysis.service import locate_service
from journeymap.analysis.service_view import ServiceView
from journeymap.model.journey import Journey
from tests.oracle import TOY_STAGES, journey_from_events, path_rows, toy_journey


def felt(journey: Journey, feelings: dict[str, float], source: str = "researched") -> Journey:
    touchpoints = [
        t.model_copy(update={"feeling": feelings.get(t.floats_as or t.id), "feeling_source": source})
        for t in journey.touchpoints
    ]
    return journey.model_copy(update={"touchpoints": tuple(touchpoints)})


@pytest.fixture(scope="module")
def toy():
    return locate_service(toy_journey())


def test_toy_before_service(toy):
    counts = {step.source: (step.count, step.starts, step.is_service) for step in toy.before}
    assert counts["cart"] == (2, False, False)
    assert counts["onboard"] == (3, False, False)
    assert sum(count for count, _, service in counts.values() if service) == 4
    assert not any(starts for _, starts, _ in counts.values())
    assert sum(step.share.value for step in toy.before) == pytest.approx(1)
    assert [step.count for step in toy.before] == sorted((step.count for step in toy.before), reverse=True)


def test_toy_service_touchpoints(toy):
    found = {row.touchpoint: row for row in toy.by_touchpoint}
    assert {name: row.contacts for name, row in found.items()} == {
        "chat@purchase": 2, "phone@purchase": 1, "chat@post_purchase": 2, "phone@post_purchase": 3, "bot@post_purchase": 1,
    }  # fmt: skip
    assert found["chat@purchase"].share.value == 2 / 10  # journeys that come to the purchase
    assert found["chat@purchase"].share.n == 10
    assert found["phone@purchase"].share.value == 1 / 10
    assert all(
        row.feeling_before is row.feeling is row.feeling_after is row.recovery is None
        for row in found.values()
    )
    assert sum(row.returns.value * row.contacts for row in found.values()) == pytest.approx(4)
    assert (toy.whole.contacts, toy.whole.customers) == (9, 5)
    assert toy.whole.returns.value == pytest.approx(4 / 9)
    assert toy.whole.returns.small_sample


def test_toy_points_stand_in_order(toy):
    stages = [point.stage for point in toy.points]
    assert stages == sorted(stages, key=list(dict.fromkeys(stages)).index)
    assert [point.touchpoint for point in toy.points][:2] == ["ad", "compare"]
    assert {point.name for point in toy.points if point.is_service} == {"Chat", "Phone", "Bot"}
    assert all(point.floats for point in toy.points if point.is_service)
    assert sum(point.visits for point in toy.points) == 67


def small(*paths: str) -> Journey:
    return journey_from_events(
        path_rows(paths, TOY_STAGES, ("chat",), ("renew",)), name="Small", goal=(), service={"chat": {}},
        groups=len(paths), group_of=lambda customer: int(customer[1:]),
    )  # fmt: skip


def test_feelings_before_and_after_weigh_by_how_often():
    journey = small("cart chat onboard", "cart chat onboard", "pay chat renew")
    view = locate_service(felt(journey, {"cart": 2, "pay": -1, "chat": -2, "onboard": 1, "renew": -2}))
    (row,) = [row for row in view.by_touchpoint if row.contacts]
    assert row.feeling_before == pytest.approx((2 + 2 - 1) / 3)
    assert row.feeling == -2
    assert row.feeling_after == pytest.approx((1 + 1 - 2) / 3)
    assert row.recovery == pytest.approx(row.feeling_after - row.feeling_before)
    assert row.assumed == ()
    assert row.returns.value == 0
    assert view.whole.feeling_before == pytest.approx(row.feeling_before)


def test_another_contact_is_neither_before_nor_after_service_as_a_whole():
    journey = small("ad chat chat pay")
    view = locate_service(felt(journey, {"ad": 1, "chat": -2, "pay": 0}))
    (row,) = [row for row in view.by_touchpoint if row.contacts]
    assert (row.contacts, row.returns.value) == (2, 0.5)
    assert (row.feeling_before, row.feeling_after, row.recovery) == (1, 0, -1)
    assert (view.whole.feeling_before, view.whole.feeling_after) == (1, 0)


def test_feelings_that_hardly_anybody_knows_are_not_told():
    journey = small("cart chat", "pay chat", "cart pay chat")
    view = locate_service(felt(journey, {"cart": 2}))
    (row,) = [row for row in view.by_touchpoint if row.contacts]
    assert row.feeling_before is None  # one of three moves comes from a touchpoint with a known feeling
    assert row.feeling_after is None  # nobody went on
    assert row.recovery is None
    known = locate_service(felt(journey, {"cart": 2, "pay": -1}))
    assert next(row for row in known.by_touchpoint if row.contacts).feeling_before == 0


def test_assumed_feelings_are_named():
    view = locate_service(felt(small("ad chat pay"), {"ad": 1, "chat": 0}, source="assumed"))
    (row,) = [row for row in view.by_touchpoint if row.contacts]
    assert row.assumed == ("before", "during")
    assert [point.assumed for point in view.points if point.feeling is not None] == [True, True]
    assert not any(point.assumed for point in view.points if point.feeling is None)


def test_a_journey_may_begin_with_service():
    view = locate_service(small("chat pay", "ad chat"))
    assert {step.source: step.count for step in view.before} == {"start": 1, "ad": 1}


def test_a_designed_map_has_points_and_no_counts():
    design = Journey(name="Map", touchpoints=[
        {"id": "line", "service": True}, {"id": "shop", "stage": "purchase", "feeling": -1, "feeling_source": "measured"},
        {"id": "ad", "stage": "discovery", "feeling": 1},
    ])  # fmt: skip
    view = locate_service(design)
    assert [point.touchpoint for point in view.points] == ["ad", "shop", "line"]
    assert [point.assumed for point in view.points] == [True, False, False]
    assert (view.points[-1].stage, view.points[-1].stage_name, view.points[-1].floats) == (
        "",
        "At any stage",
        True,
    )
    assert view.by_touchpoint == view.before == ()
    assert view.whole is None


def test_a_view_survives_its_dump(toy):
    assert ServiceView.model_validate(toy.model_dump()) == toy


def test_back_into_the_journey_is_a_sentence_on_its_own():
    story = locate_service(small("ad chat pay", "ad chat pay")).story()
    assert "Of all service contacts 100 % lead back into the journey" in story
