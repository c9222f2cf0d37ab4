"""The whole view of service: from a design alone, a log, and a log with all that is known."""

from __future__ import annotations

import pytest

from journeymap.analysis.friction import find_friction
from journeymap.analysis.service import locate_service
from journeymap.analysis.service_view import ServiceView
from journeymap.datasets import example_feedback, example_journey, example_log, example_tickets
from journeymap.events.discover import discover_journey
from journeymap.events.service import with_service
from journeymap.metrics.with_tickets import with_tickets


@pytest.fixture(scope="module")
def served():
    """The example with its log, its survey and its tickets, of 2,000 customers."""
    log = example_log(customers=2_000)
    journey = discover_journey(log, example_journey())
    survey = example_feedback(customers=2_000)
    journey = with_service(journey, log, feedback=survey, feeling_from="stars", window="14 days")
    return with_tickets(journey, example_tickets(customers=2_000), log=log, window="14 days")


@pytest.fixture(scope="module")
def view(served):
    return locate_service(served)


@pytest.fixture
def toy_view(toy_log, toy_design):
    return locate_service(with_service(discover_journey(toy_log, toy_design), toy_log, min_customers=1))


def test_the_toy_story_says_that_the_apparent_benefit_vanishes(toy_view):
    # methods §5.4, C2: 3 of 5 with a contact reach the goal, 3 of 7 without; after the purchase 2/3 and 4/5
    story = toy_view.story()
    assert "9 of 67 events (13 %); 42 % of customers" in story
    assert "60 % of the journeys with a service contact reach the goal and 43 % of those without" in story
    assert "the apparent benefit vanishes" in story
    effect = toy_view.effects[0]
    assert effect.landmarked_with.value == pytest.approx(2 / 3)
    assert effect.landmarked_without.value == pytest.approx(4 / 5)


def test_the_toy_episodes_and_triggers_are_those_of_the_log(toy_view):
    # C2: five episodes, two resolved by a single contact, three recovered, two escalated, one repeat
    episodes = toy_view.episodes
    assert episodes.episodes == 5
    assert [
        round(5 * share.value)
        for share in (
            episodes.single_contact_resolved, episodes.resolved, episodes.escalated, episodes.repeated,
        )
    ] == [2, 3, 2, 1]  # fmt: skip
    assert {t.touchpoint: t.lift.value for t in toy_view.triggers} == pytest.approx(
        {"cart": 29 / 15, "onboard": 87 / 20}
    )


def test_a_design_alone_tells_structure_and_says_so():
    view = locate_service(example_journey())
    assert "a designed map cannot tell" in view.story()
    assert view.owners is not None
    assert view.place is None
    assert view.effects == ()
    assert view.not_measured[0][0] == "what customers do"


def test_a_log_adds_its_place_and_says_what_would_tell_more(toy_log, toy_design):
    view = locate_service(discover_journey(toy_log, toy_design))
    assert view.place.outside_events.value == pytest.approx(58 / 67)
    assert (view.causes, view.episodes, view.effects, view.gap) == (None, None, (), None)
    missing = dict(view.not_measured)
    assert "with_service" in missing["how journeys go on with and without a contact"]
    assert "feeling_col" in missing["how customers feel in service and outside it"]
    assert "owner" in missing["which team causes contacts, and which carries them"]


def test_everything_known_is_told(view):
    assert view.gap.customers > 50
    assert [(effect.outcome, effect.of) for effect in view.effects] == [
        ("goal", None), ("retained", None), ("goal", "company"),
    ]  # fmt: skip
    assert "feeling_col" in dict(view.not_measured)["how customers feel after a contact"]
    assert view.self_service.contacts > 500
    assert view.overshadow is not None
    assert view.interaction is not None
    story = view.story()
    for part in (
        "Open the first bill",
        "none outside service",
        "episodes of contacts",
        "vanishes",
        "the rest of the experience",
    ):
        assert part in story
    assert len(story.split(". ")) < 20


def test_an_outcome_that_nobody_was_watched_for_is_named(toy_view):
    # the toy log ends before anybody could have come back 30 to 60 days later
    assert [effect.outcome for effect in toy_view.effects] == ["goal"]
    how = dict(toy_view.not_measured)["how many come back after a contact"]
    assert how == "a shorter retained_after in with_service(journey, log): nobody was watched for 60 days"


def test_it_travels_as_json(view):
    again = ServiceView.model_validate_json(view.model_dump_json())
    assert again == view
    assert again.story() == view.story()


def test_friction_found_before_is_used(served, view):
    report = find_friction(served)
    assert locate_service(served, friction=report).place == view.place
    empty = report.model_copy(update={"points": ()})
    assert locate_service(served, friction=empty).place.of("other").friction == 0


def test_the_frame_has_friction_and_decisions_by_stage_and_family(view):
    frame = view.to_frame()
    assert list(frame["family"]) == ["service", "other"] * 5
    assert {"friction", "decisiveness", "decisiveness_low", "decisiveness_high"} <= set(frame.columns)
    assert frame["decisiveness"].sum() == pytest.approx(1, abs=0.1)
