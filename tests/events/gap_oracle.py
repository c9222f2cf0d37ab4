"""Customers who feel one way in service and another outside it, and what an oracle counts of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import numpy as np
import pyarrow as pa

from journeymap.events.log import EventLog
from journeymap.model.journey import Journey
from tests.events.felt_journeys import PLACES, SERVICE, START

COLUMNS = ("who", "what", "when", "visit", "felt", "land", "way")
DESIGN_WAY = "store"  # of repair, where the log names no channel

DESIGN = Journey(
    name="Club", goal="renew", lost_after="0 seconds",
    touchpoints=[
        {"id": name, "stage": stage, "service": {"handler": "human"} if name in SERVICE else None,
         "channels": [DESIGN_WAY] if name == "repair" else ["chat", "app"] if name == "chat" else []}
        for name, stage in PLACES.items()
    ],
)  # fmt: skip


def log_of(rows, **more) -> EventLog:
    """Put rows into a log."""
    columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    table = pa.table(columns | {"felt": pa.array(columns["felt"], pa.float64())})
    roles = {"feeling_col": "felt", "channel_col": "way", "segment_cols": ["land"], **more}
    return EventLog(table, customer_col="who", event_col="what", time_col="when", **roles)


def random_rows(seed: int, customers: int = 70):
    """Draw customers of three lands, one of them small; some move, some say nothing."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        land = str(rng.choice(["north", "south", "tiny", None], p=[0.5, 0.3, 0.06, 0.14]))
        for visit in range(rng.integers(1, 3)):
            at = START + timedelta(days=20 * visit, seconds=int(rng.integers(0, 80_000)))
            for _ in range(rng.integers(1, 8)):
                what = str(rng.choice(list(PLACES), p=[0.2, 0.15, 0.15, 0.15, 0.05, 0.18, 0.12]))
                felt = float(rng.integers(-8, 9)) / 4 if rng.random() < 0.7 else None
                way = str(rng.choice(["phone", "app", "rare"], p=[0.6, 0.37, 0.03]))
                rows.append((f"c{customer}", what, at, f"v{visit}", felt,
                             None if land == "None" else land, way if rng.random() < 0.7 else None))  # fmt: skip
                at += timedelta(minutes=int(rng.integers(1, 3000)))
                if rng.random() < 0.05:
                    land = "south"
    return rows


def counted(rows, *, by=True, good_above=0.5, poor_below=-0.5, least=5):
    """Count the three tables: cells, sums by segment, and feelings at contacts by channel and segment."""
    of_customer, land = defaultdict(list), {}
    for row in sorted(rows, key=lambda row: row[2]):
        of_customer[row[0]].append(row)
        land.setdefault(row[0], (row[5] or "") if by else "")
    means = {}
    for who, own in of_customer.items():
        parts = [
            [r[4] for r in own if (r[1] in SERVICE) == service and r[4] is not None] for service in (1, 0)
        ]
        served = sum(row[1] in SERVICE for row in own)
        means[who] = (*(sum(part) / len(part) if part else None for part in parts), served)
    known = Counter(land[who] for who, (s, x, _) in means.items() if s is not None and x is not None)
    place = {name: name if known[name] >= least else "*" for name in set(land.values())}

    cells, sums = Counter(), defaultdict(Counter)
    for who, (s, x, served) in means.items():
        segment = place[land[who]]
        cells[segment, _felt(s, good_above, poor_below), _felt(x, good_above, poor_below)] += 1
        sums[segment].update(_sums(s, x, served))
    contacts = [row for row in rows if row[1] in SERVICE]
    ways = {"channel": [row[6] or (DESIGN_WAY if row[1] == "repair" else "") for row in contacts]}
    if by:
        ways["segment"] = [land[row[0]] for row in contacts]
    return cells, sums, _alike(contacts, ways, least)


def _felt(mean, good_above, poor_below):
    if mean is None:
        return "unknown"
    return "good" if mean > good_above else "poor" if mean < poor_below else "middle"


def _sums(s, x, served):
    if x is None:
        return {}
    if s is not None:
        return {"customers_both": 1, "service_u": s, "experience_u": x, "service_service_u": s * s,
                "experience_experience_u": x * x, "service_experience_u": s * x}  # fmt: skip
    if served:
        return {"customers_silent": 1, "silent_u": x, "silent_silent_u": x * x}
    return {"customers_without": 1, "without_u": x, "without_without_u": x * x}


def _alike(contacts, ways, least):
    found = {}
    for kind, values in ways.items():
        who = defaultdict(set)
        for row, value in zip(contacts, values, strict=True):
            if row[4] is not None:
                who[value].add(row[0])
        merged = defaultdict(set)
        for row, value in zip(contacts, values, strict=True):
            own = value if len(who[value]) >= least else "*"
            into = found.setdefault((kind, own), Counter())
            into["contacts"] += 1
            if row[4] is not None:
                into["felt"] += 1
                into["sum_u"] += row[4]
                into["sum2_u"] += row[4] ** 2
                merged[own].add(row[0])
        for own, people in merged.items():
            found[kind, own]["customers"] = len(people)
    return found
