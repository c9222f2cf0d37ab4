"""Logs as process mining has them: dense ties, lifecycles, changing offsets. pandas counts the same."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

import journeymap as jm
from journeymap.cli import main
from tests.events.process_log import (
    CASE,
    COLUMNS,
    EVENT,
    GOAL,
    LIFECYCLE,
    RESOURCE,
    TIME,
    ZONE,
    counted_by_pandas,
    process_log,
    told_by,
)

LOST = "30 days"
SPANS = ("mean", "median", "p90")


@pytest.fixture(scope="module")
def frame():
    return process_log(1_500, seed=7)


@pytest.fixture(scope="module")
def expected(frame):
    return counted_by_pandas(frame, lost_after=LOST)


def with_offsets(frame):
    """Give the times as Python's own, each with the offset that its clock showed, +01:00 or +02:00."""
    local = frame[TIME].dt.tz_convert(ZONE).dt.to_pydatetime()
    return [time.replace(tzinfo=timezone(time.utcoffset())) for time in local]


def naive_texts(frame):
    return [time.isoformat(sep=" ") for time in frame[TIME].dt.tz_localize(None)]


def observed(source, **columns):
    log = jm.EventLog(source, **{**COLUMNS, **columns})
    return jm.discover_journey(log, goal=GOAL, lost_after=LOST)


def assert_equal(journey, expected):
    found = told_by(journey)
    for what in expected.keys() - set(SPANS):
        assert found[what] == expected[what], what
    for what in SPANS:  # pandas rounds fractions of a microsecond in its own way
        assert found[what].keys() == expected[what].keys()
        off = [pair for pair, span in expected[what].items() if abs(found[what][pair] - span) > TINY]
        assert not off, what
    kinds = {"won": "goal", "lost": "lost", "open": "open"}
    for name, kind in kinds.items():
        total = sum(count for (_, how), count in expected["ends"].items() if how == kind)
        assert getattr(journey.observation, name) == total


TINY = timedelta(microseconds=2)


def test_the_log_is_as_nasty_as_real_ones(frame):
    """The traps are there: many steps are ties, clocks change within cases, a name looks like a gap."""
    assert frame.duplicated([CASE, TIME]).mean() > 0.25
    offsets = pd.Series([time.utcoffset() for time in with_offsets(frame)])
    by_case = offsets.groupby(frame[CASE])
    assert (by_case.min() != by_case.max()).sum() > 100
    assert not frame[TIME].is_monotonic_increasing
    assert (frame[TIME].dt.microsecond > 0).sum() > 1_000
    assert (frame[EVENT] == "NA").sum() > 1_000


MEMORY = {
    "instants": lambda frame: frame[TIME],
    "one zone": lambda frame: frame[TIME].dt.tz_convert(ZONE),
    "nanoseconds": lambda frame: frame[TIME].dt.tz_convert(ZONE).astype(f"datetime64[ns, {ZONE}]"),
    "objects": lambda frame: pd.Series(with_offsets(frame), dtype=object),
    "pandas objects": lambda frame: pd.Series([*map(pd.Timestamp, with_offsets(frame))], dtype=object),
    "text": lambda frame: [time.isoformat() for time in with_offsets(frame)],
    "Arrow text": lambda frame: pd.Series([str(t) for t in with_offsets(frame)], dtype="string[pyarrow]"),
    "category": lambda frame: pd.Series([str(t) for t in with_offsets(frame)], dtype="category"),
    "naive": lambda frame: frame[TIME].dt.tz_localize(None),
    "naive objects": lambda frame: frame[TIME].dt.tz_localize(None).astype(object),
    "naive text": naive_texts,
    "slashes": lambda frame: [text.replace("-", "/") for text in naive_texts(frame)],
}


@pytest.mark.parametrize("kind", MEMORY)
def test_every_kind_of_times_in_a_frame(kind, frame, expected):
    given = frame.assign(**{TIME: MEMORY[kind](frame)})
    before = given.copy()
    journey = observed(given)
    assert_equal(journey, expected)
    is_naive = kind == "slashes" or kind.startswith("naive")
    assert journey.observation.time_zone == ("none" if is_naive else "UTC")
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize("kind", ["float64", "Int64", "str", "category"])
def test_every_kind_of_case_ids(kind, frame, expected):
    ids = frame[CASE].astype(str).astype(kind) if kind in {"str", "category"} else frame[CASE].astype(kind)
    assert_equal(observed(frame.assign(**{CASE: ids, EVENT: frame[EVENT].astype("category")})), expected)


@pytest.mark.parametrize(
    "name", ["log.csv", "log.csv.gz", "zone.csv", "naive.csv", "zone.parquet", "naive.parquet"]
)
def test_every_kind_of_file(name, frame, expected, tmp_path):
    path = tmp_path / name
    if name.startswith("zone"):
        given = frame.assign(**{TIME: frame[TIME].dt.tz_convert(ZONE)})
    elif name.startswith("naive"):
        given = frame.assign(**{TIME: frame[TIME].dt.tz_localize(None)})
    else:
        given = frame.assign(**{TIME: [time.isoformat() for time in with_offsets(frame)]})
    if name.endswith(".parquet"):
        given.to_parquet(path)
    else:
        given.to_csv(path, index=name.endswith(".gz"))  # an index is a column without a name
    assert_equal(observed(path), expected)


@pytest.mark.parametrize(
    ("pattern", "times"),
    [("%d-%m-%Y %H:%M:%S.%f", lambda frame: frame[TIME]), ("%d.%m.%y %H:%M:%S.%f %z", with_offsets)],
)
def test_times_in_a_form_of_their_own(pattern, times, frame, expected):
    texts = [time.strftime(pattern) for time in times(frame)]
    assert_equal(observed(frame.assign(**{TIME: texts}), time_format=pattern), expected)


@pytest.mark.parametrize("every", [2, 10_000])
def test_times_with_and_without_a_zone_are_refused(every, frame):
    mixed = [t.replace(tzinfo=None) if n % every == 1 else t for n, t in enumerate(with_offsets(frame))]
    given = frame.assign(**{TIME: pd.Series(mixed, dtype=object)})
    with pytest.raises(jm.InvalidLogError, match=r"times name a time zone, the others do not"):
        observed(given)


def test_a_column_that_mixes_zones_is_in_nobodys_way_elsewhere(frame, expected):
    mixed = [t.replace(tzinfo=None) if n % 2 else t for n, t in enumerate(with_offsets(frame))]
    assert_equal(observed(frame.assign(noted=pd.Series(mixed, dtype=object))), expected)


def test_gaps_among_times_are_refused_or_left_out(frame):
    times = pd.Series(with_offsets(frame), dtype=object)
    times[[5, 6, 7]] = [None, pd.NaT, float("nan")]
    given = frame.assign(**{TIME: times})
    with pytest.raises(jm.InvalidLogError, match=r"3 of [\d,]+ events have no time"):
        observed(given)
    journey = observed(given, on_missing="drop")
    assert journey.observation.dropped == 3
    assert_equal(journey, counted_by_pandas(frame.drop(index=[5, 6, 7]), lost_after=LOST))


def test_one_station_of_the_lifecycle(frame):
    expected = counted_by_pandas(frame[frame[LIFECYCLE] == "COMPLETE"], lost_after=LOST)
    log = jm.EventLog(frame, **COLUMNS).where(**{LIFECYCLE: "COMPLETE"})
    assert_equal(jm.discover_journey(log, goal=GOAL, lost_after=LOST), expected)
    team = [*range(10_100, 10_500)]  # whole numbers; the column has points, as columns with gaps have
    at_work = counted_by_pandas(frame[frame[RESOURCE].isin(team)], lost_after=LOST)
    log = jm.EventLog(frame, **COLUMNS).where(**{RESOURCE: team})
    assert_equal(jm.discover_journey(log, goal=GOAL, lost_after=LOST), at_work)


def test_one_station_of_the_lifecycle_on_the_command_line(frame, tmp_path, monkeypatch, capsys):
    expected = counted_by_pandas(frame[frame[LIFECYCLE] == "COMPLETE"], lost_after=LOST)
    frame.assign(**{TIME: with_offsets(frame)}).to_csv(tmp_path / "log.csv", index=False)
    monkeypatch.chdir(tmp_path)
    options = ["--goal", GOAL, "--lost-after", LOST, "--quick", "-o", "observed.json"]
    columns = ["--customer-col", CASE, "--event-col", EVENT, "--time-col", TIME]
    where = ["--where", f"{LIFECYCLE}=COMPLETE"]
    monkeypatch.setattr(sys, "argv", ["journeymap", "discover", "log.csv", *columns, *where, *options])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code, capsys.readouterr().err
    assert_equal(jm.read_journey("observed.json"), expected)


def test_an_hour_that_the_clock_shows_twice(frame):
    first, last = "2011-10-30T02:30:00+02:00", "2011-10-30T02:30:00+01:00"
    inside = frame[(frame[TIME] >= pd.Timestamp(first)) & (frame[TIME] < pd.Timestamp(last))]
    journey = jm.discover_journey(jm.EventLog(frame, **COLUMNS).between(first, last), lost_after=LOST)
    assert journey.observation.events == len(inside) > 100
    assert journey.observation.end < datetime(2011, 10, 30, 1, 30, tzinfo=UTC)


def test_event_and_lifecycle_together_are_touchpoints(frame):
    both = frame[EVENT] + " " + frame[LIFECYCLE]
    pairs = sorted(set(zip(frame[EVENT], frame[LIFECYCLE], strict=True)))
    design = jm.Journey(
        name="Loan",
        goal=f"{GOAL} COMPLETE",
        touchpoints=[
            {"id": f"{name} {station}", "stage": "purchase", "events": {"event": name, "channel": station}}
            for name, station in pairs
        ],
    )
    log = jm.EventLog(frame, **COLUMNS, channel_col=LIFECYCLE)
    journey = jm.discover_journey(log, design, lost_after=LOST)
    together = frame.assign(both=both)
    expected = counted_by_pandas(together, lost_after=LOST, goal=f"{GOAL} COMPLETE", event="both")
    assert_equal(journey, expected)
    assert_equal(
        jm.discover_journey(
            jm.EventLog(together, customer_col=CASE, event_col="both", time_col=TIME),
            goal=f"{GOAL} COMPLETE",
            lost_after=LOST,
        ),
        expected,
    )


def test_a_journey_ends_at_a_gap_longer_than_said(frame):
    """A gap of exactly a day is in the log thousands of times, and does not split."""
    table = frame.sort_values([CASE, TIME], kind="stable")
    gap = table.groupby(CASE)[TIME].diff()
    assert (gap == pd.Timedelta("1 day")).sum() > 200
    journey = jm.discover_journey(
        jm.EventLog(frame, **COLUMNS), goal=GOAL, lost_after=LOST, new_journey_after="1 day"
    )
    part = (gap > pd.Timedelta("1 day")).groupby(table[CASE]).cumsum()
    split = table.assign(**{CASE: table[CASE].astype(str) + "/" + part.astype(str)})
    expected = counted_by_pandas(split, lost_after=LOST)
    found = told_by(journey)
    assert journey.observation.journeys == expected["customers"]
    for what in ("count", "starts", "ends", "visits", "events"):
        assert found[what] == expected[what], what


def paired(frame):
    """One row a piece of work: the nth start of an activity of a case with its nth completion."""
    work = frame[frame[LIFECYCLE].isin(["START", "COMPLETE"])].sort_values([CASE, TIME], kind="stable")
    work = work.assign(nth=work.groupby([CASE, EVENT, LIFECYCLE]).cumcount())
    keys = [CASE, EVENT, "nth"]
    starts = work[work[LIFECYCLE] == "START"].set_index(keys)[TIME].rename("start")
    done = work[work[LIFECYCLE] == "COMPLETE"].set_index(keys)
    # what has no start takes no time
    whole = done.join(starts).reset_index()
    return whole.assign(end=whole[TIME], **{TIME: whole["start"].fillna(whole[TIME])})


def test_start_and_completion_make_a_time_spent(frame, tmp_path):
    whole = paired(frame)
    assert (whole["end"] > whole[TIME]).sum() > 500
    expected = counted_by_pandas(whole, lost_after=LOST, end="end")
    assert_equal(observed(whole, end_col="end"), expected)
    assert expected["mean"] != counted_by_pandas(whole, lost_after=LOST)["mean"]
    path = tmp_path / "paired.csv"
    local = whole.assign(**{TIME: with_offsets(whole), "end": whole["end"]})
    local.to_csv(path, index=False)
    assert_equal(observed(path, end_col="end"), expected)


REAL = {
    "traffic_fines": (("case_id", "activity", "timestamp"), "Payment", 34_724),
    "ecom": (("user_id", "event", "timestamp"), "purchase", 31_106),
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("given", ["file", "frame"])
def test_logs_that_others_recorded(name, given, shared_data):
    (customer, event, time), goal, events = REAL[name]
    path = shared_data / name / f"{name}.csv.gz"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    known = table.rename(columns={customer: CASE, event: EVENT, time: TIME})
    known[TIME] = pd.to_datetime(known[TIME], utc=True)
    log = jm.EventLog(
        path if given == "file" else table, customer_col=customer, event_col=event, time_col=time
    )
    journey = jm.discover_journey(log, goal=goal, lost_after="180 days")
    assert journey.observation.events == events
    assert_equal(journey, counted_by_pandas(known, lost_after="180 days", goal=goal))


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv.gz", "parquet"])
def test_a_log_as_long_as_real_ones(ending, tmp_path):
    frame = process_log(32_000, seed=2012)
    assert len(frame) > 250_000
    given, path = frame.assign(**{TIME: with_offsets(frame)}), tmp_path / f"log.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        given.to_csv(path, index=False)
    expected = counted_by_pandas(frame, lost_after=LOST)
    assert_equal(observed(path), expected)
    assert_equal(observed(given), expected)
