"""Retention, lifetimes and repeat purchase: on fingers, published numbers, and real purchases beside pandas."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from journeymap.errors import InvalidLogError, MissingEvidenceError, WrongKindError
from journeymap.events.activity import cohorts
from journeymap.events.log import EventLog
from journeymap.events.spans import spans_until_second
from journeymap.metrics.lifetime import lifetime, repeat_purchase
from journeymap.metrics.projection import retention_projection
from journeymap.metrics.retention import (
    churn,
    cohort_retention,
    period_counts,
    period_retention,
    retention,
    retention_curve,
)
from journeymap.stats.shares import share_interval, wilson
from tests.analysis.evidence_by_hand import table as evidence
from tests.events.activity_logs import logged, naive

DAY = 86_400
FEW = [
    ("a", "use", "2024-01-05"), ("a", "use", "2024-02-29"), ("a", "use", "2024-03-31"),
    ("b", "use", "2024-01-31"), ("b", "use", "2024-03-01"),
    ("c", "use", "2024-02-10"), ("c", "use", "2024-02-11"),
]  # fmt: skip
# Fader and Hardie (2007), How to project customer retention, table 1: customers of two cohorts by year.
REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)
HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491)


@pytest.fixture(scope="module")
def few():
    return cohorts(logged(FEW))


def subscribers(survivors):
    """A log of customers who pay every month until they leave."""
    rows = [
        (f"c{number:04d}", "pay", naive(2024, 1 + age, 5))
        for age, count in enumerate(survivors)
        for number in range(count)
    ]
    return cohorts(logged(rows), observed_until=f"2024-{len(survivors) + 1:02d}-01")


# Shares ----------------------------------------------------------------------------------------------------


def test_period_retention_leaves_new_customers_out(few):
    found = period_retention(few)
    assert [value.value for value in found.values()] == [None, 0.5, 0.5]
    assert [value.n for value in found.values()] == [0, 2, 2]
    assert (found["2024-02"].low, found["2024-02"].high) == pytest.approx(wilson(1, 2))
    assert found["2024-02"].small_sample


def test_churn_is_the_rest(few):
    stays, leaves = period_retention(few)["2024-02"], churn(few)["2024-02"]
    assert leaves.value == 1 - stays.value
    assert (leaves.low, leaves.high) == pytest.approx((1 - stays.high, 1 - stays.low))
    assert "not in this one" in leaves.definition
    assert churn(few)["2024-01"].value is None


def test_retention_of_all_periods_knows_that_customers_count_several_times(few):
    found = retention(few)
    assert (found.value, found.n, found.customers) == (0.5, 4, 3)
    expected = share_interval([2, 0, 0], [2, 1, 1], customers=3)  # one group a customer, as there are few
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_cohort_retention(few):
    found = cohort_retention(few, age=2)
    assert (found.pooled.value, found.pooled.n, found.pooled.censored) == (1.0, 2, 1)
    assert list(found.by_cohort) == ["2024-01"]
    assert cohort_retention(few, age=2, unbroken=True).pooled.value == 0.5
    assert cohort_retention(few, age=0).pooled.value == 1.0
    assert cohort_retention(few, age=5).pooled.value is None
    assert "no cohort could be observed" in str(cohort_retention(few, age=5))
    assert "1 month after the first activity" in cohort_retention(few).pooled.definition
    with pytest.raises(InvalidLogError, match="age: -1"):
        cohort_retention(few, age=-1)
    with pytest.raises(WrongKindError, match="count cohorts first"):
        cohort_retention("cdnow")


def test_the_curve_is_every_age(few):
    curve = retention_curve(few)
    assert [found.value for found in curve] == [1.0, pytest.approx(1 / 3), 1.0]
    assert [found.value for found in curve] == [
        cohort_retention(few, age=age).pooled.value for age in range(3)
    ]
    assert [found.censored for found in curve] == [0, 0, 1]


def test_without_periods_nothing_is_known():
    nothing = cohorts(logged(FEW[:1]))
    assert retention_curve(nothing) == ()
    assert period_retention(nothing) == {}
    assert retention(nothing).value is None
    assert cohort_retention(nothing).pooled.value is None


# Projection ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta"), [(REGULAR, 0.7041, 1.1820), (HIGH_END, 0.6681, 3.8061)]
)
def test_projection_of_the_published_cohorts(survivors, alpha, beta):
    """Fader and Hardie (2007): α and β as in methods.md 1.9."""
    found = retention_projection(subscribers(survivors), ages=7, periods=5)
    assert (found.alpha, found.beta) == pytest.approx((alpha, beta), abs=1e-3)
    assert [value.value for value in found.observed] == [n / 1000 for n in survivors]
    assert len(found.expected) == 13
    assert [value.n for value in found.expected] == [1000] * 8 + [0] * 5
    values = [value.value for value in found.expected]
    assert values == sorted(values, reverse=True)
    assert all(value.low <= value.value <= value.high for value in found.expected)
    assert found.expected[12].high - found.expected[12].low > 0.01
    assert "α = " in str(found)


def test_cohorts_that_did_not_come_so_far_are_not_fitted():
    rows = [
        (f"c{n}", "pay", naive(2024, month, 5))
        for n in range(60)
        for month in range(1, 7)
        if n % 7 >= month - 1
    ]
    late = [(f"d{n}", "pay", naive(2024, 5, 5)) for n in range(40)]
    found = retention_projection(cohorts(logged(rows + late), observed_until="2024-07-01"), ages=3)
    assert found.cohorts == ("2024-01",)
    assert found.customers == 60
    with pytest.raises(MissingEvidenceError, match="at 6 ages"):
        retention_projection(cohorts(logged(rows), observed_until="2024-07-01"), ages=6)


def test_customers_who_do_not_differ_have_one_churn_rate():
    found = retention_projection(subscribers((800, 400, 200, 100)), ages=3, periods=1)
    assert found.churn == pytest.approx(0.5, abs=1e-3)
    assert found.expected[4].value == pytest.approx(1 / 16, abs=1e-3)


# Lifetimes and repeat purchase -----------------------------------------------------------------------------


def test_lifetime_on_fingers():
    rows = [
        ("a", "use", "2024-01-01"), ("a", "use", "2024-01-11"),  # leaves after 10 days
        ("b", "use", "2024-01-01"),  # leaves at once
        ("c", "use", "2024-02-20"), ("c", "use", "2024-03-20"),  # watched for 11 days
        ("d", "use", "2024-01-01"), ("d", "use", "2024-01-25"), ("d", "use", "2024-02-20"), ("d", "use", "2024-03-20"),
    ]  # fmt: skip
    found = lifetime(
        logged(rows),
        gone_after="30 days",
        at=["5 days", "10 days", "11 days", "90 days"],
        observed_until="2024-04-01",
    )
    assert (found.customers, found.gone, found.back, found.unseen) == (4, 2, 0, 0)
    shares = {age: value.value for age, value in found.still_there.items()}
    assert shares == {"5 days": 0.75, "10 days": 0.5, "11 days": 0.5, "90 days": None}
    assert found.median.value == 10 * DAY
    assert [point.share for point in found.curve] == [0.75, 0.5, 0.5, 0.5]
    assert "2 fell silent for 30 days" in str(found)
    assert found.still_there["90 days"].method == "nobody was observed for so long"


def test_repeat_purchase_on_fingers():
    rows = [
        ("a", "buy", "2024-01-01"), ("a", "buy", "2024-01-05"),
        ("b", "buy", "2024-01-01"),
        ("c", "buy", "2024-01-30"),  # watched for no time at all
        ("d", "look", "2024-01-30"),
    ]  # fmt: skip
    found = repeat_purchase(logged(rows), event="buy", within="4 days")
    assert (found.purchasers, found.again) == (3, 1)
    assert found.so_far.value == pytest.approx(1 / 3)
    assert found.within.value == 0.5, "of those who were watched"
    assert found.within.low < 0.5 < found.within.high
    assert found.median.value == 4 * DAY
    assert repeat_purchase(logged(rows), event="buy").within is None
    assert repeat_purchase(logged(rows), event="buy", within="3 days").within.value == 0.0
    assert repeat_purchase(logged(rows), event="buy", within="99 days").within.value is None


def test_a_share_so_far_is_too_low_where_many_came_lately():
    """All purchase again after 50 days; half of them came 40 days before the end."""
    rows = []
    for number in range(40):
        first = naive(2024, 1, 1) + timedelta(days=0 if number % 2 else 60)
        rows.append((f"c{number}", "buy", first))
        if number % 2:
            rows.append((f"c{number}", "buy", first + timedelta(days=50)))
    found = repeat_purchase(logged(rows), event="buy", within="50 days", observed_until="2024-04-10")
    assert found.so_far.value == 0.5
    assert found.within.value == 1.0


def test_purchases_close_together_are_one():
    rows = [
        ("a", "buy", "2024-01-01 10:00"),
        ("a", "buy", "2024-01-01 10:00"),
        ("a", "buy", "2024-03-01"),
        ("b", "buy", "2024-01-01"),
    ]
    assert repeat_purchase(logged(rows), event="buy").median.value == 0.0
    found = repeat_purchase(logged(rows), event="buy", apart="1 day")
    assert found.median.value == pytest.approx(60 * DAY, abs=DAY)
    assert repeat_purchase(logged(rows[3:]), event="buy").median.value is None


# Real purchases --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def purchases(request):
    """CDNOW: 6,919 purchases of 2,357 customers, by day (Fader, Hardie and Lee 2005; 1/10 sample)."""
    folder = request.getfixturevalue("shared_data")
    lines = [
        line.split()
        for line in (folder / "cdnow" / "CDNOW_sample.txt").read_text().splitlines()
        if line.strip()
    ]
    return [(who, f"{day[:4]}-{day[4:6]}-{day[6:]}") for who, _, day, _, _ in lines]


@pytest.fixture(scope="module")
def log(purchases):
    table = pa.table(
        {
            "who": [who for who, _ in purchases],
            "what": ["buy"] * len(purchases),
            "when": [day for _, day in purchases],
        }
    )
    return EventLog(table, customer_col="who", event_col="what", time_col="when")


@pytest.fixture(scope="module")
def frame(purchases):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(purchases, columns=["who", "day"])
    frame["day"] = pd.to_datetime(frame["day"])
    frame["month"] = frame["day"].dt.year * 12 + frame["day"].dt.month
    return frame


def test_cdnow_has_as_many_customers_and_purchases_as_published(purchases):
    assert len(purchases) == 6919
    assert len({who for who, _ in purchases}) == 2357


def test_cdnow_cohort_retention_agrees_with_pandas(log, frame):
    found = cohorts(log)
    first = frame.groupby("who")["month"].transform("min")
    active = frame.assign(first=first, age=frame["month"] - first).drop_duplicates(["who", "month"])
    table = active.pivot_table(index="first", columns="age", values="who", aggfunc="nunique", fill_value=0)
    assert [cell.size for cell in found.cells() if cell.age == 0] == list(table[0]) == [781, 857, 719]
    for cell in found.cells():
        year, month = map(int, cell.cohort.split("-"))
        assert cell.active == table.loc[year * 12 + month, cell.age]
    for age in (1, 6, 15):
        expected = table[age].sum() / table[0].sum()
        assert cohort_retention(found, age=age).pooled.value == pytest.approx(expected)


def test_cdnow_period_retention_agrees_with_pandas(log, frame):
    found = period_retention(cohorts(log))
    by_month = frame.groupby("month")["who"].agg(set)
    months = sorted(by_month.index)
    expected = [len(by_month[b] & by_month[a]) / len(by_month[a]) for a, b in pairwise(months)]
    assert [value.value for value in found.values()][1:] == pytest.approx(expected)
    assert len(expected) == 17


def test_cdnow_repeat_purchase_agrees_with_pandas(log, frame):
    days = frame.drop_duplicates(["who", "day"]).sort_values(["who", "day"])
    place = days.groupby("who").cumcount()
    first = days[place == 0].set_index("who")["day"]
    second = days[place == 1].set_index("who")["day"].reindex(first.index)
    gap = (second - first).dt.days
    found = repeat_purchase(log, event="buy", within="90 days", apart="1 day")
    assert (found.purchasers, found.again) == (2357, int(gap.notna().sum()))
    # all came by the end of March 1997 and were watched for over 450 days: nothing is cut off within 90
    assert found.within.value == pytest.approx((gap <= 90).mean())
    expected = wilson((gap <= 90).sum(), 2357)
    assert (found.within.low, found.within.high) == pytest.approx(tuple(expected), abs=0.002)
    again = repeat_purchase(log, event="buy")
    rows = frame.groupby("who").size()
    assert again.again == int((rows > 1).sum())
    assert again.so_far.value == pytest.approx((rows > 1).mean())


def test_cdnow_lifetime_agrees_with_pandas(log, frame):
    gone = 180
    until = frame["day"].max()
    ended, watched = [], []
    for _, days in frame.sort_values("day").groupby("who")["day"]:
        gaps = (days.shift(-1).fillna(until) - days).dt.days.to_numpy()
        left = np.flatnonzero(gaps >= gone)
        start = days.iloc[0]
        ended.append((days.iloc[left[0]] - start).days if left.size else np.inf)
        watched.append((until - start).days - gone)
    found = lifetime(log, gone_after="180 days", at=["30 days", "200 days"])
    assert found.customers == 2357
    assert found.gone == int(np.isfinite(ended).sum())
    # everybody was watched for more than 270 days: shares need no estimator
    assert min(watched) > 270
    for age in (30, 200):
        share = float((np.asarray(ended) > age).mean())
        assert found.still_there[f"{age} days"].value == pytest.approx(share)


# Coverage --------------------------------------------------------------------------------------------------


def counted_months(there, group):
    """What `cohorts` counts by month of customers who come when `there` says so, with numpy."""
    active = there.T
    kept = np.vstack([np.zeros_like(active[:1]), active[1:] & active[:-1]])
    new = active & (np.cumsum(active, axis=0) == 1)
    counts = {
        name: np.array([np.bincount(group[month], minlength=64) for month in months])
        for name, months in (("active", active), ("new", new), ("kept", kept))
    }
    return evidence("periods", ("period",), [(str(month),) for month in range(len(active))], counts)


def logged_months(there):
    who, month = np.nonzero(there)
    table = pa.table({
        "who": [f"c{n}" for n in who], "what": ["use"] * who.size,
        "when": [f"2024-{m + 1:02d}-03" for m in month],
    })  # fmt: skip
    log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    return cohorts(log, observed_until=f"2024-{there.shape[1] + 1:02d}-01")


@pytest.mark.slow
def test_retention_of_unlike_customers_covers():
    """Customers with own chances to come each month: the pooled share counts each of them several times."""
    rng = np.random.default_rng(20240601)
    months, customers, hits, runs = 7, 120, 0, 2000
    chances = rng.beta(1.2, 1.2, 200_000)
    truth = (chances**2).sum() / chances.sum()
    for run in range(runs):
        own = rng.beta(1.2, 1.2, customers)
        there = rng.random((customers, months)) < own[:, None]
        counts = counted_months(there, rng.integers(64, size=customers))
        if run == 0:
            counted = logged_months(there)
            for name in ("active", "new", "kept"):
                theirs = period_counts(counted.table("periods"), name, months)
                assert period_counts(counts, name, months).sum(axis=1) == pytest.approx(theirs.sum(axis=1))
        found = retention(counted.model_copy(update={"tables": (counted.table("cohorts"), counts)}))
        hits += found.low <= truth <= found.high
    assert 93 <= 100 * hits / runs <= 97


@pytest.mark.slow
def test_second_purchases_cut_off_by_the_end_are_covered(monkeypatch):
    rng = np.random.default_rng(20240602)
    runs, customers, hits, window = 2000, 100, 0, 30
    truth = 1 - np.exp(-window / 60)
    start, until = naive(2024, 1, 1), 75
    given = {"event": "buy", "within": f"{window} days", "observed_until": "2024-03-16"}
    for run in range(runs):
        begins, gaps = rng.uniform(0, 60, customers), rng.exponential(60, customers)
        ended = begins + gaps < until
        if run == 0:
            rows = [(f"c{n}", "buy", start + timedelta(days=day)) for n, day in enumerate(begins)]
            rows += [
                (f"c{n}", "buy", start + timedelta(days=begins[n] + gaps[n])) for n in np.flatnonzero(ended)
            ]
            log = logged(rows)
            by_engine = repeat_purchase(log, **given).within
            theirs = spans_until_second(log, **{**given, "within": timedelta(days=window)})
            day = timedelta(days=1) / theirs.unit
        units = np.where(ended, np.ceil(gaps * day), np.floor((until - begins) * day)).astype(int)
        length, at = np.unique(units, return_inverse=True)
        spans = replace(
            theirs, length=tuple(length.tolist()),
            ended=tuple(np.bincount(at[ended], minlength=length.size).tolist()),
            cut=tuple(np.bincount(at[~ended], minlength=length.size).tolist()),
        )  # fmt: skip
        monkeypatch.setattr(
            "journeymap.metrics.lifetime.spans_until_second", lambda *_, _spans=spans, **__: _spans
        )
        found = repeat_purchase(log, **given).within
        assert run or (found, spans) == (by_engine, theirs)
        hits += found.low <= truth <= found.high
    assert 93 <= 100 * hits / runs <= 97
