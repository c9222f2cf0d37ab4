"""The behavioural panel: on fingers, its intervals, its trends, and what it refuses to call one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import InvalidLogError, UnknownNameError, WrongKindError
from journeymap.events.activity import activity
from journeymap.events.feedback import Feedback
from journeymap.events.log import EventLog
from journeymap.metrics.behaviour import behaviour_index, behaviour_panel, panel_of
from journeymap.model.measures import Estimate
from journeymap.model.panel import BehaviourPanel
from journeymap.stats.shares import wilson
from journeymap.stats.trend import mann_kendall, theil_sen
from tests.events.activity_logs import logged, naive, random_rows

MONTHS = ("2024-01", "2024-02", "2024-03")


def rows_of_months(*counts, event="use"):
    """So many customers in each month, always the first ones."""
    return [
        (f"c{number:03d}", event, naive(2024 + month // 12, 1 + month % 12, 10))
        for month, count in enumerate(counts)
        for number in range(count)
    ]


def whole(rows):
    """A log observed from the first day of its first month to the last day of its last."""
    months = sorted(12 * at.year + at.month - 1 for _, _, at in rows)
    return logged(rows).between(*(naive(n // 12, n % 12 + 1, 1) for n in (months[0], months[-1] + 1)))


def values(panel, name):
    return [found.value for found in panel.measure(name).values]


@pytest.fixture(scope="module")
def panel():
    rows = [
        ("a", "use", "2024-01-01"), ("a", "use", "2024-01-01"), ("a", "use", "2024-01-20"), ("a", "buy", "2024-01-20"),
        ("b", "use", "2024-01-31"), ("b", "call", "2024-02-05"), ("b", "call", "2024-02-05"), ("b", "buy", "2024-02-06"),
        ("a", "buy", "2024-03-31"), ("c", "buy", "2024-03-01"),
    ]  # fmt: skip
    return behaviour_panel(logged(rows), purchase="buy", service="call", look_back=None)


def test_every_measure_on_fingers(panel):
    assert [period.name for period in panel.timeline.periods] == list(MONTHS)
    assert values(panel, "active") == [2, 1, 2]
    assert values(panel, "new") == [2, 0, 1]
    assert values(panel, "retention") == [None, 0.5, 0.0]
    assert values(panel, "usage") == [1.5, 2.0, 1.0]
    assert values(panel, "contacts") == [0.0, 2.0, 0.0]
    assert values(panel, "repeat_purchase") == [None, 0.0, 0.5]
    assert panel.customers == 3


def test_every_value_says_what_it_is(panel):
    for measure in panel.measures:
        assert measure.definition
        for found in measure.values:
            assert found.definition == measure.definition
            if found.value is not None and found.low is not None:
                assert found.low <= found.value <= found.high
                assert found.method
    kept = panel.measure("retention").values[1]
    assert (kept.low, kept.high) == pytest.approx(wilson(1, 2))
    # Garwood for k = 0 and k = 2: −ln 0.025, and χ² quantiles / 2
    none, two = panel.measure("new").values[1], panel.measure("active").values[0]
    assert (none.low, none.high) == (0.0, pytest.approx(3.6889, abs=1e-4))
    assert (two.low, two.high) == pytest.approx((0.2422, 7.2247), abs=1e-4)


def test_contacts_are_per_active_customer():
    rows = rows_of_months(10, 20, 40) + rows_of_months(5, 10, 20, event="call")
    found = behaviour_panel(whole(rows), service="call")
    assert values(found, "contacts") == [0.5, 0.5, 0.5]
    assert found.measure("contacts").better == "lower"
    assert found.measure("contacts").family == "service"


def test_what_the_log_does_not_tell_is_not_there():
    found = behaviour_panel(whole(rows_of_months(3, 3)))
    assert [measure.id for measure in found.measures] == ["active", "new", "retention", "usage"]
    assert found.measure("contacts") is None
    days = behaviour_panel(logged(rows_of_months(3)), period="day", observed_until="2024-01-12")
    assert [measure.id for measure in days.measures] == ["active", "new", "retention"]


def test_an_interval_needs_customers_who_differ():
    usage = behaviour_panel(whole(rows_of_months(5))).measure("usage").values[0]
    assert (usage.value, usage.low, usage.high) == (1.0, None, None)
    assert usage.method == "no interval: the customers do not differ"


def test_trends_are_those_of_theil_and_sen_and_of_mann_and_kendall():
    counts = [9, 15, 19, 20, 45, 55, 78, 80]
    found = behaviour_panel(whole(rows_of_months(*counts)), look_back=None)
    trend = found.measure("active").trend
    expected = theil_sen(counts)
    assert (trend.slope.value, trend.slope.low, trend.slope.high) == pytest.approx(expected[:3])
    assert trend.p == pytest.approx(mann_kendall(counts).p)
    assert trend.direction == "rising"
    line = trend.intercept + trend.slope.value * np.arange(8)
    assert np.median(np.asarray(counts) - line) == pytest.approx(0)
    falling = behaviour_panel(whole(rows_of_months(*counts[::-1]))).measure("active").trend
    assert falling.direction == "falling"


def test_few_periods_have_no_trend():
    trend = behaviour_panel(whole(rows_of_months(1, 2, 3))).measure("active").trend
    assert trend.direction == "no trend shown"
    assert (trend.p, trend.slope.value) == (None, None)
    assert trend.note == "no trend can be told from 3 periods"


def test_new_customers_have_no_trend_unless_the_past_is_known():
    rows = [
        (f"c{month}-{n}", "use", naive(2024, month, 3)) for month in range(1, 9) for n in range(9 - month)
    ]
    unknown = behaviour_panel(whole(rows)).measure("new").trend
    assert unknown.direction == "no trend shown"
    assert "look_back=None" in unknown.note
    known = behaviour_panel(whole(rows), look_back=None).measure("new").trend
    assert known.direction == "falling"


def test_repeat_purchase_looks_back_over_equally_many_periods():
    """Everybody buys every third month: the share would rise with the log's age if all of it counted."""
    rows = [(f"c{n}", "buy", naive(2024, month, 3)) for n in range(30) for month in range(1 + n % 3, 13, 3)]
    found = behaviour_panel(whole(rows), purchase="buy", look_back=2)
    assert values(found, "repeat_purchase") == [None] * 2 + [0.0] * 10
    found = behaviour_panel(whole(rows), purchase="buy")
    assert values(found, "repeat_purchase") == [None] * 3 + [1.0] * 9


def test_a_first_period_seen_in_part_is_left_out():
    rows = [("a", "use", "2024-01-15"), ("b", "use", "2024-02-15"), ("a", "use", "2024-02-29")]
    found = behaviour_panel(logged(rows))
    assert values(found, "active") == [None, 2]
    assert found.measure("active").values[0].method == "not observed as a whole"
    assert "2024-01 was not observed from its start" in str(found)
    assert values(behaviour_panel(logged(rows).between("2024-01-01", "2024-03-01")), "active") == [1, 2]


def test_scores_come_in_by_period():
    scores = {"2024-02": Estimate(value=0.4, low=0.3, high=0.5, n=100, customers=100)}
    rows = rows_of_months(2, 2, 2)
    found = behaviour_panel(whole(rows), scores=scores)
    assert values(found, "nps") == [None, 0.4, None]
    assert found.measure("nps").family == "survey"
    assert found.measure("nps").written(0.4) == "+40"
    with pytest.raises(UnknownNameError, match="no period 'Feb'"):
        behaviour_panel(whole(rows), scores={"Feb": scores["2024-02"]})


def test_nothing_observed_as_a_whole():
    found = behaviour_panel(logged(rows_of_months(1)).between("2024-01-05", "2024-01-20"))
    assert found.timeline.periods == ()
    assert all(measure.values == () for measure in found.measures)
    assert "0 periods" in str(found)


def test_a_panel_is_a_value(panel):
    assert BehaviourPanel.model_validate_json(panel.model_dump_json()) == panel
    frame = panel.to_frame()
    assert len(frame) == len(panel.measures) * 3
    assert frame[frame["measure"] == "active"]["value"].tolist() == [2, 1, 2]
    assert "<table>" in panel._repr_html_()
    assert "Retention: 50 % to 0 %" in str(panel)
    with pytest.raises(ValueError, match="as many values"):
        BehaviourPanel(timeline=panel.timeline, measures=[{**panel.measures[0].model_dump(), "values": ()}])


def test_the_level_widens_the_intervals():
    counted = activity(logged(random_rows(4, customers=80)), purchase="buy", service="call")
    wide, narrow = (panel_of(counted, level=level) for level in (0.99, 0.8))
    for one, other in zip(wide.measures, narrow.measures, strict=True):
        for outer, inner in zip(one.values, other.values, strict=True):
            assert outer.level == 0.99
            if inner.low is not None and outer.low is not None:
                assert outer.low <= inner.low <= inner.high <= outer.high
    with pytest.raises(WrongKindError, match="activity"):
        panel_of("log")


# The index -------------------------------------------------------------------------------------------------


def test_the_index_is_a_weighted_sum_of_z_values_with_its_parts():
    found = behaviour_panel(whole(rows_of_months(2, 4, 6, 8, 3)), look_back=None)
    index = behaviour_index(found, weights={"active": 2, "new": -1})
    active, new = (np.asarray(values(found, name), float) for name in ("active", "new"))
    parts = [2 * (active - active.mean()) / active.std(ddof=1), -(new - new.mean()) / new.std(ddof=1)]
    assert list(index.parts["active"]) == pytest.approx(parts[0])
    assert [value.value for value in index.values] == pytest.approx(parts[0] + parts[1])
    assert "own definition" in str(index)
    assert all(value.low is None for value in index.values)
    assert list(index.to_frame()["index"]) == pytest.approx(parts[0] + parts[1])
    assert "<table>" in index._repr_html_()


def test_the_index_has_no_value_where_a_part_is_missing():
    found = behaviour_panel(whole(rows_of_months(4, 2, 3)))
    index = behaviour_index(found, weights={"retention": 1, "usage": 1})
    assert [value.value is None for value in index.values] == [True, False, False]
    assert index.parts["usage"] == (0.0, 0.0, 0.0), "it never moves"
    with pytest.raises(UnknownNameError, match="did you mean 'retention'"):
        behaviour_index(found, weights={"retension": 1})
    with pytest.raises(InvalidLogError, match="other than 0"):
        behaviour_index(found, weights={})


# Coverage --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ratios_of_unlike_customers_cover():
    """Few customers call often and most never; active days differ as much. Each period has its own customers."""
    rng = np.random.default_rng(20240603)
    logs, periods, customers, days = 2, 350, 150, 31
    hits = dict.fromkeys(("contacts", "usage"), 0)
    unlike = rng.gamma(0.5, 1.0, 400_000)
    truth = {
        "contacts": 0.6 * unlike.mean(),
        "usage": 1 + (days - 1) * (1 - np.exp(-unlike / (days - 1))).mean(),
    }
    start = np.datetime64("1990-01-01")
    for _ in range(logs):
        rate = rng.gamma(0.5, 1.0, periods * customers)
        calls = np.repeat(np.arange(rate.size), rng.poisson(0.6 * rate))
        later, day = np.nonzero(rng.random((rate.size, days - 1)) < 1 - np.exp(-rate / (days - 1))[:, None])
        who = np.concatenate([np.arange(rate.size), calls, later])
        at = who // customers * days
        at[rate.size + calls.size :] += day + 1
        what = np.full(who.size, "use", dtype=object)
        what[rate.size : rate.size + calls.size] = "call"
        table = pa.table({
            "who": pa.array(who).cast(pa.string()), "what": what, "when": pa.array(start + at),
        })  # fmt: skip
        log = EventLog(table, customer_col="who", event_col="what", time_col="when")
        panel = behaviour_panel(
            log, period="31 days", service="call", observed_until=(start + periods * days).item()
        )
        for name in hits:
            found = panel.measure(name).values
            assert len(found) == periods
            assert {value.customers for value in found} == {customers}
            hits[name] += sum(value.low <= truth[name] <= value.high for value in found)
    for name, count in hits.items():
        assert 93 <= 100 * count / (logs * periods) <= 97, (name, count)


def test_a_survey_gives_every_period_its_own_net_promoter_score():
    rows = [(f"c{n}", "use", f"2024-{month:02d}-10") for month in range(1, 6) for n in range(4)]
    log = EventLog(
        pa.table(dict(zip(("who", "what", "when"), map(list, zip(*rows, strict=True)), strict=True))),
        customer_col="who", event_col="what", time_col="when",
    )  # fmt: skip
    given = [("2024-01-31", 9), ("2024-01-31", 3), ("2024-02-01", 10), ("2024-04-01", 0), ("2024-06-01", 10)]
    survey = Feedback(
        pa.table({"when": [when for when, _ in given], "recommend": [score for _, score in given]}),
        time_col="when", questions=[{"column": "recommend", "measure": "nps"}],
    )  # fmt: skip
    panel = behaviour_panel(log, scores=survey, observed_until="2024-06-01")
    found = panel.measure("nps").values
    assert [one.value for one in found] == [0, 1, None, -1, None]
    assert [one.n for one in found] == [2, 1, 0, 1, 0]


def test_a_survey_without_times_belongs_to_no_period():
    log = EventLog(
        pa.table({"who": ["a"], "what": ["use"], "when": ["2024-01-10"]}),
        customer_col="who", event_col="what", time_col="when",
    )  # fmt: skip
    survey = Feedback(pa.table({"recommend": [9]}), questions=[{"column": "recommend", "measure": "nps"}])
    with pytest.raises(InvalidLogError, match="no time"):
        behaviour_panel(log, scores=survey, observed_until="2024-02-01")
