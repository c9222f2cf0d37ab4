"""How much of the journey, its friction and its decisions is service."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.analysis.friction import find_friction
from journeymap.analysis.owners import locate_owners
from journeymap.analysis.service_place import FrictionElsewhere, ServicePlace, channel_mix, place_service
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.metrics.chain import chain
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from tests.analysis.test_owners import owned


@pytest.fixture
def toy(toy_log, toy_design):
    return discover_journey(toy_log, toy_design)


@pytest.fixture
def place(toy):
    return place_service(toy, find_friction(toy))


def test_nine_of_67_events_are_service(place):
    # methods §5.1: 9 of 67 events; every event but the last takes an hour, 9 contacts of which 3 end journeys
    assert place.outside_events.value == pytest.approx(58 / 67)
    assert place.outside_events.n == 67
    # 55 moves of an hour each, 7 of which start at a contact (journeys 8 and 11 end with one)
    assert place.outside_time.value == pytest.approx(1 - 7 / 55)


def test_contacts_fall_during_and_after_the_purchase(place):
    found = {one.period: (one.events, one.contacts) for one in place.periods}
    # C2: chat twice in purchase, twice after; phone 1 and 3; bot after: 3 of 9 during, 6 after
    assert found == {"before": (24, 0), "during": (23, 3), "after": (20, 6)}
    assert [one.share_of_contacts.value for one in place.periods] == pytest.approx([0, 1 / 3, 2 / 3])


def test_decisiveness_of_stages_sums_to_what_the_chain_says(toy, place):
    # C2: chat@purchase .0589 + chat@post .0417 + phone@post .1667 = .2673 in service
    assert place.of("service").decisiveness.value == pytest.approx(0.0589 + 0.0417 + 0.1667, abs=2e-4)
    assert place.of("service", "post_purchase").decisiveness.value == pytest.approx(0.0417 + 0.1667, abs=2e-4)
    whole = sum(place.of(family).decisiveness.value for family in ("service", "other"))
    assert whole + chain(toy).start_decisiveness.value == pytest.approx(1)
    with pytest.raises(KeyError):
        place.of("service", "nowhere")


def test_few_journeys_cannot_tell_what_is_decided_in_service(place):
    assert "cannot tell" in str(place)
    assert "87 % of all events" in str(place)
    assert len(place.to_frame()) == 12
    assert "Inside and outside service" in place._repr_html_()


def test_friction_is_counted_inside_and_outside(toy):
    report = find_friction(toy)
    proven = [point.model_copy(update={"signals": _proven(point)}) for point in report.points]
    place = place_service(toy, report.model_copy(update={"points": tuple(proven)}))
    # chat and phone float: each is at two stages, and one point of friction in all
    floats = {t.id: t.floats_as or t.id for t in toy.touchpoints}
    nodes = [point.touchpoint for point in proven if point.is_friction and point.is_service]
    service = {floats[node] for node in nodes}
    others = [point.touchpoint for point in proven if point.is_friction and not point.is_service]
    assert len(nodes) > len(service) > 0
    assert others
    assert (place.of("service").friction, place.of("other").friction) == (len(service), len(others))
    assert sum(one.friction for one in place.families if one.stage and one.family == "service") == len(nodes)
    assert f"{len(service)} of {len(service) + len(others)} points of friction" in str(place)
    assert [one.touchpoint for one in place.outside] == others
    assert ServicePlace.model_validate_json(place.model_dump_json()) == place
    report = report.model_copy(update={"points": tuple(proven)})
    teams = locate_owners(owned(toy), friction=report).owners
    # of the same journey, owners count as many
    assert sum(len(part.friction) for part in teams) == len(service) + len(others)


def test_friction_elsewhere_names_owner_and_a_gain_that_is_no_chance():
    gain = Estimate(value=0.006, low=0.004, high=0.008)
    bill = FrictionElsewhere(touchpoint="bill", name="First bill", owner="Billing", gain=gain)
    assert str(bill) == "“First bill” (Billing, expected gain 0.60 points of conversion)"
    chance = gain.model_copy(update={"low": 0.0})
    assert str(bill.model_copy(update={"gain": chance})) == "“First bill” (Billing)"
    assert str(bill.model_copy(update={"gain": None, "owner": ""})) == "“First bill”"


def _proven(point):
    return tuple(signal.model_copy(update={"significant": True}) for signal in point.signals)


def test_without_friction_and_goal_there_is_only_the_share(toy_log, toy_design):
    bare = discover_journey(toy_log, toy_design.model_copy(update={"goal": ()}))
    place = place_service(bare, None)
    assert place.of("service").decisiveness.value is None
    assert str(place).splitlines()[-1] == "No point of friction is proven, in service or outside."
    assert ServicePlace(outside_events=place.of("service").decisiveness,
                        outside_time=place.of("service").decisiveness).story() == ()  # fmt: skip


def test_channels_and_initiators_come_from_the_design():
    design = Journey(
        name="Club",
        goal="renew",
        touchpoints=[
            {"id": "use", "stage": "post_purchase"},
            {"id": "phone", "stage": "post_purchase", "channels": "phone", "service": True},
            {"id": "check_in", "stage": "loyalty", "channels": ["email", "app"],
             "service": {"initiator": "company"}},
            {"id": "desk", "stage": "loyalty", "service": True},
            {"id": "renew", "stage": "loyalty"},
        ],
    )  # fmt: skip
    paths = ["use phone phone check_in renew", "use check_in renew", "use desk"]
    rows = [(f"c{n}", event, f"2024-05-0{n + 1}T{hour:02d}:00:00")
            for n, path in enumerate(paths) for hour, event in enumerate(path.split())]  # fmt: skip
    table = pa.table(dict(zip(("who", "what", "when"), map(list, zip(*rows, strict=True)), strict=True)))
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    place = place_service(discover_journey(log, design), None)
    assert dict(place.by_channel) == {"phone": 2, "several": 2, "not stated": 1}
    found = {one.name: (one.contacts, one.proactive) for one in place.proactive}
    assert found == {"Post-purchase": (2, 0), "Loyalty": (3, 2), "All stages": (5, 2)}
    assert channel_mix(design, {}) == (("phone", 1), ("several", 1), ("not stated", 1))
