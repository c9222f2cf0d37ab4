"""One poor contact: found where it was planted, and not where it was not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from journeymap.analysis.bad_moment import check_overshadow, points
from journeymap.errors import MissingEvidenceError
from journeymap.events.customer_feelings import with_customer_feelings
from journeymap.events.discover import discover_journey
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from tests.events import felt_journeys as felt


def _known(seed, **truth):
    log = felt.club(seed, **truth)
    return with_customer_feelings(discover_journey(log, felt.DESIGN), log)


@pytest.fixture(scope="module")
def planted():
    return check_overshadow(_known(3, customers=1500, harm=0.4))


def _evidence(name, columns, measures, cells):
    """Make a table of counts (journeys, won), one customer group a tenth of them."""
    rows, groups, counts = [], [], {measure: [] for measure in measures}
    for row, parts in enumerate(cells.values()):
        for group, (journeys, won) in enumerate(parts):
            rows.append(row)
            groups.append(group)
            for measure in measures:
                counts[measure].append(won if "won" in measure else journeys)
    return EvidenceTable(
        name=name, groups=10, key_columns=columns, keys=tuple(cells), row=tuple(rows), group=tuple(groups),
        measures={measure: tuple(values) for measure, values in counts.items()},
    )  # fmt: skip


def by_hand(cells=None, contacts=None):
    """Put counts of journeys, (stage, experience, service), and of those with contacts, into a journey."""
    key = ("stage", "experience", "service")
    tables = (
        _evidence("felt_cells", key, LOOKS, cells or {}),
        _evidence("felt_contacts", (*key, "first"), LOOKS[:3], contacts or {}),
        EvidenceTable(
            name="felt_moments", groups=10, key_columns=(), keys=((),), row=(0,), group=(0,),
            measures=dict.fromkeys(SUMS, (0,)),
        ),
        EvidenceTable(
            name="felt_limits", groups=1, key_columns=("limit", "feeling"), row=(), group=(), measures={},
            keys=(("poor_below", "-0.5"), ("good_above", "0")),
        ),
    )  # fmt: skip
    return Journey(
        name="Club", goal="renew", touchpoints=felt.DESIGN.touchpoints, evidence=tables, origin="observed"
    )


LOOKS = ("journeys", "won", "customers", "final", "final_won", "final_customers")
SUMS = (
    "journeys", "customers", "won", "good_u", "bad_u", "good_good_u", "good_bad_u", "bad_bad_u", "good_won_u",
    "bad_won_u",
)  # fmt: skip


def test_a_difference_and_its_ends_have_one_scale():
    assert points(Estimate(value=-0.01, low=-0.09, high=0.07)) == "−1 point (−9 to +7)"
    assert points(Estimate(value=0.12, low=0.05, high=0.19)) == "+12 points (+5 to +19)"
    assert points(Estimate(value=0.001)) == "0 points"
    assert points(Estimate(value=-0.06, low=-0.12, high=-0.003)) == "−6 points (−12 to −0.3)"
    assert points(Estimate(value=0.003, low=0.0004, high=0.006)) == "+0.3 points (+0.04 to +1)"
    assert points(Estimate(value=0.003, low=-0.02, high=0.0)) == "0 points (−2 to 0)"


def test_the_golden_strata():
    # Greenland & Robins (1985): 10/50 against 5/50, 30/50 against 60/150, .16 in all; here: lost journeys
    found = check_overshadow(by_hand({
        ("discovery", "good", "poor"): [(5, 4)] * 10,
        ("discovery", "good", "none"): [(5, 5)] * 5 + [(5, 4)] * 5,
        ("purchase", "good", "poor"): [(5, 2)] * 10,
        ("purchase", "good", "good"): [(10, 6)] * 10,
        ("purchase", "good", "none"): [(5, 3)] * 10,
        ("purchase", "bad", "none"): [(50, 3)] * 10,
        ("loyalty", "good", "none"): [(9, 3)] * 10,
        ("loyalty", "good", "unknown"): [(4, 1)] * 10,
    }, {
        ("discovery", "good", "good", "poor"): [(5, 1)] * 10,
        ("discovery", "good", "poor", "good"): [(5, 3)] * 10,
        ("purchase", "bad", "poor", "poor"): [(5, 0)] * 10,
    }))  # fmt: skip
    assert found.difference.value == pytest.approx(0.16)
    assert found.against_good.value == pytest.approx(0.4)  # by the first contact, where all else is good
    assert found.crude.value == pytest.approx(40 / 100 - (5 + 60 + 60) / (50 + 150 + 90))
    assert [stage.stage for stage in found.stages] == ["discovery", "purchase", "loyalty"]
    assert found.stages[1].lost_with.value == 0.6
    assert found.stages[2].lost_with.value is None
    assert found.unclear == 40
    assert found.negativity.value is None
    assert "the share lost differs by +16 points (−12 to +48)" in str(found)
    assert "the share lost differs by +40 points" in str(found)
    assert "without regard to the stage by −3 points (−" in str(found)
    assert "poor: a contact that felt below −0.5; good: above 0" in found.difference.definition
    assert "cannot be told" in str(found)


def test_a_planted_bad_moment_is_found(planted):
    assert planted.is_supported
    assert 0.2 < planted.difference.value < 0.4
    assert planted.against_good.low > 0
    # those who leave early had no time for a contact: the crude difference is far smaller
    assert planted.crude.value < planted.difference.value - 0.05
    assert str(planted).startswith("Club: one poor service contact goes with losing more of the journeys")
    assert planted.weighs_bad_more
    assert not planted.difference.small_sample


def test_its_numbers_as_a_table(planted):
    frame = planted.to_frame()
    assert list(frame["what"][:4]) == [
        "difference", "difference from good contacts", "crude difference", "negativity ratio",
    ]  # fmt: skip
    assert frame["value"][0] == planted.difference.value
    assert len(frame) == 4 + 2 * len(planted.stages)
    assert "Mantel" in planted.difference.method
    html = check_overshadow(
        _known(3, customers=60, harm=0.4).model_copy(update={"name": "<b>"})
    )._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.slow
def test_none_is_found_where_there_is_none():
    wrong = held = 0
    for seed in range(30):
        found = check_overshadow(_known(seed, customers=300, harm=0.0, weight=0.0))
        wrong += found.is_supported
        held += found.difference.low <= 0 <= found.difference.high
    assert wrong <= 3
    assert held >= 27


def test_contacts_that_all_go_with_losing_more_do_not_make_the_poor_ones_worse():
    cells = {
        ("purchase", "good", "poor"): [(10, 2)] * 10,
        ("purchase", "good", "good"): [(10, 2)] * 10,
        ("purchase", "good", "none"): [(90, 80)] * 10,
    }
    contacts = {
        ("purchase", "good", "poor", "poor"): [(10, 2)] * 10,
        ("purchase", "good", "good", "good"): [(10, 2)] * 10,
    }
    found = check_overshadow(by_hand(cells, contacts))
    assert found.difference.low > 0
    assert found.against_good.value == pytest.approx(0)
    assert not found.is_supported
    assert "not supported" in str(found)


def test_journeys_that_ended_before_a_contact_was_possible_do_not_hide_harm():
    # of 500 that came to the stage and never to a contact, 55 % had left before one could come
    cells = {
        ("purchase", "good", "poor"): [(20, 6), (20, 10)] * 5,
        ("purchase", "good", "good"): [(20, 17), (20, 19)] * 5,
        ("purchase", "good", "none"): [(50, 17), (50, 13)] * 5,
    }
    contacts = {
        ("purchase", "good", "poor", "poor"): [(20, 6), (20, 10)] * 5,
        ("purchase", "good", "good", "good"): [(20, 17), (20, 19)] * 5,
        ("loyalty", "good", "good", "good"): [(9, 9)] * 10,
    }
    found = check_overshadow(by_hand(cells, contacts))
    assert found.difference.low < 0 < found.against_good.low
    assert found.against_good.value == pytest.approx(0.5)
    assert (found.first_poor, found.first_good) == (200, 200)  # none at a stage with one side alone
    assert found.is_against_good
    assert found.is_supported
    assert "may have ended before one was possible; that hides harm" in str(found)


def test_a_planted_bad_moment_late_in_a_stage_is_found():
    # 60 % are lost after a poor call and 10 % after a good one; before any call half leave
    rng, rows = np.random.default_rng(5), []
    for customer in range(1500):
        places, poor = ["see"], rng.random() < 0.5
        if rng.random() < 0.5:
            places += ["look", "chat"]
            places += ["renew"] * (rng.random() > (0.6 if poor else 0.1))
        for hour, place in enumerate(places):
            felt_so = (-1.5 if poor else 1.0) if place == "chat" else 1.0
            rows.append((f"c{customer}", place, felt.START + timedelta(hours=hour), "v", felt_so))
    design = Journey(
        name="Club", goal="renew", lost_after="0 seconds",
        touchpoints=[
            {"id": "see", "stage": "discovery"}, {"id": "look", "stage": "discovery"},
            {"id": "chat", "service": {"handler": "human"}}, {"id": "renew", "stage": "loyalty"},
        ],
    )  # fmt: skip
    log = felt.log_of(rows)
    found = check_overshadow(with_customer_feelings(discover_journey(log, design), log))
    assert found.against_good.low < 0.5 < found.against_good.high
    assert found.difference.value < 0.3
    assert found.is_supported


def test_too_few_good_contacts_do_not_decide_alone():
    cells = {("purchase", "good", "poor"): [(5, 1)] * 10, ("purchase", "good", "none"): [(50, 5)] * 10}
    contacts = {
        ("purchase", "good", "poor", "poor"): [(5, 1)] * 10,
        ("purchase", "good", "good", "good"): [(1, 1)] * 10,
    }
    found = check_overshadow(by_hand(cells, contacts))
    assert found.against_good.low > 0
    assert (found.first_good, found.is_against_good, found.is_supported) == (10, False, False)
    assert "Fewer than 20 on one side are too few to decide by that alone." in str(found)


def test_without_good_contacts_those_without_any_decide():
    cells = {("purchase", "good", "poor"): [(10, 2)] * 10, ("purchase", "good", "none"): [(50, 40)] * 10}
    found = check_overshadow(by_hand(cells, {("purchase", "good", "poor", "poor"): [(10, 2)] * 10}))
    assert (found.against_good.value, found.is_supported) == (None, True)
    assert "There are no contacts that felt fine to compare with." in str(found)


def test_what_it_needs():
    with pytest.raises(MissingEvidenceError, match="with_customer_feelings"):
        check_overshadow(felt.DESIGN)
    log = felt.club(1, customers=20, harm=0.1)
    journey = with_customer_feelings(discover_journey(log), log)
    with pytest.raises(MissingEvidenceError, match="no goal"):
        check_overshadow(journey)


def test_nothing_to_compare():
    found = check_overshadow(by_hand({("purchase", "good", "none"): [(2, 1)] * 10}))
    assert (found.difference.value, found.crude.value, found.is_supported) == (None, None, False)
    assert "cannot tell" in str(found)
