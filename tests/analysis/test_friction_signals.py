"""Every signal on its own: what it counts, what it needs, how it is judged and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.analysis.friction import find_friction
from journeymap.analysis.friction_point import FrictionPoint, Signal
from journeymap.analysis.friction_report import FrictionReport, SignalKind
from journeymap.analysis.friction_words import KINDS, words_of
from journeymap.errors import JourneyMapError, UnknownNameError, WrongKindError
from journeymap.metrics.cycle_time import bottleneck_share
from journeymap.metrics.signals_counts import Counted, SignalCounts
from journeymap.metrics.signals_felt import efforts, felt_path, valleys
from journeymap.metrics.signals_moves import drop_offs, reworks, service_triggers
from journeymap.metrics.signals_service import abandonments, hand_offs, rage_loops
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from tests.analysis.evidence_by_hand import efforts as answers_about_effort
from tests.analysis.evidence_by_hand import full_journey, table
from tests.analysis.planted import planted_journey
from tests.analysis.simulated import counted, simulated
from tests.oracle import toy_journey


@pytest.fixture(scope="module")
def full():
    """A journey of 20 touchpoints in which every signal can be measured."""
    return full_journey(touchpoints=20, groups=64)


def with_measures(journey, name, changes):
    """The journey with other counts in one of its tables."""
    evidence = [one for one in journey.evidence if one.name != name]
    (old,) = [one for one in journey.evidence if one.name == name]
    measures = {**old.measures, **{measure: change(old) for measure, change in changes.items()}}
    return journey.model_copy(update={"evidence": (*evidence, old.model_copy(update={"measures": measures}))})


def most_of(measure, touchpoint, part=0.6):
    """The counts of another measure, of one touchpoint a large part and of the others a tenth."""

    def change(old):
        return tuple(
            round(count * (part if old.keys[row][0] == touchpoint else 0.1))
            for count, row in zip(old.measures[measure], old.row, strict=True)
        )

    return change


def point(report, touchpoint):
    return next(one for one in report.points if one.touchpoint == touchpoint)


def signal(report, touchpoint, kind):
    return next((one for one in point(report, touchpoint).signals if one.kind == kind), None)


def found(report):
    return {(s.touchpoint, s.kind) for p in report.points for s in p.signals if s.significant}


def test_all_signals_are_measured_and_stand_in_their_order(full):
    report = find_friction(full)
    assert report.measured == KINDS
    assert report.not_measured == {}
    for one in report.points:
        kinds = [KINDS.index(s.kind) for s in one.signals]
        assert kinds == sorted(kinds)
    assert FrictionReport.model_validate(report.model_dump()) == report
    assert SignalKind is not None


def test_a_plain_log_says_what_would_enable_the_rest():
    missing = find_friction(toy_journey()).not_measured
    enabled = {
        "sojourn": "end_col", "effort": "with_feedback(journey, feedback)", "emotion_valley": "feeling_col",
        "channel_switch": "with_episodes(journey, log)", "hand_off": "agent_col", "repeat_contact": "with_tickets",
        "had_to_repeat": "repeated_col", "failure_demand": "failure_col", "rage_loop": "with_episodes(journey, log)",
        "abandonment": "completed_col",
    }  # fmt: skip
    assert {kind: words for kind, words in enabled.items() if words in missing[kind]} == enabled
    told = str(find_friction(toy_journey()))
    assert "Not measured: channel switch and rage loop (lay episodes on the journey" in told


@pytest.mark.parametrize(
    ("kind", "name", "measure", "of", "touchpoint"),
    [
        ("abandonment", "touchpoints", "not_completed", "completions", "t005"),
        ("had_to_repeat", "touchpoints", "repeated", "repeats_known", "t005"),
        ("failure_demand", "touchpoints", "failures", "failures_known", "t005"),
        ("hand_off", "touchpoints", "handoffs", "handoff_pairs", "t005"),
        ("rework", "touchpoints", "rework_journeys", "journeys", "t005"),
        ("rage_loop", "episodes", "rage_journeys", "journeys", "t005"),
    ],
)
def test_what_is_planted_in_a_column_is_found_and_said(full, kind, name, measure, of, touchpoint):
    journey = with_measures(full, name, {measure: most_of(of, touchpoint)})
    report = find_friction(journey)
    assert {place for place, one in found(report) if one == kind} == {touchpoint}
    worse = signal(report, touchpoint, kind)
    assert worse.estimate.value == pytest.approx(0.6, abs=0.01)
    assert worse.baseline == pytest.approx(0.1, abs=0.01)
    assert worse.shrunk.value < worse.estimate.value
    why = point(report, touchpoint).why()
    assert "60 %" in why
    assert "{" not in why


@pytest.mark.parametrize(
    ("kind", "measure", "of"),
    [
        ("channel_switch", "channel_switches", "contact_pairs"),
        ("repeat_contact", "repeats", "contacts_watched"),
    ],
)
def test_episodes_are_compared_among_service_touchpoints(kind, measure, of):
    journey = full_journey(touchpoints=40, groups=64)
    journey = with_measures(journey, "episodes", {measure: most_of(of, "t011")})
    report = find_friction(journey)
    assert {place for place, one in found(report) if one == kind} == {"t011"}
    assert signal(report, "t011", kind).baseline == pytest.approx(0.1, abs=0.01)
    assert signal(report, "t010", kind) is None  # no service touchpoint


def test_service_triggers_of_the_toy():
    counts = service_triggers(Counted(toy_journey())).counts
    # C2: cart 2 of 12 visits, onboard 3 of 8
    shares = {name: one.share for name, one in ((n, SignalCounts(*c[:3])) for n, c in counts.items())}
    assert shares["cart"] == pytest.approx(2 / 12)
    assert shares["onboard"] == pytest.approx(3 / 8)
    assert not {"chat@purchase", "phone@purchase", "renew"} & counts.keys()


def test_rework_and_drop_off_of_the_toy():
    counted_ = Counted(toy_journey())
    again = {name: one.successes.sum() for name, one in reworks(counted_).counts.items()}
    assert {name: n for name, n in again.items() if n} == {"compare": 2, "cart": 2, "phone@post_purchase": 1}
    lost = drop_offs(counted_).counts["cart"]
    assert (lost.successes.sum(), lost.trials.sum()) == (1, 10)
    assert find_friction(toy_journey()).overall["rework"].value == pytest.approx(4 / 12)


def test_degradation_of_the_toy():
    # direct moves between fixed stages: cart → compare is the only one back; ad → compare 10, ad → cart 1, compare → cart 10,
    # pay → onboard 8, onboard → renew 4 lead on
    overall = find_friction(toy_journey()).overall
    assert overall["degradation"].value == pytest.approx((1 - 33) / 34)
    assert "cycle_time_efficiency" not in overall


def test_bottlenecks_share_all_time():
    report = find_friction(toy_journey())
    shares = [one.share.value for one in report.bottlenecks]
    assert len(shares) == 5
    assert shares == sorted(shares, reverse=True)
    # events are an hour apart, 67 events in 12 journeys are 55 hours
    assert shares[0] == pytest.approx(10 / 55)
    first = report.bottlenecks[0]
    assert (first.share.n, first.share.customers) == (10, 10)  # moves, not microseconds
    every = bottleneck_share(toy_journey())
    assert [one.share for one in report.bottlenecks] == list(every.values())[:5]
    assert str(first).startswith(f"18 % of all time ({first.share.low * 100:.0f} % to ")
    assert f"passes after “{first.source_name}”, on the way to “{first.target_name}”." in str(first)
    assert f"\nMost time passes after “{first.source_name}”, on the way to" in str(report)
    assert "Most time passes after" in report._repr_html_()
    assert all(estimate.n < 100 for estimate in report.overall.values())
    assert "\nRework: 33 % of journeys (" in str(report)
    assert "; 3 % of moves between stages lead back." in str(report)  # 1 of 34


def test_largest_drop_of_the_toy():
    drop = find_friction(toy_journey()).largest_drop
    # the probabilities of C2: cart .5946, chat in the purchase stage .2973, two moves in twelve journeys
    assert (drop.source, drop.target) == ("cart", "chat@purchase")
    assert (drop.before, drop.after) == pytest.approx((0.5946, 0.2973), abs=5e-5)
    assert drop.loss.value == pytest.approx((0.5946 - 0.2973) * 2 / 12, abs=5e-5)
    said = (
        "The goal slips away most on “Cart” → “Chat”: its probability falls from 59 % to 30 %, model-implied"
    )
    assert str(drop).startswith(f"{said}; over all journeys that is 5.0 points of conversion (")
    assert said in str(find_friction(toy_journey()))


def test_hand_offs_between_owners_are_told_and_not_judged():
    journey = toy_journey()
    teams = {"cart": "shop", "pay": "bank", "compare": "shop"}
    owned = journey.model_copy(
        update={
            "touchpoints": tuple(t.model_copy(update={"owner": teams.get(t.id)}) for t in journey.touchpoints)
        }
    )
    measured = hand_offs(Counted(owned))
    cart = measured.counts["cart"]
    assert (cart.successes.sum(), cart.trials.sum()) == (
        8,
        8,
    )  # only moves to pay have both owners in one stage
    told = signal(find_friction(owned, min_visits=1), "cart", "hand_off")
    assert told.p is None
    assert told.unjudged == "given by the owners in the design"


def test_signals_without_their_counts_are_missing_not_zero():
    counted_ = Counted(toy_journey())
    assert abandonments(counted_).counts == {}
    assert "completed_col" in abandonments(counted_).missing
    assert "with_episodes" in rage_loops(counted_).missing


def test_why_nothing_was_counted_is_the_true_reason(full):
    def nothing(old):
        return (0,) * len(old.row)

    journey = with_measures(full, "episodes", {"contact_pairs": nothing, "channel_switches": nothing})
    journey = with_measures(journey, "touchpoints", {"handoff_pairs": nothing, "handoffs": nothing})
    missing = find_friction(journey).not_measured
    assert missing["channel_switch"] == "no episode of service has a second contact"
    assert missing["hand_off"].startswith("no move within a stage has both agents known")
    groups = journey.evidence[0].groups
    shapes = EvidenceTable(
        name="episode_shapes", groups=groups, key_columns=("contacts", "outcome"), keys=(("2", "recovered"),),
        row=(0,), group=(0,), measures={"episodes": (3,)},
    )  # fmt: skip
    several = journey.model_copy(update={"evidence": (*journey.evidence, shapes)})
    assert "channel_col" in find_friction(several).not_measured["channel_switch"]


def test_a_dead_end_is_found():
    # nobody who comes to the parking place ever comes back
    walked = simulated(3, customers=3_000, per_stage=4, services=0, planted={5: 0.9 - 0.06})
    report = find_friction(counted(walked, 3, everything=False), dead_end=0.5)
    assert ("t05", "point_of_no_return") in found(report)
    end = signal(report, "t05", "point_of_no_return")
    assert end.baseline_source == "threshold"
    assert end.estimate.value > end.baseline
    assert "never lead to the goal, model-implied; a dead end is from" in point(report, "t05")._sentence(end)
    assert not {place for place, kind in found(report) if kind == "point_of_no_return"} - {"t05"}


def test_efforts_are_turned_in_one_direction():
    rng = np.random.default_rng(1)
    journey = counted(simulated(1, customers=400), 1, everything=False)
    names = [t.id for t in journey.touchpoints]
    answers = answers_about_effort(names, 64, rng, harder={"t01"}, answers=400)
    means, missing = efforts(Counted(journey.model_copy(update={"answers": answers})))
    assert missing == ""
    # answers around 4 of 7 are an effort of (7 − 4) / 6, around 5 of 2 / 6
    assert means["t01"].totals.sum() / means["t01"].weights.sum() == pytest.approx(0.5, abs=0.02)
    assert means["t02"].totals.sum() / means["t02"].weights.sum() == pytest.approx(1 / 3, abs=0.02)
    report = find_friction(journey.model_copy(update={"answers": answers}))
    assert {place for place, kind in found(report) if kind == "effort"} == {"t01"}
    assert signal(report, "t01", "effort").excess == pytest.approx(1 / 6, abs=0.03)
    assert "effort at “T01” at 50 %" in point(report, "t01").why()


def felt_journey(values, *, sure=0.05):
    journey = planted_journey(3, customers=80)
    order = felt_path(Counted(journey))
    felt = {
        name: Estimate(value=value, low=value - sure, high=value + sure, n=200, customers=200)
        for name, value in zip(order, values, strict=False)
    }
    touchpoints = tuple(
        t.model_copy(update={"measured_feeling": felt.get(t.id)}) for t in journey.touchpoints
    )
    return journey.model_copy(update={"touchpoints": touchpoints}), order


def test_a_valley_is_a_deep_and_sure_local_minimum():
    journey, order = felt_journey([1.0, 0.9, -0.5, 0.8, 0.75, 0.8, 0.9])
    report = find_friction(journey)
    assert {(place, kind) for place, kind in found(report) if kind == "emotion_valley"} == {
        (order[2], "emotion_valley")
    }
    valley = signal(report, order[2], "emotion_valley")
    assert valley.excess == pytest.approx(1.4)  # below the lower of the two heights around it
    assert "The feeling sinks to −0.5" in point(report, order[2]).why()
    assert "the feeling around it is +0.9" in point(report, order[2]).why()


def test_an_unsure_valley_and_a_shallow_one_are_none():
    unsure, _ = felt_journey([1.0, 0.9, 0.3, 0.8, 0.75, 0.8, 0.9], sure=2.0)
    assert not [kind for _, kind in found(find_friction(unsure)) if kind == "emotion_valley"]
    shallow, order = felt_journey([1.0, 0.95, 0.8, 0.95, 1.0, 1.0, 1.0], sure=0.001)
    assert not [kind for _, kind in found(find_friction(shallow)) if kind == "emotion_valley"]
    assert (order[2], "emotion_valley") in found(find_friction(shallow, min_valley=0.1))


def test_too_few_feelings_are_no_curve():
    journey, _ = felt_journey([1.0, 0.5])
    assert valleys(Counted(journey), least=0.25, df=63)[2].startswith("fewer than three touchpoints")


def variants(journey, rows):
    """A table of ways, counted in one group: (touchpoints, end, journeys)."""
    names = [key[0] for key in next(e for e in journey.evidence if e.name == "touchpoints").keys]
    keys = [
        ("*" if path == "*" else " ".join(str(names.index(at)) for at in path.split()), end)
        for path, end, _ in rows
    ]
    counts = np.zeros((len(rows), journey.evidence[0].groups))
    counts[:, 0] = [count for _, _, count in rows]
    more = table("variants", ("path", "end"), keys, {"journeys": counts, "customers": counts})
    return journey.model_copy(update={"evidence": (*journey.evidence, more)})


def test_examples_are_ways_of_several_customers():
    journey = variants(
        toy_journey(),
        [
            ("ad compare cart", "lost", 7),
            ("ad cart pay", "goal", 9),
            ("*", "open", 90),
            ("ad cart ad", "open", 5),
        ],
    )
    report = find_friction(journey)
    assert [str(one) for one in point(report, "cart").examples] == [
        "Ad → Cart → Pay (won, 9 journeys)",
        "Ad → Compare → Cart (lost, 7 journeys)",
        "Ad → Cart → Ad (open, 5 journeys)",
    ]
    assert point(report, "onboard").examples == ()
    assert all(one.examples == () for one in find_friction(toy_journey()).points)


def test_the_main_path_is_the_most_frequent_way_that_is_won():
    journey = variants(toy_journey(), [("ad compare", "lost", 9), ("ad cart pay cart", "goal", 5)])
    assert felt_path(Counted(journey)) == ["ad", "cart", "pay"]


def form_errors(journey):
    """An own signal: at one touchpoint half of the visits have it, at the others a tenth."""
    visits = {
        name: counts
        for name, counts in Counted(journey).at("visits").items()
        if journey.touchpoint(name).stage == "purchase" and not journey.touchpoint(name).is_service
    }
    return {
        name: SignalCounts(np.floor(counts * (0.5 if name == "basket" else 0.1)), counts, counts.sum())
        for name, counts in visits.items()
    }


def test_own_signals_are_judged_like_all_others():
    report = find_friction(planted_journey(2, customers=800), signals={"form_errors": form_errors})
    assert found(report) == {("basket", "form_errors")}
    assert report.measured[-1] == "form_errors"
    own = signal(report, "basket", "form_errors")
    assert own.shrunk is not None
    assert own.p_adjusted < 0.001
    assert "in “form errors” at “Basket”; other purchase touchpoints have" in point(report, "basket").why()
    assert own.affected > 0


def test_own_signals_may_have_targets_and_weights():
    journey = planted_journey(2, customers=300)

    def alone(of):
        return {"ad": SignalCounts([3] * 64, [5] * 64, 300)}

    report = find_friction(
        journey, signals={"bounces": alone}, targets={"bounces": 0.1}, weights={"bounces": 1}, order="index"
    )
    assert signal(report, "ad", "bounces").baseline_source == "target"
    assert report.points[0].touchpoint == "ad"
    assert report.points[0].index == 100


@pytest.mark.parametrize(
    ("signals", "error", "said"),
    [
        ({"drop_off": form_errors}, JourneyMapError, "there is a signal of this name already"),
        (
            {"mine": lambda _: {"basquet": SignalCounts([1], [2], 2)}},
            UnknownNameError,
            "did you mean 'basket'",
        ),
        ({"mine": lambda _: {"basket": 3}}, WrongKindError, "mapping of touchpoint to SignalCounts"),
        ({"mine": lambda _: 3}, WrongKindError, "mapping of touchpoint to SignalCounts"),
        (
            {
                "mine": lambda _: {
                    "basket": SignalCounts([1], [2], 2),
                    "review": SignalCounts([1, 1], [2, 2], 4),
                }
            },
            JourneyMapError,
            "different numbers of customer groups",
        ),
        (
            {"mine": lambda _: {"basket": SignalCounts([1], [2], 2)}},
            JourneyMapError,
            r"signals\['mine'\]: 'basket' is counted by 1 customer group, the journey by",
        ),
        (form_errors, WrongKindError, r'give each function a name: signals=\{"name": function\}'),
        ([form_errors], WrongKindError, "signals: cannot take a value of kind list"),
        ({"mine": 3}, WrongKindError, r"signals\['mine'\]: cannot take a value of kind int"),
        ({3: form_errors}, WrongKindError, "Expected names with the functions"),
        ({"mine": lambda _: {("basket",): 3}}, WrongKindError, "mapping of touchpoint to SignalCounts"),
        (
            {"mine": lambda _: {"basket": SignalCounts([3], [2], 2)}},
            JourneyMapError,
            "more of them than trials",
        ),
        (
            {"mine": lambda _: {"basket": SignalCounts(["x"], [2], 2)}},
            JourneyMapError,
            "successes are no numbers",
        ),
    ],
)
def test_own_signals_that_do_not_fit(signals, error, said):
    with pytest.raises(error, match=said):
        find_friction(planted_journey(2, customers=60), signals=signals)


@pytest.mark.parametrize(
    ("successes", "trials"), [([3], [2]), ([-1], [2]), ([1, 1], [2]), ([float("nan")], [2]), ([[1]], [[2]])]
)
def test_counts_that_cannot_be(successes, trials):
    with pytest.raises(JourneyMapError, match="SignalCounts"):
        SignalCounts(successes, trials, 2)


@pytest.mark.parametrize("customers", ["many", [1, 2, 3], -1, float("nan")])
def test_customers_that_cannot_be(customers):
    with pytest.raises(JourneyMapError, match="SignalCounts: customers"):
        SignalCounts([1, 1], [2, 2], customers)


def test_counts_without_trials_have_no_share():
    assert SignalCounts([0], [0], 0).share is None


def test_the_parts_of_the_index_add_up_to_it():
    journey = planted_journey(7, leaves=["payment"], loops=["address"], waits=["delivery"])
    weights = {"drop_off": 2, "waiting": 1, "self_loop": 0.5}
    report = find_friction(journey, weights=weights)
    assert report.weights == weights
    for one in report.points:
        assert one.index == sum(one.contributions.values())
        assert 0 <= one.index <= 100
    worst = {kind: max(one.contributions.get(kind, 0) for one in report.points) for kind in weights}
    assert worst == {kind: pytest.approx(100 * weight / 3.5) for kind, weight in weights.items()}
    plain = find_friction(journey)
    assert [one.touchpoint for one in report.points] == [one.touchpoint for one in plain.points]
    assert all(one.index is None for one in plain.points)


def test_the_index_orders_when_asked():
    journey = planted_journey(7, leaves=["payment"], loops=["address"], waits=["delivery"])
    weights = {"drop_off": 1, "waiting": 5}
    report = find_friction(journey, weights=weights, order="index")
    assert report.points[0].touchpoint == "delivery"
    friction = [one.index for one in report.points if one.is_friction]
    assert friction == sorted(friction, reverse=True)
    frame = report.to_frame()
    parts = frame[frame["touchpoint"] == "payment"]
    assert parts["contribution"].sum() == pytest.approx(parts["index"].iloc[0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"weights": {"drop_of": 1}}, "did you mean 'drop_off'"),
        ({"weights": {"drop_off": -1}}, "no weight for 'drop_off'"),
        ({"weights": {"drop_off": float("nan")}}, "no weight for 'drop_off'"),
        ({"weights": {"drop_off": 0}}, "all of them are zero"),
        ({"order": "index"}, "no index without weights"),
        ({"order": "name"}, "no order"),
    ],
)
def test_weights_that_cannot_be_used(options, said):
    with pytest.raises(JourneyMapError, match=said):
        find_friction(toy_journey(), **options)


def test_every_signal_has_its_words():
    for kind in KINDS:
        words = words_of(kind)
        assert "{value}" in words.sentence
        assert "{name}" in words.sentence
        assert words.sentence.endswith("; {others} {baseline}.")
    estimate = Estimate(value=0.4, n=100, customers=90)
    for kind in KINDS:
        one = Signal(
            kind=kind,
            touchpoint="x",
            estimate=estimate,
            baseline=0.1,
            baseline_source="stage",
            significant=True,
        )
        why = FrictionPoint(touchpoint="x", name="X", signals=(one,), affected=9).why()
        assert "“X”" in why
        assert why.endswith("It affects 9 customers.")


def test_many_signals_stay_two_sentences():
    signals = tuple(
        Signal(
            kind=kind, touchpoint="x", estimate=Estimate(value=0.4), baseline=0.1, baseline_source="stage",
            significant=True,
        )
        for kind in KINDS
    )  # fmt: skip
    why = FrictionPoint(touchpoint="x", name="X", signals=signals).why()
    assert "and 14 more." in why
    assert why.count(". ") == 0


def test_waits_are_shrunk_towards_their_peers():
    report = find_friction(planted_journey(7, customers=400, waits=["delivery"]))
    wait = signal(report, "delivery", "waiting")
    assert wait.shrunk.level == 0.9
    assert wait.baseline < wait.shrunk.value <= wait.estimate.value
    assert wait.shrunk.method.endswith("log-normal")


def test_evidence_of_an_older_version_misses_rework_alone():
    journey = toy_journey()
    old = [
        EvidenceTable(**{
            **one.model_dump(),
            "measures": {name: counts for name, counts in one.measures.items() if name != "rework_journeys"},
        })
        for one in journey.evidence
    ]  # fmt: skip
    report = find_friction(journey.model_copy(update={"evidence": tuple(old)}))
    assert "discover the journey again" in report.not_measured["rework"]
    assert isinstance(journey, Journey)
