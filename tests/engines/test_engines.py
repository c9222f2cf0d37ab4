"""One suite over all engines: the same log, the same numbers, those of the plain-Python oracle."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from journeymap.engines.duckdb_engine import DuckDBEngine
from journeymap.engines.spark_engine import SparkEngine
from journeymap.errors import InvalidLogError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.queries import counts as queries
from journeymap.events.queries.counts import BUCKET
from journeymap.events.queries.wait_quantiles import (
    ERROR,
    GRID,
    edge_waits_sql,
    gap_sql,
    grid_column,
)
from journeymap.events.segments import segments
from journeymap.model.journey import Journey
from tests import oracle
from tests.events.graph_journeys import without_evidence

pytestmark = pytest.mark.xdist_group("spark")

ENGINES = ("duckdb", "spark")
COLUMNS = {"customer_col": "who", "event_col": "what", "time_col": "start"}
DECLARED = {
    "end_col": "end", "journey_col": "trip", "order_col": "n", "agent_col": "by", "repeated_col": "again",
    "failure_col": "failed", "completed_col": "done",
}  # fmt: skip
DESIGN = Journey(
    name="Toy",
    goal="renew",
    touchpoints=[
        {"id": t, "stage": s, "service": oracle.TOY_SERVICE.get(t)} for t, s in oracle.TOY_STAGES.items()
    ],
)


@pytest.fixture
def engines(untouched):
    """Every engine, made where it is asked for and closed at the end."""
    with DuckDBEngine() as local, SparkEngine(untouched) as cluster:
        yield {"duckdb": local, "spark": cluster}


def random_rows(seed, customers, *, most=8):
    """Rows (customer, trip, event, start, end, agent, flags) with ties, overlaps and gaps in the columns."""
    chance = random.Random(seed)  # noqa: S311 - a test's seed is no secret
    rows = []
    for trip in range(2 * customers):
        time = chance.randrange(4) * oracle.HOUR + oracle.HOUR * 24 * 365 * 54
        for _ in range(chance.randint(1, most)):
            time += chance.choice([0, 0, 1, 250_000, oracle.HOUR])
            rows.append((
                f"c{trip % customers}", f"j{trip}", chance.choice(list(oracle.TOY_STAGES)), time,
                chance.choice([None, time, time + 7, time + oracle.HOUR]), chance.choice(["Ann", "Bo", None]),
                *(chance.choice([True, False, None]) for _ in range(3)),
            ))  # fmt: skip
    return rows


def table_of(rows, *, zone=None):
    """The rows in the worst order, with a column that tells the right one."""
    kind = pa.timestamp("us", zone)
    table = pa.table({
        "who": [r[0] for r in rows], "trip": [r[1] for r in rows], "what": [r[2] for r in rows],
        "start": pa.array([r[3] for r in rows], kind), "end": pa.array([r[4] for r in rows], kind),
        "by": pa.array([r[5] for r in rows], pa.string()), "again": pa.array([r[6] for r in rows], pa.bool_()),
        "failed": pa.array([None if r[7] is None else int(r[7]) for r in rows], pa.float64()),
        "done": pa.array([{None: "", True: "Yes", False: " no"}[r[8]] for r in rows], pa.string()),
        "n": range(len(rows)),
    })  # fmt: skip
    return table.take(pa.array(range(len(rows) - 1, -1, -1)))


def expected(rows, *, groups=1, group_of=lambda _: 0, lost_after=0, declared=(), by_trip=True):
    return oracle.evidence_from_events(
        [
            (c, j if by_trip else c, e, oracle.TOY_STAGES[e], e in oracle.TOY_SERVICE, e == "renew", a,
             b if by_trip else None, *(more if by_trip else ()))
            for c, j, e, a, b, *more in rows
        ],
        stages=[stage.id for stage in DESIGN.stages],
        groups=groups,
        group_of=group_of,
        lost_after_us=lost_after,
        declared=declared,
    )  # fmt: skip


def assert_counted(journey, tables):
    """Every table as the oracle counts it; its groups too, where each customer is one."""
    for table in tables:
        found = next(one for one in journey.evidence if one.name == table.name)
        assert oracle.totals(found) == oracle.totals(table), table.name


def by_group(table):
    """The counts by key and group; zeros are left out."""
    return {
        (table.keys[row], group, measure): counts[entry]
        for measure, counts in table.measures.items()
        for entry, (row, group) in enumerate(zip(table.row, table.group, strict=True))
        if counts[entry]
    }


def assert_alike(one, other):
    """The same journey, but that waits at quantiles may differ by their last microsecond."""
    assert [t.model_dump() for t in one.touchpoints] == [t.model_dump() for t in other.touchpoints]
    assert one.observation == other.observation
    for mine, theirs in zip(one.transitions, other.transitions, strict=True):
        assert (mine.source, mine.target, mine.count, mine.share) == (
            theirs.source, theirs.target, theirs.count, theirs.share,
        )  # fmt: skip
        for span in ("median", "mean", "p90"):
            gap = abs(getattr(mine.wait, span) - getattr(theirs.wait, span))
            assert gap <= timedelta(microseconds=1)
    for mine, theirs in zip(one.evidence, other.evidence, strict=True):
        assert by_group(mine) == by_group(theirs), mine.name


def test_everything_that_a_log_may_say(engines):
    rows = random_rows(seed=7, customers=9)
    log = EventLog(table_of(rows), **COLUMNS, **DECLARED)
    found = [
        discover_journey(EventLog(log.source, **COLUMNS, **DECLARED, engine=engines[name]), DESIGN,
                         lost_after="1 hour")
        for name in ENGINES
    ]  # fmt: skip
    number = {name: place for place, name in enumerate(sorted({row[0] for row in rows}))}
    tables = expected(rows, groups=len(number), group_of=number.get, lost_after=oracle.HOUR,
                      declared=("end", "agent", "repeated", "failure", "completed"))  # fmt: skip
    for journey in found:
        assert journey.observation.tie_order == "column"
        assert_counted(journey, tables)
        for table in tables:
            counted = next(one for one in journey.evidence if one.name == table.name)
            assert by_group(counted) == by_group(table), table.name
    assert_alike(*found)


def test_more_customers_than_groups_and_times_with_a_zone(engines):
    rows = [(c, c, e, t, None, None, None, None, None) for c, _, e, t, *_ in random_rows(3, 90, most=4)]
    # a customer's two trips run at once here: ties are told apart by the column alone
    rows = sorted(rows, key=lambda row: row[3])
    table = table_of(rows, zone="America/New_York")
    found = [
        discover_journey(
            EventLog(table, **COLUMNS, order_col="n", engine=engines[name]), DESIGN, lost_after="0 s"
        )
        for name in ENGINES
    ]
    for journey in found:
        assert journey.observation.groups == 64
        assert journey.observation.time_zone == "UTC"
        assert_counted(journey, expected(rows, by_trip=False))
    one, other = found
    # groups are by hash, which no two engines share
    assert one.observation == other.observation
    assert [(t.id, t.visits) for t in one.touchpoints] == [(t.id, t.visits) for t in other.touchpoints]


@pytest.mark.parametrize("bits", [queries.CELLS_PER_MASK, 2], ids=["bits", "rows"])
@pytest.mark.parametrize("name", ENGINES)
def test_the_graph_alone(monkeypatch, engines, name, bits):
    log = EventLog(table_of(random_rows(seed=5, customers=70)), **COLUMNS, **DECLARED)
    whole = discover_journey(log, DESIGN, lost_after="1 hour")
    monkeypatch.setattr(queries, "CELLS_PER_MASK", bits)
    graph = discover_journey(replace(log, engine=engines[name]), DESIGN, lost_after="1 hour", evidence=False)
    assert_alike(graph, without_evidence(whole))


def test_texts_filters_channels_feelings_gaps_and_what_is_left_out(engines):
    chance = random.Random(11)  # noqa: S311 - a test's seed is no secret
    paths = [chance.choices(["ad", "pay", "phone", "odd", "rare"], k=chance.randint(1, 6)) for _ in range(60)]
    rows = []
    for number, path in enumerate(paths):
        minutes = 0
        for event in path:
            minutes += chance.choice([1, 7, 60 * 24 * 9])
            time = f"{1 + minutes // 1440 % 28:02d}/{3 + minutes // 40320:02d}/2024 {minutes // 60 % 24}:{minutes % 60:02d}"
            rows.append({
                "who": chance.choice(["", f"k{number % 20}", f"k{number % 20}", "it's"]), "what": event, "start": time,
                "via": chance.choice(["web", "app", ""]), "felt": chance.choice(["-2", "1.5", "", "0"]),
                "where": chance.choice(["north", "south \\ ${x}", "", "west"]),
            })  # fmt: skip
    design = Journey(
        name="Small",
        goal="pay",
        touchpoints=[
            {"id": "ad", "stage": "discovery"},
            {"id": "pay", "stage": "purchase"},
            {
                "id": "web_help",
                "events": [{"event": "phone", "channel": "web"}],
                "service": {"handler": "human"},
            },
            {
                "id": "phone",
                "events": [{"event": "phone", "channel": "app"}],
            },
        ],
    )
    log = EventLog(
        pa.Table.from_pylist(rows), **COLUMNS, channel_col="via", feeling_col="felt", on_missing="drop",
        time_format="%d/%m/%Y %H:%M",
    )  # fmt: skip
    log = log.between("2024-03-02", "2024-04-20").where(where=["north", "south \\ ${x}", None])
    found = [
        discover_journey(
            replace(log, engine=engines[name]), design, unmapped="ignore", new_journey_after="7 days"
        )
        for name in ENGINES
    ]
    assert found[0].observation.dropped > 0
    assert found[0].observation.journeys > found[0].observation.customers
    # a phone call without a channel is at neither of the two touchpoints
    assert {one.event for one in found[0].observation.unmapped} == {"odd", "rare", "phone"}
    assert_alike(*found)


@pytest.mark.parametrize("name", ENGINES)
def test_spans_fall_into_the_same_buckets_everywhere(engines, name):
    spans = [0, *(2**k + d for k in range(1, 45) for d in (-2, -1, 0, 1))]
    engine = engines[name]
    table = engine.add_rows({"span": "bigint"}, [(span,) for span in spans])
    found = engine.run(f"select span, {BUCKET.format('span')} as bucket from {table}").to_pydict()
    assert dict(zip(found["span"], found["bucket"], strict=True)) == {
        span: math.floor(8 * math.log2(span + 1)) for span in spans
    }  # fmt: skip


TIMES = {
    "2024-03-13": 0, "2024-03-13 10:00": 36_000, "2024-3-13T10:00:00.25": 36_000.25, " 2024-03-13 10:00 ": 36_000,
    "2024-03-31 02:30:00": 18 * 86_400 + 9_000, "2024-03-13T10:00:00Z": 36_000,
    "2024-03-13 10:00:00.123456+02:00": 28_800.123456, "2024-03-13 10:00:00-0530": 55_800,
    "2024-03-13 10:00:00 UTC": 36_000, "2024-03-13 10:00:00+02": 28_800, "1969-12-31 23:59:59.5": None,
    "10:00": "bad", "2024": "bad", "2024-02-30": "bad", "13/03/2024": "bad", "": "bad", "soon": "bad",
}  # fmt: skip


@pytest.mark.parametrize("name", ENGINES)
def test_texts_are_read_as_the_same_times_everywhere(engines, name):
    engine = engines[name]
    table = engine.add_rows({"written": "string"}, [(text,) for text in TIMES])
    read = engine.snippets.microseconds("written", "text")
    found = engine.run(f"select written, {read} as t from {table}").to_pydict()
    day = 1_710_288_000
    wanted = {
        text: None
        if seconds == "bad"
        else -500_000
        if seconds is None
        else round((day + seconds) * 1_000_000)
        for text, seconds in TIMES.items()
    }
    assert dict(zip(found["written"], found["t"], strict=True)) == wanted


FORMATS = {
    "%d/%m/%Y %H:%M": "13/3/2024 9:05", "%Y%m%d%H%M%S": "20240313090500", "%d %b %Y, %I:%M %p": "13 mar 2024, 9:05 AM",
    "%Y-%m-%d at %H h %M": "2024-03-13 at 09 h 05", "%Y-%m-%dT%H:%M:%S.%f": "2024-03-13T09:05:00.000000",
    "%d.%m.%Y %H:%M %z": "13.03.2024 11:05 +0200", "%Y-%j %H:%M": "2024-73 9:05", "%B %d %Y %H:%M": "March 13 2024 9:05",
}  # fmt: skip


@pytest.mark.parametrize("name", ENGINES)
def test_formats_are_read_as_the_same_times_everywhere(engines, name):
    engine = engines[name]
    table = engine.add_rows(
        {"number": "integer", "written": "string"}, list(enumerate([*FORMATS.values(), "13"]))
    )
    for number, time_format in enumerate(FORMATS):
        read = engine.snippets.microseconds("written", "text", time_format)
        found = engine.run(
            f"select {read} as t from {table} where number in ({number}, {len(FORMATS)}) order by number"
        )
        assert found["t"].to_pylist() == [1_710_320_700_000_000, None], time_format


@pytest.mark.parametrize("name", ENGINES)
def test_a_feeling_is_a_number_to_people_not_to_java(engines, name):
    felt = ["1", " -2.0 ", "1e0", ".5", "1d", "1F", "0x1", "one", "", None]
    rows = len(felt)
    log = EventLog(
        pa.table({"who": ["a"] * rows, "what": ["ad"] * rows, "start": ["2024-05-01"] * rows, "felt": felt}),
        **COLUMNS, feeling_col="felt", engine=engines[name],
    )  # fmt: skip
    with pytest.raises(InvalidLogError, match="4 of 10 events have a feeling that is no number"):
        discover_journey(log)


def test_ends_and_places_written_as_texts(engines):
    rows = [
        ("a", "ad", "2024-05-01T10:00:00+02:00", "2024-05-01T08:00:01Z", "10"),
        ("a", "pay", "2024-05-01T08:00:00.5Z", "2024-05-01T08:00:00.75Z", "9"),
        ("a", "ad", "2024-05-01T08:00:00.500000+00:00", "", "2"),
        ("b", "ad", "2024-05-03T00:00:00Z", "", "1"),
    ]
    names = ("who", "what", "start", "end", "n")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    found = [
        discover_journey(EventLog(table, **COLUMNS, end_col="end", order_col="n", engine=engines[name]))
        for name in ENGINES
    ]
    assert_alike(*found)
    ways = {(t.source, t.target): t.wait.mean for t in found[1].transitions}
    assert ways == {("ad", "ad"): timedelta(0), ("ad", "pay"): timedelta(0)}


@pytest.mark.parametrize("name", ENGINES)
def test_segments_and_what_there_is_when_nothing_is_left(engines, name):
    rows = [
        ("a", "app", "2024-05-01"),
        ("a", "app", "2024-05-02"),
        ("b", "app", "2024-05-03"),
        ("b", "", "2024-05-09"),
    ]
    who, way, when = map(list, zip(*rows, strict=True))
    table = pa.table({"who": who, "what": ["ad"] * 4, "start": when, "way": way})
    log = EventLog(table, **COLUMNS, segment_cols=["way"], engine=engines[name])
    assert segments(log) == {"way": {"app": 2, None: 1}}
    with pytest.raises(InvalidLogError, match="the log runs from 2024-05-01 to 2024-05-09"):
        discover_journey(log.between("2025-01-01", "2025-02-01"))


@pytest.mark.parametrize("name", ENGINES)
def test_quantiles_of_waits_from_bins(engines, name):
    engine, chance = engines[name], random.Random(1)  # noqa: S311 - a test's seed is no secret
    waits = {
        (0, 1): [int(chance.expovariate(1 / 3e11)) for _ in range(101)],
        (0, 0): [0, 1, 250_000],
        (1, 0): [7],
    }
    rows = [(*pair, wait) for pair, many in waits.items() for wait in many]
    types = {"state": "integer", "next_state": "integer", "wait": "bigint"}
    table = engine.add_rows(types, [*rows, (1, None, None)])
    for row in engine.run(edge_waits_sql(table, engine.snippets, exact=False)).to_pylist():
        found = [row[grid_column(share)] for share in GRID]
        assert found == pytest.approx(
            np.quantile(waits.pop((row["state"], row["next_state"])), GRID), rel=ERROR
        )
    assert not waits
    (row,) = engine.run(gap_sql(table, 0.9, engine.snippets, exact=False)).to_pylist()
    assert row["gap"] == pytest.approx(np.quantile([wait for *_, wait in rows], 0.9), rel=ERROR)
