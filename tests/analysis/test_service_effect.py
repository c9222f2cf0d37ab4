"""What service contacts go with: the toy log by hand, known nothing and known gains by simulation."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import pytest

from journeymap.analysis.service_effect import ServiceEffect, check_service_effect
from journeymap.analysis.service_effect_result import vanished_benefit
from journeymap.errors import MissingEvidenceError, UnknownNameError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.reading import read_steps, with_evidence
from journeymap.events.service_points import point_tables
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from tests import oracle
from tests.analysis import served_journeys as served

SEEDS = 100
UNEVEN = np.array([0, 1, -1, 0, 0, 1, -1, 0, -1, 1])


def with_points(journey, log, **options):
    with read_steps(journey, log, "test", with_times=True) as reading:
        return with_evidence(journey, *point_tables(reading, **options))


@pytest.fixture
def toy(toy_log, toy_design):
    return with_points(discover_journey(toy_log, toy_design), toy_log)


def plain(estimate):
    return round(estimate.value, 6), estimate.n


class TestToyLog:
    """C2: goal with a contact 3/5, without 3/7; after pay 2/3 against 4/5."""

    def test_crude_and_landmarked(self, toy):
        found = check_service_effect(toy)
        assert (found.n_with, found.n_without) == (5, 7)
        assert plain(found.crude_with) == (0.6, 5)
        assert plain(found.crude_without) == (0.428571, 7)
        assert plain(found.crude) == (0.171429, 12)
        assert found.landmark == "Pay"
        assert plain(found.landmarked_with) == (0.666667, 3)
        assert plain(found.landmarked_without) == (0.8, 5)
        assert plain(found.landmarked) == (-0.133333, 8)
        assert plain(found.landmarked_before) == (0.285714, 8)  # journey 7 against 5/7

    def test_at_the_same_point(self, toy):
        """Strata by hand: cart 1/2 vs 4/7, onboard 1/2 vs 3/3, onboard after trouble 1/1 vs 0/1."""
        found = check_service_effect(toy)
        weights, differences = [14 / 9, 6 / 5, 1 / 2], [1 / 2 - 4 / 7, 1 / 2 - 1, 1]
        assert found.stratified.value == pytest.approx(np.average(differences, weights=weights))
        # against those who went on: 4 of 6 at cart; journey 4, which ended there, drops out with its stratum
        stayed = np.average([1 / 2 - 4 / 6, 1 / 2 - 1], weights=[12 / 8, 6 / 5])
        assert found.against_stayed.value == pytest.approx(stayed)
        assert found.standardised_with.value == pytest.approx(3 / 5)
        assert found.standardised_without.value == pytest.approx((2 * 4 / 7 + 2 * 1 + 0) / 5)
        assert found.later.value == pytest.approx(2 * 2 / 7 / 5)
        assert (found.compared, found.verdict, found.e_value_limit) == (5, "cannot tell", 1.0)

    def test_the_apparent_benefit_vanishes(self, toy):
        found = check_service_effect(toy)
        assert found.vanishes
        story = found.story()
        assert story.startswith(
            "60 % of the journeys with a service contact reach the goal and 43 % of those without (5 and 7 decided): "
            "+17 points"
        )
        assert (
            "Of the journeys that reach “Pay”, 67 % of those with a contact after it reach the goal and 80 % of "
            "those without" in story
        )
        assert "not decided yet" not in story
        assert "the apparent benefit vanishes" in story
        assert "cannot tell; the sample is small." in story
        assert "cannot tell" in str(found).splitlines()[0]

    @pytest.mark.parametrize(
        ("of", "journeys", "words"),
        [
            ("bot", 1, "a service contact with a bot"),
            ("human", 4, "a service contact with a person"),
            ("customer", 5, "a service contact that the customer began"),
            ("company", 0, "a service contact that the company began"),
            ("chat", 3, "a contact at Chat"),
            ("chat@purchase", 2, "a contact at Chat"),
        ],
    )
    def test_contacts_of_one_kind(self, toy, of, journeys, words):
        found = check_service_effect(toy, of=of)
        assert (found.n_with, found.contact) == (journeys, words)
        assert found.n_without == 7
        assert found.landmarked_before.value is None
        if not journeys:
            assert found.story() == (
                "No journey that is decided has a service contact that the company began as its first contact."
            )

    def test_only_first_contacts_count_and_the_story_says_so(self, toy):
        """Chat comes first in 3 of the 5 journeys with a contact; the other 2 stand on neither side."""
        found = check_service_effect(toy, of="chat")
        assert found.n_other == 2
        assert found.story().startswith(
            f"Of the 3 journeys whose first contact was at Chat {found.crude_with.value:.0%}"[:-1]
            + " % reach the "
            "goal, of the 7 without any contact 43 % (of those decided): "
        )
        said = "2 journeys with another contact first are left out, even if a contact at Chat came later."
        assert said in found.story()
        assert "Of the 3 journeys whose first contact was at Chat" in found.headline()
        assert "whose first contact was at Chat" in found.crude_with.definition
        assert check_service_effect(toy).n_other == 0
        assert "whose first contact after it was at Chat" in found.story()

    def test_other_contacts_stand_on_neither_side(self, toy):
        found = check_service_effect(toy, of="phone")
        assert plain(found.stratified) == (-1.0, 4)  # 11 after onboard, against 1, 2 and 12

    def test_landmarks_by_name(self, toy):
        found = check_service_effect(toy, landmark="post_purchase")
        assert found.landmark == "Post-purchase"
        assert plain(found.landmarked_without) == (0.8, 5)
        with pytest.raises(UnknownNameError, match="landmark: 'payy' was not counted"):
            check_service_effect(toy, landmark="payy")

    def test_nobody_came_back_yet(self, toy):
        found = check_service_effect(toy, outcome="retained")
        assert (found.stratified.value, found.crude.value, found.verdict) == (None, None, "cannot tell")
        assert found.told == "come back outside service 30 days to 60 days later"
        assert found.story().startswith("Nobody with a service contact was watched for long enough")

    def test_what_travels(self, toy):
        found = check_service_effect(toy)
        assert ServiceEffect.model_validate_json(found.model_dump_json()) == found
        assert "E-value" in set(found.to_frame()["what"])
        assert "the apparent benefit vanishes" in found._repr_html_()

    def test_names_that_there_are_not(self, toy):
        with pytest.raises(UnknownNameError, match="of: no service touchpoint, handler or initiator 'fone'"):
            check_service_effect(toy, of="fone")
        with pytest.raises(UnknownNameError, match="there is no outcome 'joy'"):
            check_service_effect(toy, outcome="joy")

    def test_what_it_needs(self, toy, toy_log, toy_design):
        with pytest.raises(MissingEvidenceError, match="with_service"):
            check_service_effect(toy_design)
        with pytest.raises(MissingEvidenceError, match="without feelings"):
            check_service_effect(toy, outcome="feeling")
        aimless = toy_design.model_copy(update={"goal": ()})
        journey = with_points(discover_journey(toy_log, aimless), toy_log)
        with pytest.raises(MissingEvidenceError, match="no goal"):
            check_service_effect(journey)
        assert check_service_effect(journey, outcome="retained").verdict == "cannot tell"


def points_of(rows, journey):
    """Put points by hand, {(touchpoint, contact): ([closed], [won])} by group, beside a journey."""
    keys = [(name, "1", "0", "", "5", contact) for name, contact in rows]
    groups = len(next(iter(rows.values()))[0])
    cells = [(row, group) for row in range(len(keys)) for group in range(groups)]
    closed, won = (tuple(int(c) for of in rows.values() for c in of[part]) for part in (0, 1))
    nothing = (0,) * len(cells)
    points = EvidenceTable(
        name="service_points", groups=groups,
        key_columns=("touchpoint", "tenure", "struggled", "segment", "waited", "contact"), keys=tuple(keys),
        row=tuple(row for row, _ in cells), group=tuple(group for _, group in cells),
        measures={"closed": closed, "won": won, "went_on": closed, "later": nothing, "customers": closed,
                  "felt": nothing, "watched": nothing, "watched_on": nothing, "retained": nothing},
    )  # fmt: skip
    return with_evidence(journey, points)


def test_golden_strata():
    """Greenland and Robins' weights: 10/50 vs 5/50 and 30/50 vs 60/150 → .16; risks ratio by the same strata."""
    journey = served.counted(served.lifetimes(np.random.default_rng(1), 100))
    rows = {("easy", "help"): ([5] * 10, UNEVEN + 1), ("easy", ""): ([5] * 10, [1, 0] * 5),
            ("hard", "help"): ([5] * 10, UNEVEN + 3), ("hard", ""): ([15] * 10, UNEVEN + 6)}  # fmt: skip
    found = check_service_effect(points_of(rows, journey))
    assert found.stratified.value == pytest.approx(0.16)
    assert found.stratified.low > 0
    assert found.verdict == "more"
    assert found.standardised_with.value == pytest.approx(0.4)
    assert found.standardised_without.value == pytest.approx((0.1 + 0.4) / 2)
    ratio = (25 * 0.2 + 37.5 * 0.6) / (25 * 0.1 + 37.5 * 0.4)  # weights 25 and 37.5
    assert found.e_value == pytest.approx(ratio + np.sqrt(ratio * (ratio - 1)))
    assert 1 < found.e_value_limit < found.e_value
    assert "after a service contact, more reach the goal" in str(found)
    assert "that need not be because of it" in found.story()
    unknown = (
        "To explain away that more reach the goal after a service contact, something we cannot see would have to "
        f"make the contact {found.e_value:.1f} times as likely, and also make it {found.e_value:.1f} times as likely "
        "that customers reach the goal"
    )
    assert unknown in str(found)
    assert "To explain" not in found.story()


def test_small_differences_are_not_claimed():
    journey = served.counted(served.lifetimes(np.random.default_rng(1), 100))
    rows = {("easy", "help"): ([40_000] * 10, 1000 * UNEVEN // 10 + 20_500),
            ("easy", ""): ([40_000] * 10, 1000 * UNEVEN // 10 + 20_000)}  # fmt: skip
    found = check_service_effect(points_of(rows, journey))
    assert found.stratified.value == pytest.approx(0.0125)
    assert found.stratified.low > 0
    assert found.verdict == "cannot tell"
    assert check_service_effect(points_of(rows, journey), min_difference=0.01).verdict == "more"


def test_all_others_left_at_once():
    """Where only those who stay can ask, all others look worse; that alone is no finding."""
    journey = served.counted(served.lifetimes(np.random.default_rng(1), 100))
    rows = {("easy", "help"): ([20] * 10, UNEVEN + 10), ("easy", ""): ([40] * 10, UNEVEN + 10)}
    journey = points_of(rows, journey)
    points = next(t for t in journey.evidence if t.name == "service_points")
    went_on = tuple(20 if c == 40 else c for c in points.measures["closed"])
    journey = with_evidence(
        journey, points.model_copy(update={"measures": points.measures | {"went_on": went_on}})
    )
    found = check_service_effect(journey)
    assert found.stratified.low > 0
    assert found.against_stayed.value == pytest.approx(0)
    assert found.verdict == "cannot tell"


def test_a_benefit_that_a_fair_comparison_excludes():
    wide = {"crude": Estimate(value=0.3), "landmarked": Estimate(value=0.2, low=-0.1, high=0.5)}
    near = Estimate(value=0.02, low=-0.04, high=0.08)
    found = ServiceEffect(journey="x", stratified=near, n_with=5, **wide)
    assert found.vanishes
    assert "So most of the apparent benefit vanishes in a fair comparison." in found.story()
    assert not ServiceEffect(journey="x", stratified=near, verdict="more", **wide).vanishes
    assert not ServiceEffect(journey="x", stratified=Estimate(value=0.2, low=-0.1, high=0.5), **wide).vanishes


@pytest.mark.parametrize(("crude", "fair", "words"), [
    ((0.0, -0.03, 0.03), (-0.01, -0.05, 0.03), ""),
    ((0.04, -0.01, 0.09), (-0.01, -0.05, 0.03), ""),  # too little to look like a benefit, and not sure
    ((0.002, 0.001, 0.003), (-0.01, -0.05, 0.03), ""),  # sure, but written as 0 points
    ((0.04, 0.01, 0.07), (-0.01, -0.05, 0.03), "the apparent benefit vanishes in a fair comparison."),
    ((0.17, -0.3, 0.6), (-0.07, -0.6, 0.5), "the apparent benefit vanishes in a fair comparison."),
    ((0.3, 0.25, 0.35), (0.05, -0.01, 0.11), "most of the apparent benefit vanishes in a fair comparison."),
    ((0.3, 0.25, 0.35), (0.2, -0.01, 0.29), "a part of the apparent benefit vanishes in a fair comparison."),
])  # fmt: skip
def test_only_a_benefit_that_there_seems_to_be_can_vanish(crude, fair, words):
    crude, fair = (Estimate(value=v, low=low, high=high) for v, low, high in (crude, fair))
    assert vanished_benefit(ServiceEffect(journey="x", crude=crude, stratified=fair)) == words


def test_most_journeys_are_not_decided_yet():
    sides = {"crude_with": Estimate(value=0.31, n=102), "crude_without": Estimate(value=0.1, n=882)}
    found = ServiceEffect(journey="x", crude=Estimate(value=0.21), stratified=Estimate(value=0.1), n_with=102,
                          n_without=882, journeys=8_320, undecided=5_523, **sides)  # fmt: skip
    said = "5,523 of 8,320 journeys are not decided yet."
    assert said in found.story()
    assert found.headline().startswith(
        "31 % of the journeys with a service contact reach the goal and 10 % of those without (of those decided); at "
    )
    assert said in found.headline()
    assert said not in found.model_copy(update={"undecided": 4_160}).story()


def test_the_simulations_count_as_the_engine_does():
    rng = np.random.default_rng(3)
    customer = np.repeat(np.arange(80), 3)
    for walked, of in ((served.detours(rng, 150), np.arange(150)), (served.paces(rng, 100, uses=4), np.arange(100)),
                       (served.planted(rng, 240, customer, gain=0.1), customer)):  # fmt: skip
        log = EventLog(served.events(walked, of), customer_col="customer", event_col="event",
                       time_col="time", journey_col="journey")  # fmt: skip
        journey = with_points(discover_journey(log, served.design()), log, min_customers=1)
        by_hand = {table.name: oracle.totals(table) for table in served.counted(walked, of).evidence}
        for table in journey.evidence:
            if table.name == "service_points":
                found = {key: {name: n for name, n in row.items() if name in by_hand["journeys"][()] | POINTS}
                         for key, row in oracle.totals(table).items()}  # fmt: skip
                assert found == by_hand["service_points"]
            if table.name == "landmarks":
                found = {
                    key: row["closed"] for key, row in oracle.totals(table).items() if key[0] == "@start"
                }
                assert found == {key: row["closed"] for key, row in by_hand["landmarks"].items()}


POINTS = dict.fromkeys(("points", "closed", "won", "went_on", "later", "customers"))


def claims(make, size, *, seeds=SEEDS):
    return [check_service_effect(served.counted(make(np.random.default_rng(n), size))) for n in range(seeds)]


@pytest.mark.parametrize(("make", "size"), [(served.detours, 800), (served.lifetimes, 600)])
def test_where_service_does_nothing_no_effect_is_claimed(make, size):
    """A chain with detours; lifetimes with chance contacts: crudely service looks good by 29 points."""
    found = claims(make, size)
    assert sum(one.verdict != "cannot tell" for one in found) <= 10
    assert sum(one.crude.low > 0.1 for one in found) >= 90
    assert sum(one.vanishes for one in found) >= 90
    stratified, stayed = (np.mean([getattr(one, name).value for one in found])
                          for name in ("stratified", "against_stayed"))  # fmt: skip
    assert stayed < 0 < stratified + 0.01


@pytest.mark.parametrize("uses", [0, 8])
def test_who_comes_rarely_has_more_time_to_ask(uses):
    """Without regard to how long the others had waited, an effect is claimed in 6 and in 94 of 100 logs."""
    found = claims(functools.partial(served.paces, uses=uses), 600, seeds=50)
    assert sum(one.verdict != "cannot tell" for one in found) <= 5
    stratified, stayed = (np.mean([getattr(one, name).value for one in found])
                          for name in ("stratified", "against_stayed"))  # fmt: skip
    assert stayed < 0 < stratified


def test_without_regard_to_the_wait_an_effect_is_claimed_that_there_is_not():
    journeys = [served.counted(served.paces(np.random.default_rng(n), 600, uses=8)) for n in range(10)]
    claimed = 0
    for journey in journeys:
        points = next(table for table in journey.evidence if table.name == "service_points")
        alike = tuple((*key[:4], "5", key[5]) for key in points.keys)
        counted = with_evidence(journey, points.model_copy(update={"keys": alike}))
        claimed += check_service_effect(counted).verdict == "fewer"
    assert claimed >= 8


@pytest.mark.parametrize(("gain", "verdict"), [(0.1, "more"), (-0.1, "fewer")])
def test_ten_points_planted_are_covered(gain, verdict):
    """Three journeys a customer, some customers liking it more; those for whom it is hard ask more often."""
    customer = np.repeat(np.arange(500), 3)
    found = [
        check_service_effect(
            served.counted(served.planted(np.random.default_rng(n), 1500, customer, gain=gain), customer)
        )
        for n in range(SEEDS)
    ]
    assert sum(one.stratified.low <= gain <= one.stratified.high for one in found) >= 90
    assert sum(one.verdict == verdict for one in found) >= 80
    assert np.mean([one.stratified.value for one in found]) == pytest.approx(gain, abs=0.015)


def felt_log(seed, *, customers, gain):
    """Customers feel worse or better from day to day; when it is bad they call, which adds `gain`."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(0.3, 0.5, customers)
    before = np.clip(np.rint(mood + rng.normal(0, 0.8, customers)), -2, 2)
    calls = rng.random(customers) < np.where(before < 0, 0.7, 0.1)
    after = np.clip(np.rint(mood + gain * calls + rng.normal(0, 0.8, customers)), -2, 2)
    rows = []
    for number in range(customers):
        rows.append((number, "use", 0, before[number]))
        if calls[number]:
            rows.append((number, "help", 1, None))
        rows.append((number, "sign_up", 2, after[number]))
    table = pa.table({
        "customer": [f"c{row[0]}" for row in rows], "event": [row[1] for row in rows],
        "time": pa.array([row[2] * oracle.HOUR for row in rows], pa.timestamp("us")),
        "felt": pa.array([row[3] for row in rows], pa.float64()),
    })  # fmt: skip
    return EventLog(table, customer_col="customer", event_col="event", time_col="time", feeling_col="felt")


@pytest.mark.parametrize(("gain", "verdict"), [(0.0, "cannot tell"), (0.8, "more")])
def test_feelings_are_compared_at_equal_feelings_before(gain, verdict):
    log = felt_log(2, customers=1500, gain=gain)
    found = check_service_effect(
        with_points(discover_journey(log, served.design()), log), outcome="feeling", landmark="sign_up"
    )
    assert found.verdict == verdict
    assert found.crude.value < 0.5 * gain + 0.05  # who calls felt bad before, and that counts there
    assert found.stratified.low < gain + 0.05
    assert found.against_stayed == found.stratified
    assert (found.e_value, found.later.value) == (None, None)
    assert "customers feel" in found.story()
    if verdict == "more":
        assert "customers feel better" in str(found).splitlines()[0]
        gap = found.standardised_with.value - found.standardised_without.value
        assert gap == pytest.approx(found.stratified.value, abs=0.1)


def test_who_comes_back():
    """Contacts and visits by chance: the share that comes back is as large with and without."""
    rng = np.random.default_rng(8)
    rows = []
    for number in range(400):
        for month in range(int(rng.geometric(0.15))):
            rows.append((f"c{number}", "use", month * 24 * 30 + 1))
            if rng.random() < 0.15:
                rows.append((f"c{number}", "help", month * 24 * 30 + 2))
    table = pa.table({
        "customer": [row[0] for row in rows], "event": [row[1] for row in rows],
        "time": pa.array([row[2] * oracle.HOUR for row in rows], pa.timestamp("us")),
    })  # fmt: skip
    log = EventLog(table, customer_col="customer", event_col="event", time_col="time")
    journey = with_points(discover_journey(log, served.design()), log, retained_after="20 days")
    found = check_service_effect(journey, outcome="retained")
    assert found.verdict == "cannot tell"
    assert abs(found.stratified.value) < 0.1
    assert found.against_stayed.value < found.stratified.value
    assert "come back outside service 20 days to 40 days later" in found.story()
    assert "watched long enough, from the beginning of the journey on)" in found.story()
    assert "compared, counted from that point)" in found.story()
    assert "counted from the journey's first event" in found.crude_with.definition
    assert "counted from that point" in found.stratified.definition
    assert found.e_value_limit == 1.0


def test_journeys_that_begin_with_service_are_left_out():
    table = pa.table({"customer": ["a", "b", "b"], "event": ["help", "use", "goal"],
                      "time": ["2024-05-01", "2024-05-01", "2024-05-02"]})  # fmt: skip
    log = EventLog(table, customer_col="customer", event_col="event", time_col="time")
    found = check_service_effect(with_points(discover_journey(log, served.design()), log))
    assert (found.n_with, found.compared, found.stratified.value) == (1, 0, None)
    assert "No contact has others at the same point of the journey" in found.story()
    assert found.assumptions[-1] == "Left out of it: 1 contact with no others at the same point."


def test_a_journey_without_service():
    log = EventLog(pa.table({"customer": ["a", "b"], "event": ["use", "pay"], "time": ["2024-05-01"] * 2}),
                   customer_col="customer", event_col="event", time_col="time")  # fmt: skip
    design = Journey(name="Quiet", goal="pay", lost_after="0 s", touchpoints=[
        {"id": "use", "stage": "purchase"}, {"id": "pay", "stage": "purchase"}])  # fmt: skip
    found = check_service_effect(with_points(discover_journey(log, design), log))
    assert (found.n_with, found.n_without, found.crude.value) == (0, 2, None)
    assert found.story().startswith("No service contact comes before")
