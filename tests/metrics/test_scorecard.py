"""The scorecard: every row is the metric of the same name, and what cannot be given says what it needs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from journeymap.errors import InvalidLogError, MissingEvidenceError, UnknownNameError, WrongKindError
from journeymap.events.activity import cohorts
from journeymap.events.answers import answers
from journeymap.events.contacts import contacts
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.events.tickets import Tickets
from journeymap.events.with_feedback import with_feedback
from journeymap.metrics import experience, service_outcomes, service_times
from journeymap.metrics.contact_rate import contact_rate
from journeymap.metrics.feedback_coverage import feedback_coverage
from journeymap.metrics.feelings import feeling_scores
from journeymap.metrics.retention import retention
from journeymap.metrics.scorecard import scorecard
from journeymap.metrics.scorecard_experience import goal_rate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.scorecard import Scorecard, ScorecardRow

START = datetime(2024, 1, 1)  # noqa: DTZ001 - naive times, taken as given
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DESIGN = Journey(
    name="Shop",
    goal="pay",
    lost_after="10 days",
    touchpoints=[
        {"id": "ad", "stage": "discovery"},
        {"id": "pay", "stage": "purchase"},
        {"id": "chat", "stage": "post_purchase", "service": True},
    ],
)
FIVE = {"low": 1, "high": 5}
QUESTIONS = [
    {"column": "recommend", "measure": "nps", "name": "Would you recommend us?"},
    {"column": "stars", "measure": "csat", "scale": FIVE},
    {"column": "easy", "measure": "ces", "version": "2.0"},
    {"column": "felt", "measure": "feeling"},
    {"column": "fast", "measure": "csat", "scale": FIVE, "touchpoint": "pay"},
    {"column": "helped", "measure": "csat", "scale": FIVE, "family": "service", "name": "Were you helped?"},
    {"column": "kind", "scale": FIVE, "family": "service", "element": "human"},
]


def events(customers=30):
    """Everybody sees the ad; two of three pay a day later and chat two days after; some come back a month on."""
    rows = []
    for number in range(customers):
        who, at = f"c{number:02d}", START + number * HOUR
        rows.append((who, "ad", at))
        if number % 3:
            rows += [(who, "pay", at + DAY), (who, "chat", at + 3 * DAY)]
        if number % 2:
            rows.append((who, "ad", at + 40 * DAY))
    return EventLog(
        pa.table(dict(zip(("who", "what", "when"), map(list, zip(*rows, strict=True)), strict=True))),
        customer_col="who", event_col="what", time_col="when",
    )  # fmt: skip


def survey(customers=30):
    rows = [
        {
            "who": f"c{n:02d}", "at": START + n * HOUR + 3 * DAY + HOUR, "about": "chat" if n % 3 else "ad",
            "recommend": n % 11, "stars": 1 + n % 5, "easy": 1 + n % 7, "felt": n % 5 - 2, "fast": 1 + n % 4,
            "helped": 1 + n % 5 if n % 3 else None, "kind": 5 - n % 3 if n % 3 else None,
            "region": "north" if n % 2 else "south",
        }
        for n in range(customers)
    ]  # fmt: skip
    return Feedback(
        pa.Table.from_pylist(rows), customer_col="who", time_col="at", touchpoint_col="about",
        segment_cols="region", questions=QUESTIONS,
    )  # fmt: skip


def tickets(customers=30):
    rows = [
        {
            "who": f"c{n % 24:02d}", "opened": START + n * 5 * HOUR,
            "first": START + n * 5 * HOUR + (1 + n % 4) * HOUR,
            "solved": START + n * 5 * HOUR + (10 + 5 * (n % 6)) * HOUR if n % 5 else None,
            "again": n % 10 == 1, "up": n % 6 == 0, "place": "chat" if n % 4 else "ad",
            "region": "north" if n % 2 else "south",
        }
        for n in range(customers)
    ]  # fmt: skip
    return Tickets(
        pa.Table.from_pylist(rows), customer_col="who", opened_col="opened", first_response_col="first",
        resolved_col="solved", reopened_col="again", escalated_col="up", touchpoint_col="place",
        segment_cols="region",
    )  # fmt: skip


@pytest.fixture(scope="module")
def log():
    return events()


@pytest.fixture(scope="module")
def journey(log):
    observed = discover_journey(log, DESIGN)
    felt = with_feedback(observed, survey(), log=log, by="region")
    return felt.model_copy(update={"contacts": contacts(tickets(), by="region")})


@pytest.fixture(scope="module")
def card(journey, log):
    return scorecard(journey, cohorts=cohorts(log))


def test_a_bare_design_has_every_row_and_each_says_what_it_needs():
    card = scorecard(DESIGN)
    assert [row for row in card.rows if row.estimate.value is not None] == []
    assert all(row.missing for row in card.rows)
    assert "with_tickets(journey, tickets)" in card.row("first_response").missing
    assert "with_feedback(journey, feedback)" in card.row("nps").missing
    assert "discover_journey" in card.row("goal_rate").missing
    assert "cohorts" in card.row("retention").missing
    assert {row.family for row in card.rows} == {"service", "experience"}


def test_keys_are_unique(card):
    keys = [row.key for row in card.rows]
    assert len(set(keys)) == len(keys)


def test_experience_rows_are_the_metrics(card, journey, log):
    assert card.row("nps").estimate == experience.nps(journey, question="recommend")
    assert card.row("csat").estimate == experience.csat(journey, definition="top_2_box", question="stars")
    assert card.row("ces").estimate == experience.ces(journey, definition="mean")
    felt = feeling_scores(journey)
    assert card.row("feeling").estimate == felt.mean
    assert card.row("peak_end").estimate == felt.peak_end
    assert card.row("retention").estimate == retention(cohorts(log))
    assert card.row("coverage").estimate == feedback_coverage(journey).customers
    assert card.row("covered_touchpoints").estimate.value == feedback_coverage(journey).touchpoints.value


def test_service_rows_are_the_metrics(card, journey):
    counted = journey.contacts
    assert (
        card.row("first_response").estimate.value == service_times.first_response_time(counted).median.value
    )
    assert card.row("first_response_p90").estimate.high == service_times.first_response_time(counted).p90.high
    within = service_times.resolution_rate(counted, within="3 days")
    assert card.row("resolution_rate").estimate == within
    fcr = service_outcomes.first_contact_resolution(counted, definition="operational")
    assert card.row("fcr").estimate == fcr
    assert card.row("repeat_contacts").estimate == service_outcomes.repeat_contact_rate(counted)
    assert card.row("contact_rate").estimate == contact_rate(counted, customers=journey)
    assert card.row("escalated").estimate == service_outcomes.escalation_rate(counted)
    both = experience.human_and_support(journey)
    assert card.row("human").estimate == both.human
    helped = experience.csat(journey, definition="top_2_box", question="helped")
    assert card.row("csat:helped").estimate == helped
    assert card.row("csat:helped").family == "service"
    assert card.row("csat:helped").name == "Service CSAT, top-2-box"


def test_numbers_that_one_can_count_on_fingers(card):
    # 0 … 10 in turn for 30 customers: 9 and 10 from 4, 7 and 8 from 5, the others from 21 of them
    assert card.row("nps").estimate.value == pytest.approx((4 - 21) / 30)
    assert card.row("csat").estimate.value == pytest.approx(12 / 30)
    # 20 of 30 pay; of the others the 5 with an odd number came back so late that they are still open
    assert card.row("goal_rate").estimate.value == pytest.approx(20 / 25)
    assert card.row("reopened").estimate.value == pytest.approx(3 / 24)  # c1, c11, c21 of 24 resolved
    assert card.row("escalated").estimate.value == pytest.approx(5 / 30)
    assert card.row("first_response").estimate.value == 2 * 3600


def test_goal_rate_leaves_open_journeys_out(toy_log, toy_design):
    # 12 journeys of the toy log, six of which renew; without a longer silence nobody is open
    found = goal_rate(discover_journey(toy_log, toy_design))
    assert (found.value, found.n, found.censored) == (0.5, 12, 0)
    patient = discover_journey(toy_log, toy_design, lost_after="5 days")
    found = goal_rate(patient)
    assert found.n + found.censored == 12
    assert found.censored == patient.observation.open > 0
    assert found.value == patient.observation.won / found.n


def test_without_a_goal_the_rate_says_so(toy_log):
    journey = discover_journey(toy_log)
    assert goal_rate(journey).value is None
    assert "a goal is needed" in scorecard(journey).row("goal_rate").missing


def test_what_is_not_declared_is_named(card):
    assert "queued_col" in card.row("abandonment").missing
    assert "element='support'" in card.row("support").missing
    assert card.row("support").estimate.value is None


def test_a_question_about_one_touchpoint_waits_for_its_stage(card, journey):
    assert card.row("csat:fast") is None
    assert any("1 question asks about a single touchpoint" in note for note in card.notes)
    purchase = scorecard(journey, stage="purchase")
    assert purchase.row("csat").question == "Fast"
    assert purchase.row("csat").estimate.n == 30
    assert purchase.row("nps").estimate.value is None
    assert "belongs to this stage" in purchase.row("nps").missing


def same_but_for_the_scope(row, estimate, scope):
    """The card says its scope once, above; the metric on its own says it in its definition."""
    assert scope in estimate.definition
    assert scope not in row.estimate.definition
    assert row.estimate == estimate.model_copy(update={"definition": row.estimate.definition})


def test_a_stage_has_its_own_numbers_and_leaves_out_those_of_the_whole(journey):
    card = scorecard(journey, stage="post_purchase")
    assert card.scope == "stage Post-purchase"
    nps = experience.nps(journey, stage="post_purchase")
    same_but_for_the_scope(card.row("nps"), nps, ", at stage post_purchase")
    escalated = service_outcomes.escalation_rate(journey.contacts, touchpoint="chat")
    same_but_for_the_scope(card.row("escalated"), escalated, " (touchpoint chat)")
    assert card.row("feeling").name == "Feeling at the stage, mean"
    assert card.row("retention") is None
    assert any(note.startswith("Retention, goal") for note in card.notes)
    nobody = scorecard(journey, stage="loyalty")
    assert nobody.row("escalated").missing.startswith("no contact belongs to a touchpoint of this stage")


def test_a_segment_has_its_own_numbers(journey):
    card = scorecard(journey, segment="north")
    assert card.scope == "region is north"
    nps = experience.nps(journey, question="recommend", segment="north")
    same_but_for_the_scope(card.row("nps"), nps, ", region is north")
    escalated = service_outcomes.escalation_rate(journey.contacts, segment="north")
    same_but_for_the_scope(card.row("escalated"), escalated, " (segment north)")
    assert "not told apart by segment" in card.row("contact_rate").missing


def test_a_segment_that_only_the_survey_knows_is_said_of_the_tickets(journey):
    plain = journey.model_copy(update={"contacts": contacts(tickets())})
    card = scorecard(plain, segment="north")
    assert card.row("nps").estimate.value is not None
    assert "with_tickets(journey, tickets, by=...)" in card.row("escalated").missing


@pytest.mark.parametrize(
    ("csat", "name", "unit", "better"),
    [("mean", "CSAT, mean", "score", "higher"), ("bottom_2_box", "Dissatisfied, bottom-2-box", "share", "lower"),
     ("top_box", "CSAT, top box", "share", "higher")],
)  # fmt: skip
def test_definitions_of_csat_are_named(journey, csat, name, unit, better):
    row = scorecard(journey, csat=csat).row("csat")
    assert (row.name, row.unit, row.better) == (name, unit, better)
    assert row.estimate == experience.csat(journey, definition=csat, question="stars")


def test_definitions_of_effort_turn_its_direction(journey):
    mean, cost = (scorecard(journey, ces=name).row("ces") for name in ("mean", "effort_cost"))
    assert (mean.better, mean.scale.high, mean.name) == (
        "higher",
        7,
        "Customer Effort Score, mean (version 2.0)",
    )
    assert (cost.better, cost.scale.high) == ("lower", 1)
    assert cost.estimate.value == pytest.approx((7 - mean.estimate.value) / 6)


def test_effort_belongs_to_the_family_that_the_question_declares():
    asked = {"column": "easy", "measure": "ces", "version": "2.0", "family": "service"}
    told = answers(Feedback(pa.table({"easy": [1, 4, 7]}), questions=asked))
    card = scorecard(DESIGN.model_copy(update={"answers": told}))
    (row,) = (row for row in card.rows if row.key.startswith("ces"))
    assert (row.family, row.estimate.value) == ("service", 4.0)


def test_several_questions_of_one_kind_are_rows_of_their_own():
    asked = [{"column": name, "measure": "nps", "name": name.upper()} for name in ("a", "b")]
    told = answers(Feedback(pa.table({"a": [10, 0], "b": [9, 9]}), questions=asked))
    card = scorecard(DESIGN.model_copy(update={"answers": told}))
    assert [(row.key, row.name, row.estimate.value) for row in card.measured("experience")][:2] == [
        ("nps:a", "Net Promoter Score: A", 0.0), ("nps:b", "Net Promoter Score: B", 1.0),
    ]  # fmt: skip


def test_boxes_of_a_scale_without_boxes_are_not_invented():
    asked = {"column": "points", "measure": "csat", "scale": {"low": 0, "high": 100}}
    told = answers(Feedback(pa.table({"points": [40, 60]}), questions=asked))
    journey = DESIGN.model_copy(update={"answers": told})
    assert "needs 3 to 11 whole answers" in scorecard(journey).row("csat").missing
    assert scorecard(journey, csat="mean").row("csat").written == "50.0"


def test_what_was_set_aside_is_said():
    table = pa.table(
        {"who": ["a", "b"], "opened": ["2024-01-02", "2024-01-02"], "first": ["2024-01-01", "2024-01-03"]}
    )
    counted = contacts(Tickets(table, customer_col="who", opened_col="opened", first_response_col="first"))
    card = scorecard(DESIGN.model_copy(update={"contacts": counted}))
    assert any(note.startswith("Tickets: 1 left out: ") for note in card.notes)


def test_a_median_that_was_not_reached_says_so():
    table = pa.table(
        {"who": ["a", "b", "c"], "opened": ["2024-01-01"] * 3, "first": ["2024-01-02", None, None]}
    )
    counted = contacts(
        Tickets(table, customer_col="who", opened_col="opened", first_response_col="first"),
        observed_until="2024-02-01",
    )
    row = scorecard(DESIGN.model_copy(update={"contacts": counted})).row("first_response")
    assert row.estimate.n == 3
    assert row.missing == "fewer than half were answered in the time seen"


def test_sessions_that_a_bot_solved_alone_do_not_wait_for_a_person():
    table = pa.table({
        "who": ["a", "b", "c", "d", "e"], "by": ["bot", "bot", "Ann", None, "Bea"],
        "opened": ["2024-01-01"] * 5, "person": [None, None, "2024-01-02", "2024-01-02", "2024-01-02"],
    })  # fmt: skip
    columns = {"customer_col": "who", "opened_col": "opened", "first_human_response_col": "person"}
    counted = contacts(Tickets(table, **columns, handler_col="by"), observed_until="2024-02-01")
    row = scorecard(DESIGN.model_copy(update={"contacts": counted})).row("first_human_response_p90")
    assert (row.estimate.value, row.estimate.n) == (86_400, 3)
    assert row.estimate.definition.endswith("(handler not bot)")
    counted = contacts(Tickets(table, **columns), observed_until="2024-02-01")  # it is not known by whom
    row = scorecard(DESIGN.model_copy(update={"contacts": counted})).row("first_human_response_p90")
    assert (row.estimate.value, row.estimate.n) == (None, 5)


def test_tickets_of_strangers_leave_the_contact_rate_unknown(journey):
    table = pa.table({"who": [f"x{n}" for n in range(99)], "opened": ["2024-01-01"] * 99})
    counted = contacts(Tickets(table, customer_col="who", opened_col="opened"))
    row = scorecard(journey.model_copy(update={"contacts": counted})).row("contact_rate")
    assert row.estimate.value is None
    assert "30 are at risk, but 99 have contacts" in row.missing


def test_tickets_of_another_time_than_the_events_are_said(journey):
    assert any(
        note.startswith("Tickets are from 2024-01-01 to 2024-01-0") for note in scorecard(journey).notes
    )
    table = pa.table({"who": ["c01", "c02"], "opened": [START, journey.observation.observed_until]})
    counted = contacts(Tickets(table, customer_col="who", opened_col="opened"))
    notes = scorecard(journey.model_copy(update={"contacts": counted})).notes
    assert not any(note.startswith("Tickets are from") for note in notes)


def test_mistakes_are_refused(journey):
    with pytest.raises(WrongKindError, match="scorecard: cannot take"):
        scorecard("journey")
    with pytest.raises(WrongKindError, match="cohorts"):
        scorecard(journey, cohorts=3)
    with pytest.raises(UnknownNameError, match="no stage 'purchse'"):
        scorecard(journey, stage="purchse")
    with pytest.raises(
        UnknownNameError, match=r"no segment 'nort'.*\n?.*north, south\.\nHint: did you mean 'north'"
    ):
        scorecard(journey, segment="nort")
    with pytest.raises(MissingEvidenceError, match=r"by=\.\.\."):
        scorecard(DESIGN, segment="north")
    with pytest.raises(UnknownNameError, match="csat: no definition 'top'"):
        scorecard(journey, csat="top")
    with pytest.raises(InvalidLogError, match="resolved_within: 'soon' is no span"):
        scorecard(journey, resolved_within="soon")
    with pytest.raises(InvalidLogError, match="resolved_within"):
        scorecard(journey, resolved_within="3 moons")


def test_a_stage_says_which_answers_belong_to_none():
    design = Journey(
        name="J", touchpoints=[{"id": "ad", "stage": "discovery"}, {"id": "line", "name": "Line"}]
    )
    log = EventLog(
        pa.table({"who": ["a", "a", "b"], "what": ["ad", "line", "ad"],
                  "when": [START, START + HOUR, START + HOUR]}),
        customer_col="who", event_col="what", time_col="when",
    )  # fmt: skip
    told = Feedback(
        pa.table({"who": list("abbb"), "at": [START + DAY] * 4, "x": [10, 0, 0, 0], "f": [2, None, None, -2],
                  "about": ["line"] * 4, "region": ["n", "n", "s", "s"]}),
        questions=[{"column": "x", "measure": "nps"}, {"column": "f", "measure": "feeling"}],
        customer_col="who", time_col="at", touchpoint_col="about", segment_cols="region",
    )  # fmt: skip
    journey = with_feedback(discover_journey(log, design), told, log=log, by="region")
    here = scorecard(journey, stage="discovery")
    assert (here.row("nps").estimate.value, here.row("nps").estimate.n) == (1, 1)
    assert here.row("nps").estimate.definition.endswith("; 3 answers about Line belong to no stage")
    assert here.row("feeling").estimate.definition.endswith("; 1 answer about Line belongs to no stage")
    north = scorecard(journey, stage="discovery", segment="n").row("nps").estimate.definition
    assert north.endswith("; 1 answer about Line belongs to no stage")
    elsewhere = scorecard(journey, stage="purchase").row("nps").missing
    assert elsewhere.startswith("no answer belongs to this stage; 3 answers about Line belong to no stage: ")
    assert "no stage" not in scorecard(journey).row("nps").estimate.definition


def test_it_reads_aloud_as_two_aligned_blocks(card):
    lines = str(card).splitlines()
    assert lines[0] == "Shop: service and experience, whole journey"
    assert lines[1].startswith("30 customers, 2024-01-01 to 2024-02-1")
    first = lines[
        lines.index("Customer service: help at a moment") + 1 : lines.index(
            "Customer service: help at a moment"
        )
        + 4
    ]
    assert len({line.index(" n = ") for line in first}) == 1
    assert "Customer experience: the whole relationship" in lines
    assert any(line.startswith("  not known: Abandonment (") for line in lines)


def test_its_frame_has_a_row_for_each_number(card):
    pytest.importorskip("pandas")
    frame = card.to_frame()
    assert list(frame["key"]) == [row.key for row in card.rows]
    assert frame.set_index("key").loc["nps", "value"] == card.row("nps").estimate.value
    assert frame.set_index("key").loc["abandonment", "missing"] == card.row("abandonment").missing
    assert not frame.set_index("key").loc["abandonment", "small_sample"]


def test_its_html_is_escaped():
    row = ScorecardRow(family="service", key="k", name="<b>", estimate=Estimate(value=None), missing="<i>")
    html = Scorecard(journey="<script>", rows=(row,), notes=("<u>",))._repr_html_()
    assert not any(tag in html for tag in ("<script>", "<b>", "<i>", "<u>"))
    assert html.count("<table>") == 2


@pytest.mark.parametrize(
    ("unit", "value", "low", "high", "written", "between"),
    [
        ("share", 0.384, 0.3, 0.5, "38 %", "30 % to 50 %"),
        ("share", 0.0004, 0.0, 0.002, "under 0.1 %", "0 % to 0.2 %"),
        ("net_promoter", -0.004, -0.1, 0.1, "0", "−10 to +10"),
        ("seconds", 5_400, 3_600, 7_200, "1.5 hours", "1 hour to 2 hours"),
        ("seconds", 30, 20, None, "30 seconds", "at least 20 seconds"),
        ("seconds", 30, None, 40, "30 seconds", "at most 40 seconds"),
        ("feeling", 0.25, -0.5, 1.0, "+0.2", "−0.5 to +1.0"),
        ("per_customer", 0.0473, 0.04, 0.2, "0.047", "0.040 to 0.20"),
        ("score", 4.567, 4.0, None, "4.57", "at least 4.00"),
        ("score", 4.567, None, None, "4.57", ""),
    ],
)
def test_numbers_are_written_as_a_person_would(unit, value, low, high, written, between):
    row = ScorecardRow(
        family="service", key="k", name="K", unit=unit, estimate=Estimate(value=value, low=low, high=high)
    )
    assert (row.written, row.between) == (written, between)
