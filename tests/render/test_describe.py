"""Reports in words: the same sentences as the results themselves, and every name on the figure."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.analysis.moments import find_moments
from journeymap.analysis.service_parts import StageService
from journeymap.analysis.service_view import ServiceView
from journeymap.model.journey import Journey, Persona
from journeymap.model.measures import Estimate
from journeymap.model.scorecard import Scorecard
from journeymap.render.blueprint import describe_blueprint, draw_blueprint
from journeymap.render.cohorts import describe_cohorts, draw_cohorts
from journeymap.render.describe import describe
from journeymap.render.journey_map import draw_map
from journeymap.render.panel_chart import describe_panel, draw_panel
from journeymap.render.persona import describe_persona
from journeymap.render.scorecard import describe_scorecard, draw_scorecard
from tests.oracle import toy_journey
from tests.render.behaviour_samples import some_cohorts, some_panel
from tests.render.samples import tiny


def test_friction_names_what_is_friction_and_what_is_not():
    bad = Signal(kind="drop_off", touchpoint="pay", estimate=Estimate(value=0.4), baseline=0.1, baseline_source="stage",
                 p=0.001, p_adjusted=0.004, significant=True, affected=120)  # fmt: skip
    report = FrictionReport(
        journey="Shop",
        journeys=900,
        customers=800,
        points=(
            FrictionPoint(touchpoint="pay", name="Pay", stage="purchase", signals=(bad,), affected=120),
            FrictionPoint(touchpoint="look", name="Look around"),
        ),
    )
    text = describe(report)
    assert text.startswith(str(report))
    assert "1. Pay" in text
    assert text.endswith("No friction was found at Look around.")
    assert describe(FrictionReport(journey="Shop")) == str(FrictionReport(journey="Shop"))


def test_service_is_told_stage_by_stage():
    share = Estimate(value=0.25)
    view = ServiceView(
        journey="Shop", observed=True, touchpoints=4, service_touchpoints=1, event_share=share, journey_share=share,
        customer_share=share,
        stages=(StageService(stage="purchase", name="Purchase", events=40, service_events=1, share=share),
                StageService(stage="loyalty", name="Loyalty", share=share)),
    )  # fmt: skip
    lines = describe(view).splitlines()
    told = str(view).splitlines()
    assert lines[: len(told)] == told
    assert lines[len(told) :] == ["Purchase: 1 of 40 visits is service."]


def test_axes_are_told_by_what_was_drawn_on_them():
    journey = tiny()
    assert describe(draw_blueprint(journey)) == describe_blueprint(journey)
    assert describe(draw_map(journey)) == describe(journey)


def test_a_persona_is_told_in_words():
    assert describe(Persona(id="kim", goals="Pay less")) == describe_persona(
        Persona(id="kim", goals="Pay less")
    )


@pytest.mark.parametrize(
    ("value", "tell", "draw"),
    [
        (some_cohorts("months"), describe_cohorts, draw_cohorts),
        (some_panel("plain"), describe_panel, draw_panel),
        (Scorecard(journey="Shop"), describe_scorecard, draw_scorecard),
    ],
    ids=lambda one: type(one).__name__,
)
def test_results_are_told_as_their_figures_are(value, tell, draw):
    assert describe(value) == tell(value) == describe(draw(value))


def test_moments_are_told_as_the_report_tells_them():
    report = find_moments(toy_journey())
    assert describe(report) == str(report)
    assert "Decisiveness" in describe(report)


@pytest.mark.parametrize("value", [7, plt.figure().add_subplot()])
def test_what_no_figure_shows_has_no_words(value):
    with pytest.raises(TypeError, match="no text alternative for"):
        describe(value)


def test_every_lane_of_a_blueprint_is_said():
    journey = Journey(name="Shop", touchpoints=[
        {"id": "pay", "stage": "purchase", "evidence": "Receipt", "frontstage": "Payment form", "backstage": "Booking", "systems": "Bank"}
    ])  # fmt: skip
    text = describe(journey)
    for said in ("Evidence: Receipt.", "Frontstage: Payment form.", "Backstage: Booking.", "Systems: Bank."):
        assert said in text
