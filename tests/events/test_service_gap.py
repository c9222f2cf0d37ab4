"""The gap between service and the rest, counted in the engine and by an oracle."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc
import pytest

from journeymap.errors import InvalidLogError, JourneyMapError, MissingEvidenceError, UnknownNameError
from journeymap.events.discover import discover_journey
from journeymap.events.feedback import Feedback
from journeymap.events.service_gap import with_service_gap
from journeymap.formats import read_journey, write_journey
from tests.events import gap_oracle as oracle

NAMES = ("gap_cells", "gap_moments", "parity", "gap_rules")


def _table(journey, name):
    return next(table for table in journey.evidence if table.name == name)


def _sums(table):
    found = {key: dict.fromkeys(table.measures, 0) for key in table.keys}
    for place, row in enumerate(table.row):
        for measure, values in table.measures.items():
            found[table.keys[row]][measure] += values[place]
    return found


def _as_counted(sums):
    return {
        key: {name: value / 1e6 if name.endswith("_u") else value for name, value in counts.items() if value}
        for key, counts in sums.items()
    }


@pytest.mark.parametrize(("seed", "by", "split"), [(1, True, False), (2, False, False), (3, True, True)])
def test_the_engine_counts_what_the_oracle_counts(seed, by, split):
    rows = oracle.random_rows(seed)
    log = oracle.log_of(rows)
    journey = discover_journey(log, oracle.DESIGN, **({"new_journey_after": "1 day"} if split else {}))
    rules = {"good_above": 0.25, "poor_below": -0.75} if seed == 1 else {}
    known = with_service_gap(journey, log, by="land" if by else None, min_customers=9, **rules)
    cells, sums, alike = oracle.counted(rows, by=by, least=9, **rules)
    assert {key: value["customers"] for key, value in _sums(_table(known, "gap_cells")).items()} == cells
    found = _as_counted(_sums(_table(known, "gap_moments")))
    assert found.keys() == {(segment,) for segment in sums.keys() | {key[0] for key in cells}}
    for segment, expected in sums.items():
        close = {name: pytest.approx(value, abs=2e-4) for name, value in expected.items() if value}
        assert {name: found[segment,].get(name, 0) for name in close} == close
    found = _as_counted(_sums(_table(known, "parity")))
    assert found.keys() == alike.keys()
    for key, expected in alike.items():
        assert found[key] == pytest.approx({name: value for name, value in expected.items() if value})
    assert ("channel", "*") in alike
    assert {key[0] for key in cells} >= ({"north", "south", "*"} if by else {""})


def test_both_means_of_each_customer():
    day = oracle.START
    rows = [
        ("a", "use", day, "v", -1, "x", None), ("a", "see", day.replace(hour=1), "v", 0, "x", None),
        ("a", "chat", day.replace(hour=2), "v", 2, "x", "app"), ("b", "use", day, "v", 1, "x", None),
        ("c", "use", day, "v", 2, "x", None), ("c", "repair", day.replace(hour=1), "v", None, "x", None),
        ("d", "repair", day, "v", -2, "x", None), ("d", "renew", day.replace(hour=1), "v", None, "x", None),
        ("a", "renew", day.replace(hour=3), "v", None, "x", None),
        ("a", "repair", day.replace(hour=4), "v", 1, "x", None),
    ]  # fmt: skip
    log = oracle.log_of(rows)
    known = with_service_gap(discover_journey(log, oracle.DESIGN), log, min_customers=1)
    # a: S = (2 + 1)/2 (also after the goal), X = −1/2; b without contact; c silent; d felt in service alone
    assert _sums(_table(known, "gap_cells")) == {
        ("", "good", "middle"): {"customers": 1}, ("", "unknown", "good"): {"customers": 2},
        ("", "poor", "unknown"): {"customers": 1},
    }  # fmt: skip
    assert _sums(_table(known, "gap_moments")) == {("",): {
        "customers_both": 1, "service_u": 1_500_000, "experience_u": -500_000, "service_service_u": 2_250_000,
        "experience_experience_u": 250_000, "service_experience_u": -750_000, "customers_without": 1,
        "without_u": 1_000_000, "without_without_u": 1_000_000, "customers_silent": 1,
        "silent_u": 2_000_000, "silent_silent_u": 4_000_000}}  # fmt: skip
    store = {"contacts": 3, "felt": 2, "sum_u": -1_000_000, "sum2_u": 5_000_000, "customers": 2}
    app = {"contacts": 1, "felt": 1, "sum_u": 2_000_000, "sum2_u": 4_000_000, "customers": 1}
    assert _sums(_table(known, "parity")) == {("channel", "app"): app, ("channel", "store"): store}
    assert _table(known, "gap_rules").keys == (("good_above", "0.5"), ("poor_below", "-0.5"))


def test_it_travels_with_the_journey_and_replaces_itself(tmp_path):
    log = oracle.log_of(oracle.random_rows(4, customers=20))
    journey = discover_journey(log, oracle.DESIGN)
    known = with_service_gap(with_service_gap(journey, log), log, by="land")
    assert tuple(table.name for table in known.evidence[len(journey.evidence) :]) == NAMES
    assert ("by", "land") in _table(known, "gap_rules").keys
    path = tmp_path / "known.json"
    write_journey(known, path)
    assert read_journey(path).evidence == known.evidence


@pytest.mark.parametrize("split", [False, True])
def test_feelings_of_a_survey_count_as_if_the_log_had_them(split):
    rows = {}
    for number, (who, what, when, *more) in enumerate(oracle.random_rows(5)):
        rows.setdefault((who, what), (who, what, when.replace(microsecond=number), *more))
    log = oracle.log_of(list(rows.values()))
    more = {"new_journey_after": "1 day"} if split else {}
    told = with_service_gap(discover_journey(log, oracle.DESIGN, **more), log, by="land")
    mute = replace(log, feeling_col=None)
    survey = Feedback(
        log.source.filter(pc.is_valid(log.source["felt"])), customer_col="who", time_col="when",
        touchpoint_col="what", questions={"column": "felt", "measure": "feeling"},
    )  # fmt: skip
    journey = discover_journey(mute, oracle.DESIGN, **more)
    asked = with_service_gap(journey, mute, by="land", feedback=survey)
    assert asked.evidence[-4:] == told.evidence[-4:]


def test_what_it_cannot_count():
    log = oracle.log_of(oracle.random_rows(1, customers=5))
    journey = discover_journey(log, oracle.DESIGN)
    mute = replace(log, feeling_col=None)
    with pytest.raises(InvalidLogError, match="no feelings"):
        with_service_gap(discover_journey(mute, oracle.DESIGN), mute)
    with pytest.raises(MissingEvidenceError, match="designed"):
        with_service_gap(oracle.DESIGN, log)
    with pytest.raises(UnknownNameError, match="land"):
        with_service_gap(journey, log, by="lnad")
    with pytest.raises(JourneyMapError, match="good_above: 3"):
        with_service_gap(journey, log, good_above=3)
    with pytest.raises(JourneyMapError, match="poor_below: 1 lies above"):
        with_service_gap(journey, log, poor_below=1)
    with pytest.raises(JourneyMapError, match="min_customers: 0"):
        with_service_gap(journey, log, min_customers=0)
