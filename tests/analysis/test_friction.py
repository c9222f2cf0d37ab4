"""What is planted is found, what is not there is not, and nothing breaks where nothing is known."""

from __future__ import annotations

import sys
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeymap.analysis.friction import _by_gain, find_friction
from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.analysis.service import locate_service
from journeymap.analysis.service_view import ServiceView
from journeymap.errors import (
    JourneyMapError,
    MissingDependencyError,
    MissingEvidenceError,
    UnknownNameError,
    WrongKindError,
)
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.stages import UNASSIGNED
from journeymap.model.touchpoints import Touchpoint
from journeymap.report.findings import _gravest
from tests.analysis.planted import conversion, planted_journey
from tests.oracle import HOUR, TOY_SERVICE, TOY_STAGES, journey_from_events, path_rows, toy_journey


@pytest.fixture(scope="module")
def planted():
    return find_friction(planted_journey(7, leaves=["payment"], loops=["address"], waits=["delivery"]))


@pytest.fixture(scope="module")
def toy():
    return find_friction(toy_journey())


def found(report):
    return {(s.touchpoint, s.kind) for p in report.points for s in p.signals if s.significant}


def signal(report, touchpoint, kind):
    return next(s for p in report.points for s in p.signals if (s.touchpoint, s.kind) == (touchpoint, kind))


def point(report, touchpoint):
    return next(p for p in report.points if p.touchpoint == touchpoint)


def whole(report):
    """The report read back from its own data: refuses nan and infinity, which are no JSON."""
    return FrictionReport.model_validate(report.model_dump())


def test_what_is_planted_is_found_and_nothing_else(planted):
    assert found(planted) == {
        ("payment", "drop_off"),
        ("address", "self_loop"),
        ("address", "rework"),  # who turns in a loop comes more than once
        ("delivery", "waiting"),
    }
    assert {p.touchpoint for p in planted.friction} == {"payment", "address", "delivery"}


def test_the_largest_gain_comes_first(planted):
    assert planted.points[0].touchpoint == "payment"
    gains = [p.gain.value if p.gain else 0 for p in planted.friction]
    assert gains == sorted(gains, reverse=True)


def a_point(name, *, gain, low, journeys, affected):
    worse = Signal(kind="drop_off", touchpoint=name, estimate=Estimate(value=0.3), significant=True)
    return FrictionPoint(
        touchpoint=name, name=name, signals=(worse,), affected=affected, gain_journeys=journeys,
        gain=Estimate(value=gain, low=low, high=2 * gain),
    )  # fmt: skip


def test_gains_that_may_be_chance_do_not_stand_before_those_who_are_affected():
    points = [
        a_point("tiny", gain=0.0001, low=0.00001, journeys=0.15, affected=121),
        a_point("chance", gain=0.02, low=0.0, journeys=30, affected=500),
        a_point("many", gain=0.0, low=0.0, journeys=0, affected=3005),
        a_point("sure", gain=0.01, low=0.001, journeys=15, affected=10),
        a_point("surer", gain=0.02, low=0.001, journeys=30, affected=5),
    ]
    told = [point.name for point in sorted(points, key=_by_gain)]
    assert told == ["surer", "sure", "many", "chance", "tiny"]


def test_the_summary_keeps_the_order_of_the_report(planted):
    assert _gravest(planted) == list(planted.friction)


def test_a_gain_below_one_journey_is_said_in_points():
    point = a_point("Pay", gain=0.0002, low=0.0, journeys=0.6, affected=9)
    assert "less than one more journey would be won, 0.02 points of conversion (0.00 to 0.04)." in point.why()


def test_gain_is_what_the_truth_would_bring(planted):
    gain = point(planted, "payment").gain
    truth = conversion(loops=["address"]) - conversion(leaves=["payment"], loops=["address"])
    assert gain.low < truth < gain.high
    assert point(planted, "payment").gain_journeys == pytest.approx(gain.value * 1500)


def test_time_gain_is_the_longer_wait(planted):
    saved = point(planted, "delivery").time_gain
    visits, longer = 0.7, 1.6487 * 3600  # the mean of the lognormal waits is exp(1/2) hours, doubled
    assert saved.low < 0.95 * visits * longer < saved.high


def test_where_nothing_is_planted_nothing_is_found():
    assert [found(find_friction(planted_journey(seed, customers=600))) for seed in (1, 2, 3)] == [set()] * 3


def test_why_speaks_plainly(planted):
    text = point(planted, "payment").why()
    assert "of journeys that come to “Payment” end there; other purchase touchpoints lose" in text
    assert "more journeys would be won" in text
    assert "if this is the cause" in text
    assert "Half of the waits after “Delivery”" in point(planted, "delivery").why()
    assert point(planted, "basket").why().startswith("Nothing here is clearly worse")
    assert str(planted).startswith(
        "Planted: 3 points of friction, judged by 1,500 journeys of 1,500 customers."
    )


def test_toy_baselines_are_the_others_of_stage_and_family(toy):
    cart = signal(toy, "cart", "drop_off")
    assert (cart.baseline, cart.baseline_source) == (0, "stage")  # pay alone: chat and phone are service
    assert signal(toy, "pay", "drop_off").baseline == pytest.approx(0.1)
    phone = signal(toy, "phone@post_purchase", "self_loop")
    assert phone.baseline == 0
    assert signal(toy, "ad", "drop_off").baseline is None
    assert cart.shrunk.level == 0.9
    assert 0 < cart.shrunk.value < 0.1


def test_toy_is_too_small_to_judge(toy):
    assert not toy.friction
    assert all(s.p is None for p in toy.points for s in p.signals)
    assert "too few visits" in point(toy, "cart").why()
    assert "no other evaluation touchpoint" in point(toy, "compare").why()
    assert "no proof" in str(toy)
    assert whole(toy) == toy


def test_affected_customers(toy):
    assert signal(toy, "cart", "repetition").affected == 2
    assert signal(toy, "compare", "self_loop").affected == 1
    assert point(toy, "cart").affected == 2


@pytest.mark.parametrize(
    ("touchpoint", "halved", "gain"),
    [("ad", 1 / 24, 0.02273), ("compare", 1 / 20, 0.02478), ("onboard", 1 / 16, 0.03571)],
)
def test_declared_target_where_there_are_no_peers(touchpoint, halved, gain):
    report = find_friction(toy_journey(), targets={touchpoint: {"drop_off": halved}})
    assert signal(report, touchpoint, "drop_off").baseline_source == "target"
    assert point(report, touchpoint).gain.value == pytest.approx(gain, abs=5e-6)
    assert point(report, touchpoint).gain_journeys == pytest.approx(12 * gain, abs=1e-4)


def test_targets_do_not_replace_peers():
    report = find_friction(toy_journey(), targets={"drop_off": 0.5, "waiting": timedelta(minutes=30)})
    assert signal(report, "cart", "drop_off").baseline == 0
    assert signal(report, "ad", "waiting").baseline == 1800
    assert signal(report, "ad", "waiting").excess == pytest.approx(1, rel=0.1)
    assert point(report, "ad").time_gain.value == pytest.approx(11 / 12 * 1800, rel=0.1)


def test_a_missed_target_is_found():
    journey = planted_journey(5, customers=400)
    assert ("ad", "waiting") in found(
        find_friction(journey, targets={"ad": {"waiting": timedelta(minutes=30)}})
    )
    assert not found(find_friction(journey, targets={"ad": {"waiting": timedelta(hours=2)}}))


@pytest.mark.parametrize(
    "written", ["30 minutes", "0.5 h", 1800, 1800.0, np.float64(1800), timedelta(minutes=30)]
)
def test_times_may_be_declared_in_any_form(written):
    report = find_friction(toy_journey(), targets={"waiting": written})
    assert signal(report, "ad", "waiting").baseline == 1800


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ({"waiting": "3 dais"}, r"targets\['waiting'\]: '3 dais' is no span of time"),
        (
            {"waiting": "soon"},
            "'soon' is no span of time.*Expected a timedelta, a text such as '3 days', or seconds",
        ),
        ({"ad": {"waiting": -5}}, r"targets\['ad'\]\['waiting'\]: -5 is no span of time"),
        ({"waiting": float("nan")}, "no span of time"),
        ({"waiting": True}, "no span of time"),
        ({"waiting": None}, "no span of time"),
        ({"waiting": "99999999999 days"}, "no span of time"),
        ({"drop_off": 5}, "5 is no level of drop-off. Expected a number from 0 to 1.\nHint: 5 % is 0.05"),
        ({"drop_off": -0.1}, "no level of drop-off"),
        ({"drop_off": "5 %"}, "'5 %' is no level of drop-off"),
        ({"drop_off": timedelta(1)}, "no level of drop-off"),
        ({"drop_off": float("nan")}, "no level of drop-off"),
        ({"emotion_valley": 3}, "from −2 to 2"),
    ],
)
def test_levels_that_are_none(targets, said):
    with pytest.raises(JourneyMapError, match=said):
        find_friction(toy_journey(), targets=targets)


def test_targets_that_are_no_mapping():
    with pytest.raises(WrongKindError, match="targets: cannot take a value of kind float"):
        find_friction(toy_journey(), targets=0.05)


@pytest.mark.parametrize(
    ("targets", "said"),
    [({"drop_of": 0.1}, "did you mean 'drop_off'"), ({"crt": {"drop_off": 0.1}}, "did you mean 'cart'"),
     ({"cart": {"droppoff": 0.1}}, "did you mean 'drop_off'")],
)  # fmt: skip
def test_misspelt_targets(targets, said):
    with pytest.raises(UnknownNameError, match=said):
        find_friction(toy_journey(), targets=targets)


def test_a_floating_touchpoint_may_be_targeted_by_its_own_name():
    report = find_friction(toy_journey().model_copy(), targets={"phone": {"drop_off": 0.1}}, min_visits=1)
    assert signal(report, "phone@purchase", "drop_off").baseline_source == "stage"


def test_a_designed_map_is_refused():
    with pytest.raises(MissingEvidenceError, match="designed") as caught:
        find_friction(Journey(name="Map", touchpoints=[Touchpoint(id="a", stage="purchase")]))
    assert "discover" in caught.value.hint


def small(paths, stages, *, goal=(), lost_after_us=0):
    return journey_from_events(
        path_rows(paths, stages, (), goal), name="Small", goal=goal, service={}, groups=len(paths),
        group_of=lambda customer: int(customer[1:]), lost_after_us=lost_after_us,
    )  # fmt: skip


def test_without_a_goal_leaving_is_not_judged():
    report = find_friction(small(["a b", "a"], {"a": "purchase", "b": "purchase"}))
    assert "name one or more" in report.not_measured["drop_off"]
    assert all(s.kind != "drop_off" for p in report.points for s in p.signals)
    assert all(p.gain is None for p in report.points)
    assert "Not measured: drop-off" in str(report)


def unassigned(journey):
    moved = tuple(
        t.model_copy(update={"stage": UNASSIGNED.id, "is_service": False}) for t in journey.touchpoints
    )
    return journey.model_copy(update={"touchpoints": moved, "stages": (UNASSIGNED,)})


def test_without_a_design_nothing_is_called_unassigned():
    report = find_friction(unassigned(planted_journey(7, leaves=["payment"])))
    assert "payment" in {point.touchpoint for point in report.friction}
    assert "; other touchpoints lose" in point(report, "payment").why()
    assert "nassigned" not in f"{report}{report._repr_html_()}"
    assert {point.stage for point in report.points} == {UNASSIGNED.id}


def test_what_is_kept_beside_a_design_stands_among_the_unassigned():
    journey = planted_journey(7, leaves=["payment"])
    kept = tuple(
        t.model_copy(update={"stage": UNASSIGNED.id}) if t.id == "ad" else t for t in journey.touchpoints
    )
    stages = (*journey.stages, UNASSIGNED)
    report = find_friction(journey.model_copy(update={"touchpoints": kept, "stages": stages}))
    assert point(report, "ad").stage_name == "Unassigned"
    assert point(report, "payment").stage_name == "Purchase"


def test_before_anything_is_decided():
    stages = {"a": "purchase", "b": "loyalty", "c": "loyalty"}
    journey = small(["a b", "a"], stages, lost_after_us=9 * HOUR).model_copy(update={"goal": ("b",)})
    assert "decided" in find_friction(journey).not_measured["drop_off"]


def test_one_customer_with_one_event():
    report = find_friction(small(["a"], {"a": "purchase"}, goal=()))
    assert {"drop_off", "regression", "waiting"} <= report.not_measured.keys()
    assert whole(report) == report
    assert "1 journey of 1 customer" in str(report)


def test_one_customer_who_wins():
    report = find_friction(small(["a a b"], {"a": "purchase", "b": "loyalty"}, goal=("b",)))
    assert whole(report) == report
    assert report.points[0].signals


def test_a_touchpoint_nobody_visits(toy):
    journey = toy_journey()
    more = journey.model_copy(
        update={"touchpoints": (*journey.touchpoints, Touchpoint(id="shop", stage="purchase"))}
    )
    report = find_friction(more)
    assert point(report, "shop").why() == "Nothing was counted at “Shop” that could be judged."
    assert point(report, "cart") == point(toy, "cart")
    assert whole(report) == report


def test_a_circle_that_would_never_end_has_no_gain():
    stages = {"cart": "purchase", "pay": "purchase", "renew": "loyalty"}
    report = find_friction(small(["renew", "cart pay cart"], stages, goal=("renew",)))
    assert point(report, "cart").gain is None
    assert point(report, "cart").gain_journeys is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(sorted(TOY_STAGES)), min_size=1, max_size=6).map(" ".join),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([(), ("renew",), ("pay",), ("loyalty",)]),
    st.integers(0, 4 * HOUR),
)
def test_any_small_log_is_judged_without_nan(paths, goal, lost_after_us):
    won = ("renew",) if goal == ("loyalty",) else goal
    if won and won[0] not in " ".join(paths).split():
        goal = won = ()
    journey = journey_from_events(
        path_rows(paths, TOY_STAGES, TOY_SERVICE, won), name="Any", goal=goal, service=TOY_SERVICE, groups=len(paths),
        group_of=lambda customer: int(customer[1:]), lost_after_us=lost_after_us,
    )  # fmt: skip
    report, view = find_friction(journey, min_visits=1), locate_service(journey)
    assert whole(report) == report
    assert ServiceView.model_validate(view.model_dump()) == view
    assert "nan" not in f"{report}{report._repr_html_()}{view}{view._repr_html_()}"


def test_frame_has_a_row_for_every_signal(planted):
    frame = planted.to_frame()
    assert len(frame) == sum(len(p.signals) for p in planted.points)
    assert set(frame["unit"]) == {"share", "seconds"}
    assert set(frame.loc[frame["significant"], "touchpoint"]) == {"payment", "delivery", "address"}


def test_without_pandas_the_frame_says_what_to_install(planted, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingDependencyError, match=r"journeymap\[pandas\]"):
        planted.to_frame()


def test_html_is_escaped():
    journey = toy_journey()
    bad = tuple(t.model_copy(update={"name": "<b>&"}) if t.id == "cart" else t for t in journey.touchpoints)
    html = find_friction(journey.model_copy(update={"touchpoints": bad}))._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;" in html


def test_waits_are_not_measured_apart_from_the_time_spent(toy):
    assert "end_col" in toy.not_measured["sojourn"]


def test_where_nothing_comes_before_the_goal_nothing_hurts():
    table = pa.table({"who": ["a", "b"], "what": ["pay", "pay"], "when": ["2024-01-01", "2024-01-02"]})
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    report = find_friction(discover_journey(log, goal="pay", lost_after="0 seconds"))
    assert not report.points
    assert "no touchpoint is clearly worse" in str(report)


def alone_journey(*, leaves=67, customers=200):
    """One touchpoint in every stage; those who come to “park” never go on, after two visits 2400 s apart."""
    rows = [
        (f"c{n}", what, f"2024-01-01 {40 * place // 60:02d}:{40 * place % 60:02d}:00")
        for n in range(customers)
        for place, what in enumerate(("ad", "cart", "park", "park") if n < leaves else ("ad", "cart", "pay"))
    ]
    who, what, when = zip(*rows, strict=True)
    table = pa.table({"who": who, "what": what, "when": when})
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    stages = {"ad": "discovery", "cart": "evaluation", "pay": "purchase", "park": "post_purchase"}
    touchpoints = [{"id": name, "stage": stage} for name, stage in stages.items()]
    design = Journey.model_validate({"name": "Shop", "touchpoints": touchpoints})
    return discover_journey(log, design, goal="pay", lost_after="0 seconds")


def test_where_nothing_has_peers_that_is_said():
    report = find_friction(alone_journey(leaves=0))
    assert "nothing could be compared: each stage has one touchpoint of its family" in str(report)
    assert "declare targets=" in report._repr_html_()
    assert "clearly worse" not in str(report)
    compared = find_friction(alone_journey(leaves=0), targets={"drop_off": 0.05})
    assert "no touchpoint is clearly worse than its peers" in str(compared)


def test_where_everybody_leaves_it_is_said_why_there_is_no_gain():
    park = point(find_friction(alone_journey()), "park")
    assert park.gain is None
    assert park.everybody_leaves
    assert "No gain can be computed: everybody leaves there" in park.why()
    assert park.why().endswith("It affects 67 customers.")


def test_a_median_from_buckets_has_an_interval_that_holds_the_truth():
    waits = [s for p in find_friction(alone_journey()).points for s in p.signals if s.kind == "waiting"]
    assert len(waits) == 3
    for wait in waits:
        assert wait.estimate.low < 2400 < wait.estimate.high
        assert wait.estimate.low <= wait.estimate.value <= wait.estimate.high
        assert wait.estimate.high / wait.estimate.low == pytest.approx(2 ** (1 / 8))
        assert "buckets 9 % wide" in wait.estimate.definition


@pytest.mark.parametrize(
    "options",
    [
        {"level": 7}, {"level": 0}, {"level": "low"}, {"min_visits": -1}, {"min_excess": float("nan")},
        {"min_longer": -0.1}, {"min_valley": "deep"}, {"dead_end": -2}, {"weights": {"drop_off": "a"}},
        {"weights": ["drop_off"]},
    ],
)  # fmt: skip
def test_what_is_no_limit_is_refused(options):
    name = next(iter(options))
    with pytest.raises(JourneyMapError, match=f"^{name}: "):
        find_friction(toy_journey(), **options)


def test_the_index_and_its_weights_are_said():
    journey = planted_journey(7, leaves=["payment"], loops=["address"], customers=600)
    told = str(find_friction(journey, weights={"drop_off": 2, "self_loop": 1}, order="index"))
    assert (
        "Index from 0 to 100 by the weights drop-off 2 and self-loop 1; the points are in its order." in told
    )
    assert ", index 6" in told  # the worst in a signal gets its whole weight: 2 of 3
    html = find_friction(journey, weights={"drop_off": 2, "self_loop": 1})._repr_html_()
    assert "<th>index</th>" in html


def worse_by(kind, *, source="stage", value=0.5, baseline=0.1):
    estimate = Estimate(value=value, n=100, customers=90)
    return Signal(
        kind=kind, touchpoint="t", estimate=estimate, baseline=baseline, baseline_source=source,
        significant=True, affected=50,
    )  # fmt: skip


def test_an_own_signal_is_always_named():
    kinds = ("drop_off", "self_loop", "repetition", "rework", "regression", "form_errors")
    why = FrictionPoint(touchpoint="t", name="T", signals=tuple(map(worse_by, kinds))).why()
    assert "form errors (50 % against 10 %) and 1 more." in why


def test_a_threshold_is_not_said_as_peers():
    end = worse_by("point_of_no_return", source="threshold", value=1.0, baseline=0.95)
    why = FrictionPoint(touchpoint="t", name="T", signals=(worse_by("drop_off"), end)).why()
    assert "visits that never lead to the goal (100 %; a dead end is from 95 %)" in why


def test_exits_without_open_journeys_are_said_so():
    gain = Estimate(value=0.02, low=0.01, high=0.03)
    worse = FrictionPoint(
        touchpoint="t", name="T", signals=(worse_by("drop_off"),), gain=gain, gain_journeys=20.0,
        exit=Estimate(value=0.6, n=80, censored=20), exit_baseline=0.1,
    )  # fmt: skip
    assert "Counted by visit and without open journeys, 60 % end there against 10 %" in worse.why()
    decided = worse.model_copy(update={"exit": Estimate(value=0.6, n=80)})
    assert "Counted by visit, 60 % end there" in decided.why()


def test_nobody_is_affected_who_came_after_the_goal_only():
    # three are lost at the help line; the others ring it after having paid
    rows = [(f"c{n}", what, f"2024-01-0{day} 00:00:00") for n in range(30)
            for day, what in enumerate(("ad", "help") if n < 3 else ("ad", "pay", "help"), 1)]  # fmt: skip
    who, what, when = zip(*rows, strict=True)
    table = pa.table({"who": who, "what": what, "when": when})
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    report = find_friction(discover_journey(log, goal="pay", lost_after="0 seconds"))
    for kind in ("drop_off", "point_of_no_return"):
        assert (signal(report, "help", kind).affected, signal(report, "help", kind).estimate.customers) == (
            3,
            3,
        )
