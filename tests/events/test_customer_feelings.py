"""How customers felt, counted in the engine and by an oracle."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from journeymap.errors import InvalidLogError, JourneyMapError, MissingEvidenceError
from journeymap.events.customer_feelings import with_customer_feelings
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.formats import read_journey, write_journey
from tests.events import felt_journeys as felt


def _table(journey, name):
    return next(table for table in journey.evidence if table.name == name)


def _sums(table):
    counts = {key: Counter() for key in table.keys}
    for place, row in enumerate(table.row):
        for measure, values in table.measures.items():
            counts[table.keys[row]][measure] += values[place]
    return {key: dict(sums) for key, sums in counts.items()}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("poor_below", "good_above", "least"), [(0, 0, 1), (-0.5, 0.25, 12)])
def test_the_engine_counts_what_the_oracle_counts(seed, poor_below, good_above, least):
    rows = felt.random_rows(seed)
    log = felt.log_of(rows, journeys=True)
    journey = discover_journey(log, felt.DESIGN)
    known = with_customer_feelings(
        journey, log, poor_below=poor_below, good_above=good_above, min_customers=least
    )
    found, moments, contacts = felt.looks(rows, poor_below=poor_below, good_above=good_above)
    assert _sums(_table(known, "felt_cells")) == felt.cells(found, min_customers=least)
    assert _sums(_table(known, "felt_contacts")) == felt.contact_cells(contacts, min_customers=least)
    products = dict.fromkeys(
        ("good_u", "bad_u", "good_good_u", "good_bad_u", "bad_bad_u", "good_won_u", "bad_won_u"), 0.0
    )
    (sums,) = _sums(_table(known, "felt_moments")).values()
    assert (sums["journeys"], sums["won"]) == (len(moments), sum(won for *_, won in moments))
    for good, bad, won in moments:
        parts = {"good": good, "bad": bad, "won": won}
        for name in products:
            products[name] += math.prod(parts[part] for part in name.removesuffix("_u").split("_"))
    assert {name: sums[name] / 1e6 for name in products} == pytest.approx(products, abs=1e-4)


def test_journeys_that_are_not_decided_and_what_follows_the_goal_do_not_count(tmp_path):
    rows = [
        ("a", "use", felt.START, "v", 1), ("a", "renew", felt.START.replace(hour=1), "v", 1),
        ("a", "chat", felt.START.replace(hour=2), "v", -2), ("b", "use", felt.START.replace(day=30), "v", -1),
    ]  # fmt: skip
    log = felt.log_of(rows)
    journey = discover_journey(log, felt.DESIGN, lost_after="1 day")
    known = with_customer_feelings(journey, log, min_customers=1)
    assert _sums(_table(known, "felt_cells")) == {
        ("post_purchase", "good", "none"): {
            "journeys": 1, "won": 1, "customers": 1, "final": 1, "final_won": 1, "final_customers": 1,
        }
    }  # fmt: skip
    assert journey.evidence == known.evidence[:-4]
    assert _table(known, "felt_limits").keys == (("poor_below", "0"), ("good_above", "0"))
    path = tmp_path / "known.json"
    write_journey(known, path)
    assert read_journey(path).evidence == known.evidence


def test_what_it_cannot_count():
    log = felt.log_of(felt.random_rows(1))
    journey = discover_journey(log, felt.DESIGN)
    mute = EventLog(log.source, customer_col="who", event_col="what", time_col="when")
    with pytest.raises(InvalidLogError, match="no feelings"):
        with_customer_feelings(discover_journey(mute, felt.DESIGN), mute)
    with pytest.raises(MissingEvidenceError, match="designed"):
        with_customer_feelings(felt.DESIGN, log)
    with pytest.raises(JourneyMapError, match="poor_below: 3"):
        with_customer_feelings(journey, log, poor_below=3)
    with pytest.raises(JourneyMapError, match="min_customers: 0"):
        with_customer_feelings(journey, log, min_customers=0)


def test_a_log_without_design_has_one_stage():
    log = felt.log_of(felt.random_rows(2))
    journey = discover_journey(log, goal="renew")
    table = _table(with_customer_feelings(journey, log, min_customers=1), "felt_cells")
    assert len({stage for stage, *_ in table.keys}) == 1


def _once(rows):
    """Keep the first visit to each touchpoint of a customer, at times that nobody shares."""
    found = {}
    for number, (who, what, when, visit, mood) in enumerate(rows):
        key = (who, what)
        found.setdefault(key, (who, what, when.replace(microsecond=number), visit, mood))
    return list(found.values())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("how", ["customer", "column", "gap"])
def test_feelings_of_a_survey_count_as_if_the_log_had_them(seed, how):
    rows = _once(felt.random_rows(seed))
    log = felt.log_of(rows, journeys=how == "column")
    split = {"new_journey_after": "1 day"} if how == "gap" else {}
    told = with_customer_feelings(discover_journey(log, felt.DESIGN, **split), log, min_customers=1)
    mute = replace(log, feeling_col=None)
    said = log.source.filter(pc.is_valid(log.source["felt"]))
    survey = Feedback(
        said, customer_col="who", time_col="when", touchpoint_col="what",
        questions={"column": "felt", "measure": "feeling"},
    )  # fmt: skip
    journey = discover_journey(mute, felt.DESIGN, **split)
    asked = with_customer_feelings(journey, mute, feedback=survey, min_customers=1)
    assert asked.evidence[-3:] == told.evidence[-3:]
    by_time = Feedback(
        said, customer_col="who", time_col="when", questions={"column": "felt", "measure": "feeling"}
    )
    linked = with_customer_feelings(journey, mute, feedback=by_time, window="0 days", min_customers=1)
    assert linked.evidence[-3:] == told.evidence[-3:]


def test_several_answers_about_a_touchpoint_are_one():
    day = felt.START
    rows = [("a", "use", day, "v", None), ("a", "repair", day.replace(hour=2), "v", None),
            ("a", "repair", day.replace(hour=3), "v", None)]  # fmt: skip
    log = replace(felt.log_of(rows), feeling_col=None)
    table = pa.table({"who": ["a", "a", "a", "b"], "what": ["use", "repair", "repair", "use"],
                      "stars": [4, 1, 5, 1]})  # fmt: skip
    survey = Feedback(table, customer_col="who", touchpoint_col="what", questions={
        "column": "stars", "measure": "csat", "scale": {"low": 1, "high": 5}})  # fmt: skip
    journey = discover_journey(log, felt.DESIGN)
    known = with_customer_feelings(journey, log, feedback=survey, feeling_from="stars", min_customers=1)
    (sums,) = _sums(_table(known, "felt_moments")).values()
    assert (sums["journeys"], sums["good_u"], sums["bad_u"]) == (1, 500_000, 0)  # use +1, repair 0
    with pytest.raises(InvalidLogError, match="none of its questions asks for a feeling"):
        with_customer_feelings(journey, log, feedback=survey)
