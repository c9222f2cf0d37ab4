"""Very many transitions: made in parts, and refused where there are too many."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journeymap import EventLog, InvalidLogError, discover_journey
from journeymap.events import observed_transitions
from journeymap.stats.shares import share_interval


def log(customers=90, names=6, events=600):
    rng = np.random.default_rng(5)
    return EventLog(
        pa.table({
            "who": pa.array(rng.integers(0, customers, events)),
            "what": pa.array([f"n{n}" for n in rng.integers(0, names, events)]),
            "when": pa.array(rng.integers(0, 10**12, events), pa.timestamp("us")),
        }),
        customer_col="who",
        event_col="what",
        time_col="when",
    )  # fmt: skip


@pytest.mark.parametrize("at_once", [1, 2, 7, 35, 36])
def test_transitions_are_the_same_however_many_are_made_at_once(monkeypatch, at_once):
    whole = discover_journey(log())
    assert len(whole.transitions) == 36
    monkeypatch.setattr(observed_transitions, "_AT_ONCE", at_once)
    assert discover_journey(log()) == whole


@pytest.mark.parametrize("customers", [1, 3, 90])
def test_shares_are_those_of_the_evidence_taken_one_by_one(customers):
    journey = discover_journey(log(customers))
    touched, moved = (
        next(table for table in journey.evidence if table.name == name)
        for name in ("touchpoints", "transitions")
    )

    def by_group(table, key, measure):
        counts = np.zeros(table.groups)
        for row, group, count in zip(table.row, table.group, table.measures[measure], strict=True):
            counts[group] += count * (table.keys[row] == key)
        return counts

    for transition in journey.transitions:
        one = share_interval(
            by_group(moved, (transition.source, transition.target), "count"),
            by_group(touched, (transition.source,), "visits"),
            customers=int(by_group(touched, (transition.source,), "customers").sum()),
        )
        found = (transition.share, transition.share_low, transition.share_high)
        assert found == (one.value, one.low, one.high)


def test_too_many_transitions_are_refused_with_their_number(monkeypatch):
    monkeypatch.setattr(observed_transitions, "MOST_TRANSITIONS", 36)
    assert len(discover_journey(log()).transitions) == 36
    monkeypatch.setattr(observed_transitions, "MOST_TRANSITIONS", 35)
    with pytest.raises(InvalidLogError, match=r"36 different transitions between 6 touchpoints.*at most 35"):
        discover_journey(log())
