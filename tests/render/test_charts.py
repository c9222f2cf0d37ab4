"""Friction and service as charts: the right marks for what is known, and a sentence for what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.analysis.service_view import ServiceAfter, ServiceTrigger, ServiceView, StageService
from journeymap.errors import WrongKindError
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import Axis, round_steps
from journeymap.render.charts import draw_friction, draw_service
from journeymap.render.friction_chart import friction_scene
from journeymap.render.journey_map import draw_map
from journeymap.render.network import draw_network
from journeymap.render.scene import Box, Label, Marker, Polygon
from journeymap.render.service_chart import service_scene
from journeymap.render.theme import DEFAULT_THEME, PRINT_THEME
from tests.render.overlap import assert_readable

UNKNOWN = Estimate(value=None)


def signal(kind, value, baseline=None, *, significant=False):
    excess = None if baseline is None else (value / baseline - 1 if kind == "waiting" else value - baseline)
    return Signal(
        kind=kind, touchpoint="x", estimate=Estimate(value=value, low=value * 0.9, high=value * 1.1, n=900, customers=800),
        baseline=baseline, baseline_source=None if baseline is None else "stage", excess=excess,
        p=0.001 if significant else 0.4, p_adjusted=0.004 if significant else 0.6, significant=significant, affected=120,
    )  # fmt: skip


def point(name, *signals, gain=None, journeys=None, saved=None, service=False):
    return FrictionPoint(
        touchpoint=name, name=name, stage="purchase", stage_name="Purchase", is_service=service, signals=signals,
        gain=None if gain is None else Estimate(value=gain, low=gain - 0.008, high=gain + 0.01, n=900, customers=800),
        gain_journeys=journeys, time_gain=None if saved is None else Estimate(value=saved, low=saved / 2, high=saved * 2),
        affected=120,
    )  # fmt: skip


PAYMENT = point(
    "Payment error", signal("drop_off", 0.52, 0.21, significant=True), signal("self_loop", 0.08, 0.06),
    signal("repetition", 0.3, 0.12, significant=True), signal("regression", 0.2, 0.18),
    signal("waiting", 90_000, 40_000, significant=True), gain=0.031, journeys=152.0, saved=86_000.0,
)  # fmt: skip
HELP = point("Help line", signal("drop_off", 0.3, 0.28), gain=-0.002, journeys=-9.0, service=True)
LONELY = point("Reads the very detailed conditions of the contract and its annexe", signal("drop_off", 0.3))
REPORT = FrictionReport(
    journey="Broadband",
    points=(PAYMENT, HELP, LONELY),
    journeys=1124,
    customers=980,
    not_measured={"waiting": "no times"},
)


def markers(scene):
    return [item for item in scene.items if isinstance(item, Marker)]


def matrix(scene):
    """The dots and dashes of the rows, without those of the legend."""
    rows = [item for item in scene.items if isinstance(item, Marker | Label) and item.y < scene.height - 0.9]
    return [item for item in rows if isinstance(item, Marker) or item.text == "–"]


def test_dots_say_what_is_known():
    marks = matrix(friction_scene(REPORT))
    filled = [mark for mark in marks if isinstance(mark, Marker) and mark.fill == DEFAULT_THEME.pain]
    hollow = [mark for mark in marks if isinstance(mark, Marker) and mark.fill == DEFAULT_THEME.paper]
    dashes = [mark for mark in marks if isinstance(mark, Label)]
    assert (len(filled), len(hollow), len(dashes)) == (3, 4, 8)


def test_dots_grow_with_the_excess():
    report = FrictionReport(journey="Shop", points=(
        point("a", signal("drop_off", 0.5, 0.1, significant=True)), point("b", signal("drop_off", 0.2, 0.1, significant=True)),
        point("c", signal("drop_off", 0.05, 0.1)),
    ))  # fmt: skip
    sizes = [mark.size for mark in matrix(friction_scene(report)) if isinstance(mark, Marker)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[1] > sizes[2]


def test_gains_are_told_as_points_and_journeys():
    texts = friction_scene(REPORT).texts()
    assert "3.1  ·  152 journeys" in texts
    assert "−0.2  ·  −9 journeys" in texts
    assert "no peers to compare with" in texts
    assert "◆ Help line" in texts
    assert any("if the association is causal" in text for text in texts)


def test_bars_start_at_zero_and_end_at_the_gain():
    bars = {
        item.fill: item
        for item in friction_scene(REPORT).items
        if isinstance(item, Box) and item.height == pytest.approx(0.2) and item.x < 6
    }
    good, bad = bars[DEFAULT_THEME.pain], bars[DEFAULT_THEME.link]
    assert bad.right == pytest.approx(good.x)  # one is a gain and one a loss, and they meet at zero
    assert good.width / bad.width == pytest.approx(0.031 / 0.002)


def test_nothing_is_told_from_less_than_can_be_written():
    report = FrictionReport(journey="Shop", points=(
        point("a", signal("drop_off", 0.5, 0.1), gain=0.0, journeys=0.0),
        point("b", signal("drop_off", 0.5, 0.1), gain=0.00001, journeys=0.03),
        point("c", signal("drop_off", 0.5, 0.1), gain=-0.00001, journeys=-0.03),
        point("d", signal("drop_off", 0.5, 0.1), gain=0.031, journeys=12.0),
    ))  # fmt: skip
    texts = [text for text in friction_scene(report).texts() if "·" in text or text == "0"]
    assert texts[-4:] == ["0", "<0.1  ·  <0.1 journeys", ">−0.1  ·  >−0.1 journeys", "3.1  ·  12 journeys"]


def test_the_gain_axis_reaches_beyond_every_bar():
    report = FrictionReport(
        journey="Shop", points=(point("a", signal("drop_off", 0.5, 0.1), gain=0.075, journeys=9.0),)
    )
    scene = friction_scene(report)
    ticks = {label.text: label.x for label in scene.labels() if label.text.isdigit() and label.ha == "center"}
    (bar,) = [box for box in scene.items if isinstance(box, Box) and box.height == pytest.approx(0.2)]
    assert list(ticks) == ["0", "2", "4", "6", "8", "10"]  # the interval ends at 8.5
    assert ticks["0"] == pytest.approx(bar.x)
    assert ticks["6"] < bar.right < ticks["8"]


def test_time_bars_are_coloured_only_where_the_wait_is_friction():
    def bar_of(*signals):
        report = FrictionReport(journey="Shop", points=(point("a", *signals, saved=500.0),))
        (bar,) = [box for box in friction_scene(report).items if isinstance(box, Box) and box.height == pytest.approx(0.2)]  # fmt: skip
        return bar.fill, friction_scene(report).texts()

    lossy = signal("drop_off", 0.5, 0.1, significant=True)
    colour, texts = bar_of(lossy, signal("waiting", 900, 400))
    assert colour == DEFAULT_THEME.link
    assert "expected time saved elsewhere" in texts
    colour, texts = bar_of(lossy, signal("waiting", 900, 400, significant=True))
    assert colour == DEFAULT_THEME.pain
    assert "expected time saved where the wait is friction" in texts


def test_filters_stand_in_the_subtitle_and_the_description():
    words = ("platform is 'mobile'",)
    for scene in (
        friction_scene(REPORT.model_copy(update={"filters": words})),
        service_scene(VIEW.model_copy(update={"filters": words})),
    ):
        assert any("· only: platform is 'mobile'" in text for text in scene.texts())
        assert "The log was filtered: platform is 'mobile'." in scene.description
    assert not any("only:" in text for text in friction_scene(REPORT).texts())


def test_time_gains_have_their_own_panel_only_where_there_are_any():
    assert "expected time saved a journey" in friction_scene(REPORT).texts()
    without = REPORT.model_copy(update={"points": (HELP, LONELY)})
    assert "expected time saved a journey" not in friction_scene(without).texts()
    assert friction_scene(without).width < friction_scene(REPORT).width


def test_only_the_top_is_shown_and_that_is_said():
    scene = friction_scene(REPORT, top=1)
    assert "Payment error" in scene.texts()
    assert "◆ Help line" not in scene.texts()
    assert any("1 of 3 touchpoints shown" in text for text in scene.texts())


def test_an_empty_report_is_a_sentence():
    scene = friction_scene(FrictionReport(journey="Shop"))
    assert "No touchpoint of Shop could be judged." in scene.texts()
    assert markers(scene) == []


def test_no_friction_is_said():
    texts = friction_scene(REPORT.model_copy(update={"points": (HELP,)})).texts()
    assert any(text.startswith("No touchpoint is clearly worse than its peers") for text in texts)


@pytest.mark.parametrize("theme", [DEFAULT_THEME, PRINT_THEME], ids=["colour", "print"])
@pytest.mark.parametrize("points", [(PAYMENT, HELP, LONELY), (LONELY,), (PAYMENT,) * 12, ()])
def test_friction_can_be_read(points, theme):
    ax = draw_friction(REPORT.model_copy(update={"points": points}), theme=theme, top=20)
    assert_readable(ax)


def share(value, n=900):
    return Estimate(value=value, low=max(0.0, value - 0.02), high=min(1.0, value + 0.02), n=n, customers=n)


def stage(name, events, service, journeys, reached, **more):
    return StageService(
        stage=name.lower(), name=name, touchpoints=4, service_touchpoints=1 if service else 0, events=events,
        service_events=service, journeys=journeys, service_journeys=reached,
        share=share(reached / journeys) if journeys else UNKNOWN, **more,
    )  # fmt: skip


def trigger(name, visits, followed, lift, low, high, *, significant):
    return ServiceTrigger(
        touchpoint=name, name=name, visits=visits, followed=followed, share=share(followed / visits), base=0.04,
        lift=Estimate(value=lift, low=low, high=high, n=visits, customers=visits), significant=significant,
    )  # fmt: skip


def after(target, name, count, *, ends=False, service=False):
    return ServiceAfter(
        target=target, name=name, ends=ends, is_service=service, count=count, share=share(count / 330, 330)
    )


VIEW = ServiceView(
    journey="Broadband", observed=True,
    stages=(
        stage("Discovery", 1177, 0, 800, 0, feeling=0.6), stage("Evaluation", 905, 110, 610, 83, feeling=0.1, service_feeling=0.7),
        stage("Purchase", 0, 0, 0, 0), stage("Post-purchase", 848, 241, 300, 140, feeling=-1.0, service_feeling=-1.2),
    ),
    triggers=(
        trigger("Outage message", 41, 22, 9.1, 7.6, 10.9, significant=True),
        trigger("Checks coverage at the address of the new flat", 274, 30, 1.6, 0.9, 2.2, significant=False),
        trigger("Renews", 198, 1, 0.1, 0.0, 0.5, significant=False),
        trigger("Pays", 198, 0, 0.0, None, None, significant=False),
    ),
    after=(
        after("renew", "Renews the contract", 70), after("lost", "lost", 61, ends=True),
        after("phone", "Help line", 56, service=True), after("goal", "goal", 12, ends=True), after("open", "open", 9, ends=True),
    ),
    event_share=share(0.12, 2930), journey_share=share(0.27, 1124), customer_share=share(0.29, 980),
    touchpoints=16, service_touchpoints=3, by_handler=(("human", 290), ("self_service", 61)),
)  # fmt: skip


def test_service_names_shares_triggers_and_what_follows():
    texts = service_scene(VIEW).texts()
    for text in ("47 %", "of 300 journeys 45 % to 49 %", "9.1×", "22 of 41 visits", "◆ Help line", "✕ journey lost",
                 "◁ journey won", "◁ not decided yet", "110 of 905 visits (12 %)", "no visits", "not known"):  # fmt: skip
        assert text in texts, text
    assert any("self service 61" in text for text in texts)
    assert any(text.startswith("Service is 351 of") for text in texts)


def test_the_service_bar_is_its_share_of_the_visits():
    boxes = [
        item
        for item in service_scene(VIEW).items
        if isinstance(item, Box) and item.height == pytest.approx(0.13)
    ]
    pairs = list(zip(boxes[::2], boxes[1::2], strict=True))
    assert [round(part.width / whole.width, 4) for whole, part in pairs] == [
        0.0, round(110 / 905, 4), round(241 / 848, 4)
    ]  # fmt: skip


def test_lifts_stand_in_order_on_their_axis():
    dots = [mark for mark in markers(service_scene(VIEW)) if mark.y < 6.6 and mark.size == 8.5]
    outage, coverage, renews = dots[:3]
    assert outage.x > coverage.x > renews.x
    assert outage.fill == DEFAULT_THEME.service
    assert coverage.fill == DEFAULT_THEME.paper


def test_rows_of_one_name_are_told_apart_by_their_stage():
    rows = (
        after("phone@evaluation", "Help line", 70).model_copy(update={"stage_name": "Evaluation"}),
        after("phone@purchase", "Help line", 50).model_copy(update={"stage_name": "Purchase"}),
        after("renew", "Renews", 20).model_copy(update={"stage_name": "Post-purchase"}),
    )
    leads = trigger("Error page", 40, 20, 2.0, 1.5, 3.0, significant=True)
    leads = leads.model_copy(update={"touchpoint": "error@evaluation", "stage": "evaluation"})
    texts = service_scene(VIEW.model_copy(update={"after": rows, "triggers": (leads,)})).texts()
    for text in (
        "70 times · Evaluation",
        "50 times · Purchase",
        "20 times",
        "20 of 40 visits · Evaluation",
    ):
        assert text in texts, text


@pytest.mark.parametrize("count", [1, 2, 3, 4, 12])
def test_the_strip_of_stages_fills_the_width(count):
    scene = service_scene(VIEW.model_copy(update={"stages": (VIEW.stages * 3)[:count]}))
    chevrons = [item for item in scene.items if isinstance(item, Polygon)]
    assert len(chevrons) == count
    assert max(x for item in chevrons for x, _ in item.points) == pytest.approx(scene.width - 0.35, abs=0.05)


def test_a_designed_view_shows_structure_alone():
    view = VIEW.model_copy(update={"observed": False, "triggers": (), "after": ()})
    scene = service_scene(view)
    assert any("structure only" in text for text in scene.texts())
    assert "1 of 4 touchpoints" in scene.texts()
    assert not any("×" in text or "visits" in text for text in scene.texts())
    diamonds = [mark for mark in markers(scene) if mark.shape == "diamond"]
    assert len(diamonds) == 2 + 1  # two stages with service, and the legend


@pytest.mark.parametrize("theme", [DEFAULT_THEME, PRINT_THEME], ids=["colour", "print"])
@pytest.mark.parametrize("change", [
    {}, {"observed": False}, {"triggers": ()}, {"after": ()}, {"stages": ()},
    {"stages": VIEW.stages * 3}, {"stages": VIEW.stages[:1], "triggers": (), "after": ()},
], ids=["all", "designed", "no triggers", "nothing after", "no stages", "twelve stages", "one stage"])  # fmt: skip
def test_service_can_be_read(change, theme):
    assert_readable(draw_service(VIEW.model_copy(update=change), theme=theme))


def test_descriptions_are_there():
    assert "Payment error" in friction_scene(REPORT).description
    assert service_scene(VIEW).description


@given(low=st.floats(-100, 0), span=st.floats(0.001, 1000))
def test_round_steps_lie_in_their_range(low, span):
    steps = round_steps(low, low + span)
    assert all(low - span * 1e-6 <= step <= low + span * (1 + 1e-6) for step in steps)
    assert 1 <= len(steps) <= 7


def test_an_axis_holds_zero_and_every_interval():
    axis = Axis.around([Estimate(value=2.0, low=-1.0, high=5.0)], left=1.0, width=3.0)
    assert (axis.at(-1.0), axis.at(5.0)) == (1.0, 4.0)
    assert Axis.around([], left=0.0, width=1.0).at(0.0) == 0.0


def test_values_of_another_kind_are_refused_at_the_door():
    kinds = {
        draw_friction: "FrictionReport",
        draw_service: "ServiceView",
        draw_map: "Journey",
        draw_network: "Journey",
    }
    for draw, word in kinds.items():
        with pytest.raises(WrongKindError, match=f"Expected {word}"):
            draw(3)
