"""Service and paths on Spark: by the oracles that DuckDB answers to, and row by row what DuckDB says."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.paths import with_paths
from journeymap.events.service import with_service
from journeymap.events.service_gap import with_service_gap
from journeymap.model.journey import Journey
from tests import oracle
from tests.episode_oracle import episodes_from_events
from tests.events import gap_oracle, test_episodes, test_paths
from tests.events.cause_oracle import causes_from_events
from tests.oracle import HOUR
from tests.point_oracle import points_from_events

pytestmark = pytest.mark.xdist_group("spark")

OWNERS = {"ad": "Marketing", "cart": "Sales", "desk": "Support", "phone": "Sales", "chat": "Support"}
CALL = {"id": "call", "service": {"initiator": "company"}}
SHOP = test_episodes.design_of()
DESIGN = Journey(
    name="Shop", goal="renew",
    touchpoints=[*(t.model_copy(update={"owner": OWNERS.get(t.id)}) for t in SHOP.touchpoints), CALL],
)  # fmt: skip
STAGES = [stage.id for stage in DESIGN.stages]
ROLES = {
    "customer_col": "who", "event_col": "what", "time_col": "at", "end_col": "until", "order_col": "n",
    "journey_col": "trip", "channel_col": "way", "repeated_col": "again", "failure_col": "failed",
    "feeling_col": "felt", "segment_cols": ["plan"],
}  # fmt: skip
SPANS = {"within": HOUR, "rage_visits": 3, "rage_within": 24 * HOUR, "recovered_within": 3 * HOUR}
RETAINED = 250_000
LOST = HOUR


def drawn(rng):
    """Rows with ties, overlaps, parts of a second, customers of several journeys, and things not told."""
    stage_of = {t.id: t.stage for t in DESIGN.touchpoints}
    served = {t.id for t in DESIGN.touchpoints if t.is_service}
    names = ["ad", "cart", "use", "desk", "renew", "phone", "phone", "chat", "chat", "call"]
    rows = []
    for number in range(50):
        time = rng.randrange(4) * HOUR
        for name in rng.choices(names, k=rng.randint(1, 13)):
            time += rng.choice([0, 0, 1, 250_000, HOUR, 3 * HOUR])
            rows.append(oracle.Row(
                f"c{number % 19}", f"j{number}", name, stage_of[name], name in served, name == "renew", time,
                rng.choice([None, time, time + 7, time + HOUR]), channel=rng.choice([None, "web", "phone"]),
                repeated=rng.choice([None, None, True, False]), failure=rng.choice([None, True, False]),
            ))  # fmt: skip
    rng.shuffle(rows)
    return [row._replace(number=n) for n, row in enumerate(rows)]


def log_of(rng, rows, felt, plans):
    """The rows as a log, in another order than that of their numbers."""
    rows = rng.sample(rows, len(rows))
    return EventLog(pa.table({
        "who": [r.customer for r in rows], "trip": [r.journey for r in rows], "n": [r.number for r in rows],
        "what": [r.touchpoint for r in rows], "at": pa.array([r.time_us for r in rows], pa.timestamp("us")),
        "until": pa.array([r.end_us for r in rows], pa.timestamp("us")), "way": [r.channel for r in rows],
        "again": [r.repeated for r in rows], "failed": [r.failure for r in rows],
        "felt": [felt.get(r.number) for r in rows], "plan": [plans[r.customer] for r in rows],
    }), **ROLES)  # fmt: skip


def expected_of(rows, felt, plans):
    """What the oracles of episodes, causes and points say."""
    known = {"stages": STAGES, "lost_after_us": LOST}
    names = {t.id: t.channels for t in DESIGN.touchpoints}
    return (
        episodes_from_events(
            rows, channels=names, designed=test_episodes.designed(DESIGN), min_customers=3, **SPANS, **known
        )
        | causes_from_events(
            rows, within=HOUR, owners=OWNERS, company={"call"}, tells_failures=True, **known
        )
        | points_from_events(
            rows, landmarks={"cart": "cart"} | {f"stage:{stage}": stage for stage in STAGES},
            retained_after=RETAINED, min_customers=3, feelings=felt, segments=plans, **known,
        )
    )  # fmt: skip


def nonzero(counted):
    return {key: {name: n for name, n in row.items() if n} for key, row in counted.items()}


def test_service_is_what_the_oracles_and_duckdb_say(engine):
    rng = random.Random(5)  # noqa: S311 - repeatable
    rows = drawn(rng)
    felt = {row.number: rng.choice([-2, -1, 0, 1, 2]) for row in rows if rng.random() < 0.7}
    plans = {f"c{number}": rng.choice(["", "big", "small"]) for number in range(19)}
    log = log_of(rng, rows, felt, plans)
    journey = discover_journey(log, DESIGN, lost_after=timedelta(microseconds=LOST))
    told = {
        "within": "1 hour", "recovered_within": "3 hours", "retained_after": "250 ms", "landmarks": "cart",
        "by": "plan", "min_customers": 3,
    }  # fmt: skip
    here = with_service(journey, replace(log, engine=engine), **told)
    found = {table.name: oracle.totals(table) for table in here.evidence}
    for name, counted in expected_of(rows, felt, plans).items():
        assert nonzero(found[name]) == nonzero(counted), name
    # each customer is a group: row by row, in the same order
    there = with_service(journey, log, **told)
    for table, expected in zip(here.evidence, there.evidence, strict=True):
        assert table == expected, table.name


def test_paths_of_many_customers(engine):
    rows = test_paths.many_rows(70)
    log = test_paths.random_log(rows, with_end=False)
    design = Journey(
        name="Toy", goal="renew", lost_after="0 s",
        touchpoints=[{"id": name, "stage": stage, "service": oracle.TOY_SERVICE.get(name)}
                     for name, stage in oracle.TOY_STAGES.items()],
    )  # fmt: skip
    journey = discover_journey(log, design)
    known = with_paths(journey, replace(log, engine=engine), min_customers=2, half_life="7 days")
    found = oracle.walks(
        [(c, j, e, oracle.TOY_STAGES[e], e == "chat", e == "renew", a, b) for c, j, e, a, b in rows],
        stages=STAGES,
    )
    test_paths.check(known, found, min_customers=2, half_life=7 * 24 * HOUR)
    table = next(table for table in known.evidence if table.name == "variants")
    assert table.groups == 64
    assert len(set(table.group)) > 20


def test_the_gap_of_split_journeys(engine):
    rows = gap_oracle.random_rows(3)
    log = gap_oracle.log_of(rows)
    journey = discover_journey(log, gap_oracle.DESIGN, new_journey_after="1 day")
    known = with_service_gap(journey, replace(log, engine=engine), by="land", min_customers=9)
    found = {table.name: oracle.totals(table) for table in known.evidence}
    cells, sums, alike = gap_oracle.counted(rows, by=True, least=9)
    assert {key: row["customers"] for key, row in found["gap_cells"].items()} == cells
    for name, expected in (
        ("gap_moments", {(segment,): row for segment, row in sums.items()}),
        ("parity", alike),
    ):
        for key, row in expected.items():
            for measure, value in row.items():
                counted = found[name].get(key, {}).get(measure, 0)
                # a millionth a group where decimal numbers are added up
                whole = value * 1e6 if measure.endswith("_u") else value
                assert counted == pytest.approx(whole, abs=64 if measure.endswith("_u") else 0), (
                    key,
                    measure,
                )
    assert set(found["parity"]) == set(alike)
