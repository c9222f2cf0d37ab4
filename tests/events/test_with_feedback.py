"""Answers laid onto journeys, against an oracle in plain Python that shares no code with the queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from statistics import fmean

import pyarrow as pa
import pytest

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.errors import InvalidJourneyError, InvalidLogError, UnknownNameError, WrongKindError
from journeymap.events import parts
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.events.with_feedback import with_feedback
from journeymap.formats import journey_schema, read_journey, write_journey
from journeymap.formats.plain import plain_journey
from journeymap.metrics.experience import csat, feeling, nps
from journeymap.model.answers import ALL
from journeymap.model.journey import Journey
from journeymap.stats.agreement import successive_difference, within_deviation
from journeymap.stats.feeling_curve import feeling_scores
from tests.events.answer_oracle import (
    DESIGN,
    FIXED,
    QUESTIONS,
    SECOND,
    STAGES,
    START,
    feedback_of,
    log_of,
    oracle,
    random_answers,
    random_events,
    seeded,
    stage_of,
    table_of,
    totals,
    visits_of,
)

CASES = [
    (seed, unit, window)
    for seed, (unit, window) in enumerate(
        (unit, window) for unit in ("customer", "column", "gap") for window in (None, 2 * SECOND, 0 * SECOND)
    )
]


@pytest.mark.parametrize(("seed", "unit", "window"), CASES)
@pytest.mark.parametrize("observed", [True, False])
def test_everything_is_what_the_oracle_counts(seed, unit, window, observed, monkeypatch):
    rng = seeded(seed)
    customers = 25 if seed % 2 else 75
    monkeypatch.setattr(parts, "MANY", 1)  # also few answers are counted in parts
    events, answers = random_events(rng, customers), random_answers(rng, customers)
    gap = 3 * SECOND
    if unit == "gap" and not observed:
        unit = "customer"  # a design splits no journeys
    log = log_of(events, journey_col="visit" if unit == "column" else None)
    journey = DESIGN
    if observed:
        journey = discover_journey(
            log,
            DESIGN,
            unmapped="ignore",
            lost_after="1 minute",
            new_journey_after=gap if unit == "gap" else None,
        )
    result = with_feedback(
        journey,
        feedback_of(answers),
        log=log,
        window=window,
        by="group",
        feeling_from="felt",
        unknown="ignore",
    )
    visits = visits_of(events, unit=unit, gap=gap)
    states = {t.id for t in journey.touchpoints} | {f"phone@{stage}" for stage in STAGES if not observed}
    found = oracle(answers, visits, window=window, several=unit != "customer", known=states)

    check_linking(result, found)
    check_counts(result, answers, found)
    check_curves(result, answers, found)
    check_consistency(result, answers, found)
    who = {row["who"] for row in answers}
    coverage = result.answers.table("coverage")
    assert totals(coverage, "customers")["customer",] == len(visits)
    assert totals(coverage, "answered")["customer",] == len(who & set(visits))
    if observed:
        assert len(visits) == journey.observation.customers
        check_scores(result)


def check_linking(result, found):
    ways = Counter(way for _, way, _ in found)
    # two questions a row, the second one may be blank: between one and two answers went either way
    for way in ("by_column", "by_time", "unknown", "too_late", "without_customer"):
        assert ways[way] <= getattr(result.answers.linking, way) <= 2 * ways[way]
    assert result.answers.linking.by_question == 0


def check_counts(result, answers, found):
    expected, customers = Counter(), defaultdict(set)
    for row, (node, _, _) in zip(answers, found, strict=True):
        for question in ("recommend", "felt"):
            if row[question] is None:
                continue
            expected[question, node, row["group"], str(row[question])] += 1
            for stage in {ALL, stage_of(node)}:
                for touchpoint in {ALL, node}:
                    for segment in {ALL, row["group"]}:
                        customers[question, stage, touchpoint, segment].add(row["who"])
    assert totals(result.answers.table("answers"), "answers") == expected
    counted = totals(result.answers.table("respondents"), "customers")
    assert counted == {key: len(who) for key, who in customers.items()}


def check_curves(result, answers, found):
    felt = defaultdict(list)
    for row, (node, _, journey) in zip(answers, found, strict=True):
        if row["felt"] is not None and journey is not None:
            felt[journey].append((row["at"], turn_of(result, node), row["felt"] - 3, row["group"]))
    expected = defaultdict(lambda: [0.0] * 6)
    for answered in felt.values():
        moments = in_order(answered)
        times = [(at - START).total_seconds() for at, *_ in moments]
        smooth = feeling_scores([fmean(xs) for _, xs, _, _ in moments], times)
        every = [x for _, _, x, _ in answered]
        _, ends, last_group, known = moments[-1]
        weighted = smooth.duration_weighted if times[0] < times[-1] else fmean(every)
        peak = max(every, key=lambda x: (abs(x), -x))
        both = [(peak + fmean(ends)) / 2, (min(every) + fmean(ends)) / 2] if known else [0, 0]
        for place, value in enumerate((1, known, fmean(every), *both, weighted)):
            expected[last_group,][place] += value
    table = result.answers.table("curves")
    assert set(table.keys) == set(expected)
    names = ("journeys", "ordered", "mean", "peak_end", "negative_peak_end", "weighted")
    for place, measure in enumerate(names):
        counted = totals(table, measure)
        for key, sums in expected.items():
            assert counted[key] / (1 if place <= 1 else 1e6) == pytest.approx(sums[place], abs=1e-4)


def turn_of(journey, node):
    """Where a place comes on the map; None where its stage is not known."""
    stage, listed = stage_of(node), [one.id for one in journey.touchpoints]
    if not stage:
        return None
    return STAGES.index(stage), listed.index(node if node in listed else node.partition("@")[0]), node


def in_order(answered):
    """Times with the feelings there, the last group, and whether the order there is known."""
    moments = []
    for at in sorted({at for at, *_ in answered}):
        here = [one for one in answered if one[0] == at]
        known = all(turn is not None for _, turn, *_ in here)
        for now in sorted({turn for _, turn, *_ in here}) if known else [None]:
            there = [one for one in here if not known or one[1] == now]
            groups = max(group for *_, group in there)
            moments.append((at, [x for _, _, x, _ in there], groups, known or len(there) == 1))
    return moments


def check_consistency(result, answers, found):
    by_customer = defaultdict(list)
    for order, (row, (node, _, _)) in enumerate(zip(answers, found, strict=True)):
        if node:
            scores = [row["recommend"] / 10, *([] if row["felt"] is None else [(row["felt"] - 1) / 4])]
            by_customer[row["who"]].append((row["at"], order, node, fmean(scores), row["group"]))
    expected = defaultdict(lambda: [0.0] * 6)
    for moments in by_customer.values():
        moments.sort()
        if len({node for _, _, node, _, _ in moments}) < 2:
            continue
        x = [score for *_, score, _ in moments]
        sums = expected[moments[-1][4],]
        in_order = moments[0][0] < moments[-1][0]
        mssd = successive_difference(x) if in_order else 0
        deviation = within_deviation(x)
        for place, value in enumerate((1, deviation, deviation**2, min(x), mssd, in_order)):
            sums[place] += value
    table = result.answers.table("consistency")
    assert set(table.keys) == set(expected)
    names = ("customers", "sd", "variance", "weakest", "mssd", "mssd_customers")
    for place, measure in enumerate(names):
        counted = totals(table, measure)
        for key, sums in expected.items():
            scale = 1 if measure.endswith("customers") else 1e6
            assert counted[key] / scale == pytest.approx(sums[place], abs=1e-4)


def check_scores(result):
    """The numbers on the touchpoints are those that the metrics tell."""
    for touchpoint in result.touchpoints:
        kept = {score.question: score.estimate for score in touchpoint.scores}
        if not any(key[1] == touchpoint.id for key in result.answers.table("answers").keys):
            continue
        told = {
            "recommend": nps(result, touchpoint=touchpoint.id),
            "felt": csat(result, touchpoint=touchpoint.id, definition="mean"),
        }
        for question, estimate in told.items():
            if not estimate.n:
                assert question not in kept
                continue
            for field in ("value", "low", "high"):
                assert getattr(kept[question], field) == pytest.approx(getattr(estimate, field))
            assert kept[question].n == estimate.n
            assert kept[question].customers == estimate.customers
        if "felt" in kept:
            mean = feeling(result, question="felt", touchpoint=touchpoint.id)
            assert touchpoint.feeling == pytest.approx(mean.value)
            assert touchpoint.measured_feeling.low == pytest.approx(mean.low)
            assert touchpoint.feeling_source == "measured"
            assert "mapped linearly from 1 (−2) to 5 (+2)" in touchpoint.measured_feeling.definition


def test_fates_by_answer_are_exact():
    rng = seeded(5)
    events, answers = random_events(rng, 40), random_answers(rng, 40)
    log = log_of(events)
    survey = Feedback(
        table_of(answers), questions=QUESTIONS[:1], customer_col="who", time_col="at", touchpoint_col="about"
    )
    result = with_feedback(DESIGN, survey, log=log, window="2 seconds", unknown="ignore")
    visits = visits_of(events, unit="customer", gap=None)
    known = {t.id for t in DESIGN.touchpoints} | {f"phone@{stage}" for stage in STAGES}
    ways = Counter(
        way for _, way, _ in oracle(answers, visits, window=2 * SECOND, several=False, known=known)
    )
    assert {way: getattr(result.answers.linking, way) for way in ways} == ways
    assert result.answers.linking.window_seconds == 2.0
    assert sum(ways.values()) == len(answers)


def test_ties_take_the_log_order_and_the_window_ends_belong():
    when = [START, START, START + SECOND]
    log = log_of([
        {"who": "a", "what": what, "when": at} for what, at in zip(("ad", "pay", "use"), when, strict=True)
    ])  # fmt: skip
    design = Journey(name="J", touchpoints=[{"id": n, "stage": STAGES[s]} for n, s in FIXED.items()])
    for seconds, place in ((0.0, "pay"), (0.999999, "pay"), (1.0, "use"), (8.0, "use"), (8.000001, "")):
        table = pa.table({"who": ["a"], "at": [START + seconds * SECOND], "score": [7]})
        survey = Feedback(
            table, questions={"column": "score", "measure": "nps"}, customer_col="who", time_col="at"
        )
        result = with_feedback(design, survey, log=log, window="7 s")
        assert {key[1] for key in result.answers.table("answers").keys} == {place}


def test_order_column_decides_ties():
    rows = [
        {"who": "a", "what": what, "when": START, "n": n} for what, n in (("pay", 2), ("ad", 1), ("use", 0))
    ]
    design = Journey(name="J", touchpoints=[{"id": n, "stage": STAGES[s]} for n, s in FIXED.items()])
    survey = Feedback(
        pa.table({"who": ["a"], "at": [START], "score": [7]}),
        questions={"column": "score", "measure": "nps"}, customer_col="who", time_col="at",
    )  # fmt: skip
    result = with_feedback(design, survey, log=log_of(rows, order_col="n"), window="0 s")
    assert result.answers.table("answers").keys[0][1] == "pay"


def test_feelings_of_the_log_where_nobody_was_asked():
    rng = seeded(11)
    events, answers = random_events(rng, 80), random_answers(rng, 80)
    for unit in ("customer", "column"):
        log = log_of(events, feeling_col="felt", journey_col="visit" if unit == "column" else None)
        result = with_feedback(DESIGN, feedback_of(answers), log=log, unknown="ignore")
        expected = [0.0] * 5
        by_journey = defaultdict(list)
        for visits in visits_of(events, unit=unit, gap=None).values():
            for visit in visits:
                if visit.felt is not None:
                    by_journey[visit.journey].append((visit.at, visit.order, visit.felt))
        for moments in by_journey.values():
            moments.sort()
            found = feeling_scores(
                [x for *_, x in moments], [(at - START).total_seconds() for at, *_ in moments]
            )
            for place, value in enumerate(
                (1, found.mean, found.peak_end, found.negative_peak_end, found.duration_weighted)
            ):
                expected[place] += value
        table = result.answers.table("curves")
        assert table.keys == (("",),)
        names = ("journeys", "mean", "peak_end", "negative_peak_end", "weighted")
        for place, measure in enumerate(names):
            counted = sum(table.measures[measure]) / (1 if place == 0 else 1e6)
            assert counted == pytest.approx(expected[place], abs=1e-4)


def test_the_toy_curve():
    # methods.md §4.1, after Kahneman et al. 1993: 2, 3, −4, 1, 3 at 0, 1, 2, 4, 5 → 1, −0.5, 0.2; here halved
    table = pa.table({
        "who": ["a"] * 5, "at": [START + n * SECOND for n in (0, 1, 2, 4, 5)], "x": [1.0, 1.5, -2.0, 0.5, 1.5],
        "about": ["ad", "pay", "ad", "pay", "ad"],
    })  # fmt: skip
    survey = Feedback(
        table, questions={"column": "x", "measure": "feeling"}, customer_col="who", time_col="at",
        touchpoint_col="about",
    )  # fmt: skip
    result = with_feedback(DESIGN, survey)
    curves = result.answers.table("curves").measures
    assert [curves[name] for name in ("journeys", "mean", "peak_end", "negative_peak_end", "weighted")] == [
        (1,), (500_000,), (-250_000,), (-250_000,), (100_000,),
    ]  # fmt: skip
    # MSSD 19.75 of the whole scores, on a part of the scale (a fourth of the halves): 19.75 / 4 / 16
    assert result.answers.table("consistency").measures["mssd"] == (round(19.75 / 64 * 1e6),)


def test_untimed_answers_have_plain_means_and_no_jumps():
    table = pa.table({"who": ["a", "a"], "x": [2.0, -1.0], "about": ["ad", "pay"]})
    survey = Feedback(
        table, questions={"column": "x", "measure": "feeling"}, customer_col="who", touchpoint_col="about"
    )
    answers = with_feedback(DESIGN, survey).answers
    assert (
        answers.table("curves").measures["weighted"] == answers.table("curves").measures["mean"] == (500_000,)
    )
    assert answers.table("consistency").measures["mssd_customers"] == (0,)
    assert answers.table("consistency").measures["mssd"] == (0,)
    assert answers.table("coverage") is None


def observed_toy():
    rows = [
        {"who": "a", "what": what, "when": START + n * SECOND}
        for n, what in enumerate(("see_ad", "chat", "pay", "chat"))
    ]
    log = log_of(rows)
    return log, discover_journey(log, DESIGN, lost_after="1 s")


def test_a_floating_touchpoint_without_log_stands_on_all_its_stages():
    log, journey = observed_toy()
    survey = Feedback(
        pa.table({"who": ["a", "b"], "at": [START + 1.5 * SECOND] * 2, "x": [4, 2], "about": ["chat", "chat"]}),
        questions={"column": "x", "measure": "csat", "scale": {"low": 1, "high": 5}},
        customer_col="who", time_col="at", touchpoint_col="about",
    )  # fmt: skip
    told = {t.id: [s.estimate.value for s in t.scores] for t in with_feedback(journey, survey).touchpoints}
    assert told == {"ad": [], "chat@discovery": [3.0], "pay": [], "chat@purchase": [3.0]}
    by_log = with_feedback(journey, survey, log=log)
    told = {t.id: [s.estimate.value for s in t.scores] for t in by_log.touchpoints}
    assert told == {"ad": [], "chat@discovery": [4.0], "pay": [], "chat@purchase": []}
    assert {key[1] for key in by_log.answers.table("answers").keys} == {"chat@discovery", "chat"}
    designed = with_feedback(DESIGN, survey, log=log)
    assert designed.touchpoint("chat").scores[0].estimate.value == 3.0
    assert designed.touchpoint("chat").scores[0].estimate.customers == 2


@pytest.mark.parametrize("measure", ["nps", "feeling"])
def test_answers_whose_stage_the_log_does_not_know_are_said_beside_those_that_have_one(measure):
    design = Journey(name="J", touchpoints=[{"id": "ad", "stage": "discovery"}, {"id": "line"}])
    log = log_of([
        {"who": who, "what": what, "when": START + n * SECOND}
        for n, (who, what) in enumerate((("a", "ad"), ("a", "line"), ("b", "ad")))
    ])  # fmt: skip
    journey = discover_journey(log, design)
    scores = [10, 0, 0, 0] if measure == "nps" else [2, -2, -2, -2]
    survey = Feedback(
        pa.table({"who": list("abbb"), "at": [START + n * SECOND for n in range(10, 14)], "x": scores,
                  "about": ["line"] * 4}),
        questions={"column": "x", "measure": measure}, customer_col="who", time_col="at",
        touchpoint_col="about",
    )  # fmt: skip
    found = with_feedback(journey, survey, log=log).touchpoint("line@discovery")
    estimate = found.scores[0].estimate if measure == "nps" else found.measured_feeling
    assert (estimate.value, estimate.n) == (1 if measure == "nps" else 2, 1)
    assert estimate.definition.endswith("; 3 more answers about it belong to no stage")
    alone = with_feedback(journey, survey).touchpoint("line@discovery")
    estimate = alone.scores[0].estimate if measure == "nps" else alone.measured_feeling
    assert estimate.n == 4
    assert "no stage" not in estimate.definition


def test_kept_raw_events_and_journeys_without_design():
    rows = [
        {"who": "a", "what": what, "when": START + n * SECOND} for n, what in enumerate(("see_ad", "mail@x"))
    ]
    log = log_of(rows)
    survey = Feedback(
        pa.table({"who": ["a", "a"], "at": [START + 9 * SECOND] * 2, "x": [9, 9], "about": ["", "mail@x"]}),
        questions={"column": "x", "measure": "nps"}, customer_col="who", time_col="at", touchpoint_col="about",
    )  # fmt: skip
    for journey in (discover_journey(log), discover_journey(log, DESIGN, unmapped="keep")):
        result = with_feedback(journey, survey, log=log, window="1 minute")
        assert result.touchpoint("mail@x").scores[0].estimate.n == 2
        assert result.answers.linking.by_time == 1


def test_raw_events_told_apart_by_channel_name_no_touchpoint():
    design = Journey(name="J", touchpoints=[
        {"id": "web", "stage": "purchase", "events": [{"event": "order", "channel": "web"}]},
        {"id": "shop", "stage": "purchase", "events": [{"event": "order", "channel": "shop"}]}])  # fmt: skip
    survey = Feedback(
        pa.table({"x": [9], "about": ["order"]}),
        questions={"column": "x", "measure": "nps"},
        touchpoint_col="about",
    )
    with pytest.raises(UnknownNameError, match="'order' is an event of shop and web; name the touchpoint"):
        with_feedback(design, survey)
    log = EventLog(
        pa.table({"who": ["a"], "what": ["order"], "when": [START], "how": ["shop"]}),
        customer_col="who", event_col="what", time_col="when", channel_col="how",
    )  # fmt: skip
    survey = Feedback(
        pa.table({"who": ["a"], "at": [START], "x": [9]}), questions={"column": "x", "measure": "nps"},
        customer_col="who", time_col="at",
    )  # fmt: skip
    result = with_feedback(design, survey, log=log, window="1 s")
    assert result.touchpoint("shop").scores[0].estimate.n == 1


def simple(scores=(9, 3), **more):
    table = pa.table(
        {"who": [f"c{n}" for n in range(len(scores))], "x": list(scores), "y": [5] * len(scores)}
    )
    question = {"column": "x", "measure": "nps", "touchpoint": "pay"} | more
    return Feedback(table, questions=question, customer_col="who")


def test_two_surveys_come_together():
    first = with_feedback(DESIGN, simple())
    second = with_feedback(first, simple((5, 5, 1), id="later", touchpoint="use"))
    third = with_feedback(second, simple((2.0, 1.0), id="felt", measure="feeling", touchpoint="use"))
    assert [question.id for question in third.answers.questions] == ["x", "later", "felt"]
    assert (third.answers.rows, third.answers.linking.by_question) == (7, 7)
    assert nps(third, question="x").value == 0
    assert nps(third, question="later").n == 3
    assert [score.question for score in third.touchpoint("use").scores] == ["later"]
    assert third.touchpoint("use").feeling == 1.5
    assert third.touchpoint("pay").scores == first.touchpoint("pay").scores
    # what stood there before stands there still
    assert DESIGN.answers is None
    assert DESIGN.touchpoint("pay").scores == ()
    with pytest.raises(InvalidLogError, match="already carries answers to a question 'x'"):
        with_feedback(first, simple())
    with pytest.raises(InvalidLogError, match="only one of the journey's answers and these tells segments"):
        with_feedback(first, simple(id="other"), by="y")


def test_the_graph_knows_what_was_laid_on():
    journey = DESIGN.model_copy()
    assert journey.graph.nodes["pay"]["touchpoint"].scores == ()
    result = with_feedback(journey, simple())
    assert result.graph.nodes["pay"]["touchpoint"].scores[0].question == "x"


def test_equal_answers_and_weights():
    table = pa.table({"who": ["a", "b", "c"], "x": [4, 4, 4], "w": [1.0, 2.0, 3.0], "about": ["pay"] * 3})
    survey = Feedback(
        table, questions={"column": "x", "measure": "csat", "scale": {"low": 1, "high": 5}}, customer_col="who",
        weight_col="w", touchpoint_col="about",
    )  # fmt: skip
    result = with_feedback(DESIGN, survey)
    found, told = (
        result.touchpoint("pay").scores[0].estimate,
        csat(result, touchpoint="pay", definition="mean"),
    )
    assert found.value == 4
    assert found.low == pytest.approx(told.low)
    assert found.high == pytest.approx(told.high)
    assert found.method == told.method


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"window": "7 days"}, "no log to find them in"),
        ({"log": "log", "window": "7 days"}, "the answers have no time"),
        ({"log": "log", "window": "soon"}, "'soon' is no span of time"),
        ({"log": "log", "window": "7 moons"}, "no unit of time 'moons'"),
        ({"log": "log", "window": timedelta(-1)}, "is no span of time"),
        ({"unknown": "keep"}, "is no rule"),
    ],
)
def test_what_cannot_be_is_refused(more, message):
    given = more | ({"log": observed_toy()[0]} if "log" in more else {})
    with pytest.raises(InvalidLogError, match=message):
        with_feedback(DESIGN, simple(), **given)


def test_wrong_names_are_refused_with_the_nearest():
    with pytest.raises(
        UnknownNameError, match="2 answers name touchpoints that 'Random' does not have: 'payy'"
    ) as e:
        with_feedback(DESIGN, simple(touchpoint="payy"))
    assert "did you mean 'pay'?" in str(e.value)
    ignored = with_feedback(DESIGN, simple(touchpoint="payy"), unknown="ignore")
    assert ignored.answers.linking.unknown == 2
    assert nps(ignored).n == 2
    with pytest.raises(UnknownNameError, match="did you mean 'x'"):
        with_feedback(DESIGN, simple(), feeling_from="X")
    journey = observed_toy()[1]
    with pytest.raises(UnknownNameError, match="no event of the log belongs to 'use'"):
        with_feedback(journey, simple(touchpoint="use"))
    with pytest.raises(WrongKindError, match="put the survey into a Feedback"):
        with_feedback(DESIGN, pa.table({"x": [1]}))
    anonymous = Feedback(pa.table({"x": [1]}), questions={"column": "x", "measure": "nps"})
    with pytest.raises(InvalidLogError, match="no customer to find in it"):
        with_feedback(DESIGN, anonymous, log=observed_toy()[0])


def test_times_must_agree():
    aware = Feedback(
        pa.table({"who": ["a"], "at": ["2024-01-01T00:00:00Z"], "x": [1]}),
        questions={"column": "x", "measure": "nps"}, customer_col="who", time_col="at",
    )  # fmt: skip
    with pytest.raises(InvalidLogError, match="those of the log do not") as e:
        with_feedback(DESIGN, aware, log=observed_toy()[0])
    assert "the answers name a time zone" in str(e.value)


def test_journeys_are_told_apart_as_they_were():
    journey = observed_toy()[1]
    other = log_of([{"who": "a", "what": "pay", "when": START, "visit": "v"}], journey_col="visit")
    with pytest.raises(InvalidLogError, match="was discovered without a column that tells journeys apart"):
        with_feedback(journey, simple(), log=other)


def test_a_journey_with_answers_is_written_and_read(tmp_path):
    rng = seeded(3)
    events, answers = random_events(rng, 20), random_answers(rng, 20)
    log = log_of(events)
    observed = discover_journey(log, DESIGN, unmapped="ignore", lost_after="1 s")
    survey = Feedback(
        table_of(answers), customer_col="who", time_col="at", touchpoint_col="about",
        # a score on the scale of feelings must not lose it on the way
        questions=[*QUESTIONS, {"column": "felt", "id": "f", "scale": {"low": -2, "high": 2}, "blank": [3, 4, 5]}],
    )  # fmt: skip
    for journey in (observed, DESIGN):
        known = with_feedback(journey, survey, log=log, window="2 s", by="group", unknown="ignore")
        write_journey(known, tmp_path / "a.json")
        again = read_journey(tmp_path / "a.json")
        assert again == known
        write_journey(again, tmp_path / "b.json")
        assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    with pytest.raises(InvalidJourneyError, match="carries answers, and their counts do not belong in YAML"):
        write_journey(known, tmp_path / "a.yaml")
    schema = journey_schema()
    for name in ("Answers", "Question", "Linking", "MeasuredScore"):
        lacking = [
            key for key, value in schema["$defs"][name]["properties"].items() if not value.get("description")
        ]
        assert lacking == []
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(schema).validate(plain_journey(known))


def test_a_log_in_an_engine_of_the_users_stays_clean():
    rows = [{"who": "a", "what": "pay", "when": START}]
    with DuckDBEngine() as engine:
        log = log_of(rows, engine=engine)
        survey = Feedback(
            pa.table({"who": ["a"], "at": [START], "x": [9]}), questions={"column": "x", "measure": "nps"},
            customer_col="who", time_col="at",
        )  # fmt: skip
        with_feedback(DESIGN, survey, log=log, window="1 s")
        kept = engine.run("select table_name from duckdb_tables() where table_name like 'kept%'")
        assert kept.num_rows == 0


def test_nanoseconds_order_events_within_a_microsecond():
    first = 1_704_067_200_000_000_000
    events = pa.table({
        "who": ["a", "a"], "what": ["pay", "use"], "when": pa.array([first + 300, first + 100], pa.timestamp("ns")),
    })  # fmt: skip
    log = EventLog(events, customer_col="who", event_col="what", time_col="when")
    survey = Feedback(
        pa.table({"who": ["a"], "at": [START], "x": [9]}), questions={"column": "x", "measure": "nps"},
        customer_col="who", time_col="at",
    )  # fmt: skip
    result = with_feedback(DESIGN, survey, log=log, window="1 s")
    assert result.answers.table("answers").keys[0][1] == "pay"


def test_files_and_times_as_text(tmp_path):
    (tmp_path / "log.csv").write_text(
        "who,what,when\n007,pay,2024-01-01T10:00:00+02:00\nNA,see_ad,2024-01-01T09:00:00Z\n"
    )
    (tmp_path / "survey.csv").write_text(
        "who,at,x\n007,2024-01-01T08:00:00Z,9\nNA,2024-01-01T08:59:59Z,1\n7,2024-01-02T00:00:00Z,2\n"
    )
    survey = Feedback(
        tmp_path / "survey.csv",
        questions={"column": "x", "measure": "nps"},
        customer_col="who",
        time_col="at",
    )
    log = EventLog(tmp_path / "log.csv", customer_col="who", event_col="what", time_col="when")
    result = with_feedback(DESIGN, survey, log=log, window="1 day")
    found = result.answers.linking
    assert (found.by_time, found.too_late, found.without_customer) == (1, 1, 1)
    assert result.touchpoint("pay").scores[0].estimate.value == 1
    coverage = result.answers.table("coverage")
    assert (sum(coverage.measures["customers"]), sum(coverage.measures["answered"])) == (2, 2)


def test_nothing_answered_is_no_error():
    table = pa.table({"who": ["a"], "at": [START], "x": pa.array([None], pa.int64())})
    survey = Feedback(
        table, questions={"column": "x", "measure": "feeling"}, customer_col="who", time_col="at"
    )
    log, journey = observed_toy()
    result = with_feedback(journey, survey, log=log, window="1 day")
    assert result.touchpoints == journey.touchpoints
    assert result.answers.linking.linked == 0
    assert result.answers.table("curves").keys == ()
    assert sum(result.answers.table("coverage").measures["answered"]) == 0
