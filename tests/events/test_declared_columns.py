"""What columns declare beside who, what and when: agents, repeated information, failures, completion."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.cli.options import LogOptions
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from tests import oracle

DESIGN = Journey(
    name="Help",
    touchpoints=[
        {"id": "form", "stage": "purchase"},
        {"id": "use", "stage": "post_purchase"},
        {"id": "phone", "service": {"need": "advice"}},
    ],
)


def counted(events, **columns):
    """Count events of (customer, event) an hour apart, with further columns; the role of each is its name."""
    hours = pa.array([n * oracle.HOUR for n in range(len(events))], pa.timestamp("us"))
    table = {"customer": [e[0] for e in events], "event": [e[1] for e in events], "time": hours, **columns}
    roles = {f"{name}_col": name for name in table}
    journey = discover_journey(EventLog(pa.table(table), **roles), DESIGN)
    return oracle.totals(next(table for table in journey.evidence if table.name == "touchpoints"))


def test_hand_offs_are_moves_to_another_agent_within_a_stage():
    events = [("a", name) for name in ("form", "phone", "phone", "phone", "use", "phone", "phone")]
    found = counted(events, agent=["Ann", "Ann", "Bo", "", "Bo", "Ann", "Cy"])
    # form to phone, at the purchase: the same hands; phone to phone: others; the next agent is not known
    assert (found["form",]["handoff_pairs"], found["form",].get("handoffs")) == (1, None)
    phone = found["phone@purchase",]
    assert (phone["handoff_pairs"], phone["handoffs"], phone["handoff_customers"]) == (1, 1, 1)
    assert (phone["redo"], phone["self_loops"]) == (1, 2)
    assert (found["use",]["handoffs"], found["use",].get("redo")) == (1, None)
    assert found["phone@post_purchase",]["redo"] == 1


def test_a_change_of_stage_is_no_hand_off():
    found = counted([("a", "form"), ("a", "use")], agent=["Ann", "Bo"])
    assert "handoff_pairs" not in found["form",]


def test_an_agent_by_another_name_is_another_agent():
    found = counted([("a", "use"), ("a", "use")], agent=["7", "07"])
    assert (found["use",]["handoffs"], found["use",]["redo_customers"]) == (1, 1)


def test_failures_count_at_service_only_and_customers_once():
    events = [("a", "phone"), ("a", "phone"), ("b", "phone"), ("b", "form")]
    found = counted(events, failure=["yes", "yes", "no", "yes"])
    phone = found["phone@discovery",]
    assert (phone["failures_known"], phone["failures"], phone["failure_customers"]) == (3, 2, 1)
    assert "failures" not in found["form",]


def test_not_completed_are_those_that_are_known_not_to_be():
    found = counted([(c, "form") for c in "aabc"], completed=[True, False, None, False])
    form = found["form",]
    assert (form["completions"], form["not_completed"], form["not_completed_customers"]) == (3, 2, 2)


@pytest.mark.parametrize(
    "column",
    [
        [True, False, None],
        [1, 0, None],
        [1.0, 0.0, None],
        ["yes", "no", ""],
        [" TRUE ", "False", " "],
        ["1", "0", None],
    ],
)
def test_yes_and_no_may_be_written_in_many_ways(column):
    found = counted([(c, "form") for c in "abc"], repeated=column)["form",]
    assert (found["repeats_known"], found["repeated"], found["repeated_customers"]) == (2, 1, 1)


def test_columns_that_nobody_declared_leave_nothing():
    names = counted([("a", "form")])["form",]
    assert not {"handoff_pairs", "failures_known", "completions", "repeats_known"} & set(names)


def test_rework_is_counted_by_touchpoint():
    found = counted([("a", "form"), ("a", "use"), ("a", "form"), ("b", "form")])
    assert (found["form",]["rework_journeys"], found["use",].get("rework_journeys")) == (1, None)


def test_the_command_line_hands_the_columns_on():
    options = LogOptions(
        customer_col="who", event_col="what", time_col="when", agent_col="by", repeated_col="again",
        failure_col="failed", completed_col="done",
    )  # fmt: skip
    log = options.open_log("events.csv")
    assert (log.agent_col, log.repeated_col, log.failure_col, log.completed_col) == (
        "by", "again", "failed", "done",
    )  # fmt: skip
